//! Drawing short-hands: text, hairlines on pixel centres, fills on whole pixels, dashes, hatching, triangles.
//!
//! Functions over a painter for widgets, which say each colour; `Ink` for views, which carry the theme's colours and
//! the sizes of the window along. Every one-pixel line sits on a pixel centre and every fill on whole pixels, so nothing
//! is blurred.

use egui::emath::GuiRounding as _;
use egui::{Align, Align2, Color32, Painter, Pos2, Rangef, Rect, Shape, Stroke, StrokeKind, Ui, pos2, vec2};

use crate::console::theme::{self, Tokens, Weight, font};

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub struct Face {
    /// Weight.
    pub weight: Weight,
    /// Size.
    pub px: f32,
    /// Colour.
    pub color: Color32,
}

impl Face {
    /// Regular.
    #[must_use]
    pub fn regular(px: f32, color: Color32) -> Self {
        Self { weight: Weight::Regular, px, color }
    }

    /// Medium.
    #[must_use]
    pub fn medium(px: f32, color: Color32) -> Self {
        Self { weight: Weight::Medium, px, color }
    }

    /// Semi-bold.
    #[must_use]
    pub fn semibold(px: f32, color: Color32) -> Self {
        Self { weight: Weight::SemiBold, px, color }
    }
}

/// Writes `text` with its base line at `y`; `x` is its left end, centre or right end. Returns the box that it fills.
pub fn text(p: &Painter, x: f32, y: f32, align: Align, text: &str, face: Face) -> Rect {
    let galley = p.layout_no_wrap(text.to_owned(), font(face.weight, face.px), face.color);
    let base = galley.rows.first().map_or(face.px, |r| r.pos.y + r.glyphs.first().map_or(face.px, |g| g.pos.y));
    let left = match align {
        Align::Min => x,
        Align::Center => x - galley.size().x * 0.5,
        Align::Max => x - galley.size().x,
    };
    let at = pos2(left.round(), (y - base).round());
    let rect = Rect::from_min_size(at, galley.size());
    p.galley(at, galley, face.color);
    rect
}

/// Width that `text` would take.
#[must_use]
pub fn width(p: &Painter, text: &str, face: Face) -> f32 {
    p.layout_no_wrap(text.to_owned(), font(face.weight, face.px), face.color).size().x
}

/// `text`, shortened with an ellipsis until it is at most `room` wide.
#[must_use]
pub fn fit(p: &Painter, text: &str, face: Face, room: f32) -> String {
    if width(p, text, face) <= room {
        return text.to_owned();
    }
    let mut kept: String = text.to_owned();
    while kept.pop().is_some() {
        let short = format!("{}…", kept.trim_end());
        if width(p, &short, face) <= room {
            return short;
        }
    }
    String::new()
}

/// Draws a path in dashes.
pub fn dashed(p: &Painter, path: &[Pos2], stroke: Stroke, on: f32, off: f32) {
    p.extend(dashes(path, stroke, on, off));
}

