//! Providers of reputation: who can be asked about an observable, how the question is put, and how the answer is read.
//!
//! A provider does no I/O. [`Provider::ask`] makes a request, [`Provider::read`] makes an answer of what came back, or a
//! further request where one is not enough. Who sends them, when, how often and whether at all, is decided in
//! [`crate::asking`] alone. So a provider is two pure functions and a table, and every shape of answer is a test.
//!
//! Rules that hold for all of them:
//!
//! - Found, not found, quota, authentication and failure are five different ends, and none of them means clean. What
//!   says "not found" is the provider's own words, never a bare 404: that may be a wrong base URL.
//! - A number may be a string. A field that decides and is of a wrong type makes the answer unreadable; one that only
//!   describes is left out.
//! - What the provider wrote is [`Untrusted`](watchfire_model::Untrusted) and cut.
//! - Values go into a URL by `web::url` only, which escapes everything that could end a segment or a parameter.

mod abuse_ch;
mod account;
mod answer;
mod json;
pub mod registry;
pub(crate) mod web;

mod abuseipdb;
mod censys;
mod crtsh;
mod dns;
mod epss;
mod github;
mod greynoise;
mod hashlookup;
mod hybrid_analysis;
mod internetdb;
mod malwarebazaar;
mod misp;
mod nvd;
mod opencti;
mod otx;
mod rdap;
mod shodan;
mod threatfox;
mod urlhaus;
mod urlscan;
mod virustotal;
mod whois;

pub use account::{Account, Key};
pub use answer::{Answer, Fault, Note, Reading, Source};
pub use registry::{PROVIDERS, provider};
pub(crate) use web::{escaped, own_fault, too_many};

use watchfire_model::transport::{Request, Response};
use watchfire_model::{Allowance, Exposure, Grade, Moment, Observable, ObservableType, Verdict, Window};

/// Somebody who can be asked.
pub trait Provider: Sync {
    /// What there is to know before asking.
    fn info(&self) -> &'static ProviderInfo;

    /// The first question about `what`, whose type is one of [`ProviderInfo::answers`].
    fn ask(&self, what: &Observable, account: &Account) -> Request;

    /// Reads what came back.
    fn read(&self, what: &Observable, account: &Account, turn: Turn<'_>) -> Reading;

    /// What the headers of an answer say about the calls that are left.
    fn limits(&self, response: &Response, now: Moment) -> Option<Allowance> {
        web::allowance(response, now)
    }
}

/// What came back, and which question it answers.
#[derive(Clone, Copy, Debug)]
pub struct Turn<'t> {
    /// 0 answers [`Provider::ask`], 1 the first [`Reading::Again`].
    pub step: u8,
    /// The answer.
    pub response: &'t Response,
}

/// What there is to know about a provider before asking it.
#[derive(Debug)]
pub struct ProviderInfo {
    /// The name in every format and in the configuration, `virustotal`.
    pub name: &'static str,
    /// The name as its owners write it.
    pub title: &'static str,
    /// Types that it can be asked about.
    pub answers: &'static [ObservableType],
    /// Who learns of a question.
    pub exposure: Exposure,
    /// Where it is, without a slash at the end. Empty where only the user knows: the organisation's own server.
    pub base: &'static str,
    /// Whether it wants a key, and how it is handed over.
    pub key: KeyUse,
    /// What one can have subscribed to; the first is meant where nothing is configured, and where a key is optional the
    /// second by those who have one.
    pub plans: &'static [Plan],
    /// How far it is trusted unless configured otherwise.
    pub grade: Grade,
    /// Sources of one group are not independent of one another.
    pub group: &'static str,
    /// How its words become strength, one line; the details stand with the code.
    pub strength: &'static str,
    /// Most questions about one value, the first included.
    pub steps: u8,
    /// How long an answer is good for.
    pub lifetime: fn(ObservableType, &Answer) -> u64,
}

impl ProviderInfo {
    /// Whether it can be asked about values of this type.
    pub fn takes(&self, kind: ObservableType) -> bool {
        self.answers.contains(&kind)
    }

    /// Whether URLs are sent to it as they are.
    pub fn sends_urls(&self) -> bool {
        self.takes(ObservableType::Url)
    }

    /// The plan of that name, or the usual one.
    pub fn plan(&self, name: Option<&str>) -> Option<&'static Plan> {
        match name {
            None => self.plans.first(),
            Some(name) => self.plans.iter().find(|plan| plan.name == name),
        }
    }
}

/// Whether a provider wants a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// It has none.
    None,
    /// It answers without, and more often with one.
    Optional {
        /// The environment variable that it is read from.
        variable: &'static str,
        /// How it is handed over, for people: a header or parameter.
        goes: &'static str,
    },
    /// It does not answer without.
    Required {
        /// The environment variable that it is read from.
        variable: &'static str,
        /// How it is handed over, for people: a header or parameter.
        goes: &'static str,
    },
}

impl KeyUse {
    /// The environment variable that the key is read from.
    pub const fn variable(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Optional { variable, .. } | Self::Required { variable, .. } => Some(variable),
        }
    }
}

/// What one can have subscribed to.
#[derive(Debug)]
pub struct Plan {
    /// The name in the configuration, `free`.
    pub name: &'static str,
    /// How many calls it allows; empty where nobody says. The user's numbers go before these.
    pub windows: &'static [Window],
    /// What one may do with the answers, in one line.
    pub terms: &'static str,
}

/// How long answers are good for, where the provider's data do not ask for something else: addresses six hours, names
/// twelve, URLs one, a file that is known to be bad a week and any other an hour, vulnerabilities a day. That a value is
/// not known never holds longer than an hour for files and URLs, since that is what changes first in an incident.
pub fn lifetime(kind: ObservableType, answer: &Answer) -> u64 {
    const HOUR: u64 = 3_600;
    use ObservableType as T;
    match kind {
        T::Ipv4 | T::Ipv6 | T::Ipv4Cidr | T::Ipv6Cidr | T::Socket => 6 * HOUR,
        T::Domain | T::Onion => 12 * HOUR,
        T::Url => HOUR,
        T::Cve | T::Ghsa | T::Asn => 24 * HOUR,
        _ if answer.known && answer.towards >= Verdict::Suspicious => 7 * 24 * HOUR,
        _ => HOUR,
    }
}

/// For registries and catalogues, whose facts change slowly: a day, whatever the answer.
pub fn a_day(_: ObservableType, _: &Answer) -> u64 {
    24 * 3_600
}
