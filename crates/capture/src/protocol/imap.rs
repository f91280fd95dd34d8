//! IMAP (RFC 9051), with `STARTTLS` and SASL. A session is one exchange. What stands behind its length in braces is passed
//! over, but for messages: those that are fetched whole or appended are carried as files.

#[cfg(test)]
mod tests;

use super::field;
use super::sasl::Sasl;
use super::text::{Line, Lines, begins, number, some, word};
use super::{Carried, Carrier, Context, Description, Dissector, Guess, Heard, Here, Inner, Opening, Protocol, Side};
use std::collections::VecDeque;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Imap, Login};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "imap",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Session::default()),
};

/// Commands that wait for an answer.
const MOST_OPEN: usize = 256;
/// Bytes of a tag by which an answer finds its command.
const LONGEST_TAG: usize = 64;
/// Bytes of memory that a mailbox needs, with its name.
const EACH_MAILBOX: usize = 64;
/// Mailboxes that are kept.
const MOST_MAILBOXES: usize = 64;
/// Bytes before a literal that are looked at to tell what it is.
const TELLING: usize = 64;
/// Bytes of a command with what stands behind lengths in it.
const LONGEST_COMMAND: usize = 8 << 10;

fn recognise(opening: &Opening<'_>) -> Guess {
    let answers = match opening.responder {
        [] => Guess::Perhaps,
        bytes => begins(bytes, &[b"* OK ", b"* PREAUTH ", b"* BYE "]),
    };
    match (asks(opening.originator), answers) {
        (Guess::No, _) | (_, Guess::No) => Guess::No,
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        _ => Guess::Perhaps,
    }
}

/// Whether a client begins with a tag and a command of IMAP.
fn asks(bytes: &[u8]) -> Guess {
    let tag = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'.')
        .count();
    match bytes.get(tag..) {
        Some([]) | None if tag <= 16 => Guess::Perhaps,
        Some([b' ', rest @ ..]) if (1..=16).contains(&tag) => match rest {
            [] => Guess::Perhaps,
            _ => begins(
                rest,
                &[
                    b"CAPABILITY\r",
                    b"LOGIN ",
                    b"AUTHENTICATE ",
                    b"STARTTLS\r",
                    b"ID (",
                    b"ID NIL",
                ],
            ),
        },
        _ => Guess::No,
    }
}

/// What the client said and has no answer yet.
#[derive(Debug)]
struct Command {
    tag: Vec<u8>,
    kind: Kind,
}

#[derive(Debug, PartialEq, Eq)]
enum Kind {
    Append,
    Authenticate,
    Login,
    StartTls,
    Other,
}

/// Bytes behind their length.
#[derive(Debug)]
struct Literal {
    left: u64,
    /// The message that they are.
    carried: Option<Box<Carried>>,
    /// That it is all of the message.
    is_whole: bool,
}

/// One side.
#[derive(Debug, Default)]
struct Speech {
    lines: Lines,
    /// What of a command or an answer came before a literal.
    held: Vec<u8>,
    began: Option<Here>,
    literal: Option<Literal>,
    /// Literals of the command or the answer.
    literals: u32,
    is_inside: bool,
}

#[derive(Debug, Default)]
struct Session {
    began: Option<Here>,
    speeches: [Speech; 2],
    imap: Imap,
    open: VecDeque<Command>,
    sasl: Option<Sasl>,
    login: Option<(Here, Login)>,
    inner: Option<Box<Inner>>,
}

impl Dissector for Session {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        self.began.get_or_insert(context.here);
        let at = usize::from(side == Side::Responder);
        let mut rest = bytes;
        while !rest.is_empty() {
            let mut speech = self.speeches.get_mut(at).map(std::mem::take).unwrap_or_default();
            if !speech.is_inside
                && side == Side::Originator
                && speech.lines.is_between()
                && rest.first() == Some(&0x16)
                && self.open.iter().any(|command| command.kind == Kind::StartTls)
            {
                speech.is_inside = true;
            }
            let is_inside = speech.is_inside;
            if !is_inside {
                self.speech(side, &mut speech, &mut rest, context);
            }
            if let Some(place) = self.speeches.get_mut(at) {
                // `STARTTLS` may have been answered.
                speech.is_inside |= place.is_inside;
                *place = speech;
            }
            if is_inside {
                return self.inner.get_or_insert_default().hear(side, rest, context);
            }
        }
        Heard::More
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        if let Some(inner) = &mut self.inner {
            return inner.miss(side, length, context);
        }
        let speech = self.speeches.get_mut(usize::from(side == Side::Responder));
        match speech.and_then(|speech| speech.literal.as_mut()) {
            Some(literal) if length < literal.left => {
                literal.left -= length;
                if let Some(carried) = &mut literal.carried {
                    carried.gap(length);
                }
                Heard::More
            }
            _ => Heard::Enough,
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        if let Some(mut inner) = self.inner.take() {
            inner.finish(context);
        }
        self.logged_in(None, context);
        for speech in &mut self.speeches {
            if let Some(carried) = speech.literal.take().and_then(|literal| literal.carried) {
                carried.end(false, context);
            }
        }
        let imap = std::mem::take(&mut self.imap);
        if imap != Imap::default() {
            context.say(self.began.unwrap_or(context.here), Exchange::Imap(Box::new(imap)));
        }
    }

