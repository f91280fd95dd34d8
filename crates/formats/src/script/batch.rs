//! The command prompt's own ways: carets that it drops, and variables, whole or in parts.
//!
//! Lines are read in their order, and `set` holds from there on; loops and jumps are not followed. Values of variables that
//! Windows sets everywhere alike are known; other names stay as they are written, unless a script is full of names that
//! nobody sets, which the prompt drops.

use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::Layer;

/// Longest value of a variable, as the prompt has it.
const LONGEST: usize = 8_191;
/// Variables that are remembered.
const VARIABLES: usize = 10_000;
/// From so many different unknown names on they are taken for filling.
const FILLING: usize = 12;

/// What Windows sets alike on nearly every machine.
const KNOWN: &[(&str, &str)] = &[
    ("comspec", "C:\\Windows\\system32\\cmd.exe"),
    ("systemroot", "C:\\Windows"),
    ("windir", "C:\\Windows"),
    ("systemdrive", "C:"),
    ("programfiles", "C:\\Program Files"),
    ("programfiles(x86)", "C:\\Program Files (x86)"),
    ("commonprogramfiles", "C:\\Program Files\\Common Files"),
    ("programdata", "C:\\ProgramData"),
    ("allusersprofile", "C:\\ProgramData"),
    ("public", "C:\\Users\\Public"),
    ("os", "Windows_NT"),
    ("pathext", ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH;.MSC"),
    (
        "psmodulepath",
        "C:\\Program Files\\WindowsPowerShell\\Modules;C:\\Windows\\system32\\WindowsPowerShell\\v1.0\\Modules",
    ),
];

/// Expands variables and drops carets.
pub(super) fn expand(text: &str) -> (String, BTreeSet<Layer>) {
    let mut state = State {
        variables: KNOWN
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        is_filled: unknown_names(text) >= FILLING,
        parts: 0,
        carets: 0,
        left: text.len().saturating_mul(8).saturating_add(1 << 16),
    };
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        let plain = state.line(line);
        out.push_str(&plain);
        out.push('\n');
    }
    let mut layers = BTreeSet::new();
    if state.parts >= 3 {
        layers.insert(Layer::Substrings);
    }
    if state.carets >= 4 || state.is_filled {
        layers.insert(Layer::Padding);
    }
    (out, layers)
}

/// How many different names stand between percent signs that nothing sets.
fn unknown_names(text: &str) -> usize {
    let lower = text.to_ascii_lowercase();
    let mut names = BTreeSet::new();
    for line in lower.lines() {
        let mut pieces = line.split('%').skip(1);
        while let Some(name) = pieces.next() {
            let is_name = !name.is_empty()
                && name.len() < 60
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if is_name && !KNOWN.iter().any(|(known, _)| *known == name) && names.len() < FILLING * 4 {
                names.insert(name);
            }
            pieces.next();
        }
    }
    let is_set = |name: &&&str| memchr::memmem::find(lower.as_bytes(), format!("{name}=").as_bytes()).is_some();
    let is_usual = |name: &&&str| USUAL.contains(*name);
    names.iter().filter(|name| !is_set(name) && !is_usual(name)).count()
}

/// Names that differ from machine to machine.
const USUAL: &[&str] = &[
    "appdata",
    "localappdata",
    "temp",
    "tmp",
    "userprofile",
    "username",
    "userdomain",
    "computername",
    "homedrive",
    "homepath",
    "path",
    "cd",
    "date",
    "time",
    "random",
    "errorlevel",
    "processor_architecture",
    "number_of_processors",
    "logonserver",
    "java_home",
    "prompt",
    "sessionname",
];

struct State {
    variables: BTreeMap<String, String>,
    is_filled: bool,
    /// Parts of variables that were asked for.
    parts: usize,
    carets: usize,
    left: usize,
}

