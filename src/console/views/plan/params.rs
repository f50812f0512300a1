//! Left: the numbers that are dragged or typed, how bounds are kept and the day ends, how the solver did; pin and undo.

use egui::{Rect, Ui};

use super::state::{Params, PlanState, STEPS};
use crate::console::fmt;
use crate::console::widgets::pane::{pane, part, rule, sides};
use crate::console::widgets::text::{fact, label};
use crate::console::widgets::{Button, Ink, Number, Scale, Segmented, Slider, Text};

/// Height of the buttons' part.
const FOOT: f32 = 52.0;
/// Widths of names, sliders and fields.
const NAME: f32 = 98.0;
const TRACK: f32 = 60.0;
const FIELD: f32 = 72.0;
/// Room between them.
const GAP: f32 = 6.0;
/// Weights and curves are told in MW, where they are plain numbers: 1e-4 $·h/kW² is 100 $·h/MW².
const PER_MW2: f64 = 1e6;
/// A day in seconds takes this long to see that it moves; below it dragging is smooth, s.
const SMOOTH_S: f64 = 0.02;

/// A number.
struct Dial {
    name: &'static str,
    unit: &'static str,
    decimals: usize,
    range: [f64; 2],
    /// On the slider, if it has one: its ends, whether they are logarithmic.
    slider: Option<([f64; 2], bool)>,
    get: fn(&Params) -> f64,
    set: fn(&mut Params, f64),
    hover: &'static str,
}

const DIALS: [Dial; 7] = [
    Dial {
        name: "Miner size",
        unit: "kW",
        decimals: 0,
        range: [0.0, 1e6],
        slider: Some(([0.0, 1.0], false)),
        get: |p| p.miner_kw,
        set: |p, v| p.miner_kw = v,
        hover: "Power of all miners together",
    },
    Dial {
        name: "Mining price",
        unit: "$/kWh",
        decimals: 4,
        range: [-10.0, 10.0],
        slider: Some(([0.0, 0.3], false)),
        get: |p| p.income,
        set: |p, v| p.income = v,
        hover: "What mining earns for each kWh; a column price_per_kwh of the load comes first",
    },
    Dial {
        name: "Ramp weight a",
        unit: "$·h/MW²",
        decimals: 1,
        range: [1e-3, 1e9],
        slider: Some(([0.1, 1e6], true)),
        get: |p| p.ramp_weight * PER_MW2,
        set: |p, v| p.ramp_weight = v / PER_MW2,
        hover: "A ramp of u MW/h costs a·u² $/h. There is no true value: 100 smooths over about an hour; 1,000,000 is the paper's 1 read in kW",
    },
    Dial {
        name: "Rating",
        unit: "kW",
        decimals: 0,
        range: [0.0, 1e6],
        slider: None,
        get: |p| p.rating_kw,
        set: |p, v| p.rating_kw = v,
        hover: "What the gensets may give; 0: no limit but the miners'",
    },
    Dial {
        name: "Ramp limit",
        unit: "kW/h",
        decimals: 0,
        range: [0.0, 1e6],
        slider: None,
        get: |p| p.ramp_limit,
        set: |p, v| p.ramp_limit = v,
        hover: "Largest ramp of the gensets, with hard bounds only; 0: none",
    },
    Dial {
        name: "Miner step",
        unit: "kW",
        decimals: 2,
        range: [0.0, 1e4],
        slider: None,
        get: |p| p.machine_kw,
        set: |p, v| p.machine_kw = v,
        hover: "Power of one miner: for the counts of starts",
    },
    Dial {
        name: "Fuel curve g",
        unit: "$/MW²h",
        decimals: 2,
        range: [0.0, 1e9],
        slider: None,
        get: |p| p.g * PER_MW2,
        set: |p, v| p.g = v / PER_MW2,
        hover: "Generation of P MW costs g·P² $/h",
    },
];

pub(super) fn show(ui: &mut Ui, rect: Rect, state: &mut PlanState) {
    let (body, foot) = rect.split_top_bottom_at_y(rect.bottom() - FOOT);
    let Some(mut p) = state.params else { return };
    let before = p;
    pane(ui, "plan numbers", body, |ui| {
        ui.spacing_mut().item_spacing.y = if rect.height() < 600.0 { 1.0 } else { 3.0 };
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            ui.add(Text::title("Parameters"));
            ui.add(Text::new("drag: the plan follows").dim().cut());
        });
        numbers(ui, &mut p, state);
        rule(ui, Ink::of(ui).t.hair);
        choices(ui, &mut p, state);
        rule(ui, Ink::of(ui).t.hair);
        solver(ui, state);
    });
    if p != before {
        // once a drag: while the button is held only its beginning counts
        let dragging = ui.input(|i| i.pointer.primary_down() && !i.pointer.primary_pressed());
        if !dragging || !state.dragging {
            state.mark();
        }
        state.dragging = ui.input(|i| i.pointer.primary_down());
        state.params = Some(p);
    } else if !ui.input(|i| i.pointer.primary_down()) {
        state.dragging = false;
    }
    part(ui, "plan buttons", foot, |ui| buttons(ui, state));
}

