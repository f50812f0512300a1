//! Gauges and strips: how they behave, and (ignored, for people) how they look.
#![cfg(feature = "console")]

#[path = "console_strips/synth.rs"]
mod synth;

use ballast::console::action::{Action, ScreenAct, TimeAct};
use ballast::console::model::Model;
use ballast::console::theme;
use ballast::console::time_view::{Mode, TimeView};
use ballast::console::views::kpi;
use ballast::console::views::operate::{StripLayout, StripOptions, show_strips};
use egui::accesskit::Role;
use egui::{Event, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2, Rect, TouchPhase, pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, HarnessBuilder};

struct State {
    model: Model,
    time: TimeView,
    opts: StripOptions,
    actions: Vec<Action>,
}

impl State {
    fn new() -> Self {
        Self { model: synth::model(), time: TimeView::default(), opts: StripOptions::default(), actions: Vec::new() }
    }

    /// As the app does once a frame.
    fn apply(&mut self, actions: Vec<Action>) {
        for a in &actions {
            let now = self.model.t_s;
            match a {
                Action::Time(TimeAct::Zoom(k, at)) => self.time.zoom(*k, at.unwrap_or(now), now),
                Action::Time(TimeAct::Pan(s)) => self.time.pan(*s, now),
                Action::Time(TimeAct::Follow) => self.time.follow(),
                Action::Time(TimeAct::Window(w)) => self.time.preset(*w),
                Action::Time(TimeAct::Cursor(i, at)) => self.time.cursors[*i] = *at,
                Action::Screen(ScreenAct::ZoomToData(on)) => self.opts.zoom_to_data = *on,
                Action::Screen(ScreenAct::ShowVoltage(on)) => self.opts.show_voltage = *on,
                _ => {}
            }
        }
        self.actions.extend(actions);
    }
}

fn rect(x: f32, y: f32, w: f32, h: f32) -> Rect {
    Rect::from_min_size(pos2(x, y), vec2(w, h))
}

fn layout(large: bool) -> (Rect, StripLayout) {
    let (x, y, w) = if large { (800.0, 140.0, 980.0) } else { (700.0, 120.0, 600.0) };
    let heights = if large { [220.0, 240.0, 200.0, 100.0] } else { [180.0, 200.0, 160.0, 80.0] };
    let mut top = y;
    let rows = heights.map(|h| {
        let pair = (rect(x, top, w, h), rect(x + w, top, 140.0, h));
        top += h;
        pair
    });
    let [f, generator, loads, step] = rows;
    let kpi = if large { rect(80.0, 40.0, 1840.0, 100.0) } else { rect(80.0, 40.0, 1360.0, 80.0) };
    let layout = StripLayout {
        f: f.0,
        f_val: f.1,
        generator: generator.0,
        gen_val: generator.1,
        loads: loads.0,
        loads_val: loads.1,
        step: step.0,
        step_val: step.1,
        lane: rect(x, top, w + 140.0, 80.0),
    };
    (kpi, layout)
}

fn builder(large: bool, dark: bool) -> HarnessBuilder<State> {
    let size = if large { [1920.0, 1080.0] } else { [1440.0, 900.0] };
    Harness::builder()
        .with_size(size)
        .with_pixels_per_point(1.0)
        .with_max_steps(8)
        .with_step_dt(0.02)
        .with_theme(if dark { egui::Theme::Dark } else { egui::Theme::Light })
        .with_context_setup(theme::install)
}

fn draw(large: bool) -> impl FnMut(&mut egui::Ui, &mut State) {
    let (kpi_rect, layout) = layout(large);
    move |ui, s| {
        let t = theme::tokens(ui);
        ui.ctx().layer_painter(egui::LayerId::background()).rect_filled(ui.content_rect(), 0.0, t.bg);
        let mut actions = Vec::new();
        ui.scope_builder(egui::UiBuilder::new().max_rect(kpi_rect), |ui| kpi::show(ui, kpi_rect, &s.model));
        show_strips(ui, &layout, &s.model, &s.time, &s.opts, &mut actions);
        s.apply(actions);
    }
}

fn harness() -> Harness<'static, State> {
    let mut h = builder(false, false).build_ui_state(draw(false), State::new());
    h.run();
    h
}

