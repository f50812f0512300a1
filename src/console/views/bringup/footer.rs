//! Below the rows: the limits with the one that binds, the next minute, and the buttons.

use egui::{Align, Rect, Response, Ui, accesskit::Role, pos2, vec2};

use super::possible::share;
use super::{NARROW, Panel, named, of};
use crate::acts::Operate;
use crate::console::action::Action;
use crate::console::commands::{self, Command, Now};
use crate::console::fmt::{kw, num, short};
use crate::console::keys::ABORT_HOLD_S;
use crate::console::model::Model;
use crate::console::terms;
use crate::console::widgets::pane::{line, rule};
use crate::console::widgets::text::fitted;
use crate::console::widgets::{Face, Ink, Text, Weight, button};
use crate::control::policy::NO_LIMIT;
use crate::control::{LimitId, LimitUse, RunState};
use crate::engine::forecast::Forecast;
use crate::plant::signals::site;

/// What the three presets of a forecast stand for.
const KINDS: [&str; 3] = ["soft", "nominal", "stiff"];

pub(super) fn show(panel: &mut Panel<'_>, ui: &mut Ui) {
    let (hair, air) = (Ink::of(ui).t.hair, panel.air[1]);
    ui.add_space(air);
    rule(ui, hair);
    ui.add_space(air);
    limits(panel, ui);
    note(panel, ui);
    rule(ui, hair);
    next_minute(panel, ui);
    ui.add_space(2.0 * air - 2.0);
    buttons(panel, ui);
}

/// The four columns: pace limits, with whatever binds among them.
fn chosen(limits: &[LimitUse], binding: Option<LimitId>) -> Vec<LimitUse> {
    let wanted = [LimitId::GpusPerS, LimitId::Ramp, LimitId::Window1s, LimitId::Step];
    let mut out: Vec<LimitUse> = wanted.iter().filter_map(|id| limits.iter().find(|u| u.id == *id)).copied().collect();
    for u in limits.iter().filter(|u| u.blocks || Some(u.id) == binding) {
        if !out.iter().any(|o| o.id == u.id) {
            if out.len() >= 4 {
                let weakest = (0..out.len())
                    .filter(|&i| out.get(i).is_some_and(|o| Some(o.id) != binding && !o.blocks))
                    .min_by(|&a, &b| out.get(a).map_or(0.0, share).total_cmp(&out.get(b).map_or(0.0, share)));
                let Some(weakest) = weakest else { break };
                out.remove(weakest);
            }
            out.push(*u);
        }
    }
    out.truncate(4);
    out
}

fn short_name(id: LimitId, narrow: bool) -> &'static str {
    match id {
        LimitId::GpusPerS if narrow => "GPU/s",
        LimitId::Window1s if narrow => "1 s",
        LimitId::Window10s if narrow => "10 s",
        LimitId::Window100ms => "100 ms",
        LimitId::Window10s => "10 s window",
        LimitId::HoldRocof => "Hold ROCOF",
        LimitId::Confirm => "Confirm",
        _ => id.name(),
    }
}

fn limits(panel: &Panel<'_>, ui: &mut Ui) {
    let status = panel.status();
    let narrow = ui.available_width() < NARROW;
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        ui.columns(4, |columns| {
            for (ui, u) in columns.iter_mut().zip(chosen(&status.limits, status.binding)) {
                meter(ui, &u, Some(u.id) == status.binding, narrow);
            }
        });
    });
}

