//! One frame: keys, views, actions.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use egui::accesskit::Role;
use egui::{Area, Order, Rect, Sense, Ui, UiBuilder, UiKind, WidgetInfo, pos2, vec2};

use super::ConsoleApp;
use crate::acts::Operate;
use crate::console::action::{Action, View};
use crate::console::fmt;
use crate::console::keys::{Asked, Open};
use crate::console::model::{Mode, Model};
use crate::console::session::{LiveHandle, Session, Sources};
use crate::console::shell::{Layout, windowed};
use crate::console::theme;
use crate::console::views::live::Source;
use crate::console::views::{
    alarms, banner, bringup, compare, help, hint, instructor, kpi, live, mimic, nav, operate, report, status_bar, tune,
};
use crate::console::widgets::{Button, Face, Ink};
use crate::feed::hub::Figures;
use crate::feed::{Info, record};

/// Size of the strip that asks before Resume.
const ASK_H: f32 = 48.0;

impl ConsoleApp {
    pub(super) fn compose(&mut self, ui: &mut Ui) {
        let ctx = ui.ctx().clone();
        let mut actions = Vec::new();
        let open = Open { asking: self.asking_resume, help: self.help };
        let asked = self.keys.take(&ctx, open, &mut actions);
        self.answer(asked, &mut actions);

        let area = ctx.content_rect();
        ui.painter().rect_filled(area, 0.0, theme::tokens(&ctx).bg);
        let model = self.model.take();
        let mut view = Rect::NOTHING;
        windowed(ui, |ui, layout| {
            match &model {
                Some(model) => {
                    part(ui, "nav", layout.nav, |ui| nav::show(ui, layout.nav, self.view, &mut actions));
                    self.parts(ui, layout, model, &mut actions);
                }
                None => self.waiting(ui, layout, &mut actions),
            }
            self.body(ui, layout, model.as_deref(), &mut actions);
            self.over(ui, layout, model.as_deref(), &mut actions);
            view = layout.view;
        });
        self.mirror(&ctx, model.as_deref());
        let mode = model.as_ref().map_or_else(|| self.sources.session.mode(), |m| m.mode);
        let ink = Ink::new(ui, area);
        status_bar::border(&ink, area.shrink(1.5), mode, [8.0, 6.0]);
        self.model = model;

        // What is picked here is saved from the model, so it has to be back.
        self.pick(ui, view);
        for action in actions {
            self.apply(&ctx, action);
        }
    }

    fn answer(&mut self, asked: Asked, actions: &mut Vec<Action>) {
        // A script or a trip may have ended the hold that the question was about.
        self.asking_resume &= self.model.as_ref().is_some_and(|m| bringup::why_not_resume(&m.status).is_none());
        if asked.resume {
            if self.asking_resume {
                self.asking_resume = false;
            } else {
                self.ask_resume();
            }
        }
        if asked.confirm && self.asking_resume {
            self.asking_resume = false;
            actions.push(Action::Operate(Operate::Resume));
        }
        if asked.dismiss {
            if self.asking_resume {
                self.asking_resume = false;
            } else {
                self.help = false;
            }
        }
    }

    /// Status bar, KPI strip and banner: the same in every view.
    pub(super) fn parts(&mut self, ui: &mut Ui, layout: &Layout, model: &Model, actions: &mut Vec<Action>) {
        let source = self.sources.session.live().map(|l| {
            let path = l.path();
            path.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
        });
        let facts = status_bar::Facts {
            wall: wall_clock(ui),
            operator: self.settings.operator.clone(),
            source: source.unwrap_or_default(),
        };
        part(ui, "status", layout.status, |ui| status_bar::show(ui, layout.status, model, &facts, actions));
        let kpi_rect = layout.kpi.iter().fold(Rect::NOTHING, |a, b| a.union(*b));
        part(ui, "kpi", kpi_rect, |ui| kpi::show(ui, &layout.kpi, model, actions));
        let restart = self.restart.is_some();
        let keys = self.view != View::Alarms;
        part(ui, "banner", layout.banner, |ui| banner::show(ui, layout.banner, model, restart, keys, actions));
    }

