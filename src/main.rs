//! Parses arguments, runs, gives the exit code. Nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    ballast::cli::main()
}
