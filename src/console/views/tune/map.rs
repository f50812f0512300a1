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
use crate::console::model::Model;
use crate::console::views::controls::Scale;
use crate::console::views::ink::{Face, Ink, kw, num, seconds, short};
use crate::control::LimitId;
use crate::control::plan_math::{
    INTERVAL_S, Limits, MAP_LIMITS, NO_LIMIT, Plan, batch_for_time, intervals, legal_edge, log_pos, max_batch,
};

/// Samples along a line.
const SAMPLES: usize = 241;

/// Log axes.
struct Axes {
    plot: Rect,
    batch: [f64; 2],
}

impl Axes {
    fn at(&self, batch: f64, interval: f64) -> Pos2 {
        let u = log_pos(self.batch, batch).clamp(-0.05, 1.05) as f32;
        let v = log_pos(INTERVAL_S, interval).clamp(0.0, 1.0) as f32;
        pos2(self.plot.left() + u * self.plot.width(), self.plot.bottom() - v * self.plot.height())
    }

    fn value(&self, p: Pos2) -> (f64, f64) {
        let u = f64::from((p.x - self.plot.left()) / self.plot.width()).clamp(0.0, 1.0);
        let v = f64::from((self.plot.bottom() - p.y) / self.plot.height()).clamp(0.0, 1.0);
        (self.batch_scale().at(u), interval_scale().at(v))
    }

    fn batch_scale(&self) -> Scale {
        Scale { range: self.batch, log: true, step: 1.0, decimals: 0 }
    }
}

fn interval_scale() -> Scale {
    Scale { range: INTERVAL_S, log: true, step: 0.05, decimals: 2 }
}

