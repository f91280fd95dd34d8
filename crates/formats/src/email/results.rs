//! What servers on the way say they verified: `Authentication-Results` (RFC 8601), its ARC twin (RFC 8617) and
//! `Received-SPF` (RFC 7208, section 9.1). Read, not believed.

use super::field::unfolded;
use watchfire_model::{RecordedResult, RecordedResults, Untrusted};

/// No field is read further. Bytes.
const LONGEST: usize = 16 << 10;
/// Results of one field.
const MOST: usize = 64;

/// Reads a field of that name, if it is one of them; `below` says how many `Received` fields stand above.
pub fn read(name: &[u8], value: &[u8], below: usize) -> Option<RecordedResults> {
    let value = unfolded(value.get(..LONGEST).unwrap_or(value));
    let text = String::from_utf8_lossy(&value);
    let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
    let mut read = if is("Authentication-Results") {
        authentication(&text, "authentication-results")
    } else if is("ARC-Authentication-Results") {
        authentication(&text, "arc-authentication-results")
    } else if is("Received-SPF") {
        spf(&text)
    } else {
        return None;
    };
    read.below = below;
    Some(read)
}

/// `mx.example; spf=pass smtp.mailfrom=a.example; dkim=fail reason="…" header.d=a.example`
fn authentication(text: &str, field: &'static str) -> RecordedResults {
    let mut out = RecordedResults {
        field,
        ..RecordedResults::default()
    };
    let pieces = pieces(text);
    for (at, words) in pieces.iter().enumerate().take(MOST) {
        let mut pairs = words.iter().map(|word| word.split_once('='));
        let first = pairs.next().flatten();
        // ARC numbers its fields before all else.
        if first.is_some_and(|(name, _)| name.eq_ignore_ascii_case("i")) && at == 0 {
            continue;
        }
        match first {
            // Some servers leave out who they are.
            Some((method, result)) => out.results.push(RecordedResult {
                method: method.split('/').next().unwrap_or(method).to_lowercase().into(),
                result: result.to_lowercase().into(),
                properties: pairs
                    .flatten()
                    .map(|(name, value)| (name.to_lowercase().into(), value.trim_matches('"').into()))
                    .collect(),
            }),
            None if out.server.is_empty() && out.results.is_empty() => {
                out.server = words.first().map(|word| word.as_str().into()).unwrap_or_default();
            }
            None => {}
        }
    }
    out
}

/// `pass (comment) client-ip=192.0.2.1; envelope-from="a@b.example"; receiver=mx.example`
fn spf(text: &str) -> RecordedResults {
    let words: Vec<String> = pieces(text).concat();
    let mut words = words.iter();
    let mut result = RecordedResult {
        method: "spf".into(),
        result: words.next().map(|word| word.to_lowercase().into()).unwrap_or_default(),
        ..RecordedResult::default()
    };
    let mut server = Untrusted::default();
    for (name, value) in words.filter_map(|word| word.split_once('=')).take(MOST) {
        let (name, value) = (name.to_lowercase(), value.trim_matches('"'));
        match name.as_str() {
            "receiver" => server = value.into(),
            "envelope-from" => result.properties.push(("smtp.mailfrom".into(), value.into())),
            "helo" => result.properties.push(("smtp.helo".into(), value.into())),
            _ => result.properties.push((name.into(), value.into())),
        }
    }
    RecordedResults {
        field: "received-spf",
        server,
        below: 0,
        results: vec![result],
    }
}

/// The words between semicolons; comments left out, quoted text in one piece, blanks around `=` gone.
fn pieces(text: &str) -> Vec<Vec<String>> {
    let mut out: Vec<Vec<String>> = vec![Vec::new()];
    let mut current = String::new();
    let (mut depth, mut quoted, mut equals) = (0_usize, false, false);
    let end = |current: &mut String, out: &mut Vec<Vec<String>>, equals: &mut bool| {
        if current.is_empty() {
            return;
        }
        let word = std::mem::take(current);
        let Some(words) = out.last_mut() else { return };
        match words.last_mut() {
            Some(before) if *equals || (word.starts_with('=') && !before.contains('=')) => before.push_str(&word),
            _ => words.push(word),
        }
        *equals = words
            .last()
            .is_some_and(|word| word.ends_with('=') && word.matches('=').count() == 1);
    };
    for c in text.chars() {
        match c {
            '"' if depth == 0 => quoted = !quoted,
            _ if quoted => current.push(c),
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            ';' => {
                end(&mut current, &mut out, &mut equals);
                equals = false;
                if out.len() > 2 * MOST {
                    return out;
                }
                out.push(Vec::new());
            }
            c if c.is_whitespace() => end(&mut current, &mut out, &mut equals),
            c => current.push(c),
        }
    }
    end(&mut current, &mut out, &mut equals);
    out.retain(|words| !words.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `server: method=result name=value …; …`
    #[track_caller]
    fn check(name: &str, value: &str, expected: &str) {
        let read = read(name.as_bytes(), value.as_bytes(), 0).unwrap();
        let results: Vec<String> = read
            .results
            .iter()
            .map(|result| {
                let properties = result
                    .properties
                    .iter()
                    .map(|(n, v)| format!(" {}={}", n.raw(), v.raw()));
                format!(
                    "{}={}{}",
                    result.method.raw(),
                    result.result.raw(),
                    properties.collect::<String>()
                )
            })
            .collect();
        assert_eq!(
            format!("{}: {}", read.server.raw(), results.join("; ")),
            expected,
            "{value}"
        );
    }

    #[test]
    fn results_are_read_as_servers_write_them() {
        check(
            "Authentication-Results",
            "mx.example;\r\n spf=pass (mx: domain of a) smtp.mailfrom=a.example;\r\n dkim=fail reason=\"bad; sig\" header.d=b.example header.s = s1",
            "mx.example: spf=pass smtp.mailfrom=a.example; dkim=fail reason=bad; sig header.d=b.example header.s=s1",
        );
        check("authentication-results", "mx.example 1; none", "mx.example: ");
        check(
            "Authentication-Results",
            "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.example; dkim=none (message not signed) header.d=none;dmarc=bestguesspass action=none header.from=a.example;compauth=pass reason=109",
            ": spf=pass smtp.mailfrom=a.example; dkim=none header.d=none; dmarc=bestguesspass action=none header.from=a.example; compauth=pass reason=109",
        );
        check(
            "ARC-Authentication-Results",
            "i=1; mx.example; arc=none",
            "mx.example: arc=none",
        );
        check(
            "Received-SPF",
            "Pass (mx.example: domain) client-ip=192.0.2.1; envelope-from=\"a@b.example\"; helo=c.example; receiver=mx.example;",
            "mx.example: spf=pass client-ip=192.0.2.1 smtp.mailfrom=a@b.example smtp.helo=c.example",
        );
        assert_eq!(read(b"Subject", b"x", 0), None);
    }
}
