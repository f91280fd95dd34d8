//! The only file that knows the YAML parser: text in, a bounded tree with places out.
//!
//! Scanning is the crate saphyr-parser's (YAML 1.2); it hands out events, and the tree is built here, so that depth,
//! number of nodes and what aliases unfold to are bounded while they grow. Keys are unique in a mapping, as pySigma wants
//! it too. Not here: tags of one's own (`!include`), merging of mappings by `<<` (a key like any other), sets.

use crate::problem::{Place, Problem};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use std::borrow::Cow;

/// What a document may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Nodes, those of aliases counted each time.
    pub(crate) nodes: usize,
    /// Levels of nesting. The tree is walked and dropped by recursion, so this also bounds the stack.
    pub(crate) depth: usize,
}

/// A node with its place.
#[derive(Clone, Debug)]
pub(crate) struct Node<'t> {
    pub(crate) place: Place,
    pub(crate) value: Yaml<'t>,
}

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Yaml<'t> {
    Scalar { text: Cow<'t, str>, is_plain: bool },
    Sequence(Vec<Node<'t>>),
    Mapping(Vec<(Node<'t>, Node<'t>)>),
}

/// A scalar by the core schema of YAML 1.2.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Scalar<'n> {
    Null,
    Boolean(bool),
    Integer(i64),
    Float(f64),
    Text(&'n str),
}

impl<'t> Node<'t> {
    /// The scalar, by its text and whether it was quoted.
    pub(crate) fn scalar(&self) -> Option<Scalar<'_>> {
        match &self.value {
            Yaml::Scalar { text, is_plain: true } => Some(plain(text)),
            Yaml::Scalar { text, .. } => Some(Scalar::Text(text)),
            _ => None,
        }
    }

    /// The text of a scalar as it was written, whatever its type.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Yaml::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The text of a scalar that is text.
    pub(crate) fn string(&self) -> Option<&str> {
        match self.scalar() {
            Some(Scalar::Text(text)) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        self.scalar() == Some(Scalar::Null)
    }

    pub(crate) fn sequence(&self) -> Option<&[Node<'t>]> {
        match &self.value {
            Yaml::Sequence(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn mapping(&self) -> Option<&[(Node<'t>, Node<'t>)]> {
        match &self.value {
            Yaml::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Node<'t>> {
        let entry = self.mapping()?.iter().find(|(name, _)| name.text() == Some(key))?;
        Some(&entry.1)
    }

    /// What the node is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match (&self.value, self.scalar()) {
            (Yaml::Sequence(_), _) => "a list",
            (Yaml::Mapping(_), _) => "a map",
            (_, Some(Scalar::Null)) => "null",
            (_, Some(Scalar::Boolean(_))) => "a boolean",
            (_, Some(Scalar::Integer(_) | Scalar::Float(_))) => "a number",
            _ => "text",
        }
    }
}

/// What a scalar without quotes is.
fn plain(text: &str) -> Scalar<'_> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Scalar::Null,
        "true" | "True" | "TRUE" => return Scalar::Boolean(true),
        "false" | "False" | "FALSE" => return Scalar::Boolean(false),
        ".inf" | "+.inf" => return Scalar::Float(f64::INFINITY),
        "-.inf" => return Scalar::Float(f64::NEG_INFINITY),
        _ => {}
    }
    let first = text.bytes().next().unwrap_or(0);
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.')) {
        return Scalar::Text(text);
    }
    let radix = |prefix, radix| {
        let digits = text.strip_prefix(prefix)?;
        i64::from_str_radix(digits, radix)
            .ok()
            .filter(|_| !digits.starts_with(['-', '+']))
    };
    if let Some(number) = text.parse().ok().or_else(|| radix("0x", 16)).or_else(|| radix("0o", 8)) {
        return Scalar::Integer(number);
    }
    let is_number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'));
    match text.parse() {
        Ok(number) if is_number => Scalar::Float(number),
        _ => Scalar::Text(text),
    }
}

