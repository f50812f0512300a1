//! The one-line, the bring-up panel and the tune view, drawn without a window and operated through their names.
//!
//! `cargo test --test console_panels -- --ignored` saves pictures under `target/pictures/`.
#![cfg(feature = "console")]
#![expect(clippy::unwrap_used, reason = "a test may fail on a missing picture")]

use std::sync::Arc;

use ballast::acts::{Block, BreakerView, CohortView, MinerCell, Operate, PlantView, Plate, Readback, Setpoint};
use ballast::console::action::{Action, RunAct, ScreenAct};
use ballast::console::model::{Mode, Model};
use ballast::console::theme;
use ballast::console::views::{bringup, mimic, tune};
use ballast::control::policy::Staging;
use ballast::control::{BringUpPath, LimitId, LimitUse, Policy, RunState, ShedMode, Status};
use ballast::engine::forecast::Forecast;
use ballast::plant::signals::{SignalTable, at, genset, section, site};
use ballast::worker::{Speed, Update};
use egui::accesskit::Role;
use egui::{Rect, pos2, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

/// Which part of the console a harness shows.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Operate,
    Tune,
}

struct App {
    model: Model,
    part: Part,
    bringup: bringup::BringUpState,
    tune: tune::TuneState,
    actions: Vec<Action>,
    ready: bool,
}

impl App {
    fn ui(&mut self, ui: &mut egui::Ui) {
        if !self.ready {
            theme::install(ui.ctx());
            self.ready = true;
            return;
        }
        let t = theme::tokens(ui.ctx());
        let all = ui.ctx().content_rect();
        let mut whole = ui.new_child(egui::UiBuilder::new().max_rect(all));
        let ui = &mut whole;
        ui.set_clip_rect(all);
        ui.painter().rect_filled(all, 0, t.panel);
        match self.part {
            Part::Operate => {
                let (w, h) = if all.width() > 700.0 {
                    (720.0, 420.0)
                } else {
                    (all.width(), (all.height() * 340.0 / 700.0).round())
                };
                let top = Rect::from_min_size(all.min, vec2(w, h));
                let low = Rect::from_min_max(pos2(all.left(), all.top() + h), all.max);
                ui.push_id("mimic", |ui| mimic::show(ui, top, &self.model, &mut self.actions));
                ui.painter().hline(all.x_range(), low.top() + 0.5, egui::Stroke::new(1.0, t.hair));
                ui.push_id("bringup", |ui| bringup::show(ui, low, &self.model, &mut self.bringup, &mut self.actions));
            }
            Part::Tune => tune::show(ui, all, &self.model, &mut self.tune, &mut self.actions),
        }
    }
}

fn policy() -> Policy {
    let acceptance = vec![(0.0, 0.20), (0.25, 0.16), (0.5, 0.14), (0.75, 0.14), (0.9, 0.10)];
    let set = Policy::source(1000.0, acceptance, 16.0);
    let staging = Staging { interval_s: 1.0, ..set.staging };
    Policy { shed_mode: ShedMode::MatchConfirmed, step_limit_kw: 90.0, staging, ..set }
}

fn status(state: RunState) -> Status {
    let u = |id, now, limit, unit, blocks| LimitUse { id, now, limit, unit, blocks };
    Status {
        state,
        hold_reason: (state == RunState::Hold).then(|| "operator".to_owned()),
        limits: vec![
            u(LimitId::GpusPerS, 10.0, 10.0, "GPU/s", false),
            u(LimitId::Step, 7.0, 90.0, "kW", false),
            u(LimitId::StepNow, 3.0, 90.0, "kW", false),
            u(LimitId::Window1s, 7.0, 50.0, "kW", false),
            u(LimitId::Ramp, 7.0, 20.0, "kW/s", false),
        ],
        binding: Some(LimitId::GpusPerS),
        step_now_kw: [87.0, 90.0],
        next_batch: Some((10, 0.8)),
        gpus: [435, 714],
        eta_s: Some(28.0),
        plan_end_kw: 1000.0,
        can_shed_kw: 498.3,
        shed_kw: 0.0,
        policy: policy(),
        ..Status::default()
    }
}

