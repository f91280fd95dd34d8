//! Signed bundles: what is written is read, and whatever is changed on the way is refused before it is used.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Write};
use watchfire_intel::bundle::{self, BundleError, Manifest, Member, SecretKey, Verified};
use watchfire_model::Moment;

const FILES: &[(&str, &[u8])] = &[
    ("feeds/urlhaus.set", b"packed"),
    ("knowledge/empty.bin", b""),
    ("rules/a.yar", &[7; 1000]),
];

fn key() -> SecretKey {
    SecretKey::from_random([42; 32], *b"12345678").unwrap()
}

fn manifest(counter: u64, files: &[(&str, &[u8])]) -> Manifest {
    Manifest {
        created: Moment::parse("2026-11-21T12:00:00Z").unwrap(),
        counter,
        members: files
            .iter()
            .map(|(name, bytes)| bundle::member(name, &mut &**bytes).unwrap())
            .collect(),
    }
}

fn write(manifest: &Manifest, files: &[(&str, &[u8])]) -> Result<Vec<u8>, BundleError> {
    let files: BTreeMap<&str, &[u8]> = files.iter().copied().collect();
    let mut out = Vec::new();
    bundle::write(
        manifest,
        &mut |member| Ok(Box::new(files[&*member.name]) as Box<dyn Read>),
        &mut out,
    )?;
    Ok(out)
}

fn signed(bytes: &[u8]) -> String {
    key().sign(&mut &*bytes, "counter:7").unwrap()
}

fn verify(bytes: &[u8], signature: &str) -> Result<Verified, BundleError> {
    bundle::verify(&mut &*bytes, signature, &[key().public()])
}

/// Writes into a shared map.
struct Into<'a>(&'a RefCell<BTreeMap<String, Vec<u8>>>, String);

impl Write for Into<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().entry(self.1.clone()).or_default().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.borrow_mut().entry(self.1.clone()).or_default();
        Ok(())
    }
}

fn read(verified: &Verified, bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>, BundleError> {
    let found = RefCell::new(BTreeMap::new());
    let mut open = |member: &Member| Ok(Box::new(Into(&found, member.name.clone())) as Box<dyn Write>);
    verified.read(&mut Cursor::new(bytes), &mut open)?;
    Ok(found.into_inner())
}

#[test]
fn what_is_written_is_read_and_the_same_members_give_the_same_bytes() {
    let bytes = write(&manifest(7, FILES), FILES).unwrap();
    assert_eq!(bytes, write(&manifest(7, FILES), FILES).unwrap());
    let verified = verify(&bytes, &signed(&bytes)).unwrap();
    assert_eq!(verified.manifest(), &manifest(7, FILES));
    assert_eq!((verified.comment(), verified.key()), ("counter:7", "3837363534333231"));
    let expected = FILES
        .iter()
        .map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec()))
        .collect();
    assert_eq!(read(&verified, &bytes), Ok(expected));
}

#[test]
fn any_changed_or_missing_byte_is_noticed_before_anything_is_read() {
    let bytes = write(&manifest(7, FILES), FILES).unwrap();
    let signature = signed(&bytes);
    for at in (0..bytes.len()).step_by(61) {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        assert_eq!(
            verify(&changed, &signature),
            Err(BundleError::WrongSignature),
            "byte {at}"
        );
        assert_eq!(
            verify(&bytes[..at], &signature),
            Err(BundleError::WrongSignature),
            "cut at {at}"
        );
    }
    let longer = [&*bytes, b"x"].concat();
    assert_eq!(verify(&longer, &signature), Err(BundleError::WrongSignature));
    assert!(matches!(
        bundle::verify(&mut &*bytes, &signature, &[]),
        Err(BundleError::UnknownKey(_))
    ));
}

#[test]
fn a_file_that_changes_after_it_was_verified_is_noticed() {
    let bytes = write(&manifest(7, FILES), FILES).unwrap();
    let verified = verify(&bytes, &signed(&bytes)).unwrap();
    let at = bytes.windows(6).rposition(|window| window == b"packed").unwrap();
    let mut changed = bytes.clone();
    changed[at] = b'P';
    assert_eq!(
        read(&verified, &changed),
        Err(BundleError::WrongMember("feeds/urlhaus.set".to_owned()))
    );
    assert!(read(&verified, &bytes[..bytes.len() - 1600]).is_err());
    let swapped = write(&manifest(8, &FILES[1..]), &FILES[1..]).unwrap();
    assert!(read(&verified, &swapped).is_err());
}

#[test]
fn an_older_bundle_is_refused() {
    let bytes = write(&manifest(7, FILES), FILES).unwrap();
    let verified = verify(&bytes, &signed(&bytes)).unwrap();
    assert_eq!((verified.admit(None), verified.admit(Some(6))), (Ok(()), Ok(())));
    for last in [7, 8] {
        assert_eq!(
            verified.admit(Some(last)),
            Err(BundleError::Rollback { counter: 7, last })
        );
    }
}

#[test]
fn names_that_people_give_files_are_carried() {
    let long = format!("rules/{}/{}", "b".repeat(200), "ä".repeat(127));
    let names = [
        "rules/my rule (1).yml",
        "rules/a+b,c.yml",
        "rules/it's [x] & ü.yml",
        &long,
        "z",
    ];
    let files = names.map(|name| (name, name.as_bytes()));
    let bytes = write(&manifest(1, &files), &files).unwrap();
    let verified = verify(&bytes, &signed(&bytes)).unwrap();
    let all = read(&verified, &bytes).unwrap();
    assert!(names.iter().all(|name| all[*name] == name.as_bytes()));
}

#[test]
fn names_that_climb_or_collide_are_neither_written_nor_read() {
    for name in [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        "C:/x",
        "a\\b",
        ".hidden",
        "a/.",
        "manifest.json",
        "a\"b",
        "a\u{0}",
        "a\u{202e}b",
        " a",
        "x.",
        &"a".repeat(256),
    ] {
        assert!(bundle::member(name, &mut io::empty()).is_err(), "{name}");
    }
    let same = [("a/B", &b""[..]), ("a/b", &b""[..])];
    assert!(matches!(
        write(&manifest(1, &same), &same),
        Err(BundleError::SameName(..))
    ));
    // Signed by whoever has the key, but with a name that climbs.
    let bytes = write(&manifest(7, &[("aa/passwd", b"x")]), &[("aa/passwd", b"x")]).unwrap();
    let text = String::from_utf8(bytes).unwrap().replace("aa/passwd", "../passwd");
    assert!(matches!(
        verify(text.as_bytes(), &signed(text.as_bytes())),
        Err(BundleError::Name(_))
    ));
    assert!(matches!(
        verify(b"no bundle", &signed(b"no bundle")),
        Err(BundleError::Broken(_))
    ));
}

#[test]
fn a_member_that_is_not_what_was_measured_is_not_written() {
    let other: &[(&str, &[u8])] = &[("feeds/urlhaus.set", b"Packed"), FILES[1], FILES[2]];
    assert!(matches!(
        write(&manifest(7, FILES), other),
        Err(BundleError::WrongMember(_))
    ));
    let longer: &[(&str, &[u8])] = &[("feeds/urlhaus.set", b"packed more"), FILES[1], FILES[2]];
    assert!(matches!(
        write(&manifest(7, FILES), longer),
        Err(BundleError::WrongMember(_))
    ));
}
