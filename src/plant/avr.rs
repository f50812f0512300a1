//! Voltage regulator: SEXS with V/Hz roll-off of the reference. Pure derivative; states are the caller's.
//!
//! `Efd = K/(1+s TE) * (1+s TA)/(1+s TB) * (Vref_eff - Vt)`, per unit.

use super::config::Avr;

/// Factor on the reference at speed `w`: `min(1, (w/knee)^slope)`.
#[must_use]
pub fn roll_off(avr: &Avr, w: f64) -> f64 {
    if avr.vhz_slope <= 0.0 || w >= avr.vhz_knee_pu {
        return 1.0;
    }
    let r = (w / avr.vhz_knee_pu).max(0.0);
    if avr.vhz_slope == 1.0 { r } else { libm::pow(r, avr.vhz_slope) }
}

/// Derivatives of (lead-lag state, Efd) for the voltage error `err`. The field limits are of the non-windup kind.
#[must_use]
pub fn derivative(avr: &Avr, lead_lag: f64, efd: f64, err: f64) -> (f64, f64) {
    let d_ll = (err - lead_lag) / avr.tb_s;
    let y = lead_lag + avr.ta_tb * (err - lead_lag);
    let d = (avr.k * y - efd) / avr.te_s;
    let pushes_out = (efd >= avr.efd_max && d > 0.0) || (efd <= avr.efd_min && d < 0.0);
    (d_ll, if pushes_out { 0.0 } else { d })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sexs() -> Avr {
        Avr {
            ta_tb: 0.1,
            tb_s: 1.0,
            k: 100.0,
            te_s: 0.1,
            efd_min: -4.0,
            efd_max: 5.0,
            vhz_knee_pu: 0.96,
            vhz_slope: 1.0,
            q_droop_pu: 0.0,
        }
    }

    #[test]
    fn steady_state_gain_is_k() {
        assert_eq!(derivative(&sexs(), 0.02, 2.0, 0.02), (0.0, 0.0));
    }

    #[test]
    fn limit_does_not_wind_up() {
        assert_eq!(derivative(&sexs(), 0.2, 5.0, 0.2).1, 0.0);
        assert!(derivative(&sexs(), -0.2, 5.0, -0.2).1 < 0.0);
    }

    #[test]
    fn reference_rolls_off_below_the_knee_only() {
        assert_eq!(roll_off(&sexs(), 1.0), 1.0);
        assert!((roll_off(&sexs(), 0.48) - 0.5).abs() < 1e-12);
    }
}
