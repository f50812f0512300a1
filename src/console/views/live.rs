//! F6: a site, a recording, or a file that grows. Read only: nothing on this page, or behind it, can act on a plant.
//!
//! | part | idea |
//! |---|---|
//! | `file` | what can be opened; the columns of a file |
//! | `links`, `points`, `log` | how the devices of a site do, the signals that they give, what happened |
//! | `tags`, `tag` | every value of the map, and all that is known of one |
//! | `tape` | the recording of a site: its switch, and its place when it is played |
//! | `proof` | what has left this program, counted by what it is |
//! | [`shadow`] | measured and predicted, residuals, verdict, fit |
//! | [`words`] | figures in words, and the diagnostics as one text |

pub mod file;
mod links;
mod log;
mod points;
mod proof;
pub mod shadow;
mod tag;
mod tags;
mod tape;
pub mod words;

use std::f32::consts::PI;
use std::path::PathBuf;

use egui::accesskit::Role;
use egui::{Key, KeyboardShortcut, Modifiers, Rect, Sense, TextEdit, Ui, WidgetInfo, pos2, vec2};

use super::controls::{Look, button, segmented};
use super::ink::{Face, Ink};
use crate::console::action::{Action, SourceAct, ViewId};
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::shadow::Shadowing;
use crate::console::view::{Icon, Seen, View, ViewInfo, part};
use crate::feed::hub::Figures;
use crate::feed::record::{Controls, State};
use crate::feed::{Info, SiteView, Way};

/// Heights of the header and of the row of tabs.
const HEAD: f32 = 60.0;
const TABS: f32 = 44.0;

/// Parts of the page while a site is in view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Links, signals, proof, log.
    #[default]
    Links,
    /// Every tag.
    Tags,
    /// The twin that follows.
    Shadow,
    /// What can be opened.
    Source,
}

impl Tab {
    const ALL: [Self; 4] = [Self::Links, Self::Tags, Self::Shadow, Self::Source];
}

/// What the page remembers.
#[derive(Clone, Debug, Default)]
pub struct LiveState {
    /// The path field.
    pub path: String,
    /// Part in view.
    pub tab: Tab,
    /// Selected endpoint.
    pub link: usize,
    /// The tag browser.
    pub tags: tags::TagsState,
    /// The part of the shadow.
    pub shadow: shadow::ShadowState,
}

/// What the page shows beside the model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Source<'a> {
    /// The file in view, if it is one.
    pub info: Option<&'a Info>,
    /// A site is in view.
    pub site: bool,
    /// It is the recording of one.
    pub tape: Option<&'a Controls>,
    /// How a recording of it goes.
    pub recording: Option<&'a State>,
    /// Recent recordings, newest first.
    pub recent: &'a [PathBuf],
    /// Recent maps of sites, newest first.
    pub sites: &'a [PathBuf],
    /// There is a twin to go back to.
    pub twin: bool,
    /// From the arrival of a reading to the frame that shows it.
    pub to_frame: Option<Figures>,
    /// The twin that follows it.
    pub shadow: Option<&'a Shadowing>,
}

/// Name of this view.
pub const ID: ViewId = ViewId("live");

/// This view in the list.
pub const VIEW: ViewInfo = ViewInfo {
    id: ID,
    title: "Live",
    about: "Live plant or recording",
    key: KeyboardShortcut::new(Modifiers::NONE, Key::F6),
    own_keys: &[],
    icon,
    new: || Box::<LiveState>::default(),
};

fn icon(i: &Icon<'_>) {
    i.dot([0.0, 0.0], 3.0);
    for (r, side) in [(7.0, 0.0), (7.0, PI), (11.5, 0.0), (11.5, PI)] {
        i.arc(r, side - 0.7, side + 0.7);
    }
}

