//! The worked examples of the rubric as published, on a toy engine: ten bring-ups with their points.
//!
//! The toy was told in words only: swing equation, isochronous PI governor, actuator lag, an immediate torque reserve and
//! turbo lag; inertia, reserve and turbo lag of a soft and a stiff engine, but neither gains nor actuator, damping or
//! ceiling. Those four are fitted here to the dips that were told (`FITTED`). The fit is not exact: dips come within
//! 15 %, the out-of-band integral (not told) to about 1 point. So dips and groups are held within a tolerance, and what
//! does not depend on the governor (steps, ramps, violations, headroom, times) is held to the digits told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::sync::Arc;

use ballast::training::score::{Bus, Facts, Meter, Par, Rubric, Sample, Score};

const TICK_S: f64 = 0.001;
const GPU_KW: f64 = 0.7;
const GPUS: u32 = 714;
const MINER_KW: f64 = 3.3;
/// Gains and lag that were not told: kp, ki 1/s, actuator s, load damping pu, ceiling of the governor pu.
const FITTED: [f64; 5] = [4.0, 2.8, 0.06, 0.5, 1.05];
/// First batch, s: off the grid on which ramp and bucket are sampled, as no plant is on it either.
const FIRST_S: f64 = 0.53;
/// First stage of protection: 5 % for 5 s.
const TRIP: (f64, f64) = (0.05, 5.0);

#[derive(Clone, Copy)]
struct Toy {
    h_s: f64,
    reserve_pu: f64,
    turbo_s: f64,
}

const SOFT: Toy = Toy { h_s: 0.6, reserve_pu: 0.02, turbo_s: 8.0 };
const STIFF: Toy = Toy { h_s: 1.2, reserve_pu: 0.18, turbo_s: 1.5 };

/// State of the toy, pu of 1000 kW and of nominal speed.
struct State {
    df: f64,
    integral: f64,
    actuator: f64,
    boost: f64,
}

impl State {
    fn step(&mut self, toy: &Toy, load_pu: f64) {
        let [kp, ki, t_act, damping, ceiling] = FITTED;
        let error = -self.df;
        let wanted = 0.5 + kp * error + self.integral;
        if wanted < ceiling || error < 0.0 {
            self.integral += ki * error * TICK_S;
        }
        self.actuator += (wanted.min(ceiling) - self.actuator) / t_act * TICK_S;
        let mechanical = self.actuator.min(self.boost + toy.reserve_pu).max(0.0);
        self.boost += (self.actuator.min(1.1) - self.boost) / toy.turbo_s * TICK_S;
        self.df += (mechanical - load_pu - damping * self.df) / (2.0 * toy.h_s) * TICK_S;
        self.df = self.df.max(-0.6);
    }
}

/// GPUs a batch, seconds between batches, seconds from GPUs to miners (Path B) or none (Path A).
type Plan = (u32, f64, Option<f64>);

fn par() -> Par {
    Par {
        time_to_target_s: Some(71.4),
        gpu_hours_lost: 7.1,
        fuel_per_kwh: 1.0,
        mining_to_target: true,
        ..Par::default()
    }
}

