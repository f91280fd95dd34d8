//! Detection rules and the sets they are of, in every format.
//!
//! Everything that a rule says of itself is text that others wrote. Machine formats have it raw.

use crate::{Document, Side, Style, csv, json, table};
use serde::Serialize;
use std::io::{self, Write};
use watchfire_model::{Untrusted, counted};

/// A set of rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedSet {
    /// `builtin`, the name of an imported set, or `bundle`.
    pub name: Untrusted,
    /// Where it came from.
    pub origin: Untrusted,
    /// Under which licences.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub terms: Untrusted,
    /// When it was taken in, RFC 3339; of rules that ship nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub taken: Option<String>,
    /// How long ago that was, in words. Only for people.
    #[serde(skip)]
    pub age: String,
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
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ListedRule {
    /// Its identifier; empty where it has none.
    pub id: Untrusted,
    /// Its title.
    pub title: Untrusted,
    /// `rule` or `correlation`.
    pub kind: &'static str,
    /// `critical` to `informational`, or `unset`.
    pub level: String,
    /// `stable`, `test`, `experimental`, `deprecated`, `unsupported` or `unset`.
    pub status: String,
    /// Such as `windows`; empty where it does not matter.
    pub product: Untrusted,
    /// Such as `sysmon`.
    pub service: Untrusted,
    /// Such as `process_creation`.
    pub category: Untrusted,
    /// Tactics of ATT&CK, such as `defense-evasion`.
    pub tactics: Vec<Untrusted>,
    /// Techniques of ATT&CK, such as `T1059.001`.
    pub techniques: Vec<Untrusted>,
    /// Who wrote it.
    pub author: Untrusted,
    /// Its licence, where it names one.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub license: Untrusted,
    /// When it was last changed, as it says.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub modified: Untrusted,
    /// The set that it is of.
    pub set: Untrusted,
    /// Its file in the set.
    pub file: Untrusted,
}

/// All of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleList {
    /// `watchfire.rules/1`
    pub schema: &'static str,
    /// The version of Watchfire.
    pub version: &'static str,
    /// Sets, in the order in which they count.
    pub sets: Vec<ListedSet>,
    /// Rules that were asked for, sorted by set and file.
    pub rules: Vec<ListedRule>,
}

/// Authors take no more room on a screen. Columns.
const AUTHORS: usize = 28;

impl Document for RuleList {
    fn text(&self, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        text(self, style, out)
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        json::pretty(self, out)
    }

    fn ndjson(&self, out: &mut dyn Write) -> io::Result<()> {
        ndjson(self, out)
    }

    fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        csv(self, out)
    }
}

fn text(list: &RuleList, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let titles = [
        ("SET", Side::Left),
        ("RULES", Side::Right),
        ("TAKEN", Side::Left),
        ("NOT USED; FROM; TERMS", Side::Left),
    ];
    let row = |set: &ListedSet| {
        let mut says = apart(set);
        says.extend(Some(set.origin.shown(300)).filter(|origin| !origin.is_empty()));
        says.extend(Some(set.terms.shown(300)).filter(|terms| !terms.is_empty()));
        vec![
            set.name.shown(40),
            (set.rules + set.correlations).to_string(),
            set.age.clone(),
            says.join("; "),
        ]
    };
    let rows: Vec<Vec<String>> = list.sets.iter().map(row).collect();
    table(&titles, &rows, style, out)?;
    if list.rules.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let titles = [
        ("LEVEL", Side::Left),
        ("STATUS", Side::Left),
        ("LOGS", Side::Left),
        ("ATT&CK", Side::Left),
        ("RULE; AUTHOR; IDENTIFIER", Side::Left),
    ];
    let row = |rule: &ListedRule| {
        let logs = [&rule.product, &rule.service, &rule.category];
        let logs: Vec<String> = logs
            .iter()
            .filter(|part| !part.is_empty())
            .map(|part| part.shown(30))
            .collect();
        let techniques: Vec<String> = rule
            .techniques
            .iter()
            .take(2)
            .map(|technique| technique.shown(12))
            .collect();
        let mut says = vec![rule.title.shown(200)];
        says.extend(Some(rule.author.shown(AUTHORS)).filter(|author| !author.is_empty()));
        says.extend(Some(rule.id.shown(40)).filter(|id| !id.is_empty()));
        vec![
            rule.level.clone(),
            rule.status.clone(),
            if logs.is_empty() {
                rule.kind.to_owned()
            } else {
                logs.join("/")
            },
            techniques.join(" "),
            says.join("; "),
        ]
    };
    let most = style.top.filter(|most| *most > 0).unwrap_or(usize::MAX);
    let rows: Vec<Vec<String>> = list.rules.iter().take(most).map(row).collect();
    table(&titles, &rows, style, out)?;
    if list.rules.len() > rows.len() {
        writeln!(out, "  +{} more (--top 0)", list.rules.len() - rows.len())?;
    }
    writeln!(out)?;
    writeln!(out, " {}", summary(&list.rules))
}

/// `12 rules: 2 critical, 10 high`
fn summary(rules: &[ListedRule]) -> String {
    let levels = ["critical", "high", "medium", "low", "informational", "unset"];
    let count = |level: &str| rules.iter().filter(|rule| rule.level == level).count();
    let counts: Vec<String> = levels
        .iter()
        .map(|level| (level, count(level)))
        .filter(|(_, count)| *count > 0)
        .map(|(level, count)| format!("{count} {level}"))
        .collect();
    format!("{}: {}", counted(rules.len() as u64, "rule"), counts.join(", "))
}

/// What of a set is not used.
fn apart(set: &ListedSet) -> Vec<String> {
    let parts = [
        (set.deprecated, "deprecated"),
        (set.unsupported, "unsupported"),
        (set.waiting, "waiting for values of placeholders"),
        (set.unusable, "cannot be used"),
    ];
    let told: Vec<String> = parts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    if told.is_empty() { told } else { vec![told.join(", ")] }
}

#[derive(Serialize)]
#[serde(tag = "record", rename_all = "lowercase")]
enum Record<'a> {
    Set(&'a ListedSet),
    Rule(&'a ListedRule),
}

/// A line for each set and each rule.
fn ndjson(list: &RuleList, out: &mut dyn Write) -> io::Result<()> {
    let schema = list.schema;
    let sets = list.sets.iter().map(Record::Set);
    let mut records = sets.chain(list.rules.iter().map(Record::Rule));
    records.try_for_each(|record| json::record(schema, &record, out))
}

/// A row for each rule.
fn csv(list: &RuleList, out: &mut dyn Write) -> io::Result<()> {
    let columns = [
        "id",
        "title",
        "kind",
        "level",
        "status",
        "product",
        "service",
        "category",
        "tactics",
        "techniques",
        "author",
        "license",
        "modified",
        "set",
        "file",
    ];
    let joined = |all: &[Untrusted]| all.iter().map(Untrusted::raw).collect::<Vec<_>>().join(" ");
    let rows = list.rules.iter().map(|rule| {
        vec![
            rule.id.raw().to_owned(),
            rule.title.raw().to_owned(),
            rule.kind.to_owned(),
            rule.level.clone(),
            rule.status.clone(),
            rule.product.raw().to_owned(),
            rule.service.raw().to_owned(),
            rule.category.raw().to_owned(),
            joined(&rule.tactics),
            joined(&rule.techniques),
            rule.author.raw().to_owned(),
            rule.license.raw().to_owned(),
            rule.modified.raw().to_owned(),
            rule.set.raw().to_owned(),
            rule.file.raw().to_owned(),
        ]
    });
    csv::plain(&columns, rows, out)
}
