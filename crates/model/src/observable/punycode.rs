//! Punycode (RFC 3492) and the little of IDNA that turns a Unicode host into the name that DNS sees.
//!
//! [`encode_host`] lower-cases, maps full-width forms to ASCII, takes the ideographic full stops for dots and drops what
//! IDNA ignores. It does not compose (NFC) and holds no table of the characters that IDNA 2008 permits: emoji pass, as
//! registries sold them, while punctuation, symbols and invisible characters do not.

use std::iter::successors;

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;
const SKEW: u32 = 38;
const DAMP: u32 = 700;
const INITIAL_BIAS: u32 = 72;
const INITIAL_N: u32 = 0x80;

/// Longest label, in bytes of its A-label (RFC 1035 section 2.3.4).
const MAX_LABEL: usize = 63;

/// Whether a label is announced as an A-label.
pub fn has_prefix(label: &[u8]) -> bool {
    label
        .first_chunk::<4>()
        .is_some_and(|prefix| prefix.eq_ignore_ascii_case(b"xn--"))
}

/// The host as DNS sees it: every label lower-cased, those that are not ASCII as `xn--…`. `None` if a character cannot be
/// in a name, a label is longer than 63 bytes or the host is longer than 253. Dots stay where they are.
pub fn encode_host(host: &str) -> Option<String> {
    if host.len() > super::host::MAX_HOST * 4 {
        return None;
    }
    let mut out = String::with_capacity(host.len() + 16);
    for (index, label) in host.split(['.', '\u{3002}', '\u{FF0E}', '\u{FF61}']).enumerate() {
        if index > 0 {
            out.push('.');
        }
        let folded = fold(label)?;
        if folded.is_ascii() {
            out.push_str(&folded);
        } else {
            out.push_str("xn--");
            out.push_str(&encode(&folded)?);
        }
    }
    let name = out.strip_suffix('.').unwrap_or(&out);
    let fits = name.len() <= super::host::MAX_HOST && name.split('.').all(|label| label.len() <= MAX_LABEL);
    fits.then_some(out)
}

/// The Unicode label behind an A-label, `xn--mnchen-3ya` to `münchen`. `None` if it has no `xn--`, is not the punycode
/// of a text, or says nothing beyond ASCII.
pub fn decode_label(label: &str) -> Option<String> {
    if label.len() > MAX_LABEL || !has_prefix(label.as_bytes()) {
        return None;
    }
    let decoded = decode(&label.get(4..)?.to_ascii_lowercase())?;
    (!decoded.is_ascii()).then_some(decoded)
}

/// Lower case, and whether every character can be in a label.
fn fold(label: &str) -> Option<String> {
    let mut out = String::with_capacity(label.len());
    for c in label.chars() {
        match c {
            // Full-width ASCII is a compatibility spelling of ASCII.
            '\u{FF01}'..='\u{FF5E}' => out.push(fold_ascii(char::from_u32(u32::from(c) - 0xFEE0)?)?),
            // Ignored by UTS #46: soft hyphen, zero-width space, word joiner, byte order mark, variation selectors.
            '\u{AD}' | '\u{200B}' | '\u{2060}' | '\u{FEFF}' | '\u{FE00}'..='\u{FE0F}' => {}
            _ if c.is_ascii() => out.push(fold_ascii(c)?),
            _ if is_forbidden(c) => return None,
            _ => out.extend(c.to_lowercase()),
        }
    }
    Some(out)
}

fn fold_ascii(c: char) -> Option<char> {
    (c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '%' | '~')).then(|| c.to_ascii_lowercase())
}

/// Characters beyond ASCII that no registry delegates: punctuation (curly quotes first of all), symbols and box drawing,
/// invisible formatting, private use.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || (c < '\u{C0}' && !matches!(c, 'ª' | 'µ' | 'º' | '·'))
        || matches!(c,
            '×' | '÷' | '\u{37E}' | '\u{387}' | '\u{589}' | '\u{5BE}' | '\u{60C}' | '\u{61B}'..='\u{61F}' | '\u{66A}'..='\u{66D}'
            | '\u{6D4}' | '\u{2000}'..='\u{206F}' | '\u{20A0}'..='\u{25FF}' | '\u{27C0}'..='\u{2BFF}'
            | '\u{2E00}'..='\u{2E7F}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{30FB}'
            | '\u{E000}'..='\u{F8FF}' | '\u{FD3E}' | '\u{FD3F}' | '\u{FE10}'..='\u{FE6F}' | '\u{FF5F}'..='\u{FF65}'
            | '\u{FFE0}'..='\u{FFFF}' | '\u{E0000}'..='\u{10FFFF}')
}

/// RFC 3492 section 6.3. Quadratic in the label, so a label that cannot fit is turned away first.
fn encode(label: &str) -> Option<String> {
    let length = u32::try_from(label.chars().count()).ok()?;
    if length > MAX_LABEL as u32 {
        return None;
    }
    let mut out: String = label.chars().filter(char::is_ascii).collect();
    let basic = u32::try_from(out.len()).ok()?;
    if basic > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias, mut handled) = (INITIAL_N, 0_u32, INITIAL_BIAS, basic);
    while handled < length {
        let next = label.chars().map(u32::from).filter(|c| *c >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(handled + 1)?)?;
        n = next;
        for c in label.chars().map(u32::from) {
            if c < n {
                delta = delta.checked_add(1)?;
            }
            if c == n {
                push_variable(delta, bias, &mut out)?;
                bias = adapt(delta, handled + 1, handled == basic);
                delta = 0;
                handled += 1;
            }
        }
        delta = delta.checked_add(1)?;
        n += 1;
    }
    Some(out)
}