pub(super) fn draw(ui: &mut Ui, ink: &Ink, rect: Rect, model: &Model, state: &mut TuneState) {
    let b = ink.body();
    let right = ink.left(rect.left() + 16.0, rect.top() + 20.0, "Limit map", Face::SemiBold, b, ink.t.text);
    ink.left_cut(
        right + 10.0,
        rect.top() + 20.0,
        rect.right() - 16.0,
        "batch and interval, closed form, engine not simulated",
        Face::Regular,
        b,
        ink.t.text2,
    );
    let fleet = f64::from(model.plate.gpus.max(2));
    let plot = Rect::from_min_max(
        pos2(rect.left() + 56.0, rect.top() + 40.0),
        pos2(rect.right() - 22.0, rect.bottom() - 62.0),
    );
    let axes = Axes { plot, batch: [1.0, fleet] };
    let response = interact(ui, &axes, model, state);
    let (plan, limits) = state.shown(model);
    region(ink, &axes, &plan, &limits);
    ticks(ink, &axes, &plan);
    let mut labels = Labels::default();
    point_labels(ink, &axes, model, state, &mut labels);
    times(ink, &axes, &plan, &mut labels);
    lines(ink, &axes, &plan, &limits, &mut labels);
    points(ink, &axes, model, state);
    for (at, text, color) in labels.placed {
        ink.chip(at, Align2::LEFT_CENTER, &text, color);
    }
    footer(ink, rect, &axes, &plan, &limits, state);
    if response.has_focus() {
        ink.frame(plot.expand(3.0), 4, 2.0, ink.t.accent);
    }
    hover(ink, &axes, &response, &plan);
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

fn interact(ui: &mut Ui, axes: &Axes, model: &Model, state: &mut TuneState) -> Response {
    let id = ui.scope_id().with("limit map");
    let r = ui.interact(axes.plot, id, Sense::click_and_drag());
    if r.drag_started() || (r.clicked() && r.interact_pointer_pos().is_some()) {
        state.mark();
        r.request_focus();
    }
    if (r.dragged() || r.clicked())
        && let Some(p) = r.interact_pointer_pos()
    {
        let (batch, interval) = axes.value(p);
        state.edit(model, |d| {
            d.set(Param::Batch, batch);
            d.set(Param::Interval, interval);
        });
    }
    if r.has_focus() {
        let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
        ui.memory_mut(|m| m.set_focus_lock_filter(id, filter));
        let presses = |k: Key| ui.input(|i| i.num_presses(k)) as f64;
        let across = presses(Key::ArrowRight) - presses(Key::ArrowLeft);
        let along = presses(Key::ArrowUp) - presses(Key::ArrowDown);
        if across != 0.0 || along != 0.0 {
            state.mark();
            state.edit(model, |d| {
                d.set(Param::Batch, axes.batch_scale().nudge(d.get(Param::Batch), across));
                d.set(Param::Interval, interval_scale().nudge(d.get(Param::Interval), along));
            });
        }
    }
    r
}

/// Hatch everywhere, then the legal region as strips between neighbouring intervals.
fn region(ink: &Ink, axes: &Axes, plan: &Plan, limits: &Limits) {
    ink.hatch(axes.plot, 7.0, ink.t.grid);
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
    ink.path(outline, 2.0, ink.t.text);
    ink.frame(axes.plot, 0, 1.0, ink.t.dead);
}

fn ticks(ink: &Ink, axes: &Axes, plan: &Plan) {
    let small = ink.px(12.0, 13.0);
    let fleet = axes.batch[1];
    for v in [1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10_000.0]
        .into_iter()
        .filter(|v| *v < fleet * 0.75)
        .chain([fleet])
    {
        let x = axes.at(v, 1.0).x;
        ink.vline(x, axes.plot.bottom(), axes.plot.bottom() + 4.0, ink.t.dead);
        ink.centre(pos2(x, axes.plot.bottom() + 13.0), num(v, 0), Face::Regular, small, ink.t.text2);
    }
    for v in [0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0] {
        let y = axes.at(1.0, v).y;
        ink.hline(axes.plot.left() - 4.0, axes.plot.left(), y, ink.t.dead);
        let text = if v == 60.0 { "60 s".to_owned() } else { format!("{v}") };
        ink.right(axes.plot.left() - 8.0, y, text, Face::Regular, small, ink.t.text2);
    }
    let label = format!("batch, GPU at {} kW (log)", num(plan.gpu_kw, 2));
    ink.left(axes.plot.left(), axes.plot.bottom() + 31.0, label, Face::Regular, small, ink.t.text2);
}

/// Labels that keep clear of each other; they are drawn after all lines.
#[derive(Default)]
struct Labels {
    taken: Vec<Rect>,
    placed: Vec<(Pos2, String, Color32)>,
}

impl Labels {
    /// Takes the first of the places that is free and inside the plot; a label without a place is left out.
    fn add(&mut self, ink: &Ink, axes: &Axes, candidates: &[Pos2], text: String, color: Color32) {
        let size = vec2(ink.width(&text, Face::Medium, ink.px(12.0, 13.0)) + 8.0, 18.0);
        let inside = axes.plot.shrink(2.0);
        for at in candidates {
            let r = Align2::LEFT_CENTER.anchor_size(*at, size);
            let r = r.translate(vec2((inside.right() - r.right()).min(0.0), 0.0));
            if inside.contains_rect(r) && self.taken.iter().all(|t| !t.intersects(r.expand(2.0))) {
                self.taken.push(r);
                self.placed.push((pos2(r.left(), r.center().y), text, color));
                return;
            }
        }
    }
}

/// Lines of 1, 5 and 10 minutes to the target.
fn times(ink: &Ink, axes: &Axes, plan: &Plan, labels: &mut Labels) {
    for minutes in [1.0, 5.0, 10.0] {
        let pts: Vec<Pos2> = intervals(SAMPLES)
            .map(|s| (batch_for_time(plan, s, minutes * 60.0), s))
            .filter(|(b, _)| (1.0..=axes.batch[1]).contains(b))
            .map(|(b, s)| axes.at(b, s))
            .collect();
        ink.dashed(&pts, 1.0, ink.t.text2, 2.0, 3.0);
        let near: Vec<Pos2> = [0.92, 0.8, 0.68, 0.5, 0.3]
            .iter()
            .filter_map(|u| pts.get(((pts.len() as f32 - 1.0) * u) as usize))
            .map(|p| *p + vec2(4.0, -2.0))
            .collect();
        labels.add(ink, axes, &near, format!("{minutes} min"), ink.t.text2);
    }
}

fn line_name(id: LimitId, limits: &Limits) -> String {
    match id {
        LimitId::GpusPerS => format!("{} GPU/s", short(limits.gpus_per_s)),
        LimitId::Step => format!("{} kW step", short(limits.step_kw)),
        LimitId::StepNow => "step bucket".to_owned(),
        LimitId::Window100ms => format!("{} kW in 100 ms", short(limits.window_100ms_kw)),
        LimitId::Window1s => format!("{} kW in 1 s", short(limits.window_1s_kw)),
        LimitId::Window10s => format!("{} kW in 10 s", short(limits.window_10s_kw)),
        LimitId::Ramp => format!("{} kW/s ramp", short(limits.ramp_kw_per_s)),
        _ => id.name().to_owned(),
    }
}

/// Every limit that is set, dashed on a light casing, with its name.
fn lines(ink: &Ink, axes: &Axes, plan: &Plan, limits: &Limits, labels: &mut Labels) {
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
        ink.path(pts.clone(), 3.5, ink.t.inset);
        ink.dashed(&pts, 1.5, ink.t.limit, 4.0, 3.0);
        let more = at.iter().chain(&[0.3, 0.5, 0.7, 0.9, 0.1]);
        let near: Vec<Pos2> = more
            .filter_map(|u| pts.get(((pts.len() as f32 - 1.0) * u) as usize))
            .map(|p| *p + vec2(5.0, 0.0))
            .collect();
        labels.add(ink, axes, &near, line_name(id, limits), ink.t.limit);
    }
}

