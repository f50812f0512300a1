//! Sparkplug B payloads, read only: the few protobuf fields that carry metrics.
//!
//! It listens as neither host nor edge node: it sends no STATE and no command. Lengths that the wire claims are held
//! against what is there before anything is reserved. Metrics without a value that is a number, a flag or a text are
//! passed over. Reference: Eclipse Sparkplug 3.0, `sparkplug_b.proto`.

/// Most metrics of a payload; one that holds more is refused as a whole, for a part of a birth is no birth.
const MAX_METRICS: usize = 50_000;

/// A payload.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Payload {
    /// Time of the payload, ms since 1970.
    pub t_ms: Option<u64>,
    /// Sequence number, 0 to 255.
    pub seq: Option<u64>,
    /// Metrics in order.
    pub metrics: Vec<Metric>,
}

/// A metric.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metric {
    /// Name; absent where the birth certificate gave an alias.
    pub name: Option<String>,
    /// Alias.
    pub alias: Option<u64>,
    /// Time of the value, ms since 1970.
    pub t_ms: Option<u64>,
    /// Data type as numbered by the specification.
    pub datatype: Option<u32>,
    /// A value of the past: for the history, not for now.
    pub historical: bool,
    /// Explicitly without a value.
    pub null: bool,
    /// Value.
    pub value: Value,
    /// Quality code of the property set: 0 bad, 192 good, 500 stale.
    pub quality: Option<i32>,
}

/// A value.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// None, or one of a kind that is no number, flag or text.
    #[default]
    None,
    /// A number, as wide as it came.
    Number(f64),
    /// A whole number as its bit pattern: only its data type says whether it has a sign. See [`Metric::number`].
    Bits(u64),
    /// A flag.
    Flag(bool),
    /// A text.
    Text(String),
}

impl Metric {
    /// The value as a number, whole numbers by the metric's own data type or else by the one that its birth declared. With
    /// neither, a whole number is taken as one without sign, and the flag says that this is a guess. None for what is no
    /// number.
    #[must_use]
    pub fn number(&self, declared: Option<u32>) -> Option<(f64, bool)> {
        match self.value {
            Value::Number(x) => Some((x, false)),
            Value::Bits(v) => {
                let datatype = self.datatype.filter(|t| *t != 0).or(declared);
                Some((integer(v, datatype), datatype.is_none()))
            }
            Value::Flag(b) => Some((f64::from(u8::from(b)), false)),
            Value::None | Value::Text(_) => None,
        }
    }
}

/// The bytes are no payload: where the reading stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a Sparkplug payload: byte {0} cannot be read")]
pub struct Malformed(pub usize);

/// A field of a message.
enum Field<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed64(u64),
    Fixed32(u32),
}

/// The fields of one message.
struct Fields<'a> {
    rest: &'a [u8],
    /// Of the innermost message.
    at: usize,
}

