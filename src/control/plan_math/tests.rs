//! Tests of the plan arithmetic.

use super::*;
use crate::control::LimitId;

fn plan() -> Plan {
    Plan {
        path: BringUpPath::Ramp,
        batch_gpus: 10.0,
        interval_s: 1.0,
        gpu_kw: 0.7,
        rise_s: 0.4464,
        preload_share: 0.3,
        target_kw: 500.0,
        fleet_gpus: 714.0,
        start_kw: 500.0,
        rated_kw: 1000.0,
        shed_share: 1.0,
        miner_lag_s: 2.0,
        miner_unit_kw: 3.3,
        miner_kw: 498.3,
        shed_lead_s: 0.0,
        confirmed: false,
        bess_kw: 0.0,
    }
}

fn limits() -> Policy {
    Policy {
        gpus_per_s: 10.0,
        step_limit_kw: 90.0,
        window_100ms_kw: 90.0,
        window_1s_kw: 50.0,
        window_10s_kw: 500.0,
        ramp_limit_kw_per_s: 20.0,
        ceiling_pu: 1.0,
        ..Policy::recommended(1000.0, vec![(0.0, 0.16), (0.39, 0.10), (1.0, 0.09)], 16.0)
    }
}

fn near(a: f64, b: f64, tol: f64) {
    assert!((a - b).abs() <= tol, "{a} is not {b} within {tol}");
}

#[test]
fn default_plan_takes_72_batches_and_72_seconds() {
    let p = plan();
    near(p.step_kw(), 7.0, 1e-12);
    near(p.pace_kw_per_s(), 7.0, 1e-12);
    assert_eq!(p.batches(), 72.0);
    near(p.duration_s(), 72.0, 1e-12);
    // 490 kW are the 70th batch and all of its rise
    near(p.time_to_target_s(), 69.4464, 1e-9);
    // 489.8 kW of 499.8 come a little before its end
    near(Plan { target_kw: 499.8, ..p }.time_to_target_s(), 69.0 + 0.4464 * (0.98 * 499.8 - 483.0) / 7.0, 1e-9);
    // batches that come faster than they rise help each other
    let fast = Plan { batch_gpus: 2.0, interval_s: 0.2, target_kw: 264.2, ..p };
    near(fast.time_to_target_s(), 37.1098, 1e-4);
    near(Plan { rise_s: 0.0, ..p }.time_to_target_s(), 69.0, 1e-6);
    assert_eq!(p.target_gpus(), 714.0);
    near(p.gpu_hours_lost(), 714.0 * 72.0 / 7200.0, 1e-9);
    assert_eq!(p.excursion_kw(), 0.0);
    assert_eq!(p.mining_lost_kwh(), 0.0);
}

#[test]
fn a_rise_within_a_window_counts_parts_of_batches() {
    let at = |batch_gpus: f64, interval_s: f64| Plan { batch_gpus, interval_s, ..plan() }.rise_within_kw(1.0);
    near(at(10.0, 1.0), 7.0, 1e-9);
    near(at(10.0, 3.0), 7.0, 1e-9);
    near(at(10.0, 0.5), 14.0, 1e-9);
    // one whole period, and 0.4 s of the 0.4464 s of the next rise
    near(at(14.0, 0.6), 9.8 * (1.0 + 0.4 / 0.4464), 1e-9);
    // two or three rise at once: 16 kW/s on average
    near(at(4.0, 0.175), 16.0, 0.9);
    near(Plan { target_kw: 5.0, ..plan() }.rise_within_kw(1.0), 5.0, 1e-12);
}

#[test]
fn the_load_without_the_plan_is_the_same_before_and_after() {
    near(load_without_plan_kw(498.3, 0.0, 0.0), 498.3, 1e-12);
    // Path B at its end: miners are off for the GPUs
    near(load_without_plan_kw(499.8, 499.8, 498.3), 498.3, 1e-9);
    near(load_without_plan_kw(f64::NAN, 10.0, f64::NAN), 0.0, 1e-12);
}

#[test]
fn path_b_excursion_is_ramp_times_lag_plus_a_miner() {
    let small = Plan { path: BringUpPath::Shed, batch_gpus: 5.0, interval_s: 0.5, miner_lag_s: 5.0, ..plan() };
    near(small.excursion_kw(), 38.3, 1e-9);
    let big = Plan { batch_gpus: 100.0, interval_s: 10.0, miner_lag_s: 0.5, ..small };
    near(big.excursion_kw(), 73.3, 1e-9);
    let led = Plan { shed_lead_s: 5.0, ..small };
    near(led.excursion_kw(), 3.3, 1e-9);
    let held = Plan { confirmed: true, ..small };
    near(held.excursion_kw(), 3.5 + 3.3, 1e-9);
}

#[test]
fn battery_energy_for_a_step_is_small() {
    let slam = Plan { batch_gpus: 73.0 / 0.7, ..plan() };
    near(slam.bess_needed_kw(0.0), 73.0, 1e-9);
    near(slam.bess_needed_kwh(0.0, 9.0), 0.082, 0.001);
    assert_eq!(plan().bess_needed_kw(50.0), 0.0);
}

#[test]
fn mining_energy_is_the_area_under_the_shed() {
    let b = Plan { path: BringUpPath::ShedRestore, ..plan() };
    near(b.mining_lost_kwh(), 498.3 * 72.0 / 7200.0, 1e-9);
    near(b.restore_lost_kwh(20.0), 498.3 * 498.3 / 40.0 / 3600.0, 1e-9);
    near(b.end_kw(), 1000.0, 1e-9);
    near(Plan { path: BringUpPath::Shed, ..b }.end_kw(), 501.7, 1e-9);
}

