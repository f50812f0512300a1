//! `ballast new`: six questions, and a commented scenario of one's own plant that passes `ballast check`.
//!
//! Questions go to stderr, the scenario to stdout or to a new file; an existing file is never written over. An empty
//! answer, or the end of the input, takes what stands in brackets. It writes no plant that the program would refuse:
//! what it made is read back before it leaves.

use std::io::{BufRead, IsTerminal as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::Outcome;
use crate::scenario::Scenario;

#[derive(Args)]
pub(super) struct NewArgs {
    /// File to write; without it, the scenario goes to stdout
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// A question with the number that it takes.
struct Question {
    ask: &'static str,
    default: f64,
    least: f64,
    most: f64,
    whole: bool,
}

const fn count(ask: &'static str, default: f64, least: f64, most: f64) -> Question {
    Question { ask, default, least, most, whole: true }
}

const QUESTIONS: [Question; 6] = [
    count("Gensets, how many", 1.0, 1.0, 16.0),
    Question { ask: "Rating of each, kW", default: 1000.0, least: 50.0, most: 20_000.0, whole: false },
    count("H100 GPUs of 0.7 kW, how many", 714.0, 0.0, 1_000_000.0),
    count("Miners of 3.5 kW, how many (0: none)", 143.0, 0.0, 1_000_000.0),
    Question { ask: "Battery, kVA (0: none)", default: 0.0, least: 0.0, most: 100_000.0, whole: false },
    count("Bus sections, 1, or 2 with a tie between", 1.0, 1.0, 2.0),
];

/// Asks, writes.
///
/// # Errors
/// An answer that is no number in range (asked again at a terminal), an existing file, a disk that does not take it.
pub(super) fn new(args: &NewArgs) -> Outcome {
    let stdin = std::io::stdin();
    let again = stdin.is_terminal();
    let answers = ask(&mut stdin.lock(), &mut std::io::stderr(), again)?;
    let text = scenario(&answers);
    Scenario::from_str("new", "the new scenario", &text, None).map_err(|e| e.to_string())?;
    let Some(path) = &args.out else {
        return match std::io::stdout().write_all(text.as_bytes()) {
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(format!("cannot write to stdout: {e}")),
            _ => Ok(ExitCode::SUCCESS),
        };
    };
    let to = |e: std::io::Error| format!("cannot write: {e}: {}", path.display());
    std::fs::File::create_new(path).and_then(|mut f| f.write_all(text.as_bytes())).map_err(to)?;
    let shown = path.display();
    eprintln!("Written. Next: `ballast check {shown}`, `ballast run {shown}`, `ballast {shown}`.");
    Ok(ExitCode::SUCCESS)
}

/// The answers in the order of the questions. `again`: a bad answer is asked for once more instead of being an error.
fn ask(from: &mut impl BufRead, to: &mut impl std::io::Write, again: bool) -> Result<[f64; 6], String> {
    let mut answers = [0.0; 6];
    for (q, answer) in QUESTIONS.iter().zip(&mut answers) {
        *answer = loop {
            let prompt = write!(to, "{} [{}]: ", q.ask, q.default).and_then(|()| to.flush());
            prompt.map_err(|e| format!("cannot ask: {e}"))?;
            let mut line = String::new();
            from.read_line(&mut line).map_err(|e| format!("cannot read the answer: {e}"))?;
            match number(q, &line) {
                Ok(v) => break v,
                Err(why) if again => writeln!(to, "{why}").map_err(|e| format!("cannot ask: {e}"))?,
                Err(why) => return Err(why),
            }
        };
    }
    Ok(answers)
}

fn number(q: &Question, line: &str) -> Result<f64, String> {
    let text = line.trim();
    if text.is_empty() {
        return Ok(q.default);
    }
    let fits = |v: &f64| *v >= q.least && *v <= q.most && (!q.whole || v.fract() == 0.0);
    let kind = if q.whole { "a whole number" } else { "a number" };
    let want = || format!("{}: {kind} from {} to {}, not {text}", q.ask, q.least, q.most);
    text.parse::<f64>().ok().filter(fits).ok_or_else(want)
}

/// The list of a kind of device, one entry a section that has any: `per(section, n)` writes an entry.
fn list(key: &str, total: u64, sections: u64, per: impl Fn(u64, u64) -> String) -> String {
    let share = |i: u64| total / sections + u64::from(i < total % sections);
    let entries: String =
        (0..sections).filter(|i| share(*i) > 0).map(|i| format!("            {},\n", per(i, share(i)))).collect();
    if entries.is_empty() {
        format!("        {key}: [],\n")
    } else {
        format!("        {key}: [\n{entries}        ],\n")
    }
}

/// A name that is the kind's alone where there is one, and numbered where there are several.
fn named(kind: &str, i: u64, of: u64) -> String {
    if of == 1 { kind.to_owned() } else { format!("{kind}-{}", i + 1) }
}

/// `, section: "A"` on a bus of two sections.
fn section(i: u64, sections: u64) -> String {
    if sections == 1 { String::new() } else { format!(", section: \"{}\"", ["A", "B"][usize::from(i % 2 == 1)]) }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "whole numbers in the questions' ranges"
)]
fn scenario(answers: &[f64; 6]) -> String {
    let [sets, rated_kw, gpus, miners, bess_kva, sections] = *answers;
    let [sets, gpus, miners, sections] = [sets, gpus, miners, sections].map(|v| v as u64);
    let mut plant = String::new();
    if sections == 2 {
        plant += "        sections: [\"A\", \"B\"],\n        ties: [(name: \"A-B\", from: \"A\", to: \"B\", closed: true)],\n";
    }
    plant += "        // Engines of the library: `ballast example` lists them. The preset says how fast the engine takes load.\n";
    let sharing = if sets > 1 { ", sharing: droop(0.04)" } else { "" };
    plant += "        gensets: [\n";
    for i in 0..sets {
        plant += &format!(
            "            (name: \"G{}\"{}, preset: \"lean-default\", rated_kw: {rated_kw:?}{sharing}),\n",
            i + 1,
            section(i, sections)
        );
    }
    plant += "        ],\n        // GPUs come on in batches; how many at once is the policy's.\n";
    plant += &list("gpus", gpus, sections, |i, n| {
        format!("(name: \"{}\"{}, library: \"h100-sxm\", gpus: {n})", named("gpu", i, sections), section(i, sections))
    });
    plant += "        // Miners give way to GPUs on Path B.\n";
    // What the sets cannot carry stays off at the start: 90 % of their rating less what runs for itself.
    let carried = (((0.9 * sets as f64 * rated_kw - 5.0) / 3.5).max(0.0) as u64).min(miners);
    let on = |i: u64| carried / sections + u64::from(i < carried % sections);
    plant += &list("miners", miners, sections, |i, n| {
        let on = if carried < miners { format!(", on_at_start: {}", on(i).min(n)) } else { String::new() };
        let (name, section) = (named("miners", i, sections), section(i, sections));
        format!("(name: \"{name}\"{section}, library: \"s21\", units: {n}{on})")
    });
    plant += &list("bess", u64::from(bess_kva > 0.0), 1, |_, _| {
        let kva_and_kwh = format!("rated_kva: {bess_kva:?}, energy_kwh: {bess_kva:?}");
        format!("(name: \"B1\"{}, library: \"generic-100\", {kva_and_kwh})", section(0, sections))
    });
    let (path, confirm) = if miners > 0 {
        let why = "// A miner in twenty takes longer than 3 s to switch off: wait 15 s for it before the schedule holds.\n    ";
        ("shed, shed_mode: match_confirmed, confirm_timeout_s: 15.0", why)
    } else {
        ("ramp", "")
    };
    format!(
        "// A plant of one's own, begun by `ballast new`. What is left out has the value of the built-in plant.\n(\n    \
         purpose: \"Bring-up of {gpus} GPUs on {sets} x {rated_kw} kW\",\n    run_s: 600.0,\n    plant: (\n{plant}        \
         // Relays that the console shows: under- and overfrequency, voltage, ROCOF, reverse power, overload.\n        \
         relays: console,\n        // Staged load shedding as the engine preset has it; `off` for none.\n        \
         shedding: domain,\n    ),\n    // `recommended` takes batch, step and ramp limits from the engine's preset; single values may follow.\n    \
         {confirm}policy: (set: recommended, path: {path}, ceiling_pu: 0.95, start_at_s: 5.0),\n)\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn answered(text: &str) -> Result<[f64; 6], String> {
        ask(&mut text.as_bytes(), &mut Vec::new(), false)
    }

    #[test]
    fn no_answer_is_what_stands_in_brackets() {
        assert_eq!(answered(""), Ok(QUESTIONS.map(|q| q.default)));
        assert_eq!(answered("2\n\n0\n").map(|a| a[..4].to_vec()), Ok(vec![2.0, 1000.0, 0.0, 143.0]));
    }

    #[test]
    fn a_bad_answer_says_what_would_be_right_and_is_asked_again_at_a_terminal() {
        let why = "Gensets, how many: a whole number from 1 to 16, not 1.5";
        assert_eq!(answered("1.5\n"), Err(why.to_owned()));
        let mut asked = Vec::new();
        let got = ask(&mut "1.5\nNaN\n3\n".as_bytes(), &mut asked, true);
        assert_eq!(got.map(|a| a[0]), Ok(3.0));
        assert_eq!(String::from_utf8_lossy(&asked).matches("Gensets, how many [1]: ").count(), 3);
    }

    #[test]
    fn the_powers_in_the_questions_are_the_library_s() -> Result<(), Box<dyn std::error::Error>> {
        let made = Scenario::from_str("new", "new", &scenario(&[1.0, 1000.0, 10.0, 10.0, 0.0, 1.0]), None)?;
        let said = |kw: f64| QUESTIONS.iter().any(|q| q.ask.contains(&format!("of {kw} kW")));
        assert!(said(made.plant.gpus[0].full_kw) && said(made.plant.miners[0].unit_kw));
        Ok(())
    }

    proptest! {
        /// Whatever is answered within the ranges is a plant that the program takes, with all that was asked for.
        #[test]
        fn every_plant_passes_the_check(
            sets in 1_u32..=16, rated in 50.0..20_000.0, gpus in 0_u32..5000, miners in 0_u32..5000,
            bess in prop_oneof![Just(0.0), 10.0..10_000.0], sections in 1_u32..=2,
        ) {
            let answers = [f64::from(sets), rated, f64::from(gpus), f64::from(miners), bess, f64::from(sections)];
            let made = Scenario::from_str("new", "new", &scenario(&answers), None);
            let made = made.map_err(|e| TestCaseError::fail(e.to_string()))?;
            prop_assert_eq!(made.plant.gensets.len(), sets as usize);
            prop_assert_eq!(made.plant.gpus.iter().map(|g| g.gpus).sum::<u32>(), gpus);
            prop_assert_eq!(made.plant.miners.iter().map(|m| m.units).sum::<u32>(), miners);
            prop_assert_eq!(made.plant.bess.len(), usize::from(bess > 0.0));
        }
    }
}
