//! Text of a trigger to its tree. Every mistake has a column; nothing panics on any text.

use super::{LONGEST, Op, Schedule, Trigger};

/// Deepest nesting of brackets and `not`.
const DEEPEST: u32 = 24;
/// Longest time, s.
const LONGEST_S: f64 = 86_400.0;

/// What is wrong with a text, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} at column {column} (expected {expected})")]
pub struct Mistake {
    /// Column, from 1, in characters.
    pub column: usize,
    /// What was found.
    pub what: String,
    /// What should be there.
    pub expected: &'static str,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Word(String),
    Quoted(String),
    Number(f64),
    Op(Op),
    Open,
    Close,
    Plus,
    End,
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    column: usize,
    text: String,
}

/// Whether a name needs no quotes.
pub(super) fn is_word(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphanumeric())
        && chars.all(in_word)
        && !KEYWORDS.contains(&name)
        && name.chars().any(|c| c.is_ascii_alphabetic())
        && name.parse::<f64>().is_err()
}

const KEYWORDS: [&str; 11] = ["at", "when", "for", "after", "on", "key", "and", "or", "not", "hold", "running"];

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/')
}

fn tokens(text: &str) -> Result<Vec<Token>, Mistake> {
    let chars: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let (c, start) = (chars[i], i);
        let one = |kind| Some((kind, 1));
        let found = match c {
            c if c.is_whitespace() => {
                i += 1;
                continue;
            }
            '(' => one(Kind::Open),
            ')' => one(Kind::Close),
            '+' => one(Kind::Plus),
            '<' | '>' => {
                let equal = chars.get(i + 1) == Some(&'=');
                let op = match (c, equal) {
                    ('<', false) => Op::Less,
                    ('<', true) => Op::AtMost,
                    (_, false) => Op::More,
                    (_, true) => Op::AtLeast,
                };
                Some((Kind::Op(op), 1 + usize::from(equal)))
            }
            '"' => {
                let end = chars[i + 1..].iter().position(|c| *c == '"').map(|n| i + 1 + n);
                let end = end.ok_or_else(|| mistake(i, "a quote without its end", "`\"` behind the name"))?;
                Some((Kind::Quoted(chars[i + 1..end].iter().collect()), end + 1 - i))
            }
            c if in_word(c) => {
                let n = chars[i..].iter().take_while(|c| in_word(**c)).count();
                let word: String = chars[i..i + n].iter().collect();
                let kind = match word.parse::<f64>() {
                    Ok(v) if v.is_finite() && !word.starts_with(|c: char| c.is_ascii_alphabetic()) => Kind::Number(v),
                    _ => number_with_unit(&word).map_or(Kind::Word(word), Kind::Number),
                };
                Some((kind, n))
            }
            _ => None,
        };
        let (kind, n) =
            found.ok_or_else(|| mistake(i, &format!("`{c}`"), "a word, a number, `<`, `>` or a bracket"))?;
        i += n;
        out.push(Token { kind, column: start + 1, text: chars[start..i].iter().collect() });
    }
    out.push(Token { kind: Kind::End, column: chars.len() + 1, text: "the end".to_owned() });
    Ok(out)
}

/// `5s`, `2min`: a time with its unit stuck on.
fn number_with_unit(word: &str) -> Option<f64> {
    let (digits, factor) = match word.strip_suffix("min") {
        Some(d) => (d, 60.0),
        None => (word.strip_suffix('s')?, 1.0),
    };
    digits
        .parse::<f64>()
        .ok()
        .filter(|v| v.is_finite() && digits.ends_with(|c: char| c.is_ascii_digit()))
        .map(|v| v * factor)
}

fn mistake(at: usize, what: &str, expected: &'static str) -> Mistake {
    Mistake { column: at + 1, what: what.to_owned(), expected }
}

