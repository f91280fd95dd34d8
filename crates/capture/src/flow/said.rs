//! What a table says between two ticks.

use super::follow::{Follow, Told};
use crate::{KeyLog, Sink};
use std::sync::Arc;
use watchfire_model::Untrusted;
use watchfire_model::network::{Event, Exchange, FileId, Flow};

/// Bytes of memory that exchanges of a table may need between two ticks. A few bytes may say again what a session knows, so
/// that the bytes of frames do not bound it; of ordinary traffic, an exchange for each ten bytes has room.
const MOST: usize = 16 << 20;
/// Bytes that one needs, beside the texts that are counted.
const EACH: usize = 256;
/// Bytes of memory of each kind that are kept for what is said next.
const KEPT: usize = 64 << 10;

/// What is said, and waits for the tick.
#[derive(Debug, Default)]
pub(crate) struct Said {
    /// Flows that are open still.
    pub(crate) open: usize,
    /// The thread on which most of it was said.
    pub(crate) by: usize,
    /// Flows that are over.
    pub(crate) flows: Vec<Flow>,
    /// What was exchanged in flows.
    pub(crate) events: Vec<Event>,
    /// About how many bytes of memory that needs.
    weight: usize,
    /// Exchanges that had no room there, since the beginning.
    unsaid: u64,
    /// Bytes of files that were carried, one piece behind the other.
    pub(crate) bytes: Vec<u8>,
    /// Where the pieces are: the frame, the file, where the piece stands in the file, and its bytes.
    pub(crate) pieces: Vec<Piece>,
    /// How many bytes of a file are wanted.
    wanted: u64,
    /// Secrets with which what is encrypted can be read.
    pub(crate) secrets: Arc<KeyLog>,
    /// Who listens to the flow that is followed.
    pub(super) follow: Option<Box<Follow>>,
    told: Told,
}

/// Where a piece of a file is.
#[derive(Clone, Debug)]
pub(crate) struct Piece {
    pub(crate) frame: u64,
    file: FileId,
    at: u64,
    start: usize,
    end: usize,
}

/// A piece of a file on its way. Pieces of a file come in order, and before the event that says what it was; what is between
/// them is missing. One without bytes is the last of something that turned out to be no file: no event says what it was.
#[derive(Clone, Copy, Debug)]
pub struct Content<'s> {
    /// Which file.
    pub file: FileId,
    /// Where in it the piece stands.
    pub at: u64,
    /// The bytes.
    pub bytes: &'s [u8],
}

impl Said {
    /// Of each file, so many bytes are kept for whoever wants them.
    pub(crate) fn new(wanted: u64) -> Self {
        Self {
            wanted,
            ..Self::default()
        }
    }

    /// Of the flow that this one is on, everything is kept.
    pub(crate) fn following(self, follow: Follow) -> Self {
        Self {
            follow: Some(Box::new(follow)),
            ..self
        }
    }

    /// Hands out what was said so far, and goes on in `next`, of which only the memory is left.
    pub(crate) fn take(&mut self, next: Self) -> Self {
        let next = Self {
            wanted: self.wanted,
            unsaid: self.unsaid,
            secrets: Arc::clone(&self.secrets),
            follow: self.follow.take(),
            ..next
        };
        let mut said = std::mem::replace(self, next);
        said.told = self.follow.as_mut().map(|follow| follow.take()).unwrap_or_default();
        said
    }

    /// Forgets what was said. Its memory is for what is said next, unless it was much.
    pub(crate) fn clear(&mut self) {
        self.open = 0;
        self.weight = 0;
        self.told = Told::default();
        forget(&mut self.flows);
        forget(&mut self.events);
        forget(&mut self.bytes);
        forget(&mut self.pieces);
    }

    /// About how many bytes of memory it needs.
    pub(crate) fn memory(&self) -> usize {
        self.weight
            + self.bytes.capacity()
            + self.flows.capacity() * size_of::<Flow>()
            + self.events.capacity() * size_of::<Event>()
            + self.pieces.capacity() * size_of::<Piece>()
    }

    /// Hands out what was heard of the flow that is followed.
    pub(crate) fn tell(&self, sink: &mut dyn Sink) {
        self.told.tell(sink);
    }

    /// Takes an exchange in, if it has room: files, for which somebody waits, and log-ins have it always.
    pub(crate) fn event(&mut self, event: Event) {
        let is_owed = matches!(event.exchange, Exchange::File(_) | Exchange::Login(_));
        let weight = self.weight.saturating_add(EACH + repeated(&event.exchange));
        if weight > MOST && !is_owed {
            self.unsaid = self.unsaid.saturating_add(1);
            return;
        }
        self.weight = weight;
        self.events.push(event);
    }

    /// Exchanges that had no room.
    pub(crate) const fn unsaid(&self) -> u64 {
        self.unsaid
    }

