//! A file as the source: its path, the recent ones, what is known of it, and which column is which signal. Maps of sites
//! are connected from here too.

use std::path::{Path, PathBuf};

use egui::{Rect, Ui, pos2, vec2};

use super::super::controls::{Look, Words, button};
use super::super::ink::{Face, Ink};
use super::{LiveState, Source, path_field};
use crate::console::action::{Action, FileAct, SourceAct};
use crate::console::fmt;
use crate::console::model::{Mode, Model};
use crate::feed::{Info, State};

/// Recent files and maps that are listed.
const RECENT: usize = 6;

/// A button of a row: its label, how far from the right it begins, and what it does with the file.
type Offer = (&'static str, f32, fn(PathBuf) -> SourceAct);

/// What can be opened.
pub(super) fn connect(
    ui: &mut Ui,
    ink: &Ink,
    r: Rect,
    source: Source<'_>,
    state: &mut LiveState,
    actions: &mut Vec<Action>,
) {
    let t = &ink.t;
    ink.left(r.left(), r.top() + 26.0, "Source", Face::SemiBold, 14.0, t.text);
    ink.right(
        r.right(),
        r.top() + 26.0,
        "CSV, journal (.sqlite), or the map of a site (.ron)",
        Face::Regular,
        14.0,
        t.text2,
    );
    let field = Rect::from_min_size(pos2(r.left(), r.top() + 46.0), vec2(r.width() - 100.0, 30.0));
    path_field(ui, ink, field, "Path of a recording or a map", "Path of a recording or a map", &mut state.path);
    let browse = Rect::from_min_max(pos2(field.right() + 8.0, field.top()), pos2(r.right(), field.bottom()));
    if button(ui, ink, browse, "Browse…".into(), Look::Plain, None).clicked() {
        actions.push(Action::File(FileAct::OpenRecording));
    }
    let path = PathBuf::from(state.path.trim());
    let why = state.path.trim().is_empty().then_some("give a path first");
    let y = field.bottom() + 12.0;
    let replay = Rect::from_min_size(pos2(r.left(), y), vec2(132.0, 32.0));
    let follow = replay.translate(vec2(140.0, 0.0));
    if button(ui, ink, replay, "Replay".into(), Look::Plain, why).clicked() {
        actions.push(Action::Source(SourceAct::Replay(path.clone())));
    }
    if button(ui, ink, follow, "Follow".into(), Look::Plain, why).clicked() {
        actions.push(Action::Source(SourceAct::Follow(path.clone())));
    }
    let site = follow.translate(vec2(140.0, 0.0));
    if button(ui, ink, site, "Connect".into(), Look::Plain, why).clicked() {
        actions.push(Action::Source(SourceAct::Connect(path)));
    }

    let y = y + 62.0;
    ink.left(r.left(), y, "Recent", Face::SemiBold, 14.0, t.text);
    ink.hline(r.left(), r.right(), y + 16.0, t.dead);
    let maps = source.sites.iter().map(|p| (p, true));
    let all: Vec<(&PathBuf, bool)> = maps.chain(source.recent.iter().map(|p| (p, false))).take(RECENT).collect();
    if all.is_empty() {
        ink.left(
            r.left(),
            y + 34.0,
            "None yet. A file can also be dropped on the window.",
            Face::Regular,
            14.0,
            t.text2,
        );
    }
    for (i, (file, is_map)) in all.iter().enumerate() {
        let row = Rect::from_min_size(pos2(r.left(), y + 18.0 + 34.0 * i as f32), vec2(r.width(), 34.0));
        recent(ui, ink, row, file, *is_map, actions);
    }
    let y = y + 18.0 + 34.0 * all.len().max(1) as f32 + 34.0;
    state_of_source(ink, Rect::from_min_max(pos2(r.left(), y), r.max), source);
}

fn recent(ui: &mut Ui, ink: &Ink, row: Rect, file: &Path, is_map: bool, actions: &mut Vec<Action>) {
    let name = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let end = ink.left_cut(row.left(), row.center().y, row.left() + 220.0, &name, Face::Medium, 14.0, ink.t.text);
    let folder = file.parent().map_or_else(String::new, |p| p.display().to_string());
    let right = row.right() - 176.0;
    ink.left_cut(end + 12.0, row.center().y, right, &folder, Face::Regular, 14.0, ink.t.text2);
    let offers: &[Offer] = if is_map {
        &[("Connect", 80.0, SourceAct::Connect)]
    } else {
        &[("Replay", 168.0, SourceAct::Replay), ("Follow", 80.0, SourceAct::Follow)]
    };
    for (label, dx, action) in offers {
        let b = Rect::from_min_size(pos2(row.right() - dx, row.top() + 3.0), vec2(80.0, 28.0));
        let words = Words { label, key: "", name: &format!("{label} {name}") };
        if button(ui, ink, b, words, Look::Plain, None).clicked() {
            actions.push(Action::Source(action(file.to_owned())));
        }
    }
    ink.hline(row.left(), row.right(), row.bottom(), ink.t.hair);
}

/// What is known of the file in view.
pub(super) fn state_of_source(ink: &Ink, r: Rect, source: Source<'_>) {
    let t = &ink.t;
    ink.left(r.left(), r.top(), "State", Face::SemiBold, 14.0, t.text);
    ink.hline(r.left(), r.right(), r.top() + 16.0, t.dead);
    let Some(info) = source.info else {
        let words = if source.site { "A site is in view: see Links and Tags" } else { "Not connected" };
        ink.left(r.left(), r.top() + 34.0, words, Face::Regular, 14.0, t.text2);
        return;
    };
    let limits = if info.lent_limits { "from the loaded scenario" } else { "none: the file has no limits" };
    let bad = info.last_bad.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    let rows = [
        ("File", info.path.display().to_string()),
        ("Source", words(&info.state)),
        ("Signals", format!("{} mapped, {} without a column", info.mapped.len(), info.missing)),
        ("Scales, limits", limits.to_owned()),
        ("Last trouble", bad),
    ];
    for (i, (label, value)) in rows.into_iter().enumerate() {
        let y = r.top() + 34.0 + 28.0 * i as f32;
        if y > r.bottom() - 10.0 {
            break;
        }
        ink.left(r.left(), y, label, Face::Regular, 14.0, t.text2);
        ink.left_cut(r.left() + 120.0, y, r.right(), &value, Face::Medium, 14.0, t.text);
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
pub(super) fn mapping(ink: &Ink, r: Rect, model: Option<&Model>, info: Option<&Info>) {
    let t = &ink.t;
    ink.left(r.left(), r.top() + 26.0, "Columns", Face::SemiBold, 14.0, t.text);
    let Some(info) = info else {
        let words = "The columns of a source are listed here, each with its signal, newest value and unit.";
        ink.left_cut(r.left(), r.top() + 58.0, r.right(), words, Face::Regular, 14.0, t.text2);
        return;
    };
    let unknown = format!("{} unknown", info.unknown.len());
    ink.right(r.right(), r.top() + 26.0, unknown, Face::Medium, 14.0, t.live);
    let (x1, x2) = (r.left() + r.width() * 0.38, r.left() + r.width() * 0.80);
    let y = r.top() + 54.0;
    for (x, words) in [(r.left(), "Column"), (x1, "Signal")] {
        ink.left(x, y, words, Face::Regular, 13.0, t.text2);
    }
    ink.right(x2, y, "Newest", Face::Regular, 13.0, t.text2);
    ink.left(x2 + 10.0, y, "Unit", Face::Regular, 13.0, t.text2);
    ink.hline(r.left(), r.right(), y + 14.0, t.dead);
    let room = ((r.bottom() - y - 24.0) / 26.0).floor().max(1.0) as usize;
    let all = info.unknown.len() + info.mapped.len();
    let shown = if all > room { room.saturating_sub(1) } else { all };
    let names = info.unknown.iter().map(|n| (n, true)).chain(info.mapped.iter().map(|n| (n, false)));
    for (i, (name, unknown)) in names.take(shown).enumerate() {
        let y = y + 28.0 + 26.0 * i as f32;
        ink.left_cut(r.left(), y, x1 - 8.0, name, Face::Medium, 14.0, t.text);
        let signal = model.filter(|m| m.mode != Mode::Twin).and_then(|m| m.table.find(name).map(|s| (m, s)));
        if unknown {
            ink.left_cut(x1, y, r.right(), "not read: no signal has this name", Face::Regular, 14.0, t.text2);
        } else if let Some((m, s)) = signal {
            ink.left_cut(x1, y, x2 - 90.0, &m.table.get(s).label, Face::Regular, 14.0, t.text2);
            ink.right(x2, y, fmt::num(m.value(s), 2), Face::Medium, 14.0, t.live);
            ink.left(x2 + 10.0, y, m.table.get(s).unit, Face::Regular, 14.0, t.text2);
        }
        ink.hline(r.left(), r.right(), y + 13.0, t.hair);
    }
    if all > shown {
        let y = y + 28.0 + 26.0 * shown as f32;
        ink.left(r.left(), y, format!("and {} more", all - shown), Face::Regular, 14.0, t.text2);
    }
}
