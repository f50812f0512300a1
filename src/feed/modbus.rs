//! Modbus TCP: read requests as bytes, and answers as numbers.
//!
//! A request can only be one of the four reads: the function code comes from [`Table`], which has four members, and the
//! only encoder gives twelve bytes. There is no encoder for a write, and none takes bytes from a caller.
//!
//! An answer is judged before it is used: transaction, protocol, length, unit, function and byte count have to fit the
//! request, or no value comes of it. Values are decoded with the word order and the type that the tag map states, and a
//! code that means "not available" is no number. Addresses count from 0, as on the wire.
//! Reference: MODBUS Messaging on TCP/IP Implementation Guide V1.0b, MODBUS Application Protocol V1.1b3.

use serde::{Deserialize, Serialize};

/// Registers that one request may ask for.
pub const MAX_REGISTERS: u16 = 125;
/// Bits that one request may ask for.
pub const MAX_BITS: u16 = 2000;
/// Bytes of an answer's header: transaction, protocol, length, unit.
pub const HEADER: usize = 7;
/// Longest answer: header, function, count, 250 bytes of registers; the standard's limit.
pub const MAX_FRAME: usize = 260;

/// What can be read. The number is the function code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[repr(u8)]
pub enum Table {
    /// Read Coils.
    Coil = 1,
    /// Read Discrete Inputs.
    Discrete = 2,
    /// Read Holding Registers.
    Holding = 3,
    /// Read Input Registers.
    Input = 4,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Coil, Self::Discrete, Self::Holding, Self::Input];

    /// Function code on the wire.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// Whether an item is a bit.
    #[must_use]
    pub fn is_bits(self) -> bool {
        matches!(self, Self::Coil | Self::Discrete)
    }

    /// Items that one request may ask for.
    #[must_use]
    pub fn most(self) -> u16 {
        if self.is_bits() { MAX_BITS } else { MAX_REGISTERS }
    }
}

/// A request to read. It cannot be anything else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadReq {
    unit: u8,
    table: Table,
    address: u16,
    quantity: u16,
}

impl ReadReq {
    /// `quantity` registers or bits from `address`. None if the count is 0 or too large, or runs past address 65535.
    #[must_use]
    pub fn new(unit: u8, table: Table, address: u16, quantity: u16) -> Option<Self> {
        let fits = (1..=table.most()).contains(&quantity) && u32::from(address) + u32::from(quantity) <= 0x1_0000;
        fits.then_some(Self { unit, table, address, quantity })
    }

    /// Table that is read.
    #[must_use]
    pub fn table(&self) -> Table {
        self.table
    }

    /// First address.
    #[must_use]
    pub fn address(&self) -> u16 {
        self.address
    }

    /// Registers or bits.
    #[must_use]
    pub fn quantity(&self) -> u16 {
        self.quantity
    }

    /// The request on the wire.
    #[must_use]
    pub fn encode(&self, transaction: u16) -> [u8; 12] {
        let [t1, t0] = transaction.to_be_bytes();
        let [a1, a0] = self.address.to_be_bytes();
        let [q1, q0] = self.quantity.to_be_bytes();
        [t1, t0, 0, 0, 0, 6, self.unit, self.table.code(), a1, a0, q1, q0]
    }

    /// Bytes of data that a good answer has.
    fn data_bytes(self) -> usize {
        let n = usize::from(self.quantity);
        if self.table.is_bits() { n.div_ceil(8) } else { 2 * n }
    }
}

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Registers, first address first.
    Registers(Vec<u16>),
    /// Bits, first address first.
    Bits(Vec<bool>),
    /// The device refuses, with its exception code.
    Exception(u8),
}

/// Why a frame is no answer to the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// The frame belongs to another request: a late answer. Skip it and read on.
    #[error("answer to another request")]
    OtherTransaction,
    /// Not Modbus at all.
    #[error("protocol field is not 0")]
    Protocol,
    /// Length field and bytes disagree.
    #[error("length field does not fit the frame")]
    Length,
    /// Another unit answered.
    #[error(
        "the answer is of unit {came}, asked was unit {asked}: write `unit: {came}`, or `echo_unit: false` where the gateway always says so"
    )]
    Unit {
        /// As in the request.
        asked: u8,
        /// As in the answer.
        came: u8,
    },
    /// Another function.
    #[error("answer to another function")]
    Function,
    /// Too few or too many data.
    #[error("byte count does not fit the request")]
    Count,
}

