//! How the links of a site do: a row for each, and everything that is known of the selected one.

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo, pos2, vec2};

use super::super::controls::ring;
use super::super::ink::{Face, Ink};
use super::{LiveState, words};
use crate::acts::Quality;
use crate::console::theme::mix;
use crate::console::widgets::quality;
use crate::feed::SiteView;
use crate::feed::hub::{Figures, LinkNow};
use crate::feed::link::Phase;

/// Height of a row, and of a line of the detail.
const ROW: f32 = 28.0;
const LINE: f32 = 25.0;
/// Rows that have room; the rest of a large site is in the tag browser.
const MOST: usize = 12;

/// The worst quality among the tags of an endpoint that have ever had a value; never where none has.
fn worst(site: &SiteView, endpoint: usize) -> Quality {
    let tags = site.map.endpoints.get(endpoint).into_iter().flat_map(|e| e.groups.iter().flat_map(|g| g.tags.clone()));
    tags.filter_map(|t| site.tags.get(t)).map(|t| t.now.quality).max().unwrap_or_default()
}

/// The table; gives where it ends. A click selects.
pub(super) fn show(ui: &mut Ui, ink: &Ink, r: Rect, site: &SiteView, state: &mut LiveState) -> f32 {
    let t = &ink.t;
    let x = |share: f32| r.left() + r.width() * share;
    ink.left(r.left(), r.top() + 22.0, "Links", Face::SemiBold, ink.body(), t.text);
    let y = r.top() + 46.0;
    for (at, head) in [(r.left() + 20.0, "Device"), (x(0.38), "Protocol"), (x(0.58), "State")] {
        ink.left(at, y, head, Face::Regular, 13.0, t.text2);
    }
    for (at, head) in [(x(0.88), "Scan"), (r.right(), "Lost")] {
        ink.right(at, y, head, Face::Regular, 13.0, t.text2);
    }
    ink.hline(r.left(), r.right(), y + 13.0, t.dead);
    let mut top = y + 14.0;
    for (e, (end, link)) in site.map.endpoints.iter().zip(&site.links).enumerate().take(MOST) {
        let row = Rect::from_min_size(pos2(r.left() - 16.0, top), vec2(r.width() + 32.0, ROW));
        let id = ui.scope_id().with(("link", e));
        let response = ui.interact(row, id, Sense::click());
        let selected = state.link == e;
        let says = format!("Link {}: {}", end.name, words::state(link));
        response.widget_info(|| WidgetInfo::selected(Role::Row, true, selected, &says));
        if response.clicked() {
            state.link = e;
        }
        if selected {
            ink.fill(row, mix(t.accent, t.panel, 0.16));
            ink.fill(Rect::from_min_size(row.min, vec2(3.0, ROW)), t.accent);
        }
        ring(ink, &response, row.shrink(3.0));
        let mid = row.center().y;
        let down = link.info.as_ref().is_some_and(|i| i.phase != Phase::Up);
        let face = if down { Face::SemiBold } else { Face::Medium };
        let px = ink.body();
        quality::mark(&ink.p, t, pos2(r.left() + 5.0, mid), if down { Quality::Stale } else { worst(site, e) });
        ink.left_cut(r.left() + 20.0, mid, x(0.38) - 8.0, &end.name, face, px, t.text);
        ink.left_cut(x(0.38), mid, x(0.58) - 8.0, words::protocol(&end.link), Face::Regular, px, t.text2);
        let since = link.info.as_ref().map_or_else(String::new, |i| words::seconds(i.since.elapsed()));
        let said = format!("{} {since}", words::state(link));
        ink.left_cut(x(0.58), mid, x(0.80) - 4.0, &said, face, px, t.text);
        if let Some(info) = &link.info {
            let slowest = info.scans.iter().max_by_key(|s| s[0]);
            let late = slowest.is_some_and(|s| words::overruns(*s));
            let scan =
                slowest.filter(|s| !s[0].is_zero()).map_or_else(|| "–".to_owned(), |s| words::ms(s[0].as_secs_f64()));
            let face = if late { Face::SemiBold } else { Face::Medium };
            ink.right(x(0.88), mid, scan, face, px, if late { t.limit } else { t.live });
            ink.right(r.right(), mid, info.losses, Face::Medium, px, t.live);
        }
        ink.hline(r.left(), r.right(), row.bottom(), t.hair);
        top = row.bottom();
    }
    top + 10.0
}

