//! Standing interlocks in words, and automatic shedding when a measured limit is passed by half.
//!
//! Each island has its own. An interlock refuses START, RESUME and NEXT BATCH of what that island feeds while it stands. A
//! dead bus or no rating also holds a running schedule; a frequency outside [`F_BAND_PU`] does so when the feedback hold is enabled ("off means that nothing
//! measured holds the schedule"). It never trips anything: that is protection. Powers in kW.
//! Source: operational model 11.3 (safety interlocks).

use std::hash::Hasher;

use super::window::{RAMP_S, Span, Windows};
use super::{IslandReading, Policy};

/// Frequency band of the interlock, pu of f0: 57 to 63 Hz at 60 Hz, the pickup of 81U-1.
pub const F_BAND_PU: f64 = 0.05;
/// A measured step or ramp of this many limits is an interlock and an auto-shed event.
pub const EXCESS: f64 = 1.5;

/// Interlocks that stand now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Standing {
    /// The bus is dead.
    pub bus_dead: bool,
    /// No rating of gensets on the bus, nor of batteries that hold it alone.
    pub no_rating: bool,
    /// Frequency outside the band, Hz.
    pub frequency_hz: Option<f64>,
    /// Measured rise, its limit and the window's name.
    pub rise: Option<(f64, f64, &'static str)>,
}

impl Standing {
    /// Looks at an island.
    #[must_use]
    pub fn of(policy: &Policy, m: &IslandReading, f0_hz: f64, windows: &Windows) -> Self {
        let worst = rises(policy, windows).into_iter().find(|(rise, limit, _)| *rise > EXCESS * limit);
        let out = m.energised && (m.f_hz - f0_hz).abs() > F_BAND_PU * f0_hz;
        Self { bus_dead: !m.energised, no_rating: m.rating_kw <= 0.0, frequency_hz: out.then_some(m.f_hz), rise: worst }
    }

    /// The first one in words, if any; it refuses commands.
    #[must_use]
    pub fn first(&self) -> Option<String> {
        self.words().into_iter().next()
    }

    /// Whether a running schedule must hold.
    #[must_use]
    pub fn holds(&self, policy: &Policy) -> bool {
        let f = self.frequency_hz.is_some() && policy.hold.enabled;
        self.bus_dead || self.no_rating || f
    }

    /// All in words.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let mut out = Vec::new();
        if self.bus_dead {
            out.push("bus dead".to_owned());
        }
        if self.no_rating {
            out.push("no source with a rating on the bus".to_owned());
        }
        if let Some(f) = self.frequency_hz {
            out.push(format!("frequency {f:.2} Hz out of band"));
        }
        if let Some((rise, limit, name)) = self.rise {
            out.push(format!("measured rise {rise:.1} kW in {name}, limit {limit:.1} kW"));
        }
        out
    }
}

/// Measured rises with their limits, kW; the ramp as kW within its 5 s.
fn rises(policy: &Policy, windows: &Windows) -> [(f64, f64, &'static str); 4] {
    [
        (windows.rise_kw(Span::Ms100), policy.window_100ms_kw, "100 ms"),
        (windows.rise_kw(Span::S1), policy.window_1s_kw, "1 s"),
        (windows.rise_kw(Span::S10), policy.window_10s_kw, "10 s"),
        (windows.ramp_kw_per_s() * RAMP_S, policy.ramp_limit_kw_per_s * RAMP_S, "5 s"),
    ]
}

/// Sheds once per event.
#[derive(Clone, Copy, Debug, Default)]
pub struct AutoShed {
    tripped: bool,
}

impl AutoShed {
    /// kW above the limit at the start of an event (a measured limit passed by half), with the window's name; `None`
    /// otherwise. It arms again when every window is back within its limit.
    pub fn excess_kw(&mut self, policy: &Policy, windows: &Windows) -> Option<(f64, &'static str)> {
        let all = rises(policy, windows);
        if self.tripped {
            self.tripped = all.iter().any(|(rise, limit, _)| rise > limit);
            return None;
        }
        self.tripped = all.iter().any(|(rise, limit, _)| *rise > EXCESS * limit);
        let over = all.into_iter().filter(|(rise, limit, _)| *rise > EXCESS * limit);
        over.map(|(rise, limit, name)| (rise - limit, name)).reduce(|a, b| if b.0 > a.0 { b } else { a })
    }

    /// Feeds the state to a hash.
    pub fn hash_into(&self, h: &mut impl Hasher) {
        h.write_u8(u8::from(self.tripped));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> IslandReading {
        let m = IslandReading { f_hz: 60.0, v_pu: 1.0, kw: 500.0, rating_kw: 1000.0, ..IslandReading::default() };
        IslandReading { energised: true, ..m }
    }

    #[test]
    fn each_interlock_has_its_words() {
        let p = Policy::recommended(1000.0, Vec::new(), 16.0);
        let w = Windows::new();
        let table = [
            (good(), "", false),
            (IslandReading { energised: false, ..good() }, "bus dead", true),
            (IslandReading { rating_kw: 0.0, ..good() }, "no source with a rating on the bus", true),
            (IslandReading { f_hz: 56.9, ..good() }, "frequency 56.90 Hz out of band", true),
        ];
        for (m, words, holds) in table {
            let s = Standing::of(&p, &m, 60.0, &w);
            assert_eq!(s.first().unwrap_or_default(), words);
            assert_eq!(s.holds(&p), holds, "{words}");
        }
        let source = Policy::source(1000.0, Vec::new(), 16.0);
        assert!(!Standing::of(&source, &IslandReading { f_hz: 50.0, ..good() }, 60.0, &w).holds(&source));
    }

    #[test]
    fn auto_shed_fires_once_per_event() {
        let p = Policy::recommended(1000.0, Vec::new(), 16.0);
        let (mut w, mut a) = (Windows::new(), AutoShed::default());
        (0..2000).for_each(|_| w.push(500.0));
        w.push(514.0);
        assert_eq!(a.excess_kw(&p, &w), None, "14 kW in 100 ms is past 10 but not by half");
        w.push(600.0);
        assert_eq!(
            Standing::of(&p, &good(), 60.0, &w).first(),
            Some("measured rise 100.0 kW in 100 ms, limit 10.0 kW".into())
        );
        let (kw, name) = a.excess_kw(&p, &w).unwrap();
        assert_eq!((kw, name), (90.0, "100 ms"));
        assert_eq!(a.excess_kw(&p, &w), None);
        (0..2000).for_each(|_| w.push(600.0));
        assert_eq!(a.excess_kw(&p, &w), None);
        w.push(700.0);
        assert!(a.excess_kw(&p, &w).is_some());
    }
}
