//! The chart in a window without a screen: where things are, and that nothing moves the bounds.

use egui::{Event, Modifiers, MouseWheelUnit, PointerButton, RawInput, TouchPhase};

use super::*;
use crate::console::theme;

const ROOM: Rect = Rect { min: pos2(0.0, 0.0), max: pos2(400.0, 240.0) };

fn frame(ctx: &egui::Context, events: Vec<Event>) -> Option<Shown> {
    let input = RawInput { screen_rect: Some(ROOM), events, ..RawInput::default() };
    let (x, y) = ([0.0, 5.0, 10.0], [0.0, f64::NAN, 80.0]);
    let mut shown = None;
    ctx.run_ui(input, |ui| {
        let chart = Chart::new("c", Axis::linear([0.0, 10.0], "s"), Axis::log([1.0, 100.0], "kW"))
            .title("Power", "kW")
            .area(Area::between_y([50.0, 100.0]).hatched(Color32::GRAY))
            .limit(Limit::new(30.0, "limit 30", Color32::RED))
            .curve(Curve::new("genset", &x, &y, Color32::BLACK))
            .curve(Curve::new("GPU", &x, &y, Color32::BLUE).dash(8.0, 4.0).filled(Color32::GRAY))
            .mark(Mark::ring([5.0, 10.0], "here", Color32::BLACK))
            .cursor(Some(4.0))
            .sense(Sense::click_and_drag());
        shown = Some(chart.show(ui, ROOM));
    })
    .drop_without_applying_deltas();
    shown
}

use egui::Color32;

#[test]
fn values_and_pixels_agree_and_the_gutter_is_kept() {
    let ctx = egui::Context::default();
    theme::install(&ctx);
    frame(&ctx, Vec::new());
    let s = frame(&ctx, Vec::new()).unwrap();
    assert_eq!(s.plot.left(), GUTTER);
    for v in [[0.0, 1.0], [2.5, 10.0], [10.0, 100.0]] {
        let [x, y] = s.value(s.at(v));
        assert!((x - v[0]).abs() < 1e-3 && (y / v[1] - 1.0).abs() < 1e-3, "{v:?}: {x} {y}");
    }
    assert!((s.at([5.0, 10.0]) - s.plot.center()).length() < 1.0, "the middle of both, one by its logarithm");
    assert_eq!(s.hover, None);
}

#[test]
fn drag_wheel_and_double_click_leave_the_bounds_alone() {
    let ctx = egui::Context::default();
    theme::install(&ctx);
    let before = frame(&ctx, Vec::new()).map(|s| (s.at([2.0, 5.0]), s.plot)).unwrap();
    let press = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    let (a, b) = (pos2(150.0, 120.0), pos2(220.0, 90.0));
    let wheel = |y: f32| Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(y, y),
        phase: TouchPhase::Move,
        source: egui::MouseWheelSource::Unknown,
        modifiers: Modifiers::NONE,
    };
    let acts = [
        vec![Event::PointerMoved(a), press(a, true)],
        vec![Event::PointerMoved(b)],
        vec![press(b, false)],
        vec![press(b, true), press(b, false), press(b, true), press(b, false)],
        vec![wheel(40.0), Event::Zoom(1.5)],
    ];
    let mut dragged = false;
    for events in acts {
        let s = frame(&ctx, events).unwrap();
        dragged |= s.response.dragged();
        assert_eq!((s.at([2.0, 5.0]), s.plot), before);
    }
    assert!(dragged, "the caller is told");
}
