//! The words of the vocabulary's enumerations, as every format writes them. A test holds them to their JSON forms.

use watchfire_model::{DiagnosticSeverity, Encoding, Role, Via};

pub(crate) const fn role(role: Role) -> &'static str {
    match role {
        Role::Mentioned => "mentioned",
        Role::Indicator => "indicator",
        Role::Reference => "reference",
        Role::Publisher => "publisher",
    }
}

pub(crate) const fn encoding(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Utf16Le => "utf-16le",
        Encoding::Utf16Be => "utf-16be",
        Encoding::Base64 => "base64",
        Encoding::Hex => "hex",
        Encoding::Percent => "percent",
    }
}

pub(crate) const fn via(via: Via) -> &'static str {
    match via {
        Via::Url => "url",
        Via::Email => "email",
        Via::Socket => "socket",
        Via::EmbeddedUrl => "embedded-url",
        Via::Profile => "profile",
        Via::Link => "link",
    }
}

pub(crate) const fn severity(severity: DiagnosticSeverity) -> &'static str {
    match severity {
        DiagnosticSeverity::Note => "note",
        DiagnosticSeverity::Warning => "warning",
        DiagnosticSeverity::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    #[track_caller]
    fn check(value: impl Serialize, word: &str) {
        assert_eq!(serde_json::to_value(value).unwrap(), serde_json::Value::from(word));
    }

    #[test]
    fn words_are_those_of_json() {
        for value in [Role::Mentioned, Role::Indicator, Role::Reference, Role::Publisher] {
            check(value, role(value));
        }
        for value in [
            Encoding::Utf16Le,
            Encoding::Utf16Be,
            Encoding::Base64,
            Encoding::Hex,
            Encoding::Percent,
        ] {
            check(value, encoding(value));
        }
        for value in [
            Via::Url,
            Via::Email,
            Via::Socket,
            Via::EmbeddedUrl,
            Via::Profile,
            Via::Link,
        ] {
            check(value, via(value));
        }
        for value in [
            DiagnosticSeverity::Note,
            DiagnosticSeverity::Warning,
            DiagnosticSeverity::Error,
        ] {
            check(value, severity(value));
        }
    }
}
