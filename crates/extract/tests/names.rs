//! What a name is: a host, a file, a class, a scanner's word for malware, or an abbreviation of prose.

#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]

use watchfire_extract::{Extractor, Options};
use watchfire_model::{Confidence, ObservableType as T};

/// `text` contains exactly `expected`, in order of first occurrence; parts of URLs apart.
fn check(text: &str, expected: &[(T, &str)]) {
    let found: Vec<_> = seen(text).into_iter().map(|(kind, value, _)| (kind, value)).collect();
    let found: Vec<_> = found.iter().map(|(kind, value)| (*kind, value.as_str())).collect();
    assert_eq!(found, expected, "in {text:?}");
}

fn seen(text: &str) -> Vec<(T, String, Confidence)> {
    let observed = Extractor::new(Options::default()).extract(text.as_bytes()).observed;
    let alone = observed.into_iter().filter(|seen| seen.via.is_none());
    alone
        .map(|seen| {
            (
                seen.observable.kind(),
                seen.observable.raw().to_owned(),
                seen.confidence,
            )
        })
        .collect()
}

#[test]
fn names_that_scanners_give_to_malware_are_no_hosts() {
    for text in [
        "Detected as Win32/Turla.CC and Win64/Agent.AZ.",
        "a variant of OSX/Agent.DJ trojan, VBS/Pterodo.SC, WinGo/Agent.IN or MSIL/Spy.AI",
        "Trojan.Win32.Agent.ms | Trojan-Downloader.JS.Agent.am | HEUR:Trojan.Script.Agent.gg",
        "Trojan:Win32/Emotet.PA!MTB and Emotet.PA!MTB",
        "Backdoor.Linux.Mirai.ws, Exploit.MSOffice.Agent.ai",
    ] {
        check(text, &[]);
    }
    check("Exploit.MSWord.CVE-2015-2424.ai", &[(T::Cve, "CVE-2015-2424")]);
    assert_eq!(
        seen("named Glupteba.AI today"),
        [(T::Domain, "glupteba.ai".into(), Confidence::Low)]
    );
    check(
        "Trojan.com, EVIL.RU, www/Agent.RU",
        &[
            (T::Domain, "trojan.com"),
            (T::Domain, "evil.ru"),
            (T::Domain, "agent.ru"),
        ],
    );
}

#[test]
fn packages_and_classes_are_no_hosts() {
    for text in [
        "java.net.SocketException: Connection reset",
        "com.microsoft.Word and com.apple.Safari, com.Evil.app",
        "using System.IO; using Microsoft.Management",
        "import java.io.*;",
        "at android.os.Build.VERSION",
    ] {
        check(text, &[]);
    }
    check(
        "See evil.com.The attacker left. So did a.evil.net.Then",
        &[(T::Domain, "evil.com"), (T::Domain, "a.evil.net")],
    );
    assert_eq!(seen("com.google.android.photos")[0].2, Confidence::Low);
    check(
        "com.evil.ru com.example.com",
        &[(T::Domain, "com.evil.ru"), (T::Domain, "com.example.com")],
    );
}

#[test]
fn files_of_source_trees_are_no_hosts() {
    for text in [
        "Makefile.am config.in configure.ac libfoo.la",
        "./Makefile.in",
        "src/main.rs:12 and crates/x/src/agent.rs, cgi-bin/gate.pl",
    ] {
        check(text, &[]);
    }
    check("panicked in main.rs", &[(T::FileName, "main.rs")]);
    check("Safari.app/Contents/MacOS/Safari runs", &[(T::FileName, "Safari.app")]);
    check(
        "see blic.rs or Serbia/blic.rs, onet.pl, and/or amazon.in",
        &[(T::Domain, "blic.rs"), (T::Domain, "onet.pl"), (T::Domain, "amazon.in")],
    );
}

#[test]
fn services_that_attackers_use_are_hosts_whatever_their_ending() {
    check(
        "curl --upload-file x transfer.sh, not backup.sh",
        &[(T::Domain, "transfer.sh"), (T::FileName, "backup.sh")],
    );
}

#[test]
fn abbreviations_are_no_files() {
    check(
        "The U.S. government said at 10 a.m. that Ph.D. students in D.C. met J.R. Smith (n.d.), A.D. 2020, S.A. de C.V.",
        &[],
    );
    check("The U.S.A. and the U.S, e.g. Mirai.A and Agent.D, Win32/Agent.H", &[]);
    check(
        "Compiled from main.c and libfoo.a, unpacked from core.tar.Z.",
        &[
            (T::FileName, "main.c"),
            (T::FileName, "libfoo.a"),
            (T::FileName, "core.tar.Z"),
        ],
    );
}

#[test]
fn names_of_files_that_carry_malware_are_worth_more() {
    for name in [
        "a.exe",
        "a.lnk",
        "a.url",
        "a.scf",
        "a.iqy",
        "a.settingcontent-ms",
        "a.hta",
        "a.xlsm",
        "a.pdf",
        "a.eml",
        "a.zip",
        "shell.php",
        "cmd.aspx",
        "x.jsp",
        "x.asp",
        "login.html",
        "invoice.pdf.exe",
    ] {
        assert_eq!(seen(name), [(T::FileName, name.into(), Confidence::Medium)], "{name}");
    }
    for name in ["readme.md", "notes.txt", "a.log", "a.ini", "a.png", "main.rs", "main.c"] {
        assert_eq!(seen(name), [(T::FileName, name.into(), Confidence::Low)], "{name}");
    }
    for text in ["style.css", "response.url", "this.html"] {
        check(text, &[]);
    }
}
