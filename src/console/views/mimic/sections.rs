//! A plant of several bus sections: each section with its own sets above and its own feeders below, ties in the gaps.
//!
//! Positions are in pixels below the title, because rows and hit areas keep their height in a low window. What does not
//! fit as one symbol a set is drawn as one for all sets of the section.

use egui::{Rect, pos2};

use super::objects::{Square, bar, square};
use super::scene::{Feeder, NOTHING_KW, Position, Scene, line_width};
use super::sets::{Tile, on_bus, radius, strip, tile, together};
use super::{Field, Hits, Target};
use crate::console::fmt::{kw, num};
use crate::console::widgets::{Face, Ink, Weight};
use crate::plant::device::Role;

/// Between two sections, where the ties are.
const GAP: f32 = 34.0;
/// Least width of one set.
const SET_W: f32 = 84.0;
/// Height of a feeder's row.
const ROW: [f32; 2] = [28.0, 36.0];

/// Heights of the picture.
#[derive(Clone, Copy)]
struct Heights {
    set: f32,
    breaker: f32,
    bus: f32,
    name: f32,
    first: f32,
    pitch: f32,
}

pub(super) fn draw(ink: &Ink, field: Field, scene: &Scene, hits: &mut Hits<'_>) {
    let n = scene.sections.len().max(1);
    let (left, right) = (field.x(16.0), field.x(604.0));
    let gap = GAP.min((right - left) * 0.3 / n as f32);
    let width = (right - left - gap * (n - 1) as f32) / n as f32;
    let spans: Vec<[f32; 2]> = (0..n).map(|i| left + (width + gap) * i as f32).map(|x| [x, x + width]).collect();
    let h = heights(ink, field, scene);
    for (i, &span) in spans.iter().enumerate() {
        section_sets(ink, scene, i, span, h, hits);
        section_bus(ink, scene, i, span, h);
        rake(ink, field, scene, i, span, h, hits);
    }
    for (i, tie) in scene.ties.iter().enumerate() {
        let [a, b] = tie.between;
        let (Some(from), Some(to)) = (spans.get(a), spans.get(b)) else { continue };
        if b != a + 1 {
            continue;
        }
        let (x0, x1) = (from[1], to[0]);
        let live = tie.position != Position::Open && (scene.alive_at(a) || scene.alive_at(b));
        let (thick, color) = if live { (3.0, ink.t.text) } else { (0.5, ink.t.dead) };
        ink.fill(Rect::from_min_max(pos2(x0, h.bus - thick), pos2(x1, h.bus + thick)), color);
        let at = pos2(f32::midpoint(x0, x1), h.bus);
        square(ink, hits, &Square { at, position: tie.position, target: Target::Tie(i), name: &tie_name(scene, i) });
    }
}

fn tie_name(scene: &Scene, i: usize) -> String {
    let name = |n: usize| scene.sections.get(n).map_or("?", |s| s.name.as_str());
    scene.ties.get(i).map_or_else(String::new, |t| format!("52T {} to {}", name(t.between[0]), name(t.between[1])))
}

/// Rows below a section: its feeders, and ties that lead past a neighbour.
fn rows(scene: &Scene, section: usize) -> (impl Iterator<Item = &Feeder>, impl Iterator<Item = usize>) {
    let ties =
        scene.ties.iter().enumerate().filter(move |(_, t)| t.between[0] == section && t.between[1] > section + 1);
    (scene.feeders.iter().filter(move |f| f.section == Some(section)), ties.map(|(i, _)| i))
}

fn heights(ink: &Ink, field: Field, scene: &Scene) -> Heights {
    let (top, bottom) = (field.rect.top(), field.rect.bottom());
    let count = |n: usize| {
        let (feeders, ties) = rows(scene, n);
        feeders.count() + ties.count()
    };
    let most = (0..scene.sections.len()).map(count).max().unwrap_or(0).max(1) as f32;
    let r = radius(ink);
    let set = top + 40.0 + strip(ink, field, scene) + r;
    let breaker = set + r + 20.0;
    // What is left over goes above the bus.
    let tall = 30.0 + ROW[1] * (most - 0.5);
    let bus = (breaker + 20.0).max((bottom - 10.0 - tall).min(breaker + 44.0));
    let first = bus + 34.0;
    let pitch = if most > 1.0 { ((bottom - 10.0 - first) / (most - 1.0)).min(ROW[1]) } else { ROW[0] };
    Heights { set, breaker, bus, name: bus + 14.0, first, pitch }
}

fn section_sets(ink: &Ink, scene: &Scene, section: usize, [x0, x1]: [f32; 2], h: Heights, hits: &mut Hits<'_>) {
    let sets = scene.sets_of(Some(section));
    let n = sets.count();
    if n == 0 {
        return;
    }
    let y = [h.set, h.breaker, h.bus];
    let pitch = (x1 - x0) / n as f32;
    if n == 1 || pitch >= SET_W {
        for (k, (i, set)) in scene.sets_of(Some(section)).enumerate() {
            let x = x0 + pitch * k as f32;
            tile(ink, scene, i, set, [x, x + pitch], y, hits);
        }
        return;
    }
    let all = || scene.sets_of(Some(section)).map(|(_, s)| s);
    let on = all().filter(|s| on_bus(s)).count();
    let name = scene.sections.get(section).map_or("?", |s| s.name.as_str());
    let tile = Tile {
        name: &format!("{n} G"),
        target: Target::Sets(Some(section)),
        breaker: (&format!("52G of {name}"), together(all()), Target::SetBreakers(Some(section))),
        kw: all().map(|s| s.kw).sum(),
        rated_kw: all().map(|s| s.rated_kw).sum(),
        state: &format!("of {} kW", num(all().map(|s| s.rated_kw).sum(), 0)),
        word: &format!("{on} on bus"),
        turns: all().any(|s| s.state != "stopped"),
        live: scene.alive_at(section) && on > 0,
        x: [x0, x1],
        y,
    };
    tile.draw(ink, hits);
}

