//! The console's end of the worker.

use std::sync::Mutex;
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, TrySendError};

use crate::worker::{Command, Update};

/// Why a command was not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// The worker has not taken the commands before it; try again in the next frame.
    #[error("the twin is busy, command not sent")]
    Full,
    /// There is no worker any more; [`TwinHandle::dead`] says why.
    #[error("the twin has stopped, command not sent")]
    Gone,
}

#[derive(Debug)]
enum Life {
    /// A thread of ours.
    Runs(JoinHandle<()>),
    /// The other ends belong to somebody else, so there is nothing to join.
    Foreign,
    /// It is over, and why.
    Over(String),
}

/// Owner of the worker thread: sends commands, receives updates, joins it when dropped. Whoever holds it by `&mut` may
/// act on the twin; nothing else can.
#[derive(Debug)]
pub struct TwinHandle {
    /// `None` only while it is dropped.
    commands: Option<Sender<(u64, Command)>>,
    seq: u64,
    life: Mutex<Life>,
    /// What the worker tells. Read it with `try_recv` on the UI thread.
    pub updates: Receiver<Update>,
}

impl TwinHandle {
    /// A handle on bare channel ends, with no thread behind it: for tests that play the worker themselves.
    #[must_use]
    pub fn from_channels(commands: Sender<(u64, Command)>, updates: Receiver<Update>) -> Self {
        Self::build(commands, updates, Life::Foreign)
    }

    pub(super) fn of_thread(
        commands: Sender<(u64, Command)>,
        updates: Receiver<Update>,
        thread: std::io::Result<JoinHandle<()>>,
    ) -> Self {
        let life = match thread {
            Ok(thread) => Life::Runs(thread),
            Err(e) => Life::Over(format!("cannot start the twin's thread: {e}")),
        };
        Self::build(commands, updates, life)
    }

    fn build(commands: Sender<(u64, Command)>, updates: Receiver<Update>, life: Life) -> Self {
        Self { commands: Some(commands), seq: 0, life: Mutex::new(life), updates }
    }

    /// Sends a command and gives its sequence number, from 1; [`Update::acked`] reaches it when the worker has applied
    /// or refused the command. Never waits.
    ///
    /// # Errors
    /// If the worker is busy or gone.
    pub fn send(&mut self, command: Command) -> Result<u64, SendError> {
        let seq = self.seq + 1;
        let commands = self.commands.as_ref().ok_or(SendError::Gone)?;
        match commands.try_send((seq, command)) {
            Ok(()) => {
                self.seq = seq;
                Ok(seq)
            }
            Err(TrySendError::Full(_)) => Err(SendError::Full),
            Err(TrySendError::Disconnected(_)) => {
                if let Ok(mut life) = self.life.lock()
                    && matches!(*life, Life::Foreign)
                {
                    *life = Life::Over("the twin has stopped".to_owned());
                }
                Err(SendError::Gone)
            }
        }
    }

    /// Sequence number of the newest command sent, 0 before the first.
    #[must_use]
    pub fn sent(&self) -> u64 {
        self.seq
    }

    /// Why the worker is dead, if it is: the message of its panic. Never waits.
    #[must_use]
    pub fn dead(&self) -> Option<String> {
        let mut life = self.life.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Life::Runs(thread) = &*life
            && thread.is_finished()
            && let Life::Runs(thread) = std::mem::replace(&mut *life, Life::Foreign)
        {
            *life = Life::Over(reason(thread));
        }
        match &*life {
            Life::Over(why) => Some(why.clone()),
            Life::Runs(_) | Life::Foreign => None,
        }
    }
}

impl Drop for TwinHandle {
    fn drop(&mut self) {
        // The worker leaves at its next look at the channel, at most a slice from now.
        self.commands = None;
        let life = self.life.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Life::Runs(thread) = std::mem::replace(life, Life::Foreign)
            && thread.thread().id() != std::thread::current().id()
        {
            let why = thread.join();
            if why.is_err() {
                log::error!("the twin's thread ended in a panic");
            }
        }
    }
}

/// Joins a thread that has ended and says how.
fn reason(thread: JoinHandle<()>) -> String {
    match thread.join() {
        Ok(()) => "the twin has stopped".to_owned(),
        Err(payload) => payload
            .downcast_ref::<&str>()
            .map(|s| (*s).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "the twin stopped for an unknown reason".to_owned()),
    }
}
