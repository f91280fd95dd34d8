//! An observable where it was seen.

use crate::{Asset, Confidence, Location, Observable, Score, Untrusted, Verdict};
use serde::Serialize;
use std::net::IpAddr;

/// `start..end`, in bytes from the beginning of the artifact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Span {
    /// First byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
}

/// A decoding between the artifact's bytes and the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// UTF-16, little endian.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, big endian.
    #[serde(rename = "utf-16be")]
    Utf16Be,
    /// UTF-32, little endian.
    #[serde(rename = "utf-32le")]
    Utf32Le,
    /// UTF-32, big endian.
    #[serde(rename = "utf-32be")]
    Utf32Be,
    /// Base64 (RFC 4648), standard or URL-safe.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// Percent-encoding (RFC 3986).
    Percent,
}

/// How one observable led to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// The host of a URL.
    Url,
    /// The domain of an e-mail address.
    Email,
    /// The address of a socket.
    Socket,
    /// The address of a network with its prefix length.
    Network,
    /// A URL inside another URL.
    EmbeddedUrl,
    /// Where a URL leads through link protection or a redirector, which carry it encoded.
    Unwrapped,
    /// The profile name in a URL.
    Profile,
    /// The target of a link, not visible in the text.
    Link,
    /// A script or event handler, read as text and not run.
    Script,
    /// A comment, or what else programs drop.
    Comment,
    /// A QR code in a picture.
    Qr,
    /// A text of a script, as it reads once its parts are put together.
    Folded,
    /// What markup carries and does not show: a template, a style sheet, the value of an attribute.
    Markup,
}

/// What a report presents the observable as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Nothing tells.
    #[default]
    Mentioned,
    /// The text presents it as an indicator: defanged, listed, or named so.
    Indicator,
    /// Further reading.
    Reference,
    /// The publisher's own.
    Publisher,
}

/// A neutral mark: where the value belongs, who runs it. Never says that it is good or bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Tag(pub &'static str);

/// What sources on this machine make of an observable, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// The verdict.
    pub verdict: Verdict,
    /// The score that led to it.
    pub score: Score,
}

/// How often a capture of a network shows a value, and where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// Flows that have it for one of their ends.
    pub flows: u64,
    /// Exchanges that name it.
    pub exchanges: u64,
    /// The first frames, in the order in which flows and exchanges were over.
    pub frames: Vec<u64>,
    /// The first hosts that spoke to it, or of it.
    pub by: Vec<IpAddr>,
}

/// One observable and its first occurrence in one artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Observed {
    /// Type and normalised value.
    #[serde(flatten)]
    pub observable: Observable,
    /// The bytes at `start..end`, as text.
    pub raw: Untrusted,
    /// Where its first occurrence stands.
    #[serde(flatten)]
    pub span: Span,
    /// Its line, from 1.
    pub line: u64,
    /// Its page, where the artifact has pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Its frame, in captures of networks; there, it has no line and no bytes of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<u64>,
    /// How often the capture shows it.
    #[serde(skip)]
    pub met: Option<Box<Met>>,
    /// Whether this occurrence was defanged.
    pub defanged: bool,
    /// How often it occurs in the artifact.
    pub count: u64,
    /// How sure we are of the type.
    pub confidence: Confidence,
    /// Why, in a few words.
    pub reason: &'static str,
    /// What the text presents it as.
    pub role: Role,
    /// Why that role, in a few words.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub role_reason: &'static str,
    /// A decoding that led to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// The observable it was part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
    /// Where it is, if it has an address or names a network.
    #[serde(flatten)]
    pub location: Location,
    /// Neutral marks, sorted.
    pub tags: Vec<Tag>,
    /// Whose host it is, by the organisation's own inventory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asset: Option<Box<Asset>>,
    /// What it was judged to be, where somebody was asked to and somebody could know.
    #[serde(flatten)]
    pub judged: Option<Judged>,
    /// The text around it, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<Untrusted>,
}
