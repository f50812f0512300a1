//! A row of a table while it is told: what it is, then its cells from the left.

use std::fmt::Debug;
use std::hash::Hash;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextWrapping};
use egui::{Align2, EventFilter, Id, Pos2, Rect, Response, Sense, Ui, WidgetInfo, pos2, vec2};
use egui_extras::TableRow;

use super::super::{Face, Ink, Text, quality};
use super::{CELL, Column, Kind};

use crate::acts::Quality;
use crate::console::theme::font;

/// Rows so high have room for two lines of words.
const TALL: f32 = 30.0;

/// What the pointer does with a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hit {
    /// Where it was pressed.
    pub clicked: Option<Pos2>,
    /// Left end of the row.
    pub left: f32,
}

/// Where the row stands that takes the focus next.
pub(super) fn next_id() -> Id {
    Id::unique("row that takes the focus")
}

/// A row while it is told: first [`Row::begin`] or [`Row::still`], then its cells from the left.
pub struct Row<'a, 'b, 'c> {
    /// Its place.
    pub index: usize,
    table: Option<TableRow<'a, 'b>>,
    ink: &'c Ink,
    columns: &'c [Column],
    /// Of the table: its width, and its clip.
    within: [Rect; 2],
    at: usize,
    pub(super) cells: Vec<String>,
    says: Option<String>,
    response: Option<Response>,
    rect: Rect,
    selected: bool,
    cut: Option<String>,
}

pub(super) struct Done {
    pub(super) rect: Rect,
    pub(super) response: Option<Response>,
}

impl<'a, 'b, 'c> Row<'a, 'b, 'c> {
    pub(super) fn new(
        table: Option<TableRow<'a, 'b>>,
        index: usize,
        ink: &'c Ink,
        columns: &'c [Column],
        within: [Rect; 2],
    ) -> Self {
        Self {
            index,
            table,
            ink,
            columns,
            within,
            at: 0,
            cells: Vec::new(),
            says: None,
            response: None,
            rect: Rect::NOTHING,
            selected: false,
            cut: None,
        }
    }

    /// A row that can be pressed; `key` tells it from the others of the table, wherever it stands.
    pub fn begin(&mut self, key: impl Hash + Debug, selected: bool) -> Hit {
        self.open(key, selected, Sense::click())
    }

    /// A row that is only read.
    pub fn still(&mut self, key: impl Hash + Debug) {
        self.open(key, false, Sense::hover());
    }

    fn open(&mut self, key: impl Hash + Debug, selected: bool, sense: Sense) -> Hit {
        self.selected = selected;
        let (ink, [wide, clip], index) = (self.ink, self.within, self.index);
        let Some(table) = &mut self.table else { return Hit::default() };
        let (mut out, mut rect) = (None, Rect::NOTHING);
        table.col(|ui| {
            rect = Rect::from_x_y_ranges(wide.x_range(), ui.max_rect().y_range());
            ui.set_clip_rect(clip);
            let r = ui.interact(rect, ui.scope_id().with(("row", key)), sense);
            if sense.senses_click() {
                ui.data_mut(|d| {
                    d.insert_temp(r.id.with("row of a table"), index);
                    if d.get_temp::<usize>(next_id()) == Some(index) {
                        d.remove_temp::<usize>(next_id());
                        r.request_focus();
                    }
                });
            }
            if r.has_focus() {
                let filter = EventFilter { vertical_arrows: true, ..EventFilter::default() };
                ui.memory_mut(|m| m.set_focus_lock_filter(r.id, filter));
            }
            let ink = ink.on(ui);
            ink.row_ground(rect, selected, r.hovered() && sense.senses_click());
            ink.hline(rect.x_range(), rect.bottom() - 0.5, ink.t.hair);
            out = Some(r);
        });
        let clicked = out.as_ref().filter(|r| r.clicked()).and_then(Response::interact_pointer_pos);
        (self.response, self.rect) = (out, rect);
        Hit { clicked, left: rect.left() }
    }

    /// A heavier line above the row: a group begins.
    pub fn ruled(&mut self) {
        if self.table.is_some() {
            self.ink.within(self.within[1]).hline(self.rect.x_range(), self.rect.top(), self.ink.t.dead);
        }
    }

    /// More, when the pointer is over the row.
    pub fn hover(&mut self, words: String) {
        self.cut.get_or_insert(words);
    }

