//! Foot of the right column: the plan goes to the twin, whose shed policy then is *optimal*; and back.

use std::sync::Arc;

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, vec2};

use super::state::PlanState;
use crate::acts::By;
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::widgets::{Button, Face, Ink};
use crate::control::track::{GensetPlan, MOST_POINTS};
use crate::planner::setting::Planned;
use crate::training::msg::{DeskAct, What};

/// Widths of the buttons, room beside them, their height.
const SEND: f32 = 120.0;
const UNDO: f32 = 92.0;
const GAP: f32 = 8.0;
const HIGH: f32 = 36.0;

/// A plan as the twin follows it: thinned to what it can hold.
pub(super) fn track(planned: &Planned, name: &str) -> GensetPlan {
    let p = &planned.problem;
    let step = p.len().div_ceil(MOST_POINTS).max(1);
    let (h_s, start_s) = (3600.0 * p.step_h, 3600.0 * planned.day.start_h);
    let period_s = if p.is_periodic() { h_s * p.len() as f64 } else { 0.0 };
    let shift = |t: f64| if period_s > 0.0 { t - period_s * (t / period_s).floor() } else { t - start_s };
    let mut points: Vec<(f64, f64, f64)> = (0..p.len())
        .step_by(step)
        .map(|i| (shift(start_s + h_s * i as f64), planned.plan.genset_kw[i], p.load_kw[i]))
        .collect();
    // a day that does not begin at midnight begins the twin's day in its middle
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points.dedup_by(|a, b| a.0 <= b.0);
    GensetPlan { name: name.to_owned(), period_s, points }
}

pub(super) fn show(ui: &mut Ui, model: &Model, state: &mut PlanState, actions: &mut Vec<Action>) {
    ui.add_space(10.0);
    let policy = &model.status.policy;
    let in_force = policy.genset_plan.clone().filter(|_| policy.follows_plan());
    let name =
        state.load().map_or_else(String::new, |l| l.name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned());
    let ready = state.shown.clone().filter(|_| state.is_current());
    let sent = ready.as_ref().map(|s| track(&s.planned, &name));
    let same = sent.as_ref().zip(in_force.as_ref()).is_some_and(|(a, b)| a == b.as_ref());
    let open = model.view.breakers.iter().any(|b| b.name.starts_with("52M") && !b.closed);
    let ceiling_kw = policy.ceiling_pu * model.plate.rated_kw;
    let why = if !model.commands() {
        Some("read-only: there is no twin to send it to".to_owned())
    } else if sent.is_none() {
        Some("there is no plan of these numbers".to_owned())
    } else if same {
        Some("the twin follows this plan".to_owned())
    } else {
        None
    };
    let words = match &in_force {
        Some(plan) => format!("The twin follows {} to {} kW", plan.name, fmt::kw(plan.peak_kw())),
        None => "Nothing sent yet to policy optimal".to_owned(),
    };
    let above = sent.as_ref().is_some_and(|s| s.peak_kw() > ceiling_kw);
    let words = match (above && !same, open) {
        (true, _) => {
            format!("{words}; this plan goes above the ceiling of {} kW, where no miner is woken", fmt::kw(ceiling_kw))
        }
        (_, true) => format!("{words}; a feeder of miners is open"),
        _ => words,
    };
    let why_undo = if !model.commands() {
        Some("read-only: there is no twin")
    } else if state.replaced.is_none() {
        Some("nothing was sent from here")
    } else {
        None
    };
    let mut act = None;
    let place = ui.available_rect_before_wrap();
    let (rest, send) = place.split_left_right_at_x(place.right() - SEND);
    let (rest, undo) = rest.split_left_right_at_x(rest.right() - UNDO - GAP);
    let high = |r: Rect| Rect::from_min_size(r.min, vec2(r.width() - if r == undo { GAP } else { 0.0 }, HIGH));
    let button = Button::new("Send to twin").solid().why_not(why.as_deref());
    if button.put(ui, high(send)).clicked() {
        act = Some(true);
    }
    if Button::new("Undo send").why_not(why_undo).put(ui, high(undo)).clicked() {
        act = Some(false);
    }
    let ink = Ink::of(ui);
    let words_place = Rect::from_min_size(rest.min, vec2(rest.width() - GAP, HIGH));
    ink.fitted(words_place, &words, Face::regular(ink.small(), ink.t.text2));
    let said = ui.interact(words_place, ui.scope_id().with("plan sent"), Sense::hover());
    said.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
    let follow = |plan: Option<Arc<GensetPlan>>| {
        Action::Desk(DeskAct { by: By::Trainee, what: What::Follow(plan.map(|p| (*p).clone())) })
    };
    match (act, sent) {
        (Some(true), Some(sent)) => {
            state.replaced = Some(in_force);
            actions.push(follow(Some(Arc::new(sent))));
        }
        (Some(false), _) => {
            if let Some(before) = state.replaced.take() {
                actions.push(follow(before));
            }
        }
        _ => {}
    }
}
