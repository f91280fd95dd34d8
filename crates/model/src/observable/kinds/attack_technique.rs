//! Techniques and sub-techniques of MITRE ATT&CK, `T1059` and `T1059.001`. Shape only: which exist, and which were revoked, is
//! for whoever holds the matrix. The slash of the site's addresses is read as the full stop.

use super::is_number;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "attack-technique",
    describes: "ATT&CK technique, T1059 or T1059.001",
    family: Family::Catalogue,
    max_length: 9,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let rest = text.strip_prefix(['T', 't']).ok_or(Invalid("does not begin with T"))?;
    let (technique, sub) = match rest.split_once(['.', '/']) {
        Some((technique, sub)) => (technique, Some(sub)),
        None => (rest, None),
    };
    if !is_number(technique, 4) {
        return Err(Invalid("the technique has not four digits"));
    }
    match sub {
        None => Ok(format!("T{technique}")),
        Some(sub) if is_number(sub, 3) => Ok(format!("T{technique}.{sub}")),
        Some(_) => Err(Invalid("the sub-technique has not three digits")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_techniques_and_sub_techniques() {
        check(
            ObservableType::AttackTechnique,
            &[("T1059", "T1059"), ("t1546.004", "T1546.004"), ("T1059/001", "T1059.001"), ("T0800", "T0800")],
            &["", "T", "T105", "T10590", "T1059.", "T1059.01", "T1059.0001", "TA0001", "T1059-001", "T１０５９"],
        );
    }
}
