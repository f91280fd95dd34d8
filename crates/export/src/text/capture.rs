//! Captures of networks: how much of what and when, who talks most, what was carried, and who logged in.

use super::more;
use super::screen::{Paint, Screen};
use crate::style::Glyphs;
use crate::{bytes, short_digest};
use std::io;
use std::net::{IpAddr, SocketAddr};
use watchfire_model::network::{
    CaptureFacts, Carried, Conversation, Marks, Rhythm, SeenLogin, ServiceTraffic, Talker, Timeline,
};
use watchfire_model::{ArtifactRecord, Observable, ObservableType, Report, Untrusted, counted};

/// Rows of a list that is cut unless asked otherwise.
const CAPTURES: usize = 5;
const TALKERS: usize = 5;
const CONVERSATIONS: usize = 5;
const SERVICES: usize = 6;
const COUNTRIES: usize = 6;
const FILES: usize = 5;
const LOGINS: usize = 5;
const RHYTHMS: usize = 3;
/// Marks of addresses that nobody outside reaches.
const INSIDE: &[&str] = &["own-organisation", "private"];
/// Where what is said begins.
const SAID: usize = 12;
/// Marks of a timeline.
const MARKS: usize = 60;
/// How long the longest bar is.
const BAR: u64 = 10;

/// Every capture among the artifacts.
pub(super) fn section(report: &Report, screen: &mut Screen<'_>) -> io::Result<()> {
    let held = |record: &'_ ArtifactRecord| record.capture.is_some();
    let captures: Vec<&ArtifactRecord> = report.artifacts.iter().filter(|record| held(record)).collect();
    let rows = screen.style().rows(CAPTURES).min(captures.len());
    for record in captures.iter().take(rows) {
        if let Some(capture) = &record.capture {
            one(record, capture, screen)?;
        }
    }
    more(captures.len() - rows, screen)
}

fn one(record: &ArtifactRecord, capture: &CaptureFacts, screen: &mut Screen<'_>) -> io::Result<()> {
    if let Some(dialogue) = &capture.followed {
        return super::follow::section(record, dialogue, screen);
    }
    screen.end()?;
    screen.put(" ").paint(Paint::Strong, "CAPTURE").to(SAID);
    let path = screen.path(record.path.raw());
    screen.wrapped_path(&path)?;
    screen.end()?;
    let mut facts = vec![
        counted(capture.frames, "frame"),
        bytes(capture.bytes),
        counted(capture.flows, "flow"),
        counted(capture.hosts, "host"),
    ];
    if let (Some(first), Some(last)) = (capture.first, capture.last) {
        facts.push(format!("{} to {}", first.moment(), last.moment()));
    }
    if capture.captured < capture.bytes {
        facts.push(format!("{} of it captured", bytes(capture.captured)));
    }
    said("", &facts.join(" · "), screen)?;
    timeline(&capture.timeline, screen)?;
    for gap in &capture.gaps {
        let text = format!(
            "nothing was captured for {} from {}, behind frame {}",
            lasting(gap.seconds),
            gap.from.moment(),
            gap.frame
        );
        said("gap", &text, screen)?;
    }
    rhythms(&capture.rhythms, screen)?;
    services(capture, screen)?;
    super::capture_parts::layers(capture, screen)?;
    super::capture_parts::rare(capture, screen)?;
    rows("talkers", &capture.talkers, TALKERS, screen, |talker, most, screen| {
        talker_row(talker, most, screen)
    })?;
    rows(
        "between",
        &capture.conversations,
        CONVERSATIONS,
        screen,
        |one, _, screen| conversation(one, screen),
    )?;
    countries(capture, screen)?;
    rows("files", &capture.carried, FILES, screen, |carried, _, screen| {
        file(carried, screen)
    })?;
    let listed = capture.carried.len() as u64;
    if capture.carried_in_all > listed {
        said(
            "",
            &format!("{} in all", counted(capture.carried_in_all, "file")),
            screen,
        )?;
    }
    super::capture_parts::certificates(capture, screen)?;
    rows("log-ins", &capture.logins, LOGINS, screen, |login, _, screen| {
        login_row(login, screen)
    })
}