fn text_of(plan: &Plan) -> String {
    format!("{} / {} s   {}", num(plan.batch_gpus, 0), short(plan.interval_s), seconds(plan.time_to_target_s()))
}

/// Chips of the points come first, so that line labels keep clear of them.
fn point_labels(ink: &Ink, axes: &Axes, model: &Model, state: &TuneState, labels: &mut Labels) {
    let (plan, _) = state.shown(model);
    let at = axes.at(plan.batch_gpus, plan.interval_s);
    let name = if state.ghost().is_some() { "edit" } else { "plan" };
    let near = [at + vec2(-150.0, -20.0), at + vec2(14.0, -18.0), at + vec2(14.0, 18.0), at + vec2(-150.0, 18.0)];
    labels.taken.push(Rect::from_center_size(at, vec2(24.0, 24.0)));
    labels.add(ink, axes, &near, format!("{name} {}", text_of(&plan)), ink.t.text);
    for (b, s) in state.pins() {
        labels.taken.push(Rect::from_center_size(axes.at(*b, *s), vec2(20.0, 20.0)));
    }
}

fn points(ink: &Ink, axes: &Axes, model: &Model, state: &TuneState) {
    for (i, (b, s)) in state.pins().iter().enumerate() {
        let at = axes.at(*b, *s);
        ink.p.circle(at, 8.0, ink.t.inset, Stroke::new(1.5, ink.t.text));
        ink.centre(at, i + 1, Face::SemiBold, 11.0, ink.t.text);
    }
    let force = super::draft::in_force(model).plan;
    let at = axes.at(force.batch_gpus, force.interval_s);
    for end in [pos2(axes.plot.left(), at.y), pos2(at.x, axes.plot.bottom())] {
        ink.p.line_segment([at, end], Stroke::new(1.0, if state.ghost().is_some() { ink.t.dead } else { ink.t.text }));
    }
    ink.p.circle(at, 8.0, ink.t.inset, Stroke::new(2.0, ink.t.text));
    ink.p.circle_filled(at, 3.5, ink.t.text);
    let Some((b, s)) = state.ghost() else { return };
    let ghost = axes.at(b, s);
    for end in [pos2(axes.plot.left(), ghost.y), pos2(ghost.x, axes.plot.bottom())] {
        ink.dashed(&[ghost, end], 1.0, ink.t.accent, 3.0, 3.0);
    }
    let ring: Vec<Pos2> =
        (0..=32).map(|i| ghost + 9.0 * egui::Vec2::angled(i as f32 / 32.0 * std::f32::consts::TAU)).collect();
    ink.p.circle_filled(ghost, 9.0, ink.t.inset);
    ink.dashed(&ring, 2.0, ink.t.accent, 4.0, 2.5);
    ink.p.circle_filled(ghost, 3.5, ink.t.accent);
}

