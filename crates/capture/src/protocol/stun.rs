//! STUN (RFC 8489, RFC 3489) and TURN (RFC 8656) over UDP: how somebody behind a translator learns where he is. A call shares
//! the ports (RFC 7983): its keys are agreed on by DTLS, and the handshake is read here as well.

use super::tls::OVER_UDP as DTLS;
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Stun};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "stun",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Talk::default()),
};

const COOKIE: u32 = 0x2112_a442;
const PORT: u16 = 3_478;
/// Datagrams that are looked at. What follows is the call itself.
const MOST: u32 = 2_000;
/// Attributes of a message.
const MOST_ATTRIBUTES: usize = 64;
/// Peers that are kept.
const MOST_PEERS: usize = 16;

/// A message.
#[derive(Clone, Copy, Debug)]
struct Message<'d> {
    kind: u16,
    cookie: u32,
    transaction: [u8; 12],
    attributes: &'d [u8],
}

impl<'d> Message<'d> {
    /// None where it is not the whole datagram.
    fn read(datagram: &'d [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(datagram);
        let kind = cursor.be16().filter(|kind| kind >> 14 == 0)?;
        let length = cursor.be16().filter(|length| length % 4 == 0)?;
        let (cookie, transaction) = (cursor.be32()?, cursor.array()?);
        let attributes = cursor.rest();
        (attributes.len() == usize::from(length)).then_some(Self {
            kind,
            cookie,
            transaction,
            attributes,
        })
    }

    /// What is asked for: the kind without what says whether this asks or answers.
    const fn method(&self) -> u16 {
        self.kind & 0x0f | (self.kind & 0xe0) >> 1 | (self.kind & 0x3e00) >> 2
    }
}

fn recognise(opening: &Opening<'_>) -> Guess {
    let is = |datagram: &[u8]| {
        Message::read(datagram).is_some_and(|message| {
            // What there was before the cookie is told by its port.
            message.cookie == COOKIE || opening.port == PORT && matches!(message.kind, 0x0001 | 0x0101 | 0x0111)
        })
    };
    Guess::only_if(is(opening.originator) || is(opening.responder))
}

#[derive(Debug, Default)]
struct Talk {
    began: Option<Here>,
    stun: Stun,
    datagrams: u32,
    /// The call's handshake.
    inner: Option<Box<dyn Dissector>>,
    is_inner_done: bool,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        self.began.get_or_insert(context.here);
        self.datagrams += 1;
        match bytes.first() {
            Some(0..=3) => {
                if let Some(message) = Message::read(bytes) {
                    self.message(side, &message);
                }
            }
            Some(20..=63) if !self.is_inner_done => {
                let inner = self.inner.get_or_insert_with(|| {
                    context.serves(DTLS.name);
                    (DTLS.dissector)()
                });
                self.is_inner_done = inner.hear(side, bytes, context) == Heard::Enough;
            }
            _ => {}
        }
        if self.datagrams >= MOST || self.is_inner_done {
            Heard::Enough
        } else {
            Heard::More
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        if let Some(began) = self.began.take() {
            context.say(began, Exchange::Stun(Box::new(std::mem::take(&mut self.stun))));
        }
        if let Some(mut inner) = self.inner.take() {
            inner.finish(context);
        }
    }
}

impl Talk {
    fn message(&mut self, side: Side, message: &Message<'_>) {
        if self.stun.method.raw().is_empty() {
            self.stun.method = match message.method() {
                1 => "binding".into(),
                3 => "allocate".into(),
                other => Untrusted::new(format!("{other:#05x}")),
            };
        }
        // The second of the two bits that say it: this is an answer.
        let is_answer = message.kind & 0x0100 != 0;
        let mut cursor = Cursor::new(message.attributes);
        for _ in 0..MOST_ATTRIBUTES {
            let (Some(kind), Some(value)) = (cursor.be16(), cursor.behind16()) else {
                break;
            };
            cursor.take(value.len().wrapping_neg() & 3);
            self.attribute(side, is_answer, kind, value, message);
        }
    }

