//! An axis of a map: a parameter over a range, in even steps or in even ratios.

use crate::scenario::parameter::Parameter;

/// Most points of an axis.
const MOST: usize = 100_000;

/// An axis.
#[derive(Clone, Debug)]
pub struct Axis {
    /// What is varied.
    pub parameter: Parameter,
    /// From.
    pub lo: f64,
    /// To.
    pub hi: f64,
    /// Points, ends included.
    pub n: usize,
    /// Even ratios instead of even steps.
    pub log: bool,
}

impl Axis {
    /// Reads `NAME=LO..HI:N` or `NAME=LO..HI:N:log`.
    ///
    /// # Errors
    /// In one line: an unknown name, a range outside what the parameter takes, no width, a log axis from 0, fewer than two points.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shown = crate::text::plain(text);
        let form = || format!("`{shown}` (expected NAME=LO..HI:N or NAME=LO..HI:N:log)");
        let (name, rest) = text.split_once('=').ok_or_else(form)?;
        let parameter = Parameter::named(name.trim())?;
        let mut parts = rest.split(':');
        let (lo, hi) = parts.next().and_then(|r| r.split_once("..")).ok_or_else(form)?;
        let number = |t: &str| t.trim().parse::<f64>().ok().filter(|v| v.is_finite());
        let (lo, hi) = number(lo).zip(number(hi)).ok_or_else(form)?;
        let n: usize = parts.next().and_then(|t| t.trim().parse().ok()).ok_or_else(form)?;
        let log = match parts.next() {
            None => false,
            Some("log") => true,
            Some(_) => return Err(form()),
        };
        if parts.next().is_some() {
            return Err(form());
        }
        let axis = Self { parameter, lo, hi, n, log };
        axis.check().map_err(|e| format!("{e}: {shown}"))?;
        Ok(axis)
    }

    fn check(&self) -> Result<(), String> {
        if self.lo >= self.hi {
            return Err(format!(
                "the axis goes from {} to {} (expected the lower end first, and a width)",
                self.lo, self.hi
            ));
        }
        if self.log && self.lo <= 0.0 {
            return Err(format!("a log axis from {} (expected more than 0)", self.lo));
        }
        if !(2..=MOST).contains(&self.n) {
            return Err(format!("{} points (expected 2 to {MOST})", self.n));
        }
        let [least, most] = self.parameter.range;
        if self.lo < least || self.hi > most {
            return Err(format!(
                "{} from {} to {} leaves its range (expected {least} to {most} {})",
                self.parameter.name, self.lo, self.hi, self.parameter.unit
            ));
        }
        Ok(())
    }

    /// Value of a point, 0 to `n - 1`: the ends to the bit, whole where the parameter is.
    #[must_use]
    pub fn value(&self, i: usize) -> f64 {
        let u = i as f64 / (self.n - 1) as f64;
        let v = if i == 0 {
            self.lo
        } else if i + 1 == self.n {
            self.hi
        } else if self.log {
            libm::exp(libm::log(self.lo) + u * (libm::log(self.hi) - libm::log(self.lo)))
        } else {
            self.lo + u * (self.hi - self.lo)
        };
        if self.parameter.whole() { v.round() } else { v }
    }

    /// All values.
    #[must_use]
    pub fn values(&self) -> Vec<f64> {
        (0..self.n).map(|i| self.value(i)).collect()
    }

    /// As it is read again.
    #[must_use]
    pub fn text(&self) -> String {
        let log = if self.log { ":log" } else { "" };
        format!("{}={}..{}:{}{log}", self.parameter.name, self.lo, self.hi, self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_exact_and_counts_whole() {
        let a = Axis::parse("batch_gpus=1..714:41:log").unwrap();
        assert_eq!((a.value(0), a.value(40)), (1.0, 714.0));
        let values = a.values();
        assert!(values.iter().all(|v| v.fract() == 0.0) && values.windows(2).all(|w| w[0] <= w[1]));
        let b = Axis::parse("interval_s=0.1..60:31:log").unwrap();
        assert!((b.value(15) - (0.1_f64 * 60.0).sqrt()).abs() < 1e-9);
        assert_eq!(Axis::parse(&b.text()).map(|x| x.values()), Ok(b.values()));
        let c = Axis::parse("bess_kw=0..600:13").unwrap();
        assert_eq!(c.value(1), 50.0);
    }

    #[test]
    fn bad_axes_are_answered_in_one_line() {
        for (text, words) in [
            ("batch_gpu=1..714:41", "nearest: batch_gpus"),
            ("interval_s=0..60:31:log", "log axis from 0"),
            ("interval_s=0.01..60:31", "expected 0.1 to 3600"),
            ("interval_s=5..5:31", "a width"),
            ("interval_s=9..5:31", "lower end first"),
            ("interval_s=1..5:1", "expected 2 to"),
            ("interval_s=1..5", "expected NAME=LO..HI:N"),
            ("interval_s=1..5:3:lin", "expected NAME=LO..HI:N"),
            ("interval_s=1..nan:3", "expected NAME=LO..HI:N"),
        ] {
            let e = Axis::parse(text).unwrap_err();
            assert!(e.contains(words) && !e.contains('\n'), "{text}: {e}");
        }
    }
}
