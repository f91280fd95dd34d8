//! Writes executables of the builders into the folder given as argument, for other programs to read: signed ones, a catalog
//! that lists one, and a package of Windows Installer.
#![allow(missing_docs, clippy::expect_used, reason = "a tool for people, not library code")]

use sha2::{Digest, Sha256};
use std::path::Path;
use watchfire_testkit::compound::{Node, compound};
use watchfire_testkit::executable::{Elf, Pe, Signing, cabinet, catalog, root_certificate, sign};

fn main() -> std::io::Result<()> {
    let folder = std::env::args().nth(1).expect("a folder");
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder)?;
    let plain = Pe::default().build();
    let signed = sign(&plain, &Signing::default());
    // The digest of the file leaves out the checksum and the entry of the table.
    let optional = 128 + 24;
    let mut hasher = Sha256::new();
    for (from, to) in [
        (0, optional + 64),
        (optional + 68, optional + 144),
        (optional + 152, plain.len()),
    ] {
        hasher.update(plain.get(from..to).unwrap_or_default());
    }
    let digest = hasher.finalize().to_vec();
    let package = [
        Node::Stream("\u{4840}\u{3b3f}\u{43f2}".to_owned(), vec![1; 300]),
        Node::Stream("\u{3b19}\u{47ff}".to_owned(), vec![2; 9000]),
        Node::Storage(
            "Folder".to_owned(),
            vec![Node::Stream("inside".to_owned(), vec![3; 70])],
        ),
    ];
    for (name, bytes) in [
        ("plain.exe", plain),
        ("signed.exe", signed),
        ("listed.cat", catalog(&[digest], &Signing::default())),
        ("package.msi", compound(&package)),
        ("root.der", root_certificate()),
        ("members.cab", cabinet(&[("a.txt", b"hello"), ("b.bin", &[7; 100_000])])),
        ("program.elf", Elf::default().build()),
    ] {
        std::fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
