//! MQTT 3.1.1 as a listener: four packets out, the rest only in.
//!
//! [`Packet`] can be CONNECT, SUBSCRIBE, PINGREQ or DISCONNECT and nothing else; CONNECT never carries a will, and a
//! subscription asks for QoS 0, so that not even an acknowledgement of a message is ever sent. A client of this module
//! cannot publish. Lengths that the wire claims are bounded before anything is reserved.
//! Reference: OASIS MQTT Version 3.1.1.

/// Longest message that is taken, bytes.
pub const MAX_MESSAGE: usize = 4 << 20;

/// Name and password of an account, which should be one that may only read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// User.
    pub user: String,
    /// Password.
    pub password: String,
}

/// How a broker is reached.
#[derive(Clone, Debug)]
pub struct Broker<'a> {
    /// `host:port`.
    pub host: &'a str,
    /// TLS, and the authority file (PEM) where it is not a public one.
    pub tls: Option<Option<&'a str>>,
    /// Client id.
    pub client: &'a str,
    /// Account.
    pub account: Option<&'a Account>,
    /// Longest silence.
    pub keep_alive_s: u16,
}

/// What can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Packet<'a> {
    /// Opens a clean session.
    Connect {
        /// Client id.
        client: &'a str,
        /// Account, if the broker asks for one.
        account: Option<&'a Account>,
        /// Longest silence before the broker ends the connection, s.
        keep_alive_s: u16,
    },
    /// Subscribes to these filters at QoS 0.
    Subscribe {
        /// Packet id, not 0.
        id: u16,
        /// Topic filters.
        filters: &'a [String],
    },
    /// Asks the broker for a sign of life.
    Ping,
    /// Takes leave.
    Disconnect,
}

impl Packet<'_> {
    /// Name, for the counters of what was sent.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Connect { .. } => "CONNECT",
            Self::Subscribe { .. } => "SUBSCRIBE",
            Self::Ping => "PINGREQ",
            Self::Disconnect => "DISCONNECT",
        }
    }

    /// The packet on the wire; none if a text is longer than 65,535 bytes or the whole too long.
    #[must_use]
    pub fn encode(&self) -> Option<Vec<u8>> {
        let mut body = Vec::new();
        let head = match self {
            Self::Connect { client, account, keep_alive_s } => {
                text(&mut body, "MQTT")?;
                // Clean session; with an account, user and password. The will bits stay 0.
                body.extend([4, if account.is_some() { 0b1100_0010 } else { 0b0000_0010 }]);
                body.extend(keep_alive_s.to_be_bytes());
                text(&mut body, client)?;
                if let Some(a) = account {
                    text(&mut body, &a.user)?;
                    text(&mut body, &a.password)?;
                }
                0x10
            }
            Self::Subscribe { id, filters } => {
                body.extend(id.to_be_bytes());
                for f in *filters {
                    text(&mut body, f)?;
                    body.push(0);
                }
                0x82
            }
            Self::Ping => 0xC0,
            Self::Disconnect => 0xE0,
        };
        let mut out = vec![head];
        let mut left = u32::try_from(body.len()).ok().filter(|n| *n < 1 << 28)?;
        loop {
            let more = left >= 0x80;
            out.push((left & 0x7F) as u8 | if more { 0x80 } else { 0 });
            left >>= 7;
            if !more {
                break;
            }
        }
        out.append(&mut body);
        Some(out)
    }
}

fn text(out: &mut Vec<u8>, text: &str) -> Option<()> {
    out.extend(u16::try_from(text.len()).ok()?.to_be_bytes());
    out.extend(text.as_bytes());
    Some(())
}

/// What a broker sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Incoming<'a> {
    /// Answer to CONNECT: 0 is welcome.
    ConnAck(u8),
    /// Answer to SUBSCRIBE: one code a filter, 0x80 is refused.
    SubAck(u16, &'a [u8]),
    /// A message.
    Publish {
        /// Topic.
        topic: &'a str,
        /// Kept by the broker from before.
        retained: bool,
        /// Content.
        payload: &'a [u8],
    },
    /// Sign of life.
    Pong,
    /// A packet that a listener has no use for.
    Other(u8),
}

/// The stream is not MQTT; the connection has to be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// Not a packet.
    #[error("the broker does not speak MQTT 3.1.1")]
    NotMqtt,
    /// Longer than [`MAX_MESSAGE`].
    #[error("a message is longer than 4 MB")]
    TooLong,
}

/// The first packet of `bytes` and how many of them it takes; none while it is not complete.
///
/// # Errors
/// [`Broken`] if no more bytes can make a packet of it.
pub fn read(bytes: &[u8]) -> Result<Option<(Incoming<'_>, usize)>, Broken> {
    let Some((&head, rest)) = bytes.split_first() else { return Ok(None) };
    let (mut length, mut used) = (0_usize, 1);
    loop {
        let Some(&b) = rest.get(used - 1) else { return if used > 4 { Err(Broken::NotMqtt) } else { Ok(None) } };
        length |= usize::from(b & 0x7F) << (7 * (used - 1));
        used += 1;
        if b & 0x80 == 0 {
            break;
        }
        if used > 4 {
            return Err(Broken::NotMqtt);
        }
    }
    if length > MAX_MESSAGE {
        return Err(Broken::TooLong);
    }
    let Some(body) = bytes.get(used..used + length) else { return Ok(None) };
    Ok(Some((packet(head, body).ok_or(Broken::NotMqtt)?, used + length)))
}

