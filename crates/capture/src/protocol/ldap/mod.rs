//! LDAP (RFC 4511) over TCP, and without a connection over UDP: who binds as whom, what is searched and what is changed.
//!
//! What is found is counted and not read. Behind `StartTLS`, what is spoken is told anew; what SASL only signs is read, and
//! what it encrypts is not.

mod filter;
mod request;
mod sealed;
#[cfg(test)]
mod tests;

use super::der::{self, INTEGER, NoHeader, SEQUENCE, elements};
use super::inner::Inner;
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side, ntlm, spnego};
use request::{Asked, Request};
use std::collections::BTreeMap;
use watchfire_model::Untrusted;
use watchfire_model::network::{Exchange, Kerberos, Ldap, LdapResult, LdapSearch, Login};

pub(super) static OVER_TCP: Protocol = Protocol {
    name: "ldap",
    carrier: Carrier::Stream,
    recognise: recognise_stream,
    dissector: || Box::new(Talk::new(false)),
};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "cldap",
    carrier: Carrier::Datagram,
    recognise: recognise_datagram,
    dissector: || Box::new(Talk::new(true)),
};

/// Operations (RFC 4511 4.2 and following).
const BIND: u8 = 0x60;
const BIND_ANSWER: u8 = 0x61;
const UNBIND: u8 = 0x42;
const SEARCH: u8 = 0x63;
const ENTRY: u8 = 0x64;
const SEARCHED: u8 = 0x65;
const MODIFY: u8 = 0x66;
const MODIFIED: u8 = 0x67;
const ADD: u8 = 0x68;
const ADDED: u8 = 0x69;
const DELETE: u8 = 0x4a;
const DELETED: u8 = 0x6b;
const RENAME: u8 = 0x6c;
const RENAMED: u8 = 0x6d;
const COMPARE: u8 = 0x6e;
const COMPARED: u8 = 0x6f;
const ABANDON: u8 = 0x50;
const REFERENCE: u8 = 0x73;
const EXTENDED: u8 = 0x77;
const EXTENDED_ANSWER: u8 = 0x78;
const INTERMEDIATE: u8 = 0x79;
/// What may stand behind an operation.
const CONTROLS: u8 = 0xa0;
/// Bytes of a message that are held; of longer ones, nothing is read.
const LONGEST_MESSAGE: usize = 64 << 10;
/// Bytes by which what an operation is can be told.
const TELLING: usize = 16;
/// Requests that wait for their answer.
const MOST_OPEN: usize = 256;

fn recognise_stream(opening: &Opening<'_>) -> Guess {
    let says = |bytes: &[u8]| is_message(bytes, false);
    match (says(opening.originator), says(opening.responder)) {
        (Guess::No, _) | (_, Guess::No) => Guess::No,
        (Guess::Yes, _) | (_, Guess::Yes) => Guess::Yes,
        _ => Guess::Perhaps,
    }
}

fn recognise_datagram(opening: &Opening<'_>) -> Guess {
    let first = opening.originator;
    let first = if first.is_empty() { opening.responder } else { first };
    Guess::only_if(is_message(first, true) == Guess::Yes)
}

/// Whether a message begins here: a number, and an operation that fills the rest but for controls.
fn is_message(bytes: &[u8], is_whole: bool) -> Guess {
    let header = |bytes: &[u8]| match der::header(bytes) {
        Ok(header) => Ok(header),
        Err(NoHeader::Short) => Err(Guess::Perhaps),
        Err(NoHeader::Senseless) => Err(Guess::No),
    };
    let told = || -> Result<Guess, Guess> {
        if bytes.first().is_some_and(|tag| *tag != SEQUENCE) {
            return Err(Guess::No);
        }
        let outer = header(bytes)?;
        let rest = bytes.get(outer.size..).unwrap_or_default();
        if rest.first().is_some_and(|tag| *tag != INTEGER) {
            return Err(Guess::No);
        }
        let number = header(rest)?;
        if !(1..=4).contains(&number.length) {
            return Err(Guess::No);
        }
        let before = number.size + number.length;
        let rest = rest.get(before..).unwrap_or_default();
        let is_operation = |tag: u8| request::name(tag).is_some() || request::asks_for(tag).is_some();
        if rest.first().is_some_and(|tag| !is_operation(*tag)) {
            return Err(Guess::No);
        }
        let operation = header(rest)?;
        let end = before.saturating_add(operation.size).saturating_add(operation.length);
        if end > outer.length || is_whole && outer.size.saturating_add(outer.length) != bytes.len() {
            return Err(Guess::No);
        }
        match rest.get(operation.size.saturating_add(operation.length)) {
            Some(tag) if end < outer.length => Ok(Guess::only_if(*tag == CONTROLS)),
            None if end < outer.length => Err(Guess::Perhaps),
            _ => Ok(Guess::Yes),
        }
    };
    told().unwrap_or_else(|guess| guess)
}

