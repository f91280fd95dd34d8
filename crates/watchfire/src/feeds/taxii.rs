//! Collections of a TAXII 2.1 server: `…/collections/ID/objects/`, read page by page as STIX (OASIS TAXII 2.1, sections
//! 3.4 and 5.4). Discovery is not walked: a feed is one collection, and the server's page of collections names them.

use crate::Problem;

/// What a client of TAXII 2.1 accepts.
pub(super) const ACCEPT: &str = "application/taxii+json;version=2.1";

/// Whether a URL is that of a collection's objects.
pub(super) fn is_collection(url: &str) -> bool {
    matches!(tail(url).as_slice(), [.., "collections", _, "objects"])
}

/// The URL of a collection's objects, where `url` is of a collection and lacks `objects/`.
pub(super) fn objects(url: &str) -> Result<Option<String>, Problem> {
    let (path, query) = match url.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (url, String::new()),
    };
    let bare = path.trim_end_matches('/');
    match tail(url).as_slice() {
        [.., "collections"] => {
            let why = format!("'{url}' is a server's list of collections, and a feed is one of them");
            Err(Problem::new(why).hint(format!("add the identifier of one: {bare}/ID/objects/")))
        }
        // Without the slash, servers redirect or refuse.
        [.., "collections", _, "objects"] => Ok(Some(format!("{bare}/{query}"))),
        [.., "collections", _] => Ok(Some(format!("{bare}/objects/{query}"))),
        _ => Ok(None),
    }
}

/// The segments of a URL's path.
fn tail(url: &str) -> Vec<&str> {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let path = path.split_once("://").map_or(path, |(_, path)| path);
    path.split('/').skip(1).filter(|segment| !segment.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, expected: Option<&str>) {
        assert_eq!(objects(url).unwrap().as_deref(), expected, "{url}");
        assert!(expected.is_none_or(is_collection), "{url}");
    }

    #[test]
    fn a_collection_is_known_by_its_path() {
        let whole = Some("https://t.test/api/collections/91a7/objects/");
        check("https://t.test/api/collections/91a7/objects/", whole);
        check("https://t.test/api/collections/91a7/objects", whole);
        check("https://t.test/api/collections/91a7/", whole);
        check("https://t.test/api/collections/91a7", whole);
        check(
            "https://t.test/api/collections/91a7/?limit=9",
            Some("https://t.test/api/collections/91a7/objects/?limit=9"),
        );
        check("https://t.test/bundle.json", None);
        check("https://collections/bundle.json", None);
        assert!(objects("https://t.test/api/collections/").is_err());
    }
}
