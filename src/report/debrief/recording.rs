//! A debrief from a recording or a saved run: the log is run again under the rubric, and compared with the hashes that
//! were recorded.

use std::path::PathBuf;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::alarms::AlarmStats;
use super::moments::highlights;
use super::rows::Rows;
use super::{Class, Debrief, Head, Limits, Observer};
use crate::acts::Event;
use crate::journal::{self, Recording, RunFile};
use crate::plant::signals::{SignalIdx, SignalTable, at, site};
use crate::training::DeskConfig;
use crate::training::par::{Found, Task};
use crate::training::rescore::{Extent, rescore};
use crate::training::score::Rubric;

/// What a recording does not hold, and how much is worked out.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Trainee; without one the user of the recording.
    pub trainee: String,
    /// Where the run began, in words.
    pub initial_condition: String,
    /// Training or exam.
    pub mode: String,
    /// Observer's sheet where it is newer than that of the log, as after a seal.
    pub observer: Option<Observer>,
    /// Folder of the class: journals that this run is compared with.
    pub class: Option<PathBuf>,
    /// Search par; takes seconds.
    pub par: bool,
    /// Par where it is known already.
    pub found: Option<Found>,
}

/// What a debrief is made of, wherever it was kept.
#[derive(Clone, Debug, Default)]
pub struct RunParts {
    /// Scenario, seed, log, hashes.
    pub run: RunFile,
    /// Rows as recorded; none: those of the run done again.
    pub rows: Option<Rows>,
    /// Events as recorded; none: those of the run done again.
    pub events: Option<Vec<Event>>,
    /// Who operated.
    pub user: String,
    /// Name of the run, when it began, last hash of its chain.
    pub marks: [String; 3],
    /// What is known about the file, one line each.
    pub verdict: Vec<String>,
    /// How to check it.
    pub verify: String,
}