/// What one end said and was not read yet.
#[derive(Debug, Default)]
struct Speech {
    held: Vec<u8>,
    began: Option<Here>,
    skipped: u64,
}

/// A request that waits for its answer.
#[derive(Debug)]
struct Open {
    began: Here,
    asked: Asked,
    /// Bytes of the message whose texts it holds.
    size: usize,
}

#[derive(Debug)]
struct Talk {
    is_datagrams: bool,
    speeches: [Speech; 2],
    open: BTreeMap<i64, Open>,
    proofs: ntlm::Proofs,
    /// Somebody was let in by SASL: what follows may be signed or encrypted.
    is_sealed: bool,
    /// What is spoken behind `StartTLS`.
    inner: Option<Box<Inner>>,
    is_over: bool,
}

impl Dissector for Talk {
    fn hear(&mut self, side: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        if self.is_datagrams {
            self.message(bytes, context.here, context);
            return Heard::More;
        }
        let at = usize::from(side == Side::Responder);
        let Some(speech) = self.speeches.get_mut(at) else {
            return Heard::Enough;
        };
        let mut speech = std::mem::take(speech);
        let mut rest = bytes;
        while !rest.is_empty() && !self.is_over && self.inner.is_none() {
            rest = self.step(&mut speech, rest, context);
        }
        if let Some(place) = self.speeches.get_mut(at) {
            *place = speech;
        }
        match &mut self.inner {
            Some(inner) if !rest.is_empty() => inner.hear(side, rest, context),
            _ if self.is_over => Heard::Enough,
            _ => Heard::More,
        }
    }

    fn miss(&mut self, side: Side, length: u64, context: &mut Context<'_>) -> Heard {
        if let Some(inner) = &mut self.inner {
            return inner.miss(side, length, context);
        }
        match self.speeches.get_mut(usize::from(side == Side::Responder)) {
            Some(speech) if speech.skipped >= length => {
                speech.skipped -= length;
                Heard::More
            }
            _ => Heard::Enough,
        }
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        if let Some(inner) = &mut self.inner {
            inner.finish(context);
        }
        while let Some((_, open)) = self.open.pop_first() {
            say(open.began, open.asked, context);
        }
        self.proofs.finish(context);
    }

    fn memory(&self) -> usize {
        let held: usize = self.speeches.iter().map(|speech| speech.held.capacity()).sum();
        let open = self.open.values().map(|open| size_of::<Open>() + open.size);
        held + open.sum::<usize>() + Inner::held(self.inner.as_deref())
    }
}

/// How much of a message is needed.
enum Wanted {
    /// So many bytes of it, and of how many.
    Bytes(usize, u64),
    /// It is none.
    Nothing,
}

impl Talk {
    fn new(is_datagrams: bool) -> Self {
        Self {
            is_datagrams,
            speeches: Default::default(),
            open: BTreeMap::new(),
            proofs: ntlm::Proofs::new("ldap"),
            is_sealed: false,
            inner: None,
            is_over: false,
        }
    }

