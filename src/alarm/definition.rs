//! An alarm as the database defines it: when, how bad, and what to do about it. Data.

use serde::Deserialize;

use crate::acts::EventKind;

/// How soon a response is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum Priority {
    /// At once.
    Urgent,
    /// Within a minute.
    High,
    /// Within minutes.
    Medium,
    /// For the log.
    Diagnostic,
}

impl Priority {
    /// All, most urgent first.
    pub const ALL: [Self; 4] = [Self::Urgent, Self::High, Self::Medium, Self::Diagnostic];

    /// 1 to 4.
    #[must_use]
    pub fn number(self) -> usize {
        self as usize + 1
    }
}

/// Alarms of which the first one counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum Group {
    /// Trips.
    Trip,
    /// Frequency, step, ramp, voltage.
    Frequency,
    /// GPU feed.
    Gpu,
    /// Miner feed.
    Miner,
    /// Battery.
    Bess,
    /// Engine and fuel.
    Engine,
    /// Metering, links, schedule.
    System,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Trip, Self::Frequency, Self::Gpu, Self::Miner, Self::Bess, Self::Engine, Self::System];

    /// Whether its first alarm is marked: where one alarm pulls others after it.
    #[must_use]
    pub fn has_first_out(self) -> bool {
        !matches!(self, Self::Engine | Self::System)
    }

    /// In words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Trip => "Trip",
            Self::Frequency => "Frequency",
            Self::Gpu => "GPU feed",
            Self::Miner => "Miner feed",
            Self::Bess => "BESS",
            Self::Engine => "Engine",
            Self::System => "System",
        }
    }
}

/// What is looked at.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Quantity {
    /// A signal, by id.
    Signal(String),
    /// The size of a signal, without its sign.
    Abs(String),
    /// One signal less another.
    Difference(String, String),
    /// The size of the difference of two signals.
    Apart(String, String),
    /// Size of generation less all loads.
    Balance,
    /// Change of the first signal within 1 s, either way, beyond that of the second within 3 s: what nobody asked for.
    Uncommanded(String, String),
    /// Change of the first signal within 1 s, either way, beyond what operators asked of auxiliary loads within 3 s.
    Unasked(String),
    /// Size of a frequency less the nominal one.
    OffNominal(String),
    /// Change of the second signal within 3 s while the first, which goes with it, has not moved at all.
    Frozen(String, String),
    /// Something that no signal of this program stands for, in words: the alarm is listed as not evaluable.
    Unmeasured(String),
}

/// What it is held against.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum Limit {
    /// A number in the quantity's unit.
    Value(f64),
    /// Per cent of nominal frequency.
    PctOfF0(f64),
    /// Per cent of the rating of all gensets.
    PctOfRating(f64),
    /// A set-point of the policy in force.
    Policy(PolicyLimit),
    /// Another signal.
    Signal(String),
    /// So many kW of one miner unit.
    MinerUnits(f64),
    /// Per cent of the rating of all batteries.
    PctOfBess(f64),
    /// So many kW of one GPU.
    Gpus(f64),
}

/// A limit that the operator can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum PolicyLimit {
    /// Ramp limit, kW/s.
    Ramp,
    /// A batch of the plan that the scenario came with, kW.
    Batch,
    /// Spinning reserve, kW.
    Headroom,
}

/// When it is active.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum When {
    /// The quantity is above the limit.
    Above(Quantity, Limit),
    /// The quantity is below the limit.
    Below(Quantity, Limit),
    /// A state signal has this state, by its name.
    In(String, String),
    /// A signal has no number.
    Lost(String),
    /// The newest row is older than so many periods of its source.
    Stale(f64),
    /// An event of this kind whose object begins with the text (and whose value is above the limit, if there is one).
    Event(What, String, Option<Limit>),
    /// Something stands that no signal tells.
    Stands(Condition),
}

/// What stands beside the signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Condition {
    /// Commands to GPUs, miners or a battery get lost.
    CommandsLost,
    /// The emergency stop is pressed.
    EmergencyStop,
    /// An interlock holds the schedule.
    InterlockHold,
}

