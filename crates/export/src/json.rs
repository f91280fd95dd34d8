//! One JSON document (RFC 8259), schema-versioned and raw.
//!
//! Characters that act on a terminal are written as `\uXXXX`: the document means the same and may be looked at.

use crate::line::{Line, RuleLine};
use crate::lines;
use crate::{
    Detail, Exporter, ExporterInfo, Form, Listing, ListingKind, ListingWriter, ReputationRows, ReputationWriter, Style,
    Subject,
};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};
use std::io::{self, Write};
use watchfire_model::{Diagnostic, DiagnosticSeverity, Observed, Report, Reputation, RuleMatch, Untrusted};

/// See the module.
pub(crate) struct Json;

static INFO: ExporterInfo = ExporterInfo {
    name: "json",
    describes: "one JSON document with a versioned schema, raw values",
};

impl Exporter for Json {
    fn info(&self) -> &'static ExporterInfo {
        &INFO
    }

    fn report(&self, report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        pretty(report, out)
    }

    fn listing<'w>(&self, kind: ListingKind, style: &Style, out: &'w mut dyn Write) -> Box<dyn ListingWriter + 'w> {
        Box::new(Document {
            out,
            kind,
            form: style.form,
            sources: Vec::new(),
            rules: Vec::new(),
            entries: 0,
        })
    }

    fn document(&self, document: &dyn crate::Document, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        document.json(out)
    }

    fn reputations(&self, _detail: Detail, _style: &Style) -> Box<dyn ReputationWriter> {
        Box::new(Growing)
    }
}

/// A report whose reputations are written as they come: the verdict over all of them comes last.
struct Growing;

impl ReputationWriter for Growing {
    fn begin(&self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"{\"reputations\":[")
    }

    fn reputation(&self, reputation: &Reputation, first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        crate::row(self, reputation, first, out)
    }

    fn rows(&self) -> Option<&dyn ReputationRows> {
        Some(self)
    }

    fn unreadable(&self, _input: &Untrusted, _why: &str, _first: bool, _out: &mut Vec<u8>) -> io::Result<()> {
        // A diagnostic of the report says it.
        Ok(())
    }

    fn finish(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        let mut rest = Vec::new();
        compact(&Rest::of(report), &mut rest)?;
        out.write_all(b"\n],\n")?;
        out.write_all(rest.get(1..).unwrap_or_default())?;
        out.write_all(b"\n")
    }
}

impl ReputationRows for Growing {
    fn head(&self, subject: &Subject<'_>, first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        out.extend_from_slice(if first { b"\n" } else { BETWEEN });
        out.push(b'{');
        known_head(subject, out)
    }

    fn rest(&self, reputation: &Reputation, out: &mut Vec<u8>) -> io::Result<()> {
        known_rest(reputation, out)
    }
}

/// The first fields of a [`Reputation`], with a comma behind: what it is about. [`known_rest`] follows; both together
/// are what serialising it gives.
pub(crate) fn known_head(subject: &Subject<'_>, out: &mut Vec<u8>) -> io::Result<()> {
    let observable = subject.observable;
    let input = Some(subject.input).filter(|input| !input.is_empty());
    for (name, text) in [
        ("input", input),
        ("type", Some(observable.kind().name())),
        ("value", Some(observable.raw())),
        ("pattern", observable.pattern()),
    ] {
        if let Some(text) = text {
            out.push(b'"');
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
            string(text, out)?;
            out.push(b',');
        }
    }
    Ok(())
}

/// The other fields, and the end.
pub(crate) fn known_rest(reputation: &Reputation, out: &mut Vec<u8>) -> io::Result<()> {
    let before = out.len();
    compact(&Known::of(reputation), out)?;
    // What stands before it has opened the object.
    out.remove(before);
    Ok(())
}

/// Everything of a [`Reputation`] but what it is about.
#[derive(Serialize)]
struct Known<'r> {
    judgement: &'r watchfire_model::Judgement,
    #[serde(flatten)]
    location: &'r watchfire_model::Location,
    tags: &'r [watchfire_model::Tag],
    #[serde(skip_serializing_if = "Option::is_none")]
    asset: Option<&'r watchfire_model::Asset>,
    enrichments: &'r [watchfire_model::Enrichment],
    asked: &'r watchfire_model::Asked,
}

