//! Mail: what its header says, and every part as an artifact of its own.
//!
//! Texts and pages of a mail are read by the analyzers of texts and pages, attachments by whoever reads their type, and a
//! mail inside of the mail by this one again.

use super::{Analyzer, AnalyzerInfo};
use crate::boundary;
use crate::context::{Context, Reading};
use crate::inline::{self, Inline};
use crate::locate::Pieces;
use crate::phishing;
use watchfire_formats::email::field::{Field, Fields};
use watchfire_formats::email::mime::Part;
use watchfire_formats::email::{Message, uuencoded, word};
use watchfire_formats::identify::media;
use watchfire_formats::text;
use watchfire_model::{
    Artifact, Fact, Halt, Hints, MailFacts, MailPart, MediaType, Member, PartRole, Problem, Span, Untrusted,
};

/// See the module.
#[derive(Debug)]
pub(crate) struct Email;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "email",
    describes: "mail: header, way, texts, attachments, mails inside of mails",
};

impl Analyzer for Email {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        media_type == media::EML
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        let mut message = Message::read(artifact.bytes());
        message.facts.quoted = artifact.hints().quoted;
        let inline = inline::find(&message, &cx.identity().to_string(), cx);
        said(&mut message, Stands::InArtifact, cx)?;
        carried(message, inline, cx)
    }
}

/// Where the bytes of a mail stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    /// They are the artifact.
    InArtifact,
    /// They were made of it.
    Nowhere,
}

/// Emits what a mail says of itself. Its facts go into the report; what it says of its parts stays with it.
pub(super) fn said(message: &mut Message<'_>, stands: Stands, cx: &mut Context<'_>) -> Result<(), Halt> {
    // Signatures are over the bytes that travelled: what Outlook keeps of a mail has others.
    let (dns, resolver) = (cx.dns(), cx.resolver());
    if stands == Stands::InArtifact && !message.facts.quoted && (dns.is_some() || resolver.is_some()) {
        let authentication = boundary::authenticate(&message.fields, &message.facts, cx.organisation(), dns, resolver);
        cx.fact(Fact::Authentication(Box::new(authentication)));
    }
    let score = phishing::fact(cx.phishing(), message, cx.budget());
    let kept = MailFacts {
        parts: message.facts.parts.clone(),
        ..MailFacts::default()
    };
    cx.fact(Fact::Mail(Box::new(std::mem::replace(&mut message.facts, kept))));
    cx.fact(score);
    message.problems.iter().for_each(|problem| cx.report(problem.clone()));
    read_header(&message.fields, stands, cx)
}

/// Hands out what a mail carries; `inline` is the mail that its text hands in.
pub(super) fn carried(message: Message<'_>, inline: Option<Inline>, cx: &mut Context<'_>) -> Result<(), Halt> {
    let mut names = Names::default();
    let parts = message.parts.iter().zip(&message.facts.parts);
    for (at, ((part, told), content)) in parts.zip(message.contents).enumerate() {
        if told.role == PartRole::Multipart || inline.is_some() && Inline::takes(told.role) {
            continue;
        }
        if let Some(note) = inline.as_ref().and_then(|inline| inline.note(at)) {
            if !note.trim().is_empty() {
                let name = names.of(told);
                cx.child(noted(part, told, name, note))?;
            }
            continue;
        }
        if content.damaged {
            let what = told.name.as_ref().map_or(told.number.as_str(), Untrusted::raw);
            let why = format!("part {what} is not all {}; the rest of it was read", told.transfer);
            cx.report(Problem::note("mail-damaged-part", why));
        }
        if content.bytes.is_empty() && told.name.is_none() {
            continue;
        }
        let is_read = |charset: &str| text::is_charset(charset) || word::is_utf7(charset);
        if let Some(charset) = part.content_type.get("charset").filter(|charset| !is_read(charset))
            && part.media_type().starts_with("text/")
        {
            let (shown, number) = (Untrusted::new(charset).shown(40), &told.number);
            let why = format!("the charset '{shown}' of part {number} is not known; it was read as its bytes look");
            cx.report(Problem::note("mail-unknown-charset", why));
        }
        cx.budget().unpack(
            content.bytes.len() as u64,
            content.bytes.len() as u64,
            part.body.len() as u64,
        )?;
        if told.role == PartRole::Text {
            uuencoded_in(&content.bytes, cx)?;
        }
        cx.child(Member {
            name: names.of(told),
            hints: hints(part, told),
            bytes: content.bytes.into_owned(),
        })?;
    }
    let Some(inline) = inline else { return Ok(()) };
    let original = inline.member();
    let length = original.bytes.len() as u64;
    cx.budget().unpack(length, length, length)?;
    cx.child(original)
}

