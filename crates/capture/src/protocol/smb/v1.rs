//! Messages of SMB 1 (MS-CIFS 2.2, MS-SMB 2.2).

use super::super::field::path;
use super::super::windows::{filetime, guid, narrow, utf16, wide};
use super::super::{Context, Here, Side};
use super::state::{Asked, FileId, Opened, Opening, State};
use super::{Bulk, MAGIC_1};
use crate::bytes::{array, byte, le16, le32, le64, part};
use watchfire_model::network::{Login, NtStatus, SmbAction, SmbKind, SmbShare, SmbSigning};
use watchfire_model::{Untrusted, network::Exchange};

/// Bytes of a header.
const HEADER: usize = 32;
/// Bytes of it with the words of whatever reads or writes.
pub(super) const WITH_WORDS: usize = HEADER + 1 + 28;
/// Commands.
const CLOSE: u8 = 0x04;
const DELETE: u8 = 0x06;
const RENAME: u8 = 0x07;
const TRANSACTION: u8 = 0x25;
const OPEN: u8 = 0x2d;
const READ: u8 = 0x2e;
const WRITE: u8 = 0x2f;
const TRANSACTION_2: u8 = 0x32;
const TREE_DISCONNECT: u8 = 0x71;
const NEGOTIATE: u8 = 0x72;
const SESSION_SETUP: u8 = 0x73;
const TREE_CONNECT: u8 = 0x75;
const CREATE: u8 = 0xa2;
/// Nothing follows in the same message.
const NOTHING: u8 = 0xff;
/// Flags: an answer; texts are UTF-16.
const ANSWER: u8 = 0x80;
const UNICODE: u16 = 0x8000;
/// What a server can: prove by SPNEGO.
const EXTENDED: u32 = 0x8000_0000;
/// What a server wants: passwords that are not in clear, signatures that may and that have to be.
const ENCRYPTED: u8 = 0x02;
const SIGNS: u8 = 0x04;
const MUST_SIGN: u8 = 0x08;
/// To write to a pipe and read from it at once (MS-CIFS 2.2.5.6).
const TRANSACT_PIPE: u16 = 0x26;
/// To set what is known of a file, and that is whether it is to be deleted.
const SET_FILE: u16 = 0x08;
const DISPOSITIONS: [u16; 2] = [0x0102, 1_013];
const DELETE_ON_CLOSE: u32 = 0x1000;
/// Commands in one message.
const MOST_CHAINED: usize = 16;
const MOST_DIALECTS: usize = 16;

fn id(file: u16) -> FileId {
    let [low, high] = file.to_le_bytes();
    let mut id = [0; 16];
    if let Some(place) = id.first_chunk_mut() {
        *place = [low, high];
    }
    id
}

/// A message, or one of the commands that are chained in it.
#[derive(Clone, Copy, Debug)]
struct Command<'m> {
    /// All of it, since offsets count from its beginning.
    message: &'m [u8],
    code: u8,
    status: NtStatus,
    is_answer: bool,
    is_unicode: bool,
    id: u64,
    tree: u32,
    words: &'m [u8],
    /// Where its bytes begin.
    from: usize,
}

impl<'m> Command<'m> {
    fn first(message: &'m [u8]) -> Option<Self> {
        if !message.starts_with(MAGIC_1) {
            return None;
        }
        let flags = le16(message, 10)?;
        let (process, number) = (le16(message, 26)?, le16(message, 30)?);
        Self {
            message,
            code: byte(message, 4)?,
            status: NtStatus(le32(message, 5)?),
            is_answer: byte(message, 9)? & ANSWER != 0,
            is_unicode: flags & UNICODE != 0,
            id: u64::from(process) << 16 | u64::from(number),
            tree: u32::from(le16(message, 24)?),
            words: &[],
            from: 0,
        }
        .at(HEADER)
    }

    /// Itself, with the words and bytes that stand at an offset.
    fn at(self, offset: usize) -> Option<Self> {
        let count = 2 * usize::from(byte(self.message, offset)?);
        let from = offset.checked_add(1)?;
        Some(Self {
            words: part(self.message, from, count),
            from: from.checked_add(count)?.checked_add(2)?,
            ..self
        })
    }

    /// The one that is chained behind it: further on, always.
    fn next(self) -> Option<Self> {
        let is_chained = matches!(
            self.code,
            SESSION_SETUP | TREE_CONNECT | OPEN | READ | WRITE | CREATE | 0x74 | 0x24
        );
        let (code, offset) = (byte(self.words, 0)?, usize::from(le16(self.words, 2)?));
        if !is_chained || code == NOTHING || offset < self.from {
            return None;
        }
        Self { code, ..self }.at(offset)
    }

