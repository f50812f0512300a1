//! Foot of the Compare strips: plays all runs in step, and takes notes.
//!
//! Nothing is simulated: the first cursor runs along the strips, whose heads show what every run reads there. It stops
//! where nothing more happens. A note belongs to an instant of run A, so it stays with what it is about when the runs
//! are aligned in another way; a second one at the same instant takes its place, an empty one removes it.

use std::time::Duration;

use egui::accesskit::Role;
use egui::{Align, Key, Layout, Modifiers, Rect, Sense, Ui, WidgetInfo, vec2};

use super::CompareState;
use crate::console::fmt;
use crate::console::widgets::pane::{part, sides};
use crate::console::widgets::scale::TimeScale;
use crate::console::widgets::{Button, Face, Ink, Segmented, Text, TextField};
use crate::report::compare::Comparison;
use crate::report::compare::csv::Note;

/// Height of the foot.
pub(super) const HEIGHT: f32 = 44.0;
/// Height of the row of notes, when there are some.
const NOTES: f32 = 18.0;
/// Speeds to choose from.
const SPEEDS: [(f64, &str); 4] = [(1.0, "×1"), (5.0, "×5"), (20.0, "×20"), (100.0, "×100")];
/// Time between two pictures while it plays.
const FRAME: Duration = Duration::from_millis(33);
/// Longest time that one picture may stand for, s: after a pause of the window nothing is leapt over.
const LONGEST_S: f64 = 0.25;
/// Notes closer to the cursor than this are at it, s.
const AT_S: f64 = 0.026;

/// The playback and the notes.
#[derive(Debug, Default)]
pub(super) struct Play {
    on: bool,
    speed: usize,
    /// Clock of the window at the last step, s.
    seen_s: f64,
    /// Notes with times of run A, in order.
    notes: Vec<Note>,
    /// The note while it is written, and the place of the cursor that it is for.
    draft: (String, Option<f64>),
}

impl Play {
    /// Begins, or pauses.
    pub(super) fn toggle(&mut self, now_s: f64) {
        (self.on, self.seen_s) = (!self.on, now_s);
    }

    /// How far the cursor goes by the clock of the window, s; 0 while it pauses.
    fn step_s(&mut self, now_s: f64) -> f64 {
        let passed_s = (now_s - self.seen_s).clamp(0.0, LONGEST_S);
        self.seen_s = now_s;
        let speed = SPEEDS.get(self.speed).map_or(1.0, |s| s.0);
        if self.on { passed_s * speed } else { 0.0 }
    }

    /// Writes, replaces or removes the note at a time of run A.
    fn note(&mut self, t_s: f64, words: &str) {
        self.notes.retain(|n| (n.t_s - t_s).abs() > AT_S);
        let words = words.trim();
        if !words.is_empty() {
            self.notes.push(Note { t_s, text: words.to_owned() });
            self.notes.sort_by(|a, b| a.t_s.total_cmp(&b.t_s));
        }
    }

    fn at(&self, t_s: f64) -> Option<&Note> {
        self.notes.iter().find(|n| (n.t_s - t_s).abs() <= AT_S)
    }

    /// Notes with aligned times, where run A is shifted by `shift_s`.
    pub(super) fn aligned(&self, shift_s: f64) -> Vec<Note> {
        self.notes.iter().map(|n| Note { t_s: n.t_s - shift_s, text: n.text.clone() }).collect()
    }

    /// Height of the row of notes.
    pub(super) fn notes_height(&self) -> f32 {
        if self.notes.is_empty() { 0.0 } else { NOTES }
    }
}

/// Moves the cursor on; once a frame.
pub(super) fn advance(ui: &Ui, state: &mut CompareState, c: &Comparison) {
    if ui.memory(|m| m.focused().is_none()) && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::P)) {
        toggle(ui, state, c);
    }
    let step_s = state.play.step_s(ui.input(|i| i.time));
    if !state.play.on {
        return;
    }
    let [from, to] = state.window(c);
    let end = end_s(state, c);
    let at = (state.part.cursors[0].unwrap_or(from) + step_s).min(end);
    state.part.cursors[0] = Some(at);
    if at > to {
        // the next page, with a little of the last one
        let first = at - 0.1 * (to - from);
        state.part.window = Some([first, first + to - from]);
    }
    state.play.on = at < end;
    ui.ctx().request_repaint_after(FRAME);
}

/// Where playing ends: where nothing more happens, or with a window of one's own where the runs end.
fn end_s(state: &CompareState, c: &Comparison) -> f64 {
    let window = state.window(c)[1];
    if state.part.window.is_none() { window } else { c.extent_s().map_or(window, |e| e[1]) }
}

fn toggle(ui: &Ui, state: &mut CompareState, c: &Comparison) {
    let over = state.part.cursors[0].is_none_or(|t| t >= end_s(state, c) - 1e-9);
    if over && !state.play.on {
        state.part.cursors[0] = Some(state.window(c)[0]);
    }
    state.play.toggle(ui.input(|i| i.time));
}

