//! What bytes are taken for, type by type.

use super::*;
use media::*;

fn named(name: &str) -> Hints {
    Hints {
        name: Some(name.into()),
        ..Hints::default()
    }
}

fn check(bytes: &[u8], expected: MediaType) {
    let found = identify(bytes, &Hints::default());
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
    assert_eq!((found.media_type, found.by), (expected, By::Content), "{shown:?}");
}

macro_rules! data {
    ($name:literal) => {
        include_bytes!(concat!("../../tests/data/", $name)).as_slice()
    };
}

/// A zip with empty members of these names.
fn zip_of(names: &[&str]) -> Vec<u8> {
    let parts: Vec<(&str, &[u8])> = names.iter().map(|&name| (name, b"".as_slice())).collect();
    zip_with(&parts)
}

fn zip_with(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in parts {
        out.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0");
        out.extend(crc32fast::hash(content).to_le_bytes());
        out.extend((content.len() as u32).to_le_bytes());
        out.extend((content.len() as u32).to_le_bytes());
        out.extend((name.len() as u16).to_le_bytes());
        out.extend([0, 0]);
        out.extend(name.as_bytes());
        out.extend(*content);
    }
    out
}

#[test]
fn containers_are_told_by_content() {
    check(data!("plain.zip"), ZIP);
    check(data!("plain.7z"), SEVEN_ZIP);
    check(data!("note.gz"), GZIP);
    check(data!("note.bz2"), BZIP2);
    check(data!("note.xz"), XZ);
    check(data!("note.lzma"), LZMA);
    check(data!("note.zst"), ZSTD);
    check(data!("note.lz4"), LZ4);
    check(data!("legacy.lz4"), LZ4);
    check(&miniz_oxide::deflate::compress_to_vec_zlib(&[7; 1000], 6), ZLIB);
    check(b"!<arch>\ndebian-binary   ", DEB);
    check(b"Rar!\x1a\x07\x01\0", RAR);
    check(&[&[0; 0x8001], b"CD001".as_slice()].concat(), ISO);
}

#[test]
fn formats_inside_zip_are_told_by_members() {
    check(&zip_of(&["META-INF/MANIFEST.MF", "a/B.class"]), JAR);
    check(&zip_of(&["AndroidManifest.xml", "classes.dex"]), APK);
    check(&zip_of(&["[Content_Types].xml", "word/document.xml"]), DOCX);
    let types = b"<Override ContentType=\"application/vnd.ms-excel.sheet.macroEnabled.main+xml\"/>";
    check(
        &zip_with(&[("[Content_Types].xml", types), ("xl/workbook.xml", b"")]),
        XLSM,
    );
    check(
        &zip_with(&[
            ("mimetype", b"application/vnd.oasis.opendocument.text"),
            ("content.xml", b""),
        ]),
        ODT,
    );
    check(&zip_of(&["readme.txt"]), ZIP);
}

#[test]
fn executables_are_told_by_content() {
    let mut pe = vec![0; 256];
    pe[..2].copy_from_slice(b"MZ");
    pe[60] = 0x80;
    pe[0x80..0x84].copy_from_slice(b"PE\0\0");
    check(&pe, PE);
    pe[0x80] = 0;
    check(&pe, MZ);
    check(b"\x7fELF\x02\x01\x01\0", ELF);
    check(b"\xca\xfe\xba\xbe\0\0\0\x02\0\0", MACH_O);
    check(b"\xca\xfe\xba\xbe\0\0\0\x34\0\0", JAVA_CLASS);
}

#[test]
fn a_pdf_header_may_come_late() {
    check(b"%PDF-1.7\n", PDF);
    check(&[&[b' '; 1000], b"%PDF-1.4\n".as_slice()].concat(), PDF);
}

#[test]
fn files_that_are_two_things_say_both() {
    let zip = data!("plain.zip");
    let picture = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), zip].concat();
    let found = identify(&picture, &Hints::default());
    assert_eq!((found.media_type, found.also), (PNG, Some(ZIP)));
    let extractor = identify(data!("prefixed.zip"), &Hints::default());
    assert_eq!((extractor.media_type, extractor.also), (MZ, Some(ZIP)));
    check(&[b"\x01\x02\x03 junk ", zip].concat(), ZIP);
}

