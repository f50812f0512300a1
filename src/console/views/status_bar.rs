//! The status bar: which mode, which scenario, what time it is in the run, how fast it goes; right what happened so far.
//!
//! It has no menu, because a menu would fall over the KPI strip. The right side keeps its room; of the left the name of the
//! scenario is shortened first, then what is only good to know is left out.

use egui::accesskit::Role;
use egui::{CornerRadius, Pos2, Rect, Sense, Sides, Stroke, StrokeKind, Ui, UiBuilder, WidgetInfo, vec2};

use super::alarms;
use crate::acts::EventKind;
use crate::console::action::Action;
use crate::console::commands::{self, Command, Now};
use crate::console::fmt;
use crate::console::model::{Mode, Model};
use crate::console::widgets::{Button, Face, Ink, Text, Weight, glyph};
use crate::feed::SiteView;
use crate::worker::Speed;

/// Speeds that the two buttons go through.
const SPEEDS: [f64; 11] = [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 100.0, 300.0, 1000.0];
/// Room between groups, and at both ends.
const GAP: f32 = 16.0;
const ENDS: f32 = 12.0;
/// What stands right of the name needs so much.
const AFTER_NAME: f32 = 450.0;

/// What the bar shows beside the model.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Wall clock, `14:23 UTC`.
    pub wall: String,
    /// Name of the operator.
    pub operator: String,
    /// Name of a live source.
    pub source: String,
}

/// Draws the bar.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, facts: &Facts, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.bg);
    ui.scope_builder(UiBuilder::new().max_rect(rect.shrink2(vec2(ENDS, 0.0))), |ui| {
        ui.spacing_mut().item_spacing = vec2(GAP, 0.0);
        Sides::new().height(rect.height()).shrink_left().show(
            ui,
            |ui| left(ui, model, facts, actions),
            |ui| right(ui, model, facts),
        );
    });
}

fn left(ui: &mut Ui, model: &Model, facts: &Facts, actions: &mut Vec<Action>) {
    badge(ui, model.mode);
    if let Some(of) = &model.plate.starts_as {
        rehearsal(ui, of);
    }
    let mut press = |ui: &mut Ui, command: Command, button: Button<'_>| {
        let now = Now::of(model);
        if ui.add(button.why_not(command.offer(&now).why_not.as_deref())).clicked() {
            actions.extend(command.action(&now));
        }
    };
    let ink = Ink::of(ui);
    let name = if model.mode == Mode::Twin { &model.plate.scenario } else { &facts.source };
    let most = (ui.available_width() - AFTER_NAME).clamp(80.0, 340.0);
    let shown = ink.fit(name, Face::semibold(14.0, ink.t.text), most);
    let hint: &str = if model.plate.purpose.is_empty() { "Open another" } else { &model.plate.purpose };
    let say = format!("Scenario {name}, open another");
    press(ui, commands::OPEN, Button::new(&shown).quiet().name(&say).hover(hint));
    part(ui);
    ui.add(Text::title(format!("T+{}", fmt::clock(model.t_s))).live().px(18.0, 18.0));
    ui.spacing_mut().item_spacing.x = 2.0;
    let key = commands::RUN_OR_FREEZE.key();
    let (words, name, hint) = match (model.mode, model.running) {
        (Mode::Live, _) => ("FOLLOW", "", String::new()),
        (_, true) => ("RUN", "Freeze the run", commands::with_key("Freeze", &key)),
        (_, false) => ("FROZEN", "Run", commands::with_key("Run", &key)),
    };
    let sign = if model.running { running } else { frozen };
    if model.mode == Mode::Live {
        ui.add_space(4.0);
        let (_, rect) = ui.allocate_space(vec2(15.0, 28.0));
        sign(&ink, rect.left_center() + vec2(4.5, 0.0));
        ui.add(Text::title(words));
    } else {
        press(ui, commands::RUN_OR_FREEZE, Button::new(words).quiet().sign(sign).name(name).hover(&hint));
        if !model.running && model.mode == Mode::Twin {
            for step in commands::STEPS {
                press(ui, step, Button::new(step.short).link().name(step.text).hover(step.text));
            }
        }
        press(ui, commands::SLOWER, small(commands::SLOWER));
        ui.add(Text::new(speed_words(model)).medium().whole());
        press(ui, commands::FASTER, small(commands::FASTER));
    }
    ui.spacing_mut().item_spacing.x = GAP;
    match (model.mode, &model.site_view) {
        (Mode::Twin, _) => {
            for words in [format!("seed {}", model.plate.seed), model.plate.preset.clone()] {
                more(ui, &words, Weight::Regular, "");
            }
        }
        (_, Some(site)) => of_site(ui, site, model),
        _ => more(ui, &format!("age {}", age(model.age_s)), Weight::Regular, ""),
    }
}

