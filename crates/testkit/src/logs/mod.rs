//! Mixed log text of any length, for benchmarks and soak tests.
//!
//! Shapes as real systems write them: web server, firewall, sshd, Zeek dns and conn, Cisco ASA, endpoint JSON, Windows
//! event XML and JSON, proxy. Addresses and names are random: most repeat, as in life, and some are new on every line.

mod host;
mod network;

use crate::Random;
use std::fmt::Write as _;
use std::io;

/// Writes one line.
type Shape = fn(&mut Scene, &mut String);

/// Shapes and how many of a hundred lines have them.
const SHAPES: &[(Shape, u64)] = &[
    (network::nginx, 22),
    (network::ufw, 16),
    (host::sshd, 12),
    (network::zeek_dns, 11),
    (network::zeek_conn, 9),
    (network::cisco_asa, 9),
    (host::endpoint_json, 8),
    (host::windows_xml, 3),
    (host::windows_json, 4),
    (network::proxy, 6),
];

/// `bytes` of log text from `seed`, cut at the last full line: at most one line short of it.
pub fn generate(seed: u64, bytes: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes);
    // Writing to a vector cannot fail.
    let _ = write(seed, bytes as u64, &mut out);
    out
}

/// [`generate`], streamed.
pub fn write(seed: u64, bytes: u64, out: &mut dyn io::Write) -> io::Result<()> {
    let mut scene = Scene::new(seed);
    let mut line = String::with_capacity(1024);
    let mut written = 0_u64;
    loop {
        line.clear();
        scene.advance();
        scene.shape()(&mut scene, &mut line);
        line.push('\n');
        written = written.saturating_add(line.len() as u64);
        if written > bytes {
            return Ok(());
        }
        out.write_all(line.as_bytes())?;
    }
}

/// The world that the lines speak of.
struct Scene {
    random: Random,
    /// Milliseconds since the day began.
    clock: u64,
    /// Addresses that keep coming back.
    regulars: Vec<[u8; 4]>,
    /// Names that keep coming back.
    names: Vec<String>,
}

impl Scene {
    fn new(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let regulars = (0..4096).map(|_| public_address(&mut random)).collect();
        let names = (0..2048).map(|_| name(&mut random)).collect();
        Self {
            random,
            clock: 0,
            regulars,
            names,
        }
    }

    fn advance(&mut self) {
        self.clock = self.clock.saturating_add(self.random.below(40));
    }

    fn shape(&mut self) -> Shape {
        let mut draw = self.random.below(SHAPES.iter().map(|(_, share)| share).sum());
        for (shape, share) in SHAPES {
            match draw.checked_sub(*share) {
                Some(rest) => draw = rest,
                None => return *shape,
            }
        }
        network::nginx
    }

    fn time(&self) -> Time {
        let seconds = self.clock / 1000;
        Time {
            day: (seconds / 86_400) % 28 + 1,
            hour: seconds / 3600 % 24,
            minute: seconds / 60 % 60,
            second: seconds % 60,
            milli: self.clock % 1000,
            unix: 1_793_491_200_u64.saturating_add(seconds),
        }
    }

    /// An address on the internet: one in ten is new.
    fn outside(&mut self) -> Address {
        if self.random.chance(1, 10) {
            Address(public_address(&mut self.random))
        } else {
            Address(self.random.pick(&self.regulars))
        }
    }

    /// An address of the office.
    fn inside(&mut self) -> Address {
        let [third, fourth, ..] = self.random.bits().to_le_bytes();
        Address([10, 0, third % 16, fourth])
    }

    /// A name on the internet: one in ten is new.
    fn name(&mut self, out: &mut String) {
        if self.random.chance(1, 10) {
            let name = name(&mut self.random);
            out.push_str(&name);
        } else {
            let at = self.random.index(self.names.len());
            out.push_str(self.names.get(at).map_or("www.example.com", String::as_str));
        }
    }

    fn port(&mut self) -> u64 {
        self.random.between(1025, 65_535)
    }
}

/// When a line was written, in November 2026.
struct Time {
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
    milli: u64,
    unix: u64,
}

impl Time {
    /// RFC 3164: `Nov  2 08:00:00`.
    fn syslog(&self, out: &mut String) {
        let _ = write!(
            out,
            "Nov {:>2} {:02}:{:02}:{:02}",
            self.day, self.hour, self.minute, self.second
        );
    }

    /// RFC 3339 with milliseconds.
    fn iso(&self, out: &mut String) {
        let _ = write!(
            out,
            "2026-11-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            self.day, self.hour, self.minute, self.second, self.milli
        );
    }
}

/// An IPv4 address that prints fast.
#[derive(Clone, Copy)]
struct Address([u8; 4]);

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d] = self.0;
        write!(f, "{a}.{b}.{c}.{d}")
    }
}

fn public_address(random: &mut Random) -> [u8; 4] {
    loop {
        let [a, b, c, d, ..] = random.bits().to_le_bytes();
        let private = matches!(
            (a, b),
            (0 | 10 | 127 | 224.., _) | (172, 16..=31) | (192, 168) | (169, 254)
        );
        if !private {
            return [a, b, c, d.max(1)];
        }
    }
}

fn name(random: &mut Random) -> String {
    const FIRST: &[&str] = &[
        "www",
        "cdn",
        "api",
        "mail",
        "img",
        "static",
        "login",
        "update",
        "telemetry",
        "edge",
    ];
    const SYLLABLES: &[&str] = &[
        "ka", "lo", "mi", "ter", "von", "sa", "ri", "no", "dex", "pla", "cor", "net", "zu", "bel", "fra", "gon",
    ];
    const LAST: &[&str] = &[
        "com", "net", "org", "io", "de", "co.uk", "ru", "cn", "info", "biz", "xyz", "top",
    ];
    let mut name = String::new();
    if random.chance(2, 3) {
        name.push_str(random.pick(FIRST));
        name.push('.');
    }
    for _ in 0..random.between(2, 4) {
        name.push_str(random.pick(SYLLABLES));
    }
    if random.chance(1, 4) {
        let _ = write!(name, "-{}", random.below(1000));
    }
    name.push('.');
    name.push_str(random.pick(LAST));
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_text() {
        assert_eq!(generate(7, 100_000), generate(7, 100_000));
        assert_ne!(generate(7, 100_000), generate(8, 100_000));
    }

    #[test]
    fn lengths_are_kept_and_lines_are_whole() {
        let text = generate(1, 1_000_000);
        assert!(text.len() <= 1_000_000);
        assert!(text.len() > 990_000);
        assert_eq!(text.last(), Some(&b'\n'));
    }

    #[test]
    fn a_longer_text_begins_with_the_shorter() {
        assert!(generate(3, 50_000).starts_with(&generate(3, 20_000)));
    }
}