impl View for LiveState {
    fn ui(&mut self, ui: &mut Ui, seen: &Seen<'_>, actions: &mut Vec<Action>) {
        let rect = seen.layout.view;
        part(ui, ID.0, rect, |ui| show(ui, rect, seen.model, seen.source, self, actions));
    }
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
    let (head, mut body) = rect.split_top_bottom_at_y(rect.top() + HEAD);
    ink.fill(head, ink.t.panel);
    let site = model.and_then(|m| Some((m, m.site_view.as_deref()?)));
    header(ui, &ink, head, source, site.map(|(_, s)| s), actions);
    ink.hline(rect.left(), rect.right(), head.bottom(), ink.t.hair);
    if let Some((model, site)) = site {
        let (bar, rest) = body.split_top_bottom_at_y(body.top() + TABS);
        tab_bar(ui, &ink, bar, site, source, state, actions);
        body = rest;
        let (left, right) = halves(&ink, body, if state.tab == Tab::Tags { 0.62 } else { 0.46 });
        match state.tab {
            Tab::Links => {
                let y = links::show(ui, &ink, left, site, state);
                points::show(&ink, left.with_min_y(y), model, site);
                let y = links::detail(&ink, right, site, state.link, source.to_frame);
                let y = proof::show(ui, &ink, right.with_min_y(y), site);
                log::show(&ink, right.with_min_y(y), model);
                return;
            }
            Tab::Tags => {
                tags::show(ui, left, model, site, &mut state.tags);
                tag::show(&ink, right, model, site, state.tags.selected);
                return;
            }
            Tab::Shadow | Tab::Source => {}
        }
    } else if source.info.is_some() {
        body = shadow::tabs_of_file(ui, &ink, body, &mut state.tab);
    }
    if state.tab == Tab::Shadow && (site.is_some() || source.info.is_some()) {
        shadow::show(ui, body, source.shadow, &mut state.shadow, actions);
        return;
    }
    let (left, right) = halves(&ink, body, 0.46);
    file::connect(ui, &ink, left, source, state, actions);
    file::mapping(&ink, right, model, source.info);
}

/// A panel and an inset side by side, less their margins.
fn halves(ink: &Ink, r: Rect, share: f32) -> (Rect, Rect) {
    let (left, right) = r.split_left_right_at_x(r.left() + (r.width() * share).round());
    ink.fill(left, ink.t.panel);
    ink.fill(right, ink.t.inset);
    ink.vline(right.left(), right.top(), right.bottom(), ink.t.hair);
    (left.shrink2(vec2(16.0, 0.0)), right.shrink2(vec2(16.0, 0.0)))
}

fn tab_bar(
    ui: &mut Ui,
    ink: &Ink,
    r: Rect,
    site: &SiteView,
    source: Source<'_>,
    state: &mut LiveState,
    actions: &mut Vec<Action>,
) {
    ink.fill(r, ink.t.panel);
    ink.hline(r.left(), r.right(), r.bottom(), ink.t.hair);
    let at = Tab::ALL.iter().position(|t| *t == state.tab).unwrap_or(0);
    let items = ["Links", "Tags", "Shadow", "Source"];
    if let Some(i) = segmented(ui, ink, r.left_top() + vec2(16.0, 8.0), "Live", &items, at, 14.0, None) {
        state.tab = Tab::ALL[i];
    }
    let copy = Rect::from_min_size(pos2(r.right() - 16.0 - 148.0, r.top() + 8.0), vec2(148.0, 28.0));
    if button(ui, ink, copy, "Copy diagnostics".into(), Look::Plain, None).clicked() {
        ui.ctx().copy_text(words::diagnostics(site));
    }
    let (left, y) = (r.left() + 348.0, r.center().y);
    if let Some(tape) = source.tape {
        let place = Rect::from_min_max(pos2(left, r.top()), pos2(copy.left() - 16.0, r.bottom()));
        tape::transport(ui, ink, place, tape, actions);
        return;
    }
    let on = tape::is_on(source.recording);
    let right = tape::switch(ui, ink, copy.left() - 8.0, y, on, actions) - 16.0;
    if let Some(recording) = source.recording.filter(|s| on || s.trouble.is_some()) {
        tape::line(ink, left, right, y, recording);
        return;
    }
    let limits =
        if site.lent_limits { "limits of the loaded scenario" } else { "no limits: no scenario of this plant" };
    let note = format!("{}: {}; {limits}", site.map.name, site.map.source);
    ink.left_cut(left, y, right, &note, Face::Regular, 14.0, ink.t.text2);
}

