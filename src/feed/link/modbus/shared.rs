//! Gateways: all units behind one `host:port` share one connection, and take their turns.
//!
//! Many gateways from TCP to a serial line take one client only, and answer one question at a time. A unit that does not
//! answer costs the others its time-out; a connection that is out of step is dropped, and whoever asks next opens another.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use crate::feed::link::Job;
use crate::feed::modbus::{Answer, ReadReq};
use crate::feed::wire::{Echo, Modbus, Trouble};
use crate::lock::lock;

/// How a gateway is met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Manners {
    pub echo: Echo,
    /// Longest time that connecting may take.
    pub connect: Duration,
    /// Time after it in which nothing is asked.
    pub settle: Duration,
}

type Line = Arc<Mutex<Option<Modbus>>>;

/// The gateways of a site, by `host:port`.
#[derive(Clone, Default)]
pub(in crate::feed::link) struct Gateways(Arc<Mutex<BTreeMap<String, Line>>>);

impl Gateways {
    /// The one at `host`, as one endpoint meets it.
    pub(super) fn of(&self, host: &str, manners: Manners) -> Gateway {
        let mut all = lock(&self.0);
        let line = Arc::clone(all.entry(host.to_owned()).or_default());
        Gateway { host: host.to_owned(), manners, line }
    }
}

/// A gateway as one endpoint uses it.
pub(super) struct Gateway {
    host: String,
    manners: Manners,
    line: Line,
}

impl Gateway {
    fn lock(&self) -> MutexGuard<'_, Option<Modbus>> {
        lock(&self.line)
    }

    /// Whether the connection is there and can be used after a time-out.
    pub(super) fn in_step(&self) -> bool {
        self.lock().as_ref().is_some_and(Modbus::in_step)
    }

    /// Asks when it is our turn; gives the answer, how long it took, and how many late answers have been passed over. After
    /// an error the connection is closed, unless `keep` and it is in step.
    pub(super) fn ask(
        &self,
        job: &Job,
        request: ReadReq,
        timeout: Duration,
        keep: bool,
    ) -> Result<(Answer, Duration, u64), Trouble> {
        let mut line = self.lock();
        let device = match &mut *line {
            Some(device) => device,
            none => {
                let opened = Modbus::connect(&self.host, self.manners.echo, self.manners.connect)?;
                job.rest(Instant::now() + self.manners.settle);
                none.insert(opened)
            }
        };
        let begun = Instant::now();
        let outcome = device.read(&request, timeout, &job.sent);
        let late = device.late;
        if outcome.is_err() && !(keep && device.in_step()) {
            *line = None;
        }
        outcome.map(|answer| (answer, begun.elapsed(), late))
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // The last one to leave closes the connection; the registry holds the other end.
        if Arc::strong_count(&self.line) <= 2 {
            *self.lock() = None;
        }
    }
}
