//! `watchfire config key`: keys go in without being seen, lie where nobody else can read them, and come out nowhere.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

mod common;

use common::{Bed, Ran};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use watchfire_standin::Standin;

const KEY: &str = "S3CR3T-0123456789abcdef";

fn kept(bed: &Bed, name: &str) -> PathBuf {
    bed.folder.join("home/.config/watchfire/keys").join(name)
}

#[track_caller]
fn keep(bed: &Bed, provider: &str, text: &str) -> Ran {
    let ran = bed.pipe(&["config", "key", provider], text.as_bytes());
    assert!(
        !ran.stdout.contains("S3CR3T") && !ran.stderr.contains("S3CR3T"),
        "{ran:#?}"
    );
    ran
}

fn mode(path: &PathBuf) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_key_is_kept_where_only_its_owner_can_read_it_and_is_used() {
    let bed = Bed::new("keys-kept");
    let standin = Standin::start().unwrap();
    let check = |code, stderr: &str| {
        let mut command = bed.command(&["check", "91.240.118.172", "--online", "--only-providers", "abuseipdb"]);
        command.env("WATCHFIRE_PROVIDERS_ABUSEIPDB_URL", standin.base("abuseipdb"));
        let ran = Bed::finish(command, b"");
        assert!(ran.code == code && ran.stderr.contains(stderr), "{ran:#?}");
        ran
    };
    assert!(check(0, "").stdout.contains("no key (watchfire config key NAME)"));
    let told = keep(&bed, "abuseipdb", &format!("{KEY}\n"));
    assert!(
        told.code == 0 && told.stderr.contains("the key of AbuseIPDB is kept in"),
        "{told:#?}"
    );
    let path = kept(&bed, "abuseipdb");
    assert_eq!(
        (mode(&path), fs::read_to_string(&path).unwrap()),
        (0o600, format!("{KEY}\n"))
    );
    assert_eq!(mode(&path.parent().unwrap().to_owned()), 0o700);
    assert!(check(0, "").stdout.contains("score 87"));
    let doctor = bed.wide(&["config", "doctor"]);
    assert!(
        doctor.stdout.contains("key from ") && !doctor.stdout.contains("S3CR3T"),
        "{doctor:#?}"
    );

    // Where others could read it, it is as good as published.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    check(2, "others can read it");
    // A new one takes its place, and its place is private again.
    keep(&bed, "abuseipdb", "another-key").expect(0, &[]);
    assert_eq!(
        (mode(&path), fs::read_to_string(&path).unwrap().as_str()),
        (0o600, "another-key\n")
    );

    let gone = bed.run(&["config", "key", "abuseipdb", "--remove"]);
    assert!(
        gone.code == 0 && gone.stderr.contains("is removed") && !path.exists(),
        "{gone:#?}"
    );
    let again = bed.run(&["config", "key", "abuseipdb", "--remove"]);
    assert!(
        again.code == 0 && again.stderr.contains("no key of AbuseIPDB is kept"),
        "{again:#?}"
    );
}

#[test]
fn providers_of_one_publisher_share_a_key() {
    let bed = Bed::new("keys-shared");
    let told = keep(&bed, "threatfox", KEY);
    assert!(
        told.stderr.contains("URLhaus, ThreatFox and MalwareBazaar"),
        "{told:#?}"
    );
    let doctor = bed.wide(&["config", "doctor"]);
    for name in ["urlhaus", "threatfox", "malwarebazaar"] {
        let line = doctor
            .stdout
            .lines()
            .find(|line| line.contains(&format!("provider {name} ")));
        assert!(line.is_some_and(|line| line.contains("keys/abusech")), "{line:?}");
    }
}

