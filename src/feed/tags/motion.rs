//! Which tags stand still although they cannot: a meter or a gateway that repeats itself. Pure.
//!
//! Judged is only what never rests while a plant runs: measured power, voltage, current, frequency, and not at zero. A bit, a
//! temperature or a counter at rest is not frozen. Each tag is measured against itself: against its smallest step and the
//! longest rest that it has had. A coarse tag may stand for minutes; of a coarse frequency another frequency tells. When all
//! that never rests in a device stands at once, the device repeats itself, and nothing that it says is of now.

use super::{Memory, Tags};
use crate::feed::map::{At, Map, Tag};

/// Reads without a change after which a tag with a fine step stands still, and one whose step is coarse or unknown.
const STILL: [u32; 2] = [20, 100];
/// So many times its longest rest is no rest any more.
const RESTS: u32 = 5;
/// Changes after which a tag is known to move.
const MOVES: u32 = 5;
/// A step of this share of the value is coarse.
const COARSE: f64 = 5e-4;
/// Periods without a new count after which a heartbeat counts as stopped.
const HEARTBEAT_READS: u32 = 5;
/// A device of which something has moved within this time is alive, s.
const ALIVE_S: f64 = 5.0;

/// How a tag has moved so far.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Motion {
    /// Bits of the last raw number; none before the first.
    raw: Option<u64>,
    /// Reads since it changed, and the most of these between two changes, when it was not frozen.
    pub(super) same: u32,
    rest: u32,
    moves: u32,
    /// Smallest change, as a share of the value.
    step: f64,
    /// When it changed last, monotonic, s.
    pub(super) moved_s: f64,
    pub(super) frozen: bool,
}

impl Default for Motion {
    fn default() -> Self {
        let never = f64::NEG_INFINITY;
        Self { raw: None, same: 0, rest: 0, moves: 0, step: f64::INFINITY, moved_s: never, frozen: false }
    }
}

impl Motion {
    /// Whether this raw number is another one than the last.
    pub(super) fn is_new(&self, raw: f64) -> bool {
        self.raw != Some(raw.to_bits())
    }

    /// A raw number was accepted.
    pub(super) fn take(&mut self, raw: f64, mono_s: f64) {
        if !self.is_new(raw) {
            self.same = self.same.saturating_add(1);
            return;
        }
        if let Some(before) = self.raw.replace(raw.to_bits()).map(f64::from_bits) {
            self.moves = self.moves.saturating_add(1);
            self.step = self.step.min((raw - before).abs() / raw.abs().max(before.abs()));
            self.moved_s = mono_s;
            if !self.frozen {
                self.rest = self.rest.max(self.same);
            }
        }
        self.same = 0;
    }

    fn is_fine(&self) -> bool {
        self.step < COARSE
    }

    fn is_still(&self) -> bool {
        let [fine, coarse] = STILL;
        self.same >= (RESTS * self.rest).max(if self.is_fine() { fine } else { coarse })
    }
}

/// Whether a tag never rests while the plant runs, as far as the map tells.
fn never_rests(tag: &Tag) -> bool {
    tag.moves.unwrap_or_else(|| tag.unit.never_rests() && !tag.estimated && !matches!(tag.at, At::Miner { .. }))
}

