//! Limit map: batch against interval on log axes, with every limit as a line and the legal region filled.
//!
//! A limit on one batch is a vertical line, a ramp a diagonal, a window a staircase; lines of equal time to the target
//! are parallel to the ramp. What no limit forbids is filled, everything else is hatched. The point is dragged, or
//! moved with the arrow keys when it has the focus.

use egui::{
    Align2, Color32, EventFilter, Key, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo, accesskit::Role,
    pos2, vec2,
};

use super::draft::{Param, TuneState, what_binds};
use crate::console::fmt::{kw, num, seconds, short};
use crate::console::model::Model;
use crate::console::widgets::labels::Labels;
use crate::console::widgets::plot::{Area, Axis, Chart, Shown};
use crate::console::widgets::{Face, Ink, Scale, Weight};
use crate::control::LimitId;
use crate::control::Policy;
use crate::control::plan_math::{INTERVAL_S, MAP_LIMITS, Plan, batch_for_time, intervals, legal_edge, max_batch};
use crate::control::policy::NO_LIMIT;

/// Samples along a line.
const SAMPLES: usize = 241;
/// Room under the map for legend and pins.
const FOOTER: f32 = 38.0;

/// Log axes. What is outside lies on the edge.
struct Axes {
    plot: Rect,
    batch: [f64; 2],
    shown: Shown,
}

impl Axes {
    fn at(&self, batch: f64, interval: f64) -> Pos2 {
        let [lo, hi] = self.batch;
        self.shown.at([batch.clamp(lo, hi), interval.clamp(INTERVAL_S[0], INTERVAL_S[1])])
    }

    fn value(&self, p: Pos2) -> (f64, f64) {
        let [batch, interval] = self.shown.value(self.plot.clamp(p));
        (self.batch_scale().snap(batch), interval_scale().snap(interval))
    }

    fn batch_scale(&self) -> Scale {
        Scale { range: self.batch, log: true, step: 1.0, decimals: 0 }
    }
}

fn interval_scale() -> Scale {
    Scale { range: INTERVAL_S, log: true, step: 0.05, decimals: 2 }
}

pub(super) fn show(ui: &mut Ui, rect: Rect, model: &Model, state: &mut TuneState) {
    let ink = &Ink::new(ui, rect);
    let batch = [1.0, f64::from(model.plate.gpus.max(2))];
    let ticks = [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0];
    let ticks = ticks.into_iter().filter(|v| *v < batch[1] * 0.75).chain([batch[1]]);
    let x = Axis::log(batch, "").marks(ticks);
    let y = Axis::log(INTERVAL_S, "s").marks([0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0]);
    let room = Rect::from_min_max(rect.min, pos2(rect.right(), rect.bottom() - FOOTER));
    let shown = Chart::new("limit map", x, y)
        .title("Limit map", "batch and interval, closed form, engine not simulated")
        .area(Area::between_y(INTERVAL_S).hatched(ink.t.grid))
        .framed()
        .sense(Sense::click_and_drag())
        .show(ui, room);
    let axes = Axes { plot: shown.plot, batch, shown };
    interact(ui, &axes, model, state);
    let (plan, limits) = state.shown(model);
    region(ink, &axes, &plan, &limits);
    let mut labels = Chips { free: Labels::new(axes.plot.shrink(2.0)), placed: Vec::new() };
    point_labels(ink, &axes, model, state, &mut labels);
    times(ink, &axes, &plan, &mut labels);
    lines(ink, &axes, &plan, &limits, &mut labels);
    points(ink, &axes, model, state);
    for (at, text, color) in labels.placed {
        ink.chip(at, Align2::LEFT_CENTER, &text, color);
    }
    footer(ink, rect, &axes, &plan, &limits, state);
    let response = &axes.shown.response;
    if response.has_focus() {
        ink.frame(axes.plot.expand(3.0), 4, (2.0, ink.t.accent));
    }
    hover(ink, &axes, response, &plan);
    let words = format!(
        "Operating point: batch {} GPU every {} s, {} kW/s, target in {}. {}",
        num(plan.batch_gpus, 0),
        short(plan.interval_s),
        short(plan.pace_kw_per_s()),
        seconds(plan.time_to_target_s()),
        what_binds(&plan, &limits)
    );
    response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, &words));
}