fn header(ui: &mut Ui, ink: &Ink, r: Rect, source: Source<'_>, site: Option<&SiteView>, actions: &mut Vec<Action>) {
    let x = r.left() + 16.0;
    let only = "No command can be sent from this window. The twin waits, frozen.";
    let (title, text) = match (source.info.map(|i| i.way), source.site) {
        (None, false) => (
            "Live plant or recording, read only",
            "The twin is in view. A source below is only read; the twin waits, frozen.",
        ),
        (Some(Way::Replay), _) => ("Replay, read only", only),
        (None, true) if source.tape.is_some() => ("Replay of a site, read only", only),
        (Some(Way::Follow), _) | (None, true) => ("Live plant, read only", only),
    };
    ink.left(x, r.top() + 20.0, title, Face::SemiBold, 16.0, ink.t.text);
    ink.left(x, r.top() + 42.0, text, Face::Regular, 14.0, ink.t.text2);
    let mut x = r.right() - 16.0;
    if (source.info.is_some() || source.site) && source.twin {
        let b = Rect::from_min_size(pos2(x - 132.0, r.top() + 14.0), vec2(132.0, 32.0));
        if button(ui, ink, b, "Back to twin".into(), Look::Solid, None).clicked() {
            actions.push(Action::Source(SourceAct::BackToTwin));
        }
        x = b.left() - 24.0;
    }
    let facts: Vec<(&str, String)> = match (source.info, site) {
        (Some(info), _) => {
            let spacing =
                if info.period_s > 0.0 { format!("{} s", fmt::num(info.period_s, 2)) } else { "–".to_owned() };
            vec![
                ("Gaps", info.gaps.to_string()),
                ("Bad lines, cells", info.bad.to_string()),
                ("Usual spacing", spacing),
                ("Rows", info.rows.to_string()),
            ]
        }
        (None, Some(site)) => site_facts(site, source.to_frame),
        (None, None) => return,
    };
    for (label, value) in facts {
        let w = ink.width(label, Face::Regular, 14.0).max(ink.width(&value, Face::Medium, 15.0));
        ink.left(x - w, r.top() + 20.0, label, Face::Regular, 14.0, ink.t.text2);
        ink.left(x - w, r.top() + 42.0, value, Face::Medium, 15.0, ink.t.live);
        x -= w + 28.0;
    }
}

/// From the right: what an operator asks first of a feed.
fn site_facts(site: &SiteView, to_frame: Option<Figures>) -> Vec<(&'static str, String)> {
    let [good, rest @ ..] = site.tally();
    let [up, all] = site.links_up();
    let skews = site.links.iter().filter_map(|l| l.skew_s);
    let skew = skews.max_by(|a, b| a.abs().total_cmp(&b.abs()));
    vec![
        ("Arrival to frame", to_frame.map_or_else(|| "–".to_owned(), |f| words::ms(f.p50_s))),
        ("Largest clock skew", skew.map_or_else(|| "no stamps".to_owned(), words::skew)),
        ("Oldest critical value", site.worst.map_or_else(|| "not fed".to_owned(), |(_, s)| words::age(s))),
        ("Tags good", format!("{good} / {}", good + rest.iter().sum::<usize>())),
        ("Links up", format!("{up} / {all}")),
    ]
}

/// In place of the bring-up controls while a live source is shown.
pub fn read_only(ui: &mut Ui, rect: Rect, model: &Model, source: Source<'_>, actions: &mut Vec<Action>) {
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
            actions.push(Action::Source(SourceAct::BackToTwin));
        }
    }
    if let Some(tape) = source.tape {
        let place = Rect::from_min_max(pos2(r.left() + 148.0, r.top() + 72.0), pos2(r.right(), r.top() + 104.0));
        tape::transport(ui, &ink, place, tape, actions);
    }
    let rest = Rect::from_min_max(pos2(r.left(), r.top() + 136.0), r.max);
    match &model.site_view {
        Some(site) => links::brief(&ink, rest, site),
        None => file::state_of_source(&ink, rest, source),
    }
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
    response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter))
}
