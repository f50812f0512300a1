//! The rubric: weights, marks, deductions, caps and grades. Data, read from `assets/score/`; and the arithmetic that
//! turns metrics into points.

use serde::{Deserialize, Serialize};

use super::metrics::{Hard, Metrics};
use super::result::{Cap, Deduction, GroupScore, LineScore, Measure, Par, Score};
use crate::scenario::exercise::Response;

/// What a line scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Largest frequency deviation, %.
    WorstDeviationPct,
    /// Out-of-band integral, %·s.
    OutOfBandPctS,
    /// Largest step against its allowance, %.
    StepSharePct,
    /// Largest ramp against its limit, %.
    RampSharePct,
    /// Excursions past hard limits.
    HardViolations,
    /// Least headroom, kW.
    MinHeadroomKw,
    /// Time to target, s.
    TimeToTargetS,
    /// Held at the target: 1 or 0.
    Held,
    /// GPU-hours lost.
    GpuHoursLost,
    /// Mining lost, kWh.
    LostMiningKwh,
    /// Fuel per useful kWh.
    FuelPerKwh,
    /// Charge back in its band: 1 or 0.
    BessInBand,
    /// Acknowledged in time, weighted, %.
    AckSharePct,
    /// Right response in time, %.
    ResponseSharePct,
    /// Steps and hold points, %.
    StepsSharePct,
    /// Needless moves.
    NeedlessMoves,
}

/// Where full marks or no marks are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    /// At this value.
    At(f64),
    /// At so many times par.
    Par(f64),
    /// At so many times par, but at least so much above par; for a par that may be 0.
    ParOr(f64, f64),
}

/// A line.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The metric that it scores.
    pub metric: Metric,
    /// Points that can be had.
    pub points: f64,
    /// All of them here.
    pub full: Mark,
    /// None of them here; linear between.
    pub zero: Mark,
}

/// A group of lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Name, as the sheet shows it.
    pub name: String,
    /// Sum of its lines, written out so that an edit that forgets one is found.
    pub points: f64,
    /// Lines.
    pub lines: Vec<Line>,
}

/// How long lost mining counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MiningUntil {
    /// Until the target is reached.
    Target,
    /// To the horizon.
    Horizon,
}

/// When a cap holds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CapWhen {
    /// Protection opened a breaker.
    Trip,
    /// The bus went dead.
    Blackout,
    /// So many hard violations, or more.
    HardViolations(u32),
    /// An alarm of priority 1 stood for so many seconds without acknowledgement.
    P1Unacknowledged(f64),
    /// ABORT without need.
    NeedlessAbort,
    /// Frequency passed the pickup of the first trip stage, trip or not.
    BeyondTripLevel,
}

/// A cap on the total.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CapRule {
    /// What brings it about.
    pub when: CapWhen,
    /// Total above which nothing counts then, points.
    pub at: f64,
}

/// A grade.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeRule {
    /// From this total.
    pub from: f64,
    /// In words.
    pub name: String,
}

/// Points of deductions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deductions {
    /// A hint.
    pub hint: f64,
    /// A warning that something left its bounds.
    pub warning: f64,
    /// The instructor took over.
    pub take_over: f64,
}

/// A rubric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rubric {
    /// Name: `v2`.
    pub name: String,
    /// One line.
    pub purpose: String,
    /// Where the numbers come from.
    pub source: String,
    /// Horizon, s.
    pub horizon_s: f64,
    /// How long lost mining counts.
    pub mining_until: MiningUntil,
    /// Limits whose excursion is a hard violation.
    pub hard_limits: Vec<Hard>,
    /// Charge counts as back in band within so many points of its target.
    pub soc_band_pct: f64,
    /// Times to acknowledge P1, P2, P3, s.
    pub ack_targets_s: [f64; 3],
    /// Weights of P1, P2, P3.
    pub ack_weights: [f64; 3],
    /// Groups; their points make 100.
    pub groups: Vec<Group>,
    /// Deductions, points.
    pub deductions: Deductions,
    /// Caps, applied last.
    pub caps: Vec<CapRule>,
    /// Grades, from the best down; the last from 0.
    pub grades: Vec<GradeRule>,
    /// Right responses to malfunctions, unless the exercise says otherwise.
    pub responses: Vec<Response>,
}

impl Mark {
    /// In the metric's unit; `None` when par is needed and not known.
    #[must_use]
    pub fn value(self, par: Option<f64>) -> Option<f64> {
        match self {
            Self::At(v) => Some(v),
            Self::Par(k) => par.map(|p| k * p),
            Self::ParOr(k, least) => par.map(|p| (k * p).max(p + least)),
        }
    }
}

/// Points of a value between two marks.
#[must_use]
pub fn points(points: f64, full: f64, zero: f64, value: f64) -> f64 {
    if full == zero {
        // a par of nothing: whoever is no worse has all
        return if value <= full { points } else { 0.0 };
    }
    // 0 and not the -0 that a worst value would give
    points * ((zero - value) / (zero - full)).clamp(0.0, 1.0) + 0.0
}

