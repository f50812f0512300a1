//! The palette: every command by a few of its letters, with its key, and why it makes no sense now.
//!
//! What can be done now stands first. It lies over the view, never over gauges, alarms, HOLD or ABORT, and F8 holds here
//! too. Matching by nucleo, the matcher of the Helix editor: letters in order, starts of words first.

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{Key, Modifiers, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui, WidgetInfo, pos2, vec2};
use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::console::action::Action;
use crate::console::commands::{self, Command, Now};
use crate::console::theme::{font, mix};
use crate::console::widgets::pane::{line, sheet};
use crate::console::widgets::{Face, Ink, Text, TextField, Weight};

/// Size where there is room, height of the field, of a row and of the foot.
const SIZE: [f32; 2] = [588.0, 316.0];
const FIELD: f32 = 36.0;
const ROW: f32 = 32.0;
const FOOT: f32 = 32.0;
/// Columns from the left: text, group, why not.
const COLUMNS: [f32; 3] = [26.0, 272.0, 366.0];

/// The palette, open or not.
#[derive(Default)]
pub struct Palette {
    open: bool,
    query: String,
    selected: usize,
    /// The selected row is scrolled to in the next frame.
    fresh: bool,
    /// The field takes the caret in the next frame.
    take: bool,
    matcher: Matcher,
}

/// A command that matches, and where its letters are.
struct Hit {
    command: Command,
    letters: Vec<u32>,
    why_not: Option<String>,
}

impl Palette {
    /// Opens it with an empty field, or closes it.
    pub fn toggle(&mut self) {
        self.open = !self.open;
        self.query.clear();
        self.selected = 0;
        (self.fresh, self.take) = (true, true);
    }

    /// Whether it is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Draws it over the upper left of `view` while it is open, and pushes what is chosen.
    pub fn show(&mut self, ui: &mut Ui, view: Rect, now: &Now<'_>, actions: &mut Vec<Action>) {
        if !self.open {
            return;
        }
        let hits = hits(&self.query, now, &mut self.matcher);
        self.selected = self.selected.min(hits.len().saturating_sub(1));
        let chosen = self.keys(ui, &hits);
        let size = vec2(SIZE[0], SIZE[1]).min(view.size() - vec2(32.0, 24.0)).max(vec2(160.0, 80.0));
        let rect = Rect::from_min_size(view.min + vec2(16.0, 12.0), size);
        let clicked = sheet(ui, "palette", "Commands", rect, |ui| {
            ui.add_space(11.0);
            self.field(ui, hits.len());
            ui.add_space(8.0);
            let list = vec2(ui.available_width(), (ui.available_height() - FOOT).max(ROW));
            let clicked = ui.allocate_ui(list, |ui| self.list(ui, &hits)).inner;
            foot(ui);
            clicked
        });
        let outside =
            ui.input(|i| i.pointer.any_pressed() && i.pointer.interact_pos().is_some_and(|p| !rect.contains(p)));
        if let Some(hit) = chosen.or(clicked).and_then(|i| hits.get(i)).filter(|h| h.why_not.is_none()) {
            actions.extend(hit.command.action(now));
            self.open = false;
        }
        self.open &= !outside;
    }

    /// Moves the selection; gives what Enter chooses. Taken before the field sees them.
    fn keys(&mut self, ui: &Ui, hits: &[Hit]) -> Option<usize> {
        let pressed = |key| ui.ctx().input_mut(|i| i.count_and_consume_key(Modifiers::NONE, key)) as i64;
        let step =
            pressed(Key::ArrowDown) - pressed(Key::ArrowUp) + 7 * (pressed(Key::PageDown) - pressed(Key::PageUp));
        if step != 0 {
            self.selected = (self.selected as i64 + step).clamp(0, (hits.len() as i64 - 1).max(0)) as usize;
            self.fresh = true;
        }
        if pressed(Key::Escape) > 0 {
            self.open = false;
        }
        (pressed(Key::Enter) > 0).then_some(self.selected)
    }

    fn field(&mut self, ui: &mut Ui, found: usize) {
        let ink = Ink::of(ui);
        let (_, rect) = ui.allocate_space(vec2(ui.available_width(), FIELD));
        let rect = rect.shrink2(vec2(11.0, 0.0));
        let take = std::mem::take(&mut self.take);
        let field = TextField::new("Find a command", &mut self.query).hint("").take_caret(take).put(ui, rect);
        field.response.widget_info(|| WidgetInfo::labeled(Role::SearchInput, true, "Find a command"));
        if field.response.changed() {
            (self.selected, self.fresh) = (0, true);
        }
        self.take = !field.response.has_focus();
        let count = format!("{found} of {} commands", commands::all().count());
        ink.right(rect.right() - 12.0, rect.center().y, &count, Face::regular(14.0, ink.t.text2));
    }

