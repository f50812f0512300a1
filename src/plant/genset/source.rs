//! A genset as a source of its bus.

use core::hash::Hasher;

use super::{DELTA, Derived, EQ, GensetState, STATES};
use crate::plant::config::Genset;
use crate::plant::network::Phasor;
use crate::plant::source::{Frame, Source, largest};

impl Source for GensetState {
    type Of<'a> = (&'a Genset, &'a Derived);

    #[inline]
    fn emf(&mut self, _: Self::Of<'_>, stage: usize) -> Phasor {
        let (mag, angle) = (self.states(stage)[EQ], self.states(stage)[DELTA]);
        self.emf = self.polar.at(mag, angle);
        self.emf
    }

    #[inline]
    fn susceptance(&self, (_, d): Self::Of<'_>) -> f64 {
        d.reactances.b
    }

    #[inline]
    fn take(&mut self, (_, d): Self::Of<'_>, stage: usize, v: Phasor) {
        self.terminal = d.reactances.terminal(self.states(stage)[EQ], self.emf, v);
    }

    #[inline]
    fn stage_one(&mut self, (g, d): Self::Of<'_>, f: &Frame) {
        if self.is_governed() && !self.has_stage_one() {
            (self.k1, self.out) = self.derivative(g, d, f.swing, f.w0, &self.x, &self.terminal, 0);
        }
    }

    #[inline]
    fn predict(&mut self, _: Self::Of<'_>, f: &Frame) {
        if self.is_governed() {
            for k in 0..STATES {
                self.xp[k] = self.x[k] + f.dt * self.k1[k];
            }
        }
    }

    #[inline]
    fn correct(&mut self, (g, d): Self::Of<'_>, f: &Frame) {
        if !self.is_governed() {
            self.wake();
        } else if !self.stays() {
            let predicted_itself = self.predicts_itself();
            let (k2, _) = self.derivative(g, d, f.swing, f.w0, &self.xp, &self.terminal, 1);
            for k in 0..STATES {
                self.x[k] += f.dt / 2.0 * (self.k1[k] + k2[k]);
            }
            self.push_delay(d);
            self.note_rest(predicted_itself);
        }
        self.finish_tick(g, d, f.dt);
    }

    #[inline(never)]
    fn largest_derivative(&self, (g, d): Self::Of<'_>, f: &Frame) -> f64 {
        if !self.is_governed() {
            return 0.0;
        }
        largest(&self.derivative(g, d, f.swing, f.w0, &self.x, &self.terminal, 0).0)
    }

    fn hash_into(&self, h: &mut impl Hasher) {
        let (t, o) = (&self.terminal, &self.out);
        let set = [self.p_set, self.w_ref, self.v_ref, self.share_bias, self.soft, self.unload_pu];
        let seen = [t.p, t.q, t.vt, t.id, o.pm, o.pe, o.avail, o.into_delay];
        // Rings from their oldest place on, so that where they happen to begin does not count.
        let oldest = |ring: &[f64], head: usize| [head..ring.len(), 0..head];
        let delay = oldest(&self.delay, self.head).into_iter().flat_map(|r| &self.delay[r]);
        let speeds = oldest(&self.speed_ring, self.speed_head).into_iter().flat_map(|r| &self.speed_ring[r]);
        for v in self.x.iter().chain(&set).chain(&seen).chain(delay).chain(speeds) {
            h.write_u64(v.to_bits());
        }
        self.fuel.hash_into(h);
        for clock in [self.lowload_ticks, self.overload_ticks, self.state_ticks] {
            h.write_u64(clock);
        }
        for t in &self.relay_timers {
            h.write_u32(*t);
        }
        h.write_u8(self.run as u8);
        for on in [self.breaker, self.tripped, self.fuel_off, self.overloaded] {
            h.write_u8(u8::from(on));
        }
    }
}
