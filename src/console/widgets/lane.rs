//! The event lane under the strips: alarms as glyphs, batches as ticks, HOLD as bars, planned batches hollow, the axis.
//!
//! What would overlap is one mark with a count. A click on an event puts the cursor on it; hovering says it in words.

use egui::{Align, Painter, Rangef, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role, pos2};

use super::glyph::{Look, glyph};
use super::paint::{self, Face, text};
use super::scale::{TimeScale, pointer};
use super::strip::{GUTTER, cursors};
use crate::acts::{Event, EventKind};
use crate::console::action::Action;
use crate::console::fmt;
use crate::console::theme::{Tokens, is_large, tokens};
use crate::console::time_view::TimeView;
use crate::engine::forecast::Forecast;
use crate::history::{HoldSpan, Store};

/// Marks closer than this become one, px.
const CLUSTER: f32 = 12.0;
/// Events that the pointer finds, px.
const REACH: f32 = 8.0;
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
}

impl Lane<'_> {
    /// Draws the lane; `rect` is as wide as the strips, without their value column.
    pub fn show(&self, ui: &Ui, rect: Rect, view: &TimeView, actions: &mut Vec<Action>) -> Response {
        let x = TimeScale::new(view, self.now, Rangef::new(rect.left() + GUTTER, rect.right()));
        let response = ui.interact(rect, ui.make_persistent_id("event lane"), Sense::click_and_drag());
        let events: Vec<&Event> = self.history.events().range(x.t0, x.t1).rev().take(MOST).collect();
        let near = response.hover_pos().map(|p| near(&events, &x, p.x)).unwrap_or_default();
        pointer(ui, &response, &x, near.first().map(|e| e.t_s), actions);
        if ui.is_rect_visible(rect) {
            let (p, t) = (ui.painter_at(rect), tokens(ui));
            self.paint(&p, &t, rect, view, &x, &events, is_large(ui));
            if response.has_focus() {
                paint::focus_ring(&p, rect, 0.0, t.accent);
            }
        }
        let count = events.len();
        response.widget_info(|| WidgetInfo::labeled(Role::Figure, true, format!("Events, {count} in the window")));
        if near.is_empty() { response } else { response.on_hover_ui_at_pointer(|ui| words(ui, &near)) }
    }

    #[allow(clippy::too_many_arguments, reason = "one frame's geometry")]
    fn paint(
        &self,
        p: &Painter,
        t: &Tokens,
        rect: Rect,
        view: &TimeView,
        x: &TimeScale,
        events: &[&Event],
        large: bool,
    ) {
        paint::fill(p, rect, t.inset);
        let now = x.now_x();
        if let Some(from) = now {
            paint::fill(p, Rect::from_x_y_ranges(from..=rect.right(), rect.y_range()), t.future);
        }
        cursors(p, t, view, x, Rangef::new(rect.top(), rect.top() + 58.0));
        let size = 13.0;
        let title = text(p, rect.left() + 12.0, rect.top() + 17.0, Align::Min, "Events", Face::semibold(size, t.text));
        let plot = p.with_clip_rect(Rect::from_x_y_ranges(x.left..=x.right, rect.y_range()));
        let mut taken = vec![title.expand(6.0)];
        if let Some(at) = now {
            taken.push(Rect::from_x_y_ranges(at - 1.0..=at + 1.0, rect.top()..=rect.top() + 48.0));
        }
        self.alarms(&plot, t, rect.top() + 12.0, x, events, &mut taken);
        self.holds(&plot, t, rect.top() + 31.0, x, now.unwrap_or(x.right));
        self.batches(&plot, t, rect.top() + 31.0, x, events, &mut taken);
        if let Some(at) = now {
            paint::vline(p, at, Rangef::new(rect.top(), rect.top() + 48.0), Stroke::new(1.0, t.text2));
        }
        self.axis(p, t, rect, x, view, large);
    }

    fn alarms(&self, p: &Painter, t: &Tokens, y: f32, x: &TimeScale, events: &[&Event], taken: &mut Vec<Rect>) {
        let mut groups: Vec<(f32, u8, usize)> = Vec::new();
        // Newest first.
        for e in events {
            let Some(priority) = priority(e.kind) else { continue };
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
            glyph(p, t, pos2(px.round(), y), 16.0, priority, Look::Active);
            taken.push(around);
            if n > 1 {
                for words in [format!("{n} alarms"), format!("×{n}")] {
                    if label(p, px + 13.0, y, Align::Min, &words, Face::regular(12.0, t.text2), taken) {
                        break;
                    }
                }
            }
        }
    }

    fn holds(&self, p: &Painter, t: &Tokens, y: f32, x: &TimeScale, now: f32) {
        for hold in self.history.events().hold_spans(x.t0, x.t1) {
            let (a, b) = (x.x(hold.t0_s), hold.t1_s.map_or(now, |s| x.x(s)));
            let bar = Rect::from_x_y_ranges(a.round()..=b.round().max(a.round() + 2.0), y - 9.0..=y + 9.0);
            p.rect(bar, 2.0, t.panel, Stroke::new(1.0, t.text), StrokeKind::Inside);
            let shown = bar.intersect(p.clip_rect());
            let face = Face::medium(12.0, t.text);
            let full = hold_words(hold, self.now);
            for word in [full.as_str(), "HOLD"] {
                if paint::width(p, word, face) + 8.0 < shown.width() {
                    text(p, shown.center().x, y + 4.5, Align::Center, word, face);
                    break;
                }
            }
        }
    }

    fn batches(&self, p: &Painter, t: &Tokens, y: f32, x: &TimeScale, events: &[&Event], taken: &mut Vec<Rect>) {
        let mut done = Vec::new();
        for e in events {
            let px = x.x(e.t_s);
            match e.kind {
                EventKind::Batch | EventKind::BatchDown => {
                    let over = e.value.abs() > self.oversize_kw + 1e-6;
                    // Drawn at once: an oversize batch must not hide in a cluster.
                    if over {
                        tick(p, px, 2.0, y - 11.0, y + 11.0, t.text);
                    }
                    done.push(px);
                }
                EventKind::Shed | EventKind::Restore => tick(p, px, 1.0, y + 4.0, y + 10.0, t.pen_miner),
                EventKind::Command | EventKind::Script => tick(p, px, 1.0, y - 10.0, y - 5.0, t.accent),
                EventKind::Refused => tick(p, px, 2.0, y - 10.0, y - 5.0, t.limit),
                _ => {}
            }
        }
        let face = Face::regular(12.0, t.text2);
        for (a, b, n) in cluster(p, &done, (y - 6.0, y + 6.0), t.text2) {
            if n > 2 {
                let words = [format!("{n} batches"), n.to_string()];
                let places = [((a + b) * 0.5, Align::Center), (b - 12.0, Align::Max)];
                let tries = words.iter().flat_map(|w| places.map(|at| (w, at)));
                for (w, (px, align)) in tries {
                    if label(p, px, y - 19.0, align, w, face, taken) {
                        break;
                    }
                }
            }
        }
        let Some(forecast) = self.forecast.filter(|_| x.follows) else { return };
        let planned: Vec<f32> =
            forecast.batches.iter().filter(|b| b.0 > x.now && x.contains(b.0)).map(|b| x.x(b.0)).rev().collect();
        cluster(p, &planned, (y, y + 7.0), t.dead);
        if !planned.is_empty() {
            let words = format!("{} batch{} planned", planned.len(), if planned.len() == 1 { "" } else { "es" });
            label(p, x.now_x().unwrap_or(x.left) + 8.0, y - 19.0, Align::Min, &words, face, taken);
        }
    }

    fn axis(&self, p: &Painter, t: &Tokens, rect: Rect, x: &TimeScale, view: &TimeView, large: bool) {
        let y = rect.top() + 48.0;
        let line = Stroke::new(1.0, t.text2);
        paint::hline(p, Rangef::new(x.left, x.right), y, line);
        let px = if large { 13.0 } else { 12.0 };
        let base = rect.top() + 67.0;
        let mut taken: Vec<Rect> = Vec::new();
        if let Some(at) = view.cursors[0].filter(|at| x.contains(*at)) {
            taken.push(flag(p, t, x, at, base, None, &x.flag(at)));
        }
        if let Some(at) = view.cursors[1].filter(|at| x.contains(*at)) {
            // The second one also tells how far they are apart.
            let delta = view.delta_s().map_or_else(String::new, |d| format!("  Δ {} s", fmt::num(d, 1)));
            let words = format!("{}{delta}", x.flag(at));
            taken.push(flag(p, t, x, at, base, Some(taken.first().copied()), &words));
        }
        let ticks = x.ticks();
        for (i, at) in ticks.iter().enumerate() {
            let at_px = x.x(*at);
            paint::vline(p, at_px, Rangef::new(y, y + 5.0), line);
            let words = x.label(*at);
            let (bold, words) = match words.as_str() {
                "now" => (true, words),
                _ if x.follows && (i == 0 || i + 1 == ticks.len()) && !words.ends_with("min") => {
                    (false, format!("{words} s"))
                }
                _ => (false, words),
            };
            let face = if bold { Face::semibold(px, t.text) } else { Face::regular(px, t.text2) };
            let wide = paint::width(p, &words, face);
            let left = (at_px - wide * 0.5).clamp(x.left - 8.0, (x.right - wide - 4.0).max(x.left));
            let r = Rect::from_x_y_ranges(left - 4.0..=left + wide + 4.0, base - 10.0..=base + 2.0);
            if !taken.iter().any(|o| o.intersects(r)) {
                text(p, left, base, Align::Min, &words, face);
                taken.push(r);
            }
        }
    }
}

