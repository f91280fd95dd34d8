//! Secrets that evidence shows: passwords, and what stands for them.

use crate::Untrusted;
use serde::{Serialize, Serializer};
use std::fmt;

/// Text that gives access to something. It prints and serialises as `***` until somebody [reveals](Secret::reveal) it, so
/// that none leaves the house by accident.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret {
    text: Untrusted,
    is_shown: bool,
}

impl Secret {
    /// What is seen instead.
    pub const MASK: &'static str = "***";

    /// Takes text as it is.
    pub fn new(text: impl Into<Untrusted>) -> Self {
        Self {
            text: text.into(),
            is_shown: false,
        }
    }

    /// From now on it is seen.
    pub fn reveal(&mut self) {
        self.is_shown = true;
    }

    /// The secret itself.
    pub fn raw(&self) -> &str {
        self.text.raw()
    }

    fn seen(&self) -> Option<&Untrusted> {
        self.is_shown.then_some(&self.text)
    }
}

/// Escaped, and only if it was revealed.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seen() {
            Some(text) => text.fmt(f),
            None => f.write_str(Self::MASK),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({self})")
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.seen() {
            Some(text) => text.serialize(serializer),
            None => serializer.serialize_str(Self::MASK),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_until_somebody_reveals_them() {
        let mut secret = Secret::new("hunter2");
        let shown = |secret: &Secret| format!("{secret} {secret:?} {}", serde_json::to_string(secret).unwrap());
        assert_eq!(shown(&secret), r#"*** Secret(***) "***""#);
        secret.reveal();
        assert_eq!(shown(&secret), r#"hunter2 Secret(hunter2) "hunter2""#);
        assert_eq!(secret.raw(), "hunter2");
    }
}
