//! The artifacts of a run: files, and what is in them, each below its parent (sections 3.4, 3.24, 3.28 to 3.30).

use super::{Message, uri};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use watchfire_model::{ArtifactId, ArtifactRecord, BELOW, Evidence, MediaType, Place, Report, Untrusted};

/// Names between `▸` that may themselves hold one. More than so many are not tried.
const TRIED: usize = 64;

/// An entry of `run.artifacts`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ArtifactEntry<'r> {
    location: Uri,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_index: Option<usize>,
    length: u64,
    roles: Vec<&'static str>,
    mime_type: MediaType,
    #[serde(skip_serializing_if = "Option::is_none")]
    hashes: Option<Hashes>,
    properties: ArtifactProperties<'r>,
}

#[derive(Clone, Serialize)]
struct Uri {
    uri: String,
}

#[derive(Serialize)]
struct Hashes {
    #[serde(rename = "sha-256")]
    sha_256: ArtifactId,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactProperties<'r> {
    path: &'r Untrusted,
    read: bool,
}

/// Where something is: the location of a result or of a notification.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Location<'r> {
    physical_location: Physical,
    logical_locations: Vec<Logical>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    properties: Option<EvidenceProperties<'r>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: ArtifactLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

/// A reference to an artifact.
#[derive(Serialize)]
pub(super) struct ArtifactLocation {
    uri: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    index: Option<usize>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    #[serde(skip_serializing_if = "Option::is_none")]
    start_line: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_offset: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_length: Option<u64>,
}

/// The path inside of containers, as Watchfire prints it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Logical {
    fully_qualified_name: String,
}

#[derive(Serialize)]
struct EvidenceProperties<'r> {
    sha256: ArtifactId,
    excerpt: &'r Untrusted,
}

/// All of them, and which entry a path means.
pub(super) struct Artifacts<'r> {
    entries: Vec<ArtifactEntry<'r>>,
    /// Path and identity: names repeat.
    index: BTreeMap<(&'r str, Option<ArtifactId>), usize>,
}

impl<'r> Artifacts<'r> {
    pub(super) fn of(report: &'r Report) -> Self {
        let mut all = Self {
            entries: Vec::new(),
            index: BTreeMap::new(),
        };
        let suppressed = report.suppressed.iter().map(|hidden| &hidden.finding);
        let met: BTreeSet<(&str, ArtifactId)> = report
            .findings
            .iter()
            .chain(suppressed)
            .flat_map(|finding| finding.evidence())
            .map(|evidence| (evidence.path.raw(), evidence.artifact))
            .collect();
        // Depth and path: what is in a container comes behind it.
        let mut parents: BTreeMap<(u32, &str), usize> = BTreeMap::new();
        for record in &report.artifacts {
            let path = record.path.raw();
            let key = (path, record.sha256);
            // The same file given twice is one entry: entries are unique.
            if all.index.contains_key(&key) {
                continue;
            }
            let has_result = record.sha256.is_some_and(|sha256| met.contains(&(path, sha256)));
            let number = all.entries.len();
            all.entries.push(entry(record, parent(record, &parents), has_result));
            all.index.insert(key, number);
            parents.entry((record.depth, path)).or_insert(number);
        }
        all
    }

    /// `run.artifacts`
    pub(super) fn entries(&self) -> &[ArtifactEntry<'r>] {
        &self.entries
    }

