//! The recording of a site: where it is while it is played, and its switch while it is made. Speed and freeze are in the
//! status bar, as for every source.

use egui::{Rect, Ui, pos2, vec2};

use super::super::controls::{Look, Marks, Scale, Words, button, slider};
use super::super::ink::{Face, Ink};
use crate::console::action::{Action, SourceAct};
use crate::console::fmt;
use crate::feed::record::{Controls, State};

/// Width of the buttons and of the time beside the slider.
const BUTTON: f32 = 92.0;
const TIME: f32 = 168.0;

/// Place and loop of a recording that is played: drag to scrub.
pub(super) fn transport(ui: &mut Ui, ink: &Ink, r: Rect, tape: &Controls, actions: &mut Vec<Action>) {
    let [from_s, to_s] = tape.extent_s();
    let again = Rect::from_min_max(pos2(r.right() - BUTTON, r.center().y - 14.0), pos2(r.right(), r.center().y + 14.0));
    let on = tape.looped();
    let label = if on { "Loop: on" } else { "Loop: off" };
    let words = Words { label, key: "", name: if on { "Loop, on" } else { "Loop, off" } };
    if button(ui, ink, again, words, Look::Plain, None).clicked() {
        actions.push(Action::Source(SourceAct::Loop(!on)));
    }
    let at_s = tape.position_s();
    let ended = if tape.ended() { ", end" } else { "" };
    let time = format!("{} of {}{ended}", fmt::duration(at_s), fmt::duration(to_s));
    ink.right(again.left() - 16.0, r.center().y, &time, Face::Medium, 14.0, ink.t.text);
    let track = Rect::from_min_max(pos2(r.left() + 8.0, r.top()), pos2(again.left() - 16.0 - TIME, r.bottom()));
    let scale = Scale { range: [from_s, to_s.max(from_s + 0.1)], log: false, step: 0.1, decimals: 1 };
    if let Some(t_s) = slider(ui, ink, track, "Place in the recording, s", at_s, scale, Marks::default(), None) {
        actions.push(Action::Source(SourceAct::Seek(t_s)));
    }
}

/// Whether a recording is being made.
pub(super) fn is_on(recording: Option<&State>) -> bool {
    recording.is_some_and(|s| !s.closed)
}

/// The switch of the recorder; gives the left edge that it takes.
pub(super) fn switch(ui: &mut Ui, ink: &Ink, right: f32, y: f32, on: bool, actions: &mut Vec<Action>) -> f32 {
    let r = Rect::from_min_size(pos2(right - 132.0, y - 14.0), vec2(132.0, 28.0));
    let label = if on { "Stop recording" } else { "Record" };
    if button(ui, ink, r, label.into(), Look::Plain, None).clicked() {
        actions.push(Action::Source(SourceAct::Record(!on)));
    }
    r.left()
}

/// How the recording goes, in a line; in heavy letters when it does not.
pub(super) fn line(ink: &Ink, left: f32, right: f32, y: f32, state: &State) {
    let file = state.path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let (words, face) = match &state.trouble {
        Some(why) => (format!("Not recorded: {why}; {} readings lost", fmt::num(state.lost as f64, 0)), Face::SemiBold),
        None => {
            let lost =
                if state.lost > 0 { format!(", {} lost", fmt::num(state.lost as f64, 0)) } else { String::new() };
            let size = fmt::num(state.bytes as f64 / 1e6, 1);
            let readings = fmt::num(state.readings as f64, 0);
            (format!("Recording: {readings} readings{lost}, {size} MB, part {}: {file}", state.part), Face::Medium)
        }
    };
    ink.left_cut(left, y, right, &words, face, 14.0, ink.t.text);
}
