//! JA4 fingerprints of TLS clients over TCP, QUIC and DTLS: `t13d1516h2_8daaf6152771_b186095e22b6` (FoxIO, 2023). The other
//! JA4+ fingerprints are not read.

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "ja4",
    describes: "TLS client fingerprint, t13d1516h2_8daaf6152771_b186095e22b6",
    family: Family::Fingerprint,
    max_length: 36,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let mut parts = text.split('_');
    let (Some(head), Some(ciphers), Some(extensions), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(Invalid("not three parts joined by underscores"));
    };
    let &[transport, v0, v1, sni, c0, c1, e0, e1, first, last] = head.as_bytes() else {
        return Err(Invalid("the first part has not ten characters"));
    };
    if !matches!(transport.to_ascii_lowercase(), b't' | b'q' | b'd') {
        return Err(Invalid("the transport is not t, q or d"));
    }
    // TLS, SSL and DTLS versions; 00 is one the tool did not know.
    let version = [v0.to_ascii_lowercase(), v1];
    if ![b"00", b"10", b"11", b"12", b"13", b"s1", b"s2", b"s3", b"d1", b"d2", b"d3"].contains(&&version) {
        return Err(Invalid("the version is not of TLS, SSL or DTLS"));
    }
    if !matches!(sni.to_ascii_lowercase(), b'd' | b'i') {
        return Err(Invalid("the server name is neither d nor i"));
    }
    if ![c0, c1, e0, e1].iter().all(u8::is_ascii_digit) {
        return Err(Invalid("the counts of ciphers and extensions are not digits"));
    }
    if !first.is_ascii_alphanumeric() || !last.is_ascii_alphanumeric() {
        return Err(Invalid("the ALPN is not of letters and digits"));
    }
    let ciphers = hex_digits(ciphers, 12)?;
    let extensions = hex_digits(extensions, 12)?;
    // Protocol names are case-sensitive, so the two characters of ALPN stay as they are.
    let (settings, alpn) = head.split_at_checked(8).unwrap_or((head, ""));
    Ok(format!("{}{alpn}_{ciphers}_{extensions}", settings.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_the_three_transports() {
        check(
            ObservableType::Ja4,
            &[
                ("t13d1516h2_8daaf6152771_b186095e22b6", "t13d1516h2_8daaf6152771_b186095e22b6"),
                ("Q13D0312h3_55B375C5D22E_06cda9e17597", "q13d0312h3_55b375c5d22e_06cda9e17597"),
                ("dd2i460600_000000000000_000000000000", "dd2i460600_000000000000_000000000000"),
            ],
            &[
                "", "t13d1516h2_8daaf6152771", "x13d1516h2_8daaf6152771_b186095e22b6", "t14d1516h2_8daaf6152771_b186095e22b6",
                "t13x1516h2_8daaf6152771_b186095e22b6", "t13d15a6h2_8daaf6152771_b186095e22b6", "t13d1516h-_8daaf6152771_b186095e22b6",
                "t13d1516h2_8daaf615277_b186095e22b6", "t13d1516h2_8daaf6152771_b186095e22b6_a", "t13d1516é_8daaf6152771_b186095e22b6",
            ],
        );
    }
}
