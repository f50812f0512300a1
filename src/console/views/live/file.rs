//! A file as the source: its path, the recent ones, what is known of it, and which column is which signal. Maps of sites
//! are connected from here too.

use std::path::{Path, PathBuf};

use egui::{Rect, Ui, vec2};

use super::{LiveState, Source};
use crate::console::action::{Action, FileAct, SourceAct};
use crate::console::fmt;
use crate::console::model::{Mode, Model};
use crate::console::widgets::pane::{PAD, heading, part, rule, sides};
use crate::console::widgets::table::{Column, Table};
use crate::console::widgets::text::fact;
use crate::console::widgets::{Button, Ink, Text, TextField};
use crate::feed::{Info, State};

/// Recent files and maps that are listed.
const RECENT: usize = 6;

const COLUMNS: [Column; 5] = [
    Column::words("Column", 190.0),
    Column::rest("Signal", 160.0),
    Column::number("Newest", 90.0),
    Column::words("Unit", 60.0),
    Column::number("Age", 60.0),
];

/// What can be opened.
pub(super) fn connect(ui: &mut Ui, source: Source<'_>, state: &mut LiveState, actions: &mut Vec<Action>) {
    ui.add_space(6.0);
    let what = "CSV, journal (.sqlite), or the map of a site (.ron)";
    sides(ui, |ui| ui.add(Text::title("Source")), |ui| ui.add(Text::new(what).dim().whole()));
    let name = "Path of a recording or a map";
    sides(
        ui,
        |ui| {
            let wide = ui.available_width();
            TextField::new(name, &mut state.path).most(4000).show(ui, wide)
        },
        |ui| {
            if ui.add(Button::new("Browse…").least(92.0, 28.0)).clicked() {
                actions.push(Action::File(FileAct::OpenRecording));
            }
        },
    );
    ui.add_space(5.0);
    let path = PathBuf::from(state.path.trim());
    let why = state.path.trim().is_empty().then_some("give a path first");
    let offers: [Offer; 3] =
        [("Replay", SourceAct::Replay), ("Follow", SourceAct::Follow), ("Connect", SourceAct::Connect)];
    ui.horizontal(|ui| {
        for (label, action) in offers {
            if ui.add(Button::new(label).why_not(why).least(132.0, 32.0)).clicked() {
                actions.push(Action::Source(action(path.clone())));
            }
        }
    });
    ui.add_space(4.0);
    let mapped = "A table of others: choose which column is which signal";
    sides(
        ui,
        |ui| ui.add(Text::new(mapped).dim().cut()),
        |ui| {
            if ui.add(Button::new("Map columns…").why_not(why).least(132.0, 28.0)).clicked() {
                actions.push(Action::Source(SourceAct::MapColumns(path.clone())));
            }
        },
    );
    ui.add_space(12.0);
    heading(ui, "Recent", "");
    rule(ui, Ink::of(ui).t.dead);
    let maps = source.sites.iter().map(|p| (p, true));
    let all: Vec<(&PathBuf, bool)> = maps.chain(source.recent.iter().map(|p| (p, false))).take(RECENT).collect();
    if all.is_empty() {
        ui.add(Text::new("None yet. A file can also be dropped on the window.").dim());
    }
    for (file, is_map) in all {
        recent(ui, file, is_map, actions);
        rule(ui, Ink::of(ui).t.hair);
    }
    ui.add_space(16.0);
    state_of_source(ui, source);
}

/// A button on a file, and what it asks for.
type Offer = (&'static str, fn(PathBuf) -> SourceAct);

fn recent(ui: &mut Ui, file: &Path, is_map: bool, actions: &mut Vec<Action>) {
    let name = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let folder = file.parent().map_or_else(String::new, |p| p.display().to_string());
    let offers: &[Offer] = if is_map {
        &[("Connect", SourceAct::Connect)]
    } else {
        &[("Follow", SourceAct::Follow), ("Replay", SourceAct::Replay)]
    };
    let left = |ui: &mut Ui| {
        ui.add(Text::new(&name).medium().cut());
        ui.add(Text::new(folder).dim().cut());
    };
    sides(ui, left, |ui| {
        for (label, action) in offers {
            if ui.add(Button::new(label).name(&format!("{label} {name}")).least(80.0, 28.0)).clicked() {
                actions.push(Action::Source(action(file.to_owned())));
            }
        }
    });
}

/// What is known of the file in view.
pub(super) fn state_of_source(ui: &mut Ui, source: Source<'_>) {
    heading(ui, "State", "");
    rule(ui, Ink::of(ui).t.dead);
    let Some(info) = source.info else {
        let words = if source.site { "A site is in view: see Links and Tags" } else { "Not connected" };
        ui.add(Text::new(words).dim());
        return;
    };
    let own =
        || info.foreign.as_ref().map_or_else(|| "none".to_owned(), |why| format!("of its own data, no limits: {why}"));
    let limits = if info.lent_limits { "from the loaded scenario".to_owned() } else { own() };
    for (label, value) in [
        ("File", info.path.display().to_string()),
        ("Source", words(&info.state)),
        ("Signals", format!("{} mapped, {} without a column", info.mapped.len(), info.missing)),
        ("Scales, limits", limits),
        ("Last trouble", info.last_bad.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string)),
    ] {
        fact(ui, 120.0, label, Text::new(value).medium());
    }
}

/// A source's state in words.
#[must_use]
pub fn words(state: &State) -> String {
    match state {
        State::Opening => "opening".to_owned(),
        State::Running => "rows come".to_owned(),
        State::Frozen => "playback frozen".to_owned(),
        State::Waiting => "waits for new rows".to_owned(),
        State::Ended => "played to its end".to_owned(),
        State::Failed(trouble) => trouble.to_string(),
    }
}

/// Which column is which signal, with its newest value.
pub(super) fn mapping(ui: &mut Ui, r: Rect, model: Option<&Model>, info: Option<&Info>) {
    let (head, body) = r.split_top_bottom_at_y(r.top() + 40.0);
    part(ui, "columns", head.expand2(vec2(PAD, 0.0)), |ui| {
        ui.add_space(8.0);
        let note = info.map_or_else(
            || "the columns of a source are listed here, each with its signal, newest value and unit".to_owned(),
            |i| format!("{} unknown", i.unknown.len()),
        );
        heading(ui, "Columns", &note)
    });
    let Some(info) = info else { return };
    let names = info.unknown.iter().map(|n| (n, true)).chain(info.mapped.iter().map(|n| (n, false)));
    let all: Vec<_> = names.collect();
    Table::new("columns", &COLUMNS).show(ui, body, all.len(), |row| {
        let Some((name, unknown)) = all.get(row.index) else { return };
        row.still(row.index);
        row.text(Text::new(name.as_str()).medium());
        let signal = model.filter(|m| m.mode != Mode::Twin).and_then(|m| m.table.find(name).map(|s| (m, s)));
        if *unknown {
            row.text(Text::new("not read: no signal has this name").dim());
        } else if let Some((m, s)) = signal {
            row.text(Text::new(&m.table.get(s).label).dim());
            row.text(Text::value(fmt::num(m.value(s), 2)));
            row.text(Text::new(m.table.get(s).unit).dim());
            let age_s = m.value_age_s(s);
            row.text(Text::value(if age_s.is_finite() { super::words::age(age_s) } else { "–".to_owned() }));
        }
    });
}
