//! A COMTRADE record on disk: one file of all parts, or three beside each other.

use std::io;
use std::path::Path;

use super::comtrade::{Record, Revision, Style};
use crate::store::whole::atomically;

/// Writes a COMTRADE record: `out` is the file at `path`, a `.cff` with all parts, or the `.cfg`, of which `.dat` and
/// `.hdr` stand beside it and are complete before. Gives the number of rows.
///
/// # Errors
/// When there is nothing to write, or a file cannot be written.
pub fn comtrade_beside(record: &Record, style: Style, path: &Path, out: &mut dyn io::Write) -> io::Result<usize> {
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("cff")) {
        if style.revision == Revision::Y1999 {
            return Err(io::Error::other("one file of all parts (.cff) came with the standard of 2013"));
        }
        out.write_all(&record.one_file(style.coding).map_err(io::Error::other)?)?;
    } else {
        let files = record.files(style).map_err(io::Error::other)?;
        atomically(&path.with_extension("dat"), |file| file.write_all(&files.dat))?;
        atomically(&path.with_extension("hdr"), |file| file.write_all(files.hdr.as_bytes()))?;
        out.write_all(files.cfg.as_bytes())?;
    }
    Ok(record.t_us.len())
}
