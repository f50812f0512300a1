//! The commands, a line or two each.

use egui::{Key, KeyboardShortcut, Modifiers};

use super::{Command, Group, Now, When, WhyNot};
use crate::acts::Setpoint;
use crate::acts::{BLOCK_ROW_S, By, Operate};
use crate::alarm::Act;
use crate::console::action::{Action, FileAct, RunAct, ScreenAct, SourceAct, TimeAct};
use crate::console::dialogs::Save;
use crate::console::event_filter::EventFilter;
use crate::console::model::Mode;
use crate::console::shadow::FitState;
use crate::console::views::bringup::possible::{Command as Step, refusal};
use crate::console::views::{alarms, banner, instructor, status_bar};
use crate::training::msg::{DeskAct, What};
use crate::worker::Speed;

/// A notch of + or -.
const ZOOM: f64 = 1.25;
/// One press of an arrow, s: a stored row.
const NUDGE_S: f64 = BLOCK_ROW_S;

const fn plain(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::NONE, key)
}

const fn shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::SHIFT, key)
}

const fn ctrl(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND, key)
}

const fn ctrl_shift(key: Key) -> KeyboardShortcut {
    KeyboardShortcut::new(Modifiers::COMMAND.plus(Modifiers::SHIFT), key)
}

/// Keys of the window's own controls, and what they do.
pub(super) const WIDGETS: [(&str, &str); 3] = [
    ("Tab, Shift+Tab", "Move the focus; Space or Enter presses"),
    ("Enter", "Confirm a resume"),
    ("Esc", "Close what is open"),
];

/// Starts the bring-up.
pub const START: Command = Command::new(Group::Schedule, "Start the bring-up", |_| operate(Operate::Start))
    .short("Start")
    .why_not(|n| step(n, Step::Start));
/// Holds it.
pub const HOLD: Command = Command::new(Group::Schedule, "Hold the schedule", |_| operate(Operate::Hold))
    .short("HOLD")
    .keys(&[plain(Key::F8)])
    .why_not(|n| step(n, Step::Hold));
/// Asks for a resume: what it brings is shown first.
pub const RESUME: Command =
    Command::new(Group::Schedule, "Resume the schedule, forecast first", |_| screen(ScreenAct::AskResume))
        .short("Resume")
        .keys(&[plain(Key::F9)])
        .why_not(|n| step(n, Step::Resume));
/// One batch.
pub const NEXT_BATCH: Command = Command::new(Group::Schedule, "Next batch by hand", |_| operate(Operate::NextBatch))
    .short("Next batch")
    .why_not(|n| step(n, Step::NextBatch));
/// Down again.
pub const RAMP_DOWN: Command =
    Command::new(Group::Schedule, "Ramp down", |_| operate(Operate::RampDown)).why_not(|n| step(n, Step::RampDown));
/// Aborts, when its key or button is held.
pub const ABORT: Command = Command::may(Group::Schedule, "Abort the bring-up", |_| None)
    .short("ABORT")
    .keys(&[shift(Key::F8)])
    .held()
    .why_not(|n| step(n, Step::Abort));
/// Runs the twin or freezes it.
pub const RUN_OR_FREEZE: Command = Command::new(Group::Run, "Run or freeze", |_| run(RunAct::Toggle))
    .short("Run")
    .keys(&[ctrl(Key::R)])
    .why_not(has_speed);
/// Steps of a frozen twin, by which the bar and the panel go.
pub const STEPS: [Command; 2] = [
    Command::new(Group::Run, "Step by 0.1 s", |_| run(RunAct::StepS(0.1))).short("+0.1 s").why_not(frozen),
    Command::new(Group::Run, "Step by 1 s", |_| run(RunAct::StepS(1.0))).short("+1 s").why_not(frozen),
];
/// The next lower speed, and the next higher.
pub const SLOWER: Command = Command::may(Group::Run, "Slower", |n| speed(n, -1)).short("\u{2212}").why_not(has_speed);
/// See [`SLOWER`].
pub const FASTER: Command = Command::may(Group::Run, "Faster", |n| speed(n, 1)).short("+").why_not(has_speed);
/// Acknowledges.
pub const ACKNOWLEDGE: Command = Command::may(Group::Alarms, "Acknowledge the next alarm", acknowledge)
    .short("Ack")
    .keys(&[plain(Key::F10)])
    .why_not(unseen);
