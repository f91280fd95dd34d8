//! Documents held to the schemas of the specification, and their parts read.
//!
//! What the engine cannot do without is an error. Everything else that the schemas forbid is a warning whose code begins
//! with `schema-`: the rule is used, and `lint` shows it.

use super::meta::{LEVELS, LogSource, Meta, STATUSES};
use crate::problem::{Problem, nearest};
use crate::yaml::Node;

/// Reads parts of a document and collects what is wrong with them.
pub(crate) struct Reader<'d, 't> {
    pub(crate) root: &'d Node<'t>,
    pub(crate) problems: &'d mut Vec<Problem>,
}

/// Keys that rules of all kinds may have.
const KEYS: &[&str] = &[
    "action",
    "author",
    "correlation",
    "date",
    "description",
    "detection",
    "falsepositives",
    "fields",
    "filter",
    "generate",
    "id",
    "level",
    "license",
    "logsource",
    "modified",
    "name",
    "references",
    "related",
    "scope",
    "status",
    "tags",
    "taxonomy",
    "title",
];

impl<'d, 't> Reader<'d, 't> {
    fn warn(&mut self, code: &'static str, node: &Node<'_>, message: impl Into<String>) {
        self.problems.push(Problem::warning(code, message).at(node.place));
    }

    /// Text of at most `most` characters.
    fn text(&mut self, key: &str, most: usize) -> Option<String> {
        let node = self.root.get(key)?;
        let Some(text) = node.string() else {
            self.warn("schema-type", node, format!("'{key}' is text, not {}", node.kind()));
            return node.text().map(str::to_owned).filter(|text| !text.is_empty());
        };
        if text.chars().count() > most {
            self.warn(
                "schema-length",
                node,
                format!("'{key}' is longer than {most} characters"),
            );
        }
        Some(text.to_owned())
    }

    /// A list of texts without repetitions.
    fn list(&mut self, key: &str, least: usize) -> Vec<String> {
        let Some(node) = self.root.get(key) else {
            return Vec::new();
        };
        let Some(items) = node.sequence() else {
            self.warn("schema-type", node, format!("'{key}' is a list, not {}", node.kind()));
            return node.string().map(str::to_owned).into_iter().collect();
        };
        let mut texts: Vec<String> = Vec::new();
        for item in items.iter().take(1_000) {
            let Some(text) = item.text() else {
                self.warn("schema-type", item, format!("'{key}' lists text, not {}", item.kind()));
                continue;
            };
            if item.string().is_none() {
                self.warn("schema-type", item, format!("'{key}' lists text, not {}", item.kind()));
            } else if text.chars().count() < least {
                self.warn("schema-length", item, format!("'{text}' in '{key}' is too short"));
            }
            if texts.iter().any(|other| other == text) {
                self.warn("schema-repetition", item, format!("'{text}' stands twice in '{key}'"));
            } else {
                texts.push(text.to_owned());
            }
        }
        texts
    }

    fn date(&mut self, key: &str) -> Option<String> {
        let text = self.text(key, usize::MAX)?;
        let number = |from: usize, to: usize| text.get(from..to)?.parse::<u8>().ok();
        let is_year = text
            .get(..4)
            .is_some_and(|year| year.bytes().all(|byte| byte.is_ascii_digit()));
        let is_dashed = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
        let is_day = number(5, 7).is_some_and(|month| (1..=12).contains(&month))
            && number(8, 10).is_some_and(|day| (1..=31).contains(&day));
        if let Some(node) = self.root.get(key).filter(|_| !(is_year && is_dashed && is_day)) {
            self.problems.push(
                Problem::warning("schema-date", format!("'{text}' is no date"))
                    .at(node.place)
                    .hint("write it as YYYY-MM-DD"),
            );
        }
        Some(text)
    }

