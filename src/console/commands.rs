//! The command table: everything that can be asked for without a further word, with its key, whether it makes sense now
//! and why not. Keys, the key help, the palette, menus, buttons and the README's table of keys are made from it.
//!
//! A command says why it makes no sense now; whoever carries an act out still refuses by his own rules.

mod table;

use egui::{Key, KeyboardShortcut, Modifiers, Ui};

use super::action::{Action, ScreenAct, ViewId};
use super::keys;
use super::model::Model;
use super::view::{VIEWS, ViewInfo};
use super::views::live::{self, Source};
use super::views::operate;
use super::widgets::Button;

pub use table::{
    ABORT, ACKNOWLEDGE, BACK_TO_TWIN, END_RECORDING, EXPORTS, FASTER, FIT, FOLLOW, HOLD, KEYS, MIRROR, NEXT_BATCH,
    OPEN, RAMP_DOWN, RECORD, RESUME, RUN_OR_FREEZE, SAVE_ALARMS, SAVE_DEBRIEF, SAVE_EVENTS, SAVE_EXERCISE,
    SAVE_METRICS, SAVE_RUN, SCALES, SIGNALS, SLOWER, SNAPSHOT, START, STEP_10_MS, STEPS, THEME, VERIFY, WINDOWS,
};

/// What a command is about; the order of the key help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Which view is in front.
    View,
    /// The bring-up.
    Schedule,
    /// The run of the twin.
    Run,
    /// Alarms.
    Alarms,
    /// The time axis.
    Time,
    /// Files.
    File,
    /// A plant or a recording.
    Live,
    /// The window.
    Window,
}

impl Group {
    /// All of them.
    pub const ALL: [Self; 8] =
        [Self::View, Self::Schedule, Self::Run, Self::Alarms, Self::Time, Self::File, Self::Live, Self::Window];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::View => "View",
            Self::Schedule => "Schedule",
            Self::Run => "Run",
            Self::Alarms => "Alarms",
            Self::Time => "Time",
            Self::File => "File",
            Self::Live => "Live",
            Self::Window => "Window",
        }
    }
}

/// When a command's key is the console's and not a widget's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum When {
    /// Always.
    #[default]
    Always,
    /// While no text is written.
    NotWriting,
    /// While nothing has the focus.
    NoFocus,
}

/// What a command looks at.
#[derive(Clone, Copy)]
pub struct Now<'a> {
    /// The run in view.
    pub model: Option<&'a Model>,
    /// Where the rows come from.
    pub source: Source<'a>,
    /// The view in front.
    pub front: ViewId,
}

impl<'a> Now<'a> {
    /// For commands that look at the run alone, as those of Operate do.
    #[must_use]
    pub fn of(model: &'a Model) -> Self {
        Self { model: Some(model), source: Source::default(), front: operate::ID }
    }

    /// For commands that look at the source alone, as those of the Live view do.
    #[must_use]
    pub fn of_source(source: Source<'a>) -> Self {
        Self { model: None, source, front: live::ID }
    }
}

/// Why something makes no sense now; none when it does.
pub type WhyNot = Option<String>;

