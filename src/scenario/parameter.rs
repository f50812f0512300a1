//! The numbers and choices of a scenario that a command line or a study changes by name: `batch_gpus`, `bess_kw`, `genset_h_s`.
//!
//! One table: every field of the policy ([`FIELDS`]), and rows for what the plant and the run have. `--set`, the axes of a
//! map, the tornado and the advice read it, so that a name, its unit and its range are the same everywhere. A row changes all
//! devices of its kind alike. Where the plant has no such device, setting it is refused, never ignored.

use super::Scenario;
use crate::acts::Setpoint;
use crate::acts::setpoint::SETPOINTS;
use crate::control::fields::{FIELDS, Field, Value};
use crate::plant::config::{AuxLoad, Bess, Genset, Governor, Pid};
use crate::text::nearest;

/// How a row that is no field of the policy is read and written.
#[derive(Clone, Copy, Debug)]
struct Access {
    /// None where the scenario has nothing of the kind.
    get: fn(&Scenario) -> Option<f64>,
    set: fn(&mut Scenario, f64),
    /// What is missing where there is nothing to read.
    needs: &'static str,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Policy(&'static Field),
    Scenario(Access),
}

/// A number or choice of a scenario, by name.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its name: that of the policy's field in a scenario file, or a device's with its unit at the end.
    pub name: &'static str,
    /// Its name in words.
    pub label: &'static str,
    /// Unit; empty for choices and switches.
    pub unit: &'static str,
    /// Smallest and largest value.
    pub range: [f64; 2],
    /// What values it takes.
    pub value: Value,
    place: Place,
}

macro_rules! row {
    ($name:literal, $label:literal, $unit:literal, $range:expr, $value:expr, $needs:literal, $get:expr, $set:expr) => {
        Parameter {
            name: $name,
            label: $label,
            unit: $unit,
            range: $range,
            value: $value,
            place: Place::Scenario(Access { get: $get, set: $set, needs: $needs }),
        }
    };
}

/// A number that all sets, cohorts, fleets or batteries have.
macro_rules! of_all {
    ($name:literal, $label:literal, $unit:literal, $range:expr, $decimals:literal, $list:ident, $needs:literal, $($field:ident).+) => {
        row!($name, $label, $unit, $range, Value::Number($decimals), $needs,
            |s| s.plant.$list.first().map(|d| d.$($field).+),
            |s, v| s.plant.$list.iter_mut().for_each(|d| d.$($field).+ = v))
    };
}

/// A number of the governors that have the isochronous PID; another kind of governor has none of it.
macro_rules! of_pid {
    ($name:literal, $label:literal, $unit:literal, $range:expr, $decimals:literal, $field:ident) => {
        row!(
            $name,
            $label,
            $unit,
            $range,
            Value::Number($decimals),
            "set with a PID governor",
            |s| s.plant.gensets.iter().find_map(|g| pid(g).map(|p| p.$field)),
            |s, v| s.plant.gensets.iter_mut().filter_map(pid_mut).for_each(|p| p.$field = v)
        )
    };
}

fn pid(g: &Genset) -> Option<&Pid> {
    if let Governor::Pid(p) = &g.governor { Some(p) } else { None }
}

fn pid_mut(g: &mut Genset) -> Option<&mut Pid> {
    if let Governor::Pid(p) = &mut g.governor { Some(p) } else { None }
}

/// The range of a set-point, so that what a run may be set to and what it may be told are one.
const fn range_of(s: Setpoint) -> [f64; 2] {
    SETPOINTS[s as usize].range
}

/// The first load of a kind, the one that an operator's set-point changes.
fn load(s: &Scenario, bank: bool) -> Option<&AuxLoad> {
    s.plant.aux.iter().find(|a| a.load_bank == bank)
}

fn load_mut(s: &mut Scenario, bank: bool) -> Option<&mut AuxLoad> {
    s.plant.aux.iter_mut().find(|a| a.load_bank == bank)
}

/// kW of the batteries that are in service.
fn bess_kw(s: &Scenario) -> Option<f64> {
    let on = s.plant.bess.iter().filter(|b| b.on_at_start).map(|b| b.rated_kva).sum();
    (!s.plant.bess.is_empty()).then_some(on)
}

