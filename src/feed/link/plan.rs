//! Which requests read the tags of a group: neighbours share one, holes are spanned as far as the device allows.

use crate::feed::map::{At, Group, Tag};
use crate::feed::modbus::{ReadReq, Table};

/// A request and what is in its answer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub req: ReadReq,
    /// Tags with the place of their first register or bit in the answer.
    pub tags: Vec<(usize, usize)>,
    /// Places of scale factors, for the tags that have one.
    pub scales: Vec<(usize, usize)>,
}

/// What one tag needs: table, first, one past the last, and its scale factor.
struct Need {
    tag: usize,
    table: Table,
    from: u32,
    to: u32,
    first: u16,
    scale: Option<u16>,
}

/// The requests of a group. `sunspec` gives the address of a model's id, where the device has it. Tags that cannot be
/// read (a model that is not there) are left out.
pub(super) fn requests(
    tags: &[Tag],
    group: &Group,
    unit: u8,
    max_hole: u16,
    sunspec: impl Fn(u16) -> Option<u16>,
) -> Vec<Request> {
    let mut needs: Vec<Need> = group.tags.clone().filter_map(|i| need(i, &tags[i].at, &sunspec)).collect();
    needs.sort_by_key(|n| (n.table, n.from));
    let mut all: Vec<(Table, u32, u32, Vec<Need>)> = Vec::new();
    for n in needs {
        let hole = if group.cosample { u32::from(n.table.most()) } else { u32::from(max_hole) };
        match all.last_mut() {
            Some((table, from, to, list))
                if *table == n.table && n.from <= *to + hole && n.to.max(*to) - *from <= u32::from(n.table.most()) =>
            {
                *to = n.to.max(*to);
                list.push(n);
            }
            _ => all.push((n.table, n.from, n.to, vec![n])),
        }
    }
    let request = |(table, from, to, list): (Table, u32, u32, Vec<Need>)| {
        let req = ReadReq::new(unit, table, u16::try_from(from).ok()?, u16::try_from(to - from).ok()?)?;
        let at = |address: u16| usize::from(address) - from as usize;
        Some(Request {
            req,
            tags: list.iter().map(|n| (n.tag, at(n.first))).collect(),
            scales: list.iter().filter_map(|n| n.scale.map(|s| (n.tag, at(s)))).collect(),
        })
    };
    all.into_iter().filter_map(request).collect()
}

fn need(tag: usize, at: &At, sunspec: impl Fn(u16) -> Option<u16>) -> Option<Need> {
    let (table, first, registers, scale) = match at {
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
    };
    let (from, to) = (u32::from(first), u32::from(first) + u32::from(registers));
    let (low, high) = scale.map_or((from, to), |s| (from.min(u32::from(s)), to.max(u32::from(s) + 1)));
    Some(Need { tag, table, from: low, to: high, first, scale })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::map::Map;

    fn plan(tags: &str, cosample: bool, max_hole: u16) -> Vec<(u16, u16, Vec<(usize, usize)>)> {
        let text = format!(
            r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "m",
            link: Modbus(host: "h:1", max_hole: {max_hole}), groups: [(name: "g", period_ms: 100, cosample: {cosample}, tags: [{tags}])])])"#
        );
        let map = Map::from_str("t", &text).unwrap();
        let group = &map.endpoints[0].groups[0];
        let all = requests(&map.tags, group, 1, max_hole, |m| (m == 701).then_some(40_070));
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
        assert_eq!(plan(&tags, false, 0), [(10, 4, vec![(1, 0), (0, 2)]), (16, 1, vec![(2, 0)])]);
        assert_eq!(plan(&tags, false, 2), [(10, 7, vec![(1, 0), (0, 2), (2, 6)])]);
        assert_eq!(plan(&tags, true, 0).len(), 1, "one instant, one request");
    }

    #[test]
    fn a_request_never_asks_for_more_than_the_standard_allows() {
        let tags: String =
            (0..100).map(|k| tag(&format!("t{k}"), &format!("Reg(address: {}, kind: F32)", 2 * k))).collect();
        let all = plan(&tags, false, 0);
        assert_eq!(all.iter().map(|r| r.1).collect::<Vec<_>>(), [124, 76]);
    }

    #[test]
    fn a_scale_factor_comes_in_the_same_answer_and_a_missing_model_is_left_out() {
        let tags = tag("w", "SunSpec(model: 701, point: 10, kind: S16, scale: 116)")
            + &tag("soc", "SunSpec(model: 713, point: 4, kind: U16)");
        assert_eq!(plan(&tags, false, 0), [(40_080, 107, vec![(0, 0)])]);
    }
}