fn plate(gensets: usize, sections: usize) -> Plate {
    Plate {
        scenario: "path-a".into(),
        preset: "lean-default".into(),
        seed: 42,
        f0_hz: 60.0,
        v_nom: 480.0,
        rated_kw: 1000.0 * gensets as f64,
        gensets: (1..=gensets).map(|i| format!("G{i}")).collect(),
        sections: (0..sections).map(|i| format!("Bus {}", (b'A' + i as u8) as char)).collect(),
        bess: vec!["B1".into()],
        gpus: 714,
        gpu_kw: 0.7,
        miners: 151,
        miner_kw: 3.3,
        bess_kw: 200.0,
        bess_kwh: 100.0,
        bess_soc: [0.1, 0.9],
        miner_latency_s: 2.0,
        run_s: 300.0,
        ..Plate::default()
    }
}

fn cohorts() -> Vec<CohortView> {
    let cohort = |name: &str, gpus| CohortView { name: name.into(), gpus, full_kw: 0.7, cap_asked: 1.0, cap: 1.0 };
    vec![cohort("training", 514), cohort("inference", 200)]
}

fn model(mode: Mode, state: RunState, gensets: usize, sections: usize) -> Model {
    let plate = plate(gensets, sections);
    let table = SignalTable::new(&plate.sections, &plate.gensets, &plate.bess);
    let mut row = vec![0.0; table.len()];
    let n = gensets as f64;
    for (i, v) in [
        (site::F_HZ, 59.94),
        (site::V_PU, 1.0),
        (site::GEN_KW, 803.0 * n),
        (site::GEN_KVAR, 264.0 * n),
        (site::GEN_A, 1016.0 * n),
        (site::GPU_KW, 304.7 * n),
        (site::MINER_KW, 498.3 * n),
        (site::GPU_FULL, 435.0),
        (site::GPU_OFF, 279.0),
        (site::MINER_ON, 151.0),
        (site::BESS_SOC_PCT, 61.0),
        (site::STEP_NOW_KW, 87.0),
        (site::ENERGISED, 1.0),
    ] {
        row[at(i).at()] = v;
    }
    for i in 0..gensets {
        for (o, v) in [
            (genset::P_KW, 803.0),
            (genset::PM_KW, 801.0),
            (genset::AVAIL_KW, 890.0),
            (genset::STATE, 6.0),
            (genset::BREAKER, 1.0),
            (genset::SPEED_HZ, 59.94),
            (genset::VT_PU, 1.0),
        ] {
            row[table.genset(i, o).at()] = v;
        }
    }
    for i in 0..sections {
        for (o, v) in [(section::F_HZ, 59.94), (section::V_PU, 1.0), (section::ENERGISED, 1.0)] {
            row[table.section(i, o).at()] = v;
        }
    }
    let breaker = |name: String, closed, section, kw| BreakerView {
        name,
        closed,
        section: Some(section),
        kw,
        ..BreakerView::default()
    };
    let sets = plate.gensets.iter().enumerate();
    let mut breakers: Vec<BreakerView> =
        sets.map(|(i, g)| breaker(format!("52G {g}"), true, i * sections / gensets, 803.0)).collect();
    let last = sections - 1;
    breakers.extend([
        breaker("52M miners".into(), true, 0, 498.3),
        breaker("52C gpus".into(), true, last, 304.7),
        breaker("52A house".into(), true, last, 0.0),
        breaker("52B B1".into(), true, 0, 0.0),
    ]);
    breakers.extend(
        (1..sections).map(|i| BreakerView { to: Some(i), ..breaker(format!("52T {i}"), i % 2 == 1, i - 1, f64::NAN) }),
    );
    let cells = (0..38).map(|_| MinerCell { units: 4, on: 4, moving: 0, stuck: 0 }).collect();
    let presets = ["lean-slow".into(), "lean-default".into(), "fast-response".into()];
    let forecast = Forecast {
        min_f_hz: (59.91, 260.0),
        max_gen_kw: (1000.0, 280.0),
        first_limit: Some(("headroom < 50 kW".into(), 273.3, "lean-default".into())),
        ..Forecast::empty(252.3, presets, (60.0, 500.0))
    };
    let readback = Readback { aux_kw: 12.0, bess_kw: 200.0, miner_latency_s: 2.0, ..Readback::default() };
    let width = table.len();
    let update = Update {
        epoch: 1,
        table: Arc::new(table),
        plate: Arc::new(plate),
        block: Block { width, ..Block::default() },
        latest: row,
        t_s: 252.3,
        status: status(state),
        view: PlantView { breakers, readback, miner_cells: cells, cohorts: cohorts(), ..PlantView::default() },
        events: vec![],
        acked: 0,
        running: true,
        speed: Speed::Times(1.0),
        achieved_speed: 1.0,
        coalesced: 0,
        stalled: false,
        state_hash: 7,
        forecast: Some(Arc::new(forecast)),
        desk: None,
        rewound_s: None,
        quality: Vec::new(),
    };
    Model::new(mode, update)
}