/// Scales rating, energy and recharge of all batteries to a total and puts them in service; 0 takes them out of it.
fn set_bess_kw(s: &mut Scenario, kw: f64) {
    let all: f64 = s.plant.bess.iter().map(|b| b.rated_kva).sum();
    for b in &mut s.plant.bess {
        b.on_at_start = kw > 0.0;
        if kw > 0.0 && all > 0.0 {
            scale_bess(b, kw / all);
        }
    }
}

/// A battery of another size with the same character: everything that is a power or an energy in proportion.
fn scale_bess(b: &mut Bess, by: f64) {
    for v in [&mut b.rated_kva, &mut b.energy_kwh, &mut b.p_set_kw, &mut b.recharge_kw] {
        *v *= by;
    }
}

/// Another rating of every set: kVA and no-load fuel in proportion, as a larger engine of the same kind has them.
fn set_genset_kw(s: &mut Scenario, kw: f64) {
    for g in s.plant.gensets.iter_mut().filter(|g| g.rated_kw > 0.0) {
        let by = kw / g.rated_kw;
        g.rated_kva *= by;
        g.fuel.a_kw *= by;
        g.rated_kw = kw;
    }
}

const SHARE: [f64; 2] = [0.0, 1.0];

/// Rows of the run and of the plant's devices.
const OWN: [Parameter; 29] = [
    row!("run_s", "length of the run", "s", [0.1, 86_400.0], Value::Number(1), "run", |s| Some(s.run_s), |s, v| s
        .run_s =
        v),
    row!(
        "start_at_s",
        "start of the schedule",
        "s",
        [0.0, 86_400.0],
        Value::Number(1),
        "schedule that starts by itself",
        |s| s.policy.start_at_s,
        |s, v| s.policy.start_at_s = Some(v)
    ),
    of_all!("gpu_kw", "GPU at full", "kW", [0.001, 1000.0], 3, gpus, "GPU", full_kw),
    of_all!("gpu_rise_s", "GPU rise", "s", [0.001, 600.0], 3, gpus, "GPU", rise_s),
    of_all!("gpu_jitter_s", "GPU start jitter", "s", [0.0, 60.0], 2, gpus, "GPU", jitter_s),
    of_all!("gpu_preload_share", "GPU preload", "pu", SHARE, 2, gpus, "GPU", preload_share),
    of_all!("miner_unit_kw", "miner", "kW", [0.01, 1000.0], 2, miners, "miner", unit_kw),
    of_all!("miner_latency_s", "miner latency", "s", range_of(Setpoint::MinerLatencyS), 2, miners, "miner", latency_s),
    of_all!("miner_latency_sigma", "miner latency spread", "", [0.0, 3.0], 2, miners, "miner", latency_sigma),
    of_all!("miner_stuck_share", "miners that do not answer", "pu", SHARE, 2, miners, "miner", stuck_share),
    of_all!("miner_wake_s", "miner wake-up", "s", [0.001, 3600.0], 1, miners, "miner", wake_s),
    row!(
        "aux_kw",
        "aux load",
        "kW",
        range_of(Setpoint::AuxKw),
        Value::Number(1),
        "aux load",
        |s| load(s, false).map(|a| a.kw),
        |s, v| load_mut(s, false).into_iter().for_each(|a| a.kw = v)
    ),
    row!(
        "load_bank_kw",
        "load bank",
        "kW",
        range_of(Setpoint::LoadBankKw),
        Value::Number(1),
        "load bank",
        |s| load(s, true).map(|a| a.kw),
        |s, v| load_mut(s, true).into_iter().for_each(|a| a.kw = v)
    ),
    row!(
        "bess_kw",
        "battery in service",
        "kW",
        range_of(Setpoint::BessKw),
        Value::Number(1),
        "battery",
        bess_kw,
        set_bess_kw
    ),
    of_all!("bess_kwh", "battery energy", "kWh", [0.1, 1.0e6], 1, bess, "battery", energy_kwh),
    of_all!("bess_droop_pu", "battery droop", "pu", [0.0005, 0.2], 4, bess, "battery", droop_pu),
    of_all!("bess_i_max_pu", "battery current limit", "pu", [1.0, 3.0], 2, bess, "battery", i_max_pu),
    row!(
        "genset_kw",
        "rating of each genset",
        "kW",
        [1.0, 100_000.0],
        Value::Number(0),
        "genset",
        |s| s.plant.gensets.first().map(|g| g.rated_kw),
        set_genset_kw
    ),
    of_all!("genset_h_s", "genset inertia", "s", [0.05, 20.0], 3, gensets, "genset", machine.h_s),
    of_all!("genset_ambient_c", "ambient temperature", "C", [-60.0, 70.0], 1, gensets, "genset", derate.ambient_c),
    of_all!("genset_altitude_m", "altitude", "m", [-500.0, 9000.0], 0, gensets, "genset", derate.altitude_m),
    of_pid!("governor_kp", "governor proportional gain", "pu", [0.0, 1000.0], 2, kp),
    of_pid!("governor_ki", "governor integral gain", "pu/s", [0.0, 1000.0], 2, ki),
    of_pid!("governor_kd", "governor derivative gain", "s", [0.0, 1000.0], 3, kd),
    of_pid!("governor_dead_s", "engine dead time", "s", [0.0, 2.0], 3, t_d_s),
    of_pid!("governor_manifold_s", "manifold lag", "s", [0.005, 100.0], 3, t_man_s),
    row!(
        "air_reserve_pu",
        "air reserve",
        "pu",
        [0.001, 2.0],
        Value::Number(3),
        "set with an air limit",
        |s| s.plant.gensets.iter().find_map(|g| g.air.as_ref().map(|a| a.reserve_pu)),
        |s, v| s.plant.gensets.iter_mut().filter_map(|g| g.air.as_mut()).for_each(|a| a.reserve_pu = v)
    ),
    row!(
        "air_turbo_s",
        "turbocharger lag",
        "s",
        [0.05, 60.0],
        Value::Number(2),
        "set with an air limit",
        |s| s.plant.gensets.iter().find_map(|g| g.air.as_ref().map(|a| a.t_tc_s)),
        |s, v| s.plant.gensets.iter_mut().filter_map(|g| g.air.as_mut()).for_each(|a| a.t_tc_s = v)
    ),
    row!(
        "step_acceptance_pu",
        "step acceptance at no load",
        "pu",
        [0.001, 1.5],
        Value::Number(3),
        "acceptance curve",
        |s| s.policy.step_acceptance.first().map(|p| p.1),
        scale_acceptance
    ),
];

