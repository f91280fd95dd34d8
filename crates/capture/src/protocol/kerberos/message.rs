//! The messages of Kerberos (RFC 4120 5), as far as they are in clear.

use super::super::der::{self, INTEGER, OCTETS, SEQUENCE, application, elements};
use super::{VERSION, field, number};
use watchfire_model::network::{Kerberos, KerberosCipher, KerberosError, KerberosRequest};
use watchfire_model::{Moment, Timestamp, Untrusted};

/// What a client may prove itself by (RFC 4120 7.5.2): a ticket, and the time.
const BY_TICKET: i64 = 1;
const BY_TIME: i64 = 2;
/// Elements of a list that are kept.
const MOST: usize = 32;
/// Octets of one name.
const LONGEST_NAME: usize = 1_024;

/// Something encrypted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Encrypted<'m> {
    pub(super) cipher: KerberosCipher,
    pub(super) bytes: &'m [u8],
}

impl<'m> Encrypted<'m> {
    fn read(sequence: &'m [u8]) -> Option<Self> {
        Some(Self {
            cipher: cipher(number(sequence, 0)?)?,
            bytes: der::first(field(sequence, 2)?, OCTETS)?,
        })
    }
}

/// A message.
#[derive(Debug)]
pub(super) enum Message<'m> {
    /// A request, and the time that proves who asks.
    Request(Box<Kerberos>, Option<Encrypted<'m>>),
    /// An answer with a ticket: what is encrypted for the service, and for who asked.
    Ticket(Box<Kerberos>, Encrypted<'m>, Encrypted<'m>),
    /// No.
    Error(Box<Kerberos>),
}

impl<'m> Message<'m> {
    pub(super) fn read(bytes: &'m [u8]) -> Option<Self> {
        let (tag, body) = elements(bytes).next()?;
        let sequence = der::first(body, SEQUENCE)?;
        let kind = tag.checked_sub(application(0))?;
        match kind {
            10 | 12 => asked(sequence, kind == 10),
            11 | 13 => answered(sequence, kind == 11),
            30 => refused(sequence),
            _ => None,
        }
    }
}

fn request(is_first: bool) -> Option<KerberosRequest> {
    Some(if is_first {
        KerberosRequest::As
    } else {
        KerberosRequest::Tgs
    })
}

fn asked(sequence: &[u8], is_first: bool) -> Option<Message<'_>> {
    let mut time = None;
    let mut is_proved = false;
    let data = field(sequence, 3).and_then(|data| der::first(data, SEQUENCE));
    for (_, item) in elements(data.unwrap_or_default()).take(MOST) {
        match number(item, 1) {
            Some(BY_TIME) => {
                let value = der::inside(item, &[der::context(2), OCTETS, SEQUENCE]);
                time = value.and_then(Encrypted::read);
                is_proved = true;
            }
            Some(BY_TICKET) => is_proved = true,
            _ => {}
        }
    }
    let body = der::first(field(sequence, 4)?, SEQUENCE)?;
    // A string of bits: how many of the last octet are none, and the bits, the first the highest.
    let options = field(body, 0).and_then(|options| der::first(options, 0x03));
    let option = |bit: usize| Some(options?.get(1 + bit / 8)? << (bit % 8) & 0x80 != 0);
    let offered = field(body, 8).and_then(|list| der::first(list, SEQUENCE));
    let offered = elements(offered.unwrap_or_default()).filter(|(tag, _)| *tag == INTEGER);
    let kerberos = Kerberos {
        request: request(is_first),
        client: field(body, 1).and_then(name),
        realm: field(body, 2).and_then(text),
        service: field(body, 3).and_then(name),
        from: field(body, 4).and_then(time_of),
        till: field(body, 5).and_then(time_of),
        offered: offered
            .filter_map(|(_, body)| cipher(der::number(body)?))
            .take(MOST)
            .collect(),
        forwardable: option(1),
        renewable: option(8),
        proved: is_proved,
        hosts: hosts(field(body, 9)),
        ..Kerberos::default()
    };
    Some(Message::Request(Box::new(kerberos), time))
}

