//! A slider on a thin track: linear or logarithmic, by pointer, arrow keys or screen reader.

use egui::accesskit::{Action as AkAction, ActionData};
use egui::{EventFilter, Id, Key, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::Ink;
use crate::control::plan_math::{log_lerp, log_pos};

/// How a value maps to the track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Ends.
    pub range: [f64; 2],
    /// Logarithmic.
    pub log: bool,
    /// Values are multiples of this.
    pub step: f64,
    /// Decimals shown.
    pub decimals: usize,
}

impl Scale {
    /// Position on the track, 0 to 1.
    pub fn pos(self, v: f64) -> f64 {
        let [lo, hi] = self.range;
        let u = if self.log {
            log_pos(self.range, v)
        } else if hi > lo {
            (v - lo) / (hi - lo)
        } else {
            0.0
        };
        u.clamp(0.0, 1.0)
    }

    /// Value at a position, on a multiple of the step.
    pub fn at(self, u: f64) -> f64 {
        let [lo, hi] = self.range;
        let u = u.clamp(0.0, 1.0);
        self.snap(if self.log { log_lerp(self.range, u) } else { lo + (hi - lo) * u })
    }

    /// Rounds to the step inside the range. On a log scale large values take coarser steps.
    pub fn snap(self, v: f64) -> f64 {
        if v <= self.range[0] || v >= self.range[1] {
            return v.clamp(self.range[0], self.range[1]);
        }
        let mut step = self.step;
        while self.log && v > 100.0 * step {
            step *= 10.0;
        }
        let snapped = (v / step).round() * step;
        let tidy = (snapped * 1e9).round() / 1e9;
        tidy.clamp(self.range[0], self.range[1])
    }

    /// One key press up or down.
    pub fn nudge(self, v: f64, presses: f64) -> f64 {
        let mut step = self.step;
        while self.log && v >= 100.0 * step {
            step *= 10.0;
        }
        let tidy = ((v + presses * step) * 1e9).round() / 1e9;
        tidy.clamp(self.range[0], self.range[1])
    }
}

/// A slider. A value that is not yet in force has a hollow knob, and a thin tick where the value in force is.
#[derive(Clone, Copy, Debug)]
pub struct Slider<'a> {
    name: &'a str,
    value: f64,
    scale: Scale,
    limit: Option<f64>,
    pending: Option<Option<f64>>,
    why_not: Option<&'a str>,
}

impl<'a> Slider<'a> {
    /// Of a value; not a number where there is none yet.
    pub fn new(name: &'a str, value: f64, scale: Scale) -> Self {
        Self { name, value, scale, limit: None, pending: None, why_not: None }
    }

    /// The tick of a limit on the track.
    #[must_use]
    pub fn limit(self, limit: Option<f64>) -> Self {
        Self { limit, ..self }
    }

    /// The value is staged or sent, and `in_force` is what holds until it is applied.
    #[must_use]
    pub fn pending(self, in_force: Option<f64>) -> Self {
        Self { pending: Some(in_force), ..self }
    }

    /// Why it cannot be used, if so.
    #[must_use]
    pub fn why_not(self, why_not: impl Into<Option<&'a str>>) -> Self {
        Self { why_not: why_not.into(), ..self }
    }

    /// Draws it as wide as the layout has room; gives a new value when moved.
    pub fn show(self, ui: &mut Ui, width: f32) -> Option<f64> {
        let (_, rect) = ui.allocate_space(vec2(width.max(30.0), 28.0));
        self.put(ui, rect.shrink2(vec2(7.0, 0.0)))
    }

