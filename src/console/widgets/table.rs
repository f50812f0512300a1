//! Tables: heads that stay, columns that can be made wider, only the rows in view, keys, copying.
//!
//! Standing on `egui_extras`, with what a control room adds: a whole row is one thing to press, to focus and to hear; the
//! arrow keys go from row to row; Ctrl+C copies the selected row, or all of them, as cells with tabs between; words that do
//! not fit end in an ellipsis and stand in the tooltip of their row, and **a number is never cut**: its column grows.
//! Rows are told one after the other by a closure, so nothing is made for those that are out of view.

mod row;

use std::ops::Range;

use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Rect, ScrollArea, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};
use egui_extras::{Column as Sized, TableBuilder};

use super::{Face, Ink};
use row::next_id;
pub use row::{Hit, Row};

/// Height of the heads.
pub const HEAD: f32 = 26.0;
/// Room left and right of the words of a cell.
const CELL: f32 = 6.0;
/// Most rows that are copied.
const COPIED: usize = 20_000;

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Marks and controls.
    Mark,
    /// Words, which may be cut.
    Words,
    /// Numbers, right-aligned, never cut.
    Number,
    /// Words that get the room that is left.
    Rest,
}

/// A column.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    head: &'static str,
    sort: &'static str,
    width: f32,
    kind: Kind,
}

impl Column {
    /// Of a mark or of controls.
    #[must_use]
    pub const fn mark(head: &'static str, width: f32) -> Self {
        Self { head, sort: "", width, kind: Kind::Mark }
    }

    /// Of words.
    #[must_use]
    pub const fn words(head: &'static str, width: f32) -> Self {
        Self { head, sort: "", width, kind: Kind::Words }
    }

    /// Of numbers.
    #[must_use]
    pub const fn number(head: &'static str, width: f32) -> Self {
        Self { head, sort: "", width, kind: Kind::Number }
    }

    /// Of words, as wide as there is room, but at least so wide.
    #[must_use]
    pub const fn rest(head: &'static str, least: f32) -> Self {
        Self { head, sort: "", width: least, kind: Kind::Rest }
    }

    /// Its head sorts the rows; in words by what.
    #[must_use]
    pub const fn sorts(self, by: &'static str) -> Self {
        Self { sort: by, ..self }
    }
}

/// What a table shows beside its rows.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    id: &'a str,
    columns: &'a [Column],
    row: f32,
    sorted: Option<usize>,
    selected: Option<usize>,
    keys: bool,
    reveal: Option<usize>,
    follow: bool,
    empty: &'a str,
}

/// What happened.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// A row was pressed, or reached with the arrow keys.
    pub chosen: Option<usize>,
    /// It was pressed, not reached with the keys.
    pub clicked: bool,
    /// A row was pressed twice.
    pub opened: Option<usize>,
    /// A column whose head was pressed.
    pub sorted: Option<usize>,
    /// Rows that are wholly in view.
    pub in_view: Range<usize>,
    /// Width that the columns take where the last one has no more than it must.
    needs: f32,
}

impl<'a> Table<'a> {
    /// With rows 26 high.
    pub fn new(id: &'a str, columns: &'a [Column]) -> Self {
        Self {
            id,
            columns,
            row: 26.0,
            sorted: None,
            selected: None,
            keys: false,
            reveal: None,
            follow: false,
            empty: "",
        }
    }

    /// Height of a row, in whole points: a fraction would grow in the layout until the last row has no room.
    #[must_use]
    pub fn row_height(self, row: f32) -> Self {
        Self { row: row.floor(), ..self }
    }

    /// The column that the rows are sorted by.
    #[must_use]
    pub fn sorted(self, column: Option<usize>) -> Self {
        Self { sorted: column, ..self }
    }

    /// The selected row. The arrow keys move it while nothing has the focus: one such table in a view.
    #[must_use]
    pub fn selected(self, row: Option<usize>) -> Self {
        Self { selected: row, keys: true, ..self }
    }

    /// Brings a row into view.
    #[must_use]
    pub fn reveal(self, row: Option<usize>) -> Self {
        Self { reveal: row, ..self }
    }

