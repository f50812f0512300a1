//! What a chart is made of, and how `egui_plot` is told to draw it: regions, limit lines, curves, marks.

use egui::{Color32, Pos2, Rect, Shape, Stroke, Ui, pos2};
use egui_plot::{PlotBounds, PlotGeometry, PlotItem, PlotItemBase, PlotPoint, PlotTransform};

use super::{Axis, Chart};
use crate::console::theme::Tokens;
use crate::console::widgets::Face;
use crate::console::widgets::shapes::{self, Dash};

/// A curve. Its data stay where they are.
#[derive(Clone, Copy, Debug)]
pub struct Curve<'a> {
    pub(super) name: &'a str,
    pub(super) color: Color32,
    x: &'a [f64],
    y: &'a [f64],
    width: f32,
    dash: Dash,
    steps: bool,
    area: Option<Color32>,
}

impl<'a> Curve<'a> {
    /// A solid line of 1.5 px; `name` stands at its end unless it is empty.
    #[must_use]
    pub fn new(name: &'a str, x: &'a [f64], y: &'a [f64], color: Color32) -> Self {
        Self { name, color, x, y, width: 1.5, dash: Dash::Solid, steps: false, area: None }
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(self, width: f32) -> Self {
        Self { width, ..self }
    }

    /// With a pattern.
    #[must_use]
    pub fn dash(self, on: f32, off: f32) -> Self {
        Self { dash: Dash::On(on, off), ..self }
    }

    /// Each value holds until the next.
    #[must_use]
    pub fn steps(self) -> Self {
        Self { steps: true, ..self }
    }

    /// The room down to zero is filled.
    #[must_use]
    pub fn filled(self, color: Color32) -> Self {
        Self { area: Some(color), ..self }
    }

    pub(super) fn face(&self, px: f32) -> Face {
        Face::medium(px, self.color)
    }

    /// The last point within a range of x.
    pub(super) fn end(&self, [lo, hi]: [f64; 2]) -> Option<[f64; 2]> {
        let mut points = self.x.iter().zip(self.y).rev();
        points.find(|(x, y)| **x >= lo && **x <= hi && y.is_finite()).map(|(x, y)| [*x, *y])
    }

    /// Paths between gaps, in pixels; of all points in a pixel column the first, lowest, highest and last.
    pub(super) fn paths(&self, at: impl Fn(f64, f64) -> Pos2) -> Vec<Vec<Pos2>> {
        let mut paths: Vec<Vec<Pos2>> = vec![Vec::new()];
        let mut column: Option<(f32, [Pos2; 4])> = None;
        let flush = |paths: &mut Vec<Vec<Pos2>>, column: Option<(f32, [Pos2; 4])>| {
            let (Some((_, all)), Some(path)) = (column, paths.last_mut()) else { return };
            let [first, high, low, last] = all;
            path.push(first);
            path.extend([high, low].into_iter().filter(|p| *p != first && *p != last));
            path.extend(Some(last).filter(|p| *p != first));
        };
        let mut held: Option<f64> = None;
        for (x, y) in self.x.iter().zip(self.y) {
            if !(x.is_finite() && y.is_finite()) {
                flush(&mut paths, column.take());
                paths.push(Vec::new());
                held = None;
                continue;
            }
            let before = held.replace(*y).filter(|_| self.steps).map(|h| at(*x, h));
            for p in before.into_iter().chain([at(*x, *y)]) {
                match &mut column {
                    Some((key, [_, high, low, last])) if *key == p.x.floor() => {
                        // Pixels grow downwards; the order within a column does not show.
                        *high = if p.y < high.y { p } else { *high };
                        *low = if p.y > low.y { p } else { *low };
                        *last = p;
                    }
                    _ => {
                        flush(&mut paths, column.take());
                        column = Some((p.x.floor(), [p; 4]));
                    }
                }
            }
        }
        flush(&mut paths, column);
        paths.retain(|p| !p.is_empty());
        paths
    }

    fn draw(&self, at: impl Fn(f64, f64) -> Pos2, shapes: &mut Vec<Shape>) {
        let stroke = Stroke::new(self.width, self.color);
        for path in self.paths(&at) {
            if let Some(fill) = self.area {
                shapes.push(shapes::under(&path, at(0.0, 0.0).y, fill));
            }
            shapes.extend(shapes::line(path, stroke, self.dash));
        }
    }
}

/// A limit line across the plot, with its name beside it.
#[derive(Clone, Debug)]
pub struct Limit {
    pub(super) value: f64,
    pub(super) text: String,
    pub(super) color: Color32,
    pub(super) upright: bool,
    width: f32,
    dash: Dash,
}

impl Limit {
    /// A dashed line at a value of y.
    #[must_use]
    pub fn new(value: f64, text: impl Into<String>, color: Color32) -> Self {
        Self { value, text: text.into(), color, upright: false, width: 1.0, dash: Dash::On(4.0, 4.0) }
    }

