//! The worker at a desk with a small plant. Waits are for conditions, with a generous time limit, never for a fixed time.

use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::{Duration, Instant};

use super::*;
use crate::acts::{EventKind, Operate, Plate};
use crate::plant::signals::SignalTable;
use crate::scenario::Scenario;
use crate::training::DeskConfig;

const PATIENCE: Duration = Duration::from_mins(1);
/// Ticks of 1 ms a row.
const ROW: u64 = 50;

/// What a test sees of a run from outside, and holds it by.
#[derive(Debug, Default)]
struct Probe {
    /// Full seconds of the run.
    seconds: AtomicU64,
    /// The tap takes nothing more.
    full: AtomicBool,
    /// The tap breaks at its next second.
    breaks: AtomicBool,
}

struct Ears(Arc<Probe>);

impl Tap for Ears {
    fn hear(&mut self, news: News<'_>) {
        if let News::Second { .. } = news {
            assert!(!self.0.breaks.load(SeqCst), "the ears fell off");
            self.0.seconds.fetch_add(1, SeqCst);
        }
    }
    fn full(&mut self) -> bool {
        self.0.full.load(SeqCst)
    }
}

fn desk() -> Desk {
    let text = "(purpose: \"one set and one load that nothing disturbs\", run_s: 60.0, plant: (
        gensets: [(name: \"G1\", preset: \"fast-response\")], aux: [(name: \"house\", kw: 300.0)],
        gpus: [], miners: [], bess: [], relays: none))";
    Desk::new(Arc::new(Scenario::from_str("small", "test", text, None).expect("a scenario")), DeskConfig::default())
}

fn ticks(u: &Update) -> u64 {
    (u.t_s * 1000.0).round() as u64
}

struct Rig {
    twin: TwinHandle,
    probe: Arc<Probe>,
    seen: Vec<Update>,
}

impl Rig {
    fn new() -> Self {
        Self::waking(Arc::new(|| {}))
    }

    fn waking(wake: Wake) -> Self {
        let probe = Arc::<Probe>::default();
        let twin = spawn_with(desk(), Some(Box::new(Ears(Arc::clone(&probe)))), wake);
        Self { twin, probe, seen: Vec::new() }
    }

    fn send(&mut self, command: Command) -> u64 {
        self.twin.send(command).expect("room for a command")
    }

    /// Receives until an update fulfils `wanted`; gives that one.
    #[track_caller]
    fn until(&mut self, wanted: impl Fn(&Update) -> bool) -> Update {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let u = self.twin.updates.recv_deadline(deadline).expect("an update in time");
            self.seen.push(u.clone());
            if wanted(&u) {
                return u;
            }
        }
    }

    #[track_caller]
    fn after(&mut self, command: Command) -> Update {
        let seq = self.send(command);
        self.until(|u| u.acked >= seq)
    }

    /// Ticks of all rows seen, in order, of one epoch.
    fn rows(&self, epoch: u32) -> Vec<u64> {
        let of = self.seen.iter().filter(|u| u.epoch == epoch);
        of.flat_map(|u| &u.block.t_s).map(|t| (t * 1000.0).round() as u64).collect()
    }

    fn event_seqs(&self, epoch: u32) -> Vec<u64> {
        self.seen.iter().filter(|u| u.epoch == epoch).flat_map(|u| &u.events).map(|e| e.seq).collect()
    }

    #[track_caller]
    fn assert_nothing_lost(&self, epoch: u32, ticks: u64) {
        assert_eq!(self.rows(epoch), (0..=ticks / ROW).map(|k| k * ROW).collect::<Vec<_>>());
        let events = self.event_seqs(epoch);
        assert_eq!(events, (0..events.len() as u64).collect::<Vec<_>>());
    }
}

#[track_caller]
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn tells_its_state_at_once_and_starts_frozen() {
    let mut rig = Rig::new();
    let u = rig.until(|_| true);
    assert_eq!((u.epoch, u.acked, u.running, u.t_s), (0, 0, false, 0.0));
    assert_eq!(u.plate.scenario, "small");
    assert_eq!(rig.after(Command::Speed(Speed::Max)).t_s, 0.0);
}

#[test]
fn a_step_is_exact() {
    let mut rig = Rig::new();
    for (n, total) in [(1, 1), (9, 10), (0, 10), (2500, 2510)] {
        rig.send(Command::Step(n));
        rig.until(|u| ticks(u) == total && !u.running);
    }
    assert_eq!(ticks(&rig.after(Command::Speed(Speed::Max))), 2510);
    rig.assert_nothing_lost(0, 2510);
}