    fn bytes(&self) -> &'m [u8] {
        self.message.get(self.from..).unwrap_or_default()
    }

    /// The text at an offset of the message, and where the next one is. Texts of UTF-16 stand at even offsets.
    fn text(&self, at: usize) -> (Option<Untrusted>, usize) {
        if self.is_unicode {
            let at = at + at % 2;
            let text = utf16(self.message.get(at..).unwrap_or_default());
            let next = at + 2 * (text.encode_utf16().count() + 1);
            return ((!text.is_empty()).then(|| path(text)), next);
        }
        let rest = self.message.get(at..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
        let text = narrow(part(rest, 0, length)).map(|text| path(text.raw().to_owned()));
        (text, at + length + 1)
    }

    /// Texts behind one another from an offset on.
    fn texts<const N: usize>(&self, mut at: usize) -> [Option<Untrusted>; N] {
        std::array::from_fn(|_| {
            let (text, next) = self.text(at);
            at = next;
            text
        })
    }
}

/// Whether a message is bytes of a file, and where they begin in it.
pub(super) fn bulk(message: &[u8], state: &State) -> Option<(usize, Bulk)> {
    let command = Command::first(message)?;
    let words = command.words;
    let (side, file, offset, low, high, from) = match (command.code, command.is_answer) {
        (WRITE, false) => {
            let high = le32(words, 24).unwrap_or(0);
            let offset = u64::from(high) << 32 | u64::from(le32(words, 6)?);
            let (low, high) = (le16(words, 20)?, le16(words, 18)?);
            (
                Side::Originator,
                id(le16(words, 4)?),
                offset,
                low,
                high,
                le16(words, 22)?,
            )
        }
        (READ, true) if command.status.is_done() => {
            let (file, offset) = state.asked_for(command.id)?;
            let (low, high) = (le16(words, 10)?, le16(words, 14)?);
            (Side::Responder, file, offset, low, high, le16(words, 12)?)
        }
        _ => return None,
    };
    let from = usize::from(from);
    let bulk = Bulk {
        side,
        file,
        offset,
        left: u64::from(high) << 16 | u64::from(low),
    };
    (byte(words, 0)? == NOTHING && from >= command.from).then_some((from, bulk))
}

/// Hears a message, and the commands that are chained in it.
pub(super) fn message(bytes: &[u8], began: Here, state: &mut State, context: &mut Context<'_>) {
    let mut next = Command::first(bytes);
    for at in 0..MOST_CHAINED {
        let Some(command) = next else { return };
        // Each of those in one message waits under a number of its own.
        let id = command.id | (at as u64) << 32;
        if command.is_answer {
            answer(&command, id, state, context);
        } else {
            let asked = asked(&command, began, state, context);
            state.ask(id, asked.unwrap_or(Asked::Other));
        }
        next = command.next();
    }
}

fn asked(command: &Command<'_>, began: Here, state: &mut State, context: &mut Context<'_>) -> Option<Asked> {
    let words = command.words;
    Some(match command.code {
        NEGOTIATE => {
            let dialects = command.bytes().split(|byte| *byte == 0);
            let dialects = dialects.filter_map(|dialect| narrow(dialect.strip_prefix(&[2])?));
            state.smb.offered = dialects.take(MOST_DIALECTS).collect();
            Asked::Other
        }
        SESSION_SETUP => Asked::Session(session(command, state, context)),
        TREE_CONNECT => {
            let password = usize::from(le16(words, 6)?);
            Asked::Tree(began, command.text(command.from + password).0)
        }
        TREE_DISCONNECT => {
            state.leave(command.tree);
            Asked::Other
        }
        CREATE => Asked::Open(Box::new(Opening {
            began,
            tree: command.tree,
            name: command.text(command.from).0.unwrap_or_default(),
            delete_on_close: le32(words, 39)? & DELETE_ON_CLOSE != 0,
        })),
        OPEN => Asked::Open(Box::new(Opening {
            began,
            tree: command.tree,
            name: command.text(command.from).0.unwrap_or_default(),
            delete_on_close: false,
        })),
        CLOSE => Asked::Close(id(le16(words, 0)?)),
        READ => {
            let high = le32(words, 20).unwrap_or(0);
            Asked::Read(id(le16(words, 4)?), u64::from(high) << 32 | u64::from(le32(words, 6)?))
        }
        DELETE => {
            // A letter says what kind of text follows.
            let name = command.text(command.from + 1).0?;
            let file = state.file(command.tree, name, SmbAction::Delete);
            Asked::Path(began, Box::new(file))
        }
        RENAME => {
            let (previous, next) = command.text(command.from + 1);
            let name = command.text(next + 1).0?;
            let mut file = state.file(command.tree, name, SmbAction::Rename);
            file.previous_name = previous;
            Asked::Path(began, Box::new(file))
        }
        TRANSACTION if le16(words, 28)? == TRANSACT_PIPE => {
            let file = id(le16(words, 30)?);
            let data = part(command.message, le16(words, 24)?, le16(words, 22)?);
            state.data(Side::Originator, &file, 0, data, context);
            Asked::Transceive(file)
        }
        TRANSACTION_2 if le16(words, 28)? == SET_FILE => {
            let parameters = part(command.message, le16(words, 20)?, le16(words, 18)?);
            let data = part(command.message, le16(words, 24)?, le16(words, 22)?);
            let is_delete = DISPOSITIONS.contains(&le16(parameters, 2)?);
            let file = id(le16(parameters, 0)?);
            Asked::Delete(began, file, is_delete && byte(data, 0)? != 0)
        }
        _ => Asked::Other,
    })
}

