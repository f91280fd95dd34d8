//! Values as feeds write them: of a type that is named or is to be guessed, defanged or not, ranges, times, percents.

use std::borrow::Cow;
use std::net::IpAddr;
use watchfire_model::observable::host;
use watchfire_model::{Indicator, Invalid, Moment, Observable, ObservableType, Untrusted};

/// Text of strangers, cut at a character to at most so many bytes.
pub(crate) fn cut(text: &str, most: usize) -> Untrusted {
    let text = text.trim();
    let end = text.floor_char_boundary(most.min(text.len()));
    Untrusted::new(text.get(..end).unwrap_or_default())
}

/// Several pieces as one text, without those that are empty or say nothing.
pub(super) fn threat(pieces: &[&str]) -> Untrusted {
    let mut out = String::new();
    for piece in pieces.iter().map(|piece| piece.trim()) {
        if is_nothing(piece) || out.len() > Indicator::MAX_THREAT {
            continue;
        }
        if !out.is_empty() {
            out.push_str(", ");
        }
        out.push_str(piece);
    }
    cut(&out, Indicator::MAX_THREAT)
}

pub(super) fn reference(text: &str) -> Untrusted {
    let text = text.trim();
    // Half a URL leads elsewhere.
    if is_nothing(text) || text.len() > Indicator::MAX_REFERENCE {
        return Untrusted::default();
    }
    Untrusted::new(text)
}

/// What tables write where nothing is known.
pub(crate) fn is_nothing(text: &str) -> bool {
    matches!(
        text,
        "" | "-" | "n/a" | "N/A" | "none" | "None" | "null" | "NULL" | "unknown" | "Unknown"
    )
}

/// Made live, if it is defanged.
fn live(text: &str) -> Option<String> {
    let disguised = text.contains(['[', '(', '{', '\\']) || is_disguised_scheme(text);
    if !disguised {
        return None;
    }
    let live = watchfire_extract::refang(text.as_bytes());
    String::from_utf8(live).ok().filter(|live| live != text)
}

/// A value whose type is not said.
pub(super) fn guess(text: &str) -> Result<Observable, Invalid> {
    let text = text.trim();
    // Most lists are of addresses, and most of the others of names: neither should pay for the types that come first.
    let mut dots = 0;
    let mut digits = true;
    let mut name = true;
    for byte in text.bytes() {
        dots += u32::from(byte == b'.');
        digits &= byte.is_ascii_digit() || byte == b'.';
        name &= byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    }
    let quick = match (digits, name && dots > 0) {
        (true, _) => Some(ObservableType::Ipv4),
        (false, true) if !text.ends_with(".onion") => Some(ObservableType::Domain),
        _ if text.contains("://") && !is_disguised_scheme(text) => Some(ObservableType::Url),
        _ => None,
    };
    if let Some(Ok(observable)) = quick.map(|kind| Observable::parse(kind, text)) {
        return Ok(observable);
    }
    let guessed = match is_disguised_scheme(text) {
        true => Err(Invalid("a disguised scheme")),
        false => Indicator::guess(text),
    };
    guessed.or_else(|why| match live(text) {
        Some(live) => Indicator::guess(&live),
        None => Err(why),
    })
}

/// A value of a type that is said.
pub(super) fn typed(kind: ObservableType, text: &str) -> Result<Observable, Invalid> {
    let text = text.trim();
    // `hxxp` has the shape of a scheme.
    let parsed = match is_disguised_scheme(text) {
        true => Err(Invalid("a disguised scheme")),
        false => Observable::parse(kind, text),
    };
    parsed.or_else(|why| match live(text) {
        Some(live) => Observable::parse(kind, live.trim()),
        None => Err(why),
    })
}

fn is_disguised_scheme(text: &str) -> bool {
    text.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("hxxp"))
}

/// An address or a network of either version.
pub(super) fn address_or_network(text: &str) -> Result<Observable, Invalid> {
    use ObservableType as T;
    [T::Ipv4, T::Ipv4Cidr, T::Ipv6, T::Ipv6Cidr]
        .iter()
        .find_map(|kind| Observable::parse(*kind, text.trim()).ok())
        .ok_or(Invalid("not an address or network"))
}

