//! Hosts as links show and name them.

use crate::{confusable, extension, reserved, suffix, tld};
use watchfire_model::observable::punycode;
use watchfire_model::url::{Url, percent_decoded};

/// The part of a host name that somebody registered: `example.co.uk` of `www.example.co.uk`. Where no public suffix is
/// known (`corp.example`), the last two labels.
pub fn registrable(host: &str) -> &str {
    if let Some(registrable) = suffix::registrable(host) {
        return registrable;
    }
    let mut dots = host.rmatch_indices('.').skip(1);
    dots.next().and_then(|(dot, _)| host.get(dot + 1..)).unwrap_or(host)
}

/// The label that names somebody: `example` of `www.example.co.uk`.
pub fn name(host: &str) -> &str {
    registrable(host).split('.').next().unwrap_or(host)
}

/// Whether a registry may have given the name `site`: letters and digits of any alphabet, and hyphens between them (RFC 5890,
/// section 2.3.1). What lies below it may be called anything.
pub fn may_be_registered(site: &str) -> bool {
    let label = site.split('.').next().unwrap_or(site);
    let inner = |c: char| c.is_alphanumeric() || c == '-' || !c.is_ascii();
    label.chars().all(inner) && !label.starts_with('-') && !label.ends_with('-')
}

/// Whether a host is called after its address, as machines are that nobody gave a name: four numbers of an IPv4 address in a
/// row (`7.113.0.203.host.example.net`, `ec2-203-0-113-7.compute.example`).
pub fn is_numbered(host: &str) -> bool {
    let Some((below, _)) = host.rsplit_once('.') else {
        return false;
    };
    let mut run = 0;
    below.split(['.', '-']).any(|part| {
        let is_octet = (1..=3).contains(&part.len()) && part.parse::<u8>().is_ok();
        run = if is_octet { run + 1 } else { 0 };
        run == 4
    })
}

/// Lower-case, without a final dot, which is how the tables know names. Unicode stays as it is. Dots that somebody
/// defanged are dots again: reported mail often comes so.
pub fn normal(host: &str) -> String {
    host.replace("[.]", ".").trim_end_matches('.').to_lowercase()
}

/// The host that a link into the web leads to, in normal form; nothing for a link to anything else.
pub fn of_link(link: &str) -> Option<String> {
    let url = Url::parse(link).filter(Url::is_of_the_web)?;
    Some(normal(&percent_decoded(url.host)))
}

/// Whether `text` is a host name that a reader would take for one: two labels or more, under a top-level domain that
/// exists or is set aside for examples, and not rather a file name.
pub fn is_host(text: &str) -> bool {
    let labels = text.split('.').all(|label| {
        let inner = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        !label.is_empty() && label.len() <= 63 && label.chars().all(inner)
    });
    let Some((_, last)) = text.rsplit_once('.') else {
        return false;
    };
    let exists = tld::is_tld(last.as_bytes()) || reserved::name(text).is_some();
    labels && text.len() <= 253 && exists && !extension::clashes_with_tld(last.as_bytes())
}

/// The one host that a link's text shows, if it shows one: a URL, or a name such as `www.example.com`. Mail addresses
/// and prose with several names are not a promise about where a link leads.
pub fn shown_in(text: &str) -> Option<String> {
    const LONGEST: usize = 300;
    if text.len() > LONGEST || text.contains('@') {
        return None;
    }
    let mut hosts = text.split_whitespace().filter_map(|word| {
        let word = word.replace("[.]", ".");
        let word = word.trim_matches(|c: char| !c.is_alphanumeric() && c != '/' && c != '-');
        let after_scheme = word.split_once("://").map_or(word, |(_, rest)| rest);
        let host = after_scheme.split(['/', '?', '#', ':']).next()?;
        is_host(host).then(|| normal(host))
    });
    let first = hosts.next()?;
    hosts.all(|host| host == first).then_some(first)
}

