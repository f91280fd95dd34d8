//! All rules as one program: for whoever matches logs.
//!
//! What was compiled is kept ([`super::cache`]); as long as no rule changes, opening reads heads of sets and one file.

use super::parts::{Parts, Whose};
use super::tally::{RuleCounts, Sorted, is_error, sorted};
use super::{cache, parts, set};
use crate::{Problem, VERSION, Watchfire};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use watchfire_model::{DataSource, counted, counted_as};
use watchfire_sigma::{Meta, Placeholders, Program, Source};

/// Problems of the user's own rules that are told one by one.
const MOST_TOLD: usize = 20;

/// Compiled rules.
#[derive(Clone, Debug)]
pub struct Sigma {
    /// The program. Built-in rules come first, then imported sets by name, those of a bundle, and those of paths.
    pub program: Arc<Program>,
    /// What to tell the user, each in one line: what could not be used, what was told apart, and how many rules there are.
    /// Nothing, where they are those that ship and no others.
    pub told: Vec<String>,
    /// Whose rules they are, with licences, for reports. Parts without a rule are left out.
    pub sources: Vec<DataSource>,
    /// How many rules there are of each sort.
    pub counts: RuleCounts,
    /// What tells these rules from others, in hexadecimal digits.
    pub key: String,
    /// Prefixes of names of files, and which of `sources` they are of.
    prefixes: Vec<(String, usize)>,
    /// Sets and rules of paths that cannot be used, as `told` says it.
    pub(super) bad: Vec<String>,
}

impl Sigma {
    /// The rules that ship, all imported sets, those that came in a bundle, and those of `extra`: files, folders and archives.
    /// What cannot be used is told and stops nothing.
    ///
    /// # Errors
    /// When a path of `extra` cannot be read, or there is no rule in any of them.
    pub fn load(watchfire: &Watchfire, extra: &[PathBuf]) -> Result<Self, Problem> {
        Self::of_data(watchfire.checked.data_folder.as_deref(), extra)
    }

    pub(crate) fn of_data(data: Option<&Path>, extra: &[PathBuf]) -> Result<Self, Problem> {
        for path in extra {
            if let Err(error) = std::fs::metadata(path) {
                return Err(Problem::of_file("read the Sigma rules", path, &error));
            }
        }
        let mut parts = Parts::of_data(data).with(extra);
        let key = parts.key();
        let key = format!("{VERSION} {key}");
        let sets = data.map(|data| data.join(parts::FOLDER));
        let kept = sets.as_deref().and_then(|sets| cache::read(sets, &key));
        let (program, notes) = kept.unwrap_or_else(|| {
            let before = parts.lost.len();
            let (program, notes) = compiled(&mut parts, data);
            // What could not be read may be there the next time; where it cannot be kept, the next run compiles again.
            if let Some(sets) = sets.as_deref().filter(|_| parts.lost.len() == before) {
                let _ = cache::write(sets, &key, &program, &notes);
            }
            (program, notes)
        });
        if !extra.is_empty() && notes.parts.last() == Some(&0) {
            return Err(none(extra, &notes, &parts.lost));
        }
        Ok(Self::of(program, notes, parts, key))
    }

    fn of(program: Program, notes: Notes, parts: Parts, key: String) -> Self {
        let (mut sources, mut prefixes) = (Vec::new(), Vec::new());
        for (part, rules) in parts.parts.iter().zip(&notes.parts) {
            if *rules > 0 {
                prefixes.push((part.whose.prefix(), sources.len()));
                sources.push(part.whose.data_source(*rules));
            }
        }
        let mut told = parts.lost;
        let mut bad = told.clone();
        let own: Vec<String> = match parts.parts.last().map(|part| &part.whose) {
            Some(Whose::Paths(paths)) => paths.iter().map(|path| parts::apart(&path.to_string_lossy())).collect(),
            _ => Vec::new(),
        };
        let is_own = |line: &&String| own.iter().any(|path| line.starts_with(path.as_str()));
        bad.extend(notes.told.iter().filter(is_own).cloned());
        told.extend(notes.told);
        let whose: Vec<&Whose> = parts.parts.iter().map(|part| &part.whose).collect();
        let is_plain = whose == [&Whose::Builtin] && notes.counts.apart().is_empty();
        if !is_plain || !told.is_empty() {
            told.push(summary(&notes.counts, &whose, &notes.parts));
        }
        Self {
            program: Arc::new(program),
            told,
            sources,
            counts: notes.counts,
            key,
            prefixes,
            bad,
        }
    }

    /// Whose rule it is.
    pub fn source_of(&self, rule: &Meta) -> Option<&DataSource> {
        self.source_named(&rule.source)
    }

