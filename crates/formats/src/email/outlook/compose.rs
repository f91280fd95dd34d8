//! Properties written out as a mail (RFC 5322, RFC 2045): header, texts, attachments.
//!
//! Contents travel as they are, so that their bytes stay. The boundary is made of the digest of the whole file: nobody can
//! write one into a file that holds it. Fields of a kept header are repeated as they stand, but for those that describe
//! the parts, which are ours, and in a message inside of the message for signatures.

use super::property::{Properties, id};
use super::{Mail, lzfu, rtf};
use crate::email::field::split;
use crate::email::parameter::Parametrised;
use crate::email::written::{mailbox, one_line, quoted};
use encoding_rs::{Encoding, WINDOWS_1252};
use std::fmt::Write as _;
use watchfire_model::{Budget, Halt, Moment, Problem};

/// A message: its own properties, and those of whom it is for and what it carries.
#[derive(Clone, Debug, Default)]
pub(in crate::email) struct Item {
    pub(in crate::email) properties: Properties,
    pub(in crate::email) recipients: Vec<Properties>,
    pub(in crate::email) attachments: Vec<Attachment>,
}

/// Something that a message carries.
#[derive(Clone, Debug)]
pub(in crate::email) struct Attachment {
    pub(in crate::email) properties: Properties,
    pub(in crate::email) content: Content,
}

/// What it is.
#[derive(Clone, Debug)]
pub(in crate::email) enum Content {
    Bytes(Vec<u8>),
    Item(Box<Item>),
    /// An embedded object: its streams by name.
    Streams(Vec<(String, Vec<u8>)>),
    /// It is elsewhere, or could not be read.
    Nothing,
}

/// Writes `item` to the end of `mail`. What was written before a limit stays.
pub(in crate::email) fn compose(item: &Item, seed: &[u8; 32], budget: &Budget, mail: &mut Mail) -> Result<(), Halt> {
    let mut composer = Composer {
        seed: seed.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        }),
        boundaries: 0,
        depth: 0,
        budget,
        mail,
    };
    composer.item(item)
}

struct Composer<'a> {
    seed: String,
    boundaries: usize,
    /// Messages around this one.
    depth: usize,
    budget: &'a Budget,
    mail: &'a mut Mail,
}

