//! Files of captures, whole and damaged: every layout gives the same frames, damage costs what is damaged and no more,
//! and the work is proportional to the file.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};
use watchfire_capture::file::{Format, Interface, Secrets};
use watchfire_capture::{Block, Frame, FrameReader, LinkType};
use watchfire_testkit::Random;
use watchfire_testkit::capture::{Conversation, Order, Pcap, PcapNg, TimedFrame, frame, udp};

/// What was read: frames with their bytes, and the reader for the rest.
struct Read<'a> {
    frames: Vec<(Frame, Vec<u8>)>,
    reader: FrameReader<&'a [u8]>,
}

fn read(file: &[u8]) -> Read<'_> {
    let mut reader = FrameReader::new(file);
    let frames = drain(&mut reader);
    Read { frames, reader }
}

fn drain(reader: &mut FrameReader<&[u8]>) -> Vec<(Frame, Vec<u8>)> {
    let mut block = Block::default();
    let mut frames = Vec::new();
    while reader.next_block(&mut block) {
        frames.extend(
            block
                .frames()
                .iter()
                .map(|frame| (*frame, block.bytes_of(frame).to_vec())),
        );
    }
    frames
}

impl Read<'_> {
    fn codes(&self) -> Vec<&'static str> {
        self.reader.problems().iter().map(|problem| problem.code).collect()
    }

    fn timed(&self) -> Vec<TimedFrame> {
        let timed = |(frame, bytes): &(Frame, Vec<u8>)| TimedFrame {
            time: frame.time.nanoseconds() as u64,
            bytes: bytes.clone(),
        };
        self.frames.iter().map(timed).collect()
    }
}

fn web() -> Conversation {
    let request = b"GET /index.html HTTP/1.1\r\nHost: www.example\r\n\r\n";
    Conversation::new("192.0.2.1:49152", "198.51.100.7:80")
        .open()
        .client(request)
        .server(&[b'x'; 5_000])
        .close()
}

/// The file gives the conversation's frames, and nothing is wrong with it.
#[track_caller]
fn check(file: &[u8]) {
    let read = read(file);
    assert_eq!(read.codes(), Vec::<&str>::new());
    assert_eq!(read.timed(), web().frames());
    let numbers: Vec<u64> = read.frames.iter().map(|(frame, _)| frame.number).collect();
    assert_eq!(numbers, (1..=web().frames().len() as u64).collect::<Vec<_>>());
    assert_eq!(read.reader.skipped(), 0);
    assert_eq!(read.reader.position(), file.len() as u64);
}

#[test]
fn every_layout_of_pcap_gives_the_same_frames() {
    for magic in [0xa1b2_c3d4, 0xa1b2_3c4d, 0xa1b2_cd34] {
        for order in [Order::Little, Order::Big] {
            check(&Pcap::new(1).magic(magic).order(order).frames(web().frames()).build());
        }
    }
}

#[test]
fn every_packet_block_of_pcapng_gives_the_same_frames() {
    for order in [Order::Little, Order::Big] {
        let begin = || PcapNg::new(order).interface(1, 0, &[(9, &[9])]);
        let each = |add: fn(PcapNg, &TimedFrame) -> PcapNg| web().frames().iter().fold(begin(), add).build();
        check(&each(|file, frame| file.frame(0, frame.time, &frame.bytes, &[])));
        check(&each(|file, frame| file.old_frame(0, frame.time, &frame.bytes)));
        check(&each(|file, frame| {
            file.frame(0, frame.time, &frame.bytes, &[]).block(0x0bad, b"another's")
        }));
    }
}

