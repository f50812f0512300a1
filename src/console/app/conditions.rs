//! The trainer's own initial conditions and exercises on disk. Files are read and written on threads.

use std::fs;
use std::path::{Path, PathBuf};

use egui::Context;

use super::ConsoleApp;
use crate::acts::By;
use crate::console::action::Condition;
use crate::console::session;
use crate::console::views::instructor::InstructorState;
use crate::journal::RunFile;
use crate::scenario::Scenario;
use crate::scenario::exercise::Exercise;
use crate::training::ic::{self, Ic};
use crate::training::msg::{DeskAct, What};
use crate::worker::Command;

/// Where conditions are kept; none are kept without a folder.
#[derive(Default)]
pub(super) struct Conditions {
    dir: Option<PathBuf>,
    /// The list of the folder is known, or being read.
    listed: bool,
}

impl Conditions {
    /// In this folder.
    pub(super) fn new(dir: Option<PathBuf>) -> Self {
        Self { dir, listed: false }
    }
}

fn list(dir: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path());
    let mut all: Vec<_> = entries
        .filter(|p| p.extension().is_some_and(|e| e == "ron"))
        .map(|p| (p.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned()), p))
        .collect();
    all.sort();
    all
}

fn read(path: &Path) -> Result<Ic, String> {
    let origin = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|e| format!("{e}: {origin}"))?;
    Ic::from_text(&text, &origin)
}

/// A file name that holds no surprise: letters, digits and dashes.
fn file_name(name: &str) -> String {
    let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    name.trim().chars().map(plain).take(60).collect()
}

impl ConsoleApp {
    fn present(&self, name: &str) -> Option<Ic> {
        let model = self.rows.model.as_ref()?;
        let desk = model.desk.as_ref()?;
        Some(Ic {
            name: name.trim().to_owned(),
            note: format!("{} at {:.1} s", model.plate.scenario, model.t_s),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            base_dir: RunFile::begin(&model.plate).base_dir,
            scenario: model.plate.source.to_string(),
            seed: model.plate.seed,
            tick: (model.t_s / self.rows.tick_s).round() as u64,
            log: desk.log.to_vec(),
            values: ic::values(&model.table, &model.latest),
        })
    }

    pub(super) fn keep_ic(&mut self, ctx: &Context, name: &str) {
        let (Some(ic), Some(dir)) = (self.present(name), self.conditions.dir.clone()) else {
            self.complain("not kept: there is no run of the twin, or no folder for settings");
            return;
        };
        if ic.scenario.is_empty() {
            self.complain("not kept: this run has no scenario text");
            return;
        }
        let path = dir.join(format!("{}.ron", file_name(name)));
        let job = move || {
            let written = ic.to_text().and_then(|text| {
                fs::create_dir_all(&dir).and_then(|()| fs::write(&path, text)).map_err(|e| e.to_string())
            });
            written.map(|()| ic.name).map_err(|e| format!("{e}: {}", path.display()))
        };
        self.on_thread(ctx, "conditions", job, |app, ctx, kept| match kept {
            Ok(name) => {
                app.conditions.listed = false;
                ctx.request_repaint();
                app.say(format!("kept {name}"));
            }
            Err(why) => app.complain(format!("not kept: {why}")),
        });
    }

    pub(super) fn load_ic(&mut self, ctx: &Context, path: PathBuf) {
        let job = move || {
            let ic = read(&path)?;
            let at_start = ic.at_start().map_err(|e| format!("{}: {e}", path.display()))?;
            Ok((Box::new(at_start), ic))
        };
        self.on_thread(ctx, "conditions", job, |app, _, loaded| match loaded {
            Ok((scenario, ic)) => app.begin_from(scenario, ic),
            Err(why) => app.complain(format!("not loaded: {why}")),
        });
    }

    pub(super) fn diff_ic(&mut self, ctx: &Context, a: Condition, b: Condition) {
        let now = self.present("now");
        if now.is_none() && [&a, &b].contains(&&Condition::Now) {
            self.complain("there is nothing to compare with");
            return;
        }
        let job = move || {
            let found = |c: &Condition| match c {
                Condition::Now => now.clone().ok_or_else(|| "there is no run of the twin".to_owned()),
                Condition::Original(name) => ic::original(name),
                Condition::Own(path) => read(path),
            };
            let (a, b) = (found(&a)?, found(&b)?);
            Ok((format!("{} against {}", a.name, b.name), ic::difference(&a, &b)))
        };
        self.on_thread(ctx, "conditions", job, |app, _, found| match found {
            Ok(difference) => app.desk_view(|desk| desk.difference = Some(difference)),
            Err(why) => app.complain(format!("not compared: {why}")),
        });
    }

