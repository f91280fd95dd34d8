//! Messages of SMB 2 and 3 (MS-SMB2 2.2).

use super::super::field::path;
use super::super::windows::{filetime, guid, utf16};
use super::super::{Context, Here, Side};
use super::state::{Asked, FileId, Opened, Opening, SAME, State};
use super::{Bulk, MAGIC_2};
use crate::bytes::{array, byte, le16, le32, le64, part};
use watchfire_model::Untrusted;
use watchfire_model::network::{NtStatus, SmbKind, SmbShare, SmbSigning};

/// Bytes of a header, and of it with the fixed part of a request to write.
const HEADER: usize = 64;
pub(super) const WITH_WRITE: usize = HEADER + 48;
/// Commands.
const NEGOTIATE: u16 = 0;
const SESSION_SETUP: u16 = 1;
const TREE_CONNECT: u16 = 3;
const TREE_DISCONNECT: u16 = 4;
const CREATE: u16 = 5;
const CLOSE: u16 = 6;
const READ: u16 = 8;
const WRITE: u16 = 9;
const IOCTL: u16 = 11;
const SET_INFO: u16 = 17;
/// Flags: an answer; about what the one before was about.
const ANSWER: u32 = 0x01;
const ASYNC: u32 = 0x02;
/// To write to a pipe and read from it at once.
const TRANSCEIVE: u32 = 0x0011_c017;
/// Of a file (MS-FSCC 2.4): its path, whether it is to be deleted, in two forms.
const OF_FILE: u8 = 1;
const RENAME: u8 = 10;
const DISPOSITION: u8 = 13;
const DISPOSITION_EX: u8 = 64;
const DELETE_ON_CLOSE: u32 = 0x1000;
const DIRECTORY: u32 = 0x10;
/// Messages in one.
const MOST_CHAINED: usize = 64;
/// Dialects that are offered.
const MOST_DIALECTS: usize = 16;

/// The header of a message.
#[derive(Clone, Copy, Debug)]
struct Header {
    command: u16,
    status: NtStatus,
    is_answer: bool,
    next: usize,
    id: u64,
    tree: u32,
}

impl Header {
    fn read(message: &[u8]) -> Option<Self> {
        if !message.starts_with(MAGIC_2) || message.len() < HEADER {
            return None;
        }
        let flags = le32(message, 16)?;
        Some(Self {
            command: le16(message, 12)?,
            status: NtStatus(le32(message, 8)?),
            is_answer: flags & ANSWER != 0,
            next: usize::try_from(le32(message, 20)?).ok()?,
            id: le64(message, 24)?,
            tree: if flags & ASYNC != 0 { 0 } else { le32(message, 36)? },
        })
    }
}

/// Whether a message is bytes of a file, and where they begin in it: it need not be held as a whole.
pub(super) fn bulk(message: &[u8], state: &State) -> Option<(usize, Bulk)> {
    let header = Header::read(message).filter(|header| header.next == 0)?;
    let body = message.get(HEADER..)?;
    let (from, side, file, offset) = match (header.command, header.is_answer) {
        (WRITE, false) => {
            let from = usize::from(le16(body, 2)?);
            (from, Side::Originator, array(body, 16)?, le64(body, 8)?)
        }
        (READ, true) if header.status.is_done() => {
            let (file, offset) = state.asked_for(header.id)?;
            (usize::from(byte(body, 2)?), Side::Responder, file, offset)
        }
        _ => return None,
    };
    let bulk = Bulk {
        side,
        file,
        offset,
        left: u64::from(le32(body, 4)?),
    };
    // It cannot begin before the end of what says so.
    (from >= HEADER + 16).then_some((from, bulk))
}

/// Hears a message, and those that are chained to it.
pub(super) fn message(bytes: &[u8], began: Here, state: &mut State, context: &mut Context<'_>) {
    let mut rest = bytes;
    let mut latest = None;
    for _ in 0..MOST_CHAINED {
        let Some(header) = Header::read(rest) else { return };
        let message = if header.next >= HEADER {
            part(rest, 0_u64, header.next as u64)
        } else {
            rest
        };
        if header.is_answer {
            answer(&header, message, &mut latest, state, context);
        } else {
            request(&header, message, began, state, context);
        }
        if header.next < HEADER {
            return;
        }
        rest = rest.get(header.next..).unwrap_or_default();
    }
}

fn request(header: &Header, message: &[u8], began: Here, state: &mut State, context: &mut Context<'_>) {
    let asked = asked(header, message, began, state, context);
    state.ask(header.id, asked.unwrap_or(Asked::Other));
}

