//! Text without the secrets in it.

use super::places::find;
use super::views;
use crate::passwords;
use std::borrow::Cow;
use std::ops::Range;

/// What stands for a secret. Every type of observable that can hold one allows these characters.
pub(super) const MASK: &str = "***";
/// What is shorter is masked in its place only, since it may stand elsewhere by chance. Bytes.
pub(super) const TELLING: usize = 4;

/// Text with its secrets and announced passwords masked.
pub(super) fn prose(text: &str) -> Cow<'_, str> {
    replace(text, &hidden(text))
}

/// Text without the names of masked parameters: `password=***` announces nothing more.
fn without_names(masked: &str) -> String {
    let mut out = String::with_capacity(masked.len());
    let mut pieces = masked.split(MASK).peekable();
    while let Some(piece) = pieces.next() {
        let sign = ["=", "[=]", "%3D", "%3d", "\":\"", "\": \"", "':'", "': '", ": "]
            .iter()
            .find_map(|sign| piece.strip_suffix(sign));
        let name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        match sign.filter(|_| pieces.peek().is_some()) {
            Some(before) => out.push_str(before.trim_end_matches(name)),
            None => out.push_str(piece),
        }
        if pieces.peek().is_some() {
            out.push_str(MASK);
        }
    }
    out
}

/// `text` without any of `secrets`, and without those in places of their own.
pub(super) fn without<'t>(text: &'t str, secrets: &[String]) -> Cow<'t, str> {
    let mut out = replace(text, &places(text));
    for secret in secrets.iter().filter(|secret| is_worth_hiding(secret)) {
        if out.contains(secret.as_str()) {
            out = Cow::Owned(out.replace(secret.as_str(), MASK));
        }
    }
    out
}

pub(super) fn replace<'t>(text: &'t str, places: &[Range<usize>]) -> Cow<'t, str> {
    if places.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for place in places {
        out.push_str(text.get(from..place.start).unwrap_or_default());
        out.push_str(MASK);
        from = place.end;
    }
    out.push_str(text.get(from..).unwrap_or_default());
    Cow::Owned(out)
}

/// Where secrets stand in `text` or in what it is an encoding of, in order and apart.
pub(super) fn places(text: &str) -> Vec<Range<usize>> {
    apart(text, views::find(text, &|text| find(text), views::DEPTH))
}

/// The same, and where passwords stand that the words around them announce. Made for contexts before they are cut.
pub fn hidden(text: &str) -> Vec<Range<usize>> {
    apart(text, views::find(text, &announced, views::DEPTH))
}

fn announced(text: &str) -> Vec<Range<usize>> {
    let mut found = find(text);
    let masked = replace(text, &apart(text, found.clone()));
    let bare = match masked.contains(MASK) {
        true => Cow::Owned(without_names(&masked)),
        false => masked,
    };
    for word in passwords::spelled(bare.as_bytes()) {
        if is_worth_hiding(&word) {
            found.extend(text.match_indices(word.as_str()).map(|(at, _)| at..at + word.len()));
        }
    }
    found
}

fn is_worth_hiding(secret: &str) -> bool {
    secret.len() > 1 && secret != MASK
}

/// Places in order, those that overlap as one, without what is masked already.
fn apart(text: &str, mut places: Vec<Range<usize>>) -> Vec<Range<usize>> {
    places.retain(|place| text.get(place.clone()).is_some_and(|secret| secret != MASK));
    places.sort_by_key(|place| (place.start, place.end));
    places.dedup_by(|next, kept| {
        let overlap = next.start < kept.end;
        if overlap {
            kept.end = kept.end.max(next.end);
        }
        overlap
    });
    places
}

/// The secrets in these places that are long enough to be told elsewhere.
pub(super) fn telling(value: &str, places: &[Range<usize>]) -> Vec<String> {
    places
        .iter()
        .filter_map(|place| value.get(place.clone()))
        .filter(|secret| secret.len() >= TELLING)
        .map(str::to_owned)
        .collect()
}

/// Words of our own that quote evidence, with its secrets masked. Only what is quoted announces passwords: "'/etc/passwd'
/// climbs out of the folder it is unpacked to" does not.
pub(super) fn quoting(text: &str) -> Cow<'_, str> {
    let mut found = places(text);
    for quoted in quotations(text) {
        let inner = text.get(quoted.clone()).unwrap_or_default();
        let within = hidden(inner).into_iter();
        found.extend(within.map(|place| quoted.start + place.start..quoted.start + place.end));
    }
    replace(text, &apart(text, found))
}

