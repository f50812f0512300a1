//! `ballast`: operator console and digital twin of an islanded plant of gas gensets that feed Bitcoin miners (the
//! ballast), GPU clusters (the product) and, where wanted, a battery.
//!
//! This page is the map. It says how the whole is cut, what never changes, and where to start reading.
//!
//! # The idea
//!
//! One **signal table** ([`plant::signals`]) names every quantity of the plant once: id, unit, range, limits. The twin
//! makes rows of it, a recording is rows of it, a file that somebody else keeps writing gives rows of it. History, charts,
//! gauges and CSV see rows and nothing else, so a chart cannot tell where they come from. And a run of the twin is
//! *scenario + seed + command log*: the three together give every bit of it again.
//!
//! ```text
//!                    scenario text (RON)      equipment library, presets (RON)
//!                             └──────────┬──────────┘
//!                                    scenario          reads, fills in, checks; one-line errors
//!                                        │ Scenario (data)
//!                                        ▼
//!   script, command log ──▶ ┌───────── engine ─────────┐
//!                           │  tick k:  commands due   │
//!                           │   control ◀── measured   │ every 100 ms
//!                           │      └─ actions ─▶ plant │ every 1 ms: integrate, relays, row
//!                           └────────────┬─────────────┘
//!              headless commands (cli) ◀─┤ rows, events, status
//!                                        ▼
//!            Command{seq} ──▶   worker (thread, desk)   ──▶ Update{block, events, ..}
//!                 ▲              bounded both ways                 │
//!                 │                                                ▼
//!              console ◀───────── history (min/max pyramid) ◀──────┤
//!              (egui; the UI thread never waits)                   │
//!                      feed (recording, growing file, site) ───────┘   no way back
//! ```
//!
//! # Modules
//!
//! | module | is | never |
//! |---|---|---|
//! | [`acts`] | what can be asked of a plant, what comes back, quality of a value: data that many modules share | computes plant or control |
//! | [`plant`] | physics: gensets, batteries, condensers, GPUs, miners, node voltage, relays, the signal table | reads a clock, thread or file |
//! | [`control`] | supervision: admission of GPU batches, shed policies, limits, interlocks | knows a device model |
//! | [`text`] | RON texts in, one-line errors out with line and column | panics on any text |
//! | [`store`] | our kinds of database files: opened, brought up to date, kept or removed | touches a file that is not ours |
//! | [`shipped`] | the texts compiled into the program: scenarios, equipment, presets, alarms, maps | reads a file |
//! | [`utc`] | the wall clock, in microseconds | |
//! | [`scenario`] | RON in, checked model out; library of equipment, presets, shipped scenarios | panics on any text |
//! | [`engine`] | plant, control and script in lock-step; meters, summary, forecast | computes differently by speed |
//! | [`shadow`] | the twin driven by what a plant measures: residuals, verdict, fit of its parameters | corrects itself by what it is held against |
//! | [`history`] | what charts read | takes time in proportion to the length of a run |
//! | [`feed`] | rows that come from elsewhere: recordings, and devices asked read only; keeps recordings of these | can write to a device |
//! | [`alarm`] | what is abnormal now: state machine, delays, first-out, floods | operates the plant |
//! | [`journal`] | what happened, on disk, hash-chained; saved runs | holds up a run for a broken disk |
//! | [`training`] | the trainer's desk: snapshots, branches, score, par | reaches into a plant but through acts that are logged |
//! | [`planner`] | the miners' day: least fuel and ramping cost, most mining income | sends anything to a plant |
//! | [`study`] | questions that one run does not answer: limit maps, the battery's worth, the size of a campus | draws or prints |
//! | [`worker`] | the thread that drives a desk for a console | drops a row or an event |
//! | [`report`] | comparison, debrief and pages of plans, made from rows, events, logs and plans; loads from recordings | draws on a screen |
//! | `console` | the only place that knows egui | computes plant or control |
//! | [`cli`] | the commands; every one works without a screen | |
//!
//! Arrows point down, without exception: `text, utc, store, acts ← plant ← control ← scenario ← engine ← history, alarm ←
//! training ← worker ← feed, shadow, journal, planner ← study ← report ← console ← cli`. A module uses those before it, none beside it;
//! `tests/tidy.rs` holds the order.
//!
//! # What never changes
//!
//! 1. **The core is pure.** `plant`, `control`, `engine`, `alarm` and `training` have no clock, thread, file, socket, screen,
//!    nor chance that the scenario's seed does not fix.
//! 2. **A run can be repeated exactly.** The state hash of each second is the same at any speed, with a worker or without,
//!    from a snapshot or from the start, in debug and in release. Time is a whole number of ticks, and functions like the
//!    sine come from `libm`, so that no platform rounds in its own way.
//! 3. **A feed only reads**, and the compiler says so: a source has no method that sends, and what operates the plant is
//!    the handle of a twin, which a feed does not have.
//! 4. **The UI thread never waits**, and a frame costs what its pixels cost, however long the run is.
//! 5. **Nothing gets lost in silence.** Channels are bounded; when the console is slow, blocks are merged with their
//!    minima and maxima, then the twin waits and says so. Events are never merged.
//! 6. **Only finite numbers leave the core.** A node without solution holds its voltage and raises an event.
//! 7. **Bad input is answered in one line**: what is wrong, what was expected, file, line and column. What ran before runs
//!    on.
//! 8. **Every default has a source**, written beside the number in the library and the presets, and the console prints
//!    which preset and policy set a picture stands for.
//! 9. **serde stays at the edge.** State and messages in flight do not derive it. The exception: parameter and policy
//!    structs ([`plant::config`], [`control::policy`]) and the operator's acts ([`acts::Operate`]) do, because they
//!    are what scenario files and saved runs contain; a second set of mirror types would only add places to be wrong.
//!
//! # Where to start reading
//!
//! * a run from end to end: [`engine::run`], then [`plant::system`] for one tick of the plant;
//! * why a GPU batch waits: [`control::admission`], [`control::bucket`], [`control::shed`];
//! * why miners go off or wake by themselves: [`control::track`], and the plan behind it, [`planner`];
//! * why the frequency sags as it does: [`plant::genset`], [`plant::governor`], and `assets/presets/`;
//! * a scenario file: `scenarios/path-a.ron`, then [`scenario`];
//! * why a run scored what it did: [`training::score`] for the definitions, `assets/score/v2.ron` for the points;
//! * a picture: [`history`] for what is drawn, `console::views` for where.
//!
//! # Limits of the model
//!
//! Positive-sequence phasors: fair up to about 5 Hz, blind to switching, harmonics, unbalance and faults in detail. No
//! lines or transformers: an island is one node. A genset is one lumped rotor with a one-axis machine. GPUs and miners
//! are cohorts of equal devices with ramps and delays, not power supplies. **The engine preset decides the outcome**:
//! `lean-slow` is fitted to a published step table, `lean-default` and `fast-response` are informed guesses. Before a
//! number is used for a real plant, measure a load step there and fit a preset to it (`ballast fit`, [`shadow::fit`]).
#![forbid(unsafe_code)]

pub mod acts;
pub mod alarm;
pub mod cli;
#[cfg(feature = "console")]
pub mod console;
pub mod control;
pub mod engine;
pub mod feed;
pub mod history;
pub mod journal;
mod lock;
pub mod planner;
pub mod plant;
pub mod report;
pub mod scenario;
pub mod shadow;
pub mod shipped;
pub mod store;
pub mod study;
pub mod text;
pub mod training;
pub mod utc;
pub mod worker;
