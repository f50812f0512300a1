//! Reads scenarios: text in, validated model or one error line out.

use std::path::Path;

use super::schema::ScenarioFile;
use super::{Scenario, build};
use crate::text::{self, Error};

impl Scenario {
    /// Reads a scenario from text. `origin` is printed in errors: a path, or `built in`. Traces are looked for in
    /// `base_dir`.
    ///
    /// # Errors
    /// One line with line and column for whatever is wrong.
    pub fn from_str(name: &str, origin: &str, text: &str, base_dir: Option<&Path>) -> Result<Self, Error> {
        let file: ScenarioFile = text::parse(text, origin)?;
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
        let text = text::load(path)?;
        let name = path.file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned());
        Self::from_str(&name, &origin, &text, path.parent())
    }
}
