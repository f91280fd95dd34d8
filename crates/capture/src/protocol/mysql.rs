//! MySQL and its kin (<https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html>): the greeting, the log-in, and
//! commands with the first packet of their answers; rows are passed over.

mod message;
#[cfg(test)]
mod tests;

use super::statement::{self, Dialect};
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Inner, Opening, Protocol, Side};
use message::{Answer, Greeting, Response};
use watchfire_model::network::{Exchange, Hashcat, Login, LoginMethod, Mysql};
use watchfire_model::{Secret, Untrusted, digest_hex};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "mysql",
    carrier: Carrier::Stream,
    recognise,
    dissector: || Box::new(Session::default()),
};

/// hashcat's number of `mysql_native_password`, <https://hashcat.net/wiki/doku.php?id=example_hashes>.
const NATIVE: u32 = 11_200;
/// Bytes of a packet that are kept.
const LONGEST_KEPT: usize = 4 << 10;
/// Bytes of a greeting.
const LONGEST_GREETING: usize = 512;

fn recognise(opening: &Opening<'_>) -> Guess {
    let bytes = opening.responder;
    let Some([low, middle, high, number, kind, first]) = bytes.first_chunk::<6>() else {
        let begins = |at: usize, byte: u8| bytes.get(at).is_none_or(|found| *found == byte);
        return if begins(2, 0) && begins(3, 0) && begins(4, 10) {
            Guess::Perhaps
        } else {
            Guess::No
        };
    };
    let length = usize::from(*low) | usize::from(*middle) << 8 | usize::from(*high) << 16;
    let is_greeting = *number == 0 && *kind == 10 && first.is_ascii_digit() && (32..LONGEST_GREETING).contains(&length);
    let version = bytes.get(5..).unwrap_or_default();
    let end = version.iter().take(length).position(|byte| *byte == 0);
    let is_text = version
        .get(..end.unwrap_or(version.len()))
        .unwrap_or_default()
        .iter()
        .all(u8::is_ascii_graphic);
    match end {
        _ if !is_greeting || !is_text => Guess::No,
        Some(end) => Guess::only_if(version.get(..end).unwrap_or_default().contains(&b'.')),
        None if bytes.len() > LONGEST_GREETING => Guess::No,
        None => Guess::Perhaps,
    }
}

/// One side's packets.
#[derive(Debug, Default)]
struct Packets {
    /// The length and the number of the packet, as far as they are there.
    head: Vec<u8>,
    /// Bytes of its body to come.
    left: usize,
    /// Its body, cut.
    body: Vec<u8>,
    began: Option<Here>,
}

/// A packet: its number, its length, and its body as far as it is kept.
struct Packet {
    number: u8,
    body: Vec<u8>,
    began: Here,
}

impl Packets {
    /// Takes bytes until a packet is whole. Of those behind the first of an answer, which are rows mostly, the bodies are
    /// kept only if `is_all` says so.
    fn next(&mut self, bytes: &mut &[u8], is_all: bool, context: &Context<'_>) -> Option<Packet> {
        while self.head.len() < 4 {
            let (byte, rest) = bytes.split_first()?;
            self.began.get_or_insert(context.here);
            self.head.push(*byte);
            *bytes = rest;
            if let [low, middle, high, _] = self.head.as_slice() {
                self.left = usize::from(*low) | usize::from(*middle) << 8 | usize::from(*high) << 16;
            }
        }
        let (part, rest) = bytes.split_at_checked(self.left.min(bytes.len()))?;
        let is_wanted = is_all || self.head.last().is_some_and(|number| *number <= 1);
        let kept = if is_wanted { LONGEST_KEPT } else { 0 };
        let room = kept.saturating_sub(self.body.len()).min(part.len());
        self.body.extend_from_slice(part.get(..room).unwrap_or_default());
        self.left -= part.len();
        *bytes = rest;
        if self.left > 0 {
            return None;
        }
        let number = self.head.pop().unwrap_or_default();
        self.head.clear();
        Some(Packet {
            number,
            body: std::mem::take(&mut self.body),
            began: self.began.take().unwrap_or(context.here),
        })
    }

    /// So many bytes of a body are missing; whether that can be borne.
    fn miss(&mut self, length: u64) -> bool {
        match usize::try_from(length) {
            Ok(length) if self.head.len() == 4 && length < self.left => {
                self.left -= length;
                true
            }
            _ => false,
        }
    }
}

#[derive(Debug, Default)]
struct Session {
    packets: [Packets; 2],
    greeting: Option<Greeting>,
    /// What the client said when it logged in.
    response: Option<Response>,
    /// Whether that was answered.
    is_in: bool,
    /// A command, or a log-in, that waits for its answer.
    open: Option<(Here, Mysql)>,
    inner: Option<Box<Inner>>,
}

impl Dissector for Session {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let mut rest = bytes;
        loop {
            if let Some(inner) = &mut self.inner {
                return if rest.is_empty() {
                    Heard::More
                } else {
                    inner.hear(side, rest, context)
                };
            }
            let is_all = !self.is_in || self.is_changing();
            let [client, server] = &mut self.packets;
            let packets = match side {
                Side::Originator => client,
                Side::Responder => server,
            };
            let Some(packet) = packets.next(&mut rest, is_all, context) else {
                return Heard::More;
            };
            match side {
                Side::Originator => self.client(&packet, context),
                Side::Responder => self.server(&packet, context),
            }
        }
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        if let Some(inner) = &mut self.inner {
            return inner.miss(side, length, context);
        }
        let [client, server] = &mut self.packets;
        let packets = match side {
            Side::Originator => client,
            Side::Responder => server,
        };
        if packets.miss(length) {
            Heard::More
        } else {
            Heard::Enough
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        self.say(context);
        if let Some(mut inner) = self.inner.take() {
            inner.finish(context);
        }
    }