/// Most keys of one map: each new key is compared with those before it.
const KEYS: usize = 2_000;

/// Containers that are being filled.
enum Open<'t> {
    Sequence(Vec<Node<'t>>),
    /// Entries, and a key that waits for its value.
    Mapping(Vec<(Node<'t>, Node<'t>)>, Option<Node<'t>>),
}

struct Builder<'t> {
    bounds: Bounds,
    /// Lines before the text.
    lines: u32,
    open: Vec<(Open<'t>, Place, usize)>,
    /// What anchors name, with the number of their nodes.
    anchors: Vec<(usize, Node<'t>)>,
    nodes: usize,
    parsed: Parsed<'t>,
}

/// A document.
#[derive(Default)]
pub(crate) struct Parsed<'t> {
    /// Nothing where there is no document.
    pub(crate) root: Option<Node<'t>>,
    /// Keys that stand twice in a map.
    pub(crate) duplicates: Vec<Problem>,
    /// How many of its nodes are copies that aliases made.
    pub(crate) copied: usize,
}

/// The first document in `text`, whose first line is line `lines + 1` of its file. Duplicate keys are problems besides the
/// tree; all else that is wrong is one error.
pub(crate) fn parse(text: &str, lines: u32, bounds: Bounds) -> Result<Parsed<'_>, Problem> {
    let mut builder = Builder {
        bounds,
        lines,
        open: Vec::new(),
        anchors: Vec::new(),
        nodes: 0,
        parsed: Parsed::default(),
    };
    let mut parser = Parser::new_from_str(text);
    while let Some(event) = parser.next_event() {
        let (event, span) = event.map_err(|error| {
            let mark = error.marker();
            let place = builder.point(mark.line(), mark.col(), 1);
            Problem::error("yaml", format!("this is not YAML: {}", error.info())).at(place)
        })?;
        let is_end = matches!(event, Event::DocumentEnd | Event::StreamEnd);
        builder.event(event, span)?;
        if is_end && builder.parsed.root.is_some() {
            break;
        }
    }
    Ok(builder.parsed)
}

impl<'t> Builder<'t> {
    fn point(&self, line: usize, column: usize, length: usize) -> Place {
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Place {
            line: small(line).saturating_add(self.lines).max(1),
            column: small(column).saturating_add(1),
            length: small(length).max(1),
        }
    }

    fn place(&self, span: Span) -> Place {
        let is_line = span.start.line() == span.end.line();
        let length = if is_line {
            span.end.col().saturating_sub(span.start.col())
        } else {
            1
        };
        self.point(span.start.line(), span.start.col(), length)
    }

