//! One JSON value per line. A listing has one `watchfire.observable/1` per line; a report has tagged records, the
//! last of which is the summary.

use crate::json::{self, compact};
use crate::line::{Line, RuleLine};
use crate::lines;
use crate::{
    Detail, EntryWriter, Exporter, ExporterInfo, Form, Listing, ListingKind, ListingWriter, RecordWriter,
    ReputationRows, ReputationWriter, Style, Subject,
};
use serde::Serialize;
use std::io::{self, Write};
use watchfire_model::executable::Essentials;
use watchfire_model::log::{EntrySink, LogAlert, LogEntry, LogFile, LogSummary};
use watchfire_model::network::{CaptureAlert, Event, Flow, Passage, RecordSink};
use watchfire_model::{
    ArtifactId, ArtifactRecord, Coverage, DataSource, Diagnostic, Digests, Finding, Incident, JudgedFile, JudgedMail,
    Judgement, KnownGood, MediaType, Observed, Recommendation, Report, Reputation, RuleMatch, Search, Suppressed, Tlp,
    Totals, Untrusted,
};

/// See the module.
pub(crate) struct Ndjson;

static INFO: ExporterInfo = ExporterInfo {
    name: "ndjson",
    describes: "one JSON value per line, raw values",
};

/// One line of a report.
#[derive(Serialize)]
#[serde(tag = "record", rename_all = "lowercase")]
enum Record<'a> {
    Artifact {
        #[serde(skip_serializing_if = "Option::is_none")]
        sha256: Option<ArtifactId>,
        path: &'a Untrusted,
        depth: u32,
        size: u64,
        media_type: MediaType,
        read: bool,
        #[serde(flatten)]
        digests: Digests,
        #[serde(flatten)]
        known_good: Option<&'a KnownGood>,
        #[serde(skip_serializing_if = "Option::is_none")]
        listed_in: Option<&'a Untrusted>,
        #[serde(skip_serializing_if = "Option::is_none")]
        executable: Option<&'a Essentials>,
        #[serde(skip_serializing_if = "Option::is_none")]
        log: Option<&'a LogFile>,
    },
    Observable {
        #[serde(skip_serializing_if = "Option::is_none")]
        artifact: Option<ArtifactId>,
        #[serde(flatten)]
        line: Line<'a>,
    },
    Mail(&'a JudgedMail),
    File(&'a JudgedFile),
    Flow(&'a Flow),
    Event(&'a Event),
    #[serde(rename = "event")]
    Entry(&'a LogEntry),
    Alert(&'a LogAlert),
    #[serde(rename = "alert")]
    CaptureAlert(&'a CaptureAlert),
    Passage {
        flow: u64,
        #[serde(flatten)]
        passage: &'a Passage,
    },
    Enrichment(&'a Reputation),
    Incident(&'a Incident),
    Finding(&'a Finding),
    Suppressed(&'a Suppressed),
    Recommendation(&'a Recommendation),
    Diagnostic(&'a Diagnostic),
    Summary {
        schema: &'static str,
        version: &'static str,
        as_of: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        tlp: Option<Tlp>,
        judgement: &'a Judgement,
        coverage: &'a Coverage,
        totals: &'a Totals,
        data: &'a [DataSource],
        #[serde(skip_serializing_if = "Option::is_none")]
        search: Option<&'a Search>,
        #[serde(skip_serializing_if = "Option::is_none")]
        log: Option<&'a LogSummary>,
    },
}

impl Exporter for Ndjson {
    fn info(&self) -> &'static ExporterInfo {
        &INFO
    }

    fn report(&self, report: &Report, _style: &Style, out: &mut dyn Write) -> io::Result<()> {
        let mut write = |record: Record<'_>| json::line(&record, out);
        for artifact in &report.artifacts {
            write(artifact_record(artifact))?;
            for observed in &artifact.observables {
                write(Record::Observable {
                    artifact: artifact.sha256,
                    line: Line::counted(&artifact.path, observed, Form::Raw),
                })?;
            }
        }
        report.mails.iter().try_for_each(|mail| write(Record::Mail(mail)))?;
        report.files.iter().try_for_each(|file| write(Record::File(file)))?;
        report
            .reputations
            .iter()
            .try_for_each(|reputation| write(Record::Enrichment(reputation)))?;
        report
            .incidents
            .iter()
            .try_for_each(|incident| write(Record::Incident(incident)))?;
        report
            .findings
            .iter()
            .try_for_each(|finding| write(Record::Finding(finding)))?;
        report
            .suppressed
            .iter()
            .try_for_each(|hidden| write(Record::Suppressed(hidden)))?;
        report
            .recommendations
            .iter()
            .try_for_each(|advice| write(Record::Recommendation(advice)))?;
        report
            .diagnostics
            .iter()
            .try_for_each(|remark| write(Record::Diagnostic(remark)))?;
        write(summary(report))
    }

    fn records<'w>(&self, out: &'w mut dyn Write) -> Option<Box<dyn RecordWriter + 'w>> {
        Some(Box::new(Traffic { out, failed: None }))
    }

    fn entries<'w>(&self, out: &'w mut dyn Write, all: bool) -> Option<Box<dyn EntryWriter + 'w>> {
        Some(Box::new(Entries {
            out,
            all,
            is_live: false,
            failed: None,
        }))
    }

    fn following<'w>(&self, out: &'w mut dyn Write, _: &Style, all: bool) -> Option<Box<dyn EntryWriter + 'w>> {
        Some(Box::new(Entries {
            out,
            all,
            is_live: true,
            failed: None,
        }))
    }

    fn document(&self, document: &dyn crate::Document, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        document.ndjson(out)
    }

    fn reputations(&self, _detail: Detail, _style: &Style) -> Box<dyn ReputationWriter> {
        Box::new(Records)
    }

    fn listing<'w>(&self, kind: ListingKind, style: &Style, out: &'w mut dyn Write) -> Box<dyn ListingWriter + 'w> {
        Box::new(Lines {
            out,
            kind,
            form: style.form,
        })
    }
}

/// Flows and events of captures.
struct Traffic<'w> {
    out: &'w mut dyn Write,
    failed: Option<io::Error>,
}

impl Traffic<'_> {
    fn write(&mut self, record: &Record<'_>) {
        if self.failed.is_none() {
            self.failed = json::line(record, self.out).err();
        }
    }
}

impl RecordSink for Traffic<'_> {
    fn event(&mut self, event: &Event) {
        self.write(&Record::Event(event));
    }

    fn flow(&mut self, flow: &Flow) {
        self.write(&Record::Flow(flow));
    }

    fn passage(&mut self, flow: &Flow, passage: &Passage) {
        let flow = flow.first_frame;
        self.write(&Record::Passage { flow, passage });
    }

    fn wants_alerts(&self) -> bool {
        true
    }

    fn alert(&mut self, alert: &CaptureAlert) {
        self.write(&Record::CaptureAlert(alert));
        // Somebody waits for it.
        if self.failed.is_none() {
            self.failed = self.out.flush().err();
        }
    }

    fn goes_on(&self) -> bool {
        self.failed.is_none()
    }
}

