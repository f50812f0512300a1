//! The console's part that shows alarms, without a window: a desk runs, the screen is read and operated by its names.
#![allow(dead_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "updates.rs"]
mod updates;

use std::sync::Arc;

use ballast::acts::By;
use ballast::alarm::{Act, Entry, List, State};
use ballast::console::action::Action;
use ballast::console::model::{Mode, Model};
use ballast::console::theme;
use ballast::console::views::alarms::{self, AlarmsState};
use ballast::console::views::banner;
use ballast::scenario::builtin_scenario;
use ballast::training::msg::{DeskAct, What};
use ballast::training::{Desk, DeskConfig};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
pub use updates::of_desk as update;

/// The console's part that shows alarms, on a desk that runs when told to.
pub struct App {
    pub desk: Desk,
    pub model: Model,
    pub state: AlarmsState,
    pub actions: Vec<Action>,
    ready: bool,
}

impl App {
    pub fn new(name: &str, t_s: f64) -> Self {
        let scenario = Arc::new(builtin_scenario(name).unwrap().unwrap());
        let mut desk = Desk::new(scenario, DeskConfig { snapshots: 1, rubric: None, ..DeskConfig::default() });
        while desk.engine().t_s() < t_s {
            desk.tick();
        }
        let model = Model::new(Mode::Twin, update(&mut desk));
        Self { desk, model, state: AlarmsState::default(), actions: Vec::new(), ready: false }
    }

    pub fn run(&mut self, s: f64) {
        (0..(s * 1000.0) as u64).for_each(|_| self.desk.tick());
        self.model.absorb(update(&mut self.desk));
    }

    /// Does something at the desk, past the screen.
    pub fn act(&mut self, what: What) {
        self.desk.act(&DeskAct { by: By::Trainee, what });
        self.model.absorb(update(&mut self.desk));
    }

    /// What was asked of the desk is done, and shown.
    pub fn carry_out(&mut self) -> Vec<Act> {
        let mut acts = Vec::new();
        for a in std::mem::take(&mut self.actions) {
            if let Action::Desk(DeskAct { what: What::Alarm(act), by }) = a {
                self.desk.act(&DeskAct { what: What::Alarm(act.clone()), by });
                acts.push(act);
            }
        }
        self.model.absorb(update(&mut self.desk));
        acts
    }

    fn ui(&mut self, ui: &mut egui::Ui) {
        if !self.ready {
            theme::install(ui.ctx());
            self.ready = true;
            return;
        }
        let all = ui.ctx().content_rect();
        let mut whole = ui.new_child(egui::UiBuilder::new().max_rect(all));
        let ui = &mut whole;
        ui.set_clip_rect(all);
        let (view, low) = all.split_top_bottom_at_y(all.bottom() - 80.0);
        ui.push_id("view", |ui| alarms::show(ui, view, &self.model, &mut self.state, &mut self.actions));
        ui.push_id("banner", |ui| banner::show(ui, low, &self.model, false, false, &mut self.actions));
    }

    pub fn list(&self) -> &List {
        alarms::list(&self.model).unwrap()
    }

    pub fn entry(&self, tag: &str) -> &Entry {
        self.list().entries.iter().find(|e| e.tag == tag).unwrap()
    }

    pub fn state(&self, tag: &str) -> State {
        self.entry(tag).state
    }
}

pub type Screen = Harness<'static, App>;

pub fn screen(app: App) -> Screen {
    let mut h = Harness::builder()
        .with_size([1360.0, 780.0])
        .with_pixels_per_point(1.0)
        .build_ui_state(|ui, app: &mut App| app.ui(ui), app);
    steps(&mut h);
    h
}

/// A flashing mark asks for frames for ever, so frames are counted.
pub fn steps(h: &mut Screen) {
    h.run_steps(4);
}

pub fn click(h: &mut Screen, name: &str) {
    h.get_by_label(name).click();
    steps(h);
}

pub fn press(h: &mut Screen, key: Key) {
    h.key_press(key);
    steps(h);
}

pub fn is_disabled(h: &Screen, name: &str) -> bool {
    h.get_by_label(name).accesskit_node().is_disabled()
}

/// What the rows in view say, from the top.
pub fn said(h: &Screen) -> Vec<String> {
    let mut rows: Vec<(f32, String)> = h
        .query_all_by_role(Role::Row)
        .map(|r| (r.rect().top(), r.accesskit_node().label().unwrap_or_default()))
        .collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    rows.into_iter().map(|(_, words)| words).collect()
}

/// Tags of the rows in view, from the top.
pub fn tags(h: &Screen) -> Vec<String> {
    let list = h.state().list();
    let tag = |words: &String| list.entries.iter().find(|e| words.contains(&format!(" {} ", e.tag)));
    said(h).iter().filter_map(tag).map(|e| e.tag.clone()).collect()
}

pub fn has(h: &Screen, tag: &str) -> bool {
    tags(h).iter().any(|t| t == tag)
}

pub fn select(h: &mut Screen, tag: &str) {
    let id = h.state().entry(tag).id;
    h.state_mut().state.select(id);
    steps(h);
}

pub fn carry_out(h: &mut Screen) -> Vec<Act> {
    let acts = h.state_mut().carry_out();
    steps(h);
    acts
}