/// Legend and pins under the map.
fn footer(ink: &Ink, rect: Rect, axes: &Axes, plan: &Plan, limits: &Limits, state: &TuneState) {
    let small = ink.px(12.0, 13.0);
    let y = axes.plot.bottom() + 31.0;
    let mut x = rect.right() - 22.0;
    for (name, legal) in [("hatched: refused", false), ("legal", true)] {
        x = ink.right(x, y, name, Face::Regular, small, ink.t.text2) - 6.0;
        let swatch = Rect::from_min_size(pos2(x - 16.0, y - 6.0), vec2(16.0, 12.0));
        if legal {
            ink.fill(swatch, ink.t.band_faint);
        } else {
            ink.hatch(swatch, 5.0, ink.t.dead);
        }
        ink.frame(swatch, 0, 1.0, ink.t.dead);
        x = swatch.left() - 14.0;
    }
    let y = y + 19.0;
    if state.pins().is_empty() {
        let most = crate::control::plan_math::legal_batch(plan, limits, plan.interval_s);
        let text = format!(
            "at {} s up to {} GPU a batch; {}",
            short(plan.interval_s),
            num(most.floor(), 0),
            what_binds(plan, limits)
        );
        ink.left_cut(axes.plot.left(), y, rect.right() - 16.0, &text, Face::Regular, small, ink.t.text2);
        return;
    }
    let mut x = axes.plot.left();
    for (i, (b, s)) in state.pins().iter().enumerate() {
        let p = Plan { batch_gpus: *b, interval_s: *s, ..*plan };
        x = ink.left_cut(x, y, rect.right() - 16.0, &format!("{}", i + 1), Face::SemiBold, small, ink.t.text) + 5.0;
        let text =
            format!("{} / {}  {}  {} kW", num(*b, 0), short(*s), seconds(p.time_to_target_s()), kw(p.exposed_kw()));
        x = ink.left_cut(x, y, rect.right() - 16.0, &text, Face::Regular, small, ink.t.text2) + 14.0;
    }
}

/// Numbers of the place under the pointer.
fn hover(ink: &Ink, axes: &Axes, r: &Response, plan: &Plan) {
    let Some(p) = r.hover_pos().filter(|_| !r.dragged()) else { return };
    let (b, s) = axes.value(p);
    let plan = Plan { batch_gpus: b, interval_s: s, ..*plan };
    let text = format!("{} kW  {} kW/s  {}", kw(plan.step_kw()), short(plan.pace_kw_per_s()), text_of(&plan));
    let w = ink.width(&text, Face::Medium, ink.px(12.0, 13.0)) + 8.0;
    let x = (p.x + 14.0).min(axes.plot.right() - w - 2.0);
    ink.chip(pos2(x, (p.y - 16.0).max(axes.plot.top() + 10.0)), Align2::LEFT_CENTER, &text, ink.t.live);
    ink.hline(axes.plot.left(), axes.plot.right(), p.y, ink.t.hair);
    ink.vline(p.x, axes.plot.top(), axes.plot.bottom(), ink.t.hair);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_the_map_is_a_plan() {
        let axes = Axes { plot: Rect::from_min_size(pos2(10.0, 20.0), vec2(400.0, 300.0)), batch: [1.0, 714.0] };
        for (b, s) in [(1.0, 0.1), (10.0, 1.0), (50.0, 10.0), (714.0, 60.0)] {
            let (b2, s2) = axes.value(axes.at(b, s));
            assert!((b2 / b - 1.0).abs() < 0.02 && (s2 / s - 1.0).abs() < 0.02, "{b} {s}: {b2} {s2}");
        }
    }
}