impl RecordWriter for Traffic<'_> {
    fn sink(&mut self) -> &mut dyn RecordSink {
        self
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.failed.map_or(Ok(()), Err)
    }
}

/// Records of logs.
struct Entries<'w> {
    out: &'w mut dyn Write,
    all: bool,
    /// Somebody waits for each line.
    is_live: bool,
    failed: Option<io::Error>,
}

impl Entries<'_> {
    fn write(&mut self, record: &Record<'_>) {
        if self.failed.is_some() {
            return;
        }
        let written = json::line(record, self.out);
        let flushed = written.and_then(|()| if self.is_live { self.out.flush() } else { Ok(()) });
        self.failed = flushed.err();
    }
}

impl EntrySink for Entries<'_> {
    fn wants_all(&self) -> bool {
        self.all
    }

    fn entry(&mut self, entry: &LogEntry) {
        self.write(&Record::Entry(entry));
    }

    fn alert(&mut self, alert: &LogAlert) {
        self.write(&Record::Alert(alert));
    }

    fn goes_on(&self) -> bool {
        self.failed.is_none()
    }
}

impl EntryWriter for Entries<'_> {
    fn sink(&mut self) -> &mut dyn EntrySink {
        self
    }

    fn finish(self: Box<Self>) -> io::Result<()> {
        self.failed.map_or(Ok(()), Err)
    }
}

