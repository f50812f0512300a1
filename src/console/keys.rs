//! The keyboard: keys to actions, before any widget sees them. Which key does what is in [`super::commands`].
//!
//! Function keys and those with Ctrl work everywhere, letters and digits only while no text is written, arrows only
//! while nothing has the focus. HOLD answers to F8 with whatever else is pressed but Shift. ABORT wants Shift+F8 held
//! for a second, so that a slip cannot stop a bring-up.

use egui::{Context, Event, Key, KeyboardShortcut, Modifiers};

use super::action::Action;
use super::commands::{self, Now, When};
use crate::acts::Operate;

/// How long Shift+F8 is held for ABORT, s.
pub const ABORT_HOLD_S: f64 = 1.0;

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
    /// Enter while it is asked.
    pub confirm: bool,
    /// Escape.
    pub dismiss: bool,
}

/// Whether anything has the keyboard.
#[derive(Clone, Copy, Debug)]
struct Focus {
    writing: bool,
    any: bool,
}

impl Focus {
    fn leaves(self, when: When) -> bool {
        match when {
            When::Always => true,
            When::NotWriting => !self.writing,
            When::NoFocus => !self.any,
        }
    }
}

impl KeyState {
    /// Share of the second that Shift+F8 has been held, 0 to 1; `None` while it is not held.
    #[must_use]
    pub fn abort_progress(&self, now_s: f64) -> Option<f32> {
        let since = self.abort_since.filter(|_| !self.abort_sent)?;
        Some((((now_s - since) / ABORT_HOLD_S) as f32).clamp(0.0, 1.0))
    }

    /// Takes the keys of this frame out of the input; Enter and Escape only when they close something that is `open`.
    pub fn take(&mut self, ctx: &Context, now: &Now<'_>, open: Open, actions: &mut Vec<Action>) -> Asked {
        let mut asked = Asked::default();
        let focus = Focus { writing: ctx.text_edit_focused(), any: ctx.memory(|m| m.focused().is_some()) };
        let now_s = ctx.input(|i| i.time);
        let mut f8_up = false;
        ctx.input_mut(|i| {
            i.events.retain(|e| {
                let Event::Key { key, pressed, repeat, modifiers, .. } = e else { return true };
                let first = *pressed && !repeat;
                match key {
                    Key::F8 => {
                        f8_up |= !pressed;
                        if first && modifiers.shift {
                            self.abort_since = Some(now_s);
                            self.abort_sent = false;
                        } else if first {
                            actions.push(Action::Operate(Operate::Hold));
                        }
                        return false;
                    }
                    Key::Enter if open.asking && !focus.writing => asked.confirm |= first,
                    Key::Escape if (open.asking || open.help) && !focus.writing => asked.dismiss |= first,
                    _ => {
                        let Some(command) = commands::by_key(*key, *modifiers) else { return true };
                        let action = command.action(now).filter(|_| focus.leaves(command.when));
                        let Some(action) = action else { return true };
                        if first || (*pressed && command.repeats) {
                            actions.push(action);
                        }
                    }
                }
                false
            });
        });
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

/// Whether a key press is this shortcut. Signs that some keyboards have above others answer with Shift and without.
#[must_use]
pub fn is(shortcut: &KeyboardShortcut, key: Key, m: Modifiers) -> bool {
    let sign = matches!(key, Key::Plus | Key::Equals | Key::Minus | Key::Questionmark);
    let want = shortcut.modifiers;
    shortcut.logical_key == key && want.command == m.command && want.alt == m.alt && (sign || want.shift == m.shift)
}

/// A shortcut in words: `Ctrl+Shift+S`, `F8`, `Left`.
#[must_use]
pub fn name(shortcut: &KeyboardShortcut) -> String {
    let m = shortcut.modifiers;
    let held = [(m.command, "Ctrl+"), (m.alt, "Alt+"), (m.shift, "Shift+")];
    let held: String = held.into_iter().filter(|(on, _)| *on).map(|(_, word)| word).collect();
    let key = match shortcut.logical_key {
        Key::ArrowLeft => "Left",
        Key::ArrowRight => "Right",
        Key::Plus | Key::Equals => "+",
        Key::Minus => "\u{2212}",
        Key::Questionmark => "?",
        key => key.name(),
    };
    format!("{held}{key}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_do_not_care_for_shift_and_letters_do() {
        let plus = KeyboardShortcut::new(Modifiers::NONE, Key::Plus);
        assert!(is(&plus, Key::Plus, Modifiers::SHIFT) && is(&plus, Key::Plus, Modifiers::NONE));
        let save = KeyboardShortcut::new(Modifiers::COMMAND, Key::S);
        assert!(is(&save, Key::S, Modifiers::COMMAND));
        assert!(!is(&save, Key::S, Modifiers::COMMAND | Modifiers::SHIFT));
        assert!(!is(&save, Key::S, Modifiers::NONE) && !is(&save, Key::R, Modifiers::COMMAND));
    }

    #[test]
    fn shortcuts_read_as_on_the_keyboard() {
        let all = [(Modifiers::COMMAND.plus(Modifiers::SHIFT), Key::P), (Modifiers::NONE, Key::ArrowLeft)];
        let words = all.map(|(m, k)| name(&KeyboardShortcut::new(m, k)));
        assert_eq!(words, ["Ctrl+Shift+P", "Left"]);
    }
}
