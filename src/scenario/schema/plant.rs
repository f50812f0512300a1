//! The plant part of a scenario file. A list that is left out is the built-in plant's; `[]` means none.

use serde::Deserialize;

use crate::plant::config::{
    AirLimit, Avr, BessMode, Derate, FluxDecay, Fuel, Governor, PsuRideThrough, Sharing, StartStop, Swing,
};
use crate::plant::protection::ShedStage;

/// `plant: (…)`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename = "Plant", deny_unknown_fields)]
pub(in crate::scenario) struct PlantFile {
    pub f0_hz: Option<f64>,
    pub v_nom_v: Option<f64>,
    pub tick_ms: Option<f64>,
    #[serde(default)]
    pub swing: Swing,
    pub sections: Option<Vec<String>>,
    #[serde(default)]
    pub ties: Vec<TieFile>,
    pub gensets: Option<Vec<GensetFile>>,
    pub gpus: Option<Vec<GpuFile>>,
    pub miners: Option<Vec<MinerFile>>,
    pub aux: Option<Vec<AuxFile>>,
    pub bess: Option<Vec<BessFile>>,
    #[serde(default)]
    pub condensers: Vec<CondenserFile>,
    #[serde(default)]
    pub psu_ride_through: PsuFile,
    #[serde(default)]
    pub relays: RelaysFile,
    #[serde(default)]
    pub shedding: SheddingFile,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Tie", deny_unknown_fields)]
pub(in crate::scenario) struct TieFile {
    pub name: String,
    pub from: String,
    pub to: String,
    #[serde(default = "yes")]
    pub closed: bool,
}

fn yes() -> bool {
    true
}

/// Library machine, then the preset if it is named here, then the single values.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename = "Genset", deny_unknown_fields)]
pub(in crate::scenario) struct GensetFile {
    pub name: String,
    pub section: Option<String>,
    pub library: Option<String>,
    pub preset: Option<String>,
    pub rated_kw: Option<f64>,
    pub rated_kva: Option<f64>,
    #[serde(default)]
    pub machine: MachineFile,
    pub governor: Option<Governor>,
    pub sharing: Option<Sharing>,
    pub air: Option<AirFile>,
    pub p_max_pu: Option<f64>,
    pub overload_s: Option<f64>,
    pub motoring_pu: Option<f64>,
    pub fuel: Option<Fuel>,
    pub co2_kg_per_kwh: Option<f64>,
    pub derate: Option<Derate>,
    pub start_stop: Option<StartStop>,
    pub overspeed_pu: Option<f64>,
    pub on_at_start: Option<bool>,
    pub initial_share: Option<f64>,
    pub relays: Option<RelaysFile>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename = "Machine", deny_unknown_fields)]
pub(in crate::scenario) struct MachineFile {
    pub h_s: Option<f64>,
    pub d_pu: Option<f64>,
    pub xd1_pu: Option<f64>,
    pub x_line_pu: Option<f64>,
    pub flux: Option<FluxFile>,
    pub avr: Option<Avr>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum FluxFile {
    /// Constant E'.
    Off,
    /// Flux decay with these.
    OneAxis(FluxDecay),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum AirFile {
    Off,
    Limit(AirLimit),
}

/// Which power of a GPU counts: "500 kW of what".
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum Basis {
    /// The board alone.
    #[default]
    Board,
    /// Its share of the node or rack.
    Node,
    /// Node with cooling and losses of the site.
    Facility,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename = "Gpu", deny_unknown_fields)]
pub(in crate::scenario) struct GpuFile {
    pub name: String,
    pub section: Option<String>,
    pub library: Option<String>,
    pub gpus: u32,
    #[serde(default)]
    pub basis: Basis,
    pub full_kw: Option<f64>,
    pub preload_share: Option<f64>,
    pub off_kw: Option<f64>,
    pub rise_s: Option<f64>,
    pub fall_s: Option<f64>,
    pub jitter_s: Option<f64>,
    pub power_factor: Option<f64>,
    /// Read only to be refused: see the check.
    #[serde(default)]
    pub power_smoothing: bool,
    #[serde(default)]
    pub preload_at_start: u32,
    #[serde(default)]
    pub full_at_start: u32,
    pub scheduled: Option<bool>,
    #[serde(default)]
    pub preemptible: bool,
    pub trace: Option<TraceFile>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum TraceFile {
    /// A CSV file beside the scenario with the columns `t_s,kw`.
    File(String),
    /// (t in s, kW).
    Points(Vec<(f64, f64)>),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename = "Miner", deny_unknown_fields)]
pub(in crate::scenario) struct MinerFile {
    pub name: String,
    pub section: Option<String>,
    pub library: Option<String>,
    pub units: u32,
    pub unit_kw: Option<f64>,
    pub on_at_start: Option<u32>,
    pub block_units: Option<u32>,
    pub latency_s: Option<f64>,
    pub latency_sigma: Option<f64>,
    pub fall_s: Option<f64>,
    pub wake_latency_s: Option<f64>,
    pub wake_s: Option<f64>,
    pub stuck_share: Option<f64>,
    pub power_factor: Option<f64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename = "Aux", deny_unknown_fields)]
