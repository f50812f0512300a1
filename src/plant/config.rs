//! Parameters of every device: what a scenario or the equipment library fixes. Data only, no state.
//!
//! Bases: engine quantities on rated kW, machine reactances and H on rated kVA, network on 1 MVA. Times in seconds.
//! Parameters derive serde because they are file content; state never does.

mod governors;

use serde::{Deserialize, Serialize};

pub use governors::{Gast, Ggov1, Governor, Ieeeg1, Pid, Rselect, Tgov1};

/// A value's origin, printed beside it: a datasheet, a standard, or `expert default`.
pub type Source = String;

/// Form of the swing equation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Swing {
    /// `(Pm - Pe - D(w-1))/w`: powers become torques.
    #[default]
    Torque,
    /// `Pm - Pe - D(w-1)`, as ANDES does; for comparison.
    Power,
}

/// Synchronous machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Inertia constant on rated kVA, s.
    pub h_s: f64,
    /// Damping, pu of rated kW a pu speed.
    pub d_pu: f64,
    /// Transient reactance on rated kVA.
    pub xd1_pu: f64,
    /// `None`: constant E'. Else flux decay with these.
    pub flux: Option<FluxDecay>,
    /// Line from the terminals to the bus, on 1 MVA.
    pub x_line_pu: f64,
}

/// One-axis flux decay: `dE'q/dt = (Efd - E'q - (Xd - X'd) Id)/T'd0`, Xq = X'd in the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FluxDecay {
    /// Synchronous reactance on rated kVA.
    pub xd_pu: f64,
    /// Open-circuit transient time constant.
    pub td01_s: f64,
    /// Voltage regulator.
    pub avr: Avr,
}

/// SEXS: `(1+TA s)/(1+TB s) * K/(1+TE s)`, with V/Hz roll-off of the reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Avr {
    /// TA/TB.
    pub ta_tb: f64,
    /// TB, s.
    pub tb_s: f64,
    /// Gain.
    pub k: f64,
    /// TE, s.
    pub te_s: f64,
    /// Field limits.
    pub efd_min: f64,
    /// Field limits.
    pub efd_max: f64,
    /// Knee of the V/Hz roll-off, pu of f0.
    pub vhz_knee_pu: f64,
    /// Exponent of the roll-off; 0 switches it off.
    pub vhz_slope: f64,
    /// Reactive droop, pu voltage a pu Q on rated kVA.
    pub q_droop_pu: f64,
}

/// How a set shares load.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sharing {
    /// Speed falls with load by this fraction of nominal at rated power. (Valve governors have their own `r_pu`.)
    Droop(f64),
    /// Speed is held; at most one such set in an island.
    Isochronous,
    /// Isochronous with a load-sharing line of this gain, pu speed a pu load.
    LoadShare(f64),
}

/// Lean-burn air limit with turbo memory: `P_avail = clamp(max(P_na, b + r), 0, P_max)`, `db/dt = (P_m - b)/T_tc`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AirLimit {
    /// Naturally aspirated capability, pu.
    pub p_na_pu: f64,
    /// Throttle and bypass reserve, pu.
    pub reserve_pu: f64,
    /// Turbocharger, s.
    pub t_tc_s: f64,
}

/// Start and stop times of a gas genset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartStop {
    /// Prelube, s.
    pub prelube_s: f64,
    /// Cranking to firing, s.
    pub crank_s: f64,
    /// Idle warm-up, s.
    pub idle_s: f64,
    /// Idle to rated speed, s.
    pub run_up_s: f64,
    /// Synchronising gives up after, s.
    pub sync_timeout_s: f64,
    /// Soft loading, pu of rating a second.
    pub load_pu_per_s: f64,
    /// Soft unloading, pu of rating a second.
    pub unload_pu_per_s: f64,
    /// Cool-down at no load, s.
    pub cool_down_s: f64,
}

/// Willans line: fuel = a + b P, lower heating value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fuel {
    /// No-load fuel, kW.
    pub a_kw: f64,
    /// Marginal fuel, kW a kW.
    pub b: f64,
}

/// Derating: pu of rating lost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derate {
    /// Ambient temperature, degrees C.
    pub ambient_c: f64,
    /// Derating starts here.
    pub from_c: f64,
    /// pu a degree above.
    pub pu_per_c: f64,
    /// Altitude, m.
    pub altitude_m: f64,
    /// Derating starts here.
    pub from_m: f64,
    /// pu a 100 m above.
    pub pu_per_100m: f64,
}

impl Derate {
    /// What is left of the rating, 0 to 1.
    #[must_use]
    pub fn factor(&self) -> f64 {
        let t = (self.ambient_c - self.from_c).max(0.0) * self.pu_per_c;
        let h = (self.altitude_m - self.from_m).max(0.0) / 100.0 * self.pu_per_100m;
        (1.0 - t - h).clamp(0.0, 1.0)
    }
}

