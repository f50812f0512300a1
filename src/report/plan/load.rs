//! A day of load from wherever it is: a shipped day, a CSV file, a recording of a site, a journal, a run of a scenario, rows
//! in memory.
//!
//! From rows of the signal table the load is what miners have to leave room for: GPUs and auxiliaries where both the GPUs
//! were measured, else what the sources gave less what the miners took. It is averaged over even steps; a step without a
//! measured value has no row, so that the gap is met as one of a file is.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use crate::acts::Block;
use crate::engine::Engine;
use crate::feed::columns::Columns;
use crate::feed::record::{Reader, Rows as Recorded};
use crate::history::{Store, export};
use crate::journal::Recording;
use crate::planner::examples;
use crate::planner::rows::Rows;
use crate::plant::signals::site;
use crate::scenario::Scenario;
use crate::text;

/// Steps that a recording is averaged over, s; the first that makes no more than [`STEPS`] of it.
const STEP_S: [f64; 7] = [1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0];
/// Most steps of a recording.
const STEPS: f64 = 3000.0;
/// Samples of a run are this far apart, s.
const SAMPLE_S: f64 = 0.1;

/// A load, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct Load {
    /// What it is called.
    pub name: String,
    /// Its rows.
    pub rows: Rows,
    /// What it is made of.
    pub note: String,
    /// Whether it is one stretch that does not repeat.
    pub open: bool,
}

/// A shipped day.
///
/// # Errors
/// If there is none of this name.
pub fn shipped(name: &str) -> Result<Load, String> {
    let (_, _, text) = examples::DAYS.iter().find(|d| d.0 == name).ok_or_else(|| {
        let names: Vec<&str> = examples::DAYS.iter().map(|d| d.0).collect();
        format!("no file and no shipped day has this name (expected {}): {name}", names.join(", "))
    })?;
    let rows = Rows::read(text).map_err(|e| format!("{e}: {name}"))?;
    Ok(Load { name: name.to_owned(), rows, note: "example of our own making".to_owned(), open: false })
}

/// A file: a load, or a recording of a site, as CSV or as its database, or the journal of a run.
///
/// # Errors
/// In one line, path last.
pub fn file(path: &Path) -> Result<Load, String> {
    let name = path.display().to_string();
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("sqlite")) {
        return database(path, name);
    }
    let text = text::load(path).map_err(|e| e.to_string())?;
    let head = text.lines().find(|l| !l.trim_start().starts_with('#')).unwrap_or_default();
    if head.contains("site.") {
        return recorded_csv(&text, name);
    }
    let rows = Rows::read(&text).map_err(|e| format!("{e}: {name}"))?;
    let note = format!("{} rows", rows.t_h.len());
    Ok(Load { name, rows, note, open: false })
}

/// A shipped day by its name, or a file.
///
/// # Errors
/// In one line.
pub fn named(load: &str) -> Result<Load, String> {
    let path = Path::new(load);
    if path.extension().is_none() && !path.exists() { shipped(load) } else { file(path) }
}

fn database(path: &Path, name: String) -> Result<Load, String> {
    let site = match Reader::open(path) {
        Ok(reader) => reader,
        Err(why) => {
            let block =
                Recording::open(path).and_then(|r| r.rows(r.branch()?).map(|b| (b, r.header().signals.clone())));
            let (block, signals) = block.map_err(|_| why.to_string())?;
            let ids: Vec<&str> = signals.iter().map(|s| s[0].as_str()).collect();
            return Samples::of(&block, Places::of(&ids)).load(name, "journal");
        }
    };
    let (mut rows, mut samples) = (Recorded::new(site, f64::NEG_INFINITY), Samples::default());
    while let Some((t_s, values, quality)) = rows.next_row() {
        let value = |s: u32| {
            let good = quality.get(s as usize).is_none_or(|q| q.usable());
            values.get(s as usize).copied().filter(|_| good)
        };
        samples.push(t_s, value);
    }
    if let Some(trouble) = rows.trouble() {
        return Err(trouble.to_string());
    }
    samples.load(name, "recording of a site")
}

