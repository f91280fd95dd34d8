//! Findings that somebody decided not to see, for a reason and for a time.

use crate::{Evidence, Finding, Invalid};
use serde::{Serialize, Serializer};
use std::fmt;

/// A calendar day in UTC, `2027-01-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// A day of the Gregorian calendar.
    pub fn new(year: u16, month: u8, day: u8) -> Result<Self, Invalid> {
        let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            _ => return Err(Invalid("no such month")),
        };
        if year > 9999 || !(1..=days).contains(&day) {
            return Err(Invalid("no such day"));
        }
        Ok(Self { year, month, day })
    }

    /// Reads `2027-01-31`, or the day at the start of an RFC 3339 instant.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let (day, rest) = text.split_at_checked(10).ok_or(Invalid("not a date like 2027-01-31"))?;
        let mut parts = day.split('-');
        let mut number = |digits: usize| {
            parts
                .next()
                .filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|part| part.parse::<u16>().ok())
        };
        let (Some(year), Some(month), Some(day)) = (number(4), number(2), number(2)) else {
            return Err(Invalid("not a date like 2027-01-31"));
        };
        if !(rest.is_empty() || rest.starts_with(['T', 't', ' '])) {
            return Err(Invalid("not a date like 2027-01-31"));
        }
        let small = |number: u16| u8::try_from(number).map_err(|_| Invalid("no such day"));
        Self::new(year, small(month)?, small(day)?)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:04}-{:02}-{:02}", self.year, self.month, self.day))
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A decision not to see the findings of a rule. Hidden findings stay counted and listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Suppression {
    /// The rule, as [`RuleId`](crate::RuleId) prints it.
    pub rule: String,
    /// Only where the evidence is about this: an artifact's SHA-256, a name in its path, or a value in the excerpt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The reason. Never empty.
    pub why: String,
    /// The last day on which it holds.
    pub expires: Date,
}

impl Suppression {
    /// Whether it hides `finding` on the day `as_of`. Where an entity is named, every piece of evidence must be about
    /// it: a finding that also rests on something else stays visible.
    pub fn hides(&self, finding: &Finding, as_of: Date) -> bool {
        let about = |evidence: &Evidence| self.entity.as_deref().is_none_or(|entity| concerns(evidence, entity));
        as_of <= self.expires && finding.rule.0 == self.rule && finding.evidence().iter().all(about)
    }
}

/// Whether `evidence` is about `entity`.
fn concerns(evidence: &Evidence, entity: &str) -> bool {
    let path = evidence.path.raw();
    evidence.artifact.to_string().eq_ignore_ascii_case(entity)
        || path == entity
        || path.split(" ▸ ").any(|name| name == entity)
        || names(evidence.excerpt.raw(), entity)
}

/// Whether `text` holds `entity` as a value of its own: `corp.example` in `https://corp.example/a`, but not in
/// `notcorp.example`.
fn names(text: &str, entity: &str) -> bool {
    let (text, entity) = (text.to_lowercase(), entity.to_lowercase());
    let inner = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !entity.is_empty()
        && text.match_indices(&entity).any(|(start, found)| {
            let before = text.get(..start).and_then(|head| head.chars().next_back());
            let after = text.get(start + found.len()..).and_then(|tail| tail.chars().next());
            !before.is_some_and(inner) && !after.is_some_and(inner)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ArtifactId, Confidence, FindingDraft, Place, RuleId, Severity, Weight};

    fn finding(path: &str, excerpt: &str) -> Finding {
        FindingDraft {
            rule: RuleId("link-text-differs"),
            title: "link text differs".to_owned(),
            severity: Severity::Medium,
            confidence: Confidence::Medium,
            weight: Weight::from_thousandths(300),
            group: "link",
            techniques: &[],
        }
        .at(Evidence {
            artifact: ArtifactId::of(b""),
            path: path.into(),
            place: Place::Whole,
            excerpt: excerpt.into(),
        })
    }

    fn check(entity: Option<&str>, as_of: &str) -> bool {
        let suppression = Suppression {
            rule: "link-text-differs".to_owned(),
            entity: entity.map(str::to_owned),
            why: "our own newsletter".to_owned(),
            expires: Date::parse("2027-01-31").unwrap(),
        };
        let finding = finding("mail.eml ▸ body.html", "https://News.corp.example/a");
        suppression.hides(&finding, Date::parse(as_of).unwrap())
    }

    #[test]
    fn hides_until_it_expires() {
        assert!(check(None, "2027-01-31"));
        assert!(!check(None, "2027-02-01"));
        assert!(!check(None, "2027-02-01T00:00:00Z"));
    }

    #[test]
    fn hides_only_what_is_about_its_entity() {
        for entity in ["body.html", "mail.eml", "news.corp.example", "corp.example"] {
            assert!(check(Some(entity), "2026-11-21"), "{entity}");
        }
        for entity in ["body", "orp.example", "other.example", ""] {
            assert!(!check(Some(entity), "2026-11-21"), "{entity}");
        }
    }

    #[test]
    fn a_second_place_that_is_about_something_else_keeps_it_visible() {
        let both = finding("a.html", "https://corp.example/").and_at(Evidence {
            artifact: ArtifactId::of(b""),
            path: "a.html".into(),
            place: Place::Line(2),
            excerpt: "https://evil.test/".into(),
        });
        let suppression = Suppression {
            rule: "link-text-differs".to_owned(),
            entity: Some("corp.example".to_owned()),
            why: "ours".to_owned(),
            expires: Date::new(2027, 1, 31).unwrap(),
        };
        assert!(!suppression.hides(&both, Date::new(2026, 11, 21).unwrap()));
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        assert!(Date::parse("2028-02-29").is_ok());
        for text in [
            "2027-02-29",
            "2027-13-01",
            "2027-1-01",
            "2027-01-31x",
            "+027-01-31",
            "é027-01-3",
        ] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
    }
}
