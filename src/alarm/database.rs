//! The alarm database: RON in, checked definitions out. An alarm without cause, consequence and response is refused:
//! nobody could do anything about it.

use std::sync::{Arc, LazyLock};

use serde::Deserialize;

use super::definition::{Definition, Limit, Otherwise, Quantity, Rule, When};
use crate::plant::signals::{Spec, bess, genset, section, site};
use crate::text::{At, Checked, Error};

/// Alarms in a database.
const MOST: usize = 5000;
/// Longest delay, s.
const LONGEST_S: f64 = 3600.0;

/// The definitions, in the order of the file; the place in it is the alarm's id.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Database {
    /// Alarms.
    pub alarms: Vec<Definition>,
    /// Text that it was read from, for the saved run; none for the one that comes with the program.
    pub source: Option<Arc<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatabaseFile {
    /// What to do about any alarm while the bus is dead, where the alarm does not say.
    #[serde(default)]
    dead_bus: Vec<String>,
    alarms: Vec<Definition>,
}

impl Database {
    /// The one that comes with the program.
    ///
    /// # Errors
    /// If the file in the program is not sound; a test keeps it so.
    pub fn built_in() -> Result<&'static Self, &'static Error> {
        static BUILT_IN: LazyLock<Result<Database, Error>> = LazyLock::new(|| {
            let folder = crate::shipped::ALARMS;
            let (name, text) = folder.files.first().copied().unwrap_or_default();
            let read = Database::from_ron(&folder.path_of(name), text)?;
            Ok(Database { source: None, ..read })
        });
        BUILT_IN.as_ref()
    }

    /// Reads a database; `origin` is printed in errors.
    ///
    /// # Errors
    /// One line with line and column for whatever is wrong.
    pub fn from_ron(origin: &str, text: &str) -> Result<Self, Error> {
        let mut file: DatabaseFile = crate::text::parse(text, origin)?;
        steps(&At::top().key("dead_bus"), &file.dead_bus).map_err(|p| p.place(text, origin))?;
        check(&file.alarms).map_err(|p| p.place(text, origin))?;
        let says = |a: &Definition| a.response_when.iter().any(|o| o.when.contains(&Rule::BusDead));
        for a in file.alarms.iter_mut().filter(|a| !file.dead_bus.is_empty() && !says(a)) {
            a.response_when.insert(0, Otherwise { when: vec![Rule::BusDead], steps: file.dead_bus.clone() });
        }
        Ok(Self { alarms: file.alarms, source: Some(text.into()) })
    }
}

fn steps(at: &At, steps: &[String]) -> Checked<()> {
    match steps.iter().position(|s| s.trim().is_empty()) {
        Some(k) => Err(at.index(k).problem("an empty step", "what to do")),
        None => Ok(()),
    }
}

fn check(alarms: &[Definition]) -> Checked<()> {
    let top = At::top();
    let list = top.key("alarms");
    if alarms.len() > MOST {
        return Err(list.problem(format!("{} alarms", alarms.len()), format!("at most {MOST}")));
    }
    for (i, a) in alarms.iter().enumerate() {
        let at = list.index(i);
        at.line("tag", &a.tag, 16)?;
        at.line("text", &a.text, 80)?;
        if alarms[..i].iter().any(|b| b.tag == a.tag) {
            return Err(at.key("tag").problem(format!("two alarms are called `{}`", a.tag), "one of each tag"));
        }
        for (key, text) in
            [("cause", &a.cause), ("consequence", &a.consequence), ("within", &a.within), ("source", &a.source)]
        {
            at.line(key, text, 300)?;
        }
        if a.response.is_empty() {
            return Err(at.key("response").problem("nothing can be done about it", "at least one step"));
        }
        steps(&at.key("response"), &a.response)?;
        for (k, o) in a.response_when.iter().enumerate() {
            let list = at.key("response_when");
            let at = list.index(k);
            if o.when.is_empty() || o.steps.is_empty() {
                return Err(at.problem("no state or no step", "at least one of each"));
            }
            steps(&at.key("steps"), &o.steps)?;
        }
        for (key, s) in [("on_s", a.on_s), ("off_s", a.off_s)] {
            at.num(key, s, 0.0, LONGEST_S)?;
        }
        at.num("deadband", a.deadband, 0.0, 1e9)?;
        for (k, tag) in a.follows.iter().enumerate() {
            if !alarms.iter().any(|b| b.tag == *tag) {
                return Err(at
                    .key("follows")
                    .index(k)
                    .problem(format!("no alarm is called `{tag}`"), "a tag of this file"));
            }
        }
        finite(&at.key("when"), &a.when)?;
        for id in a.when.signals() {
            known(&at.key("when"), id)?;
        }
    }
    Ok(())
}

