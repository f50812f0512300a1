//! Supervision an island at a time, on the real plant: what is admitted, shed and restored is what the plant did, by the
//! limits of the island that feeds it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

use std::fmt::Write as _;
use std::sync::Arc;

use ballast::acts::{Event, EventKind, Fault, FaultKind, Operate};
use ballast::control::{LimitId, RunState};
use ballast::engine::Engine;
use ballast::plant::gpu::Phase;
use ballast::scenario::Scenario;
use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

/// A run with all its events.
struct Run {
    e: Engine,
    events: Vec<Event>,
}

impl Run {
    fn of(s: Scenario) -> Self {
        Self { e: Engine::new(Arc::new(s)).without_rows(), events: Vec::new() }
    }

    fn file(name: &str) -> Self {
        let path = format!("{}/tests/data/areas/{name}.ron", env!("CARGO_MANIFEST_DIR"));
        Self::of(Scenario::load(&path).unwrap_or_else(|e| panic!("{e}")))
    }

    /// Runs to a time and looks at every tick.
    fn to(&mut self, t_s: f64, mut each: impl FnMut(&Engine)) {
        while self.e.t_s() < t_s - 1e-9 {
            self.e.tick();
            self.e.take_events(&mut self.events);
            each(&self.e);
        }
    }

    fn until(&mut self, t_s: f64) {
        self.to(t_s, |_| ());
    }

    fn count(&self, kind: EventKind) -> usize {
        self.events.iter().filter(|e| e.kind == kind).count()
    }

    fn kw(&self, kind: EventKind) -> f64 {
        self.events.iter().filter(|e| e.kind == kind).map(|e| e.value).sum()
    }

    fn full(&self, cohort: usize) -> u32 {
        self.e.plant.gpus[cohort].count(Phase::Full)
    }
}

#[test]
fn an_open_gpu_feeder_holds_the_schedule_and_its_closing_brings_the_jobs_back_under_the_limits() {
    let mut r = Run::file("open-feeder");
    r.until(30.0);
    assert_eq!((r.e.control.state(), r.e.control.hold_reason()), (RunState::Hold, Some("52C gpu open")));
    let batches = r.count(EventKind::Batch);
    r.until(64.9);
    assert_eq!((r.count(EventKind::Batch), r.full(0)), (batches, 0), "nothing goes into an open feeder");
    let mut worst = 0.0_f64;
    r.to(180.0, |e| worst = worst.max(e.islands()[0].meters.now.step_up_1s_kw));
    assert!(worst <= 20.0, "{worst} kW in 1 s");
    assert_eq!((r.e.control.state(), r.full(0)), (RunState::Complete, 714));
    assert!(r.e.trips().is_empty(), "{:?}", r.e.trips());
    assert!((r.e.totals().gpu_kw - 499.8).abs() < 0.1);
}

#[test]
fn miners_without_power_give_nothing_and_the_limit_that_binds_has_its_name() {
    let mut r = Run::file("dark-miners");
    let mut most = 0.0_f64;
    r.to(120.0, |e| most = most.max(if e.t_s() > 2.0 { e.totals().gen_kw } else { 0.0 }));
    assert_eq!(r.count(EventKind::Shed), 0, "what draws nothing cannot be shed");
    assert!(most <= 310.0, "{most} kW");
    let s = r.e.status();
    assert_eq!((s.state, s.binding, s.can_shed_kw), (RunState::Running, Some(LimitId::Fleet), 0.0));
}

#[test]
fn a_batch_is_the_power_of_its_own_cohort() {
    let mut r = Run::file("two-kinds");
    r.until(120.0);
    let of = |name: &str| r.events.iter().filter(|e| e.kind == EventKind::Batch && e.text.contains(name)).count();
    assert!(of("of large") >= 12 && of("of small") > 5, "{} {}", of("of large"), of("of small"));
    let batches = r.events.iter().filter(|e| e.kind == EventKind::Batch);
    assert!(batches.clone().all(|e| e.value <= 10.0), "{:?}", batches.map(|e| e.value).collect::<Vec<_>>());
    assert_eq!((r.full(0), r.full(1)), (60, 132), "114 kW of 1.9 kW boards, then 66 kW of 0.5 kW");
    assert!((r.e.totals().gpu_kw - 180.0).abs() < 0.01 && (r.kw(EventKind::Batch) - 180.0).abs() < 1e-9);
    assert_eq!(r.e.control.state(), RunState::Complete);
}