fn run(rubric: &str, toy: Toy, (batch, interval_s, lag_s): Plan) -> Score {
    let facts = Facts {
        tick_s: TICK_S,
        f0_hz: 60.0,
        target_kw: f64::from(GPUS) * GPU_KW,
        target_gpus: GPUS,
        acceptance: vec![(0.0, 0.09)],
        bucket_share: 1.0,
        refill_kw_per_s: 9.0,
        ramp_limit_kw_per_s: 20.0,
        first_trip_pct: [-5.0, 10.0],
        soc_target_pct: Some(50.0),
        hold_points_kw: Vec::new(),
        setpoints: Vec::new(),
        sections: vec!["bus".to_owned()],
        alarm_priorities: Vec::new(),
        horizon_s: None,
        responses: Vec::new(),
        steps: Vec::new(),
    };
    let sample = |gpus: u32, miners_off: u32, df: f64, fuel: f64, trips: u32| {
        let (gpu_kw, miner_kw) = (f64::from(gpus) * GPU_KW, 500.0 - f64::from(miners_off) * MINER_KW);
        let bus =
            Bus { sections: &[0], alive: true, f_hz: 60.0 * (1.0 + df), gen_kw: gpu_kw + miner_kw, rating_kw: 1000.0 };
        let site = Sample {
            alive: true,
            gpu_kw,
            miner_kw,
            bess_kw: 0.0,
            bess_on: true,
            soc_pct: 50.0,
            gpus_full: gpus,
            fuel_kwh: fuel,
            started: gpus > 0,
            trips,
        };
        (site, [bus])
    };
    let rubric = Arc::new(Rubric::named(Some(rubric)).unwrap());
    let (site, bus) = sample(0, 0, 0.0, 0.0, 0);
    let mut meter = Meter::new(rubric, Arc::new(facts), &site, bus);
    let mut state = State { df: 0.0, integral: 0.0, actuator: 0.5, boost: 0.5 };
    let up_at = |t_s: f64| -> u32 {
        let t_s = t_s - FIRST_S;
        if t_s < 0.0 { 0 } else { (batch * ((t_s / interval_s + 1e-9).floor() as u32 + 1)).min(GPUS) }
    };
    let (mut low_s, mut trips, mut fuel) = (0.0, 0, 0.0);
    let end_s = f64::from(GPUS / batch + 1) * interval_s + 75.0;
    for k in 1..=(end_s.min(900.0) / TICK_S) as u64 {
        let t_s = k as f64 * TICK_S;
        let gpus = up_at(t_s);
        // miners answer a batch by whole units, lag seconds later
        let off = lag_s.map_or(0, |lag| (f64::from(up_at(t_s - lag)) * GPU_KW / MINER_KW) as u32);
        let load = 500.0 + f64::from(gpus) * GPU_KW - f64::from(off) * MINER_KW;
        state.step(&toy, load / 1000.0);
        low_s = if state.df < -TRIP.0 { low_s + TICK_S } else { 0.0 };
        trips = trips.max(u32::from(low_s >= TRIP.1));
        fuel += load * TICK_S / 3600.0;
        let (site, bus) = sample(gpus, off, state.df, fuel, trips);
        meter.tick(&site, bus);
    }
    meter.finish(Some(&par()))
}

/// As published: name, engine, plan, then dip %, step kW, ramp kW/s, violations, headroom kW, time s, GPU-h, the groups
/// S, T, E, the total; and the total under v2, which is ours.
struct Example {
    name: &'static str,
    toy: Toy,
    plan: Plan,
    dip_pct: f64,
    step_kw: f64,
    ramp: f64,
    violations: u32,
    headroom_kw: f64,
    time_s: f64,
    gpu_h: f64,
    groups: [f64; 3],
    total: f64,
    v2: f64,
}

#[rustfmt::skip]
const EXAMPLES: [Example; 10] = [
    Example { name: "soft A 1/1 s", toy: SOFT, plan: (1, 1.0, None), dip_pct: 0.05, step_kw: 0.7, ramp: 0.7, violations: 0, headroom_kw: 0.0, time_s: 700.0, gpu_h: 70.8, groups: [40.0, 4.0, 15.0], total: 79.0, v2: 79.0 },
    Example { name: "soft A 10/1 s", toy: SOFT, plan: (10, 1.0, None), dip_pct: 1.16, step_kw: 7.0, ramp: 7.0, violations: 0, headroom_kw: 0.0, time_s: 69.0, gpu_h: 7.0, groups: [39.3, 20.0, 15.0], total: 94.0, v2: 94.0 },
    Example { name: "soft A 20/1 s", toy: SOFT, plan: (20, 1.0, None), dip_pct: 2.65, step_kw: 14.0, ramp: 14.0, violations: 20, headroom_kw: 0.0, time_s: 34.0, gpu_h: 3.4, groups: [26.6, 20.0, 15.0], total: 70.0, v2: 70.0 },
    Example { name: "soft A 71/5 s", toy: SOFT, plan: (71, 5.0, None), dip_pct: 2.48, step_kw: 49.7, ramp: 9.9, violations: 1, headroom_kw: 0.0, time_s: 45.0, gpu_h: 4.5, groups: [30.3, 20.0, 15.0], total: 85.0, v2: 70.0 },
    Example { name: "soft A 128/10 s", toy: SOFT, plan: (128, 10.0, None), dip_pct: 5.76, step_kw: 89.6, ramp: 17.9, violations: 0, headroom_kw: 0.0, time_s: 50.0, gpu_h: 4.6, groups: [10.9, 20.0, 15.0], total: 66.0, v2: 61.0 },
    Example { name: "soft A 71/1 s", toy: SOFT, plan: (71, 1.0, None), dip_pct: 18.7, step_kw: 49.7, ramp: 49.7, violations: 9, headroom_kw: 0.0, time_s: 9.0, gpu_h: 0.9, groups: [10.0, 16.0, 15.0], total: 40.0, v2: 40.0 },
    Example { name: "soft B 10/1 s lag 2 s", toy: SOFT, plan: (10, 1.0, Some(2.0)), dip_pct: 0.24, step_kw: 7.0, ramp: 3.0, violations: 0, headroom_kw: 483.0, time_s: 69.0, gpu_h: 7.0, groups: [45.0, 20.0, 13.3], total: 98.0, v2: 93.0 },
    Example { name: "soft B 71/1 s lag 2 s", toy: SOFT, plan: (71, 1.0, Some(2.0)), dip_pct: 6.05, step_kw: 49.7, ramp: 20.0, violations: 1, headroom_kw: 399.0, time_s: 9.0, gpu_h: 0.9, groups: [25.8, 20.0, 15.0], total: 81.0, v2: 70.0 },
    Example { name: "stiff A 20/1 s", toy: STIFF, plan: (20, 1.0, None), dip_pct: 0.50, step_kw: 14.0, ramp: 14.0, violations: 20, headroom_kw: 0.0, time_s: 34.0, gpu_h: 3.4, groups: [34.2, 20.0, 15.0], total: 70.0, v2: 70.0 },
    Example { name: "stiff A 71/1 s", toy: STIFF, plan: (71, 1.0, None), dip_pct: 1.76, step_kw: 49.7, ramp: 49.7, violations: 9, headroom_kw: 0.0, time_s: 9.0, gpu_h: 0.9, groups: [26.6, 20.0, 15.0], total: 70.0, v2: 70.0 },
];

