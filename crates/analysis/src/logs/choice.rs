//! Which records are looked at, by their fields: an expression, compiled to a rule, and asked of each record before anything
//! else is.
//!
//! A name means every field that is called so by the log, by the schema ([`ocsf`]), by Sigma's rules
//! ([`names`]), or for short ([`SHORT`]), whatever the case. One of them is enough.

use super::bound::Bound;
use super::names;
use super::rules::{other, recycled, value};
use std::collections::BTreeSet;
use watchfire_formats::log::{Format, NameId, Record, ocsf};
use watchfire_sigma::{Field, FieldId, Matcher, Program, Query, QueryError, Route, Value};

/// What is asked of most logs, and the names of the schema that it means.
pub const SHORT: &[(&str, &[&str])] = &[
    ("host", &["device.hostname"]),
    (
        "user",
        &[
            "user.name",
            "user.email_addr",
            "actor.user.name",
            "actor.user.email_addr",
        ],
    ),
    ("actor", &["actor.user.name", "actor.user.email_addr"]),
    ("domain", &["user.domain"]),
    ("src", &["src_endpoint.ip", "src_endpoint.hostname"]),
    ("src_ip", &["src_endpoint.ip"]),
    ("src_port", &["src_endpoint.port"]),
    ("dst", &["dst_endpoint.ip", "dst_endpoint.hostname"]),
    ("dst_ip", &["dst_endpoint.ip"]),
    ("dst_port", &["dst_endpoint.port"]),
    ("event", &["metadata.event_code", "api.operation"]),
    ("activity", &["activity_name"]),
    ("channel", &["metadata.log_name"]),
    ("provider", &["metadata.log_provider"]),
    ("status", &["status", "status_code", "http_response.code"]),
    ("reason", &["status_detail"]),
    ("method", &["http_request.http_method"]),
    ("url", &["http_request.url.url_string", "http_request.url.path"]),
    ("agent", &["http_request.user_agent"]),
    ("process", &["process.file.path"]),
    ("command", &["process.cmd_line"]),
    ("country", &["src_endpoint.location.country"]),
];

/// What every record has besides its fields.
const FORMAT: &str = "format";
const MESSAGE: &str = "message";

/// See the module.
#[derive(Debug)]
pub struct LogChoice {
    program: Program,
    /// All values are asked, and not only those of fields that are named.
    has_keywords: bool,
}

impl LogChoice {
    /// Records for which every expression holds. What is wrong with one, with its number.
    ///
    /// # Errors
    /// Where an expression makes no sense.
    pub fn parse(expressions: &[String]) -> Result<Self, (usize, QueryError)> {
        let mut query = Query::default();
        for (number, expression) in expressions.iter().enumerate() {
            query.and(expression).map_err(|error| (number, error))?;
        }
        Ok(Self {
            has_keywords: query.has_keywords(),
            program: query.compile(),
        })
    }

    /// Fields that are asked for and are not among those that were met.
    pub(super) fn unmet<'c>(&'c self, met: &'c [FieldId]) -> impl Iterator<Item = &'c str> {
        let names = self.program.field_names();
        names.filter(move |name| !met.contains(&self.program.field(name)) && !is_own(name))
    }
}

