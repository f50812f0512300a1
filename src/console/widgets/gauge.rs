//! The KPI cell: label, context, value with unit, limit, and a horizontal gauge with band, ticks, pointer and set-point.
//!
//! Grey as long as all is normal. In alarm the cell gets a frame and the glyph of the alarm takes the limit's place.
//! Stale data are hatched and the pointer is hollow; what the plant does not have is hatched without a pointer.

use egui::{Align, Rangef, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo, accesskit::Role, pos2, vec2};

use super::glyph::{Look, glyph};
use super::quality;
use super::{Face, Ink};
use crate::acts::Quality;
use crate::console::{fmt, terms};

/// Whether the number can be believed.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Health {
    /// It is of now.
    #[default]
    Good,
    /// It is so many seconds old.
    Stale(f64),
    /// There is no such thing, or it is out of service; in words.
    Absent(String),
    /// The source has no value of it.
    Unmeasured,
}

/// What stands in place of a value that the source does not have.
pub const NOT_MEASURED: &str = "not measured";

/// What a gauge shows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gauge {
    /// What it is.
    pub label: &'static str,
    /// Beside the label: share of rating, deviation, state.
    pub context: String,
    /// The number.
    pub value: f64,
    /// The number as shown.
    pub value_text: String,
    /// Its unit.
    pub unit: &'static str,
    /// The unit in full, for speech.
    pub unit_words: &'static str,
    /// Beside the value: the limit or the total.
    pub limit: String,
    /// Ends of the trough.
    pub scale: [f64; 2],
    /// Normal band.
    pub band: Option<[f64; 2]>,
    /// Limit ticks.
    pub ticks: Vec<f64>,
    /// A bar from zero to the value.
    pub amount: bool,
    /// Set-point or end of plan.
    pub setpoint: Option<f64>,
    /// Priority of the alarm that stands on it, if any, and its name.
    pub alarm: Option<(u8, &'static str)>,
    /// Whether it can be believed.
    pub health: Health,
    /// Quality of the value, where the source says it.
    pub quality: Option<Quality>,
    /// The larger value of the first cell.
    pub hero: bool,
}

