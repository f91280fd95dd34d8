//! What stands on each sheet.

use super::sheet::{Cell, Column};
use crate::actionable::{Value, Values};
use crate::line;
use std::collections::BTreeMap;
use watchfire_model::network::{CaptureFacts, Conversation, Talker};
use watchfire_model::{
    ArtifactRecord, Moment, Observable, Report, Timestamp, Untrusted, Verdict, Weight, counted, digest_hex,
};

/// Rows as they are made.
pub(super) type Rows<'r> = Box<dyn Iterator<Item = Vec<Cell>> + 'r>;

/// A sheet.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) columns: &'static [Column],
    /// Whether it is there without a row, too.
    pub(super) is_always_there: bool,
    pub(super) rows: for<'r> fn(&'r Report, &'r Values<'r>) -> Rows<'r>,
}

/// Every sheet but the summary, in order.
pub(super) const TABLES: &[Table] = &[
    Table {
        name: "findings",
        columns: &[
            ("rule", 28),
            ("title", 70),
            ("severity", 13),
            ("confidence", 11),
            ("weight", 8),
            ("techniques", 22),
            ("about", 40),
            ("path", 50),
            ("place", 24),
            ("excerpt", 60),
            ("sha256", 20),
            ("suppressed because", 24),
        ],
        is_always_there: true,
        rows: findings,
    },
    Table {
        name: "observables",
        columns: &[
            ("type", 14),
            ("value", 60),
            ("defanged", 60),
            ("verdict", 11),
            ("score", 7),
            ("why", 60),
            ("action", 26),
            ("seen", 8),
            ("sources", 8),
            ("first source", 50),
            ("line", 8),
            ("frame", 8),
            ("role", 11),
            ("country", 8),
            ("asn", 9),
            ("network", 28),
            ("tags", 40),
        ],
        is_always_there: true,
        rows: observables,
    },
    Table {
        name: "flows",
        columns: &[
            ("originator", 28),
            ("responder", 28),
            ("port", 8),
            ("service", 12),
            ("name", 40),
            ("flows", 9),
            ("bytes sent", 13),
            ("bytes received", 13),
            ("first", 20),
            ("last", 20),
            ("frame", 9),
            ("capture", 50),
        ],
        is_always_there: false,
        rows: flows,
    },
    Table {
        name: "hosts",
        columns: &[
            ("address", 28),
            ("names", 40),
            ("mac", 18),
            ("vendor", 24),
            ("system", 24),
            ("country", 8),
            ("asn", 9),
            ("bytes sent", 13),
            ("bytes received", 13),
            ("flows", 9),
            ("frame", 9),
            ("capture", 50),
        ],
        is_always_there: false,
        rows: hosts,
    },
    Table {
        name: "events",
        columns: &[
            ("kind", 10),
            ("what", 60),
            ("level", 13),
            ("count", 9),
            ("first", 20),
            ("last", 20),
            ("user", 24),
            ("from", 28),
            ("machines", 40),
            ("techniques", 22),
        ],
        is_always_there: false,
        rows: events,
    },
    Table {
        name: "mail headers",
        columns: &[("mail", 50), ("number", 8), ("name", 24), ("value", 100)],
        is_always_there: false,
        rows: headers,
    },
    Table {
        name: "files",
        columns: &[
            ("path", 70),
            ("depth", 7),
            ("size", 12),
            ("type", 40),
            ("read", 7),
            ("verdict", 11),
            ("score", 7),
            ("sha256", 66),
            ("sha1", 42),
            ("md5", 34),
            ("known good by", 24),
            ("modified", 20),
        ],
        is_always_there: true,
        rows: files,
    },
    Table {
        name: "timeline",
        columns: &[("time", 20), ("kind", 12), ("what", 90), ("where", 60)],
        is_always_there: false,
        rows: timeline,
    },
];