/// One genset.
#[derive(Clone, Debug, PartialEq)]
pub struct Genset {
    /// Name, `G1`.
    pub name: String,
    /// Engine preset or library entry that the numbers came from.
    pub preset: String,
    /// Bus section by index.
    pub section: usize,
    /// Rated kW before derating.
    pub rated_kw: f64,
    /// Rated kVA.
    pub rated_kva: f64,
    /// Machine.
    pub machine: Machine,
    /// Governor and engine path.
    pub governor: Governor,
    /// Sharing.
    pub sharing: Sharing,
    /// Air limit; `None` for rich-burn and fast-response engines.
    pub air: Option<AirLimit>,
    /// Mechanical limit, pu.
    pub p_max_pu: f64,
    /// Seconds above the derated rating before the limit falls to it.
    pub overload_s: f64,
    /// What the engine takes from the bus at nominal speed when it gets no fuel, pu of rated kW: friction, pumping, windage.
    pub motoring_pu: f64,
    /// Fuel.
    pub fuel: Fuel,
    /// Carbon dioxide of the fuel, kg a kWh of lower heating value.
    pub co2_kg_per_kwh: f64,
    /// Derating.
    pub derate: Derate,
    /// Start and stop.
    pub start_stop: StartStop,
    /// Mechanical overspeed, pu of nominal.
    pub overspeed_pu: f64,
    /// Running and on the bus at t = 0.
    pub on_at_start: bool,
    /// Share of the initial load among the sets that are on (droop and load sharing).
    pub initial_share: f64,
    /// Relays of this set.
    pub relays: Vec<super::protection::Relay>,
}

/// A fleet of GPUs that change phase together: cost does not depend on how many there are.
#[derive(Clone, Debug, PartialEq)]
pub struct GpuCohort {
    /// Name.
    pub name: String,
    /// Section.
    pub section: usize,
    /// Number.
    pub gpus: u32,
    /// kW of one at full, at the wall.
    pub full_kw: f64,
    /// Preload, as a share of full.
    pub preload_share: f64,
    /// kW of one that is off (0) or idle.
    pub off_kw: f64,
    /// Board-to-wall rise.
    pub rise_s: f64,
    /// Fall.
    pub fall_s: f64,
    /// Start jitter over a batch, s (standard deviation); spreads the rise.
    pub jitter_s: f64,
    /// Power factor.
    pub power_factor: f64,
    /// GPUs in preload and at full at t = 0.
    pub preload_at_start: u32,
    /// At full at t = 0.
    pub full_at_start: u32,
    /// Whether the bring-up schedule may use it.
    pub scheduled: bool,
    /// Whether its jobs may be shed before the rest.
    pub preemptible: bool,
    /// A measured load, kW over rising t in s: the power of the whole cohort, whose GPUs then have no phases.
    pub trace: Vec<(f64, f64)>,
}

/// A fleet of miners in blocks of whole units.
#[derive(Clone, Debug, PartialEq)]
pub struct MinerFleet {
    /// Name.
    pub name: String,
    /// Section.
    pub section: usize,
    /// Units.
    pub units: u32,
    /// kW of one.
    pub unit_kw: f64,
    /// Units on at t = 0.
    pub on_at_start: u32,
    /// Units that switch together.
    pub block_units: u32,
    /// Command latency, mean, s.
    pub latency_s: f64,
    /// Command latency jitter: sigma of its lognormal factor; 0 for none.
    pub latency_sigma: f64,
    /// Fall after the latency, s.
    pub fall_s: f64,
    /// Latency of a wake-up command, s.
    pub wake_latency_s: f64,
    /// Ramp to full after it, s.
    pub wake_s: f64,
    /// Share of units that do not answer.
    pub stuck_share: f64,
    /// Power factor.
    pub power_factor: f64,
}

/// Auxiliary load (ZIP) and load bank.
#[derive(Clone, Debug, PartialEq)]
pub struct AuxLoad {
    /// Name.
    pub name: String,
    /// Section.
    pub section: usize,
    /// kW at 1 pu.
    pub kw: f64,
    /// Power factor.
    pub power_factor: f64,
    /// Shares of constant impedance and constant current; the rest is constant power.
    pub z_share: f64,
    /// Constant current.
    pub i_share: f64,
    /// A load bank that operators and the script switch, not house load.
    pub load_bank: bool,
}

/// How a battery meets the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BessMode {
    /// Voltage source behind reactance.
    GridForming,
    /// Current source that follows measured frequency.
    GridFollowing,
}

