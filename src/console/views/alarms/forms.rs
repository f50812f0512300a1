//! Reasons: nothing is put away, and nothing noted, without words. The form stands in the detail pane, over nothing.

use egui::Ui;

use super::act;
use crate::alarm::annunciator::SHELF_S;
use crate::alarm::{Act, AlarmId};
use crate::console::action::Action;
use crate::console::widgets::pane::sides;
use crate::console::widgets::{Button, Segmented, Text, TextField};

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
pub(crate) fn show(ui: &mut Ui, alarm: AlarmId, tag: &str, form: &mut Form, new: bool, actions: &mut Vec<Action>) {
    let name = form.field();
    let (title, label) = match form {
        Form::None => return,
        Form::Shelve { .. } => ("Shelve for".to_owned(), "Shelve"),
        Form::Out { .. } => (format!("Take {tag} out of service"), "Take out"),
        Form::Comment { .. } => (format!("Comment on {tag}"), "Save"),
    };
    ui.add_space(5.0);
    ui.horizontal(|ui| {
        ui.add(Text::title(title));
        if let Form::Shelve { minutes, .. } = form {
            let names = MINUTES.map(|(_, name)| name);
            let picked = MINUTES.iter().position(|(m, _)| m == minutes).unwrap_or(1);
            let time = Segmented::new("Time", &names, picked).padding(9.0).show(ui);
            if let Some((m, _)) = time.and_then(|i| MINUTES.get(i)) {
                *minutes = *m;
            }
        }
    });
    let (Form::Shelve { reason: text, .. } | Form::Out { note: text } | Form::Comment { text }) = form else { return };
    // The caret comes only now: the click that opened the form was one outside the field.
    let wide = ui.available_width();
    let entered = TextField::new(name, text).take_caret(new).show(ui, wide).enter;
    let why = text.trim().is_empty().then_some("a reason is needed");
    // not the name of the button that opened the form: two of one name would be one to press
    let said = format!("{label} {tag} with these words");
    let ((), (done, cancelled)) = sides(
        ui,
        |_| (),
        |ui| {
            let cancelled = ui.add(Button::new("Cancel").name("Cancel form").least(84.0, 28.0)).clicked();
            let yes = Button::new(label).name(&said).solid().why_not(why).least(92.0, 28.0);
            (ui.add(yes).clicked(), cancelled)
        },
    );
    if (done || entered)
        && why.is_none()
        && let Some(what) = form.act(alarm)
    {
        actions.push(act(what));
        *form = Form::None;
    }
    if cancelled {
        *form = Form::None;
    }
}
