//! Captures and logs as a whole: protocols, hosts, traffic over time, rules that hold, log-ins.

use super::parts::{Section, clock, grouped};
use super::{Markup, page::Page};
use crate::bytes;
use crate::chart::{self, Bar, Caption};
use watchfire_model::log::{Count, LogInOutcome, LogSummary};
use watchfire_model::network::CaptureFacts;
use watchfire_model::{ArtifactRecord, Timestamp};

/// Captures that are drawn.
const CAPTURES: usize = 5;
/// Bars of a chart.
const BARS: usize = 8;
/// Rows of tables.
const ROWS: usize = 40;

/// Identifiers of the pictures of each capture.
const PICTURES: [[&str; 3]; CAPTURES] = [
    ["capture-1-time", "capture-1-services", "capture-1-talkers"],
    ["capture-2-time", "capture-2-services", "capture-2-talkers"],
    ["capture-3-time", "capture-3-services", "capture-3-talkers"],
    ["capture-4-time", "capture-4-services", "capture-4-talkers"],
    ["capture-5-time", "capture-5-services", "capture-5-talkers"],
];

/// Captures of networks.
pub(super) fn captures(page: &Page<'_>) -> Option<Section> {
    let held = |artifact: &&ArtifactRecord| artifact.capture.is_some();
    let count = page.report.artifacts.iter().filter(held).count();
    if count == 0 {
        return None;
    }
    let mut body = Markup::default();
    for (artifact, pictures) in page.report.artifacts.iter().filter(held).zip(PICTURES) {
        if let Some(capture) = &artifact.capture {
            body.open("article", &[("class", "part")])
                .brief_in("h3", &[], &artifact.path.to_string());
            one(capture, pictures, &mut body);
            body.close("article");
        }
    }
    body.more(count.saturating_sub(CAPTURES), "captures");
    Some(Section {
        id: "captures",
        title: "Captures",
        body,
    })
}

fn one(capture: &CaptureFacts, pictures: [&'static str; 3], out: &mut Markup) {
    out.open("dl", &[("class", "facts")]);
    out.fact("Frames", &grouped(capture.frames))
        .fact("Bytes", &bytes(capture.bytes));
    out.fact("Flows", &grouped(capture.flows))
        .fact("Hosts", &grouped(capture.hosts));
    let span = [capture.first, capture.last].map(instant);
    out.fact("From (UTC)", &span[0]).fact("To (UTC)", &span[1]);
    if capture.carried_in_all > 0 {
        out.fact("Files carried", &grouped(capture.carried_in_all));
    }
    out.close("dl").open("div", &[("class", "charts")]);
    let line = &capture.timeline;
    if !line.bytes.is_empty() {
        picture(pictures[0], "Bytes over time", out, |caption, out| {
            chart::columns(&line.bytes, &[], [&span[0], &span[1]], caption, out);
        });
    }
    let services = capture.services.iter().map(|service| bar(&service.name, service.bytes));
    let talkers = capture.talkers.iter().map(|talker| {
        let name = talker
            .names
            .first()
            .map_or_else(|| talker.address.to_string(), |name| name.shown(60));
        bar(&name, talker.sent.saturating_add(talker.received))
    });
    for (id, title, rows) in [
        (
            pictures[1],
            "Protocols by bytes",
            services.take(BARS).collect::<Vec<Bar>>(),
        ),
        (pictures[2], "Hosts by bytes", talkers.take(BARS).collect()),
    ] {
        picture(id, title, out, |caption, out| chart::bars(&rows, caption, out));
    }
    out.close("div");
}

fn bar(name: &str, count: u64) -> Bar {
    Bar {
        name: name.to_owned(),
        count,
        shown: bytes(count),
    }
}

fn picture(id: &'static str, title: &str, out: &mut Markup, draw: impl FnOnce(&Caption<'_>, &mut Markup)) {
    out.open("figure", &[]).element("figcaption", &[], title);
    let caption = Caption {
        id,
        title,
        describes: "The numbers stand beside the bars, or in the report in JSON.",
    };
    draw(&caption, out);
    out.close("figure");
}

fn instant(at: Option<Timestamp>) -> String {
    at.map(|at| clock(&at.moment().to_string())).unwrap_or_default()
}

