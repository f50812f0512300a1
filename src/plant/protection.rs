//! Protection relays and staged load shedding: pure functions of a measured value and a timer.

use serde::{Deserialize, Serialize};

/// What a relay watches. ANSI device numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Device {
    /// 81U: frequency below, pu of f0.
    #[serde(rename = "81U")]
    UnderFrequency,
    /// 81O: frequency above, pu of f0.
    #[serde(rename = "81O")]
    OverFrequency,
    /// 81R: |ROCOF| above, Hz/s over its window.
    #[serde(rename = "81R")]
    Rocof,
    /// 27: voltage below, pu.
    #[serde(rename = "27")]
    UnderVoltage,
    /// 59: voltage above, pu.
    #[serde(rename = "59")]
    OverVoltage,
    /// 32R: power below (negative pickup), pu of rated kW.
    #[serde(rename = "32R")]
    ReversePower,
    /// 51: power above, pu of rated kW (thermal overload of the set).
    #[serde(rename = "51")]
    Overload,
    /// 12: shaft speed above, pu.
    #[serde(rename = "12")]
    Overspeed,
}

/// A definite-time relay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// Name as shown: `81U-1`.
    pub name: String,
    /// What it watches.
    pub device: Device,
    /// Pickup, in the device's unit.
    pub pickup: f64,
    /// Definite time, s.
    pub delay_s: f64,
    /// Measuring window of 81R, s; 0 elsewhere.
    #[serde(default)]
    pub window_s: f64,
    /// Trips 52G; otherwise alarms only.
    #[serde(default = "yes")]
    pub trips: bool,
}

fn yes() -> bool {
    true
}

/// What a load-shedding stage takes off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ShedWhat {
    /// This share of the fleet's units.
    MinersShare(f64),
    /// All miners that are still on.
    AllMiners,
    /// Pre-emptible GPU jobs.
    PreemptibleGpus,
    /// All GPUs.
    AllGpus,
}

/// A stage of under-frequency load shedding. One shot until reset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShedStage {
    /// Name: `S1`.
    pub name: String,
    /// Frequency below, pu of f0.
    pub f_pu: f64,
    /// And ROCOF below this (negative), Hz/s over 500 ms; `None`: frequency alone.
    #[serde(default)]
    pub rocof_hz_per_s: Option<f64>,
    /// s.
    pub delay_s: f64,
    /// What goes.
    pub what: ShedWhat,
}

/// Measured values of one genset that relays read.
#[derive(Clone, Copy, Debug)]
pub struct Measurement {
    /// Bus frequency, pu of f0.
    pub f_pu: f64,
    /// ROCOF over the relay's window, Hz/s.
    pub rocof_hz_per_s: f64,
    /// Voltage, pu.
    pub v_pu: f64,
    /// Active power, pu of rated kW.
    pub p_pu: f64,
    /// Shaft speed, pu.
    pub speed_pu: f64,
    /// The set is on a live bus; frequency, voltage and power relays are blocked otherwise.
    pub on_bus: bool,
}

/// Whether the relay's element picks up on these values.
#[must_use]
pub fn picks_up(r: &Relay, m: &Measurement) -> bool {
    if r.device == Device::Overspeed {
        return m.speed_pu > r.pickup;
    }
    m.on_bus
        && match r.device {
            Device::UnderFrequency => m.f_pu < r.pickup,
            Device::OverFrequency => m.f_pu > r.pickup,
            Device::Rocof => m.rocof_hz_per_s.abs() > r.pickup,
            Device::UnderVoltage => m.v_pu < r.pickup,
            Device::OverVoltage => m.v_pu > r.pickup,
            Device::ReversePower => m.p_pu < r.pickup,
            Device::Overload => m.p_pu > r.pickup,
            Device::Overspeed => false,
        }
}

