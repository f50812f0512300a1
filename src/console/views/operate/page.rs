//! The view Operate: one-line, bring-up panel and strips, with the trainer's hint above them.

use egui::{Key, KeyboardShortcut, Modifiers, Ui};

use super::{StripOptions, show_strips};
use crate::console::action::{Action, ViewId};
use crate::console::model::{Mode, Model};
use crate::console::view::{Icon, Seen, View, ViewInfo, part};
use crate::console::views::bringup::{self, BringUpState};
use crate::console::views::{hint, live, mimic, strips};
use crate::console::widgets::Ink;

/// Name of this view.
pub const ID: ViewId = ViewId("operate");

/// This view in the list.
pub const VIEW: ViewInfo = ViewInfo {
    id: ID,
    title: "Operate",
    about: "Operate the plant",
    key: KeyboardShortcut::new(Modifiers::NONE, Key::F1),
    own_keys: &[],
    icon,
    new: || Box::<OperateState>::default(),
};

fn icon(i: &Icon<'_>) {
    i.ring([0.0, 0.0], 10.0);
    i.path(&[[0.0, 0.0], [5.0, -5.0]]);
    i.dot([0.0, 0.0], 2.5);
}

/// What this view remembers between frames.
#[derive(Clone, Debug, Default)]
pub struct OperateState {
    /// Choices on the strips.
    pub strips: StripOptions,
    bringup: BringUpState,
    /// Time of the hint that was read.
    hint_taken: Option<f64>,
}

impl View for OperateState {
    fn ui(&mut self, ui: &mut Ui, seen: &Seen<'_>, actions: &mut Vec<Action>) {
        let Some(model) = seen.model else { return };
        self.parts(ui, seen, model, actions);
        let rect = seen.layout.view;
        part(ui, "hint", rect, |ui| hint::show(ui, rect, model, &mut self.hint_taken));
    }

    fn new_run(&mut self) {
        self.bringup = BringUpState::default();
    }
}

impl OperateState {
    /// The same for somebody who only looks on: what was read here stays for him.
    pub fn mirrored(&mut self, ui: &mut Ui, seen: &Seen<'_>, model: &Model) {
        self.parts(ui, seen, model, &mut Vec::new());
        hint::show(ui, seen.layout.view, model, &mut self.hint_taken.clone());
    }

    fn parts(&mut self, ui: &mut Ui, seen: &Seen<'_>, model: &Model, actions: &mut Vec<Action>) {
        let layout = seen.layout;
        let ink = Ink::new(ui, layout.view);
        ink.fill(layout.mimic.union(layout.bringup), ink.t.panel);
        part(ui, "mimic", layout.mimic, |ui| mimic::show(ui, layout.mimic, model, actions));
        let r = layout.bringup;
        if model.mode == Mode::Twin {
            part(ui, "bringup", r, |ui| bringup::show(ui, r, model, &mut self.bringup, actions));
        } else {
            part(ui, "read only", r, |ui| live::read_only(ui, r, model, seen.source, actions));
        }
        ink.hline(r.x_range(), r.top(), ink.t.hair);
        // Of a source that is only read there is a forecast while its shadow follows.
        let mut time = seen.time.clone();
        time.future_s *= f64::from(u8::from(model.mode == Mode::Twin || strips::forecast(model).is_some()));
        part(ui, "strips", layout.view.with_min_x(layout.mimic.right()), |ui| {
            show_strips(ui, &layout.strips, model, &time, &self.strips, actions);
        });
    }
}