fn answered(sequence: &[u8], is_first: bool) -> Option<Message<'_>> {
    let (ticket, realm, service) = ticket(field(sequence, 5)?)?;
    let own = Encrypted::read(der::first(field(sequence, 6)?, SEQUENCE)?)?;
    let kerberos = Kerberos {
        request: request(is_first),
        client: field(sequence, 4).and_then(name),
        realm: field(sequence, 3).and_then(text).or(realm),
        service,
        cipher: Some(ticket.cipher),
        ..Kerberos::default()
    };
    Some(Message::Ticket(Box::new(kerberos), ticket, own))
}

fn refused(sequence: &[u8]) -> Option<Message<'_>> {
    let code = number(sequence, 6).and_then(|code| i32::try_from(code).ok())?;
    let is_other = number(sequence, 0).is_some_and(|version| version != VERSION);
    (!is_other).then(|| {
        Message::Error(Box::new(Kerberos {
            client: field(sequence, 8).and_then(name),
            realm: field(sequence, 7)
                .and_then(text)
                .or_else(|| field(sequence, 9).and_then(text)),
            service: field(sequence, 10).and_then(name),
            success: Some(false),
            error: Some(KerberosError(code)),
            ..Kerberos::default()
        }))
    })
}

/// What an AP-REQ shows.
pub(super) fn shown(bytes: &[u8]) -> Option<Kerberos> {
    let sequence = der::inside(bytes, &[application(14), SEQUENCE])?;
    let (ticket, realm, service) = ticket(field(sequence, 3)?)?;
    Some(Kerberos {
        request: Some(KerberosRequest::Ap),
        realm,
        service,
        cipher: Some(ticket.cipher),
        proved: true,
        ..Kerberos::default()
    })
}

/// A ticket, with the realm and the service that it is for.
fn ticket(bytes: &[u8]) -> Option<(Encrypted<'_>, Option<Untrusted>, Option<Untrusted>)> {
    let sequence = der::inside(bytes, &[application(1), SEQUENCE])?;
    let encrypted = Encrypted::read(der::first(field(sequence, 3)?, SEQUENCE)?)?;
    let (realm, service) = (field(sequence, 1).and_then(text), field(sequence, 2).and_then(name));
    Some((encrypted, realm, service))
}

fn cipher(number: i64) -> Option<KerberosCipher> {
    i32::try_from(number).ok().map(KerberosCipher)
}

/// A GeneralString.
fn text(field: &[u8]) -> Option<Untrusted> {
    let (_, body) = elements(field).next()?;
    let body = body.get(..LONGEST_NAME).unwrap_or(body);
    (!body.is_empty()).then(|| Untrusted::from_bytes(body))
}

/// A PrincipalName: its parts with slashes between them.
fn name(field: &[u8]) -> Option<Untrusted> {
    let parts = der::inside(der::first(field, SEQUENCE)?, &[der::context(1), SEQUENCE])?;
    let parts: Vec<&[u8]> = elements(parts).map(|(_, part)| part).take(MOST).collect();
    let name = parts.join(&b'/');
    let name = name.get(..LONGEST_NAME).unwrap_or(&name);
    (!name.is_empty()).then(|| Untrusted::from_bytes(name))
}

/// Addresses that are names.
fn hosts(field: Option<&[u8]>) -> Vec<Untrusted> {
    const NETBIOS: i64 = 20;
    let list = field.and_then(|list| der::first(list, SEQUENCE)).unwrap_or_default();
    let names = elements(list).filter(|(_, item)| number(item, 0) == Some(NETBIOS));
    let names = names.filter_map(|(_, item)| der::inside(item, &[der::context(1), OCTETS]));
    let name = |name: &[u8]| Untrusted::from_bytes(name.trim_ascii_end());
    names.take(MOST).map(name).collect()
}

/// A KerberosTime, `20370913024805Z`.
fn time_of(field: &[u8]) -> Option<Timestamp> {
    let (_, body) = elements(field).next()?;
    let text = std::str::from_utf8(body).ok()?;
    let is_time = text.len() == 15 && text.ends_with('Z') && text.bytes().take(14).all(|digit| digit.is_ascii_digit());
    let part = |from: usize, to: usize| text.get(from..to);
    let written = is_time.then(|| {
        Some(format!(
            "{}-{}-{}T{}:{}:{}Z",
            part(0, 4)?,
            part(4, 6)?,
            part(6, 8)?,
            part(8, 10)?,
            part(10, 12)?,
            part(12, 14)?
        ))
    });
    let moment = Moment::parse(&written.flatten()?).ok()?;
    Some(Timestamp::new(moment.unix(), 0))
}
