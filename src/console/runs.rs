//! Runs for the Compare view, simulated on threads: at most two at once, at full speed, given up when nobody wants them.
//!
//! The view says each frame what it [wants](Runs::want); what is missing is started, what is no longer wanted is
//! stopped, what is done is kept for a while, so that going back to an earlier choice costs nothing. Nothing here waits.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

use crate::report::compare::lag::{self, Curve};
use crate::report::compare::run::{Parts, Run, again, saved, simulate};
use crate::report::compare::spec::{Change, force};
use crate::scenario::{Scenario, builtin_scenario};
use crate::worker::Wake;

/// Threads at once.
const AT_ONCE: usize = 2;
/// Finished jobs that are kept.
const KEPT: usize = 14;

/// Where a run comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A scenario that comes with the program.
    BuiltIn(String),
    /// A file: a scenario, a saved run or a recording. The last two run again with their acts, to their own end.
    File(PathBuf),
    /// Rows of the twin or of a plant as they were at one moment; the number tells moments apart.
    Live(u64, Arc<Parts>),
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::BuiltIn(a), Self::BuiltIn(b)) => a == b,
            (Self::File(a), Self::File(b)) => a == b,
            (Self::Live(a, _), Self::Live(b, _)) => a == b,
            _ => false,
        }
    }
}

/// A run to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// From what.
    pub source: Source,
    /// Its name.
    pub label: String,
    /// With what changes.
    pub change: Change,
    /// Forced to end as this one does.
    pub like: Option<Box<(Source, Change)>>,
    /// Simulated time, s.
    pub horizon_s: f64,
}

/// A job.
#[derive(Clone, Debug, PartialEq)]
pub enum Job {
    /// A run.
    Run(Order),
    /// The lag curve of a scenario on Path A with these changes.
    Curve(Source, Change),
}

/// How far a job is.
#[derive(Clone, Debug)]
pub enum State<T> {
    /// Done.
    Ready(Arc<T>),
    /// Share that is done.
    Running(f32),
    /// Waits for a thread.
    Waiting,
    /// Cannot be made; why.
    Failed(String),
}

#[derive(Clone, Debug)]
enum Made {
    Run(Arc<Run>),
    Curve(Arc<Curve>),
}

enum Reply {
    Part(Arc<Curve>),
    Done(Result<Option<Made>, String>),
}

struct Busy {
    job: Job,
    stop: Arc<AtomicBool>,
    permille: Arc<AtomicU32>,
    replies: Receiver<Reply>,
    part: Option<Arc<Curve>>,
}

/// The runs that are being made and those that are done.
#[derive(Default)]
pub struct Runs {
    busy: Vec<Busy>,
    made: VecDeque<(Job, Result<Made, String>)>,
}

impl Runs {
    /// Takes in what is done, gives up what is not among `jobs`, and starts what is missing, in their order.
    pub fn want(&mut self, jobs: &[Job], wake: &Wake) {
        self.collect();
        for b in self.busy.iter().filter(|b| !jobs.contains(&b.job)) {
            b.stop.store(true, Ordering::Relaxed);
        }
        for job in jobs {
            let known = self.made.iter().any(|(j, _)| j == job);
            let under_way = self.busy.iter().any(|b| b.job == *job && !b.stop.load(Ordering::Relaxed));
            if !known && !under_way && self.busy.len() < AT_ONCE {
                self.start(job.clone(), wake);
            }
        }
        while self.made.len() > KEPT {
            let Some(old) = self.made.iter().position(|(j, _)| !jobs.contains(j)) else { break };
            self.made.remove(old);
        }
    }

    /// Whether something is being made.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        !self.busy.is_empty()
    }

    /// A run.
    #[must_use]
    pub fn run(&self, order: &Order) -> State<Run> {
        let job = Job::Run(order.clone());
        match self.made.iter().find(|(j, _)| *j == job) {
            Some((_, Ok(Made::Run(run)))) => State::Ready(Arc::clone(run)),
            Some((_, Err(why))) => State::Failed(why.clone()),
            _ => match self.busy.iter().find(|b| b.job == job) {
                Some(b) => State::Running(b.permille.load(Ordering::Relaxed) as f32 / 1000.0),
                None => State::Waiting,
            },
        }
    }

    /// A lag curve as far as it is known, complete or not; an error in words.
    ///
    /// # Errors
    /// Why it cannot be made.
    pub fn curve(&self, source: &Source, change: &Change) -> Result<Option<Arc<Curve>>, String> {
        let is = |job: &Job| matches!(job, Job::Curve(s, c) if s == source && c == change);
        match self.made.iter().find(|(j, _)| is(j)) {
            Some((_, Ok(Made::Curve(curve)))) => Ok(Some(Arc::clone(curve))),
            Some((_, Err(why))) => Err(why.clone()),
            _ => Ok(self.busy.iter().find(|b| is(&b.job)).and_then(|b| b.part.clone())),
        }
    }

    fn collect(&mut self) {
        let mut done = Vec::new();
        self.busy.retain_mut(|b| {
            loop {
                match b.replies.try_recv() {
                    Ok(Reply::Part(curve)) => b.part = Some(curve),
                    Ok(Reply::Done(result)) => {
                        done.extend(result.transpose().map(|r| (b.job.clone(), r)));
                        return false;
                    }
                    Err(TryRecvError::Empty) => return true,
                    Err(TryRecvError::Disconnected) => {
                        done.push((b.job.clone(), Err("the thread of this run has stopped".to_owned())));
                        return false;
                    }
                }
            }
        });
        self.made.extend(done);
    }

    fn start(&mut self, job: Job, wake: &Wake) {
        let (tx, replies) = bounded(64);
        let (stop, permille) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let (its, progress, after) =
            (job.clone(), Progress { stop: Arc::clone(&stop), permille: Arc::clone(&permille), tx }, Arc::clone(wake));
        let started = thread::Builder::new().name("ballast-compare".to_owned()).spawn(move || {
            let result = make(&its, &progress, &after);
            if progress.tx.send(Reply::Done(result)).is_ok() {
                after();
            }
        });
        match started {
            Ok(_) => self.busy.push(Busy { job, stop, permille, replies, part: None }),
            Err(e) => self.made.push_back((job, Err(format!("no thread for this run: {e}")))),
        }
    }
}