#[test]
fn windows_count_whole_batches() {
    assert_eq!(batches_within(1.0, 1.0), 1.0);
    assert_eq!(batches_within(1.0, 0.5), 2.0);
    assert_eq!(batches_within(1.0, 0.3), 4.0);
    assert_eq!(batches_within(1.0, 0.1), 10.0);
    assert_eq!(batches_within(1.0, 60.0), 1.0);
}

#[test]
fn each_limit_gives_its_own_largest_batch() {
    let (p, l) = (plan(), limits());
    near(max_batch(LimitId::GpusPerS, &p, &l, 1.0), 10.0, 1e-9);
    near(max_batch(LimitId::GpusPerS, &p, &l, 0.5), 5.0, 1e-9);
    near(max_batch(LimitId::Step, &p, &l, 7.0), 90.0 / 0.7, 1e-9);
    near(max_batch(LimitId::Ramp, &p, &l, 1.0), 20.0 / 0.7, 1e-9);
    near(max_batch(LimitId::Ramp, &p, &l, 3.0), 60.0 / 0.7, 1e-9);
    near(max_batch(LimitId::Ramp, &p, &l, 30.0), 100.0 / 0.7, 1e-9);
    // the batch of a second ago has not risen yet when the window begins, so it counts too
    near(max_batch(LimitId::Window1s, &p, &l, 0.5), 50.0 / 3.0 / 0.7, 1e-9);
    near(max_batch(LimitId::Window1s, &Plan { rise_s: 0.0, ..p }, &l, 0.5), 25.0 / 0.7, 1e-9);
    near(legal_batch(&p, &l, 1.0), 10.0, 1e-9);
}

#[test]
fn the_source_contradicts_itself_and_gpus_per_s_binds() {
    let s = source_limits(0.7);
    let slowest = s.iter().min_by(|a, b| a.pace_kw_per_s.total_cmp(&b.pace_kw_per_s)).map(|l| l.text);
    assert_eq!(slowest, Some("10 GPUs per s"));
    near(s[3].pace_kw_per_s / s[0].pace_kw_per_s, 7.14, 0.01);
    let all = paces(&plan(), &limits());
    assert_eq!(binding(&all).map(|p| p.id), Some(LimitId::GpusPerS));
}

#[test]
fn times_to_target_are_parallel_to_the_ramp() {
    let p = plan();
    let a = batch_for_time(&p, 1.0, 60.0);
    let b = batch_for_time(&p, 10.0, 60.0);
    near(b / a, 10.0, 1e-9);
    near(Plan { batch_gpus: a, ..p }.duration_s(), 60.0, 1e-6);
}

#[test]
fn acceptance_is_linear_between_points() {
    let l = limits();
    near(l.acceptance_pu(0.0), 0.16, 1e-12);
    near(l.acceptance_pu(0.195), 0.13, 1e-12);
    near(l.acceptance_pu(1.2), 0.09, 1e-12);
    near(l.bucket_kw(1000.0, 1000.0), 58.5, 1e-9);
}

#[test]
fn bucket_keeps_its_level_at_a_slow_pace_and_drains_at_a_fast_one() {
    let slow = trace(&plan(), &limits(), 3000);
    assert!(slow.lowest.0 > 40.0, "{:?}", slow.lowest);
    near(slow.gen_kw.last().copied().unwrap_or_default(), 1000.0, 1e-6);
    let fast = trace(&Plan { batch_gpus: 50.0, ..plan() }, &limits(), 3000);
    assert!(fast.lowest.0 < 0.0, "{:?}", fast.lowest);
}

#[test]
fn bucket_bound_is_just_legal_in_the_trace() {
    let l = Policy { step_acceptance: vec![(0.0, 0.1)], ..limits() };
    let p = plan();
    let x = bucket_bound_kw(&p, &l);
    let at = |kw: f64| trace(&Plan { batch_gpus: kw / p.gpu_kw, ..p }, &l, 20_000).lowest.0;
    assert!(at(x * 0.97) > -0.5, "{} at {x}", at(x * 0.97));
    assert!(at(x * 1.15) < 0.0, "{} at {x}", at(x * 1.15));
}

#[test]
fn miners_fall_in_whole_units_and_come_back() {
    let b = Plan { path: BringUpPath::ShedRestore, ..plan() };
    let t = trace(&b, &limits(), 4000);
    let lowest = t.miner_kw.iter().copied().fold(f64::INFINITY, f64::min);
    near(lowest, 0.0, 3.3);
    near(t.miner_kw.last().copied().unwrap_or_default(), 498.3, 3.4);
    for kw in &t.miner_kw {
        let units = (498.3 - kw) / 3.3;
        near(units, units.round(), 1e-6);
    }
    let peak = t.gen_kw.iter().zip(&t.t_s).filter(|(_, t)| **t < 70.0).map(|(g, _)| *g).fold(0.0, f64::max);
    near(peak - 500.0, b.excursion_kw(), 3.4);
}

#[test]
fn log_axis_round_trips() {
    for v in [0.1, 0.5, 1.0, 7.0, 60.0] {
        near(log_lerp(INTERVAL_S, log_pos(INTERVAL_S, v)), v, 1e-9);
    }
    assert_eq!(intervals(5).count(), 5);
}
