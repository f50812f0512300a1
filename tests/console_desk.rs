//! A step back on the desk, seen by the console's model.
#![cfg(feature = "console")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

mod common;

use std::sync::Arc;
use std::time::Duration;

use ballast::console::model::{Mode, Model};
use ballast::training::msg::What;
use ballast::training::{Desk, DeskConfig};
use ballast::worker::{Command, Speed, Update, spawn};
use common::{shipped, trainer};

/// Through the worker, into the console's model: rows after the step back follow on those before it.
#[test]
fn a_step_back_reaches_the_console_without_losing_a_row() {
    let mut twin = spawn(Desk::new(shipped("path-a"), DeskConfig::default()), Arc::new(|| {}));
    let mut model: Option<Model> = None;
    let mut events = Vec::new();
    let mut steps_back = 0;
    let mut until = |twin: &mut ballast::worker::TwinHandle, done: &dyn Fn(&Update) -> bool| loop {
        let u = twin.updates.recv_timeout(Duration::from_mins(1)).expect("an update");
        events.extend(u.events.iter().cloned());
        steps_back += u32::from(u.rewound_s.is_some());
        let stop = done(&u);
        match &mut model {
            Some(m) => m.absorb(u),
            None => model = Some(Model::new(Mode::Twin, u)),
        }
        if stop {
            break;
        }
    };
    twin.send(Command::Speed(Speed::Max)).unwrap();
    twin.send(Command::Step(8000)).unwrap();
    until(&mut twin, &|u| u.t_s >= 8.0);
    for _ in 0..2 {
        let seq = twin.send(Command::Desk(Box::new(trainer(What::Restore(2))))).unwrap();
        until(&mut twin, &|u| u.acked >= seq);
        twin.send(Command::Step(2000)).unwrap();
        until(&mut twin, &|u| u.t_s >= 6.999);
    }
    let m = model.unwrap();
    assert_eq!(m.history.extent_s(), Some([0.0, 7.0]));
    assert_eq!((m.history.rejected(), steps_back, m.history.rows()), (0, 2, 141), "rows a 50 ms from 0 to 7 s");
    assert!(m.history.events().iter().all(|e| e.t_s <= 7.0));
    let mut seqs: Vec<u64> = events.iter().map(|e| e.seq).collect();
    seqs.dedup();
    assert_eq!(seqs, (0..events.len() as u64).collect::<Vec<_>>(), "an event is missing, or there twice");
}
