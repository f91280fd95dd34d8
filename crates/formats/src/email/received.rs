//! `Received` (RFC 5321, section 4.4, and what servers write instead): who gave the mail to whom, and when.
//!
//! Every server has a form of its own, so nothing is expected but the words that begin a clause. One pass; comments may
//! be nested as deep as somebody likes.

use super::date;
use super::field::unfolded;
use std::net::IpAddr;
use watchfire_model::{Hop, Untrusted};

/// No field is read further. Bytes.
const LONGEST: usize = 8 << 10;
/// Words and comments of one field.
const MOST: usize = 500;

/// A piece of the field.
#[derive(Debug)]
enum Piece {
    Word(String),
    Comment(String),
}

/// Clauses, by the word that begins them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Clause {
    None,
    From,
    By,
    With,
    Id,
    For,
    Via,
}

impl Clause {
    fn of(word: &str) -> Option<Self> {
        const WORDS: &[(&str, Clause)] = &[
            ("from", Clause::From),
            ("by", Clause::By),
            ("with", Clause::With),
            ("id", Clause::Id),
            ("for", Clause::For),
            ("via", Clause::Via),
        ];
        WORDS
            .iter()
            .find(|(name, _)| word.eq_ignore_ascii_case(name))
            .map(|&(_, clause)| clause)
    }
}

/// Reads the value of a field.
pub fn read(value: &[u8]) -> Hop {
    let value = unfolded(value.get(..LONGEST).unwrap_or(value));
    let text = String::from_utf8_lossy(&value);
    let (pieces, date) = pieces(&text);
    let mut hop = Hop {
        at: date.and_then(date::read),
        ..Hop::default()
    };
    let mut clause = Clause::None;
    let mut fresh = false;
    // What the giver wrote in brackets is its own word; what stands in comments the taker saw.
    let mut seen = false;
    for piece in &pieces {
        match piece {
            Piece::Word(word) => {
                match Clause::of(word) {
                    // `with` and its like may be names of hosts where a name is expected.
                    Some(next) if !fresh || next == Clause::From => {
                        (clause, fresh) = (next, true);
                        continue;
                    }
                    _ => take_word(&mut hop, clause, word, fresh),
                }
                fresh = false;
            }
            Piece::Comment(comment) => {
                fresh = false;
                if clause == Clause::From {
                    let said = if seen { hop.address } else { hop.address.take() };
                    take_comment(&mut hop, comment);
                    seen |= hop.address.is_some();
                    hop.address = hop.address.or(said);
                }
            }
        }
    }
    hop
}

fn take_word(hop: &mut Hop, clause: Clause, word: &str, first: bool) {
    if !first {
        // `from host [192.0.2.1]`
        if clause == Clause::From && hop.address.is_none() {
            hop.address = address(word);
        }
        return;
    }
    let text = Some(Untrusted::from(word.trim_matches(['<', '>', ';', ','])));
    match clause {
        Clause::From => {
            hop.address = address(word).or(hop.address);
            hop.from = hop.from.take().or(text);
        }
        Clause::By => hop.by = hop.by.take().or(text),
        Clause::With => hop.with = hop.with.take().or(text),
        Clause::Id => hop.id = hop.id.take().or(text),
        Clause::For => hop.recipient = hop.recipient.take().or(text),
        Clause::None | Clause::Via => {}
    }
}

/// `(name [192.0.2.1])`, `([192.0.2.1] helo=name)`, `(HELO name)`, `(192.0.2.1)`
fn take_comment(hop: &mut Hop, comment: &str) {
    let mut words = comment
        .split([' ', '\t', '(', ')', ',', ';'])
        .filter(|word| !word.is_empty());
    let mut first = true;
    while let Some(word) = words.next() {
        if let Some((key, name)) = word.split_once('=') {
            if ["helo", "ehlo"].iter().any(|known| key.eq_ignore_ascii_case(known)) && !name.is_empty() {
                told(hop, name);
            }
            continue;
        }
        if ["helo", "ehlo", "lhlo"]
            .iter()
            .any(|known| word.eq_ignore_ascii_case(known))
        {
            if let Some(name) = words.next() {
                told(hop, name);
            }
            continue;
        }
        // The address stands last; what stands before it may be the giver's own words. `user@192.0.2.1`
        let host = word.rsplit_once('@').map_or(word, |(_, host)| host);
        if let Some(found) = address(host) {
            hop.address = Some(found);
        } else if let Some((name, inner)) = word.split_once('[') {
            // `name[192.0.2.1]`
            if let Some(found) = address(inner) {
                hop.address = Some(found);
                reverse(hop, name, first);
            }
        } else {
            reverse(hop, word, first);
        }
        first = false;
    }
    // The name leads to another address: it is not the giver's.
    if memchr::memmem::find(comment.as_bytes(), b"may be forged").is_some() {
        hop.reverse = None;
    }
}

