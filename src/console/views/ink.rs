//! Drawing short-hands of the views: text in the three weights, whole-pixel lines, hatching, dashes, number words.

use egui::{Align2, Color32, CornerRadius, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::console::theme::{self, Tokens};

pub(crate) use crate::console::fmt::{kw, num};
pub(crate) use crate::console::theme::Weight as Face;

/// A painter with the theme's colours and the sizes of the window.
pub(crate) struct Ink {
    /// Paints into the view's rectangle only.
    pub(crate) p: Painter,
    /// Colours.
    pub(crate) t: Tokens,
    /// Whether the window is of the large class (from 1080 lines).
    pub(crate) large: bool,
}

impl Ink {
    /// For a view in `rect`.
    pub(crate) fn new(ui: &Ui, rect: Rect) -> Self {
        Self {
            p: ui.painter().with_clip_rect(rect.intersect(ui.clip_rect())),
            t: theme::tokens(ui.ctx()),
            large: theme::is_large(ui.ctx()),
        }
    }

    /// The larger of two sizes in a large window.
    pub(crate) fn px(&self, small: f32, large: f32) -> f32 {
        if self.large { large } else { small }
    }

    /// Body size: 14, 15 in a large window.
    pub(crate) fn body(&self) -> f32 {
        self.px(14.0, 15.0)
    }

    /// Writes a text and gives the room it takes.
    pub(crate) fn text(
        &self,
        at: Pos2,
        align: Align2,
        text: impl ToString,
        face: Face,
        px: f32,
        color: Color32,
    ) -> Rect {
        self.p.text(at, align, text, theme::font(face, px), color)
    }

    /// Left-aligned, centred on a height.
    pub(crate) fn left(&self, x: f32, y: f32, text: impl ToString, face: Face, px: f32, color: Color32) -> f32 {
        self.text(pos2(x, y), Align2::LEFT_CENTER, text, face, px, color).right()
    }

    /// Right-aligned, centred on a height.
    pub(crate) fn right(&self, x: f32, y: f32, text: impl ToString, face: Face, px: f32, color: Color32) -> f32 {
        self.text(pos2(x, y), Align2::RIGHT_CENTER, text, face, px, color).left()
    }

    /// Centred.
    pub(crate) fn centre(&self, at: Pos2, text: impl ToString, face: Face, px: f32, color: Color32) -> Rect {
        self.text(at, Align2::CENTER_CENTER, text, face, px, color)
    }

    /// Left-aligned and cut with an ellipsis at `max_x`.
    pub(crate) fn left_cut(&self, x: f32, y: f32, max_x: f32, text: &str, face: Face, px: f32, color: Color32) -> f32 {
        let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), theme::font(face, px), color);
        job.wrap = egui::text::TextWrapping::truncate_at_width((max_x - x).max(0.0));
        let galley = self.p.layout_job(job);
        let at = pos2(x, y - galley.size().y / 2.0);
        let right = x + galley.size().x;
        self.p.galley(at, galley, color);
        right
    }

    /// Width of a text.
    pub(crate) fn width(&self, text: &str, face: Face, px: f32) -> f32 {
        self.p.layout_no_wrap(text.to_owned(), theme::font(face, px), self.t.text).size().x
    }

    /// Height of a 1 px line, on a pixel centre.
    pub(crate) fn snap(&self, v: f32) -> f32 {
        self.p.round_to_pixel_center(v)
    }

    /// A horizontal 1 px line.
    pub(crate) fn hline(&self, x0: f32, x1: f32, y: f32, color: Color32) {
        self.p.line_segment([pos2(x0, self.snap(y)), pos2(x1, self.snap(y))], Stroke::new(1.0, color));
    }

    /// A vertical 1 px line.
    pub(crate) fn vline(&self, x: f32, y0: f32, y1: f32, color: Color32) {
        self.p.line_segment([pos2(self.snap(x), y0), pos2(self.snap(x), y1)], Stroke::new(1.0, color));
    }

    /// A filled rectangle on whole pixels.
    pub(crate) fn fill(&self, rect: Rect, color: Color32) {
        let ppp = self.p.pixels_per_point();
        let on = |v: f32| (v * ppp).round() / ppp;
        let r = Rect::from_min_max(pos2(on(rect.min.x), on(rect.min.y)), pos2(on(rect.max.x), on(rect.max.y)));
        self.p.rect_filled(r, CornerRadius::ZERO, color);
    }

    /// A frame inside the rectangle.
    pub(crate) fn frame(&self, rect: Rect, radius: u8, width: f32, color: Color32) {
        self.p.rect_stroke(rect, CornerRadius::same(radius), Stroke::new(width, color), StrokeKind::Inside);
    }

    /// A dashed line through points.
    pub(crate) fn dashed(&self, points: &[Pos2], width: f32, color: Color32, dash: f32, gap: f32) {
        self.p.extend(Shape::dashed_line(points, Stroke::new(width, color), dash, gap));
    }

    /// A line through points.
    pub(crate) fn path(&self, points: Vec<Pos2>, width: f32, color: Color32) {
        if points.len() > 1 {
            self.p.add(Shape::line(points, Stroke::new(width, color)));
        }
    }

    /// A triangle.
    pub(crate) fn triangle(&self, points: [Pos2; 3], fill: Color32, stroke: Stroke) {
        self.p.add(Shape::convex_polygon(points.to_vec(), fill, stroke));
    }

    /// Text on a chip of the inset colour.
    pub(crate) fn chip(&self, at: Pos2, align: Align2, text: &str, color: Color32) -> Rect {
        let galley = self.p.layout_no_wrap(text.to_owned(), theme::font(Face::Medium, self.px(12.0, 13.0)), color);
        let rect = align.anchor_size(at, galley.size() + vec2(8.0, 2.0));
        self.p.rect_filled(rect, CornerRadius::same(2), self.t.inset);
        self.p.galley(rect.min + vec2(4.0, 1.0), galley, color);
        rect
    }

    /// Hatching at 45 degrees, one line every `pitch` pixels, clipped to the rectangle by hand.
    pub(crate) fn hatch(&self, rect: Rect, pitch: f32, color: Color32) {
        let mut c = rect.left() - rect.height();
        while c < rect.right() {
            let x0 = c.max(rect.left());
            let x1 = (c + rect.height()).min(rect.right());
            if x1 > x0 {
                let y = |x: f32| rect.bottom() - (x - c);
                self.p.line_segment([pos2(x0, y(x0)), pos2(x1, y(x1))], Stroke::new(1.0, color));
            }
            c += pitch;
        }
    }
}

