//! Carries an exercise out: watches its conditions, fires its items, keeps its goals.
//!
//! It looks every 10 ms of the run and says what shall be done; the desk does it. A copy is a snapshot. It never acts on
//! a plant by itself.

use super::msg::{GoalView, ItemView};
use crate::acts::{Event, EventKind};
use crate::plant::config::Plant;
use crate::plant::signals::{SignalTable, at, site};
use crate::scenario::exercise::{Effect, Exercise, Goal, Item};
use crate::training::watch::{Look, Watch};

/// Share of a goal's power that counts as it.
const REACHED: f64 = 0.98;

#[derive(Clone, Debug)]
struct Live {
    item: Item,
    /// None: it is fired by hand.
    watch: Option<Watch>,
    steps: Vec<(f64, Effect)>,
    armed: bool,
    was: bool,
    fired: u32,
}

#[derive(Clone, Debug)]
struct Aim {
    goal: Goal,
    since: Option<f64>,
    met: Option<bool>,
}

/// An exercise under way.
#[derive(Clone, Debug)]
pub struct Director {
    items: Vec<Live>,
    goals: Vec<Aim>,
    due: Vec<(f64, Effect)>,
    /// The exercise without its items.
    frame: Exercise,
    ended: Option<String>,
}

impl Director {
    /// An exercise from the start. Items that make no sense on this plant are left out; a scenario has none.
    #[must_use]
    pub fn new(exercise: &Exercise, plant: &Plant, table: &SignalTable) -> Self {
        let mut d = Self {
            items: Vec::new(),
            goals: exercise.goals.iter().map(|g| Aim { goal: g.clone(), since: None, met: None }).collect(),
            due: Vec::new(),
            frame: Exercise { items: Vec::new(), ..exercise.clone() },
            ended: None,
        };
        for item in &exercise.items {
            d.put(None, item, plant, table).unwrap_or_default();
        }
        d
    }

    /// Adds an item, or puts it in the place of another.
    ///
    /// # Errors
    /// Why it makes no sense on this plant.
    pub fn put(&mut self, place: Option<u32>, item: &Item, plant: &Plant, table: &SignalTable) -> Result<(), String> {
        item.check(plant, table).map_err(|(field, what, expected)| format!("{field}: {what} (expected {expected})"))?;
        let said = |(what, _): (String, String)| what;
        let watch = item.at.trigger().map_err(said)?.map(|t| Watch::new(&t, table, plant.f0_hz));
        let steps = item.act.steps(plant, table).map_err(said)?;
        let live = Live { armed: item.armed, item: item.clone(), watch, steps, was: false, fired: 0 };
        match place.map(|p| p as usize) {
            None if self.items.len() < crate::scenario::exercise::MOST_ITEMS => self.items.push(live),
            None => return Err("there are too many items".to_owned()),
            Some(p) if p < self.items.len() => self.items[p] = live,
            Some(_) => return Err("there is no such item".to_owned()),
        }
        Ok(())
    }

    /// Another exercise in the place of this one. What has fired runs to its end.
    ///
    /// # Errors
    /// Which line makes no sense on this plant, and why; then all stays as it is.
    pub fn replace(&mut self, exercise: &Exercise, plant: &Plant, table: &SignalTable) -> Result<(), String> {
        if let Some((k, what)) = exercise.wrong_response() {
            return Err(format!("response {}: {what} (expected M01 to M12)", k + 1));
        }
        exercise
            .check(plant, table)
            .map_err(|(k, (field, what, expected))| format!("line {}: {field}: {what} (expected {expected})", k + 1))?;
        *self = Self { due: core::mem::take(&mut self.due), ..Self::new(exercise, plant, table) };
        Ok(())
    }

    /// Takes an item out. False if there is none.
    pub fn remove(&mut self, place: u32) -> bool {
        let there = (place as usize) < self.items.len();
        if there {
            self.items.remove(place as usize);
        }
        there
    }

    /// Arms or disarms an item. False if there is none.
    pub fn arm(&mut self, place: u32, on: bool) -> bool {
        let item = self.items.get_mut(place as usize);
        item.map(|l| (l.armed, l.was) = (on, false)).is_some()
    }

