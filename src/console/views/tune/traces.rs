//! Charts of the plan in time and of the engine's step acceptance against load; the plan in time as a table.

use std::io;

use egui::{Rect, Ui};

use crate::console::fmt::{kw, num, seconds, short};
use crate::console::model::Model;
use crate::console::theme::mix;
use crate::console::widgets::Ink;
use crate::console::widgets::plot::{Area, Axis, Chart, Curve, Limit, Mark};
use crate::control::Policy;
use crate::control::plan_math::{Plan, Trace};
use crate::plant::signals::site;

fn peak(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// Step acceptance and bucket capacity against load, with the range that the plan passes through.
pub(super) fn acceptance(ui: &mut Ui, ink: &Ink, rect: Rect, plan: &Plan, limits: &Policy, model: &Model) {
    let (t, rated) = (&ink.t, plan.rated_kw.max(1.0));
    let top = limits.step_acceptance.iter().map(|p| p.1).fold(0.05, f64::max) * rated;
    let top = top.max(plan.exposed_kw() * 1.1) * 1.1;
    let loads: Vec<f64> = (0..=120).map(|i| rated * 1.05 * f64::from(i) / 120.0).collect();
    let accepts_at = |load_kw: f64| limits.acceptance_pu(load_kw / rated) * rated;
    let accepts: Vec<f64> = loads.iter().map(|x| accepts_at(*x)).collect();
    let bucket: Vec<f64> = loads.iter().map(|x| limits.bucket_kw(*x, rated)).collect();
    let step = plan.exposed_kw();
    let share = format!("bucket {} %", num(limits.bucket_share * 100.0, 0));
    let note = format!("kW at load, {}", model.plate.preset);
    let mut chart = Chart::new("acceptance", Axis::linear([0.0, rated * 1.05], "kW"), Axis::linear([0.0, top], ""))
        .title("Step acceptance", note)
        .area(Area::between_x([plan.start_kw, plan.end_kw()]).filled(t.band_faint))
        .limit(Limit::new(step, format!("plan step {} kW", kw(step)), t.accent).solid(1.5))
        .curve(Curve::new("engine", &loads, &accepts, t.text).width(2.0))
        .curve(Curve::new(&share, &loads, &bucket, t.text).dash(7.0, 4.0));
    if limits.step_limit_kw < top {
        chart = chart.limit(Limit::new(
            limits.step_limit_kw,
            format!("step limit {}", short(limits.step_limit_kw)),
            t.limit,
        ));
    }
    let now = model.site(site::GEN_KW);
    if now.is_finite() {
        chart = chart.mark(Mark::dot([now, accepts_at(now)], format!("now {} kW", kw(accepts_at(now))), t.text));
    }
    let words = format!(
        "Step acceptance: at {} kilowatts load the engine accepts {} kilowatts; the plan steps {}",
        kw(now),
        kw(accepts_at(now)),
        kw(step)
    );
    chart.words(words).show(ui, rect);
}

/// Level of the step bucket over the plan.
pub(super) fn bucket(ui: &mut Ui, ink: &Ink, rect: Rect, trace: &Trace, limits: &Policy) {
    let t = &ink.t;
    let end = trace.t_s.last().copied().unwrap_or(1.0);
    let (low, cap) = (trace.lowest.0, peak(&trace.capacity_kw).max(1.0));
    let floor = if low < 0.0 { low.max(-4.0 * cap) * 1.1 } else { 0.0 };
    let words = if low < 0.0 {
        format!("refused from here: {} kW", kw(low))
    } else {
        format!("lowest {} kW at {}", kw(low), seconds(trace.lowest.1))
    };
    let mut chart = Chart::new("bucket", Axis::time([0.0, end]), Axis::linear([floor, cap * 1.1], ""))
        .title("Step bucket", format!("kW, refill {} kW/s", short(limits.refill_kw_per_s)))
        .limit(Limit::new(0.0, "", t.limit).solid(1.0))
        .curve(Curve::new("capacity", &trace.t_s, &trace.capacity_kw, t.limit).width(1.0).dash(4.0, 4.0))
        .curve(Curve::new("level", &trace.t_s, &trace.level_kw, t.text))
        .mark(Mark::ring([trace.lowest.1, low.max(floor)], &words, t.text))
        .words(format!("Step bucket over the plan: {words}"));
    if floor < 0.0 {
        chart = chart.area(Area::between_y([floor, 0.0]).hatched(t.dead));
    }
    chart.show(ui, rect);
}

/// Planned powers over time.
pub(super) fn powers(ui: &mut Ui, ink: &Ink, rect: Rect, trace: &Trace, plan: &Plan, limits: &Policy) {
    let t = &ink.t;
    let end = trace.t_s.last().copied().unwrap_or(1.0);
    let ceiling = limits.ceiling_pu * plan.rated_kw;
    let top = peak(&trace.gen_kw).max(ceiling).max(plan.rated_kw).max(1.0) * 1.08;
    let over = plan.end_kw() > ceiling + 1e-6;
    let last = trace.t_s.last().zip(trace.gen_kw.last()).map(|(t_s, kw)| [*t_s, *kw]);
    let words = format!("ends at {} kW{}", kw(plan.end_kw()), if over { ", past the ceiling" } else { "" });
    let wash = mix(t.pen_genset, t.inset, 0.08);
    let mut chart = Chart::new("powers", Axis::time([0.0, end]), Axis::linear([0.0, top], ""))
        .title("Planned power", "kW, batches as steps")
        .limit(Limit::new(ceiling, format!("ceiling {}", kw(ceiling)), t.limit))
        .curve(Curve::new("genset", &trace.t_s, &trace.gen_kw, t.pen_genset).width(2.5).filled(wash))
        .curve(Curve::new("GPU", &trace.t_s, &trace.gpu_kw, t.pen_gpu).width(2.0))
        .curve(Curve::new("miners", &trace.t_s, &trace.miner_kw, t.pen_miner).width(2.0).dash(8.0, 4.0))
        .words(format!(
            "Planned power: genset from {} to {} kilowatts in {}",
            kw(plan.start_kw),
            kw(plan.end_kw()),
            seconds(plan.time_to_target_s())
        ));
    if let Some(at) = last {
        chart = chart.mark(Mark::dot(at, words, t.pen_genset));
    }
    chart.show(ui, rect);
}

/// Writes the plan in time as CSV; gives the number of rows.
///
/// # Errors
/// Those of the file.
pub(super) fn write_csv(trace: &Trace, out: &mut dyn io::Write) -> io::Result<usize> {
    let columns = [
        ("t_s", &trace.t_s),
        ("genset_kw", &trace.gen_kw),
        ("gpu_kw", &trace.gpu_kw),
        ("miner_kw", &trace.miner_kw),
        ("step_bucket_kw", &trace.level_kw),
        ("step_bucket_capacity_kw", &trace.capacity_kw),
    ];
    let mut out = csv::Writer::from_writer(out);
    out.write_record(columns.map(|(name, _)| name))?;
    for row in 0..trace.t_s.len() {
        out.write_record(columns.map(|(_, values)| values.get(row).map_or_else(String::new, f64::to_string)))?;
    }
    out.flush()?;
    Ok(trace.t_s.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::views::sample;
    use crate::control::plan_math::trace;

    #[test]
    fn a_plan_in_time_is_written_row_by_row() {
        let policy = sample::policy();
        let plan = Plan::of(&policy, 0.7, 714.0, 1000.0, 500.0);
        let (mut file, trace) = (Vec::new(), trace(&plan, &policy, 100));
        let rows = write_csv(&trace, &mut file).unwrap();
        let text = String::from_utf8(file).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!((rows, lines.len()), (trace.t_s.len(), trace.t_s.len() + 1));
        assert_eq!(lines[0], "t_s,genset_kw,gpu_kw,miner_kw,step_bucket_kw,step_bucket_capacity_kw");
        assert!(lines[1].starts_with("0,500,"), "{}", lines[1]);
    }
}
