//! A live capture from the notice to the audit log, in a process of its own: it gives its rights away.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test"
)]
#![cfg(target_os = "linux")]

use std::cell::RefCell;
use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use watchfire::live::{Ending, LiveBoard, LiveFiles, LiveRecords, LiveRequest, NOTICE, Stop, capture, interfaces};
use watchfire::model::network::{Event, Flow, RecordSink};
use watchfire::{CaptureRequest, Config, Surroundings, Value, Watchfire, existing_store};

/// Keeps flows.
#[derive(Default)]
struct Kept(Vec<Flow>);

impl RecordSink for Kept {
    fn event(&mut self, _: &Event) {}

    fn flow(&mut self, flow: &Flow) {
        self.0.push(flow.clone());
    }
}

/// Where the child of a process puts its files.
fn folder_of(process: u32) -> PathBuf {
    std::env::temp_dir().join(format!("watchfire-live-{process}"))
}

fn config(folder: &Path) -> Config {
    let mut config = Config::load(None, Surroundings::default()).expect("an empty configuration");
    let folder = Value::Text(folder.to_string_lossy().into_owned());
    config.set("data-dir", folder, "--data-dir");
    config
}

#[test]
fn a_capture_is_announced_and_written_down_and_runs_without_rights() {
    let is_root = fs::metadata("/proc/self").expect("this process").uid() == 0;
    if !is_root {
        println!("SKIPPED (not root)");
        return;
    }
    let nobody = watchfire_sources::live::Account::choose(None);
    if !nobody.is_ok_and(|nobody| nobody.is_known_here()) {
        println!("SKIPPED (this namespace knows no other user)");
        return;
    }
    let folder = folder_of(std::process::id());
    fs::create_dir_all(&folder).expect("a folder");
    let itself = std::env::current_exe().expect("this program");
    let child = Command::new(itself)
        .args(["--ignored", "--exact", "without_rights", "--nocapture"])
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    println!("{said}");
    assert!(
        child.status.success(),
        "{said}\n{}",
        String::from_utf8_lossy(&child.stderr)
    );
    assert!(said.contains("1 passed"), "{said}");
    if !said.contains("SKIPPED") {
        // What was written without rights is there, and the chain is whole.
        let store = existing_store(&config(&folder))
            .expect("it opens")
            .expect("it is there");
        assert_eq!(store.audit().verify().expect("whole").entries, 2);
        let entries = store.audit().latest(10).expect("entries");
        let told: Vec<_> = entries
            .iter()
            .map(|entry| (entry.action.as_str(), entry.subject.raw()))
            .collect();
        assert_eq!(told, [("capture-ended", "lo"), ("capture-begun", "lo")]);
        let (ended, begun) = (entries[0].detail.raw(), entries[1].detail.raw());
        assert!(
            ended.starts_with("there are as many frames as were asked for; 10 frames, "),
            "{ended}"
        );
        for part in [
            "everything that passes",
            "filter 'udp' in the kernel",
            "2 files of 1000000 bytes",
            "kept.pcapng",
        ] {
            assert!(begun.contains(part), "{begun}");
        }
    }
    fs::remove_dir_all(&folder).expect("it is there");
}

