//! DHCP for IPv6 (RFC 8415): who got which addresses, and how clients call themselves.
//!
//! What relays pass on is read out of their messages. The messages of a transaction that are in one flow are one exchange;
//! clients ask everybody, so that the answers are in another. Absent: authentication, options of vendors.

#[cfg(test)]
mod tests;

use super::field::{filled, hexadecimal, labels};
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use std::collections::VecDeque;
use std::net::Ipv6Addr;
use watchfire_model::Timestamp;
use watchfire_model::network::{Dhcp6, Dhcp6Kind, Dhcp6Message, Exchange, Mac};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "dhcp",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Talk::default()),
};

/// Nanoseconds after the last message when a transaction is over.
const PATIENCE: u64 = 10_000_000_000;
/// Transactions that go on.
const MOST_OPEN: usize = 64;
/// Messages of a transaction that are kept.
const MOST_MESSAGES: usize = 50;
/// Entries of a list that are kept.
const MOST_ENTRIES: usize = 16;
/// Relays around a message (RFC 8415 7.6).
const MOST_RELAYS: usize = 8;
/// Options that are asked for.
const MOST_PARAMETERS: usize = 64;

fn recognise(opening: &Opening<'_>) -> Guess {
    let first = if opening.originator.is_empty() {
        opening.responder
    } else {
        opening.originator
    };
    let is_there = matches!(opening.port, 546 | 547);
    Guess::only_if(is_there && Message::read(first).is_some_and(|message| message.is_whole()))
}

/// A message without the relays around it.
#[derive(Clone, Copy, Debug)]
struct Message<'m> {
    kind: Dhcp6Kind,
    transaction: u32,
    peer: Option<Ipv6Addr>,
    options: Cursor<'m>,
}

impl<'m> Message<'m> {
    fn read(bytes: &'m [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        let mut peer = None;
        for _ in 0..=MOST_RELAYS {
            let kind = cursor.u8()?;
            match kind {
                1..=11 => {
                    return Some(Self {
                        kind: Dhcp6Kind(kind),
                        transaction: cursor.be24()?,
                        peer,
                        options: cursor,
                    });
                }
                12 | 13 => {}
                _ => return None,
            }
            // Hops, and the address of the link.
            cursor.take(17)?;
            peer = Some(Ipv6Addr::from(cursor.array::<16>()?));
            let (_, inner) = options(cursor).find(|(code, _)| *code == 9)?;
            cursor = Cursor::new(inner);
        }
        None
    }

    /// Whether its options go to its end.
    fn is_whole(&self) -> bool {
        let length: usize = options(self.options).map(|(_, value)| value.len() + 4).sum();
        length > 0 && length == self.options.rest().len()
    }
}

/// Options: a code and a value each.
fn options(mut cursor: Cursor<'_>) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || Some((cursor.be16()?, cursor.behind16()?)))
}

/// A transaction that may go on.
#[derive(Debug)]
struct Open {
    began: Here,
    last: Timestamp,
    dhcp: Dhcp6,
}

/// The transactions of a flow.
#[derive(Debug, Default)]
struct Talk {
    open: VecDeque<Open>,
}

impl Dissector for Talk {
    fn hear(&mut self, _: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let here = context.here;
        while let Some(open) = self.open.pop_front() {
            if here.time.since(open.last) < PATIENCE && self.open.len() < MOST_OPEN {
                self.open.push_front(open);
                break;
            }
            context.say(open.began, Exchange::Dhcp6(Box::new(open.dhcp)));
        }
        let Some(message) = Message::read(bytes) else {
            return Heard::More;
        };
        let is_same = |open: &Open| open.dhcp.transaction == message.transaction;
        let known = self.open.iter().rposition(is_same).and_then(|at| self.open.remove(at));
        let mut open = known.unwrap_or_else(|| Open {
            began: here,
            last: here.time,
            dhcp: Dhcp6 {
                transaction: message.transaction,
                ..Dhcp6::default()
            },
        });
        open.last = open.last.max(here.time);
        if open.dhcp.messages.len() < MOST_MESSAGES {
            open.dhcp.messages.push(Dhcp6Message {
                frame: here.frame,
                kind: message.kind,
            });
        }
        read(&mut open.dhcp, &message);
        self.open.push_back(open);
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        for open in std::mem::take(&mut self.open) {
            context.say(open.began, Exchange::Dhcp6(Box::new(open.dhcp)));
        }
    }
}