/// Everything about one link, in two columns; gives where it ends.
pub(super) fn detail(ink: &Ink, r: Rect, site: &SiteView, endpoint: usize, to_frame: Option<Figures>) -> f32 {
    let t = &ink.t;
    let Some((end, link)) = site.map.endpoints.get(endpoint).zip(site.links.get(endpoint)) else { return r.top() };
    let x = ink.left(r.left(), r.top() + 22.0, &end.name, Face::SemiBold, ink.body(), t.text);
    let to = format!("{}  {}", words::protocol(&end.link), words::address(&end.link));
    ink.left_cut(x + 10.0, r.top() + 22.0, r.right(), &to, Face::Regular, ink.body(), t.text2);
    ink.hline(r.left(), r.right(), r.top() + 40.0, t.dead);
    let mut all = words::facts(link);
    let trouble = all.iter().position(|(label, _)| *label == "Last trouble").map(|i| all.remove(i));
    all.push(("Arrival to row", site.to_row.map_or_else(|| "–".to_owned(), words::figures)));
    all.push(("Arrival to frame", to_frame.map_or_else(|| "–".to_owned(), words::figures)));
    let rows = all.len().div_ceil(2);
    let (gap, half) = (24.0, (r.width() - 24.0) / 2.0);
    for (i, (label, value)) in all.iter().enumerate() {
        let left = r.left() + if i < rows { 0.0 } else { half + gap };
        let y = r.top() + 56.0 + LINE * (i % rows) as f32;
        pair(ink, [left, left + half], y, label, value, emphasis(label, link));
    }
    let mut y = r.top() + 56.0 + LINE * rows as f32;
    if let Some((label, value)) = trouble {
        pair(ink, [r.left(), r.right()], y, label, &value, Face::Medium);
        y += LINE;
    }
    y
}

fn emphasis(label: &str, link: &LinkNow) -> Face {
    let down = link.info.as_ref().is_some_and(|i| i.phase != Phase::Up);
    if down && matches!(label, "State" | "Next attempt") { Face::SemiBold } else { Face::Medium }
}

/// A label with its value at a fixed place behind it.
fn pair(ink: &Ink, [left, right]: [f32; 2], y: f32, label: &str, value: &str, face: Face) {
    ink.left(left, y, label, Face::Regular, ink.body(), ink.t.text2);
    ink.left_cut(left + 168.0, y, right, value, face, ink.body(), ink.t.live);
}

/// In a few lines, for the place of the controls: links, tags, what is oldest.
pub(super) fn brief(ink: &Ink, r: Rect, site: &SiteView) {
    let t = &ink.t;
    ink.left(r.left(), r.top(), "Links", Face::SemiBold, 14.0, t.text);
    ink.hline(r.left(), r.right(), r.top() + 16.0, t.dead);
    for (e, (end, link)) in site.map.endpoints.iter().zip(&site.links).enumerate() {
        let y = r.top() + 34.0 + ROW * e as f32;
        if y > r.bottom() - 10.0 {
            return;
        }
        quality::mark(&ink.p, t, pos2(r.left() + 5.0, y), worst(site, e));
        ink.left_cut(r.left() + 20.0, y, r.left() + 200.0, &end.name, Face::Medium, 14.0, t.text);
        let trouble = link.info.as_ref().filter(|i| i.phase != Phase::Up).and_then(|i| i.last_error.clone());
        let said = trouble.unwrap_or_else(|| words::state(link).to_owned());
        ink.left_cut(r.left() + 208.0, y, r.right(), &said, Face::Regular, 14.0, t.text2);
    }
}
