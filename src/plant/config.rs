//! Parameters of every device: what a scenario or the equipment library fixes. Data only, no state.
//!
//! Bases: engine quantities on rated kW, machine reactances and H on rated kVA, network on 1 MVA. Times in seconds.
//! Parameters derive serde because they are file content; state never does.

mod governors;

use serde::{Deserialize, Serialize};

pub use governors::{Gast, Ggov1, Governor, Ieeeg1, Pid, Rselect, Tgov1};

/// Seconds between two samples of meters, of control's windows and of the slopes of load shedding; every tick divides it.
pub const SAMPLE_S: f64 = 0.01;

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

/// Synchronous machine of a set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Machine {
    /// Inertia constant: stored energy at nominal speed over rated kVA, s.
    pub h_s: f64,
    /// Damping: power taken a pu of speed above nominal, pu of rated kW.
    pub d_pu: f64,
    /// Transient reactance X'd, pu of rated kVA.
    pub xd1_pu: f64,
    /// Flux decay with its voltage regulator; `None` for a constant E'.
    pub flux: Option<FluxDecay>,
    /// Reactance of the line from the terminals to the bus, pu of 1 MVA.
    pub x_line_pu: f64,
}

/// One-axis flux decay: `dE'q/dt = (Efd - E'q - (Xd - X'd) Id)/T'd0`, Xq = X'd in the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FluxDecay {
    /// Synchronous reactance Xd, pu of rated kVA.
    pub xd_pu: f64,
    /// Open-circuit transient time constant T'd0, s.
    pub td01_s: f64,
    /// Voltage regulator of the field.
    pub avr: Avr,
}

/// SEXS: `(1+TA s)/(1+TB s) * K/(1+TE s)`, with V/Hz roll-off of the reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Avr {
    /// Ratio of lead to lag time constant, TA/TB.
    pub ta_tb: f64,
    /// Lag time constant TB, s.
    pub tb_s: f64,
    /// Gain K from voltage error to field voltage, pu a pu.
    pub k: f64,
    /// Time constant of the exciter TE, s.
    pub te_s: f64,
    /// Lowest field voltage, pu.
    pub efd_min: f64,
    /// Highest field voltage, pu.
    pub efd_max: f64,
    /// Speed below which the voltage reference falls, pu of nominal.
    pub vhz_knee_pu: f64,
    /// Exponent of that fall: reference times (speed/knee)^slope; 0 switches it off.
    pub vhz_slope: f64,
    /// Reactive droop: fall of the reference a pu of reactive power on rated kVA, pu.
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
    /// Power without any boost, pu of rated kW.
    pub p_na_pu: f64,
    /// Power that throttle and bypass hold in reserve above the present boost, pu of rated kW.
    pub reserve_pu: f64,
    /// Time constant with which the boost follows the power, s.
    pub t_tc_s: f64,
}

/// Start and stop times of a gas genset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartStop {
    /// Building up oil pressure, s.
    pub prelube_s: f64,
    /// From the starter to firing, s.
    pub crank_s: f64,
    /// Warming up at idle speed, s.
    pub idle_s: f64,
    /// From idle to nominal speed, s.
    pub run_up_s: f64,
    /// Synchronising is given up after this long, s.
    pub sync_timeout_s: f64,
    /// Soft loading, pu of rating a second.
    pub load_pu_per_s: f64,
    /// Soft unloading, pu of rating a second.
    pub unload_pu_per_s: f64,
    /// Running without load before the fuel is shut, s.
    pub cool_down_s: f64,
}

/// Willans line: fuel = a + b P, lower heating value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fuel {
    /// Fuel at no load, kW of lower heating value.
    pub a_kw: f64,
    /// Further fuel for each kW of electrical power, kW of lower heating value.
    pub b: f64,
}

/// Rating lost to the site: heat and thin air.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derate {
    /// Temperature of the intake air, degrees C.
    pub ambient_c: f64,
    /// Temperature from which rating is lost, degrees C.
    pub from_c: f64,
    /// Rating lost a degree above it, pu.
    pub pu_per_c: f64,
    /// Altitude of the site, m.
    pub altitude_m: f64,
    /// Altitude from which rating is lost, m.
    pub from_m: f64,
    /// Rating lost for each 100 m above it, pu.
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

