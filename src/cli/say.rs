//! Lines on stdout. Whoever reads them may have seen enough (`ballast score X | head`): then the rest is not written, and the
//! program ends as it would have.

use std::fmt::Arguments;
use std::io::{ErrorKind, Write as _};

/// Writes a line; says on stderr when stdout takes nothing, unless it is closed.
pub(super) fn line(words: Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    match out.write_fmt(words).and_then(|()| out.write_all(b"\n")) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => eprintln!("cannot write to stdout: {e}"),
        _ => {}
    }
}

/// `println!` that does not panic when stdout is closed.
macro_rules! say {
    ($($words:tt)*) => { $crate::cli::say::line(format_args!($($words)*)) };
}
pub(super) use say;
