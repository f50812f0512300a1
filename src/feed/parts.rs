//! One figure of many parts: the GPUs of a page, the miners of a fleet. Pure.
//!
//! A figure is Good only if every part that exists was read, was understood, and is counted once. A part that is known to
//! be there and gave nothing makes the figure uncertain and is named; what was lost on the way and may have been a part
//! makes it uncertain too. Never does a sum of some parts pass for the sum of all.

use std::collections::BTreeMap;

use super::map::Fold;
use crate::acts::Quality;
use crate::acts::quality::{Doubt, Fault};

/// Names of parts that a remark lists; the rest is counted.
const NAMED: usize = 3;

/// What was found of each part.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    found: BTreeMap<String, Found>,
    /// Something of the source could not be read, and may have been a part.
    pub(super) lost: Option<String>,
    /// Some of the values are models, not measurements.
    pub(super) estimated: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Found {
    /// None for a part that is there without a value.
    value: Option<f64>,
    /// It was told several times, and not alike.
    contradicted: bool,
}

/// A figure: its value, how far it can be trusted, and which parts are the reason.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Whole {
    pub(super) raw: Result<f64, Fault>,
    pub(super) said: Quality,
    /// Empty when it is good.
    pub(super) remark: String,
}

impl Parts {
    /// A part by its name, with its value where it has one. Told twice alike it counts once.
    pub(super) fn add(&mut self, name: impl Into<String>, value: Option<f64>) {
        let part = self.found.entry(name.into()).or_default();
        match (part.value, value) {
            (Some(a), Some(b)) if a != b => {
                part.contradicted = true;
                part.value = Some(a.max(b));
            }
            (None, Some(b)) => part.value = Some(b),
            _ => {}
        }
    }

    /// Names of the parts.
    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        self.found.keys()
    }

    /// Parts.
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// One value of all parts.
    pub(super) fn fold(&self, fold: Fold) -> Whole {
        let values: Vec<f64> = self.found.values().filter_map(|p| p.value).collect();
        let names = |of: &dyn Fn(&Found) -> bool| -> Vec<&str> {
            self.found.iter().filter(|(_, p)| of(p)).map(|(n, _)| n.as_str()).collect()
        };
        let unread = names(&|p| p.value.is_none());
        // The largest of all stays the largest, and a part is one part, whatever it is said to take.
        let contradicted = match fold {
            Fold::Sum | Fold::Mean => names(&|p| p.contradicted),
            Fold::Max | Fold::Count => Vec::new(),
        };
        let raw = match (fold_all(&values, fold), unread.is_empty()) {
            (Some(x), _) => Ok(x),
            (None, true) => Err(Fault::Missing),
            (None, false) => Err(Fault::NotAvailable),
        };
        let (said, remark) = if let Some(what) = &self.lost {
            (Quality::Uncertain(Doubt::Partial), what.clone())
        } else if !unread.is_empty() {
            (Quality::Uncertain(Doubt::Partial), format!("without {}", list(&unread)))
        } else if !contradicted.is_empty() {
            (
                Quality::Uncertain(Doubt::Contradicted),
                format!("told more than once, and not alike: {}", list(&contradicted)),
            )
        } else if self.estimated {
            (Quality::Uncertain(Doubt::Estimated), String::new())
        } else {
            (Quality::Good, String::new())
        };
        Whole { raw, said, remark }
    }
}

/// Some names, and how many more there are.
pub(super) fn list(names: &[&str]) -> String {
    let first = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// One value of several; none of none.
fn fold_all(values: &[f64], fold: Fold) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    Some(match fold {
        Fold::Sum => values.iter().sum(),
        Fold::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Fold::Mean => values.iter().sum::<f64>() / values.len() as f64,
        Fold::Count => values.len() as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_part_told_twice_counts_once_and_two_stories_are_no_measurement() {
        let mut p = Parts::default();
        for (name, value) in [("a", 2.0), ("a", 2.0), ("b", 3.0)] {
            p.add(name, Some(value));
        }
        assert_eq!((p.fold(Fold::Sum).raw, p.fold(Fold::Sum).said), (Ok(5.0), Quality::Good));
        p.add("a", Some(4.0));
        assert_eq!(p.fold(Fold::Sum).said, Quality::Uncertain(Doubt::Contradicted));
        assert_eq!((p.fold(Fold::Count).raw, p.fold(Fold::Count).said), (Ok(2.0), Quality::Good));
        assert_eq!((p.fold(Fold::Max).raw, p.fold(Fold::Max).said), (Ok(4.0), Quality::Good));
        assert!(p.fold(Fold::Mean).remark.ends_with("not alike: a"));
    }

    #[test]
    fn what_gave_nothing_is_named() {
        let mut p = Parts::default();
        assert_eq!(p.fold(Fold::Sum).raw, Err(Fault::Missing));
        for name in ["a", "b", "c", "d", "e"] {
            p.add(name, None);
        }
        assert_eq!(p.fold(Fold::Count).raw, Err(Fault::NotAvailable), "nobody knows how many: not zero");
        p.add("f", Some(1.0));
        let whole = p.fold(Fold::Count);
        assert_eq!((whole.raw, whole.said), (Ok(1.0), Quality::Uncertain(Doubt::Partial)));
        assert_eq!(whole.remark, "without a, b, c and 2 more");
    }

    proptest! {
        /// Whatever is told of the parts, in whatever order and how often: Good is the figure of all of them.
        #[test]
        fn good_is_the_figure_of_all_parts(
            truth in proptest::collection::vec(0_u16..1000, 1..9),
            told in proptest::collection::vec((0_usize..9, any::<bool>()), 0..60),
        ) {
            let mut p = Parts::default();
            let all: Vec<f64> = truth.iter().map(|x| f64::from(*x)).collect();
            (0..all.len()).for_each(|k| p.add(k.to_string(), None));
            for (k, has) in &told {
                if let Some(x) = all.get(*k) {
                    p.add(k.to_string(), has.then_some(*x));
                }
            }
            let complete = (0..all.len()).all(|k| told.contains(&(k, true)));
            for fold in [Fold::Sum, Fold::Mean, Fold::Max, Fold::Count] {
                let whole = p.fold(fold);
                prop_assert_eq!(whole.said == Quality::Good, complete);
                prop_assert_eq!(whole.said == Quality::Good, whole.remark.is_empty());
                if complete {
                    prop_assert_eq!(whole.raw.ok(), fold_all(&all, fold));
                }
            }
        }
    }
}