impl<'r> Known<'r> {
    fn of(reputation: &'r Reputation) -> Self {
        Self {
            judgement: &reputation.judgement,
            location: &reputation.location,
            tags: &reputation.tags,
            asset: reputation.asset.as_ref(),
            enrichments: &reputation.enrichments,
            asked: &reputation.asked,
        }
    }
}

/// Appends a string. Most need no escaping.
fn string(text: &str, out: &mut Vec<u8>) -> io::Result<()> {
    let plain = text.bytes().fold(true, |plain, byte| {
        plain & (matches!(byte, b' '..=b'~') & (byte != b'"') & (byte != b'\\'))
    });
    if !plain {
        return compact(&text, out);
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
    Ok(())
}

/// Everything of a report but its reputations.
#[derive(Serialize)]
struct Rest<'r> {
    schema: &'r str,
    version: &'r str,
    as_of: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tlp: Option<watchfire_model::Tlp>,
    judgement: &'r watchfire_model::Judgement,
    incidents: &'r [watchfire_model::Incident],
    findings: &'r [watchfire_model::Finding],
    suppressed: &'r [watchfire_model::Suppressed],
    recommendations: &'r [watchfire_model::Recommendation],
    artifacts: &'r [watchfire_model::ArtifactRecord],
    mails: &'r [watchfire_model::JudgedMail],
    files: &'r [watchfire_model::JudgedFile],
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<&'r watchfire_model::Search>,
    diagnostics: &'r [Diagnostic],
    coverage: &'r watchfire_model::Coverage,
    totals: &'r watchfire_model::Totals,
    data: &'r [watchfire_model::DataSource],
}

impl<'r> Rest<'r> {
    fn of(report: &'r Report) -> Self {
        Self {
            schema: report.schema,
            version: report.version,
            as_of: &report.as_of,
            tlp: report.tlp,
            judgement: &report.judgement,
            incidents: &report.incidents,
            findings: &report.findings,
            suppressed: &report.suppressed,
            recommendations: &report.recommendations,
            artifacts: &report.artifacts,
            mails: &report.mails,
            files: &report.files,
            search: report.search.as_deref(),
            diagnostics: &report.diagnostics,
            coverage: &report.coverage,
            totals: &report.totals,
            data: &report.data,
        }
    }
}

/// Says that an input of `check` is no observable.
pub(crate) fn no_observable(input: &Untrusted, why: &str) -> Diagnostic {
    Diagnostic {
        severity: DiagnosticSeverity::Error,
        code: "not-an-observable",
        message: why.into(),
        artifact: input.clone(),
    }
}

/// Writes `value` as a document of many lines.
pub(crate) fn pretty(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    let mut serializer = Serializer::with_formatter(&mut *out, Escaped(PrettyFormatter::new()));
    value.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// Writes `value` on one line.
pub(crate) fn compact(value: &impl Serialize, out: &mut Vec<u8>) -> io::Result<()> {
    value.serialize(&mut Serializer::with_formatter(
        out,
        Escaped(serde_json::ser::CompactFormatter),
    ))?;
    Ok(())
}

/// Writes `value` as a line of its own.
pub(crate) fn line(value: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    // A serializer writes a few bytes at a time: dear through a `dyn Write`.
    let mut line = Vec::with_capacity(512);
    compact(value, &mut line)?;
    line.push(b'\n');
    out.write_all(&line)
}

/// Writes `record` as a line that says of which schema it is.
pub(crate) fn record(schema: &'static str, record: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Record<'a, R> {
        schema: &'static str,
        #[serde(flatten)]
        record: &'a R,
    }
    line(&Record { schema, record }, out)
}

/// What stands between two entries of a document.
const BETWEEN: &[u8] = b",\n";

/// `watchfire.observables/1`, written as it grows: the totals come last.
struct Document<'w> {
    out: &'w mut dyn Write,
    kind: ListingKind,
    form: Form,
    sources: Vec<SourceTotals>,
    /// Rules that hold, rendered.
    rules: Vec<u8>,
    entries: u64,
}

