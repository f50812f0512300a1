//! Small drawing helpers: text on a base line, hairlines on pixel centres, hatching, triangles.
//!
//! Every one-pixel line sits on a pixel centre and every fill on whole pixels, so nothing is blurred.

use egui::emath::GuiRounding as _;
use egui::{Align, Color32, Painter, Pos2, Rangef, Rect, Shape, Stroke, pos2, vec2};

use crate::console::theme::{Weight, font};

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
#[must_use]
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
    p.extend(Shape::dashed_line(&[pos2(x.min, y), pos2(x.max, y)], stroke, dash, gap));
}

/// A dashed vertical line.
pub fn vdash(p: &Painter, x: f32, y: Rangef, stroke: Stroke, dash: f32, gap: f32) {
    let x = x.round_to_pixel_center(p.pixels_per_point());
    p.extend(Shape::dashed_line(&[pos2(x, y.min), pos2(x, y.max)], stroke, dash, gap));
}

/// A fill on whole pixels.
pub fn fill(p: &Painter, rect: Rect, color: Color32) {
    p.rect_filled(rect.round_to_pixels(p.pixels_per_point()), 0.0, color);
}

/// A one-pixel outline inside `rect`.
pub fn outline(p: &Painter, rect: Rect, radius: f32, stroke: Stroke) {
    p.rect_stroke(rect.round_to_pixels(p.pixels_per_point()), radius, stroke, egui::StrokeKind::Inside);
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
    p.rect_stroke(rect, radius, Stroke::new(2.0, accent), egui::StrokeKind::Inside);
}
