//! Opens every file below a folder and reads its first 4 KiB, and nothing else: what `watchfire find` is measured beside.

use std::io::Read;
use std::path::Path;
use watchfire_sources::tree::{Entry, Left, Rules, Visitor, visit};

struct Heads(Box<[u8; 4096]>, u64);

impl Visitor for Heads {
    fn file(&mut self, file: &Entry<'_>) {
        let read = file.open().and_then(|mut file| file.read(self.0.as_mut_slice()));
        self.1 += read.unwrap_or(0) as u64;
    }

    fn left(&mut self, _path: &Path, _why: Left) {}
}

fn main() {
    let mut arguments = std::env::args_os().skip(1);
    let (Some(folder), Some(threads)) = (arguments.next(), arguments.next()) else {
        return;
    };
    let threads = threads.to_str().and_then(|threads| threads.parse().ok()).unwrap_or(1);
    let heads = visit(&[folder.into()], &Rules::default(), threads, || {
        Heads(Box::new([0; 4096]), 0)
    });
    let bytes: u64 = heads.iter().map(|head| head.1).sum();
    // Looked at, so that nobody leaves the reading out.
    std::process::exit(i32::from(bytes == 0));
}
