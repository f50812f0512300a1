//! From the text's types to the validated model: defaults filled in, names resolved to indices, every value checked.

mod control;
mod devices;
mod genset;
mod governor;
mod network;
mod script;
mod start;

use std::path::Path;

use super::library::Library;
use super::preset::EnginePreset;
use super::schema::ScenarioFile;
use super::{Expected, Scenario};
use crate::plant::config::Plant;
use crate::plant::signals::SignalTable;
use crate::scenario::exercise::{Exercise, MOST_ITEMS};
use crate::text::Error;
use crate::text::{At, Checked};

/// What the parts of a build share.
pub(super) struct Context<'a> {
    pub library: &'static Library,
    pub presets: &'static [EnginePreset; 3],
    /// The scenario's folder, for trace files; `None` for built-in texts.
    pub base_dir: Option<&'a Path>,
    /// Names of the sections.
    pub sections: Vec<String>,
}

impl<'a> Context<'a> {
    pub(super) fn new(base_dir: Option<&'a Path>) -> Result<Self, Error> {
        Ok(Self {
            library: super::library::library()?,
            presets: super::preset::read()?,
            base_dir,
            sections: Vec::new(),
        })
    }

    fn section(&self, at: &At, name: Option<&String>) -> Checked<usize> {
        name.map_or(Ok(0), |n| at.find("section", "section", n, &self.sections))
    }
}

/// Builds the model.
pub(super) fn scenario(mut cx: Context, name: &str, origin: &str, file: &ScenarioFile) -> Checked<Scenario> {
    let root = At::top();
    let purpose = root.line("purpose", &file.purpose, 100)?;
    let run_s = root.num("run_s", file.run_s, 0.1, 86_400.0)?;
    let (mut plant, engine) = network::plant(&mut cx, &file.plant)?;
    if let Some(start) = &file.start {
        start::apply(&root.key("start"), start, &mut plant)?;
    }
    let mut policy = control::policy(&file.policy, &plant, &engine, run_s)?;
    if file.start.is_some() {
        // from a measured state nothing starts by itself
        policy.start_at_s = None;
    }
    let script = script::script(&file.script, &plant, run_s)?;
    if let Some(exercise) = &file.exercise {
        check_exercise(&root.key("exercise"), exercise, &plant)?;
    }
    let e = &file.expected;
    let at = root.key("expected");
    for (key, list) in [("trips", &e.trips), ("violations", &e.violations)] {
        let at = at.key(key);
        for (i, text) in list.iter().enumerate() {
            if text.trim().is_empty() {
                return Err(at.index(i).problem("an empty name", "a name such as `81U-2 G1`"));
            }
        }
    }
    let expected = Expected {
        trips: e.trips.clone(),
        violations: e.violations.clone(),
        target_reached: e.target_reached,
        survives: e.survives,
    };
    Ok(Scenario {
        name: name.to_owned(),
        purpose,
        origin: origin.to_owned(),
        text: std::sync::Arc::default(),
        seed: file.seed,
        run_s,
        plant,
        policy,
        script,
        expected,
        exercise: file.exercise.clone(),
        starts_as: file.start.as_ref().map(|s| s.of.clone()),
    })
}

fn check_exercise(at: &At, e: &Exercise, plant: &Plant) -> Checked<()> {
    if let Some(h) = e.horizon_s {
        at.num("horizon_s", h, 1.0, 86_400.0)?;
    }
    let table = SignalTable::of(&plant.parts());
    if let Some((i, what)) = e.wrong_response() {
        return Err(at.key("responses").index(i).key("malfunction").problem(what, "M01 to M12"));
    }
    let items = at.key("items");
    e.check(plant, &table).map_err(|(i, (field, what, expected))| match i {
        MOST_ITEMS => items.problem(what, expected),
        i => items.index(i).key(field).problem(what, expected),
    })
}
