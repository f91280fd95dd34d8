//! Rows about the files of a search: where, what, how bad and why, and what tells them from others.

use super::{BEFORE, BEHIND, Cell, LISTING};
use watchfire_model::executable::Essentials;
use watchfire_model::{ArtifactRecord, JudgedFile, Untrusted};

/// The columns of a file, behind those of a report.
pub(super) const COLUMNS: &[&str] = &[
    "size",
    "sha256",
    "media_type",
    "modified",
    "mode",
    "owner",
    "copies",
    "also",
    "known_good",
    "signer",
    "signature",
    "compiled",
    "imphash",
    "authentihash",
    "tlsh",
    "ssdeep",
    "original_name",
    "company",
    "downloaded_from",
];

/// The cells of a file. `record` is the artifact that it is.
pub(super) fn cells<'a>(file: &'a JudgedFile, record: Option<&'a ArtifactRecord>) -> Vec<Cell<'a>> {
    let head = BEFORE.iter().chain(LISTING).chain(BEHIND).map(|column| match *column {
        "record" => Cell::text("file"),
        "type" => Cell::text(file.kind),
        "value" => Cell::text(file.summary.as_str()),
        "source" => Cell::text(file.path.raw()),
        "verdict" => Cell::text(file.verdict.as_str()),
        "score" => Cell::number(file.score.get()),
        _ => Cell::Empty,
    });
    let none = Essentials::default();
    let executable = record.and_then(|record| record.executable.as_deref());
    let known = executable.unwrap_or(&none).clone();
    let text = |text: Option<String>| text.map_or(Cell::Empty, Cell::text);
    let some = |text: &Untrusted| match text.raw() {
        "" => Cell::Empty,
        raw => Cell::text(raw.to_owned()),
    };
    let signed = known.signed.as_ref();
    let tail = [
        Cell::number(file.size),
        text(file.sha256.map(|id| id.to_string())),
        Cell::text(file.media_type.0),
        text(file.stored.modified.map(|at| at.to_string())),
        text(file.stored.mode.map(|mode| format!("{mode:04o}"))),
        file.stored.owner.map_or(Cell::Empty, Cell::number),
        Cell::number(file.copies),
        match &file.also[..] {
            [] => Cell::Empty,
            also => Cell::text(also.iter().map(Untrusted::raw).collect::<Vec<_>>().join(" | ")),
        },
        text(
            record
                .and_then(|record| record.known_good.as_ref())
                .map(crate::text::known),
        ),
        signed.map_or(Cell::Empty, |signed| some(&signed.name)),
        text(signed.map(|signed| signed.verified.clone())),
        text(known.compiled.map(|at| at.to_string())),
        text(known.imphash.as_ref().map(ToString::to_string)),
        text(known.authentihash.as_ref().map(ToString::to_string)),
        text(known.tlsh.clone()),
        text(known.ssdeep.clone()),
        some(&known.original_name),
        some(&known.company),
        file.stored
            .downloaded
            .as_ref()
            .map_or(Cell::Empty, |from| some(&from.url)),
    ];
    head.chain(tail).collect()
}
