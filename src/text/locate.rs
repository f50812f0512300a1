//! Finds where in a RON text a field stands, so that a check after parsing can still name line and column.
//!
//! The text has been parsed before, so the walk trusts its shape; on anything odd it stops and answers with the
//! deepest place it reached. It never recurses and never fails.

/// A step of a path: a field's name or a position in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    Key(&'a str),
    Index(usize),
}

/// Line and column, both from 1, of the value at `path`, or of the deepest ancestor that the text holds.
pub(super) fn locate(text: &str, path: &[Step]) -> (usize, usize) {
    let mut s = Scan { text: text.as_bytes(), at: 0 };
    s.blank();
    while s.rest().starts_with(b"#!") {
        s.until(b']');
        s.blank();
    }
    let mut found = s.at;
    for step in path {
        if !s.enter(step) {
            break;
        }
        found = s.at;
    }
    position(text, found)
}

/// The text with the field `key` of its outermost struct set to `value`: in place of what stood there, or as its first
/// field. None if the text has no struct.
pub fn with_field(text: &str, key: &str, value: &str) -> Option<String> {
    let mut s = Scan { text: text.as_bytes(), at: 0 };
    s.blank();
    while s.rest().starts_with(b"#!") {
        s.until(b']');
        s.blank();
    }
    let mut inner = Scan { text: s.text, at: s.at };
    if inner.enter(&Step::Key(key)) {
        let from = inner.at;
        inner.value();
        let (before, after) = (text.get(..from)?, text.get(inner.at..)?);
        return Some(format!("{before}{value}{after}"));
    }
    s.name();
    s.blank();
    if s.peek() != Some(b'(') {
        return None;
    }
    let (before, after) = (text.get(..=s.at)?, text.get(s.at + 1..)?);
    Some(format!("{before}\n    {key}: {value},{after}"))
}

/// Line and column of a byte offset.
pub(super) fn position(text: &str, offset: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    let before = &bytes[..offset.min(bytes.len())];
    let line_start = before.iter().rposition(|&b| b == b'\n').map_or(0, |i| i + 1);
    let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
    // continuation bytes of UTF-8 do not start a character
    (line, 1 + before[line_start..].iter().filter(|&&b| b & 0xC0 != 0x80).count())
}

