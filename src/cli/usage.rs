//! A mistake on the command line in one line: what is wrong first, then what would be right, then where to read on.

use clap::Command;

/// The line for an error of the parser; `program` knows the names of the commands.
pub fn line(error: &clap::Error, program: &Command) -> String {
    one_line(
        &error.render().to_string(),
        command(program, std::env::args_os().skip(1).map(|a| a.to_string_lossy().into_owned())).as_deref(),
    )
}

/// The command that was meant: the first argument that names one.
fn command(program: &Command, args: impl Iterator<Item = String>) -> Option<String> {
    args.into_iter().find(|a| program.find_subcommand(a).is_some())
}

/// The parser's paragraphs as one line. It writes what is wrong, values, tips, usage, and where to read on.
fn one_line(text: &str, command: Option<&str>) -> String {
    let end = |l: &&str| !l.starts_with("Usage:") && !l.starts_with("For more information");
    let mut out = String::new();
    for part in text.lines().map(str::trim).take_while(end).filter(|l| !l.is_empty()) {
        let part = part.strip_prefix("error: ").unwrap_or(part);
        // `ballast a run`: to its user `run` is an argument too many
        let clash = part.strip_prefix("the subcommand ").and_then(|p| p.split_once(" cannot be used with"));
        if let Some((name, _)) = clash {
            out += &format!("unexpected argument {name}");
            continue;
        }
        match part.strip_prefix("tip: ") {
            // how to pass a dash as a value is hardly ever what was wanted
            Some(tip) if tip.starts_with("to pass ") => {}
            Some(tip) => out += &format!("; {tip}"),
            None if out.is_empty() => out += part.strip_suffix(" found").unwrap_or(part),
            None if out.ends_with(':') || part.starts_with('[') => out += &format!(" {part}"),
            None => out += &format!(", {part}"),
        }
    }
    let help = command.map_or_else(|| "ballast --help".to_owned(), |c| format!("ballast {c} --help"));
    format!("{out}; try {help}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_become_a_line() {
        let text = "error: unexpected argument '--foo' found\n\n  tip: to pass '--foo' as a value, use '-- --foo'\n\n\
                    Usage: ballast run <FILE>\n\nFor more information, try '--help'.\n";
        assert_eq!(one_line(text, None), "unexpected argument '--foo'; try ballast --help");
        let text = "error: the following required arguments were not provided:\n  <A>\n  <B>\n\nUsage: x\n";
        let want = "the following required arguments were not provided: <A>, <B>; try ballast compare --help";
        assert_eq!(one_line(text, Some("compare")), want);
        let text = "error: invalid value 'x' for '--renderer <RENDERER>'\n  [possible values: glow, wgpu]\n\n  \
                    tip: a similar value exists: 'y'\n";
        let want = "invalid value 'x' for '--renderer <RENDERER>' [possible values: glow, wgpu]; a similar value \
                    exists: 'y'; try ballast --help";
        assert_eq!(one_line(text, None), want);
    }
}
