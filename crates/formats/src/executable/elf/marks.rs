//! What compilers, bundlers and packers leave in an ELF file.

use super::tables::Tables;
use crate::bytes::{has, piece};
use crate::executable::marks::Marks;
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

/// How far from both ends UPX is looked for, and from the end PyInstaller. Bytes.
const UPX_FAR: usize = 512;
const TAIL: usize = 4096;

pub(super) fn read(bytes: &[u8], tables: &Tables, comments: &[Untrusted], overlay: Option<&Overlay>) -> Vec<Mark> {
    let mut marks = Marks::default();
    for (name, tool, kind) in SECTIONS {
        if tables.sections.iter().any(|section| section.name.raw() == *name) {
            marks.add(*kind, tool, format!("a section '{name}'"));
        }
    }
    for comment in comments {
        let known = COMMENTS.iter().filter(|(part, _)| comment.raw().contains(part));
        known.for_each(|(_, tool)| marks.add(MarkKind::Compiler, tool, format!("a comment '{}'", comment.raw())));
    }
    if has(bytes, 8, b"AI\x02") || has(bytes, 8, b"AI\x01") {
        marks.add(MarkKind::Bundler, "AppImage", "its header");
    }
    let tail = |far: usize| bytes.get(bytes.len().saturating_sub(far)..).unwrap_or(bytes);
    let upx = [piece(bytes, 0, UPX_FAR), tail(UPX_FAR)];
    if upx.iter().any(|part| memmem::find(part, b"UPX!").is_some()) {
        marks.add(MarkKind::Packer, "UPX", "its name at an end of the file");
    }
    if overlay.is_some() {
        marks.at_end(tail(TAIL));
    }
    marks.inside(bytes, &[]);
    marks.sorted()
}