/// A path in dashes. Each dash follows the path through its corners, however short its pieces are.
#[must_use]
pub fn dashes(path: &[Pos2], stroke: Stroke, on: f32, off: f32) -> Vec<Shape> {
    let mut out = Vec::new();
    if on <= 0.0 || off <= 0.0 {
        return out;
    }
    let (mut drawing, mut left) = (true, on);
    let mut dash: Vec<Pos2> = path.first().copied().into_iter().collect();
    for pair in path.windows(2) {
        let [mut a, b] = *pair else { continue };
        let mut rest = a.distance(b);
        while rest > left {
            a = a.lerp(b, left / rest);
            rest -= left;
            dash.push(a);
            let done = std::mem::take(&mut dash);
            if drawing && done.len() > 1 {
                out.push(Shape::line(done, stroke));
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
            dash.push(a);
        }
        left -= rest;
        dash.push(b);
    }
    if drawing && dash.len() > 1 {
        out.push(Shape::line(dash, stroke));
    }
    out
}

/// The room between a path and the height `base`, filled.
pub fn under(path: &[Pos2], base: f32, fill: Color32) -> Shape {
    let mut mesh = egui::Mesh::default();
    for pair in path.windows(2) {
        let [a, b] = pair else { continue };
        if b.x - a.x < 0.01 || ((a.y - base).abs() < 0.5 && (b.y - base).abs() < 0.5) {
            continue;
        }
        let n = mesh.vertices.len() as u32;
        for q in [*a, *b, pos2(b.x, base), pos2(a.x, base)] {
            mesh.colored_vertex(q, fill);
        }
        mesh.add_triangle(n, n + 1, n + 2);
        mesh.add_triangle(n, n + 2, n + 3);
    }
    Shape::mesh(mesh)
}

/// A horizontal line on the pixel centre next to `y`.
pub fn hline(p: &Painter, x: Rangef, y: f32, stroke: Stroke) {
    let y = y.round_to_pixel_center(p.pixels_per_point());
    p.line_segment([pos2(x.min, y), pos2(x.max, y)], stroke);
}

/// A vertical line on the pixel centre next to `x`.
pub fn vline(p: &Painter, x: f32, y: Rangef, stroke: Stroke) {
    let x = x.round_to_pixel_center(p.pixels_per_point());
    p.line_segment([pos2(x, y.min), pos2(x, y.max)], stroke);
}

/// A dashed horizontal line.
pub fn hdash(p: &Painter, x: Rangef, y: f32, stroke: Stroke, dash: f32, gap: f32) {
    let y = y.round_to_pixel_center(p.pixels_per_point());
    dashed(p, &[pos2(x.min, y), pos2(x.max, y)], stroke, dash, gap);
}

/// A dashed vertical line.
pub fn vdash(p: &Painter, x: f32, y: Rangef, stroke: Stroke, dash: f32, gap: f32) {
    let x = x.round_to_pixel_center(p.pixels_per_point());
    dashed(p, &[pos2(x, y.min), pos2(x, y.max)], stroke, dash, gap);
}

/// A fill on whole pixels.
pub fn fill(p: &Painter, rect: Rect, color: Color32) {
    p.rect_filled(rect.round_to_pixels(p.pixels_per_point()), 0.0, color);
}

/// A one-pixel outline inside `rect`.
pub fn outline(p: &Painter, rect: Rect, radius: f32, stroke: Stroke) {
    p.rect_stroke(rect.round_to_pixels(p.pixels_per_point()), radius, stroke, StrokeKind::Inside);
}

/// Hatching at 45 degrees.
pub fn hatch(p: &Painter, rect: Rect, pitch: f32, stroke: Stroke) {
    p.extend(hatching(rect, pitch).map(|line| Shape::line_segment(line, stroke)));
}

/// Lines of a hatching at 45 degrees, one every `pitch` pixels, cut to the rectangle.
pub fn hatching(rect: Rect, pitch: f32) -> impl Iterator<Item = [Pos2; 2]> {
    let first = rect.left() - rect.height();
    let lines = ((rect.right() - first) / pitch.max(1.0)).ceil().clamp(0.0, 10_000.0) as u32;
    (0..lines).filter_map(move |i| {
        let c = first + i as f32 * pitch.max(1.0);
        let (x0, x1) = (c.max(rect.left()), (c + rect.height()).min(rect.right()));
        let at = |x: f32| pos2(x, rect.bottom() - (x - c));
        (x1 > x0).then(|| [at(x0), at(x1)])
    })
}

/// A triangle of `size` whose tip is at `tip`; it points down, or up if `up`.
pub fn triangle(p: &Painter, tip: Pos2, size: egui::Vec2, up: bool, fill: Color32, stroke: Stroke) {
    let back = if up { size.y } else { -size.y };
    let points = vec![tip, tip + vec2(size.x * 0.5, back), tip + vec2(-size.x * 0.5, back)];
    p.add(Shape::convex_polygon(points, fill, stroke));
}

/// The ring round what has the keyboard focus.
pub fn focus_ring(p: &Painter, rect: Rect, radius: f32, accent: Color32) {
    p.rect_stroke(rect, radius, Stroke::new(2.0, accent), StrokeKind::Inside);
}

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
        weight: Weight,
        px: f32,
        color: Color32,
    ) -> Rect {
        self.p.text(at, align, text, font(weight, px), color)
    }

    /// Left-aligned, centred on a height.
    pub(crate) fn left(&self, x: f32, y: f32, text: impl ToString, weight: Weight, px: f32, color: Color32) -> f32 {
        self.text(pos2(x, y), Align2::LEFT_CENTER, text, weight, px, color).right()
    }

    /// Right-aligned, centred on a height.
    pub(crate) fn right(&self, x: f32, y: f32, text: impl ToString, weight: Weight, px: f32, color: Color32) -> f32 {
        self.text(pos2(x, y), Align2::RIGHT_CENTER, text, weight, px, color).left()
    }

    /// Centred.
    pub(crate) fn centre(&self, at: Pos2, text: impl ToString, weight: Weight, px: f32, color: Color32) -> Rect {
        self.text(at, Align2::CENTER_CENTER, text, weight, px, color)
    }

    /// Left-aligned and cut with an ellipsis at `max_x`.
    pub(crate) fn left_cut(
        &self,
        x: f32,
        y: f32,
        max_x: f32,
        text: &str,
        weight: Weight,
        px: f32,
        color: Color32,
    ) -> f32 {
        let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), font(weight, px), color);
        job.wrap = egui::text::TextWrapping::truncate_at_width((max_x - x).max(0.0));
        let galley = self.p.layout_job(job);
        let at = pos2(x, y - galley.size().y / 2.0);
        let right = x + galley.size().x;
        self.p.galley(at, galley, color);
        right
    }

    /// Width of a text.
    pub(crate) fn width(&self, text: &str, weight: Weight, px: f32) -> f32 {
        self.p.layout_no_wrap(text.to_owned(), font(weight, px), self.t.text).size().x
    }

    /// A horizontal 1 px line.
    pub(crate) fn hline(&self, x0: f32, x1: f32, y: f32, color: Color32) {
        hline(&self.p, Rangef::new(x0, x1), y, Stroke::new(1.0, color));
    }

    /// A vertical 1 px line.
    pub(crate) fn vline(&self, x: f32, y0: f32, y1: f32, color: Color32) {
        vline(&self.p, x, Rangef::new(y0, y1), Stroke::new(1.0, color));
    }

    /// A filled rectangle on whole pixels.
    pub(crate) fn fill(&self, rect: Rect, color: Color32) {
        fill(&self.p, rect, color);
    }

    /// A frame inside the rectangle.
    pub(crate) fn frame(&self, rect: Rect, radius: u8, width: f32, color: Color32) {
        self.p.rect_stroke(rect, radius, Stroke::new(width, color), StrokeKind::Inside);
    }

    /// A dashed line through points.
    pub(crate) fn dashed(&self, points: &[Pos2], width: f32, color: Color32, dash: f32, gap: f32) {
        dashed(&self.p, points, Stroke::new(width, color), dash, gap);
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
        let galley = self.p.layout_no_wrap(text.to_owned(), font(Weight::Medium, self.px(12.0, 13.0)), color);
        let rect = align.anchor_size(at, galley.size() + vec2(8.0, 2.0));
        self.p.rect_filled(rect, 2.0, self.t.inset);
        self.p.galley(rect.min + vec2(4.0, 1.0), galley, color);
        rect
    }

    /// Hatching at 45 degrees, one line every `pitch` pixels.
    pub(crate) fn hatch(&self, rect: Rect, pitch: f32, color: Color32) {
        hatch(&self.p, rect, pitch, Stroke::new(1.0, color));
    }
}
