//! The warninglists of the MISP project, chosen and given their roles by `data/lists.tsv`.

use crate::names;
use crate::punycode;
use crate::ranges::Ranges;
use crate::sets::Sets;
use crate::{Output, Result, read};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::net::IpAddr;
use std::path::Path;

/// One row of the table of decisions.
struct Decision {
    name: String,
    role: String,
    matching: String,
    only: Vec<String>,
    except: Vec<String>,
    reason: String,
    upstream: String,
    terms: String,
}

impl Decision {
    fn wants(&self, host: &str) -> bool {
        let below = |domain: &String| {
            host.strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        (self.only.is_empty() || self.only.iter().any(below)) && !self.except.iter().any(|name| name == host)
    }
}

fn words(field: &str) -> Vec<String> {
    field
        .split_whitespace()
        .filter(|word| *word != "-")
        .map(str::to_owned)
        .collect()
}

fn decisions(table: &str) -> Result<Vec<Decision>> {
    let mut decisions = Vec::new();
    for line in table.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [name, role, matching, only, except, reason, upstream, terms] = fields.as_slice() else {
            return Err(format!("lists.tsv: not eight fields: {line}").into());
        };
        decisions.push(Decision {
            name: (*name).to_owned(),
            role: (*role).to_owned(),
            matching: (*matching).to_owned(),
            only: words(only),
            except: words(except),
            reason: (*reason).to_owned(),
            upstream: (*upstream).to_owned(),
            terms: (*terms).to_owned(),
        });
    }
    decisions.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(decisions)
}

/// Everything that the lists say, by kind of value. A member is the list's number, doubled, plus one where the value
/// stands for all names below it too.
#[derive(Default)]
struct Contents {
    hosts: BTreeMap<Vec<u8>, BTreeSet<u16>>,
    tokens: BTreeMap<Vec<u8>, BTreeSet<u16>>,
    ipv4: Ranges,
    ipv6_high: Ranges,
    ipv6: Ranges,
    skipped: Vec<String>,
}

impl Contents {
    fn add(&mut self, decision: &Decision, kind: &str, entry: &str, number: u16) {
        let entry = entry.trim();
        let taken = match kind {
            "regex" => true,
            "cidr" => self.add_range(entry, number * 2),
            _ => {
                self.add_token(entry, number * 2)
                    || self.add_range(entry, number * 2)
                    || self.add_host(decision, kind, entry, number)
            }
        };
        if !taken {
            self.skipped.push(format!("{}: {entry}", decision.name));
        }
    }

    fn add_range(&mut self, entry: &str, member: u16) -> bool {
        let (address, length) = entry.split_once('/').unwrap_or((entry, ""));
        let Ok(address) = address.parse::<IpAddr>() else {
            return false;
        };
        let mapped = matches!(address, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some());
        let address = if mapped && length.is_empty() {
            address.to_canonical()
        } else {
            address
        };
        let (bits, width) = match address {
            IpAddr::V4(v4) => (u128::from(v4.to_bits()), 32),
            IpAddr::V6(v6) => (v6.to_bits(), 128),
        };
        let length = if length.is_empty() {
            Ok(width)
        } else {
            length.parse::<u32>()
        };
        let Some(free) = length.ok().and_then(|length| width.checked_sub(length)) else {
            return false;
        };
        let host_mask = if free == 128 { u128::MAX } else { (1 << free) - 1 };
        let (first, last) = (bits & !host_mask, bits | host_mask);
        if width == 32 {
            self.ipv4.add(first, last, member);
        } else if free >= 64 {
            self.ipv6_high.add(first >> 64, last >> 64, member);
        } else {
            self.ipv6.add(first, last, member);
        }
        true
    }

    fn add_token(&mut self, entry: &str, member: u16) -> bool {
        let Some(key) = crate::token::key(entry) else {
            return false;
        };
        self.tokens.entry(key.as_ref().to_vec()).or_default().insert(member);
        true
    }

