//! The rail: one item a view, the theme and the help below.

use egui::accesskit::Role;
use egui::{Pos2, Rect, Response, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::console::action::{Action, ScreenAct};
use crate::console::commands::{self, Now};
use crate::console::keys;
use crate::console::theme;
use crate::console::view::{Icon, VIEWS};
use crate::console::widgets::{Face, Ink, Weight};

/// Height of an item where there is room for all.
const ITEM_H: f32 = 72.0;
/// Room for the buttons at the foot.
const FOOT: f32 = 44.0;

/// Draws the rail.
pub fn show(ui: &mut Ui, rect: Rect, now: &Now<'_>, actions: &mut Vec<Action>) {
    let ink = Ink::new(ui, rect);
    ink.fill(rect, ink.t.bg);
    let height = ITEM_H.min((rect.height() - FOOT) / VIEWS.len() as f32);
    for (i, entry) in VIEWS.iter().enumerate() {
        let r = Rect::from_min_size(rect.min + vec2(0.0, height * i as f32), vec2(rect.width(), height));
        let (on, key) = (entry.id == now.front, keys::name(&entry.key));
        let response = ui.interact(r, ui.scope_id().with(entry.title), Sense::click());
        response.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, format!("{} {key}", entry.title)));
        if on {
            ink.fill(r, ink.t.panel);
            ink.fill(Rect::from_min_size(r.min, vec2(3.0, height)), ink.t.accent);
        } else if response.hovered() {
            ink.fill(r, theme::mix(ink.t.panel, ink.t.bg, 0.5));
        }
        // a long key never touches the icon
        let (key_y, icon_y) = if key.len() > 3 { (15.0, 31.0) } else { (12.0, 25.0) };
        (entry.icon)(&Icon { ink: &ink, middle: r.min + vec2(40.0, icon_y * height / ITEM_H) });
        let (face, color) = if on { (Weight::SemiBold, ink.t.text) } else { (Weight::Regular, ink.t.text2) };
        ink.centre(pos2(r.center().x, r.top() + 53.0 * height / ITEM_H), entry.title, Face::new(face, 14.0, color));
        ink.right(r.right() - 7.0, r.top() + key_y * height / ITEM_H, key, Face::regular(12.0, ink.t.text2));
        if response.has_focus() {
            ink.focus_ring(r.shrink(4.0));
        }
        if response.clicked() {
            actions.push(Action::Screen(ScreenAct::Show(entry.id)));
        }
    }
    foot(ui, &ink, rect, now, actions);
}

fn foot(ui: &mut Ui, ink: &Ink, rect: Rect, now: &Now<'_>, actions: &mut Vec<Action>) {
    let y = rect.bottom() - 24.0;
    let theme = round(ui, ink, pos2(rect.left() + 24.0, y), commands::THEME.text);
    let c = theme.rect.center();
    ink.p.circle_stroke(c, 7.0, Stroke::new(1.5, ink.t.text2));
    let half = (0..=12).map(|i| std::f32::consts::PI * (i as f32 / 12.0 + 0.5));
    let half: Vec<Pos2> = half.map(|a| c + vec2(a.cos(), a.sin()) * 7.0).collect();
    ink.p.add(egui::Shape::convex_polygon(half, ink.t.text2, Stroke::NONE));
    if theme.clicked() {
        actions.extend(commands::THEME.action(now));
    }
    let help =
        round(ui, ink, pos2(rect.left() + 56.0, y), &commands::with_key(commands::KEYS.text, &commands::KEYS.key()));
    ink.centre(help.rect.center(), "?", Face::semibold(16.0, ink.t.text2));
    if help.clicked() {
        actions.extend(commands::KEYS.action(now));
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
