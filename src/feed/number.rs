//! Numbers as devices and spreadsheets write them. One rule for JSON texts, miners' answers and tables. Pure.

/// A number from a text: as Rust reads it (`412.`, `.5`, `+5`, `NaN` too), or with a decimal comma. None for any other text,
/// and for one like `1,234`, which is a thousand to one writer and hardly more than one to the other.
#[must_use]
pub fn parse(text: &str) -> Option<f64> {
    let text = text.trim();
    text.parse().ok().or_else(|| match comma(text) {
        Comma::Decimal => text.replacen(',', ".", 1).parse().ok(),
        Comma::Ambiguous | Comma::No => None,
    })
}

/// As [`parse`], in a table whose comma is known to be the decimal sign.
#[must_use]
pub fn with_comma(text: &str) -> Option<f64> {
    let text = text.trim();
    text.parse().ok().or_else(|| match comma(text) {
        Comma::Decimal | Comma::Ambiguous => text.replacen(',', ".", 1).parse().ok(),
        Comma::No => None,
    })
}

/// What the comma in a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comma {
    /// There is none, or it is no number.
    No,
    /// Nothing but a decimal sign.
    Decimal,
    /// A decimal sign or a mark of thousands.
    Ambiguous,
}

/// What the comma in a text is, by the digits beside it: thousands stand in threes.
#[must_use]
pub fn comma(text: &str) -> Comma {
    let text = text.trim();
    let Some((whole, rest)) = text.split_once(',') else { return Comma::No };
    let whole = whole.trim_start_matches(['-', '+']);
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    let fraction = rest.split(['e', 'E']).next().unwrap_or_default();
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Comma::No;
    }
    let thousands = fraction.len() == 3 && fraction.len() == rest.len() && (1..=3).contains(&whole.len());
    if thousands && !whole.starts_with('0') { Comma::Ambiguous } else { Comma::Decimal }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_of_the_field_are_read() {
        for (text, x) in [
            ("412", 412.0),
            (" 412. ", 412.0),
            (".5", 0.5),
            ("+5", 5.0),
            ("60,01", 60.01),
            ("-0,125", -0.125),
            ("1234,567", 1234.567),
            ("1,5e3", 1500.0),
        ] {
            assert_eq!(parse(text), Some(x), "{text}");
        }
        assert!(parse("-nan").is_some_and(f64::is_nan));
        for text in ["", "1,234", "12,345", "1,234,567", "1.234,5", "412 kW", "a,b", ",", "0x10", "--5"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!((with_comma("1,234"), with_comma("1,2,3")), (Some(1.234), None));
    }

    proptest! {
        #[test]
        fn what_is_read_with_a_comma_is_what_was_written(x in -1e6_f64..1e6, places in 0_usize..9) {
            let written = format!("{x:.places$}");
            let truth: f64 = written.parse().unwrap();
            let comma = written.replace('.', ",");
            prop_assert_eq!(with_comma(&comma), Some(truth));
            prop_assert!(parse(&comma).is_none_or(|read| read == truth));
        }
    }
}
