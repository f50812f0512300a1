//! The next 60 s of a plant that is only read: the twin that starts as the plant is now, run ahead on a thread of its own.
//!
//! One at a time, every `EVERY`. It is a forecast like the twin's, in the plant's own time; nothing is sent.

use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, TryRecvError, bounded};

use crate::acts::Operate;
use crate::engine::Engine;
use crate::engine::forecast::{Forecast, forecast};
use crate::plant::gpu::Phase;
use crate::scenario::{Scenario, ScriptAct, ScriptItem};
use crate::worker::Wake;

/// Time between two of them.
const EVERY: Duration = Duration::from_secs(3);

/// What the next minute supposes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Suppose {
    /// Nobody does anything.
    #[default]
    Nothing,
    /// The next batch of GPUs starts now, past control.
    NextGpus,
    /// The bring-up goes on from here.
    BringUp,
}

impl Suppose {
    /// All, in the order of the choice.
    pub const ALL: [Self; 3] = [Self::Nothing, Self::NextGpus, Self::BringUp];

    /// Behind the word forecast.
    #[must_use]
    pub fn after(self) -> &'static str {
        match self {
            Self::Nothing => ", if nothing is done",
            Self::NextGpus => ", if the next GPUs start now",
            Self::BringUp => ", if the bring-up goes on",
        }
    }
}

/// The forecasts of a source.
#[derive(Debug, Default)]
pub struct Outlook {
    /// What is supposed.
    pub suppose: Suppose,
    made: Option<(Suppose, Arc<Forecast>)>,
    making: Option<(Suppose, Receiver<Result<Forecast, String>>)>,
    started: Option<Instant>,
    trouble: Option<String>,
}

impl Outlook {
    /// The newest one for what is supposed now.
    #[must_use]
    pub fn forecast(&self) -> Option<&Arc<Forecast>> {
        self.made.as_ref().filter(|(of, _)| *of == self.suppose).map(|(_, f)| f)
    }

    /// Why there is none.
    #[must_use]
    pub fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Whether the next is due: none is being made, and the last is old or of something else.
    #[must_use]
    pub fn is_due(&self) -> bool {
        let stale = self.made.as_ref().is_some_and(|(of, _)| *of != self.suppose);
        self.making.is_none() && (stale || self.started.is_none_or(|at| at.elapsed() >= EVERY))
    }

    /// Begins the next, from the scenario that starts as the plant is at `t_s` of its own time.
    pub fn begin(&mut self, scenario: Result<Scenario, String>, t_s: f64, wake: &Wake) {
        self.started = Some(Instant::now());
        let scenario = match scenario {
            Ok(scenario) => scenario,
            Err(why) => {
                self.forget(why);
                return;
            }
        };
        let (suppose, wake) = (self.suppose, Arc::clone(wake));
        let (out, result) = bounded(1);
        let started = Builder::new().name("ballast-outlook".to_owned()).spawn(move || {
            // Nobody waits for it when the source was left meanwhile.
            if out.try_send(ahead(scenario, suppose, t_s)).is_ok() {
                wake();
            }
        });
        match started {
            Ok(_) => self.making = Some((suppose, result)),
            Err(e) => self.forget(format!("cannot start the forecast's thread: {e}")),
        }
    }

    /// There is no forecast, and why.
    pub fn forget(&mut self, why: String) {
        self.made = None;
        self.trouble = Some(why);
    }

    /// Takes in what is done; true if there is something new.
    pub fn poll(&mut self) -> bool {
        let Some((suppose, result)) = &self.making else { return false };
        match result.try_recv() {
            Err(TryRecvError::Empty) => return false,
            Err(TryRecvError::Disconnected) => self.trouble = Some("the forecast's thread has stopped".to_owned()),
            Ok(Err(why)) => self.forget(why),
            Ok(Ok(f)) => {
                (self.made, self.trouble) = (Some((*suppose, Arc::new(f))), None);
            }
        }
        self.making = None;
        true
    }
}

/// GPUs of the next batch of a scenario.
#[must_use]
pub fn batch(scenario: &Scenario) -> u32 {
    scenario.policy.batch_gpus
}

/// Runs ahead, and puts the times into those of the plant.
fn ahead(mut scenario: Scenario, suppose: Suppose, t_s: f64) -> Result<Forecast, String> {
    let act = match suppose {
        Suppose::Nothing => None,
        Suppose::BringUp => Some(ScriptAct::Operate(Operate::Start)),
        Suppose::NextGpus => {
            let rest = |c: &crate::plant::config::GpuCohort| c.gpus - c.full_at_start - c.preload_at_start;
            let cohorts = scenario.plant.gpus.iter().enumerate();
            let cohort = cohorts.filter(|(_, c)| c.scheduled).find(|(_, c)| rest(c) > 0);
            let (cohort, c) = cohort.ok_or("all GPUs are on: there is no next batch")?;
            Some(ScriptAct::Phase { cohort, n: batch(&scenario).min(rest(c)), from: Phase::Off, to: Phase::Full })
        }
    };
    scenario.policy.start_at_s = None;
    scenario.script = act.map(|act| ScriptItem { at_s: 0.0, act }).into_iter().collect();
    let mut engine = Engine::new(Arc::new(scenario)).without_rows();
    // The forecast knows no script: what is supposed is done first.
    engine.tick();
    Ok(moved(forecast(&engine), t_s))
}

/// By so many seconds.
fn moved(mut f: Forecast, by_s: f64) -> Forecast {
    f.t0_s += by_s;
    f.t_s.iter_mut().for_each(|t| *t += by_s);
    f.batches.iter_mut().for_each(|b| b.0 += by_s);
    for at in [&mut f.min_f_hz.1, &mut f.max_gen_kw.1] {
        *at += by_s;
    }
    if let Some(limit) = &mut f.first_limit {
        limit.1 += by_s;
    }
    f
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_supposed_decides_the_next_minute() {
        let mut s = crate::scenario::default_scenario().unwrap();
        (s.plant.gpus[0].full_at_start, s.policy.batch_gpus) = (300, 10);
        let of = |suppose| ahead(s.clone(), suppose, 1000.0).unwrap();
        let still = of(Suppose::Nothing);
        let first = still.gen_kw[0];
        assert!(still.gen_kw.iter().all(|kw| (kw - first).abs() < 0.01), "at rest");
        assert!((still.t0_s - 1000.0).abs() < 0.01 && still.t_s.last().is_some_and(|t| (t - 1060.0).abs() < 0.2));
        let more = of(Suppose::NextGpus);
        assert!((more.gpu_kw.last().unwrap() - still.gpu_kw.last().unwrap() - 7.0).abs() < 1e-6);
        assert!(more.min_f_hz.0 < still.min_f_hz.0 && more.min_f_hz.1 >= 1000.0);
        let up = of(Suppose::BringUp);
        assert!(up.gpu_kw.last() > more.gpu_kw.last() && !up.batches.is_empty() && up.batches[0].0 >= 1000.0);
        s.plant.gpus[0].full_at_start = s.plant.gpus[0].gpus;
        assert!(ahead(s, Suppose::NextGpus, 0.0).unwrap_err().starts_with("all GPUs are on"));
    }
}
