//! Words on the screen, and what becomes of them where there is no room.
//!
//! A [`Text`] wraps unless told otherwise. Labels and notes may be [`Text::cut`]: they end in an ellipsis and the whole
//! stands in a tooltip. Titles and numbers are [`Text::whole`]: one line that is never cut. Warnings, refusals and alarms
//! wrap, and there is no way to cut them. A button that had to cut its words tells a test so ([`cuts`]).

use std::borrow::Cow;

use egui::accesskit::Role;
use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Color32, Context, Id, Label, Response, RichText, Sense, Ui, Vec2, Widget, WidgetInfo, pos2, vec2};

use super::{Face, Ink};
use crate::console::theme::{Weight, font};

/// What a text is, which gives its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tone {
    Plain,
    Dim,
    Live,
    Disabled,
    Accent,
    Limit,
    Own(Color32),
}

/// What becomes of a text that is too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Long {
    Wraps,
    Cut,
    Whole,
}

/// Words with a face and a rule for too little room.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    words: Cow<'a, str>,
    weight: Weight,
    /// Sizes in the normal and in the large window.
    px: [f32; 2],
    tone: Tone,
    long: Long,
}

impl<'a> Text<'a> {
    /// Body text: regular, wraps.
    pub fn new(words: impl Into<Cow<'a, str>>) -> Self {
        Self { words: words.into(), weight: Weight::Regular, px: [14.0, 15.0], tone: Tone::Plain, long: Long::Wraps }
    }

    /// A title, on one line.
    pub fn title(words: impl Into<Cow<'a, str>>) -> Self {
        Self::new(words).strong().whole()
    }

    /// A live value: never cut.
    pub fn value(words: impl Into<Cow<'a, str>>) -> Self {
        Self::new(words).medium().live().whole()
    }

    /// A remark in small grey letters; may be cut.
    pub fn note(words: impl Into<Cow<'a, str>>) -> Self {
        Self::new(words).small().dim().cut()
    }

    /// Units, secondary words.
    #[must_use]
    pub fn dim(self) -> Self {
        Self { tone: Tone::Dim, ..self }
    }

    /// The colour of live numbers.
    #[must_use]
    pub fn live(self) -> Self {
        Self { tone: Tone::Live, ..self }
    }

    /// Of what cannot be used.
    #[must_use]
    pub fn disabled(self) -> Self {
        Self { tone: Tone::Disabled, ..self }
    }

    /// The colour of links and selections.
    #[must_use]
    pub fn accent(self) -> Self {
        Self { tone: Tone::Accent, ..self }
    }

    /// The colour of limits.
    #[must_use]
    pub fn limit(self) -> Self {
        Self { tone: Tone::Limit, ..self }
    }

    /// A colour that means something else: a pen, a quality.
    #[must_use]
    pub fn color(self, color: Color32) -> Self {
        Self { tone: Tone::Own(color), ..self }
    }

    /// Of any weight.
    #[must_use]
    pub fn weight(self, weight: Weight) -> Self {
        Self { weight, ..self }
    }

    /// Medium weight: values.
    #[must_use]
    pub fn medium(self) -> Self {
        self.weight(Weight::Medium)
    }

    /// Semi-bold: titles, what matters now.
    #[must_use]
    pub fn strong(self) -> Self {
        self.weight(Weight::SemiBold)
    }

    /// Semi-bold if so.
    #[must_use]
    pub fn strong_if(self, strong: bool) -> Self {
        if strong { self.strong() } else { self }
    }

    /// Of notes: 12, 13 in a large window.
    #[must_use]
    pub fn small(self) -> Self {
        self.px(12.0, 13.0)
    }

    /// Sizes in the normal and in the large window.
    #[must_use]
    pub fn px(self, normal: f32, large: f32) -> Self {
        Self { px: [normal, large], ..self }
    }

    /// On one line, cut with an ellipsis where there is no room; the whole stands in a tooltip.
    #[must_use]
    pub fn cut(self) -> Self {
        Self { long: Long::Cut, ..self }
    }

    /// On one line and never cut.
    #[must_use]
    pub fn whole(self) -> Self {
        Self { long: Long::Whole, ..self }
    }

    /// Whether it may be cut.
    #[must_use]
    pub fn may_be_cut(&self) -> bool {
        self.long == Long::Cut
    }

