//! Charts of the plan in time and of the engine's step acceptance against load.

use egui::{Rect, Sense, Shape, Stroke, Ui, WidgetInfo, accesskit::Role, pos2};

use super::chart::Chart;
use crate::console::model::Model;
use crate::console::theme::mix;
use crate::console::views::ink::{Face, Ink, kw, num, seconds, short};
use crate::control::plan_math::{Limits, Plan, Trace};
use crate::plant::signals::site;

fn named(ui: &mut Ui, rect: Rect, id: &str, sentence: &str) {
    let r = ui.interact(rect, ui.scope_id().with(("tune chart", id)), Sense::hover());
    r.widget_info(|| WidgetInfo::labeled(Role::Figure, true, sentence));
}

fn peak(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// Step acceptance and bucket capacity against load, with the range that the plan passes through.
pub(super) fn acceptance(ui: &mut Ui, ink: &Ink, rect: Rect, plan: &Plan, limits: &Limits, model: &Model) {
    let rated = plan.rated_kw.max(1.0);
    let top = limits.acceptance.iter().map(|p| p.1).fold(0.05, f64::max) * rated;
    let top = top.max(plan.exposed_kw() * 1.1);
    let c = Chart::new(
        ink,
        rect,
        "Step acceptance",
        &format!("kW at load, {}", model.plate.preset),
        [0.0, rated * 1.05],
        [0.0, top * 1.1],
        "kW",
    );
    let (from, to) = (plan.start_kw.min(plan.end_kw()), plan.start_kw.max(plan.end_kw()));
    ink.fill(
        Rect::from_min_max(pos2(c.at(from, 0.0).x, c.plot.top()), pos2(c.at(to, 0.0).x, c.plot.bottom())),
        ink.t.band_faint,
    );
    let xs: Vec<f64> = (0..=120).map(|i| rated * 1.05 * f64::from(i) / 120.0).collect();
    let accepts: Vec<f64> = xs.iter().map(|x| limits.acceptance_pu(x / rated) * rated).collect();
    let bucket: Vec<f64> = xs.iter().map(|x| limits.bucket_kw(*x, rated)).collect();
    ink.path(c.line(&xs, &accepts), 2.0, ink.t.text);
    ink.dashed(&c.line(&xs, &bucket), 1.5, ink.t.text, 7.0, 4.0);
    let step = plan.exposed_kw();
    let y = c.at(0.0, step).y;
    ink.p.line_segment([pos2(c.plot.left(), y), pos2(c.plot.right(), y)], Stroke::new(1.5, ink.t.accent));
    if limits.step_kw < top * 1.1 {
        let y = c.at(0.0, limits.step_kw).y;
        ink.dashed(&[pos2(c.plot.left(), y), pos2(c.plot.right(), y)], 1.0, ink.t.limit, 4.0, 4.0);
        c.note(pos2(c.plot.left() + 4.0, y - 9.0), &format!("step limit {}", short(limits.step_kw)), ink.t.limit);
    }
    let at = |kw: f64, up: f32| c.at(rated * 0.16, kw) - egui::vec2(0.0, up);
    c.note(at(limits.acceptance_pu(0.16) * rated, 10.0), "engine accepts", ink.t.text);
    let by = c.at(rated * 0.9, limits.bucket_kw(rated * 0.95, rated)) + egui::vec2(-10.0, 11.0);
    c.note(by, &format!("bucket {} %", num(limits.bucket_share * 100.0, 0)), ink.t.text);
    c.note(pos2(c.plot.left() + 4.0, y - 9.0), &format!("plan step {} kW", kw(step)), ink.t.accent);
    let now = model.site(site::GEN_KW);
    if now.is_finite() {
        let accepts = limits.acceptance_pu(now / rated) * rated;
        ink.p.circle_filled(c.at(now, accepts), 3.5, ink.t.text);
        c.note(c.at(now, accepts) + egui::vec2(-24.0, -14.0), &format!("now {} kW", kw(accepts)), ink.t.text);
    }
    named(
        ui,
        rect,
        "acceptance",
        &format!(
            "Step acceptance: at {} kilowatts load the engine accepts {} kilowatts; the plan steps {}",
            kw(now),
            kw(limits.acceptance_pu(now / rated) * rated),
            kw(step)
        ),
    );
}

/// Level of the step bucket over the plan.
pub(super) fn bucket(ui: &mut Ui, ink: &Ink, rect: Rect, trace: &Trace, limits: &Limits) {
    let end = trace.t_s.last().copied().unwrap_or(1.0);
    let (low, cap) = (trace.lowest.0, peak(&trace.capacity_kw).max(1.0));
    let floor = if low < 0.0 { low.max(-4.0 * cap) * 1.1 } else { 0.0 };
    let refill = format!("kW, refill {} kW/s", short(limits.refill_kw_per_s));
    let c = Chart::new(ink, rect, "Step bucket", &refill, [0.0, end], [floor, cap * 1.1], "s");
    let zero = c.at(0.0, 0.0).y;
    if floor < 0.0 {
        ink.hatch(Rect::from_min_max(pos2(c.plot.left(), zero), c.plot.max), 6.0, ink.t.dead);
    }
    ink.hline(c.plot.left(), c.plot.right(), zero, ink.t.limit);
    ink.dashed(&c.line(&trace.t_s, &trace.capacity_kw), 1.0, ink.t.limit, 4.0, 4.0);
    ink.path(c.line(&trace.t_s, &trace.level_kw), 1.5, ink.t.text);
    let at = c.at(trace.lowest.1, low);
    ink.p.circle(at, 4.0, ink.t.inset, Stroke::new(1.5, ink.t.text));
    let words = if low < 0.0 {
        format!("refused from here: {} kW", kw(low))
    } else {
        format!("lowest {} kW at {}", kw(low), seconds(trace.lowest.1))
    };
    c.note(at + egui::vec2(8.0, 16.0), &words, ink.t.text);
    c.note(pos2(c.plot.right() - 70.0, c.plot.top() + 8.0), "capacity", ink.t.limit);
    named(ui, rect, "bucket", &format!("Step bucket over the plan: {words}"));
}

/// Planned powers over time.
pub(super) fn powers(ui: &mut Ui, ink: &Ink, rect: Rect, trace: &Trace, plan: &Plan, limits: &Limits) {
    let end = trace.t_s.last().copied().unwrap_or(1.0);
    let ceiling = limits.ceiling_pu * plan.rated_kw;
    let top = peak(&trace.gen_kw).max(ceiling).max(plan.rated_kw).max(1.0) * 1.08;
    let c = Chart::new(ink, rect, "Planned power", "kW, batches as steps", [0.0, end], [0.0, top], "s");
    let y = c.at(0.0, ceiling).y;
    ink.dashed(&[pos2(c.plot.left(), y), pos2(c.plot.right(), y)], 1.0, ink.t.limit, 4.0, 4.0);
    let generator = c.line(&trace.t_s, &trace.gen_kw);
    let area: Vec<_> = generator.clone();
    if let (Some(first), Some(last)) = (area.first(), area.last()) {
        let wash = mix(ink.t.pen_genset, ink.t.inset, 0.08);
        let mut mesh = egui::Mesh::default();
        for p in &area {
            mesh.colored_vertex(*p, wash);
            mesh.colored_vertex(pos2(p.x, c.plot.bottom()), wash);
        }
        for i in 0..(area.len() as u32).saturating_sub(1) {
            mesh.add_triangle(2 * i, 2 * i + 1, 2 * i + 2);
            mesh.add_triangle(2 * i + 1, 2 * i + 2, 2 * i + 3);
        }
        if last.x > first.x {
            ink.p.add(Shape::mesh(mesh));
        }
    }
    ink.path(generator, 2.5, ink.t.pen_genset);
    ink.path(c.line(&trace.t_s, &trace.gpu_kw), 2.0, ink.t.pen_gpu);
    ink.dashed(&c.line(&trace.t_s, &trace.miner_kw), 2.0, ink.t.pen_miner, 8.0, 4.0);
    let last = |v: &[f64], u: f64| v.get(((v.len() as f64 - 1.0) * u) as usize).copied().unwrap_or(0.0);
    let label = |v: &[f64], u: f64, up: f32, name: &str, color| {
        let p = c.at(end * u, last(v, u));
        ink.left(
            p.x,
            (p.y - up).clamp(c.plot.top() + 8.0, c.plot.bottom() - 8.0),
            name,
            Face::Medium,
            ink.px(12.0, 13.0),
            color,
        );
    };
    label(&trace.gen_kw, 0.22, 26.0, "genset", ink.t.pen_genset);
    label(&trace.gpu_kw, 0.42, -12.0, "GPU", ink.t.pen_gpu);
    label(&trace.miner_kw, 0.7, if plan.share() > 0.0 { -10.0 } else { 12.0 }, "miners", ink.t.pen_miner);
    c.note(pos2(c.plot.left() + 6.0, y - 9.0), &format!("ceiling {}", kw(ceiling)), ink.t.limit);
    let over = plan.end_kw() > ceiling + 1e-6;
    let words = format!("ends at {} kW{}", kw(plan.end_kw()), if over { ", past the ceiling" } else { "" });
    c.note(c.at(end, plan.end_kw()) + egui::vec2(-128.0, 18.0), &words, ink.t.text);
    named(
        ui,
        rect,
        "powers",
        &format!(
            "Planned power: genset from {} to {} kilowatts in {}",
            kw(plan.start_kw),
            kw(plan.end_kw()),
            seconds(plan.time_to_target_s())
        ),
    );
}