/// The text in front of a mail that is handed in as text.
fn noted(part: &Part, told: &MailPart, name: Untrusted, note: &str) -> Member {
    Member {
        name,
        hints: Hints {
            charset: Some("utf-8".into()),
            ..hints(part, told)
        },
        bytes: note.as_bytes().to_vec(),
    }
}

/// Hands out the files in the midst of a text.
fn uuencoded_in(text: &[u8], cx: &mut Context<'_>) -> Result<(), Halt> {
    for file in uuencoded::files(text) {
        if file.damaged {
            let why = format!(
                "the end of '{}' is missing in the text",
                Untrusted::new(file.name.as_str()).shown(80)
            );
            cx.report(Problem::note("mail-damaged-part", why));
        }
        let length = file.bytes.len() as u64;
        cx.budget().unpack(length, length, length)?;
        cx.child(Member {
            name: file.name.into(),
            bytes: file.bytes,
            hints: Hints::default(),
        })?;
    }
    Ok(())
}

/// What the mail claims about a part.
fn hints(part: &Part, told: &MailPart) -> Hints {
    Hints {
        name: told.name.clone(),
        media_type: Some(told.media_type.clone()),
        charset: part.content_type.get("charset").map(Untrusted::from),
        role: Some(told.role),
        ..Hints::default()
    }
}

/// Names for parts that have none.
#[derive(Default)]
struct Names {
    texts: usize,
    pages: usize,
    mails: usize,
    others: usize,
}

impl Names {
    fn of(&mut self, part: &MailPart) -> Untrusted {
        let (count, what) = match part.role {
            PartRole::Text => (&mut self.texts, "text body"),
            PartRole::Html => (&mut self.pages, "html body"),
            PartRole::Message => (&mut self.mails, "attached mail"),
            _ => (&mut self.others, "unnamed part"),
        };
        if let Some(name) = &part.name {
            return name.clone();
        }
        *count += 1;
        match count {
            1 => what.into(),
            count => format!("{what} {count}").into(),
        }
    }
}

/// Beginnings of the names of fields that are made by and for programs: of numbers, keys and scores. What servers found and
/// which mails belong together are facts of the mail, and name nobody whom one would look up.
const MACHINES: &[&str] = &[
    "arc-",
    "authentication-results",
    "received-spf",
    "x-incoming",
    "message-id",
    "references",
    "in-reply-to",
    "dkim-signature",
    "domainkey-signature",
    "x-google-",
    "x-gm-",
    "x-ms-exchange-",
    "x-microsoft-antispam",
    "x-forefront-antispam",
    "x-exchange-antispam",
    "x-sg-",
    "x-mailgun-",
    "x-ses-",
    "feedback-id",
    "thread-index",
    "content-",
    "mime-version",
    "x-spam-",
    "x-face",
    "face",
    "autocrypt",
    "openpgp",
];

/// Sends the header through the extractor: fields as they stand, and once more decoded where they are encoded.
fn read_header(fields: &Fields<'_>, stands: Stands, cx: &mut Context<'_>) -> Result<(), Halt> {
    let mut raw = Pieces::default();
    for field in fields.fields.iter().filter(|field| !is_of_machines(field)) {
        let start = field.value_start();
        let span = Span {
            start,
            end: start + field.value.len() as u64,
        };
        let span = (stands == Stands::InArtifact).then_some(span);
        let is_encoded = memchr::memchr_iter(b'=', field.value).any(|at| field.value.get(at + 1) == Some(&b'?'));
        match span.filter(|_| !is_encoded) {
            Some(span) => {
                let blanks_for_breaks = field.value.iter().map(|byte| match byte {
                    b'\r' | b'\n' => b' ',
                    other => *other,
                });
                raw.push_run(blanks_for_breaks, span, 1);
            }
            None => raw.push(&word::text(field.value), span, None),
        }
    }
    cx.extract(raw.text(), &raw, Reading::PLAIN)
}

fn is_of_machines(field: &Field<'_>) -> bool {
    let first = field.name.first().map(u8::to_ascii_lowercase);
    let starts = |prefix: &&str| {
        let head = field.name.get(..prefix.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()))
    };
    let near = MACHINES
        .iter()
        .filter(|prefix| prefix.as_bytes().first() == first.as_ref());
    near.into_iter().any(starts)
}
