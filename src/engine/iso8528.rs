//! How a set answers a disturbance, in the terms of ISO 8528-5: dip or rise, recovery time, class.
//!
//! A disturbance is a load change of more than 5 % of the rating on the bus within 1 s, or the trip of a set. Dip and rise
//! are the largest deviations in per cent of nominal frequency. The recovery time of a class runs from the instant at which
//! the frequency leaves the steady band of that class to the one from which it stays inside its tolerance band; it is zero
//! where the tolerance band is never left. The class is the best whose dip, rise and recovery limits hold.
//!
//! Numbers: performance classes of ISO 8528-5 as catalogues and test instruments quote them: all of G2 and the dip and
//! recovery of G1 to G3 from such tables, tolerance bands of G1 and G2 and rises of G1 and G3 expert defaults. The text of
//! the standard also allows larger dips for gas engines (25, 20, 15 %); they are not used, because what was agreed for a
//! set stands in its contract. It never judges voltage.

use super::sliding::SlidingMax;

/// Limits of a performance class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Class {
    /// Name, `G2`.
    pub name: &'static str,
    /// Largest dip at a load increase, % of nominal.
    pub dip_pct: f64,
    /// Largest rise at a load decrease, % of nominal.
    pub rise_pct: f64,
    /// Longest recovery, s.
    pub recovery_s: f64,
    /// Half the steady-state band, % of nominal: leaving it starts the recovery time.
    pub steady_pct: f64,
    /// Half the tolerance band, % of nominal: staying inside it ends the recovery time.
    pub tolerance_pct: f64,
}

impl Class {
    /// Its number, 3 for G3.
    #[must_use]
    pub fn number(&self) -> u8 {
        CLASSES.iter().position(|c| c == self).map_or(0, |k| (CLASSES.len() - k) as u8)
    }
}

/// From the best to the least.
pub const CLASSES: [Class; 3] = [
    Class { name: "G3", dip_pct: 7.0, rise_pct: 10.0, recovery_s: 3.0, steady_pct: 0.25, tolerance_pct: 2.0 },
    Class { name: "G2", dip_pct: 10.0, rise_pct: 12.0, recovery_s: 5.0, steady_pct: 0.75, tolerance_pct: 2.0 },
    Class { name: "G1", dip_pct: 15.0, rise_pct: 18.0, recovery_s: 10.0, steady_pct: 1.25, tolerance_pct: 3.5 },
];

/// Object of the events that say how a disturbance was answered; their value is the number of the class, 0 for none.
pub const OBJECT: &str = "ISO 8528-5";
/// A load change beyond this share of the rating within [`WINDOW_S`] is a disturbance.
const SHARE: f64 = 0.05;
/// Window of the load change, s.
const WINDOW_S: f64 = 1.0;
/// A disturbance is over when the frequency has been inside every tolerance band for this long, s.
const SETTLED_S: f64 = 5.0;
/// Most disturbances that a run keeps; of later ones only the worst class is kept.
const MOST: usize = 256;

/// Name of the class with this number.
#[must_use]
pub fn name_of(number: u8) -> &'static str {
    let place = CLASSES.len().checked_sub(usize::from(number));
    place.and_then(|k| CLASSES.get(k)).map_or("none", |c| c.name)
}

/// What began a disturbance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// More load.
    LoadUp,
    /// Less load.
    LoadDown,
    /// A set tripped.
    Trip,
}

impl Cause {
    /// Name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LoadUp => "load_up",
            Self::LoadDown => "load_down",
            Self::Trip => "trip",
        }
    }
}

/// A disturbance and the answer to it, as far as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disturbance {
    /// When it began, s; to 10 ms.
    pub t_s: f64,
    /// What it was.
    pub cause: Cause,
    /// Largest change of load from before it, kW, with its sign.
    pub load_kw: f64,
    /// Largest fall below nominal, % of nominal, not negative.
    pub dip_pct: f64,
    /// Largest rise above nominal, % of nominal, not negative.
    pub rise_pct: f64,
    /// Recovery time by class, in the order of [`CLASSES`]; `None` while the frequency is outside the tolerance band.
    pub recovery_s: [Option<f64>; CLASSES.len()],
    /// The bus went dead: no class.
    pub lost: bool,
    /// Cut short by the next disturbance before the frequency had settled.
    pub overtaken: bool,
}

impl Disturbance {
    /// Place of the class reached in [`CLASSES`]; their number where none is.
    fn rank(&self) -> usize {
        let held = |(c, r): (&Class, &Option<f64>)| {
            !self.lost
                && self.dip_pct <= c.dip_pct
                && self.rise_pct <= c.rise_pct
                && r.is_some_and(|s| s <= c.recovery_s)
        };
        CLASSES.iter().zip(&self.recovery_s).position(held).unwrap_or(CLASSES.len())
    }

