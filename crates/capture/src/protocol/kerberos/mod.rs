//! Kerberos (RFC 4120), over UDP and TCP: who asks for tickets, for what, and what came back; and the lines that hashcat
//! takes for what is encrypted with the keys of users and services.
//!
//! What is encrypted is not read. A request waits for its answer; one that is sent again is the same.

mod crack;
mod message;
#[cfg(test)]
mod tests;

use super::der::{self, INTEGER, NoHeader, SEQUENCE, context};
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use crate::cursor::Cursor;
use message::{Encrypted, Message};
use watchfire_model::network::{Exchange, Hashcat, Kerberos, KerberosRequest, Login, LoginMethod};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "krb",
    carrier: Carrier::Datagram,
    recognise: recognise_datagram,
    dissector: || Box::new(Talk::default()),
};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "krb_tcp",
    carrier: Carrier::Stream,
    recognise: recognise_stream,
    dissector: || {
        Box::new(Talk {
            stream: Some([Vec::new(), Vec::new()]),
            ..Talk::default()
        })
    },
};

const PORT: u16 = 88;
/// Bytes of a message that are waited for.
const LONGEST_MESSAGE: usize = 128 << 10;
/// The number of the protocol.
const VERSION: i64 = 5;

fn recognise_datagram(opening: &Opening<'_>) -> Guess {
    let first = opening.originator;
    let first = if first.is_empty() { opening.responder } else { first };
    Guess::only_if(is_message(first, first.len(), opening.port == PORT) == Guess::Yes)
}

fn recognise_stream(opening: &Opening<'_>) -> Guess {
    let first = opening.originator;
    let first = if first.is_empty() { opening.responder } else { first };
    let mut cursor = Cursor::new(first);
    match cursor.be32() {
        Some(length) if (16..=LONGEST_MESSAGE as u32).contains(&length) => {
            is_message(cursor.rest(), length as usize, opening.port == PORT)
        }
        Some(_) => Guess::No,
        // No message is as long as to need the highest bytes.
        None if first.first().is_none_or(|byte| *byte == 0) => Guess::Perhaps,
        None => Guess::No,
    }
}

/// Whether a message of so many bytes begins here: an element of the right kind that fills it, and in it the number of the
/// protocol, which some leave out.
fn is_message(bytes: &[u8], length: usize, is_expected: bool) -> Guess {
    let kinds = [10, 11, 12, 13, 30].map(der::application);
    if bytes.first().is_some_and(|tag| !kinds.contains(tag)) {
        return Guess::No;
    }
    let outer = match der::header(bytes) {
        Ok(outer) if outer.size.checked_add(outer.length) == Some(length) => outer,
        Err(NoHeader::Short) => return Guess::Perhaps,
        _ => return Guess::No,
    };
    let rest = bytes.get(outer.size..).unwrap_or_default();
    let inner = match der::header(rest) {
        Ok(inner) if inner.tag == SEQUENCE && inner.size.checked_add(inner.length) == Some(outer.length) => inner,
        Err(NoHeader::Short) => return Guess::Perhaps,
        _ => return Guess::No,
    };
    let rest = rest.get(inner.size..).unwrap_or_default();
    if is_expected && rest.first().is_some_and(|tag| tag & 0xe0 == 0xa0) {
        return Guess::Yes;
    }
    // Requests begin at [1], everything else at [0].
    match rest {
        [0xa0 | 0xa1, 3, INTEGER, 1, 5, ..] => Guess::Yes,
        [] | [0xa0 | 0xa1] | [0xa0 | 0xa1, 3] | [0xa0 | 0xa1, 3, INTEGER] | [0xa0 | 0xa1, 3, INTEGER, 1] => {
            Guess::Perhaps
        }
        _ => Guess::No,
    }
}

/// A request that waits for its answer.
#[derive(Debug)]
struct Open {
    began: Here,
    kerberos: Kerberos,
    /// The line for the time that the client encrypted.
    proof: Option<Hashcat>,
}

/// The messages of a flow.
#[derive(Debug, Default)]
struct Talk {
    open: Option<Open>,
    /// Over TCP, what is not whole yet.
    stream: Option<[Vec<u8>; 2]>,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let Some(mut stream) = self.stream.take() else {
            self.message(bytes, context);
            return Heard::More;
        };
        let [originator, responder] = &mut stream;
        let held = if side == Side::Originator {
            originator
        } else {
            responder
        };
        held.extend_from_slice(bytes);
        let mut cursor = Cursor::new(held);
        let mut done = 0;
        let mut is_senseless = false;
        while let Some(length) = cursor.be32() {
            let length = usize::try_from(length).unwrap_or(usize::MAX);
            is_senseless |= length > LONGEST_MESSAGE;
            let Some(message) = cursor.take(length).filter(|_| !is_senseless) else {
                break;
            };
            self.message(message, context);
            done = cursor.at();
        }
        held.drain(..done);
        self.stream = Some(stream);
        if is_senseless { Heard::Enough } else { Heard::More }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        self.close(context);
    }

    fn memory(&self) -> usize {
        self.stream.iter().flatten().map(Vec::capacity).sum()
    }
}

