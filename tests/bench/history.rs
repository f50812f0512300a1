//! What the history store costs: a sample pushed, a chart's query at several zooms of a run of 10 M rows.
//!
//! Targets: 50 ns a sample, 20 µs for 1400 pixels.
#![allow(missing_docs, clippy::expect_used, reason = "a benchmark; its macros make functions without docs")]

use std::hint::black_box;

use ballast::acts::Block;
use ballast::history::{Runs, Store};
use ballast::plant::signals::SignalIdx;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const DT: f64 = 0.05;

fn block(from: u64, rows: u64, width: usize) -> Block {
    let mut b = Block { width, ..Block::default() };
    for r in from..from + rows {
        b.t_s.push(r as f64 * DT);
        for i in 0..width {
            let v = (r as f64 * 1e-3 + i as f64).sin();
            b.min.push(v - 0.1);
            b.max.push(v + 0.1);
            b.last.push(v);
        }
    }
    b
}

fn push(c: &mut Criterion) {
    let mut g = c.benchmark_group("push");
    // One row at a time is a run at speed 1, 1000 rows an update at 1000 times.
    for (rows, width) in [(1, 60), (1000, 60), (10_000, 1)] {
        g.throughput(Throughput::Elements(rows * width as u64));
        g.bench_function(format!("{rows} rows of {width}"), |b| {
            let mut store = Store::new();
            let mut row = 0;
            b.iter_batched(
                || {
                    row += rows;
                    block(row, rows, width)
                },
                |block| store.ingest(&block, width),
                BatchSize::SmallInput,
            );
        });
    }
    g.finish();
}

fn query(c: &mut Criterion) {
    let n = 10_000_000_u64;
    let mut store = Store::new();
    for from in (0..n).step_by(100_000) {
        store.ingest(&block(from, 100_000, 1), 1).expect("a good block");
    }
    let end = n as f64 * DT;
    let s = SignalIdx(0);
    let mut runs = Runs::default();
    let mut g = c.benchmark_group("query 1400 px of 10 M rows");
    for (name, width_s) in
        [("all", end), ("1 day", 86_400.0), ("8 h", 28_800.0), ("1 h", 3600.0), ("10 min", 600.0), ("1 min", 60.0)]
    {
        g.bench_function(name, |b| b.iter(|| store.visible_into(s, black_box(end - width_s..end), 1400, &mut runs)));
    }
    g.bench_function("old hour", |b| b.iter(|| store.visible_into(s, black_box(1e5..1e5 + 3600.0), 1400, &mut runs)));
    g.bench_function("stats of all", |b| b.iter(|| store.stats(s, black_box(1.0..end - 1.0))));
    g.bench_function("value", |b| b.iter(|| store.value_at(s, black_box(end - 1234.5))));
    g.finish();
}

criterion_group!(benches, push, query);
criterion_main!(benches);
