//! A program of Sigma rules as the log engine uses it: what each rule says of itself, which are told, and how records of
//! each origin are bound to it.

use super::bound::Bound;
use super::choice::Chooser;
use super::names;
use super::normal::{Normal, Slot};
use foldhash::fast::RandomState;
use hashbrown::HashTable;
use std::collections::BTreeMap;
use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;
use watchfire_formats::log::{Format, Record, Value as LogValue};
use watchfire_model::Untrusted;
use watchfire_model::log::{RuleLevel, RuleReason, RuleSaid};
use watchfire_sigma::{
    Correlator, Field, FieldId, Level, Matcher, Meta, Names, Options, Origin, Program, Route, RuleId, Status, Value,
    builtin,
};

/// Which matches are told as findings. All are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    /// Rules below this level are counted only.
    pub level: RuleLevel,
    /// Rules that are tested less are counted only: 3 is `stable`, 2 `test`, 1 `experimental`, 0 whatever they say.
    pub tested: u8,
}

/// Stable rules of level high and above.
impl Default for Told {
    fn default() -> Self {
        Self {
            level: RuleLevel::High,
            tested: 3,
        }
    }
}

impl Told {
    /// Whether matches of a rule are told. Those that ship are tested on what their documentation says, and told by their
    /// level alone.
    fn tells(self, said: &RuleSaid) -> bool {
        let tested = match said.status {
            "stable" => 3,
            "test" => 2,
            "experimental" => 1,
            _ => 0,
        };
        said.level >= self.level && (said.is_shipped() || tested >= self.tested)
    }
}

/// Compiled rules, and what is wanted of them.
pub struct LogRules {
    pub(super) program: Arc<Program>,
    /// Fields that correlations look at, by the rules that they count.
    pub(super) counted: BTreeMap<RuleId, Vec<FieldId>>,
    rules: Vec<(Arc<RuleSaid>, bool)>,
    correlations: Vec<(Arc<RuleSaid>, bool)>,
}

impl fmt::Debug for LogRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogRules")
            .field("rules", &self.rules.len())
            .field("correlations", &self.correlations.len())
            .finish_non_exhaustive()
    }
}

impl LogRules {
    /// Those of a program.
    pub fn new(program: Arc<Program>, told: Told) -> Self {
        let of = |meta: &Meta, is_correlation| {
            let said = Arc::new(said(meta, is_correlation));
            let is_told = told.tells(&said);
            (said, is_told)
        };
        let rules = program.rules().iter().map(|rule| of(&rule.meta, false)).collect();
        let correlations = program
            .correlations()
            .iter()
            .map(|one| of(&one.rule.meta, true))
            .collect();
        Self {
            counted: Correlator::counted(&program),
            rules,
            correlations,
            program,
        }
    }

    /// Those that ship.
    pub fn embedded(told: Told) -> Self {
        let (program, _) = Program::compile(&builtin(), &Options::default());
        Self::new(Arc::new(program), told)
    }

    /// No rule at all.
    pub(super) fn none() -> Self {
        let (program, _) = Program::compile(&[], &Options::default());
        Self::new(Arc::new(program), Told::default())
    }

    /// Rules and correlations.
    pub fn count(&self) -> u64 {
        (self.rules.len() + self.correlations.len()) as u64
    }

    /// What a rule says, and whether its matches are told; nothing for one that is there for correlations alone.
    pub(super) fn rule(&self, rule: RuleId) -> Option<&(Arc<RuleSaid>, bool)> {
        let is_silent = self.program.rule(rule).is_none_or(|info| info.is_silent);
        self.rules.get(rule.0 as usize).filter(|_| !is_silent)
    }

    /// The same for a correlation.
    pub(super) fn correlation(&self, number: u32) -> Option<&(Arc<RuleSaid>, bool)> {
        let number = number as usize;
        let is_silent = self
            .program
            .correlations()
            .get(number)
            .is_none_or(|info| info.is_silent);
        self.correlations.get(number).filter(|_| !is_silent)
    }
}

