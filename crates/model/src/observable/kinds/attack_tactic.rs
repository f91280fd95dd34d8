//! Tactics of MITRE ATT&CK, `TA0001`. Shape only.

use super::is_number;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "attack-tactic",
    describes: "ATT&CK tactic, TA0001",
    family: Family::Catalogue,
    max_length: 6,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let upper = text.to_ascii_uppercase();
    match upper.strip_prefix("TA") {
        Some(number) if is_number(number, 4) => Ok(upper),
        _ => Err(Invalid("not TA and four digits")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_four_digits() {
        check(ObservableType::AttackTactic, &[("TA0001", "TA0001"), ("ta0043", "TA0043")], &["", "TA", "TA001", "TA00011", "T0001", "TA000x"]);
    }
}
