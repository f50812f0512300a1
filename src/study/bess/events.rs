//! What happens to a site in a year, class by class: how often, how badly, and the run that shows it.
//!
//! Every draw is a pure function of (seed, class, sample, what is drawn): any sample can be made again alone, all designs get the
//! same one, and a study of more samples begins with those of a smaller one.

use sha2::{Digest as _, Sha256};
use special::Beta as _;

use crate::acts::{Fault, FaultKind, Operate};
use crate::plant::breaker::Breaker;
use crate::plant::gpu::Phase;
use crate::scenario::{Scenario, ScriptAct, ScriptItem};

/// When the event happens, s.
pub const AT_S: f64 = 2.0;
/// How long the site is watched after it, s.
const WATCHED_S: f64 = 40.0;
/// How long a swing lasts, s.
const SWING_S: f64 = 60.0;
/// Power of an idle GPU, share of full: what a crashed one still takes.
const IDLE: f64 = 1.0 / 7.0;
/// Shares of the fleet that its synchronous jobs have.
pub const JOBS: [f64; 4] = [0.5, 0.25, 0.125, 0.125];
/// Seconds of a year over seconds of an event: how seldom two of them overlap.
pub const YEAR_S: f64 = 8760.0 * 3600.0;

/// A uniform number in (0, 1) for what is drawn, of this sample of this class.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// Of the study.
    pub seed: u64,
    /// Class, by its number.
    pub class: u32,
    /// Sample.
    pub sample: u64,
}

impl Draw {
    /// Uniform in (0, 1).
    #[must_use]
    pub fn uniform(&self, what: &str) -> f64 {
        let mut h = Sha256::new();
        h.update(self.seed.to_le_bytes());
        h.update(self.class.to_le_bytes());
        h.update(self.sample.to_le_bytes());
        h.update(what.as_bytes());
        let bits = h.finalize()[..8].iter().fold(0_u64, |bits, b| bits << 8 | u64::from(*b));
        ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Standard normal.
    #[must_use]
    pub fn normal(&self, what: &str) -> f64 {
        let (a, b) = (self.uniform(what), self.uniform(&format!("{what}, angle")));
        libm::sqrt(-2.0 * libm::log(a)) * libm::cos(core::f64::consts::TAU * b)
    }

    /// Between two values.
    fn between(&self, what: &str, lo: f64, hi: f64) -> f64 {
        lo + (hi - lo) * self.uniform(what)
    }

    /// Lognormal factor of median 1.
    fn factor(&self, what: &str, sigma: f64) -> f64 {
        libm::exp(sigma * self.normal(what))
    }
}

/// A class of events.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    /// Its number on the page of event classes.
    pub number: u32,
    /// Name.
    pub name: &'static str,
    /// How often, for people.
    pub often: &'static str,
    /// Events a year at a site of so many GPUs, under tight control or simple.
    pub per_year: fn(gpus: f64, tight: bool) -> f64,
    /// Where the rate may lie, as factors of it.
    pub range: [f64; 2],
    /// Where the rate comes from.
    pub source: &'static str,
    /// Whether it is a guess.
    pub guess: bool,
    /// Puts it into a scenario; the state of operation is there already.
    put: fn(&mut Scenario, &Draw),
}

/// Hours of a year.
const YEAR_H: f64 = 8760.0;

