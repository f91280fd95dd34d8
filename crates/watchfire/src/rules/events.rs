//! Logs read for rules: records of any format against a program, with what each is called in its own log.

use super::origin;
use crate::progress::Counted;
use crate::{Input, Links, Problem, Progress};
use std::collections::BTreeMap;
use std::io::{self, Read};
use watchfire_formats::capped::{self, Codec};
use watchfire_formats::log::{self, Record};
use watchfire_model::{Budget, Limits, Moment, Timestamp};
use watchfire_sigma::{
    Alert, CorrelationLimits, Correlator, Field, FieldId, Matcher, Names, Pipeline, Program, Route, RuleId, Value,
};
use watchfire_sources::{Found, Source, SourceError, walk};

/// What was read of logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogsRead {
    /// Files that were named or found.
    pub inputs: u64,
    /// Of these, how many could be read.
    pub read: u64,
    /// Bytes, unpacked.
    pub bytes: u64,
    /// Records.
    pub records: u64,
    /// Records of each format, in the order of their names.
    pub formats: BTreeMap<&'static str, u64>,
}

/// A record and where it is.
pub(super) struct Seen<'a, 'r> {
    pub(super) record: &'a Record<'r>,
    pub(super) fields: &'a [Field<'r>],
    /// The file.
    pub(super) source: &'a str,
    /// Rules that match.
    pub(super) rules: &'a [RuleId],
}

/// Records of one origin.
struct Kind {
    route: Route,
    names: Names,
    /// Numbers of the program for those of the reader, as far as they were asked.
    ids: Vec<Option<Vec<FieldId>>>,
}

/// Matches records.
pub(super) struct Watch<'p> {
    program: &'p Program,
    matcher: Matcher<'p>,
    pipelines: Vec<Pipeline>,
    kinds: BTreeMap<(&'static str, String, i64), Kind>,
    correlator: Option<Correlator<'p>>,
    reference: u64,
    pub(super) alerts: Vec<Alert>,
}

impl<'p> Watch<'p> {
    pub(super) fn new(program: &'p Program) -> Self {
        let correlates = !program.correlations().is_empty();
        // Files are read one after the other, and clocks differ.
        let limits = CorrelationLimits {
            lateness: 10 * 365 * 86_400_000,
            ..CorrelationLimits::default()
        };
        Self {
            program,
            matcher: Matcher::new(program),
            pipelines: watchfire_sigma::PIPELINES
                .iter()
                .filter_map(|name| Pipeline::builtin(name))
                .collect(),
            kinds: BTreeMap::new(),
            correlator: correlates.then(|| Correlator::new(program, limits)),
            reference: 0,
            alerts: Vec::new(),
        }
    }

    /// Reads logs, and hands out the records that a rule matches.
    pub(super) fn read(
        &mut self,
        inputs: impl IntoIterator<Item = Input>,
        as_of: Moment,
        progress: &dyn Progress,
        each: &mut dyn FnMut(&Seen<'_, '_>),
    ) -> LogsRead {
        let mut read = LogsRead::default();
        for found in walk(inputs, Links::Skip) {
            match found {
                Found::Source(source) => {
                    read.inputs += 1;
                    match self.source(&source, as_of, progress, each) {
                        Ok(totals) => {
                            read.read += 1;
                            read.bytes += totals.bytes;
                            read.records += totals.records;
                            for (format, count) in totals.formats {
                                *read.formats.entry(format.name).or_default() += count;
                            }
                        }
                        Err(error) => progress.failed(&error),
                    }
                }
                Found::Skipped(skipped) => progress.skipped(&skipped),
                Found::Failed(error) => {
                    read.inputs += 1;
                    progress.failed(&error);
                }
            }
        }
        read
    }

    /// What correlations say once all was read.
    pub(super) fn finish(&mut self) {
        if let Some(correlator) = &mut self.correlator {
            self.alerts.extend(correlator.finish());
        }
    }