#[test]
#[ignore = "the child of the test above"]
fn without_rights() {
    let folder = folder_of(std::os::unix::process::parent_id());
    if !folder.exists() {
        println!("SKIPPED (nobody asked for it)");
        return;
    }
    let mut request = LiveRequest::new("lo");
    request.frames = Some(10);
    request.duration = Some(Duration::from_secs(20));
    request.filter = Some("udp".to_owned());
    request.files = Some(LiveFiles {
        path: folder.join("kept.pcapng"),
        size: 1_000_000,
        count: 2,
    });
    let said = RefCell::new(Vec::new());
    let say = |text: &str| said.borrow_mut().push(text.to_owned());
    let config = config(&folder);
    let watchfire = Watchfire::new(&config).expect("a configuration");
    let reading = watchfire
        .live_reading(&CaptureRequest::default())
        .expect("nothing is known");
    let mut live = match capture(&config, request, Stop::default(), &say) {
        Ok(live) => live,
        Err(problem) if problem.to_string().contains("does not work on this system") => {
            println!("SKIPPED ({problem})");
            return;
        }
        Err(problem) => panic!("{problem}"),
    };
    let said = said.into_inner();
    assert_eq!(said.len(), 3, "{said:?}");
    assert_eq!(said[0], format!("note: {NOTICE}"));
    assert!(said[1].contains("the kernel leaves out"), "{said:?}");
    assert!(said[2].contains("without privileges"), "{said:?}");
    assert!(fs::read("/etc/shadow").is_err());

    let board = LiveBoard::new("lo", None);
    board.watch(&mut live);
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket
        .connect(socket.local_addr().expect("an address"))
        .expect("itself");
    for _ in 0..50 {
        socket.send(&[b'x'; 1000]).expect("sent");
    }
    board.look();
    let mut kept = Kept::default();
    let mut records = LiveRecords::new(&board, Some(&mut kept));
    let report = reading.read(&mut live, Some(&mut records)).expect("a report");
    assert_eq!(report.coverage.inputs_read, 1);
    assert_eq!(report.artifacts[0].path.raw(), "live capture on lo");
    board.look();
    let snapshot = board.snapshot();
    assert_eq!(snapshot.counts.frames, 10);
    assert!(snapshot.flows > 0);
    assert!(snapshot.talkers.iter().any(|talker| talker.address.is_loopback()));
    assert!(
        snapshot.protocols.iter().any(|(name, ..)| name == "udp"),
        "{:?}",
        snapshot.protocols
    );
    // Others may speak on the loopback meanwhile, so nothing is said of how much it is.
    let own = snapshot
        .programs
        .iter()
        .find(|program| program.pid == Some(std::process::id()));
    assert!(
        own.is_some_and(|own| own.sent > 0 && own.received > 0),
        "{:?}",
        snapshot.programs
    );

    let named = kept.0.iter().any(|flow| {
        let process = flow.originator_process.as_deref();
        process.is_some_and(|process| process.pid == std::process::id() && !process.name.is_empty())
    });
    assert!(named, "{:?}", kept.0);

    let outcome = live.finish().expect("it is written down");
    assert_eq!((outcome.counts.frames, outcome.ending), (10, Some(Ending::Frames)));
    assert_eq!(outcome.files, [folder.join("kept-001.pcapng")]);
    assert_eq!(outcome.files_problem, None);
}

#[test]
fn interfaces_are_listed_with_what_goes_through_them() {
    let listed = interfaces(Some(Duration::from_millis(50))).expect("a list");
    let loopback = listed
        .iter()
        .find(|listed| listed.interface.name.raw() == "lo")
        .expect("a loopback");
    assert!(loopback.rate.is_some());
    assert!(
        interfaces(None)
            .expect("a list")
            .iter()
            .all(|listed| listed.rate.is_none())
    );
}

#[test]
fn what_cannot_be_captured_says_what_to_do() {
    let folder = folder_of(0);
    let refused = |request: LiveRequest| {
        let refused = capture(&config(&folder), request, Stop::default(), &|_| {})
            .err()
            .expect("refused");
        (refused.to_string(), refused.next_step().unwrap_or_default().to_owned())
    };
    let (message, hint) = refused(LiveRequest::new("loo"));
    assert_eq!(
        (message.as_str(), hint.as_str()),
        ("unknown interface 'loo'", "did you mean 'lo'?")
    );
    let mut as_root = LiveRequest::new("lo");
    as_root.user = Some("root".to_owned());
    let (message, _) = refused(as_root);
    assert_eq!(
        message,
        "cannot go on as 'root': it is root, which is no user without privileges"
    );
    assert!(!folder.exists());
}

/// A dashboard draws on one thread while another reads.
#[test]
fn a_capture_can_go_to_another_thread() {
    const fn can_go<T: Send>() {}
    const fn can_be_shared<T: Send + Sync>() {}
    const { can_go::<watchfire::live::LiveCapture>() };
    const { can_be_shared::<LiveBoard>() };
}
