//! Input that is missing, refused, broken or hostile: a clear message, the right exit code, and the rest of the batch.

mod common;

use common::{Bed, skipped};
use std::fs;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

const GOOD: &str = "the address 203.0.113.7 was seen\n";

/// Runs both big verbs over `arguments` after `in/good.txt`; each must finish with `code`, say `stderr`, and have read
/// the good file.
#[track_caller]
fn check_batch(bed: &Bed, arguments: &[&str], code: i32, stderr: &[&str]) {
    bed.write("good.txt", GOOD);
    for verb in ["extract", "triage"] {
        let mut all = vec![verb, "--format", "ndjson", "good.txt"];
        all.extend(arguments);
        let ran = bed.run(&all);
        ran.expect(code, stderr);
        assert!(
            ran.stdout.contains("203.0.113.7"),
            "{verb}: the good file was not read: {ran:#?}"
        );
    }
}

/// Runs both big verbs over `arguments` alone: nothing can be read.
#[track_caller]
fn check_nothing(bed: &Bed, arguments: &[&str], stderr: &[&str]) {
    for verb in ["extract", "triage"] {
        let mut all = vec![verb];
        all.extend(arguments);
        bed.run(&all).expect(2, stderr);
    }
}

#[test]
fn a_missing_file() {
    let bed = Bed::new("missing");
    let said = [
        "error: cannot read 'none': there is no such file or folder",
        "hint: check the spelling; '-' reads standard input",
    ];
    check_nothing(&bed, &["none"], &said);
    for (format, says_something) in [("text", false), ("json", true)] {
        let ran = bed.run(&["triage", "--format", format, "none"]);
        ran.expect(2, &said);
        assert_eq!(!ran.stdout.is_empty(), says_something, "{ran:#?}");
    }
    check_batch(&bed, &["none"], 3, &said);
}

#[test]
fn an_empty_folder() {
    let bed = Bed::new("empty-folder");
    check_nothing(&bed, &["."], &["error: there is nothing to read"]);
}

#[cfg(unix)]
#[test]
fn permission_denied() {
    use std::os::unix::fs::PermissionsExt;
    let bed = Bed::new("denied");
    let path = bed.write("secret.txt", GOOD);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        return permission_denied_to_somebody_else(&bed);
    }
    let said = ["error: cannot read 'secret.txt': permission denied"];
    check_nothing(&bed, &["secret.txt"], &said);
    check_batch(&bed, &["secret.txt"], 3, &said);
}

