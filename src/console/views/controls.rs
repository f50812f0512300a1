//! Push buttons, segmented choices, sliders and number fields of the views, drawn in the console's style.
//!
//! Each is named for screen readers and works with the keyboard. A control that cannot be used keeps its place, is
//! drawn thin and says why when hovered and in its accessible description.

use egui::accesskit::{Action as AkAction, ActionData, Role};
use egui::{
    CornerRadius, EventFilter, Id, Key, Rect, Response, Sense, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo, pos2, vec2,
};

use super::ink::{Face, Ink};
use crate::control::plan_math::{log_lerp, log_pos};

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// Inset with a thin frame.
    Plain,
    /// Text colour as fill: the one action of its place.
    Solid,
    /// Panel with a thick frame.
    Heavy,
    /// Accent text, no frame.
    Link,
}

/// A button's words.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<'a> {
    /// On the button.
    pub(crate) label: &'a str,
    /// Key, after the label.
    pub(crate) key: &'a str,
    /// For screen readers; the label when empty.
    pub(crate) name: &'a str,
}

impl<'a> From<&'a str> for Words<'a> {
    fn from(label: &'a str) -> Self {
        Self { label, key: "", name: "" }
    }
}

/// A button; `why_not` disables it and says why.
pub(crate) fn button(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    words: Words<'_>,
    look: Look,
    why_not: Option<&str>,
) -> Response {
    let name = if words.name.is_empty() { words.label } else { words.name };
    let id = ui.scope_id().with(("button", name));
    let enabled = why_not.is_none();
    let sense = if enabled { Sense::click() } else { Sense::hover() };
    let r = ui.interact(rect, id, sense);
    r.widget_info(|| WidgetInfo::labeled(Role::Button, enabled, name));
    if let Some(why) = why_not {
        ui.ctx().accesskit_node_builder(id, |n| n.set_description(why));
    }
    let t = &ink.t;
    let (fill, stroke, color) = match (look, enabled) {
        (_, false) if look == Look::Link => (None, Stroke::NONE, t.disabled),
        (_, false) => (None, Stroke::new(1.0, t.hair), t.disabled),
        (Look::Plain, _) => (Some(t.inset), Stroke::new(1.0, t.dead), t.text),
        (Look::Solid, _) => (Some(t.text), Stroke::NONE, t.panel),
        (Look::Heavy, _) => (Some(t.panel), Stroke::new(2.0, t.text), t.text),
        (Look::Link, _) => (None, Stroke::NONE, t.accent),
    };
    let radius = CornerRadius::same(4);
    if let Some(fill) = fill {
        let fill = if r.is_pointer_button_down_on() || r.hovered() {
            crate::console::theme::mix(t.accent, fill, 0.12)
        } else {
            fill
        };
        ink.p.rect_filled(rect, radius, fill);
    }
    ink.p.rect_stroke(rect, radius, stroke, StrokeKind::Inside);
    let face = if matches!(look, Look::Solid | Look::Heavy) { Face::SemiBold } else { Face::Medium };
    let (px, small) = (ink.body(), ink.px(12.0, 13.0));
    let wide = ink.width(words.label, face, px);
    let hint = if words.key.is_empty() { 0.0 } else { ink.width(words.key, Face::Medium, small) + 6.0 };
    let x = rect.center().x - (wide + hint) / 2.0;
    let end = ink.left(x, rect.center().y, words.label, face, px, color);
    if hint > 0.0 {
        ink.left(end + 6.0, rect.center().y, words.key, Face::Medium, small, color);
    }
    ring(ink, &r, rect);
    match why_not {
        Some(why) => r.on_hover_text(why),
        None => r,
    }
}

/// Focus ring: 2 px accent, 2 px outside.
pub(crate) fn ring(ink: &Ink, r: &Response, rect: Rect) {
    if r.has_focus() {
        ink.p.rect_stroke(rect.expand(2.0), CornerRadius::same(6), Stroke::new(2.0, ink.t.accent), StrokeKind::Inside);
    }
}

/// Width that a segmented control needs.
pub(crate) fn segmented_width(ink: &Ink, items: &[&str], padding: f32) -> f32 {
    items.iter().map(|s| ink.width(s, Face::Medium, ink.body()) + 2.0 * padding).sum()
}

