//! The head of a mail: who, to whom, by which way, and what was verified, each with what was found there.

use super::screen::{Paint, Screen};
use super::{more, place_of};
use std::io;
use std::net::IpAddr;
use watchfire_model::{
    ArtifactRecord, BELOW, DkimOutcome, Judged, JudgedMail, Mailbox, ObservableType, Place, RecordedResults, Report,
    Untrusted,
};

/// Where the text begins.
const TEXT: usize = 12;
/// Where the values of fields begin.
const FIELD: usize = 28;
/// Characters of one value.
const LONGEST_VALUE: usize = 1_000;
/// Addresses of one field.
const ADDRESSES: usize = 3;

/// A mail and the artifact that it is.
struct Shown<'r> {
    report: &'r Report,
    judged: &'r JudgedMail,
    record: Option<&'r ArtifactRecord>,
}

/// The mail that the report is about, where it is about one: the one that was handed in, or the only one.
fn chosen(report: &Report) -> Option<Shown<'_>> {
    if report.coverage.inputs != 1 {
        return None;
    }
    let reported = || report.mails.iter().find(|judged| judged.mail.reported_by.is_some());
    let is_input = |judged: &&JudgedMail| !judged.path.raw().contains(BELOW);
    let judged = match report.mails.as_slice() {
        [only] => only,
        several => reported().or_else(|| several.iter().find(is_input))?,
    };
    let record = report.artifacts.iter().find(|record| record.path == judged.path);
    Some(Shown { report, judged, record })
}

/// Rows of a list that is cut unless asked otherwise.
const ROWS: usize = 20;

/// The mails of a report that is about several, the worst first.
pub(super) fn list(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    if report.mails.len() < 2 || chosen(report).is_some() {
        return Ok(());
    }
    let ranked = ranked(report);
    let rows = screen.style().rows(ROWS).min(ranked.len());
    screen.end()?;
    screen
        .put(" ")
        .paint(Paint::Strong, &format!("MAILS {}", ranked.len()))
        .end()?;
    let right = screen.style().width;
    for judged in ranked.iter().take(rows) {
        let from = judged.mail.author().map(mailbox).unwrap_or_else(|| "nobody".to_owned());
        let campaign = judged
            .campaign
            .map(|number| format!("   campaign {number}"))
            .unwrap_or_default();
        screen.put("  ").judged(Judged {
            verdict: judged.verdict,
            score: judged.score,
        });
        let path = screen.path(judged.path.raw());
        screen.to(20).wrapped_path(&path)?;
        screen.end()?;
        let line = screen.prose(&format!("{from}: {}{campaign}", judged.mail.subject.shown(100)));
        screen.to(20).wrapped(&line, right)?;
        screen.end()?;
    }
    more(ranked.len() - rows, screen)
}

/// Lists the fields of the headers, where that is wanted: of the mail that the report is about, or of those listed.
pub(super) fn headers(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    if !screen.style().headers {
        return Ok(());
    }
    let rows = screen.style().rows(ROWS);
    let mails: Vec<&JudgedMail> = match chosen(report) {
        Some(shown) => vec![shown.judged],
        None => ranked(report).into_iter().take(rows).collect(),
    };
    for judged in mails {
        screen.end()?;
        let title = format!("HEADER {}", judged.mail.headers.len());
        screen.put(" ").paint(Paint::Strong, &title).put("  ");
        let path = screen.path(judged.path.raw());
        screen.wrapped_path(&path)?;
        screen.end()?;
        for field in &judged.mail.headers {
            let name = screen.prose(&field.name.shown(60));
            // Folded lines are one.
            let value: Vec<&str> = field.value.raw().split_whitespace().collect();
            let value = screen.prose(&Untrusted::new(value.join(" ")).shown(LONGEST_VALUE));
            let right = screen.style().width;
            screen.put("  ").paint(Paint::Faint, &name).put("  ").to(FIELD);
            screen.wrapped(&value, right)?;
            screen.end()?;
        }
    }
    Ok(())
}

