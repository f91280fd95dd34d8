//! Redis: commands, as lists or as lines, and their answers in turn; log-ins.
//!
//! What the server tells subscribers answers nothing and is left out, as are answers that the client forbids.

mod resp;
#[cfg(test)]
mod tests;

use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use resp::{Reader, Value};
use std::collections::VecDeque;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Login, Redis, RedisReply};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "redis",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Session::default()),
};

/// Commands that wait for an answer.
const MOST_OPEN: usize = 128;
/// What stands in the place of a password.
const HIDDEN: &[u8] = b"***";
/// Settings that are passwords.
const PASSWORDS: &[&[u8]] = &[
    b"auth-pass",
    b"masterauth",
    b"requirepass",
    b"tls-client-key-file-pass",
    b"tls-key-file-pass",
];
/// Where servers listen, mostly.
const PORT: u16 = 6_379;

fn recognise(opening: &Opening<'_>) -> Guess {
    let answers = match opening.responder {
        [] => Guess::Perhaps,
        [
            b'+' | b'-' | b':' | b'$' | b'*' | b'%' | b'_' | b'#' | b'~' | b',' | b'|' | b'>',
            ..,
        ] => Guess::Yes,
        _ => return Guess::No,
    };
    match list(opening.originator) {
        Guess::No => line(opening, answers),
        other => other,
    }
}

/// Whether a side begins with a list of strings.
fn list(bytes: &[u8]) -> Guess {
    let mut rest = bytes;
    for sign in [b'*', b'$'] {
        match rest.split_first() {
            None => return Guess::Perhaps,
            Some((first, behind)) if *first == sign => rest = behind,
            Some(_) => return Guess::No,
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        match rest.get(digits..) {
            Some([b'\r', b'\n', behind @ ..]) if (1..=7).contains(&digits) => rest = behind,
            Some([b'\r'] | []) if digits <= 7 => return Guess::Perhaps,
            _ => return Guess::No,
        }
    }
    match rest.first() {
        None => Guess::Perhaps,
        Some(first) => Guess::only_if(first.is_ascii_alphabetic()),
    }
}

/// Whether a side begins with a command in a line; that says little by itself.
fn line(opening: &Opening<'_>, answers: Guess) -> Guess {
    if opening.port != PORT {
        return Guess::No;
    }
    match opening.originator {
        [] => Guess::Perhaps,
        [first, ..] if first.is_ascii_alphabetic() => answers,
        _ => Guess::No,
    }
}

/// A command on its way.
#[derive(Debug)]
struct Command {
    began: Here,
    redis: Redis,
    login: Option<Login>,
    /// Bytes of its arguments.
    size: usize,
    /// Whether an answer comes.
    is_answered: bool,
    /// It may hold passwords.
    secrecy: Secrecy,
}

/// What an answer may show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secrecy {
    Nothing,
    /// Settings, and passwords among them.
    Settings,
    /// Passwords, or their digests.
    Digests,
}

impl Command {
    fn say(self, context: &mut Context<'_>) {
        if let Some(mut login) = self.login {
            login.accepted = self.redis.reply.as_ref().map(|reply| !reply.failed);
            context.say(self.began, Exchange::Login(Box::new(login)));
        }
        context.say(self.began, Exchange::Redis(Box::new(self.redis)));
    }
}

#[derive(Debug, Default)]
struct Session {
    readers: [Reader; 2],
    /// Where the client's command begins.
    began: Option<Here>,
    open: VecDeque<Command>,
    /// Answers to come to commands that were too many to wait.
    owed: u64,
    /// The client wants no answers.
    is_silent: bool,
    /// It wants none to so many commands.
    skipped: u8,
}

