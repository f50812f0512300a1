//! Short messages at the foot of the view: what an export or a dialog came to. They never cover gauges or alarms.
//!
//! News goes by itself, an error stays until it is closed or what it complained of has come about. The newest is lowest; more than four at once fold into a
//! count, and none is dropped unseen.
//!
//! Not egui-notify: its messages slide, fade and count down, and lie over the corner of the whole window. Nothing moves here
//! but an alarm that nobody has seen, and the corners belong to gauges and alarms.

use std::collections::VecDeque;

use egui::{Align2, CornerRadius, Rect, Sense, Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use super::theme;
use crate::console::widgets::Weight;

/// Seconds for which news stays.
pub const NEWS_S: f64 = 6.0;
/// Messages shown at once.
const SHOWN: usize = 4;

/// How a message behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Goes by itself.
    News,
    /// Stays until closed.
    Error,
}

/// A message.
#[derive(Clone, Debug, PartialEq)]
struct Toast {
    kind: Kind,
    text: String,
    since_s: Option<f64>,
}

/// The messages that wait or are shown.
#[derive(Clone, Debug, Default)]
pub struct Toasts {
    items: VecDeque<Toast>,
}

impl Toasts {
    /// Adds news.
    pub fn news(&mut self, text: impl Into<String>) {
        self.push(Kind::News, text.into());
    }

    /// Adds an error.
    pub fn error(&mut self, text: impl Into<String>) {
        self.push(Kind::Error, text.into());
    }

    /// What an error complained of has come about after all: those that begin so leave.
    pub fn cured(&mut self, begins: &str) {
        self.items.retain(|t| t.kind != Kind::Error || !t.text.starts_with(begins));
    }

    fn push(&mut self, kind: Kind, text: String) {
        if self.items.iter().all(|t| t.text != text) {
            self.items.push_back(Toast { kind, text, since_s: None });
        }
    }

    /// Texts that wait or are shown, oldest first.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.items.iter().map(|t| t.text.as_str())
    }

    /// Starts the clocks of what is on the screen and drops news that has been seen long enough.
    fn age(&mut self, now_s: f64) {
        for t in self.items.iter_mut().take(SHOWN) {
            t.since_s.get_or_insert(now_s);
        }
        self.items.retain(|t| t.kind == Kind::Error || t.since_s.is_none_or(|s| now_s - s < NEWS_S));
    }

    /// Draws the messages in the lower right corner of `area`.
    pub fn show(&mut self, ui: &mut Ui, area: Rect) {
        let now_s = ui.input(|i| i.time);
        self.age(now_s);
        if self.items.is_empty() {
            return;
        }
        ui.ctx().request_repaint_after(std::time::Duration::from_millis(250));
        let t = theme::tokens(ui.ctx());
        let painter = ui.painter().with_clip_rect(area);
        let font = theme::font(Weight::Medium, 14.0);
        let (mut bottom, more) = (area.bottom() - 12.0, self.items.len().saturating_sub(SHOWN));
        let mut closed = None;
        for (i, toast) in self.items.iter().enumerate().take(SHOWN).rev() {
            let mut text = toast.text.clone();
            if more > 0 && i + 1 == SHOWN {
                text = format!("{text}   and {more} more");
            }
            let wrap = (area.width() * 0.5).clamp(200.0, 560.0);
            let galley = painter.layout(text.clone(), font.clone(), t.text, wrap);
            let size = vec2(galley.size().x + 56.0, (galley.size().y + 16.0).max(32.0));
            let rect = Align2::RIGHT_BOTTOM.anchor_size(pos2(area.right() - 12.0, bottom), size);
            bottom = rect.top() - 8.0;
            painter.rect_filled(rect, CornerRadius::same(4), t.panel);
            let width = if toast.kind == Kind::Error { 2.0 } else { 1.0 };
            painter.rect_stroke(rect, CornerRadius::same(4), Stroke::new(width, t.text), StrokeKind::Inside);
            painter.galley(pos2(rect.left() + 12.0, rect.center().y - galley.size().y / 2.0), galley, t.text);
            let role = if toast.kind == Kind::Error { Role::Alert } else { Role::Status };
            let id = ui.scope_id().with(("toast", &toast.text));
            ui.interact(rect, id, Sense::hover()).widget_info(|| WidgetInfo::labeled(role, true, &text));
            let cross = Rect::from_center_size(pos2(rect.right() - 18.0, rect.center().y), vec2(28.0, 28.0));
            let r = ui.interact(cross, id.with("close"), Sense::click());
            r.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Close message: {}", toast.text)));
            let c = cross.shrink(9.0);
            let color = if r.hovered() { t.accent } else { t.text2 };
            painter.line_segment([c.left_top(), c.right_bottom()], Stroke::new(2.0, color));
            painter.line_segment([c.right_top(), c.left_bottom()], Stroke::new(2.0, color));
            if r.has_focus() {
                painter.rect_stroke(cross, CornerRadius::same(4), Stroke::new(2.0, t.accent), StrokeKind::Inside);
            }
            if r.clicked() {
                closed = Some(i);
            }
        }
        if let Some(i) = closed {
            self.items.remove(i);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_goes_and_errors_stay() {
        let mut t = Toasts::default();
        t.news("written");
        t.error("not written");
        t.age(0.0);
        t.age(NEWS_S + 0.1);
        assert_eq!(t.texts().collect::<Vec<_>>(), ["not written"]);
    }

    #[test]
    fn what_was_not_shown_does_not_age() {
        let mut t = Toasts::default();
        for i in 0..6 {
            t.news(format!("n{i}"));
        }
        t.news("n0");
        t.age(0.0);
        t.age(NEWS_S + 0.1);
        assert_eq!(t.texts().collect::<Vec<_>>(), ["n4", "n5"]);
    }
}
