//! Which events a list shows, and a file gets: by class, and by letters in the name of the object and in the text.

use crate::acts::Event;
use crate::journal::{Filter, class_of};

/// Which events are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventFilter {
    /// Of this class.
    pub class: Option<&'static str>,
    /// With these letters in the object's name.
    pub object: String,
    /// With these letters in the text.
    pub text: String,
}

impl EventFilter {
    /// Whether an event is.
    #[must_use]
    pub fn takes(&self, e: &Event) -> bool {
        self.class.is_none_or(|c| c == class_of(e.kind)) && has(&e.object, &self.object) && has(&e.text, &self.text)
    }

    /// What of it a journal can look for by itself.
    #[must_use]
    pub fn filter(&self) -> Filter {
        Filter { kind: self.class.map(str::to_owned), ..Filter::default() }
    }
}

/// Whether `text` has `part` in it, in whatever case; without an allocation a line.
fn has(text: &str, part: &str) -> bool {
    let (text, part) = (text.as_bytes(), part.trim().as_bytes());
    part.is_empty() || text.windows(part.len()).any(|w| w.eq_ignore_ascii_case(part))
}