/// What a reader wants first, and how far the other sheets go.
pub(super) fn summary(report: &Report, written: &[(&'static str, u64)], names: &[String]) -> Vec<Vec<Cell>> {
    let judgement = &report.judgement;
    let coverage = &report.coverage;
    let mut rows = Vec::new();
    let mut say = |what: &str, is: Cell| rows.push(vec![Cell::text(what), is]);
    say("verdict", Cell::text(judgement.verdict.as_str()));
    say("score", u64::from(judgement.score.get()).into());
    say("confidence", Cell::text(judgement.confidence.as_str()));
    say("summary", Cell::Text(line::prose(&judgement.summary)));
    if let Some(tlp) = report.tlp {
        say("shared as", Cell::text(tlp.as_str()));
    }
    say("as of", Moment::parse(&report.as_of).ok().into());
    say("made by", Cell::Text(format!("Watchfire {}", report.version)));
    for reason in &judgement.reasons {
        let weight = if reason.weight > Weight::NONE {
            format!(" ({})", reason.weight)
        } else {
            String::new()
        };
        say("why", Cell::Text(format!("{}{weight}", line::prose(&reason.text))));
    }
    for advice in &report.recommendations {
        say("what to do", Cell::Text(line::prose(advice.text.raw())));
    }
    let inputs = format!("{} of {} read", coverage.inputs_read, counted(coverage.inputs, "input"));
    let artifacts = format!(
        "{} of {}",
        coverage.artifacts_read,
        counted(coverage.artifacts, "artifact")
    );
    say(
        "coverage",
        Cell::Text(format!("{inputs}; {artifacts}; {} bytes", coverage.bytes)),
    );
    for remark in &report.diagnostics {
        say("remark", Cell::Text(format!("{}: {}", remark.artifact, remark.message)));
    }
    for data in &report.data {
        say(
            "data",
            Cell::Text(format!("{} ({}) {}", data.name, data.source, data.terms)),
        );
    }
    for (name, count) in written {
        let more = format!("{name} ");
        let further = names.iter().filter(|sheet| {
            let number = sheet.strip_prefix(&more).unwrap_or_default();
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        });
        let further = match further.count() {
            0 => String::new(),
            count => format!(", continued on {}", counted(count as u64, "further sheet")),
        };
        say(
            &format!("sheet '{name}'"),
            Cell::Text(format!("{}{further}", counted(*count, "row"))),
        );
    }
    rows
}

fn findings<'r>(report: &'r Report, _: &'r Values<'r>) -> Rows<'r> {
    let visible = report.findings.iter().map(|finding| (finding, ""));
    let hidden = report
        .suppressed
        .iter()
        .map(|hidden| (&hidden.finding, hidden.why.as_str()));
    Box::new(visible.chain(hidden).flat_map(|(finding, why)| {
        finding.evidence().iter().map(move |evidence| {
            let techniques: Vec<&str> = finding.techniques.iter().map(|one| one.as_str()).collect();
            let about: Vec<String> = finding.targets.iter().map(ToString::to_string).collect();
            let place = evidence.to_string();
            let place = place
                .strip_prefix(&evidence.path.to_string())
                .unwrap_or_default()
                .to_owned();
            vec![
                Cell::text(finding.rule.0),
                Cell::Text(line::prose(&finding.title)),
                Cell::text(finding.severity.as_str()),
                Cell::text(finding.confidence.as_str()),
                Cell::Fraction(f64::from(finding.weight.thousandths()) / 1000.0),
                Cell::text(techniques.join(" ")),
                Cell::text(about.join(", ")),
                Cell::text(evidence.path.raw()),
                Cell::text(place.trim_start_matches([' ', ':'])),
                Cell::text(evidence.excerpt.raw()),
                if evidence.artifact.is_unknown() {
                    Cell::Empty
                } else {
                    Cell::Text(evidence.artifact.to_string())
                },
                Cell::text(why),
            ]
        })
    }))
}

