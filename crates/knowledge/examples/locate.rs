//! Measures looking up where addresses are: `cargo run --release -p watchfire-knowledge --example locate`.
//!
//! Pseudorandom addresses, so that neither the processor's caches nor its branch predictor knows what comes: half of the
//! look-ups find nothing in IPv6, one in five in IPv4. Prints nanoseconds for country and network together.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measuring tool, not library code"
)]

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;
use watchfire_knowledge::geography::locate;

const LOOKUPS: u32 = 5_000_000;

fn main() {
    let mut state = 0x9E37_79B9_7F4A_7C15u64;
    let mut next = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let v4: Vec<IpAddr> = (0..LOOKUPS).map(|_| Ipv4Addr::from(next() as u32).into()).collect();
    // Where most of what is announced is.
    let v6: Vec<IpAddr> = (0..LOOKUPS)
        .map(|_| {
            let high = 0x2000 + (next() % 6) * 0x200 + (next() & 0x3F);
            let address = u128::from(high) << 112 | u128::from(next()) << 48;
            Ipv6Addr::from(address).into()
        })
        .collect();
    for (name, addresses) in [("IPv4", v4), ("IPv6", v6)] {
        let mut best = f64::MAX;
        let mut found = 0;
        for _ in 0..5 {
            let begin = Instant::now();
            found = addresses
                .iter()
                .filter(|address| black_box(locate(**address)).country.is_some())
                .count();
            best = best.min(begin.elapsed().as_secs_f64());
        }
        println!(
            "{name}: {:.0} ns, {found} of {LOOKUPS} found",
            best * 1e9 / f64::from(LOOKUPS)
        );
    }
}