/// Pointer and arrow keys move the point.
fn interact(ui: &Ui, axes: &Axes, model: &Model, state: &mut TuneState) {
    let r = &axes.shown.response;
    if r.drag_started() || (r.clicked() && r.interact_pointer_pos().is_some()) {
        state.mark();
        r.request_focus();
    }
    if (r.dragged() || r.clicked())
        && let Some(p) = r.interact_pointer_pos()
    {
        let (batch, interval) = axes.value(p);
        state.edit(model, |d| {
            d.set(Param::BATCH, batch);
            d.set(Param::INTERVAL, interval);
        });
    }
    if r.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(r.id, filter));
        let presses = |k: Key| ui.input(|i| i.num_presses(k)) as f64;
        let across = presses(Key::ArrowRight) - presses(Key::ArrowLeft);
        let along = presses(Key::ArrowUp) - presses(Key::ArrowDown);
        if across != 0.0 || along != 0.0 {
            state.mark();
            state.edit(model, |d| {
                d.set(Param::BATCH, axes.batch_scale().nudge(d.get(Param::BATCH), across));
                d.set(Param::INTERVAL, interval_scale().nudge(d.get(Param::INTERVAL), along));
            });
        }
    }
}

/// Over the hatching, the legal region as strips between neighbouring intervals.
fn region(ink: &Ink, axes: &Axes, plan: &Plan, limits: &Policy) {
    let edge = legal_edge(plan, limits, SAMPLES);
    let mut mesh = egui::Mesh::default();
    let fill = ink.t.band_faint;
    let mut n = 0;
    for pair in edge.windows(2) {
        let [(b0, s0), (b1, s1)] = *pair else { continue };
        if b0.max(b1) < 1.0 {
            continue;
        }
        let (p0, p1) = (axes.at(b0.max(1.0), s0), axes.at(b1.max(1.0), s1));
        for p in [pos2(axes.plot.left(), p0.y), p0, pos2(axes.plot.left(), p1.y), p1] {
            mesh.colored_vertex(pos2(p.x.min(axes.plot.right()), p.y), fill);
        }
        mesh.add_triangle(n, n + 1, n + 2);
        mesh.add_triangle(n + 1, n + 2, n + 3);
        n += 4;
    }
    ink.p.add(Shape::mesh(mesh));
    let outline: Vec<Pos2> = edge.iter().filter(|(b, _)| *b >= 1.0).map(|(b, s)| axes.at(*b, *s)).collect();
    ink.path(outline, (2.0, ink.t.text));
    ink.frame(axes.plot, 0, ink.t.dead);
}

/// Labels that keep clear of each other; they are drawn after all lines.
struct Chips {
    free: Labels,
    placed: Vec<(Pos2, String, Color32)>,
}

impl Chips {
    /// Takes the first of the places that is free; a label without a place is left out.
    fn add(&mut self, ink: &Ink, candidates: &[Pos2], text: String, color: Color32) {
        let size = vec2(ink.width(&text, (Weight::Medium, ink.small())) + 8.0, 18.0);
        if let Some(r) = self.free.place(size, candidates.iter().copied()) {
            self.placed.push((pos2(r.left(), r.center().y), text, color));
        }
    }
}

/// Lines of 1, 5 and 10 minutes to the target.
fn times(ink: &Ink, axes: &Axes, plan: &Plan, labels: &mut Chips) {
    for minutes in [1.0, 5.0, 10.0] {
        let pts: Vec<Pos2> = intervals(SAMPLES)
            .map(|s| (batch_for_time(plan, s, minutes * 60.0), s))
            .filter(|(b, _)| (1.0..=axes.batch[1]).contains(b))
            .map(|(b, s)| axes.at(b, s))
            .collect();
        ink.dashed(&pts, ink.t.text2, 2.0, 3.0);
        let near: Vec<Pos2> = [0.92, 0.8, 0.68, 0.5, 0.3]
            .iter()
            .filter_map(|u| pts.get(((pts.len() as f32 - 1.0) * u) as usize))
            .map(|p| *p + vec2(4.0, -2.0))
            .collect();
        labels.add(ink, &near, format!("{minutes} min"), ink.t.text2);
    }
}