/// A line with its name at the left.
pub(super) fn said(name: &str, text: &str, screen: &mut Screen<'_>) -> io::Result<()> {
    let right = screen.style().width;
    screen.put("  ").put(name).to(SAID);
    screen.wrapped(text, right)?;
    screen.end()
}

/// The first entries of a list, each with the list's first at hand.
fn rows<T>(
    name: &str,
    list: &[T],
    usual: usize,
    screen: &mut Screen<'_>,
    row: impl Fn(&T, &T, &mut Screen<'_>) -> String,
) -> io::Result<()> {
    let rows = screen.style().rows(usual).min(list.len());
    let Some(most) = list.first() else { return Ok(()) };
    for (at, entry) in list.iter().take(rows).enumerate() {
        let text = row(entry, most, screen);
        said(if at == 0 { name } else { "" }, &text, screen)?;
    }
    more(list.len() - rows, screen)
}

fn timeline(timeline: &Timeline, screen: &mut Screen<'_>) -> io::Result<()> {
    if timeline.bytes.len() < 2 {
        return Ok(());
    }
    let each = timeline.bytes.len().div_ceil(MARKS);
    let sums: Vec<u64> = timeline.bytes.chunks(each).map(|steps| steps.iter().sum()).collect();
    let most = sums.iter().copied().max().unwrap_or(0).max(1);
    let levels: &[char] = match screen.style().glyphs {
        Glyphs::Unicode => &['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
        Glyphs::Ascii => &['.', ':', '-', '=', '+', '*', '%', '#'],
    };
    let mark = |sum: &u64| {
        let level = (u128::from(*sum) * (levels.len() as u128 - 1)).div_ceil(u128::from(most));
        let level = usize::try_from(level).unwrap_or_default();
        if *sum == 0 {
            ' '
        } else {
            levels.get(level).copied().unwrap_or(' ')
        }
    };
    let marks: String = sums.iter().map(mark).collect();
    let step = lasting(timeline.step.saturating_mul(each as u64));
    screen
        .put("  traffic")
        .to(SAID)
        .put(&marks)
        .put(&format!("  one mark = {step}"));
    screen.end()
}

/// Who reaches for whom at regular times, those outside first; of the first, also when.
fn rhythms(rhythms: &[Rhythm], screen: &mut Screen<'_>) -> io::Result<()> {
    let is_inside = |rhythm: &&Rhythm| rhythm.address_tags.iter().any(|tag| INSIDE.contains(&tag.0));
    let (inside, outside): (Vec<&Rhythm>, Vec<&Rhythm>) = rhythms.iter().partition(is_inside);
    let rhythms = [outside, inside].concat();
    let Some(first) = rhythms.first() else { return Ok(()) };
    said("regular", &rhythm(first, screen), screen)?;
    marks(&first.marks, screen)?;
    let rows = screen.style().rows(RHYTHMS).min(rhythms.len());
    for other in rhythms.iter().take(rows).skip(1) {
        let text = rhythm(other, screen);
        said("", &text, screen)?;
    }
    more(rhythms.len() - rows, screen)
}

fn rhythm(rhythm: &Rhythm, screen: &Screen<'_>) -> String {
    let from = host(rhythm.originator, None, screen);
    let to = host(rhythm.responder.ip(), rhythm.name.as_ref(), screen);
    let tenths = |thousandths: u32| format!("{}.{} %", thousandths / 10, thousandths % 10);
    let every = match rhythm.interval {
        short @ ..10_000 => format!("{}.{} s", short / 1_000, short / 100 % 10),
        long => lasting((long + 500) / 1_000),
    };
    let mut parts = vec![
        format!("every {every}"),
        format!("jitter {}", tenths(rhythm.jitter)),
        counted(rhythm.count, "time"),
    ];
    if rhythm.missing > 0 {
        parts.push(format!("{} left out", tenths(rhythm.missing)));
    }
    parts.push(format!("{} of {}", rhythm.alike, counted(rhythm.hosts, "host")));
    parts.push(format!("regular to {}/100", rhythm.score));
    let service = rhythm.service.unwrap_or(rhythm.transport);
    format!(
        "{from} → {to} port {} {service} · {}",
        rhythm.responder.port(),
        parts.join(" · ")
    )
}

fn marks(marks: &Marks, screen: &mut Screen<'_>) -> io::Result<()> {
    if marks.counts.len() < 2 {
        return Ok(());
    }
    let each = marks.counts.len().div_ceil(MARKS);
    let mark = match screen.style().glyphs {
        Glyphs::Unicode => '│',
        Glyphs::Ascii => '|',
    };
    let steps = marks.counts.chunks(each);
    let drawn: String = steps
        .map(|step| {
            if step.iter().all(|count| *count == 0) {
                ' '
            } else {
                mark
            }
        })
        .collect();
    let step = lasting(marks.step.saturating_mul(each as u64));
    screen.to(SAID).put(&drawn).put(&format!("  one mark = {step}"));
    screen.end()
}

fn services(capture: &CaptureFacts, screen: &mut Screen<'_>) -> io::Result<()> {
    let all: u64 = capture.services.iter().map(|service| service.bytes).sum();
    let rows = screen.style().rows(SERVICES).min(capture.services.len());
    let share = |service: &ServiceTraffic| {
        let share = percent(service.bytes, all);
        format!("{} {share} ({})", service.name, counted(service.flows, "flow"))
    };
    let mut shares: Vec<String> = capture.services.iter().take(rows).map(share).collect();
    let others = capture.services.len() - rows;
    if others > 0 {
        shares.push(format!("+{others} more"));
    }
    if let Some(first) = capture.not_ip.first() {
        let frames: u64 = capture.not_ip.iter().map(|other| other.frames).sum();
        let not_ip = counted(frames, "frame");
        shares.push(format!("{not_ip} not of IP, most of them {}", first.what));
    }
    if shares.is_empty() {
        return Ok(());
    }
    said("services", &shares.join(" · "), screen)
}

fn countries(capture: &CaptureFacts, screen: &mut Screen<'_>) -> io::Result<()> {
    let traffic = |sent: u64, received: u64| sent.saturating_add(received);
    let all = capture
        .countries
        .iter()
        .map(|one| traffic(one.sent, one.received))
        .sum();
    let rows = screen.style().rows(COUNTRIES).min(capture.countries.len());
    let mut shares: Vec<String> = Vec::new();
    for one in capture.countries.iter().take(rows) {
        let share = percent(traffic(one.sent, one.received), all);
        let hosts = counted(one.hosts, "host");
        shares.push(format!("{} {share} ({hosts})", one.country.unwrap_or("nowhere known")));
    }
    if shares.is_empty() {
        return Ok(());
    }
    said("where", &shares.join(" · "), screen)
}

fn talker_row(talker: &Talker, most: &Talker, screen: &Screen<'_>) -> String {
    let all = |talker: &Talker| talker.sent.saturating_add(talker.received);
    let length = (u128::from(all(talker)) * u128::from(BAR)).div_ceil(u128::from(all(most)).max(1));
    let mark = match screen.style().glyphs {
        Glyphs::Unicode => "█",
        Glyphs::Ascii => "#",
    };
    let bar = mark.repeat(usize::try_from(length).unwrap_or_default().max(1));
    let mut parts = vec![
        format!("{} sent", bytes(talker.sent)),
        format!("{} received", bytes(talker.received)),
        counted(talker.flows, "flow"),
    ];
    parts.extend(talker.vendor.map(str::to_owned));
    parts.extend(talker.system.as_ref().map(|system| screen.prose(&system.shown(40))));
    parts.extend(talker.country.map(str::to_owned));
    parts.extend(talker.asn.map(|number| format!("AS{number}")));
    let host = host(talker.address, talker.names.first(), screen);
    format!("{host} {bar} {}", parts.join(" · "))
}

fn conversation(one: &Conversation, screen: &Screen<'_>) -> String {
    let from = host(one.originator, None, screen);
    let to = host(one.responder.ip(), one.name.as_ref(), screen);
    let lasts = one.last.since(one.first) / 1_000_000_000;
    format!(
        "{from} → {to} port {} {} · {} out · {} in · {} · {}",
        one.responder.port(),
        one.service,
        bytes(one.sent),
        bytes(one.received),
        counted(one.flows, "flow"),
        lasting(lasts),
    )
}

fn file(carried: &Carried, screen: &Screen<'_>) -> String {
    let name = carried.file.name.as_ref();
    let name = name.map_or_else(|| "without a name".to_owned(), |name| screen.prose(&name.shown(60)));
    let mut parts = vec![
        format!("frame {}", carried.frame),
        carried.file.service.to_owned(),
        bytes(carried.file.size),
        format!("{} → {}", end(carried.from, screen), end(carried.to, screen)),
    ];
    parts.extend(carried.is.map(str::to_owned));
    let said = carried.file.media_type.as_ref().map(|said| said.shown(40));
    parts.extend(said.map(|said| format!("said to be {said}")));
    match (carried.content.or(carried.file.sha256), carried.file.missing) {
        (Some(digest), _) => parts.push(short_digest(&digest)),
        (None, 0) => parts.push("not whole".to_owned()),
        (None, missing) => parts.push(format!("{} missing", bytes(missing))),
    }
    format!("{name}  {}", parts.join(" · "))
}

fn login_row(seen: &SeenLogin, screen: &Screen<'_>) -> String {
    let login = &seen.login;
    let mut who = login
        .user
        .as_ref()
        .map_or_else(|| "nobody".to_owned(), |user| screen.prose(&user.shown(60)));
    if let Some(domain) = &login.domain {
        who = format!("{}\\{who}", screen.prose(&domain.shown(40)));
    }
    let mut parts = vec![
        format!("frame {}", seen.frame),
        format!("{} → {}", host(seen.from, None, screen), end(seen.to, screen)),
    ];
    if let Some(secret) = &login.secret {
        parts.push(format!("password in clear {secret}"));
    }
    if let Some(hashcat) = &login.hashcat {
        parts.push(format!("hashcat -m {} {}", hashcat.mode, hashcat.line));
    }
    match login.accepted {
        Some(true) => parts.push("accepted".to_owned()),
        Some(false) => parts.push("refused".to_owned()),
        None => {}
    }
    if seen.count > 1 {
        parts.push(counted(seen.count, "time"));
    }
    format!("{} {who}  {}", login.service, parts.join(" · "))
}

pub(super) fn percent(part: u64, all: u64) -> String {
    format!("{} %", u128::from(part) * 100 / u128::from(all.max(1)))
}

/// How long, in the two largest units.
pub(super) fn lasting(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) if seconds.is_multiple_of(60) => format!("{minutes} min"),
        (0, 0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (0, hours, 0) => format!("{hours} h"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

pub(super) fn end(end: SocketAddr, screen: &Screen<'_>) -> String {
    format!("{} port {}", host(end.ip(), None, screen), end.port())
}

/// A host as this screen shows hosts.
pub(super) fn host(address: IpAddr, name: Option<&Untrusted>, screen: &Screen<'_>) -> String {
    let kind = if address.is_ipv4() {
        ObservableType::Ipv4
    } else {
        ObservableType::Ipv6
    };
    let text = address.to_string();
    let shown = Observable::parse(kind, &text).map_or(text, |observable| screen.value(&observable));
    match name {
        Some(name) => format!("{} ({shown})", screen.prose(&name.shown(60))),
        None => shown,
    }
}
