//! Largest value of a second or so in slots of some milliseconds: small enough for a snapshot, fixed memory, no allocation a
//! tick. The smallest is the largest of the negated values.

/// Largest value of the last `n` slots: a monotone queue in a ring of those that are over, and the open one beside it, so
/// that a value costs two comparisons and a slot a turn of the queue.
#[derive(Clone, Debug)]
pub struct SlidingMax {
    /// The open slot, its largest value, and the largest of those before it.
    open_slot: u32,
    open: f64,
    before: f64,
    /// Slots, and their largest values, which fall from head to tail. Two lists, so that nothing is spent on alignment.
    slot: Vec<u32>,
    largest: Vec<f64>,
    head: usize,
    len: usize,
    slots: u32,
}

impl SlidingMax {
    /// Over so many slots.
    #[must_use]
    pub fn new(slots: u32) -> Self {
        let n = slots as usize + 1;
        Self {
            open_slot: 0,
            open: f64::NEG_INFINITY,
            before: f64::NEG_INFINITY,
            slot: vec![0; n],
            largest: vec![0.0; n],
            head: 0,
            len: 0,
            slots,
        }
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.len = 0;
        (self.open, self.before) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    }

    fn place(&self, i: usize) -> usize {
        let p = self.head + i;
        if p >= self.slot.len() { p - self.slot.len() } else { p }
    }

    /// Takes a value of the slot in, and gives the largest; slots must not fall.
    #[inline]
    pub fn push(&mut self, slot: u32, x: f64) -> f64 {
        if slot != self.open_slot {
            self.turn(slot);
        }
        if x > self.open {
            self.open = x;
        }
        if self.open > self.before { self.open } else { self.before }
    }

    /// Puts the open slot into the queue and opens another.
    #[inline(never)]
    fn turn(&mut self, slot: u32) {
        if self.open > f64::NEG_INFINITY {
            while self.len > 0 && self.largest[self.place(self.len - 1)] <= self.open {
                self.len -= 1;
            }
            let at = self.place(self.len);
            (self.slot[at], self.largest[at]) = (self.open_slot, self.open);
            self.len += 1;
        }
        while self.len > 0 && self.slot[self.head] + self.slots <= slot {
            self.head = self.place(1);
            self.len -= 1;
        }
        (self.open_slot, self.open) = (slot, f64::NEG_INFINITY);
        self.before = if self.len > 0 { self.largest[self.head] } else { f64::NEG_INFINITY };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_queue_agrees_with_looking_at_every_value() {
        let mut rng = crate::plant::random::Sequence::new(3);
        let mut q = SlidingMax::new(100);
        let mut all: Vec<(u32, f64)> = Vec::new();
        for k in 0..20_000_u32 {
            let (slot, x) = (k / 10, rng.normal());
            all.push((slot, x));
            let got = q.push(slot, x);
            let recent = all.iter().rev().take_while(|(s, _)| s + 100 > slot);
            let want = recent.map(|(_, v)| *v).fold(f64::NEG_INFINITY, f64::max);
            assert_eq!(got, want, "at {k}");
        }
    }
}
