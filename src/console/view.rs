//! A view: what the middle of the window can show. Rail, keys, help, palette, settings and tests read [`VIEWS`], so
//! adding a view touches its own file and the list.

use std::any::Any;
use std::io;
use std::path::PathBuf;

use egui::{Color32, KeyboardShortcut, Pos2, Rect, Stroke, Ui, UiBuilder, vec2};

use super::action::{Action, TimeAct, ViewId};
use super::export::Caption;
use super::model::Model;
use super::shell::Layout;
use super::time_view::TimeView;
use super::views::live::Source;
use super::views::{alarms, compare, instructor, live, manual, operate, plan, report, tune};
use crate::console::widgets::Ink;

/// The views, in the order of the rail. The first is shown at the first start.
pub const VIEWS: &[ViewInfo] = &[
    operate::VIEW,
    compare::VIEW,
    tune::VIEW,
    alarms::VIEW,
    instructor::VIEW,
    live::VIEW,
    report::VIEW,
    plan::VIEW,
    manual::VIEW,
];

/// What the program knows of a view before it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct ViewInfo {
    /// Its name in settings and actions.
    pub id: ViewId,
    /// Its name on the rail.
    pub title: &'static str,
    /// What it is for, as one would ask for it.
    pub about: &'static str,
    /// The key that shows it.
    pub key: KeyboardShortcut,
    /// Keys that it takes itself while it is in front, and what they do.
    pub own_keys: &'static [(&'static str, &'static str)],
    /// Draws its icon, about 22 points wide.
    pub icon: fn(&Icon<'_>),
    /// Makes it.
    pub new: fn() -> Box<dyn View>,
}

/// A view with what it remembers between frames. It reads the model and pushes actions; nothing here changes a run.
pub trait View: Any {
    /// Draws it within `seen.layout.view`.
    fn ui(&mut self, ui: &mut Ui, seen: &Seen<'_>, actions: &mut Vec<Action>);

    /// Applies an act to a time axis of its own; false leaves it to the one that all strips share.
    fn time(&mut self, _act: TimeAct) -> bool {
        false
    }

    /// Takes what was picked from the list of files, if it has asked for it; gives back what it has not asked for.
    fn take(&mut self, picked: Picked) -> Option<Picked> {
        Some(picked)
    }

    /// The list of files was closed without a choice.
    fn asked_no_more(&mut self) {}

    /// What the caption under a picture says, where it differs from that of the run in view.
    fn caption(&self) -> Option<Caption> {
        None
    }

    /// Writes what it shows as CSV, where that is not the window of the run in view; gives the number of rows.
    fn csv(&self) -> Option<WriteCsv> {
        None
    }

    /// Whether it has a table of its own, so that a file of it has its name.
    fn has_csv(&self) -> bool {
        false
    }

    /// Writes what it shows as a page for print, where it has one; says what was written.
    fn page(&self) -> Option<Page> {
        None
    }

    /// Another run is in view: forgets what belonged to the last one.
    fn new_run(&mut self) {}
}

/// Writes a table and gives its number of rows.
pub type WriteCsv = Box<dyn FnOnce(&mut dyn io::Write) -> io::Result<usize> + Send>;

/// Writes a page and says what it is.
pub type Page = Box<dyn FnOnce(&mut dyn io::Write) -> io::Result<String> + Send>;

/// What was picked from the list of files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// This file.
    File(PathBuf),
    /// The built-in scenario of this name.
    BuiltIn(String),
}

/// What a view reads.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// The run in view; none before its first row.
    pub model: Option<&'a Model>,
    /// Where everything is.
    pub layout: &'a Layout,
    /// The time axis that all strips share.
    pub time: &'a TimeView,
    /// Where the rows come from.
    pub source: Source<'a>,
}

/// The views of a window, and which is in front.
pub struct Views {
    all: Vec<(ViewId, Box<dyn View>)>,
    front: usize,
}

impl Default for Views {
    fn default() -> Self {
        Self { all: VIEWS.iter().map(|e| (e.id, (e.new)())).collect(), front: 0 }
    }
}

impl Views {
    /// Brings a view to the front; one that does not exist changes nothing.
    pub fn show(&mut self, id: ViewId) {
        self.front = self.all.iter().position(|(i, _)| *i == id).unwrap_or(self.front);
    }

