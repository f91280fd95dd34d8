//! Telephone numbers in international form (ITU-T E.164): a plus sign or 00, an assigned country code, at most 15 digits. The
//! national numbering plans are not known here, except the lengths of codes 1 and 7.

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "phone",
    describes: "telephone number in international form, +442079460958",
    family: Family::Account,
    max_length: 16,
    by_default: false,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > 40 {
        return Err(Invalid("too long"));
    }
    let rest = text.strip_prefix('+').or_else(|| text.strip_prefix("00")).ok_or(Invalid("begins with neither + nor 00"))?;
    // The zero in brackets is dialled only from inside the country.
    let rest = rest.replacen("(0)", "", 1);
    if !rest.starts_with(|c: char| c.is_ascii_digit() || c == '(') || !rest.ends_with(|c: char| c.is_ascii_digit()) {
        return Err(Invalid("does not begin and end in a digit"));
    }
    if !rest.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '\u{A0}' | '-' | '.' | '/' | '(' | ')')) {
        return Err(Invalid("has a character that no telephone number has"));
    }
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    if !(7..=15).contains(&digits.len()) {
        return Err(Invalid("has not 7 to 15 digits"));
    }
    if !is_assigned(&digits) {
        return Err(Invalid("the country code is not assigned"));
    }
    let national = |code, wanted: usize| digits.strip_prefix(code).is_some_and(|rest: &str| rest.len() != wanted);
    if national("1", 10) || national("7", 10) {
        return Err(Invalid("the number has not ten digits after its country code"));
    }
    Ok(format!("+{digits}"))
}

/// Country codes of ITU Operational Bulletin 1114 and later: one, two or three digits, no code the start of another.
fn is_assigned(digits: &str) -> bool {
    let number = |width| digits.get(..width).and_then(|code: &str| code.parse::<u16>().ok()).unwrap_or(0);
    matches!(number(1), 1 | 7)
        || matches!(number(2), 20 | 27 | 30..=34 | 36 | 39..=41 | 43..=49 | 51..=58 | 60..=66 | 81 | 82 | 84 | 86 | 90..=95 | 98)
        || matches!(number(3),
            211..=213 | 216 | 218 | 220..=258 | 260..=269 | 290 | 291 | 297..=299 | 350..=359 | 370..=383 | 385..=387 | 389
            | 420 | 421 | 423 | 500..=509 | 590..=599 | 670 | 672..=683 | 685..=692 | 800 | 808 | 850 | 852 | 853 | 855
            | 856 | 870 | 878 | 880..=883 | 886 | 888 | 960..=968 | 970..=977 | 979 | 992..=996 | 998)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn keeps_plus_and_digits() {
        check(
            ObservableType::Phone,
            &[
                ("+44 (0)20 7946 0958", "+442079460958"),
                ("0049 30/901820", "+4930901820"),
                ("+1 (202) 555-0143", "+12025550143"),
                ("+380.44.123.4567", "+380441234567"),
            ],
            &["", "+", "+1", "02079460958", "+1234567", "+2101234567", "+44 20 79x6", "+999123456789", "+1234567890123456", "+44 20 7946 095-", "1.2.3.4"],
        );
    }
}
