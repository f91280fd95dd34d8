//! DHCP (RFC 2131, RFC 2132), and BOOTP (RFC 951) before it: who got which address, and how clients call themselves.
//!
//! The messages of a transaction that are in one flow are one exchange. Clients ask everybody and servers answer one, so
//! that most transactions are in several flows, which [`Dhcp::join`] puts together. Options that are continued in others
//! (RFC 3396) and those in the fields of names (option 52) are read as they come; the fields are not.

#[cfg(test)]
mod tests;

use super::field::{filled, labels, text};
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol};
use crate::cursor::Cursor;
use crate::protocol::Side;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr};
use watchfire_model::Timestamp;
use watchfire_model::network::{Dhcp, DhcpKind, DhcpMessage, Exchange, Mac};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "dhcp",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Talk::default()),
};

/// What stands before the options.
const MAGIC: [u8; 4] = [0x63, 0x82, 0x53, 0x63];
/// Nanoseconds after the last message when a transaction is over.
const PATIENCE: u64 = 10_000_000_000;
/// Transactions that go on.
const MOST_OPEN: usize = 64;
/// Addresses of a list that are kept.
const MOST_ADDRESSES: usize = 8;

fn recognise(opening: &Opening<'_>) -> Guess {
    let first = if opening.originator.is_empty() {
        opening.responder
    } else {
        opening.originator
    };
    Guess::only_if(Header::read(&mut Cursor::new(first)).is_some())
}

/// What stands before the options.
#[derive(Clone, Copy, Debug)]
struct Header<'m> {
    is_request: bool,
    transaction: u32,
    your: Ipv4Addr,
    relay: Ipv4Addr,
    hardware: Option<Mac>,
    file: &'m [u8],
}

impl<'m> Header<'m> {
    fn read(cursor: &mut Cursor<'m>) -> Option<Self> {
        let [operation, hardware, length, _hops] = cursor.array()?;
        if !matches!(operation, 1 | 2) || length > 16 || hardware == 0 && length != 0 {
            return None;
        }
        let transaction = cursor.be32()?;
        // Seconds, flags, and the address that the client has.
        cursor.take(8)?;
        let your = cursor.be32()?.into();
        cursor.take(4)?;
        let relay = cursor.be32()?.into();
        let address = cursor.take(16)?;
        cursor.take(64)?;
        let file = cursor.take(128)?;
        (cursor.array() == Some(MAGIC)).then_some(Self {
            is_request: operation == 1,
            transaction,
            your,
            relay,
            hardware: address
                .first_chunk()
                .filter(|_| hardware == 1 && length == 6)
                .map(|address| Mac(*address)),
            file,
        })
    }
}

/// A transaction that may go on.
#[derive(Debug)]
struct Open {
    began: Here,
    last: Timestamp,
    dhcp: Dhcp,
    /// The client's address by the field for it, which counts less than the number that it chose.
    hardware: Option<Mac>,
}

/// The transactions of a flow.
#[derive(Debug, Default)]
struct Talk {
    open: VecDeque<Open>,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let here = context.here;
        while let Some(open) = self.open.pop_front() {
            if here.time.since(open.last) < PATIENCE && self.open.len() < MOST_OPEN {
                self.open.push_front(open);
                break;
            }
            open.say(context);
        }
        let mut cursor = Cursor::new(bytes);
        let Some(header) = Header::read(&mut cursor) else {
            return Heard::More;
        };
        let is_same = |open: &Open| open.dhcp.transaction == header.transaction;
        let mut open = match self.open.iter().rposition(is_same) {
            Some(at) => self.open.remove(at),
            None => None,
        }
        .unwrap_or_else(|| Open::new(here, &header));
        if open.dhcp.messages.len() >= Dhcp::MOST_MESSAGES {
            std::mem::replace(&mut open, Open::new(here, &header)).say(context);
        }
        let sender = match side {
            Side::Originator => context.originator.ip(),
            Side::Responder => context.responder.ip(),
        };
        open.message(here, sender, &header, &mut cursor);
        self.open.push_back(open);
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        for open in std::mem::take(&mut self.open) {
            open.say(context);
        }
    }
}

impl Open {
    fn new(began: Here, header: &Header<'_>) -> Self {
        Self {
            began,
            last: began.time,
            dhcp: Dhcp {
                transaction: header.transaction,
                ..Dhcp::default()
            },
            hardware: None,
        }
    }

    fn say(mut self, context: &mut Context<'_>) {
        self.dhcp.mac = self.dhcp.mac.or(self.hardware);
        self.dhcp.duration = self.last.since(self.began.time);
        context.say(self.began, Exchange::Dhcp(Box::new(self.dhcp)));
    }

