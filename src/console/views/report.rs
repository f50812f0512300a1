//! Report (F7): the score with where every point comes from, the moments, the observer's sheet, and the debrief file.
//!
//! Left the groups, caps and deductions; in the middle one line a metric; right what to talk about. It shows and saves;
//! the score is measured by the desk, par is searched on a thread of its own.

mod left;
mod right;
mod table;

use crate::console::widgets::pane::pane;
use crate::console::widgets::{Ink, Text};
use std::sync::Arc;

use egui::{Key, KeyboardShortcut, Modifiers, Rect, Ui};

use crate::console::action::{Action, ViewId};
use crate::console::commands::Now;
use crate::console::model::Model;
use crate::console::par_search::{Par, ParSearch};
use crate::console::view::{self, Icon, Seen, View, ViewInfo};
use crate::report::debrief::{AlarmStats, Highlight, Observer, highlights};
use crate::training::msg::DeskView;
use crate::training::par::Found;
use crate::training::score::{Live, Score};

/// The score as last worked out.
#[derive(Debug)]
struct Shown {
    desk: Arc<DeskView>,
    with_par: bool,
    score: Score,
    moments: Vec<Highlight>,
    alarms: AlarmStats,
    /// The sheet as the log has it.
    observer: Observer,
}

/// What this view remembers between frames.
#[derive(Debug, Default)]
pub struct ReportState {
    /// Name of the trainee, for the file.
    pub trainee: String,
    /// The remark of the observer's sheet while it is written.
    remark: String,
    pars: ParSearch,
    shown: Option<Shown>,
}

impl ReportState {
    /// Par of a run, if it has been found: a report need not wait for its search.
    #[must_use]
    pub fn par(&self, live: &Live) -> Option<Found> {
        self.pars.known(live).map(|found| (*found).clone())
    }

    fn refresh(&mut self, desk: &Arc<DeskView>, par: &Par) -> Option<&Shown> {
        let live = desk.score.as_ref()?;
        let found = match par {
            Par::Found(found) => Some(found),
            Par::Searching(_) | Par::None => None,
        };
        let fresh = |s: &Shown| Arc::ptr_eq(&s.desk, desk) && s.with_par == found.is_some();
        if !self.shown.as_ref().is_some_and(fresh) {
            let score = live.score(found.map(|f| &f.par));
            self.shown = Some(Shown {
                desk: Arc::clone(desk),
                with_par: found.is_some(),
                moments: highlights(&score),
                alarms: AlarmStats::of(&score, &live.rubric.ack_targets_s),
                observer: Observer::of_log(&desk.log),
                score,
            });
        }
        self.shown.as_ref()
    }
}

/// Name of this view.
pub const ID: ViewId = ViewId("report");

/// This view in the list.
pub const VIEW: ViewInfo = ViewInfo {
    id: ID,
    title: "Report",
    about: "Report this run",
    key: KeyboardShortcut::new(Modifiers::NONE, Key::F7),
    own_keys: &[],
    icon,
    new: || Box::<ReportState>::default(),
};

fn icon(i: &Icon<'_>) {
    i.path(&[[-7.0, -10.0], [7.0, -10.0], [7.0, 10.0], [-7.0, 10.0], [-7.0, -10.0]]);
    [-5.0, 0.0, 5.0].into_iter().for_each(|y| i.path(&[[-3.5, y], [3.5, y]]));
}

impl View for ReportState {
    fn ui(&mut self, ui: &mut Ui, seen: &Seen<'_>, actions: &mut Vec<Action>) {
        let (Some(model), rect) = (seen.model, seen.layout.view) else { return };
        view::part(ui, ID.0, rect, |ui| show(ui, rect, model, self, actions));
    }
}

/// Draws the view.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut ReportState, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.panel);
    let desk = model.desk.as_ref().filter(|d| d.score.is_some());
    let Some((desk, live)) = desk.and_then(|d| Some((d, d.score.as_ref()?))) else {
        pane(ui, "no score", rect, |ui| {
            ui.add_space(14.0);
            ui.add(Text::title("No score here").px(18.0, 18.0));
            let why = "Only a run of the twin is scored, and an examination hides its score until it ends.";
            ui.add(Text::new(why).dim())
        });
        return;
    };
    let again = ui.ctx().clone();
    let par = state.pars.of(live, move || again.request_repaint());
    let (left, right) = ((0.235 * rect.width()).clamp(300.0, 400.0), (0.265 * rect.width()).clamp(330.0, 460.0));
    let (a, rest) = rect.split_left_right_at_x(rect.left() + left);
    let (b, c) = rest.split_left_right_at_x(rest.right() - right);
    ink.fill(b, ink.t.inset);
    state.refresh(desk, &par);
    let Some(shown) = state.shown.take() else { return };
    left::show(ui, a, &Now::of(model), &shown.score, &par, state, actions);
    table::show(ui, b, &shown.score);
    right::show(ui, c, &shown, &mut state.remark, actions);
    state.shown = Some(shown);
}
