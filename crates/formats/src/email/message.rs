//! A mail taken apart: what its header says, and the parts that it carries.

use super::address;
use super::date;
use super::field::{Fields, split};
use super::mime::{self, Part};
use super::received;
use super::results;
use super::transfer::Content;
use super::word;
use std::borrow::Cow;
use watchfire_model::{HeaderField, Hop, MailFacts, MailPart, Mailbox, PartRole, Problem, Untrusted};

/// Fields that are listed; all are read.
const LISTED: usize = 500;
/// Characters of a listed field.
const LONGEST: usize = 2_000;
/// `Received` fields that are read.
const HOPS: usize = 200;
/// Entries of all address fields of one name.
const MAILBOXES: usize = 5_000;

/// A mail and its parts.
#[derive(Debug)]
pub struct Message<'a> {
    bytes: &'a [u8],
    /// Its header.
    pub fields: Fields<'a>,
    /// What its header says.
    pub facts: MailFacts,
    /// Its parts, each multipart before its own.
    pub parts: Vec<Part>,
    /// The contents of the parts, as they were before they travelled; of a multipart nothing. Text in UTF-7 is UTF-8:
    /// nobody else reads it.
    pub contents: Vec<Content<'a>>,
    /// What is not as it should be.
    pub problems: Vec<Problem>,
}

impl<'a> Message<'a> {
    /// Takes a mail apart. Any bytes are a mail.
    pub fn read(bytes: &'a [u8]) -> Self {
        let fields = split(bytes);
        let found = mime::parts(bytes, &fields);
        let mut facts = header(&fields);
        facts.format = "eml";
        let mut problems = fields.problems.clone();
        problems.extend(found.problems);
        let crowded = |entries: &Vec<Mailbox>| entries.len() >= address::MOST;
        if [&facts.from, &facts.sender, &facts.reply_to, &facts.to, &facts.cc]
            .into_iter()
            .any(crowded)
        {
            problems.push(Problem::note(
                "mail-too-many-addresses",
                format!(
                    "a field has more than {} addresses; the rest were only looked through for observables",
                    address::MOST
                ),
            ));
        }
        let mut contents: Vec<Content<'a>> = found.list.iter().map(|part| content(part, bytes)).collect();
        facts.parts = listed(&contents, &found.list);
        for (content, part) in contents.iter_mut().zip(&found.list) {
            if part.media_type().starts_with("text/") && part.content_type.get("charset").is_some_and(word::is_utf7) {
                content.bytes = Cow::Owned(word::utf7(&content.bytes).into_bytes());
            }
        }
        Self {
            bytes,
            fields,
            facts,
            parts: found.list,
            contents,
            problems,
        }
    }

    /// The mail's own bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

fn content<'a>(part: &Part, mail: &'a [u8]) -> Content<'a> {
    match part.is_multipart {
        false => part.content(mail),
        true => Content {
            bytes: Cow::Borrowed(&[]),
            damaged: false,
        },
    }
}

/// What the fields say.
pub fn header(fields: &Fields<'_>) -> MailFacts {
    let mut facts = MailFacts::default();
    let mut received = 0;
    for field in &fields.fields {
        if field.is("Received") {
            received += 1;
            if facts.hops.len() < HOPS {
                facts.hops.push(received::read(field.value));
            }
        } else if facts.results.len() < HOPS {
            facts.results.extend(results::read(field.name, field.value, received));
        }
        if facts.headers.len() < LISTED {
            let mut text = word::text(field.value);
            if text.len() > LONGEST
                && let Some((cut, _)) = text.char_indices().nth(LONGEST)
            {
                text.truncate(cut);
            }
            facts.headers.push(HeaderField {
                name: Untrusted::from_bytes(field.name),
                value: text.into(),
            });
        }
    }
    let at = |hop: &Hop| hop.at.map(|at| at.moment.unix());
    let before: Vec<Option<i64>> = facts.hops.iter().skip(1).map(at).collect();
    for (hop, before) in facts.hops.iter_mut().zip(before) {
        hop.delay = at(hop).zip(before).map(|(at, before)| at.saturating_sub(before));
    }
    let mailboxes = |names: &[&str]| -> Vec<Mailbox> {
        let named = fields
            .fields
            .iter()
            .filter(|field| names.iter().any(|name| field.is(name)));
        named
            .flat_map(|field| address::list(field.value))
            .take(MAILBOXES)
            .collect()
    };
    let first = |name: &'static str| fields.named(name).next().map(|field| word::text(field.value));
    let identity = |text: String| -> Untrusted { text.trim().trim_matches(['<', '>']).trim().into() };
    facts.from = mailboxes(&["From"]);
    facts.from_fields = fields.named("From").count();
    facts.sender = mailboxes(&["Sender"]);
    facts.reply_to = mailboxes(&["Reply-To"]);
    facts.to = mailboxes(&["To"]);
    facts.cc = mailboxes(&["Cc"]);
    facts.delivered_to = mailboxes(&["Delivered-To", "X-Original-To", "Envelope-To", "X-Delivered-To"]);
    facts.return_path = first("Return-Path").map(identity);
    facts.subject = first("Subject").unwrap_or_default().into();
    facts.date = first("Date").and_then(|date| date::read(&date));
    facts.message_id = first("Message-ID").map(identity).filter(|id| !id.is_empty());
    facts.refers_to = ["In-Reply-To", "References"]
        .into_iter()
        .flat_map(|name| {
            fields
                .named(name)
                .map(|field| memchr::memchr_iter(b'<', field.value).count())
                .collect::<Vec<_>>()
        })
        .sum();
    facts
}

