//! OpenPGP public keys in ASCII armor (RFC 9580 section 6.2). The packet must be a public key; its checksum line is not verified,
//! as the RFC asks. Private keys are secrets and are not read as observables.

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "pgp-key",
    describes: "OpenPGP public key block",
    family: Family::Text,
    max_length: 65536,
    by_default: true,
    parse,
};

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END: &str = "-----END PGP PUBLIC KEY BLOCK-----";

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > SPEC.max_length {
        return Err(Invalid("longer than 65536 bytes"));
    }
    let mut lines = text.trim().lines().map(str::trim);
    if lines.next() != Some(BEGIN) {
        return Err(Invalid("does not begin with the armor of a public key"));
    }
    let mut out = format!("{BEGIN}\n");
    let (mut headers, mut body, mut ended) = (true, 0_usize, false);
    for line in lines {
        if ended {
            return Err(Invalid("something follows the armor"));
        }
        ended = line == END;
        // Armor without a header is written without the blank line too.
        headers = headers && (line.is_empty() || line.contains(": ")) && body == 0;
        if !ended && !headers && !line.is_empty() {
            check_line(line, body == 0)?;
            body += line.len();
        }
        out.push_str(line);
        out.push('\n');
    }
    if !ended || body < 16 {
        return Err(Invalid("the armor is not closed, or holds no key"));
    }
    out.truncate(out.trim_end().len());
    Ok(out)
}

/// A line of base64 or the checksum. The first must open a packet with the tag of a public key: 6, in either format.
fn check_line(line: &str, first: bool) -> Result<(), Invalid> {
    let fits = line.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'='));
    if !fits || line.len() > 128 {
        return Err(Invalid("a line is not base64"));
    }
    if first && !line.starts_with(['m', 'x']) {
        return Err(Invalid("does not hold a public key"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    const ARMOR: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----\nComment: Bob's key\n\nmDMEXEcE6RYJKwYBBAHaRw8BAQdArjWwk3FAqyiFbFBKT4TzXcVBqPTB3gmzlC/U\n=iIGO\n-----END PGP PUBLIC KEY BLOCK-----";

    #[test]
    fn takes_the_armor_with_even_line_ends() {
        check(
            ObservableType::PgpKey,
            &[(ARMOR, ARMOR), (&format!("\n{}\r\n", ARMOR.replace('\n', "\r\n")), ARMOR)],
            &[
                "",
                "-----BEGIN PGP PUBLIC KEY BLOCK-----",
                "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n-----END PGP PUBLIC KEY BLOCK-----",
                &ARMOR.replace("PUBLIC", "PRIVATE"),
                &ARMOR.replace("mDME", "lDME"),
                &ARMOR.replace("mDME", "m!ME"),
                &ARMOR.replace("-----END PGP PUBLIC KEY BLOCK-----", ""),
                &format!("{ARMOR}\nmore"),
            ],
        );
    }
}
