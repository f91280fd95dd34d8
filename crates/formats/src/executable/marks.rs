//! What tools leave in executables of every format, and the list in which marks are collected.

use memchr::memmem;
use watchfire_model::Untrusted;
use watchfire_model::executable::{Mark, MarkKind};

/// Bytes that only one tool writes.
pub(super) type Inside = (&'static [u8], &'static str, MarkKind);

/// Those that are in files of several formats.
const INSIDE: &[Inside] = &[
    (b"\xff Go buildinf:", "Go", MarkKind::Compiler),
    (b"/rustc/", "Rust", MarkKind::Compiler),
    (
        b"\x8b\x12\x02\xb9\x6a\x61\x20\x38\x72\x7b\x93\x02\x14\xd7\xa0\x32\x13\xf5\xb9\xe6\xef\xae\x33\x18\xee\x3b\x2d\xce\x24\xb3\x6a\xae",
        ".NET single file",
        MarkKind::Bundler,
    ),
];

/// What stands at the end of a program that PyInstaller made, before a signature.
const PYINSTALLER: &[u8] = b"MEI\x0c\x0b\x0a\x0b\x0e";

/// Marks, each tool once, with the first thing that shows it.
#[derive(Debug, Default)]
pub(super) struct Marks(Vec<Mark>);

impl Marks {
    fn has(&self, tool: &str) -> bool {
        self.0.iter().any(|mark| mark.tool == tool)
    }

    pub(super) fn add(&mut self, kind: MarkKind, tool: &'static str, by: impl Into<Untrusted>) {
        if !self.has(tool) {
            self.0.push(Mark {
                kind,
                tool,
                by: by.into(),
            });
        }
    }

    /// Looks through the whole file for what is written in any format, and for what only this one has.
    pub(super) fn inside(&mut self, bytes: &[u8], own: &[Inside]) {
        for (wanted, tool, kind) in INSIDE.iter().chain(own) {
            if !self.has(tool) && memmem::find(bytes, wanted).is_some() {
                self.add(*kind, tool, "bytes that it writes");
            }
        }
    }

    /// Looks at the end of what is appended.
    pub(super) fn at_end(&mut self, tail: &[u8]) {
        if memmem::find(tail, PYINSTALLER).is_some() {
            self.add(MarkKind::Bundler, "PyInstaller", "what is appended");
        }
    }

    /// All of them, in order.
    pub(super) fn sorted(mut self) -> Vec<Mark> {
        self.0.sort();
        self.0
    }
}
