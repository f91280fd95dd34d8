//! E-mail addresses: `addr-spec` of RFC 5322 and RFC 5321 without comments, with the internationalised characters of RFC 6531.
//!
//! The whole address is lower-cased, as nobody's mailbox depends on the case. What is quoted is literal and stays as written, and
//! the `IPv6:` of an address literal keeps the spelling of RFC 5321.

use super::is_letter;
use crate::observable::host;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "email",
    describes: "e-mail address, user@example.com",
    family: Family::Network,
    max_length: 320,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > 64 + 1 + host::MAX_HOST * 4 {
        return Err(Invalid("longer than an address may be"));
    }
    let (local, domain) = text.rsplit_once('@').ok_or(Invalid("no @"))?;
    if local.is_empty() || local.len() > 64 {
        return Err(Invalid("the part before the @ has not 1 to 64 bytes"));
    }
    let quoted = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let mut out = match quoted {
        Some(text) if is_quoted(text) => local.to_owned(),
        None if local.split('.').all(is_atom) => local.to_lowercase(),
        _ => return Err(Invalid("the part before the @ is neither words joined by dots nor quoted")),
    };
    let domain = match domain.strip_prefix('[') {
        Some(literal) => address_literal(literal)?,
        None => host::domain(domain)?,
    };
    // A small letter may take more bytes than its capital.
    if out.len() > 64 {
        return Err(Invalid("the part before the @ has not 1 to 64 bytes"));
    }
    out.push('@');
    out.push_str(&domain);
    Ok(out)
}

/// `atext` of RFC 5322 section 3.2.3, and the letters and digits of any script (RFC 6531 section 3.3).
fn is_atom(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| is_letter(c) || "!#$%&'*+-/=?^_`{|}~".contains(c))
}

/// The inside of a quoted string: printable ASCII, a backslash before each quote and backslash.
fn is_quoted(text: &str) -> bool {
    let mut escaped = false;
    for c in text.chars() {
        match c {
            _ if !matches!(c, ' '..='~') => return false,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return false,
            _ => {}
        }
    }
    !escaped && !text.is_empty()
}

/// RFC 5321 section 4.1.3, after the opening bracket.
fn address_literal(text: &str) -> Result<String, Invalid> {
    let inner = text.strip_suffix(']').ok_or(Invalid("the address literal is not closed"))?;
    if let Some(address) = host::parse_ipv4(inner.as_bytes()) {
        return Ok(format!("[{address}]"));
    }
    let address = match inner.split_at_checked(5) {
        Some((tag, address)) if tag.eq_ignore_ascii_case("ipv6:") => host::parse_ipv6(address.as_bytes()),
        _ => None,
    };
    match address {
        Some(address) => Ok(format!("[IPv6:{address}]")),
        None => Err(Invalid("the address literal is not an IP address")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn lower_cases_the_whole_address() {
        check(
            ObservableType::Email,
            &[
                ("Foo.Bar+tag@Example.COM", "foo.bar+tag@example.com"),
                ("o'neil@example.ie", "o'neil@example.ie"),
                ("\"John..Doe\"@example.com", "\"John..Doe\"@example.com"),
                ("\"a\\\"@b\"@example.com", "\"a\\\"@b\"@example.com"),
                ("test@[192.168.0.1]", "test@[192.168.0.1]"),
                ("jsmith@[ipv6:2001:DB8:0::1]", "jsmith@[IPv6:2001:db8::1]"),
                ("Jörg@München.de", "jörg@xn--mnchen-3ya.de"),
            ],
            &[
                "", "@example.com", "a@", "a", ".a@example.com", "a.@example.com", "a..b@example.com", "a b@example.com",
                "a@b@example.com", "\"a\"b\"@example.com", "\"foo@bar.com", "a@localhost", "a@[1.2.3]", "a@[1.2.3.4", "a@1.2.3.4",
                "a(comment)@example.com", "“a@example.com",
            ],
        );
    }

    #[test]
    fn bounds_the_local_part() {
        let longest = format!("{}@example.com", "a".repeat(64));
        check(ObservableType::Email, &[(&longest, &longest)], &[&format!("a{longest}"), "“a@example.com"]);
    }
}