/// Back to the newest row.
pub const FOLLOW: Command = Command::new(Group::Time, "Follow the newest row", |_| time(TimeAct::Follow))
    .short("Follow")
    .keys(&[plain(Key::Home)])
    .when(When::NoFocus);
/// Lengths of the window.
pub const WINDOWS: [Command; 4] = [
    Command::new(Group::Time, "Window of 30 seconds", |_| time(TimeAct::Window(Some(30.0)))).short("30 s"),
    Command::new(Group::Time, "Window of 2 minutes", |_| time(TimeAct::Window(Some(120.0)))).short("2 m"),
    Command::new(Group::Time, "Window of 10 minutes", |_| time(TimeAct::Window(Some(600.0)))).short("10 m"),
    Command::new(Group::Time, "Window of the whole run", |_| time(TimeAct::Window(None))).short("all"),
];
/// What the first strip shows.
pub const SIGNALS: [Command; 2] = [
    Command::new(Group::Time, "Show frequency", |_| screen(ScreenAct::ShowVoltage(false))).short("f"),
    Command::new(Group::Time, "Show voltage", |_| screen(ScreenAct::ShowVoltage(true))).short("V"),
];
/// Where vertical scales come from.
pub const SCALES: [Command; 2] = [
    Command::new(Group::Time, "Scale from limits", |_| screen(ScreenAct::ZoomToData(false))).short("limits"),
    Command::new(Group::Time, "Scale from data", |_| screen(ScreenAct::ZoomToData(true))).short("data"),
];
/// Opens a file.
pub const OPEN: Command =
    Command::new(Group::File, "Open a scenario, run or recording", |_| file(FileAct::Open)).keys(&[ctrl(Key::O)]);
/// What the menu beside the strips saves.
pub const EXPORTS: [Command; 4] = [
    Command::new(Group::File, "Save the window as CSV", |_| save(Save::Window)).short("CSV").why_not(rows),
    Command::new(Group::File, "Save the window as COMTRADE", |_| save(Save::Comtrade)).why_not(rows),
    Command::new(Group::File, "Save a picture (PNG)", |_| save(Save::Picture)).short("PNG").keys(&[plain(Key::F12)]),
    SAVE_RUN,
];
/// The run itself, to replay it.
pub const SAVE_RUN: Command = Command::new(Group::File, "Save the run, its journal beside it", |_| save(Save::Run))
    .short("Save run")
    .keys(&[ctrl_shift(Key::S)])
    .why_not(twin);
/// The state as it is now, to come back to.
pub const SNAPSHOT: Command = Command::new(Group::Run, "Take a snapshot", |_| desk(What::Snapshot(String::new())))
    .short("Snapshot")
    .keys(&[ctrl(Key::S)])
    .why_not(no_exam);
/// A step as short as a relay's, for the trainer.
pub const STEP_10_MS: Command =
    Command::new(Group::Run, "Step by 10 ms", |_| run(RunAct::StepS(0.01))).short("+10 ms").why_not(frozen);
/// The list of alarms.
pub const SAVE_ALARMS: Command =
    Command::new(Group::Alarms, "Save the alarms as CSV", |_| save(Save::Alarms)).short("CSV").why_not(annunciator);
/// The sequence of events.
pub const SAVE_EVENTS: Command =
    Command::new(Group::File, "Save the events", |_| save(Save::Events(EventFilter::default())))
        .short("Save\u{2026}")
        .why_not(rows);
/// The report as a page.
pub const SAVE_DEBRIEF: Command =
    Command::new(Group::File, "Save the debrief as a page", |_| save(Save::Debrief)).short("Save HTML").why_not(scored);
