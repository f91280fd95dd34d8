//! Reading a case from an archive that anybody may have written: every member is named and measured by the manifest, no
//! name leads anywhere, nothing is unpacked that would be too much, and nothing is taken unless all of it is right.

use super::super::packed;
use super::write::digest;
use super::{CASE, EVENTS, MANIFEST, SCHEMA};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use watchfire_formats::archive::zip::Zip;
use watchfire_model::{ArtifactId, Budget, Moment, Observable, ObservableType, Severity, Tlp, Untrusted, Verdict};
use watchfire_store::{
    Case, CaseArtifact, CaseEvent, CaseId, CaseName, CaseObservable, CaseRecord, CaseReport, CaseTask, CaseTimes, Name,
    Resolution,
};

/// Most that an archive unpacks to, in all and for each packed byte.
const MOST: u64 = 1 << 30;
const RATIO: u64 = 500;
/// Members, and entries of one list.
const MEMBERS: usize = 10_000;
const ENTRIES: usize = 5_000_000;

type Result<T> = std::result::Result<T, String>;

/// Reads a case. An error completes "cannot import 'x': ".
pub(super) fn read(bytes: &[u8]) -> Result<CaseRecord> {
    let mut members = unpack(bytes)?;
    let mut take = |name: &str| members.remove(name).ok_or_else(|| format!("it has no '{name}'"));
    let case = document(CASE, &take(CASE)?)?;
    let events = document(EVENTS, &take(EVENTS)?)?;
    let record = record(&case, &events, &mut members)?;
    match members.keys().next() {
        Some(name) => Err(format!("its member '{name}' belongs to nothing")),
        None => Ok(record),
    }
}

/// All members but the manifest, as the manifest says that they are.
fn unpack(bytes: &[u8]) -> Result<BTreeMap<String, Vec<u8>>> {
    let budget = packed::budget(MOST, RATIO);
    budget.begin(bytes.len() as u64);
    let (zip, listed) = Zip::open(bytes, &budget);
    if listed.is_err() || zip.entries().len() > MEMBERS {
        return Err("it has too many members".to_owned());
    }
    if let Some(problem) = zip.problems().first() {
        return Err(format!("it is damaged: {}", problem.message.raw()));
    }
    if zip.foreign().next().is_some() {
        return Err("there is more in the file than its members".to_owned());
    }
    let one = |name: &str| -> Result<Vec<u8>> {
        let mut named = zip.entries().iter().filter(|entry| entry.name.raw() == name);
        let (Some(entry), None) = (named.next(), named.next()) else {
            return Err(format!("it has no '{name}', or several: it is no export of a case"));
        };
        if entry.size > MOST {
            return Err(format!("'{name}' is too large"));
        }
        member(&zip, entry, &budget)
    };
    let manifest = document(MANIFEST, &one(MANIFEST)?)?;
    let mut members = BTreeMap::new();
    for entry in list(&manifest, "members")? {
        let entry = fields(entry)?;
        let name = text(entry, "name")?;
        check_name(name)?;
        let content = one(name)?;
        if content.len() as u64 != number(entry, "size")? || digest(&content) != text(entry, "sha256")? {
            return Err(format!("'{name}' is not what the manifest says"));
        }
        if members.insert(name.to_owned(), content).is_some() {
            return Err(format!("the manifest names '{name}' twice"));
        }
    }
    if zip.entries().len() != members.len() + 1 {
        return Err("it has members that the manifest does not name".to_owned());
    }
    Ok(members)
}

fn member(zip: &Zip<'_>, entry: &watchfire_formats::archive::zip::Entry, budget: &Budget) -> Result<Vec<u8>> {
    let name = entry.name.raw();
    let unpacked = zip.unpack(entry, budget);
    if unpacked.halted.is_some() {
        return Err(format!("'{name}' unpacks to more than an export of a case ever does"));
    }
    match unpacked.problem {
        Some(problem) => Err(format!("'{name}': {}", problem.message.raw())),
        None => Ok(unpacked.bytes),
    }
}

/// The names that members may have; nothing is ever written under one.
fn check_name(name: &str) -> Result<()> {
    let numbered = |stem: &str| stem.len() == 4 && stem.bytes().all(|byte| byte.is_ascii_digit());
    let inner = |begin: &str, end: &str| name.strip_prefix(begin).and_then(|rest| rest.strip_suffix(end));
    let fits = name == CASE
        || name == EVENTS
        || inner("reports/", ".json").is_some_and(numbered)
        || inner("files/", ".zip").is_some_and(|stem| sha256(stem).is_some());
    if fits {
        Ok(())
    } else {
        Err(format!("'{name}' is no member of an export of a case"))
    }
}

