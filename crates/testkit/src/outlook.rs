//! Messages of Outlook (MS-OXMSG) and their packets in mail (MS-OXTNEF), property by property.

use crate::compound::{Node, compound};

/// A message, a recipient or an attachment: properties, and what is in it.
#[derive(Clone, Debug, Default)]
pub struct Message {
    fixed: Vec<(u32, u64)>,
    streams: Vec<(u32, Vec<u8>)>,
    recipients: Vec<Message>,
    attachments: Vec<Message>,
    inner: Option<Box<Message>>,
}

impl Message {
    /// Without anything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a text.
    #[must_use]
    pub fn text(self, id: u16, text: &str) -> Self {
        let bytes = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        self.value(id, 0x001f, bytes)
    }

    /// Sets bytes.
    #[must_use]
    pub fn bytes(self, id: u16, bytes: &[u8]) -> Self {
        self.value(id, 0x0102, bytes.to_vec())
    }

    /// Sets a value of any kind.
    #[must_use]
    pub fn value(mut self, id: u16, kind: u16, bytes: Vec<u8>) -> Self {
        self.streams.push((u32::from(id) << 16 | u32::from(kind), bytes));
        self
    }

    /// Sets a number of 32 bits.
    #[must_use]
    pub fn number(mut self, id: u16, number: u32) -> Self {
        self.fixed.push((u32::from(id) << 16 | 3, u64::from(number)));
        self
    }

    /// Sets a moment, in seconds since 1970.
    #[must_use]
    pub fn time(mut self, id: u16, seconds: u64) -> Self {
        self.fixed
            .push((u32::from(id) << 16 | 0x40, (seconds + 11_644_473_600) * 10_000_000));
        self
    }

    /// Adds a recipient.
    #[must_use]
    pub fn recipient(mut self, kind: u32, name: &str, address: &str) -> Self {
        let recipient = Self::new()
            .number(0x0c15, kind)
            .text(0x3001, name)
            .text(0x39fe, address);
        self.recipients.push(recipient);
        self
    }

    /// Attaches a file.
    #[must_use]
    pub fn file(mut self, name: &str, bytes: &[u8]) -> Self {
        let file = Self::new().number(0x3705, 1).text(0x3707, name).bytes(0x3701, bytes);
        self.attachments.push(file);
        self
    }

    /// Attaches a message.
    #[must_use]
    pub fn message(mut self, name: &str, message: Message) -> Self {
        let mut file = Self::new().number(0x3705, 5).text(0x3001, name);
        file.inner = Some(Box::new(message));
        self.attachments.push(file);
        self
    }

    /// As a `.msg` file.
    pub fn build(&self) -> Vec<u8> {
        compound(&self.nodes(32))
    }

    fn nodes(&self, head: usize) -> Vec<Node> {
        let mut properties = vec![0; head];
        for (tag, value) in &self.fixed {
            properties.extend(tag.to_le_bytes());
            properties.extend([6, 0, 0, 0]);
            properties.extend(value.to_le_bytes());
        }
        for (tag, bytes) in &self.streams {
            properties.extend(tag.to_le_bytes());
            properties.extend([6, 0, 0, 0]);
            properties.extend((bytes.len() as u64).to_le_bytes());
        }
        let mut nodes = vec![Node::Stream("__properties_version1.0".to_owned(), properties)];
        let streams = self.streams.iter();
        nodes.extend(streams.map(|(tag, bytes)| Node::Stream(format!("__substg1.0_{tag:08X}"), bytes.clone())));
        let numbered = |name: &str, at: usize, inner: &Message| {
            Node::Storage(format!("__{name}_version1.0_#{at:08X}"), inner.nodes(8))
        };
        nodes.extend(
            self.recipients
                .iter()
                .enumerate()
                .map(|(at, inner)| numbered("recip", at, inner)),
        );
        nodes.extend(
            self.attachments
                .iter()
                .enumerate()
                .map(|(at, inner)| numbered("attach", at, inner)),
        );
        if let Some(inner) = &self.inner {
            nodes.push(Node::Storage("__substg1.0_3701000D".to_owned(), inner.nodes(24)));
        }
        nodes
    }

    /// As a `winmail.dat`.
    pub fn packet(&self) -> Vec<u8> {
        let mut out = 0x223e_9f78_u32.to_le_bytes().to_vec();
        out.extend([1, 0]);
        attribute(&mut out, 1, 0x0008_9006, &[0, 0, 1, 0]);
        attribute(&mut out, 1, 0x0006_9007, &1252_u64.to_le_bytes());
        let mut rows = number(self.recipients.len());
        self.recipients
            .iter()
            .for_each(|recipient| rows.extend(recipient.properties()));
        attribute(&mut out, 1, 0x0006_9004, &rows);
        attribute(&mut out, 1, 0x0006_9003, &self.properties());
        for attachment in &self.attachments {
            attribute(&mut out, 2, 0x0006_9002, &[0; 14]);
            attribute(&mut out, 2, 0x0006_9005, &attachment.properties());
        }
        out
    }

    fn properties(&self) -> Vec<u8> {
        let inner = self.inner.as_ref().map(|inner| (0x3701_000d, inner.packet()));
        let mut out = number(self.fixed.len() + self.streams.len() + usize::from(inner.is_some()));
        for (tag, value) in &self.fixed {
            out.extend(tag.to_le_bytes());
            let width = if tag & 0xffff == 0x40 { 8 } else { 4 };
            out.extend(value.to_le_bytes().into_iter().take(width));
        }
        let streams = self.streams.iter().map(|(tag, bytes)| (*tag, bytes.clone()));
        for (tag, bytes) in streams.chain(inner) {
            out.extend(tag.to_le_bytes());
            out.extend(number(1));
            let mut value = bytes;
            if tag & 0xffff == 0x0d {
                value.splice(..0, *b"\x07\x03\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46");
            }
            out.extend(number(value.len()));
            value.resize(value.len().next_multiple_of(4), 0);
            out.extend(value);
        }
        out
    }
}

fn number(count: usize) -> Vec<u8> {
    u32::try_from(count).unwrap_or(u32::MAX).to_le_bytes().to_vec()
}

fn attribute(out: &mut Vec<u8>, level: u8, id: u32, bytes: &[u8]) {
    out.push(level);
    out.extend(id.to_le_bytes());
    out.extend(number(bytes.len()));
    out.extend(bytes);
    let sum = bytes.iter().fold(0_u16, |sum, byte| sum.wrapping_add(u16::from(*byte)));
    out.extend(sum.to_le_bytes());
}

/// Rich text in the packing of Outlook (MS-OXRTFCP), without references.
pub fn packed_rtf(rtf: &[u8]) -> Vec<u8> {
    let mut data = Vec::new();
    for letters in rtf.chunks(8) {
        data.push(0);
        data.extend(letters);
    }
    let mut hasher = crc32fast::Hasher::new_with_initial(u32::MAX);
    hasher.update(&data);
    let mut out = number(data.len() + 12);
    out.extend(number(rtf.len()));
    out.extend(b"LZFu");
    out.extend((!hasher.finalize()).to_le_bytes());
    out.extend(data);
    out
}
