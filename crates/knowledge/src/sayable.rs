//! Names that nobody can say: machines make them, and nobody is meant to remember them.
//!
//! Counted in letters a to z, in any language that is written with them. Nothing here says that a name is bad: acronyms
//! and numbers of customers are unsayable, too.

/// Whether nobody could say `label`, lower case: too many consonants in a row, hardly a vowel, or letters and digits in turns.
/// Short ones can always be said.
pub fn is_unsayable(label: &str) -> bool {
    if label.len() < 7 || label.starts_with("xn--") {
        return false;
    }
    let (mut run, mut longest) = (0_usize, 0);
    let (mut vowels, mut letters, mut digits, mut turns) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut before = None;
    for c in label.chars() {
        let vowel = matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
        // Letters that stand for one sound together count once.
        let joined = matches!(
            (before, c),
            (Some('s' | 'c'), 'c' | 'h' | 'k') | (Some('t' | 'p'), 'h') | (Some('n'), 'g') | (Some('t'), 'z')
        );
        run = match c.is_ascii_alphabetic() && !vowel {
            true if joined => run,
            true => run + 1,
            false => 0,
        };
        longest = longest.max(run);
        vowels += usize::from(vowel);
        letters += usize::from(c.is_ascii_alphabetic());
        digits += usize::from(c.is_ascii_digit());
        let turned = before.is_some_and(|before: char| before.is_ascii_digit() != c.is_ascii_digit());
        turns += usize::from(turned && c.is_ascii_alphanumeric());
        before = Some(c);
    }
    let few = letters >= 8 && vowels * 8 < letters;
    let mixed = turns >= 3 && digits >= 2 && letters >= 3;
    longest >= 6 || (longest == 5 && vowels * 5 < letters) || few || mixed
}

#[cfg(test)]
mod tests {
    use super::is_unsayable;

    #[test]
    fn names_can_be_said() {
        for label in ["iswrfjzkktior", "wfqzxkpl", "972fbpo03c", "6v30k8uo6s", "zvhjkxgy"] {
            assert!(is_unsayable(label), "{label}");
        }
        for label in [
            "microsoft",
            "amazon",
            "strength",
            "deutschepost",
            "schmidt",
            "office365",
            "mailchimp",
            "hp",
            "em3017",
            "sparkasse",
            "westernunion",
            "mindspring",
            "krungthai",
            "rechtsschutz",
            "xn--mnchen-3ya",
            "bund",
            "news24",
            "4shared",
        ] {
            assert!(!is_unsayable(label), "{label}");
        }
    }
}
