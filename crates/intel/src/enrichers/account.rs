//! How a provider is reached: where, with which key, on which plan.

use std::fmt;
use watchfire_model::KeyId;

/// A key. It shows itself as `***`, whatever is done to print it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(Box<str>);

impl Key {
    /// Takes a key; white space around it is dropped, since files end with a line break. Nothing for an empty one, and
    /// for one with characters that cannot stand in a header.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        let sound = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
        sound.then(|| Self(text.into()))
    }

    /// The key itself: for a header, never for a message.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// How a provider is reached.
#[derive(Clone, Debug)]
pub struct Account {
    base: String,
    key: Option<Key>,
    plan: &'static str,
}

impl Account {
    /// An account at `base`, an absolute URL; slashes at its end say nothing.
    pub fn new(base: &str, key: Option<Key>, plan: &'static str) -> Self {
        Self {
            base: base.trim().trim_end_matches('/').to_owned(),
            key,
            plan,
        }
    }

    /// Where the provider is, without a slash at the end.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The name of the plan.
    pub fn plan(&self) -> &'static str {
        self.plan
    }

    /// Whether there is a key.
    pub fn has_key(&self) -> bool {
        self.key.is_some()
    }

    /// The key, or nothing at all.
    pub(crate) fn key(&self) -> &str {
        self.key.as_ref().map_or("", Key::reveal)
    }

    /// Names the key without telling it.
    pub fn key_id(&self) -> KeyId {
        self.key.as_ref().map_or(KeyId::NONE, |key| KeyId::of(key.reveal()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_never_shown() {
        let key = Key::new(" s3cr3t-key\n").unwrap();
        let account = Account::new("https://a.test/", Some(key.clone()), "free");
        let shown = format!("{key} {key:?} {account:?} {:?}", account.key_id());
        assert!(!shown.contains("s3cr3t"), "{shown}");
        assert_eq!(account.key(), "s3cr3t-key");
        assert_eq!(account.base(), "https://a.test");
    }

    #[test]
    fn what_cannot_stand_in_a_header_is_no_key() {
        for text in ["", "  ", "a\r\nHost: b", "ключ"] {
            assert_eq!(Key::new(text), None, "{text:?}");
        }
    }
}
