//! Miner lag: a slider that runs Path B again, and the curve that shows where its advantage ends.
//!
//! The curve is made of runs of the twin, not of a formula; it is computed once for each engine and plan.

use egui::{Rect, Ui, vec2};

use super::CompareState;
use crate::console::fmt;
use crate::console::widgets::pane::{PAD, heading, pane, sides};
use crate::console::widgets::plot::{Axis, Chart, Curve as Line, Limit, Mark};
use crate::console::widgets::text::label;
use crate::console::widgets::{Button, Ink, Scale, Segmented, Slider, Text};
use crate::control::policy::ShedMode;
use crate::report::compare::lag::{Curve, GONE, LAGS_S};

const SCALE: Scale = Scale { range: [0.0, 10.0], log: false, step: 0.5, decimals: 1 };
const SPREAD: Scale = Scale { range: [0.0, 1.0], log: false, step: 0.1, decimals: 1 };
const MODES: [(ShedMode, &str); 2] = [(ShedMode::Match, "match"), (ShedMode::MatchConfirmed, "match_confirmed")];
/// Width of the names of the sliders, and room for their values.
const NAMES: f32 = 84.0;
const VALUE: f32 = 110.0;

pub(super) fn show(ui: &mut Ui, ink: &Ink, rect: Rect, state: &mut CompareState) {
    pane(ui, "lag", rect, |ui| {
        heading(ui, "Path B against miner lag", "");
        let moved = controls(ui, state);
        state.lag_set |= moved;
        ui.add_space(8.0);
        let Some((source, change)) = state.base() else {
            ui.add(Text::new("Run A is not a scenario: there is no curve of it.").dim());
            return;
        };
        let curve = match state.runs.curve(&source, &change) {
            Ok(Some(curve)) => curve,
            Ok(None) => {
                ui.add(Text::new("The curve is being computed.").dim());
                return;
            }
            Err(why) => {
                ui.add(Text::new(why));
                return;
            }
        };
        let height = (ui.available_height() - 124.0).clamp(120.0, 420.0);
        let (_, place) = ui.allocate_space(vec2(ui.available_width(), height));
        chart(ui, ink, place.expand2(vec2(PAD, 0.0)), state, &curve);
        ui.add_space(4.0);
        for line in lines(state, &curve) {
            ui.add(Text::new(line).px(13.0, 14.0));
        }
    });
}

/// Sliders and shed policy; true when one was changed.
fn controls(ui: &mut Ui, state: &mut CompareState) -> bool {
    let mut changed = false;
    let mean = format!("{} s", fmt::num(state.lag_s, 1));
    let spread = spread_words(state.lag_s, state.lag_sigma);
    let rows = [("Mean lag", &mut state.lag_s, SCALE, mean), ("Spread", &mut state.lag_sigma, SPREAD, spread)];
    for (name, value, scale, words) in rows {
        let left = |ui: &mut Ui| {
            label(ui, NAMES, Text::new(name));
            let wide = ui.available_width().min(ui.max_rect().width() - NAMES - VALUE).max(60.0);
            Slider::new(name, *value, scale).show(ui, wide)
        };
        let (new, _) = sides(ui, left, |ui| ui.add(Text::value(words).px(15.0, 16.0)));
        if let Some(new) = new.filter(|new| (new - *value).abs() > 1e-9) {
            (*value, changed) = (new, true);
        }
    }
    let selected = MODES.iter().position(|(m, _)| *m == state.mode).unwrap_or(0);
    let left = |ui: &mut Ui| {
        label(ui, NAMES, Text::new("Shed policy"));
        Segmented::new("Shed policy", &MODES.map(|(_, name)| name), selected).padding(12.0).show(ui)
    };
    let set = state.lag_set;
    let (mode, back) = sides(ui, left, |ui| set && ui.add(Button::new("as loaded").link()).clicked());
    if let Some((mode, _)) = mode.and_then(|i| MODES.get(i)) {
        (state.mode, changed) = (*mode, true);
    }
    if back {
        state.lag_set = false;
        return false;
    }
    changed
}

