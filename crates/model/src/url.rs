//! The parts of a URL that detectors and tags look at (RFC 3986, read as leniently as browsers do).
//!
//! No resolution, no normalisation: a view on the text.

use crate::observable::host::numeric_ipv4;
use std::borrow::Cow;
use std::net::IpAddr;

/// A URL with an authority, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Url<'u> {
    /// `https`, as written.
    pub scheme: &'u str,
    /// What stands before the last `@` of the authority.
    pub userinfo: Option<&'u str>,
    /// The host, as written, with the brackets of IPv6.
    pub host: &'u str,
    /// From the first `/` on, without query and fragment.
    pub path: &'u str,
    /// What stands after `?`, without the fragment.
    pub query: &'u str,
}

impl<'u> Url<'u> {
    /// Takes `text` apart; `None` where there is no authority. Schemes of the web need no two slashes: browsers follow
    /// `https:/a.example` and `https:\\a.example` all the same.
    pub fn parse(text: &'u str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = text.split_once(':')?;
        let named = !scheme.is_empty()
            && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        if !named {
            return None;
        }
        let rest = match is_of_the_web(scheme) {
            true => rest.strip_prefix(SLASHES)?.trim_start_matches(SLASHES),
            false => rest.strip_prefix("//")?,
        };
        // Browsers take a backslash for a slash, and attackers know it.
        let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at_checked(end)?;
        let (userinfo, host_port) = match authority.rsplit_once('@') {
            Some((userinfo, host)) => (Some(userinfo), host),
            None => (None, authority),
        };
        let host = if let Some(closed) = host_port.strip_prefix('[').and_then(|inner| inner.find(']')) {
            host_port.get(..closed + 2)?
        } else {
            host_port.split_once(':').map_or(host_port, |(host, _)| host)
        };
        let before_fragment = tail.split_once('#').map_or(tail, |(before, _)| before);
        let (path, query) = before_fragment.split_once('?').unwrap_or((before_fragment, ""));
        (!host.is_empty()).then_some(Self {
            scheme,
            userinfo,
            host,
            path,
            query,
        })
    }

    /// Whether a browser opens it as a page.
    pub fn is_of_the_web(&self) -> bool {
        is_of_the_web(self.scheme)
    }

    /// The address, where the host is one, in whatever spelling browsers accept.
    pub fn address(&self) -> Option<IpAddr> {
        let host = self.host.trim_start_matches('[').trim_end_matches(']');
        host.parse().ok().or_else(|| numeric_ipv4(host).map(IpAddr::V4))
    }
}

/// What browsers take for a slash.
const SLASHES: [char; 2] = ['/', '\\'];

/// Whether a scheme, in any case, is one that browsers open as a page; defanged ones, too.
fn is_of_the_web(scheme: &str) -> bool {
    ["http", "https", "hxxp", "hxxps"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Percent-encoding undone once (RFC 3986, section 2.1). What is not UTF-8 then becomes U+FFFD.
pub fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digit = |byte: Option<u8>| {
            byte.and_then(|b| char::from(b).to_digit(16))
                .and_then(|d| u8::try_from(d).ok())
        };
        match (byte, digit(ahead.next()), digit(ahead.next())) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                rest = ahead;
            }
            _ => out.push(byte),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, userinfo: Option<&str>, host: &str, path: &str) {
        let url = Url::parse(text).unwrap();
        assert_eq!((url.userinfo, url.host, url.path), (userinfo, host, path), "{text}");
    }

    #[test]
    fn the_last_at_sign_ends_the_userinfo() {
        check("http://brand.com@evil.test/a", Some("brand.com"), "evil.test", "/a");
        check("http://a@b@c.test", Some("a@b"), "c.test", "");
        check("http://c.test/a@b", None, "c.test", "/a@b");
        check(r"http://c.test\@b", None, "c.test", r"\@b");
    }

    #[test]
    fn ports_queries_and_fragments_are_not_the_host() {
        check("https://c.test:8443?q#f", None, "c.test", "");
        check("http://[2001:db8::1]:80/x?y#z", None, "[2001:db8::1]", "/x");
        assert!(Url::parse("http://[2001:db8::1]:80/x").unwrap().address().is_some());
    }

    #[test]
    fn what_has_no_authority_is_no_url() {
        for text in [
            "mailto:a@b.test",
            "http://",
            "http:",
            "http:a",
            "ftp:/a",
            "://x",
            "1://x",
            "plain",
        ] {
            assert_eq!(Url::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_web_needs_no_two_slashes() {
        check("https:/c.test/a", None, "c.test", "/a");
        check("HTTP:///c.test?q", None, "c.test", "");
        check(r"https:\\c.test\a", None, "c.test", r"\a");
        check(r"hxxps:/\u@c.test", Some("u"), "c.test", "");
        assert!(
            Url::parse("https:/c.test").unwrap().is_of_the_web()
                && !Url::parse("ftp://c.test").unwrap().is_of_the_web()
        );
    }

    #[test]
    fn addresses_are_read_as_browsers_read_them() {
        for (host, expected) in [
            ("203.0.113.66", Some("203.0.113.66")),
            ("0xCB.0.0x71.0102", Some("203.0.113.66")),
            ("3405803842", Some("203.0.113.66")),
            ("203.0.29000", Some("203.0.113.72")),
            ("203.0.113.66.1", None),
            ("256.1.1.1", None),
            ("1.2.65536", None),
            ("4294967296", None),
            ("a.example", None),
            ("+1", None),
            ("08", None),
        ] {
            let text = format!("http://{host}/");
            let found = Url::parse(&text).unwrap().address().map(|address| address.to_string());
            assert_eq!(found.as_deref(), expected, "{host}");
        }
    }

    #[test]
    fn percent_encoding_is_undone_once() {
        assert_eq!(
            percent_decoded("https%3A%2F%2Fa.example%2F%2541%zz%4"),
            "https://a.example/%41%zz%4"
        );
    }
}
