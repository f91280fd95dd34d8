//! Hashes 64 MiB again and again, for whoever measures the time from outside: `benches/hash.sh`.
//!
//! `cargo run --release -p watchfire-model --example hash -- whole|pieces|small ROUNDS`. `whole` is what is done with an
//! artifact in memory; `pieces` is what is done with an input that is read as it comes; `small` are the same 16 KiB over and
//! over, which stay in the processor's cache.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "an example talks, and is told what to do"
)]

use sha2::{Digest, Sha256};
use std::hint::black_box;
use watchfire_model::ArtifactId;

const SIZE: usize = 64 << 20;
/// What is read at once. Bytes.
const PIECE: usize = 64 << 10;
/// What is small. Bytes.
const SMALL: usize = 16 << 10;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let way = arguments.next().unwrap_or_default();
    let Some(rounds) = arguments.next().and_then(|rounds| rounds.parse::<u32>().ok()) else {
        return eprintln!("usage: hash whole|pieces|small ROUNDS");
    };
    let bytes: Vec<u8> = (0..SIZE).map(|at| (at * 31 % 251) as u8).collect();
    for _ in 0..rounds {
        let digest = match way.as_str() {
            "pieces" => {
                let mut hash = Sha256::new();
                black_box(&bytes).chunks(PIECE).for_each(|piece| hash.update(piece));
                ArtifactId::from_digest(hash.finalize().into())
            }
            "small" => {
                let small = bytes.get(..SMALL).unwrap_or_default();
                let digest = |_| ArtifactId::of(black_box(small));
                (0..SIZE / SMALL)
                    .map(digest)
                    .fold(ArtifactId::of(&[]), |_, last| black_box(last))
            }
            _ => ArtifactId::of(black_box(&bytes)),
        };
        black_box(digest);
    }
    println!("{}", u64::from(rounds) * SIZE as u64);
}
