//! Which requests read the tags of a group: neighbours share one, holes are spanned as far as the device allows.
//!
//! A scale factor is read in the same request as its value. Where the device does not give so many registers at once it is
//! read by itself, before its value and again after it: a value whose scale moved in between is no value.

use crate::feed::map::{At, Group, Tag};
use crate::feed::modbus::{ReadReq, Table};

/// A request and what is in its answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub req: ReadReq,
    /// Tags with the place of their first register or bit in the answer.
    pub tags: Vec<(usize, usize)>,
    /// Tags with the place of their scale factor.
    pub scales: Vec<(usize, usize)>,
}

impl Request {
    /// Whether the scale factor of this tag is in the same answer.
    pub(super) fn has_scale(&self, tag: usize) -> bool {
        self.scales.iter().any(|(t, _)| *t == tag)
    }

    /// Whether it is read for the scale factors of values that stand elsewhere.
    pub(super) fn is_for_scales(&self) -> bool {
        self.scales.iter().any(|(s, _)| self.tags.iter().all(|(t, _)| t != s))
    }
}

/// How a device is asked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Manner {
    pub unit: u8,
    /// Unmapped registers that a request may span.
    pub max_hole: u16,
    /// Most registers that it gives at once.
    pub most: u16,
}

/// What a tag needs in one request: from, one past the last, and what of it stands where.
struct Need {
    tag: usize,
    table: Table,
    from: u32,
    to: u32,
    value: Option<u16>,
    scale: Option<u16>,
}

/// The requests of a group, those for far scale factors first. `sunspec` gives the address of a model's id, where the
/// device has it. Tags that cannot be read (a model that is not there) are left out.
pub(super) fn requests(
    tags: &[Tag],
    group: &Group,
    manner: Manner,
    sunspec: impl Fn(u16) -> Option<u16>,
) -> Vec<Request> {
    let most = |table: Table| u32::from(if table.is_bits() { table.most() } else { table.most().min(manner.most) });
    let mut needs: Vec<Need> = group.tags.clone().flat_map(|i| need(i, &tags[i].at, manner.most, &sunspec)).collect();
    needs.sort_by_key(|n| (n.table, n.from));
    let mut all: Vec<(Table, u32, u32, Vec<Need>)> = Vec::new();
    for n in needs {
        let hole = if group.cosample { u32::from(n.table.most()) } else { u32::from(manner.max_hole) };
        match all.last_mut() {
            Some((table, from, to, list))
                if *table == n.table && n.from <= *to + hole && n.to.max(*to) - *from <= most(n.table) =>
            {
                *to = n.to.max(*to);
                list.push(n);
            }
            _ => all.push((n.table, n.from, n.to, vec![n])),
        }
    }
    let request = |(table, from, to, list): (Table, u32, u32, Vec<Need>)| {
        let req = ReadReq::new(manner.unit, table, u16::try_from(from).ok()?, u16::try_from(to - from).ok()?)?;
        let at = |address: u16| usize::from(address) - from as usize;
        Some(Request {
            req,
            tags: list.iter().filter_map(|n| n.value.map(|v| (n.tag, at(v)))).collect(),
            scales: list.iter().filter_map(|n| n.scale.map(|s| (n.tag, at(s)))).collect(),
        })
    };
    let mut all: Vec<Request> = all.into_iter().filter_map(request).collect();
    all.sort_by_key(|r| !r.is_for_scales());
    all
}