fn recorded_csv(text: &str, name: String) -> Result<Load, String> {
    let mut lines =
        (1u64..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty() && !l.trim_start().starts_with('#'));
    let head = lines.next().map_or("", |(_, l)| l);
    let mut columns = Columns::read(head, &name, None).map_err(|e| e.to_string())?;
    let mut samples = Samples::default();
    for (line, text) in lines {
        let row = columns.row(text, &name, line).map_err(|e| e.to_string())?;
        samples.push(row.t_s, |s| row.values.get(s as usize).copied());
    }
    samples.load(name, "recording")
}

/// What a scenario's GPUs and auxiliaries draw, from a run of it to its end.
///
/// # Errors
/// If the run is too short.
pub fn run(scenario: Scenario) -> Result<Load, String> {
    let (name, run_s) = (scenario.name.clone(), scenario.run_s);
    let mut engine = Engine::new(Arc::new(scenario)).without_rows();
    let ticks = |s: f64| (s / engine.tick_s()).round().max(1.0) as u64;
    let (sample, end) = (ticks(SAMPLE_S), ticks(run_s));
    let mut row = vec![0.0; engine.table().len()];
    let (mut events, mut samples) = (Vec::new(), Samples::default());
    while engine.now_tick() < end {
        engine.tick();
        if engine.now_tick().is_multiple_of(sample) {
            engine.fill_row(&mut row);
            // a sample stands for the time before it
            samples.push(engine.t_s() - SAMPLE_S, |s| row.get(s as usize).copied());
            // nobody reads them
            engine.take_events(&mut events);
            events.clear();
        }
    }
    samples.load(name, "run of a scenario, without its miners")
}

/// Rows in memory within a window.
///
/// # Errors
/// If they do not say what the load was.
pub fn store(store: &Store, window: Range<f64>, name: &str) -> Result<Load, String> {
    let block = export::rows(store, &window);
    Samples::of(&block, Places::site()).load(name.to_owned(), "rows in view")
}

/// Where a block has the signals that a load is made of.
struct Places([Option<usize>; 5]);

/// The signals: GPUs, auxiliaries, gensets, batteries, miners.
const SIGNALS: [u32; 5] = [site::GPU_KW, site::AUX_KW, site::GEN_KW, site::BESS_KW, site::MINER_KW];

impl Places {
    fn site() -> Self {
        Self(SIGNALS.map(|s| Some(s as usize)))
    }

    /// By the ids of a file's signals.
    fn of(ids: &[&str]) -> Self {
        let id =
            |s: u32| site::SPECS.get(s as usize).map(|spec| format!("site.{}", spec.id.trim_start_matches("site.")));
        Self(SIGNALS.map(|s| id(s).and_then(|id| ids.iter().position(|i| *i == id))))
    }
}

/// Times and powers as they were measured.
#[derive(Default)]
struct Samples {
    t_s: Vec<f64>,
    /// GPUs and auxiliaries; sources less miners. NaN where not measured.
    load_kw: Vec<[f64; 2]>,
}

impl Samples {
    fn of(block: &Block, places: Places) -> Self {
        let mut samples = Self::default();
        for (t_s, row) in block.t_s.iter().zip(block.last.chunks_exact(block.width.max(1))) {
            samples.push(*t_s, |s| {
                let k = SIGNALS.iter().position(|x| *x == s)?;
                row.get(places.0[k]?).copied()
            });
        }
        samples
    }