/// Scales the whole acceptance curve so that its first point is `at_no_load`.
fn scale_acceptance(s: &mut Scenario, at_no_load: f64) {
    let by = s.policy.step_acceptance.first().map_or(1.0, |p| at_no_load / p.1.max(1e-9));
    s.policy.step_acceptance.iter_mut().for_each(|p| p.1 = (p.1 * by).clamp(0.001, 1.5));
}

impl Parameter {
    /// All of them: the policy's fields, then those of plant and run.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_policy = |f: &'static Field| Self {
            name: f.key,
            label: f.label,
            unit: f.unit,
            range: f.range,
            value: f.value,
            place: Place::Policy(f),
        };
        FIELDS.iter().map(of_policy).chain(OWN)
    }

    /// The one of this name.
    ///
    /// # Errors
    /// In one line, with the names that are most like it.
    pub fn named(name: &str) -> Result<Self, String> {
        Self::all().find(|p| p.name == name).ok_or_else(|| {
            let near = nearest(name, Self::all().map(|p| p.name), 3);
            let near = if near.is_empty() { vec!["batch_gpus", "interval_s", "bess_kw"] } else { near };
            format!("unknown parameter {} (nearest: {})", crate::text::plain(name), near.join(", "))
        })
    }

    /// Whether only whole numbers make sense.
    #[must_use]
    pub fn whole(&self) -> bool {
        !matches!(self.value, Value::Number(_))
    }

    /// Its value in a scenario; none where the plant has nothing of the kind.
    #[must_use]
    pub fn get(&self, s: &Scenario) -> Option<f64> {
        match self.place {
            Place::Policy(f) => Some((f.get)(&s.policy)).filter(|v| v.is_finite()),
            Place::Scenario(a) => (a.get)(s),
        }
    }

    /// Whether a value may be given: within the range, whole where it has to be.
    ///
    /// # Errors
    /// In one line.
    pub fn accept(&self, v: f64) -> Result<(), String> {
        let [lo, hi] = self.range;
        if !(lo..=hi).contains(&v) {
            return Err(format!("{} is {v} {} (expected {lo} to {hi})", self.name, self.unit).replace("  ", " "));
        }
        if self.whole() && v.fract() != 0.0 {
            return Err(format!("{} is {v} (expected a whole number)", self.name));
        }
        Ok(())
    }

    /// Changes a scenario.
    ///
    /// # Errors
    /// In one line: a value that is out of range, or a plant that has nothing of the kind. The scenario stays as it was.
    pub fn set(&self, s: &mut Scenario, v: f64) -> Result<(), String> {
        self.accept(v)?;
        match self.place {
            Place::Policy(f) => (f.set)(&mut s.policy, v),
            Place::Scenario(a) if self.name != "start_at_s" && (a.get)(s).is_none() => {
                return Err(format!("{}: the plant has no {}", self.name, a.needs));
            }
            Place::Scenario(a) => (a.set)(s, v),
        }
        Ok(())
    }

    /// A value as text with its unit.
    #[must_use]
    pub fn words(&self, v: f64) -> String {
        match self.value {
            Value::Number(decimals) => format!("{v:.decimals$} {}", self.unit).trim_end().to_owned(),
            Value::Count => format!("{v:.0} {}", self.unit),
            Value::Switch => if v >= 0.5 { "on" } else { "off" }.to_owned(),
            Value::Choice(words) => words.get(v as usize).map_or_else(|| v.to_string(), |w| (*w).to_owned()),
        }
    }

    /// Reads a value: a number, `on` and `off`, or the words of a choice (`b`, `match_confirmed`).
    fn read(&self, text: &str) -> Result<f64, String> {
        let plain = |t: &str| t.to_lowercase().replace([' ', '_'], "");
        let given = plain(text);
        let number = text.trim().parse::<f64>().ok();
        let word = match self.value {
            Value::Switch => match given.as_str() {
                "on" | "true" => Some(1.0),
                "off" | "false" => Some(0.0),
                _ => None,
            },
            Value::Choice(words) => {
                let is = |w: &&str| plain(w) == given || plain(w).split(',').next() == Some(given.as_str());
                words.iter().position(is).map(|i| i as f64)
            }
            _ => None,
        };
        word.or(number).ok_or_else(|| {
            let expected = match self.value {
                Value::Choice(words) => words.join(" | "),
                Value::Switch => "on | off".to_owned(),
                _ => "a number".to_owned(),
            };
            format!("{} is `{}` (expected {expected})", self.name, crate::text::plain(text))
        })
    }
}

