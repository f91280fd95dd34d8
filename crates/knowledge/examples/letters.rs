//! Learns how strange the letters of names are: `cargo run -p watchfire-knowledge --example letters`.
//!
//! Reads the embedded lists and writes the table beside the code that reads it.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    dead_code,
    reason = "a tool, not library code"
)]

#[path = "../src/letters/train.rs"]
mod train;

use std::path::Path;
use watchfire_knowledge::{host, infrastructure};

fn symbol(byte: u8) -> usize {
    match byte {
        b'a'..=b'z' => usize::from(byte - b'a') + 1,
        b'0'..=b'9' => 27,
        _ => 28,
    }
}

fn main() -> std::io::Result<()> {
    let hosts = train::LISTS.iter().flat_map(|list| infrastructure::named_by(list));
    let (learnt, held_back) = train::labels(hosts.map(|name| host::name(name).to_owned()));
    let table = train::table(&learnt);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/letters/trigrams.bin");
    std::fs::write(&path, &table)?;
    println!(
        "{} names learnt, {} held back, {} bytes",
        learnt.len(),
        held_back.len(),
        table.len()
    );
    Ok(())
}
