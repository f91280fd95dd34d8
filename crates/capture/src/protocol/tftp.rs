//! TFTP (RFC 1350) with options (RFC 2347): which file is asked for, and how much of it came.
//!
//! The request goes to port 69. The server answers from a port of its own, so that the file is in a flow of its own, which
//! nothing but its first message tells: the first block, that for a file to be written, or options. A flow is one exchange.

#[cfg(test)]
mod tests;

use super::field::{filled, text};
use super::{Carried, Carrier, Context, Description, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Tftp, TftpOperation};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "tftp",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Talk::default()),
};

/// Messages (RFC 1350 5, RFC 2347).
const READ: u16 = 1;
const WRITE: u16 = 2;
const DATA: u16 = 3;
const ACKNOWLEDGED: u16 = 4;
const ERROR: u16 = 5;
const OPTIONS: u16 = 6;
/// Bytes of a block, where nothing else is agreed on.
const BLOCK: usize = 512;
/// Options that are kept.
const MOST_OPTIONS: usize = 8;
/// What options are called (RFC 2348, RFC 2349, RFC 7440).
const NAMES: [&str; 5] = ["blksize", "timeout", "tsize", "windowsize", "multicast"];

fn recognise(opening: &Opening<'_>) -> Guess {
    let bytes = if opening.originator.is_empty() {
        opening.responder
    } else {
        opening.originator
    };
    let mut cursor = Cursor::new(bytes);
    let Some(operation) = cursor.be16() else {
        return Guess::No;
    };
    // The file's flow has ports that nobody else listens on.
    let is_elsewhere = opening.port >= 1_024;
    Guess::only_if(match operation {
        READ | WRITE => Request::read(&mut cursor).is_some(),
        OPTIONS => {
            let first = strings(cursor.rest()).next();
            first.is_some_and(|first| NAMES.iter().any(|name| first.eq_ignore_ascii_case(name.as_bytes())))
        }
        DATA => is_elsewhere && cursor.be16() == Some(1) && cursor.rest().len() <= BLOCK,
        ACKNOWLEDGED => is_elsewhere && cursor.be16() == Some(0) && cursor.is_empty(),
        _ => false,
    })
}

/// Texts, each ended by 0.
fn strings(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let end = rest.iter().position(|byte| *byte == 0)?;
        let (text, behind) = rest.split_at_checked(end)?;
        rest = behind.get(1..)?;
        Some(text)
    })
}

/// Options with their values.
fn options<'m>(strings: impl Iterator<Item = &'m [u8]>) -> Vec<Untrusted> {
    let strings: Vec<&[u8]> = strings.take(2 * MOST_OPTIONS).collect();
    let (pairs, _) = strings.as_chunks::<2>();
    pairs
        .iter()
        .map(|[name, value]| text(&[name, b"=".as_slice(), value].concat()))
        .collect()
}

/// The size of blocks that options agree on (RFC 2348).
fn block_size(options: &[Untrusted]) -> Option<usize> {
    let mut sizes = options.iter().filter_map(|option| {
        let (name, size) = option.raw().split_once('=')?;
        name.eq_ignore_ascii_case("blksize").then(|| size.parse().ok())?
    });
    sizes.next()
}

/// A request for a file.
struct Request<'m> {
    name: &'m [u8],
    mode: &'m [u8],
    options: Vec<Untrusted>,
}

impl<'m> Request<'m> {
    fn read(cursor: &mut Cursor<'m>) -> Option<Self> {
        let mut strings = strings(cursor.rest());
        let (name, mode) = (strings.next()?, strings.next()?);
        let is_mode = [b"octet".as_slice(), b"netascii", b"mail"]
            .iter()
            .any(|known| mode.eq_ignore_ascii_case(known));
        (is_mode && !name.is_empty()).then(|| Self {
            name,
            mode,
            options: options(strings),
        })
    }
}

/// A flow.
#[derive(Debug, Default)]
struct Talk {
    began: Option<Here>,
    tftp: Tftp,
    /// Who sends the file, once a block came.
    sender: Option<Side>,
    /// The number of the last block.
    block: u16,
    size: Option<usize>,
    file: Option<Box<Carried>>,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let mut cursor = Cursor::new(bytes);
        let Some(operation) = cursor.be16() else {
            return Heard::More;
        };
        match operation {
            READ | WRITE => {
                let Some(request) = Request::read(&mut cursor) else {
                    return Heard::More;
                };
                if self.tftp.name.is_some() && self.tftp.name != filled(request.name) {
                    // Another file from the same port.
                    self.finish(context);
                }
                self.tftp.operation = Some(if operation == READ {
                    TftpOperation::Read
                } else {
                    TftpOperation::Write
                });
                self.tftp.name = filled(request.name);
                self.tftp.mode = filled(request.mode);
                self.tftp.options = request.options;
            }
            DATA => self.data(side, &mut cursor, context),
            ERROR => {
                self.tftp.error = cursor.be16();
                self.tftp.error_message = strings(cursor.rest()).next().and_then(filled);
            }
            OPTIONS => {
                self.tftp.options = options(strings(cursor.rest()));
                self.size = block_size(&self.tftp.options).or(self.size);
            }
            ACKNOWLEDGED => {}
            _ => return Heard::More,
        }
        self.began.get_or_insert(context.here);
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        if let Some(began) = self.began.take() {
            let mut talk = std::mem::take(self);
            if let Some(file) = talk.file.take() {
                file.end(talk.tftp.complete, context);
            }
            context.say(began, Exchange::Tftp(Box::new(talk.tftp)));
        }
    }
}

impl Talk {
    /// A block of the file. One that was sent again has a number that was there already.
    fn data(&mut self, side: Side, cursor: &mut Cursor<'_>, context: &mut Context<'_>) {
        let Some(number) = cursor.be16() else { return };
        let is_next = number == self.block.wrapping_add(1) && !self.tftp.complete;
        if !is_next || *self.sender.get_or_insert(side) != side {
            return;
        }
        let name = &self.tftp.name;
        let file = self.file.get_or_insert_with(|| {
            let description = Description {
                service: "tftp",
                side,
                name: name.clone(),
                media_type: None,
                encoding: None,
            };
            Carried::begin(description, context)
        });
        file.data(cursor.rest(), context);
        let length = cursor.rest().len();
        self.block = number;
        self.tftp.bytes = self.tftp.bytes.saturating_add(length as u64);
        self.tftp.complete = length < self.size.unwrap_or(BLOCK);
    }
}
