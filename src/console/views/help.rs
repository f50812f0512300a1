//! The keys, over the view only: KPI strip and alarm banner stay visible. Made from the command table.

use egui::accesskit::Role;
use egui::{Area, Order, Rect, Sense, Ui, UiKind, WidgetInfo, pos2, vec2};

use crate::console::action::{Action, ScreenAct};
use crate::console::commands;
use crate::console::widgets::{Button, Face, Ink};

/// Room above the rows and below, and the height of a row where there is room.
const HEAD: f32 = 52.0;
const FOOT: f32 = 16.0;
const ROW: f32 = 24.0;
/// Width of a column, and of the key in it.
const COLUMN: f32 = 400.0;
const KEY: f32 = 132.0;

/// Draws the help in the middle of `view`.
pub fn show(ui: &mut Ui, view: Rect, actions: &mut Vec<Action>) {
    let rows = commands::help();
    let lines = rows.len().div_ceil(2);
    let size = vec2(2.0 * COLUMN, HEAD + FOOT + ROW * lines as f32).min(view.size() - vec2(32.0, 8.0));
    let rect = Rect::from_center_size(view.center(), size);
    let area = Area::new(egui::Id::unique("key help")).order(Order::Foreground).kind(UiKind::Modal).fixed_pos(rect.min);
    area.show(ui.ctx(), |ui| {
        let response = ui.allocate_rect(rect, Sense::click());
        response.widget_info(|| WidgetInfo::labeled(Role::Dialog, true, "Keys"));
        let ink = Ink::new(ui, rect);
        ink.fill(rect, ink.t.panel);
        ink.frame(rect, 2, ink.t.text);
        ink.left(rect.left() + 24.0, rect.top() + 28.0, "Keys", Face::semibold(16.0, ink.t.text));
        let pitch = (rect.height() - HEAD - FOOT) / lines as f32;
        let wide = rect.width() / 2.0;
        for (i, line) in rows.iter().enumerate() {
            let x = rect.left() + 24.0 + if i < lines { 0.0 } else { wide - 8.0 };
            let y = rect.top() + HEAD + pitch * ((i % lines) as f32 + 0.5);
            let fresh = i == 0 || i == lines || rows.get(i - 1).is_some_and(|before| before.group != line.group);
            if fresh && i % lines > 0 {
                ink.hline(x..=x + wide - 32.0, y - 0.5 * pitch, ink.t.hair);
            }
            ink.left(x, y, &line.key, Face::semibold(14.0, ink.t.text));
            let name = if fresh { line.group.as_str() } else { "" };
            let end = ink.right(x + wide - 32.0, y, name, Face::regular(13.0, ink.t.text2));
            ink.left_cut(x + KEY, y, end - 8.0, line.does, Face::regular(14.0, ink.t.text));
        }
        let close = Rect::from_min_size(pos2(rect.right() - 108.0, rect.top() + 12.0), vec2(92.0, 30.0));
        if Button::new("Close").put(ui, close).clicked() {
            actions.push(Action::Screen(ScreenAct::ToggleHelp));
        }
    });
}
