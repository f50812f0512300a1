//! Tables: heads that stay, columns that can be made wider, only the rows in view, keys, copying.
//!
//! Standing on `egui_extras`, with what a control room adds: a whole row is one thing to press, to focus and to hear; the
//! arrow keys go from row to row; Ctrl+C copies the selected row, or all of them, as cells with tabs between; words that do
//! not fit end in an ellipsis and stand in the tooltip of their row, and **a number is never cut**: its column grows.
//! Rows are told one after the other by a closure, so nothing is made for those that are out of view.

use std::hash::Hash;
use std::ops::Range;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Align2, Event, EventFilter, Id, Key, Modifiers, Pos2, Rect, Response, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo,
    pos2, vec2,
};
use egui_extras::{Column as Sized, TableBuilder, TableRow};

use super::{Face, Ink, Text, quality};
use crate::console::theme::font;
use crate::feed::quality::Quality;

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
}

/// What the pointer does with a row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hit {
    /// Where it was pressed.
    pub clicked: Option<Pos2>,
    /// Left end of the row.
    pub left: f32,
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

    /// Height of a row.
    #[must_use]
    pub fn row_height(self, row: f32) -> Self {
        Self { row, ..self }
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
        let least: f32 = self.columns.iter().map(|c| c.width * k).sum();
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
        let focus = ui.ctx().memory(|m| m.focused());
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

/// Where the row stands that takes the focus next.
fn next_id() -> Id {
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
    cells: Vec<String>,
    says: Option<String>,
    response: Option<Response>,
    rect: Rect,
    selected: bool,
    cut: Option<String>,
}

struct Done {
    rect: Rect,
    response: Option<Response>,
}

impl<'a, 'b, 'c> Row<'a, 'b, 'c> {
    fn new(
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
    pub fn begin(&mut self, key: impl Hash + std::fmt::Debug, selected: bool) -> Hit {
        self.open(key, selected, Sense::click())
    }

    /// A row that is only read.
    pub fn still(&mut self, key: impl Hash + std::fmt::Debug) {
        self.open(key, false, Sense::hover());
    }

    fn open(&mut self, key: impl Hash + std::fmt::Debug, selected: bool, sense: Sense) -> Hit {
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
        self.badged(text, []);
    }

    /// Words in the next cell, and at its right end badges, which the words give way to.
    pub fn badged(&mut self, text: Text<'_>, badges: impl IntoIterator<Item = String>) {
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
            let mut job = LayoutJob::simple_singleline(words.clone(), font(face.weight, face.px), face.color);
            job.wrap = TextWrapping::truncate_at_width((right - cell.left() - CELL).max(0.0));
            let galley = ink.p.layout_job(job);
            cut = galley.elided && ui.rect_contains_pointer(cell);
            ink.p.galley(pos2(cell.left() + CELL, y - galley.size().y / 2.0), galley, face.color);
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

    fn finish(mut self) -> Done {
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
