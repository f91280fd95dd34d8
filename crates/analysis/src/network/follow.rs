//! One flow that is followed: what its ends said, with what proves who somebody is masked.

use crate::secrets::hidden_text;
use aho_corasick::{AhoCorasick, MatchKind};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::mem::take;
use std::net::SocketAddr;
use watchfire_capture::Passage as Heard;
use watchfire_model::network::{Dialogue, Event, Exchange, Flow, Login, Passage, Words};
use watchfire_model::{Secret, Timestamp, Untrusted};

/// Bytes that are kept of what the ends said.
const LONGEST: usize = 1 << 20;
/// Turns that are, one end after the other.
const MOST_TURNS: usize = 10_000;
/// Exchanges that are.
const MOST_EVENTS: usize = 10_000;
/// A part of a proof that is shorter tells nothing, and would be found anywhere.
const SHORTEST_PROOF: usize = 8;
/// Bytes of proofs that are looked for.
const MOST_PROOFS: usize = 4 << 20;

/// What is known by now.
#[derive(Debug, Default)]
pub(super) struct Following {
    number: u64,
    events: Vec<Event>,
    events_in_all: u64,
    /// Secrets in what protocols said, beside log-ins.
    secrets: BTreeSet<Vec<u8>>,
    turns: Vec<Turn>,
    /// Bytes in them.
    kept: usize,
    left_out: u64,
    dialogue: Option<Box<Dialogue>>,
}

/// What one end said until the other did.
#[derive(Debug)]
struct Turn {
    frame: u64,
    time: Timestamp,
    from: SocketAddr,
    to: SocketAddr,
    bytes: Vec<u8>,
    missing: u64,
}

impl Following {
    pub(super) fn new(number: u64) -> Self {
        Self {
            number,
            ..Self::default()
        }
    }

    pub(super) fn event(&mut self, event: &Event) {
        if event.flow != self.number {
            return;
        }
        self.events_in_all += 1;
        if self.events.len() < MOST_EVENTS {
            self.events.push(event.clone());
        }
    }

    /// A secret that stands in an exchange of the flow.
    pub(super) fn secret(&mut self, secret: &str) {
        if self.secrets.len() < MOST_EVENTS {
            self.secrets.insert(secret.as_bytes().to_vec());
        }
    }

    pub(super) fn passage(&mut self, heard: &Heard<'_>) {
        let room = LONGEST.saturating_sub(self.kept);
        let bytes = heard.bytes.get(..room.min(heard.bytes.len())).unwrap_or_default();
        let is_turn =
            |last: &Turn| heard.in_stream && last.from == heard.from && last.missing == 0 && heard.missing == 0;
        if let Some(last) = self.turns.last_mut().filter(|last| is_turn(last)) {
            last.bytes.extend_from_slice(bytes);
        } else if self.turns.len() < MOST_TURNS && (!bytes.is_empty() || heard.missing > 0) {
            self.turns.push(Turn {
                frame: heard.frame,
                time: heard.time,
                from: heard.from,
                to: heard.to,
                bytes: bytes.to_vec(),
                missing: heard.missing,
            });
        } else {
            self.left_out += heard.bytes.len() as u64;
            return;
        }
        self.kept += bytes.len();
        self.left_out += (heard.bytes.len() - bytes.len()) as u64;
    }

    /// The flow is over: what is known of it.
    pub(super) fn end(&mut self, flow: Flow, show_secrets: bool) -> &Dialogue {
        let events = take(&mut self.events);
        let mut turns = take(&mut self.turns);
        if !show_secrets {
            self.left_out += mask(&mut turns, &proofs(&events, take(&mut self.secrets)));
        }
        let mut passages: Vec<Passage> = turns.into_iter().flat_map(Turn::into_passages).collect();
        if !show_secrets {
            passages.iter_mut().for_each(hide);
        }
        let dialogue = Dialogue {
            flow,
            events,
            events_in_all: self.events_in_all,
            passages,
            left_out: self.left_out,
        };
        self.dialogue.insert(Box::new(dialogue))
    }

    /// How many there are of it.
    pub(super) fn flows(&self) -> u64 {
        u64::from(self.dialogue.is_some())
    }

    pub(super) fn into_dialogue(self) -> Option<Box<Dialogue>> {
        self.dialogue
    }
}

impl Turn {
    /// Lines of text that stand in front of what is none are text.
    fn into_passages(self) -> impl Iterator<Item = Passage> {
        let Self {
            frame,
            time,
            from,
            to,
            bytes,
            missing,
        } = self;
        let length = text_in_front(&bytes);
        let (text, rest) = bytes.split_at_checked(length).unwrap_or_default();
        let text = std::str::from_utf8(text).unwrap_or_default();
        let words = [
            (!text.is_empty()).then(|| Words::Text(Untrusted::new(text))),
            (!rest.is_empty()).then(|| Words::Hex(rest.to_vec())),
            (missing > 0).then_some(Words::Missing(missing)),
        ];
        words.into_iter().flatten().map(move |words| Passage {
            frame,
            time,
            from,
            to,
            words,
        })
    }
}

