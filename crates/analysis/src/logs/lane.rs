//! A reader and the blocks that wait for it: what one thread works off, and the batch that comes of it.

use super::activity::{Activity, Windows};
use super::batch::{Batch, Counted, Matched, Shown};
use super::bound::Bound;
use super::choice::Chooser;
use super::login::{self, LogIns};
use super::normal::{Normal, Slot, slot};
use super::rules::{Hand, LogRules, cut, reasons, recycled};
use super::sequence::LogReading;
use super::tally::Tally;
use super::text::Texts;
use super::{deeds, names, traces};
use crate::Engine;
use crate::secrets::hide_in_entry;
use watchfire_formats::log::{
    Fault, Field as LogField, Format, Known, NameId, Reader, Record, Value as LogValue, ocsf,
};
use watchfire_model::log::{EntryField, EntryRule, EntrySink, EntryValue, LogEntry, LogPlace, RuleLevel};
use watchfire_model::{Timestamp, Untrusted};
use watchfire_sigma::{Field, RuleId, ValueStore};

/// See the module.
pub(super) struct Lane {
    pub(super) file: u32,
    pub(super) name: Untrusted,
    pub(super) reader: Reader,
    pub(super) blocks: Vec<Vec<u8>>,
    /// Nothing comes behind these blocks.
    pub(super) is_last: bool,
    /// Nothing comes behind these blocks for now.
    pub(super) is_paused: bool,
    /// It reads these blocks alone, and the numbers of its records begin anew where there are no lines.
    pub(super) is_fork: bool,
    /// How long the windows are in which deeds are counted, to begin with.
    pub(super) windows: Windows,
}

/// What all lanes share.
#[derive(Clone, Copy)]
pub(super) struct Shared<'s> {
    pub(super) engine: &'s Engine,
    pub(super) rules: &'s LogRules,
    pub(super) reading: &'s LogReading,
    /// Whether records of all kinds are wanted for the timeline, or those that something is said of, or none.
    pub(super) entries: Entries,
}

/// Which records go to the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entries {
    None,
    Notable,
    All,
}

impl Entries {
    /// What a timeline wants.
    pub(super) fn wanted(sink: Option<&dyn EntrySink>) -> Self {
        match sink {
            Some(sink) if !sink.wants_entries() => Self::None,
            Some(sink) if sink.wants_all() => Self::All,
            Some(_) => Self::Notable,
            None => Self::None,
        }
    }
}

impl Lane {
    /// Works off the blocks.
    pub(super) fn work<'p>(&mut self, shared: Shared<'p>, hand: &mut Hand<'p>) -> Batch {
        let before = self.reader.totals().clone();
        let has_lines = self.reader.has_lines();
        let mut desk = Desk {
            shared,
            hand,
            name: &self.name,
            file: self.file,
            is_line: has_lines,
            batch: Batch {
                file: self.file,
                is_relative: self.is_fork && !has_lines,
                top: shared.reading.top.iter().map(|_| Tally::default()).collect(),
                activity: Activity::new(self.windows),
                ..Batch::default()
            },
            formats: Vec::new(),
            bound: Bound::default(),
            fields: Vec::new(),
            matched: Vec::new(),
            values: ValueStore::default(),
            texts: Texts::default(),
            entries: 0,
            logins: LogIns::default(),
        };
        if let Some(chooser) = &mut desk.hand.chooser {
            chooser.begin();
        }
        for block in self.blocks.drain(..) {
            self.reader.push(&block, &mut |record| desk.record(record));
        }
        if self.is_last || self.is_fork {
            self.reader.finish(&mut |record| desk.record(record));
        } else if self.is_paused {
            self.reader.pause(&mut |record| desk.record(record));
        }
        desk.observe();
        desk.batch.logins = std::mem::take(&mut desk.logins).into_list();
        desk.batch.met = desk.hand.chooser.as_ref().map(Chooser::met).unwrap_or_default();
        let mut batch = desk.batch;
        batch.activity.pack();
        batch.totals = self.reader.totals().since(&before);
        batch.bytes = self.reader.totals().bytes.saturating_sub(before.bytes);
        batch
    }
}

/// What is known of the names of one format.
struct Named {
    format: &'static Format,
    /// By the numbers of names: nothing known yet, or what the name is for.
    slots: Vec<Option<(Option<Slot>, Option<u8>)>>,
}

