//! Compare: up to four runs on the same axes, their difference, and a table that says in words who did better.
//!
//! ```text
//! head    runs A to D · alignment · engine · like for like · what is the same, what differs
//! left    strips with common time and cursors, difference strip, batches      (strips, lane)
//!         playing in step, notes                                             (play)
//! right   figures | configuration | miner lag                                 (table, lag)
//! ```
//!
//! Runs are made on threads ([`crate::console::runs`]); until all are there the last complete comparison stays in view.
//! A view of finished runs: nothing here acts on the plant.

mod head;
mod lag;
mod lane;
mod play;
mod strips;
mod table;

use std::sync::Arc;

use egui::{Key, KeyboardShortcut, Modifiers, Rect, Ui, pos2};

use crate::acts::EventKind;
use crate::console::action::{Action, TimeAct, ViewId};
use crate::console::export::Caption;
use crate::console::model::Model;
use crate::console::pacing::waker;
use crate::console::runs::{Job, Order, Runs, Source, State};
use crate::console::time_view::{Axis, PartView};
use crate::console::view::{Icon, Picked, Seen, View, ViewInfo, WriteCsv, part};
use crate::console::widgets::{Face, Ink};
use crate::control::policy::ShedMode;
use crate::report::compare::run::{Parts, Run, WIDTH};
use crate::report::compare::spec::{self, Change, Spec};
use crate::report::compare::{Align, Comparison, LETTERS, MOST};
use crate::scenario::Scenario;

/// The comparison that a fresh view begins with.
const READY: [(&str, &str, &str); 2] = [
    ("paths", "Paths", "Path A against B against B + restore"),
    ("source-limits", "Source", "Under the source's own limits: A against B with batches of 70 GPUs"),
];
/// Engine presets to choose from; the first leaves each run its own.
pub(super) const PRESETS: [&str; 4] = ["own", "lean-slow", "lean-default", "fast-response"];

/// A run that was picked.
#[derive(Clone, Debug, PartialEq)]
struct Slot {
    source: Source,
    label: String,
    change: Change,
}

/// What the right panel shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Tab {
    #[default]
    Figures,
    Configuration,
    Lag,
}

/// What is written as CSV.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sheet {
    #[default]
    Rows,
    Figures,
}

/// What this view remembers between frames.
pub struct CompareState {
    slots: Vec<Slot>,
    align: usize,
    gpu_kw: f64,
    event: String,
    preset: usize,
    lag_s: f64,
    /// Spread of the lags about their mean.
    lag_sigma: f64,
    /// The lag was moved: it holds for all runs on Path B, in place of their own.
    lag_set: bool,
    mode: ShedMode,
    forced: bool,
    horizon_s: f64,
    /// The only run shown, while blinking.
    only: Option<usize>,
    /// The part of aligned time that is in view; all is all that happens.
    part: PartView,
    signal: usize,
    other: usize,
    tab: Tab,
    sheet: Sheet,
    play: play::Play,
    runs: Runs,
    shown: Option<Arc<Comparison>>,
    moments: u64,
    begun: bool,
    /// The slot for which a file or a scenario is being asked.
    asking: Option<usize>,
}

impl Default for CompareState {
    fn default() -> Self {
        Self {
            slots: Vec::new(),
            align: 0,
            gpu_kw: 250.0,
            event: "hold".to_owned(),
            preset: 0,
            lag_s: 2.0,
            lag_sigma: 0.0,
            lag_set: false,
            mode: ShedMode::Match,
            forced: false,
            horizon_s: 900.0,
            only: None,
            part: PartView::default(),
            signal: 0,
            other: 1,
            tab: Tab::default(),
            sheet: Sheet::default(),
            play: play::Play::default(),
            runs: Runs::default(),
            shown: None,
            moments: 0,
            begun: false,
            asking: None,
        }
    }
}

