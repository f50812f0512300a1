//! JSON as firmware writes it: one odd token costs one value, not the message. One reader for brokers and miners. Pure.
//!
//! What is good JSON is read as it stands. What is not is mended first: a byte order mark and what stands behind a NUL are
//! left away; raw line ends in texts are escaped; a comma too many goes and the one between `}` and `{` comes; and a token
//! that is no JSON (`NaN`, `-nan`, `412.`, `60,01`, `ERR`) becomes a number where it can only be that one, or else a text,
//! which whoever wanted a number then finds to be none. What is cut off stays unreadable.

use serde_json::{Number, Value};

use super::number;

/// The value in a message.
///
/// # Errors
/// Why it is no JSON, even mended.
pub fn read(bytes: &[u8]) -> Result<Value, String> {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    let text = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default());
    let text = text.trim_start_matches('\u{feff}').trim();
    serde_json::from_str(text).or_else(|e| serde_json::from_str(&mend(text)).map_err(|_| e.to_string()))
}

/// A value as a number; NaN where the message says so. None for what is none.
#[must_use]
pub fn number(v: &Value) -> Option<f64> {
    match v {
        Value::Number(n) => n.as_f64(),
        Value::Bool(b) => Some(f64::from(u8::from(*b))),
        Value::String(s) => number::parse(s),
        _ => None,
    }
}

/// What was written last, as far as it matters for what may follow.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    /// An opening bracket, a colon, or nothing yet: no comma may follow.
    Open,
    /// A closing brace.
    Closed,
    /// A bare token that begins at this byte of the output.
    Bare(usize),
    /// A text, or a closing bracket.
    Value,
}

fn mend(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let (mut last, mut comma, mut depth) = (Last::Open, false, Vec::new());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = rest.get(c.len_utf8()..).unwrap_or_default();
        let begins = !matches!(c, ',' | '}' | ']' | ':') && !c.is_whitespace() && !c.is_control();
        let held = begins && std::mem::take(&mut comma) && last != Last::Open;
        if begins && (held || (last == Last::Closed && c == '{')) {
            out.push(',');
        }
        rest = match c {
            ',' => {
                comma = true;
                after
            }
            '{' | '[' => {
                depth.push(c);
                out.push(c);
                last = Last::Open;
                after
            }
            '}' | ']' => {
                comma = false;
                depth.pop();
                out.push(c);
                last = if c == '}' { Last::Closed } else { Last::Value };
                after
            }
            ':' => {
                out.push(c);
                last = Last::Open;
                after
            }
            '"' => {
                last = Last::Value;
                string(after, &mut out)
            }
            _ if begins => {
                let end = rest.find(|c: char| c.is_whitespace() || ",:{}[]\"".contains(c)).unwrap_or(rest.len());
                let (token, after) = rest.split_at(end);
                last = bare(token, last, held && depth.last() == Some(&'{'), &mut out);
                after
            }
            _ => after,
        };
    }
    out
}

/// A bare token. After a comma in an object only a name may stand: digits there are what follows a decimal comma.
fn bare(token: &str, last: Last, in_object: bool, out: &mut String) -> Last {
    if let (Last::Bare(begin), true) = (last, in_object) {
        let whole = out.get(begin..).unwrap_or_default().trim_end_matches(',').to_owned();
        out.truncate(begin);
        out.push_str(&Value::String(format!("{whole},{token}")).to_string());
        return Last::Value;
    }
    let begin = out.len();
    let is_word = matches!(token, "true" | "false" | "null");
    match number::parse(token).filter(|x| x.is_finite()) {
        _ if is_word || serde_json::from_str::<Number>(token).is_ok() => out.push_str(token),
        Some(x) => out.push_str(&x.to_string()),
        None => out.push_str(&Value::String(token.to_owned()).to_string()),
    }
    Last::Bare(begin)
}

/// A text up to its closing quote, with what may not stand in it escaped; gives what follows.
fn string<'a>(text: &'a str, out: &mut String) -> &'a str {
    out.push('"');
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => {
                out.push('"');
                return text.get(at + 1..).unwrap_or_default();
            }
            '\\' => match chars.next() {
                Some((_, c @ ('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u'))) => out.extend(['\\', c]),
                Some((_, c)) => out.extend(['\\', '\\', c]),
                None => return "",
            },
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &[u8], pointer: &str) -> Option<f64> {
        number(read(text).ok()?.pointer(pointer)?)
    }

    #[test]
    fn regress_one_odd_token_costs_one_value() {
        for text in [
            "{\"f\":60.01,\"p\":412.5}\0",
            "\u{feff}{\"f\":60.01,\"p\":412.5}",
            "{\"f\":60.01,\"oil\":NaN,\"p\":412.5}",
            "{\"f\":60.01,\"oil\":-nan,\"p\":412.5,}",
            "{\"f\":60.01,\"s\":\"fan\n1\",\"p\":412.5}",
            "{\"f\":60.01,\"s\":\"a\\q\",,\"p\":412.5}",
            "{\"f\":60,01,\"p\":412,5}",
            "{\"f\":+60.01,\"l\":[1,2,],\"m\":[{\"a\":1}{\"b\":2}],\"p\":0412.5}",
            "{\"f\":\"60,01\",\"e\":ERR,\"p\":\"412.5\"}",
        ] {
            assert_eq!((at(text.as_bytes(), "/f"), at(text.as_bytes(), "/p")), (Some(60.01), Some(412.5)), "{text}");
        }
        assert!(at(b"{\"p\":-NaN}", "/p").is_some_and(f64::is_nan));
        assert_eq!(at(b"{\"p\":412.}", "/p"), Some(412.0));
        assert_eq!(at(b"{\"p\":1,234,\"q\":2}", "/p"), None, "one or a thousand: nobody knows");
        assert_eq!(at(b"{\"p\":1,234,\"q\":2}", "/q"), Some(2.0));
        for cut in ["{\"f\":60.01,\"p\":41", "{\"f\":60.01", "", "[", "\"", "{\"f\" 60}"] {
            assert!(read(cut.as_bytes()).is_err(), "{cut} is cut off");
        }
    }

    proptest! {
        #[test]
        fn whatever_one_token_is_the_others_are_read(
            values in proptest::collection::vec(0_u16..999, 2..6),
            odd in "[ -!#-+\\--9;-Z^-z~]{1,6}",
            at_value in 0_usize..6,
            tail in "[,\0 ]{0,3}",
        ) {
            let broken = at_value % values.len();
            let field = |(k, v): (usize, &u16)| {
                if k == broken { format!("\"v{k}\":{odd}") } else { format!("\"v{k}\":{v}.5") }
            };
            let fields: Vec<String> = values.iter().enumerate().map(field).collect();
            let text = format!("{{{}}}{tail}", fields.join(","));
            // an odd token may be blank, or a second name: then there is no value where one has to be
            prop_assume!(!odd.trim().is_empty() && !odd.contains(char::is_whitespace) && !odd.contains(':'));
            for (k, v) in values.iter().enumerate().filter(|(k, _)| *k != broken) {
                prop_assert_eq!(at(text.trim_end_matches(',').as_bytes(), &format!("/v{k}")), Some(f64::from(*v) + 0.5), "{}", text);
            }
        }

        #[test]
        fn good_json_is_read_as_it_stands(text in "\\PC{0,60}") {
            if let Ok(v) = serde_json::from_str::<Value>(&text) {
                prop_assert_eq!(read(text.as_bytes()), Ok(v));
            }
        }

        #[test]
        fn no_bytes_panic(b in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&b));
        }
    }
}
