//! F6: a site, a recording, or a file that grows. Read only: nothing on this page, or behind it, can act on a plant.
//!
//! | part | idea |
//! |---|---|
//! | `file` | what can be opened; the columns of a file |
//! | [`mapping`] | which column of a table of others is which signal |
//! | `links`, `points`, `log` | how the devices of a site do, the signals that they give, what happened |
//! | `tags`, `tag` | every value of the map, and all that is known of one |
//! | `tape` | the recording of a site: its switch, and its place when it is played |
//! | `proof` | what has left this program, counted by what it is |
//! | [`rehearse`] | a twin that starts from now, and the next minute |
//! | [`shadow`] | measured and predicted, residuals, verdict, fit |
//! | [`words`] | figures in words, and the diagnostics as one text |

pub mod file;
mod links;
mod log;
pub mod mapping;
mod points;
mod proof;
pub mod rehearse;
pub mod shadow;
mod tag;
mod tags;
mod tape;
pub mod words;

use std::f32::consts::PI;
use std::path::PathBuf;

use egui::{Key, KeyboardShortcut, Modifiers, Rect, Ui, vec2};

use crate::console::action::{Action, ViewId};
use crate::console::app::OpenRehearsal;
use crate::console::commands::{self, Now};
use crate::console::fmt;
use crate::console::model::Model;
use crate::console::outlook::Suppose;
use crate::console::shadow::Shadowing;
use crate::console::view::{self, Icon, Seen, View, ViewInfo};
use crate::console::widgets::pane::{PAD, pane, part, rule, sides};
use crate::console::widgets::{Button, Ink, Segmented, Text};
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
    /// A twin that starts from now.
    Rehearse,
    /// What can be opened.
    Source,
}

impl Tab {
    const ALL: [Self; 5] = [Self::Links, Self::Tags, Self::Shadow, Self::Rehearse, Self::Source];
    /// Those that a file has.
    const OF_FILE: [Self; 3] = [Self::Source, Self::Shadow, Self::Rehearse];

    fn name(self) -> &'static str {
        match self {
            Self::Links => "Links",
            Self::Tags => "Tags",
            Self::Shadow => "Shadow",
            Self::Rehearse => "Rehearse",
            Self::Source => "Source",
        }
    }
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
    /// The part of rehearsals.
    pub rehearse: rehearse::RehearseState,
    /// The table whose columns are being mapped.
    pub mapping: Option<mapping::MappingState>,
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
    /// Name of the source's file.
    pub name: &'a str,
    /// Rehearsals that are open.
    pub rehearsals: &'a [OpenRehearsal],
    /// What the forecast of the source supposes.
    pub suppose: Suppose,
    /// Why there is no forecast of it.
    pub no_forecast: Option<&'a str>,
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
        view::part(ui, ID.0, rect, |ui| show(ui, rect, seen.model, seen.source, self, actions));
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
    if let Some(mapping) = &mut state.mapping {
        mapping::show(ui, rect, mapping, actions);
        return;
    }
    let ink = Ink::new(ui, rect);
    let (head, mut body) = rect.split_top_bottom_at_y(rect.top() + HEAD);
    ink.fill(head, ink.t.panel);
    let site = model.and_then(|m| Some((m, m.site_view.as_deref()?)));
    part(ui, "head", head, |ui| header(ui, source, site.map(|(_, s)| s), actions));
    ink.hline(rect.x_range(), head.bottom(), ink.t.hair);
    if site.is_some() || source.info.is_some() {
        let (bar, rest) = body.split_top_bottom_at_y(body.top() + TABS);
        ink.fill(bar, ink.t.panel);
        ink.hline(bar.x_range(), bar.bottom(), ink.t.hair);
        part(ui, "tabs", bar, |ui| tab_bar(ui, site.map(|(_, s)| s), source, state, actions));
        body = rest;
    }
    if let Some((model, site)) = site {
        let (left, right) = halves(&ink, body, if state.tab == Tab::Tags { 0.62 } else { 0.46 });
        match state.tab {
            Tab::Links => {
                let y = links::show(ui, left, site, state);
                points::show(ui, left.with_min_y(y), model, site);
                let (above, below) = right.split_top_bottom_at_y(right.top() + 0.72 * right.height());
                pane(ui, "link", above.expand2(vec2(PAD, 0.0)), |ui| {
                    links::detail(ui, site, state.link, source.to_frame, actions);
                    ui.add_space(8.0);
                    proof::show(ui, site);
                });
                log::show(ui, below, model);
                return;
            }
            Tab::Tags => {
                tags::show(ui, left, model, site, &mut state.tags);
                let tag = right.expand2(vec2(PAD, 0.0));
                pane(ui, "tag", tag, |ui| tag::show(ui, model, site, state.tags.selected));
                return;
            }
            Tab::Shadow | Tab::Rehearse | Tab::Source => {}
        }
    }
    if state.tab == Tab::Shadow && (site.is_some() || source.info.is_some()) {
        shadow::show(ui, body, source.shadow, &mut state.shadow, actions);
        return;
    }
    if let (Tab::Rehearse, Some(model)) = (state.tab, model)
        && (site.is_some() || source.info.is_some())
    {
        rehearse::show(ui, body, model, source, &mut state.rehearse, actions);
        return;
    }
    let (left, right) = halves(&ink, body, 0.46);
    pane(ui, "source", left.expand2(vec2(PAD, 0.0)), |ui| file::connect(ui, source, state, actions));
    file::mapping(ui, right, model, source.info);
}

