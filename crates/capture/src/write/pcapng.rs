//! Blocks of pcapng (`draft-ietf-opsawg-pcapng`), in little-endian order: the section, its interfaces, packets with their
//! direction, and what the system counted. Each function appends one whole block, padded and with its length at both ends.

/// The kind of block that begins a section.
pub const SECTION: u32 = 0x0a0d_0d0a;
/// That of an interface.
pub const INTERFACE: u32 = 1;
/// That of counts of an interface.
pub const STATISTICS: u32 = 5;
/// That of a packet.
pub const PACKET: u32 = 6;

/// An interface, as a capture describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InterfaceBlock {
    /// Its name; empty, where it is not known.
    pub name: String,
    /// What its frames begin with, a number of <https://www.tcpdump.org/linktypes.html>.
    pub link: u16,
    /// Bytes that are kept of a frame; 0 is all.
    pub snap_length: u32,
    /// Its address on the link.
    pub mac: Option<[u8; 6]>,
    /// The filter of the capture as it was typed.
    pub filter: Option<String>,
}

/// A packet beside its bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PacketBlock {
    /// The interface, by its place in the section.
    pub interface: u32,
    /// When it was captured, in nanoseconds since 1970.
    pub time: u64,
    /// Bytes on the wire.
    pub length: u32,
    /// `epb_flags`: which way it went, and to whom; 0 where nothing is known of that.
    pub flags: u32,
}

/// What the system counted on an interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatisticsBlock {
    /// The interface, by its place in the section.
    pub interface: u32,
    /// When the capture began, in nanoseconds since 1970.
    pub begun: u64,
    /// When it ended.
    pub ended: u64,
    /// Frames that the filter let through, handed over or not; none where the system counts several interfaces together.
    pub received: Option<u64>,
    /// Of these, frames for which there was no room.
    pub dropped: Option<u64>,
    /// Frames that were handed over.
    pub delivered: u64,
}

/// A section begins, written on `system`, where that is to be said.
pub fn section(out: &mut Vec<u8>, system: &str) {
    block(out, SECTION, |out| {
        out.extend(0x1a2b_3c4d_u32.to_le_bytes());
        out.extend(1u16.to_le_bytes());
        out.extend(0u16.to_le_bytes());
        // How long it is, nobody knows yet.
        out.extend(u64::MAX.to_le_bytes());
        if !system.is_empty() {
            option(out, 3, system.as_bytes());
        }
        option(out, 4, concat!("Watchfire ", env!("CARGO_PKG_VERSION")).as_bytes());
        option(out, 0, &[]);
    });
}

/// An interface; the first of a section is number 0.
pub fn interface(out: &mut Vec<u8>, interface: &InterfaceBlock) {
    block(out, INTERFACE, |out| {
        out.extend(interface.link.to_le_bytes());
        out.extend(0u16.to_le_bytes());
        out.extend(interface.snap_length.to_le_bytes());
        if !interface.name.is_empty() {
            option(out, 2, interface.name.as_bytes());
        }
        if let Some(mac) = &interface.mac {
            option(out, 6, mac);
        }
        // Times are in 10^-9 seconds.
        option(out, 9, &[9]);
        if let Some(filter) = &interface.filter {
            let mut value = vec![0];
            value.extend_from_slice(filter.as_bytes());
            option(out, 11, &value);
        }
        option(out, 0, &[]);
    });
}

/// A packet, whose captured bytes are `parts` one after another.
pub fn packet(out: &mut Vec<u8>, packet: &PacketBlock, parts: &[&[u8]]) {
    let captured: usize = parts.iter().map(|part| part.len()).sum();
    block(out, PACKET, |out| {
        out.extend(packet.interface.to_le_bytes());
        time(out, packet.time);
        out.extend(small(captured).to_le_bytes());
        out.extend(packet.length.to_le_bytes());
        parts.iter().for_each(|part| out.extend_from_slice(part));
        pad(out, captured);
        if packet.flags != 0 {
            option(out, 2, &packet.flags.to_le_bytes());
            option(out, 0, &[]);
        }
    });
}

