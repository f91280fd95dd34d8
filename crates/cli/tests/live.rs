//! `watchfire capture --live`, on the loopback: from the notice to the report. Whoever may not capture sees `SKIPPED`.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]
#![cfg(target_os = "linux")]

mod common;

use common::{Bed, Ran, schema};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Speaks on the loopback while `work` is done.
fn while_speaking<T>(work: impl FnOnce() -> T) -> T {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.connect(socket.local_addr().unwrap()).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let _ = socket.send(b"something");
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let result = work();
        over.store(true, Ordering::Relaxed);
        result
    })
}

/// Logs in by FTP, in clear, again and again while `work` is done.
fn while_logging_in<T>(work: impl FnOnce() -> T) -> T {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while let Ok((client, _)) = listener.accept() {
                if over.load(Ordering::Relaxed) {
                    return;
                }
                let _ = serve(&client);
            }
        });
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let _ = log_in(address);
            }
            // Whoever serves waits for one more.
            let _ = TcpStream::connect(address);
        });
        let result = work();
        over.store(true, Ordering::Relaxed);
        result
    })
}

fn serve(client: &TcpStream) -> std::io::Result<()> {
    let mut client = client;
    client.write_all(b"220 ready\r\n")?;
    for line in BufReader::new(client).lines() {
        client.write_all(match line?.split(' ').next() {
            Some("USER") => b"331 go on\r\n",
            Some("PASS") => b"230 welcome\r\n",
            _ => b"221 good bye\r\n",
        })?;
    }
    Ok(())
}

fn log_in(address: SocketAddr) -> std::io::Result<()> {
    let server = TcpStream::connect(address)?;
    server.set_read_timeout(Some(Duration::from_secs(1)))?;
    let (mut answers, mut line) = (BufReader::new(&server), String::new());
    answers.read_line(&mut line)?;
    for command in ["USER clerk\r\n", "PASS hunter2\r\n", "QUIT\r\n"] {
        (&server).write_all(command.as_bytes())?;
        answers.read_line(&mut line)?;
    }
    Ok(())
}

fn may_not(ran: &Ran) -> bool {
    let why = ["this user may not capture", "live capture does not work on this system"];
    let may_not = why.iter().any(|why| ran.stderr.contains(why));
    if may_not {
        println!("SKIPPED ({})", ran.stderr.trim());
    }
    may_not
}

#[test]
fn interfaces_are_listed() {
    let ran = Bed::new("interfaces").wide(&["capture", "--list-interfaces", "--rates"]);
    ran.expect(0, &[]);
    assert!(
        ran.stdout.contains("INTERFACE") && ran.stdout.contains("IN/s"),
        "{ran:#?}"
    );
    assert!(
        ran.stdout
            .lines()
            .any(|line| line.contains(" lo ") && line.contains("127.0.0.1/8")),
        "{ran:#?}"
    );
}

#[test]
fn a_live_capture_is_judged_kept_and_written_down() {
    let bed = Bed::new("live");
    let arguments = [
        "capture",
        "--live",
        "lo",
        "--frames",
        "20",
        "--duration",
        "60s",
        "--ring",
        "kept.pcapng",
        "--ring-files",
        "1",
        "--format",
        "json",
    ];
    let ran = while_speaking(|| bed.run(&arguments));
    if may_not(&ran) {
        return;
    }
    ran.expect(0, &[]);
    let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("a report");
    assert_eq!(report["artifacts"][0]["capture"]["frames"], 20, "{report:#}");
    for said in [
        "note: capturing what others send",
        " 20 frames, ",
        " kept in kept.pcapng",
    ] {
        assert!(ran.stderr.contains(said), "{ran:#?}");
    }
    // What was kept is read as any capture.
    let again = bed.run(&["capture", "kept.pcapng", "--format", "json"]);
    let again: serde_json::Value = serde_json::from_str(&again.stdout).expect("a report");
    assert_eq!(again["artifacts"][0]["capture"]["frames"], 20, "{again:#}");
    // And never written over.
    let refused = bed.run(&arguments);
    refused.expect(2, &["error: cannot write 'kept.pcapng': it is there already"]);
    bed.run(&["store", "check"]).expect(0, &[]);
}

#[test]
fn what_would_be_found_is_told_while_it_goes_on() {
    let bed = Bed::new("live-alerts");
    let run = |format: &str| {
        let arguments = [
            "capture",
            "--live",
            "lo",
            "--frames",
            "4000",
            "--duration",
            "60s",
            "--format",
            format,
        ];
        while_logging_in(|| bed.run(&arguments))
    };
    let ran = run("ndjson");
    if may_not(&ran) {
        return;
    }
    let lines = ran.json_lines();
    let place = |kind: &str| lines.iter().position(|line| line["record"] == kind);
    let alert = place("alert").expect("an alert");
    assert_eq!(lines[alert]["detector"], "clear-login", "{:#}", lines[alert]);
    assert!(Some(alert) < place("finding"), "it comes before the report");
    let schema: serde_json::Value = serde_json::from_str(&bed.run(&["schema", "record"]).stdout).expect("a schema");
    assert_eq!(schema::problems(&schema, &lines[alert]), Vec::<String>::new());
    assert!(!ran.stdout.contains("hunter2"), "{}", ran.stdout);
    assert!(!ran.stderr.contains(" · frame "), "{}", ran.stderr);
    // Where the format has no place for it, a line on standard error is.
    let ran = run("text");
    let told = ran
        .stderr
        .lines()
        .find(|line| line.contains(" · frame "))
        .expect("a line");
    assert!(
        told.contains("passwords in clear over ftp to 127[.]0[.]0[.]1"),
        "{told}"
    );
}