/// All of them.
pub const CLASSES: [Class; 8] = [
    Class {
        number: 1,
        name: "job crash",
        often: "2.0e-5 a GPU-hour",
        per_year: |gpus, _| 2.0e-5 * gpus * YEAR_H,
        range: [0.6, 1.7],
        source: "419 unexpected stops in 54 days on 16,384 GPUs (Llama 3, 2024); range from failures a node-day of a research cluster",
        guess: false,
        put: crash,
    },
    Class {
        number: 2,
        name: "user job past control",
        often: "5 starts a day, one in 1,000 past control",
        per_year: |_, _| 1.8,
        range: [0.1, 10.0],
        source: "a guess: ask the site",
        guess: true,
        put: user_job,
    },
    Class {
        number: 3,
        name: "scheduler releases all",
        often: "2 a year under tight control, 0.5 under simple",
        per_year: |_, tight| if tight { 2.0 } else { 0.5 },
        range: [0.25, 3.0],
        source: "a guess: more code, more mistakes",
        guess: true,
        put: release_all,
    },
    Class {
        number: 4,
        name: "training with a swing",
        often: "104 starts a year",
        per_year: |_, _| 104.0,
        range: [0.2, 5.0],
        source: "a guess: two a week",
        guess: true,
        put: swing,
    },
    Class {
        number: 5,
        name: "bring-up with bad miners",
        often: "52 a year, tight control alone",
        per_year: |_, tight| if tight { 52.0 } else { 0.0 },
        range: [0.5, 2.0],
        source: "a guess: one a week; lag and stuck share of the fleet by the domain's expert defaults",
        guess: true,
        put: bad_miners,
    },
    Class {
        number: 6,
        name: "communication lost in a bring-up",
        often: "1 a year",
        per_year: |_, _| 1.0,
        range: [0.1, 12.0],
        source: "a guess: 12 losses a year, few of them in a bring-up",
        guess: true,
        put: comm_lost,
    },
    Class {
        number: 7,
        name: "gas pressure or governor hiccup",
        often: "4 a year",
        per_year: |_, _| 4.0,
        range: [0.25, 3.0],
        source: "a guess",
        guess: true,
        put: gas,
    },
    Class {
        number: 9,
        name: "feeder trip",
        often: "0.2 a year each, GPUs and miners",
        per_year: |_, _| 0.4,
        range: [0.25, 4.0],
        source: "a guess",
        guess: true,
        put: feeder,
    },
];

/// What is left out, for the report.
pub const LEFT_OUT: [&str; 3] = [
    "class 8, firmware that changes a GPU's power for days: the spread of kW per GPU stands in for it in every run",
    "genset forced outage and maintenance: the same in all designs",
    "two events at once",
];

impl Class {
    /// The run of a sample: the state of operation it happens in, and the event. `base` is the site under a design.
    #[must_use]
    pub fn scenario(&self, base: &Scenario, seed: u64, sample: u64) -> Scenario {
        let draw = Draw { seed, class: self.number, sample };
        let mut s = base.clone();
        s.seed = (draw.uniform("seed of the run") * (1_u64 << 53) as f64) as u64;
        s.script.clear();
        s.exercise = None;
        s.run_s = AT_S + WATCHED_S;
        state(&mut s, &draw);
        (self.put)(&mut s, &draw);
        s.script.sort_by(|a, b| a.at_s.total_cmp(&b.at_s));
        s
    }

    /// Share of events that overlap another one, of so many a year.
    #[must_use]
    pub fn overlap(per_year: f64) -> f64 {
        per_year * WATCHED_S / YEAR_S
    }
}

/// The state that an event finds: miners curtailed or not, GPUs as many as the ceiling lets up, a GPU's power and the battery's
/// charge not quite as planned.
fn state(s: &mut Scenario, d: &Draw) {
    let on = d.between("miners on", 0.3, 1.0);
    for m in &mut s.plant.miners {
        m.on_at_start = (f64::from(m.units) * on).round() as u32;
    }
    let heavier = d.factor("kW a GPU", 0.05);
    for g in &mut s.plant.gpus {
        g.full_kw *= heavier;
        g.off_kw = g.off_kw.min(g.full_kw);
    }
    let charge = d.between("state of charge", 0.45, 0.65);
    s.plant.bess.iter_mut().for_each(|b| b.soc_at_start = charge.clamp(b.soc_min, b.soc_max));
    fill(s, 1.0);
}

/// Brings up so large a share of the GPUs as the ceiling leaves room for.
fn fill(s: &mut Scenario, share: f64) {
    let rating: f64 = s.plant.gensets.iter().filter(|g| g.on_at_start).map(|g| g.rated_kw * g.derate.factor()).sum();
    let others: f64 = s.plant.miners.iter().map(|m| f64::from(m.on_at_start) * m.unit_kw).sum::<f64>()
        + s.plant.aux.iter().map(|a| a.kw).sum::<f64>();
    let room = (s.policy.ceiling_pu.min(1.0) * rating - others).max(0.0);
    let wanted: f64 = s.plant.gpus.iter().map(|g| f64::from(g.gpus) * g.full_kw).sum();
    let up = share * (room / wanted.max(1e-9)).min(1.0);
    for g in &mut s.plant.gpus {
        g.preload_at_start = 0;
        g.full_at_start = (f64::from(g.gpus) * up).floor() as u32;
    }
}

