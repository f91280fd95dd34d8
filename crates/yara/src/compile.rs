//! From rule files to compiled rules: part by part, so that what is wrong costs no more than itself.

use crate::engine::{Builder, Fault};
use crate::split::{Kind, Part, Split, split};
use crate::{RuleProblem, Rules, Source};
use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::{DiagnosticSeverity, Untrusted};

/// Files that include one another, one in the other.
const DEEPEST: usize = 16;

/// Problems that are told of one file: what is no rule file at all has one in every line.
const MOST_PROBLEMS: usize = 20;

/// See [`Rules::compile`].
pub(crate) fn compile(sources: &[Source]) -> (Option<Rules>, Vec<RuleProblem>) {
    let mut work = Work::new(sources);
    // What another file includes is compiled there; what is left then is included in a circle.
    for root in 0..sources.len() {
        if !work.included.contains(&root) {
            work.root(root);
        }
    }
    for root in 0..sources.len() {
        if !work.done.contains(&root) {
            work.root(root);
        }
    }
    work.finish()
}

/// The state of compiling many files.
struct Work<'s> {
    sources: &'s [Source],
    splits: Vec<Split<'s>>,
    /// Sources by their cleaned name.
    by_name: BTreeMap<String, usize>,
    /// Sources that another one includes.
    included: BTreeSet<usize>,
    /// Sources that were compiled somewhere.
    done: BTreeSet<usize>,
    builder: Builder,
    problems: Problems,
    /// Sources that gave a rule.
    fruitful: BTreeSet<usize>,
    count: usize,
}

/// A file on its way, and how far it got.
struct Open {
    source: usize,
    next: usize,
}

impl<'s> Work<'s> {
    fn new(sources: &'s [Source]) -> Self {
        let mut by_name = BTreeMap::new();
        for (at, source) in sources.iter().enumerate() {
            by_name.entry(clean(&source.name)).or_insert(at);
        }
        let mut work = Self {
            sources,
            splits: sources.iter().map(|source| split(&source.text)).collect(),
            by_name,
            included: BTreeSet::new(),
            done: BTreeSet::new(),
            builder: Builder::new(),
            problems: Problems::default(),
            fruitful: BTreeSet::new(),
            count: 0,
        };
        for (at, split) in work.splits.iter().enumerate() {
            for part in &split.parts {
                if let Kind::Include(name) = part.kind
                    && let Some(other) = work.find(at, name).filter(|other| *other != at)
                {
                    work.included.insert(other);
                }
            }
        }
        work
    }

    /// The source that `name` means in the source `from`: beside it, or from where all names begin.
    fn find(&self, from: usize, name: &str) -> Option<usize> {
        let own = self
            .sources
            .get(from)
            .map(|source| source.name.as_str())
            .unwrap_or_default();
        let folder = own.rfind(['/', '\\']).and_then(|at| own.get(..=at)).unwrap_or_default();
        let beside = self.by_name.get(&clean(&format!("{folder}{name}")));
        beside.or_else(|| self.by_name.get(&clean(name))).copied()
    }

    /// One file with all that it includes, in a namespace of its own.
    fn root(&mut self, root: usize) {
        let Some(namespace) = self.sources.get(root).map(|source| source.name.as_str()) else {
            return;
        };
        let mut compiled = BTreeSet::from([root]);
        let mut open = vec![Open { source: root, next: 0 }];
        self.done.insert(root);
        while let Some(top) = open.last_mut() {
            let at = top.source;
            let part = self.splits.get(at).and_then(|split| split.parts.get(top.next)).copied();
            top.next += 1;
            let Some(part) = part else {
                open.pop();
                continue;
            };
            let Kind::Include(name) = part.kind else {
                self.add(at, namespace, part);
                continue;
            };
            match self.find(at, name) {
                None => self.tell(
                    at,
                    part,
                    0,
                    format!("cannot include '{name}': it is not among the files given"),
                ),
                Some(_) if open.len() >= DEEPEST => {
                    self.tell(
                        at,
                        part,
                        0,
                        format!("'{name}' is not included: more than {DEEPEST} files include one another"),
                    );
                }
                Some(other) if open.iter().any(|open| open.source == other) => {
                    self.tell(at, part, 0, format!("'{name}' is not included: it includes this file"));
                }
                Some(other) => {
                    self.done.insert(other);
                    if compiled.insert(other) {
                        open.push(Open { source: other, next: 0 });
                    }
                }
            }
        }
    }

    /// Compiles one part.
    fn add(&mut self, at: usize, namespace: &str, part: Part<'s>) {
        if part.kind == Kind::Stray {
            self.tell(at, part, 0, "it does not begin like a rule file".to_owned());
            return;
        }
        if part.is_tangled {
            self.tell(
                at,
                part,
                0,
                "this rule cannot be used: its condition nests too deeply".to_owned(),
            );
            return;
        }
        let added = self.builder.add(namespace, part.text);
        if added.is_added && part.kind == Kind::Rule {
            self.count += 1;
            self.fruitful.insert(at);
        }
        for fault in added.faults {
            let Fault {
                severity,
                at: place,
                message,
            } = fault;
            self.problems
                .push(self.sources, at, severity, part.start + place, message);
        }
    }

    fn tell(&mut self, at: usize, part: Part<'_>, place: usize, message: String) {
        self.problems
            .push(self.sources, at, DiagnosticSeverity::Error, part.start + place, message);
    }

    fn finish(mut self) -> (Option<Rules>, Vec<RuleProblem>) {
        let asks_md5 = self.splits.iter().any(|split| split.asks_md5);
        let engine = match self.count {
            0 => None,
            _ => self.builder.finish(),
        };
        if engine.is_none() && self.count > 0 {
            self.problems.told.push(RuleProblem {
                severity: DiagnosticSeverity::Error,
                source: Untrusted::default(),
                line: None,
                message: "the rules cannot be used together: a fault of the engine".into(),
            });
        }
        let rules = engine.map(|engine| Rules {
            engine,
            count: self.count,
            files: self.fruitful.len(),
            asks_md5,
        });
        (rules, self.problems.told)
    }
}

/// What was found wrong so far.
#[derive(Default)]
struct Problems {
    told: Vec<RuleProblem>,
    /// How many were found in each file.
    of: BTreeMap<usize, usize>,
}

impl Problems {
    /// Adds what is wrong at a byte of a source.
    fn push(&mut self, sources: &[Source], at: usize, severity: DiagnosticSeverity, place: usize, message: String) {
        let Some(source) = sources.get(at) else { return };
        let told = self.of.entry(at).or_insert(0);
        *told += 1;
        let (line, severity, message) = match *told {
            more if more > MOST_PROBLEMS + 1 => return,
            more if more > MOST_PROBLEMS => (
                None,
                DiagnosticSeverity::Note,
                "more is wrong with it than is told".to_owned(),
            ),
            _ => {
                let before = source.text.as_bytes().get(..place).unwrap_or(source.text.as_bytes());
                let newlines = before.iter().filter(|byte| **byte == b'\n').count();
                (Some(newlines as u64 + 1), severity, message)
            }
        };
        self.told.push(RuleProblem {
            severity,
            source: source.name.as_str().into(),
            line,
            message: message.into(),
        });
    }
}

/// A path without `.` and, where it can be told, `..`; with `/`.
fn clean(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for piece in path.split(['/', '\\']) {
        match piece {
            "." => {}
            "" if !kept.is_empty() => {}
            ".." if kept.last().is_some_and(|last| !matches!(*last, ".." | "")) => {
                kept.pop();
            }
            piece => kept.push(piece),
        }
    }
    kept.join("/")
}