/// Who proves who he is, in one of the forms that there are.
fn session(
    command: &Command<'_>,
    state: &mut State,
    context: &mut Context<'_>,
) -> Option<Box<watchfire_model::network::Kerberos>> {
    let words = command.words;
    let first = usize::from(le16(words, 14)?);
    if words.len() == 24 {
        let token = part(command.message, command.from, first);
        let [system] = command.texts(command.from + first);
        state.smb.client_system = system;
        return state.prove(token, context);
    }
    if words.len() != 26 {
        return None;
    }
    let second = usize::from(le16(words, 16)?);
    let old = part(command.message, command.from, first);
    let new = part(command.message, command.from + first, second);
    let [user, domain, system] = command.texts(command.from + first + second);
    state.smb.client_system = system;
    if !state.is_clear {
        state.proofs.answer(old, new, user, domain, context.here);
        return None;
    }
    let password = if second > 0 { wide(new) } else { narrow(old) };
    if let Some(password) = password {
        let login = Login {
            domain,
            ..Login::clear("smb", user, password)
        };
        context.say(context.here, Exchange::Login(Box::new(login)));
    }
    None
}

fn answer(command: &Command<'_>, number: u64, state: &mut State, context: &mut Context<'_>) {
    let (words, status, is_done) = (command.words, command.status, command.status.is_done());
    if command.code == NEGOTIATE && is_done {
        negotiated(command, state, context);
    }
    match state.asked(number) {
        Some(Asked::Session(ticket)) => {
            let token = if words.len() >= 8 { le16(words, 6) } else { None };
            let length = usize::from(token.unwrap_or(0));
            state.prove(part(command.message, command.from, length), context);
            let [system] = command.texts(command.from + length);
            state.smb.server_system = system.or(state.smb.server_system.take());
            state.session(ticket, status, context);
        }
        Some(Asked::Tree(began, path)) => {
            let service = narrow(command.bytes());
            let length = service.as_ref().map_or(0, |service| service.raw().len());
            let kind = match service.as_ref().map(Untrusted::raw) {
                Some("IPC") => Some(SmbKind::Pipe),
                Some(printer) if printer.starts_with("LPT") => Some(SmbKind::Printer),
                Some(_) => Some(SmbKind::Disk),
                None => None,
            };
            let share = SmbShare {
                path,
                resource: kind.filter(|_| is_done),
                file_system: command.text(command.from + length + 1).0.filter(|_| is_done),
                service: service.filter(|_| is_done),
                status,
            };
            state.tree(began, command.tree, share, context);
        }
        Some(Asked::Open(opening)) => {
            let (file, opened) = opened(command);
            state.opened(*opening, file.filter(|_| is_done), opened, status, context);
        }
        Some(Asked::Close(file)) => state.closed(&file, context),
        Some(Asked::Delete(began, file, true)) if is_done => state.deleted(began, &file, context),
        Some(Asked::Path(began, mut file)) => {
            file.status = status;
            context.say(began, Exchange::SmbFile(file));
        }
        Some(Asked::Transceive(file)) if is_done => {
            let (from, length) = (le16(words, 14).unwrap_or(0), le16(words, 12).unwrap_or(0));
            let data = part(command.message, from, length);
            state.data(Side::Responder, &file, 0, data, context);
        }
        _ => {}
    }
}

fn negotiated(command: &Command<'_>, state: &mut State, context: &mut Context<'_>) {
    let words = command.words;
    let chosen = le16(words, 0).map(usize::from);
    state.smb.dialect = chosen.and_then(|chosen| state.smb.offered.get(chosen)).cloned();
    let (Some(mode), Some(capabilities)) = (byte(words, 2), le32(words, 19)) else {
        return;
    };
    state.is_clear = mode & ENCRYPTED == 0;
    state.smb.signing = Some(match mode & (SIGNS | MUST_SIGN) {
        0 => SmbSigning::Off,
        SIGNS => SmbSigning::Enabled,
        _ => SmbSigning::Required,
    });
    let bytes = command.bytes();
    if capabilities & EXTENDED != 0 {
        state.smb.server_id = array(bytes, 0).map(|id| guid(&id));
        state.prove(bytes.get(16..).unwrap_or_default(), context);
    } else if let (Some(8), Some(challenge)) = (byte(words, 33), array(bytes, 0)) {
        state.proofs.challenge(challenge);
    }
}

fn opened(command: &Command<'_>) -> (Option<FileId>, Opened) {
    let words = command.words;
    if command.code == OPEN {
        let opened = Opened {
            size: le32(words, 12).map(u64::from),
            ..Opened::default()
        };
        return (le16(words, 4).map(id), opened);
    }
    let time = |at| le64(words, at).filter(|time| *time != 0).and_then(filetime);
    let opened = Opened {
        size: le64(words, 55),
        created: time(11),
        accessed: time(19),
        modified: time(27),
        changed: time(35),
        is_directory: byte(words, 67).is_some_and(|is| is != 0),
    };
    (le16(words, 5).map(id), opened)
}
