//! Names of the parts of a plant that have signals of their own: bus sections, and devices that are metered one by one.

/// The names, kind by kind in the order of their blocks in a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Bus sections.
    pub sections: Vec<String>,
    /// Gensets.
    pub gensets: Vec<String>,
    /// Batteries.
    pub bess: Vec<String>,
    /// Synchronous condensers.
    pub condensers: Vec<String>,
}

impl Parts {
    /// The lists, each with its name in a file. The first three are in every file; one behind them only where it has a device.
    #[must_use]
    pub fn lists(&self) -> [(&'static str, &Vec<String>); 4] {
        [
            ("sections", &self.sections),
            ("gensets", &self.gensets),
            ("batteries", &self.bess),
            ("condensers", &self.condensers),
        ]
    }

    /// Parts of which `read` gives each list by its name in a file.
    ///
    /// # Errors
    /// The first one of `read`.
    pub fn read<E>(mut read: impl FnMut(&'static str) -> Result<Vec<String>, E>) -> Result<Self, E> {
        let mut parts = Self::default();
        let names = parts.lists().map(|(name, _)| name);
        for (list, name) in parts.lists_mut().into_iter().zip(names) {
            *list = read(name)?;
        }
        Ok(parts)
    }

    fn lists_mut(&mut self) -> [&mut Vec<String>; 4] {
        [&mut self.sections, &mut self.gensets, &mut self.bess, &mut self.condensers]
    }
}

impl From<[Vec<String>; 3]> for Parts {
    fn from([sections, gensets, bess]: [Vec<String>; 3]) -> Self {
        Self { sections, gensets, bess, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_list_by_list_is_read_back() {
        let list = |kind: &str| (0..kind.len()).map(|i| format!("{kind} {i}")).collect::<Vec<_>>();
        let parts = Parts::read(|name| Ok::<_, ()>(list(name))).unwrap_or_default();
        for (name, names) in parts.lists() {
            assert_eq!(*names, list(name));
        }
    }
}
