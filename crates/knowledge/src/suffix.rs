//! Public suffixes: where a registrable domain begins.
//!
//! The Public Suffix List (publicsuffix.org) with both of its sections, so that `user.github.io` is a registrable domain
//! of its own. Its default rule `*` is deliberately not applied: what no rule covers is unknown.

use crate::packed::names::Names;

static RULES: Names = Names::new(include_bytes!("../data/suffix.bin"));

/// Bits of a rule's value. Shared with the packer.
pub(crate) const SUFFIX: u16 = 1;
/// Every name one label longer is a suffix.
pub(crate) const WILDCARD: u16 = 2;
/// No suffix, although a wildcard says so.
pub(crate) const EXCEPTION: u16 = 4;

/// The public suffix of `host`, a lower-case ASCII name: `co.uk` of `www.example.co.uk`. `None` where no rule applies.
pub fn public_suffix(host: &str) -> Option<&str> {
    split(host).map(|(suffix, _)| suffix)
}

/// The registrable domain at the end of `host`, a lower-case ASCII name: `example.co.uk` of `www.example.co.uk`.
/// `None` where the host is itself a public suffix or no rule applies.
pub fn registrable(host: &str) -> Option<&str> {
    split(host).and_then(|(_, registrable)| registrable)
}

/// The longest suffix that a rule names, and the name one label longer.
fn split(host: &str) -> Option<(&str, Option<&str>)> {
    // The longest rule has far fewer labels. What lies further left cannot change the answer.
    const MOST_LABELS: usize = 16;
    let mut labels = 0;
    let mut suffix = None;
    let mut registrable = None;
    let mut parent = "";
    let mut below_wildcard = false;
    RULES.walk(host, |domain, rule| {
        // An empty label (`..`, a leading dot) ends what can be said about the name.
        if domain.is_empty() || domain.starts_with('.') {
            return false;
        }
        let rule = rule.unwrap_or_default();
        if rule & EXCEPTION != 0 {
            suffix = Some(parent);
            registrable = Some(domain);
            return false;
        }
        if rule & SUFFIX != 0 || below_wildcard {
            suffix = Some(domain);
            registrable = None;
        } else if suffix == Some(parent) {
            registrable = Some(domain);
        }
        below_wildcard = rule & WILDCARD != 0;
        parent = domain;
        labels += 1;
        labels < MOST_LABELS
    });
    suffix.map(|suffix| (suffix, registrable))
}

/// How many rules there are.
pub(crate) fn entries() -> usize {
    RULES.iter().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(host: &str, suffix: Option<&str>, domain: Option<&str>) {
        assert_eq!(public_suffix(host), suffix, "{host}");
        assert_eq!(registrable(host), domain, "{host}");
    }

    #[test]
    fn the_longest_rule_wins() {
        check("example.com", Some("com"), Some("example.com"));
        check("a.b.example.com", Some("com"), Some("example.com"));
        check("www.example.co.uk", Some("co.uk"), Some("example.co.uk"));
        check("example.uk", Some("uk"), Some("example.uk"));
        check("www.city.kobe.jp", Some("kobe.jp"), Some("city.kobe.jp"));
        check("x.xn--p1ai", Some("xn--p1ai"), Some("x.xn--p1ai"));
        check("a.b.xn--55qx5d.cn", Some("xn--55qx5d.cn"), Some("b.xn--55qx5d.cn"));
    }

    #[test]
    fn a_suffix_is_nobodys_domain() {
        for suffix in ["com", "co.uk", "github.io", "zip", "xn--p1ai"] {
            check(suffix, Some(suffix), None);
        }
    }

    #[test]
    fn private_suffixes_count() {
        check("user.github.io", Some("github.io"), Some("user.github.io"));
        check("a.user.github.io", Some("github.io"), Some("user.github.io"));
        check("evil.blogspot.com", Some("blogspot.com"), Some("evil.blogspot.com"));
    }

    #[test]
    fn wildcards_and_their_exceptions() {
        check("ck", None, None);
        check("x.ck", Some("x.ck"), None);
        check("a.x.ck", Some("x.ck"), Some("a.x.ck"));
        check("www.ck", Some("ck"), Some("www.ck"));
        check("a.www.ck", Some("ck"), Some("www.ck"));
        check("b.c.kobe.jp", Some("c.kobe.jp"), Some("b.c.kobe.jp"));
    }

    #[test]
    fn what_no_rule_covers_is_unknown() {
        for host in [
            "",
            ".",
            "a",
            "host.notatld",
            "setup.exe",
            "a..com.",
            "com.",
            "192.0.2.1",
        ] {
            check(host, None, None);
        }
    }

    #[test]
    fn empty_labels_end_the_name() {
        check("a..com", Some("com"), None);
        check(".com", Some("com"), None);
    }

    #[test]
    fn very_long_hosts_are_answered() {
        let host = format!("{}example.co.uk", "a.".repeat(10_000));
        check(&host, Some("co.uk"), Some("example.co.uk"));
    }

    #[test]
    fn the_list_is_whole() {
        assert!(RULES.iter().count() > 10_000);
        for (key, value) in RULES.iter() {
            assert_eq!(RULES.get(key), Some(value));
        }
    }
}