impl State {
    fn line(&mut self, line: &str) -> String {
        let expanded = inner_commands(self.variables(line, '%'));
        let mut out = String::with_capacity(expanded.len());
        let mut start = 0;
        for command in commands(&expanded) {
            let end = start + command.len();
            // With `!`, and by `call`, a variable is asked for when its command runs: after those before it on the line.
            let plain = self.uncaret(command).0;
            let called = plain.trim_start_matches(['@', ' ', '(']).get(..4);
            let is_called = called.is_some_and(|word| word.eq_ignore_ascii_case("call"));
            let plain = if is_called { self.variables(&plain, '%') } else { plain };
            let command = self.variables(&plain, '!');
            self.set(&command);
            self.unquoted(&command, &mut out);
            start = end + 1;
            if let Some(sign) = expanded.get(end..start) {
                out.push_str(sign);
            }
        }
        self.carets = self.carets.saturating_add(self.uncaret(&expanded).1);
        out
    }

    /// Adds a command without the quotes inside of words, which programs do not see.
    fn unquoted(&mut self, command: &str, out: &mut String) {
        let mut chars = command.chars().peekable();
        let mut is_in_word = false;
        let mut dropped = 0_usize;
        while let Some(c) = chars.next() {
            let next = chars.peek().copied().unwrap_or(' ');
            let is_inside = is_in_word && (next.is_ascii_alphanumeric() || next == '"');
            // A quote that was dropped has another that belongs to it, wherever the word ends.
            if c == '"' && (is_inside || dropped % 2 == 1) {
                dropped += 1;
                self.carets += 1;
                continue;
            }
            is_in_word = c.is_ascii_alphanumeric() || c == '-';
            out.push(c);
        }
    }

    /// The text without carets outside of quotes, and how many there were before letters.
    fn uncaret(&self, text: &str) -> (String, usize) {
        let mut out = String::with_capacity(text.len());
        let (mut in_quotes, mut count) = (false, 0);
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match c {
                '"' => {
                    in_quotes = !in_quotes;
                    out.push(c);
                }
                '^' if !in_quotes => {
                    if let Some(next) = chars.next() {
                        count += usize::from(next.is_ascii_alphanumeric());
                        out.push(next);
                    }
                }
                c => out.push(c),
            }
        }
        (out, count)
    }

    /// `set name=value` and `set "name=value"`.
    fn set(&mut self, command: &str) {
        // What a prompt is handed begins behind its switch.
        let lower = command.to_ascii_lowercase();
        let handed = ["/c ", "/k ", "/r "]
            .iter()
            .filter_map(|switch| Some(lower.find(switch)? + 3))
            .min();
        let handed = handed.filter(|_| !lower.trim_start().starts_with("set"));
        let command = command.get(handed.unwrap_or(0)..).unwrap_or(command);
        let command = command.trim_start_matches(['@', ' ', '\t', '(', ',', ';', '=']);
        let Some((word, rest)) = command.split_at_checked(3) else {
            return;
        };
        if !word.eq_ignore_ascii_case("set") || !rest.starts_with([' ', '\t', '"', ',', ';', '=']) {
            return;
        }
        let rest = rest.trim_start_matches([' ', '\t', ',', ';']);
        if rest.starts_with('/') {
            return;
        }
        let rest = match rest.strip_prefix('"') {
            Some(quoted) => quoted.rsplit_once('"').map_or(quoted, |(inner, _)| inner),
            None => rest.trim_end_matches(')'),
        };
        let Some((name, value)) = rest.split_once('=') else {
            return;
        };
        let value = value.get(..value.floor_char_boundary(LONGEST)).unwrap_or(value);
        if self.variables.len() < VARIABLES {
            self.variables
                .insert(name.trim_start().to_ascii_lowercase(), value.to_owned());
        }
    }

    /// Variables between `mark`s replaced by what they hold.
    fn variables(&mut self, text: &str, mark: char) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once(mark) {
            out.push_str(before);
            rest = after;
            let inner = after.split_once(mark).filter(|(inner, _)| is_reference(inner));
            let value = inner.and_then(|(inner, behind)| Some((self.value(inner)?, behind)));
            match value {
                Some((value, behind)) if value.len() <= self.left => {
                    self.left -= value.len();
                    out.push_str(&value);
                    rest = behind;
                }
                _ => out.push(mark),
            }
        }
        out.push_str(rest);
        out
    }

    /// `name`, `name:~2,3` or `name:from=to`.
    fn value(&mut self, reference: &str) -> Option<String> {
        let Some((name, how)) = reference.split_once(':') else {
            let known = self.variables.get(&reference.to_ascii_lowercase()).cloned();
            return known.or_else(|| self.filling(reference));
        };
        let value = self.variables.get(&name.to_ascii_lowercase())?;
        self.parts += 1;
        if let Some(range) = how.strip_prefix('~') {
            return part(value, range);
        }
        let (from, to) = how.split_once('=')?;
        // What is made is paid for before it is made, however little of it is kept.
        let most = value.len().saturating_mul(to.len().max(1));
        if from.is_empty() || most > self.left.min(1 << 20) {
            return None;
        }
        self.left = self.left.saturating_sub(most);
        Some(replaced(value, from, to))
    }

    /// What the prompt makes of a name that nothing sets.
    fn filling(&self, name: &str) -> Option<String> {
        let lower = name.to_ascii_lowercase();
        let is_filling = self.is_filled && !USUAL.contains(&lower.as_str()) && !name.starts_with(['~', '*']);
        (is_filling && !name.bytes().all(|byte| byte.is_ascii_digit())).then(String::new)
    }
}

