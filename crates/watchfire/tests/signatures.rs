//! Whose signatures of programs count, by what the user gives.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test stops when its test bed fails"
)]

use std::fs;
use std::path::{Path, PathBuf};
use watchfire::model::Fact;
use watchfire::model::executable::Authenticode;
use watchfire::model::executable::signature::ChainOutcome;
use watchfire::{Config, Input, Links, Problem, Silent, Surroundings, Value, Watchfire};
use watchfire_testkit::executable::{Pe, Signing, catalog, root_certificate, sign};

/// A folder that goes away with its test.
struct Bed(PathBuf);

impl Bed {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("watchfire-signatures-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path.to_string_lossy().into_owned()
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn watchfire(trust: &[&str], catalogs: &[&str]) -> Result<(Watchfire, Vec<String>), Problem> {
    let mut config = Config::load(None, Surroundings::default()).unwrap();
    config.set("as-of", Value::Text("2027-01-01".to_owned()), "--as-of");
    for (key, paths) in [("signatures.trust", trust), ("signatures.catalogs", catalogs)] {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        config.set(key, Value::List(paths), "a test");
    }
    let mut watchfire = Watchfire::new(&config)?;
    let told = watchfire.trust_signatures()?;
    Ok((watchfire, told))
}

/// What was found out about the signatures of a program.
#[track_caller]
fn signed(program: &str, trust: &[&str], catalogs: &[&str]) -> Authenticode {
    let (watchfire, _) = watchfire(trust, catalogs).unwrap();
    let input = Input::Path(Path::new(program).to_owned());
    let report = watchfire.triage([input], Links::Skip, &Silent).unwrap();
    let facts = report.artifacts[0].facts.as_ref().unwrap();
    let signed = facts.facts.iter().find_map(|fact| match fact {
        Fact::Signed(signed) => Some(signed.as_ref().clone()),
        _ => None,
    });
    signed.unwrap()
}

fn pem(certificate: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = "a comment before it\n-----BEGIN CERTIFICATE-----".to_owned();
    for (at, group) in certificate.chunks(3).enumerate() {
        if at % 16 == 0 {
            text.push('\n');
        }
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | usize::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = char::from(DIGITS[bits >> (18 - 6 * place) & 63]);
            text.push(if place <= group.len() { digit } else { '=' });
        }
    }
    text + "\n-----END CERTIFICATE-----\n"
}

#[test]
fn a_chain_is_trusted_where_its_root_was_given() {
    let bed = Bed::new("roots");
    let signing = Signing {
        with_root: true,
        ..Signing::default()
    };
    let program = bed.write("a.exe", sign(&Pe::default().build(), &signing));
    let root = root_certificate();
    let der = bed.write("root.der", &root);
    let two = bed.write("roots/two.pem", pem(&root).repeat(2));
    bed.write("roots/notes.txt", "no certificate, and not looked at");
    let folder = bed.0.join("roots").to_string_lossy().into_owned();
    assert_eq!(
        signed(&program, &[], &[]).signatures[0].trust,
        ChainOutcome::UnknownRoot
    );
    for given in [&der, &two, &folder] {
        let found = signed(&program, &[given], &[]);
        assert_eq!(
            found.signatures[0].trust,
            ChainOutcome::Trusted("Example Root".into()),
            "{given}"
        );
        // The time is that of the report.
        assert_eq!(found.signatures[0].validity.at.to_string(), "2027-01-01T00:00:00Z");
    }
    assert_eq!(watchfire(&[&two], &[]).unwrap().1, ["trusting 2 certificates"]);
}

#[test]
fn a_file_that_a_believed_catalog_lists_is_found_there() {
    let bed = Bed::new("catalogs");
    let file = Pe::default().build();
    let program = bed.write("a.exe", &file);
    let none = signed(&program, &[], &[]);
    assert_eq!((none.catalog, none.signatures.len()), (None, 0));
    let digest = none.digests[1].digest.bytes().to_vec();
    let signing = Signing::default();
    let good = bed.write("cat/good.cat", catalog(&[vec![9; 32], digest.clone()], &signing));
    let broken = Signing {
        broken: true,
        ..Signing::default()
    };
    let bad = bed.write("cat/bad.cat", catalog(std::slice::from_ref(&digest), &broken));
    let ended = Signing {
        until: Some("241231"),
        ..Signing::default()
    };
    let old = bed.write("cat/old.cat", catalog(&[digest], &ended));
    bed.write("cat/none.cat", "nothing of the kind");
    let root = bed.write("root.der", root_certificate());
    let folder = bed.0.join("cat").to_string_lossy().into_owned();
    assert!(signed(&program, &[&root], &[&good]).catalog.is_some());
    assert!(signed(&program, &[], &[&good]).catalog.is_some());
    let (_, told) = watchfire(&[&root], &[&folder]).unwrap();
    assert_eq!(told.len(), 4, "{told:#?}");
    assert!(
        told[0].contains("bad.cat' is left out: its signature is not good"),
        "{told:#?}"
    );
    assert!(told[1].contains("none.cat' is left out: it is no catalog"), "{told:#?}");
    assert!(
        told[2].contains("old.cat' is left out: the certificates of its signer were not valid"),
        "{told:#?}"
    );
    assert_eq!(
        told[3],
        "trusting 1 certificate, believing 1 catalog, listing 2 digests"
    );
    for (path, why) in [
        (&bad, "its signature is not good"),
        (&old, "were not valid when it was signed"),
        (&program, "it is no catalog"),
    ] {
        let problem = watchfire(&[&root], &[path]).map(|(_, told)| told).unwrap_err();
        assert!(problem.to_string().contains(why), "{problem}");
        assert!(problem.next_step().is_some());
    }
}

#[test]
fn a_catalog_leads_to_a_root_where_some_are_given() {
    let bed = Bed::new("other-root");
    let other = include_str!("../../standin/tls/authority.pem");
    let other = bed.write("other.pem", other);
    let listed = bed.write("a.cat", catalog(&[vec![9; 32]], &Signing::default()));
    let problem = watchfire(&[&other], &[&listed]).map(|(_, told)| told).unwrap_err();
    assert!(
        problem.to_string().contains("leads to no certificate that is trusted"),
        "{problem}"
    );
}

#[test]
fn what_holds_nothing_to_believe_is_an_error() {
    let bed = Bed::new("nothing");
    let text = bed.write(
        "in/text.pem",
        "-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n-----END CERTIFICATE-----",
    );
    let cut = bed.write("cut.pem", "-----BEGIN CERTIFICATE-----\nMIIB");
    let long = bed.write("long.der", vec![0x30; 2 << 20]);
    let empty = bed.write("empty.der", "");
    let folder = bed.0.join("in").to_string_lossy().into_owned();
    let missing = bed.0.join("missing").to_string_lossy().into_owned();
    for path in [&text, &cut, &long, &empty, &folder, &missing] {
        let problem = watchfire(&[path], &[]).map(|(_, told)| told).unwrap_err();
        assert!(problem.to_string().contains("certificate"), "{problem}");
        assert!(problem.next_step().is_some(), "{problem}");
    }
}
