//! The row of eight gauges that stands over every view.

use egui::{Rect, Ui, UiBuilder};

use crate::acts::Quality;
use crate::console::fmt;
use crate::console::model::{Mode, Model};
use crate::console::widgets::Ink;
use crate::console::widgets::gauge::{Gauge, Health, divider};
use crate::control::RunState;
use crate::plant::signals::{SignalIdx, at, bess, site};

/// Live rows older than this are stale, s; or three row periods, if that is longer.
const STALE_S: f64 = 2.5;

/// Scale of a ramp without limit, kW/s.
const RAMP_SCALE: [f64; 2] = [-50.0, 50.0];
/// A limit of power is passed when it is passed by more than this, kW: what the meters cannot tell apart.
const OVER_KW: f64 = 0.5;

/// The signal of each gauge.
const SIGNALS: [u32; 8] = [
    site::F_HZ,
    site::GEN_KW,
    site::HEADROOM_KW,
    site::STEP_NOW_KW,
    site::RAMP_1S_KW_PER_S,
    site::GPU_KW,
    site::MINER_KW,
    site::BESS_KW,
];

/// Draws the gauges side by side: frequency, generator, headroom, step now, ramp, GPU, miners, BESS.
pub fn show(ui: &mut Ui, rect: Rect, model: &Model) {
    let ink = Ink::of(ui);
    ink.fill(rect, ink.t.bg);
    ui.scope_builder(UiBuilder::new().max_rect(rect), |ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        ui.columns(SIGNALS.len(), |columns| {
            for (i, (ui, gauge)) in columns.iter_mut().zip(gauges(model)).enumerate() {
                let x = ui.max_rect().x_range();
                let cell = Rect::from_x_y_ranges(x.min.round()..=x.max.round(), rect.y_range());
                gauge.show(ui, cell);
                if i > 0 {
                    divider(ui, cell);
                }
            }
        });
    });
}

/// The eight gauges of a model.
#[must_use]
pub fn gauges(model: &Model) -> [Gauge; 8] {
    let mut all = [
        frequency(model),
        generator(model),
        headroom(model),
        step(model),
        ramp(model),
        gpu(model),
        miners(model),
        storage(model),
    ];
    for (g, signal) in all.iter_mut().zip(SIGNALS) {
        trust(model, g, at(signal));
    }
    // A source may not measure everything. What it leaves out is neither nought nor in alarm.
    for g in all.iter_mut().filter(|g| g.health == Health::Good && !g.value.is_finite()) {
        (g.health, g.alarm) = (Health::Unmeasured, None);
    }
    if let Some(age) = stale(model) {
        for g in &mut all {
            if g.health == Health::Good {
                g.health = Health::Stale(age);
                g.alarm = None;
            }
        }
    }
    all
}

/// How far the signal of a gauge can be trusted. A last good value is shown with its age, and never in alarm.
fn trust(model: &Model, g: &mut Gauge, signal: SignalIdx) {
    // what nothing feeds is said in words
    g.quality = model.quality(signal).filter(|q| *q != Quality::Never);
    if let (Some((_, age)), Health::Good) = (model.held(signal), &g.health) {
        (g.health, g.alarm) = (Health::Stale(age), None);
    }
}

/// Age of the newest row, if it is too old to be called live.
#[must_use]
pub fn stale(model: &Model) -> Option<f64> {
    let longest = STALE_S.max(3.0 * model.history.row_period_s());
    (model.mode == Mode::Live && model.age_s > longest).then_some(model.age_s)
}

fn frequency(m: &Model) -> Gauge {
    let (f, f0) = (m.shown(at(site::F_HZ)), m.plate.f0_hz);
    let limits = &m.table.get(at(site::F_HZ)).limits;
    let find = |name: &str| limits.iter().find(|l| l.name == name).map(|l| l.value);
    let (low, high) = (find("F-LO"), find("F-HI"));
    let dead = m.site(site::ENERGISED) < 0.5;
    let alarm = if dead {
        Some((1, "BUS DEAD"))
    } else if low.is_some_and(|l| f < l) {
        Some((1, "F-LO"))
    } else if high.is_some_and(|h| f > h) {
        Some((2, "F-HI"))
    } else {
        None
    };
    Gauge {
        context: if dead { "bus dead".to_owned() } else { format!("{} %", fmt::signed((f / f0 - 1.0) * 100.0, 1)) },
        scale: [f0 * 0.95, f0 * 1.05],
        band: Some([find("normal low").unwrap_or(f0 * 0.995), find("normal high").unwrap_or(f0 * 1.005)]),
        ticks: [low, high].into_iter().flatten().collect(),
        setpoint: Some(f0),
        alarm,
        hero: true,
        ..Gauge::of("Frequency", f, fmt::hz(f), ["Hz", "hertz"])
    }
}

