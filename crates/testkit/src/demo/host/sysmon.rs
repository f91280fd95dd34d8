//! Events of Sysmon as winlogbeat sends them and a store keeps them: lines of JSON with the names of the Elastic Common
//! Schema beside those of Windows.
//!
//! Times of the event are those of the machine; when it came is the store's.

use super::events::Moment;
use crate::Random;
use crate::demo::story::{FAST, OWN_DOMAIN, VICTIM};
use std::fmt::Write as _;

/// One event, at the time that it really was.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) time: Moment,
    pub(super) id: u16,
    pub(super) data: Vec<(&'static str, String)>,
}

impl Event {
    fn get(&self, name: &str) -> &str {
        let datum = self.data.iter().find(|(own, _)| *own == name);
        datum.map_or("", |(_, value)| value)
    }
}

/// What Sysmon calls its events, and what they are by the schema.
fn task(id: u16) -> (&'static str, &'static str, u8) {
    match id {
        1 => ("Process Create", "process", 5),
        3 => ("Network connection detected", "network", 5),
        5 => ("Process terminated", "process", 3),
        7 => ("Image loaded", "process", 3),
        11 => ("File created", "file", 2),
        13 => ("Registry value set", "registry", 2),
        _ => ("Dns query", "network", 5),
    }
}

/// The file.
pub(super) fn lines(random: &mut Random, events: &[Event]) -> String {
    let mut sorted: Vec<&Event> = events.iter().collect();
    sorted.sort_by_key(|event| event.time);
    let mut out = String::new();
    let mut came = 0;
    for (number, event) in (118_204_u64..).zip(sorted) {
        // Events are sent in batches, a second or two later.
        came = (event.time + random.between(900, 2_600)).max(came);
        line(&mut out, number, event, came);
        out.push('\n');
    }
    out
}

fn line(out: &mut String, number: u64, event: &Event, came: Moment) {
    let told = event.time + FAST * 1_000;
    let (name, category, version) = task(event.id);
    let mut message = format!("{name}:\nRuleName: -\nUtcTime: {}", utc(told));
    let mut data = format!("\"RuleName\":\"-\",\"UtcTime\":{}", quoted(&utc(told)));
    for (name, value) in &event.data {
        let _ = write!(message, "\n{name}: {value}");
        let _ = write!(data, ",\"{name}\":{}", quoted(value));
    }
    let _ = write!(
        out,
        "{{\"@timestamp\":\"{}\",\"agent\":{{\"name\":\"{VICTIM}\",\"type\":\"winlogbeat\",\"version\":\"8.15.3\"}},\
         \"ecs\":{{\"version\":\"8.0.0\"}},\"event\":{{\"action\":\"{name}\",\"category\":[\"{category}\"],\"code\":\"{}\",\
         \"created\":\"{}\",\"ingested\":\"{}\",\"kind\":\"event\",\"module\":\"sysmon\",\"provider\":\"Microsoft-Windows-Sysmon\"}},\
         \"host\":{{\"name\":\"{VICTIM}.{OWN_DOMAIN}\"}},\"log\":{{\"level\":\"information\"}},\"message\":{}{},\
         \"winlog\":{{\"api\":\"wineventlog\",\"channel\":\"Microsoft-Windows-Sysmon/Operational\",\
         \"computer_name\":\"{VICTIM}.{OWN_DOMAIN}\",\"event_data\":{{{data}}},\"event_id\":\"{}\",\
         \"provider_guid\":\"{{5770385f-c22a-43e0-bf4c-06f5698ffbd9}}\",\"provider_name\":\"Microsoft-Windows-Sysmon\",\
         \"record_id\":{number},\"task\":\"{name}\",\"user\":{{\"identifier\":\"S-1-5-18\"}},\"version\":{version}}}}}",
        time(told),
        event.id,
        time(told + 640),
        time(came),
        quoted(&message),
        common(event),
        event.id,
    );
}

/// The names of the schema, as the store adds them.
fn common(event: &Event) -> String {
    let mut out = String::new();
    let image = event.get("Image");
    if !image.is_empty() {
        let name = image.rsplit('\\').next().unwrap_or(image);
        let _ = write!(
            out,
            ",\"process\":{{\"executable\":{},\"name\":{},\"pid\":{}",
            quoted(image),
            quoted(name),
            event.get("ProcessId")
        );
        if event.id == 1 {
            let _ = write!(
                out,
                ",\"command_line\":{},\"parent\":{{\"executable\":{},\"command_line\":{}}}",
                quoted(event.get("CommandLine")),
                quoted(event.get("ParentImage")),
                quoted(event.get("ParentCommandLine")),
            );
        }
        out.push('}');
    }
    if let Some((domain, user)) = event.get("User").split_once('\\') {
        let _ = write!(
            out,
            ",\"user\":{{\"domain\":{},\"name\":{}}}",
            quoted(domain),
            quoted(user)
        );
    }
    if event.id == 3 {
        let _ = write!(
            out,
            ",\"source\":{{\"ip\":\"{}\",\"port\":{}}},\"destination\":{{\"ip\":\"{}\",\"port\":{}}},\"network\":{{\"transport\":\"tcp\"}}",
            event.get("SourceIp"),
            event.get("SourcePort"),
            event.get("DestinationIp"),
            event.get("DestinationPort"),
        );
    }
    if event.id == 22 {
        let _ = write!(
            out,
            ",\"dns\":{{\"question\":{{\"name\":\"{}\"}}}}",
            event.get("QueryName")
        );
    }
    out
}

/// `2026-11-02T08:10:38.120Z`
fn time(moment: Moment) -> String {
    utc(moment).replace(' ', "T") + "Z"
}

/// `2026-11-02 08:10:38.120`
fn utc(moment: Moment) -> String {
    let second = moment / 1_000 % 86_400;
    format!(
        "2026-11-02 {:02}:{:02}:{:02}.{:03}",
        second / 3_600,
        second / 60 % 60,
        second % 60,
        moment % 1_000
    )
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            letter => out.push(letter),
        }
    }
    out.push('"');
    out
}