#[test]
fn what_stands_in_a_mail_does_not_make_it_something_else() {
    let header = "From: x@y.example\r\nTo: z@y.example\r\nSubject: z\r\n";
    let pdf = format!("Return-Path: <%PDF-1.7@y.example>\r\n{header}\r\nbody");
    let tar = format!("X-P: {}ustar\r\n{header}\r\nbody", "a".repeat(252));
    let koly = format!("{header}\r\nbody koly{}", "x".repeat(508));
    let zeros = format!(
        "X: \0\u{1}\u{2}{}\r\n{header}\r\nbody{}",
        "\0".repeat(90),
        "\0".repeat(600)
    );
    let blank = format!("\r\n\r\n{header}\r\nbody");
    for mail in [&pdf, &tar, &koly, &zeros, &blank] {
        check(mail.as_bytes(), EML);
    }
    for mail in [&pdf, &tar, &koly, &zeros, &blank] {
        for name in ["a.eml", "cur/1700000000.M5P6.host:2,S"] {
            let found = identify(mail.as_bytes(), &named(name)).media_type;
            assert_eq!(found, EML, "{name} {mail:?}");
        }
        let hints = Hints {
            media_type: Some("message/rfc822".into()),
            ..Hints::default()
        };
        assert_eq!(identify(mail.as_bytes(), &hints).media_type, EML, "{mail:?}");
    }
    let claimed = |name: &str| Hints {
        media_type: Some(MAIL_CLAIM.into()),
        ..named(name)
    };
    assert_eq!(identify(pdf.as_bytes(), &claimed("a.pdf")).media_type, EML);
    assert_eq!(identify(b"no mail", &claimed("notes.txt")).media_type, MediaType::TEXT);
    // And the other way round: a header in front does not hide what is named, and opens, as something else.
    assert_eq!(identify(pdf.as_bytes(), &named("a.pdf")).media_type, PDF);
    assert_eq!(identify(b"%PDF-1.7\nFrom: x\n", &named("a.eml")).media_type, PDF);
    assert_eq!(identify(data!("plain.zip"), &named("a.eml")).media_type, ZIP);
    let mailbox = format!("From x@y.example Thu Jan  1 00:00:00 2026\r\n{pdf}");
    check(mailbox.as_bytes(), MBOX);
}

#[test]
fn text_formats_are_told_by_how_they_begin() {
    check(b"<!DOCTYPE html><html>", HTML);
    check(b"\n  <!-- x --><HTML>", HTML);
    check(b"<?xml version=\"1.0\"?><feed/>", XML);
    check(b"<?xml version=\"1.0\"?><!DOCTYPE svg><svg/>", SVG);
    check(b"<html><hta:application id=x>", HTA);
    check(b"{\"a\": 1}", JSON);
    check(b"[1, 2]", JSON);
    check(b"{\"a\":1}\n{\"a\":2}\n", NDJSON);
    check(b"{\"type\": \"bundle\", \"id\": \"bundle--1\", \"objects\": []}", STIX);
    check(b"#!/usr/bin/env python3\n", PYTHON);
    check(b"#!/bin/bash\n", SHELL);
    check(b"Received: from a\n\tby b\nFrom: x@y.example\nSubject: z\n\nbody", EML);
    check(
        b"From x@y.example Thu Jan  1 00:00:00 2026\nFrom: x@y.example\nSubject: z\n\nbody",
        MBOX,
    );
    check(b"{\\rtf1\\ansi hello}", RTF);
    check(b"rule a {\n strings: $a = \"x\"\n condition: $a }\n", YARA);
    check(b"-----BEGIN CERTIFICATE-----\n", PEM);
    let wide: Vec<u8> = "<html><body>text</body></html>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    check(&wide, HTML);
}

