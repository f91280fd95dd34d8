//! UUIDs (RFC 9562), with or without braces or `urn:uuid:`. Versions 1 to 8 of its own variant, Microsoft's older variant, nil
//! and max.

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "uuid",
    describes: "UUID, 123e4567-e89b-42d3-a456-426614174000",
    family: Family::Host,
    max_length: 36,
    by_default: false,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}').ok_or(Invalid("the brace is not closed"))?,
        None => text.strip_prefix("urn:uuid:").unwrap_or(text),
    };
    let groups: Vec<&str> = inner.splitn(6, '-').collect();
    if !groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) {
        return Err(Invalid("not five groups of 8, 4, 4, 4 and 12 digits"));
    }
    let digits = hex_digits(&groups.concat(), 32)?;
    let (version, variant) = (digits.as_bytes().get(12), digits.as_bytes().get(16));
    let fits = match variant {
        Some(b'8'..=b'b') => matches!(version, Some(b'1'..=b'8')),
        Some(b'c' | b'd') => true,
        _ => digits.bytes().all(|b| b == b'0') || digits.bytes().all(|b| b == b'f'),
    };
    if !fits {
        return Err(Invalid("the version or variant is not of RFC 9562"));
    }
    Ok(inner.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_its_spellings_and_checks_version_and_variant() {
        check(
            ObservableType::Uuid,
            &[
                ("123E4567-E89B-42D3-A456-426614174000", "123e4567-e89b-42d3-a456-426614174000"),
                ("{00020400-0000-0000-C000-000000000046}", "00020400-0000-0000-c000-000000000046"),
                ("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
                ("00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000"),
            ],
            &[
                "", "123e4567-e89b-42d3-a456-42661417400", "123e4567e89b42d3a456426614174000", "123e4567-e89b-92d3-a456-426614174000",
                "123e4567-e89b-42d3-7456-426614174000", "{123e4567-e89b-42d3-a456-426614174000", "123e4567-e89b-42d3-a456-42661417400g",
                "123e4567-e89b-42d3-a456-426614174000-",
            ],
        );
    }
}
