//! All that is known of one tag: value and quality, three clocks, its place in the device, its registers, and what these
//! would mean in the other byte orders.

use egui::{Rect, pos2};

use super::super::ink::{Face, Ink};
use super::points::in_words;
use super::words;
use crate::console::model::Model;
use crate::console::widgets::quality;
use crate::feed::SiteView;
use crate::feed::orders;
use crate::plant::signals::Kind;

const LINE: f32 = 26.0;
/// Where values begin behind their labels.
const INDENT: f32 = 132.0;

/// Draws it.
pub(super) fn show(ink: &Ink, r: Rect, model: &Model, site: &SiteView, selected: Option<usize>) {
    let (t, px) = (&ink.t, ink.body());
    let Some((i, tag, now)) = selected.and_then(|i| Some((i, site.map.tags.get(i)?, site.tags.get(i)?))) else {
        ink.left(r.left(), r.top() + 22.0, "No tag selected", Face::SemiBold, px, t.text);
        let words = "Select one to see its clocks, its registers and the word-order check.";
        ink.left_cut(r.left(), r.top() + 50.0, r.right(), words, Face::Regular, px, t.text2);
        return;
    };
    let end = site.map.endpoint_of(i).and_then(|e| site.map.endpoints.get(e));
    let group = end.and_then(|e| e.groups.iter().find(|g| g.tags.contains(&i)));
    let c = now.now;
    let x = ink.left(r.left(), r.top() + 22.0, &tag.name, Face::SemiBold, px, t.text);
    let of = format!("{}, {}", end.map_or("", |e| &e.name), group.map_or("", |g| &g.name));
    ink.left_cut(x + 10.0, r.top() + 22.0, r.right(), &of, Face::Regular, px, t.text2);
    ink.hline(r.left(), r.right(), r.top() + 40.0, t.dead);

    let y = r.top() + 62.0;
    let value = in_words(tag.to.map_or(Kind::Analog, |s| model.table.get(s).kind), c.value);
    quality::mark(&ink.p, t, pos2(r.left() + 5.0, y), c.quality);
    let color = if c.quality.usable() { t.live } else { t.text2 };
    let x = ink.left(r.left() + 20.0, y, value, Face::SemiBold, 22.0, color);
    let x = ink.left(x + 6.0, y, tag.unit.name(), Face::Regular, px, t.text2);
    ink.left_cut(x + 16.0, y, r.right(), &c.quality.to_string(), Face::Medium, px, quality::color(t, c.quality));

    let hex: Vec<String> = c.words.get().iter().map(|w| format!("{w:04X}")).collect();
    let feeds = tag.to.map_or_else(|| "no signal".to_owned(), |s| model.table.get(s).id.clone());
    let rank = if tag.priority > 0 { format!("{feeds}, priority {}", tag.priority) } else { feeds };
    let [low, high] = tag.valid;
    let unit = tag.unit.name();
    let rows = [
        ("Source time", c.t_src_s.map_or_else(|| "none".to_owned(), words::wall)),
        ("Arrival", words::wall(c.t_arr_s)),
        ("Age", format!("{}, stale after {}", words::age(now.age_s), words::age(tag.stale_s))),
        ("Taken, refused", format!("{}, {}", c.accepted, c.refused)),
        ("Feeds", rank),
        ("Place", words::place(&tag.at)),
        ("Plausible", format!("{} to {} {unit}", words::value(low), words::value(high))),
        ("Registers", if hex.is_empty() { "none: not from registers".to_owned() } else { hex.join(" ") }),
    ];
    let mut y = y + 36.0;
    for (label, value) in rows {
        ink.left(r.left(), y, label, Face::Regular, px, t.text2);
        ink.left_cut(r.left() + INDENT, y, r.right(), &value, Face::Medium, px, t.live);
        y += LINE;
    }
    word_orders(ink, r.with_min_y(y + 8.0), &orders::meanings(tag, c.words.get()), unit);
}

fn word_orders(ink: &Ink, r: Rect, all: &[orders::Meaning], unit: &str) {
    let (t, px) = (&ink.t, ink.body());
    if all.is_empty() || r.height() < 60.0 {
        return;
    }
    ink.left(r.left(), r.top() + 10.0, "Word order", Face::SemiBold, px, t.text);
    ink.left(r.left() + INDENT, r.top() + 10.0, "what the registers would mean", Face::Regular, px, t.text2);
    ink.hline(r.left(), r.right(), r.top() + 26.0, t.dead);
    for (i, m) in all.iter().enumerate() {
        let y = r.top() + 40.0 + LINE * i as f32;
        let face = if m.plausible { Face::SemiBold } else { Face::Regular };
        ink.left(r.left(), y, words::order(m.order), face, px, t.text);
        let x = r.left() + INDENT + 120.0;
        ink.right(x, y, number(m.value), face, px, if m.plausible { t.live } else { t.text2 });
        let x = ink.left(x + 6.0, y, unit, Face::Regular, px, t.text2);
        let words = match (m.plausible, m.stated) {
            (true, true) => "plausible, stated",
            (true, false) => "plausible",
            (false, true) => "not plausible, stated",
            (false, false) => "not plausible",
        };
        ink.left_cut(x.max(r.left() + INDENT + 150.0) + 8.0, y, r.right(), words, face, px, t.text);
    }
    if let Some(order) = orders::better(all) {
        let y = r.top() + 44.0 + LINE * all.len() as f32;
        let words = format!("{} fits, what the map says does not: look at its order", words::order(order));
        ink.left_cut(r.left(), y, r.right(), &words, Face::SemiBold, px, t.limit);
    }
}

/// A wrong order gives anything from 1e-38 to 1e38.
fn number(x: f64) -> String {
    let plain = x == 0.0 || (1e-3..1e7).contains(&x.abs());
    if x.is_nan() {
        "no number".to_owned()
    } else if plain {
        words::value(x)
    } else {
        format!("{x:.1e}").replace('-', "\u{2212}")
    }
}
