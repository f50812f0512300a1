//! Whole lines of a file that may still grow, and that another one may take the place of.

use std::fs::{File, Metadata};
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::encoding::Encoding;

/// Bytes read at once.
const CHUNK: usize = 64 << 10;
/// A line longer than this is not a table.
const MAX_LINE: usize = 1 << 20;

/// What a look at the file gave.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// The next line, without its end, and its number from 1.
    Line(String, u64),
    /// No further complete line now.
    End,
    /// It was moved or removed, and nothing stands in its place yet.
    Gone,
    /// It was cut, or another file took its place.
    Replaced,
}

/// Reads line after line.
pub(super) struct Lines {
    path: PathBuf,
    file: File,
    read: u64,
    encoding: Encoding,
    rest: Vec<u8>,
    from: usize,
    line: u64,
}

impl Lines {
    /// Opens the file.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        if file.metadata()?.is_dir() {
            return Err(io::Error::other("is a folder"));
        }
        let (encoding, rest) = (Encoding::default(), Vec::new());
        Ok(Self { path: path.to_owned(), file, read: 0, encoding, rest, from: 0, line: 0 })
    }

    /// The next line. With `last`, an unfinished line at the end of the file counts.
    pub(super) fn next(&mut self, last: bool) -> io::Result<Look> {
        loop {
            let pending = self.rest.get(self.from..).unwrap_or_default();
            if let Some(n) = pending.iter().position(|b| *b == b'\n') {
                let line = self.encoding.text(pending.get(..n).unwrap_or_default());
                self.from += n + 1;
                self.line += 1;
                if line.trim().is_empty() {
                    continue;
                }
                return Ok(Look::Line(line, self.line));
            }
            if pending.len() > MAX_LINE {
                return Err(io::Error::other("a line of more than 1 MB: no table of rows"));
            }
            self.rest.drain(..self.from);
            self.from = 0;
            if self.fill()? > 0 {
                continue;
            }
            if last && !self.rest.is_empty() {
                let line = self.encoding.text(&self.rest);
                self.rest.clear();
                self.line += 1;
                if !line.trim().is_empty() {
                    return Ok(Look::Line(line, self.line));
                }
            }
            return self.place();
        }
    }

    /// What stands at the path now, when all of the open file was read.
    fn place(&self) -> io::Result<Look> {
        match std::fs::metadata(&self.path) {
            Ok(now) if now.len() < self.read || !is_same(&now, &self.file.metadata()?) => Ok(Look::Replaced),
            Ok(_) => Ok(Look::End),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Look::Gone),
            Err(e) => Err(e),
        }
    }

    fn fill(&mut self) -> io::Result<usize> {
        let mut chunk = vec![0; CHUNK];
        let n = self.file.seek(SeekFrom::Start(self.read)).and_then(|_| self.file.read(&mut chunk))?;
        chunk.truncate(n);
        self.read += n as u64;
        self.encoding.decode(&chunk, &mut self.rest);
        Ok(n)
    }
}

/// Whether two looks are at one file, and not at another one of the same name.
#[cfg(unix)]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// Whether two looks are at one file, as far as its birth tells.
#[cfg(not(unix))]
fn is_same(a: &Metadata, b: &Metadata) -> bool {
    a.created().ok() == b.created().ok()
}
