//! Work on a thread of its own, of which only the newest is wanted: while one is done, later wishes replace each other.
//!
//! The view says each frame what it wants and draws what it has; nothing here waits, and nothing is computed twice.

use std::thread;

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

use crate::worker::Wake;

/// What does the work.
type Work<I, O> = Box<dyn FnMut(&I) -> O + Send>;

/// The thread's ends: wishes go in with the waker that tells of their answer.
struct Ends<I, O> {
    jobs: Sender<(I, Wake)>,
    done: Receiver<O>,
}

/// One kind of work.
pub struct Latest<I, O> {
    name: &'static str,
    work: Option<Work<I, O>>,
    ends: Option<Ends<I, O>>,
    /// What the thread is at.
    at: Option<I>,
    got: Option<(I, O)>,
    stopped: bool,
}

impl<I: Clone + PartialEq + Send + 'static, O: Send + 'static> Latest<I, O> {
    /// Work that `work` does; the thread, of this name, starts with the first wish.
    #[must_use]
    pub fn new(name: &'static str, work: impl FnMut(&I) -> O + Send + 'static) -> Self {
        Self { name, work: Some(Box::new(work)), ends: None, at: None, got: None, stopped: false }
    }

    /// Takes in what is done, and has `wanted` done unless it is, or something is under way. Whether something new came.
    pub fn want(&mut self, wanted: &I, wake: &Wake) -> bool {
        let came = self.take();
        if self.at.is_none() && !self.is_current(wanted) && !self.stopped {
            self.start();
            let sent = self.ends.as_ref().is_some_and(|e| e.jobs.try_send((wanted.clone(), wake.clone())).is_ok());
            self.at = sent.then(|| wanted.clone());
        }
        came
    }

    /// The newest that is done, with what it is of.
    #[must_use]
    pub fn got(&self) -> Option<&(I, O)> {
        self.got.as_ref()
    }

    /// Whether that is what is wanted.
    #[must_use]
    pub fn is_current(&self, wanted: &I) -> bool {
        self.got.as_ref().is_some_and(|(of, _)| of == wanted)
    }

    /// Whether the thread has ended by itself: a mistake, to be told.
    #[must_use]
    pub fn has_stopped(&self) -> bool {
        self.stopped
    }

    fn take(&mut self) -> bool {
        let Some(ends) = &self.ends else { return false };
        match ends.done.try_recv() {
            Ok(out) => {
                let done = self.at.take().map(|of| (of, out));
                let came = done.is_some();
                self.got = done.or(self.got.take());
                came
            }
            Err(TryRecvError::Empty) => false,
            Err(TryRecvError::Disconnected) => {
                self.stopped = true;
                false
            }
        }
    }

    fn start(&mut self) {
        let Some(mut work) = self.work.take() else { return };
        let (jobs, inbox) = bounded::<(I, Wake)>(1);
        let (outbox, done) = bounded(1);
        let started = thread::Builder::new().name(self.name.to_owned()).spawn(move || {
            while let Ok((job, wake)) = inbox.recv() {
                if outbox.send(work(&job)).is_err() {
                    return;
                }
                wake();
            }
        });
        match started {
            Ok(_) => self.ends = Some(Ends { jobs, done }),
            Err(e) => {
                log::error!("no thread {}: {e}", self.name);
                self.stopped = true;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;

    fn wait<I: Clone + PartialEq + Send + 'static, O: Send + 'static>(l: &mut Latest<I, O>, wanted: &I) {
        let wake: Wake = Arc::new(|| ());
        for _ in 0..2000 {
            l.want(wanted, &wake);
            if l.is_current(wanted) {
                return;
            }
            thread::sleep(Duration::from_millis(1));
        }
        panic!("it was never done");
    }

    #[test]
    fn the_newest_wish_is_done_and_what_was_overtaken_is_not() {
        let (go, gate) = bounded::<()>(8);
        let count = Arc::new(AtomicU32::new(0));
        let theirs = Arc::clone(&count);
        let mut l = Latest::new("test", move |i: &u32| {
            gate.recv().ok();
            theirs.fetch_add(1, Ordering::Relaxed);
            i * 10
        });
        let wake: Wake = Arc::new(|| ());
        for i in 1..100 {
            l.want(&i, &wake);
        }
        assert!(l.got().is_none());
        (0..4).for_each(|_| go.send(()).unwrap_or_default());
        wait(&mut l, &99);
        assert_eq!(l.got(), Some(&(99, 990)));
        assert_eq!(count.load(Ordering::Relaxed), 2, "the first, and the last");
        l.want(&99, &wake);
        thread::sleep(Duration::from_millis(5));
        assert_eq!(count.load(Ordering::Relaxed), 2, "what is there is not done again");
    }
}
