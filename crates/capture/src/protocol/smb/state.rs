//! What a connection of SMB knows: shares, what is open in them, who proves who he is, and requests that wait for their
//! answer. The same for all versions.

use super::super::dce_rpc::Calls;
use super::super::{Carried, Description};
use super::super::{Context, Dissector, Here, Side, ntlm, spnego};
use std::collections::BTreeMap;
use watchfire_model::network::{Exchange, Kerberos, NtStatus, Smb, SmbAction, SmbFile, SmbKind, SmbShare};
use watchfire_model::{Timestamp, Untrusted};

/// What is kept of each.
const MOST_TREES: usize = 64;
const MOST_FILES: usize = 512;
const MOST_ASKED: usize = 512;

/// Bytes of memory that a file, and that a share or a request needs, with its names.
const EACH_FILE: usize = 1_024;
const EACH: usize = 384;

/// What names something open: 16 bytes, of which SMB 1 has two.
pub(super) type FileId = [u8; 16];
/// Whatever the request before it in the same message was about (MS-SMB2 3.2.4.1.4).
pub(super) const SAME: FileId = [0xff; 16];

/// A request that waits for its answer.
#[derive(Debug)]
pub(super) enum Asked {
    /// To be let in, maybe by a ticket.
    Session(Option<Box<Kerberos>>),
    /// For a share.
    Tree(Here, Option<Untrusted>),
    /// To open something.
    Open(Box<Opening>),
    /// To close it.
    Close(FileId),
    /// For bytes of it, from a place on.
    Read(FileId, u64),
    /// To be rid of it, or to keep it.
    Delete(Here, FileId, bool),
    /// To give it another path.
    Rename(Here, FileId, Untrusted),
    /// To write to a pipe and read from it at once.
    Transceive(FileId),
    /// To do something to a path that is not open.
    Path(Here, Box<SmbFile>),
    /// Anything else.
    Other,
}

/// What is to be opened.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) began: Here,
    pub(super) tree: u32,
    pub(super) name: Untrusted,
    pub(super) delete_on_close: bool,
}

/// What is known of something once it is open.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Opened {
    pub(super) size: Option<u64>,
    pub(super) created: Option<Timestamp>,
    pub(super) accessed: Option<Timestamp>,
    pub(super) modified: Option<Timestamp>,
    pub(super) changed: Option<Timestamp>,
    pub(super) is_directory: bool,
}

#[derive(Clone, Debug)]
struct Tree {
    path: Option<Untrusted>,
    resource: SmbKind,
}

/// Bytes that go one way, from or to something open.
#[derive(Debug, Default)]
struct Lane {
    carried: Option<Box<Carried>>,
    /// Where the next byte is expected.
    next: u64,
    total: u64,
    is_broken: bool,
}

#[derive(Debug)]
struct File {
    began: Here,
    facts: SmbFile,
    lanes: [Lane; 2],
    calls: Option<Box<Calls>>,
}

