//! The files that hold captures: pcap in its variants, and pcapng.

use super::TimedFrame;

/// In which order the bytes of a file's numbers stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The lowest first.
    Little,
    /// The highest first.
    Big,
}

impl Order {
    fn u16(self, number: u16) -> [u8; 2] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    fn u32(self, number: u32) -> [u8; 4] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }

    fn u64(self, number: u64) -> [u8; 8] {
        match self {
            Self::Little => number.to_le_bytes(),
            Self::Big => number.to_be_bytes(),
        }
    }
}

/// A file of pcap.
#[derive(Clone, Debug)]
pub struct Pcap {
    order: Order,
    magic: u32,
    link: u32,
    limit: u32,
    records: Vec<(TimedFrame, u32)>,
}

impl Pcap {
    /// With microseconds, the lowest byte first. The link is a number of <https://www.tcpdump.org/linktypes.html>.
    pub fn new(link: u32) -> Self {
        Self {
            order: Order::Little,
            magic: 0xa1b2_c3d4,
            link,
            limit: 262_144,
            records: Vec::new(),
        }
    }

    /// Its numbers in this order.
    #[must_use]
    pub fn order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// Another first number: 0xa1b23c4d has nanoseconds, 0xa1b2cd34 longer records.
    #[must_use]
    pub fn magic(mut self, magic: u32) -> Self {
        self.magic = magic;
        self
    }

    /// It says that frames were captured up to so many bytes.
    #[must_use]
    pub fn limit(mut self, bytes: u32) -> Self {
        self.limit = bytes;
        self
    }

    /// One more frame.
    #[must_use]
    pub fn frame(self, time: u64, bytes: &[u8]) -> Self {
        let length = length(bytes);
        self.cut_frame(time, bytes, length)
    }

    /// One more frame that had `length` bytes on the wire.
    #[must_use]
    pub fn cut_frame(mut self, time: u64, bytes: &[u8], length: u32) -> Self {
        let bytes = bytes.to_vec();
        self.records.push((TimedFrame { time, bytes }, length));
        self
    }

    /// More frames.
    #[must_use]
    pub fn frames(self, frames: &[TimedFrame]) -> Self {
        frames
            .iter()
            .fold(self, |file, frame| file.frame(frame.time, &frame.bytes))
    }

    /// The file.
    pub fn build(&self) -> Vec<u8> {
        let order = self.order;
        let mut made = Vec::new();
        made.extend(order.u32(self.magic));
        made.extend(order.u16(2));
        made.extend(order.u16(4));
        made.extend([0; 8]);
        made.extend(order.u32(self.limit));
        made.extend(order.u32(self.link));
        for (frame, length) in &self.records {
            made.extend(self.record(frame, *length));
        }
        made
    }

    fn record(&self, frame: &TimedFrame, on_wire: u32) -> Vec<u8> {
        let order = self.order;
        let part = frame.time % 1_000_000_000;
        let part = if self.magic == 0xa1b2_3c4d { part } else { part / 1_000 };
        let mut made = Vec::new();
        made.extend(order.u32(narrow(frame.time / 1_000_000_000)));
        made.extend(order.u32(narrow(part)));
        made.extend(order.u32(length(&frame.bytes)));
        made.extend(order.u32(on_wire));
        if self.magic == 0xa1b2_cd34 {
            made.extend([0; 8]);
        }
        made.extend(&frame.bytes);
        made
    }
}

/// A file of pcapng.
#[derive(Clone, Debug)]
pub struct PcapNg {
    order: Order,
    bytes: Vec<u8>,
}

impl Default for PcapNg {
    fn default() -> Self {
        Self::new(Order::Little)
    }
}

impl PcapNg {
    /// With the header of its first section.
    pub fn new(order: Order) -> Self {
        let bytes = Vec::new();
        Self { order, bytes }.section(order, &[])
    }

    /// Another section, whose numbers stand in this order. Options: 1 is a remark, 4 the program that writes.
    #[must_use]
    pub fn section(mut self, order: Order, options: &[(u16, &[u8])]) -> Self {
        self.order = order;
        let mut body = order.u32(0x1a2b_3c4d).to_vec();
        body.extend(order.u16(1));
        body.extend(order.u16(0));
        body.extend([0xff; 8]);
        body.extend(self.options(options));
        self.block(0x0a0d_0d0a, &body)
    }

    /// An interface. Options: 2 is its name, 9 the step of its times, 14 seconds to add.
    #[must_use]
    pub fn interface(self, link: u16, limit: u32, options: &[(u16, &[u8])]) -> Self {
        let mut body = self.order.u16(link).to_vec();
        body.extend([0, 0]);
        body.extend(self.order.u32(limit));
        body.extend(self.options(options));
        self.block(1, &body)
    }