pub(in crate::scenario) struct AuxFile {
    pub name: String,
    pub section: Option<String>,
    #[serde(default)]
    pub kw: f64,
    pub power_factor: Option<f64>,
    #[serde(default)]
    pub z_share: f64,
    #[serde(default)]
    pub i_share: f64,
    #[serde(default)]
    pub load_bank: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename = "Bess", deny_unknown_fields)]
pub(in crate::scenario) struct BessFile {
    pub name: String,
    pub section: Option<String>,
    pub library: Option<String>,
    pub rated_kva: Option<f64>,
    pub energy_kwh: Option<f64>,
    pub mode: Option<BessMode>,
    pub on_at_start: Option<bool>,
    pub p_set_kw: Option<f64>,
    pub droop_pu: Option<f64>,
    pub h_virtual_s: Option<f64>,
    pub q_droop_pu: Option<f64>,
    pub x_pu: Option<f64>,
    pub x_line_pu: Option<f64>,
    pub t_p_s: Option<f64>,
    pub i_max_pu: Option<f64>,
    pub cutoff_v_pu: Option<f64>,
    pub cutoff_s: Option<f64>,
    pub t_follow_s: Option<f64>,
    pub deadband_hz: Option<f64>,
    pub efficiency: Option<f64>,
    pub soc_at_start: Option<f64>,
    pub soc_min: Option<f64>,
    pub soc_max: Option<f64>,
    pub soc_target: Option<f64>,
    pub recharge_kw: Option<f64>,
}

/// Library machine, then the single values.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename = "Condenser", deny_unknown_fields)]
pub(in crate::scenario) struct CondenserFile {
    pub name: String,
    pub section: Option<String>,
    pub library: Option<String>,
    pub rated_kva: Option<f64>,
    pub h_s: Option<f64>,
    pub flywheel_h_s: Option<f64>,
    pub xd1_pu: Option<f64>,
    pub xd_pu: Option<f64>,
    pub td01_s: Option<f64>,
    pub avr: Option<Avr>,
    pub x_line_pu: Option<f64>,
    pub loss_pu: Option<f64>,
    pub damper_pu: Option<f64>,
    pub trip_speed_pu: Option<f64>,
    pub trip_v_pu: Option<f64>,
    pub trip_s: Option<f64>,
    pub on_at_start: Option<bool>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum PsuFile {
    /// 0.9 pu for 0.5 s, 0.7 pu for 20 ms.
    #[default]
    On,
    /// Power supplies never drop out.
    Off,
    Custom(PsuRideThrough),
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum RelaysFile {
    #[default]
    Console,
    Woodward,
    None,
    List(Vec<RelayFile>),
}

/// A relay; `device` is the ANSI number in quotes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename = "Relay", deny_unknown_fields)]
pub(in crate::scenario) struct RelayFile {
    pub name: String,
    pub device: String,
    pub pickup: f64,
    pub delay_s: f64,
    #[serde(default)]
    pub window_s: f64,
    #[serde(default = "yes")]
    pub trips: bool,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum SheddingFile {
    #[default]
    Off,
    /// The stages of the engine preset, of the softest one where there are several.
    Domain,
    Stages(Vec<ShedStage>),
}
