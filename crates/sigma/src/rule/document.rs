//! Files to documents: several in one file, and the old `action` that shares parts between them.

use super::Limits;
use crate::problem::{Place, Problem};
use crate::yaml::{self, Bounds, Node, Yaml};
use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// A rule file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its path, which matches and problems name.
    pub name: String,
    /// Its text.
    pub text: String,
}

impl Source {
    /// A rule file of this name and text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
        }
    }
}

/// Calls `each` with every document of the file, `action` applied, and with what is wrong with each. What is no YAML ends
/// its document and not the file. What is copied by `action` and by aliases is counted for the file as a whole, and too much of
/// it ends the file.
pub(crate) fn each<'t>(
    source: &'t Source,
    limits: &Limits,
    mut each: impl FnMut(Result<&Node<'t>, Problem>, Vec<Problem>),
) {
    if source.text.len() > limits.source {
        let message = format!("the file has more than {} bytes", limits.source);
        each(Err(Problem::error("yaml-too-large", message)), Vec::new());
        return;
    }
    let bounds = Bounds {
        nodes: limits.values,
        depth: limits.depth,
    };
    let mut left = limits.values;
    let mut global: Option<Node<'t>> = None;
    let mut previous: Option<Node<'t>> = None;
    for (text, lines) in pieces(&source.text) {
        let (node, problems) = match yaml::parse(text, lines, bounds) {
            Ok(parsed) => {
                let Some(node) = parsed.root else { continue };
                if !spend(&mut left, parsed.copied) {
                    each(Err(too_many(limits, node.place)), Vec::new());
                    return;
                }
                (node, parsed.duplicates)
            }
            Err(problem) => {
                each(Err(problem), Vec::new());
                continue;
            }
        };
        if node.is_null() {
            continue;
        }
        let action = node.get("action").and_then(Node::string);
        let copied = match action {
            Some("reset") => None,
            Some("repeat") => previous.as_ref(),
            _ => global.as_ref(),
        };
        if !copied.is_none_or(|copied| spend(&mut left, yaml::size(copied).0)) {
            each(Err(too_many(limits, node.place)), Vec::new());
            return;
        }
        let node = match action {
            Some("global") => {
                global = Some(match global.take() {
                    Some(before) => merge(before, node),
                    None => node,
                });
                continue;
            }
            Some("reset") => {
                global = None;
                continue;
            }
            Some("repeat") => match previous.clone() {
                Some(before) => merge(before, node),
                None => node,
            },
            _ => match global.clone() {
                Some(shared) => merge(shared, node),
                None => node,
            },
        };
        let node = without_action(node);
        each(Ok(&node), problems);
        previous = Some(node);
    }
}

/// Takes `nodes` of what is `left`, where it is enough.
fn spend(left: &mut usize, nodes: usize) -> bool {
    let rest = left.checked_sub(nodes);
    *left = rest.unwrap_or(0);
    rest.is_some()
}

fn too_many(limits: &Limits, place: Place) -> Problem {
    let message = format!(
        "aliases and 'action' copy more than {} values; the file is read up to here",
        limits.values
    );
    Problem::error("yaml-too-large", message).at(place)
}

fn without_action(mut node: Node<'_>) -> Node<'_> {
    if let Yaml::Mapping(entries) = &mut node.value {
        entries.retain(|(key, _)| key.text() != Some("action"));
    }
    node
}

/// Texts between lines that begin with `---`, with the number of lines before each. Such a line ends a document wherever
/// it stands; nothing that is indented or quoted can hold it.
fn pieces(text: &str) -> Vec<(&str, u32)> {
    let mut pieces = Vec::new();
    let (mut start, mut first, mut at, mut number) = (0, 0, 0, 0);
    for line in text.split_inclusive('\n') {
        let is_marker = line
            .strip_prefix("---")
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace));
        if is_marker && at > start {
            pieces.push((text.get(start..at).unwrap_or_default(), first));
            (start, first) = (at, number);
        }
        at += line.len();
        number += 1;
    }
    pieces.push((text.get(start..).unwrap_or_default(), first));
    // Comments and directives before the first marker are no document.
    pieces.retain(|(piece, _)| {
        piece
            .lines()
            .any(|line| !(line.trim().is_empty() || line.starts_with(['#', '%']) || line.trim_end() == "---"))
    });
    pieces
}

/// `over` laid over `base`: maps are joined, all else is replaced. Depth is bounded by the parser.
fn merge<'t>(base: Node<'t>, over: Node<'t>) -> Node<'t> {
    let place: Place = over.place;
    match (base.value, over.value) {
        (Yaml::Mapping(mut entries), Yaml::Mapping(more)) => {
            let name = |key: &Node<'_>| key.text().map(str::to_owned);
            let mut known: HashMap<Option<String>, usize, FixedState> = HashMap::default();
            for (at, (key, _)) in entries.iter().enumerate() {
                known.entry(name(key)).or_insert(at);
            }
            for (key, value) in more {
                let at = *known.entry(name(&key)).or_insert(entries.len());
                match entries.get_mut(at) {
                    Some((_, own)) => {
                        let nothing = Yaml::Sequence(Vec::new());
                        let place = own.place;
                        let before = std::mem::replace(own, Node { place, value: nothing });
                        *own = merge(before, value);
                    }
                    None => entries.push((key, value)),
                }
            }
            let value = Yaml::Mapping(entries);
            Node { place, value }
        }
        (_, value) => Node { place, value },
    }
}