    fn push(&mut self, t_s: f64, value: impl Fn(u32) -> Option<f64>) {
        let [gpu, aux, genset, bess, miner] = SIGNALS.map(|s| value(s).filter(|v| v.is_finite()));
        // what a site has not got is not measured, and nothing
        let demand = gpu.map_or(f64::NAN, |g| g + aux.unwrap_or(0.0));
        let rest = genset.zip(miner).map_or(f64::NAN, |(g, m)| g + bess.unwrap_or(0.0) - m);
        self.t_s.push(t_s);
        self.load_kw.push([demand, rest]);
    }

    /// Means over even steps.
    fn load(&self, name: String, what: &str) -> Result<Load, String> {
        let known = |k: usize| self.load_kw.iter().filter(|l| l[k].is_finite()).count();
        let (way, made) = match [known(0), known(1)] {
            [0, 0] => {
                let message = "it says neither what GPUs draw nor what sources give and miners take";
                return Err(format!("{message} (expected site.gpu_kw, or site.gen_kw and site.miner_kw): {name}"));
            }
            [demand, rest] if demand >= rest => (0, "GPUs and auxiliaries"),
            _ => (1, "sources less miners"),
        };
        let mut points: Vec<(f64, f64)> =
            self.t_s.iter().zip(&self.load_kw).map(|(t, l)| (*t, l[way])).filter(|(_, l)| l.is_finite()).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (first, last) = (points[0].0, points[points.len() - 1].0);
        let long = last - first;
        let step = STEP_S.into_iter().find(|s| long / s <= STEPS).unwrap_or((long / STEPS).ceil());
        let mut rows = Rows::default();
        for bin in points.chunk_by(|a, b| ((a.0 - first) / step).floor() == ((b.0 - first) / step).floor()) {
            let place = ((bin[0].0 - first) / step).floor();
            rows.t_h.push(place * step / 3600.0);
            // differences of meters may fall below nothing by their errors
            let mean = bin.iter().map(|p| p.1).sum::<f64>() / bin.len() as f64;
            rows.load_kw.push(mean.max(0.0));
            rows.lines.push(rows.lines.len() as u64 + 1);
        }
        if rows.t_h.len() < 3 {
            return Err(format!("it is shorter than three steps of {step} s (expected a longer one): {name}"));
        }
        let note = format!("{what}: {made}, means of {step:.0} s over {:.1} h", long / 3600.0);
        Ok(Load { name, rows, note, open: true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: impl Fn(f64, u32) -> Option<f64>) -> Samples {
        let mut s = Samples::default();
        for k in 0..1000 {
            let t = 0.1 * f64::from(k);
            s.push(t, |signal| values(t, signal));
        }
        s
    }

    #[test]
    fn the_load_is_what_gpus_draw_or_what_miners_leave_of_the_sources() {
        let gpus = samples(|t, s| (s == site::GPU_KW).then_some(100.0 + t));
        let load = gpus.load("a".into(), "x").unwrap();
        assert_eq!((load.rows.t_h.len(), load.open), (100, true));
        assert!((load.rows.load_kw[0] - 100.45).abs() < 1e-9, "{}", load.rows.load_kw[0]);
        let meters = samples(|_, s| match s {
            site::GEN_KW => Some(700.0),
            site::MINER_KW => Some(250.0),
            _ => None,
        });
        let load = meters.load("b".into(), "x").unwrap();
        assert!(load.rows.load_kw.iter().all(|l| *l == 450.0) && load.note.contains("sources less miners"));
        assert!(samples(|_, s| (s == site::GEN_KW).then_some(1.0)).load("c".into(), "x").is_err());
    }

    #[test]
    fn what_was_not_measured_is_a_gap() {
        let holed = samples(|t, s| (s == site::GPU_KW && !(20.0..80.0).contains(&t)).then_some(5.0));
        let rows = holed.load("a".into(), "x").unwrap().rows;
        assert_eq!(rows.t_h.len(), 40);
        let longest = rows.t_h.windows(2).map(|w| w[1] - w[0]).fold(0.0, f64::max);
        assert!((longest * 3600.0 - 61.0).abs() < 1e-6, "{longest}");
    }
}
