//! What a walk over a whole tree finds, whatever lies in it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of a test stop it when the test bed fails"
)]

mod bed;

use bed::Folder;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use watchfire_sources::Links;
use watchfire_sources::tree::{Entry, Left, Rules, Visitor, visit};

/// States each step in a line.
struct Told<'t> {
    root: PathBuf,
    lines: &'t Mutex<Vec<String>>,
}

impl Told<'_> {
    fn tell(&self, path: &Path, what: &str) {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        let name = path.to_string_lossy().into_owned();
        self.lines.lock().unwrap().push(format!("{what}{name}"));
    }
}

impl Visitor for Told<'_> {
    fn file(&mut self, file: &Entry<'_>) {
        assert_eq!(file.path(), file.folder().join(file.name()));
        self.tell(&file.path(), "");
    }

    fn left(&mut self, path: &Path, why: Left) {
        self.tell(path, &format!("{why:?} "));
    }
}

fn told(folder: &Folder, roots: &[PathBuf], rules: &Rules, threads: usize) -> Vec<String> {
    let lines = Mutex::default();
    let visitors = visit(roots, rules, threads, || Told {
        root: folder.0.clone(),
        lines: &lines,
    });
    assert_eq!(visitors.len(), threads);
    drop(visitors);
    let mut lines: Vec<String> = lines.into_inner().unwrap();
    lines.sort();
    lines
}

#[track_caller]
fn check(folder: &Folder, roots: &[PathBuf], rules: &Rules, expected: &[&str]) {
    for threads in [1, 2, 5] {
        assert_eq!(told(folder, roots, rules, threads), expected, "{threads} threads");
    }
}

#[test]
fn every_file_once_whatever_the_threads() {
    let folder = Folder::new("tree-all");
    for name in ["b.txt", "a/z", "a/.hidden", "a/b/c/d/e", "C"] {
        folder.write(name, "");
    }
    let expected = ["C", "a/.hidden", "a/b/c/d/e", "a/z", "b.txt"];
    check(&folder, std::slice::from_ref(&folder.0), &Rules::default(), &expected);
    // The same folder named twice, and by a part of itself.
    let twice = [folder.0.clone(), folder.0.clone()];
    let with_again = ["Again ", "C", "a/.hidden", "a/b/c/d/e", "a/z", "b.txt"];
    check(&folder, &twice, &Rules::default(), &with_again);
}

#[test]
fn only_so_deep() {
    let folder = Folder::new("tree-deep");
    for name in ["0", "a/1", "a/b/2"] {
        folder.write(name, "");
    }
    let rules = Rules {
        deepest: Some(2),
        ..Rules::default()
    };
    check(&folder, std::slice::from_ref(&folder.0), &rules, &["0", "a/1"]);
}

#[test]
fn a_file_is_its_own_root_and_what_is_missing_is_said() {
    let folder = Folder::new("tree-file");
    let file = folder.write("x", "12");
    let roots = [file, folder.0.join("missing")];
    check(&folder, &roots, &Rules::default(), &["Failed(NotFound) missing", "x"]);
}

#[cfg(target_os = "linux")]
mod linux {
    use super::*;
    use rustix::fs::{CWD, FileType, Mode, OFlags, mkdirat, mknodat, openat};
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt;
    use std::os::unix::fs::symlink;
    use std::sync::Arc;
    use watchfire_sources::tree::Mounts;

    #[test]
    fn links_are_left_or_followed_and_loops_end() {
        let folder = Folder::new("tree-links");
        folder.write("a/x", "");
        folder.write("outside/y", "");
        symlink("..", folder.0.join("a/up")).unwrap();
        symlink("../outside", folder.0.join("a/out")).unwrap();
        symlink("x", folder.0.join("a/file")).unwrap();
        symlink("nowhere", folder.0.join("a/broken")).unwrap();
        symlink("itself", folder.0.join("a/itself")).unwrap();
        let left = [
            "Link a/broken",
            "Link a/file",
            "Link a/itself",
            "Link a/out",
            "Link a/up",
            "a/x",
        ];
        check(&folder, &[folder.0.join("a")], &Rules::default(), &left);
        let rules = Rules {
            links: Links::Follow,
            ..Rules::default()
        };
        let mut told = told(&folder, &[folder.0.join("a")], &rules, 1);
        // One of the two ways into each folder is taken; which, is a matter of order.
        let again = told.iter().filter(|line| line.starts_with("Again")).count();
        told.retain(|line| !line.starts_with("Again"));
        let files: Vec<&str> = told.iter().filter_map(|line| line.rsplit('/').next()).collect();
        assert_eq!((again, files.len()), (2, 5), "{told:?}");
        assert_eq!(files.iter().filter(|name| **name == "y").count(), 1, "{told:?}");
    }