    fn memory(&self) -> usize {
        let speeches = self.speeches.iter();
        let held: usize = speeches
            .map(|speech| speech.lines.memory() + speech.held.capacity())
            .sum();
        let open = self.open.len() * (size_of::<Command>() + LONGEST_TAG / 4);
        held + open + self.imap.mailboxes.len() * EACH_MAILBOX + Inner::held(self.inner.as_deref())
    }
}

impl Session {
    /// Goes on with one side.
    fn speech(&mut self, side: Side, speech: &mut Speech, rest: &mut &[u8], context: &mut Context<'_>) {
        if let Some(literal) = &mut speech.literal {
            let length = usize::try_from(literal.left).unwrap_or(usize::MAX).min(rest.len());
            let (part, behind) = rest.split_at_checked(length).unwrap_or_default();
            *rest = behind;
            literal.left -= part.len() as u64;
            match &mut literal.carried {
                Some(carried) => carried.data(part, context),
                None => keep(&mut speech.held, part),
            }
            if literal.left == 0
                && let Some(Literal { carried, is_whole, .. }) = speech.literal.take()
                && let Some(carried) = carried
            {
                carried.end(is_whole, context);
            }
            return;
        }
        let Some(line) = speech.lines.next(rest, context) else {
            return;
        };
        let began = *speech.began.get_or_insert(line.began);
        keep(&mut speech.held, &line.text);
        if let Some(length) = literal(&line.text) {
            speech.literals = speech.literals.saturating_add(1);
            let message = self.message(side, &speech.held, speech.literals == 1);
            speech.literal = (length > 0).then(|| Literal {
                left: length,
                carried: message.map(|_| Carried::begin(description(side), context)),
                is_whole: message.unwrap_or_default(),
            });
            return;
        }
        (speech.began, speech.literals) = (None, 0);
        let line = Line {
            text: std::mem::take(&mut speech.held),
            began,
        };
        match side {
            Side::Originator => self.command(&line),
            Side::Responder => self.answer(&line.text, context),
        }
    }

    /// Whether what comes behind the length at the end is a message, and a whole one. `is_first` of literals.
    fn message(&mut self, side: Side, held: &[u8], is_first: bool) -> Option<bool> {
        let upper = telling(held).to_ascii_uppercase();
        let ends = |mark: &[u8]| upper.trim_ascii_end().ends_with(mark);
        match side {
            Side::Originator => {
                let begin = held.get(..TELLING).unwrap_or(held);
                let (_, command) = word(begin);
                let is = is_first && word(command).0.eq_ignore_ascii_case(b"APPEND");
                self.imap.appended += u64::from(is);
                is.then_some(true)
            }
            Side::Responder if ends(b"BODY[]") || ends(b"RFC822") || ends(b"BODY.PEEK[]") => {
                self.imap.fetched += 1;
                Some(true)
            }
            // A part of a message, from some byte on.
            Side::Responder if upper.windows(7).any(|part| part == b"BODY[]<") => Some(false),
            Side::Responder => None,
        }
    }

    fn command(&mut self, line: &Line) {
        if let Some(sasl) = self.sasl.as_mut().filter(|sasl| sasl.wants_answer()) {
            sasl.answer(&line.text);
            return;
        }
        let (tag, rest) = word(&line.text);
        let (command, argument) = word(rest);
        let kind = match command.to_ascii_uppercase().as_slice() {
            b"LOGIN" => {
                let mut rest = argument;
                let (user, password) = (string(&mut rest), string(&mut rest));
                self.imap.user = some(&user);
                let login = Login::clear("imap", some(&user), Untrusted::from_bytes(&password));
                self.login = Some((line.began, login));
                Kind::Login
            }
            b"AUTHENTICATE" => {
                let (mechanism, initial) = word(argument);
                self.sasl = Some(Sasl::begin(mechanism, initial, line.began));
                Kind::Authenticate
            }
            b"STARTTLS" => Kind::StartTls,
            b"APPEND" => Kind::Append,
            b"ID" => {
                self.imap.client = some(argument);
                Kind::Other
            }
            b"SELECT" | b"EXAMINE" => {
                let name = field::text(&string(&mut { argument }));
                if self.imap.mailboxes.len() < MOST_MAILBOXES && !self.imap.mailboxes.contains(&name) {
                    self.imap.mailboxes.push(name);
                }
                Kind::Other
            }
            _ => Kind::Other,
        };
        if self.open.len() >= MOST_OPEN {
            self.open.pop_front();
        }
        self.open.push_back(Command {
            tag: tag.get(..LONGEST_TAG).unwrap_or(tag).to_vec(),
            kind,
        });
    }

