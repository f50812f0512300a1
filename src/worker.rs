//! The thread that owns the twin, at its desk, while a console looks at it.
//!
//! One loop of three phases: take commands, compute for at most 8 ms, publish at most 30 times a second. So a pause or
//! a step takes effect within a slice, and every command is answered by an update whose [`Update::acked`] has reached
//! its sequence number. Frozen, with nothing to tell, the thread sleeps.
//!
//! Commands are applied in the order they were sent. Those behind a [`Command::Step`] wait until its ticks are done;
//! a Pause, Load or Restart among them cuts it short. A Step while running does nothing.
//!
//! The worker never waits for the console and never drops a row or an event of the epoch in view: what does not fit
//! into the channel is merged, and when too much waits, the twin waits too and says so ([`Update::stalled`]). A [`Tap`]
//! (the journal) hears all of it first, and the twin waits for that as well. It knows
//! no GUI type: `wake` asks for a repaint. It decides when ticks happen, never what they compute.

mod forecasts;
mod handle;
pub mod msg;
mod outbox;
pub mod pace;
mod tap;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Select, Sender, TryRecvError, bounded};

use crate::acts::Block;
use crate::engine::forecast::{self, Forecast};
use crate::training::Desk;
use crate::training::msg::DeskAct;
use forecasts::{AFTER_ACT, Forecasts};
pub use handle::{SendError, TwinHandle};
pub use msg::{Command, Speed, Update};
use outbox::{Outbox, Sent};
use pace::Pacer;
pub use tap::{News, Tap};

/// Commands that may wait for the worker.
pub const COMMANDS: usize = 64;
/// Updates that may wait for the console.
pub const UPDATES: usize = 4;

/// Longest time between two looks at the commands.
const SLICE: Duration = Duration::from_millis(8);
/// Time between two updates of a run.
const PUBLISH: Duration = Duration::from_micros(33_333);
/// Time between two looks at a tap that is full.
const TAP_POLL: Duration = Duration::from_millis(5);
/// Commands behind an unfinished step above which the step is cut short.
const MAX_BACKLOG: usize = 1024;

/// Asks the console for a repaint.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Starts the worker, frozen at the present tick of the desk at speed 1. It publishes a first update at once and calls
/// `wake` after each one, and once more when it ends.
#[must_use]
pub fn spawn(desk: Desk, wake: Wake) -> TwinHandle {
    spawn_with(desk, None, wake)
}

/// As [`spawn`], with a tap that hears the run too.
#[must_use]
pub fn spawn_with(desk: Desk, tap: Option<Box<dyn Tap>>, wake: Wake) -> TwinHandle {
    let (command_in, command_out) = bounded(COMMANDS);
    let (update_in, update_out) = bounded(UPDATES);
    let thread = Builder::new().name("ballast-twin".to_owned()).spawn(move || {
        // Declared first, so it is dropped last: the receiver is disconnected by then.
        let _at_end = WakeAtEnd(Arc::clone(&wake));
        Worker { tap, ..Worker::new(desk, command_out, update_in, wake) }.run();
    });
    TwinHandle::of_thread(command_in, update_out, thread)
}

struct WakeAtEnd(Wake);

impl Drop for WakeAtEnd {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// The owner has left.
struct Left;

struct Worker {
    desk: Desk,
    commands: Receiver<(u64, Command)>,
    backlog: VecDeque<(u64, Command)>,
    outbox: Outbox,
    tap: Option<Box<dyn Tap>>,
    /// The tap has to catch up first.
    tap_full: bool,
    wake: Wake,
    start: Instant,
    pacer: Pacer,
    epoch: u32,
    acked: u64,
    running: bool,
    /// Ticks of a step still to do.
    steps: u64,
    /// Something to tell at once.
    dirty: bool,
    publish_due: Duration,
    forecasts: Forecasts,
    forecast: Option<Arc<Forecast>>,
}

impl Worker {
    fn new(desk: Desk, commands: Receiver<(u64, Command)>, updates: Sender<Update>, wake: Wake) -> Self {
        let pacer = Pacer::new(Speed::Times(1.0), desk.tick_s(), Duration::ZERO);
        let mut forecasts = Forecasts::default();
        forecasts.want(AFTER_ACT);
        Self {
            desk,
            commands,
            backlog: VecDeque::new(),
            outbox: Outbox::new(updates),
            tap: None,
            tap_full: false,
            wake,
            start: Instant::now(),
            pacer,
            epoch: 0,
            acked: 0,
            running: false,
            steps: 0,
            dirty: true,
            publish_due: Duration::ZERO,
            forecasts,
            forecast: None,
        }
    }

