//! What the kinds of accounts share: finding the path of a profile's address, and the charset of a name.

use super::strip_prefix_ignoring_case;

/// Sub-domains that lead to the same profiles on every platform.
const MIRRORS: [&str; 6] = ["www", "m", "mobile", "web", "touch", "mbasic"];

/// The path behind the host, without its first slash, if `text` is an address on one of `hosts` or a mirror of it (a
/// language such as `de-de.` included). `None` if it is no such address, so perhaps a bare handle.
pub(super) fn on_site<'a>(text: &'a str, hosts: &[&str]) -> Option<&'a str> {
    let address = ["https://", "http://"]
        .iter()
        .find_map(|scheme| strip_prefix_ignoring_case(text, scheme))
        .unwrap_or(text);
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let same_site = |site: &&str| match split_end(host, site.len()) {
        Some(("", name)) => name.eq_ignore_ascii_case(site),
        Some((mirror, name)) => name.eq_ignore_ascii_case(site) && mirror.strip_suffix('.').is_some_and(is_mirror),
        None => false,
    };
    hosts.iter().any(same_site).then_some(path)
}

/// The last `length` bytes and what is before them.
fn split_end(text: &str, length: usize) -> Option<(&str, &str)> {
    text.split_at_checked(text.len().checked_sub(length)?)
}

fn is_mirror(label: &str) -> bool {
    let language = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic());
    MIRRORS.iter().any(|mirror| mirror.eq_ignore_ascii_case(label))
        || label.split('-').count() <= 2 && label.split('-').all(language)
}

/// The first segment of a path, and what follows its slash.
pub(super) fn segment(path: &str) -> (&str, &str) {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split_once('/').unwrap_or((path, ""))
}

/// The name in a profile's address or in a bare handle, without its `@`.
pub(super) fn name<'a>(text: &'a str, hosts: &[&str]) -> &'a str {
    let handle = on_site(text, hosts).map_or(text, |path| segment(path).0);
    handle.strip_prefix('@').unwrap_or(handle)
}

/// Whether `text` has a length in the bounds and only ASCII letters, digits and the `others`.
pub(super) fn is_word(text: &str, least: usize, most: usize, others: &[u8]) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || others.contains(&b))
}

/// Whether `name` is one of the platform's own paths.
pub(super) fn is_reserved(name: &str, reserved: &[&str]) -> bool {
    reserved.iter().any(|path| path.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_path_on_a_site_and_its_mirrors() {
        for text in [
            "x.com/a",
            "https://X.com/a",
            "http://www.x.com/a",
            "m.x.com/a",
            "de-de.x.com/a",
            "uk.x.com/a",
        ] {
            assert_eq!(on_site(text, &["x.com"]), Some("a"), "{text}");
        }
        assert_eq!(on_site("x.com", &["x.com"]), Some(""));
        for text in [
            "evilx.com/a",
            "dropbox.com/a",
            "docs.x.com/a",
            "x.com.evil.com/a",
            ".x.com/a",
            "a",
            "",
            "éx.com/a",
        ] {
            assert_eq!(on_site(text, &["x.com"]), None, "{text}");
        }
    }

    #[test]
    fn takes_the_name_from_address_or_handle() {
        for text in [
            "t.me/bob",
            "https://t.me/bob/42?single",
            "@bob",
            "bob",
            "https://t.me/@bob#x",
        ] {
            assert_eq!(name(text, &["t.me"]), "bob", "{text}");
        }
    }
}
