//! The event lane under the strips: alarms as glyphs, batches as ticks, HOLD as bars, planned batches hollow, the axis.
//!
//! What would overlap is one mark with a count. A click on an event puts the cursor on it; hovering says it in words.

use egui::{Align, Rangef, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role, pos2};

use super::glyph::{Look, glyph};
use super::hand::{self, pointer};
use super::scale::TimeScale;
use super::strip::GUTTER;
use super::{Face, Ink, axes};
use crate::acts::{Event, EventKind};
use crate::alarm::{Definition, came};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::time_view::TimeView;
use crate::engine::forecast::Forecast;
use crate::history::{HoldSpan, Store};

/// Marks closer than this become one, px.
const CLUSTER: f32 = 12.0;
/// Events that the pointer finds, px.
const REACH: f32 = 8.0;
/// States of the schedule that end a bring-up by hand.
const STOPS: [&str; 2] = ["aborted", "ramp-down"];
/// Events that are told to the pointer at most.
const SAID: usize = 6;
/// At most so many events are looked at in a frame; newer ones first.
const MOST: usize = 20_000;

/// What the lane shows.
#[derive(Clone, Copy)]
pub struct Lane<'a> {
    /// Rows and events.
    pub history: &'a Store,
    /// Planned batches.
    pub forecast: Option<&'a Forecast>,
    /// Newest sample, s.
    pub now: f64,
    /// Batches above this are drawn larger, kW.
    pub oversize_kw: f64,
    /// The alarms of the annunciator; none where there is none, and trips and passed limits stand for them.
    pub alarms: Option<&'a [Definition]>,
}

