//! A chart on paper: a quantity over time with units, limits, pens told apart by dash as well as colour, and what
//! happened. Many samples become one minimum and maximum a pixel column, so no extreme is lost.

use super::svg::{Align, Pen, Svg, ink};

/// Width of left gutter, right margin, header and time axis, px.
const LEFT: f64 = 58.0;
const RIGHT: f64 = 22.0;
const HEAD: f64 = 24.0;
const FOOT: f64 = 20.0;

/// Genset: the heaviest line.
pub const GENSET: Pen = Pen { color: ink::GENSET, width: 2.2, dash: "" };
/// GPUs.
pub const GPU: Pen = Pen { color: ink::GPU, width: 2.0, dash: "" };
/// Miners.
pub const MINER: Pen = Pen { color: ink::MINER, width: 2.0, dash: "8 4" };
/// Batteries.
pub const BESS: Pen = Pen { color: ink::BESS, width: 2.0, dash: "2 3" };
/// Anything else, and the run that is compared with.
pub const OTHER: Pen = Pen { color: ink::OTHER, width: 1.6, dash: "10 5" };
const LIMIT: Pen = Pen { color: ink::LIMIT, width: 1.0, dash: "4 4" };
const GRID: Pen = Pen { color: ink::GRID, width: 1.0, dash: "" };
const AXIS: Pen = Pen { color: ink::DEAD, width: 1.0, dash: "" };

/// A curve: times, and the lowest and highest value since the time before.
#[derive(Clone, Debug)]
pub struct Curve<'a> {
    /// Name in the legend.
    pub name: &'a str,
    /// Pen.
    pub pen: Pen,
    /// Time, lowest, highest; times rise.
    pub points: Vec<(f64, f64, f64)>,
}

/// What a mark on the time axis stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// An alarm of a priority.
    Alarm(u8),
    /// Somebody's act.
    Act,
    /// A malfunction.
    Fault,
    /// A protection trip.
    Trip,
}

/// A mark.
#[derive(Clone, Debug)]
pub struct Mark {
    /// When, s.
    pub t_s: f64,
    /// What.
    pub sign: Sign,
    /// In words, as a tip.
    pub text: String,
}

/// A chart.
#[derive(Clone, Debug)]
pub struct Chart<'a> {
    /// Title.
    pub title: &'a str,
    /// Unit of the values.
    pub unit: &'a str,
    /// From and to, s.
    pub span_s: [f64; 2],
    /// Range that is shown at least.
    pub range: [f64; 2],
    /// Widens the range to the data.
    pub fit: bool,
    /// Normal band.
    pub band: Option<[f64; 2]>,
    /// Limits: name and value.
    pub limits: Vec<(String, f64)>,
    /// Curves.
    pub curves: Vec<Curve<'a>>,
    /// Marks under the plot.
    pub marks: &'a [Mark],
    /// px.
    pub width: f64,
    /// px, without the lane of the marks.
    pub height: f64,
}

/// The step of a scale: 1, 2 or 5 times a power of ten, not below `least`.
#[must_use]
pub fn nice(least: f64) -> f64 {
    if !(least.is_finite() && least > 0.0) {
        return 1.0;
    }
    let power = 10f64.powi(least.log10().floor() as i32);
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|k| k * power).find(|s| *s >= least * 0.999_999).unwrap_or(10.0 * power)
}

/// Steps of a time axis, s.
const TIME_STEPS: [f64; 14] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0];

fn time_step(span_s: f64) -> f64 {
    TIME_STEPS.into_iter().find(|s| span_s / s <= 12.0).unwrap_or_else(|| nice(span_s / 12.0))
}

/// Time within a run as `mm:ss`, with tenths where the step needs them.
#[must_use]
pub fn clock(t_s: f64, tenths: bool) -> String {
    let sign = if t_s < -0.05 { "−" } else { "" };
    let all = (t_s.abs() * 10.0).round() as u64;
    let (s, d) = (all / 10, all % 10);
    let text = format!("{sign}{:02}:{:02}", s / 60, s % 60);
    if tenths { format!("{text}.{d}") } else { text }
}

