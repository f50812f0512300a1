//! Parts of a view that egui lays out: panes with padding that scroll where they are too small, rows with a left and a
//! right side, rules, headings.

use egui::accesskit::Role;
use egui::{
    Align, Area, Color32, Id, InnerResponse, Layout, Order, Rect, Response, ScrollArea, Sense, Sides, Ui, UiBuilder,
    UiKind, Vec2, WidgetInfo, vec2,
};

use super::{Ink, Text};

/// Padding of a pane, left and right.
pub const PAD: f32 = 16.0;

/// A part of a view in `rect`: padded left and right, scrolled where its content is taller than it.
pub fn pane<R>(ui: &mut Ui, name: &str, rect: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    part(ui, name, rect, |ui| ScrollArea::vertical().id_salt(name).auto_shrink(false).show(ui, content)).inner
}

/// A part of a view in `rect`: padded left and right, cut at its edges.
pub fn part<R>(ui: &mut Ui, name: &str, rect: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    let inner = Rect::from_min_max(rect.min + vec2(PAD, 0.0), rect.max - vec2(PAD.min(rect.width() - PAD), 0.0));
    let layout = Layout::top_down(Align::Min);
    ui.scope_builder(UiBuilder::new().id_salt(name).max_rect(inner).layout(layout), |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        content(ui)
    })
    .inner
}

/// A row 28 high with controls or words at both ends; the left side gives way.
pub fn sides<L, R>(ui: &mut Ui, left: impl FnOnce(&mut Ui) -> L, right: impl FnOnce(&mut Ui) -> R) -> (L, R) {
    Sides::new().height(28.0).shrink_left().show(ui, left, right)
}

/// A sheet over the views, in front of everything: a press on it goes no further. It is framed and padded by what it holds.
pub fn sheet<R>(ui: &Ui, name: &str, title: &str, rect: Rect, content: impl FnOnce(&mut Ui) -> R) -> R {
    let area = Area::new(Id::unique(("sheet", name))).order(Order::Foreground).kind(UiKind::Modal).fixed_pos(rect.min);
    area.show(ui.ctx(), |ui| {
        let ground = ui.allocate_rect(rect, Sense::click());
        ground.widget_info(|| WidgetInfo::labeled(Role::Dialog, true, title));
        let ink = Ink::new(ui, rect);
        ink.fill(rect, ink.t.panel);
        ink.frame(rect, 2, ink.t.text);
        let inside = UiBuilder::new().max_rect(rect.shrink(1.0)).layout(Layout::top_down(Align::Min));
        ui.scope_builder(inside, |ui| {
            ui.spacing_mut().item_spacing = Vec2::ZERO;
            content(ui)
        })
        .inner
    })
    .inner
}

/// A row of so much height, filled from the left.
pub fn line<R>(ui: &mut Ui, height: f32, content: impl FnOnce(&mut Ui) -> R) -> InnerResponse<R> {
    let layout = Layout::left_to_right(Align::Center);
    ui.allocate_ui_with_layout(vec2(ui.available_width(), height), layout, |ui| {
        ui.set_min_height(height);
        content(ui)
    })
}

/// A title with a note behind it, as high as a control.
pub fn heading(ui: &mut Ui, title: &str, note: &str) -> Response {
    ui.horizontal(|ui| {
        ui.add(Text::title(title));
        ui.add(Text::note(note));
    })
    .response
}

/// A line across, with a little room above and below.
pub fn rule(ui: &mut Ui, color: Color32) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), 5.0));
    Ink::of(ui).hline(rect.x_range(), rect.center().y, color);
}
