//! Prints what is found in the text given as argument.
#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a tool for people, not library code"
)]

use watchfire_extract::{Extractor, Options, defang, refang};

fn main() {
    let text = std::env::args().nth(1).unwrap_or_default().replace("\\n", "\n");
    for found in Extractor::new(Options::default()).extract(text.as_bytes()).observed {
        println!(
            "{:18} {:40} raw {:?} {:?} {} via {:?} enc {:?}",
            found.observable.kind().name(),
            found.observable.raw(),
            found.raw,
            found.confidence,
            found.reason,
            found.via,
            found.encoding
        );
    }
    println!("refang: {}", String::from_utf8_lossy(&refang(text.as_bytes())));
    println!("defang: {}", String::from_utf8_lossy(&defang(text.as_bytes())));
}
