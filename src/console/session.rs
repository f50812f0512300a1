//! Where rows come from, and who may act: the type says it.
//!
//! Only a [`TwinHandle`] can send, and only the functions here that take one do. A [`LiveHandle`] has nothing to send
//! with. While a live source is shown the twin waits, frozen, with its own model, so two histories never meet.

use std::path::Path;
use std::sync::Arc;

use crossbeam_channel::Receiver;

use super::model::{Mode, Model};
use crate::engine::msg::{Command, Operate, Update};
use crate::engine::worker::{SendError, TwinHandle, Wake};
use crate::feed::{Ear, Feed, Info, Reference, Source, State, Way};

/// A source that is only read.
#[derive(Debug)]
pub struct LiveHandle {
    feed: Feed,
}

impl LiveHandle {
    /// Opens a CSV recording, to play it or to follow it.
    #[must_use]
    pub fn open(path: &Path, way: Way, reference: Option<Reference>, wake: Wake) -> Self {
        Self { feed: Feed::open(path, way, reference, wake) }
    }

    /// Follows a file that grows; `ear` hears what comes.
    #[must_use]
    pub fn follow(path: &Path, reference: Option<Reference>, ear: Option<Ear>, wake: Wake) -> Self {
        Self { feed: Feed::follow(path, reference, ear, wake) }
    }

    /// Plays what `source` gives, which came from `path`.
    #[must_use]
    pub fn play(path: &Path, source: Box<dyn Source>, wake: Wake) -> Self {
        Self { feed: Feed::play(path, source, wake) }
    }

    /// What is known of the source.
    #[must_use]
    pub fn info(&self) -> Info {
        self.feed.info()
    }

    /// Recording or plant.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match self.info().way {
            Way::Replay => Mode::Replay,
            Way::Follow => Mode::Live,
        }
    }

    /// Why it cannot go on, if it cannot.
    #[must_use]
    pub fn failed(&self) -> Option<String> {
        match self.info().state {
            State::Failed(trouble) => Some(trouble.to_string()),
            _ => None,
        }
    }

    /// The playback of a recording, which is no command to a plant.
    #[must_use]
    pub fn playback(&self) -> &Feed {
        &self.feed
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
            Self::Live(live) => &live.feed.updates,
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
