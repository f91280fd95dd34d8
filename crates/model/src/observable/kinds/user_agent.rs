//! User agents (RFC 9110 section 10.1.5): products with versions, and comments in brackets. The first product needs a version with
//! a digit, so that `and/or` is none; only a name of two to five words, `Nmap Scripting Engine`, may do without. A bracket left open is kept: malware is known by it.

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "user-agent",
    describes: "user agent, Mozilla/5.0 (…)",
    family: Family::Host,
    max_length: 1024,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > SPEC.max_length {
        return Err(Invalid("longer than 1024 bytes"));
    }
    if text.chars().any(char::is_control) || text.trim() != text {
        return Err(Invalid("has a control character, or a blank at an end"));
    }
    if is_name(text) {
        return Ok(text.to_owned());
    }
    let first = text.split([' ', '(']).next().unwrap_or_default();
    let (product, version) = first.split_once('/').ok_or(Invalid("the first product has no version"))?;
    if product.len() > 64 || !product.starts_with(|c: char| c.is_ascii_alphabetic()) || !product.bytes().all(is_token) {
        return Err(Invalid("the first product is not a name"));
    }
    // Versions hold colons and commas in practice.
    if !version.bytes().any(|b| b.is_ascii_digit()) || !version.bytes().all(|b| is_token(b) || b"/:,;".contains(&b)) {
        return Err(Invalid("the version of the first product has no digit"));
    }
    let mut depth = 0_usize;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1).ok_or(Invalid("a bracket closes that was not opened"))?,
            _ => {}
        }
    }
    Ok(text.to_owned())
}

/// A few plain words of which the first is capitalised, as a program calls itself that tells no version.
fn is_name(text: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    (2..=5).contains(&text.split(' ').count()) && text.starts_with(|c: char| c.is_ascii_uppercase()) && text.split(' ').all(word)
}

/// `tchar` of RFC 9110 section 5.6.2.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_a_product_with_a_version_and_what_follows() {
        let valid = [
            "Mozilla/5.0 (Windows nt 6.1; wow64) Applewebkit/535.11 (khtml, like Gecko) Chrome/17.0.963.56 Safari/535.11",
            "Mozilla/4.0 (compatible; MSIE 6.0",
            "curl/7.68.0",
            "python-requests/2.25.1",
            "Go-http-client/1.1",
            "Nmap Scripting Engine",
        ];
        check(
            ObservableType::UserAgent,
            &valid.map(|agent| (agent, agent)),
            &["", "Mozilla", "and/or", "Mozilla/", "/5.0", "Mozilla/5.0)", " curl/7.0", "curl/7.0\r\nX: y", "http://a.com/1", "5/5", "Nmap  Engine", "this is prose", "Which says. What", "A b c d e f"],
        );
    }
}
