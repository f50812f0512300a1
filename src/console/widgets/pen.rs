//! Pens of a strip: a signal, or numbers of a forecast, as a line of at most two points a pixel.

use egui::emath::GuiRounding as _;
use egui::{Color32, Mesh, Pos2, Rangef, Shape, Stroke, pos2};

use super::Ink;
use super::scale::{TimeScale, ValueScale};
use super::shapes::{self, Dash};
use crate::history::{Runs, Store};
use crate::plant::signals::SignalIdx;

/// A line of a signal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pen {
    /// Signal.
    pub signal: SignalIdx,
    /// Name in the legend and in the value column.
    pub name: &'static str,
    /// Colour.
    pub color: Color32,
    /// Width.
    pub width: f32,
    /// Pattern.
    pub dash: Dash,
    /// Drawn as steps: commands.
    pub steps: bool,
    /// Count its values for the scale.
    pub ranged: bool,
}

impl Pen {
    /// A solid pen.
    #[must_use]
    pub fn new(signal: SignalIdx, name: &'static str, color: Color32, width: f32) -> Self {
        Self { signal, name, color, width, dash: Dash::Solid, steps: false, ranged: true }
    }

    /// With a pattern.
    #[must_use]
    pub fn dash(self, on: f32, off: f32) -> Self {
        Self { dash: Dash::On(on, off), ..self }
    }

    /// As steps.
    #[must_use]
    pub fn steps(self) -> Self {
        Self { steps: true, ..self }
    }

    /// Draws its history; gaps stay gaps. With `area` the room between the line and `area.0` is filled.
    pub fn draw(
        &self,
        ink: &Ink,
        history: &Store,
        x: &TimeScale,
        y: &ValueScale,
        runs: &mut Runs,
        area: Option<(f64, Color32)>,
    ) {
        let px = ((x.right - x.left) * ink.p.pixels_per_point()).max(1.0) as usize;
        history.visible_into(self.signal, x.past(), px, runs);
        for run in runs.iter() {
            let path = path(run, x, y, self.steps);
            if let Some((base, fill)) = area {
                ink.p.add(shapes::under(&path, y.y(base), fill));
            }
            if self.dash == Dash::Solid && is_dense(&path) {
                ink.p.add(Shape::mesh(band(run, x, y, self.width, self.color, 1.0 / ink.p.pixels_per_point())));
            } else {
                self.stroke(ink, path);
            }
        }
    }

    fn stroke(&self, ink: &Ink, path: Vec<Pos2>) {
        ink.p.extend(shapes::line(path, Stroke::new(self.width, self.color), self.dash));
    }

    /// A short piece of it for a legend, from `x.min` to `x.max`.
    pub fn swatch(&self, ink: &Ink, x: Rangef, y: f32) {
        let y = if self.width.round() as i32 % 2 == 0 {
            y.round()
        } else {
            y.round_to_pixel_center(ink.p.pixels_per_point())
        };
        let path = vec![pos2(x.min, y), pos2(x.max, y)];
        self.stroke(ink, path);
    }
}

/// A run of columns as a path: one point where the column is flat, else both extremes, the nearer first.
fn path(run: &[[f64; 3]], x: &TimeScale, y: &ValueScale, steps: bool) -> Vec<Pos2> {
    let mut out: Vec<Pos2> = Vec::with_capacity(run.len() * 2);
    for [t, lo, hi] in run {
        let (px, a, b) = (x.x(*t), y.y(*lo), y.y(*hi));
        if let (true, Some(last)) = (steps, out.last().copied()) {
            out.push(pos2(px, last.y));
        }
        if (a - b).abs() < 0.5 {
            out.push(pos2(px, f32::midpoint(a, b)));
        } else {
            let up = out.last().is_some_and(|l| (l.y - a).abs() <= (l.y - b).abs());
            let (first, second) = if up { (a, b) } else { (b, a) };
            out.push(pos2(px, first));
            out.push(pos2(px, second));
        }
    }
    // Points on a straight level line say nothing.
    let mut kept: Vec<Pos2> = Vec::with_capacity(out.len());
    for point in out {
        if let [.., a, b] = kept.as_slice()
            && (a.y - b.y).abs() < 0.02
            && (b.y - point.y).abs() < 0.02
        {
            kept.pop();
        }
        kept.push(point);
    }
    kept
}

/// Whether a path goes up and down in nearly every pixel: then a line of it is a band, and costs less as one.
fn is_dense(path: &[Pos2]) -> bool {
    let wide = path.first().zip(path.last()).map_or(0.0, |(a, b)| b.x - a.x);
    path.len() > 64 && path.len() as f32 > 1.2 * wide
}

