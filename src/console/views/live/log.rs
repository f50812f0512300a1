//! What a site had to tell, newest first: links lost and back, tags that were no longer good, clocks, gaps.

use egui::{Rect, Ui, vec2};

use crate::acts::EventKind;
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::widgets::Text;
use crate::console::widgets::pane::{PAD, heading, part};
use crate::console::widgets::table::{Column, Table};

/// Lines that are kept for looking back.
const MOST: usize = 500;

const COLUMNS: [Column; 3] =
    [Column::words("Time", 88.0), Column::words("Object", 132.0), Column::rest("What happened", 160.0)];

/// Draws them.
pub(super) fn show(ui: &mut Ui, r: Rect, model: &Model) {
    if r.height() < 60.0 {
        return;
    }
    let (head, body) = r.split_top_bottom_at_y(r.top() + 28.0);
    part(ui, "log", head.expand2(vec2(PAD, 0.0)), |ui| heading(ui, "Log", ""));
    let told = |k: EventKind| matches!(k, EventKind::State | EventKind::Notice);
    let all: Vec<_> = model.history.events().iter().rev().filter(|e| told(e.kind)).take(MOST).collect();
    Table::new("log", &COLUMNS).row_height(24.0).show(ui, body, all.len(), |row| {
        let Some(e) = all.get(row.index) else { return };
        row.still(e.seq);
        row.text(Text::new(fmt::stamp(e.t_s)).dim());
        row.text(Text::new(&e.object).medium());
        row.text(Text::new(&e.text));
    });
}
