//! Check digits of bank accounts and cards.

/// Luhn's formula (ISO/IEC 7812-1 annex B) over decimal digits, the last being the check digit.
pub(in crate::observable) fn luhn(digits: &str) -> bool {
    let sum: Option<u32> = digits.chars().rev().enumerate().try_fold(0_u32, |sum, (index, c)| {
        let digit = c.to_digit(10)?;
        let weighted = if index % 2 == 0 {
            digit
        } else {
            digit * 2 / 10 + digit * 2 % 10
        };
        sum.checked_add(weighted)
    });
    sum.is_some_and(|sum| sum % 10 == 0)
}

/// MOD 97-10 of ISO 7064 over digits and letters, a letter counting as 10 to 35. `None` if there is anything else.
pub(in crate::observable) fn mod97(text: impl Iterator<Item = char>) -> Option<u32> {
    text.map(|c| c.to_digit(36)).try_fold(0, |rest, digit| {
        let digit = digit?;
        Some((rest * if digit < 10 { 10 } else { 100 } + digit) % 97)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_finds_a_changed_digit() {
        assert!(luhn("79927398713"));
        assert!(!luhn("79927398710"));
        assert!(!luhn("7992739871x"));
    }

    #[test]
    fn mod97_gives_one_for_the_example_of_iso_13616() {
        assert_eq!(mod97("WEST12345698765432GB82".chars()), Some(1));
        assert_eq!(mod97("12-3".chars()), None);
    }
}
