//! What capture files say besides frames: interfaces, comments, names of hosts, secrets of TLS.

use super::Order;
use crate::bytes::{array, field};
use crate::frame::LinkType;
use std::collections::BTreeMap;
use std::net::IpAddr;
use watchfire_model::Untrusted;

/// What is kept of each kind; more is counted in [`Description::left_out`].
const MOST: usize = 4096;

/// Bytes of secrets that are kept.
const MOST_SECRETS: usize = 16 << 20;

/// Bytes of one text.
const LONGEST: usize = 4096;

/// How a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// pcap with microseconds.
    Pcap,
    /// pcap with nanoseconds.
    PcapNanosecond,
    /// pcap with longer records, of patched libpcaps.
    PcapModified,
    /// pcapng.
    PcapNg,
}

/// What the files say besides frames. Over several files it grows.
#[derive(Clone, Debug, Default)]
pub struct Description {
    /// How the files are laid out, each way once, in their order.
    pub formats: Vec<Format>,
    /// Interfaces, in the order of their numbers in [`crate::Frame::interface`]. One that a later file or section describes
    /// in the same way keeps its number.
    pub interfaces: Vec<Interface>,
    /// Programs that wrote the files, each once.
    pub applications: Vec<Untrusted>,
    /// Operating systems on which they were written, each once.
    pub systems: Vec<Untrusted>,
    /// Remarks that somebody made.
    pub comments: Vec<Comment>,
    /// Names that the file keeps for addresses.
    pub names: Vec<Name>,
    /// Secrets with which traffic can be decrypted.
    pub secrets: Vec<Secrets>,
    /// Frames that the interface received, as far as the file says it.
    pub incoming: u64,
    /// Frames that it sent.
    pub outgoing: u64,
    /// Comments, names and the like beyond what is kept.
    pub left_out: u64,
    secret_bytes: usize,
    numbers: BTreeMap<Identity, Vec<u32>>,
}

/// How many interfaces of each kind a section has described so far.
pub(super) type Kinds = BTreeMap<Identity, usize>;

/// What makes interfaces of two files the same, besides their order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    link: LinkType,
    name: Option<String>,
}

/// An interface on which frames were captured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// What the first bytes of its frames are.
    pub link: LinkType,
    /// Bytes of a frame that were captured at most; 0 if there was no limit.
    pub limit: u32,
    /// Its name on the machine that captured.
    pub name: Option<Untrusted>,
    /// What it was there.
    pub description: Option<Untrusted>,
    /// The filter in whose terms frames were captured.
    pub filter: Option<Untrusted>,
    /// Bytes of checksum behind each frame, where the file says it.
    pub checksum_bytes: Option<u8>,
    /// Frames that it saw, if the file says it.
    pub received: Option<u64>,
    /// Frames that were lost because the interface or the system was too slow, if the file says it.
    pub dropped: Option<u64>,
}

/// A remark in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The frame, if it is about one.
    pub frame: Option<u64>,
    /// The remark.
    pub text: Untrusted,
}

/// A name for an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The address.
    pub address: IpAddr,
    /// Its name.
    pub name: Untrusted,
}

/// Secrets with which traffic can be decrypted.
#[derive(Clone, PartialEq, Eq)]
pub struct Secrets {
    /// What kind: 0x544c534b is a key log of TLS.
    pub kind: u32,
    /// What is written there.
    pub bytes: Vec<u8>,
}

impl Secrets {
    /// A key log of TLS, as `SSLKEYLOGFILE` writes it.
    pub const TLS: u32 = 0x544c_534b;
}

/// Secrets are not printed by mistake.
impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secrets({:#x}, {} bytes)", self.kind, self.bytes.len())
    }
}

impl Interface {
    pub(super) fn new(link: LinkType, limit: u32) -> Self {
        Self {
            link,
            limit,
            name: None,
            description: None,
            filter: None,
            checksum_bytes: None,
            received: None,
            dropped: None,
        }
    }
}

impl Description {
    pub(super) fn format(&mut self, format: Format) {
        if !self.formats.contains(&format) {
            self.formats.push(format);
        }
    }

