//! Bus, breakers and feeders.

use egui::{Pos2, Rect, Stroke, pos2, vec2};

use super::scene::{Feeder, NOTHING_KW, Position, Scene, chevrons, line_width};
use super::{Field, Hits, Target};
use crate::console::fmt::{kw, num};
use crate::console::model::Model;
use crate::console::widgets::{Face, Ink, Weight};
use crate::plant::device::{DeviceKind, Role};

/// A breaker on the picture.
pub(super) struct Square<'a> {
    /// Centre.
    pub(super) at: Pos2,
    /// Position.
    pub(super) position: Position,
    /// What a click opens.
    pub(super) target: Target,
    /// Device number and name.
    pub(super) name: &'a str,
}

/// A breaker: filled closed, hollow open, crossed when tripped, half when only some are closed, hatched when nobody
/// knows.
pub(super) fn square(ink: &Ink, hits: &mut Hits<'_>, s: &Square<'_>) {
    let side = ink.px(14.0, 16.0);
    let r = Rect::from_center_size(s.at, vec2(side, side));
    ink.fill(r, if s.position == Position::Closed { ink.t.text } else { ink.t.panel });
    match s.position {
        Position::Part => ink.fill(Rect::from_min_max(r.left_center(), r.max), ink.t.text),
        Position::Tripped => {
            ink.p.line_segment([r.left_top(), r.right_bottom()], Stroke::new(2.0, ink.t.text));
            ink.p.line_segment([r.right_top(), r.left_bottom()], Stroke::new(2.0, ink.t.text));
        }
        Position::Unknown => ink.hatch(r, 4.0, ink.t.text),
        Position::Closed | Position::Open => {}
    }
    ink.frame(r, 0, (2.0, ink.t.text));
    let name = format!("{}, {}", s.name, s.position.word());
    hits.add(ink, r, s.target, &name);
}

/// The bus in one piece, with the names of its sections.
pub(super) fn bus(ink: &Ink, field: Field, scene: &Scene) {
    let y = field.y(186.0);
    let b = ink.body();
    bar(ink, field.x(16.0), field.x(604.0), y, scene.alive);
    let names: Vec<&str> = scene.sections.iter().map(|s| s.name.as_str()).collect();
    let name = if names.is_empty() { "Bus".to_owned() } else { names.join(", ") };
    let text = if scene.alive { format!("{} V", num(scene.volt, 0)) } else { "dead".into() };
    let x = ink.right(field.x(604.0), y - 15.0, text, Face::regular(b, ink.t.text2));
    ink.right(x - 12.0, y - 15.0, name, Face::regular(b, ink.t.text2));
}

/// A piece of bus: thick when it carries voltage.
pub(super) fn bar(ink: &Ink, x0: f32, x1: f32, y: f32, alive: bool) {
    if alive {
        ink.fill(Rect::from_min_max(pos2(x0, y - 3.0), pos2(x1, y + 3.0)), ink.t.text);
    } else {
        ink.hline(x0..=x1, y, ink.t.dead);
    }
}

/// Left and right edge of a feeder, and the place of its line. A condenser makes the others narrower. Gensets are no feeders
/// and have their places above the bus.
fn place(kind: DeviceKind, scene: &Scene) -> [f32; 3] {
    let five = scene.feeder(DeviceKind::Condenser, None).is_some();
    match (kind, five) {
        (DeviceKind::Miners, false) => [16.0, 180.0, 46.0],
        (DeviceKind::Gpus, false) => [202.0, 366.0, 214.0],
        (DeviceKind::Bess, false) => [388.0, 488.0, 396.0],
        (DeviceKind::Aux | DeviceKind::Genset, false) => [508.0, 604.0, 516.0],
        (DeviceKind::Miners, true) => [16.0, 144.0, 34.0],
        (DeviceKind::Gpus, true) => [160.0, 288.0, 170.0],
        (DeviceKind::Bess, true) => [304.0, 386.0, 312.0],
        (DeviceKind::Condenser, _) => [402.0, 506.0, 410.0],
        (DeviceKind::Aux | DeviceKind::Genset, true) => [522.0, 604.0, 530.0],
    }
}

