//! Where rows come from, and who may act: the type says it.
//!
//! Only a [`TwinHandle`] can send, and only the functions here that take one do. A [`LiveHandle`] has nothing to send
//! with but acts on this console's own alarms. While a live source is shown the twin waits, frozen, with its own model, so two histories never meet.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crossbeam_channel::Receiver;

use super::model::{Mode, Model};
use super::shadow::Blueprint;
use crate::acts::Operate;
use crate::alarm;
use crate::feed::record::{self, Bounds, Controls, Playback, Reader};
use crate::feed::{Ear, Feed, Hub, Info, Intake, Reference, SiteView, Source, State, Way, hub};
use crate::worker::{Command, SendError, TwinHandle, Update, Wake};

/// A source that is only read.
#[derive(Debug)]
pub struct LiveHandle {
    rows: Rows,
    /// What can be asked of the recording of a site, once it is open.
    tape: Option<Arc<OnceLock<Arc<Controls>>>>,
}

#[derive(Debug)]
enum Rows {
    /// A file that is played, or that grows.
    File(Feed),
    /// The devices of a site.
    Site(Hub),
}

impl LiveHandle {
    /// Opens a CSV recording, to play it or to follow it.
    #[must_use]
    pub fn open(path: &Path, way: Way, reference: Option<Reference>, wake: Wake) -> Self {
        Self { rows: Rows::File(Feed::open(path, way, reference, wake)), tape: None }
    }

    /// Connects to the devices that the map at `path` names, to read them.
    #[must_use]
    pub fn connect(path: &Path, reference: Option<Reference>, wake: Wake) -> Self {
        Self::of_site(Hub::open(path, reference, wake))
    }

    /// Of a site, however its hub was started.
    #[must_use]
    pub fn of_site(hub: Hub) -> Self {
        Self { rows: Rows::Site(hub), tape: None }
    }

    /// Follows a file that grows; `ear` hears what comes.
    #[must_use]
    pub fn follow(path: &Path, reference: Option<Reference>, ear: Option<Ear>, wake: Wake) -> Self {
        Self { rows: Rows::File(Feed::follow(path, reference, ear, wake)), tape: None }
    }

    /// Plays what `source` gives, which came from `path`.
    #[must_use]
    pub fn play(path: &Path, source: Box<dyn Source>, wake: Wake) -> Self {
        Self { rows: Rows::File(Feed::play(path, source, wake)), tape: None }
    }

    /// Plays the recording of a site that the file at `path` is part of.
    #[must_use]
    pub fn tape(path: &Path, reference: Option<Reference>, wake: Wake) -> Self {
        let slot = Arc::new(OnceLock::new());
        let (file, theirs) = (path.to_owned(), Arc::clone(&slot));
        let hub = Hub::start(path, reference, wake, move || {
            let playback = Playback::new(Reader::open(&file).map_err(|e| e.to_string())?);
            // it is opened once
            theirs.set(playback.controls()).ok();
            Ok((playback.map(), Box::new(playback) as Box<dyn Intake>))
        });
        Self { rows: Rows::Site(hub), tape: Some(slot) }
    }

    /// Speed, place and loop of the recording of a site; none while it opens, and for every other source.
    #[must_use]
    pub fn controls(&self) -> Option<&Controls> {
        self.tape.as_ref()?.get().map(Arc::as_ref)
    }

    /// Begins a recording of the site in a folder, or ends it. False where there is nothing to record.
    #[must_use]
    pub fn record(&self, to: Option<(PathBuf, Bounds)>) -> bool {
        match &self.rows {
            Rows::Site(hub) if self.tape.is_none() => hub.record(to),
            _ => return false,
        }
        true
    }

    /// How the recording of the site goes, or went; none before the first.
    #[must_use]
    pub fn recording(&self) -> Option<record::State> {
        match &self.rows {
            Rows::File(_) => None,
            Rows::Site(hub) => hub.recording(),
        }
    }

    /// What is known of a file that is played or followed.
    #[must_use]
    pub fn info(&self) -> Option<Info> {
        self.file().map(Feed::info)
    }

