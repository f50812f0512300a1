//! The state machine of one alarm (ISA-18.2's model): a pure table.
//!
//! ```text
//!            set                ack
//!  Normal ─────────▶ Unack ───────────▶ Ack ──clear──▶ Normal
//!                      │ clear           │ clear, latching
//!                      ▼                 ▼
//!                   RtnUnack ──ack──▶ Normal   LatchedAck ──reset──▶ Normal
//!                   LatchedUnack ──ack──▶ LatchedAck
//! ```
//! Acknowledging never resets, resetting never acknowledges. A condition that returns asks again.

/// State of an alarm, whatever hides it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// Clear and seen.
    #[default]
    Normal,
    /// Active, not seen.
    Unack,
    /// Active, seen.
    Ack,
    /// Clear again, not seen.
    RtnUnack,
    /// Clear but held, not seen.
    LatchedUnack,
    /// Clear but held, seen.
    LatchedAck,
}

/// What can happen to an alarm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The condition has been true for its on-delay.
    Set,
    /// The condition has been false for its off-delay.
    Clear,
    /// Somebody has seen it.
    Ack,
    /// Somebody releases it.
    Reset,
    /// It has been active too long since it was seen.
    Again,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Normal, Self::Unack, Self::Ack, Self::RtnUnack, Self::LatchedUnack, Self::LatchedAck];

    /// What becomes of it; none where the input changes nothing.
    #[must_use]
    pub fn next(self, input: Input, latching: bool) -> Option<Self> {
        use State::{Ack, LatchedAck, LatchedUnack, Normal, RtnUnack, Unack};
        Some(match (self, input) {
            (Normal | RtnUnack | LatchedUnack | LatchedAck, Input::Set) => Unack,
            (Unack, Input::Clear) => {
                if latching {
                    LatchedUnack
                } else {
                    RtnUnack
                }
            }
            (Ack, Input::Clear) => {
                if latching {
                    LatchedAck
                } else {
                    Normal
                }
            }
            (Unack, Input::Ack) => Ack,
            (RtnUnack, Input::Ack) => Normal,
            (LatchedUnack, Input::Ack) => LatchedAck,
            (LatchedUnack, Input::Reset) => RtnUnack,
            (LatchedAck, Input::Reset) => Normal,
            (Ack, Input::Again) => Unack,
            _ => return None,
        })
    }

    /// Whether the condition holds.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Unack | Self::Ack)
    }

    /// Whether it waits for somebody to see it.
    #[must_use]
    pub fn is_unack(self) -> bool {
        matches!(self, Self::Unack | Self::RtnUnack | Self::LatchedUnack)
    }

    /// Whether it is held until a reset.
    #[must_use]
    pub fn is_latched(self) -> bool {
        matches!(self, Self::LatchedUnack | Self::LatchedAck)
    }

    /// In words, as in lists and in the journal.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Unack => "unack",
            Self::Ack => "ack",
            Self::RtnUnack => "rtn-unack",
            Self::LatchedUnack => "latched-unack",
            Self::LatchedAck => "latched-ack",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Input::{Again, Clear, Reset, Set};
    use State::{LatchedAck, LatchedUnack, Normal, RtnUnack, Unack};

    /// Every state under every input, without and with latching; `-` changes nothing.
    #[test]
    fn every_state_and_input() {
        let a = State::Ack;
        type Row = [Option<State>; 5];
        #[rustfmt::skip]
        let table: [(State, Row, Row); 6] = [
            //                 Set          Clear               Ack               Reset           Again
            (Normal,       [Some(Unack), None,               None,             None,           None],
                           [Some(Unack), None,               None,             None,           None]),
            (Unack,        [None,        Some(RtnUnack),     Some(a),          None,           None],
                           [None,        Some(LatchedUnack), Some(a),          None,           None]),
            (a,            [None,        Some(Normal),       None,             None,           Some(Unack)],
                           [None,        Some(LatchedAck),   None,             None,           Some(Unack)]),
            (RtnUnack,     [Some(Unack), None,               Some(Normal),     None,           None],
                           [Some(Unack), None,               Some(Normal),     None,           None]),
            (LatchedUnack, [Some(Unack), None,               Some(LatchedAck), Some(RtnUnack), None],
                           [Some(Unack), None,               Some(LatchedAck), Some(RtnUnack), None]),
            (LatchedAck,   [Some(Unack), None,               None,             Some(Normal),   None],
                           [Some(Unack), None,               None,             Some(Normal),   None]),
        ];
        for (state, plain, latching) in table {
            for (i, input) in [Set, Clear, Input::Ack, Reset, Again].into_iter().enumerate() {
                assert_eq!(state.next(input, false), plain[i], "{state:?} {input:?}");
                assert_eq!(state.next(input, true), latching[i], "{state:?} {input:?}, latching");
            }
        }
    }

    #[test]
    fn acknowledging_never_resets_and_resetting_never_acknowledges() {
        for s in State::ALL {
            for latching in [false, true] {
                if let Some(next) = s.next(Input::Ack, latching) {
                    assert!(!s.is_latched() || next.is_latched(), "{s:?}");
                }
                if let Some(next) = s.next(Reset, latching) {
                    assert_eq!(s.is_unack(), next.is_unack(), "{s:?}");
                }
            }
        }
    }
}
