//! The status bar: which mode, which scenario, what time it is in the run, how fast it goes; right what happened so far.
//!
//! It has no menu, because a menu would fall over the KPI strip.

use egui::accesskit::Role;
use egui::{CornerRadius, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};

use super::alarms;
use crate::acts::EventKind;
use crate::console::action::{Action, FileAct, RunAct};
use crate::console::commands;
use crate::console::fmt;
use crate::console::model::{Mode, Model};
use crate::console::widgets::glyph::{self, Look};
use crate::console::widgets::{Face, Ink, Weight};
use crate::feed::SiteView;
use crate::worker::Speed;

/// Speeds that the two buttons go through.
const SPEEDS: [f64; 11] = [0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 100.0, 300.0, 1000.0];

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
    let mut bar = Bar { ui, ink: &ink, rect, x: rect.left() + 12.0 };
    bar.badge(model.mode);
    if let Some(of) = &model.plate.starts_as {
        bar.rehearsal(of);
    }
    let right = bar.right(model, facts);
    bar.left(model, facts, right, actions);
}

struct Bar<'a> {
    ui: &'a mut Ui,
    ink: &'a Ink,
    rect: Rect,
    x: f32,
}

impl Bar<'_> {
    fn mid(&self) -> f32 {
        self.rect.center().y
    }

    fn badge(&mut self, mode: Mode) {
        let words = match mode {
            Mode::Twin => "TWIN",
            Mode::Live => "LIVE  READ-ONLY",
            Mode::Replay => "REPLAY  READ-ONLY",
        };
        let ink = self.ink;
        let w = ink.width(words, (Weight::SemiBold, 14.0)) + 20.0;
        let r = Rect::from_min_size(pos2(self.x, self.mid() - 12.0), vec2(w, 24.0));
        border(ink, r.shrink(1.0), mode, [5.0, 3.0]);
        ink.centre(r.center(), words, Face::semibold(14.0, ink.t.text));
        let response = self.ui.interact(r, self.ui.scope_id().with("mode"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, format!("Mode {words}")));
        self.x = r.right() + 16.0;
    }

    /// A twin that started as a plant was.
    fn rehearsal(&mut self, of: &str) {
        let (ink, words) = (self.ink, "REHEARSAL");
        let w = ink.width(words, (Weight::SemiBold, 14.0)) + 20.0;
        let r = Rect::from_min_size(pos2(self.x - 6.0, self.mid() - 12.0), vec2(w, 24.0));
        ink.fill(r, ink.t.text);
        ink.centre(r.center(), words, Face::semibold(14.0, ink.t.bg));
        let response = self.ui.interact(r, self.ui.scope_id().with("rehearsal"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Status, true, format!("Rehearsal, started as {of}")));
        response.on_hover_text(format!("Started as {of}; not connected to it"));
        self.x = r.right() + 16.0;
    }

    fn part(&mut self) {
        self.ink.vline(self.x, self.mid() - 8.0..=self.mid() + 8.0, self.ink.t.dead);
        self.x += 16.0;
    }

    fn text(&mut self, text: &str, face: Weight, px: f32, color: egui::Color32, gap: f32) {
        self.x = self.ink.left(self.x, self.mid(), text, Face::new(face, px, color)) + gap;
    }

    /// A label that can be pressed.
    fn press(&mut self, width: f32, key: &str, name: &str, hint: &str) -> Response {
        let r = Rect::from_min_size(pos2(self.x, self.mid() - 14.0), vec2(width, 28.0));
        let response = self.ui.interact(r, self.ui.scope_id().with(key), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
        if response.hovered() {
            self.ink.p.rect_filled(r, CornerRadius::same(3), self.ink.t.panel);
        }
        if response.has_focus() {
            self.ink.focus_ring(r);
        }
        response.on_hover_text(hint)
    }

    fn left(&mut self, model: &Model, facts: &Facts, right: f32, actions: &mut Vec<Action>) {
        let t = self.ink.t;
        self.name(model, facts, right, actions);
        self.part();
        let clock = format!("T+{}", fmt::clock(model.t_s));
        self.text(&clock, Weight::SemiBold, 18.0, t.live, 12.0);
        self.run(model, actions);
        self.speed(model, actions);
        if model.mode == Mode::Twin {
            for words in [format!("seed {}", model.plate.seed), model.plate.preset.clone()] {
                if words.is_empty() || self.x + self.ink.width(&words, (Weight::Regular, 14.0)) + 32.0 > right {
                    break;
                }
                self.part();
                self.text(&words, Weight::Regular, 14.0, t.text2, 16.0);
            }
        } else if let Some(site) = &model.site_view {
            self.site(site, model, right);
        } else if self.x + 140.0 < right {
            self.part();
            self.text(&format!("age {}", age(model.age_s)), Weight::Regular, 14.0, t.text2, 16.0);
        }
    }

    /// State of the links of a site, and the oldest of the values without which nothing can be judged.
    fn site(&mut self, site: &SiteView, model: &Model, right: f32) {
        let t = self.ink.t;
        let [up, all] = site.links_up();
        let links = (format!("{up} / {all} links"), if up < all { Weight::SemiBold } else { Weight::Regular });
        let oldest = site.worst.map(|(signal, s)| {
            let words = format!("{} {} old", model.table.get(signal).label, age(s));
            (words, Weight::Regular)
        });
        for (i, (words, face)) in std::iter::once(links).chain(oldest).enumerate() {
            let w = self.ink.width(&words, (face, 14.0));
            if self.x + w + 32.0 > right {
                break;
            }
            let from = self.x;
            self.part();
            let color = if face == Weight::SemiBold { t.text } else { t.text2 };
            self.text(&words, face, 14.0, color, 16.0);
            let r = Rect::from_x_y_ranges(from + 16.0..=self.x - 16.0, self.mid() - 12.0..=self.mid() + 12.0);
            let response = self.ui.interact(r, self.ui.scope_id().with(("site", i)), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Status, true, &words));
            response.on_hover_text(if i == 0 {
                "Links with values coming"
            } else {
                "The oldest of the critical values"
            });
        }
    }

    fn name(&mut self, model: &Model, facts: &Facts, right: f32, actions: &mut Vec<Action>) {
        let t = self.ink.t;
        let twin = model.mode == Mode::Twin;
        let name = if twin { &model.plate.scenario } else { &facts.source };
        let most = (right - self.x - 470.0).clamp(80.0, 340.0);
        let w = self.ink.width(name, (Weight::SemiBold, 14.0)).min(most);
        let hint = if model.plate.purpose.is_empty() { "Open another".to_owned() } else { model.plate.purpose.clone() };
        let pressed = self.press(w + 12.0, "name", &format!("Scenario {name}, open another"), &hint);
        if pressed.clicked() {
            actions.push(Action::File(FileAct::Open));
        }
        self.ink.left_cut(self.x + 6.0, self.mid(), self.x + 6.0 + w, name, Face::semibold(14.0, t.text));
        self.x += w + 28.0;
    }

    fn run(&mut self, model: &Model, actions: &mut Vec<Action>) {
        let ink = self.ink;
        let (words, hint) = match (model.mode, model.running) {
            (Mode::Live, _) => ("FOLLOW", "Values are shown as they come".to_owned()),
            (_, true) => ("RUN", commands::with_key("Freeze", commands::RUN_OR_FREEZE)),
            (_, false) => ("FROZEN", commands::with_key("Run", commands::RUN_OR_FREEZE)),
        };
        let w = ink.width(words, (Weight::SemiBold, 14.0));
        let name = if model.running { "Freeze the run" } else { "Run" };
        if model.mode == Mode::Live {
            self.x += 6.0;
        } else if self.press(w + 28.0, "run", name, &hint).clicked() {
            actions.push(Action::Run(RunAct::Toggle));
        }
        let (x, y) = (self.x + 6.0, self.mid());
        if model.running {
            let tip = vec![pos2(x, y - 6.0), pos2(x + 9.0, y), pos2(x, y + 6.0)];
            ink.p.add(egui::Shape::convex_polygon(tip, ink.t.text, Stroke::NONE));
        } else {
            for dx in [0.0, 5.0] {
                ink.fill(Rect::from_min_size(pos2(x + dx, y - 6.0), vec2(3.0, 12.0)), ink.t.text);
            }
        }
        ink.left(x + 15.0, y, words, Face::semibold(14.0, ink.t.text));
        self.x += w + 32.0;
    }

    fn speed(&mut self, model: &Model, actions: &mut Vec<Action>) {
        if model.mode == Mode::Live {
            return;
        }
        let t = self.ink.t;
        if !model.running && model.mode == Mode::Twin {
            for (key, words, step) in [("step1", "+0.1 s", 0.1), ("step2", "+1 s", 1.0)] {
                let w = self.ink.width(words, (Weight::Medium, 14.0)) + 12.0;
                let name = format!("Step by {step} s");
                if self.press(w, key, &name, &name).clicked() {
                    actions.push(Action::Run(RunAct::StepS(step)));
                }
                self.text_at(6.0, words, t.accent);
                self.x += w + 2.0;
            }
        }
        for (key, words, name, by) in [("slower", "−", "Slower", -1_i32), ("faster", "+", "Faster", 1)] {
            if by > 0 {
                self.text(&speed_words(model), Weight::Medium, 14.0, t.text, 4.0);
            }
            if self.press(28.0, key, name, name).clicked() {
                actions.push(Action::Run(RunAct::Speed(next_speed(model.speed, by))));
            }
            self.text_at(10.0, words, t.accent);
            self.x += 32.0;
        }
        self.x += 8.0;
    }

    fn text_at(&self, dx: f32, words: &str, color: egui::Color32) {
        self.ink.left(self.x + dx, self.mid(), words, Face::semibold(14.0, color));
    }

    /// Draws the right part and gives where it begins.
    fn right(&mut self, model: &Model, facts: &Facts) -> f32 {
        let ink = self.ink;
        let (t, y) = (ink.t, self.mid());
        let mut x = self.rect.right() - 16.0;
        x = ink.right(x, y, &facts.wall, Face::medium(14.0, t.text)) - 16.0;
        if !facts.operator.is_empty() {
            x = ink.right(x, y, format!("op {}", facts.operator), Face::regular(14.0, t.text2)) - 16.0;
        }
        ink.vline(x, y - 8.0..=y + 8.0, t.dead);
        x -= 16.0;
        if let Some(left) = alarms::counts::show(self.ui, ink, model, x, y) {
            return self.stalled(model, left);
        }
        let count = |kind| model.history.events().iter().filter(|e| e.kind == kind).count();
        let counts = [(1, "trips", count(EventKind::Trip)), (2, "limits passed", count(EventKind::Limit))];
        for (priority, words, n) in counts.into_iter().rev() {
            let right = x;
            x = ink.right(x, y, n.to_string(), Face::semibold(15.0, if n > 0 { t.text } else { t.text2 })) - 6.0;
            let look = if n > 0 { Look::Active } else { Look::Outline };
            glyph::glyph(ink, pos2(x - 8.0, y), 16.0, priority, look);
            let r = Rect::from_min_max(pos2(x - 16.0, y - 12.0), pos2(right, y + 12.0));
            let response = self.ui.interact(r, self.ui.scope_id().with(words), Sense::hover());
            response.widget_info(|| WidgetInfo::labeled(Role::Status, true, format!("{n} {words}")));
            response.on_hover_text(format!("{words} in this run"));
            x -= 32.0;
        }
        let first = model.view.trips.first();
        if let Some(first) = first {
            x = ink.right(x, y, first, Face::semibold(14.0, t.text)) - 6.0;
            x = ink.right(x, y, "first-out", Face::regular(14.0, t.text2)) - 16.0;
        }
        self.stalled(model, x)
    }

    fn stalled(&self, model: &Model, x: f32) -> f32 {
        if !model.stalled {
            return x;
        }
        self.ink.right(x, self.mid(), "twin waits for console or journal", Face::semibold(14.0, self.ink.t.text)) - 16.0
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
