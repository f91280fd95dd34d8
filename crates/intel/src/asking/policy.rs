//! What of a value may leave: whose it is, and what of a URL has to stay here.
//!
//! A host goes out only if it is known to be public: an address outside every reserved range, or a name below a
//! registered top-level domain. Everything in doubt stays. A fragment never goes: no server is ever sent one, and
//! phishing pages carry their victim's address there.
//!
//! This is about values, not about permission: markings and switches are [`watchfire_model::Gate`]'s.

use std::net::IpAddr;
use watchfire_knowledge::{reserved, tld};
use watchfire_model::{Class, Family, Observable, ObservableType as T, Organisation};

/// Whose value it is. Of a URL, its query is not looked at: [`outward`] takes that away where it tells something.
pub fn class(what: &Observable, organisation: &Organisation) -> Class {
    let value = what.raw();
    match what.kind() {
        T::Ipv4 | T::Ipv6 | T::Ipv4Cidr | T::Ipv6Cidr => host_class(before(value, "/"), organisation),
        T::Domain | T::Onion => host_class(value, organisation),
        T::Socket => host_class(host_of(value), organisation),
        T::Url => url_class(value, organisation),
        T::Email | T::Xmpp => Class::Personal,
        T::Asn => Class::Public,
        kind => match kind.spec().family {
            Family::FileHash | Family::Fingerprint | Family::Catalogue | Family::Payment => Class::Public,
            _ => Class::Personal,
        },
    }
}

/// A value as it may be asked about outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outward {
    /// What is asked about.
    pub what: Observable,
    /// Whether something of the value stays here.
    pub stripped: bool,
}

/// What may be asked about outside in place of `what`: a URL loses its fragment, and its query where that holds an
/// e-mail address, a credential or a name of the organisation. `None` where nothing sensible is left.
pub fn outward(what: &Observable, organisation: &Organisation) -> Option<Outward> {
    let whole = || Outward {
        what: what.clone(),
        stripped: false,
    };
    if what.kind() != T::Url {
        return Some(whole());
    }
    let value = what.raw();
    let plain = before(value, "#");
    let kept = match plain.split_once('?') {
        Some((path, query)) if tells(query, organisation) => path,
        _ => plain,
    };
    if kept.len() == value.len() {
        return Some(whole());
    }
    Some(Outward {
        what: Observable::parse(T::Url, kept).ok()?,
        stripped: true,
    })
}

/// Whether a host, with or without a port, is known to be reachable by anybody.
pub fn is_public_host(host: &str) -> bool {
    host_class(host_of(host), &Organisation::default()) == Class::Public
}

fn before<'t>(text: &'t str, mark: &str) -> &'t str {
    text.split(mark).next().unwrap_or_default()
}

/// `host:port`, `[v6]:port` or `host` to the host alone.
fn host_of(authority: &str) -> &str {
    match authority.strip_prefix('[') {
        Some(inner) => before(inner, "]"),
        None if authority.matches(':').count() == 1 => before(authority, ":"),
        None => authority,
    }
}

fn host_class(host: &str, organisation: &Organisation) -> Class {
    if let Ok(address) = host.parse::<IpAddr>() {
        let reserved = match address {
            IpAddr::V4(address) => reserved::ipv4(address).is_some(),
            IpAddr::V6(address) => reserved::ipv6(address).is_some(),
        };
        return match (organisation.owns_address(address), reserved) {
            (true, _) => Class::Own,
            (_, true) => Class::Reserved,
            _ => Class::Public,
        };
    }
    if organisation.owns_domain(host) {
        return Class::Own;
    }
    let public = match reserved::name(host) {
        Some(name) => name == reserved::Name::Onion,
        None if !host
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_')) =>
        {
            false
        }
        None => host
            .trim_end_matches('.')
            .rsplit_once('.')
            .is_some_and(|(below, top)| !below.is_empty() && tld::is_tld(top.as_bytes())),
    };
    if public { Class::Public } else { Class::Reserved }
}

fn url_class(url: &str, organisation: &Organisation) -> Class {
    // A URL may stand without its scheme.
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
    if authority.contains('@') {
        return Class::Personal;
    }
    let class = host_class(host_of(authority), organisation);
    if class != Class::Public {
        return class;
    }
    let path = before(before(tail, "#"), "?");
    if names_own(path, organisation) {
        return Class::Own;
    }
    let segments: Vec<&str> = path.split('/').collect();
    let invites = segments.windows(2).any(|pair| match pair {
        [one, next] => leads_to_secret(one) && is_opaque(next),
        _ => false,
    });
    let keyed =
        path.contains("/api/webhooks/") || authority.ends_with("hooks.slack.com") || segments.iter().any(|s| is_bot(s));
    if invites || keyed || segments.iter().any(|segment| holds_mail(segment) || is_jwt(segment)) {
        return Class::Personal;
    }
    Class::Public
}

