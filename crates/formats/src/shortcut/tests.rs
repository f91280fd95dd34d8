//! Shortcuts made byte by byte.

use super::*;
use crate::identify::media;

/// A link with these flags, made of its parts.
fn link(flags: u32, parts: &[&[u8]]) -> Vec<u8> {
    let mut out = b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0\x46".to_vec();
    out.extend((flags | 0x80).to_le_bytes());
    out.resize(52, 0);
    out.extend(7_u32.to_le_bytes());
    out.extend(0_u32.to_le_bytes());
    out.extend(7_u32.to_le_bytes());
    out.extend(0x0670_u16.to_le_bytes());
    out.resize(76, 0);
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}

fn counted(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut out = u16::try_from(units.len()).unwrap().to_le_bytes().to_vec();
    out.extend(units.into_iter().flat_map(u16::to_le_bytes));
    out
}

fn item(body: &[u8]) -> Vec<u8> {
    let mut out = u16::try_from(body.len() + 2).unwrap().to_le_bytes().to_vec();
    out.extend(body);
    out
}

fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let mut body = items.concat();
    body.extend([0, 0]);
    let mut out = u16::try_from(body.len()).unwrap().to_le_bytes().to_vec();
    out.extend(body);
    out
}

/// My Computer, C:\, a folder, a file.
fn to_cmd() -> Vec<u8> {
    let computer = [
        &[0x1f, 0x50][..],
        b"\xe0\x4f\xd0\x20\xea\x3a\x69\x10\xa2\xd8\x08\x00\x2b\x30\x30\x9d",
    ]
    .concat();
    let drive = b"\x2fC:\\\0\0\0\0".to_vec();
    let file = |kind: u8, name: &[u8]| [&[kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], name, &[0, 0]].concat();
    list(&[
        item(&computer),
        item(&drive),
        item(&file(0x31, b"Windows")),
        item(&file(0x32, b"cmd.exe")),
    ])
}

#[track_caller]
fn check(bytes: &[u8], expected: &[(&str, &str)]) -> Shortcut {
    let read = read(media::LNK, bytes);
    let facts = &read.facts;
    for (name, value) in expected {
        let found = match *name {
            "target" => facts.target.raw(),
            "also" => facts.also.first().map_or("", |also| also.raw()),
            "arguments" => facts.arguments.raw(),
            "icon" => facts.icon.raw(),
            "comment" => facts.comment.raw(),
            "hotkey" => &facts.hotkey,
            "window" => facts.window,
            "machine" => facts.machine.raw(),
            "mac" => &facts.mac,
            other => panic!("{other}"),
        };
        assert_eq!(found, *value, "{name} of {facts:?}");
    }
    read
}

#[test]
fn a_link_says_where_it_leads_and_with_what() {
    let read = check(
        &link(
            0b110_0101,
            &[
                &to_cmd(),
                &counted("note"),
                &counted("/c echo 1"),
                &counted("shell32.dll"),
                &[0; 4],
            ],
        ),
        &[
            ("target", "C:\\Windows\\cmd.exe"),
            ("comment", "note"),
            ("arguments", "/c echo 1"),
            ("icon", "shell32.dll"),
            ("window", "minimized"),
            ("hotkey", "Ctrl+Alt+F1"),
        ],
    );
    assert_eq!((read.facts.size, read.facts.behind, read.problems.len()), (7, 0, 0));
}

#[test]
fn texts_know_their_places() {
    let bytes = link(0b10_0000, &[&counted("/c x")]);
    let read = check(&bytes, &[("arguments", "/c x")]);
    let placed = &read.texts[0];
    let (start, end) = (placed.span.start as usize, placed.span.end as usize);
    assert_eq!(crate::email::outlook::wide(&bytes[start..end]), "/c x");
}

#[test]
fn blanks_before_arguments_are_counted() {
    let arguments = format!("a{}b", " \n\t".repeat(100));
    let read = check(&link(0b10_0000, &[&counted(&arguments)]), &[("arguments", &arguments)]);
    assert_eq!(read.facts.blanks, 300);
}

#[test]
fn long_names_come_from_the_extension_block() {
    let long = "Quarterly report.docx";
    let mut body = b"\x32\0\0\0\0\0\0\0\0\0\0\0QUARTE~1.DOC\0\0".to_vec();
    let at = body.len() + 2;
    let mut block = vec![0, 0, 3, 0, 4, 0, 0xef, 0xbe];
    block.resize(20, 0);
    block.extend(long.encode_utf16().flat_map(u16::to_le_bytes));
    block.extend([0, 0]);
    body.extend(block);
    body.extend(u16::try_from(at).unwrap().to_le_bytes());
    check(&link(1, &[&list(&[item(&body)]), &[0; 4]]), &[("target", long)]);
}

