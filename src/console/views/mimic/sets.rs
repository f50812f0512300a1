//! The gensets above the bus: one with hero number and gauge, up to six as tiles, more as a sum.

use egui::{Rect, Stroke, pos2, vec2};

use super::objects::{Square, square};
use super::scene::{Scene, Set};
use super::{Field, Hits, Target};
use crate::console::views::ink::{Face, Ink, kw, num};

/// Most sets that are drawn one by one.
const TILES: usize = 6;
/// Preferred band of a gas set, pu of rating.
pub(super) const PREFERRED_PU: [f64; 2] = [0.7, 1.0];

pub(super) fn draw(ink: &Ink, field: Field, scene: &Scene, hits: &mut Hits<'_>) {
    match scene.sets.as_slice() {
        [] => {}
        [one] => single(ink, field, scene, one, hits),
        many if many.len() <= TILES => tiles(ink, field, scene, many, hits),
        many => summary(ink, field, scene, many, hits),
    }
}

/// Circle with a sine, the sign of a machine.
fn machine(ink: &Ink, at: egui::Pos2, r: f32, name: &str, live: bool) {
    let color = if live { ink.t.text } else { ink.t.dead };
    ink.p.circle(at, r, ink.t.panel, Stroke::new(if live { 2.5 } else { 1.0 }, color));
    let px = if r > 24.0 { 15.0 } else { 13.0 };
    ink.centre(at - vec2(0.0, r * 0.14), name, Face::SemiBold, px, color);
    let w = r * 0.36;
    let wave = (0..=16)
        .map(|i| {
            let u = i as f32 / 16.0;
            at + vec2((u - 0.5) * 2.0 * w, r * 0.5 - (u * std::f32::consts::TAU).sin() * r * 0.13)
        })
        .collect();
    ink.path(wave, 1.5, color);
}

fn on_bus(set: &Set) -> bool {
    set.position == super::scene::Position::Closed
}

fn single(ink: &Ink, field: Field, scene: &Scene, set: &Set, hits: &mut Hits<'_>) {
    let live = scene.alive && on_bus(set);
    let r = ink.px(28.0, 34.0);
    let at = pos2(field.x(46.0), field.y(88.0));
    drop_line(ink, field, at.x, at.y + r, set.kw, live);
    machine(ink, at, r, &set.name, set.state != "stopped");
    hits.add(
        ink,
        Rect::from_center_size(at, vec2(2.0 * r, 2.0 * r)),
        Target::Set(0),
        &format!("{} faceplate", set.name),
    );
    hero(ink, field, scene.gen_kw, scene.rated_kw, hits);
    readings(ink, field, scene, set);
    let sq = pos2(at.x, field.y(150.0));
    square(
        ink,
        hits,
        &Square { at: sq, position: set.position, target: Target::Device(0), name: &format!("52G {}", set.name) },
    );
    let b = ink.body();
    let x = ink.left(sq.x + 18.0, sq.y, "52G", Face::Medium, b, ink.t.text);
    let x = ink.left(x + 6.0, sq.y, set.position.word(), Face::Regular, b, ink.t.text2);
    if set.state != "on bus" {
        ink.left(x + 16.0, sq.y, set.state, Face::Medium, b, ink.t.text);
    }
}

/// Line from a set down to the bus.
fn drop_line(ink: &Ink, field: Field, x: f32, from: f32, kw: f64, live: bool) {
    let width = if live { super::scene::line_width(kw).max(3.0) } else { 1.0 };
    let color = if live { ink.t.text } else { ink.t.dead };
    ink.fill(Rect::from_min_max(pos2(x - width / 2.0, from), pos2(x + width / 2.0, field.y(186.0))), color);
}

/// kW, share of rating and the bullet gauge.
fn hero(ink: &Ink, field: Field, kw_now: f64, rated: f64, hits: &mut Hits<'_>) {
    let (x0, x1, y) = (field.x(92.0), field.x(284.0), field.y(72.0));
    let right = ink.left(x0, y, kw(kw_now), Face::SemiBold, ink.px(30.0, 36.0), ink.t.live);
    let unit = ink.left(right + 7.0, y + 4.0, "kW", Face::Regular, ink.body(), ink.t.text2);
    let share = if rated > 0.0 { kw_now / rated } else { f64::NAN };
    let (short, long) =
        (format!("{} %", num(share * 100.0, 0)), format!("{} % of {}", num(share * 100.0, 0), num(rated, 0)));
    let text = if unit + 10.0 + ink.width(&long, Face::Regular, ink.body()) < x1 { long } else { short };
    ink.right(x1, y + 4.0, text, Face::Regular, ink.body(), ink.t.text2);
    let bar = Rect::from_min_max(pos2(x0, field.y(105.0) - 5.0), pos2(x1, field.y(105.0) + 5.0));
    bullet(ink, bar, share, 1.1);
    let at = |pu: f64| bar.left() + bar.width() * (pu / 1.1) as f32;
    for (pu, shift) in [(0.0, 4.0), (0.5, 0.0), (0.7, 0.0), (1.0, 0.0)] {
        if rated >= 9999.5 && pu == 0.5 {
            continue;
        }
        ink.centre(
            pos2(at(pu) + shift, bar.bottom() + 13.0),
            num(rated * pu, 0),
            Face::Regular,
            ink.px(12.0, 13.0),
            ink.t.text2,
        );
    }
    let id = hits.ui.scope_id().with("genset gauge");
    hits.ui.interact(bar, id, egui::Sense::hover());
    hits.ui.ctx().accesskit_node_builder(id, |node| {
        node.set_role(egui::accesskit::Role::Meter);
        node.set_label("Generator power");
        node.set_numeric_value(if kw_now.is_finite() { kw_now } else { 0.0 });
        node.set_min_numeric_value(0.0);
        node.set_max_numeric_value(rated * 1.1);
    });
}

