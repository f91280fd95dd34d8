//! How fast a capture becomes flows and events: `cargo run --release -p watchfire-capture --example capture_flows --
//! THREADS FILE...`. Prints how many there are; `time` tells the rest. Files should be in the page cache; `-` is stdin.
//!
//! With `DEPTH=flows` nothing is looked into but flows.
//! With `SUMS=1` it prints checksums over all that was said: the first depends on the order, the second does not.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example that measures"
)]

use std::fs::File;
use std::hash::{DefaultHasher, Hash, Hasher};
use watchfire_capture::{Depth, FrameReader, Options, Sink, read};
use watchfire_model::network::{Event, Flow};

#[derive(Default)]
struct Count {
    events: u64,
    flows: u64,
    named: u64,
    sums: Option<(DefaultHasher, u64)>,
}

impl Count {
    fn sum(&mut self, said: &dyn std::fmt::Debug) {
        if let Some((ordered, unordered)) = &mut self.sums {
            let mut one = DefaultHasher::new();
            format!("{said:?}").hash(&mut one);
            one.finish().hash(ordered);
            *unordered = unordered.wrapping_add(one.finish());
        }
    }
}

impl Sink for Count {
    fn event(&mut self, event: &Event) {
        self.events += 1;
        self.sum(event);
    }

    fn flow(&mut self, flow: &Flow) {
        self.flows += 1;
        self.sum(flow);
        self.named += u64::from(!flow.services.is_empty());
    }
}

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let threads = arguments
        .next()
        .and_then(|threads| threads.to_str()?.parse().ok())
        .unwrap_or(1);
    let mut files = arguments.filter_map(|path| {
        let path = if path == "-" { "/dev/stdin".into() } else { path };
        File::open(path).ok()
    });
    let Some(first) = files.next() else { return };
    let options = Options {
        threads,
        depth: match std::env::var_os("DEPTH") {
            Some(depth) if depth == "flows" => Depth::Flows,
            _ => Depth::Everything,
        },
        ..Options::default()
    };
    let mut count = Count {
        sums: std::env::var_os("SUMS").map(|_| Default::default()),
        ..Count::default()
    };
    let block = std::env::var("BLOCK")
        .ok()
        .and_then(|size| size.parse().ok())
        .unwrap_or(1 << 20);
    let totals = read(
        &mut FrameReader::new(first).with_block_size(block),
        || files.next(),
        &options,
        &mut count,
    );
    println!(
        "{} frames, {} bytes, {} flows, {} of them named, {} events, {} evicted, not IP {:?}",
        totals.frames, totals.captured, count.flows, count.named, count.events, totals.evicted, totals.undecoded,
    );
    if let Some((ordered, unordered)) = count.sums {
        println!("in order {:016x}, in any order {unordered:016x}", ordered.finish());
    }
}
