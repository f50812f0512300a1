//! All that is known of one tag: value and quality, three clocks, its place in the device, its registers, and what these
//! would mean in the other byte orders.

use egui::{Ui, vec2};

use super::points::in_words;
use super::words;
use crate::console::model::Model;
use crate::console::widgets::pane::{heading, rule};
use crate::console::widgets::text::fact;
use crate::console::widgets::{Ink, Text, quality};
use crate::feed::SiteView;
use crate::feed::orders;
use crate::plant::signals::Kind;

/// Where values begin behind their labels.
const NAMES: f32 = 132.0;

/// Draws it.
pub(super) fn show(ui: &mut Ui, model: &Model, site: &SiteView, selected: Option<usize>) {
    let ink = Ink::of(ui);
    let Some((i, tag, now)) = selected.and_then(|i| Some((i, site.map.tags.get(i)?, site.tags.get(i)?))) else {
        heading(ui, "No tag selected", "");
        ui.add(Text::new("Select one to see its clocks, its registers and the word-order check.").dim());
        return;
    };
    let end = site.map.endpoint_of(i).and_then(|e| site.map.endpoints.get(e));
    let group = end.and_then(|e| e.groups.iter().find(|g| g.tags.contains(&i)));
    let c = now.now;
    heading(ui, &tag.name, &format!("{}, {}", end.map_or("", |e| &e.name), group.map_or("", |g| &g.name)));
    rule(ui, ink.t.dead);
    let value = in_words(tag.to.map_or(Kind::Analog, |s| model.table.get(s).kind), c.value);
    ui.horizontal(|ui| {
        let (_, at) = ui.allocate_space(vec2(12.0, 28.0));
        quality::mark(&ink, at.center(), c.quality);
        let big = Text::value(value).strong().px(22.0, 24.0);
        ui.add(if c.quality.usable() { big } else { big.dim() });
        ui.add(Text::new(tag.unit.name()).dim().whole());
        ui.add(Text::new(c.quality.to_string()).medium().color(quality::color(&ink.t, c.quality)));
    });
    let hex: Vec<String> = c.words.get().iter().map(|w| format!("{w:04X}")).collect();
    let feeds = tag.to.map_or_else(|| "no signal".to_owned(), |s| model.table.get(s).id.clone());
    let rank = if tag.priority > 0 { format!("{feeds}, priority {}", tag.priority) } else { feeds };
    let [low, high] = tag.valid;
    let unit = tag.unit.name();
    for (label, value) in [
        ("Source time", c.t_src_s.map_or_else(|| "none".to_owned(), words::wall)),
        ("Arrival", words::wall(c.t_arr_s)),
        ("Age", format!("{}, stale after {}", words::age(now.age_s), words::age(tag.stale_s))),
        ("Taken, refused", format!("{}, {}", c.accepted, c.refused)),
        ("Feeds", rank),
        ("Place", words::place(&tag.at)),
        ("Plausible", format!("{} to {} {unit}", words::value(low), words::value(high))),
        ("Registers", if hex.is_empty() { "none: not from registers".to_owned() } else { hex.join(" ") }),
    ] {
        fact(ui, NAMES, label, Text::new(value).medium().live());
    }
    word_orders(ui, &orders::meanings(tag, c.words.get()), unit);
}

fn word_orders(ui: &mut Ui, all: &[orders::Meaning], unit: &str) {
    if all.is_empty() {
        return;
    }
    ui.add_space(8.0);
    heading(ui, "Word order", "what the registers would mean");
    rule(ui, Ink::of(ui).t.dead);
    for m in all {
        let words = match (m.plausible, m.stated) {
            (true, true) => "plausible, stated",
            (true, false) => "plausible",
            (false, true) => "not plausible, stated",
            (false, false) => "not plausible",
        };
        let line = Text::new(format!("{} {unit}    {words}", number(m.value)));
        fact(ui, NAMES, words::order(m.order), line.strong_if(m.plausible));
    }
    if let Some(order) = orders::better(all) {
        let words = format!("{} fits, what the map says does not: look at its order", words::order(order));
        ui.add(Text::new(words).strong().limit());
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
