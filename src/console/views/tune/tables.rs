//! Table of all limits, and the four paces that the operating texts give for one and the same ramp.

use egui::{Rect, Sense, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use crate::console::fmt::{num, short};
use crate::console::widgets::{Face, Ink, Weight};
use crate::control::LimitId;
use crate::control::Policy;
use crate::control::plan_math::{Pace, Plan, all_limits, binding, met, paces, source_limits};
use crate::control::policy::NO_LIMIT;

/// Now, limit, margin of every limit; the one that binds is SemiBold, one that is passed has a mark.
pub(super) fn limits(ui: &mut Ui, ink: &Ink, rect: Rect, plan: &Plan, limits: &Policy) {
    let (x0, x1, b) = (rect.left() + 16.0, rect.right() - 16.0, ink.body());
    let y = rect.top() + 20.0;
    let end = ink.left(x0, y, "Limits", Face::semibold(b, ink.t.text));
    ink.left_cut(end + 10.0, y, x1, "of the shown plan", Face::regular(b, ink.t.text2));
    let rows = all_limits(plan, limits);
    let binds = binding(&paces(plan, limits)).map(|p| p.id);
    let columns = [x0 + 190.0, x0 + 262.0, x0 + 312.0];
    let small = ink.px(12.0, 13.0);
    let head = y + 24.0;
    for (x, name) in columns.iter().zip(["plan", "limit", ""]) {
        ink.right(*x, head, name, Face::regular(small, ink.t.text2));
    }
    ink.right(x1, head, "margin", Face::regular(small, ink.t.text2));
    ink.hline(x0..=x1, head + 10.0, ink.t.dead);
    let pitch = ((rect.bottom() - head - 16.0) / rows.len() as f32).clamp(17.0, 27.0);
    let px = if pitch < 19.0 { ink.px(13.0, 14.0) } else { b };
    let mut y = head + 11.0 + pitch / 2.0;
    for p in &rows {
        one(ui, ink, p, [x0, x1, y], columns, px, binds == Some(p.id));
        y += pitch;
    }
}

fn one(ui: &mut Ui, ink: &Ink, p: &Pace, [x0, x1, y]: [f32; 3], columns: [f32; 3], px: f32, binds: bool) {
    let face = if binds { Weight::SemiBold } else { Weight::Regular };
    let ok = met(p);
    let mut x = x0;
    if !ok {
        let mark = Rect::from_center_size(pos2(x0 + 6.0, y), vec2(12.0, 14.0));
        ink.frame(mark, 1, (1.5, ink.t.text));
        ink.centre(mark.center(), "!", Face::semibold(11.0, ink.t.text));
        x += 18.0;
    }
    ink.left(x, y, p.id.name(), Face::new(face, px, ink.t.text));
    ink.right(
        columns[0],
        y,
        short(p.now),
        Face::new(if binds { Weight::SemiBold } else { Weight::Medium }, px, ink.t.live),
    );
    let none = p.limit >= NO_LIMIT;
    let limit = if none { "none".to_owned() } else { short(p.limit) };
    ink.right(columns[1], y, limit, Face::medium(px, if none { ink.t.text2 } else { ink.t.live }));
    ink.left(columns[1] + 6.0, y, p.unit, Face::regular(ink.small(), ink.t.text2));
    let margin = if p.id == LimitId::Headroom { p.now - p.limit } else { p.limit - p.now };
    let text = if none { "\u{221e}".to_owned() } else { short(margin) };
    let left = ink.right(
        x1,
        y,
        text,
        Face::new(if ok { Weight::Medium } else { Weight::SemiBold }, px, if ok { ink.t.live } else { ink.t.text }),
    );
    let bar = Rect::from_min_max(pos2(columns[2], y - 2.0), pos2((x1 - 56.0).min(left - 8.0), y + 2.0));
    if bar.width() > 10.0 {
        ink.fill(bar, ink.t.hair);
        let used = if p.id == LimitId::Headroom { 0.0 } else { p.share().clamp(0.0, 1.0) as f32 };
        ink.fill(
            Rect::from_min_size(bar.min, vec2(bar.width() * used, 4.0)),
            if binds { ink.t.text } else { ink.t.dead },
        );
    }
    let r = ui.interact(
        Rect::from_min_max(pos2(x0, y - 8.0), pos2(x1, y + 8.0)),
        ui.scope_id().with(("tune limit", p.id)),
        Sense::hover(),
    );
    let words = format!(
        "{}: plan {}, limit {} {}, {}",
        p.id.name(),
        short(p.now),
        if none { "none".to_owned() } else { short(p.limit) },
        p.unit,
        if ok { "met" } else { "passed" }
    );
    r.widget_info(|| WidgetInfo::labeled(Role::Label, true, &words));
}

/// Four written limits for one ramp, as paces at this kW a GPU; the slowest binds and the others can never be reached.
pub(super) fn sources(ui: &mut Ui, ink: &Ink, rect: Rect, plan: &Plan, limits: &Policy) {
    let (x0, x1, b) = (rect.left() + 16.0, rect.right() - 16.0, ink.body());
    let y = rect.top() + 20.0;
    let end = ink.left(x0, y, "Four written limits", Face::semibold(b, ink.t.text));
    ink.left_cut(end + 8.0, y, x1, &format!("kW/s at {} kW a GPU", num(plan.gpu_kw, 2)), Face::regular(b, ink.t.text2));
    let all = source_limits(plan.gpu_kw);
    let slowest = all.iter().map(|s| s.pace_kw_per_s).fold(f64::INFINITY, f64::min);
    let fastest = all.iter().map(|s| s.pace_kw_per_s).fold(plan.pace_kw_per_s(), f64::max).max(1e-9);
    let bar_x = x0 + 138.0;
    let bar_w = (x1 - 50.0 - bar_x).max(20.0);
    let pitch = ((rect.height() - 96.0) / 5.0).clamp(24.0, 38.0);
    let mut y = y + 34.0;
    let top = y - pitch / 2.0 + 4.0;
    for s in &all {
        let binds = s.pace_kw_per_s <= slowest + 1e-9;
        let face = if binds { Weight::SemiBold } else { Weight::Regular };
        ink.left(x0, y, s.text, Face::new(face, b, ink.t.text));
        let w = bar_w * (s.pace_kw_per_s / fastest) as f32;
        ink.fill(Rect::from_min_size(pos2(bar_x, y - 5.0), vec2(w, 10.0)), if binds { ink.t.text } else { ink.t.fill });
        ink.left(
            bar_x + w + 6.0,
            y,
            short(s.pace_kw_per_s),
            Face::new(if binds { Weight::SemiBold } else { Weight::Medium }, b, ink.t.live),
        );
        y += pitch;
    }
    let pace = plan.pace_kw_per_s();
    ink.left(x0, y, "this plan", Face::medium(b, ink.t.accent));
    let w = bar_w * (pace / fastest) as f32;
    ink.frame(Rect::from_min_size(pos2(bar_x, y - 5.0), vec2(w.max(3.0), 10.0)), 0, (1.5, ink.t.accent));
    ink.left(bar_x + w + 6.0, y, short(pace), Face::medium(b, ink.t.accent));
    let x = bar_x + bar_w * (slowest / fastest) as f32;
    ink.dashed(&[pos2(x, top), pos2(x, y + 10.0)], ink.t.limit, 4.0, 4.0);
    let small = ink.px(12.0, 13.0);
    let notes = [
        format!("They differ by a factor of {}: the slowest binds,", short(fastest.max(slowest) / slowest.max(1e-9))),
        format!(
            "in force: {} GPU/s, {} kW/s, {} kW in 1 s",
            short(limits.gpus_per_s),
            short(limits.ramp_limit_kw_per_s),
            if limits.window_1s_kw >= NO_LIMIT { "any".into() } else { short(limits.window_1s_kw) }
        ),
    ];
    for (i, text) in notes.iter().enumerate() {
        ink.left_cut(x0, rect.bottom() - 32.0 + 17.0 * i as f32, x1, text, Face::regular(small, ink.t.text2));
    }
    let r = ui.interact(rect, ui.scope_id().with("written limits"), Sense::hover());
    let words: Vec<String> =
        all.iter().map(|s| format!("{} is {} kilowatts a second", s.text, short(s.pace_kw_per_s))).collect();
    r.widget_info(|| WidgetInfo::labeled(Role::Figure, true, format!("Four written limits: {}", words.join(", "))));
}
