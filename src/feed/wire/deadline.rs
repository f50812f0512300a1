//! Why an exchange fails, and by when it has to be over.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use crate::feed::modbus::Misfit;

/// Why a link cannot go on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No address, refused, closed, reset.
    #[error("{0}")]
    Link(String),
    /// Nothing in time.
    #[error("no answer in {} ms", .0.as_millis())]
    TimeOut(Duration),
    /// The answer cannot belong to the request.
    #[error("{0}")]
    Misfit(#[from] Misfit),
    /// The other side does not speak the protocol, or says no.
    #[error("{0}")]
    Protocol(String),
}

impl Trouble {
    pub(super) fn of(e: &std::io::Error, timeout: Duration) -> Self {
        match e.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => Self::TimeOut(timeout),
            ErrorKind::UnexpectedEof => Self::Link("the other side closed the connection".to_owned()),
            _ => Self::Link(e.to_string()),
        }
    }
}

/// A point in time that a whole exchange has to meet.
#[derive(Clone, Copy)]
pub(super) struct Deadline {
    at: Instant,
    pub(super) timeout: Duration,
}

impl Deadline {
    pub(super) fn after(timeout: Duration) -> Self {
        Self { at: Instant::now() + timeout, timeout }
    }

    pub(super) fn left(self) -> Result<Duration, Trouble> {
        let left = self.at.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Trouble::TimeOut(self.timeout)) } else { Ok(left) }
    }
}
