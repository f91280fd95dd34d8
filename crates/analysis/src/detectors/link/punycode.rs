//! Punycode (RFC 3492): the Unicode behind `xn--` labels. Decoding only, and no IDNA rules: whatever a label would show
//! is shown.

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;

/// The Unicode of a host whose labels may be encoded. Labels that do not decode stay as they are.
pub(super) fn to_unicode(host: &str) -> String {
    let labels = host.split('.').map(|label| {
        let encoded = label
            .get(..4)
            .filter(|prefix| prefix.eq_ignore_ascii_case("xn--"))
            .and(label.get(4..));
        encoded.and_then(decode).unwrap_or_else(|| label.to_lowercase())
    });
    labels.collect::<Vec<_>>().join(".")
}

/// One label without its prefix (RFC 3492, section 6.2). A label has at most 63 bytes, which bounds the insertions.
fn decode(label: &str) -> Option<String> {
    if label.len() > 63 {
        return None;
    }
    let (basic, extended) = label.rsplit_once('-').unwrap_or(("", label));
    let mut output: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (128u32, 0u32, 72u32);
    let mut digits = extended.bytes().peekable();
    while digits.peek().is_some() {
        let before = i;
        let mut weight = 1u32;
        let mut k = BASE;
        loop {
            let digit = digit(digits.next()?)?;
            i = i.checked_add(digit.checked_mul(weight)?)?;
            let threshold = k.saturating_sub(bias).clamp(T_MIN, T_MAX);
            if digit < threshold {
                break;
            }
            weight = weight.checked_mul(BASE - threshold)?;
            k += BASE;
        }
        let length = u32::try_from(output.len()).ok()? + 1;
        bias = adapt(i - before, length, before == 0);
        n = n.checked_add(i / length)?;
        i %= length;
        output.insert(usize::try_from(i).ok()?, char::from_u32(n)?);
        i += 1;
    }
    Some(output.into_iter().collect())
}

fn digit(byte: u8) -> Option<u32> {
    match byte {
        b'a'..=b'z' => Some(u32::from(byte - b'a')),
        b'A'..=b'Z' => Some(u32::from(byte - b'A')),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 26),
        _ => None,
    }
}

fn adapt(delta: u32, length: u32, first: bool) -> u32 {
    let mut delta = if first { delta / DAMP } else { delta / 2 };
    delta += delta / length;
    let mut k = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_decode_as_the_rfc_says() {
        for (encoded, expected) in [
            ("xn--mnchen-3ya.de", "münchen.de"),
            ("XN--mnchen-3ya.de", "münchen.de"),
            ("xn--80ak6aa92e.com", "аррӏе.com"),
            ("xn--p1ai", "рф"),
            ("plain.example", "plain.example"),
            ("xn--", ""),
            ("xn--99999999", "xn--99999999"),
        ] {
            assert_eq!(to_unicode(encoded), expected);
        }
    }
}