    /// The class reached; none where even G1 is missed or the frequency is not back.
    #[must_use]
    pub fn class(&self) -> Option<&'static Class> {
        CLASSES.get(self.rank())
    }

    /// Number of the class: 3 for G3, 0 for none.
    #[must_use]
    pub fn number(&self) -> u8 {
        (CLASSES.len() - self.rank()) as u8
    }

    /// The recovery time that belongs to the class reached, or else to the widest band, s.
    #[must_use]
    pub fn recovery(&self) -> Option<f64> {
        self.recovery_s[self.rank().min(CLASSES.len() - 1)]
    }

    /// Dip or rise, whichever is larger, and its name.
    #[must_use]
    pub fn deviation(&self) -> (f64, &'static str) {
        if self.rise_pct > self.dip_pct { (self.rise_pct, "rise") } else { (self.dip_pct, "dip") }
    }

    /// In words: `6.1 % dip, back in 2.1 s: G2`.
    #[must_use]
    pub fn words(&self) -> String {
        let (size, which) = self.deviation();
        let class = self.class().map_or("none of G1 to G3", |c| c.name);
        match self.recovery() {
            _ if self.lost && size < 0.05 => "bus lost: no class".to_owned(),
            _ if self.lost => format!("{size:.1} % {which}, bus lost: no class"),
            None => format!("{size:.1} % {which}, not back"),
            Some(s) if s <= 0.0 => {
                let tolerance = self.class().unwrap_or(&CLASSES[CLASSES.len() - 1]).tolerance_pct;
                format!("{size:.1} % {which}, always within ±{tolerance} %: {class}")
            }
            Some(s) => format!("{size:.1} % {which}, back in {s:.1} s: {class}"),
        }
    }
}

/// One disturbance under way.
#[derive(Clone, Copy, Debug)]
struct Open {
    d: Disturbance,
    /// Load before it, kW.
    before_kw: f64,
    /// Tick at which the frequency was last outside the narrowest tolerance band, or the disturbance began.
    restless: u64,
}

/// Watches one island.
#[derive(Clone, Debug)]
pub struct Disturbances {
    tick_s: f64,
    sample_ticks: u64,
    low: SlidingMax,
    high: SlidingMax,
    /// Tick at which the frequency left the steady band of each class, while it is outside or a disturbance is under way.
    left: [Option<u64>; CLASSES.len()],
    /// Last tick outside the tolerance band of each class since then.
    outside: [Option<u64>; CLASSES.len()],
    /// Deviation at the newest tick, % of nominal.
    size_pct: f64,
    open: Option<Open>,
    /// The load has been changing since the disturbance under way began.
    changing: bool,
    /// The bus is dead and nothing of before is left.
    rests: bool,
    done: Vec<Disturbance>,
    /// The highest rank of those that are over.
    worst: Option<usize>,
}

impl Disturbances {
    /// For ticks of `tick_s`; `sample` is called every 10 ms for the load, every tick for the frequency.
    #[must_use]
    pub fn new(tick_s: f64, sample_s: f64) -> Self {
        let slots = (WINDOW_S / sample_s).round() as u32;
        Self {
            tick_s,
            sample_ticks: (sample_s / tick_s).round() as u64,
            low: SlidingMax::new(slots),
            high: SlidingMax::new(slots),
            left: [None; CLASSES.len()],
            outside: [None; CLASSES.len()],
            size_pct: 0.0,
            open: None,
            changing: false,
            rests: false,
            done: Vec::new(),
            worst: None,
        }
    }

    /// Disturbances that are over, in order.
    #[must_use]
    pub fn done(&self) -> &[Disturbance] {
        &self.done
    }

    /// The one under way, as it looks now.
    #[must_use]
    pub fn present(&self) -> Option<Disturbance> {
        self.open.map(|o| self.recovered(o.d))
    }

