//! The table of the console: keys, copying, and that a number is never cut.
#![cfg(feature = "console")]

use ballast::console::theme;
use ballast::console::widgets::Text;
use ballast::console::widgets::table::{Column, Table};
use egui::accesskit::Role;
use egui::{
    Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, OutputCommand, Rect, Shape, TouchPhase, pos2, vec2,
};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

const COLUMNS: [Column; 3] = [Column::words("Name", 40.0), Column::number("kW", 30.0), Column::rest("State", 60.0)];
const NUMBER: &str = "1234567.89";
const LONG: &str = "a name that has no room in so narrow a column";

#[derive(Default)]
struct App {
    ready: bool,
    selected: Option<usize>,
}

fn table(size: [f32; 2]) -> Harness<'static, App> {
    let draw = |ui: &mut egui::Ui, app: &mut App| {
        if !app.ready {
            theme::install(ui.ctx());
            app.ready = true;
            return;
        }
        let all = ui.ctx().content_rect();
        let table = Table::new("sets", &COLUMNS).selected(app.selected);
        let told = table.show(ui, all, 200, |row| {
            row.begin(row.index, app.selected == Some(row.index));
            row.text(Text::new(if row.index == 2 { LONG.to_owned() } else { format!("G{}", row.index) }));
            row.text(Text::value(NUMBER));
            row.text(Text::new("on"));
        });
        app.selected = told.chosen.or(app.selected);
    };
    let mut h = Harness::builder().with_size(size).build_ui_state(draw, App::default());
    h.run_steps(4);
    h
}

#[test]
fn arrow_keys_walk_and_the_row_they_reach_is_in_view() {
    let mut h = table([400.0, 200.0]);
    h.get_by_label("G1 1234567.89 on").click();
    h.run_steps(2);
    assert_eq!(h.state().selected, Some(1));
    for _ in 0..20 {
        h.key_press(Key::ArrowDown);
        h.run_steps(2);
    }
    assert_eq!(h.state().selected, Some(21));
    let row = h.get_by_label("G21 1234567.89 on").rect();
    assert!(row.top() > 20.0 && row.bottom() < 200.5, "{row:?}");
    h.key_press(Key::ArrowUp);
    h.run_steps(2);
    assert_eq!(h.state().selected, Some(20));
}

#[test]
fn only_the_rows_in_view_are_made() {
    let h = table([400.0, 200.0]);
    let rows = h.query_all_by_role(Role::Row).filter(|r| r.accesskit_node().label().is_some()).count();
    assert!((5..20).contains(&rows), "{rows} of 200");
}

#[test]
fn the_selected_row_is_copied_with_its_heads() {
    let mut h = table([400.0, 200.0]);
    h.state_mut().selected = Some(2);
    h.event(Event::Copy);
    h.step();
    let commands = &h.output().platform_output.commands;
    let want = format!("Name\tkW\tState\n{LONG}\t{NUMBER}\ton");
    let copied = |c: &OutputCommand| matches!(c, OutputCommand::CopyText(text) if *text == want);
    assert!(commands.iter().any(copied), "{commands:?}");
}

/// Words and numbers as they were drawn: what, where, and what of it can be seen.
fn drawn(h: &Harness<'_, App>) -> Vec<(String, Rect, Rect)> {
    let texts = h.output().shapes.iter().filter_map(|s| match &s.shape {
        Shape::Text(t) => {
            Some((t.galley.rows.iter().map(|r| r.text()).collect(), t.visual_bounding_rect(), s.clip_rect))
        }
        _ => None,
    });
    texts.collect()
}

#[test]
fn a_number_is_never_cut_and_words_end_in_an_ellipsis() {
    for width in [120.0, 160.0, 240.0, 400.0] {
        let h = table([width, 200.0]);
        let all = drawn(&h);
        let numbers: Vec<_> = all.iter().filter(|(words, ..)| words == NUMBER).collect();
        assert!(numbers.len() > 3, "{width}: {all:?}");
        let end = width - h.ctx.global_style().spacing.scroll.allocated_width();
        for (_, at, clip) in numbers {
            // Where the window itself ends, or the scroll bar at its edge begins, the whole scrolls sideways; the cell
            // never cuts.
            assert!(clip.x_range().contains(at.left()) || at.left() > end, "{width}: {at:?} in {clip:?}");
            assert!(clip.right() >= at.right().min(end) - 0.5, "{width}: {at:?} in {clip:?}");
        }
        assert!(all.iter().any(|(words, ..)| words.ends_with('…')) && !all.iter().any(|(words, ..)| words == LONG));
    }
}

#[test]
fn a_number_under_the_scroll_bar_is_whole_after_scrolling_sideways() {
    let mut h = table([120.0, 200.0]);
    h.hover_at(pos2(60.0, 100.0));
    h.run_steps(1);
    h.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(-36.0, 0.0),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    h.run_steps(30);
    let all = drawn(&h);
    let whole =
        |(_, at, clip): &&(String, Rect, Rect)| clip.x_range().contains(at.left()) && clip.right() >= at.right();
    let numbers: Vec<_> = all.iter().filter(|(words, ..)| words == NUMBER).collect();
    assert!(numbers.len() > 3 && numbers.iter().all(whole), "{numbers:?}");
}
