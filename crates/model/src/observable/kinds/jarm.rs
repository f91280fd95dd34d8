//! JARM fingerprints of TLS servers: ten answers in 30 digits of cipher and version, then 32 digits over their extensions
//! (Salesforce, 2020).

use super::hex_digits;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "jarm",
    describes: "TLS server fingerprint by ten probes, 62 hexadecimal digits",
    family: Family::Fingerprint,
    max_length: 62,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    let digits = hex_digits(text, 62)?;
    if digits.bytes().all(|b| b == b'0') {
        return Err(Invalid("all zero: the server did not speak TLS"));
    }
    Ok(digits)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_62_digits_that_say_something() {
        check(
            ObservableType::Jarm,
            &[("2AD2AD0002AD2AD00042D42D000000AD9BF51CC3F5A1E29EECB81D0C7B06EB", "2ad2ad0002ad2ad00042d42d000000ad9bf51cc3f5a1e29eecb81d0c7b06eb")],
            &["", "ad2ad0002ad2ad00042d42d000000ad9bf51cc3f5a1e29eecb81d0c7b06eb", "2ad2ad0002ad2ad00042d42d000000ad9bf51cc3f5a1e29eecb81d0c7b06eb00", "2ad2ad0002ad2ad00042d42d000000ad9bf51cc3f5a1e29eecb81d0c7b06eg", &"0".repeat(62)],
        );
    }
}