#[test]
fn times_are_read_in_every_resolution() {
    let time = |options: &[(u16, &[u8])], ticks: u64| {
        let file = PcapNg::default()
            .interface(1, 0, options)
            .frame(0, ticks, &[0; 60], &[]);
        read(&file.build()).frames[0].0.time.to_string()
    };
    let shift = (-3_600_i64).to_le_bytes();
    assert_eq!(time(&[], 1_700_000_000_250_000), "2023-11-14T22:13:20.250Z");
    assert_eq!(time(&[(9, &[3])], 1_700_000_000_250), "2023-11-14T22:13:20.250Z");
    assert_eq!(
        time(&[(9, &[12])], 17_000_000_000_250_000_000),
        "1970-07-16T18:13:20.000250Z"
    );
    assert_eq!(time(&[(9, &[0x82])], 1_700_000_000 * 4 + 1), "2023-11-14T22:13:20.250Z");
    assert_eq!(time(&[(9, &[0]), (14, &shift)], 1_700_000_000), "2023-11-14T21:13:20Z");
    assert_eq!(time(&[(9, &[0xff])], u64::MAX), "1970-01-01T00:00:00Z");
}

#[test]
fn a_simple_frame_has_the_time_of_the_one_before() {
    let file = PcapNg::default()
        .interface(1, 40, &[])
        .frame(0, 1_700_000_000_000_000, &[1; 60], &[])
        .simple_frame(&[2; 40], 1_500)
        .build();
    let read = read(&file);
    let (simple, bytes) = &read.frames[1];
    assert_eq!(simple.time, read.frames[0].0.time);
    assert_eq!((simple.captured, simple.length), (40, 1_500));
    assert_eq!(bytes, &[2; 40]);
}

#[test]
fn what_pcapng_says_besides_frames_is_handed_out() {
    let file = PcapNg::default()
        .section(Order::Big, &[(1, b"from the lab"), (3, b"Linux"), (4, b"a program")])
        .interface(1, 96, &[(2, b"eth0"), (3, b"uplink"), (11, b"\0tcp"), (13, &[4])])
        .interface(101, 0, &[(2, b"tun0")])
        .secrets(Secrets::TLS, b"CLIENT_RANDOM aa bb\n")
        .name([198, 51, 100, 7], "www.example")
        .frame(1, 5, &[0x45; 21], &[(1, b"look here"), (2, &[0, 0, 0, 1])])
        .frame(0, 6, &[0; 60], &[(2, &[0, 0, 0, 2])])
        .statistics(0, &[(4, 1_000), (5, 7), (7, 2)])
        .build();
    let read = read(&file);
    assert_eq!(read.codes(), Vec::<&str>::new());
    let said = read.reader.description();
    assert_eq!(said.formats, [Format::PcapNg]);
    let names: Vec<_> = said
        .interfaces
        .iter()
        .map(|one| one.name.as_ref().map(|name| name.raw()))
        .collect();
    assert_eq!(names, [Some("eth0"), Some("tun0")]);
    let Interface {
        link,
        limit,
        description,
        filter,
        checksum_bytes,
        received,
        dropped,
        ..
    } = &said.interfaces[0];
    assert_eq!((*link, *limit, *checksum_bytes), (LinkType(1), 96, Some(4)));
    assert_eq!(description.as_ref().map(|text| text.raw()), Some("uplink"));
    assert_eq!(filter.as_ref().map(|text| text.raw()), Some("tcp"));
    assert_eq!((*received, *dropped), (Some(1_000), Some(7)));
    let comments: Vec<_> = said.comments.iter().map(|one| (one.frame, one.text.raw())).collect();
    assert_eq!(comments, [(None, "from the lab"), (Some(1), "look here")]);
    assert_eq!(said.applications[0].raw(), "a program");
    assert_eq!(said.systems[0].raw(), "Linux");
    assert_eq!(said.names[0].name.raw(), "www.example");
    assert_eq!(said.secrets[0].bytes, b"CLIENT_RANDOM aa bb\n");
    assert!(!format!("{said:?}").contains("CLIENT_RANDOM"), "secrets are printed");
    assert_eq!((said.incoming, said.outgoing), (1, 1));
    assert_eq!(read.frames[0].0.link, LinkType(101));
    assert_eq!(read.frames[1].0.link, LinkType(1));
}

