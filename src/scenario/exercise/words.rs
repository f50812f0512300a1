//! Lines of an exercise in words, there and back: what a table shows can be typed again.
//!
//! ```text
//! when = "at" TIME | "on" EVENT | "by hand" | a condition of `scenario::trigger`
//! what = CODE [DEVICE] SEVERITY "%" { "," ("ramp" | "delay" | "for") TIME }     M07 miners 40 %, ramp 5 s, for 60 s
//!      | "clear" CODE [DEVICE] | ("hint" | "warning" | "note" | "end") ":" TEXT
//! ```
//!
//! Times in s. An act on the plant has words, but cannot be typed: its buttons are in the field.

use super::{Do, Goal, When};
use crate::scenario::trigger::{Trigger, parse};

/// What a line may say, for an error.
const EXPECTED: &str = "such as `M07 miners 40 %, ramp 5 s` or `hint: text`";

impl When {
    /// For a table.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::T(t) => format!("at {t} s"),
            // A comparison reads better with its word before it.
            Self::When(text) if parse(text).is_ok_and(|t| matches!(t, Trigger::When { .. })) => {
                format!("when {}", text.trim_start_matches("when "))
            }
            Self::When(text) => text.clone(),
            Self::On(event) => Trigger::After(event.clone(), 0.0).to_string().replacen("after", "on", 1),
            Self::Hand => "by hand".to_owned(),
        }
    }

    /// From the words of a table.
    ///
    /// # Errors
    /// What is wrong, and what was expected.
    pub fn from_words(text: &str) -> Result<Self, (String, String)> {
        let text = text.trim();
        if text == "by hand" {
            return Ok(Self::Hand);
        }
        match parse(text) {
            Ok(Trigger::At(t)) => Ok(Self::T(t)),
            Ok(Trigger::After(event, 0.0)) => Ok(Self::On(event)),
            Ok(_) => Ok(Self::When(text.to_owned())),
            Err(e) => Err((format!("{} at column {}", e.what, e.column), e.expected.to_owned())),
        }
    }
}

impl Do {
    /// For a table.
    #[must_use]
    pub fn words(&self) -> String {
        let on = |device: &Option<String>| device.as_ref().map_or_else(String::new, |d| format!(" {d}"));
        match self {
            Self::Malf { m, device, sev, ramp_s, delay_s, for_s } => {
                let mut words = format!("{m}{} {} %", on(device), (sev * 1e6).round() / 1e4);
                for (name, v) in [("ramp", *ramp_s), ("delay", *delay_s), ("for", for_s.unwrap_or(0.0))] {
                    if v > 0.0 {
                        words += &format!(", {name} {v} s");
                    }
                }
                words
            }
            Self::Clear { m, device } => format!("clear {m}{}", on(device)),
            Self::Act(op) => format!("act: {}", op.words()),
            Self::Hint(text) => format!("hint: {text}"),
            Self::Warn(text) => format!("warning: {text}"),
            Self::Note(text) => format!("note: {text}"),
            Self::End { mark } => format!("end: {mark}"),
        }
    }

    /// From the words of a table.
    ///
    /// # Errors
    /// What is wrong, and what was expected.
    pub fn from_words(text: &str) -> Result<Self, (String, String)> {
        let text = text.trim();
        if let Some((word, rest)) = text.split_once(':') {
            let rest = rest.trim().to_owned();
            let said: fn(String) -> Self = match word.trim() {
                "hint" => Self::Hint,
                "warning" => Self::Warn,
                "note" => Self::Note,
                "end" => |mark| Self::End { mark },
                _ => return Err((format!("nothing is called `{}`", word.trim()), EXPECTED.to_owned())),
            };
            return if rest.is_empty() { Err(("no text".to_owned(), EXPECTED.to_owned())) } else { Ok(said(rest)) };
        }
        if let Some(rest) = text.strip_prefix("clear ") {
            let (m, device) = rest.trim().split_once(' ').unwrap_or((rest.trim(), ""));
            return Ok(Self::Clear { m: m.to_owned(), device: named(device) });
        }
        malfunction(text)
    }
}

fn named(device: &str) -> Option<String> {
    Some(device.trim()).filter(|d| !d.is_empty()).map(str::to_owned)
}

fn malfunction(text: &str) -> Result<Do, (String, String)> {
    let wrong = |what: String| (what, EXPECTED.to_owned());
    let mut parts = text.split(',').map(str::trim);
    let head = parts.next().unwrap_or_default();
    let (m, rest) = head.split_once(' ').ok_or_else(|| wrong(format!("`{head}` says too little")))?;
    let rest = rest.trim().strip_suffix('%').ok_or_else(|| wrong("no severity in %".to_owned()))?.trim();
    let (device, percent) = rest.rsplit_once(' ').unwrap_or(("", rest));
    let percent: f64 = percent.parse().map_err(|_| wrong(format!("`{percent}` is no severity")))?;
    let mut times = [0.0; 3];
    for part in parts {
        let (name, time) = part.split_once(' ').unwrap_or((part, ""));
        let time = time.trim().trim_end_matches('s').trim();
        let place = ["ramp", "delay", "for"].iter().position(|n| *n == name);
        match (place, time.parse::<f64>()) {
            (Some(k), Ok(s)) if s.is_finite() => times[k] = s,
            _ => return Err(wrong(format!("`{part}` is no ramp, delay or duration"))),
        }
    }
    let [ramp_s, delay_s, for_s] = times;
    let for_s = Some(for_s).filter(|s| *s != 0.0);
    Ok(Do::Malf { m: m.to_owned(), device: named(device), sev: percent / 100.0, ramp_s, delay_s, for_s })
}

impl Goal {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Gpu { kw, within_s, hold_s } => format!("GPU {kw:.0} kW within {within_s:.0} s, held {hold_s:.0} s"),
            Self::NoTrip => "no trip".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{builtin_scenario, exercises};

    #[test]
    fn what_the_table_shows_can_be_typed_again() {
        let mut lines = 0;
        for (name, _) in exercises() {
            let s = builtin_scenario(name).unwrap().unwrap();
            for item in s.exercise.unwrap().items {
                let (at, act) = (item.at.words(), item.act.words());
                let again = When::from_words(&at).map(|w| w.words());
                assert_eq!((again, Do::from_words(&act)), (Ok(at), Ok(item.act)), "{name}");
                lines += 1;
            }
        }
        assert!(lines > 12, "{lines} lines");
        let whole = "M05.3 52C gpu 12.5 %, ramp 5 s, delay 1.5 s, for 60 s";
        assert_eq!(Do::from_words(whole).map(|d| d.words()), Ok(whole.to_owned()));
        assert_eq!(When::from_words("on \"81U-1 G1\""), Ok(When::On("81U-1 G1".into())));
        assert_eq!(When::from_words("at 1 min"), Ok(When::T(60.0)));
    }

    #[test]
    fn a_line_that_says_nothing_is_refused_with_its_reason() {
        for (text, reason) in [
            ("", "too little"),
            ("M07", "too little"),
            ("M07 miners", "severity"),
            ("M07 miners x %", "`x`"),
            ("M07 40 %, soon", "soon"),
            ("M07 40 %, ramp inf s", "ramp"),
            ("hint:", "no text"),
            ("shout: hey", "shout"),
        ] {
            assert!(Do::from_words(text).is_err_and(|(what, _)| what.contains(reason)), "{text}");
        }
        assert!(When::from_words("gpu_kw >").is_err_and(|(what, _)| what.contains("column")));
    }
}
