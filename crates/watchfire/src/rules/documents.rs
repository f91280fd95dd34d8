//! What comes of work with rules, as documents for machines.

use super::list::listed;
use super::{ExplainedMatch, ExplainedRule, Fired, LogsRead, RegressionCase, RegressionOutcome, RuleCheck, RuleTrial};
use crate::VERSION;
use watchfire_export::{
    CheckedRules, MatchedPlace, MatchedRule, RegressedRule, RegressedRules, RuleDocument, RulePlace, RuleProblem,
    ToldMatch, ToldReason, ToldRule, ToldSelection, ToldStatement, TriedFormat, TriedLogs, TriedRules, UnusedRule,
};
use watchfire_model::{Timestamp, Untrusted};

fn document<T>(schema: &'static str, content: T) -> RuleDocument<T> {
    RuleDocument {
        schema,
        version: VERSION,
        content,
    }
}

fn texts(all: &[String]) -> Vec<Untrusted> {
    all.iter().map(|text| text.as_str().into()).collect()
}

fn optional(text: Option<&str>) -> Untrusted {
    text.unwrap_or_default().into()
}

impl RuleCheck {
    /// For machines: `watchfire.rule-check/1`.
    pub fn document(&self) -> RuleDocument<CheckedRules> {
        let unused = |why, all: &[(Untrusted, Untrusted)]| -> Vec<UnusedRule> {
            all.iter()
                .map(|(title, file)| UnusedRule {
                    why,
                    title: title.clone(),
                    file: file.clone(),
                    first: Untrusted::default(),
                })
                .collect()
        };
        let mut not_used = unused("deprecated", &self.deprecated);
        not_used.extend(unused("unsupported", &self.unsupported));
        not_used.extend(self.repeated.iter().map(|(title, file, first)| UnusedRule {
            why: "repeated",
            title: title.clone(),
            file: file.clone(),
            first: first.clone(),
        }));
        let problems = self.problems.iter().map(|problem| RuleProblem {
            severity: problem.severity.word(),
            code: problem.code,
            message: problem.message.as_str().into(),
            hint: optional(problem.hint.as_deref()),
            file: problem.source.as_str().into(),
            place: problem.place.map(|place| RulePlace {
                line: place.line,
                column: place.column,
                length: place.length,
            }),
            excerpt: optional(problem.excerpt.as_deref()),
        });
        let content = CheckedRules {
            files: self.counts.files,
            rules: self.counts.rules,
            correlations: self.counts.correlations,
            filters: self.counts.filters,
            problems: problems.collect(),
            not_used,
            without_rule: self.empty.clone(),
            unread: texts(&self.lost),
        };
        document("watchfire.rule-check/1", content)
    }
}

impl LogsRead {
    fn told(&self) -> TriedLogs {
        let formats = self.formats.iter();
        TriedLogs {
            inputs: self.inputs,
            inputs_read: self.read,
            bytes: self.bytes,
            records: self.records,
            formats: formats
                .map(|(format, records)| TriedFormat {
                    format,
                    records: *records,
                })
                .collect(),
        }
    }
}

fn place(source: &Untrusted, number: u64, time: Option<Timestamp>) -> MatchedPlace {
    MatchedPlace {
        source: source.clone(),
        record: Some(number).filter(|number| *number > 0),
        time,
    }
}

impl Fired {
    fn told(&self) -> MatchedRule {
        let places = self.places.iter();
        MatchedRule {
            id: optional(self.meta.id.as_deref()),
            title: self.meta.title.as_str().into(),
            level: self.meta.level.to_string(),
            status: self.meta.status.to_string(),
            file: self.meta.source.as_str().into(),
            count: self.count,
            places: places
                .map(|(source, number, time)| place(source, *number, *time))
                .collect(),
        }
    }
}

impl RuleTrial {
    /// For machines: `watchfire.rule-trial/1`.
    pub fn document(&self) -> RuleDocument<TriedRules> {
        let content = TriedRules {
            rules: self.tried,
            unusable: self.unusable,
            logs: self.logs.told(),
            matched: self.fired.iter().map(Fired::told).collect(),
            unread: texts(&self.lost),
        };
        document("watchfire.rule-trial/1", content)
    }
}

impl RegressionCase {
    /// All of them for machines: `watchfire.rule-regression/1`.
    pub fn document(cases: &[Self]) -> RuleDocument<RegressedRules> {
        let case = |case: &Self| {
            let (outcome, matches) = match case.outcome {
                RegressionOutcome::Matches(matches) if case.holds() => ("as-stated", Some(matches)),
                RegressionOutcome::Matches(matches) => ("differs", Some(matches)),
                RegressionOutcome::NoRule => ("no-rule", None),
                RegressionOutcome::Unread => ("unread", None),
            };
            RegressedRule {
                outcome,
                stated: watchfire_sources::shown(&case.stated),
                rule: case.rule.clone(),
                title: case.title.clone(),
                log: watchfire_sources::shown(&case.log),
                expected: case.expected,
                matches,
            }
        };
        let cases = cases.iter().map(case).collect();
        document("watchfire.rule-regression/1", RegressedRules { cases })
    }
}

impl ExplainedRule {
    /// For machines: `watchfire.rule/1`.
    pub fn document(&self) -> RuleDocument<ToldRule> {
        let (set, terms) = self.set.clone().unwrap_or_default();
        let kind = if self.counts.is_some() { "correlation" } else { "rule" };
        let prefix = format!("{}:", set.raw());
        let mut rule = listed(&self.meta, Some(&self.logsource), kind, set.raw(), &prefix);
        if rule.license.is_empty() {
            rule.license = terms;
        }
        let selections = self.words.selections.iter().map(|(name, statements)| ToldSelection {
            name: name.as_str().into(),
            statements: statements
                .iter()
                .map(|statement| ToldStatement {
                    depth: statement.depth,
                    says: statement.says.as_str().into(),
                    values: texts(&statement.values),
                })
                .collect(),
        });
        let content = ToldRule {
            description: optional(self.meta.description.as_deref()),
            references: texts(&self.meta.references),
            false_positives: texts(&self.meta.falsepositives),
            conditions: texts(&self.words.conditions),
            selections: selections.collect(),
            counts: optional(self.counts.as_deref()),
            beside: self.beside.clone(),
            logs: self.logs.as_ref().map(LogsRead::told),
            count: self.count,
            matches: self.matches.iter().map(ExplainedMatch::told).collect(),
            rule,
        };
        document("watchfire.rule/1", content)
    }
}

impl ExplainedMatch {
    fn told(&self) -> ToldMatch {
        let reasons = self.reasons.iter().map(|reason| ToldReason {
            selection: reason.selection.as_str().into(),
            field: reason.field.as_str().into(),
            operator: reason.operator,
            pattern: reason.pattern.as_str().into(),
            value: reason.value.as_str().into(),
            span: [reason.span.0, reason.span.1],
        });
        ToldMatch {
            place: place(&self.source, self.line, self.time),
            rule: self.rule.clone(),
            reasons: reasons.collect(),
        }
    }
}
