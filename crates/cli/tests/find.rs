//! `watchfire find` as a person meets it, and as a pipe does.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::Bed;
use std::process::Stdio;
use watchfire_testkit::archive::Zip;

/// A program of Windows, as far as its first bytes tell.
fn program() -> Vec<u8> {
    let mut bytes = vec![0; 136];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[60] = 128;
    bytes[128..132].copy_from_slice(b"PE\0\0");
    bytes
}

/// What is found, in order of names: a search has none.
#[track_caller]
fn check(bed: &Bed, arguments: &[&str], expected: &[&str]) {
    let ran = bed.run(&[&["find", "-q"], arguments].concat());
    let mut found: Vec<&str> = ran.stdout.lines().collect();
    found.sort_unstable();
    assert_eq!((found.as_slice(), ran.code), (expected, 0), "{ran:#?}");
}

fn bed(name: &str) -> Bed {
    let bed = Bed::new(name);
    bed.write("disk/setup.EXE", "not a program");
    bed.write("disk/holiday.jpg", program());
    bed.write("disk/.cache/a/svchost", program());
    bed.write("disk/notes.txt", "Write-Host 1");
    bed.write("disk/run.ps1", "Write-Host 1");
    bed.write("disk/tool", "#!/bin/sh\necho\n");
    bed.write("disk/plain.zip", Zip::new().file("a.txt", b"text").build());
    bed.write("disk/app.dat", Zip::new().file("META-INF/MANIFEST.MF", b"x").build());
    bed.write("disk/empty.exe", "");
    bed
}

#[test]
fn names_alone_are_the_common_script_s_job() {
    let bed = bed("find-names");
    check(
        &bed,
        &["--name", "*.exe", "disk"],
        &["disk/empty.exe", "disk/setup.EXE"],
    );
    check(
        &bed,
        &["-e", "exe,ps1", "disk"],
        &["disk/empty.exe", "disk/run.ps1", "disk/setup.EXE"],
    );
    check(&bed, &["-n", "svch?st*", "disk/"], &["disk/.cache/a/svchost"]);
    check(&bed, &["-n", "svch?st*", "-d", "1", "disk"], &[]);
    check(&bed, &["-e", "exe", "--max-size", "0", "disk"], &["disk/empty.exe"]);
    check(&bed, &["-e", "exe", "--min-size", "1", "disk"], &["disk/setup.EXE"]);
    check(&bed, &["-e", "exe", "--changed-before", "2020-01-01", "disk"], &[]);
    check(&bed, &["-n", "*", "disk/setup.EXE"], &["disk/setup.EXE"]);
}

#[test]
fn what_can_act_is_told_by_content() {
    let bed = bed("find-content");
    let all = [
        "java\tdisk/app.dat",
        "pe\tdisk/.cache/a/svchost",
        "pe\tdisk/holiday.jpg",
        "script\tdisk/run.ps1",
        "script\tdisk/tool",
    ];
    check(&bed, &["-l", "disk"], &all);
    check(
        &bed,
        &["--kind", "pe", "disk"],
        &["disk/.cache/a/svchost", "disk/holiday.jpg"],
    );
    check(
        &bed,
        &["--kind", "pe", "--name", "*.jpg", "disk"],
        &["disk/holiday.jpg"],
    );
    check(
        &bed,
        &["-l", "-e", "exe", "disk"],
        &["-\tdisk/empty.exe", "-\tdisk/setup.EXE"],
    );
}

#[cfg(unix)]
#[test]
fn permissions_and_owners_are_asked_for() {
    use std::fs::{Permissions, metadata, set_permissions};
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let bed = bed("find-modes");
    let tool = bed.folder.join("in/disk/tool");
    set_permissions(&tool, Permissions::from_mode(0o4755)).unwrap();
    check(&bed, &["--mode", "setuid,executable", "disk"], &["disk/tool"]);
    let owner = metadata(&tool).unwrap().uid().to_string();
    check(&bed, &["--mode", "setuid", "--owner", &owner, "disk"], &["disk/tool"]);
    check(&bed, &["--mode", "setuid", "--owner", "4294967294", "disk"], &[]);
}

#[cfg(unix)]
#[test]
fn names_go_through_a_pipe_as_they_are_and_to_eyes_escaped() {
    use std::os::unix::ffi::OsStrExt;
    let bed = Bed::new("find-escapes");
    let folder = bed.folder.join("in/disk");
    std::fs::create_dir_all(&folder).unwrap();
    let name = std::ffi::OsStr::from_bytes(b"a\x1b[2J\nb.exe");
    std::fs::write(folder.join(name), "").unwrap();
    assert_eq!(
        bed.run(&["find", "-q", "-e", "exe", "disk"]).stdout,
        "disk/a\x1b[2J\nb.exe\n"
    );
    assert_eq!(
        bed.run(&["find", "-q", "-0", "-e", "exe", "disk"]).stdout,
        "disk/a\x1b[2J\nb.exe\0"
    );
    let shown = bed.run(&["find", "-q", "-l", "-e", "exe", "disk"]).stdout;
    assert_eq!(shown, "-\tdisk/a\\u{1b}[2J\\u{a}b.exe\n");
}

