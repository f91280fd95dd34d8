//! Prints the facts of executables, one JSON object for each file named in the lines of standard input; for comparisons with
//! other programs, see `tests/peers/executables`. With `--time`, reads each file's facts so many times and prints megabytes
//! for each second instead. `--roots` comes last, with the certificates in DER that are trusted.
#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a tool for people, not library code"
)]

use std::io::{self, BufRead, Write};
use std::time::{Duration, Instant, SystemTime};
use watchfire_formats::executable::authenticode::{self, Trust};
use watchfire_formats::executable::{self, similarity};
use watchfire_formats::identify::identify;
use watchfire_model::{Budget, Hints, Moment};

fn main() -> io::Result<()> {
    let rounds = std::env::args().skip_while(|argument| argument != "--time").nth(1);
    let rounds: Option<u32> = rounds.and_then(|rounds| rounds.parse().ok());
    let mut trust = Trust::at(now());
    let mut arguments = std::env::args().skip_while(|argument| argument != "--roots").skip(1);
    for root in arguments.by_ref() {
        trust.add_root(&std::fs::read(root)?);
    }
    let (mut bytes_read, mut took) = (0, Duration::ZERO);
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let path = line?;
        let Ok(bytes) = std::fs::read(&path) else { continue };
        if let Some(rounds) = rounds {
            let media_type = identify(&bytes, &Hints::default()).media_type;
            let begin = Instant::now();
            for _ in 0..rounds {
                let _ = std::hint::black_box(executable::read(media_type, &bytes, &Budget::default()));
            }
            took += begin.elapsed();
            bytes_read += bytes.len() as u64 * u64::from(rounds);
        } else {
            let line = facts(&path, &bytes, &trust);
            writeln!(out, "{line}")?;
        }
    }
    if rounds.is_some() {
        let rate = bytes_read as f64 / 1e6 / took.as_secs_f64();
        writeln!(out, "{bytes_read} bytes in {took:?}: {rate:.0} MB/s")?;
    }
    Ok(())
}

fn now() -> Moment {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    Moment::from_unix(since.map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or_default()))
}

fn facts(path: &str, bytes: &[u8], trust: &Trust) -> serde_json::Value {
    let media_type = identify(bytes, &Hints::default()).media_type;
    let budget = Budget::default();
    let (found, problems) = executable::read(media_type, bytes, &budget);
    let (signed, more) = authenticode::verify(media_type, bytes, trust, &budget);
    let codes = problems.iter().chain(&more).map(|problem| problem.code);
    serde_json::json!({
        "path": path,
        "media_type": media_type.0,
        "facts": found,
        "signed": signed,
        "problems": codes.collect::<Vec<_>>(),
        "tlsh": similarity::tlsh(bytes),
        "ssdeep": similarity::piecewise(bytes),
    })
}
