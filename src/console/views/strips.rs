//! What each strip of the Operate view shows: pens, bands, limits and forecast, from the model.

use crate::console::fmt;
use crate::console::model::Model;
use crate::console::outlook::Suppose;
use crate::console::theme::{Tokens, mix};
use crate::console::views::kpi;
use crate::console::widgets::pen::{Ahead, Pen};
use crate::console::widgets::strip::{LimitLine, Mark, Strip};
use crate::engine::forecast::Forecast;
use crate::plant::signals::{Signal, at, site};

/// The forecast, unless there is none, it has run out, or what it started from is stale.
#[must_use]
pub fn forecast(model: &Model) -> Option<&Forecast> {
    let f = model.forecast.as_deref()?;
    let fresh = f.t_s.last().is_some_and(|t| *t > model.t_s) && f.t0_s <= model.t_s + 1.0;
    (fresh && kpi::stale(model).is_none()).then_some(f)
}

/// Position of the plant's own preset in a forecast; the nominal one if it is none of them.
#[must_use]
pub fn own_preset(model: &Model, f: &Forecast) -> usize {
    f.presets.iter().position(|p| *p == model.plate.preset).unwrap_or(1)
}

/// Frequency.
#[must_use]
pub fn frequency<'a>(m: &'a Model, t: &Tokens) -> Strip<'a> {
    let signal = m.table.get(at(site::F_HZ));
    let fc = forecast(m);
    let ahead = fc.and_then(|f| {
        let y = f.f_hz.get(own_preset(m, f))?;
        Some(Ahead { t_s: &f.t_s, y, color: t.pen_genset, width: 1.5 })
    });
    Strip {
        title: "Frequency",
        cut: true,
        unit: "Hz",
        decimals: 2,
        header: 26.0,
        pens: vec![Pen::new(at(site::F_HZ), "f", t.pen_genset, 2.0)],
        ahead: ahead.into_iter().collect(),
        spread: fc.map(|f| (f.t_s.as_slice(), f.f_hz.each_ref().map(Vec::as_slice))),
        bands: normal(signal).map(|b| (b, t.band_strip)).into_iter().collect(),
        limits: lines(signal, 1),
        foot: m.view.response.as_ref().map_or_else(String::new, |words| format!("last step, ISO 8528-5: {words}")),
        base: covered(signal),
        least: 0.2,
        caption: true,
        supposes: m.supposed.map_or("", Suppose::after),
        mark: mark(m, true),
        ..Strip::default()
    }
}

/// Voltage, in place of frequency.
#[must_use]
pub fn voltage<'a>(m: &'a Model, t: &Tokens) -> Strip<'a> {
    let signal = m.table.get(at(site::V_PU));
    Strip {
        title: "Voltage",
        cut: true,
        unit: "pu",
        decimals: 3,
        header: 26.0,
        pens: vec![Pen::new(at(site::V_PU), "v", t.pen_genset, 2.0)],
        bands: normal(signal).map(|b| (b, t.band_strip)).into_iter().collect(),
        limits: lines(signal, 2),
        base: covered(signal),
        least: 0.02,
        caption: true,
        ..Strip::default()
    }
}

/// Power of all gensets.
#[must_use]
pub fn generator<'a>(m: &'a Model, t: &Tokens) -> Strip<'a> {
    let signal = m.table.get(at(site::GEN_KW));
    let find = |name: &str| signal.limits.iter().find(|l| l.name == name).map(|l| l.value);
    let preferred = find("preferred low").zip(find("preferred high")).map(|(a, b)| [a, b]);
    let mut limits: Vec<LimitLine> = signal
        .limits
        .iter()
        .filter(|l| !l.name.starts_with("preferred"))
        .map(|l| LimitLine { name: format!("{} {}", l.name, fmt::num(l.value, 0)), value: l.value, left: true })
        .collect();
    let end = m.status.plan_end_kw;
    let moving = m.status.eta_s.is_some();
    if moving && end > 0.0 && limits.iter().all(|l| (l.value - end).abs() > 0.5) {
        limits.push(LimitLine { name: format!("plan end {}", fmt::num(end, 0)), value: end, left: false });
    }
    let ahead = forecast(m).map(|f| Ahead { t_s: &f.t_s, y: &f.gen_kw, color: t.pen_genset, width: 1.5 });
    Strip {
        title: "Generator",
        unit: "kW",
        header: 26.0,
        pens: vec![
            Pen::new(at(site::GEN_KW), "electrical", t.pen_genset, 2.5),
            Pen::new(at(site::GEN_MECH_KW), "mechanical", t.pen_other, 1.25),
        ],
        ahead: ahead.into_iter().collect(),
        bands: preferred.map(|b| (b, t.band_faint)).into_iter().collect(),
        note: preferred
            .map_or_else(String::new, |[a, b]| format!("preferred {} to {}", fmt::num(a, 0), fmt::num(b, 0))),
        limits,
        base: preferred.unwrap_or(signal.range),
        least: 40.0,
        legend: true,
        mark: mark(m, false),
        ..Strip::default()
    }
}

