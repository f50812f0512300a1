//! Geometry of lines that a painter has no word for: dashes round corners, hatching, the room under a curve.
//!
//! Pure: points in, shapes out. Units are points of the screen.

use egui::{Color32, Mesh, Pos2, Rect, Shape, Stroke, pos2};

/// Solid, dashed or dotted: lines differ also without colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Dash {
    /// Solid.
    Solid,
    /// So many points of line and of gap.
    On(f32, f32),
}

/// A line through points in a pattern; a dot where there is only one.
pub fn line(path: Vec<Pos2>, stroke: Stroke, dash: Dash) -> Vec<Shape> {
    match (dash, path.as_slice()) {
        (_, []) => Vec::new(),
        (_, [only]) => vec![Shape::circle_filled(*only, stroke.width * 0.75, stroke.color)],
        (Dash::Solid, _) => vec![Shape::line(path, stroke)],
        (Dash::On(on, off), _) => dashes(&path, stroke, on, off),
    }
}

/// A filled quadrangle, its corners in order.
pub fn quad(mesh: &mut Mesh, corners: [Pos2; 4], fill: Color32) {
    let n = mesh.vertices.len() as u32;
    corners.into_iter().for_each(|p| mesh.colored_vertex(p, fill));
    mesh.add_triangle(n, n + 1, n + 2);
    mesh.add_triangle(n, n + 2, n + 3);
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
    let mut mesh = Mesh::default();
    for pair in path.windows(2) {
        let [a, b] = pair else { continue };
        if b.x - a.x < 0.01 || ((a.y - base).abs() < 0.5 && (b.y - base).abs() < 0.5) {
            continue;
        }
        quad(&mut mesh, [*a, *b, pos2(b.x, base), pos2(a.x, base)], fill);
    }
    Shape::mesh(mesh)
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