    /// The same by the name of the rule's file.
    pub(crate) fn source_named(&self, file: &str) -> Option<&DataSource> {
        // Those of paths have no prefix and come last.
        let of = self
            .prefixes
            .iter()
            .find(|(prefix, _)| file.starts_with(prefix.as_str()));
        of.and_then(|(_, number)| self.sources.get(*number))
    }
}

/// What is known of compiled rules beside the program.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Notes {
    pub(super) counts: RuleCounts,
    /// Rules and correlations that are used of each part.
    pub(super) parts: Vec<u64>,
    pub(super) told: Vec<String>,
}

impl Notes {
    /// As text.
    pub(super) fn kept(&self) -> String {
        let parts: Vec<String> = self.parts.iter().map(ToString::to_string).collect();
        let mut text = format!("{}\n{}\n", self.counts.kept(), parts.join(" "));
        for line in &self.told {
            text.push_str(&set::kept(line));
            text.push('\n');
        }
        text
    }

    /// Reads that text.
    pub(super) fn of_kept(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let counts = RuleCounts::of_kept(lines.next()?)?;
        let parts = lines.next()?.split(' ').filter(|word| !word.is_empty());
        let parts: Option<Vec<u64>> = parts.map(|word| word.parse().ok()).collect();
        Some(Self {
            counts,
            parts: parts?,
            told: lines.map(set::plain).collect(),
        })
    }
}

fn compiled(parts: &mut Parts, data: Option<&Path>) -> (Program, Notes) {
    let texts = parts.read(data);
    let sources: Vec<Source> = texts.iter().flatten().cloned().collect();
    let mut sorted = sorted(&sources, &Placeholders::default());
    let (program, problems) = Program::build(std::mem::take(&mut sorted.used));
    sorted.problems.extend(problems);
    sorted.recount();
    sorted.counts.rules = program.rules().len() as u64;
    sorted.counts.correlations = program.correlations().len() as u64;
    let own = parts.parts.last().filter(|part| matches!(part.whose, Whose::Paths(_)));
    let own_texts = own.and_then(|_| texts.last()).map_or(&[] as &[Source], Vec::as_slice);
    let notes = Notes {
        counts: sorted.counts,
        parts: used_of(parts, &program),
        told: told(&sorted, own_texts),
    };
    (program, notes)
}

/// How many rules and correlations of each part are in the program.
fn used_of(parts: &Parts, program: &Program) -> Vec<u64> {
    let prefixes: Vec<String> = parts.parts.iter().map(|part| part.whose.prefix()).collect();
    let mut counts = vec![0; prefixes.len()];
    let rules = program.rules().iter().map(|rule| &rule.meta);
    for meta in rules.chain(program.correlations().iter().map(|info| &info.rule.meta)) {
        let own = prefixes
            .iter()
            .position(|prefix| meta.source.starts_with(prefix.as_str()));
        if let Some(count) = own.and_then(|own| counts.get_mut(own)) {
            *count += 1;
        }
    }
    counts
}

/// What is worth saying of rules that are not used. Of sets only how many: watchfire rules lint tells more.
fn told(sorted: &Sorted, own: &[Source]) -> Vec<String> {
    let mut told = Vec::new();
    let errors = sorted.problems.iter().filter(|problem| is_error(problem));
    for problem in errors.filter(|problem| own.iter().any(|source| source.name == problem.source)) {
        let place = problem
            .place
            .map_or(String::new(), |place| format!(":{}:{}", place.line, place.column));
        told.push(format!("{}{place}: {}", problem.source, problem.message));
    }
    if told.len() > MOST_TOLD {
        let more = told.len() - MOST_TOLD;
        told.truncate(MOST_TOLD);
        told.push(format!("{} of Sigma rules", counted(more as u64, "more problem")));
    }
    if let Some((meta, first)) = sorted.repeated.first() {
        let many = sorted.repeated.len();
        let id = meta.id.as_deref().unwrap_or_default();
        told.push(match many {
            1 => format!("Sigma rule '{id}' is there twice; that of {first} is used"),
            _ => {
                format!("{many} Sigma rules are there twice, '{id}' the first of them; those that came first are used")
            }
        });
    }
    told
}

/// `3,150 Sigma rules: 56 of builtin, 3,094 of sigmahq; 2 waiting for values of placeholders`
fn summary(counts: &RuleCounts, whose: &[&Whose], used: &[u64]) -> String {
    let of: Vec<String> = whose
        .iter()
        .zip(used)
        .filter(|(_, used)| **used > 0)
        .map(|(whose, used)| format!("{} of {}", crate::reputation::grouped(*used), whose.name()))
        .collect();
    let used = counts.used();
    let rules = counted_as(crate::reputation::grouped(used), used, "Sigma rule");
    let mut text = format!("{rules}: {}", of.join(", "));
    let apart = counts.apart();
    if !apart.is_empty() {
        text.push_str(&format!("; not used: {}", apart.join(", ")));
    }
    text
}

