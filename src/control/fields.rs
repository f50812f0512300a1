//! The numbers and choices of a policy, one row each: name, unit, range, how to read and write it.
//!
//! The checks of a scenario, the set-points of a running plan, the state hash, the panel and the comparison all read this
//! table; a test holds it to the fields of [`Policy`]. Every value is a number: counts are whole, switches are 0 or 1, choices
//! are the index of their variant. The two lists of a policy, step acceptance and hold points, are no rows.

use super::{AbortAction, AddMode, BringUpPath, Policy, ShedMode};
use crate::acts::Setpoint;
use crate::control::policy::NO_LIMIT;

/// What a field of the plan is about, for lists that are ordered by subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// What is to be reached, and in which batches.
    Target,
    /// What the plan must keep to.
    Limits,
    /// Who takes up the power of the new GPUs, and how miners give it up.
    Path,
}

/// What values a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value {
    /// Any number of the range, shown with so many decimals.
    Number(usize),
    /// A whole number.
    Count,
    /// 0 off, 1 on.
    Switch,
    /// The index of one of these words.
    Choice(&'static [&'static str]),
}

/// One field of a policy.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its key in a scenario file, below `policy`; `hold.df_hz` is within `hold`.
    pub key: &'static str,
    /// Its name in lists.
    pub label: &'static str,
    /// Unit of the value; empty for choices and switches.
    pub unit: &'static str,
    /// What it is about.
    pub subject: Subject,
    /// What values it takes.
    pub value: Value,
    /// Smallest and largest value that a scenario may give.
    pub range: [f64; 2],
    /// The set-point that changes it while a run goes on, if there is one.
    pub setpoint: Option<Setpoint>,
    /// Reads it. What is not set is NaN.
    pub get: fn(&Policy) -> f64,
    /// Writes a value of the range.
    pub set: fn(&mut Policy, f64),
}

const KW: [f64; 2] = [0.0, 1.0e6];
/// A set may switch a limit off by a number that nothing reaches.
const LIMIT: [f64; 2] = [0.1, NO_LIMIT];
const GPUS: [f64; 2] = [1.0, 1.0e6];
const SHARE: [f64; 2] = [0.0, 1.0];

/// A row. The place of the field in [`Policy`] serves for reading and writing both.
macro_rules! field {
    ($key:literal, $label:literal, $unit:literal, $subject:ident, $value:expr, $range:expr, $setpoint:expr,
        $p:ident => $get:expr, $v:ident => $set:expr) => {
        Field {
            key: $key,
            label: $label,
            unit: $unit,
            subject: Subject::$subject,
            value: $value,
            range: $range,
            setpoint: $setpoint,
            get: |$p| $get,
            set: |$p, $v| $set,
        }
    };
}

macro_rules! number {
    ($($place:ident).+, $key:literal, $label:literal, $unit:literal, $subject:ident, $decimals:literal, $range:expr, $setpoint:expr) => {
        field!($key, $label, $unit, $subject, Value::Number($decimals), $range, $setpoint,
            p => p.$($place).+, v => p.$($place).+ = v)
    };
}

macro_rules! count {
    ($($place:ident).+, $key:literal, $label:literal, $subject:ident, $setpoint:expr) => {
        field!($key, $label, "GPUs", $subject, Value::Count, GPUS, $setpoint,
            p => f64::from(p.$($place).+), v => p.$($place).+ = v as u32)
    };
}

macro_rules! switch {
    ($($place:ident).+, $key:literal, $label:literal, $subject:ident, $setpoint:expr) => {
        field!($key, $label, "", $subject, Value::Switch, SHARE, $setpoint,
            p => f64::from(u8::from(p.$($place).+)), v => p.$($place).+ = v >= 0.5)
    };
}

macro_rules! choice {
    ($place:ident, $key:literal, $label:literal, $subject:ident, $setpoint:expr, $($variant:expr => $word:literal),+) => {
        field!($key, $label, "", $subject, Value::Choice(&[$($word),+]), [0.0, [$($word),+].len() as f64 - 1.0], $setpoint,
            p => [$($variant),+].iter().position(|x| *x == p.$place).map_or(f64::NAN, |i| i as f64),
            v => if let Some(x) = [$($variant),+].get(v as usize) { p.$place = *x })
    };
}

