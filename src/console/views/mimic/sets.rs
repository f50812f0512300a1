//! The gensets above the bus: one with hero number and gauge, up to six as tiles, more as a sum.

use egui::{Rect, Stroke, pos2, vec2};

use super::objects::{Square, square};
use super::scene::{Position, Scene, Set};
use super::{Field, Hits, Target};
use crate::console::fmt::{kw, num};
use crate::console::widgets::{Face, Ink, Weight};

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
    ink.centre(at - vec2(0.0, r * 0.14), name, Face::semibold(px, color));
    let w = r * 0.36;
    let wave = (0..=16)
        .map(|i| {
            let u = i as f32 / 16.0;
            at + vec2((u - 0.5) * 2.0 * w, r * 0.5 - (u * std::f32::consts::TAU).sin() * r * 0.13)
        })
        .collect();
    ink.path(wave, (1.5, color));
}

/// Position of 52G of several sets.
pub(super) fn together<'a>(sets: impl Iterator<Item = &'a Set> + Clone) -> Position {
    if sets.clone().any(|s| s.position == Position::Tripped) {
        Position::Tripped
    } else if sets.clone().all(on_bus) {
        Position::Closed
    } else if sets.clone().any(|s| s.position == Position::Unknown) {
        Position::Unknown
    } else if sets.clone().any(on_bus) {
        Position::Part
    } else {
        Position::Open
    }
}

pub(super) fn on_bus(set: &Set) -> bool {
    set.position == Position::Closed
}

fn single(ink: &Ink, field: Field, scene: &Scene, set: &Set, hits: &mut Hits<'_>) {
    let live = scene.alive && on_bus(set);
    let r = ink.px(28.0, 34.0);
    let at = pos2(field.x(46.0), field.y(88.0));
    drop_line(ink, at.x, [at.y + r, field.y(186.0)], set.kw, live);
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
    let x = ink.left(sq.x + 18.0, sq.y, "52G", Face::medium(b, ink.t.text));
    let x = ink.left(x + 6.0, sq.y, set.position.word(), Face::regular(b, ink.t.text2));
    if set.state != "on bus" {
        ink.left(x + 16.0, sq.y, set.state, Face::medium(b, ink.t.text));
    }
}

/// Line from a set down to the bus.
fn drop_line(ink: &Ink, x: f32, [from, bus]: [f32; 2], kw: f64, live: bool) {
    let width = if live { super::scene::line_width(kw).max(3.0) } else { 1.0 };
    let color = if live { ink.t.text } else { ink.t.dead };
    ink.fill(Rect::from_min_max(pos2(x - width / 2.0, from), pos2(x + width / 2.0, bus)), color);
}