/// Priority of an event that is an alarm.
fn priority(kind: EventKind) -> Option<u8> {
    match kind {
        EventKind::Trip | EventKind::LoadShed => Some(1),
        EventKind::Limit => Some(2),
        _ => None,
    }
}

fn near<'e>(events: &[&'e Event], x: &TimeScale, px: f32) -> Vec<&'e Event> {
    let far = |e: &Event| (x.x(e.t_s) - px).abs();
    let mut near: Vec<&Event> = events.iter().copied().filter(|e| far(e) <= REACH).collect();
    // Alarms first, then by distance.
    near.sort_by(|a, b| {
        let key = |e: &Event| (priority(e.kind).unwrap_or(9), far(e));
        key(a).partial_cmp(&key(b)).unwrap_or(std::cmp::Ordering::Equal)
    });
    near
}

fn words(ui: &mut Ui, near: &[&Event]) {
    for e in near.iter().take(6) {
        let value = if e.unit.is_empty() { String::new() } else { format!(", {} {}", fmt::num(e.value, 1), e.unit) };
        ui.label(format!("{}  {}  {}{value}", fmt::stamp(e.t_s), e.object, e.text));
    }
    if near.len() > 6 {
        ui.label(format!("and {} more", near.len() - 6));
    }
}

fn hold_words(hold: &HoldSpan, now: f64) -> String {
    let long = fmt::duration((hold.t1_s.unwrap_or(now) - hold.t0_s).max(0.0));
    if hold.t1_s.is_some() { format!("HOLD {long}") } else { format!("HOLD for {long}") }
}

