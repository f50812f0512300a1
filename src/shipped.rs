//! The texts that are compiled into the program: scenarios, equipment, presets, alarms, rubrics, maps, costs. One table; whoever
//! reads one of them, lists them or prints them takes it from here. It reads no file and knows no format.

/// A folder of the source tree with the files of it that the program carries.
#[derive(Clone, Copy, Debug)]
pub struct Folder {
    /// Path from the root of the source tree, with a slash at the end.
    pub path: &'static str,
    /// File names without `.ron`, and texts, in the order in which lists show them.
    pub files: &'static [(&'static str, &'static str)],
}

macro_rules! folder {
    ($(#[$doc:meta])* $id:ident = $path:literal: $($name:literal),+ $(,)?) => {
        $(#[$doc])*
        pub const $id: Folder = Folder {
            path: $path,
            files: &[$(($name, include_str!(concat!("../", $path, $name, ".ron")))),+],
        };
    };
}

folder!(
    /// Scenarios to run.
    SCENARIOS = "scenarios/":
    "path-a",
    "path-b-500",
    "path-b-1000",
    "b-restore",
    "staged-phase",
    "naive-slam",
    "step-limit-only",
    "step-limit-2s",
    "step-200kw",
    "step-300kw",
    "ramp-20kw-per-s",
    "training-swing",
    "job-crash",
    "miner-lag",
    "bess-100kw",
    "bess-200kw",
    "two-gensets-one-trips",
    "condenser",
    "black-start-bess",
    "cold-start-cg260",
    "ramp-down",
);
folder!(
    /// Exercises: scenarios with goals and things that go wrong.
    EXERCISES = "scenarios/exercises/": "bring-up-a1", "miner-lag-b1", "load-rejection", "blind-operator"
);
folder!(
    /// Initial conditions: scenarios without a script, to begin from.
    INITIAL_CONDITIONS = "assets/ic/":
    "01-cold-dark",
    "02-idle-genset",
    "03-steady-500",
    "04-gpus-250",
    "05-b-1000",
    "06-near-ceiling",
    "07-bess-supported",
    "08-two-sets",
);
folder!(
    /// Comparisons of several runs.
    COMPARISONS = "assets/comparisons/": "paths", "source-limits"
);
folder!(
    /// Engine presets from soft to stiff.
    PRESETS = "assets/presets/": "lean-slow", "lean-default", "fast-response"
);
folder!(
    /// Engines of the equipment library.
    GENSETS = "assets/library/gensets/": "generic-1mw", "j320", "c1250n6", "g3516", "cg170-12", "cg260-16"
);
folder!(
    /// Miners of the equipment library.
    MINERS = "assets/library/miners/": "m60s", "s19j-pro", "s21", "m63"
);
folder!(
    /// GPUs of the equipment library.
    GPUS = "assets/library/gpus/": "h100-sxm", "h100-pcie", "gb200", "gb300"
);
folder!(
    /// Batteries of the equipment library.
    BATTERIES = "assets/library/bess/": "generic-100", "mps-250"
);
folder!(
    /// Synchronous condensers of the equipment library.
    CONDENSERS = "assets/library/condensers/": "generic-1mva"
);
folder!(
    /// The alarm database.
    ALARMS = "assets/": "alarms"
);
folder!(
    /// Scoring rubrics, the one in use first.
    RUBRICS = "assets/score/": "v2", "v1"
);
folder!(
    /// Tag maps of common devices.
    MAPS = "assets/maps/":
    "antminer",
    "comap-intelilite4",
    "dcgm",
    "deif-agc-150",
    "dse-8610",
    "easygen-2000",
    "janitza-umg-96rm-e",
    "schneider-pm5560",
    "sunspec-bess",
    "whatsminer",
);
folder!(
    /// Costs of plans, studies and comparisons.
    COSTS = "assets/costs/": "default", "paper"
);
folder!(
    /// Generations of racks for the studies of sites.
    RACKS = "assets/racks/": "generations"
);
folder!(
    /// Sites for the closed-form studies.
    SITES = "assets/sites/": "campus-1400", "plant-1mw"
);

/// Every folder.
pub const FOLDERS: [Folder; 16] = [
    SCENARIOS,
    EXERCISES,
    INITIAL_CONDITIONS,
    COMPARISONS,
    PRESETS,
    GENSETS,
    MINERS,
    GPUS,
    BATTERIES,
    CONDENSERS,
    ALARMS,
    RUBRICS,
    MAPS,
    COSTS,
    RACKS,
    SITES,
];

impl Folder {
    /// Path of a file of this folder, as errors print it.
    #[must_use]
    pub fn path_of(&self, name: &str) -> String {
        format!("{}{name}.ron", self.path)
    }
}

/// Text of a file by its path (`assets/maps/dcgm.ron`) or by its bare name, where only one file has it.
#[must_use]
pub fn text(name: &str) -> Option<&'static str> {
    let all = || FOLDERS.iter().flat_map(|folder| folder.files.iter().map(move |file| (folder, file)));
    let by_path = all().find(|(folder, (file, _))| folder.path_of(file) == name);
    let mut by_name = all().filter(|(_, (file, _))| *file == name.trim_end_matches(".ron"));
    let only = by_name.next().filter(|_| by_name.next().is_none());
    by_path.or(only).map(|(_, (_, text))| *text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    /// What lies in a folder of the source tree but not in the table would be missing from the program.
    #[test]
    fn every_file_of_these_folders_is_in_the_table() {
        for folder in FOLDERS {
            let there: BTreeSet<_> = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder.path))
                .into_iter()
                .flatten()
                .filter_map(|e| Some(e.ok()?.file_name().to_str()?.strip_suffix(".ron")?.to_owned()))
                .collect();
            let listed: BTreeSet<_> = folder.files.iter().map(|(name, _)| (*name).to_owned()).collect();
            assert_eq!(listed, there, "{}", folder.path);
        }
    }

    #[test]
    fn a_file_is_found_by_path_and_by_a_name_that_is_its_own() {
        assert_eq!(text("path-a"), text("scenarios/path-a.ron"));
        assert!(text("alarms").is_some_and(|t| t.contains("alarms")));
        assert!(text("assets/maps/dcgm.ron").is_some() && text("dcgm.ron").is_some());
        assert_eq!(text("nowhere"), None);
        let names: BTreeSet<_> = FOLDERS.iter().flat_map(|f| f.files).map(|(name, _)| name).collect();
        assert_eq!(names.len(), FOLDERS.iter().map(|f| f.files.len()).sum::<usize>(), "a bare name means one file");
    }
}
