//! What the source documents claim, what the program finds, for which engine, and the command that shows it
//! (`assets/manual/claims.ron`).

use std::sync::LazyLock;

use serde::Deserialize;

use super::table;
use crate::report::compare::figures::FIGURES;
use crate::text;

/// A claim with its verdict.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Document that it stands in.
    pub source: String,
    /// The claim, shortened.
    pub claim: String,
    /// What holds of it.
    pub verdict: Verdict,
    /// What was found, with the engine preset that it holds for.
    pub finding: String,
    /// Commands that show it, without the program's name.
    pub show: Vec<String>,
    /// Runs that the finding rests on.
    pub figures: Vec<Figure>,
}

/// A figure of a run: shipped scenario, engine preset, key of `run --json`, value, and whether no relay trips.
#[derive(Clone, Debug, Deserialize)]
pub struct Figure(pub String, pub String, pub String, pub f64, pub bool);

impl Figure {
    /// As the page prints it, with the label and unit of the comparison's table.
    #[must_use]
    pub fn words(&self) -> String {
        let Self(scenario, preset, key, value, survives) = self;
        let row = FIGURES.iter().find(|f| f.key == key);
        let (label, unit) = row.map_or((key.as_str(), ""), |f| (f.label, f.unit));
        let end = if *survives { "" } else { ", trips" };
        format!("{scenario}, {preset}: {} {value:.2} {unit}{end}", label.to_lowercase())
    }
}

/// What holds of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Verdict {
    /// As it is said.
    Holds,
    /// Under the conditions that the finding names.
    Partly,
    /// Not in the model, or not by arithmetic.
    Fails,
}

impl Verdict {
    /// In words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Partly => "in part",
            Self::Fails => "does not hold",
        }
    }
}

/// All claims.
///
/// # Errors
/// If the file in the program is not sound; a test keeps it so.
pub fn claims() -> Result<&'static [Claim], String> {
    static CLAIMS: LazyLock<Result<Vec<Claim>, String>> = LazyLock::new(|| {
        let path = "assets/manual/claims.ron";
        text::parse(include_str!("../../../assets/manual/claims.ron"), path).map_err(|e| e.to_string())
    });
    CLAIMS.as_deref().map_err(Clone::clone)
}

pub(super) fn section(claims: &[Claim]) -> String {
    let lines = claims.iter().map(|c| {
        let show: Vec<String> = c.show.iter().map(|s| format!("ballast {s}")).collect();
        let figures: Vec<String> = c.figures.iter().map(Figure::words).collect();
        let verdict = c.verdict.word().to_owned();
        vec![c.claim.clone(), c.source.clone(), verdict, c.finding.clone(), figures.join("; "), show.join("; ")]
    });
    "<p>The documents that the plant is drawn from contradict each other in places, and some of their figures do not survive a \
     check. Each verdict is this model's, for the engine preset named; none is a measurement of your engine.</p>"
        .to_owned()
        + &table(&["claim", "source", "verdict", "found", "figures", "see for yourself"], lines)
}
