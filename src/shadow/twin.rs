//! The shadow itself: a row in, the twin goes on to the row's time, a [`View`] out.
//!
//! Between two rows the loads are interpolated, so the twin is never ahead of what was measured. It starts from the mean
//! of [`GATHER_S`], runs [`WASH_S`] uncounted, and is held against the plant from then on. A genset that leaves the bus
//! leaves the model's too; one that joins, a gap, or a freeze make it settle again.

use std::collections::VecDeque;
use std::sync::Arc;

use super::band::{Band, Limits};
use super::change::{Change, What};
use super::driven::{self, KINDS, Kw, Operating};
use super::fit::{Fit, Record, Refusal};
use super::input::{Channels, Sample};
use super::verdict::{BAND, Verdict, Watch};
use super::view::{Drive, Line, Phase, View};
use crate::acts::Quality;
use crate::plant::breaker::Breaker;
use crate::plant::config;
use crate::plant::signals::SignalTable;
use crate::plant::system::Plant;
use crate::plant::topology;
use crate::scenario::Scenario;

/// Seconds whose mean is the operating point.
const GATHER_S: f64 = 5.0;
/// Seconds that the model runs before it is held against the plant.
const WASH_S: f64 = 20.0;
/// Seconds between two rows after which nothing is known of what happened in between.
const GAP_S: f64 = 2.0;
/// Frequency this far off, pu, is another plant's: the model starts again.
const LOST_PU: f64 = 0.1;
/// Seconds over which the allowance for the timing of a step fades: the governor's, roughly.
const TIMING_S: f64 = 2.0;
/// What [`Shadow::recent`] keeps: seconds, and the least time between two of its rows.
const RECENT_S: f64 = 300.0;
const RECENT_STEP_S: f64 = 0.02;

/// Name, unit and band of each line; the band in pu of nominal frequency, of the rating on the bus, of nominal voltage.
const LINES: [(&str, &str, Limits); 3] = [
    ("frequency", "Hz", Limits { start: 0.0015, least: 0.0001, most: 0.003 }),
    ("genset power", "kW", Limits { start: 0.007, least: 0.0015, most: 0.015 }),
    ("voltage", "pu", Limits { start: 0.005, least: 0.0007, most: 0.01 }),
];

/// One residual with all that is known of it.
#[derive(Clone, Debug)]
struct Track {
    band: Band,
    watch: Watch,
}

/// What the model is doing.
#[derive(Clone, Debug)]
enum Doing {
    Frozen(String),
    Gathering(Gather),
    Running(Box<Run>),
}

/// Sums over the rows of an operating point.
#[derive(Clone, Debug, Default)]
struct Gather {
    since_s: f64,
    rows: f64,
    f_hz: f64,
    v_pu: f64,
    loads_kw: Kw,
    sets_kw: Vec<f64>,
}

#[derive(Clone, Debug)]
struct Run {
    plant: Plant,
    /// The same with other inertia, with other gain.
    others: [Plant; 2],
    /// Time of the plant's tick 0.
    t0_s: f64,
    /// Frequency, power, voltage.
    predicted: [f64; 3],
}

/// A measured row as the model takes it.
#[derive(Clone, Debug)]
struct Last {
    t_s: f64,
    sample: Sample,
    loads_kw: Kw,
    drive: Drive,
}

/// The twin in lock-step with a plant.
#[derive(Clone, Debug)]
pub struct Shadow {
    channels: Channels,
    cfg: config::Plant,
    tracks: [Track; 3],
    change: Change,
    doing: Doing,
    last: Option<Last>,
    t_s: f64,
    timing_hz: f64,
    settled: u32,
    recent: VecDeque<[f64; 3]>,
    fit: Option<Arc<Fit>>,
}

