//! ssdeep (spamsum) context-triggered piecewise hashes: `blocksize:hash:hash` (Kornblum, 2006; the limits are those of `fuzzy.h`).

use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "ssdeep",
    describes: "ssdeep fuzzy hash, blocksize:hash:hash",
    family: Family::FileHash,
    max_length: 140,
    by_default: true,
    parse,
};

/// `SPAMSUM_LENGTH`: characters in either part at most.
const PART: usize = 64;

fn parse(text: &str) -> Result<String, Invalid> {
    let mut parts = text.splitn(3, ':');
    let (Some(size), Some(first), Some(second)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(Invalid("not three parts joined by colons"));
    };
    if !is_block_size(size) {
        return Err(Invalid("the block size is not 3 times a power of two"));
    }
    if first.len() > PART || second.len() > PART {
        return Err(Invalid("a part is longer than 64 characters"));
    }
    let mut digits = first.bytes().chain(second.bytes());
    if !digits.all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/')) {
        return Err(Invalid("a part has a character that is not base64"));
    }
    // The second part is made with blocks twice as large. A clock, 12:30:45, would pass otherwise.
    let letters = first.bytes().chain(second.bytes()).any(|b| b.is_ascii_alphabetic());
    if second.is_empty() || first.len().max(second.len()) < 6 || !letters {
        return Err(Invalid("too short to be told from a time"));
    }
    Ok(text.to_owned())
}

/// 3·2ⁿ up to the size for which files of 192 GiB are enough.
fn is_block_size(text: &str) -> bool {
    let plain = text.len() <= 10 && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit());
    let size = if plain { text.parse::<u32>().unwrap_or(0) } else { 0 };
    size % 3 == 0 && (size / 3).is_power_of_two() && size <= 3 << 30
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn takes_block_sizes_and_base64_parts() {
        const LONG: &str =
            "12288:QYV6MorX7qzuC3QHO9FQVHPF51jgcSj2EtPo/V7I6R+Lqaw8i6hG0:vBXu9HGaVHh4Po/VU6RkqaQ6F";
        const SHORT: &str = "1536:gQA4ws6RTPdn1Jl19DzTIKu6VnGUNs+9Kf8r3Vf/WcnfYhLrJBew:uiEo/";
        check(
            ObservableType::Ssdeep,
            &[(LONG, LONG), (SHORT, SHORT), ("3:hRMs3FsRc2:hRpg", "3:hRMs3FsRc2:hRpg")],
            &[
                "", "3::", "3:abcdef:", "12:30:45", "24:123456:1234", "1000:abcdefg:abcd", "03:abcdefg:abcd", "3:abcdefg", "3:abcdefg:ab:d",
                "3:abcdef=:abcd", "6442450944:abcdefg:abcd", &format!("3:{}:abcd", "a".repeat(65)),
            ],
        );
    }
}
