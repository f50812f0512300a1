//! The numbers beside the strips: now, at the cursors, extremes, and what belongs to the strip.

use std::ops::Range;

use crate::console::fmt;
use crate::console::model::Model;
use crate::console::theme::Tokens;
use crate::console::time_view::TimeView;
use crate::console::views::strips::{self, forecast, own_preset};
use crate::console::widgets::pen::{Ahead, Pen};
use crate::console::widgets::value_column::Row;
use crate::history::Runs;
use crate::plant::signals::{SignalIdx, at, site};

/// Value of a signal at a time: of history, or ahead of now of the forecast.
#[must_use]
pub fn value_at(m: &Model, signal: SignalIdx, t_s: f64) -> Option<f64> {
    if t_s <= m.t_s {
        return m.history.value_at(signal, t_s);
    }
    let f = forecast(m)?;
    let y: &[f64] = match signal.0 {
        site::F_HZ => f.f_hz.get(own_preset(m, f))?,
        site::GEN_KW => &f.gen_kw,
        site::GPU_KW => &f.gpu_kw,
        site::MINER_KW => &f.miner_kw,
        site::BESS_KW => &f.bess_kw,
        _ => return None,
    };
    Ahead { t_s: &f.t_s, y, color: egui::Color32::TRANSPARENT, width: 0.0 }.at(t_s)
}

fn show(v: Option<f64>, decimals: usize) -> String {
    v.map_or_else(|| "–".to_owned(), |v| fmt::num(v, decimals))
}

/// The newest value; while there is none the last good one, with its age.
fn now(m: &Model, signal: SignalIdx, decimals: usize) -> Row {
    let name = m.held(signal).map_or_else(|| "now".to_owned(), |(_, age)| fmt::duration(age));
    Row::new(name, fmt::num(m.shown(signal), decimals)).trusted(m.quality(signal))
}

/// Rows that every strip has: now, cursors or their difference, extremes of the window or between the cursors.
fn common(m: &Model, view: &TimeView, signal: SignalIdx, decimals: usize) -> Vec<Row> {
    let mut rows = vec![now(m, signal, decimals)];
    let [start, end, _] = view.span(m.t_s);
    let mut window = start..end.min(m.t_s).max(start + 1e-6);
    match view.cursors {
        [Some(a), Some(b)] => {
            let (va, vb) = (value_at(m, signal, a), value_at(m, signal, b));
            let delta = va.zip(vb).map_or_else(|| "–".to_owned(), |(va, vb)| fmt::signed(vb - va, decimals));
            window = a.min(b)..a.max(b).max(a.min(b) + 1e-6);
            rows.push(Row::new("Δ 2 − 1", delta));
            rows.extend(between(m, signal, window.clone(), decimals));
            rows.push(Row::new("cursor 1", show(va, decimals)));
            rows.push(Row::new("cursor 2", show(vb, decimals)));
        }
        [Some(a), None] => rows.push(Row::new("cursor", show(value_at(m, signal, a), decimals))),
        [None, Some(b)] => rows.push(Row::new("cursor 2", show(value_at(m, signal, b), decimals))),
        [None, None] => {}
    }
    let stats = m.history.stats(signal, window);
    let (min, max) = if view.delta_s().is_some() { ("min 1–2", "max 1–2") } else { ("min", "max") };
    rows.push(Row::new(min, show(stats.map(|s| s.min), decimals)));
    rows.push(Row::new(max, show(stats.map(|s| s.max), decimals)));
    rows
}

/// Mean between the cursors and, of a power, what it comes to: kWh.
fn between(m: &Model, signal: SignalIdx, window: Range<f64>, decimals: usize) -> Vec<Row> {
    let Some(mean) = m.history.stats(signal, window.clone()).map(|s| s.mean) else { return Vec::new() };
    let mut rows = vec![Row::new("mean 1–2", fmt::num(mean, decimals))];
    if m.table.get(signal).unit == "kW" {
        let kwh = mean * (window.end.min(m.t_s) - window.start).max(0.0) / 3600.0;
        rows.push(Row::new("∫ 1–2", format!("{} kWh", fmt::num(kwh, 2))));
    }
    rows
}

/// Beside frequency.
#[must_use]
pub fn frequency(m: &Model, view: &TimeView, runs: &mut Runs) -> Vec<Row> {
    let mut rows = common(m, view, at(site::F_HZ), 2);
    let dev = (m.site(site::F_HZ) / m.plate.f0_hz - 1.0) * 100.0;
    rows.push(Row::new("dev", format!("{} %", fmt::signed(dev, 2))));
    // The twin says it itself, by the bands of ISO 8528-5, at the foot of the plot.
    if m.view.response.is_none()
        && view.delta_s().is_none()
        && let Some(s) = recovery(m, view, runs)
    {
        rows.push(Row::new("recovery", s.map_or_else(|| "not yet".to_owned(), fmt::duration)));
    }
    rows
}

