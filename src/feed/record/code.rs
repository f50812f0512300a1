//! Qualities, faults and judgements as the small numbers that a file holds. Never change one that has shipped.

use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};
use crate::feed::tags::Taken;

/// First number of each kind: good, uncertain, stale, bad, never; and of the refusals of a device, by their code.
const FIRST: [i64; 5] = [0, 100, 200, 300, 400];
const EXCEPTION: i64 = 1000;

const DOUBTS: [Doubt; 8] = [
    Doubt::Clamped,
    Doubt::Contradicted,
    Doubt::Estimated,
    Doubt::Source,
    Doubt::Frozen,
    Doubt::Clock,
    Doubt::Jump,
    Doubt::Partial,
];

const FAULTS: [Fault; 6] =
    [Fault::NoComm, Fault::NotAvailable, Fault::NotFinite, Fault::OutOfRange, Fault::Decode, Fault::Missing];

/// Judgements, by their numbers.
pub(super) const TAKEN: [(Taken, &str); 4] =
    [(Taken::Current, "current"), (Taken::Past, "past"), (Taken::Twice, "twice"), (Taken::Bad, "bad")];

/// All qualities but the refusals of a device, for the list in the file.
pub(super) fn qualities() -> impl Iterator<Item = Quality> {
    let doubts = DOUBTS.into_iter().map(Quality::Uncertain);
    let faults = FAULTS.into_iter().map(Quality::Bad);
    [Quality::Good, Quality::Stale, Quality::Never].into_iter().chain(doubts).chain(faults)
}

pub(super) fn of_quality(q: Quality) -> i64 {
    let [good, uncertain, stale, bad, never] = FIRST;
    match q {
        Quality::Good => good,
        Quality::Uncertain(d) => uncertain + DOUBTS.iter().position(|x| *x == d).map_or(99, |i| i as i64),
        Quality::Stale => stale,
        Quality::Bad(Fault::Exception(code)) => EXCEPTION + i64::from(code),
        Quality::Bad(f) => bad + FAULTS.iter().position(|x| *x == f).map_or(99, |i| i as i64),
        Quality::Never => never,
    }
}

/// None for a number that this version does not know.
pub(super) fn quality(code: i64) -> Option<Quality> {
    if let Some(refusal) = code.checked_sub(EXCEPTION).and_then(|c| u8::try_from(c).ok()) {
        return Some(Quality::Bad(Fault::Exception(refusal)));
    }
    qualities().find(|q| of_quality(*q) == code)
}

pub(super) fn fault(code: i64) -> Option<Fault> {
    match quality(code) {
        Some(Quality::Bad(f)) => Some(f),
        _ => None,
    }
}

pub(super) fn of_taken(taken: Taken) -> i64 {
    TAKEN.iter().position(|(t, _)| *t == taken).map_or(-1, |i| i as i64)
}

pub(super) fn taken(code: i64) -> Option<Taken> {
    usize::try_from(code).ok().and_then(|i| TAKEN.get(i)).map(|(t, _)| *t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_quality_comes_back_and_has_a_number_of_its_own() {
        let refusals = (0..=255).map(|c| Quality::Bad(Fault::Exception(c)));
        let all: Vec<Quality> = qualities().chain(refusals).collect();
        assert!(all.iter().all(|q| quality(of_quality(*q)) == Some(*q)));
        assert!(qualities().all(|q| of_quality(q) % 100 != 99), "one has no number");
        let codes: std::collections::BTreeSet<i64> = all.iter().map(|q| of_quality(*q)).collect();
        assert_eq!(codes.len(), all.len());
        assert!(TAKEN.iter().all(|(t, _)| taken(of_taken(*t)) == Some(*t)));
        assert_eq!((quality(99), quality(-1), taken(9), fault(0)), (None, None, None, None));
    }

    #[test]
    fn numbers_stay_what_they_were() {
        let doubts = [Doubt::Clamped, Doubt::Partial].map(|d| of_quality(Quality::Uncertain(d)));
        let faults = [Fault::NoComm, Fault::Missing, Fault::Exception(2)].map(|f| of_quality(Quality::Bad(f)));
        assert_eq!((doubts, faults), ([100, 107], [300, 305, 1002]));
    }
}
