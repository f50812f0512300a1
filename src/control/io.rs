//! The boundary of control: what it measures and what it commands. Data only.

use crate::plant::gpu::Phase;

/// Measured values at a control instant. Powers in kW.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// Time of the sample in ticks, and the tick in seconds.
    pub tick: u64,
    /// Seconds a tick.
    pub dt_s: f64,
    /// Nominal frequency.
    pub f0_hz: f64,
    /// Bus frequency.
    pub f_hz: f64,
    /// ROCOF over 500 ms.
    pub rocof_500ms_hz_per_s: f64,
    /// Bus voltage.
    pub v_pu: f64,
    /// Electrical output of the gensets.
    pub gen_kw: f64,
    /// Rating (after derating) of the gensets on the bus.
    pub rating_kw: f64,
    /// Miner feeder, 100 ms filtered.
    pub miner_filtered_kw: f64,
    /// Miner power that could be shed now (units on and answering).
    pub miner_available_kw: f64,
    /// Miner power that control has off and could restore.
    pub miner_restorable_kw: f64,
    /// Power of one miner unit: the quantum.
    pub miner_unit_kw: f64,
    /// Seconds in which a restored unit is back.
    pub miner_restore_s: f64,
    /// GPU feeder.
    pub gpu_kw: f64,
    /// GPUs off, in preload and at full that the schedule may use.
    pub gpu_off: u32,
    /// GPUs in preload.
    pub gpu_preload: u32,
    /// GPUs at full.
    pub gpu_full: u32,
    /// kW of one GPU in preload and at full.
    pub gpu_preload_kw: f64,
    /// kW of one GPU at full.
    pub gpu_full_kw: f64,
    /// Available BESS discharge power, kW (0 when out of service).
    pub bess_available_kw: f64,
    /// Whether the bus is alive.
    pub energised: bool,
}

/// A command to a device.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Action {
    /// Move `n` GPUs of the schedule from one phase to another.
    Gpu {
        /// How many.
        n: u32,
        /// From.
        from: Phase,
        /// To.
        to: Phase,
    },
    /// Switch miner units off.
    Shed {
        /// How many.
        units: u32,
    },
    /// Switch miner units on.
    Restore {
        /// How many.
        units: u32,
    },
}

/// Something control wants on the record.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    /// A batch was commanded: GPUs and kW.
    Batch(u32, f64),
    /// A batch went down: GPUs and kW.
    BatchDown(u32, f64),
    /// Miner units were shed: units and kW.
    Shed(u32, f64),
    /// Miner units were restored: units and kW.
    Restore(u32, f64),
    /// The schedule holds, with the reason.
    Hold(String),
    /// The schedule goes on.
    Resume,
    /// Another state was reached.
    State(super::RunState),
    /// A measured limit was passed.
    Limit(String),
}
