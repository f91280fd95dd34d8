//! EUI-48 hardware addresses (IEEE 802), in the three spellings in use, as lower-case octets joined by colons.

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "mac",
    describes: "hardware address (EUI-48), aa:bb:cc:dd:ee:ff",
    family: Family::Host,
    max_length: 17,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let groups = match text.as_bytes().get(2) {
        Some(b':') => text.split(':').map(|group| (group, 2)).collect::<Vec<_>>(),
        Some(b'-') => text.split('-').map(|group| (group, 2)).collect(),
        _ => text.split('.').map(|group| (group, 4)).collect(),
    };
    if text.len() > 17 || groups.iter().any(|(group, digits)| group.len() != *digits) {
        return Err(Invalid("not octets joined by colons or hyphens, nor three groups of four digits joined by dots"));
    }
    let digits: String = groups.into_iter().map(|(group, _)| group).collect();
    let digits = hex_digits(&digits, 12)?;
    let mut out = String::with_capacity(17);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && index % 2 == 0 {
            out.push(':');
        }
        out.push(digit);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn reads_the_three_spellings() {
        check(
            ObservableType::Mac,
            &[
                ("AA:F2:C9:a6:b3:4f", "aa:f2:c9:a6:b3:4f"),
                ("01-23-45-67-89-ab", "01:23:45:67:89:ab"),
                ("ACF2.C9A6.B34F", "ac:f2:c9:a6:b3:4f"),
            ],
            &[
                "", "aa:bb:cc:dd:ee", "aa:bb:cc:dd:ee:ff:00", "aa:bb-cc:dd:ee:ff", "aabbccddeeff", "gg:bb:cc:dd:ee:ff",
                "a:bb:cc:dd:ee:fff", "aabb.ccdd.eef", "::1",
            ],
        );
    }
}
