//! Hosts of observables, and which of them reports quote.

use super::vocabulary::{PLATFORMS, REFERENCE_SITES};
use watchfire_knowledge::{infrastructure, suffix};
use watchfire_model::{ObservableType as Type, Observed};

/// The warninglist of vendors' blogs.
const VENDORS: &str = "security-provider-blogpost";

/// The host of a domain, URL, e-mail address or socket.
pub(super) fn of(seen: &Observed) -> Option<&str> {
    let value = seen.observable.raw();
    match seen.observable.kind() {
        Type::Domain | Type::Onion | Type::Ipv4 | Type::Ipv6 => Some(value),
        Type::Email | Type::Xmpp => value.rsplit_once('@').map(|(_, host)| host),
        Type::Url => {
            let rest = value.split_once("://").map_or(value, |(_, rest)| rest);
            let authority = rest.split(['/', '?', '#']).next()?;
            Some(without_port(authority.rsplit('@').next()?))
        }
        Type::Socket => Some(without_port(value)),
        _ => None,
    }
    .filter(|host| !host.is_empty())
}

fn without_port(authority: &str) -> &str {
    if let Some(bracketed) = authority.strip_prefix('[') {
        return bracketed.split(']').next().unwrap_or_default();
    }
    authority.split(':').next().unwrap_or_default()
}

/// The domain that somebody registered; the last two labels where the Public Suffix List says nothing.
pub(super) fn registrable(host: &str) -> &str {
    suffix::registrable(host).unwrap_or_else(|| {
        let dot = host.rmatch_indices('.').nth(1).map(|(at, _)| at + 1);
        dot.and_then(|at| host.get(at..)).unwrap_or(host)
    })
}

/// The domain and those above it, longest first.
pub(super) fn ancestors(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |host| host.split_once('.').map(|(_, rest)| rest)).take(16)
}

/// Anyone can write there.
pub(super) fn is_platform(host: &str) -> bool {
    ancestors(host).any(|host| PLATFORMS.binary_search(&host).is_ok()) && !is_listed_reference(host)
}

/// A host that many share, by our own list and the warninglists: to block it whole would hit the wrong ones.
pub(super) fn is_shared(host: &str) -> bool {
    if is_platform(host) || is_listed_reference(host) {
        return true;
    }
    let mut hits = Vec::new();
    infrastructure::host(host, &mut hits);
    hits.iter().any(|hit| {
        matches!(
            hit.list.role,
            infrastructure::Role::Shared | infrastructure::Role::Disposable
        )
    })
}

/// A site that reports quote, and that attackers do not write to.
pub(super) fn is_reference(host: &str) -> bool {
    if is_listed_reference(host) {
        return true;
    }
    let mut hits = Vec::new();
    infrastructure::host(host, &mut hits);
    !is_platform(host) && hits.iter().any(|hit| hit.list.name == VENDORS)
}

/// On our own list of such sites.
pub(super) fn is_listed_reference(host: &str) -> bool {
    ancestors(host).any(|host| REFERENCE_SITES.binary_search(&host).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(PLATFORMS.is_sorted());
        assert!(REFERENCE_SITES.is_sorted());
    }

    #[test]
    fn a_reference_site_below_a_platform_is_none() {
        assert!(is_platform("gist.github.com"));
        assert!(!is_platform("web.archive.org"));
        assert!(is_reference("web.archive.org"));
        assert!(is_reference("www.virustotal.com"));
        assert!(!is_reference("raw.githubusercontent.com"));
    }

    #[test]
    fn names_without_a_rule_have_two_labels() {
        assert_eq!(registrable("www.vendor.example"), "vendor.example");
        assert_eq!(registrable("example"), "example");
    }
}
