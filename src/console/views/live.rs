//! F6: connect to a recording or to a file that grows. Read only: nothing on this page, or behind it, can act on a plant.

use std::path::{Path, PathBuf};

use egui::accesskit::Role;
use egui::{Rect, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2};

use super::controls::{Look, Words, button};
use super::ink::{Face, Ink};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::model::{Mode, Model};
use crate::feed::hub::Figures;
use crate::feed::{Info, State, Way};

/// What the page remembers.
#[derive(Clone, Debug, Default)]
pub struct LiveState {
    /// The path field.
    pub path: String,
}

/// What the page shows beside the model.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The file in view, if it is one.
    pub info: Option<&'a Info>,
    /// A site is in view.
    pub site: bool,
    /// Recent recordings, newest first.
    pub recent: &'a [PathBuf],
    /// Recent maps of sites, newest first.
    pub sites: &'a [PathBuf],
    /// There is a twin to go back to.
    pub twin: bool,
    /// From the arrival of a reading to the frame that shows it.
    pub to_frame: Option<Figures>,
}

/// Draws the page.
pub fn show(
    ui: &mut Ui,
    rect: Rect,
    model: Option<&Model>,
    source: Source<'_>,
    state: &mut LiveState,
    actions: &mut Vec<Action>,
) {
    let ink = Ink::new(ui, rect);
    let (head, body) = rect.split_top_bottom_at_y(rect.top() + 60.0);
    ink.fill(head, ink.t.panel);
    header(ui, &ink, head, source, actions);
    ink.hline(rect.left(), rect.right(), head.bottom(), ink.t.hair);
    let (left, right) = body.split_left_right_at_x(body.left() + (body.width() * 0.46).round());
    ink.fill(left, ink.t.panel);
    ink.fill(right, ink.t.inset);
    ink.vline(right.left(), right.top(), right.bottom(), ink.t.hair);
    connect(ui, &ink, left.shrink2(vec2(16.0, 0.0)), source, state, actions);
    mapping(&ink, right.shrink2(vec2(16.0, 0.0)), model, source.info);
}

fn header(ui: &mut Ui, ink: &Ink, r: Rect, source: Source<'_>, actions: &mut Vec<Action>) {
    let x = r.left() + 16.0;
    let (title, text) = match source.info.map(|i| i.way) {
        None => (
            "Live plant or recording, read only",
            "The twin is in view. A source below is only read; the twin waits, frozen.",
        ),
        Some(Way::Replay) => ("Replay, read only", "No command can be sent from this window. The twin waits, frozen."),
        Some(Way::Follow) => {
            ("Live plant, read only", "No command can be sent from this window. The twin waits, frozen.")
        }
    };
    ink.left(x, r.top() + 20.0, title, Face::SemiBold, 16.0, ink.t.text);
    ink.left(x, r.top() + 42.0, text, Face::Regular, 14.0, ink.t.text2);
    let mut x = r.right() - 16.0;
    if source.info.is_some() && source.twin {
        let b = Rect::from_min_size(pos2(x - 132.0, r.top() + 14.0), vec2(132.0, 32.0));
        if button(ui, ink, b, "Back to twin".into(), Look::Solid, None).clicked() {
            actions.push(Action::BackToTwin);
        }
        x = b.left() - 24.0;
    }
    let Some(info) = source.info else { return };
    let age = if info.period_s > 0.0 { format!("{} s", fmt::num(info.period_s, 2)) } else { "–".to_owned() };
    let facts = [
        ("Gaps", info.gaps.to_string()),
        ("Bad lines, cells", info.bad.to_string()),
        ("Usual spacing", age),
        ("Rows", info.rows.to_string()),
    ];
    for (label, value) in facts {
        let w = ink.width(label, Face::Regular, 14.0).max(ink.width(&value, Face::Medium, 15.0));
        ink.left(x - w, r.top() + 20.0, label, Face::Regular, 14.0, ink.t.text2);
        ink.left(x - w, r.top() + 42.0, value, Face::Medium, 15.0, ink.t.live);
        x -= w + 28.0;
    }
}

