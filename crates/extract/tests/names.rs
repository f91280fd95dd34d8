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

/// The confidence of what is found in `text`, which is one thing.
fn confidence(text: &str) -> Confidence {
    let found = seen(text);
    assert_eq!(found.len(), 1, "{found:?} in {text:?}");
    found[0].2
}

#[test]
fn sub_techniques_stand_behind_a_slash_in_addresses() {
    let found = Extractor::new(Options::default()).extract(b"https://attack.mitre.org/techniques/T1059/001/");
    let found: Vec<_> = found.observed.iter().map(|seen| seen.observable.raw()).collect();
    assert!(found.contains(&"T1059.001") && !found.contains(&"T1059"), "{found:?}");
    check(
        "used T1059/001 and T1566.001/x",
        &[(T::AttackTechnique, "T1059.001"), (T::AttackTechnique, "T1566.001")],
    );
    check("used T1059/999", &[(T::AttackTechnique, "T1059")]);
}

#[test]
fn a_letter_and_four_digits_alone_may_be_anything() {
    for text in [
        "We met in room M1036.",
        "The part T1059 is out of stock",
        &format!("T1059 {} T1566", "x ".repeat(300)),
    ] {
        assert!(
            seen(text)
                .iter()
                .all(|(_, _, confidence)| *confidence == Confidence::Medium),
            "{text}"
        );
    }
    for text in [
        "MITRE ATT&CK: T1059",
        "the technique T1059",
        "attack.t1059",
        "Mitigations: M1036",
        "tactic TA0001",
    ] {
        assert_eq!(confidence(text), Confidence::High, "{text}");
    }
    assert!(
        seen("T1059 T1566")
            .iter()
            .all(|(_, _, confidence)| *confidence == Confidence::High)
    );
    assert!(
        seen("T1059.001")
            .iter()
            .all(|(_, _, confidence)| *confidence == Confidence::High)
    );
}

#[test]
fn numbers_of_catalogues_have_several_spellings() {
    for text in [
        "ASN 15169",
        "ASN: 15169",
        "ASN:15169",
        "AS 15169",
        "AS15169",
        "asn15169",
    ] {
        check(&format!("from {text}, again"), &[(T::Asn, "AS15169")]);
    }
    check("as 15169 people, AS 400, ASN 1-2, as: 5, ASN", &[]);
    check(
        "CVE-2021-45046/45105 and CVE-2021-44228/x, CVE-2020-1234/12",
        &[
            (T::Cve, "CVE-2021-45046"),
            (T::Cve, "CVE-2021-45105"),
            (T::Cve, "CVE-2021-44228"),
            (T::Cve, "CVE-2020-1234"),
        ],
    );
    let found = Extractor::new(Options::default()).extract(b"https://news.example/cve-2024-30051/112618");
    let cves = found.observed.iter().filter(|seen| seen.observable.kind() == T::Cve);
    assert_eq!(
        cves.map(|seen| seen.observable.raw()).collect::<Vec<_>>(),
        ["CVE-2024-30051"]
    );
    check(
        "CPE:2.3:a:apache:log4j:2.14.1:*:*:*:*:*:*:* CPE:/o:linux:linux_kernel",
        &[
            (T::Cpe, "cpe:2.3:a:apache:log4j:2.14.1:*:*:*:*:*:*:*"),
            (T::Cpe, "cpe:/o:linux:linux_kernel"),
        ],
    );
}

#[test]
fn programs_that_fetch_are_user_agents() {
    let log = |agent: &str| format!("\"GET / HTTP/1.1\" 200 12 \"-\" \"{agent}\"\n");
    for agent in [
        "curl/7.68.0",
        "python-requests/2.28.1",
        "sqlmap/1.5.2#stable (http)",
        "Wget/1.20.3 (linux-gnu)",
        "Go-http-client/1.1",
        "Apache-HttpClient/4.5.13 (Java/1.8.0_131)",
        "SomethingNew/7.22.1",
    ] {
        check(&log(agent), &[(T::UserAgent, agent)]);
    }
    check(
        "{\"ua\": \"curl/8.10.1\"} fetched with curl/8.10.1.",
        &[(T::UserAgent, "curl/8.10.1")],
    );
    check("curl/8.10.1/index.html and \"nginx/1.18.0\" HTTP/1.1 lib/2.3.4", &[]);
}

