//! A field for a line of text.

use egui::{Direction, Key, Layout, Margin, Rect, Response, TextEdit, Ui, UiBuilder, Widget, vec2};

use super::Ink;
use crate::console::theme::{Weight, font};

/// A line of text with its name for those who do not see it.
#[derive(Debug)]
pub struct TextField<'a> {
    name: &'a str,
    text: &'a mut String,
    hint: &'a str,
    most: usize,
    wrong: bool,
    take: bool,
}

/// What happened in a field.
#[derive(Clone, Debug)]
pub struct Typed {
    /// Of the field.
    pub response: Response,
    /// Enter was pressed in it.
    pub enter: bool,
}

/// Draws a widget into a place that the layout has given already: it takes no room of its own.
pub(super) fn within(ui: &mut Ui, rect: Rect, widget: impl Widget) -> Response {
    let layout = Layout::centered_and_justified(Direction::TopDown);
    let mut place = ui.new_child(UiBuilder::new().max_rect(rect).layout(layout));
    // Not higher than its place, where that is lower than a control.
    place.spacing_mut().interact_size.y = rect.height().min(ui.spacing().interact_size.y);
    place.add(widget)
}

impl<'a> TextField<'a> {
    /// A field that shows its name while it is empty.
    pub fn new(name: &'a str, text: &'a mut String) -> Self {
        Self { name, text, hint: name, most: 400, wrong: false, take: false }
    }

    /// What it shows while it is empty.
    #[must_use]
    pub fn hint(self, hint: &'a str) -> Self {
        Self { hint, ..self }
    }

    /// At most so many characters.
    #[must_use]
    pub fn most(self, most: usize) -> Self {
        Self { most, ..self }
    }

    /// What is written makes no sense: a heavy frame.
    #[must_use]
    pub fn wrong(self, wrong: bool) -> Self {
        Self { wrong, ..self }
    }

    /// Takes the caret now.
    #[must_use]
    pub fn take_caret(self, take: bool) -> Self {
        Self { take, ..self }
    }

    /// Draws it where the layout puts it, so wide.
    pub fn show(self, ui: &mut Ui, width: f32) -> Typed {
        let (_, rect) = ui.allocate_space(vec2(width.max(24.0), 28.0));
        self.put(ui, rect)
    }

    /// Draws it into `rect`.
    pub fn put(self, ui: &mut Ui, rect: Rect) -> Typed {
        let ink = Ink::of(ui);
        ink.p.rect_filled(rect, 3, ink.t.inset);
        let id = ui.scope_id().with(self.name);
        let edit = TextEdit::singleline(self.text)
            .id(id)
            .hint_text(egui::RichText::new(self.hint).color(ink.t.disabled))
            .char_limit(self.most)
            .frame(egui::Frame::NONE)
            .margin(Margin::ZERO)
            .font(font(Weight::Regular, ink.body()))
            .text_color(ink.t.live)
            .align(egui::Align2::LEFT_CENTER);
        let response = within(ui, rect.shrink2(vec2(8.0, 1.0)), edit);
        ui.ctx().accesskit_node_builder(id, |n| n.set_label(self.name));
        if self.take {
            response.request_focus();
        }
        match (self.wrong, response.hovered()) {
            (true, _) => ink.frame(rect, 3, (2.0, ink.t.text)),
            (_, true) => ink.frame(rect, 3, ink.t.text),
            _ => ink.frame(rect, 3, ink.t.dead),
        }
        if response.has_focus() {
            ink.focus_ring(rect);
        }
        let enter = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
        Typed { response, enter }
    }
}
