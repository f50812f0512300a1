//! The trainer's own initial conditions and exercises on disk. Files are read and written on threads.

use std::fs;
use std::path::{Path, PathBuf};

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::Context;

use super::ConsoleApp;
use crate::acts::By;
use crate::console::action::Condition;
use crate::console::dialogs::Ask;
use crate::console::session;
use crate::console::views::instructor::InstructorState;
use crate::journal::RunFile;
use crate::scenario::Scenario;
use crate::scenario::exercise::Exercise;
use crate::training::ic::{self, Difference, Ic};
use crate::training::msg::{DeskAct, What};
use crate::worker::Command;

/// What a thread has found.
enum Found {
    List(Vec<(String, PathBuf)>),
    Kept(String),
    Load(Box<Scenario>, Box<Ic>),
    Difference(String, Vec<Difference>),
    Trouble(String),
}

/// Conditions that are on their way.
pub(super) struct Conditions {
    dir: Option<PathBuf>,
    tx: Sender<Found>,
    rx: Receiver<Found>,
    asked: bool,
}

impl Conditions {
    /// In this folder; none are kept without one.
    pub(super) fn new(dir: Option<PathBuf>) -> Self {
        let (tx, rx) = bounded(8);
        Self { dir, tx, rx, asked: false }
    }

    fn spawn(&self, ctx: &Context, job: impl FnOnce() -> Found + Send + 'static) {
        let (tx, again) = (self.tx.clone(), ctx.clone());
        let thread = std::thread::Builder::new().name("conditions".to_owned()).spawn(move || {
            if tx.try_send(job()).is_ok() {
                again.request_repaint();
            }
        });
        if let Err(e) = thread {
            log::error!("cannot start a thread: {e}");
        }
    }
}

fn list(dir: &Path) -> Found {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten().map(|e| e.path());
    let mut all: Vec<_> = entries
        .filter(|p| p.extension().is_some_and(|e| e == "ron"))
        .map(|p| (p.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned()), p))
        .collect();
    all.sort();
    Found::List(all)
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
        self.conditions.spawn(ctx, move || {
            let written = ic.to_text().and_then(|text| {
                fs::create_dir_all(&dir).and_then(|()| fs::write(&path, text)).map_err(|e| e.to_string())
            });
            match written {
                Ok(()) => Found::Kept(ic.name),
                Err(e) => Found::Trouble(format!("not kept: {e}: {}", path.display())),
            }
        });
        self.conditions.asked = false;
    }

    pub(super) fn load_ic(&mut self, ctx: &Context, path: PathBuf) {
        self.conditions.spawn(ctx, move || {
            let loaded = read(&path).and_then(|ic| {
                let at_start = ic.at_start().map_err(|e| format!("{}: {e}", path.display()))?;
                Ok((at_start, ic))
            });
            match loaded {
                Ok((s, ic)) => Found::Load(Box::new(s), Box::new(ic)),
                Err(why) => Found::Trouble(format!("not loaded: {why}")),
            }
        });
    }

    pub(super) fn diff_ic(&mut self, ctx: &Context, a: Condition, b: Condition) {
        let now = self.present("now");
        if now.is_none() && [&a, &b].contains(&&Condition::Now) {
            self.complain("there is nothing to compare with");
            return;
        }
        self.conditions.spawn(ctx, move || {
            let found = |c: &Condition| match c {
                Condition::Now => now.clone().ok_or_else(|| "there is no run of the twin".to_owned()),
                Condition::Original(name) => ic::original(name),
                Condition::Own(path) => read(path),
            };
            match found(&a).and_then(|a| Ok((a, found(&b)?))) {
                Ok((a, b)) => Found::Difference(format!("{} against {}", a.name, b.name), ic::difference(&a, &b)),
                Err(why) => Found::Trouble(format!("not compared: {why}")),
            }
        });
    }

    /// Takes in what threads have found; asks for the list once.
    pub(super) fn hear_conditions(&mut self, ctx: &Context) {
        if !self.conditions.asked
            && let Some(dir) = self.conditions.dir.clone()
        {
            self.conditions.asked = true;
            self.conditions.spawn(ctx, move || list(&dir));
        }
        while let Ok(found) = self.conditions.rx.try_recv() {
            match found {
                Found::List(own) => self.desk_view(|desk| desk.own = own),
                Found::Kept(name) => {
                    self.conditions.asked = false;
                    ctx.request_repaint();
                    self.say(format!("kept {name}"));
                }
                Found::Difference(of, lines) => self.desk_view(|desk| desk.difference = Some((of, lines))),
                Found::Trouble(why) => self.complain(why),
                Found::Load(scenario, ic) => self.begin_from(scenario, *ic),
            }
        }
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

    pub(super) fn ask_exercise(&mut self, ctx: &Context) {
        if self.exercise().is_none() {
            self.complain("only a run of the twin has an exercise");
            return;
        }
        let name = format!("{}-exercise.ron", self.export_name());
        self.ask(ctx, Ask::SaveExercise { dir: self.settings.export_dir.clone(), name });
    }

    /// The exercise as it stands in the table.
    fn exercise(&self) -> Option<Exercise> {
        let desk = self.rows.model.as_ref()?.desk.as_ref()?;
        Some(Exercise { items: desk.items.iter().map(|i| i.item.clone()).collect(), ..desk.exercise.clone() })
    }

    pub(super) fn write_exercise(&mut self, ctx: &Context, path: PathBuf) {
        let Some(exercise) = self.exercise() else { return };
        self.settings.export_dir = path.parent().map(Path::to_owned);
        let again = ctx.clone();
        self.files.exports.file(
            path,
            move || again.request_repaint(),
            move |out| {
                out.write_all(exercise.to_text().map_err(std::io::Error::other)?.as_bytes())?;
                Ok(format!("exercise of {} lines", exercise.items.len()))
            },
        );
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

/// A list that nobody has asked for yet.
impl Default for Conditions {
    fn default() -> Self {
        Self::new(None)
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_becomes_a_plain_file_name() {
        assert_eq!(super::file_name(" ../Half way, 250 kW "), "---half-way--250-kw");
    }
}
