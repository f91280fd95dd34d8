//! One flow: who, when and how much, what was exchanged, and what the ends said.

use super::capture::{end, lasting, said};
use super::more;
use super::screen::{Paint, Screen};
use crate::bytes;
use serde_json::Value;
use std::io;
use std::net::SocketAddr;
use watchfire_model::network::{Dialogue, Endpoint, Event, Passage, Traffic, Words};
use watchfire_model::{ArtifactRecord, Untrusted, agreeing, counted};

/// Rows of lists that are cut unless asked otherwise.
const EVENTS: usize = 50;
const LINES: usize = 200;
/// Letters of an exchange that are shown.
const LONGEST: usize = 600;
/// Bytes in a row.
const ROW: usize = 16;
/// Where a column of the screen begins.
const SAID: usize = 12;

pub(super) fn section(record: &ArtifactRecord, dialogue: &Dialogue, screen: &mut Screen<'_>) -> io::Result<()> {
    let flow = &dialogue.flow;
    screen.end()?;
    screen.put(" ").paint(Paint::Strong, "FLOW").to(SAID);
    let path = screen.path(record.path.raw());
    screen.put(&format!("{} of ", flow.first_frame)).wrapped_path(&path)?;
    screen.end()?;
    let socket = |end: &Endpoint| SocketAddr::from((end.address, end.port));
    let (from, to) = (
        end(socket(&flow.originator), screen),
        end(socket(&flow.responder), screen),
    );
    let mut facts = vec![format!("{from} → {to}"), flow.protocol.to_string()];
    facts.extend(flow.services.iter().map(|service| (*service).to_owned()));
    facts.push(format!("{:?}", flow.state).to_uppercase());
    facts.push(flow.history.clone());
    said("who", &facts.join(" · "), screen)?;
    let lasts = lasting(flow.last.since(flow.first) / 1_000_000_000);
    let when = format!("{} to {} · {lasts}", flow.first.moment(), flow.last.moment());
    let frames = format!("frames {} to {}", flow.first_frame, flow.last_frame);
    said("when", &format!("{when} · {frames}"), screen)?;
    let much = |traffic: &Traffic, way| {
        format!(
            "{} in {} {way}",
            bytes(traffic.bytes),
            counted(traffic.packets, "packet")
        )
    };
    let (sent, received) = (much(&flow.sent, "out"), much(&flow.received, "back"));
    said(
        "how much",
        &format!("{sent} · {received} · {}", flow.community_id),
        screen,
    )?;
    let rows = screen.style().rows(EVENTS).min(dialogue.events.len());
    for (at, event) in dialogue.events.iter().take(rows).enumerate() {
        let text = screen.prose(&exchange(event));
        said(if at == 0 { "events" } else { "" }, &text, screen)?;
    }
    more(
        usize::try_from(dialogue.events_in_all).unwrap_or(usize::MAX) - rows,
        screen,
    )?;
    passages(dialogue, screen)
}

/// `frame 4 http  method GET · host www.example`
fn exchange(event: &Event) -> String {
    let mut parts = Vec::new();
    if let Ok(value) = serde_json::to_value(&event.exchange)
        && let Some(exchange) = value.get("exchange")
    {
        pairs("", exchange, &mut parts);
    }
    let all = parts.join(" · ");
    let shown = Untrusted::new(all).shown(LONGEST).to_string();
    format!("frame {} {}  {shown}", event.frame, event.exchange.kind())
}

/// The fields of an exchange, which is as deep as its type.
fn pairs(name: &str, value: &Value, parts: &mut Vec<String>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (field, value) in fields {
                let name = if name.is_empty() {
                    field.clone()
                } else {
                    format!("{name}.{field}")
                };
                pairs(&name, value, parts);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| pairs(name, value, parts)),
        Value::String(text) => parts.push(format!("{name} {text}")),
        Value::Bool(_) | Value::Number(_) => parts.push(format!("{name} {value}")),
    }
}

fn passages(dialogue: &Dialogue, screen: &mut Screen<'_>) -> io::Result<()> {
    let most = screen.style().rows(LINES);
    let originator = SocketAddr::from((dialogue.flow.originator.address, dialogue.flow.originator.port));
    let mut rows = 0;
    let mut left = 0;
    for (at, passage) in dialogue.passages.iter().enumerate() {
        let way = if passage.from == originator { "→" } else { "←" };
        let head = format!("{way} frame {} from {}", passage.frame, end(passage.from, screen));
        let lines = lines(passage);
        if rows < most {
            said(if at == 0 { "dialogue" } else { "" }, &head, screen)?;
        }
        for line in lines {
            rows += 1;
            if rows > most {
                left += 1;
                continue;
            }
            let line = match passage.words {
                Words::Text(_) => screen.prose(&line),
                _ => line,
            };
            said("", &format!("  {line}"), screen)?;
        }
    }
    more(left, screen)?;
    if dialogue.left_out > 0 {
        let message = format!("{} more were said and are not kept", bytes(dialogue.left_out));
        said("", &message, screen)?;
    }
    Ok(())
}

fn lines(passage: &Passage) -> Vec<String> {
    match &passage.words {
        Words::Text(text) => {
            let plain = |line: &str| Untrusted::new(line).to_string();
            text.raw().lines().map(plain).collect()
        }
        Words::Hex(bytes) => bytes
            .chunks(ROW)
            .enumerate()
            .map(|(row, bytes)| hex(row * ROW, bytes))
            .collect(),
        Words::Missing(missing) => vec![format!(
            "[{} {} missing in the capture]",
            counted(*missing, "byte"),
            agreeing(*missing, "is", "are")
        )],
    }
}

/// `00000010  48 65 6c 6c 6f  Hello`
fn hex(at: usize, bytes: &[u8]) -> String {
    let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let letter = |byte: &u8| match byte {
        0x21..=0x7e => char::from(*byte),
        _ => '.',
    };
    let letters: String = bytes.iter().map(letter).collect();
    format!("{at:08x}  {:<width$}  {letters}", digits.join(" "), width = ROW * 3 - 1)
}