/// The parts as they are told.
fn listed(contents: &[Content<'_>], parts: &[Part]) -> Vec<MailPart> {
    let mut numbers: Vec<String> = Vec::with_capacity(parts.len());
    let mut children = vec![0_usize; parts.len()];
    let mut bodies = 0;
    parts
        .iter()
        .zip(contents)
        .map(|(part, content)| {
            let number = match part.parent {
                Some(parent) => {
                    let count = children.get_mut(parent).map(|count| {
                        *count += 1;
                        *count
                    });
                    let above = numbers.get(parent).map(String::as_str).unwrap_or_default();
                    let count = count.unwrap_or_default();
                    if above.is_empty() {
                        count.to_string()
                    } else {
                        format!("{above}.{count}")
                    }
                }
                None => String::new(),
            };
            numbers.push(number.clone());
            let role = role(part, parts, bodies);
            bodies += usize::from(role.is_body());
            MailPart {
                number: if number.is_empty() { "1".to_owned() } else { number },
                role,
                media_type: part.media_type().into(),
                other_type: part.other_type.as_deref().map(Untrusted::from),
                name: part.name.as_deref().map(Untrusted::from),
                other_name: part.other_name.as_deref().map(Untrusted::from),
                content_id: part.content_id.as_deref().map(Untrusted::from),
                transfer: part.transfer.as_str(),
                size: content.bytes.len() as u64,
            }
        })
        .collect()
}

/// What a part is there for; `bodies` texts were met before it.
fn role(part: &Part, parts: &[Part], bodies: usize) -> PartRole {
    if part.is_multipart {
        return PartRole::Multipart;
    }
    let parent = part.parent.and_then(|parent| parts.get(parent));
    let in_related = parent.is_some_and(|parent| parent.media_type() == "multipart/related");
    match part.media_type() {
        "message/rfc822" | "message/global" => PartRole::Message,
        // A named text behind the first is a file that somebody carries along.
        kind @ ("text/plain" | "text/html") if part.is_body() && (part.name.is_none() || bodies == 0) => {
            if kind == "text/html" {
                PartRole::Html
            } else {
                PartRole::Text
            }
        }
        _ if part.disposition.value == "attachment" => PartRole::Attachment,
        _ if part.disposition.value == "inline" || (in_related && part.content_id.is_some()) => PartRole::Inline,
        _ => PartRole::Attachment,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAIL: &str = "Return-Path: <bounce@a.example>\r\nReceived: from a by b; Thu, 13 Nov 2025 10:15:00 +0000\r\n\
        Authentication-Results: b; spf=pass smtp.mailfrom=a.example\r\nReceived: from c by a\r\n\
        From: \"Ann\" <ann@a.example>\r\nReply-To: other@z.example\r\nTo: x@b.example\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\n\
        Date: Thu, 13 Nov 2025 10:14:00 +0000\r\nMessage-ID: <1@a.example>\r\nReferences: <0@a> <00@a>\r\n\
        Content-Type: multipart/mixed; boundary=A\r\n\r\n--A\r\nContent-Type: multipart/alternative; boundary=B\r\n\r\n--B\r\n\r\n\
        text\r\n--B\r\nContent-Type: text/html\r\n\r\n<p>text\r\n--B--\r\n--A\r\nContent-Type: application/pdf\r\n\
        Content-Disposition: attachment; filename=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0=\r\n--A--\r\n";

    #[test]
    fn a_mail_says_who_when_and_by_which_way() {
        let facts = Message::read(MAIL.as_bytes()).facts;
        assert_eq!(facts.author().and_then(Mailbox::domain), Some("a.example"));
        assert_eq!((facts.subject.raw(), facts.hops.len(), facts.refers_to), ("café", 2, 2));
        assert_eq!(facts.return_path.as_ref().map(Untrusted::raw), Some("bounce@a.example"));
        assert_eq!(facts.message_id.as_ref().map(Untrusted::raw), Some("1@a.example"));
        assert_eq!(facts.results.first().map(|results| results.below), Some(1));
        assert_eq!(facts.header("reply-to").map(Untrusted::raw), Some("other@z.example"));
    }

    #[test]
    fn parts_are_numbered_as_they_are_nested() {
        let facts = Message::read(MAIL.as_bytes()).facts;
        let listed: Vec<(&str, PartRole, u64)> = facts
            .parts
            .iter()
            .map(|part| (part.number.as_str(), part.role, part.size))
            .collect();
        assert_eq!(
            listed,
            [
                ("1", PartRole::Multipart, 0),
                ("1", PartRole::Multipart, 0),
                ("1.1", PartRole::Text, 4),
                ("1.2", PartRole::Html, 7),
                ("2", PartRole::Attachment, 5),
            ]
        );
    }
}
