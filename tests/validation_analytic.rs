//! The plant against results that a person can derive: swing equation, droop, sharing, energy, fuel, GGOV1, order of
//! the integration, grid-forming island, voltage regulator, air limit, dead time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

mod common;

use ballast::plant::bess;
use ballast::plant::config::{Ggov1, Governor, Rselect, Sharing};
use ballast::plant::genset::{BOOST, EFD, EQ, W};
use ballast::plant::system::Plant;
use ballast::scenario::library::library;
use common::{bare, close, hz, load, plant, run};

const TGOV1: &str = "tgov1(r_pu: 0.04, t1_s: 0.1, t2_s: 0.15, t3_s: 0.4, v_min: 0.0, v_max: 1.1, dt_pu: 0.0)";
const GAST: &str =
    "gast(r_pu: 0.05, t1_s: 0.05, t2_s: 0.2, t3_s: 3.0, at_pu: 1.0, kt: 2.0, v_min: 0.0, v_max: 1.1, dt_pu: 0.0)";

/// A set with a classical machine of 1 MW on 1.25 MVA.
fn set(name: &str, h_s: f64, d_pu: f64, rest: &str) -> String {
    format!(
        "(name: \"{name}\", rated_kw: 1000.0, rated_kva: 1250.0, p_max_pu: 1.1, overload_s: 1e5, \
         machine: (h_s: {h_s:?}, d_pu: {d_pu:?}, xd1_pu: 0.2, flux: off), {rest}),"
    )
}

fn one(h_s: f64, d_pu: f64, rest: &str, load_kw: f64) -> String {
    bare(&set("G1", h_s, d_pu, rest), load_kw)
}

fn ggov1(rselect: &str, r: f64, teng_s: f64, more: &str) -> String {
    let base = [
        ("tpelec_s", "0.1"),
        ("minerr", "-0.05"),
        ("maxerr", "0.05"),
        ("kp", "8.0"),
        ("ki", "6.0"),
        ("kd", "1.0"),
        ("td_s", "0.05"),
        ("tact_s", "0.08"),
        ("ropen", "1.0"),
        ("rclose", "-1.0"),
        ("v_min", "0.0"),
        ("v_max", "1.0"),
        ("kturb", "1.22"),
        ("wfnl", "0.18"),
        ("tb_s", "0.25"),
        ("tc_s", "0.0"),
        ("fuel_by_speed", "true"),
        ("dm", "0.0"),
    ];
    let rest: String = base.iter().filter(|(k, _)| !more.contains(k)).flat_map(|(k, v)| [*k, ": ", *v, ", "]).collect();
    format!("governor: ggov1(r_pu: {r:?}, rselect: {rselect}, teng_s: {teng_s:?}, {rest}{more})")
}

const PID: &str = "kp: 12.0, ki: 12.0, kd: 0.8, td_f_s: 0.03, t_act_s: 0.1, rate_up: 0.8, rate_down: -1.2";

fn pid(t_d_s: f64, t_man_s: f64) -> String {
    format!("governor: pid({PID}, t_d_s: {t_d_s:?}, t_man_s: {t_man_s:?}, u_min: 0.0, u_max: 1.1)")
}

// Swing

#[test]
fn the_first_slope_of_a_step_is_f0_dp_over_2hs() {
    for swing in ["torque", "power"] {
        for f0 in [50.0, 60.0] {
            for h in [0.4, 0.7, 1.5, 5.0] {
                for dp in [-250.0, 50.0, 300.0] {
                    let text = one(h, 0.0, &format!("governor: {TGOV1}"), 500.0);
                    let mut p = plant(&format!("swing: {swing}, f0_hz: {f0:?}, {text}"));
                    run(&mut p, 0.1);
                    load(&mut p, 500.0 + dp);
                    let before = hz(&p, 0);
                    run(&mut p, 0.001);
                    let slope = (hz(&p, 0) - before) / 0.001;
                    let want = -f0 * dp / (2.0 * h * 1250.0);
                    close(&format!("ROCOF(0+), {swing}, {f0} Hz, H {h} s, {dp} kW"), slope, want, 0.01);
                }
            }
        }
    }
}

