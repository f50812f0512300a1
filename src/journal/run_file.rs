//! A run as a small file: scenario text, seed, acts, and the state hashes that they gave (RON).
//!
//! The scenario's text is inside, so the file stands alone (but for CSV traces that it names). A run that was taken back
//! is saved as the line of branches that led to its end: the acts that were left behind are no part of it.

use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Header;
use crate::acts::{Block, Event, Plate};
use crate::alarm::Database;
use crate::scenario::parameter::{self, Setting};
use crate::scenario::{Scenario, preset};
use crate::training::desk::{Desk, DeskConfig};
use crate::training::msg::DeskAct;

/// A saved run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunFile {
    /// Program version that made it.
    pub version: String,
    /// Scenario's name.
    pub name: String,
    /// Folder that CSV traces are read from.
    pub base_dir: Option<String>,
    /// Scenario's text.
    pub scenario: String,
    /// Seed.
    pub seed: u64,
    /// Preset from the command line, if any.
    pub preset: Option<String>,
    /// Parameters from the command line, each `NAME=VALUE`, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<String>,
    /// Text of the alarm set, where it is not the one that comes with the program: acts name alarms by their place in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarms: Option<String>,
    /// Simulated length.
    pub until_s: f64,
    /// Acts in their order, on the plant and at the desk: the tick at whose start each acted, and the act.
    pub desk: Vec<(u64, DeskAct)>,
    /// State hash at each full second, hexadecimal; empty where it was not recorded.
    pub hashes: Vec<String>,
}

/// What came of running a saved run again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Seconds run.
    pub seconds: usize,
    /// Hashes that were compared.
    pub compared: usize,
    /// First second at whose end the state differs.
    pub first_difference_s: Option<usize>,
    /// Whether the hashes are of another version of the program.
    pub other_version: bool,
}

impl Replayed {
    /// Whether every recorded second was reached with the same state.
    #[must_use]
    pub fn same(&self) -> bool {
        self.first_difference_s.is_none()
    }

    /// One line.
    #[must_use]
    pub fn text(&self) -> String {
        let all = self.compared == self.seconds;
        match self.first_difference_s {
            Some(t) => format!("the state differs from second {t} on"),
            None if all => format!("{} s replayed, every state hash the same", self.seconds),
            None => {
                format!("{} s replayed, {} state hashes the same, the rest not recorded", self.seconds, self.compared)
            }
        }
    }
}