/// What logs say, all together.
pub(super) fn logs(page: &Page<'_>) -> Option<Section> {
    let log = page.report.log.as_deref()?;
    let mut body = Markup::default();
    body.open("dl", &[("class", "facts")]);
    body.fact("Files", &grouped(log.files))
        .fact("Records", &grouped(log.all.records));
    body.fact("From (UTC)", &instant(log.all.first))
        .fact("To (UTC)", &instant(log.all.last));
    body.fact("Rules asked", &grouped(log.rules_asked));
    body.fact("Let in", &grouped(log.accepted))
        .fact("Refused", &grouped(log.refused))
        .close("dl");
    body.open("div", &[("class", "charts")]);
    if !log.timeline.records.is_empty() {
        let ends = [instant(log.all.first), instant(log.all.last)];
        picture(
            "log-time",
            "Records over time; in front, those that a rule holds for",
            &mut body,
            |caption, out| {
                chart::columns(
                    &log.timeline.records,
                    &log.timeline.matched,
                    [&ends[0], &ends[1]],
                    caption,
                    out,
                );
            },
        );
    }
    for (id, title, counts) in [
        ("log-hosts", "Machines by records", &log.hosts),
        ("log-users", "Users by records", &log.users),
        ("log-addresses", "Addresses by records", &log.addresses),
    ] {
        let rows: Vec<Bar> = counts.values.iter().take(BARS).map(counted).collect();
        if !rows.is_empty() {
            picture(id, title, &mut body, |caption, out| chart::bars(&rows, caption, out));
        }
    }
    body.close("div");
    rules(log, &mut body);
    logins(log, &mut body);
    Some(Section {
        id: "logs",
        title: "Logs",
        body,
    })
}

fn counted(count: &Count) -> Bar {
    Bar {
        name: count.value.shown(60),
        count: count.count,
        shown: grouped(count.count),
    }
}

fn rules(log: &LogSummary, out: &mut Markup) {
    if log.rules.is_empty() {
        return;
    }
    out.element("h3", &[], "Sigma rules that hold");
    let columns = [
        ("Rule", "wide"),
        ("Level", ""),
        ("Times", "number"),
        ("First (UTC)", "when"),
        ("Machines", ""),
        ("From", ""),
    ];
    out.table("rules", "Sigma rules that hold, the most critical first", &columns);
    for rule in log.rules.iter().take(ROWS) {
        out.open("tr", &[])
            .brief_in("td", &[("class", "wide")], &rule.rule.title.to_string());
        out.element("td", &[], rule.rule.level.as_str());
        out.element("td", &[("class", "number")], &grouped(rule.count));
        out.element("td", &[("class", "when")], &instant(rule.first));
        let hosts: Vec<String> = rule.hosts.iter().map(|host| host.shown(60)).collect();
        out.brief_in("td", &[], &hosts.join(", "));
        out.brief_in("td", &[], &rule.rule.source.to_string())
            .close("tr")
            .newline();
    }
    out.end_table().more(log.rules.len().saturating_sub(ROWS), "rules");
}

fn logins(log: &LogSummary, out: &mut Markup) {
    if log.logins.is_empty() {
        return;
    }
    const SHOWN: usize = 20;
    out.element("h3", &[], "Log-ins");
    let columns = [
        ("User", ""),
        ("From", ""),
        ("To", ""),
        ("By", ""),
        ("Outcome", ""),
        ("Times", "number"),
        ("First (UTC)", "when"),
        ("Last (UTC)", "when"),
    ];
    out.table(
        "logins",
        "Who was let in or refused, those with the most attempts first",
        &columns,
    );
    for row in log.logins.iter().take(SHOWN) {
        let from = row
            .from
            .map_or_else(|| row.from_host.to_string(), |from| from.to_string());
        out.open("tr", &[])
            .brief_in("td", &[], &row.user.to_string())
            .brief_in("td", &[], &from);
        out.brief_in("td", &[], &row.host.to_string())
            .element("td", &[], row.service);
        let outcome = match row.outcome {
            LogInOutcome::Refused => "✗ refused",
            LogInOutcome::Accepted => "✓ let in",
        };
        out.element("td", &[], outcome)
            .element("td", &[("class", "number")], &grouped(row.count));
        for at in [row.first, row.last] {
            out.element("td", &[("class", "when")], &instant(at));
        }
        out.close("tr").newline();
    }
    out.end_table().more(log.logins.len().saturating_sub(SHOWN), "rows");
}