/// Beside voltage.
#[must_use]
pub fn voltage(m: &Model, view: &TimeView) -> Vec<Row> {
    let mut rows = common(m, view, at(site::V_PU), 3);
    rows.push(Row::new("volts", format!("{} V", fmt::num(m.site(site::V_PU) * m.plate.v_nom, 0))));
    rows
}

/// Beside genset power.
#[must_use]
pub fn generator(m: &Model, view: &TimeView) -> Vec<Row> {
    let mut rows = common(m, view, at(site::GEN_KW), 0);
    rows.push(Row::new("headroom", fmt::kw(m.site(site::HEADROOM_KW))));
    rows.push(Row::new("mech", fmt::num(m.site(site::GEN_MECH_KW), 0)));
    if m.status.eta_s.is_some() {
        rows.push(Row::new("plan end", fmt::num(m.status.plan_end_kw, 0)));
    }
    rows
}

/// Beside the loads: a row a pen and what is left for the gensets, now, at the cursor, or the difference of two.
#[must_use]
pub fn loads(m: &Model, view: &TimeView, t: &Tokens) -> Vec<Row> {
    let value = |signal: SignalIdx| match view.cursors {
        [Some(a), Some(b)] => Some(value_at(m, signal, b)? - value_at(m, signal, a)?),
        [Some(a), None] | [None, Some(a)] => value_at(m, signal, a),
        [None, None] => Some(m.value(signal)).filter(|v| v.is_finite()),
    };
    let delta = view.delta_s().is_some();
    let write = |v: Option<f64>| match v {
        Some(v) if delta => fmt::signed(v, 0),
        Some(v) => fmt::kw(v),
        None => "–".to_owned(),
    };
    let what = match view.cursors {
        [None, None] => "now",
        [Some(_), Some(_)] => "Δ 2 − 1",
        _ => "at the cursor",
    };
    let pens: Vec<Pen> = strips::load_pens(m, t);
    let mut rows = vec![Row::new(what, String::new())];
    rows.extend(pens.iter().map(|pen| match view.cursors {
        [None, None] => {
            let shown = Some(m.shown(pen.signal)).filter(|v| v.is_finite());
            Row::of(*pen, write(shown)).trusted(m.quality(pen.signal))
        }
        _ => Row::of(*pen, write(value(pen.signal))),
    }));
    // A battery that discharges is no load.
    let total = pens.iter().map(|pen| Some(if pen.name == "BESS" { -value(pen.signal)? } else { value(pen.signal)? }));
    let total: Option<f64> = total.sum();
    rows.push(Row::new("on gensets", write(total)).ruled());
    rows
}

/// Beside the step.
#[must_use]
pub fn step(m: &Model, view: &TimeView) -> Vec<Row> {
    let up = at(site::STEP_UP_1S_KW);
    let [start, end, _] = view.span(m.t_s);
    let max = m.history.stats(up, start..end.min(m.t_s).max(start + 1e-6)).map(|s| s.max);
    let allowed = Row::new("allowance", fmt::kw(m.site(site::STEP_CAP_KW)));
    let second = match view.cursors[0] {
        Some(a) => Row::new("cursor", show(value_at(m, up, a), 1)),
        None => Row::new("down", show(Some(m.site(site::STEP_DOWN_1S_KW)), 1)),
    };
    vec![now(m, up, 1), Row::new("max", show(max, 1)), second, allowed]
}

/// How long the last excursion of the window took: from leaving the narrow band (0.5 %) until the frequency was back
/// within the wide one (2 %). None: there was none. `Some(None)`: it is still out.
fn recovery(m: &Model, view: &TimeView, runs: &mut Runs) -> Option<Option<f64>> {
    let f0 = m.plate.f0_hz;
    let [start, end, _] = view.span(m.t_s);
    m.history.visible_into(at(site::F_HZ), start..end.min(m.t_s).max(start + 1e-6), 2000, runs);
    let (mut left, mut out, mut last) = (None, false, None);
    for [t, lo, hi] in runs.columns() {
        let off = (f0 - lo).max(hi - f0) / f0;
        if off > 0.02 {
            out = true;
            left = left.or(Some(*t));
        } else {
            if out {
                last = left.map(|l| t - l);
                out = false;
            }
            left = if off > 0.005 { left.or(Some(*t)) } else { None };
        }
    }
    if out { Some(None) } else { last.map(Some) }
}
