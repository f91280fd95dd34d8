//! SOCKS 4 (<https://www.openssh.org/txt/socks4.protocol>, with names of hosts as in 4a) and 5 (RFC 1928, log-ins by
//! RFC 1929). What follows is told anew.

#[cfg(test)]
mod tests;

use super::text::some;
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Inner, Opening, Protocol, Side};
use crate::cursor::Cursor;
use std::net::{Ipv4Addr, Ipv6Addr};
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Login, Socks};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "socks",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Session::default()),
};

/// Bytes of what a side says before the stream begins.
const LONGEST_HEAD: usize = 2 << 10;

fn recognise(opening: &Opening<'_>) -> Guess {
    match opening.originator {
        [] if opening.responder.len() < 2 => Guess::Perhaps,
        [5, rest @ ..] => five(rest, opening.responder),
        [4, rest @ ..] => four(rest, opening.responder),
        _ => Guess::No,
    }
}

/// Whether the client offers methods, and the server takes one of them.
fn five(rest: &[u8], answer: &[u8]) -> Guess {
    let Some((count, methods)) = rest.split_first() else {
        return Guess::Perhaps;
    };
    let count = usize::from(*count);
    let known = |method: &u8| matches!(method, 0..=9 | 0x80..=0xfe);
    if !(1..=16).contains(&count) || !methods.iter().take(count).all(known) {
        return Guess::No;
    }
    match answer {
        _ if methods.len() < count => Guess::Perhaps,
        [] | [5] => Guess::Perhaps,
        [5, method, ..] => {
            Guess::only_if(*method == 0xff || methods.iter().take(count).any(|offered| offered == method))
        }
        _ => Guess::No,
    }
}

/// Whether the client asks for an address, and the server has a word for that.
fn four(rest: &[u8], answer: &[u8]) -> Guess {
    match rest.first() {
        None | Some(1 | 2) => {}
        Some(_) => return Guess::No,
    }
    let text = rest.get(7..).unwrap_or_default();
    let user = text.split(|byte| *byte == 0).next().unwrap_or_default();
    if !user.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' ') {
        return Guess::No;
    }
    match answer {
        [] | [0] => Guess::Perhaps,
        [0, 90..=93, ..] => Guess::only_if(user.len() < text.len()),
        _ => Guess::No,
    }
}

#[derive(Debug, Default)]
struct Session {
    began: Option<Here>,
    /// What each side said and was not read.
    heads: [Vec<u8>; 2],
    socks: Socks,
    login: Option<(Here, Login)>,
    /// The server chose a method.
    is_chosen: bool,
    has_asked: bool,
    has_answered: bool,
    is_said: bool,
    is_over: bool,
    inner: Inner,
}

impl Dissector for Session {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        self.began.get_or_insert(context.here);
        let (at, is_through) = match side {
            Side::Originator => (0, self.has_asked),
            Side::Responder => (1, self.has_answered),
        };
        if is_through {
            return self.inner.hear(side, bytes, context);
        }
        let mut head = self.heads.get_mut(at).map(std::mem::take).unwrap_or_default();
        head.extend_from_slice(bytes);
        let mut cursor = Cursor::new(&head);
        let mut done = 0;
        loop {
            let (read, is_through) = match side {
                Side::Originator => (self.asks(&mut cursor, context), self.has_asked),
                Side::Responder => (self.answers(&mut cursor, context), self.has_answered),
            };
            if read.is_none() {
                break;
            }
            done = cursor.at();
            if is_through || self.is_over {
                break;
            }
        }
        let rest = head.get(done..).unwrap_or_default();
        let is_through = match side {
            Side::Originator => self.has_asked,
            Side::Responder => self.has_answered,
        };
        if self.is_over || rest.len() > LONGEST_HEAD && !is_through {
            return Heard::Enough;
        }
        if is_through {
            return if rest.is_empty() {
                Heard::More
            } else {
                self.inner.hear(side, rest, context)
            };
        }
        head.drain(..done);
        if let Some(place) = self.heads.get_mut(at) {
            *place = head;
        }
        Heard::More
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        let is_through = match side {
            Side::Originator => self.has_asked,
            Side::Responder => self.has_answered,
        };
        if is_through {
            self.inner.miss(side, length, context)
        } else {
            Heard::Enough
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        self.say(context);
        self.inner.finish(context);
    }

