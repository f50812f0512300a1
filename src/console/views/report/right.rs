//! What to talk about: moments, alarms, the observer's sheet.

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::Shown;
use super::left::{say, text_field};
use crate::acts::By;
use crate::console::action::{Action, ScreenAct, TimeAct};
use crate::console::fmt;
use crate::console::theme::mix;
use crate::console::views;
use crate::console::views::controls::{ring, segmented, segmented_width};
use crate::console::views::ink::{Face, Ink, num};
use crate::report::debrief::COMPETENCIES;
use crate::training::msg::{DeskAct, What};

const PAD: f32 = 16.0;
const MARKS: [&str; 6] = ["–", "0", "1", "2", "3", "4"];

pub(super) fn show(ui: &mut Ui, ink: &Ink, rect: Rect, shown: &Shown, remark: &mut String, actions: &mut Vec<Action>) {
    let (x0, x1) = (rect.left() + PAD, rect.right() - PAD);
    let title = |y: f32, text: &str, note: &str| {
        let end = ink.left(x0, y, text, Face::SemiBold, ink.px(14.0, 15.0), ink.t.text);
        ink.left_cut(end + 8.0, y, x1, note, Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
    };
    title(rect.top() + 20.0, "Moments", "click: cursor on Operate");
    let mut y = rect.top() + 36.0;
    if shown.moments.is_empty() {
        ink.left(x0, y + 12.0, "nothing stands out yet", Face::Regular, ink.body(), ink.t.text2);
        y += 28.0;
    }
    for (k, m) in shown.moments.iter().enumerate() {
        let row = Rect::from_min_max(pos2(rect.left() + 4.0, y), pos2(rect.right() - 4.0, y + 44.0));
        let r = ui.interact(row, ui.scope_id().with(("moment", k)), Sense::click());
        let name = format!("{} at {}: {}", m.title, fmt::stamp(m.t_s), m.text);
        r.widget_info(|| WidgetInfo::labeled(Role::Button, true, &name));
        if r.hovered() {
            ink.fill(row, mix(ink.t.accent, ink.t.panel, 0.10));
        }
        ink.hline(x0, x1, y, ink.t.hair);
        ink.left(x0, y + 13.0, m.title, Face::Medium, ink.body(), ink.t.text);
        ink.right(x1, y + 13.0, fmt::stamp(m.t_s), Face::Medium, ink.body(), ink.t.live);
        ink.left_cut(x0, y + 32.0, x1, &m.text, Face::Regular, ink.px(13.0, 14.0), ink.t.text2);
        ring(ink, &r, row);
        if r.clicked() {
            actions.extend([
                Action::Time(TimeAct::Cursor(0, Some(m.t_s))),
                Action::Screen(ScreenAct::Show(views::operate::ID)),
            ]);
        }
        y += 45.0;
    }
    y += 10.0;
    ink.hline(x0, x1, y, ink.t.dead);
    let note = format!(
        "{} annunciated, {} open",
        shown.alarms.count,
        shown.alarms.by_priority.iter().map(|p| p.open).sum::<u32>()
    );
    title(y + 18.0, "Alarms", &note);
    y = alarms(ui, ink, [x0, x1], y + 34.0, shown) + 10.0;
    ink.hline(x0, x1, y, ink.t.dead);
    title(y + 18.0, "Observer", "0 to 4, beside the score, never added");
    y += 34.0;
    let wide = segmented_width(ink, &MARKS, 9.0);
    let pitch = ((rect.bottom() - 6.0 - y) / (COMPETENCIES.len() + 1) as f32).clamp(29.0, 36.0);
    let mut sheet = shown.observer.clone();
    for (name, mark) in COMPETENCIES.iter().zip(&mut sheet.marks) {
        ink.left_cut(x0, y + 14.0, x1 - wide - 8.0, name, Face::Regular, ink.body(), ink.t.text);
        let now = mark.map_or(0, |m| usize::from(m) + 1);
        if let Some(k) = segmented(ui, ink, pos2(x1 - wide, y), name, &MARKS, now, 9.0, None) {
            *mark = k.checked_sub(1).map(|m| m as u8);
        }
        y += pitch;
    }
    ink.left(x0, y + 14.0, "Remark", Face::Regular, ink.body(), ink.t.text);
    let field = Rect::from_min_max(pos2(x0 + 72.0, y), pos2(x1, y + 28.0));
    if text_field(ui, ink, field, ["Remark", "for the debrief"], 200, remark).lost_focus() {
        sheet.remark = remark.trim().to_owned();
    } else if !ui.memory(|m| m.has_focus(egui::Id::unique("Remark"))) && *remark != shown.observer.remark {
        remark.clone_from(&shown.observer.remark);
    }
    if sheet != shown.observer {
        actions.push(Action::Desk(DeskAct { by: By::Instructor, what: What::Observe(sheet) }));
    }
}

fn alarms(ui: &Ui, ink: &Ink, [x0, x1]: [f32; 2], mut y: f32, shown: &Shown) -> f32 {
    let pitch = ink.px(21.0, 24.0);
    let w = x1 - x0;
    let columns = [0.36, 0.58, 0.78, 1.0].map(|k| x0 + k * w);
    for (x, name) in columns.iter().zip(["raised", "in time", "median", "longest"]) {
        ink.right(*x, y + 8.0, name, Face::Regular, ink.px(12.0, 13.0), ink.t.text2);
    }
    y += pitch;
    for (k, p) in shown.alarms.by_priority.iter().enumerate() {
        let time = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{} s", num(v, 1)));
        let cells =
            [p.count.to_string(), p.in_time.to_string(), time(p.ack_s.map(|a| a[0])), time(p.ack_s.map(|a| a[1]))];
        ink.left(x0, y + 8.0, format!("P{}", k + 1), Face::Medium, ink.body(), ink.t.text);
        for (x, text) in columns.iter().zip(&cells) {
            ink.right(*x, y + 8.0, text, Face::Regular, ink.body(), ink.t.live);
        }
        let name = format!("P{}: {} raised, {} acknowledged in time", k + 1, p.count, p.in_time);
        say(ui, Rect::from_min_size(pos2(x0, y), vec2(w, pitch)), &name);
        y += pitch;
    }
    y
}