#[test]
fn fleets_of_unlike_units_give_the_kw_that_is_asked() {
    let mut r = Run::file("two-fleets");
    let (mut low, mut high) = (f64::MAX, 0.0_f64);
    r.to(120.0, |e| {
        low = low.min(e.totals().gen_kw);
        high = high.max(e.totals().gen_kw);
    });
    let (up, shed) = (r.kw(EventKind::Batch), r.kw(EventKind::Shed));
    assert!((up - 210.0).abs() < 1e-9 && shed >= up && shed < up + 25.0, "{shed} kW shed for {up} kW of GPUs");
    assert!(low > 360.0 - 28.0 && high < 360.0 + 8.0, "{low} to {high} kW from 360");
    assert!(r.e.trips().is_empty());
    let out: f64 = (0..2).map(|i| f64::from(r.e.plant.miners[i].restorable()) * [2.0, 25.0][i]).sum();
    assert!((out - shed).abs() < 1e-9, "{out} kW are off, {shed} kW were booked");
}

#[test]
fn each_island_is_judged_by_its_own_rating_and_its_loss_ends_the_schedule() {
    let mut r = Run::file("small-island");
    let mut most = 0.0_f64;
    r.to(119.0, |e| most = most.max(e.islands()[1].gen_kw));
    assert!(most > 225.0 && most <= 0.95 * 250.0, "{most} kW on 250");
    let s = r.e.status();
    assert_eq!((s.state, s.binding), (RunState::Running, Some(LimitId::Ceiling)));
    assert_eq!(s.island.as_deref(), Some("south"));
    assert!(r.e.trips().is_empty(), "{:?}", r.e.trips());
    r.until(150.0);
    assert_eq!(r.e.control.state(), RunState::Lost);
    assert_eq!(r.e.control.hold_reason(), Some("south: bus dead under gpu"));
    assert!(r.events.iter().any(|e| e.text == "lost: south: bus dead under gpu"));
    assert!(r.e.islands()[0].alive && !r.e.islands()[1].alive);
}

#[test]
fn what_a_restore_did_not_do_is_not_booked() {
    let mut r = Run::file("interrupted-restore");
    r.until(69.0);
    let (out, off) = (r.e.control.commanded_shed_units(), r.e.plant.miners[0].restorable());
    assert!(out > 0 && out == off, "{out} units booked, {off} are off");
    r.until(600.0);
    assert_eq!((r.e.control.commanded_shed_units(), r.e.plant.miners[0].units_on()), (0, 151));
    assert!((r.e.totals().miner_kw - 498.3).abs() < 0.1, "{}", r.e.totals().miner_kw);
}

#[test]
fn a_battery_alone_admits_by_its_own_rating() {
    let mut r = Run::file("battery-alone");
    let (mut most, mut low_hz) = (0.0_f64, f64::MAX);
    r.to(60.0, |e| {
        most = most.max(e.totals().bess_kw);
        low_hz = low_hz.min(e.totals().f_hz);
    });
    assert!(most > 130.0 && most <= 0.95 * 150.0, "{most} kW of 150 kVA");
    assert!(low_hz > 59.5, "{low_hz} Hz");
    assert_eq!(r.e.status().binding, Some(LimitId::Ceiling));
    assert!(r.e.plant.islands[0].alive && r.e.plant.islands[0].gensets.is_empty());
}

#[test]
fn regress_miners_that_do_not_answer_do_not_open_the_way_past_the_ceiling() {
    let mut r = Run::file("deaf-miners");
    let mut most = 0.0_f64;
    r.to(90.0, |e| most = most.max(e.totals().gen_kw));
    assert!(most > 850.0 && most <= 900.0 + 20.0, "{most} kW, ceiling 900");
    assert_eq!(r.e.status().binding, Some(LimitId::Ceiling));
}

