//! The history store against brute force: nothing lost, nothing made up, gaps kept, memory bounded.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use ballast::acts::Block;
use ballast::history::lod::{Capacity, LEVELS};
use ballast::history::{Runs, Store};
use ballast::plant::signals::SignalIdx;
use proptest::prelude::*;

const S: SignalIdx = SignalIdx(0);
const DT: f64 = 0.05;

/// A row as it went in: time, min, max, last; NaN for no data.
type Row = (f64, f64, f64, f64);

fn store_of(rows: &[Row], capacity: Capacity) -> Store {
    let mut store = Store::with_capacity(capacity);
    feed(&mut store, rows);
    store
}

fn feed(store: &mut Store, rows: &[Row]) {
    // Odd pieces, and a second signal, so that the layout of a block is part of the test.
    for part in rows.chunks(7) {
        let mut block = Block { width: 2, ..Block::default() };
        for (t, lo, hi, last) in part {
            block.t_s.push(*t);
            block.min.extend([*lo, 5.0]);
            block.max.extend([*hi, 5.0]);
            block.last.extend([*last, 5.0]);
        }
        store.ingest(&block, 2).expect("a good block");
    }
}

/// Whether two stores answer alike.
fn same(a: &Store, b: &Store, px: usize) -> bool {
    let Some([t0, t1]) = b.extent_s() else { return a.extent_s().is_none() && a.rows() == b.rows() };
    let middle = f64::midpoint(t0, t1);
    let windows = [t0 - 1.0..t1 + 1.0, middle..t1 + 0.01, middle - 1.0..middle + 1.0];
    let alike = |w: std::ops::Range<f64>| {
        a.visible(S, w.clone(), px) == b.visible(S, w.clone(), px)
            && a.stats(S, w.clone()) == b.stats(S, w.clone())
            && a.value_at(S, w.end - 1.0) == b.value_at(S, w.end - 1.0)
    };
    a.extent_s() == b.extent_s() && a.rows() == b.rows() && windows.into_iter().all(alike)
}

/// As stored.
fn f(x: f64) -> f64 {
    f64::from(x as f32)
}

fn brute(rows: &[Row], t0: f64, t1: f64) -> Option<[f64; 2]> {
    let inside = rows.iter().filter(|r| r.0 >= t0 && r.0 <= t1 && !r.3.is_nan());
    inside.map(|r| [f(r.1), f(r.2)]).reduce(|a, b| [a[0].min(b[0]), a[1].max(b[1])])
}

/// Random rows: a wave with noise, spikes, holes without data and jumps in time.
fn rows(most: usize) -> impl Strategy<Value = Vec<Row>> {
    let row = (0_u8..100, -1.0..1.0_f64, 0.0..0.3_f64, 0.0..1.0_f64);
    (prop::collection::vec(row, 1..most), 0.0..500.0_f64).prop_map(|(raw, begin)| {
        let mut t = begin;
        let mut hole = 0;
        raw.into_iter()
            .map(|(dice, x, spread, at)| {
                t += match dice {
                    0 => 30.0,
                    1 => 0.4,
                    _ => DT,
                };
                hole = if dice == 2 {
                    40
                } else if dice == 3 {
                    1
                } else {
                    hole - 1
                };
                let lo = (t * 0.2).sin() * 10.0 + x + if dice == 4 { -1000.0 } else { 0.0 };
                let hi = lo + spread + if dice == 5 { 1000.0 } else { 0.0 };
                if hole > 0 { (t, f64::NAN, f64::NAN, f64::NAN) } else { (t, lo, hi, lo + (hi - lo) * at) }
            })
            .collect()
    })
}

fn window(rows: &[Row], a: f64, b: f64) -> (f64, f64) {
    let (first, last) = (rows[0].0 - 1.0, rows[rows.len() - 1].0 + 1.0);
    let at = |x: f64| first + x * (last - first);
    (at(a.min(b)), at(a.max(b)) + 0.01)
}

fn assert_well_formed(runs: &Runs) -> Result<(), TestCaseError> {
    let mut t = f64::NEG_INFINITY;
    for run in runs.iter() {
        prop_assert!(!run.is_empty());
        for [time, lo, hi] in run {
            prop_assert!(time.is_finite() && lo.is_finite() && hi.is_finite(), "{time} {lo} {hi}");
            prop_assert!(*time > t, "{time} after {t}");
            prop_assert!(lo <= hi);
            t = *time;
        }
    }
    prop_assert_eq!(runs.iter().map(<[_]>::len).sum::<usize>(), runs.columns().len());
    Ok(())
}

