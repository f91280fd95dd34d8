//! Files that were made to cost: each is small, and a reader that goes through a part of it again for every record takes
//! minutes, or more memory than there is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test"
)]

use std::time::Duration;
use watchfire_analysis::{Analysis, Engine, Settings};
use watchfire_formats::identify::{identify, media};
use watchfire_formats::script::{self, Language};
use watchfire_model::{Artifact, Budget, Hints, MediaType, Origin};
use watchfire_testkit::clock::within;
use watchfire_testkit::compound::{Node, compound};
use watchfire_testkit::disc;
use watchfire_testkit::executable::Pe;

/// Analyses a file of this type, which has to end soon.
#[track_caller]
fn soon(name: &str, bytes: &[u8], media_type: MediaType) -> Analysis {
    let hints = Hints {
        name: Some(name.into()),
        ..Hints::default()
    };
    assert_eq!(identify(bytes, &hints).media_type, media_type, "{name}");
    within(Duration::from_secs(10), name, || {
        let engine = Engine::new(Settings::default());
        engine.analyze(Artifact::new(bytes, Origin::root(name), hints), &engine.budget())
    })
}

/// Folds a script, which has to end soon.
#[track_caller]
fn fold(what: &str, text: &str, language: Language) {
    within(Duration::from_secs(5), what, || {
        script::read(text, language, &Budget::default())
    });
}

#[test]
fn a_notebook_whose_texts_overlap_costs_what_its_bytes_cost() {
    let mut notebook = disc::notebook("text", &[]);
    // Each says that nearly all that follows is its text.
    for id in [0x1c00_1c22_u32, 0x1c00_1d9c] {
        for _ in 0..20_000 {
            notebook.extend([1, 0]);
            notebook.extend(id.to_le_bytes());
            notebook.extend(500_000_u32.to_le_bytes());
        }
    }
    notebook.resize(notebook.len() + 500_000, b'a');
    soon("texts.one", &notebook, media::ONENOTE);
}

#[test]
fn a_notebook_whose_files_overlap_costs_what_its_bytes_cost() {
    let mut notebook = disc::notebook("text", &[]);
    for _ in 0..10_000 {
        notebook.extend(b"\xe7\x16\xe3\xbd\x65\x26\x11\x45\xa4\xc4\x8d\x4d\x0b\x7a\x9e\xac");
        notebook.extend(1_u64.wrapping_shl(40).to_le_bytes());
        notebook.extend([b'a'; 12]);
    }
    notebook.resize(notebook.len() + 2_000_000, b'a');
    soon("files.one", &notebook, media::ONENOTE);
}

#[test]
fn a_disc_whose_folders_overlap_costs_what_its_bytes_cost() {
    let mut image = disc::iso(&[]);
    // Each sector is a folder up to the end of the disc, and names those behind it.
    let first = image.len() / 2048;
    let count = 3_000;
    let folder = |start: usize| {
        let mut record = vec![36, 0];
        record.extend(u32::try_from(start).unwrap().to_le_bytes());
        record.extend([0; 4]);
        record.extend(u32::MAX.to_le_bytes());
        record.extend([0; 4]);
        record.resize(25, 0);
        record.push(2);
        record.resize(32, 0);
        record.extend([2, 0, b'a', 1]);
        record
    };
    for number in 0..count {
        let mut sector = folder(first + number + 1);
        sector.resize(2048, 1);
        image.extend(sector);
    }
    let root = folder(first);
    image[20 * 2048..20 * 2048 + 36].copy_from_slice(&root);
    soon("folders.iso", &image, media::ISO);
}

#[test]
fn a_document_of_fields_costs_what_its_bytes_cost() {
    let mut text = vec![0x13; 4 << 20];
    text[..4].copy_from_slice(&[0xec, 0xa5, 0xc1, 0]);
    let file = compound(&[Node::Stream("WordDocument".to_owned(), text)]);
    soon("fields.doc", &file, media::DOC);
}