pub(super) fn feeder(ink: &Ink, field: Field, scene: &Scene, f: &Feeder, model: &Model, hits: &mut Hits<'_>) {
    let [x0, x1, x] = place(f.kind, scene).map(|v| field.x(v));
    let big = matches!(f.kind, DeviceKind::Miners | DeviceKind::Gpus);
    let cells = Rect::from_min_max(pos2(x0, field.y(272.0)), pos2(x1, field.y(272.0) + 16.0));
    let live = scene.alive && f.position.carries();
    let width = if live { line_width(f.kw) } else { 1.0 };
    let color = if live { ink.t.text } else { ink.t.dead };
    let y_breaker = field.y(212.0);
    ink.fill(Rect::from_min_max(pos2(x - width / 2.0, field.y(186.0)), pos2(x + width / 2.0, cells.top())), color);
    if live {
        flow(ink, x, field.y(234.0), f, color);
    }
    let b = ink.body();
    let name = format!("{} {}", f.kind.row().breaker, f.kind.row().label);
    square(
        ink,
        hits,
        &Square { at: pos2(x, y_breaker), position: f.position, target: Target::Feeder(f.kind, None), name: &name },
    );
    let number = ink.left(x + 15.0, y_breaker, f.kind.row().breaker, Face::regular(b, ink.t.text2));
    let y_name = field.y(252.0);
    let px = if big { ink.px(20.0, 23.0) } else { ink.px(15.0, 16.0) };
    // On a low window the word for the breaker has no line of its own, and a short name none beside it.
    let low = y_name - y_breaker < 34.0;
    let off = matches!(f.position, Position::Open | Position::Tripped);
    if low && off && f.count.is_empty() {
        ink.right(x1, y_breaker, f.position.word(), Face::medium(ink.small(), ink.t.text));
    } else {
        power(ink, f.kw, px, [number + 4.0, x1], y_breaker);
    }
    let named = ink.left(x + 15.0, y_name, f.kind.row().label, Face::semibold(b, ink.t.text));
    if f.position != Position::Closed {
        let (word, px) = (f.position.word(), ink.px(12.0, 13.0));
        match (low, f.count.is_empty()) {
            (true, true) if off => number,
            (true, true) => ink.right(x1, y_name, word, Face::medium(px, ink.t.text)),
            (true, false) => ink.left(number + 8.0, y_breaker, word, Face::medium(px, ink.t.text)),
            _ => ink.left_cut(x + 15.0, y_breaker + 16.0, x1.max(number), word, Face::medium(px, ink.t.text)),
        };
    }
    if !f.count.is_empty() {
        let fits = named + 4.0 < x1 - ink.width(&f.count, (Weight::Medium, b));
        let count = f.count.split(" /").next().filter(|_| !fits).unwrap_or(&f.count);
        ink.right(x1, y_name, count, Face::medium(b, ink.t.live));
    }
    let area = Rect::from_min_max(pos2(x + 12.0, y_name - 11.0), pos2(named.max(x1), cells.bottom()));
    hits.add(ink, area, Target::Object(f.kind, None), &format!("{} faceplate", f.kind.row().label));
    match f.kind {
        DeviceKind::Miners => miners(ink, cells, model, scene.miners_on),
        DeviceKind::Gpus => racks(ink, cells, scene.gpus),
        DeviceKind::Bess => soc(ink, cells, scene.soc, scene.soc_window),
        DeviceKind::Aux | DeviceKind::Condenser | DeviceKind::Genset => {
            ink.fill(cells, ink.t.inset);
            ink.frame(cells, 0, ink.t.dead);
        }
    }
    let (first, pitch) = if ink.large { (15.0, 20.0) } else { (16.0, 21.0) };
    let mut y = cells.bottom() + first;
    for (label, value) in &f.rows {
        if y + 8.0 > field.rect.bottom() {
            break;
        }
        let left = ink.right(x1, y, value, Face::medium(b, ink.t.live)) - 4.0;
        let fits = x0 + ink.width(label, (Weight::Regular, b)) <= left;
        let label = if fits { label } else { label.split(' ').next().unwrap_or(label) };
        ink.left_cut(x0, y, left, label, Face::regular(b, ink.t.text2));
        y += pitch;
    }
}

/// kW right-aligned between two edges: first the decimals go, then the unit, never a digit.
fn power(ink: &Ink, value: f64, px: f32, [from, to]: [f32; 2], y: f32) {
    let b = ink.body();
    let unit = ink.width("kW", (Weight::Regular, b)) + 5.0;
    let room = |text: &str| to - from - ink.width(text, (Weight::SemiBold, px));
    let (exact, whole) = (kw(value), num(value, 0));
    let text = if room(&exact) >= unit { exact } else { whole };
    let mut right = to;
    if room(&text) >= unit {
        right = ink.right(to, y, "kW", Face::regular(b, ink.t.text2)) - 5.0;
    }
    ink.right(right, y, text, Face::semibold(px, ink.t.live));
}

