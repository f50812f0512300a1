//! Why a problem has no plan: one line each, with the time of day where there is one.

/// A problem that is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// A setting out of range.
    #[error("the {what} is {value} (expected {expected})")]
    Setting {
        /// Which one.
        what: &'static str,
        /// What it is.
        value: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// A value of a list out of range.
    #[error("the {what} is {value} at {} (expected {expected})", clock(*at_h))]
    Value {
        /// Which list.
        what: &'static str,
        /// What it is.
        value: f64,
        /// When, hours from the start.
        at_h: f64,
        /// What it may be.
        expected: &'static str,
    },
    /// Lists of different lengths, or none at all.
    #[error("the {what} has {len} values (expected {expected})")]
    Length {
        /// Which list.
        what: &'static str,
        /// Its length.
        len: usize,
        /// What it should be.
        expected: usize,
    },
    /// The load alone is above the rating.
    #[error("the load is {load_kw} kW at {}, above the rating of {rating_kw} kW (expected a rating that carries the load without miners)", clock(*at_h))]
    AboveRating {
        /// When, hours from the start.
        at_h: f64,
        /// Load, kW.
        load_kw: f64,
        /// Rating, kW.
        rating_kw: f64,
    },
    /// The miners are too small for the ramp limit.
    #[error(
        "no schedule keeps the ramp within {limit_kw_per_h} kW/h (expected at least {needed_kw_per_h:.6} kW/h for this load and these miners)"
    )]
    RampLimit {
        /// The limit asked for, kW/h.
        limit_kw_per_h: f64,
        /// The least that can be kept, kW/h.
        needed_kw_per_h: f64,
    },
    /// A ramp limit with the penalty form.
    #[error("a ramp limit needs hard bounds (expected no penalty weight)")]
    LimitWithPenalty,
    /// The solver gave up. No instance is known.
    #[error(
        "no optimum found after {iterations} iterations (expected costs and powers within some ten orders of magnitude)"
    )]
    NotConverged {
        /// Iterations spent.
        iterations: u32,
    },
}

impl Refusal {
    pub(super) fn setting(what: &'static str, value: f64, expected: &'static str) -> Self {
        Self::Setting { what, value, expected }
    }
}

/// Hours as `h:mm:ss`.
pub(super) fn clock(hours: f64) -> String {
    let seconds = libm::round(hours * 3600.0).clamp(-1e9, 1e9) as i64;
    let sign = if seconds < 0 { "-" } else { "" };
    let s = seconds.abs();
    format!("{sign}{}:{:02}:{:02} h", s / 3600, s / 60 % 60, s % 60)
}
