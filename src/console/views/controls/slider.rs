//! A slider on a thin track: linear or logarithmic, by pointer, arrow keys or screen reader.

use egui::accesskit::{Action as AkAction, ActionData};
use egui::{CornerRadius, EventFilter, Id, Key, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::console::views::ink::Ink;
use crate::control::plan_math::{log_lerp, log_pos};

/// How a value maps to the track.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Scale {
    /// Ends.
    pub(crate) range: [f64; 2],
    /// Logarithmic.
    pub(crate) log: bool,
    /// Values are multiples of this.
    pub(crate) step: f64,
    /// Decimals shown.
    pub(crate) decimals: usize,
}

impl Scale {
    /// Position on the track, 0 to 1.
    pub(crate) fn pos(self, v: f64) -> f64 {
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
    pub(crate) fn at(self, u: f64) -> f64 {
        let [lo, hi] = self.range;
        let u = u.clamp(0.0, 1.0);
        self.snap(if self.log { log_lerp(self.range, u) } else { lo + (hi - lo) * u })
    }

    /// Rounds to the step inside the range. On a log scale large values take coarser steps.
    pub(crate) fn snap(self, v: f64) -> f64 {
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
    pub(crate) fn nudge(self, v: f64, presses: f64) -> f64 {
        let mut step = self.step;
        while self.log && v >= 100.0 * step {
            step *= 10.0;
        }
        let tidy = ((v + presses * step) * 1e9).round() / 1e9;
        tidy.clamp(self.range[0], self.range[1])
    }
}

/// What a slider shows besides its value.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    /// A limit's tick on the track.
    pub(crate) limit: Option<f64>,
    /// Not yet in force: hollow knob.
    pub(crate) pending: bool,
    /// Value in force while another is pending: thin tick.
    pub(crate) in_force: Option<f64>,
}

/// A slider on a track centred in `rect`; gives a new value when moved.
pub(crate) fn slider(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    name: &str,
    value: f64,
    scale: Scale,
    marks: Marks,
    why_not: Option<&str>,
) -> Option<f64> {
    let enabled = why_not.is_none();
    let id = ui.scope_id().with(("slider", name));
    let hit = Rect::from_center_size(rect.center(), vec2(rect.width() + 14.0, 28.0_f32.min(rect.height().max(24.0))));
    let r = ui.interact(hit, id, if enabled { Sense::click_and_drag() } else { Sense::hover() });
    r.widget_info(|| WidgetInfo::slider(enabled, value, name));
    ui.ctx().accesskit_node_builder(id, |n| {
        n.set_min_numeric_value(scale.range[0]);
        n.set_max_numeric_value(scale.range[1]);
        n.set_numeric_value_step(scale.step);
        if enabled {
            n.add_action(AkAction::SetValue);
            n.add_action(AkAction::Increment);
            n.add_action(AkAction::Decrement);
        }
        if let Some(why) = why_not {
            n.set_description(why);
        }
    });
    let track = Rect::from_center_size(rect.center(), vec2(rect.width(), 4.0));
    let mut new = None;
    if enabled {
        if let Some(p) = r.interact_pointer_pos() {
            new = Some(scale.at(f64::from((p.x - track.left()) / track.width())));
        }
        new = keyboard(ui, &r, id, value, scale).or(new);
    }
    let shown = new.unwrap_or(value);
    let x = |v: f64| track.left() + track.width() * scale.pos(v) as f32;
    ink.p.rect_filled(track, CornerRadius::same(2), ink.t.hair);
    let used = if shown.is_finite() { x(shown) } else { track.left() };
    ink.p.rect_filled(
        Rect::from_min_max(track.min, pos2(used, track.bottom())),
        CornerRadius::same(2),
        if enabled { ink.t.dead } else { ink.t.hair },
    );
    if let Some(limit) = marks.limit.filter(|l| (scale.range[0]..=scale.range[1]).contains(l)) {
        ink.fill(Rect::from_center_size(pos2(x(limit), track.center().y), vec2(2.0, 14.0)), ink.t.limit);
    }
    if let Some(v) = marks.in_force {
        ink.fill(Rect::from_center_size(pos2(x(v), track.center().y), vec2(2.0, 10.0)), ink.t.text2);
    }
    if !shown.is_finite() {
        return new;
    }
    let knob = pos2(x(shown), track.center().y);
    let color = if enabled { ink.t.accent } else { ink.t.disabled };
    let fill = match (enabled, marks.pending) {
        (true, true) => ink.t.panel,
        (true, false) => ink.t.accent,
        (false, _) => ink.t.panel,
    };
    ink.p.circle(knob, 7.0, fill, Stroke::new(if enabled { 2.0 } else { 1.0 }, color));
    if r.has_focus() {
        ink.p.circle_stroke(knob, 11.0, Stroke::new(2.0, ink.t.accent));
    }
    if let Some(why) = why_not {
        r.on_hover_text(why);
    }
    new.filter(|v| !value.is_finite() || (v - value).abs() > 1e-12)
}

fn keyboard(ui: &mut Ui, r: &Response, id: Id, value: f64, scale: Scale) -> Option<f64> {
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