/// Reads a trigger.
///
/// # Errors
/// What is wrong, at which column, and what was expected.
pub fn parse(text: &str) -> Result<Trigger, Mistake> {
    if text.len() > LONGEST {
        return Err(mistake(LONGEST, "a text that is too long", "at most 400 bytes"));
    }
    let mut p = Parser { tokens: tokens(text)?, at: 0, depth: 0 };
    let trigger = p.any()?;
    match p.peek() {
        Kind::End => Ok(trigger),
        _ => Err(p.wrong("`and`, `or` or the end")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: u32,
}

impl Parser {
    fn token(&self) -> &Token {
        // The end stays the last token.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn peek(&self) -> &Kind {
        &self.token().kind
    }

    fn wrong(&self, expected: &'static str) -> Mistake {
        let t = self.token();
        let what = if t.kind == Kind::End { t.text.clone() } else { format!("`{}`", t.text) };
        Mistake { column: t.column, what, expected }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is = matches!(self.peek(), Kind::Word(w) if w.eq_ignore_ascii_case(word));
        self.at += usize::from(is);
        is
    }

    fn deeper(&mut self) -> Result<(), Mistake> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(self.wrong("fewer brackets")) } else { Ok(()) }
    }

    fn any(&mut self) -> Result<Trigger, Mistake> {
        let mut list = vec![self.all()?];
        while self.take_word("or") {
            list.push(self.all()?);
        }
        Ok(if list.len() == 1 { list.remove(0) } else { Trigger::Any(list) })
    }

    fn all(&mut self) -> Result<Trigger, Mistake> {
        let mut list = vec![self.one()?];
        while self.take_word("and") {
            list.push(self.one()?);
        }
        Ok(if list.len() == 1 { list.remove(0) } else { Trigger::All(list) })
    }

    fn one(&mut self) -> Result<Trigger, Mistake> {
        self.deeper()?;
        let t = if self.take_word("not") {
            Trigger::Not(Box::new(self.one()?))
        } else if *self.peek() == Kind::Open {
            self.at += 1;
            let inner = self.any()?;
            if *self.peek() != Kind::Close {
                return Err(self.wrong("`)`"));
            }
            self.at += 1;
            inner
        } else {
            self.atom()?
        };
        self.depth -= 1;
        Ok(t)
    }

    fn atom(&mut self) -> Result<Trigger, Mistake> {
        if self.take_word("at") {
            return Ok(Trigger::At(self.time()?));
        }
        if self.take_word("after") {
            let event = self.name("the name of an event")?;
            let plus = *self.peek() == Kind::Plus;
            self.at += usize::from(plus);
            return Ok(Trigger::After(event, if plus { self.time()? } else { 0.0 }));
        }
        if self.take_word("on") {
            if self.take_word("key") {
                return Ok(Trigger::Key(self.name("the name of a key")?));
            }
            return Ok(Trigger::After(self.name("`key` or the name of an event")?, 0.0));
        }
        if self.take_word("hold") {
            return Ok(Trigger::State(Schedule::Hold));
        }
        if self.take_word("running") {
            return Ok(Trigger::State(Schedule::Running));
        }
        self.take_word("when");
        self.when()
    }

    fn when(&mut self) -> Result<Trigger, Mistake> {
        let Kind::Word(signal) = self.peek().clone() else {
            return Err(self.wrong("`at`, `when`, `after`, `on`, `hold`, `not` or a signal"));
        };
        if KEYWORDS.contains(&signal.to_ascii_lowercase().as_str()) {
            return Err(self.wrong("a signal"));
        }
        self.at += 1;
        let Kind::Op(op) = *self.peek() else { return Err(self.wrong("`<`, `<=`, `>` or `>=`")) };
        self.at += 1;
        let Kind::Number(value) = *self.peek() else { return Err(self.wrong("a number")) };
        self.at += 1;
        let for_s = if self.take_word("for") { self.time()? } else { 0.0 };
        Ok(Trigger::When { signal, op, value, for_s })
    }

    fn name(&mut self, expected: &'static str) -> Result<String, Mistake> {
        let name = match self.peek() {
            Kind::Quoted(q) if !q.trim().is_empty() => q.clone(),
            Kind::Word(w) if !KEYWORDS.contains(&w.as_str()) => w.clone(),
            _ => return Err(self.wrong(expected)),
        };
        self.at += 1;
        Ok(name)
    }

    fn time(&mut self) -> Result<f64, Mistake> {
        let Kind::Number(mut s) = *self.peek() else { return Err(self.wrong("a time in s")) };
        let bad = self.wrong("a time from 0 to 86400 s");
        self.at += 1;
        if self.take_word("min") {
            s *= 60.0;
        } else {
            self.take_word("s");
        }
        if (0.0..=LONGEST_S).contains(&s) { Ok(s) } else { Err(bad) }
    }
}