/// The report's numbers.
pub const SAVE_METRICS: Command =
    Command::new(Group::File, "Save the metrics as CSV", |_| save(Save::Metrics)).short("Save CSV").why_not(scored);
/// The exercise with its lines.
pub const SAVE_EXERCISE: Command =
    Command::new(Group::File, "Save the exercise", |_| save(Save::Exercise)).short("Save").why_not(twin);
/// Whether the journal is as it was written.
pub const VERIFY: Command = Command::new(Group::File, "Verify the journal", |_| file(FileAct::VerifyJournal))
    .short("Verify journal")
    .why_not(journal);
/// Begins a recording of the plant.
pub const RECORD: Command =
    Command::new(Group::Live, "Record the plant", |_| source(SourceAct::Record(true))).short("Record").why_not(plant);
/// Ends it.
pub const END_RECORDING: Command = Command::new(Group::Live, "End the recording", |_| source(SourceAct::Record(false)))
    .short("Stop recording")
    .why_not(plant);
/// The fit of the engine.
pub const FIT: Command = Command::new(Group::Live, "Fit the engine to the plant", |_| source(SourceAct::FitShadow))
    .short("Fit last 5 min")
    .why_not(shadow);
/// Leaves a live source.
pub const BACK_TO_TWIN: Command = Command::new(Group::Live, "Back to the twin", |_| source(SourceAct::BackToTwin))
    .short("Back to twin")
    .why_not(parked);
/// A second window that shows what the trainee sees.
pub const MIRROR: Command = Command::new(Group::Window, "Window for the trainee", |_| screen(ScreenAct::ToggleMirror))
    .short("Mirror")
    .why_not(twin);
/// The keys.
pub const KEYS: Command = Command::new(Group::Window, "Keys", |_| screen(ScreenAct::ToggleHelp))
    .keys(&[plain(Key::Questionmark), shift(Key::Slash)])
    .when(When::NotWriting);
/// The other theme.
pub const THEME: Command = Command::new(Group::Window, "Light or dark", |_| screen(ScreenAct::ToggleTheme));

