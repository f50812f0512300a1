//! Every tag of a map, under its device: search, what is not good, value, quality, age. A click shows all of one.

use std::collections::BTreeSet;

use egui::accesskit::Role;
use egui::{Rect, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::super::controls::{ring, segmented, segmented_width};
use super::super::ink::{Face, Ink};
use super::points::in_words;
use super::{path_field, words};
use crate::acts::Quality;
use crate::console::model::Model;
use crate::console::theme::mix;
use crate::console::widgets::quality;
use crate::feed::SiteView;
use crate::plant::signals::Kind;

const ROW: f32 = 26.0;
const BAR: f32 = 44.0;
const HEAD: f32 = 26.0;

/// What the browser remembers.
#[derive(Clone, Debug, Default)]
pub struct TagsState {
    /// Letters in the name, the device or the signal.
    pub search: String,
    /// Only what is not good.
    pub not_good: bool,
    /// Selected tag.
    pub selected: Option<usize>,
    /// Endpoints that are folded.
    folded: BTreeSet<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Row {
    Device(usize, usize),
    Tag(usize),
}

/// Rows that pass the filter: devices with the number of their tags, and the tags of those that are not folded.
fn rows(site: &SiteView, state: &TagsState) -> Vec<Row> {
    let wanted = state.search.trim().to_lowercase();
    let has = |text: &str| text.to_lowercase().contains(&wanted);
    let mut out = Vec::new();
    for (e, end) in site.map.endpoints.iter().enumerate() {
        let passes = |t: &usize| {
            let (Some(tag), Some(now)) = (site.map.tags.get(*t), site.tags.get(*t)) else { return false };
            let signal = tag.to.map_or("", |s| site.map.table.get(s).id.as_str());
            let found = wanted.is_empty() || has(&tag.name) || has(&end.name) || has(signal);
            found && !(state.not_good && now.now.quality == Quality::Good)
        };
        let tags: Vec<usize> = end.groups.iter().flat_map(|g| g.tags.clone()).filter(passes).collect();
        if tags.is_empty() {
            continue;
        }
        out.push(Row::Device(e, tags.len()));
        if !state.folded.contains(&e) {
            out.extend(tags.into_iter().map(Row::Tag));
        }
    }
    out
}

/// Places of the columns.
struct Columns {
    name: f32,
    value: f32,
    unit: f32,
    quality: f32,
    age: f32,
    signal: f32,
}

impl Columns {
    fn new(r: Rect) -> Self {
        let x = |share: f32| r.left() + r.width() * share;
        Self { name: r.left() + 36.0, value: x(0.37), unit: x(0.385), quality: x(0.45), age: x(0.81), signal: x(0.83) }
    }
}

/// Draws the browser.
pub(super) fn show(ui: &mut Ui, r: Rect, model: &Model, site: &SiteView, state: &mut TagsState) {
    let ink = Ink::new(ui, r.expand2(vec2(16.0, 0.0)));
    let t = ink.t;
    let field = Rect::from_min_size(r.min + vec2(0.0, 8.0), vec2(240.0, 28.0));
    path_field(ui, &ink, field, "Search tags", "Search tag, device, signal", &mut state.search);
    let items = ["All", "Not good"];
    let at = pos2(field.right() + 12.0, field.top());
    if let Some(i) = segmented(ui, &ink, at, "Tags", &items, usize::from(state.not_good), 14.0, None) {
        state.not_good = i == 1;
    }
    let all = rows(site, state);
    let n = all.iter().filter(|r| matches!(r, Row::Tag(_))).count();
    let [good, rest @ ..] = site.tally();
    let x = at.x + segmented_width(&ink, &items, 14.0) + 16.0;
    let total = good + rest.iter().sum::<usize>();
    let count = format!("{n} of {total} shown, {} not good", total - good);
    ink.left_cut(x, field.center().y, r.right(), &count, Face::Regular, ink.body(), t.text2);

    let c = Columns::new(r);
    let y = r.top() + BAR + 0.5 * HEAD;
    let heads = [(c.name, "Tag"), (c.unit, "Unit"), (c.quality, "Quality"), (c.signal, "Signal")];
    heads.iter().for_each(|(x, head)| {
        ink.left(*x, y, head, Face::Regular, 13.0, t.text2);
    });
    ink.right(c.value, y, "Value", Face::Regular, 13.0, t.text2);
    ink.right(c.age, y, "Age", Face::Regular, 13.0, t.text2);
    let body = r.expand2(vec2(16.0, 0.0)).with_min_y(r.top() + BAR + HEAD);
    ink.hline(r.left(), r.right(), body.top(), t.dead);
    if all.is_empty() {
        let words =
            if state.not_good { "every tag that passes the search is good" } else { "no tag passes the search" };
        ink.left(c.name, body.top() + 24.0, words, Face::Regular, ink.body(), t.text2);
        return;
    }
    ui.scope_builder(UiBuilder::new().id_salt("tag rows").max_rect(body), |ui| {
        ui.set_clip_rect(body.intersect(ui.clip_rect()));
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical().id_salt("tags").auto_shrink(false).show_rows(ui, ROW, all.len(), |ui, range| {
            let ink = Ink::new(ui, body);
            let top = ui.cursor().top();
            for (k, row) in all.get(range.clone()).unwrap_or_default().iter().enumerate() {
                let at = Rect::from_min_size(pos2(body.left(), top + ROW * k as f32), vec2(body.width(), ROW));
                match row {
                    Row::Device(e, n) => device(ui, &ink, at, site, *e, *n, state),
                    Row::Tag(tag) => line(ui, &ink, at, &c, model, site, *tag, state),
                }
                ink.hline(r.left(), r.right(), at.bottom(), ink.t.hair);
            }
            ui.allocate_space(vec2(body.width(), ROW * range.len() as f32));
        });
    });
}

fn device(ui: &Ui, ink: &Ink, r: Rect, site: &SiteView, e: usize, n: usize, state: &mut TagsState) {
    let (Some(end), Some(link)) = (site.map.endpoints.get(e), site.links.get(e)) else { return };
    let open = !state.folded.contains(&e);
    let response = ui.interact(r, ui.scope_id().with(("device", e)), Sense::click());
    let says = format!("Device {}, {n} tags, {}", end.name, if open { "open" } else { "folded" });
    response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, open, &says));
    if response.clicked() && !state.folded.remove(&e) {
        state.folded.insert(e);
    }
    ring(ink, &response, r.shrink(3.0));
    let at = pos2(r.left() + 21.0, r.center().y);
    let tip = if open {
        [at + vec2(-5.0, -3.0), at + vec2(5.0, -3.0), at + vec2(0.0, 4.0)]
    } else {
        [at + vec2(-3.0, -5.0), at + vec2(-3.0, 5.0), at + vec2(4.0, 0.0)]
    };
    ink.triangle(tip, ink.t.text2, egui::Stroke::NONE);
    let x = ink.left(r.left() + 34.0, r.center().y, &end.name, Face::SemiBold, ink.body(), ink.t.text);
    let words = format!("{}, {}, {n} tags", words::protocol(&end.link), words::state(link));
    ink.left_cut(x + 12.0, r.center().y, r.right() - 16.0, &words, Face::Regular, ink.body(), ink.t.text2);
}

