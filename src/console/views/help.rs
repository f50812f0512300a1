//! The keys, over the view only: KPI strip and alarm banner stay visible. Made from the command table.

use egui::{Align, Layout, Margin, Rect, ScrollArea, Ui, vec2};

use crate::console::action::{Action, ScreenAct};
use crate::console::commands::{self, KeyLine};
use crate::console::widgets::pane::{line, rule, sheet, sides};
use crate::console::widgets::text::label;
use crate::console::widgets::{Button, Ink, Text};

/// Width where there is room; height of a row and of what stands above the rows; width of a key.
const WIDE: f32 = 880.0;
const ROW: f32 = 23.0;
const HEAD: f32 = 56.0;
const KEY: f32 = 116.0;
/// Room at the edges and between the columns.
const PAD: f32 = 24.0;

/// Draws the help in the middle of `view`.
pub fn show(ui: &Ui, view: Rect, actions: &mut Vec<Action>) {
    let rows = commands::help();
    let (left, right) = rows.split_at(rows.len().div_ceil(2));
    let rules = |rows: &[KeyLine]| rows.windows(2).filter(|two| two[0].group != two[1].group).count();
    let high = HEAD + PAD + ROW * left.len() as f32 + 5.0 * rules(left).max(rules(right)) as f32;
    let rect = Rect::from_center_size(view.center(), vec2(WIDE, high).min(view.size() - vec2(32.0, 8.0)));
    let closed = sheet(ui, "keys", "Keys", rect, |ui| {
        let inside = egui::Frame::new().inner_margin(Margin { left: 24, right: 16, top: 12, bottom: 0 });
        inside
            .show(ui, |ui| {
                let title = Text::title("Keys").px(16.0, 16.0);
                let (_, closed) = sides(ui, |ui| ui.add(title), |ui| ui.add(Button::new("Close").key("Esc")).clicked());
                ui.add_space(8.0);
                ScrollArea::vertical().id_salt("keys").auto_shrink(false).show(ui, |ui| {
                    ui.spacing_mut().item_spacing = vec2(PAD, 0.0);
                    ui.columns(2, |columns| columns.iter_mut().zip([left, right]).for_each(|(ui, of)| column(ui, of)));
                });
                closed
            })
            .inner
    });
    if closed {
        actions.push(Action::Screen(ScreenAct::ToggleHelp));
    }
}

/// Keys, what they do, and at the right of the first of a group its name.
fn column(ui: &mut Ui, rows: &[KeyLine]) {
    ui.spacing_mut().item_spacing.x = 4.0;
    let hair = Ink::of(ui).t.hair;
    let mut before = None;
    for row in rows {
        let last = before.replace(&row.group);
        let fresh = last != Some(&row.group);
        if fresh && last.is_some() {
            rule(ui, hair);
        }
        line(ui, ROW, |ui| {
            label(ui, KEY, Text::new(&row.key).strong());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if fresh {
                    ui.add(Text::new(&row.group).dim().px(13.0, 13.0).whole());
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| ui.add(Text::new(row.does).cut()));
            });
        });
    }
}