    /// The file, or the map of the site.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        match &self.rows {
            Rows::File(feed) => feed.info().path,
            Rows::Site(hub) => hub.path().to_owned(),
        }
    }

    /// Usual time between two rows, s; 0 while unknown.
    #[must_use]
    pub fn period_s(&self) -> f64 {
        match &self.rows {
            Rows::File(feed) => feed.info().period_s,
            Rows::Site(_) => hub::ROW_S,
        }
    }

    /// When the newest value of each signal stood in a file, s; empty for other sources.
    #[must_use]
    pub fn value_t_s(&self) -> Vec<f64> {
        self.file().map(Feed::info).map(|i| i.value_t_s).unwrap_or_default()
    }

    /// Recording or plant.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match self.info().map(|i| i.way) {
            None if self.tape.is_some() => Mode::Replay,
            Some(Way::Replay) => Mode::Replay,
            Some(Way::Follow) | None => Mode::Live,
        }
    }

    /// Why it cannot go on, if it cannot.
    #[must_use]
    pub fn failed(&self) -> Option<String> {
        match &self.rows {
            Rows::File(feed) => match feed.info().state {
                State::Failed(trouble) => Some(trouble.to_string()),
                _ => None,
            },
            Rows::Site(hub) => match hub.state() {
                hub::State::Failed(why) => Some(why),
                _ => None,
            },
        }
    }

    /// The file that is played or followed; freezing a playback is no command to a plant.
    #[must_use]
    pub fn file(&self) -> Option<&Feed> {
        match &self.rows {
            Rows::File(feed) => Some(feed),
            Rows::Site(_) => None,
        }
    }

    /// Whether it is a site that is asked.
    #[must_use]
    pub fn is_site(&self) -> bool {
        matches!(self.rows, Rows::Site(_))
    }

    /// Tags and links of the site, as of its newest row.
    #[must_use]
    pub fn site(&self) -> Option<Arc<SiteView>> {
        match &self.rows {
            Rows::File(_) => None,
            Rows::Site(hub) => hub.view(),
        }
    }

    /// Has the link of an endpoint try again now, if it waits for its next attempt.
    pub fn retry_now(&self, endpoint: usize) {
        if let Rows::Site(hub) = &self.rows {
            hub.retry_now(Some(endpoint));
        }
    }

    /// Does something to an alarm of this console. False where there are none, or it was not taken.
    #[must_use]
    pub fn alarm(&self, act: alarm::Act) -> bool {
        match &self.rows {
            Rows::File(feed) => feed.act(act),
            Rows::Site(hub) => hub.act(act),
        }
    }

    /// Puts a line into the source's sequence of events, and so into its journal. False if it was not taken.
    #[must_use]
    pub fn note(&self, object: String, text: String) -> bool {
        match &self.rows {
            Rows::File(feed) => feed.note(object, text),
            Rows::Site(hub) => hub.note(object, text),
        }
    }
}

/// The source in view.
#[derive(Debug)]
pub enum Session {
    /// The twin.
    Twin(TwinHandle),
    /// A recording or a plant, read only.
    Live(LiveHandle),
}

impl Session {
    /// Rows of either.
    #[must_use]
    pub fn updates(&self) -> &Receiver<Update> {
        match self {
            Self::Twin(twin) => &twin.updates,
            Self::Live(live) => match &live.rows {
                Rows::File(feed) => &feed.updates,
                Rows::Site(hub) => &hub.updates,
            },
        }
    }

    /// How the console presents it.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match self {
            Self::Twin(_) => Mode::Twin,
            Self::Live(live) => live.mode(),
        }
    }

    /// Why there will be no more rows, if so.
    #[must_use]
    pub fn dead(&self) -> Option<String> {
        match self {
            Self::Twin(twin) => twin.dead(),
            Self::Live(live) => live.failed(),
        }
    }

    /// The twin, if that is what is shown: the only way to an act.
    pub fn twin(&mut self) -> Option<&mut TwinHandle> {
        match self {
            Self::Twin(twin) => Some(twin),
            Self::Live(_) => None,
        }
    }

    /// The live source, if that is what is shown.
    #[must_use]
    pub fn live(&self) -> Option<&LiveHandle> {
        match self {
            Self::Twin(_) => None,
            Self::Live(live) => Some(live),
        }
    }
}

/// Acts on the twin.
///
/// # Errors
/// If the worker is busy or gone.
pub fn operate(twin: &mut TwinHandle, op: Operate) -> Result<u64, SendError> {
    twin.send(Command::Operate(op))
}

/// Runs, freezes, loads: everything that is not an act on the plant.
///
/// # Errors
/// If the worker is busy or gone.
pub fn command(twin: &mut TwinHandle, command: Command) -> Result<u64, SendError> {
    twin.send(command)
}

/// A twin that waits while a live source is shown.
pub struct Parked {
    twin: TwinHandle,
    model: Option<Box<Model>>,
}

/// The session in view and the twin behind it.
pub struct Sources {
    /// In view.
    pub session: Session,
    /// Behind a live source.
    parked: Option<Parked>,
}

impl Sources {
    /// Starts with this one.
    #[must_use]
    pub fn new(session: Session) -> Self {
        Self { session, parked: None }
    }

    /// Whether there is a twin to go back to.
    #[must_use]
    pub fn has_parked(&self) -> bool {
        self.parked.is_some()
    }

    /// Shows a live source instead. The twin in view, if any, is frozen and kept with its model.
    pub fn go_live(&mut self, live: LiveHandle, model: Option<Box<Model>>) {
        if let Session::Twin(mut twin) = std::mem::replace(&mut self.session, Session::Live(live)) {
            if let Err(e) = command(&mut twin, Command::Pause) {
                log::warn!("the twin was not frozen: {e}");
            }
            self.parked = Some(Parked { twin, model });
        }
    }

    /// Closes the live source and shows the twin again; gives the model that waited with it.
    pub fn back_to_twin(&mut self) -> Option<Option<Box<Model>>> {
        let Parked { twin, model } = self.parked.take()?;
        self.session = Session::Twin(twin);
        Some(model)
    }

    /// The plant of the twin behind a live source; none without one.
    #[must_use]
    pub fn blueprint(&self) -> Option<Blueprint> {
        self.parked.as_ref().and_then(|p| p.model.as_deref()).map(Blueprint::of)
    }

    /// What the twin behind a live source lends it.
    #[must_use]
    pub fn reference(&self, shown: Option<&Model>) -> Option<Reference> {
        let model = match &self.parked {
            Some(parked) => parked.model.as_deref(),
            None => shown.filter(|m| m.mode == Mode::Twin),
        }?;
        Some(Reference { table: Arc::clone(&model.table), plate: Arc::clone(&model.plate) })
    }
}