/// The types that feeds call so. Where several are meant, none is named and the value decides.
pub(super) fn kind_called(name: &str) -> Option<ObservableType> {
    use ObservableType as T;
    let name = name.trim().to_ascii_lowercase().replace(['_', ' '], "-");
    Some(match name.as_str() {
        "domain" | "hostname" | "host" | "fqdn" | "domain-name" => T::Domain,
        "url" | "uri" | "link" => T::Url,
        "md5" | "md5-hash" | "filehash-md5" => T::Md5,
        "sha1" | "sha-1" | "sha1-hash" | "filehash-sha1" => T::Sha1,
        "sha224" | "sha-224" => T::Sha224,
        "sha256" | "sha-256" | "sha256-hash" | "filehash-sha256" => T::Sha256,
        "sha384" | "sha-384" => T::Sha384,
        "sha512" | "sha-512" | "sha512-hash" | "filehash-sha512" => T::Sha512,
        "email" | "e-mail" | "email-address" | "email-addr" | "email-src" | "email-dst" => T::Email,
        "cve" | "vulnerability" => T::Cve,
        "asn" | "as" => T::Asn,
        other => return ObservableType::ALL.iter().copied().find(|kind| kind.name() == other),
    })
}

/// The URL before `/*`: those that begin so are meant.
pub(super) fn beginning(text: &str) -> Option<Observable> {
    let url = text.trim().strip_suffix('*').filter(|url| url.ends_with('/'))?;
    let url = typed(ObservableType::Url, url).ok()?;
    is_beginning(url.raw()).then_some(url)
}

/// Whether URLs may begin so: a path has begun, and no query has, which would be lost.
pub(super) fn is_beginning(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.contains('/') && !rest.contains(['?', '#'])
}

/// Host and port of a socket.
pub(super) fn split_socket(socket: &Observable) -> Option<(Observable, u16)> {
    let (host, port) = socket.raw().rsplit_once(':')?;
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let host = address_or_network(host).or_else(|_| Observable::parse(ObservableType::Domain, host));
    Some((host.ok()?, port.parse().ok()?))
}

/// The address that a network of one address is.
pub(super) fn single_address(observable: &Observable) -> Option<Observable> {
    let kind = match observable.kind() {
        ObservableType::Ipv4Cidr => ObservableType::Ipv4,
        ObservableType::Ipv6Cidr => ObservableType::Ipv6,
        _ => return None,
    };
    let (address, length) = observable.raw().split_once('/')?;
    let whole = matches!(
        (kind, length),
        (ObservableType::Ipv4, "32") | (ObservableType::Ipv6, "128")
    );
    whole.then(|| Observable::parse(kind, address).ok()).flatten()
}

/// Address and prefix length.
pub(super) fn network(observable: &Observable) -> Option<(IpAddr, u8)> {
    let (address, length) = observable.raw().split_once('/')?;
    Some((address.parse().ok()?, length.parse().ok()?))
}

/// The host of a URL.
pub(super) fn url_host(url: &str) -> Option<&str> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    match host.strip_prefix('[') {
        Some(inside) => inside.split(']').next(),
        None => host.split(':').next(),
    }
}

/// `a-b`: the networks that cover exactly the addresses from the one to the other. Nothing if it is no range.
pub(super) fn range(text: &str) -> Option<Vec<Observable>> {
    let (first, last) = text.split_once('-')?;
    let (first, last) = (first.trim(), last.trim());
    if let (Some(first), Some(last)) = (host::parse_ipv4(first.as_bytes()), host::parse_ipv4(last.as_bytes())) {
        let (first, last) = (u128::from(first.to_bits()), u128::from(last.to_bits()));
        return networks(first, last, 32, |bits, length| {
            let address = std::net::Ipv4Addr::from_bits(u32::try_from(bits).ok()?);
            Observable::parse(ObservableType::Ipv4Cidr, &format!("{address}/{length}")).ok()
        });
    }
    let (first, last) = (host::parse_ipv6(first.as_bytes())?, host::parse_ipv6(last.as_bytes())?);
    networks(first.to_bits(), last.to_bits(), 128, |bits, length| {
        let address = std::net::Ipv6Addr::from_bits(bits);
        Observable::parse(ObservableType::Ipv6Cidr, &format!("{address}/{length}")).ok()
    })
}

/// At most two networks of each prefix length.
fn networks(
    first: u128,
    last: u128,
    width: u32,
    make: impl Fn(u128, u32) -> Option<Observable>,
) -> Option<Vec<Observable>> {
    let mut out = Vec::new();
    let mut at = first;
    if first > last {
        return None;
    }
    loop {
        // The largest block that begins here and does not pass the end.
        let mut size = at.trailing_zeros().min(width);
        while size > 0 && size < 128 && at.checked_add((1 << size) - 1).is_none_or(|end| end > last) {
            size -= 1;
        }
        if size == 128 {
            out.push(make(at, 0)?);
            return Some(out);
        }
        out.push(make(at, width - size)?);
        match at.checked_add(1 << size) {
            Some(next) if next <= last => at = next,
            _ => return Some(out),
        }
    }
}

