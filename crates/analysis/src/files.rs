//! The files of a search, each with a verdict of its own, and what the search comes to in a sentence.

use crate::judge::{reasons, weigh};
use crate::kin::Family;
use watchfire_formats::identify::runnable::Runnable;
use watchfire_model::{ArtifactRecord, Coverage, Finding, JudgedFile, Judgement, Reason, Search, Verdict, Weight};

/// The kind of what is no executable and may hold some.
pub const ARCHIVE: &str = "archive";

/// What kind of thing that acts a file is.
pub fn kind_of(file: &ArtifactRecord) -> &'static str {
    Runnable::under_name(file.media_type, file.path.raw().as_bytes()).map_or(ARCHIVE, Runnable::as_str)
}

/// A file that was found on a disk, if the artifact at that place is one.
pub(crate) fn judged(family: &Family<'_>, at: usize, found: &[&Finding]) -> Option<JudgedFile> {
    let record = family.record(at)?;
    let stored = record.facts.as_ref()?.stored()?;
    let coverage = Coverage {
        inputs: 1,
        inputs_read: 1,
        artifacts: 1,
        artifacts_read: u64::from(record.read),
        bytes: record.size,
        ..Coverage::default()
    };
    let mut judgement = weigh(found, &[record], &coverage);
    // What is too weak for a verdict is still what there is to say.
    let heaviest = reasons(found).into_iter().find(|reason| reason.weight > Weight::NONE);
    if let (Verdict::Unknown, Some(heaviest)) = (judgement.verdict, heaviest) {
        judgement.summary = heaviest.text;
    }
    Some(JudgedFile {
        path: record.path.clone(),
        verdict: judgement.verdict,
        score: judgement.score,
        summary: judgement.summary,
        kind: kind_of(record),
        media_type: record.media_type,
        size: record.size,
        sha256: record.sha256,
        copies: 0,
        also: Vec::new(),
        stored: stored.clone(),
    })
}

/// Makes a judgement on the worst file speak of all that were searched.
pub(crate) fn about_search(judgement: &mut Judgement, alarms: usize, search: &Search) {
    let alarms = alarms as u64 + search.beyond;
    let files = counted(
        search.judged + search.unchanged,
        "file that can act",
        "files that can act",
    );
    let worst = &judgement.summary;
    judgement.summary = match alarms {
        0 if search.judged + search.unchanged == 0 => "there is no file that can act".to_owned(),
        0 => format!("nothing suspicious in {files}"),
        1 => format!("1 of {files} alarms: {worst}"),
        _ => format!("{alarms} of {files} alarm; the worst: {worst}"),
    };
    judgement.reasons.retain(|reason| reason.group != "coverage");
    if judgement.verdict == Verdict::Unknown {
        judgement.reasons.push(Reason {
            text: "what programs do when they run was not looked at, and no reputation source was asked".to_owned(),
            towards: Verdict::Unknown,
            weight: Weight::NONE,
            group: "coverage".into(),
            source: None,
            evidence: Vec::new(),
        });
    }
}

fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
