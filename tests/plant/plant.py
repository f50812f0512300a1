"""A small island that moves: one genset with droop, stepped GPU and miner loads, a battery, ripple of training jobs.

Units are in the names. It knows no protocol; the servers read it. Swing equation and a first-order actuator:
2 H S / f0 df/dt = p_mech - p_elec, p_order = p_set - (f - f0) / (droop f0) S.
"""

import math
import random

F0_HZ, S_KW, H_S, DROOP, ACTUATOR_S = 60.0, 1250.0, 1.4, 0.04, 0.35
V_NOM, POWER_FACTOR = 480.0, 0.95
#: Loads step by this much every so many seconds.
STEP_KW, STEP_S = 12.0, 1.7


class Plant:
    """State of the island; `step` lets time pass."""

    def __init__(self, seed=1):
        self.chance = random.Random(seed)
        self.t_s = 0.0
        self.f_hz = F0_HZ
        self.p_set_kw = 900.0
        self.p_mech_kw = 900.0
        self.gpu_kw, self.miner_kw, self.house_kw = 250.0, 600.0, 100.0
        self.bess_kw, self.soc_pct = 25.0, 62.0
        self.gen_wh = 3_000_000_000
        self.beat = 0
        self.next_step_s = STEP_S

    def step(self, dt_s):
        """Advances by `dt_s`."""
        self.t_s += dt_s
        if self.t_s >= self.next_step_s:
            self.next_step_s += STEP_S
            self.gpu_kw = min(270.0, max(230.0, self.gpu_kw + self.chance.choice([-STEP_KW, STEP_KW])))
            self.miner_kw = min(620.0, max(580.0, self.miner_kw + self.chance.choice([-STEP_KW, STEP_KW])))
        ripple_kw = 3.0 * math.sin(2 * math.pi * 0.35 * self.t_s)
        self.gen_kw = self.gpu_kw + self.miner_kw + self.house_kw + ripple_kw - self.bess_kw
        order_kw = self.p_set_kw - (self.f_hz - F0_HZ) / (DROOP * F0_HZ) * S_KW
        self.p_mech_kw += (order_kw - self.p_mech_kw) * dt_s / ACTUATOR_S
        self.f_hz += (self.p_mech_kw - self.gen_kw) * F0_HZ / (2 * H_S * S_KW) * dt_s
        self.v = V_NOM - 0.002 * (self.gen_kw - 900.0)
        self.amps = self.gen_kw * 1000.0 / (math.sqrt(3) * self.v * POWER_FACTOR)
        self.kvar = self.gen_kw * math.tan(math.acos(POWER_FACTOR))
        self.soc_pct -= self.bess_kw / 500.0 * dt_s / 36.0
        self.gen_wh += self.gen_kw * 1000.0 * dt_s / 3600.0
        self.beat = int(self.t_s * 10) % 65536

    def truth(self):
        """What the meters ought to say."""
        return {
            "gen_kw": self.gen_kw, "f_hz": self.f_hz, "v": self.v, "amps": self.amps, "pf": POWER_FACTOR,
            "gpu_kw": self.gpu_kw, "miner_kw": self.miner_kw, "bess_kw": self.bess_kw, "soc_pct": self.soc_pct,
        }
