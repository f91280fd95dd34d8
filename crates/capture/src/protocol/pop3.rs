//! POP3 (RFC 1939), with `STLS` (RFC 2595) and `AUTH` (RFC 5034). A session is one exchange; messages that are fetched are
//! carried as files.

#[cfg(test)]
mod tests;

use super::sasl::Sasl;
use super::text::{Dots, Line, Lines, begins, behind, some, word};
use super::{Carried, Carrier, Context, Description, Dissector, Guess, Heard, Here, Inner, Opening, Protocol, Side};
use std::collections::VecDeque;
use watchfire_model::network::{Exchange, Hashcat, Login, LoginMethod, Pop3};
use watchfire_model::{Secret, Untrusted};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "pop3",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Session::default()),
};

/// Commands that wait for an answer.
const MOST_OPEN: usize = 1_024;
/// hashcat's number of MD5 over a salt and a password, which `APOP` is, <https://hashcat.net/wiki/doku.php?id=example_hashes>.
const SALTED_MD5: u32 = 20;
/// Commands of which the first may be.
const FIRST: [&[u8]; 6] = [b"USER ", b"APOP ", b"CAPA", b"AUTH", b"STLS", b"QUIT"];

fn recognise(opening: &Opening<'_>) -> Guess {
    let answers = match opening.responder {
        [] => Guess::Perhaps,
        bytes => begins(bytes, &[b"+OK "]),
    };
    let asks = match opening.originator {
        [] => Guess::Perhaps,
        bytes => begins(bytes, &FIRST),
    };
    match (asks, answers) {
        (Guess::No, _) | (_, Guess::No) => Guess::No,
        (Guess::Yes, Guess::Yes) => Guess::Yes,
        (_, Guess::Yes)
            if opening
                .responder
                .windows(3)
                .any(|part| part.eq_ignore_ascii_case(b"POP")) =>
        {
            Guess::Yes
        }
        _ => Guess::Perhaps,
    }
}

/// What the client said and has no answer yet.
#[derive(Debug, PartialEq, Eq)]
enum Command {
    Auth,
    Delete,
    /// A message; only a part of it is wanted otherwise.
    Fetch {
        is_whole: bool,
    },
    /// Something with an answer of several lines.
    Several,
    Password,
    StartTls,
    Other,
}

/// Where the server is.
#[derive(Debug, Default)]
enum At {
    #[default]
    Answers,
    /// In the lines behind an answer; a message, if it is one.
    Lines(Dots, Option<Box<Carried>>),
}

#[derive(Debug, Default)]
struct Session {
    began: Option<Here>,
    lines: [Lines; 2],
    pop3: Pop3,
    open: VecDeque<Command>,
    at: At,
    sasl: Option<Sasl>,
    /// A log-in that waits for its answer.
    login: Option<(Here, Login)>,
    inner: Option<Box<Inner>>,
    is_server_inside: bool,
    is_client_inside: bool,
}