/// All of it.
#[derive(Debug)]
pub(super) struct State {
    pub(super) smb: Smb,
    pub(super) began: Option<Here>,
    pub(super) proofs: ntlm::Proofs,
    trees: BTreeMap<u32, Tree>,
    files: BTreeMap<FileId, File>,
    asked: BTreeMap<u64, Asked>,
    /// Bytes of memory that is held of what passes through pipes.
    piped: usize,
    /// Passwords are sent in clear.
    pub(super) is_clear: bool,
    is_said: bool,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            smb: Smb::default(),
            began: None,
            proofs: ntlm::Proofs::new("smb"),
            trees: BTreeMap::new(),
            files: BTreeMap::new(),
            asked: BTreeMap::new(),
            piped: 0,
            is_clear: false,
            is_said: false,
        }
    }

    /// About how many bytes of memory it holds.
    pub(super) fn memory(&self) -> usize {
        self.files.len() * EACH_FILE + (self.asked.len() + self.trees.len()) * EACH + self.piped
    }

    /// A request waits for its answer.
    pub(super) fn ask(&mut self, id: u64, asked: Asked) {
        self.smb.requests = self.smb.requests.saturating_add(1);
        // Nobody waits for the answer to what says nothing.
        if matches!(asked, Asked::Other) {
            return;
        }
        if self.asked.len() >= MOST_ASKED {
            self.asked.pop_first();
        }
        self.asked.insert(id, asked);
    }

    /// The request that is answered.
    pub(super) fn asked(&mut self, id: u64) -> Option<Asked> {
        self.asked.remove(&id)
    }

    /// For which bytes a request asks that is answered.
    pub(super) fn asked_for(&self, id: u64) -> Option<(FileId, u64)> {
        match self.asked.get(&id) {
            Some(Asked::Read(file, offset)) => Some((*file, *offset)),
            _ => None,
        }
    }

    /// Hears what somebody proves himself by; the ticket, if it is one.
    pub(super) fn prove(&mut self, token: &[u8], context: &mut Context<'_>) -> Option<Box<Kerberos>> {
        let token = spnego::token(token);
        if let Some(message) = token.ntlm {
            context.serves("ntlm");
            self.proofs.hear(message, context);
        }
        token.ticket.and_then(super::super::kerberos::ticket).map(Box::new)
    }

    /// The server says what it makes of it.
    pub(super) fn session(&mut self, ticket: Option<Box<Kerberos>>, status: NtStatus, context: &mut Context<'_>) {
        if let Some(mut ticket) = ticket {
            let is_over = status != NtStatus::MORE_PROCESSING_REQUIRED;
            ticket.success = is_over.then(|| status.is_done());
            context.serves("krb");
            context.say(context.here, Exchange::Kerberos(ticket));
        }
        if status != NtStatus::MORE_PROCESSING_REQUIRED {
            self.proofs.outcome(status.is_done(), context);
        }
    }

    /// A share is connected to, or not.
    pub(super) fn tree(&mut self, began: Here, id: u32, share: SmbShare, context: &mut Context<'_>) {
        if share.status.is_done() {
            if self.trees.len() >= MOST_TREES {
                self.trees.pop_first();
            }
            let tree = Tree {
                path: share.path.clone(),
                resource: share.resource.unwrap_or_default(),
            };
            self.trees.insert(id, tree);
        }
        context.say(began, Exchange::SmbShare(Box::new(share)));
    }

    /// A share is left.
    pub(super) fn leave(&mut self, id: u32) {
        self.trees.remove(&id);
    }

    /// What is done to a path of a share.
    pub(super) fn file(&self, tree: u32, name: Untrusted, action: SmbAction) -> SmbFile {
        let tree = self.trees.get(&tree);
        SmbFile {
            action,
            share: tree.and_then(|tree| tree.path.clone()),
            resource: tree.map(|tree| tree.resource).unwrap_or_default(),
            name,
            ..SmbFile::default()
        }
    }

    /// Something was opened, or not.
    pub(super) fn opened(
        &mut self,
        opening: Opening,
        id: Option<FileId>,
        opened: Opened,
        status: NtStatus,
        context: &mut Context<'_>,
    ) {
        let mut facts = self.file(opening.tree, opening.name, SmbAction::Open);
        facts.status = status;
        if let Some(id) = id.filter(|_| status.is_done()) {
            facts.size = opened.size;
            facts.created = opened.created;
            facts.accessed = opened.accessed;
            facts.modified = opened.modified;
            facts.changed = opened.changed;
            facts.directory = opened.is_directory;
            // Where the share was not captured, the names of pipes tell what they are.
            if facts.share.is_none() && is_pipe(facts.name.raw()) {
                facts.resource = SmbKind::Pipe;
            }
            self.keep(id, opening.began, facts.clone(), context);
        }
        if opening.delete_on_close && status.is_done() {
            let deleted = SmbFile {
                action: SmbAction::Delete,
                ..facts.clone()
            };
            context.say(opening.began, Exchange::SmbFile(Box::new(deleted)));
        }
        context.say(opening.began, Exchange::SmbFile(Box::new(facts)));
    }

    fn keep(&mut self, id: FileId, began: Here, facts: SmbFile, context: &mut Context<'_>) {
        if self.files.len() >= MOST_FILES
            && let Some((_, file)) = self.files.pop_first()
        {
            self.close(file, false, context);
        }
        let calls = (facts.resource == SmbKind::Pipe).then(|| Box::new(Calls::new(Some(facts.name.raw()))));
        let file = File {
            began,
            facts,
            lanes: Default::default(),
            calls,
        };
        if let Some(before) = self.files.insert(id, file) {
            self.close(before, false, context);
        }
    }

    /// Something is closed.
    pub(super) fn closed(&mut self, id: &FileId, context: &mut Context<'_>) {
        if let Some(file) = self.files.remove(id) {
            self.close(file, true, context);
        }
    }

    fn close(&mut self, file: File, is_closed: bool, context: &mut Context<'_>) {
        let File {
            began,
            mut facts,
            lanes: [read, written],
            calls,
        } = file;
        if let Some(mut calls) = calls {
            self.piped = self.piped.saturating_sub(calls.memory());
            calls.finish(context);
        }
        (facts.read, facts.written) = (read.total, written.total);
        // All of a file was read if its last byte was; whatever was written to it was, if it was closed.
        let is_read = !read.is_broken && facts.size == Some(read.next);
        let is_written = !written.is_broken && is_closed;
        for (lane, is_whole) in [(read, is_read), (written, is_written)] {
            if let Some(carried) = lane.carried {
                carried.end(is_whole, context);
            }
        }
        if facts.read > 0 || facts.written > 0 {
            facts.action = SmbAction::Close;
            context.say(began, Exchange::SmbFile(Box::new(facts)));
        }
    }

    /// Something is to be deleted.
    pub(super) fn deleted(&self, began: Here, id: &FileId, context: &mut Context<'_>) {
        if let Some(file) = self.files.get(id) {
            let facts = SmbFile {
                action: SmbAction::Delete,
                ..file.facts.clone()
            };
            context.say(began, Exchange::SmbFile(Box::new(facts)));
        }
    }

    /// Something has another path now.
    pub(super) fn renamed(&mut self, began: Here, id: &FileId, name: Untrusted, context: &mut Context<'_>) {
        if let Some(file) = self.files.get_mut(id) {
            let previous = std::mem::replace(&mut file.facts.name, name);
            let facts = SmbFile {
                action: SmbAction::Rename,
                previous_name: Some(previous),
                ..file.facts.clone()
            };
            context.say(began, Exchange::SmbFile(Box::new(facts)));
        }
    }

    /// Bytes of something open pass: read by the client if the server says them.
    pub(super) fn data(&mut self, side: Side, id: &FileId, offset: u64, bytes: &[u8], context: &mut Context<'_>) {
        let length = bytes.len() as u64;
        self.count(side, length);
        let Some(file) = self.files.get_mut(id) else { return };
        if let Some(calls) = &mut file.calls {
            context.serves("dce_rpc");
            let before = calls.memory();
            calls.hear(side, bytes, context);
            self.piped = (self.piped + calls.memory()).saturating_sub(before);
        }
        let is_file = file.facts.resource == SmbKind::Disk;
        let [read, written] = &mut file.lanes;
        let lane = if side == Side::Responder { read } else { written };
        lane.total = lane.total.saturating_add(length);
        if !is_file || bytes.is_empty() {
            return;
        }
        // All ones are the end.
        let offset = if offset == u64::MAX { lane.next } else { offset };
        // What was sent before is there already.
        let known = lane.next.saturating_sub(offset);
        if known >= length {
            return;
        }
        lane.skip(side, &file.facts.name, offset, context);
        let fresh = usize::try_from(known).ok().and_then(|known| bytes.get(known..));
        if let Some(carried) = &mut lane.carried {
            carried.data(fresh.unwrap_or_default(), context);
        }
        lane.next = offset.saturating_add(length);
    }

    /// So many bytes of something open pass and were not captured.
    pub(super) fn gap(&mut self, side: Side, id: &FileId, offset: u64, length: u64, context: &mut Context<'_>) {
        self.count(side, length);
        let Some(file) = self.files.get_mut(id) else { return };
        if let Some(calls) = &mut file.calls {
            calls.miss(side, length, context);
        }
        let [read, written] = &mut file.lanes;
        let lane = if side == Side::Responder { read } else { written };
        lane.total = lane.total.saturating_add(length);
        let end = offset.saturating_add(length);
        if file.facts.resource == SmbKind::Disk && end > lane.next {
            lane.skip(side, &file.facts.name, end, context);
        }
    }

    fn count(&mut self, side: Side, length: u64) {
        let count = match side {
            Side::Originator => &mut self.smb.written,
            Side::Responder => &mut self.smb.read,
        };
        *count = count.saturating_add(length);
    }

    /// Says what is left.
    pub(super) fn finish(&mut self, context: &mut Context<'_>) {
        while let Some((_, file)) = self.files.pop_first() {
            self.close(file, false, context);
        }
        while let Some((_, asked)) = self.asked.pop_first() {
            if let Asked::Session(Some(ticket)) = asked {
                context.say(context.here, Exchange::Kerberos(ticket));
            }
        }
        self.proofs.finish(context);
        let smb = std::mem::take(&mut self.smb);
        let is_empty = smb == Smb::default();
        if !is_empty && !std::mem::replace(&mut self.is_said, true) {
            context.say(self.began.unwrap_or(context.here), Exchange::Smb(Box::new(smb)));
        }
    }
}

impl Lane {
    /// What comes next stands at `offset`: what is before it and did not come is missing.
    fn skip(&mut self, side: Side, name: &Untrusted, offset: u64, context: &mut Context<'_>) {
        let carried = self.carried.get_or_insert_with(|| {
            let description = Description {
                service: "smb",
                side,
                name: Some(name.clone()),
                media_type: None,
                encoding: None,
            };
            Carried::begin(description, context)
        });
        if offset > self.next {
            carried.gap(offset - self.next);
            self.next = offset;
            self.is_broken = true;
        }
    }
}

/// Whether a name is one that services listen on.
fn is_pipe(name: &str) -> bool {
    const PIPES: &[&str] = &[
        "atsvc",
        "browser",
        "dnsserver",
        "efsrpc",
        "epmapper",
        "eventlog",
        "initshutdown",
        "lsarpc",
        "lsass",
        "netdfs",
        "netlogon",
        "ntsvcs",
        "samr",
        "spoolss",
        "srvsvc",
        "svcctl",
        "trkwks",
        "winreg",
        "wkssvc",
    ];
    let name = name.trim_start_matches('\\').to_ascii_lowercase();
    PIPES.contains(&name.strip_prefix("pipe\\").unwrap_or(&name))
}
