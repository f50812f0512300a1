//! What an operator does to alarms, through the screen: acknowledge, shelve, take out of service, reset, find again.
//!
//! `cargo test --test alarms_view -- --ignored` saves a picture under `target/pictures/`.
#![cfg(feature = "console")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a failed step is a failed test")]

#[path = "common/alarm_screen.rs"]
mod alarm_screen;

use std::sync::Arc;

use alarm_screen::{App, carry_out, click, has, is_disabled, press, said, screen, select, steps, update};
use ballast::acts::{By, EventKind, Operate};
use ballast::alarm::annunciator::Hidden;
use ballast::alarm::{Act, State};
use ballast::console::action::{Action, FileAct, ScreenAct, TimeAct};
use ballast::console::dialogs::Save;
use ballast::console::views;
use ballast::console::views::alarms::{csv, figures};
use ballast::console::views::banner;
use ballast::training::msg::{DeskAct, What};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

#[test]
fn a_key_or_a_button_acknowledges_what_is_selected_and_nothing_else() {
    let mut h = screen(App::new("naive-slam", 6.5));
    press(&mut h, Key::F10);
    assert!(h.state().actions.is_empty(), "nothing is selected");
    select(&mut h, "F-LO");
    press(&mut h, Key::F10);
    assert!(matches!(carry_out(&mut h)[..], [Act::Ack(_)]));
    assert_eq!((h.state().state("F-LO"), h.state().state("STEP1S")), (State::Ack, State::Unack));
    assert!(is_disabled(&h, "Acknowledge F-LO") && is_disabled(&h, "Acknowledge the selected alarm"));
    select(&mut h, "STEP1S");
    click(&mut h, "Acknowledge STEP1S");
    carry_out(&mut h);
    assert_ne!(h.state().state("STEP1S"), State::Unack);
    let row = banner::rows(&h.state().model, false, 3).remove(0).object;
    assert_ne!(row, "STEP1S", "what waits stands above what was seen, within a priority");
}

#[test]
fn shelving_wants_a_reason_and_shows_a_countdown() {
    let mut h = screen(App::new("naive-slam", 20.0));
    select(&mut h, "F-LO");
    assert!(is_disabled(&h, "Shelve F-LO"), "priority 1 cannot be shelved");
    select(&mut h, "GPU-PHASE");
    click(&mut h, "Shelve GPU-PHASE");
    assert!(is_disabled(&h, "Shelve GPU-PHASE with these words"), "not without a reason");
    h.get_by_label("Reason").type_text("a known step");
    steps(&mut h);
    click(&mut h, "Time: 5 min");
    click(&mut h, "Shelve GPU-PHASE with these words");
    let acts = carry_out(&mut h);
    assert!(matches!(&acts[..], [Act::Shelve { for_s: 300, reason, .. }] if reason == "a known step"), "{acts:?}");
    assert!(!has(&h, "GPU-PHASE"));
    click(&mut h, "List: Shelved 1");
    assert!(has(&h, "GPU-PHASE"));
    assert!(said(&h)[0].contains("5:00 left, operator: a known step"), "{:?}", said(&h));
    h.state_mut().run(60.0);
    steps(&mut h);
    assert!(said(&h)[0].contains("4:00 left"), "{:?}", said(&h));
    click(&mut h, "Unshelve GPU-PHASE");
    assert!(matches!(carry_out(&mut h)[..], [Act::Unshelve(_)]));
    assert!(h.query_by_label("List: Shelved 0").is_some());
}

#[test]
fn out_of_service_lasts_until_somebody_returns_it() {
    let mut h = screen(App::new("naive-slam", 8.0));
    select(&mut h, "ROCOF");
    click(&mut h, "Out of service ROCOF");
    h.get_by_label("Permit or reason").type_text("permit 12");
    steps(&mut h);
    press(&mut h, Key::Enter);
    assert!(matches!(&carry_out(&mut h)[..], [Act::OutOfService { note, .. }] if note == "permit 12"));
    assert!(!has(&h, "ROCOF"));
    h.state_mut().run(30.0);
    assert!(matches!(h.state().entry("ROCOF").hidden, Some(Hidden::OutOfService { .. })));
    click(&mut h, "List: Out of service 1");
    assert!(said(&h)[0].contains("OUT OF SERVICE ROCOF"), "{:?}", said(&h));
    click(&mut h, "Return to service ROCOF");
    assert!(matches!(carry_out(&mut h)[..], [Act::ReturnToService(_)]));
    assert!(h.state().entry("ROCOF").hidden.is_none());
}