    fn source(
        &mut self,
        source: &Source,
        as_of: Moment,
        progress: &dyn Progress,
        each: &mut dyn FnMut(&Seen<'_, '_>),
    ) -> Result<log::Totals, SourceError> {
        let failed = |error: io::Error| source.failed(&error);
        let reader = source.open()?;
        let mut counted = Counted {
            inner: reader,
            progress,
        };
        let mut head = Vec::new();
        counted.by_ref().take(8).read_to_end(&mut head).map_err(failed)?;
        let codec = codec(&head);
        let mut bytes = io::Cursor::new(head).chain(counted);
        let budget = Budget::new(Limits {
            unpacked: u64::MAX,
            artifact_size: u64::MAX,
            ..Limits::default()
        });
        let options = log::Options::new(Timestamp::new(as_of.unix(), 0));
        let mut reader = log::Reader::new(&options);
        for kind in self.kinds.values_mut() {
            kind.ids.clear();
        }
        let name = source.name().raw().to_owned();
        let mut sink = |record: &Record<'_>| self.record(record, &name, each);
        match codec {
            None => reader.read(&mut bytes, &mut sink).map_err(failed)?,
            Some(codec) => {
                let mut unpacked = capped::reader(codec, Box::new(bytes), &budget);
                reader.read(&mut unpacked, &mut sink).map_err(failed)?;
                if let Some(problem) = unpacked.problem() {
                    progress.lost(&format!("{}: {}", source.name(), problem.message));
                }
            }
        }
        Ok(reader.totals().clone())
    }

    fn record(&mut self, record: &Record<'_>, source: &str, each: &mut dyn FnMut(&Seen<'_, '_>)) {
        let key = origin::key(record);
        let kept = key.kept();
        if !self.kinds.contains_key(&kept) {
            let (origin, pipelines) = key.origin();
            let own: Vec<&Pipeline> = self
                .pipelines
                .iter()
                .filter(|pipeline| pipelines.contains(&pipeline.name.as_str()))
                .collect();
            let kind = Kind {
                route: self.matcher.route(&origin),
                names: self.program.names(&own, &origin),
                ids: Vec::new(),
            };
            self.kinds.insert(kept.clone(), kind);
        }
        let Some(kind) = self.kinds.get_mut(&kept) else { return };
        let fields = bound(record, kind);
        let rules = self.matcher.matches(kind.route, &fields);
        if rules.is_empty() {
            return;
        }
        self.reference += 1;
        if let (Some(correlator), Some(time)) = (&mut self.correlator, record.time) {
            let at = time.at.nanoseconds().div_euclid(1_000_000);
            self.alerts.extend(correlator.feed(at, rules, &fields, self.reference));
        }
        each(&Seen {
            record,
            fields: &fields,
            source,
            rules,
        });
    }
}

/// The values of a record under the numbers of the program.
fn bound<'r>(record: &Record<'r>, kind: &mut Kind) -> Vec<Field<'r>> {
    let mut fields = Vec::with_capacity(record.fields().len() + 1);
    for field in record.fields() {
        let value = value(field.value);
        let index = field.id.index();
        if index >= 1 << 16 {
            let ids = kind.names.get(field.name);
            push(&mut fields, ids, value);
            continue;
        }
        if kind.ids.len() <= index {
            kind.ids.resize(index + 1, None);
        }
        if let Some(slot) = kind.ids.get_mut(index) {
            let ids = slot.get_or_insert_with(|| kind.names.get(field.name).to_vec());
            push(&mut fields, ids, value);
        }
    }
    // What stands outside of all fields may still hold a keyword.
    let whole = if record.text.is_empty() {
        record.message.unwrap_or_default()
    } else {
        record.text
    };
    if !whole.is_empty() {
        fields.push(Field {
            id: FieldId::OTHER,
            value: Value::Text(whole),
        });
    }
    fields
}

fn push<'r>(fields: &mut Vec<Field<'r>>, ids: &[FieldId], value: Value<'r>) {
    if ids.is_empty() {
        fields.push(Field {
            id: FieldId::OTHER,
            value,
        });
    }
    fields.extend(ids.iter().map(|id| Field { id: *id, value }));
}

const fn value(value: log::Value<'_>) -> Value<'_> {
    match value {
        log::Value::Text(text) => Value::Text(text),
        log::Value::Integer(number) => Value::Integer(number),
        log::Value::Float(number) => Value::Float(number),
        log::Value::Bool(is) => Value::Boolean(is),
        log::Value::Null => Value::Null,
    }
}

/// What a log is packed with, by its first bytes.
fn codec(head: &[u8]) -> Option<Codec> {
    [
        (&b"\x1f\x8b"[..], Codec::Gzip),
        (b"BZh", Codec::Bzip2),
        (b"\xfd7zXZ\0", Codec::Xz),
        (b"\x28\xb5\x2f\xfd", Codec::Zstd),
        (b"\x04\x22\x4d\x18", Codec::Lz4),
    ]
    .into_iter()
    .find(|(magic, _)| head.starts_with(magic))
    .map(|(_, codec)| codec)
}

/// Refuses inputs that are not there before rules are read for them.
pub(super) fn are_there(inputs: &[Input]) -> Result<(), Problem> {
    for input in inputs {
        if let Input::Path(path) = input
            && let Err(error) = std::fs::metadata(path)
        {
            return Err(Problem::of_file("read", path, &error));
        }
    }
    Ok(())
}