/// Between which lags the middle two thirds of the miners answer.
fn spread_words(mean_s: f64, sigma: f64) -> String {
    if sigma <= 0.0 {
        return "all alike".to_owned();
    }
    let median_s = mean_s * (-0.5 * sigma * sigma).exp();
    format!("{} to {} s", fmt::num(median_s * (-sigma).exp(), 1), fmt::num(median_s * sigma.exp(), 1))
}

fn chart(ui: &mut Ui, ink: &Ink, rect: Rect, state: &CompareState, curve: &Curve) {
    let known = |f: fn(&crate::report::compare::lag::Point) -> Option<f64>| -> (Vec<f64>, Vec<f64>) {
        curve.points.iter().map(|p| (p.lag_s, f(p).unwrap_or(f64::NAN))).unzip()
    };
    let (x, matched) = known(|p| p.matched);
    let (_, confirmed) = known(|p| p.confirmed);
    let top = matched.iter().chain(&confirmed).copied().filter(|v| v.is_finite()).fold(1.1, f64::max);
    let summary = summary(curve);
    let held = curve.points.iter().any(|p| p.confirmed.is_none());
    let name = if held { "match_confirmed, holds beyond" } else { "match_confirmed" };
    let end = curve.points.iter().rev().find_map(|p| Some([p.lag_s, p.confirmed?]));
    let chart =
        Chart::new("dip over lag", Axis::linear([0.0, 10.0], "s"), Axis::linear([0.0, (top * 1.08).max(1.2)], ""))
            .title("B's dip as a share of A's", format!("over miner lag, {}", curve.preset))
            .limit(Limit::new(1.0, "as deep as A", ink.t.limit))
            .limit(Limit::new(state.lag_s, "", ink.t.accent).upright().solid(1.0))
            .curve(Line::new("", &x, &confirmed, ink.t.pen_gpu).width(1.75).dash(10.0, 5.0))
            .curve(Line::new("match", &x, &matched, ink.t.pen_genset).width(2.25))
            .words(summary);
    match end {
        Some(end) => chart.mark(Mark::ring(end, name, ink.t.pen_gpu)).show(ui, rect),
        None => chart.show(ui, rect),
    };
}

/// Where the advantage ends, in a sentence.
fn summary(curve: &Curve) -> String {
    let Some(dip) = curve.a_dip_pct else { return "Path A is being run.".to_owned() };
    let gone = GONE * 100.0;
    let end = match curve.ends_at_s() {
        Some(lag) => format!(
            "With match the advantage ends at a lag of {} s: there B dips {gone:.0} % as deep as A",
            fmt::num(lag, 1)
        ),
        None if curve.is_complete() => "With match B dips less than A at every lag up to 10 s".to_owned(),
        None => "With match the end of the advantage is not reached yet".to_owned(),
    };
    format!("{end} (A: {} % of nominal, engine {}).", fmt::num(dip, 2), curve.preset)
}

/// What the curve says, and what it is made of.
fn lines(state: &CompareState, curve: &Curve) -> Vec<String> {
    let mut lines = vec![summary(curve)];
    if let Some(p) = curve.near(state.lag_s).filter(|p| (p.lag_s - state.lag_s).abs() < 0.26) {
        let share = |v: Option<f64>| v.map_or_else(|| "holds for good".to_owned(), |v| fmt::num(v, 2));
        let arrives = p.confirmed_s.map_or_else(String::new, |s| format!(" and is up after {} s", fmt::num(s, 0)));
        lines.push(format!(
            "At {} s: match {}, match_confirmed {}{arrives}.",
            fmt::num(p.lag_s, 1),
            share(p.matched),
            share(p.confirmed)
        ));
    }
    if curve.is_complete() {
        let how = if curve.sigma > 0.0 {
            format!(
                "spread by {} (sigma of its logarithm); two thirds of the miners are within the range above",
                curve.sigma
            )
        } else {
            "the same for all miners".to_owned()
        };
        lines.push(format!("Each point is two runs of the twin with a pure delay, {how}."));
    } else {
        lines.push(format!("{} of {} lags computed.", curve.points.len(), LAGS_S.len()));
    }
    lines
}