fn connect(ui: &mut Ui, ink: &Ink, r: Rect, source: Source<'_>, state: &mut LiveState, actions: &mut Vec<Action>) {
    let t = &ink.t;
    ink.left(r.left(), r.top() + 26.0, "Source", Face::SemiBold, 14.0, t.text);
    ink.right(
        r.right(),
        r.top() + 26.0,
        "CSV as this console exports it, or a journal (.sqlite)",
        Face::Regular,
        14.0,
        t.text2,
    );
    let field = Rect::from_min_size(pos2(r.left(), r.top() + 46.0), vec2(r.width() - 100.0, 30.0));
    path_field(ui, ink, field, "Path of a recording", "Path of a recording", &mut state.path);
    let browse = Rect::from_min_max(pos2(field.right() + 8.0, field.top()), pos2(r.right(), field.bottom()));
    if button(ui, ink, browse, "Browse…".into(), Look::Plain, None).clicked() {
        actions.push(Action::OpenRecording);
    }
    let path = PathBuf::from(state.path.trim());
    let why = state.path.trim().is_empty().then_some("give a path first");
    let y = field.bottom() + 12.0;
    let replay = Rect::from_min_size(pos2(r.left(), y), vec2(132.0, 32.0));
    let follow = replay.translate(vec2(140.0, 0.0));
    if button(ui, ink, replay, "Replay".into(), Look::Plain, why).clicked() {
        actions.push(Action::Replay(path.clone()));
    }
    if button(ui, ink, follow, "Follow".into(), Look::Plain, why).clicked() {
        actions.push(Action::FollowFile(path));
    }
    let note = "Follow reads on as it grows";
    ink.left_cut(follow.right() + 16.0, follow.center().y, r.right(), note, Face::Regular, 14.0, t.text2);

    let y = y + 62.0;
    ink.left(r.left(), y, "Recent", Face::SemiBold, 14.0, t.text);
    ink.hline(r.left(), r.right(), y + 16.0, t.dead);
    if source.recent.is_empty() {
        ink.left(
            r.left(),
            y + 34.0,
            "None yet. A file can also be dropped on the window.",
            Face::Regular,
            14.0,
            t.text2,
        );
    }
    for (i, file) in source.recent.iter().take(6).enumerate() {
        let row = Rect::from_min_size(pos2(r.left(), y + 18.0 + 34.0 * i as f32), vec2(r.width(), 34.0));
        recent(ui, ink, row, file, actions);
    }
    let y = y + 18.0 + 34.0 * source.recent.len().clamp(1, 6) as f32 + 34.0;
    state_of_source(ink, Rect::from_min_max(pos2(r.left(), y), r.max), source.info);
}

fn recent(ui: &mut Ui, ink: &Ink, row: Rect, file: &Path, actions: &mut Vec<Action>) {
    let name = file.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
    let end = ink.left_cut(row.left(), row.center().y, row.left() + 220.0, &name, Face::Medium, 14.0, ink.t.text);
    let folder = file.parent().map_or_else(String::new, |p| p.display().to_string());
    let right = row.right() - 176.0;
    ink.left_cut(end + 12.0, row.center().y, right, &folder, Face::Regular, 14.0, ink.t.text2);
    for (label, dx, way) in [("Replay", 168.0, Way::Replay), ("Follow", 80.0, Way::Follow)] {
        let b = Rect::from_min_size(pos2(row.right() - dx, row.top() + 3.0), vec2(80.0, 28.0));
        let words = Words { label, key: "", name: &format!("{label} {name}") };
        if button(ui, ink, b, words, Look::Plain, None).clicked() {
            actions.push(match way {
                Way::Replay => Action::Replay(file.to_owned()),
                Way::Follow => Action::FollowFile(file.to_owned()),
            });
        }
    }
    ink.hline(row.left(), row.right(), row.bottom(), ink.t.hair);
}

fn state_of_source(ink: &Ink, r: Rect, info: Option<&Info>) {
    let t = &ink.t;
    ink.left(r.left(), r.top(), "State", Face::SemiBold, 14.0, t.text);
    ink.hline(r.left(), r.right(), r.top() + 16.0, t.dead);
    let Some(info) = info else {
        ink.left(r.left(), r.top() + 34.0, "Not connected", Face::Regular, 14.0, t.text2);
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

fn mapping(ink: &Ink, r: Rect, model: Option<&Model>, info: Option<&Info>) {
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

/// In place of the bring-up controls while a live source is shown.
pub fn read_only(ui: &mut Ui, rect: Rect, source: Source<'_>, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    let t = &ink.t;
    ink.fill(rect, t.panel);
    ink.hline(rect.left(), rect.right(), rect.top(), t.hair);
    let r = rect.shrink2(vec2(16.0, 0.0));
    ink.left(r.left(), r.top() + 24.0, "Read only", Face::SemiBold, 14.0, t.text);
    let id = ui.scope_id().with("read only");
    let words = "Read only: no command can be sent from this window";
    ui.interact(rect, id, Sense::hover()).widget_info(|| WidgetInfo::labeled(Role::Status, true, words));
    ink.left_cut(
        r.left(),
        r.top() + 52.0,
        r.right(),
        "No command can be sent from this window.",
        Face::Regular,
        14.0,
        t.text,
    );
    if source.twin {
        let b = Rect::from_min_size(pos2(r.left(), r.top() + 72.0), vec2(132.0, 32.0));
        if button(ui, &ink, b, "Back to twin".into(), Look::Plain, None).clicked() {
            actions.push(Action::BackToTwin);
        }
    }
    state_of_source(&ink, Rect::from_min_max(pos2(r.left(), r.top() + 136.0), r.max), source.info);
}

/// A text field for a path; true when Enter was pressed in it.
pub(crate) fn path_field(ui: &mut Ui, ink: &Ink, r: Rect, name: &str, hint: &str, text: &mut String) -> bool {
    ink.p.rect_filled(r, egui::CornerRadius::same(3), ink.t.inset);
    ink.frame(r, 3, 1.0, ink.t.dead);
    let id = ui.scope_id().with(name);
    let edit = TextEdit::singleline(text)
        .id(id)
        .hint_text(hint)
        .frame(egui::Frame::NONE)
        .margin(egui::Margin::ZERO)
        .font(crate::console::theme::font(Face::Regular, 14.0))
        .desired_width(r.width() - 16.0)
        .align(egui::Align2::LEFT_CENTER);
    let response = ui.put(r.shrink2(vec2(8.0, 1.0)), edit);
    ui.ctx().accesskit_node_builder(id, |n| n.set_label(name));
    super::controls::ring(ink, &response, r);
    response.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Enter))
}
