//! Windows event logs, built by libyal's description of the format: small chunks of one kind of event, and whole logs.

pub mod channel;

/// An event: its record's number, its `EventID`, and the text of its one datum, called `User`.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    /// Number of the record.
    pub id: u64,
    /// `EventID`.
    pub number: u16,
    /// `User`.
    pub text: &'a str,
}

const CHUNK: usize = 64 << 10;

/// A file of chunks.
pub fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"ElfFile\0".to_vec();
    out.resize(4096, 0);
    if let Some(place) = out.get_mut(40..42) {
        place.copy_from_slice(&4096_u16.to_le_bytes());
    }
    for chunk in chunks {
        out.extend(chunk);
    }
    out
}

/// One chunk: the first event brings the template, the others name it.
pub fn chunk(events: &[Event<'_>]) -> Vec<u8> {
    let mut out = b"ElfChnk\0".to_vec();
    out.resize(512, 0);
    let mut template = None;
    for event in events {
        record(&mut out, event, &mut template);
    }
    let free = u32::try_from(out.len()).unwrap_or_default();
    for (at, value) in [(40, 128), (48, free)] {
        if let Some(place) = out.get_mut(at..at + 4) {
            place.copy_from_slice(&u32::to_le_bytes(value));
        }
    }
    out.resize(CHUNK, 0);
    out
}

fn record(out: &mut Vec<u8>, event: &Event<'_>, template: &mut Option<u32>) {
    let start = out.len();
    out.extend(b"\x2a\x2a\0\0\0\0\0\0");
    out.extend(event.id.to_le_bytes());
    // 2026-11-22T10:00:00Z in ticks since 1601.
    let ticks = (1_795_341_600_u64 + 11_644_473_600) * 10_000_000;
    out.extend(ticks.to_le_bytes());
    out.extend([0x0f, 1, 1, 0, 0x0c, 1]);
    out.extend(7_u32.to_le_bytes());
    let here = u32::try_from(out.len() + 4).unwrap_or_default();
    out.extend(template.unwrap_or(here).to_le_bytes());
    if template.is_none() {
        *template = Some(here);
        definition(out);
    }
    let text: Vec<u8> = event.text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let len = u16::try_from(text.len()).unwrap_or_default();
    out.extend(3_u32.to_le_bytes());
    for (len, kind) in [(2_u16, 0x06_u8), (len, 0x01), (8, 0x11)] {
        out.extend(len.to_le_bytes());
        out.extend([kind, 0]);
    }
    out.extend(event.number.to_le_bytes());
    out.extend(&text);
    out.extend(ticks.to_le_bytes());
    out.push(0);
    let len = u32::try_from(out.len() - start + 4).unwrap_or_default();
    out.extend(len.to_le_bytes());
    if let Some(place) = out.get_mut(start + 4..start + 8) {
        place.copy_from_slice(&len.to_le_bytes());
    }
}

/// `<Event><System><EventID>0</EventID><TimeCreated SystemTime="2"/></System><EventData><Data Name="User">1</Data>…`
fn definition(out: &mut Vec<u8>) {
    out.extend([0; 20]);
    let len_at = out.len();
    out.extend([0; 4]);
    let start = out.len();
    out.extend([0x0f, 1, 1, 0]);
    open(out, "Event", false);
    open(out, "System", false);
    open(out, "EventID", false);
    out.extend([0x02, 0x0d, 0, 0, 0x06, 0x04]);
    open(out, "TimeCreated", true);
    attribute(out, "SystemTime");
    out.extend([0x0e, 2, 0, 0x11, 0x03, 0x04]);
    open(out, "EventData", false);
    open(out, "Data", true);
    attribute(out, "Name");
    out.extend([0x05, 0x01, 4, 0]);
    out.extend("User".encode_utf16().flat_map(u16::to_le_bytes));
    out.extend([0x02, 0x0d, 1, 0, 0x01, 0x04, 0x04, 0x04, 0x00]);
    let len = u32::try_from(out.len() - start).unwrap_or_default();
    if let Some(place) = out.get_mut(len_at..len_at + 4) {
        place.copy_from_slice(&len.to_le_bytes());
    }
}

fn open(out: &mut Vec<u8>, name: &str, has_attributes: bool) {
    out.push(if has_attributes { 0x41 } else { 0x01 });
    out.extend(u16::MAX.to_le_bytes());
    out.extend([0; 4]);
    put_name(out, name);
    if has_attributes {
        out.extend([0; 4]);
    } else if !matches!(name, "EventID") {
        out.push(0x02);
    }
}

fn attribute(out: &mut Vec<u8>, name: &str) {
    out.push(0x06);
    put_name(out, name);
}

fn put_name(out: &mut Vec<u8>, name: &str) {
    let here = u32::try_from(out.len() + 4).unwrap_or_default();
    out.extend(here.to_le_bytes());
    out.extend([0; 6]);
    out.extend(
        u16::try_from(name.encode_utf16().count())
            .unwrap_or_default()
            .to_le_bytes(),
    );
    out.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
    out.extend([0, 0]);
}
