//! IRC (RFC 2812): names, channels, what is said to channels and people, and files that are offered by DCC.

#[cfg(test)]
mod tests;

use super::field::filled;
use super::text::{Line, Lines, begins, number, some, word};
use super::{Carrier, Context, Dissector, Guess, Heard, Opening, Protocol, Side};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Irc, IrcFile, Login};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "irc",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Session::default()),
};

/// Commands with which a client begins.
const FIRST: [&[u8]; 6] = [b"NICK ", b"USER ", b"PASS ", b"CAP LS", b"CAP REQ", b"AUTHENTICATE "];

fn recognise(opening: &Opening<'_>) -> Guess {
    match (asks(opening.originator), answers(opening.responder)) {
        (Guess::No, _) | (_, Guess::No) => Guess::No,
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        _ => Guess::Perhaps,
    }
}

/// Whether a client gives a name and a user, as clients of IRC do.
fn asks(bytes: &[u8]) -> Guess {
    if bytes.is_empty() {
        return Guess::Perhaps;
    }
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let last = lines.next_back().unwrap_or_default();
    let (mut has_nick, mut has_user) = (false, false);
    for line in lines {
        let (command, argument) = word(line);
        let is = |name: &[u8]| command.eq_ignore_ascii_case(name);
        if !FIRST.iter().any(|first| is(word(first).0)) {
            break;
        }
        has_nick |= is(b"NICK") && !argument.is_empty();
        // Four words, or a text behind three.
        has_user |= is(b"USER")
            && argument
                .split(u8::is_ascii_whitespace)
                .filter(|word| !word.is_empty())
                .count()
                >= 4;
    }
    if has_nick && has_user {
        return Guess::Yes;
    }
    match begins(bytes, &FIRST) {
        Guess::No if last.len() == bytes.len() => Guess::No,
        Guess::No if !has_nick && !has_user => Guess::No,
        _ => Guess::Perhaps,
    }
}

/// Whether a server says who it is and what it answers: `:host 001 name`, `:host NOTICE AUTH`, or what somebody says.
fn answers(bytes: &[u8]) -> Guess {
    let line = match bytes {
        [] => return Guess::Perhaps,
        [b':', rest @ ..] => rest,
        _ => {
            return match begins(bytes, &[b"NOTICE AUTH", b"PING :", b"ERROR :"]) {
                // Others say that as well, and who asks has to tell.
                Guess::Yes => Guess::Perhaps,
                other => other,
            };
        }
    };
    let end = line.iter().position(|byte| *byte == b'\n');
    let text = line.get(..end.unwrap_or(line.len())).unwrap_or_default();
    let (source, rest) = word(text);
    if source.len() > 256 || !source.iter().all(u8::is_ascii_graphic) {
        return Guess::No;
    }
    if end.is_none() {
        return Guess::Perhaps;
    }
    let (command, _) = word(rest);
    let is_number = command.len() == 3 && command.iter().all(u8::is_ascii_digit);
    let words: [&[u8]; 7] = [b"NOTICE", b"PRIVMSG", b"JOIN", b"PART", b"QUIT", b"MODE", b"NICK"];
    Guess::only_if(is_number || words.contains(&command))
}

#[derive(Debug, Default)]
struct Session {
    lines: [Lines; 2],
    nick: Option<Untrusted>,
    user: Option<Untrusted>,
}

impl Dissector for Session {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let mut rest = bytes;
        let at = usize::from(side == Side::Responder);
        while let Some(line) = self.lines.get_mut(at).and_then(|lines| lines.next(&mut rest, context)) {
            self.line(side, &line, context);
        }
        Heard::More
    }

    fn miss(&mut self, side: Side, _: u64, _: &mut Context<'_>) -> Heard {
        if let Some(lines) = self.lines.get_mut(usize::from(side == Side::Responder)) {
            *lines = Lines::default();
        }
        Heard::More
    }

    fn memory(&self) -> usize {
        self.lines.iter().map(Lines::memory).sum()
    }
}

