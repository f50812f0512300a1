//! What to talk about: moments, alarms, the observer's sheet.

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, vec2};

use super::Shown;
use crate::acts::By;
use crate::console::action::{Action, ScreenAct, TimeAct};
use crate::console::fmt::{self, num};
use crate::console::views;
use crate::console::widgets::pane::{heading, pane, rule, sides};
use crate::console::widgets::table::{Column, Table};
use crate::console::widgets::{Ink, Segmented, Text, TextField};
use crate::report::debrief::COMPETENCIES;
use crate::training::msg::{DeskAct, What};

const MARKS: [&str; 6] = ["–", "0", "1", "2", "3", "4"];

const COLUMNS: [Column; 5] = [
    Column::rest("", 34.0),
    Column::number("raised", 56.0),
    Column::number("in time", 58.0),
    Column::number("median", 62.0),
    Column::number("longest", 64.0),
];

pub(super) fn show(ui: &mut Ui, rect: Rect, shown: &Shown, remark: &mut String, actions: &mut Vec<Action>) {
    pane(ui, "debrief", rect, |ui| {
        let dead = Ink::of(ui).t.dead;
        ui.add_space(4.0);
        heading(ui, "Moments", "click: cursor on Operate");
        if shown.moments.is_empty() {
            ui.add(Text::new("nothing stands out yet").dim());
        }
        for (k, m) in shown.moments.iter().enumerate() {
            if moment(ui, k, m.title, m.t_s, &m.text) {
                actions.extend([
                    Action::Time(TimeAct::Cursor(0, Some(m.t_s))),
                    Action::Screen(ScreenAct::Show(views::operate::ID)),
                ]);
            }
        }
        rule(ui, dead);
        let open: u32 = shown.alarms.by_priority.iter().map(|p| p.open).sum();
        heading(ui, "Alarms", &format!("{} annunciated, {open} open", shown.alarms.count));
        alarms(ui, shown);
        rule(ui, dead);
        heading(ui, "Observer", "0 to 4, beside the score, never added");
        observer(ui, shown, remark, actions);
    });
}

/// Two lines that can be pressed.
fn moment(ui: &mut Ui, k: usize, title: &str, t_s: f64, text: &str) -> bool {
    let (_, row) = ui.allocate_space(vec2(ui.available_width(), 42.0));
    let r = ui.interact(row, ui.scope_id().with(("moment", k)), Sense::click());
    r.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("{title} at {}: {text}", fmt::stamp(t_s))));
    let ink = Ink::of(ui);
    ink.row_ground(row.expand2(vec2(12.0, 0.0)), false, r.hovered());
    ink.hline(row.x_range(), row.top(), ink.t.hair);
    let face = |t: Text<'static>| t.face(&ink);
    ink.left(row.left(), row.top() + 12.0, title, face(Text::new("").medium()));
    ink.right(row.right(), row.top() + 12.0, fmt::stamp(t_s), face(Text::value("")));
    let cut = ink.left_cut(row.left(), row.top() + 30.0, row.right(), text, face(Text::new("").dim().px(13.0, 14.0)));
    if r.has_focus() {
        ink.focus_ring(row);
    }
    let r = if cut >= row.right() - 8.0 { r.on_hover_text(text) } else { r };
    r.clicked()
}

fn observer(ui: &mut Ui, shown: &Shown, remark: &mut String, actions: &mut Vec<Action>) {
    let mut sheet = shown.observer.clone();
    for (name, mark) in COMPETENCIES.iter().zip(&mut sheet.marks) {
        let now = mark.map_or(0, |m| usize::from(m) + 1);
        let marks = |ui: &mut Ui| Segmented::new(name, &MARKS, now).padding(9.0).show(ui);
        let (_, picked) = sides(ui, |ui| ui.add(Text::new(*name).cut()), marks);
        if let Some(k) = picked {
            *mark = k.checked_sub(1).map(|m| m as u8);
        }
    }
    let field = ui.horizontal(|ui| {
        ui.add(Text::new("Remark").whole());
        let wide = ui.available_width();
        TextField::new("Remark", remark).hint("for the debrief").most(200).show(ui, wide).response
    });
    if field.inner.lost_focus() {
        sheet.remark = remark.trim().to_owned();
    } else if !field.inner.has_focus() && *remark != shown.observer.remark {
        remark.clone_from(&shown.observer.remark);
    }
    if sheet != shown.observer {
        actions.push(Action::Desk(DeskAct { by: By::Instructor, what: What::Observe(sheet) }));
    }
}

fn alarms(ui: &mut Ui, shown: &Shown) {
    let all = &shown.alarms.by_priority;
    let table = Table::new("answers", &COLUMNS).row_height(22.0);
    let (_, place) = ui.allocate_space(vec2(ui.available_width(), table.height(all.len()) + 4.0));
    table.show(ui, place, all.len(), |row| {
        let Some(p) = all.get(row.index) else { return };
        let time = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{} s", num(v, 1)));
        row.still(row.index);
        row.says(format!("P{}: {} raised, {} acknowledged in time", row.index + 1, p.count, p.in_time));
        row.text(Text::new(format!("P{}", row.index + 1)).medium());
        let [median, longest] = [0, 1].map(|k| time(p.ack_s.map(|a| a[k])));
        for words in [p.count.to_string(), p.in_time.to_string(), median, longest] {
            row.text(Text::new(words).live());
        }
    });
}
