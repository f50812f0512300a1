//! The rail: one item a view, the theme and the help below.

use egui::accesskit::Role;
use egui::{Pos2, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::console::action::{Action, View};
use crate::console::theme;
use crate::console::widgets::{Face, Ink, Weight};

const ITEM_H: f32 = 72.0;

/// Draws the rail.
pub fn show(ui: &mut Ui, rect: Rect, view: View, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.bg);
    let items = [
        (View::Operate, "Operate", "F1"),
        (View::Compare, "Compare", "F2"),
        (View::Tune, "Tune", "F3"),
        (View::Alarms, "Alarms", "F4"),
        (View::Instructor, "Trainer", "F5"),
        (View::Live, "Live", "F6"),
        (View::Report, "Report", "F7"),
    ];
    for (i, (item, label, key)) in items.into_iter().enumerate() {
        let r = Rect::from_min_size(rect.min + vec2(0.0, ITEM_H * i as f32), vec2(rect.width(), ITEM_H));
        let on = item == view;
        let response = ui.interact(r, ui.scope_id().with(label), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, format!("{label} {key}")));
        if on {
            ink.fill(r, ink.t.panel);
            ink.fill(Rect::from_min_size(r.min, vec2(3.0, ITEM_H)), ink.t.accent);
        } else if response.hovered() {
            ink.fill(r, theme::mix(ink.t.panel, ink.t.bg, 0.5));
        }
        icon(&ink, r.min + vec2(40.0, 25.0), item);
        let face = if on { Weight::SemiBold } else { Weight::Regular };
        ink.centre(
            pos2(r.center().x, r.top() + 53.0),
            label,
            Face::new(face, 14.0, if on { ink.t.text } else { ink.t.text2 }),
        );
        ink.right(r.right() - 7.0, r.top() + 12.0, key, Face::regular(12.0, ink.t.text2));
        if response.has_focus() {
            ink.focus_ring(r.shrink(4.0));
        }
        if response.clicked() {
            actions.push(Action::Show(item));
        }
    }
    foot(ui, &ink, rect, actions);
}

fn foot(ui: &mut Ui, ink: &Ink, rect: Rect, actions: &mut Vec<Action>) {
    let y = rect.bottom() - 24.0;
    let theme = round(ui, ink, pos2(rect.left() + 24.0, y), "Light or dark");
    let c = theme.rect.center();
    ink.p.circle_stroke(c, 7.0, Stroke::new(1.5, ink.t.text2));
    let half = (0..=12).map(|i| std::f32::consts::PI * (i as f32 / 12.0 + 0.5));
    let half: Vec<Pos2> = half.map(|a| c + vec2(a.cos(), a.sin()) * 7.0).collect();
    ink.p.add(egui::Shape::convex_polygon(half, ink.t.text2, Stroke::NONE));
    if theme.clicked() {
        actions.push(Action::ToggleTheme);
    }
    let help = round(ui, ink, pos2(rect.left() + 56.0, y), "Keys (?)");
    ink.centre(help.rect.center(), "?", Face::semibold(16.0, ink.t.text2));
    if help.clicked() {
        actions.push(Action::ToggleHelp);
    }
}

fn round(ui: &mut Ui, ink: &Ink, at: Pos2, name: &str) -> Response {
    let r = Rect::from_center_size(at, vec2(28.0, 28.0));
    let response = ui.interact(r, ui.scope_id().with(name), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    if response.hovered() {
        ink.p.circle_filled(at, 14.0, ink.t.panel);
    }
    if response.has_focus() {
        ink.focus_ring(r);
    }
    response.on_hover_text(name)
}

fn icon(ink: &Ink, c: Pos2, view: View) {
    let s = Stroke::new(2.0, ink.t.text);
    let line = |a: [f32; 2], b: [f32; 2]| {
        ink.p.line_segment([c + vec2(a[0], a[1]), c + vec2(b[0], b[1])], s);
    };
    match view {
        View::Operate => {
            ink.p.circle_stroke(c, 10.0, s);
            line([0.0, 0.0], [5.0, -5.0]);
            ink.p.circle_filled(c, 2.5, ink.t.text);
        }
        View::Tune => {
            for (y, x) in [(-8.0, 4.0), (0.0, -5.0), (8.0, 2.0)] {
                line([-11.0, y], [11.0, y]);
                ink.p.circle(c + vec2(x, y), 3.5, ink.t.bg, s);
            }
        }
        View::Compare => {
            line([-11.0, 7.0], [-4.0, 0.0]);
            line([-4.0, 0.0], [3.0, 4.0]);
            line([3.0, 4.0], [11.0, -7.0]);
            line([-11.0, -2.0], [0.0, -7.0]);
            line([0.0, -7.0], [11.0, 2.0]);
        }
        View::Alarms => {
            let bell = [[-9.0, 6.0], [-6.0, 3.0], [-6.0, -3.0], [0.0, -10.0], [6.0, -3.0], [6.0, 3.0], [9.0, 6.0]];
            bell.windows(2).for_each(|w| line(w[0], w[1]));
            line([-9.0, 6.0], [9.0, 6.0]);
            ink.p.circle_filled(c + vec2(0.0, 9.5), 2.0, ink.t.text);
        }
        View::Instructor => {
            ink.p.circle_stroke(c + vec2(0.0, -5.0), 4.5, s);
            line([-9.0, 10.0], [-6.0, 3.0]);
            line([-6.0, 3.0], [6.0, 3.0]);
            line([6.0, 3.0], [9.0, 10.0]);
        }
        View::Report => {
            let page = [[-7.0, -10.0], [7.0, -10.0], [7.0, 10.0], [-7.0, 10.0], [-7.0, -10.0]];
            page.windows(2).for_each(|w| line(w[0], w[1]));
            [-5.0, 0.0, 5.0].into_iter().for_each(|y| line([-3.5, y], [3.5, y]));
        }
        View::Live => {
            ink.p.circle_filled(c, 3.0, ink.t.text);
            for r in [7.0_f32, 11.5] {
                for side in [0.0, std::f32::consts::PI] {
                    let arc = (0..=8).map(|i| side - 0.7 + 1.4 * i as f32 / 8.0);
                    ink.path(arc.map(|a| c + vec2(a.cos(), a.sin()) * r).collect(), (2.0, ink.t.text));
                }
            }
        }
    }
}