/// Every difference at once, so that a change of the fit shows what it does to all ten.
fn differences(differs: impl Fn(&Example, &mut Vec<String>)) -> Vec<String> {
    let mut all = Vec::new();
    for e in &EXAMPLES {
        let mut here = Vec::new();
        differs(e, &mut here);
        all.extend(here.into_iter().map(|d| format!("{}: {d}", e.name)));
    }
    all
}

fn hold(what: &str, got: f64, want: f64, within: f64, out: &mut Vec<String>) {
    if !((got - want).abs() <= within) {
        out.push(format!("{what} {got:.3}, published {want}, tolerance {within}"));
    }
}

#[test]
fn val_hmi_the_ten_worked_examples_score_as_published() {
    let off = differences(|e, out| {
        let s = run("v1", e.toy, e.plan);
        let m = &s.metrics;
        hold("dip %", m.deviation_pct.value, e.dip_pct, (0.15 * e.dip_pct).max(0.04), out);
        hold("step kW", m.step_up_kw.value, e.step_kw, 0.1, out);
        hold("ramp kW/s", m.ramp_kw_per_s.value, e.ramp, 0.1, out);
        hold("violations", f64::from(s.metrics.hard[0]), f64::from(e.violations), 0.0, out);
        hold("headroom kW", m.min_headroom_kw.unwrap().value, e.headroom_kw, 0.6, out);
        hold("time s", m.time_to_target_s.unwrap(), e.time_s, 1.0, out);
        hold("GPU-h", m.gpu_hours_lost, e.gpu_h, 0.1, out);
        // the integral is what the fit misses most; two lines of lost mining were rounded in the source
        for (got, (want, within)) in s.groups.iter().zip(e.groups.into_iter().zip([2.6, 0.1, 0.4])) {
            hold(&got.name, got.points, want, within, out);
        }
        hold("conduct", s.groups[3].points, 20.0, 0.0, out);
        hold("total", s.total.round(), e.total, 1.0, out);
    });
    assert!(off.is_empty(), "\n{}", off.join("\n"));
}

#[test]
fn val_hmi_the_same_runs_under_the_rubric_in_use() {
    // v2 counts all four hard limits (frequency beyond 2 and 2.5 % too), mining to the horizon, and caps a dip past the
    // first trip level; these runs stop 75 s after their last batch, so mining counts to there
    let off = differences(|e, out| {
        let s = run("v2", e.toy, e.plan);
        hold("total", s.total.round(), e.v2, 1.0, out);
    });
    assert!(off.is_empty(), "\n{}", off.join("\n"));
}