/// One genset: engine, governor and machine.
#[derive(Clone, Debug, PartialEq)]
pub struct Genset {
    /// Name, as in `G1`.
    pub name: String,
    /// Engine preset or library entry that the numbers came from.
    pub preset: String,
    /// Bus section that it hangs on, by index.
    pub section: usize,
    /// Rated power before derating, kW.
    pub rated_kw: f64,
    /// Rated apparent power of the machine, kVA.
    pub rated_kva: f64,
    /// Machine with its voltage regulator.
    pub machine: Machine,
    /// Governor with the path from fuel to shaft power.
    pub governor: Governor,
    /// How it shares load with the other sets of its bus.
    pub sharing: Sharing,
    /// Air limit; `None` for rich-burn and fast-response engines.
    pub air: Option<AirLimit>,
    /// Highest mechanical power, pu of rated kW.
    pub p_max_pu: f64,
    /// Seconds above the derated rating before the limit falls to it.
    pub overload_s: f64,
    /// What the engine takes from the bus at nominal speed when it gets no fuel, pu of rated kW: friction, pumping, windage.
    pub motoring_pu: f64,
    /// What it burns.
    pub fuel: Fuel,
    /// Carbon dioxide of the fuel, kg a kWh of lower heating value.
    pub co2_kg_per_kwh: f64,
    /// What the site takes off its rating.
    pub derate: Derate,
    /// Times of starting and stopping.
    pub start_stop: StartStop,
    /// Mechanical overspeed, pu of nominal.
    pub overspeed_pu: f64,
    /// Running and on the bus at t = 0.
    pub on_at_start: bool,
    /// Share of the initial load among the sets that are on (droop and load sharing).
    pub initial_share: f64,
    /// Its protective relays.
    pub relays: Vec<super::protection::Relay>,
}

/// A fleet of GPUs that change phase together: cost does not depend on how many there are.
#[derive(Clone, Debug, PartialEq)]
pub struct GpuCohort {
    /// Name, as in `gpu`.
    pub name: String,
    /// Bus section that it hangs on, by index.
    pub section: usize,
    /// How many GPUs it has.
    pub gpus: u32,
    /// kW of one at full, at the wall.
    pub full_kw: f64,
    /// Power of a GPU in preload, share of full.
    pub preload_share: f64,
    /// kW of one that is off (0) or idle.
    pub off_kw: f64,
    /// Rise of a GPU to a higher phase, board to wall, s.
    pub rise_s: f64,
    /// Fall of a GPU to a lower phase, s.
    pub fall_s: f64,
    /// Start jitter over a batch, s (standard deviation); spreads the rise.
    pub jitter_s: f64,
    /// Power factor at the wall, lagging.
    pub power_factor: f64,
    /// GPUs in preload at t = 0.
    pub preload_at_start: u32,
    /// GPUs at full at t = 0.
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
    /// Name, as in `miners`.
    pub name: String,
    /// Bus section that it hangs on, by index.
    pub section: usize,
    /// How many units it has.
    pub units: u32,
    /// Power of a unit that hashes, kW at the wall.
    pub unit_kw: f64,
    /// Units that hash at t = 0.
    pub on_at_start: u32,
    /// Units that switch together.
    pub block_units: u32,
    /// Mean time from a command to switch off to its effect, s.
    pub latency_s: f64,
    /// Command latency jitter: sigma of its lognormal factor; 0 for none.
    pub latency_sigma: f64,
    /// Fall of a unit to nothing after that, s.
    pub fall_s: f64,
    /// Latency of a wake-up command, s.
    pub wake_latency_s: f64,
    /// Ramp of a unit to full power after that, s.
    pub wake_s: f64,
    /// Share of units that do not answer.
    pub stuck_share: f64,
    /// Power factor at the wall, lagging.
    pub power_factor: f64,
}

