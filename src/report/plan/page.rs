//! The page of a plan for print: what was planned, its strips, before and after, and the schedule as a file inside it.

use crate::planner::curve::FuelPrice;
use crate::planner::figures::FIGURES;
use crate::planner::problem::Bounds;
use crate::planner::setting::Planned;
use crate::report::chart::{Chart, Curve, GENSET, MINER, OTHER};
use crate::report::debrief::html::{Table, facts, file_link, list, p};
use crate::report::debrief::page::document;
use crate::report::svg::{Pen, escape};

/// Width of a strip, px, and most points of its curves.
const WIDE: f64 = 1000.0;
const POINTS: usize = 1000;

/// What the page says of a plan beside its numbers.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// Name of the load.
    pub load: &'a str,
    /// Where the load comes from.
    pub note: &'a str,
    /// Prices, sizes and limits: name and value.
    pub setting: &'a [(String, String)],
    /// Further plans that were pinned: name, and total cost, steepest ramp, deviation out of the bounds.
    pub pins: &'a [(String, [f64; 3])],
    /// Program that made it.
    pub version: &'a str,
}

/// The whole file.
#[must_use]
pub fn page(planned: &Planned, words: Words<'_>, price: Option<FuelPrice>) -> String {
    let plan = &planned.plan;
    let title = format!("Plan of the miners: {}", words.load);
    let head: Vec<(&str, String)> =
        [("Load", words.load.to_owned()), ("From", words.note.to_owned()), ("Program", words.version.to_owned())]
            .into_iter()
            .chain(words.setting.iter().map(|(k, v)| (k.as_str(), v.clone())))
            .collect();
    let form = match planned.problem.bounds {
        Bounds::Hard => "hard bounds".to_owned(),
        Bounds::Penalty { alpha } => format!("bounds left at {alpha} $/(kW²h)"),
    };
    let method = format!(
        "Least fuel plus ramping less mining income, {form}: {} steps, {} iterations, bounds left by {:.1e} kW, conditions of \
         the optimum met to {:.1e} $/kWh. A plan on paper: the engine's answer to it needs the twin.",
        plan.genset_kw.len(),
        plan.iterations,
        plan.max_violation_kw,
        plan.residuals.costate_per_kwh
    );
    let mut body = format!("<h1>{}</h1>{}{}", escape(&title), p("quiet", &method), facts(&head));
    body += "<h2>Before and after</h2>";
    body += &table(planned, price);
    if !words.pins.is_empty() {
        body += "<h2>Pinned plans</h2>";
        let mut t = Table::new("", &["plan", "total, $>", "steepest ramp, kW/h>", "outside the bounds, kW>"]);
        for (name, [total, ramp, outside]) in words.pins {
            t.line(&[name, &format!(">{total:.2}"), &format!(">{ramp:.1}"), &format!(">{outside:.2}")]);
        }
        body += &t.finish();
    }
    body += "<h2>The day</h2>";
    strips(planned).iter().for_each(|c| body += &c.svg());
    if !planned.day.notes.is_empty() {
        body += "<h2>What was done to the data</h2>";
        body += &list(&planned.day.notes);
    }
    let mut csv = Vec::new();
    if super::table::write(planned, &mut csv).is_ok() {
        body += &file_link("plan.csv", "Save the schedule as CSV", &String::from_utf8_lossy(&csv));
    }
    document(&title, &body)
}

fn table(planned: &Planned, price: Option<FuelPrice>) -> String {
    let both = [&planned.before, &planned.after];
    let mut t = Table::new("", &["over the period", "before>", "after>", "change>"]);
    for row in FIGURES.iter().filter(|row| row.is_told(both, price)) {
        let [before, after] = both.map(|f| (row.of)(f, price).unwrap_or_default());
        let d = row.decimals;
        let cells = [format!(">{before:.d$}"), format!(">{after:.d$}"), format!(">{:+.d$}", after - before)]
            .map(|c| c.replace('-', "−"));
        t.line(&[&row.words(), &cells[0], &cells[1], &cells[2]]);
    }
    t.finish()
}

/// The strips: load, miners, genset, ramp, costate, running cost.
fn strips(planned: &Planned) -> Vec<Chart<'static>> {
    let (p, plan) = (&planned.problem, &planned.plan);
    let span_h = [planned.day.start_h, planned.day.start_h + p.step_h * p.len() as f64];
    // the chart writes minutes and seconds: hours and minutes when it is told sixtieths
    let time = |i: usize| 60.0 * (planned.day.start_h + p.step_h * i as f64);
    let curve = |name, pen: Pen, v: &[f64]| {
        let step = v.len().div_ceil(POINTS).max(1);
        let points = (0..v.len()).step_by(step).map(|i| {
            let bin = &v[i..(i + step).min(v.len())];
            let (lo, hi) = bin.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
            (time(i), lo, hi)
        });
        Curve { name, pen, points: points.collect() }
    };
    let chart = |title, unit, limits: Vec<(String, f64)>, curves| Chart {
        title,
        unit,
        span_s: span_h.map(|h| 60.0 * h),
        range: [0.0, 0.0],
        fit: true,
        band: None,
        limits,
        curves,
        marks: &[],
        width: WIDE,
        height: 150.0,
    };
    let rating: Vec<(String, f64)> = p.rating_kw.map(|r| (format!("rating {r:.0}"), r)).into_iter().collect();
    let size = vec![(format!("size {:.0}", p.miner_max_kw), p.miner_max_kw)];
    let before_ramp: Vec<f64> = ramps(&p.load_kw, p.step_h, p.is_periodic());
    let [cost_before, cost_after] = planned.running_costs();
    vec![
        chart("Load", "kW", rating.clone(), vec![curve("load", GENSET, &p.load_kw)]),
        chart("Miners", "kW", size, vec![curve("after", MINER, &plan.miner_kw)]),
        chart(
            "Genset",
            "kW",
            rating,
            vec![curve("after", GENSET, &plan.genset_kw), curve("before", OTHER, &p.load_kw)],
        ),
        chart(
            "Ramp",
            "kW/h",
            Vec::new(),
            vec![curve("after", GENSET, &plan.ramp_kw_per_h), curve("before", OTHER, &before_ramp)],
        ),
        chart("Price of ramping λ", "$/kW", Vec::new(), vec![curve("λ", GENSET, &plan.lambda_per_kw)]),
        chart(
            "Running cost",
            "$",
            Vec::new(),
            vec![curve("after", GENSET, &cost_after), curve("before", OTHER, &cost_before)],
        ),
    ]
}

/// Ramp of a schedule at each point, as a plan tells its own: the mean of the steps before and after it, kW/h.
#[must_use]
pub fn ramps(kw: &[f64], step_h: f64, periodic: bool) -> Vec<f64> {
    let n = kw.len();
    let step = |i: usize| (i + 1 < n || periodic).then(|| (kw[(i + 1) % n] - kw[i]) / step_h);
    let before = |i: usize| if i > 0 { step(i - 1) } else { step(n - 1).filter(|_| periodic) };
    let at = |i: usize| match (before(i), step(i)) {
        (Some(a), Some(b)) => 0.5 * (a + b),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => 0.0,
    };
    (0..n).map(at).collect()
}
