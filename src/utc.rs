//! Wall time: microseconds of UTC since 1970, and how they are written. At the bottom: anyone may use it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Now, µs of UTC.
#[must_use]
pub fn now_us() -> i64 {
    Timestamp::now().as_microsecond()
}

/// Date and time of day of an instant; beyond the years that dates are kept for, the last or first of them.
pub(crate) fn civil(us: i64) -> DateTime {
    let end = if us < 0 { Timestamp::MIN } else { Timestamp::MAX };
    TimeZone::UTC.to_datetime(Timestamp::from_microsecond(us).unwrap_or(end))
}

/// `2026-11-22T04:48:26.123Z`, milliseconds cut off, never rounded up into the next second.
#[must_use]
pub fn stamp(us: i64) -> String {
    civil(us).strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

/// `20261122T044826Z`, for names of files: sorts by time, and every file system takes it.
pub(crate) fn compact(us: i64) -> String {
    civil(us).strftime("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_instants() {
        // RFC 3339 texts of well-known Unix times
        for (s, want) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_234_567_890, "2009-02-13T23:31:30.000Z"),
            (4_107_542_399, "2100-02-28T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(stamp(s * 1_000_000), want);
        }
        assert_eq!(stamp(999_999), "1970-01-01T00:00:00.999Z");
        assert_eq!(stamp(-1), "1969-12-31T23:59:59.999Z");
        assert_eq!(compact(1_234_567_890_999_999), "20090213T233130Z");
    }
}