/// The values within which no relay of a set picks up, so that a quiet tick compares seven numbers instead of asking
/// each relay. A set with an 81R has none: a slope is not known without its window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuietBand {
    f_pu: [f64; 2],
    v_pu: [f64; 2],
    p_pu: [f64; 2],
    speed_pu: f64,
}

impl QuietBand {
    /// The band of these relays.
    #[must_use]
    pub fn new(relays: &[Relay]) -> Self {
        let all = [f64::NEG_INFINITY, f64::INFINITY];
        let mut band = Self { f_pu: all, v_pu: all, p_pu: all, speed_pu: f64::INFINITY };
        for r in relays {
            match r.device {
                Device::UnderFrequency => band.f_pu[0] = band.f_pu[0].max(r.pickup),
                Device::OverFrequency => band.f_pu[1] = band.f_pu[1].min(r.pickup),
                Device::UnderVoltage => band.v_pu[0] = band.v_pu[0].max(r.pickup),
                Device::OverVoltage => band.v_pu[1] = band.v_pu[1].min(r.pickup),
                Device::ReversePower => band.p_pu[0] = band.p_pu[0].max(r.pickup),
                Device::Overload => band.p_pu[1] = band.p_pu[1].min(r.pickup),
                Device::Overspeed => band.speed_pu = band.speed_pu.min(r.pickup),
                Device::Rocof => band.speed_pu = f64::NEG_INFINITY,
            }
        }
        band
    }

    /// Whether these values are inside.
    #[must_use]
    pub fn holds(&self, m: &Measurement) -> bool {
        let inside = |[lo, hi]: [f64; 2], x: f64| x >= lo && x <= hi;
        m.speed_pu <= self.speed_pu
            && (!m.on_bus || (inside(self.f_pu, m.f_pu) && inside(self.v_pu, m.v_pu) && inside(self.p_pu, m.p_pu)))
    }
}

/// One tick of a definite-time relay: the timer in ticks runs while the element is picked up, and falls back at once.
/// Returns the new timer and whether the relay operates.
#[must_use]
pub fn definite_time(picked_up: bool, timer: u32, delay_s: f64, tick_s: f64) -> (u32, bool) {
    if !picked_up {
        return (0, false);
    }
    let timer = timer.saturating_add(1);
    let need = (delay_s / tick_s).round().max(1.0);
    (timer, f64::from(timer) >= need)
}

