//! Messages between the engine's worker and whoever owns it. Plain data; no serde, no GUI type.

use std::sync::Arc;

pub use super::fault::{Fault, FaultKind, Remote};
use crate::control::{Setpoint, Status};
use crate::feed::quality::Quality;
use crate::plant::signals::SignalTable;
pub use crate::training::msg::{DeskAct, DeskView};

/// Rows a block keeps for one simulated interval of this length.
pub const BLOCK_ROW_S: f64 = 0.05;

/// Speed of the run against the wall clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Speed {
    /// So many simulated seconds a second, 0.1 to 1000.
    Times(f64),
    /// As fast as the machine can.
    Max,
}

/// A command to the worker.
#[derive(Clone, Debug)]
pub enum Command {
    /// Go on.
    Run,
    /// Freeze.
    Pause,
    /// While frozen: this many ticks.
    Step(u32),
    /// Change the speed.
    Speed(Speed),
    /// Something that acts on the plant or its control; goes to the command log.
    Operate(Operate),
    /// Another scenario; starts a new epoch, frozen.
    Load(Box<crate::scenario::Scenario>),
    /// The same scenario from the start; a new epoch, frozen.
    Restart,
    /// Ask for a forecast with the three engine presets.
    Forecast,
    /// An act at the desk: on alarms, on the exercise, on snapshots; goes to the desk's log.
    Desk(Box<DeskAct>),
}

/// An operator's or a script's act on the run. Logged with its tick; the log reproduces the run.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operate {
    /// Change a set-point.
    Set(Setpoint, f64),
    /// Start the bring-up.
    Start,
    /// HOLD.
    Hold,
    /// Resume after a hold.
    Resume,
    /// ABORT: stop adds and follow the abort policy.
    Abort,
    /// One batch by hand, under the same limits.
    NextBatch,
    /// Clean ramp-down under the same limits.
    RampDown,
    /// Open or close a breaker, by its index in the plant.
    Breaker(u32, bool),
    /// Start a genset.
    StartGenset(u32),
    /// Unload and stop a genset.
    StopGenset(u32),
    /// Reset latched trips and shed stages.
    Reset,
    /// GPUs that slam from preload (or off) to full at once, past control.
    Slam(u32),
    /// All GPUs of a cohort drop to off within 50 ms.
    Crash(u32),
    /// A malfunction begins, changes or ends.
    Fault(Fault),
    /// An act in the field.
    Remote(Remote),
}

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// An operator's command, as applied.
    Command,
    /// A command or batch that was refused, with the reason.
    Refused,
    /// GPUs were added (value: kW).
    Batch,
    /// GPUs were taken off (value: kW).
    BatchDown,
    /// Miners were shed (value: kW).
    Shed,
    /// Miners came back (value: kW).
    Restore,
    /// The schedule holds.
    Hold,
    /// The schedule goes on.
    Resume,
    /// A protection trip.
    Trip,
    /// A limit was passed (a violation).
    Limit,
    /// Staged load shedding operated.
    LoadShed,
    /// A device or the schedule changed state.
    State,
    /// The script did something.
    Script,
    /// The model left its valid range, or the program has something to say.
    Notice,
    /// An alarm changed its state.
    Alarm,
    /// Somebody did something at the desk that is not an act on the plant: acknowledged, shelved, froze.
    Desk,
    /// A malfunction began, changed or ended.
    Fault,
    /// The score changed, or was fixed.
    Score,
    /// A mark or a note.
    Note,
    /// A snapshot was taken or restored.
    Snapshot,
}

/// Who or what did it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// The plant, its control or its protection.
    #[default]
    Plant,
    /// Whoever operates the console.
    Trainee,
    /// The trainer.
    Instructor,
    /// The scenario's script.
    Scenario,
}

/// One thing that happened. Never coalesced.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Order within the run, from 0.
    pub seq: u64,
    /// When, in ticks.
    pub tick: u64,
    /// When, in seconds of the run.
    pub t_s: f64,
    /// Kind.
    pub kind: EventKind,
    /// Device or part: `G1`, `schedule`, `81U-1`.
    pub object: String,
    /// What, in words.
    pub text: String,
    /// A number that belongs to it, if any, in `unit`.
    pub value: f64,
    /// Unit of `value`.
    pub unit: &'static str,
    /// Who did it.
    pub by: By,
    /// State before and after, where there are two.
    pub change: Option<[&'static str; 2]>,
    /// Sequence number of the event that caused this one, where it is known.
    pub cause: Option<u64>,
}

impl Event {
    /// Of the plant, at t = 0, with words only; the rest is filled in by whoever numbers it.
    #[must_use]
    pub fn new(kind: EventKind, object: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            seq: 0,
            tick: 0,
            t_s: 0.0,
            kind,
            object: object.into(),
            text: text.into(),
            value: 0.0,
            unit: "",
            by: By::Plant,
            change: None,
            cause: None,
        }
    }
}

/// Rows of one update: one row a [`BLOCK_ROW_S`] of simulated time, with min, max and last of every signal over it.
/// Row-major: signal `i` of row `r` is at `r * width + i`. NaN means no data.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    /// Signals a row.
    pub width: usize,
    /// End time of each row, seconds of the run, rising.
    pub t_s: Vec<f64>,
    /// Smallest value within the row's interval.
    pub min: Vec<f64>,
    /// Largest value.
    pub max: Vec<f64>,
    /// Value at the row's time.
    pub last: Vec<f64>,
}

impl Block {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.t_s.len()
    }

    /// Appends `other` and leaves it empty.
    pub fn append(&mut self, other: &mut Self) {
        self.width = other.width;
        self.t_s.append(&mut other.t_s);
        self.min.append(&mut other.min);
        self.max.append(&mut other.max);
        self.last.append(&mut other.last);
    }
}

