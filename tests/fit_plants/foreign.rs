//! Twenty plants that are not the twin: governors, engines and meters of their own, integrated by a few lines of their own
//! (semi-implicit Euler at half a millisecond). 1000 kW on 1250 kVA; powers in pu of 1000 kW.

use std::collections::VecDeque;

/// Integration step, s.
const DT: f64 = 0.0005;
/// Rated kW, and kVA over kW.
pub const RATED_KW: f64 = 1000.0;
const KVA_A_KW: f64 = 1.25;

/// First-order lag.
#[derive(Clone)]
struct Lag(f64, f64);

impl Lag {
    fn go(&mut self, x: f64) -> f64 {
        if self.1 > 0.0 {
            self.0 += (x - self.0) * DT / self.1;
        } else {
            self.0 = x;
        }
        self.0
    }
}

/// Pure delay.
#[derive(Clone)]
struct Delay(VecDeque<f64>);

impl Delay {
    fn new(s: f64, x: f64) -> Self {
        Self(std::iter::repeat_n(x, (s / DT).round() as usize).collect())
    }
    fn go(&mut self, x: f64) -> f64 {
        self.0.push_back(x);
        self.0.pop_front().unwrap_or(x)
    }
}

/// Lead-lag `(1 + a s)/(1 + b s)`.
#[derive(Clone)]
struct LeadLag(f64, f64, f64);

impl LeadLag {
    fn go(&mut self, x: f64) -> f64 {
        let y = self.0 + self.1 / self.2 * (x - self.0);
        self.0 += (x - self.0) * DT / self.2;
        y
    }
}

/// What a governor is.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    /// Kp, Ki, Kd, droop (0: isochronous), dead time, actuator, manifold, rate (0: none).
    Pid { kp: f64, ki: f64, kd: f64, droop: f64, dead: f64, act: f64, man: f64, rate: f64 },
    /// The same on electrical power through a transducer.
    PowerDroop { kp: f64, ki: f64, droop: f64, meter: f64, dead: f64, act: f64, man: f64 },
    /// Droop, T1, T2, T3.
    Tgov1(f64, f64, f64, f64),
    /// Droop, T1, T2.
    Gast(f64, f64, f64),
    /// Gas turbine of PES-TR1: droop, Kp, Ki, actuator, turbine; Kturb 1.5, idle flow 0.2, fuel with speed.
    Ggov1(f64, f64, f64, f64, f64),
    /// Droop, servo, rate, chest.
    Servo(f64, f64, f64, f64),
    /// Diesel by Woodward: gain, droop on the throttle, dead time.
    Degov(f64, f64, f64),
    /// PID with droop or none and an air limit: reserve, turbocharger.
    Air { kp: f64, ki: f64, droop: f64, reserve: f64, turbo: f64 },
}

#[derive(Clone)]
struct Gov {
    kind: Kind,
    p0: f64,
    xi: f64,
    act: f64,
    last_e: f64,
    de: Lag,
    dead: Delay,
    man: Lag,
    meter: Lag,
    l1: LeadLag,
    l2: LeadLag,
    l3: Lag,
    boost: f64,
}

impl Gov {
    fn new(kind: Kind, p0: f64) -> Self {
        let (dead, man, meter) = match kind {
            Kind::Pid { dead, man, .. } => (dead, man, 0.0),
            Kind::PowerDroop { dead, man, meter, .. } => (dead, man, meter),
            Kind::Tgov1(_, _, _, t3) => (0.0, t3, 0.0),
            Kind::Gast(_, _, t2) => (0.0, t2, 0.0),
            Kind::Ggov1(.., tb) => (0.0, tb, 1.0),
            Kind::Servo(.., chest) => (0.0, chest, 0.0),
            Kind::Degov(_, _, dead) => (dead, 0.0, 0.0),
            Kind::Air { .. } => (0.08, 0.25, 0.0),
        };
        let valve = if let Kind::Ggov1(..) = kind { p0 / 1.5 + 0.2 } else { p0 };
        let kind0 = kind;
        Self {
            kind,
            p0,
            xi: valve,
            act: valve,
            last_e: 0.0,
            de: Lag(0.0, 0.05),
            dead: Delay::new(dead, p0),
            man: Lag(p0, man),
            meter: Lag(p0, meter),
            l1: LeadLag(0.0, 0.2, 0.03),
            l2: LeadLag(p0, 0.25, 0.0384),
            l3: Lag(p0, if matches!(kind0, Kind::Degov(..)) { 0.009 } else { 0.0 }),
            boost: p0,
        }
    }

