//! What hosts say below IP: who has which address (ARP, RFC 826 and RFC 5227), and what devices are (LLDP, IEEE 802.1AB; CDP).
//!
//! None of it is in a flow. What a host says of one address is told when it was silent for a minute; what a device says, when
//! it is new. Absent: ARP of other addresses than those of Ethernet and IPv4.

mod discovery;
#[cfg(test)]
mod tests;

use crate::flow::Said;
use crate::link::{EtherType, Why};
use crate::packet::Ethernet;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use watchfire_model::network::{Arp, Discovery, Event, Exchange, Mac};
use watchfire_model::{Timestamp, Untrusted};

/// Nanoseconds of silence after which a host's sayings are told.
const SILENCE: u64 = 60_000_000_000;
/// Nanoseconds for which a question waits for its answer.
const PATIENCE: u64 = 5_000_000_000;
/// Hosts, questions and devices that are known at a time.
const MOST_HOSTS: usize = 4_096;
const MOST_QUESTIONS: usize = 4_096;
const MOST_DEVICES: usize = 1_024;
/// Addresses that are told apart of those that one host asks for, and how many are named.
const MOST_TARGETS: usize = 256;
const MOST_NAMED: usize = 8;

/// What speaks below IP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Neighbourly {
    /// ARP.
    Arp,
    /// LLDP.
    Lldp,
    /// CDP.
    Cdp,
}

impl Neighbourly {
    /// What a frame without IP is, if it is one of these.
    pub(crate) const fn of(why: &Why) -> Option<Self> {
        match why {
            Why::Arp(_) => Some(Self::Arp),
            Why::NotIp(EtherType(0x88cc)) => Some(Self::Lldp),
            Why::NotIp(EtherType(0x2000)) => Some(Self::Cdp),
            _ => None,
        }
    }
}

/// A frame of theirs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Heard<'f> {
    pub(crate) kind: Neighbourly,
    pub(crate) frame: u64,
    pub(crate) time: Timestamp,
    pub(crate) ethernet: Option<Ethernet>,
    pub(crate) vlan: Option<u16>,
    /// What is behind the header of the link.
    pub(crate) bytes: &'f [u8],
}

/// What one host said of one address.
#[derive(Debug)]
struct Host {
    began: Timestamp,
    frame: u64,
    /// Whom its first frame was about.
    first: Ipv4Addr,
    targets: BTreeSet<Ipv4Addr>,
    arp: Arp,
}

/// Who asked for whom, and when last. The latest questions are known, whatever was asked before: where there are many, the
/// older half goes, so that a question costs the same in a storm.
#[derive(Debug, Default)]
struct Questions {
    latest: BTreeMap<(Ipv4Addr, Ipv4Addr), Timestamp>,
    before: BTreeMap<(Ipv4Addr, Ipv4Addr), Timestamp>,
}

impl Questions {
    fn ask(&mut self, pair: (Ipv4Addr, Ipv4Addr), time: Timestamp) {
        if self.latest.len() >= MOST_QUESTIONS / 2 {
            self.before = std::mem::take(&mut self.latest);
        }
        self.latest.insert(pair, time);
    }

    /// Whether that was asked a short time ago.
    fn is_open(&self, pair: (Ipv4Addr, Ipv4Addr), now: Timestamp) -> bool {
        let asked = self.latest.get(&pair).or_else(|| self.before.get(&pair));
        asked.is_some_and(|asked| now.since(*asked) < PATIENCE)
    }
}

/// All that is known of a capture's links.
#[derive(Debug, Default)]
pub(crate) struct Neighbours {
    hosts: BTreeMap<(Mac, Ipv4Addr, Option<u16>), Host>,
    questions: Questions,
    devices: BTreeMap<(Mac, Untrusted), Discovery>,
    swept: Option<Timestamp>,
}

impl Neighbours {
    pub(crate) fn hear(&mut self, heard: &Heard<'_>, out: &mut Said) {
        match heard.kind {
            Neighbourly::Arp => self.arp(heard, out),
            Neighbourly::Lldp => self.device(heard, discovery::lldp(heard.bytes), out),
            Neighbourly::Cdp => self.device(heard, discovery::cdp(heard.bytes), out),
        }
    }

