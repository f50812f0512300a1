//! Parameters of every device: what a scenario or the equipment library fixes. Data only, no state.
//!
//! Bases: engine quantities on rated kW, machine reactances and H on rated kVA, network on 1 MVA. Times in seconds.
//! Parameters derive serde because they are file content; state never does.

mod governors;

use serde::{Deserialize, Serialize};

pub use governors::{Gast, Ggov1, Governor, Pid, Rselect, Tgov1};

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
    /// Inertia constant of set and machine together on rated kVA, s.
    pub h_s: f64,
    /// Damping: pu of rated kW for a speed error of 1 pu.
    pub d_pu: f64,
    /// Transient reactance X'd on rated kVA, pu; also the q axis reactance that the network sees.
    pub xd1_pu: f64,
    /// Flux decay and voltage regulator; without them E' is constant.
    pub flux: Option<FluxDecay>,
    /// Reactance of the line from the terminals to the bus, pu on 1 MVA.
    pub x_line_pu: f64,
}

/// One-axis flux decay: `dE'q/dt = (Efd - E'q - (Xd - X'd) Id)/T'd0`, Xq = X'd in the network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FluxDecay {
    /// Synchronous reactance Xd on rated kVA, pu.
    pub xd_pu: f64,
    /// Open-circuit transient time constant T'd0, s.
    pub td01_s: f64,
    /// Voltage regulator that gives Efd.
    pub avr: Avr,
}

/// SEXS: `(1+TA s)/(1+TB s) * K/(1+TE s)`, with V/Hz roll-off of the reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Avr {
    /// Lead over lag, TA/TB.
    pub ta_tb: f64,
    /// Lag TB, s.
    pub tb_s: f64,
    /// Gain, pu Efd for a voltage error of 1 pu.
    pub k: f64,
    /// Lag TE of the exciter, s.
    pub te_s: f64,
    /// Smallest field voltage, pu.
    pub efd_min: f64,
    /// Largest field voltage, pu.
    pub efd_max: f64,
    /// Frequency below which the voltage reference falls with frequency, pu of nominal.
    pub vhz_knee_pu: f64,
    /// Exponent of that fall; 0 switches it off.
    pub vhz_slope: f64,
    /// Reactive droop: fall of the voltage reference, pu, at rated kVA of reactive power.
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
    /// What the engine gives without boost, pu of rated kW.
    pub p_na_pu: f64,
    /// What throttle and bypass hold ready above the present boost, pu of rated kW.
    pub reserve_pu: f64,
    /// Time constant of the turbocharger, s.
    pub t_tc_s: f64,
}

/// Start and stop times of a gas genset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StartStop {
    /// Prelubrication before cranking, s.
    pub prelube_s: f64,
    /// From cranking to firing, s.
    pub crank_s: f64,
    /// Warm-up at idle speed, s.
    pub idle_s: f64,
    /// From idle to rated speed, s.
    pub run_up_s: f64,
    /// Time after which synchronising gives up, s.
    pub sync_timeout_s: f64,
    /// Rate of soft loading, pu of rated kW a second.
    pub load_pu_per_s: f64,
    /// Rate of soft unloading, pu of rated kW a second.
    pub unload_pu_per_s: f64,
    /// Cool-down without load before it stops, s.
    pub cool_down_s: f64,
}

/// Willans line: fuel = a + b P, lower heating value.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fuel {
    /// Fuel at no load, kW of lower heating value.
    pub a_kw: f64,
    /// Fuel for one more kW of electrical output, kW a kW.
    pub b: f64,
}

