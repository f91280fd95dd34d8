//! Containers: every member becomes an artifact of its own.
//!
//! Encrypted ones are tried with the passwords that stood beside them, and whose place then becomes evidence.

use super::{Analyzer, AnalyzerInfo};
use crate::context::{Context, Reading};
use crate::locate::Pieces;
use crate::passwords::Candidate;
use std::collections::HashSet;
use watchfire_formats::{archive, document};
use watchfire_model::{
    ArchiveFacts, Artifact, Budget, Evidence, Fact, Halt, Hints, LimitKind, MediaType, Member, MemberFacts, MemberSink,
    Password, Problem, Span, Unlocked, Untrusted,
};

/// See the module.
#[derive(Debug)]
pub(crate) struct Archive;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "archive",
    describes: "containers and compressed streams: their members",
};

/// What readers of containers try unasked.
const CUSTOMARY: &[&[u8]] = &[b"infected"];

impl Analyzer for Archive {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        // Office documents are zip files too; their own analyzer hands out what is embedded in them, without the
        // scaffolding.
        archive::handles(media_type) && !document::handles(media_type)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let candidates = cx.candidates();
        let passwords = candidates.iter().map(|candidate| candidate.password.clone()).collect();
        let (facts, result) = read(artifact, passwords, cx.media_type(), cx.budget(), cx);
        let opened = encrypted_and_read(&facts);
        if !opened.is_empty() {
            let (media_type, budget) = (cx.media_type(), cx.budget());
            let opens = |passwords: Vec<Password>| {
                let mut probe = Probe {
                    encrypted: &opened,
                    opened: false,
                };
                // The probe stops the reader as soon as it knows; how the reader ended says nothing more.
                let _ = read(artifact, passwords, media_type, budget, &mut probe);
                probe.opened
            };
            if let Some(password_at) = opened_by(candidates, opens) {
                cx.fact(Fact::Unlocked(Unlocked { password_at }));
            }
        }
        if is_locked(&facts) {
            cx.locked();
        }
        if facts.members.iter().any(|member| !member.read && !is_folder(member)) {
            cx.partial();
        }
        let said = facts.comment.clone();
        cx.fact(Fact::Archive(facts));
        if let Some(comment) = said {
            read_comment(artifact, &comment, cx)?;
        }
        result
    }
}

/// What the maker of a container wrote into it: a text like any other, and often the password.
fn read_comment(artifact: &Artifact, comment: &Untrusted, cx: &mut Context<'_>) -> Result<(), Halt> {
    let mut text = Pieces::default();
    // Comments stand at the end. In another code page they stand there in other bytes.
    match memchr::memmem::rfind(artifact.bytes(), comment.raw().as_bytes()) {
        Some(at) => {
            let (start, length) = (at as u64, comment.raw().len() as u64);
            let place = Span {
                start,
                end: start + length,
            };
            text.push_run(comment.raw().bytes(), place, 1);
        }
        None => text.push(comment.raw(), None, None),
    }
    cx.extract(text.text(), &text, Reading::PLAIN)
}

fn read(
    artifact: &Artifact,
    passwords: Vec<Password>,
    media_type: MediaType,
    budget: &Budget,
    sink: &mut dyn MemberSink,
) -> (ArchiveFacts, Result<(), Halt>) {
    let hints = Hints {
        passwords,
        ..artifact.hints().clone()
    };
    archive::read(media_type, artifact.bytes(), &hints, budget, sink)
}

/// Whether something stayed encrypted.
fn is_locked(facts: &ArchiveFacts) -> bool {
    (facts.encrypted_listing && facts.members.is_empty())
        || facts
            .members
            .iter()
            .any(|member| member.encrypted && !member.read && !is_folder(member))
}

fn is_folder(member: &MemberFacts) -> bool {
    member.name.raw().ends_with(['/', '\\']) || member.size == 0
}

fn encrypted_and_read(facts: &ArchiveFacts) -> HashSet<Untrusted> {
    let opened = facts
        .members
        .iter()
        .filter(|member| member.read && (member.encrypted || facts.encrypted_listing));
    opened.map(|member| member.name.clone()).collect()
}

/// Where the password that opens it stood, if it stood anywhere.
fn opened_by(candidates: &[Candidate], opens: impl Fn(Vec<Password>) -> bool) -> Option<Evidence> {
    // Readers try customary passwords unasked; then a candidate would prove nothing, unless it is the same.
    let unasked = opens(Vec::new());
    let winner = candidates.iter().find(|candidate| match unasked {
        true => CUSTOMARY.contains(&candidate.password.raw()),
        false => opens(vec![candidate.password.clone()]),
    })?;
    winner.evidence.clone()
}

/// Stops at the first encrypted member that opens.
struct Probe<'o> {
    encrypted: &'o HashSet<Untrusted>,
    opened: bool,
}

impl MemberSink for Probe<'_> {
    fn member(&mut self, member: Member) -> Result<(), Halt> {
        if self.encrypted.contains(&member.name) {
            self.opened = true;
            return Err(Halt(LimitKind::Time));
        }
        Ok(())
    }

    fn problem(&mut self, _: Problem) {}
}