#[test]
fn what_is_no_key_is_refused_and_nothing_is_kept() {
    let bed = Bed::new("keys-refused");
    for text in ["", "\n", "  \n", "ключ\n", "a\u{1b}b\n"] {
        let ran = keep(&bed, "virustotal", text);
        assert!(
            ran.code == 2 && ran.stderr.contains("error: that is no key"),
            "{text:?}: {ran:#?}"
        );
    }
    let long = keep(&bed, "virustotal", &"k".repeat(5000));
    assert!(
        long.code == 2 && long.stderr.contains("longer than 4096 bytes"),
        "{long:#?}"
    );
    assert!(!kept(&bed, "virustotal").exists());
    bed.run(&["config", "key", "virustotl"]).expect(
        2,
        &[
            "error: unknown provider 'virustotl'",
            "hint: did you mean 'virustotal'?",
        ],
    );
    let none = bed.run(&["config", "key", "rdap"]);
    assert!(
        none.code == 2 && none.stderr.contains("error: RDAP takes no key"),
        "{none:#?}"
    );
    assert!(!kept(&bed, "").exists());
    let mut homeless = bed.command(&["config", "key", "virustotal"]);
    homeless.env_remove("HOME").stdin(Stdio::piped());
    let ran = Bed::finish(homeless, KEY.as_bytes());
    assert!(
        ran.code == 2 && ran.stderr.contains("no home folder is known"),
        "{ran:#?}"
    );
}

#[test]
fn what_goes_before_a_kept_key_is_told() {
    let bed = Bed::new("keys-order");
    let mut command = bed.command(&["config", "key", "virustotal"]);
    command.env("WATCHFIRE_VIRUSTOTAL_KEY", KEY).stdin(Stdio::piped());
    let ran = Bed::finish(command, b"other");
    assert!(
        ran.stderr
            .contains("WATCHFIRE_VIRUSTOTAL_KEY is set in the environment, and goes before it"),
        "{ran:#?}"
    );
    let mut command = bed.command(&["config", "doctor"]);
    command.env("WATCHFIRE_VIRUSTOTAL_KEY", KEY);
    assert!(
        Bed::finish(command, b"")
            .stdout
            .contains("key from WATCHFIRE_VIRUSTOTAL_KEY")
    );
}

#[test]
fn a_terminal_does_not_show_what_is_typed() {
    let bed = Bed::new("keys-typed");
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
    let open = || File::options().read(true).write(true).open(&name).unwrap();
    // As long as one end is open here, what the terminal shows can be read to the end.
    let terminal = open();
    let mut command = bed.command(&["config", "key", "virustotal"]);
    command.stdin(Stdio::from(open())).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut errors = child.stderr.take().unwrap();
    let mut prompt = String::new();
    while !prompt.ends_with(": ") {
        let mut byte = [0];
        errors.read_exact(&mut byte).unwrap();
        prompt.push(char::from(byte[0]));
    }
    assert_eq!(prompt, "key of VirusTotal, which is not shown: ");
    let mut keyboard = File::from(master);
    keyboard.write_all(format!("{KEY}\n").as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    let modes = rustix::termios::tcgetattr(&terminal).unwrap().local_modes;
    assert!(
        modes.contains(rustix::termios::LocalModes::ECHO),
        "the terminal is as it was"
    );
    drop(terminal);
    let mut shown = [0; 256];
    let length = keyboard.read(&mut shown).unwrap_or(0);
    let shown = String::from_utf8_lossy(&shown[..length]).into_owned();
    assert!(!shown.contains("S3CR3T"), "{shown}");
    assert_eq!(
        fs::read_to_string(kept(&bed, "virustotal")).unwrap(),
        format!("{KEY}\n")
    );
}

#[test]
fn a_key_is_not_written_through_a_link_and_not_cut() {
    let bed = Bed::new("keys-link");
    let path = kept(&bed, "abuseipdb");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let other = bed.write("other", "as it was");
    std::os::unix::fs::symlink(&other, &path).unwrap();
    let ran = keep(&bed, "abuseipdb", KEY);
    assert!(ran.code == 2 && ran.stderr.contains("it is a link"), "{ran:#?}");
    assert_eq!(fs::read_to_string(&other).unwrap(), "as it was");
    fs::remove_file(&path).unwrap();
    for length in [4097, 9000] {
        let ran = keep(&bed, "abuseipdb", &"k".repeat(length));
        assert!(
            ran.code == 2 && ran.stderr.contains("longer than 4096 bytes"),
            "{ran:#?}"
        );
        assert!(!path.exists());
    }
}
