//! Below the rows: the limits with the one that binds, the next minute, and the buttons.

use egui::{Rect, Sense, WidgetInfo, accesskit::Role, pos2, vec2};

use super::possible::{Command, refusal, share};
use super::{Panel, of};
use crate::acts::Operate;
use crate::console::action::{Action, ScreenAct};
use crate::console::commands;
use crate::console::fmt::{kw, num, short};
use crate::console::keys::ABORT_HOLD_S;
use crate::console::widgets::{Button, Face, Weight};
use crate::control::policy::NO_LIMIT;
use crate::control::{LimitId, LimitUse, RunState};

/// What the three presets of a forecast stand for.
const KINDS: [&str; 3] = ["soft", "nominal", "stiff"];

pub(super) fn draw(panel: &mut Panel<'_>) {
    let roomy = panel.rect.height() >= 400.0;
    let top = panel.rect.top();
    let k = panel.squeeze();
    let [line, names, line2, next, buttons] =
        if roomy { [256.0, 278.0, 326.0, 346.0, 368.0] } else { [225.0, 242.0, 286.0, 302.0, 318.0] }.map(|y| y * k);
    panel.ink.hline(panel.left() as f32..=panel.right() as f32, top + line, panel.ink.t.hair);
    limits(panel, top + names);
    panel.ink.hline(panel.left() as f32..=panel.right() as f32, top + line2, panel.ink.t.hair);
    next_minute(panel, top + next);
    command_row(panel, top + buttons);
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

fn limits(panel: &mut Panel<'_>, y: f32) {
    let status = panel.status().clone();
    let columns = chosen(&status.limits, status.binding);
    let (x0, x1) = (panel.left() as f32, panel.right() as f32);
    let gap = 12.0;
    let w = (x1 - x0 - 3.0 * gap) / 4.0;
    let b = panel.ink.body();
    let t = panel.ink.t;
    for (i, u) in columns.iter().enumerate() {
        let x = x0 + (w + gap) * i as f32;
        let binds = Some(u.id) == status.binding;
        let (face, color) = if binds { (Weight::SemiBold, t.text) } else { (Weight::Regular, t.text) };
        let value = of(u.now, u.limit);
        let left = panel.ink.right(
            x + w,
            y,
            &value,
            Face::new(if binds { Weight::SemiBold } else { Weight::Medium }, b, t.live),
        );
        panel.ink.left_cut(x, y, left - 4.0, short_name(u.id, panel.narrow()), Face::new(face, b, color));
        let bar = Rect::from_min_size(pos2(x, y + 12.0), vec2(w, 4.0));
        panel.ink.fill(bar, t.hair);
        let used = share(u).clamp(0.0, 1.0) as f32;
        panel.ink.fill(Rect::from_min_size(bar.min, vec2(w * used, 4.0)), if binds { t.text } else { t.dead });
        let hit = Rect::from_min_max(pos2(x, y - 11.0), pos2(x + w, y + 17.0));
        let r = panel.ui.interact(hit, panel.ui.scope_id().with(("limit", i)), Sense::hover());
        let words = format!("{} {} {}{}", u.id.name(), value, u.unit, if binds { ", binds" } else { "" });
        r.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
        r.on_hover_text(words.clone());
    }
    note(panel, &status, y + 29.0 * panel.squeeze());
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

/// What sets the pace; in its place what was refused, or why the schedule holds. These are never cut: the name of the
/// policy set gives way.
fn note(panel: &mut Panel<'_>, status: &crate::control::Status, y: f32) {
    let (t, px) = (panel.ink.t, panel.ink.small());
    let (x0, mut x1) = (panel.left() as f32, panel.right() as f32);
    let refused = panel.state.knobs.news(panel.now_s).map(str::to_owned);
    let urgent = refused.is_some() || status.hold_reason.is_some();
    let words = refused.unwrap_or_else(|| pace_words(panel));
    let face = if urgent { Face::medium(px, t.text) } else { Face::regular(px, t.text2) };
    if !urgent || panel.ink.width(&words, face) < x1 - x0 - 120.0 {
        let set = format!("policy {}", status.policy.set);
        x1 = panel.ink.right(x1, y, set, Face::regular(px, t.text2)) - 12.0;
    }
    let place = Rect::from_min_max(pos2(x0, y - 11.0), pos2(x1, y + 11.0));
    if urgent {
        panel.ink.fitted(place, &words, face);
    } else {
        panel.ink.left_cut(x0, y, x1, &words, face);
    }
    let r = panel.ui.interact(place, panel.ui.scope_id().with("pace"), Sense::hover());
    let role = if urgent { Role::Alert } else { Role::Label };
    r.widget_info(|| WidgetInfo::labeled(role, true, &words));
    r.on_hover_text(words.clone());
}

fn next_minute(panel: &mut Panel<'_>, y: f32) {
    let b = panel.ink.body();
    let t = panel.ink.t;
    let (x0, x1) = (panel.left() as f32, panel.right() as f32);
    let x = panel.ink.left(x0, y, "Next 60 s", Face::semibold(b, t.text)) + 16.0;
    let Some(f) = panel.model.forecast.clone() else {
        let words = if panel.model.commands() { "no forecast yet" } else { "no forecast without a twin" };
        panel.ink.left(x, y, words, Face::regular(b, t.text2));
        return;
    };
    let mut x = panel.ink.left(x, y, "min f", Face::regular(b, t.text2)) + 6.0;
    x = panel.ink.left(x, y, format!("{} Hz", num(f.min_f_hz.0, 2)), Face::medium(b, t.live)) + 14.0;
    x = panel.ink.left(x, y, "max", Face::regular(b, t.text2)) + 6.0;
    x = panel.ink.left(x, y, format!("{} kW", kw(f.max_gen_kw.0)), Face::medium(b, t.live)) + 14.0;
    let label = if panel.narrow() { "limit" } else { "first limit" };
    x = panel.ink.left(x, y, label, Face::regular(b, t.text2)) + 6.0;
    let at = |what: &str, when: f64| format!("{what} at +{} s", num(when - f.t0_s, 0));
    let (words, short) = match &f.first_limit {
        Some((what, when, preset)) if *preset == panel.model.plate.preset => (at(what, *when), at(what, *when)),
        Some((what, when, preset)) => {
            let kind = f.presets.iter().position(|p| p == preset).and_then(|i| KINDS.get(i)).unwrap_or(&"other");
            (format!("{} ({preset})", at(what, *when)), format!("{} ({kind})", at(what, *when)))
        }
        None => ("none".to_owned(), "none".to_owned()),
    };
    let fits = x + panel.ink.width(&words, (Weight::Medium, b)) <= x1;
    panel.ink.left_cut(x, y, x1, if fits { &words } else { &short }, Face::medium(b, t.text));
    let hit = Rect::from_min_max(pos2(x0, y - 12.0), pos2(x1, y + 12.0));
    let r = panel.ui.interact(hit, panel.ui.scope_id().with("next minute"), Sense::hover());
    let sentence = format!(
        "Next 60 seconds: lowest frequency {} hertz, highest generator power {} kilowatts, first limit {words}",
        num(f.min_f_hz.0, 2),
        kw(f.max_gen_kw.0)
    );
    r.widget_info(|| WidgetInfo::labeled(Role::Label, true, &sentence));
    r.on_hover_text(format!("{words}\npresets {}", f.presets.join(", ")));
}

/// How many buttons there are.
const BUTTONS: usize = 6;

/// The buttons with their keys.
fn buttons() -> [(Command, &'static str, String); BUTTONS] {
    let key = commands::key_of;
    [
        (Command::Hold, "HOLD", key(commands::HOLD)),
        (Command::Resume, "Resume", key(commands::RESUME)),
        (Command::Start, "Start", String::new()),
        (Command::NextBatch, "Next batch", String::new()),
        (Command::RampDown, "Ramp down", String::new()),
        (Command::Abort, "ABORT", "\u{21e7}F8 1 s".to_owned()),
    ]
}

/// Widths of the buttons: each as wide as its words, keys as long as there is room for them, the rest spread evenly.
fn button_widths(panel: &Panel<'_>, buttons: &[(Command, &'static str, String); BUTTONS], room: f32) -> [f32; BUTTONS] {
    let (ink, b) = (&panel.ink, panel.ink.body());
    let mut widths = buttons.each_ref().map(|(_, label, _)| ink.width(label, (Weight::SemiBold, b)) + 10.0);
    let mut spare = room - widths.iter().sum::<f32>();
    for (w, (_, _, key)) in widths.iter_mut().zip(buttons).filter(|(_, (_, _, key))| !key.is_empty()) {
        let wide = ink.width(key, (Weight::Medium, ink.small())) + 6.0;
        if wide <= spare {
            *w += wide;
            spare -= wide;
        }
    }
    let each = spare / BUTTONS as f32;
    widths.map(|w| w + each)
}

fn command_row(panel: &mut Panel<'_>, y: f32) {
    let (x0, x1) = (panel.left() as f32, panel.right() as f32);
    let gap = 4.0;
    let buttons = buttons();
    let widths = button_widths(panel, &buttons, x1 - x0 - gap * (BUTTONS - 1) as f32);
    let mut x = x0;
    for ((command, label, key), w) in buttons.into_iter().zip(widths) {
        let rect = Rect::from_min_size(pos2(x, y), vec2(w, (36.0 * panel.squeeze()).max(28.0)));
        x += w + gap;
        let why = panel.locked().or_else(|| refusal(panel.status(), command).map(|r| r.to_string()));
        let button = Button::new(label).key(&key).why_not(why.as_deref());
        let button = match command {
            Command::Hold => button.solid(),
            Command::Abort => button.heavy(),
            _ => button,
        };
        let r = button.put(panel.ui, rect);
        if command == Command::Abort {
            abort(panel, &r, rect, why.is_none());
        } else if r.clicked() {
            // Like F9: what it brings is shown first.
            panel.actions.push(if command == Command::Resume {
                Action::Screen(ScreenAct::AskResume)
            } else {
                Action::Operate(operate(command))
            });
        }
    }
    if panel.status().state == RunState::Hold {
        panel.ui.ctx().request_repaint_after(std::time::Duration::from_millis(250));
    }
}

fn operate(command: Command) -> Operate {
    match command {
        Command::Start => Operate::Start,
        Command::Hold => Operate::Hold,
        Command::Resume => Operate::Resume,
        Command::NextBatch => Operate::NextBatch,
        Command::Abort => Operate::Abort,
        Command::RampDown => Operate::RampDown,
    }
}

/// ABORT acts after it has been held down; the bar along its foot shows how long.
fn abort(panel: &mut Panel<'_>, r: &egui::Response, rect: Rect, enabled: bool) {
    // A long press is no longer a click to egui, so the pointer itself is asked.
    let pressed = panel.ui.input(|i| {
        let inside = |p: Option<egui::Pos2>| p.is_some_and(|p| rect.contains(p));
        i.pointer.primary_down() && inside(i.pointer.press_origin()) && inside(i.pointer.latest_pos())
    });
    if !(enabled && pressed && (r.contains_pointer() || r.is_pointer_button_down_on())) {
        panel.state.abort_since = None;
        return;
    }
    let since = *panel.state.abort_since.get_or_insert(panel.now_s);
    let held = ((panel.now_s - since) / ABORT_HOLD_S) as f32;
    let bar = Rect::from_min_max(
        pos2(rect.left() + 4.0, rect.bottom() - 6.0),
        pos2(rect.left() + 4.0 + (rect.width() - 8.0) * held.clamp(0.0, 1.0), rect.bottom() - 3.0),
    );
    panel.ink.fill(bar, panel.ink.t.text);
    if held >= 1.0 && since.is_finite() {
        panel.actions.push(Action::Operate(Operate::Abort));
        panel.state.abort_since = Some(f64::INFINITY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
