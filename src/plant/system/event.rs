//! What happens in a plant, as data. Devices are named by their index, breakers by their flat index; words are made elsewhere.

use crate::plant::genset::RunState;

/// Why a set tripped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TripCause {
    /// A relay of the set, by its index.
    Relay(usize),
    /// Mechanical overspeed.
    Overspeed,
    /// It stood still with 52G closed.
    Stall,
    /// An act of somebody: script, operator, emergency stop.
    Command,
}

/// Something that happened in the plant during a tick.
#[derive(Clone, Debug, PartialEq)]
pub enum PlantEvent {
    /// A set tripped: 52G open, fuel shut.
    Trip {
        /// Set.
        genset: usize,
        /// What tripped it.
        cause: TripCause,
        /// What was measured, in the unit of the relay's pickup; pu speed for overspeed and stall, 0 for a command.
        value: f64,
        /// It was on the bus.
        on_bus: bool,
    },
    /// A breaker of a feeder, battery or tie was opened by its protection.
    FeederTrip {
        /// Breaker.
        breaker: usize,
    },
    /// A relay that only alarms operated.
    RelayAlarm {
        /// Set.
        genset: usize,
        /// Relay of the set.
        relay: usize,
        /// What was measured, in the unit of the pickup.
        value: f64,
    },
    /// A load-shedding stage of a section operated.
    Shed {
        /// Stage.
        stage: usize,
        /// Section.
        section: usize,
        /// kW commanded off.
        kw: f64,
    },
    /// A genset changed its run state.
    Genset {
        /// Set.
        genset: usize,
        /// New state.
        run: RunState,
    },
    /// A sequence of a genset did not get where it was going.
    Refused {
        /// Set.
        genset: usize,
        /// The reason, in words.
        why: &'static str,
    },
    /// A breaker moved.
    Breaker {
        /// Breaker.
        breaker: usize,
        /// New position.
        closed: bool,
    },
    /// Supplies on a section dropped out.
    DropOut {
        /// Section.
        section: usize,
        /// kW lost.
        kw: f64,
    },
    /// Supplies on a section are back.
    SupplyBack {
        /// Section.
        section: usize,
    },
    /// An island lost its last source.
    Dead {
        /// Its lowest section.
        section: usize,
    },
    /// An island came alive.
    Alive {
        /// Its lowest section.
        section: usize,
    },
    /// The node of an island had no solution; its voltage was held. Reported once a loss.
    NoSolution {
        /// Its lowest section.
        section: usize,
    },
}