#[test]
fn acts_that_move_nothing_say_so() {
    let text = "(purpose: \"t\", run_s: 60.0, plant: (gpus: [(name: \"gpu\", gpus: 40, full_at_start: 30)], bess: []), \
                policy: (), script: [(at_s: 1.0, act: Phase(cohort: \"gpu\", gpus: 5, from: preload, to: full))])";
    let mut r = Run::of(Scenario::from_str("t", "t", text, None).unwrap_or_else(|e| panic!("{e}")));
    let refused = |r: &Run| r.events.iter().rfind(|e| e.kind == EventKind::Refused).map(|e| e.text.clone());
    r.until(2.0);
    assert_eq!(refused(&r).as_deref(), Some("0 of 5 GPUs of gpu moved: no others are Preload, or they have no power"));
    let say = |r: &mut Run, act: Operate| {
        let n = r.count(EventKind::Refused);
        r.e.operate(act);
        let to = r.e.t_s() + 0.5;
        r.until(to);
        (r.count(EventKind::Refused) > n).then(|| refused(r).unwrap())
    };
    assert_eq!(say(&mut r, Operate::Slam(15)), None, "ten of them move");
    assert_eq!(r.full(0), 40);
    assert!(r.events.iter().any(|e| e.kind == EventKind::Notice && e.text.starts_with("10 of 15 GPUs slammed")));
    assert!(say(&mut r, Operate::Slam(15)).unwrap().starts_with("0 of 15 GPUs slammed"));
    assert_eq!(say(&mut r, Operate::Crash(0)), None);
    assert_eq!(say(&mut r, Operate::Crash(0)).as_deref(), Some("no GPU of gpu is up"));
    let gpu_feeder = r.e.plant.breakers().position(|b| b.name(&r.e.plant.cfg) == "52C gpu").unwrap() as u32;
    assert_eq!(say(&mut r, Operate::Breaker(gpu_feeder, true)).as_deref(), Some("52C gpu is closed already"));
    assert_eq!(say(&mut r, Operate::Breaker(gpu_feeder, false)), None);
    assert!(say(&mut r, Operate::Slam(5)).is_some(), "an open feeder starts no job");
    let crash = Fault { kind: FaultKind::JobCrash, device: 0, severity: 1.0, ramp_s: 0.0 };
    assert!(say(&mut r, Operate::Fault(crash)).is_some());
}

/// Lost commands: control books what arrived, and says so.
#[test]
fn commands_that_get_lost_are_not_booked() {
    let mut r = Run::file("interrupted-restore");
    let lost = Fault { kind: FaultKind::CommLoss, device: 1, severity: 1.0, ramp_s: 0.0 };
    r.until(6.0);
    r.e.operate(Operate::Fault(lost));
    r.until(20.0);
    assert_eq!(r.e.control.commanded_shed_units(), r.e.plant.miners[0].restorable());
    assert!(r.events.iter().any(|e| e.kind == EventKind::Notice && e.text.contains("0 of")), "{:?}", r.events);
}

/// A scenario with this in its plant.
fn with(plant: &str) -> Result<Scenario, String> {
    let text = format!("(purpose: \"t\", run_s: 600.0, plant: ({plant}), policy: ())");
    Scenario::from_str("t", "t", &text, None).map_err(|e| e.to_string())
}

#[test]
fn figures_name_their_island_and_the_headline_is_the_worst() {
    let mut r = Run::file("small-island");
    r.until(110.0);
    let all: Vec<_> = r.e.summaries().map(|(name, s)| (name.to_owned(), s.clone())).collect();
    assert_eq!(all.iter().map(|(n, _)| n.as_str()).collect::<Vec<_>>(), ["north", "south"]);
    let (north, south, site) = (&all[0].1, &all[1].1, r.e.summary());
    assert!(north.f_min_hz > 59.9 && south.f_min_hz < north.f_min_hz, "{} {}", north.f_min_hz, south.f_min_hz);
    assert!(south.gen_max_kw < 240.0 && (north.gen_max_kw - 330.0).abs() < 1.0);
    assert_eq!((site.f_min_hz, site.gen_max_kw), (south.f_min_hz, north.gen_max_kw));
    let mut row = vec![0.0; r.e.table().len()];
    r.e.fill_row(&mut row);
    let value = |id: &str| row[r.e.table().find(id).unwrap().at()];
    assert!((value("south.headroom_kw") - (250.0 - value("south.gen_kw"))).abs() < 1e-9);
    assert!((value("site.headroom_kw") - value("south.headroom_kw") - value("north.headroom_kw")).abs() < 1e-9);
    let label = |id: &str| r.e.table().get(r.e.table().find(id).unwrap()).label.clone();
    assert_eq!(label("site.f_hz"), "Frequency, main island");
    assert_eq!(label("site.headroom_kw"), "Headroom, all islands");
}