/// 120 cases a property, or as many as `PROPTEST_CASES` says: a number given in the code would beat the variable.
fn config() -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok());
    ProptestConfig { cases: wanted.unwrap_or(120), failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config())]

    /// Every extreme of the window is drawn, near its time, at any zoom; no column says more than the rows do.
    #[test]
    fn extremes_are_never_lost(rows in rows(3000), a in 0.0..1.0_f64, b in 0.0..1.0_f64, px in 1..1500_usize) {
        let store = store_of(&rows, Capacity::default());
        let (t0, t1) = window(&rows, a, b);
        let runs = store.visible(S, t0..t1, px);
        assert_well_formed(&runs)?;
        // A column stands for at most two pixels of rows, a pixel with gaps, or one row.
        let near = 3.0 * (t1 - t0) / px as f64 + DT + 1e-9;
        for r in rows.iter().filter(|r| r.0 >= t0 && r.0 <= t1 && !r.3.is_nan()) {
            let there = runs.columns().iter().any(|c| c[1] <= f(r.1) && c[2] >= f(r.2) && (c[0] - r.0).abs() <= near);
            prop_assert!(there, "row at {} s: {} to {}", r.0, r.1, r.2);
        }
        for c in runs.columns() {
            let all = brute(&rows, c[0] - near, c[0] + near);
            prop_assert!(all.is_some_and(|[lo, hi]| c[1] >= lo && c[2] <= hi), "{c:?} {all:?}");
        }
    }

    /// At most two columns a pixel, and one more for the edges of gaps.
    #[test]
    fn columns_are_few(rows in rows(6000), a in 0.0..1.0_f64, b in 0.0..1.0_f64, px in 1..300_usize) {
        let store = store_of(&rows, Capacity::default());
        let (t0, t1) = window(&rows, a, b);
        let n = store.visible(S, t0..t1, px).columns().len();
        prop_assert!(n <= 3 * px + 20, "{n} columns for {px} pixels");
    }

    /// With a pixel for every row the runs are exactly the stretches of rows with data.
    #[test]
    fn runs_are_the_stretches_of_data(rows in rows(800)) {
        let store = store_of(&rows, Capacity::default());
        let (t0, t1) = window(&rows, 0.0, 1.0);
        let px = ((t1 - t0) / DT) as usize + 10;
        let mut want: Vec<Vec<[f64; 3]>> = vec![Vec::new()];
        let mut before = f64::NEG_INFINITY;
        for r in &rows {
            if r.0 - before > 3.0 * DT || r.3.is_nan() {
                want.push(Vec::new());
            }
            if !r.3.is_nan() {
                want.last_mut().expect("never empty").push([r.0, f(r.1), f(r.2)]);
            }
            before = r.0;
        }
        want.retain(|run| !run.is_empty());
        let runs = store.visible(S, t0..t1, px);
        prop_assert_eq!(runs.iter().map(<[_]>::to_vec).collect::<Vec<_>>(), want);
    }

    /// No run goes across a jump in time or a hole that is wider than the columns, at any zoom.
    #[test]
    fn no_run_crosses_a_gap(rows in rows(3000), a in 0.0..1.0_f64, b in 0.0..1.0_f64, px in 1..1500_usize) {
        let store = store_of(&rows, Capacity::default());
        let (t0, t1) = window(&rows, a, b);
        let pixel = (t1 - t0) / px as f64;
        let data: Vec<&Row> = rows.iter().filter(|r| !r.3.is_nan()).collect();
        let gaps = data.windows(2).map(|w| (w[0].0, w[1].0)).filter(|(from, to)| to - from > (4.0 * pixel).max(0.2));
        let gaps: Vec<_> = gaps.collect();
        for run in store.visible(S, t0..t1, px).iter() {
            let (first, last) = (run[0][0], run[run.len() - 1][0]);
            for (from, to) in &gaps {
                let middle = f64::midpoint(*from, *to);
                prop_assert!(last < middle || first > middle, "run {first}..{last} over gap {from}..{to}");
            }
        }
    }

    /// Range and mean are those of the rows in the window.
    #[test]
    fn stats_are_exact(rows in rows(3000), a in 0.0..1.0_f64, b in 0.0..1.0_f64) {
        let store = store_of(&rows, Capacity::default());
        let (t0, t1) = window(&rows, a, b);
        prop_assert_eq!(store.y_range(S, t0..t1), brute(&rows, t0, t1));
        let inside: Vec<f64> = rows.iter().filter(|r| r.0 >= t0 && r.0 <= t1 && !r.3.is_nan()).map(|r| r.3).collect();
        match store.stats(S, t0..t1) {
            None => prop_assert!(inside.is_empty()),
            Some(s) => {
                let mean = inside.iter().sum::<f64>() / inside.len() as f64;
                // A bucket knows to 1/255 how many of its rows have data.
                let holes = rows.iter().any(|r| r.3.is_nan());
                let tolerance = if holes { 0.01 * (s.max - s.min) } else { 1e-3 } + 1e-3;
                prop_assert!((s.mean - mean).abs() <= tolerance, "{} for {mean}", s.mean);
            }
        }
    }

    /// The value at a time is that of the newest row not later, and none in a gap.
    #[test]
    fn values_are_those_of_rows(rows in rows(500), at in 0.0..1.0_f64) {
        let store = store_of(&rows, Capacity::default());
        let (t0, t1) = window(&rows, 0.0, 1.0);
        let t = t0 + at * (t1 - t0);
        let value = store.value_at(S, t);
        match rows.iter().rposition(|r| r.0 <= t) {
            None => prop_assert_eq!(value, None),
            Some(i) => {
                let next = rows.get(i + 1).map_or(rows[i].0 + 3.0 * DT, |r| r.0);
                let in_gap = next - rows[i].0 > 3.0 * DT;
                if rows[i].3.is_nan() || t - rows[i].0 > 3.0 * DT {
                    prop_assert_eq!(value, None);
                } else if !in_gap || t - rows[i].0 < DT {
                    prop_assert_eq!(value, Some(f(rows[i].3)));
                }
            }
        }
        for r in rows.iter().filter(|r| !r.3.is_nan()) {
            prop_assert_eq!(store.value_at(S, r.0), Some(f(r.3)));
        }
    }

    /// Far past the capacity of every fine level, extremes still are where they were.
    #[test]
    fn old_extremes_survive_in_buckets(spikes in prop::collection::vec(0..30_000_u32, 1..20), px in 1..1500_usize) {
        let n = 30_000;
        let rows: Vec<Row> = (0..n).map(|i| {
            let v = if spikes.contains(&i) { f64::from(i) + 10.0 } else { 0.0 };
            (f64::from(i) * DT, 0.0, v, 0.0)
        }).collect();
        let store = store_of(&rows, Capacity([1024; LEVELS]));
        let end = f64::from(n) * DT;
        let runs = store.visible(S, 0.0..end, px);
        assert_well_formed(&runs)?;
        // The coarsest bucket that stands for an old row is 512 rows here.
        let near = (2.0 * end / px as f64).max(512.0 * DT) + DT;
        for i in &spikes {
            let (t, v) = (f64::from(*i) * DT, f64::from(*i) + 10.0);
            prop_assert!(runs.columns().iter().any(|c| c[2] >= v && (c[0] - t).abs() <= near), "spike at {t} s");
            let [_, hi] = store.y_range(S, t - 0.01..t + 0.01).expect("data");
            prop_assert!(hi >= v);
        }
        let top = f64::from(*spikes.iter().max().expect("one at least")) + 10.0;
        prop_assert_eq!(runs.bounds(), Some([0.0, top]));
        prop_assert_eq!(store.y_range(S, 0.0..end), Some([0.0, top]));
    }

    /// A run that is taken back and goes on otherwise is the run that went so from the start.
    #[test]
    fn a_run_taken_back_leaves_no_trace(rows in rows(3000), other in rows(300), at in -0.1..1.1_f64, px in 1..800_usize) {
        let [first, last] = [rows[0].0, rows[rows.len() - 1].0];
        let t = first + at * (last - first);
        let mut store = store_of(&rows, Capacity::default());
        store.truncate(t);
        let mut want: Vec<Row> = rows.iter().filter(|r| r.0 <= t).copied().collect();
        prop_assert_eq!(store.rows(), want.len() as u64);
        prop_assert!(same(&store, &store_of(&want, Capacity::default()), px), "after {t} s went");
        let begin = t.max(other[0].0) + DT - other[0].0;
        let other: Vec<Row> = other.iter().map(|r| (r.0 + begin, r.1, r.2, r.3)).collect();
        feed(&mut store, &other);
        want.extend(other);
        prop_assert!(same(&store, &store_of(&want, Capacity::default()), px), "after it went on from {t} s");
    }

    /// Further back than single rows are kept: nothing later than the cut is left, old extremes are, and it goes on.
    #[test]
    fn a_long_way_back_is_to_a_bucket(at in 0.0..1500.0_f64, more in 1..2000_u32, px in 1..800_usize) {
        let row = |i: u32| (f64::from(i) * DT, f64::from(i), f64::from(i) + 0.5, f64::from(i));
        let rows: Vec<Row> = (0..30_000).map(row).collect();
        let mut store = store_of(&rows, Capacity([1024; LEVELS]));
        store.truncate(at);
        let kept = store.rows();
        let end = store.extent_s().map_or(-DT, |e| e[1]);
        prop_assert!((end - (kept as f64 - 1.0) * DT).abs() < 1e-9 && end <= at && at - end <= 4096.0 * DT);
        let top = store.y_range(S, -1.0..2000.0).map_or(0.0, |r| r[1]);
        prop_assert_eq!(top, if kept == 0 { 0.0 } else { kept as f64 - 0.5 });
        let next: Vec<Row> = (0..more).map(|i| (at + f64::from(i + 1) * DT, -1.0, -1.0, -1.0)).collect();
        feed(&mut store, &next);
        prop_assert_eq!(store.rows(), kept + u64::from(more));
        assert_well_formed(&store.visible(S, 0.0..2000.0, px))?;
        prop_assert_eq!(store.y_range(S, 0.0..at).map_or(0.0, |r| r[1]), top);
        prop_assert_eq!(store.value_at(S, at + f64::from(more) * DT), Some(-1.0));
        let all = store.visible(S, 0.0..2000.0, px).bounds();
        prop_assert_eq!(all, Some([-1.0, if kept == 0 { -1.0 } else { top }]));
    }

    /// Whatever comes in, nothing that is not a number comes out and nothing panics.
    #[test]
    fn bad_numbers_are_no_data(
        rows in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>(), any::<f64>()), 1..200),
        t0 in any::<f64>(), t1 in any::<f64>(), px in 0..3000_usize, signal in 0..4_u32,
    ) {
        let store = store_of(&rows, Capacity::default());
        for w in [t0..t1, -1.0..1.0, f64::MIN..f64::MAX] {
            let s = SignalIdx(signal);
            assert_well_formed(&store.visible(s, w.clone(), px))?;
            let stats = store.stats(s, w.clone());
            prop_assert!(stats.is_none_or(|s| s.min.is_finite() && s.max.is_finite() && s.mean.is_finite()));
            prop_assert!(store.value_at(s, w.start).is_none_or(f64::is_finite));
            let spans = store.state_spans(s, w, px);
            prop_assert!(spans.iter().all(|s| s.t0_s <= s.t1_s));
        }
    }
}

