//! Manual (Ctrl+9): the chapters of the manual to read and to search, and the claims of the source documents, each a click
//! away from its run.
//!
//! The text is that of [`crate::report::manual`]; nothing here is written twice. It acts on nothing but the list of claims,
//! which opens a shipped scenario as the list of files does.

use std::sync::LazyLock;

use egui::{Align, Key, KeyboardShortcut, Modifiers, Rect, ScrollArea, Ui};
use egui_commonmark::{CommonMarkCache, CommonMarkViewer};

use crate::console::action::{Action, FileAct, ViewId};
use crate::console::view::{self, Icon, Page, Seen, View, ViewInfo};
use crate::console::widgets::pane::{PAD, pane};
use crate::console::widgets::{Button, Ink, Text, TextField};
use crate::report::manual::{CHAPTERS, Claim, Figure, claims, page};

/// Widest line of text, so that an eye finds the next one.
const MEASURE: f32 = 760.0;
/// Title of the list of claims.
const CLAIMS: &str = "What the sources claim";

/// A heading with the text under it.
#[derive(Debug)]
struct Section {
    /// 1 for a chapter, 2 for a part of one.
    level: usize,
    title: &'static str,
    /// Markdown, without the heading.
    text: &'static str,
}

/// All sections in order.
static SECTIONS: LazyLock<Vec<Section>> =
    LazyLock::new(|| CHAPTERS.iter().flat_map(|(_, text)| sections(text)).collect());

/// The sections of a chapter. A line in a block of code is no heading.
fn sections(text: &'static str) -> Vec<Section> {
    let mut all: Vec<Section> = Vec::new();
    let (mut at, mut from, mut code) = (0, 0, false);
    for line in text.split_inclusive('\n') {
        code ^= line.starts_with("```");
        let level = line.bytes().take_while(|b| *b == b'#').count();
        let title = line.get(level..).and_then(|t| t.strip_prefix(' ')).filter(|_| !code && (1..=2).contains(&level));
        if let Some(title) = title {
            if let Some(last) = all.last_mut() {
                last.text = &text[from..at];
            }
            all.push(Section { level, title: title.trim(), text: "" });
            from = at + line.len();
        }
        at += line.len();
    }
    if let Some(last) = all.last_mut() {
        last.text = &text[from..];
    }
    all
}

impl Section {
    /// Whether it has these words; all sections have no words.
    fn has(&self, words: &str) -> bool {
        let has = |text: &str| text.to_lowercase().contains(words);
        has(self.title) || has(self.text)
    }
}

/// What this view remembers between frames.
#[derive(Default)]
pub struct ManualState {
    cache: CommonMarkCache,
    find: String,
    /// The section to scroll to, by its title.
    go: Option<&'static str>,
}

/// Name of this view.
pub const ID: ViewId = ViewId("manual");

/// This view in the list.
pub const VIEW: ViewInfo = ViewInfo {
    id: ID,
    title: "Manual",
    about: "Read the manual",
    key: KeyboardShortcut::new(Modifiers::COMMAND, Key::Num9),
    own_keys: &[],
    icon,
    new: || Box::<ManualState>::default(),
};

fn icon(i: &Icon<'_>) {
    i.path(&[[0.0, -7.0], [-10.0, -9.0], [-10.0, 7.0], [0.0, 9.0], [10.0, 7.0], [10.0, -9.0], [0.0, -7.0], [0.0, 9.0]]);
}

impl View for ManualState {
    fn ui(&mut self, ui: &mut Ui, seen: &Seen<'_>, actions: &mut Vec<Action>) {
        let rect = seen.layout.view;
        view::part(ui, ID.0, rect, |ui| self.show(ui, rect, actions));
    }

    fn page(&self) -> Option<Page> {
        Some(Box::new(|out| {
            let text = page(env!("CARGO_PKG_VERSION"), &[]).map_err(std::io::Error::other)?;
            out.write_all(text.as_bytes())?;
            Ok("the manual as a page".to_owned())
        }))
    }
}

impl ManualState {
    /// Scrolls to a term or chapter, by its title.
    pub fn open(&mut self, title: &str) {
        self.find.clear();
        self.go = SECTIONS.iter().map(|s| s.title).find(|t| *t == title);
    }