/// Kinetic energy of the rotor (torque form), or its momentum times nominal speed (power form, of which the powers are
/// the exact rate), kWs.
fn rotor_kws(p: &Plant) -> f64 {
    let g = &p.cfg.gensets[0];
    let (hs, w) = (g.machine.h_s * g.rated_kva, p.gensets[0].x[W]);
    match p.cfg.swing {
        ballast::plant::config::Swing::Torque => hs * w * w,
        ballast::plant::config::Swing::Power => 2.0 * hs * w,
    }
}

fn surplus_kw(p: &Plant) -> f64 {
    let (g, s) = (&p.cfg.gensets[0], &p.gensets[0]);
    (s.out.pm - g.machine.d_pu * (s.x[W] - 1.0)) * g.rated_kw - s.terminal.p * 1000.0
}

#[test]
fn kinetic_energy_is_what_the_powers_leave() {
    for swing in ["torque", "power"] {
        for (name, governor) in [("tgov1", format!("governor: {TGOV1}")), ("pid", pid(0.06, 0.2))] {
            let mut p = plant(&format!("swing: {swing}, {}", one(1.5, 0.625, &governor, 500.0)));
            load(&mut p, 620.0);
            p.step(); // the row before shows the load before the step
            let (start, mut sum, mut moved) = (rotor_kws(&p), 0.0, 0.0);
            for _ in 0..10_000 {
                let before = surplus_kw(&p);
                p.step();
                let mean = (before + surplus_kw(&p)) / 2.0;
                sum += mean * p.cfg.tick_s;
                moved += mean.abs() * p.cfg.tick_s;
            }
            let off = (rotor_kws(&p) - start - sum).abs() / moved;
            assert!(moved > 5.0, "{swing}, {name}: only {moved} kWs moved");
            assert!(off <= 1e-6, "{swing}, {name}: energy is {off:.2e} of {moved:.3} kWs off, bound 1e-6");
        }
    }
}

// Droop and sharing

#[test]
fn droop_settles_where_its_definition_says() {
    let droop = |r: f64| format!("sharing: droop({r:?}), {}", pid(0.06, 0.2));
    let tgov1 = |_: f64| format!("governor: {TGOV1}");
    for (what, governor, r, d) in [
        ("TGOV1", tgov1(0.04), 0.04, 0.0),
        ("TGOV1 with damping", tgov1(0.04), 0.04, 0.625),
        ("GAST", format!("governor: {GAST}"), 0.05, 0.0),
        ("GGOV1 on power", ggov1("power", 0.04, 0.1, ""), 0.04, 0.0),
        ("PID", droop(0.04), 0.04, 0.0),
        ("PID, 3 %", droop(0.03), 0.03, 0.0),
    ] {
        for step in [-300.0, 150.0] {
            let mut p = plant(&one(1.5, d, &governor, 500.0));
            load(&mut p, 500.0 + step);
            run(&mut p, 90.0);
            let want = -r * step / 1000.0 / (1.0 + r * d) * 60.0;
            close(&format!("{what}, {step} kW: steady deviation, Hz"), hz(&p, 0) - 60.0, want, 1e-3);
        }
    }
}

#[test]
fn isochronous_sets_come_back_to_nominal() {
    for (what, governor) in [("PID", pid(0.06, 0.2)), ("GGOV1", ggov1("isochronous", 0.0, 0.1, ""))] {
        let mut p = plant(&one(1.5, 0.0, &governor, 500.0));
        load(&mut p, 650.0);
        run(&mut p, 90.0);
        let off = (hz(&p, 0) - 60.0).abs();
        assert!(off < 1e-6, "{what}: {off:e} Hz off nominal after 90 s, bound 1e-6");
    }
}

#[test]
fn droop_shares_a_step_by_rating_over_droop() {
    let g = |name: &str, kw: f64, r: f64| {
        format!(
            "(name: \"{name}\", rated_kw: {kw:?}, rated_kva: {:?}, machine: (h_s: 1.0, d_pu: 0.0, xd1_pu: 0.2, flux: off), \
             governor: {}),",
            kw * 1.25,
            TGOV1.replace("0.04", &format!("{r:?}"))
        )
    };
    let all = [("G1", 1000.0, 0.03), ("G2", 1000.0, 0.05), ("G3", 500.0, 0.04)];
    let text: String = all.iter().map(|(n, kw, r)| g(n, *kw, *r)).collect();
    let mut p = plant(&bare(&text, 1000.0));
    let at_start: Vec<f64> = p.gensets.iter().map(|s| s.terminal.p * 1000.0).collect();
    load(&mut p, 1400.0);
    run(&mut p, 60.0);
    let stiffness: f64 = all.iter().map(|(_, kw, r)| kw / r).sum();
    for (i, (name, kw, r)) in all.iter().enumerate() {
        let took = p.gensets[i].terminal.p * 1000.0 - at_start[i];
        close(&format!("{name} takes of 400 kW"), took, 400.0 * (kw / r) / stiffness, 5e-3);
    }
    close("deviation, Hz", hz(&p, 0) - 60.0, -60.0 * 400.0 / stiffness, 1e-3);
}

