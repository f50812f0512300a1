//! The keys, over the view only: KPI strip and alarm banner stay visible.

use egui::accesskit::Role;
use egui::{Area, Order, Rect, Sense, Ui, UiKind, WidgetInfo, vec2};

use crate::console::action::Action;
use crate::console::keys;
use crate::console::widgets::{Button, Face, Ink};

/// Draws the help in the middle of `view`.
pub fn show(ui: &mut Ui, view: Rect, actions: &mut Vec<Action>) {
    let size = vec2(640.0, 96.0 + 28.0 * keys::HELP.len() as f32).min(view.size() - vec2(32.0, 24.0));
    let rect = Rect::from_center_size(view.center(), size);
    let area = Area::new(egui::Id::unique("key help")).order(Order::Foreground).kind(UiKind::Modal).fixed_pos(rect.min);
    area.show(ui.ctx(), |ui| {
        let response = ui.allocate_rect(rect, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Dialog, true, "Keys"));
        let ink = Ink::new(ui, rect);
        ink.fill(rect, ink.t.inset);
        ink.frame(rect, 0, (2.0, ink.t.text));
        ink.left(rect.left() + 24.0, rect.top() + 28.0, "Keys", Face::semibold(16.0, ink.t.text));
        for (i, (key, what)) in keys::HELP.iter().enumerate() {
            let y = rect.top() + 66.0 + 28.0 * i as f32;
            ink.left(rect.left() + 24.0, y, key, Face::semibold(14.0, ink.t.text));
            ink.left(rect.left() + 190.0, y, what, Face::regular(14.0, ink.t.text));
        }
        let close = Rect::from_min_size(rect.right_top() + vec2(-108.0, 12.0), vec2(92.0, 30.0));
        if Button::new("Close").put(ui, close).clicked() {
            actions.push(Action::ToggleHelp);
        }
    });
}