    /// Draws it on a track centred in `rect`; gives a new value when moved.
    pub fn put(self, ui: &Ui, rect: Rect) -> Option<f64> {
        let (ink, enabled, value, scale) = (Ink::of(ui), self.why_not.is_none(), self.value, self.scale);
        let t = &ink.t;
        let id = ui.scope_id().with(("slider", self.name));
        let high = 28.0_f32.min(rect.height().max(24.0));
        let hit = Rect::from_center_size(rect.center(), vec2(rect.width() + 14.0, high));
        let r = ui.interact(hit, id, if enabled { Sense::click_and_drag() } else { Sense::hover() });
        r.widget_info(|| WidgetInfo::slider(enabled, value, self.name));
        ui.ctx().accesskit_node_builder(id, |n| {
            n.set_min_numeric_value(scale.range[0]);
            n.set_max_numeric_value(scale.range[1]);
            n.set_numeric_value_step(scale.step);
            if enabled {
                n.add_action(AkAction::SetValue);
                n.add_action(AkAction::Increment);
                n.add_action(AkAction::Decrement);
            }
            if let Some(why) = self.why_not {
                n.set_description(why);
            }
        });
        let track = Rect::from_center_size(rect.center(), vec2(rect.width().max(1.0), 4.0));
        let mut new = None;
        if enabled {
            if let Some(p) = r.interact_pointer_pos() {
                new = Some(scale.at(f64::from((p.x - track.left()) / track.width())));
            }
            new = keyboard(ui, &r, id, value, scale).or(new);
        }
        let shown = new.unwrap_or(value);
        let x = |v: f64| track.left() + track.width() * scale.pos(v) as f32;
        ink.p.rect_filled(track, 2, t.hair);
        let used = if shown.is_finite() { x(shown) } else { track.left() };
        ink.p.rect_filled(track.with_max_x(used), 2, if enabled { t.dead } else { t.hair });
        let y = track.center().y;
        if let Some(limit) = self.limit.filter(|l| (scale.range[0]..=scale.range[1]).contains(l)) {
            ink.fill(Rect::from_center_size(pos2(x(limit), y), vec2(2.0, 14.0)), t.limit);
        }
        if let Some(v) = self.pending.flatten() {
            ink.fill(Rect::from_center_size(pos2(x(v), y), vec2(2.0, 10.0)), t.text2);
        }
        if !shown.is_finite() {
            return new;
        }
        let knob = pos2(x(shown), y);
        let (color, width) = if enabled { (t.accent, 2.0) } else { (t.disabled, 1.0) };
        let fill = if enabled && self.pending.is_none() { t.accent } else { t.panel };
        ink.p.circle(knob, if r.hovered() && enabled { 8.0 } else { 7.0 }, fill, Stroke::new(width, color));
        if r.has_focus() {
            ink.p.circle_stroke(knob, 11.0, Stroke::new(2.0, t.accent));
        }
        if let Some(why) = self.why_not {
            r.on_hover_text(why);
        }
        new.filter(|v| !value.is_finite() || (v - value).abs() > 1e-12)
    }
}

fn keyboard(ui: &Ui, r: &Response, id: Id, value: f64, scale: Scale) -> Option<f64> {
    if r.clicked() || r.drag_started() {
        r.request_focus();
    }
    let mut presses = 0.0;
    if r.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
        ui.input(|i| presses += i.num_presses(Key::ArrowRight) as f64 - i.num_presses(Key::ArrowLeft) as f64);
    }
    ui.input(|i| {
        presses += i.num_accesskit_action_requests(id, AkAction::Increment) as f64;
        presses -= i.num_accesskit_action_requests(id, AkAction::Decrement) as f64;
    });
    let set = ui.input(|i| {
        i.accesskit_action_requests(id, AkAction::SetValue)
            .filter_map(|q| if let Some(ActionData::NumericValue(v)) = q.data { Some(v) } else { None })
            .last()
    });
    match set {
        Some(v) if v.is_finite() => Some(scale.snap(v)),
        _ if presses != 0.0 && value.is_finite() => Some(scale.nudge(value, presses)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_scale_snaps_to_round_numbers() {
        let s = Scale { range: [0.1, 60.0], log: true, step: 0.1, decimals: 1 };
        assert_eq!(s.at(0.0), 0.1);
        assert_eq!(s.at(1.0), 60.0);
        assert_eq!(s.snap(1.234), 1.2);
        assert_eq!(s.snap(34.56), 35.0);
        assert_eq!(s.nudge(1.0, 1.0), 1.1);
        assert_eq!(s.nudge(30.0, -1.0), 29.0);
        let lin = Scale { range: [0.0, 500.0], log: false, step: 0.7, decimals: 0 };
        assert_eq!(lin.snap(1.0), 0.7);
        assert_eq!(lin.at(2.0), 500.0);
    }
}