    /// Goes on with one end; what is left of the bytes.
    fn step<'b>(&mut self, speech: &mut Speech, bytes: &'b [u8], context: &mut Context<'_>) -> &'b [u8] {
        let skipped = usize::try_from(speech.skipped).unwrap_or(usize::MAX).min(bytes.len());
        speech.skipped -= skipped as u64;
        let mut rest = bytes.get(skipped..).unwrap_or_default();
        if rest.is_empty() {
            return rest;
        }
        let began = *speech.began.get_or_insert(context.here);
        loop {
            let Wanted::Bytes(wanted, total) = self.wanted(&speech.held) else {
                self.is_over = true;
                return &[];
            };
            let missing = wanted.saturating_sub(speech.held.len());
            if missing == 0 {
                let held = std::mem::take(&mut speech.held);
                speech.began = None;
                speech.skipped = total.saturating_sub(held.len() as u64);
                self.frame(&held, began, context);
                return rest;
            }
            let (part, behind) = rest.split_at_checked(missing).unwrap_or((rest, &[]));
            speech.held.extend_from_slice(part);
            rest = behind;
            if part.len() < missing {
                return rest;
            }
        }
    }

    fn wanted(&self, held: &[u8]) -> Wanted {
        let first = match held.first() {
            None => return Wanted::Bytes(1, u64::MAX),
            Some(first) => *first,
        };
        if first != SEQUENCE {
            // The length of what SASL signed or encrypted (RFC 4422 3.7), which is never that long.
            return match held.first_chunk::<4>() {
                _ if !self.is_sealed || first != 0 => Wanted::Nothing,
                None => Wanted::Bytes(4, u64::MAX),
                Some(length) => {
                    let total = u64::from(u32::from_be_bytes(*length)) + 4;
                    let wanted = total.min(LONGEST_MESSAGE as u64) as usize;
                    Wanted::Bytes(wanted, total)
                }
            };
        }
        let outer = match der::header(held) {
            Ok(outer) => outer,
            Err(NoHeader::Short) => return Wanted::Bytes(held.len() + 1, u64::MAX),
            Err(NoHeader::Senseless) => return Wanted::Nothing,
        };
        let total = outer.size.saturating_add(outer.length);
        let telling = total.min(TELLING);
        if held.len() < telling {
            return Wanted::Bytes(telling, u64::MAX);
        }
        // What is found is counted.
        let wanted = match operation(held) {
            Some((_, ENTRY | REFERENCE)) => telling,
            _ if total > LONGEST_MESSAGE => telling,
            _ => total,
        };
        Wanted::Bytes(wanted.max(held.len().min(total)), total as u64)
    }

    /// Reads a message as far as it is held, or what SASL made of one.
    fn frame(&mut self, held: &[u8], began: Here, context: &mut Context<'_>) {
        if held.first() == Some(&SEQUENCE) {
            self.message(held, began, context);
            return;
        }
        match sealed::signed(held.get(4..).unwrap_or_default()) {
            Some(mut messages) => {
                while let Ok(header) = der::header(messages) {
                    let length = header.size.saturating_add(header.length);
                    self.message(messages.get(..length).unwrap_or(messages), began, context);
                    messages = messages.get(length..).unwrap_or_default();
                }
            }
            None => self.is_over = true,
        }
    }

    fn message(&mut self, message: &[u8], began: Here, context: &mut Context<'_>) {
        let Some((id, tag)) = operation(message) else { return };
        match tag {
            ENTRY | REFERENCE => {
                if let Some(Asked::Search(search)) = self.open.get_mut(&id).map(|open| &mut open.asked) {
                    let count = if tag == ENTRY {
                        &mut search.entries
                    } else {
                        &mut search.references
                    };
                    *count = count.saturating_add(1);
                }
                return;
            }
            _ => {}
        }
        let inside = der::first(message, SEQUENCE).unwrap_or_default();
        let Some((_, body)) = elements(inside).nth(1) else {
            return;
        };
        if request::asks_for(tag).is_some() {
            self.answer(id, tag, body, context);
        } else if let Some(request) = Request::read(id, tag, body) {
            self.request(id, request, (began, message.len()), context);
        }
    }