/// A limit: its name, `now / limit`, and a bar of how far it is used. The one that binds is heavy.
fn meter(ui: &mut Ui, u: &LimitUse, binds: bool, narrow: bool) {
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), 30.0));
    let ink = Ink::of(ui);
    let (t, b, y) = (&ink.t, ink.body(), rect.top() + 11.0);
    let [name, number] = if binds { [Weight::SemiBold; 2] } else { [Weight::Regular, Weight::Medium] };
    let value = of(u.now, u.limit);
    let left = ink.right(rect.right(), y, &value, Face::new(number, b, t.live));
    ink.left_cut(rect.left(), y, left - 4.0, short_name(u.id, narrow), Face::new(name, b, t.text));
    let bar = Rect::from_min_size(pos2(rect.left(), y + 12.0), vec2(rect.width(), 4.0));
    ink.fill(bar, t.hair);
    let used = rect.width() * share(u).clamp(0.0, 1.0) as f32;
    ink.fill(bar.with_max_x(bar.left() + used), if binds { t.text } else { t.dead });
    let words = format!("{} {value} {}{}", u.id.name(), u.unit, if binds { ", binds" } else { "" });
    let more = if binds { "This one sets the pace." } else { "" };
    terms::hover(named(ui, rect, u.id.name(), Role::Label, &words), u.id.name(), more);
}

/// What sets the pace, in kW/s, against what the other pace limits would allow: they do not agree, and it shows.
fn pace_words(panel: &Panel<'_>) -> String {
    let (status, k) = (panel.status(), panel.model.plate.gpu_kw);
    let p = &status.policy;
    if let Some(reason) = &status.hold_reason {
        return format!("{}: {reason}", if status.state == RunState::Lost { "lost" } else { "HOLD" });
    }
    let allowed = [
        (LimitId::GpusPerS, if p.gpus_per_s < NO_LIMIT { p.gpus_per_s * k } else { NO_LIMIT }),
        (LimitId::Ramp, p.ramp_limit_kw_per_s),
        (LimitId::Window1s, p.window_1s_kw),
        (LimitId::Interval, f64::from(p.batch_gpus) * k / p.interval_s.max(1e-6)),
    ];
    let pace = |id: LimitId| allowed.iter().find(|(i, _)| *i == id).map(|(_, v)| *v);
    let others: Vec<String> = allowed
        .iter()
        .filter(|(id, v)| Some(*id) != status.binding && *v < NO_LIMIT && *id != LimitId::Interval)
        .map(|(id, v)| format!("{} {}", short_name(*id, true), short(*v)))
        .collect();
    let others = if others.is_empty() { String::new() } else { format!("; allowed: {} kW/s", others.join(", ")) };
    match status.binding {
        Some(id) => {
            let own = pace(id).map(|v| format!(" at {} kW/s", short(v))).unwrap_or_default();
            // Where there are several islands: the one that the next batch is for.
            let island = status.island.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
            format!("{island}{} binds{own}{others}", id.name())
        }
        None => format!("nothing binds{others}"),
    }
}

/// A frozen twin takes commands, and nothing moves: whoever presses START is told why.
fn frozen_words(model: &Model) -> Option<String> {
    let run = commands::RUN_OR_FREEZE.offer(&Now::of(model));
    let waits = matches!(model.status.state, RunState::Idle | RunState::Running);
    let key = if run.key.is_empty() { String::new() } else { format!(" ({})", run.key) };
    (model.commands() && !model.running && waits).then(|| format!("The twin is frozen: nothing moves until Run{key}."))
}

/// What sets the pace; in its place what was refused, or why the schedule holds. These are never cut: the name of the
/// policy set gives way.
fn note(panel: &Panel<'_>, ui: &mut Ui) {
    let status = panel.status();
    let refused = panel.state.knobs.news(panel.now_s).map(str::to_owned);
    let frozen = frozen_words(panel.model);
    let urgent = refused.is_some() || frozen.is_some() || status.hold_reason.is_some();
    let words = refused.or(frozen).unwrap_or_else(|| pace_words(panel));
    let narrow = ui.available_width() < NARROW;
    let r = line(ui, 22.0, |ui| {
        let text = Text::new(&words).small();
        if urgent {
            return fitted(ui, vec2(f32::INFINITY, 22.0), &text.medium(), Align::Min);
        }
        let set = &status.policy.set;
        let note = Text::note(if narrow { set.clone() } else { format!("limits: {set}") });
        let ink = Ink::of(ui);
        let room = ui.available_width() - ink.width(note.words(), note.face(&ink)) - 8.0;
        let r = fitted(ui, vec2(room, 22.0), &text.dim(), Align::Min);
        terms::hover(ui.add(note), set, "");
        r
    });
    let role = if urgent { Role::Alert } else { Role::Label };
    named(ui, r.inner.rect, "pace", role, &words).on_hover_text(words);
}

