//! FTP (RFC 959), its control connection: commands and their answers, log-ins, `AUTH TLS` (RFC 4217), and where data goes
//! (RFC 2428, for IPv6 as well).
//!
//! Data goes over connections of its own, which are other flows: `ftp_data.rs`. Each command that transfers says who listens
//! for its connection, so that both can be brought together.

mod place;
#[cfg(test)]
mod tests;

use super::field::filled;
use super::text::{Line, Lines, Replies, Reply, begins, some, word};
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Inner, Opening, Protocol, Side};
use std::collections::VecDeque;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Ftp, FtpData, FtpReply, Login};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "ftp",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Session::default()),
};

/// Commands that wait for an answer.
const MOST_OPEN: usize = 64;
/// Bytes of the folder in which a session is: each path in it begins with that.
const LONGEST_FOLDER: usize = 1_024;
/// Commands of which the first may be, that no other protocol begins with behind such a greeting.
const FIRST: [&[u8]; 9] = [
    b"USER ",
    b"AUTH TLS",
    b"AUTH SSL",
    b"AUTH GSSAPI",
    b"FEAT\r",
    b"SYST\r",
    b"HOST ",
    b"OPTS ",
    b"CLNT ",
];

fn recognise(opening: &Opening<'_>) -> Guess {
    let asks = match opening.originator {
        [] => Guess::Perhaps,
        bytes => begins(bytes, &FIRST),
    };
    match (asks, greeting(opening.responder)) {
        (Guess::No, _) | (_, Guess::No) => Guess::No,
        (_, Guess::Yes) => Guess::Yes,
        (Guess::Yes, _) if !opening.responder.is_empty() => is_answer(opening.responder),
        // A client of POP3 or IRC begins with a user, too, as long as nobody answers.
        (Guess::Yes, _) => only_ftp(opening.originator),
        _ => Guess::Perhaps,
    }
}

/// Whether a server begins with the code of an answer, and says that it is one of FTP.
fn greeting(bytes: &[u8]) -> Guess {
    match begins(bytes, &[b"220 ", b"220-", b"230 ", b"331 ", b"421 ", b"530 "]) {
        Guess::Yes => {}
        _ if bytes.is_empty() => return Guess::Perhaps,
        other => return other,
    }
    let names = |line: &[u8]| line.windows(3).any(|part| part.eq_ignore_ascii_case(b"FTP"));
    let mut lines = bytes.split(|byte| *byte == b'\n');
    lines.next_back();
    if lines.any(names) { Guess::Yes } else { Guess::Perhaps }
}

/// Whether a whole line is there, which begins as an answer does.
fn is_answer(bytes: &[u8]) -> Guess {
    if bytes.contains(&b'\n') {
        Guess::Yes
    } else {
        Guess::Perhaps
    }
}

/// Whether a client says something that is of FTP alone.
fn only_ftp(bytes: &[u8]) -> Guess {
    const ALONE: [&[u8]; 10] = [
        b"PASV", b"EPSV", b"PORT", b"EPRT", b"TYPE", b"SYST", b"PWD", b"CWD", b"FEAT", b"STOR",
    ];
    let mut lines = bytes.split(|byte| *byte == b'\n');
    lines.next_back();
    let is = lines.any(|line| ALONE.iter().any(|command| word(line).0.eq_ignore_ascii_case(command)));
    if is { Guess::Yes } else { Guess::Perhaps }
}

/// A command on its way.
#[derive(Debug)]
struct Command {
    began: Here,
    ftp: Ftp,
    password: Option<Untrusted>,
}