/// Adds what a message says.
fn read(dhcp: &mut Dhcp6, message: &Message<'_>) {
    dhcp.peer = message.peer.or(dhcp.peer);
    let (mut addresses, mut prefixes) = (Vec::new(), Vec::new());
    for (code, value) in options(message.options) {
        match (code, value) {
            (1, id) => {
                dhcp.client_id = hexadecimal(id);
                dhcp.mac = hardware(id).or(dhcp.mac);
            }
            (2, id) => dhcp.server_id = hexadecimal(id),
            // What is given has a number, two times, and options of its own; what is given for a while, no times.
            (3 | 25, [_, _, _, _, _, _, _, _, _, _, _, _, inner @ ..]) | (4, [_, _, _, _, inner @ ..]) => {
                given(inner, &mut addresses, &mut prefixes, dhcp);
            }
            (6, list) => {
                let (list, _) = list.as_chunks::<2>();
                let list = list.iter().take(MOST_PARAMETERS);
                dhcp.parameters = list.map(|number| u16::from_be_bytes(*number)).collect();
            }
            (13, status) => stated(status, dhcp),
            // IANA's number of an enterprise, then what it says behind its length.
            (16, [_, _, _, _, _, _, class @ ..]) => dhcp.vendor_class = filled(class),
            (23, list) => {
                let (list, _) = list.as_chunks::<16>();
                dhcp.resolvers = list
                    .iter()
                    .take(MOST_ENTRIES)
                    .map(|address| (*address).into())
                    .collect();
            }
            (24, list) => {
                let mut rest = list;
                let names = std::iter::from_fn(|| {
                    let (name, behind) = labels(rest)?;
                    rest = behind;
                    Some(name)
                });
                dhcp.domains = names.take(MOST_ENTRIES).collect();
            }
            // Flags, then a name that need not be ended.
            (39, [_, name @ ..]) => {
                let ended = [name, &[0]].concat();
                dhcp.host_name = labels(&ended).map(|(name, _)| name).filter(|name| !name.is_empty());
            }
            _ => {}
        }
    }
    if !addresses.is_empty() {
        dhcp.addresses = addresses;
    }
    if !prefixes.is_empty() {
        dhcp.prefixes = prefixes;
    }
}

/// Adds what is in an association of identities.
fn given(inner: &[u8], addresses: &mut Vec<Ipv6Addr>, prefixes: &mut Vec<String>, dhcp: &mut Dhcp6) {
    for (code, value) in options(Cursor::new(inner)) {
        let mut cursor = Cursor::new(value);
        match code {
            5 => {
                let address = cursor.array::<16>().map(Ipv6Addr::from);
                cursor.take(4);
                dhcp.lease = cursor.be32().filter(|lease| *lease > 0).or(dhcp.lease);
                addresses.extend(address.filter(|_| addresses.len() < MOST_ENTRIES));
            }
            26 => {
                cursor.take(4);
                dhcp.lease = cursor.be32().filter(|lease| *lease > 0).or(dhcp.lease);
                let prefix = cursor.u8().zip(cursor.array::<16>().map(Ipv6Addr::from));
                let prefix = prefix.map(|(length, network)| format!("{network}/{length}"));
                prefixes.extend(prefix.filter(|_| prefixes.len() < MOST_ENTRIES));
            }
            13 => stated(value, dhcp),
            _ => {}
        }
    }
}

/// Adds what became of it.
fn stated(status: &[u8], dhcp: &mut Dhcp6) {
    if let [high, low, why @ ..] = status {
        dhcp.status = Some(u16::from_be_bytes([*high, *low]));
        dhcp.server_message = filled(why);
    }
}

/// The address on the link in a number of a client (RFC 8415 11.2, 11.4).
fn hardware(id: &[u8]) -> Option<Mac> {
    match *id {
        [0, 1, 0, 1, _, _, _, _, a, b, c, d, e, f] | [0, 3, 0, 1, a, b, c, d, e, f] => Some(Mac([a, b, c, d, e, f])),
        _ => None,
    }
}
