//! RADIUS (RFC 2865, RFC 2866): who is let into a network, from where, and who is not.
//!
//! All rounds until the server decides are one exchange; they are tied by the state that a server gives. Absent: what hides
//! behind the secret of both, EAP within, attributes of vendors.

#[cfg(test)]
mod tests;

use super::field::{filled, text};
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use std::collections::VecDeque;
use std::net::{Ipv4Addr, Ipv6Addr};
use watchfire_model::network::{Exchange, Radius, RadiusProof, RadiusSession};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "radius",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Talk::default()),
};

/// Ports of both times, and of RFC 5176.
const PORTS: &[u16] = &[1645, 1646, 1812, 1813, 3799];
/// Messages.
const ACCESS_REQUEST: u8 = 1;
const ACCESS_ACCEPT: u8 = 2;
const ACCESS_REJECT: u8 = 3;
const ACCOUNTING_REQUEST: u8 = 4;
const ACCOUNTING_RESPONSE: u8 = 5;
const ACCESS_CHALLENGE: u8 = 11;
/// Requests that wait.
const MOST_OPEN: usize = 256;
/// Bytes of memory that one needs, with its texts.
const EACH: usize = 768;
/// Number of Microsoft among vendors.
const MICROSOFT: u32 = 311;

fn recognise(opening: &Opening<'_>) -> Guess {
    let first = if opening.originator.is_empty() {
        opening.responder
    } else {
        opening.originator
    };
    Guess::only_if(PORTS.contains(&opening.port) && Message::read(first).is_some())
}

/// A message.
#[derive(Clone, Copy, Debug)]
struct Message<'m> {
    code: u8,
    id: u8,
    attributes: &'m [u8],
}

impl<'m> Message<'m> {
    /// A message is as long as it says, and so are its attributes together.
    fn read(bytes: &'m [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        let [code, id] = cursor.array()?;
        let length = usize::from(cursor.be16()?);
        let attributes = bytes.get(20..length)?;
        let message = Self { code, id, attributes };
        let sum: usize = message.attributes().map(|(_, value)| value.len() + 2).sum();
        let is_known = matches!(code, 1..=5 | 11..=13 | 40..=45);
        (is_known && sum == attributes.len()).then_some(message)
    }

    fn attributes(&self) -> impl Iterator<Item = (u8, &'m [u8])> + use<'m> {
        let mut cursor = Cursor::new(self.attributes);
        std::iter::from_fn(move || {
            let [kind, length] = cursor.array()?;
            Some((kind, cursor.take(usize::from(length).checked_sub(2)?)?))
        })
    }

    /// What ties a round to the next.
    fn state(&self) -> Option<&'m [u8]> {
        self.attributes().find(|(kind, _)| *kind == 24).map(|(_, value)| value)
    }
}

/// A request that waits, for an answer or for its next round.
#[derive(Debug)]
struct Open {
    began: Here,
    side: Side,
    id: u8,
    /// What the server gave, and the next round has to repeat.
    state: Option<Vec<u8>>,
    radius: Radius,
}

/// A flow.
#[derive(Debug, Default)]
struct Talk {
    open: VecDeque<Open>,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let Some(message) = Message::read(bytes) else {
            return Heard::More;
        };
        match message.code {
            ACCESS_REQUEST | ACCOUNTING_REQUEST => self.asked(side, &message, context),
            ACCESS_ACCEPT | ACCESS_REJECT | ACCESS_CHALLENGE | ACCOUNTING_RESPONSE => {
                self.answered(side, &message, context);
            }
            _ => {}
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        for open in std::mem::take(&mut self.open) {
            context.say(open.began, Exchange::Radius(Box::new(open.radius)));
        }
    }

    fn memory(&self) -> usize {
        self.open.len() * EACH
    }
}

impl Talk {
    fn asked(&mut self, side: Side, message: &Message<'_>, context: &mut Context<'_>) {
        let is_again = |open: &Open| open.state.is_none() && open.side == side && open.id == message.id;
        if self.open.iter().any(is_again) {
            return;
        }
        let state = message.state();
        let is_next = |open: &Open| open.side == side && open.state.is_some() && open.state.as_deref() == state;
        let known = self.open.iter().position(is_next).and_then(|at| self.open.remove(at));
        let mut open = known.unwrap_or_else(|| Open {
            began: context.here,
            side,
            id: message.id,
            state: None,
            radius: Radius::default(),
        });
        (open.id, open.state) = (message.id, None);
        read(&mut open.radius, message);
        self.keep(open, context);
    }

