//! PostgreSQL, version 3 of its protocol (<https://www.postgresql.org/docs/current/protocol.html>): log-ins, queries with
//! what became of them, TLS. Rows are passed over.

#[cfg(test)]
mod tests;

use super::statement::{self, Dialect};
use super::text::some;
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Inner, Opening, Protocol, Side};
use crate::cursor::Cursor;
use std::collections::VecDeque;
use watchfire_model::network::{Exchange, Hashcat, Login, LoginMethod, Postgresql};
use watchfire_model::{Secret, Untrusted, digest_hex};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "postgresql",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Session::default()),
};

/// hashcat's number of its MD5 log-ins, <https://hashcat.net/wiki/doku.php?id=example_hashes>.
const MD5: u32 = 11_100;
/// Numbers that stand in the place of a version.
const TLS: u32 = 80_877_103;
const GSSAPI: u32 = 80_877_104;
/// Bytes of a message that are kept.
const LONGEST_KEPT: usize = 4 << 10;
/// Bytes of the first message, which are allowed.
const LONGEST_START: u32 = 10_000;
/// Commands that wait for an answer.
const MOST_OPEN: usize = 64;

fn recognise(opening: &Opening<'_>) -> Guess {
    let mut cursor = Cursor::new(opening.originator);
    let is_answer = matches!(opening.responder, [] | [b'S' | b'N' | b'R' | b'E' | b'G' | b'v', ..]);
    match (cursor.be32(), cursor.be32()) {
        _ if !is_answer => Guess::No,
        (None, _) => match opening.originator {
            [] | [0] | [0, 0] | [0, 0, _] => Guess::Perhaps,
            _ => Guess::No,
        },
        (Some(8), Some(TLS | GSSAPI)) => Guess::Yes,
        (Some(length), Some(0x0003_0000..=0x0003_0002)) if (16..LONGEST_START).contains(&length) => {
            match super::text::begins(
                cursor.rest(),
                &[b"user\0", b"database\0", b"application_name\0", b"client_encoding\0"],
            ) {
                Guess::No if cursor.is_empty() => Guess::Perhaps,
                other => other,
            }
        }
        (Some(length), None) if length < LONGEST_START => Guess::Perhaps,
        _ => Guess::No,
    }
}

/// One side's messages.
#[derive(Debug, Default)]
struct Messages {
    /// The type and the length of the message, as far as they are there.
    head: Vec<u8>,
    left: usize,
    body: Vec<u8>,
    began: Option<Here>,
}

impl Messages {
    /// Takes bytes until a message is whole; those at the beginning have no type.
    fn next(&mut self, bytes: &mut &[u8], has_type: bool, context: &Context<'_>) -> Option<(u8, Vec<u8>, Here)> {
        let whole = 4 + usize::from(has_type);
        while self.head.len() < whole {
            let (byte, rest) = bytes.split_first()?;
            self.began.get_or_insert(context.here);
            self.head.push(*byte);
            *bytes = rest;
            if self.head.len() == whole {
                let length = self.head.last_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
                self.left = usize::try_from(length).unwrap_or(usize::MAX).saturating_sub(4);
            }
        }
        let (part, rest) = bytes.split_at_checked(self.left.min(bytes.len()))?;
        // Rows, and data that is copied.
        let is_wanted = !has_type || !matches!(self.head.first(), Some(b'D' | b'd'));
        let kept = if is_wanted { LONGEST_KEPT } else { 0 };
        let room = kept.saturating_sub(self.body.len()).min(part.len());
        self.body.extend_from_slice(part.get(..room).unwrap_or_default());
        self.left -= part.len();
        *bytes = rest;
        if self.left > 0 {
            return None;
        }
        let kind = self.head.first().copied().filter(|_| has_type).unwrap_or_default();
        self.head.clear();
        let began = self.began.take().unwrap_or(context.here);
        Some((kind, std::mem::take(&mut self.body), began))
    }
}

#[derive(Debug, Default)]
struct Session {
    messages: [Messages; 2],
    /// The first message was read.
    has_begun: bool,
    /// The client asked for encryption, and one byte answers that.
    asks_tls: bool,
    user: Option<Untrusted>,
    salt: Option<[u8; 4]>,
    is_clear: bool,
    login: Option<(Here, Login)>,
    is_in: bool,
    open: VecDeque<(Here, Postgresql)>,
    inner: Option<Box<Inner>>,
}

impl Dissector for Session {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let mut rest = bytes;
        while !rest.is_empty() {
            if let Some(inner) = &mut self.inner {
                return inner.hear(side, rest, context);
            }
            let [client, server] = &mut self.messages;
            match side {
                Side::Originator => {
                    if let Some((kind, body, began)) = client.next(&mut rest, self.has_begun, context) {
                        self.client(kind, &body, began, context);
                    }
                }
                Side::Responder if std::mem::take(&mut self.asks_tls) => {
                    if rest.first() == Some(&b'S') {
                        self.inner = Some(Box::default());
                    }
                    rest = rest.get(1..).unwrap_or_default();
                }
                Side::Responder => {
                    if let Some((kind, body, _)) = server.next(&mut rest, true, context) {
                        self.server(kind, &body, context);
                    }
                }
            }
        }
        Heard::More
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        if let Some(inner) = &mut self.inner {
            return inner.miss(side, length, context);
        }
        let [client, server] = &mut self.messages;
        let messages = match side {
            Side::Originator => client,
            Side::Responder => server,
        };
        match usize::try_from(length) {
            Ok(length) if length < messages.left => {
                messages.left -= length;
                Heard::More
            }
            _ => Heard::Enough,
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        self.logged_in(None, context);
        while let Some((began, command)) = self.open.pop_front() {
            context.say(began, Exchange::Postgresql(Box::new(command)));
        }
        if let Some(mut inner) = self.inner.take() {
            inner.finish(context);
        }
    }