    fn request(&mut self, id: i64, request: Request<'_>, (began, size): (Here, usize), context: &mut Context<'_>) {
        let mut asked = request.asked;
        if let Some(token) = request.token {
            let ticket = self.prove(token, context);
            if let Asked::Bind { ticket: place, .. } = &mut asked {
                *place = ticket;
            }
        }
        if matches!(asked, Asked::Unanswered(_)) {
            say(began, asked, context);
            return;
        }
        if self.open.len() >= MOST_OPEN
            && let Some((_, oldest)) = self.open.pop_first()
        {
            say(oldest.began, oldest.asked, context);
        }
        // Over UDP, it may be sent again, with the same number or not.
        let is_again = self.open.get(&id).is_some_and(|open| open.asked == asked);
        if is_again {
            return;
        }
        if let Some(before) = self.open.insert(id, Open { began, asked, size }) {
            say(before.began, before.asked, context);
        }
    }

    /// Hears what somebody proves himself by; the ticket, if it is one.
    fn prove(&mut self, token: &[u8], context: &mut Context<'_>) -> Option<Box<Kerberos>> {
        let token = spnego::token(token);
        if let Some(message) = token.ntlm {
            context.serves("ntlm");
            self.proofs.hear(message, context);
        }
        token.ticket.and_then(super::kerberos::ticket).map(Box::new)
    }

    fn answer(&mut self, id: i64, tag: u8, body: &[u8], context: &mut Context<'_>) {
        if tag == INTERMEDIATE {
            return;
        }
        let mut fields = elements(body);
        let code = fields.next().and_then(|(_, code)| der::number(code)).map(LdapResult);
        let matched = fields.next().map(|(_, matched)| matched).unwrap_or_default();
        let diagnostic = fields.next().and_then(|(_, text)| request::text(text));
        // Active Directory says its challenge in place of a name where the client asks for it in the way of old.
        let token = der::first(body, 0x87).unwrap_or(matched);
        if tag == BIND_ANSWER && !token.is_empty() {
            self.prove(token, context);
        }
        let Some(mut open) = self.open.remove(&id) else { return };
        let is_done = code == Some(LdapResult::SUCCESS);
        match &mut open.asked {
            Asked::Bind { ticket, is_sasl, .. } if code != Some(LdapResult::BIND_IN_PROGRESS) => {
                self.is_sealed |= is_done && *is_sasl;
                self.proofs.outcome(is_done, context);
                if let Some(ticket) = ticket {
                    ticket.success = Some(is_done);
                }
            }
            Asked::StartTls(_) if is_done => self.inner = Some(Box::default()),
            _ => {}
        }
        open.asked.answered(code, diagnostic);
        say(open.began, open.asked, context);
    }
}

/// The number of a message, and its operation.
fn operation(message: &[u8]) -> Option<(i64, u8)> {
    let outer = der::header(message).ok()?;
    let rest = message.get(outer.size..)?;
    let (tag, id) = elements(rest).next()?;
    let number = der::number(id).filter(|_| tag == INTEGER)?;
    // A number has a tag and a length of one byte.
    rest.get(2 + id.len()).map(|tag| (number, *tag))
}

fn say(began: Here, asked: Asked, context: &mut Context<'_>) {
    match asked {
        Asked::Search(search) => context.say(began, Exchange::LdapSearch(search)),
        Asked::Unanswered(ldap) | Asked::Other(ldap) | Asked::StartTls(ldap) => {
            context.say(began, Exchange::Ldap(ldap));
        }
        Asked::Bind {
            ldap, password, ticket, ..
        } => {
            if let Some(password) = password {
                let login = Login {
                    accepted: ldap.result.map(|result| result == LdapResult::SUCCESS),
                    ..Login::clear("ldap", ldap.object.clone(), password)
                };
                context.say(began, Exchange::Login(Box::new(login)));
            }
            if let Some(ticket) = ticket {
                context.say(began, Exchange::Kerberos(ticket));
            }
            context.say(began, Exchange::Ldap(ldap));
        }
    }
}

impl Asked {
    fn answered(&mut self, code: Option<LdapResult>, text: Option<Untrusted>) {
        let (result, diagnostic) = match self {
            Self::Search(search) => {
                let LdapSearch { result, diagnostic, .. } = &mut **search;
                (result, diagnostic)
            }
            Self::Unanswered(ldap) | Self::Other(ldap) | Self::StartTls(ldap) | Self::Bind { ldap, .. } => {
                let Ldap { result, diagnostic, .. } = &mut **ldap;
                (result, diagnostic)
            }
        };
        *result = code;
        *diagnostic = text;
    }
}
