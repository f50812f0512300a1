//! The exercise's table: when, what, armed, fired; a new line from the selected malfunction.

use egui::{Rect, Ui, pos2, vec2};

use super::super::controls::{Look, Words, button};
use super::super::ink::{Face, Ink};
use super::{InstructorState, PAD, act, faults, line, title};
use crate::console::action::Action;
use crate::engine::fault::FAULTS;
use crate::engine::msg::DeskView;
use crate::training::exercise::When;
use crate::training::msg::What;
use crate::training::trigger::parse;

pub(super) fn show(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    desk: &DeskView,
    state: &mut InstructorState,
    actions: &mut Vec<Action>,
) {
    let (x0, x1) = (rect.left() + PAD, rect.right() - 8.0);
    let goals: Vec<_> = desk
        .goals
        .iter()
        .map(|g| {
            let mark = match g.met {
                None => "open",
                Some(true) => "met",
                Some(false) => "missed",
            };
            format!("{} ({mark})", g.goal.words())
        })
        .collect();
    let ended = desk.ended.as_ref().map_or_else(String::new, |e| format!("; ended: {e}"));
    let mut y = title(ink, [x0, x1], rect.top(), "Exercise", &format!("{}{ended}", goals.join(", ")));
    let pitch = ink.px(26.0, 30.0);
    let foot = rect.bottom() - 60.0;
    let most = (((foot - y) / pitch).max(0.0)) as usize;
    let skip = desk.items.len().saturating_sub(most);
    if desk.items.is_empty() {
        ink.left(x0, y + 12.0, "nothing in it yet", Face::Regular, ink.body(), ink.t.text2);
    }
    let mid_x = x0 + 0.42 * (x1 - x0 - 200.0);
    for (k, view) in desk.items.iter().enumerate().skip(skip) {
        let mid = y + pitch / 2.0;
        let color = if view.armed { ink.t.text } else { ink.t.text2 };
        let when = view.item.at.words();
        ink.left_cut(x0, mid, mid_x - 8.0, &when, Face::Regular, ink.body(), color);
        ink.left_cut(mid_x, mid, x1 - 212.0, &view.item.act.words(), Face::Regular, ink.body(), color);
        if view.fired > 0 {
            ink.right(x1 - 184.0, mid, format!("{}×", view.fired), Face::Medium, ink.body(), ink.t.live);
        }
        let labels = [if view.armed { "Disarm" } else { "Arm" }, "Fire", "Remove"];
        let whats = [What::Arm(k as u32, !view.armed), What::Fire(k as u32), What::RemoveItem(k as u32)];
        let by_hand = view.item.at == When::Hand;
        for (n, (label, what)) in labels.into_iter().zip(whats).enumerate() {
            let x = x1 - [178.0, 116.0, 66.0][n];
            let w = [58.0, 46.0, 66.0][n];
            let cell = Rect::from_min_size(pos2(x, y + 1.0), vec2(w, pitch - 3.0));
            let name = format!("{label} item {}", k + 1);
            let why = (n == 0 && by_hand).then_some("this one is fired by hand only");
            if button(ui, ink, cell, Words { label, key: "", name: &name }, Look::Plain, why).clicked() {
                act(actions, what);
            }
        }
        y += pitch;
    }
    if skip > 0 {
        ink.right(x1, rect.top() + 18.0, format!("{skip} above"), Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
    }
    let spec = &FAULTS[state.selected];
    let field = Rect::from_min_max(pos2(x0, foot + 4.0), pos2(x1 - 130.0, foot + 34.0));
    let enter = line(ui, ink, field, "trigger", "when, as `gpu_kw > 300 for 2 and not hold`", &mut state.trigger);
    let mistake = parse(&state.trigger).err();
    let why = if state.trigger.trim().is_empty() {
        Some("write when it shall happen".to_owned())
    } else {
        mistake.map(|m| m.to_string())
    };
    let words = format!("Add {}", spec.code);
    let add = Rect::from_min_max(pos2(field.right() + 8.0, field.top()), pos2(x1, field.bottom()));
    if (button(ui, ink, add, words.as_str().into(), Look::Plain, why.as_deref()).clicked() || enter) && why.is_none() {
        let at = When::When(std::mem::take(&mut state.trigger));
        act(actions, What::AddItem(faults::item(state.selected, desk, state, at)));
    }
    let said =
        why.filter(|_| !state.trigger.is_empty()).unwrap_or_else(|| format!("adds {} as set up above", spec.name));
    ink.left_cut(x0, foot + 46.0, x1, &said, Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
}