impl Chart<'_> {
    fn x(&self, t_s: f64) -> f64 {
        let [a, b] = self.span_s;
        LEFT + (t_s - a) / (b - a).max(1e-9) * (self.width - LEFT - RIGHT)
    }

    fn shown(&self) -> [f64; 2] {
        let [mut lo, mut hi] = self.range;
        if self.fit {
            let [a, b] = self.span_s;
            for (t, l, h) in self.curves.iter().flat_map(|c| &c.points) {
                if (a..=b).contains(t) && l.is_finite() && h.is_finite() {
                    (lo, hi) = (lo.min(*l), hi.max(*h));
                }
            }
        }
        if hi > lo { [lo, hi] } else { [lo - 1.0, lo + 1.0] }
    }

    /// The chart as SVG.
    #[must_use]
    pub fn svg(&self) -> String {
        let lane = if self.marks.is_empty() { 0.0 } else { 18.0 };
        let mut s = Svg::new(self.width, self.height + lane, &format!("{} in {} over time", self.title, self.unit));
        let (top, bottom) = (HEAD, self.height - FOOT);
        let [lo, hi] = self.shown();
        let y = |v: f64| bottom - (v.clamp(lo, hi) - lo) / (hi - lo) * (bottom - top);
        let right = self.width - RIGHT;
        if let Some([a, b]) = self.band {
            s.rect(LEFT, y(b), right - LEFT, y(a) - y(b), ink::BAND);
        }
        self.grid(&mut s, [lo, hi], &y, lane);
        let mut named: Vec<f64> = Vec::new();
        for (name, v) in self.limits.iter().filter(|(_, v)| (lo..=hi).contains(v)) {
            s.line((LEFT, y(*v)), (right, y(*v)), LIMIT);
            // two names on one another say less than one
            if named.iter().all(|at| (at - y(*v)).abs() > 11.0) {
                s.text_px(right - 2.0, y(*v) - 3.0, name, Align::End, ink::LIMIT, 11.0, false);
                named.push(y(*v));
            }
        }
        for c in &self.curves {
            s.path(&self.columns(c, &y), c.pen);
        }
        self.header(&mut s, right);
        for m in self.marks.iter().filter(|m| (self.span_s[0]..=self.span_s[1]).contains(&m.t_s)) {
            self.mark(&mut s, m, self.height + 9.0);
        }
        s.finish()
    }

    fn grid(&self, s: &mut Svg, [lo, hi]: [f64; 2], y: &impl Fn(f64) -> f64, lane: f64) {
        let (top, bottom, right) = (HEAD, self.height - FOOT, self.width - RIGHT);
        let step = nice((hi - lo) / ((bottom - top) / 26.0).max(2.0));
        let places = if step >= 1.0 { 0 } else { (-step.log10().floor()) as usize };
        let mut k = (lo / step).ceil();
        while k * step <= hi + step * 1e-6 {
            let v = k * step;
            s.line((LEFT, y(v)), (right, y(v)), GRID);
            let text = format!("{v:.places$}").replace('-', "−");
            s.text(LEFT - 6.0, y(v) + 4.0, &text, Align::End, ink::TEXT2);
            k += 1.0;
        }
        let [a, b] = self.span_s;
        let step = time_step(b - a);
        let mut k = (a / step).ceil();
        while k * step <= b + 1e-6 {
            let x = self.x(k * step);
            s.line((x, top), (x, bottom), GRID);
            s.text(x, bottom + 15.0, &clock(k * step, step < 1.0), Align::Middle, ink::TEXT2);
            k += 1.0;
        }
        s.line((LEFT, bottom), (right, bottom), AXIS);
        s.line((LEFT, top), (LEFT, bottom), AXIS);
        if lane > 0.0 {
            s.line((LEFT, self.height + lane - 0.5), (right, self.height + lane - 0.5), GRID);
        }
    }

    fn header(&self, s: &mut Svg, right: f64) {
        s.title(2.0, 15.0, self.title, self.unit);
        if self.curves.len() < 2 {
            return;
        }
        let mut x = right;
        for c in self.curves.iter().rev() {
            x -= 7.4 * c.name.chars().count() as f64;
            s.text(x, 15.0, c.name, Align::Start, ink::TEXT);
            x -= 32.0;
            s.line((x, 11.0), (x + 26.0, 11.0), c.pen);
            x -= 14.0;
        }
    }

    /// One lowest and highest value a pixel column, in the order in which they can be drawn as one line.
    fn columns(&self, c: &Curve<'_>, y: &impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
        let [a, b] = self.span_s;
        let mut out: Vec<(f64, f64)> = Vec::new();
        let mut column: Option<(i64, f64, f64, f64)> = None;
        let flush = |out: &mut Vec<(f64, f64)>, (_, x, lo, hi): (i64, f64, f64, f64)| {
            let rising = out.last().is_none_or(|(_, last)| (last - y(lo)).abs() <= (last - y(hi)).abs());
            let (first, second) = if rising { (lo, hi) } else { (hi, lo) };
            out.push((x, y(first)));
            if (y(first) - y(second)).abs() >= 0.1 {
                out.push((x, y(second)));
            }
        };
        for (t, lo, hi) in c.points.iter().copied().filter(|(t, ..)| (a..=b).contains(t)) {
            let x = self.x(t);
            let at = x as i64;
            if !(lo.is_finite() && hi.is_finite()) {
                if let Some(done) = column.take() {
                    flush(&mut out, done);
                }
                out.push((f64::NAN, f64::NAN));
                continue;
            }
            column = match column {
                Some((k, x, l, h)) if k == at => Some((k, x, l.min(lo), h.max(hi))),
                other => {
                    if let Some(done) = other {
                        flush(&mut out, done);
                    }
                    Some((at, x, lo, hi))
                }
            };
        }
        if let Some(done) = column {
            flush(&mut out, done);
        }
        out
    }

    fn mark(&self, s: &mut Svg, m: &Mark, y: f64) {
        let x = self.x(m.t_s);
        s.group(&format!("{} {}", clock(m.t_s, true), m.text));
        match m.sign {
            Sign::Alarm(p) => {
                let fill = ink::ALARM[usize::from(p.clamp(1, 4)) - 1];
                s.polygon(&[(x, y - 6.0), (x + 6.0, y + 5.0), (x - 6.0, y + 5.0)], fill);
            }
            Sign::Trip => {
                let pen = Pen { color: ink::TEXT, width: 2.2, dash: "" };
                s.line((x - 5.0, y - 5.0), (x + 5.0, y + 5.0), pen);
                s.line((x - 5.0, y + 5.0), (x + 5.0, y - 5.0), pen);
            }
            Sign::Fault => s.polygon(&[(x, y - 6.0), (x + 6.0, y), (x, y + 6.0), (x - 6.0, y)], "#FFFFFF"),
            Sign::Act => s.rect(x - 1.0, y - 6.0, 2.0, 12.0, ink::GPU),
        }
        s.end_group();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64, f64)>) -> Chart<'static> {
        Chart {
            title: "Frequency",
            unit: "Hz",
            span_s: [0.0, 100.0],
            range: [59.0, 61.0],
            fit: true,
            band: None,
            limits: vec![("F-LO".to_owned(), 58.5)],
            curves: vec![Curve { name: "f", pen: GENSET, points }],
            marks: &[],
            width: 400.0,
            height: 160.0,
        }
    }

    #[test]
    fn one_sample_among_ten_thousand_stays_on_the_picture() {
        let calm = |k: usize| (k as f64 * 0.01, 60.0, 60.0);
        let mut points: Vec<_> = (0..10_000).map(calm).collect();
        let flat = chart(points.clone());
        points[5000].1 = 58.0;
        let dipped = chart(points);
        let y = |v: f64| v;
        let lowest = |c: &Chart<'_>| c.columns(&c.curves[0], &y).iter().map(|p| p.1).fold(f64::INFINITY, f64::min);
        assert_eq!((lowest(&flat), lowest(&dipped)), (60.0, 58.0));
        assert!(dipped.columns(&dipped.curves[0], &y).len() < 900, "no more than two points a column");
        assert!(dipped.svg().contains("F-LO") && !flat.svg().contains("F-LO"), "a limit is drawn where it is in sight");
    }

    #[test]
    fn scales_have_round_steps() {
        assert_eq!([0.03, 0.11, 4.0, 51.0].map(nice), [0.05, 0.2, 5.0, 100.0]);
        assert_eq!((time_step(900.0), time_step(30.0), time_step(1.0)), (120.0, 5.0, 0.1));
        assert_eq!((clock(61.0, false), clock(-5.25, true)), ("01:01".into(), "−00:05.3".into()));
    }
}