    fn add_host(&mut self, decision: &Decision, kind: &str, entry: &str, number: u16) -> bool {
        let dotted = entry.starts_with('.');
        let Some(host) = punycode::to_ascii(entry.trim_matches('.')) else {
            return false;
        };
        let plausible = (dotted || host.contains('.'))
            && host.split('.').all(|label| {
                !label.is_empty()
                    && label
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            });
        if !plausible {
            return false;
        }
        if !decision.wants(&host) {
            return true;
        }
        let below = match decision.matching.as_str() {
            "exact" => false,
            "below" => true,
            _ => dotted || kind == "hostname",
        };
        self.hosts
            .entry(host.into_bytes())
            .or_default()
            .insert(number * 2 + u16::from(below));
        true
    }
}

fn with_sets(values: &BTreeMap<Vec<u8>, BTreeSet<u16>>, sets: &mut Sets) -> Result<BTreeMap<Vec<u8>, u16>> {
    values
        .iter()
        .map(|(key, members)| Ok((key.clone(), sets.intern(members.iter().copied())?)))
        .collect()
}

/// A list of our own in the shape of the project's: one value a line, the version and the title in its comments.
fn own(text: &str) -> Value {
    let comments: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("# ")).collect();
    let version = comments
        .iter()
        .find_map(|comment| comment.strip_prefix("version ")?.parse::<u64>().ok());
    let entries: Vec<&str> = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let title = comments.first().and_then(|comment| comment.split([',', '.']).next());
    json!({"name": title, "type": "hostname", "version": version, "list": entries})
}

/// Packs the lists in `folder`, and our own beside the table of decisions in `data`.
pub(crate) fn pack(folder: &Path, data: &Path, output: &mut Output) -> Result<()> {
    let mut contents = Contents::default();
    let mut source = String::from("static LISTS: &[List] = &[\n");
    let decisions = decisions(&read(&data.join("lists.tsv"))?)?;
    for (number, decision) in (0..).zip(decisions.iter().filter(|decision| decision.role != "out")) {
        let list = if decision.name.starts_with("own-") {
            own(&read(&data.join(format!("{}.txt", decision.name)))?)
        } else {
            serde_json::from_str(&read(&folder.join(format!("{}.json", decision.name)))?)?
        };
        let text = |key: &str| list.get(key).and_then(Value::as_str).unwrap_or_default();
        for entry in list.get("list").and_then(Value::as_array).into_iter().flatten() {
            contents.add(decision, text("type"), entry.as_str().unwrap_or_default(), number);
        }
        let role = match decision.role.as_str() {
            "known-good" => "KnownGood",
            "shared" => "Shared",
            "disposable" => "Disposable",
            "context" => "Context",
            other => return Err(format!("lists.tsv: '{other}' is not a role").into()),
        };
        let version = list.get("version").and_then(Value::as_u64).unwrap_or_default();
        writeln!(
            source,
            "    List {{ name: {:?}, title: {:?}, role: Role::{role}, version: {version}, reason: {:?}, upstream: {:?}, \
             licence: {:?} }},",
            decision.name,
            text("name").trim(),
            decision.reason,
            decision.upstream,
            decision.terms
        )?;
    }
    source.push_str("];\n");
    let mut sets = Sets::new();
    output.add("hosts.bin", names::build(&with_sets(&contents.hosts, &mut sets)?)?);
    output.add("tokens.bin", names::build(&with_sets(&contents.tokens, &mut sets)?)?);
    output.add("ipv4.bin", contents.ipv4.build(4, &mut sets)?);
    output.add("ipv6-high.bin", contents.ipv6_high.build(8, &mut sets)?);
    output.add("ipv6.bin", contents.ipv6.build(16, &mut sets)?);
    output.add("sets.bin", sets.bytes());
    output.add("lists.rs", source.into_bytes());
    output.skipped.append(&mut contents.skipped);
    Ok(())
}
