//! What parsers say: typed, neutral, without a word about guilt.

use crate::executable::{Authenticode, Executable};
use crate::log::{LogFile, LogSummary};
use crate::network::CaptureFacts;
use crate::{
    ArtifactId, Authentication, Evidence, InviteFacts, LimitKind, MacroFacts, MailFacts, MediaType, Origin, PartRole,
    RuleMatch, ScriptFacts, ShortcutFacts, Span, Stored, Untrusted,
};
use serde::Serialize;
use std::sync::Arc;

/// One fact about one artifact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum Fact {
    /// It was found on a disk.
    Stored(Box<Stored>),
    /// It is a container.
    Archive(ArchiveFacts),
    /// It is a document.
    Document(DocumentFacts),
    /// It holds text.
    Text(TextFacts),
    /// It is a mail.
    Mail(Box<MailFacts>),
    /// Where a mail comes from was verified.
    Authentication(Box<Authentication>),
    /// It invites to something.
    Invite(Box<InviteFacts>),
    /// It is a mail, and this is how much it reads like phishing.
    Phishing(PhishingScore),
    /// It shows a link.
    Link(Link),
    /// It shows a form.
    Form(Form),
    /// It was encrypted and opened with a password that stood beside it.
    Unlocked(Unlocked),
    /// It names sites in text that a reader does not see, and nowhere else.
    Hidden {
        /// URLs and hosts, in order.
        links: Vec<Untrusted>,
    },
    /// It holds something that acts when it is opened or clicked.
    Active {
        /// What kind of thing.
        kind: ActiveKind,
        /// What the reader said about it.
        detail: Untrusted,
    },
    /// It shows a QR code.
    Qr {
        /// What a telephone would read.
        text: Untrusted,
        /// The page it stands on, from 1, where there are pages.
        #[serde(skip_serializing_if = "Option::is_none")]
        page: Option<u32>,
    },
    /// It is a page that runs scripts when it is shown.
    Scripted {
        /// Characters that a reader sees without them, blanks and the title not counted.
        shown: u64,
        /// Bytes of script in the page itself.
        scripts: u64,
    },
    /// It came along with a mail, and this is what it gives to read.
    Wording(Wording),
    /// It is a page whose scripts make a file or a page of what they carry.
    Smuggling(Smuggling),
    /// It is a shortcut.
    Shortcut(Box<ShortcutFacts>),
    /// It is a script or holds a command line, and this is what it calls.
    Script(Box<ScriptFacts>),
    /// It is a macro project.
    Macros(Box<MacroFacts>),
    /// It is a capture of a network.
    Capture(Box<CaptureFacts>),
    /// It is a log.
    Log {
        /// What was read.
        file: Box<LogFile>,
        /// What it says.
        summary: Box<LogSummary>,
    },
    /// It is an executable.
    Executable(Box<Executable>),
    /// It is signed, as programs are.
    Signed(Box<Authenticode>),
    /// Digests by which files like it are found.
    Similar {
        /// TLSH; none of what is too short or too even.
        #[serde(skip_serializing_if = "Option::is_none")]
        tlsh: Option<String>,
        /// That of ssdeep.
        ssdeep: String,
    },
    /// It is a program, and these of its strings say what it may be for.
    Sayings(Vec<crate::executable::Saying>),
    /// A rule that somebody wrote holds for it.
    Rule(Box<RuleMatch>),
    /// Reading it stopped at a limit.
    Halted {
        /// Which one.
        limit: LimitKind,
    },
}

/// A container and what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ArchiveFacts {
    /// `zip`, `7z`, `tar`, `gzip`, …
    pub format: &'static str,
    /// Members in the container's own order.
    pub members: Vec<MemberFacts>,
    /// A comment in the container.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<Untrusted>,
    /// Whether even the list of members was encrypted.
    pub encrypted_listing: bool,
    /// Members that claim bytes of others, and were not unpacked.
    pub overlapping: u64,
}

/// One member of a container, read or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MemberFacts {
    /// Its name as stored.
    pub name: Untrusted,
    /// Unpacked size in bytes, as declared.
    pub size: u64,
    /// Packed size in bytes, as declared; 0 where the format does not say.
    pub packed: u64,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Where it leads, if it is a link and no file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub links_to: Option<Untrusted>,
    /// Whether the container asks not to show it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub hidden: bool,
    /// Whether its content was read.
    pub read: bool,
    /// What the content is, where it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<MediaType>,
}

/// A document (PDF, Office Open XML, OpenDocument, HTML).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DocumentFacts {
    /// `pdf`, `docx`, `xlsx`, `pptx`, `odt`, `html`, …
    pub format: &'static str,
    /// Title, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Untrusted>,
    /// Author, where it names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub author: Option<Untrusted>,
    /// The program that wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub producer: Option<Untrusted>,
    /// Pages, sheets or slides.
    pub pages: u32,
    /// Whether it is encrypted.
    pub encrypted: bool,
}