#[test]
fn load_sharing_evens_out_in_pu_at_nominal_frequency() {
    let g = |name: &str, kw: f64, share: f64| {
        format!(
            "(name: \"{name}\", rated_kw: {kw:?}, rated_kva: {:?}, initial_share: {share:?}, sharing: load_share(0.03), \
             machine: (h_s: 1.0, d_pu: 0.0, xd1_pu: 0.2, flux: off), {}),",
            kw * 1.25,
            pid(0.06, 0.2)
        )
    };
    let text = g("G1", 1000.0, 0.8) + &g("G2", 1000.0, 1.2) + &g("G3", 500.0, 1.0);
    let mut p = plant(&bare(&text, 1000.0));
    load(&mut p, 1300.0);
    run(&mut p, 120.0);
    for i in 0..3 {
        close(&format!("load of set {i}, pu"), p.gensets[i].out.pe, 0.52, 5e-3);
    }
    let off = (hz(&p, 0) - 60.0).abs();
    assert!(off < 1e-3, "frequency is {off:e} Hz off nominal, bound 1e-3");
}

// Energy

const FOLLOWER: &str = "(name: \"B1\", rated_kva: 200.0, energy_kwh: 100.0, mode: grid_following, p_set_kw: 80.0, \
                        recharge_kw: 0.0, efficiency: 0.95, soc_at_start: 0.6)";

fn with_bess(bess: &str, gensets: &str, load_kw: f64) -> String {
    bare(gensets, load_kw).replace("bess: []", &format!("bess: [{bess}]"))
}

#[test]
fn battery_energy_is_power_over_time_and_efficiency() {
    let g = set("G1", 1.5, 0.0, &pid(0.06, 0.2));
    let former = FOLLOWER.replace("grid_following", "grid_forming");
    for (what, bess) in [("following", FOLLOWER.to_owned()), ("forming", former)] {
        for p_set in [80.0, -80.0] {
            let bess = bess.replace("p_set_kw: 80.0", &format!("p_set_kw: {p_set:?}"));
            let mut p = plant(&with_bess(&bess, &g, 500.0));
            run(&mut p, 600.0);
            let eff = if p_set > 0.0 { 1.0 / 0.95 } else { 0.95 };
            let used = (0.6 - p.bess[0].soc) * 100.0;
            close(&format!("{what}, {p_set} kW: kWh from the cells in 600 s"), used, p_set / 6.0 * eff, 1e-3);
            close(&format!("{what}, {p_set} kW: kWh moved"), p.bess[0].moved.kwh(), p_set.abs() / 6.0, 1e-3);
        }
    }
}

#[test]
fn sources_give_what_the_load_takes_at_every_tick() {
    let g = set("G1", 1.5, 0.0, &pid(0.06, 0.2));
    let two = format!("{g}{}", set("G2", 1.0, 0.0, &format!("governor: {TGOV1}")));
    for (what, text) in [
        ("one set and a following battery", with_bess(FOLLOWER, &g, 500.0)),
        ("two sets and a following battery", with_bess(FOLLOWER, &two, 900.0)),
        ("two sets and a forming battery", with_bess(&FOLLOWER.replace("following", "forming"), &two, 900.0)),
    ] {
        let mut p = plant(&text);
        for k in 0..3000 {
            if k % 700 == 350 {
                let kw = p.aux_kw[0] + if k % 1400 == 350 { 60.0 } else { -60.0 };
                load(&mut p, kw);
            }
            let before: f64 = p.gensets.iter().map(|s| s.terminal.p * 1000.0).sum();
            p.step();
            let sets: f64 = p.gensets.iter().map(|s| s.terminal.p * 1000.0).sum();
            let sum = sets + p.bess[0].p * 1000.0;
            let off = (sum - p.aux_kw[0]).abs();
            assert!(off < 1e-6, "{what}: sources give {sum} kW to {} kW at tick {k}", p.aux_kw[0]);
            assert!((sets - before).abs() < 61.0, "{what}: the sets jump from {before} to {sets} kW at tick {k}");
        }
    }
}