    fn show(&mut self, ui: &mut Ui, rect: Rect, actions: &mut Vec<Action>) {
        let ink = Ink::new(ui, rect);
        ink.fill(rect, ink.t.panel);
        let (list, text) = rect.split_left_right_at_x(rect.left() + ink.px(264.0, 300.0));
        ink.fill(text, ink.t.inset);
        let words = self.find.trim().to_lowercase();
        let found: Vec<&Section> = SECTIONS.iter().filter(|s| s.has(&words)).collect();
        pane(ui, "contents", list, |ui| self.contents(ui, &found));
        pane(ui, "text", text, |ui| {
            ui.set_max_width(MEASURE.min(text.width() - 2.0 * PAD));
            for s in &found {
                self.section(ui, s);
            }
            if words.is_empty() {
                self.heading(ui, CLAIMS, 1);
                match claims() {
                    Ok(all) => all.iter().for_each(|c| claim(ui, c, actions)),
                    Err(e) => drop(ui.add(Text::new(e))),
                }
            } else if found.is_empty() {
                ui.add_space(14.0);
                ui.add(Text::new(format!("No page has \u{201c}{words}\u{201d}.")).dim());
            }
            ui.add_space(24.0);
        });
        self.go = None;
    }

    /// The list of headings, of those alone that have what is searched.
    fn contents(&mut self, ui: &mut Ui, found: &[&Section]) {
        ui.add_space(12.0);
        TextField::new("Find in the manual", &mut self.find).show(ui, ui.available_width());
        ui.add_space(8.0);
        let claims = Section { level: 1, title: CLAIMS, text: "" };
        let tail = self.find.is_empty().then_some(&claims);
        for s in found.iter().copied().chain(tail) {
            let text = if s.level == 1 { Text::new(s.title).strong() } else { Text::new(s.title) };
            ui.horizontal(|ui| {
                ui.add_space(if s.level == 1 { 0.0 } else { 12.0 });
                let name = format!("Go to {}", s.title);
                let link = Button::new(text.words()).name(&name).link();
                if ui.add(link).clicked() {
                    self.go = Some(s.title);
                }
            });
        }
    }

    fn heading(&self, ui: &mut Ui, title: &str, level: usize) {
        ui.add_space(if level == 1 { 20.0 } else { 14.0 });
        let size = if level == 1 { [20.0, 22.0] } else { [16.0, 17.0] };
        let shown = ui.add(Text::title(title).px(size[0], size[1]));
        if self.go == Some(title) {
            shown.scroll_to_me(Some(Align::TOP));
        }
        ui.add_space(4.0);
    }

    fn section(&mut self, ui: &mut Ui, s: &Section) {
        self.heading(ui, s.title, s.level);
        ui.push_id(s.title, |ui| CommonMarkViewer::new().show(ui, &mut self.cache, s.text));
    }
}

/// A claim, what holds of it, what was found, and the runs that show it.
fn claim(ui: &mut Ui, c: &Claim, actions: &mut Vec<Action>) {
    ui.add_space(10.0);
    ui.add(Text::title(&c.claim).whole());
    ui.add(Text::note(format!("{}: {}", c.source, c.verdict.word())));
    ui.add(egui::Label::new(&c.finding).wrap());
    for f in &c.figures {
        ui.add(Text::new(Figure::words(f)).dim().whole());
    }
    ScrollArea::horizontal().id_salt(&c.claim).show(ui, |ui| {
        ui.horizontal(|ui| {
            let mut scenarios: Vec<&str> =
                c.show.iter().filter_map(|s| s.strip_prefix("run ")?.split(' ').next()).collect();
            scenarios.dedup();
            for scenario in scenarios {
                if ui.add(Button::new(scenario).name(&format!("Open {scenario} for: {}", c.claim))).clicked() {
                    actions.push(Action::File(FileAct::LoadBuiltIn(scenario.to_owned())));
                }
            }
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_the_whole_text() {
        let lengths: usize = SECTIONS.iter().map(|s| s.text.len() + s.title.len() + s.level + 2).sum();
        assert_eq!(lengths, CHAPTERS.iter().map(|(_, t)| t.len()).sum::<usize>(), "nothing is lost between headings");
        assert!(SECTIONS.iter().any(|s| s.level == 2 && s.title == "Step now"));
        let code = sections("# A\n```\n# no heading\n```\n## B\nb\n");
        assert_eq!(code.iter().map(|s| s.title).collect::<Vec<_>>(), ["A", "B"]);
    }
}