/// Derating: pu of rating lost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derate {
    /// Ambient temperature, degrees C.
    pub ambient_c: f64,
    /// Temperature above which power is lost, degrees C.
    pub from_c: f64,
    /// Power lost a degree above it, pu of rated kW.
    pub pu_per_c: f64,
    /// Altitude of the site, m.
    pub altitude_m: f64,
    /// Altitude above which power is lost, m.
    pub from_m: f64,
    /// Power lost for 100 m above it, pu of rated kW.
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
    /// Its name, such as `G1`.
    pub name: String,
    /// Engine preset or library entry that the numbers came from.
    pub preset: String,
    /// Bus section that it hangs on, by index.
    pub section: usize,
    /// Rated electrical power before derating, kW.
    pub rated_kw: f64,
    /// Rated apparent power, kVA.
    pub rated_kva: f64,
    /// Synchronous machine with its line to the bus.
    pub machine: Machine,
    /// Governor and the path from fuel to mechanical power.
    pub governor: Governor,
    /// How it shares load with other sets.
    pub sharing: Sharing,
    /// Air limit; `None` for rich-burn and fast-response engines.
    pub air: Option<AirLimit>,
    /// Largest mechanical power, pu of rated kW.
    pub p_max_pu: f64,
    /// Time above 1 pu after which the largest power is 1 pu, s.
    pub overload_s: f64,
    /// Fuel for its power.
    pub fuel: Fuel,
    /// What temperature and altitude take off the rating.
    pub derate: Derate,
    /// Times of starting and stopping.
    pub start_stop: StartStop,
    /// Speed at which the mechanical overspeed device trips, pu of nominal.
    pub overspeed_pu: f64,
    /// Running and on the bus at t = 0.
    pub on_at_start: bool,
    /// Weight of its share of the load at t = 0 among the sets that are on.
    pub initial_share: f64,
    /// Its protection relays.
    pub relays: Vec<super::protection::Relay>,
}

/// A fleet of GPUs that change phase together: cost does not depend on how many there are.
#[derive(Clone, Debug, PartialEq)]
pub struct GpuCohort {
    /// Its name, by which scripts, malfunctions and breakers know the cohort.
    pub name: String,
    /// Bus section that it hangs on, by index.
    pub section: usize,
    /// How many GPUs it has.
    pub gpus: u32,
    /// Power of one GPU at full, at the wall, kW.
    pub full_kw: f64,
    /// Power in preload, as a share of full.
    pub preload_share: f64,
    /// Power of one GPU that is off, kW: 0, or what idle boards take.
    pub off_kw: f64,
    /// Time of a move up, s.
    pub rise_s: f64,
    /// Time of a move down, s.
    pub fall_s: f64,
    /// Start jitter over a batch, s (standard deviation); spreads the rise.
    pub jitter_s: f64,
    /// Power factor of the load, lagging.
    pub power_factor: f64,
    /// GPUs in preload at t = 0.
    pub preload_at_start: u32,
    /// GPUs at full at t = 0.
    pub full_at_start: u32,
    /// Whether the bring-up schedule may use it.
    pub scheduled: bool,
    /// Whether its jobs may be shed before the rest.
    pub preemptible: bool,
    /// A measured load, kW over t; added on top. Rising t.
    pub trace: Vec<(f64, f64)>,
}

/// A fleet of miners in blocks of whole units.
#[derive(Clone, Debug, PartialEq)]
pub struct MinerFleet {
    /// Its name, by which scripts, malfunctions and breakers know the fleet.
    pub name: String,
    /// Bus section that it hangs on, by index.
    pub section: usize,
    /// How many units it has.
    pub units: u32,
    /// Power of one unit, kW.
    pub unit_kw: f64,
    /// Units that run at t = 0.
    pub on_at_start: u32,
    /// Units that one command switches together.
    pub block_units: u32,
    /// Mean time from a switch-off command to its effect, s.
    pub latency_s: f64,
    /// Command latency jitter: sigma of its lognormal factor; 0 for none.
    pub latency_sigma: f64,
    /// Time of the fall after it, s.
    pub fall_s: f64,
    /// Time from a wake-up command to its effect, s.
    pub wake_latency_s: f64,
    /// Time of the rise to full power after it, s.
    pub wake_s: f64,
    /// Share of the units that do not answer, 0 to 1.
    pub stuck_share: f64,
    /// Power factor of the load, lagging.
    pub power_factor: f64,
}

