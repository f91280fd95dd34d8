//! URLs with an authority (RFC 3986 section 3.2): scheme, `://`, host and what follows; or host and path alone.
//!
//! Scheme and host are normalised (lower case, A-labels, RFC 5952); user information, port, path, query and fragment stay byte
//! for byte, since servers tell their spellings apart. Browsers are followed where they are looser than the RFC: paths may
//! hold any printable character.

use crate::observable::host;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "url",
    describes: "URL with a scheme and a host, https://example.com/a",
    family: Family::Network,
    max_length: 8192,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > SPEC.max_length {
        return Err(Invalid("longer than 8192 bytes"));
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"')) {
        return Err(Invalid("has a blank, control character, quote or angle bracket"));
    }
    let Some((scheme, rest)) = text.split_once("://").filter(|(scheme, _)| is_scheme(scheme)) else {
        return without_scheme(text);
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, tail) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let (user, address) = match authority.rsplit_once('@') {
        Some((user, address)) => (Some(user), address),
        None => (None, authority),
    };
    let (host, port) = split_port(address);
    if port.is_some_and(|port| !is_port(port)) {
        return Err(Invalid("the port is not a number up to 65535"));
    }
    let mut out = scheme.to_ascii_lowercase();
    out.push_str("://");
    if let Some(user) = user {
        out.push_str(user);
        out.push('@');
    }
    out.push_str(&host::url_host(host)?);
    if let Some(port) = port {
        out.push(':');
        out.push_str(port);
    }
    out.push_str(tail);
    Ok(out)
}

/// `example.com/a`: reports and people leave the scheme out. It is not guessed; what tells the text from a path is a host
/// with a full stop.
fn without_scheme(text: &str) -> Result<String, Invalid> {
    let at = text.find('/').ok_or(Invalid("neither a scheme followed by :// nor a host followed by a slash"))?;
    let (address, tail) = text.split_at_checked(at).unwrap_or((text, ""));
    let (host, port) = split_port(address);
    if !host.contains('.') || port.is_some_and(|port| port.is_empty() || !is_port(port)) {
        return Err(Invalid("no scheme followed by ://, and no host name before the slash"));
    }
    let mut out = host::url_host(host)?;
    if let Some(port) = port {
        out.push(':');
        out.push_str(port);
    }
    out.push_str(tail);
    Ok(out)
}

/// RFC 3986 section 3.1, from 2 to 21 characters: one letter is a Windows drive.
fn is_scheme(text: &str) -> bool {
    (2..=21).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-'))
}

/// Host and port; the colons inside brackets are the host's.
fn split_port(address: &str) -> (&str, Option<&str>) {
    match address.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => (host, Some(port)),
        _ => (address, None),
    }
}

/// An empty port is the scheme's own.
fn is_port(text: &str) -> bool {
    text.len() <= 5 && text.bytes().all(|b| b.is_ascii_digit()) && (text.is_empty() || text.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn normalises_scheme_and_host_and_nothing_else() {
        check(
            ObservableType::Url,
            &[
                ("HTTP://Example.COM", "http://example.com"),
                ("http://Example.com:80/TEST?Q=a#B", "http://example.com:80/TEST?Q=a#B"),
                ("https://User:Pa@ss@Example.com/%7Efoo", "https://User:Pa@ss@example.com/%7Efoo"),
                ("http://[2001:DB8::0:1]:8080/", "http://[2001:db8::1]:8080/"),
                ("ftp://192.0.2.1/a)b,c.", "ftp://192.0.2.1/a)b,c."),
                ("http://münchen.de/straße", "http://xn--mnchen-3ya.de/straße"),
                ("https://o_o.lgms.nl/", "https://o_o.lgms.nl/"),
                ("http://3232235777/", "http://3232235777/"),
                ("http://localhost:/?a={b}|c", "http://localhost:/?a={b}|c"),
                ("http://example.com./", "http://example.com./"),
                ("http://a.com\\b", "http://a.com\\b"),
                ("Example.com/A?u=http://b.c", "example.com/A?u=http://b.c"),
                ("ms-appinstaller+x.y-1://h/?source=https://e.com/x", "ms-appinstaller+x.y-1://h/?source=https://e.com/x"),
            ],
            &[
                "", "example.com", "localhost/a", "a:/b", "http://", "http:///a", "http://?a", "c://host/x", "1http://a.com", "ht_tp://a.com",
                "http://a b.com", "http://a.com/\u{1b}", "http://[::1", "http://[1.2.3.4]/", "http://[fe80::1%eth0]/",
                "http://a.com:99999/", "http://a.com:8a/", "http://a..com/", "http://$host/", "http://“a.com", "http://a.com/<b>",
                "javascript:alert(1)", "http://user@/",
            ],
        );
    }

    #[test]
    fn keeps_the_longest_and_refuses_more() {
        let longest = format!("http://a.com/{}", "x".repeat(8192 - 13));
        check(ObservableType::Url, &[(&longest, &longest)], &[&format!("{longest}x")]);
    }
}
