//! What control tells: its state, the limits with the binding one, refusals. Data only.

/// State of the schedule. The order is that of `signals::SCHEDULE_STATES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunState {
    /// Not started.
    Idle,
    /// Adding batches.
    Running,
    /// Held, see [`Status::hold_reason`].
    Hold,
    /// Target reached.
    Complete,
    /// ABORT: no adds, what is up stays.
    Aborted,
    /// Going down under the same limits.
    RampDown,
    /// Down: all GPUs of the schedule are off.
    Down,
    /// The bus died under GPUs of the schedule and nothing else is left to do.
    Lost,
}

impl RunState {
    /// Position in `signals::SCHEDULE_STATES`.
    #[must_use]
    pub fn code(self) -> usize {
        self as usize
    }
}

/// The limits that admission tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitId {
    /// GPUs that change state a second.
    GpusPerS,
    /// Net step of the batch against the step limit.
    Step,
    /// STEP NOW bucket.
    StepNow,
    /// Change within 100 ms.
    Window100ms,
    /// Change within 1 s.
    Window1s,
    /// Change within 10 s.
    Window10s,
    /// Sustained ramp.
    Ramp,
    /// Ceiling on predicted genset load.
    Ceiling,
    /// Spinning reserve.
    Headroom,
    /// Feedback hold on frequency.
    HoldFrequency,
    /// Feedback hold on ROCOF.
    HoldRocof,
    /// Feedback hold on voltage.
    HoldVoltage,
    /// Feedback hold on load.
    HoldLoad,
    /// The interval itself sets the pace.
    Interval,
    /// Waiting for miners to confirm.
    Confirm,
    /// The fleet has nothing left to add or shed.
    Fleet,
}

impl LimitId {
    /// Short name for the screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GpusPerS => "GPU per s",
            Self::Step => "Step",
            Self::StepNow => "Step now",
            Self::Window100ms => "100 ms window",
            Self::Window1s => "1 s window",
            Self::Window10s => "10 s window",
            Self::Ramp => "Ramp",
            Self::Ceiling => "Ceiling",
            Self::Headroom => "Headroom",
            Self::HoldFrequency => "Hold on f",
            Self::HoldRocof => "Hold on ROCOF",
            Self::HoldVoltage => "Hold on V",
            Self::HoldLoad => "Hold on load",
            Self::Interval => "Interval",
            Self::Confirm => "Miner confirm",
            Self::Fleet => "Fleet",
        }
    }
}

/// One limit with its use: what the next batch would bring it to, against the limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitUse {
    /// The limit that is meant.
    pub id: LimitId,
    /// Value that the next batch would bring.
    pub now: f64,
    /// The limit.
    pub limit: f64,
    /// Unit of both.
    pub unit: &'static str,
    /// Whether it refuses the next batch at this instant.
    pub blocks: bool,
}

/// Why a command or a batch was refused; the screen shows it in words (`Display`).
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The value is outside the set-point's range.
    #[error("{name} must be between {lo} and {hi}, not {value}")]
    OutOfRange {
        /// Set-point.
        name: String,
        /// Smallest.
        lo: f64,
        /// Largest.
        hi: f64,
        /// Given.
        value: f64,
    },
    /// The command makes no sense in this state.
    #[error("{command} is not possible while the schedule is {state}")]
    WrongState {
        /// Command.
        command: &'static str,
        /// State name.
        state: &'static str,
    },
    /// A limit refuses the batch.
    #[error("{0} {1:.1} of {2:.1} {3}")]
    Limit(&'static str, f64, f64, &'static str),
    /// The plant has no such device.
    #[error("no {0} in this plant")]
    NoDevice(&'static str),
    /// An interlock stands.
    #[error("interlock: {0}")]
    Interlock(String),
    /// The act would move nothing, with the reason.
    #[error("{0}")]
    Nothing(String),
}

/// What the console shows of control.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// State of the schedule.
    pub state: RunState,
    /// Why it holds or how it was lost.
    pub hold_reason: Option<String>,
    /// Name of the island that the next batch is for, where the plant has several sections; limits, binding one, STEP NOW and
    /// what can be shed are those of this island.
    pub island: Option<String>,
    /// Name of the cohort that the next batch is for, where the plant has several.
    pub cohort: Option<String>,
    /// All limits with their use.
    pub limits: Vec<LimitUse>,
    /// The one that sets the pace.
    pub binding: Option<LimitId>,
    /// STEP NOW: level and capacity, kW.
    pub step_now_kw: [f64; 2],
    /// GPUs in the next batch and seconds until it.
    pub next_batch: Option<(u32, f64)>,
    /// GPUs up (any phase but off) and the number that the target asks for, over all scheduled cohorts.
    pub gpus: [u32; 2],
    /// Seconds to the end of the plan at the present pace, if it moves.
    pub eta_s: Option<f64>,
    /// kW of that island's sources at the end of the plan.
    pub plan_end_kw: f64,
    /// What refuses START, RESUME and NEXT BATCH now, in words: interlocks of that island, or a supply that is missing.
    pub interlocks: Vec<String>,
    /// Miner kW that control could still shed on that island.
    pub can_shed_kw: f64,
    /// Miner kW that control has taken off for GPUs and that is not back, on all islands: what the gensets would carry besides
    /// without the plan.
    pub shed_kw: f64,
    /// Seconds until all shed miners of all islands are back, 0 when none is off.
    pub restore_eta_s: f64,
    /// The policy in force.
    pub policy: super::Policy,
}

/// Where there is no control to ask: idle, no limits, nothing to shed.
impl Default for Status {
    fn default() -> Self {
        Self {
            state: RunState::Idle,
            hold_reason: None,
            island: None,
            cohort: None,
            limits: Vec::new(),
            binding: None,
            step_now_kw: [f64::NAN; 2],
            next_batch: None,
            gpus: [0; 2],
            eta_s: None,
            plan_end_kw: f64::NAN,
            interlocks: Vec::new(),
            can_shed_kw: f64::NAN,
            shed_kw: 0.0,
            restore_eta_s: 0.0,
            policy: super::Policy::unknown(),
        }
    }
}