fn observables<'r>(report: &'r Report, values: &'r Values<'r>) -> Rows<'r> {
    let exempt: BTreeMap<&Observable, &'static str> = values
        .not_blocked()
        .map(|(observable, why)| (observable, why.why()))
        .collect();
    let row = move |(observable, value): (&'r Observable, &'r Value<'r>)| {
        let charge = value.charge.as_ref();
        let action = exempt.get(observable).copied().or_else(|| charge.map(|_| "block"));
        let observed = value.observed;
        let location = observed.map(|observed| &observed.location);
        let first = value.artifacts.first().and_then(|place| report.artifacts.get(*place));
        let tags: Vec<&str> = value.tags().collect();
        vec![
            Cell::text(observable.kind().name()),
            Cell::text(observable.raw()),
            Cell::text(line::defanged(observable)),
            Cell::optional(charge.map(|charge| charge.verdict.as_str())),
            charge
                .and_then(|charge| charge.score)
                .map_or(Cell::Empty, |score| u64::from(score).into()),
            Cell::optional(charge.map(|charge| line::prose(&charge.reasons.join("; ")))),
            Cell::optional(action),
            value.count.into(),
            (value.artifacts.len() as u64).into(),
            Cell::optional(first.map(|artifact| artifact.path.raw())),
            observed
                .filter(|seen| seen.frame.is_none())
                .map_or(Cell::Empty, |seen| seen.line.into()),
            observed.and_then(|seen| seen.frame).map_or(Cell::Empty, Cell::Number),
            Cell::optional(observed.map(|seen| crate::words::word(seen.role))),
            Cell::optional(location.and_then(|location| location.country)),
            location
                .and_then(|location| location.asn)
                .map_or(Cell::Empty, |asn| u64::from(asn).into()),
            Cell::optional(
                location
                    .and_then(|location| location.as_name.as_ref())
                    .map(Untrusted::raw),
            ),
            Cell::text(tags.join(" ")),
        ]
    };
    Box::new(values.iter().map(row))
}

/// Captures of a report with where they lie.
fn captures(report: &Report) -> impl Iterator<Item = (&ArtifactRecord, &CaptureFacts)> {
    let artifacts = report.artifacts.iter();
    artifacts.filter_map(|artifact| Some((artifact, artifact.capture.as_deref()?)))
}

fn flows<'r>(report: &'r Report, _: &'r Values<'r>) -> Rows<'r> {
    let row = |artifact: &ArtifactRecord, one: &Conversation| {
        vec![
            Cell::text(one.originator.to_string()),
            Cell::text(one.responder.ip().to_string()),
            u64::from(one.responder.port()).into(),
            Cell::text(one.service.as_str()),
            Cell::optional(one.name.as_ref().map(Untrusted::raw)),
            one.flows.into(),
            one.sent.into(),
            one.received.into(),
            Cell::Time(one.first.moment()),
            Cell::Time(one.last.moment()),
            one.frame.into(),
            Cell::text(artifact.path.raw()),
        ]
    };
    let rows = move |(artifact, capture): (&'r ArtifactRecord, &'r CaptureFacts)| {
        capture.conversations.iter().map(move |one| row(artifact, one))
    };
    Box::new(captures(report).flat_map(rows))
}

fn hosts<'r>(report: &'r Report, _: &'r Values<'r>) -> Rows<'r> {
    let row = |artifact: &ArtifactRecord, one: &Talker| {
        let names: Vec<&str> = one.names.iter().map(Untrusted::raw).collect();
        let mac = one.mac.map(|mac| mac.map(|byte| digest_hex(&[byte])).join(":"));
        vec![
            Cell::text(one.address.to_string()),
            Cell::text(names.join(" ")),
            Cell::optional(mac),
            Cell::optional(one.vendor),
            Cell::optional(one.system.as_ref().map(Untrusted::raw)),
            Cell::optional(one.country),
            one.asn.map_or(Cell::Empty, |asn| u64::from(asn).into()),
            one.sent.into(),
            one.received.into(),
            one.flows.into(),
            one.frame.into(),
            Cell::text(artifact.path.raw()),
        ]
    };
    let rows = move |(artifact, capture): (&'r ArtifactRecord, &'r CaptureFacts)| {
        capture.talkers.iter().map(move |one| row(artifact, one))
    };
    Box::new(captures(report).flat_map(rows))
}

/// Rules that hold for logs, and who was let in or refused.
fn events<'r>(report: &'r Report, _: &'r Values<'r>) -> Rows<'r> {
    let time = |time: Option<Timestamp>| Cell::from(time.map(Timestamp::moment));
    let join = |all: &[Untrusted]| all.iter().map(Untrusted::raw).collect::<Vec<&str>>().join(" ");
    let rules = report.log.iter().flat_map(|log| &log.rules).map(move |one| {
        vec![
            Cell::text("rule"),
            Cell::text(one.rule.title.raw()),
            Cell::Text(crate::words::word(one.rule.level)),
            one.count.into(),
            time(one.first),
            time(one.last),
            Cell::Empty,
            Cell::Empty,
            Cell::text(join(&one.hosts)),
            Cell::text(join(&one.rule.techniques)),
        ]
    });
    let logins = report.log.iter().flat_map(|log| &log.logins).map(move |one| {
        vec![
            Cell::text("log-in"),
            Cell::Text(format!("{} by {}", crate::words::word(one.outcome), one.service)),
            Cell::Empty,
            one.count.into(),
            time(one.first),
            time(one.last),
            Cell::text(one.user.raw()),
            one.from
                .map_or_else(|| Cell::text(one.from_host.raw()), |from| Cell::text(from.to_string())),
            Cell::text(one.host.raw()),
            Cell::Empty,
        ]
    });
    Box::new(rules.chain(logins))
}

