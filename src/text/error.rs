//! Errors of scenario and library files: one line, message first, path last.

/// What is wrong with a file. Prints as one line: `message at line 3 column 12 (expected …): path`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file could not be read at all.
    #[error("cannot read the file, {reason}: {path}")]
    Read {
        /// The system's reason.
        reason: String,
        /// The file.
        path: String,
    },
    /// The text is not well formed: syntax, type, unknown or missing field, not UTF-8.
    #[error("{0}")]
    Syntax(Spot),
    /// The text is well formed, but a value makes no sense.
    #[error("{0}")]
    Value(Spot),
}

/// A place in a text with what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} at line {line} column {column} (expected {expected}): {path}")]
pub struct Spot {
    /// What is wrong.
    pub message: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What was expected instead.
    pub expected: String,
    /// The file.
    pub path: String,
}

impl Error {
    /// Line and column, from 1; `None` when the file could not be read.
    #[must_use]
    pub fn position(&self) -> Option<(usize, usize)> {
        match self {
            Self::Read { .. } => None,
            Self::Syntax(s) | Self::Value(s) => Some((s.line, s.column)),
        }
    }

    pub(super) fn read(path: &str, reason: &std::io::Error) -> Self {
        Self::Read { reason: one_line(&reason.to_string()), path: one_line(path) }
    }

    pub(super) fn syntax(path: &str, text: &str, e: &ron::error::SpannedError) -> Self {
        let mut at = (e.span.start.line, e.span.start.col);
        let rest = after(text, at);
        let (message, expected) = match &e.code {
            // the parser speaks of what it misses; what a person misses is the end of the text, or a whole number
            _ if rest.trim().is_empty() => words(&ron::Error::Eof),
            ron::Error::ExpectedComma if after(text, (e.span.end.line, e.span.end.col)).trim().is_empty() => {
                at = (e.span.end.line, e.span.end.col);
                words(&ron::Error::Eof)
            }
            ron::Error::ExpectedComma if rest.starts_with('.') => words(&ron::Error::ExpectedInteger),
            other => words(other),
        };
        Self::Syntax(Spot::new(&message, at, &expected, path))
    }
}

impl Spot {
    pub(super) fn new(message: &str, at: (usize, usize), expected: &str, path: &str) -> Self {
        Self {
            message: one_line(message),
            line: at.0.max(1),
            column: at.1.max(1),
            expected: one_line(expected),
            path: one_line(path),
        }
    }
}

/// What follows a line and column.
fn after(text: &str, (line, column): (usize, usize)) -> &str {
    let mut left = text;
    for _ in 1..line {
        left = left.split_once('\n').map_or("", |(_, after)| after);
    }
    left.char_indices().nth(column.saturating_sub(1)).map_or("", |(i, _)| &left[i..])
}

/// Control characters become spaces, so that an error stays on its line whatever the file holds.
fn one_line(s: &str) -> String {
    s.chars().map(|c| if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') { ' ' } else { c }).collect()
}

/// At most 40 characters of something found in a file.
pub(super) fn short(s: &str) -> String {
    if s.chars().count() <= 40 { s.to_owned() } else { s.chars().take(37).chain("...".chars()).collect() }
}

pub(super) fn one_of<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [] => "nothing".to_owned(),
        [one] => format!("`{}`", one.as_ref()),
        _ => format!("one of {}", names.iter().map(|n| format!("`{}`", n.as_ref())).collect::<Vec<_>>().join(", ")),
    }
}

/// Message and expectation for an error of the RON parser.
fn words(e: &ron::Error) -> (String, String) {
    use ron::Error as E;
    let fixed = |m: &str, x: &str| (m.to_owned(), x.to_owned());
    match e {
        E::NoSuchStructField { expected, found, .. } => (format!("unknown field `{}`", short(found)), one_of(expected)),
        E::NoSuchEnumVariant { expected, found, .. } => {
            (format!("unknown choice `{}`", short(found)), one_of(expected))
        }
        E::MissingStructField { field, .. } => (format!("field `{field}` is missing"), format!("`{field}: ...`")),
        E::DuplicateStructField { field, .. } => (format!("field `{field}` is given twice"), "it once".to_owned()),
        E::InvalidValueForType { expected, found } => (format!("found {}", short(found)), expected.clone()),
        E::ExpectedDifferentLength { expected, found } => (format!("{found} values"), expected.clone()),
        E::ExpectedFloat | E::FloatUnderscore => fixed("not a number", "a number such as 10.5"),
        E::ExpectedInteger | E::InvalidIntegerDigit { .. } => fixed("not a whole number", "a whole number such as 10"),
        E::IntegerOutOfBounds => {
            fixed("a whole number out of bounds", "a whole number, 0 or more, of at most ten digits")
        }
        E::ExpectedBoolean => fixed("neither true nor false", "`true` or `false`"),
        E::ExpectedString | E::ExpectedStringEnd => fixed("not a text", "a text in quotes"),
        E::ExpectedArray => fixed("not a list", "a list in [ ]"),
        E::ExpectedArrayEnd => fixed("the list does not end", "`]`"),
        E::ExpectedComma => fixed("the value does not end here", "`,` or a closing bracket"),
        E::ExpectedStructLike | E::ExpectedNamedStructLike(_) => fixed("not a group of fields", "fields in ( )"),
        E::ExpectedStructLikeEnd => fixed("the group of fields does not end", "`)`"),
        E::ExpectedMapColon => fixed("no value follows the name", "`name: value`"),
        E::ExpectedIdentifier | E::InvalidIdentifier(_) | E::SuggestRawIdentifier(_) => fixed("not a name", "a name"),
        E::ExpectedUnit => fixed("this choice has no fields", "its name alone"),
        E::ExpectedOption | E::ExpectedOptionEnd => fixed("not an optional value", "a value or `None`"),
        E::Eof => fixed("the text ends too early", "closing brackets"),
        E::TrailingCharacters => fixed("text after the end", "nothing after the last `)`"),
        E::UnclosedBlockComment => fixed("a comment does not end", "`*/`"),
        E::ExceededRecursionLimit => fixed("nested too deep", "fewer brackets"),
        E::Message(m) => (m.clone(), "another value".to_owned()),
        other => (other.to_string(), "RON text".to_owned()),
    }
}
