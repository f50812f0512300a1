//! Devices as a screen shows them: what stays the same over a run ([`Plate`]), and what a row of numbers cannot say
//! ([`PlantView`]). Powers in kW; what is not known is NaN.

use std::sync::Arc;

use super::Parts;

/// State of one device for the mimic; what a row of numbers cannot say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlantView {
    /// Breakers, in the order of `Operate::Breaker`.
    pub breakers: Vec<BreakerView>,
    /// Set-points of devices, as they are in force.
    pub readback: Readback,
    /// GPU cohorts, in the order of `Operate::GpuCap`; none where there is nobody to ask.
    pub cohorts: Vec<CohortView>,
    /// Miner blocks, at most 64 cells: units on, units, and whether something in the cell is stuck.
    pub miner_cells: Vec<MinerCell>,
    /// Trips that are latched, in words, first-out first.
    pub trips: Vec<String>,
    /// How the last disturbance was answered, or is being answered: `6.1 % dip, back in 2.1 s: G2`.
    pub response: Option<String>,
}

/// Set-points that devices of the plant have in force; NaN where there is no such device, or nobody to ask.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Readback {
    /// Aux load at 1 pu, kW.
    pub aux_kw: f64,
    /// Load bank at 1 pu, kW.
    pub load_bank_kw: f64,
    /// Size of the battery, kW.
    pub bess_kw: f64,
    /// Mean latency of a command to a miner, s.
    pub miner_latency_s: f64,
}

impl Default for Readback {
    fn default() -> Self {
        Self { aux_kw: f64::NAN, load_bank_kw: f64::NAN, bess_kw: f64::NAN, miner_latency_s: f64::NAN }
    }
}

/// A GPU cohort and its power cap.
#[derive(Clone, Debug, PartialEq)]
pub struct CohortView {
    /// Name.
    pub name: String,
    /// GPUs in it, whatever they do.
    pub gpus: u32,
    /// One GPU at full power without a cap, kW.
    pub full_kw: f64,
    /// Cap that was asked for, as a share of full power; 1 when there is none.
    pub cap_asked: f64,
    /// Cap in force: control moves it to the one asked for, step by step.
    pub cap: f64,
}

/// One breaker.
#[derive(Clone, Debug, PartialEq)]
pub struct BreakerView {
    /// Name with its ANSI number: `52G G1`.
    pub name: String,
    /// Closed.
    pub closed: bool,
    /// Opened by protection and not reset.
    pub tripped: bool,
    /// Whether it is closed is not known now: what tells it is silent.
    pub unknown: bool,
    /// Bus section by index, where it is known; for a tie the first of its two.
    pub section: Option<usize>,
    /// The other section of a tie.
    pub to: Option<usize>,
    /// Power through it, kW, the way that its device usually has it; NaN where it is not metered.
    pub kw: f64,
}

impl Default for BreakerView {
    fn default() -> Self {
        Self {
            name: String::new(),
            closed: false,
            tripped: false,
            unknown: false,
            section: None,
            to: None,
            kw: f64::NAN,
        }
    }
}

/// A cell of the miner block bar.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MinerCell {
    /// Units in the cell.
    pub units: u32,
    /// Of these, hashing.
    pub on: u32,
    /// Of these, going down or coming up.
    pub moving: u32,
    /// Of these, stuck or unreachable.
    pub stuck: u32,
}

/// What stays the same over an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Plate {
    /// Name of the scenario.
    pub scenario: String,
    /// What the scenario is for, one line.
    pub purpose: String,
    /// Where it came from: a path, or `built in`.
    pub origin: String,
    /// The scenario's text; empty for rows that have none.
    pub source: Arc<str>,
    /// Of which plant and moment the run starts as the state; none for a run that starts as its file says.
    pub starts_as: Option<String>,
    /// Engine presets of the gensets, each once, separated by commas.
    pub preset: String,
    /// Seed of the run's random draws.
    pub seed: u64,
    /// Nominal frequency, Hz.
    pub f0_hz: f64,
    /// Nominal voltage, V line to line.
    pub v_nom: f64,
    /// Rating of all gensets together after derating, kW.
    pub rated_kw: f64,
    /// Names of the gensets, in the order of their indices.
    pub gensets: Vec<String>,
    /// Names of the bus sections, in the order of their indices.
    pub sections: Vec<String>,
    /// Names of the batteries, in the order of their indices.
    pub bess: Vec<String>,
    /// Names of the synchronous condensers, in the order of their indices.
    pub condensers: Vec<String>,
    /// GPUs in all cohorts.
    pub gpus: u32,
    /// Power of one scheduled GPU at full, at the wall, kW.
    pub gpu_kw: f64,
    /// Rise of a batch of GPUs to its full power, start jitter included, s; 0 where it is not known.
    pub gpu_rise_s: f64,
    /// Miner units in all fleets.
    pub miners: u32,
    /// Power of one miner unit, kW.
    pub miner_kw: f64,
    /// Rating of all batteries together, kW.
    pub bess_kw: f64,
    /// Energy of all batteries together, kWh.
    pub bess_kwh: f64,
    /// State of charge that the battery keeps to, floor and ceiling, 0 to 1; NaN without a battery.
    pub bess_soc: [f64; 2],
    /// Mean latency of a command to a miner as the plant was built, s; NaN without miners.
    pub miner_latency_s: f64,
    /// Relays in words, `81U-1 57.00 Hz 5.0 s`.
    pub relays: Vec<String>,
    /// How the plant is modelled, in a line to print beside pictures.
    pub model_note: String,
    /// Expected end of the run, s.
    pub run_s: f64,
}

impl Plate {
    /// A plate that claims only what rows with these parts show.
    #[must_use]
    pub fn of_rows(name: &str, parts: impl Into<Parts>, f0_hz: f64) -> Self {
        let Parts { sections, gensets, bess, condensers } = parts.into();
        Self {
            scenario: name.to_owned(),
            purpose: "recording or feed, read only".to_owned(),
            origin: name.to_owned(),
            preset: "–".to_owned(),
            f0_hz,
            gensets,
            sections,
            bess,
            condensers,
            model_note: "measured or recorded rows".to_owned(),
            ..Self::default()
        }
    }
}

impl Plate {
    /// Names of the parts that have signals of their own.
    #[must_use]
    pub fn parts(&self) -> Parts {
        Parts {
            sections: self.sections.clone(),
            gensets: self.gensets.clone(),
            bess: self.bess.clone(),
            condensers: self.condensers.clone(),
        }
    }
}

/// A plate that claims nothing: no names, no devices, NaN for what is not known.
impl Default for Plate {
    fn default() -> Self {
        Self {
            scenario: String::new(),
            purpose: String::new(),
            origin: String::new(),
            source: Arc::default(),
            starts_as: None,
            preset: String::new(),
            seed: 0,
            f0_hz: f64::NAN,
            v_nom: f64::NAN,
            rated_kw: f64::NAN,
            gensets: Vec::new(),
            sections: Vec::new(),
            bess: Vec::new(),
            condensers: Vec::new(),
            gpus: 0,
            gpu_kw: 0.0,
            gpu_rise_s: 0.0,
            miners: 0,
            miner_kw: 0.0,
            bess_kw: 0.0,
            bess_kwh: 0.0,
            bess_soc: [f64::NAN; 2],
            miner_latency_s: f64::NAN,
            relays: Vec::new(),
            model_note: String::new(),
            run_s: 0.0,
        }
    }
}