/// All but those that show a view.
pub(super) const COMMANDS: &[Command] = &[
    // The bring-up
    START,
    HOLD,
    RESUME,
    NEXT_BATCH,
    RAMP_DOWN,
    ABORT,
    Command::new(Group::Schedule, "Path A: ramp the gensets", |_| path(0.0)).why_not(twin),
    Command::new(Group::Schedule, "Path B: shed miners", |_| path(1.0)).why_not(twin),
    Command::new(Group::Schedule, "Path B, then restore miners", |_| path(2.0)).why_not(twin),
    Command::new(Group::Schedule, "Reset trips and shed stages", |_| operate(Operate::Reset)).why_not(twin),
    // The run of the twin
    RUN_OR_FREEZE,
    STEPS[0],
    STEPS[1],
    STEP_10_MS,
    Command::new(Group::Run, "Step by 10 s", |_| run(RunAct::StepS(10.0))).why_not(frozen),
    FASTER,
    SLOWER,
    Command::new(Group::Run, "Real time", |_| run(RunAct::Speed(Speed::Times(1.0)))).why_not(has_speed),
    Command::new(Group::Run, "As fast as it goes", |_| run(RunAct::Speed(Speed::Max))).why_not(has_speed),
    Command::new(Group::Run, "Restart the scenario", |_| run(RunAct::Restart)).why_not(twin),
    SNAPSHOT,
    Command::new(Group::Run, "Back to the last snapshot", |_| run(RunAct::Backtrack))
        .keys(&[ctrl(Key::Z)])
        .when(When::NotWriting)
        .why_not(twin),
    // Alarms
    ACKNOWLEDGE,
    SAVE_ALARMS,
    // The time axis
    Command::new(Group::Time, "Cursor back by a row", |_| time(TimeAct::Nudge(-NUDGE_S)))
        .keys(&[plain(Key::ArrowLeft)])
        .when(When::NoFocus)
        .repeats(),
    Command::new(Group::Time, "Cursor on by a row", |_| time(TimeAct::Nudge(NUDGE_S)))
        .keys(&[plain(Key::ArrowRight)])
        .when(When::NoFocus)
        .repeats(),
    Command::new(Group::Time, "Cursor back by 1 s", |_| time(TimeAct::Nudge(-1.0)))
        .keys(&[shift(Key::ArrowLeft)])
        .when(When::NoFocus)
        .repeats(),
    Command::new(Group::Time, "Cursor on by 1 s", |_| time(TimeAct::Nudge(1.0)))
        .keys(&[shift(Key::ArrowRight)])
        .when(When::NoFocus)
        .repeats(),
    Command::new(Group::Time, "Cursor to the event before", |_| time(TimeAct::ToEvent(false)))
        .keys(&[ctrl(Key::ArrowLeft)])
        .when(When::NoFocus)
        .repeats(),
    Command::new(Group::Time, "Cursor to the next event", |_| time(TimeAct::ToEvent(true)))
        .keys(&[ctrl(Key::ArrowRight)])
        .when(When::NoFocus)
        .repeats(),
    Command::new(Group::Time, "Cursor 1 at the now line", |_| time(TimeAct::CursorHere(0)))
        .keys(&[plain(Key::Num1)])
        .when(When::NoFocus)
        .why_not(strips),
    Command::new(Group::Time, "Cursor 2 at the now line", |_| time(TimeAct::CursorHere(1)))
        .keys(&[plain(Key::Num2)])
        .when(When::NoFocus)
        .why_not(strips),
    Command::new(Group::Time, "Clear the cursors", |_| time(TimeAct::ClearCursors))
        .keys(&[plain(Key::C)])
        .when(When::NotWriting),
    FOLLOW,
    Command::new(Group::Time, "Go to the start of the run", |_| time(TimeAct::ToStart))
        .keys(&[plain(Key::End)])
        .when(When::NoFocus),
    Command::new(Group::Time, "Zoom in on the cursor", |_| time(TimeAct::Zoom(1.0 / ZOOM, None)))
        .keys(&[plain(Key::Plus), plain(Key::Equals)])
        .when(When::NotWriting)
        .repeats(),
    Command::new(Group::Time, "Zoom out", |_| time(TimeAct::Zoom(ZOOM, None)))
        .keys(&[plain(Key::Minus)])
        .when(When::NotWriting)
        .repeats(),
    WINDOWS[0],
    WINDOWS[1],
    WINDOWS[2],
    WINDOWS[3],
    SIGNALS[0],
    SIGNALS[1],
    SCALES[0],
    SCALES[1],
    // Files
    OPEN,
    EXPORTS[3],
    EXPORTS[0],
    EXPORTS[1],
    EXPORTS[2],
    SAVE_EVENTS,
    SAVE_DEBRIEF,
    SAVE_METRICS,
    SAVE_EXERCISE,
    VERIFY,
    Command::new(Group::File, "Seal the journal", |_| file(FileAct::SealJournal)).why_not(twin),
    // A plant or a recording
    Command::new(Group::Live, "Play a recording", |_| file(FileAct::OpenRecording)),
    RECORD,
    END_RECORDING,
    FIT,
    BACK_TO_TWIN,
    // The window
    Command::new(Group::Window, "Find a command", |_| screen(ScreenAct::TogglePalette)).keys(&[ctrl_shift(Key::P)]),
    KEYS,
    Command::new(Group::Window, "Full screen", |_| screen(ScreenAct::ToggleFullScreen)).keys(&[plain(Key::F11)]),
    THEME,
    MIRROR,
    Command::new(Group::Window, "Close the window", |_| screen(ScreenAct::Quit)).keys(&[ctrl(Key::Q)]),
];

// What is asked for

fn operate(act: Operate) -> Action {
    Action::Operate(act)
}