    fn run(mut self) {
        let mut stay = self.publish();
        while stay.is_ok() {
            stay = self.turn();
        }
    }

    fn turn(&mut self) -> Result<(), Left> {
        self.take_commands()?;
        let full = self.tap.as_mut().is_some_and(|t| t.full());
        // That the twin waits is news by itself.
        self.dirty |= full != self.tap_full;
        self.tap_full = full;
        self.compute();
        self.forecast();
        self.publish()?;
        self.wait();
        Ok(())
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn advances(&self) -> bool {
        (self.running || self.steps > 0) && !self.outbox.stalled() && !self.tap_full
    }

    // Commands

    fn take_commands(&mut self) -> Result<(), Left> {
        while self.backlog.len() < MAX_BACKLOG {
            match self.commands.try_recv() {
                Ok(command) => self.backlog.push_back(command),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return Err(Left),
            }
        }
        let cuts = |c: &(u64, Command)| matches!(c.1, Command::Pause | Command::Load(_) | Command::Restart);
        if self.steps > 0 && (self.backlog.len() >= MAX_BACKLOG || self.backlog.iter().any(cuts)) {
            self.steps = 0;
            self.forecasts.want(self.now() + AFTER_ACT);
        }
        while self.steps == 0
            && let Some((seq, command)) = self.backlog.pop_front()
        {
            self.apply(command);
            self.acked = seq;
            self.dirty = true;
        }
        Ok(())
    }

    fn apply(&mut self, command: Command) {
        let now = self.now();
        match command {
            Command::Run if self.running => {}
            Command::Run => {
                self.running = true;
                self.pacer.restart(now);
                self.publish_due = now + PUBLISH;
            }
            Command::Pause => {
                // What was forecast last is old at a high speed, and nothing replaces it while frozen.
                if self.running {
                    self.forecasts.want(now + AFTER_ACT);
                }
                self.running = false;
            }
            Command::Step(ticks) => self.steps = if self.running { 0 } else { u64::from(ticks) },
            Command::Speed(speed) => self.pacer.set_speed(speed, now),
            Command::Operate(op) => {
                self.hear(|tick| News::Operate(tick, &op));
                self.desk.operate(op);
                // Running or not: what was forecast last knows nothing of the act.
                self.forecasts.want(now + AFTER_ACT);
            }
            Command::Desk(act) => self.at_desk(*act),
            Command::Load(scenario) => self.begin(|desk| desk.load(scenario)),
            Command::Restart => self.begin(Desk::restart),
            Command::Forecast => self.forecasts.want(now),
        }
    }

    /// Tells the tap of something at the tick that comes next.
    fn hear<'a>(&mut self, news: impl FnOnce(u64) -> News<'a>) {
        if let Some(tap) = &mut self.tap {
            tap.hear(news(self.desk.now_tick()));
        }
    }

    /// An act at the desk. Rows up to a step back belong before it, those after it behind it, and so do acts.
    fn at_desk(&mut self, act: DeskAct) {
        let rewinds = act.rewinds();
        if rewinds {
            self.hand_over();
        }
        self.hear(|tick| News::Desk(tick, &act));
        self.desk.act(&act);
        if rewinds {
            self.hand_over();
        }
        if !self.running {
            self.forecasts.want(self.now() + AFTER_ACT);
        }
    }

    fn hand_over(&mut self) {
        let update = self.collect();
        self.outbox.push(update);
    }

    /// A new epoch, frozen. The rows and events of the old one are handed over first.
    fn begin(&mut self, change: impl FnOnce(&mut Desk)) {
        self.hand_over();
        change(&mut self.desk);
        self.epoch = self.epoch.wrapping_add(1);
        self.running = false;
        let now = self.now();
        self.pacer = Pacer::new(self.pacer.speed(), self.desk.tick_s(), now);
        self.forecast = None;
        self.forecasts.reset();
        self.forecasts.want(now + AFTER_ACT);
    }

    // Ticks