impl Session {
    fn line(&mut self, side: Side, line: &Line, context: &mut Context<'_>) {
        let mut text = line.text.as_slice();
        let mut source = None;
        if let Some(rest) = text.strip_prefix(b":") {
            let (name, rest) = word(rest);
            (source, text) = (some(name), rest);
        }
        let (command, rest) = word(text);
        let (first, behind) = word(rest);
        let is_client = side == Side::Originator;
        if is_client && let Some((user, password)) = login(command, rest) {
            let user = user.or_else(|| self.nick.clone());
            let login = Login::clear("irc", user, password);
            return context.say(line.began, Exchange::Login(Box::new(login)));
        }
        let value = Untrusted::from_bytes(first.strip_prefix(b":").unwrap_or(first));
        let said = behind.strip_prefix(b":").unwrap_or(behind);
        let (command, said) = match command.to_ascii_uppercase().as_slice() {
            b"NICK" if is_client => {
                self.nick = filled(value.raw().as_bytes());
                ("NICK", None)
            }
            b"USER" if is_client => {
                self.user = filled(value.raw().as_bytes());
                ("USER", some(behind))
            }
            b"PASS" | b"OPER" if is_client => {
                let (user, password) = if command.eq_ignore_ascii_case(b"OPER") {
                    (Some(value), Untrusted::from_bytes(said))
                } else {
                    (self.nick.clone(), value)
                };
                let login = Login::clear("irc", user, password);
                return context.say(line.began, Exchange::Login(Box::new(login)));
            }
            b"JOIN" if is_client => ("JOIN", None),
            b"PRIVMSG" => ("PRIVMSG", some(said)),
            _ => return,
        };
        let file = said.as_ref().and_then(|said| offered(said.raw()));
        let irc = Irc {
            command: if file.is_some() { "DCC" } else { command },
            nick: self.nick.clone(),
            user: self.user.clone(),
            received: !is_client,
            source,
            value,
            text: said,
            file,
        };
        context.say(line.began, Exchange::Irc(Box::new(irc)));
    }
}

/// Who logs in to a service of a network, and by what: `PRIVMSG NickServ :IDENTIFY password` or what stands for that
/// (<https://www.elixircd.org/services/nickserv>; others are called otherwise). Nobody is named where it is whoever speaks.
fn login(command: &[u8], rest: &[u8]) -> Option<(Option<Untrusted>, Untrusted)> {
    const SERVICES: [&[u8]; 6] = [b"AuthServ", b"ChanServ", b"NickServ", b"Q", b"UserServ", b"X"];
    let is = |word: &[u8], known: &[u8]| word.eq_ignore_ascii_case(known);
    let said = if is(command, b"NS") || is(command, b"NICKSERV") {
        rest
    } else {
        let (target, said) = word(rest);
        let service = target.split(|byte| *byte == b'@').next().unwrap_or_default();
        let is_service = SERVICES.iter().any(|known| is(service, known));
        Some(said).filter(|_| is_service && (is(command, b"PRIVMSG") || is(command, b"SQUERY")))?
    };
    let (command, rest) = word(said.strip_prefix(b":").unwrap_or(said));
    let words = rest.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let words: Vec<&[u8]> = words.take(2).collect();
    let (user, password) = match (command.to_ascii_uppercase().as_slice(), words.as_slice()) {
        (b"SET", [what, password]) if is(what, b"PASSWORD") => (None, password),
        (b"REGISTER", [channel, password]) if channel.starts_with(b"#") => (Some(channel), password),
        (b"AUTH" | b"ID" | b"IDENTIFY" | b"LOGIN", [password]) | (b"REGISTER", [password, ..]) => (None, password),
        (
            b"AUTH" | b"DROP" | b"GHOST" | b"GROUP" | b"ID" | b"IDENTIFY" | b"LINK" | b"LOGIN" | b"RECOVER" | b"REGAIN"
            | b"RELEASE",
            [user, password],
        ) => (Some(user), password),
        _ => return None,
    };
    Some((
        user.map(|user| Untrusted::from_bytes(user)),
        Untrusted::from_bytes(password),
    ))
}

/// A file that is offered: `DCC SEND name address port size` between two marks
/// (<https://modern.ircdocs.horse/dcc>). The address is a number, or text of IPv6.
fn offered(said: &str) -> Option<IrcFile> {
    let offer = said.trim_matches('\u{1}').strip_prefix("DCC SEND ")?;
    let (name, rest) = match offer.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => offer.split_once(' ')?,
    };
    let mut words = rest.split_ascii_whitespace();
    let (address, port) = (words.next()?, words.next()?.parse().ok()?);
    let address = match address.parse::<u32>() {
        Ok(bits) => IpAddr::from(Ipv4Addr::from(bits)),
        Err(_) => address.parse().ok()?,
    };
    Some(IrcFile {
        name: name.into(),
        size: words.next().and_then(|size| number(size.as_bytes())),
        listener: SocketAddr::new(address, port),
    })
}
