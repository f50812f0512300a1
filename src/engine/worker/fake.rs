//! A run of made-up numbers for the worker's tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::Runner;
use crate::control::Status;
use crate::engine::msg::{Block, DeskAct, DeskView, Event, EventKind, Forecast, Operate, PlantView, Plate};
use crate::plant::signals::SignalTable;
use crate::scenario::Scenario;

/// What a test can see of a fake, and hold it by, from outside.
#[derive(Debug, Default)]
pub(super) struct Probe {
    pub(super) ticks: AtomicU64,
    pub(super) forecasts: AtomicU64,
    pub(super) forecasting: AtomicU64,
    pub(super) most_at_once: AtomicU64,
    pub(super) forecast_gate: AtomicBool,
    pub(super) forecast_panics: AtomicBool,
}

/// Signal 0 is the tick's number; an event every 100 ticks and one for every act.
pub(super) struct Fake {
    pub(super) probe: Arc<Probe>,
    pub(super) width: usize,
    pub(super) row_ticks: u64,
    pub(super) panic_at: u64,
    now: u64,
    block: Block,
    events: Vec<Event>,
    acts: Vec<Operate>,
    seq: u64,
}

impl Fake {
    pub(super) fn new(probe: &Arc<Probe>) -> Self {
        Self {
            probe: Arc::clone(probe),
            width: 3,
            row_ticks: 5,
            panic_at: u64::MAX,
            now: 0,
            block: Block::default(),
            events: Vec::new(),
            acts: Vec::new(),
            seq: 0,
        }
    }

    fn event(&mut self, kind: EventKind, text: String) {
        let t_s = self.now as f64 * self.tick_s();
        self.events.push(Event { seq: self.seq, tick: self.now, t_s, ..Event::new(kind, "fake", text) });
        self.seq += 1;
    }
}

impl Runner for Fake {
    fn tick(&mut self) {
        self.now += 1;
        self.probe.ticks.fetch_add(1, Ordering::SeqCst);
        assert!(self.now != self.panic_at, "the rotor left the building at tick {}", self.now);
        for act in std::mem::take(&mut self.acts) {
            self.event(EventKind::Command, format!("{act:?}"));
        }
        if self.now.is_multiple_of(100) {
            self.event(EventKind::State, format!("tick {}", self.now));
        }
        if self.now.is_multiple_of(self.row_ticks) {
            self.block.t_s.push(self.now as f64 * self.tick_s());
            for column in [&mut self.block.min, &mut self.block.max, &mut self.block.last] {
                column.resize(column.len() + self.width, self.now as f64);
            }
        }
    }
    fn tick_s(&self) -> f64 {
        0.01
    }
    fn now_tick(&self) -> u64 {
        self.now
    }
    fn latest(&self, out: &mut Vec<f64>) {
        out.clear();
        out.resize(self.width, self.now as f64);
    }
    fn width(&self) -> usize {
        self.width
    }
    fn take_block(&mut self, into: &mut Block) {
        self.block.width = self.width;
        into.append(&mut self.block);
    }
    fn take_events(&mut self, into: &mut Vec<Event>) {
        into.append(&mut self.events);
    }
    fn status(&self) -> Status {
        Status::default()
    }
    fn view(&self) -> PlantView {
        PlantView::default()
    }
    fn table(&self) -> Arc<SignalTable> {
        Arc::new(SignalTable::new(&[], &[], &[]))
    }
    fn plate(&self) -> Arc<Plate> {
        Arc::new(Plate { scenario: "fake".into(), run_s: 1.0, ..Plate::default() })
    }
    fn operate(&mut self, op: Operate) {
        self.acts.push(op);
    }
    fn load(&mut self, _: Box<Scenario>) {
        self.restart();
    }
    fn restart(&mut self) {
        self.now = 0;
        self.seq = 0;
        self.block = Block::default();
        self.events.clear();
        self.acts.clear();
    }
    fn desk(&mut self, act: DeskAct) {
        self.event(EventKind::Desk, format!("{act:?}"));
    }
    fn desk_view(&mut self) -> Option<Arc<DeskView>> {
        None
    }
    fn rewound_s(&mut self) -> Option<f64> {
        None
    }
    fn acts(&self) -> usize {
        0
    }
    fn state_hash(&self) -> u64 {
        self.now
    }
    fn forecast_job(&self) -> Box<dyn FnOnce() -> Forecast + Send> {
        let (probe, t0_s) = (Arc::clone(&self.probe), self.now as f64 * self.tick_s());
        Box::new(move || {
            let at_once = probe.forecasting.fetch_add(1, Ordering::SeqCst) + 1;
            probe.most_at_once.fetch_max(at_once, Ordering::SeqCst);
            while probe.forecast_gate.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
            probe.forecasting.fetch_sub(1, Ordering::SeqCst);
            assert!(!probe.forecast_panics.load(Ordering::SeqCst), "no forecast today");
            probe.forecasts.fetch_add(1, Ordering::SeqCst);
            forecast(t0_s)
        })
    }
}

fn forecast(t0_s: f64) -> Forecast {
    Forecast {
        t0_s,
        presets: ["soft".into(), "nominal".into(), "stiff".into()],
        t_s: Vec::new(),
        f_hz: [Vec::new(), Vec::new(), Vec::new()],
        gen_kw: Vec::new(),
        gpu_kw: Vec::new(),
        miner_kw: Vec::new(),
        bess_kw: Vec::new(),
        batches: Vec::new(),
        min_f_hz: (60.0, t0_s),
        max_gen_kw: (0.0, t0_s),
        first_limit: None,
        resumed: None,
    }
}
