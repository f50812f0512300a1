//! RON texts in: every file of this program is read here, with one-line errors that name line, column and what was
//! expected.
//!
//! A text is parsed into the mirror types of its module; checks after that go through [`At`], which remembers where a
//! value stands. It reads no file but through [`load`], and never panics on any text.
mod at;
mod error;
mod locate;
mod nearest;
mod plain;

use std::path::Path;

use ron::extensions::Extensions;
use serde::de::DeserializeOwned;

pub use at::{At, Checked, Problem};
pub use error::{Error, Spot};
pub use locate::with_field;
pub use nearest::nearest;
pub use plain::plain;

/// RON as our files use it: `Some` may be left out, and a choice's fields need no second pair of brackets.
///
/// # Errors
/// One line with line and column of what cannot be read.
pub fn parse<T: DeserializeOwned>(text: &str, path: &str) -> Result<T, Error> {
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES)
        .from_str(text)
        .map_err(|e| Error::syntax(path, text, &e))
}

/// The text of a file.
///
/// # Errors
/// If it cannot be read, or is not UTF-8.
pub fn load(path: &Path) -> Result<String, Error> {
    let origin = path.display().to_string();
    let bytes = std::fs::read(path).map_err(|e| Error::read(&origin, &e))?;
    String::from_utf8(bytes).map_err(|e| {
        let valid = String::from_utf8_lossy(&e.as_bytes()[..e.utf8_error().valid_up_to()]).into_owned();
        let at = locate::position(&valid, valid.len());
        Error::Syntax(Spot::new("a byte that is not text", at, "UTF-8", &origin))
    })
}
