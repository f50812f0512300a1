//! Parameter column: the numbers of the plan, what they amount to, what binds, and the buttons.

use egui::{Align, Layout, Rect, Sides, Ui, UiBuilder, vec2};

use super::draft::{PATHS, Param, TuneState, in_force, what_binds};
use crate::console::action::Action;
use crate::console::fmt::{kw, num, seconds, short};
use crate::console::model::Model;
use crate::console::widgets::pane::{pane, part, rule, sides};
use crate::console::widgets::text::label;
use crate::console::widgets::{Button, Ink, Number, Segmented, Text};
use crate::control::Policy;
use crate::control::plan_math::Plan;
use crate::control::policy::NO_LIMIT;

/// Label, unit, decimals; in groups.
const ROWS: [[(Param, &str, &str, usize); 4]; 3] = [
    [
        (Param::BATCH, "Batch", "GPU", 0),
        (Param::INTERVAL, "Interval", "s", 2),
        (Param::GpuKw, "kW per GPU", "kW", 2),
        (Param::Preload, "Preload", "%", 0),
    ],
    [
        (Param::Field("step_limit_kw"), "Step limit", "kW", 0),
        (Param::Field("ramp_limit_kw_per_s"), "Ramp limit", "kW/s", 1),
        (Param::Field("window_1s_kw"), "1 s window", "kW", 0),
        (Param::Field("gpus_per_s"), "GPU per s", "1/s", 0),
    ],
    [
        (Param::MinerLag, "Miner lag", "s", 1),
        (Param::Quantum, "Miner quantum", "kW", 1),
        (Param::Field("shed_lead_s"), "Shed lead", "s", 1),
        (Param::BessKw, "BESS", "kW", 0),
    ],
];
/// Width of the labels and of the fields.
const WIDTHS: [f32; 2] = [114.0, 80.0];
/// Height of what binds and of the buttons.
const FOOT: f32 = 84.0;
/// Of the buttons alone.
const ROW: f32 = 44.0;
/// Height of all but the rows of fields.
const REST: f32 = 260.0;

pub(super) fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut TuneState, actions: &mut Vec<Action>) {
    let (body, foot) = rect.split_top_bottom_at_y(rect.bottom() - FOOT);
    let fields = ROWS.iter().flatten().count() as f32;
    let high = ((body.height() - REST) / fields).clamp(23.0, 33.0);
    pane(ui, "parameters", body, |ui| {
        let hair = Ink::of(ui).t.hair;
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add_space(6.0);
        let nothing = (!state.can_undo()).then_some("nothing to undo");
        let undo = |ui: &mut Ui| ui.add(Button::new("Undo").link().why_not(nothing)).clicked();
        if sides(ui, |ui| ui.add(Text::title("Parameters")), undo).1 {
            state.undo();
        }
        path(ui, model, state);
        ui.add_space(4.0);
        for group in ROWS {
            for row in group {
                field(ui, high, model, state, row);
            }
            rule(ui, hair);
        }
        let (plan, limits) = state.shown(model);
        amounts(ui, &plan, &limits);
    });
    let (words, row) = foot.split_top_bottom_at_y(foot.bottom() - ROW);
    let (plan, limits) = state.shown(model);
    part(ui, "binds", words, |ui| ui.add(Text::new(what_binds(&plan, &limits)).strong().px(13.0, 14.0)));
    let at = (plan.batch_gpus, plan.interval_s);
    part(ui, "plan", row, |ui| buttons(ui, at, model, state, actions));
}

fn path(ui: &mut Ui, model: &Model, state: &mut TuneState) {
    let now = state.shown(model).0.path;
    let now = PATHS.iter().position(|(p, _)| *p == now).unwrap_or(0);
    let picked = Segmented::new("Tune path", &PATHS.map(|(_, name)| name), now).padding(12.0).show(ui);
    if let Some((path, _)) = picked.and_then(|i| PATHS.get(i)) {
        state.mark();
        state.edit(model, |d| d.set_path(*path));
    }
}

