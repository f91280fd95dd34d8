//! The address encoding of Bitcoin Cash: `cashaddr.md` of the Bitcoin Cash specification.

use super::{bech32, regroup};

/// The version byte and the hash, for the prefix of the main network, given without its `bitcoincash:`.
pub(in crate::observable) fn decode(address: &str) -> Option<Vec<u8>> {
    if bech32::is_mixed_case(address) {
        return None;
    }
    let mut values: Vec<u8> = address.bytes().map(bech32::value).collect::<Option<_>>()?;
    let prefix = b"bitcoincash".iter().map(|b| b & 31).chain([0]);
    if prefix.chain(values.iter().copied()).fold(1, step) ^ 1 != 0 || values.len() < 8 {
        return None;
    }
    values.truncate(values.len() - 8);
    regroup(values, 5, 8)
}

/// One step of the BCH code over 40 bits.
fn step(checksum: u64, value: u8) -> u64 {
    const GENERATOR: [u64; 5] = [
        0x98_f2bc_8e61,
        0x79_b76d_99e2,
        0xf3_3e5f_b3c4,
        0xae_2eab_e2a8,
        0x1e_4f43_e470,
    ];
    let top = checksum >> 35;
    GENERATOR
        .iter()
        .enumerate()
        .filter(|(bit, _)| top >> bit & 1 == 1)
        .fold((checksum & 0x07_ffff_ffff) << 5 ^ u64::from(value), |sum, (_, term)| {
            sum ^ term
        })
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_the_examples_of_the_specification() {
        for (address, version, length) in [
            ("qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", 0, 20),
            ("ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq", 8, 20),
            ("QR6M7J9NJLDWWZLG9V7V53UNLR4JKMX6EYLEP8EKG2", 0, 20),
        ] {
            let bytes = decode(address).unwrap();
            assert_eq!(
                (bytes.first().copied(), bytes.len()),
                (Some(version), length + 1),
                "{address}"
            );
        }
    }

    #[test]
    fn refuses_a_changed_character_and_mixed_case() {
        for address in [
            "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6q",
            "Qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
            "",
            "qqqq",
        ] {
            assert_eq!(decode(address), None, "{address}");
        }
    }
}
