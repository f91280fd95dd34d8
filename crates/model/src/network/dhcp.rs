//! Leases of addresses.

use super::Mac;
use crate::{Timestamp, Untrusted};
use serde::{Serialize, Serializer};
use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// A transaction of DHCP (RFC 2131, RFC 2132), as far as one flow shows it.
///
/// Clients ask everybody, and servers answer one or everybody, so that a transaction is in several flows mostly. [`Dhcp::join`]
/// puts them together: by the number of the transaction, and by time, as numbers come back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dhcp {
    /// What all messages of a transaction share.
    pub transaction: u32,
    /// The messages, in order; at most [`Dhcp::MOST_MESSAGES`].
    pub messages: Vec<DhcpMessage>,
    /// Nanoseconds from the first message to the last.
    pub duration: u64,
    /// The client's address: from which it sent, or else what it was given first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Ipv4Addr>,
    /// Who gave the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Ipv4Addr>,
    /// Who passed the messages on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relay: Option<Ipv4Addr>,
    /// The client's address on the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<Mac>,
    /// The client's name, as it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_name: Option<Untrusted>,
    /// The client's name in DNS, as it says (RFC 4702).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_fqdn: Option<Untrusted>,
    /// The domain that the server gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Untrusted>,
    /// The address that the client wants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested: Option<Ipv4Addr>,
    /// The address that the server gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assigned: Option<Ipv4Addr>,
    /// Seconds for which it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease: Option<u32>,
    /// Why the client declines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_message: Option<Untrusted>,
    /// Why the server refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_message: Option<Untrusted>,
    /// What the client's system calls itself: `MSFT 5.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_class: Option<Untrusted>,
    /// The options that the client asks for, in its order, which tells systems apart.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<u8>,
    /// Routers that the server names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routers: Vec<Ipv4Addr>,
    /// Resolvers that the server names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolvers: Vec<Ipv4Addr>,
    /// Where browsers find the script that names their proxy (option 252).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy_script: Option<Untrusted>,
    /// The file that the client is to start from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub boot_file: Option<Untrusted>,
    /// Behind which port of a relay the client is (RFC 3046).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub circuit: Option<Untrusted>,
    /// Who the client is by its relay (RFC 3046).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<Untrusted>,
    /// Whose client it is by its relay (RFC 3993).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscriber: Option<Untrusted>,
}

impl Dhcp {
    /// Messages that are kept of one transaction.
    pub const MOST_MESSAGES: usize = 50;

    /// When it began.
    pub fn first(&self) -> Option<Timestamp> {
        self.messages.iter().map(|message| message.time).min()
    }

    /// When it was over.
    pub fn last(&self) -> Option<Timestamp> {
        self.messages.iter().map(|message| message.time).max()
    }

    /// Which system the client seems to be, by what it calls itself and what it asks for. A hint: clients can say anything.
    pub fn system(&self) -> Option<&'static str> {
        const CLASSES: &[(&str, &str)] = &[
            ("MSFT ", "Windows"),
            ("android-dhcp", "Android"),
            ("dhcpcd", "Linux or BSD"),
            ("udhcp", "embedded Linux"),
            ("PXEClient", "a computer that starts from the network"),
            ("Cisco", "a device of Cisco"),
            ("AAPLBSDPC", "macOS"),
        ];
        // What only some ask for, and the order in which they do.
        const ORDERS: &[(&[u8], &str)] = &[
            (&[1, 121, 3, 6, 15], "macOS or iOS"),
            (&[1, 3, 6, 15, 31, 33, 43], "Windows"),
            (&[1, 15, 3, 6, 44, 46, 47], "Windows"),
            (&[1, 28, 2, 3, 15, 6], "Linux"),
            (&[1, 3, 6, 15, 26, 28, 51], "Android"),
        ];
        let class = self.vendor_class.as_ref().map_or("", Untrusted::raw);
        let by_class = CLASSES.iter().find(|(begin, _)| class.starts_with(begin));
        let by_order = || ORDERS.iter().find(|(begin, _)| self.parameters.starts_with(begin));
        by_class
            .map(|(_, system)| *system)
            .or_else(|| by_order().map(|(_, system)| *system))
    }

    /// Whether `later`, which begins not before this, is of the same transaction: its number is the same, and so is the
    /// client, as far as both know it. That both lie close in time is the caller's to see to.
    pub fn is_of(&self, later: &Self) -> bool {
        self.transaction == later.transaction && (self.mac.is_none() || later.mac.is_none() || self.mac == later.mac)
    }

    /// Adds what `later`, which begins not before this, says of the same transaction. What was said last counts, but for
    /// the address that a client was given.
    pub fn join(&mut self, later: Self) {
        let is_own = later.messages.iter().any(|message| message.from_client);
        self.client = match is_own {
            true => later.client.or(self.client),
            false => self.client.or(later.client),
        };
        self.messages.extend(later.messages);
        self.messages.sort_by_key(|message| message.frame);
        self.messages.truncate(Self::MOST_MESSAGES);
        self.duration = self
            .last()
            .zip(self.first())
            .map_or(0, |(last, first)| last.since(first));
        self.mac = self.mac.or(later.mac);
        self.server = later.server.or(self.server);
        self.relay = later.relay.or(self.relay);
        self.requested = later.requested.or(self.requested);
        self.assigned = later.assigned.or(self.assigned);
        self.lease = later.lease.or(self.lease);
        let texts = [
            (&mut self.host_name, later.host_name),
            (&mut self.client_fqdn, later.client_fqdn),
            (&mut self.domain, later.domain),
            (&mut self.client_message, later.client_message),
            (&mut self.server_message, later.server_message),
            (&mut self.vendor_class, later.vendor_class),
            (&mut self.proxy_script, later.proxy_script),
            (&mut self.boot_file, later.boot_file),
            (&mut self.circuit, later.circuit),
            (&mut self.remote, later.remote),
            (&mut self.subscriber, later.subscriber),
        ];
        for (own, other) in texts {
            *own = other.or(own.take());
        }
        for (own, other) in [
            (&mut self.routers, later.routers),
            (&mut self.resolvers, later.resolvers),
        ] {
            if !other.is_empty() {
                *own = other;
            }
        }
        if !later.parameters.is_empty() {
            self.parameters = later.parameters;
        }
    }
}

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct DhcpMessage {
    /// Its frame.
    pub frame: u64,
    /// When that was captured.
    pub time: Timestamp,
    /// What it is.
    pub kind: DhcpKind,
    /// Whether the client sent it.
    pub from_client: bool,
}

