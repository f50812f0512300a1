//! The score as it is shown and kept: every number with where it comes from. Never the total alone.

use serde::{Deserialize, Serialize};

use super::metrics::Metrics;
use super::rubric::{Deductions, Metric};

/// The run that points are measured against, found by search.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Par {
    /// From the start of the schedule to the target, s; `None` without a bring-up.
    pub time_to_target_s: Option<f64>,
    /// GPU-hours lost on the way.
    pub gpu_hours_lost: f64,
    /// Mining lost until the target, kWh.
    pub lost_mining_to_target_kwh: f64,
    /// Mining lost to the horizon, kWh.
    pub lost_mining_kwh: f64,
    /// Fuel per useful kWh.
    pub fuel_per_kwh: f64,
    /// The schedule that does it, in words.
    pub schedule: String,
    /// Mining counts to the target only.
    pub mining_to_target: bool,
}

impl Par {
    /// Of a line.
    #[must_use]
    pub fn of(&self, metric: Metric) -> Option<f64> {
        match metric {
            Metric::TimeToTargetS => self.time_to_target_s,
            Metric::GpuHoursLost => Some(self.gpu_hours_lost),
            Metric::LostMiningKwh if self.mining_to_target => Some(self.lost_mining_to_target_kwh),
            Metric::LostMiningKwh => Some(self.lost_mining_kwh),
            Metric::FuelPerKwh => Some(self.fuel_per_kwh).filter(|f| *f > 0.0),
            _ => None,
        }
    }
}

/// What a line measured.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Measure {
    /// This.
    Value(f64),
    /// The scenario does not ask for it: full points.
    NotAsked,
    /// It was not reached: no points.
    Never,
}

/// A line with its points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LineScore {
    /// The metric that it scores.
    pub metric: Metric,
    /// What was measured of it.
    pub measure: Measure,
    /// Full marks at; `None` while par is not known.
    pub full: Option<f64>,
    /// No marks at.
    pub zero: Option<f64>,
    /// Points to have.
    pub of: f64,
    /// Points.
    pub points: f64,
    /// Par, where the line has one.
    pub par: Option<f64>,
}

/// A group with its points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupScore {
    /// Name of the group, from the rubric.
    pub name: String,
    /// Points that can be had.
    pub of: f64,
    /// Points earned.
    pub points: f64,
    /// Lines.
    pub lines: Vec<LineScore>,
}

/// What costs points whatever else was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deduction {
    /// A hint was given.
    Hint,
    /// A warning that something left its bounds.
    Warning,
    /// The instructor took over.
    TakeOver,
}

impl Deduction {
    /// By the name that Score events carry.
    #[must_use]
    pub fn named(object: &str) -> Option<Self> {
        match object {
            "hint" => Some(Self::Hint),
            "warning" => Some(Self::Warning),
            "take-over" => Some(Self::TakeOver),
            _ => None,
        }
    }

    /// The name that Score events carry.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Warning => "warning",
            Self::TakeOver => "take-over",
        }
    }

    pub(super) fn points(self, d: &Deductions) -> f64 {
        match self {
            Self::Hint => d.hint,
            Self::Warning => d.warning,
            Self::TakeOver => d.take_over,
        }
    }
}

/// A cap that holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cap {
    /// Total above which nothing counts, points.
    pub at: f64,
    /// What brought it about, in words.
    pub why: String,
}

/// The score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Name of the rubric.
    pub rubric: String,
    /// The horizon has been reached and par is known.
    pub complete: bool,
    /// Groups.
    pub groups: Vec<GroupScore>,
    /// Sum of the groups.
    pub raw: f64,
    /// Deductions: what, when, points.
    pub deductions: Vec<(Deduction, f64, f64)>,
    /// Caps that hold.
    pub caps: Vec<Cap>,
    /// Why it is void.
    pub void: Option<String>,
    /// After deductions and caps, 0 to 100.
    pub total: f64,
    /// In words.
    pub grade: String,
    /// Par.
    pub par: Option<Par>,
    /// What was measured.
    pub metrics: Metrics,
}

impl Score {
    /// All lines with their group's name.
    pub fn lines(&self) -> impl Iterator<Item = (&str, &LineScore)> {
        self.groups.iter().flat_map(|g| g.lines.iter().map(move |l| (g.name.as_str(), l)))
    }
}

impl Metric {
    /// Name and unit on screen.
    #[must_use]
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Self::WorstDeviationPct => ("Worst frequency deviation", "%"),
            Self::OutOfBandPctS => ("Out-of-band integral", "%·s"),
            Self::StepSharePct => ("Largest step in 1 s, of allowance", "%"),
            Self::RampSharePct => ("Largest 5 s ramp, of limit", "%"),
            Self::HardViolations => ("Hard violations", ""),
            Self::MinHeadroomKw => ("Least headroom", "kW"),
            Self::TimeToTargetS => ("Time to target", "s"),
            Self::Held => ("Held 60 s within 2 %", ""),
            Self::GpuHoursLost => ("GPU-hours lost", "GPU-h"),
            Self::LostMiningKwh => ("Lost mining", "kWh"),
            Self::FuelPerKwh => ("Fuel per useful kWh", "kWh/kWh"),
            Self::BessInBand => ("Battery charge back in band", ""),
            Self::AckSharePct => ("Alarms acknowledged in time", "%"),
            Self::ResponseSharePct => ("Right response in time", "%"),
            Self::StepsSharePct => ("Procedure steps and hold points", "%"),
            Self::NeedlessMoves => ("Needless moves", ""),
        }
    }

    /// Whether a larger value is the better one.
    #[must_use]
    pub fn more_is_better(self) -> bool {
        match self {
            Self::MinHeadroomKw | Self::Held | Self::BessInBand => true,
            Self::AckSharePct | Self::ResponseSharePct | Self::StepsSharePct => true,
            Self::WorstDeviationPct | Self::OutOfBandPctS | Self::StepSharePct | Self::RampSharePct => false,
            Self::HardViolations | Self::NeedlessMoves | Self::TimeToTargetS => false,
            Self::GpuHoursLost | Self::LostMiningKwh | Self::FuelPerKwh => false,
        }
    }

    /// A value as text, without its unit.
    #[must_use]
    pub fn text(self, v: f64) -> String {
        let whole = |v: f64| format!("{v:.0}");
        match self {
            Self::Held | Self::BessInBand => if v >= 0.5 { "yes" } else { "no" }.to_owned(),
            Self::HardViolations | Self::NeedlessMoves => whole(v),
            Self::StepSharePct | Self::RampSharePct | Self::AckSharePct | Self::ResponseSharePct => whole(v),
            Self::StepsSharePct => whole(v),
            Self::WorstDeviationPct | Self::GpuHoursLost => format!("{v:.2}"),
            Self::FuelPerKwh => format!("{v:.3}"),
            Self::OutOfBandPctS | Self::MinHeadroomKw | Self::TimeToTargetS | Self::LostMiningKwh => format!("{v:.1}"),
        }
    }
}
