//! Answers of the cgminer API in numbers: `summary`, `stats` and `devs` of miners of several makers.
//!
//! It knows the quirks of the field: an answer ends with NUL or without, and is read as [`json`] reads it; numbers may be
//! texts, a missing chain is an empty text. What a miner does not say is none, never 0.
//! Reference: API-README of cgminer; WhatsMiner API 2.0.5.

use serde_json::Value;

use super::{json, number};

/// Longest answer that is read, bytes.
pub const MAX_ANSWER: usize = 1 << 20;

/// Reports that an answer may hold.
const REPORTS: [&str; 4] = ["SUMMARY", "POWER", "STATS", "DEVS"];

/// What one miner says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Miner {
    /// Time of the answer by its own clock, s since 1970.
    pub when_s: Option<f64>,
    /// Hash rate over the last seconds, TH/s.
    pub rate_ths: Option<f64>,
    /// Electrical power, W.
    pub power_w: Option<f64>,
    /// The power is a model of the miner's firmware, not a measurement.
    pub estimated: bool,
    /// Highest chip temperature, °C.
    pub chip_c: Option<f64>,
    /// Time since its start, s.
    pub uptime_s: Option<f64>,
    /// Chains that hash.
    pub chains: Option<u32>,
}

/// Why an answer gives no miner.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// Not JSON.
    #[error("the answer is not JSON: {0}")]
    NotJson(String),
    /// The miner refuses, in its words.
    #[error("the miner refuses: {0}")]
    Refused(String),
    /// An answer, but to another question.
    #[error("the answer holds no report")]
    NoReport,
    /// Longer than [`MAX_ANSWER`].
    #[error("the answer is longer than 1 MB")]
    TooLong,
}

/// Reads one answer.
///
/// # Errors
/// [`Trouble`] if it is no JSON or a refusal.
pub fn read(answer: &[u8]) -> Result<Miner, Trouble> {
    if answer.len() > MAX_ANSWER {
        return Err(Trouble::TooLong);
    }
    let json = json::read(answer).map_err(Trouble::NotJson)?;
    let mut m = Miner::default();
    // Some firmware refuses with the status in the open, not in a list.
    let status = first(&json, "STATUS").unwrap_or(&json);
    if matches!(text_of(status, "STATUS"), Some("E" | "F")) {
        return Err(Trouble::Refused(text_of(status, "Msg").unwrap_or("no reason given").to_owned()));
    }
    if !REPORTS.iter().any(|r| first(&json, r).is_some()) {
        return Err(Trouble::NoReport);
    }
    m.when_s = number(status, "When");
    if let Some(s) = first(&json, "SUMMARY") {
        let ghs = number(s, "GHS 5s").or_else(|| number(s, "GHS av"));
        let mhs = number(s, "MHS 5s").or_else(|| number(s, "MHS av"));
        m.rate_ths = ghs.map(|g| g / 1.0e3).or(mhs.map(|m| m / 1.0e6));
        m.power_w = number(s, "Power_RT").or_else(|| number(s, "Power"));
        m.chip_c = number(s, "Chip Temp Max").or_else(|| number(s, "Chip Temp Avg"));
        m.uptime_s = number(s, "Elapsed");
    }
    if let Some(p) = first(&json, "POWER") {
        m.power_w = number(p, "Watts").or(m.power_w);
        m.estimated = p.get("PSU").and_then(Value::as_bool) == Some(false);
    }
    for s in list(&json, "STATS") {
        let chips = (1..=16).filter_map(|n| text_of(s, &format!("temp_chip{n}")));
        m.chip_c = highest(chips.flat_map(|t| t.split('-')).filter_map(finite).chain(m.chip_c));
        let rates: Vec<f64> = (1..=16).filter_map(|n| number(s, &format!("chain_rate{n}"))).collect();
        if !rates.is_empty() {
            m.chains = Some(rates.iter().filter(|r| **r > 0.0).count() as u32);
        }
        m.uptime_s = m.uptime_s.or_else(|| number(s, "Elapsed"));
    }
    let devs = list(&json, "DEVS");
    if !devs.is_empty() {
        m.chains = Some(devs.iter().filter(|d| text_of(d, "Status") == Some("Alive")).count() as u32);
        m.chip_c = highest(devs.iter().filter_map(|d| number(d, "Chip Temp Max")).chain(m.chip_c));
    }
    Ok(m)
}

