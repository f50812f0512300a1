//! The miners' day: when miners shall run, so that fuel and ramping cost least and mining earns most.
//!
//! Given a day of site load, prices and the miners' size, [`solve::solve`] finds the genset power that minimises fuel plus
//! ramping cost less mining income, within what miners can take and gensets can give. The problem is that of
//! arXiv 2411.11119 ([`problem`] restates it with its units); the answer carries the costate, the multipliers of the bounds
//! and how well Pontryagin's four conditions are met ([`plan`]).
//!
//! ```text
//! rows (CSV text) ─▶ profile (even grid, notes) ─▶ problem ─▶ solve ─▶ plan, figures
//!                                                    │          ├─ interior: hard bounds, O(N) an iteration ─ active
//!                                                    │          └─ penalty: the paper's form, semismooth Newton
//!                                                    └─ curve: what generation costs
//! ```
//!
//! Both solvers rest on one linear kernel ([`chain`]) that never subtracts, so that a day in seconds keeps its digits.
//!
//! [`setting`] is what a user sets, and a day planned with its figures; console and command line stand on it. The twin's
//! miners follow a plan by [`crate::control::track`], which knows no solver.
//!
//! A plan meets a day that goes otherwise in [`closed_loop`]: the receding horizon ([`closed_loop::Receding`], which a policy can
//! ask for the next power with the forecast error and the power of now) against other controllers, on miners of its own
//! ([`fleet`]). [`shooting`] shows why λ is not integrated forward. Money is in [`costs`] (files with sources), [`economics`]
//! (machines, and the paper's figures made again) and [`renewable`] (the day against the share of PV).
//!
//! It is pure: no file, clock, thread or screen; texts come in as texts. It never sends anything to a plant.
mod active;
pub mod chain;
pub mod closed_loop;
pub mod costs;
pub mod curve;
pub mod economics;
pub mod examples;
pub mod figures;
pub mod fleet;
pub mod interior;
mod noise;
mod pairs;
mod penalty;
pub mod plan;
pub mod problem;
pub mod profile;
pub mod quadratic;
mod ramp;
pub mod refusal;
pub mod renewable;
pub mod rows;
pub mod setting;
pub mod shooting;
pub mod solve;