impl RunFile {
    /// Of a run without acts yet.
    #[must_use]
    pub fn begin(plate: &Plate) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            name: plate.scenario.clone(),
            base_dir: folder_of(&plate.origin),
            scenario: plate.source.to_string(),
            seed: plate.seed,
            ..Self::default()
        }
    }

    pub(super) fn of_header(h: &Header) -> Self {
        Self {
            version: h.version.clone(),
            name: h.scenario.clone(),
            base_dir: folder_of(&h.origin),
            scenario: h.source.clone(),
            seed: h.seed,
            preset: h.preset.clone(),
            set: h.set.clone(),
            alarms: h.alarms.clone(),
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, tick: u64, text: &str) -> Result<(), String> {
        let act = ron::from_str(text)
            .map_err(|e| format!("a command that this version does not know at tick {tick}: {}", e.code))?;
        self.desk.push((tick, act));
        Ok(())
    }

    /// Notes the state at a full second, from 1.
    pub fn hash(&mut self, second: u64, hash: u64) {
        let Some(place) = (second as usize).checked_sub(1) else { return };
        if self.hashes.len() <= place {
            self.hashes.resize(place + 1, String::new());
        }
        self.hashes[place] = format!("{hash:016x}");
        self.until_s = self.until_s.max(second as f64);
    }

    /// The run that goes on from `t_s` of this one with its first `acts` acts.
    #[must_use]
    pub(super) fn back_to(&self, t_s: f64, acts: usize) -> Self {
        let mut back = self.clone();
        back.desk.truncate(acts);
        back.hashes.truncate((t_s + 1e-9) as usize);
        back.until_s = back.until_s.min(t_s);
        back
    }

    /// The scenario, ready to run.
    ///
    /// # Errors
    /// In one line, if this version cannot read it.
    pub fn scenario(&self) -> Result<Scenario, String> {
        if self.scenario.is_empty() {
            return Err("rows of a followed source: there is no run to do again".to_owned());
        }
        let base = self.base_dir.as_deref().map(Path::new);
        let mut s = Scenario::from_str(&self.name, "saved run", &self.scenario, base).map_err(|e| e.to_string())?;
        s.seed = self.seed;
        if let Some(name) = &self.preset {
            let p = preset::preset(name).ok_or_else(|| format!("unknown preset {name}"))?;
            preset::apply_to_plant(&p, &mut s.plant);
        }
        let settings = self.set.iter().map(|t| Setting::parse(t)).collect::<Result<Vec<_>, _>>()?;
        parameter::apply(&settings, &mut s)?;
        if self.until_s > 0.0 {
            s.run_s = self.until_s;
        }
        Ok(s)
    }

    /// The desk that it was run at: with its own alarm set, if it had one.
    ///
    /// # Errors
    /// In one line, if this version cannot read the alarm set.
    pub fn desk_config(&self) -> Result<DeskConfig, String> {
        let read = |text: &String| Database::from_ron("alarm set of the saved run", text);
        let alarms = self.alarms.as_ref().map(read).transpose().map_err(|e| e.to_string())?;
        Ok(DeskConfig { alarms: alarms.map(Arc::new), ..DeskConfig::default() })
    }

    /// Whether a file is meant to be one: its first words are.
    #[must_use]
    pub fn is_one(path: &Path) -> bool {
        let mut head = Vec::new();
        let read = std::fs::File::open(path).and_then(|f| f.take(256).read_to_end(&mut head));
        read.is_ok()
            && String::from_utf8_lossy(&head).trim_start_matches(['(', ' ', '\n', '\r']).starts_with("version:")
    }

    /// Reads one.
    ///
    /// # Errors
    /// In one line with line and column.
    pub fn load(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{e}: {}", path.display()))?;
        ron::from_str(&text).map_err(|e| {
            let (line, col) = (e.span.start.line, e.span.start.col);
            format!("not a saved run: {} at line {line} column {col}: {}", e.code, path.display())
        })
    }

    /// Its text.
    ///
    /// # Errors
    /// If a number in it has no text.
    pub fn text(&self) -> Result<String, String> {
        let pretty = ron::ser::PrettyConfig::new().depth_limit(2);
        ron::ser::to_string_pretty(self, pretty).map_err(|e| e.to_string())
    }

    /// Writes it.
    ///
    /// # Errors
    /// In one line.
    pub fn save(&self, path: &Path) -> Result<(), String> {
        std::fs::write(path, self.text()?).map_err(|e| format!("{e}: {}", path.display()))
    }

    /// Starts it again.
    ///
    /// # Errors
    /// If this version cannot read the scenario or the alarm set.
    pub fn start(&self) -> Result<Again, String> {
        let s = self.scenario()?;
        let desk = Desk::new(Arc::new(s), self.desk_config()?);
        let tick_s = desk.tick_s();
        let result = Replayed {
            seconds: 0,
            compared: 0,
            first_difference_s: None,
            other_version: self.version != env!("CARGO_PKG_VERSION"),
        };
        let end = (self.until_s / tick_s).round() as u64;
        Ok(Again { run: self.clone(), desk, next: 0, end, per_second: (1.0 / tick_s).round() as u64, result })
    }

    /// Runs it again to its end.
    ///
    /// # Errors
    /// If this version cannot read the scenario.
    pub fn replay(&self) -> Result<Replayed, String> {
        let mut again = self.start()?;
        let (mut block, mut events) = (Block::default(), Vec::new());
        while again.second(&mut block, &mut events) {
            block = Block { width: block.width, ..Block::default() };
            events.clear();
        }
        Ok(again.result)
    }
}

/// A saved run that runs again, second by second.
#[derive(Debug)]
pub struct Again {
    /// The saved run.
    pub run: RunFile,
    /// The desk with the run, at the end of the last second.
    pub desk: Desk,
    next: usize,
    end: u64,
    per_second: u64,
    /// What has come of it so far.
    pub result: Replayed,
}

impl Again {
    /// Runs to the next full second, or to the end, and appends rows and events; false at the end.
    pub fn second(&mut self, block: &mut Block, events: &mut Vec<Event>) -> bool {
        if self.desk.now_tick() >= self.end {
            return false;
        }
        while self.desk.now_tick() < self.end {
            let now = self.desk.now_tick();
            while let Some((_, act)) = self.run.desk.get(self.next).filter(|(tick, _)| *tick <= now) {
                self.desk.act(act);
                self.next += 1;
            }
            self.desk.tick();
            if self.desk.now_tick().is_multiple_of(self.per_second) {
                self.compare();
                break;
            }
        }
        self.desk.take_block(block);
        self.desk.take_events(events);
        true
    }

    fn compare(&mut self) {
        let r = &mut self.result;
        r.seconds += 1;
        let Some(saved) = self.run.hashes.get(r.seconds - 1).filter(|h| !h.is_empty()) else { return };
        r.compared += 1;
        if r.first_difference_s.is_none() && *saved != format!("{:016x}", self.desk.state_hash()) {
            r.first_difference_s = Some(r.seconds);
        }
    }
}

/// Folder of a scenario file; none for what comes with the program.
fn folder_of(origin: &str) -> Option<String> {
    let path = Path::new(origin);
    path.is_file().then(|| path.parent().map(|p| p.display().to_string())).flatten()
}
