//! What is new, changed and gone between two versions of a set.

use super::set::{Kind, Member};
use std::collections::BTreeMap;
use watchfire_model::Untrusted;
use watchfire_sigma::{Collection, Meta, Placeholders, Source};

/// Rules by their titles, in the order of the set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleChanges {
    /// Not there before.
    pub new: Vec<Untrusted>,
    /// There before, and their file has changed.
    pub changed: Vec<Untrusted>,
    /// No longer there.
    pub gone: Vec<Untrusted>,
}

impl RuleChanges {
    /// Compares rules by their identifiers; those without one by file and title.
    pub(super) fn between(before: &[Member], after: &[Member]) -> Self {
        let (before, after) = (rules(before), rules(after));
        let mut changes = Self::default();
        let old: BTreeMap<&str, u64> = before.iter().map(|rule| (rule.key.as_str(), rule.text)).collect();
        let new: BTreeMap<&str, u64> = after.iter().map(|rule| (rule.key.as_str(), rule.text)).collect();
        for rule in &after {
            match old.get(rule.key.as_str()) {
                None => changes.new.push(rule.title.as_str().into()),
                Some(text) if *text != rule.text => changes.changed.push(rule.title.as_str().into()),
                Some(_) => {}
            }
        }
        let gone = before.iter().filter(|rule| !new.contains_key(rule.key.as_str()));
        changes.gone = gone.map(|rule| rule.title.as_str().into()).collect();
        changes
    }
}

struct Known {
    key: String,
    title: String,
    /// What tells the text of its file from others.
    text: u64,
}

fn rules(members: &[Member]) -> Vec<Known> {
    let members = members.iter().filter(|member| member.kind == Kind::Rule);
    let sources: Vec<Source> = members
        .map(|member| Source::new(member.name.as_str(), member.text.as_str()))
        .collect();
    let digest = |source: &Source| {
        let digest = watchfire_sigma::digest(&[Source::new("", source.text.as_str())]);
        u64::from_str_radix(digest.get(..16).unwrap_or_default(), 16).unwrap_or_default()
    };
    let texts: BTreeMap<&str, u64> = sources
        .iter()
        .map(|source| (source.name.as_str(), digest(source)))
        .collect();
    let (collection, _) = super::tally::read(
        &sources,
        &Placeholders {
            is_anything: true,
            ..Placeholders::default()
        },
    );
    let known = |meta: &Meta| Known {
        key: match &meta.id {
            Some(id) => id.to_ascii_lowercase(),
            None => format!("{}\n{}", meta.source, meta.title),
        },
        title: meta.title.clone(),
        text: texts.get(meta.source.as_str()).copied().unwrap_or_default(),
    };
    metas(&collection).map(known).collect()
}

/// What rules, correlations and filters say of themselves.
pub(super) fn metas(collection: &Collection) -> impl Iterator<Item = &Meta> {
    let rules = collection.rules.iter().map(|rule| &rule.meta);
    let correlations = collection.correlations.iter().map(|correlation| &correlation.meta);
    rules
        .chain(correlations)
        .chain(collection.filters.iter().map(|filter| &filter.meta))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, id: &str, title: &str, value: &str) -> Member {
        Member {
            kind: Kind::Rule,
            name: name.to_owned(),
            text: format!(
                "title: {title}\n{id}\nlogsource:\n  product: x\ndetection:\n  s:\n    a: {value}\n  condition: s\n"
            ),
        }
    }

    #[test]
    fn rules_are_known_by_their_identifiers() {
        let before = [
            rule("a.yml", "id: 1", "A", "x"),
            rule("b.yml", "id: 2", "B", "x"),
            rule("c.yml", "id: 3", "C", "x"),
            rule("d.yml", "", "D", "x"),
        ];
        let after = [
            // Moved, and otherwise as it was.
            rule("moved/a.yml", "id: 1", "A", "x"),
            rule("b.yml", "id: 2", "B now", "y"),
            rule("d.yml", "", "D", "x"),
            rule("e.yml", "id: 5", "E", "x"),
        ];
        let changes = RuleChanges::between(&before, &after);
        let texts = |all: &[Untrusted]| -> Vec<String> { all.iter().map(ToString::to_string).collect() };
        assert_eq!(texts(&changes.new), ["E"]);
        assert_eq!(texts(&changes.changed), ["B now"]);
        assert_eq!(texts(&changes.gone), ["C"]);
    }
}