#[test]
fn interfaces_keep_their_numbers_over_files_and_sections() {
    let one = PcapNg::default()
        .interface(1, 0, &[(2, b"eth0")])
        .interface(1, 0, &[(2, b"eth1")])
        .frame(1, 1, &[0; 60], &[])
        .section(Order::Little, &[])
        .interface(1, 0, &[(2, b"eth1")])
        .frame(0, 2, &[0; 60], &[])
        .build();
    let two = PcapNg::default()
        .interface(101, 0, &[])
        .frame(0, 3, &[0x45; 20], &[])
        .build();
    let mut reader = FrameReader::new(&one[..]);
    let mut frames = drain(&mut reader);
    reader.go_on_with(&two[..]);
    frames.extend(drain(&mut reader));
    let seen: Vec<_> = frames
        .iter()
        .map(|(frame, _)| (frame.number, frame.interface))
        .collect();
    assert_eq!(seen, [(1, 1), (2, 1), (3, 2)]);
}

#[test]
fn one_file_and_the_same_frames_in_ten_are_one_sequence() {
    let web = web();
    let whole = Pcap::new(1).frames(web.frames()).build();
    let files: Vec<Vec<u8>> = web
        .frames()
        .chunks(2)
        .map(|few| Pcap::new(1).frames(few).build())
        .collect();
    let mut reader = FrameReader::new(&files[0][..]);
    let mut frames = drain(&mut reader);
    for file in &files[1..] {
        reader.go_on_with(file);
        frames.extend(drain(&mut reader));
    }
    let facts = |frames: &[(Frame, Vec<u8>)]| -> Vec<_> {
        let fact = |(frame, bytes): &(Frame, Vec<u8>)| (frame.number, frame.time, frame.interface, bytes.clone());
        frames.iter().map(fact).collect()
    };
    assert_eq!(facts(&frames), facts(&read(&whole).frames));
    assert_eq!(reader.description().interfaces.len(), 1);
}

#[test]
fn files_one_behind_the_other_are_read_on() {
    let web = web();
    let (one, two) = web.frames().split_at(4);
    let file = [
        Pcap::new(1).frames(one).build(),
        Pcap::new(1).order(Order::Big).magic(0xa1b2_3c4d).frames(two).build(),
    ];
    check(&file.concat());
}

#[test]
fn a_last_record_that_is_cut_is_no_frame() {
    let whole = Pcap::new(1).frames(web().frames()).build();
    let count = web().frames().len();
    for cut in [1, 20, 69] {
        let read = read(&whole[..whole.len() - cut]);
        assert_eq!(read.frames.len(), count - 1);
        assert_eq!(read.codes(), ["capture-truncated"]);
        let message = read.reader.problems()[0].message.raw().to_owned();
        assert!(message.contains(&format!("byte {}", whole.len() - 70)), "{message}");
    }
}

#[test]
fn lengths_in_the_other_order_of_old_files_are_read() {
    let mut file = Pcap::new(1).cut_frame(1_000_000_000, &[7; 60], 1_500).build();
    // Version 2.2, and the two lengths swapped.
    file[6] = 2;
    let (captured, on_wire) = (60_u32.to_le_bytes(), 1_500_u32.to_le_bytes());
    file[32..36].copy_from_slice(&on_wire);
    file[36..40].copy_from_slice(&captured);
    let read = read(&file);
    assert_eq!((read.frames[0].0.captured, read.frames[0].0.length), (60, 1_500));
}

#[test]
fn more_captured_bytes_than_the_limit_allows_are_read() {
    let file = Pcap::new(1).limit(60).frames(web().frames()).build();
    let read = read(&file);
    assert_eq!(read.timed(), web().frames());
}

/// Frames of which no byte looks like a record's header.
fn noise(count: u64) -> Vec<TimedFrame> {
    let mut random = Random::new(5);
    let address = |last| SocketAddr::from(([192, 0, 2, last], 4_000));
    let timed = |number| {
        let length = random.index(1_200);
        TimedFrame {
            time: 1_700_000_000_000_000_000 + number * 1_000_000,
            bytes: frame(&udp(address(1), address(2), &random.bytes(length))),
        }
    };
    (0..count).map(timed).collect()
}