/// What stands in quotation marks. Where an apostrophe leaves a doubt: everything from the first mark to the last.
fn quotations(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let before = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at));
    let opens = |at: usize| matches!(before(at), None | Some(b' ' | b'('));
    let closes = |at: usize| matches!(bytes.get(at + 1), None | Some(b' ' | b',' | b':' | b')' | b';'));
    let marks: Vec<usize> = memchr::memchr_iter(b'\'', bytes).collect();
    let pairs = marks.chunks(2).map(|pair| match pair {
        [open, close] if opens(*open) && closes(*close) => Some(open + 1..*close),
        _ => None,
    });
    let whole = || match (marks.first(), marks.last()) {
        (Some(first), Some(last)) if first < last => first + 1..*last,
        _ => 0..text.len(),
    };
    pairs
        .collect::<Option<Vec<_>>>()
        .unwrap_or_else(|| Vec::from([whole()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let masked = prose(text);
        assert_eq!(masked, expected);
        assert_eq!(prose(&masked), expected, "what is masked stays so");
    }

    #[test]
    fn passwords_before_a_host() {
        check(
            "http://user:hunter2@evil.com/ ftp://a:b@c",
            "http://user:***@evil.com/ ftp://a:***@c",
        );
        check(
            "hxxp[:]//user:hunter2[@]evil[.]com/x",
            "hxxp[:]//user:***[@]evil[.]com/x",
        );
        check("http://user@evil.com:80/a:b@c", "http://user@evil.com:80/a:b@c");
        check("https://[2001:db8::1]:443/", "https://[2001:db8::1]:443/");
        let long = "eyJ0".repeat(500);
        check(&format!("https://aws:{long}@evil.com/x"), "https://aws:***@evil.com/x");
    }

    #[test]
    fn fields_that_are_called_secrets() {
        for (text, masked) in [
            ("X-Api-Key: abcdef123 x", "X-Api-Key: *** x"),
            ("Authorization:Bearer abc.def.ghi x", "Authorization:Bearer *** x"),
            (
                "proxy-authorization: NTLM TlRMTVNT x",
                "proxy-authorization: NTLM *** x",
            ),
            (
                "{\"authorization\":\"Bearer abc\",\"a\":1}",
                "{\"authorization\":\"Bearer ***\",\"a\":1}",
            ),
            ("{\"token\": \"abcdef\"}", "{\"token\": \"***\"}"),
            ("{\\\"token\\\":\\\"abcdef\\\"}", "{\\\"token\\\":\\\"***\\\"}"),
            ("{'client_secret':'abcdef'} x", "{'client_secret':'***'} x"),
            (
                "export AWS_SECRET_ACCESS_KEY=wJalr/K7 x",
                "export AWS_SECRET_ACCESS_KEY=*** x",
            ),
            ("--api-key=abcdef x", "--api-key=*** x"),
            (
                "{\"password\":\"hunter2\",\"n\":1} http://e1.com 22",
                "{\"password\":\"***\",\"n\":1} http://e1.com 22",
            ),
        ] {
            check(text, masked);
        }
        for same in [
            "a token: nothing more",
            "{\"access_token\":null,\"b\":1}",
            "Authorization: required here",
            "tokens_seen: 123456",
            "the secret: somebody",
        ] {
            check(same, same);
        }
    }

    #[test]
    fn tokens_of_bots_and_keys_of_webhooks() {
        check(
            "https://api.telegram.org/bot123:ABC-d_e/sendMessage",
            "https://api.telegram.org/bot123:***/sendMessage",
        );
        check("api.telegram.org/bot123%3AABC", "api.telegram.org/bot123%3A***");
        check(
            "https://discord.com/api/webhooks/1/abc-D",
            "https://discord.com/api/webhooks/1/***",
        );
        check(
            "https://hooks.slack.com/services/T01/B02/c3D",
            "https://hooks.slack.com/services/T01/B02/***",
        );
        check(
            "https://x.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d",
            "https://x.webhook.office.com/webhookb2/a@b/IncomingWebhook/***/***",
        );
        check(
            "https://evil.com/bottom:line /services/list",
            "https://evil.com/bottom:line /services/list",
        );
    }

    #[test]
    fn parameters_that_are_called_secrets() {
        for name in [
            "token",
            "access_token",
            "id-token",
            "password",
            "userPassword",
            "passwd",
            "pwd",
            "api_key",
            "apikey",
            "API-KEY",
            "x-api-key",
            "client_secret",
            "sig",
            "X-Amz-Signature",
            "X-Amz-Security-Token",
            "jwt",
            "PHPSESSID",
        ] {
            for before in [
                "https://evil.com/a?",
                "https://evil.com/a?x=1&",
                "evil.com?a&amp;",
                "hxxps://evil[.]com/#",
            ] {
                for after in ["", "&y=2", "#top", " and more", "\" class"] {
                    check(
                        &format!("{before}{name}=a1%2Fb2-c3{after}"),
                        &format!("{before}{name}=***{after}"),
                    );
                }
            }
            check(
                &format!("u=https%3A%2F%2Fevil.com%2F%3F{name}%3Dabc123%26z%3D1"),
                &format!("u=https%3A%2F%2Fevil.com%2F%3F{name}%3D***%26z%3D1"),
            );
            check(
                &format!("evil.com/[?]{name}[=]abc123[&]z=1"),
                &format!("evil.com/[?]{name}[=]***[&]z=1"),
            );
        }
        for same in [
            "https://evil.com/?page=2&design=new&compass=n&tokens=3&id=7&passage=1&key=v&sid=4vcP4e",
            "https://evil.com/token=1",
            "https://evil.com/?token=",
            "let token=5",
        ] {
            check(same, same);
        }
    }

    #[test]
    fn lists_and_records_of_parameters() {
        check("http://evil.com/?token[]=a1b2c3", "http://evil.com/?token[]=***");
        check(
            "http://evil.com/?x=1&user[api_key]=a1b2c3&y",
            "http://evil.com/?x=1&user[api_key]=***&y",
        );
        check(
            "http://evil.com/?token[page]=a1b2c3",
            "http://evil.com/?token[page]=a1b2c3",
        );
    }

    #[test]
    fn cookies_marked_tokens_and_command_lines() {
        for (text, expected) in [
            (
                "Set-Cookie: id=a1b2; Domain=evil.com; Path=/",
                "Set-Cookie: id=***; Domain=evil.com; Path=/",
            ),
            ("Cookie: a=1; b=x evil.com", "Cookie: a=***; b=*** evil.com"),
            (r#"{"Cookie":"a=1; b=2","u":1}"#, r#"{"Cookie":"a=***; b=***","u":1}"#),
            ("curl -u bob:hunter2 https://e.com", "curl -u bob:*** https://e.com"),
            (
                "curl --user 'bob:hunter2' https://e.com",
                "curl --user 'bob:***' https://e.com",
            ),
            ("sshpass -p hunter2 ssh root@e.com", "sshpass -p *** ssh root@e.com"),
            (
                "https://ghp_0123456789abcdefghij@github.com/a",
                "https://***@github.com/a",
            ),
        ] {
            check(text, expected);
        }
        for same in ["nc -u 203.0.113.5:53 -u http://e.com/", "a-u bob:hunter2", "xoxb-short"] {
            check(same, same);
        }
    }

    #[test]
    fn names_in_a_row_cost_little() {
        for name in ["token=", "token='", "cookie:", "authorization:", "x=", "_", "-u "] {
            for end in ["", "é", "1"] {
                let text = format!("{}{end}", name.repeat(2000));
                let _ = prose(&text);
            }
        }
    }

    #[test]
    fn words_of_our_own_are_no_secrets() {
        for title in [
            "'../../etc/passwd' climbs out of the folder it is unpacked to",
            "'my password.txt' is a program that looks like a document",
            "encrypted 'a.zip' opens with the password it came with",
            "a form asks for a password and sends it to evil.com, which imitates 3M",
        ] {
            assert_eq!(quoting(title), title);
        }
        assert_eq!(
            quoting("'password: hunter2.exe' climbs out of 'http://a:b@c/'"),
            "'password: ***' climbs out of 'http://a:***@c/'"
        );
        assert_eq!(
            quoting("'it's password: hunter2' climbs"),
            "'it's password: ***' climbs"
        );
    }

    #[test]
    fn what_servers_found_is_no_password() {
        for title in [
            "authentication passed, for the sender's own domain a[.]example (recorded by mx1[.]corp[.]example: SPF pass, DKIM pass, DMARC pass)",
            "the sender failed to prove its domain a[.]example (recorded by mx1[.]corp[.]example: SPF pass, DKIM fail, DMARC fail)",
        ] {
            assert_eq!(quoting(title), title);
            check(title, title);
        }
        check(
            "spf=pass smtp.mailfrom=a.example; dkim=pass",
            "spf=pass smtp.mailfrom=a.example; dkim=pass",
        );
    }

    #[test]
    fn announced_passwords() {
        check("password: hunter2", "password: ***");
        check("the password is \"infected\".", "the password is ***");
        check("reset your password today", "reset your password today");
    }
}