impl Lane<'_> {
    /// Draws the lane; `rect` is as wide as the strips, without their value column.
    pub fn show(&self, ui: &Ui, rect: Rect, view: &TimeView, actions: &mut Vec<Action>) -> Response {
        let x = TimeScale::new(view, self.now, Rangef::new(rect.left() + GUTTER, rect.right()));
        let response = ui.interact(rect, ui.make_persistent_id("event lane"), Sense::click_and_drag());
        let events: Vec<&Event> = self.history.events().range(x.t0, x.t1).rev().take(MOST).collect();
        let mut near = response.hover_pos().map(|p| self.near(&events, &x, p.x)).unwrap_or_default();
        pointer(ui, &response, &x, near.first().map(|e| e.t_s), actions);
        let more = near.len() > SAID;
        near.truncate(SAID);
        near.sort_by_key(|e| (e.tick, e.seq));
        if ui.is_rect_visible(rect) {
            let ink = Ink::new(ui, rect);
            self.paint(&ink, rect, view, &x, &events);
            hand::draw(ui.ctx(), &ink, &x, Rangef::new(rect.top(), rect.top() + 48.0));
            if response.has_focus() {
                ink.frame(rect, 0, (2.0, ink.t.accent));
            }
        }
        let count = events.len();
        response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, format!("Events, {count} in the window")));
        if near.is_empty() { response } else { response.on_hover_ui_at_pointer(|ui| words(ui, &near, more)) }
    }

    #[allow(clippy::too_many_arguments, reason = "one frame's geometry")]
    fn paint(&self, ink: &Ink, rect: Rect, view: &TimeView, x: &TimeScale, events: &[&Event]) {
        let t = &ink.t;
        ink.fill(rect, t.inset);
        let now = x.now_x();
        if let Some(from) = now {
            ink.fill(Rect::from_x_y_ranges(from..=rect.right(), rect.y_range()), t.future);
        }
        axes::cursors(ink, &view.cursors, x, Rangef::new(rect.top(), rect.top() + 58.0));
        let size = 13.0;
        let title = ink.base(rect.left() + 12.0, rect.top() + 17.0, Align::Min, "Events", Face::semibold(size, t.text));
        let plot = ink.within(Rect::from_x_y_ranges(x.left..=x.right, rect.y_range()));
        let mut taken = vec![title.expand(6.0)];
        if let Some(at) = now {
            taken.push(Rect::from_x_y_ranges(at - 1.0..=at + 1.0, rect.top()..=rect.top() + 48.0));
        }
        self.alarms(&plot, rect.top() + 12.0, x, events, &mut taken);
        self.holds(&plot, rect.top() + 31.0, x, now.unwrap_or(x.right));
        self.batches(&plot, rect.top() + 31.0, x, events, &mut taken);
        if let Some(at) = now {
            ink.vline(at, Rangef::new(rect.top(), rect.top() + 48.0), t.text2);
        }
        self.axis(ink, rect, x, view);
    }

    /// Priority of an event that is an alarm: one that came, where there is an annunciator; else a trip or a passed limit.
    fn priority(&self, e: &Event) -> Option<u8> {
        match (self.alarms, e.kind) {
            (Some(all), EventKind::Alarm) if came(e) => {
                all.iter().find(|d| d.tag == e.object).map(|d| d.priority.number() as u8)
            }
            (None, EventKind::Trip | EventKind::LoadShed) => Some(1),
            (None, EventKind::Limit) => Some(2),
            _ => None,
        }
    }

    /// Events that the pointer finds: alarms first, then the nearest.
    fn near<'e>(&self, events: &[&'e Event], x: &TimeScale, px: f32) -> Vec<&'e Event> {
        let far = |e: &Event| (x.x(e.t_s) - px).abs();
        let mut near: Vec<&Event> = events.iter().copied().filter(|e| far(e) <= REACH).collect();
        let key = |e: &Event| (self.priority(e).unwrap_or(9), far(e));
        near.sort_by(|a, b| key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal));
        near
    }

    fn alarms(&self, ink: &Ink, y: f32, x: &TimeScale, events: &[&Event], taken: &mut Vec<Rect>) {
        let t = &ink.t;
        let mut groups: Vec<(f32, u8, usize)> = Vec::new();
        // Newest first.
        for e in events {
            let Some(priority) = self.priority(e) else { continue };
            let px = x.x(e.t_s);
            match groups.last_mut() {
                Some((at, best, n)) if *at - px < CLUSTER + 6.0 => {
                    *best = (*best).min(priority);
                    *n += 1;
                    *at = px;
                }
                _ => groups.push((px, priority, 1)),
            }
        }
        for (px, priority, n) in groups {
            let around = Rect::from_center_size(pos2(px, y), egui::vec2(16.0, 18.0));
            glyph(ink, pos2(px.round(), y), 16.0, priority, Look::Active);
            taken.push(around);
            if n > 1 {
                for words in [format!("{n} alarms"), format!("×{n}")] {
                    if label(ink, px + 13.0, y, Align::Min, &words, Face::regular(12.0, t.text2), taken) {
                        break;
                    }
                }
            }
        }
    }

    fn holds(&self, ink: &Ink, y: f32, x: &TimeScale, now: f32) {
        let t = &ink.t;
        for hold in self.history.events().hold_spans(x.t0, x.t1) {
            let (a, b) = (x.x(hold.t0_s), hold.t1_s.map_or(now, |s| x.x(s)));
            let bar = Rect::from_x_y_ranges(a.round()..=b.round().max(a.round() + 2.0), y - 9.0..=y + 9.0);
            ink.p.rect(bar, 2.0, t.panel, Stroke::new(1.0, t.text), StrokeKind::Inside);
            let shown = bar.intersect(ink.p.clip_rect());
            let face = Face::medium(12.0, t.text);
            let full = hold_words(hold, self.now);
            for word in [full.as_str(), "HOLD"] {
                if ink.width(word, face) + 8.0 < shown.width() {
                    ink.base(shown.center().x, y + 4.5, Align::Center, word, face);
                    break;
                }
            }
        }
    }

    fn batches(&self, ink: &Ink, y: f32, x: &TimeScale, events: &[&Event], taken: &mut Vec<Rect>) {
        let t = &ink.t;
        let mut done = Vec::new();
        for e in events {
            let px = x.x(e.t_s);
            match e.kind {
                EventKind::Batch | EventKind::BatchDown => {
                    let over = e.value.abs() > self.oversize_kw + 1e-6;
                    // Drawn at once: an oversize batch must not hide in a cluster.
                    if over {
                        tick(ink, px, 2.0, y - 11.0, y + 11.0, t.text);
                    }
                    done.push(px);
                }
                EventKind::Shed | EventKind::Restore => tick(ink, px, 1.0, y + 4.0, y + 10.0, t.pen_miner),
                EventKind::Command | EventKind::Script => tick(ink, px, 1.0, y - 10.0, y - 5.0, t.accent),
                EventKind::Refused => tick(ink, px, 2.0, y - 10.0, y - 5.0, t.limit),
                EventKind::Hold => tick(ink, px, 2.0, y - 12.0, y + 12.0, t.text),
                // an abort ends the schedule: it has its word wherever there is room
                EventKind::State if e.object == "schedule" && STOPS.contains(&e.text.as_str()) => {
                    tick(ink, px, 2.0, y - 12.0, y + 12.0, t.text);
                    let word = if e.text == "aborted" { "ABORT" } else { "RAMP DOWN" };
                    label(ink, px + 6.0, y, Align::Min, word, Face::medium(12.0, t.text), taken);
                }
                _ => {}
            }
        }
        let face = Face::regular(12.0, t.text2);
        for (a, b, n) in cluster(ink, &done, (y - 6.0, y + 6.0), t.text2) {
            if n > 2 {
                let words = [format!("{n} batches"), n.to_string()];
                let places = [((a + b) * 0.5, Align::Center), (b - 12.0, Align::Max)];
                let tries = words.iter().flat_map(|w| places.map(|at| (w, at)));
                for (w, (px, align)) in tries {
                    if label(ink, px, y - 19.0, align, w, face, taken) {
                        break;
                    }
                }
            }
        }
        let Some(forecast) = self.forecast.filter(|_| x.follows) else { return };
        let planned: Vec<f32> =
            forecast.batches.iter().filter(|b| b.0 > x.now && x.contains(b.0)).map(|b| x.x(b.0)).rev().collect();
        cluster(ink, &planned, (y, y + 7.0), t.dead);
        if !planned.is_empty() {
            let words = format!("{} batch{} planned", planned.len(), if planned.len() == 1 { "" } else { "es" });
            label(ink, x.now_x().unwrap_or(x.left) + 8.0, y - 19.0, Align::Min, &words, face, taken);
        }
    }

    fn axis(&self, ink: &Ink, rect: Rect, x: &TimeScale, view: &TimeView) {
        let y = rect.top() + 48.0;
        // The second cursor also tells how far they are apart.
        let delta = view.delta_s().map_or_else(String::new, |d| format!("  Δ {} s", fmt::num(d, 1)));
        let flags = axes::flags(ink, &view.cursors, x, y, |i, at| {
            format!("{}{}", x.flag(at), if i == 1 { &delta } else { "" })
        });
        let last = x.ticks().len().saturating_sub(1);
        axes::time(ink, x, y, flags, |i, at| match x.label(at) {
            now if now == "now" => (now, true),
            words if x.follows && (i == 0 || i == last) && !words.ends_with("min") => (format!("{words} s"), false),
            words => (words, false),
        });
    }
}