impl Shadow {
    /// A shadow of the scenario's plant for rows of this table.
    ///
    /// # Errors
    /// If the plant is not one island with a genset.
    pub fn new(scenario: &Scenario, table: &SignalTable) -> Result<Self, String> {
        let plant = &scenario.plant;
        let closed: Vec<bool> = plant.ties.iter().map(|t| t.closed).collect();
        if topology::islands(plant.sections.len(), &plant.ties, &closed).iter().any(|i| *i != 0) {
            return Err(format!("a shadow follows one island, and the bus is split: {}", scenario.name));
        }
        if plant.gensets.is_empty() {
            return Err(format!("a shadow predicts gensets, and there is none: {}", scenario.name));
        }
        let rated_kw: f64 = plant.gensets.iter().map(|g| g.rated_kw).sum();
        let base = [plant.f0_hz, rated_kw, 1.0];
        let track = |k: usize| {
            let l = LINES[k].2;
            let limits = Limits { start: l.start * base[k], least: l.least * base[k], most: l.most * base[k] };
            Track { band: Band::new(limits), watch: Watch::default() }
        };
        Ok(Self {
            channels: Channels::new(plant, table),
            cfg: driven::imposed(plant),
            tracks: std::array::from_fn(track),
            change: Change::default(),
            doing: Doing::Frozen("nothing received yet".to_owned()),
            last: None,
            t_s: f64::NAN,
            timing_hz: 0.0,
            settled: 0,
            recent: VecDeque::new(),
            fit: None,
        })
    }

    /// Takes a row. Without qualities whatever is a number is good. A row of the same time again is passed over.
    pub fn step(&mut self, t_s: f64, row: &[f64], quality: &[Quality]) {
        let sample = match self.channels.read(row, quality) {
            Ok(s) if s.sets.iter().any(|s| s.closed) => s,
            Ok(_) => return self.freeze(t_s, "no genset is on the bus".to_owned()),
            Err(why) => return self.freeze(t_s, why),
        };
        if self.last.as_ref().is_some_and(|l| l.t_s == t_s) {
            return;
        }
        let (loads_kw, drive) = match sample.loads_kw {
            Some(kw) => (kw, Drive::Feeders),
            None => ([0.0, 0.0, sample.gen_kw, 0.0], Drive::Gensets),
        };
        self.t_s = t_s;
        self.remember(t_s, &sample);
        let now = Last { t_s, sample, loads_kw, drive };
        let before = self.last.replace(now.clone());
        let goes_on = before.filter(|b| t_s > b.t_s && t_s - b.t_s <= GAP_S && b.drive == drive);
        let joined = |b: &Last| b.sample.sets.iter().zip(&now.sample.sets).any(|(was, is)| is.closed && !was.closed);
        match (goes_on, &self.doing) {
            (Some(b), Doing::Running(_)) if !joined(&b) => self.advance(&b, &now),
            (Some(b), Doing::Gathering(_)) if b.sample.sets.len() == now.sample.sets.len() && !joined(&b) => {
                self.gather(&now);
            }
            _ => {
                self.restart(t_s);
                self.gather(&now);
            }
        }
    }

    /// The model with another engine in a set, from the next operating point on. Bands are learnt anew.
    pub fn set_engine(&mut self, set: usize, genset: config::Genset) {
        if let Some(g) = self.cfg.gensets.get_mut(set) {
            *g = config::Genset { relays: Vec::new(), ..genset };
            for t in &mut self.tracks {
                *t = Track { band: t.band.anew(), watch: Watch::default() };
            }
            self.change = Change::default();
            self.freeze(self.t_s, "another engine".to_owned());
        }
    }

    /// Keeps a fit to show.
    pub fn set_fit(&mut self, fit: Arc<Fit>) {
        self.fit = Some(fit);
    }

    /// The last minutes as the fit takes them: frequency and genset power while all inputs were good.
    #[must_use]
    pub fn recent(&self) -> Record {
        Record::new(self.recent.iter().copied())
    }

    /// Fits the set that is alone on the bus to the last minutes, from the values that it has here. It takes seconds:
    /// for a thread of its own, on a clone.
    ///
    /// # Errors
    /// Why not.
    pub fn fit(&self) -> Result<Fit, Refusal> {
        let on = |l: &Last| (0..l.sample.sets.len()).filter(|i| l.sample.sets[*i].closed).collect::<Vec<_>>();
        match self.last.as_ref().map(on).unwrap_or_default().as_slice() {
            [set] => super::fit::fit(
                &self.cfg,
                super::fit::Own::Known(&self.cfg.gensets[*set]),
                &self.recent(),
                &super::fit::one_by_one,
            ),
            other => Err(Refusal::Sets { n: other.len(), t_s: self.t_s }),
        }
    }

    /// Predicts nothing until the next row, and forgets what the fit would be made of: rows are missing.
    pub fn freeze(&mut self, t_s: f64, why: String) {
        self.t_s = t_s;
        self.doing = Doing::Frozen(why);
        self.last = None;
        self.recent.clear();
    }

