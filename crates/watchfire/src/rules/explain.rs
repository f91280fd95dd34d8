//! One rule in words, and why it matches what it matches.

use super::RuleSets;
use super::events::{LogsRead, Seen, Watch, are_there, at, group};
use super::parts::Whose;
use super::tally::{is_error, read};
use crate::{Input, Problem, Progress};
use std::path::PathBuf;
use watchfire_knowledge::attack;
use watchfire_model::{Timestamp, Untrusted};
use watchfire_sigma::{Collection, LogSource, Meta, Placeholders, Program, Reason, Rule, Source, Words};

/// Matches that are explained one by one.
const MATCHES: usize = 1_000;

/// A rule, told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExplainedRule {
    /// What it says of itself.
    pub meta: Meta,
    /// Which logs it looks at; of a correlation nothing.
    pub logsource: LogSource,
    /// What it looks for; of a correlation nothing.
    pub words: Words,
    /// What it counts, where it is a correlation.
    pub counts: Option<String>,
    /// Tactics and techniques of ATT&CK, by identifier or tag, with the name where one is known.
    pub attack: Vec<(Untrusted, Option<&'static str>)>,
    /// The set that it is of, with its terms; nothing where it is of a path.
    pub set: Option<(Untrusted, Untrusted)>,
    /// Rules that a correlation counts, by title; filters that exclude from a rule, by title.
    pub beside: Vec<Untrusted>,
    /// Every reason why it matches, where logs were read.
    pub matches: Vec<ExplainedMatch>,
    /// How many matches there are in all.
    pub count: u64,
    /// What was read of logs.
    pub logs: Option<LogsRead>,
}

/// Why a rule matches one record, or what a correlation counted.
#[derive(Clone, Debug, PartialEq)]
pub struct ExplainedMatch {
    /// The file; of a correlation, its group.
    pub source: Untrusted,
    /// Line, or number of the record; 0 for correlations.
    pub line: u64,
    /// When it happened.
    pub time: Option<Timestamp>,
    /// The rule.
    pub rule: Untrusted,
    /// Values that made it match.
    pub reasons: Vec<Reason>,
}

impl RuleSets {
    /// Explains a rule by its identifier, title, name or file, and its matches in `inputs`, where there are any.
    ///
    /// # Errors
    /// When no rule or several are called so, and when the one cannot be used.
    pub fn explain(&self, rule: &str, inputs: &[Input], progress: &dyn Progress) -> Result<ExplainedRule, Problem> {
        are_there(inputs)?;
        let (sources, whose) = self.named_so(rule)?;
        let (all, problems) = read(
            &sources,
            &Placeholders {
                is_anything: true,
                ..Placeholders::default()
            },
        );
        let chosen = Chosen::of(rule, &all).map_err(|problem| {
            let first = problems.iter().find(|problem| is_error(problem));
            match (problem.next_step(), first) {
                (Some(_), _) => problem,
                (None, Some(first)) if all.rules.is_empty() => {
                    problem.hint(format!("the first thing wrong: {}", first.message))
                }
                (None, _) => problem.hint("watchfire rules list names all that are kept"),
            }
        })?;
        let (mut explained, collection) = match chosen {
            Chosen::Rule(rule) => (
                of_rule(rule, &all),
                Collection {
                    rules: vec![rule.clone()],
                    filters: all.filters.clone(),
                    ..Collection::default()
                },
            ),
            Chosen::Correlation(number) => of_correlation(number, &all),
        };
        let of = whose
            .iter()
            .find(|whose| explained.meta.source.starts_with(&whose.prefix()));
        explained.set = of.and_then(|whose| match whose {
            Whose::Paths(_) => None,
            whose => Some((whose.name().into(), whose.data_source(0).terms)),
        });
        if !inputs.is_empty() {
            self.matches(&mut explained, collection, inputs, progress)?;
        }
        Ok(explained)
    }

