//! A word in a box: FIRST-OUT, ZOOMED, +3.

use egui::accesskit::Role;
use egui::{Align2, Response, Sense, Ui, Widget, WidgetInfo, vec2};

use super::Ink;

/// The word, as large as it is.
#[derive(Clone, Copy, Debug)]
pub struct Badge<'a>(pub &'a str);

impl Widget for Badge<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let ink = Ink::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ink.badge_width(self.0), 16.0), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, self.0));
        ink.badge(rect.left_center(), Align2::LEFT_CENTER, self.0);
        response
    }
}