impl Dissector for Session {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        self.began.get_or_insert(context.here);
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
                Side::Originator => {
                    let is_handshake = self.lines[0].is_between() && rest.first() == Some(&0x16);
                    if is_handshake && self.open.contains(&Command::StartTls) {
                        self.is_client_inside = true;
                    } else if let Some(line) = self.lines[0].next(&mut rest, context) {
                        self.command(&line);
                    }
                }
                Side::Responder => self.server(&mut rest, context),
            }
        }
        Heard::More
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        if let Some(inner) = &mut self.inner {
            return inner.miss(side, length, context);
        }
        match &mut self.at {
            At::Lines(dots, carried) if side == Side::Responder => {
                *dots = Dots::Middle;
                if let Some(carried) = carried {
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
        if let At::Lines(_, Some(carried)) = std::mem::take(&mut self.at) {
            carried.end(false, context);
        }
        let pop3 = std::mem::take(&mut self.pop3);
        if pop3 != Pop3::default() {
            context.say(self.began.unwrap_or(context.here), Exchange::Pop3(Box::new(pop3)));
        }
    }

    fn memory(&self) -> usize {
        self.lines.iter().map(Lines::memory).sum::<usize>() + Inner::held(self.inner.as_deref())
    }
}

impl Session {
    fn command(&mut self, line: &Line) {
        if let Some(sasl) = self.sasl.as_mut().filter(|sasl| sasl.wants_answer()) {
            sasl.answer(&line.text);
            return;
        }
        let (command, argument) = word(&line.text);
        let is_several = argument.is_empty();
        let command = match command.to_ascii_uppercase().as_slice() {
            b"USER" => {
                self.pop3.user = some(argument);
                Command::Other
            }
            b"PASS" => {
                let login = Login::clear("pop3", self.pop3.user.clone(), Untrusted::from_bytes(argument));
                self.login = Some((line.began, login));
                Command::Password
            }
            b"APOP" => {
                let (user, digest) = word(argument);
                self.pop3.user = some(user);
                self.login = self.apop(digest).map(|login| (line.began, login));
                Command::Password
            }
            b"AUTH" if !argument.is_empty() => {
                let (mechanism, initial) = word(argument);
                self.sasl = Some(Sasl::begin(mechanism, initial, line.began));
                Command::Auth
            }
            b"RETR" => Command::Fetch { is_whole: true },
            b"TOP" => Command::Fetch { is_whole: false },
            b"DELE" => Command::Delete,
            b"STLS" => Command::StartTls,
            b"CAPA" | b"AUTH" => Command::Several,
            b"LIST" | b"UIDL" if is_several => Command::Several,
            _ => Command::Other,
        };
        if self.open.len() >= MOST_OPEN {
            self.open.pop_front();
        }
        self.open.push_back(command);
    }

    /// A digest over what the server said in its greeting and the password (RFC 1939 7).
    fn apop(&self, digest: &[u8]) -> Option<Login> {
        let greeting = self.pop3.greeting.as_ref()?.raw();
        let from = greeting.find('<')?;
        let (_, rest) = greeting.split_at_checked(from)?;
        let (salt, _) = rest.split_at_checked(rest.find('>')? + 1)?;
        let digest = std::str::from_utf8(digest).ok().filter(|digest| digest.len() == 32)?;
        Some(Login {
            service: "pop3",
            method: LoginMethod::Challenge,
            user: self.pop3.user.clone(),
            domain: None,
            secret: None,
            hashcat: Some(Hashcat {
                mode: SALTED_MD5,
                line: Secret::new(format!("{digest}:{salt}")),
            }),
            accepted: None,
        })
    }

    fn server(&mut self, rest: &mut &[u8], context: &mut Context<'_>) {
        let At::Lines(dots, carried) = &mut self.at else {
            if let Some(line) = self.lines[1].next(rest, context) {
                self.answer(&line.text, context);
            }
            return;
        };
        let behind = dots.take(rest, |part| {
            if let Some(carried) = carried {
                carried.data(part, context);
            }
        });
        *rest = behind.unwrap_or_default();
        if behind.is_some()
            && let At::Lines(_, Some(carried)) = std::mem::take(&mut self.at)
        {
            carried.end(true, context);
        }
    }

    fn answer(&mut self, line: &[u8], context: &mut Context<'_>) {
        // The server goes on with a log-in.
        if let Some(challenge) = line.strip_prefix(b"+ ") {
            if let Some(sasl) = &mut self.sasl {
                sasl.challenge(challenge);
            }
            return;
        }
        let (is_good, text) = match (behind(line, b"+OK"), behind(line, b"-ERR")) {
            (Some(text), _) => (true, text.trim_ascii()),
            (_, Some(text)) => (false, text.trim_ascii()),
            _ => return,
        };
        if self.pop3.greeting.is_none() {
            self.pop3.greeting = Some(Untrusted::from_bytes(text));
            return;
        }
        match self.open.pop_front() {
            Some(Command::Password | Command::Auth) => {
                self.pop3.accepted = Some(is_good);
                self.logged_in(Some(is_good), context);
            }
            Some(Command::Fetch { is_whole }) if is_good => {
                self.pop3.fetched += u64::from(is_whole);
                let description = Description {
                    service: "pop3",
                    side: Side::Responder,
                    name: None,
                    media_type: Some("message/rfc822".into()),
                    encoding: None,
                };
                self.at = At::Lines(Dots::default(), is_whole.then(|| Carried::begin(description, context)));
            }
            Some(Command::Several) if is_good => self.at = At::Lines(Dots::default(), None),
            Some(Command::Delete) => self.pop3.deleted += u64::from(is_good),
            Some(Command::StartTls) if is_good => {
                (self.is_server_inside, self.is_client_inside) = (true, true);
                self.pop3.tls = true;
            }
            _ => {}
        }
    }

    fn logged_in(&mut self, accepted: Option<bool>, context: &mut Context<'_>) {
        if let Some((began, mut login)) = self.login.take() {
            login.accepted = accepted;
            context.say(began, Exchange::Login(Box::new(login)));
        }
        if let Some(sasl) = self.sasl.take()
            && let Some(login) = sasl.login("pop3", accepted)
        {
            self.pop3.user = login.user.clone();
            context.say(sasl.began, Exchange::Login(Box::new(login)));
        }
    }
}