    fn attribute(&mut self, side: Side, is_answer: bool, kind: u16, value: &[u8], message: &Message<'_>) {
        let stun = &mut self.stun;
        let text = || Some(Untrusted::from_bytes(value)).filter(|text| !text.raw().is_empty());
        let hidden = || address(value, Some(message));
        match kind {
            0x0001 if is_answer => stun.mapped = stun.mapped.or_else(|| address(value, None)),
            0x0020 if is_answer => stun.mapped = hidden().or(stun.mapped),
            0x0006 if stun.user.is_none() => stun.user = text(),
            0x0012 => {
                let peer = hidden().filter(|peer| !stun.peers.contains(peer));
                let place = stun.peers.len() < MOST_PEERS;
                stun.peers.extend(peer.filter(|_| place));
            }
            0x0014 if stun.realm.is_none() => stun.realm = text(),
            0x0016 if is_answer => stun.relayed = hidden().or(stun.relayed),
            0x8022 if side == Side::Originator => stun.client_software = stun.client_software.take().or_else(text),
            0x8022 => stun.server_software = stun.server_software.take().or_else(text),
            _ => {}
        }
    }
}

/// An address, hidden by the cookie and the transaction or not (RFC 8489 14.2).
fn address(value: &[u8], hidden: Option<&Message<'_>>) -> Option<SocketAddr> {
    let mut cursor = Cursor::new(value);
    let [_, family] = cursor.array()?;
    let port = cursor.be16()?;
    let mut mask = [0; 16];
    if let Some(message) = hidden {
        let key = message.cookie.to_be_bytes().into_iter().chain(message.transaction);
        mask.iter_mut().zip(key).for_each(|(place, byte)| *place = byte);
    }
    let mask = u128::from_be_bytes(mask);
    let address: IpAddr = match family {
        1 => (cursor.be32()? ^ (mask >> 96) as u32).to_be_bytes().into(),
        2 => Ipv6Addr::from(u128::from_be_bytes(cursor.array()?) ^ mask).into(),
        _ => return None,
    };
    Some(SocketAddr::new(address, port ^ (mask >> 112) as u16))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{answers, asks, guess, heard};
    use super::*;

    fn message(kind: u16, attributes: &[(u16, &[u8])]) -> Vec<u8> {
        let mut body = Vec::new();
        for (kind, value) in attributes {
            body.extend(kind.to_be_bytes());
            body.extend((value.len() as u16).to_be_bytes());
            body.extend_from_slice(value);
            body.resize(body.len().next_multiple_of(4), 0);
        }
        let length = body.len() as u16;
        [
            &kind.to_be_bytes()[..],
            &length.to_be_bytes(),
            &COOKIE.to_be_bytes(),
            &[7; 12],
            &body,
        ]
        .concat()
    }

    #[test]
    fn addresses_are_seen_from_outside() {
        // 192.0.2.1:32853, as RFC 5769 2.2 has it.
        let mapped = b"\x00\x01\xa1\x47\xe1\x12\xa6\x43";
        let parts = [
            asks(message(1, &[(0x8022, b"client"), (0x0006, b"user")])),
            answers(message(0x0101, &[(0x0020, mapped), (0x8022, b"server")])),
            asks(message(0x0008, &[(0x0012, b"\x00\x01\x01\x02\x00\x00\x00\x00")])),
        ];
        let said = heard(&OVER_UDP, &parts);
        let [event] = said.as_slice() else { panic!("{said:?}") };
        let Exchange::Stun(stun) = &event.exchange else {
            panic!("{event:?}")
        };
        assert_eq!(
            (stun.method.raw(), stun.user.as_ref().map(Untrusted::raw)),
            ("binding", Some("user"))
        );
        assert_eq!(stun.mapped.unwrap().to_string(), "192.0.2.1:32853");
        assert_eq!(stun.client_software.as_ref().map(Untrusted::raw), Some("client"));
        assert_eq!(stun.server_software.as_ref().map(Untrusted::raw), Some("server"));
        assert_eq!(stun.peers.len(), 1);
    }

    #[test]
    fn stun_is_told_by_its_cookie_or_at_its_port() {
        let first = message(1, &[]);
        let old = [&first[..4], &[9; 16]].concat();
        assert_eq!(guess(&OVER_UDP, &first, b"", 7_777), Guess::Yes);
        assert_eq!(guess(&OVER_UDP, &old, b"", PORT), Guess::Yes);
        assert_eq!(guess(&OVER_UDP, &old, b"", 7_777), Guess::No);
        assert_eq!(guess(&OVER_UDP, &first[..19], b"", PORT), Guess::No);
    }

    #[test]
    fn messages_that_are_damaged_are_no_harm() {
        let whole = message(0x0101, &[(0x0020, &[0, 2, 3]), (0x0012, &[0; 20]), (0x0006, b"u")]);
        for at in 0..whole.len() {
            let mut odd = whole.clone();
            odd[at] ^= 0xff;
            heard(&OVER_UDP, &[asks(&odd), answers(&whole[..at])]);
        }
    }
}