    fn compute(&mut self) {
        if !self.advances() {
            // What the wall clock did meanwhile is not owed.
            self.pacer.restart(self.now());
            return;
        }
        let due = if self.running { self.pacer.due(self.now()) } else { self.steps };
        let until = Instant::now() + SLICE;
        let mut done = 0;
        let per_second = (1.0 / self.desk.tick_s()).round().max(1.0) as u64;
        while done < due {
            self.desk.tick();
            done += 1;
            if let Some(tap) = &mut self.tap
                && self.desk.now_tick().is_multiple_of(per_second)
            {
                let second = self.desk.now_tick() / per_second;
                tap.hear(News::Second { second, hash: self.desk.state_hash() });
            }
            if Instant::now() >= until {
                break;
            }
        }
        if self.running {
            self.pacer.paid(done, done == due);
        } else {
            self.steps -= done;
            if self.steps == 0 {
                self.dirty = true;
                self.forecasts.want(self.now() + AFTER_ACT);
            }
        }
    }

    fn forecast(&mut self) {
        if let Some(forecast) = self.forecasts.take(self.epoch) {
            self.forecast = Some(forecast);
            self.dirty = true;
        }
        let now = self.now();
        if self.advances() {
            self.forecasts.want_next(now);
        }
        self.forecasts.start(now, self.epoch, || forecast::job(self.desk.engine()));
    }

    // Updates

    fn publish(&mut self) -> Result<(), Left> {
        let now = self.now();
        if self.dirty || (self.advances() && now >= self.publish_due) {
            let update = self.collect();
            self.outbox.push(update);
            self.dirty = false;
            self.publish_due = now + PUBLISH;
        }
        if self.outbox.is_empty() {
            return Ok(());
        }
        match self.outbox.send(&*self.wake) {
            Sent::Gone => Err(Left),
            Sent::All | Sent::Waits => Ok(()),
        }
    }

    fn collect(&mut self) -> Update {
        let desk = &mut self.desk;
        let mut block = Block { width: desk.engine().table().len(), ..Block::default() };
        desk.take_block(&mut block);
        let mut events = Vec::new();
        desk.take_events(&mut events);
        let mut latest = Vec::with_capacity(desk.engine().table().len());
        desk.engine().latest(&mut latest);
        let now = self.start.elapsed();
        let update = Update {
            epoch: self.epoch,
            table: Arc::clone(desk.engine().table()),
            plate: Arc::clone(desk.engine().plate()),
            block,
            latest,
            t_s: desk.now_tick() as f64 * desk.tick_s(),
            status: desk.engine().status(),
            view: desk.engine().view(),
            events,
            acked: self.acked,
            running: self.running,
            speed: self.pacer.speed(),
            achieved_speed: if self.running { self.pacer.achieved(now) } else { 0.0 },
            coalesced: 0,
            stalled: self.tap_full,
            state_hash: desk.state_hash(),
            forecast: self.forecast.take(),
            desk: desk.take_view(),
            rewound_s: desk.take_rewound_s(),
            quality: Vec::new(),
        };
        if let Some(tap) = &mut self.tap {
            tap.hear(News::Update { update: &update, acts: self.desk.log().len() });
        }
        update
    }

    /// Sleeps until there is something to do: a command, a tick or an update that is due, room for an update that
    /// waits, a forecast that is due or done.
    fn wait(&self) {
        let now = self.now();
        let mut rest = self.forecasts.deadline().map(|due| due.saturating_sub(now));
        if self.advances() {
            let tick = if self.running { self.pacer.rest() } else { Duration::ZERO };
            let next = tick.min(self.publish_due.saturating_sub(now));
            rest = Some(rest.map_or(next, |r| r.min(next)));
        }
        if self.tap_full {
            rest = Some(rest.map_or(TAP_POLL, |r| r.min(TAP_POLL)));
        }
        if rest == Some(Duration::ZERO) {
            return;
        }
        let mut select = Select::new();
        select.recv(&self.commands);
        if let Some(result) = self.forecasts.result() {
            select.recv(result);
        }
        if !self.outbox.is_empty() {
            select.send(self.outbox.channel());
        }
        match rest {
            // Timing out is as good a reason to look as any.
            Some(rest) => drop(select.ready_timeout(rest)),
            None => drop(select.ready()),
        }
    }
}
