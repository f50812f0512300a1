//! The verdict in sentences, by rules: what the numbers say, what would turn it, or that it is not decided. Never a guess.

use super::estimate::Interval;

/// An assumption whose range holds the value at which the answer turns.
#[derive(Clone, Debug, PartialEq)]
pub struct Flip {
    /// What it is.
    pub what: String,
    /// Unit.
    pub unit: String,
    /// Where the answer turns.
    pub at: f64,
    /// What was assumed.
    pub assumed: f64,
    /// The battery pays above it; else below.
    pub above: bool,
    /// Whether the assumption is a guess.
    pub guess: bool,
    /// Where it comes from.
    pub source: String,
}

/// What the sentences are made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Engine.
    pub engine: String,
    /// Years looked ahead.
    pub years: f64,
    /// Net present value of B against A, $.
    pub npv: Interval,
    /// What makes most of it.
    pub mainly: String,
    /// By how far the value swings over their range, the widest first.
    pub flips: Vec<Flip>,
    /// Trips a year that B would have to save beyond what it does.
    pub trips_fewer: f64,
    /// Class of which more runs would decide, and how many.
    pub undecided: (String, u64),
    /// Trips a year without a battery, and with.
    pub trips: [Interval; 2],
    /// Size of the battery, kW.
    pub kw: f64,
    /// Classes that trip under every size that was tried.
    pub not_covered: Vec<String>,
    /// Other engines: name, of how many draws the sign is the same, of how many.
    pub engines: Vec<(String, u32, u32)>,
}

/// `$287.0k`, `$1.20M`, `$950`; signs stand before.
#[must_use]
pub fn dollars(v: f64) -> String {
    let (sign, a) = (if v < 0.0 { "−" } else { "" }, v.abs());
    match a {
        a if a >= 999_950.0 => format!("{sign}${:.2}M", a / 1e6),
        a if a >= 1000.0 => format!("{sign}${:.1}k", a / 1e3),
        a => format!("{sign}${a:.0}"),
    }
}

/// A number with three digits that count.
fn short(v: f64) -> String {
    if v == 0.0 || !v.is_finite() {
        return v.to_string();
    }
    let places = (2 - v.abs().log10().floor() as i32).clamp(0, 6) as usize;
    format!("{v:.places$}")
}

/// The sentences, the conclusion first.
#[must_use]
pub fn sentences(f: &Facts) -> Vec<String> {
    let mut out = vec![conclusion(f)];
    let [without, with] = f.trips;
    let mut second =
        format!("Without a battery {} trips a year; with {:.0} kW {}.", without.words(2), f.kw, with.words(2));
    if !f.not_covered.is_empty() {
        second += &format!(" Not covered by any size tried: {}.", f.not_covered.join(", "));
    }
    out.push(second);
    if !f.engines.is_empty() {
        let each: Vec<String> =
            f.engines.iter().map(|(name, same, of)| format!("{same} of {of} engines around {name}")).collect();
        out.push(format!("The sign holds for {}.", each.join(", ")));
    }
    out
}

fn conclusion(f: &Facts) -> String {
    let certain = f.npv.lo > 0.0 || f.npv.hi < 0.0;
    if !certain {
        let (class, n) = &f.undecided;
        return format!("Not decided on {}: {n} more runs of class {class} would decide.", f.engine);
    }
    if let Some((first, rest)) = f.flips.split_first() {
        let side = if first.above { "above" } else { "below" };
        let unit = if first.unit.is_empty() { String::new() } else { format!(" {}", first.unit) };
        let guess = if first.guess { ", a guess" } else { "" };
        let also: Vec<String> = rest.iter().take(2).map(|o| o.what.clone()).collect();
        let also = if also.is_empty() { String::new() } else { format!("; also depends on {}", also.join(", ")) };
        return format!(
            "B pays on {} when {} is {side} {}{unit} (assumed {}{guess}){also}.",
            f.engine,
            first.what,
            short(first.at),
            short(first.assumed)
        );
    }
    if f.npv.lo > 0.0 {
        return format!(
            "B pays on {}: saves {} [{}, {}] over {:.0} years, mainly by {}.",
            f.engine,
            dollars(f.npv.value),
            dollars(f.npv.lo),
            dollars(f.npv.hi),
            f.years,
            f.mainly
        );
    }
    format!(
        "B does not pay on {}: costs {} more; it would take {} trips a year fewer.",
        f.engine,
        dollars(-f.npv.value),
        short(f.trips_fewer)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts {
        Facts {
            engine: "lean-slow".to_owned(),
            years: 10.0,
            npv: Interval { value: 287_000.0, lo: 210_000.0, hi: 361_000.0 },
            mainly: "trips saved".to_owned(),
            flips: Vec::new(),
            trips_fewer: 0.0,
            undecided: ("job crash".to_owned(), 4536),
            trips: [Interval { value: 45.1, lo: 34.5, hi: 56.5 }, Interval { value: 1.35, lo: 1.0, hi: 5.2 }],
            kw: 50.0,
            not_covered: Vec::new(),
            engines: Vec::new(),
        }
    }

    fn flip(what: &str, at: f64, assumed: f64, above: bool) -> Flip {
        Flip {
            what: what.to_owned(),
            unit: "$/GPU-hour".to_owned(),
            at,
            assumed,
            above,
            guess: true,
            source: "x".to_owned(),
        }
    }

    #[test]
    fn t13_one_golden_text_for_each_rule() {
        let first = |f: &Facts| sentences(f)[0].clone();
        assert_eq!(
            first(&facts()),
            "B pays on lean-slow: saves $287.0k [$210.0k, $361.0k] over 10 years, mainly by trips saved."
        );
        let dear = Facts { npv: Interval { value: -326e3, lo: -400e3, hi: -250e3 }, trips_fewer: 22.97, ..facts() };
        assert_eq!(
            first(&dear),
            "B does not pay on lean-slow: costs $326.0k more; it would take 23.0 trips a year fewer."
        );
        let flips = vec![
            flip("GPU-hour", 1.2, 2.35, true),
            flip("discount rate", 0.09, 0.0624, false),
            flip("horizon", 7.0, 10.0, true),
            flip("other", 1.0, 2.0, true),
        ];
        let turns = Facts { flips, ..facts() };
        assert_eq!(
            first(&turns),
            "B pays on lean-slow when GPU-hour is above 1.20 $/GPU-hour (assumed 2.35, a guess); also depends on discount rate, horizon."
        );
        let open = Facts { npv: Interval { value: 10e3, lo: -5e3, hi: 30e3 }, ..facts() };
        assert_eq!(first(&open), "Not decided on lean-slow: 4536 more runs of class job crash would decide.");
    }

    #[test]
    fn t13_the_second_sentence_is_always_there_and_other_engines_are_named() {
        let unseen = Interval { value: 0.0, lo: 0.0, hi: 3.7 };
        let f = Facts { trips: [facts().trips[0], unseen], not_covered: vec!["feeder trip".to_owned()], ..facts() };
        assert_eq!(
            sentences(&f)[1],
            "Without a battery 45.10 [34.50, 56.50] trips a year; with 50 kW < 3.70. Not covered by any size tried: feeder trip."
        );
        let f =
            Facts { engines: vec![("lean-slow".to_owned(), 20, 20), ("lean-default".to_owned(), 3, 20)], ..facts() };
        assert_eq!(
            sentences(&f)[2],
            "The sign holds for 20 of 20 engines around lean-slow, 3 of 20 engines around lean-default."
        );
        assert_eq!([dollars(-1953.0), dollars(12.0), dollars(2.5e6)], ["−$2.0k", "$12", "$2.50M"]);
    }
}