/// Appends `delta` as a generalised variable-length integer.
fn push_variable(delta: u32, bias: u32, out: &mut String) -> Option<()> {
    let mut q = delta;
    for k in successors(Some(BASE), |k| k.checked_add(BASE)) {
        let t = threshold(k, bias);
        if q < t {
            break;
        }
        out.push(digit(t + (q - t) % (BASE - t))?);
        q = (q - t) / (BASE - t);
    }
    out.push(digit(q)?);
    Some(())
}

/// RFC 3492 section 6.2, for a label without its `xn--`, in lower case.
fn decode(label: &str) -> Option<String> {
    let (basic, extended) = label.rsplit_once('-').unwrap_or(("", label));
    let mut out: Vec<char> = basic.chars().collect();
    let (mut n, mut i, mut bias) = (INITIAL_N, 0_u32, INITIAL_BIAS);
    let mut digits = extended.bytes().peekable();
    while digits.peek().is_some() {
        let old = i;
        let mut weight = 1_u32;
        for k in successors(Some(BASE), |k| k.checked_add(BASE)) {
            let value = digit_value(digits.next()?)?;
            i = i.checked_add(value.checked_mul(weight)?)?;
            let t = threshold(k, bias);
            if value < t {
                break;
            }
            weight = weight.checked_mul(BASE - t)?;
        }
        let count = u32::try_from(out.len()).ok()? + 1;
        bias = adapt(i - old, count, old == 0);
        n = n.checked_add(i / count)?;
        i %= count;
        out.insert(i as usize, char::from_u32(n)?);
        i += 1;
    }
    Some(out.into_iter().collect())
}

fn threshold(k: u32, bias: u32) -> u32 {
    k.saturating_sub(bias).clamp(T_MIN, T_MAX)
}

/// RFC 3492 section 6.1.
fn adapt(delta: u32, count: u32, first: bool) -> u32 {
    let mut delta = if first { delta / DAMP } else { delta / 2 };
    delta += delta / count;
    let mut k = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + SKEW)
}

/// Punycode counts letters first: a to z are 0 to 25, the digits 26 to 35.
fn digit(value: u32) -> Option<char> {
    match u8::try_from(value).ok()? {
        letter @ 0..=25 => Some(char::from(b'a' + letter)),
        digit @ 26..=35 => Some(char::from(b'0' + (digit - 26))),
        _ => None,
    }
}

fn digit_value(byte: u8) -> Option<u32> {
    match byte {
        b'a'..=b'z' => Some(u32::from(byte - b'a')),
        b'0'..=b'9' => Some(u32::from(byte - b'0') + 26),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples of RFC 3492 section 7.1 (A, B, D, F, I, L, P, R, S), lower-cased, and two German cities.
    const SAMPLES: [(&str, &str); 11] = [
        ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"),
        ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
        ("pročprostěnemluvíčesky", "proprostnemluvesky-uyb24dma41a"),
        (
            "यहलोगहिन्दीक्योंनहींबोलसकतेहैं",
            "i1baa7eci9glrd9b2ae1bj0hfcgg6iyaf8o0a1dig0cd",
        ),
        ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"),
        ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
        ("majiでkoiする5秒前", "majikoi5-783gue6qz075azm5e"),
        ("そのスピードで", "d9juau41awczczp"),
        ("bücher", "bcher-kva"),
        ("münchen", "mnchen-3ya"),
        ("ひとつ屋根の下2", "2-u9tlzr9756bt3uc0v"),
    ];

    #[test]
    fn encodes_and_decodes_the_samples_of_the_rfc() {
        for (unicode, ascii) in SAMPLES {
            assert_eq!(encode(unicode).as_deref(), Some(ascii), "{unicode}");
            assert_eq!(decode(ascii).as_deref(), Some(unicode), "{ascii}");
        }
    }

    #[test]
    fn hosts_are_folded_label_by_label() {
        for (host, expected) in [
            ("WWW.München.de", "www.xn--mnchen-3ya.de"),
            ("ｅｘａｍｐｌｅ。com", "example.com"),
            ("пример.испытание", "xn--e1afmkfd.xn--80akhbyknj4f"),
            ("i❤\u{FE0F}.ws", "xn--i-7iq.ws"),
            ("a\u{AD}b.com", "ab.com"),
        ] {
            assert_eq!(encode_host(host).as_deref(), Some(expected), "{host}");
        }
        for host in ["“example.com", "exa mple.com", "a\u{202E}b.com", "a・com", "é!.com"] {
            assert_eq!(encode_host(host), None, "{host}");
        }
        assert_eq!(encode_host(&"ü".repeat(64)), None);
    }

    #[test]
    fn labels_that_say_nothing_or_nonsense_do_not_decode() {
        assert_eq!(decode_label("XN--MNCHEN-3YA").as_deref(), Some("münchen"));
        for label in ["mnchen-3ya", "xn--", "xn--abc-", "xn--a.b", "xn--9999999999", "xn--ü"] {
            assert_eq!(decode_label(label), None, "{label}");
        }
    }

    #[test]
    fn encoding_and_decoding_are_inverse() {
        for first in ['ä', 'ж', '中', '\u{1F600}'] {
            for second in ['a', '9', 'ö', '\u{10380}'] {
                for label in [
                    format!("{first}{second}"),
                    format!("{second}{first}{first}"),
                    format!("x{first}-{second}"),
                ] {
                    let ascii = encode(&label).unwrap();
                    assert_eq!(decode(&ascii).as_deref(), Some(&*label));
                }
            }
        }
    }
}