impl Debrief {
    /// From a recording; the newest branch.
    ///
    /// # Errors
    /// In one line, if the file cannot be read or its scenario no longer loads. `keep_on` ending the search is one too.
    pub fn from_recording(
        rec: &Recording,
        rubric: Arc<Rubric>,
        options: &Options,
        keep_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Self, String> {
        let line = |e: journal::Trouble| e.to_string();
        let branch = rec.branch().map_err(line)?;
        let header = rec.header();
        let block = rec.rows(branch).map_err(line)?;
        let rows = Rows::of(&block, |id| header.signals.iter().position(|[name, ..]| name == id));
        // what happened on branches that were left is no part of this run
        let events = rec.entries_of(branch).map_err(line)?.iter().map(journal::Entry::event).collect();
        let verdict = rec.verify();
        let chain = hex::encode(verdict.hash);
        let state = if verdict.sound() { "Journal: " } else { "JOURNAL NOT SOUND: " };
        let file = rec.path().file_name().map(|f| f.to_string_lossy().into_owned()).unwrap_or_default();
        let parts = RunParts {
            run: rec.run_file(branch).map_err(line)?,
            rows: Some(rows),
            events: Some(events),
            user: header.user.clone(),
            marks: [header.run_id.clone(), journal::stamp(header.started_utc_us), chain.clone()],
            verdict: vec![format!("{state}{verdict}.")],
            verify: format!("ballast replay {file} --again --hash {}", chain.get(..16).unwrap_or(&chain)),
        };
        let mut d = Self::from_run(parts, rubric, options, keep_on)?;
        if !verdict.sound() {
            // the numbers stay readable, but nobody can vouch for them
            d.score.void.get_or_insert_with(|| "the journal is not as it was written".to_owned());
            (d.score.total, d.score.grade) = (0.0, "void".to_owned());
        }
        Ok(d)
    }

    /// From the parts of a run.
    ///
    /// # Errors
    /// In one line, if its scenario does not load, or the search of par was ended.
    pub fn from_run(
        parts: RunParts,
        rubric: Arc<Rubric>,
        options: &Options,
        keep_on: &mut dyn FnMut(usize) -> bool,
    ) -> Result<Self, String> {
        let run = &parts.run;
        let scenario = Arc::new(run.scenario()?);
        let config = DeskConfig { rubric: Some(Arc::clone(&rubric)), ..run.desk_config()? };
        let extent = Extent { until_s: run.until_s, to_horizon: false, rows: parts.rows.is_none() };
        let again = rescore(Arc::clone(&scenario), config, &run.desk, extent);
        let live = again.desk.live().ok_or_else(|| "the run was not measured".to_owned())?;
        let found = if options.found.is_some() {
            options.found.clone()
        } else if options.par {
            let task = Task::of(&live);
            let mut stopped = false;
            let found = task.search(&mut |done| {
                stopped = !keep_on(done);
                !stopped
            });
            if stopped {
                return Err("stopped while par was searched for".to_owned());
            }
            found
        } else {
            None
        };
        let score = live.score(found.as_ref().map(|f| &f.par));
        let mut verdict = parts.verdict;
        verdict.push(compared(run, &again.hashes));
        let plate = crate::engine::plate::plate(&scenario);
        let [run_id, started, chain_hash] = parts.marks;
        let or = |a: &str, b: &str| if a.is_empty() { b.to_owned() } else { a.to_owned() };
        let observer = options.observer.clone().unwrap_or_else(|| Observer::of_log(&run.desk));
        let class = options.class.as_deref().map(|dir| Class::of(dir, [&run.scenario, &run_id], &rubric, keep_on));
        let class = class.unwrap_or_default();
        let head = Head {
            trainee: or(&options.trainee, &or(&parts.user, "trainee")),
            scenario: run.name.clone(),
            purpose: scenario.purpose.clone(),
            initial_condition: or(&options.initial_condition, "start of the scenario"),
            seed: run.seed,
            preset: plate.preset.clone(),
            model: plate.model_note.clone(),
            versions: [run.version.clone(), env!("CARGO_PKG_VERSION").to_owned()],
            mode: or(&options.mode, "training"),
            run_id: or(&run_id, &run.name),
            started,
            scenario_hash: hash_of(&run.scenario),
            state_hash: again.hashes.last().map_or_else(String::new, |h| format!("{h:016x}")),
            chain_hash,
            length_s: score.metrics.t_s.max(run.until_s),
        };
        let table = Arc::clone(again.desk.engine().table());
        Ok(Self {
            head,
            alarms: AlarmStats::of(&score, &rubric.ack_targets_s),
            moments: highlights(&score),
            limits: limits(&table, plate.f0_hz, plate.rated_kw, live.facts.ramp_limit_kw_per_s),
            rows: parts.rows.unwrap_or_else(|| Rows::of(&again.block, |id| table.find(id).map(SignalIdx::at))),
            events: parts.events.unwrap_or(again.events),
            par: found,
            class,
            observer,
            verdict,
            verify: parts.verify,
            score,
            rubric,
        })
    }
}

fn limits(table: &SignalTable, f0_hz: f64, rated_kw: f64, ramp_kw_per_s: f64) -> Limits {
    // the band is drawn as a band
    let lines = table.get(at(site::F_HZ)).limits.iter().filter(|l| !l.name.starts_with("normal"));
    Limits { f0_hz, f_hz: lines.map(|l| (l.name.clone(), l.value)).collect(), rated_kw, ramp_kw_per_s }
}

/// The state hashes of the run done again against those recorded, in a line.
fn compared(run: &RunFile, again: &[u64]) -> String {
    let saved = run.hashes.iter().zip(again).filter(|(h, _)| !h.is_empty());
    let (mut all, mut first) = (0, None);
    for (k, (saved, now)) in saved.enumerate() {
        all += 1;
        if first.is_none() && *saved != format!("{now:016x}") {
            first = Some(k + 1);
        }
    }
    match first {
        _ if all == 0 => "Score: from the log run again; the recording holds no state hashes to compare.".to_owned(),
        None => format!("Score: from the log run again; the state is the same at each of {all} seconds."),
        Some(t) if run.version != env!("CARGO_PKG_VERSION") => {
            format!("Score: from the log run again by another version; the state differs from second {t} on.")
        }
        Some(t) => format!("SCORE IN DOUBT: the log run again differs from the recording from second {t} on."),
    }
}

/// SHA-256 of a text, hexadecimal.
fn hash_of(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}