    /// The rules among which one is sought, those of a file or all that there are; and whose they are.
    fn named_so(&self, rule: &str) -> Result<(Vec<Source>, Vec<Whose>), Problem> {
        let path = PathBuf::from(rule);
        let mut parts = if path.is_file() {
            self.chosen(&[path])?
        } else {
            self.all()
        };
        let texts = self.texts(&mut parts);
        match parts.lost.first() {
            Some(lost) if texts.is_empty() => Err(Problem::new(lost.clone())),
            _ => Ok((texts, parts.parts.into_iter().map(|part| part.whose).collect())),
        }
    }

    fn matches(
        &self,
        explained: &mut ExplainedRule,
        collection: Collection,
        inputs: &[Input],
        progress: &dyn Progress,
    ) -> Result<(), Problem> {
        let (program, problems) = Program::build(collection);
        if program.rules().is_empty() {
            let why = problems
                .first()
                .map_or(String::new(), |problem| format!(": {}", problem.message));
            return Err(Problem::new(format!("the rule cannot be tried{why}")));
        }
        let own = (program.correlations().len() as u64).checked_sub(1);
        let mut watch = Watch::new(&program, self.limits);
        let logs = watch.read(inputs.iter().cloned(), self.as_of, progress, &mut |seen| match seen {
            Seen::Record(seen) if own.is_none() => {
                for rule in seen.rules {
                    explained.add(|| ExplainedMatch {
                        source: seen.source.into(),
                        line: seen.record.line,
                        time: seen.record.time.map(|time| time.at),
                        rule: program.rule(*rule).map_or("", |info| info.meta.title.as_str()).into(),
                        reasons: program.explain(*rule, seen.fields).reasons,
                    });
                }
            }
            Seen::Alert(alert) if own == Some(u64::from(alert.correlation)) => explained.add(|| ExplainedMatch {
                source: group(alert),
                line: 0,
                time: Some(at(alert.last)),
                rule: format!("{} counted since {}", alert.value, at(alert.first)).into(),
                reasons: Vec::new(),
            }),
            _ => {}
        });
        explained.logs = Some(logs);
        Ok(())
    }
}

impl ExplainedRule {
    fn add(&mut self, one: impl FnOnce() -> ExplainedMatch) {
        self.count += 1;
        if self.matches.len() < MATCHES {
            self.matches.push(one());
        }
    }
}

/// What was asked for.
enum Chosen<'c> {
    Rule(&'c Rule),
    /// Of the collection's correlations.
    Correlation(usize),
}

impl<'c> Chosen<'c> {
    fn of(asked: &str, all: &'c Collection) -> Result<Self, Problem> {
        let ways = [is_id, is_title, is_file] as [fn(&Meta, &str) -> bool; 3];
        for (way, is) in ways.into_iter().enumerate() {
            let rules = all.rules.iter().filter(|rule| is(&rule.meta, asked)).map(Chosen::Rule);
            let correlations = all.correlations.iter().enumerate();
            let correlations = correlations
                .filter(|(_, correlation)| is(&correlation.meta, asked))
                .map(|(number, _)| Chosen::Correlation(number));
            let mut found: Vec<Self> = rules.chain(correlations).collect();
            let is_same = |other: &Self| other.meta(all).id.is_some() && other.meta(all).id == found_id(&found, all);
            // The same rule in several sets: the first counts.
            let is_one = found.len() == 1 || way == 0 || found.iter().all(is_same);
            if found.is_empty() {
                continue;
            }
            if is_one {
                return Ok(found.swap_remove(0));
            }
            let ids: Vec<&str> = found
                .iter()
                .map(|chosen| chosen.meta(all).id.as_deref().unwrap_or(&chosen.meta(all).title))
                .take(5)
                .collect();
            let problem = Problem::new(format!("{} rules are called '{asked}'", found.len()));
            return Err(problem.hint(format!("name one by its identifier: {}", ids.join(", "))));
        }
        let titles: Vec<&str> = super::change::metas(all).map(|meta| meta.title.as_str()).collect();
        let problem = Problem::new(format!("no rule is called '{asked}'"));
        Err(match crate::problem::nearest(asked, &titles) {
            Some(near) => problem.hint(format!("did you mean '{near}'?")),
            None => problem,
        })
    }

