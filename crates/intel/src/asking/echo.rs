//! A key that comes back is not told: servers for debugging, and proxies that look into what passes, repeat what they were
//! asked. What is kept, read and shown has `***` in its place.

use crate::bundle::base64;
use crate::enrichers::escaped;
use memchr::memmem;

/// Shorter keys than any provider gives out could be part of any word. Bytes.
const SHORTEST: usize = 6;

/// `body` without `key`, in whatever form a request carries it.
pub(super) fn unsaid(mut body: Vec<u8>, key: &str) -> Vec<u8> {
    if key.len() < SHORTEST {
        return body;
    }
    for form in [
        key.to_owned(),
        escaped(key),
        base64(key.as_bytes()),
        key.replace('/', "\\/"),
    ] {
        body = blotted(body, form.as_bytes());
    }
    body
}

fn blotted(body: Vec<u8>, secret: &[u8]) -> Vec<u8> {
    let places: Vec<usize> = memmem::find_iter(&body, secret).collect();
    if places.is_empty() {
        return body;
    }
    let mut out = Vec::with_capacity(body.len());
    let mut from = 0;
    for place in places {
        out.extend_from_slice(body.get(from..place).unwrap_or_default());
        out.extend_from_slice(b"***");
        from = place + secret.len();
    }
    out.extend_from_slice(body.get(from..).unwrap_or_default());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, key: &str, expected: &str) {
        let said = unsaid(body.as_bytes().to_vec(), key);
        assert_eq!(String::from_utf8(said).unwrap(), expected);
    }

    #[test]
    fn every_form_of_a_key_is_blotted_out() {
        check("a s3cr3t+key, s3cr3t+key!", "s3cr3t+key", "a ***, ***!");
        check("?key=s3cr3t%2Bkey&x", "s3cr3t+key", "?key=***&x");
        check("Basic dXNlcjpwYXNzd29yZA==", "user:password", "Basic ***");
        check("{\"k\":\"ab\\/cdefg\"}", "ab/cdefg", "{\"k\":\"***\"}");
        check("nothing here", "s3cr3t+key", "nothing here");
        check("a word", "word", "a word");
    }
}