    /// At a value of x instead.
    #[must_use]
    pub fn upright(self) -> Self {
        Self { upright: true, ..self }
    }

    /// Solid, so wide: what is planned or chosen rather than forbidden.
    #[must_use]
    pub fn solid(self, width: f32) -> Self {
        Self { width, dash: Dash::Solid, ..self }
    }

    fn draw(&self, frame: Rect, at: impl Fn(f64, f64) -> Pos2, shapes: &mut Vec<Shape>) {
        let p = at(self.value, self.value);
        let line = if self.upright {
            [pos2(p.x, frame.top()), pos2(p.x, frame.bottom())]
        } else {
            [pos2(frame.left(), p.y), pos2(frame.right(), p.y)]
        };
        shapes.extend(shapes::line(line.to_vec(), Stroke::new(self.width, self.color), self.dash));
    }
}

/// How a region looks.
#[derive(Clone, Copy, Debug)]
enum Look {
    Fill(Color32),
    Hatch(Color32),
}

/// A region between two values of x, of y, or both.
#[derive(Clone, Copy, Debug)]
pub struct Area {
    x: Option<[f64; 2]>,
    y: Option<[f64; 2]>,
    look: Look,
}

impl Area {
    /// Between two values of x; filled with nothing until [`Self::filled`] or [`Self::hatched`].
    #[must_use]
    pub fn between_x(x: [f64; 2]) -> Self {
        Self { x: Some(x), y: None, look: Look::Fill(Color32::TRANSPARENT) }
    }

    /// Between two values of y.
    #[must_use]
    pub fn between_y(y: [f64; 2]) -> Self {
        Self { x: None, y: Some(y), look: Look::Fill(Color32::TRANSPARENT) }
    }

    /// Of this region only what is between two values of y.
    #[must_use]
    pub fn and_y(self, y: [f64; 2]) -> Self {
        Self { y: Some(y), ..self }
    }

    /// Filled: what is good, or was.
    #[must_use]
    pub fn filled(self, color: Color32) -> Self {
        Self { look: Look::Fill(color), ..self }
    }

    /// Hatched: what is not allowed, or not there.
    #[must_use]
    pub fn hatched(self, color: Color32) -> Self {
        Self { look: Look::Hatch(color), ..self }
    }

    fn draw(&self, frame: Rect, at: impl Fn(f64, f64) -> Pos2, shapes: &mut Vec<Shape>) {
        let mut rect = frame;
        if let Some([a, b]) = self.x {
            (rect.min.x, rect.max.x) = (at(a.min(b), 0.0).x, at(a.max(b), 0.0).x);
        }
        if let Some([a, b]) = self.y {
            (rect.min.y, rect.max.y) = (at(0.0, a.max(b)).y, at(0.0, a.min(b)).y);
        }
        let rect = rect.intersect(frame);
        match self.look {
            _ if !rect.is_positive() => {}
            Look::Fill(color) => shapes.push(Shape::rect_filled(rect, 0.0, color)),
            Look::Hatch(color) => {
                let stroke = Stroke::new(1.0, color);
                shapes.extend(shapes::hatching(rect, 6.0).map(|line| Shape::line_segment(line, stroke)));
            }
        }
    }
}

/// A marked point.
#[derive(Clone, Debug)]
pub struct Mark {
    pub(super) at: [f64; 2],
    pub(super) text: String,
    pub(super) color: Color32,
    pub(super) hollow: bool,
}

impl Mark {
    /// A dot: where something is now.
    #[must_use]
    pub fn dot(at: [f64; 2], text: impl Into<String>, color: Color32) -> Self {
        Self { at, text: text.into(), color, hollow: false }
    }