fn at(s: &mut Scenario, at_s: f64, act: ScriptAct) {
    s.script.push(ScriptItem { at_s, act });
}

fn fault(s: &mut Scenario, at_s: f64, kind: FaultKind, device: usize, severity: f64, ramp_s: f64) {
    let fault = Fault { kind, device: device as u32, severity, ramp_s };
    at(s, at_s, ScriptAct::Operate(Operate::Fault(fault)));
}

/// The cohort with the most GPUs: where the jobs are.
fn jobs_at(s: &Scenario) -> usize {
    (0..s.plant.gpus.len()).max_by_key(|i| s.plant.gpus[*i].gpus).unwrap_or(0)
}

/// Share of the fleet of a job: of the list, each as likely as it is large, as GPUs fail alike.
fn job(d: &Draw) -> f64 {
    let mut u = d.uniform("which job");
    for share in JOBS {
        u -= share;
        if u < 0.0 {
            return share;
        }
    }
    JOBS[JOBS.len() - 1]
}

fn crash(s: &mut Scenario, d: &Draw) {
    // down to idle, not to nothing
    let (cohort, share) = (jobs_at(s), job(d) * (1.0 - IDLE));
    fault(s, AT_S, FaultKind::JobCrash, cohort, share, 0.05);
}

/// GPUs that go to full at once or over a spread, from off; room for them was left.
fn jump(s: &mut Scenario, share: f64) {
    let cohort = jobs_at(s);
    if let Some(g) = s.plant.gpus.get(cohort) {
        let n = ((f64::from(g.gpus) * share).round() as u32).min(g.gpus - g.full_at_start);
        if n > 0 {
            at(s, AT_S, ScriptAct::Phase { cohort, n, from: Phase::Off, to: Phase::Full });
        }
    }
}

fn user_job(s: &mut Scenario, d: &Draw) {
    let share = job(d);
    fill(s, 1.0 - share);
    let cohort = jobs_at(s);
    if let Some(g) = s.plant.gpus.get_mut(cohort) {
        g.jitter_s = d.between("start jitter", 0.0, 2.0);
    }
    jump(s, share);
}

fn release_all(s: &mut Scenario, d: &Draw) {
    let share = d.between("share below full", 0.3, 1.0);
    fill(s, 1.0 - share);
    jump(s, share);
}

fn swing(s: &mut Scenario, d: &Draw) {
    let (cohort, share) = (jobs_at(s), job(d));
    let Some(g) = s.plant.gpus.get(cohort) else { return };
    // coherent share, depth of the trough, and the part above idle
    let peak_to_peak_kw = 0.95 * 0.55 * (1.0 - IDLE) * share * f64::from(g.full_at_start) * g.full_kw;
    let period_s = (2.0 * d.factor("period", 0.8)).clamp(0.3, 20.0);
    let square = ScriptAct::Swing { cohort, peak_to_peak_kw, hz: 1.0 / period_s, square: true };
    at(s, AT_S, square.clone());
    if let ScriptAct::Swing { cohort, hz, square, .. } = square {
        at(s, AT_S + SWING_S, ScriptAct::Swing { cohort, peak_to_peak_kw: 0.0, hz, square });
    }
    s.run_s = AT_S + SWING_S + WATCHED_S / 4.0;
}

/// A bring-up by the design's own policy, from a part of the fleet.
fn bring_up(s: &mut Scenario, d: &Draw) {
    fill(s, d.between("up before", 0.2, 0.7));
    s.policy.start_at_s = Some(AT_S);
    s.run_s = AT_S + SWING_S;
}

fn bad_miners(s: &mut Scenario, d: &Draw) {
    bring_up(s, d);
    // Beta(0.5, 50): mostly next to nothing, now and then several per cent
    let (a, b) = (0.5, 50.0);
    let stuck = d.uniform("stuck share").inv_inc_beta(a, b, a.ln_beta(b));
    for m in &mut s.plant.miners {
        // mean 0.3 s and one in a hundred above 2 s
        (m.latency_s, m.latency_sigma) = (0.3, 1.06);
        m.stuck_share = stuck.clamp(0.0, 1.0);
    }
    fault(s, 0.0, FaultKind::CommLoss, 1, 0.005, 0.0);
}

