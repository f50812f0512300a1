//! What of a genset decides its future, for the state hash. Never what follows from it: derivatives, predicted states, EMF.

use super::GensetState;

impl GensetState {
    /// Feeds the state into a hash.
    pub fn hash_into(&self, h: &mut impl core::hash::Hasher) {
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