    /// Mechanical power at speed `w` with reference `w_ref` and electrical power `pe`.
    fn go(&mut self, w: f64, w_ref: f64, pe: f64) -> f64 {
        let df = w_ref - w;
        match self.kind {
            Kind::Pid { kp, ki, kd, droop, act, rate, .. } => {
                let e = df - droop * (self.act - self.p0);
                let d = self.de.go((e - self.last_e) / DT);
                self.last_e = e;
                self.xi += ki * e * DT;
                let u = kp * e + self.xi + kd * d;
                let mut v = (u - self.act) / act;
                if rate > 0.0 {
                    v = v.clamp(-rate, rate);
                }
                self.act += v * DT;
                let late = self.dead.go(self.act);
                self.man.go(late)
            }
            Kind::PowerDroop { kp, ki, droop, act, .. } => {
                let e = df - droop * (self.meter.go(pe) - self.p0);
                self.xi += ki * e * DT;
                self.act += (kp * e + self.xi - self.act) / act * DT;
                let late = self.dead.go(self.act);
                self.man.go(late)
            }
            Kind::Tgov1(r, t1, t2, t3) => {
                self.act += (self.p0 + df / r - self.act) / t1 * DT;
                let lag = self.man.go(self.act);
                lag + t2 / t3 * (self.act - lag)
            }
            Kind::Gast(r, t1, _) => {
                self.act += (self.p0 + df / r - self.act) / t1 * DT;
                self.man.go(self.act)
            }
            Kind::Ggov1(r, kp, ki, tact, _) => {
                let e = (df - r * (self.meter.go(pe) - self.p0)).clamp(-0.05, 0.05);
                self.xi += ki * e * DT;
                self.act += (kp * e + self.xi - self.act) / tact * DT;
                self.man.go(1.5 * (self.act * w - 0.2))
            }
            Kind::Servo(r, t, rate, _) => {
                self.act += ((self.p0 + df / r - self.act) / t).clamp(-rate, rate) * DT;
                self.man.go(self.act)
            }
            Kind::Degov(k, r, _) => {
                let e = df - r * (self.act - self.p0);
                let led = self.l1.go(e);
                self.xi += k * led * DT;
                let throttle = self.l3.go(self.l2.go(self.xi));
                self.act = throttle;
                self.dead.go(throttle) * w
            }
            Kind::Air { kp, ki, droop, reserve, turbo } => {
                let cap = (self.boost + reserve).max(0.25);
                let e = df - droop * (self.act - self.p0);
                let u = kp * e + self.xi;
                if u < cap || e < 0.0 {
                    self.xi += ki * e * DT;
                }
                self.act += (u.min(cap) - self.act) / 0.1 * DT;
                let late = self.dead.go(self.act);
                let pm = self.man.go(late);
                self.boost += (pm - self.boost) / turbo * DT;
                pm
            }
        }
    }
}

/// Meters of a plant.
#[derive(Clone, Copy, PartialEq)]
pub struct Meters {
    pub period_s: f64,
    pub f_step_hz: f64,
    pub f_noise_hz: f64,
    pub p_noise_kw: f64,
    /// How much later power is stamped, s.
    pub skew_s: f64,
    /// Lags of the two meters, s.
    pub f_lag_s: f64,
    pub p_lag_s: f64,
}

/// A battery beside the set that forms the bus too: droop, lag, limit in pu.
#[derive(Clone, Copy, PartialEq)]
pub struct Battery {
    pub droop: f64,
    pub lag_s: f64,
    pub most: f64,
}

/// A plant with its meters.
#[derive(Clone, Copy, PartialEq)]
pub struct Foreign {
    pub name: &'static str,
    pub h_s: f64,
    pub kind: Kind,
    /// A second governor on the same shaft that takes half (two sets that swing together).
    pub beside: Option<Kind>,
    pub battery: Option<Battery>,
    /// Load falls with voltage, which dips with a step and recovers: exponent.
    pub z: f64,
    pub f0_hz: f64,
    pub meters: Meters,
}

impl Foreign {
    /// Steady-state droop, pu; none for an isochronous plant, or one whose battery has a share in it.
    pub fn droop(&self) -> Option<f64> {
        let of = |k: &Kind| match *k {
            Kind::Pid { droop, .. } | Kind::PowerDroop { droop, .. } | Kind::Air { droop, .. } => droop,
            Kind::Tgov1(r, ..) | Kind::Gast(r, ..) | Kind::Servo(r, ..) | Kind::Ggov1(r, ..) => r,
            // The throttle is multiplied with speed, here at half load.
            Kind::Degov(_, r, _) => 1.0 / (1.0 / r - 0.5),
        };
        if let Some(b) = &self.beside {
            return Some(2.0 / (1.0 / of(&self.kind) + 1.0 / of(b)));
        }
        Some(of(&self.kind)).filter(|r| *r > 0.0)
    }