/// All fields, in the order of [`Policy`].
pub const FIELDS: [Field; 32] = [
    choice!(path, "path", "path", Path, Some(Setpoint::Path),
        BringUpPath::Ramp => "A, genset ramps", BringUpPath::Shed => "B, miners shed",
        BringUpPath::ShedRestore => "B + restore"),
    choice!(shed_mode, "shed_mode", "shed policy", Path, Some(Setpoint::ShedMode),
        ShedMode::Match => "match", ShedMode::MatchConfirmed => "match_confirmed", ShedMode::Optimal => "optimal"),
    number!(target_kw, "target_kw", "GPU target", "kW", Target, 1, KW, Some(Setpoint::TargetKw)),
    count!(batch_gpus, "batch_gpus", "batch", Target, Some(Setpoint::BatchGpus)),
    number!(interval_s, "interval_s", "interval", "s", Target, 2, [0.1, 3600.0], Some(Setpoint::IntervalS)),
    choice!(add, "add", "GPU add", Target, None, AddMode::OffToFull => "off to full", AddMode::Staged => "staged"),
    number!(staging.checkpoint_s, "staging.checkpoint_s", "staged checkpoint", "s", Target, 1, [0.0, 3600.0], None),
    count!(staging.batch_gpus, "staging.batch_gpus", "staged batch", Target, None),
    number!(staging.interval_s, "staging.interval_s", "staged interval", "s", Target, 2, [0.1, 3600.0], None),
    number!(gpus_per_s, "gpus_per_s", "GPU rate", "1/s", Limits, 1, LIMIT, None),
    number!(step_limit_kw, "step_limit_kw", "step limit", "kW", Limits, 1, LIMIT, Some(Setpoint::StepLimitKw)),
    number!(bucket_share, "bucket_share", "step bucket share", "", Limits, 2, [0.01, 10.0], None),
    number!(refill_kw_per_s, "refill_kw_per_s", "step refill", "kW/s", Limits, 1, LIMIT, None),
    number!(window_100ms_kw, "window_100ms_kw", "100 ms window", "kW", Limits, 1, LIMIT, None),
    number!(window_1s_kw, "window_1s_kw", "1 s window", "kW", Limits, 1, LIMIT, None),
    number!(window_10s_kw, "window_10s_kw", "10 s window", "kW", Limits, 1, LIMIT, None),
    number!(
        ramp_limit_kw_per_s,
        "ramp_limit_kw_per_s",
        "ramp limit",
        "kW/s",
        Limits,
        1,
        LIMIT,
        Some(Setpoint::RampLimitKwPerS)
    ),
    number!(ceiling_pu, "ceiling_pu", "ceiling", "pu", Limits, 2, [0.3, 1.1], Some(Setpoint::CeilingPu)),
    number!(min_headroom_kw, "min_headroom_kw", "spinning reserve", "kW", Limits, 1, KW, None),
    number!(shed_share, "shed_share", "shed share", "pu", Path, 2, SHARE, Some(Setpoint::ShedShare)),
    number!(shed_lead_s, "shed_lead_s", "shed lead", "s", Path, 1, [-10.0, 10.0], Some(Setpoint::ShedLeadS)),
    number!(confirm_tolerance_kw, "confirm_tolerance_kw", "confirm tolerance", "kW", Path, 1, KW, None),
    number!(confirm_timeout_s, "confirm_timeout_s", "confirm time-out", "s", Path, 1, [0.1, 3600.0], None),
    switch!(confirm_fallback_ramp, "confirm_fallback_ramp", "Path A on time-out", Path, None),
    number!(restore_kw_per_s, "restore_kw_per_s", "restore rate", "kW/s", Path, 1, KW, None),
    switch!(hold.enabled, "hold.enabled", "feedback hold", Limits, Some(Setpoint::FeedbackHold)),
    number!(hold.df_hz, "hold.df_hz", "hold off frequency", "Hz", Limits, 2, [0.01, 50.0], None),
    number!(hold.rocof_hz_per_s, "hold.rocof_hz_per_s", "hold above ROCOF", "Hz/s", Limits, 2, [0.01, 100.0], None),
    number!(hold.dv_pu, "hold.dv_pu", "hold off voltage", "pu", Limits, 3, [0.001, 1.0], None),
    number!(hold.load_pu, "hold.load_pu", "hold above", "pu", Limits, 2, [0.1, 1.5], None),
    choice!(abort, "abort", "after ABORT", Target, None, AbortAction::Keep => "keep", AbortAction::RampDown => "ramp down"),
    switch!(auto_shed, "auto_shed", "automatic shedding", Limits, None),
];

