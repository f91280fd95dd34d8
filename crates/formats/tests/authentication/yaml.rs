//! As much of YAML as the suites of SPF and ARC use: block maps and lists, literal and folded texts, quotes, lists in
//! brackets. Not a YAML reader: no anchors, tags, flow maps or directives, and every scalar is text.

/// A value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Yaml {
    Null,
    Text(String),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
}

impl Yaml {
    /// The value of a key; `Null` where there is none.
    pub(crate) fn at(&self, key: &str) -> &Yaml {
        self.entries()
            .iter()
            .find(|(name, _)| name == key)
            .map_or(&Yaml::Null, |(_, value)| value)
    }

    pub(crate) fn entries(&self) -> &[(String, Yaml)] {
        match self {
            Yaml::Map(entries) => entries,
            _ => &[],
        }
    }

    pub(crate) fn text(&self) -> &str {
        match self {
            Yaml::Text(text) => text,
            _ => "",
        }
    }

    /// The items of a list, or the value as the only one.
    pub(crate) fn items(&self) -> Vec<&Yaml> {
        match self {
            Yaml::List(items) => items.iter().collect(),
            Yaml::Null => Vec::new(),
            other => vec![other],
        }
    }
}

/// The documents of a file.
pub(crate) fn documents(text: &str) -> Vec<Yaml> {
    let mut documents = vec![Vec::new()];
    for line in text.lines() {
        if line.trim_end() == "---" {
            documents.push(Vec::new());
        } else {
            documents.last_mut().unwrap().push(line.to_owned());
        }
    }
    let read = |lines| Reader { lines, at: 0 }.block(0);
    documents
        .into_iter()
        .map(read)
        .filter(|document| *document != Yaml::Null)
        .collect()
}

struct Reader {
    lines: Vec<String>,
    at: usize,
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty() || line.trim_start().starts_with('#')
}

/// Key and rest of a line `key: rest`.
fn key(line: &str) -> Option<(String, String)> {
    let line = line.trim();
    if let Some(quoted) = line.strip_prefix('"') {
        let (name, rest) = quoted.split_once('"')?;
        return Some((name.to_owned(), rest.strip_prefix(':')?.trim().to_owned()));
    }
    if line.starts_with(['[', '\'', '-']) && !line.starts_with("-_") {
        return None;
    }
    match line.split_once(": ") {
        Some((name, rest)) => Some((name.to_owned(), rest.trim().to_owned())),
        None => line.strip_suffix(':').map(|name| (name.to_owned(), String::new())),
    }
}

impl Reader {
    fn peek(&mut self) -> Option<(usize, String)> {
        while self.lines.get(self.at).is_some_and(|line| is_blank(line)) {
            self.at += 1;
        }
        self.lines.get(self.at).map(|line| (indent(line), line.clone()))
    }

    /// The value whose lines are indented by at least `least`.
    fn block(&mut self, least: usize) -> Yaml {
        let Some((depth, line)) = self.peek().filter(|(depth, _)| *depth >= least) else {
            return Yaml::Null;
        };
        let text = line.trim();
        if text == "-" || text.starts_with("- ") {
            let mut items = Vec::new();
            while let Some((at, line)) = self.peek() {
                let Some(rest) = line.trim_start().strip_prefix('-').filter(|_| at == depth) else {
                    break;
                };
                self.lines[self.at] = " ".repeat(depth + 1) + rest;
                items.push(self.block(depth + 1));
            }
            return Yaml::List(items);
        }
        if key(text).is_none() {
            self.at += 1;
            return scalar(text);
        }
        let mut entries = Vec::new();
        while let Some((name, rest)) = self
            .peek()
            .filter(|(at, _)| *at == depth)
            .and_then(|(_, line)| key(&line))
        {
            self.at += 1;
            let value = self.value(&rest, depth);
            entries.push((name, value));
        }
        Yaml::Map(entries)
    }

    fn value(&mut self, rest: &str, depth: usize) -> Yaml {
        match rest.chars().next() {
            None => self.block(depth + 1),
            Some('|') => Yaml::Text(self.literal(depth, rest)),
            Some('>') => Yaml::Text(self.literal(depth, "|-").replace('\n', " ")),
            Some(_) => {
                let mut whole = rest.to_owned();
                while let Some((_, more)) = self.peek().filter(|(at, _)| *at > depth) {
                    whole = whole + " " + more.trim();
                    self.at += 1;
                }
                scalar(&whole)
            }
        }
    }

    fn literal(&mut self, depth: usize, style: &str) -> String {
        let mut lines = Vec::new();
        while let Some(line) = self.lines.get(self.at) {
            if !line.trim_matches(' ').is_empty() && indent(line) <= depth {
                break;
            }
            lines.push(line.clone());
            self.at += 1;
        }
        let inner = lines.iter().find(|line| !line.trim_matches(' ').is_empty());
        let inner = inner.map_or(0, |line| indent(line));
        let cut = lines.iter().map(|line| line.get(inner..).unwrap_or_default());
        let text = cut.collect::<Vec<_>>().join("\n");
        let text = text.trim_end_matches('\n');
        match style {
            "|" if !text.is_empty() => text.to_owned() + "\n",
            _ => text.to_owned(),
        }
    }
}

fn scalar(text: &str) -> Yaml {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        let items = inner.split(',').map(str::trim).filter(|item| !item.is_empty());
        return Yaml::List(items.map(scalar).collect());
    }
    if let Some(inner) = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        return Yaml::Text(unescape(inner));
    }
    if let Some(inner) = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')) {
        return Yaml::Text(inner.replace("''", "'"));
    }
    Yaml::Text(text.split(" #").next().unwrap_or_default().trim().to_owned())
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('x') => {
                let digits: String = chars.by_ref().take(2).collect();
                out.push(char::from(u8::from_str_radix(&digits, 16).unwrap()));
            }
            Some('0') => out.push('\0'),
            Some('n') => out.push('\n'),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

#[test]
fn reads_what_the_suites_use() {
    let text =
        "a:\n  - X: [0, \"\\x41\"]\n  - TIMEOUT\nb: |\n\n    h: 1\n      i\n\nc: >-\n  x\n  y\n\"d e\": 'it''s' # no\n";
    let read = documents(text);
    let list = read[0].at("a").items();
    assert_eq!(list[0].at("X").items()[1].text(), "A");
    assert_eq!(list[1].text(), "TIMEOUT");
    assert_eq!(read[0].at("b").text(), "\nh: 1\n  i\n");
    assert_eq!(read[0].at("c").text(), "x y");
    assert_eq!(read[0].at("d e").text(), "'it''s'");
}
