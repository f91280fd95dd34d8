//! ICMP (RFC 792), ICMPv6 (RFC 4443) and what neighbours of IPv6 say by it (RFC 4861): a summary of each flow.
//!
//! Of echoes it is told how many payloads there are and whether answers repeat them, which is what tunnels are told by. Of
//! errors, the packets that they are about. Absent: node information, multicast listeners, mobility.

#[cfg(test)]
mod tests;

use super::field::{hexadecimal, labels};
use super::{Context, Here, Side};
use crate::cursor::Cursor;
use foldhash::fast::FixedState;
use std::collections::VecDeque;
use std::hash::BuildHasher;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use watchfire_model::network::{Exchange, Icmp, IcmpMessages, IcmpPacket, Mac, NeighbourClaim, RouterAdvertisement};

/// Payloads that are told apart.
const MOST_DIFFERENT: usize = 64;
/// Bytes at the beginning of a payload where systems put the time.
const TIME: usize = 16;
/// Echoes that wait for an answer.
const MOST_OPEN: usize = 32;
/// Packets and claims that are kept.
const MOST_KEPT: usize = 8;
/// Bytes of the first payload that are kept.
const SAMPLE: usize = 32;

/// A message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Message<'m> {
    pub(crate) version_6: bool,
    pub(crate) kind: u8,
    pub(crate) code: u8,
    /// What stands behind the checksum.
    pub(crate) rest: [u8; 4],
    /// What was captured of the payload.
    pub(crate) payload: &'m [u8],
    /// How long that was.
    pub(crate) length: u32,
}

/// What a message is for.
enum Purpose {
    Echo,
    Answer,
    /// About a packet that did not arrive.
    Error,
    Redirect,
    Router,
    Neighbour {
        answers: bool,
    },
    Other,
}

impl Message<'_> {
    const fn purpose(&self) -> Purpose {
        match (self.version_6, self.kind) {
            (false, 8) | (true, 128) => Purpose::Echo,
            (false, 0) | (true, 129) => Purpose::Answer,
            (false, 3 | 4 | 11 | 12) | (true, 1..=4) => Purpose::Error,
            (false, 5) | (true, 137) => Purpose::Redirect,
            (true, 134) => Purpose::Router,
            (true, 135) => Purpose::Neighbour { answers: false },
            (true, 136) => Purpose::Neighbour { answers: true },
            _ => Purpose::Other,
        }
    }
}

/// A flow.
#[derive(Debug, Default)]
pub(crate) struct Talk {
    began: Option<Here>,
    icmp: Icmp,
    /// Payloads that each end sent.
    different: [Vec<u64>; 2],
    /// Numbers of echoes and what they said.
    open: VecDeque<([u8; 4], u64)>,
}

impl Talk {
    pub(crate) fn hear(&mut self, side: Side, message: &Message<'_>, context: &Context<'_>) {
        if self.began.is_none() {
            self.began = Some(context.here);
            (self.icmp.message, self.icmp.code) = (message.kind, message.code);
        }
        self.count(side, message);
        match message.purpose() {
            Purpose::Echo => {
                if self.open.len() >= MOST_OPEN {
                    self.open.pop_front();
                }
                self.open.push_back((message.rest, digest(message.payload)));
            }
            Purpose::Answer => {
                let is_asked = |(number, _): &([u8; 4], u64)| *number == message.rest;
                match self.open.iter().position(is_asked).and_then(|at| self.open.remove(at)) {
                    Some((_, said)) if said == digest(message.payload) => self.icmp.same_answers += 1,
                    Some(_) => self.icmp.other_answers += 1,
                    None => {}
                }
            }
            Purpose::Error => self.about(message.payload),
            Purpose::Redirect if message.version_6 => {
                self.icmp.gateway = message.payload.first_chunk::<16>().map(|to| Ipv6Addr::from(*to).into());
            }
            Purpose::Redirect => {
                self.icmp.gateway = Some(Ipv4Addr::from(message.rest).into());
                self.about(message.payload);
            }
            Purpose::Router => self.icmp.router = router(message).or(self.icmp.router.take()),
            Purpose::Neighbour { answers } => self.neighbour(message, answers, context),
            Purpose::Other => {}
        }
    }

    pub(crate) fn finish(&mut self, context: &mut Context<'_>) {
        if let Some(began) = self.began.take() {
            context.say(began, Exchange::Icmp(Box::new(std::mem::take(&mut self.icmp))));
        }
    }

    fn count(&mut self, side: Side, message: &Message<'_>) {
        let [originator, responder] = &mut self.different;
        let (counts, different): (&mut IcmpMessages, _) = match side {
            Side::Originator => (&mut self.icmp.sent, originator),
            Side::Responder => (&mut self.icmp.received, responder),
        };
        counts.shortest = if counts.messages == 0 {
            message.length
        } else {
            counts.shortest.min(message.length)
        };
        counts.longest = counts.longest.max(message.length);
        counts.messages += 1;
        counts.bytes = counts.bytes.saturating_add(message.length.into());
        if matches!(message.purpose(), Purpose::Echo | Purpose::Answer) {
            if self.icmp.sample.is_empty() {
                self.icmp.sample = hexadecimal(message.payload.get(..SAMPLE).unwrap_or(message.payload));
            }
            let tail = digest(message.payload.get(TIME..).unwrap_or(message.payload));
            if different.len() < MOST_DIFFERENT && !different.contains(&tail) {
                different.push(tail);
                counts.different += 1;
            }
        }
    }