/// A battery with its inverter. Reactance, droop and limits on rated kVA.
#[derive(Clone, Debug, PartialEq)]
pub struct Bess {
    /// Name.
    pub name: String,
    /// Section.
    pub section: usize,
    /// Rated kVA, and kW.
    pub rated_kva: f64,
    /// Energy, kWh.
    pub energy_kwh: f64,
    /// Mode.
    pub mode: BessMode,
    /// In service at t = 0.
    pub on_at_start: bool,
    /// Power set-point, kW.
    pub p_set_kw: f64,
    /// P-f droop, pu.
    pub droop_pu: f64,
    /// Virtual inertia, s; 0 for none.
    pub h_virtual_s: f64,
    /// Q-V droop, pu.
    pub q_droop_pu: f64,
    /// Coupling reactance, pu.
    pub x_pu: f64,
    /// Line to the bus, on 1 MVA.
    pub x_line_pu: f64,
    /// Power measurement filter, s.
    pub t_p_s: f64,
    /// Current limit, pu.
    pub i_max_pu: f64,
    /// Under-voltage cut-off of the inverter: below this voltage, pu.
    pub cutoff_v_pu: f64,
    /// For this long, s.
    pub cutoff_s: f64,
    /// Following: measurement and response, s.
    pub t_follow_s: f64,
    /// Following: dead band, Hz.
    pub deadband_hz: f64,
    /// One-way efficiency.
    pub efficiency: f64,
    /// State of charge at t = 0, floor and ceiling, pu.
    pub soc_at_start: f64,
    /// Floor.
    pub soc_min: f64,
    /// Ceiling.
    pub soc_max: f64,
    /// SoC management: target, pu.
    pub soc_target: f64,
    /// kW that recharge may draw (0: no management).
    pub recharge_kw: f64,
}

/// A synchronous condenser with its flywheel. Everything on rated kVA unless named otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Condenser {
    /// Name.
    pub name: String,
    /// Bus section by index.
    pub section: usize,
    /// Rating, kVA.
    pub rated_kva: f64,
    /// Inertia constant of machine and flywheel together, s.
    pub h_s: f64,
    /// Transient reactance, pu.
    pub xd1_pu: f64,
    /// Flux decay and voltage regulator.
    pub flux: FluxDecay,
    /// Line from the terminals to the bus, pu of 1 MVA.
    pub x_line_pu: f64,
    /// Losses at nominal speed, pu; they go with the square of the speed.
    pub loss_pu: f64,
    /// Power of the damper cage, pu a pu of slip against the bus.
    pub damper_pu: f64,
    /// 52S opens when the speed stays below this, pu of nominal.
    pub trip_speed_pu: f64,
    /// 52S opens when the voltage of a live bus stays below this, pu.
    pub trip_v_pu: f64,
    /// For this long, s.
    pub trip_s: f64,
    /// Turning on the bus at t = 0; else at rest.
    pub on_at_start: bool,
}

/// A breaker between two sections.
#[derive(Clone, Debug, PartialEq)]
pub struct Tie {
    /// Name.
    pub name: String,
    /// Sections.
    pub from: usize,
    /// Sections.
    pub to: usize,
    /// At t = 0.
    pub closed: bool,
}

/// Supply-voltage drop-out of power supplies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PsuRideThrough {
    /// Off: power supplies never drop out.
    pub enabled: bool,
    /// Slow threshold, pu, and its time.
    pub slow_pu: f64,
    /// s.
    pub slow_s: f64,
    /// Fast threshold, pu, and its time.
    pub fast_pu: f64,
    /// s.
    pub fast_s: f64,
    /// Miners come back by themselves this long after the voltage.
    pub miner_restart_s: f64,
}

/// What the buses stand at when a run starts, pu of nominal: the references of the sources are those that hold it there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AtStart {
    /// Frequency.
    pub f_pu: f64,
    /// Voltage.
    pub v_pu: f64,
}

impl Default for AtStart {
    fn default() -> Self {
        Self { f_pu: 1.0, v_pu: 1.0 }
    }
}

/// The whole plant.
#[derive(Clone, Debug, PartialEq)]
pub struct Plant {
    /// 50 or 60.
    pub f0_hz: f64,
    /// Nominal voltage, V line to line.
    pub v_nom: f64,
    /// Tick, s.
    pub tick_s: f64,
    /// Form of the swing equation.
    pub swing: Swing,
    /// Section names.
    pub sections: Vec<String>,
    /// Ties.
    pub ties: Vec<Tie>,
    /// Gensets.
    pub gensets: Vec<Genset>,
    /// GPU cohorts.
    pub gpus: Vec<GpuCohort>,
    /// Miner fleets.
    pub miners: Vec<MinerFleet>,
    /// Aux loads and load banks.
    pub aux: Vec<AuxLoad>,
    /// Batteries.
    pub bess: Vec<Bess>,
    /// Synchronous condensers.
    pub condensers: Vec<Condenser>,
    /// Power supplies.
    pub psu: PsuRideThrough,
    /// Staged load shedding; empty is off.
    pub shed_stages: Vec<super::protection::ShedStage>,
    /// Frequency and voltage at t = 0.
    pub at_start: AtStart,
}

impl Plant {
    /// The section that the site's instruments of frequency and voltage are on: that of the largest set, else the first. They do
    /// not move, whatever trips.
    #[must_use]
    pub fn site_section(&self) -> usize {
        let largest = self.gensets.iter().reduce(|best, g| if g.rated_kw > best.rated_kw { g } else { best });
        largest.map_or(0, |g| g.section)
    }
}
