//! The keyboard: keys to actions, before any widget sees them.
//!
//! Function keys work everywhere, letters and digits only while no text is edited, arrows only while nothing has the
//! focus. ABORT wants Shift+F8 held for a second, so that a slip cannot stop a bring-up.

use egui::{Context, Event, Key, Modifiers};

use super::action::{Action, View};
use crate::acts::{By, Operate};
use crate::training::msg::{DeskAct, What};

/// How long Shift+F8 is held for ABORT, s.
pub const ABORT_HOLD_S: f64 = 1.0;
/// One press of an arrow, s: a stored row.
const NUDGE_S: f64 = crate::acts::BLOCK_ROW_S;
/// A notch of + or -.
const ZOOM: f64 = 1.25;

/// What the keyboard remembers.
#[derive(Clone, Debug, Default)]
pub struct KeyState {
    abort_since: Option<f64>,
    abort_sent: bool,
}

/// What of the console's own is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// The question before Resume.
    pub asking: bool,
    /// The key help.
    pub help: bool,
}

/// What a frame's keys ask for beyond actions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// F9: show the forecast and ask.
    pub resume: bool,
    /// Enter while it is asked.
    pub confirm: bool,
    /// Escape.
    pub dismiss: bool,
}

impl KeyState {
    /// Share of the second that Shift+F8 has been held, 0 to 1; `None` while it is not held.
    #[must_use]
    pub fn abort_progress(&self, now_s: f64) -> Option<f32> {
        let since = self.abort_since.filter(|_| !self.abort_sent)?;
        Some((((now_s - since) / ABORT_HOLD_S) as f32).clamp(0.0, 1.0))
    }

    /// Takes the keys of this frame out of the input; Enter and Escape only when they close something that is `open`.
    pub fn take(&mut self, ctx: &Context, open: Open, actions: &mut Vec<Action>) -> Asked {
        let mut asked = Asked::default();
        let editing = ctx.text_edit_focused();
        let focus = ctx.memory(|m| m.focused().is_some());
        let now_s = ctx.input(|i| i.time);
        let mut pressed = Vec::new();
        let mut f8_up = false;
        ctx.input_mut(|i| {
            i.events.retain(|e| {
                let Event::Key { key, pressed: down, repeat, modifiers, .. } = e else { return true };
                if *key == Key::F8 && !down {
                    f8_up = true;
                    return false;
                }
                let ours = is_ours(*key, *modifiers, editing, focus, open);
                if ours && *down && (!*repeat || repeats(*key)) {
                    pressed.push((*key, *modifiers));
                }
                !ours
            });
        });
        for (key, m) in pressed {
            match key {
                Key::F8 if m.shift => {
                    self.abort_since = Some(now_s);
                    self.abort_sent = false;
                }
                Key::F9 => asked.resume = true,
                Key::Enter => asked.confirm = true,
                Key::Escape => asked.dismiss = true,
                _ => actions.extend(action(key, m)),
            }
        }
        self.abort(ctx, now_s, f8_up, actions);
        asked
    }

    fn abort(&mut self, ctx: &Context, now_s: f64, f8_up: bool, actions: &mut Vec<Action>) {
        let Some(since) = self.abort_since else { return };
        if f8_up || !ctx.input(|i| i.modifiers.shift) {
            self.abort_since = None;
            return;
        }
        if self.abort_sent {
            return;
        }
        if now_s - since >= ABORT_HOLD_S {
            actions.push(Action::Operate(Operate::Abort));
            self.abort_sent = true;
        } else {
            ctx.request_repaint_after(std::time::Duration::from_millis(50));
        }
    }
}

fn repeats(key: Key) -> bool {
    matches!(key, Key::ArrowLeft | Key::ArrowRight | Key::Plus | Key::Equals | Key::Minus)
}