fn asked(header: &Header, message: &[u8], began: Here, state: &mut State, context: &mut Context<'_>) -> Option<Asked> {
    let body = message.get(HEADER..)?;
    Some(match header.command {
        NEGOTIATE => {
            let count = usize::from(le16(body, 2)?).min(MOST_DIALECTS);
            let dialects = (0..count).filter_map(|at| le16(body, 36 + 2 * at));
            state.smb.offered = dialects.map(dialect).collect();
            Asked::Other
        }
        SESSION_SETUP => {
            let token = part(message, le16(body, 12)?, le16(body, 14)?);
            Asked::Session(state.prove(token, context))
        }
        TREE_CONNECT => {
            let share = utf16(part(message, le16(body, 4)?, le16(body, 6)?));
            Asked::Tree(began, Some(path(share)))
        }
        TREE_DISCONNECT => {
            state.leave(header.tree);
            Asked::Other
        }
        CREATE => Asked::Open(Box::new(Opening {
            began,
            tree: header.tree,
            name: path(utf16(part(message, le16(body, 44)?, le16(body, 46)?))),
            delete_on_close: le32(body, 40)? & DELETE_ON_CLOSE != 0,
        })),
        CLOSE => Asked::Close(array(body, 8)?),
        READ => Asked::Read(array(body, 16)?, le64(body, 8)?),
        WRITE => {
            // One that is chained to others was held.
            let (file, offset) = (array(body, 16)?, le64(body, 8)?);
            let data = part(message, le16(body, 2)?, le32(body, 4)?);
            state.data(Side::Originator, &file, offset, data, context);
            Asked::Other
        }
        IOCTL if le32(body, 4)? == TRANSCEIVE => {
            let file = array(body, 8)?;
            let data = part(message, le32(body, 24)?, le32(body, 28)?);
            state.data(Side::Originator, &file, 0, data, context);
            Asked::Transceive(file)
        }
        SET_INFO if byte(body, 2)? == OF_FILE => {
            let file = array(body, 16)?;
            let value = part(message, le16(body, 8)?, le32(body, 4)?);
            match byte(body, 3)? {
                DISPOSITION | DISPOSITION_EX => Asked::Delete(began, file, byte(value, 0)? & 1 != 0),
                RENAME => {
                    let name = utf16(part(value, 20_u64, le32(value, 16)?));
                    Asked::Rename(began, file, path(name))
                }
                _ => Asked::Other,
            }
        }
        _ => Asked::Other,
    })
}

fn answer(header: &Header, message: &[u8], latest: &mut Option<FileId>, state: &mut State, context: &mut Context<'_>) {
    // There will be another.
    if header.status == NtStatus::PENDING {
        return;
    }
    let body = message.get(HEADER..).unwrap_or_default();
    if header.command == NEGOTIATE && header.status.is_done() {
        negotiated(body, message, state, context);
    }
    let (status, is_done) = (header.status, header.status.is_done());
    let same = |latest: &Option<FileId>, file| if file == SAME { latest.unwrap_or(SAME) } else { file };
    match state.asked(header.id) {
        Some(Asked::Session(ticket)) => {
            let token = part(message, le16(body, 4).unwrap_or(0), le16(body, 6).unwrap_or(0));
            state.prove(token, context);
            state.session(ticket, status, context);
        }
        Some(Asked::Tree(began, path)) => {
            let kind = match byte(body, 2) {
                Some(1) => Some(SmbKind::Disk),
                Some(2) => Some(SmbKind::Pipe),
                Some(3) => Some(SmbKind::Printer),
                _ => None,
            };
            let share = SmbShare {
                path,
                resource: kind.filter(|_| is_done),
                status,
                ..SmbShare::default()
            };
            state.tree(began, header.tree, share, context);
        }
        Some(Asked::Open(opening)) => {
            let id = array(body, 64).filter(|_| is_done);
            *latest = id.or(*latest);
            state.opened(*opening, id, opened(body), status, context);
        }
        Some(Asked::Close(file)) => state.closed(&same(latest, file), context),
        Some(Asked::Read(file, offset)) if is_done => {
            let data = part(message, byte(body, 2).unwrap_or(0), le32(body, 4).unwrap_or(0));
            state.data(Side::Responder, &same(latest, file), offset, data, context);
        }
        Some(Asked::Delete(began, file, true)) if is_done => state.deleted(began, &same(latest, file), context),
        Some(Asked::Rename(began, file, name)) if is_done => state.renamed(began, &same(latest, file), name, context),
        Some(Asked::Transceive(file)) if is_done => {
            let data = part(message, le32(body, 32).unwrap_or(0), le32(body, 36).unwrap_or(0));
            state.data(Side::Responder, &same(latest, file), 0, data, context);
        }
        _ => {}
    }
}

fn negotiated(body: &[u8], message: &[u8], state: &mut State, context: &mut Context<'_>) {
    let smb = &mut state.smb;
    smb.dialect = le16(body, 4).map(dialect);
    smb.signing = le16(body, 2).map(|mode| match mode & 3 {
        0 => SmbSigning::Off,
        1 => SmbSigning::Enabled,
        _ => SmbSigning::Required,
    });
    smb.server_id = array(body, 8).map(|id| guid(&id));
    smb.server_started = le64(body, 48).filter(|time| *time != 0).and_then(filetime);
    let token = part(message, le16(body, 56).unwrap_or(0), le16(body, 58).unwrap_or(0));
    state.prove(token, context);
}

fn opened(body: &[u8]) -> Opened {
    let time = |at| le64(body, at).filter(|time| *time != 0).and_then(filetime);
    Opened {
        size: le64(body, 48),
        created: time(8),
        accessed: time(16),
        modified: time(24),
        changed: time(32),
        is_directory: le32(body, 56).is_some_and(|attributes| attributes & DIRECTORY != 0),
    }
}

/// The number of a dialect as it is written: 0x0311 is 3.1.1.
fn dialect(number: u16) -> Untrusted {
    let (major, minor, third) = (number >> 8, number >> 4 & 0xf, number & 0xf);
    Untrusted::from(match number {
        0x02ff => "2.???".to_owned(),
        0x0202 => "2.0.2".to_owned(),
        _ if third == 0 => format!("{major}.{minor}"),
        _ => format!("{major}.{minor}.{third}"),
    })
}
