//! Writes a file tree to search: `tree FOLDER [FILES]`. A quarter of the files is empty, most are short texts; four in a
//! thousand are called `.exe`, of which half are programs; programs without that name lie among them.

#![allow(
    clippy::unwrap_used,
    reason = "a tool of the benchmark: it stops where it cannot write"
)]

use std::fs;
use std::path::Path;
use watchfire_testkit::executable::{Elf, Pe};
use watchfire_testkit::random::Random;

const WORDS: &[&str] = &[
    "connection",
    "closed",
    "from",
    "port",
    "user",
    "root",
    "session",
    "opened",
    "value",
    "index",
    "error",
    "warning",
];
const ENDINGS: &[&str] = &[
    "txt", "log", "json", "c", "h", "py", "md", "xml", "cfg", "html", "css", "js", "dat", "bin",
];

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "tree".into());
    let files = arguments
        .next()
        .and_then(|files| files.to_str()?.parse().ok())
        .unwrap_or(500_000_u64);
    let mut random = Random::new(7);
    let (pe, elf) = (Pe::default().build(), Elf::default().build());
    for number in 0..files {
        let group = number / 100;
        let path = Path::new(&folder).join(format!("{}/{}/d{group}", group % 10, group / 10 % 25));
        if number % 100 == 0 {
            fs::create_dir_all(&path).unwrap();
        }
        let (name, bytes) = match random.below(10_000) {
            0..=19 => (format!("f{number}.exe"), pe.clone()),
            20..=39 => (format!("f{number}.EXE"), b"no program".to_vec()),
            40..=47 => (format!("f{number}.jpg"), pe.clone()),
            48..=61 => (format!("f{number}"), elf.clone()),
            _ => (format!("f{number}.{}", random.pick(ENDINGS)), text(&mut random)),
        };
        fs::write(path.join(name), bytes).unwrap();
    }
}

fn text(random: &mut Random) -> Vec<u8> {
    let mut text = String::new();
    if random.below(4) > 0 {
        let length = 40 + random.below(3_760) as usize;
        while text.len() < length {
            text.push_str(random.pick(WORDS));
            text.push(' ');
        }
    }
    text.into_bytes()
}
