//! What a comparison comes to, in one sentence: of the run that dips least beside A, how deep, how fast, at what price.

use super::Comparison;
use super::run::Run;

/// Differences below these say nothing: s and kWh.
const SAME: [f64; 2] = [0.5, 0.5];

/// The sentence; none for one run.
pub(super) fn of(c: &Comparison) -> Option<String> {
    let (a, rest) = c.runs.split_first()?;
    let depth = |r: &Run| r.figure("deviation_worst_pct").map_or(f64::INFINITY, f64::abs);
    let other = rest.iter().min_by(|x, y| depth(x).total_cmp(&depth(y)))?;
    let tripped = |r: &Run| r.figure("trips_count").is_some_and(|n| n > 0.0);
    let name = &other.name;
    match [tripped(a), tripped(other)] {
        [true, true] => return Some(format!("{} and {name} both trip.", a.name)),
        [true, false] => return Some(format!("{} trips, {name} does not.", a.name)),
        [false, true] => return Some(format!("{name} trips, {} does not.", a.name)),
        [false, false] => {}
    }
    let mut parts = vec![format!("{name} leaves nominal by {:.2} %, {} by {:.2} %", depth(other), a.name, depth(a))];
    let both = |key| Some([a.figure(key)?, other.figure(key)?]);
    match (a.figure("time_to_target_s"), other.figure("time_to_target_s")) {
        (Some(of_a), Some(of_b)) if (of_b - of_a).abs() < SAME[0] => parts.push("both are as fast".to_owned()),
        (Some(of_a), Some(of_b)) => {
            let word = if of_b < of_a { "faster" } else { "slower" };
            parts.push(format!("it is {:.1} s {word} ({of_b:.1} against {of_a:.1} s)", (of_b - of_a).abs()));
        }
        (Some(_), None) => parts.push("it does not reach its target".to_owned()),
        (None, Some(_)) => parts.push(format!("{} does not reach its target", a.name)),
        (None, None) => {}
    }
    if let Some([of_a, of_b]) = both("mining_lost_kwh")
        && (of_b - of_a).abs() > SAME[1]
    {
        let word = if of_b > of_a { "more" } else { "less" };
        parts.push(format!("it loses {:.0} kWh of mining {word}", (of_b - of_a).abs()));
    }
    if !c.end.alike {
        parts.push("their ends differ, so energies do not compare".to_owned());
    }
    Some(parts.join("; ") + ".")
}
