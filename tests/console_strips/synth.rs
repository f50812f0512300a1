//! A made-up run for pictures and behaviour tests: a bring-up, an oversize batch with a dip, a HOLD, and on.

use std::sync::Arc;

use ballast::acts::{Block, By, Event, EventKind, PlantView, Plate};
use ballast::console::model::{Mode, Model};
use ballast::control::{Policy, RunState, Status};
use ballast::engine::forecast::Forecast;
use ballast::plant::signals::{Limit, SignalTable, at, bess, site};
use ballast::worker::{Speed, Update};

pub const NOW_S: f64 = 252.3;
const SLAM_S: f64 = 192.3;
const HOLD_END_S: f64 = 237.0;

fn limit(name: &str, value: f64) -> Limit {
    Limit { name: name.to_owned(), value }
}

fn table() -> SignalTable {
    let mut t = SignalTable::new(&["Bus A".into()], &["G1".into()], &["B1".into()]);
    let f = vec![
        limit("normal low", 59.7),
        limit("normal high", 60.3),
        limit("F-LO", 58.5),
        limit("F-HI", 61.5),
        limit("81U-1", 57.0),
        limit("81U-2", 55.2),
        limit("81O", 62.4),
    ];
    t.set_limits(at(site::F_HZ), [55.8, 62.7], f);
    let gen_limits = vec![limit("preferred low", 700.0), limit("preferred high", 1000.0), limit("rating", 1000.0)];
    t.set_limits(at(site::GEN_KW), [0.0, 1100.0], gen_limits);
    let v = vec![limit("normal low", 0.95), limit("normal high", 1.05), limit("V-LO", 0.95), limit("V-HI", 1.05)];
    t.set_limits(at(site::V_PU), [0.85, 1.15], v);
    t
}

fn gpu_kw(t: f64) -> f64 {
    let up = |from: f64, to: f64| (t.min(to) - from).max(0.0).floor() * 7.0;
    up(180.0, SLAM_S) + if t >= SLAM_S { 116.0 } else { 0.0 } + up(HOLD_END_S, 1e9)
}

fn f_hz(t: f64) -> f64 {
    let noise = (t * 37.0).sin() * 0.004 + (t * 11.3).sin() * 0.003;
    let since = t - SLAM_S;
    let dip = if since > 0.0 { -3.4 * since * (-since / 0.9).exp() * 1.45 } else { 0.0 };
    let beat = t.fract();
    let adding = (t > 180.0 && t < SLAM_S) || t > HOLD_END_S;
    let ripple = if adding { -0.09 * (beat / 0.2) * (1.0 - beat / 0.2).exp() } else { 0.0 };
    60.0 + noise + dip + ripple
}

fn gen_kw(t: f64) -> f64 {
    500.0 + gpu_kw(t) + 6.0 * (t * 3.0).sin() * 0.2
}

fn fill(table: &SignalTable, t: f64, row: &mut [f64]) {
    let up = gpu_kw(t) - gpu_kw((t - 1.0).max(0.0));
    let mech = if t > SLAM_S && t < SLAM_S + 4.0 {
        690.0 + 45.0 * (-(t - SLAM_S - 1.2).powi(2)).exp()
    } else {
        gen_kw(t - 0.15)
    };
    let set = |row: &mut [f64], k: u32, v: f64| row[at(k).at()] = v;
    set(row, site::F_HZ, f_hz(t));
    set(row, site::V_PU, 1.0 + (f_hz(t) - 60.0) * 0.02);
    set(row, site::GEN_KW, gen_kw(t));
    set(row, site::GEN_MECH_KW, mech);
    set(row, site::GPU_KW, gpu_kw(t));
    set(row, site::GPU_CMD_KW, gpu_kw(t + 0.2));
    set(row, site::MINER_KW, 500.0);
    set(row, site::MINER_CMD_KW, 500.0);
    set(row, site::BESS_KW, 0.0);
    set(row, site::AUX_KW, 4.0);
    set(row, site::STEP_UP_1S_KW, up.max(0.0));
    set(row, site::STEP_DOWN_1S_KW, 1.2 + (t * 2.0).sin());
    set(row, site::RAMP_1S_KW_PER_S, up);
    set(row, site::HEADROOM_KW, 1000.0 - gen_kw(t));
    set(row, site::STEP_NOW_KW, 87.0);
    set(row, site::STEP_CAP_KW, 90.0);
    set(row, site::GPU_OFF, 714.0 - gpu_kw(t) / 0.7);
    set(row, site::MINER_ON, 152.0);
    set(row, site::BESS_SOC_PCT, 61.0);
    set(row, site::ENERGISED, 1.0);
    row[table.bess(0, bess::BREAKER).at()] = 1.0;
}