/// Check-sync 25: whether a breaker may close between two live sides.
///
/// `df_hz` is the incoming frequency less the bus frequency, `dv_pu` the difference of magnitudes, `angle_rad` the
/// difference of angles, wrapped. Limits: +0.18/-0.10 Hz, 5 %, 7 degrees (editable defaults of genset controllers).
#[must_use]
pub fn check_sync(df_hz: f64, dv_pu: f64, angle_rad: f64) -> bool {
    (-0.10..=0.18).contains(&df_hz) && dv_pu.abs() <= 0.05 && angle_rad.abs() <= 7.0_f64.to_radians()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEALTHY: Measurement =
        Measurement { f_pu: 1.0, rocof_hz_per_s: 0.0, v_pu: 1.0, p_pu: 0.7, speed_pu: 1.0, on_bus: true };

    fn relay(device: Device, pickup: f64) -> Relay {
        Relay { name: "r".into(), device, pickup, delay_s: 0.5, window_s: 0.0, trips: true }
    }

    #[test]
    fn each_device_picks_up_past_its_setting_and_not_before() {
        type Case = (Device, f64, fn(&mut Measurement, f64), f64, f64);
        let table: [Case; 8] = [
            (Device::UnderFrequency, 0.95, |m, x| m.f_pu = x, 0.951, 0.949),
            (Device::OverFrequency, 1.10, |m, x| m.f_pu = x, 1.099, 1.101),
            (Device::Rocof, 1.0, |m, x| m.rocof_hz_per_s = x, -0.99, -1.01),
            (Device::UnderVoltage, 0.88, |m, x| m.v_pu = x, 0.881, 0.879),
            (Device::OverVoltage, 1.12, |m, x| m.v_pu = x, 1.119, 1.121),
            (Device::ReversePower, -0.05, |m, x| m.p_pu = x, -0.049, -0.051),
            (Device::Overload, 1.10, |m, x| m.p_pu = x, 1.09, 1.11),
            (Device::Overspeed, 1.15, |m, x| m.speed_pu = x, 1.149, 1.151),
        ];
        for (device, pickup, set, inside, outside) in table {
            let r = relay(device, pickup);
            let mut m = HEALTHY;
            assert!(!picks_up(&r, &m), "{device:?} on a healthy set");
            set(&mut m, inside);
            assert!(!picks_up(&r, &m), "{device:?} inside");
            set(&mut m, outside);
            assert!(picks_up(&r, &m), "{device:?} outside");
        }
    }

    #[test]
    fn off_the_bus_only_overspeed_watches() {
        let m = Measurement { f_pu: 0.5, v_pu: 0.0, p_pu: 0.0, speed_pu: 1.2, on_bus: false, ..HEALTHY };
        assert!(!picks_up(&relay(Device::UnderFrequency, 0.9), &m));
        assert!(picks_up(&relay(Device::Overspeed, 1.15), &m));
    }

    #[test]
    fn a_quiet_band_is_where_no_relay_picks_up() {
        use Device::{
            OverFrequency, OverVoltage, Overload, Overspeed, ReversePower, Rocof, UnderFrequency, UnderVoltage,
        };
        let relays = [
            relay(UnderFrequency, 0.95),
            relay(UnderFrequency, 0.90),
            relay(OverFrequency, 1.10),
            relay(OverFrequency, 1.15),
            relay(UnderVoltage, 0.88),
            relay(OverVoltage, 1.12),
            relay(ReversePower, -0.05),
            relay(Overload, 1.10),
            relay(Overspeed, 1.15),
        ];
        let band = QuietBand::new(&relays);
        let around = |at: f64| [at - 1e-9, at, at + 1e-9, 1.0];
        for f_pu in [0.95, 1.10].into_iter().flat_map(around) {
            for v_pu in [0.88, 1.12].into_iter().flat_map(around) {
                for p_pu in [-0.05, 1.10].into_iter().flat_map(around) {
                    for (speed_pu, on_bus) in [(1.0, true), (1.0, false), (1.15, true), (1.16, false), (1.16, true)] {
                        let m = Measurement { f_pu, v_pu, p_pu, speed_pu, on_bus, rocof_hz_per_s: 0.0 };
                        assert_eq!(band.holds(&m), !relays.iter().any(|r| picks_up(r, &m)), "{m:?}");
                    }
                }
            }
        }
        assert!(!QuietBand::new(&[relay(Rocof, 1.0)]).holds(&HEALTHY), "a slope has to be measured");
        assert!(QuietBand::new(&[]).holds(&HEALTHY));
    }

    #[test]
    fn definite_time_operates_on_its_tick_and_resets() {
        let (mut timer, mut operated) = (0, 0);
        for k in 1..=500 {
            let (t, trip) = definite_time(true, timer, 0.5, 0.001);
            timer = t;
            if trip {
                operated = k;
                break;
            }
        }
        assert_eq!(operated, 500);
        assert_eq!(definite_time(false, 499, 0.5, 0.001), (0, false));
        assert!(definite_time(true, 0, 0.0, 0.001).1, "no delay operates on the first tick");
    }

    #[test]
    fn check_sync_has_a_window_for_each_quantity() {
        assert!(check_sync(0.1, 0.0, 0.05));
        assert!(!check_sync(0.2, 0.0, 0.0) && !check_sync(-0.11, 0.0, 0.0));
        assert!(!check_sync(0.1, 0.06, 0.0) && !check_sync(0.1, 0.0, 0.13));
    }
}