impl CompareState {
    /// The comparison in view.
    #[must_use]
    pub fn comparison(&self) -> Option<&Comparison> {
        self.shown.as_deref()
    }

    /// Whether runs are being made.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.runs.is_busy()
    }

    /// Aligned times in view: as chosen, or from a little before zero until nothing more happens.
    fn window(&self, c: &Comparison) -> [f64; 2] {
        self.part.span(self.all(c))
    }

    /// From the first instant to the end of all that happens.
    fn all(&self, c: &Comparison) -> [f64; 2] {
        let acts = |k| matches!(k, EventKind::Batch | EventKind::BatchDown | EventKind::Shed | EventKind::Restore);
        let ends = c.runs.iter().enumerate().filter_map(|(i, r)| {
            let last = r.rows.events().iter().rev().find(|e| acts(e.kind) || e.kind == EventKind::Trip)?;
            Some(last.t_s - c.shift_s(i))
        });
        let [first, last] = c.extent_s().unwrap_or([0.0, 60.0]);
        let end = ends.fold(f64::NEG_INFINITY, f64::max);
        let end = if end.is_finite() { end + 20.0 } else { last };
        let from = if c.align == Align::T0 { 0.0 } else { first.max(-20.0) };
        [from, end.min(last).max(from + 10.0)]
    }

    fn put(&mut self, slot: usize, new: Slot) {
        if let Some(old) = self.slots.get_mut(slot) {
            *old = new;
        } else if self.slots.len() < MOST {
            self.slots.push(new);
        }
        self.only = None;
    }

    fn remove(&mut self, slot: usize) {
        if slot < self.slots.len() {
            self.slots.remove(slot);
            self.only = None;
        }
    }

    /// The rows of the twin, or of the source in view, as they are now.
    fn put_live(&mut self, slot: usize, model: &Model) {
        self.moments += 1;
        let label = format!("{} at {:.0} s", model.plate.scenario, model.t_s);
        let scenario = Scenario::from_str(&model.plate.scenario, &model.plate.origin, &model.plate.source, None).ok();
        let parts = Parts {
            name: label.clone(),
            table: Arc::clone(&model.table),
            plate: Arc::clone(&model.plate),
            policy: model.status.policy.clone(),
            scenario: scenario.map(Arc::new),
            rows: model.history.narrowed(WIDTH),
            hash: None,
            remark: None,
        };
        let source = Source::Live(self.moments, Arc::new(parts));
        self.put(slot, Slot { source, label, change: Change::default() });
    }

    /// A comparison that comes with the program.
    fn begin(&mut self, ready: &str) {
        self.begun = true;
        let Some((name, text)) = spec::builtin().iter().find(|(name, _)| *name == ready) else { return };
        let Ok(spec) = Spec::from_str(name, text) else { return };
        self.horizon_s = spec.horizon_s;
        self.lag_s = spec.runs.iter().find_map(|e| e.change.lag_s).unwrap_or(self.lag_s);
        (self.lag_set, self.forced, self.only, self.part.window) = (false, false, None, None);
        let slot = |e: spec::Entry| Slot {
            label: e.label.unwrap_or_else(|| e.scenario.clone()),
            source: Source::BuiltIn(e.scenario),
            change: e.change,
        };
        self.slots = spec.runs.into_iter().map(slot).collect();
    }

    fn alignment(&self) -> Align {
        match self.align {
            0 => Align::T0,
            1 => Align::FirstBatch,
            2 => Align::GpuKw(self.gpu_kw),
            _ => Align::Event(self.event.clone()),
        }
    }

    /// The changes of a slot with those of the head and of the lag panel.
    fn change(&self, slot: &Slot) -> Change {
        let mut change = slot.change.clone();
        if self.preset > 0 {
            change.preset = PRESETS.get(self.preset).map(|p| (*p).to_owned());
        }
        if self.lag_set {
            (change.lag_s, change.lag_sigma) = (Some(self.lag_s), Some(self.lag_sigma));
            change.shed_mode = Some(self.mode);
        }
        change
    }

    fn orders(&self) -> Vec<Order> {
        let first = self.slots.first().map(|a| (a.source.clone(), self.change(a)));
        let order = |(i, slot): (usize, &Slot)| Order {
            source: slot.source.clone(),
            label: slot.label.clone(),
            change: self.change(slot),
            like: first.clone().filter(|_| self.forced && i > 0).map(Box::new),
            horizon_s: self.horizon_s,
        };
        self.slots.iter().enumerate().map(order).collect()
    }

    /// Scenario and changes that the lag curve is computed for: run A.
    fn base(&self) -> Option<(Source, Change)> {
        let a = self.slots.first()?;
        let lag_sigma = Some(self.lag_sigma).filter(|s| *s > 0.0);
        let change = Change { lag_s: None, lag_sigma, shed_mode: None, ..self.change(a) };
        (!matches!(a.source, Source::Live(..))).then(|| (a.source.clone(), change))
    }

    /// Orders what is missing and renews the comparison when all runs are there.
    fn update(&mut self, ui: &Ui) -> Vec<State<Run>> {
        let orders = self.orders();
        let mut jobs: Vec<Job> = orders.iter().cloned().map(Job::Run).collect();
        if self.tab == Tab::Lag {
            jobs.extend(self.base().map(|(source, change)| Job::Curve(source, change)));
        }
        self.runs.want(&jobs, &waker(ui.ctx()));
        let states: Vec<State<Run>> = orders.iter().map(|o| self.runs.run(o)).collect();
        let ready: Option<Vec<Arc<Run>>> =
            states.iter().map(|s| if let State::Ready(r) = s { Some(Arc::clone(r)) } else { None }).collect();
        let align = self.alignment();
        if let Some(runs) = ready.filter(|r| !r.is_empty()) {
            let same = self.shown.as_ref().is_some_and(|c| {
                c.align == align
                    && c.runs.len() == runs.len()
                    && c.runs.iter().zip(&runs).all(|(a, b)| Arc::ptr_eq(a, b))
            });
            if !same {
                self.shown = Some(Arc::new(Comparison::new(&runs, align)));
                self.other = self.other.clamp(1, runs.len().max(2) - 1);
            }
        } else if self.slots.is_empty() {
            self.shown = None;
        }
        states
    }

    /// Shows A alone, then B alone; from all runs it begins with A.
    fn blink(&mut self) {
        let runs = self.slots.len().clamp(1, 2);
        self.only = Some(self.only.map_or(0, |i| (i + 1) % runs));
    }
}