fn wave(i: u64) -> f64 {
    60.0 + (i as f64 * 1e-3).sin() + (i as f64 * 0.7).sin() * 0.01
}

fn long_run(rows: u64, dt: f64) -> Store {
    let mut store = Store::new();
    store.set_row_period_s(dt);
    let mut block = Block { width: 1, ..Block::default() };
    for i in 0..rows {
        let v = wave(i);
        block.t_s.push(i as f64 * dt);
        block.min.push(v - 0.01);
        block.max.push(v + 0.01);
        block.last.push(v);
        if block.rows() == 4096 || i + 1 == rows {
            store.ingest(&block, 1).expect("a good block");
            block = Block { width: 1, ..Block::default() };
        }
    }
    store
}

#[test]
fn eight_hours_take_at_most_three_megabytes() {
    let store = long_run(576_000, DT);
    let one = store.memory_bytes();
    // One signal with the times, which all signals share.
    assert!(one < 7_000_000, "{one} bytes with the times");
    let mut two = Store::new();
    let mut block = Block { width: 2, ..Block::default() };
    for i in 0..576_000_u64 {
        block.t_s.push(i as f64 * DT);
        for c in [&mut block.min, &mut block.max, &mut block.last] {
            c.extend([1.0, 2.0]);
        }
    }
    two.ingest(&block, 2).expect("a good block");
    let signal = two.memory_bytes() - one;
    println!("8 h at 50 ms: {signal} bytes a signal, {} bytes of times for all of them", one - signal);
    assert!(signal <= 3_000_000, "{signal} bytes");
    // The whole of it can be seen.
    let [from, to] = store.extent_s().expect("rows");
    assert!(from == 0.0 && to > 28_799.0);
}