/// The foot: play, steps, speed, where the cursor is, the note at it.
pub(super) fn show(ui: &mut Ui, rect: Rect, state: &mut CompareState, c: &Comparison) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.panel);
    part(ui, "play", rect, |ui| {
        ui.add_space(8.0);
        let at = state.part.cursors[0].map(|t| t + c.shift_s(0));
        let why = at.is_none().then_some("place the cursor first: click a strip, or play");
        let keep = Button::new("Note").name("Keep the note").why_not(why);
        let foot = |ui: &mut Ui| {
            transport(ui, state, c);
            note(ui, at, state)
        };
        let (entered, kept) = sides(ui, foot, |ui| ui.add(keep).clicked());
        if let (true, Some(t)) = (kept || entered, at) {
            let words = state.play.draft.0.clone();
            state.play.note(t, &words);
        }
    });
}

/// Play, steps, speed, and where the cursor is.
fn transport(ui: &mut Ui, state: &mut CompareState, c: &Comparison) {
    let (label, name) = if state.play.on { ("Pause", "Pause the runs") } else { ("Play", "Play the runs in step") };
    if ui.add(Button::new(label).key("P").name(name).solid().least(84.0, 28.0)).clicked() {
        toggle(ui, state, c);
    }
    for (label, name, by) in [("−1 s", "Cursor 1 s back", -1.0), ("+1 s", "Cursor 1 s on", 1.0)] {
        if ui.add(Button::new(label).name(name)).clicked() {
            let from = state.window(c)[0];
            state.part.cursors[0] = Some(state.part.cursors[0].unwrap_or(from) + by);
        }
    }
    let speeds = SPEEDS.map(|(_, name)| name);
    let picked = Segmented::new("Playing speed", &speeds, state.play.speed).padding(7.0).show(ui);
    state.play.speed = picked.unwrap_or(state.play.speed);
    let words = state.part.cursors[0].map_or_else(|| "no cursor".to_owned(), |t| format!("{} s", fmt::num(t, 1)));
    // as wide for every time, so that what follows stands still
    ui.allocate_ui_with_layout(vec2(76.0, 28.0), Layout::right_to_left(Align::Center), |ui| {
        let said = ui.add(Text::value(&words).px(15.0, 16.0));
        ui.ctx().accesskit_node_builder(said.id, |n| {
            n.set_role(Role::Status);
            n.set_label(format!("Cursor at {words}"));
        });
    });
    ui.add_space(8.0);
}

/// The field of the note at the cursor; whether Enter keeps it.
fn note(ui: &mut Ui, at: Option<f64>, state: &mut CompareState) -> bool {
    // A press on the button takes the focus before it clicks: what was written stays until the cursor moves.
    if state.play.draft.1 != at {
        let there = at.and_then(|t| state.play.at(t)).map_or_else(String::new, |n| n.text.clone());
        state.play.draft = (there, at);
    }
    let wide = ui.available_width();
    let field = TextField::new("Note at the cursor", &mut state.play.draft.0).hint("note at the cursor").most(120);
    let typed = field.show(ui, wide);
    if typed.response.gained_focus() {
        // what is written about shall stand still
        state.play.on = false;
    }
    typed.enter
}

/// The row of notes: each begins at its instant and has the room up to the next. A click puts the cursor there.
pub(super) fn notes(ui: &Ui, row: Rect, state: &mut CompareState, c: &Comparison, x: &TimeScale) {
    let ink = Ink::new(ui, row);
    let notes = state.play.aligned(c.shift_s(0));
    for (i, n) in notes.iter().enumerate().filter(|(_, n)| x.contains(n.t_s)) {
        let from = x.x(n.t_s);
        let to = notes.get(i + 1).map_or(x.right, |n| x.x(n.t_s).min(x.right));
        let cell = Rect::from_x_y_ranges(from..=to.max(from + 10.0), row.y_range());
        ink.vline(from, row.y_range(), (2.0, ink.t.text));
        let face = Face::medium(12.0, ink.t.text);
        let words = ink.fit(&n.text, face, cell.width() - 10.0);
        ink.base(from + 6.0, row.bottom() - 5.0, Align::Min, words, face);
        let r = ui.interact(cell, ui.make_persistent_id(("note", i)), Sense::click());
        r.widget_info(|| {
            WidgetInfo::labeled(Role::Button, true, format!("Note at {} s: {}", fmt::num(n.t_s, 1), n.text))
        });
        if r.on_hover_text(&n.text).clicked() {
            state.part.cursors[0] = Some(n.t_s);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_by_the_clock_and_leaps_over_nothing() {
        let mut play = Play { speed: 1, ..Play::default() };
        assert_eq!(play.step_s(10.0), 0.0, "it pauses");
        play.toggle(10.0);
        assert!((play.step_s(10.1) - 0.5).abs() < 1e-9);
        assert_eq!(play.step_s(60.0), LONGEST_S * 5.0, "the window was hidden");
        play.toggle(60.0);
        assert_eq!(play.step_s(61.0), 0.0);
    }

    #[test]
    fn an_instant_has_one_note_and_an_empty_one_removes_it() {
        let mut play = Play::default();
        play.note(40.0, "late miners");
        play.note(12.0, " first batch ");
        play.note(40.01, "miners lag");
        let all = |p: &Play, shift| p.aligned(shift).into_iter().map(|n| (n.t_s, n.text)).collect::<Vec<_>>();
        assert_eq!(all(&play, 2.0), [(10.0, "first batch".to_owned()), (38.01, "miners lag".to_owned())]);
        play.note(40.0, "  ");
        assert_eq!(all(&play, 0.0).len(), 1);
        assert!(play.at(12.0).is_some() && play.at(40.0).is_none());
    }
}