/// How many bytes in front are text: all, or whole lines.
fn text_in_front(bytes: &[u8]) -> usize {
    let valid = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => bytes
            .get(..error.valid_up_to())
            .and_then(|valid| std::str::from_utf8(valid).ok())
            .unwrap_or_default(),
    };
    let is_odd = |c: char| c.is_control() && !matches!(c, '\t' | '\r' | '\n');
    let length = valid.find(is_odd).unwrap_or(valid.len());
    if length == bytes.len() {
        return length;
    }
    let lines = bytes.get(..length).unwrap_or_default();
    lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1)
}

/// Masks secrets where their place in a text tells them: in URLs, headers, forms, and where words announce them.
fn hide(passage: &mut Passage) {
    if let Words::Text(text) = &mut passage.words
        && let Cow::Owned(masked) = hidden_text(text.raw())
    {
        *text = masked.into();
    }
}

/// Everything that proofs and other secrets of a flow look like on the wire, the longest first.
fn proofs(events: &[Event], secrets: BTreeSet<Vec<u8>>) -> Vec<Vec<u8>> {
    let logins = events.iter().filter_map(|event| match &event.exchange {
        Exchange::Login(login) => Some(&**login),
        _ => None,
    });
    let forms = logins.flat_map(forms).chain(secrets);
    let mut proofs: Vec<Vec<u8>> = forms.filter(|form| !form.is_empty()).collect();
    proofs.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    proofs.dedup();
    proofs
}

/// A password as it is, in Base64 alone and with its user (RFC 7617, RFC 4616), as URLs write it, and in UTF-16; of what
/// hashcat guesses, every long number, as bytes and as digits.
fn forms(login: &Login) -> Vec<Vec<u8>> {
    let mut forms = Vec::new();
    if let Some(secret) = &login.secret {
        let (secret, user) = (secret.raw(), login.user.as_ref().map_or("", |user| user.raw()));
        forms.push(secret.as_bytes().to_vec());
        forms.push(secret.encode_utf16().flat_map(u16::to_le_bytes).collect());
        forms.push(in_url(secret));
        for plain in [
            secret.to_owned(),
            format!("{user}:{secret}"),
            format!("\0{user}\0{secret}"),
            format!("{user}\0{user}\0{secret}"),
        ] {
            forms.extend(base64(plain.as_bytes()));
        }
    }
    let line = login.hashcat.as_ref().map_or("", |hashcat| hashcat.line.raw());
    for part in line.split([':', '$', '*']) {
        let Some(bytes) = bytes_of(part).filter(|bytes| bytes.len() >= SHORTEST_PROOF) else {
            continue;
        };
        forms.extend([
            part.to_ascii_lowercase().into_bytes(),
            part.to_ascii_uppercase().into_bytes(),
        ]);
        forms.extend(base64(&bytes));
        forms.push(bytes);
    }
    forms
}

fn bytes_of(digits: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = digits.chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect();
    let digits = digits.filter(|digits| digits.len().is_multiple_of(2))?;
    let pairs = digits.chunks_exact(2);
    Some(
        pairs
            .map(|pair| pair.iter().fold(0, |byte, half| byte << 4 | half))
            .collect(),
    )
}

fn in_url(text: &str) -> Vec<u8> {
    let encode = |byte: u8| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    text.bytes().map(encode).collect::<String>().into_bytes()
}

/// What bytes look like in Base64, wherever they begin in what is encoded: letters that no other bytes have a part in, and
/// where nothing follows the last letter as well.
fn base64(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..3)
        .flat_map(|before: usize| {
            let bits: Vec<u8> = bytes
                .iter()
                .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
                .skip((6 - before * 8 % 6) % 6)
                .collect();
            let value = |six: &[u8]| six.iter().fold(0_usize, |value, bit| value << 1 | usize::from(*bit));
            let sixes = bits.chunks_exact(6);
            let rest = sixes.remainder();
            let letters: Vec<u8> = sixes.filter_map(|six| LETTERS.get(value(six)).copied()).collect();
            let last = LETTERS
                .get(value(rest) << (6 - rest.len()))
                .filter(|_| !rest.is_empty());
            let whole = last.map(|last| letters.iter().copied().chain([*last]).collect());
            [Some(letters), whole].into_iter().flatten()
        })
        .filter(|form| form.len() >= 4)
}