fn small(command: Command) -> Button<'static> {
    Button::new(command.short).link().name(command.text).hover(command.text).least(28.0, 28.0)
}

fn running(ink: &Ink, at: Pos2) {
    let tip = [at + vec2(-4.5, -6.0), at + vec2(4.5, 0.0), at + vec2(-4.5, 6.0)];
    ink.triangle(tip, ink.t.text, Stroke::NONE);
}

fn frozen(ink: &Ink, at: Pos2) {
    for dx in [-4.5, 0.5] {
        ink.fill(Rect::from_min_size(at + vec2(dx, -6.0), vec2(3.0, 12.0)), ink.t.text);
    }
}

/// The mode as the badge and the window's title name it.
pub(crate) fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Twin => "TWIN",
        Mode::Live => "LIVE  READ-ONLY",
        Mode::Replay => "REPLAY  READ-ONLY",
    }
}

fn badge(ui: &mut Ui, mode: Mode) {
    let words = mode_word(mode);
    let ink = Ink::of(ui);
    let face = Face::semibold(14.0, ink.t.text);
    let (rect, response) = ui.allocate_exact_size(vec2(ink.width(words, face) + 20.0, 24.0), Sense::hover());
    border(&ink, rect.shrink(1.0), mode, [5.0, 3.0]);
    ink.centre(rect.center(), words, face);
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, format!("Mode {words}")));
}

/// A twin that started as a plant was.
fn rehearsal(ui: &mut Ui, of: &str) {
    let (ink, words) = (Ink::of(ui), "REHEARSAL");
    let face = Face::semibold(14.0, ink.t.bg);
    let (rect, response) = ui.allocate_exact_size(vec2(ink.width(words, face) + 20.0, 24.0), Sense::hover());
    ink.fill(rect, ink.t.text);
    ink.centre(rect.center(), words, face);
    response.widget_info(|| WidgetInfo::labeled(Role::Status, true, format!("Rehearsal, started as {of}")));
    response.on_hover_text(format!("Started as {of}; not connected to it"));
}

/// A line between two groups.
fn part(ui: &mut Ui) {
    let (_, rect) = ui.allocate_space(vec2(1.0, 16.0));
    let ink = Ink::of(ui);
    ink.vline(rect.left(), rect.y_range(), ink.t.dead);
}

/// What is good to know, where there is room for it.
fn more(ui: &mut Ui, words: &str, weight: Weight, hint: &str) {
    let text = Text::new(words).weight(weight);
    let text = if weight == Weight::Regular { text.dim() } else { text };
    let ink = Ink::of(ui);
    if words.is_empty() || ink.width(words, text.face(&ink)) + GAP + 1.0 > ui.available_width() {
        return;
    }
    part(ui);
    let response = ui.add(text.whole());
    if !hint.is_empty() {
        ui.ctx().accesskit_node_builder(response.id, |n| n.set_role(Role::Status));
        response.on_hover_text(hint);
    }
}

