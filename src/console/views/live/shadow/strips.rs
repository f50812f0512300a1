//! Measured and predicted over the last minutes, and under each the residual within its band.
//!
//! The twin is dashed. Where it was frozen, settled or had no rows, both are hatched: nothing was held against anything.

use egui::accesskit::Role;
use egui::{Align, Pos2, Rect, Sense, Stroke, Ui, WidgetInfo, pos2};

use super::{DECIMALS, ShadowState};
use crate::console::fmt;
use crate::console::shadow::{KEPT_S, Point, Shadowing};
use crate::console::widgets::scale::{TimeScale, ValueScale, margin};
use crate::console::widgets::strip::GUTTER;
use crate::console::widgets::{Face, Ink, Segmented, axes, shapes};

/// Window of the strips, s.
const SHORT_S: f64 = 120.0;
/// Heights of the bar above and of a strip's header.
const BAR: f32 = 44.0;
const HEADER: f32 = 24.0;
/// Share of a pair that the residual gets.
const RESIDUAL: f32 = 0.42;
/// From this height on there is room for the voltage too.
const ROOMY: f32 = 680.0;
/// Points further apart than this have nothing between them, s.
const GAP_S: f64 = 2.0;
/// Title of each line, least height of its scale, and of its residual's.
const TITLES: [(&str, &str, f64, f64); 3] =
    [("Frequency", "Hz", 0.4, 0.02), ("Genset power", "kW", 60.0, 4.0), ("Voltage", "pu", 0.02, 0.002)];

/// A plot with what is drawn in it.
struct Plot<'a> {
    ink: &'a Ink,
    rect: Rect,
    x: TimeScale,
    y: ValueScale,
    points: &'a [Point],
}

pub(super) fn show(ui: &mut Ui, ink: &Ink, r: Rect, shadow: &Shadowing, state: &mut ShadowState) {
    let (bar, rest) = r.split_top_bottom_at_y(r.top() + BAR);
    let items = ["2 min", "5 min"];
    let at = pos2(bar.right() - Segmented::new("", &items, 0).size(ink).x, bar.top() + 8.0);
    if let Some(i) = Segmented::new("Window", &items, usize::from(state.long)).at(ui, at) {
        state.long = i == 1;
    }
    legend(ink, bar.with_max_x(at.x - 16.0));
    let window_s = if state.long { KEPT_S } else { SHORT_S };
    let now = shadow.trace().back().map_or(0.0, |p| p.t_s);
    let from = shadow.trace().partition_point(|p| p.t_s < now - window_s);
    let points: Vec<Point> = shadow.trace().range(from.saturating_sub(1)..).copied().collect();
    let (left, right) = (rest.left() + GUTTER - 8.0, rest.right());
    let x = TimeScale { t0: now - window_s, t1: now, now, follows: true, left, right, cursors: [None; 2] };
    let pairs = if rest.height() >= ROOMY { 3 } else { 2 };
    let tall = (rest.height() - axes::AXIS) / pairs as f32;
    for (k, title) in TITLES.iter().enumerate().take(pairs) {
        let top = rest.top() + tall * k as f32;
        let pair = Rect::from_x_y_ranges(rest.x_range(), top.round()..=(top + tall).round());
        pair_of(ui, ink, pair, k, *title, &points, x);
        ink.hline(r.left() - 16.0..=r.right() + 16.0, pair.bottom(), ink.t.hair);
    }
    axes::time(ink, &x, rest.bottom() - axes::AXIS, Vec::new(), |_, at| (x.label(at), false));
}

fn legend(ink: &Ink, r: Rect) {
    let t = &ink.t;
    let face = Face::regular(ink.px(13.0, 14.0), t.text2);
    let (y, mut left) = (r.top() + 22.0, r.left());
    for name in ["measured", "twin", "band", "not held against it"] {
        let swatch = Rect::from_x_y_ranges(left..=left + 20.0, y - 6.0..=y + 6.0);
        match name {
            "measured" => ink.hline(swatch.x_range(), y, Stroke::new(2.0, t.text)),
            "twin" => ink.hdash(swatch.x_range(), y, Stroke::new(2.0, t.pen_gpu), 6.0, 4.0),
            "band" => ink.fill(swatch, t.band_strip),
            _ => ink.hatch(swatch, 5.0, t.dead),
        }
        left = ink.base(left + 26.0, y + 4.5, Align::Min, name, face).right() + 18.0;
    }
}

