//! Numbers as an operator reads them: fixed decimals a quantity, true minus, times as `mm:ss.s`.

/// With `decimals` places and a true minus sign; `–` for no value.
#[must_use]
pub fn num(v: f64, decimals: usize) -> String {
    if !v.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{v:.decimals$}");
    let zero = text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.');
    if zero { text.trim_start_matches('-').to_owned() } else { text.replace('-', "−") }
}

/// With a sign, also for positive numbers.
#[must_use]
pub fn signed(v: f64, decimals: usize) -> String {
    let text = num(v, decimals);
    if v.is_finite() && v > 0.0 && text.chars().any(|c| ('1'..='9').contains(&c)) { format!("+{text}") } else { text }
}

/// kW: whole from 100 up, one decimal below.
#[must_use]
pub fn kw(v: f64) -> String {
    num(v, usize::from(v.is_finite() && v.abs() < 99.95 && v.abs() >= 0.05))
}

/// Hz, two decimals.
#[must_use]
pub fn hz(v: f64) -> String {
    num(v, 2)
}

/// Simulated time as `hh:mm:ss.s` from the start of the run.
#[must_use]
pub fn clock(t_s: f64) -> String {
    let tenths = (t_s.max(0.0) * 10.0).round() as u64;
    let (s, d) = (tenths / 10, tenths % 10);
    format!("{:02}:{:02}:{:02}.{d}", s / 3600, s / 60 % 60, s % 60)
}

/// Time within a run as `mm:ss.mmm`.
#[must_use]
pub fn stamp(t_s: f64) -> String {
    let ms = (t_s.max(0.0) * 1000.0).round() as u64;
    format!("{:02}:{:02}.{:03}", ms / 60_000, ms / 1000 % 60, ms % 1000)
}

/// A duration in words: `8.0 s`, `2 min 05 s`.
#[must_use]
pub fn duration(s: f64) -> String {
    if !s.is_finite() {
        return "–".to_owned();
    }
    if s < 99.95 {
        return format!("{} s", num(s, 1));
    }
    let whole = s.round() as u64;
    format!("{} min {:02} s", whole / 60, whole % 60)
}

/// A number of about three digits: `0.70`, `7.0`, `12.3`, `90`, `805`.
#[must_use]
pub fn short(v: f64) -> String {
    let (a, whole) = (v.abs(), (v - v.round()).abs() < 1e-9);
    let round = whole && !(1e-9..10.0).contains(&a);
    let decimals = if a >= 100.0 || round {
        0
    } else if a >= 1.0 {
        1
    } else {
        2
    };
    num(v, decimals)
}

/// Seconds: `8.0 s`, `72 s`, `12 min`, `1.4 h`.
#[must_use]
pub fn seconds(v: f64) -> String {
    if !v.is_finite() {
        "–".into()
    } else if v < 10.0 {
        format!("{} s", num(v, 1))
    } else if v < 600.0 {
        format!("{} s", num(v, 0))
    } else if v < 7200.0 {
        format!("{} min", num(v / 60.0, 0))
    } else {
        format!("{} h", num(v / 3600.0, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_an_operator_expects() {
        assert_eq!(num(-0.04, 1), "0.0");
        assert_eq!(num(-1.25, 1), "−1.2");
        assert_eq!(num(f64::NAN, 1), "–");
        assert_eq!(signed(7.04, 1), "+7.0");
        assert_eq!(signed(0.0, 1), "0.0");
        assert_eq!((kw(500.2), kw(7.0), kw(0.0)), ("500".into(), "7.0".into(), "0".into()));
        assert_eq!(clock(252.34), "00:04:12.3");
        assert_eq!(stamp(61.0015), "01:01.002");
        assert_eq!(duration(125.0), "2 min 05 s");
        for (v, want) in [(8.04, "8.0 s"), (72.0, "72 s"), (714.0, "12 min"), (36000.0, "10.0 h")] {
            assert_eq!(seconds(v), want);
        }
        assert_eq!([short(0.7), short(90.0), short(12.34)], ["0.70", "90", "12.3"]);
    }
}