impl Dissector for Session {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let mut rest = bytes;
        match side {
            Side::Originator => loop {
                if !rest.is_empty() {
                    self.began.get_or_insert(context.here);
                }
                let [client, _] = &mut self.readers;
                let Some(value) = client.next(&mut rest, context) else {
                    break;
                };
                let began = self.began.take().unwrap_or(context.here);
                self.command(value, began, context);
            },
            Side::Responder => {
                let [_, server] = &mut self.readers;
                while let Some(value) = server.next(&mut rest, context) {
                    if !is_told(&value) {
                        match self.owed {
                            0 => reply(&mut self.open, &value, context),
                            _ => self.owed -= 1,
                        }
                    }
                }
            }
        }
        if self.readers.iter().any(|reader| reader.is_broken) {
            return Heard::Enough;
        }
        Heard::More
    }

    fn miss(&mut self, side: Side, length: u64, _: &mut Context<'_>) -> Heard {
        let [client, server] = &mut self.readers;
        let reader = match side {
            Side::Originator => client,
            Side::Responder => server,
        };
        if reader.miss(length) {
            Heard::More
        } else {
            Heard::Enough
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        while let Some(command) = self.open.pop_front() {
            command.say(context);
        }
    }

    fn memory(&self) -> usize {
        let open = self.open.iter().map(|command| size_of::<Command>() + command.size);
        self.readers.iter().map(Reader::memory).sum::<usize>() + open.sum::<usize>()
    }
}

impl Session {
    fn command(&mut self, value: Value, began: Here, context: &mut Context<'_>) {
        let parts: Vec<&[u8]> = value.parts.iter().map(Vec::as_slice).collect();
        let Some((name, arguments)) = parts.split_first() else {
            return;
        };
        let is = |at: usize, word: &[u8]| parts.get(at).is_some_and(|part| part.eq_ignore_ascii_case(word));
        let login = login(&parts);
        let mut redis = Redis {
            command: Untrusted::from_bytes(name),
            ..Redis::default()
        };
        if login.is_none() || !(is(0, b"AUTH") || is(0, b"HELLO")) {
            let shown = hidden_from(&parts).map_or(usize::MAX, |from| from - 1);
            let hidden = arguments.get(shown).map(|_| HIDDEN);
            redis.arguments = arguments
                .iter()
                .take(shown)
                .copied()
                .chain(hidden)
                .map(Untrusted::from_bytes)
                .collect();
        }
        let secrecy = if is(0, b"CONFIG") {
            Secrecy::Settings
        } else if is(0, b"ACL") && [&b"GENPASS"[..], b"GETUSER", b"LIST"].iter().any(|word| is(1, word)) {
            Secrecy::Digests
        } else {
            Secrecy::Nothing
        };
        let mut is_answered = !self.is_silent && self.skipped == 0;
        self.skipped = self.skipped.saturating_sub(1);
        if is(0, b"CLIENT") && is(1, b"REPLY") {
            is_answered = is(2, b"ON");
            self.is_silent = is(2, b"OFF");
            self.skipped = u8::from(is(2, b"SKIP"));
        }
        // These are answered by what is told to subscribers.
        if [&b"SUBSCRIBE"[..], b"PSUBSCRIBE", b"SSUBSCRIBE", b"MONITOR"]
            .iter()
            .any(|word| is(0, word))
        {
            is_answered = false;
        }
        if self.open.len() >= MOST_OPEN
            && let Some(oldest) = self.open.pop_front()
        {
            self.owed += u64::from(oldest.is_answered);
            oldest.say(context);
        }
        self.open.push_back(Command {
            began,
            redis,
            login,
            size: parts.iter().map(|part| part.len()).sum(),
            is_answered,
            secrecy,
        });
        unanswered(&mut self.open, context);
    }
}

/// Says the next commands to which no answer comes.
fn unanswered(open: &mut VecDeque<Command>, context: &mut Context<'_>) {
    while let Some(command) = open.pop_front_if(|command| !command.is_answered) {
        command.say(context);
    }
}

/// Whether a value is told to subscribers, and answers nothing.
fn is_told(value: &Value) -> bool {
    const TOLD: [&[u8]; 9] = [
        b"message",
        b"pmessage",
        b"smessage",
        b"subscribe",
        b"psubscribe",
        b"ssubscribe",
        b"unsubscribe",
        b"punsubscribe",
        b"sunsubscribe",
    ];
    let is_list = value.kind == b'*' && value.parts.first().is_some_and(|part| TOLD.contains(&part.as_slice()));
    is_list || value.kind == b'>'
}