    /// Which view is in front.
    #[must_use]
    pub fn front_id(&self) -> ViewId {
        self.all.get(self.front).map_or(operate::ID, |(id, _)| *id)
    }

    /// The view in front.
    pub fn front(&mut self) -> &mut dyn View {
        self.all[self.front].1.as_mut()
    }

    /// The view of a type, in front or not.
    pub fn of<V: View>(&mut self) -> Option<&mut V> {
        self.all.iter_mut().find_map(|(_, view)| {
            let any: &mut dyn Any = view.as_mut();
            any.downcast_mut::<V>()
        })
    }

    /// All of them.
    pub fn each(&mut self) -> impl Iterator<Item = &mut dyn View> {
        self.all.iter_mut().map(|(_, view)| view.as_mut())
    }
}

/// The view of this name, if there is one.
#[must_use]
pub fn find(name: &str) -> Option<&'static ViewInfo> {
    VIEWS.iter().find(|e| e.id.0 == name)
}

/// Draws in a scope of its own, so that ids never meet, and within `rect`.
pub(crate) fn part<R>(ui: &mut Ui, name: &str, rect: Rect, show: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope_builder(UiBuilder::new().id_salt(name).max_rect(rect), |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        show(ui)
    })
    .inner
}

/// Draws an icon about its middle with the pen of the rail; coordinates are points from there.
pub struct Icon<'a> {
    pub(crate) ink: &'a Ink,
    pub(crate) middle: Pos2,
}

impl Icon<'_> {
    fn pen(&self) -> Stroke {
        Stroke::new(2.0, self.ink.t.text)
    }

    fn at(&self, [x, y]: [f32; 2]) -> Pos2 {
        self.middle + vec2(x, y)
    }

    /// Lines from point to point.
    pub fn path(&self, points: &[[f32; 2]]) {
        for ends in points.windows(2) {
            self.ink.p.line_segment([self.at(ends[0]), self.at(ends[1])], self.pen());
        }
    }

    /// A circle.
    pub fn ring(&self, at: [f32; 2], r: f32) {
        self.ink.p.circle_stroke(self.at(at), r, self.pen());
    }

    /// A circle filled with the ground of the rail, so that a line seems to pass behind it.
    pub fn knob(&self, at: [f32; 2], r: f32) {
        self.ink.p.circle(self.at(at), r, self.ink.t.bg, self.pen());
    }

    /// A disc.
    pub fn dot(&self, at: [f32; 2], r: f32) {
        self.ink.p.circle(self.at(at), r, self.ink.t.text, Stroke::new(0.0, Color32::TRANSPARENT));
    }

    /// A part of a circle about the middle, between two angles clockwise from the right, radians.
    pub fn arc(&self, r: f32, from: f32, to: f32) {
        let point = |i: u8| from + (to - from) * f32::from(i) / 8.0;
        let line = (0..=8).map(point).map(|a| self.at([a.cos() * r, a.sin() * r])).collect();
        self.ink.path(line, (2.0, self.ink.t.text));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_titles_and_keys_are_unique_and_every_view_is_made_once() {
        let unique = |all: Vec<String>| all.iter().collect::<BTreeSet<_>>().len();
        assert_eq!(unique(VIEWS.iter().map(|e| e.id.0.to_owned()).collect()), VIEWS.len());
        assert_eq!(unique(VIEWS.iter().map(|e| e.title.to_owned()).collect()), VIEWS.len());
        assert_eq!(unique(VIEWS.iter().map(|e| format!("{:?}", e.key)).collect()), VIEWS.len());
        assert_eq!(Views::default().all.len(), VIEWS.len());
    }

    #[test]
    fn a_view_is_found_by_name_and_by_type_and_an_unknown_one_changes_nothing() {
        let mut views = Views::default();
        assert_eq!(views.front_id(), VIEWS[0].id);
        for entry in VIEWS {
            assert_eq!(find(entry.id.0).map(|e| e.id), Some(entry.id));
            views.show(entry.id);
            views.show(ViewId("no such view"));
            assert_eq!(views.front_id(), entry.id);
        }
        assert!(find("no such view").is_none());
        assert!(views.of::<alarms::AlarmsState>().is_some());
    }
}