#[test]
fn a_checksum_that_was_verified_is_told() {
    assert_eq!(
        confidence("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"),
        Confidence::High
    );
    assert_eq!(
        confidence("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
        Confidence::Medium
    );
    assert_eq!(confidence("expyuzz4wqqyqhjn.onion"), Confidence::Medium);
    assert_eq!(
        confidence("2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"),
        Confidence::High
    );
}

#[test]
fn backslashes_of_json_are_no_share() {
    check(r#"{"path": "\\AppData\\Local\\x"}"#, &[]);
    check(r"\\server\share\a.txt", &[(T::FilePath, r"\\server\share\a.txt")]);
    check(
        r#""\\\\server\\share\\a.txt""#,
        &[(T::FilePath, r"\\server\share\a.txt")],
    );
}

#[test]
fn hives_have_one_name() {
    check(
        r"HKLM\Software\X, HKEY_LOCAL_MACHINE\Software\X, \REGISTRY\MACHINE\Software\X; hklm:\Software\X",
        &[(T::RegistryKey, r"HKLM\Software\X")],
    );
    check(r"c:\temp\x.dll, C:\temp\x.dll", &[(T::FilePath, r"C:\temp\x.dll")]);
}

const A: &str = "0cc175b9c0f1b6a831c399e269772661";
const B: &str = "92eb5ffee6ae2fec3ad71c777531578f";
const C: &str = "4a8a08f09d37b73795649038408b5f33";

/// `text`, in which A and B stand for digests, has these types of them, in order.
fn check_digests(text: &str, expected: &[T]) {
    let text = text.replace("A1", A).replace("B1", B).replace("C1", C);
    let found: Vec<_> = seen(&text)
        .into_iter()
        .filter(|(_, value, _)| value.len() == 32)
        .map(|(kind, _, _)| kind)
        .collect();
    assert_eq!(found, expected, "in {text:?}");
}

#[test]
fn titles_of_columns_name_digests() {
    check_digests("md5,imphash\nA1,B1", &[T::Md5, T::Imphash]);
    check_digests(
        "imphash;md5\r\nA1;B1\r\nC1;A1\r\n",
        &[T::Imphash, T::Md5, T::Imphash, T::Md5],
    );
    check_digests("| imphash | md5 |\n|---|---|\n| A1 | B1 |", &[T::Imphash, T::Md5]);
    check_digests(
        "name,imphash,md5\nx.exe,A1,B1\n\"y, z.exe\",\"C1\",\"\"",
        &[T::Imphash, T::Md5, T::Imphash],
    );
    check_digests("Seen\tJA3 fingerprint\tMD5 hash\n1\tA1\tB1", &[T::Ja3, T::Md5]);
    // The table has ended.
    check_digests("name,imphash\nx,A1\n\nAnd these:\n1,B1", &[T::Imphash, T::Md5]);
}

#[test]
fn a_word_names_a_digest_of_its_own_line() {
    check_digests("Imphash (PE) = \"A1\"", &[T::Imphash]);
    check_digests("The JA3 of the TLS client was A1.", &[T::Ja3]);
    check_digests("Imphash\nA1\n", &[T::Imphash]);
    check_digests("## Imphash:\n\nA1\n", &[T::Imphash]);
    check_digests("MD5 imphash\nA1 x", &[T::Md5]);
    check_digests("imphash: A1, md5: B1", &[T::Imphash, T::Md5]);
    check_digests("The JA3 is known. The file A1 is not.", &[T::Md5]);
}

#[test]
fn titles_reach_the_same_rows_however_a_text_is_cut() {
    let mut text = "first line\n".repeat(23_000);
    for number in 0..3_000_u32 {
        if number % 40 == 0 {
            text.push_str("\nid,imphash\n");
        }
        text.push_str(&format!(
            "{number},{:032x}\n",
            u128::from(number) * 0x9E37_79B9_7F4A_7C15_F39C
        ));
    }
    let extractor = Extractor::new(Options::default());
    let count = |observed: &[watchfire_model::Observed]| -> Vec<(T, String, u64)> {
        let mut all: Vec<_> = observed
            .iter()
            .map(|seen| (seen.observable.kind(), seen.observable.raw().to_owned(), seen.count))
            .collect();
        all.sort();
        all
    };
    let whole = count(&extractor.extract_without_memory(text.as_bytes()).observed);
    assert!(whole.iter().filter(|(kind, ..)| *kind == T::Imphash).count() > 1_000);
    assert_eq!(count(&extractor.extract(text.as_bytes()).observed), whole);
    let mut pieces = Vec::new();
    let mut session = extractor.session();
    for piece in text.as_bytes().chunks(777) {
        session.push(piece, &mut |seen| pieces.push(seen));
    }
    session.finish(&mut |seen| pieces.push(seen));
    assert_eq!(
        count(&pieces).len(),
        whole.iter().map(|(_, _, count)| *count as usize).sum::<usize>()
    );
}

#[test]
fn capitals_make_no_difference_on_windows() {
    let check = |text: &str, value: &str, count: u64| {
        let extractor = Extractor::new(Options::default());
        // Long enough for several scanners.
        let long = format!("{text}\n{}", "nothing to see here\n".repeat(400_000));
        for observed in [
            extractor.extract(text.as_bytes()).observed,
            extractor
                .extract_reader(&mut long.as_bytes(), 2)
                .expect("it is read")
                .observed,
        ] {
            let [seen] = observed.as_slice() else {
                panic!("one observable in {text:?}, not {observed:?}")
            };
            assert_eq!((seen.observable.raw(), seen.count), (value, count), "in {text:?}");
        }
    };
    check(
        r"HKCU\Software\Evil and HKEY_CURRENT_USER\SOFTWARE\EVIL, hkcu\software\evil",
        r"HKCU\Software\Evil",
        3,
    );
    check(r"C:\Temp\Evil.exe, c:\TEMP\evil.EXE", r"C:\Temp\Evil.exe", 2);
    check(r"C:\\Temp\\Evil.exe and C:\temp\evil.exe", r"C:\Temp\Evil.exe", 2);
    check(
        r"file:///C:/Temp/Evil%20x.exe, C:\temp\evil x.exe",
        r"C:\Temp\Evil x.exe",
        2,
    );
}

#[test]
fn a_public_suffix_alone_is_no_host() {
    for text in [
        "[name].co[.]uk",
        "<company>.com[.]br",
        "at co.uk, gov.au and asso.fr",
        "(x).ac.jp",
    ] {
        check(text, &[]);
    }
    check(
        "evil.co.uk, bit.ly, duckdns[.]org, t.co",
        &[
            (T::Domain, "evil.co.uk"),
            (T::Domain, "bit.ly"),
            (T::Domain, "duckdns.org"),
            (T::Domain, "t.co"),
        ],
    );
}

#[test]
fn the_local_part_of_an_address_is_neither_file_nor_host() {
    for name in ["x.y", "john.me", "jane.doc", "a.exe", "first.pl", "j.ps"] {
        for before in ["", "%3C", "<", "to=", "mailto:", "%2F", "\\u003c"] {
            let text = format!("mail {before}{name}@corp.com%3E now");
            let found = seen(&text);
            assert!(
                found.iter().all(|(kind, ..)| *kind == T::Email),
                "{found:?} in {text:?}"
            );
            assert!(
                found.iter().any(|(kind, ..)| *kind == T::Email),
                "{found:?} in {text:?}"
            );
        }
    }
}

#[test]
fn names_of_products_are_hardly_files_or_hosts() {
    for name in [
        "Node.js",
        "Vue.js",
        "Next.js",
        "D3.js",
        "Socket.io",
        "Draw.io",
        "ASP.NET",
        "VB.NET",
    ] {
        for text in [
            format!("written in {name} for servers"),
            format!("{name}, a framework"),
            format!("(e.g. {name})"),
            format!("It uses {name}."),
        ] {
            let found = seen(&text);
            assert!(
                found.iter().all(|(.., sure)| *sure == Confidence::Low),
                "{found:?} in {text:?}"
            );
        }
    }
    for text in [
        "run node.js now",
        "Invoice_88.js is bad",
        "open \"Invoice.js\"",
        "saw evil.io",
        "at Evil[.]io today",
    ] {
        let found = seen(text);
        assert!(
            found.iter().any(|(.., sure)| *sure > Confidence::Low),
            "{found:?} in {text:?}"
        );
    }
}

#[test]
fn programs_say_who_they_are_where_user_agents_stand() {
    for agent in [
        "sqlmap/1.5",
        "curl/8.0.1",
        "python-requests/2.31",
        "Go-http-client/1.1",
        "Nmap Scripting Engine",
        "WhatWeb/0.5.5",
    ] {
        for text in [
            format!("User-Agent: {agent}"),
            format!("GET / HTTP/1.1\r\nuser-agent: {agent}\r\nHost: x\r\n"),
            format!("{{\"user_agent\":\"{agent}\",\"status\":200}}"),
            format!("{{\"http.user-agent\": \"{agent}\"}}"),
            format!("\"GET / HTTP/1.1\\r\\nUser-Agent: {agent}\\r\\nHost: x\\r\\n\""),
            format!("src=1 http_user_agent=\"{agent}\" status=200"),
        ] {
            check(&text, &[(T::UserAgent, agent)]);
        }
    }
    check(
        "user_agent=sqlmap/1.5#stable status=200",
        &[(T::UserAgent, "sqlmap/1.5#stable")],
    );
    check(
        "seen sqlmap/1.5 and okhttp/4.9 in http/1.1",
        &[(T::UserAgent, "sqlmap/1.5"), (T::UserAgent, "okhttp/4.9")],
    );
    for text in [
        "user_agent: ",
        "user_agent=",
        "the user-agent",
        "{\"user_agent\": null}",
        "user_agent = agent_user",
    ] {
        let found = seen(text);
        assert!(
            found.len() <= 1 && !text.contains("null") || found.is_empty(),
            "{found:?} in {text:?}"
        );
    }
}

#[test]
fn the_first_word_of_a_sentence_is_no_extension() {
    for text in ["No way.So it is", "then.So", "and so on.Zip it", "the end.Py"] {
        let found = seen(text);
        assert!(
            found
                .iter()
                .all(|(kind, _, confidence)| *kind != T::FileName && *confidence == Confidence::Low),
            "{text}: {found:?}"
        );
    }
    for name in ["libx.so", "SETUP.PY", "Setup.Py", "a.zip"] {
        assert!(seen(name).iter().any(|(kind, ..)| *kind == T::FileName), "{name}");
    }
}
