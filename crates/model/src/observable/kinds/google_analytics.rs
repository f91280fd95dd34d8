//! Google Analytics identifiers: Universal Analytics properties (`UA-`, account and number) and measurement streams (`G-`).

use super::has_prefix;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "google-analytics",
    describes: "Google Analytics identifier, UA-12345678-1 or G-AB12CD34EF",
    family: Family::Account,
    max_length: 18,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    if has_prefix(text, "UA-") {
        let rest = text.get(3..).unwrap_or_default();
        let (account, property) = rest.split_once('-').unwrap_or((rest, "1"));
        if !digits(account, 4, 10) || !digits(property, 1, 4) {
            return Err(Invalid("not UA-, 4 to 10 digits and perhaps a hyphen and 1 to 4 digits"));
        }
        return Ok(text.to_ascii_uppercase());
    }
    let stream = text.strip_prefix("G-").ok_or(Invalid("begins with neither UA- nor G-"))?;
    let fits = stream.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    // Words joined by hyphens are capitals too; a stream without a digit happens once in thirty.
    if !(8..=12).contains(&stream.len()) || !fits || !stream.bytes().any(|b| b.is_ascii_digit()) {
        return Err(Invalid("not G- and 8 to 12 capitals and digits, at least one of them a digit"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_properties_and_streams() {
        check(
            ObservableType::GoogleAnalytics,
            &[("UA-26296840-4", "UA-26296840-4"), ("ua-26296840", "UA-26296840"), ("G-1A2B3C4D5E", "G-1A2B3C4D5E")],
            &["", "UA-", "UA-123", "UA-12345678901", "UA-1234-", "UA-1234-12345", "UA-1234-1-1", "G-SOMETHING", "G-1a2b3c4d", "G-1A2B3C4"],
        );
    }
}
