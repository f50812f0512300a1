//! The machine with dampers and the node behind complex impedances against the trajectories of `tests/data/campus`, under a
//! plain two-stage integration at the tick of the twin.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::path::PathBuf;

use ballast::plant::config::{Governor, Tgov1};
use ballast::plant::governor::{self, GovInput, GovState};
use ballast::plant::network::{self, NodeLoad, Phasor};
use ballast::plant::subtransient::{STATES as FLUXES, Subtransient, Windings};

const DT: f64 = 0.001;
const F0: f64 = 60.0;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/campus").join(name)
}

fn rows(name: &str) -> Vec<Vec<f64>> {
    let mut r = csv::Reader::from_path(path(name)).expect("the trajectory");
    r.records().map(|row| row.expect("a row").iter().map(|f| f.parse().expect("a number")).collect()).collect()
}

/// Worst difference of each column from the second on, printed and held.
struct Worst<'a> {
    case: &'a str,
    bounds: &'a [(&'a str, f64)],
    seen: Vec<(f64, f64)>,
}

impl<'a> Worst<'a> {
    fn new(case: &'a str, bounds: &'a [(&'a str, f64)]) -> Self {
        Self { case, bounds, seen: vec![(0.0, 0.0); bounds.len()] }
    }

    fn see(&mut self, t: f64, off: &[f64]) {
        for (seen, off) in self.seen.iter_mut().zip(off) {
            if !(off.abs() <= seen.0) {
                *seen = (off.abs(), t);
            }
        }
    }

    fn hold(&self) {
        for ((what, bound), (off, at)) in self.bounds.iter().zip(&self.seen) {
            println!("{:24} {what:16} worst {off:.6} at {at:.3} s, bound {bound}", self.case);
        }
        for ((what, bound), (off, at)) in self.bounds.iter().zip(&self.seen) {
            assert!(off <= bound, "{}: {what} is {off} off at {at} s, bound {bound}", self.case);
        }
    }
}

/// What turns.
enum Rotor {
    /// A constant EMF behind a reactance, pu of 1 MVA.
    Classical {
        emf: f64,
        x: f64,
    },
    Dampers {
        windings: Windings,
        efd: f64,
    },
}

/// A machine with its shaft; powers of the shaft in pu of `mw`.
struct Unit {
    rotor: Rotor,
    h_s: f64,
    mva: f64,
    mw: f64,
    /// Load reference of its governor; without one the shaft's power is constant.
    shaft: Shaft,
}

enum Shaft {
    Tgov1(f64),
    Constant(f64),
}

#[derive(Clone, Copy)]
struct State {
    w: f64,
    delta: f64,
    flux: [f64; FLUXES],
    gov: GovState,
}

/// What is read of a unit.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// Into the node, MW.
    p: f64,
    /// Over the air gap, MW.
    air_gap: f64,
    /// Current, pu of 1 MVA.
    i: f64,
}

fn valve() -> Governor {
    let p = Tgov1 { r_pu: 0.04, t1_s: 0.1, t2_s: 0.15, t3_s: 0.4, v_min: 0.0, v_max: 1.1, dt_pu: 0.0 };
    Governor::Tgov1(p)
}

impl Unit {
    fn emf(&self, s: &State) -> Phasor {
        match &self.rotor {
            Rotor::Classical { emf, .. } => Phasor::polar(*emf, s.delta),
            Rotor::Dampers { windings, .. } => windings.emf(&s.flux, s.delta),
        }
    }

    fn impedance(&self) -> Phasor {
        match &self.rotor {
            Rotor::Classical { x, .. } => Phasor { re: 0.0, im: *x },
            Rotor::Dampers { windings, .. } => windings.impedance(),
        }
    }

