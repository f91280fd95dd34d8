//! Logs: how much of what and when, which rules hold, who logged in, and what is unlike the rest.

use super::capture::{host, lasting, said};
use super::more;
use super::screen::{Paint, Screen};
use crate::bytes;
use crate::style::Glyphs;
use std::io;
use std::net::IpAddr;
use watchfire_model::log::{
    Anomaly, Count, Counts, LogInOutcome, LogInRow, LogSummary, LogTimeline, RuleCount, SessionRow, TemplateRow,
};
use watchfire_model::{Report, Untrusted, agreeing, counted};

/// Rows of a list that is cut unless asked otherwise.
const FILES: usize = 5;
const RULES: usize = 8;
const VALUES: usize = 6;
const LOGINS: usize = 5;
const TEMPLATES: usize = 3;
const ANOMALIES: usize = 5;
/// Where what is said begins.
const SAID: usize = 12;
/// Marks of a timeline.
const MARKS: usize = 60;

/// What logs say, if there are any.
pub(super) fn section(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    let Some(log) = &report.log else { return Ok(()) };
    screen.end()?;
    screen.put(" ").paint(Paint::Strong, "LOGS").to(SAID);
    let mut facts = vec![counted(log.all.records, "record"), bytes(report.coverage.bytes)];
    if log.files > 1 {
        facts.push(counted(log.files, "file"));
    }
    if let (Some(first), Some(last)) = (log.all.first, log.all.last) {
        facts.push(format!("{} to {}", first.moment(), last.moment()));
    }
    let right = screen.style().width;
    screen.wrapped(&facts.join(" · "), right)?;
    screen.end()?;
    formats(log, screen)?;
    times(log, screen)?;
    timeline(&log.timeline, screen)?;
    files(report, screen)?;
    rules(log, screen)?;
    counts("tactics", &log.tactics, log.tactics.len() as u64, false, screen)?;
    logins(log, screen)?;
    sessions(log, screen)?;
    anomalies(&log.anomalies, screen)?;
    for (name, values) in [
        ("machines", &log.hosts),
        ("users", &log.users),
        ("from", &log.addresses),
        ("events", &log.events),
    ] {
        counts(name, &values.values, values.distinct, values.is_partial, screen)?;
    }
    for top in &log.top {
        asked(top, screen)?;
    }
    templates(log, screen)
}

fn formats(log: &LogSummary, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut formats = log.all.formats.clone();
    formats.sort_by_key(|format| std::cmp::Reverse(format.records));
    let rows = screen.style().rows(VALUES).min(formats.len());
    let mut parts: Vec<String> = formats
        .iter()
        .take(rows)
        .map(|format| format!("{} {}", format.format, format.records))
        .collect();
    if formats.len() > rows {
        parts.push(format!("+{} more", formats.len() - rows));
    }
    if log.all.malformed > 0 {
        parts.push(format!("{} of no known format", log.all.malformed));
    }
    if log.all.incomplete > 0 {
        parts.push(format!("{} incomplete", log.all.incomplete));
    }
    if parts.is_empty() {
        return Ok(());
    }
    said("formats", &parts.join(" · "), screen)
}

/// Hours and minutes east of Greenwich, `+02:00`.
fn offset(seconds: i32) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let minutes = seconds.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// What of the times was assumed.
fn times(log: &LogSummary, screen: &mut Screen<'_>) -> io::Result<()> {
    let all = &log.all;
    let mut parts = Vec::new();
    if all.records > 0 && all.timed < all.records {
        parts.push(format!("{} without a time", counted(all.records - all.timed, "record")));
    }
    let share = |count: u64, what: &str| match count {
        0 => None,
        count if count == all.timed => Some(format!("no time states its {what}")),
        1 => Some(format!("1 time does not state its {what}")),
        count => Some(format!("{count} times do not state their {what}")),
    };
    if let Some(zone) = share(all.zone_assumed, "zone") {
        let taken = log.zone.map_or_else(
            || "UTC unless --timezone says otherwise".to_owned(),
            |seconds| format!("{} as --timezone says", offset(seconds)),
        );
        parts.push(format!("{zone}: {taken}"));
    }
    parts.extend(share(all.year_assumed, "year").map(|year| format!("{year}: the latest that fits")));
    if all.jumps > 0 {
        parts.push(format!(
            "times go back by more than an hour {}",
            counted(all.jumps, "time")
        ));
    }
    if parts.is_empty() {
        return Ok(());
    }
    said("times", &parts.join(" · "), screen)
}