#[derive(Serialize)]
struct SourceTotals {
    source: Untrusted,
    size: u64,
    occurrences: u64,
    observables: u64,
    complete: bool,
}

impl Document<'_> {
    fn entry(&mut self, line: &Line<'_>) -> io::Result<()> {
        let before: &[u8] = if self.entries == 0 {
            b"{\"schema\":\"watchfire.observables/1\",\"observables\":[\n"
        } else {
            BETWEEN
        };
        let mut entry = Vec::with_capacity(512);
        entry.extend_from_slice(before);
        compact(line, &mut entry)?;
        self.entries += 1;
        self.out.write_all(&entry)
    }
}

impl ListingWriter for Document<'_> {
    fn source(&mut self, listing: &Listing<'_>) -> io::Result<()> {
        let mut rest = *listing;
        if self.entries == 0
            && let Some((first, others)) = listing.observed.split_first()
        {
            self.entry(&Line::counted(listing.source, first, self.form))?;
            rest.observed = others;
        }
        self.entries += rest.observed.len() as u64;
        lines::write(&rest, self.out, |observed, out| {
            out.extend_from_slice(BETWEEN);
            compact(&Line::counted(listing.source, observed, self.form), out)
        })?;
        self.sources.push(SourceTotals {
            source: listing.source.clone(),
            size: listing.size,
            occurrences: listing.occurrences,
            observables: listing.observed.len() as u64,
            complete: listing.complete,
        });
        Ok(())
    }

    fn occurrence(&mut self, source: &Untrusted, observed: &Observed) -> io::Result<()> {
        if self.kind == ListingKind::Following {
            self.entry(&Line::uncounted(source, observed, self.form))
        } else {
            self.entry(&Line::counted(source, observed, self.form))
        }
    }

    fn rules(&mut self, source: &Untrusted, matches: &[&RuleMatch]) -> io::Result<()> {
        matches.iter().try_for_each(|found| {
            if !self.rules.is_empty() {
                self.rules.extend_from_slice(BETWEEN);
            }
            compact(&RuleLine::of(source, found), &mut self.rules)
        })
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.entries == 0 {
            self.out
                .write_all(b"{\"schema\":\"watchfire.observables/1\",\"observables\":[")?;
        }
        let mut end = b"\n],\"sources\":".to_vec();
        compact(&self.sources, &mut end)?;
        end.extend_from_slice(b",\"rule_matches\":[");
        if !self.rules.is_empty() {
            end.push(b'\n');
            end.append(&mut self.rules);
        }
        end.extend_from_slice(b"]}\n");
        self.out.write_all(&end)
    }
}

/// A formatter that also escapes what the JSON grammar allows and a terminal obeys: C1 controls, bidirectional
/// overrides, invisible characters.
struct Escaped<F>(F);

impl<F: Formatter> Formatter for Escaped<F> {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // No early end: the compiler makes vector instructions of it.
        let plain = fragment
            .bytes()
            .fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~'));
        if plain || shows_as_it_is(fragment) {
            return writer.write_all(fragment.as_bytes());
        }
        let (mut utf8, mut utf16) = ([0; 4], [0; 2]);
        for c in fragment.chars() {
            let text = c.encode_utf8(&mut utf8);
            if shows_as_it_is(text) {
                writer.write_all(text.as_bytes())?;
            } else {
                for unit in c.encode_utf16(&mut utf16) {
                    write!(writer, "\\u{unit:04x}")?;
                }
            }
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// Whether a screen shows exactly this text.
fn shows_as_it_is(text: &str) -> bool {
    Untrusted::new(text).to_string() == text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_drives_a_terminal_is_escaped_and_means_the_same() {
        let hostile = "a\u{1b}[2J\u{9b}1m\u{202e}\u{7f}\u{e0041}é\"";
        let mut out = Vec::new();
        compact(&hostile, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, r#""a\u001b[2J\u009b1m\u202e\u007f\udb40\udc41é\"""#);
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }
}