struct Records;

impl ReputationWriter for Records {
    fn begin(&self, _out: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn reputation(&self, reputation: &Reputation, first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        crate::row(self, reputation, first, out)
    }

    fn rows(&self) -> Option<&dyn ReputationRows> {
        Some(self)
    }

    fn unreadable(&self, input: &Untrusted, why: &str, _first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        compact(&Record::Diagnostic(&json::no_observable(input, why)), out)?;
        out.push(b'\n');
        Ok(())
    }

    fn finish(&self, report: &Report, out: &mut dyn Write) -> io::Result<()> {
        report
            .diagnostics
            .iter()
            .try_for_each(|remark| json::line(&Record::Diagnostic(remark), out))?;
        json::line(&summary(report), out)
    }
}

impl ReputationRows for Records {
    fn head(&self, subject: &Subject<'_>, _first: bool, out: &mut Vec<u8>) -> io::Result<()> {
        out.extend_from_slice(b"{\"record\":\"enrichment\",");
        json::known_head(subject, out)
    }

    fn rest(&self, reputation: &Reputation, out: &mut Vec<u8>) -> io::Result<()> {
        json::known_rest(reputation, out)?;
        out.push(b'\n');
        Ok(())
    }
}

fn summary(report: &Report) -> Record<'_> {
    Record::Summary {
        schema: report.schema,
        version: report.version,
        as_of: &report.as_of,
        tlp: report.tlp,
        judgement: &report.judgement,
        coverage: &report.coverage,
        totals: &report.totals,
        data: &report.data,
        search: report.search.as_deref(),
        log: report.log.as_deref(),
    }
}

fn artifact_record(artifact: &ArtifactRecord) -> Record<'_> {
    Record::Artifact {
        sha256: artifact.sha256,
        path: &artifact.path,
        depth: artifact.depth,
        size: artifact.size,
        media_type: artifact.media_type,
        read: artifact.read,
        digests: artifact.digests,
        known_good: artifact.known_good.as_ref(),
        listed_in: artifact.listed_in.as_ref(),
        executable: artifact.executable.as_deref(),
        log: artifact.log.as_deref(),
    }
}

/// A line of a listing that is no observable.
#[derive(Serialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
enum Tagged<'a> {
    RuleMatch(RuleLine<'a>),
}

struct Lines<'w> {
    out: &'w mut dyn Write,
    kind: ListingKind,
    form: Form,
}

impl ListingWriter for Lines<'_> {
    fn source(&mut self, listing: &Listing<'_>) -> io::Result<()> {
        lines::write(listing, self.out, |observed, out| {
            compact(&Line::counted(listing.source, observed, self.form), out)?;
            out.push(b'\n');
            Ok(())
        })
    }

    fn occurrence(&mut self, source: &Untrusted, observed: &Observed) -> io::Result<()> {
        let line = match self.kind {
            ListingKind::Following => Line::uncounted(source, observed, self.form),
            ListingKind::Distinct | ListingKind::Occurrences => Line::counted(source, observed, self.form),
        };
        json::line(&line, self.out)
    }

    fn rules(&mut self, source: &Untrusted, matches: &[&RuleMatch]) -> io::Result<()> {
        let mut lines = matches
            .iter()
            .map(|found| Tagged::RuleMatch(RuleLine::of(source, found)));
        lines.try_for_each(|line| json::line(&line, self.out))
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}