    /// Before the first row: the rail, and what is waited for.
    fn waiting(&mut self, ui: &mut Ui, layout: &Layout, actions: &mut Vec<Action>) {
        part(ui, "nav", layout.nav, |ui| nav::show(ui, layout.nav, self.view, actions));
        let ink = Ink::new(ui, ui.ctx().content_rect());
        let at = layout.status.left_center() + vec2(96.0, 0.0);
        let dead = self.sources.session.dead();
        let words = match (&dead, &self.sources.session) {
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
        match &self.sources.session {
            Session::Twin(_) if dead.is_some() && self.restart.is_some() => {
                if Button::new("Restart").put(ui, b).clicked() {
                    actions.push(Action::RestartWorker);
                }
            }
            Session::Live(_) if self.sources.has_parked() => {
                if Button::new("Back to twin").put(ui, b).clicked() {
                    actions.push(Action::BackToTwin);
                }
            }
            _ => {}
        }
    }

    fn body(&mut self, ui: &mut Ui, layout: &Layout, model: Option<&Model>, actions: &mut Vec<Action>) {
        let info = self.sources.session.live().and_then(LiveHandle::info);
        let recordings: Vec<_> = self.settings.recent.iter().filter(|p| is_recording(p)).cloned().collect();
        let recent = [recordings.as_slice(), &self.settings.sites];
        let recording = self.sources.session.live().and_then(LiveHandle::recording);
        let shadow = self.shadow.as_ref();
        let source = Source {
            shadow,
            ..source(&self.sources, info.as_ref(), recording.as_ref(), recent, self.to_frame.figures())
        };
        match (self.view, model) {
            (View::Live, _) => {
                part(ui, "live", layout.view, |ui| {
                    live::show(ui, layout.view, model, source, &mut self.live, actions);
                });
            }
            (_, None) => {}
            (View::Tune, Some(model)) => {
                part(ui, "tune", layout.view, |ui| tune::show(ui, layout.view, model, &mut self.tune, actions));
            }
            (View::Alarms, Some(model)) => {
                part(ui, "alarms", layout.view, |ui| alarms::show(ui, layout.view, model, &mut self.alarms, actions));
            }
            (View::Compare, Some(model)) => {
                part(ui, "compare", layout.view, |ui| {
                    compare::show(ui, layout.view, model, &mut self.compare, actions);
                });
            }
            (View::Instructor, Some(model)) => {
                part(ui, "instructor", layout.view, |ui| {
                    instructor::show(ui, layout.view, model, &mut self.instructor, actions);
                });
            }
            (View::Report, Some(model)) => {
                part(ui, "report", layout.view, |ui| report::show(ui, layout.view, model, &mut self.report, actions));
            }
            (View::Operate, Some(model)) => {
                self.operate_parts(ui, layout, model, actions);
                part(ui, "hint", layout.view, |ui| hint::show(ui, layout.view, model, &mut self.hint_taken));
            }
        }
    }

    /// Mimic, bring-up and strips.
    pub(super) fn operate_parts(&mut self, ui: &mut Ui, layout: &Layout, model: &Model, actions: &mut Vec<Action>) {
        let ink = Ink::new(ui, layout.view);
        ink.fill(layout.mimic.union(layout.bringup), ink.t.panel);
        part(ui, "mimic", layout.mimic, |ui| mimic::show(ui, layout.mimic, model, actions));
        let r = layout.bringup;
        if model.mode == Mode::Twin {
            part(ui, "bringup", r, |ui| bringup::show(ui, r, model, &mut self.bringup, actions));
        } else {
            let info = self.sources.session.live().and_then(LiveHandle::info);
            let source = source(&self.sources, info.as_ref(), None, [&[], &[]], None);
            part(ui, "read only", r, |ui| live::read_only(ui, r, model, source, actions));
        }
        ink.hline(r.x_range(), r.top(), ink.t.hair);
        let strips = layout.view.with_min_x(layout.mimic.right());
        // There is no forecast of a source that is only read.
        let mut time = self.time.clone();
        time.future_s *= f64::from(u8::from(model.mode == Mode::Twin));
        part(ui, "strips", strips, |ui| {
            operate::show_strips(ui, &layout.strips, model, &time, &self.strips, actions);
        });
    }

    /// What lies over the view, never over KPI strip or banner.
    fn over(&mut self, ui: &mut Ui, layout: &Layout, model: Option<&Model>, actions: &mut Vec<Action>) {
        let now_s = ui.input(|i| i.time);
        if let Some(share) = self.keys.abort_progress(now_s) {
            let words = format!("ABORT: hold Shift+F8, {} %", fmt::num(f64::from(share) * 100.0, 0));
            strip(ui, layout, "abort", |ui, ink, r| {
                ink.fill(r.with_max_x(r.left() + r.width() * share), theme::mix(ink.t.dead, ink.t.inset, 0.5));
                ink.left(r.left() + 24.0, r.center().y, &words, Face::semibold(16.0, ink.t.text));
                ink.frame(r, 0, (2.0, ink.t.text));
                label(ui, r, Role::Alert, &words);
            });
        } else if self.asking_resume
            && let Some(model) = model
        {
            let words = resume_words(model);
            let mut did = None;
            strip(ui, layout, "resume", |ui, ink, r| {
                ink.frame(r, 0, (2.0, ink.t.text));
                label(ui, r, Role::Dialog, &words);
                ink.left(r.left() + 24.0, r.center().y, "Resume?", Face::semibold(16.0, ink.t.text));
                let end = r.right() - 330.0;
                ink.left_cut(r.left() + 110.0, r.center().y, end, &words, Face::medium(14.0, ink.t.live));
                let yes = Rect::from_min_size(pos2(r.right() - 316.0, r.top() + 8.0), vec2(172.0, 32.0));
                let no = Rect::from_min_size(pos2(r.right() - 132.0, r.top() + 8.0), vec2(116.0, 32.0));
                let words = Button::new("Resume").key("Enter").name("Confirm resume");
                if words.solid().put(ui, yes).clicked() {
                    did = Some(true);
                }
                let words = Button::new("Stay").key("Esc").name("Do not resume");
                if words.put(ui, no).clicked() {
                    did = Some(false);
                }
            });
            if did == Some(true) {
                actions.push(Action::Operate(Operate::Resume));
            }
            self.asking_resume &= did.is_none();
        }
        part(ui, "toasts", layout.view, |ui| self.toasts.show(ui, layout.view));
        if self.help {
            help::show(ui, layout.view, actions);
        }
    }
}

/// What the Live page shows beside the model; `recent` are recordings and maps.
fn source<'a>(
    sources: &'a Sources,
    info: Option<&'a Info>,
    recording: Option<&'a record::State>,
    recent: [&'a [PathBuf]; 2],
    to_frame: Option<Figures>,
) -> Source<'a> {
    let live = sources.session.live();
    Source {
        info,
        site: live.is_some_and(LiveHandle::is_site),
        tape: live.and_then(LiveHandle::controls),
        recording,
        recent: recent[0],
        sites: recent[1],
        twin: sources.has_parked(),
        to_frame,
        shadow: None,
    }
}