/// A panel and an inset side by side, less their margins.
fn halves(ink: &Ink, r: Rect, share: f32) -> (Rect, Rect) {
    let (left, right) = r.split_left_right_at_x(r.left() + (r.width() * share).round());
    ink.fill(left, ink.t.panel);
    ink.fill(right, ink.t.inset);
    ink.vline(right.left(), right.y_range(), ink.t.hair);
    (left.shrink2(vec2(PAD, 0.0)), right.shrink2(vec2(PAD, 0.0)))
}

/// The parts of a site, or of a file.
fn tab_bar(ui: &mut Ui, site: Option<&SiteView>, source: Source<'_>, state: &mut LiveState, actions: &mut Vec<Action>) {
    ui.add_space(8.0);
    let Some(site) = site else {
        let at = Tab::OF_FILE.iter().position(|t| *t == state.tab).unwrap_or(0);
        if let Some(tab) =
            Segmented::new("Live", &Tab::OF_FILE.map(Tab::name), at).show(ui).and_then(|i| Tab::OF_FILE.get(i))
        {
            state.tab = *tab;
        }
        return;
    };
    let at = Tab::ALL.iter().position(|t| *t == state.tab).unwrap_or(0);
    let on = tape::is_on(source.recording);
    let mut wanted = Vec::new();
    let left = |ui: &mut Ui| {
        let picked = Segmented::new("Live", &Tab::ALL.map(Tab::name), at).show(ui);
        ui.add_space(8.0);
        match (source.tape, source.recording.filter(|s| on || s.trouble.is_some())) {
            (Some(tape), _) => tape::transport(ui, tape, actions),
            (None, Some(recording)) => tape::line(ui, recording),
            (None, None) => {
                let limits = if site.lent_limits {
                    "limits of the loaded scenario"
                } else {
                    "no limits: no scenario of this plant"
                };
                ui.add(Text::new(format!("{}: {}; {limits}", site.map.name, site.map.source)).dim().cut());
            }
        }
        picked
    };
    let (picked, ()) = sides(ui, left, |ui| {
        if ui.add(Button::new("Copy diagnostics")).clicked() {
            ui.ctx().copy_text(words::diagnostics(site));
        }
        let record = if on { commands::END_RECORDING } else { commands::RECORD };
        if source.tape.is_none() {
            record.press(ui, &Now::of_source(source), &mut wanted, |b| b.least(132.0, 28.0));
        }
    });
    actions.extend(wanted);
    if let Some(tab) = picked.and_then(|i| Tab::ALL.get(i)) {
        state.tab = *tab;
    }
}

fn header(ui: &mut Ui, source: Source<'_>, site: Option<&SiteView>, actions: &mut Vec<Action>) {
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
        (None, None) => Vec::new(),
    };
    ui.add_space(8.0);
    ui.spacing_mut().item_spacing = vec2(24.0, 3.0);
    let left = |ui: &mut Ui| {
        ui.vertical(|ui| {
            ui.add(Text::title(title).px(16.0, 17.0));
            ui.add(Text::new(text).cut());
        })
    };
    egui::Sides::new().height(44.0).shrink_left().show(ui, left, |ui| {
        if (source.info.is_some() || source.site) && source.twin {
            commands::BACK_TO_TWIN.press(ui, &Now::of_source(source), actions, |b| b.solid().least(132.0, 32.0));
        }
        for (label, value) in facts {
            let ink = Ink::of(ui);
            let [label, value] = [Text::new(label).dim(), Text::value(value).px(15.0, 16.0)];
            let faces = [label.face(&ink), value.face(&ink)];
            let wide = ink.width(label.words(), faces[0]).max(ink.width(value.words(), faces[1]));
            let (_, r) = ui.allocate_space(vec2(wide, 44.0));
            ink.left(r.left(), r.top() + 11.0, label.words(), faces[0]);
            ink.left(r.left(), r.top() + 33.0, value.words(), faces[1]);
        }
    });
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
    ink.fill(rect, ink.t.panel);
    ink.hline(rect.x_range(), rect.top(), ink.t.hair);
    pane(ui, "read only", rect, |ui| {
        ui.add_space(12.0);
        let said = ui.add(Text::title("Read only"));
        let words = "Read only: no command can be sent from this window";
        ui.ctx().accesskit_node_builder(said.id, |n| n.set_label(words));
        ui.add(Text::new("No command can be sent from this window."));
        ui.horizontal(|ui| {
            if source.twin {
                commands::BACK_TO_TWIN.press(ui, &Now::of_source(source), actions, |b| b.least(132.0, 32.0));
            }
            if let Some(tape) = source.tape {
                tape::transport(ui, tape, actions);
            }
        });
        rule(ui, ink.t.panel);
        match &model.site_view {
            Some(site) => links::brief(ui, site),
            None => file::state_of_source(ui, source),
        }
    });
}
