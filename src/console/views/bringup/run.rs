//! Page *Run*: pace of the twin, ceiling, feedback hold, hold points, interlocks.

use egui::{Align, Ui, vec2};

use super::knob::Goal;
use super::{FIELD, NARROW, Panel, Row, track, trailing};
use crate::acts::Setpoint;
use crate::console::action::{Action, RunAct};
use crate::console::commands::{self, Now};
use crate::console::fmt::{kw, num, short};
use crate::console::widgets::text::fitted;
use crate::console::widgets::{Button, Number, Scale, Segmented, Slider, Text};
use crate::worker::Speed;

pub(super) fn rows(panel: &mut Panel<'_>, ui: &mut Ui) {
    let notes = ui.available_width() >= NARROW;
    panel.named(ui, "Twin", true, |panel, ui| pace(panel, ui, notes));
    panel.named(ui, "Speed", true, |panel, ui| speed(panel, ui, notes));
    let rated = panel.model.plate.rated_kw;
    let ceiling = Row::new(Setpoint::CeilingPu, [30.0, 110.0], 1.0, 0, "%")
        .per_cent()
        .derived(format!("{} kW of {}", kw(panel.shown(Setpoint::CeilingPu) * rated), num(rated, 0)))
        .limit(100.0);
    panel.row(ui, &ceiling);
    let h = panel.status().policy.hold;
    let bounds = format!(
        "{} Hz  {} Hz/s  {} % V  {} % load",
        short(h.df_hz),
        short(h.rocof_hz_per_s),
        num(h.dv_pu * 100.0, 0),
        num(h.load_pu * 100.0, 0)
    );
    panel.choice(ui, Setpoint::FeedbackHold, &["Off", "On"], &bounds, None);
    panel.named(ui, "Hold points", true, hold_points);
    let all = panel.status().interlocks.join("; ");
    panel.named(ui, "Interlocks", true, |_, ui| {
        let text = if all.is_empty() { Text::new("Nothing interlocked").dim() } else { Text::new(all).strong() };
        fitted(ui, vec2(f32::INFINITY, 26.0), &text, Align::Min);
    });
}

/// Run, freeze, step.
fn pace(panel: &mut Panel<'_>, ui: &mut Ui, notes: bool) {
    let (model, now) = (panel.model, Now::of(panel.model));
    let run = commands::RUN_OR_FREEZE.offer(&now);
    let button = Button::new(if model.running { "Freeze" } else { "Run" }).name("Twin run or freeze").hover(&run.help);
    if ui.add(button.why_not(run.why_not.as_deref()).least(72.0, 28.0)).clicked() {
        panel.actions.extend(commands::RUN_OR_FREEZE.action(&now));
    }
    for step in commands::STEPS {
        if ui.add(step.offer(&now).button().name(step.text)).clicked() {
            panel.actions.extend(step.action(&now));
        }
    }
    if notes {
        let words = if model.running { "running" } else { "frozen" };
        trailing(ui, &Text::new(format!("{words}, t = {} s", num(model.t_s, 1))).dim());
    }
}

/// Speed against the wall clock: 0.1 to 1000 on a log track or typed, real time and as fast as it goes by button.
fn speed(panel: &mut Panel<'_>, ui: &mut Ui, notes: bool) {
    let locked = panel.locked();
    let why = locked.as_deref();
    let (wanted, max) = match panel.model.speed {
        Speed::Times(v) => (v, false),
        Speed::Max => (1000.0, true),
    };
    let selected = if max { 1 } else { usize::from((wanted - 1.0).abs() > 1e-9) * 2 };
    let choice = Segmented::new("Speed", &["1", "Max"], selected).padding(11.0).why_not(why).show(ui);
    let chosen = choice.map(|i| if i == 0 { 1.0 } else { f64::INFINITY });
    let scale = Scale { range: [0.1, 1000.0], log: true, step: 0.1, decimals: 1 };
    let wide = track(ui, if notes { super::NOTE[1] } else { 0.0 });
    let moved = Slider::new("Speed", wanted, scale).why_not(why).show(ui, wide);
    let typed = Number::new("Speed value", wanted, 1).unit("\u{d7}").range(0.1, 1000.0).why_not(why).show(ui, FIELD);
    if notes {
        let words = if panel.model.running {
            format!("achieved {} \u{d7}", short(panel.model.achieved_speed))
        } else {
            "frozen".to_owned()
        };
        trailing(ui, &Text::new(words).dim());
    }
    if let Some(v) = typed.or(moved).or(chosen) {
        panel.actions.push(Action::Run(RunAct::Speed(if v.is_finite() { Speed::Times(v) } else { Speed::Max })));
    }
}

/// GPU kW at which the schedule holds by itself: list, add, clear.
fn hold_points(panel: &mut Panel<'_>, ui: &mut Ui) {
    let points = panel.status().policy.hold_points_kw.clone();
    let words = if points.is_empty() {
        "none".to_owned()
    } else {
        points.iter().map(|p| kw(*p)).collect::<Vec<_>>().join("  ")
    };
    // the field and both buttons
    let room = (ui.available_width() - FIELD - 180.0).max(40.0);
    fitted(ui, vec2(room, 26.0), &Text::value(words), Align::Min);
    let locked = panel.locked();
    let field = Number::new("Hold point value", panel.state.hold_point, 0).unit("kW").why_not(locked.as_deref());
    if let Some(v) = field.show(ui, FIELD) {
        panel.state.hold_point = v.max(0.0);
    }
    let v = panel.state.hold_point;
    let no_value = locked.clone().or_else(|| (v <= 0.0).then(|| "type the GPU kW to hold at".to_owned()));
    let none = locked.or_else(|| points.is_empty().then(|| "there is no hold point".to_owned()));
    let clear = Button::new("Clear").name("Clear hold points").why_not(none.as_deref());
    let add = Button::new("Add").name("Add hold point").why_not(no_value.as_deref());
    for (button, value) in [(add, v), (clear, 0.0)] {
        if ui.add(button.padding(8.0)).clicked() {
            panel.stage(Goal::Set(Setpoint::HoldPointKw), value);
        }
    }
}
