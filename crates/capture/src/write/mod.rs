//! Writes frames as a capture that other tools read.
//!
//! pcapng (`draft-ietf-opsawg-pcapng`) holds everything: times are in nanoseconds, and each interface and kind of link that
//! frames come from is described once, before its first frame. pcap
//! (<https://www.tcpdump.org/manpages/pcap-savefile.5.html>) with nanoseconds is for tools that read nothing else; it has one
//! kind of link.
//!
//! Not kept of what was read: comments, names of interfaces, counts of drops and secrets of TLS.

mod pcapng;

use crate::{Frame, LinkType};
use pcapng::PacketBlock;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What a capture is written as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The one that holds everything.
    #[default]
    PcapNg,
    /// The old one.
    Pcap,
}

/// pcap with nanoseconds.
const NANOSECONDS: u32 = 0xa1b2_3c4d;
/// Bytes that a frame of pcap may have: libpcap reads none that is longer.
const SNAP_LENGTH: u32 = 262_144;
/// The link of a pcap without a frame.
const ETHERNET: LinkType = LinkType(1);

/// Writes frames.
#[derive(Debug)]
pub struct FrameWriter<W> {
    out: W,
    format: Format,
    /// Interfaces of what was read with their links, and which they are here.
    interfaces: BTreeMap<(u32, u16), u32>,
    /// The link of a pcap.
    link: Option<LinkType>,
    frames: u64,
    /// What is written next; kept for its memory.
    block: Vec<u8>,
}