impl Gauge {
    /// Of a value as it is shown, with its unit in short and in words.
    #[must_use]
    pub fn of(label: &'static str, value: f64, value_text: String, [unit, unit_words]: [&'static str; 2]) -> Self {
        Self { label, value, value_text, unit, unit_words, ..Self::default() }
    }

    /// Of a power.
    #[must_use]
    pub fn kw(label: &'static str, value: f64) -> Self {
        Self::of(label, value, fmt::kw(value), ["kW", "kilowatts"])
    }

    /// Draws the cell into `rect` and describes it as a meter.
    pub fn show(&self, ui: &Ui, rect: Rect) -> Response {
        let response = ui.interact(rect, ui.make_persistent_id(("gauge", self.label)), Sense::hover());
        if ui.is_rect_visible(rect) {
            self.paint(ui, rect);
        }
        self.describe(ui, &response);
        terms::hover(response, self.label, "")
    }

    fn paint(&self, ui: &Ui, rect: Rect) {
        let ink = Ink::new(ui, rect);
        let t = &ink.t;
        let k = |small: f32, big: f32| ink.px(small, big);
        let (left, right, top) = (rect.left() + 12.0, rect.right() - 12.0, rect.top());
        if self.alarm.is_some() {
            self.frame(&ink, rect);
        }
        let label = Face::medium(k(14.0, 15.0), t.text2);
        let small = Face::regular(k(14.0, 15.0), t.text2);
        let base = top + k(20.0, 24.0);
        let mut end = ink.base(left, base, Align::Min, self.label, label).right();
        if let Some(q) = self.quality {
            quality::mark(&ink, pos2(end + 10.0, base - 5.0), q);
            end += 16.0;
        }
        let context = last_words(&ink, &self.context(), small, right - end - 6.0);
        ink.base(right, base, Align::Max, context, small);

        let base = top + k(46.0, 60.0);
        let size = if self.hero { k(26.0, 32.0) } else { k(22.0, 26.0) };
        let color = match self.health {
            Health::Absent(_) | Health::Unmeasured => t.disabled,
            Health::Stale(_) => t.text2,
            Health::Good => t.live,
        };
        let mut end = match &self.health {
            Health::Unmeasured => ink.base(left, base, Align::Min, NOT_MEASURED, Face::regular(k(14.0, 15.0), color)),
            Health::Absent(_) => ink.base(left, base, Align::Min, "–", Face::semibold(size, color)),
            _ => ink.base(left, base, Align::Min, &self.value_text, Face::semibold(size, color)),
        }
        .right()
            + 5.0;
        if !self.absent() {
            end = ink.base(end, base, Align::Min, self.unit, small).right() + 6.0;
        }
        if let Some((priority, _)) = self.alarm {
            glyph(&ink, pos2(right - 10.0, base - size * 0.34), 18.0, priority, Look::Active);
        } else if self.health != Health::Unmeasured {
            let limit = last_words(&ink, &self.limit, small, right - end);
            ink.base(right, base, Align::Max, limit, small);
        }
        let trough = Rect::from_min_size(pos2(left, top + k(60.0, 76.0)), vec2(rect.width() - 24.0, 8.0));
        self.trough(&ink, trough);
    }

    fn frame(&self, ink: &Ink, rect: Rect) {
        let t = &ink.t;
        let Some((priority, _)) = self.alarm else { return };
        let fill = t.alarm.get(usize::from(priority.clamp(1, 4)) - 1).copied().unwrap_or(t.text);
        let rect = rect.shrink2(vec2(3.0, 3.0));
        ink.p.rect_stroke(rect, 0.0, Stroke::new(1.0, t.light), StrokeKind::Inside);
        ink.p.rect_stroke(rect.shrink(1.0), 0.0, Stroke::new(2.0, fill), StrokeKind::Inside);
        ink.p.rect_stroke(rect.shrink(3.0), 0.0, Stroke::new(1.0, t.ink), StrokeKind::Inside);
    }

    fn trough(&self, ink: &Ink, r: Rect) {
        let t = &ink.t;
        let [lo, hi] = self.scale;
        let x = |v: f64| r.left() + (((v - lo) / (hi - lo)).clamp(0.0, 1.0) as f32) * r.width();
        ink.fill(r, t.inset);
        if self.health == Health::Good
            && let Some([a, b]) = self.band
        {
            ink.fill(Rect::from_x_y_ranges(x(a)..=x(b), r.y_range()), t.band);
        }
        if self.health != Health::Good {
            ink.hatch(r, 5.0, t.dead);
        }
        ink.frame(r, 0, t.dead);
        if self.absent() || !self.value.is_finite() {
            return;
        }
        let (mid, at) = (r.center().y, x(self.value));
        if self.amount && self.health == Health::Good {
            let (a, b) = (x(0.0).min(at), x(0.0).max(at));
            ink.fill(Rect::from_x_y_ranges(a..=b, mid - 1.5..=mid + 1.5), t.live);
        }
        for tick in self.ticks.iter().filter(|v| **v >= lo && **v <= hi) {
            let s = x(*tick).round();
            ink.fill(Rect::from_x_y_ranges(s - 1.0..=s + 1.0, r.top() - 3.0..=r.bottom() + 3.0), t.limit);
        }
        let at = at.round();
        let stem = Rect::from_x_y_ranges(at - 1.0..=at + 1.0, r.top() - 1.0..=r.bottom() + 1.0);
        let tip = pos2(at, r.top());
        if self.health == Health::Good {
            ink.fill(stem, t.text);
            ink.pointer(tip, vec2(10.0, 7.0), false, t.text, Stroke::NONE);
        } else {
            ink.pointer(tip, vec2(10.0, 7.0), false, t.panel, Stroke::new(1.5, t.text2));
        }
        if let Some(v) = self.setpoint.filter(|v| v.is_finite()) {
            let tip = pos2(x(v).round(), r.bottom() + 2.0);
            ink.pointer(tip, vec2(9.0, 6.0), true, egui::Color32::TRANSPARENT, Stroke::new(1.5, t.accent));
        }
    }

    fn absent(&self) -> bool {
        matches!(self.health, Health::Absent(_) | Health::Unmeasured)
    }

    fn context(&self) -> String {
        match &self.health {
            Health::Good => self.context.clone(),
            Health::Stale(s) => format!("? {}", fmt::duration(*s)),
            Health::Absent(words) => words.clone(),
            Health::Unmeasured => String::new(),
        }
    }

    /// The gauge in a sentence: what speech and the tooltip say.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut s = match &self.health {
            Health::Absent(words) => return format!("{}: {words}", self.label),
            Health::Unmeasured => return format!("{}: {NOT_MEASURED}", self.label),
            Health::Stale(age) => {
                format!("{} {} {}, stale for {}", self.label, self.value_text, self.unit, fmt::duration(*age))
            }
            Health::Good => format!("{} {} {}", self.label, self.value_text, self.unit),
        };
        let decimals = if self.hero { 2 } else { 0 };
        if let Some([a, b]) = self.band {
            s += &format!("; normal {} to {}", fmt::num(a, decimals), fmt::num(b, decimals));
        }
        if !self.limit.is_empty() {
            s += &format!("; {}", self.limit);
        }
        if let Some(q) = self.quality.filter(|q| *q != Quality::Good) {
            s += &format!("; {q}");
        }
        match self.alarm {
            Some((priority, name)) => s += &format!("; alarm {name}, priority {priority}"),
            None => s += "; no alarm",
        }
        s
    }

    fn describe(&self, ui: &Ui, response: &Response) {
        response.widget_info(|| WidgetInfo::labeled(Role::Meter, !self.absent(), self.label));
        let [lo, hi] = self.scale;
        let words = self.sentence();
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_role(Role::Meter);
            node.set_label(self.label);
            if !self.absent() && self.value.is_finite() {
                node.set_numeric_value(self.value);
                node.set_min_numeric_value(lo);
                node.set_max_numeric_value(hi);
                node.set_value(format!("{} {}", self.value_text, self.unit_words));
            }
            node.set_description(words);
        });
    }
}

/// What of `words` fits: whole words from the end as long as they begin with a number, else all but the unit. Digits are
/// never cut off, for that would be another number.
fn last_words(ink: &Ink, words: &str, face: Face, room: f32) -> String {
    let number = |s: &str| s.starts_with(|c: char| c.is_ascii_digit() || "/+\u{2212}".contains(c));
    let fits = |s: &str| ink.width(s, face) <= room;
    let tails = words.match_indices(' ').map(|(i, _)| &words[i + 1..]).filter(|s| number(s));
    let bare = words.rsplit_once(' ').map(|(bare, _)| bare).filter(|s| number(s));
    match std::iter::once(words).chain(tails).chain(bare).find(|s| fits(s)) {
        Some(s) => s.to_owned(),
        None if number(words) => String::new(),
        None => ink.fit(words, face, room),
    }
}

/// Hairline at the left of a cell.
pub fn divider(ui: &Ui, cell: Rect) {
    let ink = Ink::of(ui);
    ink.vline(cell.left() - 1.0, Rangef::new(cell.top() + 8.0, cell.bottom() - 8.0), ink.t.hair);
}
