//! What a rule says of itself: who wrote it, how bad a match is, what it is about.

use std::fmt;

/// How critical a match is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The rule says nothing.
    #[default]
    Unset,
    /// Enriches events; no alert.
    Informational,
    /// Notable, rarely an incident.
    Low,
    /// Worth a look.
    Medium,
    /// Worth a prompt look.
    High,
    /// Points at an incident.
    Critical,
}

/// How far a rule is tested.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// The rule says nothing.
    #[default]
    Unset,
    /// No false positives seen over a long time.
    Stable,
    /// Mostly stable.
    Test,
    /// New.
    Experimental,
    /// Another rule took its place.
    Deprecated,
    /// Cannot be used as it is.
    Unsupported,
}

pub(crate) const LEVELS: [(&str, Level); 5] = [
    ("informational", Level::Informational),
    ("low", Level::Low),
    ("medium", Level::Medium),
    ("high", Level::High),
    ("critical", Level::Critical),
];

pub(crate) const STATUSES: [(&str, Status); 5] = [
    ("stable", Status::Stable),
    ("test", Status::Test),
    ("experimental", Status::Experimental),
    ("deprecated", Status::Deprecated),
    ("unsupported", Status::Unsupported),
];

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = LEVELS.iter().find(|(_, level)| level == self);
        f.write_str(found.map_or("unset", |(name, _)| name))
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let found = STATUSES.iter().find(|(_, status)| status == self);
        f.write_str(found.map_or("unset", |(name, _)| name))
    }
}

/// What a rule says of itself. All of it is text that others wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meta {
    /// Title.
    pub title: String,
    /// Unique identifier, mostly a UUID.
    pub id: Option<String>,
    /// Name by which correlations refer to it.
    pub name: Option<String>,
    /// How far it is tested.
    pub status: Status,
    /// How critical a match is.
    pub level: Level,
    /// What it detects.
    pub description: Option<String>,
    /// Who wrote it.
    pub author: Option<String>,
    /// Under which licence, by its SPDX name.
    pub license: Option<String>,
    /// When it was written, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// When it was changed.
    pub modified: Option<String>,
    /// Which taxonomy its fields are of.
    pub taxonomy: Option<String>,
    /// Tags, such as `attack.t1059.001`.
    pub tags: Vec<String>,
    /// Where it comes from.
    pub references: Vec<String>,
    /// When it is wrong.
    pub falsepositives: Vec<String>,
    /// Fields that help to judge a match.
    pub fields: Vec<String>,
    /// Related rules: how, and their identifiers.
    pub related: Vec<(String, String)>,
    /// For which machines it is meant.
    pub scope: Vec<String>,
    /// The file it was read from.
    pub source: String,
    /// Line in that file.
    pub line: u32,
}

impl Meta {
    /// ATT&CK techniques, such as `T1059.001`.
    pub fn techniques(&self) -> impl Iterator<Item = String> {
        let tags = self.tags.iter().filter_map(|tag| tag.strip_prefix("attack."));
        tags.filter(|tag| {
            let digits = tag.strip_prefix('t').unwrap_or_default();
            digits.starts_with(|c: char| c.is_ascii_digit())
        })
        .map(str::to_ascii_uppercase)
    }

    /// ATT&CK tactics, such as `defense-evasion`.
    pub fn tactics(&self) -> impl Iterator<Item = String> {
        let tags = self.tags.iter().filter_map(|tag| tag.strip_prefix("attack."));
        tags.filter(|tag| !tag.chars().any(|c| c.is_ascii_digit()))
            .map(|tag| tag.replace('_', "-"))
    }

    /// Whether correlations and filters that refer to `reference` mean this rule.
    pub(crate) fn is_called(&self, reference: &str) -> bool {
        let is = |own: &Option<String>| own.as_deref().is_some_and(|own| own == reference);
        is(&self.id) || is(&self.name)
    }

    /// What others call it by.
    pub(crate) fn references(&self) -> impl Iterator<Item = &str> {
        self.id.as_deref().into_iter().chain(self.name.as_deref())
    }
}

/// Which logs a rule is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogSource {
    /// Such as `process_creation`.
    pub category: Option<String>,
    /// Such as `windows`.
    pub product: Option<String>,
    /// Such as `security`.
    pub service: Option<String>,
}

impl fmt::Display for LogSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.product, &self.service, &self.category];
        let parts: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
        f.write_str(&parts.join("/"))
    }
}