impl Tags {
    /// Finds what is frozen: tags by themselves, and whole endpoints.
    pub(super) fn look_for_frozen(&mut self, map: &Map, mono_s: f64) {
        let judged = |tag: &Tag, m: &Memory| {
            never_rests(tag) && m.own.usable() && m.motion.raw.is_some_and(|r| f64::from_bits(r) != 0.0)
        };
        // Of each endpoint the latest change of anything that was judged, and the two latest of all.
        let mut moved_s = vec![f64::NEG_INFINITY; map.endpoints.len()];
        for (i, m) in self.memory.iter().enumerate().filter(|(i, m)| judged(&map.tags[*i], m)) {
            let to = &mut moved_s[self.endpoint[i]];
            *to = to.max(m.motion.moved_s);
        }
        let first = moved_s.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let others = |e: usize| {
            if moved_s[e] < first {
                first
            } else {
                moved_s.iter().enumerate().filter(|(o, _)| *o != e).map(|(_, s)| *s).fold(f64::NEG_INFINITY, f64::max)
            }
        };
        let hertz = |tag: &Tag| tag.unit.name() == "Hz";
        let fine_f: Vec<(usize, f64)> = self
            .memory
            .iter()
            .enumerate()
            .filter(|(i, m)| {
                hertz(&map.tags[*i]) && judged(&map.tags[*i], m) && m.motion.is_fine() && !m.motion.is_still()
            })
            .map(|(i, m)| (i, m.now.value))
            .collect();
        for (i, m) in self.memory.iter_mut().enumerate() {
            let tag = &map.tags[i];
            let by_itself = m.motion.is_fine() && m.motion.moves >= MOVES && m.motion.is_still();
            let apart_hz = 1.5 * m.motion.step * m.now.value.abs();
            let by_another = !m.motion.is_fine()
                && hertz(tag)
                && m.motion.is_still()
                && fine_f.iter().any(|(o, f)| *o != i && (f - m.now.value).abs() > apart_hz);
            m.motion.frozen = judged(tag, m) && (by_itself || by_another);
        }
        for (e, end) in map.endpoints.iter().enumerate() {
            let tags = || end.groups.iter().flat_map(|g| g.tags.clone());
            let stopped = |i: usize| map.tags[i].heartbeat && self.memory[i].motion.same >= HEARTBEAT_READS;
            let is_judged = |i: &usize| judged(&map.tags[*i], &self.memory[*i]);
            let counts = |i: &usize| map.tags[*i].rollover.is_some() && self.memory[*i].own.usable();
            let n = tags().filter(is_judged).count();
            // Where little is judged, counters that count are witnesses too.
            let all_still = if n >= 2 {
                tags().filter(is_judged).all(|i| self.memory[i].motion.is_still())
            } else {
                n == 1
                    && tags().any(|i| counts(&i))
                    && tags().filter(|i| is_judged(i) || counts(i)).all(|i| self.memory[i].motion.is_still())
            };
            let known = tags().filter(is_judged).all(|i| self.memory[i].motion.moves > 0);
            let alive = mono_s - others(e) <= ALIVE_S;
            self.frozen[e] = tags().any(stopped) || (all_still && (known || alive));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Bench;
    use crate::acts::quality::{Doubt, Quality};
    use proptest::prelude::*;

    const MAP: &str = r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1000), endpoints: [
        (name: "meter", link: Modbus(host: "h:1"), groups: [(name: "g", period_ms: 100, tags: [
            (name: "f", at: Reg(address: 0, kind: F32), unit: "Hz", valid: (0, 75)),
            (name: "p", at: Reg(address: 2, kind: F32), unit: "kW", valid: (-9e3, 9e3)),
            (name: "closed", at: Reg(address: 4, kind: Bit(0)), valid: (0, 1)),
            (name: "oil", at: Reg(address: 5, kind: S16), unit: "°C", valid: (0, 150)),
            (name: "wh", at: Reg(address: 6, kind: U32), unit: "Wh", valid: (0, 5e9), rollover: 4294967296.0),
            (name: "set", at: Reg(address: 8, kind: F32), unit: "kW", valid: (0, 9e3), moves: false),
        ])]),
        (name: "controller", link: Modbus(host: "h:2"), groups: [(name: "g", period_ms: 100, tags: [
            (name: "f2", at: Reg(address: 0, kind: U16), scale: 0.1, unit: "Hz", valid: (0, 75)),
        ])]),
        (name: "feeder", link: Modbus(host: "h:3"), groups: [(name: "g", period_ms: 100, tags: [
            (name: "q", at: Reg(address: 0, kind: F32), unit: "kW", valid: (0, 9e3)),
        ])]),
    ])"#;

