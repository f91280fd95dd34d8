//! Frames of the ring as a stream of pcapng: which interfaces there are, and each frame with its link.

use super::super::interfaces::link_of;
use super::super::pcapng::{self, InterfaceBlock, PacketBlock, StatisticsBlock};
use super::super::{Captured, Interface};
use super::block::RingFrame;
use super::frame::{Written, flags_of};
use std::collections::BTreeMap;

/// Interfaces of one capture. Frames of further ones stand with one of the same link, or are left out.
const MOST_INTERFACES: usize = 1024;
/// What stands before a packet's bytes in its block.
const HEAD: usize = 28;

/// Writes the blocks of one capture.
#[derive(Debug)]
pub(super) struct Writer {
    snap_length: u32,
    filter: Option<String>,
    /// Interfaces by the system's number.
    names: BTreeMap<u32, Interface>,
    /// Interfaces that are described in the capture, by the system's number and their kind.
    known: BTreeMap<(u32, u16), Place>,
    /// What was written and nobody has taken yet.
    pub(super) out: Vec<u8>,
}

/// An interface in the capture.
#[derive(Clone, Copy, Debug)]
struct Place {
    number: u32,
    link: u16,
    frames: u64,
}

impl Writer {
    pub(super) fn new(snap_length: u32, filter: Option<String>, names: BTreeMap<u32, Interface>) -> Self {
        Self {
            snap_length,
            filter,
            names,
            known: BTreeMap::new(),
            out: Vec::new(),
        }
    }

    /// Begins the section, with the interfaces that frames are expected from.
    pub(super) fn begin(&mut self, system: &str, expected: impl Iterator<Item = u32>) {
        pcapng::section(&mut self.out, system);
        for index in expected {
            if let Some(hardware) = self.names.get(&index).map(|interface| interface.hardware) {
                self.place(index, hardware);
            }
        }
    }

    /// Writes a frame, and shows it as it is written. None where there are too many interfaces.
    pub(super) fn frame(&mut self, frame: &RingFrame<'_>) -> Option<Captured<'_>> {
        let place = self.place(frame.interface, frame.hardware)?;
        place.frames += 1;
        let (number, link) = (place.number, place.link);
        let written = Written::new(frame);
        let parts = written.parts(self.snap_length as usize);
        let packet = PacketBlock {
            interface: number,
            time: frame.time,
            length: written.length,
            flags: flags_of(frame),
        };
        let start = self.out.len() + HEAD;
        pcapng::packet(&mut self.out, &packet, &parts);
        let length: usize = parts.iter().map(|part| part.len()).sum();
        Some(Captured {
            link,
            time: frame.time,
            length: written.length,
            bytes: self.out.get(start..start + length).unwrap_or_default(),
        })
    }

    /// Says at the end what was counted. The system counts the drops of all interfaces together, so they stand with one
    /// interface only where there is no other.
    pub(super) fn finish(&mut self, begun: u64, ended: u64, received: u64, dropped: u64) {
        let alone = self.known.len() == 1;
        let mut places: Vec<Place> = self.known.values().copied().collect();
        places.sort_by_key(|place| place.number);
        for place in places {
            let counted = StatisticsBlock {
                interface: place.number,
                begun,
                ended,
                received: alone.then_some(received),
                dropped: alone.then_some(dropped),
                delivered: place.frames,
            };
            pcapng::statistics(&mut self.out, &counted);
        }
    }

    /// The place of an interface in the capture. One that is new is described there.
    fn place(&mut self, index: u32, hardware: u16) -> Option<&mut Place> {
        let key = (index, hardware);
        if !self.known.contains_key(&key) {
            if self.known.len() >= MOST_INTERFACES {
                let link = link_of(hardware);
                return self.known.values_mut().find(|place| place.link == link);
            }
            self.describe(key);
        }
        self.known.get_mut(&key)
    }

    fn describe(&mut self, (index, hardware): (u32, u16)) {
        let described = self.names.get(&index);
        let block = InterfaceBlock {
            name: described.map_or_else(|| format!("number {index}"), |known| known.name.raw().to_owned()),
            link: link_of(hardware),
            snap_length: self.snap_length,
            mac: described.and_then(|known| known.mac),
            filter: self.filter.clone(),
        };
        pcapng::interface(&mut self.out, &block);
        let place = Place {
            number: u32::try_from(self.known.len()).unwrap_or(u32::MAX),
            link: block.link,
            frames: 0,
        };
        self.known.insert((index, hardware), place);
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::Frames;
    use super::super::block::tests::block;
    use super::*;

    fn kinds(writer: &Writer) -> Vec<u32> {
        pcapng::blocks(&writer.out).map(|(kind, _)| kind).collect()
    }

    #[test]
    fn an_interface_is_described_before_its_first_frame() {
        let mut writer = Writer::new(96, None, BTreeMap::new());
        writer.begin("Linux", std::iter::empty());
        let block = block(&[b"first frame", b"second"]);
        for frame in Frames::new(&block) {
            let captured = writer.frame(&frame).expect("room");
            assert_eq!(captured.bytes, frame.bytes);
            assert_eq!((captured.link, captured.time), (1, frame.time));
        }
        assert_eq!(
            kinds(&writer),
            [pcapng::SECTION, pcapng::INTERFACE, pcapng::PACKET, pcapng::PACKET]
        );
        writer.finish(1, 2, 3, 1);
        assert_eq!(kinds(&writer).last(), Some(&pcapng::STATISTICS));
    }

    #[test]
    fn frames_are_cut_to_the_snap_length_and_say_how_long_they_were() {
        let mut writer = Writer::new(5, None, BTreeMap::new());
        let block = block(&[b"first frame"]);
        let frame = Frames::new(&block).next().expect("a frame");
        let captured = writer.frame(&frame).expect("room");
        assert_eq!((captured.bytes, captured.length), (&b"first"[..], 1000));
    }

    #[test]
    fn interfaces_without_end_are_not_described_without_end() {
        let mut writer = Writer::new(96, None, BTreeMap::new());
        let block = block(&[b"frame"]);
        let mut frame = Frames::new(&block).next().expect("a frame");
        for index in 0..5000 {
            frame.interface = index;
            assert!(writer.frame(&frame).is_some());
        }
        let described = kinds(&writer).iter().filter(|kind| **kind == pcapng::INTERFACE).count();
        assert_eq!(described, MOST_INTERFACES);
    }
}
