//! CWE identifiers of weaknesses (MITRE Common Weakness Enumeration).

use super::strip_label;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "cwe",
    describes: "CWE identifier, CWE-79",
    family: Family::Catalogue,
    max_length: 9,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let number = strip_label(text, "CWE").ok_or(Invalid("does not begin with CWE and a hyphen"))?;
    let plain = number.bytes().all(|b| b.is_ascii_digit()) && !number.starts_with('0');
    if !plain || !(1..=5).contains(&number.len()) {
        return Err(Invalid("the number has not 1 to 5 digits"));
    }
    Ok(format!("CWE-{number}"))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn joins_label_and_number_with_a_hyphen() {
        check(
            ObservableType::Cwe,
            &[("CWE-79", "CWE-79"), ("cwe 1321", "CWE-1321"), ("CWE‑89", "CWE-89")],
            &["", "CWE", "CWE-", "CWE-0", "CWE-079", "CWE-123456", "CWE79", "CWE-7a", "CWEs-79"],
        );
    }
}