    /// Keeps what is wanted of a piece.
    pub(crate) fn content(&mut self, frame: u64, file: FileId, at: u64, bytes: &[u8]) {
        let room = usize::try_from(self.wanted.saturating_sub(at)).unwrap_or(usize::MAX);
        let bytes = bytes.get(..room.min(bytes.len())).unwrap_or_default();
        if bytes.is_empty() {
            return;
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        let end = self.bytes.len();
        // Directly behind the last one, it is the same piece.
        if let Some(last) = self.pieces.last_mut()
            && (last.frame, last.file) == (frame, file)
            && last.at + (last.end - last.start) as u64 == at
        {
            last.end = end;
            return;
        }
        self.pieces.push(Piece {
            frame,
            file,
            at,
            start,
            end,
        });
    }

    /// Nothing more comes of what was no file.
    pub(crate) fn left(&mut self, frame: u64, file: FileId, at: u64) {
        let end = self.bytes.len();
        if self.wanted > 0 {
            self.pieces.push(Piece {
                frame,
                file,
                at: at.min(self.wanted),
                start: end,
                end,
            });
        }
    }

    /// What a piece holds.
    pub(crate) fn piece(&self, piece: &Piece) -> Content<'_> {
        Content {
            file: piece.file,
            at: piece.at,
            bytes: self.bytes.get(piece.start..piece.end).unwrap_or_default(),
        }
    }
}

/// Empties a list, and gives back its memory where it has much.
fn forget<T>(list: &mut Vec<T>) {
    list.clear();
    if list.capacity() * size_of::<T>() > KEPT {
        *list = Vec::new();
    }
}

/// Bytes of the texts that exchanges repeat: those of a session, and names that others point to.
fn repeated(exchange: &Exchange) -> usize {
    fn sum<const N: usize>(texts: [Option<&Untrusted>; N]) -> usize {
        texts.iter().flatten().map(|text| text.raw().len()).sum()
    }
    match exchange {
        Exchange::DceRpc(rpc) => sum([rpc.pipe.as_ref()]),
        Exchange::Dns(dns) => {
            let answers = dns.reply.iter().flat_map(|reply| &reply.answers);
            answers
                .map(|answer| EACH / 4 + sum([Some(&answer.name), Some(&answer.data)]))
                .sum()
        }
        Exchange::Ftp(ftp) => sum([ftp.user.as_ref(), ftp.path.as_ref(), ftp.argument.as_ref()]),
        Exchange::Irc(irc) => sum([irc.nick.as_ref(), irc.user.as_ref(), irc.text.as_ref()]),
        Exchange::Sip(sip) => {
            let more = sum([sip.call_id.as_ref(), sip.subject.as_ref(), sip.user_agent.as_ref()]);
            more + sum([Some(&sip.uri), sip.from.as_ref(), sip.to.as_ref()])
        }
        Exchange::SmbFile(file) => sum([file.share.as_ref(), Some(&file.name), file.previous_name.as_ref()]),
        Exchange::SmbShare(share) => sum([share.path.as_ref()]),
        Exchange::Smtp(smtp) => sum([smtp.greeting.as_ref(), smtp.helo.as_ref(), smtp.last_reply.as_ref()]),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::SocketAddr;
    use watchfire_model::Timestamp;
    use watchfire_model::network::{CarriedFile, Ftp};

    fn event(exchange: Exchange) -> Event {
        let end = SocketAddr::from(([192, 0, 2, 1], 21));
        Event {
            flow: 1,
            frame: 1,
            time: Timestamp::default(),
            originator: end,
            responder: end,
            transport: None,
            exchange,
        }
    }

    #[test]
    fn what_is_no_file_ends_where_it_was_wanted_to() {
        let file = FileId { flow: 1, number: 0 };
        let pieces = |wanted| {
            let mut said = Said::new(wanted);
            said.content(1, file, 0, b"abcdef");
            said.left(2, file, 6);
            let pieces = said.pieces.iter().map(|piece| said.piece(piece));
            pieces.map(|piece| (piece.at, piece.bytes.len())).collect::<Vec<_>>()
        };
        assert_eq!(pieces(10), [(0, 6), (6, 0)]);
        assert_eq!(pieces(4), [(0, 4), (4, 0)]);
        assert_eq!(pieces(0), []);
    }

    #[test]
    fn so_much_is_said_between_two_ticks_and_the_rest_is_counted() {
        let command = Ftp {
            user: Some("u".repeat(1_000).into()),
            ..Ftp::default()
        };
        let fits = MOST / (EACH + 1_000);
        let mut said = Said::default();
        for round in 1..3 {
            (0..2 * fits).for_each(|_| said.event(event(Exchange::Ftp(Box::new(command.clone())))));
            let file = CarriedFile {
                id: FileId { flow: 1, number: 0 },
                service: "ftp-data",
                sent: true,
                name: None,
                media_type: None,
                encoding: None,
                size: 1,
                missing: 0,
                whole: true,
                sha256: None,
            };
            said.event(event(Exchange::File(Box::new(file))));
            // Behind a tick, there is room again.
            assert_eq!(said.take(Said::default()).events.len(), fits + 1);
            assert_eq!(said.unsaid(), round * fits as u64);
        }
    }
}