/// The words for one alarm went to the one that was clicked next.
#[test]
fn regress_words_are_for_the_alarm_that_they_were_written_for() {
    let mut h = screen(App::new("naive-slam", 8.0));
    select(&mut h, "GPU-PHASE");
    click(&mut h, "Comment on GPU-PHASE");
    h.get_by_label("Comment").type_text("job of tenant 3");
    steps(&mut h);
    h.get_by(|n| n.role() == Role::Row && n.label().is_some_and(|l| l.contains(" STEP1S "))).click();
    steps(&mut h);
    assert!(h.query_by_label("Comment").is_none(), "the form is gone");
    select(&mut h, "GPU-PHASE");
    click(&mut h, "Comment on GPU-PHASE");
    h.get_by_label("Comment").type_text("job of tenant 3");
    steps(&mut h);
    click(&mut h, "Save GPU-PHASE with these words");
    carry_out(&mut h);
    let comments: Vec<_> = h.state().list().entries.iter().filter(|e| !e.comments.is_empty()).collect();
    assert!(matches!(&comments[..], [e] if e.tag == "GPU-PHASE" && e.comments[0].2 == "job of tenant 3"));
}

#[test]
fn an_alarm_is_found_again_on_the_strips_and_among_the_events() {
    let mut h = screen(App::new("naive-slam", 8.0));
    select(&mut h, "F-LO");
    click(&mut h, "Show in Operate F-LO");
    let actions = std::mem::take(&mut h.state_mut().actions);
    let came_s = h.state().entry("F-LO").last_s.unwrap();
    let to = matches!(actions[..], [Action::Time(TimeAct::Cursor(0, Some(t))), Action::Screen(ScreenAct::Show(views::operate::ID))] if t == came_s);
    assert!(to, "{actions:?}");
    assert!(h.query_by_label_contains("from 60 s before to 10 s after the alarm").is_some());
    click(&mut h, "Show in events F-LO");
    assert!(h.query_by_label("Verify the journal").is_some(), "the sequence of events");
}

#[test]
fn the_first_out_is_marked_until_it_is_reset() {
    let mut h = screen(App::new("naive-slam", 8.0));
    let first = h.state().list().entries.iter().find(|e| e.first_out).expect("a first-out").tag.clone();
    assert!(said(&h).iter().any(|s| s.contains(&first) && s.contains("first-out")), "{:?}", said(&h));
    select(&mut h, &first);
    let group = h.state().entry(&first).group.word();
    click(&mut h, &format!("Reset first-out of {group}"));
    assert!(matches!(carry_out(&mut h)[..], [Act::ResetFirstOut(_)]));
    assert!(!h.state().entry(&first).first_out);
    assert!(is_disabled(&h, &format!("Reset first-out of {group}")));
}

/// The alarm of a trip could be reset while its breaker was still open.
#[test]
fn regress_a_trip_stands_until_protection_is_reset_and_asks_again() {
    let mut h = screen(App::new("two-gensets-one-trips", 13.0));
    select(&mut h, "52G-TRIP");
    assert_eq!(h.state().state("52G-TRIP"), State::Unack, "3 s after the trip the condition holds");
    press(&mut h, Key::F10);
    carry_out(&mut h);
    assert!(is_disabled(&h, "Reset 52G-TRIP"));
    h.state_mut().run(119.0);
    assert_eq!(h.state().state("52G-TRIP"), State::Ack);
    h.state_mut().run(1.0);
    assert_eq!(h.state().state("52G-TRIP"), State::Unack, "an urgent alarm that stays asks again after 120 s");
    h.state_mut().act(What::Operate(Operate::Reset));
    h.state_mut().run(2.2);
    assert_eq!(h.state().state("52G-TRIP"), State::LatchedUnack);
    steps(&mut h);
    press(&mut h, Key::F10);
    click(&mut h, "Reset 52G-TRIP");
    carry_out(&mut h);
    assert_eq!(h.state().state("52G-TRIP"), State::Normal);
}

#[test]
fn the_mute_lasts_a_minute_and_no_longer() {
    let mut h = screen(App::new("naive-slam", 6.5));
    assert!(h.state().list().unack() > 0);
    click(&mut h, "Mute for 60 seconds");
    assert!(is_disabled(&h, "Mute for 60 seconds"));
    h.run_steps(244);
    assert!(!is_disabled(&h, "Mute for 60 seconds"));
}