/// A parameter with the value that it gets: `NAME=VALUE` of a command line.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// Which.
    pub parameter: Parameter,
    /// To what.
    pub value: f64,
}

impl Setting {
    /// Reads `NAME=VALUE`.
    ///
    /// # Errors
    /// In one line.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, value) =
            text.split_once('=').ok_or_else(|| format!("`{}` (expected NAME=VALUE)", crate::text::plain(text)))?;
        let parameter = Parameter::named(name.trim())?;
        let value = parameter.read(value)?;
        parameter.accept(value)?;
        Ok(Self { parameter, value })
    }

    /// As it is read again: the value with all its digits.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}={}", self.parameter.name, self.value)
    }
}

/// Changes a scenario by settings, in their order.
///
/// # Errors
/// In one line; also if the schedule would start behind the end of the run.
pub fn apply(settings: &[Setting], s: &mut Scenario) -> Result<(), String> {
    settings.iter().try_for_each(|one| one.parameter.set(s, one.value))?;
    // a run that is cut short by other means is nobody's mistake
    let timed = settings.iter().any(|one| ["start_at_s", "run_s"].contains(&one.parameter.name));
    match s.policy.start_at_s.filter(|t| timed && *t > s.run_s) {
        Some(t) => Err(format!("start_at_s is {t} s (expected at most run_s, {} s)", s.run_s)),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::builtin_scenario;

    fn path_a() -> Scenario {
        builtin_scenario("path-a").unwrap().unwrap()
    }

    #[test]
    fn names_are_given_once_and_every_row_reads_what_it_wrote() {
        let names: std::collections::BTreeSet<&str> = Parameter::all().map(|p| p.name).collect();
        assert_eq!(names.len(), Parameter::all().count());
        for p in Parameter::all() {
            let mut s = path_a();
            if p.get(&s).is_none() && p.name != "start_at_s" {
                continue;
            }
            for v in p.range {
                let wanted = if p.name == "step_acceptance_pu" { v.clamp(0.001, 1.5) } else { v };
                p.set(&mut s, v).unwrap_or_else(|e| panic!("{e}"));
                let got = p.get(&s).unwrap();
                assert!((got - wanted).abs() <= 1e-9 * wanted.abs(), "{}: {got} after {wanted}", p.name);
            }
        }
    }

    #[test]
    fn a_row_moves_nothing_but_its_own() {
        // what hangs together by what it means
        let with = |a: &str, b: &str| (a == "bess_kw" && b == "bess_kwh") || a == b;
        let base = path_a();
        for p in Parameter::all() {
            let mut s = base.clone();
            let [lo, hi] = p.range;
            let to = if p.whole() { hi } else { lo + 0.37 * (hi - lo) };
            if p.set(&mut s, to).is_err() {
                continue;
            }
            for other in Parameter::all().filter(|o| !with(p.name, o.name)) {
                assert_eq!(other.get(&base), other.get(&s), "{} after {}", other.name, p.name);
            }
        }
    }

    #[test]
    fn settings_are_read_in_numbers_and_words() {
        let value = |text: &str| Setting::parse(text).map(|s| s.value);
        assert_eq!(value("batch_gpus=20"), Ok(20.0));
        assert_eq!(value("path=B"), Ok(1.0));
        assert_eq!(value("path=b_+_restore"), Ok(2.0));
        assert_eq!(value("shed_mode=match_confirmed"), Ok(1.0));
        assert_eq!(value("hold.enabled=off"), Ok(0.0));
        for (text, words) in [
            ("batch_gpu=3", "nearest: batch_gpus"),
            ("batch_gpus", "expected NAME=VALUE"),
            ("batch_gpus=2.5", "whole number"),
            ("batch_gpus=many", "expected a number"),
            ("interval_s=nan", "expected 0.1 to 3600"),
            ("interval_s=0", "expected 0.1 to 3600"),
            ("path=C", "A, genset ramps"),
        ] {
            let e = value(text).unwrap_err();
            assert!(e.contains(words) && !e.contains('\n'), "{text}: {e}");
        }
    }

    #[test]
    fn what_the_plant_has_not_is_refused_and_a_battery_is_put_in_service() {
        let mut s = path_a();
        let set = |s: &mut Scenario, text: &str| apply(&[Setting::parse(text).unwrap()], s);
        assert!(set(&mut s, "bess_kw=150").is_ok());
        assert_eq!(bess_kw(&s), Some(150.0));
        let kwh = s.plant.bess[0].energy_kwh;
        assert!(set(&mut s, "bess_kw=300").is_ok() && (s.plant.bess[0].energy_kwh - 2.0 * kwh).abs() < 1e-9);
        assert!(set(&mut s, "bess_kw=0").is_ok() && bess_kw(&s) == Some(0.0));
        s.plant.bess.clear();
        let before = s.clone();
        assert_eq!(set(&mut s, "bess_kw=100"), Err("bess_kw: the plant has no battery".to_owned()));
        assert_eq!(s, before);
        assert!(set(&mut s, "start_at_s=500").is_err_and(|e| e.contains("at most run_s")));
    }
}