#[test]
fn what_is_missing_is_named_and_the_rest_is_done() {
    let bed = bed("find-missing");
    let ran = bed.run(&["find", "-e", "ps1", "nowhere", "disk"]);
    ran.expect(3, &["error: cannot read 'nowhere': there is no such file or folder"]);
    assert_eq!(ran.stdout, "disk/run.ps1\n");
    assert!(ran.stderr.contains("1 of 9 files · 1 could not be read"), "{ran:#?}");
    bed.run(&["find", "nowhere"]).expect(2, &[]);
}

#[test]
fn what_makes_no_sense_is_said_with_what_does() {
    let bed = Bed::new("find-usage");
    for (arguments, error, hint) in [
        (
            &["--kind", "scripts", "."][..],
            "error: unknown kind 'scripts'",
            "hint: did you mean 'script'?",
        ),
        (
            &["--min-size", "big", "."],
            "error: 'big' is not a size",
            "hint: write '500', '10k', '2M' or '1GiB'",
        ),
        (
            &["--changed-within", "soon", "."],
            "error: 'soon' is neither a time nor a day",
            "hint: write '2d', '12h' or '2027-01-31'",
        ),
        (
            &["--mode", "sticky", "."],
            "error: unknown permission 'sticky'",
            "hint: known are setuid, setgid, world-writable, executable",
        ),
        (
            &["--name", "[", "."],
            "error: '[' is no pattern of names: unclosed character class; missing ']'",
            "hint: '*' stands for any characters, '?' for one, '[ab]' for one of these; quote it, or the shell reads it",
        ),
    ] {
        bed.run(&[&["find"], arguments].concat()).expect(2, &[error, hint]);
    }
}

#[test]
fn nobody_reading_any_more_is_no_failure() {
    let bed = Bed::new("find-pipe");
    for number in 0..30_000 {
        bed.write(
            &format!("disk/{}/a-name-that-fills-pipes-{number}.exe", number % 50),
            "",
        );
    }
    let mut command = bed.command(&["find", "-q", "-e", "exe", "disk"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}

#[test]
fn what_is_to_be_left_out_is_left_out_and_counted() {
    let bed = bed("find-exclude");
    let scripts =
        |arguments: &[&str], expected: &[&str]| check(&bed, &[arguments, &["--list", "disk"]].concat(), expected);
    let (app, hidden, holiday) = ("disk/app.dat", "disk/.cache/a/svchost", "disk/holiday.jpg");
    let (run, tool) = ("disk/run.ps1", "disk/tool");
    scripts(&[], &[hidden, app, holiday, run, tool]);
    scripts(&["--exclude", ".CACHE", "-E", "*.ps1"], &[app, holiday, tool]);
    scripts(&["-E", ".cache/*/svchost", "-E", "/disk/tool"], &[app, holiday, run]);
    bed.write("disk/.gitignore", "*.jpg\n/tool\n.cache/\n");
    bed.write("disk/.ignore", "!tool\n");
    scripts(&[], &[hidden, app, holiday, run, tool]);
    scripts(&["--ignore-files"], &[app, run, tool]);
    let ran = bed.run(&["find", "--ignore-files", "--judge", "disk"]);
    assert!(ran.stdout.contains("left out: as asked 2"), "{ran:#?}");
    bed.run(&["find", "--exclude", "[", "disk"]).expect(
        2,
        &["error: '[' is no pattern of names: unclosed character class; missing ']'"],
    );
}

/// Every ELF of this system, where it is one of those.
#[cfg(target_os = "linux")]
#[test]
fn every_elf_of_a_system_is_recognised_and_nothing_else() {
    use std::io::Read;
    let roots: Vec<&str> = ["/usr/bin", "/usr/lib"]
        .into_iter()
        .filter(|root| std::path::Path::new(root).is_dir())
        .collect();
    if roots.is_empty() {
        common::skipped("there is no /usr/bin and no /usr/lib here");
        return;
    }
    let bed = Bed::new("find-elf");
    let run = |arguments: &[&str]| {
        let ran = bed.run(&[&["find", "-q", "-0"], arguments, &roots[..]].concat());
        let mut paths: Vec<String> = ran
            .stdout
            .split('\0')
            .filter(|path| !path.is_empty())
            .map(str::to_owned)
            .collect();
        paths.sort_unstable();
        paths
    };
    let is_elf = |path: &String| {
        let mut start = [0; 4];
        let file = std::fs::File::open(path);
        file.and_then(|mut file| file.read_exact(&mut start)).is_ok() && &start == b"\x7fELF"
    };
    let expected: Vec<String> = run(&["--name", "*"]).into_iter().filter(is_elf).collect();
    assert_eq!(run(&["--kind", "elf"]), expected);
    assert!(!expected.is_empty());
}