    /// Asks for the list of the folder, where it is not known.
    pub(super) fn list_conditions(&mut self, ctx: &Context) {
        let Some(dir) = self.conditions.dir.clone().filter(|_| !self.conditions.listed) else { return };
        self.conditions.listed = true;
        self.on_thread(
            ctx,
            "conditions",
            move || Ok(list(&dir)),
            |app, _, own| match own {
                Ok(own) => app.desk_view(|desk| desk.own = own),
                Err(why) => app.complain(format!("conditions not listed: {why}")),
            },
        );
    }

    /// Puts something into the trainer's view.
    fn desk_view(&mut self, put: impl FnOnce(&mut InstructorState)) {
        if let Some(desk) = self.views.of() {
            put(desk);
        }
    }

    fn begin_from(&mut self, scenario: Box<Scenario>, ic: Ic) {
        let Some(twin) = self.rows.sources.session.twin() else {
            self.complain("not loaded: there is no twin");
            return;
        };
        let tick_s = scenario.plant.tick_s;
        let resume = DeskAct { by: By::Instructor, what: What::Resume(ic.log, ic.tick) };
        let sent = session::command(twin, Command::Load(scenario))
            .and_then(|_| session::command(twin, Command::Desk(Box::new(resume))));
        match sent {
            Ok(_) => {
                self.rows.tick_s = tick_s;
                self.say(format!("loaded {}", ic.name));
            }
            Err(e) => self.complain(format!("not loaded: {e}")),
        }
    }

    /// Back to the last snapshot of this branch that is at least half a second old.
    pub(super) fn backtrack(&mut self) {
        let Some((model, desk)) = self.rows.model.as_ref().and_then(|m| Some((m, m.desk.as_ref()?))) else { return };
        let old = |s: &&crate::training::msg::SnapshotView| s.branch == desk.branch && s.t_s < model.t_s - 0.5;
        let Some(id) = desk.snapshots.iter().filter(old).max_by(|a, b| a.t_s.total_cmp(&b.t_s)).map(|s| s.id) else {
            self.complain("there is no earlier snapshot");
            return;
        };
        let act = DeskAct { by: By::Instructor, what: What::Restore(id) };
        self.to_twin(|twin| session::command(twin, Command::Desk(Box::new(act))));
    }

    /// The exercise as it stands in the table.
    pub(super) fn exercise(&self) -> Option<Exercise> {
        let desk = self.rows.model.as_ref()?.desk.as_ref()?;
        Some(Exercise { items: desk.items.iter().map(|i| i.item.clone()).collect(), ..desk.exercise.clone() })
    }

    pub(super) fn write_exercise(&mut self, ctx: &Context, path: PathBuf) {
        let Some(exercise) = self.exercise() else { return };
        self.write(ctx, path, move |out| {
            out.write_all(exercise.to_text().map_err(std::io::Error::other)?.as_bytes())?;
            Ok(format!("exercise of {} lines", exercise.items.len()))
        });
    }

    /// Another exercise in the place of the one at the desk.
    pub(super) fn begin_exercise(&mut self, exercise: Exercise) {
        let act = DeskAct { by: By::Instructor, what: What::Exercise(exercise) };
        self.to_twin(|twin| session::command(twin, Command::Desk(Box::new(act))));
    }

    /// What a trainee may not do in an exam.
    pub(super) fn in_exam(&self) -> bool {
        self.rows.model.as_ref().and_then(|m| m.desk.as_ref()).is_some_and(|d| d.exam)
    }
}

/// Where conditions are kept, beside the settings.
pub(super) fn folder(settings: Option<&Path>) -> Option<PathBuf> {
    settings.and_then(Path::parent).map(|p| p.join("conditions"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_becomes_a_plain_file_name() {
        assert_eq!(super::file_name(" ../Half way, 250 kW "), "---half-way--250-kw");
    }
}