/// State of one device for the mimic; what a row of numbers cannot say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlantView {
    /// Breakers, in the order of `Operate::Breaker`.
    pub breakers: Vec<BreakerView>,
    /// Set-points of devices, as they are in force.
    pub readback: Readback,
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

/// A forecast of 60 s from the present state, on three engine presets.
#[derive(Clone, Debug, PartialEq)]
pub struct Forecast {
    /// Time of the state that it started from.
    pub t0_s: f64,
    /// Names of the presets, soft, nominal, stiff.
    pub presets: [String; 3],
    /// Sample times, s of the run.
    pub t_s: Vec<f64>,
    /// Frequency for each preset.
    pub f_hz: [Vec<f64>; 3],
    /// Genset kW for the plant's own preset.
    pub gen_kw: Vec<f64>,
    /// GPU kW.
    pub gpu_kw: Vec<f64>,
    /// Miner kW.
    pub miner_kw: Vec<f64>,
    /// BESS kW.
    pub bess_kw: Vec<f64>,
    /// Planned batches: time and kW.
    pub batches: Vec<(f64, f64)>,
    /// Lowest f of the plant's own preset and when.
    pub min_f_hz: (f64, f64),
    /// Largest genset kW of the plant's own preset and when.
    pub max_gen_kw: (f64, f64),
    /// First limit reached: what, when, on which preset; own preset first.
    pub first_limit: Option<(String, f64, String)>,
    /// While the schedule holds: what comes if it is resumed now, on the plant's own preset.
    pub resumed: Option<Outlook>,
}

/// The extremes of a forecast.
#[derive(Clone, Debug, PartialEq)]
pub struct Outlook {
    /// Lowest frequency and when.
    pub min_f_hz: (f64, f64),
    /// Largest genset kW and when.
    pub max_gen_kw: (f64, f64),
    /// First limit reached and when.
    pub first_limit: Option<(String, f64)>,
}

/// What stays the same over an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Plate {
    /// Scenario's name and purpose.
    pub scenario: String,
    /// One line of purpose.
    pub purpose: String,
    /// Where it came from: a path, or `built in`.
    pub origin: String,
    /// The scenario's text; empty for rows that have none.
    pub source: Arc<str>,
    /// Engine preset in use.
    pub preset: String,
    /// Seed of the run.
    pub seed: u64,
    /// Nominal frequency.
    pub f0_hz: f64,
    /// Nominal voltage, V.
    pub v_nom: f64,
    /// Rating of all gensets, kW.
    pub rated_kw: f64,
    /// Names of gensets, sections and batteries.
    pub gensets: Vec<String>,
    /// Bus sections.
    pub sections: Vec<String>,
    /// Batteries.
    pub bess: Vec<String>,
    /// GPUs in all cohorts, and kW of one at full.
    pub gpus: u32,
    /// kW of one GPU at full.
    pub gpu_kw: f64,
    /// Rise of a batch of GPUs to its full power, start jitter included, s; 0 where it is not known.
    pub gpu_rise_s: f64,
    /// Miner units, and kW of one.
    pub miners: u32,
    /// kW of one miner.
    pub miner_kw: f64,
    /// BESS rating, kW and kWh.
    pub bess_kw: f64,
    /// BESS energy, kWh.
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
    /// A plate that claims only what rows with these bus sections, gensets and batteries show.
    #[must_use]
    pub fn of_rows(name: &str, [sections, gensets, bess]: [Vec<String>; 3], f0_hz: f64) -> Self {
        Self {
            scenario: name.to_owned(),
            purpose: "recording or feed, read only".to_owned(),
            origin: name.to_owned(),
            preset: "–".to_owned(),
            f0_hz,
            gensets,
            sections,
            bess,
            model_note: "measured or recorded rows".to_owned(),
            ..Self::default()
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
            preset: String::new(),
            seed: 0,
            f0_hz: f64::NAN,
            v_nom: f64::NAN,
            rated_kw: f64::NAN,
            gensets: Vec::new(),
            sections: Vec::new(),
            bess: Vec::new(),
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

/// What the worker tells.
#[derive(Clone, Debug)]
pub struct Update {
    /// Counts scenarios and restarts; the receiver clears its history when it changes.
    pub epoch: u32,
    /// The signal table of this epoch.
    pub table: Arc<SignalTable>,
    /// What stays the same over the epoch.
    pub plate: Arc<Plate>,
    /// Rows since the last update.
    pub block: Block,
    /// The newest row (every signal at `t_s`).
    pub latest: Vec<f64>,
    /// Time of `latest`, seconds of the run.
    pub t_s: f64,
    /// State of control.
    pub status: Status,
    /// Devices for the mimic.
    pub view: PlantView,
    /// Events since the last update.
    pub events: Vec<Event>,
    /// Sequence number of the newest command that has been applied or refused.
    pub acked: u64,
    /// Whether it runs.
    pub running: bool,
    /// Requested speed.
    pub speed: Speed,
    /// Simulated seconds a wall second over the last publish interval.
    pub achieved_speed: f64,
    /// Updates merged into this one because the receiver was slow.
    pub coalesced: u32,
    /// The twin waits because the receiver does not take its updates.
    pub stalled: bool,
    /// State hash at the last full second.
    pub state_hash: u64,
    /// A new forecast, when there is one.
    pub forecast: Option<Arc<Forecast>>,
    /// Alarms, exercise, snapshots: there when something of it has changed.
    pub desk: Option<Arc<DeskView>>,
    /// The run went back to this time: rows and events after it are no longer of this run, and `block` goes on from it.
    pub rewound_s: Option<f64>,
    /// Quality of each signal of `latest`; empty for the twin and for recordings of it, which know their values.
    pub quality: Vec<Quality>,
}