/// What a message of DHCP is, by IANA's number (RFC 2132 9.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DhcpKind(pub u8);

impl DhcpKind {
    /// Its name, where it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "BOOTP",
            1 => "DISCOVER",
            2 => "OFFER",
            3 => "REQUEST",
            4 => "DECLINE",
            5 => "ACK",
            6 => "NAK",
            7 => "RELEASE",
            8 => "INFORM",
            9 => "FORCERENEW",
            10 => "LEASEQUERY",
            11 => "LEASEUNASSIGNED",
            12 => "LEASEUNKNOWN",
            13 => "LEASEACTIVE",
            14 => "BULKLEASEQUERY",
            15 => "LEASEQUERYDONE",
            16 => "ACTIVELEASEQUERY",
            17 => "LEASEQUERYSTATUS",
            18 => "TLS",
            _ => return None,
        })
    }
}

/// The name, or `TYPE` and the number; 0 is BOOTP's, which has no types.
impl fmt::Display for DhcpKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

impl Serialize for DhcpKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A transaction of DHCP for IPv6 (RFC 8415), as far as one flow shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dhcp6 {
    /// What all messages of a transaction share; 24 bits.
    pub transaction: u32,
    /// What was said, in order.
    pub messages: Vec<Dhcp6Message>,
    /// The client's own number, in hexadecimal.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_id: String,
    /// The client's address on the link, where that number holds one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mac: Option<Mac>,
    /// The server's own number, in hexadecimal.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_id: String,
    /// The client's name, as it says (RFC 4704).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_name: Option<Untrusted>,
    /// The client's address behind its relay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<Ipv6Addr>,
    /// Addresses that are wanted or given; those that are given, if there are some.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Ipv6Addr>,
    /// Networks that are wanted or given, likewise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prefixes: Vec<String>,
    /// Seconds for which they are given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease: Option<u32>,
    /// Resolvers that the server names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolvers: Vec<Ipv6Addr>,
    /// Domains that the server names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<Untrusted>,
    /// What the client's system calls itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vendor_class: Option<Untrusted>,
    /// The options that the client asks for, in its order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parameters: Vec<u16>,
    /// What went wrong, by IANA's number; 0 is success.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What the server says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_message: Option<Untrusted>,
}

/// One message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Dhcp6Message {
    /// Its frame.
    pub frame: u64,
    /// What it is.
    pub kind: Dhcp6Kind,
}

/// What a message of DHCP for IPv6 is, by IANA's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dhcp6Kind(pub u8);

impl Dhcp6Kind {
    /// Its name, where it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            1 => "SOLICIT",
            2 => "ADVERTISE",
            3 => "REQUEST",
            4 => "CONFIRM",
            5 => "RENEW",
            6 => "REBIND",
            7 => "REPLY",
            8 => "RELEASE",
            9 => "DECLINE",
            10 => "RECONFIGURE",
            11 => "INFORMATION-REQUEST",
            12 => "RELAY-FORW",
            13 => "RELAY-REPL",
            _ => return None,
        })
    }

    /// Whether clients send it.
    pub const fn is_from_client(self) -> bool {
        matches!(self.0, 1 | 3..=6 | 8 | 9 | 11)
    }
}

/// The name, or `TYPE` and the number.
impl fmt::Display for Dhcp6Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "TYPE{}", self.0),
        }
    }
}

impl Serialize for Dhcp6Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
