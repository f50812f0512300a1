//! `ballast study`: questions about a site. 0 when it computed what was asked, whatever came out.

mod bess;
mod site;

use clap::{Args, Subcommand};

use super::Outcome;

/// Arguments of `ballast study`.
#[derive(Args)]
pub struct StudyArgs {
    #[command(subcommand)]
    study: Study,
}

#[derive(Subcommand)]
enum Study {
    /// A small battery with simple control against tight control without one: trips and money of a year of random events
    Bess(Box<bess::BessArgs>),
    /// How many units a campus takes and why, how often it falls short, which steps it must take
    Size(site::SiteArgs),
    /// What a synchronous load does to power: lines, layers, racks of yesterday and tomorrow, what to reserve today
    Pulse(site::SiteArgs),
    /// Filling the troughs of a synchronous load, or storing them: energy, money, break-even
    Dummy(site::SiteArgs),
}

/// `ballast study`.
pub fn study(a: &StudyArgs) -> Outcome {
    match &a.study {
        Study::Bess(a) => bess::bess(a),
        Study::Size(a) => site::size(a),
        Study::Pulse(a) => site::pulse(a),
        Study::Dummy(a) => site::dummy(a),
    }
}

/// A cost file, or a shipped one by its name.
fn costs(name: &str) -> Result<crate::planner::costs::Costs, String> {
    use crate::planner::costs::Costs;
    let path = std::path::Path::new(name);
    if path.extension().is_none() && !path.exists() {
        return Costs::shipped(name);
    }
    let text = crate::text::load(path).map_err(|e| e.to_string())?;
    Costs::read(&text, name).map_err(|e| e.to_string())
}