#[test]
fn commands_behind_a_step_wait_for_it_and_a_pause_cuts_it_short() {
    let mut rig = Rig::new();
    rig.send(Command::Step(40));
    rig.send(Command::Operate(Operate::StartGenset(7)));
    rig.send(Command::Step(10));
    let end = rig.after(Command::Speed(Speed::Times(2.0)));
    assert_eq!((ticks(&end), end.speed), (50, Speed::Times(2.0)));
    let event =
        rig.seen.iter().flat_map(|u| &u.events).find(|e| e.kind == EventKind::Refused).expect("the act's event");
    assert_eq!(event.tick, 40);

    rig.send(Command::Step(u32::MAX));
    rig.until(|u| ticks(u) > 100);
    let still = rig.after(Command::Pause);
    assert_eq!(rig.after(Command::Speed(Speed::Max)).t_s, still.t_s);
}

#[test]
fn a_pause_holds_from_its_acknowledgement_on() {
    let mut rig = Rig::new();
    rig.send(Command::Speed(Speed::Max));
    rig.send(Command::Run);
    rig.until(|u| u.running && u.t_s > 1.0 && u.achieved_speed > 0.0);
    let u = rig.after(Command::Pause);
    assert!(!u.running);
    assert_eq!(u.achieved_speed, 0.0);
    assert_eq!(rig.after(Command::Operate(Operate::Hold)).t_s, u.t_s);
    rig.assert_nothing_lost(0, ticks(&u));
}

#[test]
fn it_is_never_faster_than_the_speed_it_was_asked_for() {
    let mut rig = Rig::new();
    rig.after(Command::Speed(Speed::Times(10.0)));
    let began = Instant::now();
    rig.after(Command::Run);
    let u = rig.until(|u| u.t_s > 2.0);
    assert!(began.elapsed().as_secs_f64() * 10.0 > u.t_s * 0.8, "{} s of {:?}", u.t_s, began.elapsed());
}

#[test]
fn a_slow_receiver_loses_nothing() {
    let mut rig = Rig::new();
    rig.send(Command::Speed(Speed::Times(100.0)));
    rig.send(Command::Run);
    for _ in 0..3 {
        let from = rig.probe.seconds.load(SeqCst);
        wait_until("the twin goes on while the console sleeps", || rig.probe.seconds.load(SeqCst) > from + 40);
        rig.until(|u| u.coalesced > 0);
    }
    let u = rig.after(Command::Pause);
    rig.assert_nothing_lost(0, ticks(&u));
    assert!(rig.seen.iter().all(|u| !u.stalled));
}

#[test]
fn it_waits_for_a_tap_that_is_full_and_says_so() {
    let mut rig = Rig::new();
    rig.send(Command::Speed(Speed::Max));
    rig.send(Command::Run);
    rig.until(|u| u.t_s > 1.0);
    rig.probe.full.store(true, SeqCst);
    let stood = rig.until(|u| u.stalled);
    let asked = rig.after(Command::Speed(Speed::Times(1000.0)));
    assert!(asked.stalled && asked.t_s == stood.t_s, "{} after {}", asked.t_s, stood.t_s);
    rig.probe.full.store(false, SeqCst);
    rig.until(|u| !u.stalled && u.t_s > stood.t_s);
    let u = rig.after(Command::Pause);
    rig.assert_nothing_lost(0, ticks(&u));
}

/// An update of an epoch with so many rows of so many signals.
fn update(epoch: u32, rows: usize, width: usize) -> Update {
    let table = Arc::new(SignalTable::new(&[], &[], &[]));
    let n = rows * width;
    let block = Block { width, t_s: vec![0.0; rows], min: vec![0.0; n], max: vec![0.0; n], last: vec![0.0; n] };
    Update { block, ..crate::feed::empty_update(epoch, table, Arc::new(Plate::default())) }
}

#[test]
fn when_too_much_waits_the_twin_is_told_to_wait() {
    let (update_in, update_out) = bounded(1);
    let mut outbox = Outbox::new(update_in);
    outbox.push(update(0, 1, 500));
    assert_eq!(outbox.send(&|| {}), Sent::All);
    for k in 0..40 {
        assert!(!outbox.stalled(), "{k}");
        outbox.push(update(0, 100, 500));
    }
    assert!(outbox.stalled());
    assert_eq!(outbox.send(&|| {}), Sent::Waits);
    assert_eq!(update_out.recv().map(|u| (u.block.rows(), u.stalled)), Ok((1, false)));
    assert_eq!(outbox.send(&|| {}), Sent::All);
    let rest = update_out.recv().expect("the rest");
    assert_eq!((rest.block.rows(), rest.block.last.len(), rest.coalesced, rest.stalled), (4000, 2_000_000, 39, true));
    assert!(!outbox.stalled());
}