/// Damages record 20 of 40 at `offset` behind its beginning; all but `lost` frames are still there.
#[track_caller]
fn check_damage(file: &[u8], damage: impl Fn(&mut Vec<u8>), lost: usize) {
    let whole = read(file).timed();
    let mut damaged = file.to_vec();
    damage(&mut damaged);
    let read = read(&damaged);
    let found = read.timed();
    assert_eq!(found.len(), whole.len() - lost, "{:?}", read.reader.problems());
    assert!(found.iter().all(|frame| whole.contains(frame)));
    assert_eq!(read.codes(), ["capture-record", "capture-damage"]);
    assert!(read.reader.skipped() > 0);
}

/// Where record `number` of a pcap begins.
fn record(number: usize) -> usize {
    24 + noise(40)
        .iter()
        .take(number)
        .map(|frame| 16 + frame.bytes.len())
        .sum::<usize>()
}

#[test]
fn reading_goes_on_behind_a_damaged_record_of_pcap() {
    let file = Pcap::new(1).frames(&noise(40)).build();
    let at = record(20);
    check_damage(&file, |file| file[at + 11] = 0xff, 1);
    check_damage(&file, |file| file[at..at + 16].fill(0xee), 1);
    // A length that looks right, and goes beyond the end.
    check_damage(&file, |file| [file[at + 10], file[at + 14]] = [3, 3], 1);
    // Bytes that were lost, and such that do not belong there.
    check_damage(&file, |file| drop(file.drain(at + 4..at + 9)), 1);
    check_damage(&file, |file| drop(file.splice(at..at, [0xcc; 333])), 0);
    // A hole, as a disk leaves it that was full.
    check_damage(&file, |file| drop(file.splice(at..at, [0; 20_000])), 0);
}

#[test]
fn reading_goes_on_behind_a_damaged_block_of_pcapng() {
    let start = PcapNg::default().interface(1, 0, &[(9, &[9])]);
    let sizes = |count: usize| -> usize {
        let size = |frame: &TimedFrame| 32 + frame.bytes.len().next_multiple_of(4);
        start.build().len() + noise(40).iter().take(count).map(size).sum::<usize>()
    };
    let file = noise(40)
        .iter()
        .fold(start.clone(), |file, frame| {
            file.frame(0, frame.time, &frame.bytes, &[])
        })
        .build();
    let at = sizes(20);
    check_damage(&file, |file| file[at + 7] = 0xff, 1);
    check_damage(&file, |file| file[at + 4] = 0x11, 1);
    check_damage(&file, |file| file[at + 6] = 3, 1);
    check_damage(&file, |file| drop(file.drain(at + 4..at + 9)), 1);
    check_damage(&file, |file| drop(file.splice(at..at, [0xcc; 333])), 0);
    check_damage(&file, |file| drop(file.splice(at..at, [0; 20_000])), 0);
}

#[test]
fn reading_goes_on_behind_megabytes_of_damage() {
    let frames = noise(40);
    let start = PcapNg::default().interface(1, 0, &[(9, &[9])]);
    let add = |file: PcapNg, frame: &TimedFrame| file.frame(0, frame.time, &frame.bytes, &[]);
    let next = frames.iter().fold(start.clone(), add).build();
    for (file, at) in [
        (Pcap::new(1).frames(&frames).build(), record(20)),
        (next, start.build().len()),
    ] {
        for length in [786_000, 786_624, 786_640, 1 << 20, 3_000_001] {
            let mut damaged = file.clone();
            damaged.splice(at..at, vec![0xcc; length]);
            for size in [64, 1 << 20] {
                let mut reader = FrameReader::new(&damaged[..]).with_block_size(size);
                assert_eq!(drain(&mut reader).len(), 40, "{length} bytes, blocks of {size}");
                assert_eq!(reader.skipped(), length as u64);
            }
        }
    }
}

/// Wherever a block ends, no record is missed that a search finds only by looking ahead.
#[test]
fn a_search_looks_beyond_the_block() {
    let frames = noise(40);
    let file = Pcap::new(1).frames(&frames).build();
    let at = record(20);
    for less in (0..12_000).step_by(300) {
        let mut damaged = file.clone();
        damaged.splice(at..at, vec![0xcc; (1 << 20) - at - less]);
        assert_eq!(read(&damaged).frames.len(), 40, "{less} bytes less");
    }
}

