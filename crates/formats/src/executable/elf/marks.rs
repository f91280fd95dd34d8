//! What compilers, bundlers and packers leave in an ELF file.

use super::tables::Tables;
use crate::bytes::{has, piece, place};
use memchr::memmem;
use watchfire_model::Untrusted;
use watchfire_model::executable::{Mark, MarkKind, Overlay};

/// Sections that only one tool writes.
const SECTIONS: &[(&str, &str, MarkKind)] = &[
    (".gopclntab", "Go", MarkKind::Compiler),
    (".go.buildinfo", "Go", MarkKind::Compiler),
    (".note.go.buildid", "Go", MarkKind::Compiler),
    ("pydata", "PyInstaller", MarkKind::Bundler),
    (".upd_info", "AppImage", MarkKind::Bundler),
    (".sha256_sig", "AppImage", MarkKind::Bundler),
];

/// Comments by a part of them.
const COMMENTS: &[(&str, &str)] = &[
    ("rustc version", "Rust"),
    ("GCC:", "GCC"),
    ("clang version", "Clang"),
    ("Intel(R)", "Intel"),
    ("GHC ", "GHC"),
    ("zig ", "Zig"),
];

/// Bytes that only one tool writes, anywhere in the file.
const INSIDE: &[(&[u8], &str, MarkKind)] = &[
    (b"\xff Go buildinf:", "Go", MarkKind::Compiler),
    (b"/rustc/", "Rust", MarkKind::Compiler),
    (
        b"\x8b\x12\x02\xb9\x6a\x61\x20\x38\x72\x7b\x93\x02\x14\xd7\xa0\x32\x13\xf5\xb9\xe6\xef\xae\x33\x18\xee\x3b\x2d\xce\x24\xb3\x6a\xae",
        ".NET single file",
        MarkKind::Bundler,
    ),
];

/// How far from both ends UPX is looked for, and from the end PyInstaller. Bytes.
const UPX_FAR: usize = 512;
const TAIL: usize = 4096;

pub(super) fn read(bytes: &[u8], tables: &Tables, comments: &[Untrusted], overlay: Option<&Overlay>) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut add = |kind, tool: &'static str, by: Untrusted| {
        if !marks.iter().any(|mark| mark.tool == tool) {
            marks.push(Mark { kind, tool, by });
        }
    };
    for (name, tool, kind) in SECTIONS {
        if tables.sections.iter().any(|section| section.name.raw() == *name) {
            add(*kind, tool, format!("a section '{name}'").into());
        }
    }
    for comment in comments {
        let known = COMMENTS.iter().filter(|(part, _)| comment.raw().contains(part));
        known.for_each(|(_, tool)| {
            add(
                MarkKind::Compiler,
                tool,
                format!("a comment '{}'", comment.raw()).into(),
            )
        });
    }
    if has(bytes, 8, b"AI\x02") || has(bytes, 8, b"AI\x01") {
        add(MarkKind::Bundler, "AppImage", "its header".into());
    }
    let tail = |far: usize| bytes.get(bytes.len().saturating_sub(far)..).unwrap_or(bytes);
    let upx = [piece(bytes, 0, UPX_FAR), tail(UPX_FAR)];
    if upx.iter().any(|part| memmem::find(part, b"UPX!").is_some()) {
        add(MarkKind::Packer, "UPX", "its name at an end of the file".into());
    }
    let appended = overlay.map(|overlay| bytes.get(place(overlay.span.start)..).unwrap_or_default());
    if appended.is_some() && memmem::find(tail(TAIL), b"MEI\x0c\x0b\x0a\x0b\x0e").is_some() {
        add(MarkKind::Bundler, "PyInstaller", "what is appended".into());
    }
    for (wanted, tool, kind) in INSIDE {
        if memmem::find(bytes, wanted).is_some() {
            add(*kind, tool, "bytes that it writes".into());
        }
    }
    marks.sort();
    marks
}
