//! Live capture on the loopback: what is sent there is captured, filtered, counted, kept and described.
//!
//! Whoever may not capture sees `SKIPPED` and why. Every capture here has a longest time, so that none waits for ever.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test"
)]

use std::io::Read;
use std::net::UdpSocket;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use watchfire_capture::{Block, FrameReader};
use watchfire_sources::live::{BpfInstruction, Ending, Live, LiveError, LiveOptions, RingFiles, Stop};

/// Captures on the loopback, or says why not.
fn open(options: LiveOptions, stop: Stop) -> Option<Live> {
    match Live::open(options, stop) {
        Ok(live) => Some(live),
        Err(why @ (LiveError::NotPermitted | LiveError::Unsupported)) => {
            println!("SKIPPED ({why})");
            None
        }
        Err(error) => panic!("{error}"),
    }
}

fn options() -> LiveOptions {
    let mut options = LiveOptions::new("lo");
    options.longest = Some(Duration::from_secs(20));
    options
}

/// A socket that sends to itself, and its port.
fn socket() -> (UdpSocket, u16) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    let address = socket.local_addr().expect("an address");
    socket.connect(address).expect("itself");
    (socket, address.port())
}

/// A program that keeps IPv4 datagrams over Ethernet to this port whole (`udp dst port N`, without fragments).
fn to_port(port: u16) -> Vec<BpfInstruction> {
    let instruction = |code, jump_true, jump_false, value| BpfInstruction {
        code,
        jump_true,
        jump_false,
        value,
    };
    vec![
        instruction(0x28, 0, 0, 12),
        instruction(0x15, 0, 6, 0x0800),
        instruction(0x30, 0, 0, 23),
        instruction(0x15, 0, 4, 17),
        instruction(0xb1, 0, 0, 14),
        instruction(0x48, 0, 0, 16),
        instruction(0x15, 0, 1, port.into()),
        instruction(0x06, 0, 0, 262_144),
        instruction(0x06, 0, 0, 0),
    ]
}

/// Frames of a capture: the captured bytes and the length on the wire of each.
fn frames(bytes: &[u8]) -> Vec<(Vec<u8>, u32)> {
    let mut reader = FrameReader::new(bytes);
    let (mut block, mut found) = (Block::default(), Vec::new());
    while reader.next_block(&mut block) {
        let all = block.frames().iter();
        found.extend(all.map(|frame| (block.bytes_of(frame).to_vec(), frame.length)));
    }
    assert!(reader.problems().is_empty(), "{:?}", reader.problems());
    found
}

fn holds(frame: &[u8], text: &[u8]) -> bool {
    frame.windows(text.len()).any(|window| window == text)
}

#[test]
fn datagrams_on_the_loopback_are_captured_once_and_counted() {
    let (socket, port) = socket();
    let stop = Stop::default();
    let mut options = options();
    options.filter = to_port(port);
    options.filter_text = Some(format!("udp dst port {port}"));
    let Some(mut live) = open(options, stop.clone()) else {
        return;
    };
    let counters = live.counters();
    let seen = Arc::new(Mutex::new(0));
    let watched = Arc::clone(&seen);
    live.watch(move |frame| {
        assert_eq!(frame.link, 1);
        *watched.lock().expect("nobody panicked") += frame.bytes.len();
    });
    for number in 0..100 {
        socket.send(format!("datagram {number:03}").as_bytes()).expect("sent");
    }
    stop.set();
    let begun = Instant::now();
    let mut bytes = Vec::new();
    live.read_to_end(&mut bytes).expect("a capture");
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(live.ending(), Some(&Ending::Asked));
    let frames = frames(&bytes);
    assert_eq!(frames.len(), 100);
    for (number, (frame, length)) in frames.iter().enumerate() {
        assert!(holds(frame, format!("datagram {number:03}").as_bytes()));
        assert_eq!(frame.len() as u32, *length);
    }
    let counts = counters.now();
    let lengths: u64 = frames.iter().map(|(_, length)| u64::from(*length)).sum();
    assert_eq!((counts.frames, counts.bytes, counts.captured), (100, lengths, lengths));
    // Each was sent and received there.
    assert_eq!((counts.received, counts.dropped, counts.damaged), (200, 0, 0));
    assert_eq!(*seen.lock().expect("nobody panicked") as u64, lengths);
}

#[test]
fn the_capture_says_what_it_is_of() {
    let (_socket, port) = socket();
    let stop = Stop::default();
    let mut options = options();
    options.filter = to_port(port);
    options.filter_text = Some("udp dst port".to_owned());
    options.snap_length = 96;
    let Some(mut live) = open(options, stop.clone()) else {
        return;
    };
    stop.set();
    let mut bytes = Vec::new();
    live.read_to_end(&mut bytes).expect("a capture");
    let mut reader = FrameReader::new(bytes.as_slice());
    assert!(!reader.next_block(&mut Block::default()));
    let description = format!("{:?}", reader.description());
    for said in ["lo", "udp dst port", "Watchfire", "Linux"] {
        assert!(description.contains(said), "{said}: {description}");
    }
    assert!(reader.problems().is_empty(), "{:?}", reader.problems());
}