/// The mails of a report, the worst first.
fn ranked(report: &Report) -> Vec<&JudgedMail> {
    let mut ranked: Vec<&JudgedMail> = report.mails.iter().collect();
    ranked.sort_by_key(|judged| std::cmp::Reverse((judged.verdict, judged.score)));
    ranked
}

/// Draws the head, if the report is about one mail.
pub(super) fn section(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    let Some(shown) = chosen(report) else { return Ok(()) };
    let mail = &shown.judged.mail;
    for (label, header, entries) in [
        ("From", "From", &mail.from),
        ("Sender", "Sender", &mail.sender),
        ("Reply-To", "Reply-To", &mail.reply_to),
        ("To", "To", &mail.to),
        ("Cc", "Cc", &mail.cc),
    ] {
        if !entries.is_empty() || label == "From" {
            let text = if entries.is_empty() {
                "nobody".to_owned()
            } else {
                mailboxes(entries)
            };
            row(label, &text, &shown.notes(header), screen)?;
        }
    }
    row("Subject", &mail.subject.to_string(), &shown.notes("Subject"), screen)?;
    if let Some(date) = mail.date {
        row("Date", &date.moment.to_string(), &shown.notes("Date"), screen)?;
    } else if let Some(date) = mail.header("Date").filter(|_| mail.quoted) {
        row("Date", &date.shown(80), "", screen)?;
    }
    if let Some(path) = shown.path() {
        row("Path", &path, &shown.notes("Received"), screen)?;
    }
    row(
        "Verified",
        &shown.verified(),
        &shown.notes("Authentication-Results"),
        screen,
    )?;
    if let Some(reporter) = &mail.reported_by {
        let by = mailbox(reporter);
        let text = match mail.quoted {
            true => {
                format!("forwarded inline by {by}; headers of the original are lost: ask for the mail as an attachment")
            }
            false => format!("by {by}"),
        };
        row("Reported", &text, "", screen)?;
    }
    screen.end()
}

fn row(label: &str, text: &str, notes: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    let right = screen.style().width;
    let text = screen.prose(text);
    screen.put(" ").paint(Paint::Faint, label).to(TEXT);
    if notes.is_empty() {
        screen.wrapped(&text, right)?;
        return screen.end();
    }
    let notes = screen.prose(notes);
    screen.wrapped(&format!("{text}   ({notes})"), right)?;
    screen.end()
}

fn mailboxes(entries: &[Mailbox]) -> String {
    let mut shown: Vec<String> = entries.iter().take(ADDRESSES).map(mailbox).collect();
    if entries.len() > ADDRESSES {
        shown.push(format!("+{} more", entries.len() - ADDRESSES));
    }
    shown.join(", ")
}

fn mailbox(entry: &Mailbox) -> String {
    match (&entry.address, entry.name.is_empty()) {
        (Some(address), true) => address.shown(100),
        (Some(address), false) => format!("\"{}\" <{}>", entry.name.shown(80), address.shown(100)),
        (None, _) => format!("\"{}\" (no address)", entry.name.shown(80)),
    }
}

