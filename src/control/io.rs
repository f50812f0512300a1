//! The boundary of control: what it measures, what it commands, what the plant answers. Data only.
//!
//! Readings are lists in the plant's own order: islands, GPU cohorts, miner fleets. Each cohort and fleet names the island
//! that its feeder hangs on, so that nothing is ever judged by another island's rating. Powers in kW, loads and sources
//! positive.

use crate::plant::gpu::Phase;

/// What is measured of one island: the sections that closed ties join, and the sources on them.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IslandReading {
    /// Its lowest bus section, by index. It names the island: an island that keeps its lowest section is the same one.
    pub section: usize,
    /// Bus frequency, Hz.
    pub f_hz: f64,
    /// Slope of the frequency over 500 ms, Hz/s.
    pub rocof_500ms_hz_per_s: f64,
    /// Bus voltage, pu.
    pub v_pu: f64,
    /// Electrical output of its gensets, kW; of its batteries where they hold it alone.
    pub kw: f64,
    /// Rating behind `kw`, kW: of the gensets on the bus after derating, or of the batteries.
    pub rating_kw: f64,
    /// Forming batteries hold it, and no genset is on its bus.
    pub battery_alone: bool,
    /// What batteries beside gensets could still give, kW; 0 when out of service.
    pub bess_available_kw: f64,
    /// What sources of other sections gave that ties have joined to it since the last sample, less those that were taken away,
    /// kW: a change of `kw` that is no step.
    pub regrouped_kw: f64,
    /// Whether the bus is alive.
    pub energised: bool,
}

/// What is measured of one GPU cohort. Counts are as commanded: a GPU told to start counts in its new phase at once.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CohortReading {
    /// Whether the schedule may use it.
    pub scheduled: bool,
    /// Its island, as an index of [`Measured::islands`].
    pub island: usize,
    /// Whether its feeder breaker 52C is closed.
    pub closed: bool,
    /// Whether its power supplies are up; after a dip that they do not ride through they are not.
    pub supplied: bool,
    /// Feeder power, kW.
    pub kw: f64,
    /// GPUs that are off.
    pub off: u32,
    /// GPUs in preload.
    pub preload: u32,
    /// GPUs at full.
    pub full: u32,
    /// One GPU that is off, kW.
    pub off_kw: f64,
    /// One GPU in preload, kW.
    pub preload_kw: f64,
    /// One GPU at full, under the power cap in force, kW.
    pub full_kw: f64,
    /// Power cap in force, as a share of `rated_kw`; 1 when there is none.
    pub cap: f64,
    /// One GPU at full without a cap, kW.
    pub rated_kw: f64,
    /// One GPU in preload without a cap, kW.
    pub rated_preload_kw: f64,
}

impl CohortReading {
    /// One GPU in preload and one at full under a cap, kW.
    #[must_use]
    pub fn each_at_cap_kw(&self, cap: f64) -> [f64; 2] {
        let most_kw = (cap * self.rated_kw).max(self.off_kw);
        [self.rated_preload_kw.min(most_kw), self.rated_kw.min(most_kw)]
    }
}

/// What is measured of one miner fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FleetReading {
    /// Its island, as an index of [`Measured::islands`].
    pub island: usize,
    /// Power of one unit, kW.
    pub unit_kw: f64,
    /// Units that switch off together; at least 1.
    pub block_units: u32,
    /// Units that draw power, answer, and could be shed.
    pub available: u32,
    /// Units that are off on a live feeder and could be woken.
    pub restorable: u32,
    /// Feeder power behind a 100 ms filter, kW.
    pub filtered_kw: f64,
    /// Seconds from a shed command until the unit has fallen: the mean, or that of the last shed where this took longer.
    pub latency_s: f64,
    /// Seconds from a restore command until the unit is back.
    pub restore_s: f64,
    /// Seconds until it draws half of its power.
    pub half_back_s: f64,
}

/// Measured values at a control instant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measured {
    /// Time of the sample in ticks.
    pub tick: u64,
    /// Seconds a tick.
    pub dt_s: f64,
    /// Nominal frequency, Hz.
    pub f0_hz: f64,
    /// Islands, in the order of their lowest section.
    pub islands: Vec<IslandReading>,
    /// GPU cohorts.
    pub cohorts: Vec<CohortReading>,
    /// Miner fleets.
    pub fleets: Vec<FleetReading>,
}

