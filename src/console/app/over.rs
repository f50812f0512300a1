//! What lies over the view, and never over KPI strip or alarm banner: the question before a resume, the bar of a held
//! ABORT, messages, the palette.

use egui::accesskit::Role;
use egui::{Area, Order, Rect, Sense, Ui, UiKind, WidgetInfo, pos2, vec2};

use crate::acts::Operate;
use crate::console::action::Action;
use crate::console::commands::Now;
use crate::console::fmt;
use crate::console::keys::Asked;
use crate::console::model::Model;
use crate::console::theme;
use crate::console::toast::Toasts;
use crate::console::view::part;
use crate::console::views::bringup;
use crate::console::views::palette::Palette;
use crate::console::widgets::{Button, Face, Ink};

/// Height of the strip that asks before a resume.
const ASK_H: f32 = 48.0;

/// What is open over the view.
#[derive(Default)]
pub(super) struct Over {
    /// The question before a resume.
    pub(super) asking_resume: bool,
    /// The keys.
    pub(super) help: bool,
    /// The list of commands.
    pub(super) palette: Palette,
    /// Messages.
    pub(super) toasts: Toasts,
    /// The trainee's window beside this one.
    pub(super) mirror: bool,
}

impl Over {
    /// Does what Enter and Escape mean to what is open.
    pub(super) fn answer(&mut self, asked: Asked, model: Option<&Model>, actions: &mut Vec<Action>) {
        // A script or a trip may have ended the hold that the question was about.
        self.asking_resume &= model.is_some_and(|m| bringup::why_not_resume(&m.status).is_none());
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

    /// Draws it. `held` is how far ABORT has been held, 0 to 1.
    pub(super) fn show(
        &mut self,
        ui: &mut Ui,
        view: Rect,
        now: &Now<'_>,
        held: Option<f32>,
        actions: &mut Vec<Action>,
    ) {
        if let Some(share) = held {
            abort(ui, view, share);
        } else if self.asking_resume
            && let Some(model) = now.model
        {
            let answer = ask(ui, view, model);
            if answer == Some(true) {
                actions.push(Action::Operate(Operate::Resume));
            }
            self.asking_resume &= answer.is_none();
        }
        part(ui, "toasts", view, |ui| self.toasts.show(ui, view));
        self.palette.show(ui, view, now, actions);
    }
}

/// How far ABORT has been held.
fn abort(ui: &mut Ui, view: Rect, share: f32) {
    let words = format!("ABORT: hold Shift+F8, {} %", fmt::num(f64::from(share) * 100.0, 0));
    strip(ui, view, "abort", |ui, ink, r| {
        ink.fill(r.with_max_x(r.left() + r.width() * share), theme::mix(ink.t.dead, ink.t.inset, 0.5));
        ink.left(r.left() + 24.0, r.center().y, &words, Face::semibold(16.0, ink.t.text));
        ink.frame(r, 0, (2.0, ink.t.text));
        label(ui, r, Role::Alert, &words);
    });
}

/// The question before a resume, with what it would bring; gives the answer.
fn ask(ui: &mut Ui, view: Rect, model: &Model) -> Option<bool> {
    let words = resume_words(model);
    let mut answer = None;
    strip(ui, view, "resume", |ui, ink, r| {
        ink.frame(r, 0, (2.0, ink.t.text));
        label(ui, r, Role::Dialog, &words);
        ink.left(r.left() + 24.0, r.center().y, "Resume?", Face::semibold(16.0, ink.t.text));
        let end = r.right() - 330.0;
        ink.left_cut(r.left() + 110.0, r.center().y, end, &words, Face::medium(14.0, ink.t.live));
        let yes = Rect::from_min_size(pos2(r.right() - 316.0, r.top() + 8.0), vec2(172.0, 32.0));
        let no = Rect::from_min_size(pos2(r.right() - 132.0, r.top() + 8.0), vec2(116.0, 32.0));
        let words = Button::new("Resume").key("Enter").name("Confirm resume");
        if words.solid().put(ui, yes).clicked() {
            answer = Some(true);
        }
        let words = Button::new("Stay").key("Esc").name("Do not resume");
        if words.put(ui, no).clicked() {
            answer = Some(false);
        }
    });
    answer
}

fn strip(ui: &mut Ui, view: Rect, name: &str, show: impl FnOnce(&mut Ui, &Ink, Rect)) {
    let r = Rect::from_min_size(view.min, vec2(view.width(), ASK_H)).shrink2(vec2(2.0, 0.0));
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
