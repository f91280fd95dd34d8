//! What a record holds: values under names.

use std::borrow::Cow;

/// A value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'v> {
    /// Text.
    Text(&'v str),
    /// A whole number.
    Integer(i64),
    /// A number.
    Float(f64),
    /// Yes or no.
    Boolean(bool),
    /// The field is there and has no value.
    Null,
}

impl<'v> Value<'v> {
    /// The value as text, which is what rules compare with; nothing for [`Value::Null`].
    pub fn text(self) -> Option<Cow<'v, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Integer(number) => Some(Cow::Owned(number.to_string())),
            Self::Float(number) => Some(Cow::Owned(number.to_string())),
            Self::Boolean(true) => Some(Cow::Borrowed("true")),
            Self::Boolean(false) => Some(Cow::Borrowed("false")),
            Self::Null => None,
        }
    }

    /// The value as a number, where it is one or reads like one.
    #[expect(clippy::cast_precision_loss, reason = "rules compare with numbers far below 2^53")]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Text(text) => {
                let text = text.trim();
                let begins = text.bytes().next()?;
                let could = begins.is_ascii_digit() || matches!(begins, b'-' | b'+' | b'.');
                could.then(|| text.parse().ok()).flatten()
            }
            Self::Integer(number) => Some(number as f64),
            Self::Float(number) => Some(number),
            Self::Boolean(_) | Self::Null => None,
        }
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(is: bool) -> Self {
        Self::Boolean(is)
    }
}
