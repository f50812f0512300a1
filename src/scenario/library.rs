//! The equipment library: one RON file a machine under `assets/library`, compiled into the program.
//!
//! Every value carries its source: the `sources` of a file names each field once, and a file that leaves one out does
//! not load. A site that knows better overrides single values in its scenario.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::OnceLock;

use serde::Deserialize;

use crate::plant::config::{Avr, Derate, Fuel, Source, StartStop};
use crate::shipped::{self, Folder};
use crate::text::{At, Error, parse};

/// Declares a library entry: the struct that its file is read into, and the list of its fields for screens and tests.
macro_rules! entry {
    ($(#[$doc:meta])* $name:ident { $($(#[$fdoc:meta])* $field:ident: $ty:ty,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            /// Id, as a scenario's `library` names it.
            pub id: String,
            /// What a person reads.
            pub name: String,
            $($(#[$fdoc])* pub $field: $ty,)+
            /// Where each value comes from, by field.
            pub sources: BTreeMap<String, Source>,
        }

        impl Entry for $name {
            fn id(&self) -> &str {
                &self.id
            }

            fn sheet(&self) -> Sheet {
                let value = |field: &'static str, v: &dyn Debug| Sourced {
                    field,
                    value: format!("{v:?}"),
                    source: self.sources.get(field).cloned().unwrap_or_default(),
                };
                Sheet {
                    kind: stringify!($name),
                    id: self.id.clone(),
                    name: self.name.clone(),
                    values: vec![$(value(stringify!($field), &self.$field)),+],
                    unused: self.sources.keys().filter(|k| ![$(stringify!($field)),+].contains(&k.as_str())).cloned().collect(),
                }
            }
        }
    };
}

trait Entry {
    fn id(&self) -> &str;
    fn sheet(&self) -> Sheet;
}

/// A value as text, with its source.
#[derive(Clone, Debug, PartialEq)]
pub struct Sourced {
    /// Field with its unit, `rated_kw`.
    pub field: &'static str,
    /// Value as text.
    pub value: String,
    /// Where it comes from.
    pub source: Source,
}

/// A library entry as a list, for screens, reports and tests.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// `Genset`, `Miner`, `Gpu`, `Battery` or `Condenser`.
    pub kind: &'static str,
    /// Id, by which scenario files name it.
    pub id: String,
    /// Name, as lists show it.
    pub name: String,
    /// All values with their sources.
    pub values: Vec<Sourced>,
    /// Sources that belong to no field.
    pub unused: Vec<String>,
}

entry! {
    /// An engine with its generator. Engine quantities on rated kW, machine quantities on rated kVA.
    Genset {
        /// Frequency that the rating holds for.
        f0_hz: f64,
        /// Speed.
        speed_rpm: f64,
        /// Rating.
        rated_kw: f64,
        /// Rating of the generator.
        rated_kva: f64,
        /// Inertia constant.
        h_s: f64,
        /// Transient reactance.
        xd1_pu: f64,
        /// Synchronous reactance.
        xd_pu: f64,
        /// Open-circuit transient time constant.
        td01_s: f64,
        /// Voltage regulator.
        avr: Avr,
        /// Engine preset that the set is judged to be.
        preset: String,
        /// Datasheet points: electrical kW, fuel kW (LHV).
        fuel_points_kw: Vec<(f64, f64)>,
        /// Willans line through them.
        fuel: Fuel,
        /// Carbon dioxide of the fuel, kg a kWh of lower heating value.
        co2_kg_per_kwh: f64,
        /// Published load steps from no load on, pu of rating; empty for none.
        step_table_pu: Vec<f64>,
        /// Rest between these steps.
        step_rest_s: f64,
        /// Mechanical limit.
        p_max_pu: f64,
        /// Seconds above the derated rating before the limit falls to it.
        overload_s: f64,
        /// What the engine takes from the bus without fuel, pu of rated kW.
        motoring_pu: f64,
        /// Mechanical overspeed trip.
        overspeed_pu: f64,
        /// Start and stop times.
        start_stop: StartStop,
        /// Derating.
        derate: Derate,
    }
}

entry! {
    /// A miner.
    Miner {
        /// Power of one.
        unit_kw: f64,
        /// Latency of a sleep command, mean.
        latency_s: f64,
        /// Sigma of its lognormal factor.
        latency_sigma: f64,
        /// Fall after the latency.
        fall_s: f64,
        /// Latency of a wake-up command.
        wake_latency_s: f64,
        /// Ramp to full after it.
        wake_s: f64,
        /// Power factor.
        power_factor: f64,
    }
}

entry! {
    /// A GPU in its node.
    Gpu {
        /// Board power.
        board_kw: f64,
        /// Its share of the node or rack.
        node_kw: f64,
        /// Facility power over IT power.
        pue: f64,
        /// Idle with context loaded.
        idle_kw: f64,
        /// Before admission.
        off_kw: f64,
        /// Preload, share of full.
        preload_share: f64,
        /// Rise, board to wall.
        rise_s: f64,
        /// Fall.
        fall_s: f64,
        /// Start jitter over a batch.
        jitter_s: f64,
        /// Power factor.
        power_factor: f64,
    }
}

