//! Monero addresses of the main network: standard (18), integrated (19) and sub-address (42), in base58 by blocks, with four
//! bytes of Keccak-256 ("CryptoNote address", cns007).

use crate::observable::checksum::base58;
use crate::observable::checksum::digest::keccak256;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "xmr",
    describes: "Monero address, checksum verified",
    family: Family::Payment,
    max_length: 106,
    by_default: true,
    parse,
};

/// Bytes of a block by its characters: eight bytes take eleven, and the last block is shorter.
const BLOCKS: [(usize, usize); 3] = [(11, 8), (9, 6), (7, 5)];

fn parse(text: &str) -> Result<String, Invalid> {
    if !matches!(text.len(), 95 | 106) {
        return Err(Invalid("has neither 95 nor 106 characters"));
    }
    let bytes = decode(text.as_bytes()).ok_or(Invalid("not base58 in blocks of eleven"))?;
    let (payload, checksum) = bytes.split_last_chunk::<4>().ok_or(Invalid("too short"))?;
    if keccak256(payload).first_chunk::<4>() != Some(checksum) {
        return Err(Invalid("the checksum does not fit"));
    }
    // Network, two keys and, if integrated, a payment identifier of eight bytes.
    match (payload.first(), payload.len()) {
        (Some(18 | 42), 65) | (Some(19), 73) => Ok(text.to_owned()),
        _ => Err(Invalid("the network is not the main one, or does not fit the length")),
    }
}

fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(77);
    for block in text.chunks(11) {
        let (_, size) = BLOCKS.iter().find(|(characters, _)| *characters == block.len())?;
        let value = block.iter().try_fold(0_u128, |value, byte| {
            Some(value * 58 + u128::from(base58::BITCOIN.value(*byte)?))
        })?;
        if value >> (size * 8) != 0 {
            return None;
        }
        let bytes = value.to_be_bytes();
        out.extend_from_slice(bytes.get(bytes.len() - size..)?);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_standard_integrated_and_sub_addresses() {
        const STANDARD: &str =
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A";
        const SUB: &str =
            "888tNkZrPN6JsEgekjMnABU4TBzc2Dt29EPAvkRxbANsAnjyPbb3iQ1YBRk1UXcdRsiKc9dhwMVgN5S9cQUiyoogDavup3H";
        const INTEGRATED: &str =
            "4KEMxkrvHF13ZMEVyrUNuUMzgQ1WHjkWL5T6Xk7QaTszggbtPbRPEkZQau9yACYEmUCHPNrU2MBdnJf4s4xLK5AyVTr66Q8LFefPwwfA1t";
        check(
            ObservableType::Xmr,
            &[(STANDARD, STANDARD), (SUB, SUB), (INTEGRATED, INTEGRATED)],
            &[
                "",
                &STANDARD.replace("44A", "44B"),
                &STANDARD.replace("44A", "zzz"),
                &STANDARD.replace("44A", "04A"),
                STANDARD.trim_start_matches("44"),
                INTEGRATED.trim_end_matches("A1t"),
            ],
        );
    }
}