/// What a command does.
#[derive(Clone, Copy)]
enum Does {
    /// Shows a view.
    Show(ViewId),
    /// The same at any time.
    Act(fn(&Now<'_>) -> Action),
    /// What is to be done now; none where it has to be asked for in another way.
    May(fn(&Now<'_>) -> Option<Action>),
}

/// One command.
#[derive(Clone, Copy)]
pub struct Command {
    /// What it is about.
    pub group: Group,
    /// What it does, as one would ask for it.
    pub text: &'static str,
    /// The word on its button.
    pub short: &'static str,
    /// Its keys; the first is the one that is shown.
    pub keys: &'static [KeyboardShortcut],
    /// Its keys act only when held for a second.
    pub held: bool,
    /// When these are the console's.
    pub when: When,
    /// Held down they act again and again.
    pub repeats: bool,
    why_not: fn(&Now<'_>) -> WhyNot,
    does: Does,
}

impl Command {
    const fn new(group: Group, text: &'static str, act: fn(&Now<'_>) -> Action) -> Self {
        Self::of(group, text, Does::Act(act))
    }

    const fn may(group: Group, text: &'static str, may: fn(&Now<'_>) -> Option<Action>) -> Self {
        Self::of(group, text, Does::May(may))
    }

    const fn of(group: Group, text: &'static str, does: Does) -> Self {
        Self {
            group,
            text,
            short: text,
            keys: &[],
            held: false,
            when: When::Always,
            repeats: false,
            why_not: |_| None,
            does,
        }
    }

    const fn short(self, short: &'static str) -> Self {
        Self { short, ..self }
    }

    const fn keys(self, keys: &'static [KeyboardShortcut]) -> Self {
        Self { keys, ..self }
    }

    const fn held(self) -> Self {
        Self { held: true, ..self }
    }

    const fn when(self, when: When) -> Self {
        Self { when, ..self }
    }

    const fn repeats(self) -> Self {
        Self { repeats: true, ..self }
    }

    const fn why_not(self, why_not: fn(&Now<'_>) -> WhyNot) -> Self {
        Self { why_not, ..self }
    }

    const fn show(entry: &'static ViewInfo) -> Self {
        let keys = std::slice::from_ref(&entry.key);
        Self { keys, ..Self::of(Group::View, entry.about, Does::Show(entry.id)) }
    }

    /// Its key in words; empty when it has none.
    #[must_use]
    pub fn key(&self) -> String {
        let held = if self.held { " for 1 s" } else { "" };
        self.keys.first().map_or_else(String::new, |first| format!("{}{held}", keys::name(first)))
    }

    /// What is to be done for it now.
    #[must_use]
    pub fn action(&self, now: &Now<'_>) -> Option<Action> {
        match self.does {
            Does::Show(id) => Some(Action::Screen(ScreenAct::Show(id))),
            Does::Act(act) => Some(act(now)),
            Does::May(may) => may(now),
        }
    }

    /// Why it makes no sense now, also where an examination bars it.
    #[must_use]
    pub fn refused(&self, now: &Now<'_>) -> WhyNot {
        self.barred(now).or_else(|| match self.action(now) {
            None if self.held => {
                Some(format!("hold {} for 1 s", self.keys.first().map(keys::name).unwrap_or_default()))
            }
            None => Some("nothing to do".to_owned()),
            Some(_) => None,
        })
    }

    /// The same for somebody who may also hold it.
    fn barred(&self, now: &Now<'_>) -> WhyNot {
        (self.why_not)(now).or_else(|| {
            let exam = now.model.and_then(|m| m.desk.as_ref()).is_some_and(|d| d.exam);
            let running = now.model.is_some_and(|m| m.running);
            let act = self.action(now).filter(|a| exam && a.is_barred_in_exam(running));
            act.map(|_| "not in an exam".to_owned())
        })
    }

    /// Its button, as `shape` makes it; what is to be done for it goes into `actions` when it is pressed. Its name for
    /// those who do not see it is what it does.
    pub fn press(
        &self,
        ui: &mut Ui,
        now: &Now<'_>,
        actions: &mut Vec<Action>,
        shape: impl for<'b> FnOnce(Button<'b>) -> Button<'b>,
    ) {
        let offer = self.offer(now);
        if ui.add(shape(offer.button().name(self.text))).clicked() {
            actions.extend(self.action(now));
        }
    }

    /// What a button of it shows now.
    #[must_use]
    pub fn offer(&self, now: &Now<'_>) -> Offer {
        let key = self.keys.first().map_or_else(String::new, keys::name);
        let why_not = if self.held { self.barred(now) } else { self.refused(now) };
        Offer { label: self.short, help: with_key(self.text, &self.key()), key, why_not }
    }
}

/// A command as a button shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Word on the button.
    pub label: &'static str,
    /// What it does, with its key: the tooltip.
    pub help: String,
    /// Its key in words; empty when it has none.
    pub key: String,
    /// Why it cannot be done now.
    pub why_not: WhyNot,
}

impl Offer {
    /// The button, without its key.
    #[must_use]
    pub fn button(&self) -> Button<'_> {
        Button::new(self.label).hover(&self.help).why_not(self.why_not.as_deref())
    }
}

/// All commands: one a view, and those of the table.
pub fn all() -> impl Iterator<Item = Command> {
    VIEWS.iter().map(Command::show).chain(table::COMMANDS.iter().copied())
}

/// The command of a key. One that is held is not asked for by a press.
#[must_use]
pub fn by_key(key: Key, m: Modifiers) -> Option<Command> {
    all().find(|c| !c.held && c.keys.iter().any(|k| keys::is(k, key, m)))
}

/// Words with a key behind them: `Freeze (Ctrl+R)`.
#[must_use]
pub fn with_key(words: &str, key: &str) -> String {
    if key.is_empty() { words.to_owned() } else { format!("{words} ({key})") }
}

/// Items of a menu, each with its key, or why it makes no sense now.
pub fn menu(ui: &mut Ui, now: &Now<'_>, of: &[Command], actions: &mut Vec<Action>) {
    for command in of {
        let why = command.refused(now);
        let item = egui::Button::new(command.text).shortcut_text(command.key());
        let item = ui.add_enabled(why.is_none(), item).on_disabled_hover_text(why.unwrap_or_default());
        if item.clicked() {
            actions.extend(command.action(now));
        }
    }
}

/// A line of the key help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLine {
    /// Group, or the view that takes the key.
    pub group: String,
    /// The key in words.
    pub key: String,
    /// What it does.
    pub does: &'static str,
}

