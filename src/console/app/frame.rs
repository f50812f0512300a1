//! One frame: keys, views, actions.

use std::path::{Path, PathBuf};
use std::time::Duration;

use egui::accesskit::Role;
use egui::{Context, Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::ConsoleApp;
use super::rehearse::{OpenRehearsal, Rehearsals};
use super::rows::Rows;
use crate::console::action::{Action, SourceAct};
use crate::console::commands::Now;
use crate::console::keys::Open;
use crate::console::model::Model;
use crate::console::outlook::Suppose;
use crate::console::session::{LiveHandle, Session};
use crate::console::settings::Settings;
use crate::console::shell::{Layout, windowed};
use crate::console::theme;
use crate::console::view::{Seen, part};
use crate::console::views::live::Source;
use crate::console::views::{alarms, banner, help, kpi, nav, status_bar};
use crate::console::widgets::{Button, Face, Ink};
use crate::feed::{Info, record};
use crate::utc;

impl ConsoleApp {
    pub(super) fn compose(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        let area = ctx.content_rect();
        let mut actions = Vec::new();
        let Self { rows, views, time, keys, over, settings, rehearsals, .. } = self;

        let model = rows.model.as_deref();
        if model.is_none() || area.size().min_elem() < 800.0 {
            // every part covers its ground; before there are any, nothing does, nor where a small window ends
            ui.painter().rect_filled(area, 0.0, theme::tokens(&ctx).bg);
        }
        let said = SourceFacts::of(rows, settings, rehearsals);
        let source = said.source(rows, settings);
        let now = Now { model, source, front: views.front_id() };
        let open = Open { asking: over.asking_resume, help: over.help };
        let asked = keys.take(&ctx, &now, open, &mut actions);
        over.answer(asked, model, &mut actions);

        let mut view = Rect::NOTHING;
        windowed(ui, |ui, layout| {
            part(ui, "nav", layout.nav, |ui| nav::show(ui, layout.nav, &now, &mut actions));
            match model {
                Some(model) => {
                    let facts = facts(ui, rows, settings);
                    let more = Fixed { restart: rows.restart.is_some(), keys: now.front != alarms::ID };
                    fixed(ui, layout, model, &facts, more, &mut actions);
                }
                None => waiting(ui, layout, rows, &mut actions),
            }
            let seen = Seen { model, layout, time, source };
            views.front().ui(ui, &seen, &mut actions);
            let held = keys.abort_progress(ui.input(|i| i.time));
            over.show(ui, layout.view, &now, held, &mut actions);
            if over.help {
                help::show(ui, layout.view, &mut actions);
            }
            view = layout.view;
        });
        status_bar::border(&Ink::new(ui, area), area.shrink(1.5), rows.mode(), [8.0, 6.0]);

        self.keep_zoom(&ctx);
        self.name_window(&ctx);
        self.show_mirror(&ctx);
        self.show_rehearsals(&ctx);
        self.pick(ui, view);
        for action in actions {
            self.apply(&ctx, action);
        }
    }
}

impl ConsoleApp {
    /// Ctrl and plus or minus change the size of everything: it is kept as the setting it is.
    fn keep_zoom(&mut self, ctx: &Context) {
        let zoom = ctx.zoom_factor();
        if (zoom - self.settings.ui_scale).abs() > 0.001 && self.rows.model.is_some() {
            self.settings.ui_scale = zoom;
            self.save_settings();
        }
    }

    /// The title of the window names mode and scenario, for the list of windows and for pictures.
    fn name_window(&self, ctx: &Context) {
        let title = self.rows.model.as_deref().map_or_else(|| "ballast".to_owned(), title);
        let id = egui::Id::unique("title of the window");
        if ctx.data(|d| d.get_temp::<String>(id)).as_ref() != Some(&title) {
            ctx.data_mut(|d| d.insert_temp(id, title.clone()));
            ctx.send_viewport_cmd_to(egui::ViewportId::ROOT, egui::ViewportCommand::Title(title));
        }
    }
}

/// Mode and scenario.
fn title(model: &Model) -> String {
    format!("{}, {}: ballast", status_bar::mode_word(model.mode), model.plate.scenario)
}

/// Where the status bar gets what is not in the model.
pub(super) fn facts(ui: &Ui, rows: &Rows, settings: &Settings) -> status_bar::Facts {
    status_bar::Facts { wall: wall_clock(ui), operator: settings.operator.clone(), source: source_name(rows) }
}

/// Name of the live source's file; empty for the twin.
pub(super) fn source_name(rows: &Rows) -> String {
    let path = rows.sources.session.live().map(LiveHandle::path).unwrap_or_default();
    path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
}

/// What the banner may offer.
#[derive(Clone, Copy)]
pub(super) struct Fixed {
    /// A new worker can be started.
    pub(super) restart: bool,
    /// F10 acknowledges the next alarm.
    pub(super) keys: bool,
}

/// Status bar, KPI strip and banner: the same in every view.
pub(super) fn fixed(
    ui: &mut Ui,
    layout: &Layout,
    model: &Model,
    facts: &status_bar::Facts,
    more: Fixed,
    actions: &mut Vec<Action>,
) {
    part(ui, "status", layout.status, |ui| status_bar::show(ui, layout.status, model, facts, actions));
    part(ui, "kpi", layout.kpi, |ui| kpi::show(ui, layout.kpi, model));
    let Fixed { restart, keys } = more;
    part(ui, "banner", layout.banner, |ui| banner::show(ui, layout.banner, model, restart, keys, actions));
}

/// Before the first row: what is waited for.
fn waiting(ui: &mut Ui, layout: &Layout, rows: &Rows, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, ui.ctx().content_rect());
    let at = layout.status.left_center() + vec2(96.0, 0.0);
    let dead = rows.sources.session.dead();
    let words = match (&dead, &rows.sources.session) {
        (Some(why), _) => why.clone(),
        (None, Session::Twin(_)) => "waiting for the twin".to_owned(),
        (None, Session::Live(_)) => "waiting for the first row of the source".to_owned(),
    };
    ink.left_cut(at.x, at.y, layout.status.right() - 16.0, &words, Face::semibold(14.0, ink.t.text));
    let id = ui.scope_id().with("waiting");
    let response = ui.interact(layout.status, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Alert, true, &words));
    let y = layout.banner.top() + 8.0;
    let b = Rect::from_min_size(pos2(layout.banner.left() + 24.0, y), vec2(132.0, 30.0));
    match &rows.sources.session {
        Session::Twin(_) if dead.is_some() && rows.restart.is_some() => {
            if Button::new("Restart").put(ui, b).clicked() {
                actions.push(Action::Source(SourceAct::RestartWorker));
            }
        }
        Session::Live(_) if rows.sources.has_parked() => {
            if Button::new("Back to twin").put(ui, b).clicked() {
                actions.push(Action::Source(SourceAct::BackToTwin));
            }
        }
        _ => {}
    }
}