/// Auxiliary load (ZIP) and load bank.
#[derive(Clone, Debug, PartialEq)]
pub struct AuxLoad {
    /// Its name, by which scripts, malfunctions and breakers know the load.
    pub name: String,
    /// Bus section that it hangs on, by index.
    pub section: usize,
    /// Power at 1 pu voltage, kW.
    pub kw: f64,
    /// Power factor of the load, lagging.
    pub power_factor: f64,
    /// Share of constant impedance, 0 to 1; what neither share takes is constant power.
    pub z_share: f64,
    /// Share of constant current, 0 to 1.
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
    /// Its name, by which scripts, malfunctions and breakers know the battery.
    pub name: String,
    /// Bus section that it hangs on, by index.
    pub section: usize,
    /// Rated apparent power of the inverter, kVA, and its rated power, kW.
    pub rated_kva: f64,
    /// Energy between empty and full, kWh.
    pub energy_kwh: f64,
    /// How it meets the bus.
    pub mode: BessMode,
    /// Whether its breaker is closed at t = 0.
    pub on_at_start: bool,
    /// Power set-point, kW, discharging positive.
    pub p_set_kw: f64,
    /// P-f droop: fall of its frequency at rated power, pu.
    pub droop_pu: f64,
    /// Virtual inertia, s; 0 for none.
    pub h_virtual_s: f64,
    /// Q-V droop: fall of its voltage at rated reactive power, pu.
    pub q_droop_pu: f64,
    /// Coupling reactance on rated kVA, pu.
    pub x_pu: f64,
    /// Reactance of the line to the bus, pu on 1 MVA.
    pub x_line_pu: f64,
    /// Time constant of the filter of its power measurement, s.
    pub t_p_s: f64,
    /// Largest current, pu of rated.
    pub i_max_pu: f64,
    /// Grid-following: time constant from measured frequency to power, s.
    pub t_follow_s: f64,
    /// Grid-following: deviation of the frequency that it does not answer, Hz.
    pub deadband_hz: f64,
    /// Efficiency of one way, 0 to 1.
    pub efficiency: f64,
    /// State of charge at t = 0, 0 to 1.
    pub soc_at_start: f64,
    /// Lowest state of charge that it is used to, 0 to 1.
    pub soc_min: f64,
    /// Highest state of charge that it is charged to, 0 to 1.
    pub soc_max: f64,
    /// State of charge that recharging aims at, 0 to 1.
    pub soc_target: f64,
    /// Largest power of recharging, kW; 0: it is left alone.
    pub recharge_kw: f64,
}

/// A breaker between two sections.
#[derive(Clone, Debug, PartialEq)]
pub struct Tie {
    /// Its name.
    pub name: String,
    /// One of the two sections, by index.
    pub from: usize,
    /// The other section, by index.
    pub to: usize,
    /// Whether it is closed at t = 0.
    pub closed: bool,
}

/// Supply-voltage drop-out of power supplies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PsuRideThrough {
    /// Whether power supplies drop out at all.
    pub enabled: bool,
    /// Voltage below which they drop out after `slow_s`, pu.
    pub slow_pu: f64,
    /// Time that they ride through below `slow_pu`, s.
    pub slow_s: f64,
    /// Voltage below which they drop out after `fast_s`, pu.
    pub fast_pu: f64,
    /// Time that they ride through below `fast_pu`, s.
    pub fast_s: f64,
    /// Time after which miners restart by themselves on a healthy supply, s.
    pub miner_restart_s: f64,
}

/// The whole plant.
#[derive(Clone, Debug, PartialEq)]
pub struct Plant {
    /// Nominal frequency, Hz: 50 or 60.
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
    /// When the power supplies of GPUs and miners drop out.
    pub psu: PsuRideThrough,
    /// Stages of load shedding, in order; none: it is off.
    pub shed_stages: Vec<super::protection::ShedStage>,
}