fn line(ui: &Ui, ink: &Ink, r: Rect, c: &Columns, model: &Model, site: &SiteView, i: usize, state: &mut TagsState) {
    let (Some(tag), Some(now)) = (site.map.tags.get(i), site.tags.get(i)) else { return };
    let (t, q, px, mid) = (&ink.t, now.now.quality, ink.body(), r.center().y);
    let response = ui.interact(r, ui.scope_id().with(("tag", i)), Sense::click());
    let selected = state.selected == Some(i);
    let value = in_words(tag.to.map_or(Kind::Analog, |s| model.table.get(s).kind), now.now.value);
    let says = format!("Tag {} {value} {}, {q}", tag.name, tag.unit.name());
    response.widget_info(|| WidgetInfo::selected(Role::TreeItem, true, selected, &says));
    if response.clicked() {
        state.selected = Some(i);
    }
    if selected {
        ink.fill(r, mix(t.accent, t.panel, 0.16));
        ink.fill(Rect::from_min_size(r.min, vec2(3.0, r.height())), t.accent);
    }
    ring(ink, &response, r.shrink(3.0));
    quality::mark(&ink.p, t, pos2(r.left() + 38.0, mid), q);
    ink.left_cut(c.name + 14.0, mid, c.value - 90.0, &tag.name, Face::Medium, px, t.text);
    ink.right(c.value, mid, value, Face::Medium, px, if q.usable() { t.live } else { t.text2 });
    ink.left(c.unit, mid, tag.unit.name(), Face::Regular, px, t.text2);
    let reason = if q.reason().is_empty() { q.word().to_owned() } else { q.to_string() };
    ink.left_cut(c.quality, mid, c.age - 64.0, &reason, Face::Regular, px, quality::color(t, q));
    ink.right(c.age, mid, words::age(now.age_s), Face::Medium, px, t.live);
    let signal = tag.to.map_or("", |s| site.map.table.get(s).id.as_str());
    ink.left_cut(c.signal, mid, r.right() - 20.0, signal, Face::Regular, px, t.text2);
}
