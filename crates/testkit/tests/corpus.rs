//! Every file of the corpus through the whole engine: no panic, no hang, and the same answer whatever the threads.
//!
//! Files are read here as one artifact each; what they are and what is in them is tested where it is parsed.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use watchfire_analysis::{Analysis, Engine, Settings};
use watchfire_model::{Artifact, Hints, Origin};
use watchfire_testkit::{Random, corpus, mutate};

/// A file may take this long, and this much more per megabyte, in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
const PATIENCE_PER_MEGABYTE: Duration = Duration::from_secs(8);

fn analyse(engine: &Engine, name: &Path, bytes: Vec<u8>) -> Analysis {
    let origin = Origin::root(name.to_string_lossy().into_owned());
    engine.analyze(Artifact::new(bytes, origin, Hints::default()), &engine.budget())
}

/// What is wrong with this analysis, if anything.
fn complaint(name: &Path, size: usize, took: Duration, analysis: &Analysis) -> Option<String> {
    let megabytes = u32::try_from(size >> 20).unwrap_or(u32::MAX);
    if took > PATIENCE + PATIENCE_PER_MEGABYTE.saturating_mul(megabytes) {
        return Some(format!("{}: took {took:?}", name.display()));
    }
    let panicked = analysis
        .diagnostics
        .iter()
        .find(|diagnostic| diagnostic.code.ends_with("-panic"));
    if let Some(diagnostic) = panicked {
        return Some(format!("{}: {}", name.display(), diagnostic.message.raw()));
    }
    // The root is always there: either it was read, or it says that it was not.
    analysis
        .artifacts
        .is_empty()
        .then(|| format!("{}: vanished", name.display()))
}

/// Half of the work each, on the two cores that everyone has.
fn complaints(files: &[PathBuf], check: impl Fn(&Path) -> Option<String> + Sync) -> Vec<String> {
    let middle = files.len() / 2;
    let (first, second) = files.split_at_checked(middle).unwrap_or((files, &[]));
    std::thread::scope(|scope| {
        let other = scope.spawn(|| second.iter().filter_map(|file| check(file)).collect::<Vec<_>>());
        let mut all: Vec<String> = first.iter().filter_map(|file| check(file)).collect();
        all.extend(other.join().expect("a panic outside the engine"));
        all
    })
}

fn report(complaints: &[String]) {
    let first: Vec<&str> = complaints.iter().take(40).map(String::as_str).collect();
    assert!(
        complaints.is_empty(),
        "{} complaints:\n{}",
        complaints.len(),
        first.join("\n")
    );
}

#[test]
fn every_file_is_digested() {
    let Some(folder) = corpus::corpus("every_file_is_digested") else {
        return;
    };
    let files = corpus::files(&folder);
    assert!(files.len() > 100, "the corpus holds {} files only", files.len());
    let engine = Engine::new(Settings::default());
    let begin = Instant::now();
    let all = complaints(&files, |path| {
        let bytes = std::fs::read(path).expect("the corpus can be read");
        let size = bytes.len();
        let begin = Instant::now();
        let analysis = analyse(&engine, path, bytes);
        complaint(path, size, begin.elapsed(), &analysis)
    });
    let _ = writeln!(
        std::io::stderr().lock(),
        "corpus: {} files digested in {:.0?}",
        files.len(),
        begin.elapsed()
    );
    report(&all);
}

#[test]
fn damaged_files_are_digested() {
    let Some(folder) = corpus::corpus("damaged_files_are_digested") else {
        return;
    };
    // Every seventh file that is not large, once cut and once with bits flipped.
    let files: Vec<PathBuf> = corpus::files(&folder).into_iter().step_by(7).collect();
    let engine = Engine::new(Settings::default());
    let all = complaints(&files, |path| {
        let whole = std::fs::read(path).expect("the corpus can be read");
        if whole.len() > 256 << 10 {
            return None;
        }
        let mut random = Random::new(whole.len() as u64);
        let mut cut = whole.clone();
        mutate::truncate(&mut random, &mut cut);
        let mut flipped = whole;
        mutate::flip_bits(&mut random, &mut flipped);
        [cut, flipped].into_iter().find_map(|bytes| {
            let size = bytes.len();
            let begin = Instant::now();
            let analysis = analyse(&engine, path, bytes);
            complaint(path, size, begin.elapsed(), &analysis)
        })
    });
    report(&all);
}

#[test]
fn threads_change_nothing() {
    let Some(folder) = corpus::corpus("threads_change_nothing") else {
        return;
    };
    let files: Vec<PathBuf> = corpus::files(&folder).into_iter().step_by(41).collect();
    let engine = Engine::new(Settings::default());
    let run = |threads| {
        engine.analyze_all(files.clone(), threads, |engine, path: PathBuf| {
            analyse(engine, &path, std::fs::read(&path).expect("the corpus can be read"))
        })
    };
    let one = run(1);
    let two = run(2);
    for ((path, one), two) in files.iter().zip(&one).zip(&two) {
        assert!(one == two, "{}: two threads give another analysis", path.display());
    }
}
