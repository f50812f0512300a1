//! Studies: questions to a plant that one run does not answer. Each one is a command, and works without a screen.
//!
//! * [`figure`], [`trial`]: the figures of a run as a table, and one run of many, ended as soon as nothing more can come of it.
//! * [`axis`], [`map`], [`refine`]: limit maps of two parameters; [`store`] keeps cells on disk, so that many machines share one;
//!   [`known`] keeps runs in memory, and [`atlas`] makes maps in the background for whoever looks.
//! * [`trace`]: one run to be looked at; [`advice`]: the fastest plan with a margin, and what binds it.
//! * [`bess`]: tight control against simple control with a battery, by random events and money.
//! * [`site`], [`size`], [`pulse`], [`dummy`]: closed forms about a campus, instant. How many sets it takes, what a synchronous
//!   load does to the spectrum of power, whether filling its troughs or storing them is cheaper.
//!
//! Whatever is assumed has a source, a range and a mark where it is a guess, and every result carries what it stands on.
//! Nothing here draws or prints; the commands and the console do.

pub mod advice;
pub mod atlas;
pub mod axis;
pub mod bess;
pub mod dummy;
pub mod figure;
pub mod known;
pub mod map;
pub mod pulse;
pub mod refine;
pub mod shard;
pub mod site;
pub mod size;
pub mod store;
pub mod trace;
pub mod trial;