    /// Keeps the packet that an error repeats.
    fn about(&mut self, payload: &[u8]) {
        let about = &mut self.icmp.about;
        if let Some(packet) = packet(payload).filter(|packet| about.len() < MOST_KEPT && !about.contains(packet)) {
            about.push(packet);
        }
    }

    fn neighbour(&mut self, message: &Message<'_>, answers: bool, context: &Context<'_>) {
        let mut cursor = Cursor::new(message.payload);
        let target = cursor.array::<16>().map(Ipv6Addr::from);
        // Who asks says what he has himself.
        let address = match context.originator.ip() {
            IpAddr::V6(asker) if !answers => Some(asker).filter(|asker| !asker.is_unspecified()),
            _ => target,
        };
        let wanted = if answers { 2 } else { 1 };
        let mac = options(cursor)
            .find(|(kind, _)| *kind == wanted)
            .and_then(|(_, value)| mac(value));
        let [flags, ..] = message.rest;
        let claim = address.zip(mac).map(|(address, mac)| NeighbourClaim {
            address,
            mac,
            solicited: answers && flags & 0x40 != 0,
            overrides: answers && flags & 0x20 != 0,
        });
        let known = &mut self.icmp.neighbours;
        known.extend(claim.filter(|claim| known.len() < MOST_KEPT && !known.contains(claim)));
    }
}

fn digest(bytes: &[u8]) -> u64 {
    FixedState::with_seed(3).hash_one(bytes)
}

fn mac(value: &[u8]) -> Option<Mac> {
    value.first_chunk::<6>().map(|mac| Mac(*mac))
}

/// Options of neighbours (RFC 4861 4.6): a kind, and a length in eights.
fn options(mut cursor: Cursor<'_>) -> impl Iterator<Item = (u8, &[u8])> {
    std::iter::from_fn(move || {
        let [kind, length] = cursor.array()?;
        Some((kind, cursor.take((usize::from(length) * 8).checked_sub(2)?)?))
    })
}

/// A packet of which the beginning is repeated: its header, and eight bytes at least.
fn packet(bytes: &[u8]) -> Option<IcmpPacket> {
    let mut cursor = Cursor::new(bytes);
    let first = *bytes.first()?;
    let (transport, source, destination): (u8, IpAddr, IpAddr) = match first >> 4 {
        4 => {
            cursor.take(9)?;
            let transport = cursor.u8()?;
            cursor.take(2)?;
            let (source, destination) = (cursor.be32()?, cursor.be32()?);
            cursor.take((usize::from(first & 0x0f) * 4).checked_sub(20)?)?;
            (
                transport,
                Ipv4Addr::from(source).into(),
                Ipv4Addr::from(destination).into(),
            )
        }
        6 => {
            cursor.take(6)?;
            let transport = cursor.u8()?;
            cursor.take(1)?;
            let (source, destination) = (cursor.array::<16>()?, cursor.array::<16>()?);
            (
                transport,
                Ipv6Addr::from(source).into(),
                Ipv6Addr::from(destination).into(),
            )
        }
        _ => return None,
    };
    let mut port = || {
        let has_ports = matches!(transport, 6 | 17 | 132 | 136);
        if has_ports {
            cursor.be16().unwrap_or_default()
        } else {
            0
        }
    };
    Some(IcmpPacket {
        transport,
        source: SocketAddr::new(source, port()),
        destination: SocketAddr::new(destination, port()),
    })
}

fn router(message: &Message<'_>) -> Option<RouterAdvertisement> {
    let [_hops, flags, high, low] = message.rest;
    let mut router = RouterAdvertisement {
        lifetime: u16::from_be_bytes([high, low]),
        managed: flags & 0x80 != 0,
        other: flags & 0x40 != 0,
        ..RouterAdvertisement::default()
    };
    let mut cursor = Cursor::new(message.payload);
    cursor.take(8)?;
    for (kind, value) in options(cursor) {
        let mut value = Cursor::new(value);
        match kind {
            1 => router.mac = mac(value.rest()),
            3 => {
                let length = value.u8();
                value.take(13);
                let network = value.array::<16>().map(Ipv6Addr::from);
                let prefix = length
                    .zip(network)
                    .map(|(length, network)| format!("{network}/{length}"));
                router
                    .prefixes
                    .extend(prefix.filter(|_| router.prefixes.len() < MOST_KEPT));
            }
            25 => {
                value.take(6);
                while let Some(address) = value.array::<16>().filter(|_| router.resolvers.len() < MOST_KEPT) {
                    router.resolvers.push(address.into());
                }
            }
            31 => {
                value.take(6);
                let mut rest = value.rest();
                while let Some((name, behind)) = labels(rest).filter(|(name, _)| !name.is_empty()) {
                    if router.domains.len() < MOST_KEPT {
                        router.domains.push(name);
                    }
                    rest = behind;
                }
            }
            _ => {}
        }
    }
    Some(router)
}
