//! How long a list of known-good files takes to be taken in, and to be asked. Reference figures: `benches/README.md`.
//!
//! `cargo run --release -p watchfire-intel --example known_speed -- FOLDER [COUNT]`. The list has rows as the NSRL's and
//! COUNT different SHA-1, forty million where nothing else is said. Wall-clock time of one thread; the list is searched in
//! its file. FOLDER has to have room for twice the list; nothing stays there.

#![allow(clippy::print_stdout, reason = "it prints its figures")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, BufWriter, Read};
use std::path::PathBuf;
use std::time::Instant;
use watchfire_intel::known::{KnownFiles, pack};
use watchfire_model::Digests;

/// Twenty bytes that look like chance.
fn digest(number: u64) -> [u8; 20] {
    let mut state = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    std::array::from_fn(|_| {
        state ^= state >> 27;
        state = state.wrapping_mul(0x94d0_49bb_1331_11eb);
        (state >> 56) as u8
    })
}

/// The rows of a list, as they are read.
struct Rows {
    next: u64,
    count: u64,
    row: String,
    at: usize,
}

impl Read for Rows {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.row.len() {
            self.row.clear();
            self.at = 0;
            for _ in 0..500.min(self.count - self.next) {
                self.row.push('"');
                for byte in digest(self.next) {
                    let _ = write!(self.row, "{byte:02X}");
                }
                self.row.push_str(
                    "\",\"900150983CD24FB0D6963F7D28E17F72\",\"352441C2\",\"a file.dll\",4096,8762,\"358\",\"\"\r\n",
                );
                self.next += 1;
            }
        }
        let mut rest = self.row.as_bytes().get(self.at..).unwrap_or_default();
        let length = rest.read(buffer)?;
        self.at += length;
        Ok(length)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("usage: known_speed FOLDER [COUNT]")?);
    let count = arguments.next().map_or(Ok(40_000_000), |count| count.parse())?;
    let rows = |count| Rows {
        next: 0,
        count,
        row:
            "\"SHA-1\",\"MD5\",\"CRC32\",\"FileName\",\"FileSize\",\"ProductCode\",\"OpSystemCode\",\"SpecialCode\"\r\n"
                .into(),
        at: 0,
    };
    let begin = Instant::now();
    let bytes = io::copy(&mut rows(count), &mut io::sink())?;
    let made = begin.elapsed().as_secs_f64();
    let path = folder.join("known-speed");
    let begin = Instant::now();
    let mut out = BufWriter::with_capacity(256 << 10, File::create(&path)?);
    let taken = pack(&mut rows(count), &folder, &mut out)?;
    drop(out);
    println!(
        "{} SHA-1 of {:.1} GB taken in {:.1} s (making the rows takes {made:.1} s of it), {:.0} MB",
        taken.sha1,
        bytes as f64 / 1e9,
        begin.elapsed().as_secs_f64(),
        fs::metadata(&path)?.len() as f64 / 1e6
    );
    let known = KnownFiles::open(&path)?;
    for (what, from) in [("held", 0), ("strangers", count)] {
        let begin = Instant::now();
        let asked = 200_000;
        let held = (0..asked).filter(|at| {
            let sha1 = Some(digest(from + at * (count / asked).max(1)));
            black_box(known.held(&[0; 32], &Digests { sha1, md5: None })).is_some()
        });
        let held = held.count();
        let each = begin.elapsed().as_nanos() / u128::from(asked);
        println!("{what}: {each} ns for each of {asked}, {held} met");
    }
    fs::remove_file(path)?;
    Ok(())
}