    /// The words.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.words
    }

    /// Its face with the colours of `ink`.
    #[must_use]
    pub fn face(&self, ink: &Ink) -> Face {
        let color = match self.tone {
            Tone::Plain => ink.t.text,
            Tone::Dim => ink.t.text2,
            Tone::Live => ink.t.live,
            Tone::Disabled => ink.t.disabled,
            Tone::Accent => ink.t.accent,
            Tone::Limit => ink.t.limit,
            Tone::Own(color) => color,
        };
        Face::new(self.weight, ink.px(self.px[0], self.px[1]), color)
    }
}

impl Widget for Text<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let face = self.face(&Ink::of(ui));
        let words = self.words.into_owned();
        let label = Label::new(RichText::new(&words).font(font(face.weight, face.px)).color(face.color));
        let response = ui.add(match self.long {
            Long::Wraps => label.wrap(),
            Long::Cut => label.truncate(),
            Long::Whole => label.extend(),
        });
        let room = ui.max_rect().right().max(ui.clip_rect().right());
        if self.long != Long::Cut && response.rect.right() > room + 1.0 {
            note_cut(ui.ctx(), &words);
        }
        ui.ctx().accesskit_node_builder(response.id, |n| n.set_label(words));
        response
    }
}

/// The name of what stands behind it, so wide that those of all rows end alike; cut where it is longer.
pub fn label(ui: &mut Ui, width: f32, text: Text<'_>) -> Response {
    // A row may be lower than a control.
    let high = ui.max_rect().height().min(28.0);
    let (rect, response) = ui.allocate_exact_size(vec2(width, high), Sense::hover());
    let ink = Ink::of(ui);
    let end = ink.left_cut(rect.left(), rect.center().y, rect.right(), text.words(), text.face(&ink));
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text.words()));
    if end > rect.right() - 8.0 { response.on_hover_text(text.words()) } else { response }
}

/// Words that fill a place of this size, or what is left of the row: on one line where there is room, else smaller on several; they end at its right
/// if `align` says so. What does not fit even so stands in the tooltip.
pub fn fitted(ui: &mut Ui, size: Vec2, text: &Text<'_>, align: Align) -> Response {
    let size = vec2(size.x.min(ui.available_width()).max(0.0), size.y);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let ink = Ink::of(ui);
    let cut = ink.fitted_to(rect, text.words(), text.face(&ink), align);
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text.words()));
    if cut { response.on_hover_text(text.words()) } else { response }
}

/// A fact in a list of such: its name, and at a fixed place behind it what is known, which wraps. One node for those who
/// do not see it.
pub fn fact(ui: &mut Ui, indent: f32, name: &str, value: Text<'_>) -> Response {
    let ink = Ink::of(ui);
    let name_face = Text::new(name).dim().face(&ink);
    let face = value.face(&ink);
    let indent = indent.max(ink.width(name, name_face) + 8.0);
    let format = TextFormat::simple(font(face.weight, face.px), face.color);
    let mut job = LayoutJob::single_section(value.words().to_owned(), format);
    job.wrap.max_width = (ui.available_width() - indent).max(40.0);
    if value.long == Long::Cut {
        job.wrap.max_rows = 1;
        job.break_on_newline = false;
    }
    let galley = ink.p.layout_job(job);
    let height = galley.size().y.max(ink.body() + 4.0);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
    let id = ui.scope_id().with(("fact", name));
    let response = ui.interact(rect, id, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {}", value.words())));
    ink.text(rect.min, egui::Align2::LEFT_TOP, name, name_face);
    let elided = galley.elided;
    ink.p.galley(pos2(rect.left() + indent, rect.top()), galley, face.color);
    if elided { response.on_hover_text(value.words()) } else { response }
}

fn cuts_id() -> Id {
    Id::unique("words that were cut")
}

/// From now on remembers what is cut though it must not be; for tests.
pub fn watch_cuts(ctx: &Context) {
    ctx.data_mut(|d| d.insert_temp::<Vec<String>>(cuts_id(), Vec::new()));
}

/// What was cut though it must not be, since [`watch_cuts`].
#[must_use]
pub fn cuts(ctx: &Context) -> Vec<String> {
    ctx.data(|d| d.get_temp(cuts_id())).unwrap_or_default()
}

/// Notes words that were cut though they must not be, if somebody watches.
pub(super) fn note_cut(ctx: &Context, words: &str) {
    ctx.data_mut(|d| {
        if let Some(mut all) = d.get_temp::<Vec<String>>(cuts_id()) {
            all.push(words.to_owned());
            d.insert_temp(cuts_id(), all);
        }
    });
}