/// State of the links of a site, and the oldest of the values without which nothing can be judged.
fn of_site(ui: &mut Ui, site: &SiteView, model: &Model) {
    let [up, all] = site.links_up();
    let weight = if up < all { Weight::SemiBold } else { Weight::Regular };
    more(ui, &format!("{up} / {all} links"), weight, "Links with values coming");
    if let Some((signal, s)) = site.worst {
        let words = format!("{} {} old", model.table.get(signal).label, age(s));
        more(ui, &words, Weight::Regular, "The oldest of the critical values");
    }
}

/// From the right: wall clock, operator, what happened.
fn right(ui: &mut Ui, model: &Model, facts: &Facts) {
    ui.add_space(4.0);
    ui.add(Text::new(&facts.wall).medium().whole());
    if !facts.operator.is_empty() {
        ui.add(Text::new(format!("op {}", facts.operator)).dim().whole());
    }
    part(ui);
    if !alarms::counts::show(ui, model) {
        let count = |kind| model.history.events().iter().filter(|e| e.kind == kind).count();
        let counts = [(2, "limits passed", EventKind::Limit), (1, "trips", EventKind::Trip)];
        for (priority, words, kind) in counts {
            let n = count(kind);
            glyph::count(ui, priority, n, &format!("{n} {words} in this run"));
        }
        if let Some(first) = model.view.trips.first() {
            ui.add(Text::title(first));
            ui.add(Text::new("first-out").dim().whole());
        }
    }
    if model.stalled {
        ui.add(Text::title("twin waits for console or journal"));
    }
}

fn age(s: f64) -> String {
    if s.is_finite() { format!("{} s", fmt::num(s, 1)) } else { "–".to_owned() }
}

/// `×1000 (412)`: what is asked for, and what the machine does when that is less.
fn speed_words(model: &Model) -> String {
    let got = model.achieved_speed;
    match model.speed {
        Speed::Times(s) => {
            let asked = format!("×{}", fmt::num(s, usize::from(s < 1.0)));
            let short = model.running && got.is_finite() && got < 0.95 * s && s > 1.0;
            if short { format!("{asked} ({})", fmt::num(got, usize::from(got < 10.0))) } else { asked }
        }
        Speed::Max if model.running => format!("max (×{})", fmt::num(got, 0)),
        Speed::Max => "max".to_owned(),
    }
}

pub(crate) fn next_speed(now: Speed, by: i32) -> Speed {
    let Speed::Times(now) = now else {
        return if by < 0 { Speed::Times(1000.0) } else { Speed::Max };
    };
    let next = if by > 0 {
        SPEEDS.iter().find(|s| **s > now * 1.001)
    } else {
        SPEEDS.iter().rev().find(|s| **s < now * 0.999).or(SPEEDS.first())
    };
    next.map_or(Speed::Max, |s| Speed::Times(*s))
}

/// The line that tells the mode: dashed, double or dotted.
pub(crate) fn border(ink: &Ink, rect: Rect, mode: Mode, dash: [f32; 2]) {
    let t = &ink.t;
    let corners = [rect.left_top(), rect.right_top(), rect.right_bottom(), rect.left_bottom(), rect.left_top()];
    match mode {
        Mode::Twin => ink.dashed(&corners, (2.0, t.text2), dash[0], dash[1]),
        Mode::Replay => ink.dashed(&corners, (2.0, t.text2), 2.0, 4.0),
        Mode::Live => {
            ink.p.rect_stroke(rect, CornerRadius::ZERO, Stroke::new(2.0, t.text), StrokeKind::Middle);
            ink.p.rect_stroke(rect.shrink(3.5), CornerRadius::ZERO, Stroke::new(1.0, t.text), StrokeKind::Middle);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn speeds_step_through_the_list_and_end_at_max() {
        assert_eq!(next_speed(Speed::Times(1.0), 1), Speed::Times(2.0));
        assert_eq!(next_speed(Speed::Times(7.0), -1), Speed::Times(5.0));
        assert_eq!(next_speed(Speed::Times(1000.0), 1), Speed::Max);
        assert_eq!(next_speed(Speed::Max, -1), Speed::Times(1000.0));
        assert_eq!(next_speed(Speed::Times(0.1), -1), Speed::Times(0.1));
    }
}
