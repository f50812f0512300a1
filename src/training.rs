//! The trainer's desk: exercises, malfunctions, snapshots, backtrack, score.
//!
//! Pure: it wraps the engine, tick by tick, and knows no clock, thread, file or screen. It never reaches into a plant
//! but through acts that the engine logs, so that a run stays scenario + seed + log.
//!
//! # Verification
//!
//! The plan of tests that a training simulator is accepted by, and where each of them is:
//!
//! | | what | where |
//! |---|---|---|
//! | V1 | real time | `worker` (`tests`): no tick lost, none twice; cost of a tick: `tests/bench/engine.rs` |
//! | V2 | repeatability | `tests/determinism.rs`: golden hash, blocks of any length, the log; `tests/training_desk.rs` |
//! | V3 | steady state | `tests/scenarios.rs`, `tests/training_exercises.rs` (`eight_conditions_…`), `tests/validation_analytic.rs` |
//! | V4 | transients against references | `tests/validation_reference.rs`, `tests/validation_published.rs` |
//! | V5 | every malfunction | `tests/training_faults.rs`; trips and alarms in order: `tests/training_verification.rs` (`v5_…`) |
//! | V6 | restored = uninterrupted | `tests/training_desk.rs` (`a_restored_run_…`, `each_periodic_snapshot_…`), `tests/snapshot_size.rs` |
//! | V7 | freeze | `tests/training_verification.rs` (`v7_…`; the one of ten minutes on demand) |
//! | V8 | alarm engine | `alarm` (`tests`): table of states, delays and deadband to a tick |
//! | V9 | speed changes nothing | `tests/determinism.rs` (`blocks_of_any_length_…`, `the_worker_computes_…`), `tests/training_exercises.rs` |
//! | V10 | limits of validity | [`validity`]; `tests/training_verification.rs` (`v10_…`) |
//! | V11 | each shipped run by script | `tests/training_verification.rs` (`v11_…`, events and score), `tests/score_scenarios.rs` |
//! | V12 | log and seal | `tests/journal.rs`, `tests/journal_console.rs`, `tests/journal_program.rs` |
//! | V13 | same log, same score | `tests/score.rs`, `tests/score_hmi.rs` |
//! | V14 | twin and live look alike | `tests/instructor_view.rs` (`v14_…`) |

mod alarms;
pub mod branch;
pub mod desk;
pub mod director;
pub mod ic;
pub mod msg;
pub mod observer;
pub mod par;
pub mod rescore;
pub mod score;
pub mod snapshot;
pub mod validity;
pub mod watch;

pub use desk::{Desk, DeskConfig};