    /// A frame of an interface, `ticks` of its clock after 1970. Options: 1 is a remark, 2 flags.
    #[must_use]
    pub fn frame(self, interface: u32, ticks: u64, bytes: &[u8], options: &[(u16, &[u8])]) -> Self {
        let mut body = self.order.u32(interface).to_vec();
        body.extend(self.order.u32(narrow(ticks >> 32)));
        body.extend(self.order.u32(narrow(ticks)));
        body.extend(self.order.u32(length(bytes)));
        body.extend(self.order.u32(length(bytes)));
        body.extend(padded(bytes));
        body.extend(self.options(options));
        self.block(6, &body)
    }

    /// A frame of an interface that had `length` bytes on the wire.
    #[must_use]
    pub fn cut_frame(self, interface: u32, ticks: u64, bytes: &[u8], length: u32) -> Self {
        let mut body = self.order.u32(interface).to_vec();
        body.extend(self.order.u32(narrow(ticks >> 32)));
        body.extend(self.order.u32(narrow(ticks)));
        body.extend(self.order.u32(self::length(bytes)));
        body.extend(self.order.u32(length));
        body.extend(padded(bytes));
        self.block(6, &body)
    }

    /// A frame as the first drafts wrote it.
    #[must_use]
    pub fn old_frame(self, interface: u16, ticks: u64, bytes: &[u8]) -> Self {
        let mut body = self.order.u16(interface).to_vec();
        body.extend([0, 0]);
        body.extend(self.order.u32(narrow(ticks >> 32)));
        body.extend(self.order.u32(narrow(ticks)));
        body.extend(self.order.u32(length(bytes)));
        body.extend(self.order.u32(length(bytes)));
        body.extend(padded(bytes));
        self.block(2, &body)
    }

    /// A frame of the first interface without a time, of which `length` bytes were on the wire.
    #[must_use]
    pub fn simple_frame(self, bytes: &[u8], length: u32) -> Self {
        let mut body = self.order.u32(length).to_vec();
        body.extend(padded(bytes));
        self.block(3, &body)
    }

    /// Names of an address of IPv4.
    #[must_use]
    pub fn name(self, address: [u8; 4], name: &str) -> Self {
        let value = [&address[..], name.as_bytes(), &[0]].concat();
        let body = self.options(&[(1, &value)]);
        self.block(4, &body)
    }

    /// Counts of an interface: 4 is what it received, 5 what it dropped.
    #[must_use]
    pub fn statistics(self, interface: u32, counts: &[(u16, u64)]) -> Self {
        let mut body = self.order.u32(interface).to_vec();
        body.extend([0; 8]);
        for (number, count) in counts {
            body.extend(self.options(&[(*number, &self.order.u64(*count))]).iter().take(12));
        }
        self.block(5, &body)
    }

    /// Secrets: 0x544c534b is a key log of TLS.
    #[must_use]
    pub fn secrets(self, kind: u32, bytes: &[u8]) -> Self {
        let mut body = self.order.u32(kind).to_vec();
        body.extend(self.order.u32(length(bytes)));
        body.extend(padded(bytes));
        self.block(10, &body)
    }

    /// Any block, with its length before and behind.
    #[must_use]
    pub fn block(mut self, kind: u32, body: &[u8]) -> Self {
        let body = padded(body);
        let length = self.order.u32(length(&body).saturating_add(12));
        self.bytes.extend(self.order.u32(kind));
        self.bytes.extend(length);
        self.bytes.extend(body);
        self.bytes.extend(length);
        self
    }

    /// Bytes that are no block.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend(bytes);
        self
    }

    /// The file.
    pub fn build(&self) -> Vec<u8> {
        self.bytes.clone()
    }

    fn options(&self, options: &[(u16, &[u8])]) -> Vec<u8> {
        let mut made = Vec::new();
        for (number, value) in options {
            made.extend(self.order.u16(*number));
            made.extend(self.order.u16(u16::try_from(value.len()).unwrap_or_default()));
            made.extend(padded(value));
        }
        if !options.is_empty() {
            made.extend([0; 4]);
        }
        made
    }
}

fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut made = bytes.to_vec();
    made.resize(bytes.len().next_multiple_of(4), 0);
    made
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// The lowest 32 bits.
fn narrow(number: u64) -> u32 {
    u32::try_from(number & 0xffff_ffff).unwrap_or_default()
}