/// Name of this view.
pub const ID: ViewId = ViewId("compare");

/// This view in the list.
pub const VIEW: ViewInfo = ViewInfo {
    id: ID,
    title: "Compare",
    about: "Compare runs",
    key: KeyboardShortcut::new(Modifiers::NONE, Key::F2),
    own_keys: &[("Space", "Blink the runs"), ("P", "Play them in step")],
    icon,
    new: || Box::<CompareState>::default(),
};

fn icon(i: &Icon<'_>) {
    i.path(&[[-11.0, 7.0], [-4.0, 0.0], [3.0, 4.0], [11.0, -7.0]]);
    i.path(&[[-11.0, -2.0], [0.0, -7.0], [11.0, 2.0]]);
}

impl View for CompareState {
    fn ui(&mut self, ui: &mut Ui, seen: &Seen<'_>, actions: &mut Vec<Action>) {
        let (Some(model), rect) = (seen.model, seen.layout.view) else { return };
        part(ui, ID.0, rect, |ui| show(ui, rect, model, self, actions));
    }

    fn time(&mut self, act: TimeAct) -> bool {
        let Some(all) = self.shown.as_ref().map(|c| self.all(c)) else { return false };
        self.part.act(act, &Axis { all, shortest_s: 0.05, longest_s: 1e5, step_s: 0.0 })
    }