/// The host as people see it: labels in punycode decoded, lower case. Those that do not decode stay as they are.
pub fn unicode(host: &str) -> String {
    let labels = host
        .split('.')
        .map(|label| punycode::decode_label(label).unwrap_or_else(|| label.to_lowercase()));
    labels.collect::<Vec<_>>().join(".")
}

/// What a host, as people see it, reads as where that is not what it is, and what that weighs, in thousandths.
pub fn disguise(unicode: &str) -> Option<(String, u16)> {
    let last = unicode.rsplit('.').next()?;
    if unicode.is_ascii() || !last.is_ascii() {
        return None;
    }
    let mut weight = 0;
    let labels = unicode.split('.').map(|label| {
        let reads_as: String = label.chars().map(confusable::latin).collect();
        if label.is_ascii() || !reads_as.is_ascii() {
            return label.to_owned();
        }
        let letters = label.chars().filter(|c| c.is_alphabetic()).count();
        let foreign = label.chars().filter(|c| !c.is_ascii()).count();
        // One or two letters read as anything.
        if letters > 2 {
            weight = weight.max(if foreign < letters { 550 } else { 450 });
        }
        reads_as
    });
    let reads_as = labels.collect::<Vec<_>>().join(".");
    (weight > 0).then_some((reads_as, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_shows_a_host_or_does_not() {
        for (text, expected) in [
            ("www.example.com", Some("www.example.com")),
            ("https://Example.com/login", Some("example.com")),
            ("Visit example.org, now", Some("example.org")),
            ("(docusign.example)", Some("docusign.example")),
            ("click here", None),
            ("setup.py", None),
            ("someone@example.com", None),
            ("example.com or example.org", None),
            ("v1.2.3", None),
            ("etc.", None),
        ] {
            assert_eq!(shown_in(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_link_leads_to_a_host() {
        for (link, expected) in [
            ("https://user@WWW.Example%2Ecom./a", Some("www.example.com")),
            ("hxxp://a[.]example", Some("a.example")),
            ("mailto:a@b.example", None),
            ("ftp://a.example", None),
            ("#top", None),
        ] {
            assert_eq!(of_link(link).as_deref(), expected, "{link}");
        }
    }

    #[test]
    fn names_that_registries_give() {
        for site in ["example.co.uk", "a-1.example", "xn--mnchen-3ya.de", "münchen.de", ""] {
            assert!(may_be_registered(site), "{site}");
        }
        for site in ["my__bank.com", "-a.example", "a-.example", "a b.example"] {
            assert!(!may_be_registered(site), "{site}");
        }
    }

    #[test]
    fn machines_are_called_after_their_address() {
        for host in [
            "7.113.0.203.host.example.net",
            "ec2-203-0-113-7.compute.example",
            "203-0-113-7.example",
        ] {
            assert!(is_numbered(host), "{host}");
        }
        for host in [
            "203.0.113.7",
            "www.example.com",
            "v1-2-3.example",
            "2026-11-22-1.example",
            "a.1.2.3.example",
        ] {
            assert!(!is_numbered(host), "{host}");
        }
    }

    #[test]
    fn what_is_registered_ends_at_the_public_suffix() {
        assert_eq!(registrable("www.example.co.uk"), "example.co.uk");
        assert_eq!(registrable("a.docusign-secure.example"), "docusign-secure.example");
        assert_eq!(
            (registrable("localhost"), name("www.example.co.uk")),
            ("localhost", "example")
        );
    }

    #[test]
    fn only_what_reads_as_ascii_is_a_disguise() {
        for (host, expected) in [
            ("pаypal.com", Some(("paypal.com", 550))),
            ("аррӏе.com", Some(("apple.com", 450))),
            ("münchen.de", None),
            ("почта.com", None),
            ("пример.рф", None),
            ("日本語.jp", None),
            ("paypal.com", None),
        ] {
            let found = disguise(host);
            assert_eq!(
                found.as_ref().map(|(reads, weight)| (reads.as_str(), *weight)),
                expected,
                "{host}"
            );
        }
    }
}