#[test]
fn hints_help_where_content_is_silent_and_never_overrule_it() {
    let found = |bytes: &[u8], name| {
        let found = identify(bytes, &named(name));
        (found.media_type, found.by)
    };
    assert_eq!(
        found(b"IEX (New-Object Net.WebClient)", "a.ps1"),
        (POWERSHELL, By::Hint)
    );
    assert_eq!(found(b"a,b\n1,2\n", "C:\\x\\a.CSV"), (CSV, By::Hint));
    assert_eq!(found(b"\x7fELF\x02\x01\x01\0", "invoice.pdf.txt"), (ELF, By::Content));
    assert_eq!(found(b"plain words", "a.exe"), (MediaType::TEXT, By::Nothing));
    assert_eq!(found(b"[general]\nkey=1\n", "x"), (MediaType::TEXT, By::Nothing));
    assert_eq!(found(b"", "x"), (MediaType::TEXT, By::Nothing));
    assert_eq!(
        found(b"\x01\x02\x03\x04\xff\xfe\x80", "x"),
        (MediaType::UNKNOWN, By::Nothing)
    );
    let declared = Hints {
        media_type: Some("Text/CSV; charset=utf-8".into()),
        ..Hints::default()
    };
    assert_eq!(identify(b"a,b", &declared).media_type, CSV);
}

#[test]
fn any_prefix_of_anything_is_identified_without_panic() {
    for bytes in [
        data!("plain.zip"),
        data!("prefixed.zip"),
        data!("note.lzma"),
        data!("plain.7z"),
    ] {
        for cut in (0..bytes.len()).step_by(3) {
            identify(&bytes[..cut], &Hints::default());
            identify(&bytes[cut..], &Hints::default());
        }
    }
}

#[test]
fn text_that_begins_with_the_letters_of_a_program_is_text() {
    let text =
        "MZ is what programs for DOS begin with, and so do sentences about them, however long they are.\n".repeat(9);
    let found = identify(text.as_bytes(), &Hints::default());
    assert_eq!(found.media_type, MediaType::TEXT);
}

#[test]
fn programs_of_all_systems_are_told_by_content() {
    let mut program = b"MZ\x90\0".to_vec();
    program.resize(64, 0);
    program[60] = 64;
    check(&program, MZ);
    program.extend(b"PE\0\0\x64\x86");
    check(&program, PE);
    check(b"\x7fELF\x02\x01\x01\0", ELF);
    check(b"\xca\xfe\xba\xbe\0\0\0\x02\x01\0\0\x07", MACH_O);
    check(b"\xca\xfe\xba\xbf\0\0\0\x02\x01\0\0\x07", MACH_O);
    check(b"\xca\xfe\xba\xbe\0\0\0\x34\0\x0a", JAVA_CLASS);
    check(b"dex\n041\0", DEX);
    check(b"\0asm\x01\0\0\0", WASM);
    check(b"\xa7\x0d\r\n\0\0\0\0\0\0\0\0\0\0\0\0\xe3", PYC);
    check(b"\x03\xf3\r\n\x11\x22\x33\x44c\0\0\0\0", PYC);
}

#[test]
fn logs_are_told_by_their_lines() {
    check(
        b"Nov 22 10:00:00 h sshd[1]: Invalid user a from 192.0.2.1 port 5\n",
        LOG,
    );
    check(
        b"192.0.2.1 - - [10/Oct/2026:13:55:36 -0700] \"GET / HTTP/1.0\" 200 5\n",
        LOG,
    );
    check(b"#separator \\x09\n#fields\tts\tuid\n1795341600.1\tC1\n", LOG);
    // What has a type of its own keeps it.
    check(b"{\"a\":1}\n{\"a\":2}\n", NDJSON);
    let note = identify(b"Nov 22 10:00:00 h sshd[1]: a note\n", &named("notes.md"));
    assert_eq!((note.media_type, note.by), (MARKDOWN, By::Hint));
    let plain = identify(b"Dear all,\n\nsee you on Monday at 10:00.\n", &Hints::default());
    assert_eq!((plain.media_type, plain.by), (MediaType::TEXT, By::Nothing));
}
