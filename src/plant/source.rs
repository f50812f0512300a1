//! What every source of a bus is to the node and the integrator: a voltage behind a reactance, with states of its own that a
//! tick integrates in two stages.
//!
//! [`each_source`] and [`each_source_on`] are the only lists of the kinds. Sums over sources are exact, so the order of the
//! lists changes no bit of a node; it is the order of the state hash.

use core::hash::Hasher;

use super::config::Swing;
use super::network::Phasor;

/// What a source has to know of its plant in order to integrate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// Nominal frequency, rad/s.
    pub w0: f64,
    /// Form of the swing equation.
    pub swing: Swing,
    /// Tick, s.
    pub dt: f64,
}

/// A source. `of` is what it is built from: its parameters and the constants that follow from them. Stage 0 is the present
/// state, stage 1 the predicted end of the tick.
pub(super) trait Source {
    /// Parameters and constants.
    type Of<'a>: Copy;

    /// EMF that it puts on its bus at the states of a stage; kept for [`Source::take`].
    fn emf(&mut self, of: Self::Of<'_>, stage: usize) -> Phasor;

    /// Inverse of the reactance to its bus, pu of 1 MVA.
    fn susceptance(&self, of: Self::Of<'_>) -> f64;

    /// What it gives into its bus at the node voltage `v`.
    fn take(&mut self, of: Self::Of<'_>, stage: usize, v: Phasor);

    /// Derivatives and outputs at the present state and node voltage: the first stage of the next tick.
    fn stage_one(&mut self, of: Self::Of<'_>, frame: &Frame);

    /// States at the end of the tick by the first stage alone.
    fn predict(&mut self, of: Self::Of<'_>, frame: &Frame);

    /// States at the end of the tick by both stages, their limits, and what counts up with them.
    fn correct(&mut self, of: Self::Of<'_>, frame: &Frame);

    /// Largest absolute derivative of the present state, per second; 0 while nothing of it moves.
    fn largest_derivative(&self, of: Self::Of<'_>, frame: &Frame) -> f64;

    /// Feeds what decides its future into a hash.
    fn hash_into(&self, h: &mut impl Hasher);
}

/// Largest absolute value.
pub(super) fn largest(derivatives: &[f64]) -> f64 {
    derivatives.iter().fold(0.0, |m, d| m.max(d.abs()))
}

/// Runs an expression for each source of a plant, by `iter` or `iter_mut`, and what it is built from.
macro_rules! each_source {
    ($plant:ident, $iter:ident, |$s:ident, $of:ident| $do:expr) => {{
        let cfg = &*$plant.cfg;
        for (i, $s) in $plant.gensets.$iter().enumerate() {
            let $of = (&cfg.gensets[i], &$plant.derived[i]);
            $do;
        }
        for (i, $s) in $plant.bess.$iter().enumerate() {
            let $of = &cfg.bess[i];
            $do;
        }
        for (i, $s) in $plant.condensers.$iter().enumerate() {
            let $of = &cfg.condensers[i];
            $do;
        }
    }};
}
pub(super) use each_source;

/// Runs an expression for each voltage source on the bus of an island, and what it is built from.
macro_rules! each_source_on {
    ($plant:ident, $island:expr, |$s:ident, $of:ident| $do:expr) => {{
        let (island, cfg, derived) = (&$plant.islands[$island], &*$plant.cfg, &*$plant.derived);
        for &i in &island.gensets {
            let ($s, $of) = (&mut $plant.gensets[i], (&cfg.gensets[i], &derived[i]));
            $do;
        }
        for &i in &island.forming {
            let ($s, $of) = (&mut $plant.bess[i], &cfg.bess[i]);
            $do;
        }
        for &i in &island.condensers {
            let ($s, $of) = (&mut $plant.condensers[i], &cfg.condensers[i]);
            $do;
        }
    }};
}
pub(super) use each_source_on;