/// A number with its name and unit, and what it was.
fn field(ui: &mut Ui, high: f32, model: &Model, state: &mut TuneState, row: (Param, &str, &str, usize)) {
    let (param, name, unit, decimals) = row;
    let (value, force) = (state.draft(model).get(param), in_force(model).get(param));
    let changed = (value - force).abs() > 1e-9;
    let (_, line) = ui.allocate_space(vec2(ui.available_width(), high));
    let layout = Layout::left_to_right(Align::Center);
    let ui = &mut ui.new_child(UiBuilder::new().id_salt(name).max_rect(line).layout(layout));
    let [names, wide] = WIDTHS;
    label(ui, names, Text::new(name).strong_if(changed));
    let shown = if value >= NO_LIMIT { f64::INFINITY } else { value };
    let typed = Number::new(&format!("Tune {name}"), shown, decimals).unit(unit).show(ui, wide);
    if let Some(v) = typed {
        state.mark();
        state.edit(model, |d| d.set(param, v));
    }
    if changed {
        let was = if param.is_what_if() { "what if".to_owned() } else { format!("was {}", short(force)) };
        ui.add(Text::note(was));
    }
}

/// What the plan amounts to.
fn amounts(ui: &mut Ui, plan: &Plan, limits: &Policy) {
    let allowance = limits.bucket_kw(plan.start_kw, plan.rated_kw).min(limits.bucket_kw(plan.end_kw(), plan.rated_kw));
    let on_b = plan.share() > 0.0;
    let [lost, back] = [plan.mining_lost_kwh(), plan.restore_lost_kwh(limits.restore_rate_kw_per_s())].map(short);
    let [step, preload] = [plan.step_kw(), plan.step_kw() * plan.preload_share].map(short);
    let bess_kwh = short(plan.bess_needed_kwh(allowance, limits.refill_kw_per_s));
    let only_b = |words: String| if on_b { words } else { "path B only".to_owned() };
    let high = Ink::of(ui).px(20.0, 24.0).min(ui.available_height() / 7.0).max(17.0);
    for (name, value) in [
        ("Batch step", format!("{step} kW, preload {preload} kW")),
        ("Pace", format!("{} kW/s", short(plan.pace_kw_per_s()))),
        ("Time to target", format!("{}, {} batches", seconds(plan.time_to_target_s()), num(plan.batches(), 0))),
        ("GPU time lost", format!("{} GPU-h", short(plan.gpu_hours_lost()))),
        ("Mining lost", if on_b { format!("{lost} + {back} kWh") } else { "none on path A".to_owned() }),
        ("Path B excursion", only_b(format!("{} kW", kw(plan.excursion_kw())))),
        ("BESS to hide it", format!("{} kW, {bess_kwh} kWh", kw(plan.bess_needed_kw(allowance)))),
    ] {
        let name = |ui: &mut Ui| ui.add(Text::new(name).dim().px(13.0, 14.0).cut());
        let value = |ui: &mut Ui| ui.add(Text::value(value).px(13.0, 14.0));
        Sides::new().height(high).shrink_left().show(ui, name, value);
    }
}

fn buttons(ui: &mut Ui, at: (f64, f64), model: &Model, state: &mut TuneState, actions: &mut Vec<Action>) {
    let pinned = state.pins().contains(&at).then_some("this point is pinned already");
    let why = if !model.commands() {
        Some("read-only: there is no twin to operate")
    } else if state.ghost().is_none() {
        Some("the plan in force is shown; drag the point or edit a number first")
    } else if state.on_its_way() {
        Some("on its way to the plant")
    } else {
        None
    };
    ui.horizontal(|ui| {
        if ui.add(Button::new("Pin").name("Pin point").why_not(pinned).least(70.0, 36.0)).clicked() {
            state.pin(at);
        }
        let label = format!("Send to plan  {} / {}", num(at.0, 0), short(at.1));
        let send = Button::new(&label).name("Send to plan").solid().why_not(why);
        if ui.add(send.least(ui.available_width(), 36.0)).clicked() {
            state.send(model, actions);
        }
    });
}