fn timeline(timeline: &LogTimeline, screen: &mut Screen<'_>) -> io::Result<()> {
    if timeline.records.len() < 2 {
        return Ok(());
    }
    let each = timeline.records.len().div_ceil(MARKS);
    let levels: &[char] = match screen.style().glyphs {
        Glyphs::Unicode => &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
        Glyphs::Ascii => &['.', ':', '-', '=', '+', '*', '%', '#'],
    };
    let drawn = |counts: &[u64]| -> Option<String> {
        let sums: Vec<u64> = counts.chunks(each).map(|steps| steps.iter().sum()).collect();
        let most = sums.iter().copied().max().filter(|most| *most > 0)?;
        let mark = |sum: &u64| {
            let level = (u128::from(*sum) * (levels.len() as u128 - 1)).div_ceil(u128::from(most));
            let level = usize::try_from(level).unwrap_or_default();
            if *sum == 0 {
                ' '
            } else {
                levels.get(level).copied().unwrap_or(' ')
            }
        };
        Some(sums.iter().map(mark).collect())
    };
    let step = lasting(timeline.step.saturating_mul(each as u64));
    for (name, counts) in [("  records", &timeline.records), ("  matches", &timeline.matched)] {
        if let Some(marks) = drawn(counts) {
            screen
                .put(name)
                .to(SAID)
                .put(&marks)
                .put(&format!("  one mark = {step}"));
            screen.end()?;
        }
    }
    Ok(())
}

fn files(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    let logs: Vec<_> = report.artifacts.iter().filter(|record| record.log.is_some()).collect();
    if logs.len() < 2 {
        return Ok(());
    }
    let rows = screen.style().rows(FILES).min(logs.len());
    for (at, record) in logs.iter().take(rows).enumerate() {
        let Some(log) = &record.log else { continue };
        let formats: Vec<&str> = log.formats.iter().map(|format| format.format).collect();
        let mut parts = vec![counted(log.records, "record"), formats.join(", ")];
        if let (Some(first), Some(last)) = (log.first, log.last) {
            parts.push(format!("{} to {}", first.moment(), last.moment()));
        }
        let text = format!("{}  {}", screen.path(record.path.raw()), parts.join(" · "));
        said(if at == 0 { "files" } else { "" }, &text, screen)?;
    }
    more(logs.len() - rows, screen)
}

fn rules(log: &LogSummary, screen: &mut Screen<'_>) -> io::Result<()> {
    let rows = screen.style().rows(RULES).min(log.rules.len());
    for (at, rule) in log.rules.iter().take(rows).enumerate() {
        let text = rule_row(rule, screen);
        said(if at == 0 { "rules" } else { "" }, &text, screen)?;
    }
    more(log.rules.len() - rows, screen)?;
    let silent = log.rules.iter().filter(|rule| !rule.is_told).count();
    let mut parts = vec![
        format!("{} asked", counted(log.rules_asked, "rule")),
        format!(
            "{} {}",
            log.rules.len(),
            agreeing(log.rules.len() as u64, "holds", "hold")
        ),
    ];
    if silent > 0 {
        parts.push(format!("{silent} of them counted only (--level, --status)"));
    }
    said(if rows == 0 { "rules" } else { "" }, &parts.join(" · "), screen)
}