fn harness(part: Part, model: Model, size: [f32; 2], theme: egui::Theme) -> Harness<'static, App> {
    let app = App {
        model,
        part,
        bringup: bringup::BringUpState::default(),
        tune: tune::TuneState::default(),
        actions: Vec::new(),
        ready: false,
    };
    let mut h = Harness::builder()
        .with_size(size)
        .with_pixels_per_point(1.0)
        .with_max_steps(8)
        .wgpu()
        .with_theme(theme)
        .build_ui_state(|ui, app: &mut App| app.ui(ui), app);
    h.run_steps(3);
    h
}

fn operate() -> Harness<'static, App> {
    harness(Part::Operate, model(Mode::Twin, RunState::Running, 1, 1), [620.0, 700.0], egui::Theme::Light)
}

fn save(h: &mut Harness<'_, App>, name: &str) {
    std::fs::create_dir_all("target/pictures").unwrap();
    h.render().unwrap().save(format!("target/pictures/{name}.png")).unwrap();
}

/// Set-points sent so far.
fn sets(h: &Harness<'_, App>) -> Vec<(Setpoint, f64)> {
    h.state()
        .actions
        .iter()
        .filter_map(|a| if let Action::Operate(Operate::Set(s, v)) = a { Some((*s, *v)) } else { None })
        .collect()
}

fn page(h: &mut Harness<'_, App>, name: &str) {
    h.get_by_label(&format!("Page {name}")).click();
    h.run_steps(2);
}

fn slide(h: &mut Harness<'_, App>, name: &str, value: f64) {
    h.get_by_role_and_label(Role::Slider, name).set_value_accesskit(value);
    h.run_steps(2);
}

fn type_into(h: &mut Harness<'_, App>, name: &str, text: &str) {
    h.get_by_label(name).focus();
    h.run_steps(2);
    h.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    h.get_by_label(name).type_text(text);
    h.run_steps(1);
    h.key_press(egui::Key::Enter);
    h.run_steps(2);
}

#[test]
fn every_slider_sends_its_set_point_once() {
    let mut h = operate();
    for (name, value) in
        [("Target", 400.0), ("Batch", 20.0), ("Interval", 2.0), ("Step limit", 50.0), ("Ramp limit", 10.0)]
    {
        slide(&mut h, name, value);
    }
    h.state_mut().model.status.policy.path = BringUpPath::Shed;
    h.run_steps(1);
    slide(&mut h, "Shed share", 80.0);
    page(&mut h, "Devices");
    h.state_mut().model.status.policy.shed_mode = ShedMode::Match;
    h.run_steps(1);
    for (name, value) in [("Shed lead", 0.5), ("Miner latency", 3.0), ("BESS size", 100.0), ("Aux load", 25.0)] {
        slide(&mut h, name, value);
    }
    page(&mut h, "Run");
    slide(&mut h, "Ceiling", 95.0);
    let want = [
        (Setpoint::TargetKw, 400.0),
        (Setpoint::BatchGpus, 20.0),
        (Setpoint::IntervalS, 2.0),
        (Setpoint::StepLimitKw, 50.0),
        (Setpoint::RampLimitKwPerS, 10.0),
        (Setpoint::ShedShare, 0.8),
        (Setpoint::ShedLeadS, 0.5),
        (Setpoint::MinerLatencyS, 3.0),
        (Setpoint::BessKw, 100.0),
        (Setpoint::AuxKw, 25.0),
        (Setpoint::CeilingPu, 0.95),
    ];
    assert_eq!(sets(&h), want);
}