/// The keys: those of commands by group, those of the window's controls, and those that a view in front takes itself.
#[must_use]
pub fn help() -> Vec<KeyLine> {
    let line = |group: &str, key: String, does| KeyLine { group: group.to_owned(), key, does };
    let mut lines = Vec::new();
    for group in Group::ALL {
        let of_group = all().filter(|c| c.group == group && !c.keys.is_empty());
        lines.extend(of_group.map(|c| line(group.name(), c.key(), c.text)));
    }
    lines.extend(table::WIDGETS.iter().map(|(key, does)| line(Group::Window.name(), (*key).to_owned(), does)));
    for view in VIEWS {
        let group = format!("In {}", view.title);
        lines.extend(view.own_keys.iter().map(|(key, does)| line(&group, (*key).to_owned(), does)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn nothing() -> Now<'static> {
        Now { model: None, source: Source::default(), front: VIEWS[0].id }
    }

    #[test]
    fn no_two_commands_have_the_same_words_or_the_same_key() {
        let mut seen = BTreeSet::new();
        for c in all() {
            assert!(seen.insert(c.text.to_owned()), "{} twice", c.text);
            for k in c.keys {
                assert!(seen.insert(format!("{k:?}")), "{} shares a key", c.text);
            }
        }
    }

    #[test]
    fn every_key_finds_its_command_and_only_a_held_one_does_not_act_at_once() {
        for c in all() {
            for k in c.keys {
                let found = by_key(k.logical_key, k.modifiers).map(|f| f.text);
                assert_eq!(found, (!c.held).then_some(c.text), "{}", keys::name(k));
            }
        }
        assert_eq!(all().filter(|c| c.held).count(), 1, "ABORT alone");
    }

    #[test]
    fn without_a_run_what_needs_one_says_so_and_the_rest_can_be_done() {
        for c in all() {
            let (action, why) = (c.action(&nothing()), c.refused(&nothing()));
            assert!(action.is_some() || why.is_some(), "{} neither acts nor says why", c.text);
            let on_plant = matches!(action, Some(Action::Operate(_) | Action::Run(_) | Action::Desk(_)));
            assert!(!on_plant || why.is_some(), "{} needs a run", c.text);
        }
        assert_eq!(all().find(|c| c.text == "Light or dark").and_then(|c| c.refused(&nothing())), None);
    }

    #[test]
    fn the_help_has_every_key_of_every_command_and_view() {
        let rows = help();
        for c in all().filter(|c| !c.keys.is_empty()) {
            assert!(rows.iter().any(|l| l.key == c.key() && l.does == c.text), "{}", c.text);
        }
        assert!(rows.iter().any(|l| l.group == "In Compare" && l.key == "Space"));
    }

    /// The README's table of keys is this one.
    #[test]
    fn the_readme_lists_the_same_keys() {
        let readme = include_str!("../../README.md");
        let mut wanted = String::from("| | key | does |\n|---|---|---|\n");
        let lines = help();
        for (i, l) in lines.iter().enumerate() {
            let first = i == 0 || lines[i - 1].group != l.group;
            let group = if first { l.group.as_str() } else { "" };
            wanted.push_str(&format!("| {group} | {} | {} |\n", l.key, l.does));
        }
        assert!(readme.contains(&wanted), "the README should have this table of keys:\n\n{wanted}");
    }
}
