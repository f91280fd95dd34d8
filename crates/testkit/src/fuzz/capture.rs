//! What reading captures promises: any bytes are a file, and any bytes are a frame.

use crate::capture::{
    Conversation, Order, Pcap, PcapNg, TimedFrame, arp, client_hello, dns_answer, dns_question, encrypted, ethernet,
    fragments, frame, gre, http_request, http_response, mpls, server_hello, udp, vlan, vxlan,
};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use watchfire_capture::file::is_capture;
use watchfire_capture::fragments::Limits;
use watchfire_capture::{
    Block, Content, Depth, Filter, Frame, FrameReader, LinkType, Options, Packet, Passage, Reassembler, Sink, Totals,
    decode, read,
};
use watchfire_model::network::{Event, Exchange, FileId, Flow};

/// A file: every frame lies in its block, numbers go up by one, the size of blocks does not matter, and neither does
/// what stands behind the place where one stops reading.
pub fn capture_file(data: &[u8]) {
    let (whole, skipped) = frames(data, 1 << 20);
    assert!(skipped <= data.len() as u64, "more is passed over than there is");
    let captured: usize = whole.iter().map(|(frame, _)| frame.captured as usize).sum();
    assert!(captured <= data.len(), "frames overlap");
    for size in [64, 4096] {
        let (pieces, _) = frames(data, size);
        assert_eq!(
            whole.len(),
            pieces.len(),
            "blocks of {size} bytes change the number of frames"
        );
        for ((one, bytes), (other, same)) in whole.iter().zip(&pieces) {
            let there = |frame: &Frame| (frame.number, frame.time, frame.link, frame.interface, frame.length);
            assert_eq!(
                (there(one), bytes),
                (there(other), same),
                "blocks of {size} bytes change a frame"
            );
        }
    }
}

/// The frames of a file with their bytes, and how many bytes were passed over.
fn frames(data: &[u8], block_size: usize) -> (Vec<(Frame, Vec<u8>)>, u64) {
    let mut reader = FrameReader::new(data).with_block_size(block_size);
    let mut block = Block::default();
    let mut found = Vec::new();
    while reader.next_block(&mut block) {
        for frame in block.frames() {
            let bytes = block.bytes_of(frame).to_vec();
            assert_eq!(
                bytes.len(),
                frame.captured as usize,
                "a frame lies outside of its block"
            );
            assert!(frame.length >= frame.captured, "more was captured than there was");
            found.push((*frame, bytes));
            assert_eq!(frame.number, found.len() as u64, "frames are misnumbered");
        }
    }
    assert!(!reader.next_block(&mut block), "there is something behind the end");
    (found, reader.skipped())
}

/// What a capture says.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    flows: Vec<Flow>,
    events: Vec<Event>,
    totals: Totals,
    /// Pieces of files, each with its place.
    pieces: Vec<(FileId, u64, Vec<u8>)>,
    /// Frames that were handed out, with their captured bytes.
    frames: Vec<(u64, Vec<u8>)>,
    /// What was said in the flow that is followed: in which frame, by whom, what, and how much is missing.
    passages: Vec<(u64, SocketAddr, Vec<u8>, u64)>,
}

impl Sink for Heard {
    fn frame(&mut self, frame: &Frame, bytes: &[u8]) {
        self.frames.push((frame.number, bytes.to_vec()));
    }

    fn passage(&mut self, passage: Passage<'_>) {
        let bytes = passage.bytes.to_vec();
        self.passages
            .push((passage.frame, passage.from, bytes, passage.missing));
    }

    fn content(&mut self, content: Content<'_>) {
        self.pieces.push((content.file, content.at, content.bytes.to_vec()));
    }

    fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }

    fn flow(&mut self, flow: &Flow) {
        self.flows.push(flow.clone());
    }
}

/// Bytes of a file that are wanted.
const CONTENTS: u64 = 4096;

/// How a capture is read: different captures in different ways, each always in the same one.
struct Way<'d> {
    options: Options,
    /// Files that are read as one.
    files: Vec<&'d [u8]>,
}

