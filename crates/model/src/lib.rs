//! The vocabulary of Watchfire.
//!
//! Every other crate speaks in these words: an [`Artifact`] is bytes under analysis, an [`Observable`] a value seen in
//! it, a [`Finding`] what a detector made of [facts](Fact), a [`Verdict`] the judgement over all of it, and a [`Report`]
//! what leaves the house. Limits live here too, because everyone shares one [`Budget`].
//!
//! This crate is pure: no files, no network, no clock, no environment, no randomness.

#![forbid(unsafe_code)]

mod artifact;
mod ask;
mod budget;
mod capabilities;
mod confidence;
mod counted;
mod date;
mod diagnostic;
mod digests;
pub mod dns;
mod enrichment;
mod evidence;
pub mod executable;
mod fact;
mod finding;
mod gate;
mod incident;
mod indicator;
mod invite;
mod local;
mod location;
pub mod log;
mod mail;
mod mail_authentication;
mod marking;
mod member;
mod moment;
pub mod network;
pub mod observable;
mod observed;
mod organisation;
mod report;
mod rule_match;
mod script;
mod searched;
mod secret;
mod shortcut;
mod stored;
mod suppression;
mod technique;
mod text;
mod timestamp;
mod trace;
pub mod transport;
pub mod url;
mod verdict;

pub use artifact::{Artifact, ArtifactId, BELOW, Hints, MediaType, Origin, Password};
pub use ask::{Allowance, Bucket, Cache, Kept, KeyId, Quota, Urgency, Window};
pub use budget::{Budget, Canceller, Halt, LimitKind, Limits};
pub use capabilities::Capabilities;
pub use confidence::Confidence;
pub use counted::{agreeing, counted, counted_as, noun};
pub use date::Date;
pub use diagnostic::{Coverage, Diagnostic, Severity as DiagnosticSeverity};
pub use digests::{Digests, KnownGood, NeededDigests, hex as digest_hex};
pub use enrichment::{Asked, Asset, Enrichment, Grade, Origination, Outcome, Rank, Reputation};
pub use evidence::{Evidence, Place};
pub use fact::{
    ActiveKind, ArchiveFacts, DocumentFacts, Fact, FactSet, Form, Link, MemberFacts, PhishingReason, PhishingScore,
    Smuggling, TextFacts, Unlocked, Wording,
};
pub use finding::{Finding, FindingDraft, RuleId, Severity, Target};
pub use gate::{Class, Exposure, Gate, Refusal};
pub use incident::{Chapter, Incident, Tie, TieKind, Witness};
pub use indicator::{Indicator, Reach};
pub use invite::InviteFacts;
pub use local::{Local, Spot};
pub use location::{Located, Location};
pub use mail::{
    HeaderField, Hop, JudgedMail, MailFacts, MailPart, Mailbox, PartRole, RecordedResult, RecordedResults, SentAt,
};
pub use mail_authentication::{
    Aligned, AlignedBy, Alignment, ArcOutcome, ArcResult, ArcSet, Authentication, Discovery, DkimOutcome, DkimResult,
    DmarcOutcome, DmarcPolicy, DmarcResult, SpfIdentity, SpfOutcome, SpfResult,
};
pub use marking::{Pap, Tlp};
pub use member::{Member, MemberSink, Problem};
pub use moment::{Moment, age};
pub use observable::{Family, Invalid, Observable, ObservableType, TypeSet};
pub use observed::{Encoding, Judged, Met, Observed, Role, Span, Tag, Via};
pub use organisation::{AddressRange, DomainName, Host, Organisation};
pub use report::{ArtifactRecord, DataSource, Recommendation, Report, RuleNote, Suppressed, Totals};
pub use rule_match::{MetadataValue, RuleMatch, StringMatch};
pub use script::{Act, ActKind, Layer, MacroFacts, ScriptFacts};
pub use searched::{JudgedFile, Search};
pub use secret::Secret;
pub use shortcut::{Drive, ShortcutFacts};
pub use stored::{Downloaded, Stored, Stream};
pub use suppression::Suppression;
pub use technique::TechniqueId;
pub use text::Untrusted;
pub use timestamp::Timestamp;
pub use trace::{Period, Trace};
pub use verdict::{Judgement, Reason, Score, Verdict, Weight};
