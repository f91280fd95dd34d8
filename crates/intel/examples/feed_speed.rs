//! How fast feeds are read, on one core: `cargo run --release -p watchfire-intel --example feed_speed`.
//!
//! Each input has a million records, is made beforehand and lies in memory. The best of three runs is told.

#![allow(clippy::print_stdout, reason = "a measurement")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};
use watchfire_intel::feed;

const RECORDS: u32 = 1_000_000;

/// A public address for each number.
fn address(number: u32) -> std::net::Ipv4Addr {
    std::net::Ipv4Addr::from_bits((20 << 24) + number * 13)
}

fn made(line: impl Fn(&mut String, u32)) -> String {
    let mut text = String::new();
    for number in 0..RECORDS {
        line(&mut text, number);
    }
    text
}

fn main() {
    let inputs = [
        ("plain", "addresses", made(|out, n| _ = writeln!(out, "{}", address(n)))),
        (
            "plain",
            "domains",
            made(|out, n| _ = writeln!(out, "host-{n}.evil{}.example", n % 977)),
        ),
        (
            "plain",
            "URLs",
            made(|out, n| _ = writeln!(out, "https://evil{}.example/p/{n}.php", n % 977)),
        ),
        (
            "plain",
            "SHA-256",
            made(|out, n| _ = writeln!(out, "{:064x}", u128::from(n) * 0x9e37_79b9_7f4a_7c15)),
        ),
        (
            "csv",
            "a table of five columns",
            format!(
                "first_seen,value,type,threat,confidence\n{}",
                made(|out, n| _ = writeln!(out, "2026-11-21 10:00:00,{},ipv4,botnet,80", address(n)))
            ),
        ),
        (
            "threatfox",
            "quoted CSV",
            format!(
                "# \"first_seen_utc\",\"ioc_id\",\"ioc_value\",\"ioc_type\",\"threat_type\",\"fk_malware\",\"malware_printable\",\"confidence_level\"\n{}",
                made(|out, n| _ = writeln!(
                    out,
                    "\"2026-11-21 10:00:00\", \"{n}\", \"{}:443\", \"ip:port\", \"botnet_cc\", \"win.x\", \"Some\", \"75\"",
                    address(n)
                ))
            ),
        ),
        (
            "feodo",
            "JSON",
            format!(
                "[{}{{}}]",
                made(|out, n| _ = write!(
                    out,
                    "{{\"ip_address\":\"{}\",\"port\":443,\"status\":\"online\",\"first_seen\":\"2026-09-01 10:00:00\",\"last_online\":\"2026-11-21\",\"malware\":\"Some\"}},",
                    address(n)
                ))
            ),
        ),
    ];
    for (name, what, text) in &inputs {
        let Some(format) = feed::by_name(name) else { continue };
        let mut best = Duration::MAX;
        let mut taken = 0;
        for _ in 0..3 {
            let begin = Instant::now();
            let read = format.read(&mut text.as_bytes(), &feed::Options::default(), &mut |indicator| {
                drop(indicator)
            });
            best = best.min(begin.elapsed());
            taken = read.map_or(0, |intake| intake.indicators);
        }
        let rate = f64::from(RECORDS) / best.as_secs_f64() / 1e6;
        println!("{name:10} {what:24} {taken:9} taken in {best:8.0?}  {rate:5.2} million/s");
    }
}
