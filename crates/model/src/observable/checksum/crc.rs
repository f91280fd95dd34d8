//! Cyclic redundancy checks, bit by bit: what they guard is under a hundred bytes long.

/// CRC-16/XMODEM, polynomial 0x1021, as Stellar's SEP-23 uses it.
pub(in crate::observable) fn crc16_xmodem(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x1021 }
        })
    })
}

/// CRC-32 of ISO 3309, as Byron addresses of Cardano use it.
pub(in crate::observable) fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 0 { crc >> 1 } else { crc >> 1 ^ 0xEDB8_8320 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn give_the_check_values_of_the_catalogue() {
        assert_eq!(crc16_xmodem(b"123456789"), 0x31C3);
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }
}
