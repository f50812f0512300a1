//! The signal table: every quantity of the plant once.
//!
//! A row is one `f64` a signal, in table order. Twin, live feed and recording all produce rows; history, charts, CSV
//! and JSON read rows. There is no second list of names. Site signals come first and in fixed order (the constants in
//! [`site`]), then one block a bus section, a genset, a BESS and, where there are several sections, the island of each, so an index is computed, never looked up by text.
//!
//! Which devices have a block is said by the table of kinds ([`super::device::KINDS`]).
//!
//! Units are in the id's suffix and in [`Signal::unit`]. Sources count positive when generating, loads when consuming,
//! a BESS when discharging. A dead island reports 0 with quality Dead (its `energised` signal is 0).

mod table;

use super::condenser::STATE_NAMES as CONDENSER_STATES;

pub use table::SignalTable;

/// Index of a signal in its table and in every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SignalIdx(pub u32);

impl SignalIdx {
    /// Position in a row.
    #[must_use]
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// What a signal's numbers mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A continuous quantity.
    Analog,
    /// A whole number of things.
    Count,
    /// An index into the list of state names.
    State(&'static [&'static str]),
}

/// Which part of the plant a signal belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// The plant as a whole.
    Site,
    /// A bus section.
    Section,
    /// A genset.
    Genset,
    /// A battery.
    Bess,
    /// A synchronous condenser.
    Condenser,
}

/// A limit worth drawing on a chart of the signal.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// Short name, as on the chart: `81U-1`, `rating`.
    pub name: String,
    /// Value in the signal's unit.
    pub value: f64,
}

/// One quantity of the plant.
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// Stable name with its unit as suffix, `site.f_hz`.
    pub id: String,
    /// What a person reads.
    pub label: String,
    /// Unit as shown; empty for states and counts.
    pub unit: &'static str,
    /// Which part of the plant.
    pub group: Group,
    /// Lowest and highest value that a scale should cover.
    pub range: [f64; 2],
    /// Limits to draw; the first two of a frequency signal are the normal band.
    pub limits: Vec<Limit>,
    /// Analog, count or state.
    pub kind: Kind,
}

