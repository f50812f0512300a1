//! Alarms of a plant with several bus sections: what is defined for the site's frequency, voltage, generation and steps becomes
//! one alarm for each section, named after it, by that section and the island that it is part of.
//!
//! Sections that ties join are one island: then the alarms of its lowest section speak and those of the others are silent. What
//! belongs to the whole site (feeds, batteries, gas, schedule) stays one alarm, and so does everything of a plant with one section.

use super::definition::{Definition, Limit, Quantity, When};
use crate::acts::Plate;
use crate::plant::signals::{SignalIdx, SignalTable, at, island, section, site};

/// Where an alarm looks for what silences it, and for the rating behind a limit in per cent.
#[derive(Clone, Debug)]
pub struct Area {
    /// Whether its bus is alive.
    pub energised: SignalIdx,
    /// Rating of the gensets on its bus; none for the site, whose rating stands on its plate.
    pub rating: Option<SignalIdx>,
    /// Its island, and the islands of the sections below it: the same one speaks for both. Empty for the site.
    pub island: Vec<SignalIdx>,
}

impl Area {
    /// The site, or the only section of a plant.
    #[must_use]
    pub fn site() -> Self {
        Self { energised: at(site::ENERGISED), rating: None, island: Vec::new() }
    }

    fn of(table: &SignalTable, s: usize) -> Self {
        let own = core::iter::once(s).chain(0..s);
        Self {
            energised: table.section(s, section::ENERGISED),
            rating: table.island(s, island::RATING_KW),
            island: own.map(|k| table.section(k, section::ISLAND)).collect(),
        }
    }

    /// Whether a section below it speaks for its island.
    #[must_use]
    pub fn is_joined(&self, row: &[f64]) -> bool {
        let mut islands = self.island.iter().map(|i| row.get(i.at()).copied().unwrap_or(f64::NAN));
        islands.next().is_some_and(|own| islands.any(|other| other == own))
    }
}

/// The alarms of a plant, each with its area. `known` says which signals have values; what none of the sections has is left to
/// the site.
#[must_use]
pub fn placed(
    all: &[Definition],
    table: &SignalTable,
    plate: &Plate,
    known: &dyn Fn(SignalIdx) -> bool,
) -> Vec<(Definition, Area)> {
    let of = |d: &Definition| {
        let sections = plate.sections.iter().enumerate();
        let copies = sections.filter_map(|(s, name)| Some((copy(d, table, s, name, known)?, Area::of(table, s))));
        let copies: Vec<_> = copies.collect();
        if copies.is_empty() { vec![(d.clone(), Area::site())] } else { copies }
    };
    let mut placed: Vec<_> = all.iter().flat_map(of).collect();
    // A consequence on a section follows from what came on the same section, or on the site.
    let tags: Vec<String> = placed.iter().map(|(d, _)| d.tag.clone()).collect();
    let of_tag = |tag: &str, own: &str| -> Vec<String> {
        let here = format!("{tag} {own}");
        if !own.is_empty() && tags.contains(&here) {
            return vec![here];
        }
        let names = plate.sections.iter().map(|s| format!("{tag} {s}")).filter(|t| tags.contains(t));
        core::iter::once(tag.to_owned()).chain(names).collect()
    };
    for (d, area) in &mut placed {
        let own = if area.island.is_empty() { "" } else { plate.sections[area.island.len() - 1].as_str() };
        d.follows = d.follows.iter().flat_map(|tag| of_tag(tag, own)).collect();
    }
    placed
}

/// A definition for one section; none where it asks for something that a section does not have.
fn copy(
    d: &Definition,
    table: &SignalTable,
    s: usize,
    name: &str,
    known: &dyn Fn(SignalIdx) -> bool,
) -> Option<Definition> {
    let there = |id: &str| {
        let i = of_section(table, s, id).filter(|i| known(*i))?;
        Some(table.get(i).id.clone())
    };
    let when = match &d.when {
        When::Above(q, l) => When::Above(quantity(q, &there)?, limit(l, &there)?),
        When::Below(q, l) => When::Below(quantity(q, &there)?, limit(l, &there)?),
        When::Lost(id) => When::Lost(there(id)?),
        When::In(..) | When::Stale(_) | When::Event(..) | When::Stands(_) => return None,
    };
    if matches!(&d.when, When::Above(_, Limit::PctOfRating(_)) | When::Below(_, Limit::PctOfRating(_))) {
        table.island(s, island::RATING_KW).filter(|i| known(*i))?;
    }
    Some(Definition { tag: format!("{} {name}", d.tag), text: format!("{} on {name}", d.text), when, ..d.clone() })
}

fn quantity(q: &Quantity, there: &dyn Fn(&str) -> Option<String>) -> Option<Quantity> {
    Some(match q {
        Quantity::Signal(a) => Quantity::Signal(there(a)?),
        Quantity::Abs(a) => Quantity::Abs(there(a)?),
        Quantity::Difference(a, b) => Quantity::Difference(there(a)?, there(b)?),
        Quantity::Apart(a, b) => Quantity::Apart(there(a)?, there(b)?),
        Quantity::OffNominal(a) => Quantity::OffNominal(there(a)?),
        Quantity::Uncommanded(..)
        | Quantity::Unasked(_)
        | Quantity::Frozen(..)
        | Quantity::Balance
        | Quantity::Unmeasured(_) => return None,
    })
}

fn limit(l: &Limit, there: &dyn Fn(&str) -> Option<String>) -> Option<Limit> {
    Some(match l {
        Limit::Signal(id) => Limit::Signal(there(id)?),
        other => other.clone(),
    })
}

/// What a signal of the site is called on a section or its island; none where there is no such one.
fn of_section(table: &SignalTable, s: usize, id: &str) -> Option<SignalIdx> {
    let name = id.strip_prefix("site.")?;
    let place = |specs: &[crate::plant::signals::Spec]| specs.iter().position(|x| x.id == name).map(|k| k as u32);
    // A plant with one section has no island block, and needs no names.
    let of_island = table.island(s, 0)?;
    match place(section::SPECS) {
        Some(k) => Some(table.section(s, k)),
        None => place(island::SPECS).and_then(|k| table.index(of_island.at() + k as usize)),
    }
}