fn generator(m: &Model) -> Gauge {
    let (p, rated) = (m.shown(at(site::GEN_KW)), m.plate.rated_kw);
    let signal = m.table.get(at(site::GEN_KW));
    let find = |name: &str| signal.limits.iter().find(|l| l.name == name).map(|l| l.value);
    let running = matches!(m.status.state, RunState::Running | RunState::Hold | RunState::RampDown);
    // a recording that does not show a rating is judged by none
    let known = rated > 0.0;
    let if_known = |words: String| if known { words } else { String::new() };
    Gauge {
        context: if_known(format!("{} %", fmt::num(p / rated * 100.0, 0))),
        limit: if_known(format!("/ {}", fmt::num(rated, 0))),
        scale: if known { [0.0, rated * 1.1] } else { signal.range },
        band: find("preferred low").zip(find("preferred high")).map(|(a, b)| [a, b]),
        ticks: known.then_some(rated).into_iter().collect(),
        amount: true,
        setpoint: running.then_some(m.status.plan_end_kw),
        alarm: (known && p > rated * 1.0005).then_some((2, "GEN-OVL")),
        ..Gauge::kw("Generator", p)
    }
}

fn headroom(m: &Model) -> Gauge {
    let (h, rated) = (m.shown(at(site::HEADROOM_KW)), m.plate.rated_kw);
    // The reserve that the policy keeps; a file without limits has none.
    let min = m.table.get(at(site::HEADROOM_KW)).limits.first().map(|l| l.value);
    Gauge {
        context: format!("{} %", fmt::num(h / rated * 100.0, 0)),
        limit: min.map_or_else(String::new, |min| format!("min {}", fmt::num(min, 0))),
        scale: [0.0, rated],
        band: min.map(|min| [min, rated]),
        ticks: min.into_iter().collect(),
        amount: true,
        alarm: min.filter(|min| h < min - OVER_KW && m.status.state == RunState::Running).map(|_| (2, "HEADRM-LO")),
        ..Gauge::kw("Headroom", h)
    }
}

fn step(m: &Model) -> Gauge {
    // A recording has them as columns and no control to ask.
    let [level, cap] = match m.mode {
        // before its first step control has nothing to say, and the first row has
        Mode::Twin if m.status.step_now_kw[1] > 0.0 => m.status.step_now_kw,
        Mode::Twin | Mode::Live | Mode::Replay => [m.shown(at(site::STEP_NOW_KW)), m.shown(at(site::STEP_CAP_KW))],
    };
    let net = m.site(site::STEP_UP_1S_KW).max(m.site(site::STEP_DOWN_1S_KW));
    Gauge {
        context: if cap > 0.0 { format!("{} %", fmt::num(level / cap * 100.0, 0)) } else { String::new() },
        limit: if cap.is_finite() { format!("/ {}", fmt::kw(cap)) } else { String::new() },
        scale: [0.0, (cap * 1.05).max(1.0)],
        band: cap.is_finite().then_some([0.0, cap]),
        ticks: vec![cap],
        amount: true,
        alarm: (cap > 0.0 && net > cap).then_some((2, "STEP1S")),
        ..Gauge::kw("Step now", level)
    }
}

fn ramp(m: &Model) -> Gauge {
    let r = m.shown(at(site::RAMP_1S_KW_PER_S));
    // A source without control has no limit to show.
    let limit = Some(m.status.policy.ramp_limit_kw_per_s).filter(|l| l.is_finite()).map(|l| l.max(0.1));
    Gauge {
        limit: limit.map_or_else(String::new, |l| format!("/ {}", fmt::num(l, 0))),
        scale: limit.map_or(RAMP_SCALE, |l| [-2.0 * l, 2.0 * l]),
        band: limit.map(|l| [-l, l]),
        ticks: limit.map_or_else(Vec::new, |l| vec![-l, l]),
        amount: true,
        ..Gauge::of("Ramp 1 s", r, fmt::signed(r, 1), ["kW/s", "kilowatts a second"])
    }
}

