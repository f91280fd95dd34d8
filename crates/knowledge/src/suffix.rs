//! Public suffixes: where a registrable domain begins.

/// The public suffix of `host`, a lower-case ASCII name: `co.uk` of `www.example.co.uk`. `None` where no rule applies.
pub fn public_suffix(host: &str) -> Option<&str> {
    let suffix = host.rsplit('.').next()?;
    crate::tld::is_tld(suffix.as_bytes()).then_some(suffix)
}

/// The registrable domain at the end of `host`, a lower-case ASCII name: `example.co.uk` of `www.example.co.uk`.
/// `None` where the host is itself a public suffix or no rule applies.
pub fn registrable(host: &str) -> Option<&str> {
    let suffix = public_suffix(host)?;
    let rest = host.strip_suffix(suffix)?.strip_suffix('.')?;
    let start = rest.rfind('.').map_or(0, |dot| dot + 1);
    host.get(start..)
}