impl Measured {
    /// Whether every measured value is a number.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        let island = |i: &IslandReading| {
            [i.f_hz, i.rocof_500ms_hz_per_s, i.v_pu, i.kw, i.rating_kw, i.bess_available_kw].map(f64::is_finite)
        };
        let cohort = |c: &CohortReading| [c.kw, c.off_kw, c.preload_kw, c.full_kw].map(f64::is_finite);
        let fleet = |f: &FleetReading| [f.unit_kw, f.filtered_kw, f.latency_s, f.restore_s].map(f64::is_finite);
        self.dt_s.is_finite()
            && self.f0_hz.is_finite()
            && self.islands.iter().all(|i| island(i) == [true; 6])
            && self.cohorts.iter().all(|c| cohort(c) == [true; 4])
            && self.fleets.iter().all(|f| fleet(f) == [true; 4])
    }

    /// The island of a cohort.
    #[must_use]
    pub fn island_of_cohort(&self, cohort: usize) -> usize {
        self.cohorts.get(cohort).map_or(0, |c| c.island)
    }

    /// Whether a cohort has power: its feeder is closed, its bus alive and its supplies up.
    #[must_use]
    pub fn is_fed(&self, cohort: usize) -> bool {
        self.cohorts.get(cohort).is_some_and(|c| c.closed && c.supplied && self.is_alive(c.island))
    }

    /// Whether an island's bus is alive.
    #[must_use]
    pub fn is_alive(&self, island: usize) -> bool {
        self.islands.get(island).is_some_and(|i| i.energised)
    }

    /// Takes over another measurement; allocates only when that has more devices or islands.
    pub fn copy_from(&mut self, other: &Self) {
        (self.tick, self.dt_s, self.f0_hz) = (other.tick, other.dt_s, other.f0_hz);
        self.islands.clone_from(&other.islands);
        self.cohorts.clone_from(&other.cohorts);
        self.fleets.clone_from(&other.fleets);
    }
}

/// What a command changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// GPUs of a cohort go from one phase to another.
    Gpus {
        /// Which cohort.
        cohort: usize,
        /// Phase that they leave.
        from: Phase,
        /// Phase that they go to.
        to: Phase,
    },
    /// The power cap of a cohort moves.
    Cap {
        /// Which cohort.
        cohort: usize,
        /// Share of full power.
        share: f64,
    },
    /// Miner units of a fleet switch off.
    Shed {
        /// Which fleet.
        fleet: usize,
    },
    /// Miner units of a fleet switch on.
    Restore {
        /// Which fleet.
        fleet: usize,
    },
}

/// A command to devices: what it changes, how many, and the kW that this is meant to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Action {
    /// What changes.
    pub change: Change,
    /// GPUs or miner units; a cap is one thing.
    pub n: u32,
    /// Change of load, kW; negative downwards. Of miners that are restored, once they are back.
    pub kw: f64,
}

impl Action {
    /// The same for another number.
    #[must_use]
    pub fn with_count(self, n: u32) -> Self {
        let kw = if self.n > 0 { self.kw / f64::from(self.n) * f64::from(n) } else { 0.0 };
        Self { n, kw, ..self }
    }
}

/// What came of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// So many GPUs or units were moved.
    Done(u32),
    /// Nothing is known yet; [`super::Supervisor::answered`] is told later.
    Later,
}

/// Who carries commands out.
pub trait Devices {
    /// Carries a command out and says what was done.
    fn command(&mut self, action: Action) -> Answer;
}

/// Names of the plant's parts, for words that people read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Bus sections.
    pub sections: Vec<String>,
    /// GPU cohorts.
    pub cohorts: Vec<String>,
    /// Miner fleets.
    pub fleets: Vec<String>,
}

/// Something control wants on the record.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// The plant carried this out, with the count and kW that it did. A cap is told when it has reached its set-point.
    Done(Action),
    /// The plant did less than it was told.
    Short {
        /// What it was told.
        action: Action,
        /// GPUs or units that moved.
        did: u32,
    },
    /// The schedule holds, with the reason.
    Hold(String),
    /// The schedule goes on.
    Resume,
    /// The schedule ends because the supply of its GPUs is gone, with the reason.
    Lost(String),
    /// Another state was reached.
    State(super::RunState),
    /// A measured limit was passed.
    Limit(String),
}
