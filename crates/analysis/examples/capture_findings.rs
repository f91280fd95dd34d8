//! Says what detectors of networks find in captures: `cargo run -p watchfire-analysis --example capture_findings PATH…`.
//!
//! One line for each finding: file, rule, weight in thousandths, frame, title. Files that are no captures say nothing. At
//! the end how many captures were read, and how many have a finding that makes them suspicious by itself.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a tool, not library code"
)]

use std::fs::File;
use std::io::BufReader;
use watchfire_analysis::network::Watching;
use watchfire_analysis::{Engine, Settings};
use watchfire_model::{Budget, Limits, Origin};

fn main() {
    let engine = Engine::new(Settings::default());
    let (mut captures, mut alarming) = (0, 0);
    for path in std::env::args().skip(1) {
        let Ok(file) = File::open(&path) else { continue };
        let budget = Budget::new(Limits::default());
        let watching = Watching {
            depth: watchfire_capture::Depth::Everything,
            ..Watching::default()
        };
        let part = (
            path.as_str().into(),
            Box::new(BufReader::new(file)) as Box<dyn std::io::Read>,
        );
        let analysis = engine.watch(Origin::root(path.as_str()), part, || None, watching, &budget);
        let mut suspicious = false;
        for finding in &analysis.findings {
            let weight = finding.weight.thousandths();
            suspicious |= weight >= 400;
            let place = finding.evidence().first().map(ToString::to_string).unwrap_or_default();
            println!("{path}\t{}\t{weight}\t{place}\t{}", finding.rule, finding.title);
        }
        captures += 1;
        alarming += u32::from(suspicious);
    }
    println!("{captures} captures, {alarming} suspicious");
}