fn line_name(id: LimitId, limits: &Policy) -> String {
    match id {
        LimitId::GpusPerS => format!("{} GPU/s", short(limits.gpus_per_s)),
        LimitId::Step => format!("{} kW step", short(limits.step_limit_kw)),
        LimitId::StepNow => "step bucket".to_owned(),
        LimitId::Window100ms => format!("{} kW in 100 ms", short(limits.window_100ms_kw)),
        LimitId::Window1s => format!("{} kW in 1 s", short(limits.window_1s_kw)),
        LimitId::Window10s => format!("{} kW in 10 s", short(limits.window_10s_kw)),
        LimitId::Ramp => format!("{} kW/s ramp", short(limits.ramp_limit_kw_per_s)),
        _ => id.name().to_owned(),
    }
}

/// Every limit that is set, dashed on a light casing, with its name.
fn lines(ink: &Ink, axes: &Axes, plan: &Plan, limits: &Policy, labels: &mut Chips) {
    let heights: [&[f32]; 7] =
        [&[0.06, 0.12], &[0.96, 0.9], &[0.62, 0.7], &[0.8, 0.86], &[0.14, 0.2], &[0.55, 0.48], &[0.38, 0.44]];
    for (id, at) in MAP_LIMITS.into_iter().zip(heights) {
        let pts: Vec<Pos2> = intervals(SAMPLES)
            .map(|s| (max_batch(id, plan, limits, s), s))
            .filter(|(b, _)| b.is_finite() && *b < NO_LIMIT && (1.0..=axes.batch[1]).contains(b))
            .map(|(b, s)| axes.at(b, s))
            .collect();
        if pts.len() < 2 {
            continue;
        }
        ink.path(pts.clone(), (3.5, ink.t.inset));
        ink.dashed(&pts, (1.5, ink.t.limit), 4.0, 3.0);
        let more = at.iter().chain(&[0.3, 0.5, 0.7, 0.9, 0.1]);
        let near: Vec<Pos2> = more
            .filter_map(|u| pts.get(((pts.len() as f32 - 1.0) * u) as usize))
            .map(|p| *p + vec2(5.0, 0.0))
            .collect();
        labels.add(ink, &near, line_name(id, limits), ink.t.limit);
    }
}

fn text_of(plan: &Plan) -> String {
    format!("{} / {} s   {}", num(plan.batch_gpus, 0), short(plan.interval_s), seconds(plan.time_to_target_s()))
}

/// Chips of the points come first, so that line labels keep clear of them.
fn point_labels(ink: &Ink, axes: &Axes, model: &Model, state: &TuneState, labels: &mut Chips) {
    let (plan, _) = state.shown(model);
    let at = axes.at(plan.batch_gpus, plan.interval_s);
    let name = if state.ghost().is_some() { "edit" } else { "plan" };
    let near = [at + vec2(-150.0, -20.0), at + vec2(14.0, -18.0), at + vec2(14.0, 18.0), at + vec2(-150.0, 18.0)];
    labels.free.keep_clear(Rect::from_center_size(at, vec2(24.0, 24.0)));
    labels.add(ink, &near, format!("{name} {}", text_of(&plan)), ink.t.text);
    for (b, s) in state.pins() {
        labels.free.keep_clear(Rect::from_center_size(axes.at(*b, *s), vec2(20.0, 20.0)));
    }
}

