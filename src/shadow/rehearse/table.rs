//! What was measured and what was not, beside the value that the twin starts with, and why.

use super::state::{Lookup, Seen, State, Units};
use super::{Engine, Moment};
use crate::acts::Quality;
use crate::plant::signals::{bess, genset, site};
use crate::scenario::Scenario;

/// A value of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {
    /// There is none.
    None,
    /// A number with so many decimals.
    Number(f64, usize),
    /// A state, or a name.
    Words(String),
}

/// One thing that the twin starts with.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// What it is.
    pub what: String,
    /// Its unit.
    pub unit: &'static str,
    /// As the plant measures it.
    pub plant: Shown,
    /// Age of that, s; NaN where it is not known.
    pub age_s: f64,
    /// What the twin starts with.
    pub twin: Shown,
    /// Where it comes from, or why it is assumed.
    pub because: String,
    /// Why the measured value is in doubt, if it is.
    pub doubt: Option<String>,
}

fn kw(name: &str) -> What<'_> {
    What { name, unit: "kW", decimals: 1 }
}

/// The two lists as they grow.
#[derive(Default)]
struct Lists {
    measured: Vec<Line>,
    assumed: Vec<Line>,
}

/// What one quantity is and how it is told.
struct What<'a> {
    name: &'a str,
    unit: &'static str,
    decimals: usize,
}

impl Lists {
    /// A number: measured if it was seen, else assumed for this reason.
    fn number(&mut self, what: &What<'_>, seen: Option<Seen>, twin: f64, [because, without]: [&str; 2]) {
        let twin = Shown::Number(twin, what.decimals);
        match seen {
            Some(s) => self.measured.push(line(what, Shown::Number(s.value, what.decimals), s, twin, because)),
            None => self.assume(what.name, what.unit, twin, without),
        }
    }

    fn state(&mut self, name: &str, seen: Option<Seen>, [plant, twin]: [&str; 2], [because, without]: [&str; 2]) {
        let twin = Shown::Words(twin.to_owned());
        match seen {
            Some(s) => {
                let what = What { name, unit: "", decimals: 0 };
                self.measured.push(line(&what, Shown::Words(plant.to_owned()), s, twin, because));
            }
            None => self.assume(name, "", twin, without),
        }
    }

    fn assume(&mut self, what: &str, unit: &'static str, twin: Shown, because: &str) {
        let (what, because) = (what.to_owned(), because.to_owned());
        self.assumed.push(Line { what, unit, plant: Shown::None, age_s: f64::NAN, twin, because, doubt: None });
    }
}

fn line(what: &What<'_>, plant: Shown, s: Seen, twin: Shown, because: &str) -> Line {
    let doubt = (s.quality != Quality::Good).then(|| s.quality.to_string());
    let (name, because) = (what.name.to_owned(), because.to_owned());
    Line { what: name, unit: what.unit, plant, age_s: s.age_s, twin, because, doubt }
}

fn closed(on: bool) -> &'static str {
    if on { "closed" } else { "open" }
}

/// Units that are on, of all, in words.
fn of_all(units: &[Units], all: u32, what: &str) -> String {
    format!("{} of {all} {what}", units.iter().map(|u| u.on).sum::<u32>())
}