fn list<'a>(json: &'a Value, name: &str) -> &'a [Value] {
    json.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn first<'a>(json: &'a Value, name: &str) -> Option<&'a Value> {
    list(json, name).first()
}

fn text_of<'a>(json: &'a Value, name: &str) -> Option<&'a str> {
    json.get(name).and_then(Value::as_str)
}

fn number(json: &Value, name: &str) -> Option<f64> {
    json::number(json.get(name)?).filter(|x| x.is_finite())
}

fn finite(text: &str) -> Option<f64> {
    number::parse(text).filter(|x| x.is_finite())
}

fn highest(values: impl Iterator<Item = f64>) -> Option<f64> {
    values.reduce(f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_makes_are_read() {
        let antminer = read(
            br#"{"STATUS":[{"STATUS":"S","When":1700000000,"Code":11}],"SUMMARY":[{"Elapsed":86,"GHS 5s":"200123.4","GHS av":199000.0}]}"#,
        );
        let m = antminer.unwrap();
        assert_eq!((m.rate_ths, m.power_w, m.when_s), (Some(200.1234), None, Some(1.7e9)));
        let whatsminer = read(b"{\"STATUS\":[{\"STATUS\":\"S\"}],\"SUMMARY\":[{\"MHS av\":110000000.0,\"Power\":3300,\"Chip Temp Avg\":71.5}]}\0junk");
        let m = whatsminer.unwrap();
        assert_eq!((m.rate_ths, m.power_w, m.chip_c), (Some(110.0), Some(3300.0), Some(71.5)));
        let luxos = read(br#"{"STATUS":[{"STATUS":"S"}],"POWER":[{"PSU":false,"Watts":3412}]}"#).unwrap();
        assert_eq!((luxos.power_w, luxos.estimated), (Some(3412.0), true));
    }

    #[test]
    fn quirks_of_the_field_are_met() {
        // no comma between two objects; braces in a text; a chain that is not there
        let stats = br#"{"STATUS":[{"STATUS":"S","Msg":"a}{b"}],"STATS":[{"Type":"S19"}{"Elapsed":5,"temp_chip1":"78-50-69-70","temp_chip2":"","chain_rate1":"33123.5","chain_rate2":"33000","chain_rate3":""}],"id":1}"#;
        let m = read(stats).unwrap();
        assert_eq!((m.chip_c, m.chains, m.uptime_s), (Some(78.0), Some(2), Some(5.0)));
        let denied = read(br#"{"STATUS":[{"STATUS":"E","Code":45,"Msg":"Access denied"}]}"#);
        assert_eq!(denied, Err(Trouble::Refused("Access denied".to_owned())));
        let plain = read(br#"{"STATUS":"E","When":1764468000,"Code":14,"Msg":"invalid cmd"}"#);
        assert_eq!(plain, Err(Trouble::Refused("invalid cmd".to_owned())), "the status in the open");
        assert_eq!(read(br#"{"STATUS":[{"STATUS":"S"}],"id":1}"#), Err(Trouble::NoReport), "no answer is not zero");
        let odd = read(b"{\"SUMMARY\":[{\"Power\":3310,\"Pool Stale%\":nan,\"Debug\":\"fan\n1\",}],\"id\":1}");
        assert_eq!(odd.unwrap().power_w, Some(3310.0));
        assert!(matches!(read(b"{\"SUMMARY\":["), Err(Trouble::NotJson(_))));
        assert_eq!(read(&vec![b' '; MAX_ANSWER + 1]), Err(Trouble::TooLong));
    }

    proptest! {
        #[test]
        fn no_answer_panics(b in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(m) = read(&b) {
                prop_assert!(m.power_w.is_none_or(f64::is_finite));
            }
        }

        #[test]
        fn numbers_are_finite(x in "-?[0-9]{1,3}(e[0-9]{1,4})?|NaN|inf|-Infinity") {
            let text = format!("{{\"SUMMARY\":[{{\"Power\":\"{x}\"}}]}}");
            if let Ok(m) = read(text.as_bytes()) {
                prop_assert!(m.power_w.is_none_or(f64::is_finite));
            }
        }
    }
}