/// Chevrons on the line, pointing the way the power goes.
fn flow(ink: &Ink, x: f32, y: f32, f: &Feeder, color: egui::Color32) {
    let up = f.kind.row().role == Role::Source && f.kw > NOTHING_KW;
    let n = chevrons(f.kw);
    for i in 0..n {
        let y = y + 7.0 * i as f32;
        let (tip, wing) = if up { (y - 6.0, y) } else { (y + 6.0, y) };
        ink.path(vec![pos2(x - 8.0, wing), pos2(x, tip), pos2(x + 8.0, wing)], (2.0, color));
    }
}

/// At most 16 cells, each with the units of several blocks: on filled, moving hatched, off empty, stuck crossed.
/// Without a twin to tell of blocks, the share that hashes.
fn miners(ink: &Ink, bar: Rect, model: &Model, on: f32) {
    let cells = &model.view.miner_cells;
    if cells.is_empty() {
        ink.fill(bar, ink.t.inset);
        ink.fill(bar.with_max_x(bar.left() + bar.width() * on), ink.t.fill);
        ink.frame(bar, 0, ink.t.dead);
        return;
    }
    let group = cells.len().div_ceil(16);
    let n = cells.len().div_ceil(group);
    let pitch = (bar.width() + 2.0) / n as f32;
    for (i, chunk) in cells.chunks(group).enumerate() {
        let sum = |f: fn(&crate::acts::MinerCell) -> u32| chunk.iter().map(f).sum::<u32>() as f32;
        let units = sum(|c| c.units).max(1.0);
        let (on, moving, stuck) = (sum(|c| c.on) / units, sum(|c| c.moving) / units, sum(|c| c.stuck));
        let r = Rect::from_min_size(pos2(bar.left() + pitch * i as f32, bar.top()), vec2(pitch - 2.0, bar.height()));
        ink.fill(r, ink.t.inset);
        let top = |share: f32| r.bottom() - r.height() * share.clamp(0.0, 1.0);
        ink.fill(Rect::from_min_max(pos2(r.left(), top(on)), r.max), ink.t.fill);
        if moving > 0.0 {
            ink.hatch(Rect::from_min_max(pos2(r.left(), top(on + moving)), pos2(r.right(), top(on))), 4.0, ink.t.text2);
        }
        ink.frame(r, 0, ink.t.dead);
        if stuck > 0.0 {
            ink.p.line_segment([r.left_top(), r.right_bottom()], Stroke::new(1.5, ink.t.text));
            ink.p.line_segment([r.right_top(), r.left_bottom()], Stroke::new(1.5, ink.t.text));
        }
    }
}

/// 18 racks, filled from the left; preload half high.
fn racks(ink: &Ink, bar: Rect, [full, preload, all]: [f64; 3]) {
    const RACKS: usize = 18;
    let pitch = (bar.width() + 2.0) / RACKS as f32;
    let each = (all / RACKS as f64).max(1e-9);
    for i in 0..RACKS {
        let r = Rect::from_min_size(pos2(bar.left() + pitch * i as f32, bar.top()), vec2(pitch - 2.0, bar.height()));
        let share = |n: f64| ((n - each * i as f64) / each).clamp(0.0, 1.0) as f32;
        let (f, p) = (share(full), share(full + preload) - share(full));
        ink.fill(r, ink.t.inset);
        let filled = r.height() * (f + 0.3 * p);
        ink.fill(Rect::from_min_max(pos2(r.left(), r.bottom() - filled), r.max), ink.t.fill);
        if f < 1.0 {
            ink.frame(r, 0, ink.t.dead);
        }
    }
}

/// State of charge with the ticks of floor and ceiling.
fn soc(ink: &Ink, bar: Rect, soc: f64, window: [f64; 2]) {
    ink.fill(bar, ink.t.inset);
    let x = |v: f64| bar.left() + bar.width() * v.clamp(0.0, 1.0) as f32;
    ink.fill(Rect::from_min_max(bar.min, pos2(x(soc), bar.bottom())), ink.t.fill);
    ink.frame(bar, 0, ink.t.dead);
    for limit in window.into_iter().filter(|v| v.is_finite()) {
        ink.fill(Rect::from_center_size(pos2(x(limit), bar.center().y), vec2(2.0, bar.height() + 6.0)), ink.t.limit);
    }
}