    fn memory(&self) -> usize {
        let bodies: usize = self.messages.iter().map(|messages| messages.body.capacity()).sum();
        let open = self.open.iter().map(|(_, asked)| {
            let text = asked.argument.as_ref().map_or(0, |text| text.raw().len());
            size_of::<Postgresql>() + text
        });
        bodies + open.sum::<usize>() + Inner::held(self.inner.as_deref())
    }
}

impl Session {
    fn client(&mut self, kind: u8, body: &[u8], began: Here, context: &mut Context<'_>) {
        if !self.has_begun {
            let mut cursor = Cursor::new(body);
            match cursor.be32() {
                Some(TLS | GSSAPI) => self.asks_tls = true,
                _ => self.start(cursor.rest(), began, context),
            }
            return;
        }
        let text = |body: &[u8]| body.split(|byte| *byte == 0).next().unwrap_or_default().to_vec();
        match kind {
            b'p' if !self.is_in => self.password(&text(body), began),
            b'Q' => self.ask("query", &text(body), began, context),
            b'P' => {
                // A name comes first.
                let name = text(body).len() + 1;
                self.ask("parse", &text(body.get(name..).unwrap_or_default()), began, context);
            }
            _ => {}
        }
    }

    /// Names and values in turn.
    fn start(&mut self, body: &[u8], began: Here, context: &mut Context<'_>) {
        self.has_begun = true;
        let mut login = Postgresql {
            command: "login",
            ..Postgresql::default()
        };
        let mut parts = body.split(|byte| *byte == 0);
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            match name {
                b"user" => self.user = some(value),
                b"database" => login.database = some(value),
                b"application_name" => login.application = some(value),
                _ => {}
            }
        }
        login.argument = self.user.clone();
        self.push(began, login, context);
    }

    fn password(&mut self, text: &[u8], began: Here) {
        let mut login = Login::clear("postgresql", self.user.clone(), Untrusted::from_bytes(text));
        if let (Some(salt), Some(digest)) = (self.salt, text.strip_prefix(b"md5")) {
            let user = self.user.as_ref().map_or("", Untrusted::raw);
            let salt = digest_hex(&salt);
            let line = format!("$postgres${user}*{salt}*{}", String::from_utf8_lossy(digest));
            login.method = LoginMethod::Challenge;
            login.secret = None;
            login.hashcat = Some(Hashcat {
                mode: MD5,
                line: Secret::new(line),
            });
        } else if !self.is_clear {
            return;
        }
        self.login = Some((began, login));
    }

    fn ask(&mut self, command: &'static str, text: &[u8], began: Here, context: &mut Context<'_>) {
        let asked = Postgresql {
            command,
            argument: statement::without_passwords(text, Dialect::Postgresql),
            ..Postgresql::default()
        };
        self.push(began, asked, context);
    }

    fn push(&mut self, began: Here, command: Postgresql, context: &mut Context<'_>) {
        if self.open.len() >= MOST_OPEN
            && let Some((began, oldest)) = self.open.pop_front()
        {
            context.say(began, Exchange::Postgresql(Box::new(oldest)));
        }
        self.open.push_back((began, command));
    }

    fn server(&mut self, kind: u8, body: &[u8], context: &mut Context<'_>) {
        let mut cursor = Cursor::new(body);
        match kind {
            b'R' => match cursor.be32() {
                Some(0) => {
                    self.is_in = true;
                    self.logged_in(Some(true), context);
                    self.answer(true, b"", context);
                }
                Some(3) => self.is_clear = true,
                Some(5) => self.salt = cursor.array(),
                _ => {}
            },
            b'E' => {
                let message = body.split(|byte| *byte == 0).find_map(|field| field.strip_prefix(b"M"));
                self.logged_in(Some(false), context);
                self.answer(false, message.unwrap_or_default(), context);
            }
            // What was made ready is carried out later, and that is no answer to what follows it.
            b'C' if self.next_is("query") => self.answer(true, body.strip_suffix(&[0]).unwrap_or(body), context),
            b'1' if self.next_is("parse") => self.answer(true, b"", context),
            _ => {}
        }
    }

    fn next_is(&self, command: &str) -> bool {
        self.open.front().is_some_and(|(_, asked)| asked.command == command)
    }

    fn answer(&mut self, success: bool, text: &[u8], context: &mut Context<'_>) {
        if let Some((began, mut command)) = self.open.pop_front() {
            command.success = Some(success);
            command.response = some(text).map(|text| statement::answer(command.argument.as_ref(), text));
            context.say(began, Exchange::Postgresql(Box::new(command)));
        }
    }

    fn logged_in(&mut self, accepted: Option<bool>, context: &mut Context<'_>) {
        if let Some((began, mut login)) = self.login.take() {
            login.accepted = accepted;
            context.say(began, Exchange::Login(Box::new(login)));
        }
    }
}