/// Kinds of events that an alarm can be made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum What {
    /// A genset's breaker, opened by protection.
    GensetTrip,
    /// Another breaker, opened by its own protection.
    FeederTrip,
    /// A batch of GPUs.
    Batch,
}

impl What {
    /// Whether an event of this kind, with these words, is one.
    #[must_use]
    pub fn is(self, kind: EventKind, text: &str) -> bool {
        match self {
            Self::GensetTrip => kind == EventKind::Trip && text.contains("52G"),
            Self::FeederTrip => kind == EventKind::Trip && !text.contains("52G"),
            Self::Batch => kind == EventKind::Batch,
        }
    }
}

/// A state of the plant in which an alarm has no meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
pub enum Rule {
    /// No schedule runs.
    ScheduleIdle,
    /// No battery is in service.
    BessOut,
    /// No genset is on the bus.
    NoGenset,
    /// The bus is dead.
    BusDead,
    /// A genset is on its way down: unloading, cooling down.
    GensetStopping,
    /// All miners are commanded off.
    MinersOff,
    /// The schedule takes GPUs down.
    RampDown,
    /// The reason of a hold is shown.
    HoldExplained,
    /// The schedule has not been started: nothing has been commanded.
    NotStarted,
    /// The schedule holds.
    Held,
    /// Another section speaks for the island of this one. By the plant, never by a file.
    #[serde(skip)]
    Joined,
}

impl Rule {
    /// In words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ScheduleIdle => "no schedule runs",
            Self::BessOut => "BESS out of service",
            Self::NoGenset => "no genset on the bus",
            Self::BusDead => "bus dead",
            Self::GensetStopping => "genset stopping",
            Self::MinersOff => "miners commanded off",
            Self::RampDown => "schedule ramps down",
            Self::HoldExplained => "the reason of the hold is shown",
            Self::NotStarted => "no schedule started",
            Self::Held => "schedule held",
            Self::Joined => "another section speaks for its island",
        }
    }
}

/// An alarm of the database.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Short name, unique.
    pub tag: String,
    /// What a person reads: what and where.
    pub text: String,
    /// How soon a response is needed.
    pub priority: Priority,
    /// First-out group; its word is the area in lists.
    pub group: Group,
    /// The condition under which it is active.
    pub when: When,
    /// How far inside the limit it has to come back, in the quantity's unit (per cent where the limit is in per cent).
    #[serde(default)]
    pub deadband: f64,
    /// How long the condition has to hold.
    #[serde(default)]
    pub on_s: f64,
    /// How long it has to be gone.
    #[serde(default)]
    pub off_s: f64,
    /// Held until a reset.
    #[serde(default)]
    pub latching: bool,
    /// States in which it says nothing.
    #[serde(default)]
    pub silent_when: Vec<Rule>,
    /// Tags of which it is a consequence when it follows within 5 s.
    #[serde(default)]
    pub follows: Vec<String>,
    /// Why it happens.
    pub cause: String,
    /// What happens if nothing is done.
    pub consequence: String,
    /// How long there is to respond.
    pub within: String,
    /// What to do, step by step.
    pub response: Vec<String>,
    /// What to do instead in states in which these steps make no sense; the first that fits counts.
    #[serde(default)]
    pub response_when: Vec<Otherwise>,
    /// Where its numbers come from.
    pub source: String,
}

/// Steps for states of the plant in which the usual ones make no sense.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Otherwise {
    /// Any of these states.
    pub when: Vec<Rule>,
    /// What to do then, step by step.
    pub steps: Vec<String>,
}

impl Definition {
    /// What to do: the usual steps, or those of a state by its place in `response_when`.
    #[must_use]
    pub fn steps(&self, otherwise: Option<usize>) -> &[String] {
        otherwise.and_then(|k| self.response_when.get(k)).map_or(&self.response, |o| &o.steps)
    }
}