/// Bytes that follow the header, from its length field; none if the header cannot be one of Modbus TCP. At most
/// [`MAX_FRAME`], whatever the wire claims.
#[must_use]
pub fn body_bytes(header: [u8; HEADER]) -> Option<usize> {
    let [_, _, p1, p0, l1, l0, _] = header;
    let length = usize::from(u16::from_be_bytes([l1, l0]));
    // The unit is counted in the length and is part of the header here.
    ((p1, p0) == (0, 0) && (3..=MAX_FRAME - HEADER + 1).contains(&length)).then(|| length - 1)
}

/// Judges a whole frame against the request. With `transaction` none the field is not looked at, nor is the unit where
/// `echo_unit` is false: there are gateways that never echo them.
///
/// # Errors
/// [`Misfit`] if it is no answer to this request.
pub fn answer(frame: &[u8], request: &ReadReq, transaction: Option<u16>, echo_unit: bool) -> Result<Answer, Misfit> {
    let [t1, t0, p1, p0, l1, l0, unit, function, rest @ ..] = frame else { return Err(Misfit::Length) };
    if (*p1, *p0) != (0, 0) {
        return Err(Misfit::Protocol);
    }
    if transaction.is_some_and(|t| t != u16::from_be_bytes([*t1, *t0])) {
        return Err(Misfit::OtherTransaction);
    }
    if usize::from(u16::from_be_bytes([*l1, *l0])) != rest.len() + 2 {
        return Err(Misfit::Length);
    }
    if echo_unit && *unit != request.unit {
        return Err(Misfit::Unit { asked: request.unit, came: *unit });
    }
    if *function == request.table.code() | 0x80 {
        return match rest {
            [code] => Ok(Answer::Exception(*code)),
            _ => Err(Misfit::Count),
        };
    }
    if *function != request.table.code() {
        return Err(Misfit::Function);
    }
    let [count, data @ ..] = rest else { return Err(Misfit::Count) };
    if usize::from(*count) != data.len() || data.len() != request.data_bytes() {
        return Err(Misfit::Count);
    }
    Ok(if request.table.is_bits() {
        let bit = |i: usize| data[i / 8] >> (i % 8) & 1 == 1;
        Answer::Bits((0..usize::from(request.quantity)).map(bit).collect())
    } else {
        Answer::Registers(data.chunks_exact(2).map(|b| u16::from_be_bytes([b[0], b[1]])).collect())
    })
}

/// Type of a value in registers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// One register, unsigned.
    U16,
    /// One register, two's complement.
    S16,
    /// Two registers, unsigned.
    U32,
    /// Two registers, two's complement.
    S32,
    /// Four registers, unsigned.
    U64,
    /// Four registers, two's complement.
    S64,
    /// Two registers, IEEE 754.
    F32,
    /// Four registers, IEEE 754.
    F64,
    /// One bit of a register, 0 the lowest.
    Bit(u8),
}

impl Kind {
    /// Registers that it takes.
    #[must_use]
    pub fn registers(self) -> u16 {
        match self {
            Self::U16 | Self::S16 | Self::Bit(_) => 1,
            Self::U32 | Self::S32 | Self::F32 => 2,
            Self::U64 | Self::S64 | Self::F64 => 4,
        }
    }

    /// Largest code of an integer type, as the bit pattern; none for the others.
    fn top(self) -> Option<u64> {
        match self {
            Self::U16 => Some(u64::from(u16::MAX)),
            Self::S16 => Some(i16::MAX as u64),
            Self::U32 => Some(u64::from(u32::MAX)),
            Self::S32 => Some(i32::MAX as u64),
            Self::U64 => Some(u64::MAX),
            Self::S64 => Some(i64::MAX as u64),
            Self::F32 | Self::F64 | Self::Bit(_) => None,
        }
    }
}

/// Order of the bytes of a value, A the highest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Order {
    /// High word first, high byte first: what the standard suggests.
    #[default]
    Abcd,
    /// Low word first.
    Cdab,
    /// High word first, bytes swapped.
    Badc,
    /// Low word first, bytes swapped.
    Dcba,
}

