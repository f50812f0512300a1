//! Time stamps as devices send them: seconds, milliseconds, micro- or nanoseconds since 1970, or ISO 8601. Pure.
//!
//! Which unit a number has shows in its size: between 1973 and 5138 the four never overlap. A text without a zone is UTC.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Numbers from here on are milliseconds; each further thousand is the next smaller unit.
const MILLISECONDS: f64 = 1e11;

/// Seconds since 1970 of a number in s, ms, µs or ns.
#[must_use]
pub fn seconds(t: f64) -> f64 {
    let thousands = [1.0, 1e3, 1e6, 1e9];
    let fits = thousands.into_iter().find(|k| t.abs() / k < MILLISECONDS);
    t / fits.unwrap_or(1e9)
}

/// Seconds since 1970 of an instant.
#[must_use]
pub(super) fn of(t: jiff::Timestamp) -> f64 {
    t.as_second() as f64 + f64::from(t.subsec_nanosecond()) / 1e9
}

/// Seconds since 1970 of a text: a number, or ISO 8601 with a zone, with `Z`, or without (UTC). None for any other text.
#[must_use]
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    if let Ok(t) = text.parse::<f64>() {
        return t.is_finite().then(|| seconds(t));
    }
    let at = text.parse::<jiff::Timestamp>().or_else(|_| {
        let local: DateTime = text.parse()?;
        local.to_zoned(TimeZone::UTC).map(|z| z.timestamp())
    });
    at.ok().map(of)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_forms_of_one_instant_are_one() {
        for text in [
            "1764468000.5",
            "1764468000500",
            "1764468000500000",
            "1764468000500000000",
            "2025-11-30T02:00:00.5Z",
            "2025-11-30T03:00:00.5+01:00",
            "2025-11-30 02:00:00.5",
        ] {
            let t = parse(text).unwrap();
            assert!((t - 1_764_468_000.5).abs() < 1e-6, "{text} is {t}");
        }
        for text in ["", "noon", "NaN", "inf", "2025-13-30T02:00:00Z", "12:00"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_never_a_time_of_another_thousand(s in 1e8_f64..1e11, unit in 0_i32..4) {
            let t = seconds(s * 1000_f64.powi(unit));
            prop_assert!((t - s).abs() <= 1e-9 * s);
        }
    }
}
