//! Right, below: acts in the field.

use egui::Ui;

use super::{act, title};
use crate::acts::DeviceKind;
use crate::acts::fault::Target;
use crate::acts::{Operate, Remote};
use crate::console::action::Action;
use crate::console::model::Model;
use crate::console::widgets::pane::sides;
use crate::console::widgets::{Button, Ink, Number, Text, dropdown};
use crate::plant::miner::CONTAINERS;
use crate::training::msg::{DeskView, What};

/// What the trainer has set up for the field.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FieldState {
    genset: usize,
    relay: usize,
    pickup: f64,
    delay_s: f64,
    container: usize,
}

fn remote(actions: &mut Vec<Action>, r: Remote) {
    act(actions, What::Operate(Operate::Remote(r)));
}

pub(super) fn show(ui: &mut Ui, model: &Model, desk: &DeskView, state: &mut FieldState, actions: &mut Vec<Action>) {
    title(ui, "Field", "acts outside the console");
    ui.spacing_mut().item_spacing.y = 1.0;
    for (n, b) in model.view.breakers.iter().enumerate() {
        let how = match (b.tripped, b.closed) {
            (true, _) => "tripped",
            (false, true) => "closed",
            (false, false) => "open",
        };
        let left = |ui: &mut Ui| {
            ui.add(Text::new(&b.name).cut());
            ui.add(Text::value(how));
        };
        let why = |close: bool| (b.closed == close).then_some("it is so");
        let acts = [("Open", Remote::Breaker(n as u32, false)), ("Close", Remote::Breaker(n as u32, true))];
        pair(ui, &b.name, left, acts, [why(false), why(true)], actions);
    }
    let [set, fleet] = [DeviceKind::Genset, DeviceKind::Miners]
        .map(|kind| desk.devices.get(Target::Device(kind).place()).map_or(&[][..], |n| n));
    let g = state.genset.min(set.len().saturating_sub(1));
    state.genset = g;
    let valve = |open| Remote::GasValve(g as u32, open);
    let left = |ui: &mut Ui| named(ui, "gas valve", set, &mut state.genset);
    pair(ui, "gas valve", left, [("Shut", valve(false)), ("Open", valve(true))], [None; 2], actions);
    let stop = [("Press", Remote::EStop(true)), ("Pull", Remote::EStop(false))];
    pair(ui, "emergency stop", |ui| ui.add(Text::new("emergency stop").cut()), stop, [None; 2], actions);
    let containers = CONTAINERS as usize;
    let name = |k: usize| format!("{} {}", fleet[k / containers], k % containers + 1);
    let isolators: Vec<String> = (0..fleet.len() * containers).map(name).collect();
    let (f, c) = (state.container / containers, state.container % containers);
    let isolator = |closed| Remote::Isolator(f as u32, c as u32, closed);
    let none = fleet.is_empty().then_some("this plant has no miners");
    let left = |ui: &mut Ui| named(ui, "isolator", &isolators, &mut state.container);
    pair(ui, "isolator", left, [("Open", isolator(false)), ("Close", isolator(true))], [none; 2], actions);
    relay(ui, desk, state, actions);
}

/// What it is, and which of them.
fn named(ui: &mut Ui, what: &str, names: &[String], now: &mut usize) {
    ui.add(Text::new(what).whole());
    let wide = ui.available_width();
    dropdown(ui, wide, what, names, now);
}

/// A row with two buttons at its end.
fn pair<R>(
    ui: &mut Ui,
    what: &str,
    left: impl FnOnce(&mut Ui) -> R,
    acts: [(&str, Remote); 2],
    why: [Option<&str>; 2],
    actions: &mut Vec<Action>,
) {
    sides(ui, left, |ui| {
        for ((label, r), why) in acts.into_iter().zip(why).rev() {
            let name = format!("{label} {what}");
            if ui.add(Button::new(label).name(&name).why_not(why).least(60.0, 24.0)).clicked() {
                remote(actions, r);
            }
        }
    });
}

/// A relay of a set, its pick-up and delay as numbers.
fn relay(ui: &mut Ui, desk: &DeskView, state: &mut FieldState, actions: &mut Vec<Action>) {
    let sets = desk.plant.as_ref().map_or(&[][..], |p| &p.gensets);
    let all: Vec<_> =
        sets.iter().enumerate().flat_map(|(g, s)| s.relays.iter().enumerate().map(move |r| (g, r))).collect();
    let name = |g: usize, relay: &str| match sets.len() {
        1 => relay.to_owned(),
        _ => format!("{} {relay}", sets[g].name),
    };
    let names: Vec<String> = all.iter().map(|(g, (_, r))| name(*g, &r.name)).collect();
    let why = names.is_empty().then_some("this plant has no relays");
    ui.horizontal(|ui| {
        // Numbers are larger in a large window, and never cut.
        let [pickup, delay] = if Ink::of(ui).large { [70.0, 60.0] } else { [58.0, 50.0] };
        let wide = (ui.available_width() - pickup - delay - 128.0).max(48.0);
        let other = dropdown(ui, wide, "relay", &names, &mut state.relay);
        let chosen = all.get(state.relay);
        if let Some((_, (_, r))) = chosen.filter(|_| other || state.pickup == 0.0) {
            (state.pickup, state.delay_s) = (r.pickup, r.delay_s);
        }
        if let Some(v) = Number::new("relay pick-up, pu", state.pickup, 3).unit("pu").why_not(why).show(ui, pickup) {
            state.pickup = v;
        }
        let field = Number::new("relay delay, s", state.delay_s, 2).unit("s").range(0.0, 3600.0).why_not(why);
        state.delay_s = field.show(ui, delay).unwrap_or(state.delay_s);
        if ui.add(Button::new("Set").name("Set relay").why_not(why).least(40.0, 26.0)).clicked()
            && let Some((g, (r, _))) = chosen
        {
            remote(actions, Remote::Relay(*g as u32, *r as u32, state.pickup, state.delay_s));
        }
    });
}