macro_rules! block {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $konst:ident = $id:literal, $label:literal, $unit:literal, $lo:expr, $hi:expr, $kind:expr;)+ }) => {
        $(#[$doc])*
        pub mod $name {
            #[allow(unused_imports, reason = "not every block has states")]
            use super::{CONDENSER_STATES, GENSET_STATES, Kind, NO_YES, OPEN_CLOSED, SCHEDULE_STATES, Spec};
            #[allow(non_camel_case_types, clippy::upper_case_acronyms, reason = "positions only; the constants are the names")]
            #[derive(Clone, Copy)]
            enum Pos { $($konst),+ }
            $($(#[$vdoc])* pub const $konst: u32 = Pos::$konst as u32;)+
            /// The block's signals in order.
            pub const SPECS: &[Spec] = &[$(Spec { id: $id, label: $label, unit: $unit, range: [$lo, $hi], kind: $kind }),+];
        }
    };
}

/// A signal's fixed part; limits and prefix come from the plant.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// Id without prefix.
    pub id: &'static str,
    /// Label without the device's name.
    pub label: &'static str,
    /// Unit as shown.
    pub unit: &'static str,
    /// Scale.
    pub range: [f64; 2],
    /// Kind.
    pub kind: Kind,
}

/// Names of the schedule states, in the order of `control::RunState::code`.
pub const SCHEDULE_STATES: &[&str] = &["idle", "running", "hold", "complete", "aborted", "ramp-down", "down", "lost"];
/// Names of the genset states, in the order of `plant::genset::RunState`.
pub const GENSET_STATES: &[&str] = &[
    "stopped",
    "prelube",
    "cranking",
    "idle",
    "run-up",
    "synchronising",
    "on bus",
    "unloading",
    "cool-down",
    "shutdown",
    "locked out",
];
/// Breaker and energised states.
pub const OPEN_CLOSED: &[&str] = &["open", "closed"];
const NO_YES: &[&str] = &["no", "yes"];

block! {
    /// Site-wide signals; the constants are offsets and, since the block comes first, indices.
    site {
        /// Frequency of the main island as measured: speed of the largest set on its bus.
        F_HZ = "f_hz", "Frequency", "Hz", 0.0, 100.0, Kind::Analog;
        /// Bus voltage of the main island, pu.
        V_PU = "v_pu", "Voltage", "pu", 0.0, 1.3, Kind::Analog;
        /// Total electrical output of the gensets.
        GEN_KW = "gen_kw", "Generator", "kW", 0.0, 1100.0, Kind::Analog;
        /// Total mechanical power of the engines.
        GEN_MECH_KW = "gen_mech_kw", "Mechanical", "kW", 0.0, 1100.0, Kind::Analog;
        /// Total reactive output of the gensets.
        GEN_KVAR = "gen_kvar", "Reactive power", "kvar", -500.0, 1000.0, Kind::Analog;
        /// Current of all gensets together.
        GEN_A = "gen_a", "Current", "A", 0.0, 2000.0, Kind::Analog;
        /// All GPU cohorts.
        GPU_KW = "gpu_kw", "GPU", "kW", 0.0, 550.0, Kind::Analog;
        /// GPU power that the schedule has asked for.
        GPU_CMD_KW = "gpu_cmd_kw", "GPU commanded", "kW", 0.0, 550.0, Kind::Analog;
        /// All miner fleets.
        MINER_KW = "miner_kw", "Miners", "kW", 0.0, 550.0, Kind::Analog;
        /// Miner power that control has asked for.
        MINER_CMD_KW = "miner_cmd_kw", "Miners commanded", "kW", 0.0, 550.0, Kind::Analog;
        /// All batteries, positive when discharging.
        BESS_KW = "bess_kw", "BESS", "kW", -250.0, 250.0, Kind::Analog;
        /// Auxiliary load and load bank.
        AUX_KW = "aux_kw", "Aux", "kW", 0.0, 250.0, Kind::Analog;
        /// Largest rise of the main island's genset power within the last second.
        STEP_UP_1S_KW = "step_up_1s_kw", "Step up in 1 s", "kW", 0.0, 150.0, Kind::Analog;
        /// Largest fall of the main island's genset power within the last second, as a positive number.
        STEP_DOWN_1S_KW = "step_down_1s_kw", "Step down in 1 s", "kW", 0.0, 150.0, Kind::Analog;
        /// Net change of the main island's genset power over the last second, per second.
        RAMP_1S_KW_PER_S = "ramp_1s_kw_per_s", "Ramp 1 s", "kW/s", -40.0, 40.0, Kind::Analog;
        /// |P(t) - P(t-5)|/5 of the main island's genset power.
        RAMP_5S_KW_PER_S = "ramp_5s_kw_per_s", "Ramp 5 s", "kW/s", 0.0, 40.0, Kind::Analog;
        /// Slope of measured frequency over 100 ms.
        ROCOF_100MS_HZ_PER_S = "rocof_100ms_hz_per_s", "ROCOF 100 ms", "Hz/s", -5.0, 5.0, Kind::Analog;
        /// Slope of measured frequency over 500 ms.
        ROCOF_500MS_HZ_PER_S = "rocof_500ms_hz_per_s", "ROCOF 500 ms", "Hz/s", -5.0, 5.0, Kind::Analog;
        /// Rating of the sets on a bus less their output: the sum over all islands.
        HEADROOM_KW = "headroom_kw", "Headroom", "kW", 0.0, 1000.0, Kind::Analog;
        /// STEP NOW: level of the main island's step bucket.
        STEP_NOW_KW = "step_now_kw", "Step now", "kW", 0.0, 150.0, Kind::Analog;
        /// Capacity of the step bucket at the present load.
        STEP_CAP_KW = "step_cap_kw", "Step allowance", "kW", 0.0, 150.0, Kind::Analog;
        /// GPUs switched off.
        GPU_OFF = "gpu_off", "GPUs off", "", 0.0, 1000.0, Kind::Count;
        /// GPUs in preload.
        GPU_PRELOAD = "gpu_preload", "GPUs in preload", "", 0.0, 1000.0, Kind::Count;
        /// GPUs at full compute.
        GPU_FULL = "gpu_full", "GPUs at full", "", 0.0, 1000.0, Kind::Count;
        /// Miner units hashing.
        MINER_ON = "miner_on", "Miners on", "", 0.0, 200.0, Kind::Count;
        /// Miner units that control has off.
        MINER_OFF = "miner_off", "Miners off", "", 0.0, 200.0, Kind::Count;
        /// Miner units that do not answer (stuck or unreachable).
        MINER_STUCK = "miner_stuck", "Miners stuck", "", 0.0, 200.0, Kind::Count;
        /// Seconds from the last confirmed shed command to its effect.
        SHED_LAG_S = "shed_lag_s", "Shed lag", "s", 0.0, 10.0, Kind::Analog;
        /// Mean state of charge of the batteries, per cent.
        BESS_SOC_PCT = "bess_soc_pct", "State of charge", "%", 0.0, 100.0, Kind::Analog;
        /// Fuel power, lower heating value.
        FUEL_KW = "fuel_kw", "Fuel", "kW", 0.0, 3000.0, Kind::Analog;
        /// Fuel energy since t = 0, lower heating value.
        FUEL_KWH = "fuel_kwh", "Fuel used", "kWh", 0.0, 1e6, Kind::Analog;
        /// Energy that miners did not take since t = 0, against their power at t = 0.
        MINING_LOST_KWH = "mining_lost_kwh", "Mining lost", "kWh", 0.0, 1e6, Kind::Analog;
        /// Energy moved through the batteries since t = 0 (sum of both directions).
        BESS_KWH = "bess_kwh", "BESS energy", "kWh", 0.0, 1e6, Kind::Analog;
        /// State of the bring-up schedule.
        SCHEDULE = "schedule", "Schedule", "", 0.0, 7.0, Kind::State(SCHEDULE_STATES);
        /// Whether the main island is alive.
        ENERGISED = "energised", "Bus energised", "", 0.0, 1.0, Kind::State(NO_YES);
        /// Gas pressure at the set on the bus that has least, per cent of what full power needs; 100 without a set.
        GAS_PCT = "gas_pct", "Gas pressure", "%", 0.0, 110.0, Kind::Analog;
        /// Lowest power cap in force on a GPU cohort, per cent of full power; 100 without a cap.
        GPU_CAP_PCT = "gpu_cap_pct", "GPU power cap", "%", 0.0, 100.0, Kind::Analog;
    }
}

block! {
    /// One bus section.
    section {
        /// Frequency of the section's island.
        F_HZ = "f_hz", "frequency", "Hz", 0.0, 100.0, Kind::Analog;
        /// Voltage of the section's island.
        V_PU = "v_pu", "voltage", "pu", 0.0, 1.3, Kind::Analog;
        /// Load on the section.
        LOAD_KW = "load_kw", "load", "kW", 0.0, 1100.0, Kind::Analog;
        /// Whether the section is alive.
        ENERGISED = "energised", "energised", "", 0.0, 1.0, Kind::State(NO_YES);
        /// Which island the section belongs to.
        ISLAND = "island", "island", "", 0.0, 100.0, Kind::Count;
    }
}

block! {
    /// The island of one bus section, in plants of several sections: its sources against their own rating.
    island {
        /// Electrical output of the island's gensets.
        GEN_KW = "gen_kw", "island's generators", "kW", 0.0, 1100.0, Kind::Analog;
        /// Rating of the island's gensets less their output.
        HEADROOM_KW = "headroom_kw", "island's headroom", "kW", 0.0, 1000.0, Kind::Analog;
        /// Largest rise of the island's genset power within the last second.
        STEP_UP_1S_KW = "step_up_1s_kw", "island's step up in 1 s", "kW", 0.0, 150.0, Kind::Analog;
        /// |P(t) - P(t-5)|/5 of the island's genset power.
        RAMP_5S_KW_PER_S = "ramp_5s_kw_per_s", "island's ramp 5 s", "kW/s", 0.0, 40.0, Kind::Analog;
        /// Slope of the island's frequency over 500 ms.
        ROCOF_500MS_HZ_PER_S = "rocof_500ms_hz_per_s", "island's ROCOF 500 ms", "Hz/s", -5.0, 5.0, Kind::Analog;
        /// STEP NOW of the island.
        STEP_NOW_KW = "step_now_kw", "island's step now", "kW", 0.0, 150.0, Kind::Analog;
        /// Capacity of the island's step bucket at the present load.
        STEP_CAP_KW = "step_cap_kw", "island's step allowance", "kW", 0.0, 150.0, Kind::Analog;
        /// Rating of the gensets on the island's bus, after derating.
        RATING_KW = "rating_kw", "island's rating", "kW", 0.0, 1100.0, Kind::Analog;
    }
}

block! {
    /// One genset.
    genset {
        /// Electrical power.
        P_KW = "p_kw", "electrical", "kW", 0.0, 1100.0, Kind::Analog;
        /// Reactive power.
        Q_KVAR = "q_kvar", "reactive", "kvar", -500.0, 1000.0, Kind::Analog;
        /// Mechanical power.
        PM_KW = "pm_kw", "mechanical", "kW", 0.0, 1100.0, Kind::Analog;
        /// Rotor speed as frequency.
        SPEED_HZ = "speed_hz", "speed", "Hz", 0.0, 100.0, Kind::Analog;
        /// Terminal voltage.
        VT_PU = "vt_pu", "terminal voltage", "pu", 0.0, 1.3, Kind::Analog;
        /// Field voltage.
        EFD_PU = "efd_pu", "field voltage", "pu", 0.0, 5.0, Kind::Analog;
        /// Valve, throttle or actuator position.
        VALVE_PU = "valve_pu", "valve", "pu", 0.0, 1.1, Kind::Analog;
        /// Boost: the load that the turbocharger has spun up to.
        BOOST_PU = "boost_pu", "boost", "pu", 0.0, 1.1, Kind::Analog;
        /// Power that air allows now; the rating where no air limit is modelled.
        AVAIL_KW = "avail_kw", "available", "kW", 0.0, 1100.0, Kind::Analog;
        /// Fuel power, lower heating value.
        FUEL_KW = "fuel_kw", "fuel", "kW", 0.0, 3000.0, Kind::Analog;
        /// Minutes of low-load running on the accumulator.
        LOWLOAD_MIN = "lowload_min", "low-load minutes", "min", 0.0, 120.0, Kind::Analog;
        /// Start, run and stop state.
        STATE = "state", "state", "", 0.0, 10.0, Kind::State(GENSET_STATES);
        /// Generator breaker 52G.
        BREAKER = "breaker", "52G", "", 0.0, 1.0, Kind::State(OPEN_CLOSED);
    }
}

block! {
    /// One battery.
    bess {
        /// Power, positive when discharging.
        P_KW = "p_kw", "power", "kW", -250.0, 250.0, Kind::Analog;
        /// Reactive power.
        Q_KVAR = "q_kvar", "reactive", "kvar", -250.0, 250.0, Kind::Analog;
        /// State of charge.
        SOC_PCT = "soc_pct", "state of charge", "%", 0.0, 100.0, Kind::Analog;
        /// Current, pu of rating.
        I_PU = "i_pu", "current", "pu", 0.0, 1.5, Kind::Analog;
        /// Breaker 52B.
        BREAKER = "breaker", "52B", "", 0.0, 1.0, Kind::State(OPEN_CLOSED);
    }
}

block! {
    /// One synchronous condenser.
    condenser {
        /// Active power: less than 0 while it takes its losses from the bus.
        P_KW = "p_kw", "power", "kW", -250.0, 250.0, Kind::Analog;
        /// Reactive power.
        Q_KVAR = "q_kvar", "reactive", "kvar", -500.0, 1000.0, Kind::Analog;
        /// Rotor speed as frequency.
        SPEED_HZ = "speed_hz", "speed", "Hz", 0.0, 100.0, Kind::Analog;
        /// Terminal voltage.
        VT_PU = "vt_pu", "terminal voltage", "pu", 0.0, 1.3, Kind::Analog;
        /// Field voltage.
        EFD_PU = "efd_pu", "field voltage", "pu", 0.0, 5.0, Kind::Analog;
        /// What the rotor stores.
        EK_KWS = "ek_kws", "stored in the rotor", "kWs", 0.0, 10000.0, Kind::Analog;
        /// At rest, coasting or on the bus.
        STATE = "state", "state", "", 0.0, 2.0, Kind::State(CONDENSER_STATES);
        /// Breaker 52S.
        BREAKER = "breaker", "52S", "", 0.0, 1.0, Kind::State(OPEN_CLOSED);
    }
}

/// Index of a site signal: `at(site::F_HZ)`.
#[must_use]
pub fn at(site_offset: u32) -> SignalIdx {
    SignalIdx(site_offset)
}
