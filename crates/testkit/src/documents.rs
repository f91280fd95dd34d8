//! Tables in documents that tests write: each stands between `<!-- name -->` and `<!-- /name -->`.
//!
//! `WATCHFIRE_BLESS=1` writes them anew.

#![expect(clippy::panic, reason = "a stale document fails the test that finds it")]

use std::fs;
use std::path::{Path, PathBuf};

/// A table in its document.
struct Block {
    path: PathBuf,
    before: String,
    said: String,
    after: String,
}

fn block(document: &str, name: &str) -> Block {
    let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(document);
    let text = fs::read_to_string(&path).unwrap_or_default();
    let (begin, end) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let parts = text.split_once(&begin).and_then(|(before, rest)| {
        let (said, after) = rest.split_once(&end)?;
        Some((format!("{before}{begin}"), said.to_owned(), format!("{end}{after}")))
    });
    let Some((before, said, after)) = parts else {
        panic!("{document}: no table is marked '{name}'");
    };
    Block {
        path,
        before,
        said,
        after,
    }
}

impl Block {
    /// Whether `table` was written, which takes a blessing.
    fn write(&self, table: &str) -> bool {
        let is_blessed = std::env::var_os("WATCHFIRE_BLESS").is_some();
        is_blessed && fs::write(&self.path, format!("{}{table}{}", self.before, self.after)).is_ok()
    }
}

/// Holds the table called `name` in `document` to `table`.
///
/// # Panics
/// When it says something else.
#[track_caller]
pub fn hold(document: &str, name: &str, table: &str) {
    let block = block(document, name);
    if block.said == table || block.write(table) {
        return;
    }
    let differs = block.said.lines().zip(table.lines()).find(|(said, is)| said != is);
    panic!("{document}: the table '{name}' is stale, at {differs:?}; WATCHFIRE_BLESS=1 writes it anew");
}

/// Writes figures that were measured into the table called `name`. What is measured depends on the corpus that is at hand, so
/// that other figures are no fault.
///
/// # Panics
/// When there is no such table.
#[track_caller]
pub fn note(document: &str, name: &str, table: &str) {
    block(document, name).write(table);
}