    fn meta(&self, all: &'c Collection) -> &'c Meta {
        static NONE: std::sync::LazyLock<Meta> = std::sync::LazyLock::new(Meta::default);
        match self {
            Self::Rule(rule) => &rule.meta,
            Self::Correlation(number) => all.correlations.get(*number).map_or(&*NONE, |found| &found.meta),
        }
    }
}

/// The identifier of the first.
fn found_id(found: &[Chosen<'_>], all: &Collection) -> Option<String> {
    found.first().and_then(|first| first.meta(all).id.clone())
}

fn is_id(meta: &Meta, asked: &str) -> bool {
    let is = |own: &Option<String>| own.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(asked));
    is(&meta.id) || is(&meta.name)
}

fn is_title(meta: &Meta, asked: &str) -> bool {
    meta.title.to_lowercase() == asked.to_lowercase()
}

/// Its file, with or without folders before it and an ending.
fn is_file(meta: &Meta, asked: &str) -> bool {
    let asked = asked.trim_start_matches("./");
    let bare = |name: &str| name.trim_end_matches(".yml").trim_end_matches(".yaml").to_owned();
    let last = meta.source.rsplit(['/', ':', '\\']).next().unwrap_or_default();
    meta.source == asked || last == asked || bare(last) == asked || meta.source.trim_start_matches("./") == asked
}

fn of_rule(rule: &Rule, all: &Collection) -> ExplainedRule {
    let filters = all.filters.iter().filter(|filter| {
        let mut named = filter.rules.iter();
        named.any(|name| name != "any" && is_id(&rule.meta, name))
    });
    ExplainedRule {
        logsource: rule.logsource.clone(),
        words: rule.words(),
        attack: techniques(&rule.meta),
        beside: filters.map(|filter| filter.meta.title.as_str().into()).collect(),
        meta: rule.meta.clone(),
        ..ExplainedRule::default()
    }
}

/// A correlation, with all that it counts, itself last.
fn of_correlation(number: usize, all: &Collection) -> (ExplainedRule, Collection) {
    let Some(own) = all.correlations.get(number) else {
        return Default::default();
    };
    let mut needed = Collection {
        filters: all.filters.clone(),
        ..Collection::default()
    };
    let mut wanted: Vec<&str> = own.rules.iter().map(String::as_str).collect();
    let mut seen = Vec::new();
    let mut beside = Vec::new();
    while let Some(name) = wanted.pop().filter(|_| seen.len() < 1_000) {
        if seen.contains(&name) {
            continue;
        }
        seen.push(name);
        if let Some(rule) = all.rules.iter().find(|rule| is_id(&rule.meta, name)) {
            beside.push(rule.meta.title.as_str().into());
            needed.rules.push(rule.clone());
        } else if let Some(inner) = all.correlations.iter().find(|inner| is_id(&inner.meta, name)) {
            beside.push(inner.meta.title.as_str().into());
            needed.correlations.push(inner.clone());
            wanted.extend(inner.rules.iter().map(String::as_str));
        }
    }
    needed.correlations.push(own.clone());
    let explained = ExplainedRule {
        meta: own.meta.clone(),
        counts: Some(own.words()),
        attack: techniques(&own.meta),
        beside,
        ..ExplainedRule::default()
    };
    (explained, needed)
}

/// Tactics, then techniques, with their names.
fn techniques(meta: &Meta) -> Vec<(Untrusted, Option<&'static str>)> {
    let tactic = |tactic: String| {
        let is = |entry: &attack::Entry| {
            entry.kind == attack::Kind::Tactic && entry.name.to_lowercase().replace(' ', "-") == tactic
        };
        let found = attack::entries().find(is);
        match found {
            Some(entry) => (entry.id.into(), Some(entry.name)),
            None => (tactic.into(), None),
        }
    };
    let technique = |id: String| {
        let name = attack::lookup(&id).map(|entry| entry.name);
        (id.into(), name)
    };
    meta.tactics()
        .map(tactic)
        .chain(meta.techniques().map(technique))
        .collect()
}
