//! The recording of a site: where it is while it is played, and its switch while it is made. Speed and freeze are in the
//! status bar, as for every source.

use egui::Ui;

use crate::console::action::{Action, SourceAct};
use crate::console::fmt;
use crate::console::widgets::{Button, Scale, Slider, Text};
use crate::feed::record::{Controls, State};

/// Room that the time beside the slider takes.
const TIME: f32 = 180.0;

/// Place and loop of a recording that is played: drag to scrub.
pub(super) fn transport(ui: &mut Ui, tape: &Controls, actions: &mut Vec<Action>) {
    let [from_s, to_s] = tape.extent_s();
    let at_s = tape.position_s();
    let scale = Scale { range: [from_s, to_s.max(from_s + 0.1)], log: false, step: 0.1, decimals: 1 };
    let wide = ui.available_width() - TIME - 100.0;
    if let Some(t_s) = Slider::new("Place in the recording, s", at_s, scale).show(ui, wide) {
        actions.push(Action::Source(SourceAct::Seek(t_s)));
    }
    let ended = if tape.ended() { ", end" } else { "" };
    let time = format!("{} of {}{ended}", fmt::duration(at_s), fmt::duration(to_s));
    ui.add(Text::new(time).medium().whole());
    let on = tape.looped();
    let (label, name) = if on { ("Loop: on", "Loop, on") } else { ("Loop: off", "Loop, off") };
    if ui.add(Button::new(label).name(name).least(92.0, 28.0)).clicked() {
        actions.push(Action::Source(SourceAct::Loop(!on)));
    }
}

/// Whether a recording is being made.
pub(super) fn is_on(recording: Option<&State>) -> bool {
    recording.is_some_and(|s| !s.closed)
}

/// How the recording goes, in a line; in heavy letters and whole when it does not.
pub(super) fn line(ui: &mut Ui, state: &State) {
    let file = state.path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let lost = fmt::num(state.lost as f64, 0);
    ui.add(match &state.trouble {
        Some(why) => Text::new(format!("Not recorded: {why}; {lost} readings lost")).strong(),
        None => {
            let lost = if state.lost > 0 { format!(", {lost} lost") } else { String::new() };
            let size = fmt::num(state.bytes as f64 / 1e6, 1);
            let readings = fmt::num(state.readings as f64, 0);
            let words = format!("Recording: {readings} readings{lost}, {size} MB, part {}: {file}", state.part);
            Text::new(words).medium().cut()
        }
    });
}