/// Path B sheds what hangs on the island of its GPUs, and Path A of one island leaves another's miners alone.
#[test]
fn miners_of_another_island_are_no_ballast() {
    let s = with(
        "sections: [\"a\", \"b\"], ties: [(name: \"T\", from: \"a\", to: \"b\", closed: false)], \
         gensets: [(name: \"G1\", section: \"a\"), (name: \"G2\", section: \"b\")], \
         gpus: [(name: \"gpu\", section: \"b\", gpus: 200)], bess: [], \
         miners: [(name: \"near\", section: \"b\", units: 12), (name: \"far\", section: \"a\", units: 100)]",
    );
    let mut s = s.unwrap_or_else(|e| panic!("{e}"));
    s.policy.path = ballast::control::BringUpPath::Shed;
    s.policy.start_at_s = Some(2.0);
    let mut r = Run::of(s);
    r.until(60.0);
    let off = |i: usize| r.e.plant.miners[i].restorable();
    assert_eq!((off(0), off(1)), (12, 0), "all that is near, nothing that is far");
    assert_eq!(r.e.status().binding, Some(LimitId::Fleet));
    assert!(r.full(0) < 75, "{} GPUs on 39.6 kW of miners", r.full(0));
}

#[test]
fn a_battery_recharges_while_the_gensets_stay_in_their_preferred_range() {
    for (aux_kw, charges) in [(500.0, false), (660.0, false), (700.0, true), (800.0, true), (955.0, false)] {
        let s = with(&format!(
            "miners: [], gpus: [], aux: [(name: \"aux\", kw: {aux_kw:?})], \
             bess: [(name: \"B1\", rated_kva: 100.0, energy_kwh: 100.0, soc_at_start: 0.3, recharge_kw: 25.0)]"
        ));
        let mut r = Run::of(s.unwrap_or_else(|e| panic!("{e}")));
        let mut most = 0.0_f64;
        r.to(60.0, |e| most = most.max(e.totals().gen_kw));
        let kw = r.e.totals().bess_kw;
        assert_eq!(kw < -20.0, charges, "{kw} kW at {aux_kw}");
        assert!(charges || kw > -0.5, "{kw} kW at {aux_kw}");
        assert!(most <= aux_kw + 26.0, "{most} kW");
    }
}

/// A cap goes down and up under the limits of a batch, moves what is up, and is heard of when it is there.
#[test]
fn a_power_cap_moves_the_gpus_under_the_limits() {
    let text = "(purpose: \"t\", run_s: 200.0, plant: (gpus: [(name: \"gpu\", gpus: 500, full_at_start: 400)], \
                miners: [(name: \"miners\", units: 90)], bess: []), policy: (set: recommended), \
                script: [(at_s: 5.0, act: GpuCap(cohort: \"gpu\", w: 420.0)), (at_s: 80.0, act: GpuCap(cohort: \"gpu\", pct: 100.0))])";
    let mut r = Run::of(Scenario::from_str("t", "t", text, None).unwrap_or_else(|e| panic!("{e}")));
    let (mut down, mut up, mut ramp) = (0.0_f64, 0.0_f64, 0.0_f64);
    let mut worst = |e: &Engine| {
        let now = &e.islands()[0].meters.now;
        (down, up, ramp) = (down.max(now.step_down_1s_kw), up.max(now.step_up_1s_kw), ramp.max(now.ramp_5s));
    };
    r.to(79.9, &mut worst);
    assert!((r.e.totals().gpu_kw - 168.0).abs() < 0.1, "{} kW at 60 %", r.e.totals().gpu_kw);
    assert_eq!(r.e.plant.gpus[0].cap, 0.6);
    r.to(160.0, &mut worst);
    assert!((r.e.totals().gpu_kw - 280.0).abs() < 0.1, "{} kW without a cap", r.e.totals().gpu_kw);
    assert_eq!((r.full(0), r.e.plant.gpus[0].cap), (400, 1.0));
    assert!(down <= 20.5 && up <= 20.5 && ramp <= 16.2, "{down} kW down, {up} kW up in 1 s, {ramp} kW/s");
    assert!(down > 5.0 && up > 5.0);
    let reached: Vec<f64> = r.events.iter().filter(|e| e.text == "power cap reached").map(|e| e.value).collect();
    assert_eq!(reached, [60.0, 100.0]);
    r.e.operate(Operate::GpuCap(0, 1.0));
    r.e.operate(Operate::GpuCap(0, 0.05));
    r.e.operate(Operate::GpuCap(7, 0.5));
    r.until(161.0);
    assert_eq!(r.count(EventKind::Refused), 3, "one that stands, one out of range, one without a cohort");
}

