//! A choice of one in a row of segments.

use egui::accesskit::Role;
use egui::{Pos2, Rect, Sense, Ui, Vec2, WidgetInfo, pos2, vec2};

use super::text::note_cut;
use super::{Face, Ink};
use crate::console::theme::Weight;

/// Height of the segments.
pub const HEIGHT: f32 = 28.0;
/// The padding that is left where there is no room.
const LEAST: f32 = 4.0;

/// A choice of one.
#[derive(Clone, Copy, Debug)]
pub struct Segmented<'a> {
    group: &'a str,
    items: &'a [&'a str],
    names: &'a [&'a str],
    selected: usize,
    padding: f32,
    small: bool,
    pending: bool,
    why_not: Option<&'a str>,
}

impl<'a> Segmented<'a> {
    /// Of `items`; each is named `group: item`. A `selected` past the end selects none.
    pub fn new(group: &'a str, items: &'a [&'a str], selected: usize) -> Self {
        Self { group, items, names: &[], selected, padding: 14.0, small: false, pending: false, why_not: None }
    }

    /// Names of their own for the items, which then stand in their tooltips.
    #[must_use]
    pub fn names(self, names: &'a [&'a str]) -> Self {
        Self { names, ..self }
    }

    /// Room left and right of each word: 14 if not said.
    #[must_use]
    pub fn padding(self, padding: f32) -> Self {
        Self { padding, ..self }
    }

    /// In the letters of notes, for bars of strips.
    #[must_use]
    pub fn small(self) -> Self {
        Self { small: true, ..self }
    }

    /// The choice is sent, but not yet in force: a frame round it.
    #[must_use]
    pub fn pending(self, pending: bool) -> Self {
        Self { pending, ..self }
    }

    /// Why it cannot be used, if so.
    #[must_use]
    pub fn why_not(self, why_not: impl Into<Option<&'a str>>) -> Self {
        Self { why_not: why_not.into(), ..self }
    }

    fn words(&self, ink: &Ink, px: f32) -> f32 {
        self.items.iter().map(|s| ink.width(s, (Weight::Medium, px))).sum()
    }

    /// Room that it needs.
    #[must_use]
    pub fn size(&self, ink: &Ink) -> Vec2 {
        vec2(self.words(ink, ink.body()) + 2.0 * self.padding * self.items.len() as f32, HEIGHT)
    }

    /// Draws it where the layout puts it, with less padding where there is no room; gives the new choice when clicked.
    pub fn show(self, ui: &mut Ui) -> Option<usize> {
        let size = self.size(&Ink::of(ui));
        let least = size.x - 2.0 * (self.padding - LEAST).max(0.0) * self.items.len() as f32;
        let room = ui.available_width();
        let wide = if room >= least { size.x.min(room) } else { least };
        let (_, rect) = ui.allocate_space(vec2(wide, size.y));
        self.put(ui, rect)
    }

    /// Draws it with its left upper corner at `at`.
    pub fn at(self, ui: &Ui, at: Pos2) -> Option<usize> {
        let size = self.size(&Ink::of(ui));
        self.put(ui, Rect::from_min_size(at, size))
    }

    /// Draws it into `rect`: each segment has its word and an even share of what is left.
    pub fn put(self, ui: &Ui, rect: Rect) -> Option<usize> {
        let ink = Ink::of(ui);
        let (t, enabled, n) = (&ink.t, self.why_not.is_none(), self.items.len().max(1) as f32);
        let px = if self.small { 12.0 } else { ink.body() };
        let pad = (rect.width() - self.words(&ink, px)) / n;
        if pad < 0.0 {
            note_cut(ui.ctx(), self.group);
        }
        ink.p.rect_filled(rect, 4, t.inset);
        let (mut x, mut clicked) = (rect.left(), None);
        for (i, item) in self.items.iter().enumerate() {
            let w = ink.width(item, (Weight::Medium, px)) + pad;
            let cell = Rect::from_min_size(pos2(x, rect.top()), vec2(w, rect.height()));
            x += w;
            // at least 28 high for the pointer
            let hit = cell.expand2(vec2(0.0, (HEIGHT - cell.height()).max(0.0) * 0.5));
            let id = ui.scope_id().with((self.group, i));
            let r = ui.interact(hit, id, if enabled { Sense::click() } else { Sense::hover() });
            let on = i == self.selected;
            let named = self.names.get(i);
            let name = named.map_or_else(|| format!("{}: {item}", self.group), |n| (*n).to_owned());
            r.widget_info(|| WidgetInfo::selected(Role::RadioButton, enabled, on, &name));
            if let Some(why) = self.why_not {
                ui.ctx().accesskit_node_builder(id, |n| n.set_description(why));
            }
            if on {
                ink.p.rect_filled(cell, 4, if enabled { t.accent } else { t.hair });
            } else if r.hovered() && enabled {
                ink.frame(cell.shrink(2.0), 3, t.dead);
            }
            if i > 0 && !on && i - 1 != self.selected {
                ink.vline(cell.left(), cell.top() + 7.0..=cell.bottom() - 7.0, t.hair);
            }
            let color = match (on, enabled) {
                (true, true) => t.onaccent,
                (_, false) => t.disabled,
                _ => t.text,
            };
            ink.centre(cell.center(), item, Face::medium(px, color));
            if r.has_focus() {
                ink.focus_ring(cell);
            }
            if r.clicked() && !on {
                clicked = Some(i);
            }
            if let Some(why) = self.why_not {
                r.on_hover_text(why);
            } else if named.is_some() {
                r.on_hover_text(name);
            }
        }
        ink.frame(rect, 4, if enabled { t.dead } else { t.hair });
        if self.pending {
            ink.frame(rect.expand(2.0), 5, t.accent);
        }
        clicked
    }
}