/// Trough with the preferred band, an amount bar, the rating as a limit tick and a pointer.
fn bullet(ink: &Ink, bar: Rect, share: f64, full: f64) {
    let x = |pu: f64| bar.left() + bar.width() * (pu / full).clamp(0.0, 1.0) as f32;
    ink.fill(bar, ink.t.inset);
    ink.fill(Rect::from_x_y_ranges(x(PREFERRED_PU[0])..=x(PREFERRED_PU[1]), bar.y_range()), ink.t.band);
    ink.frame(bar, 0, 1.0, ink.t.dead);
    if share.is_finite() {
        let mid = bar.center().y;
        ink.fill(Rect::from_x_y_ranges(bar.left()..=x(share), mid - 1.5..=mid + 1.5), ink.t.live);
    }
    ink.fill(Rect::from_center_size(pos2(x(1.0), bar.center().y), vec2(2.0, bar.height() + 6.0)), ink.t.limit);
    if share.is_finite() {
        let px = x(share);
        ink.fill(Rect::from_center_size(pos2(px, bar.center().y), vec2(2.0, bar.height())), ink.t.text);
        if bar.width() < 80.0 {
            return;
        }
        let top = bar.top() - 7.0;
        ink.triangle([pos2(px - 5.0, top), pos2(px + 5.0, top), pos2(px, bar.top())], ink.t.text, Stroke::NONE);
    }
}

/// Frequency, voltage, power factor, current and what air allows.
fn readings(ink: &Ink, field: Field, scene: &Scene, set: &Set) {
    let short = set.avail_kw.is_finite() && set.avail_kw < scene.rated_kw * 0.995;
    let dead = |v: String| if scene.alive { v } else { "dead".into() };
    let rows: [[(&str, String); 2]; 3] = [
        [("Frequency", dead(format!("{} Hz", num(scene.f_hz, 2)))), ("Voltage", format!("{} V", num(scene.volt, 0)))],
        [
            ("Power factor", scene.pf.map_or("–".into(), |pf| num(pf, 2))),
            ("Current", format!("{} A", num(scene.amp, 0))),
        ],
        [
            ("Air allows", format!("{} kW", kw(set.avail_kw))),
            ("Margin", if short { format!("{} kW", kw(set.avail_kw - set.kw)) } else { "full".into() }),
        ],
    ];
    let columns = [(field.x(314.0), field.x(462.0)), (field.x(486.0), field.x(604.0))];
    let b = ink.body();
    for (r, row) in rows.iter().enumerate() {
        let y = field.y(67.0 + 26.0 * r as f32);
        for ((label, value), (x0, x1)) in row.iter().zip(columns) {
            let left = ink.right(x1, y, value, Face::Medium, b, ink.t.live);
            let long = ink.width(label, Face::Regular, b) + 4.0 > left - x0;
            let label = if long { brief(label) } else { label };
            ink.left_cut(x0, y, left - 4.0, label, Face::Regular, b, ink.t.text2);
            if r > 0 {
                ink.hline(x0, x1, field.y(67.0 + 26.0 * r as f32 - 13.0), ink.t.hair);
            }
        }
    }
}

/// Symbol of a reading, where its name has no room.
fn brief(label: &str) -> &str {
    match label {
        "Frequency" => "f",
        "Voltage" => "V",
        "Power factor" => "pf",
        "Current" => "I",
        "Air allows" => "Air",
        "Margin" => "Room",
        other => other,
    }
}

