//! One run of a comparison: its rows and events, what was set, and its figures.
//!
//! Only the site's signals are kept. They are what every plant has, whatever its devices, and they come first in every
//! table, so their indices hold for all runs.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use super::figures;
use crate::acts::{Block, Plate};
use crate::control::Policy;
use crate::engine::Engine;
use crate::history::Store;
use crate::journal::{Recording, Replayed, RunFile};
use crate::plant::signals::{SignalTable, site};
use crate::scenario::Scenario;

/// Signals of the site block.
pub const WIDTH: usize = site::SPECS.len();

/// What a run is made of.
#[derive(Clone, Debug)]
pub struct Parts {
    /// What the table calls it.
    pub name: String,
    /// Signals of the rows, of which the site block counts, with the limits of this plant.
    pub table: Arc<SignalTable>,
    /// What stayed the same over the run.
    pub plate: Arc<Plate>,
    /// Plan and limits; of a live run those in force at its end.
    pub policy: Policy,
    /// What was run; none where only rows are known.
    pub scenario: Option<Arc<Scenario>>,
    /// Rows of at least the site block, and events.
    pub rows: Store,
    /// State hash at the last full second; none where only rows are known.
    pub hash: Option<u64>,
    /// What whoever reads the figures must know of it, as that it is not as it was recorded.
    pub remark: Option<String>,
}

/// A finished run, or a live one up to now, with what was measured of it. Its parts are read through it.
#[derive(Clone, Debug)]
pub struct Run {
    parts: Parts,
    /// Last row, s.
    pub end_s: f64,
    /// The figures, in the order of [`figures::FIGURES`]; none where there is nothing to measure.
    pub figures: Vec<Option<f64>>,
}

impl Deref for Run {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.parts
    }
}

impl Run {
    /// Measures a run. Takes time in proportion to its length.
    #[must_use]
    pub fn new(mut parts: Parts) -> Self {
        let mut site_table = SignalTable::new(&[], &[], &[]);
        for (i, s) in parts.table.signals().iter().take(WIDTH).enumerate() {
            site_table.set_limits(crate::plant::signals::at(i as u32), s.range, s.limits.clone());
        }
        parts.table = Arc::new(site_table);
        let end_s = parts.rows.extent_s().map_or(0.0, |e| e[1]);
        let mut run = Self { parts, end_s, figures: Vec::new() };
        run.figures = figures::measure(&run);
        run
    }

    /// Whether the main bus is alive in the last row; none where rows do not say.
    #[must_use]
    pub fn energised_at_end(&self) -> Option<bool> {
        let on = self.rows.value_at(crate::plant::signals::at(site::ENERGISED), self.end_s)?;
        on.is_finite().then_some(on > 0.5)
    }

    /// A figure by its key.
    #[must_use]
    pub fn figure(&self, key: &str) -> Option<f64> {
        let i = figures::FIGURES.iter().position(|f| f.key == key)?;
        self.figures.get(i).copied().flatten()
    }
}

/// Runs `scenario` to `horizon_s` and measures it. `go` is told the share that is done after each simulated second; when
/// it says false the run is given up.
pub fn simulate(name: &str, scenario: Arc<Scenario>, horizon_s: f64, go: &mut dyn FnMut(f32) -> bool) -> Option<Run> {
    let mut engine = Engine::new(Arc::clone(&scenario));
    let end = (horizon_s / engine.tick_s()).round().max(1.0) as u64;
    let per_second = (1.0 / engine.tick_s()).round().max(1.0) as u64;
    let mut rows = Store::new();
    let (mut block, mut events) = (Block::default(), Vec::new());
    while engine.now_tick() < end {
        engine.tick();
        if engine.now_tick().is_multiple_of(per_second) || engine.now_tick() == end {
            engine.take_block(&mut block);
            engine.take_events(&mut events);
            take(&mut rows, &mut block);
            events.drain(..).for_each(|e| rows.events_mut().push(e));
            if !go(engine.now_tick() as f32 / end as f32) {
                return None;
            }
        }
    }
    engine.open_responses().into_iter().for_each(|e| rows.events_mut().push(e));
    Some(Run::new(Parts {
        name: name.to_owned(),
        table: Arc::clone(engine.table()),
        plate: Arc::clone(engine.plate()),
        policy: scenario.policy.clone(),
        scenario: Some(scenario),
        rows,
        hash: Some(engine.state_hash()),
        remark: None,
    }))
}

/// The saved run in a file, or the run of a recording; none where the file is neither.
#[must_use]
pub fn saved(path: &Path) -> Option<Result<RunFile, String>> {
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("sqlite")) {
        let run = Recording::open(path).and_then(|r| r.run_file(r.branch()?));
        return Some(run.map_err(|e| e.to_string()));
    }
    RunFile::is_one(path).then(|| RunFile::load(path))
}

/// Runs a saved run again, acts and all, to its own end, and measures it; otherwise as [`simulate`].
///
/// # Errors
/// If this version cannot read its scenario.
pub fn again(name: &str, saved: &RunFile, go: &mut dyn FnMut(f32) -> bool) -> Result<Option<Run>, String> {
    let scenario = Arc::new(saved.scenario()?);
    let mut again = saved.start()?;
    let mut rows = Store::new();
    let (mut block, mut events) = (Block::default(), Vec::new());
    while again.second(&mut block, &mut events) {
        take(&mut rows, &mut block);
        events.drain(..).for_each(|e| rows.events_mut().push(e));
        let done_s = again.desk.now_tick() as f64 * again.desk.tick_s();
        if !go((done_s / saved.until_s) as f32) {
            return Ok(None);
        }
    }
    again.desk.engine().open_responses().into_iter().for_each(|e| rows.events_mut().push(e));
    Ok(Some(Run::new(Parts {
        name: name.to_owned(),
        table: Arc::clone(again.desk.engine().table()),
        plate: Arc::clone(again.desk.engine().plate()),
        policy: again.desk.engine().status().policy,
        scenario: Some(scenario),
        rows,
        hash: Some(again.desk.state_hash()),
        remark: remark(saved, &again.result),
    })))
}

/// What came of running it again, where that is not the run that was recorded.
fn remark(saved: &RunFile, r: &Replayed) -> Option<String> {
    let by = if r.other_version { format!("made by version {}, run again: ", saved.version) } else { String::new() };
    (r.other_version || !r.same()).then(|| format!("{by}{}", r.text()))
}

/// Moves a block's site signals into the store.
fn take(rows: &mut Store, block: &mut Block) {
    let wide = block.width.max(1);
    let cut = |v: &[f64]| v.chunks_exact(wide).flat_map(|r| r.iter().take(WIDTH).copied()).collect::<Vec<_>>();
    let site = Block {
        width: WIDTH.min(wide),
        t_s: std::mem::take(&mut block.t_s),
        min: cut(&block.min),
        max: cut(&block.max),
        last: cut(&block.last),
    };
    for v in [&mut block.min, &mut block.max, &mut block.last] {
        v.clear();
    }
    if let Err(e) = rows.ingest(&site, site.width) {
        log::warn!("rows of a compared run refused: {e}");
    }
}
