//! What is found in executables, from bytes to findings.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use watchfire_analysis::{Analysis, Engine, Settings};
use watchfire_formats::executable::authenticode::{self, Trust};
use watchfire_formats::identify::media;
use watchfire_model::{Artifact, Budget, Hints, Origin};
use watchfire_testkit::executable::{Pe, Signing, cabinet, sign};

fn analysis(name: &str, bytes: Vec<u8>) -> Analysis {
    let engine = Engine::new(Settings::default());
    let budget = engine.budget();
    engine.analyze(Artifact::new(bytes, Origin::root(name), Hints::default()), &budget)
}

/// The rules that `bytes` meet, with their titles.
#[track_caller]
fn check(name: &str, bytes: Vec<u8>, expected: &[(&str, &str)]) {
    let analysis = analysis(name, bytes);
    let found: Vec<(&str, &str)> = analysis
        .findings
        .iter()
        .map(|finding| (finding.rule.0, finding.title.as_str()))
        .collect();
    assert_eq!(found, expected);
}

fn program() -> Vec<u8> {
    Pe::default().build()
}

#[test]
fn a_program_that_was_changed_after_it_was_signed() {
    let whole = sign(&program(), &Signing::default());
    check("tool.exe", whole.clone(), &[]);
    let mut altered = whole;
    // In the first section, far from all headers.
    let at = altered.len() / 3;
    altered[at] ^= 1;
    let title = "'tool.exe' was changed after 'Example Signer, Inc' signed it";
    check("tool.exe", altered, &[("executable-altered", title)]);
    check("tool.exe", program(), &[]);
}

#[test]
fn a_signature_that_its_signer_did_not_make() {
    let forged = Signing {
        broken: true,
        ..Signing::default()
    };
    let title = "'tool.exe' carries a signature of 'Example Signer, Inc' that is not theirs";
    let expected = [("executable-altered", title)];
    check("tool.exe", sign(&program(), &forged), &expected);
    // The file was changed, and the digest in its signature with it.
    let mut rewritten = sign(&program(), &Signing::default());
    let digest = |bytes: &[u8]| {
        let (found, _) = authenticode::verify(media::PE, bytes, &Trust::default(), &Budget::default());
        found.unwrap().digests[1].digest.bytes().to_vec()
    };
    let before = digest(&rewritten);
    let at = rewritten.len() / 3;
    rewritten[at] ^= 1;
    let after = digest(&rewritten);
    let place = rewritten.windows(32).position(|window| window == before).unwrap();
    rewritten[place..place + 32].copy_from_slice(&after);
    check("tool.exe", rewritten, &expected);
}

#[test]
fn members_of_a_cabinet_are_artifacts() {
    let bytes = cabinet(&[("a.txt", b"see http://evil-c2.com/x"), ("b.exe", &program())]);
    let analysis = analysis("x.cab", bytes);
    let paths: Vec<&str> = analysis.artifacts.iter().map(|artifact| artifact.path.raw()).collect();
    assert_eq!(paths, ["x.cab", "x.cab ▸ a.txt", "x.cab ▸ b.exe"]);
    let read: Vec<bool> = analysis.artifacts.iter().map(|artifact| artifact.read).collect();
    assert_eq!(read, [true, true, false], "code was not looked at");
}
