//! Checks of single values that remember where in the file the value stands.

use super::error::{Error, Spot, one_of, short};
use super::locate::{Step, locate};

/// A place in a file, as a chain of steps from its root.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    up: Option<(&'a At<'a>, Step<'a>)>,
}

/// A check that failed, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    path: Vec<Owned>,
    message: String,
    expected: String,
}

#[derive(Clone, Debug, PartialEq)]
enum Owned {
    Key(String),
    Index(usize),
}

/// A value that passed, or the check that failed.
pub type Checked<T> = Result<T, Problem>;

impl Problem {
    /// The error with line and column, found by looking for the path in the text.
    pub fn place(&self, text: &str, path: &str) -> Error {
        let steps: Vec<Step> = self
            .path
            .iter()
            .map(|s| match s {
                Owned::Key(k) => Step::Key(k),
                Owned::Index(i) => Step::Index(*i),
            })
            .collect();
        Error::Value(Spot::new(&self.message, locate(text, &steps), &self.expected, path))
    }
}

impl<'a> At<'a> {
    /// The file as a whole.
    pub fn top() -> Self {
        Self { up: None }
    }

    /// The field `key` of this place.
    pub fn key(&'a self, key: &'a str) -> At<'a> {
        At { up: Some((self, Step::Key(key))) }
    }

    /// Element `i` of this list.
    pub fn index(&'a self, i: usize) -> At<'a> {
        At { up: Some((self, Step::Index(i))) }
    }

    /// A problem at this place.
    pub fn problem(&self, message: impl Into<String>, expected: impl Into<String>) -> Problem {
        let mut path = Vec::new();
        let mut at = self;
        while let Some((parent, step)) = at.up {
            path.push(match step {
                Step::Key(k) => Owned::Key(k.to_owned()),
                Step::Index(i) => Owned::Index(i),
            });
            at = parent;
        }
        path.reverse();
        Problem { path, message: message.into(), expected: expected.into() }
    }

    /// A finite number within bounds (both included).
    pub fn num(&self, key: &str, v: f64, lo: f64, hi: f64) -> Checked<f64> {
        if (lo..=hi).contains(&v) {
            return Ok(v);
        }
        Err(self.key(key).problem(format!("`{key}` is {}", plain(v)), range(lo, hi)))
    }

    /// A list element within bounds; `what` names it.
    pub fn item(&self, i: usize, what: &str, v: f64, lo: f64, hi: f64) -> Checked<f64> {
        if (lo..=hi).contains(&v) {
            return Ok(v);
        }
        Err(self.index(i).problem(format!("{what} is {}", plain(v)), range(lo, hi)))
    }

    /// A whole number within bounds.
    pub fn count(&self, key: &str, v: u32, lo: u32, hi: u32) -> Checked<u32> {
        if (lo..=hi).contains(&v) {
            return Ok(v);
        }
        Err(self.key(key).problem(format!("`{key}` is {v}"), format!("{lo} to {hi}")))
    }

    /// A text of one line, not empty, at most `max` characters.
    pub fn line(&self, key: &str, v: &str, max: usize) -> Checked<String> {
        let n = v.chars().count();
        if n == 0 || n > max || v.trim() != v || v.chars().any(char::is_control) {
            let expected = format!("one line of 1 to {max} characters without blanks at its ends");
            return Err(self.key(key).problem(format!("`{key}` has {n} characters or is not one line"), expected));
        }
        Ok(v.to_owned())
    }

    /// The position of `name` in `names`.
    pub fn find<S: AsRef<str>>(&self, key: &str, what: &str, name: &str, names: &[S]) -> Checked<usize> {
        names.iter().position(|n| n.as_ref() == name).ok_or_else(|| {
            let expected = if names.is_empty() { format!("a plant that has a {what}") } else { one_of(names) };
            self.key(key).problem(format!("no {what} is called `{}`", short(name)), expected)
        })
    }

    /// `lo < hi`, said at `hi`'s place.
    pub fn order(&self, lo_key: &str, lo: f64, hi_key: &str, hi: f64) -> Checked<()> {
        if lo < hi {
            return Ok(());
        }
        Err(self
            .key(hi_key)
            .problem(format!("`{hi_key}` is {}", plain(hi)), format!("more than `{lo_key}`, {}", plain(lo))))
    }
}

/// A number as a person writes it: no three hundred digits.
fn plain(v: f64) -> String {
    if v != 0.0 && v.is_finite() && !(1e-4..1e7).contains(&v.abs()) { format!("{v:e}") } else { v.to_string() }
}

fn range(lo: f64, hi: f64) -> String {
    format!("{} to {}", plain(lo), plain(hi))
}
