//! What becomes of rules that were read: which are used, which wait, which are told apart and why.
//!
//! Rules that their authors call deprecated or unsupported are not used: the first have successors that look for the same,
//! the second cannot work. Of two rules with one identifier in two files, the first is used.

use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use watchfire_sigma::{Collection, Limits, LogSource, Meta, Placeholders, Problem, Severity, Source, Status, parse};

/// How many rules there are of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RuleCounts {
    /// Files of rules.
    pub files: u64,
    /// Rules that are used.
    pub rules: u64,
    /// Correlations that are used.
    pub correlations: u64,
    /// Filters.
    pub filters: u64,
    /// Rules that another took the place of, by their own account.
    pub deprecated: u64,
    /// Rules that cannot be used as they are, by their own account.
    pub unsupported: u64,
    /// Files with rules that wait for values of placeholders.
    pub waiting: u64,
    /// Files with rules that cannot be used.
    pub unusable: u64,
    /// Rules whose identifier another has that came first.
    pub repeated: u64,
    /// Files that are no rules.
    pub left_out: u64,
}

impl RuleCounts {
    fn numbers(&mut self) -> [&mut u64; 10] {
        [
            &mut self.files,
            &mut self.rules,
            &mut self.correlations,
            &mut self.filters,
            &mut self.deprecated,
            &mut self.unsupported,
            &mut self.waiting,
            &mut self.unusable,
            &mut self.repeated,
            &mut self.left_out,
        ]
    }

    /// As one line.
    pub(super) fn kept(mut self) -> String {
        let numbers: Vec<String> = self.numbers().iter().map(ToString::to_string).collect();
        numbers.join(" ")
    }

    /// Reads that line.
    pub(super) fn of_kept(line: &str) -> Option<Self> {
        let mut counts = Self::default();
        let mut words = line.split(' ');
        for number in counts.numbers() {
            *number = words.next()?.parse().ok()?;
        }
        words.next().is_none().then_some(counts)
    }

    /// Whatever matches or counts matches.
    pub fn used(&self) -> u64 {
        self.rules + self.correlations
    }

    /// What is told apart from the rules that are used: `2 deprecated, 1 waits for values of placeholders`.
    pub fn apart(&self) -> Vec<String> {
        let parts = [
            (self.deprecated, "deprecated"),
            (self.unsupported, "unsupported"),
            (self.waiting, "waiting for values of placeholders"),
            (self.unusable, "cannot be used"),
            (self.repeated, "there already"),
        ];
        let told = parts.iter().filter(|(count, _)| *count > 0);
        told.map(|(count, what)| format!("{count} {what}")).collect()
    }
}

/// Rules that were read, told apart.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// Those that are used.
    pub(super) used: Collection,
    /// Those that are deprecated or unsupported, in the order of the sources.
    pub(super) retired: Vec<(Meta, Option<LogSource>)>,
    /// Of each that another came before: it, and the source of the other.
    pub(super) repeated: Vec<(Meta, String)>,
    /// What is wrong, in the order of the sources.
    pub(super) problems: Vec<Problem>,
    pub(super) counts: RuleCounts,
}

/// Reads sources side by side; the result is that of reading them one after the other.
pub(super) fn read(sources: &[Source], placeholders: &Placeholders) -> (Collection, Vec<Problem>) {
    let limits = Limits::default();
    let parts: Vec<(Collection, Vec<Problem>)> = sources
        .par_chunks(64)
        .map(|part| parse(part, placeholders, &limits))
        .collect();
    let mut all = (Collection::default(), Vec::new());
    for (part, problems) in parts {
        all.0.rules.extend(part.rules);
        all.0.correlations.extend(part.correlations);
        all.0.filters.extend(part.filters);
        all.1.extend(problems);
    }
    all
}

/// Reads sources and tells apart what is not used.
pub(super) fn sorted(sources: &[Source], placeholders: &Placeholders) -> Sorted {
    let (collection, problems) = read(sources, placeholders);
    let mut sorted = Sorted::default();
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut wanted = |meta: &Meta, logsource: Option<&LogSource>, sorted: &mut Sorted| {
        if matches!(meta.status, Status::Deprecated | Status::Unsupported) {
            sorted.retired.push((meta.clone(), logsource.cloned()));
            return false;
        }
        let Some(id) = meta.id.as_ref().map(|id| id.to_ascii_lowercase()) else {
            return true;
        };
        match known.get(&id) {
            // Documents of one file that share what stands before them share its identifier too.
            Some(source) if *source != meta.source => {
                sorted.repeated.push((meta.clone(), source.clone()));
                false
            }
            _ => {
                known.insert(id, meta.source.clone());
                true
            }
        }
    };
    for rule in collection.rules {
        if wanted(&rule.meta, Some(&rule.logsource), &mut sorted) {
            sorted.used.rules.push(rule);
        }
    }
    for correlation in collection.correlations {
        if wanted(&correlation.meta, None, &mut sorted) {
            sorted.used.correlations.push(correlation);
        }
    }
    for filter in collection.filters {
        if wanted(&filter.meta, None, &mut sorted) {
            sorted.used.filters.push(filter);
        }
    }
    sorted.counts = counted(sources, &sorted);
    sorted.problems = problems;
    sorted.recount();
    sorted
}