    /// Keeps the last row in view as rows come.
    #[must_use]
    pub fn follow(self, follow: bool) -> Self {
        Self { follow, ..self }
    }

    /// What it says without rows.
    #[must_use]
    pub fn empty(self, words: &'a str) -> Self {
        Self { empty: words, ..self }
    }

    /// Height with `n` rows.
    #[must_use]
    pub fn height(&self, n: usize) -> f32 {
        HEAD + self.row * n as f32
    }

    /// Draws it into `rect`; `row` tells each of the `n` rows.
    pub fn show(self, ui: &mut Ui, rect: Rect, n: usize, mut row: impl FnMut(&mut Row<'_, '_, '_>)) -> Told {
        let ink = Ink::new(ui, rect);
        let k = ink.px(1.0, 1.1);
        // Numbers may have made their columns wider.
        let wide_id = ui.scope_id().with((self.id, "width"));
        let least: f32 = self.columns.iter().map(|c| c.width * k).sum();
        let least = ui.data(|d| d.get_temp::<f32>(wide_id)).unwrap_or(0.0).max(least);
        let told = ui
            .scope_builder(UiBuilder::new().id_salt(self.id).max_rect(rect), |ui| {
                ui.set_clip_rect(rect.intersect(ui.clip_rect()));
                ui.spacing_mut().item_spacing = vec2(0.0, 0.0);
                // Where the columns do not fit, the whole scrolls sideways.
                ScrollArea::horizontal().id_salt("across").auto_shrink(false).show(ui, |ui| {
                    ui.set_width(rect.width().max(least));
                    self.grid(ui, &ink, k, n, &mut row)
                })
            })
            .inner
            .inner;
        let needs = told.needs + ui.spacing().scroll.allocated_width();
        if (needs - least).abs() > 0.5 && needs > rect.width() {
            ui.ctx().request_repaint();
        }
        ui.data_mut(|d| d.insert_temp(wide_id, needs));
        if n == 0 && !self.empty.is_empty() {
            let at = pos2(rect.center().x, rect.top() + HEAD + 40.0);
            ink.centre(at, self.empty, Face::regular(ink.body(), ink.t.text2));
        }
        self.copy(ui, n, &ink, &mut row);
        told
    }

    fn grid(&self, ui: &mut Ui, ink: &Ink, k: f32, n: usize, row: &mut impl FnMut(&mut Row<'_, '_, '_>)) -> Told {
        let mut told = Told::default();
        let whole = ui.available_rect_before_wrap();
        // The edge of a column shows only under the pointer: a table has no upright rules.
        ui.visuals_mut().widgets.noninteractive.bg_stroke = Stroke::NONE;
        let moved = self.keys(ui, n);
        told.chosen = moved;
        let mut table = TableBuilder::new(ui)
            .id_salt((self.id, ink.large))
            .auto_shrink(false)
            .stick_to_bottom(self.follow)
            .animate_scrolling(false)
            .min_scrolled_height(0.0)
            .sense(Sense::hover());
        if let Some(i) = moved.or(self.reveal) {
            table = table.scroll_to_row(i, moved.is_none().then_some(egui::Align::Center));
        }
        // The first is the ground of the row: no width, and under all else.
        table = table.column(Sized::exact(0.0));
        for c in self.columns {
            let w = c.width * k;
            table = table.column(match c.kind {
                Kind::Mark => Sized::exact(w).clip(true),
                Kind::Words => Sized::initial(w).at_least(24.0).clip(true).resizable(true),
                Kind::Number => Sized::initial(w).at_least(24.0).resizable(true),
                Kind::Rest => Sized::remainder().at_least(w).clip(true),
            });
        }
        let table = table.header(HEAD, |mut head| {
            head.col(|_| {});
            for (i, c) in self.columns.iter().enumerate() {
                head.col(|ui| {
                    if self.head(ui, ink, i, c) {
                        told.sorted = Some(i);
                    }
                });
            }
        });
        let ground = whole.x_range();
        table.body(|mut body| {
            let clip = body.ui_mut().clip_rect();
            let widths = body.widths().iter().skip(1).zip(self.columns);
            told.needs = widths.map(|(w, c)| if c.kind == Kind::Rest { c.width * k } else { *w }).sum();
            ink.hline(ground, clip.top() - 1.0, ink.t.dead);
            let (mut first, mut last) = (n, 0);
            body.rows(self.row, n, |line| {
                let index = line.index();
                let mut line = Row::new(
                    Some(line),
                    index,
                    ink,
                    self.columns,
                    [Rect::from_x_y_ranges(ground, clip.y_range()), clip],
                );
                row(&mut line);
                let done = line.finish();
                if clip.contains(done.rect.center()) {
                    (first, last) = (first.min(index), last.max(index + 1));
                }
                if let Some(r) = done.response {
                    if r.clicked() {
                        (told.chosen, told.clicked) = (Some(index), true);
                    }
                    if r.double_clicked() {
                        told.opened = Some(index);
                    }
                }
            });
            told.in_view = first.min(last)..last;
        });
        told
    }

    fn head(&self, ui: &Ui, ink: &Ink, i: usize, c: &Column) -> bool {
        let (ink, cell) = (ink.on(ui), ui.max_rect());
        let on = self.sorted == Some(i);
        let t = &ink.t;
        let face = if on { Face::semibold(13.0, t.text) } else { Face::regular(13.0, t.text2) };
        let y = cell.center().y;
        if c.kind == Kind::Number {
            ink.right(cell.right() - CELL, y, c.head, face);
        } else {
            let end = ink.left(cell.left() + CELL, y, c.head, face);
            if on {
                ink.fold(pos2(end + 8.0, y), true);
            }
        }
        if c.sort.is_empty() {
            return false;
        }
        let r = ui.interact(cell, ui.scope_id().with(("sort", c.head)), Sense::click());
        let said = format!("Sort by {}", c.sort);
        r.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, on, &said));
        if r.has_focus() {
            ink.frame(cell, 3, (2.0, t.accent));
        } else if r.hovered() {
            ink.hline(cell.left() + CELL..=cell.right() - CELL, cell.bottom() - 5.0, t.text2);
        }
        r.on_hover_text(said).clicked()
    }

