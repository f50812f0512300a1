//! Reads rubrics: text in, checked rubric or one error line with line and column out.

use std::sync::OnceLock;

use super::rubric::{Mark, Metric, Rubric};
use crate::shipped;
use crate::text::{At, Checked, Error, parse};

impl Rubric {
    /// Reads a rubric from text; `origin` is printed in errors.
    ///
    /// # Errors
    /// One line with line and column for whatever is wrong.
    pub fn from_ron(origin: &str, text: &str) -> Result<Self, Error> {
        let rubric: Self = parse(text, origin)?;
        check(&rubric).map_err(|p| p.place(text, origin))?;
        Ok(rubric)
    }

    /// The rubrics that come with the program, the one in use first.
    ///
    /// # Errors
    /// Only if a file compiled into the program is malformed, which a test keeps from being shipped.
    pub fn built_in() -> Result<&'static [Self], Error> {
        static READ: OnceLock<Result<Vec<Rubric>, Error>> = OnceLock::new();
        let all = shipped::RUBRICS;
        let read = |(name, text): &(&str, &str)| Rubric::from_ron(&all.path_of(name), text);
        READ.get_or_init(|| all.files.iter().map(read).collect()).as_deref().map_err(Clone::clone)
    }

    /// A built-in rubric by name; without a name the one in use.
    ///
    /// # Errors
    /// No rubric of that name.
    pub fn named(name: Option<&str>) -> Result<Self, String> {
        let all = Self::built_in().map_err(|e| e.to_string())?;
        let Some(name) = name else { return Ok(all[0].clone()) };
        all.iter().find(|r| r.name == name).cloned().ok_or_else(|| {
            let known: Vec<_> = all.iter().map(|r| r.name.as_str()).collect();
            format!("no rubric is called {name}; there are {}", known.join(", "))
        })
    }
}

fn check(r: &Rubric) -> Checked<()> {
    let top = At::top();
    top.num("horizon_s", r.horizon_s, 1.0, 1e6)?;
    top.num("soc_band_pct", r.soc_band_pct, 0.0, 100.0)?;
    for (key, list) in [("ack_targets_s", &r.ack_targets_s), ("ack_weights", &r.ack_weights)] {
        let at = top.key(key);
        for (i, v) in list.iter().enumerate() {
            if !(v.is_finite() && *v > 0.0) {
                return Err(at.index(i).problem(format!("{key} holds {v}"), "a number above 0"));
            }
        }
    }
    let groups = top.key("groups");
    let mut seen: Vec<Metric> = Vec::new();
    for (i, g) in r.groups.iter().enumerate() {
        let at = groups.index(i);
        let lines = at.key("lines");
        for (k, l) in g.lines.iter().enumerate() {
            let at = lines.index(k);
            at.num("points", l.points, 0.0, 100.0)?;
            if seen.contains(&l.metric) {
                return Err(at.key("metric").problem("a metric that has its line already", "each metric once"));
            }
            seen.push(l.metric);
            marks(&at, l.full, l.zero)?;
        }
        let sum: f64 = g.lines.iter().map(|l| l.points).sum();
        if !((sum - g.points).abs() < 1e-9) {
            return Err(at
                .key("points")
                .problem(format!("the lines of {} make {sum} points", g.name), format!("{sum}")));
        }
    }
    let sum: f64 = r.groups.iter().map(|g| g.points).sum();
    if !((sum - 100.0).abs() < 1e-9) {
        return Err(groups.problem(format!("the groups make {sum} points"), "100"));
    }
    if seen.contains(&Metric::BessInBand) && !seen.contains(&Metric::LostMiningKwh) {
        return Err(groups.problem("the battery's points have nowhere to go", "a line for lost mining"));
    }
    let d = top.key("deductions");
    for (key, v) in
        [("hint", r.deductions.hint), ("warning", r.deductions.warning), ("take_over", r.deductions.take_over)]
    {
        d.num(key, v, 0.0, 100.0)?;
    }
    let caps = top.key("caps");
    for (i, c) in r.caps.iter().enumerate() {
        caps.index(i).num("at", c.at, 0.0, 100.0)?;
    }
    grades(r, &top.key("grades"))?;
    let responses = top.key("responses");
    for (i, x) in r.responses.iter().enumerate() {
        let at = responses.index(i);
        at.num("within_s", x.within_s, 0.1, 1e5)?;
        if x.any_of.is_empty() {
            return Err(at.key("any_of").problem("no answer is right", "one act or more"));
        }
    }
    Ok(())
}

/// Marks are finite and apart.
fn marks(at: &At, full: Mark, zero: Mark) -> Checked<()> {
    for (key, m) in [("full", full), ("zero", zero)] {
        let (Mark::At(a) | Mark::Par(a)) = m else {
            let Mark::ParOr(k, least) = m else { continue };
            if !(k.is_finite() && k >= 1.0 && least.is_finite() && least > 0.0) {
                return Err(at
                    .key(key)
                    .problem(format!("par_or({k}, {least})"), "a factor from 1 and an amount above 0"));
            }
            continue;
        };
        if !(a.is_finite() && a >= 0.0) {
            return Err(at.key(key).problem(format!("a mark at {a}"), "a number, 0 or more"));
        }
    }
    if full == zero {
        return Err(at.key("zero").problem("full and no marks at the same value", "another value than `full`"));
    }
    Ok(())
}

fn grades(r: &Rubric, at: &At) -> Checked<()> {
    for (i, w) in r.grades.windows(2).enumerate() {
        if !(w[1].from < w[0].from) {
            let expected = format!("less than {}", w[0].from);
            return Err(at
                .index(i + 1)
                .key("from")
                .problem(format!("the grade from {} does not fall", w[1].from), expected));
        }
    }
    match r.grades.last() {
        Some(last) if last.from == 0.0 => Ok(()),
        Some(last) => {
            let here = at.index(r.grades.len() - 1);
            Err(here.key("from").problem(format!("the last grade begins at {}", last.from), "0"))
        }
        None => Err(at.problem("no grades", "a list that ends from 0")),
    }
}