impl<'d> Way<'d> {
    fn of(data: &'d [u8]) -> Self {
        let choice = data
            .iter()
            .fold(0_u8, |sum, byte| sum.rotate_left(3).wrapping_add(*byte));
        let filter = match choice & 3 {
            0 => Some("tcp or udp port 53"),
            1 => Some("not ip6 and greater 60"),
            _ => None,
        };
        let mut files = vec![data];
        if choice & 0x20 != 0 {
            // Where another file begins, or the same once more.
            let is_second = |at: &usize| data.get(*at..).is_some_and(is_capture);
            let at = (4..data.len()).find(is_second);
            let (one, two) = at.and_then(|at| data.split_at_checked(at)).unwrap_or((data, data));
            files = vec![one, two];
        }
        let options = Options {
            most_flows: 256,
            contents: CONTENTS,
            depth: match choice >> 2 & 3 {
                0 => Depth::Flows,
                _ => Depth::Everything,
            },
            filter: filter.and_then(|text| Filter::parse(text).ok()).map(Arc::new),
            follow: (choice & 0x10 != 0).then_some(u64::from(choice >> 6) + 1),
            frames: choice & 0x08 != 0,
            ..Options::default()
        };
        Self { options, files }
    }

    fn hear(&self, threads: usize, block_size: usize, as_it_comes: bool) -> Heard {
        let mut heard = Heard::default();
        let options = Options {
            threads,
            ..self.options.clone()
        };
        let mut files = self.files.iter().copied();
        let mut reader = FrameReader::new(files.next().unwrap_or_default()).with_block_size(block_size);
        if as_it_comes {
            reader = reader.as_it_comes();
        }
        heard.totals = read(&mut reader, || files.next(), &options, &mut heard);
        heard
    }
}

/// A capture becomes flows, events and files: the same on any number of threads, in blocks of any size, and while it is still
/// going on; no flow begins after it ends, no more packets are in flows than there are frames, and pieces of files come in
/// order. So do frames and what is said in a flow, where they are wanted.
pub fn capture_flows(data: &[u8]) {
    let way = Way::of(data);
    let heard = way.hear(1, 1 << 20, false);
    assert_eq!(heard, way.hear(3, 4096, false), "threads or blocks change what is said");
    assert_eq!(
        heard,
        way.hear(2, 1 << 16, true),
        "what comes while it goes on is other"
    );
    handed_out(&way.options, &heard);
    let packets: u64 = heard
        .flows
        .iter()
        .filter(|flow| !flow.carries)
        .map(|flow| flow.sent.packets + flow.received.packets)
        .sum();
    assert!(packets <= heard.totals.frames, "packets were counted twice");
    for flow in &heard.flows {
        assert!(
            flow.first_frame <= flow.last_frame && flow.first <= flow.last,
            "{flow:?} ends before it begins"
        );
    }
    for event in &heard.events {
        assert!(
            // What is below IP is in none, and says so.
            event.flow == 0 || heard.flows.iter().any(|flow| flow.first_frame == event.flow),
            "{event:?} is in no flow"
        );
    }
    let mut reached: BTreeMap<FileId, u64> = BTreeMap::new();
    for (file, at, bytes) in &heard.pieces {
        let end = reached.entry(*file).or_default();
        assert!(*end <= *at, "a piece of {file:?} comes after what is behind it");
        *end = at + bytes.len() as u64;
        assert!(*end <= CONTENTS, "more of {file:?} than was wanted");
    }
    for event in &heard.events {
        if let Exchange::File(file) = &event.exchange {
            let end = reached.get(&file.id).copied().unwrap_or(0);
            assert!(end <= file.size, "more of {file:?} than there is");
        }
    }
}

