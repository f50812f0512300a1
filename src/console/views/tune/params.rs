//! Parameter column: the numbers of the plan, what they amount to, what binds, and the buttons.

use egui::{Rect, Ui, pos2, vec2};

use super::draft::{PATHS, Param, TuneState, what_binds};
use crate::console::action::Action;
use crate::console::fmt::{kw, num, seconds, short};
use crate::console::model::Model;
use crate::console::widgets::{Button, Face, Ink, Number, Segmented, Weight};
use crate::control::Policy;
use crate::control::plan_math::Plan;

/// Label, unit, decimals, and whether only the picture knows it.
const ROWS: [(Param, &str, &str, usize, bool); 12] = [
    (Param::Batch, "Batch", "GPU", 0, false),
    (Param::Interval, "Interval", "s", 2, false),
    (Param::GpuKw, "kW per GPU", "kW", 2, true),
    (Param::Preload, "Preload", "%", 0, true),
    (Param::StepLimit, "Step limit", "kW", 0, false),
    (Param::RampLimit, "Ramp limit", "kW/s", 1, false),
    (Param::Window1s, "1 s window", "kW", 0, true),
    (Param::GpusPerS, "GPU per s", "1/s", 0, true),
    (Param::MinerLag, "Miner lag", "s", 1, true),
    (Param::Quantum, "Miner quantum", "kW", 1, true),
    (Param::ShedLead, "Shed lead", "s", 1, false),
    (Param::BessKw, "BESS", "kW", 0, true),
];

pub(super) fn draw(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    model: &Model,
    state: &mut TuneState,
    actions: &mut Vec<Action>,
) {
    let (x0, x1, b) = (rect.left() + 16.0, rect.right() - 16.0, ink.body());
    let k = (rect.height() / 700.0).clamp(0.8, 1.0);
    let mut y = rect.top() + 22.0;
    ink.left(x0, y, "Parameters", Face::semibold(b, ink.t.text));
    let undo = Rect::from_min_max(pos2(x1 - 48.0, y - 14.0), pos2(x1 + 8.0, y + 14.0));
    let nothing = (!state.can_undo()).then_some("nothing to undo");
    if Button::new("Undo").link().why_not(nothing).put(ui, undo).clicked() {
        state.undo();
    }
    y += 20.0 * k;
    let (plan, _) = state.shown(model);
    let now = PATHS.iter().position(|(p, _)| *p == plan.path).unwrap_or(0);
    let names = PATHS.map(|(_, n)| n);
    if let Some(i) = Segmented::new("Tune path", &names, now).padding(12.0).at(ui, pos2(x0, y))
        && let Some((path, _)) = PATHS.get(i)
    {
        state.mark();
        state.edit(model, |d| d.plan.path = *path);
    }
    y += 14.0 + 34.0 * k;
    let pitch = if ink.large { 33.0 } else { 28.0 * k };
    for (i, (param, label, unit, decimals, what_if)) in ROWS.into_iter().enumerate() {
        if i > 0 && i % 4 == 0 {
            ink.hline(x0..=x1, y - pitch / 2.0 + 3.0, ink.t.hair);
            y += 7.0;
        }
        row(ui, ink, rect, y, model, state, (param, label, unit, decimals, what_if));
        y += pitch;
    }
    ink.hline(x0..=x1, y - pitch / 2.0 + 3.0, ink.t.hair);
    y += 9.0;
    let (plan, limits) = state.shown(model);
    y = amounts(ink, rect, y, &plan, &limits);
    let bottom = rect.bottom() - 52.0;
    if y < bottom - 4.0 {
        ink.left_cut(
            x0,
            bottom - 10.0,
            x1,
            &what_binds(&plan, &limits),
            Face::semibold(ink.px(13.0, 14.0), ink.t.text),
        );
    }
    buttons(
        ui,
        Rect::from_min_max(pos2(x0, rect.bottom() - 44.0), pos2(x1, rect.bottom() - 8.0)),
        model,
        state,
        actions,
    );
}

