//! Every tag of a map, under its device: search, what is not good, value, quality, age. A click shows all of one.

use std::collections::BTreeSet;

use egui::{Rect, Ui, pos2};

use super::points::in_words;
use super::words;
use crate::acts::Quality;
use crate::console::model::Model;
use crate::console::widgets::pane::{PAD, part};
use crate::console::widgets::table::{self, Column, Table};
use crate::console::widgets::{Segmented, Text, TextField, quality};
use crate::feed::SiteView;
use crate::plant::signals::Kind;

/// Height of the search.
const BAR: f32 = 44.0;

const COLUMNS: [Column; 7] = [
    Column::mark("", 46.0),
    Column::words("Tag", 190.0),
    Column::number("Value", 76.0),
    Column::words("Unit", 50.0),
    Column::rest("Quality", 120.0),
    Column::number("Age", 64.0),
    Column::words("Signal", 130.0),
];

/// What the browser remembers.
#[derive(Clone, Debug, Default)]
pub struct TagsState {
    /// Letters in the name, the device or the signal.
    pub search: String,
    /// Only what is not good.
    pub not_good: bool,
    /// Selected tag.
    pub selected: Option<usize>,
    /// Endpoints that are folded.
    folded: BTreeSet<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    Device(usize, usize),
    Tag(usize),
}

/// Rows that pass the filter: devices with the number of their tags, and the tags of those that are not folded.
fn rows(site: &SiteView, state: &TagsState) -> Vec<Row> {
    let wanted = state.search.trim().to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    let mut out = Vec::new();
    for (e, end) in site.map.endpoints.iter().enumerate() {
        let passes = |t: &usize| {
            let (Some(tag), Some(now)) = (site.map.tags.get(*t), site.tags.get(*t)) else { return false };
            let signal = tag.to.map_or("", |s| site.map.table.get(s).id.as_str());
            let found = wanted.is_empty() || has(&tag.name) || has(&end.name) || has(signal);
            found && !(state.not_good && now.now.quality == Quality::Good)
        };
        let tags: Vec<usize> = end.groups.iter().flat_map(|g| g.tags.clone()).filter(passes).collect();
        if tags.is_empty() {
            continue;
        }
        out.push(Row::Device(e, tags.len()));
        if !state.folded.contains(&e) {
            out.extend(tags.into_iter().map(Row::Tag));
        }
    }
    out
}

/// Draws the browser.
pub(super) fn show(ui: &mut Ui, r: Rect, model: &Model, site: &SiteView, state: &mut TagsState) {
    let r = r.expand2(egui::vec2(PAD, 0.0));
    let (bar, body) = r.split_top_bottom_at_y(r.top() + BAR);
    part(ui, "search", bar, |ui| {
        ui.add_space(8.0);
        ui.horizontal(|ui| {
            TextField::new("Search tags", &mut state.search).hint("Search tag, device, signal").show(ui, 240.0);
            if let Some(i) = Segmented::new("Tags", &["All", "Not good"], usize::from(state.not_good)).show(ui) {
                state.not_good = i == 1;
            }
            let n = rows(site, state).iter().filter(|r| matches!(r, Row::Tag(_))).count();
            let [good, rest @ ..] = site.tally();
            let total = good + rest.iter().sum::<usize>();
            ui.add(Text::new(format!("{n} of {total} shown, {} not good", total - good)).dim().cut());
        });
    });
    let all = rows(site, state);
    let selected = state.selected.and_then(|tag| all.iter().position(|r| *r == Row::Tag(tag)));
    let empty = if state.not_good { "every tag that passes the search is good" } else { "no tag passes the search" };
    let table = Table::new("tags", &COLUMNS).selected(selected).empty(empty);
    let told = table.show(ui, body, all.len(), |row| match all.get(row.index) {
        Some(Row::Device(e, n)) => device(row, site, *e, *n, &state.folded),
        Some(Row::Tag(tag)) => line(row, model, site, *tag, state.selected == Some(*tag)),
        None => {}
    });
    match told.chosen.and_then(|i| all.get(i)) {
        Some(Row::Tag(tag)) => state.selected = Some(*tag),
        Some(Row::Device(e, _)) if told.clicked && !state.folded.remove(e) => {
            state.folded.insert(*e);
        }
        _ => {}
    }
}

fn device(row: &mut table::Row<'_, '_, '_>, site: &SiteView, e: usize, n: usize, folded: &BTreeSet<usize>) {
    let (Some(end), Some(link)) = (site.map.endpoints.get(e), site.links.get(e)) else {
        return row.still(("device", e));
    };
    let open = !folded.contains(&e);
    row.begin(("device", e), false);
    row.says(format!("Device {}, {n} tags, {}", end.name, if open { "open" } else { "folded" }));
    row.paint(|ink, cell| ink.fold(pos2(cell.left() + 21.0, cell.center().y), open));
    row.text(Text::new(&end.name).strong());
    row.text(Text::new(""));
    row.text(Text::new(""));
    row.text(Text::new(format!("{}, {}, {n} tags", words::protocol(&end.link), words::state(link))).dim());
}

fn line(row: &mut table::Row<'_, '_, '_>, model: &Model, site: &SiteView, i: usize, selected: bool) {
    let (Some(tag), Some(now)) = (site.map.tags.get(i), site.tags.get(i)) else { return row.still(("tag", i)) };
    let q = now.now.quality;
    row.begin(("tag", i), selected);
    let value = in_words(tag.to.map_or(Kind::Analog, |s| model.table.get(s).kind), now.now.value);
    row.says(format!("Tag {} {value} {}, {q}", tag.name, tag.unit.name()));
    row.paint(|ink, cell| quality::mark(ink, pos2(cell.right() - 8.0, cell.center().y), q));
    row.text(Text::new(&tag.name).medium());
    row.text(if q.usable() { Text::value(value) } else { Text::value(value).dim() });
    row.text(Text::new(tag.unit.name()).dim());
    let reason = if q.reason().is_empty() { q.word().to_owned() } else { q.to_string() };
    row.quality(q, reason);
    row.text(Text::value(words::age(now.age_s)));
    row.text(Text::new(tag.to.map_or("", |s| site.map.table.get(s).id.as_str())).dim());
}