impl Rubric {
    /// Scores what was measured. Without par the lines that need it stay open and earn nothing yet.
    #[must_use]
    pub fn score(&self, m: &Metrics, par: Option<&Par>) -> Score {
        let no_bess: f64 = if m.bess_used { 0.0 } else { self.points_of(Metric::BessInBand) };
        let mut groups = Vec::with_capacity(self.groups.len());
        for g in &self.groups {
            let lines: Vec<LineScore> = g
                .lines
                .iter()
                .filter(|l| m.bess_used || l.metric != Metric::BessInBand)
                .map(|l| {
                    let moved = if l.metric == Metric::LostMiningKwh { no_bess } else { 0.0 };
                    self.line(&Line { points: l.points + moved, ..*l }, m, par)
                })
                .collect();
            groups.push(GroupScore {
                name: g.name.clone(),
                of: g.points,
                points: lines.iter().map(|l| l.points).sum(),
                lines,
            });
        }
        let raw: f64 = groups.iter().map(|g| g.points).sum();
        let deductions = m.conduct.deductions.iter().map(|(d, t_s)| (*d, *t_s, d.points(&self.deductions)));
        let deductions: Vec<(Deduction, f64, f64)> = deductions.collect();
        let caps = self.caps(m);
        let after = raw - deductions.iter().map(|d| d.2).sum::<f64>();
        let total = caps.iter().map(|c| c.at).fold(after, f64::min).max(0.0);
        let void = m.conduct.void.clone();
        let total = if void.is_some() { 0.0 } else { total };
        let grade = match &void {
            Some(_) => "void".to_owned(),
            None => self.grade(total).to_owned(),
        };
        Score {
            rubric: self.name.clone(),
            complete: m.t_s + 1e-9 >= m.horizon_s && par.is_some(),
            groups,
            raw,
            deductions,
            caps,
            void,
            total,
            grade,
            par: par.cloned(),
            metrics: m.clone(),
        }
    }

    /// Name of the grade of a total, as rounded to a whole number.
    #[must_use]
    pub fn grade(&self, total: f64) -> &str {
        let shown = total.round();
        self.grades.iter().find(|g| shown >= g.from).map_or("", |g| g.name.as_str())
    }

    fn points_of(&self, metric: Metric) -> f64 {
        self.groups.iter().flat_map(|g| &g.lines).filter(|l| l.metric == metric).map(|l| l.points).sum()
    }

    fn line(&self, l: &Line, m: &Metrics, par: Option<&Par>) -> LineScore {
        let measure = self.measure(l.metric, m);
        let par_value = par.and_then(|p| p.of(l.metric));
        let marks = l.full.value(par_value).zip(l.zero.value(par_value));
        let points = match (measure, marks) {
            (Measure::NotAsked, _) => l.points,
            (Measure::Never, _) | (_, None) => 0.0,
            (Measure::Value(v), Some((full, zero))) => points(l.points, full, zero, v),
        };
        LineScore {
            metric: l.metric,
            measure,
            full: marks.map(|x| x.0),
            zero: marks.map(|x| x.1),
            of: l.points,
            points,
            par: par_value,
        }
    }

    fn measure(&self, metric: Metric, m: &Metrics) -> Measure {
        let c = &m.conduct;
        let asked = |v: Option<f64>| v.map_or(Measure::NotAsked, Measure::Value);
        let bring_up = |v: Option<f64>| match v {
            _ if !m.bring_up => Measure::NotAsked,
            Some(v) => Measure::Value(v),
            None => Measure::Never,
        };
        let flag = |on: bool| f64::from(u8::from(on));
        match metric {
            Metric::WorstDeviationPct => Measure::Value(m.deviation_pct.value),
            Metric::OutOfBandPctS => Measure::Value(m.out_of_band_pct_s),
            Metric::StepSharePct => Measure::Value(m.step_share_pct.value),
            Metric::RampSharePct => Measure::Value(m.ramp_share_pct),
            Metric::HardViolations => Measure::Value(f64::from(m.hard_violations(&self.hard_limits))),
            Metric::MinHeadroomKw => asked(m.min_headroom_kw.map(|h| h.value)),
            Metric::TimeToTargetS => bring_up(m.time_to_target_s),
            Metric::Held => bring_up(Some(flag(m.held))),
            Metric::GpuHoursLost => bring_up(Some(m.gpu_hours_lost)),
            Metric::LostMiningKwh => Measure::Value(match self.mining_until {
                MiningUntil::Target => m.lost_mining_to_target_kwh,
                MiningUntil::Horizon => m.lost_mining_kwh,
            }),
            Metric::FuelPerKwh => asked(m.fuel_per_kwh()),
            Metric::BessInBand => Measure::Value(flag(m.soc_off_pct.abs() <= self.soc_band_pct)),
            Metric::AckSharePct => Measure::Value(c.ack_share_pct(m.t_s, &self.ack_targets_s, &self.ack_weights)),
            Metric::ResponseSharePct => asked(c.response_share_pct(m.t_s)),
            Metric::StepsSharePct => asked(c.steps_share_pct()),
            Metric::NeedlessMoves => Measure::Value(c.needless.len() as f64),
        }
    }

    fn caps(&self, m: &Metrics) -> Vec<Cap> {
        let mut caps = Vec::new();
        for rule in &self.caps {
            let why = match rule.when {
                CapWhen::Trip => (m.trips > 0).then(|| format!("protection tripped ({})", m.trips)),
                CapWhen::Blackout => (m.blackouts > 0).then(|| "blackout".to_owned()),
                CapWhen::HardViolations(n) => {
                    let v = m.hard_violations(&self.hard_limits);
                    (v >= n).then(|| format!("{v} hard violations"))
                }
                CapWhen::P1Unacknowledged(s) => {
                    let longest = m.conduct.longest_p1_s(m.t_s);
                    (longest > s).then(|| format!("P1 alarm stood {longest:.0} s without acknowledgement"))
                }
                CapWhen::NeedlessAbort => m.conduct.aborted_s.map(|t| format!("ABORT without need at {t:.1} s")),
                CapWhen::BeyondTripLevel => {
                    let worst = m.deviation_pct.value;
                    m.beyond_trip_level.then(|| format!("frequency passed the first trip level ({worst:.1} %)"))
                }
            };
            caps.extend(why.map(|why| Cap { at: rule.at, why }));
        }
        caps
    }
}