    /// The number of an interface. The second of a kind in its section is the second of that kind in others, too.
    pub(super) fn interface(&mut self, interface: Interface, kinds: &mut Kinds) -> u32 {
        let identity = Identity {
            link: interface.link,
            name: interface.name.as_ref().map(|name| name.raw().to_owned()),
        };
        let next = field(self.interfaces.len());
        let is_full = self.interfaces.len() >= MOST;
        // Whatever a file says, nothing is kept of interfaces beyond the first so many.
        if is_full && !self.numbers.contains_key(&identity) {
            self.left_out = self.left_out.saturating_add(1);
            return next;
        }
        let before = kinds.entry(identity.clone()).or_default();
        let numbers = self.numbers.entry(identity).or_default();
        let known = numbers.get(*before).copied();
        *before = before.saturating_add(1);
        if let Some(number) = known {
            return number;
        }
        if is_full {
            self.left_out = self.left_out.saturating_add(1);
        } else {
            self.interfaces.push(interface);
            numbers.push(next);
        }
        next
    }

    pub(super) fn comment(&mut self, frame: Option<u64>, text: &[u8]) {
        let text = written(text);
        push(&mut self.comments, Comment { frame, text }, &mut self.left_out);
    }

    pub(super) fn application(&mut self, text: &[u8]) {
        once(&mut self.applications, written(text), &mut self.left_out);
    }

    pub(super) fn system(&mut self, text: &[u8]) {
        once(&mut self.systems, written(text), &mut self.left_out);
    }

    pub(super) fn name(&mut self, address: IpAddr, name: &[u8]) {
        let name = written(name);
        push(&mut self.names, Name { address, name }, &mut self.left_out);
    }

    /// Keeps secrets, as far as there is room. Whether there was.
    pub(super) fn secret(&mut self, kind: u32, bytes: &[u8]) -> bool {
        let sum = self.secret_bytes.saturating_add(bytes.len());
        if sum > MOST_SECRETS || self.secrets.len() >= MOST {
            self.left_out = self.left_out.saturating_add(1);
            return false;
        }
        self.secret_bytes = sum;
        let bytes = bytes.to_vec();
        self.secrets.push(Secrets { kind, bytes });
        true
    }
}

fn push<T>(list: &mut Vec<T>, item: T, left_out: &mut u64) {
    if list.len() < MOST {
        list.push(item);
    } else {
        *left_out = left_out.saturating_add(1);
    }
}

/// Files of one sequence repeat these; only the first few different ones are kept, so that looking is cheap.
fn once(list: &mut Vec<Untrusted>, item: Untrusted, left_out: &mut u64) {
    if list.contains(&item) {
        return;
    }
    if list.len() < 16 {
        list.push(item);
    } else {
        *left_out = left_out.saturating_add(1);
    }
}

/// A text of the file: UTF-8 if it is right, up to its limit and to a NUL.
pub(super) fn written(text: &[u8]) -> Untrusted {
    let text = text.get(..LONGEST).unwrap_or(text);
    let text = text.split(|byte| *byte == 0).next().unwrap_or_default();
    Untrusted::from(String::from_utf8_lossy(text).into_owned())
}

/// Options of a block (pcapng, section 3.5): number and value, up to the end that the block gives them.
pub(super) struct Settings<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) order: Order,
}

impl<'a> Iterator for Settings<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let number = self.order.u16(array(self.bytes, 0)?);
        let length = usize::from(self.order.u16(array(self.bytes, 2)?));
        if number == 0 {
            return None;
        }
        let value = self.bytes.get(4..length.saturating_add(4))?;
        let padded = length.saturating_add(3) / 4 * 4;
        self.bytes = self.bytes.get(padded.saturating_add(4)..).unwrap_or_default();
        Some((number, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn interface(name: &str) -> Interface {
        Interface {
            name: Some(name.into()),
            ..Interface::new(LinkType(1), 0)
        }
    }

    #[test]
    fn interfaces_beyond_the_limit_are_counted_and_not_kept() {
        let mut description = Description::default();
        for section in 0..3 {
            let mut kinds = Kinds::new();
            for number in 0..10_000 {
                let number = if number < 10 { number } else { number + section * 10_000 };
                description.interface(interface(&format!("eth{number}")), &mut kinds);
            }
            assert!(kinds.len() <= MOST, "{} kinds", kinds.len());
            // Those that are known keep their numbers.
            let mut kinds = Kinds::new();
            assert_eq!(description.interface(interface("eth7"), &mut kinds), 7);
        }
        let names: usize = description.numbers.values().map(Vec::len).sum();
        assert_eq!((description.interfaces.len(), names), (MOST, MOST));
        assert!(description.numbers.len() <= MOST, "{} names", description.numbers.len());
        assert_eq!(description.left_out, 30_000 - MOST as u64 - 20);
    }
}