/// One block on its way.
struct Desk<'d, 'p> {
    shared: Shared<'p>,
    hand: &'d mut Hand<'p>,
    name: &'d Untrusted,
    file: u32,
    is_line: bool,
    batch: Batch,
    formats: Vec<Named>,
    bound: Bound,
    /// The room of the last record's fields and matches.
    fields: Vec<Field<'static>>,
    matched: Vec<RuleId>,
    values: ValueStore,
    texts: Texts,
    /// Bytes of the records for the timeline.
    entries: usize,
    logins: LogIns,
}

/// Room that the records of a block may take on their way to the timeline. Bytes. Records that name a template may be a
/// thousand times as long as their bytes in a file; of those beyond it only what they say remains.
const MOST_OF_ENTRIES: usize = 16 << 20;

/// Text that is handed to the extractor at once. Bytes.
const PIECE: usize = 1 << 20;

impl Desk<'_, '_> {
    fn record(&mut self, record: &Record<'_>) {
        let reading = self.shared.reading;
        let time = record.time.map(|time| time.at);
        let chooser = self.hand.chooser.as_mut();
        if !reading.is_wanted(time) || chooser.is_some_and(|chooser| !chooser.is_chosen(record)) {
            self.batch.left_out += 1;
            return;
        }
        let place = LogPlace {
            file: self.file,
            number: record.line,
            is_line: self.is_line,
        };
        let normal = self.normal(record);
        let level = self.rules(record, &normal, place);
        let login = login::of(record, &normal, place);
        if reading.anomalies {
            deeds::count(&mut self.batch, record, &normal, login.as_ref(), place);
        }
        self.batch.sessions.see(record, &normal, login.as_ref());
        if let Some(login) = login {
            self.logins.add(&login);
        }
        self.batch.clocks.see(record, &normal);
        self.batch.rights.see(record, &normal, place);
        self.count(record, &normal, level);
        if reading.observables {
            self.texts.add(record, place);
        }
        if self.texts.text().len() >= PIECE {
            self.observe();
        }
    }