#[test]
fn ten_million_rows_stay_small_and_whole() {
    let n = 10_000_000;
    let store = long_run(n, 0.001);
    println!("10 M rows: {} bytes with times", store.memory_bytes());
    assert!(store.memory_bytes() < 7_500_000, "{}", store.memory_bytes());
    let end = n as f64 * 0.001;
    for (t0, t1) in [(0.0, end), (0.0, 10.0), (end - 10.0, end), (end * 0.5, end * 0.6), (end - 0.1, end)] {
        let runs = store.visible(S, t0..t1, 1400);
        assert_eq!(runs.len(), 1, "{t0}..{t1}");
        assert!(runs.columns().len() <= 2 * 1400 + 20);
        let first = runs.columns()[0][0];
        let last = runs.columns()[runs.columns().len() - 1][0];
        // Old parts are coarse: a bucket there is up to 32,768 rows, 33 s.
        let coarse = if t0 < end * 0.9 { 33.0 } else { 0.01 };
        assert!(first <= t0 + coarse && last >= t1 - coarse, "{first}..{last} for {t0}..{t1}");
    }
    let s = store.stats(S, 0.0..end).expect("data");
    let (lo, hi) = (0..n).map(wave).fold((f64::MAX, f64::MIN), |a, v| (a.0.min(v), a.1.max(v)));
    assert_eq!([s.min, s.max], [f(lo - 0.01), f(hi + 0.01)]);
    assert!((s.mean - 60.0).abs() < 0.01, "{}", s.mean);
}