fn path(index: f64) -> Action {
    operate(Operate::Set(Setpoint::Path, index))
}

fn desk(what: What) -> Action {
    Action::Desk(DeskAct { by: By::Instructor, what })
}

fn run(act: RunAct) -> Action {
    Action::Run(act)
}

fn time(act: TimeAct) -> Action {
    Action::Time(act)
}

fn file(act: FileAct) -> Action {
    Action::File(act)
}

fn save(what: Save) -> Action {
    file(FileAct::Save(what))
}

fn source(act: SourceAct) -> Action {
    Action::Source(act)
}

fn screen(act: ScreenAct) -> Action {
    Action::Screen(act)
}

fn speed(now: &Now<'_>, by: i32) -> Option<Action> {
    Some(run(RunAct::Speed(status_bar::next_speed(now.model?.speed, by))))
}

/// The next alarm of the banner; in the view of alarms the key belongs to the list.
fn acknowledge(now: &Now<'_>) -> Option<Action> {
    let model = now.model.filter(|m| now.front != alarms::ID && alarms::why_not(m).is_none())?;
    banner::next_unack(model).map(|id| alarms::act(Act::Ack(id)))
}

// Why not

fn no(condition: bool, why: &str) -> WhyNot {
    condition.then(|| why.to_owned())
}

fn rows(now: &Now<'_>) -> WhyNot {
    no(now.model.is_none(), "no run is in view")
}

/// The desk has keys of its own: a digit there is meant for the exercise.
fn strips(now: &Now<'_>) -> WhyNot {
    rows(now).or_else(|| no(now.front == instructor::ID, "the Trainer view has no strips"))
}

fn twin(now: &Now<'_>) -> WhyNot {
    rows(now).or_else(|| no(now.model.is_some_and(|m| !m.commands()), "no twin in view"))
}

/// An examination has no way back.
fn no_exam(now: &Now<'_>) -> WhyNot {
    let exam = now.model.and_then(|m| m.desk.as_ref()).is_some_and(|d| d.exam);
    twin(now).or_else(|| no(exam, "not in an exam"))
}

fn step(now: &Now<'_>, step: Step) -> WhyNot {
    twin(now).or_else(|| refusal(&now.model?.status, step).map(|why| why.to_string()))
}

/// A twin or something that is played: it has a speed.
fn has_speed(now: &Now<'_>) -> WhyNot {
    rows(now).or_else(|| no(now.model.is_some_and(|m| m.mode == Mode::Live), "a plant runs at its own speed"))
}

fn frozen(now: &Now<'_>) -> WhyNot {
    twin(now).or_else(|| no(now.model.is_some_and(|m| m.running), "it is running"))
}

fn unseen(now: &Now<'_>) -> WhyNot {
    let Some(model) = now.model else { return rows(now) };
    let listed = no(now.front == alarms::ID, "select one in the list");
    let none = no(banner::next_unack(model).is_none(), "every alarm is acknowledged");
    alarms::why_not(model).map(str::to_owned).or(listed).or(none)
}

fn annunciator(now: &Now<'_>) -> WhyNot {
    no(now.model.and_then(alarms::list).is_none(), "this source has no alarms")
}

fn scored(now: &Now<'_>) -> WhyNot {
    twin(now).filter(|_| journal(now).is_some())
}

fn journal(now: &Now<'_>) -> WhyNot {
    no(now.model.is_none_or(|m| m.journal.is_none()), "this run has no journal")
}

fn plant(now: &Now<'_>) -> WhyNot {
    no(!now.source.site || now.source.tape.is_some(), "no live plant")
}

fn shadow(now: &Now<'_>) -> WhyNot {
    let Some(shadow) = now.source.shadow else { return no(true, "no twin follows a plant") };
    no(matches!(shadow.fit(), FitState::Running), "it is being computed")
}

fn parked(now: &Now<'_>) -> WhyNot {
    no(!now.source.twin, "the twin is in view")
}