#[test]
fn smoothing_by_the_boards_driver_is_refused_with_the_reason() {
    let said = with("gpus: [(name: \"gpu\", library: \"gb200\", gpus: 10, power_smoothing: true)]").unwrap_err();
    assert!(
        said.contains("power smoothing by the board's driver is not modelled") && said.contains("line 1"),
        "{said}"
    );
}

/// A plant of one to three islands, each with a set or a battery of its own, and loads anywhere.
#[derive(Clone, Debug)]
struct Case {
    sets: Vec<(f64, bool)>,
    cohorts: Vec<(usize, u32, f64)>,
    fleets: Vec<(usize, u32, f64, u32)>,
    path: usize,
    confirmed: bool,
    target_kw: f64,
    tie_at_s: Option<u32>,
    seed: u64,
}

fn case() -> impl Strategy<Value = Case> {
    let cohort = (0..3_usize, 1..300_u32, 0.3..4.0_f64);
    let fleet = (0..3_usize, 1..60_u32, 0.5..12.0_f64, 1..4_u32);
    (
        prop::collection::vec((150.0..1200.0_f64, prop::bool::weighted(0.2)), 1..4),
        prop::collection::vec(cohort, 1..4),
        prop::collection::vec(fleet, 0..4),
        (0..3_usize, any::<bool>(), 20.0..500.0_f64, prop::option::of(10..40_u32), 0..1000_u64),
    )
        .prop_map(|(sets, cohorts, fleets, (path, confirmed, target_kw, tie_at_s, seed))| Case {
            // more than all GPUs draw would be refused
            target_kw: f64::round(target_kw).min(cohorts.iter().map(|(_, n, kw)| 0.99 * f64::from(*n) * *kw).sum()),
            sets,
            cohorts,
            fleets,
            path,
            confirmed,
            tie_at_s,
            seed,
        })
}

