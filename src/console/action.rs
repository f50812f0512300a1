//! Everything the console can be asked to do. Menus, keys and buttons push the same values; the app applies them once a
//! frame.

use std::path::PathBuf;

use crate::acts::Operate;
use crate::training::msg::DeskAct;
use crate::worker::Speed;

/// The views, in the order of their function keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// F1: bring-up.
    Operate,
    /// F2: runs side by side.
    Compare,
    /// F3: limits.
    Tune,
    /// F4: alarms and events.
    Alarms,
    /// F5: the trainer's desk.
    Instructor,
    /// F6: live feed.
    Live,
    /// F7: the debrief.
    Report,
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

/// One thing to do.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Acts on the plant or its control; refused in words where there is no twin.
    Operate(Operate),
    /// Show what a resume would bring, and ask.
    AskResume,
    /// Something at the desk: alarms, exercise, snapshots.
    Desk(DeskAct),
    /// Back to the last snapshot.
    Backtrack,
    /// Begin from one of the trainer's own conditions.
    LoadIc(PathBuf),
    /// Keep the present state as a condition of this name.
    KeepIc(String),
    /// What differs between two conditions.
    DiffIc(Condition, Condition),
    /// Ask for a file and save the exercise at the desk.
    SaveExercise,
    /// A window for the trainee beside this one, or no longer.
    ToggleMirror,
    /// Show one alarm in the view of alarms.
    ShowAlarm(crate::alarm::AlarmId),
    /// Ask where to write the alarms as CSV.
    SaveAlarms,
    /// Run or freeze.
    ToggleRun,
    /// Run.
    Run,
    /// Freeze.
    Pause,
    /// One step of so many seconds while frozen.
    StepS(f64),
    /// Speed.
    Speed(Speed),
    /// The scenario from its start.
    Restart,
    /// Another view.
    Show(View),
    /// Zoom time by a factor about a time (`None`: the cursor or the now line).
    Zoom(f64, Option<f64>),
    /// Pan by seconds.
    Pan(f64),
    /// Follow the newest sample.
    Follow,
    /// To the start of the run.
    ToStart,
    /// Window preset; `None` is the whole run.
    Window(Option<f64>),
    /// Put cursor 0 or 1 at a time; `None` removes it.
    Cursor(usize, Option<f64>),
    /// Remove both cursors.
    ClearCursors,
    /// Move cursor 0 by seconds.
    Nudge(f64),
    /// Cursor 0 to the next (true) or previous event.
    ToEvent(bool),
    /// Vertical range from data instead of limits.
    ZoomToData(bool),
    /// Show the voltage strip.
    ShowVoltage(bool),
    /// Ask for a file and open it (scenario or recording).
    Open,
    /// Ask for a recording and play it.
    OpenRecording,
    /// Open this file.
    OpenFile(PathBuf),
    /// Load a built-in scenario by name.
    LoadBuiltIn(String),
    /// Ask for a file and save the run: scenario, seed, acts, hashes.
    SaveRun,
    /// Ask for a file and save these events.
    SaveEvents(super::views::soe::Wanted),
    /// Ask for a file and save the debrief: as a page, or its tables as CSV.
    SaveReport {
        /// The page.
        html: bool,
    },
    /// Check the hash chain of the journal in view.
    VerifyJournal,
    /// Close the journal of this run for good and tell its last hash.
    SealJournal,
    /// Export the visible window as CSV.
    ExportCsv,
    /// Export it as COMTRADE, for the tools of protection engineers.
    ExportComtrade,
    /// Record the readings of the site in view, or no longer.
    Record(bool),
    /// In the recording of a site: go to this time, s.
    Seek(f64),
    /// Begin it again at its end, or no longer.
    Loop(bool),
    /// Fit the engine to the last minutes of the source in view.
    FitShadow,
    /// Ask where to write that fit as an engine preset of this name.
    SaveFit(String),
    /// Save a picture of the window.
    ExportPng,
    /// Light or dark.
    ToggleTheme,
    /// Key help.
    ToggleHelp,
    /// Full screen.
    ToggleFullScreen,
    /// Close the window.
    Quit,
    /// Play a CSV recording, read only.
    Replay(PathBuf),
    /// Follow a CSV file that grows, read only.
    FollowFile(PathBuf),
    /// Connect to the devices of the site that this map names, read only.
    Connect(PathBuf),
    /// Start a new worker after the old one ended.
    RestartWorker,
    /// Leave the live source and go back to the twin.
    BackToTwin,
}