    fn message(&mut self, here: Here, sender: IpAddr, header: &Header<'_>, options: &mut Cursor<'_>) {
        self.last = self.last.max(here.time);
        self.hardware = self.hardware.or(header.hardware);
        let mut kind = DhcpKind(0);
        while let Some(code) = options.u8() {
            match code {
                0 => continue,
                255 => break,
                _ => {}
            }
            let Some(value) = options.behind8() else { break };
            match (code, value) {
                (53, [number]) => kind = DhcpKind(*number),
                _ if header.is_request => self.asked(code, value),
                _ => self.answered(code, value),
            }
        }
        let dhcp = &mut self.dhcp;
        dhcp.messages.push(DhcpMessage {
            frame: here.frame,
            time: here.time,
            kind,
            from_client: header.is_request,
        });
        dhcp.relay = known(header.relay).or(dhcp.relay);
        let sender = match sender {
            IpAddr::V4(sender) => known(sender).filter(|sender| !sender.is_broadcast()),
            IpAddr::V6(_) => None,
        };
        if header.is_request {
            // What a relay passes on has its address.
            dhcp.client = sender.filter(|_| known(header.relay).is_none()).or(dhcp.client);
            return;
        }
        if let Some(your) = known(header.your) {
            dhcp.server = sender.or(dhcp.server);
            dhcp.assigned = Some(your);
        }
        dhcp.client = dhcp.client.or(dhcp.assigned);
        dhcp.boot_file = dhcp.boot_file.take().or_else(|| file(header.file));
    }

    /// An option of the client.
    fn asked(&mut self, code: u8, value: &[u8]) {
        let dhcp = &mut self.dhcp;
        match (code, value) {
            (12, name) => dhcp.host_name = filled(name),
            (50, &[a, b, c, d]) => dhcp.requested = Some(Ipv4Addr::new(a, b, c, d)),
            (55, list) => dhcp.parameters = list.to_vec(),
            (56, why) => dhcp.client_message = filled(why),
            (60, class) => dhcp.vendor_class = filled(class),
            (61, &[1, a, b, c, d, e, f]) => dhcp.mac = Some(Mac([a, b, c, d, e, f])),
            (81, [flags, _, _, name @ ..]) => {
                // Flag E: it is written as DNS does.
                let encoded = labels(name).filter(|_| flags & 0x04 != 0).map(|(name, _)| name);
                dhcp.client_fqdn = encoded.or_else(|| filled(name));
            }
            (82, relay) => self.relayed(relay),
            _ => {}
        }
    }

    /// An option of the server.
    fn answered(&mut self, code: u8, value: &[u8]) {
        let dhcp = &mut self.dhcp;
        match (code, value) {
            (3, list) => dhcp.routers = addresses(list),
            (6, list) => dhcp.resolvers = addresses(list),
            (15, domain) => dhcp.domain = filled(domain),
            (51, &[a, b, c, d]) => dhcp.lease = Some(u32::from_be_bytes([a, b, c, d])),
            (56, why) => dhcp.server_message = filled(why),
            (67, name) => dhcp.boot_file = filled(name),
            (82, relay) => self.relayed(relay),
            (252, place) => dhcp.proxy_script = filled(place),
            _ => {}
        }
    }

    /// What a relay adds (RFC 3046).
    fn relayed(&mut self, options: &[u8]) {
        let mut cursor = Cursor::new(options);
        while let (Some(code), Some(value)) = (cursor.u8(), cursor.behind8()) {
            let value = Some(text(value));
            match code {
                1 => self.dhcp.circuit = value,
                2 => self.dhcp.remote = value,
                6 => self.dhcp.subscriber = value,
                _ => {}
            }
        }
    }
}

/// An address, if it is one.
fn known(address: Ipv4Addr) -> Option<Ipv4Addr> {
    Some(address).filter(|address| !address.is_unspecified())
}

fn addresses(list: &[u8]) -> Vec<Ipv4Addr> {
    let (addresses, _) = list.as_chunks::<4>();
    addresses
        .iter()
        .take(MOST_ADDRESSES)
        .map(|address| Ipv4Addr::from(*address))
        .collect()
}

/// The name of a file in its field, which may hold options instead (option 52).
fn file(field: &[u8]) -> Option<watchfire_model::Untrusted> {
    let end = field.iter().position(|byte| *byte == 0)?;
    let name = field.get(..end)?;
    filled(name).filter(|_| name.iter().all(u8::is_ascii_graphic))
}