    const FROZEN: Quality = Quality::Uncertain(Doubt::Frozen);

    /// What is frozen after a while of motion and then 60 s in which only `moving` moves.
    fn still(moving: &[&str], f_now: f64) -> Vec<&'static str> {
        let mut b = Bench::of(MAP);
        let names = ["f", "p", "closed", "oil", "wh", "set", "f2", "q"];
        let value = |name: &str, k: u32| {
            let x = f64::from(k);
            match name {
                "f" => {
                    if k < 100 {
                        60.0 + 1e-3 * (x * 1.7).sin()
                    } else {
                        f_now + 1e-3 * (x * 1.7).sin()
                    }
                }
                "p" | "q" => 500.0 + 0.1 * (x * 2.3).sin(),
                "closed" => 1.0,
                "oil" => 82.0,
                "wh" => 1e6 + 14.0 * x,
                "set" => 600.0,
                _ => 600.0 + f64::from(u8::from((20..25).contains(&k))),
            }
        };
        for k in 0..700_u32 {
            for name in names {
                let k_of = if k < 100 || moving.contains(&name) { k } else { 99 };
                b.give(name, value(name, k_of), None, f64::from(k) * 0.1);
            }
        }
        names.into_iter().filter(|n| b.quality(n) == FROZEN).collect()
    }

    #[test]
    fn regress_what_never_rests_is_frozen_by_itself_and_what_may_rest_is_not() {
        assert!(still(&["f", "p", "wh", "q"], 60.0).is_empty(), "bits, temperatures, set-points, a coarse meter");
        assert_eq!(still(&["f", "p", "wh"], 60.0), ["q"], "an endpoint of one tag");
        assert_eq!(still(&["f", "wh", "q"], 60.0), ["p"], "one sensor of a device");
        let meter = ["f", "p", "closed", "oil", "wh", "set"];
        assert_eq!(still(&["q"], 60.0), meter, "a device repeats itself: none of it is of now");
        assert_eq!(still(&["f", "p", "wh", "q"], 59.0), ["f2"], "a coarse frequency, by another one");
        assert_eq!(still(&[], 60.0).len(), 7, "a gateway before all of them");
    }

    #[test]
    fn regress_a_dead_bus_and_a_fresh_start_are_not_frozen() {
        let mut b = Bench::of(MAP);
        for k in 0..300_u32 {
            let x = if k < 50 { 60.0 + 1e-3 * f64::from(k) } else { 0.0 };
            b.give("f", x, None, f64::from(k) * 0.1);
            b.give("p", x * 8.0, None, f64::from(k) * 0.1);
            b.give("closed", 0.0, None, f64::from(k) * 0.1);
        }
        assert_eq!(["f", "p", "closed"].map(|n| b.quality(n)), [Quality::Good; 3]);
    }

    proptest! {
        /// A meter with noise, read at any pace and with any resolution, is never called frozen while it works, and always
        /// within 200 reads when it repeats itself, where its steps are fine.
        #[test]
        fn a_meter_that_works_is_not_frozen(seed in 1_u64.., digits in 2_u32..5, hold in 1_u32..6) {
            let mut b = Bench::of(MAP);
            let (mut s, mut x) = (seed, 500.0);
            let grain = 10_f64.powi(digits as i32);
            for k in 0..900_u32 {
                if k < 600 && k.is_multiple_of(hold) {
                    s = s.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                    x = ((500.0 + (s >> 40) as f64 / (1 << 24) as f64) * grain).round() / grain;
                }
                b.give("q", x, None, f64::from(k) * 0.1);
                prop_assert!(k >= 600 || b.quality("q") == Quality::Good, "read {k}");
            }
            prop_assert_eq!(b.quality("q"), FROZEN);
        }
    }
}