#[test]
fn a_sent_value_is_pending_until_the_plant_has_it() {
    let mut h = operate();
    slide(&mut h, "Batch", 20.0);
    assert!(h.state().bringup.pending(Setpoint::BatchGpus));
    h.state_mut().model.status.policy.batch_gpus = 20;
    h.run_steps(1);
    assert!(!h.state().bringup.pending(Setpoint::BatchGpus));
    assert_eq!(sets(&h).len(), 1);
}

#[test]
fn regress_set_points_of_devices_show_what_the_plant_has() {
    let mut h = operate();
    page(&mut h, "Devices");
    let slider = |h: &Harness<'_, App>, name: &str| {
        h.get_by_role_and_label(Role::Slider, name).accesskit_node().data().numeric_value().unwrap()
    };
    assert_eq!((slider(&h, "Aux load"), slider(&h, "Miner latency")), (12.0, 2.0));
    slide(&mut h, "Aux load", 25.0);
    assert!(h.state().bringup.pending(Setpoint::AuxKw), "sent is not applied");
    h.state_mut().model.view.readback.aux_kw = 25.0;
    h.run_steps(1);
    assert!(!h.state().bringup.pending(Setpoint::AuxKw));
    // a script changes it behind the operator's back
    h.state_mut().model.view.readback = Readback { aux_kw: 40.0, miner_latency_s: 5.0, ..Readback::default() };
    h.run_steps(1);
    assert_eq!((slider(&h, "Aux load"), slider(&h, "Miner latency")), (40.0, 5.0));
}

/// The cap is sent for one cohort, in per cent or in kW; until the plant asks for it, it is pending, and while control
/// moves it, what holds is said.
#[test]
fn a_power_cap_is_sent_for_its_cohort_in_either_unit() {
    let mut h = operate();
    page(&mut h, "Caps");
    slide(&mut h, "inference", 80.0);
    assert_eq!(h.state().actions, [Action::Operate(Operate::GpuCap(1, 0.8))]);
    h.state_mut().model.view.cohorts[1] = CohortView { cap_asked: 0.8, cap: 0.93, ..cohorts().remove(1) };
    h.run_steps(2);
    assert!(h.query_by_label_contains("now 93 %").is_some(), "on the way");
    h.get_by_label("Caps in kW of the cohort").click();
    h.run_steps(2);
    type_into(&mut h, "training value", "251.86");
    let Some(Action::Operate(Operate::GpuCap(0, share))) = h.state().actions.last() else { unreachable!("no cap") };
    assert!((share - 0.7).abs() < 1e-9, "{share}");
    // below what boards take, nothing leaves
    let sent = h.state().actions.len();
    type_into(&mut h, "training value", "5");
    assert_eq!(h.state().actions.len(), sent);
}

#[test]
fn dragging_a_slider_sends_at_most_once_a_frame() {
    let mut h = operate();
    let r = h.get_by_role_and_label(Role::Slider, "Batch").rect();
    h.drag_at(r.center());
    h.run_steps(1);
    for dx in [10.0, 20.0, 30.0] {
        h.hover_at(r.center() + vec2(dx, 0.0));
        h.run_steps(1);
    }
    h.drop_at(r.center() + vec2(30.0, 0.0));
    h.run_steps(2);
    let sent = sets(&h);
    assert!((3..=5).contains(&sent.len()), "{sent:?}");
    assert!(sent.windows(2).all(|w| w[0].1 <= w[1].1), "{sent:?}");
}