fn rule_row(rule: &RuleCount, screen: &Screen<'_>) -> String {
    let mut parts = vec![rule.rule.level.as_str().to_owned(), counted(rule.count, "time")];
    let hosts: Vec<String> = rule
        .hosts
        .iter()
        .take(2)
        .map(|host| screen.prose(&host.shown(40)))
        .collect();
    if !hosts.is_empty() {
        let more = if rule.hosts.len() > 2 { " and others" } else { "" };
        parts.push(format!("{}{more}", hosts.join(", ")));
    }
    let techniques: Vec<&str> = rule.rule.techniques.iter().take(3).map(|id| id.raw()).collect();
    if !techniques.is_empty() {
        parts.push(screen.prose(&techniques.join(" ")));
    }
    if !rule.is_told {
        parts.push("counted only".to_owned());
    }
    format!("{}  {}", screen.prose(&rule.rule.title.shown(80)), parts.join(" · "))
}

/// The most frequent values. Where some found no room, all numbers are the least that is true.
fn counts(name: &str, values: &[Count], distinct: u64, is_partial: bool, screen: &mut Screen<'_>) -> io::Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    let rows = screen.style().rows(VALUES).min(values.len());
    let mut parts: Vec<String> = values
        .iter()
        .take(rows)
        .map(|count| format!("{} {}", screen.prose(&count.value.shown(60)), count.count))
        .collect();
    let others = usize::try_from(distinct).unwrap_or(usize::MAX).saturating_sub(rows);
    if others > 0 {
        let least = if is_partial { "at least " } else { "" };
        parts.push(format!("+{least}{others} more"));
    }
    said(name, &parts.join(" · "), screen)
}

/// The values of a field that was asked for, one below the other.
fn asked(top: &Counts, screen: &mut Screen<'_>) -> io::Result<()> {
    let name = screen.prose(&top.field.shown(60));
    let least = if top.is_partial { "at least " } else { "" };
    let distinct = format!("{least}{} of {name}", counted(top.distinct, "value"));
    said("asked for", &distinct, screen)?;
    let rows = screen.style().rows(10).min(top.values.len());
    for count in top.values.iter().take(rows) {
        let text = format!("{:>10}  {}", count.count, screen.prose(&count.value.shown(100)));
        said("", &text, screen)?;
    }
    more(top.values.len() - rows, screen)
}

fn logins(log: &LogSummary, screen: &mut Screen<'_>) -> io::Result<()> {
    if log.logins.is_empty() {
        return Ok(());
    }
    let text = format!("{} let in · {} refused", log.accepted, log.refused);
    said("log-ins", &text, screen)?;
    // Who was let in says more than who was refused most.
    let (accepted, refused): (Vec<&LogInRow>, Vec<&LogInRow>) =
        log.logins.iter().partition(|row| row.outcome == LogInOutcome::Accepted);
    for list in [accepted, refused] {
        let rows = screen.style().rows(LOGINS).min(list.len());
        for row in list.iter().take(rows) {
            let text = login_row(row, screen);
            said("", &text, screen)?;
        }
        more(list.len() - rows, screen)?;
    }
    Ok(())
}

fn login_row(row: &LogInRow, screen: &Screen<'_>) -> String {
    let outcome = match row.outcome {
        LogInOutcome::Accepted => "let in",
        LogInOutcome::Refused => "refused",
    };
    let user = who(&row.user, &row.domain, screen);
    let way = way(row.from, &row.from_host, &row.host, screen);
    let mut parts = vec![row.service.to_owned(), counted(row.count, "time")];
    match (row.first, row.last) {
        (Some(first), Some(last)) if first != last => parts.push(format!("{} to {}", first.moment(), last.moment())),
        (Some(first), _) => parts.push(first.moment().to_string()),
        _ => {}
    }
    format!("{outcome} {user}  {way} · {}", parts.join(" · "))
}

/// Sessions, those first that findings are about, then the longest.
fn sessions(log: &LogSummary, screen: &mut Screen<'_>) -> io::Result<()> {
    if log.sessions.is_empty() {
        return Ok(());
    }
    let mut text = format!("{} begun", log.sessions_begun);
    if log.sessions_open > 0 {
        text.push_str(&format!(" · {} without an end in the logs", log.sessions_open));
    }
    said("sessions", &text, screen)?;
    let rows = screen.style().rows(LOGINS).min(log.sessions.len());
    for row in log.sessions.iter().take(rows) {
        let text = session_row(row, screen);
        said("", &text, screen)?;
    }
    more(log.sessions.len() - rows, screen)
}