#[test]
fn restart_begins_an_epoch_and_hands_over_the_old_one() {
    let mut rig = Rig::new();
    rig.send(Command::Step(500));
    let u = rig.after(Command::Restart);
    assert_eq!((u.epoch, u.running, u.t_s, u.block.rows()), (1, false, 0.0, 1), "frozen, with the row of t = 0");
    rig.assert_nothing_lost(0, 500);
    rig.send(Command::Step(200));
    rig.until(|u| ticks(u) == 200);
    rig.assert_nothing_lost(1, 200);
    assert!(rig.seen.windows(2).all(|w| w[0].epoch <= w[1].epoch));
}

#[test]
fn old_epochs_reach_a_slow_receiver_first() {
    let mut rig = Rig::new();
    let mut last = 0;
    for _ in 0..6 {
        rig.send(Command::Step(1000));
        last = rig.send(Command::Restart);
    }
    wait_until("all steps done", || rig.probe.seconds.load(SeqCst) == 6);
    rig.until(|u| u.acked == last);
    (0..6).for_each(|epoch| rig.assert_nothing_lost(epoch, 1000));
}

#[test]
fn a_panic_is_told() {
    let woken = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&woken);
    let mut rig = Rig::waking(Arc::new(move || {
        counter.fetch_add(1, SeqCst);
    }));
    rig.probe.breaks.store(true, SeqCst);
    assert_eq!(rig.twin.dead(), None);
    rig.send(Command::Step(1000));
    wait_until("it is told", || rig.twin.dead().is_some());
    assert_eq!(rig.twin.dead().as_deref(), Some("the ears fell off"));
    assert_eq!(rig.twin.dead(), rig.twin.dead());
    assert_eq!(rig.twin.send(Command::Run), Err(SendError::Gone));
    assert!(woken.load(SeqCst) >= 2, "woken for the first update and for the end");
}

#[test]
fn leaving_joins_even_at_full_speed() {
    let mut rig = Rig::new();
    rig.send(Command::Speed(Speed::Max));
    rig.send(Command::Run);
    rig.until(|u| u.t_s > 0.1);
    let Rig { twin, probe, .. } = rig;
    drop(twin);
    assert_eq!(Arc::strong_count(&probe), 1, "the thread has ended and left its tap");
}

#[test]
fn a_frozen_twin_has_a_forecast_from_where_it_stands() {
    let mut rig = Rig::new();
    rig.until(|u| u.forecast.is_some());
    for command in [Command::Step(500), Command::Run] {
        rig.after(command);
        let u = rig.after(Command::Pause);
        rig.until(|v| v.forecast.as_ref().is_some_and(|f| f.t0_s >= u.t_s));
    }
    rig.after(Command::Operate(Operate::Hold));
    assert!(!rig.until(|u| u.forecast.is_some()).running);
}

#[test]
fn a_frozen_twin_with_nothing_to_tell_sleeps() {
    let mut rig = Rig::new();
    rig.until(|u| u.forecast.is_some());
    rig.after(Command::Pause);
    // No update comes from now on; the wait may end early, never wrongly.
    assert!(rig.twin.updates.recv_timeout(Duration::from_millis(300)).is_err());
}

#[test]
fn a_handle_on_bare_channels_needs_no_thread() {
    let (command_in, command_out) = bounded(1);
    let (update_in, update_out) = bounded(1);
    let mut twin = TwinHandle::from_channels(command_in, update_out);
    assert_eq!(twin.send(Command::Run), Ok(1));
    assert_eq!(twin.send(Command::Pause), Err(SendError::Full));
    assert_eq!((twin.sent(), twin.dead()), (1, None));
    assert!(matches!(command_out.recv(), Ok((1, Command::Run))));
    assert_eq!(twin.send(Command::Pause), Ok(2));
    drop((command_out, update_in));
    assert_eq!(twin.send(Command::Run), Err(SendError::Gone));
    assert_eq!(twin.dead().as_deref(), Some("the twin has stopped"));
}