    /// A ring: a point that is worth a look.
    #[must_use]
    pub fn ring(at: [f64; 2], text: impl Into<String>, color: Color32) -> Self {
        Self { hollow: true, ..Self::dot(at, text, color) }
    }
}

type Draw<'a> = Box<dyn Fn(Rect, &dyn Fn(f64, f64) -> Pos2, &mut Vec<Shape>) + 'a>;

/// Any of the above in the words of `egui_plot`: a named thing that draws itself and takes no part in hovering or bounds.
pub(super) struct Item<'a> {
    base: PlotItemBase,
    axes: [Axis; 2],
    draw: Draw<'a>,
}

impl PlotItem for Item<'_> {
    fn shapes(&self, _: &Ui, transform: &PlotTransform, shapes: &mut Vec<Shape>) {
        let [x_axis, y_axis] = &self.axes;
        let at =
            |x: f64, y: f64| transform.position_from_point(&PlotPoint::new(x_axis.plot_from(x), y_axis.plot_from(y)));
        (self.draw)(*transform.frame(), &at, shapes);
    }

    fn initialize(&mut self, _: std::ops::RangeInclusive<f64>) {}

    fn color(&self) -> Color32 {
        Color32::TRANSPARENT
    }

    fn geometry(&self) -> PlotGeometry<'_> {
        PlotGeometry::None
    }

    fn bounds(&self) -> PlotBounds {
        PlotBounds::NOTHING
    }

    fn base(&self) -> &PlotItemBase {
        &self.base
    }

    fn base_mut(&mut self) -> &mut PlotItemBase {
        &mut self.base
    }
}

/// All that `egui_plot` draws of a chart, lowest first.
pub(super) fn all<'a>(chart: &Chart<'a>, t: &Tokens) -> Vec<Item<'a>> {
    let axes = || [chart.x.clone(), chart.y.clone()];
    let item = |name: &str, draw: Draw<'a>| Item { base: PlotItemBase::new(name.to_owned()), axes: axes(), draw };
    let mut items = Vec::new();
    for &area in &chart.areas {
        items.push(item("area", Box::new(move |frame, at, out| area.draw(frame, at, out))));
    }
    for limit in chart.limits.iter().cloned() {
        items.push(item(&limit.text.clone(), Box::new(move |frame, at, out| limit.draw(frame, at, out))));
    }
    for &curve in &chart.curves {
        items.push(item(curve.name, Box::new(move |_, at, out| curve.draw(at, out))));
    }
    if let Some(x) = chart.cursor {
        let line = Limit::new(x, "", t.accent).upright();
        items.push(item("cursor", Box::new(move |frame, at, out| line.draw(frame, at, out))));
    }
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One pixel a unit, y downwards.
    fn at(x: f64, y: f64) -> Pos2 {
        pos2(x as f32, -y as f32)
    }

    #[test]
    fn a_gap_parts_a_curve_and_a_spike_survives() {
        let x: Vec<f64> = (0..1000).map(|i| f64::from(i) * 0.01).collect();
        let mut y = vec![1.0; 1000];
        (y[123], y[700]) = (50.0, f64::NAN);
        let paths = Curve::new("", &x, &y, Color32::BLACK).paths(at);
        assert_eq!(paths.len(), 2);
        assert!(paths[0].iter().any(|p| p.y == -50.0), "a spike within a pixel column");
        assert!(paths.iter().flatten().count() <= 4 * 11);
        assert!(paths.iter().flatten().all(|p| p.x.is_finite() && p.y.is_finite()));
    }

    #[test]
    fn steps_hold_until_the_next_value() {
        let paths = Curve::new("", &[0.0, 10.0, 20.0], &[1.0, 3.0, 2.0], Color32::BLACK).steps().paths(at);
        let want = [[0.0, -1.0], [10.0, -1.0], [10.0, -3.0], [20.0, -3.0], [20.0, -2.0]];
        assert_eq!(paths, [want.map(|[x, y]| pos2(x, y)).to_vec()]);
    }

    #[test]
    fn the_end_of_a_curve_is_its_last_number_in_view() {
        let c = Curve::new("", &[0.0, 1.0, 2.0, 3.0], &[1.0, 2.0, f64::NAN, 4.0], Color32::BLACK);
        assert_eq!(c.end([0.0, 2.5]), Some([1.0, 2.0]));
        assert_eq!(c.end([5.0, 6.0]), None);
    }
}