struct Scan<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Scan<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// Past the next `b`, or to the end.
    fn until(&mut self, b: u8) {
        self.at += self.rest().iter().position(|&x| x == b).map_or(self.rest().len(), |i| i + 1);
    }

    /// Past blanks and comments.
    fn blank(&mut self) {
        loop {
            let r = self.rest();
            if r.starts_with(b"//") {
                self.until(b'\n');
            } else if r.starts_with(b"/*") {
                let mut depth = 0usize;
                while self.at < self.text.len() {
                    if self.rest().starts_with(b"/*") {
                        depth += 1;
                        self.at += 2;
                    } else if self.rest().starts_with(b"*/") {
                        depth -= 1;
                        self.at += 2;
                        if depth == 0 {
                            break;
                        }
                    } else {
                        self.at += 1;
                    }
                }
            } else if r.first().is_some_and(u8::is_ascii_whitespace) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// A name at this place, if one is here.
    fn name(&mut self) -> &'a [u8] {
        let r = self.rest();
        let n = r.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_' || **b >= 0x80).count();
        self.at += n;
        &r[..n]
    }

    /// Past one string if one starts here.
    fn string(&mut self) -> bool {
        let r = self.rest();
        let raw = r.strip_prefix(b"r").filter(|t| t.first().is_some_and(|b| matches!(b, b'"' | b'#')));
        if let Some(t) = raw {
            let hashes = t.iter().take_while(|&&b| b == b'#').count();
            if t.get(hashes) != Some(&b'"') {
                return false;
            }
            self.at += 2 + hashes;
            loop {
                self.until(b'"');
                let end = self.rest().iter().take_while(|&&b| b == b'#').count() >= hashes;
                if end || self.at >= self.text.len() {
                    self.at = (self.at + hashes).min(self.text.len());
                    return true;
                }
            }
        }
        if r.first() != Some(&b'"') {
            return false;
        }
        self.at += 1;
        while let Some(b) = self.peek() {
            self.at += if b == b'\\' { 2 } else { 1 };
            if b == b'"' {
                break;
            }
        }
        self.at = self.at.min(self.text.len());
        true
    }

    /// Past one value: to the comma or closing bracket that ends it.
    fn value(&mut self) {
        let mut depth = 0usize;
        loop {
            self.blank();
            if self.string() {
                continue;
            }
            match self.peek() {
                None => return,
                Some(b'(' | b'[' | b'{') => depth += 1,
                Some(b')' | b']' | b'}') if depth == 0 => return,
                Some(b')' | b']' | b'}') => depth -= 1,
                Some(b',') if depth == 0 => return,
                Some(b'\'') => {
                    // a character literal may hold a bracket or a quote
                    let len = if self.rest().get(1) == Some(&b'\\') { 3 } else { 2 };
                    if self.rest().get(len) == Some(&b'\'') {
                        self.at += len;
                    }
                }
                Some(_) => {}
            }
            self.at += 1;
        }
    }

    /// Moves from the start of a value to the start of its part `step`; false leaves the place undefined.
    fn enter(&mut self, step: &Step) -> bool {
        loop {
            self.blank();
            let name = self.name();
            self.blank();
            if !matches!(self.peek(), Some(b'(' | b'[' | b'{')) {
                return false;
            }
            self.at += 1;
            if name != b"Some" {
                break;
            }
        }
        let mut i = 0;
        loop {
            self.blank();
            match self.peek() {
                None | Some(b')' | b']' | b'}') => return false,
                Some(b',') => {
                    self.at += 1;
                    continue;
                }
                Some(_) => {}
            }
            match step {
                Step::Index(n) if *n == i => return true,
                Step::Index(_) => {}
                Step::Key(k) => {
                    let raw = self.rest().starts_with(b"r#");
                    self.at += if raw { 2 } else { 0 };
                    let key = self.name();
                    self.blank();
                    if self.peek() == Some(b':') {
                        self.at += 1;
                        if key == k.as_bytes() {
                            self.blank();
                            return true;
                        }
                    }
                }
            }
            self.value();
            i += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Step::*, *};

    #[test]
    fn a_field_is_set_whether_it_was_there_or_not() {
        let text = "#![enable(implicit_some)]\n// start: (none)\nScenario(\n  a: 1, plant: (start: 2),\n)\n";
        let once = with_field(text, "start", "(of: \"x, )\")").unwrap();
        assert_eq!(
            once,
            "#![enable(implicit_some)]\n// start: (none)\nScenario(\n    start: (of: \"x, )\"),\n  a: 1, plant: (start: 2),\n)\n"
        );
        let twice = with_field(&once, "start", "(of: 3)").unwrap();
        assert_eq!(twice, once.replace("(of: \"x, )\")", "(of: 3)"));
        assert_eq!(with_field("", "start", "1"), None);
        assert_eq!(with_field("[1]", "start", "1"), None);
    }

    #[test]
    fn finds_fields_through_names_strings_and_comments() {
        let text = "// x: (y: 1)\n(\n  a: \"b: ), [\", /* c: /* 3 */ 4 */ c: Some(Slam(\n    d: [1, (e: 2.0)],\n  )),\n  r#f: r#\"\"]\"#, g: '(', h: 7)";
        let at = |p: &[Step]| locate(text, p);
        assert_eq!(at(&[Key("a")]), (3, 6));
        assert_eq!(at(&[Key("c"), Key("d"), Index(1), Key("e")]), (4, 16));
        assert_eq!(at(&[Key("h")]), (6, 28));
        assert_eq!(at(&[Key("c"), Key("nope")]), (3, 39), "the deepest ancestor");
        assert_eq!(at(&[]), (2, 1));
        assert_eq!(locate("", &[Key("a")]), (1, 1));
        assert_eq!(locate("(a: \"é\", b: 1)", &[Key("b")]), (1, 13), "characters, not bytes");
    }
}
