//! The picture of a map: classes over two parameters, what was inferred in hatches, and beneath it what it stands on. As PNG, and
//! in letters for a terminal.

use std::path::Path;

use super::chart::nice;
use super::raster::{Raster, Rgb, Weight};
use super::svg::Align;
use crate::study::axis::Axis;
use crate::study::figure::Worse;
use crate::study::map::{Map, TRIPPED};
use crate::study::refine::Known;
use crate::study::trial::Cut;

/// Names of the classes, from good to bad.
pub const CLASSES: [&str; 5] = ["good", "fair", "poor", "bad", "trip"];
/// Their letters on a terminal.
const LETTERS: [char; 5] = ['.', '-', '+', 'x', '#'];
/// Their colours: one hue, stronger as they get worse; a trip is hatched.
const COLORS: [Rgb; 4] = [[0xDD, 0xE4, 0xEA], [0xBA, 0xCA, 0xDA], [0x8B, 0xA8, 0xC4], [0x58, 0x7F, 0xA9]];
const PAPER: Rgb = [0xFF, 0xFF, 0xFF];
const INSET: Rgb = [0xF4, 0xF5, 0xF5];
const HATCH: Rgb = [0x7A, 0x80, 0x86];
const FAINT: Rgb = [0xC4, 0xC8, 0xCC];
const TEXT: Rgb = [0x1A, 0x1C, 0x1E];
const TEXT2: Rgb = [0x4A, 0x4F, 0x55];

/// Widest map in letters.
const COLUMNS: usize = 160;

/// A map with what became of its cells.
#[derive(Clone, Debug)]
pub struct Picture<'a> {
    map: &'a Map,
    cells: &'a [Known],
    /// Whether the policy's limits were off.
    limits_off: bool,
}

impl<'a> Picture<'a> {
    /// Of a map whose cells are known so far.
    #[must_use]
    pub fn new(map: &'a Map, cells: &'a [Known], limits_off: bool) -> Self {
        Self { map, cells, limits_off }
    }

