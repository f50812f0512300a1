//! Page *Run*: pace of the twin, ceiling, feedback hold, hold points, interlocks.

use egui::{Rect, pos2, vec2};

use super::{Panel, Row};
use crate::acts::Setpoint;
use crate::console::action::{Action, RunAct};
use crate::console::fmt::{kw, num, short};
use crate::console::widgets::{Button, Face, Number, Scale, Segmented, Slider, Weight};
use crate::worker::Speed;

pub(super) fn rows(panel: &mut Panel<'_>) {
    pace(panel);
    speed(panel);
    let rated = panel.model.plate.rated_kw;
    panel.row(
        2,
        Row::new(Setpoint::CeilingPu, [30.0, 110.0], 1.0, 0, "%")
            .per_cent()
            .derived(format!("{} kW of {}", kw(panel.shown(Setpoint::CeilingPu) * rated), num(rated, 0)))
            .limit(100.0),
    );
    let h = panel.status().policy.hold;
    let bounds = format!(
        "{} Hz  {} Hz/s  {} % V  {} % load",
        short(h.df_hz),
        short(h.rocof_hz_per_s),
        num(h.dv_pu * 100.0, 0),
        num(h.load_pu * 100.0, 0)
    );
    panel.label(3, "Feedback hold", &bounds);
    panel.choice(3, Setpoint::FeedbackHold, &["Off", "On"], None);
    hold_points(panel);
    interlocks(panel);
}

/// Run, freeze, step.
fn pace(panel: &mut Panel<'_>) {
    let [x0, ..] = panel.columns();
    let y = panel.row_y(0);
    let running = panel.model.running;
    let locked = panel.locked();
    let words = if running { "running" } else { "frozen" };
    let note = if panel.narrow() { String::new() } else { format!("{words}, t = {} s", num(panel.model.t_s, 1)) };
    panel.label(0, "Twin", &note);
    let mut x = x0;
    let mut place = |w: f32| {
        let r = Rect::from_min_size(pos2(x, y - 14.0), vec2(w, 28.0));
        x += w + 8.0;
        r
    };
    let rects = [place(72.0), place(78.0), place(78.0), place(70.0)];
    let only_frozen = locked.clone().or_else(|| running.then(|| "freeze first".to_owned()));
    let (label, act) =
        if running { ("Freeze", Action::Run(RunAct::Freeze)) } else { ("Run", Action::Run(RunAct::Toggle)) };
    let steps: [(&str, &str, Action, Option<String>); 3] = [
        (label, "Twin run or freeze", act, locked),
        ("Step .1 s", "Step 0.1 s", Action::Run(RunAct::StepS(0.1)), only_frozen.clone()),
        ("Step 1 s", "Step 1 s", Action::Run(RunAct::StepS(1.0)), only_frozen),
    ];
    for ((label, name, act, why), rect) in steps.into_iter().zip(rects) {
        if Button::new(label).name(name).why_not(why.as_deref()).put(panel.ui, rect).clicked() {
            panel.actions.push(act);
        }
    }
}

/// Speed against the wall clock: 0.1 to 1000 on a log track or typed, real time and as fast as it goes by button.
fn speed(panel: &mut Panel<'_>) {
    let [x0, x1, xf] = panel.columns();
    let y = panel.row_y(1);
    let locked = panel.locked();
    let why = locked.as_deref();
    let (wanted, max) = match panel.model.speed {
        Speed::Times(v) => (v, false),
        Speed::Max => (1000.0, true),
    };
    let note = if panel.narrow() {
        String::new()
    } else if panel.model.running {
        format!("achieved {} \u{d7}", short(panel.model.achieved_speed))
    } else {
        "frozen".into()
    };
    panel.label(1, "Speed", &note);
    let items = ["1", "Max"];
    let wide = Segmented::new("", &items, 0).padding(10.0).size(&panel.ink).x;
    let selected = if max { 1 } else { usize::from((wanted - 1.0).abs() > 1e-9) * 2 };
    let seg = if panel.narrow() { panel.rect.right() - 16.0 - wide } else { x0 };
    let mut new = Segmented::new("Speed", &items, selected)
        .padding(10.0)
        .why_not(why)
        .at(panel.ui, pos2(seg, y - 14.0))
        .map(|i| if i == 0 { 1.0 } else { f64::INFINITY });
    let from = if panel.narrow() { x0 } else { x0 + wide + 16.0 };
    let scale = Scale { range: [0.1, 1000.0], log: true, step: 0.1, decimals: 1 };
    let track = Rect::from_min_max(pos2(from, y - 14.0), pos2(x1, y + 14.0));
    new = Slider::new("Speed", wanted, scale).why_not(why).put(panel.ui, track).or(new);
    let edit = Rect::from_min_max(pos2(xf, y - 12.0), pos2(xf + 80.0, y + 12.0));
    new = Number::new("Speed value", wanted, 1).why_not(why).put(panel.ui, edit).map(|v| v.clamp(0.1, 1000.0)).or(new);
    panel.ink.left(xf + 88.0, y, "\u{d7}", Face::regular(panel.ink.body(), panel.ink.t.text2));
    if let Some(v) = new {
        panel.actions.push(Action::Run(RunAct::Speed(if v.is_finite() { Speed::Times(v) } else { Speed::Max })));
    }
}