#[test]
fn lists_in_lists_are_folded_once() {
    let depth = 30_000;
    let text = format!("x({}1{})", "1,(".repeat(depth), ")".repeat(depth));
    for language in [Language::JavaScript, Language::PowerShell, Language::VisualBasic] {
        fold("lists in lists", &text, language);
    }
}

#[test]
fn names_that_never_end_are_looked_for_once() {
    let text = format!("$a='b'\n\"{}\"\n\"{}}}\"", "${".repeat(400_000), "${".repeat(100_000));
    fold("names that never end", &text, Language::PowerShell);
}

#[test]
fn parts_of_variables_are_paid_for() {
    let set = format!("set a={}\n", "x".repeat(8_000));
    let parts = format!("{set}{}", "echo %a:~0,1%\n".repeat(300_000));
    fold("parts of variables", &parts, Language::Batch);
    let replaced = format!("{set}{}", format!("echo %a:x={}%\n", "y".repeat(110)).repeat(36_000));
    fold("variables replaced", &replaced, Language::Batch);
}

/// What was read of an executable, as a record.
fn facts(bytes: &[u8]) -> usize {
    let media_type = identify(bytes, &Hints::default()).media_type;
    let (found, _) = watchfire_formats::executable::read(media_type, bytes, &Budget::default());
    serde_json::to_vec(&found.expect("it is read"))
        .expect("it is written")
        .len()
}

#[test]
fn facts_of_an_executable_are_not_many_times_as_long_as_it() {
    // A library whose names are one over another.
    let mut library = Pe {
        exports: vec![("a", None)],
        ..Pe::default()
    }
    .build();
    let directory = {
        let optional = u32::from_le_bytes(library[60..64].try_into().unwrap()) as usize + 24;
        optional + 112
    };
    // Everything behind the file's sections is read where it stands.
    let start = library.len().next_multiple_of(0x10_0000);
    library.resize(start, 0);
    let names = 60_000_u32;
    let at = |offset: u32| (start as u32 + offset).to_le_bytes();
    let header = [
        [0; 4],
        [0; 4],
        [0; 4],
        at(40),
        1_u32.to_le_bytes(),
        1_u32.to_le_bytes(),
        names.to_le_bytes(),
        at(40),
        at(0x1000),
        at(0x1000 + names * 4),
    ];
    library.extend(header.concat());
    library.extend(b"\x01\x10\0\0");
    library.resize(start + 0x1000, 0);
    let text = 0x1000 + names * 6;
    for number in 0..names {
        library.extend(at(text + number % 400));
    }
    library.resize(start + text as usize, 0);
    library.extend([b'a'; 1000]);
    library.push(0);
    library[directory..directory + 8].copy_from_slice(&[at(0), 40_u32.to_le_bytes()].concat());
    assert!(
        facts(&library) < library.len() * 8,
        "{} of {}",
        facts(&library),
        library.len()
    );
    // A header of compilers that is most of the file.
    let mut program = Pe::default().build();
    let lfanew = u32::from_le_bytes(program[60..64].try_into().unwrap()) as usize;
    let mut rich = b"DanS\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    rich.resize(4 << 20, 1);
    rich.extend(b"Rich\0\0\0\0");
    let length = rich.len();
    program.splice(0x80..0x80, rich);
    program[60..64].copy_from_slice(&((lfanew + length) as u32).to_le_bytes());
    assert!(
        facts(&program) < program.len() * 4,
        "{} of {}",
        facts(&program),
        program.len()
    );
    // Sections of imports, one after another.
    let section = [&[2, 5, 1, 0, 0, 0, 0][..]; 1000].concat();
    let imports = [&[2, 0x90, 0x4e, 0xd0, 0x0f][..], &[0, 0, 0, 0, 0].repeat(1_998)].concat();
    let module = [b"\0asm\x01\0\0\0".as_slice(), &section, &imports.repeat(24)].concat();
    assert!(facts(&module) < module.len() * 16);
}