/// Extremes and the first limit of the forecast.
fn next_minute(panel: &Panel<'_>, ui: &mut Ui) {
    let narrow = ui.available_width() < NARROW;
    let row = line(ui, 24.0, |ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        ui.add(Text::title("Next 60 s"));
        ui.add_space(8.0);
        let Some(f) = &panel.model.forecast else {
            let words = if panel.model.commands() { "no forecast yet" } else { "no forecast without a twin" };
            ui.add(Text::new(words).dim());
            return None;
        };
        if panel.site(site::ENERGISED) < 0.5 {
            ui.add(Text::new("bus dead").medium());
            return Some((
                "Next 60 seconds: the bus is dead".to_owned(),
                "Nothing is forecast for a dead bus.".to_owned(),
            ));
        }
        let [least, most] = extremes(f, panel.status().state == RunState::RampDown, &panel.model.plate.preset);
        for (name, value) in [&least, &most] {
            ui.add(Text::new(*name).dim().whole());
            ui.add(Text::value(value));
            ui.add_space(6.0);
        }
        ui.add(Text::new(if narrow { "limit" } else { "first limit" }).dim().whole());
        let first = match &f.first_limit {
            Some((what, when, preset)) => {
                let own = *preset == panel.model.plate.preset;
                let kind = f.presets.iter().position(|p| p == preset).and_then(|i| KINDS.get(i)).unwrap_or(&"other");
                let of = if own { String::new() } else { format!(" ({kind})") };
                format!("{what} at +{} s{of}", num(when - f.t0_s, 0))
            }
            None => "none".to_owned(),
        };
        fitted(ui, vec2(f32::INFINITY, 24.0), &Text::new(&first).medium(), Align::Min);
        let sentence = format!("Next 60 seconds: {} {}, {} {}, first limit {first}", least.0, least.1, most.0, most.1);
        Some((sentence, format!("first limit: {first}\n{}", terms::of("soft to stiff").unwrap_or_default())))
    });
    if let Some((sentence, more)) = row.inner {
        named(ui, row.response.rect, "next minute", Role::Label, &sentence).on_hover_text(more);
    }
}

/// The two extremes that matter: on the way up the lowest frequency and the highest power, on the way down the others.
fn extremes(f: &Forecast, down: bool, preset: &str) -> [(&'static str, String); 2] {
    let (hz, of_kw) = (|v: f64| format!("{} Hz", num(v, 2)), |v: f64| format!("{} kW", kw(v)));
    if !down {
        return [("min f", hz(f.min_f_hz.0)), ("max", of_kw(f.max_gen_kw.0))];
    }
    let own = f.presets.iter().position(|p| p == preset).unwrap_or(1);
    let most = f.f_hz[own].iter().copied().fold(f.min_f_hz.0, f64::max);
    let least = f.gen_kw.iter().copied().fold(f.max_gen_kw.0, f64::min);
    [("max f", hz(most)), ("min", of_kw(least))]
}

/// The buttons, from the left.
const BUTTONS: [Command; 6] =
    [commands::HOLD, commands::RESUME, commands::START, commands::NEXT_BATCH, commands::RAMP_DOWN, commands::ABORT];

fn buttons(panel: &mut Panel<'_>, ui: &mut Ui) {
    let now = Now::of(panel.model);
    let locked = panel.locked();
    let offers = BUTTONS.map(|c| {
        let mut offer = c.offer(&now);
        offer.why_not = locked.clone().or(offer.why_not);
        if c.held {
            offer.key = "\u{21e7}F8 1 s".to_owned();
        }
        offer
    });
    let shown = offers.each_ref().map(|o| o.button().key(&o.key));
    let [hold, resume, start, next, down, abort] = shown;
    let all = button::row(ui, 36.0, 4.0, &[hold.solid(), resume, start, next, down, abort.heavy()]);
    for ((command, offer), r) in BUTTONS.iter().zip(&offers).zip(&all) {
        if command.held {
            self::abort(panel, ui, r, offer.why_not.is_none());
        } else if r.clicked() {
            panel.actions.extend(command.action(&now));
        }
    }
    if panel.status().state == RunState::Hold {
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(250));
    }
}

