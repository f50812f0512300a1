//! Push buttons: plain, solid, heavy, link, and such as stay on.
//!
//! A button is named for those who do not see it, has a focus ring and shows when the pointer is over it. One that cannot
//! be used keeps its place, is drawn thin, and says why in its tooltip and in its description. In a layout it takes the
//! room that its words need; [`Button::put`] draws it into a given place.

use egui::accesskit::Role;
use egui::{Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, Widget, WidgetInfo, vec2};

use super::text::note_cut;
use super::{Face, Ink};
use crate::console::theme::{Weight, mix};

/// How a button looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Plain,
    Solid,
    Heavy,
    Link,
}

/// A button.
#[derive(Clone, Copy, Debug)]
pub struct Button<'a> {
    label: &'a str,
    key: &'a str,
    name: &'a str,
    hover: &'a str,
    why_not: Option<&'a str>,
    look: Look,
    on: Option<bool>,
    least: Vec2,
    padding: f32,
}

impl<'a> Button<'a> {
    /// Inset with a thin frame; its label is its name.
    pub fn new(label: &'a str) -> Self {
        Self {
            label,
            key: "",
            name: label,
            hover: "",
            why_not: None,
            look: Look::Plain,
            on: None,
            least: vec2(44.0, 28.0),
            padding: 12.0,
        }
    }

    /// Its key, shown after the label where there is room.
    #[must_use]
    pub fn key(self, key: &'a str) -> Self {
        Self { key, ..self }
    }

    /// Another name than the label.
    #[must_use]
    pub fn name(self, name: &'a str) -> Self {
        Self { name, ..self }
    }

    /// More, when the pointer is over it.
    #[must_use]
    pub fn hover(self, hover: &'a str) -> Self {
        Self { hover, ..self }
    }

    /// Why it cannot be used, if so.
    #[must_use]
    pub fn why_not(self, why_not: impl Into<Option<&'a str>>) -> Self {
        Self { why_not: why_not.into(), ..self }
    }

    /// The one action of its place: text colour as fill.
    #[must_use]
    pub fn solid(self) -> Self {
        Self { look: Look::Solid, ..self }
    }

    /// A thick frame.
    #[must_use]
    pub fn heavy(self) -> Self {
        Self { look: Look::Heavy, ..self }
    }

    /// Accent letters without a frame.
    #[must_use]
    pub fn link(self) -> Self {
        Self { look: Look::Link, padding: 6.0, ..self }
    }

    /// Stays on, or is off: filled with the accent when on.
    #[must_use]
    pub fn on(self, on: bool) -> Self {
        Self { on: Some(on), ..self }
    }

    /// At least so wide, and so high, in a layout.
    #[must_use]
    pub fn least(self, width: f32, height: f32) -> Self {
        Self { least: vec2(width, height), ..self }
    }

    fn face(&self, ink: &Ink, px: f32) -> Face {
        let weight = if matches!(self.look, Look::Solid | Look::Heavy) { Weight::SemiBold } else { Weight::Medium };
        let t = &ink.t;
        let color = match (self.look, self.why_not) {
            (_, Some(_)) => t.disabled,
            (Look::Plain, _) if self.on == Some(true) => t.onaccent,
            (Look::Plain | Look::Heavy, _) => t.text,
            (Look::Solid, _) => t.panel,
            (Look::Link, _) => t.accent,
        };
        Face::new(weight, px, color)
    }

    fn hint_width(&self, ink: &Ink) -> f32 {
        if self.key.is_empty() { 0.0 } else { ink.width(self.key, (Weight::Medium, ink.small())) + 6.0 }
    }

    /// Room that it needs.
    #[must_use]
    pub fn size(&self, ink: &Ink) -> Vec2 {
        let words = ink.width(self.label, self.face(ink, ink.body())) + self.hint_width(ink);
        vec2((words + 2.0 * self.padding).max(self.least.x), self.least.y)
    }

    /// Draws it into `rect`.
    pub fn put(self, ui: &Ui, rect: Rect) -> Response {
        let id = ui.scope_id().with(("button", self.name));
        let enabled = self.why_not.is_none();
        let r = ui.interact(rect, id, if enabled { Sense::click() } else { Sense::hover() });
        r.widget_info(|| match self.on {
            Some(on) => WidgetInfo::selected(Role::Button, enabled, on, self.name),
            None => WidgetInfo::labeled(Role::Button, enabled, self.name),
        });
        if let Some(why) = self.why_not {
            ui.ctx().accesskit_node_builder(id, |n| n.set_description(why));
        }
        if ui.is_rect_visible(rect) {
            self.paint(&Ink::of(ui), rect, &r);
        }
        match self.why_not {
            Some(why) => r.on_hover_text(why),
            None if self.hover.is_empty() => r,
            None => r.on_hover_text(self.hover),
        }
    }

    fn paint(&self, ink: &Ink, rect: Rect, r: &Response) {
        let t = &ink.t;
        let on = self.on == Some(true);
        let (fill, stroke) = match self.look {
            Look::Link => (None, Stroke::NONE),
            _ if self.why_not.is_some() => (None, Stroke::new(1.0, t.hair)),
            Look::Plain if on => (Some(t.accent), Stroke::new(1.0, t.accent)),
            Look::Plain => (Some(t.inset), Stroke::new(1.0, if r.hovered() { t.text } else { t.dead })),
            Look::Solid => (Some(t.text), Stroke::NONE),
            Look::Heavy => (Some(t.panel), Stroke::new(2.0, t.text)),
        };
        if let Some(fill) = fill {
            let lit = r.hovered() || r.is_pointer_button_down_on();
            ink.p.rect_filled(rect, 4, if lit && !on { mix(t.accent, fill, 0.12) } else { fill });
        }
        ink.p.rect_stroke(rect, 4, stroke, StrokeKind::Inside);
        let mut face = self.face(ink, ink.body());
        let (room, mut wide) = (rect.width() - 8.0, ink.width(self.label, face));
        let hint = Some(self.hint_width(ink)).filter(|h| wide + h <= room).unwrap_or(0.0);
        if wide > room {
            face.px = ink.small();
            wide = ink.width(self.label, face);
        }
        if wide > rect.width() {
            note_cut(ink.p.ctx(), self.label);
        }
        let (x, y) = (rect.center().x - 0.5 * (wide + hint), rect.center().y);
        let end = ink.left(x, y, self.label, face);
        if hint > 0.0 {
            let color = if on || self.look != Look::Plain { face.color } else { t.text2 };
            let color = if self.why_not.is_some() { t.disabled } else { color };
            ink.left(end + 6.0, y, self.key, Face::medium(ink.small(), color));
        }
        if r.has_focus() {
            ink.focus_ring(rect);
        }
    }
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let (_, rect) = ui.allocate_space(self.size(&Ink::of(ui)));
        self.put(ui, rect)
    }
}