fn points(ink: &Ink, axes: &Axes, model: &Model, state: &TuneState) {
    for (i, (b, s)) in state.pins().iter().enumerate() {
        let at = axes.at(*b, *s);
        ink.p.circle(at, 8.0, ink.t.inset, Stroke::new(1.5, ink.t.text));
        ink.centre(at, i + 1, Face::semibold(11.0, ink.t.text));
    }
    let force = super::draft::in_force(model).plan(model);
    let at = axes.at(force.batch_gpus, force.interval_s);
    for end in [pos2(axes.plot.left(), at.y), pos2(at.x, axes.plot.bottom())] {
        ink.p.line_segment([at, end], Stroke::new(1.0, if state.ghost().is_some() { ink.t.dead } else { ink.t.text }));
    }
    ink.p.circle(at, 8.0, ink.t.inset, Stroke::new(2.0, ink.t.text));
    ink.p.circle_filled(at, 3.5, ink.t.text);
    let Some((b, s)) = state.ghost() else { return };
    let ghost = axes.at(b, s);
    for end in [pos2(axes.plot.left(), ghost.y), pos2(ghost.x, axes.plot.bottom())] {
        ink.dashed(&[ghost, end], ink.t.accent, 3.0, 3.0);
    }
    let ring: Vec<Pos2> =
        (0..=32).map(|i| ghost + 9.0 * egui::Vec2::angled(i as f32 / 32.0 * std::f32::consts::TAU)).collect();
    ink.p.circle_filled(ghost, 9.0, ink.t.inset);
    ink.dashed(&ring, (2.0, ink.t.accent), 4.0, 2.5);
    ink.p.circle_filled(ghost, 3.5, ink.t.accent);
}

/// Legend and pins under the map.
fn footer(ink: &Ink, rect: Rect, axes: &Axes, plan: &Plan, limits: &Policy, state: &TuneState) {
    let small = ink.px(12.0, 13.0);
    let y = axes.plot.bottom() + 35.0;
    let label = format!("batch, GPU at {} kW (log)", num(plan.gpu_kw, 2));
    ink.left(axes.plot.left(), y, label, Face::regular(small, ink.t.text2));
    let mut x = rect.right() - 22.0;
    for (name, legal) in [("hatched: refused", false), ("legal", true)] {
        x = ink.right(x, y, name, Face::regular(small, ink.t.text2)) - 6.0;
        let swatch = Rect::from_min_size(pos2(x - 16.0, y - 6.0), vec2(16.0, 12.0));
        if legal {
            ink.fill(swatch, ink.t.band_faint);
        } else {
            ink.hatch(swatch, 5.0, ink.t.dead);
        }
        ink.frame(swatch, 0, ink.t.dead);
        x = swatch.left() - 14.0;
    }
    let y = y + 18.0;
    if state.pins().is_empty() {
        let most = crate::control::plan_math::legal_batch(plan, limits, plan.interval_s);
        let text = format!("at {} s up to {} GPU a batch", short(plan.interval_s), num(most.floor(), 0));
        ink.left_cut(axes.plot.left(), y, rect.right() - 16.0, &text, Face::regular(small, ink.t.text2));
        return;
    }
    let mut x = axes.plot.left();
    for (i, (b, s)) in state.pins().iter().enumerate() {
        let p = Plan { batch_gpus: *b, interval_s: *s, ..*plan };
        x = ink.left_cut(x, y, rect.right() - 16.0, &format!("{}", i + 1), Face::semibold(small, ink.t.text)) + 5.0;
        let text =
            format!("{} / {}  {}  {} kW", num(*b, 0), short(*s), seconds(p.time_to_target_s()), kw(p.exposed_kw()));
        x = ink.left_cut(x, y, rect.right() - 16.0, &text, Face::regular(small, ink.t.text2)) + 14.0;
    }
}

/// Numbers of the place under the pointer.
fn hover(ink: &Ink, axes: &Axes, r: &Response, plan: &Plan) {
    let Some(p) = r.hover_pos().filter(|_| !r.dragged()) else { return };
    let (b, s) = axes.value(p);
    let plan = Plan { batch_gpus: b, interval_s: s, ..*plan };
    let text = format!("{} kW  {} kW/s  {}", kw(plan.step_kw()), short(plan.pace_kw_per_s()), text_of(&plan));
    let w = ink.width(&text, (Weight::Medium, ink.small())) + 8.0;
    let x = (p.x + 14.0).min(axes.plot.right() - w - 2.0);
    ink.chip(pos2(x, (p.y - 16.0).max(axes.plot.top() + 10.0)), Align2::LEFT_CENTER, &text, ink.t.live);
    ink.hline(axes.plot.x_range(), p.y, ink.t.hair);
    ink.vline(p.x, axes.plot.y_range(), ink.t.hair);
}