fn document(name: &str, bytes: &[u8]) -> Result<Map<String, Value>> {
    let value: Value = serde_json::from_slice(bytes).map_err(|error| format!("'{name}' is no JSON: {error}"))?;
    let Value::Object(fields) = value else {
        return Err(format!("'{name}' is no document of a case"));
    };
    match fields.get("schema").and_then(Value::as_str) {
        Some(SCHEMA) => Ok(fields),
        Some(other) => Err(format!("'{name}' is '{other}', and this Watchfire reads '{SCHEMA}'")),
        None => Err(format!("'{name}' is no document of a case")),
    }
}

fn record(
    case: &Map<String, Value>,
    events: &Map<String, Value>,
    members: &mut BTreeMap<String, Vec<u8>>,
) -> Result<CaseRecord> {
    let artifacts = list(case, "artifacts")?
        .iter()
        .map(|one| artifact(fields(one)?, members))
        .collect::<Result<_>>()?;
    let reports = list(case, "reports")?
        .iter()
        .map(|one| report(fields(one)?, members))
        .collect::<Result<_>>()?;
    let tasks = list(case, "tasks")?
        .iter()
        .map(|one| task(fields(one)?))
        .collect::<Result<_>>()?;
    let events = list(events, "events")?
        .iter()
        .map(|one| event(fields(one)?))
        .collect::<Result<Vec<_>>>()?;
    if events.is_empty() {
        return Err("nobody ever did anything with it".to_owned());
    }
    Ok(CaseRecord {
        case: head(case)?,
        artifacts,
        reports,
        tasks,
        events,
    })
}

fn head(case: &Map<String, Value>) -> Result<Case> {
    let tags = list(case, "tags")?
        .iter()
        .map(|tag| name("tags", tag.as_str().unwrap_or_default()));
    Ok(Case {
        number: 0,
        id: id(text(case, "id")?)?,
        name: CaseName::parse(text(case, "name")?).map_err(|why| format!("its name is {why}"))?,
        title: text(case, "title")?.into(),
        kind: name("type", text(case, "type")?)?,
        severity: maybe(case, "severity")?.map(severity).transpose()?,
        verdict: verdict(text(case, "verdict")?)?,
        score: score(case)?,
        tlp: maybe(case, "tlp")?
            .map(|label| Tlp::parse(label).ok_or_else(|| wrong("tlp")))
            .transpose()?,
        assignee: maybe(case, "assignee")?.map(Untrusted::from),
        tags: tags.collect::<Result<_>>()?,
        times: CaseTimes {
            occurred: maybe_moment(case, "occurred")?,
            detected: moment(text(case, "detected")?)?,
            acknowledged: maybe_moment(case, "acknowledged")?,
            contained: maybe_moment(case, "contained")?,
            resolved: maybe_moment(case, "resolved")?,
        },
        resolution: maybe(case, "resolution")?
            .map(|word| Resolution::parse(word).ok_or_else(|| wrong("resolution")))
            .transpose()?,
        why: text(case, "why")?.into(),
        merged_into: maybe(case, "merged_into")?.map(id).transpose()?,
        split_from: maybe(case, "split_from")?.map(id).transpose()?,
    })
}

fn artifact(one: &Map<String, Value>, members: &mut BTreeMap<String, Vec<u8>>) -> Result<CaseArtifact> {
    let sha256 = maybe(one, "sha256")?
        .map(|text| sha256(text).ok_or_else(|| wrong("sha256")))
        .transpose()?;
    let sealed = match (one.get("kept"), sha256) {
        (Some(Value::Bool(true)), Some(sha256)) => {
            let name = format!("files/{sha256}.zip");
            Some(members.remove(&name).ok_or_else(|| format!("it has no '{name}'"))?)
        }
        (Some(Value::Bool(false)), _) => None,
        _ => return Err(wrong("kept")),
    };
    let observables = list(one, "observables")?
        .iter()
        .map(|seen| observable(fields(seen)?))
        .collect::<Result<_>>()?;
    Ok(CaseArtifact {
        sha256,
        path: text(one, "path")?.into(),
        size: number(one, "size")?,
        media_type: text(one, "media_type")?.into(),
        depth: u32::try_from(number(one, "depth")?).map_err(|_| wrong("depth"))?,
        observables,
        sealed,
    })
}

fn observable(seen: &Map<String, Value>) -> Result<CaseObservable> {
    let value = text(seen, "value")?;
    let parsed = match maybe(seen, "pattern")? {
        Some(pattern) => Observable::of_pattern(pattern.into(), value),
        None => {
            let kind = ObservableType::from_name(text(seen, "type")?).ok_or_else(|| wrong("type"))?;
            Observable::parse(kind, value)
        }
    };
    let observable = parsed.map_err(|why| format!("an observable is {why}"))?;
    let is_telling = seen
        .get("telling")
        .and_then(Value::as_bool)
        .ok_or_else(|| wrong("telling"))?;
    Ok(CaseObservable { observable, is_telling })
}