/// Whether a query says something about a person, holds a credential, or names the organisation.
fn tells(query: &str, organisation: &Organisation) -> bool {
    names_own(query, organisation)
        || query.split(['&', ';']).any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or(("", parameter));
            (is_telling_name(name) && !value.is_empty()) || holds_mail(value) || is_jwt(value) || is_opaque(value)
        })
}

/// Names of parameters that hold what is nobody's business, in small letters.
const TELLING: &[&str] = &[
    "access_token",
    "account",
    "api_key",
    "apikey",
    "auth",
    "authorization",
    "client_secret",
    "code",
    "credential",
    "e",
    "email",
    "e-mail",
    "id_token",
    "jwt",
    "key",
    "login",
    "mail",
    "nonce",
    "otp",
    "pass",
    "passwd",
    "password",
    "phone",
    "pin",
    "pw",
    "pwd",
    "recipient",
    "refresh_token",
    "secret",
    "session",
    "sessionid",
    "sid",
    "sig",
    "signature",
    "ssn",
    "state",
    "tel",
    "ticket",
    "to",
    "token",
    "user",
    "userid",
    "username",
    "x-amz-signature",
    "x-amz-credential",
    "x-goog-signature",
];

fn is_telling_name(name: &str) -> bool {
    let name = percent_decoded(name).to_ascii_lowercase();
    TELLING.contains(&name.as_str())
        || ["token", "secret", "password", "email"]
            .iter()
            .any(|word| name.ends_with(word))
}

/// Segments of a path behind which a secret stands.
fn leads_to_secret(segment: &str) -> bool {
    let segment = segment.to_ascii_lowercase();
    [
        "reset",
        "invite",
        "verify",
        "confirm",
        "unsubscribe",
        "token",
        "auth",
        "magic",
        "activate",
        "share",
    ]
    .iter()
    .any(|word| segment.contains(word))
}

/// `bot123456:AA…`, the key of a bot of Telegram.
fn is_bot(segment: &str) -> bool {
    let digits = segment.strip_prefix("bot").and_then(|rest| rest.split_once(':'));
    digits.is_some_and(|(digits, key)| digits.len() > 5 && digits.bytes().all(|b| b.is_ascii_digit()) && key.len() > 10)
}

