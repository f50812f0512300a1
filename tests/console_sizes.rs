//! Every view at every size and scale: it lives, nothing that can be pressed lies partly over something else, and no
//! button or number is cut.
#![cfg(feature = "console")]

#[path = "common/every_view.rs"]
mod every_view;
#[path = "common/patience.rs"]
mod patience;

use std::collections::BTreeSet;

use ballast::console::action::{Action, FileAct, ScreenAct};
use ballast::console::view::{VIEWS, ViewInfo};
use ballast::console::views::{alarms, live, operate};
use ballast::console::widgets::text::{cuts, watch_cuts};
use egui::{Context, Key, Order, Rect, Vec2};
use egui_kittest::kittest::Queryable as _;
use every_view::{App, Site, console, parts};
use patience::until;

/// From a window that shows next to nothing to a large screen. The heights about 400 are those of a window that shares
/// a laptop's screen with another.
const SIZES: [[f32; 2]; 11] = [
    [200.0, 150.0],
    [1366.0, 384.0],
    [1366.0, 420.0],
    [1366.0, 455.0],
    [640.0, 480.0],
    [1024.0, 600.0],
    [1280.0, 799.0],
    [1280.0, 800.0],
    [1440.0, 900.0],
    [1920.0, 1080.0],
    [2560.0, 1440.0],
];

/// What can be pressed or dragged, as far as it is in view, in the window or over it.
fn interactive(ctx: &Context, order: Order) -> Vec<Rect> {
    ctx.viewport(|v| {
        let widgets = &v.prev_pass.widgets;
        let all = widgets.layers().filter(|(layer, _)| layer.order == order).flat_map(|(_, all)| all.iter());
        all.filter(|w| w.enabled && w.visible && w.sense.interactive()).map(|w| w.interact_rect).collect()
    })
}

/// Pairs that lie partly over each other. What lies wholly within another is meant: a button in a row, a choice on a
/// strip. Narrow ones are the edges of columns.
fn overlaps(all: &[Rect]) -> Vec<[Rect; 2]> {
    let seen: Vec<&Rect> = all.iter().filter(|r| r.width() > 13.0 && r.height() > 2.0).collect();
    let mut out = Vec::new();
    for (i, a) in seen.iter().enumerate() {
        for b in seen.iter().skip(i + 1) {
            let both = a.intersect(**b);
            let within = a.expand(1.5).contains_rect(**b) || b.expand(1.5).contains_rect(**a);
            if both.width() > 1.5 && both.height() > 1.5 && !within {
                out.push([**a, **b]);
            }
        }
    }
    out
}

/// These views, with every part of them, at every size and scale; adds what is wrong, and the parts that were reached.
fn survey(h: &mut App, views: &[ViewInfo], faults: &mut BTreeSet<String>, reached: &mut BTreeSet<&'static str>) {
    watch_cuts(&h.ctx);
    for scale in [1.0, 1.25, 1.5, 2.0] {
        h.set_pixels_per_point(scale);
        for size in SIZES {
            h.set_size(Vec2::from(size));
            for view in views {
                let ctx = h.ctx.clone();
                h.state_mut().act(&ctx, Action::Screen(ScreenAct::Show(view.id)));
                h.run_steps(2);
                let place = format!("{} at {size:?}, scale {scale}", view.title);
                note(h, &place, Order::Background, faults);
                for part in parts(view.id) {
                    let Some(node) = h.query_by_label(part) else { continue };
                    node.click_accesskit();
                    h.run_steps(3);
                    reached.insert(part);
                    note(h, &format!("{part}, {place}"), Order::Background, faults);
                }
            }
        }
    }
}

fn note(h: &App, place: &str, order: Order, faults: &mut BTreeSet<String>) {
    let pairs = overlaps(&interactive(&h.ctx, order));
    faults.extend(pairs.into_iter().take(3).map(|[a, b]| format!("{place}: {a:?} over {b:?}")));
    faults.extend(cuts(&h.ctx).into_iter().map(|words| format!("cut: {words:?}, {place}")));
    watch_cuts(&h.ctx);
}

fn sound(faults: &BTreeSet<String>) {
    let first: Vec<&str> = faults.iter().take(40).map(String::as_str).collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), first.join("\n"));
}

#[test]
fn every_view_lives_at_every_size_and_nothing_overlaps_or_is_cut() {
    let (mut h, _ends) = console();
    h.key_press(Key::F2);
    until(&mut h, "the comparison", |h| h.query_by_label("Panel: Figures").is_some());
    let (mut faults, mut reached) = (BTreeSet::new(), BTreeSet::new());
    survey(&mut h, VIEWS, &mut faults, &mut reached);
    sound(&faults);
    // what the others show of a site is in the survey above
    let of_a_site: Vec<ViewInfo> =
        VIEWS.iter().copied().filter(|view| [operate::ID, alarms::ID, live::ID].contains(&view.id)).collect();
    for site in [Site::answers(), Site::silent()] {
        let mut h = site.console();
        survey(&mut h, &of_a_site, &mut faults, &mut reached);
        sound(&faults);
    }
    let all: BTreeSet<&str> = VIEWS.iter().flat_map(|view| parts(view.id)).copied().collect();
    assert_eq!(reached, all, "every part was looked at");
}

#[test]
fn what_lies_over_the_view_lives_at_every_size_too() {
    let (mut h, _ends) = console();
    let mut faults = BTreeSet::new();
    let over: [Action; 3] =
        [Action::Screen(ScreenAct::TogglePalette), Action::Screen(ScreenAct::ToggleHelp), Action::File(FileAct::Open)];
    watch_cuts(&h.ctx);
    for (size, action) in SIZES.into_iter().flat_map(|size| over.iter().map(move |action| (size, action))) {
        h.set_size(Vec2::from(size));
        let ctx = h.ctx.clone();
        h.state_mut().act(&ctx, action.clone());
        h.run_steps(4);
        note(&h, &format!("{action:?} at {size:?}"), Order::Foreground, &mut faults);
        // Escape closes what is open; the palette and the list hear it, the help by its act
        h.key_press(Key::Escape);
        h.run_steps(3);
    }
    sound(&faults);
}
