//! A picture that is a picture: a baseline JPEG (ITU-T T.81), grey, one flat block of 8 × 8 at a time.
//!
//! Only the average of each block is written, which is all that a smooth picture needs and keeps the encoder short.

/// Bits per category of difference, one code of four bits each: categories 0 to 11 (T.81, F.1.2.1.1).
const DC_CODES: u8 = 12;

/// A JPEG of `columns` × `rows` blocks; `shade` gives each block's grey.
pub fn jpeg(columns: u16, rows: u16, shade: impl Fn(u16, u16) -> u8) -> Vec<u8> {
    let mut out = vec![0xff, 0xd8];
    segment(&mut out, 0xe0, b"JFIF\0\x01\x02\x00\0\x01\0\x01\0\0");
    let mut quantisation = vec![0];
    quantisation.extend([8; 64]);
    segment(&mut out, 0xdb, &quantisation);
    let mut frame = vec![8];
    frame.extend(rows.saturating_mul(8).to_be_bytes());
    frame.extend(columns.saturating_mul(8).to_be_bytes());
    frame.extend([1, 1, 0x11, 0]);
    segment(&mut out, 0xc0, &frame);
    // DC table: twelve codes of four bits. AC table: one code of one bit, "end of block".
    let mut dc = vec![0x00, 0, 0, 0, DC_CODES];
    dc.extend([0; 12]);
    dc.extend(0..DC_CODES);
    segment(&mut out, 0xc4, &dc);
    let mut ac = vec![0x10, 1];
    ac.extend([0; 15]);
    ac.push(0);
    segment(&mut out, 0xc4, &ac);
    segment(&mut out, 0xda, &[1, 1, 0x00, 0, 63, 0]);
    let mut bits = Bits::default();
    let mut before = 0_i32;
    for row in 0..rows {
        for column in 0..columns {
            // The DC coefficient is eight times the mean, which the quantiser of 8 brings back.
            let level = i32::from(shade(column, row)) - 128;
            bits.difference(level - before);
            bits.put(0, 1);
            before = level;
        }
    }
    out.extend(bits.finish());
    out.extend([0xff, 0xd9]);
    out
}

fn segment(out: &mut Vec<u8>, marker: u8, payload: &[u8]) {
    out.extend([0xff, marker]);
    out.extend(u16::try_from(payload.len() + 2).unwrap_or(u16::MAX).to_be_bytes());
    out.extend(payload);
}

/// Bits into bytes, highest first, with a zero byte stuffed after 0xff.
#[derive(Default)]
struct Bits {
    out: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn difference(&mut self, difference: i32) {
        let category = 32 - difference.unsigned_abs().leading_zeros();
        self.put(category, 4);
        // Negative numbers are written as their one's complement (T.81, table F.1).
        let value = if difference < 0 { difference - 1 } else { difference };
        self.put(value.cast_unsigned() & ((1 << category) - 1), category);
    }

    fn put(&mut self, value: u32, width: u32) {
        self.held = self.held << width | value;
        self.count += width;
        while self.count >= 8 {
            self.count -= 8;
            let byte = (self.held >> self.count).to_le_bytes()[0];
            self.out.push(byte);
            if byte == 0xff {
                self.out.push(0);
            }
            self.held &= (1 << self.count) - 1;
        }
    }

    fn finish(mut self) -> Vec<u8> {
        let missing = (8 - self.count % 8) % 8;
        self.put((1 << missing) - 1, missing);
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_and_ends_like_a_jpeg() {
        let picture = jpeg(80, 60, |column, row| (column as u8).wrapping_add(row as u8));
        assert!(picture.starts_with(&[0xff, 0xd8, 0xff, 0xe0]));
        assert!(picture.ends_with(&[0xff, 0xd9]));
    }
}
