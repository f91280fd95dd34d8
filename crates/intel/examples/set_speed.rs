//! How long a set of a million indicators takes to be made, and to be asked. Reference figures: `benches/README.md`.
//!
//! `cargo run --release -p watchfire-intel --example set_speed`. Wall-clock time of one thread; half of the questions are
//! about values that the set holds.

#![allow(clippy::print_stdout, reason = "it prints its figures")]

use std::error::Error;
use std::hint::black_box;
use std::time::Instant;
use watchfire_intel::set::{Backing, IndicatorSet, SetWriter};
use watchfire_model::{Indicator, Observable, ObservableType};

const COUNT: u32 = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    // Odd multiples visit every address once: they look like chance and never repeat.
    let address = |n: u32| std::net::Ipv4Addr::from(n.wrapping_mul(2_654_435_761)).to_string();
    let parse = |n: u32| Observable::parse(ObservableType::Ipv4, &address(n));
    let begin = Instant::now();
    let mut writer = SetWriter::default();
    for n in 0..COUNT {
        let indicator = Indicator {
            threat: "botnet C2".into(),
            ..Indicator::new(parse(n)?)
        };
        writer.add(indicator).map_err(|_| "no room")?;
    }
    let mut bytes = Vec::new();
    writer.finish(&mut bytes)?;
    println!(
        "made in {:.2} s, {:.1} MB",
        begin.elapsed().as_secs_f64(),
        bytes.len() as f64 / 1e6
    );
    let questions: Result<Vec<Observable>, _> = (COUNT / 2..COUNT + COUNT / 2).map(parse).collect();
    let questions = questions?;
    let set = IndicatorSet::open(Backing::Memory(bytes))?;
    let mut may_hold = |what: &Observable| set.may_hold(what);
    let mut find = |what: &Observable| {
        let mut met = Vec::new();
        set.find(what, &mut met);
        !met.is_empty()
    };
    type Way<'w> = (&'w str, &'w mut dyn FnMut(&Observable) -> bool);
    let ways: [Way<'_>; 2] = [("may_hold", &mut may_hold), ("find", &mut find)];
    for (what, ask) in ways {
        let begin = Instant::now();
        let met = questions.iter().filter(|what| black_box(ask(what))).count();
        let each = begin.elapsed().as_nanos() / questions.len() as u128;
        println!("{what}: {each} ns for each of {} questions, {met} met", questions.len());
    }
    Ok(())
}