    fn memory(&self) -> usize {
        let bodies: usize = self.packets.iter().map(|packets| packets.body.capacity()).sum();
        let open = self.open.as_ref().and_then(|(_, mysql)| mysql.argument.as_ref());
        bodies + open.map_or(0, |text| text.raw().len()) + Inner::held(self.inner.as_deref())
    }
}

impl Session {
    fn client(&mut self, packet: &Packet, context: &mut Context<'_>) {
        if self.is_in {
            if packet.number == 0 {
                self.command(packet, context);
            }
            return;
        }
        let Some(response) = &mut self.response else {
            let Some(response) = Response::read(&packet.body) else {
                return;
            };
            let mysql = Mysql {
                command: "login".into(),
                argument: Some(response.user.clone()).filter(|user| !user.is_empty()),
                server: self.greeting.as_ref().map(|greeting| greeting.version.clone()),
                database: response.database.clone(),
                tls: response.is_tls,
                ..Mysql::default()
            };
            if response.is_tls {
                self.inner = Some(Box::default());
            }
            self.open = Some((packet.began, mysql));
            self.response = Some(response);
            return;
        };
        // What is asked for after the first answer.
        response.proof = packet.body.clone();
    }

    fn command(&mut self, packet: &Packet, context: &mut Context<'_>) {
        self.say(context);
        let Some((code, argument)) = packet.body.split_first() else {
            return;
        };
        let has_attributes = self.response.as_ref().is_some_and(|response| response.has_attributes)
            && self.greeting.as_ref().is_some_and(|greeting| greeting.has_attributes);
        let name = message::name(*code);
        let argument = match name {
            Some("query") if has_attributes => message::query(argument).unwrap_or_default(),
            Some("query" | "stmt_prepare" | "init_db" | "create_db" | "drop_db") => argument,
            Some("field_list" | "change_user") => argument.split(|byte| *byte == 0).next().unwrap_or_default(),
            _ => &[],
        };
        let mysql = Mysql {
            command: name.map_or_else(|| code.to_string().into(), Untrusted::from),
            argument: statement::without_passwords(argument, Dialect::Mysql),
            ..Mysql::default()
        };
        self.open = Some((packet.began, mysql));
        if matches!(name, Some("quit" | "stmt_close" | "stmt_send_long_data")) {
            self.say(context);
        }
    }

    fn server(&mut self, packet: &Packet, context: &mut Context<'_>) {
        if self.greeting.is_none() && !self.is_in {
            self.greeting = Greeting::read(&packet.body);
            return;
        }
        if self.is_in && packet.number != 1 && !self.is_changing() {
            return;
        }
        let answer = Answer::read(&packet.body);
        if !self.is_in {
            match answer {
                Answer::Ok { .. } | Answer::Failed(_) => {
                    self.is_in = true;
                    self.logged_in(matches!(answer, Answer::Ok { .. }), context);
                }
                Answer::Switch => {
                    if let (Some(greeting), Some(response)) = (&mut self.greeting, &mut self.response) {
                        greeting.switch(&packet.body);
                        response.plugin = greeting.plugin.clone();
                        response.proof.clear();
                    }
                    return;
                }
                Answer::Other => return,
            }
        }
        // Another user has to prove who he is first.
        if self.is_changing() && matches!(answer, Answer::Switch | Answer::Other) {
            return;
        }
        if let Some((_, mysql)) = &mut self.open {
            match answer {
                Answer::Ok { rows } => (mysql.success, mysql.rows) = (Some(true), Some(rows)),
                Answer::Failed(why) => {
                    mysql.response = Some(statement::answer(mysql.argument.as_ref(), why));
                    mysql.success = Some(false);
                }
                Answer::Switch | Answer::Other => (mysql.success, mysql.rows) = (Some(true), Some(0)),
            }
            self.say(context);
        }
    }

    /// Whether another user logs in.
    fn is_changing(&self) -> bool {
        self.open
            .as_ref()
            .is_some_and(|(_, mysql)| mysql.command.raw() == "change_user")
    }

    fn logged_in(&mut self, accepted: bool, context: &mut Context<'_>) {
        let (Some(response), Some((began, _))) = (&self.response, &self.open) else {
            return;
        };
        let mut login = Login {
            service: "mysql",
            method: LoginMethod::Challenge,
            user: Some(response.user.clone()),
            domain: None,
            secret: None,
            hashcat: None,
            accepted: Some(accepted),
        };
        let challenge = self.greeting.as_ref().map(|greeting| greeting.challenge.as_slice());
        match (response.plugin.as_str(), challenge, response.proof.as_slice()) {
            ("mysql_native_password" | "", Some(challenge), proof) if proof.len() == 20 && challenge.len() == 20 => {
                let line = format!("$mysqlna${}*{}", digest_hex(challenge), digest_hex(proof));
                login.hashcat = Some(Hashcat {
                    mode: NATIVE,
                    line: Secret::new(line),
                });
            }
            ("mysql_clear_password", _, proof) if !proof.is_empty() => {
                let password = proof.strip_suffix(&[0]).unwrap_or(proof);
                login.method = LoginMethod::Clear;
                login.secret = Some(Secret::new(Untrusted::from_bytes(password)));
            }
            _ => return,
        }
        context.say(*began, Exchange::Login(Box::new(login)));
    }

    fn say(&mut self, context: &mut Context<'_>) {
        if let Some((began, mysql)) = self.open.take() {
            context.say(began, Exchange::Mysql(Box::new(mysql)));
        }
    }
}
