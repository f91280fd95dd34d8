//! Mitigations of MITRE ATT&CK, `M1036`. Shape only.

use super::is_number;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "attack-mitigation",
    describes: "ATT&CK mitigation, M1036",
    family: Family::Catalogue,
    max_length: 5,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let upper = text.to_ascii_uppercase();
    match upper.strip_prefix('M') {
        Some(number) if is_number(number, 4) => Ok(upper),
        _ => Err(Invalid("not M and four digits")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_four_digits() {
        check(ObservableType::AttackMitigation, &[("M1036", "M1036"), ("m0922", "M0922")], &["", "M", "M103", "M10360", "MA1036", "M103x"]);
    }
}