    /// The few things that are asked of every record. Values of fields that the user asked for are counted on the way.
    fn normal<'r>(&mut self, record: &Record<'r>) -> Normal<'r> {
        let mut normal = Normal::default();
        let known = self.formats.iter().position(|named| named.format == record.format);
        let known = known.unwrap_or_else(|| {
            self.formats.push(Named {
                format: record.format,
                slots: Vec::new(),
            });
            self.formats.len() - 1
        });
        let top = &self.shared.reading.top;
        let Some(named) = self.formats.get_mut(known) else {
            return normal;
        };
        for field in record.fields() {
            let what = if field.id == NameId::NONE {
                purpose(record, &field, top)
            } else {
                let index = field.id.index();
                if named.slots.len() <= index {
                    named.slots.resize(index + 1, None);
                }
                match named.slots.get_mut(index) {
                    Some(Some(known)) => *known,
                    Some(unknown) => *unknown.insert(purpose(record, &field, top)),
                    None => (None, None),
                }
            };
            if let Some(slot) = what.0 {
                normal.put(slot, field.value);
            }
            if let Some(tally) = what.1.and_then(|top| self.batch.top.get_mut(usize::from(top))) {
                counted(tally, field.value);
            }
        }
        normal
    }

    /// Asks the rules. The highest level of those that hold.
    fn rules(&mut self, record: &Record<'_>, normal: &Normal<'_>, place: LogPlace) -> Option<RuleLevel> {
        let origin = self.hand.origin(record, normal);
        let mut fields: Vec<Field<'_>> = std::mem::take(&mut self.fields);
        self.hand.fields(record, origin, &mut self.bound, &mut fields);
        let route = self.hand.route(origin);
        let mut matched = std::mem::take(&mut self.matched);
        matched.extend_from_slice(self.hand.matcher.matches(route, &fields));
        let mut level = None;
        let mut told = Vec::new();
        for rule in matched.drain(..) {
            self.counted(rule, record, &fields, place);
            let Some((said, _)) = self.shared.rules.rule(rule) else {
                continue;
            };
            level = level.max(Some(said.level));
            if self.shared.entries != Entries::None {
                told.push(EntryRule {
                    id: said.id.clone(),
                    title: said.title.clone(),
                    level: said.level,
                });
            }
            self.matched(rule, record, normal, &fields, place);
        }
        self.matched = matched;
        // Nothing of them stays but the room.
        self.fields = recycled(fields);
        let is_notable = level.is_some_and(|level| level >= RuleLevel::Low);
        if self.shared.entries == Entries::All || (self.shared.entries == Entries::Notable && is_notable) {
            let mut entry = entry(record, normal, self.name, told, level, self.entries < MOST_OF_ENTRIES);
            self.entries = self.entries.saturating_add(room_of(&entry));
            if !self.shared.reading.show_secrets {
                hide_in_entry(&mut entry);
            }
            self.batch.entries.push(entry);
        }
        level
    }

    /// A match that correlations count.
    fn counted(&mut self, rule: RuleId, record: &Record<'_>, fields: &[Field<'_>], place: LogPlace) {
        let (Some(wanted), Some(time)) = (self.shared.rules.counted.get(&rule), record.time) else {
            return;
        };
        self.batch.counted.push(Counted {
            rule,
            time: time.at.nanoseconds() / 1_000_000,
            values: self.values.of(wanted, fields),
            place,
        });
    }

    fn matched(
        &mut self,
        rule: RuleId,
        record: &Record<'_>,
        normal: &Normal<'_>,
        fields: &[Field<'_>],
        place: LogPlace,
    ) {
        let time = record.time.map(|time| time.at);
        let host = normal.text(Slot::Host);
        let user = normal.whom();
        let matched = self.batch.rules.entry(rule).or_default();
        matched.count += 1;
        matched.seen(time);
        matched.host(host);
        if matched.shown.len() < Matched::SHOWN {
            matched.shown.push(Shown {
                place,
                time,
                host: host.into(),
                user: cut(user, 120).into(),
                traces: traces::of_record(record, normal),
                reasons: reasons(&self.shared.rules.program, rule, fields),
                text: line(record, normal),
            });
        }
    }

    fn count(&mut self, record: &Record<'_>, normal: &Normal<'_>, level: Option<RuleLevel>) {
        let add = |tally: &mut Tally, value: &str| {
            if !value.is_empty() {
                tally.add(value, 1);
            }
        };
        add(&mut self.batch.hosts, normal.text(Slot::Host));
        add(&mut self.batch.users, normal.whom());
        add(&mut self.batch.addresses, normal.text(Slot::SourceAddress));
        let event = self.shared.reading.event_name(record, normal);
        add(&mut self.batch.events, &event);
        if let Some(time) = record.time {
            let minute = time.at.moment().unix().div_euclid(60);
            let (records, matched) = self.batch.minutes.entry(minute).or_default();
            *records += 1;
            *matched += u64::from(level.is_some_and(|level| level >= RuleLevel::Medium));
        }
    }

    /// Hands the text that is there to the extractor.
    fn observe(&mut self) {
        let texts = std::mem::take(&mut self.texts);
        let found = self.shared.engine.extractor.extract_records(texts.text()).observed;
        for mut observed in found {
            texts.settle(&mut observed);
            self.batch.observed.push(observed);
        }
    }
}

/// What a field is for: what is asked of every record, and which of the fields that the user asked for it is.
fn purpose(record: &Record<'_>, field: &LogField<'_>, top: &[String]) -> (Option<Slot>, Option<u8>) {
    let schema = ocsf::name(record.format, field.name);
    let is_it = |wanted: &String| wanted == field.name || schema == Some(wanted.as_str());
    let wanted = top.iter().position(is_it).and_then(|place| u8::try_from(place).ok());
    (slot(record, field.name), wanted)
}

fn counted(tally: &mut Tally, value: LogValue<'_>) {
    match value {
        LogValue::Text(text) => tally.add(text, 1),
        LogValue::Null => {}
        value => tally.add(&value.to_string(), 1),
    }
}

/// Text of a record in the timeline, and values of its fields. Bytes.
const LONGEST: usize = 4 << 10;