impl Drop for Runs {
    fn drop(&mut self) {
        self.busy.iter().for_each(|b| b.stop.store(true, Ordering::Relaxed));
    }
}

/// The thread's ends.
struct Progress {
    stop: Arc<AtomicBool>,
    permille: Arc<AtomicU32>,
    tx: Sender<Reply>,
}

impl Progress {
    /// Notes the share that is done; wakes the window when it shows. Whether to go on.
    fn go(&self, share: f32, wake: &Wake) -> bool {
        let permille = (share * 1000.0) as u32;
        if self.permille.swap(permille, Ordering::Relaxed) / 50 != permille / 50 {
            wake();
        }
        !self.stop.load(Ordering::Relaxed)
    }
}

fn make(job: &Job, progress: &Progress, wake: &Wake) -> Result<Option<Made>, String> {
    match job {
        Job::Run(order) => {
            let run = run(order, &mut |share| progress.go(share, wake))?;
            Ok(run.map(|r| Made::Run(Arc::new(r))))
        }
        Job::Curve(source, change) => {
            let a = change.apply(load(source)?);
            let mut known = 0;
            let curve = lag::curve(&a, change.lag_sigma.unwrap_or(0.0), &mut |curve| {
                if curve.points.len() > known {
                    known = curve.points.len();
                    // A part that finds no room is followed by a longer one.
                    progress.tx.try_send(Reply::Part(Arc::new(curve.clone()))).ok();
                }
                progress.go(known as f32 / lag::LAGS_S.len() as f32, wake)
            });
            Ok(curve.map(|c| Made::Curve(Arc::new(c))))
        }
    }
}

fn run(order: &Order, go: &mut dyn FnMut(f32) -> bool) -> Result<Option<Run>, String> {
    if let Source::Live(_, parts) = &order.source {
        return Ok(Some(Run::new(Parts { name: order.label.clone(), ..parts.as_ref().clone() })));
    }
    if let Source::File(path) = &order.source
        && let Some(saved) = saved(path)
    {
        return again(&order.label, &saved?, go);
    }
    let mut scenario = order.change.apply(load(&order.source)?);
    if let Some(like) = &order.like
        && !matches!(like.0, Source::Live(..))
    {
        let mut pair = [like.1.apply(load(&like.0)?), scenario];
        force(&mut pair);
        let [_, forced] = pair;
        scenario = forced;
    }
    Ok(simulate(&order.label, Arc::new(scenario), order.horizon_s, go))
}

fn load(source: &Source) -> Result<Scenario, String> {
    match source {
        Source::BuiltIn(name) => {
            builtin_scenario(name).ok_or_else(|| format!("there is no scenario {name}"))?.map_err(|e| e.to_string())
        }
        Source::File(path) => match saved(path) {
            Some(saved) => saved?.scenario(),
            None => Scenario::load(path).map_err(|e| e.to_string()),
        },
        Source::Live(_, parts) => {
            let known = parts.scenario.as_ref().map(|s| s.as_ref().clone());
            known.ok_or_else(|| format!("the scenario of {} is not known", parts.name))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn order(name: &str, horizon_s: f64) -> Order {
        Order {
            source: Source::BuiltIn(name.to_owned()),
            label: name.to_owned(),
            change: Change::default(),
            like: None,
            horizon_s,
        }
    }

    fn wait(runs: &mut Runs, jobs: &[Job], until: impl Fn(&Runs) -> bool) {
        let wake: Wake = Arc::new(|| ());
        for _ in 0..6000 {
            runs.want(jobs, &wake);
            if until(runs) {
                return;
            }
            thread::sleep(Duration::from_millis(10));
        }
        unreachable!("a job did not end within a minute");
    }

    #[test]
    fn runs_are_made_two_at_once_kept_and_given_up() {
        let mut runs = Runs::default();
        let orders: Vec<Order> = ["path-a", "path-b-500", "b-restore"].map(|n| order(n, 2.0)).to_vec();
        let jobs: Vec<Job> = orders.iter().cloned().map(Job::Run).collect();
        let ready = |r: &Runs, o: &Order| matches!(r.run(o), State::Ready(_));
        runs.want(&jobs, &(Arc::new(|| ()) as Wake));
        assert!(runs.is_busy() && runs.busy.len() == 2);
        wait(&mut runs, &jobs, |r| orders.iter().all(|o| ready(r, o)));
        // a long run that nobody wants any more ends by itself, and the others are still there
        let long = Job::Run(order("path-a", 90_000.0));
        runs.want(std::slice::from_ref(&long), &(Arc::new(|| ()) as Wake));
        wait(&mut runs, &jobs, |r| !r.is_busy());
        assert!(orders.iter().all(|o| ready(&runs, o)));
        assert!(runs.made.iter().all(|(j, _)| *j != long));
    }

    #[test]
    fn what_cannot_be_made_says_why() {
        let mut runs = Runs::default();
        let bad = order("no-such", 2.0);
        wait(&mut runs, &[Job::Run(bad.clone())], |r| matches!(r.run(&bad), State::Failed(_)));
        let State::Failed(why) = runs.run(&bad) else { return };
        assert_eq!(why, "there is no scenario no-such");
    }
}