impl Order {
    /// All of them, for the check which one is plausible.
    pub const ALL: [Self; 4] = [Self::Abcd, Self::Cdab, Self::Badc, Self::Dcba];
}

/// Codes that mean "not available".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NotAvailable {
    /// These bit patterns.
    pub codes: Vec<u64>,
    /// The so many highest codes of the type (eight with GenComm).
    pub top: u8,
}

/// What a code stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Decoded {
    /// A finite number, unscaled.
    Number(f64),
    /// The device says that it has none.
    NotAvailable,
    /// NaN or infinite.
    NotFinite,
}

/// The value in `words`, which are the [`Kind::registers`] registers of the tag. None if their count is wrong or a bit's
/// number is above 15.
#[must_use]
pub fn decode(words: &[u16], kind: Kind, order: Order, na: &NotAvailable) -> Option<Decoded> {
    if words.len() != usize::from(kind.registers()) {
        return None;
    }
    let word = |w: u16| if matches!(order, Order::Badc | Order::Dcba) { w.swap_bytes() } else { w };
    let join = |acc: u64, w: &u16| acc << 16 | u64::from(word(*w));
    let code = match order {
        Order::Abcd | Order::Badc => words.iter().fold(0, join),
        Order::Cdab | Order::Dcba => words.iter().rev().fold(0, join),
    };
    let in_top = kind.top().is_some_and(|top| code <= top && top - code < u64::from(na.top));
    if in_top || na.codes.contains(&code) {
        return Some(Decoded::NotAvailable);
    }
    let value = match kind {
        Kind::U16 | Kind::U32 | Kind::U64 => code as f64,
        Kind::S16 => f64::from(code as u16 as i16),
        Kind::S32 => f64::from(code as u32 as i32),
        Kind::S64 => code as i64 as f64,
        Kind::F32 => f64::from(f32::from_bits(code as u32)),
        Kind::F64 => f64::from_bits(code),
        Kind::Bit(n) if n < 16 => f64::from(code as u16 >> n & 1),
        Kind::Bit(_) => return None,
    };
    Some(if value.is_finite() { Decoded::Number(value) } else { Decoded::NotFinite })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn na() -> NotAvailable {
        NotAvailable::default()
    }

    #[test]
    fn a_request_looks_as_in_the_standard() {
        // Example of the Application Protocol, 6.3: registers 108 to 110.
        let r = ReadReq::new(0x11, Table::Holding, 0x6B, 3).unwrap();
        assert_eq!(r.encode(0x0102), [1, 2, 0, 0, 0, 6, 0x11, 3, 0, 0x6B, 0, 3]);
        assert!(ReadReq::new(1, Table::Holding, 0, 126).is_none());
        assert!(ReadReq::new(1, Table::Coil, 0, 2000).is_some());
        assert!(ReadReq::new(1, Table::Input, 0xFFFF, 2).is_none());
        assert!(ReadReq::new(1, Table::Input, 0xFFFF, 1).is_some());
    }

    #[test]
    fn an_answer_has_to_fit_its_request() {
        let r = ReadReq::new(0x11, Table::Holding, 0x6B, 3).unwrap();
        let good = [0, 7, 0, 0, 0, 9, 0x11, 3, 6, 2, 0x2B, 0, 0, 0, 0x64];
        assert_eq!(answer(&good, &r, Some(7), true), Ok(Answer::Registers(vec![0x022B, 0, 0x64])));
        assert_eq!(answer(&good, &r, Some(8), true), Err(Misfit::OtherTransaction));
        assert_eq!(answer(&good, &r, None, true), Ok(Answer::Registers(vec![0x022B, 0, 0x64])));
        assert_eq!(answer(&[0, 7, 0, 0, 0, 3, 0x11, 0x83, 2], &r, Some(7), true), Ok(Answer::Exception(2)));
        // one register for three asked: half a float elsewhere, nothing here
        assert_eq!(answer(&[0, 7, 0, 0, 0, 5, 0x11, 3, 2, 2, 0x2B], &r, Some(7), true), Err(Misfit::Count));
        for (at, to, why) in [
            (2, 1, Misfit::Protocol),
            (5, 8, Misfit::Length),
            (6, 0x12, Misfit::Unit { asked: 0x11, came: 0x12 }),
            (7, 4, Misfit::Function),
            (8, 5, Misfit::Count),
        ] {
            let mut bad = good;
            bad[at] = to;
            assert_eq!(answer(&bad, &r, Some(7), true), Err(why));
        }
    }

    #[test]
    fn bits_count_from_the_lowest() {
        // Application Protocol, 6.1: coils 20 to 38 are CD 6B 05.
        let r = ReadReq::new(1, Table::Coil, 19, 19).unwrap();
        let Ok(Answer::Bits(bits)) = answer(&[0, 0, 0, 0, 0, 6, 1, 1, 3, 0xCD, 0x6B, 5], &r, None, true) else {
            panic!()
        };
        assert_eq!(bits.len(), 19);
        assert_eq!(bits[..8], [true, false, true, true, false, false, true, true]);
        assert_eq!(bits[16..], [true, false, true]);
    }

    #[test]
    fn words_join_in_four_orders() {
        let x = 59.987_5_f32;
        let bytes = x.to_bits().to_be_bytes();
        let [a, b, c, d] = bytes;
        let w = |x, y| u16::from_be_bytes([x, y]);
        let cases = [
            (Order::Abcd, [w(a, b), w(c, d)]),
            (Order::Cdab, [w(c, d), w(a, b)]),
            (Order::Badc, [w(b, a), w(d, c)]),
            (Order::Dcba, [w(d, c), w(b, a)]),
        ];
        for (order, words) in cases {
            let got = decode(&words, Kind::F32, order, &na());
            assert_eq!(got, Some(Decoded::Number(f64::from(x))), "{order:?}");
        }
    }

    #[test]
    fn what_is_not_available_is_no_number() {
        let gencomm = NotAvailable { codes: Vec::new(), top: 8 };
        for (kind, words) in [
            (Kind::U16, vec![0xFFF8]),
            (Kind::S16, vec![0x7FFF]),
            (Kind::U32, vec![0xFFFF, 0xFFFA]),
            (Kind::S32, vec![0x7FFF, 0xFFF8]),
        ] {
            assert_eq!(decode(&words, kind, Order::Abcd, &gencomm), Some(Decoded::NotAvailable));
        }
        assert_eq!(decode(&[0xFFF7], Kind::U16, Order::Abcd, &gencomm), Some(Decoded::Number(65527.0)));
        assert_eq!(decode(&[0xFFFF], Kind::S16, Order::Abcd, &gencomm), Some(Decoded::Number(-1.0)));
        let sunspec = NotAvailable { codes: vec![0x8000], top: 0 };
        assert_eq!(decode(&[0x8000], Kind::S16, Order::Abcd, &sunspec), Some(Decoded::NotAvailable));
        assert_eq!(decode(&[0x7FC0, 0], Kind::F32, Order::Abcd, &na()), Some(Decoded::NotFinite));
        assert_eq!(decode(&[1], Kind::F32, Order::Abcd, &na()), None);
    }

    proptest! {
        /// Whatever is asked: twelve bytes, one of four functions.
        #[test]
        fn every_request_is_a_read(unit: u8, t in 0_usize..4, address: u16, quantity: u16, tid: u16) {
            if let Some(r) = ReadReq::new(unit, Table::ALL[t], address, quantity) {
                let bytes = r.encode(tid);
                prop_assert_eq!(bytes.len(), 12);
                prop_assert!((1..=4).contains(&bytes[7]));
                prop_assert_eq!(&bytes[2..6], &[0, 0, 0, 6]);
            }
        }

        #[test]
        fn no_frame_panics(frame in proptest::collection::vec(any::<u8>(), 0..300), q in 1_u16..125, tid: Option<u16>) {
            let r = ReadReq::new(1, Table::Holding, 0, q).unwrap();
            if let Ok(Answer::Registers(words)) = answer(&frame, &r, tid, true) {
                prop_assert_eq!(words.len(), usize::from(q));
            }
        }

        #[test]
        fn numbers_are_finite(words in proptest::collection::vec(any::<u16>(), 0..5), k in 0_usize..9, o in 0_usize..4) {
            use Kind::*;
            let kind = [U16, S16, U32, S32, U64, S64, F32, F64, Bit(3)][k];
            if let Some(Decoded::Number(x)) = decode(&words, kind, Order::ALL[o], &na()) {
                prop_assert!(x.is_finite());
            }
        }
    }
}
