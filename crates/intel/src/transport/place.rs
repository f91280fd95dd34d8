//! Where a URL is: what decides whether a secret may go along, and where an answer sends to (RFC 3986, section 5).

use reqwest::Url;

/// Whether two URLs are of one scheme, host and port. What cannot be read is of none.
pub fn is_same_origin(one: &str, other: &str) -> bool {
    match (Url::parse(one), Url::parse(other)) {
        (Ok(one), Ok(other)) => one.has_host() && one.origin() == other.origin(),
        _ => false,
    }
}

/// What `target` is, read at `base`: an absolute URL, or nothing where it makes none.
pub fn joined(base: &str, target: &str) -> Option<String> {
    let url = Url::parse(base).ok()?.join(target).ok()?;
    (url.has_host() && url.username().is_empty() && url.password().is_none()).then(|| url.into())
}

/// The host of a URL, for messages.
pub fn host(url: &str) -> Option<String> {
    Some(Url::parse(url).ok()?.host_str()?.to_owned())
}

/// A URL with these parameters of its query in the place of those of the same names, if any.
pub fn with_parameters(url: &str, parameters: &[(&str, &str)]) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| parameters.iter().all(|(own, _)| own != name))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let mut query = url.query_pairs_mut();
    query.clear().extend_pairs(kept).extend_pairs(parameters);
    drop(query);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_scheme_host_and_port() {
        let check = |one, other, same| assert_eq!(is_same_origin(one, other), same, "{one} {other}");
        check("https://a.test/x", "https://A.test:443/y?z", true);
        check("https://a.test/x", "http://a.test/x", false);
        check("https://a.test/x", "https://a.test.evil.example/x", false);
        check("https://a.test/x", "https://a.test@evil.example/x", false);
        check("https://a.test/x", "https://a.test:444/", false);
        check("x", "x", false);
        check("file:///a", "file:///a", false);
    }

    #[test]
    fn targets_are_read_where_they_stand() {
        let check = |base, target, is: Option<&str>| assert_eq!(joined(base, target).as_deref(), is, "{target}");
        check("https://a.test/x/y?q", "z", Some("https://a.test/x/z"));
        check("https://a.test/x/y", "/z", Some("https://a.test/z"));
        check("https://a.test/x", "//b.test/z", Some("https://b.test/z"));
        check("https://a.test/x", "\\\\b.test\\z", Some("https://b.test/z"));
        check("https://a.test/x", "https://u:p@a.test/", None);
        check("https://a.test/x", "data:text/plain,x", None);
    }

    #[test]
    fn parameters_are_replaced_and_escaped() {
        let with = |url, parameters: &[(&str, &str)]| with_parameters(url, parameters).unwrap();
        assert_eq!(
            with("https://a.test/x?n=1&k=v", &[("n", "a&b")]),
            "https://a.test/x?k=v&n=a%26b"
        );
        assert_eq!(with("https://a.test/x", &[("next", "2")]), "https://a.test/x?next=2");
    }
}
