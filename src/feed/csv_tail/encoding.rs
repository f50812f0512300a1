//! Bytes of a file as UTF-8: UTF-16 by its mark, UTF-8, and line by line Latin-1 for what is neither.
//!
//! Spreadsheets and loggers of Windows write all three. A degree sign in a header costs no file.

use std::io::{self, Read as _};
use std::path::Path;

/// How a file is written.
#[derive(Debug, Default)]
pub(super) struct Encoding {
    kind: Option<Kind>,
    /// Bytes of a character that is not complete yet.
    rest: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Bytes,
    Utf16([usize; 2]),
}

impl Encoding {
    /// Puts the next bytes of the file behind `out`, so that line ends are single bytes.
    pub(super) fn decode(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let (kind, bytes) = match (self.kind, bytes) {
            (Some(kind), all) => (kind, all),
            (None, [0xFF, 0xFE, rest @ ..]) => (Kind::Utf16([1, 0]), rest),
            (None, [0xFE, 0xFF, rest @ ..]) => (Kind::Utf16([0, 1]), rest),
            (None, all) => (Kind::Bytes, all.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(all)),
        };
        self.kind = Some(kind);
        let Kind::Utf16([high, low]) = kind else {
            out.extend_from_slice(bytes);
            return;
        };
        self.rest.extend_from_slice(bytes);
        let unit = |b: &[u8]| u16::from_be_bytes([b[high], b[low]]);
        let mut whole = self.rest.len() / 2 * 2;
        // The first half of a pair waits for the second.
        if whole >= 2 && (0xD800..0xDC00).contains(&unit(&self.rest[whole - 2..whole])) {
            whole -= 2;
        }
        let text = char::decode_utf16(self.rest[..whole].chunks_exact(2).map(unit));
        let mut buffer = [0; 4];
        for c in text {
            out.extend_from_slice(c.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut buffer).as_bytes());
        }
        self.rest.drain(..whole);
    }

    /// A line as text. NUL bytes, with which some loggers fill their files ahead, are none of it.
    pub(super) fn text(&self, line: &[u8]) -> String {
        let text = match std::str::from_utf8(line) {
            Ok(text) => text.to_owned(),
            Err(_) => line.iter().map(|b| char::from(*b)).collect(),
        };
        text.trim_matches(['\0', '\r']).to_owned()
    }
}

/// The whole text of a file.
///
/// # Errors
/// If it cannot be read.
pub(super) fn whole(path: &Path) -> io::Result<Vec<String>> {
    let (mut bytes, mut out) = (Vec::new(), Vec::new());
    std::fs::File::open(path)?.read_to_end(&mut bytes)?;
    let mut encoding = Encoding::default();
    encoding.decode(&bytes, &mut out);
    Ok(out.split(|b| *b == b'\n').map(|line| encoding.text(line)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8], chunk: usize) -> String {
        let (mut encoding, mut out) = (Encoding::default(), Vec::new());
        bytes.chunks(chunk).for_each(|c| encoding.decode(c, &mut out));
        encoding.text(&out)
    }

    #[test]
    fn regress_a_header_of_another_alphabet_costs_no_file() {
        assert_eq!(read(b"t_s,K\xFChlwasser \xB0C\r", 99), "t_s,K\u{fc}hlwasser \u{b0}C");
        assert_eq!(read("\u{feff}t_s,°C".as_bytes(), 99), "t_s,°C");
        assert_eq!(read(b"1,60\0\0\0", 99), "1,60");
    }

    proptest! {
        #[test]
        fn utf16_is_read_however_it_is_cut(text in "[a-z°é漢😀,0-9]{1,40}", big: bool, chunk in 2_usize..9) {
            let units = std::iter::once(0xFEFF).chain(text.encode_utf16());
            let bytes: Vec<u8> = units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect();
            prop_assert_eq!(read(&bytes, chunk), text);
        }
    }
}