/// What the giver called itself; what stood in its place is then what the taker looked up.
fn told(hop: &mut Hop, name: &str) {
    let name = name.trim_matches(['[', ']', '<', '>']);
    let before = hop.from.replace(name.into());
    if hop.reverse.is_none() && before.as_ref().is_some_and(|before| address(before.raw()).is_none()) {
        hop.reverse = before;
    }
}

fn reverse(hop: &mut Hop, word: &str, first: bool) {
    let name = word
        .rsplit_once('@')
        .map_or(word, |(_, host)| host)
        .trim_end_matches('.');
    let is_host = name.contains('.')
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    if first && is_host && hop.reverse.is_none() {
        hop.reverse = Some(name.into());
    }
}

/// `192.0.2.1`, `[192.0.2.1]`, `[IPv6:2001:db8::1]`, `[192.0.2.1]:4711`
fn address(word: &str) -> Option<IpAddr> {
    let inner = word.trim_start_matches('[');
    let inner = inner.split(']').next().unwrap_or(inner);
    let inner = match inner.get(..5) {
        Some(tag) if tag.eq_ignore_ascii_case("ipv6:") => inner.get(5..)?,
        _ => inner,
    };
    let inner = inner.split('%').next().unwrap_or(inner);
    let found: IpAddr = inner.parse().ok().or_else(|| {
        let (host, port) = inner.rsplit_once(':')?;
        port.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| host.parse().ok())
            .flatten()
    })?;
    Some(match found {
        IpAddr::V6(six) => six.to_ipv4_mapped().map_or(found, IpAddr::V4),
        IpAddr::V4(_) => found,
    })
}

/// Words and comments up to the last semicolon outside of comments, and the date behind that. A bracket that nothing
/// closes opens no comment: hosts that call themselves so would swallow what the taker wrote.
fn pieces(text: &str) -> (Vec<Piece>, Option<&str>) {
    const UNCLOSED: usize = 4;
    let mut literal = Vec::new();
    loop {
        let (pieces, date, unclosed) = pieces_but(text, &literal);
        match unclosed {
            Some(at) if literal.len() < UNCLOSED => literal.push(at),
            _ => return (pieces, date),
        }
    }
}

/// The same, with the brackets at `literal` as characters, and the bracket that nothing closes.
fn pieces_but<'t>(text: &'t str, literal: &[usize]) -> (Vec<Piece>, Option<&'t str>, Option<usize>) {
    let mut out = Vec::new();
    let mut date = None;
    let mut opened = None;
    let (mut depth, mut current) = (0_usize, String::new());
    for (at, c) in text.char_indices() {
        match c {
            '(' if !literal.contains(&at) => {
                if depth == 0 {
                    opened = Some(at);
                    word(&mut out, &mut current);
                } else {
                    current.push(' ');
                }
                depth += 1;
            }
            ')' if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    out.push(Piece::Comment(std::mem::take(&mut current)));
                } else {
                    current.push(' ');
                }
            }
            ';' if depth == 0 => {
                word(&mut out, &mut current);
                date = text.get(at + 1..);
            }
            c if c.is_whitespace() && depth == 0 => word(&mut out, &mut current),
            c => current.push(c),
        }
        if out.len() >= MOST {
            return (out, text.rsplit_once(';').map(|(_, date)| date), None);
        }
    }
    // A comment that never ends is read all the same.
    if depth > 0 {
        out.push(Piece::Comment(current));
    } else if date.is_none() {
        word(&mut out, &mut current);
    }
    (out, date, opened.filter(|_| depth > 0))
}

