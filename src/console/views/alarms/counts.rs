//! Counts for the status bar: how many stand of each priority, how many wait, what came first.

use egui::Ui;

use super::list;
use crate::console::model::Model;
use crate::console::widgets::{Text, glyph};

/// Puts them into a bar that is filled from its right; false where the source has no annunciator.
pub(crate) fn show(ui: &mut Ui, model: &Model) -> bool {
    let Some(list) = list(model) else { return false };
    if let Some(first) = list.first_out_tag() {
        ui.add(Text::title(first));
        ui.add(Text::new("first-out").dim().whole());
    }
    let unack = list.unack();
    if unack > 0 {
        ui.add(Text::title(format!("{unack} unack")));
    }
    for (k, n) in list.counts().into_iter().enumerate().rev() {
        let priority = k as u8 + 1;
        glyph::count(ui, priority, n as usize, &format!("{n} alarms of priority {priority}"));
    }
    true
}