impl Talk {
    fn message(&mut self, bytes: &[u8], context: &mut Context<'_>) {
        match Message::read(bytes) {
            Some(Message::Request(kerberos, time)) => {
                // Sent again, and not answered so far.
                if self.open.as_ref().is_some_and(|open| open.kerberos == *kerberos) {
                    return;
                }
                self.close(context);
                let proof = time.and_then(|time| crack::proof(&kerberos, &time));
                self.open = Some(Open {
                    began: context.here,
                    kerberos: *kerberos,
                    proof,
                });
            }
            Some(Message::Ticket(answer, ticket, own)) => self.ticket(*answer, &ticket, &own, context),
            Some(Message::Error(error)) => {
                let mut open = self.open.take().unwrap_or_else(|| Open {
                    began: context.here,
                    kerberos: Kerberos {
                        client: error.client.clone(),
                        realm: error.realm.clone(),
                        service: error.service.clone(),
                        ..Kerberos::default()
                    },
                    proof: None,
                });
                open.kerberos.success = Some(false);
                open.kerberos.error = error.error;
                say(open, context);
            }
            None => {}
        }
    }

    fn ticket(&mut self, answer: Kerberos, ticket: &Encrypted<'_>, own: &Encrypted<'_>, context: &mut Context<'_>) {
        let mut open = self.open.take().unwrap_or_else(|| Open {
            began: context.here,
            kerberos: Kerberos::default(),
            proof: None,
        });
        let began = open.began;
        let asked = std::mem::take(&mut open.kerberos);
        let kerberos = Kerberos {
            request: answer.request,
            success: Some(true),
            cipher: answer.cipher,
            // Who asks for a ticket by another does not say who he is.
            client: asked.client.or_else(|| answer.client.clone()),
            realm: asked.realm.or_else(|| answer.realm.clone()),
            service: asked.service.or_else(|| answer.service.clone()),
            ..asked
        };
        let is_first = answer.request == Some(KerberosRequest::As);
        let line = if is_first {
            // Who proved himself gave a line already.
            let is_needed = open.proof.is_none();
            // What it is salted with is the name as the answer spells it.
            let spelled = Kerberos {
                client: answer.client.or_else(|| kerberos.client.clone()),
                realm: answer.realm.or_else(|| kerberos.realm.clone()),
                ..Kerberos::default()
            };
            crack::answer(&spelled, own).filter(|_| is_needed)
        } else {
            crack::ticket(&kerberos, ticket)
        };
        if let Some(hashcat) = line {
            let login = Login {
                service: "kerberos",
                method: LoginMethod::Ticket,
                user: if is_first {
                    kerberos.client.clone()
                } else {
                    kerberos.service.clone()
                },
                domain: kerberos.realm.clone(),
                secret: None,
                hashcat: Some(hashcat),
                accepted: None,
            };
            context.say(began, Exchange::Login(Box::new(login)));
        }
        open.kerberos = kerberos;
        say(open, context);
    }

    /// What was asked for is not answered.
    fn close(&mut self, context: &mut Context<'_>) {
        if let Some(open) = self.open.take() {
            say(open, context);
        }
    }
}

fn say(open: Open, context: &mut Context<'_>) {
    if let Some(hashcat) = open.proof {
        let login = Login {
            service: "kerberos",
            method: LoginMethod::Challenge,
            user: open.kerberos.client.clone(),
            domain: open.kerberos.realm.clone(),
            secret: None,
            hashcat: Some(hashcat),
            accepted: open.kerberos.success,
        };
        context.say(open.began, Exchange::Login(Box::new(login)));
    }
    context.say(open.began, Exchange::Kerberos(Box::new(open.kerberos)));
}

/// What a ticket shows that stands in another protocol: that somebody asks a service to let him in.
pub(super) fn ticket(request: &[u8]) -> Option<Kerberos> {
    message::shown(request)
}

/// The field of a sequence at this place.
fn field(sequence: &[u8], number: u8) -> Option<&[u8]> {
    der::first(sequence, context(number))
}

/// A number at this place.
fn number(sequence: &[u8], at: u8) -> Option<i64> {
    der::inside(sequence, &[context(at), INTEGER]).and_then(der::number)
}
