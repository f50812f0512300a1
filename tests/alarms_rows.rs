//! Which alarms the list and the banner show, in which order: filters, sorting, causes, floods, a list that holds still.
#![cfg(feature = "console")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "common/alarm_screen.rs"]
mod alarm_screen;

use std::sync::Arc;

use alarm_screen::{App, Screen, carry_out, click, has, press, said, screen, select, steps, tags};
use ballast::alarm::{List, State};
use ballast::console::model::Mode;
use ballast::console::views::alarms::rows::{self, Filter, Opened, Row, Sort, Which};
use ballast::console::views::banner;
use ballast::training::msg::DeskView;
use egui::accesskit::Role;
use egui::{Key, Modifiers, pos2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

/// The list of a slam in a flood, with exactly these alarms standing.
fn flooded(standing: &[&str]) -> App {
    let mut app = App::new("naive-slam", 0.5);
    let mut list = app.list().clone();
    list.flood_s = Some(0.1);
    for e in &mut list.entries {
        e.state = if standing.contains(&e.tag.as_str()) { State::Unack } else { State::Normal };
    }
    let desk = app.model.desk.as_ref().unwrap();
    app.model.desk = Some(Arc::new(DeskView { alarms: Some(Arc::new(list)), ..(**desk).clone() }));
    app
}

fn folded(list: &List, opened: &Opened) -> Vec<Row> {
    rows::rows(list, &Filter::default(), opened).rows
}

#[test]
fn the_banner_has_the_most_urgent_on_top_with_value_and_limit() {
    let app = App::new("naive-slam", 8.0);
    let rows = banner::rows(&app.model, false, 3);
    assert_eq!(rows[0].object, "F-LO");
    assert!(rows[0].value.contains(" Hz, limit 58.50"), "{}", rows[0].value);
    assert!(rows.windows(2).all(|w| w[0].priority <= w[1].priority));
    assert_eq!(rows[0].response, "Shed a block of miners.");
}

#[test]
fn acknowledge_visible_leaves_out_what_the_filter_hides() {
    let mut h = screen(App::new("naive-slam", 6.5));
    click(&mut h, "Priority 3");
    h.key_press_modifiers(Modifiers::COMMAND, Key::F10);
    steps(&mut h);
    assert_eq!(carry_out(&mut h).len(), 2);
    assert_eq!((h.state().state("F-LO"), h.state().state("GPU-PHASE")), (State::Ack, State::Unack));
    let hidden = h.state().list().counts()[2];
    assert!(h.query_by_label(&format!("filter on: {hidden} hidden")).is_some());
    click(&mut h, "Clear filter");
    assert!(!h.state().state.filter.is_on());
}

#[test]
fn filters_by_word_area_and_state() {
    let mut h = screen(App::new("naive-slam", 6.5));
    let all = tags(&h);
    press(&mut h, Key::Slash);
    h.get_by_label("Filter text").type_text("freq");
    steps(&mut h);
    assert_eq!(tags(&h), ["F-LO", "ROCOF"], "by the words, in any case, folded or not; of {all:?}");
    click(&mut h, "Clear filter");
    click(&mut h, "Area: any area");
    click(&mut h, "Frequency");
    assert!(h.query_by_label("Area: Frequency").is_some());
    assert!(!tags(&h).is_empty(), "of the area of frequency");
    assert!(tags(&h).iter().all(|t| h.state().entry(t).group.word() == "Frequency"), "{:?}", tags(&h));
    click(&mut h, "Clear filter");
    select(&mut h, "F-LO");
    press(&mut h, Key::F10);
    carry_out(&mut h);
    click(&mut h, "State: any state");
    click(&mut h, "not acknowledged");
    assert!(!has(&h, "F-LO") && has(&h, "STEP1S"), "not acknowledged");
}

#[test]
fn nothing_moves_under_the_pointer() {
    let mut h = screen(App::new("naive-slam", 5.3));
    assert!(has(&h, "STEP1S") && !has(&h, "F-LO"));
    h.hover_at(pos2(300.0, 330.0));
    steps(&mut h);
    h.state_mut().run(0.7);
    h.hover_at(pos2(301.0, 330.0));
    steps(&mut h);
    assert_eq!(h.state().state("F-LO"), State::Unack);
    assert!(!has(&h, "F-LO"), "it waits");
    assert!(h.query_by_label_contains("new wait").is_some());
    h.hover_at(pos2(1200.0, 20.0));
    steps(&mut h);
    assert!(has(&h, "F-LO"));
}

#[test]
fn heads_sort_and_arrows_go_through_the_rows() {
    let mut h = screen(App::new("naive-slam", 8.0));
    click(&mut h, "List: All 36");
    let id = |h: &Screen, tag: &String| h.state().entry(tag).id;
    click(&mut h, "Sort by Tag");
    let by_tag = tags(&h);
    assert!(by_tag.len() > 8 && by_tag.is_sorted(), "{by_tag:?}");
    click(&mut h, "Sort by Area");
    let areas: Vec<_> = tags(&h).iter().map(|t| h.state().entry(t).group).collect();
    assert!(areas.is_sorted(), "{areas:?}");
    click(&mut h, "Sort by First");
    let times: Vec<f64> = tags(&h).iter().map(|t| h.state().entry(t).first_s).collect();
    assert!(times.is_sorted_by(|a, b| a >= b) && times[0] > 0.0, "newest first: {times:?}");
    click(&mut h, "Sort by priority, then time");
    let order: Vec<_> = tags(&h).iter().map(|t| h.state().entry(t).priority).collect();
    assert!(order.is_sorted(), "{order:?}");
    let shown = tags(&h);
    for tag in &shown[..3] {
        press(&mut h, Key::ArrowDown);
        assert_eq!(h.state().state.selected, Some(id(&h, tag)));
    }
    press(&mut h, Key::ArrowUp);
    assert_eq!(h.state().state.selected, Some(id(&h, &shown[1])));
}

#[test]
fn consequences_fold_under_their_cause_but_never_what_is_more_urgent() {
    let mut h = screen(App::new("naive-slam", 8.0));
    assert!(has(&h, "F-LO") && has(&h, "STEP1S") && has(&h, "GPU-PHASE"));
    assert!(!has(&h, "ROCOF"), "{:?}", said(&h));
    let id = |h: &Screen, tag: &str| h.state().entry(tag).id;
    let top = folded(h.state().list(), &Opened::default());
    let head = top.iter().find_map(|r| match r {
        Row::Alarm { id, folds, .. } if *folds > 0 => Some((*id, *folds)),
        _ => None,
    });
    let (head, folds) = head.expect("a cause with its consequences");
    h.state_mut().state.select(head);
    press(&mut h, Key::Space);
    assert!(has(&h, "ROCOF"), "{:?}", said(&h));
    let opened = folded(h.state().list(), &h.state().state.opened);
    let under = opened.iter().filter(|r| matches!(r, Row::Alarm { under: true, .. })).count();
    assert_eq!(under, folds);
    assert!(opened.iter().any(|r| matches!(r, Row::Alarm { id: x, under: true, .. } if *x == id(&h, "ROCOF"))));
    let by_tag = Filter { which: Which::All, sort: Sort::Tag, ..Filter::default() };
    let all = rows::rows(h.state().list(), &by_tag, &Opened::default());
    assert_eq!((all.rows.len(), all.left_out), (h.state().list().entries.len(), 0), "nothing folds in another order");
}

#[test]
fn a_flood_gathers_by_area_what_is_less_urgent() {
    let standing = ["F-LO", "STEP1S", "ROCOF", "RAMP-HI", "V-LO", "MSH-SHORT"];
    let mut h = screen(flooded(&standing));
    let rows = said(&h);
    assert!(rows.iter().any(|s| s == "Frequency: 3 alarms of priority 3, 3 not acknowledged; open"), "{rows:?}");
    assert!(!has(&h, "ROCOF") && has(&h, "F-LO") && has(&h, "STEP1S"));
    h.get_by_label_contains("Frequency: 3 alarms").click();
    steps(&mut h);
    assert!(has(&h, "ROCOF") && has(&h, "RAMP-HI") && has(&h, "V-LO"), "nothing is lost");
}

/// A single alarm of priority 3 of its area was put away as "1 alarms".
#[test]
fn regress_a_flood_puts_nothing_away_that_is_alone() {
    let app = flooded(&["F-LO", "ROCOF", "RAMP-HI", "MSH-SHORT"]);
    let shown = folded(app.list(), &Opened::default());
    let alone = app.entry("MSH-SHORT").id;
    assert!(shown.iter().any(|r| matches!(r, Row::Alarm { id, .. } if *id == alone)), "{shown:?}");
    let areas: Vec<_> = shown.iter().filter(|r| matches!(r, Row::Area { .. })).collect();
    assert!(matches!(areas[..], [Row::Area { count: 2, unack: 2, .. }]), "{areas:?}");
}

/// In a flood the banner went on showing alarms of priority 3.
#[test]
fn regress_the_banner_keeps_to_what_is_urgent_in_a_flood() {
    let app = flooded(&["STEP1S", "ROCOF", "RAMP-HI", "MSH-SHORT"]);
    let rows = banner::rows(&app.model, false, 3);
    assert!(rows.iter().all(|r| r.object.is_empty() || r.priority <= 2), "{rows:?}");
    assert_eq!(rows[0].object, "STEP1S");
    let flood = rows.iter().find(|r| r.state == "FLOOD").expect("a row that says so");
    assert!(flood.text.contains("3 of priority 3 and 4 stand in the list"), "{}", flood.text);
    let mut h = screen(flooded(&["ROCOF", "RAMP-HI"]));
    assert_eq!(banner::next_unack(&h.state().model), None, "the key acknowledges nothing that has no row");
    steps(&mut h);
    assert!(h.query_by_label_contains("1 more").is_none());
}

#[test]
fn what_cannot_be_told_and_what_is_suppressed_is_listed() {
    let mut h = screen(App::new("path-a", 2.0));
    click(&mut h, "List: All 36");
    h.get_by_label("Filter text").focus();
    steps(&mut h);
    h.get_by_label("Filter text").type_text("hot");
    steps(&mut h);
    assert!(said(&h)[0].contains("NOT EVALUABLE ENG-T"), "{:?}", said(&h));
    click(&mut h, "Clear filter");
    h.state_mut().state.filter.which = Which::Suppressed;
    steps(&mut h);
    assert!(said(&h).iter().any(|s| s.contains("by design: no schedule")), "{:?}", said(&h));
}

#[test]
fn a_source_without_an_annunciator_says_so_and_shows_its_events() {
    let mut app = App::new("naive-slam", 8.0);
    app.model.desk = None;
    app.model.mode = Mode::Replay;
    let h = screen(app);
    assert!(h.query_by_label("Verify the journal").is_some());
    assert!(!h.query_all_by_role(Role::Button).any(|b| b.accesskit_node().label().is_some_and(|l| l.contains("Ackn"))));
}

/// The banner looked for words that events of limits no longer have.
#[test]
fn regress_a_limit_in_the_banner_says_what_was_measured_and_which_limit() {
    let mut app = App::new("naive-slam", 8.0);
    app.model.desk = None;
    app.model.mode = Mode::Live;
    let rows = banner::rows(&app.model, false, 20);
    let limits: Vec<_> = rows.iter().filter(|r| r.state == "LIMIT").collect();
    assert!(!limits.is_empty(), "{rows:?}");
    for r in limits {
        assert!(r.text.starts_with("limit ") && r.text.ends_with(" passed") && !r.text.contains(&r.object), "{r:?}");
        assert!(r.value.starts_with("measured ") && r.times >= 1, "{r:?}");
    }
}
