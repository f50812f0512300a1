//! A set that stands still, to the last bit: what it gives next is what it gave last, and need not be worked out again.
//!
//! A tick is a function of the states, of what the node and the references say, and of the dead-time line. When all of them are
//! the same as before and the last tick has moved no bit of a state, nor its prediction, then neither does the next. That is
//! looked for and proved over two ticks, and given up with the first bit that differs. Whoever changes the set's parameters
//! ([`GensetState::wake`]) ends it. It changes no result: a run that forgets it each tick comes to the same bits.

use super::{GensetState, STATES, W};

/// Ticks without a change after which the next one is known.
const PROVED: u8 = 2;

/// What node, references and stop valve say.
type Inputs = ([u64; 5], [u64; 5], [bool; 3]);

/// How far it is known that nothing changes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rest {
    ticks: u8,
    seen: Inputs,
}

#[inline]
fn same(a: &[f64; STATES], b: &[f64; STATES]) -> bool {
    // Most often the speed says it.
    a[W].to_bits() == b[W].to_bits() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
}

/// The same, bit by bit; most often the first one tells.
#[inline]
fn alike((at_bus, asked, flags): &Inputs, other: &Inputs) -> bool {
    at_bus.iter().zip(&other.0).all(|(a, b)| a == b)
        && asked.iter().zip(&other.1).all(|(a, b)| a == b)
        && flags.iter().zip(&other.2).all(|(a, b)| a == b)
}

impl GensetState {
    #[inline]
    fn inputs(&self) -> Inputs {
        let at_bus = [self.terminal.p, self.terminal.q, self.terminal.vt, self.terminal.id, self.terminal.i];
        let asked = [self.p_set, self.w_ref, self.share_bias, self.v_ref, self.fuel_left_pu];
        (at_bus.map(f64::to_bits), asked.map(f64::to_bits), [self.breaker, self.fuel_off, self.overloaded])
    }

    /// Its parameters or states are changed from outside: nothing is known any more.
    pub(in crate::plant) fn wake(&mut self) {
        self.rest.ticks = 0;
    }

    /// Whether the first stage at the present states and inputs is the one that is there.
    #[inline]
    pub(super) fn has_stage_one(&mut self) -> bool {
        if self.rest.ticks == 0 {
            return false;
        }
        if !alike(&self.inputs(), &self.rest.seen) || !same(&self.x, &self.xp) {
            self.wake();
        }
        self.rest.ticks >= PROVED
    }

    /// Whether this tick moves nothing, as the last ones did.
    #[inline]
    pub(super) fn stays(&self) -> bool {
        self.rest.ticks >= PROVED && same(&self.x, &self.xp) && alike(&self.inputs(), &self.rest.seen)
    }

    /// Whether the prediction is the present state.
    #[inline]
    pub(super) fn predicts_itself(&self) -> bool {
        same(&self.x, &self.xp)
    }

    /// After the second stage and the dead-time line: whether the tick has moved nothing. `predicted_itself` is what
    /// [`GensetState::predicts_itself`] said before it.
    #[inline]
    pub(super) fn note_rest(&mut self, predicted_itself: bool) {
        if !(predicted_itself && same(&self.x, &self.xp)) {
            self.wake();
            return;
        }
        let held = self.out.into_delay.to_bits();
        let inputs = self.inputs();
        if self.delay.iter().any(|v| v.to_bits() != held) {
            self.wake();
        } else if alike(&inputs, &self.rest.seen) {
            self.rest.ticks = (self.rest.ticks + 1).min(PROVED);
        } else {
            self.rest = Rest { ticks: 1, seen: inputs };
        }
    }
}