    /// Rows of time, Hz, kW over so many seconds of this load (pu over time).
    pub fn record(&self, seed: u64, s: f64, load: &dyn Fn(f64) -> f64) -> Vec<[f64; 3]> {
        let m = self.meters;
        let p0 = load(0.0);
        let mut gov = Gov::new(self.kind, p0);
        let mut second = self.beside.map(|k| Gov::new(k, p0));
        let two_h = 2.0 * self.h_s * KVA_A_KW;
        let (mut w, mut sag, mut bat) = (1.0, 0.0, 0.0);
        let mut noise = Noise(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let (mut f_seen, mut p_seen) = (Lag(1.0, m.f_lag_s), Lag(p0, m.p_lag_s));
        let late = ((m.skew_s.abs() + 1.0) / DT) as usize;
        let mut f_past: VecDeque<f64> = std::iter::repeat_n(1.0, late).collect();
        let mut p_past: VecDeque<f64> = std::iter::repeat_n(p0, late).collect();
        let (mut rows, every) = (Vec::new(), (m.period_s / DT).round() as usize);
        let back = |s: f64| late - 1 - (s / DT).round() as usize;
        for k in 0..(s / DT) as usize {
            let t = k as f64 * DT;
            let asked = load(t);
            // Voltage dips with what is added and comes back within half a second.
            sag += ((asked - p0) * 0.15 - sag) * DT / 0.05;
            let dip = (asked - p0) * 0.15 - sag;
            let drawn = asked * (1.0 - self.z * dip);
            let pe = if let Some(b) = &self.battery {
                bat += (((1.0 - w) / b.droop).clamp(-b.most, b.most) - bat) * DT / b.lag_s;
                drawn - bat
            } else {
                drawn
            };
            let mut pm = gov.go(w, 1.0, pe);
            if let Some(g) = &mut second {
                pm = (pm + g.go(w, 1.0, pe)) / 2.0;
            }
            w += (pm - pe) / w / two_h * DT;
            f_past.push_back(f_seen.go(w));
            f_past.pop_front();
            p_past.push_back(p_seen.go(pe));
            p_past.pop_front();
            if k % every == 0 {
                let f = f_past[back((-m.skew_s).max(0.0))] * self.f0_hz + m.f_noise_hz * noise.normal();
                let p = p_past[back(m.skew_s.max(0.0))] * RATED_KW + m.p_noise_kw * noise.normal();
                let f = if m.f_step_hz > 0.0 { (f / m.f_step_hz).round() * m.f_step_hz } else { f };
                rows.push([t, f, (p * 10.0).round() / 10.0]);
            }
        }
        rows
    }
}

/// Noise: xorshift and the sum of twelve.
pub struct Noise(pub u64);

impl Noise {
    pub fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

/// A load of steps up and down about `base` pu, `size` pu at most, one each 5 to 12 s after the first ten, with a little ripple.
pub fn steps(seed: u64, base: f64, size: f64, s: f64) -> impl Fn(f64) -> f64 {
    let mut n = Noise(seed.wrapping_mul(0xD134_2543_DE82_EF95) | 1);
    let mut at = vec![(10.0 + n.uniform(), base + size)];
    while at.last().is_some_and(|l| l.0 < s) {
        let last = at[at.len() - 1];
        let way = if last.1 > base { -1.0 } else { 1.0 };
        let kw = last.1 + way * size * (0.4 + 0.6 * n.uniform());
        at.push((last.0 + 5.0 + 7.0 * n.uniform(), kw));
    }
    move |t| {
        let step = at.iter().rev().find(|s| t >= s.0).map_or(base, |s| s.1);
        step + if t > 2.0 { 0.002 * (t * 2.1).sin() } else { 0.0 }
    }
}

const FINE: Meters = Meters {
    period_s: 0.1,
    f_step_hz: 0.001,
    f_noise_hz: 0.002,
    p_noise_kw: 0.5,
    skew_s: 0.0,
    f_lag_s: 0.0,
    p_lag_s: 0.0,
};

const fn plant(name: &'static str, h_s: f64, kind: Kind, meters: Meters) -> Foreign {
    Foreign { name, h_s, kind, beside: None, battery: None, z: 0.0, f0_hz: 60.0, meters }
}

const PI: Kind = Kind::Pid { kp: 6.0, ki: 4.0, kd: 0.0, droop: 0.0, dead: 0.0, act: 0.15, man: 0.0, rate: 0.0 };
const PI_DROOP: Kind = Kind::Pid { kp: 10.0, ki: 5.0, kd: 0.0, droop: 0.05, dead: 0.05, act: 0.1, man: 0.2, rate: 0.0 };
const LATE: Kind = Kind::Pid { kp: 3.5, ki: 2.0, kd: 0.4, droop: 0.0, dead: 0.2, act: 0.1, man: 0.3, rate: 0.0 };
const QUICK: Kind = Kind::Pid { kp: 12.0, ki: 10.0, kd: 0.6, droop: 0.03, dead: 0.03, act: 0.05, man: 0.1, rate: 0.0 };
const LIMITED: Kind = Kind::Pid { kp: 5.0, ki: 2.0, kd: 0.3, droop: 0.0, dead: 0.05, act: 0.1, man: 0.1, rate: 0.15 };
const POWER: Kind = Kind::PowerDroop { kp: 7.0, ki: 5.0, droop: 0.05, meter: 0.3, dead: 0.06, act: 0.1, man: 0.2 };

/// The twenty.
pub const PLANTS: [Foreign; 20] = [
    plant("PI", 0.9, PI, FINE),
    plant("PID, dead time 0.2 s", 1.2, LATE, FINE),
    plant("PID, quick, droop, 20 Hz", 0.5, QUICK, Meters { period_s: 0.05, ..FINE }),
    plant("droop on power", 0.8, POWER, FINE),
    plant("TGOV1", 2.5, Kind::Tgov1(0.05, 0.3, 0.4, 1.2), FINE),
    plant("GAST", 1.6, Kind::Gast(0.05, 0.4, 0.1), FINE),
    plant("GGOV1", 1.8, Kind::Ggov1(0.04, 10.0, 2.0, 0.3, 0.1), FINE),
    plant("droop servo, 0.1 pu/s", 1.4, Kind::Servo(0.06, 0.1, 0.1, 0.05), FINE),
    plant("PID, rate 0.15 pu/s", 0.85, LIMITED, FINE),
    plant("small diesel", 0.6, Kind::Degov(15.0, 0.04, 0.024), FINE),
    plant("lean turbo", 0.7, Kind::Air { kp: 6.0, ki: 4.0, droop: 0.0, reserve: 0.06, turbo: 4.0 }, FINE),
    plant("lean turbo, droop", 0.9, Kind::Air { kp: 6.0, ki: 4.0, droop: 0.04, reserve: 0.08, turbo: 3.0 }, FINE),
    Foreign { beside: Some(Kind::Tgov1(0.05, 0.3, 0.3, 0.8)), ..plant("two sets, totals", 1.1, PI_DROOP, FINE) },
    Foreign {
        battery: Some(Battery { droop: 0.1, lag_s: 0.05, most: 0.03 }),
        ..plant("set and forming battery", 0.8, PI_DROOP, FINE)
    },
    Foreign { z: 1.5, ..plant("load by voltage", 0.75, PI, FINE) },
    plant("0.1 Hz resolution", 1.0, PI_DROOP, Meters { f_step_hz: 0.1, ..FINE }),
    plant("slow meters", 0.9, PI_DROOP, Meters { f_lag_s: 0.1, p_lag_s: 0.3, ..FINE }),
    plant(
        "2 Hz",
        2.0,
        Kind::Pid { kp: 5.0, ki: 2.0, kd: 0.0, droop: 0.04, dead: 0.1, act: 0.2, man: 0.4, rate: 0.0 },
        Meters { period_s: 0.5, ..FINE },
    ),
    plant(
        "noise, 20 Hz, skew",
        0.7,
        LATE_DROOP,
        Meters { period_s: 0.05, f_noise_hz: 0.02, p_noise_kw: 5.0, skew_s: 0.15, f_step_hz: 0.01, ..FINE },
    ),
    Foreign {
        f0_hz: 50.0,
        ..plant(
            "50 Hz, 5 rows a second, power early",
            1.5,
            PI_DROOP,
            Meters { period_s: 0.2, skew_s: -0.1, f_step_hz: 0.01, ..FINE },
        )
    },
];

const LATE_DROOP: Kind = Kind::Pid { kp: 6.0, ki: 3.0, kd: 0.3, droop: 0.04, dead: 0.1, act: 0.1, man: 0.2, rate: 0.0 };
