//! Names of pages in a row; the page that is shown is underlined.

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{Face, Ink};
use crate::console::theme::Weight;

/// Draws them where the layout puts them, `gap` apart; gives the new page when one is pressed. Each is named `Page NAME`.
pub fn tabs(ui: &mut Ui, group: &str, pages: &[&str], selected: usize, gap: f32) -> Option<usize> {
    let ink = Ink::of(ui);
    let (t, px) = (&ink.t, ink.body());
    // as wide as the heavy letters, so that nothing moves with the choice
    let widths: Vec<f32> = pages.iter().map(|s| ink.width(s, (Weight::SemiBold, px))).collect();
    let all = widths.iter().sum::<f32>() + gap * pages.len().saturating_sub(1) as f32;
    let (_, rect) = ui.allocate_space(vec2(all, 28.0));
    let (mut x, mut pressed) = (rect.left(), None);
    for (i, (page, wide)) in pages.iter().zip(widths).enumerate() {
        let hit = Rect::from_min_size(pos2(x - 4.0, rect.top()), vec2(wide + 8.0, rect.height()));
        let (on, y) = (i == selected, rect.center().y);
        let r = ui.interact(hit, ui.scope_id().with((group, i)), Sense::click());
        r.widget_info(|| WidgetInfo::selected(Role::Tab, true, on, format!("Page {page}")));
        let face = match (on, r.hovered()) {
            (true, _) => Face::semibold(px, t.text),
            (false, true) => Face::regular(px, t.text),
            (false, false) => Face::regular(px, t.accent),
        };
        ink.left(x, y, page, face);
        if on {
            ink.fill(Rect::from_min_size(pos2(x, y + 10.0), vec2(wide, 2.0)), t.accent);
        }
        if r.has_focus() {
            ink.focus_ring(hit);
        }
        if r.clicked() {
            pressed = Some(i);
        }
        x += wide + gap;
    }
    pressed
}
