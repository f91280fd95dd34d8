//! How fast a capture is gone through: `cargo run --release -p watchfire-capture --example capture_speed -- FILE...`.
//!
//! Prints for each file frames, bytes, problems and the time that the walk over records takes; with `DECODE=1` frames
//! are decoded, too, with `SHOW=1` each packet is shown. Files should be in the page cache, and large.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example that measures"
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::time::Instant;
use watchfire_capture::{Block, FrameReader, Transport, Undecoded, Why, decode};

/// What was found in the frames of a file.
#[derive(Default)]
struct Sums {
    captured: u64,
    packets: u64,
    payload: u64,
    others: BTreeMap<String, u64>,
}

fn main() {
    let set = |name| std::env::var_os(name).is_some();
    let (decoding, show) = (set("DECODE"), set("SHOW"));
    for path in std::env::args_os().skip(1) {
        let Ok(file) = File::open(&path) else {
            eprintln!("error: cannot open '{}'", path.display());
            continue;
        };
        let begin = Instant::now();
        let mut reader = FrameReader::new(file);
        let mut block = Block::default();
        let mut sums = Sums::default();
        while reader.next_block(&mut block) {
            for frame in block.frames() {
                sums.captured += u64::from(frame.captured);
            }
            if decoding || show {
                look(&block, &mut sums, show);
            }
        }
        let took = begin.elapsed();
        println!(
            "{}\t{} frames\t{} bytes\t{} skipped\t{} problems\t{} packets\t{} payload\t{:?}\t{:.3} s\t{:.1} ns a frame",
            path.display(),
            reader.frames(),
            sums.captured,
            reader.skipped(),
            reader.problems().len(),
            sums.packets,
            sums.payload,
            sums.others,
            took.as_secs_f64(),
            took.as_nanos() as f64 / reader.frames().max(1) as f64,
        );
        if set("VERBOSE") {
            for problem in reader.problems() {
                println!("\t{}: {}", problem.code, problem.message);
            }
            println!("{:?}", reader.description());
        }
    }
}

fn look(block: &Block, sums: &mut Sums, show: bool) {
    for frame in block.frames() {
        let decoded = decode(frame.link, block.bytes_of(frame), frame.length);
        match &decoded {
            Ok(packet) => {
                sums.packets += 1;
                sums.payload += u64::from(packet.payload_length);
                if show {
                    let ports = match packet.transport {
                        Transport::Tcp(tcp) => tcp.ports,
                        Transport::Udp(ports) | Transport::Sctp(ports) => ports,
                        _ => Default::default(),
                    };
                    println!(
                        "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{:?}\t{:?}",
                        frame.number,
                        packet.source,
                        packet.destination,
                        packet.protocol,
                        ports.source,
                        ports.destination,
                        packet.payload_length,
                        packet.fragment.map(|piece| piece.offset),
                        packet.tunnels.iter().map(|tunnel| tunnel.kind).collect::<Vec<_>>(),
                    );
                }
            }
            Err(Undecoded { why, .. }) => {
                let why = match why {
                    Why::Arp(_) => "Arp".to_owned(),
                    why => format!("{why:?}"),
                };
                if show {
                    println!("{}\t{why}", frame.number);
                }
                *sums.others.entry(why).or_default() += 1;
            }
        }
    }
}
