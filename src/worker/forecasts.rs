//! When a forecast is made, and the thread that makes it: never more than one at a time, never on the worker.

use std::sync::Arc;
use std::thread::Builder;
use std::time::Duration;

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use crate::engine::forecast::Forecast;

/// Wall time between two forecasts of a run.
pub(super) const EVERY: Duration = Duration::from_secs(2);
/// Wait after an operator's act; more acts in between make one forecast.
pub(super) const AFTER_ACT: Duration = Duration::from_millis(300);

/// A forecast to make: runs anywhere, reads a copy of the twin.
pub(super) type ForecastJob = Box<dyn FnOnce() -> Forecast + Send>;

#[derive(Debug, Default)]
pub(super) struct Forecasts {
    due: Option<Duration>,
    started: Option<Duration>,
    /// Epoch that it is for, and where it will come out.
    making: Option<(u32, Receiver<Forecast>)>,
}

impl Forecasts {
    /// Asks for one at `at`, or earlier if one was asked for already.
    pub(super) fn want(&mut self, at: Duration) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// Asks for the next of a run: [`EVERY`] after the last, at once if there was none.
    pub(super) fn want_next(&mut self, now: Duration) {
        if self.due.is_none() && self.making.is_none() {
            self.want(self.started.map_or(now, |s| (s + EVERY).max(now)));
        }
    }

    /// A new epoch: what was asked for is void, what is being made will be thrown away.
    pub(super) fn reset(&mut self) {
        self.due = None;
        self.started = None;
    }

    /// When the worker must look again; none while one is being made, which wakes it through [`Self::result`].
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.due.filter(|_| self.making.is_none())
    }

    /// Channel of the one that is being made.
    pub(super) fn result(&self) -> Option<&Receiver<Forecast>> {
        self.making.as_ref().map(|(_, r)| r)
    }

    /// Starts one if it is due.
    pub(super) fn start(&mut self, now: Duration, epoch: u32, job: impl FnOnce() -> ForecastJob) {
        if self.deadline().is_none_or(|due| now < due) {
            return;
        }
        self.due = None;
        self.started = Some(now);
        let (out, result) = bounded(1);
        let job = job();
        let thread = Builder::new().name("ballast-forecast".to_owned()).spawn(move || {
            // Nobody waits for it when the worker has gone meanwhile.
            drop(out.try_send(job()));
        });
        match thread {
            // Not joined: it ends by itself, and leaving the twin must not wait for it.
            Ok(_) => self.making = Some((epoch, result)),
            Err(e) => log::error!("cannot start the forecast's thread: {e}"),
        }
    }

    /// The one that was being made, if it is done and still of this epoch.
    pub(super) fn take(&mut self, epoch: u32) -> Option<Arc<Forecast>> {
        let (of, result) = self.making.as_ref()?;
        let current = *of == epoch;
        match result.try_recv() {
            Err(TryRecvError::Empty) => None,
            Ok(forecast) => {
                self.making = None;
                current.then(|| Arc::new(forecast))
            }
            Err(TryRecvError::Disconnected) => {
                log::error!("the forecast's thread ended in a panic");
                self.making = None;
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

    use super::*;

    const NOW: Duration = Duration::ZERO;

    fn forecast(t0_s: f64) -> Forecast {
        Forecast::empty(t0_s, Default::default(), (60.0, 0.0))
    }

    /// Asks until there is an answer, or the one that was being made is over.
    fn outcome(forecasts: &mut Forecasts, epoch: u32) -> Option<f64> {
        while forecasts.making.is_some() {
            if let Some(f) = forecasts.take(epoch) {
                return Some(f.t0_s);
            }
            std::thread::yield_now();
        }
        None
    }

    #[test]
    fn one_at_a_time_and_the_next_when_it_is_due() {
        let (open, gate) = bounded::<()>(1);
        let begun = Arc::new(AtomicU64::new(0));
        let job = || -> ForecastJob {
            let (gate, begun) = (gate.clone(), Arc::clone(&begun));
            Box::new(move || {
                begun.fetch_add(1, SeqCst);
                gate.recv().expect("a gate");
                forecast(1.0)
            })
        };
        let mut f = Forecasts::default();
        for _ in 0..3 {
            f.want(NOW);
            f.start(NOW, 0, job);
        }
        assert_eq!(f.deadline(), None, "what is being made wakes the worker by itself");
        open.send(()).expect("somebody waits");
        assert_eq!(outcome(&mut f, 0), Some(1.0));
        assert_eq!(begun.load(SeqCst), 1);
        assert_eq!(f.deadline(), Some(NOW), "asked for meanwhile");
        f.start(NOW, 0, job);
        f.want_next(NOW);
        assert_eq!(f.deadline(), None);
        open.send(()).expect("somebody waits");
        assert_eq!(outcome(&mut f, 0), Some(1.0));
        f.want_next(NOW);
        assert_eq!(f.deadline(), Some(EVERY));
    }

    #[test]
    fn a_panic_and_an_old_epoch_give_none() {
        let mut f = Forecasts::default();
        f.want(NOW);
        f.start(NOW, 0, || Box::new(|| panic!("no forecast today")));
        assert_eq!(outcome(&mut f, 0), None);
        f.want(NOW);
        f.start(NOW, 0, || Box::new(|| forecast(2.0)));
        f.reset();
        assert_eq!(outcome(&mut f, 1), None);
        f.want(NOW);
        f.start(NOW, 1, || Box::new(|| forecast(3.0)));
        assert_eq!(outcome(&mut f, 1), Some(3.0));
    }
}