fn is_ours(key: Key, m: Modifiers, editing: bool, focus: bool, open: Open) -> bool {
    match key {
        Key::F1
        | Key::F2
        | Key::F3
        | Key::F4
        | Key::F5
        | Key::F6
        | Key::F7
        | Key::F8
        | Key::F9
        | Key::F11
        | Key::F12 => true,
        Key::R | Key::O | Key::Q if m.command => true,
        Key::S if m.command => true,
        Key::Z if m.command => !editing,
        Key::Enter => open.asking && !editing,
        Key::Escape => (open.asking || open.help) && !editing,
        Key::ArrowLeft | Key::ArrowRight | Key::Home | Key::End => !focus,
        Key::Plus | Key::Equals | Key::Minus | Key::Num1 | Key::Num2 | Key::C | Key::Questionmark => {
            !editing && !m.command
        }
        Key::Slash => !editing && m.shift,
        _ => false,
    }
}

fn action(key: Key, m: Modifiers) -> Option<Action> {
    let action = match key {
        Key::F1 => Action::Show(View::Operate),
        Key::F2 => Action::Show(View::Compare),
        Key::F3 => Action::Show(View::Tune),
        Key::F4 => Action::Show(View::Alarms),
        Key::F5 => Action::Show(View::Instructor),
        Key::F6 => Action::Show(View::Live),
        Key::F7 => Action::Show(View::Report),
        Key::F8 => Action::Operate(Operate::Hold),
        Key::F11 => Action::ToggleFullScreen,
        Key::F12 => Action::ExportPng,
        Key::S if m.shift => Action::SaveRun,
        Key::S => Action::Desk(DeskAct { by: By::Instructor, what: What::Snapshot(String::new()) }),
        Key::Z => Action::Backtrack,
        Key::R => Action::ToggleRun,
        Key::O => Action::Open,
        Key::Q => Action::Quit,
        Key::ArrowLeft if m.command => Action::ToEvent(false),
        Key::ArrowRight if m.command => Action::ToEvent(true),
        Key::ArrowLeft => Action::Nudge(if m.shift { -1.0 } else { -NUDGE_S }),
        Key::ArrowRight => Action::Nudge(if m.shift { 1.0 } else { NUDGE_S }),
        Key::Home => Action::Follow,
        Key::End => Action::ToStart,
        Key::Plus | Key::Equals => Action::Zoom(1.0 / ZOOM, None),
        Key::Minus => Action::Zoom(ZOOM, None),
        // NaN stands for the now line; the app puts the time in.
        Key::Num1 => Action::Cursor(0, Some(f64::NAN)),
        Key::Num2 => Action::Cursor(1, Some(f64::NAN)),
        Key::C => Action::ClearCursors,
        Key::Questionmark | Key::Slash => Action::ToggleHelp,
        _ => return None,
    };
    Some(action)
}

/// The keys in words, for the help.
pub const HELP: &[(&str, &str)] = &[
    ("F1 to F7", "Operate, Compare, Tune, Alarms, Instructor, Live, Report"),
    ("F8", "HOLD the schedule, at once, in every view"),
    ("F9, then Enter", "Resume: shows the forecast first"),
    ("Shift+F8 for 1 s", "ABORT the bring-up"),
    ("Ctrl+R", "Run or freeze"),
    ("Ctrl+O, Ctrl+Q", "Open a scenario, a run or a recording; close the window"),
    ("Ctrl+Shift+S", "Save the run, its journal beside it"),
    ("Space  P", "In Compare: blink the runs; play them in step"),
    ("Left, Right", "Cursor by a row; with Shift by 1 s; with Ctrl to an event"),
    ("Home, End", "Follow the newest row; to the start of the run"),
    ("+  −", "Zoom time about the cursor"),
    ("1  2  C", "Set cursor 1, set cursor 2, clear both"),
    ("Tab, Shift+Tab", "Move the focus; Space or Enter presses"),
    ("Ctrl+S  Ctrl+Z", "Snapshot; back to the last one (not in an exam)"),
    ("F11  F12", "Full screen; picture of the window"),
    ("?  Esc", "This help; close it"),
];
