//! A resolver of the DNS (RFC 1035) that knows every name; what a name contains decides how it answers.

use std::io::{self, Read, Write};
use std::net::{TcpStream, UdpSocket};
use std::thread::sleep;
use std::time::Duration;

/// Answers one question over TCP.
pub(crate) fn serve(mut stream: TcpStream) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut question = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut question)?;
    let Some(answer) = answer(&question, true) else {
        return Ok(());
    };
    stream.write_all(&u16::try_from(answer.len()).unwrap_or(0).to_be_bytes())?;
    stream.write_all(&answer)
}

/// Answers datagrams until one comes that is empty.
pub(crate) fn serve_datagrams(socket: &UdpSocket, asked: impl Fn()) -> io::Result<()> {
    let mut buffer = [0; 2048];
    loop {
        let (length, from) = socket.recv_from(&mut buffer)?;
        let Some(question) = buffer.get(..length).filter(|question| !question.is_empty()) else {
            return Ok(());
        };
        asked();
        if name(question).contains("forged") {
            // What somebody on the way might send first: the right question, and an identifier that is guessed.
            let mut forged = answer(question, true).unwrap_or_default();
            if let Some(first) = forged.first_mut() {
                *first ^= 0xff;
            }
            socket.send_to(&forged, from)?;
            sleep(Duration::from_millis(20));
        }
        if let Some(answer) = answer(question, false) {
            socket.send_to(&answer, from)?;
        }
    }
}

/// The name that a question is about, as far as it can be read.
fn name(question: &[u8]) -> String {
    let mut name = String::new();
    let mut rest = question.get(12..).unwrap_or_default();
    while let Some((length, labels)) = rest.split_first()
        && let Some((label, labels)) = labels.split_at_checked(usize::from(*length))
        && !label.is_empty()
    {
        name.push_str(&String::from_utf8_lossy(label));
        name.push('.');
        rest = labels;
    }
    name
}

fn answer(question: &[u8], whole: bool) -> Option<Vec<u8>> {
    let name = name(question);
    let end = 12 + name.len() + 1;
    let kind = question.get(end + 1).copied()?;
    let has = |word: &str| name.contains(word);
    if has("slow") || (has("partial") && kind == 16) {
        return None;
    }
    let mut out = question.get(..end + 4)?.to_vec();
    let code = match () {
        () if has("unknown") => 3,
        () if has("servfail") => 2,
        () if has("refused") => 5,
        () => 0,
    };
    let cut = has("large") && !whole;
    let records = if code > 0 || cut || has("empty") {
        Vec::new()
    } else {
        records(&name, kind)
    };
    let head = [
        0x81 | if cut { 2 } else { 0 },
        0x80 | code,
        0,
        1,
        0,
        u8::try_from(records.len()).ok()?,
        0,
        0,
        0,
        0,
    ];
    out.splice(2..12, head);
    for data in records {
        out.extend([0xc0, 12, 0, kind, 0, 1, 0, 0, 1, 0x2c]);
        out.extend(u16::try_from(data.len()).ok()?.to_be_bytes());
        out.extend(data);
    }
    if has("garbage") {
        out.truncate(out.len() - 3);
    }
    Some(out)
}

fn records(name: &str, kind: u8) -> Vec<Vec<u8>> {
    // A label, and then the name of the question.
    let below = |label: &[u8]| {
        let mut out = vec![u8::try_from(label.len()).unwrap_or(0)];
        out.extend(label);
        out.extend([0xc0, 12]);
        out
    };
    let hostile = name.contains("hostile");
    match kind {
        1 => vec![vec![91, 240, 118, 173], vec![91, 240, 118, 172]],
        2 => vec![below(b"ns1"), below(b"ns2")],
        12 => vec![below(b"host")],
        15 if hostile => vec![[&[0, 10][..], &below(b"\x1b[2J\r\n,\"=cmd|")].concat()],
        15 => vec![
            [&[0, 20][..], &below(b"mx2")].concat(),
            [&[0, 10][..], &below(b"mx1")].concat(),
        ],
        16 if name.contains("large") => vec![vec![255; 256]; 20],
        16 if hostile => vec![b"\x17\x1b[2J<script>=cmd|'/c '!".to_vec()],
        16 if name.contains("allows") => vec![b"\x0dv=spf1 a -all".to_vec()],
        16 => vec![b"\x0bv=spf1 -all".to_vec()],
        28 => vec![vec![0x26, 0x06, 0x47, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x11, 0x11]],
        _ => Vec::new(),
    }
}