    /// All, the one under way last.
    pub fn all(&self) -> impl Iterator<Item = Disturbance> + '_ {
        self.done.iter().copied().chain(self.present())
    }

    /// The least class of all disturbances: `None` without any, `Some(None)` if one reached no class.
    #[must_use]
    pub fn worst(&self) -> Option<Option<&'static Class>> {
        let worst = self.worst.max(self.present().map(|d| d.rank()));
        worst.map(|rank| CLASSES.get(rank))
    }

    /// The frequency of a tick on a live bus, % off nominal.
    #[inline]
    pub fn frequency(&mut self, tick: u64, off_pct: f64) -> Option<Disturbance> {
        // At rest nothing is open and the frequency is inside the narrowest band.
        if self.open.is_none() && off_pct.abs() <= CLASSES[0].steady_pct && self.left[0].is_none() {
            return None;
        }
        self.follow(tick, off_pct)
    }

    #[inline(never)]
    fn follow(&mut self, tick: u64, off_pct: f64) -> Option<Disturbance> {
        let size = off_pct.abs();
        self.size_pct = size;
        for (k, c) in CLASSES.iter().enumerate() {
            if size > c.steady_pct {
                self.left[k].get_or_insert(tick);
            } else if self.open.is_none() {
                (self.left[k], self.outside[k]) = (None, None);
            }
            if size > c.tolerance_pct {
                self.outside[k] = Some(tick);
            }
        }
        let o = self.open.as_mut()?;
        o.d.dip_pct = o.d.dip_pct.max(-off_pct);
        o.d.rise_pct = o.d.rise_pct.max(off_pct);
        if size > CLASSES[0].tolerance_pct {
            o.restless = tick;
        }
        let settled = (tick - o.restless) as f64 * self.tick_s >= SETTLED_S;
        if settled && !self.changing { self.close(|_| {}) } else { None }
    }

    /// The load of a live bus at a sample, and the rating of its sets, kW. Gives the disturbance that this one cuts short.
    pub fn load(&mut self, tick: u64, slot: u32, load_kw: f64, rating_kw: f64) -> Option<Disturbance> {
        self.rests = false;
        let (lowest, highest) = (-self.low.push(slot, -load_kw), self.high.push(slot, load_kw));
        let (up, down) = (load_kw - lowest, highest - load_kw);
        let beyond = rating_kw > 0.0 && up.max(down) > SHARE * rating_kw;
        let mut cut = None;
        if beyond && !self.changing {
            let (cause, before_kw) = if up >= down { (Cause::LoadUp, lowest) } else { (Cause::LoadDown, highest) };
            cut = self.begin(tick, cause, before_kw);
        }
        self.changing = beyond;
        if let Some(o) = self.open.as_mut() {
            if beyond {
                o.restless = tick;
            }
            let change = load_kw - o.before_kw;
            if change.abs() > o.d.load_kw.abs() && (beyond || o.d.cause == Cause::Trip) {
                o.d.load_kw = change;
            }
        }
        cut
    }

    /// Ties have joined sections to the island or taken some away; its present sources gave `load_kw` before. Only what changed for
    /// them is a change of load.
    pub fn regroup(&mut self, slot: u32, load_kw: f64) {
        self.low.clear();
        self.high.clear();
        self.low.push(slot, -load_kw);
        self.high.push(slot, load_kw);
        self.changing = false;
    }

    /// A set tripped while the bus drew `load_kw`. Gives the disturbance that this one cuts short. Where the trip left the
    /// bus dead it belongs to the disturbance under way, if there is one.
    pub fn trip(&mut self, tick: u64, load_kw: f64, alive: bool) -> Option<Disturbance> {
        if !alive && self.open.is_some() {
            return None;
        }
        self.begin(tick, Cause::Trip, load_kw)
    }

    /// The bus is dead.
    pub fn dead(&mut self) -> Option<Disturbance> {
        if self.open.is_none() && self.rests {
            return None;
        }
        self.rests = true;
        let lost = self.close(|d| d.lost = true);
        (self.left, self.outside, self.changing) = ([None; CLASSES.len()], [None; CLASSES.len()], false);
        self.low.clear();
        self.high.clear();
        lost
    }

    /// There is no such island any more.
    pub fn leave(&mut self) {
        self.close(|d| d.overtaken = true);
        self.dead();
    }

    fn begin(&mut self, tick: u64, cause: Cause, before_kw: f64) -> Option<Disturbance> {
        let cut = self.close(|d| d.overtaken = true);
        for k in 0..CLASSES.len() {
            // A set in droop may rest outside the band: then the recovery time runs from the disturbance. One sample back,
            // because a step of load is seen that much late.
            self.left[k] = self.left[k].map(|left| left.max(tick.saturating_sub(self.sample_ticks)));
            self.outside[k] = self.outside[k].filter(|_| self.size_pct > CLASSES[k].tolerance_pct);
        }
        let d = Disturbance {
            t_s: tick as f64 * self.tick_s,
            cause,
            load_kw: 0.0,
            dip_pct: 0.0,
            rise_pct: 0.0,
            recovery_s: [Some(0.0); CLASSES.len()],
            lost: false,
            overtaken: false,
        };
        self.open = Some(Open { d, before_kw, restless: tick });
        cut
    }

    fn close(&mut self, end: impl Fn(&mut Disturbance)) -> Option<Disturbance> {
        let open = self.open.take()?;
        let mut d = self.recovered(open.d);
        end(&mut d);
        // Whatever comes next starts its own recovery time.
        (self.left, self.outside) = ([None; CLASSES.len()], [None; CLASSES.len()]);
        self.worst = self.worst.max(Some(d.rank()));
        if self.done.len() < MOST {
            self.done.push(d);
        }
        Some(d)
    }

    /// Recovery times as they stand: the tick after the last one outside, if that is not the newest.
    fn recovered(&self, mut d: Disturbance) -> Disturbance {
        for k in 0..CLASSES.len() {
            d.recovery_s[k] = match (self.left[k], self.outside[k]) {
                (_, None) => Some(0.0),
                _ if self.size_pct > CLASSES[k].tolerance_pct => None,
                (left, Some(out)) => Some((out + 1 - left.unwrap_or(out)) as f64 * self.tick_s),
            };
        }
        d
    }
}

#[cfg(test)]
mod tests;