impl Field {
    /// The field that a set-point changes; none for set-points of the plant, and for hold points, which are a list.
    #[must_use]
    pub fn of(setpoint: Setpoint) -> Option<&'static Self> {
        FIELDS.iter().find(|f| f.setpoint == Some(setpoint))
    }

    /// A value in words, with its unit.
    #[must_use]
    pub fn words(&self, v: f64) -> String {
        match self.value {
            Value::Number(_) if v >= NO_LIMIT => "none".to_owned(),
            Value::Number(_) if self.unit == "pu" => format!("{:.1} %", v * 100.0).replace(".0 %", " %"),
            Value::Number(decimals) => format!("{v:.decimals$} {}", self.unit).trim_end().to_owned(),
            Value::Count => format!("{v:.0} {}", self.unit),
            Value::Switch => if v >= 0.5 { "on" } else { "off" }.to_owned(),
            Value::Choice(words) => words.get(v as usize).copied().unwrap_or("not known").to_owned(),
        }
    }
}

impl Policy {
    /// What a set-point has in force; none where it is not of the plan.
    #[must_use]
    pub fn in_force(&self, setpoint: Setpoint) -> Option<f64> {
        Field::of(setpoint).map(|f| (f.get)(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of a policy as it is written, nested ones with a dot.
    fn keys(value: &serde_json::Value, before: &str, out: &mut Vec<String>) {
        let serde_json::Value::Object(map) = value else {
            out.push(before.trim_end_matches('.').to_owned());
            return;
        };
        map.iter().for_each(|(k, v)| keys(v, &format!("{before}{k}."), out));
    }

    #[test]
    fn every_field_of_a_policy_is_a_row() {
        let policy = Policy::recommended(1000.0, Vec::new(), 16.0);
        let mut wanted = Vec::new();
        keys(&serde_json::to_value(&policy).expect("a policy can be written"), "", &mut wanted);
        // two lists, a name, a plan, and a time that is checked against the run
        let others = ["set", "step_acceptance", "hold_points_kw", "start_at_s", "genset_plan"];
        wanted.retain(|k| !others.contains(&k.as_str()));
        assert_eq!(FIELDS.map(|f| f.key).to_vec(), wanted);
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_moves() {
        for (k, f) in FIELDS.iter().enumerate() {
            for v in f.range {
                let mut p = Policy::recommended(1000.0, Vec::new(), 16.0);
                let before = FIELDS.map(|f| (f.get)(&p));
                (f.set)(&mut p, v);
                for (i, other) in FIELDS.iter().enumerate() {
                    assert_eq!((other.get)(&p), if i == k { v } else { before[i] }, "{} after {}", other.key, f.key);
                }
            }
        }
    }

    #[test]
    fn a_setpoint_of_the_plan_has_one_row_and_stays_within_its_range() {
        for s in Setpoint::ALL {
            let rows: Vec<&Field> = FIELDS.iter().filter(|f| f.setpoint == Some(s)).collect();
            assert!(rows.len() <= 1, "{s:?}");
            for f in rows {
                let ([lo, hi], whole) =
                    (s.spec().range, matches!(f.value, Value::Count | Value::Switch | Value::Choice(_)));
                assert!(f.range[0] <= lo && hi <= f.range[1], "{s:?}: {lo} to {hi} of {:?}", f.range);
                assert_eq!(s.spec().whole, whole, "{s:?}");
            }
        }
    }

    #[test]
    fn values_have_words() {
        let words = |key: &str, v: f64| FIELDS.iter().find(|f| f.key == key).expect("a row").words(v);
        assert_eq!(words("ceiling_pu", 0.95), "95 %");
        assert_eq!(words("window_10s_kw", NO_LIMIT), "none");
        assert_eq!(words("batch_gpus", 10.0), "10 GPUs");
        assert_eq!(words("path", 2.0), "B + restore");
        assert_eq!(words("hold.enabled", 0.0), "off");
        assert_eq!(words("refill_kw_per_s", 16.0), "16.0 kW/s");
    }
}