    fn take(&mut self, picked: Picked) -> Option<Picked> {
        let Some(slot) = self.asking.take() else { return Some(picked) };
        let (label, source) = match picked {
            Picked::File(path) => {
                let label = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
                (label, Source::File(path))
            }
            Picked::BuiltIn(name) => (name.clone(), Source::BuiltIn(name)),
        };
        self.put(slot, Slot { source, label, change: Change::default() });
        None
    }

    fn asked_no_more(&mut self) {
        self.asking = None;
    }

    fn caption(&self) -> Option<Caption> {
        let c = self.shown.as_ref()?;
        let each = |f: &dyn Fn(&Run) -> String| {
            let all: Vec<String> = c.runs.iter().map(|r| f(r)).collect();
            let first = all.first().cloned().unwrap_or_default();
            if all.iter().all(|v| *v == first) {
                return first;
            }
            LETTERS.iter().zip(all).map(|(l, v)| format!("{l} {v}")).collect::<Vec<_>>().join(", ")
        };
        let [from, to] = self.window(c);
        Some(Caption {
            run: each(&|r| {
                let hash = r.hash.map(|h| format!(", hash {h:016x}")).unwrap_or_default();
                format!("seed {}{hash}", r.plate.seed)
            }),
            scenario: each(&|r| format!("{} ({})", r.name, r.plate.scenario)),
            window: format!("{from:.1} to {to:.1} s from {}; figures over {:.0} s", c.align.words(), self.horizon_s),
            preset: each(&|r| format!("{}, policy {}", r.plate.preset, r.policy.set)),
            limits: each(&|r| r.plate.relays.join("; ")),
            model: each(&|r| r.plate.model_note.clone()),
        })
    }

    fn has_csv(&self) -> bool {
        true
    }

    fn csv(&self) -> Option<WriteCsv> {
        let (c, sheet) = (self.shown.clone()?, self.sheet);
        let (window, notes) = (self.window(&c), self.play.aligned(c.shift_s(0)));
        Some(Box::new(move |out: &mut dyn std::io::Write| {
            use crate::report::compare::csv::{write_rows, write_table};
            match sheet {
                Sheet::Rows => write_rows(&c, window, &notes, out),
                Sheet::Figures => write_table(&c, out),
            }
            .map_err(std::io::Error::other)
        }))
    }
}

/// Draws the view.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut CompareState, actions: &mut Vec<Action>) {
    if !state.begun {
        state.begin(READY[0].0);
    }
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.panel);
    let states = state.update(ui);
    // Space presses what has the focus; when nothing has it, it blinks.
    if ui.memory(|m| m.focused().is_none()) && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Space)) {
        state.blink();
    }
    let top = rect.with_max_y(rect.top() + head::HEIGHT);
    let right = ink.px(464.0, 560.0);
    let left = Rect::from_min_max(pos2(rect.left(), top.bottom()), pos2(rect.right() - right, rect.bottom()));
    let panel = Rect::from_min_max(left.right_top(), rect.max);
    head::show(ui, top, model, state, &states, actions);
    ink.hline(rect.x_range(), top.bottom(), ink.t.hair);
    if let Some(c) = state.shown.clone() {
        play::advance(ui, state, &c);
        let foot = left.with_min_y(left.bottom() - play::HEIGHT);
        strips::show(ui, left.with_max_y(foot.top()), state, &c);
        play::show(ui, foot, state, &c);
        ink.hline(foot.x_range(), foot.top(), ink.t.hair);
        table::show(ui, panel, state, &c, actions);
    } else {
        let words = if state.slots.is_empty() {
            "Pick two runs to compare: A is the reference."
        } else {
            "The runs are being made."
        };
        ink.fill(left, ink.t.inset);
        ink.centre(left.center(), words, Face::medium(ink.body(), ink.t.text2));
    }
    ink.vline(panel.left(), panel.y_range(), ink.t.hair);
}
