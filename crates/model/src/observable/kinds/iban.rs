//! International bank account numbers (ISO 13616): two check digits over MOD 97-10, the length of the country in SWIFT's
//! registry, and digits only where the country has nothing else.

use crate::observable::checksum::decimal::mod97;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "iban",
    describes: "bank account number (IBAN), check digits verified",
    family: Family::Payment,
    max_length: 34,
    by_default: true,
    parse,
};

/// Country and length in SWIFT's IBAN registry; a `n` behind it says that the account is digits only.
const COUNTRIES: &str = "AD24 AE23n AL28 AT20n AZ28 BA20n BE16n BG22 BH22 BI27n BR29 BY28 CH21 CR22n CY28 CZ24n DE22n DJ27n DK18n DO28 \
    EE20n EG29n ES24n FI18n FK18 FO18n FR27 GB22 GE22 GI23 GL18n GR27 GT28 HN28 HR21n HU28n IE22 IL23n IQ23 IS26n IT27 JO30 \
    KW30 KZ20 LB28 LC32 LI21 LT20n LU20 LV21 LY25n MC27 MD24 ME22n MK19 MN20n MR27n MT31 MU30 NI28 NL18 NO15n OM23 PK24 \
    PL28n PS29 PT25n QA29 RO24 RS22n RU33 SA24 SC31 SD18n SE24n SI19n SK24n SM27 SO23n ST25n SV28 TL23n TN24n TR26 UA29 \
    VA22n VG24 XK20n YE30";

fn parse(text: &str) -> Result<String, Invalid> {
    // The longest is 34 characters, printed with a blank after every fourth.
    if text.len() > 60 {
        return Err(Invalid("too long"));
    }
    let normal: String = text.chars().filter(|c| !matches!(c, ' ' | '\u{A0}' | '-')).collect();
    let normal = normal.to_ascii_uppercase();
    if !normal.bytes().all(|b| b.is_ascii_alphanumeric()) || text.starts_with([' ', '-']) || text.ends_with([' ', '-']) {
        return Err(Invalid("has a character that is neither letter nor digit"));
    }
    let (country, rest) = normal.split_at_checked(2).ok_or(Invalid("too short"))?;
    let (check, account) = rest.split_at_checked(2).ok_or(Invalid("too short"))?;
    let rule = COUNTRIES.split(' ').find_map(|entry| entry.strip_prefix(country)).ok_or(Invalid("the country has no IBAN"))?;
    let (length, digits_only) = rule.strip_suffix('n').map_or((rule, false), |length| (length, true));
    if length.parse() != Ok(normal.len()) {
        return Err(Invalid("the length is not that of the country"));
    }
    if digits_only && !account.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Invalid("the country's accounts are of digits only"));
    }
    // 00, 01 and 99 satisfy the formula with 97, 98 and 02 and are not used.
    if !check.bytes().all(|b| b.is_ascii_digit()) || matches!(check, "00" | "01" | "99") {
        return Err(Invalid("the check digits are not 02 to 98"));
    }
    if mod97(account.chars().chain(country.chars()).chain(check.chars())) != Some(1) {
        return Err(Invalid("the check digits do not fit"));
    }
    Ok(normal)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_country_length_and_check_digits() {
        check(
            ObservableType::Iban,
            &[
                ("GB82 WEST 1234 5698 7654 32", "GB82WEST12345698765432"),
                ("de89370400440532013000", "DE89370400440532013000"),
                ("NO93 8601 1117 947", "NO9386011117947"),
                ("MT84MALT011000012345MTLCAST001S", "MT84MALT011000012345MTLCAST001S"),
                ("FR14 2004 1010 0505 0001 3M02 606", "FR1420041010050500013M02606"),
                ("VA59-0011-2300-0012-3456-78", "VA59001123000012345678"),
            ],
            &[
                "", "GB", "GB82WEST12345698765433", "GB82WEST1234569876543", "US82WEST12345698765432", "DE8937040044053201300A",
                "GB82WEST1234569876543!", " GB82WEST12345698765432", "GBXXWEST12345698765432",
            ],
        );
    }
}
