//! What each provider answers, one file for each family.

#![allow(clippy::indexing_slicing, reason = "JSON answers an index that it has not with null")]

mod abuse_ch;
mod catalogue;
mod files;
mod hosts;
mod own;
mod registration;
mod reputation;
mod taxii;

use serde_json::Value;

/// A request, taken apart.
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a str,
    pub(crate) host: &'a str,
    /// What stands before [`Asked::path`].
    pub(crate) base: String,
    /// Segments behind the provider and the mode.
    pub(crate) path: Vec<&'a str>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) form: Vec<(String, String)>,
    pub(crate) json: Value,
    pub(crate) headers: &'a [(String, String)],
}

impl Asked<'_> {
    pub(crate) fn header(&self, name: &str) -> &str {
        find(self.headers, name)
    }

    pub(crate) fn parameter(&self, name: &str) -> &str {
        find(&self.query, name)
    }

    pub(crate) fn field(&self, name: &str) -> &str {
        find(&self.form, name)
    }

    /// The last segment: most interfaces name the value there.
    pub(crate) fn last(&self) -> &str {
        self.path.last().copied().unwrap_or_default()
    }
}

fn find<'p>(pairs: &'p [(String, String)], name: &str) -> &'p str {
    pairs.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn new(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body,
        }
    }

    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::new(status, value.to_string().into_bytes()).header("content-type", "application/json")
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Where a key is expected.
pub(crate) enum Place {
    Nowhere,
    Header(&'static str),
    Parameter(&'static str),
}

/// A provider.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) key: Place,
    /// The value is known. Nothing where there is no such page.
    pub(crate) found: fn(&Asked<'_>) -> Option<Reply>,
    pub(crate) unknown: fn(&Asked<'_>) -> Reply,
    pub(crate) quota: fn(&Asked<'_>) -> Reply,
    pub(crate) auth: fn(&Asked<'_>) -> Reply,
}

impl Shape {
    /// Whether there is a key where one is expected.
    pub(crate) fn accepts(&self, asked: &Asked<'_>) -> bool {
        match self.key {
            Place::Nowhere => true,
            Place::Parameter(name) => !asked.parameter(name).is_empty(),
            Place::Header(name) => !asked.header(name).is_empty(),
        }
    }
}

/// Every provider that speaks HTTP.
pub(crate) static ALL: &[&Shape] = &[
    &reputation::VIRUSTOTAL,
    &reputation::ABUSEIPDB,
    &reputation::GREYNOISE,
    &abuse_ch::URLHAUS,
    &abuse_ch::THREATFOX,
    &abuse_ch::MALWAREBAZAAR,
    &hosts::SHODAN,
    &hosts::INTERNETDB,
    &hosts::CENSYS,
    &hosts::OTX,
    &hosts::URLSCAN,
    &own::MISP,
    &own::OPENCTI,
    &catalogue::NVD,
    &catalogue::GITHUB,
    &catalogue::EPSS,
    &files::HYBRID_ANALYSIS,
    &files::HASHLOOKUP,
    &registration::CRTSH,
    &taxii::TAXII,
    &registration::RDAP,
];
