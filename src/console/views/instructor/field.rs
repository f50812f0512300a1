//! Right, below: acts in the field.

use egui::{Rect, Ui, pos2, vec2};

use super::super::controls::{Look, Words, button, field};
use super::super::ink::{Face, Ink};
use super::{PAD, act, pick, title};
use crate::acts::fault::Target;
use crate::acts::{Operate, Remote};
use crate::console::action::Action;
use crate::console::model::Model;
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

pub(super) fn show(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    model: &Model,
    desk: &DeskView,
    state: &mut FieldState,
    actions: &mut Vec<Action>,
) {
    let ends = [rect.left() + PAD, rect.right() - PAD];
    let [x0, x1] = ends;
    ink.hline(x0, x1, rect.top(), ink.t.hair);
    let mut y = title(ink, ends, rect.top(), "Field", "acts outside the console");
    let pitch = ink.px(27.0, 31.0);
    let two = |y: f32| [x1 - 124.0, x1 - 60.0].map(|x| Rect::from_min_size(pos2(x, y + 1.0), vec2(60.0, pitch - 4.0)));
    let foot = rect.bottom() - 4.0 * pitch - 6.0;
    for (n, b) in model.view.breakers.iter().enumerate() {
        if y + pitch > foot {
            break;
        }
        let end = ink.left(x0, y + pitch / 2.0, &b.name, Face::Regular, ink.body(), ink.t.text);
        let how = if b.tripped {
            "tripped"
        } else if b.closed {
            "closed"
        } else {
            "open"
        };
        ink.left(end + 10.0, y + pitch / 2.0, how, Face::Medium, ink.body(), ink.t.live);
        for (k, (label, close)) in [("Open", false), ("Close", true)].into_iter().enumerate() {
            let name = format!("{label} {}", b.name);
            let why = (b.closed == close).then_some("it is so");
            if button(ui, ink, two(y)[k], Words { label, key: "", name: &name }, Look::Plain, why).clicked() {
                remote(actions, Remote::Breaker(n as u32, close));
            }
        }
        y += pitch;
    }
    let [set, fleet] = [Target::Genset, Target::Miners].map(|t| desk.devices.get(t as usize).map_or(&[][..], |n| n));
    let mut row = |ui: &mut Ui, what: &str, labels: [(&str, Remote); 2], y: f32, why: Option<&str>| {
        for (k, (label, r)) in labels.into_iter().enumerate() {
            let name = format!("{label} {what}");
            if button(ui, ink, two(y)[k], Words { label, key: "", name: &name }, Look::Plain, why).clicked() {
                remote(actions, r);
            }
        }
    };
    let label = |text: &str, y: f32| {
        let end = ink.left(x0, y + pitch / 2.0, text, Face::Regular, ink.body(), ink.t.text);
        Rect::from_min_max(pos2(end + 4.0, y), pos2(x1 - 132.0, y + pitch))
    };
    let mut y = foot;
    state.genset = state.genset.min(set.len().saturating_sub(1));
    pick(ui, ink, label("gas valve", y), "gas valve", set, &mut state.genset);
    let valve = |open| Remote::GasValve(state.genset as u32, open);
    row(ui, "gas valve", [("Shut", valve(false)), ("Open", valve(true))], y, None);
    y += pitch;
    label("emergency stop", y);
    row(ui, "emergency stop", [("Press", Remote::EStop(true)), ("Pull", Remote::EStop(false))], y, None);
    y += pitch;
    let containers = CONTAINERS as usize;
    let name = |k: usize| format!("{} {}", fleet[k / containers], k % containers + 1);
    let isolators: Vec<String> = (0..fleet.len() * containers).map(name).collect();
    pick(ui, ink, label("isolator", y), "isolator", &isolators, &mut state.container);
    let (f, c) = (state.container / containers, state.container % containers);
    let isolator = |closed| Remote::Isolator(f as u32, c as u32, closed);
    let none = fleet.is_empty().then_some("this plant has no miners");
    row(ui, "isolator", [("Open", isolator(false)), ("Close", isolator(true))], y, none);
    y += pitch;
    relay(ui, ink, [x0, x1, y, pitch], desk, state, actions);
}

/// A relay of a set, its pick-up and delay as numbers.
fn relay(
    ui: &mut Ui,
    ink: &Ink,
    [x0, x1, y, pitch]: [f32; 4],
    desk: &DeskView,
    state: &mut FieldState,
    actions: &mut Vec<Action>,
) {
    let sets = desk.plant.as_ref().map_or(&[][..], |p| &p.gensets);
    let all: Vec<_> =
        sets.iter().enumerate().flat_map(|(g, s)| s.relays.iter().enumerate().map(move |r| (g, r))).collect();
    let name = |g: usize, relay: &str| match sets.len() {
        1 => relay.to_owned(),
        _ => format!("{} {relay}", sets[g].name),
    };
    let names: Vec<String> = all.iter().map(|(g, (_, r))| name(*g, &r.name)).collect();
    let why = names.is_empty().then_some("this plant has no relays");
    let place = Rect::from_min_size(pos2(x0 - 4.0, y + 1.0), vec2(x1 - x0 - 204.0, pitch - 4.0));
    let other = pick(ui, ink, place, "relay", &names, &mut state.relay);
    let chosen = all.get(state.relay);
    if let Some((_, (_, r))) = chosen.filter(|_| other || state.pickup == 0.0) {
        (state.pickup, state.delay_s) = (r.pickup, r.delay_s);
    }
    let cell = |from: f32, w: f32| Rect::from_min_size(pos2(x1 - from, y + 1.0), vec2(w, pitch - 4.0));
    if let Some(v) = field(ui, ink, cell(200.0, 62.0), "relay pick-up, pu", state.pickup, 3, why) {
        state.pickup = v;
    }
    if let Some(v) = field(ui, ink, cell(112.0, 52.0), "relay delay, s", state.delay_s, 2, why) {
        state.delay_s = v.clamp(0.0, 3600.0);
    }
    for (unit, from) in [("pu", 135.0), ("s", 57.0)] {
        ink.left(x1 - from, y + pitch / 2.0, unit, Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
    }
    let words = Words { label: "Set", key: "", name: "Set relay" };
    if button(ui, ink, cell(44.0, 44.0), words, Look::Plain, why).clicked()
        && let Some((g, (r, _))) = chosen
    {
        remote(actions, Remote::Relay(*g as u32, *r as u32, state.pickup, state.delay_s));
    }
}