fn row(
    ui: &mut Ui,
    ink: &Ink,
    rect: Rect,
    y: f32,
    model: &Model,
    state: &mut TuneState,
    row: (Param, &str, &str, usize, bool),
) {
    let (param, label, unit, decimals, what_if) = row;
    let (x0, b) = (rect.left() + 16.0, ink.body());
    let (plan, limits) = state.shown(model);
    let shown = super::draft::Draft { plan, limits };
    let value = shown.get(param);
    let force = super::draft::in_force(model).get(param);
    let changed = (value - force).abs() > 1e-9;
    ink.left(x0, y, label, Face::new(if changed { Weight::SemiBold } else { Weight::Regular }, b, ink.t.text));
    let high = if rect.height() < 680.0 { 21.0 } else { 24.0 };
    let edit = Rect::from_min_size(pos2(x0 + 122.0, y - 0.5 * high), vec2(80.0, high));
    let none = value >= crate::control::policy::NO_LIMIT;
    let typed = Number::new(&format!("Tune {label}"), if none { f64::INFINITY } else { value }, decimals).put(ui, edit);
    if let Some(v) = typed {
        state.mark();
        state.edit(model, |d| d.set(param, v));
    }
    let after = ink.left(edit.right() + 8.0, y, unit, Face::regular(b, ink.t.text2));
    let note = match (changed, what_if) {
        (true, true) => "what if".to_owned(),
        (true, false) => format!("was {}", short(force)),
        _ => return,
    };
    ink.left_cut(after + 6.0, y, rect.right() - 4.0, &note, Face::regular(ink.small(), ink.t.text2));
}

/// What the plan amounts to.
fn amounts(ink: &Ink, rect: Rect, mut y: f32, plan: &Plan, limits: &Policy) -> f32 {
    let allowance = limits.bucket_kw(plan.start_kw, plan.rated_kw).min(limits.bucket_kw(plan.end_kw(), plan.rated_kw));
    let on_b = plan.share() > 0.0;
    let lost = plan.mining_lost_kwh();
    let back = plan.restore_lost_kwh(limits.restore_rate_kw_per_s());
    let rows = [
        (
            "Batch step",
            format!("{} kW, preload {} kW", short(plan.step_kw()), short(plan.step_kw() * plan.preload_share)),
        ),
        ("Pace", format!("{} kW/s", short(plan.pace_kw_per_s()))),
        ("Time to target", format!("{}, {} batches", seconds(plan.time_to_target_s()), num(plan.batches(), 0))),
        ("GPU time lost", format!("{} GPU-h", short(plan.gpu_hours_lost()))),
        ("Mining lost", if on_b { format!("{} + {} kWh", short(lost), short(back)) } else { "none on path A".into() }),
        ("Path B excursion", if on_b { format!("{} kW", kw(plan.excursion_kw())) } else { "path B only".into() }),
        (
            "BESS to hide it",
            format!(
                "{} kW, {} kWh",
                kw(plan.bess_needed_kw(allowance)),
                short(plan.bess_needed_kwh(allowance, limits.refill_kw_per_s))
            ),
        ),
    ];
    let pitch = if ink.large { 24.0 } else { 20.0 * (rect.height() / 700.0).clamp(0.8, 1.0) };
    let px = ink.px(13.0, 14.0);
    for (label, value) in rows {
        ink.left(rect.left() + 16.0, y, label, Face::regular(px, ink.t.text2));
        ink.right(rect.right() - 16.0, y, value, Face::medium(px, ink.t.live));
        y += pitch;
    }
    y
}

fn buttons(ui: &mut Ui, rect: Rect, model: &Model, state: &mut TuneState, actions: &mut Vec<Action>) {
    let (plan, _) = state.shown(model);
    let at = (plan.batch_gpus, plan.interval_s);
    let pin = Rect::from_min_size(rect.min, vec2(70.0, rect.height()));
    let pinned = state.pins().contains(&at).then_some("this point is pinned already");
    if Button::new("Pin").name("Pin point").why_not(pinned).put(ui, pin).clicked() {
        state.pin(at);
    }
    let send = Rect::from_min_max(pos2(pin.right() + 8.0, rect.top()), rect.max);
    let label = format!("Send to plan  {} / {}", num(at.0, 0), short(at.1));
    let why = if !model.commands() {
        Some("read-only: there is no twin to operate")
    } else if state.ghost().is_none() {
        Some("the plan in force is shown; drag the point or edit a number first")
    } else if state.on_its_way() {
        Some("on its way to the plant")
    } else {
        None
    };
    if Button::new(&label).name("Send to plan").solid().why_not(why).put(ui, send).clicked() {
        state.send(model, actions);
    }
}
