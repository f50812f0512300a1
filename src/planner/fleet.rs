//! The closed loop's own miners: whole machines that stop soon, start slowly, and are refused where the gensets have no
//! room. Far simpler than the twin's, and meant to be: a controller is compared here, not a plant.

/// What the miners are like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FleetSpec {
    /// All of them, kW.
    pub max_kw: f64,
    /// One machine, kW; 0: any power can be had.
    pub machine_kw: f64,
    /// From a command to less power, s; at most a step.
    pub latency_s: f64,
    /// From a command to more power, s.
    pub wake_s: f64,
}

impl FleetSpec {
    /// Miners that follow at once and exactly.
    #[must_use]
    pub fn ideal(max_kw: f64) -> Self {
        Self { max_kw, machine_kw: 0.0, latency_s: 0.0, wake_s: 0.0 }
    }

    /// Steps that a start takes.
    #[must_use]
    pub fn wake_steps(&self, step_h: f64) -> usize {
        libm::ceil(self.wake_s / (3600.0 * step_h) - 1e-9).max(0.0) as usize
    }

    /// Power of the whole machines that fit, so that no room is overdrawn.
    fn whole(&self, kw: f64) -> f64 {
        let kw = kw.clamp(0.0, self.max_kw);
        if self.machine_kw > 0.0 { libm::floor(kw / self.machine_kw + 1e-9) * self.machine_kw } else { kw }
    }
}

/// The miners in a run.
#[derive(Clone, Debug)]
pub struct Fleet {
    spec: FleetSpec,
    step_h: f64,
    on_kw: f64,
    /// Steps left and kW of machines that start, the oldest first.
    waking: Vec<(usize, f64)>,
    /// Machines started so far; kW where there are no whole ones.
    pub started: f64,
    /// Starts refused for want of room, times.
    pub refused: u32,
}

impl Fleet {
    /// All off.
    #[must_use]
    pub fn new(spec: FleetSpec, step_h: f64) -> Self {
        Self { spec, step_h, on_kw: 0.0, waking: Vec::new(), started: 0.0, refused: 0 }
    }

    /// One step: `now_kw` is wanted at once and sheds what is above it, `later_kw` after the time that a start takes. A start
    /// beyond `room_kw` for all that runs and wakes is refused. Returns the mean power of the step, kW.
    pub fn step(&mut self, now_kw: f64, later_kw: f64, room_kw: f64) -> f64 {
        for w in &mut self.waking {
            w.0 = w.0.saturating_sub(1);
        }
        self.on_kw += self.waking.iter().filter(|w| w.0 == 0).map(|w| w.1).sum::<f64>();
        self.waking.retain(|w| w.0 > 0);
        let before = self.on_kw;
        let (now, later) = (self.spec.whole(now_kw), self.spec.whole(later_kw));
        let wake = self.spec.wake_steps(self.step_h);
        if wake == 0 {
            self.started += (now - before).max(0.0);
            self.on_kw = now;
        } else {
            self.on_kw = before.min(now);
            self.aim(later, wake, room_kw);
        }
        // what falls does so after the latency
        let share = (self.spec.latency_s / (3600.0 * self.step_h)).clamp(0.0, 1.0);
        self.on_kw + (before - self.on_kw).max(0.0) * share
    }

    /// Starts machines up to `later`, or calls off those that have not come yet.
    fn aim(&mut self, later: f64, wake: usize, room_kw: f64) {
        let mut coming = self.on_kw + self.waking.iter().map(|w| w.1).sum::<f64>();
        while coming > later + 1e-9 {
            let Some((_, kw)) = self.waking.last_mut() else { return };
            let off = kw.min(coming - later);
            *kw -= off;
            coming -= off;
            if *kw <= 1e-9 {
                self.waking.pop();
            }
        }
        let more = later - coming;
        if more > 1e-9 {
            if later > room_kw + 1e-9 {
                self.refused += 1;
                return;
            }
            self.started += more;
            self.waking.push((wake, more));
        }
    }

    /// Machines started so far.
    #[must_use]
    pub fn starts(&self) -> f64 {
        if self.spec.machine_kw > 0.0 { self.started / self.spec.machine_kw } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_stop_at_once_and_start_after_their_time() {
        let spec = FleetSpec { max_kw: 100.0, machine_kw: 10.0, latency_s: 15.0, wake_s: 180.0 };
        let mut f = Fleet::new(spec, 1.0 / 60.0);
        let powers: Vec<f64> = (0..5).map(|_| f.step(42.0, 42.0, 1e9)).collect();
        assert_eq!(powers, [0.0, 0.0, 0.0, 40.0, 40.0]);
        assert_eq!(f.step(20.0, 20.0, 1e9), 25.0, "20 kW, and 20 more for a quarter of the step");
        assert_eq!(f.starts(), 4.0);
        f.step(20.0, 60.0, 50.0);
        assert_eq!((f.refused, f.starts()), (1, 4.0));
        // what has not come yet can be called off
        f.step(20.0, 50.0, 1e9);
        f.step(20.0, 20.0, 1e9);
        assert_eq!((0..5).map(|_| f.step(20.0, 20.0, 1e9)).fold(0.0, f64::max), 20.0);
    }
}
