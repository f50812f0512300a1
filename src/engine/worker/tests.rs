//! The worker against a fake run. Waits are for conditions, with a generous time limit, never for a fixed time.

use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};

use super::fake::{Fake, Probe};
use super::*;

const PATIENCE: Duration = Duration::from_mins(1);

struct Rig {
    twin: TwinHandle,
    probe: Arc<Probe>,
    seen: Vec<Update>,
}

impl Rig {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut Fake)) -> Self {
        let probe = Arc::default();
        let mut fake = Fake::new(&probe);
        change(&mut fake);
        Self { twin: spawn(fake, Arc::new(|| {})), probe, seen: Vec::new() }
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
    fn rows(&self, epoch: u32) -> Vec<f64> {
        let of = self.seen.iter().filter(|u| u.epoch == epoch);
        of.flat_map(|u| u.block.last.chunks(u.block.width.max(1)).map(|row| row[0])).collect()
    }

    fn event_seqs(&self, epoch: u32) -> Vec<u64> {
        self.seen.iter().filter(|u| u.epoch == epoch).flat_map(|u| &u.events).map(|e| e.seq).collect()
    }

    #[track_caller]
    fn assert_nothing_lost(&self, epoch: u32, row_ticks: u64) {
        let rows = self.rows(epoch);
        for (i, row) in rows.iter().enumerate() {
            assert_eq!(*row, ((i as u64 + 1) * row_ticks) as f64, "row {i}");
        }
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

/// Waits until the number no longer changes for a while.
#[track_caller]
fn wait_still(what: &str, read: impl Fn() -> u64) -> u64 {
    let (mut last, mut since) = (read(), Instant::now());
    wait_until(what, || {
        let now = read();
        if now != last {
            (last, since) = (now, Instant::now());
        }
        since.elapsed() > Duration::from_millis(300)
    });
    last
}

#[test]
fn tells_its_state_at_once_and_starts_frozen() {
    let mut rig = Rig::new();
    let u = rig.until(|_| true);
    assert_eq!((u.epoch, u.acked, u.running, u.t_s), (0, 0, false, 0.0));
    assert_eq!(u.plate.scenario, "fake");
    assert_eq!(rig.probe.ticks.load(SeqCst), 0);
}

#[test]
fn a_step_is_exact() {
    let mut rig = Rig::new();
    for (n, total) in [(1, 1), (9, 10), (0, 10), (25_000, 25_010)] {
        rig.send(Command::Step(n));
        let u = rig.until(|u| u.state_hash == total && !u.running);
        assert_eq!(u.latest, [total as f64; 3]);
    }
    rig.after(Command::Speed(Speed::Max));
    assert_eq!(rig.probe.ticks.load(SeqCst), 25_010);
    rig.assert_nothing_lost(0, 5);
    assert_eq!(rig.rows(0).len(), 5002);
}

#[test]
fn commands_behind_a_step_wait_for_it_and_a_pause_cuts_it_short() {
    let mut rig = Rig::new();
    rig.send(Command::Step(40));
    rig.send(Command::Operate(Operate::Hold));
    rig.send(Command::Step(10));
    let end = rig.after(Command::Speed(Speed::Times(2.0)));
    assert_eq!((end.state_hash, end.speed), (50, Speed::Times(2.0)));
    let event = rig.seen.iter().flat_map(|u| &u.events).next().expect("the act's event");
    assert_eq!((event.tick, event.text.as_str()), (41, "Hold"));

    rig.send(Command::Step(u32::MAX));
    rig.until(|u| u.state_hash > 100);
    rig.after(Command::Pause);
    let still = rig.probe.ticks.load(SeqCst);
    rig.after(Command::Speed(Speed::Max));
    assert_eq!(rig.probe.ticks.load(SeqCst), still);
}

#[test]
fn a_pause_holds_from_its_acknowledgement_on() {
    let mut rig = Rig::new();
    rig.send(Command::Speed(Speed::Max));
    rig.send(Command::Run);
    rig.until(|u| u.running && u.state_hash > 1000 && u.achieved_speed > 0.0);
    let u = rig.after(Command::Pause);
    assert!(!u.running);
    assert_eq!(u.achieved_speed, 0.0);
    assert_eq!(rig.probe.ticks.load(SeqCst), u.state_hash);
    let u2 = rig.after(Command::Operate(Operate::Hold));
    assert_eq!(u2.state_hash, u.state_hash);
    rig.assert_nothing_lost(0, 5);
}

#[test]
fn it_keeps_the_speed_it_was_asked_for() {
    let mut rig = Rig::new();
    rig.after(Command::Speed(Speed::Times(50.0)));
    rig.after(Command::Run);
    let began = Instant::now();
    let u = rig.until(|u| u.t_s > 10.0);
    // 10 s at 50 times take 0.2 s; a busy machine may be slower but never faster.
    assert!(began.elapsed().as_secs_f64() * 50.0 > u.t_s * 0.8, "{} s of {:?}", u.t_s, began.elapsed());
}

#[test]
fn a_slow_receiver_loses_nothing() {
    let mut rig = Rig::new();
    rig.send(Command::Speed(Speed::Times(1000.0)));
    rig.send(Command::Run);
    for _ in 0..3 {
        let from = rig.probe.ticks.load(SeqCst);
        wait_until("the twin goes on while the console sleeps", || rig.probe.ticks.load(SeqCst) > from + 30_000);
        rig.until(|u| u.coalesced > 0);
    }
    let u = rig.after(Command::Pause);
    let total = u.state_hash;
    rig.assert_nothing_lost(0, 5);
    assert_eq!(rig.rows(0).len() as u64, total / 5);
    assert_eq!(rig.event_seqs(0).len() as u64, total / 100);
    assert!(rig.seen.iter().all(|u| !u.stalled));
}

#[test]
fn it_waits_for_a_console_that_takes_nothing_and_says_so() {
    let mut rig = Rig::with(|f| {
        f.width = 500;
        f.row_ticks = 1;
    });
    rig.send(Command::Speed(Speed::Max));
    rig.send(Command::Run);
    wait_until("it has begun", || rig.probe.ticks.load(SeqCst) > 0);
    let ticks = wait_still("the twin stalls", || rig.probe.ticks.load(SeqCst));
    assert!(ticks < 1_000_000, "{ticks} rows wait");
    let u = rig.until(|u| u.latest[0] >= ticks as f64);
    assert!(u.stalled && u.latest[0] == ticks as f64, "stalled {} at {}, stood at {ticks}", u.stalled, u.latest[0]);
    rig.until(|u| !u.stalled && u.latest[0] > ticks as f64);
    rig.after(Command::Pause);
    rig.assert_nothing_lost(0, 1);
}

#[test]
fn restart_begins_an_epoch_and_hands_over_the_old_one() {
    let mut rig = Rig::new();
    rig.send(Command::Step(50));
    let u = rig.after(Command::Restart);
    assert_eq!((u.epoch, u.running, u.t_s, u.block.rows()), (1, false, 0.0, 0));
    assert_eq!(rig.rows(0), (1..=10).map(|k| f64::from(k * 5)).collect::<Vec<_>>());
    rig.send(Command::Step(20));
    rig.until(|u| u.state_hash == 20);
    assert_eq!(rig.rows(1), [5.0, 10.0, 15.0, 20.0]);
    assert!(rig.seen.windows(2).all(|w| w[0].epoch <= w[1].epoch));
}

#[test]
fn old_epochs_reach_a_slow_receiver_first() {
    let mut rig = Rig::new();
    let mut last = 0;
    for _ in 0..6 {
        rig.send(Command::Step(10));
        last = rig.send(Command::Restart);
    }
    wait_still("all steps done", || rig.probe.ticks.load(SeqCst));
    rig.until(|u| u.acked == last);
    for epoch in 0..6 {
        assert_eq!(rig.rows(epoch), [5.0, 10.0], "epoch {epoch}");
    }
}

#[test]
fn a_panic_is_told() {
    let woken = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let probe = Arc::default();
    let mut fake = Fake::new(&probe);
    fake.panic_at = 7;
    let counter = Arc::clone(&woken);
    let mut twin = spawn(
        fake,
        Arc::new(move || {
            counter.fetch_add(1, SeqCst);
        }),
    );
    assert_eq!(twin.dead(), None);
    twin.send(Command::Step(10)).expect("alive");
    wait_until("it is told", || twin.dead().is_some());
    assert_eq!(twin.dead().as_deref(), Some("the rotor left the building at tick 7"));
    assert_eq!(twin.dead(), twin.dead());
    assert_eq!(twin.send(Command::Run), Err(SendError::Gone));
    assert!(woken.load(SeqCst) >= 2, "woken for the first update and for the end");
}

#[test]
fn leaving_joins_fast_even_at_full_speed() {
    let mut rig = Rig::new();
    rig.send(Command::Speed(Speed::Max));
    rig.send(Command::Run);
    rig.until(|u| u.state_hash > 100);
    rig.probe.forecast_gate.store(true, SeqCst);
    let Rig { twin, probe, .. } = rig;
    let began = Instant::now();
    drop(twin);
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    let ticks = probe.ticks.load(SeqCst);
    assert_eq!(ticks, probe.ticks.load(SeqCst));
    probe.forecast_gate.store(false, SeqCst);
}

#[test]
fn forecasts_come_by_themselves_one_at_a_time() {
    let mut rig = Rig::new();
    rig.probe.forecast_gate.store(true, SeqCst);
    rig.send(Command::Run);
    for _ in 0..5 {
        rig.after(Command::Forecast);
    }
    wait_until("one is being made", || rig.probe.forecasting.load(SeqCst) == 1);
    rig.probe.forecast_gate.store(false, SeqCst);
    rig.until(|u| u.forecast.is_some());
    rig.until(|u| u.forecast.is_some());
    rig.after(Command::Pause);
    assert_eq!(rig.probe.most_at_once.load(SeqCst), 1);

    rig.after(Command::Operate(Operate::Hold));
    let done = rig.probe.forecasts.load(SeqCst);
    let u = rig.until(|u| u.forecast.is_some());
    assert!(!u.running && rig.probe.forecasts.load(SeqCst) >= done);
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
}

#[test]
fn a_forecast_that_panics_does_no_harm() {
    let mut rig = Rig::new();
    rig.probe.forecast_panics.store(true, SeqCst);
    rig.after(Command::Forecast);
    wait_until("it began", || rig.probe.most_at_once.load(SeqCst) == 1);
    rig.probe.forecast_panics.store(false, SeqCst);
    rig.after(Command::Forecast);
    let deadline = Instant::now() + PATIENCE;
    while rig.seen.iter().all(|u| u.forecast.is_none()) && Instant::now() < deadline {
        rig.after(Command::Forecast);
    }
    assert!(rig.seen.iter().any(|u| u.forecast.is_some()));
    assert_eq!(rig.twin.dead(), None);
}

#[test]
fn a_forecast_of_an_old_epoch_is_thrown_away() {
    let mut rig = Rig::new();
    rig.probe.forecast_gate.store(true, SeqCst);
    rig.send(Command::Step(100));
    rig.after(Command::Forecast);
    wait_until("it began", || rig.probe.forecasting.load(SeqCst) == 1);
    rig.after(Command::Restart);
    rig.probe.forecast_gate.store(false, SeqCst);
    let u = rig.until(|u| u.forecast.is_some());
    assert_eq!((u.epoch, u.forecast.map(|f| f.t0_s)), (1, Some(0.0)));
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