fn tick(p: &Painter, x: f32, wide: f32, top: f32, bottom: f32, color: egui::Color32) {
    let x = x.round();
    p.rect_filled(Rect::from_x_y_ranges(x..=x + wide, top..=bottom), 0.0, color);
}

/// Ticks at falling positions; where they are too dense for single ticks, a solid bar. Returns runs of ticks that are
/// closer than [`CLUSTER`]: left, right, count.
fn cluster(p: &Painter, xs: &[f32], (top, bottom): (f32, f32), color: egui::Color32) -> Vec<(f32, f32, usize)> {
    let mut groups: Vec<(f32, f32, usize)> = Vec::new();
    let mut last = f32::INFINITY;
    for x in xs {
        if last - x >= 2.5 {
            tick(p, *x, 1.0, top, bottom, color);
        } else if last - x >= 0.5 {
            p.rect_filled(Rect::from_x_y_ranges(x.round()..=last.round(), top..=bottom), 0.0, color);
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
fn label(p: &Painter, x: f32, y: f32, align: Align, words: &str, face: Face, taken: &mut Vec<Rect>) -> bool {
    let wide = paint::width(p, words, face);
    let left = match align {
        Align::Min => x,
        Align::Center => x - wide * 0.5,
        Align::Max => x - wide,
    };
    let r = Rect::from_x_y_ranges(left - 4.0..=left + wide + 4.0, y - 7.0..=y + 7.0);
    if r.left() >= p.clip_rect().left() - 4.0
        && r.right() <= p.clip_rect().right()
        && !taken.iter().any(|o| o.intersects(r))
    {
        text(p, left, y + 4.5, Align::Min, words, face);
        taken.push(r);
        return true;
    }
    false
}

/// The flag of a cursor on the axis. The second is an outline and keeps clear of the first.
#[allow(clippy::option_option, reason = "whether it is the second, and where the first is")]
fn flag(p: &Painter, t: &Tokens, x: &TimeScale, at: f64, base: f32, second: Option<Option<Rect>>, words: &str) -> Rect {
    let (fill, color) = if second.is_some() { (t.inset, t.accent) } else { (t.accent, t.onaccent) };
    let face = Face::medium(12.0, color);
    let wide = paint::width(p, words, face) + 12.0;
    let left = (x.x(at) - wide * 0.5).clamp(x.left - 20.0, (x.right - wide).max(x.left)).round();
    let mut r = Rect::from_x_y_ranges(left..=left + wide, base - 13.0..=base + 5.0);
    if let Some(Some(first)) = second.filter(|f| f.is_some_and(|f| f.intersects(r))) {
        let to = if r.center().x >= first.center().x && first.right() + wide < x.right {
            first.right()
        } else {
            first.left() - wide
        };
        r = r.translate(egui::vec2(to - r.left(), 0.0));
    }
    p.rect(r, 3.0, fill, Stroke::new(1.0, t.accent), StrokeKind::Inside);
    text(p, r.center().x, base, Align::Center, words, face);
    r.expand(2.0)
}