    /// One of a list of words.
    fn word<T: Copy + Default>(&mut self, key: &str, words: &[(&str, T)]) -> T {
        let Some(text) = self.text(key, usize::MAX) else {
            return T::default();
        };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == text) {
            return *value;
        }
        let lower = text.to_ascii_lowercase();
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let hint = match nearest(&lower, known.iter().copied()) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("write one of {}", known.join(", ")),
        };
        if let Some(node) = self.root.get(key) {
            self.problems.push(
                Problem::warning("schema-word", format!("'{text}' is no {key}"))
                    .at(node.place)
                    .hint(hint),
            );
        }
        let found = words.iter().find(|(word, _)| *word == lower);
        found.map(|(_, value)| *value).unwrap_or_default()
    }

    /// Everything that all kinds of documents say of themselves.
    pub(crate) fn meta(&mut self, source: &str) -> Meta {
        let title = self.text("title", 256);
        if title.is_none() {
            let line = self.root.get("title").unwrap_or(self.root).place;
            self.problems.push(
                Problem::error("title", "a rule has a title")
                    .at(line)
                    .hint("add 'title:'"),
            );
        }
        let meta = Meta {
            title: title.unwrap_or_default(),
            id: self.id(),
            name: self.text("name", 256),
            status: self.word("status", &STATUSES),
            level: self.word("level", &LEVELS),
            description: self.text("description", 65_535),
            author: self.text("author", usize::MAX),
            license: self.text("license", usize::MAX),
            date: self.date("date"),
            modified: self.date("modified"),
            taxonomy: self.text("taxonomy", 256),
            tags: self.tags(),
            references: self.list("references", 0),
            falsepositives: self.list("falsepositives", 2),
            fields: self.list("fields", 0),
            related: self.related(),
            scope: self.list("scope", 2),
            source: source.to_owned(),
            line: self.root.place.line,
        };
        self.misspelt();
        meta
    }

    fn id(&mut self) -> Option<String> {
        let id = self.text("id", usize::MAX)?;
        if !is_uuid(&id)
            && let Some(node) = self.root.get("id")
        {
            self.warn("schema-id", node, format!("'{id}' is no UUID"));
        }
        Some(id)
    }

    fn tags(&mut self) -> Vec<String> {
        let tags = self.list("tags", 0);
        for tag in &tags {
            let is_part = |part: &str, dots: bool| {
                !part.is_empty()
                    && part.chars().all(|c| {
                        c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-') || (dots && c == '.')
                    })
            };
            let is_tag = tag
                .split_once('.')
                .is_some_and(|(space, name)| is_part(space, false) && is_part(name, true));
            if let Some(node) = self.root.get("tags").filter(|_| !is_tag) {
                self.problems.push(
                    Problem::warning("schema-tag", format!("'{tag}' is no tag"))
                        .at(node.place)
                        .hint("write namespace.name in lower case, such as attack.t1059.001"),
                );
            }
        }
        tags
    }

    fn related(&mut self) -> Vec<(String, String)> {
        const KINDS: [&str; 5] = ["derived", "obsolete", "merged", "renamed", "similar"];
        let Some(node) = self.root.get("related") else {
            return Vec::new();
        };
        let Some(items) = node.sequence() else {
            self.warn("schema-type", node, format!("'related' is a list, not {}", node.kind()));
            return Vec::new();
        };
        let mut related = Vec::new();
        for item in items.iter().take(1_000) {
            let part = |key| item.get(key).and_then(Node::string).map(str::to_owned);
            match (part("type"), part("id")) {
                (Some(kind), Some(id)) if KINDS.contains(&kind.as_str()) && is_uuid(&id) => related.push((kind, id)),
                (Some(kind), Some(id)) => {
                    self.warn(
                        "schema-related",
                        item,
                        format!("'{kind}' '{id}' is no relation to a rule"),
                    );
                    related.push((kind, id));
                }
                _ => self.warn("schema-related", item, "a related rule has 'id' and 'type'"),
            }
        }
        related
    }

    /// Keys of one's own are allowed; those that nearly are a key of the specification are probably meant to be it.
    fn misspelt(&mut self) {
        for (key, _) in self.root.mapping().unwrap_or_default().iter().take(200) {
            let Some(name) = key.text().filter(|name| name.len() > 3 && !KEYS.contains(name)) else {
                continue;
            };
            if let Some(near) = nearest(name, KEYS.iter().copied()) {
                self.problems.push(
                    Problem::warning("key-misspelt", format!("unknown key '{name}'"))
                        .at(key.place)
                        .hint(format!("did you mean '{near}'?")),
                );
            }
        }
    }

    /// Where the rule looks.
    pub(crate) fn logsource(&mut self) -> LogSource {
        let Some(node) = self.root.get("logsource") else {
            self.problems.push(
                Problem::error("logsource", "a rule has a logsource")
                    .at(self.root.place)
                    .hint("add 'logsource:' with category, product or service"),
            );
            return LogSource::default();
        };
        if node.mapping().is_none() {
            self.problems
                .push(Problem::error("logsource", format!("'logsource' is a map, not {}", node.kind())).at(node.place));
            return LogSource::default();
        }
        let mut part = |key: &str| {
            let value = node.get(key)?;
            if value.string().is_none() {
                self.warn("schema-type", value, format!("'{key}' is text, not {}", value.kind()));
            }
            value.text().filter(|text| !text.is_empty()).map(str::to_lowercase)
        };
        let source = LogSource {
            category: part("category"),
            product: part("product"),
            service: part("service"),
        };
        part("definition");
        source
    }
}

/// Eight, four, four, four and twelve hexadecimal digits.
pub(crate) fn is_uuid(text: &str) -> bool {
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    lengths == [8, 4, 4, 4, 12] && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}