    /// What the row says, where it is not the words of its cells.
    pub fn says(&mut self, words: impl Into<String>) {
        self.says = Some(words.into());
    }

    /// Words or a number in the next cell.
    pub fn text(&mut self, text: Text<'_>) {
        self.cell(text, "", []);
    }

    /// A name and after it in small grey letters its unit.
    pub fn with_unit(&mut self, text: Text<'_>, unit: &str) {
        self.cell(text, unit, []);
    }

    /// Words in the next cell, and at its right end badges, which the words give way to.
    pub fn badged(&mut self, text: Text<'_>, badges: impl IntoIterator<Item = String>) {
        self.cell(text, "", badges);
    }

    fn cell(&mut self, text: Text<'_>, unit: &str, badges: impl IntoIterator<Item = String>) {
        let (i, ink) = (self.at, self.ink);
        self.at += 1;
        let words = text.words().to_owned();
        let kind = self.columns.get(i).map_or(Kind::Words, |c| c.kind);
        let Some(table) = &mut self.table else {
            self.cells.push(words);
            return;
        };
        let mut cut = false;
        table.col(|ui| {
            let (ink, face, cell) = (ink.on(ui), text.face(ink), ui.max_rect());
            let y = cell.center().y;
            if kind == Kind::Number {
                let wide = ink.width(&words, face) + 2.0 * CELL;
                ui.allocate_space(vec2(wide, cell.height()));
                ink.right(cell.right().max(cell.left() + wide) - CELL, y, &words, face);
                return;
            }
            let mut right = cell.right() - CELL;
            for badge in badges {
                right = ink.badge(pos2(right, y), Align2::RIGHT_CENTER, &badge).left() - 8.0;
            }
            let place = Rect::from_x_y_ranges(cell.left() + CELL..=right, cell.y_range());
            if cell.height() >= TALL && !text.may_be_cut() {
                cut = ink.fitted(place.shrink2(vec2(0.0, 1.0)), &words, face) && ui.rect_contains_pointer(cell);
                return;
            }
            let mut job = LayoutJob::simple_singleline(words.clone(), font(face.weight, face.px), face.color);
            job.wrap = TextWrapping::truncate_at_width((right - cell.left() - CELL).max(0.0));
            let galley = ink.p.layout_job(job);
            cut = galley.elided && ui.rect_contains_pointer(cell);
            let end = cell.left() + CELL + galley.size().x;
            ink.p.galley(pos2(cell.left() + CELL, y - galley.size().y / 2.0), galley, face.color);
            let small = Face::regular(ink.small(), ink.t.text2);
            if !unit.is_empty() && end + 5.0 + ink.width(unit, small) <= right {
                ink.left(end + 5.0, y, unit, small);
            }
        });
        if cut {
            self.cut = Some(words.clone());
        }
        self.cells.push(words);
    }

    /// The words of a quality in its colour.
    pub fn quality(&mut self, q: Quality, words: String) {
        let color = quality::color(&self.ink.t, q);
        self.text(Text::new(words).color(color));
    }

    /// Something painted into the next cell.
    pub fn paint(&mut self, paint: impl FnOnce(&Ink, Rect)) {
        let ink = self.ink;
        self.ui(|ui| paint(&ink.on(ui), ui.max_rect()));
    }

    /// Controls in the next cell, from its left.
    pub fn ui(&mut self, add: impl FnOnce(&mut Ui)) {
        self.at += 1;
        self.cells.push(String::new());
        if let Some(table) = &mut self.table {
            table.col(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                ui.horizontal_centered(add);
            });
        }
    }

    pub(super) fn finish(mut self) -> Done {
        while self.at < self.columns.len() {
            self.text(Text::new(""));
        }
        let Some(r) = self.response else { return Done { rect: self.rect, response: None } };
        let says = self.says.unwrap_or_else(|| {
            let cells: Vec<&str> = self.cells.iter().map(String::as_str).filter(|c| !c.is_empty()).collect();
            cells.join(" ")
        });
        let selected = self.selected;
        r.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, &says));
        if r.has_focus() {
            self.ink.frame(self.rect.shrink(1.0), 3, (2.0, self.ink.t.accent));
        }
        let response = match self.cut {
            Some(words) => r.on_hover_text(words),
            None => r,
        };
        Done { rect: self.rect, response: Some(response) }
    }
}