/// ABORT acts after it has been held down; the bar along its foot shows how long.
fn abort(panel: &mut Panel<'_>, ui: &Ui, r: &Response, enabled: bool) {
    // A long press is no longer a click to egui, so the pointer itself is asked.
    let pressed = ui.input(|i| {
        let inside = |p: Option<egui::Pos2>| p.is_some_and(|p| r.rect.contains(p));
        i.pointer.primary_down() && inside(i.pointer.press_origin()) && inside(i.pointer.latest_pos())
    });
    if !(enabled && pressed && (r.contains_pointer() || r.is_pointer_button_down_on())) {
        panel.state.abort_since = None;
        return;
    }
    let since = *panel.state.abort_since.get_or_insert(panel.now_s);
    let held = ((panel.now_s - since) / ABORT_HOLD_S) as f32;
    let foot = Rect::from_min_max(r.rect.left_bottom() + vec2(4.0, -6.0), r.rect.right_bottom() + vec2(-4.0, -3.0));
    let ink = Ink::of(ui);
    ink.fill(foot.with_max_x(foot.left() + foot.width() * held.clamp(0.0, 1.0)), ink.t.text);
    if held >= 1.0 && since.is_finite() {
        panel.actions.push(Action::Operate(Operate::Abort));
        panel.state.abort_since = Some(f64::INFINITY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On the way down the lowest frequency was shown, which is that of now.
    #[test]
    fn regress_a_ramp_down_tells_the_highest_frequency_and_the_lowest_power() {
        let presets = ["soft", "own", "stiff"].map(str::to_owned);
        let mut f = Forecast::empty(0.0, presets, (59.9, 800.0));
        f.f_hz[1] = vec![60.0, 60.4, 60.1];
        f.gen_kw = vec![800.0, 640.0, 650.0];
        let words = |down| extremes(&f, down, "own").map(|(name, value)| format!("{name} {value}"));
        assert_eq!(words(true), ["max f 60.40 Hz", "min 640 kW"]);
        assert_eq!(words(false), ["min f 59.90 Hz", "max 800 kW"]);
    }

    fn u(id: LimitId, now: f64, blocks: bool) -> LimitUse {
        LimitUse { id, now, limit: 10.0, unit: "kW", blocks }
    }

    #[test]
    fn binding_limit_takes_the_place_of_the_weakest() {
        let all = [
            u(LimitId::GpusPerS, 5.0, false),
            u(LimitId::Step, 1.0, false),
            u(LimitId::Window1s, 2.0, false),
            u(LimitId::Ramp, 3.0, false),
            u(LimitId::Ceiling, 9.0, false),
        ];
        let ids = |binding| chosen(&all, binding).iter().map(|u| u.id).collect::<Vec<_>>();
        assert_eq!(ids(Some(LimitId::GpusPerS)), [LimitId::GpusPerS, LimitId::Ramp, LimitId::Window1s, LimitId::Step]);
        assert_eq!(
            ids(Some(LimitId::Ceiling)),
            [LimitId::GpusPerS, LimitId::Ramp, LimitId::Window1s, LimitId::Ceiling]
        );
    }

    #[test]
    fn limits_read_as_now_of_limit() {
        assert_eq!(of(10.0, 10.0), "10 / 10");
        assert_eq!(of(7.0, 20.0), "7.0 / 20");
        assert_eq!(of(87.4, 90.0), "87 / 90");
        assert_eq!(of(7.0, 1.0e9), "7.0 / \u{221e}");
    }
}