fn numbers(ui: &mut Ui, p: &mut Params, state: &PlanState) {
    for d in &DIALS {
        let heat = d.name == "Fuel curve g" && p.heat && state.has_heat();
        let soft = d.name == "Ramp limit" && !p.hard;
        let why = match (heat, soft) {
            (true, _) => Some("generation is priced by the heat of the twin's sets"),
            (_, true) => Some("a ramp limit needs hard bounds"),
            _ => None,
        };
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            label(ui, NAME, Text::new(d.name)).on_hover_text(d.hover);
            let value = (d.get)(p);
            let mut new = None;
            if let Some((range, log)) = d.slider {
                // the miners' slider goes to the rating, or to twice the miners
                let range = if d.name == "Miner size" { [0.0, p.rating_kw.max(p.miner_kw).max(10.0)] } else { range };
                let step = if log { 0.1 } else { ((range[1] - range[0]) / 500.0).max(1e-4) };
                let scale = Scale { range, log, step, decimals: d.decimals };
                new = Slider::new(d.name, value, scale).show(ui, TRACK);
            } else {
                ui.add_space(TRACK + GAP);
            }
            let decimals = if d.decimals == 1 && value >= 100.0 { 0 } else { d.decimals };
            let name = format!("{} value", d.name);
            let field = Number::new(&name, value, decimals).unit(d.unit).range(d.range[0], d.range[1]).why_not(why);
            new = field.show(ui, FIELD).or(new);
            if let Some(v) = new.filter(|v| *v != value) {
                (d.set)(p, v.clamp(d.range[0], d.range[1]));
            }
        });
    }
}

fn choices(ui: &mut Ui, p: &mut Params, state: &PlanState) {
    let choice = |ui: &mut Ui, name: &str, items: &[&str], now: usize, why: Option<&str>| {
        let mut new = None;
        ui.horizontal(|ui| {
            label(ui, NAME, Text::new(name));
            new = Segmented::new(name, items, now).padding(10.0).why_not(why).show(ui);
        });
        new
    };
    let why = (!state.has_heat()).then_some("no twin with gensets is in view, or the cost file lacks the gas price");
    if let Some(i) = choice(ui, "Fuel", &["g·P²", "Heat of sets"], usize::from(p.heat && state.has_heat()), why) {
        p.heat = i == 1;
    }
    if let Some(i) = choice(ui, "Bounds", &["Hard", "Penalty"], usize::from(!p.hard), None) {
        p.hard = i == 0;
    }
    ui.horizontal(|ui| {
        let why = p.hard.then_some("bounds are hard");
        let name = Text::new("Penalty weight");
        label(ui, NAME, if p.hard { name.disabled() } else { name });
        let field = Number::new("Penalty weight value", p.alpha, 3).unit("$/kW²h").range(1e-9, 1e9).why_not(why);
        p.alpha = field.show(ui, FIELD).unwrap_or(p.alpha);
    });
    if let Some(i) = choice(ui, "Day", &["Repeats", "Open"], usize::from(p.open), None) {
        p.open = i == 1;
    }
    let now = STEPS.iter().position(|s| *s == p.steps).unwrap_or(STEPS.len());
    if let Some(i) = choice(ui, "Steps", &["96", "1,440", "86,400"], now, None) {
        p.steps = STEPS[i];
    }
}

/// How the solver did.
fn solver(ui: &mut Ui, state: &PlanState) {
    let (Some(shown), Some(p)) = (&state.shown, state.params) else { return };
    ui.spacing_mut().item_spacing.y = 2.0;
    let plan = &shown.planned.plan;
    let number = |v: f64, unit: &str| format!("{} {unit}", fmt::short(v));
    let small =
        |v: f64, unit: &str| if v == 0.0 { format!("0 {unit}") } else { format!("{v:.0e} {unit}").replace('-', "−") };
    let [level, smooth] = shown.planned.scales().map_or([f64::NAN; 2], |s| s);
    let took = if shown.took_s < SMOOTH_S {
        format!("{:.1} ms", 1e3 * shown.took_s)
    } else {
        format!("{:.0} ms", 1e3 * shown.took_s)
    };
    let machines = if p.machine_kw > 0.0 { (p.miner_kw / p.machine_kw).floor() } else { f64::NAN };
    let rows = [
        (
            "Cheapest level x*",
            if level.is_finite() { number(level, "kW") } else { "none: cost is straight".to_owned() },
        ),
        ("Smoothing time", if smooth.is_finite() { number(smooth, "h") } else { "–".to_owned() }),
        ("Miners of this step", fmt::num(machines, 0)),
        ("Planned in", took),
        ("Iterations", plan.iterations.to_string()),
        ("Worst bound error", small(plan.max_violation_kw, "kW")),
        ("Worst residual", small(plan.residuals.costate_per_kwh, "$/kWh")),
    ];
    for (name, value) in rows {
        fact(ui, 150.0, name, Text::new(value).medium().live());
    }
    for note in &shown.planned.day.notes {
        ui.add(Text::new(note).small().dim());
    }
}

fn buttons(ui: &mut Ui, state: &mut PlanState) {
    ui.add_space(8.0);
    let why_pin = (!state.is_current()).then_some("there is no plan of these numbers");
    let why_undo = (!state.can_undo()).then_some("nothing to undo");
    let mut undo = false;
    let pinned = sides(
        ui,
        |ui| ui.add(Button::new("Pin this plan").key("P").why_not(why_pin).least(140.0, 32.0)).clicked(),
        |ui| {
            let button = Button::new("Undo").name("Undo the last change").why_not(why_undo).least(110.0, 32.0);
            undo = ui.add(button).clicked();
        },
    );
    if pinned.0 {
        state.keep();
    }
    if undo {
        state.undo();
    }
}