#[test]
fn a_typed_value_is_sent_on_enter_and_one_out_of_range_never() {
    let mut h = operate();
    type_into(&mut h, "Interval value", "2.5");
    assert_eq!(sets(&h), [(Setpoint::IntervalS, 2.5)]);
    type_into(&mut h, "Interval value", "0.01");
    assert_eq!(sets(&h).len(), 1);
}

#[test]
fn choices_are_sent_by_index() {
    let mut h = operate();
    h.get_by_label("Path: B + restore").click();
    h.run_steps(2);
    page(&mut h, "Run");
    h.get_by_label("Feedback hold: On").click();
    h.run_steps(2);
    assert_eq!(sets(&h), [(Setpoint::Path, 2.0), (Setpoint::FeedbackHold, 1.0)]);
    slide(&mut h, "Speed", 100.0);
    assert!(h.state().actions.contains(&Action::Run(RunAct::Speed(Speed::Times(100.0)))));
    h.get_by_label("Speed: Max").click();
    h.run_steps(2);
    assert!(h.state().actions.contains(&Action::Run(RunAct::Speed(Speed::Max))));
}

#[test]
fn buttons_give_their_commands_where_the_state_allows() {
    for (state, label, act) in [
        (RunState::Running, "HOLD", Operate::Hold),
        (RunState::Idle, "Start", Operate::Start),
        (RunState::Hold, "Next batch", Operate::NextBatch),
        (RunState::Running, "Ramp down", Operate::RampDown),
    ] {
        let mut h = harness(Part::Operate, model(Mode::Twin, state, 1, 1), [620.0, 700.0], egui::Theme::Light);
        h.get_by_label(label).click();
        h.run_steps(2);
        assert_eq!(h.state().actions, [Action::Operate(act)], "{label}");
    }
}

#[test]
fn regress_the_resume_button_asks_first() {
    let mut h = harness(Part::Operate, model(Mode::Twin, RunState::Hold, 1, 1), [620.0, 700.0], egui::Theme::Light);
    h.get_by_label("Resume").click();
    h.run_steps(2);
    assert_eq!(h.state().actions, [Action::Screen(ScreenAct::AskResume)], "nothing for the plant yet");
}

#[test]
fn disabled_buttons_do_nothing_and_say_why() {
    let mut h = operate();
    for (label, why) in [
        ("Resume", "resume is not possible while the schedule is running"),
        ("Start", "start is not possible while the schedule is running"),
    ] {
        let node = h.get_by_label(label);
        assert!(node.accesskit_node().is_disabled(), "{label}");
        assert_eq!(node.accesskit_node().data().description(), Some(why));
        node.click();
        h.run_steps(2);
        assert!(h.state().actions.is_empty());
    }
}

#[test]
fn abort_acts_after_a_second() {
    let mut h = operate();
    let at = h.get_by_label("ABORT").rect().center();
    h.drag_at(at);
    h.run_steps(2);
    assert!(h.state().actions.is_empty(), "not at once");
    h.run_steps(6);
    assert_eq!(h.state().actions, [Action::Operate(Operate::Abort)], "once");
    h.drop_at(at);
    h.run_steps(2);
    h.drag_at(at);
    h.run_steps(1);
    h.drop_at(at);
    h.run_steps(2);
    assert_eq!(h.state().actions.len(), 1, "a short press does nothing");
}

#[test]
fn a_breaker_takes_two_moves_and_a_twin() {
    let mut h = operate();
    h.get_by_label("52M Miners, closed").click();
    h.run_steps(2);
    h.get_by_label("Open 52M miners").click();
    h.run_steps(2);
    assert!(h.state().actions.is_empty());
    h.get_by_label("Execute Open 52M miners").click();
    h.run_steps(2);
    assert_eq!(h.state().actions, [Action::Operate(Operate::Breaker(1, false))]);

    let mut live =
        harness(Part::Operate, model(Mode::Live, RunState::Running, 1, 1), [620.0, 700.0], egui::Theme::Light);
    live.get_by_label("52M Miners, closed").click();
    live.run_steps(2);
    live.get_by_label("Open 52M miners").click();
    live.run_steps(2);
    assert!(live.query_by_label("Execute Open 52M miners").is_none());
    live.get_by_label("HOLD").click();
    live.run_steps(2);
    assert!(live.state().actions.is_empty());
}

