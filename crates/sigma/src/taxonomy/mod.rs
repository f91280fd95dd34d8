//! Names: what other products call the fields that rules ask for, and which logs are of which kind.
//!
//! Rules are compiled once and know Sigma's names alone. A [`Pipeline`] says under which names a source has the same
//! values, so that records of any source can be matched in one run: a record's name becomes the numbers of all names that
//! rules know it by.

mod tables;
mod windows;

use crate::problem::{Lines, Problem};
use crate::program::{FieldId, Program};
use crate::rule::{Limits, LogSource, Source};
use crate::run::Origin;
use crate::yaml::{self, Bounds, Node};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Names of one kind of log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// For which logs the names are meant.
    pub logsource: LogSource,
    /// Names that rules use, and names of the source.
    pub fields: Vec<(String, String)>,
}

/// What a source calls the fields of rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pipeline {
    /// Its name.
    pub name: String,
    /// Names by kind of log.
    pub mappings: Vec<Mapping>,
}

/// Names of the pipelines that are built in.
pub const PIPELINES: [&str; 6] = ["windows", "sysmon", "ecs", "ocsf", "zeek", "cloudtrail"];

impl Pipeline {
    /// A pipeline that is built in, by its name in [`PIPELINES`].
    pub fn builtin(name: &str) -> Option<Self> {
        let tables = tables::of(name)?;
        let mappings = tables.iter().map(|(category, text)| Mapping {
            logsource: LogSource {
                category: (!category.is_empty()).then(|| (*category).to_owned()),
                ..LogSource::default()
            },
            fields: text
                .lines()
                .filter_map(|line| line.trim().split_once(' '))
                .flat_map(|(sigma, names)| {
                    names
                        .split_whitespace()
                        .map(move |name| (sigma.to_owned(), name.to_owned()))
                })
                .collect(),
        });
        Some(Self {
            name: name.to_owned(),
            mappings: mappings.collect(),
        })
    }

    /// Reads a pipeline as pySigma writes it, as far as it renames fields: transformations of type `field_name_mapping`,
    /// with conditions of type `logsource`. What it cannot do is told.
    pub fn parse(source: &Source) -> (Self, Vec<Problem>) {
        let limits = Limits::default();
        let bounds = Bounds {
            nodes: limits.values,
            depth: limits.depth,
        };
        let mut pipeline = Self {
            name: source.name.clone(),
            mappings: Vec::new(),
        };
        let mut problems = Vec::new();
        match yaml::parse(&source.text, 0, bounds) {
            Ok(parsed) => {
                problems.extend(parsed.duplicates);
                match parsed.root {
                    Some(root) => pipeline.read(&root, &mut problems),
                    None => problems.push(Problem::error("pipeline", "the pipeline is empty")),
                }
            }
            Err(problem) => problems.push(problem),
        }
        problems.truncate(50);
        let mut lines = Lines::new(&source.text);
        let problems = problems.into_iter().map(|problem| problem.of(&source.name, &mut lines));
        (pipeline, problems.collect())
    }

    fn read(&mut self, root: &Node<'_>, problems: &mut Vec<Problem>) {
        if let Some(name) = root.get("name").and_then(Node::string) {
            name.clone_into(&mut self.name);
        }
        let Some(transformations) = root.get("transformations").and_then(Node::sequence) else {
            problems.push(Problem::error("pipeline", "a pipeline lists 'transformations'").at(root.place));
            return;
        };
        for transformation in transformations {
            let kind = transformation.get("type").and_then(Node::string).unwrap_or_default();
            let mapping = transformation.get("mapping").and_then(Node::mapping);
            let (Some(entries), "field_name_mapping") = (mapping, kind) else {
                let message = format!("a transformation of type '{kind}' is not done");
                problems.push(Problem::warning("pipeline-transformation", message).at(transformation.place));
                continue;
            };
            let mut fields = Vec::new();
            for (sigma, names) in entries {
                let names = names.sequence().unwrap_or(std::slice::from_ref(names));
                for name in names.iter().filter_map(Node::text) {
                    fields.extend(sigma.text().map(|sigma| (sigma.to_owned(), name.to_owned())));
                }
            }
            let conditions = transformation
                .get("rule_conditions")
                .and_then(Node::sequence)
                .unwrap_or_default();
            let mut logsource = LogSource::default();
            for condition in conditions {
                if condition.get("type").and_then(Node::string) != Some("logsource") {
                    let message = "this condition of a transformation is not asked";
                    problems.push(Problem::warning("pipeline-condition", message).at(condition.place));
                }
                let part = |key| condition.get(key).and_then(Node::string).map(str::to_lowercase);
                logsource = LogSource {
                    category: part("category"),
                    product: part("product"),
                    service: part("service"),
                };
            }
            self.mappings.push(Mapping { logsource, fields });
        }
    }
}

/// Names of records as numbers of names in one program.
#[derive(Clone, Debug, Default)]
pub struct Names {
    ids: HashMap<String, Vec<FieldId>, FixedState>,
}

impl Names {
    /// The numbers of a record's name: of the name itself, where a rule uses it, and of what rules call it. Empty where no
    /// rule asks for it; [`FieldId::OTHER`] stands for such fields, whose values may still hold keywords.
    pub fn get(&self, name: &str) -> &[FieldId] {
        self.ids.get(name).map_or(&[], Vec::as_slice)
    }
}

impl Program {
    /// The names of records of an origin, through pipelines. Ask once for many records.
    pub fn names(&self, pipelines: &[&Pipeline], origin: &Origin) -> Names {
        let mut names = Names::default();
        for name in self.field_names() {
            names.ids.entry(name.to_owned()).or_default().push(self.field(name));
        }
        let mappings = pipelines.iter().flat_map(|pipeline| &pipeline.mappings);
        for mapping in mappings.filter(|mapping| origin.admits(&mapping.logsource)) {
            for (sigma, name) in &mapping.fields {
                let id = self.field(sigma);
                let ids = names.ids.entry(name.clone()).or_default();
                if id != FieldId::OTHER && !ids.contains(&id) {
                    ids.push(id);
                }
            }
        }
        names
    }
}