/// A run of columns as one band with soft edges, `feather` wide: what a line of this width through all extremes covers.
/// Four vertices a column; a stroke takes eight and the angles of its joints.
fn band(run: &[[f64; 3]], x: &TimeScale, y: &ValueScale, width: f32, color: Color32, feather: f32) -> Mesh {
    let mut mesh = Mesh::default();
    mesh.reserve_vertices(run.len() * 4);
    mesh.reserve_triangles(run.len() * 6);
    let (half, soft) = (width * 0.5, feather * 0.5);
    let mut before: Option<[f32; 2]> = None;
    for [t, lo, hi] in run {
        let own = [y.y(*hi), y.y(*lo)];
        // a column begins where the one before ends, as a line does
        let [top, foot] = before.map_or(own, |[top, foot]| [own[0].min(foot), own[1].max(top)]);
        before = Some(own);
        let px = x.x(*t);
        let n = mesh.vertices.len() as u32;
        let edges = [top - half - soft, top - half + soft, foot + half - soft, foot + half + soft];
        for (at, ink) in edges.into_iter().zip([Color32::TRANSPARENT, color, color, Color32::TRANSPARENT]) {
            mesh.colored_vertex(pos2(px, at), ink);
        }
        if n > 0 {
            for k in n..n + 3 {
                mesh.add_triangle(k - 4, k - 3, k);
                mesh.add_triangle(k - 3, k, k + 1);
            }
        }
    }
    mesh
}

/// Numbers over forecast time, from the now line on.
#[derive(Clone, Copy, Debug)]
pub struct Ahead<'a> {
    /// Times, s of the run.
    pub t_s: &'a [f64],
    /// Values.
    pub y: &'a [f64],
    /// Colour.
    pub color: Color32,
    /// Width.
    pub width: f32,
}

impl Ahead<'_> {
    /// Draws it dashed, only where it is still ahead.
    pub fn draw(&self, ink: &Ink, x: &TimeScale, y: &ValueScale) {
        let stroke = Stroke::new(self.width, self.color);
        for run in self.runs(x, y) {
            ink.dashed(&run, stroke, 5.0, 4.0);
        }
    }

    /// Its lines, between gaps.
    pub(super) fn runs(&self, x: &TimeScale, y: &ValueScale) -> Vec<Vec<Pos2>> {
        let mut runs = vec![Vec::new()];
        let grain = grain(x);
        // Mean of what falls on the same few pixels: batches would make the dashes a smear.
        let mut open: Option<(f64, f64, f64, f64)> = None;
        let close = |open: &mut Option<(f64, f64, f64, f64)>, runs: &mut Vec<Vec<Pos2>>| {
            if let (Some((_, t, v, n)), Some(run)) = (open.take(), runs.last_mut()) {
                run.push(pos2(x.x(t / n), y.y(v / n)));
            }
        };
        for (t, v) in self.t_s.iter().zip(self.y).filter(|(t, _)| **t >= x.now && x.contains(**t)) {
            if !v.is_finite() {
                close(&mut open, &mut runs);
                runs.push(Vec::new());
                continue;
            }
            let key = (t / grain).floor();
            match &mut open {
                Some((k, ts, vs, n)) if *k == key => {
                    *ts += t;
                    *vs += v;
                    *n += 1.0;
                }
                _ => {
                    close(&mut open, &mut runs);
                    open = Some((key, *t, *v, 1.0));
                }
            }
        }
        close(&mut open, &mut runs);
        runs.retain(|r: &Vec<Pos2>| r.len() > 1);
        runs
    }

    /// Its last time and value in view that are still ahead: where its line ends.
    #[must_use]
    pub fn end(&self, x: &TimeScale) -> Option<(f64, f64)> {
        let mut points = self.t_s.iter().zip(self.y).rev();
        points.find(|(t, v)| **t >= x.now && x.contains(**t) && v.is_finite()).map(|(t, v)| (*t, *v))
    }

    /// Its value at a time that is still ahead.
    #[must_use]
    pub fn at(&self, t: f64) -> Option<f64> {
        let n = self.t_s.partition_point(|s| *s <= t).checked_sub(1)?;
        let (a, b) = (self.t_s.get(n)?, self.t_s.get(n + 1)?);
        let (u, v) = (self.y.get(n)?, self.y.get(n + 1)?);
        Some(u + (v - u) * ((t - a) / (b - a).max(1e-9)))
    }
}

/// Seconds that a forecast is condensed to: some pixels.
fn grain(x: &TimeScale) -> f64 {
    4.0 * x.s_per_px()
}

