//! How a key goes along with a request for a feed.

use crate::bundle::base64;
use crate::enrichers::{self, Key, web};
use std::borrow::Cow;
use watchfire_model::Invalid;
use watchfire_model::transport::Request;

/// Where a publisher looks for a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// A parameter of the URL.
    Query(Cow<'static, str>),
    /// A header that holds the key and nothing else.
    Header(Cow<'static, str>),
    /// `Authorization: Bearer` (RFC 6750).
    Bearer,
    /// `Authorization: Basic` (RFC 7617); the key is `name:password`.
    Basic,
}

impl KeyPlace {
    /// Reads `bearer`, `basic`, `header:NAME` or `query:NAME`.
    ///
    /// # Errors
    /// When it is none of these.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let named = |name: &str| {
            let token = name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
            let fits = token && (1..=64).contains(&name.len());
            fits.then(|| Cow::Owned(name.to_owned()))
                .ok_or(Invalid("not the name of a header or parameter"))
        };
        match text.split_once(':') {
            None if text == "bearer" => Ok(Self::Bearer),
            None if text == "basic" => Ok(Self::Basic),
            Some(("header", name)) => named(name).map(Self::Header),
            Some(("query", name)) => named(name).map(Self::Query),
            _ => Err(Invalid("none of bearer, basic, header:NAME, query:NAME")),
        }
    }

    /// The request with the key in its place.
    #[must_use]
    pub fn attach(&self, mut request: Request, key: &Key) -> Request {
        let key = key.reveal();
        let (name, value) = match self {
            Self::Query(name) => {
                request.url.push(if request.url.contains('?') { '&' } else { '?' });
                request.url.push_str(&web::form(&[(name, key)]));
                return request;
            }
            Self::Header(name) => (name.clone(), key.to_owned()),
            Self::Bearer => (Cow::Borrowed("Authorization"), format!("Bearer {key}")),
            Self::Basic => (
                Cow::Borrowed("Authorization"),
                format!("Basic {}", base64(key.as_bytes())),
            ),
        };
        request.headers.push((name, value));
        request
    }
}

/// The key that goes along with a well-known feed. Publishers give one for everything that they serve: it is that of the
/// provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedKey {
    /// The provider, as in [`enrichers::PROVIDERS`].
    pub provider: &'static str,
    /// Where the key goes.
    pub place: KeyPlace,
    /// Whether there is no feed without.
    pub is_required: bool,
}

impl FeedKey {
    /// The environment variable that the key is read from.
    pub fn variable(&self) -> Option<&'static str> {
        enrichers::provider(self.provider)?.info().key.variable()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(place: &str, key: &str, url: &str, header: Option<(&str, &str)>) {
        let place = KeyPlace::parse(place).unwrap();
        let request = place.attach(Request::get("https://a.test/x?y=1"), &Key::new(key).unwrap());
        assert_eq!(request.url, url);
        let first = request.headers.first().map(|(name, value)| (&**name, value.as_str()));
        assert_eq!(first, header);
    }

    #[test]
    fn keys_go_where_publishers_look_for_them() {
        let bare = "https://a.test/x?y=1";
        check(
            "query:auth-key",
            "a&b=c d",
            "https://a.test/x?y=1&auth-key=a%26b%3Dc%20d",
            None,
        );
        check("header:apiKey", "k", bare, Some(("apiKey", "k")));
        check("bearer", "k", bare, Some(("Authorization", "Bearer k")));
        check("basic", "me:pw", bare, Some(("Authorization", "Basic bWU6cHc=")));
    }

    #[test]
    fn other_places_are_refused() {
        for text in [
            "",
            "digest",
            "header:",
            "header:a b",
            "query:a&b",
            "bearer:x",
            "header:a\r\nb",
        ] {
            assert!(KeyPlace::parse(text).is_err(), "{text}");
        }
    }
}