    #[test]
    fn what_would_wait_for_ever_is_left() {
        let folder = Folder::new("tree-special");
        mknodat(CWD, folder.0.join("pipe"), FileType::Fifo, Mode::RUSR, 0).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(folder.0.join("socket")).unwrap();
        check(
            &folder,
            std::slice::from_ref(&folder.0),
            &Rules::default(),
            &["Special pipe", "Special socket"],
        );
        check(&folder, &[folder.0.join("pipe")], &Rules::default(), &["Special pipe"]);
    }

    #[test]
    fn names_are_bytes() {
        let folder = Folder::new("tree-names");
        let odd: Vec<Vec<u8>> = vec![
            b"\xff\xfe.exe".to_vec(),
            b"a\x1b[2Jb\nc".to_vec(),
            vec![b'x'; 255],
            "e\u{202e}gpj.exe".into(),
        ];
        for name in &odd {
            fs::write(folder.0.join(OsString::from_vec(name.clone())), "").unwrap();
        }
        let told = told(&folder, std::slice::from_ref(&folder.0), &Rules::default(), 2);
        let mut expected: Vec<String> = odd
            .iter()
            .map(|name| String::from_utf8_lossy(name).into_owned())
            .collect();
        expected.sort();
        assert_eq!(told, expected);
    }

    /// Reads what it finds.
    struct Reads(u64);

    impl Visitor for Reads {
        fn file(&mut self, file: &Entry<'_>) {
            let mut text = String::new();
            file.open().unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(file.status().unwrap().size, text.len() as u64);
            self.0 += text.len() as u64;
        }

        fn left(&mut self, path: &Path, why: Left) {
            panic!("{} {why:?}", path.display());
        }
    }

    #[test]
    fn a_path_may_be_longer_than_the_system_takes() {
        let folder = Folder::new("tree-long");
        let flags = OFlags::DIRECTORY | OFlags::CLOEXEC;
        let mut at = openat(CWD, &folder.0, flags, Mode::empty()).unwrap();
        for _ in 0..60 {
            mkdirat(&at, "d".repeat(250), Mode::RWXU).unwrap();
            at = openat(&at, "d".repeat(250), flags, Mode::empty()).unwrap();
        }
        let file = openat(&at, "x", OFlags::CREATE | OFlags::WRONLY, Mode::RUSR).unwrap();
        rustix::io::write(&file, b"deep").unwrap();
        let read = visit(std::slice::from_ref(&folder.0), &Rules::default(), 2, || Reads(0));
        assert_eq!(read.iter().map(|read| read.0).sum::<u64>(), 4);
    }

    #[test]
    fn one_folder_may_hold_a_hundred_thousand() {
        let folder = Folder::new("tree-wide");
        for number in 0..100_000 {
            fs::write(folder.0.join(format!("f{number}")), "").unwrap();
        }
        let told = told(&folder, std::slice::from_ref(&folder.0), &Rules::default(), 3);
        let mut distinct = told.clone();
        distinct.dedup();
        assert_eq!((told.len(), distinct.len()), (100_000, 100_000));
    }

    #[test]
    fn what_the_kernel_makes_up_is_left_unless_named() {
        let rules = Rules {
            deepest: Some(1),
            mounts: Some(Arc::new(Mounts::of_system())),
            ..Rules::default()
        };
        let folder = Folder::new("tree-mounts");
        let named = told(&folder, &["/proc".into()], &rules, 1);
        assert!(named.iter().any(|line| line == "/proc/version"), "{named:?}");
        let below = told(&folder, &["/".into()], &rules, 1);
        assert!(below.iter().any(|line| line == "Mount(Virtual) /proc"), "{below:?}");
    }
}
