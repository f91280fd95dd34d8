//! What a walk finds, in which order, and what following a file notices.

#![allow(
    clippy::unwrap_used,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod bed;

use bed::Folder;
use std::fs;
use std::path::Path;
use watchfire_sources::{Content, Follow, Found, Grown, Input, Links, Restart, walk};

/// Walks `path` and states each step in a line, relative to `folder`.
fn check(folder: &Folder, path: &Path, links: Links, expected: &[&str]) {
    let root = format!("{}/", folder.0.display());
    let found: Vec<String> = walk([Input::Path(path.into())], links)
        .map(|found| {
            match found {
                Found::Source(source) => source.name().to_string(),
                Found::Skipped(skipped) => format!("skipped {}: {}", skipped.name, skipped.reason),
                Found::Failed(error) => error.to_string(),
            }
            .replace(&root, "")
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn visits_everything_in_the_order_of_names() {
    let folder = Folder::new("order");
    for name in ["b.txt", "a/z", "a/.hidden", "C"] {
        folder.write(name, "");
    }
    check(&folder, &folder.0, Links::Skip, &["C", "a/.hidden", "a/z", "b.txt"]);
}

#[test]
fn says_what_is_missing() {
    let folder = Folder::new("missing");
    check(
        &folder,
        &folder.0.join("none"),
        Links::Skip,
        &["cannot read 'none': there is no such file or folder"],
    );
}

#[cfg(unix)]
#[test]
fn a_loop_of_folders_ends() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new("loop");
    folder.write("a/file", "");
    symlink(&folder.0, folder.0.join("a/up")).unwrap();
    symlink("self", folder.0.join("self")).unwrap();
    check(
        &folder,
        &folder.0,
        Links::Follow,
        &[
            "a/file",
            "skipped a/up: the folder it leads to was read already",
            "cannot read 'self': the symbolic link leads back to itself",
        ],
    );
    check(
        &folder,
        &folder.0,
        Links::Skip,
        &[
            "a/file",
            "skipped a/up: it is a symbolic link",
            "skipped self: it is a symbolic link",
        ],
    );
}

#[cfg(unix)]
#[test]
fn devices_and_sockets_are_refused() {
    let folder = Folder::new("special");
    let _socket = std::os::unix::net::UnixListener::bind(folder.0.join("socket")).unwrap();
    check(
        &folder,
        &folder.0,
        Links::Skip,
        &["cannot read 'socket': it is a socket"],
    );
    check(
        &folder,
        Path::new("/dev/null"),
        Links::Skip,
        &["cannot read '/dev/null': it is a device"],
    );
}

#[test]
fn more_than_the_limit_comes_in_two_parts() {
    let folder = Folder::new("limit");
    let path = folder.write("file", "abcdef");
    let Some(Found::Source(source)) = walk([Input::Path(path)], Links::Skip).next() else {
        panic!("a file is a source");
    };
    assert!(matches!(source.read(6).unwrap(), Content::Whole(bytes) if bytes == b"abcdef"));
    let Content::Larger { start, mut rest } = source.read(3).unwrap() else {
        panic!("six bytes are more than three");
    };
    let mut all = start;
    std::io::Read::read_to_end(&mut rest, &mut all).unwrap();
    assert_eq!(all, b"abcdef");
}

#[test]
fn following_notices_growth_truncation_and_rotation() {
    let folder = Folder::new("follow");
    let path = folder.write("log", "one");
    let Some(Found::Source(source)) = walk([Input::Path(path.clone())], Links::Skip).next() else {
        panic!("a file is a source");
    };
    let mut follow = Follow::open(source).unwrap();
    let mut buffer = [0; 16];
    assert_eq!(follow.poll(&mut buffer).unwrap(), Grown::Data(3));
    assert_eq!(follow.poll(&mut buffer).unwrap(), Grown::Idle);
    fs::write(&path, "onetwo").unwrap();
    assert_eq!(follow.poll(&mut buffer).unwrap(), Grown::Data(3));
    fs::write(&path, "x").unwrap();
    assert_eq!(follow.poll(&mut buffer).unwrap(), Grown::Restarted(Restart::Truncated));
    assert_eq!(follow.poll(&mut buffer).unwrap(), Grown::Data(1));
    fs::rename(&path, folder.0.join("log.1")).unwrap();
    assert_eq!(follow.poll(&mut buffer).unwrap(), Grown::Idle);
    folder.write("log", "new");
    assert_eq!(follow.poll(&mut buffer).unwrap(), Grown::Idle);
    // Who writes it has not noticed yet.
    append(&folder.0.join("log.1"), "old");
    assert_eq!(follow.poll(&mut buffer).unwrap(), Grown::Data(3));
    assert_eq!(until_restarted(&mut follow), Some(Restart::Rotated));
    assert_eq!(follow.poll(&mut buffer).unwrap(), Grown::Data(3));
    assert_eq!(&buffer[..3], b"new");
}

#[test]
fn following_loses_no_file_between_two_rotations() {
    let folder = Folder::new("follow-twice");
    let path = folder.write("log", "a");
    let Some(Found::Source(source)) = walk([Input::Path(path.clone())], Links::Skip).next() else {
        panic!("a file is a source");
    };
    let mut follow = Follow::open(source).unwrap();
    let mut buffer = [0; 16];
    assert_eq!(follow.poll(&mut buffer).unwrap(), Grown::Data(1));
    for (old, new) in [("log.1", "b"), ("log.2", "c")] {
        fs::rename(&path, folder.0.join(old)).unwrap();
        folder.write("log", new);
        if new == "b" {
            assert_eq!(follow.poll(&mut buffer).unwrap(), Grown::Idle);
        }
    }
    for expected in [b'b', b'c'] {
        assert_eq!(until_restarted(&mut follow), Some(Restart::Rotated));
        assert_eq!(follow.poll(&mut buffer).unwrap(), Grown::Data(1));
        assert_eq!(buffer[0], expected);
    }
}

fn append(path: &std::path::Path, text: &str) {
    use std::io::Write;
    let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

/// Polls until the file begins anew, which it does soon.
fn until_restarted(follow: &mut Follow) -> Option<Restart> {
    (0..20).find_map(|_| match follow.poll(&mut [0; 16]).unwrap() {
        Grown::Restarted(restart) => Some(restart),
        _ => None,
    })
}
