//! How readers of containers hand out members and keep account of them.

use crate::capped::Unpacked;
use crate::identify::identify;
use watchfire_model::{ArchiveFacts, Halt, Hints, LimitKind, Member, MemberFacts, MemberSink, Problem, Untrusted};

/// Where members go. Facts about those that could not be read are kept all the same.
pub(super) struct Outlet<'a> {
    pub(super) facts: ArchiveFacts,
    hints: &'a Hints,
    sink: &'a mut dyn MemberSink,
    /// The first limit that a single member reached. Reading went on with the next.
    cut: Option<Halt>,
    /// The limit that ended reading. From then on members are only listed.
    stopped: Option<Halt>,
    locked: usize,
    special: usize,
}

/// Links and devices that are named one by one.
const MOST_SPECIAL: usize = 16;

impl<'a> Outlet<'a> {
    pub(super) fn new(format: &'static str, hints: &'a Hints, sink: &'a mut dyn MemberSink) -> Self {
        Self {
            facts: ArchiveFacts {
                format,
                ..ArchiveFacts::default()
            },
            hints,
            sink,
            cut: None,
            stopped: None,
            locked: 0,
            special: 0,
        }
    }

    pub(super) fn problem(&mut self, problem: Problem) {
        self.sink.problem(problem);
    }

    /// Whether members are still read.
    pub(super) fn is_open(&self) -> bool {
        self.stopped.is_none()
    }

    /// Ends reading.
    pub(super) fn stop(&mut self, halt: Halt) {
        self.stopped.get_or_insert(halt);
    }

    /// Takes a member that was not read, and why, if there is more to say than that it was not.
    pub(super) fn list(&mut self, facts: MemberFacts, why: Option<Problem>) {
        if let Some(problem) = why {
            self.sink.problem(about(&facts.name, problem));
        }
        self.facts.members.push(facts);
    }

    /// Takes a member that is no file, and what it is.
    pub(super) fn list_special(&mut self, facts: MemberFacts, code: &'static str, what: &str) {
        self.special += 1;
        if self.special <= MOST_SPECIAL {
            let message = format!("member '{}' is {what}", facts.name.raw());
            self.sink.problem(Problem::note(code, message));
        }
        self.facts.members.push(facts);
    }

    /// Takes a member that no password opened.
    pub(super) fn list_locked(&mut self, facts: MemberFacts) {
        self.locked += 1;
        self.facts.members.push(facts);
    }

    /// Takes an unpacked member and hands it on.
    pub(super) fn deliver(&mut self, mut facts: MemberFacts, unpacked: Unpacked) {
        let name = facts.name.clone();
        if let Some(problem) = unpacked.problem {
            self.sink.problem(about(&name, problem));
        }
        if let Some(halt) = unpacked.halted {
            let message = format!("unpacked in part, since {halt}");
            self.sink
                .problem(about(&name, Problem::warning("archive-limit", message)));
            self.cut_short(halt);
            if unpacked.bytes.is_empty() {
                self.facts.members.push(facts);
                return;
            }
        }
        let hints = Hints {
            name: Some(name.clone()),
            passwords: self.hints.passwords.clone(),
            ..Hints::default()
        };
        facts.read = true;
        facts.media_type = Some(identify(&unpacked.bytes, &hints).media_type);
        self.facts.members.push(facts);
        let member = Member {
            name,
            bytes: unpacked.bytes,
            hints,
        };
        if let Err(halt) = self.sink.member(member) {
            self.stop(halt);
        }
    }

    /// Notes a limit. One that a single member reached leaves the others readable.
    pub(super) fn cut_short(&mut self, halt: Halt) {
        match halt.0 {
            LimitKind::Ratio | LimitKind::ArtifactSize | LimitKind::Dictionary => {
                self.cut.get_or_insert(halt);
            }
            _ => self.stop(halt),
        }
    }

    /// What was learnt, and the limit that was reached, if any. `tried` says what became of the passwords.
    pub(super) fn finish(self, tried: &str) -> (ArchiveFacts, Result<(), Halt>) {
        if self.locked > 0 {
            let message = format!(
                "{} of {} members encrypted, and {tried}",
                self.locked,
                self.facts.members.len()
            );
            self.sink.problem(Problem::warning("archive-encrypted", message));
        }
        if let Some(more @ 1..) = self.special.checked_sub(MOST_SPECIAL) {
            let message = format!("{more} more members are links, devices or pipes");
            self.sink.problem(Problem::note("archive-special", message));
        }
        let outcome = self.stopped.or(self.cut).map_or(Ok(()), Err);
        (self.facts, outcome)
    }
}

/// What is known of bytes that stand in a file and are no part of the container in it.
pub(super) fn outside(name: &str, bytes: &[u8]) -> MemberFacts {
    MemberFacts {
        name: name.into(),
        size: bytes.len() as u64,
        packed: bytes.len() as u64,
        ..MemberFacts::default()
    }
}

/// Says which member a problem belongs to.
fn about(name: &Untrusted, problem: Problem) -> Problem {
    Problem {
        message: format!("member '{}': {}", name.raw(), problem.message.raw()).into(),
        ..problem
    }
}