/// Pens of the loads, in the order of the value column: GPU, miners, BESS, aux.
#[must_use]
pub fn load_pens(m: &Model, t: &Tokens) -> Vec<Pen> {
    let mut pens = vec![
        Pen::new(at(site::GPU_KW), "GPU", t.pen_gpu, 2.0),
        Pen::new(at(site::MINER_KW), "Miners", t.pen_miner, 2.0).dash(8.0, 4.0),
    ];
    if !m.plate.bess.is_empty() {
        pens.push(Pen::new(at(site::BESS_KW), "BESS", t.pen_bess, 2.0).dash(2.0, 3.0));
    }
    pens.push(Pen::new(at(site::AUX_KW), "Aux", t.pen_other, 1.25));
    pens
}

/// The loads, with their commands as thin steps.
#[must_use]
pub fn loads<'a>(m: &'a Model, t: &Tokens) -> Strip<'a> {
    let faint = |color| mix(color, t.inset, 0.55);
    let mut pens = load_pens(m, t);
    pens.push(Pen { ranged: false, ..Pen::new(at(site::GPU_CMD_KW), "", faint(t.pen_gpu), 1.0).steps() });
    pens.push(Pen { ranged: false, ..Pen::new(at(site::MINER_CMD_KW), "", faint(t.pen_miner), 1.0).steps() });
    let mut ahead = Vec::new();
    if let Some(f) = forecast(m) {
        ahead.push(Ahead { t_s: &f.t_s, y: &f.gpu_kw, color: t.pen_gpu, width: 1.25 });
        ahead.push(Ahead { t_s: &f.t_s, y: &f.miner_kw, color: t.pen_miner, width: 1.25 });
        if !m.plate.bess.is_empty() {
            ahead.push(Ahead { t_s: &f.t_s, y: &f.bess_kw, color: t.pen_bess, width: 1.25 });
        }
    }
    let top = [at(site::GPU_KW), at(site::MINER_KW)].map(|i| m.table.get(i).range[1]);
    Strip {
        title: "Loads",
        unit: "kW",
        header: 26.0,
        pens,
        ahead,
        base: [0.0, top[0].max(top[1]) / 1.1],
        least: 20.0,
        ends: true,
        ..Strip::default()
    }
}

/// Net step of the gensets within one second, with the allowance.
#[must_use]
pub fn step<'a>(m: &'a Model, t: &Tokens) -> Strip<'a> {
    let cap = m.site(site::STEP_CAP_KW);
    let mut limits = Vec::new();
    if cap.is_finite() && cap > 0.0 {
        limits.push(LimitLine { name: format!("allowance {}", fmt::kw(cap)), value: cap, left: true });
    }
    Strip {
        title: "Net step in 1 s",
        unit: "kW",
        decimals: 1,
        header: 22.0,
        pens: vec![
            Pen::new(at(site::STEP_UP_1S_KW), "up", t.pen_genset, 1.25),
            Pen::new(at(site::STEP_DOWN_1S_KW), "down", t.pen_other, 1.25).dash(3.0, 3.0),
        ],
        limits,
        base: [0.0, if cap > 0.0 { cap } else { 50.0 }],
        least: 10.0,
        legend: true,
        area: Some(mix(t.pen_genset, t.inset, 0.35)),
        ..Strip::default()
    }
}

/// The normal band: the first two limits.
fn normal(s: &Signal) -> Option<[f64; 2]> {
    match s.limits.as_slice() {
        [a, b, ..] if a.name.starts_with("normal") => Some([a.value, b.value]),
        _ => None,
    }
}

/// Limit lines but for the band's own edges.
fn lines(s: &Signal, decimals: usize) -> Vec<LimitLine> {
    let rest = s.limits.iter().filter(|l| !l.name.starts_with("normal"));
    rest.map(|l| LimitLine { name: format!("{} {}", l.name, fmt::num(l.value, decimals)), value: l.value, left: false })
        .collect()
}

/// What the limits cover that lie within the signal's range.
fn covered(s: &Signal) -> [f64; 2] {
    let [lo, hi] = s.range;
    let inside = s.limits.iter().map(|l| l.value).filter(|v| *v >= lo && *v <= hi);
    inside.map(|v| [v, v]).reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])]).unwrap_or(s.range)
}

/// The first limit of the forecast, on the strip that it belongs to.
fn mark(m: &Model, on_frequency: bool) -> Option<Mark> {
    let f = forecast(m)?;
    let (what, t_s, preset) = f.first_limit.as_ref()?;
    let is_f = ["F-", "81", "Hz", "f "].iter().any(|s| what.contains(s));
    if is_f != on_frequency {
        return None;
    }
    let y = if is_f { f.f_hz.get(f.presets.iter().position(|p| p == preset).unwrap_or(1))? } else { &f.gen_kw };
    let n = f.t_s.partition_point(|t| *t < *t_s).min(y.len().checked_sub(1)?);
    let value = y.get(n).copied().filter(|v| v.is_finite())?;
    let text = if *preset == m.plate.preset { what.clone() } else { format!("{what} ({preset})") };
    Some(Mark { t_s: *t_s, value, text })
}