#[test]
fn a_signal_ends_it_with_a_report() {
    let bed = Bed::new("live-signal");
    let mut command = bed.command(&["capture", "--live", "lo", "--duration", "60s"]);
    while_speaking(|| {
        let mut child = command.spawn().unwrap();
        let mut stderr = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        // The notice comes before anything is opened, what follows it after.
        while !said.contains("the capture is open") && !said.contains("error: ") {
            let before = said.len();
            stderr.read_line(&mut said).unwrap();
            if said.len() == before {
                break;
            }
        }
        if !said.contains("the capture is open") {
            println!("SKIPPED ({})", said.trim());
            let _ = child.kill();
            child.wait().unwrap();
            return;
        }
        std::thread::sleep(Duration::from_millis(300));
        let killed = Command::new("sh")
            .args(["-c", &format!("kill -TERM {}", child.id())])
            .status()
            .unwrap();
        assert!(killed.success());
        stderr.read_to_string(&mut said).unwrap();
        let mut stdout = String::new();
        child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        let status = child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{said}\n{stdout}");
        assert!(said.contains(", stopped"), "{said}");
        assert!(stdout.contains("live capture on lo"), "{stdout}");
    });
}

#[test]
fn a_result_goes_to_a_new_file_once_the_interface_is_open() {
    let bed = Bed::new("live-output");
    let to = |name: &str, interface: &str| {
        let arguments = [
            "capture",
            "--live",
            interface,
            "--frames",
            "5",
            "--duration",
            "60s",
            "-o",
            name,
        ];
        while_speaking(|| bed.run(&arguments))
    };
    // A capture that does not begin leaves nothing behind, and nothing is written over or through a link.
    bed.write("old.txt", "old");
    std::os::unix::fs::symlink("old.txt", bed.folder.join("in/link.txt")).unwrap();
    to("new.txt", "nowhere0").expect(2, &[]);
    assert!(!bed.folder.join("in/new.txt").exists());
    for name in ["old.txt", "link.txt"] {
        let ran = to(name, "lo");
        if may_not(&ran) {
            return;
        }
        ran.expect(2, &[&format!("error: cannot write '{name}': it is there already")]);
    }
    assert_eq!(fs::read(bed.folder.join("in/old.txt")).unwrap(), b"old");
    to("new.txt", "lo").expect(0, &[]);
    let made = fs::metadata(bed.folder.join("in/new.txt")).unwrap();
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&made.permissions()) & 0o777,
        0o600
    );
    assert!(made.len() > 0);
}

#[test]
fn a_filter_is_written_down_and_what_it_leaves_out_is_told() {
    let bed = Bed::new("live-filter");
    let ran = while_speaking(|| {
        bed.run(&[
            "capture",
            "--live",
            "lo",
            "--frames",
            "5",
            "--duration",
            "60s",
            "--filter",
            "udp",
        ])
    });
    if may_not(&ran) {
        return;
    }
    ran.expect(0, &[]);
    assert!(
        holds(&bed.folder.join("home"), b"filter 'udp'"),
        "the audit log names it"
    );
}

/// Whether a file below a folder has these bytes in it.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, bytes);
        }
        let content = fs::read(path).unwrap();
        content.windows(bytes.len()).any(|window| window == bytes)
    })
}

#[test]
fn what_makes_no_sense_is_refused() {
    let bed = Bed::new("live-refused");
    bed.run(&["capture", "--live", "loo", "--i-may-capture"])
        .expect(2, &["error: unknown interface 'loo'", "hint: did you mean 'lo'?"]);
    bed.run(&["capture", "--live", "lo", "--ring", "x", "--ring-size", "much"])
        .expect(2, &["error: 'much' is not a size"]);
    bed.run(&["capture", "--live", "lo", "file.pcap"]).expect(2, &[]);
    bed.run(&["capture", "--ring", "x"]).expect(2, &[]);
    for flags in [&["--online"][..], &["--pap", "GREEN"], &["-L"]] {
        let ran = bed.run(&[&["capture", "--live", "lo"], flags].concat());
        ran.expect(2, &[]);
        assert!(ran.stderr.contains("cannot be used with"), "{ran:#?}");
    }
    for flags in [&["--live", "lo"][..], &["--format", "json"], &["-o", "x"]] {
        let ran = bed.run(&[&["capture", "--list-interfaces"], flags].concat());
        ran.expect(2, &[]);
        assert!(ran.stderr.contains("cannot be used with"), "{ran:#?}");
    }
    assert!(fs::read_dir(bed.folder.join("in")).unwrap().next().is_none());
}