entry! {
    /// A battery with its inverter; pu on rated kVA.
    Battery {
        /// Rating.
        rated_kva: f64,
        /// Energy.
        energy_kwh: f64,
        /// P-f droop.
        droop_pu: f64,
        /// Virtual inertia.
        h_virtual_s: f64,
        /// Q-V droop.
        q_droop_pu: f64,
        /// Coupling reactance.
        x_pu: f64,
        /// Power measurement filter.
        t_p_s: f64,
        /// Current limit.
        i_max_pu: f64,
        /// Under-voltage cut-off of the inverter: voltage.
        cutoff_v_pu: f64,
        /// Under-voltage cut-off of the inverter: time.
        cutoff_s: f64,
        /// Following: measurement and response.
        t_follow_s: f64,
        /// Following: dead band.
        deadband_hz: f64,
        /// One-way efficiency.
        efficiency: f64,
        /// State of charge at the start.
        soc_at_start: f64,
        /// Its floor.
        soc_min: f64,
        /// Its ceiling.
        soc_max: f64,
        /// Its target.
        soc_target: f64,
        /// Recharge may draw this much.
        recharge_kw: f64,
    }
}

entry! {
    /// A synchronous condenser with a flywheel; pu on rated kVA.
    Condenser {
        /// Rating.
        rated_kva: f64,
        /// Inertia constant of the machine.
        h_s: f64,
        /// What the flywheel adds to it.
        flywheel_h_s: f64,
        /// Transient reactance.
        xd1_pu: f64,
        /// Synchronous reactance.
        xd_pu: f64,
        /// Open-circuit transient time constant.
        td01_s: f64,
        /// Voltage regulator.
        avr: Avr,
        /// Losses at nominal speed.
        loss_pu: f64,
        /// Power of the damper cage, pu a pu of slip.
        damper_pu: f64,
        /// Under-speed trip.
        trip_speed_pu: f64,
        /// Under-voltage trip.
        trip_v_pu: f64,
        /// Delay of both.
        trip_s: f64,
    }
}

/// Declares the library: its lists in the order in which screens show them, each with its kind, its folder, and how an entry is
/// found.
macro_rules! lists {
    ($($(#[$doc:meta])* $list:ident: $kind:ident = $folder:ident, $find:ident;)+) => {
        /// All entries, in the order in which screens list them.
        #[derive(Clone, Debug, PartialEq)]
        pub struct Library {
            $($(#[$doc])* pub $list: Vec<$kind>,)+
        }

        impl Library {
            $(
                /// One by its id.
                #[must_use]
                pub fn $find(&self, id: &str) -> Option<&$kind> {
                    self.$list.iter().find(|e| e.id == id)
                }
            )+

            fn sheets(&self) -> Vec<Sheet> {
                let mut all = Vec::new();
                $(all.extend(self.$list.iter().map(Entry::sheet));)+
                all
            }
        }

        fn read() -> Result<Library, Error> {
            Ok(Library { $($list: entries(shipped::$folder)?),+ })
        }
    };
}

lists! {
    /// Engines.
    gensets: Genset = GENSETS, genset;
    /// Miners.
    miners: Miner = MINERS, miner;
    /// GPUs.
    gpus: Gpu = GPUS, gpu;
    /// Batteries.
    bess: Battery = BATTERIES, battery;
    /// Synchronous condensers.
    condensers: Condenser = CONDENSERS, condenser;
}

/// The library; read once. An error names the file, line and column.
///
/// # Errors
/// If a file of the library is malformed or a value has no source (a test keeps that from being shipped).
pub fn library() -> Result<&'static Library, Error> {
    static LIBRARY: OnceLock<Result<Library, Error>> = OnceLock::new();
    LIBRARY.get_or_init(read).as_ref().map_err(Clone::clone)
}

/// Every entry as a sheet, for screens, reports and tests.
///
/// # Errors
/// As [`library`].
pub fn all() -> Result<Vec<Sheet>, Error> {
    library().map(Library::sheets)
}

fn entries<E: Entry + for<'a> Deserialize<'a>>(folder: Folder) -> Result<Vec<E>, Error> {
    folder.files.iter().map(|(name, text)| entry(&folder.path_of(name), text)).collect()
}

fn entry<E: Entry + for<'a> Deserialize<'a>>(path: &str, text: &str) -> Result<E, Error> {
    let entry: E = parse(text, path)?;
    let sheet = entry.sheet();
    let wrong = |m: String, x: &str| Err(At::top().key("sources").problem(m, x).place(text, path));
    if let Some(v) = sheet.values.iter().find(|v| v.source.trim().is_empty()) {
        return wrong(format!("`{}` has no source", v.field), "a source for every field");
    }
    if let Some(k) = sheet.unused.first() {
        return wrong(format!("a source for `{k}`, which is no field"), "sources of the file's own fields");
    }
    if !path.ends_with(&format!("/{}.ron", entry.id())) {
        return wrong(format!("the id is `{}`", entry.id()), "the file's name without .ron");
    }
    Ok(entry)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_without_source_does_not_load() {
        let text = shipped::text("s21").unwrap_or_default().replace("\"wake_s\":", "\"wake\":");
        let e = entry::<Miner>("x/s21.ron", &text).unwrap_err().to_string();
        assert_eq!(e, "`wake_s` has no source at line 11 column 14 (expected a source for every field): x/s21.ron");
    }
}
