//! Push buttons: plain, solid, heavy, link, quiet, and such as stay on.
//!
//! A button is named for those who do not see it, has a focus ring and shows when the pointer is over it. One that cannot
//! be used keeps its place, is drawn thin, and says why in its tooltip and in its description. In a layout it takes the
//! room that its words need; [`Button::put`] draws it into a given place.

use egui::accesskit::Role;
use egui::{Pos2, Rect, Response, Sense, Stroke, StrokeKind, Ui, Vec2, Widget, WidgetInfo, pos2, vec2};

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
    Quiet,
}

/// Draws a sign about a point.
pub type Sign = fn(&Ink, Pos2);
/// Room that a sign takes before the words.
const SIGN: f32 = 15.0;

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
    sign: Option<Sign>,
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
            sign: None,
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

    /// Heavy letters without a frame, as wide as they are: words of a bar that can be pressed.
    #[must_use]
    pub fn quiet(self) -> Self {
        Self { look: Look::Quiet, padding: 6.0, least: vec2(0.0, 28.0), ..self }
    }

    /// A sign before the words.
    #[must_use]
    pub fn sign(self, sign: Sign) -> Self {
        Self { sign: Some(sign), ..self }
    }

    /// Stays on, or is off: filled with the accent when on.
    #[must_use]
    pub fn on(self, on: bool) -> Self {
        Self { on: Some(on), ..self }
    }

    /// Room left and right of its words, in a layout: 12 if not said.
    #[must_use]
    pub fn padding(self, padding: f32) -> Self {
        Self { padding, ..self }
    }

    /// At least so wide, and so high, in a layout.
    #[must_use]
    pub fn least(self, width: f32, height: f32) -> Self {
        Self { least: vec2(width, height), ..self }
    }

    fn face(&self, ink: &Ink, px: f32) -> Face {
        let weight = if matches!(self.look, Look::Solid | Look::Heavy | Look::Quiet) {
            Weight::SemiBold
        } else {
            Weight::Medium
        };
        let t = &ink.t;
        let color = match (self.look, self.why_not) {
            (_, Some(_)) => t.disabled,
            (Look::Plain, _) if self.on == Some(true) => t.onaccent,
            (Look::Plain | Look::Heavy | Look::Quiet, _) => t.text,
            (Look::Solid, _) => t.panel,
            (Look::Link, _) => t.accent,
        };
        Face::new(weight, px, color)
    }

    fn hint_width(&self, ink: &Ink) -> f32 {
        if self.key.is_empty() { 0.0 } else { ink.width(self.key, (Weight::Medium, ink.small())) + 6.0 }
    }

    fn sign_width(&self) -> f32 {
        if self.sign.is_some() { SIGN } else { 0.0 }
    }

    /// Room that it needs.
    #[must_use]
    pub fn size(&self, ink: &Ink) -> Vec2 {
        let words = self.sign_width() + ink.width(self.label, self.face(ink, ink.body())) + self.hint_width(ink);
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
        let bare = matches!(self.look, Look::Link | Look::Quiet);
        let ground = t.panel.gamma_multiply(if t.dark { 1.0 } else { 0.7 });
        let (fill, stroke) = match self.look {
            Look::Link | Look::Quiet => {
                ((bare && r.hovered() && self.why_not.is_none()).then_some(ground), Stroke::NONE)
            }
            _ if self.why_not.is_some() => (None, Stroke::new(1.0, t.hair)),
            Look::Plain if on => (Some(t.accent), Stroke::new(1.0, t.accent)),
            Look::Plain => (Some(t.inset), Stroke::new(1.0, if r.hovered() { t.text } else { t.dead })),
            Look::Solid => (Some(t.text), Stroke::NONE),
            Look::Heavy => (Some(t.panel), Stroke::new(2.0, t.text)),
        };
        if let Some(fill) = fill {
            let lit = !bare && (r.hovered() || r.is_pointer_button_down_on());
            ink.p.rect_filled(rect, 4, if lit && !on { mix(t.accent, fill, 0.12) } else { fill });
        }
        ink.p.rect_stroke(rect, 4, stroke, StrokeKind::Inside);
        let mut face = self.face(ink, ink.body());
        let (room, mut wide) = (rect.width() - 8.0 - self.sign_width(), ink.width(self.label, face));
        let hint = Some(self.hint_width(ink)).filter(|h| wide + h <= room).unwrap_or(0.0);
        if wide > room {
            face.px = ink.small();
            wide = ink.width(self.label, face);
        }
        if wide > rect.width() {
            note_cut(ink.p.ctx(), self.label);
        }
        let (mut x, y) = (rect.center().x - 0.5 * (self.sign_width() + wide + hint), rect.center().y);
        if let Some(sign) = self.sign {
            sign(ink, pos2(x + 4.5, y));
            x += SIGN;
        }
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

/// Buttons side by side that fill the row, `height` high and `gap` apart: each as wide as its words and an even share of
/// what is left. Keys stand behind the words as long as there is room for them.
pub fn row(ui: &mut Ui, height: f32, gap: f32, buttons: &[Button<'_>]) -> Vec<Response> {
    let ink = Ink::of(ui);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
    let words = |b: &Button<'_>| ink.width(b.label, b.face(&ink, ink.body())) + 10.0;
    let mut widths: Vec<f32> = buttons.iter().map(words).collect();
    let mut spare = rect.width() - gap * (buttons.len() as f32 - 1.0) - widths.iter().sum::<f32>();
    for (w, button) in widths.iter_mut().zip(buttons) {
        let key = button.hint_width(&ink);
        if key <= spare {
            *w += key;
            spare -= key;
        }
    }
    let (share, mut x) = (spare / buttons.len().max(1) as f32, rect.left());
    let all = buttons.iter().zip(widths);
    all.map(|(button, w)| {
        let place = Rect::from_min_size(pos2(x, rect.top()), vec2(w + share, height));
        x = place.right() + gap;
        button.put(ui, place)
    })
    .collect()
}

impl Widget for Button<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let (_, rect) = ui.allocate_space(self.size(&Ink::of(ui)));
        self.put(ui, rect)
    }
}