/// The bar with name, voltage and frequency below it.
fn section_bus(ink: &Ink, scene: &Scene, section: usize, [x0, x1]: [f32; 2], h: Heights) {
    let Some(s) = scene.sections.get(section) else { return };
    bar(ink, x0, x1, h.bus, s.alive);
    let small = ink.px(12.0, 13.0);
    let name = ink.left(x0 + 24.0, h.name, &s.name, Face::semibold(small, ink.t.text));
    let volts = s.v_pu * scene.v_nom;
    let words = if s.alive {
        [format!("{} V  {} Hz", num(volts, 0), num(s.f_hz, 2)), format!("{} Hz", num(s.f_hz, 2))]
    } else {
        ["dead".to_owned(), "dead".to_owned()]
    };
    let room = x1 - name - 8.0;
    let text = words.iter().find(|w| ink.width(w, (Weight::Regular, small)) <= room);
    ink.right(x1, h.name, text.map_or("", String::as_str), Face::regular(small, ink.t.text2));
}

/// A line down from the bar with a row for each feeder.
fn rake(ink: &Ink, field: Field, scene: &Scene, section: usize, [x0, x1]: [f32; 2], h: Heights, hits: &mut Hits<'_>) {
    let live = scene.alive_at(section);
    let (thick, color) = if live { (2.0, ink.t.text) } else { (1.0, ink.t.dead) };
    let stub = x0 + 8.0;
    let mut y = h.first;
    let (feeders, ties) = rows(scene, section);
    let bus = scene.sections.get(section).map_or("", |s| s.name.as_str());
    let mut last = h.bus;
    for f in feeders {
        feeder(ink, live, bus, f, [stub, x1], y, hits);
        last = y;
        y += h.pitch;
    }
    for i in ties {
        let Some(tie) = scene.ties.get(i) else { continue };
        let name = tie_name(scene, i);
        ink.fill(Rect::from_min_max(pos2(stub, y - 1.0), pos2(stub + 20.0, y + 1.0)), color);
        let at = pos2(stub + 20.0, y);
        square(ink, hits, &Square { at, position: tie.position, target: Target::Tie(i), name: &name });
        let end = ink.right(x1, y, tie.position.word(), Face::regular(ink.small(), ink.t.text2));
        ink.left_cut(stub + 34.0, y, end - 4.0, &name, Face::regular(ink.body(), ink.t.text2));
        last = y;
        y += h.pitch;
    }
    let bottom = last.min(field.rect.bottom());
    ink.fill(Rect::from_min_max(pos2(stub - thick / 2.0, h.bus), pos2(stub + thick / 2.0, bottom)), color);
}

fn feeder(ink: &Ink, live: bool, bus: &str, f: &Feeder, [stub, x1]: [f32; 2], y: f32, hits: &mut Hits<'_>) {
    let live = live && f.position.carries();
    let (width, color) = if live { (line_width(f.kw), ink.t.text) } else { (1.0, ink.t.dead) };
    let x = stub + 20.0;
    ink.fill(Rect::from_min_max(pos2(stub, y - width / 2.0), pos2(x, y + width / 2.0)), color);
    let of = f.kind.row();
    let name = format!("{} {}", of.breaker, of.label);
    let target = Target::Feeder(f.kind, f.section);
    square(ink, hits, &Square { at: pos2(x, y), position: f.position, target, name: &format!("{name} {bus}") });
    if live && f.kw.abs() >= NOTHING_KW {
        // The way of the power: from the bus, or out of a battery or rotor.
        let tip = if of.role == Role::Source && f.kw > 0.0 { -5.0 } else { 5.0 };
        let c = x + 16.0;
        ink.path(
            vec![pos2(c - tip / 2.0, y - 5.0), pos2(c + tip / 2.0, y), pos2(c - tip / 2.0, y + 5.0)],
            (2.0, color),
        );
    }
    let b = ink.body();
    let unit = ink.right(x1, y, "kW", Face::regular(b, ink.t.text2));
    let value = ink.right(unit - 4.0, y, kw(f.kw), Face::semibold(ink.px(15.0, 16.0), ink.t.live));
    let from = x + 26.0;
    let area = Rect::from_min_max(pos2(from, y - 12.0), pos2(x1, y + 12.0));
    hits.add(ink, area, Target::Object(f.kind, f.section), &format!("{} {bus} faceplate", of.label));
    let mut end = value - 6.0;
    if f.position != Position::Closed {
        end = ink.right(end, y, f.position.word(), Face::medium(ink.small(), ink.t.text)) - 6.0;
    }
    let fits = ink.width(&name, (Weight::Regular, b)) <= end - from;
    ink.left_cut(from, y, end, if fits { &name } else { of.breaker }, Face::regular(b, ink.t.text2));
}