impl Composer<'_> {
    fn item(&mut self, item: &Item) -> Result<(), Halt> {
        self.budget.check()?;
        let codepage = item.properties.codepage().unwrap_or(WINDOWS_1252);
        let bodies = self.bodies(&item.properties, codepage)?;
        self.header(item, codepage);
        let mixed = self.boundary();
        self.line(&format!("Content-Type: multipart/mixed; boundary=\"{mixed}\"\r\n"));
        let alternative = self.boundary();
        if bodies.len() > 1 {
            self.line(&format!("--{mixed}"));
            self.line(&format!(
                "Content-Type: multipart/alternative; boundary=\"{alternative}\"\r\n"
            ));
        }
        for body in &bodies {
            let around = if bodies.len() > 1 { &alternative } else { &mixed };
            self.line(&format!("--{around}"));
            self.line(&format!(
                "Content-Type: {}; charset=\"{}\"\r\n",
                body.kind, body.charset
            ));
            self.bytes(&body.bytes);
        }
        if bodies.len() > 1 {
            self.line(&format!("--{alternative}--"));
        }
        for attachment in &item.attachments {
            self.attachment(attachment, codepage, &mixed)?;
        }
        self.line(&format!("--{mixed}--"));
        Ok(())
    }

    fn boundary(&mut self) -> String {
        self.boundaries += 1;
        format!("=_{}.{}", self.seed, self.boundaries)
    }

    fn line(&mut self, line: &str) {
        self.bytes(line.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.mail.bytes.extend_from_slice(bytes);
        self.mail.bytes.extend_from_slice(b"\r\n");
    }

    fn note(&mut self, code: &'static str, why: impl Into<String>) {
        self.mail.problems.push(Problem::note(code, why.into()));
    }

    /// The texts that a reader is shown: plain, page, or what the rich text was made from.
    fn bodies(&mut self, properties: &Properties, codepage: &'static Encoding) -> Result<Vec<Body>, Halt> {
        let mut bodies = Vec::new();
        if let Some(text) = properties.text(id::BODY, codepage) {
            bodies.push(Body::new("text/plain", text));
        }
        if let Some(page) = properties.bytes(id::BODY_HTML) {
            let encoding = properties
                .number(id::INTERNET_CODEPAGE)
                .and_then(|page| super::property::encoding(u32::try_from(page).ok()?));
            bodies.push(Body {
                kind: "text/html",
                charset: encoding.unwrap_or(codepage).name().to_ascii_lowercase(),
                bytes: page.to_vec(),
            });
        } else if let Some(page) = properties.text(id::BODY_HTML, codepage) {
            bodies.push(Body::new("text/html", page));
        } else if let Some(packed) = properties.bytes(id::RTF_COMPRESSED) {
            let (unpacked, problem) = lzfu::unpack(packed, self.budget)?;
            self.mail.problems.extend(problem);
            let body = rtf::read(&unpacked);
            let is_new = body.is_html || bodies.is_empty();
            if is_new && !body.text.trim().is_empty() {
                bodies.push(Body::new(
                    if body.is_html { "text/html" } else { "text/plain" },
                    body.text,
                ));
            }
            if body.has_objects {
                bodies.push(Body {
                    kind: "application/rtf",
                    charset: "us-ascii".to_owned(),
                    bytes: unpacked,
                });
            }
        }
        Ok(bodies)
    }

    fn header(&mut self, item: &Item, codepage: &'static Encoding) {
        let kept = item
            .properties
            .text(id::TRANSPORT_HEADERS, codepage)
            .unwrap_or_default();
        let fields = split(kept.as_bytes());
        for field in &fields.fields {
            let describes_parts = field
                .name
                .get(..8)
                .is_some_and(|name| name.eq_ignore_ascii_case(b"content-"));
            // A mail inside becomes an artifact of its own, and its signatures would be taken for broken ones: they are over
            // bytes that nobody has any more.
            let is_signature = self.depth > 0
                && [&b"dkim-"[..], b"arc-", b"domainkey-"].iter().any(|prefix| {
                    let head = field.name.get(..prefix.len());
                    head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
                });
            if !describes_parts && !is_signature {
                self.bytes(field.raw);
            }
        }
        let has = |name: &str| fields.named(name).next().is_some();
        for (name, value) in made(item, codepage) {
            if !value.is_empty() && !has(name) {
                self.line(&format!("{name}: {}", one_line(&value)));
            }
        }
        self.line("MIME-Version: 1.0");
    }

    fn attachment(&mut self, attachment: &Attachment, codepage: &'static Encoding, boundary: &str) -> Result<(), Halt> {
        let properties = &attachment.properties;
        let codepage = properties.codepage().unwrap_or(codepage);
        let text = |id| properties.text(id, codepage);
        let name = text(id::ATTACH_LONG_FILENAME)
            .or_else(|| text(id::ATTACH_FILENAME))
            .or_else(|| text(id::DISPLAY_NAME));
        let declared = text(id::ATTACH_MIME_TAG).map(|tag| Parametrised::parse(tag.as_bytes()).value);
        // Nothing that a file declares may have its content read as parts of the mail.
        let declared = declared.filter(|tag| is_media_type(tag) && !tag.starts_with("multipart/"));
        match &attachment.content {
            Content::Item(item) => {
                self.part(boundary, "message/rfc822", name.as_deref(), None);
                self.depth += 1;
                let done = self.item(item);
                self.depth -= 1;
                done
            }
            Content::Bytes(bytes) => {
                let kind = declared.as_deref().unwrap_or("application/octet-stream");
                self.file(
                    boundary,
                    kind,
                    name.as_deref(),
                    text(id::ATTACH_CONTENT_ID).as_deref(),
                    bytes,
                )
            }
            Content::Streams(streams) => {
                for (name, bytes) in streams {
                    self.file(boundary, "application/octet-stream", Some(name), None, bytes)?;
                }
                Ok(())
            }
            Content::Nothing => {
                let path = text(id::ATTACH_LONG_PATHNAME).or(name).unwrap_or_default();
                let path = watchfire_model::Untrusted::new(path).shown(120);
                self.note(
                    "outlook-attachment-elsewhere",
                    format!("the attachment '{path}' is not in the message"),
                );
                Ok(())
            }
        }
    }

    fn file(
        &mut self,
        boundary: &str,
        kind: &str,
        name: Option<&str>,
        id: Option<&str>,
        bytes: &[u8],
    ) -> Result<(), Halt> {
        let length = bytes.len() as u64;
        self.budget.unpack(length, length, length)?;
        self.part(boundary, kind, name, id);
        self.bytes(bytes);
        Ok(())
    }

    fn part(&mut self, boundary: &str, kind: &str, name: Option<&str>, content_id: Option<&str>) {
        self.line(&format!("--{boundary}"));
        self.line(&format!("Content-Type: {kind}"));
        if let Some(id) = content_id {
            self.line(&format!("Content-ID: <{}>", one_line(id)));
        }
        let disposition = if content_id.is_some() { "inline" } else { "attachment" };
        match name {
            Some(name) => self.line(&format!(
                "Content-Disposition: {disposition}; filename={}\r\n",
                quoted(name)
            )),
            None => self.line(&format!("Content-Disposition: {disposition}\r\n")),
        }
    }
}