fn session_row(row: &SessionRow, screen: &Screen<'_>) -> String {
    let who = who(&row.user, &row.domain, screen);
    let way = way(row.from, &row.from_host, &row.host, screen);
    let mut parts = vec![row.service.to_owned(), counted(row.count, "time")];
    if let Some(begins) = row.longest_begins {
        let which = if row.count - row.open > 1 { "longest " } else { "" };
        parts.push(format!("{which}{} from {}", lasting(row.longest), begins.moment()));
    }
    if let Some(since) = row.open_since {
        let open = match row.open {
            1 => String::new(),
            open => format!("{open} "),
        };
        parts.push(format!("{open}open since {}", since.moment()));
    }
    if !row.findings.is_empty() {
        let rules: Vec<&str> = row.findings.iter().map(|rule| rule.0).collect();
        parts.push(format!("see {}", rules.join(", ")));
    }
    format!("{who}  {way} · {}", parts.join(" · "))
}

/// From where to where.
fn way(from: Option<IpAddr>, from_host: &Untrusted, to: &Untrusted, screen: &Screen<'_>) -> String {
    let from = match (from, from_host.is_empty()) {
        (Some(address), true) => host(address, None, screen),
        (Some(address), false) => host(address, Some(from_host), screen),
        (None, false) => screen.prose(&from_host.shown(60)),
        (None, true) => "nobody says from where".to_owned(),
    };
    let to = match to.is_empty() {
        true => String::new(),
        false => format!(" → {}", screen.prose(&to.shown(60))),
    };
    format!("{from}{to}")
}

fn who(user: &Untrusted, domain: &Untrusted, screen: &Screen<'_>) -> String {
    match user.is_empty() {
        true => "nobody".to_owned(),
        false if domain.is_empty() => screen.prose(&user.shown(60)),
        false => screen.prose(&format!("{}\\{}", domain.shown(60), user.shown(60))),
    }
}

fn anomalies(anomalies: &[Anomaly], screen: &mut Screen<'_>) -> io::Result<()> {
    let rows = screen.style().rows(ANOMALIES).min(anomalies.len());
    for (at, anomaly) in anomalies.iter().take(rows).enumerate() {
        let reasons: Vec<String> = anomaly
            .reasons
            .iter()
            .take(3)
            .map(|reason| {
                format!(
                    "{} {} (usual {})",
                    reason.feature,
                    number(reason.value),
                    number(reason.typical)
                )
            })
            .collect();
        let mut parts = vec![screen.prose(&anomaly.what.shown(60))];
        parts.extend(anomaly.begins.map(|begins| begins.moment().to_string()));
        parts.push(format!("p {}", number(anomaly.p_value)));
        parts.push(screen.prose(&reasons.join(", ")));
        if !anomaly.example.is_empty() {
            parts.push(screen.path(anomaly.example.raw()));
        }
        said(if at == 0 { "unusual" } else { "" }, &parts.join(" · "), screen)?;
    }
    more(anomalies.len() - rows, screen)
}

/// A number with as many digits as people read.
fn number(value: f64) -> String {
    if value != 0.0 && value.abs() < 0.01 {
        format!("{value:.5}")
    } else if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

fn templates(log: &LogSummary, screen: &mut Screen<'_>) -> io::Result<()> {
    if log.templates.is_empty() {
        return Ok(());
    }
    let text = format!("{} of lines; the rarest:", counted(log.templates_in_all, "kind"));
    said("kinds", &text, screen)?;
    let rows = screen.style().rows(TEMPLATES).min(log.templates.len());
    for row in log.templates.iter().take(rows) {
        let text = template(row, screen);
        said("", &text, screen)?;
    }
    more(log.templates.len() - rows, screen)
}

fn template(row: &TemplateRow, screen: &Screen<'_>) -> String {
    let template = screen.prose(&row.template.shown(160));
    format!(
        "{template}  {} · {}",
        counted(row.count, "time"),
        screen.path(row.example.raw())
    )
}