/// A signal's name must be one that some plant can have: a site signal, or a device's with the name of a kind of signal.
fn known(at: &At, id: &str) -> Checked<()> {
    let (device, name) = id.split_once('.').unwrap_or(("", id));
    let has = |specs: &[Spec]| specs.iter().any(|s| s.id == name);
    let known = match device {
        "" => false,
        "site" => has(site::SPECS),
        _ => has(section::SPECS) || has(genset::SPECS) || has(bess::SPECS),
    };
    if known {
        return Ok(());
    }
    let like = site::SPECS.iter().map(|s| format!("site.{}", s.id)).find(|s| s.starts_with(id.trim_end_matches('s')));
    let expected = like.unwrap_or_else(|| "a signal as in the header of a CSV, or `Unmeasured(\"what\")`".to_owned());
    Err(at.problem(format!("no signal is called `{id}`"), expected))
}

fn finite(at: &At, when: &When) -> Checked<()> {
    let limit = match when {
        When::Above(_, limit) | When::Below(_, limit) | When::Event(_, _, Some(limit)) => limit,
        When::Stale(x) => return number(at, *x),
        When::In(..) | When::Lost(_) | When::Stands(_) | When::Event(_, _, None) => return Ok(()),
    };
    match limit {
        Limit::Value(x)
        | Limit::PctOfF0(x)
        | Limit::PctOfRating(x)
        | Limit::PctOfBess(x)
        | Limit::MinerUnits(x)
        | Limit::Gpus(x) => number(at, *x),
        Limit::Policy(_) | Limit::Signal(_) => Ok(()),
    }
}

fn number(at: &At, x: f64) -> Checked<()> {
    if x.is_finite() { Ok(()) } else { Err(at.problem("the limit is not a number", "a finite number")) }
}

impl When {
    /// Ids of the signals that it needs.
    #[must_use]
    pub fn signals(&self) -> Vec<&str> {
        match self {
            Self::Above(q, l) | Self::Below(q, l) => {
                let mut all = q.signals();
                all.extend(l.signal());
                all
            }
            Self::In(id, _) | Self::Lost(id) => vec![id],
            Self::Event(_, _, l) => l.as_ref().and_then(Limit::signal).into_iter().collect(),
            Self::Stale(_) | Self::Stands(_) => Vec::new(),
        }
    }
}

impl Limit {
    fn signal(&self) -> Option<&str> {
        match self {
            Self::Signal(id) => Some(id),
            _ => None,
        }
    }
}

impl Quantity {
    /// Ids of the signals that it needs.
    #[must_use]
    pub fn signals(&self) -> Vec<&str> {
        match self {
            Self::Signal(a) | Self::Abs(a) | Self::Unasked(a) | Self::OffNominal(a) => vec![a],
            Self::Difference(a, b) | Self::Apart(a, b) | Self::Uncommanded(a, b) | Self::Frozen(a, b) => vec![a, b],
            Self::Unmeasured(_) => Vec::new(),
            Self::Balance => vec!["site.gen_kw", "site.bess_kw", "site.gpu_kw", "site.miner_kw", "site.aux_kw"],
        }
    }
}