#[test]
fn the_snap_length_cuts_and_a_number_of_frames_ends() {
    let (socket, port) = socket();
    let mut options = options();
    options.filter = to_port(port);
    options.snap_length = 60;
    options.most_frames = Some(3);
    let Some(mut live) = open(options, Stop::default()) else {
        return;
    };
    for _ in 0..10 {
        socket.send(&[b'x'; 500]).expect("sent");
    }
    let mut bytes = Vec::new();
    live.read_to_end(&mut bytes).expect("a capture");
    assert_eq!(live.ending(), Some(&Ending::Frames));
    let frames = frames(&bytes);
    assert_eq!(frames.len(), 3);
    assert!(frames.iter().all(|(frame, length)| frame.len() == 60 && *length == 542));
}

#[test]
fn a_quiet_interface_ends_in_time() {
    let mut options = options();
    // Nothing comes through.
    options.filter = to_port(0);
    options.longest = Some(Duration::from_millis(200));
    let Some(mut live) = open(options, Stop::default()) else {
        return;
    };
    let begun = Instant::now();
    let mut bytes = Vec::new();
    live.read_to_end(&mut bytes).expect("a capture");
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(live.ending(), Some(&Ending::Time));
    assert!(frames(&bytes).is_empty());
}

/// A single frame does not wait until there are more.
#[test]
fn a_frame_can_be_read_soon_after_it_came() {
    let (socket, port) = socket();
    let mut options = options();
    options.filter = to_port(port);
    let Some(mut live) = open(options, Stop::default()) else {
        return;
    };
    let mut buffer = vec![0; 1 << 16];
    // What the capture says of itself.
    assert!(live.read(&mut buffer).expect("a section") > 0);
    socket.send(b"alone").expect("sent");
    let begun = Instant::now();
    let read = live.read(&mut buffer).expect("a frame");
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(holds(&buffer[..read], b"alone"));
}

#[test]
fn every_interface_at_once_shows_the_loopback_too() {
    let (socket, port) = socket();
    let mut options = options();
    options.interface = LiveOptions::ANY.to_owned();
    options.filter = to_port(port);
    options.most_frames = Some(1);
    let Some(mut live) = open(options, Stop::default()) else {
        return;
    };
    socket.send(b"somewhere").expect("sent");
    let mut bytes = Vec::new();
    live.read_to_end(&mut bytes).expect("a capture");
    let frames = frames(&bytes);
    assert!(frames.len() == 1 && holds(&frames[0].0, b"somewhere"));
}

#[test]
fn what_is_captured_is_kept_in_files_as_well() {
    let (socket, port) = socket();
    let folder = std::env::temp_dir().join(format!("watchfire-live-ring-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut options = options();
    options.filter = to_port(port);
    options.most_frames = Some(40);
    if let Some(mut live) = open(options, Stop::default()) {
        let files = RingFiles::create(&folder.join("kept.pcapng"), 1 << 20, 4, None).expect("files");
        live.record(files);
        for _ in 0..40 {
            socket.send(&[b'y'; 60_000]).expect("sent");
        }
        let mut bytes = Vec::new();
        live.read_to_end(&mut bytes).expect("a capture");
        let paths: Vec<PathBuf> = live
            .files()
            .expect("files")
            .written()
            .into_iter()
            .map(PathBuf::from)
            .collect();
        drop(live);
        // Seventeen frames of 60,042 bytes go into a file.
        assert_eq!(paths.len(), 3);
        let kept: Vec<_> = paths
            .iter()
            .map(|path| frames(&std::fs::read(path).expect("a file")))
            .collect();
        assert_eq!(kept.iter().map(Vec::len).collect::<Vec<_>>(), [17, 17, 6]);
        assert_eq!(kept.concat(), frames(&bytes));
    }
    std::fs::remove_dir_all(&folder).expect("it is there");
}

#[test]
fn what_cannot_be_opened_is_said() {
    let mut options = options();
    options.interface = "no-such-interface".to_owned();
    let refused = Live::open(options.clone(), Stop::default()).err().expect("refused");
    assert_eq!(refused.to_string(), "there is no interface 'no-such-interface'");
    options.interface = "lo".to_owned();
    // A jump beyond the end.
    options.filter = vec![BpfInstruction {
        code: 0x15,
        jump_true: 200,
        jump_false: 200,
        value: 0,
    }];
    match Live::open(options, Stop::default()).err().expect("refused") {
        LiveError::Filter(_) => {}
        why => println!("SKIPPED ({why})"),
    }
}