/// kW, share of rating and the bullet gauge.
fn hero(ink: &Ink, field: Field, kw_now: f64, rated: f64, hits: &mut Hits<'_>) {
    let (x0, x1, y) = (field.x(92.0), field.x(284.0), field.y(72.0));
    let right = ink.left(x0, y, kw(kw_now), Face::semibold(ink.px(30.0, 36.0), ink.t.live));
    let unit = ink.left(right + 7.0, y + 4.0, "kW", Face::regular(ink.body(), ink.t.text2));
    let share = if rated > 0.0 { kw_now / rated } else { f64::NAN };
    let (short, long) =
        (format!("{} %", num(share * 100.0, 0)), format!("{} % of {}", num(share * 100.0, 0), num(rated, 0)));
    let text = if unit + 10.0 + ink.width(&long, (Weight::Regular, ink.body())) < x1 { long } else { short };
    ink.right(x1, y + 4.0, text, Face::regular(ink.body(), ink.t.text2));
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
            Face::regular(ink.small(), ink.t.text2),
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

/// Whether a bar of this width has a pointer over it.
fn pointed(width: f32) -> bool {
    width >= 120.0
}

/// Trough with the preferred band, an amount bar, the rating as a limit tick and a pointer.
fn bullet(ink: &Ink, bar: Rect, share: f64, full: f64) {
    let x = |pu: f64| bar.left() + bar.width() * (pu / full).clamp(0.0, 1.0) as f32;
    ink.fill(bar, ink.t.inset);
    ink.fill(Rect::from_x_y_ranges(x(PREFERRED_PU[0])..=x(PREFERRED_PU[1]), bar.y_range()), ink.t.band);
    ink.frame(bar, 0, ink.t.dead);
    if share.is_finite() {
        let mid = bar.center().y;
        ink.fill(Rect::from_x_y_ranges(bar.left()..=x(share), mid - 1.5..=mid + 1.5), ink.t.live);
    }
    ink.fill(Rect::from_center_size(pos2(x(1.0), bar.center().y), vec2(2.0, bar.height() + 6.0)), ink.t.limit);
    if share.is_finite() {
        let px = x(share);
        ink.fill(Rect::from_center_size(pos2(px, bar.center().y), vec2(2.0, bar.height())), ink.t.text);
        if !pointed(bar.width()) {
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
            (
                "Margin",
                if short || set.avail_kw.is_nan() {
                    format!("{} kW", kw(set.avail_kw - set.kw))
                } else {
                    "full".into()
                },
            ),
        ],
    ];
    let columns = [(field.x(314.0), field.x(462.0)), (field.x(486.0), field.x(604.0))];
    let b = ink.body();
    for (r, row) in rows.iter().enumerate() {
        let y = field.y(67.0 + 26.0 * r as f32);
        for ((label, value), (x0, x1)) in row.iter().zip(columns) {
            let left = ink.right(x1, y, value, Face::medium(b, ink.t.live));
            let long = ink.width(label, (Weight::Regular, b)) + 4.0 > left - x0;
            let label = if long { brief(label) } else { label };
            ink.left_cut(x0, y, left - 4.0, label, Face::regular(b, ink.t.text2));
            if r > 0 {
                ink.hline(x0..=x1, field.y(67.0 + 26.0 * r as f32 - 13.0), ink.t.hair);
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

/// One line of bus readings under the title, where sets take the room of the table; its height, 0 in a low window,
/// where gauges and bus say the same.
pub(super) fn strip(ink: &Ink, field: Field, scene: &Scene) -> f32 {
    if field.rect.height() < 270.0 {
        return 0.0;
    }
    let b = ink.body();
    let y = field.y(52.0).max(field.rect.top() + 43.0);
    let all = format!("{} of {} kW", kw(scene.gen_kw), num(scene.rated_kw, 0));
    let parts = [
        ("Gensets", all),
        ("f", format!("{} Hz", num(scene.f_hz, 2))),
        ("V", format!("{} V", num(scene.volt, 0))),
        ("pf", scene.pf.map_or("–".into(), |pf| num(pf, 2))),
        ("I", format!("{} A", num(scene.amp, 0))),
    ];
    let mut x = field.x(16.0);
    for (label, value) in parts {
        x = ink.left(x, y, label, Face::regular(b, ink.t.text2)) + 6.0;
        x = ink.left(x, y, value, Face::medium(b, ink.t.live)) + ink.px(16.0, 20.0);
    }
    26.0
}

/// Radius of a set that shares the picture with others.
pub(super) fn radius(ink: &Ink) -> f32 {
    ink.px(18.0, 22.0)
}

/// A set with its gauge, its breaker and the line to the bus, between `left` and `right`.
pub(super) struct Tile<'a> {
    /// Name in the circle and what a click on it opens.
    pub(super) name: &'a str,
    /// What a click on the circle opens.
    pub(super) target: Target,
    /// Name of the breaker, its position and what a click on it opens.
    pub(super) breaker: (&'a str, Position, Target),
    /// Power and rating, kW.
    pub(super) kw: f64,
    /// Rating, kW.
    pub(super) rated_kw: f64,
    /// State in words, and that of the breaker.
    pub(super) state: &'a str,
    /// Word beside the breaker.
    pub(super) word: &'a str,
    /// Turning.
    pub(super) turns: bool,
    /// Puts power on a live bus.
    pub(super) live: bool,
    /// Edges.
    pub(super) x: [f32; 2],
    /// Height of the circle's centre, of the breaker, of the bus.
    pub(super) y: [f32; 3],
}

impl Tile<'_> {
    pub(super) fn draw(&self, ink: &Ink, hits: &mut Hits<'_>) {
        let (r, [y, y_breaker, y_bus]) = (radius(ink), self.y);
        let at = pos2(self.x[0] + r + 2.0, y);
        drop_line(ink, at.x, [at.y + r, y_bus], self.kw, self.live);
        machine(ink, at, r, self.name, self.turns);
        let circle = Rect::from_center_size(at, vec2(2.0 * r, 2.0 * r));
        hits.add(ink, circle, self.target, &format!("{} faceplate", self.name));
        let (x, end, small) = (at.x + r + 8.0, self.x[1] - 8.0, ink.px(12.0, 13.0));
        let value = (kw(self.kw), ink.px(15.0, 16.0));
        if pointed(end - x) {
            // The pointer stands over the bar, so the state goes beside the value.
            let unit = ink.left(x, at.y - 4.0, value.0, Face::semibold(value.1, ink.t.live)) + 4.0;
            let word = ink.left(unit, at.y - 4.0, "kW", Face::regular(small, ink.t.text2)) + 10.0;
            let x = word.max(end - ink.width(self.state, (Weight::Regular, small)));
            ink.left_cut(x, at.y - 4.0, end, self.state, Face::regular(small, ink.t.text2));
        } else {
            ink.left_cut(x, at.y - 12.0, end, &value.0, Face::semibold(value.1, ink.t.live));
            ink.left_cut(x, at.y + 6.0, end, self.state, Face::regular(small, ink.t.text2));
        }
        let bar = Rect::from_min_max(pos2(x, at.y + 18.0), pos2(end.max(x + 24.0), at.y + 26.0));
        bullet(ink, bar, if self.rated_kw > 0.0 { self.kw / self.rated_kw } else { f64::NAN }, 1.1);
        let (name, position, target) = self.breaker;
        square(ink, hits, &Square { at: pos2(at.x, y_breaker), position, target, name });
        ink.left_cut(at.x + 18.0, y_breaker, end, self.word, Face::regular(small, ink.t.text2));
    }
}

/// One set as a tile.
pub(super) fn tile(ink: &Ink, scene: &Scene, i: usize, set: &Set, x: [f32; 2], y: [f32; 3], hits: &mut Hits<'_>) {
    let tile = Tile {
        name: &set.name,
        target: Target::Set(i),
        breaker: (&format!("52G {}", set.name), set.position, Target::Device(i)),
        kw: set.kw,
        rated_kw: set.rated_kw,
        state: set.state,
        word: set.position.word(),
        turns: set.state != "stopped",
        live: scene.alive_at(set.section) && on_bus(set),
        x,
        y,
    };
    tile.draw(ink, hits);
}

fn tiles(ink: &Ink, field: Field, scene: &Scene, sets: &[Set], hits: &mut Hits<'_>) {
    strip(ink, field, scene);
    let pitch = 588.0 / sets.len() as f32;
    let y = [field.y(96.0), field.y(152.0), field.y(186.0)];
    for (i, set) in sets.iter().enumerate() {
        let x0 = 16.0 + pitch * i as f32;
        tile(ink, scene, i, set, [field.x(x0), field.x(x0 + pitch)], y, hits);
    }
}

fn summary(ink: &Ink, field: Field, scene: &Scene, sets: &[Set], hits: &mut Hits<'_>) {
    let on = sets.iter().filter(|s| on_bus(s)).count();
    let r = ink.px(28.0, 34.0);
    let at = pos2(field.x(46.0), field.y(88.0));
    drop_line(ink, at.x, [at.y + r, field.y(186.0)], scene.gen_kw, scene.alive && on > 0);
    machine(ink, at, r, &format!("{} G", sets.len()), on > 0);
    hits.add(ink, Rect::from_center_size(at, vec2(2.0 * r, 2.0 * r)), Target::Sets(None), "gensets faceplate");
    hero(ink, field, scene.gen_kw, scene.rated_kw, hits);
    let avail = sets.iter().filter(|s| on_bus(s)).map(|s| s.avail_kw).sum();
    let all = Set {
        name: String::new(),
        section: 0,
        rated_kw: scene.rated_kw,
        breaker: None,
        position: Position::Closed,
        kw: scene.gen_kw,
        state: "on bus",
        avail_kw: avail,
    };
    readings(ink, field, scene, &all);
    let sq = pos2(at.x, field.y(150.0));
    let position = together(sets.iter());
    square(ink, hits, &Square { at: sq, position, target: Target::SetBreakers(None), name: "52G of all sets" });
    let x = ink.left(sq.x + 18.0, sq.y, "52G", Face::medium(ink.body(), ink.t.text));
    ink.left(x + 6.0, sq.y, format!("{on} of {} on bus", sets.len()), Face::regular(ink.body(), ink.t.text2));
}