impl Case {
    fn text(&self) -> String {
        let n = self.sets.len();
        let name = |i: usize| ["a", "b", "c"][i % n];
        let mut t = String::from("(purpose: \"t\", run_s: 90.0, plant: (tick_ms: 2.0, sections: [");
        (0..n).for_each(|i| write!(t, "\"{}\",", name(i)).unwrap());
        t.push_str("], ties: [");
        for i in 1..n {
            write!(t, "(name: \"T{i}\", from: \"{}\", to: \"{}\", closed: true),", name(i - 1), name(i)).unwrap();
        }
        t.push_str("], gensets: [");
        for (i, (kw, battery)) in self.sets.iter().enumerate().filter(|(_, s)| !s.1) {
            let share = if self.sets.len() > 1 { "sharing: load_share(0.03), " } else { "" };
            write!(
                t,
                "(name: \"G{i}\", section: \"{}\", {share}rated_kw: {kw:.0}.0, preset: \"lean-default\"),",
                name(i)
            )
            .unwrap();
            assert!(!battery);
        }
        t.push_str("], bess: [");
        for (i, (kw, _)) in self.sets.iter().enumerate().filter(|(_, s)| s.1) {
            let (kva, kwh) = (kw / 2.0, kw);
            write!(
                t,
                "(name: \"B{i}\", section: \"{}\", rated_kva: {kva:.0}.0, energy_kwh: {kwh:.0}.0, recharge_kw: 0.0),",
                name(i)
            )
            .unwrap();
        }
        t.push_str("], gpus: [");
        for (i, (s, gpus, kw)) in self.cohorts.iter().enumerate() {
            write!(t, "(name: \"gpu{i}\", section: \"{}\", gpus: {gpus}, full_kw: {kw:.2}),", name(*s)).unwrap();
        }
        t.push_str("], miners: [");
        for (i, (s, units, kw, block)) in self.fleets.iter().enumerate() {
            let units = (*units).min((self.sets[s % n].0 * 0.25 / kw) as u32);
            let block = (*block).min(units.max(1));
            write!(
                t,
                "(name: \"miners{i}\", section: \"{}\", units: {units}, unit_kw: {kw:.2}, block_units: {block}),",
                name(*s)
            )
            .unwrap();
        }
        let path = ["ramp", "shed", "shed_restore"][self.path];
        let mode = if self.confirmed { "match_confirmed" } else { "match" };
        write!(
            t,
            "], psu_ride_through: on, relays: none, shedding: off), policy: (set: recommended, path: {path}, shed_mode: {mode}, \
             target_kw: {:?}, ceiling_pu: 0.9, hold: (enabled: false), start_at_s: 2.0), script: [",
            self.target_kw
        )
        .unwrap();
        if let (Some(at), true) = (self.tie_at_s, n > 1) {
            write!(t, "(at_s: {at}.0, act: Breaker(name: \"52T T1\", closed: false)),").unwrap();
        }
        t.push_str("])");
        t
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 16,
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        ..ProptestConfig::default()
    })]

    /// What was admitted is what was commanded is what the plant did, cohort by cohort and fleet by fleet; no island's
    /// sources go past their own ceiling by what control did; and nothing is shed that does not draw.
    #[test]
    fn books_follow_the_plant_and_islands_their_own_limits(case in case()) {
        let text = case.text();
        let scenario = Scenario::from_str("t", "t", &text, None).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let mut r = Run::of(Scenario { seed: case.seed, ..scenario });
        let start: Vec<f64> = r.e.measured().islands.iter().map(|i| i.kw).collect();
        let mut topology = r.e.islands().len();
        let mut allowed: Vec<f64> = start.clone();
        let mut shed_before = 0.0;
        while r.e.t_s() < 90.0 - 1e-9 {
            let drew: f64 = r.e.totals().miner_kw;
            r.e.tick();
            r.e.take_events(&mut r.events);
            let shed = r.kw(EventKind::Shed);
            prop_assert!(shed - shed_before <= drew + 1e-6, "{} kW shed of {drew} kW that draw\n{text}", shed - shed_before);
            shed_before = shed;
            let m = r.e.measured();
            if m.islands.len() != topology {
                // A tie has moved load: what the new islands carry now is where they begin.
                topology = m.islands.len();
                allowed = m.islands.iter().map(|i| i.kw * 1.02 + 60.0).collect();
            }
            for (i, island) in m.islands.iter().enumerate().filter(|(_, i)| i.energised && i.rating_kw > 0.0) {
                // Lag on Path B by command alone lets GPUs come before miners go: one batch a second.
                let lag_kw = 45.0;
                let most = (0.9 * island.rating_kw).max(allowed[i]) + lag_kw;
                prop_assert!(island.kw <= most, "island {i}: {} kW of {} kW at {} s\n{text}", island.kw, island.rating_kw, r.e.t_s());
            }
        }
        let m = r.e.measured();
        let booked = r.kw(EventKind::Batch) - r.kw(EventKind::BatchDown);
        let is: f64 = m.cohorts.iter().map(|c| f64::from(c.full) * c.full_kw).sum();
        let lost = r.events.iter().any(|e| e.text.contains("dropped out"));
        prop_assert!(lost || (booked - is).abs() < 1e-6, "{booked} kW booked, {is} kW are up\n{text}");
        prop_assert!(is <= case.target_kw + 1e-6);
        let off: u32 = r.e.plant.miners.iter().map(|f| f.restorable() + f.moving()).sum();
        let out = r.e.control.commanded_shed_units();
        prop_assert!(lost || out <= off, "{out} units booked as off, {off} are\n{text}");
    }
}
