//! Identifiers of GitHub security advisories: `GHSA` and three groups of four from an alphabet without look-alikes.

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "ghsa",
    describes: "GitHub security advisory, GHSA-jfh8-c2jp-5v3q",
    family: Family::Catalogue,
    max_length: 19,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let mut groups = text.split('-');
    if text.len() != 19 || !groups.next().is_some_and(|label| label.eq_ignore_ascii_case("GHSA")) {
        return Err(Invalid("does not begin with GHSA, or has not 19 characters"));
    }
    let lower = groups.clone().collect::<Vec<_>>().join("-").to_ascii_lowercase();
    if groups.clone().count() != 3 || groups.any(|group| group.len() != 4) {
        return Err(Invalid("not three groups of four"));
    }
    if !lower.bytes().all(|b| b"23456789cfghjmpqrvwx-".contains(&b)) {
        return Err(Invalid("has a character that no advisory has"));
    }
    Ok(format!("GHSA-{lower}"))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_three_groups_of_its_alphabet() {
        check(
            ObservableType::Ghsa,
            &[("GHSA-jfh8-c2jp-5v3q", "GHSA-jfh8-c2jp-5v3q"), ("ghsa-JFH8-C2JP-5V3Q", "GHSA-jfh8-c2jp-5v3q")],
            &["", "GHSA-jfh8-c2jp", "GHSA-jfh8-c2jp-5v3", "GHSA-jfh8-c2jp-5v31", "GHSA-jfh8-c2jp-5v3a", "GHSA-jfh-8c2jp-5v3q", "XHSA-jfh8-c2jp-5v3q"],
        );
    }
}
