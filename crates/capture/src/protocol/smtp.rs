//! SMTP (RFC 5321) with its extensions: pipelining (RFC 2920), chunks (RFC 3030), `STARTTLS` (RFC 3207), `AUTH` (RFC 4954).
//!
//! A message with its envelope is one exchange; so is a session without any. The message is carried as a file. Answers belong
//! to commands in their order. What follows `STARTTLS` is told anew.

mod head;
#[cfg(test)]
mod tests;

use super::field::filled;
use super::sasl::Sasl;
use super::text::{Dots, Line, Lines, Replies, Reply, begins, behind, number, word};
use super::{Carried, Carrier, Context, Description, Dissector, Guess, Heard, Here, Inner, Opening, Protocol, Side};
use std::collections::VecDeque;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Smtp};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "smtp",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Session::default()),
};

/// Commands that wait for an answer.
const MOST_OPEN: usize = 1_024;
/// Recipients that are kept.
const MOST_RECIPIENTS: usize = 100;
/// Bytes of memory that a recipient needs, with the address.
const EACH_RECIPIENT: usize = 128;
/// Bytes of an address that are kept; 254 are allowed (RFC 5321 4.5.3.1).
const LONGEST_ADDRESS: usize = 512;

fn recognise(opening: &Opening<'_>) -> Guess {
    let asks = match opening.originator {
        [] => Guess::Perhaps,
        bytes => begins(bytes, &[b"EHLO ", b"HELO ", b"LHLO "]),
    };
    let answers = greeting(opening.responder);
    match (asks, answers) {
        (Guess::No, _) | (_, Guess::No) => Guess::No,
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        _ => Guess::Perhaps,
    }
}

/// Whether a server begins as one of SMTP does: with its code, and mostly by saying so.
fn greeting(bytes: &[u8]) -> Guess {
    match begins(bytes, &[b"220 ", b"220-", b"554 ", b"554-", b"421 "]) {
        Guess::Yes => {}
        _ if bytes.is_empty() => return Guess::Perhaps,
        other => return other,
    }
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_whole = line.len() < bytes.len();
    let names = |name: &[u8]| line.windows(name.len()).any(|part| part.eq_ignore_ascii_case(name));
    if is_whole && names(b"SMTP") {
        Guess::Yes
    } else {
        Guess::Perhaps
    }
}

/// What the client said and has no answer yet.
#[derive(Debug, PartialEq, Eq)]
enum Command {
    Auth,
    Data,
    /// A message, or a part of it.
    Message {
        is_last: bool,
    },
    StartTls,
    Other,
}

/// Where the client is.
#[derive(Debug, Default)]
enum At {
    #[default]
    Commands,
    /// In a message, and whether a part of it is missing.
    Message(Dots, bool),
    /// In a chunk with so many bytes to come.
    Chunk(u64, bool),
}

/// A message on its way.
#[derive(Debug, Default)]
struct Message {
    began: Option<Here>,
    smtp: Smtp,
    /// The beginning of its text, until its head was read.
    head: head::Reader,
    carried: Option<Box<Carried>>,
}

#[derive(Debug, Default)]
struct Session {
    lines: [Lines; 2],
    replies: Replies,
    greeting: Option<Untrusted>,
    is_greeted: bool,
    helo: Option<Untrusted>,
    last_reply: Option<Untrusted>,
    depth: u32,
    open: VecDeque<Command>,
    at: At,
    message: Message,
    sasl: Option<Sasl>,
    /// What follows `STARTTLS`; the server's part of it begins behind its answer.
    inner: Option<Box<Inner>>,
    is_server_inside: bool,
    is_client_inside: bool,
}

