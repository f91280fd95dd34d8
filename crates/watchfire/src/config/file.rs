//! `watchfire.toml`. The `toml` crate enters through this file only.
//!
//! An unknown key is an error with its line: a misspelt own domain that is silently ignored changes verdicts.

use super::{KEYS, Kind, Value, keys, number};
use crate::Problem;
use std::ops::Range;
use std::path::Path;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use watchfire_intel::enrichers::PROVIDERS;

/// Every setting in `text`, with its line.
pub(super) fn read(text: &str, path: &Path) -> Result<Vec<(String, Value, usize)>, Problem> {
    let table = table(text, path)?;
    let file = File { text, path };
    let mut settings = Vec::new();
    file.section("", table.get_ref(), &mut settings)?;
    Ok(settings)
}

/// Parses TOML, with errors in our voice.
pub(crate) fn table<'t>(text: &'t str, path: &Path) -> Result<Spanned<DeTable<'t>>, Problem> {
    DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(1, |span| line_of(text, span));
        Problem::new(format!(
            "{}:{line}: {}",
            path.display(),
            error.message().trim_end_matches('.')
        ))
        .hint("this file is TOML, see toml.io")
    })
}

/// The line on which `span` begins, from 1.
pub(crate) fn line_of(text: &str, span: Range<usize>) -> usize {
    1 + text.bytes().take(span.start).filter(|byte| *byte == b'\n').count()
}

struct File<'t> {
    text: &'t str,
    path: &'t Path,
}

impl File<'_> {
    fn section(
        &self,
        prefix: &str,
        table: &DeTable<'_>,
        settings: &mut Vec<(String, Value, usize)>,
    ) -> Result<(), Problem> {
        for (name, value) in table {
            let full = if prefix.is_empty() {
                name.get_ref().to_string()
            } else {
                format!("{prefix}.{}", name.get_ref())
            };
            let line = line_of(self.text, name.span());
            if let Some(key) = keys::find(&full) {
                let value = read_value(key.kind, value.get_ref())
                    .ok_or_else(|| self.at(line, Problem::new(format!("'{full}' is not {}", kind_name(key.kind)))))?;
                settings.push((full, value, line));
                continue;
            }
            let is_section = keys::every_name().any(|name| name.starts_with(&format!("{full}.")));
            match value.get_ref() {
                DeValue::Table(inner) if is_section => self.section(&full, inner, settings)?,
                _ => return Err(self.at(line, unknown(&full))),
            }
        }
        Ok(())
    }

    fn at(&self, line: usize, problem: Problem) -> Problem {
        let placed = Problem::new(format!("{}:{line}: {problem}", self.path.display()));
        match problem.next_step() {
            Some(hint) => placed.hint(hint),
            None => placed,
        }
    }
}

/// An unknown key, with the one that was probably meant: a setting, or a section.
fn unknown(name: &str) -> Problem {
    if let Some((who, what)) = name
        .strip_prefix("providers.")
        .map(|rest| rest.split_once('.').unwrap_or((rest, "")))
    {
        let providers: Vec<&str> = PROVIDERS.iter().map(|provider| provider.info().name).collect();
        if !providers.contains(&who) {
            return Problem::unknown("provider", who, &providers);
        }
        let known: Vec<&str> = KEYS
            .iter()
            .filter_map(|key| key.name.strip_prefix("providers.NAME."))
            .collect();
        return Problem::unknown("setting of a provider", what, &known);
    }
    let mut known: Vec<&str> = KEYS
        .iter()
        .map(|key| key.name)
        .filter(|name| !name.contains("NAME"))
        .collect();
    known.extend([
        "organisation",
        "assets",
        "bundles",
        "extract",
        "knowledge",
        "limits",
        "network",
        "check",
        "providers",
    ]);
    Problem::unknown("setting", name, &known)
}

const fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "text in quotes",
        Kind::List => "a list of texts, [\"a\", \"b\"]",
        Kind::Number => "a number",
        Kind::Switch => "true or false",
        Kind::Table => "a table of names and texts",
    }
}

fn read_value(kind: Kind, value: &DeValue<'_>) -> Option<Value> {
    match kind {
        Kind::Text => value.as_str().map(|text| Value::Text(text.to_owned())),
        Kind::List => value
            .as_array()?
            .iter()
            .map(|item| item.get_ref().as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .map(Value::List),
        Kind::Number => match value {
            DeValue::Integer(digits) => u64::from_str_radix(&digits.as_str().replace('_', ""), digits.radix()).ok(),
            // A size with its unit is text.
            DeValue::String(text) => number(text),
            _ => None,
        }
        .map(Value::Number),
        Kind::Switch => value.as_bool().map(Value::Switch),
        Kind::Table => value
            .as_table()?
            .iter()
            .map(|(name, text)| Some((name.get_ref().to_string(), text.get_ref().as_str()?.to_owned())))
            .collect::<Option<_>>()
            .map(Value::Table),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let shown = match read(text, Path::new("w.toml")) {
            Ok(settings) => settings
                .into_iter()
                .map(|(key, value, line)| format!("{line} {key}={value}\n"))
                .collect(),
            Err(problem) => format!("{problem}; {}\n", problem.next_step().unwrap_or("-")),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn reads_sections_and_kinds() {
        check(
            "tlp = \"TLP:RED\"\n[organisation]\ndomains = [\"corp.example\", \"b.example\"]\n[limits]\nunpacked = \"2G\"\ndepth = 0x10\n[extract]\nrefang = false\npatterns = { ticket = \"INC[0-9]+\" }\n",
            "9 extract.patterns=ticket\n8 extract.refang=false\n6 limits.depth=16\n5 limits.unpacked=2147483648\n3 organisation.domains=corp.example, b.example\n1 tlp=TLP:RED\n",
        );
    }

    #[test]
    fn unknown_keys_are_errors_with_their_line() {
        check(
            "[organisation]\ndomain = [\"corp.example\"]\n",
            "w.toml:2: unknown setting 'organisation.domain'; did you mean 'organisation.domains'?\n",
        );
        check(
            "[organization]\n",
            "w.toml:1: unknown setting 'organization'; did you mean 'organisation'?\n",
        );
    }

    #[test]
    fn wrong_kinds_are_errors_with_their_line() {
        check(
            "\n[limits]\ndepth = \"deep\"\n",
            "w.toml:3: 'limits.depth' is not a number; -\n",
        );
        check(
            "a = = 1\n",
            "w.toml:1: extra `=`, expected nothing; this file is TOML, see toml.io\n",
        );
    }
}