/// One signal: measured over predicted, the residual below.
fn pair_of(
    ui: &Ui,
    ink: &Ink,
    pair: Rect,
    k: usize,
    (title, unit, least, least_residual): (&str, &str, f64, f64),
    points: &[Point],
    x: TimeScale,
) {
    let split = pair.bottom() - pair.height() * RESIDUAL;
    let upper = inner(pair.with_max_y(split), x);
    let lower = inner(pair.with_min_y(split), x);
    let range = |values: &mut dyn Iterator<Item = f64>| {
        values
            .filter(|v| v.is_finite())
            .fold(None, |r: Option<[f64; 2]>, v| Some(r.map_or([v, v], |[lo, hi]| [lo.min(v), hi.max(v)])))
    };
    let all = range(&mut points.iter().flat_map(|p| [p.measured[k], p.predicted[k]]));
    let [lo, hi] = margin(all.unwrap_or_default(), least);
    let plot = Plot { ink, rect: upper, x, y: ValueScale { lo, hi, y: upper.y_range() }, points };
    let newest = points.last();
    let value = |v: Option<f64>, d: usize| v.map_or_else(|| "–".to_owned(), |v| fmt::num(v, d));
    let said = format!("measured {}  twin {}", value(newest.map(|p| p.measured[k]), DECIMALS[k][0]), {
        value(newest.map(|p| p.predicted[k]), DECIMALS[k][0])
    });
    plot.ground([title, unit], &said);
    plot.line(|p| p.measured[k], Stroke::new(2.0, ink.t.text), false);
    plot.line(|p| p.predicted[k], Stroke::new(2.0, ink.t.pen_gpu), true);

    let band = points.iter().filter(|p| p.follows).map(|p| 1.3 * p.band[k]).fold(0.0, f64::max);
    let off = range(&mut points.iter().filter(|p| p.follows).map(|p| p.residual(k).abs())).map_or(0.0, |r| r[1]);
    let reach = margin([0.0, band.max(off)], least_residual)[1];
    let y = ValueScale { lo: -reach, hi: reach, y: lower.y_range() };
    let plot = Plot { rect: lower, y, ..plot };
    let residual = fmt::signed(newest.map_or(f64::NAN, |p| p.residual(k)), DECIMALS[k][1]);
    plot.ground(["Residual", unit], &residual);
    plot.band(|p| if p.follows { p.band[k] } else { f64::NAN });
    plot.line(|p| if p.follows { p.residual(k) } else { f64::NAN }, Stroke::new(1.25, ink.t.text), false);

    let says = format!("{title}, {said} {unit}, residual {residual}");
    let response = ui.interact(pair, ui.scope_id().with(("pair", k)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, &says));
}

fn inner(strip: Rect, x: TimeScale) -> Rect {
    Rect::from_x_y_ranges(x.left..=x.right, strip.top() + HEADER..=strip.bottom() - 6.0)
}

impl Plot<'_> {
    /// Header, grid, and where nothing was compared.
    fn ground(&self, [title, unit]: [&str; 2], said: &str) {
        let (ink, t) = (self.ink, &self.ink.t);
        let (left, base) = (self.rect.left() - GUTTER + 8.0, self.rect.top() - HEADER + 17.0);
        axes::title(ink, left, base, title, unit);
        ink.base(self.rect.right(), base, Align::Max, said, Face::medium(ink.body(), t.live));
        axes::grid(ink, self.rect, &self.x, &self.y);
        for [from, to] in apart(self.points) {
            let ends = [from, to].map(|s| self.x.x(s).clamp(self.rect.left(), self.rect.right()));
            let span = Rect::from_x_y_ranges(ends[0]..=ends[1].max(ends[0] + 1.0), self.rect.y_range());
            ink.hatch(span, 6.0, t.dead);
        }
    }

    /// Pieces of a curve, each without a gap.
    fn pieces(&self, value: impl Fn(&Point) -> f64) -> Vec<Vec<Pos2>> {
        let mut pieces: Vec<Vec<Pos2>> = Vec::new();
        let mut last_s = f64::NEG_INFINITY;
        let mut broken = true;
        for p in self.points {
            let v = value(p);
            broken |= p.t_s - last_s > GAP_S;
            last_s = p.t_s;
            if !v.is_finite() {
                broken = true;
                continue;
            }
            let at = pos2(self.x.x(p.t_s), self.y.y(v));
            match pieces.last_mut().filter(|_| !broken) {
                Some(piece) => piece.push(at),
                None => pieces.push(vec![at]),
            }
            broken = false;
        }
        pieces
    }

    fn line(&self, value: impl Fn(&Point) -> f64, stroke: Stroke, dashed: bool) {
        let ink = self.ink.within(self.rect);
        for piece in self.pieces(value) {
            if dashed {
                ink.dashed(&piece, stroke, 8.0, 5.0);
            } else {
                ink.path(piece, stroke);
            }
        }
    }

    /// Filled from minus to plus, with thin edges.
    fn band(&self, half: impl Fn(&Point) -> f64) {
        let (ink, zero) = (self.ink.within(self.rect), self.y.y(0.0));
        for sign in [1.0, -1.0] {
            for piece in self.pieces(|p| sign * half(p)) {
                ink.p.add(shapes::under(&piece, zero, ink.t.band_strip));
                ink.dashed(&piece, ink.t.limit, 4.0, 4.0);
            }
        }
        ink.hline(self.rect.x_range(), zero, ink.t.dead);
    }
}

/// Stretches in which nothing was held against the plant: frozen, settling, or without rows.
fn apart(points: &[Point]) -> Vec<[f64; 2]> {
    let mut out: Vec<[f64; 2]> = Vec::new();
    for pair in points.windows(2) {
        let [a, b] = pair else { continue };
        if b.follows && a.follows && b.t_s - a.t_s <= GAP_S {
            continue;
        }
        match out.last_mut().filter(|l| l[1] >= a.t_s) {
            Some(last) => last[1] = b.t_s,
            None => out.push([a.t_s, b.t_s]),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_compared_is_one_span_each() {
        let at =
            |t_s: f64, follows: bool| Point { t_s, measured: [0.0; 3], predicted: [0.0; 3], band: [1.0; 3], follows };
        let all = [at(0.0, false), at(1.0, false), at(2.0, true), at(3.0, true), at(9.0, true), at(10.0, true)];
        assert_eq!(apart(&all), [[0.0, 2.0], [3.0, 9.0]]);
        assert!(apart(&all[2..4]).is_empty());
    }
}
