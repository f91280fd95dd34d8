//! Captures of networks: how much of what there is, and who talks most.

use super::more;
use super::screen::{Paint, Screen};
use crate::bytes;
use std::io;
use std::net::IpAddr;
use watchfire_model::network::{CaptureFacts, Talker};
use watchfire_model::{ArtifactRecord, Observable, ObservableType, Report};

/// Rows of a list that is cut unless asked otherwise.
const CAPTURES: usize = 5;
const TALKERS: usize = 5;
const SERVICES: usize = 6;
/// Where what is said begins.
const SAID: usize = 12;

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
    let right = screen.style().width;
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
    screen.to(SAID).wrapped(&facts.join(" · "), right)?;
    screen.end()?;
    services(capture, screen)?;
    talkers(capture, screen)
}

fn services(capture: &CaptureFacts, screen: &mut Screen<'_>) -> io::Result<()> {
    let all: u64 = capture.services.iter().map(|service| service.bytes).sum();
    let rows = screen.style().rows(SERVICES).min(capture.services.len());
    let mut shares: Vec<String> = Vec::new();
    for service in capture.services.iter().take(rows) {
        let percent = u128::from(service.bytes) * 100 / u128::from(all.max(1));
        shares.push(format!(
            "{} {percent} % ({})",
            service.name,
            counted(service.flows, "flow")
        ));
    }
    let others = capture.services.len() - rows;
    if others > 0 {
        shares.push(format!("+{others} more"));
    }
    if let Some(first) = capture.not_ip.first() {
        let frames: u64 = capture.not_ip.iter().map(|other| other.frames).sum();
        shares.push(format!(
            "{} not of IP, most of them {}",
            counted(frames, "frame"),
            first.what
        ));
    }
    if shares.is_empty() {
        return Ok(());
    }
    let right = screen.style().width;
    screen.put("  ").put("services").to(SAID);
    screen.wrapped(&shares.join(" · "), right)?;
    screen.end()
}

fn talkers(capture: &CaptureFacts, screen: &mut Screen<'_>) -> io::Result<()> {
    let rows = screen.style().rows(TALKERS).min(capture.talkers.len());
    for (at, talker) in capture.talkers.iter().take(rows).enumerate() {
        screen.put(if at == 0 { "  talkers" } else { "" }).to(SAID);
        let address = shown(talker.address, screen);
        screen.put(&address).put("  ").put(&traffic(talker)).end()?;
    }
    more(capture.talkers.len() - rows, screen)
}

fn traffic(talker: &Talker) -> String {
    format!(
        "{} sent · {} received · {}",
        bytes(talker.sent),
        bytes(talker.received),
        counted(talker.flows, "flow")
    )
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// An address as this screen shows addresses.
fn shown(address: IpAddr, screen: &Screen<'_>) -> String {
    let kind = if address.is_ipv4() {
        ObservableType::Ipv4
    } else {
        ObservableType::Ipv6
    };
    let text = address.to_string();
    Observable::parse(kind, &text).map_or(text, |observable| screen.value(&observable))
}
