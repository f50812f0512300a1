//! Par for the run in view, searched on a thread of its own and kept by scenario, so that a view asks every frame and
//! never waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use crate::scenario::Scenario;
use crate::training::par::{Found, Task};
use crate::training::score::Live;

/// Answers that are kept.
const KEPT: usize = 16;

/// A search that goes on.
#[derive(Debug)]
struct Job {
    key: u64,
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    answer: Receiver<Option<Found>>,
}

/// Where a search stands.
#[derive(Clone, Debug)]
pub enum Par {
    /// Found.
    Found(Arc<Found>),
    /// So many bring-ups have been run.
    Searching(usize),
    /// Nothing reaches the target, or the search was stopped.
    None,
}

/// Searches, one at a time, and their answers.
#[derive(Debug, Default)]
pub struct ParSearch {
    known: Vec<(u64, Option<Arc<Found>>)>,
    job: Option<Job>,
    /// What was asked for last, and its key, which is a hash of all of it: scenario, malfunctions so far.
    last: Option<(Arc<Scenario>, usize, u64)>,
}

impl ParSearch {
    /// Par of a run; begins to search when it is not known. `wake` is called when there is an answer.
    pub fn of(&mut self, live: &Live, wake: impl FnOnce() + Send + 'static) -> Par {
        self.poll();
        let key = self.key(live);
        if let Some((_, found)) = self.known.iter().find(|(k, _)| *k == key) {
            return found.clone().map_or(Par::None, Par::Found);
        }
        match &self.job {
            Some(job) if job.key == key => return Par::Searching(job.done.load(Ordering::Relaxed)),
            // another scenario: its par is no longer wanted
            Some(_) => self.stop(),
            None => {}
        }
        self.job = start(Task::of(live), key, wake);
        if self.job.is_some() { Par::Searching(0) } else { Par::None }
    }

    /// Par of a run, if it is known; begins nothing.
    #[must_use]
    pub fn known(&self, live: &Live) -> Option<Arc<Found>> {
        let (.., key) = self.last.as_ref().filter(|(s, ..)| Arc::ptr_eq(s, &live.scenario))?;
        self.known.iter().find(|(k, _)| k == key)?.1.clone()
    }

    /// Ends the search; par stays unknown until [`Self::again`].
    pub fn stop(&mut self) {
        if let Some(job) = self.job.take() {
            job.stop.store(true, Ordering::Relaxed);
            self.keep(job.key, None);
        }
    }

    /// Forgets that nothing was found.
    pub fn again(&mut self) {
        self.known.retain(|(_, found)| found.is_some());
    }

    fn key(&mut self, live: &Live) -> u64 {
        match &self.last {
            Some((s, known, key)) if Arc::ptr_eq(s, &live.scenario) && *known == live.known.len() => *key,
            _ => {
                let key = Task::of(live).key();
                self.last = Some((Arc::clone(&live.scenario), live.known.len(), key));
                key
            }
        }
    }

    fn poll(&mut self) {
        let Some(job) = &self.job else { return };
        let answer = match job.answer.try_recv() {
            Ok(answer) => answer,
            Err(TryRecvError::Empty) => return,
            Err(TryRecvError::Disconnected) => None,
        };
        let key = job.key;
        self.job = None;
        self.keep(key, answer.map(Arc::new));
    }

    fn keep(&mut self, key: u64, found: Option<Arc<Found>>) {
        self.known.push((key, found));
        if self.known.len() > KEPT {
            self.known.remove(0);
        }
    }
}

impl Drop for ParSearch {
    fn drop(&mut self) {
        self.stop();
    }
}

fn start(task: Task, key: u64, wake: impl FnOnce() + Send + 'static) -> Option<Job> {
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let (tx, answer) = bounded(1);
    let (told, count) = (Arc::clone(&stop), Arc::clone(&done));
    let started = std::thread::Builder::new().name("ballast-par".to_owned()).spawn(move || {
        let found = task.search(&mut |n| {
            count.store(n, Ordering::Relaxed);
            !told.load(Ordering::Relaxed)
        });
        if tx.send(found).is_ok() {
            wake();
        }
    });
    match started {
        Ok(_) => Some(Job { key, stop, done, answer }),
        Err(e) => {
            log::error!("no thread for the search of par: {e}");
            None
        }
    }
}
