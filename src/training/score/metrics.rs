//! What a run has measured up to: plain numbers with the instants that belong to them.

use serde::{Deserialize, Serialize};

use super::conduct::Conduct;

/// Limits whose excursion is a hard violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hard {
    /// STEP NOW overdrawn.
    StepNow,
    /// Genset power above the rating on the bus.
    Rating,
    /// Frequency outside the 2 % band.
    AlphaBand,
    /// Frequency below 97.5 %.
    LowFrequency,
}

/// All, in the order of their codes.
pub const HARD: [Hard; 4] = [Hard::StepNow, Hard::Rating, Hard::AlphaBand, Hard::LowFrequency];

impl Hard {
    /// Name on screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::StepNow => "step allowance",
            Self::Rating => "rating",
            Self::AlphaBand => "2 % band",
            Self::LowFrequency => "F-LO",
        }
    }
}

/// An extreme: its value and when it was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    /// Value in the metric's unit.
    pub value: f64,
    /// When, s of the run.
    pub t_s: f64,
    /// Where: the lowest section of the island, by index.
    #[serde(default)]
    pub section: u32,
}

impl Moment {
    /// Keeps the larger value; the first of two that are equal.
    pub(super) fn raise(&mut self, new: Self) {
        if new.value > self.value {
            *self = new;
        }
    }
}

/// Figures of a run up to `t_s`. Of several islands each extreme is that of the worst; limits that are passed count on each. Powers in kW, energies in kWh.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Measured up to here.
    pub t_s: f64,
    /// Horizon.
    pub horizon_s: f64,
    /// Names of the bus sections, where there are several.
    #[serde(default)]
    pub sections: Vec<String>,
    /// Whether a bring-up is asked for.
    pub bring_up: bool,
    /// Largest deviation of filtered frequency, per cent.
    pub deviation_pct: Moment,
    /// Out-of-band integral, per cent seconds.
    pub out_of_band_pct_s: f64,
    /// Largest rise within a second.
    pub step_up_kw: Moment,
    /// Largest fall within a second.
    pub step_down_kw: Moment,
    /// The larger of the two against its allowance, per cent.
    pub step_share_pct: Moment,
    /// Largest 5 s ramp, kW/s.
    pub ramp_kw_per_s: Moment,
    /// The same against the limit, per cent.
    pub ramp_share_pct: f64,
    /// Disturbances that were answered, in the sense of ISO 8528-5.
    pub disturbances: u32,
    /// Number of the least class among them, 0 for none; without a disturbance none was reached or missed.
    pub least_class: Option<u8>,
    /// Excursions past hard limits, in the order of [`HARD`].
    pub hard: [u32; HARD.len()],
    /// First excursion past a hard limit: which, and when.
    pub first_hard: Option<(Hard, f64)>,
    /// Least headroom; `None` while no set was on the bus.
    pub min_headroom_kw: Option<Moment>,
    /// Operations of protection.
    pub trips: u32,
    /// Times that an island went dead.
    pub blackouts: u32,
    /// Frequency passed the pickup of the first trip stage, trip or not.
    pub beyond_trip_level: bool,
    /// Start of the schedule.
    pub start_s: Option<f64>,
    /// From there to the target.
    pub time_to_target_s: Option<f64>,
    /// Held within 2 % for 60 s.
    pub held: bool,
    /// GPU-hours lost.
    pub gpu_hours_lost: f64,
    /// Mining energy lost to the horizon.
    pub lost_mining_kwh: f64,
    /// Mining energy lost until the target was reached (to the horizon if it was not).
    pub lost_mining_to_target_kwh: f64,
    /// Fuel.
    pub fuel_kwh: f64,
    /// Energy of GPUs and miners.
    pub useful_kwh: f64,
    /// A battery was in service at some time.
    pub bess_used: bool,
    /// State of charge against its target, points.
    pub soc_off_pct: f64,
    /// Energy through the batteries, both directions.
    pub bess_kwh: f64,
    /// What was done.
    pub conduct: Conduct,
}

impl Metrics {
    /// Excursions past the hard limits that count.
    #[must_use]
    pub fn hard_violations(&self, counted: &[Hard]) -> u32 {
        counted.iter().map(|h| self.hard[*h as usize]).sum()
    }

    /// The answers to disturbances in words: `least class of 3 disturbances: G2`.
    #[must_use]
    pub fn response_words(&self) -> String {
        match self.least_class {
            None => "no disturbance".to_owned(),
            Some(class) => {
                let (n, name) = (self.disturbances, crate::engine::iso8528::name_of(class));
                if n == 1 {
                    format!("one disturbance: {name}")
                } else {
                    format!("least class of {n} disturbances: {name}")
                }
            }
        }
    }

    /// Where a moment was, ` on B`; empty in a plant of one section.
    #[must_use]
    pub fn place(&self, m: &Moment) -> String {
        self.sections.get(m.section as usize).map_or_else(String::new, |name| format!(" on {name}"))
    }

    /// Fuel per useful kWh; `None` before anything was useful.
    #[must_use]
    pub fn fuel_per_kwh(&self) -> Option<f64> {
        (self.useful_kwh > 1e-9).then(|| self.fuel_kwh / self.useful_kwh)
    }
}