    fn list(&mut self, ui: &mut Ui, hits: &[Hit]) -> Option<usize> {
        let reveal = std::mem::take(&mut self.fresh).then_some(self.selected);
        let mut clicked = None;
        ScrollArea::vertical().id_salt("commands").auto_shrink(false).show(ui, |ui| {
            if hits.is_empty() {
                line(ui, ROW, |ui| {
                    ui.add_space(COLUMNS[0]);
                    ui.add(Text::new("Nothing matches").dim());
                });
            }
            for (i, hit) in hits.iter().enumerate() {
                let (row, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
                let words = [hit.command.text, hit.command.group.name(), hit.why_not.as_deref().unwrap_or_default()];
                let (enabled, on) = (hit.why_not.is_none(), i == self.selected);
                response.widget_info(|| WidgetInfo::selected(Role::ListBoxOption, enabled, on, words.join(" ")));
                if reveal == Some(i) {
                    response.scroll_to_me(None);
                }
                if ui.is_rect_visible(row) {
                    draw(&Ink::new(ui, row), row, hit, on, response.hovered());
                }
                if response.clicked() {
                    clicked = Some(i);
                }
            }
        });
        clicked
    }
}

/// The commands that match, those that can be done now first, best match first.
fn hits(query: &str, now: &Now<'_>, matcher: &mut Matcher) -> Vec<Hit> {
    let query = Atom::new(query, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy, false);
    matcher.config = Config::DEFAULT;
    matcher.config.prefer_prefix = true;
    let mut buffer = Vec::new();
    let mut found: Vec<(u16, Hit)> = commands::all()
        .filter_map(|command| {
            let mut letters = Vec::new();
            let score = query.indices(Utf32Str::new(command.text, &mut buffer), matcher, &mut letters)?;
            letters.sort_unstable();
            Some((score, Hit { command, letters, why_not: command.refused(now) }))
        })
        .collect();
    // far worse than the best is no match: Enter never does what was not meant because what was meant is refused
    let best = found.iter().map(|(score, _)| *score).max().unwrap_or(0);
    found.retain(|(score, _)| 4 * u32::from(*score) >= 3 * u32::from(best));
    // stable: what matches alike stays in the order of the table
    found.sort_by_key(|(score, hit)| (hit.why_not.is_some(), std::cmp::Reverse(*score)));
    found.into_iter().map(|(_, hit)| hit).collect()
}

fn draw(ink: &Ink, r: Rect, hit: &Hit, selected: bool, hovered: bool) {
    let t = &ink.t;
    if selected {
        ink.fill(r, mix(t.accent, t.panel, 0.22));
        ink.fill(Rect::from_min_size(r.min, vec2(3.0, r.height())), t.accent);
    } else if hovered {
        ink.fill(r, mix(t.panel, t.inset, 0.5));
    }
    let (y, color) = (r.center().y, if hit.why_not.is_none() { t.text } else { t.text2 });
    let mut job = LayoutJob::default();
    for (i, c) in hit.command.text.chars().enumerate() {
        let face = if hit.letters.contains(&(i as u32)) { Weight::SemiBold } else { Weight::Regular };
        job.append(c.encode_utf8(&mut [0; 4]), 0.0, TextFormat::simple(font(face, 14.0), color));
    }
    let galley = ink.p.layout_job(job);
    ink.p.galley(pos2(r.left() + COLUMNS[0], y - galley.size().y * 0.5), galley, color);
    ink.left(r.left() + COLUMNS[1], y, hit.command.group.name(), Face::regular(14.0, t.text2));
    let key = hit.command.key();
    let mut end = r.right() - 24.0;
    if !key.is_empty() {
        let wide = ink.width(&key, (Weight::Medium, 12.0)) + 12.0;
        let chip = Rect::from_min_size(pos2(end - wide, y - 9.0), vec2(wide, 18.0));
        ink.p.rect(chip, 4, t.inset, Stroke::new(1.0, t.dead), StrokeKind::Inside);
        ink.centre(chip.center(), &key, Face::medium(12.0, t.text));
        end = chip.left() - 8.0;
    }
    if let Some(why) = &hit.why_not {
        let words = format!("not now: {why}");
        ink.left_cut(r.left() + COLUMNS[2], y, end, &words, Face::regular(14.0, t.text2));
    }
}

fn foot(ui: &mut Ui) {
    let ink = Ink::of(ui);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), FOOT));
    ink.hline(rect.left() + 11.0..=rect.right() - 11.0, rect.top(), ink.t.hair);
    let face = Face::regular(13.0, ink.t.text2);
    ink.left(rect.left() + COLUMNS[0], rect.center().y, "Enter does it, Esc closes", face);
    let hold = format!("{} is HOLD here, too", commands::HOLD.key());
    ink.right(rect.right() - 24.0, rect.center().y, hold, face);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::view::VIEWS;
    use crate::console::views::live::Source;

    fn found(query: &str) -> Vec<(&'static str, bool)> {
        let now = Now { model: None, source: Source::default(), front: VIEWS[0].id };
        let hits = hits(query, &now, &mut Matcher::default());
        hits.into_iter().map(|h| (h.command.text, h.why_not.is_none())).collect()
    }

    #[test]
    fn a_few_letters_find_a_command_and_what_can_be_done_stands_first() {
        assert_eq!(found("full").first(), Some(&("Full screen", true)));
        assert_eq!(found("lod").first(), Some(&("Light or dark", true)));
        let re = found("re");
        assert_eq!(re.first(), Some(&("Report this run", true)));
        let first_off = re.iter().position(|(_, on)| !on).unwrap_or(re.len());
        assert!(re[first_off..].iter().all(|(_, on)| !on), "{re:?}");
        assert!(re.iter().any(|(text, _)| *text == "Restart the scenario"));
    }

    /// What was meant but is refused once gave way to a poor match that could be done.
    #[test]
    fn regress_the_words_of_a_command_find_it_first_also_when_it_is_refused() {
        for c in commands::all() {
            assert_eq!(found(c.text).first().map(|(text, _)| *text), Some(c.text));
            let start: String = c.text.chars().take(9).collect();
            assert!(found(&start).iter().take(9).any(|(text, _)| *text == c.text), "{start}");
        }
        assert_eq!(found("hold the").first(), Some(&(commands::HOLD.text, false)));
    }

    #[test]
    fn an_empty_field_lists_all_and_nonsense_nothing() {
        assert_eq!(found("").len(), commands::all().count());
        assert!(found("zzqx").is_empty());
    }
}
