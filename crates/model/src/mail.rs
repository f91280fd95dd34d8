//! What a mail says about itself: who, when, by which way, with what. Nothing here is believed, only read.

use crate::{Authentication, Moment, PhishingScore, Score, Untrusted, Verdict};
use serde::Serialize;
use std::net::IpAddr;

/// A mail as it stands, whatever file it came in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MailFacts {
    /// `eml`, `msg`
    pub format: &'static str,
    /// `From`, every entry, also those without an address.
    pub from: Vec<Mailbox>,
    /// How many `From` fields there are; one is right.
    pub from_fields: usize,
    /// `Sender`
    pub sender: Vec<Mailbox>,
    /// `Reply-To`
    pub reply_to: Vec<Mailbox>,
    /// `Return-Path`: where bounces go. Empty brackets are an entry without a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub return_path: Option<Untrusted>,
    /// `To`
    pub to: Vec<Mailbox>,
    /// `Cc`
    pub cc: Vec<Mailbox>,
    /// Who it was delivered to: `Delivered-To`, `X-Original-To`, `Envelope-To`.
    pub delivered_to: Vec<Mailbox>,
    /// `Subject`, decoded.
    pub subject: Untrusted,
    /// `Date`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<SentAt>,
    /// `Message-ID`, without the brackets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_id: Option<Untrusted>,
    /// Messages that it answers or follows: `In-Reply-To` and `References`.
    pub refers_to: usize,
    /// `Received`, the newest first, as they stand.
    pub hops: Vec<Hop>,
    /// What servers on the way say they verified, the newest first.
    pub results: Vec<RecordedResults>,
    /// All fields in their order, decoded and cut; at most 500.
    pub headers: Vec<HeaderField>,
    /// Its parts in their order.
    pub parts: Vec<MailPart>,
    /// It is only there to hand in another mail, which it carries.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_wrapper: bool,
    /// It was written out of the text of the mail that hands it in: its header is what the forwarder's program quotes, and
    /// what could prove it is lost.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub quoted: bool,
    /// Who handed it in, where it came inside of such a mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reported_by: Option<Mailbox>,
}

impl MailFacts {
    /// The sender that a reader takes it to be from: the first entry with an address, else the first.
    pub fn author(&self) -> Option<&Mailbox> {
        let with_address = self.from.iter().find(|entry| entry.address.is_some());
        with_address.or_else(|| self.from.first())
    }

    /// The first field of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&Untrusted> {
        let found = self
            .headers
            .iter()
            .find(|field| field.name.raw().eq_ignore_ascii_case(name));
        found.map(|field| &field.value)
    }
}

/// A mail of a report, with a verdict of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JudgedMail {
    /// The path of the artifact that it is.
    pub path: Untrusted,
    /// What is to be thought of it, by what was found in it and in everything that it carries.
    pub verdict: Verdict,
    /// From 0 to 100.
    pub score: Score,
    /// One sentence.
    pub summary: String,
    /// Something that it carries was not read in full: it is encrypted, damaged or beyond a limit.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// The number of the campaign that it is a copy of, from 1; nothing where no other mail is like it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<u32>,
    /// The hop at which it came in from outside, by its place among the hops, from 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entered: Option<usize>,
    /// Which of the recorded results the receiver's own server wrote, by its place among them, from 0. The others are claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub believed: Option<usize>,
    /// The language of its text (ISO 639-1), as far as small words and the script tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<&'static str>,
    /// What it says about itself.
    #[serde(flatten)]
    pub mail: MailFacts,
    /// What was verified of that, where answers of the DNS were at hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentication: Option<Authentication>,
    /// How much it reads like phishing, to a learned model. It says nothing alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phishing: Option<PhishingScore>,
}

/// One entry of an address field.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Mailbox {
    /// The name that programs show.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub name: Untrusted,
    /// The address; its domain in lower case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Untrusted>,
    /// The group that it stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<Untrusted>,
}

impl Mailbox {
    /// The domain of the address, lower case.
    pub fn domain(&self) -> Option<&str> {
        self.address.as_ref()?.raw().rsplit_once('@').map(|(_, domain)| domain)
    }
}

/// When something was written, by the writer's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SentAt {
    /// The moment.
    pub moment: Moment,
    /// Minutes that the clock was east of UTC; nothing where it does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<i32>,
}

/// A `Received` field: one server took the mail from another.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Hop {
    /// Who gave it, by its own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Untrusted>,
    /// Who gave it, by its address's name in the DNS, where the taker looked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverse: Option<Untrusted>,
    /// The giver's address, as the taker saw it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// Who took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Untrusted>,
    /// The protocol, `ESMTPS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<Untrusted>,
    /// The taker's own number for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<Untrusted>,
    /// Who it is for.
    #[serde(skip_serializing_if = "Option::is_none", rename = "for")]
    pub recipient: Option<Untrusted>,
    /// When, by the taker's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<SentAt>,
    /// Seconds since the hop before it, by the clocks of two servers; negative where these disagree by more than it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delay: Option<i64>,
}

/// What a server on the way says it verified. Anybody can write such a field: only those of one's own servers count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RecordedResults {
    /// The field, `authentication-results`, `arc-authentication-results`, `received-spf`.
    pub field: &'static str,
    /// Who verified, by its own word.
    pub server: Untrusted,
    /// How many `Received` fields stand above it.
    pub below: usize,
    /// What it found.
    pub results: Vec<RecordedResult>,
}

/// One method and what came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RecordedResult {
    /// `spf`, `dkim`, `dmarc`, `arc`, …
    pub method: Untrusted,
    /// `pass`, `fail`, `none`, …
    pub result: Untrusted,
    /// Whom it is about: `smtp.mailfrom`, `header.d`, `header.from`, …
    pub properties: Vec<(Untrusted, Untrusted)>,
}

impl RecordedResult {
    /// The property of that name.
    pub fn property(&self, name: &str) -> Option<&Untrusted> {
        let found = self
            .properties
            .iter()
            .find(|(known, _)| known.raw().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

/// A header field, decoded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HeaderField {
    /// Its name as written.
    pub name: Untrusted,
    /// Its text, on one line, at most 2,000 characters.
    pub value: Untrusted,
}

/// A part of a mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MailPart {
    /// Its place in the tree, `1.2`.
    pub number: String,
    /// What it is there for.
    pub role: PartRole,
    /// The declared type.
    pub media_type: Untrusted,
    /// Another type, or another place where its parts begin, where it declares several: programs differ in which they take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_type: Option<Untrusted>,
    /// The file name that programs show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// Another file name, where it carries two that differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_name: Option<Untrusted>,
    /// Its `Content-ID`: the HTML part shows it in its midst.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_id: Option<Untrusted>,
    /// How its bytes travelled.
    pub transfer: &'static str,
    /// Bytes, decoded.
    pub size: u64,
}

/// What a part is there for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartRole {
    /// The text that is read.
    #[default]
    Text,
    /// The page that is read.
    Html,
    /// Shown inside of the page, or beside the text.
    Inline,
    /// Carried along.
    Attachment,
    /// A mail inside of the mail.
    Message,
    /// Holds others.
    Multipart,
}

impl PartRole {
    /// Whether it is what a reader reads, and no file.
    pub const fn is_body(self) -> bool {
        matches!(self, Self::Text | Self::Html)
    }
}