pub(super) fn lines(base: &Scenario, now: &Moment<'_>, state: &State, engine: &Engine) -> [Vec<Line>; 2] {
    let (plant, look) = (&base.plant, Lookup::new(&base.plant, now));
    let mut l = Lists::default();
    let hz = What { name: "Frequency", unit: "Hz", decimals: 2 };
    l.number(&hz, look.site(site::F_HZ), state.f_hz, ["governor set-point", "no meter: nominal"]);
    let v = What { name: "Voltage", unit: "pu", decimals: 3 };
    l.number(&v, look.site(site::V_PU), state.v_pu, ["regulator set-point", "no meter: nominal"]);
    let seen = look.site(site::GEN_KW);
    let off = seen.is_some_and(|s| (s.value - state.gen_kw).abs() > 0.05);
    let because = if off { "loads and batteries say otherwise" } else { "sum of the loads" };
    l.number(&kw("Generator"), seen, state.gen_kw, [because, "sum of the loads"]);
    let taken = |all: &[Units]| all.iter().map(|u| f64::from(u.on) * u.each_kw).sum::<f64>();
    let shares = |n: usize, one: String| if n > 1 { format!("{one}, shared by size") } else { one };
    let gpus = shares(plant.gpus.len(), of_all(&state.gpus, plant.gpus.iter().map(|c| c.gpus).sum(), "on"));
    let none = "no meter: none on";
    if !plant.gpus.is_empty() {
        l.number(&kw("GPU power"), look.site(site::GPU_KW), taken(&state.gpus), [&gpus, none]);
    }
    if !plant.miners.is_empty() {
        let all = plant.miners.iter().map(|m| m.units).sum();
        let miners = shares(plant.miners.len(), of_all(&state.miners, all, "on"));
        l.number(&kw("Miner power"), look.site(site::MINER_KW), taken(&state.miners), [&miners, none]);
    }
    if !plant.aux.is_empty() {
        let aux_kw = state.aux_kw.iter().sum();
        l.number(&kw("Auxiliaries"), look.site(site::AUX_KW), aux_kw, ["feeder meter", "no meter: part of the rest"]);
    }
    for (i, (g, s)) in plant.gensets.iter().zip(&state.sets).enumerate() {
        let breaker = look.seen(look.own.genset(i, genset::BREAKER));
        let why = if s.kw.is_finite() { "no contact: by its power" } else { "no contact, no meter: as the scenario" };
        let name = format!("Breaker 52G {}", g.name);
        l.state(&name, breaker, [closed(s.on), closed(s.on)], ["contact", why]);
    }
    for (i, (b, s)) in plant.bess.iter().zip(&state.bess).enumerate() {
        let [power, charge] = ["power", "charge"].map(|what| format!("{} {what}", b.name));
        let breaker = look.seen(look.own.bess(i, bess::BREAKER));
        l.state(
            &format!("Breaker 52B {}", b.name),
            breaker,
            [closed(s.on); 2],
            ["contact", "no contact: by its power"],
        );
        if s.on {
            let p = look.seen(look.own.bess(i, bess::P_KW)).or_else(|| look.site(site::BESS_KW));
            l.number(&kw(&power), p, s.kw, ["battery meter", "no meter: scenario"]);
        }
        let soc = look.seen(look.own.bess(i, bess::SOC_PCT)).or_else(|| look.site(site::BESS_SOC_PCT));
        let what = What { name: &charge, unit: "%", decimals: 0 };
        l.number(&what, soc, 100.0 * s.soc, ["battery management", "no meter: scenario"]);
    }
    assumed(&mut l, base, &look, state, engine);
    [l.measured, l.assumed]
}

/// What no meter of a plant tells, or the twin has no state for.
fn assumed(l: &mut Lists, base: &Scenario, look: &Lookup<'_>, state: &State, engine: &Engine) {
    let plant = &base.plant;
    let name = match engine {
        Engine::Fit(fit) => (fit.name.clone(), fit.description.clone()),
        Engine::Preset => {
            let mut all: Vec<&str> = plant.gensets.iter().map(|g| g.preset.as_str()).collect();
            all.dedup();
            (all.join(", "), format!("preset of {}", base.name))
        }
    };
    if !plant.gensets.is_empty() {
        l.assume("Engine", "", Shown::Words(name.0), &name.1);
    }
    if plant.gensets.iter().any(|g| g.air.is_some()) {
        l.assume("Charge air", "", Shown::Words("steady".to_owned()), "as after minutes");
    }
    if state.rest_kw != 0.0 {
        let why = "gensets and batteries less the loads above";
        l.assume("Not metered, losses", "kW", Shown::Number(state.rest_kw, 1), why);
    }
    let gas = look.site(site::GAS_PCT).filter(|s| s.value < 99.5);
    match gas {
        Some(s) => l.assume(
            "Gas pressure",
            "%",
            Shown::Number(100.0, 0),
            &format!("the twin starts with full pressure; measured {:.0} %", s.value),
        ),
        None => l.assume("Gas pressure", "%", Shown::Number(100.0, 0), "full pressure"),
    }
    if let Some(m) = plant.miners.first() {
        l.assume("Miner wake-up", "s", Shown::Number(m.wake_latency_s + m.wake_s, 0), "scenario and library");
    }
    let on: u32 = state.gpus.iter().map(|u| u.on).sum();
    if !plant.gpus.is_empty() {
        l.assume("GPUs in preload", "", Shown::Number(0.0, 0), "on counts as full");
        l.assume("Schedule", "", Shown::Words(format!("waits at {on} GPUs")), "not started in the twin");
    }
    if !plant.miners.is_empty() || !plant.gpus.is_empty() {
        l.assume("Feeder breakers", "", Shown::Words("closed".to_owned()), "no contact known");
    }
}