/// The room between forecasts, filled: lowest to highest of all curves, condensed to some pixels. Returns where it
/// begins and how deep it goes: left, lowest pixel, greatest height.
pub fn between(
    ink: &Ink,
    x: &TimeScale,
    y: &ValueScale,
    t_s: &[f64],
    edges: [&[f64]; 3],
    fill: Color32,
) -> Option<(f32, f32, f32)> {
    let grain = grain(x);
    let mut mesh = Mesh::default();
    let mut last: Option<[Pos2; 2]> = None;
    let mut extent: Option<(f32, f32, f32)> = None;
    let mut steps: Vec<(f64, f64, f64)> = Vec::new();
    for (i, t) in t_s.iter().enumerate().filter(|(_, t)| **t >= x.now && x.contains(**t)) {
        let values = edges.iter().filter_map(|e| e.get(i).copied()).filter(|v| v.is_finite());
        let Some([lo, hi]) = values.map(|v| [v, v]).reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])]) else { continue };
        let key = (t / grain).floor();
        match steps.last_mut() {
            Some((k, a, b)) if *k == key => (*a, *b) = (a.min(lo), b.max(hi)),
            _ => steps.push((key, lo, hi)),
        }
    }
    for (key, lo, hi) in steps {
        let px = x.x((key + 0.5) * grain).max(x.x(x.now));
        // At least a pixel high, so that it is seen where all agree.
        let (a, b) = (y.y(hi), y.y(lo));
        let pair = [pos2(px, a), pos2(px, b.max(a + 1.0))];
        let deep = extent.get_or_insert((px, b, b - a));
        *deep = (deep.0, deep.1.max(b), deep.2.max(b - a));
        if let Some([c, d]) = last {
            shapes::quad(&mut mesh, [c, d, pair[1], pair[0]], fill);
        }
        last = Some(pair);
    }
    ink.p.add(Shape::mesh(mesh));
    extent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::time_view::TimeView;

    #[test]
    fn a_dense_line_is_one_band_that_covers_its_extremes() {
        let x = TimeScale::new(&TimeView::default(), 100.0, Rangef::new(0.0, 500.0));
        let y = ValueScale { lo: 0.0, hi: 100.0, y: Rangef::new(0.0, 100.0) };
        let noise: Vec<[f64; 3]> = (0..400).map(|k| [f64::from(k) * 0.2, 40.0, 60.0]).collect();
        let level: Vec<[f64; 3]> = (0..400).map(|k| [f64::from(k) * 0.2, 50.0, 50.0]).collect();
        assert!(is_dense(&path(&noise, &x, &y, false)) && !is_dense(&path(&level, &x, &y, false)));
        let mesh = band(&noise, &x, &y, 2.0, Color32::BLACK, 1.0);
        assert_eq!((mesh.vertices.len(), mesh.indices.len()), (1600, 399 * 18));
        assert!(mesh.is_valid());
        let solid = |v: &&egui::epaint::Vertex| v.color == Color32::BLACK;
        let ys: Vec<f32> = mesh.vertices.iter().filter(solid).map(|v| v.pos.y).collect();
        let (top, foot) = (ys.iter().copied().fold(f32::MAX, f32::min), ys.iter().copied().fold(f32::MIN, f32::max));
        let off = (top - 39.5).abs().max((foot - 60.5).abs());
        assert!(off < 1e-3, "half the width beyond the extremes, less half the soft edge: {top} {foot}");
        // where the value leaps no gap is left between two columns
        let leap = band(&[[0.0, 10.0, 10.0], [0.2, 90.0, 90.0]], &x, &y, 2.0, Color32::BLACK, 1.0);
        let last: Vec<f32> = leap.vertices[4..].iter().map(|v| v.pos.y).collect();
        assert!(last[0] < 10.0 && last[3] > 90.0, "{last:?}");
    }

    #[test]
    fn regress_a_forecast_that_ends_before_the_window_still_has_an_end() {
        let x = TimeScale::new(&TimeView::default(), 100.0, Rangef::new(0.0, 500.0));
        let (t_s, y) = ([90.0, 110.0, 150.0, 155.0, 900.0], [1.0, 2.0, 3.0, f64::NAN, 5.0]);
        let ahead = Ahead { t_s: &t_s, y: &y, color: Color32::BLACK, width: 1.0 };
        assert_eq!(ahead.end(&x), Some((150.0, 3.0)), "not the value of now, which put the name far off its line");
        assert_eq!(Ahead { t_s: &t_s[..1], y: &y[..1], ..ahead }.end(&x), None, "all of it is past");
    }
}