#[test]
fn shapes_do_not_shimmer_while_scrolling() {
    let store = long_run(100_000, DT);
    let window = |from: f64| store.visible(S, from..from + 1000.0, 700).columns().to_vec();
    let (a, b) = (window(2000.0), window(2000.35));
    // All columns but those at the edges are the same ones.
    let same = a.iter().filter(|c| b.contains(c)).count();
    assert!(same + 3 >= a.len(), "{same} of {}", a.len());
}

#[test]
fn states_come_as_spans() {
    let state = |i: u32| {
        if i < 100 {
            0.0
        } else if i < 300 {
            1.0
        } else {
            2.0
        }
    };
    let rows: Vec<Row> = (0..1000)
        .map(|i: u32| {
            // The row in which it changes has both states in it.
            let (before, now) = (state(i.saturating_sub(1)), state(i));
            (f64::from(i) * DT, before, now, now)
        })
        .collect();
    let store = store_of(&rows, Capacity::default());
    for px in [2000, 500, 100] {
        let spans = store.state_spans(S, 0.0..50.0, px);
        let codes: Vec<_> = spans.iter().map(|s| s.code).collect();
        assert_eq!(codes, [Some(0), Some(1), Some(2)], "{px} pixels");
        let near = |x: f64, want: f64| (x - want).abs() < 0.06 + 2.0 * 50.0 / px as f64;
        assert!(near(spans[0].t1_s, 5.0) && near(spans[1].t1_s, 15.0), "{spans:?}");
        assert!(spans.windows(2).all(|w| w[0].t1_s == w[1].t0_s));
    }
}

#[test]
fn a_new_epoch_clears_and_blocks_are_checked() {
    let mut store = store_of(&[(0.0, 1.0, 1.0, 1.0)], Capacity::default());
    let bad = Block { width: 3, t_s: vec![1.0], min: vec![0.0; 3], max: vec![0.0; 3], last: vec![0.0; 3] };
    assert!(store.ingest(&bad, 3).is_err(), "another width than before");
    let ragged = Block { width: 2, t_s: vec![1.0], min: vec![0.0; 2], max: vec![0.0; 1], last: vec![0.0; 2] };
    assert!(store.ingest(&ragged, 2).is_err());
    assert_eq!(store.rows(), 1);
    let late = Block { width: 2, t_s: vec![-1.0, 0.0, 0.05], min: vec![0.0; 6], max: vec![0.0; 6], last: vec![0.0; 6] };
    store.ingest(&late, 2).expect("a good block");
    assert_eq!((store.rows(), store.rejected()), (2, 2));
    store.begin(1);
    assert_eq!((store.rows(), store.width(), store.epoch(), store.extent_s()), (0, 0, 1, None));
    store.ingest(&bad, 3).expect("another table");
    assert_eq!(store.value_at(SignalIdx(2), 1.0), Some(0.0));
}
