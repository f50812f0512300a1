//! The shadow twin: the plant's model, driven by what a real plant measures, says what frequency, power and voltage
//! should be. What differs is either the model or a meter.
//!
//! ```text
//! row, qualities ─▶ input ─▶ Shadow: settle ─▶ follow ─▶ residual ─▶ band, verdict ─▶ View
//!                                     │                            └─▶ change: alternatives with other inertia, gain
//!                                   driven: the gensets of the scenario, every load a measured number
//! rows of minutes ─▶ fit::Record ─▶ fit (least squares on the same driven plant) ─▶ adopt: an engine preset
//! rehearse: scenario + what is measured now ─▶ a scenario that starts there
//! ```
//!
//! It corrects nothing: the prediction is open loop from the last time it settled, so a wrong model shows. What is not
//! measured well is not used: any input that is not good freezes it, and it says which. Fitted values reach a twin only
//! as a preset that somebody saves. Pure: time comes with the rows; kW, Hz, pu of nominal voltage, s.
//! References: output-error identification as in Ljung, System Identification, ch. 7 and 9; CUSUM after Page (1954).

mod band;
mod change;
pub mod driven;
pub mod fit;
pub mod input;
pub mod rehearse;
mod twin;
mod verdict;
mod view;

pub use change::{Changed, What};
pub use twin::Shadow;
pub use verdict::Verdict;
pub use view::{Drive, Line, Phase, View};