fn need(tag: usize, at: &At, most: u16, sunspec: impl Fn(u16) -> Option<u16>) -> Vec<Need> {
    let place = || {
        Some(match at {
            At::Reg { table, address, kind, scale_at, .. } => (*table, *address, kind.registers(), *scale_at),
            At::Bit { table, address } => (*table, *address, 1, None),
            At::SunSpec { model, point, kind, scale } => {
                let base = sunspec(*model)?;
                let scale = match scale {
                    Some(s) => Some(base.checked_add(*s)?),
                    None => None,
                };
                (Table::Holding, base.checked_add(*point)?, kind.registers(), scale)
            }
            _ => return None,
        })
    };
    let Some((table, first, registers, scale)) = place() else { return Vec::new() };
    let (from, to) = (u32::from(first), u32::from(first) + u32::from(registers));
    let alone = Need { tag, table, from, to, value: Some(first), scale: None };
    let Some(s) = scale else { return vec![alone] };
    let (low, high) = (from.min(u32::from(s)), to.max(u32::from(s) + 1));
    if high - low <= u32::from(most) {
        return vec![Need { from: low, to: high, scale, ..alone }];
    }
    vec![alone, Need { tag, table, from: u32::from(s), to: u32::from(s) + 1, value: None, scale }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::map::Map;

    /// Address, quantity, tags with their places.
    type Plan = Vec<(u16, u16, Vec<(usize, usize)>)>;

    fn plan(tags: &str, cosample: bool, max_hole: u16, most: u16) -> Plan {
        let text = format!(
            r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "m",
            link: Modbus(host: "h:1", max_hole: {max_hole}), groups: [(name: "g", period_ms: 100, cosample: {cosample}, tags: [{tags}])])])"#
        );
        let map = Map::from_str("t", &text).unwrap();
        let group = &map.endpoints[0].groups[0];
        let manner = Manner { unit: 1, max_hole, most };
        let all = requests(&map.tags, group, manner, |m| (m == 701).then_some(40_070));
        all.into_iter().map(|r| (r.req.address(), r.req.quantity(), r.tags)).collect()
    }

    fn tag(name: &str, at: &str) -> String {
        format!("(name: \"{name}\", at: {at}, valid: (0, 1)),")
    }

    #[test]
    fn neighbours_share_a_request_and_holes_only_where_allowed() {
        let tags = tag("b", "Reg(address: 12, kind: F32)")
            + &tag("a", "Reg(address: 10, kind: F32)")
            + &tag("c", "Reg(address: 16, kind: U16)");
        assert_eq!(plan(&tags, false, 0, 125), [(10, 4, vec![(1, 0), (0, 2)]), (16, 1, vec![(2, 0)])]);
        assert_eq!(plan(&tags, false, 2, 125), [(10, 7, vec![(1, 0), (0, 2), (2, 6)])]);
        assert_eq!(plan(&tags, true, 0, 125).len(), 1, "one instant, one request");
    }

    #[test]
    fn a_request_never_asks_for_more_than_the_standard_allows() {
        let tags: String =
            (0..100).map(|k| tag(&format!("t{k}"), &format!("Reg(address: {}, kind: F32)", 2 * k))).collect();
        let all = plan(&tags, false, 0, 125);
        assert_eq!(all.iter().map(|r| r.1).collect::<Vec<_>>(), [124, 76]);
    }

    #[test]
    fn a_scale_factor_comes_in_the_same_answer_and_a_missing_model_is_left_out() {
        let tags = tag("w", "SunSpec(model: 701, point: 10, kind: S16, scale: 116)")
            + &tag("soc", "SunSpec(model: 713, point: 4, kind: U16)");
        assert_eq!(plan(&tags, false, 0, 125), [(40_080, 107, vec![(0, 0)])]);
        // a device that gives less at once: the scale by itself, first
        assert_eq!(plan(&tags, false, 0, 100), [(40_186, 1, vec![]), (40_080, 1, vec![(0, 0)])]);
    }

    proptest::proptest! {
        /// Whatever a device gives at once, every value is read once, with its scale in the same answer or before it.
        #[test]
        fn every_value_is_read_once_within_what_the_device_gives(
            places in proptest::collection::btree_map(0_u16..30, proptest::option::of(0_u16..110), 1..12),
            hole in 0_u16..20,
            most in 2_u16..125,
        ) {
            let one = |(k, (at, scale)): (usize, (&u16, &Option<u16>))| {
                let scale = scale.map_or(String::new(), |s| format!(", scale_at: {s}"));
                tag(&format!("t{k}"), &format!("Reg(address: {}, kind: U32{scale})", at * 2))
            };
            let tags: String = places.iter().enumerate().map(one).collect();
            let text = format!(
                r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "m",
                link: Modbus(host: "h:1"), groups: [(name: "g", period_ms: 100, tags: [{tags}])])])"#
            );
            let map = Map::from_str("t", &text).unwrap();
            let manner = Manner { unit: 1, max_hole: hole, most };
            let all = requests(&map.tags, &map.endpoints[0].groups[0], manner, |_| None);
            proptest::prop_assert!(all.iter().all(|r| r.req.quantity() <= most));
            for (k, (_, scale)) in places.iter().enumerate() {
                let of = |r: &Request| r.tags.iter().any(|(t, _)| *t == k);
                let value = all.iter().position(of).unwrap();
                proptest::prop_assert_eq!(all.iter().filter(|r| of(r)).count(), 1);
                if scale.is_some() {
                    let with = all.iter().position(|r| r.has_scale(k)).unwrap();
                    proptest::prop_assert!(with <= value || all[with].is_for_scales());
                }
            }
        }
    }
}