fn is_own(name: &str) -> bool {
    [FORMAT, MESSAGE].iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// What one thread remembers of a choice.
pub(super) struct Chooser<'c> {
    choice: &'c LogChoice,
    matcher: Matcher<'c>,
    format: Vec<FieldId>,
    message: Vec<FieldId>,
    /// What Sigma's rules call the fields of a format, each behind its name there.
    tables: Vec<(&'static Format, Vec<(String, String)>)>,
    /// Formats that were met; their places are those of `bound`.
    formats: Vec<&'static Format>,
    bound: Bound,
    /// Fields that names without numbers meant.
    carried: BTreeSet<FieldId>,
    /// Room for the fields of a record.
    fields: Vec<Field<'static>>,
}

impl<'c> Chooser<'c> {
    pub(super) fn new(choice: &'c LogChoice) -> Self {
        let mut own = Self {
            choice,
            matcher: Matcher::new(&choice.program),
            format: Vec::new(),
            message: Vec::new(),
            tables: Vec::new(),
            formats: Vec::new(),
            bound: Bound::default(),
            carried: BTreeSet::new(),
            fields: Vec::new(),
        };
        own.format = own.called(&|name| name.eq_ignore_ascii_case(FORMAT));
        own.message = own.called(&|name| name.eq_ignore_ascii_case(MESSAGE));
        own
    }

    /// Another reader, whose names have numbers of their own.
    pub(super) fn begin(&mut self) {
        self.bound.clear();
        self.carried.clear();
    }

    /// Fields that records had since then.
    pub(super) fn met(&self) -> Vec<FieldId> {
        self.bound.all().iter().chain(&self.carried).copied().collect()
    }

    /// Whether a record is looked at.
    pub(super) fn is_chosen(&mut self, record: &Record<'_>) -> bool {
        let has_keywords = self.choice.has_keywords;
        let place = self.place(record.format);
        let mut fields: Vec<Field<'_>> = std::mem::take(&mut self.fields);
        let mut bound = std::mem::take(&mut self.bound);
        for field in record.fields() {
            let value = value(field.value);
            let called = |ids: &mut Vec<FieldId>| self.meant(record.format, field.name, ids);
            let ids = bound.ids(place, field.id, called);
            if field.id == NameId::NONE {
                self.carried.extend(ids);
            }
            fields.extend(ids.iter().map(|id| Field { id: *id, value }));
            if ids.is_empty() && has_keywords {
                fields.push(other(value));
            }
        }
        self.bound = bound;
        let format = Value::Text(record.format.name);
        fields.extend(self.format.iter().map(|id| Field { id: *id, value: format }));
        if let Some(message) = record.message {
            let value = Value::Text(message);
            fields.extend(self.message.iter().map(|id| Field { id: *id, value }));
        }
        if has_keywords {
            let whole = if record.fields().len() == 0 { record.text } else { "" };
            fields.push(other(Value::Text(record.message.unwrap_or(whole))));
        }
        let is_chosen = !self.matcher.matches(Route::ALL, &fields).is_empty();
        self.fields = recycled(fields);
        is_chosen
    }

    /// The place of a format among those that were met.
    fn place(&mut self, format: &'static Format) -> usize {
        let known = self.formats.iter().position(|own| std::ptr::eq(*own, format));
        known.unwrap_or_else(|| {
            self.formats.push(format);
            self.formats.len() - 1
        })
    }

    /// The fields of the expressions that a field of a format is.
    fn meant(&mut self, format: &'static Format, name: &str, out: &mut Vec<FieldId>) {
        if !self.tables.iter().any(|(own, _)| std::ptr::eq(*own, format)) {
            let pipelines = names::pipelines(format);
            let mappings = pipelines.into_iter().flat_map(|pipeline| pipeline.mappings);
            let pairs = mappings.flat_map(|mapping| mapping.fields);
            self.tables
                .push((format, pairs.map(|(sigma, own)| (own, sigma)).collect()));
        }
        let table = self.tables.iter().find(|(own, _)| std::ptr::eq(*own, format));
        let sigma = table.map(|(_, table)| table.as_slice()).unwrap_or_default();
        let schema = ocsf::name(format, name);
        out.extend(self.called(&|asked| {
            let is = |other: &str| other.eq_ignore_ascii_case(asked);
            let short = SHORT.iter().find(|(short, _)| is(short));
            let is_short = schema.is_some_and(|schema| short.is_some_and(|(_, paths)| paths.contains(&schema)));
            let is_sigma = || sigma.iter().any(|(own, sigma)| own == name && is(sigma));
            is(name) || schema.is_some_and(is) || is_short || is_sigma()
        }));
    }

    /// Fields of the expressions whose names are so.
    fn called(&self, is_it: &dyn Fn(&str) -> bool) -> Vec<FieldId> {
        let names = self.choice.program.field_names().filter(|name| is_it(name));
        names.map(|name| self.choice.program.field(name)).collect()
    }
}