/// GPU kW at which the schedule holds by itself: list, add, clear.
fn hold_points(panel: &mut Panel<'_>) {
    let [x0, _, xf] = panel.columns();
    let (y, b) = (panel.row_y(4), panel.ink.body());
    let points = panel.status().policy.hold_points_kw.clone();
    panel.ink.left(panel.rect.left() + 16.0, y, "Hold points", Face::regular(b, panel.ink.t.text));
    let text = if points.is_empty() {
        "none".to_owned()
    } else {
        points.iter().map(|p| kw(*p)).collect::<Vec<_>>().join("  ")
    };
    panel.ink.left_cut(x0, y, xf - 12.0, &text, Face::medium(b, panel.ink.t.live));
    let locked = panel.locked();
    let edit = Rect::from_min_max(pos2(xf, y - 12.0), pos2(xf + 80.0, y + 12.0));
    if let Some(v) =
        Number::new("Hold point value", panel.state.hold_point, 0).why_not(locked.as_deref()).put(panel.ui, edit)
    {
        panel.state.hold_point = v.max(0.0);
    }
    panel.ink.left(xf + 88.0, y, "kW", Face::regular(b, panel.ink.t.text2));
    let right = panel.rect.right() - 16.0;
    let clear = Rect::from_min_size(pos2(right - 58.0, y - 14.0), vec2(58.0, 28.0));
    let add = Rect::from_min_size(pos2(right - 116.0, y - 14.0), vec2(50.0, 28.0));
    let v = panel.state.hold_point;
    let no_value = locked.clone().or_else(|| (v <= 0.0).then(|| "type the GPU kW to hold at".to_owned()));
    let none = locked.or_else(|| points.is_empty().then(|| "there is no hold point".to_owned()));
    if Button::new("Add").name("Add hold point").why_not(no_value.as_deref()).put(panel.ui, add).clicked() {
        panel.state.knobs.stage(Setpoint::HoldPointKw, v, panel.now_s);
    }
    if Button::new("Clear").name("Clear hold points").why_not(none.as_deref()).put(panel.ui, clear).clicked() {
        panel.state.knobs.stage(Setpoint::HoldPointKw, 0.0, panel.now_s);
    }
}

fn interlocks(panel: &mut Panel<'_>) {
    let [x0, ..] = panel.columns();
    let (y, b) = (panel.row_y(5), panel.ink.body());
    let all = panel.status().interlocks.clone();
    panel.ink.left(panel.rect.left() + 16.0, y, "Interlocks", Face::regular(b, panel.ink.t.text));
    let (text, face) =
        if all.is_empty() { ("none stands".to_owned(), Weight::Regular) } else { (all.join("; "), Weight::SemiBold) };
    let hit = Rect::from_min_max(pos2(x0, y - 12.0), pos2(panel.rect.right() - 16.0, y + 12.0));
    let color = if all.is_empty() { panel.ink.t.text2 } else { panel.ink.t.text };
    panel.ink.fitted(hit, &text, Face::new(face, b, color));
    let r = panel.ui.interact(hit, panel.ui.scope_id().with("interlocks"), egui::Sense::hover());
    r.widget_info(|| egui::WidgetInfo::labeled(egui::accesskit::Role::Label, true, format!("Interlocks: {text}")));
    if all.len() > 1 {
        r.on_hover_text(all.join("\n"));
    }
}
