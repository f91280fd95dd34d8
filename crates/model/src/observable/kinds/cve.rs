//! CVE identifiers (CVE Numbering Authority rules): year and at least four digits. A blank, an underscore or a typographic
//! dash between them is read as the hyphen that was meant.

use super::{strip_dash, strip_label};
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "cve",
    describes: "CVE identifier, CVE-2014-0160",
    family: Family::Catalogue,
    max_length: 28,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let rest = strip_label(text, "CVE").ok_or(Invalid("does not begin with CVE and a hyphen"))?;
    let (year, rest) = rest.split_at_checked(4).ok_or(Invalid("no year"))?;
    // The first list is of 1999.
    if !year.parse::<u16>().is_ok_and(|year| (1999..=2099).contains(&year)) {
        return Err(Invalid("the year is not 1999 to 2099"));
    }
    let number = strip_dash(rest).ok_or(Invalid("no hyphen after the year"))?;
    if !(4..=19).contains(&number.len()) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Invalid("the number has not 4 to 19 digits"));
    }
    Ok(format!("CVE-{year}-{number}"))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn joins_year_and_number_with_hyphens() {
        check(
            ObservableType::Cve,
            &[
                ("cve-2014-0160", "CVE-2014-0160"),
                ("CVE 2014-1001", "CVE-2014-1001"),
                ("CVE‑2021–44228", "CVE-2021-44228"),
                ("CVE_2017_0144", "CVE-2017-0144"),
                ("CVE-2016-00000", "CVE-2016-00000"),
                ("CVE-1999-1234567890123456789", "CVE-1999-1234567890123456789"),
            ],
            &[
                "", "CVE", "CVE-2014", "CVE-2014-", "CVE-2014-123", "CVE-1800-0000", "CVE-20100-0000", "CVE-2014-12345678901234567890",
                "CVE-2014-12a4", "CVE20140160", "CVE-+014-0160", "XCVE-2014-0160",
            ],
        );
    }
}
