//! How the links of a site do: a row for each, and everything that is known of the selected one.

use egui::{Rect, Ui, pos2};

use super::{LiveState, words};
use crate::acts::Quality;
use crate::console::action::{Action, SourceAct};
use crate::console::widgets::pane::{heading, rule, sides};
use crate::console::widgets::table::{Column, Table};
use crate::console::widgets::text::fact;
use crate::console::widgets::{Button, Ink, Text, quality};
use crate::feed::SiteView;
use crate::feed::hub::Figures;
use crate::feed::link::Phase;

/// Rows that are in view at once; the others are scrolled to.
const MOST: usize = 8;
/// Width of the names.
const NAMES: f32 = 168.0;

const COLUMNS: [Column; 6] = [
    Column::mark("", 20.0),
    Column::words("Device", 160.0),
    Column::words("Protocol", 104.0),
    Column::rest("State", 110.0),
    Column::number("Scan", 64.0),
    Column::number("Lost", 48.0),
];

/// The worst quality among the tags of an endpoint that have ever had a value; never where none has.
fn worst(site: &SiteView, endpoint: usize) -> Quality {
    let tags = site.map.endpoints.get(endpoint).into_iter().flat_map(|e| e.groups.iter().flat_map(|g| g.tags.clone()));
    tags.filter_map(|t| site.tags.get(t)).map(|t| t.now.quality).max().unwrap_or_default()
}

/// The table; gives where it ends. A click selects.
pub(super) fn show(ui: &mut Ui, r: Rect, site: &SiteView, state: &mut LiveState) -> f32 {
    let n = site.map.endpoints.len().min(site.links.len());
    let table = Table::new("links", &COLUMNS).row_height(28.0).selected(Some(state.link));
    let place = r.with_max_y((r.top() + table.height(n.min(MOST))).min(r.bottom()));
    let told = table.show(ui, place, n, |row| {
        let e = row.index;
        let Some((end, link)) = site.map.endpoints.get(e).zip(site.links.get(e)) else { return };
        row.begin(("link", e), state.link == e);
        row.says(format!("Link {}: {}", end.name, words::state(link)));
        let down = link.info.as_ref().is_some_and(|i| i.phase != Phase::Up);
        let q = if down { Quality::Stale } else { worst(site, e) };
        row.paint(|ink, cell| quality::mark(ink, pos2(cell.left() + 5.0, cell.center().y), q));
        row.text(Text::new(&end.name).medium().strong_if(down));
        row.text(Text::new(words::protocol(&end.link)).dim());
        let since = link.info.as_ref().map_or_else(String::new, |i| words::seconds(i.since.elapsed()));
        row.text(Text::new(format!("{} {since}", words::state(link))).medium().strong_if(down));
        let Some(info) = &link.info else { return };
        let slowest = info.scans.iter().max_by_key(|s| s[0]);
        let scan =
            slowest.filter(|s| !s[0].is_zero()).map_or_else(|| "–".to_owned(), |s| words::ms(s[0].as_secs_f64()));
        let late = slowest.is_some_and(|s| words::overruns(*s));
        row.text(if late { Text::value(scan).strong().limit() } else { Text::value(scan) });
        row.text(Text::value(info.losses.to_string()));
    });
    state.link = told.chosen.unwrap_or(state.link);
    place.bottom() + 10.0
}

/// Everything about one link, and a button while it waits for its next attempt.
pub(super) fn detail(
    ui: &mut Ui,
    site: &SiteView,
    endpoint: usize,
    to_frame: Option<Figures>,
    actions: &mut Vec<Action>,
) {
    let Some((end, link)) = site.map.endpoints.get(endpoint).zip(site.links.get(endpoint)) else { return };
    let to = format!("{}  {}", words::protocol(&end.link), words::address(&end.link));
    let waits = link.info.as_ref().is_some_and(|i| matches!(i.phase, Phase::Waiting(_)));
    sides(
        ui,
        |ui| heading(ui, &end.name, &to),
        |ui| {
            if waits && ui.add(Button::new("Retry now").name(&format!("Retry {} now", end.name))).clicked() {
                actions.push(Action::Source(SourceAct::Retry(endpoint)));
            }
        },
    );
    rule(ui, Ink::of(ui).t.dead);
    let mut all = words::facts(link);
    all.push(("Arrival to row", site.to_row.map_or_else(|| "–".to_owned(), words::figures)));
    all.push(("Arrival to frame", to_frame.map_or_else(|| "–".to_owned(), words::figures)));
    let down = link.info.as_ref().is_some_and(|i| i.phase != Phase::Up);
    let (trouble, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|(label, _)| *label == "Last trouble");
    let half = rest.len().div_ceil(2);
    ui.columns(2, |columns| {
        for (ui, facts) in columns.iter_mut().zip(rest.chunks(half.max(1))) {
            for (i, (label, value)) in facts.iter().enumerate() {
                let strong = down && matches!(*label, "State" | "Next attempt");
                ui.push_id(i, |ui| fact(ui, NAMES, label, Text::new(value).medium().live().strong_if(strong)));
            }
        }
    });
    for (label, value) in trouble {
        fact(ui, NAMES, label, Text::new(value).medium());
    }
}

/// In a few lines, for the place of the controls: links, tags, what is oldest.
pub(super) fn brief(ui: &mut Ui, site: &SiteView) {
    heading(ui, "Links", "");
    rule(ui, Ink::of(ui).t.dead);
    for (e, (end, link)) in site.map.endpoints.iter().zip(&site.links).enumerate() {
        let trouble = link.info.as_ref().filter(|i| i.phase != Phase::Up).and_then(|i| i.last_error.clone());
        ui.horizontal(|ui| {
            let (_, at) = ui.allocate_space(egui::vec2(12.0, 20.0));
            quality::mark(&Ink::of(ui), at.center(), worst(site, e));
            ui.push_id(e, |ui| {
                fact(ui, 196.0, &end.name, Text::new(trouble.unwrap_or_else(|| words::state(link).to_owned())))
            });
        });
    }
}
