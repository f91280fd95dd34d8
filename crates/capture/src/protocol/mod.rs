//! What protocols say. A protocol is one file, one line in the list of modules and one in the registry.
//!
//! Protocols are told by what is said and not by port: whoever listens on port 443 need not speak TLS. A recogniser sees
//! how a flow begins and says yes, no or perhaps; the first yes in the order of the registry gets the flow, and says when it
//! has heard enough of it.

mod carried;
mod dce_rpc;
mod der;
mod dhcp;
mod dhcp6;
mod dnp3;
mod dns;
mod field;
mod ftp;
mod http;
mod http2;
pub(crate) mod icmp;
mod ike;
mod imap;
mod inner;
mod irc;
mod kerberos;
mod ldap;
pub(crate) mod lone;
mod modbus;
mod mqtt;
mod mysql;
mod named;
mod netbios;
mod ntlm;
mod ntp;
mod openvpn;
mod pieces;
mod pop3;
mod postgresql;
mod quic;
mod radius;
mod rdp;
mod redis;
mod registry;
mod rfb;
mod sasl;
mod sip;
mod smb;
mod smtp;
mod snmp;
mod socks;
mod spnego;
mod ssh;
mod statement;
mod stun;
mod syslog;
#[cfg(test)]
mod tests;
mod text;
mod tftp;
mod tls;
mod windows;
mod wireguard;
mod xmpp;

pub(crate) use carried::{Carried, Description};
pub(crate) use inner::Inner;
pub(crate) use registry::recognise;

use crate::flow::Said;
use std::fmt::Debug;
use std::net::SocketAddr;
use watchfire_model::Timestamp;
use watchfire_model::network::{Event, Exchange, TransportProtocol};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Who began the flow.
    Originator,
    /// Who answered.
    Responder,
}

impl Side {
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Originator => Self::Responder,
            Self::Responder => Self::Originator,
        }
    }
}

/// How a flow begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Opening<'o> {
    /// What its originator said so far; of datagrams, the first.
    pub(crate) originator: &'o [u8],
    /// What its responder said so far; of datagrams, the first.
    pub(crate) responder: &'o [u8],
    /// Where its responder listens.
    pub(crate) port: u16,
}

/// What a recogniser says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guess {
    /// It is not.
    No,
    /// It may be; more is needed.
    Perhaps,
    /// It is.
    Yes,
}

impl Guess {
    pub(crate) const fn only_if(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}

/// What carries a protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Carrier {
    /// TCP.
    Stream,
    /// UDP.
    Datagram,
}

/// What a protocol is.
#[derive(Debug)]
pub(crate) struct Protocol {
    /// What the flow's service is called, in small letters, as Zeek does.
    pub(crate) name: &'static str,
    pub(crate) carrier: Carrier,
    pub(crate) recognise: fn(&Opening<'_>) -> Guess,
    pub(crate) dissector: fn() -> Box<dyn Dissector>,
}

/// Whether a dissector wants more of its flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// It goes on.
    More,
    /// What is left says nothing: streams need not be put in order any more.
    Enough,
}

/// Hears one flow.
pub(crate) trait Dissector: Debug + Send {
    /// Bytes of a stream, directly behind those before, however they were cut; or one whole datagram.
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard;

    /// So many bytes of a stream are missing.
    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        let _ = (side, length, context);
        Heard::Enough
    }

    /// Nothing more comes.
    fn finish(&mut self, context: &mut Context<'_>) {
        let _ = context;
    }

    /// About how many bytes of memory it holds beyond a few hundred. Asked for behind each packet, so that it has to be told
    /// at once.
    fn memory(&self) -> usize {
        0
    }
}

/// Where a dissector is, and where what it says goes.
#[derive(Debug)]
pub(crate) struct Context<'c> {
    /// Where what is heard now stands.
    pub(crate) here: Here,
    /// The flow, by the number of its first frame.
    pub(crate) flow: u64,
    pub(crate) originator: SocketAddr,
    pub(crate) responder: SocketAddr,
    pub(crate) transport: TransportProtocol,
    pub(crate) said: &'c mut Said,
    /// What the flow turned out to speak.
    pub(crate) services: &'c mut Vec<&'static str>,
    /// How many files it carried.
    pub(crate) files: &'c mut u32,
    /// How many streams are around this one; see `inner.rs`.
    pub(crate) depth: u8,
    /// When nothing more comes: whether the originator and the responder closed their streams, and everything before that
    /// was heard.
    pub(crate) ended: [bool; 2],
}

/// A place in the capture.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Here {
    pub(crate) frame: u64,
    pub(crate) time: Timestamp,
}

impl Context<'_> {
    /// Says what was exchanged, beginning at `began`.
    pub(crate) fn say(&mut self, began: Here, exchange: Exchange) {
        self.said.event(Event {
            flow: self.flow,
            frame: began.frame,
            time: began.time,
            originator: self.originator,
            responder: self.responder,
            transport: Some(self.transport),
            exchange,
        });
    }

    /// Whether a side closed its stream, and nothing of it is missing at its end.
    pub(crate) const fn has_ended(&self, side: Side) -> bool {
        let [originator, responder] = self.ended;
        match side {
            Side::Originator => originator,
            Side::Responder => responder,
        }
    }

    /// Who began is who answers, as long as something is done.
    pub(crate) const fn swap(&mut self) {
        std::mem::swap(&mut self.originator, &mut self.responder);
        self.ended.reverse();
    }

    /// Names a further service of the flow: what is spoken inside of another.
    pub(crate) fn serves(&mut self, service: &'static str) {
        if !self.services.contains(&service) {
            self.services.push(service);
        }
    }
}