/// A change elsewhere must not take a following battery's power away, not even for a tick: the rotor would feel it.
#[test]
fn a_switch_elsewhere_leaves_a_following_battery_alone() {
    let text = with_bess(FOLLOWER, &set("G1", 0.7, 0.0, &pid(0.06, 0.2)), 500.0);
    let mut p = plant(&text);
    run(&mut p, 1.0);
    let before = hz(&p, 0);
    p.touch();
    run(&mut p, 0.002);
    let off = (hz(&p, 0) - before).abs();
    assert!(off < 1e-6, "a rebuild without any change moves the frequency by {off:e} Hz, bound 1e-6");
}

// Fuel

#[test]
fn fuel_meets_every_datasheet_point_of_the_library() {
    let mut n = 0;
    for e in &library().expect("the library").gensets {
        for (kw, fuel_kw) in &e.fuel_points_kw {
            let sets = format!("(name: \"G1\", library: \"{}\", derate: {})", e.id, NO_DERATE);
            let mut p = plant(&bare(&sets, *kw));
            run(&mut p, 36.0);
            close(&format!("{} at {kw} kW: fuel kWh in 36 s", e.id), p.gensets[0].fuel.kwh() * 100.0, *fuel_kw, 5e-3);
            n += 1;
        }
    }
    assert!(n >= 12, "only {n} datasheet points");
}

const NO_DERATE: &str =
    "(ambient_c: 25.0, from_c: 40.0, pu_per_c: 0.0, altitude_m: 0.0, from_m: 500.0, pu_per_100m: 0.0)";

// GGOV1

/// GGOV1 with a rotor on constant power, by RK4 at 50 us, written from PES-TR1 and not from the twin's code. Dead time
/// by a history that is interpolated at half steps. Speed, pu, at each ms.
fn ggov1_by_rk4(g: &Ggov1, m_s: f64, d: f64, from: f64, to: f64, seconds: f64) -> Vec<f64> {
    const H: f64 = 5e-5;
    let lag = (g.teng_s / H).round() as usize;
    let stroke0 = from / g.kturb + g.wfnl;
    let reference = match g.rselect {
        Rselect::Power => g.r_pu * from,
        Rselect::Isochronous => 0.0,
        Rselect::Stroke | Rselect::Output => g.r_pu * stroke0,
    };
    // w, pmeas, xi, xd, stroke, turbine
    let mut y = [1.0, from, stroke0, 0.0, stroke0, from];
    let turbine_in = |y: &[f64; 6]| g.kturb * (y[4] * if g.fuel_by_speed { y[0] } else { 1.0 } - g.wfnl);
    let mut history = vec![from; lag + 1];
    let f = |y: &[f64; 6], delayed: f64| {
        let [w, pmeas, xi, xd, stroke, tb] = *y;
        let limit = |e: f64| e.max(g.minerr).min(g.maxerr);
        let control = |e: f64| g.kp * e + xi + g.kd * (e - xd) / g.td_s;
        let e = match g.rselect {
            Rselect::Power => limit(reference - (w - 1.0) - g.r_pu * pmeas),
            Rselect::Isochronous => limit(1.0 - w),
            Rselect::Stroke => limit(reference - (w - 1.0) - g.r_pu * stroke),
            Rselect::Output => {
                // The loop through the output, by bisection: the left side falls with e, the right side rises.
                let (mut lo, mut hi) = (g.minerr, g.maxerr);
                for _ in 0..60 {
                    let e = (lo + hi) / 2.0;
                    let out = control(e).max(g.v_min).min(g.v_max);
                    if limit(reference - (w - 1.0) - g.r_pu * out) > e { lo = e } else { hi = e }
                }
                (lo + hi) / 2.0
            }
        };
        let fsrn = control(e);
        let fsr = fsrn.max(g.v_min).min(g.v_max);
        let wound = (fsrn >= g.v_max && e > 0.0) || (fsrn <= g.v_min && e < 0.0);
        let into = if lag == 0 { turbine_in(y) } else { delayed };
        let pm = tb + g.tc_s / g.tb_s * (into - tb) - g.dm * (w - 1.0);
        [
            (pm - to - d * (w - 1.0)) / w / m_s,
            (to - pmeas) / g.tpelec_s,
            if wound { 0.0 } else { g.ki * e },
            (e - xd) / g.td_s,
            ((fsr - stroke) / g.tact_s).max(g.rclose).min(g.ropen),
            (into - tb) / g.tb_s,
        ]
    };
    let mut out = vec![1.0];
    let n = (seconds / H).round() as usize;
    for k in 0..n {
        let now = turbine_in(&y);
        let (d0, d1) = if lag == 0 { (now, now) } else { (history[k % (lag + 1)], history[(k + 1) % (lag + 1)]) };
        if lag > 0 {
            // Places k-lag and k-lag+1 of the ring are read before place k takes the older one.
            history[k % (lag + 1)] = f64::NAN;
        }
        let at = |y: &[f64; 6], k: &[f64; 6], h: f64| -> [f64; 6] { core::array::from_fn(|i| y[i] + h * k[i]) };
        let k1 = f(&y, d0);
        let k2 = f(&at(&y, &k1, H / 2.0), (d0 + d1) / 2.0);
        let k3 = f(&at(&y, &k2, H / 2.0), (d0 + d1) / 2.0);
        let k4 = f(&at(&y, &k3, H), d1);
        y = core::array::from_fn(|i| y[i] + H / 6.0 * (k1[i] + 2.0 * k2[i] + 2.0 * k3[i] + k4[i]));
        if lag > 0 {
            // The value of time k+1 is read lag steps later.
            history[k % (lag + 1)] = turbine_in(&y);
        }
        if (k + 1) % 20 == 0 {
            out.push(y[0]);
        }
    }
    out
}