fn tune() -> Harness<'static, App> {
    harness(Part::Tune, model(Mode::Twin, RunState::Running, 1, 1), [1360.0, 700.0], egui::Theme::Light)
}

#[test]
fn dragging_on_the_map_moves_the_ghost_and_send_emits_batch_and_interval() {
    let mut h = tune();
    assert_eq!(h.state().tune.ghost(), None);
    h.drag_at(pos2(450.0, 200.0));
    h.run_steps(1);
    h.hover_at(pos2(500.0, 150.0));
    h.run_steps(1);
    h.drop_at(pos2(500.0, 150.0));
    h.run_steps(2);
    let (batch, interval) = h.state().tune.ghost().unwrap();
    assert!(batch > 1.0 && batch.fract() == 0.0 && interval > 1.0, "{batch} {interval}");
    assert!(h.state().actions.is_empty(), "an edit stays an edit");
    h.get_by_label("Send to plan").click();
    h.run_steps(2);
    assert_eq!(sets(&h), [(Setpoint::BatchGpus, batch), (Setpoint::IntervalS, interval)]);
    let policy = &mut h.state_mut().model.status.policy;
    (policy.batch_gpus, policy.interval_s) = (batch as u32, interval);
    h.run_steps(2);
    assert_eq!(h.state().tune.ghost(), None, "the plant has it");
}

#[test]
fn the_point_moves_by_key_and_undo_goes_back() {
    let mut h = tune();
    h.get_by_label_contains("Operating point").focus();
    h.run_steps(2);
    h.key_press(egui::Key::ArrowRight);
    h.run_steps(2);
    assert_eq!(h.state().tune.ghost(), Some((11.0, 1.0)));
    h.key_press(egui::Key::ArrowUp);
    h.run_steps(2);
    assert_eq!(h.state().tune.ghost().map(|g| g.0), Some(11.0));
    assert!(h.state().tune.ghost().is_some_and(|g| g.1 > 1.0));
    for _ in 0..2 {
        h.get_by_label("Undo").click();
        h.run_steps(2);
    }
    assert_eq!(h.state().tune.ghost(), None);
}

#[test]
fn five_points_can_be_pinned() {
    let mut h = tune();
    for n in 1..=6 {
        type_into(&mut h, "Tune Batch", &format!("{}", n * 3));
        h.get_by_label("Pin point").click();
        h.run_steps(2);
    }
    let pins: Vec<f64> = h.state().tune.pins().iter().map(|p| p.0).collect();
    assert_eq!(pins, [6.0, 9.0, 12.0, 15.0, 18.0]);
}

#[test]
fn everything_has_a_name() {
    let mut h = operate();
    for p in ["Plan", "Devices", "Caps", "Run"] {
        page(&mut h, p);
        h.check_accessibility();
        let shapes = h.output().shapes.len();
        assert!(shapes < 700, "{shapes} shapes for one-line and bring-up");
    }
    tune().check_accessibility();
}

#[test]
fn plants_of_many_sets_are_drawn() {
    for (sets, sections) in [(0, 1), (1, 1), (2, 1), (4, 2), (6, 3), (12, 4), (40, 1)] {
        let mut h = harness(
            Part::Operate,
            model(Mode::Twin, RunState::Idle, sets, sections),
            [620.0, 700.0],
            egui::Theme::Dark,
        );
        h.run_steps(2);
        assert!(h.query_by_label_contains("One-line: gensets").is_some(), "{sets} sets");
    }
}

