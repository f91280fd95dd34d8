//! Giving rights away for good, with a capture open: in a process of its own, for it changes the process.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test"
)]
#![cfg(target_os = "linux")]

use std::fs;
use std::io::Read;
use std::net::UdpSocket;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use watchfire_sources::live::{Account, Dropped, Live, LiveError, LiveOptions, RingFiles, Stop, drop_privileges};

/// Where the child of a process puts its files.
fn folder_of(process: u32) -> PathBuf {
    std::env::temp_dir().join(format!("watchfire-privileges-{process}"))
}

#[test]
fn a_capture_goes_on_without_rights_and_its_files_belong_to_the_new_user() {
    let is_root = fs::metadata("/proc/self").expect("this process").uid() == 0;
    if !is_root {
        println!("SKIPPED (not root)");
        return;
    }
    if !Account::choose(Some("65534")).is_ok_and(|nobody| nobody.is_known_here()) {
        println!("SKIPPED (this namespace knows no other user)");
        return;
    }
    let folder = folder_of(std::process::id());
    fs::create_dir_all(&folder).expect("a folder");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o711)).expect("its own");
    let itself = std::env::current_exe().expect("this program");
    let child = Command::new(itself)
        .args(["--ignored", "--exact", "without_rights", "--nocapture"])
        .output()
        .expect("it runs");
    fs::remove_dir_all(&folder).expect("it is there");
    let said = String::from_utf8_lossy(&child.stdout);
    println!("{said}");
    assert!(
        child.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&child.stderr)
    );
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "the child of the test above"]
fn without_rights() {
    let folder = folder_of(std::os::unix::process::parent_id());
    if !folder.exists() {
        println!("SKIPPED (nobody asked for it)");
        return;
    }
    let mut options = LiveOptions::new("lo");
    options.longest = Some(Duration::from_secs(20));
    options.most_frames = Some(60);
    let mut live = match Live::open(options.clone(), Stop::default()) {
        Ok(live) => live,
        Err(why @ (LiveError::NotPermitted | LiveError::Unsupported)) => {
            println!("SKIPPED ({why})");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let nobody = Account::choose(Some("65534")).expect("a number is enough");
    let path = folder.join("kept.pcapng");
    let files = RingFiles::create(&path, 1 << 20, 2, Some(&nobody)).expect("files");
    live.record(files);

    let dropped = drop_privileges(&nobody).expect("rights can be given away");
    assert!(
        matches!(&dropped, Dropped::Became { account, .. } if *account == nobody),
        "{dropped}"
    );
    assert_eq!(drop_privileges(&nobody).ok(), Some(Dropped::Nothing));
    // Nothing that root alone may do works any more.
    assert!(fs::read("/etc/shadow").is_err());
    assert!(fs::write(folder.join("new"), "").is_err());
    assert!(matches!(
        Live::open(options, Stop::default()),
        Err(LiveError::NotPermitted)
    ));

    // What was opened before goes on, and the files take turns.
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket
        .connect(socket.local_addr().expect("an address"))
        .expect("itself");
    for _ in 0..60 {
        socket.send(&[b'z'; 60_000]).expect("sent");
    }
    let mut bytes = Vec::new();
    live.read_to_end(&mut bytes).expect("a capture");
    let files = live.files().expect("files");
    assert!(files.problem().is_none(), "{:?}", files.problem());
    let written = files.written();
    assert_eq!(written.len(), 2);
    for path in written {
        let metadata = fs::metadata(path).expect("a file");
        assert_eq!((metadata.uid(), metadata.mode() & 0o777), (65_534, 0o600));
        assert!(metadata.len() > 28 && metadata.len() <= 1 << 20);
    }
}
