//! Sets and rules, listed.

use super::RuleSets;
use super::parts::Whose;
use super::tally::sorted;
use crate::{Problem, VERSION};
use watchfire_export::{ListedRule, ListedSet, RuleList};
use watchfire_model::{Untrusted, age};
use watchfire_sigma::{Level, LogSource, Meta, Placeholders, Status};

/// Which rules are asked for. Nothing means all.
#[derive(Clone, Debug, Default)]
pub struct RulesWanted {
    /// Of this set.
    pub set: Option<String>,
    /// Of this level or a higher one.
    pub level: Option<String>,
    /// Of this status.
    pub status: Option<String>,
    /// For logs of this product.
    pub product: Option<String>,
}

const LEVELS: [Level; 6] = [
    Level::Unset,
    Level::Informational,
    Level::Low,
    Level::Medium,
    Level::High,
    Level::Critical,
];
const STATUSES: [Status; 6] = [
    Status::Stable,
    Status::Test,
    Status::Experimental,
    Status::Deprecated,
    Status::Unsupported,
    Status::Unset,
];

/// What was asked for, checked.
struct Filter {
    level: Level,
    status: Option<Status>,
    product: Option<String>,
}

impl Filter {
    fn new(wanted: &RulesWanted) -> Result<Self, Problem> {
        Ok(Self {
            level: word("level", wanted.level.as_deref(), &LEVELS)?.unwrap_or(Level::Unset),
            status: word("status", wanted.status.as_deref(), &STATUSES)?,
            product: wanted.product.as_ref().map(|product| product.to_lowercase()),
        })
    }

    fn admits(&self, meta: &Meta, logsource: Option<&LogSource>) -> bool {
        let product = logsource.and_then(|logsource| logsource.product.as_ref());
        meta.level >= self.level
            && self.status.is_none_or(|status| meta.status == status)
            && self.product.as_ref().is_none_or(|wanted| product == Some(wanted))
    }
}

/// The one of `known` that is called so.
fn word<T: Copy + ToString>(what: &str, text: Option<&str>, known: &[T]) -> Result<Option<T>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let lower = text.to_lowercase();
    match known.iter().find(|one| one.to_string() == lower) {
        Some(one) => Ok(Some(*one)),
        None => {
            let names: Vec<String> = known.iter().map(ToString::to_string).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            Err(Problem::unknown(what, text, &names))
        }
    }
}

impl RuleSets {
    /// Sets, and the rules that are wanted of them; and what could not be read, one line each. Rules that are deprecated or
    /// unsupported are listed too: they are kept, and not used.
    ///
    /// # Errors
    /// When there is no such set, level or status.
    pub fn rules(&self, wanted: &RulesWanted) -> Result<(RuleList, Vec<String>), Problem> {
        let filter = Filter::new(wanted)?;
        let mut parts = self.all();
        if let Some(set) = &wanted.set {
            let names: Vec<String> = parts.parts.iter().map(|part| part.whose.name()).collect();
            if !names.contains(set) {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                return Err(Problem::unknown("rule set", set, &names));
            }
            parts.parts.retain(|part| part.whose.name() == *set);
        }
        let mut list = RuleList {
            schema: "watchfire.rules/1",
            version: VERSION,
            sets: Vec::new(),
            rules: Vec::new(),
        };
        let texts = parts.read(Some(&self.data));
        for (part, texts) in parts.parts.iter().zip(&texts) {
            let sorted = sorted(texts, &Placeholders::default());
            list.sets.push(self.set(&part.whose, &sorted.counts));
            let prefix = part.whose.prefix();
            let name = part.whose.name();
            let mut add = |meta: &Meta, logsource: Option<&LogSource>, kind| {
                if filter.admits(meta, logsource) {
                    list.rules.push(listed(meta, logsource, kind, &name, &prefix));
                }
            };
            for rule in &sorted.used.rules {
                add(&rule.meta, Some(&rule.logsource), "rule");
            }
            for correlation in &sorted.used.correlations {
                add(&correlation.meta, None, "correlation");
            }
            for (meta, logsource) in &sorted.retired {
                add(meta, logsource.as_ref(), "rule");
            }
        }
        Ok((list, parts.lost))
    }

    fn set(&self, whose: &Whose, counts: &super::RuleCounts) -> ListedSet {
        let (origin, terms, taken) = match whose {
            Whose::Builtin => ("written for Watchfire".into(), "MIT OR Apache-2.0".into(), None),
            Whose::Set(set) => (set.origin.shown(), set.terms.clone(), Some(set.taken)),
            Whose::Bundle(_) | Whose::Paths(_) => ("a signed bundle".into(), Untrusted::default(), None),
        };
        ListedSet {
            name: whose.name().into(),
            origin,
            terms,
            taken: taken.map(|taken| taken.to_string()),
            age: taken.map_or("-".to_owned(), |taken| age(self.as_of.since(taken))),
            rules: counts.rules,
            correlations: counts.correlations,
            filters: counts.filters,
            deprecated: counts.deprecated,
            unsupported: counts.unsupported,
            waiting: counts.waiting,
            unusable: counts.unusable,
        }
    }
}

pub(super) fn listed(
    meta: &Meta,
    logsource: Option<&LogSource>,
    kind: &'static str,
    set: &str,
    prefix: &str,
) -> ListedRule {
    let text = |text: Option<&String>| text.map_or("", String::as_str).into();
    let all = |all: &mut dyn Iterator<Item = String>| all.map(Untrusted::from).collect();
    ListedRule {
        id: text(meta.id.as_ref()),
        title: meta.title.as_str().into(),
        kind,
        level: meta.level.to_string(),
        status: meta.status.to_string(),
        product: text(logsource.and_then(|logsource| logsource.product.as_ref())),
        service: text(logsource.and_then(|logsource| logsource.service.as_ref())),
        category: text(logsource.and_then(|logsource| logsource.category.as_ref())),
        tactics: all(&mut meta.tactics()),
        techniques: all(&mut meta.techniques()),
        author: text(meta.author.as_ref()),
        license: text(meta.license.as_ref()),
        modified: text(meta.modified.as_ref().or(meta.date.as_ref())),
        set: set.into(),
        file: meta.source.strip_prefix(prefix).unwrap_or(&meta.source).into(),
    }
}