    fn memory(&self) -> usize {
        self.heads.iter().map(Vec::capacity).sum::<usize>() + self.inner.memory()
    }
}

impl Session {
    /// The client's next message.
    fn asks(&mut self, cursor: &mut Cursor<'_>, context: &mut Context<'_>) -> Option<()> {
        match (cursor.u8()?, self.socks.version) {
            (5, 0) => {
                cursor.behind8()?;
                self.socks.version = 5;
            }
            // The log-in (RFC 1929 2).
            (1, 5) => {
                let (user, password) = (cursor.behind8()?, cursor.behind8()?);
                self.socks.user = some(user);
                let login = Login::clear("socks", self.socks.user.clone(), Untrusted::from_bytes(password));
                self.login = Some((context.here, login));
            }
            (5, 5) => {
                let command = cursor.u8()?;
                cursor.u8()?;
                let (host, port) = place(cursor)?;
                (self.socks.command, self.socks.host, self.socks.port) = (Some(command), Some(host), Some(port));
                self.has_asked = true;
            }
            (4, 0) => {
                let (command, port, address) = (cursor.u8()?, cursor.be16()?, cursor.array::<4>()?);
                let user = text(cursor)?;
                // An address that stands for a name behind it.
                let host = match address {
                    [0, 0, 0, 1..=255] => Untrusted::from_bytes(text(cursor)?),
                    _ => Ipv4Addr::from(address).to_string().into(),
                };
                self.socks.version = 4;
                self.socks.user = some(user);
                (self.socks.command, self.socks.host, self.socks.port) = (Some(command), Some(host), Some(port));
                self.has_asked = true;
            }
            _ => self.is_over = true,
        }
        Some(())
    }

    /// The server's next message.
    fn answers(&mut self, cursor: &mut Cursor<'_>, context: &mut Context<'_>) -> Option<()> {
        let first = cursor.u8()?;
        match (first, cursor.u8()?) {
            (0, status) => {
                let (port, address) = (cursor.be16()?, cursor.array::<4>()?);
                self.answered(
                    status,
                    status == 90,
                    Ipv4Addr::from(address).to_string().into(),
                    port,
                    context,
                );
            }
            // Whether the log-in was right.
            (1, status) => {
                if let Some((_, login)) = &mut self.login {
                    login.accepted = Some(status == 0);
                }
                self.is_over = status != 0;
            }
            (5, status) => {
                // The method that it chose comes first, and that is all of it.
                if !std::mem::replace(&mut self.is_chosen, true) {
                    self.is_over = status == 0xff;
                    return Some(());
                }
                cursor.u8()?;
                let (host, port) = place(cursor)?;
                self.answered(status, status == 0, host, port, context);
            }
            _ => self.is_over = true,
        }
        Some(())
    }

    fn answered(&mut self, status: u8, success: bool, host: Untrusted, port: u16, context: &mut Context<'_>) {
        (self.socks.status, self.socks.success) = (Some(status), Some(success));
        (self.socks.bound_host, self.socks.bound_port) = (Some(host), Some(port));
        self.has_answered = true;
        self.is_over = !success;
        self.say(context);
    }

    fn say(&mut self, context: &mut Context<'_>) {
        if let Some((began, login)) = self.login.take() {
            context.say(began, Exchange::Login(Box::new(login)));
        }
        let is_known = self.socks.version != 0 || self.socks.status.is_some();
        if is_known && !std::mem::replace(&mut self.is_said, true) {
            let began = self.began.unwrap_or(context.here);
            context.say(began, Exchange::Socks(Box::new(self.socks.clone())));
        }
    }
}

/// An address or a name, and a port (RFC 1928 5).
fn place(cursor: &mut Cursor<'_>) -> Option<(Untrusted, u16)> {
    let host = match cursor.u8()? {
        1 => Ipv4Addr::from(cursor.array::<4>()?).to_string().into(),
        4 => Ipv6Addr::from(cursor.array::<16>()?).to_string().into(),
        _ => Untrusted::from_bytes(cursor.behind8()?),
    };
    Some((host, cursor.be16()?))
}

/// What ends with a zero.
fn text<'b>(cursor: &mut Cursor<'b>) -> Option<&'b [u8]> {
    let end = cursor.rest().iter().position(|byte| *byte == 0)?;
    let text = cursor.take(end)?;
    cursor.u8()?;
    Some(text)
}
