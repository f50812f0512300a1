//! Reads scenarios: text in, validated model or one error line out.

use std::path::Path;

use ron::extensions::Extensions;
use serde::de::DeserializeOwned;

use super::error::{Error, Spot};
use super::schema::ScenarioFile;
use super::{Scenario, build, locate};

/// RON as our files use it: `Some` may be left out, and a choice's fields need no second pair of brackets.
pub(super) fn parse<T: DeserializeOwned>(text: &str, path: &str) -> Result<T, Error> {
    ron::Options::default()
        .with_default_extension(Extensions::IMPLICIT_SOME | Extensions::UNWRAP_VARIANT_NEWTYPES)
        .from_str(text)
        .map_err(|e| Error::syntax(path, text, &e))
}

impl Scenario {
    /// Reads a scenario from text. `origin` is printed in errors: a path, or `built in`. Traces are looked for in
    /// `base_dir`.
    ///
    /// # Errors
    /// One line with line and column for whatever is wrong.
    pub fn from_str(name: &str, origin: &str, text: &str, base_dir: Option<&Path>) -> Result<Self, Error> {
        let file: ScenarioFile = parse(text, origin)?;
        let context = build::Context::new(base_dir)?;
        let read = build::scenario(context, name, origin, &file).map_err(|p| p.place(text, origin))?;
        Ok(Self { text: text.into(), ..read })
    }

    /// Reads a scenario file; its name is the file's stem.
    ///
    /// # Errors
    /// As [`Scenario::from_str`], or when the file cannot be read.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let origin = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|e| Error::read(&origin, &e))?;
        let text = String::from_utf8(bytes).map_err(|e| {
            let valid = String::from_utf8_lossy(&e.as_bytes()[..e.utf8_error().valid_up_to()]).into_owned();
            let at = locate::position(&valid, valid.len());
            Error::Syntax(Spot::new("a byte that is not text", at, "UTF-8", &origin))
        })?;
        let name = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
        Self::from_str(&name, &origin, &text, path.parent())
    }
}