    /// Cells that were run, and that were inferred.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        let exact = self.cells.iter().filter(|c| matches!(c, Known::Exact(_))).count();
        let inferred = self.cells.iter().filter(|c| matches!(c, Known::Inferred(_))).count();
        (exact, inferred)
    }

    /// Cells of each class.
    #[must_use]
    pub fn classes(&self) -> [usize; 5] {
        let mut all = [0; 5];
        self.cells.iter().filter_map(|c| c.class()).for_each(|c| all[usize::from(c.min(TRIPPED))] += 1);
        all
    }

    /// What a class means: `< 0.5`, `0.5 to 2`, `>= 5`, `trip`.
    #[must_use]
    pub fn meaning(&self, class: usize) -> String {
        let (f, [a, b, c]) = (self.map.figure(), self.map.thresholds);
        let (below, beyond) = if f.worse == Worse::Up { ("<", "≥") } else { (">", "≤") };
        match class {
            0 => format!("{below} {a} {}", f.unit),
            1 => format!("{a} to {b} {}", f.unit),
            2 => format!("{b} to {c} {}", f.unit),
            3 => format!("{beyond} {c} {}", f.unit),
            _ => "trip".to_owned(),
        }
        .trim_end()
        .to_owned()
    }

    /// The conclusion, in one line.
    #[must_use]
    pub fn conclusion(&self) -> String {
        let all = self.classes();
        let (n, trips) = (self.map.cells(), all[usize::from(TRIPPED)]);
        let good: usize = all[..2].iter().sum();
        format!("{} of {n} cells keep {} within {}; {trips} trip.", good, self.map.figure().key, self.map.thresholds[1])
    }

    /// What it stands on: scenario, engine, policy, limits, ends of runs.
    #[must_use]
    pub fn caption(&self) -> String {
        let (s, v) = (&self.map.scenario, &self.map.variants);
        let mut engines: Vec<String> = if v.iter().any(|v| v.preset.is_some()) {
            v.iter().filter_map(|v| v.preset.as_ref().map(|p| p.name.clone())).collect()
        } else {
            s.plant.gensets.iter().map(|g| g.preset.clone()).collect()
        };
        engines.dedup();
        let worst = if v.len() > 1 { format!(", the worst of {} runs a cell", v.len()) } else { String::new() };
        let set: Vec<String> = self.map.set.iter().map(crate::scenario::parameter::Setting::text).collect();
        let set = if set.is_empty() { String::new() } else { format!(", {}", set.join(" ")) };
        let limits = if self.limits_off { "limits off" } else { "limits in force" };
        let ends = if self.map.cut == Cut::Early { "runs end at a trip or at rest" } else { "runs to their end" };
        let (exact, inferred) = self.counts();
        let inferred = if inferred > 0 { format!(", {inferred} inferred") } else { String::new() };
        format!(
            "{}, engine {}, policy {}, {limits}{worst}{set}; seed {}, {ends}; {exact} cells run{inferred}. Phasor model, fair to 5 Hz.",
            s.name,
            engines.join(", "),
            s.policy.set,
            s.seed
        )
    }

    /// In letters, the upper axis upwards.
    #[must_use]
    pub fn text(&self) -> String {
        let (x, y) = (&self.map.x, &self.map.y);
        let mut out = format!("{}\n", self.conclusion());
        if x.n <= COLUMNS {
            for row in self.cells.chunks(x.n).enumerate().collect::<Vec<_>>().into_iter().rev() {
                let letters: String =
                    row.1.iter().map(|c| c.class().map_or(' ', |c| LETTERS[usize::from(c.min(4))])).collect();
                out += &format!("{:>10} {letters}\n", short(y.value(row.0)));
            }
            let (lo, hi) = (short(x.lo), short(x.hi));
            out += &format!("{:>10} {lo}{hi:>width$}\n", "", width = x.n.saturating_sub(lo.len()).max(hi.len() + 1));
        }
        let legend: Vec<String> = (0..5).map(|c| format!("{} {}", LETTERS[c], self.meaning(c))).collect();
        out += &format!("{} over {}, {} upwards: {}\n", self.map.figure().key, name(x), name(y), legend.join("   "));
        out + &self.caption() + "\n"
    }

    /// Writes it as PNG.
    ///
    /// # Errors
    /// In one line.
    pub fn write_png(&self, path: &Path) -> Result<(), String> {
        self.raster().write_png(path, &format!("{} {}", self.conclusion(), self.caption()))
    }

    /// In pixels.
    #[must_use]
    pub fn raster(&self) -> Raster {
        let (nx, ny) = (self.map.x.n, self.map.y.n);
        let (left, top) = (76_i64, 66_i64);
        // whole pixels a cell, so that all are alike; of a very fine map several cells share one
        let cell = |room: i64, n: usize| (room / n as i64).max(1);
        let (cw, ch) = (cell(820, nx), cell(520, ny));
        let (w, h) = ((cw * nx as i64).min(4000), (ch * ny as i64).min(3000));
        let caption = wrap(&self.caption(), (w as usize + 90) / 6);
        let height = top + h + 96 + 18 * caption.len() as i64;
        let mut r = Raster::new((left + w.max(560) + 40) as usize, height as usize, PAPER);
        r.text([left as f32, 26.0], &self.conclusion(), Align::Start, 15.0, Weight::SemiBold, TEXT);
        r.text([left as f32, 52.0], &name(&self.map.y), Align::Start, 12.0, Weight::Regular, TEXT2);
        r.rect([left - 1, top - 1], [left + w + 1, top + h + 1], HATCH);
        r.rect([left, top], [left + w, top + h], INSET);
        for (k, known) in self.cells.iter().enumerate() {
            let (x, y) = (left + (k % nx) as i64 * cw, top + h - (k / nx + 1) as i64 * ch);
            paint(&mut r, [x, y], [x + cw, y + ch], *known);
        }
        let below = (top + h) as f32;
        for (at, text) in ticks(&self.map.x) {
            let x = left as f32 + (at as f32 + 0.5) * cw as f32;
            r.rect([x as i64, top + h + 1], [x as i64 + 1, top + h + 6], HATCH);
            r.text([x, below + 19.0], &text, Align::Middle, 12.0, Weight::Regular, TEXT);
        }
        for (at, text) in ticks(&self.map.y) {
            let y = below - (at as f32 + 0.5) * ch as f32;
            r.rect([left - 6, y as i64], [left - 1, y as i64 + 1], HATCH);
            r.text([(left - 10) as f32, y + 4.0], &text, Align::End, 12.0, Weight::Regular, TEXT);
        }
        r.text([left as f32, below + 38.0], &name(&self.map.x), Align::Start, 12.0, Weight::Regular, TEXT2);
        self.legend(&mut r, left, top + h + 52);
        for (i, line) in caption.iter().enumerate() {
            r.text([left as f32, below + 94.0 + 18.0 * i as f32], line, Align::Start, 12.0, Weight::Regular, TEXT2);
        }
        r
    }

    fn legend(&self, r: &mut Raster, left: i64, y: i64) {
        let mut x = left;
        let inferred = self.counts().1 > 0;
        let shown = (0..5).map(|c| (Known::Exact(c as u8), self.meaning(c)));
        let last = inferred.then(|| (Known::Inferred(1), "inferred".to_owned()));
        for (known, text) in shown.chain(last) {
            r.rect([x - 1, y - 1], [x + 21, y + 15], HATCH);
            r.rect([x, y], [x + 20, y + 14], INSET);
            paint(r, [x, y], [x + 20, y + 14], known);
            let width = r.text([(x + 26) as f32, (y + 12) as f32], &text, Align::Start, 12.0, Weight::Regular, TEXT);
            x += 26 + width as i64 + 20;
        }
    }
}

fn paint(r: &mut Raster, from: [i64; 2], to: [i64; 2], known: Known) {
    match known {
        Known::Not => {}
        Known::Exact(c) if c >= TRIPPED => r.hatch(from, to, 6, true, HATCH),
        Known::Inferred(c) if c >= TRIPPED => r.hatch(from, to, 6, true, FAINT),
        Known::Exact(c) => r.rect(from, to, COLORS[usize::from(c).min(3)]),
        Known::Inferred(c) => {
            r.rect(from, to, COLORS[usize::from(c).min(3)]);
            r.hatch(from, to, 6, false, INSET);
        }
    }
}

