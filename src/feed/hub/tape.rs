//! The switch of the recorder: whoever holds the hub asks for a recording, the hub's thread makes it, and both see how it
//! goes. A recording that cannot begin or go on is told in an event; the feed goes on.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use crate::feed::link::Heard;
use crate::feed::map::Map;
use crate::feed::record::{Bounds, Origin, Recorder, State};
use crate::feed::site::Site;
use crate::feed::tags::Taken;
use crate::lock::lock;

/// What is asked for: a recording in a folder, or none.
pub(super) type Wanted = Option<(PathBuf, Bounds)>;

/// What the holder of the hub and its thread share.
#[derive(Debug, Default)]
pub(super) struct Switch {
    pub(super) wanted: Mutex<Option<Wanted>>,
    pub(super) state: Mutex<Option<State>>,
}

/// The recording of a hub, while there is one.
#[derive(Debug, Default)]
pub(super) struct Tape {
    recorder: Option<Recorder>,
    /// What became of the readings that are being heard.
    pub(super) taken: Vec<Taken>,
}

impl Tape {
    /// Begins and ends what was asked for, and gives what there is to say. `path` is where the map came from.
    pub(super) fn look(&mut self, switch: &Switch, map: &Arc<Map>, path: &str, origin: Origin) -> Vec<String> {
        let mut said = self.recorder.as_mut().map_or_else(Vec::new, Recorder::news);
        match lock(&switch.wanted).take() {
            None => {}
            Some(None) => {
                if let Some(recorder) = self.recorder.take() {
                    let mut state = recorder.close();
                    said.append(&mut state.take_news());
                    said.push(format!("recording ended, {} readings: {}", state.readings, state.path.display()));
                    *lock(&switch.state) = Some(state);
                }
            }
            Some(Some((dir, bounds))) => match Recorder::start(&dir, map, path, origin, bounds) {
                Ok(recorder) => {
                    said.push(format!("recording begins: {}", recorder.state().path.display()));
                    self.recorder = Some(recorder);
                }
                Err(why) => {
                    *lock(&switch.state) = Some(State { trouble: Some(why.clone()), closed: true, ..State::default() });
                    said.push(format!("not recorded: {why}"));
                }
            },
        }
        if let Some(recorder) = &self.recorder {
            *lock(&switch.state) = Some(recorder.state());
        }
        said
    }

    /// Keeps what the site has just heard.
    pub(super) fn hear(&mut self, at_s: f64, heard: &Heard, site: &Site) {
        if let Some(recorder) = &mut self.recorder {
            recorder.hear(at_s, heard, &self.taken, site);
        }
    }
}