#[test]
fn the_table_in_a_file_has_every_alarm_and_the_figures() {
    let mut h = screen(App::new("naive-slam", 8.0));
    click(&mut h, "Save the alarms as CSV");
    assert!(matches!(h.state().actions[..], [Action::File(FileAct::Save(Save::Alarms))]));
    let list = Arc::new(h.state().list().clone());
    let mut out = Vec::new();
    assert_eq!(csv::write(&list, 8.0, &mut out).unwrap(), "36 alarms");
    let text = String::from_utf8(out).unwrap();
    let e = h.state().entry("F-LO");
    let low = text.lines().find(|l| l.starts_with("F-LO,")).expect("a line of F-LO");
    let head = format!("F-LO,1,{},{},{},Bus frequency low,", e.shown(), e.first_s, e.last_s.unwrap());
    assert!(low.starts_with(&head) && low.contains(",58.5,Hz,Frequency,1,"), "{low}\nfor {head}");
    let n = list.figures.within(8.0, 600.0);
    assert!(text.lines().any(|l| l.starts_with(&format!("In 10 min,{n},"))), "{text}");
}

/// The average of ten minutes was judged in the first seconds.
#[test]
fn regress_an_average_is_not_judged_before_it_is_known() {
    let app = App::new("naive-slam", 8.0);
    let figure = |t_s: f64| figures::figures(app.list(), t_s).into_iter().find(|f| f.name == "Average").unwrap();
    assert!(app.list().figures.total() > 2);
    assert_eq!((figure(599.0).value.as_str(), figure(599.0).past), ("–", false));
    assert_eq!((figure(600.0).value, figure(600.0).past), (format!("{}.0", app.list().figures.total()), true));
}

#[test]
fn the_detail_pane_names_signals_by_their_labels() {
    let mut h = screen(App::new("naive-slam", 8.0));
    for (tag, words) in [
        ("F-LO", "Frequency below 97.5 % of nominal (58.50 Hz), deadband 0.18, on 0.2 s, off 2.0 s"),
        ("STEP1S", "Step up in 1 s above Step allowance"),
        ("SCHED-HOLD", "Schedule is \"hold\""),
    ] {
        select(&mut h, tag);
        let limits = h.get_by_label_contains("Limits: ").accesskit_node().value().unwrap();
        assert!(limits.contains(words) && !limits.contains("site."), "{tag}: {limits}");
    }
}

#[test]
fn acts_of_a_trainee_reach_the_log_of_the_run() {
    let mut app = App::new("naive-slam", 6.5);
    let id = app.entry("F-LO").id;
    app.desk.act(&DeskAct { by: By::Trainee, what: What::Alarm(Act::Ack(id)) });
    let u = update(&mut app.desk);
    let e = u.events.iter().find(|e| e.object == "F-LO" && e.kind == EventKind::Alarm).expect("an event");
    assert_eq!((e.by, e.change), (By::Trainee, Some(["unack", "ack"])));
    assert_eq!(app.desk.log().len(), 1);
}

/// The longest time to shelve ended outside the window, and the banner's last buttons under its border.
#[test]
fn regress_everything_to_press_is_in_the_window() {
    let mut h = screen(App::new("naive-slam", 20.0));
    for (tag, form) in [("RAMP-HI", "Shelve"), ("SCHED-HOLD", "Out of service"), ("GPU-PHASE", "Comment on")] {
        select(&mut h, tag);
        click(&mut h, &format!("{form} {tag}"));
        for n in h.root().children_recursive() {
            if !matches!(n.accesskit_node().role(), Role::Button | Role::RadioButton | Role::CheckBox | Role::TextInput)
            {
                continue;
            }
            let (r, name) = (n.rect(), n.accesskit_node().label());
            assert!(r.left() >= 0.0 && r.right() <= 1360.0 && r.bottom() <= 777.0, "{name:?} at {r:?}");
            assert!(r.height() >= 23.9 || n.accesskit_node().role() == Role::TextInput, "{name:?} at {r:?}");
        }
    }
}

#[test]
#[ignore = "saves a picture"]
fn picture() {
    let mut h = screen(App::new("naive-slam", 20.0));
    select(&mut h, "STEP1S");
    std::fs::create_dir_all("target/pictures").unwrap();
    h.render().unwrap().save("target/pictures/alarms.png").unwrap();
}
