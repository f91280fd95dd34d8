//! How fast a capture becomes flows and events: `cargo run --release -p watchfire-capture --example capture_flows --
//! THREADS FILE...`. Prints how many there are; `time` tells the rest. Files should be in the page cache.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "an example that measures"
)]

use std::fs::File;
use watchfire_capture::{FrameReader, Options, Sink, read};
use watchfire_model::network::{Event, Flow};

#[derive(Default)]
struct Count {
    events: u64,
    flows: u64,
    named: u64,
}

impl Sink for Count {
    fn event(&mut self, _: Event) {
        self.events += 1;
    }

    fn flow(&mut self, flow: Flow) {
        self.flows += 1;
        self.named += u64::from(!flow.services.is_empty());
    }
}

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let threads = arguments
        .next()
        .and_then(|threads| threads.to_str()?.parse().ok())
        .unwrap_or(1);
    let mut files = arguments.filter_map(|path| File::open(path).ok());
    let Some(first) = files.next() else { return };
    let options = Options {
        threads,
        ..Options::default()
    };
    let mut count = Count::default();
    let totals = read(&mut FrameReader::new(first), || files.next(), &options, &mut count);
    println!(
        "{} frames, {} bytes, {} flows, {} of them named, {} events, {} evicted, not IP {:?}",
        totals.frames, totals.captured, count.flows, count.named, count.events, totals.evicted, totals.undecoded,
    );
}
