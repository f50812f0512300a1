//! What a plant tells of a tick: plain data, put into words by whoever reports it. Indices are those of [`super::config::Plant`].

use super::genset::RunState;

/// Something that happened in the plant during a tick.
#[derive(Clone, Debug, PartialEq)]
pub enum PlantEvent {
    /// 52G of a genset opened and its fuel was shut.
    GensetTripped {
        /// Genset.
        genset: usize,
        /// What did it.
        cause: TripCause,
    },
    /// The breaker of a feeder, battery or tie was opened by its protection.
    BreakerTripped {
        /// Flat index of the breaker.
        breaker: usize,
    },
    /// A relay that only alarms operated.
    RelayAlarm {
        /// Genset.
        genset: usize,
        /// Relay of that set.
        relay: usize,
        /// What it measured, in the unit of its pick-up.
        value: f64,
    },
    /// A load-shedding stage operated.
    StageShed {
        /// Stage.
        stage: usize,
        /// Load commanded off, kW.
        kw: f64,
    },
    /// A genset changed its run state.
    GensetState {
        /// Genset.
        genset: usize,
        /// The state that it is in now.
        run: RunState,
    },
    /// A breaker moved by command.
    BreakerMoved {
        /// Flat index of the breaker.
        breaker: usize,
        /// Where it is now.
        closed: bool,
    },
    /// Power supplies on a section dropped out on low voltage.
    SuppliesDroppedOut {
        /// Section.
        section: usize,
        /// Load lost, kW.
        kw: f64,
    },
    /// The voltage on a section is good again.
    SupplyReturned {
        /// Section.
        section: usize,
    },
    /// An island lost its last source.
    IslandDead {
        /// Island.
        island: usize,
    },
    /// An island came alive.
    IslandAlive {
        /// Island.
        island: usize,
    },
    /// No voltage carries the load of an island; it was held. Told once for as long as it lasts.
    NoSolution {
        /// Island.
        island: usize,
    },
}

/// Why a genset tripped.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TripCause {
    /// One of its relays.
    Relay {
        /// Relay of that set.
        relay: usize,
        /// What it measured, in the unit of its pick-up.
        value: f64,
    },
    /// The mechanical overspeed device.
    Overspeed {
        /// Speed, pu of nominal.
        speed_pu: f64,
    },
    /// The script, the emergency stop, or somebody in the field: a fault or a command, not an operation of protection.
    Commanded,
}
