//! Google Tag Manager containers: `GTM-` and 4 to 9 capitals and digits.

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "google-tag-manager",
    describes: "Google Tag Manager container, GTM-AB12CD",
    family: Family::Account,
    max_length: 13,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let container = text.strip_prefix("GTM-").ok_or(Invalid("does not begin with GTM-"))?;
    let fits = container.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    if !(4..=9).contains(&container.len()) || !fits {
        return Err(Invalid("not 4 to 9 capitals and digits"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_capitals_and_digits() {
        check(ObservableType::GoogleTagManager, &[("GTM-AB12CD", "GTM-AB12CD"), ("GTM-5N4L", "GTM-5N4L")], &["", "GTM-", "GTM-ABC", "gtm-start", "GTM-AB12CD34EF", "GTM-ab12cd"]);
    }
}
