//! A gzip file that unpacks to itself: whoever unpacks until nothing is left to unpack never ends.
//!
//! The construction follows Russ Cox, "Zip Files All The Way Down" (2010): a program of two instructions, *print the
//! next n bytes* (a stored block) and *repeat the last n bytes* (a match), each five bytes long, that prints itself. The
//! checksum of the file is part of the file; CRC-32 is linear, so the value that fits is the solution of 32 equations.

/// Bytes of an instruction.
const UNIT: usize = 5;
/// What header, trailer and their instruction weigh together; all blocks have this one length.
const BLOCK: usize = 4 * UNIT;

/// "Print the next 20 bytes": a stored block (RFC 1951, section 3.2.4).
const PRINT: [u8; UNIT] = [0, 20, 0, 0xeb, 0xff];
/// "Print the next 5 bytes".
const PRINT_ONE: [u8; UNIT] = [0, 5, 0, 0xfa, 0xff];
/// "Print nothing".
const PRINT_NONE: [u8; UNIT] = [0, 0, 0, 0xff, 0xff];

/// The file. `gunzip` of it is it.
pub fn gzip() -> Vec<u8> {
    // Not every name has a checksum that fits itself.
    (0..100_u32).find_map(with_name).unwrap_or_default()
}

fn with_name(number: u32) -> Option<Vec<u8>> {
    let name = format!("r-{number:02}\0");
    let wrong = build(&name, 0);
    let checksum = fixed_point(|checksum| crc32fast::hash(&build(&name, checksum)))?;
    let right = build(&name, checksum);
    (wrong.len() == right.len() && crc32fast::hash(&right) == checksum).then_some(right)
}

fn build(name: &str, checksum: u32) -> Vec<u8> {
    let mut header = b"\x1f\x8b\x08\x08\0\0\0\0\0\xff".to_vec();
    header.extend(name.as_bytes());
    let repeat = repeat();
    let program = |trailer: &[u8]| {
        let parts: &[&[u8]] = &[
            &header,
            &PRINT,
            &header,
            &PRINT,
            &repeat, //
            &PRINT_ONE,
            &repeat,
            &PRINT_ONE,
            &PRINT_ONE, //
            &PRINT,
            &repeat,
            &PRINT_ONE,
            &PRINT_ONE,
            &PRINT,
            &repeat, //
            &PRINT,
            &repeat,
            &PRINT,
            &repeat,
            &PRINT,
            &repeat, //
            &PRINT,
            &repeat,
            &PRINT_NONE,
            &PRINT_NONE,
            &PRINT,
            &repeat, //
            &PRINT_NONE,
            &PRINT_NONE,
            &PRINT,
            &repeat,
            trailer,
            &repeat,
            trailer,
        ];
        parts.concat()
    };
    // An empty stored block, then an empty last block; the checksum; the length.
    let trailer = |size: u32| {
        let mut trailer = PRINT_NONE.to_vec();
        trailer.extend([3, 0]);
        trailer.extend(checksum.to_le_bytes());
        trailer.extend(size.to_le_bytes());
        trailer
    };
    let size = program(&trailer(0)).len();
    program(&trailer(u32::try_from(size).unwrap_or_default()))
}

/// "Repeat the last 20 bytes": a block of fixed codes (RFC 1951, section 3.2.6) with two matches of ten bytes, because
/// one of twenty would not fill five bytes.
fn repeat() -> [u8; UNIT] {
    let mut bits: u64 = 0;
    let mut count = 0;
    let mut put = |value: u64, width: u32| {
        bits |= value << count;
        count += width;
    };
    // Huffman codes are stored with their first bit first, numbers with their last.
    let reversed = |code: u64, width: u32| code.reverse_bits() >> (64 - width);
    put(0b010, 3);
    for _ in 0..2 {
        // Length 10 is symbol 264, code 8; distance 20 is symbol 8 and 3 in three further bits.
        put(reversed(8, 7), 7);
        put(reversed(8, 5), 5);
        put(BLOCK as u64 - 17, 3);
    }
    // Symbol 256, end of block, is seven zeros.
    put(0, 7);
    let [a, b, c, d, e, ..] = bits.to_le_bytes();
    [a, b, c, d, e]
}

/// The `x` with `f(x) == x`, for an `f` that is affine over bits: Gaussian elimination of `(A + 1)x = f(0)`.
fn fixed_point(f: impl Fn(u32) -> u32) -> Option<u32> {
    let constant = f(0);
    // A row is an equation: 32 coefficients, and the right-hand side above them.
    let mut rows: Vec<u64> = (0..32)
        .map(|bit| {
            let row = (0..32).fold(0, |row, unknown| {
                let column = f(1 << unknown) ^ constant ^ (1 << unknown);
                row | u64::from(column >> bit & 1) << unknown
            });
            row | u64::from(constant >> bit & 1) << 32
        })
        .collect();
    let mut solution = 0;
    for unknown in 0..32_usize {
        let pivot = (unknown..32).find(|row| rows.get(*row).is_some_and(|row| row >> unknown & 1 == 1))?;
        rows.swap(unknown, pivot);
        let pivot = *rows.get(unknown)?;
        for (number, row) in rows.iter_mut().enumerate() {
            if number != unknown && *row >> unknown & 1 == 1 {
                *row ^= pivot;
            }
        }
    }
    for (unknown, row) in rows.iter().enumerate() {
        solution |= u32::from(row >> 32 & 1 == 1) << unknown;
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_unpacks_to_itself() {
        let file = gzip();
        assert!(!file.is_empty());
        // Ten bytes of header and five of name.
        let inside = miniz_oxide::inflate::decompress_to_vec(&file[15..]).unwrap();
        assert_eq!(inside, file);
        let checksum = u32::from_le_bytes(file[file.len() - 8..file.len() - 4].try_into().unwrap());
        assert_eq!(crc32fast::hash(&inside), checksum);
    }
}