#[test]
fn a_plant_of_sections_has_its_feeders_where_they_hang() {
    let mut h = harness(Part::Operate, model(Mode::Twin, RunState::Running, 4, 3), [620.0, 700.0], egui::Theme::Light);
    let x = |h: &Harness<'_, App>, name: &str| h.get_by_label_contains(name).rect().center().x;
    assert!(x(&h, "52M Miners Bus A") < x(&h, "52T Bus A to Bus B"));
    assert!(x(&h, "52T Bus B to Bus C, open") < x(&h, "52C GPU Bus C"));
    assert!(x(&h, "52G G1") < x(&h, "52T Bus A to Bus B") && x(&h, "52G G4") > x(&h, "52T Bus B to Bus C"));
    h.get_by_label("52T Bus B to Bus C, open").click();
    h.run_steps(2);
    h.get_by_label("Close 52T 2").click();
    h.run_steps(2);
    h.get_by_label("Execute Close 52T 2").click();
    h.run_steps(2);
    assert_eq!(h.state().actions, [Action::Operate(Operate::Breaker(9, true))]);
}

#[test]
fn rows_without_data_are_drawn_as_no_data() {
    let mut m = model(Mode::Live, RunState::Idle, 1, 1);
    m.latest.fill(f64::NAN);
    m.view = PlantView::default();
    m.forecast = None;
    harness(Part::Operate, m, [620.0, 700.0], egui::Theme::Light);
    let mut m = model(Mode::Live, RunState::Idle, 1, 1);
    m.latest.clear();
    m.status.policy.step_acceptance.clear();
    m.status.policy.interval_s = 0.0;
    harness(Part::Tune, m, [1360.0, 700.0], egui::Theme::Light);
}

#[test]
#[ignore = "pictures to look at"]
fn pictures() {
    for (theme, tag) in [(egui::Theme::Light, "light"), (egui::Theme::Dark, "dark")] {
        for (size, width) in [([506.0, 600.0], 1280), ([620.0, 700.0], 1440), ([720.0, 840.0], 1920)] {
            let mut h = harness(Part::Operate, model(Mode::Twin, RunState::Running, 1, 1), size, theme);
            save(&mut h, &format!("operate-{tag}-{width}"));
            for page in ["Devices", "Caps", "Run"] {
                h.get_by_label(&format!("Page {page}")).click();
                h.run_steps(2);
                save(&mut h, &format!("operate-{}-{tag}-{width}", page.to_lowercase()));
            }
        }
    }
    for (n, m) in [(2, 1), (4, 2), (6, 3), (12, 3)] {
        let mut h = harness(Part::Operate, model(Mode::Twin, RunState::Hold, n, m), [620.0, 700.0], egui::Theme::Light);
        save(&mut h, &format!("mimic-{n}-sets"));
    }
    for (theme, tag) in [(egui::Theme::Light, "light"), (egui::Theme::Dark, "dark")] {
        for (size, width) in [([1200.0, 600.0], 1280), ([1360.0, 700.0], 1440), ([1840.0, 840.0], 1920)] {
            let mut h = harness(Part::Tune, model(Mode::Twin, RunState::Running, 1, 1), size, theme);
            save(&mut h, &format!("tune-{tag}-{width}"));
            h.get_by_label("Tune path: B + restore").click();
            h.run_steps(2);
            for at in [pos2(420.0, 300.0), pos2(700.0, 120.0)] {
                h.drag_at(at);
                h.run_steps(1);
                h.drop_at(at + vec2(20.0, -10.0));
                h.run_steps(2);
                h.get_by_label("Pin point").click();
                h.run_steps(2);
            }
            h.drag_at(pos2(620.0, 200.0));
            h.run_steps(1);
            h.drop_at(pos2(625.0, 204.0));
            h.run_steps(2);
            save(&mut h, &format!("tune-edit-{tag}-{width}"));
        }
    }
    let mut h = operate();
    h.get_by_label("52M Miners, closed").click();
    h.run_steps(2);
    h.get_by_label("Open 52M miners").click();
    h.run_steps(2);
    save(&mut h, "faceplate-breaker");
    let mut h = operate();
    h.get_by_label("G1 faceplate").click();
    h.run_steps(2);
    save(&mut h, "faceplate-genset");
}