fn reply(open: &mut VecDeque<Command>, value: &Value, context: &mut Context<'_>) {
    if let Some(mut command) = open.pop_front() {
        let is_hidden = match command.secrecy {
            Secrecy::Nothing => false,
            Secrecy::Settings => has_password(&value.text),
            Secrecy::Digests => value.kind != b'-',
        };
        command.redis.reply = Some(RedisReply {
            frame: context.here.frame,
            failed: matches!(value.kind, b'-' | b'!'),
            text: Untrusted::from_bytes(if is_hidden { HIDDEN } else { &value.text }),
        });
        command.say(context);
        unanswered(open, context);
    }
}

/// Whether a part of a command is a word, in whatever case; in a line, it may stand in quotes.
fn is_same(part: &[u8], word: &[u8]) -> bool {
    let quoted = |quote: &[u8]| part.strip_prefix(quote)?.strip_suffix(quote);
    let part = quoted(b"\"").or_else(|| quoted(b"'")).unwrap_or(part);
    part.eq_ignore_ascii_case(word)
}

/// Where a word stands behind which passwords do, in commands that set or use them.
fn before_password(parts: &[&[u8]]) -> Option<usize> {
    let words = || [&b"AUTH"[..], b"AUTH2"].into_iter().chain(PASSWORDS.iter().copied());
    let is = |part: &&[u8]| words().any(|word| is_same(part, word));
    Some(parts.iter().skip(1).position(is)? + 1)
}

/// From which part on a command shows passwords, if it does; never from its name on.
fn hidden_from(parts: &[&[u8]]) -> Option<usize> {
    const WITH_PASSWORDS: &[&[u8]] = &[b"CONFIG", b"HELLO", b"MIGRATE", b"SENTINEL"];
    let is = |at: usize, word: &[u8]| parts.get(at).is_some_and(|part| is_same(part, word));
    if is(0, b"AUTH") {
        return Some(1);
    }
    if is(0, b"ACL") && is(1, b"SETUSER") {
        return Some(3);
    }
    let is_known = WITH_PASSWORDS.iter().any(|word| is(0, word));
    is_known.then(|| before_password(parts))?.map(|at| at + 1)
}

/// Whether settings have a password among them, or how that is called.
fn has_password(text: &[u8]) -> bool {
    let has = |word: &&[u8]| text.windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    PASSWORDS.iter().any(has)
}

/// The log-in that a command is: `AUTH [user] password`, or `HELLO version … AUTH user password …`; and what sets or uses a
/// password otherwise, which is one that goes in clear as well.
fn login(parts: &[&[u8]]) -> Option<Login> {
    let text = |part: &[u8]| Untrusted::from_bytes(part);
    let (user, password) = match parts {
        [name, password] if is_same(name, b"AUTH") => (None, password),
        [name, user, password] if is_same(name, b"AUTH") => (Some(text(user)), password),
        [name, rest @ ..] if is_same(name, b"HELLO") => {
            let at = rest.iter().position(|part| is_same(part, b"AUTH"))?;
            let (user, password) = (rest.get(at + 1)?, rest.get(at + 2)?);
            (Some(text(user)), password)
        }
        [name, ..] if is_same(name, b"AUTH") => return None,
        [name, _, user, rules @ ..] if is_same(name, b"ACL") => {
            let password = rules.iter().find_map(|rule| rule.strip_prefix(b">"))?;
            return Some(Login::clear("redis", Some(text(user)), text(password)));
        }
        _ => {
            let at = hidden_from(parts)?;
            match parts.get(at.checked_sub(1)?..)? {
                [word, user, password, ..] if is_same(word, b"AUTH2") => (Some(text(user)), password),
                [word, password, ..] if !is_same(word, b"AUTH2") => (None, password),
                _ => return None,
            }
        }
    };
    Some(Login::clear("redis", user, text(password)))
}