fn entry(
    record: &Record<'_>,
    normal: &Normal<'_>,
    source: &Untrusted,
    rules: Vec<EntryRule>,
    level: Option<RuleLevel>,
    has_room: bool,
) -> LogEntry {
    let all = || record.fields().take(if has_room { usize::MAX } else { 0 });
    let fields = all().map(|field| EntryField {
        name: field.name.into(),
        value: entry_value(field.value),
    });
    let named = all().filter_map(|field| {
        let schema = ocsf::name(record.format, field.name)?;
        Some((schema, entry_value(field.value)))
    });
    LogEntry {
        time: record.time.map(|time| time.at),
        assumed: record.time.and_then(|time| match (time.zone, time.year) {
            (Known::Assumed, Known::Assumed) => Some("zone and year"),
            (Known::Assumed, _) => Some("zone"),
            (_, Known::Assumed) => Some("year"),
            _ => None,
        }),
        source: source.clone(),
        line: record.line,
        format: record.format.name,
        host: normal.text(Slot::Host).into(),
        level,
        rules,
        message: cut(record.message.unwrap_or_default(), LONGEST).into(),
        fault: record.fault.or((!has_room).then_some(Fault::Bounded)).map(fault),
        fields: fields.collect(),
        normal: named.collect(),
    }
}

/// Bytes that a record of the timeline takes, about.
fn room_of(entry: &LogEntry) -> usize {
    let of = |value: &EntryValue| match value {
        EntryValue::Text(text) => text.raw().len(),
        _ => 0,
    };
    let fields = entry
        .fields
        .iter()
        .map(|field| field.name.raw().len() + of(&field.value) + 64);
    let named = entry.normal.iter().map(|(_, value)| of(value) + 48);
    fields.chain(named).sum::<usize>() + entry.message.raw().len() + 256
}

fn entry_value(value: LogValue<'_>) -> EntryValue {
    match value {
        LogValue::Text(text) => EntryValue::Text(cut(text, LONGEST).into()),
        LogValue::Integer(number) => EntryValue::Integer(number),
        LogValue::Float(number) => EntryValue::Float(number),
        LogValue::Bool(is) => EntryValue::Bool(is),
        LogValue::Null => EntryValue::Null,
    }
}

fn fault(fault: Fault) -> &'static str {
    match fault {
        Fault::Malformed => "malformed",
        Fault::Cut => "cut",
        Fault::Truncated => "truncated",
        Fault::Bounded => "bounded",
        Fault::CodePage => "code-page",
    }
}

/// Fields that say most of an event of Windows, where it has no message.
const TELLING: &[&str] = &[
    "Image",
    "NewProcessName",
    "CommandLine",
    "ScriptBlockText",
    "TargetObject",
    "TargetFilename",
    "ImageLoaded",
    "ServiceName",
    "ImagePath",
    "TaskName",
    "QueryName",
    "DestinationIp",
    "TargetUserName",
    "IpAddress",
    "WorkstationName",
];

/// What a record is about, in a line.
fn line(record: &Record<'_>, normal: &Normal<'_>) -> Untrusted {
    const LONGEST: usize = 240;
    let mut text = String::new();
    if names::is_windows(record.format) {
        if let Some(code) = normal.number(Slot::Code) {
            text.push_str(&code.to_string());
        }
        for field in record.fields().filter(|field| TELLING.contains(&field.name)) {
            if let LogValue::Text(value) = field.value
                && !matches!(value, "" | "-")
                && text.len() < LONGEST
            {
                text.push_str(&format!(" {}={}", field.name, cut(value, 120)));
            }
        }
    } else {
        text.push_str(record.text);
    }
    cut(text.trim(), LONGEST).into()
}

impl LogReading {
    /// Whether a record is of the time that is looked at.
    fn is_wanted(&self, time: Option<Timestamp>) -> bool {
        let after = self.from.is_none_or(|from| time.is_some_and(|time| time >= from));
        let before = self.to.is_none_or(|to| time.is_some_and(|time| time < to));
        after && before
    }

    /// What happened, in the words of the log.
    fn event_name<'r>(&self, record: &Record<'_>, normal: &Normal<'r>) -> std::borrow::Cow<'r, str> {
        let code = match normal.value(Slot::Code) {
            Some(LogValue::Text(code)) => code.into(),
            Some(LogValue::Integer(code)) => code.to_string().into(),
            _ => std::borrow::Cow::Borrowed(""),
        };
        if names::is_windows(record.format) {
            let channel = normal.text(Slot::Channel);
            let short = channel.strip_prefix("Microsoft-Windows-").unwrap_or(channel);
            return format!("{short} {code}").into();
        }
        match normal.text(Slot::Activity) {
            "" if code.is_empty() => normal.text(Slot::Provider).into(),
            "" => code,
            activity => activity.into(),
        }
    }
}