/// What the pointer is told, in the order of time.
fn words(ui: &mut Ui, near: &[&Event], more: bool) {
    for e in near {
        let value = if e.unit.is_empty() { String::new() } else { format!(", {} {}", fmt::num(e.value, 1), e.unit) };
        ui.label(format!("{}  {}  {}{value}", fmt::stamp(e.t_s), e.object, e.text));
    }
    if more {
        ui.label("and more: F4, Events");
    }
}

fn hold_words(hold: &HoldSpan, now: f64) -> String {
    let long = fmt::duration((hold.t1_s.unwrap_or(now) - hold.t0_s).max(0.0));
    if hold.t1_s.is_some() { format!("HOLD {long}") } else { format!("HOLD for {long}") }
}

fn tick(ink: &Ink, x: f32, wide: f32, top: f32, bottom: f32, color: egui::Color32) {
    let x = x.round();
    ink.p.rect_filled(Rect::from_x_y_ranges(x..=x + wide, top..=bottom), 0.0, color);
}

/// Ticks at falling positions; where they are too dense for single ticks, a solid bar. Returns runs of ticks that are
/// closer than [`CLUSTER`]: left, right, count.
fn cluster(ink: &Ink, xs: &[f32], (top, bottom): (f32, f32), color: egui::Color32) -> Vec<(f32, f32, usize)> {
    let mut groups: Vec<(f32, f32, usize)> = Vec::new();
    let mut last = f32::INFINITY;
    for x in xs {
        if last - x >= 2.5 {
            tick(ink, *x, 1.0, top, bottom, color);
        } else if last - x >= 0.5 {
            ink.p.rect_filled(Rect::from_x_y_ranges(x.round()..=last.round(), top..=bottom), 0.0, color);
        }
        match groups.last_mut() {
            Some(g) if last - x < CLUSTER => {
                g.0 = *x;
                g.2 += 1;
            }
            _ => groups.push((*x, *x, 1)),
        }
        last = *x;
    }
    groups
}

/// Writes `words` about the height `y` if nothing is there yet; true if it did.
fn label(ink: &Ink, x: f32, y: f32, align: Align, words: &str, face: Face, taken: &mut Vec<Rect>) -> bool {
    let wide = ink.width(words, face);
    let left = match align {
        Align::Min => x,
        Align::Center => x - wide * 0.5,
        Align::Max => x - wide,
    };
    let r = Rect::from_x_y_ranges(left - 4.0..=left + wide + 4.0, y - 7.0..=y + 7.0);
    if r.left() >= ink.p.clip_rect().left() - 4.0
        && r.right() <= ink.p.clip_rect().right()
        && !taken.iter().any(|o| o.intersects(r))
    {
        ink.base(left, y + 4.5, Align::Min, words, face);
        taken.push(r);
        return true;
    }
    false
}
