//! The words of the vocabulary's enumerations: the same in every format, because they come from one place, their
//! serialised form.

use serde::Serialize;

/// The word that `value` is serialised as.
pub(crate) fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        // Not an enumeration without content. There is none such in the vocabulary, and a test would show it.
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_model::{DiagnosticSeverity, Encoding, Role, Via};

    #[test]
    fn words_are_those_of_json() {
        assert_eq!(word(Role::Indicator), "indicator");
        assert_eq!(word(Encoding::Utf16Le), "utf-16le");
        assert_eq!(word(Via::EmbeddedUrl), "embedded-url");
        assert_eq!(word(DiagnosticSeverity::Warning), "warning");
    }
}