/// The superuser may read everything, so the command runs as somebody else.
#[cfg(unix)]
fn permission_denied_to_somebody_else(bed: &Bed) {
    bed.write("good.txt", GOOD);
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(env!("CARGO_BIN_EXE_watchfire"))
        .args(["extract", "--format", "ndjson", "good.txt", "secret.txt"])
        .current_dir(bed.folder.join("in"))
        .env("HOME", bed.folder.join("home"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if !command.status().is_ok_and(|status| status.code() == Some(3)) {
        return skipped("permission_denied: this user may read everything and cannot become another");
    }
    let ran = Bed::finish(command, b"");
    ran.expect(3, &["error: cannot read 'secret.txt': permission denied"]);
    assert!(ran.stdout.contains("203.0.113.7"), "{ran:#?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_fails_while_it_is_read() {
    // The first page of a process is never mapped: opening succeeds, reading does not.
    let bed = Bed::new("failing");
    let said = ["error: cannot read '/proc/self/mem': input/output error"];
    check_nothing(&bed, &["/proc/self/mem"], &said);
    check_batch(&bed, &["/proc/self/mem"], 3, &said);
}

#[cfg(unix)]
#[test]
fn a_folder_that_leads_back_to_itself() {
    let bed = Bed::new("loop");
    fs::create_dir(bed.folder.join("in/a")).unwrap();
    std::os::unix::fs::symlink("..", bed.folder.join("in/a/up")).unwrap();
    check_batch(&bed, &["a"], 0, &["note: skipped 'a/up': it is a symbolic link"]);
    let said = ["note: skipped 'a/up/a': the folder it leads to was read already"];
    check_batch(&bed, &["-L", "a"], 0, &said);
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_to_itself() {
    let bed = Bed::new("self-link");
    std::os::unix::fs::symlink("self", bed.folder.join("in/self")).unwrap();
    let said = ["error: cannot read 'self': the symbolic link leads back to itself"];
    check_nothing(&bed, &["self"], &said);
    check_batch(&bed, &["self"], 3, &said);
}

#[cfg(unix)]
#[test]
fn a_device() {
    let bed = Bed::new("device");
    let said = [
        "error: cannot read '/dev/null': it is a device",
        "hint: copy it to an image file first, or pipe it in with '-'",
    ];
    check_nothing(&bed, &["/dev/null"], &said);
    check_batch(&bed, &["/dev/null"], 3, &said);
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_read_only_when_it_is_named() {
    let bed = Bed::new("fifo");
    let pipe = bed.folder.join("in/pipe");
    if !Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .is_ok_and(|status| status.success())
    {
        return skipped("a_named_pipe_is_read_only_when_it_is_named: there is no mkfifo");
    }
    check_batch(&bed, &["."], 3, &["error: cannot read './pipe': it is a named pipe"]);
    let feeder = std::thread::spawn(move || fs::write(pipe, "from the pipe: 198.51.100.9\n").unwrap());
    let ran = bed.run(&["extract", "--format", "ndjson", "pipe"]);
    feeder.join().unwrap();
    ran.expect(0, &[]);
    assert!(ran.stdout.contains("198.51.100.9"), "{ran:#?}");
}

#[test]
fn empty_input() {
    let bed = Bed::new("empty");
    bed.write("nothing", "");
    let ran = bed.run(&["extract", "nothing"]);
    assert_eq!(ran.expect(0, &[]).stdout, " nothing  0 B · no observables\n");
    bed.run(&["triage", "nothing"]).expect(0, &[]);
    bed.pipe(&["extract", "-"], b"").expect(0, &[]);
}

#[test]
fn invalid_utf8_and_nul_bytes() {
    let bed = Bed::new("bytes");
    let mut content = GOOD.as_bytes().to_vec();
    content.extend((0..=255).rev());
    content.extend(b"\xff\xfe\xc3\x28 and 198.51.100.9\n\0\0\0");
    bed.write("bytes.bin", &content);
    for format in ["text", "json", "ndjson", "csv"] {
        for verb in ["extract", "triage"] {
            let ran = bed.run(&[verb, "--raw", "--format", format, "--top", "0", "bytes.bin"]);
            ran.expect(0, &[]);
            assert!(ran.stdout.contains("198.51.100.9"), "{verb} {format}: {ran:#?}");
        }
    }
}

#[test]
fn containers_that_nothing_opens() {
    // They can be read, so they are no errors; what is in them is not known, and that is said.
    let bed = Bed::new("unopened");
    bed.write("a.lz", b"LZIP\x01\x0c and 203.0.113.7 in a string\0");
    let said = "identified, not opened: lzip stream; only its strings were looked at";
    let ran = bed.run(&["triage", "--fail-on", "suspicious", "a.lz"]);
    ran.expect(0, &[]);
    assert!(ran.stdout.contains(&format!("a.lz: {said}")), "{ran:#?}");
    let extracted = bed.run(&["extract", "a.lz"]);
    extracted.expect(
        0,
        &["note: a.lz: identified, not opened: lzip stream; it was read as the bytes it is"],
    );
    assert!(extracted.stdout.contains("203[.]0[.]113[.]7"), "{extracted:#?}");
    assert!(
        ran.stdout.contains("UNKNOWN") && ran.stdout.contains("0 of 1 artifact read in full"),
        "{ran:#?}"
    );
}

#[test]
fn one_very_long_line() {
    let bed = Bed::new("long-line");
    let mut content = "x".repeat(5 << 20);
    content.push_str(" 203.0.113.7 ");
    content.push_str(&".".repeat(1 << 20));
    bed.write("line.txt", &content);
    let ran = bed.run(&["extract", "--format", "ndjson", "line.txt"]);
    ran.expect(0, &[]);
    let lines = ran.json_lines();
    assert_eq!(
        lines.first().and_then(|line| line["start"].as_u64()),
        Some((5 << 20) + 1),
        "{ran:?}"
    );
}

/// Bytes of the line in [`a_line_without_end`]; `WATCHFIRE_LONG_LINE` asks for fewer. A build for tests needs seven
/// seconds for it.
const LONG_LINE: u64 = 1 << 30;

#[test]
fn a_line_without_end() {
    let length = std::env::var("WATCHFIRE_LONG_LINE")
        .ok()
        .and_then(|said| said.parse().ok());
    let length: u64 = length.unwrap_or(LONG_LINE);
    let bed = Bed::new("endless-line");
    let mut command = bed.command(&["extract", "--format", "ndjson", "-"]);
    command.stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let feeder = std::thread::spawn(move || {
        // Words, since nobody writes a gigabyte without a blank by accident, and then one word.
        let block = "word 10.0.0 x=1;y=2, ".repeat(50_000);
        let mut written = 0;
        while written < length {
            let block = if written < length / 2 {
                block.clone()
            } else {
                "x".repeat(block.len())
            };
            pipe.write_all(block.as_bytes()).unwrap();
            written += block.len() as u64;
        }
        pipe.write_all(b" 203.0.113.7 ").unwrap();
        written
    });
    let output = child.wait_with_output().unwrap();
    let written = feeder.join().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stdout = String::from_utf8(output.stdout).unwrap();
    let last = stdout
        .lines()
        .find(|line| line.contains("203.0.113.7"))
        .expect("it is found at the end");
    assert!(
        last.contains(&format!(
            "\"start\":{},\"end\":{},\"line\":1,",
            written + 1,
            written + 12
        )),
        "{last}"
    );
}

#[test]
fn a_closed_pipe_is_success() {
    let bed = Bed::new("pipe");
    let line = "203.0.113.7 hxxp://a[.]example/\n".repeat(1 << 16);
    bed.write("many.txt", &line);
    for arguments in [
        &["extract", "--all", "--format", "csv", "many.txt"][..],
        &["defang", "many.txt"],
    ] {
        let mut child = bed.command(arguments).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        stdout.read_exact(&mut [0; 4]).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert!(!stderr.contains("error"), "{stderr}");
    }
}

#[cfg(unix)]
#[test]
fn terminal_escapes_never_reach_a_stream() {
    let bed = Bed::new("escapes");
    let hostile = "\u{1b}[2J\u{9b}31m\u{202e}";
    let name = format!("a{hostile}b.txt");
    bed.write(
        &name,
        format!("{hostile} http://evil.example/{hostile}x 203.0.113.7{hostile}\n"),
    );
    bed.write("plain.txt", format!("<a href=\"http://evil.example/\">{hostile}</a>"));
    for format in ["text", "json", "ndjson", "csv"] {
        for arguments in [
            &["extract", "--context", "20", "."][..],
            &["extract", "--all", "."],
            &["triage", "."],
            &["triage", "--raw", "."],
            &["triage", "--ascii", "."],
        ] {
            let mut all = arguments.to_vec();
            all.extend(["--format", format]);
            let ran = bed.run(&all);
            for stream in [&ran.stdout, &ran.stderr] {
                let leaked = stream
                    .chars()
                    .find(|c| (c.is_control() && !"\n\r".contains(*c)) || *c == '\u{202e}');
                assert_eq!(leaked, None, "{all:?}: {stream}");
            }
        }
    }
    let missing = format!("none{hostile}");
    let ran = bed.run(&["extract", &missing]);
    assert!(!ran.stderr.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{ran:?}");
}

#[cfg(unix)]
#[test]
fn names_that_are_not_utf8() {
    use std::os::unix::ffi::OsStrExt;
    let bed = Bed::new("names");
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9.txt");
    fs::write(bed.folder.join("in").join(name), GOOD).unwrap();
    for path in [std::ffi::OsStr::new("."), name] {
        let mut command = bed.command(&["extract", "--format", "ndjson"]);
        command.arg(path);
        let ran = Bed::finish(command, b"");
        ran.expect(0, &[]);
        assert!(ran.stdout.contains("caf\u{fffd}.txt"), "{ran:#?}");
    }
}

#[test]
fn output_that_cannot_be_written() {
    let bed = Bed::new("unwritable");
    bed.write("good.txt", GOOD);
    let ran = bed.run(&["extract", "good.txt", "--output", "no/such/folder/out.txt"]);
    assert_eq!(ran.code, 2, "{ran:#?}");
    assert!(
        ran.stderr.starts_with("error: cannot write 'no/such/folder/out.txt'"),
        "{ran:#?}"
    );
    if cfg!(target_os = "linux") {
        let mut command = bed.command(&["extract", "good.txt"]);
        command.stdout(Stdio::from(
            fs::OpenOptions::new().write(true).open("/dev/full").unwrap(),
        ));
        let ran = Bed::finish(command, b"");
        assert_eq!(ran.code, 2, "{ran:#?}");
        assert!(ran.stderr.contains("error: cannot write the result"), "{ran:#?}");
    }
}
