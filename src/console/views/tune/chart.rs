//! A small chart: title, axes with round ticks, grid, and a map from values to pixels.

use egui::{Align2, Pos2, Rect, pos2};

use crate::console::views::ink::{Face, Ink, num};

/// Linear axes in a rectangle.
pub(super) struct Chart<'a> {
    pub(super) ink: &'a Ink,
    pub(super) plot: Rect,
    x: [f64; 2],
    y: [f64; 2],
}

/// Round steps: 1, 2 or 5 times a power of ten, for about `n` ticks.
pub(super) fn step(range: f64, n: f64) -> f64 {
    if !(range.is_finite() && range > 0.0) {
        return 1.0;
    }
    let raw = range / n;
    let ten = 10f64.powf(raw.log10().floor());
    let m = raw / ten;
    ten * if m > 5.0 {
        10.0
    } else if m > 2.0 {
        5.0
    } else if m > 1.0 {
        2.0
    } else {
        1.0
    }
}

impl<'a> Chart<'a> {
    /// Draws title, grid and ticks. `x_unit` stands after the last tick of the time or load axis.
    pub(super) fn new(
        ink: &'a Ink,
        rect: Rect,
        title: &str,
        unit: &str,
        x: [f64; 2],
        y: [f64; 2],
        x_unit: &str,
    ) -> Self {
        let b = ink.body();
        let right = ink.left(rect.left() + 16.0, rect.top() + 20.0, title, Face::SemiBold, b, ink.t.text);
        ink.left_cut(right + 8.0, rect.top() + 20.0, rect.right() - 12.0, unit, Face::Regular, b, ink.t.text2);
        let plot = Rect::from_min_max(
            pos2(rect.left() + 52.0, rect.top() + 40.0),
            pos2(rect.right() - 18.0, rect.bottom() - 28.0),
        );
        let widen = |r: [f64; 2]| if r[1] - r[0] > 1e-9 { r } else { [r[0], r[0] + 1.0] };
        let c = Self { ink, plot, x: widen(x), y: widen(y) };
        let small = ink.px(12.0, 13.0);
        let dy = step(c.y[1] - c.y[0], f64::from(plot.height() / 36.0));
        let mut v = (c.y[0] / dy).ceil() * dy;
        while v <= c.y[1] + dy * 1e-6 {
            let at = c.at(c.x[0], v).y;
            ink.hline(plot.left(), plot.right(), at, ink.t.grid);
            ink.right(plot.left() - 8.0, at, num(v, decimals(dy)), Face::Regular, small, ink.t.text2);
            v += dy;
        }
        let dx = step(c.x[1] - c.x[0], f64::from(plot.width() / 64.0));
        let mut v = (c.x[0] / dx).ceil() * dx;
        while v <= c.x[1] + dx * 1e-6 {
            let at = c.at(v, c.y[0]);
            ink.vline(at.x, plot.top(), plot.bottom(), ink.t.grid);
            let last = v + dx > c.x[1] + dx * 1e-6;
            let text = if last { format!("{} {x_unit}", num(v, decimals(dx))) } else { num(v, decimals(dx)) };
            let align = if last && at.x > plot.right() - 16.0 { Align2::RIGHT_CENTER } else { Align2::CENTER_CENTER };
            let x = if align == Align2::RIGHT_CENTER { plot.right() + 10.0 } else { at.x };
            ink.text(pos2(x, plot.bottom() + 13.0), align, text, Face::Regular, small, ink.t.text2);
            v += dx;
        }
        c
    }

    /// Where a value is.
    pub(super) fn at(&self, x: f64, y: f64) -> Pos2 {
        let u = ((x - self.x[0]) / (self.x[1] - self.x[0])).clamp(0.0, 1.0) as f32;
        let v = ((y - self.y[0]) / (self.y[1] - self.y[0])).clamp(-0.02, 1.02) as f32;
        pos2(self.plot.left() + u * self.plot.width(), self.plot.bottom() - v * self.plot.height())
    }

    /// A line through values, at most two points a pixel column.
    pub(super) fn line(&self, xs: &[f64], ys: &[f64]) -> Vec<Pos2> {
        let mut out: Vec<Pos2> = Vec::new();
        let mut column: Option<(f32, [Pos2; 4])> = None;
        for (x, y) in xs.iter().zip(ys) {
            if !y.is_finite() {
                continue;
            }
            let p = self.at(*x, *y);
            match &mut column {
                Some((at, [_, lo, hi, last])) if *at == p.x.floor() => {
                    *lo = if p.y < lo.y { p } else { *lo };
                    *hi = if p.y > hi.y { p } else { *hi };
                    *last = p;
                }
                _ => {
                    flush(&mut out, column.take());
                    column = Some((p.x.floor(), [p; 4]));
                }
            }
        }
        flush(&mut out, column);
        out
    }

    /// Text beside a point, kept inside the plot.
    pub(super) fn note(&self, at: Pos2, text: &str, color: egui::Color32) {
        let w = self.ink.width(text, Face::Medium, self.ink.px(12.0, 13.0)) + 8.0;
        let x = at.x.clamp(self.plot.left() + 2.0, (self.plot.right() - w).max(self.plot.left() + 2.0));
        let y = at.y.clamp(self.plot.top() + 9.0, self.plot.bottom() - 9.0);
        self.ink.chip(pos2(x, y), Align2::LEFT_CENTER, text, color);
    }
}

fn flush(out: &mut Vec<Pos2>, column: Option<(f32, [Pos2; 4])>) {
    let Some((_, all)) = column else { return };
    for p in all {
        if out.last() != Some(&p) {
            out.push(p);
        }
    }
}

fn decimals(step: f64) -> usize {
    (-step.log10().floor()).clamp(0.0, 3.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round() {
        assert_eq!([step(10.0, 5.0), step(72.0, 5.0), step(1000.0, 4.0), step(0.3, 3.0)], [2.0, 20.0, 500.0, 0.1]);
        assert_eq!(step(f64::NAN, 5.0), 1.0);
        assert_eq!([decimals(0.1), decimals(0.05), decimals(20.0)], [1, 2, 0]);
    }
}