    /// Fires an item now. False if there is none.
    pub fn fire(&mut self, place: u32, t_s: f64) -> bool {
        let Some(l) = self.items.get_mut(place as usize) else { return false };
        l.fired += 1;
        let steps = l.steps.iter().map(|(after, e)| (t_s + after, e.clone()));
        self.due.extend(steps);
        true
    }

    /// A key of the trainer.
    pub fn key(&mut self, name: &str) {
        self.items.iter_mut().filter_map(|l| l.watch.as_mut()).for_each(|w| w.key(name));
    }

    /// Whether there is nothing to look at.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.items.is_empty() && self.goals.is_empty() && self.due.is_empty() && self.frame.horizon_s.is_none()
    }

    /// An event of the run.
    pub fn event(&mut self, e: &Event) {
        self.items.iter_mut().filter_map(|l| l.watch.as_mut()).for_each(|w| w.event(e));
        if e.kind == EventKind::Trip {
            self.goals.iter_mut().filter(|a| a.goal == Goal::NoTrip).for_each(|a| a.met = Some(false));
        }
    }

    /// One look; puts what shall be done now into `out`, in order.
    pub fn look(&mut self, at: Look<'_>, out: &mut Vec<Effect>) {
        if self.ended.is_none() {
            for k in 0..self.items.len() {
                let l = &mut self.items[k];
                let Some(w) = l.watch.as_mut() else { continue };
                let so = w.look(at);
                let fires = l.armed && so && !l.was;
                l.was = so;
                if fires {
                    l.armed = l.item.repeat;
                    w.again();
                    self.fire(k as u32, at.t_s);
                }
            }
            self.aim(at, out);
            if self.frame.horizon_s.is_some_and(|h| at.t_s >= h) {
                self.due.push((at.t_s, Effect::End("horizon".to_owned())));
            }
        }
        let now = at.t_s + 1e-9;
        while let Some(k) = self.due.iter().position(|(t, _)| *t <= now) {
            let (_, effect) = self.due.remove(k);
            if let Effect::End(mark) = &effect {
                if self.ended.is_some() {
                    continue;
                }
                self.ended = Some(mark.clone());
                for a in self.goals.iter_mut().filter(|a| a.met.is_none()) {
                    a.met = Some(a.goal == Goal::NoTrip);
                }
            }
            out.push(effect);
        }
    }

    fn aim(&mut self, look: Look<'_>, out: &mut Vec<Effect>) {
        let gpu_kw = look.row.get(at(site::GPU_KW).at()).copied().unwrap_or(0.0);
        for a in self.goals.iter_mut().filter(|a| a.met.is_none()) {
            let Goal::Gpu { kw, within_s, hold_s } = a.goal else { continue };
            a.since = if gpu_kw >= REACHED * kw { a.since.or(Some(look.t_s)) } else { None };
            let in_time = a.since.is_some_and(|s| s <= within_s);
            if in_time && a.since.is_some_and(|s| look.t_s - s >= hold_s - 1e-9) {
                a.met = Some(true);
            } else if !in_time && look.t_s > within_s {
                a.met = Some(false);
            }
            if let Some(met) = a.met {
                out.push(Effect::Note(format!("goal {}: {}", if met { "met" } else { "missed" }, a.goal.words())));
            }
        }
    }

    /// Why it ended, if it did.
    #[must_use]
    pub fn ended(&self) -> Option<&str> {
        self.ended.as_deref()
    }

    /// Goals for the screen.
    #[must_use]
    pub fn goals(&self) -> Vec<GoalView> {
        self.goals.iter().map(|a| GoalView { goal: a.goal.clone(), met: a.met }).collect()
    }

    /// Items for the screen.
    #[must_use]
    pub fn items(&self) -> Vec<ItemView> {
        self.items.iter().map(|l| ItemView { item: l.item.clone(), armed: l.armed, fired: l.fired }).collect()
    }

    /// The exercise without its items.
    #[must_use]
    pub fn frame(&self) -> &Exercise {
        &self.frame
    }
}