fn report(one: &Map<String, Value>, members: &mut BTreeMap<String, Vec<u8>>) -> Result<CaseReport> {
    let member = text(one, "member")?;
    let json = members.remove(member).ok_or_else(|| format!("it has no '{member}'"))?;
    let parsed: Value = serde_json::from_slice(&json).map_err(|error| format!("'{member}' is no JSON: {error}"))?;
    if !parsed.is_object() {
        return Err(format!("'{member}' is no report"));
    }
    Ok(CaseReport {
        digest: sha256(text(one, "digest")?).ok_or_else(|| wrong("digest"))?,
        made: moment(text(one, "made")?)?,
        verdict: verdict(text(one, "verdict")?)?,
        score: score(one)?,
        content: packed::pack(&json).map_err(|error| error.to_string())?,
    })
}

fn task(one: &Map<String, Value>) -> Result<CaseTask> {
    Ok(CaseTask {
        number: number(one, "number")?,
        text: text(one, "text")?.into(),
        done: maybe_moment(one, "done")?,
    })
}

fn event(one: &Map<String, Value>) -> Result<CaseEvent> {
    let digest = |field: &str| -> Result<ArtifactId> { sha256(text(one, field)?).ok_or_else(|| wrong(field)) };
    Ok(CaseEvent {
        number: number(one, "number")?,
        at: moment(text(one, "at")?)?,
        who: text(one, "who")?.into(),
        action: name("action", text(one, "action")?)?,
        text: text(one, "text")?.into(),
        salt: maybe(one, "salt")?.map(|salt| id(salt).map(|id| id.0)).transpose()?,
        sealed: digest("sealed")?,
        hash: digest("hash")?,
    })
}

fn wrong(field: &str) -> String {
    format!("'{field}' makes no sense")
}

fn fields(value: &Value) -> Result<&Map<String, Value>> {
    value
        .as_object()
        .ok_or_else(|| "a list holds what is no entry of it".to_owned())
}

fn list<'v>(of: &'v Map<String, Value>, field: &str) -> Result<&'v Vec<Value>> {
    let values = of.get(field).and_then(Value::as_array);
    values
        .filter(|values| values.len() <= ENTRIES)
        .ok_or_else(|| wrong(field))
}

fn text<'v>(of: &'v Map<String, Value>, field: &str) -> Result<&'v str> {
    of.get(field).and_then(Value::as_str).ok_or_else(|| wrong(field))
}

/// A text that may be missing.
fn maybe<'v>(of: &'v Map<String, Value>, field: &str) -> Result<Option<&'v str>> {
    match of.get(field) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(field)),
    }
}

fn number(of: &Map<String, Value>, field: &str) -> Result<u64> {
    let number = of.get(field).and_then(Value::as_u64);
    number
        .filter(|number| i64::try_from(*number).is_ok())
        .ok_or_else(|| wrong(field))
}

fn score(of: &Map<String, Value>) -> Result<u8> {
    let score = u8::try_from(number(of, "score")?).ok();
    score.filter(|score| *score <= 100).ok_or_else(|| wrong("score"))
}

fn moment(text: &str) -> Result<Moment> {
    Moment::parse(text).map_err(|why| format!("a time is {why}"))
}

fn maybe_moment(of: &Map<String, Value>, field: &str) -> Result<Option<Moment>> {
    maybe(of, field)?.map(moment).transpose()
}

fn name(field: &str, text: &str) -> Result<Name> {
    Name::parse(text).map_err(|_| wrong(field))
}

fn id(text: &str) -> Result<CaseId> {
    CaseId::parse(text).ok_or_else(|| wrong("id"))
}

/// A SHA-256 in small letters.
fn sha256(text: &str) -> Option<ArtifactId> {
    let mut digest = [0; 32];
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != 64 || !text.bytes().all(is_hex) {
        return None;
    }
    for (at, byte) in digest.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(ArtifactId::from_digest(digest))
}

fn severity(text: &str) -> Result<Severity> {
    super::super::severity(text).map_err(|_| wrong("severity"))
}

fn verdict(text: &str) -> Result<Verdict> {
    use Verdict::{Benign, Malicious, Suspicious, Unknown};
    let found = [Benign, Unknown, Suspicious, Malicious]
        .into_iter()
        .find(|verdict| verdict.as_str() == text);
    found.ok_or_else(|| wrong("verdict"))
}