/// A number of about three digits: `0.70`, `7.0`, `12.3`, `90`, `805`.
pub(crate) fn short(v: f64) -> String {
    let (a, whole) = (v.abs(), (v - v.round()).abs() < 1e-9);
    let round = whole && !(1e-9..10.0).contains(&a);
    let decimals = if a >= 100.0 || round {
        0
    } else if a >= 1.0 {
        1
    } else {
        2
    };
    num(v, decimals)
}

/// Seconds: `8.0 s`, `72 s`, `12 min`, `1.4 h`.
pub(crate) fn seconds(v: f64) -> String {
    if !v.is_finite() {
        "–".into()
    } else if v < 10.0 {
        format!("{} s", num(v, 1))
    } else if v < 600.0 {
        format!("{} s", num(v, 0))
    } else if v < 7200.0 {
        format!("{} min", num(v / 60.0, 0))
    } else {
        format!("{} h", num(v / 3600.0, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_on_an_instrument() {
        for (v, want) in [(8.04, "8.0 s"), (72.0, "72 s"), (714.0, "12 min"), (36000.0, "10.0 h")] {
            assert_eq!(seconds(v), want);
        }
        assert_eq!(short(0.7), "0.70");
        assert_eq!(short(90.0), "90");
        assert_eq!(short(12.34), "12.3");
    }
}
