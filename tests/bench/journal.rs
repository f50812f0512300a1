//! How fast a journal takes entries and rows in, and how large it gets. Writes to a scratch folder on this disk, through
//! the thread, with every commit synchronised.
#![allow(missing_docs, clippy::expect_used, reason = "a benchmark; its macros make functions without docs")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ballast::acts::{Block, By, Event, EventKind};
use ballast::engine::Engine;
use ballast::journal::{Header, Recording, Writer};
use ballast::scenario;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const ENTRIES: u64 = 20_000;

fn event(seq: u64) -> Event {
    Event {
        seq,
        tick: seq,
        t_s: seq as f64 * 1e-3,
        kind: EventKind::Batch,
        object: "schedule".into(),
        text: "batch of 10 GPUs".into(),
        value: 7.0,
        unit: "kW",
        by: By::Plant,
        change: None,
        cause: seq.checked_sub(1),
    }
}

fn engine() -> Engine {
    Engine::new(Arc::new(scenario::default_scenario().expect("built in")))
}

/// The rows of two minutes of the built-in plant's bring-up.
fn rows() -> (Engine, Block) {
    let mut e = engine();
    let mut block = Block::default();
    (0..120_000).for_each(|_| e.tick());
    e.take_block(&mut block);
    (e, block)
}

fn bench(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut n = 0;
    let mut path = || {
        n += 1;
        dir.path().join(format!("{n}.sqlite"))
    };
    let (e, block) = rows();
    let header = Header::new(e.plate(), e.table(), "");
    let batches: Vec<Vec<Event>> = (0..ENTRIES / 100).map(|b| (b * 100..(b + 1) * 100).map(event).collect()).collect();
    let mut g = c.benchmark_group("journal");
    g.sample_size(10);
    g.throughput(Throughput::Elements(ENTRIES));
    g.bench_function("entries", |b| {
        b.iter_custom(|times| {
            let mut took = Duration::ZERO;
            for _ in 0..times {
                let mut w = Writer::open(&path(), &header).expect("a journal");
                let began = Instant::now();
                for batch in &batches {
                    w.events(black_box(batch));
                    w.wait();
                }
                w.flush();
                took += began.elapsed();
            }
            took
        });
    });
    g.throughput(Throughput::Elements(block.rows() as u64));
    g.bench_function("rows", |b| {
        b.iter_custom(|times| {
            let mut took = Duration::ZERO;
            for _ in 0..times {
                let mut w = Writer::open(&path(), &header).expect("a journal");
                let began = Instant::now();
                w.block(e.table(), black_box(&block));
                w.flush();
                took += began.elapsed();
            }
            took
        });
    });
    let written = path();
    let mut w = Writer::open(&written, &header).expect("a journal");
    batches.iter().for_each(|b| w.events(b));
    w.wait();
    w.block(e.table(), &block);
    drop(w);
    g.throughput(Throughput::Elements(ENTRIES));
    g.bench_function("verify", |b| b.iter(|| Recording::open(&written).map(|r| r.verify().sound())));
    g.finish();

    let alone = path();
    let mut w = Writer::open(&alone, &header).expect("a journal");
    w.block(e.table(), &block);
    drop(w);
    let bytes = std::fs::metadata(&alone).map_or(0, |m| m.len());
    println!(
        "{} rows of {} signals: {bytes} bytes, {:.0} kB a minute of the run",
        block.rows(),
        block.width,
        bytes as f64 / 2.0 / 1000.0
    );
}

criterion_group!(benches, bench);
criterion_main!(benches);