    /// Where the arrow keys lead: from the row that has the focus, or from the selected one while nothing has it.
    fn keys(&self, ui: &Ui, n: usize) -> Option<usize> {
        let focus = ui.ctx().memory(egui::Memory::focused);
        let at = match focus {
            Some(id) => Some(ui.data(|d| d.get_temp::<usize>(id.with("row of a table")))?),
            None if self.keys => self.selected,
            None => return None,
        };
        let pressed = |k| ui.ctx().input_mut(|i| i.consume_key(Modifiers::NONE, k));
        let page = (ui.available_height() / self.row).max(2.0) as i64 - 1;
        let steps = [(Key::ArrowDown, 1), (Key::ArrowUp, -1), (Key::PageDown, page), (Key::PageUp, -page)];
        let by: i64 = steps.into_iter().filter(|(k, _)| pressed(*k)).map(|(_, by)| by).sum();
        if by == 0 || n == 0 {
            return None;
        }
        let to = at.map_or(0, |at| (at as i64 + by).clamp(0, n as i64 - 1) as usize);
        if focus.is_some() {
            ui.data_mut(|d| d.insert_temp(next_id(), to));
        }
        Some(to)
    }

    /// Puts the selected row on the clipboard, or all rows, with tabs between their cells.
    fn copy(&self, ui: &Ui, n: usize, ink: &Ink, row: &mut impl FnMut(&mut Row<'_, '_, '_>)) {
        let asked = || ui.input(|i| i.events.iter().any(|e| matches!(e, Event::Copy)));
        if !self.keys || !asked() || ui.ctx().text_edit_focused() {
            return;
        }
        let mut out: Vec<String> = Vec::new();
        let heads = self.columns.iter().map(|c| c.head);
        out.push(heads.collect::<Vec<_>>().join("\t"));
        for i in self.selected.map_or(0..n.min(COPIED), |i| i..i + 1) {
            let mut line = Row::new(None, i, ink, self.columns, [Rect::NOTHING; 2]);
            row(&mut line);
            out.push(line.cells.join("\t"));
        }
        ui.ctx().copy_text(out.join("\n"));
    }
}