impl Shown<'_> {
    /// What was found in a header, the heaviest first.
    fn notes(&self, header: &str) -> String {
        let here = |place: &Place| matches!(place, Place::Header(name) if name.raw().eq_ignore_ascii_case(header));
        let mut found: Vec<_> = self
            .report
            .findings
            .iter()
            .filter(|finding| {
                let mut evidence = finding.evidence().iter();
                evidence.any(|evidence| evidence.path == self.judged.path && here(&evidence.place))
            })
            .collect();
        found.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
        let titles: Vec<&str> = found.iter().take(2).map(|finding| finding.title.as_str()).collect();
        titles.join("; ")
    }

    /// Where it came from on the internet, and who took it there.
    fn path(&self) -> Option<String> {
        let hops = &self.judged.mail.hops;
        let newest = || hops.iter().position(|hop| hop.address.is_some_and(is_public));
        let hop = hops.get(self.judged.entered.or_else(newest)?)?;
        let address = hop.address?;
        let by = hop
            .by
            .as_ref()
            .map_or("an unnamed server".to_owned(), |by| by.shown(80));
        let place = self
            .place(address)
            .map(|place| format!(" ({place})"))
            .unwrap_or_default();
        let named = hop.reverse.as_ref().or(hop.from.as_ref());
        let named = named.map(|name| format!("{} ", name.shown(80))).unwrap_or_default();
        let hops = match self.judged.mail.hops.len() {
            1 => "1 hop".to_owned(),
            count => format!("{count} hops"),
        };
        Some(format!("{named}[{address}]{place} → {by}, {hops} in all"))
    }

    fn place(&self, address: IpAddr) -> Option<String> {
        let text = address.to_string();
        let kind = if address.is_ipv4() {
            ObservableType::Ipv4
        } else {
            ObservableType::Ipv6
        };
        let observed = self
            .record?
            .observables
            .iter()
            .find(|observed| observed.observable.kind() == kind && observed.observable.raw() == text)?;
        Some(place_of(kind, &observed.location)).filter(|place| !place.is_empty())
    }

    /// What was verified, or what servers say they did.
    fn verified(&self) -> String {
        if self.judged.mail.quoted {
            return "nothing: what could prove it is lost, and what stands here is what the forwarder's program wrote"
                .to_owned();
        }
        if let Some(found) = &self.judged.authentication {
            let signed = found.dkim.iter().filter(|dkim| dkim.outcome == DkimOutcome::Pass);
            let signers: Vec<String> = signed.map(|dkim| dkim.domain.shown(80)).collect();
            let dkim = match (signers.is_empty(), found.dkim.first()) {
                (false, _) => format!("pass ({})", signers.join(", ")),
                (true, Some(first)) => first.outcome.to_string(),
                (true, None) => "none".to_owned(),
            };
            return format!(
                "SPF {} ({}), DKIM {dkim}, DMARC {}, ARC {}",
                found.spf.outcome,
                found.spf.domain.shown(80),
                found.dmarc.outcome,
                found.arc.outcome
            );
        }
        let results = &self.judged.mail.results;
        match self.judged.believed.and_then(|at| results.get(at)) {
            Some(results) => format!("nothing here; {} says {}", server(results), said(results)),
            None if results.iter().any(|results| !results.results.is_empty()) => {
                "nothing here; what its header claims was not written by whoever took it in".to_owned()
            }
            None if self.judged.mail.format == "msg" => {
                "nothing: what Outlook keeps of a mail is not what was signed".to_owned()
            }
            None => "nothing: no answers of the DNS (--dns FILE, --online), and no server on the way says anything"
                .to_owned(),
        }
    }
}

fn server(results: &RecordedResults) -> String {
    if results.server.is_empty() {
        "an unnamed server".to_owned()
    } else {
        results.server.shown(80)
    }
}

fn said(results: &RecordedResults) -> String {
    let wanted = ["spf", "dkim", "dmarc", "arc", "compauth"];
    let mut parts = Vec::new();
    for method in wanted {
        let Some(result) = results.results.iter().find(|result| result.method.raw() == method) else {
            continue;
        };
        let about = ["header.from", "smtp.mailfrom", "header.d", "header.i"]
            .iter()
            .find_map(|name| result.property(name))
            .map(|value| format!(" ({})", value.shown(80)))
            .unwrap_or_default();
        parts.push(format!("{} {}{about}", method.to_uppercase(), result.result.shown(20)));
    }
    if parts.is_empty() {
        "nothing about SPF, DKIM or DMARC".to_owned()
    } else {
        parts.join(", ")
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !(v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified()),
        IpAddr::V6(v6) => {
            !(v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local() || v6.is_unspecified())
        }
    }
}