    fn restart(&mut self, t_s: f64) {
        self.tracks.iter_mut().for_each(|t| t.watch.restart());
        self.change.restart();
        let sets_kw = vec![0.0; self.cfg.gensets.len()];
        self.doing = Doing::Gathering(Gather { since_s: t_s, sets_kw, ..Gather::default() });
    }

    fn remember(&mut self, t_s: f64, sample: &Sample) {
        let newest = self.recent.back().map(|r| r[0]);
        let alone = sample.sets.iter().filter(|s| s.closed).count() == 1;
        if !alone || newest.is_some_and(|n| t_s < n) {
            self.recent.clear();
        }
        if alone && newest.is_none_or(|n| t_s - n >= RECENT_STEP_S) {
            self.recent.push_back([t_s, sample.f_hz, sample.gen_kw]);
        }
        while self.recent.front().is_some_and(|r| t_s - r[0] > RECENT_S) {
            self.recent.pop_front();
        }
    }

    fn gather(&mut self, now: &Last) {
        let Doing::Gathering(g) = &mut self.doing else { return };
        g.rows += 1.0;
        g.f_hz += now.sample.f_hz;
        g.v_pu += now.sample.v_pu.unwrap_or(1.0);
        (0..KINDS.len()).for_each(|k| g.loads_kw[k] += now.loads_kw[k]);
        let closed = now.sample.sets.iter().filter(|s| s.closed).count().max(1);
        for (sum, s) in g.sets_kw.iter_mut().zip(&now.sample.sets) {
            *sum += s.kw.unwrap_or(now.sample.gen_kw / closed as f64);
        }
        if now.t_s - g.since_s < GATHER_S {
            return;
        }
        let at = Operating {
            f_pu: g.f_hz / g.rows / self.cfg.f0_hz,
            v_pu: g.v_pu / g.rows,
            loads_kw: g.loads_kw.map(|kw| kw / g.rows),
            sets_kw: now.sample.sets.iter().zip(&g.sets_kw).map(|(s, kw)| s.closed.then_some(kw / g.rows)).collect(),
        };
        let plant = driven::start(&self.cfg, &at);
        self.settled += 1;
        self.timing_hz = 0.0;
        let predicted = predict(&plant);
        let others = What::ALL.map(|w| driven::start(&w.alternative(&self.cfg), &at));
        self.doing = Doing::Running(Box::new(Run { plant, others, t0_s: now.t_s, predicted }));
    }

    fn advance(&mut self, before: &Last, now: &Last) {
        let Doing::Running(run) = &mut self.doing else { return };
        let mut left_kw = 0.0;
        for (i, (was, is)) in before.sample.sets.iter().zip(&now.sample.sets).enumerate() {
            if was.closed && !is.closed {
                left_kw += run.plant.gensets[i].terminal.p.abs() * 1000.0;
                for plant in std::iter::once(&mut run.plant).chain(&mut run.others) {
                    if plant.switch(Breaker::Genset(i), false).is_err() {
                        return self.restart(now.t_s);
                    }
                }
            }
        }
        let tick_s = run.plant.cfg.tick_s;
        let until = ((now.t_s - run.t0_s) / tick_s).round().max(0.0) as u64;
        let dt_s = now.t_s - before.t_s;
        while run.plant.tick < until {
            let t_s = run.t0_s + (run.plant.tick as f64 + 0.5) * tick_s;
            let share = ((t_s - before.t_s) / dt_s).clamp(0.0, 1.0);
            let loads_kw = driven::between(&before.loads_kw, &now.loads_kw, share);
            driven::step(&mut run.plant, loads_kw);
            run.others.iter_mut().for_each(|p| driven::step(p, loads_kw));
        }
        let was_hz = run.predicted[0];
        run.predicted = predict(&run.plant);
        let others_hz = run.others.each_ref().map(|p| predict(p)[0] - run.predicted[0]);
        let slope = (run.predicted[0] - was_hz) / dt_s;
        // Rows do not tell when between them a step came, or a set went: this much frequency may come or go with it.
        let inertia_kws: f64 = (run.plant.cfg.gensets.iter().zip(&run.plant.gensets))
            .map(|(g, s)| if s.breaker { 2.0 * g.machine.h_s * g.rated_kva } else { 0.0 })
            .sum();
        let total = |l: &Last| l.loads_kw[..driven::BATTERY].iter().sum::<f64>() - l.loads_kw[driven::BATTERY];
        let hidden_kws = ((total(now) - total(before)).abs() / 2.0 + left_kw) * dt_s;
        let hidden_hz = hidden_kws / inertia_kws.max(1.0) * self.cfg.f0_hz;
        self.timing_hz = hidden_hz.max(self.timing_hz * libm::exp(-dt_s / TIMING_S));
        let residual = residuals(&now.sample, &run.predicted);
        let lost = !(residual[0].abs() < LOST_PU * self.cfg.f0_hz);
        if now.t_s - run.t0_s < WASH_S && !lost {
            return;
        }
        let on_bus_kw: f64 =
            self.cfg.gensets.iter().zip(&now.sample.sets).map(|(g, s)| if s.closed { g.rated_kw } else { 0.0 }).sum();
        self.change.take(residual[0], others_hz, slope, total(now) / on_bus_kw.max(1.0), dt_s);
        let learn = self.tracks.iter().all(|t| t.watch.is_quiet());
        for (k, (t, r)) in self.tracks.iter_mut().zip(residual).enumerate() {
            if r.is_finite() {
                let band = BAND * t.band.sigma() + if k == 0 { self.timing_hz } else { 0.0 };
                t.watch.take(BAND * r / band, dt_s);
                t.band.take(r, dt_s, learn);
            }
        }
        if lost {
            let z = residual[0] / self.tracks[0].band.sigma();
            self.restart(now.t_s);
            self.tracks[0].watch.lost(z);
        }
    }

