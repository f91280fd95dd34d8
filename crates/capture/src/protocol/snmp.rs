//! SNMP (RFC 1157, RFC 3416, RFC 3412): what is asked of devices, and by which community or user.
//!
//! A flow is one exchange. Of what devices answer, their description, name and age are kept. Absent: what version 3
//! encrypts, values of other variables.

#[cfg(test)]
mod tests;

use super::der::{OCTETS, OID, SEQUENCE, elements, identifier, unsigned};
use super::field::{filled, text};
use super::{Carrier, Context, Dissector, Guess, Heard, Here, Opening, Protocol, Side};
use watchfire_model::Timestamp;
use watchfire_model::network::{Exchange, Login, Snmp, SnmpVersion};

pub(super) static OVER_UDP: Protocol = Protocol {
    name: "snmp",
    carrier: Carrier::Datagram,
    recognise,
    dissector: || Box::new(Talk::default()),
};

/// Variables of a message that are looked at.
const MOST_VARIABLES: usize = 256;
/// Variables that are kept.
const MOST_KEPT: usize = 16;
/// Communities of a flow that are told: some are found by trying.
const MOST_COMMUNITIES: usize = 32;
/// Bytes of an identifier that are read.
const LONGEST_IDENTIFIER: usize = 64;
/// Variables of every device (RFC 3418), without `1.3.6.1.2.1.1`.
const DESCRIPTION: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 1, 0];
const UP_TIME: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 3, 0];
const NAME: &[u8] = &[0x2b, 6, 1, 2, 1, 1, 5, 0];

/// A message is whole, or it is none: nothing else begins with three elements like these.
fn recognise(opening: &Opening<'_>) -> Guess {
    let first = if opening.originator.is_empty() {
        opening.responder
    } else {
        opening.originator
    };
    Guess::only_if(Message::read(first).is_some())
}

/// An element, as its tag and what is inside.
type Element<'m> = (u8, &'m [u8]);

/// A message.
#[derive(Clone, Copy, Debug)]
struct Message<'m> {
    version: u8,
    community: Option<&'m [u8]>,
    user: Option<&'m [u8]>,
    /// What is asked or said; none where that is encrypted.
    unit: Option<Element<'m>>,
}

impl<'m> Message<'m> {
    fn read(bytes: &'m [u8]) -> Option<Self> {
        let mut message = elements(elements(bytes).with(SEQUENCE)?);
        let version = u8::try_from(message.number()?).ok()?;
        match version {
            0 | 1 => {
                let community = message.with(OCTETS)?;
                let unit = message.next().filter(|(tag, _)| (0xa0..=0xa8).contains(tag))?;
                Some(Self {
                    version,
                    community: Some(community),
                    user: None,
                    unit: Some(unit),
                })
            }
            3 => {
                let mut header = elements(message.with(SEQUENCE)?);
                let (_id, _size) = (header.number()?, header.number()?);
                let [flags] = *header.with(OCTETS)? else { return None };
                let model = header.number()?;
                let mut security = elements(elements(message.with(OCTETS)?).with(SEQUENCE).unwrap_or_default());
                let user = security.nth(3).filter(|(tag, _)| *tag == OCTETS && model == 3);
                let (tag, scoped) = message.next()?;
                let unit = match tag {
                    SEQUENCE if flags & 0x02 == 0 => elements(scoped).nth(2),
                    OCTETS => None,
                    _ => return None,
                };
                Some(Self {
                    version,
                    community: None,
                    user: user.map(|(_, user)| user),
                    unit,
                })
            }
            _ => None,
        }
    }
}

/// A flow.
#[derive(Debug, Default)]
struct Talk {
    began: Option<Here>,
    last: Option<Timestamp>,
    snmp: Snmp,
    /// Passwords of versions 1 and 2c, with where they were met first.
    communities: Vec<(Here, Login)>,
}