/// `2,3`, `-3` or `2,-1` of a value: from which letter on, and how many or up to which.
fn part(value: &str, range: &str) -> Option<String> {
    let (from, length) = range
        .split_once(',')
        .map_or((range, None), |(from, length)| (from, Some(length)));
    let count = i64::try_from(value.chars().count()).unwrap_or(i64::MAX);
    let from: i64 = from.trim().parse().ok()?;
    let from = if from < 0 {
        count.saturating_add(from).max(0)
    } else {
        from.min(count)
    };
    let to = match length.map(|length| length.trim().parse::<i64>()) {
        Some(Ok(length)) if length < 0 => count.saturating_add(length),
        Some(Ok(length)) => from.saturating_add(length).min(count),
        Some(Err(_)) => return None,
        None => count,
    };
    let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to.max(from)).ok()?);
    Some(value.chars().skip(from).take(to.saturating_sub(from)).collect())
}

/// One text in place of another, in any case; with a star before it, in place of everything up to its end.
fn replaced(value: &str, from: &str, to: &str) -> String {
    let (lower, from) = (value.to_ascii_lowercase(), from.to_ascii_lowercase());
    if let Some(from) = from.strip_prefix('*').filter(|from| !from.is_empty()) {
        let behind = lower.find(from).and_then(|at| value.get(at + from.len()..));
        return behind.map_or_else(|| value.to_owned(), |behind| format!("{to}{behind}"));
    }
    let mut out = String::with_capacity(value.len());
    let mut at = 0;
    for (found, part) in lower.match_indices(&from) {
        out.push_str(value.get(at..found).unwrap_or_default());
        out.push_str(to);
        at = found + part.len();
    }
    out.push_str(value.get(at..).unwrap_or_default());
    out
}

/// A line on which another prompt is handed commands in quotes, without those quotes: `cmd /c "…"`.
fn inner_commands(line: String) -> String {
    let lower = line.to_ascii_lowercase();
    let opens = ["/c", "/k", "/r"].iter().filter_map(|switch| {
        let at = lower.find(switch)? + switch.len();
        let blanks = lower.get(at..)?.bytes().take_while(|byte| *byte == b' ').count();
        lower.get(at + blanks..)?.starts_with('"').then_some(at + blanks)
    });
    let Some(open) = opens
        .min()
        .filter(|_| lower.contains("cmd") || lower.contains("comspec"))
    else {
        return line;
    };
    let close = line.rfind('"').filter(|close| *close > open).unwrap_or(line.len());
    let pieces = [line.get(..open), line.get(open + 1..close), line.get(close + 1..)];
    let pieces: Vec<&str> = pieces.into_iter().flatten().collect();
    pieces.join(" ")
}

/// Whether the text between two marks may be a variable.
fn is_reference(inner: &str) -> bool {
    !inner.is_empty() && inner.len() < 300 && !inner.starts_with(['~', '*', ' '])
}

/// The commands of a line, without the signs between them.
fn commands(line: &str) -> impl Iterator<Item = &str> {
    let mut in_quotes = false;
    let mut is_escaped = false;
    line.split(move |c: char| {
        let splits = matches!(c, '&' | '|') && !in_quotes && !is_escaped;
        if c == '"' {
            in_quotes = !in_quotes;
        }
        is_escaped = c == '^' && !is_escaped;
        splits
    })
}