    /// What a screen shows.
    #[must_use]
    pub fn view(&self) -> View {
        let measured = self
            .last
            .as_ref()
            .map_or([f64::NAN; 3], |l| [l.sample.f_hz, l.sample.gen_kw, l.sample.v_pu.unwrap_or(f64::NAN)]);
        let t_s = self.t_s;
        let (phase, predicted) = match &self.doing {
            Doing::Frozen(why) => (Phase::Frozen(why.clone()), [f64::NAN; 3]),
            Doing::Gathering(g) => (Phase::Settling(g.since_s + GATHER_S + WASH_S - t_s), [f64::NAN; 3]),
            Doing::Running(r) if t_s - r.t0_s < WASH_S => (Phase::Settling(r.t0_s + WASH_S - t_s), r.predicted),
            Doing::Running(r) => (Phase::Following, r.predicted),
        };
        let line = |k: usize| {
            let (t, (name, unit, _)) = (&self.tracks[k], LINES[k]);
            Line {
                name,
                unit,
                measured: measured[k],
                predicted: predicted[k],
                residual: measured[k] - predicted[k],
                band: BAND * t.band.sigma() + if k == 0 { self.timing_hz } else { 0.0 },
                rms: t.band.rms(),
                learnt: t.band.learnt(),
                verdict: t.watch.state(),
            }
        };
        let lines = std::array::from_fn(line);
        let reason = |(t, l): (&Track, &Line)| {
            let worst = t.watch.worst() * t.band.sigma();
            let side = if worst < 0.0 { "below" } else { "above" };
            let off = worst.abs();
            let digits = if off >= 10.0 { 0 } else { 3 };
            (l.verdict != Verdict::Follows).then(|| {
                format!("{} {}: {off:.digits$} {} {side} the model at worst", l.name, l.verdict.word(), l.unit)
            })
        };
        let changed = self.change.called();
        let worst = self.tracks.iter().map(|t| t.watch.state()).max().unwrap_or_default();
        View {
            t_s,
            phase,
            verdict: worst.max(if changed.is_some() { Verdict::Drifts } else { Verdict::Follows }),
            reasons: (self.tracks.iter().zip(&lines).filter_map(reason)).chain(changed.map(|c| c.words())).collect(),
            changed,
            drive: self.last.as_ref().map_or(Drive::Feeders, |l| l.drive),
            lines,
            presets: self.cfg.gensets.iter().map(|g| g.preset.clone()).collect(),
            settled: self.settled,
            fit: self.fit.clone(),
        }
    }
}

/// Frequency in Hz, genset power in kW, voltage in pu.
fn predict(plant: &Plant) -> [f64; 3] {
    let isl = &plant.islands[plant.main_island()];
    let gen_kw: f64 = plant.gensets.iter().filter(|s| s.breaker).map(|s| s.terminal.p * 1000.0).sum();
    [isl.f_pu * plant.cfg.f0_hz, gen_kw, isl.vm]
}

fn residuals(s: &Sample, predicted: &[f64; 3]) -> [f64; 3] {
    let measured = [s.f_hz, s.gen_kw, s.v_pu.unwrap_or(f64::NAN)];
    std::array::from_fn(|k| measured[k] - predicted[k])
}