struct Body {
    kind: &'static str,
    charset: String,
    bytes: Vec<u8>,
}

impl Body {
    fn new(kind: &'static str, text: String) -> Self {
        Self {
            kind,
            charset: "utf-8".to_owned(),
            bytes: text.into_bytes(),
        }
    }
}

/// The fields that properties stand for.
fn made(item: &Item, codepage: &'static Encoding) -> Vec<(&'static str, String)> {
    let properties = &item.properties;
    let text = |id| properties.text(id, codepage);
    let author = (
        text(id::SENT_REPRESENTING_NAME),
        text(id::SENT_REPRESENTING_SMTP_ADDRESS).or_else(|| text(id::SENT_REPRESENTING_ADDRESS)),
    );
    let sender = (
        text(id::SENDER_NAME),
        text(id::SENDER_SMTP_ADDRESS).or_else(|| text(id::SENDER_ADDRESS)),
    );
    let from = if author == (None, None) { &sender } else { &author };
    let recipients = |kind: u64| {
        let all = item.recipients.iter();
        let these = all.filter(|recipient| recipient.number(id::RECIPIENT_TYPE).unwrap_or(1) & 0xf == kind);
        let listed: Vec<String> = these.map(|recipient| recipient_text(recipient, codepage)).collect();
        listed.join(", ")
    };
    let or = |listed: String, id| {
        if listed.is_empty() {
            text(id).unwrap_or_default()
        } else {
            listed
        }
    };
    let moment = properties
        .number(id::CLIENT_SUBMIT_TIME)
        .or_else(|| properties.number(id::DELIVERY_TIME));
    vec![
        ("From", mailbox(from.0.as_deref(), from.1.as_deref())),
        (
            "Sender",
            if sender == *from {
                String::new()
            } else {
                mailbox(sender.0.as_deref(), sender.1.as_deref())
            },
        ),
        (
            "Reply-To",
            text(id::REPLY_RECIPIENT_NAMES)
                .filter(|names| names.contains('@'))
                .unwrap_or_default(),
        ),
        ("To", or(recipients(1), id::DISPLAY_TO)),
        ("Cc", or(recipients(2), id::DISPLAY_CC)),
        (
            "Subject",
            text(id::SUBJECT)
                .or_else(|| text(id::NORMALIZED_SUBJECT))
                .unwrap_or_default(),
        ),
        ("Date", moment.and_then(date).unwrap_or_default()),
        ("Message-ID", text(id::INTERNET_MESSAGE_ID).unwrap_or_default()),
        ("In-Reply-To", text(id::IN_REPLY_TO_ID).unwrap_or_default()),
        ("References", text(id::INTERNET_REFERENCES).unwrap_or_default()),
    ]
}

fn recipient_text(recipient: &Properties, codepage: &'static Encoding) -> String {
    let codepage = recipient.codepage().unwrap_or(codepage);
    let text = |id| recipient.text(id, codepage);
    let address = text(id::SMTP_ADDRESS).or_else(|| text(id::ADDRESS));
    mailbox(text(id::DISPLAY_NAME).as_deref(), address.as_deref())
}

/// Units of 100 ns since 1601, as a date of mail.
fn date(ticks: u64) -> Option<String> {
    const UNIX: i64 = 11_644_473_600;
    let seconds = i64::try_from(ticks / 10_000_000).ok()?.checked_sub(UNIX)?;
    // Times that nobody set are 0, or in the year 4501.
    if !(0..64_000_000_000).contains(&seconds) {
        return None;
    }
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (year, month, day) = Moment::from_unix(seconds).date().parts();
    let month = MONTHS.get(usize::from(month).checked_sub(1)?)?;
    let rest = seconds.rem_euclid(86_400);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    Some(format!(
        "{day:02} {month} {year} {hour:02}:{minute:02}:{second:02} +0000"
    ))
}

fn is_media_type(text: &str) -> bool {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte))
    };
    text.len() < 128
        && text
            .split_once('/')
            .is_some_and(|(left, right)| part(left) && part(right))
}
