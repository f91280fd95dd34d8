//! Findings that somebody decided not to see, for a reason and for a time.

use crate::{BELOW, Date, Evidence, Finding};
use serde::Serialize;

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
        self.covers(finding.rule.0, finding.evidence(), as_of)
    }

    /// The same for what a rule says of some evidence before it becomes a finding.
    pub fn covers(&self, rule: &str, evidence: &[Evidence], as_of: Date) -> bool {
        let about = |evidence: &Evidence| self.entity.as_deref().is_none_or(|entity| concerns(evidence, entity));
        as_of <= self.expires && rule == self.rule && evidence.iter().all(about)
    }
}

/// Whether `evidence` is about `entity`.
fn concerns(evidence: &Evidence, entity: &str) -> bool {
    let path = evidence.path.raw();
    evidence.artifact.to_string().eq_ignore_ascii_case(entity)
        || path == entity
        || path.split(BELOW).any(|name| name == entity)
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
}