fn said(meta: &Meta, is_correlation: bool) -> RuleSaid {
    let text = |text: &Option<String>| Untrusted::from(text.clone().unwrap_or_default());
    RuleSaid {
        id: text(&meta.id),
        title: meta.title.as_str().into(),
        level: level(meta.level),
        status: status(meta.status),
        author: text(&meta.author),
        license: text(&meta.license),
        source: meta.source.as_str().into(),
        techniques: meta.techniques().map(Untrusted::from).collect(),
        tactics: meta.tactics().map(Untrusted::from).collect(),
        false_positives: meta.falsepositives.iter().map(|text| text.as_str().into()).collect(),
        is_correlation,
    }
}

fn level(level: Level) -> RuleLevel {
    match level {
        Level::Unset => RuleLevel::Unset,
        Level::Informational => RuleLevel::Informational,
        Level::Low => RuleLevel::Low,
        Level::Medium => RuleLevel::Medium,
        Level::High => RuleLevel::High,
        Level::Critical => RuleLevel::Critical,
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Unset => "unset",
        Status::Stable => "stable",
        Status::Test => "test",
        Status::Experimental => "experimental",
        Status::Deprecated => "deprecated",
        Status::Unsupported => "unsupported",
    }
}

/// What one thread remembers of the program.
pub(super) struct Hand<'p> {
    pub(super) matcher: Matcher<'p>,
    /// Which records are looked at, where not all are.
    pub(super) chooser: Option<Chooser<'p>>,
    program: &'p Program,
    /// Formats whose records all have the same origin, and its place.
    plain: Vec<(&'static Format, usize)>,
    /// Format, channel and number of an event, and the place of its origin, as far as they are remembered.
    origins: HashTable<((&'static str, String, i64), usize)>,
    hasher: RandomState,
    places: Vec<Place>,
}

/// An origin: its route, and the names of its records. There are no more of them than formats and kinds of logs that
/// rules are written for.
struct Place {
    format: &'static str,
    origin: Origin,
    route: Route,
    names: Names,
}

/// Events whose origin is remembered; that of others is looked up for each record.
const MOST_REMEMBERED: usize = 4_096;

impl<'p> Hand<'p> {
    pub(super) fn new(program: &'p Program, chooser: Option<Chooser<'p>>) -> Self {
        Self {
            matcher: Matcher::new(program),
            chooser,
            program,
            plain: Vec::new(),
            origins: HashTable::new(),
            hasher: RandomState::default(),
            places: Vec::new(),
        }
    }

    /// The number of the origin of a record.
    pub(super) fn origin(&mut self, record: &Record<'_>, normal: &Normal<'_>) -> usize {
        let format = record.format;
        let known = self.plain.iter().find(|(own, _)| std::ptr::eq(*own, format));
        if let Some((_, place)) = known {
            return *place;
        }
        if !names::is_windows(format) {
            let place = self.place_of(format, names::origin(format));
            self.plain.push((format, place));
            return place;
        }
        let channel = normal.text(Slot::Channel);
        let code = normal.number(Slot::Code).unwrap_or_default();
        let hash = self.hasher.hash_one((format.name, channel, code));
        let known = self.origins.find(hash, |((name, own, number), _)| {
            *name == format.name && own == channel && *number == code
        });
        match known {
            Some((_, place)) => *place,
            None => self.new_origin(format, channel, code, hash),
        }
    }

    #[cold]
    fn new_origin(&mut self, format: &'static Format, channel: &str, code: i64, hash: u64) -> usize {
        let origin = match channel {
            "" => names::origin(format),
            channel => Origin::windows(channel, code),
        };
        let number = self.place_of(format, origin);
        if self.origins.len() < MOST_REMEMBERED {
            let key = ((format.name, channel.to_owned(), code), number);
            let hasher = &self.hasher;
            self.origins.insert_unique(hash, key, |((name, channel, code), _)| {
                hasher.hash_one((*name, channel.as_str(), *code))
            });
        }
        number
    }

    fn place_of(&mut self, format: &'static Format, origin: Origin) -> usize {
        let mut places = self.places.iter();
        let known = places.position(|place| place.format == format.name && place.origin == origin);
        known.unwrap_or_else(|| self.new_place(format, origin))
    }

    fn new_place(&mut self, format: &'static Format, origin: Origin) -> usize {
        let pipelines = names::pipelines(format);
        let pipelines: Vec<_> = pipelines.iter().collect();
        let route = match origin == Origin::default() {
            true => Route::ALL,
            false => self.matcher.route(&origin),
        };
        self.places.push(Place {
            format: format.name,
            route,
            names: self.program.names(&pipelines, &origin),
            origin,
        });
        self.places.len() - 1
    }

    /// Which rules an origin's records are matched against.
    pub(super) fn route(&self, origin: usize) -> Route {
        self.places.get(origin).map_or(Route::ALL, |place| place.route)
    }

    /// Adds what rules see of a record of an origin.
    pub(super) fn fields<'r>(
        &self,
        record: &Record<'r>,
        origin: usize,
        bound: &mut Bound,
        fields: &mut Vec<Field<'r>>,
    ) {
        let place = self.places.get(origin);
        for field in record.fields() {
            let value = value(field.value);
            let called =
                |ids: &mut Vec<FieldId>| ids.extend_from_slice(place.map_or(&[], |place| place.names.get(field.name)));
            match bound.ids(origin, field.id, called) {
                [] => fields.push(other(value)),
                ids => fields.extend(ids.iter().map(|id| Field { id: *id, value })),
            }
        }
        fields.extend(record.message.map(|message| other(Value::Text(message))));
    }
}

/// A value of a field that no rule names.
pub(super) fn other(value: Value<'_>) -> Field<'_> {
    Field {
        id: FieldId::OTHER,
        value,
    }
}

/// The room of fields that are no longer needed.
pub(super) fn recycled(mut fields: Vec<Field<'_>>) -> Vec<Field<'static>> {
    fields.clear();
    // Of nothing, nothing is made; the allocation is kept.
    let nothing = |field: Field<'_>| Field {
        id: field.id,
        value: Value::Null,
    };
    fields.into_iter().map(nothing).collect()
}

/// A value as rules see it.
#[inline]
pub(super) fn value(value: LogValue<'_>) -> Value<'_> {
    match value {
        LogValue::Text(text) => Value::Text(text),
        LogValue::Integer(number) => Value::Integer(number),
        LogValue::Float(number) => Value::Float(number),
        LogValue::Bool(is) => Value::Boolean(is),
        LogValue::Null => Value::Null,
    }
}

/// Reasons of one match that are kept, and bytes of each value.
const REASONS: usize = 6;
const LONGEST: usize = 200;

/// Why a rule holds.
pub(super) fn reasons(program: &Program, rule: RuleId, fields: &[Field<'_>]) -> Vec<RuleReason> {
    let mut kept: Vec<RuleReason> = Vec::new();
    for reason in program.explain(rule, fields).reasons {
        let one = RuleReason {
            field: reason.field,
            value: around(&reason.value, reason.span),
            operator: reason.operator,
            pattern: cut(&reason.pattern, LONGEST).into(),
        };
        if kept.len() < REASONS && !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

/// As much of a value as says why, with the part that did in it.
fn around(value: &str, (start, end): (usize, usize)) -> Untrusted {
    if value.len() <= LONGEST {
        return value.into();
    }
    let room = LONGEST.saturating_sub(end.saturating_sub(start)) / 2;
    let from = value.floor_char_boundary(start.saturating_sub(room));
    let piece = value.get(from..).unwrap_or_default();
    let text = cut(piece, LONGEST);
    let before = if from > 0 { "…" } else { "" };
    let after = if text.len() < piece.len() { "…" } else { "" };
    format!("{before}{text}{after}").into()
}

/// At most so many bytes of a text.
pub(super) fn cut(text: &str, most: usize) -> &str {
    text.get(..text.floor_char_boundary(most)).unwrap_or(text)
}