    /// Tells of who was silent for long, as of `now`; looking costs, so that it is not done each time.
    pub(crate) fn tick(&mut self, now: Timestamp, out: &mut Said) {
        // Time may go back where one frame was of a wrong clock.
        let swept = self.swept.map_or(now, |swept| swept.min(now));
        self.swept = Some(swept);
        if now.since(swept) >= SILENCE {
            self.swept = Some(now);
            self.hosts.retain(|_, host| {
                let stays = now.since(host.arp.last) < SILENCE;
                if !stays {
                    host.say(out);
                }
                stays
            });
        }
    }

    pub(crate) fn finish(&mut self, out: &mut Said) {
        for host in std::mem::take(&mut self.hosts).into_values() {
            host.say(out);
        }
    }

    fn arp(&mut self, heard: &Heard<'_>, out: &mut Said) {
        let Some(message) = Message::read(heard.bytes) else {
            return;
        };
        let frame_mac = heard.ethernet.map(|ethernet| Mac(ethernet.source));
        if self.hosts.len() >= MOST_HOSTS {
            self.finish(out);
        }
        let key = (message.sender, message.sender_address, heard.vlan);
        let host = self.hosts.entry(key).or_insert_with(|| Host {
            began: heard.time,
            frame: heard.frame,
            first: message.target_address,
            targets: BTreeSet::new(),
            arp: Arp {
                mac: message.sender,
                address: message.sender_address,
                frame_mac: None,
                vlan: heard.vlan,
                questions: 0,
                targets: 0,
                first_targets: Vec::new(),
                probes: 0,
                answers: 0,
                unasked: 0,
                announcements: 0,
                last_frame: heard.frame,
                last: heard.time,
            },
        });
        host.arp.frame_mac = frame_mac.filter(|mac| *mac != message.sender).or(host.arp.frame_mac);
        host.arp.last_frame = heard.frame;
        host.arp.last = host.arp.last.max(heard.time);
        let (own, other) = (message.sender_address, message.target_address);
        if own == other {
            host.arp.announcements += 1;
        } else if message.is_answer {
            match self.questions.is_open((other, own), heard.time) {
                true => host.arp.answers += 1,
                false => host.arp.unasked += 1,
            }
        } else if own.is_unspecified() {
            host.arp.probes += 1;
            self.questions.ask((own, other), heard.time);
        } else {
            host.arp.questions += 1;
            host.target(other);
            self.questions.ask((own, other), heard.time);
        }
    }

    fn device(&mut self, heard: &Heard<'_>, said: Option<Discovery>, out: &mut Said) {
        let Some(mut said) = said else { return };
        let mac = heard.ethernet.map(|ethernet| Mac(ethernet.source));
        said.mac = mac;
        let key = (mac.unwrap_or_default(), said.device.clone().unwrap_or_default());
        if self.devices.get(&key) == Some(&said) {
            return;
        }
        if self.devices.len() >= MOST_DEVICES {
            self.devices.clear();
        }
        self.devices.insert(key, said.clone());
        let nobody = SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), 0);
        out.event(Event {
            flow: 0,
            frame: heard.frame,
            time: heard.time,
            originator: said
                .addresses
                .first()
                .map_or(nobody, |address| SocketAddr::new(*address, 0)),
            responder: nobody,
            transport: None,
            exchange: Exchange::Discovery(Box::new(said)),
        });
    }
}

impl Host {
    fn target(&mut self, target: Ipv4Addr) {
        if self.targets.len() < MOST_TARGETS && self.targets.insert(target) {
            self.arp.targets += 1;
            if self.arp.first_targets.len() < MOST_NAMED {
                self.arp.first_targets.push(target);
            }
        }
    }

    fn say(&self, out: &mut Said) {
        let end = |address: Ipv4Addr| SocketAddr::new(IpAddr::V4(address), 0);
        out.event(Event {
            flow: 0,
            frame: self.frame,
            time: self.began,
            originator: end(self.arp.address),
            responder: end(self.first),
            transport: None,
            exchange: Exchange::Arp(Box::new(self.arp.clone())),
        });
    }
}

/// A question or an answer.
struct Message {
    is_answer: bool,
    sender: Mac,
    sender_address: Ipv4Addr,
    target_address: Ipv4Addr,
}

impl Message {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut cursor = crate::cursor::Cursor::new(bytes);
        // Kinds and lengths of addresses were looked at already.
        cursor.take(6)?;
        let operation = cursor.be16().filter(|operation| matches!(operation, 1 | 2))?;
        let sender = Mac(cursor.array()?);
        let sender_address = cursor.be32()?.into();
        cursor.take(6)?;
        Some(Self {
            is_answer: operation == 2,
            sender,
            sender_address,
            target_address: cursor.be32()?.into(),
        })
    }
}
