//! Numbers of autonomous systems (RFC 6793), written `AS64496`, `ASN64496`, `AS 64496` or in asdot (RFC 5396).

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "asn",
    describes: "autonomous system number, AS64496",
    family: Family::Catalogue,
    max_length: 12,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let upper = text.get(..text.len().min(24)).ok_or(Invalid("not AS and a number"))?.to_ascii_uppercase();
    let number = upper
        .strip_prefix("ASN")
        .or_else(|| upper.strip_prefix("AS"))
        .ok_or(Invalid("does not begin with AS"))?;
    let number = number.strip_prefix([' ', '-', ':', '#']).unwrap_or(number).trim_start_matches(' ');
    let value = match number.split_once('.') {
        Some((high, low)) => asdot(high, low),
        None => decimal(number),
    };
    match value {
        Some(1..) if text.len() <= 24 => Ok(format!("AS{}", value.unwrap_or_default())),
        _ => Err(Invalid("not a number from 1 to 4294967295")),
    }
}

/// Two 16-bit halves.
fn asdot(high: &str, low: &str) -> Option<u32> {
    let half = |text| decimal(text).and_then(|half| u16::try_from(half).ok());
    Some(u32::from(half(high)?) << 16 | u32::from(half(low)?))
}

fn decimal(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    plain.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn reads_every_spelling_of_a_number() {
        check(
            ObservableType::Asn,
            &[
                ("AS64496", "AS64496"),
                ("asn1234", "AS1234"),
                ("AS 64496", "AS64496"),
                ("ASN: 15169", "AS15169"),
                ("AS1.10", "AS65546"),
                ("AS4294967295", "AS4294967295"),
            ],
            &["", "AS", "AS0", "64496", "AS4294967296", "AS007", "AS1.65536", "ASx", "AS+1", "AS 1 2", "AS1.2.3"],
        );
    }
}