fn word(out: &mut Vec<Piece>, current: &mut String) {
    if !current.is_empty() {
        out.push(Piece::Word(std::mem::take(current)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `from|reverse|address|by|with|id|for|date`
    #[track_caller]
    fn check(value: &str, expected: &str) {
        let hop = read(value.as_bytes());
        let text = |text: &Option<Untrusted>| text.as_ref().map(|text| text.raw().to_owned()).unwrap_or_default();
        let found = [
            text(&hop.from),
            text(&hop.reverse),
            hop.address.map(|address| address.to_string()).unwrap_or_default(),
            text(&hop.by),
            text(&hop.with),
            text(&hop.id),
            text(&hop.recipient),
            hop.at.map(|at| at.moment.to_string()).unwrap_or_default(),
        ];
        assert_eq!(found.join("|"), expected, "{value}");
    }

    #[test]
    fn hops_of_common_servers_are_read() {
        check(
            "from mail.a.example (host.b.example [192.0.2.1])\r\n\tby mx.c.example (Postfix) with ESMTPS id 4X7\r\n\tfor \
             <x@c.example>; Thu, 13 Nov 2025 10:15:00 +0100 (CET)",
            "mail.a.example|host.b.example|192.0.2.1|mx.c.example|ESMTPS|4X7|x@c.example|2025-11-13T09:15:00Z",
        );
        check(
            "from x( (a.example [192.0.2.1]) by b.example with ESMTP; 13 Nov 2025 09:15:00 -0000",
            "x(|a.example|192.0.2.1|b.example|ESMTP|||2025-11-13T09:15:00Z",
        );
        check(
            "from unknown (HELO x) (root@192.0.2.1) by b.example with SMTP; 13 Nov 2025 09:15:00 -0000",
            "x|unknown|192.0.2.1|b.example|SMTP|||2025-11-13T09:15:00Z",
        );
        check(
            "from a.example (IDENT:[192.0.2.9]:x@a.example [192.0.2.1]) by b.example with ESMTP; 13 Nov 2025 09:15:00 -0000",
            "a.example||192.0.2.1|b.example|ESMTP|||2025-11-13T09:15:00Z",
        );
        check(
            "from unknown (HELO a.example) (192.0.2.1) by b.example with SMTP; 13 Nov 2025 09:15:00 -0000",
            "a.example|unknown|192.0.2.1|b.example|SMTP|||2025-11-13T09:15:00Z",
        );
        check(
            "from AM0PR01.prod.outlook.example (2603:10a6::1) by VI1.outlook.example (10.1.2.3) with Microsoft SMTP Server id 15.20",
            "AM0PR01.prod.outlook.example||2603:10a6::1|VI1.outlook.example|Microsoft|15.20||",
        );
        check(
            "from [192.0.2.7] (port=4711 helo=[10.0.0.1]) by b.example with esmtpa (Exim 4.96) id 1; Thu, 13 Nov 2025 09:15:00 +0000",
            "10.0.0.1||192.0.2.7|b.example|esmtpa|1||2025-11-13T09:15:00Z",
        );
        check(
            "by 2002:a05:6512::1 with SMTP id a; Thu, 13 Nov 2025 01:15:00 -0800 (PST)",
            "|||2002:a05:6512::1|SMTP|a||2025-11-13T09:15:00Z",
        );
        check(
            "from ([192.0.2.1:99]) by b.example with SMTP",
            "||192.0.2.1|b.example|SMTP|||",
        );
        check(
            "from [10.0.0.1] (h.a.example [192.0.2.1]) by y",
            "[10.0.0.1]|h.a.example|192.0.2.1|y||||",
        );
        check("from x ([::ffff:192.0.2.1]) by y", "x||192.0.2.1|y||||");
        check(
            "(qmail 1234 invoked by uid 89); 13 Nov 2025 09:15:00 -0000",
            "|||||||2025-11-13T09:15:00Z",
        );
        check("", "|||||||");
    }

    #[test]
    fn comments_without_end_take_no_square_of_the_time() {
        let value = format!("from a {}", "(".repeat(1 << 20));
        assert_eq!(
            read(value.as_bytes()).from.map(|from| from.raw().to_owned()).as_deref(),
            Some("a")
        );
    }
}