fn gpu(m: &Model) -> Gauge {
    let p = m.shown(at(site::GPU_KW));
    let (total, all_kw) = (m.plate.gpus, f64::from(m.plate.gpus) * m.plate.gpu_kw);
    let on = f64::from(total) - m.site(site::GPU_OFF);
    let counted = total > 0 && on.is_finite();
    Gauge {
        context: if counted { format!("{} %", fmt::num(on / f64::from(total) * 100.0, 0)) } else { String::new() },
        limit: if counted { format!("{} / {total}", fmt::num(on, 0)) } else { String::new() },
        scale: [0.0, if total > 0 { (all_kw * 1.05).max(1.0) } else { m.table.get(at(site::GPU_KW)).range[1] }],
        amount: true,
        setpoint: Some(m.status.policy.target_kw).filter(|kw| *kw > 0.0),
        health: fleet(m, total),
        ..Gauge::kw("GPU", p)
    }
}

/// Miner units that are on, of `told` by control and by what their feeder takes: a unit that is told to be off and still draws
/// is on its way, not off. What is commanded has its own mark. Not known where nothing tells it.
pub(crate) fn miners_on(told: f64, kw: f64, unit_kw: f64, total: u32) -> f64 {
    let known = told.is_finite() && kw.is_finite() && unit_kw > 0.0;
    if known { told.max((kw / unit_kw).round().min(f64::from(total))) } else { told }
}

fn miners(m: &Model) -> Gauge {
    let (p, total) = (m.shown(at(site::MINER_KW)), m.plate.miners);
    let (told_on, stuck) = (m.site(site::MINER_ON), m.site(site::MINER_STUCK));
    let all_kw = f64::from(total) * m.plate.miner_kw;
    let on = miners_on(told_on, p, m.plate.miner_kw, total);
    let counted = total > 0 && on.is_finite();
    let context = if !counted {
        String::new()
    } else if stuck >= 0.5 {
        format!("{} stuck", fmt::num(stuck, 0))
    } else if on > told_on + 1.5 {
        "going down".to_owned()
    } else if on < 0.5 {
        "off".to_owned()
    } else if on + 0.5 < f64::from(total) {
        format!("{} off", fmt::num(f64::from(total) - on, 0))
    } else {
        "on".to_owned()
    };
    Gauge {
        context,
        limit: if counted { format!("{} / {total}", fmt::num(on, 0)) } else { String::new() },
        scale: [0.0, if total > 0 { (all_kw * 1.05).max(1.0) } else { m.table.get(at(site::MINER_KW)).range[1] }],
        amount: true,
        setpoint: Some(m.site(site::MINER_CMD_KW)),
        alarm: (stuck >= 0.5).then_some((3, "MINER-STUCK")),
        health: fleet(m, total),
        ..Gauge::kw("Miners", p)
    }
}

/// A fleet that the plate does not list is not there; but a feed lists nothing, its rows say what there is.
fn fleet(m: &Model, total: u32) -> Health {
    if total == 0 && m.mode == Mode::Twin { Health::Absent("not fitted".to_owned()) } else { Health::Good }
}

fn storage(m: &Model) -> Gauge {
    let (p, rated) = (m.shown(at(site::BESS_KW)), m.plate.bess_kw.max(1.0));
    // Out of service is what says so; a source that does not report the breaker is taken by its power.
    let open = |i: usize| m.value(m.table.bess(i, bess::BREAKER)) < 0.5;
    let health = if m.plate.bess.is_empty() {
        fleet(m, 0)
    } else if (0..m.plate.bess.len()).all(open) {
        Health::Absent("offline".to_owned())
    } else {
        Health::Good
    };
    let state = if p > 0.5 {
        "discharging"
    } else if p < -0.5 {
        "charging"
    } else {
        "idle"
    };
    Gauge {
        context: state.to_owned(),
        limit: if m.plate.bess.is_empty() {
            String::new()
        } else {
            format!("SoC {} %", fmt::num(m.site(site::BESS_SOC_PCT), 0))
        },
        scale: [-rated, rated],
        ticks: vec![-rated, rated],
        amount: true,
        health,
        ..Gauge::kw("BESS", p)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `Miners 0 / 151` stood beside 257 kW: what was commanded, as if it were done.
    #[test]
    fn regress_units_that_still_draw_are_not_off() {
        assert_eq!(miners_on(0.0, 257.4, 3.3, 151), 78.0);
        assert_eq!(miners_on(151.0, 498.3, 3.3, 151), 151.0);
        assert_eq!(miners_on(20.0, 66.0, 3.3, 151), 20.0);
        assert_eq!(miners_on(0.0, 0.0, 3.3, 151), 0.0);
        assert!(miners_on(f64::NAN, 257.4, 3.3, 151).is_nan(), "a source that does not say is not told for it");
    }
}