/// Name of an axis with its unit.
fn name(a: &Axis) -> String {
    let unit = if a.parameter.unit.is_empty() { String::new() } else { format!(", {}", a.parameter.unit) };
    format!("{}{unit}{}", a.parameter.name, if a.log { " (log)" } else { "" })
}

/// A number as a tick shows it.
pub(super) fn short(v: f64) -> String {
    let places = if v == 0.0 || v.abs() >= 100.0 {
        0
    } else if v.abs() >= 10.0 {
        1
    } else {
        3
    };
    let text = format!("{v:.places$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Ticks of an axis: place in cells, and text. On a log axis 1, 3, 10, 30.
fn ticks(a: &Axis) -> Vec<(f64, String)> {
    let last = (a.n - 1) as f64;
    if !a.log {
        let step = nice((a.hi - a.lo) / 8.0);
        let (from, to) = ((a.lo / step).ceil() as i64, (a.hi / step + 1e-9).floor() as i64);
        return (from..=to).map(|k| k as f64 * step).map(|v| ((v - a.lo) / (a.hi - a.lo) * last, short(v))).collect();
    }
    let place = |v: f64| (v / a.lo).ln() / (a.hi / a.lo).ln() * last;
    let decades = (a.lo.log10().floor() as i32)..=(a.hi.log10().ceil() as i32);
    let all = decades.flat_map(|d| [1.0, 3.0].map(|m| m * 10_f64.powi(d)));
    all.filter(|v| (a.lo * 0.999..=a.hi * 1.001).contains(v)).map(|v| (place(v), short(v))).collect()
}

/// Words into lines of at most so many characters.
fn wrap(text: &str, most: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut().filter(|l| l.chars().count() + word.chars().count() < most) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::figure::Figure;
    use crate::study::map::Variant;
    use std::sync::Arc;

    fn map() -> Map {
        Map {
            scenario: Arc::new(crate::scenario::builtin_scenario("path-a").unwrap().unwrap()),
            variants: vec![Variant::default()],
            set: Vec::new(),
            x: Axis::parse("batch_gpus=1..714:12:log").unwrap(),
            y: Axis::parse("interval_s=0.1..60:5:log").unwrap(),
            metric: Figure::named("deviation_max_pct").unwrap().0,
            thresholds: [0.5, 2.0, 5.0],
            cut: Cut::Early,
        }
    }

    fn cells() -> Vec<Known> {
        let class = |k: usize| (k % 12 / 2).min(4) as u8;
        (0..60).map(|k| if k < 24 { Known::Exact(class(k)) } else { Known::Inferred(class(k)) }).collect()
    }

    #[test]
    fn in_letters_with_legend_and_caption() {
        let (m, c) = (map(), cells());
        let p = Picture::new(&m, &c, false);
        assert_eq!(p.classes(), [10, 10, 10, 10, 20]);
        let text = p.text();
        assert!(
            text.starts_with("20 of 60 cells keep deviation_max_pct within 2; 20 trip.\n        60 ..--++xx####\n"),
            "{text}"
        );
        assert!(text.contains("< 0.5 %") && text.contains("0.5 to 2 %") && text.contains("≥ 5 %"), "{text}");
        for part in ["path-a", "lean-default", "recommended", "limits in force", "24 cells run, 36 inferred", "5 Hz"] {
            assert!(text.contains(part), "no {part} in {text}");
        }
    }

    #[test]
    fn in_pixels_each_class_has_its_colour_and_inferred_cells_a_hatch() {
        let (m, c) = (map(), cells());
        let r = Picture::new(&m, &c, false).raster();
        let [w, h] = r.size();
        let all: Vec<Rgb> = (0..h).flat_map(|y| (0..w).map(move |x| (x, y))).filter_map(|(x, y)| r.at(x, y)).collect();
        let count = |c: Rgb| all.iter().filter(|p| **p == c).count();
        assert!(COLORS.iter().all(|c| count(*c) > 5000) && count(FAINT) > 1000 && count(HATCH) > 1000);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("map.png");
        Picture::new(&m, &c, true).write_png(&path).unwrap();
        let read = image::open(&path).unwrap();
        assert_eq!((read.width() as usize, read.height() as usize), (w, h));
    }

    #[test]
    fn ticks_are_round_and_inside() {
        let of = |a: &str| ticks(&Axis::parse(a).unwrap()).into_iter().map(|t| t.1).collect::<Vec<_>>();
        assert_eq!(of("batch_gpus=1..714:41:log"), ["1", "3", "10", "30", "100", "300"]);
        assert_eq!(of("interval_s=0.1..60:31:log"), ["0.1", "0.3", "1", "3", "10", "30"]);
        assert_eq!(of("bess_kw=0..600:13"), ["0", "100", "200", "300", "400", "500", "600"]);
        assert_eq!(wrap("aa bb cc dd", 6), ["aa bb", "cc dd"]);
    }
}
