//! The one vocabulary of all that is drawn by hand: text on a base line or about a middle, lines on pixel centres, fills
//! on whole pixels, dashes, hatching, focus rings.
//!
//! An [`Ink`] is a painter with the theme's colours and the size class of the window. Mimic, gauges, strips, charts and the
//! styled widgets draw with it and with nothing else. Every one-pixel line sits on a pixel centre and every fill on whole
//! pixels, so nothing is blurred. It knows no widget, no response and no state.

use egui::emath::GuiRounding as _;
use egui::text::LayoutJob;
use egui::{
    Align, Align2, Color32, Context, Painter, Pos2, Rangef, Rect, Shape, Stroke, StrokeKind, Ui, Vec2, pos2, vec2,
};

use super::shapes;
use crate::console::theme::{self, Tokens, Weight, font};

/// How a text looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Face {
    /// Weight.
    pub weight: Weight,
    /// Size.
    pub px: f32,
    /// Colour.
    pub color: Color32,
}

impl Face {
    /// Of any weight.
    #[must_use]
    pub fn new(weight: Weight, px: f32, color: Color32) -> Self {
        Self { weight, px, color }
    }

    /// Labels and units.
    #[must_use]
    pub fn regular(px: f32, color: Color32) -> Self {
        Self::new(Weight::Regular, px, color)
    }

    /// Values.
    #[must_use]
    pub fn medium(px: f32, color: Color32) -> Self {
        Self::new(Weight::Medium, px, color)
    }

    /// Titles and live values.
    #[must_use]
    pub fn semibold(px: f32, color: Color32) -> Self {
        Self::new(Weight::SemiBold, px, color)
    }
}

/// For measuring, where the colour is of no matter.
impl From<(Weight, f32)> for Face {
    fn from((weight, px): (Weight, f32)) -> Self {
        Self::new(weight, px, Color32::TRANSPARENT)
    }
}

/// What a line can be drawn with: a colour is a line of one pixel.
pub trait IntoStroke {
    /// The stroke.
    fn stroke(self) -> Stroke;
}

impl IntoStroke for Stroke {
    fn stroke(self) -> Stroke {
        self
    }
}

impl IntoStroke for Color32 {
    fn stroke(self) -> Stroke {
        Stroke::new(1.0, self)
    }
}

impl IntoStroke for (f32, Color32) {
    fn stroke(self) -> Stroke {
        Stroke::new(self.0, self.1)
    }
}

/// A painter with the theme's colours and the size class of the window.
#[derive(Clone)]
pub struct Ink {
    /// Paints into its place only.
    pub p: Painter,
    /// Colours.
    pub t: Tokens,
    /// Whether the window is of the large class.
    pub large: bool,
}

impl Ink {
    /// For what lies in `rect` and within the clip of `ui`.
    #[must_use]
    pub fn new(ui: &Ui, rect: Rect) -> Self {
        Self::with(ui.ctx(), ui.painter().with_clip_rect(rect.intersect(ui.clip_rect())))
    }

    /// Within the clip of `ui`.
    #[must_use]
    pub fn of(ui: &Ui) -> Self {
        Self::with(ui.ctx(), ui.painter().clone())
    }

    fn with(ctx: &Context, p: Painter) -> Self {
        Self { p, t: theme::tokens(ctx), large: theme::is_large(ctx) }
    }

    /// The same on the painter of another part of the screen.
    #[must_use]
    pub fn on(&self, ui: &Ui) -> Self {
        Self { p: ui.painter().clone(), ..self.clone() }
    }

    /// The same, cut to `rect` as well.
    #[must_use]
    pub fn within(&self, rect: Rect) -> Self {
        Self { p: self.p.with_clip_rect(rect.intersect(self.p.clip_rect())), ..self.clone() }
    }

    /// The larger of two sizes in a large window.
    #[must_use]
    pub fn px(&self, small: f32, large: f32) -> f32 {
        if self.large { large } else { small }
    }

    /// Body size: 14, 15 in a large window.
    #[must_use]
    pub fn body(&self) -> f32 {
        self.px(14.0, 15.0)
    }

    /// Size of notes, ticks and hints: 12, 13 in a large window.
    #[must_use]
    pub fn small(&self) -> f32 {
        self.px(12.0, 13.0)
    }

    /// Writes `text` with its base line at `y`; `x` is its left end, centre or right end. Gives the box that it fills.
    pub fn base(&self, x: f32, y: f32, align: Align, text: impl ToString, face: Face) -> Rect {
        let galley = self.p.layout_no_wrap(text.to_string(), font(face.weight, face.px), face.color);
        let base = galley.rows.first().map_or(face.px, |r| r.pos.y + r.glyphs.first().map_or(face.px, |g| g.pos.y));
        let left = match align {
            Align::Min => x,
            Align::Center => x - galley.size().x * 0.5,
            Align::Max => x - galley.size().x,
        };
        let at = pos2(left.round(), (y - base).round());
        let rect = Rect::from_min_size(at, galley.size());
        self.p.galley(at, galley, face.color);
        rect
    }

