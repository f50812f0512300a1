//! The column of numbers beside a strip: now in large, then cursor, extremes, deviation; or a table of pens.

use egui::{Align, Rangef, Rect, Ui, WidgetInfo, accesskit::Role, pos2};

use super::pen::Pen;
use super::quality;
use super::{Face, Ink};
use crate::acts::Quality;

/// Columns below this width do without swatches and with shorter names.
const NARROW: f32 = 120.0;
/// Distance of two rows.
const PITCH: f32 = 21.0;

/// A row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row {
    /// Name.
    pub name: String,
    /// Value as shown.
    pub value: String,
    /// Pen whose swatch stands before the name.
    pub pen: Option<Pen>,
    /// A line above it.
    pub ruled: bool,
    /// Quality of the value, where the source says it.
    pub quality: Option<Quality>,
}

impl Row {
    /// A row without a swatch.
    #[must_use]
    pub fn new(name: impl Into<String>, value: String) -> Self {
        Self { name: name.into(), value, ..Self::default() }
    }

    fn words(&self) -> String {
        let quality = self.quality.map_or_else(String::new, |q| format!(" ({q})"));
        format!("{} {}{quality}", self.name, self.value)
    }

    /// A row of a pen.
    #[must_use]
    pub fn of(pen: Pen, value: String) -> Self {
        Self { name: pen.name.to_owned(), value, pen: Some(pen), ..Self::default() }
    }

    /// With the mark of its quality; what is not usable is greyed.
    #[must_use]
    pub fn trusted(self, quality: Option<Quality>) -> Self {
        Self { quality, ..self }
    }

    /// With a line above.
    #[must_use]
    pub fn ruled(self) -> Self {
        Self { ruled: true, ..self }
    }
}

/// Draws `rows` into `rect`; with `hero` the first is large. Rows without room are left out, last ones first.
pub fn show(ui: &Ui, rect: Rect, title: &str, rows: &[Row], hero: bool) {
    let ink = Ink::new(ui, rect);
    let t = &ink.t;
    ink.fill(rect, t.panel);
    let k = |small: f32, big: f32| ink.px(small, big);
    let narrow = rect.width() < NARROW;
    let (label_px, value_px, hero_px) =
        if narrow { (13.0, 14.0, 18.0) } else { (k(14.0, 15.0), k(15.0, 16.0), k(20.0, 23.0)) };
    let margin = if narrow { 6.0 } else { 12.0 };
    let (label, value) = (Face::regular(label_px, t.text2), Face::medium(value_px, t.live));
    let (left, right) = (rect.left() + margin, rect.right() - margin);
    let mut base = rect.top() + if hero { 28.0 } else { 20.0 };
    for (i, row) in rows.iter().enumerate() {
        if base > rect.bottom() - 5.0 {
            break;
        }
        if row.ruled {
            ink.hline(Rangef::new(left, right), base - PITCH + 7.0, t.hair);
            base += 4.0;
        }
        let mut x = left;
        // The pens have their names at the ends of their lines, too.
        if let Some(pen) = row.pen.as_ref().filter(|_| !narrow) {
            pen.swatch(&ink, Rangef::new(x, x + 20.0), base - 5.0);
            x += 28.0;
        }
        let first = hero && i == 0;
        let large = Face::semibold(hero_px, t.live);
        // the large one gives way to its own name, which is never cut for it
        let fits = ink.width(&row.value, large) + ink.width(brief(&row.name), label) + 3.0 <= right - x;
        let mut face = if first && fits { large } else { value };
        if row.quality.is_some_and(|q| !q.usable()) {
            face.color = t.text2;
        }
        let mut end = ink.base(right, base, Align::Max, &row.value, face).left();
        if let Some(q) = row.quality.filter(|q| *q != Quality::Never) {
            quality::mark(&ink, pos2(end - 9.0, base - 5.0), q);
            end -= 14.0;
        }
        let room = end - if narrow { 3.0 } else { 6.0 } - x;
        let name = if ink.width(&row.name, label) > room { brief(&row.name) } else { &row.name };
        let name = ink.fit(name, label, room);
        ink.base(x, base, Align::Min, name, label);
        base += if first { 24.0 } else { PITCH };
    }
    let response = ui.interact(rect, ui.make_persistent_id(("values", title)), egui::Sense::hover());
    response.widget_info(|| {
        let words: Vec<String> = rows.iter().map(Row::words).collect();
        WidgetInfo::labeled(Role::Label, true, format!("{title} values: {}", words.join(", ")))
    });
}

/// A shorter name for a narrow column.
fn brief(name: &str) -> &str {
    match name {
        "on gensets" => "net",
        "dev" => "Δf",
        "headroom" => "room",
        "allowance" => "limit",
        "plan end" => "end",
        "recovery" => "rec.",
        "cursor" => "cur.",
        "cursor 1" => "c 1",
        "cursor 2" => "c 2",
        "min 1–2" => "min",
        "max 1–2" => "max",
        "at the cursor" => "cursor",
        other => other,
    }
}