fn counted(sources: &[Source], sorted: &Sorted) -> RuleCounts {
    let retired = |status| {
        let all = sorted.retired.iter();
        all.filter(|(meta, _)| meta.status == status).count() as u64
    };
    RuleCounts {
        files: sources.len() as u64,
        rules: sorted.used.rules.len() as u64,
        correlations: sorted.used.correlations.len() as u64,
        filters: sorted.used.filters.len() as u64,
        deprecated: retired(Status::Deprecated),
        unsupported: retired(Status::Unsupported),
        repeated: sorted.repeated.len() as u64,
        ..RuleCounts::default()
    }
}

impl Sorted {
    /// Counts files with problems anew, once all problems are known.
    pub(super) fn recount(&mut self) {
        let files = |is_waiting: bool| {
            let errors = self.problems.iter().filter(|problem| is_error(problem));
            let files: BTreeSet<&str> = errors
                .filter(|problem| waits(problem) == is_waiting)
                .map(|problem| problem.source.as_str())
                .collect();
            files.len() as u64
        };
        let (waiting, unusable) = (files(true), files(false));
        self.counts.waiting = waiting;
        self.counts.unusable = unusable;
    }
}

/// Whether a rule is not used because of it.
pub(super) fn is_error(problem: &Problem) -> bool {
    problem.severity == Severity::Error
}

/// Whether nothing is wrong with the rule but that nobody said what its placeholders stand for.
pub(super) fn waits(problem: &Problem) -> bool {
    problem.code == "placeholder"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(name: &str, more: &str) -> Source {
        let text =
            format!("title: {name}\n{more}\nlogsource:\n  product: x\ndetection:\n  s:\n    a: b\n  condition: s\n");
        Source::new(name, text)
    }

    #[test]
    fn rules_are_told_apart() {
        let sources = [
            source("first", "id: 1"),
            source("second", "id: 1"),
            source("old", "id: 2\nstatus: deprecated"),
            source("impossible", "id: 3\nstatus: unsupported"),
            source("nameless", ""),
            source("also nameless", ""),
            Source::new("broken", "title: x\n"),
        ];
        let sorted = sorted(&sources, &Placeholders::default());
        let names: Vec<&str> = sorted.used.rules.iter().map(|rule| rule.meta.title.as_str()).collect();
        assert_eq!(names, ["first", "nameless", "also nameless"]);
        let expected = RuleCounts {
            files: 7,
            rules: 3,
            deprecated: 1,
            unsupported: 1,
            repeated: 1,
            unusable: 1,
            ..RuleCounts::default()
        };
        assert_eq!(sorted.counts, expected);
        assert_eq!(RuleCounts::of_kept(&expected.kept()), Some(expected));
        assert_eq!(
            expected.apart(),
            ["1 deprecated", "1 unsupported", "1 cannot be used", "1 there already"]
        );
    }

    #[test]
    fn documents_of_one_file_may_share_an_identifier() {
        let text = "action: global\ntitle: T\nid: 1\nlogsource:\n  product: x\n---\ndetection:\n  s:\n    a: 1\n  condition: s\n---\ndetection:\n  s:\n    a: 2\n  condition: s\n";
        let sorted = sorted(&[Source::new("two.yml", text)], &Placeholders::default());
        assert_eq!((sorted.used.rules.len(), sorted.counts.repeated), (2, 0));
    }

    #[test]
    fn reading_side_by_side_keeps_the_order() {
        let sources: Vec<Source> = (0..300)
            .map(|n| source(&format!("r{n}"), &format!("id: {n}")))
            .collect();
        let (collection, _) = read(&sources, &Placeholders::default());
        let (plain, _) = parse(&sources, &Placeholders::default(), &Limits::default());
        let titles = |collection: &Collection| -> Vec<String> {
            collection.rules.iter().map(|rule| rule.meta.title.clone()).collect()
        };
        assert_eq!(titles(&collection), titles(&plain));
    }
}