impl<'a> Fields<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes, at: 0 }
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.rest.split_at_checked(n)?;
        self.rest = rest;
        self.at += n;
        Some(head)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            let bits = u64::from(byte & 0x7F);
            // The tenth byte holds one bit.
            if shift == 63 && bits > 1 {
                return None;
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn next(&mut self) -> Result<Option<(u64, Field<'a>)>, Malformed> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let at = self.at;
        self.field().map(Some).ok_or(Malformed(at))
    }

    fn field(&mut self) -> Option<(u64, Field<'a>)> {
        let key = self.varint()?;
        let field = match key & 7 {
            0 => Field::Varint(self.varint()?),
            1 => Field::Fixed64(u64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            2 => {
                let n = usize::try_from(self.varint()?).ok()?;
                Field::Bytes(self.take(n)?)
            }
            5 => Field::Fixed32(u32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => return None,
        };
        Some((key >> 3, field))
    }
}

/// Reads a payload.
///
/// # Errors
/// [`Malformed`] if the bytes are none.
pub fn read(bytes: &[u8]) -> Result<Payload, Malformed> {
    let mut payload = Payload::default();
    let mut fields = Fields::new(bytes);
    while let Some((number, field)) = fields.next()? {
        match (number, field) {
            (1, Field::Varint(t)) => payload.t_ms = Some(t),
            (2, Field::Bytes(m)) => {
                let inside = fields.at - m.len();
                if payload.metrics.len() == MAX_METRICS {
                    return Err(Malformed(inside));
                }
                payload.metrics.push(metric(m).map_err(|e| Malformed(inside + e.0))?);
            }
            (3, Field::Varint(seq)) => payload.seq = Some(seq),
            _ => {}
        }
    }
    Ok(payload)
}

fn metric(bytes: &[u8]) -> Result<Metric, Malformed> {
    let mut m = Metric::default();
    let mut fields = Fields::new(bytes);
    while let Some((number, field)) = fields.next()? {
        match (number, field) {
            (1, Field::Bytes(b)) => m.name = Some(String::from_utf8_lossy(b).into_owned()),
            (2, Field::Varint(a)) => m.alias = Some(a),
            (3, Field::Varint(t)) => m.t_ms = Some(t),
            (4, Field::Varint(t)) => m.datatype = u32::try_from(t).ok(),
            (5, Field::Varint(b)) => m.historical = b != 0,
            (7, Field::Varint(b)) => m.null = b != 0,
            (9, Field::Bytes(b)) => {
                let inside = fields.at - b.len();
                m.quality = quality(b).map_err(|e| Malformed(inside + e.0))?;
            }
            (10 | 11, Field::Varint(v)) => m.value = Value::Bits(v),
            (12, Field::Fixed32(v)) => m.value = Value::Number(f64::from(f32::from_bits(v))),
            (13, Field::Fixed64(v)) => m.value = Value::Number(f64::from_bits(v)),
            (14, Field::Varint(v)) => m.value = Value::Flag(v != 0),
            (15, Field::Bytes(b)) => m.value = Value::Text(String::from_utf8_lossy(b).into_owned()),
            _ => {}
        }
    }
    if m.null {
        m.value = Value::None;
    }
    Ok(m)
}

/// Signed integers travel as their bit pattern in an unsigned field.
fn integer(v: u64, datatype: Option<u32>) -> f64 {
    match datatype {
        Some(1) => f64::from(v as u8 as i8),
        Some(2) => f64::from(v as u16 as i16),
        Some(3) => f64::from(v as u32 as i32),
        Some(4) => v as i64 as f64,
        _ => v as f64,
    }
}

/// `Quality` of a property set: keys and values stand in two lists of the same order.
fn quality(bytes: &[u8]) -> Result<Option<i32>, Malformed> {
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    let mut fields = Fields::new(bytes);
    while let Some((number, field)) = fields.next()? {
        match (number, field) {
            (1, Field::Bytes(k)) => keys.push(k),
            (2, Field::Bytes(v)) => {
                let inside = fields.at - v.len();
                let mut value = None;
                let mut inner = Fields::new(v);
                while let Some((n, f)) = inner.next().map_err(|e| Malformed(inside + e.0))? {
                    if let (3, Field::Varint(x)) = (n, f) {
                        value = Some(x as u32 as i32);
                    }
                }
                values.push(value);
            }
            _ => {}
        }
    }
    let at = keys.iter().position(|k| *k == b"Quality");
    Ok(at.and_then(|at| values.get(at).copied().flatten()))
}

/// Writes what a node would send, for tests.
#[cfg(test)]
pub(super) mod sender {
    pub(in crate::feed) fn varint(mut v: u64) -> Vec<u8> {
        let mut out = Vec::new();
        while v >= 0x80 {
            out.push(v as u8 | 0x80);
            v >>= 7;
        }
        out.push(v as u8);
        out
    }

    pub(in crate::feed) fn number(field: u64, v: u64) -> Vec<u8> {
        [varint(field << 3), varint(v)].concat()
    }

    pub(in crate::feed) fn bytes(field: u64, b: &[u8]) -> Vec<u8> {
        [varint(field << 3 | 2), varint(b.len() as u64), b.to_vec()].concat()
    }
}

#[cfg(test)]
mod tests {
    use super::sender::{bytes, number, varint};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_birth_and_its_data_are_read() {
        let p_kw = [bytes(1, b"gen/p_kw"), number(2, 7), number(3, 1000), number(4, 10), {
            [varint(13 << 3 | 1), 512.5_f64.to_bits().to_le_bytes().to_vec()].concat()
        }]
        .concat();
        let soc = [number(2, 8), number(4, 3), number(10, u64::from(-5_i32 as u32)), number(5, 1)].concat();
        let gone = [number(2, 9), number(7, 1), number(10, 3)].concat();
        let bad = [number(2, 10), number(4, 11), number(14, 1), {
            bytes(9, &[bytes(1, b"Quality"), bytes(2, &[number(1, 3), number(3, 500)].concat())].concat())
        }]
        .concat();
        let all =
            [number(1, 2000), bytes(2, &p_kw), bytes(2, &soc), bytes(2, &gone), bytes(2, &bad), number(3, 42)].concat();
        let p = read(&all).unwrap();
        assert_eq!((p.t_ms, p.seq, p.metrics.len()), (Some(2000), Some(42), 4));
        assert_eq!(p.metrics[0].name.as_deref(), Some("gen/p_kw"));
        assert_eq!((p.metrics[0].alias, &p.metrics[0].value), (Some(7), &Value::Number(512.5)));
        assert_eq!((p.metrics[1].historical, p.metrics[1].number(None)), (true, Some((-5.0, false))));
        assert_eq!((p.metrics[2].null, &p.metrics[2].value), (true, &Value::None));
        assert_eq!((p.metrics[3].quality, &p.metrics[3].value), (Some(500), &Value::Flag(true)));
    }

    #[test]
    fn a_whole_number_means_what_its_type_says_wherever_that_was_declared() {
        let m = |datatype, v| Metric { datatype, value: Value::Bits(v), ..Metric::default() };
        let minus_150 = u64::from(-150_i32 as u32);
        assert_eq!(m(Some(3), minus_150).number(None), Some((-150.0, false)));
        assert_eq!(m(None, minus_150).number(Some(3)), Some((-150.0, false)), "the birth said Int32");
        assert_eq!(m(None, minus_150).number(None), Some((4_294_967_146.0, true)), "nobody did");
        assert_eq!(m(None, 0xFFD8).number(Some(2)), Some((-40.0, false)));
        assert_eq!(m(None, 0xFFD8).number(Some(6)), Some((65_496.0, false)));
    }

    #[test]
    fn a_claimed_length_reserves_nothing() {
        let claim = [varint(2 << 3 | 2), varint(u64::MAX)].concat();
        assert_eq!(read(&claim), Err(Malformed(0)));
        assert_eq!(read(&[0x80; 11]), Err(Malformed(0)));
        // the place inside a metric is that of the payload
        assert_eq!(read(&[number(3, 1), bytes(2, &[0x08])].concat()), Err(Malformed(4)));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(b in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(p) = read(&b) {
                prop_assert!(p.metrics.len() <= b.len());
            }
        }
    }
}