/// What the system counted.
pub fn statistics(out: &mut Vec<u8>, counted: &StatisticsBlock) {
    block(out, STATISTICS, |out| {
        out.extend(counted.interface.to_le_bytes());
        time(out, counted.ended);
        for (code, instant) in [(2, counted.begun), (3, counted.ended)] {
            let mut value = Vec::with_capacity(8);
            time(&mut value, instant);
            option(out, code, &value);
        }
        let number = |out: &mut Vec<u8>, code, value: Option<u64>| {
            if let Some(value) = value {
                option(out, code, &value.to_le_bytes());
            }
        };
        number(out, 4, counted.received);
        // Other programs show the drops of the system under the interface's number.
        number(out, 5, counted.dropped);
        number(out, 7, counted.dropped);
        number(out, 8, Some(counted.delivered));
        option(out, 0, &[]);
    });
}

/// The blocks of a piece of a stream that begins and ends with a block: kind and all bytes of each.
pub fn blocks(mut bytes: &[u8]) -> impl Iterator<Item = (u32, &[u8])> {
    std::iter::from_fn(move || {
        let kind = u32::from_le_bytes(*bytes.first_chunk()?);
        let length = u32::from_le_bytes(*bytes.get(4..)?.first_chunk()?);
        let (block, rest) = bytes.split_at_checked(usize::try_from(length).ok().filter(|length| *length >= 12)?)?;
        bytes = rest;
        Some((kind, block))
    })
}

/// A block of `kind` with what `body` writes, which is a whole number of words.
fn block(out: &mut Vec<u8>, kind: u32, body: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend(kind.to_le_bytes());
    out.extend([0; 4]);
    body(out);
    let length = small(out.len() - start + 4).to_le_bytes();
    out.extend(length);
    if let Some(place) = out.get_mut(start + 4..start + 8) {
        place.copy_from_slice(&length);
    }
}

/// An option: its code, its length, its value, padded. What is too long for one is cut.
fn option(out: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
    out.extend(code.to_le_bytes());
    out.extend(u16::try_from(value.len()).unwrap_or(u16::MAX).to_le_bytes());
    out.extend_from_slice(value);
    pad(out, value.len());
}

fn pad(out: &mut Vec<u8>, length: usize) {
    let missing = length.wrapping_neg() % 4;
    out.extend_from_slice([0; 3].get(..missing).unwrap_or_default());
}

/// The upper half first, whatever the order of bytes.
fn time(out: &mut Vec<u8>, nanoseconds: u64) {
    out.extend(((nanoseconds >> 32) as u32).to_le_bytes());
    out.extend((nanoseconds as u32).to_le_bytes());
}

/// Blocks are smaller than a ring, and a ring than 4 GiB.
fn small(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_is_whole_words_and_says_its_length_twice() {
        let mut out = Vec::new();
        section(&mut out, "Linux");
        let named = InterfaceBlock {
            name: "eth0".to_owned(),
            link: 1,
            snap_length: 96,
            mac: Some([2, 0, 0, 0, 0, 1]),
            filter: Some("udp".to_owned()),
        };
        interface(&mut out, &named);
        for length in 0..5 {
            packet(&mut out, &PacketBlock::default(), &[&[7; 4][..length], &[8]]);
        }
        statistics(&mut out, &StatisticsBlock::default());
        let found: Vec<_> = blocks(&out).collect();
        let kinds: Vec<u32> = found.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(
            kinds,
            [SECTION, INTERFACE, PACKET, PACKET, PACKET, PACKET, PACKET, STATISTICS]
        );
        for (_, block) in &found {
            assert_eq!(block.len() % 4, 0);
            assert_eq!(block[4..8], block[block.len() - 4..]);
        }
        assert_eq!(found.iter().map(|(_, block)| block.len()).sum::<usize>(), out.len());
    }

    #[test]
    fn what_is_no_block_ends_the_walk() {
        for bytes in [&[][..], &[6, 0, 0, 0], &[6, 0, 0, 0, 11, 0, 0, 0, 0, 0, 0], &[255; 12]] {
            assert_eq!(blocks(bytes).count(), 0);
        }
    }
}
