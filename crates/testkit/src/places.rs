//! Small databases of places in the format of MaxMind (version 2.0), in which IPv4 is below `::/96`.
//!
//! Source: <https://maxmind.github.io/MaxMind-DB/>.

use std::net::{IpAddr, Ipv6Addr};

/// A value of a record.
#[derive(Clone, Debug)]
pub enum Value {
    /// Names and values.
    Map(Vec<(&'static str, Value)>),
    /// Text.
    Text(&'static str),
    /// A number.
    Number(u32),
}

/// Where a record of the tree leads.
#[derive(Clone, Copy)]
enum Slot {
    Nowhere,
    Node(usize),
    Data(usize),
}

/// A city in a country.
pub fn city(country: &'static str, city: &'static str) -> Value {
    let names = Value::Map(vec![("en", Value::Text(city))]);
    Value::Map(vec![
        ("city", Value::Map(vec![("names", names)])),
        ("country", Value::Map(vec![("iso_code", Value::Text(country))])),
    ])
}

/// A network and who runs it.
pub fn network(number: u32, holder: &'static str) -> Value {
    Value::Map(vec![
        ("autonomous_system_number", Value::Number(number)),
        ("autonomous_system_organization", Value::Text(holder)),
    ])
}

/// A database of that type, made at `epoch`, of networks such as `192.0.2.0/24`. A network must not hold another.
pub fn database(kind: &'static str, epoch: u64, networks: &[(&str, Value)]) -> Vec<u8> {
    let mut nodes = vec![[Slot::Nowhere; 2]];
    let mut data = Vec::new();
    for (network, value) in networks {
        let Some((bits, prefix)) = parse(network) else { continue };
        let offset = data.len();
        write(value, &mut data);
        insert(&mut nodes, bits, prefix, offset);
    }
    let count = nodes.len();
    let mut out = Vec::new();
    for slot in nodes.iter().flatten() {
        let record = match slot {
            Slot::Nowhere => count,
            Slot::Node(node) => *node,
            Slot::Data(offset) => count + 16 + offset,
        };
        out.extend(record.to_be_bytes().iter().skip(5));
    }
    out.extend([0; 16]);
    out.extend(data);
    out.extend(b"\xab\xcd\xefMaxMind.com");
    metadata(kind, epoch, count, &mut out);
    out
}

fn parse(network: &str) -> Option<(u128, u32)> {
    let (address, prefix) = network.split_once('/')?;
    let prefix: u32 = prefix.parse().ok()?;
    Some(match address.parse().ok()? {
        IpAddr::V4(address) => (address.to_bits().into(), 96 + prefix),
        IpAddr::V6(address) => (Ipv6Addr::to_bits(address), prefix),
    })
}

fn insert(nodes: &mut Vec<[Slot; 2]>, bits: u128, prefix: u32, offset: usize) {
    let mut at = 0;
    for depth in 0..prefix {
        let side = usize::from(bits >> (127 - depth) & 1 == 1);
        let next = nodes.len();
        let Some(slot) = nodes.get_mut(at).and_then(|node| node.get_mut(side)) else {
            return;
        };
        if depth + 1 == prefix {
            *slot = Slot::Data(offset);
            return;
        }
        match *slot {
            Slot::Node(node) => at = node,
            Slot::Nowhere | Slot::Data(_) => {
                *slot = Slot::Node(next);
                nodes.push([Slot::Nowhere; 2]);
                at = next;
            }
        }
    }
}

/// The byte in front of a value: its type and size.
fn control(kind: u8, size: usize, out: &mut Vec<u8>) {
    let (low, more) = if size < 29 { (size, None) } else { (29, Some(size - 29)) };
    let low = u8::try_from(low).unwrap_or(0);
    if kind < 8 {
        out.push(kind << 5 | low);
    } else {
        out.extend([low, kind - 7]);
    }
    out.extend(more.and_then(|more| u8::try_from(more).ok()));
}

fn text(text: &str, out: &mut Vec<u8>) {
    control(2, text.len(), out);
    out.extend(text.as_bytes());
}

/// A number of type 5 (16 bits), 6 (32 bits) or 9 (64 bits), without leading zeros.
fn number(kind: u8, number: u64, out: &mut Vec<u8>) {
    let bytes: Vec<u8> = number.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    control(kind, bytes.len(), out);
    out.extend(bytes);
}

fn write(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Text(said) => text(said, out),
        Value::Number(said) => number(6, u64::from(*said), out),
        Value::Map(pairs) => {
            control(7, pairs.len(), out);
            for (name, value) in pairs {
                text(name, out);
                write(value, out);
            }
        }
    }
}

fn metadata(kind: &str, epoch: u64, nodes: usize, out: &mut Vec<u8>) {
    control(7, 9, out);
    text("binary_format_major_version", out);
    number(5, 2, out);
    text("binary_format_minor_version", out);
    number(5, 0, out);
    text("build_epoch", out);
    number(9, epoch, out);
    text("database_type", out);
    text(kind, out);
    text("description", out);
    control(7, 1, out);
    text("en", out);
    text("a database for tests", out);
    text("ip_version", out);
    number(5, 6, out);
    text("languages", out);
    control(11, 1, out);
    text("en", out);
    text("node_count", out);
    number(6, nodes as u64, out);
    text("record_size", out);
    number(5, 24, out);
}