#[test]
fn ggov1_agrees_with_a_fine_step_of_its_equations() {
    for (what, governor, to) in [
        ("power, dead time", ggov1("power", 0.04, 0.1, ""), 600.0),
        ("power, lead, speed damping", ggov1("power", 0.04, 0.05, "tc_s: 0.1, dm: 0.5"), 400.0),
        ("stroke", ggov1("stroke", 0.05, 0.1, "fuel_by_speed: false"), 650.0),
        ("output", ggov1("output", 0.05, 0.0, "kd: 0.0"), 600.0),
        ("output with derivative", ggov1("output", 0.04, 0.1, ""), 600.0),
        ("isochronous, at its rates", ggov1("isochronous", 0.0, 0.06, "ropen: 0.3, rclose: -0.3"), 620.0),
        ("power, valve at its top", ggov1("power", 0.04, 0.0, "v_max: 0.62"), 540.0),
    ] {
        let mut p = plant(&one(1.5, 0.625, &governor, 500.0));
        let Governor::Ggov1(g) = p.cfg.gensets[0].governor.clone() else { panic!("{what}: not a GGOV1") };
        let fine = ggov1_by_rk4(&g, 2.0 * 1.5 * 1.25, 0.625, 0.5, to / 1000.0, 10.0);
        load(&mut p, to);
        let (mut worst, mut span) = (0.0_f64, 0.0_f64);
        for w in &fine[1..] {
            p.step();
            worst = worst.max((hz(&p, 0) - w * 60.0).abs());
            span = span.max((w - 1.0).abs() * 60.0);
        }
        println!("GGOV1 {what}: worst {worst:.2e} Hz of a swing of {span:.3} Hz");
        assert!(span > 0.2, "{what}: the step moves only {span} Hz");
        assert!(worst < 2e-4, "{what}: {worst:.3e} Hz off, bound 2e-4");
    }
}

#[test]
fn ggov1_settles_where_its_droop_signal_says() {
    // Stroke: w = 1 - R (stroke - stroke0), stroke = (P/Kturb + Wfnl)/w with fuel by speed.
    for (rselect, by_speed) in [("stroke", true), ("stroke", false), ("output", true), ("output", false)] {
        let governor = ggov1(rselect, 0.04, 0.1, &format!("fuel_by_speed: {by_speed}"));
        let mut p = plant(&one(1.5, 0.0, &governor, 500.0));
        load(&mut p, 650.0);
        run(&mut p, 120.0);
        let (mut w, flow) = (1.0, |p: f64| p / 1.22 + 0.18);
        for _ in 0..50 {
            w = 1.0 - 0.04 * (flow(0.65) / if by_speed { w } else { 1.0 } - flow(0.5));
        }
        close(&format!("{rselect}, fuel by speed {by_speed}: Hz off"), hz(&p, 0) - 60.0, (w - 1.0) * 60.0, 1e-3);
        let want = flow(0.65) / if by_speed { w } else { 1.0 };
        close(&format!("{rselect}, fuel by speed {by_speed}: stroke"), p.gensets[0].out.valve, want, 1e-6);
    }
}