/// Frames and passages are those that were asked for.
fn handed_out(options: &Options, heard: &Heard) {
    // A packet in pieces is heard when its last piece is, and is in the frame of its first.
    let mut numbers: Vec<u64> = heard.frames.iter().map(|(number, _)| *number).collect();
    if options.follow.is_some() {
        numbers.sort_unstable();
    }
    assert!(
        numbers.is_sorted_by(|one, other| one < other),
        "frames are not in order, or twice: {numbers:?}"
    );
    let frames = heard.frames.len() as u64;
    match (options.frames, options.follow) {
        (true, None) => assert_eq!(frames, heard.totals.frames, "frames are missing"),
        (true, Some(_)) => assert!(frames <= heard.totals.frames, "frames were handed out twice"),
        (false, _) => assert_eq!(frames, 0, "nobody wanted frames"),
    }
    let has_flow = |flow| heard.flows.iter().any(|found| found.first_frame == flow);
    assert!(
        heard.passages.is_empty() || options.follow.is_some_and(has_flow),
        "somebody speaks in no flow"
    );
    assert!(
        options.filter.is_some() || heard.totals.left_out == 0,
        "frames were left out"
    );
    assert!(
        options.depth == Depth::Everything || heard.events.is_empty() && heard.pieces.is_empty(),
        "more than flows was looked at"
    );
}

/// A frame: its link is the first two bytes. Payloads lie in the frame, and a frame that was cut says the same as the
/// whole one, or less.
pub fn capture_frame(data: &[u8]) {
    let Some((link, bytes)) = data.split_first_chunk::<2>() else {
        return;
    };
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
    let mut links = vec![u16::from_be_bytes(*link), 1, 101, 113, 276, 127];
    links.dedup();
    let mut reassembler = Reassembler::new(Limits {
        packets: 4,
        bytes: 4096,
        frames: 16,
    });
    for link in links.into_iter().map(LinkType) {
        let whole = decode(link, bytes, length);
        if let Ok(packet) = &whole {
            lies_inside(packet, bytes);
            if packet.fragment.is_some()
                && let Some(whole) = reassembler.add(1, packet, bytes)
            {
                lies_inside(&whole.packet, &whole.bytes);
            }
        }
        let cut = bytes.get(..bytes.len() / 2).unwrap_or_default();
        if let (Ok(packet), Ok(less)) = (&whole, decode(link, cut, length)) {
            lies_inside(&less, cut);
            let (deep, shallow) = (packet.tunnels.len(), less.tunnels.len());
            if deep == shallow && deep == 0 {
                assert_eq!(
                    (packet.source, packet.destination, packet.length),
                    (less.source, less.destination, less.length),
                    "a frame that was cut says something else"
                );
            }
        }
    }
}

fn lies_inside(packet: &Packet, bytes: &[u8]) {
    assert!(
        packet.payload.start <= packet.payload.end,
        "a payload ends before it begins"
    );
    assert!(
        packet.payload.end as usize <= bytes.len(),
        "a payload lies outside of its frame"
    );
    assert!(
        packet.payload.end - packet.payload.start <= packet.payload_length,
        "more of a payload was captured than there was"
    );
    assert!(packet.tunnels.len() <= Packet::MOST_TUNNELS, "too many tunnels");
}

fn datagram() -> Vec<u8> {
    udp(
        SocketAddr::from(([192, 0, 2, 1], 50_000)),
        SocketAddr::from(([198, 51, 100, 7], 53)),
        b"what is it",
    )
}