fn headers<'r>(report: &'r Report, _: &'r Values<'r>) -> Rows<'r> {
    Box::new(report.mails.iter().flat_map(|judged| {
        judged.mail.headers.iter().zip(1_u64..).map(|(field, number)| {
            vec![
                Cell::text(judged.path.raw()),
                number.into(),
                Cell::text(field.name.raw()),
                Cell::text(field.value.raw()),
            ]
        })
    }))
}

fn files<'r>(report: &'r Report, _: &'r Values<'r>) -> Rows<'r> {
    let judged: BTreeMap<&str, (Verdict, u8, Option<Moment>)> = report
        .files
        .iter()
        .map(|file| (file.path.raw(), (file.verdict, file.score.get(), file.stored.modified)))
        .collect();
    Box::new(report.artifacts.iter().map(move |artifact| {
        let file = judged.get(artifact.path.raw());
        vec![
            Cell::text(artifact.path.raw()),
            u64::from(artifact.depth).into(),
            artifact.size.into(),
            Cell::text(artifact.media_type.0),
            Cell::Is(artifact.read),
            Cell::optional(file.map(|(verdict, ..)| verdict.as_str())),
            file.map_or(Cell::Empty, |(_, score, _)| u64::from(*score).into()),
            Cell::optional(artifact.sha256.map(|digest| digest.to_string())),
            Cell::optional(artifact.digests.sha1.map(|digest| digest_hex(&digest))),
            Cell::optional(artifact.digests.md5.map(|digest| digest_hex(&digest))),
            Cell::optional(artifact.known_good.as_ref().map(|list| list.name().raw())),
            file.and_then(|(.., modified)| *modified).into(),
        ]
    }))
}

/// What happened when, as far as the report says: mails, their hops, captures, rules of logs, files.
fn timeline<'r>(report: &'r Report, _: &'r Values<'r>) -> Rows<'r> {
    let mut all: Vec<(Moment, &'static str, String, String)> = Vec::new();
    for judged in &report.mails {
        let path = judged.path.raw();
        let subject = line::prose(judged.mail.subject.raw());
        all.extend(
            judged
                .mail
                .date
                .map(|date| (date.moment, "mail", format!("sent: {subject}"), path.to_owned())),
        );
        for hop in &judged.mail.hops {
            let by = hop.by.as_ref().map_or("somebody", Untrusted::raw);
            all.extend(
                hop.at
                    .map(|at| (at.moment, "mail", format!("taken by {by}: {subject}"), path.to_owned())),
            );
        }
    }
    for (artifact, capture) in captures(report) {
        for one in &capture.conversations {
            let what = format!("{} to {} ({})", one.originator, one.responder, one.service);
            let place = format!("{} frame {}", artifact.path.raw(), one.frame);
            all.push((one.first.moment(), "network", what, place));
        }
    }
    for rule in report.log.iter().flat_map(|log| &log.rules) {
        let hosts = rule.hosts.iter().map(Untrusted::raw).collect::<Vec<&str>>().join(" ");
        let what = format!("{}, {}", rule.rule.title.raw(), counted(rule.count, "time"));
        all.extend(rule.first.map(|first| (first.moment(), "log", what, hosts)));
    }
    for file in &report.files {
        let modified = file.stored.modified;
        all.extend(modified.map(|at| (at, "file", "last written".to_owned(), file.path.raw().to_owned())));
    }
    all.sort();
    Box::new(
        all.into_iter()
            .map(|(at, kind, what, place)| vec![Cell::Time(at), Cell::text(kind), Cell::Text(what), Cell::text(place)]),
    )
}
