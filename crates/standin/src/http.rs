//! As much of HTTP/1.1 as the clients need: one request, one answer, closed.

use crate::mode::Mode;
use crate::shapes::{self, Asked, Reply, Shape};
use serde_json::Value;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::sleep;
use std::time::Duration;

/// Longest request.
const MOST: usize = 1 << 20;
/// A page as proxies and wrong addresses serve it.
const PAGE: &str = "<!DOCTYPE html><html><head><title>Welcome</title></head><body><h1>It works</h1></body></html>";

/// Counts requests in mode busy: every other one is refused.
static BUSY: AtomicU32 = AtomicU32::new(0);

pub(crate) fn serve(mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    converse(&mut stream)
}

/// One request, one answer.
pub(crate) fn converse(stream: &mut (impl Read + Write)) -> io::Result<()> {
    let Some((head, body)) = read(stream)? else {
        return Ok(());
    };
    let mut lines = head.split("\r\n");
    let mut first = lines.next().unwrap_or_default().split(' ');
    let (method, target) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers: Vec<(String, String)> = headers
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut segments: Vec<String> = path.split('/').skip(1).map(decoded).collect();
    let provider = if segments.is_empty() {
        String::new()
    } else {
        segments.remove(0)
    };
    let mode = segments
        .first()
        .and_then(|first| Mode::from_name(first.strip_prefix('~')?));
    if mode.is_some() {
        segments.remove(0);
    }
    if segments.last().is_some_and(String::is_empty) {
        segments.pop();
    }
    let asked = Asked {
        method,
        host: headers
            .iter()
            .find(|(name, _)| name == "host")
            .map_or("", |(_, value)| value),
        base: match mode {
            Some(mode) => format!("/{provider}/~{}", mode.name()),
            None => format!("/{provider}"),
        },
        path: segments.iter().map(String::as_str).collect(),
        query: pairs(query),
        form: pairs(&String::from_utf8_lossy(&body)),
        json: serde_json::from_slice(&body).unwrap_or(Value::Null),
        headers: &headers,
    };
    let shape = shapes::ALL.iter().find(|shape| shape.name == provider);
    let reply = match shape {
        Some(shape) => reply(shape, mode.unwrap_or(Mode::Found), &asked),
        None => Some(page(404)),
    };
    match reply {
        Some(reply) => write(stream, &reply),
        None => Ok(()),
    }
}

/// What is answered; nothing closes the connection.
fn reply(shape: &Shape, mode: Mode, asked: &Asked<'_>) -> Option<Reply> {
    if !shape.accepts(asked) {
        return Some((shape.auth)(asked));
    }
    let found = || (shape.found)(asked).unwrap_or_else(|| page(404));
    Some(match mode {
        Mode::Found => found(),
        Mode::Unknown => (shape.unknown)(asked),
        Mode::Quota => (shape.quota)(asked),
        Mode::Auth => (shape.auth)(asked),
        Mode::Malformed => {
            let mut reply = found();
            reply.body.truncate(reply.body.len() / 2);
            reply
        }
        Mode::Slow => {
            sleep(Duration::from_secs(60));
            return None;
        }
        Mode::Disconnect => return None,
        Mode::WrongType => changed(found(), &mut wrong),
        Mode::Html => page(200),
        Mode::NoPage => page(404),
        Mode::Empty => Reply::new(200, Vec::new()),
        Mode::Busy if BUSY.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) => page(503),
        Mode::Busy => found(),
        Mode::Hostile => changed(found(), &mut hostile),
        Mode::Large => Reply::new(200, format!("[\"{}\"]", "A".repeat(12_000_000)).into_bytes()),
        Mode::Nested => Reply::new(200, "[".repeat(100_000).into_bytes()),
        Mode::Bomb => Reply::new(200, bomb(80_000)).header("content-encoding", "gzip"),
    })
}

/// A zero and `runs` copies of 258 more, in gzip (RFC 1952) with fixed codes (RFC 1951, section 3.2.6).
fn bomb(runs: usize) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    let (mut bits, mut count) = (0u32, 0);
    // A last block of fixed codes; the literal 0; then lengths of 258 at a distance of 1. Codes stand high bit first.
    let start = [(0b011, 3), (0b0000_1100, 8)];
    let run = [(0b1010_0011, 8), (0, 5)];
    for (code, length) in start.into_iter().chain(std::iter::repeat_n(run, runs).flatten()) {
        bits |= code << count;
        count += length;
        while count >= 8 {
            out.push(u8::try_from(bits & 0xff).unwrap_or_default());
            bits >>= 8;
            count -= 8;
        }
    }
    out
}

fn page(status: u16) -> Reply {
    Reply::new(status, PAGE.as_bytes().to_vec()).header("content-type", "text/html")
}

/// The reply with every value of its JSON changed, the outermost list or object excepted.
fn changed(mut reply: Reply, change: &mut dyn FnMut(&mut Value)) -> Reply {
    if let Ok(mut value) = serde_json::from_slice::<Value>(&reply.body) {
        match &mut value {
            Value::Array(list) => list.iter_mut().for_each(&mut *change),
            Value::Object(object) => object.values_mut().for_each(&mut *change),
            _ => {}
        }
        reply.body = value.to_string().into_bytes();
    }
    reply
}

/// Turns a value into one of another type.
fn wrong(value: &mut Value) {
    *value = match value {
        Value::Null => Value::Bool(true),
        Value::Bool(_) => Value::String("perhaps".to_owned()),
        Value::Number(_) => Value::Array(Vec::new()),
        Value::String(_) => Value::from(7),
        Value::Array(_) => Value::String("none".to_owned()),
        Value::Object(_) => Value::Array(vec![Value::Null]),
    };
}

/// Lengthens every string, on both sides, by what acts on those who show it.
fn hostile(value: &mut Value) {
    match value {
        Value::String(text) => {
            text.insert_str(0, "=1+1\t\u{1b}]0;x\u{7}");
            text.push_str("\u{1b}[2J\u{202e}\r\n<script>alert(1)</script>=cmd|'/c calc'!A1");
            text.push_str(&"A".repeat(20_000));
        }
        Value::Array(list) => list.iter_mut().for_each(hostile),
        Value::Object(object) => object.values_mut().for_each(hostile),
        _ => {}
    }
}

/// The head and the body of a request.
pub(crate) fn read(stream: &mut impl Read) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 8192];
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at;
        }
        let count = stream.read(&mut chunk)?;
        if count == 0 || bytes.len() > MOST {
            return Ok(None);
        }
        bytes.extend(chunk.iter().take(count));
    };
    let mut body = bytes.split_off(head_end + 4);
    let head = String::from_utf8_lossy(&bytes).trim_end().to_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    let length = length.unwrap_or(0).min(MOST);
    while body.len() < length {
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        body.extend(chunk.iter().take(count));
    }
    Ok(Some((head, body)))
}

fn write(stream: &mut impl Write, reply: &Reply) -> io::Result<()> {
    let mut head = format!(
        "HTTP/1.1 {} Answer\r\nconnection: close\r\ncontent-length: {}\r\n",
        reply.status,
        reply.body.len()
    );
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    stream.write_all(&reply.body)?;
    stream.flush()
}

/// `a=1&b=2` with its escapes undone.
fn pairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(&value.replace('+', " "))))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                bytes = ahead;
            }
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