    fn rates(&self, s: &State, v: Phasor) -> (State, Seen) {
        let (e, z) = (self.emf(s), self.impedance());
        let i = over(Phasor { re: e.re - v.re, im: e.im - v.im }, z);
        let (pm, gov) = match self.shaft {
            Shaft::Constant(p) => (p, GovState::default()),
            Shaft::Tgov1(p_set) => {
                let o = governor::evaluate(
                    &valve(),
                    &s.gov,
                    &GovInput {
                        w: s.w,
                        pe: 0.0,
                        p_set,
                        w_ref: 1.0,
                        droop: 0.0,
                        avail: 10.0,
                        delayed: None,
                        fuel_off: false,
                        closed: 0.0,
                        on_bus: true,
                    },
                );
                (o.pm, o.dx)
            }
        };
        let air_gap = e.re * i.re + e.im * i.im;
        let flux = match &self.rotor {
            Rotor::Classical { .. } => [0.0; FLUXES],
            Rotor::Dampers { windings, efd } => windings.derivative(&s.flux, windings.axes(i, s.delta), *efd),
        };
        let surplus = pm - air_gap / self.mw;
        let d = State {
            w: surplus / (2.0 * self.h_s * self.mva / self.mw),
            delta: core::f64::consts::TAU * F0 * (s.w - 1.0),
            flux,
            gov,
        };
        (d, Seen { p: v.re * i.re + v.im * i.im, air_gap, i: i.abs() })
    }
}

fn over(a: Phasor, b: Phasor) -> Phasor {
    let d = b.re * b.re + b.im * b.im;
    Phasor { re: (a.re * b.re + a.im * b.im) / d, im: (a.im * b.re - a.re * b.im) / d }
}

/// The voltage of the node of all units with a load.
fn node(units: &[Unit], states: &[State], load: &NodeLoad, guess: f64) -> Phasor {
    let (mut j, mut y) = (Phasor::default(), Phasor::default());
    for (u, s) in units.iter().zip(states) {
        let (z, e) = (u.impedance(), u.emf(s));
        let (i, one) = (over(e, z), over(Phasor { re: 1.0, im: 0.0 }, z));
        (j.re, j.im, y.re, y.im) = (j.re + i.re, j.im + i.im, y.re + one.re, y.im + one.im);
    }
    let (e, z) = (over(j, y), over(Phasor { re: 1.0, im: 0.0 }, y));
    let n = network::solve_behind(e.abs(), z, load, guess);
    assert!(n.converged, "{n:?}");
    network::phasor_behind(e, z, &n)
}

fn moved(s: &State, by: f64, parts: &[&State]) -> State {
    let mut to = *s;
    for d in parts {
        to.w += by * d.w;
        to.delta += by * d.delta;
        (0..FLUXES).for_each(|k| to.flux[k] += by * d.flux[k]);
        (0..to.gov.len()).for_each(|k| to.gov[k] += by * d.gov[k]);
    }
    to
}

/// Runs the units over the rows of a file with the load of each moment, and gives what is seen at each row to `at_row`.
fn run(
    units: &[Unit],
    mut x: Vec<State>,
    load: impl Fn(f64) -> NodeLoad,
    file: &str,
    mut at_row: impl FnMut(&[f64], &[State], &[Seen], f64),
) {
    let (mut tick, mut guess) = (0_u64, 1.0);
    for row in rows(file) {
        let until = (row[0] / DT).round() as u64;
        loop {
            let l = load(tick as f64 * DT);
            let v = node(units, &x, &l, guess);
            guess = v.abs();
            let (k1, seen): (Vec<State>, Vec<Seen>) = units.iter().zip(&x).map(|(u, s)| u.rates(s, v)).unzip();
            if tick >= until {
                at_row(&row, &x, &seen, v.abs());
                break;
            }
            let ahead: Vec<State> = x.iter().zip(&k1).map(|(s, d)| moved(s, DT, &[d])).collect();
            let v = node(units, &ahead, &l, guess);
            for ((u, s), (a, k1)) in units.iter().zip(&mut x).zip(ahead.iter().zip(&k1)) {
                let (k2, _) = u.rates(a, v);
                *s = moved(s, DT / 2.0, &[k1, &k2]);
                governor::clamp(&valve(), &mut s.gov, 10.0, false);
            }
            tick += 1;
        }
    }
}

#[test]
fn val_andes_condenser_with_dampers_beside_two_sets() {
    let machine = Subtransient {
        xd_pu: 1.8,
        xq_pu: 1.7,
        xd1_pu: 0.3,
        xq1_pu: 0.55,
        x2_pu: 0.2,
        xl_pu: 0.12,
        ra_pu: 0.0,
        td01_s: 6.0,
        tq01_s: 0.8,
        td02_s: 0.035,
        tq02_s: 0.05,
    };
    assert_eq!(machine.check(DT), Ok(()));
    // The sets at their common terminals at 1 pu and angle 0, the condenser at its own behind 6 %.
    let (p, q) = (0.507_501_646, 0.097_314_930_5);
    let emf = Phasor { re: 1.0 + 0.16 * q, im: 0.16 * p };
    let set = || Unit {
        rotor: Rotor::Classical { emf: emf.abs(), x: 0.16 + 0.005 },
        h_s: 1.5,
        mva: 1.25,
        mw: 1.0,
        shaft: Shaft::Tgov1(p),
    };
    let at_terminal = Phasor::polar(1.0, -0.003_439_173_645_515_2);
    let steady = Windings::new(machine, 1000.0, 0.0).steady(at_terminal, -0.015_000_004, 0.008_062_647);
    let condenser = Unit {
        rotor: Rotor::Dampers { windings: Windings::new(machine, 1000.0, 0.06), efd: steady.efd },
        h_s: 6.0,
        mva: 1.0,
        mw: 1.0,
        shaft: Shaft::Constant(-0.015_000_004),
    };
    let gov = governor::trim(&valve(), p).0;
    let start = State { w: 1.0, delta: libm::atan2(emf.im, emf.re), flux: [0.0; FLUXES], gov };
    let turning = State { w: 1.0, delta: steady.delta, flux: steady.flux, gov: GovState::default() };
    let bounds =
        [("f_set_hz", 0.002), ("f_condenser_hz", 0.002), ("pe_set_kw", 1.0), ("p_condenser_kw", 1.0), ("v_pu", 0.0005)];
    let mut worst = Worst::new("condenser", &bounds);
    let (mut most, mut first) = (0.0_f64, None);
    run(
        &[set(), set(), condenser],
        vec![start, start, turning],
        |t| NodeLoad { p: if t < 1.0 - DT / 2.0 { 1.0 } else { 1.3 }, q: 0.2, ..NodeLoad::default() },
        "two_sets_and_condenser.csv",
        |row, x, seen, v| {
            most = most.max(seen[2].p * 1000.0);
            if row[0] > 1.0 - DT / 2.0 {
                first.get_or_insert(seen[2].p * 1000.0);
            }
            if (row[0] - 1.0).abs() > 0.005 {
                let (f, p) = ([x[0].w * F0, x[2].w * F0], [seen[0].p * 1000.0, seen[2].p * 1000.0]);
                worst.see(row[0], &[f[0] - row[1], f[1] - row[2], p[0] - row[3], p[1] - row[4], v - row[5]]);
            }
        },
    );
    worst.hold();
    println!("condenser: {first:?} kW at the step, {most:.3} kW at most");
    assert!((most - 217.35).abs() < 1.0, "peak {most} kW");
    assert!(first.is_some_and(|p| (p - 56.908).abs() < 1.0), "at the step {first:?} kW");
}

fn fault(case: &str, file: &str, x_fault: f64, expected: [f64; 4]) {
    let machine = Subtransient::ALTERNATOR;
    assert_eq!(machine.check(DT), Ok(()));
    let at_terminal = Phasor { re: 1.0, im: 0.0 };
    let steady = Windings::new(machine, 1250.0, 0.0).steady(at_terminal, 0.800_002_4, 0.201_705_723);
    assert!((steady.efd - 2.270_195_8).abs() < 1e-4, "field {}", steady.efd);
    let windings = Windings::new(machine, 1250.0, 0.0025);
    // The gap carries what the stator loses, too.
    let pm = 0.800_002_4 + 0.008 * (0.800_002_4_f64.powi(2) + 0.201_705_723_f64.powi(2));
    let unit = Unit {
        rotor: Rotor::Dampers { windings, efd: steady.efd },
        h_s: 0.7,
        mva: 1.25,
        mw: 1.0,
        shaft: Shaft::Tgov1(pm),
    };
    let start = State { w: 1.0, delta: steady.delta, flux: steady.flux, gov: governor::trim(&valve(), pm).0 };
    let mut worst =
        Worst::new(case, &[("f_hz", 0.005), ("v_section_pu", 0.002), ("i share", 0.01), ("air_gap_kw", 8.0)]);
    let mut currents = Vec::new();
    run(
        &[unit],
        vec![start],
        |t| {
            let during = (1.0 - DT / 2.0..1.15 - DT / 2.0).contains(&t);
            let shunt = if during { 1.0 / x_fault } else { 0.0 };
            NodeLoad { pz: 0.800_804_227, qz: 0.200_201_057 + shunt, ..NodeLoad::default() }
        },
        file,
        |row, x, seen, v| {
            let t = row[0];
            if [1.0, 1.02, 1.05, 1.1].iter().any(|at| (t - at).abs() < DT / 2.0) {
                currents.push(seen[0].i / 1.25);
            }
            if [1.0, 1.15].iter().all(|at| (t - at).abs() > 0.0025) {
                let i = seen[0].i / 1.25 / row[3] - 1.0;
                worst.see(t, &[x[0].w * F0 - row[1], v - row[2], i, seen[0].air_gap * 1000.0 - row[4]]);
            }
        },
    );
    println!("{case}: {currents:?} pu");
    worst.hold();
    for (is, expected) in currents.iter().zip(expected) {
        assert!((is / expected - 1.0).abs() < 0.01, "{is} pu, reference {expected} pu");
    }
    assert_eq!(currents.len(), 4, "a row at the fault and 20, 50 and 100 ms into it");
}

#[test]
fn val_andes_bolted_fault_at_the_section() {
    fault("bolted fault", "fault_bolted.csv", 0.0004, [7.173, 4.405, 3.624, 2.929]);
}

#[test]
fn val_andes_fault_behind_a_feeder() {
    fault("fault behind a feeder", "fault_behind_feeder.csv", 0.1, [3.888, 2.757, 2.469, 2.186]);
}