impl Dissector for Session {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let mut rest = bytes;
        while !rest.is_empty() {
            let is_inside = match side {
                Side::Originator => self.is_client_inside,
                Side::Responder => self.is_server_inside,
            };
            if is_inside {
                return self.inner.get_or_insert_default().hear(side, rest, context);
            }
            match side {
                Side::Originator => self.client(&mut rest, context),
                Side::Responder => {
                    if let Some(line) = self.lines[1].next(&mut rest, context)
                        && let Some(reply) = self.replies.line(&line.text)
                    {
                        self.reply(&reply, context);
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
        let missing = match &mut self.at {
            At::Message(dots, is_broken) if side == Side::Originator => {
                (*dots, *is_broken) = (Dots::Middle, true);
                length
            }
            At::Chunk(left, _) if side == Side::Originator => {
                let missing = length.min(*left);
                *left -= missing;
                missing
            }
            _ => 0,
        };
        if missing > 0 {
            self.message.head.stop();
            self.message.smtp.size = self.message.smtp.size.saturating_add(missing);
            self.message.carried(context).gap(missing);
        }
        if let At::Chunk(0, is_last) = self.at {
            self.chunk_ends(is_last, context);
        }
        if missing < length {
            // Nobody knows how many commands or answers that were.
            self.open.clear();
            match side {
                Side::Originator => self.lines[0] = Lines::default(),
                Side::Responder => (self.lines[1], self.replies) = Default::default(),
            }
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        if let Some(mut inner) = self.inner.take() {
            inner.finish(context);
        }
        self.logged_in(None, context);
        self.end_of_message(false, context);
        self.say(context);
    }

    fn memory(&self) -> usize {
        let held: usize = self.lines.iter().map(Lines::memory).sum();
        let message = self.message.head.memory() + self.message.smtp.recipients.len() * EACH_RECIPIENT;
        held + message + self.open.len() + Inner::held(self.inner.as_deref())
    }
}

impl Session {
    /// Goes on with what the client says.
    fn client(&mut self, rest: &mut &[u8], context: &mut Context<'_>) {
        match &mut self.at {
            At::Message(dots, _) => {
                let message = &mut self.message;
                let behind = dots.take(rest, |part| message.text(part, context));
                *rest = behind.unwrap_or_default();
                if behind.is_some() {
                    self.at = At::Commands;
                    self.ask(Command::Message { is_last: true });
                    self.end_of_message(true, context);
                }
            }
            At::Chunk(left, is_last) => {
                let length = usize::try_from(*left).unwrap_or(usize::MAX).min(rest.len());
                let (part, behind) = rest.split_at_checked(length).unwrap_or_default();
                *rest = behind;
                *left -= part.len() as u64;
                let ends = (*left == 0).then_some(*is_last);
                self.message.text(part, context);
                if let Some(is_last) = ends {
                    self.chunk_ends(is_last, context);
                }
            }
            At::Commands => {
                // Where the server's answer was not captured, TLS begins all the same.
                let is_handshake = self.lines[0].is_between() && rest.first() == Some(&0x16);
                if is_handshake && self.open.contains(&Command::StartTls) {
                    self.is_client_inside = true;
                } else if let Some(line) = self.lines[0].next(rest, context) {
                    self.command(&line, context);
                }
            }
        }
    }

    fn ask(&mut self, command: Command) {
        if self.open.len() >= MOST_OPEN {
            self.open.pop_front();
        }
        self.open.push_back(command);
    }

    fn command(&mut self, line: &Line, context: &mut Context<'_>) {
        if let Some(sasl) = self.sasl.as_mut().filter(|sasl| sasl.wants_answer()) {
            sasl.answer(&line.text);
            return;
        }
        self.message.began.get_or_insert(line.began);
        let (command, argument) = word(&line.text);
        let command = command.to_ascii_uppercase();
        match command.as_slice() {
            b"HELO" | b"EHLO" | b"LHLO" => self.helo = filled(argument),
            b"MAIL" => {
                if self.message.smtp.mail_from.is_some() {
                    self.say(context);
                    self.message.began = Some(line.began);
                }
                self.message.smtp.mail_from = behind(argument, b"FROM:").map(address);
            }
            b"RCPT" => {
                let smtp = &mut self.message.smtp;
                if let Some(to) = behind(argument, b"TO:") {
                    smtp.recipient_count += 1;
                    if smtp.recipients.len() < MOST_RECIPIENTS {
                        smtp.recipients.push(address(to));
                    }
                }
            }
            b"DATA" => {
                self.at = At::Message(Dots::default(), false);
                return self.ask(Command::Data);
            }
            b"BDAT" => return self.bdat(argument, context),
            b"STARTTLS" => return self.ask(Command::StartTls),
            b"AUTH" => {
                let (mechanism, initial) = word(argument);
                self.sasl = Some(Sasl::begin(mechanism, initial, line.began));
                return self.ask(Command::Auth);
            }
            b"RSET" => self.say(context),
            _ => {}
        }
        self.ask(Command::Other);
    }

    fn bdat(&mut self, argument: &[u8], context: &mut Context<'_>) {
        let (length, last) = word(argument);
        let is_last = last.eq_ignore_ascii_case(b"LAST");
        let Some(length) = number(length) else {
            return self.ask(Command::Other);
        };
        self.at = At::Chunk(length, is_last);
        if length == 0 {
            self.chunk_ends(is_last, context);
        }
    }

    fn chunk_ends(&mut self, is_last: bool, context: &mut Context<'_>) {
        self.at = At::Commands;
        self.ask(Command::Message { is_last });
        if is_last {
            self.end_of_message(true, context);
        }
    }

    fn reply(&mut self, reply: &Reply, context: &mut Context<'_>) {
        // What has no code is no answer.
        if reply.code < 100 {
            return;
        }
        if !std::mem::replace(&mut self.is_greeted, true) && matches!(reply.code, 220 | 421 | 554) {
            self.greeting = filled(&reply.text);
            return;
        }
        self.last_reply = filled(&[reply.code.to_string().as_bytes(), b" ", &reply.text].concat());
        if reply.code == 334 {
            if let Some(sasl) = &mut self.sasl {
                sasl.challenge(&reply.text);
            }
            return;
        }
        let is_good = (200..400).contains(&reply.code);
        match self.open.pop_front() {
            Some(Command::Auth) => self.logged_in(Some(is_good), context),
            Some(Command::StartTls) if is_good => {
                (self.is_server_inside, self.is_client_inside) = (true, true);
                self.message.smtp.tls = true;
            }
            // What was refused does not come; what came by then was sent without waiting.
            Some(Command::Data) if !is_good && self.message.smtp.size == 0 && matches!(self.at, At::Message(..)) => {
                self.at = At::Commands;
            }
            Some(Command::Message { is_last }) if is_last || !is_good => self.say(context),
            // The answer to a message whose end is missing.
            None if matches!(self.at, At::Message(_, true)) => {
                self.at = At::Commands;
                self.end_of_message(false, context);
                self.say(context);
            }
            _ => {}
        }
    }

    fn logged_in(&mut self, accepted: Option<bool>, context: &mut Context<'_>) {
        if let Some(sasl) = self.sasl.take()
            && let Some(login) = sasl.login("smtp", accepted)
        {
            context.say(sasl.began, Exchange::Login(Box::new(login)));
        }
    }

    fn end_of_message(&mut self, whole: bool, context: &mut Context<'_>) {
        if let Some(carried) = self.message.carried.take() {
            self.message.smtp.head = std::mem::take(&mut self.message.head).fields();
            carried.end(whole, context);
        }
    }

    /// Says what is known of the message, if there is one, or of a session without.
    fn say(&mut self, context: &mut Context<'_>) {
        self.end_of_message(false, context);
        let Message { began, mut smtp, .. } = std::mem::take(&mut self.message);
        let is_message = smtp.mail_from.is_some() || smtp.recipient_count > 0 || smtp.size > 0;
        let is_first = self.depth == 0 && (self.helo.is_some() || smtp.tls || self.greeting.is_some());
        if !is_message && !is_first {
            return;
        }
        self.depth = self.depth.saturating_add(1);
        smtp.depth = self.depth;
        smtp.greeting = self.greeting.clone();
        smtp.helo = self.helo.clone();
        smtp.last_reply = self.last_reply.clone();
        context.say(began.unwrap_or(context.here), Exchange::Smtp(Box::new(smtp)));
    }
}

impl Message {
    /// The file that it is.
    fn carried(&mut self, context: &mut Context<'_>) -> &mut Carried {
        self.carried.get_or_insert_with(|| {
            let description = Description {
                service: "smtp",
                side: Side::Originator,
                name: None,
                media_type: Some("message/rfc822".into()),
                encoding: None,
            };
            Carried::begin(description, context)
        })
    }

    fn text(&mut self, part: &[u8], context: &mut Context<'_>) {
        self.smtp.size = self.smtp.size.saturating_add(part.len() as u64);
        self.head.add(part);
        self.carried(context).data(part, context);
    }
}

/// The address of an envelope, without what may stand behind it.
fn address(text: &[u8]) -> Untrusted {
    let text = text.trim_ascii_start();
    let address = match text.strip_prefix(b"<") {
        Some(rest) => rest.split(|byte| *byte == b'>').next().unwrap_or_default(),
        None => word(text).0,
    };
    Untrusted::from_bytes(address.get(..LONGEST_ADDRESS).unwrap_or(address))
}