/// One line of bus readings under the title, where sets take the room of the table.
fn strip(ink: &Ink, field: Field, scene: &Scene) {
    // A low window has no line for it; gauges and bus say the same.
    if field.rect.height() < 270.0 {
        return;
    }
    let b = ink.body();
    let y = field.y(52.0).max(field.rect.top() + 43.0);
    let total = format!("{} of {} kW", kw(scene.gen_kw), num(scene.rated_kw, 0));
    let parts = [
        ("Total", total),
        ("f", format!("{} Hz", num(scene.f_hz, 2))),
        ("V", format!("{} V", num(scene.volt, 0))),
        ("pf", scene.pf.map_or("–".into(), |pf| num(pf, 2))),
        ("I", format!("{} A", num(scene.amp, 0))),
    ];
    let mut x = field.x(16.0);
    for (label, value) in parts {
        x = ink.left(x, y, label, Face::Regular, b, ink.t.text2) + 6.0;
        x = ink.left(x, y, value, Face::Medium, b, ink.t.live) + 20.0;
    }
}

/// Where the lines from the sets meet the bus.
pub(super) fn lines(ink: &Ink, field: Field, scene: &Scene) -> impl Iterator<Item = f32> {
    let n = scene.sets.len();
    let (count, pitch) = if (2..=TILES).contains(&n) { (n, 588.0 / n as f32) } else { (n.min(1), 0.0) };
    let r = ink.px(18.0, 22.0);
    let x = move |i: usize| if count > 1 { field.x(16.0 + pitch * i as f32) + r + 2.0 } else { field.x(46.0) };
    (0..count).map(x)
}

fn tiles(ink: &Ink, field: Field, scene: &Scene, sets: &[Set], hits: &mut Hits<'_>) {
    strip(ink, field, scene);
    let rated = scene.rated_kw / sets.len() as f64;
    let pitch = 588.0 / sets.len() as f32;
    let r = ink.px(18.0, 22.0);
    for (i, set) in sets.iter().enumerate() {
        let x0 = 16.0 + pitch * i as f32;
        let at = pos2(field.x(x0) + r + 2.0, field.y(96.0));
        let live = scene.alive && on_bus(set);
        drop_line(ink, field, at.x, at.y + r, set.kw, live);
        machine(ink, at, r, &set.name, set.state != "stopped");
        hits.add(
            ink,
            Rect::from_center_size(at, vec2(2.0 * r, 2.0 * r)),
            Target::Set(i),
            &format!("{} faceplate", set.name),
        );
        let x = at.x + r + 8.0;
        let end = field.x(x0 + pitch) - 8.0;
        ink.left_cut(x, at.y - 12.0, end, &kw(set.kw), Face::SemiBold, ink.px(15.0, 16.0), ink.t.live);
        ink.left_cut(x, at.y + 6.0, end, set.state, Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
        let bar = Rect::from_min_max(pos2(x, at.y + 18.0), pos2(end.max(x + 24.0), at.y + 26.0));
        bullet(ink, bar, if rated > 0.0 { set.kw / rated } else { f64::NAN }, 1.1);
        let sq = pos2(at.x, field.y(152.0));
        square(
            ink,
            hits,
            &Square { at: sq, position: set.position, target: Target::Device(i), name: &format!("52G {}", set.name) },
        );
        ink.left_cut(sq.x + 18.0, sq.y, end, set.position.word(), Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
    }
}

fn summary(ink: &Ink, field: Field, scene: &Scene, sets: &[Set], hits: &mut Hits<'_>) {
    let on = sets.iter().filter(|s| on_bus(s)).count();
    let r = ink.px(28.0, 34.0);
    let at = pos2(field.x(46.0), field.y(88.0));
    drop_line(ink, field, at.x, at.y + r, scene.gen_kw, scene.alive && on > 0);
    machine(ink, at, r, &format!("{} G", sets.len()), on > 0);
    hits.add(ink, Rect::from_center_size(at, vec2(2.0 * r, 2.0 * r)), Target::Sets, "gensets faceplate");
    hero(ink, field, scene.gen_kw, scene.rated_kw, hits);
    let avail = sets.iter().filter(|s| on_bus(s)).map(|s| s.avail_kw).sum();
    let all = Set {
        name: String::new(),
        breaker: None,
        position: super::scene::Position::Closed,
        kw: scene.gen_kw,
        state: "on bus",
        avail_kw: avail,
    };
    readings(ink, field, scene, &all);
    let sq = pos2(at.x, field.y(150.0));
    let position = match on {
        0 => super::scene::Position::Open,
        n if n == sets.len() => super::scene::Position::Closed,
        _ => super::scene::Position::Part,
    };
    square(ink, hits, &Square { at: sq, position, target: Target::SetBreakers, name: "52G of all sets" });
    let x = ink.left(sq.x + 18.0, sq.y, "52G", Face::Medium, ink.body(), ink.t.text);
    ink.left(x + 6.0, sq.y, format!("{on} of {} on bus", sets.len()), Face::Regular, ink.body(), ink.t.text2);
}