#[test]
fn a_wrong_length_at_the_end_of_a_block_costs_nothing() {
    let mut file = PcapNg::default()
        .interface(1, 0, &[])
        .frame(0, 1, &[1; 60], &[])
        .frame(0, 2, &[2; 60], &[])
        .build();
    let end = file.len();
    file[end - 92 - 4] = 0;
    let read = read(&file);
    assert_eq!(read.frames.len(), 2);
    assert_eq!(read.codes(), ["capture-block"]);
}

#[test]
fn what_is_no_capture_is_said() {
    for (file, code) in [(&b""[..], "capture-empty"), (b"MZ\x90\0 and more", "capture-unknown")] {
        let read = read(file);
        assert_eq!(read.frames.len(), 0);
        assert_eq!(read.codes(), [code]);
    }
    assert_eq!(read(b"\xd4\xc3\xb2\xa1\x02").codes(), ["capture-truncated"]);
}

#[test]
fn every_cut_and_every_size_of_blocks_gives_whole_frames() {
    let web = web();
    let file = Pcap::new(1).frames(web.frames()).build();
    let mut before = 0;
    for cut in 0..=file.len() {
        let count = read(&file[..cut]).frames.len();
        assert!(count >= before, "fewer frames in {cut} bytes than in fewer");
        before = count;
    }
    assert_eq!(before, web.frames().len());
    for size in [64, 100, 1_000, 4_096] {
        let mut reader = FrameReader::new(&file[..]).with_block_size(size);
        assert_eq!(drain(&mut reader).len(), before);
    }
}

/// A reader that fails in the middle.
struct Failing<'a>(&'a [u8]);

impl std::io::Read for Failing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() {
            return Err(std::io::Error::other("the disk is gone"));
        }
        self.0.read(buffer)
    }
}

#[test]
fn a_source_that_fails_ends_the_capture_with_what_was_read() {
    let file = Pcap::new(1).frames(web().frames()).build();
    let mut reader = FrameReader::new(Failing(&file));
    let mut block = Block::default();
    assert!(reader.next_block(&mut block));
    assert_eq!(block.frames().len(), web().frames().len());
    assert!(!reader.next_block(&mut block));
    assert_eq!(reader.problems()[0].code, "capture-read");
}

#[test]
fn hostile_files_are_read_in_proportion_to_their_length() {
    let megabytes = 4 << 20;
    let header = Pcap::new(1).build();
    let large = |captured: u32| {
        let mut record = [0x65_u8; 16];
        record[4..8].fill(0);
        record[8..12].copy_from_slice(&captured.to_le_bytes());
        record[12..].copy_from_slice(&captured.to_le_bytes());
        record.to_vec()
    };
    let pcap = |record: &[u8]| [&header[..], &record.repeat(megabytes / record.len())].concat();
    let interfaces = PcapNg::default().interface(1, 0, &[]);
    let interfaces = interfaces.build()[28..].to_vec();
    let next = |block: &[u8]| [&PcapNg::default().build()[..], &block.repeat(megabytes / block.len())].concat();
    let mut block = 6_u32.to_le_bytes().to_vec();
    block.extend(4_000_000_u32.to_le_bytes());
    let files = [
        pcap(&large(1)),
        pcap(&large(262_144)),
        pcap(&large(4_000_000)),
        pcap(&[large(17), vec![0; 17], large(4_000_000)].concat()),
        pcap(&[large(u32::MAX), large(3)].concat()),
        pcap(&[0; 4_000].into_iter().chain([1; 16]).collect::<Vec<u8>>()),
        next(&interfaces),
        next(&block),
        next(&[block.clone(), interfaces.clone()].concat()),
        next(&PcapNg::default().build()),
    ];
    for (number, file) in files.iter().enumerate() {
        let begin = Instant::now();
        let read = read(file);
        assert!(read.reader.problems().len() <= 64);
        assert!(read.frames.len() <= megabytes / 16);
        assert!(
            begin.elapsed() < Duration::from_secs(8),
            "file {number} takes {:?}",
            begin.elapsed()
        );
    }
}
