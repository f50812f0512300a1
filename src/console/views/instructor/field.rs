//! Right, below: acts in the field.

use egui::{Rect, Ui, pos2, vec2};

use super::super::controls::{Look, Words, button, field};
use super::super::ink::{Face, Ink};
use super::{PAD, act, title};
use crate::console::action::Action;
use crate::console::model::Model;
use crate::engine::msg::{DeskView, Operate, Remote};
use crate::plant::miner::CONTAINERS;
use crate::training::msg::What;

/// What the trainer has set up for the field.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FieldState {
    genset: usize,
    relay: usize,
    pickup: f64,
    delay_s: f64,
    container: u32,
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
    let gensets = model.plate.gensets.len().max(1);
    let mut row = |ui: &mut Ui, what: &str, labels: [(&str, Remote); 2], y: f32| {
        ink.left_cut(x0, y + pitch / 2.0, x1 - 132.0, what, Face::Regular, ink.body(), ink.t.text);
        for (k, (label, r)) in labels.into_iter().enumerate() {
            let name = format!("{label} {what}");
            if button(ui, ink, two(y)[k], Words { label, key: "", name: &name }, Look::Plain, None).clicked() {
                remote(actions, r);
            }
        }
    };
    let g = state.genset.min(gensets - 1);
    let set = model.plate.gensets.get(g).map_or("genset", String::as_str);
    let mut y = foot;
    let valve = |open| Remote::GasValve(g as u32, open);
    row(ui, &format!("gas valve {set}"), [("Shut", valve(false)), ("Open", valve(true))], y);
    y += pitch;
    row(ui, "emergency stop", [("Press", Remote::EStop(true)), ("Pull", Remote::EStop(false))], y);
    y += pitch;
    let c = state.container;
    let isolator = |closed| Remote::Isolator(0, c, closed);
    row(ui, &format!("isolator {}", c + 1), [("Open", isolator(false)), ("Close", isolator(true))], y);
    let next = Rect::from_min_size(pos2(x1 - 190.0, y + 1.0), vec2(56.0, pitch - 4.0));
    let none = desk.devices.get(2).is_none_or(Vec::is_empty).then_some("this plant has no miners");
    if button(ui, ink, next, "Next".into(), Look::Plain, none).clicked() {
        state.container = (c + 1) % CONTAINERS;
    }
    y += pitch;
    relay(ui, ink, [x0, x1, y, pitch], model, state, actions);
}

/// The next relay by a click, its pick-up and delay as numbers.
fn relay(
    ui: &mut Ui,
    ink: &Ink,
    [x0, x1, y, pitch]: [f32; 4],
    model: &Model,
    state: &mut FieldState,
    actions: &mut Vec<Action>,
) {
    let relays = &model.plate.relays;
    let why = relays.is_empty().then_some("this plant has no relays");
    let words = relays.get(state.relay).map_or("no relay", String::as_str);
    let name = words.split(' ').next().unwrap_or(words);
    let pick = Rect::from_min_size(pos2(x0, y + 1.0), vec2(72.0, pitch - 4.0));
    let label = Words { label: name, key: "", name: "next relay" };
    if button(ui, ink, pick, label, Look::Plain, why).on_hover_text(words).clicked() {
        state.relay = (state.relay + 1) % relays.len().max(1);
    }
    let cell = |x: f32, w: f32| Rect::from_min_size(pos2(x, y + 1.0), vec2(w, pitch - 4.0));
    if let Some(v) = field(ui, ink, cell(x0 + 78.0, 68.0), "relay pick-up, pu", state.pickup, 3, why) {
        state.pickup = v;
    }
    if let Some(v) = field(ui, ink, cell(x0 + 150.0, 56.0), "relay delay, s", state.delay_s, 1, why) {
        state.delay_s = v.clamp(0.0, 3600.0);
    }
    let why = why.or((state.pickup == 0.0).then_some("it needs a pick-up, pu"));
    if button(ui, ink, cell(x1 - 60.0, 60.0), "Set".into(), Look::Plain, why).clicked() {
        let r = Remote::Relay(state.genset as u32, state.relay as u32, state.pickup, state.delay_s);
        act(actions, What::Operate(Operate::Remote(r)));
    }
}
