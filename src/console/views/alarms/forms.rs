//! Reasons: nothing is put away, and nothing noted, without words. The form stands in the detail pane, over nothing.

use egui::{Rect, Ui, pos2, vec2};

use super::super::controls::{Look, Words, button, segmented};
use super::super::ink::{Face, Ink};
use super::super::live::path_field;
use super::act;
use crate::alarm::annunciator::SHELF_S;
use crate::alarm::{Act, AlarmId};
use crate::console::action::Action;

/// Height of an open form.
pub const HEIGHT: f32 = 104.0;
/// Minutes to choose from.
const MINUTES: [(u32, &str); 4] = [(5, "5 min"), (15, "15 min"), (30, "30 min"), (60, "60 min")];

/// What is being written.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Form {
    /// Nothing.
    #[default]
    None,
    /// Why, and for how long.
    Shelve {
        /// Why.
        reason: String,
        /// How long, min.
        minutes: u32,
    },
    /// Permit or reason.
    Out {
        /// Words.
        note: String,
    },
    /// A comment.
    Comment {
        /// Words.
        text: String,
    },
}

impl Form {
    /// An empty form to shelve.
    #[must_use]
    pub fn shelve() -> Self {
        Self::Shelve { reason: String::new(), minutes: SHELF_S / 60 }
    }

    /// An empty form to take out of service.
    #[must_use]
    pub fn out() -> Self {
        Self::Out { note: String::new() }
    }

    /// An empty comment.
    #[must_use]
    pub fn comment() -> Self {
        Self::Comment { text: String::new() }
    }

    /// Name of its field.
    fn field(&self) -> &'static str {
        match self {
            Self::None => "",
            Self::Shelve { .. } => "Reason",
            Self::Out { .. } => "Permit or reason",
            Self::Comment { .. } => "Comment",
        }
    }

    fn act(&self, alarm: AlarmId) -> Option<Act> {
        Some(match self {
            Self::None => return None,
            Self::Shelve { reason, minutes } => {
                Act::Shelve { alarm, for_s: minutes * 60, reason: reason.trim().to_owned() }
            }
            Self::Out { note } => Act::OutOfService { alarm, note: note.trim().to_owned() },
            Self::Comment { text } => Act::Comment { alarm, text: text.trim().to_owned() },
        })
    }
}

/// Draws the form of an alarm; done or given up, it closes. A `new` one has the caret in its field.
pub(crate) fn show(
    ui: &mut Ui,
    ink: &Ink,
    r: Rect,
    alarm: AlarmId,
    tag: &str,
    form: &mut Form,
    new: bool,
    actions: &mut Vec<Action>,
) {
    ink.fill(r, ink.t.bg);
    let name = form.field();
    let (title, label) = match form {
        Form::None => return,
        Form::Shelve { .. } => ("Shelve for".to_owned(), "Shelve"),
        Form::Out { .. } => (format!("Take {tag} out of service"), "Take out"),
        Form::Comment { .. } => (format!("Comment on {tag}"), "Save"),
    };
    let (x, right) = (r.left() + 12.0, r.right() - 12.0);
    let end = ink.left(x, r.top() + 20.0, title, Face::SemiBold, 14.0, ink.t.text);
    if let Form::Shelve { minutes, .. } = form {
        let names = MINUTES.map(|(_, name)| name);
        let picked = MINUTES.iter().position(|(m, _)| m == minutes).unwrap_or(1);
        let at = pos2(end + 10.0, r.top() + 6.0);
        let padding = if right - at.x < 220.0 { 5.0 } else { 9.0 };
        if let Some((m, _)) = segmented(ui, ink, at, "Time", &names, picked, padding, None).and_then(|i| MINUTES.get(i))
        {
            *minutes = *m;
        }
    }
    let text = match form {
        Form::Shelve { reason: text, .. } | Form::Out { note: text } | Form::Comment { text } => text,
        Form::None => return,
    };
    let field = Rect::from_min_max(pos2(x, r.top() + 38.0), pos2(right, r.top() + 66.0));
    let entered = path_field(ui, ink, field, name, name, text);
    if new {
        // only now: the click that opened the form was one outside the field
        ui.memory_mut(|m| m.request_focus(ui.scope_id().with(name)));
    }
    let why = text.trim().is_empty().then_some("a reason is needed");
    let no = Rect::from_min_size(pos2(right - 84.0, r.top() + 71.0), vec2(84.0, 28.0));
    let yes = Rect::from_min_size(pos2(no.left() - 100.0, no.top()), vec2(92.0, 28.0));
    // not the name of the button that opened the form: two of one name would be one to press
    let said = format!("{label} {tag} with these words");
    let done = button(ui, ink, yes, Words { label, key: "", name: &said }, Look::Solid, why).clicked();
    if (done || entered)
        && why.is_none()
        && let Some(what) = form.act(alarm)
    {
        actions.push(act(what));
        *form = Form::None;
    }
    let words = Words { label: "Cancel", key: "", name: "Cancel form" };
    if button(ui, ink, no, words, Look::Plain, None).clicked() {
        *form = Form::None;
    }
}