// Integration

fn at_two_seconds(tick_ms: f64, text: &str, kw: f64) -> f64 {
    let mut p = plant(&format!("tick_ms: {tick_ms:?}, {text}"));
    load(&mut p, kw);
    run(&mut p, 0.8);
    hz(&p, 0)
}

#[test]
fn halving_the_tick_quarters_the_error() {
    let two = set("G1", 1.5, 0.625, &format!("governor: {TGOV1}"))
        + &set("G2", 1.0, 0.0, &format!("governor: {}", TGOV1.replace("0.04", "0.05")));
    let flux = one(1.5, 0.0, &format!("governor: {TGOV1}"), 500.0).replace(", flux: off", "");
    let former = FOLLOWER.replace("grid_following", "grid_forming");
    for (what, text) in [
        ("TGOV1", one(1.5, 0.625, &format!("governor: {TGOV1}"), 500.0)),
        ("GGOV1 with dead time", one(1.5, 0.625, &ggov1("power", 0.04, 0.1, ""), 500.0)),
        ("PID with dead time", one(1.5, 0.0, &pid(0.06, 0.2), 500.0)),
        ("two sets", bare(&two, 500.0)),
        ("flux and AVR", flux),
        ("set and forming battery", with_bess(&former, &set("G1", 1.5, 0.0, &format!("governor: {TGOV1}")), 500.0)),
    ] {
        // 20 kW: nothing is limited.
        let fine = at_two_seconds(0.125, &text, 520.0);
        let [e2, e1, half] = [2.0, 1.0, 0.5].map(|ms| (at_two_seconds(ms, &text, 520.0) - fine).abs());
        let (a, b) = (e2 / e1, e1 / half);
        println!("{what}: errors {e2:.2e} {e1:.2e} {half:.2e} Hz at 2, 1, 0.5 ms; ratios {a:.2} {b:.2}");
        assert!(
            (3.3..4.8).contains(&b),
            "{what}: halving the tick divides the error by {b:.2} (and {a:.2}), bound 3.3 to 4.8"
        );
    }
}

// Battery alone

#[test]
fn a_forming_battery_alone_holds_a_load_step() {
    let b = "(name: \"B1\", rated_kva: 250.0, energy_kwh: 250.0, droop_pu: 0.01, q_droop_pu: 0.05, x_pu: 0.15, recharge_kw: 0.0)";
    for virtual_s in [0.0, 0.5] {
        let b = b.replace("recharge_kw", &format!("h_virtual_s: {virtual_s:?}, recharge_kw"));
        let mut p = plant(&with_bess(&b, "", 50.0));
        let p0 = p.bess[0].p_set_kw;
        close("set-point from the load flow, kW", p0, 50.0, 1e-9);
        load(&mut p, 200.0);
        run(&mut p, 10.0);
        let isl = &p.islands[0];
        assert!(isl.alive, "the island died");
        close("battery, kW", p.bess[0].p * 1000.0, 200.0, 1e-9);
        close("deviation, Hz", (isl.f_pu - 1.0) * 60.0, -60.0 * 0.01 * 150.0 / 250.0, 1e-3);
        // E = v_set - q_droop Q, and V^4 - E^2 V^2 + (X P)^2 = 0 without reactive load.
        let s = &p.bess[0];
        let x = 0.15 / 0.25;
        let e = s.emf_magnitude(&p.cfg.bess[0], &s.x);
        let v2 = e * e / 2.0 + (e.powi(4) / 4.0 - (x * 0.2_f64).powi(2)).sqrt();
        close("voltage, pu", isl.vm, v2.sqrt(), 1e-9);
        assert!((0.95..1.05).contains(&isl.vm), "voltage {} pu, bound 0.95 to 1.05", isl.vm);
        let angle = s.x[bess::THETA];
        assert!(angle.is_finite(), "angle {angle}");
    }
}

