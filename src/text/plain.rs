//! Words of others, safe to show: what a device, a file or a broker writes never moves a cursor, colours a terminal, turns
//! the direction of a line or breaks a table.

/// Longest text of others that is shown, characters.
const MOST: usize = 400;

/// The text with every control and format character written as its code, and cut where it is too long.
#[must_use]
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (n, c) in text.chars().enumerate() {
        if n == MOST {
            out.push('…');
            break;
        }
        if c.is_control() || moves_text(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Characters without a picture of their own that change how others are shown: joiners, marks of direction, line and
/// paragraph ends, the byte order mark.
fn moves_text(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_are_shown_as_they_are() {
        assert_eq!(plain("\u{1b}[2Jfan 1\nok"), "\\u{1b}[2Jfan 1\\u{a}ok");
        assert_eq!(plain("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(plain("75 °C é 漢"), "75 °C é 漢");
        assert_eq!(plain(&"x".repeat(1000)).chars().count(), MOST + 1);
    }

    proptest! {
        #[test]
        fn nothing_that_controls_is_left(text in any::<String>()) {
            prop_assert!(plain(&text).chars().all(|c| !c.is_control() && !moves_text(c)));
        }
    }
}