/// What the source in view tells when asked.
struct SourceFacts {
    info: Option<Info>,
    recording: Option<record::State>,
    /// Recent files that can be played, newest first.
    recent: Vec<PathBuf>,
    /// Rehearsals that are open.
    open: Vec<OpenRehearsal>,
    /// What the forecast of the source supposes, and why there is none.
    suppose: Suppose,
    no_forecast: Option<String>,
    /// Name of its file.
    name: String,
}

impl SourceFacts {
    fn of(rows: &Rows, settings: &Settings, rehearsals: &Rehearsals) -> Self {
        let live = rows.sources.session.live();
        Self {
            info: live.and_then(LiveHandle::info),
            recording: live.and_then(LiveHandle::recording),
            recent: settings.recent.iter().filter(|p| is_recording(p)).cloned().collect(),
            open: rehearsals.list(),
            suppose: rehearsals.outlook.suppose,
            no_forecast: rehearsals.outlook.trouble().map(str::to_owned),
            name: source_name(rows),
        }
    }

    fn source<'a>(&'a self, rows: &'a Rows, settings: &'a Settings) -> Source<'a> {
        let live = rows.sources.session.live();
        Source {
            info: self.info.as_ref(),
            site: live.is_some_and(LiveHandle::is_site),
            tape: live.and_then(LiveHandle::controls),
            recording: self.recording.as_ref(),
            recent: &self.recent,
            sites: &settings.sites,
            twin: rows.sources.has_parked(),
            to_frame: rows.to_frame.figures(),
            shadow: rows.shadow.as_ref(),
            name: &self.name,
            rehearsals: &self.open,
            suppose: self.suppose,
            no_forecast: self.no_forecast.as_deref(),
        }
    }
}

fn is_recording(path: &Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv") || e == "sqlite")
}

/// `14:23 UTC`; asks for the next repaint at the next minute.
fn wall_clock(ui: &Ui) -> String {
    let now_us = utc::now_us();
    let left_us = 60_000_000 - now_us.rem_euclid(60_000_000);
    ui.ctx().request_repaint_after(Duration::from_micros(left_us as u64));
    let stamp = utc::stamp(now_us);
    format!("{} UTC", stamp.get(11..16).unwrap_or_default())
}