pub(super) fn seeds_of_flows() -> Vec<Vec<u8>> {
    let secret = Conversation::new("192.0.2.1:49152", "198.51.100.7:443")
        .open()
        .client(&client_hello("www.example", [7; 32]))
        .server(&server_hello([8; 32]))
        .server(&encrypted(b"secret"))
        .client(&encrypted(b"secret"))
        .close();
    let question = dns_question(5, "www.example");
    let asked = Conversation::new("192.0.2.1:49153", "198.51.100.8:53")
        .open()
        .client(
            &[
                &[0, u8::try_from(question.len()).unwrap_or_default()],
                question.as_slice(),
            ]
            .concat(),
        )
        .close();
    let named = |payload: &[u8], back: bool| {
        let ends = [
            SocketAddr::from(([192, 0, 2, 1], 5_353)),
            SocketAddr::from(([198, 51, 100, 8], 53)),
        ];
        let (from, to) = if back { (ends[1], ends[0]) } else { (ends[0], ends[1]) };
        TimedFrame {
            time: 1_793_491_200_000_000_000,
            bytes: frame(&udp(from, to, payload)),
        }
    };
    let names = [
        named(&dns_question(6, "www.example"), false),
        named(&dns_answer(6, "www.example", [203, 0, 113, 5]), true),
    ];
    let web = Conversation::new("192.0.2.1:49154", "198.51.100.7:80")
        .open()
        .client(&http_request("www.example", "/"))
        .server(&http_response("text/html", b"<p>"))
        .server(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
        .close();
    let (here, there) = (Ipv4Addr::new(203, 0, 113, 1), Ipv4Addr::new(203, 0, 113, 2));
    let carried = web.frames().iter().map(|inside| TimedFrame {
        time: inside.time,
        bytes: frame(&vxlan(here.into(), there.into(), 7, &inside.bytes)),
    });
    let file = |frames: &[TimedFrame]| Pcap::new(1).frames(frames).build();
    vec![
        file(secret.frames()),
        file(asked.frames()),
        file(&names),
        file(web.frames()),
        file(&carried.collect::<Vec<_>>()),
    ]
}

pub(super) fn seeds_of_files() -> Vec<Vec<u8>> {
    let web = Conversation::new("192.0.2.1:49152", "198.51.100.7:80")
        .open()
        .client(b"GET / HTTP/1.1\r\n\r\n")
        .server(b"HTTP/1.1 200 OK\r\n\r\n")
        .close();
    let file = |magic, order| Pcap::new(1).magic(magic).order(order).frames(web.frames()).build();
    let next = PcapNg::default()
        .interface(1, 0, &[(2, b"eth0"), (9, &[9])])
        .interface(113, 96, &[(9, &[0x94])])
        .secrets(0x544c_534b, b"CLIENT_RANDOM 00 00\n")
        .frame(
            0,
            1_793_491_200_000_000_000,
            &frame(&datagram()),
            &[(1, b"odd"), (2, &[1, 0, 0, 0])],
        )
        .frame(1, 1_793_491_200 << 20, &[0; 60], &[])
        .simple_frame(&frame(&datagram()), 60)
        .old_frame(0, 1_793_491_200_000_000_001, &frame(&datagram()))
        .name([198, 51, 100, 7], "name.example")
        .statistics(0, &[(4, 100), (5, 3)])
        .block(0x0bad, b"custom")
        .section(Order::Big, &[(4, b"another program")])
        .interface(101, 0, &[])
        .frame(0, 1_793_491_200_000_000, &datagram(), &[]);
    vec![
        file(0xa1b2_c3d4, Order::Little),
        file(0xa1b2_3c4d, Order::Big),
        file(0xa1b2_cd34, Order::Little),
        next.build(),
    ]
}

pub(super) fn seeds_of_frames() -> Vec<Vec<u8>> {
    let (one, two) = (Ipv4Addr::new(203, 0, 113, 1), Ipv4Addr::new(203, 0, 113, 2));
    let packet = datagram();
    let inner = frame(&packet);
    let mut frames = vec![
        (1, inner.clone()),
        (1, vlan(5, &packet)),
        (1, ethernet(0x8847, &mpls(&[16, 17], &packet))),
        (1, arp(1, ([2; 6], one), ([0; 6], two))),
        (1, frame(&gre(one, two, &packet))),
        (1, frame(&vxlan(IpAddr::V4(one), IpAddr::V4(two), 7, &inner))),
        (
            195,
            [
                0x41, 0xd8, 9, 0xcd, 0xab, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0x7e, 0x33, 0xf3, 0x12, 0, 0, 1, 2, 3,
            ]
            .to_vec(),
        ),
        (101, packet.clone()),
        (0, [&[2, 0, 0, 0][..], &packet].concat()),
        (
            127,
            [
                &[0, 0, 8, 0, 0, 0, 0, 0][..],
                &[8, 2],
                &[0; 22],
                &[0xaa, 0xaa, 3, 0, 0, 0, 8, 0],
                &packet,
            ]
            .concat(),
        ),
    ];
    frames.extend(fragments(&packet, 16).into_iter().map(|piece| (101, piece)));
    let seed = |(link, bytes): (u16, Vec<u8>)| [&link.to_be_bytes()[..], &bytes].concat();
    frames.into_iter().map(seed).collect()
}