fn packet(head: u8, body: &[u8]) -> Option<Incoming<'_>> {
    Some(match head >> 4 {
        2 => match body {
            [_, code] => Incoming::ConnAck(*code),
            _ => return None,
        },
        3 => {
            let (n, rest) = body.split_first_chunk::<2>()?;
            let (topic, rest) = rest.split_at_checked(usize::from(u16::from_be_bytes(*n)))?;
            let topic = std::str::from_utf8(topic).ok()?;
            // A broker must not send more than the QoS 0 that was asked for; if it does, the packet id is passed over.
            let payload = match head >> 1 & 3 {
                0 => rest,
                1 | 2 => rest.get(2..)?,
                _ => return None,
            };
            Incoming::Publish { topic, retained: head & 1 == 1, payload }
        }
        9 => {
            let (id, codes) = body.split_first_chunk::<2>()?;
            Incoming::SubAck(u16::from_be_bytes(*id), codes)
        }
        13 => Incoming::Pong,
        kind @ (4..=8 | 10..=12 | 14) => Incoming::Other(kind),
        _ => return None,
    })
}

/// What a broker means by refusing a connection (3.2.2.3).
pub(super) fn refusal(code: u8) -> String {
    match code {
        1 => "the broker does not speak MQTT 3.1.1".to_owned(),
        2 => "the broker refuses the client id".to_owned(),
        3 => "the broker is not available".to_owned(),
        4 => "the broker refuses user or password".to_owned(),
        5 => "the broker says: not authorised".to_owned(),
        _ => format!("the broker refuses with code {code}"),
    }
}

/// Whether a topic matches a filter with `+` and `#` (4.7).
#[must_use]
pub fn matches(filter: &str, topic: &str) -> bool {
    // Topics that begin with $ are not for filters that begin with a wildcard.
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let (mut f, mut t) = (filter.split('/'), topic.split('/'));
    loop {
        match (f.next(), t.next()) {
            (Some("#"), _) | (None, None) => return true,
            (Some("+"), Some(_)) => {}
            (Some(a), Some(b)) if a == b => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn packets_look_as_in_the_standard() {
        let connect = Packet::Connect { client: "ro", account: None, keep_alive_s: 30 }.encode().unwrap();
        assert_eq!(connect, [0x10, 14, 0, 4, b'M', b'Q', b'T', b'T', 4, 2, 0, 30, 0, 2, b'r', b'o']);
        let filters = ["a/+".to_owned()];
        let subscribe = Packet::Subscribe { id: 10, filters: &filters }.encode().unwrap();
        assert_eq!(subscribe, [0x82, 8, 0, 10, 0, 3, b'a', b'/', b'+', 0]);
        assert_eq!(Packet::Ping.encode().unwrap(), [0xC0, 0]);
        assert_eq!(Packet::Disconnect.encode().unwrap(), [0xE0, 0]);
        let long = "x".repeat(70_000);
        assert!(Packet::Connect { client: &long, account: None, keep_alive_s: 1 }.encode().is_none());
    }

    #[test]
    fn messages_come_one_by_one_from_a_stream() {
        let one = [0x30, 7, 0, 3, b'a', b'/', b'b', b'4', b'2'];
        let all = [&one[..], &[0xD0, 0], &[0x20, 2, 0, 5]].concat();
        for cut in 0..one.len() {
            assert_eq!(read(&all[..cut]), Ok(None), "{cut} bytes are no packet");
        }
        let (first, used) = read(&all).unwrap().unwrap();
        assert_eq!((first, used), (Incoming::Publish { topic: "a/b", retained: false, payload: b"42" }, 9));
        assert_eq!(read(&all[9..]), Ok(Some((Incoming::Pong, 2))));
        assert_eq!(read(&all[11..]), Ok(Some((Incoming::ConnAck(5), 4))));
        assert_eq!(read(&[0x30, 0xFF, 0xFF, 0xFF, 0xFF]), Err(Broken::NotMqtt));
        assert_eq!(read(&[0x30, 0xFF, 0xFF, 0xFF, 0x7F]), Err(Broken::TooLong));
    }

    #[test]
    fn filters_match_as_in_the_standard() {
        for (filter, topic, yes) in [
            ("sport/tennis/player1/#", "sport/tennis/player1", true),
            ("sport/tennis/player1/#", "sport/tennis/player1/ranking", true),
            ("#", "a/b", true),
            ("#", "$SYS/x", false),
            ("+/monitor", "$SYS/monitor", false),
            ("$SYS/#", "$SYS/x", true),
            ("sport/+", "sport", false),
            ("sport/+", "sport/", true),
            ("+/+", "/finance", true),
            ("a/b", "a/b/c", false),
        ] {
            assert_eq!(matches(filter, topic), yes, "{filter} {topic}");
        }
    }

    proptest! {
        /// Whatever is sent: one of four packet types, no will.
        #[test]
        fn nothing_that_writes_can_be_sent(kind in 0_usize..4, s in "[a-z/+#]{0,20}", with: bool) {
            let account = Account { user: s.clone(), password: s.clone() };
            let filters = [s.clone()];
            let packet = match kind {
                0 => Packet::Connect { client: &s, account: with.then_some(&account), keep_alive_s: 9 },
                1 => Packet::Subscribe { id: 1, filters: &filters },
                2 => Packet::Ping,
                _ => Packet::Disconnect,
            };
            let bytes = packet.encode().unwrap();
            prop_assert!([1, 8, 12, 14].contains(&(bytes[0] >> 4)));
            if kind == 0 {
                prop_assert!([0b0000_0010, 0b1100_0010].contains(&bytes[9]), "a clean session and no will");
            }
            if kind == 1 {
                prop_assert_eq!((bytes[0] & 15, bytes.last()), (2, Some(&0)), "QoS 0: nothing is ever acknowledged");
            }
        }

        #[test]
        fn no_bytes_panic(b in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(Some((_, used))) = read(&b) {
                prop_assert!(used <= b.len());
            }
        }
    }
}
