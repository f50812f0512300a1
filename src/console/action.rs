//! Everything the console can be asked to do, by who does it. Keys, buttons, menus and the palette push the same values;
//! the app applies them once a frame.

use std::path::PathBuf;

use super::dialogs::Save;
use super::outlook::Suppose;
use crate::acts::Operate;
use crate::training::msg::DeskAct;
use crate::worker::Speed;

/// Name of a view in settings, actions and tests; each view states its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ViewId(pub &'static str);

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// On the plant or its control; refused in words where there is no twin.
    Operate(Operate),
    /// At the desk: alarms, exercise, snapshots.
    Desk(DeskAct),
    /// With the run of the twin, or of what is played.
    Run(RunAct),
    /// On the time axis of the view in front.
    Time(TimeAct),
    /// With files.
    File(FileAct),
    /// With the source of the rows.
    Source(SourceAct),
    /// With the trainer's own conditions.
    Condition(ConditionAct),
    /// With this window.
    Screen(ScreenAct),
}

impl Action {
    /// Whether an examination bars it: it would freeze the run, take it back, or put another in its place.
    #[must_use]
    pub fn is_barred_in_exam(&self, running: bool) -> bool {
        match self {
            Self::Run(RunAct::Toggle) => running,
            Self::Run(RunAct::Run) => false,
            Self::Run(_) => true,
            Self::File(act) => matches!(act, FileAct::LoadBuiltIn(_) | FileAct::OpenFile(_)),
            Self::Condition(act) => matches!(act, ConditionAct::Load(_)),
            _ => false,
        }
    }
}

/// With the run of the twin, or of what is played.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RunAct {
    /// Run or freeze.
    Toggle,
    /// Run.
    Run,
    /// Freeze.
    Freeze,
    /// One step of so many seconds while frozen.
    StepS(f64),
    /// Speed.
    Speed(Speed),
    /// The scenario from its start.
    Restart,
    /// Back to the last snapshot.
    Backtrack,
}

/// On a time axis.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimeAct {
    /// Zoom by a factor about a time (`None`: the cursor or the now line).
    Zoom(f64, Option<f64>),
    /// Pan by seconds.
    Pan(f64),
    /// Follow the newest sample.
    Follow,
    /// To the start of the run.
    ToStart,
    /// The window becomes this stretch of time.
    Show([f64; 2]),
    /// Window preset; `None` is the whole run.
    Window(Option<f64>),
    /// Put cursor 0 or 1 at a time; `None` removes it.
    Cursor(usize, Option<f64>),
    /// Put cursor 0 or 1 at the now line.
    CursorHere(usize),
    /// Remove both cursors.
    ClearCursors,
    /// Move cursor 0 by seconds.
    Nudge(f64),
    /// Cursor 0 to the next (true) or previous event.
    ToEvent(bool),
}

/// With files. Those without a path ask for one first.
#[derive(Clone, Debug, PartialEq)]
pub enum FileAct {
    /// Ask for a scenario, a run or a recording and open it.
    Open,
    /// Ask for a recording and play it.
    OpenRecording,
    /// Open this file.
    OpenFile(PathBuf),
    /// Load a built-in scenario by name.
    LoadBuiltIn(String),
    /// Ask where to, and save.
    Save(Save),
    /// Check the hash chain of the journal in view.
    VerifyJournal,
    /// Close the journal of this run for good and tell its last hash.
    SealJournal,
}

/// With the source of the rows.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceAct {
    /// Play a recording, read only.
    Replay(PathBuf),
    /// Follow a CSV file that grows, read only.
    Follow(PathBuf),
    /// Connect to the devices of the site that this map names, read only.
    Connect(PathBuf),
    /// Leave the live source and go back to the twin.
    BackToTwin,
    /// Start a new worker after the old one ended.
    RestartWorker,
    /// Record the readings of the site in view, or no longer.
    Record(bool),
    /// In the recording of a site: go to this time, s.
    Seek(f64),
    /// Begin it again at its end, or no longer.
    Loop(bool),
    /// Fit the engine to the last minutes of the source in view.
    FitShadow,
    /// Read a table of others, to map its columns.
    MapColumns(PathBuf),
    /// Write the map that is made beside its table; and replay it.
    SaveColumns {
        /// Replay the table by it.
        replay: bool,
    },
    /// Leave the map that is made.
    LeaveColumns,
    /// Have a link that waits try again now.
    Retry(usize),
    /// With rehearsals of the source in view.
    Rehearse(RehearseAct),
}

/// With rehearsals: twins that start as a plant is. Nothing of it reaches the plant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RehearseAct {
    /// Open one of this moment.
    FromNow,
    /// What the forecast of the plant supposes.
    Suppose(Suppose),
    /// Bring this one's window to the front.
    Show(u32),
    /// Close this one.
    Close(u32),
}

/// With the trainer's own conditions.
#[derive(Clone, Debug, PartialEq)]
pub enum ConditionAct {
    /// Begin from this one.
    Load(PathBuf),
    /// Keep the present state under this name.
    Keep(String),
    /// What differs between two.
    Diff(Condition, Condition),
}

/// With this window.
#[derive(Clone, Debug, PartialEq)]
pub enum ScreenAct {
    /// Another view.
    Show(ViewId),
    /// One alarm in the view of alarms.
    ShowAlarm(crate::alarm::AlarmId),
    /// Show what a resume would bring, and ask.
    AskResume,
    /// Vertical ranges from data instead of limits.
    ZoomToData(bool),
    /// The voltage strip in place of that of frequency.
    ShowVoltage(bool),
    /// Light or dark.
    ToggleTheme,
    /// Key help.
    ToggleHelp,
    /// The list of commands.
    TogglePalette,
    /// Full screen.
    ToggleFullScreen,
    /// A window for the trainee beside this one, or no longer.
    ToggleMirror,
    /// Close the window.
    Quit,
}

/// A condition to begin from, or to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// The present state.
    Now,
    /// One of the program's, by name.
    Original(String),
    /// One of the trainer's own.
    Own(PathBuf),
}