/// A time; nothing where there is none or it cannot be read.
pub(crate) fn moment(text: &str) -> Option<Moment> {
    if is_no_time(text) {
        return None;
    }
    Moment::parse(text.trim()).ok()
}

/// What stands where no time is known.
pub(super) fn is_no_time(text: &str) -> bool {
    let text = text.trim();
    is_nothing(text) || text == "0" || text.starts_with("0000") || text.eq_ignore_ascii_case("never")
}

/// `90`, `90%`, `0.9` is not a percent and is nothing, `high` by the scale of STIX 2.1 (appendix A).
pub(super) fn percent(text: &str) -> Option<u8> {
    let text = text.trim().trim_end_matches('%').trim_end();
    if let Ok(number) = text.parse::<u8>() {
        return Some(number.min(100));
    }
    Some(match text.to_ascii_lowercase().as_str() {
        "low" => 15,
        "medium" | "med" => 50,
        "high" => 85,
        _ => return None,
    })
}

/// `port 443`; nothing where none is said.
pub(super) fn port(number: &str) -> String {
    match number {
        "" => String::new(),
        number => format!("port {number}"),
    }
}

/// `botnet_cc` as people read it.
pub(super) fn words(text: &str) -> Cow<'_, str> {
    if text.contains('_') {
        Cow::Owned(text.replace('_', " "))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_guessed_and_disguises_undone() {
        for (text, expected) in [
            ("203.0.113.7", "ipv4 203.0.113.7"),
            (" evil.example ", "domain evil.example"),
            ("evil[.]example", "domain evil.example"),
            ("hxxps://evil[.]example/a", "url https://evil.example/a"),
            ("hxxp://evil.example/a", "url http://evil.example/a"),
            ("203.0.113.7:443", "socket 203.0.113.7:443"),
            ("203.0.113.0/24", "ipv4-cidr 203.0.113.0/24"),
            ("2001:DB8::1", "ipv6 2001:db8::1"),
            ("AS64496", "asn AS64496"),
        ] {
            let observable = guess(text).unwrap();
            assert_eq!(format!("{} {}", observable.kind().name(), observable.raw()), expected);
        }
        for text in ["", "999.1.2.3", "evil", "<b>"] {
            assert!(guess(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ranges_become_the_networks_that_cover_them() {
        let check = |text: &str, expected: Option<&[&str]>| {
            let found = range(text).map(|all| all.iter().map(|one| one.raw().to_owned()).collect::<Vec<_>>());
            assert_eq!(
                found,
                expected.map(|all| all.iter().map(|&one| one.to_owned()).collect()),
                "{text}"
            );
        };
        check("203.0.113.4-203.0.113.7", Some(&["203.0.113.4/30"]));
        check(
            "203.0.113.1 - 203.0.113.4",
            Some(&["203.0.113.1/32", "203.0.113.2/31", "203.0.113.4/32"]),
        );
        check("203.0.113.7-203.0.113.7", Some(&["203.0.113.7/32"]));
        check("0.0.0.0-255.255.255.255", Some(&["0.0.0.0/0"]));
        check("2001:db8::-2001:db8::ff", Some(&["2001:db8::/120"]));
        check("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Some(&["::/0"]));
        check("203.0.113.7-203.0.113.1", None);
        check("203.0.113.7-2001:db8::", None);
        check("a-b.example", None);
    }

    #[test]
    fn text_is_cut_at_a_character() {
        assert_eq!(cut("aé", 2).raw(), "a");
        assert_eq!(threat(&["botnet C2", "-", "", "Emotet"]).raw(), "botnet C2, Emotet");
        assert!(reference(&"x".repeat(600)).is_empty());
    }

    #[test]
    fn hosts_of_urls_are_found() {
        for (url, host) in [
            ("https://u:p@evil.example:8443/a@b", "evil.example"),
            ("http://[2001:db8::1]:80/", "2001:db8::1"),
            ("evil.example/a", "evil.example"),
            ("http://evil.example?x", "evil.example"),
        ] {
            assert_eq!(url_host(url), Some(host), "{url}");
        }
    }
}