/// On the past half of the genset strip.
const ON_STRIP: Pos2 = pos2(900.0, 420.0);

fn click(h: &Harness<'_, State>, pos: Pos2, button: PointerButton, modifiers: Modifiers) {
    h.hover_at(pos);
    h.event(Event::ModifiersChanged(modifiers));
    for pressed in [true, false] {
        h.event(Event::PointerButton { pos, button, pressed, modifiers });
    }
    h.event(Event::ModifiersChanged(Modifiers::NONE));
}

#[test]
fn the_wheel_zooms_about_the_past_that_it_points_at() {
    let mut h = harness();
    h.hover_at(ON_STRIP);
    h.run();
    h.event(Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: vec2(0.0, 3.0),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    h.run_steps(30);
    let time = &h.state().time;
    assert!(!time.follows(), "the time under the pointer stays; about the now line it would go on following");
    assert!(time.past_s < 110.0, "{}", time.past_s);
}

#[test]
fn a_drag_pans_and_stops_following() {
    let mut h = harness();
    h.hover_at(ON_STRIP);
    h.drag_at(ON_STRIP);
    h.run();
    h.hover_at(ON_STRIP + vec2(60.0, 0.0));
    h.run();
    h.drop_at(ON_STRIP + vec2(60.0, 0.0));
    h.run();
    let Mode::Fixed(end) = h.state().time.mode else { panic!("still follows") };
    let dt = h.state().model.t_s - end;
    assert!((dt - 60.0 * 180.0 / 544.0).abs() < 0.5, "moved by {dt} s");
    assert_eq!(h.state().time.cursors, [None, None]);
}

#[test]
fn clicks_place_both_cursors_and_a_double_click_follows() {
    let mut h = harness();
    click(&h, ON_STRIP, PointerButton::Primary, Modifiers::NONE);
    h.run();
    let [Some(a), None] = h.state().time.cursors else { panic!("{:?}", h.state().time.cursors) };
    // 144 px of 544 into a window of 180 s that begins 120 s before now.
    assert!((a - (h.state().model.t_s - 120.0 + 144.0 / 544.0 * 180.0)).abs() < 0.5);
    h.run_steps(30);
    click(&h, ON_STRIP + vec2(90.0, 0.0), PointerButton::Primary, Modifiers::SHIFT);
    h.run();
    assert!(h.state().time.delta_s().is_some_and(|d| (d - 90.0 * 180.0 / 544.0).abs() < 0.1));
    click(&h, ON_STRIP + vec2(20.0, 0.0), PointerButton::Secondary, Modifiers::NONE);
    h.run();
    assert!(h.state().time.delta_s().is_some_and(|d| (d - 20.0 * 180.0 / 544.0).abs() < 0.1));
    h.state_mut().time.mode = Mode::Fixed(200.0);
    h.run_steps(30);
    click(&h, ON_STRIP, PointerButton::Primary, Modifiers::NONE);
    click(&h, ON_STRIP, PointerButton::Primary, Modifiers::NONE);
    h.run();
    assert!(h.state().time.follows());
}

#[test]
fn a_click_near_an_event_puts_the_cursor_on_it() {
    let mut h = harness();
    // ENG-T at 215 s; three pixels beside it.
    let x = 756.0 + ((215.0 - (h.state().model.t_s - 120.0)) / 180.0 * 544.0) as f32;
    click(&h, pos2(x + 3.0, 752.0), PointerButton::Primary, Modifiers::NONE);
    h.run();
    assert_eq!(h.state().time.cursors[0], Some(215.0));
}

#[test]
fn every_gauge_is_a_meter_with_name_value_and_words() {
    let h = harness();
    let names = ["Frequency", "Generator", "Headroom", "Step now", "Ramp 1 s", "GPU", "Miners", "BESS"];
    for name in names {
        let node = h.get_by_role_and_label(Role::Meter, name);
        let node = node.accesskit_node();
        let (lo, v, hi) = (node.data().min_numeric_value(), node.numeric_value(), node.data().max_numeric_value());
        assert!(v.is_some() && lo < hi, "{name}: {lo:?} {v:?} {hi:?}");
        assert!(node.description().is_some_and(|d| d.contains("alarm")), "{name}");
    }
    for strip in ["Frequency", "Generator", "Loads", "Net step in 1 s", "Events"] {
        assert!(
            h.query_all_by_role(Role::Figure).any(|n| n.accesskit_node().label().is_some_and(|l| l.starts_with(strip)))
        );
    }
}

#[test]
fn presets_and_scales_are_buttons_with_names() {
    let mut h = harness();
    for name in ["Window of 30 seconds", "Show voltage", "Scale from data"] {
        h.get_by_label(name).click();
        h.run();
    }
    let s = h.state();
    assert_eq!((s.time.past_s, s.opts.show_voltage, s.opts.zoom_to_data), (30.0, true, true));
}

#[test]
fn a_plant_without_battery_or_data_draws_too() {
    let mut h = harness();
    let s = h.state_mut();
    let mut plate = synth::plate();
    plate.bess.clear();
    s.model.plate = plate.into();
    s.model.forecast = None;
    s.model.history.begin(0);
    s.model.latest.clear();
    s.time = TimeView { cursors: [Some(1.0), Some(500.0)], ..TimeView::default() };
    h.run();
    let bess = h.get_by_role_and_label(Role::Meter, "BESS");
    assert!(bess.accesskit_node().description().is_some_and(|d| d.contains("not fitted")));
}

/// Pictures for people: `cargo test --test console_strips -- --ignored`, then look at `target/pictures`.
#[test]
#[ignore = "draws pictures"]
fn pictures() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/pictures");
    std::fs::create_dir_all(&dir).unwrap();
    let now = synth::model().t_s;
    type Change = fn(&mut State, f64);
    let looks: [(&str, Change); 6] = [
        ("plain", |_, _| {}),
        ("cursor", |s, now| s.time.cursors = [Some(now - 59.0), None]),
        ("delta", |s, now| {
            s.time.cursors = [Some(now - 59.0), Some(now - 20.0)];
            s.opts.zoom_to_data = true;
        }),
        ("fixed", |s, _| {
            s.time.mode = Mode::Fixed(200.0);
            s.time.past_s = 20.0;
        }),
        ("voltage", |s, _| {
            s.opts.show_voltage = true;
            s.time.preset(None);
        }),
        ("alarm", |s, _| {
            use ballast::plant::signals::{at, bess, site};
            for (i, v) in
                [(site::F_HZ, 58.2), (site::STEP_UP_1S_KW, 122.0), (site::HEADROOM_KW, 31.0), (site::MINER_STUCK, 3.0)]
            {
                s.model.latest[at(i).at()] = v;
            }
            let breaker = s.model.table.bess(0, bess::BREAKER).at();
            s.model.latest[breaker] = 0.0;
        }),
    ];
    for (name, change) in looks {
        for (large, dark) in [(false, false), (false, true), (true, false), (true, true)] {
            let mut state = State::new();
            change(&mut state, now);
            let mut h = builder(large, dark).wgpu().build_ui_state(draw(large), state);
            h.run();
            let image = h.render().unwrap();
            let size = if large { 1920 } else { 1440 };
            let theme = if dark { "dark" } else { "light" };
            image.save(dir.join(format!("strips-{name}-{theme}-{size}.png"))).unwrap();
        }
    }
}

#[test]
fn what_the_source_does_not_measure_is_not_nought() {
    let mut state = State::new();
    state.model = synth::sparse();
    let gauges = kpi::gauges(&state.model);
    let says: Vec<String> = gauges.iter().map(ballast::console::widgets::gauge::Gauge::sentence).collect();
    assert!(says[0].starts_with("Frequency 60.00 Hz"), "{says:?}");
    for (i, name) in [(1, "Generator"), (2, "Headroom"), (3, "Step now"), (5, "GPU"), (6, "Miners"), (7, "BESS")] {
        assert_eq!(says[i], format!("{name}: not measured"));
        assert_eq!(gauges[i].alarm, None, "{name}");
    }
    let mut h = builder(false, false).build_ui_state(draw(false), state);
    h.run_steps(2);
    h.get_by_label_contains("Loads, 120 s shown: not measured");
    h.get_by_label_contains("Loads values: now , GPU –, Miners –");
}