/// Text and how it was encoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TextFacts {
    /// WHATWG name of the encoding, `utf-8`, `utf-16le`, `windows-1252`.
    pub encoding: &'static str,
    /// Whether some bytes were not valid in that encoding.
    pub damaged: bool,
}

/// What a part of a mail gives to read: as much of it as tells what it wants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Wording {
    /// What a reader sees, cut after 8,000 bytes.
    pub shown: Untrusted,
    /// What is there and not seen, cut after 2,000 bytes.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub hidden: Untrusted,
    /// Characters that are seen, blanks not counted.
    pub length: u64,
    /// Characters that are not seen, blanks not counted.
    pub hidden_length: u64,
}

/// How scripts hand out what they carry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Smuggling {
    /// The functions that they call for it.
    pub calls: Vec<&'static str>,
    /// The longest run of characters that may be encoded content.
    pub packed: u64,
}

/// How much a mail reads like phishing, to a learned model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PhishingScore {
    /// Which model says so.
    pub model: Untrusted,
    /// Its probability, in thousandths, where there is as much phishing as anything else.
    pub thousandths: u16,
    /// What moved it most: first what speaks for phishing, then what speaks against.
    pub reasons: Vec<PhishingReason>,
}

/// One reason of a score.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PhishingReason {
    /// What it is, in words.
    pub what: Untrusted,
    /// By how much it moves the logarithm of the odds, in thousandths.
    pub weight: i32,
}

/// A link as a reader meets it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Where it leads, as written.
    pub target: Untrusted,
    /// What the reader sees; empty for an image.
    pub text: Untrusted,
    /// It is fetched when the page is shown, and not followed: a picture, a frame, a style.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub loaded: bool,
    /// Of what is fetched: a picture that nobody sees, by its size or because it is hidden.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unseen: bool,
    /// Only Outlook for Windows shows it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub in_outlook: bool,
    /// Where the link stands in the artifact's bytes, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// The page it stands on, from 1, where there are pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
}

/// A form that asks its reader for something.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Form {
    /// Where it sends what was entered, as written; empty for the page itself or its scripts.
    pub action: Untrusted,
    /// Whether it asks for a password.
    pub asks_password: bool,
    /// Where the action stands in the artifact's bytes, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
}

/// What in a document acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActiveKind {
    /// An action that starts a program or opens a file.
    Launch,
    /// A script.
    Script,
    /// A macro of an office document.
    Macro,
    /// A template, object or frame that is loaded from elsewhere.
    Remote,
    /// An object or control that is loaded as soon as the document is opened.
    Update,
    /// An object of the equation editor that was taken out of service for its flaws.
    Equation,
    /// An object that does not fit into the program that shows it.
    Overflow,
}

/// Where the password of an encrypted container was found. The password itself is never part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unlocked {
    /// The text that names the password, with the password masked.
    pub password_at: Evidence,
}

/// All facts about one artifact: what detectors subscribe to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactSet {
    /// Whose facts these are.
    pub artifact: ArtifactId,
    /// Where it came from.
    pub origin: Arc<Origin>,
    /// What it is, by content.
    pub media_type: MediaType,
    /// What it is to the mail that carries it, where a mail does.
    pub role: Option<PartRole>,
    /// Its facts in the order of the parser.
    pub facts: Vec<Fact>,
}

impl FactSet {
    /// How it was stored, where it was found on a disk.
    pub fn stored(&self) -> Option<&Stored> {
        self.facts.iter().find_map(|fact| match fact {
            Fact::Stored(stored) => Some(&**stored),
            _ => None,
        })
    }

    /// What it shows, if it is an executable.
    pub fn executable(&self) -> Option<&Executable> {
        self.facts.iter().find_map(|fact| match fact {
            Fact::Executable(executable) => Some(&**executable),
            _ => None,
        })
    }

    /// What it holds, if it is a log.
    pub fn log(&self) -> Option<(&LogFile, &LogSummary)> {
        self.facts.iter().find_map(|fact| match fact {
            Fact::Log { file, summary } => Some((&**file, &**summary)),
            _ => None,
        })
    }

    /// Takes away what a log says as a whole: it goes to what all logs say.
    pub fn take_log_summary(&mut self) -> Option<Box<LogSummary>> {
        self.facts.iter_mut().find_map(|fact| match fact {
            Fact::Log { summary, .. } => Some(std::mem::take(summary)),
            _ => None,
        })
    }

    /// What it holds, if it is a capture of a network.
    pub fn capture(&self) -> Option<&CaptureFacts> {
        self.facts.iter().find_map(|fact| match fact {
            Fact::Capture(capture) => Some(&**capture),
            _ => None,
        })
    }

    /// How it is signed, if it was looked for signatures and there is something to say of them.
    pub fn signed(&self) -> Option<&Authenticode> {
        self.facts.iter().find_map(|fact| match fact {
            Fact::Signed(signed) => Some(&**signed),
            _ => None,
        })
    }
}