impl Dissector for Talk {
    fn hear(&mut self, _: Side, bytes: &[u8], context: &mut Context<'_>) -> Heard {
        let Some(message) = Message::read(bytes) else {
            return Heard::More;
        };
        let time = context.here.time;
        self.began.get_or_insert(context.here);
        self.last = Some(self.last.map_or(time, |last| last.max(time)));
        self.snmp.version = SnmpVersion(message.version);
        if let Some(user) = message.user.and_then(filled) {
            self.snmp.user = Some(user);
        }
        if let Some(community) = message.community {
            let is_answer = message.unit.is_some_and(|(tag, _)| tag == 0xa2);
            self.community(community, is_answer, context.here);
        }
        match message.unit {
            Some(unit) => self.unit(unit, time),
            None => self.snmp.encrypted += 1,
        }
        Heard::More
    }

    fn finish(&mut self, context: &mut Context<'_>) {
        for (began, login) in std::mem::take(&mut self.communities) {
            context.say(began, Exchange::Login(Box::new(login)));
        }
        if let (Some(began), Some(last)) = (self.began.take(), self.last.take()) {
            let mut snmp = std::mem::take(&mut self.snmp);
            snmp.duration = last.since(began.time);
            context.say(began, Exchange::Snmp(Box::new(snmp)));
        }
    }
}

impl Talk {
    /// Keeps a community, and that it opened something.
    fn community(&mut self, community: &[u8], is_answer: bool, here: Here) {
        let community = text(community);
        let is_same = |(_, login): &&mut (Here, Login)| {
            login
                .secret
                .as_ref()
                .is_some_and(|secret| secret.raw() == community.raw())
        };
        if let Some((_, login)) = self.communities.iter_mut().find(is_same) {
            login.accepted = login.accepted.or(is_answer.then_some(true));
        } else if self.communities.len() < MOST_COMMUNITIES {
            let mut login = Login::clear("snmp", None, community);
            login.accepted = is_answer.then_some(true);
            self.communities.push((here, login));
        }
    }

    /// What is asked or answered (RFC 3416 3).
    fn unit(&mut self, (tag, content): Element<'_>, time: Timestamp) {
        let mut fields = elements(content);
        if tag == 0xa4 {
            // The trap of version 1 has other fields.
            self.snmp.traps += 1;
            return;
        }
        let (_id, status, _index) = (fields.number(), fields.number(), fields.number());
        let variables = fields.with(SEQUENCE).unwrap_or_default();
        let variables = elements(variables).take(MOST_VARIABLES);
        let count = variables.clone().count() as u64;
        let first_named = |kept: &mut Vec<String>| {
            let names = variables.clone().filter_map(|(_, variable)| {
                let name = elements(variable).with(OID)?;
                identifier(name, LONGEST_IDENTIFIER)
            });
            for name in names.take(MOST_KEPT) {
                if kept.len() < MOST_KEPT && !kept.contains(&name) {
                    kept.push(name);
                }
            }
        };
        let snmp = &mut self.snmp;
        match tag {
            0xa0 | 0xa1 => {
                snmp.get_requests += count;
                first_named(&mut snmp.asked);
            }
            0xa2 => {
                snmp.get_responses += count;
                snmp.errors += u64::from(status.is_some_and(|status| status != 0));
                self.answers(variables, time);
            }
            0xa3 => {
                snmp.set_requests += count;
                first_named(&mut snmp.set);
            }
            0xa5 => {
                snmp.get_bulk_requests += 1;
                first_named(&mut snmp.asked);
            }
            0xa6 | 0xa7 => snmp.traps += 1,
            _ => snmp.errors += 1,
        }
    }

    /// Keeps what a device says of itself.
    fn answers<'m>(&mut self, variables: impl Iterator<Item = Element<'m>>, time: Timestamp) {
        for (_, variable) in variables {
            let mut parts = elements(variable);
            let (Some(name), Some((tag, value))) = (parts.with(OID), parts.next()) else {
                continue;
            };
            match (name, tag) {
                (DESCRIPTION, OCTETS) => self.snmp.description = Some(text(value)),
                (NAME, OCTETS) => self.snmp.name = Some(text(value)),
                // Hundredths of a second.
                (UP_TIME, 0x43) => {
                    let up = unsigned(value).and_then(|up| i64::try_from(up).ok()?.checked_mul(10_000_000));
                    let since = up.and_then(|up| time.nanoseconds().checked_sub(up));
                    self.snmp.up_since = since.map(Timestamp::from_nanoseconds);
                }
                _ => {}
            }
        }
    }
}
