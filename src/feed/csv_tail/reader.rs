//! Whole lines of a file that may still grow.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// Bytes read at once.
const CHUNK: usize = 64 << 10;
/// A line longer than this is not a table.
const MAX_LINE: usize = 1 << 20;

/// What a look at the file gave.
pub(super) enum Look {
    /// The next line, without its end, and its number from 1.
    Line(String, u64),
    /// No further complete line now.
    End,
    /// The file is shorter than what was read: another one took its place.
    Replaced,
}

/// Reads line after line.
pub(super) struct Lines {
    path: PathBuf,
    file: File,
    read: u64,
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
        Ok(Self { path: path.to_owned(), file, read: 0, rest: Vec::new(), from: 0, line: 0 })
    }

    /// The next line. With `last`, an unfinished line at the end of the file counts.
    pub(super) fn next(&mut self, last: bool) -> io::Result<Look> {
        loop {
            let pending = self.rest.get(self.from..).unwrap_or_default();
            if let Some(n) = pending.iter().position(|b| *b == b'\n') {
                let line = text(pending.get(..n).unwrap_or_default());
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
            if std::fs::metadata(&self.path)?.len() < self.read {
                return Ok(Look::Replaced);
            }
            if last && !self.rest.is_empty() {
                let line = text(&self.rest);
                self.rest.clear();
                self.line += 1;
                if !line.trim().is_empty() {
                    return Ok(Look::Line(line, self.line));
                }
            }
            return Ok(Look::End);
        }
    }

    fn fill(&mut self) -> io::Result<usize> {
        let have = self.rest.len();
        self.rest.resize(have + CHUNK, 0);
        let n = self
            .file
            .seek(SeekFrom::Start(self.read))
            .and_then(|_| self.file.read(self.rest.get_mut(have..).unwrap_or_default()));
        self.rest.truncate(have + *n.as_ref().unwrap_or(&0));
        let n = n?;
        self.read += n as u64;
        Ok(n)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).trim_end_matches('\r').to_owned()
}