/// Masks every proof. Where that cannot be done, nothing is kept: how many bytes that are.
fn mask(turns: &mut Vec<Turn>, proofs: &[Vec<u8>]) -> u64 {
    if proofs.is_empty() {
        return 0;
    }
    let is_too_much = proofs.iter().map(Vec::len).sum::<usize>() > MOST_PROOFS;
    let automaton = AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .build(if is_too_much { &[] } else { proofs });
    let Some(automaton) = automaton.ok().filter(|_| !is_too_much) else {
        return take(turns).iter().map(|turn| turn.bytes.len() as u64).sum();
    };
    let masks = vec![Secret::MASK; proofs.len()];
    for turn in turns {
        turn.bytes = automaton.replace_all_bytes(&turn.bytes, &masks);
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::network::Hashcat;

    fn turn(bytes: &[u8]) -> Turn {
        let end = SocketAddr::from(([192, 0, 2, 1], 21));
        Turn {
            frame: 1,
            time: Timestamp::default(),
            from: end,
            to: end,
            bytes: bytes.to_vec(),
            missing: 0,
        }
    }

    /// What is left of words, where somebody proves who he is.
    fn check(login: &Login, words: &[u8], expected: &[u8]) {
        let mut turns = vec![turn(words)];
        assert_eq!(mask(&mut turns, &forms(login)), 0);
        assert_eq!(turns[0].bytes, expected, "{}", String::from_utf8_lossy(&turns[0].bytes));
    }

    #[test]
    fn passwords_are_masked_in_every_form() {
        let login = Login::clear("http", Some("user".into()), "hunter2 &");
        check(&login, b"PASS hunter2 &\r\n", b"PASS ***\r\n");
        check(&login, b"p=hunter2%20%26&x=1", b"p=***&x=1");
        check(&login, b"h\0u\0n\0t\0e\0r\x002\0 \0&\0x", b"***x");
        // user:hunter2 &, and the same behind a zero byte as SASL has it.
        check(&login, b"Basic dXNlcjpodW50ZXIyICY=\r\n", b"Basic ***=\r\n");
        let sasl = [&b"AUTH PLAIN "[..], &encoded(b"\0user\0hunter2 &")].concat();
        let mut turns = vec![turn(&sasl)];
        mask(&mut turns, &forms(&login));
        let left = String::from_utf8(turns.remove(0).bytes).unwrap();
        assert!(left.starts_with("AUTH PLAIN ***") && left.len() < 18, "{left}");
    }

    /// Base64, without the letters that need more bytes.
    fn encoded(bytes: &[u8]) -> Vec<u8> {
        base64(bytes).next().unwrap()
    }

    #[test]
    fn proofs_are_masked_wherever_base64_has_them() {
        let mut login = Login::clear("ntlm", None, "");
        login.secret = None;
        login.hashcat = Some(Hashcat {
            mode: 5_600,
            line: Secret::new("u::d:0011223344556677:fedcba98765432100123456789abcdef:01"),
        });
        let proof: Vec<u8> = bytes_of("fedcba98765432100123456789abcdef").unwrap();
        check(&login, &[b"a", &proof[..], b"z"].concat(), b"a***z");
        for before in 0..3 {
            let message = [&b"NTLMSSP"[..7 - before], &proof[..], b"the end"].concat();
            let mut turns = vec![turn(&encoded(&message))];
            mask(&mut turns, &forms(&login));
            let left = String::from_utf8(turns.remove(0).bytes).unwrap();
            assert!(left.contains("***") && left.len() < 30, "{left}");
        }
    }

    #[test]
    fn text_in_front_of_something_else_is_text() {
        let shown = |bytes: &[u8]| {
            turn(bytes)
                .into_passages()
                .map(|passage| passage.words)
                .collect::<Vec<_>>()
        };
        let text = |text: &str| Words::Text(text.into());
        assert_eq!(shown(b"a\tb\r\n"), [text("a\tb\r\n")]);
        assert_eq!(
            shown(b"HTTP/1.1 200 OK\r\n\r\nPK\x03\x04"),
            [text("HTTP/1.1 200 OK\r\n\r\n"), Words::Hex(b"PK\x03\x04".to_vec())]
        );
        assert_eq!(shown(b"no line \xff"), [Words::Hex(b"no line \xff".to_vec())]);
        assert_eq!(shown("caf\u{e9}".as_bytes()), [text("caf\u{e9}")]);
        assert_eq!(shown(b"\x1b[2J"), [Words::Hex(b"\x1b[2J".to_vec())]);
    }

    #[test]
    fn what_is_said_is_kept_up_to_a_megabyte() {
        let mut following = Following::new(7);
        let (one, other) = (turn(b"").from, SocketAddr::from(([192, 0, 2, 2], 9)));
        let words = vec![b'x'; 300 << 10];
        for round in 0..8 {
            let (from, to) = if round % 4 < 2 { (one, other) } else { (other, one) };
            following.passage(&Heard {
                frame: round,
                time: Timestamp::default(),
                from,
                to,
                bytes: &words,
                missing: 0,
                in_stream: true,
            });
        }
        assert_eq!((following.kept, following.turns.len()), (LONGEST, 2));
        assert_eq!(following.kept as u64 + following.left_out, 8 * (300 << 10));
    }
}
