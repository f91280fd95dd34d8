//! What the fixtures in `data/` hold, and one way to read a container.

use watchfire_formats::archive;
use watchfire_model::{ArchiveFacts, Budget, Halt, Hints, Limits, MediaType, Member, MemberSink, Password, Problem};

/// Everything a container gave.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) members: Vec<Member>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) facts: ArchiveFacts,
    pub(crate) halted: Option<Halt>,
}

impl Read {
    /// Names and contents.
    pub(crate) fn contents(&self) -> Vec<(&str, &[u8])> {
        self.members
            .iter()
            .map(|member| (member.name.raw(), member.bytes.as_slice()))
            .collect()
    }

    pub(crate) fn names(&self) -> Vec<&str> {
        self.members.iter().map(|member| member.name.raw()).collect()
    }

    /// Codes of all problems.
    pub(crate) fn codes(&self) -> Vec<&str> {
        self.problems.iter().map(|problem| problem.code).collect()
    }
}

impl MemberSink for Read {
    fn member(&mut self, member: Member) -> Result<(), Halt> {
        self.members.push(member);
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }
}

pub(crate) fn read(media_type: MediaType, bytes: &[u8], passwords: &[&str]) -> Read {
    read_within(media_type, bytes, passwords, Limits::default())
}

pub(crate) fn read_within(media_type: MediaType, bytes: &[u8], passwords: &[&str], limits: Limits) -> Read {
    let hints = Hints {
        passwords: passwords
            .iter()
            .map(|password| Password::new(password.as_bytes()))
            .collect(),
        ..Hints::default()
    };
    let mut read = Read::default();
    let (facts, outcome) = archive::read(media_type, bytes, &hints, &Budget::new(limits), &mut read);
    read.facts = facts;
    read.halted = outcome.err();
    read
}

/// Cut short anywhere and with flipped bits, a container must be read without panic and within its budget. The first
/// and last bytes are all tried, where headers are, and samples between.
pub(crate) fn survives(media_type: MediaType, bytes: &[u8]) {
    let limits = Limits {
        artifact_size: 1 << 20,
        unpacked: 4 << 20,
        dictionary: 16 << 20,
        ..Limits::default()
    };
    let check = |bytes: &[u8]| {
        let read = read_within(media_type, bytes, &["secret"], limits);
        let total: usize = read.members.iter().map(|member| member.bytes.len()).sum();
        assert!(total <= 5 << 20, "{media_type}: {total} bytes");
    };
    let is_tried = |&at: &usize| at < 64 || at + 250 > bytes.len() || at % 83 == 0;
    for at in (0..bytes.len()).filter(is_tried) {
        check(bytes.split_at(at).0);
        for bit in [at % 8, (at * 3 + 1) % 8] {
            let mut bent = bytes.to_vec();
            bent.iter_mut().skip(at).take(1).for_each(|byte| *byte ^= 1 << bit);
            check(&bent);
        }
    }
}

/// `note.txt` of the fixtures.
pub(crate) fn note() -> Vec<u8> {
    let line = |n: u32| format!("{n}: {:x} watchfire 198.51.100.{}\n", n * n % 9973, n % 256);
    (0..600).map(line).collect::<String>().into_bytes()
}

/// `short.txt` of the fixtures.
pub(crate) const SHORT: &[u8] = b"http://malware.example/short\n";

/// `code.bin` of the fixtures.
pub(crate) fn code() -> Vec<u8> {
    let call = |n: u32| {
        let [a, b, c, d] = ((n * 64) & 0xffff).to_le_bytes();
        [0x55, 0x89, 0xe5, 0xe8, a, b, c, d, 0xc9, 0xc3, 0x90, 0x90]
    };
    (0..400).flat_map(call).collect()
}

/// A fixture.
macro_rules! data {
    ($name:literal) => {
        include_bytes!(concat!("../data/", $name)).as_slice()
    };
}