/// A choice of one; gives the new one when clicked.
pub(crate) fn segmented(
    ui: &mut Ui,
    ink: &Ink,
    at: egui::Pos2,
    group: &str,
    items: &[&str],
    selected: usize,
    padding: f32,
    why_not: Option<&str>,
) -> Option<usize> {
    let enabled = why_not.is_none();
    let h = 28.0;
    let all = Rect::from_min_size(at, vec2(segmented_width(ink, items, padding), h));
    ink.p.rect_filled(all, CornerRadius::same(4), ink.t.inset);
    let mut clicked = None;
    let mut x = at.x;
    for (i, item) in items.iter().enumerate() {
        let w = ink.width(item, Face::Medium, ink.body()) + 2.0 * padding;
        let cell = Rect::from_min_size(pos2(x, at.y), vec2(w, h));
        let id = ui.scope_id().with((group, i));
        let r = ui.interact(cell, id, if enabled { Sense::click() } else { Sense::hover() });
        let name = format!("{group}: {item}");
        r.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, i == selected, &name));
        if let Some(why) = why_not {
            ui.ctx().accesskit_node_builder(id, |n| n.set_description(why));
        }
        let on = i == selected;
        if on {
            ink.p.rect_filled(cell, CornerRadius::same(4), if enabled { ink.t.accent } else { ink.t.hair });
        } else if i > 0 && i - 1 != selected {
            ink.vline(x, at.y + 7.0, at.y + 21.0, ink.t.hair);
        }
        let color = match (on, enabled) {
            (true, true) => ink.t.onaccent,
            (_, false) => ink.t.disabled,
            _ => ink.t.text,
        };
        ink.centre(cell.center(), item, Face::Medium, ink.body(), color);
        ring(ink, &r, cell);
        if r.clicked() && !on {
            clicked = Some(i);
        }
        if let Some(why) = why_not {
            r.on_hover_text(why);
        }
        x += w;
    }
    ink.frame(all, 4, 1.0, if enabled { ink.t.dead } else { ink.t.hair });
    clicked
}

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
        while self.log && v >= 20.0 * step {
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

/// A number field. While it is edited it keeps its own text; Enter or leaving it gives the number, Escape drops it.
pub(crate) fn field(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    name: &str,
    value: f64,
    decimals: usize,
    why_not: Option<&str>,
) -> Option<f64> {
    let id = ui.scope_id().with(("field", name));
    let buffer = id.with("text");
    let shown = super::ink::num(value, decimals);
    let enabled = why_not.is_none();
    ink.p.rect_filled(rect, CornerRadius::same(3), if enabled { ink.t.inset } else { ink.t.panel });
    ink.frame(rect, 3, 1.0, if enabled { ink.t.dead } else { ink.t.hair });
    let px = ink.px(15.0, 16.0);
    if !enabled {
        let r = ui.interact(rect, id, Sense::hover());
        r.widget_info(|| WidgetInfo::labeled(Role::TextInput, false, name));
        ink.right(rect.right() - 8.0, rect.center().y, shown, Face::Medium, px, ink.t.disabled);
        r.on_hover_text(why_not.unwrap_or_default());
        return None;
    }
    let mut text: String = ui.data_mut(|d| d.get_temp(buffer)).unwrap_or_else(|| shown.clone());
    let edit = TextEdit::singleline(&mut text)
        .id(id)
        .frame(egui::Frame::NONE)
        .margin(egui::Margin::ZERO)
        .font(crate::console::theme::font(Face::Medium, px))
        .text_color(ink.t.live)
        .align(egui::Align2::RIGHT_CENTER);
    let r = ui.put(rect.shrink2(vec2(8.0, -2.0)), edit);
    ui.ctx().accesskit_node_builder(id, |n| n.set_label(name));
    if r.gained_focus() {
        select_all(ui, id, text.chars().count());
    }
    if r.has_focus() {
        ink.p.rect_stroke(rect.expand(2.0), CornerRadius::same(5), Stroke::new(2.0, ink.t.accent), StrokeKind::Inside);
        ui.data_mut(|d| d.insert_temp(buffer, text));
        return None;
    }
    if r.lost_focus() {
        ui.data_mut(|d| d.remove_temp::<String>(buffer));
        let dropped = ui.input(|i| i.key_pressed(Key::Escape));
        return parse(&text).filter(|_| !dropped && text != shown);
    }
    ui.data_mut(|d| d.remove_temp::<String>(buffer));
    None
}

fn select_all(ui: &Ui, id: Id, chars: usize) {
    if let Some(mut state) = egui::text_edit::TextEditState::load(ui.ctx(), id) {
        let range = egui::text::CCursorRange::two(egui::text::CCursor::new(0), egui::text::CCursor::new(chars));
        state.cursor.set_char_range(Some(range));
        state.store(ui.ctx(), id);
    }
}

/// Reads a number as people type it: comma or point, true minus or hyphen, spaces ignored.
pub(crate) fn parse(text: &str) -> Option<f64> {
    let tidy: String = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| {
            if c == ',' {
                '.'
            } else if c == '\u{2212}' {
                '-'
            } else {
                c
            }
        })
        .collect();
    tidy.parse::<f64>().ok().filter(|v| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_type_numbers_in_many_ways() {
        for (text, want) in [
            ("10", Some(10.0)),
            (" 1,5 ", Some(1.5)),
            ("\u{2212}2", Some(-2.0)),
            ("1 000", Some(1000.0)),
            ("x", None),
            ("inf", None),
            ("", None),
        ] {
            assert_eq!(parse(text), want, "{text:?}");
        }
    }

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