fn comm_lost(s: &mut Scenario, d: &Draw) {
    bring_up(s, d);
    let source = usize::from(d.uniform("which commands") < 0.5);
    let begin = AT_S + d.between("when", 1.0, 20.0);
    let long = (30.0 * d.factor("how long", 1.0)).clamp(1.0, 600.0);
    fault(s, begin, FaultKind::CommLoss, source, 1.0, 0.0);
    if begin + long < s.run_s {
        fault(s, begin + long, FaultKind::CommLoss, source, 0.0, 0.0);
    }
}

fn gas(s: &mut Scenario, d: &Draw) {
    let left = d.between("derated to", 0.80, 0.95);
    for set in 0..s.plant.gensets.len() {
        fault(s, AT_S, FaultKind::GasPressure, set, 1.0 - left, 5.0);
        fault(s, AT_S + SWING_S, FaultKind::GasPressure, set, 0.0, 5.0);
    }
    s.run_s = AT_S + SWING_S + WATCHED_S / 4.0;
}

fn feeder(s: &mut Scenario, d: &Draw) {
    let gpus = d.uniform("which feeder") < 0.5;
    let is = |b: &Breaker| if gpus { matches!(b, Breaker::Gpu(_)) } else { matches!(b, Breaker::Miner(_)) };
    if let Some(n) = s.plant.breakers().position(|b| is(&b)) {
        fault(s, AT_S, FaultKind::FeederTrip, n, 1.0, 0.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::builtin_scenario;
    use crate::scenario::preset::preset;
    use crate::study::bess::{Control, Design};

    fn site(control: Control, kw: f64) -> Scenario {
        let base = builtin_scenario("path-a").unwrap().unwrap();
        Design { control, kw, kwh: 100.0 }.apply(&base, &preset("lean-slow").unwrap()).unwrap()
    }

    /// T11: whatever a design has, it meets the same events in the same state.
    #[test]
    fn t11_designs_share_every_draw() {
        let (a, b) = (site(Control::Tight, 0.0), site(Control::Simple, 200.0));
        for class in CLASSES.iter().filter(|c| ![5, 6].contains(&c.number)) {
            for sample in 0..20 {
                let (x, y) = (class.scenario(&a, 7, sample), class.scenario(&b, 7, sample));
                assert_eq!((x.seed, x.run_s, x.plant.miners), (y.seed, y.run_s, y.plant.miners), "{}", class.name);
                assert_eq!(x.plant.gpus[0].full_kw, y.plant.gpus[0].full_kw);
                assert_eq!(x.script.len(), y.script.len(), "{}", class.name);
            }
        }
        let (one, more) = (CLASSES[0].scenario(&a, 7, 3), CLASSES[0].scenario(&a, 7, 3));
        assert_eq!(one, more);
        assert_ne!(one.seed, CLASSES[0].scenario(&a, 8, 3).seed);
    }

    #[test]
    fn states_keep_below_the_ceiling_and_events_have_room() {
        for control in [Control::Tight, Control::Simple] {
            let base = site(control, 0.0);
            for class in &CLASSES {
                for sample in 0..40 {
                    let s = class.scenario(&base, 1, sample);
                    let p = &s.plant;
                    let kw: f64 = p.gpus.iter().map(|g| f64::from(g.full_at_start) * g.full_kw).sum::<f64>()
                        + p.miners.iter().map(|m| f64::from(m.on_at_start) * m.unit_kw).sum::<f64>();
                    assert!(kw <= s.policy.ceiling_pu.min(1.0) * 1000.0 + 1e-6, "{} {sample}: {kw}", class.name);
                    assert!(p.gpus.iter().all(|g| g.full_at_start <= g.gpus));
                    assert!(s.script.windows(2).all(|w| w[0].at_s <= w[1].at_s));
                    assert!(!s.script.is_empty(), "{} has no event", class.name);
                }
            }
        }
    }

    #[test]
    fn crashes_are_the_common_event() {
        let rate = (CLASSES[0].per_year)(714.0, true);
        assert!((rate - 125.1).abs() < 0.1, "{rate}");
        assert!(Class::overlap(700.0) < 0.001);
        let sizes: Vec<f64> = (0..2000).map(|sample| job(&Draw { seed: 1, class: 1, sample })).collect();
        let half = sizes.iter().filter(|s| **s == 0.5).count() as f64 / 2000.0;
        assert!((half - 0.5).abs() < 0.045, "a job of half the fleet has half of the failures: {half}");
    }
}