    /// Writes `text` with a corner, edge or its middle at `at`. Gives the box that it fills.
    pub fn text(&self, at: Pos2, align: Align2, text: impl ToString, face: Face) -> Rect {
        self.p.text(at, align, text, font(face.weight, face.px), face.color)
    }

    /// Left-aligned, centred on a height; gives the right end.
    pub fn left(&self, x: f32, y: f32, text: impl ToString, face: Face) -> f32 {
        self.text(pos2(x, y), Align2::LEFT_CENTER, text, face).right()
    }

    /// Right-aligned, centred on a height; gives the left end.
    pub fn right(&self, x: f32, y: f32, text: impl ToString, face: Face) -> f32 {
        self.text(pos2(x, y), Align2::RIGHT_CENTER, text, face).left()
    }

    /// Centred.
    pub fn centre(&self, at: Pos2, text: impl ToString, face: Face) -> Rect {
        self.text(at, Align2::CENTER_CENTER, text, face)
    }

    /// Left-aligned and cut with an ellipsis at `max_x`; gives the right end.
    pub fn left_cut(&self, x: f32, y: f32, max_x: f32, text: &str, face: Face) -> f32 {
        let mut job = LayoutJob::simple_singleline(text.to_owned(), font(face.weight, face.px), face.color);
        job.wrap = egui::text::TextWrapping::truncate_at_width((max_x - x).max(0.0));
        let galley = self.p.layout_job(job);
        let right = x + galley.size().x;
        self.p.galley(pos2(x, y - galley.size().y / 2.0), galley, face.color);
        right
    }

    /// Left-aligned within `rect`, about its middle: on one line where there is room, else smaller and on as many lines as
    /// `rect` is high. Whether something still had to be cut.
    pub fn fitted(&self, rect: Rect, text: &str, face: Face) -> bool {
        self.fitted_to(rect, text, face, Align::Min)
    }

    /// The same at the left, in the middle, or at the right of `rect`.
    pub fn fitted_to(&self, rect: Rect, text: &str, face: Face, align: Align) -> bool {
        let job = |px: f32, rows: usize| {
            let mut job = LayoutJob::simple(text.to_owned(), font(face.weight, px), face.color, rect.width().max(1.0));
            (job.wrap.max_rows, job.halign) = (rows, align);
            self.p.layout_job(job)
        };
        let one = job(face.px, 1);
        let small = face.px.min(self.small());
        let rows = ((rect.height() + 4.0) / (small + 2.0)).floor().max(1.0) as usize;
        let galley = if one.elided && rows > 1 { job(small, rows) } else { one };
        let cut = galley.elided;
        let x = match align {
            Align::Min => rect.left(),
            Align::Center => rect.center().x,
            Align::Max => rect.right(),
        };
        self.p.galley(pos2(x, rect.center().y - galley.size().y / 2.0), galley, face.color);
        cut
    }

    /// Width that a text takes.
    #[must_use]
    pub fn width(&self, text: &str, face: impl Into<Face>) -> f32 {
        let face = face.into();
        self.p.layout_no_wrap(text.to_owned(), font(face.weight, face.px), face.color).size().x
    }

    /// `text`, shortened with an ellipsis until it is at most `room` wide.
    #[must_use]
    pub fn fit(&self, text: &str, face: Face, room: f32) -> String {
        if self.width(text, face) <= room {
            return text.to_owned();
        }
        let mut kept: String = text.to_owned();
        while kept.pop().is_some() {
            let short = format!("{}…", kept.trim_end());
            if self.width(&short, face) <= room {
                return short;
            }
        }
        String::new()
    }

    /// Text on a chip of the inset colour.
    pub fn chip(&self, at: Pos2, align: Align2, text: &str, color: Color32) -> Rect {
        let galley = self.p.layout_no_wrap(text.to_owned(), font(Weight::Medium, self.small()), color);
        let rect = align.anchor_size(at, galley.size() + vec2(8.0, 2.0));
        self.p.rect_filled(rect, 2.0, self.t.inset);
        self.p.galley(rect.min + vec2(4.0, 1.0), galley, color);
        rect
    }

    /// Words in a box with `at` at one of its edges or its middle: FIRST-OUT, ZOOMED, +3.
    pub fn badge(&self, at: Pos2, align: Align2, words: &str) -> Rect {
        let face = Face::semibold(11.0, self.t.text);
        let rect = align.anchor_size(at, vec2(self.badge_width(words), 16.0));
        self.frame(rect, 2, self.t.text);
        self.centre(rect.center(), words, face);
        rect
    }

    /// Width of such a box.
    #[must_use]
    pub fn badge_width(&self, words: &str) -> f32 {
        self.width(words, (Weight::SemiBold, 11.0)) + 12.0
    }