fn events() -> Vec<Event> {
    let mut all = Vec::new();
    let mut add = |t_s: f64, kind, object: &str, text: &str, value: f64, unit| {
        let (object, text) = (object.to_owned(), text.to_owned());
        all.push(Event {
            seq: 0,
            tick: (t_s * 1000.0) as u64,
            t_s,
            kind,
            object,
            text,
            value,
            unit,
            by: By::Plant,
            change: None,
            cause: None,
        });
    };
    add(5.0, EventKind::Limit, "V-HI", "voltage above 1.05", 1.051, "pu");
    add(179.0, EventKind::Command, "operator", "start", 0.0, "");
    for n in 0..13 {
        add(180.0 + f64::from(n), EventKind::Batch, "schedule", "batch of 10 GPUs", 7.0, "kW");
    }
    add(SLAM_S, EventKind::Batch, "schedule", "batch of 165 GPUs", 116.0, "kW");
    add(SLAM_S + 0.05, EventKind::Limit, "STEP1S", "step limit exceeded", 122.5, "kW");
    add(SLAM_S + 0.5, EventKind::Limit, "F-LO", "underfrequency", 58.23, "Hz");
    add(SLAM_S + 0.6, EventKind::Trip, "81U-1", "pickup", 58.1, "Hz");
    add(SLAM_S + 0.3, EventKind::Hold, "schedule", "operator", 0.0, "");
    add(215.0, EventKind::Limit, "ENG-T", "coolant temperature high", 96.2, "°C");
    add(HOLD_END_S, EventKind::Resume, "schedule", "operator", 0.0, "");
    for n in 1..16 {
        add(HOLD_END_S + f64::from(n), EventKind::Batch, "schedule", "batch of 10 GPUs", 7.0, "kW");
    }
    all.sort_by(|a, b| a.t_s.total_cmp(&b.t_s));
    all.iter_mut().enumerate().for_each(|(i, e)| e.seq = i as u64);
    all
}

fn forecast() -> Forecast {
    let t_s: Vec<f64> = (0..=600).map(|n| NOW_S + f64::from(n) * 0.1).collect();
    let gpu: Vec<f64> = t_s.iter().map(|t| gpu_kw(*t).min(500.0)).collect();
    let adding = |t: f64| gpu_kw(t) < 500.0;
    let curve = |depth: f64| {
        let beat = |t: f64| (t.fract() / 0.2) * (1.0 - t.fract() / 0.2).exp();
        t_s.iter().map(|t| 60.0 - if adding(*t) { depth * (0.5 + 0.5 * beat(*t)) } else { 0.0 }).collect()
    };
    let batches = (1..=27).map(|n| (252.0 + f64::from(n), 7.0)).collect();
    let presets = ["soft".into(), "nominal".into(), "stiff".into()];
    Forecast {
        gen_kw: gpu.iter().map(|g| g + 500.0).collect(),
        miner_kw: vec![500.0; t_s.len()],
        bess_kw: vec![0.0; t_s.len()],
        gpu_kw: gpu,
        f_hz: [curve(0.45), curve(0.1), curve(0.04)],
        t_s,
        batches,
        min_f_hz: (59.91, 260.0),
        max_gen_kw: (1000.0, 281.0),
        first_limit: Some(("headroom < 50".into(), NOW_S + 21.0, "nominal".into())),
        ..Forecast::empty(NOW_S, presets, (60.0, 500.0))
    }
}

pub fn plate() -> Plate {
    Plate {
        scenario: "BRING-UP-A1".into(),
        preset: "nominal".into(),
        seed: 42,
        f0_hz: 60.0,
        v_nom: 480.0,
        rated_kw: 1000.0,
        gensets: vec!["G1".into()],
        sections: vec!["Bus A".into()],
        bess: vec!["B1".into()],
        gpus: 714,
        gpu_kw: 0.7,
        miners: 152,
        miner_kw: 3.29,
        bess_kw: 200.0,
        bess_kwh: 400.0,
        run_s: 300.0,
        ..Plate::default()
    }
}

fn status() -> Status {
    let policy = Policy {
        set: "made up".into(),
        target_kw: 500.0,
        batch_gpus: 10,
        gpus_per_s: 10.0,
        step_limit_kw: 90.0,
        ramp_limit_kw_per_s: 20.0,
        ..Policy::unknown()
    };
    Status {
        state: RunState::Running,
        step_now_kw: [87.0, 90.0],
        next_batch: Some((10, 0.8)),
        gpus: [435, 714],
        eta_s: Some(28.0),
        plan_end_kw: 1000.0,
        can_shed_kw: 500.0,
        shed_kw: 0.0,
        policy,
        ..Status::default()
    }
}

/// The model at [`NOW_S`], fed by one update.
pub fn model() -> Model {
    let table = Arc::new(table());
    let width = table.len();
    let mut block = Block { width, ..Block::default() };
    let mut row = vec![0.0; width];
    for n in 1..=(NOW_S / 0.05) as u32 {
        let t = f64::from(n) * 0.05;
        fill(&table, t, &mut row);
        // A feed that was away for some seconds.
        if t > 158.0 && t < 163.0 {
            continue;
        }
        block.t_s.push(t);
        block.min.extend_from_slice(&row);
        block.max.extend_from_slice(&row);
        block.last.extend_from_slice(&row);
    }
    let update = Update {
        epoch: 0,
        table,
        plate: Arc::new(plate()),
        t_s: block.t_s.last().copied().unwrap_or(0.0),
        latest: row,
        block,
        status: status(),
        view: PlantView::default(),
        events: events(),
        acked: 0,
        running: true,
        speed: Speed::Times(1.0),
        achieved_speed: 1.0,
        coalesced: 0,
        stalled: false,
        state_hash: 0,
        forecast: Some(Arc::new(forecast())),
        desk: None,
        rewound_s: None,
        quality: Vec::new(),
    };
    Model::new(Mode::Twin, update)
}

/// A feed that has the frequency and nothing else.
pub fn sparse() -> Model {
    let table = Arc::new(table());
    let mut u = ballast::feed::empty_update(0, Arc::clone(&table), Arc::new(Plate { gpus: 0, miners: 0, ..plate() }));
    let mut row = vec![f64::NAN; table.len()];
    row[at(site::F_HZ).at()] = 60.0;
    for n in 1..=200 {
        u.block.t_s.push(f64::from(n) * 0.05);
        for part in [&mut u.block.min, &mut u.block.max, &mut u.block.last] {
            part.extend_from_slice(&row);
        }
    }
    (u.t_s, u.latest) = (10.0, row);
    Model::new(Mode::Live, u)
}