/// The current limit holds the battery at i_max, active power first, and leaves it when the load falls.
#[test]
fn a_forming_battery_limits_its_current_and_recovers() {
    let b = "(name: \"B1\", rated_kva: 200.0, energy_kwh: 200.0, droop_pu: 0.01, i_max_pu: 1.2, recharge_kw: 0.0)";
    let g = set("G1", 1.5, 0.0, &format!("governor: {TGOV1}"));
    let mut p = plant(&with_bess(b, &g, 300.0));
    load(&mut p, 800.0);
    let mut worst: f64 = 0.0;
    for _ in 0..20_000 {
        p.step();
        worst = worst.max(p.bess[0].i);
    }
    assert!(worst > 1.19 && worst < 1.2 * 1.001, "largest current {worst} pu, bound 1.2 and reached");
    load(&mut p, 320.0);
    run(&mut p, 20.0);
    let s = &p.bess[0];
    assert!(!s.limited, "still limited at {} kW", s.p * 1000.0);
    let want = p.cfg.bess[0].p_set_kw - (p.islands[0].f_pu - 1.0) / 0.01 * 200.0;
    assert!((s.p * 1000.0 - want).abs() < 0.5, "{} kW, droop says {want}, bound 0.5", s.p * 1000.0);
}

/// A battery that is scaled to nothing and back meets the bus at the bus's own angle.
#[test]
fn a_battery_that_comes_back_does_not_bump() {
    let b = "(name: \"B1\", rated_kva: 200.0, energy_kwh: 200.0, droop_pu: 0.01, recharge_kw: 0.0)";
    let g = set("G1", 1.5, 0.0, &format!("governor: {TGOV1}"));
    let mut p = plant(&with_bess(b, &g, 300.0));
    load(&mut p, 500.0);
    run(&mut p, 2.0);
    p.bess[0].scale = 0.0;
    p.touch();
    run(&mut p, 7.3);
    p.bess[0].scale = 1.0;
    p.touch();
    run(&mut p, 0.005);
    let kw = p.bess[0].p * 1000.0;
    assert!(kw.abs() < 25.0, "it comes back with {kw} kW, bound 25");
}

// Voltage

#[test]
fn the_regulator_settles_on_its_own_equation() {
    for (what, more) in [("no reactive droop", "0.0"), ("reactive droop 4 %", "0.04")] {
        let avr = format!(
            "avr: (ta_tb: 0.1, tb_s: 10.0, k: 100.0, te_s: 0.05, efd_min: 0.0, efd_max: 5.0, vhz_knee_pu: 0.96, \
             vhz_slope: 1.0, q_droop_pu: {more})"
        );
        let text = one(1.5, 0.0, &pid(0.06, 0.2), 500.0)
            .replace(", flux: off", &format!(", x_line_pu: 0.03, {avr}"))
            .replace("kw: 500.0)", "kw: 500.0, power_factor: 0.9)");
        let mut p = plant(&text);
        load(&mut p, 700.0);
        run(&mut p, 60.0);
        let (g, s) = (&p.cfg.gensets[0], &p.gensets[0]);
        let f = g.machine.flux.as_ref().expect("a flux model");
        // Bus voltage V, load P + jQ. Machine on 1 MVA.
        let (x1, xd, xl) = (g.machine.xd1_pu / 1.25, f.xd_pu / 1.25, 0.03);
        let (pl, q) = (0.7_f64, 0.7 * (1.0_f64 / 0.81 - 1.0).sqrt());
        let terminal = |v: f64| ((v + xl * q / v).powi(2) + (xl * pl / v).powi(2)).sqrt();
        // Efd that holds this voltage: E' behind X'd and Efd = E' + (Xd - X'd) Id.
        let field = |v: f64| {
            let (a, b) = (v + (x1 + xl) * q / v, (x1 + xl) * pl / v);
            let e = (a * a + b * b).sqrt();
            let along = v * a / e; // V along E'
            (e, e + (xd - x1) * (e - along) / (x1 + xl))
        };
        let error =
            |v: f64, q: f64| 100.0 * (s.v_ref - terminal(v) - f.avr.q_droop_pu * q * 1000.0 / 1250.0) - field(v).1;
        let (mut lo, mut hi) = (0.8, 1.2);
        for _ in 0..80 {
            let v = (lo + hi) / 2.0;
            if error(v, q) > 0.0 { lo = v } else { hi = v }
        }
        close(&format!("{what}: bus voltage, pu"), p.islands[0].vm, lo, 1e-6);
        close(&format!("{what}: field voltage, pu"), s.x[EFD], field(lo).1, 1e-5);
        close(&format!("{what}: transient EMF, pu"), s.x[EQ], field(lo).0, 1e-6);
        assert!((p.islands[0].vm - 1.0).abs() < 0.05, "{what}: voltage {}, bound 5 %", p.islands[0].vm);
    }
}

