//! Wall time: microseconds of UTC since 1970, and how they are written. At the bottom: anyone may use it.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now, µs of UTC; 0 on a machine whose clock stands before 1970.
#[must_use]
pub fn now_us() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_micros() as i64)
}

/// `2026-11-22T04:48:26.123Z`, milliseconds cut off, never rounded up into the next second.
#[must_use]
pub fn stamp(us: i64) -> String {
    let (y, m, d) = date(us.div_euclid(86_400_000_000));
    let ms = us.rem_euclid(86_400_000_000) / 1000;
    let (s, ms) = (ms / 1000, ms % 1000);
    format!("{y:04}-{m:02}-{d:02}T{:02}:{:02}:{:02}.{ms:03}Z", s / 3600, s / 60 % 60, s % 60)
}

/// `20261122T044826Z`, for names of files: sorts by time, and every file system takes it.
pub(crate) fn compact(us: i64) -> String {
    let full = stamp(us);
    let head = full.split('.').next().unwrap_or_default();
    format!("{}Z", head.replace(['-', ':'], ""))
}

/// Day of the Gregorian calendar from days since 1970-01-01, by eras of 400 years of 146 097 days that begin in March.
pub(crate) fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let month = if march < 10 { march + 3 } else { march - 9 };
    (era * 400 + year + i64::from(month <= 2), month, of_year - (153 * march + 2) / 5 + 1)
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