    /// Where a piece of evidence is.
    pub(super) fn location<'e>(&self, evidence: &'e Evidence) -> Location<'e> {
        let path = evidence.path.raw();
        let region = match evidence.place {
            Place::Bytes(span) => Some(Region {
                byte_offset: Some(span.start),
                byte_length: Some(span.end.saturating_sub(span.start)),
                ..Region::default()
            }),
            Place::Line(line) => Some(Region {
                start_line: Some(line.max(1)),
                ..Region::default()
            }),
            _ => None,
        };
        let message = match &evidence.place {
            Place::Whole | Place::Bytes(_) | Place::Line(_) => None,
            Place::Page(page) => Some(format!("page {page}")),
            Place::Member(member) => Some(format!("member {member}")),
            Place::Header(name) => Some(format!("header {}", name.raw())),
            Place::Frame(frame) => Some(format!("frame {frame}")),
            Place::Record(record) => Some(format!("record {record}")),
        };
        Location {
            physical_location: Physical {
                artifact_location: self.artifact(path, Some(evidence.artifact)),
                region,
            },
            logical_locations: logical(path),
            message: message.as_deref().map(Message::plain),
            properties: Some(EvidenceProperties {
                sha256: evidence.artifact,
                excerpt: &evidence.excerpt,
            }),
        }
    }

    /// Where a diagnostic is about.
    pub(super) fn place(&self, path: &Untrusted) -> Option<Location<'static>> {
        let path = path.raw();
        (!path.is_empty()).then(|| Location {
            physical_location: Physical {
                artifact_location: self.artifact(path, None),
                region: None,
            },
            logical_locations: logical(path),
            message: None,
            properties: None,
        })
    }

    /// The file that was given, where `evidence` is about something inside of it.
    pub(super) fn target(&self, evidence: &Evidence) -> Option<ArtifactLocation> {
        let mut at = self.find(evidence.path.raw(), Some(evidence.artifact))?;
        let mut climbed = false;
        // Parents come before their children, so this ends.
        while let Some(parent) = self.entries.get(at)?.parent_index.filter(|parent| *parent < at) {
            at = parent;
            climbed = true;
        }
        let uri = self.entries.get(at)?.location.uri.clone();
        climbed.then_some(ArtifactLocation { uri, index: Some(at) })
    }

    fn find(&self, path: &str, sha256: Option<ArtifactId>) -> Option<usize> {
        if let Some(exact) = sha256.and_then(|_| self.index.get(&(path, sha256))) {
            return Some(*exact);
        }
        // `None` sorts before every digest.
        let first = self.index.range((path, None)..).next();
        first.filter(|((name, _), _)| *name == path).map(|(_, at)| *at)
    }

    fn artifact(&self, path: &str, sha256: Option<ArtifactId>) -> ArtifactLocation {
        let index = self.find(path, sha256);
        let known = index.and_then(|at| self.entries.get(at));
        let uri = known.map_or_else(
            || {
                // Nobody knows what it is below; the file is there in any case.
                let file = path.split(BELOW).next().unwrap_or(path);
                uri::root(file)
            },
            |entry| entry.location.uri.clone(),
        );
        ArtifactLocation { uri, index }
    }
}

/// The number of the parent of `record`, and its name in there.
fn parent<'r>(record: &'r ArtifactRecord, parents: &BTreeMap<(u32, &str), usize>) -> Option<(usize, &'r str)> {
    let above = record.depth.checked_sub(1)?;
    let path = record.path.raw();
    path.rmatch_indices(BELOW).take(TRIED).find_map(|(at, _)| {
        let number = parents.get(&(above, path.get(..at)?))?;
        Some((*number, path.get(at + BELOW.len()..)?))
    })
}

fn entry<'r>(record: &'r ArtifactRecord, parent: Option<(usize, &str)>, has_result: bool) -> ArtifactEntry<'r> {
    let uri = match parent {
        Some((_, name)) => uri::member(name),
        None => uri::root(record.path.raw()),
    };
    let role = match (record.depth, has_result) {
        (0, _) => Some("analysisTarget"),
        (_, true) => Some("resultFile"),
        _ => None,
    };
    ArtifactEntry {
        location: Uri { uri },
        parent_index: parent.map(|(number, _)| number),
        length: record.size,
        roles: role.into_iter().collect(),
        mime_type: record.media_type,
        hashes: record.sha256.map(|sha_256| Hashes { sha_256 }),
        properties: ArtifactProperties {
            path: &record.path,
            read: record.read,
        },
    }
}

fn logical(path: &str) -> Vec<Logical> {
    path.contains(BELOW)
        .then(|| Logical {
            fully_qualified_name: Untrusted::new(path).to_string(),
        })
        .into_iter()
        .collect()
}