// Air limit and dead time

const AIR: &str = "air: limit(p_na_pu: 0.30, reserve_pu: 0.12, t_tc_s: 3.0)";

#[test]
fn air_limits_the_demand_and_follows_the_power() {
    let at = |kw: f64| {
        let mut p = plant(&one(0.7, 0.0, &format!("{AIR}, {}", pid(0.1, 0.25)), kw));
        p.step();
        p.gensets[0].out.avail
    };
    close("available at 500 kW", at(500.0), 0.62, 1e-9);
    close("available at 100 kW: naturally aspirated", at(100.0), 0.30, 1e-9);
    close("available at 1050 kW: the rating's limit", at(1050.0), 1.1, 1e-9);
    let mut p = plant(&one(0.7, 0.0, &format!("{AIR}, {}", pid(0.1, 0.0)), 500.0));
    load(&mut p, 660.0);
    let (mut boost, mut top, mut at_limit) = (0.5, 0.62_f64, 0);
    for _ in 0..8000 {
        let before = p.gensets[0].out.pm;
        p.step();
        let s = &p.gensets[0];
        let mean = (before + s.out.pm) / 2.0;
        boost += 0.001 * (mean - boost) / 3.0;
        top = top.max(s.out.avail);
        // The actuator follows a limit that rises 4 %/s by its lag of 0.1 s.
        at_limit += u32::from(s.out.valve > s.out.avail - 5e-3);
        assert!(s.out.valve <= top + 1e-9, "valve {} above {top}, the most that air allowed", s.out.valve);
        assert!((s.out.avail - (s.x[BOOST] + 0.12)).abs() < 1e-9, "available {} at boost {}", s.out.avail, s.x[BOOST]);
    }
    assert!(at_limit > 100, "the limit was met in {at_limit} ticks only");
    close("boost after 8 s", p.gensets[0].x[BOOST], boost, 1e-4);
}

#[test]
fn derating_and_the_overload_timer_cap_the_power() {
    let derate =
        "derate: (ambient_c: 50.0, from_c: 40.0, pu_per_c: 0.01, altitude_m: 1000.0, from_m: 500.0, pu_per_100m: 0.01)";
    let mut p = plant(&one(0.7, 0.0, &format!("{derate}, {}", pid(0.1, 0.25)), 500.0));
    p.step();
    // 10 degrees of 1 % and 500 m of 1 % a 100 m leave 85 % of 1.1 pu.
    close("derated limit", p.gensets[0].out.avail, 1.1 * 0.85, 1e-9);
    let text = one(0.7, 0.0, &pid(0.1, 0.25), 900.0).replace("overload_s: 1e5", "overload_s: 20.0");
    let mut p = plant(&text);
    load(&mut p, 1030.0);
    run(&mut p, 19.0);
    close("limit within the overload time", p.gensets[0].out.avail, 1.1, 1e-9);
    let before = hz(&p, 0);
    run(&mut p, 3.0);
    close("limit after it", p.gensets[0].out.avail, 1.0, 1e-9);
    assert!(hz(&p, 0) < before - 0.1, "{} Hz: a set at its limit cannot hold 1030 kW", hz(&p, 0));
}

#[test]
fn dead_time_is_exact() {
    for (ticks, t_d) in [(1, 0.001), (2, 0.002), (60, 0.06), (233, 0.233)] {
        let mut p = plant(&one(0.7, 0.0, &pid(t_d, 0.0), 500.0));
        load(&mut p, 560.0);
        let mut valve = vec![0.5; ticks];
        for k in 0..3000 {
            p.step();
            let s = &p.gensets[0];
            valve.push(s.out.valve);
            let want = valve[valve.len() - 1 - ticks];
            let off = (s.out.pm - want).abs();
            assert!(off < 1e-12, "dead time {ticks} ticks: power {} at tick {k}, the valve was {want}", s.out.pm);
        }
    }
}

#[test]
fn sharing_of_a_valve_governor_is_its_own_droop() {
    let p = plant(&one(0.7, 0.0, &format!("governor: {TGOV1}"), 500.0));
    assert_eq!(p.cfg.gensets[0].sharing, Sharing::Droop(0.04));
}
