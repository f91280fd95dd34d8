//! Decompression bombs end in a diagnostic, within the budget, quickly.

#![allow(clippy::expect_used, clippy::panic, reason = "a test")]

use std::time::Duration;
use watchfire_analysis::{Engine, Settings};
use watchfire_model::{Artifact, Hints, LimitKind, Limits, Origin};
use watchfire_testkit::archive::{Zip, gzip, gzip_bomb, nested_bomb, tar, zlib};
use watchfire_testkit::clock::within;
use watchfire_testkit::{disc, quine};

/// Generous: debug builds on busy machines.
const PATIENCE: Duration = Duration::from_secs(60);

fn limits() -> Limits {
    Limits {
        depth: 8,
        artifacts: 300,
        unpacked: 128 << 20,
        artifact_size: 64 << 20,
        ..Limits::default()
    }
}

/// The bomb's name is for the message; `limit` must have been reached, where one is expected.
fn check(bomb: &str, bytes: Vec<u8>, limit: Option<LimitKind>) {
    let engine = Engine::new(Settings {
        limits: limits(),
        ..Settings::default()
    });
    let budget = engine.budget();
    let artifact = Artifact::new(bytes, Origin::root(bomb), Hints::default());
    let analysis = within(PATIENCE, bomb, || engine.analyze(artifact, &budget));
    assert!(
        budget.unpacked() <= limits().unpacked + (1 << 20),
        "{bomb}: unpacked {}",
        budget.unpacked()
    );
    assert!(
        analysis.artifacts.len() as u64 <= limits().artifacts + 1,
        "{bomb}: {} artifacts",
        analysis.artifacts.len()
    );
    let panicked = analysis
        .diagnostics
        .iter()
        .any(|diagnostic| diagnostic.code.ends_with("-panic"));
    assert!(!panicked, "{bomb}: {:?}", analysis.diagnostics);
    if let Some(limit) = limit {
        let reached = &analysis.coverage.limits_reached;
        assert!(reached.contains(&limit), "{bomb}: reached {reached:?}, not {limit}");
        assert!(
            !analysis.coverage.is_complete(),
            "{bomb}: coverage claims to be complete"
        );
        assert!(!analysis.diagnostics.is_empty(), "{bomb}: nothing is said");
    }
}

#[test]
fn a_thousandfold_stream_stops_at_its_size() {
    check("zeros.gz", gzip_bomb(80 << 20), Some(LimitKind::ArtifactSize));
}

#[test]
fn streams_in_streams_stop() {
    // Zeros deflate a thousandfold, and the result again: a ratio of a million to one.
    let mut inner = gzip_bomb(60 << 20);
    for _ in 0..3 {
        inner = gzip(&inner);
    }
    check("zeros.gz.gz.gz.gz", inner, None);
    let mut deep = b"203.0.113.7".to_vec();
    for _ in 0..20 {
        deep = zlib(&deep);
    }
    check("twenty layers of zlib", gzip(&deep), None);
    let mut deep = b"203.0.113.7".to_vec();
    for _ in 0..20 {
        deep = gzip(&deep);
    }
    check("twenty layers of gzip", deep, Some(LimitKind::Depth));
}

#[test]
fn what_unpacks_to_itself_is_read_once() {
    let quine = quine::gzip();
    check("quine.gz", quine.clone(), None);
    check("quine.gz in a zip", Zip::new().stored("quine.gz", &quine).build(), None);
}

#[test]
fn archives_in_archives_stop() {
    let mut deep = Zip::new().file("a.txt", b"203.0.113.7").build();
    for level in 0..20 {
        deep = Zip::new().file(&format!("{level}.zip"), &deep).build();
    }
    check("twenty layers of zip", deep, Some(LimitKind::Depth));
    check("42.zip's shape", nested_bomb(5, 16, 1 << 20), None);
}

#[test]
fn many_large_members_stop_at_the_total() {
    let zeros = vec![0_u8; 20 << 20];
    let zip = (0..12_u8).fold(Zip::new(), |zip, number| {
        // Members that differ, so that none is a duplicate of another.
        let mut member = zeros.clone();
        member.push(number);
        zip.file(&format!("{number}.bin"), &member)
    });
    check("twelve times 20 MB", zip.build(), Some(LimitKind::Unpacked));
}

#[test]
fn many_small_members_stop_at_the_count() {
    let zip = (0..400_u32).fold(Zip::new(), |zip, number| {
        zip.file(&format!("{number}.txt"), number.to_string().as_bytes())
    });
    check("four hundred members", zip.build(), Some(LimitKind::Artifacts));
    let names: Vec<String> = (0..400).map(|number| format!("{number}.txt")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), name.as_bytes())).collect();
    check("four hundred members of a tar", tar(&files), Some(LimitKind::Artifacts));
}

#[test]
fn members_that_lie_about_their_size_are_read_no_further() {
    let honest = Zip::new().file("a.bin", &vec![0; 2 << 20]).build();
    // The directory and the local header both claim 16 bytes.
    let claimed = (2_u32 << 20).to_le_bytes();
    let mut lying = honest;
    while let Some(at) = lying.windows(4).position(|window| window == claimed) {
        lying.splice(at..at + 4, 16_u32.to_le_bytes());
    }
    check("sixteen bytes that are two megabytes", lying, None);
}

#[test]
fn files_of_a_disc_that_share_their_place_are_paid_for() {
    check("overlapping.iso", disc::overlapping(4 << 20), Some(LimitKind::Unpacked));
    check("circular.iso", disc::circular(), None);
}

#[test]
fn macros_that_repeat_one_letter_are_paid_for() {
    // Eight bytes for 4,096 letters: the most that the compression gives.
    let piece: &[u8] = b"\x05\xb0\x02a\xff\x0f\x00\x00";
    let mut stream = vec![1];
    stream.extend(piece.repeat(200_000));
    let node = |name: &str, bytes: Vec<u8>| watchfire_testkit::compound::Node::Stream(name.to_owned(), bytes);
    let module = node("Module1", [b"Attribut".as_slice(), &stream].concat());
    let storage = watchfire_testkit::compound::Node::Storage("VBA".to_owned(), vec![module, node("dir", stream)]);
    check("macros.bin", watchfire_testkit::compound::compound(&[storage]), None);
}