/// Auxiliary load (ZIP) and load bank.
#[derive(Clone, Debug, PartialEq)]
pub struct AuxLoad {
    /// Name, as in `aux`.
    pub name: String,
    /// Bus section that it hangs on, by index.
    pub section: usize,
    /// Power at a voltage of 1 pu, kW.
    pub kw: f64,
    /// Power factor, lagging.
    pub power_factor: f64,
    /// Share of it that is a constant impedance.
    pub z_share: f64,
    /// Share of it that is a constant current; the rest is constant power.
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
    /// Name, as in `B1`.
    pub name: String,
    /// Bus section that it hangs on, by index.
    pub section: usize,
    /// Rating of the inverter, kVA, and its power at unity power factor, kW.
    pub rated_kva: f64,
    /// Energy between empty and full, kWh.
    pub energy_kwh: f64,
    /// How it meets the bus.
    pub mode: BessMode,
    /// Whether it is in service at t = 0.
    pub on_at_start: bool,
    /// Power that it gives at nominal frequency, kW.
    pub p_set_kw: f64,
    /// Fall of the frequency with its power, pu of nominal at rated power.
    pub droop_pu: f64,
    /// Virtual inertia, s; 0 for none.
    pub h_virtual_s: f64,
    /// Fall of its voltage with its reactive power, pu at rated kVA.
    pub q_droop_pu: f64,
    /// Coupling reactance of the inverter, pu of rated kVA.
    pub x_pu: f64,
    /// Reactance of the line to the bus, pu of 1 MVA.
    pub x_line_pu: f64,
    /// Filter of its power measurement, s.
    pub t_p_s: f64,
    /// Highest current, pu of rating.
    pub i_max_pu: f64,
    /// The inverter leaves a bus whose voltage stays below this, pu.
    pub cutoff_v_pu: f64,
    /// How long the voltage has to stay below it, s.
    pub cutoff_s: f64,
    /// Following: lag of measurement and response, s.
    pub t_follow_s: f64,
    /// Following: deviation of the frequency that it does not answer, Hz.
    pub deadband_hz: f64,
    /// Efficiency one way, cells to bus or back.
    pub efficiency: f64,
    /// State of charge at t = 0, pu.
    pub soc_at_start: f64,
    /// Lowest state of charge that it goes to, pu.
    pub soc_min: f64,
    /// Highest state of charge that it goes to, pu.
    pub soc_max: f64,
    /// State of charge that its management returns to, pu.
    pub soc_target: f64,
    /// Power that it may recharge with, kW; 0 for no management.
    pub recharge_kw: f64,
}

/// A synchronous condenser with its flywheel. Everything on rated kVA unless named otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Condenser {
    /// Name, as in `SC1`.
    pub name: String,
    /// Bus section that it hangs on, by index.
    pub section: usize,
    /// Rated apparent power, kVA.
    pub rated_kva: f64,
    /// Inertia constant of machine and flywheel together, s.
    pub h_s: f64,
    /// Transient reactance X'd, pu.
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
    /// How long either has to last, s.
    pub trip_s: f64,
    /// Turning on the bus at t = 0; else at rest.
    pub on_at_start: bool,
}

/// A breaker between two sections.
#[derive(Clone, Debug, PartialEq)]
pub struct Tie {
    /// Name, as in `A-B`.
    pub name: String,
    /// Section on its one side, by index.
    pub from: usize,
    /// Section on its other side, by index.
    pub to: usize,
    /// Whether it is closed at t = 0.
    pub closed: bool,
}

/// How long the power supplies of the loads bear a low voltage before they drop out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PsuRideThrough {
    /// Whether they drop out at all; if not they need just some voltage.
    pub enabled: bool,
    /// Slow threshold, pu.
    pub slow_pu: f64,
    /// They drop out when the voltage stays below it for this long, s.
    pub slow_s: f64,
    /// Fast threshold, pu.
    pub fast_pu: f64,
    /// They drop out when the voltage stays below it for this long, s.
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
    /// Nominal frequency, 50 or 60 Hz.
    pub f0_hz: f64,
    /// Nominal voltage, V line to line.
    pub v_nom: f64,
    /// Length of a tick, s.
    pub tick_s: f64,
    /// Form of the swing equation.
    pub swing: Swing,
    /// Names of the bus sections.
    pub sections: Vec<String>,
    /// Breakers between sections.
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
    /// Ride-through of the power supplies of miners and GPUs.
    pub psu: PsuRideThrough,
    /// Stages of load shedding on every section; none when empty.
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