impl<W: Write> FrameWriter<W> {
    /// Begins a capture.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn new(mut out: W, format: Format) -> io::Result<Self> {
        let mut block = Vec::new();
        if format == Format::PcapNg {
            pcapng::section(&mut block);
            out.write_all(&block)?;
        }
        Ok(Self {
            out,
            format,
            interfaces: BTreeMap::new(),
            link: None,
            frames: 0,
            block,
        })
    }

    /// Adds a frame, of which `bytes` were captured. Times before 1970 are written as 1970.
    ///
    /// # Errors
    /// Those of `out`; [`io::ErrorKind::Unsupported`] where a frame's link is not that of the others in a pcap, where its time is
    /// none that pcap has (after 2106), or where more than 262,144 bytes of it were captured.
    pub fn frame(&mut self, frame: &Frame, bytes: &[u8]) -> io::Result<()> {
        self.block.clear();
        match self.format {
            Format::PcapNg => self.next(frame, bytes),
            Format::Pcap => self.old(frame, bytes)?,
        }
        self.frames += 1;
        self.out.write_all(&self.block)
    }

    /// Frames that were written.
    pub const fn frames(&self) -> u64 {
        self.frames
    }

    /// Ends the capture, and gives back what it was written to.
    ///
    /// # Errors
    /// Those of the destination.
    pub fn finish(mut self) -> io::Result<W> {
        if self.format == Format::Pcap && self.link.is_none() {
            self.block.clear();
            self.header(ETHERNET);
            self.out.write_all(&self.block)?;
        }
        self.out.flush()?;
        Ok(self.out)
    }

    fn next(&mut self, frame: &Frame, bytes: &[u8]) {
        let Self { interfaces, block, .. } = self;
        let next = u32::try_from(interfaces.len()).unwrap_or(u32::MAX);
        let interface = *interfaces.entry((frame.interface, frame.link.0)).or_insert_with(|| {
            pcapng::interface(block, frame.link.0);
            next
        });
        let packet = PacketBlock {
            interface,
            time: u64::try_from(frame.time.nanoseconds()).unwrap_or_default(),
            length: frame.length,
        };
        pcapng::packet(block, &packet, bytes);
    }

    fn old(&mut self, frame: &Frame, bytes: &[u8]) -> io::Result<()> {
        let captured = crate::bytes::field(bytes.len());
        if captured > SNAP_LENGTH {
            let message = format!(
                "frame {} has {captured} bytes: pcap has at most {SNAP_LENGTH} of each",
                frame.number
            );
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        }
        match self.link {
            None => {
                self.header(frame.link);
                self.link = Some(frame.link);
            }
            Some(link) if link == frame.link => {}
            Some(link) => {
                let message = format!(
                    "frame {} is of link type {}, those before it of link type {}: pcap has one",
                    frame.number, frame.link.0, link.0
                );
                return Err(io::Error::new(io::ErrorKind::Unsupported, message));
            }
        }
        let time = frame.time.nanoseconds().max(0).unsigned_abs();
        let Ok(seconds) = u32::try_from(time / 1_000_000_000) else {
            let message = format!("the time of frame {} is beyond those of pcap", frame.number);
            return Err(io::Error::new(io::ErrorKind::Unsupported, message));
        };
        let nanoseconds = crate::bytes::field((time % 1_000_000_000) as usize);
        for number in [seconds, nanoseconds, captured, frame.length] {
            self.block.extend(number.to_le_bytes());
        }
        self.block.extend_from_slice(bytes);
        Ok(())
    }

    fn header(&mut self, link: LinkType) {
        self.block.extend(NANOSECONDS.to_le_bytes());
        self.block.extend([2, 0, 4, 0]);
        self.block.extend([0; 8]);
        self.block.extend(SNAP_LENGTH.to_le_bytes());
        self.block.extend(u32::from(link.0).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Block, FrameReader};
    use watchfire_model::Timestamp;

    fn frames(links: &[(u16, u32)]) -> Vec<(Frame, Vec<u8>)> {
        let each = links.iter().zip(1..);
        each.map(|((link, interface), number)| {
            let bytes = vec![7; usize::try_from(number).unwrap() * 3];
            let captured = u32::try_from(bytes.len()).unwrap();
            let frame = Frame {
                number,
                time: Timestamp::from_nanoseconds(1_793_491_200_000_000_000 + i64::try_from(number).unwrap()),
                link: LinkType(*link),
                interface: *interface,
                length: captured + 5,
                start: 0,
                captured,
            };
            (frame, bytes)
        })
        .collect()
    }

    fn written(format: Format, frames: &[(Frame, Vec<u8>)]) -> io::Result<Vec<u8>> {
        let mut writer = FrameWriter::new(Vec::new(), format)?;
        for (frame, bytes) in frames {
            writer.frame(frame, bytes)?;
        }
        writer.finish()
    }

    /// What comes back of frames that are written and read again.
    fn check(format: Format, links: &[(u16, u32)], interfaces: &[u32]) {
        let frames = frames(links);
        let file = written(format, &frames).unwrap();
        let mut reader = FrameReader::new(&file[..]);
        let mut block = Block::default();
        let mut found = Vec::new();
        while reader.next_block(&mut block) {
            found.extend(
                block
                    .frames()
                    .iter()
                    .map(|frame| (*frame, block.bytes_of(frame).to_vec())),
            );
        }
        assert_eq!((reader.skipped(), reader.problems().len()), (0, 0));
        let plain =
            |(frame, bytes): &(Frame, Vec<u8>)| (frame.number, frame.time, frame.link, frame.length, bytes.clone());
        let (read, given): (Vec<_>, Vec<_>) = (found.iter().map(plain).collect(), frames.iter().map(plain).collect());
        assert_eq!(read, given);
        let of: Vec<u32> = found.iter().map(|(frame, _)| frame.interface).collect();
        assert_eq!(of, interfaces);
    }

    #[test]
    fn what_is_written_is_read_again_to_the_nanosecond() {
        check(Format::PcapNg, &[(1, 0), (1, 3), (113, 0), (1, 0)], &[0, 1, 2, 0]);
        check(Format::Pcap, &[(101, 0), (101, 1)], &[0, 0]);
        check(Format::PcapNg, &[], &[]);
        check(Format::Pcap, &[], &[]);
    }

    #[test]
    fn pcap_has_one_kind_of_link_and_no_far_future() {
        let error = written(Format::Pcap, &frames(&[(1, 0), (113, 0)])).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("frame 2 is of link type 113"), "{error}");
        let mut late = frames(&[(1, 0)]);
        late[0].0.time = Timestamp::new(1 << 33, 0);
        assert_eq!(
            written(Format::Pcap, &late).unwrap_err().kind(),
            io::ErrorKind::Unsupported
        );
        assert!(written(Format::PcapNg, &late).is_ok());
    }

    #[test]
    fn pcap_has_no_frame_that_libpcap_refuses() {
        let mut long = frames(&[(1, 0)]);
        for (bytes, is_written) in [(262_144, true), (262_145, false)] {
            long[0].1.resize(bytes, 7);
            assert_eq!(written(Format::Pcap, &long).is_ok(), is_written, "{bytes}");
            assert!(written(Format::PcapNg, &long).is_ok());
        }
        let error = written(Format::Pcap, &long).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Unsupported);
        assert!(error.to_string().contains("frame 1 has 262145 bytes"), "{error}");
    }
}