fn none(paths: &[PathBuf], notes: &Notes, lost: &[String]) -> Problem {
    let paths: Vec<_> = paths.iter().map(|path| path.to_string_lossy()).collect();
    let problem = Problem::new(format!("there is no Sigma rule to use in '{}'", paths.join(", ")));
    match lost.iter().chain(&notes.told).next() {
        Some(first) => problem.hint(format!("the first thing wrong: {first}")),
        None => problem.hint("name files, folders or archives with Sigma rules, *.yml"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RuleSets;
    use crate::rules::set::RuleOrigin;
    use std::fs;
    use std::time::SystemTime;

    /// A data folder that goes away with its test.
    struct Bed(PathBuf);

    impl Bed {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("watchfire-sigma-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn write(&self, name: &str, text: &str) -> PathBuf {
            let path = self.0.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            path
        }

        /// Takes in a set of one rule for each of `titles`.
        fn import(&self, name: &str, titles: &[&str]) {
            for title in titles {
                self.write(&format!("from/{name}/{title}.yml"), &rule(title));
            }
            let gathered = crate::rules::gather::of_paths(&[self.0.join("from").join(name)]);
            let name = watchfire_store::Name::parse(name).unwrap();
            let origin = RuleOrigin::Paths(vec!["/somewhere".into()]);
            self.sets().publish(&name, gathered, origin, [None, None]).unwrap();
        }

        fn sets(&self) -> RuleSets {
            RuleSets {
                data: self.data(),
                offline: true,
                now: watchfire_model::Moment::from_unix(1_764_000_000),
                as_of: watchfire_model::Moment::from_unix(1_764_000_000),
                limits: watchfire_model::Limits::default(),
            }
        }

        fn data(&self) -> PathBuf {
            self.0.join("data")
        }

        fn load(&self, extra: &[PathBuf]) -> Sigma {
            Sigma::of_data(Some(&self.data()), extra).unwrap()
        }

        /// What was compiled, and when it was written.
        fn compiled(&self) -> Vec<(PathBuf, SystemTime)> {
            let entries = fs::read_dir(self.data().join("rule-sets/compiled")).unwrap();
            let mut files: Vec<_> = entries
                .map(|entry| {
                    let entry = entry.unwrap();
                    (entry.path(), entry.metadata().unwrap().modified().unwrap())
                })
                .collect();
            files.sort();
            files
        }
    }

    impl Drop for Bed {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn rule(title: &str) -> String {
        format!(
            "title: {title}\nid: {title}\nlicense: MIT\nlogsource:\n  product: x\ndetection:\n  s:\n    a: b\n  condition: s\n"
        )
    }

    fn titles(sigma: &Sigma) -> Vec<&str> {
        let rules = sigma.program.rules().iter();
        let own = rules.filter(|rule| !rule.meta.source.starts_with("builtin:"));
        own.map(|rule| rule.meta.title.as_str()).collect()
    }

    #[test]
    fn without_a_data_folder_there_are_the_rules_that_ship() {
        let sigma = Sigma::of_data(None, &[]).unwrap();
        assert!(sigma.counts.rules > 20, "{:?}", sigma.counts);
        assert_eq!(sigma.sources.len(), 1);
        assert_eq!(sigma.sources[0].source.raw(), "Watchfire");
        assert!(sigma.told.is_empty(), "{:?}", sigma.told);
    }

    #[test]
    fn rules_count_in_the_order_of_where_they_are_from() {
        let bed = Bed::new("order");
        bed.import("zebra", &["Z", "Both"]);
        bed.import("ape", &["A", "Both"]);
        let own = bed.write("own.yml", &rule("Both"));
        let more = bed.write("more/own.yml", &rule("Own"));
        let sigma = bed.load(&[own, more.parent().unwrap().to_owned()]);
        assert_eq!(titles(&sigma), ["A", "Both", "Z", "Own"]);
        assert_eq!(sigma.counts.repeated, 2);
        let told = sigma.told.join("\n");
        let last = sigma.told.last().unwrap();
        assert!(last.contains("of builtin") && last.contains("of zebra"), "{last}");
        assert!(
            told.contains("2 Sigma rules are there twice, 'Both' the first of them"),
            "{told}"
        );
        let whose = |title: &str| {
            let rule = sigma
                .program
                .rules()
                .iter()
                .find(|rule| rule.meta.title == title)
                .unwrap();
            sigma.source_of(&rule.meta).unwrap().source.raw().to_owned()
        };
        assert_eq!(whose("Both"), "rule set 'ape' of /somewhere");
        assert_eq!(whose("Z"), "rule set 'zebra' of /somewhere");
        assert!(whose("Own").contains("more"), "{}", whose("Own"));
        let ape = sigma
            .sources
            .iter()
            .find(|source| source.source.raw().contains("ape"))
            .unwrap();
        assert_eq!((ape.name.raw(), ape.terms.raw()), ("2 Sigma rules", "MIT"));
        assert_eq!(ape.day.as_deref(), Some("2025-11-24"));
    }

    #[test]
    fn what_was_compiled_is_opened_and_is_the_same() {
        let bed = Bed::new("cached");
        bed.import("own", &["A"]);
        let first = bed.load(&[]);
        let kept = bed.compiled();
        let second = bed.load(&[]);
        assert_eq!(bed.compiled(), kept);
        assert_eq!(second.program.save("x"), first.program.save("x"));
        assert_eq!(
            (&second.told, &second.sources, second.counts),
            (&first.told, &first.sources, first.counts)
        );
        // Another rule is another program.
        bed.import("own", &["B"]);
        assert_eq!(titles(&bed.load(&[])), ["A", "B"]);
        assert_eq!(bed.compiled().len(), 2);
    }

    #[test]
    fn what_was_compiled_and_is_damaged_is_compiled_anew() {
        let bed = Bed::new("damaged");
        bed.import("own", &["A"]);
        let first = bed.load(&[]);
        let (path, _) = bed.compiled().remove(0);
        let whole = fs::read(&path).unwrap();
        for damage in [&whole[..whole.len() / 2], b"nonsense", b""] {
            fs::write(&path, damage).unwrap();
            assert_eq!(bed.load(&[]).program.save("x"), first.program.save("x"));
            assert_eq!(fs::read(&path).unwrap(), whole);
        }
    }

    #[test]
    fn a_set_that_is_damaged_is_told_and_stops_nothing() {
        let bed = Bed::new("set");
        bed.import("own", &["A"]);
        bed.import("other", &["B"]);
        fs::write(bed.data().join("rule-sets/own.rules"), "nonsense").unwrap();
        let sigma = bed.load(&[]);
        assert_eq!(titles(&sigma), ["B"]);
        assert!(
            sigma.told[0].starts_with("rule set 'own' is not used: "),
            "{:?}",
            sigma.told
        );
    }

    #[test]
    fn paths_without_a_rule_are_refused_and_bad_rules_of_theirs_are_told() {
        let bed = Bed::new("extra");
        let none = bed.write("none.yml", "title: x\n");
        let why = Sigma::of_data(None, std::slice::from_ref(&none)).unwrap_err();
        assert!(why.to_string().contains("there is no Sigma rule to use in"), "{why}");
        let why = Sigma::of_data(None, &[bed.0.join("missing")]).unwrap_err();
        assert!(why.to_string().contains("there is no such file or folder"), "{why}");
        let good = bed.write("good.yml", &rule("Good"));
        let sigma = Sigma::of_data(None, &[none.clone(), good]).unwrap();
        assert_eq!(titles(&sigma), ["Good"]);
        let told = sigma.told.join("\n");
        assert!(
            told.contains(&format!("{}:1:1: a rule has a detection", none.display())),
            "{told}"
        );
    }

    /// SigmaHQ's rules, where they are at hand. How long it takes is printed and not held: machines differ.
    #[test]
    fn the_rules_of_sigmahq_are_the_same_once_they_are_compiled() {
        let corpus = std::env::var_os("WATCHFIRE_CORPUS").map_or_else(
            || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")),
            PathBuf::from,
        );
        let folders = [
            "rules",
            "rules-emerging-threats",
            "rules-threat-hunting",
            "rules-compliance",
        ];
        let folders = folders.map(|folder| corpus.join("sigma").join(folder));
        if !folders.iter().all(|folder| folder.is_dir()) {
            eprintln!("SKIPPED: no rules in '{}'; set WATCHFIRE_CORPUS", corpus.display());
            return;
        }
        let bed = Bed::new("sigmahq");
        let gathered = crate::rules::gather::of_paths(&folders);
        let name = watchfire_store::Name::parse("sigmahq").unwrap();
        let origin = RuleOrigin::Paths(folders.to_vec());
        bed.sets().publish(&name, gathered, origin, [None, None]).unwrap();
        let timed = |what: &str| {
            let begun = std::time::Instant::now();
            let sigma = bed.load(&[]);
            eprintln!("{what}: {} ms, {}", begun.elapsed().as_millis(), sigma.told.join("; "));
            sigma
        };
        let compiled = timed("compiled");
        let opened = timed("opened");
        timed("opened again");
        assert!(compiled.counts.rules > 3_700, "{:?}", compiled.counts);
        assert_eq!((opened.counts, &opened.told), (compiled.counts, &compiled.told));
        assert_eq!(opened.program.save("x"), compiled.program.save("x"));
    }
}