/// A long word that nobody chose: letters and digits mixed.
fn is_opaque(text: &str) -> bool {
    let text = percent_decoded(text);
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=+/.".contains(&byte);
    text.len() >= 20
        && text.bytes().all(word)
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// A JSON Web Token (RFC 7519) begins with `{"` in base64.
fn is_jwt(text: &str) -> bool {
    text.len() > 20 && text.starts_with("eyJ") && text.contains('.')
}

/// Whether a name of the organisation stands in it, in any escape.
fn names_own(text: &str, organisation: &Organisation) -> bool {
    if organisation.domains.is_empty() {
        return false;
    }
    views(text).iter().any(|view| {
        view.split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_')))
            .any(|word| organisation.owns_domain(word.trim_matches('.')))
    })
}

/// Whether an e-mail address stands in it, in any escape.
fn holds_mail(text: &str) -> bool {
    views(text).iter().any(|view| {
        view.match_indices('@').any(|(at, _)| {
            let (local, domain) = view.split_at_checked(at).unwrap_or_default();
            let named = local.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.'));
            let domain: &str = domain.trim_start_matches('@');
            let end = domain
                .find(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-')))
                .unwrap_or(domain.len());
            let domain = domain.get(..end).unwrap_or_default().trim_matches('.');
            named
                && domain.rsplit_once('.').is_some_and(|(below, top)| {
                    !below.is_empty() && top.len() > 1 && top.chars().all(char::is_alphabetic)
                })
        })
    })
}

/// The text, with its percent escapes undone once and twice, and the words of base64 in it.
fn views(text: &str) -> Vec<String> {
    let once = percent_decoded(text);
    let twice = percent_decoded(&once);
    let mut views = vec![text.to_owned()];
    let words = twice.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_')));
    let decoded: Vec<String> = words
        .filter(|word| word.len() >= 8)
        .filter_map(base64_decoded)
        .collect();
    views.extend([once, twice]);
    views.extend(decoded);
    views
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                out.push(u8::try_from(high * 16 + low).unwrap_or_default());
                bytes = ahead;
            }
            (b'+', ..) => out.push(b'+'),
            _ => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Text in base64 of either alphabet (RFC 4648), where it is text.
fn base64_decoded(word: &str) -> Option<String> {
    let mut out = Vec::with_capacity(word.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in word.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xFF).unwrap_or_default());
        }
    }
    let text = String::from_utf8(out).ok()?;
    text.chars().all(|c| !c.is_control()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::{AddressRange, DomainName};

    fn organisation() -> Organisation {
        Organisation {
            domains: vec![DomainName::parse("corp-inc.com").unwrap()],
            ranges: vec![AddressRange::parse("9.9.9.0/24").unwrap()],
            ..Organisation::default()
        }
    }

    #[track_caller]
    fn check(kind: T, text: &str, expected: Class) {
        let what = Observable::parse(kind, text).unwrap();
        assert_eq!(class(&what, &organisation()), expected, "{text}");
    }

    #[test]
    fn only_what_is_known_to_be_public_is_public() {
        check(T::Ipv4, "8.8.8.8", Class::Public);
        check(T::Ipv4, "10.1.2.3", Class::Reserved);
        check(T::Ipv4, "203.0.113.7", Class::Reserved);
        check(T::Ipv4, "9.9.9.9", Class::Own);
        check(T::Ipv6, "2001:db8::1", Class::Reserved);
        check(T::Ipv6, "2606:4700::1111", Class::Public);
        check(T::Ipv4Cidr, "192.168.0.0/16", Class::Reserved);
        check(T::Socket, "10.0.0.1:443", Class::Reserved);
        check(T::Socket, "8.8.8.8:443", Class::Public);
        check(T::Domain, "evil.com", Class::Public);
        check(T::Domain, "vpn.corp-inc.com", Class::Own);
        check(T::Domain, "evil.example", Class::Reserved);
        check(T::Email, "someone@evil.com", Class::Personal);
        check(T::Sha256, &"ab".repeat(32), Class::Public);
        check(T::Cve, "CVE-2026-1234", Class::Public);
        check(T::FilePath, r"C:\Users\ann\x.exe", Class::Personal);
    }

    #[test]
    fn urls_are_their_hosts_and_what_their_paths_tell() {
        check(T::Url, "http://evil.com/gate.php?id=7", Class::Public);
        check(T::Url, "http://10.0.0.1/x", Class::Reserved);
        check(T::Url, "http://[fd00::1]/x", Class::Reserved);
        check(T::Url, "http://intranet.corp-inc.com/x", Class::Own);
        check(T::Url, "http://evil.com/corp-inc.com/login", Class::Own);
        check(T::Url, "http://user:pass@evil.com/", Class::Personal);
        check(T::Url, "http://evil.com/u/ann.lee@bank.com/x", Class::Personal);
        check(T::Url, "http://evil.com/u/ann%2540bank.com", Class::Personal);
        check(T::Url, "http://evil.com/YW5uQGJhbmsuY29t", Class::Personal);
        check(
            T::Url,
            "https://api.telegram.org/bot123456789:AAE_abcdefghijk/getMe",
            Class::Personal,
        );
        check(
            T::Url,
            "https://hooks.slack.com/services/T000/B000/XXXX",
            Class::Personal,
        );
        check(
            T::Url,
            "https://shop.com/reset/8f14e45fceea167a5a36dedd4bea2543",
            Class::Personal,
        );
        check(T::Url, "https://cdn.com/npm/left-pad@1.3.0/index.js", Class::Public);
        check(T::Url, "https://medium.com/@someone/post", Class::Public);
    }

    #[track_caller]
    fn check_out(text: &str, expected: &str) {
        let what = Observable::parse(T::Url, text).unwrap();
        let out = outward(&what, &organisation()).unwrap();
        assert_eq!((out.what.raw(), out.stripped), (expected, text != expected), "{text}");
    }

    #[test]
    fn what_tells_something_stays_here() {
        check_out("http://evil.com/gate.php?id=7", "http://evil.com/gate.php?id=7");
        check_out("http://evil.com/a?x=1#frag", "http://evil.com/a?x=1");
        check_out("http://evil.com/a#ann@bank.com", "http://evil.com/a");
        check_out("http://evil.com/a?mail=ann%40bank.com", "http://evil.com/a");
        check_out("http://evil.com/a?x=YW5uQGJhbmsuY29t", "http://evil.com/a");
        check_out("http://evil.com/a?ann@bank.com", "http://evil.com/a");
        check_out("http://evil.com/a?p=1&access_token=abc", "http://evil.com/a");
        check_out("http://evil.com/a?r=https%3A%2F%2Fcorp-inc.com%2F", "http://evil.com/a");
        check_out(
            "http://evil.com/a?c=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x",
            "http://evil.com/a",
        );
        check_out(
            "http://evil.com/a?c=0123456789abcdef0123456789abcdef",
            "http://evil.com/a",
        );
    }

    #[test]
    fn redirects_go_to_public_hosts_only() {
        for (host, public) in [
            ("rdap.verisign.com", true),
            ("rdap.db.ripe.net:443", true),
            ("127.0.0.1", false),
            ("[::1]:8080", false),
            ("169.254.169.254", false),
            ("localhost", false),
            ("intranet", false),
            ("0x7f000001", false),
            ("2130706433", false),
            ("user@evil.com", false),
            ("", false),
        ] {
            assert_eq!(is_public_host(host), public, "{host}");
        }
    }
}