    /// The boxed mark of a figure that is past its target or differs.
    pub fn bang(&self, centre: Pos2) {
        self.frame(Rect::from_center_size(centre, vec2(12.0, 14.0)), 1, (1.5, self.t.text));
        self.centre(centre, "!", Face::semibold(11.0, self.t.text));
    }

    /// A horizontal line on the pixel centre next to `y`.
    pub fn hline(&self, x: impl Into<Rangef>, y: f32, stroke: impl IntoStroke) {
        let (x, y) = (x.into(), y.round_to_pixel_center(self.p.pixels_per_point()));
        self.p.line_segment([pos2(x.min, y), pos2(x.max, y)], stroke.stroke());
    }

    /// A vertical line on the pixel centre next to `x`.
    pub fn vline(&self, x: f32, y: impl Into<Rangef>, stroke: impl IntoStroke) {
        let (x, y) = (x.round_to_pixel_center(self.p.pixels_per_point()), y.into());
        self.p.line_segment([pos2(x, y.min), pos2(x, y.max)], stroke.stroke());
    }

    /// A dashed horizontal line.
    pub fn hdash(&self, x: impl Into<Rangef>, y: f32, stroke: impl IntoStroke, on: f32, off: f32) {
        let (x, y) = (x.into(), y.round_to_pixel_center(self.p.pixels_per_point()));
        self.dashed(&[pos2(x.min, y), pos2(x.max, y)], stroke, on, off);
    }

    /// A dashed vertical line.
    pub fn vdash(&self, x: f32, y: impl Into<Rangef>, stroke: impl IntoStroke, on: f32, off: f32) {
        let (x, y) = (x.round_to_pixel_center(self.p.pixels_per_point()), y.into());
        self.dashed(&[pos2(x, y.min), pos2(x, y.max)], stroke, on, off);
    }

    /// A dashed line through points.
    pub fn dashed(&self, points: &[Pos2], stroke: impl IntoStroke, on: f32, off: f32) {
        self.p.extend(shapes::dashes(points, stroke.stroke(), on, off));
    }

    /// A line through points.
    pub fn path(&self, points: Vec<Pos2>, stroke: impl IntoStroke) {
        if points.len() > 1 {
            self.p.add(Shape::line(points, stroke.stroke()));
        }
    }

    /// A fill on whole pixels.
    pub fn fill(&self, rect: Rect, color: Color32) {
        self.p.rect_filled(rect.round_to_pixels(self.p.pixels_per_point()), 0.0, color);
    }

    /// A frame inside the rectangle; one with square corners stands on whole pixels.
    pub fn frame(&self, rect: Rect, radius: u8, stroke: impl IntoStroke) {
        let rect = if radius == 0 { rect.round_to_pixels(self.p.pixels_per_point()) } else { rect };
        self.p.rect_stroke(rect, radius, stroke.stroke(), StrokeKind::Inside);
    }

    /// The ring round what has the keyboard focus: 2 px of accent, 2 px outside.
    pub fn focus_ring(&self, rect: Rect) {
        self.p.rect_stroke(rect.expand(2.0), 6, Stroke::new(2.0, self.t.accent), StrokeKind::Inside);
    }

    /// Hatching at 45 degrees, one line every `pitch` pixels.
    pub fn hatch(&self, rect: Rect, pitch: f32, stroke: impl IntoStroke) {
        let stroke = stroke.stroke();
        self.p.extend(shapes::hatching(rect, pitch).map(|line| Shape::line_segment(line, stroke)));
    }

    /// A triangle.
    pub fn triangle(&self, points: [Pos2; 3], fill: Color32, stroke: Stroke) {
        self.p.add(Shape::convex_polygon(points.to_vec(), fill, stroke));
    }

    /// A triangle of `size` whose tip is at `tip`; it points down, or up if `up`.
    pub fn pointer(&self, tip: Pos2, size: Vec2, up: bool, fill: Color32, stroke: Stroke) {
        let back = if up { size.y } else { -size.y };
        self.triangle([tip, tip + vec2(size.x * 0.5, back), tip + vec2(-size.x * 0.5, back)], fill, stroke);
    }

    /// The small triangle of what folds: down when open, right when folded.
    pub fn fold(&self, c: Pos2, open: bool) {
        let tip = if open {
            [c + vec2(-4.0, -2.5), c + vec2(4.0, -2.5), c + vec2(0.0, 4.0)]
        } else {
            [c + vec2(-2.5, -4.0), c + vec2(4.0, 0.0), c + vec2(-2.5, 4.0)]
        };
        self.triangle(tip, self.t.text2, Stroke::NONE);
    }

    /// The ground of a row of a list: selected, under the pointer, or neither.
    pub fn row_ground(&self, rect: Rect, selected: bool, hovered: bool) {
        if selected {
            self.fill(rect, theme::mix(self.t.accent, self.t.inset, 0.16));
            self.fill(rect.with_max_x(rect.left() + 3.0), self.t.accent);
        } else if hovered {
            self.fill(rect, theme::mix(self.t.accent, self.t.inset, 0.06));
        }
    }
}
