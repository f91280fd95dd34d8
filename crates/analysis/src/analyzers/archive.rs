//! Containers: every member becomes an artifact of its own.
//!
//! Encrypted ones are tried with the passwords that stood beside them, and last with the customary password of malware
//! samples.

use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::passwords::Candidate;
use std::collections::{HashMap, HashSet, VecDeque};
use watchfire_formats::{archive, document};
use watchfire_model::{
    ArchiveFacts, Artifact, Evidence, Fact, Halt, Hints, LimitKind, MediaType, Member, MemberFacts, MemberSink,
    Password, Problem, Unlocked, Untrusted,
};

/// See the module.
#[derive(Debug)]
pub(crate) struct Archive;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "archive",
    describes: "containers and compressed streams: their members",
};

/// What analysts agree to encrypt samples with.
const CUSTOMARY: &[u8] = b"infected";

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
        let (media_type, budget) = (cx.media_type(), cx.budget());
        let mut passwords: Vec<Password> = candidates.iter().map(|candidate| candidate.password.clone()).collect();
        passwords.push(Password::new(CUSTOMARY));
        let hints = with_passwords(artifact, passwords);
        let mut members = Members {
            cx,
            types: HashMap::new(),
        };
        let (mut facts, result) = archive::read(media_type, artifact.bytes(), &hints, budget, &mut members);
        members.name_types(&mut facts.members);
        let opened = encrypted_and_read(&facts);
        if !opened.is_empty() {
            let works = |password: &Password| {
                let hints = with_passwords(artifact, vec![password.clone()]);
                let mut probe = Probe {
                    encrypted: &opened,
                    opened: false,
                };
                // The probe stops the reader as soon as it knows; how the reader ended says nothing more.
                let _ = archive::read(media_type, artifact.bytes(), &hints, budget, &mut probe);
                probe.opened
            };
            if let Some(password_at) = opened_by(candidates, works) {
                cx.fact(Fact::Unlocked(Unlocked { password_at }));
            }
        }
        if is_locked(&facts) {
            cx.locked();
        }
        if facts.members.iter().any(|member| !member.read && !is_folder(member)) {
            cx.partial();
        }
        cx.fact(Fact::Archive(facts));
        result
    }
}

fn with_passwords(artifact: &Artifact, passwords: Vec<Password>) -> Hints {
    Hints {
        passwords,
        ..artifact.hints().clone()
    }
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

/// Where the password that `works` stood, if it stood anywhere.
fn opened_by(candidates: &[Candidate], works: impl Fn(&Password) -> bool) -> Option<Evidence> {
    let winner = candidates.iter().find(|candidate| works(&candidate.password))?;
    winner.evidence.clone()
}

/// Hands members on, and remembers what they are by content.
struct Members<'c, 'a> {
    cx: &'c mut Context<'a>,
    types: HashMap<Untrusted, VecDeque<MediaType>>,
}

impl Members<'_, '_> {
    /// Writes the types into the list of members. Names may repeat; members come in the order of the list.
    fn name_types(mut self, members: &mut [MemberFacts]) {
        for member in members.iter_mut().filter(|member| member.read) {
            if let Some(types) = self.types.get_mut(&member.name) {
                member.media_type = types.pop_front().or(member.media_type);
            }
        }
    }
}

impl MemberSink for Members<'_, '_> {
    fn member(&mut self, member: Member) -> Result<(), Halt> {
        let name = member.name.clone();
        let media_type = self.cx.child(member)?;
        self.types.entry(name).or_default().push_back(media_type);
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        self.cx.report(problem);
    }
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
