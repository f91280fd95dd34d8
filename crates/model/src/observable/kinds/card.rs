//! Numbers of payment cards (ISO/IEC 7812): Luhn's check digit, and the ranges and lengths that the schemes issue. Blanks and
//! hyphens between groups are taken out.

use crate::observable::checksum::decimal::luhn;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "card",
    describes: "payment card number, check digit verified",
    family: Family::Payment,
    max_length: 19,
    by_default: false,
    parse,
};

/// First and last issuer prefix, of equal length, and the shortest and longest number.
const RANGES: [(u32, u32, usize, usize); 30] = [
    (4, 4, 13, 13),
    (4, 4, 16, 16),
    (4, 4, 19, 19),
    (51, 55, 16, 16),
    (2221, 2720, 16, 16),
    (34, 34, 15, 15),
    (37, 37, 15, 15),
    (6011, 6011, 16, 19),
    (622_126, 622_925, 16, 19),
    (644, 649, 16, 19),
    (65, 65, 16, 19),
    (300, 305, 14, 19),
    (3095, 3095, 14, 19),
    (36, 36, 14, 19),
    (38, 39, 14, 19),
    (3528, 3589, 16, 19),
    (62, 62, 16, 19),
    (81, 81, 16, 19),
    (5018, 5018, 12, 19),
    (5020, 5020, 12, 19),
    (5038, 5038, 12, 19),
    (5893, 5893, 12, 19),
    (6304, 6304, 12, 19),
    (6759, 6759, 12, 19),
    (6761, 6763, 12, 19),
    (2200, 2204, 16, 19),
    (60, 60, 16, 16),
    (82, 82, 16, 16),
    (508, 508, 16, 16),
    (9792, 9792, 16, 16),
];

fn parse(text: &str) -> Result<String, Invalid> {
    // Nineteen digits in groups of at least two.
    if text.len() > 30 {
        return Err(Invalid("too long"));
    }
    if !text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b' ' | b'-')) || text.split([' ', '-']).any(str::is_empty) {
        return Err(Invalid("has something other than digits and single blanks or hyphens between them"));
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let issued = RANGES.iter().any(|(first, last, shortest, longest)| {
        let width = first.ilog10() as usize + 1;
        let prefix = digits.get(..width).and_then(|prefix| prefix.parse::<u32>().ok());
        (shortest..=longest).contains(&&digits.len()) && prefix.is_some_and(|prefix| (first..=last).contains(&&prefix))
    });
    if !issued {
        return Err(Invalid("no scheme issues this prefix with this length"));
    }
    if !luhn(&digits) {
        return Err(Invalid("the check digit does not fit"));
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_prefix_length_and_check_digit() {
        check(
            ObservableType::Card,
            &[
                ("4111 1111 1111 1111", "4111111111111111"),
                ("5555-5555-5555-4444", "5555555555554444"),
                ("378282246310005", "378282246310005"),
                ("6011111111111117", "6011111111111117"),
                ("3530111333300000", "3530111333300000"),
                ("30569309025904", "30569309025904"),
                ("2223003122003222", "2223003122003222"),
            ],
            &["", "4111111111111112", "411111111111111", "0000000000000000", "9999999999999995", "4111  1111 1111 1111", "4111.1111.1111.1111", "-4111111111111111"],
        );
    }
}