#[derive(Debug, Default)]
struct Session {
    lines: [Lines; 2],
    replies: Replies,
    is_greeted: bool,
    user: Option<Untrusted>,
    /// The folder in which the session is, from the root on.
    folder: Option<String>,
    /// Over what the next data goes.
    data: Option<FtpData>,
    open: VecDeque<Command>,
    /// What follows `AUTH TLS`.
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
                Side::Originator => {
                    let is_handshake = self.lines[0].is_between() && rest.first() == Some(&0x16);
                    if is_handshake && self.open.iter().any(|command| command.ftp.command.raw() == "AUTH") {
                        self.is_client_inside = true;
                    } else if let Some(line) = self.lines[0].next(&mut rest, context) {
                        self.command(&line, context);
                    }
                }
                Side::Responder => {
                    if let Some(line) = self.lines[1].next(&mut rest, context)
                        && let Some(reply) = self.replies.line(&line.text)
                    {
                        self.reply(&reply, line.began, context);
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
        // Nobody knows how many commands or answers that were.
        while let Some(command) = self.open.pop_front() {
            command.say(context);
        }
        match side {
            Side::Originator => self.lines[0] = Lines::default(),
            Side::Responder => (self.lines[1], self.replies) = Default::default(),
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        while let Some(command) = self.open.pop_front() {
            command.say(context);
        }
        if let Some(mut inner) = self.inner.take() {
            inner.finish(context);
        }
    }

    fn memory(&self) -> usize {
        let text = |text: &Option<Untrusted>| text.as_ref().map_or(0, |text| text.raw().len());
        let open = self
            .open
            .iter()
            .map(|open| size_of::<Command>() + text(&open.ftp.argument) + text(&open.ftp.path));
        let held: usize = self.lines.iter().map(Lines::memory).sum();
        held + open.sum::<usize>() + Inner::held(self.inner.as_deref())
    }
}

impl Session {
    fn command(&mut self, line: &Line, context: &mut Context<'_>) {
        // Telnet's signs come before what breaks a transfer off.
        let text = line.text.iter().position(|byte| !matches!(byte, 0xf0..=0xff));
        let text = text.and_then(|at| line.text.get(at..)).unwrap_or_default();
        let (command, argument) = word(text);
        if command.is_empty() {
            return;
        }
        let command = command.to_ascii_uppercase();
        let mut password = None;
        let mut ftp = Ftp {
            command: Untrusted::from_bytes(&command),
            argument: some(argument),
            ..Ftp::default()
        };
        match command.as_slice() {
            b"USER" => self.user = filled(argument),
            b"PASS" | b"ACCT" => password = ftp.argument.take(),
            b"PORT" => self.listens(false, place::six(argument), &mut ftp),
            b"EPRT" => self.listens(false, place::extended(argument, None), &mut ftp),
            b"RETR" | b"STOR" | b"STOU" | b"APPE" | b"LIST" | b"NLST" | b"MLSD" => ftp.data = self.data,
            _ => {}
        }
        const FILES: [&[u8]; 13] = [
            b"APPE", b"CWD", b"DELE", b"MDTM", b"MKD", b"MLST", b"RETR", b"RMD", b"RNFR", b"RNTO", b"SIZE", b"STOR",
            b"STOU",
        ];
        if FILES.contains(&command.as_slice()) {
            ftp.path = Some(place::join(self.folder.as_deref(), &String::from_utf8_lossy(argument)).into());
        }
        ftp.user = self.user.clone();
        if self.open.len() >= MOST_OPEN
            && let Some(oldest) = self.open.pop_front()
        {
            oldest.say(context);
        }
        self.open.push_back(Command {
            began: line.began,
            ftp,
            password,
        });
    }

    fn listens(&mut self, passive: bool, listener: Option<std::net::SocketAddr>, ftp: &mut Ftp) {
        if let Some(listener) = listener {
            self.data = Some(FtpData { passive, listener });
            ftp.data = self.data;
        }
    }

    fn reply(&mut self, reply: &Reply, began: Here, context: &mut Context<'_>) {
        let said = FtpReply {
            frame: began.frame,
            code: reply.code,
            text: Untrusted::from_bytes(&reply.text),
        };
        if !std::mem::replace(&mut self.is_greeted, true) && matches!(reply.code, 120 | 220 | 421) {
            self.is_greeted = reply.code != 120;
            let ftp = Ftp {
                reply: Some(said),
                ..Ftp::default()
            };
            return context.say(began, Exchange::Ftp(Box::new(ftp)));
        }
        // What comes before an answer.
        if (100..200).contains(&reply.code) {
            return;
        }
        let Some(mut command) = self.open.pop_front() else {
            return;
        };
        let ftp = &mut command.ftp;
        let is_good = (200..400).contains(&reply.code);
        match (ftp.command.raw(), reply.code) {
            ("PASV", 227) => self.listens(true, place::six_in(&reply.text), ftp),
            ("EPSV", 229) => {
                let host = context.responder.ip();
                self.listens(true, place::extended_in(&reply.text, host), ftp);
            }
            ("CWD", 200..300) => self.folder = ftp.path.as_ref().map(|path| path.raw().to_owned()),
            ("CDUP", 200..300) => self.folder = self.folder.as_ref().map(|folder| place::join(Some(folder), "..")),
            ("PWD" | "XPWD", 257) => self.folder = place::quoted(&reply.text).or(self.folder.take()),
            ("AUTH", 234) => (self.is_server_inside, self.is_client_inside) = (true, true),
            _ => {}
        }
        // It is not known where a session is that went so deep.
        self.folder = self.folder.take().filter(|folder| folder.len() <= LONGEST_FOLDER);
        // Over one connection goes one transfer.
        if !is_good || !matches!(ftp.command.raw(), "PASV" | "EPSV" | "PORT" | "EPRT") && ftp.data.is_some() {
            self.data = self.data.filter(|data| ftp.data != Some(*data));
        }
        if reply.code > 0 {
            ftp.reply = Some(said);
        }
        command.say(context);
    }
}

impl Command {
    fn say(self, context: &mut Context<'_>) {
        if let Some(password) = self.password {
            let mut login = Login::clear("ftp", self.ftp.user.clone(), password);
            login.accepted = match self.ftp.reply.as_ref().map(|reply| reply.code) {
                Some(200..300) => Some(true),
                Some(400..) => Some(false),
                _ => None,
            };
            context.say(self.began, Exchange::Login(Box::new(login)));
        }
        context.say(self.began, Exchange::Ftp(Box::new(self.ftp)));
    }
}
