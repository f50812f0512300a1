//! Prometheus text as samples: exposition format 0.0.4, and OpenMetrics 1.0.
//!
//! Label values may hold braces, commas and escaped quotes; a line that cannot be read is kept aside by its name, and the
//! rest still counts. Comments, HELP, TYPE and UNIT lines and exemplars are passed over. It keeps nothing longer than the
//! text. Reference: Prometheus documentation, "Exposition formats"; OpenMetrics 1.0.

use std::borrow::Cow;

use super::stamp;

/// A sample of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample<'a> {
    /// Metric.
    pub name: &'a str,
    /// Labels in the order of the text.
    pub labels: Vec<(&'a str, Cow<'a, str>)>,
    /// Value; may be NaN or infinite, which the format allows.
    pub value: f64,
    /// Time of the source, s since 1970, where it is given: one format has it in ms, the other in s.
    pub t_s: Option<f64>,
}

impl Sample<'_> {
    /// Value of a label.
    #[must_use]
    pub fn label(&self, name: &str) -> Option<&str> {
        self.labels.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_ref())
    }

    /// Whether it carries all of these labels.
    #[must_use]
    pub fn matches(&self, labels: &[(String, String)]) -> bool {
        labels.iter().all(|(n, v)| self.label(n) == Some(v))
    }
}

/// What a text holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text<'a> {
    /// Samples in order.
    pub samples: Vec<Sample<'a>>,
    /// Lines that could not be read, with their numbers from 1.
    pub unread: Vec<(usize, &'a str)>,
    /// The text ends in the middle of a line: there may have been more.
    pub cut: bool,
    /// OpenMetrics' mark of the end was there.
    pub eof: bool,
}

impl Text<'_> {
    /// Number of the first line that could not be read and may have been one of this metric.
    #[must_use]
    pub fn lost(&self, metric: &str) -> Option<usize> {
        self.unread.iter().find(|(_, line)| line.contains(metric)).map(|(n, _)| *n)
    }
}

/// Reads a whole text. A last line without its end is one that was cut off: it is not used.
#[must_use]
pub fn read(text: &str) -> Text<'_> {
    let mut out = Text::default();
    for (n, line) in text.trim_start_matches('\u{feff}').split_inclusive('\n').enumerate() {
        let whole = line.ends_with('\n');
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            out.eof |= line == "# EOF";
            continue;
        }
        out.cut |= !whole;
        match sample(line).filter(|_| whole) {
            Some(s) => out.samples.push(s),
            None => out.unread.push((n + 1, line)),
        }
    }
    out
}

fn sample(line: &str) -> Option<Sample<'_>> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let end = line.find(|c| !is_name(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let rest = rest.trim_start();
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    // What follows is an exemplar: a sample of something else.
    let rest = rest.split_once(" # ").map_or(rest, |(rest, _)| rest);
    let mut fields = rest.split_whitespace();
    let value = number(fields.next()?)?;
    let t_s = match fields.next() {
        Some(t) => Some(stamp::seconds(number(t).filter(|t| t.is_finite())?)),
        None => None,
    };
    fields.next().is_none().then_some(Sample { name, labels, value, t_s })
}

fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        "NaN" | "Nan" => Some(f64::NAN),
        // Rust reads words like "infinity" as well, which the format does not know.
        _ if text.contains(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E')) => None,
        _ => text.parse().ok(),
    }
}

type Labels<'a> = Vec<(&'a str, Cow<'a, str>)>;

/// Labels up to the closing brace, and what follows it.
fn labels(mut rest: &str) -> Option<(Labels<'_>, &str)> {
    let mut all = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return Some((all, after));
        }
        let (name, after) = rest.split_once('=')?;
        let (value, after) = quoted(after.trim_start().strip_prefix('"')?)?;
        all.push((name.trim(), value));
        let after = after.trim_start();
        rest = match after.strip_prefix(',') {
            Some(after) => after,
            None if after.starts_with('}') => after,
            None => return None,
        };
    }
}

/// Text up to the closing quote, with its escapes resolved, and what follows.
fn quoted(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = text.find(['"', '\\'])?;
    if text[end..].starts_with('"') {
        return Some((Cow::Borrowed(&text[..end]), &text[end + 1..]));
    }
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((Cow::Owned(value), &text[at + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                c @ ('\\' | '"') => c,
                _ => return None,
            }),
            _ => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_legal_lines_are_read() {
        let text = concat!(
            "# HELP x y\n# TYPE x gauge\n",
            "plain 1\n",
            "empty{} 2.5e3\n",
            "brace{a=\"x}y\",b=\"1,2\"} -3 1700000000123\n",
            "escaped{p=\"a\\\\dir\\n\\\"q\\\"\",} +Inf\n",
            "  spaced  { a = \"1\" , b=\"2\" }   4  \n",
            "\n",
        );
        let t = read(text);
        assert_eq!((t.unread.len(), t.samples.len()), (0, 5));
        assert_eq!(t.samples[1].value, 2500.0);
        assert_eq!(t.samples[2].label("a"), Some("x}y"));
        assert_eq!(t.samples[2].label("b"), Some("1,2"));
        assert_eq!(t.samples[2].t_s, Some(1_700_000_000.123));
        assert_eq!(t.samples[3].label("p"), Some("a\\dir\n\"q\""));
        assert_eq!(t.samples[4].labels.len(), 2);
    }

    #[test]
    fn a_bad_line_costs_only_itself() {
        let t = read("a 1\nb{x=1} 2\nc{x=\"1\" 3\nd 1 2 3\n9e 1\ne infinity\nf 6\n");
        assert_eq!((t.unread.len(), t.unread[0].0, t.samples.len()), (5, 2, 2));
        assert_eq!((t.lost("b"), t.lost("d"), t.lost("q")), (Some(2), Some(4), None));
    }

    #[test]
    fn openmetrics_is_read_with_its_times_in_seconds_and_its_exemplars() {
        let t = read(concat!(
            "# TYPE p gauge\n# UNIT p watts\n",
            "p{g=\"0\"} 612.5 1764468000.123\n",
            "p{g=\"1 # 2\"} 598.25 1.764468000123e+09 # {trace_id=\"6c10\"} 598.0 1.764468000e+09\n",
            "t 58 # {} 57\n# EOF",
        ));
        assert_eq!((t.unread.len(), t.cut, t.eof), (0, false, true));
        let all: Vec<_> = t.samples.iter().map(|s| (s.value, s.t_s)).collect();
        assert_eq!(all, [(612.5, Some(1_764_468_000.123)), (598.25, Some(1_764_468_000.123)), (58.0, None)]);
        assert_eq!(t.samples[1].label("g"), Some("1 # 2"));
    }

    #[test]
    fn a_line_that_was_cut_off_is_not_used() {
        // the true value was 7123.5
        let t = read("a 1\nb 71");
        assert_eq!((t.unread.len(), t.cut, t.samples.len()), (1, true, 1));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "[a-z{}=\",\\\\ \\n0-9.+#é]{0,200}") {
            let t = read(&text);
            prop_assert!(t.samples.len() + t.unread.len() <= text.lines().count());
        }
    }
}