    /// Has a request wait. Where too many do, the oldest is said.
    fn keep(&mut self, open: Open, context: &mut Context<'_>) {
        self.open.push_back(open);
        if self.open.len() > MOST_OPEN
            && let Some(oldest) = self.open.pop_front()
        {
            context.say(oldest.began, Exchange::Radius(Box::new(oldest.radius)));
        }
    }

    fn answered(&mut self, side: Side, message: &Message<'_>, context: &mut Context<'_>) {
        let is_meant = |open: &Open| open.side != side && open.id == message.id && open.state.is_none();
        let asked = self.open.iter().position(is_meant).and_then(|at| self.open.remove(at));
        let is_known = asked.is_some();
        let mut open = asked.unwrap_or_else(|| Open {
            began: context.here,
            side: side.other(),
            id: message.id,
            state: None,
            radius: Radius::default(),
        });
        read(&mut open.radius, message);
        match message.code {
            ACCESS_CHALLENGE => {
                open.radius.challenges = open.radius.challenges.saturating_add(1);
                open.state = message.state().map(<[u8]>::to_vec);
                return self.keep(open, context);
            }
            ACCESS_ACCEPT => open.radius.accepted = Some(true),
            ACCESS_REJECT => open.radius.accepted = Some(false),
            _ => {}
        }
        open.radius.after = is_known.then(|| context.here.time.since(open.began.time));
        context.say(open.began, Exchange::Radius(Box::new(open.radius)));
    }
}

/// Adds what a message says.
fn read(radius: &mut Radius, message: &Message<'_>) {
    let address = |value: &[u8]| value.first_chunk::<4>().map(|value| Ipv4Addr::from(*value));
    for (kind, value) in message.attributes() {
        match kind {
            1 => radius.user = filled(value),
            2 => radius.proof = Some(RadiusProof::Password),
            3 => radius.proof = Some(RadiusProof::Chap),
            4 => radius.access_address = address(value).map(Into::into),
            8 => radius.framed_address = address(value).or(radius.framed_address),
            18 => radius.reply_message = radius.reply_message.take().or_else(|| filled(value)),
            26 if value.first_chunk::<4>().map(|vendor| u32::from_be_bytes(*vendor)) == Some(MICROSOFT) => {
                // Answers to MS-CHAP's challenge, of both versions.
                if matches!(value.get(4), Some(1 | 25)) {
                    radius.proof = Some(RadiusProof::MsChap);
                }
            }
            30 => radius.called = filled(value),
            31 => radius.calling = filled(value),
            32 => radius.access_name = filled(value),
            // A tag may stand before it.
            66 => radius.tunnel_client = filled(value.strip_prefix(&[0]).unwrap_or(value)),
            77 => radius.connect_info = filled(value),
            79 => radius.proof = Some(RadiusProof::Eap),
            95 => {
                let address = value.first_chunk::<16>().map(|value| Ipv6Addr::from(*value).into());
                radius.access_address = address.or(radius.access_address);
            }
            40 | 42..=44 | 46 | 52 | 53 if message.code == ACCOUNTING_REQUEST => {
                session(radius.session.get_or_insert_default(), kind, value);
            }
            _ => {}
        }
    }
}

/// Adds what is reported of a session (RFC 2866 5, RFC 2869 5.1).
fn session(session: &mut RadiusSession, kind: u8, value: &[u8]) {
    let number = value.first_chunk::<4>().map_or(0, |value| u32::from_be_bytes(*value));
    let (low, high) = (u64::from(number), u64::from(number) << 32);
    match kind {
        40 => session.status = number,
        42 => session.received |= low,
        43 => session.sent |= low,
        44 => session.id = Some(text(value)),
        46 => session.seconds = number,
        52 => session.received |= high,
        _ => session.sent |= high,
    }
}
