//! Rules checked: every problem with the line that it is about, and what would not be used told apart.

use super::RuleSets;
use super::change::metas;
use super::tally::{RuleCounts, Sorted, is_error, sorted, waits};
use crate::Problem;
use std::collections::BTreeSet;
use std::path::PathBuf;
use watchfire_model::Untrusted;
use watchfire_sigma::{Meta, Placeholders, Program, Source, Status};

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleCheck {
    /// What is wrong, in the order of files and places.
    pub problems: Vec<watchfire_sigma::Problem>,
    /// Rules that are deprecated, by title and file.
    pub deprecated: Vec<(Untrusted, Untrusted)>,
    /// Rules that cannot work, by their own account.
    pub unsupported: Vec<(Untrusted, Untrusted)>,
    /// Rules whose identifier another has that came first: title, file, and the file of the other.
    pub repeated: Vec<(Untrusted, Untrusted, Untrusted)>,
    /// Files in which there is nothing: no rule, and nothing that is wrong.
    pub empty: Vec<Untrusted>,
    /// How many there are of each sort.
    pub counts: RuleCounts,
    /// What could not be read, one line each.
    pub lost: Vec<String>,
}

impl RuleCheck {
    /// How many problems there are: errors, those of rules that wait for placeholders, warnings, notes.
    pub fn tally(&self) -> [usize; 4] {
        use watchfire_sigma::Severity;
        let count = |wanted: &dyn Fn(&watchfire_sigma::Problem) -> bool| {
            self.problems.iter().filter(|problem| wanted(problem)).count()
        };
        [
            count(&|problem| is_error(problem) && !waits(problem)),
            count(&|problem| is_error(problem) && waits(problem)),
            count(&|problem| problem.severity == Severity::Warning),
            count(&|problem| problem.severity == Severity::Note),
        ]
    }
}

impl RuleSets {
    /// Checks rules of paths, `builtin`, or sets by their names.
    ///
    /// # Errors
    /// When a set cannot be read.
    pub fn lint(&self, rules: &[PathBuf]) -> Result<RuleCheck, Problem> {
        let mut parts = self.chosen(rules)?;
        let texts = self.texts(&mut parts);
        let mut sorted = sorted(&texts, &Placeholders::default());
        let empty = empty(&texts, &sorted);
        let (_, problems) = Program::build(std::mem::take(&mut sorted.used));
        sorted.problems.extend(problems);
        sorted.recount();
        let order: std::collections::BTreeMap<&str, usize> = texts
            .iter()
            .enumerate()
            .map(|(number, text)| (text.name.as_str(), number))
            .rev()
            .collect();
        sorted
            .problems
            .sort_by_key(|problem| (order.get(problem.source.as_str()).copied(), problem.place));
        let retired = |status: Status| {
            let metas = sorted.retired.iter().map(|(meta, _)| meta);
            metas.filter(|meta| meta.status == status).map(named).collect()
        };
        Ok(RuleCheck {
            deprecated: retired(Status::Deprecated),
            unsupported: retired(Status::Unsupported),
            repeated: sorted
                .repeated
                .iter()
                .map(|(meta, first)| {
                    let (title, source) = named(meta);
                    (title, source, first.as_str().into())
                })
                .collect(),
            empty,
            problems: sorted.problems,
            counts: sorted.counts,
            lost: parts.lost,
        })
    }
}

/// Files that nothing came of.
fn empty(texts: &[Source], sorted: &Sorted) -> Vec<Untrusted> {
    let retired = sorted.retired.iter().map(|(meta, _)| meta);
    let repeated = sorted.repeated.iter().map(|(meta, _)| meta);
    let metas = metas(&sorted.used).chain(retired).chain(repeated);
    let problems = sorted.problems.iter().map(|problem| problem.source.as_str());
    let filled: BTreeSet<&str> = metas.map(|meta| meta.source.as_str()).chain(problems).collect();
    let empty = texts.iter().filter(|text| !filled.contains(text.name.as_str()));
    empty.map(|text| text.name.as_str().into()).collect()
}

fn named(meta: &Meta) -> (Untrusted, Untrusted) {
    (meta.title.as_str().into(), meta.source.as_str().into())
}
