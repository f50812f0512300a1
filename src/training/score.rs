//! The score of a rehearsal: exact definitions, weights and caps as a file, the same log gives the same number.
//!
//! A [`Meter`] takes a [`Sample`] and the [`Bus`]es a tick, the events and the operator's acts; [`Metrics`] is what it has measured, and a
//! [`Rubric`] turns metrics and a [`Par`] into a [`Score`]. Nothing here operates the plant, draws, or knows a clock.
//! Powers in kW, energies in kWh, times in seconds of the run, frequency deviation in per cent of nominal.
//!
//! # Definitions
//!
//! | metric | is |
//! |---|---|
//! | horizon | 0 to [`Rubric::horizon_s`] (an exercise may set its own); nothing after it counts |
//! | worst deviation | largest `abs(f - f0)/f0` of the mean of f over one cycle of nominal frequency, at every tick |
//! | out of band | integral of `max(0, abs(df) - 0.5 %)` of the same mean |
//! | step in 1 s | largest rise above the lowest, and fall below the highest, genset power of the last second. Extremes are kept in slots of 10 ms, so a window is exact to one slot. Each is divided by the step allowance at the load before it; the larger share counts. No table of load *rejection* is known, so both directions use the acceptance curve |
//! | step allowance | `bucket_share` x acceptance at the load x rating on the bus: the capacity of STEP NOW |
//! | ramp | largest `abs(P(t) - P(t-5))/5`, sampled every 50 ms, against the ramp limit |
//! | hard violations | excursions of: STEP NOW overdrawn (level and rise per 100 ms; an overdrawn bucket is empty, not in debt), genset power above the rating by 0.05 %, `abs(df)` above 2 %, f below 97.5 %. One excursion ends after 0.3 s inside. The rubric lists those that count |
//! | headroom | least of rating on the bus (derated) less genset power |
//! | trips | operations of protection that open a breaker; a trip that the exercise asks for is none |
//! | time to target | from the start of the schedule to the first instant at 98 % of the target from which GPU power stays at 96 % for 60 s |
//! | held | after that instant 60 s within 2 % of the target, on a live bus, without a trip in the run |
//! | GPU-hours lost | GPUs of the target less those at full, from the start of the schedule (without one: from 0) to the horizon |
//! | lost mining | miner power at t = 0 less actual, to the horizon (or, in the rubric as published, until the target) |
//! | fuel | lower heating value, and per kWh that GPUs and miners took |
//! | BESS | state of charge at the horizon within 5 points of its target. Without a battery that was ever in service its points go to mining |
//! | acknowledgement | weighted share of alarms acknowledged within the time of their priority (see [`conduct`]) |
//! | responses, steps, moves | see [`conduct`] |
//!
//! Limits, allowance, target and rating are those of the scenario as loaded: a trainee who relaxes a set-point does not
//! relax the yardstick. On a dead bus frequency, step and ramp are not judged; the cap for a blackout is.
//!
//! Of several islands each is measured by itself, against its own rating: extremes are those of the worst, with its name, the
//! band integral takes the worst of each instant, and limits and blackouts count on each. Closing or opening a tie is no step.
mod bus;
pub mod conduct;
mod facts;
mod load;
mod meter;
mod metrics;
mod result;
mod rubric;
mod sample;
mod windows;

pub use bus::Bus;
pub use conduct::{Ack, Conduct};
pub use facts::Facts;
pub use meter::Meter;
pub use metrics::{HARD, Hard, Metrics, Moment};
pub use result::{Cap, Deduction, GroupScore, LineScore, Measure, Par, Score};
pub use rubric::{CapWhen, Group, Line, Mark, Metric, MiningUntil, Rubric};
pub use sample::Sample;

/// What a console needs to show the score of a run that goes on: par is found elsewhere, on a thread of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// The rubric in use.
    pub rubric: std::sync::Arc<Rubric>,
    /// The yardstick of the run.
    pub facts: std::sync::Arc<Facts>,
    /// What is run, for the search of par.
    pub scenario: std::sync::Arc<crate::scenario::Scenario>,
    /// What the trainer has done so far, by tick: par knows it beforehand. What the exercise does by itself is not in
    /// it, for the exercise goes on in par's own run.
    pub known: Vec<(u64, crate::training::msg::DeskAct)>,
    /// Measured so far.
    pub metrics: Metrics,
}

impl Live {
    /// The score so far.
    #[must_use]
    pub fn score(&self, par: Option<&Par>) -> Score {
        self.rubric.score(&self.metrics, par)
    }
}
