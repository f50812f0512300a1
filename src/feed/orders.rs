//! The word-order check: what the registers of a tag would mean in each order of their bytes, and which meanings are
//! plausible. A wrong order is the commonest error of a register map, and it shows at once. Pure.

use super::map::{At, Tag};
use super::modbus::{Decoded, NotAvailable, Order, decode};

/// A float this close to zero is no measurement, but bytes of another order.
const TINY: f64 = 1e-9;

/// What a tag's registers mean in one order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Meaning {
    /// The order.
    pub order: Order,
    /// Value in the tag's unit; NaN where there is none.
    pub value: f64,
    /// Within the range that the map states.
    pub plausible: bool,
    /// The order that the map states.
    pub stated: bool,
}

/// The meanings of `words`; of a single register the two that differ. Empty for what is no number in registers.
#[must_use]
pub fn meanings(tag: &Tag, words: &[u16]) -> Vec<Meaning> {
    let (kind, own, na) = match &tag.at {
        At::Reg { kind, order, na, .. } => (*kind, *order, na.clone()),
        At::SunSpec { kind, .. } => (*kind, Order::Abcd, NotAvailable::default()),
        _ => return Vec::new(),
    };
    let differ = |o: &Order| words.len() > 1 || matches!(o, Order::Abcd | Order::Badc);
    let meaning = |order: Order| {
        let raw = match decode(words, kind, order, &na)? {
            Decoded::Number(raw) => raw,
            Decoded::NotAvailable | Decoded::NotFinite => f64::NAN,
        };
        let value = raw * tag.scale[0] + tag.scale[1];
        let plausible = (tag.valid[0]..=tag.valid[1]).contains(&value) && (raw == 0.0 || raw.abs() > TINY);
        Some(Meaning { order, value, plausible, stated: order == own })
    };
    Order::ALL.into_iter().filter(differ).filter_map(meaning).collect()
}

/// The one other order that would fit, if the stated one does not.
#[must_use]
pub fn better(all: &[Meaning]) -> Option<Order> {
    let mut others = all.iter().filter(|m| m.plausible && !m.stated);
    let wrong = all.iter().any(|m| m.stated && !m.plausible);
    let first = others.next().filter(|_| wrong)?;
    others.next().is_none().then_some(first.order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::map::Map;

    fn tag(kind: &str, order: &str) -> Tag {
        let text = format!(
            r#"(name: "s", source: "x", plant: (f0_hz: 60, v_nom: 480, rated_kw: 1), endpoints: [(name: "m",
            link: Modbus(host: "h:1"), groups: [(name: "g", period_ms: 100, tags: [
            (name: "f", at: Reg(address: 0, kind: {kind}, order: {order}), unit: "Hz", valid: (40, 75)),])])])"#
        );
        Map::from_str("m", &text).unwrap().tags.remove(0)
    }

    #[test]
    fn the_order_that_fits_stands_out() {
        // 60.02 Hz as a float is 0x4270147B
        let swapped = [0x147B, 0x4270];
        let all = meanings(&tag("F32", "ABCD"), &swapped);
        assert_eq!(all.len(), 4);
        assert_eq!(better(&all), Some(Order::Cdab));
        let fits: Vec<_> = all.iter().filter(|m| m.plausible).collect();
        assert!((fits[0].value - 60.02).abs() < 1e-4 && fits.len() == 1);
        assert_eq!(better(&meanings(&tag("F32", "CDAB"), &swapped)), None, "the map is right");
    }

    #[test]
    fn a_single_register_has_two_meanings_and_text_none() {
        assert_eq!(meanings(&tag("U16", "ABCD"), &[60]).len(), 2);
        assert!(meanings(&tag("F32", "ABCD"), &[60]).is_empty(), "registers are missing");
    }
}