#[test]
fn an_environment_block_and_a_tracker_are_read() {
    let mut environment = 0x314_u32.to_le_bytes().to_vec();
    environment.extend(0xa000_0001_u32.to_le_bytes());
    environment.extend(b"%COMSPEC%");
    environment.resize(0x314, 0);
    let mut tracker = 0x60_u32.to_le_bytes().to_vec();
    tracker.extend(0xa000_0003_u32.to_le_bytes());
    tracker.extend([0x58, 0, 0, 0, 0, 0, 0, 0]);
    tracker.extend(b"desktop-a1\0\0\0\0\0\0");
    let id = b"\x11\x22\x33\x44\x55\x66\x77\x11\x80\x00\x00\x0c\x29\x01\x02\x03";
    tracker.extend([0; 16]);
    tracker.extend(id);
    tracker.extend([0; 16]);
    tracker.extend(id);
    check(
        &link(1, &[&to_cmd(), &environment, &tracker, &[0; 4]]),
        &[
            ("target", "C:\\Windows\\cmd.exe"),
            ("also", "%COMSPEC%"),
            ("machine", "desktop-a1"),
            ("mac", "00:0c:29:01:02:03"),
        ],
    );
}

#[test]
fn parts_of_no_meaning_hide_none_that_has_one() {
    let nothing = item(&[0]);
    let mut items = vec![nothing; 1_000];
    let way = to_cmd();
    items.push(way[2..way.len() - 2].to_vec());
    let mut environment = 0x314_u32.to_le_bytes().to_vec();
    environment.extend(0xa000_0001_u32.to_le_bytes());
    environment.extend(b"%COMSPEC%");
    environment.resize(0x314, 0);
    let blocks = [8_u32.to_le_bytes(), 0xa000_0000_u32.to_le_bytes()]
        .concat()
        .repeat(1_000);
    check(
        &link(1, &[&list(&items), &blocks, &environment, &[0; 4]]),
        &[("target", "C:\\Windows\\cmd.exe"), ("also", "%COMSPEC%")],
    );
}

#[test]
fn what_stands_behind_the_end_is_told() {
    let read = check(&link(1, &[&to_cmd(), &[0; 4], b"<script>alert(1)</script>"]), &[]);
    assert_eq!(read.facts.behind, 25);
    assert_eq!(read.behind.map(|span| span.end - span.start), Some(25));
}

#[test]
fn shares_are_targets() {
    // Header of 28 bytes, then the network part with its name.
    let mut info = vec![0; 28];
    let share = b"\\\\files.example\\share\0";
    let network = [
        &(20 + share.len() as u32).to_le_bytes()[..],
        &[0; 4],
        &20_u32.to_le_bytes(),
        &[0; 8],
        share,
    ]
    .concat();
    let suffix_at = 28 + network.len();
    let total = suffix_at + 6;
    for (at, value) in [(0, total), (4, 28), (8, 2), (20, 28), (24, suffix_at)] {
        info[at..at + 4].copy_from_slice(&(value as u32).to_le_bytes());
    }
    info.extend(network);
    info.extend(b"a.exe\0");
    check(
        &link(2, &[&info, &[0; 4]]),
        &[("target", "\\\\files.example\\share\\a.exe")],
    );
}

#[test]
fn an_internet_shortcut_is_read() {
    let text = b"[InternetShortcut]\r\nURL=file://files.example@80/x.exe\r\nIconFile=\\\\203.0.113.7\\a.ico\r\nShowCommand=7\r\n[other]\r\nURL=x\r\n";
    let read = read(media::URL_SHORTCUT, text);
    assert_eq!(
        (read.facts.target.raw(), read.facts.icon.raw(), read.facts.window),
        ("file://files.example@80/x.exe", "\\\\203.0.113.7\\a.ico", "minimized")
    );
    let placed = &read.texts[0];
    assert_eq!(
        &text[placed.span.start as usize..placed.span.end as usize],
        placed.text.as_bytes()
    );
}

#[test]
fn libraries_and_settings_name_what_they_open() {
    let library = b"<?xml version=\"1.0\"?><libraryDescription><searchConnectorDescriptionList><searchConnectorDescription><simpleLocation><url>\\\\203.0.113.7\\share</url></simpleLocation></searchConnectorDescription></searchConnectorDescriptionList></libraryDescription>";
    assert_eq!(
        read(media::LIBRARY_MS, library).facts.target.raw(),
        "\\\\203.0.113.7\\share"
    );
    let setting = b"<PCSettings><SearchableContent><ApplicationInformation><DeepLink>%windir%\\system32\\cmd.exe /c calc</DeepLink></ApplicationInformation></SearchableContent></PCSettings>";
    let facts = read(media::SETTING_CONTENT, setting).facts;
    assert_eq!(
        (facts.target.raw(), facts.arguments.raw()),
        ("%windir%\\system32\\cmd.exe", "/c calc")
    );
}

#[test]
fn cut_links_say_so_and_keep_what_was_read() {
    let whole = link(0b10_0001, &[&to_cmd(), &counted("/c x"), &[0; 4]]);
    for length in 0..whole.len() {
        let read = read(media::LNK, &whole[..length]);
        assert!(read.texts.iter().all(|placed| placed.span.start <= placed.span.end));
    }
    let cut = check(
        &whole[..whole.len() - 5],
        &[("target", "C:\\Windows\\cmd.exe"), ("arguments", "/c ")],
    );
    assert_eq!(cut.problems[0].code, "lnk-truncated");
}
