//! The read-only proof: everything that can leave this program, and how often each of it has. There is no other kind.

use std::collections::BTreeMap;

use egui::Ui;

use crate::console::widgets::pane::{heading, rule};
use crate::console::widgets::text::fact;
use crate::console::widgets::{Ink, Text};
use crate::feed::SiteView;
use crate::feed::wire::KINDS;

/// Width of the names.
const NAMES: f32 = 168.0;

/// What belongs together: a protocol and its kinds.
const PROTOCOLS: [(&str, std::ops::Range<usize>); 4] =
    [("Modbus reads", 0..4), ("MQTT listener", 4..8), ("HTTP", 8..9), ("Miner reports", 9..12)];

/// Draws the panel.
pub(super) fn show(ui: &mut Ui, site: &SiteView) {
    let all = counts(site);
    heading(ui, "Read-only proof", "sent since the start");
    rule(ui, Ink::of(ui).t.dead);
    for (protocol, kinds) in &PROTOCOLS {
        let kinds = KINDS.get(kinds.clone()).unwrap_or_default();
        let count = |kind: &&str| format!("{kind} {}", all.get(*kind).copied().unwrap_or(0));
        fact(ui, NAMES, protocol, Text::new(kinds.iter().map(count).collect::<Vec<_>>().join("    ")));
    }
    fact(ui, NAMES, "Map, SHA-256", Text::new(&site.map.sha256).medium().live());
    let claim = "No request that writes exists in this build: what is listed here is all that can leave it.";
    let sent: u64 = all.values().sum();
    let said = format!("Read-only proof: {sent} requests sent, all of them reads. {claim}");
    let response = ui.add(Text::new(claim).strong());
    ui.ctx().accesskit_node_builder(response.id, |n| n.set_label(said));
}

/// Counts of all links together.
fn counts(site: &SiteView) -> BTreeMap<&'static str, u64> {
    let mut all = BTreeMap::new();
    for (kind, n) in site.links.iter().filter_map(|l| l.info.as_ref()).flat_map(|i| i.sent.counts()) {
        *all.entry(kind).or_default() += n;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_can_leave_is_listed_once() {
        let listed: Vec<usize> = PROTOCOLS.iter().flat_map(|(_, k)| k.clone()).collect();
        assert_eq!(listed, (0..KINDS.len()).collect::<Vec<_>>());
    }
}