    fn answer(&mut self, line: &[u8], context: &mut Context<'_>) {
        let (tag, rest) = word(line);
        let tag = tag.get(..LONGEST_TAG).unwrap_or(tag);
        match tag {
            b"*" => {
                if self.imap.greeting.is_none() {
                    self.imap.greeting = Some(Untrusted::from_bytes(rest));
                }
            }
            b"+" => {
                if let Some(sasl) = &mut self.sasl {
                    sasl.challenge(rest);
                }
            }
            _ => {
                let at = self.open.iter().position(|command| command.tag == tag);
                let Some(command) = at.and_then(|at| self.open.remove(at)) else {
                    return;
                };
                let is_good = word(rest).0.eq_ignore_ascii_case(b"OK");
                match command.kind {
                    Kind::Login | Kind::Authenticate => {
                        self.imap.accepted = Some(is_good);
                        self.logged_in(Some(is_good), context);
                    }
                    Kind::StartTls if is_good => {
                        self.imap.tls = true;
                        self.speeches.iter_mut().for_each(|speech| speech.is_inside = true);
                    }
                    _ => {}
                }
            }
        }
    }

    fn logged_in(&mut self, accepted: Option<bool>, context: &mut Context<'_>) {
        if let Some((began, mut login)) = self.login.take() {
            login.accepted = accepted;
            context.say(began, Exchange::Login(Box::new(login)));
        }
        if let Some(sasl) = self.sasl.take()
            && let Some(login) = sasl.login("imap", accepted)
        {
            self.imap.user = login.user.clone();
            context.say(sasl.began, Exchange::Login(Box::new(login)));
        }
    }
}

fn description(side: Side) -> Description {
    Description {
        service: "imap",
        side,
        name: None,
        media_type: Some("message/rfc822".into()),
        encoding: None,
    }
}

/// What stands directly before the length at the end: so much of it that looking at each of many literals costs little.
fn telling(held: &[u8]) -> &[u8] {
    let end = held.iter().rposition(|byte| *byte == b'{').unwrap_or(0);
    let before = held.get(..end).unwrap_or_default();
    before.get(end.saturating_sub(TELLING)..).unwrap_or(before)
}

/// Adds as much as is kept of a command.
fn keep(held: &mut Vec<u8>, part: &[u8]) {
    let room = LONGEST_COMMAND.saturating_sub(held.len()).min(part.len());
    held.extend_from_slice(part.get(..room).unwrap_or_default());
}

/// The length in braces at the end of a line (RFC 9051 4.3).
fn literal(line: &[u8]) -> Option<u64> {
    let inside = line.strip_suffix(b"}")?;
    let from = inside.iter().rposition(|byte| *byte == b'{')?;
    let digits = inside.get(from + 1..)?;
    number(digits.strip_suffix(b"+").unwrap_or(digits))
}

/// A text: in quotation marks, behind its length, or as it stands there.
fn string(rest: &mut &[u8]) -> Vec<u8> {
    let text = rest.trim_ascii_start();
    if let Some(quoted) = text.strip_prefix(b"\"") {
        let mut value = Vec::new();
        let mut is_escaped = false;
        let mut bytes = quoted.iter();
        for byte in bytes.by_ref() {
            match byte {
                b'\\' if !is_escaped => is_escaped = true,
                b'"' if !is_escaped => break,
                _ => {
                    value.push(*byte);
                    is_escaped = false;
                }
            }
        }
        *rest = bytes.as_slice();
        return value;
    }
    if let Some(inside) = text.strip_prefix(b"{")
        && let Some(end) = inside.iter().position(|byte| *byte == b'}')
        && let Some((digits, behind)) = inside.split_at_checked(end)
        && let Some(length) = number(digits.strip_suffix(b"+").unwrap_or(digits))
    {
        let behind = behind.get(1..).unwrap_or_default();
        let length = usize::try_from(length).unwrap_or(usize::MAX).min(behind.len());
        let (value, behind) = behind.split_at_checked(length).unwrap_or_default();
        *rest = behind;
        return value.to_vec();
    }
    let (value, behind) = word(text);
    *rest = behind;
    value.to_vec()
}