fn is_recording(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv") || e == "sqlite")
}

/// A view in a scope of its own, so that ids never meet.
fn part<R>(ui: &mut Ui, name: &str, rect: Rect, show: impl FnOnce(&mut Ui) -> R) -> R {
    ui.scope_builder(UiBuilder::new().id_salt(name).max_rect(rect), |ui| {
        ui.set_clip_rect(rect.intersect(ui.clip_rect()));
        show(ui)
    })
    .inner
}

fn strip(ui: &mut Ui, layout: &Layout, name: &str, show: impl FnOnce(&mut Ui, &Ink, Rect)) {
    let r = Rect::from_min_size(layout.view.min, vec2(layout.view.width(), ASK_H)).shrink2(vec2(2.0, 0.0));
    let area =
        Area::new(egui::Id::unique(("strip", name))).order(Order::Foreground).kind(UiKind::Modal).fixed_pos(r.min);
    area.show(ui.ctx(), |ui| {
        ui.allocate_rect(r, Sense::hover());
        let ink = Ink::new(ui, r);
        ink.fill(r, ink.t.inset);
        show(ui, &ink, r);
    });
}

fn label(ui: &mut Ui, r: Rect, role: Role, words: &str) {
    let response = ui.interact(r.with_max_x(r.right() - 330.0), ui.scope_id().with("words"), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(role, true, words));
}

fn resume_words(model: &Model) -> String {
    let Some(o) = model.forecast.as_ref().and_then(|f| f.resumed.as_ref()) else {
        return "no forecast of the resumed schedule yet".to_owned();
    };
    let in_s = |t_s: f64| fmt::num((t_s - model.t_s).max(0.0), 0);
    let first = o
        .first_limit
        .as_ref()
        .map_or_else(|| "no limit reached".to_owned(), |(limit, at)| format!("first limit {limit} in {} s", in_s(*at)));
    format!(
        "the next 60 s on {}: min f {} Hz in {} s; max genset {} kW; {first}",
        model.plate.preset,
        fmt::hz(o.min_f_hz.0),
        in_s(o.min_f_hz.1),
        fmt::kw(o.max_gen_kw.0),
    )
}

/// `14:23 UTC`; asks for the next repaint at the next minute.
fn wall_clock(ui: &Ui) -> String {
    let s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
    ui.ctx().request_repaint_after(Duration::from_secs(60 - s % 60));
    format!("{:02}:{:02} UTC", s / 3600 % 24, s / 60 % 60)
}