    fn event(&mut self, event: Event<'t>, span: Span) -> Result<(), Problem> {
        let mut place = self.place(span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                // The scanner looks ahead, and its end of a scalar may be that of what follows.
                let quotes = if style == ScalarStyle::Plain { 0 } else { 2 };
                let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
                place.length = place.length.min(length.saturating_add(quotes)).max(1);
                let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema() && tag.suffix == "str");
                let is_plain = style == ScalarStyle::Plain && !is_text;
                let node = Node {
                    place,
                    value: Yaml::Scalar { text, is_plain },
                };
                let (nodes, _) = size(&node);
                self.count(nodes, place)?;
                self.anchor(anchor, nodes, &node);
                self.add(node)?;
            }
            Event::SequenceStart(anchor, _) => self.begin(Open::Sequence(Vec::new()), place, anchor)?,
            Event::MappingStart(anchor, _) => self.begin(Open::Mapping(Vec::new(), None), place, anchor)?,
            Event::SequenceEnd | Event::MappingEnd => self.end()?,
            Event::Alias(anchor) => self.alias(anchor, place)?,
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize, place: Place) -> Result<(), Problem> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > self.bounds.nodes {
            let message = format!("the document has more than {} values", self.bounds.nodes);
            return Err(Problem::error("yaml-too-large", message).at(place));
        }
        Ok(())
    }

    fn begin(&mut self, open: Open<'t>, place: Place, anchor: usize) -> Result<(), Problem> {
        self.count(1, place)?;
        if self.open.len() >= self.bounds.depth {
            let message = format!("the document is nested more than {} levels deep", self.bounds.depth);
            return Err(Problem::error("yaml-too-deep", message).at(place));
        }
        self.open.push((open, place, anchor));
        Ok(())
    }

    fn end(&mut self) -> Result<(), Problem> {
        let Some((open, place, anchor)) = self.open.pop() else {
            return Ok(());
        };
        let value = match open {
            Open::Sequence(items) => Yaml::Sequence(items),
            Open::Mapping(entries, _) => Yaml::Mapping(entries),
        };
        let node = Node { place, value };
        if anchor != 0 {
            let nodes = size(&node);
            self.anchor(anchor, nodes.0, &node);
        }
        self.add(node)
    }

    /// Only what is complete can be named, so nothing can hold itself.
    fn anchor(&mut self, anchor: usize, nodes: usize, node: &Node<'t>) {
        if anchor != 0 && self.anchors.len() < 256 {
            self.anchors.push((anchor, node.clone()));
            self.nodes = self.nodes.saturating_add(nodes);
        }
    }

    fn alias(&mut self, anchor: usize, place: Place) -> Result<(), Problem> {
        let found = self.anchors.iter().rev().find(|(name, _)| *name == anchor);
        let Some((_, node)) = found else {
            return Err(Problem::error("yaml-alias", "this alias names nothing that is complete").at(place));
        };
        let (nodes, depth) = size(node);
        let mut node = node.clone();
        node.place = place;
        self.count(nodes, place)?;
        self.parsed.copied = self.parsed.copied.saturating_add(nodes);
        if self.open.len().saturating_add(depth) > self.bounds.depth {
            return Err(Problem::error("yaml-too-deep", "this alias nests too deeply").at(place));
        }
        self.add(node)
    }

    fn add(&mut self, node: Node<'t>) -> Result<(), Problem> {
        match self.open.last_mut() {
            None => self.parsed.root = self.parsed.root.take().or(Some(node)),
            Some((Open::Sequence(items), _, _)) => items.push(node),
            Some((Open::Mapping(entries, waiting), _, _)) => match waiting.take() {
                None => {
                    if let Some(key) = node.text()
                        && let Some((first, _)) = entries.iter().find(|(name, _)| name.text() == Some(key))
                    {
                        let message = format!("duplicate key '{key}'; it was first on line {}", first.place.line);
                        self.parsed.duplicates.push(
                            Problem::error("yaml-duplicate-key", message)
                                .at(node.place)
                                .hint("put both values into one list, or rename one"),
                        );
                    }
                    *waiting = Some(node);
                }
                Some(key) if entries.len() >= KEYS => {
                    let message = format!("a map has more than {KEYS} keys");
                    return Err(Problem::error("yaml-too-large", message).at(key.place));
                }
                Some(key) => entries.push((key, node)),
            },
        }
        Ok(())
    }
}

/// Nodes and levels of a tree that is in bounds. Long text counts as several.
pub(crate) fn size(node: &Node<'_>) -> (usize, usize) {
    let join = |(nodes, depth): (usize, usize), child: &Node<'_>| {
        let (more, deeper) = size(child);
        (nodes + more, depth.max(deeper + 1))
    };
    match &node.value {
        Yaml::Scalar { text, .. } => (1 + text.len() / 256, 0),
        Yaml::Sequence(items) => items.iter().fold((1, 1), join),
        Yaml::Mapping(entries) => entries
            .iter()
            .fold((1, 1), |sum, (key, value)| join(join(sum, key), value)),
    }
}
