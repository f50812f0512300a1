//! How far a value can be trusted, and why. Part of every value of a live feed.
//!
//! Good > Uncertain > Stale > Bad > Never: an aggregate has the worst quality of what it is made of. What is stale or bad
//! is for the eye only; it never drives a twin or an alarm.

use std::fmt;

/// Quality of a value, best first: the order of the enum is the order of trust.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Quality {
    /// As measured, in time.
    Good,
    /// There, but not to be relied on.
    Uncertain(Doubt),
    /// Too old.
    Stale,
    /// Not usable.
    Bad(Fault),
    /// Nothing has come yet.
    #[default]
    Never,
}

/// Why a value is in doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Doubt {
    /// Held at a limit of its range by the source.
    Clamped,
    /// Contradicts another measurement.
    Contradicted,
    /// A model of the device, not a measurement.
    Estimated,
    /// The source says so.
    Source,
    /// Does not move although it should.
    Frozen,
    /// Its time stamp cannot be right.
    Clock,
    /// Changes faster than the quantity can.
    Jump,
    /// Not all of the parts report.
    Partial,
}

/// Why a value cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The link is down.
    NoComm,
    /// The device refuses, with its code.
    Exception(u8),
    /// The device says that it has no value.
    NotAvailable,
    /// NaN or infinite.
    NotFinite,
    /// Outside the range that the map states.
    OutOfRange,
    /// The answer could not be read.
    Decode,
    /// The source has no such tag.
    Missing,
}

impl Quality {
    /// Whether it may be computed with.
    #[must_use]
    pub fn usable(self) -> bool {
        matches!(self, Self::Good | Self::Uncertain(_))
    }

    /// Whether it tells what is now, so that an alarm can stand on it. What does not move although it should may be the
    /// past; what changes too fast, or is estimated, is the best that is known.
    #[must_use]
    pub fn tells_now(self) -> bool {
        self.usable() && self != Self::Uncertain(Doubt::Frozen)
    }

    /// The worse of two.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        self.max(other)
    }

    /// One word, as in lists.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Good => "Good",
            Self::Uncertain(_) => "Uncertain",
            Self::Stale => "Stale",
            Self::Bad(_) => "Bad",
            Self::Never => "Never",
        }
    }

    /// A shape of its own for each, so that colour is never alone.
    #[must_use]
    pub fn glyph(self) -> char {
        match self {
            Self::Good => '●',
            Self::Uncertain(_) => '◐',
            Self::Stale => '◌',
            Self::Bad(_) => '×',
            Self::Never => '–',
        }
    }

    /// Why, in words; empty when it is good.
    #[must_use]
    pub fn reason(self) -> String {
        match self {
            Self::Good => String::new(),
            Self::Never => "nothing received yet".to_owned(),
            Self::Stale => "no new value in time".to_owned(),
            Self::Uncertain(d) => match d {
                Doubt::Clamped => "held at the end of its range",
                Doubt::Contradicted => "contradicts another measurement",
                Doubt::Estimated => "estimated by the device",
                Doubt::Source => "the source says uncertain",
                Doubt::Frozen => "does not move",
                Doubt::Clock => "time stamp in the future",
                Doubt::Jump => "changes faster than it can",
                Doubt::Partial => "not all parts report",
            }
            .to_owned(),
            Self::Bad(f) => match f {
                Fault::NoComm => "no connection".to_owned(),
                Fault::Exception(code) => format!("device refuses: {}", exception(code)),
                Fault::NotAvailable => "device has no value".to_owned(),
                Fault::NotFinite => "not a number".to_owned(),
                Fault::OutOfRange => "outside its range".to_owned(),
                Fault::Decode => "answer cannot be read".to_owned(),
                Fault::Missing => "not in the source".to_owned(),
            },
        }
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason() {
            why if why.is_empty() => f.write_str(self.word()),
            why => write!(f, "{}: {why}", self.word()),
        }
    }
}

/// A Modbus exception in words (Application Protocol V1.1b3, 7).
#[must_use]
pub fn exception(code: u8) -> String {
    let words = match code {
        1 => "function not supported",
        2 => "address not there",
        3 => "count or value not allowed",
        4 => "device failure",
        5 => "accepted, not finished",
        6 => "busy",
        8 => "memory parity error",
        0x0A => "gateway has no path",
        0x0B => "device behind the gateway does not answer",
        _ => return format!("exception {code}"),
    };
    format!("{words} (exception {code})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aggregate_is_as_bad_as_its_worst_part() {
        let order = [
            Quality::Good,
            Quality::Uncertain(Doubt::Frozen),
            Quality::Stale,
            Quality::Bad(Fault::NoComm),
            Quality::Never,
        ];
        for (i, a) in order.iter().enumerate() {
            for (j, b) in order.iter().enumerate() {
                assert_eq!(a.worse(*b), order[i.max(j)]);
            }
        }
        let glyphs: std::collections::BTreeSet<_> = order.iter().map(|q| q.glyph()).collect();
        assert_eq!(glyphs.len(), order.len(), "one shape each");
    }

    #[test]
    fn a_reason_is_given_for_all_that_is_not_good() {
        assert_eq!(Quality::Good.to_string(), "Good");
        assert_eq!(
            Quality::Bad(Fault::Exception(2)).to_string(),
            "Bad: device refuses: address not there (exception 2)"
        );
        assert_eq!(Quality::Bad(Fault::Exception(99)).reason(), "device refuses: exception 99");
        assert!(Quality::Uncertain(Doubt::Source).usable() && !Quality::Stale.usable());
    }
}
