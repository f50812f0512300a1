//! The palette in the whole window: found, chosen, refused, and never in the way of HOLD.
#![cfg(feature = "console")]

#[path = "common/played_twin.rs"]
mod played_twin;

use ballast::acts::Operate;
use ballast::console::commands;
use ballast::console::view::VIEWS;
use ballast::console::views;
use ballast::worker::Command;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable as _;

use played_twin::{App, SMALL, Test, Worker, console, has, key};

/// A console with one row, and the palette open.
fn palette(size: [f32; 2]) -> Result<(App, Worker), Box<dyn std::error::Error>> {
    let (mut h, mut w) = console(size, "path-a")?;
    w.publish();
    h.run_steps(2);
    open(&mut h);
    Ok((h, w))
}

fn open(h: &mut App) {
    key(h, Key::P, Modifiers::COMMAND | Modifiers::SHIFT);
    h.run_steps(3);
}

fn write(h: &mut App, words: &str) {
    h.event(Event::Text(words.to_owned()));
    h.run_steps(2);
}

fn is_open(h: &App) -> bool {
    h.query_all_by(|n| n.role() == Role::Dialog && n.label().is_some_and(|l| l == "Commands")).next().is_some()
}

#[test]
fn a_few_letters_and_enter_do_it() -> Test {
    let (mut h, w) = palette(SMALL)?;
    assert!(is_open(&h));
    write(&mut h, "tune");
    key(&mut h, Key::Enter, Modifiers::NONE);
    h.run_steps(2);
    assert!(!is_open(&h));
    assert_eq!(h.state().view(), views::tune::ID);
    open(&mut h);
    write(&mut h, "run or");
    key(&mut h, Key::Enter, Modifiers::NONE);
    h.run_steps(2);
    assert!(matches!(w.sent()[..], [Command::Run]));
    Ok(())
}

#[test]
fn what_makes_no_sense_now_says_why_and_is_not_done() -> Test {
    let (mut h, w) = palette(SMALL)?;
    write(&mut h, "hold the");
    assert!(has(&h, "hold is not possible while the schedule is idle"));
    key(&mut h, Key::Enter, Modifiers::NONE);
    h.run_steps(2);
    assert!(is_open(&h), "it stays for another choice");
    assert_eq!(w.operated(), []);
    key(&mut h, Key::Escape, Modifiers::NONE);
    h.run_steps(2);
    assert!(!is_open(&h));
    Ok(())
}

#[test]
fn f8_holds_while_it_is_open_and_letters_go_to_its_field() -> Test {
    let (mut h, w) = palette(SMALL)?;
    key(&mut h, Key::F8, Modifiers::NONE);
    assert_eq!(w.operated(), [Operate::Hold]);
    // C clears cursors and 1 sets one, but not while words are written
    key(&mut h, Key::Num1, Modifiers::NONE);
    assert_eq!(h.state().time_view().cursors, [None; 2]);
    Ok(())
}

#[test]
fn every_view_is_on_the_rail_has_a_key_and_draws_at_every_size() -> Test {
    for size in [[1280.0, 800.0], SMALL, [1920.0, 1080.0]] {
        let (mut h, mut w) = console(size, "path-a")?;
        w.publish();
        h.run_steps(2);
        for view in VIEWS {
            key(&mut h, view.key.logical_key, view.key.modifiers);
            assert_eq!(h.state().view(), view.id);
            let tabs =
                h.query_all_by(|n| n.role() == Role::Tab && n.label().is_some_and(|l| l.starts_with(view.title)));
            assert_eq!(tabs.count(), 1, "{}", view.title);
        }
    }
    Ok(())
}

#[test]
fn it_lies_over_no_gauge_no_alarm_and_no_hold_at_every_size() -> Test {
    for size in [[1280.0, 800.0], SMALL, [1920.0, 1080.0]] {
        let (h, _w) = palette(size)?;
        let layout = ballast::console::shell::Layout::new(Vec2::from(size));
        let dialog = h.get_by(|n| n.role() == Role::Dialog && n.label().is_some_and(|l| l == "Commands")).rect();
        for fixed in [layout.kpi, layout.banner, layout.status] {
            assert!(!dialog.shrink(0.5).intersects(fixed), "over {fixed:?} at {size:?}");
        }
        for name in ["HOLD", "ABORT"] {
            assert!(!dialog.intersects(h.get_by_label(name).rect()), "over {name} at {size:?}");
        }
        assert!(has(&h, "Full screen") && commands::all().count() > 50);
    }
    Ok(())
}
