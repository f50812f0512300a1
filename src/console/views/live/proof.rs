//! The read-only proof: everything that can leave this program, and how often each of it has. There is no other kind.

use std::collections::BTreeMap;

use egui::accesskit::Role;
use egui::{Rect, Sense, Ui, WidgetInfo};

use super::super::ink::{Face, Ink};
use crate::feed::SiteView;
use crate::feed::wire::KINDS;

const ROW: f32 = 24.0;

/// What belongs together: a protocol and its kinds.
const PROTOCOLS: [(&str, std::ops::Range<usize>); 4] =
    [("Modbus reads", 0..4), ("MQTT listener", 4..8), ("HTTP", 8..9), ("Miner reports", 9..12)];

/// Draws the panel; gives where it ends.
pub(super) fn show(ui: &mut Ui, ink: &Ink, r: Rect, site: &SiteView) -> f32 {
    let t = &ink.t;
    let px = ink.body();
    ink.left(r.left(), r.top() + 16.0, "Read-only proof", Face::SemiBold, px, t.text);
    ink.right(r.right(), r.top() + 16.0, "sent since the start", Face::Regular, px, t.text2);
    ink.hline(r.left(), r.right(), r.top() + 33.0, t.dead);
    let all = counts(site);
    let label_end = r.left() + 168.0;
    for (i, (protocol, kinds)) in PROTOCOLS.iter().enumerate() {
        let y = r.top() + 34.0 + ROW * (i as f32 + 0.5);
        ink.left(r.left(), y, protocol, Face::Regular, px, t.text2);
        let mut x = label_end;
        for kind in KINDS.get(kinds.clone()).unwrap_or_default() {
            x = ink.left(x, y, kind, Face::Regular, px, t.text) + 6.0;
            let n = all.get(kind).copied().unwrap_or(0);
            x = ink.left(x, y, n, Face::Medium, px, if n > 0 { t.live } else { t.text2 }) + 18.0;
        }
    }
    let y = r.top() + 34.0 + ROW * (PROTOCOLS.len() as f32 + 0.5);
    ink.left(r.left(), y, "Map, SHA-256", Face::Regular, px, t.text2);
    ink.left_cut(label_end, y, r.right(), &site.map.sha256, Face::Medium, px, t.live);
    let y = y + ROW;
    let claim = "No request that writes exists in this build: what is listed here is all that can leave it.";
    ink.left_cut(r.left(), y, r.right(), claim, Face::SemiBold, px, t.text);
    let sent: u64 = all.values().sum();
    let id = ui.scope_id().with("proof");
    let says = format!("Read-only proof: {sent} requests sent, all of them reads. {claim}");
    ui.interact(r.with_max_y(y), id, Sense::hover()).widget_info(|| WidgetInfo::labeled(Role::Status, true, &says));
    y + 0.5 * ROW + 8.0
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
