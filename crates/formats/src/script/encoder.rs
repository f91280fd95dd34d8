//! The script encoder of Windows (`.vbe`, `.jse`, `Script.Encode`): letters exchanged by three tables in turns.
//!
//! Format and tables as published by Didier Stevens (decode-vbe, public domain). The length and the checksum around the
//! text are not believed: what stands between the marks is decoded.

use crate::bytes::array;

/// What begins an encoded part.
pub const BEGIN: &str = "#@~^";
/// What ends one.
const END: &str = "^#~@";
/// Letters of the length behind the beginning, and of the checksum before the end.
const FRAME: usize = 8;
/// Where the tables begin.
const FIRST: u8 = 9;

/// What each letter from [`FIRST`] on stands for, in each of the three tables.
const TABLES: [&[u8; 119]; 3] = [
    b"\x57\x4a\x0b\x0c\x4a\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x2e\
        \x47\x7a\x56\x42\x6a\x2f\x26\x49\x41\x34\x32\x5b\x76\x72\x43\x38\x39\x70\x45\x68\x71\x4f\x09\x62\
        \x44\x23\x75\x4a\x7e\x4a\x5e\x40\x77\x4a\x61\x5d\x22\x4b\x6f\x4e\x3b\x4c\x50\x67\x2a\x7d\x74\x54\
        \x2b\x2d\x2c\x30\x6e\x6b\x66\x35\x25\x21\x64\x4d\x52\x63\x3f\x7b\x78\x29\x28\x73\x59\x33\x7f\x6d\
        \x55\x53\x7c\x3a\x5f\x65\x46\x58\x31\x69\x6c\x5a\x48\x27\x5c\x3d\x24\x79\x37\x60\x51\x20\x36",
    b"\x6e\x4c\x0b\x0c\x4c\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x2d\
        \x75\x52\x60\x71\x5e\x49\x5c\x62\x7d\x29\x36\x20\x7c\x7a\x7f\x6b\x63\x33\x2b\x68\x51\x66\x76\x31\
        \x64\x54\x43\x4c\x3a\x4c\x7e\x4c\x45\x2c\x2a\x74\x27\x37\x44\x79\x59\x2f\x6f\x26\x72\x6a\x39\x7b\
        \x3f\x38\x77\x67\x53\x47\x34\x78\x5d\x30\x23\x5a\x5b\x6c\x48\x55\x70\x69\x2e\x4c\x21\x24\x4e\x50\
        \x09\x56\x73\x35\x61\x4b\x58\x3b\x57\x22\x6d\x4d\x25\x28\x46\x4a\x32\x41\x3d\x5f\x4f\x42\x65",
    b"\x7b\x41\x0b\x0c\x41\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x32\
        \x30\x21\x29\x5b\x38\x33\x3d\x58\x3a\x35\x65\x39\x5c\x56\x73\x66\x4e\x45\x6b\x62\x59\x78\x5e\x7d\
        \x4a\x6d\x71\x41\x60\x41\x53\x40\x42\x27\x48\x72\x75\x31\x37\x4d\x52\x22\x54\x6a\x47\x64\x2d\x20\
        \x7f\x2e\x4c\x5d\x7e\x6c\x6f\x79\x74\x43\x26\x76\x25\x24\x2b\x28\x23\x41\x34\x09\x2a\x44\x3f\x77\
        \x3b\x55\x69\x61\x63\x50\x67\x51\x49\x4f\x46\x68\x7c\x36\x70\x6e\x7a\x2f\x5f\x4b\x5a\x2c\x57",
];

/// Which table each of 64 letters is in.
const TURNS: &[u8; 64] =
    b"\x00\x01\x02\x00\x01\x02\x01\x02\x02\x01\x02\x01\x00\x02\x01\x02\x00\x02\x01\x02\x00\x00\x01\x02\
        \x02\x01\x00\x02\x01\x02\x02\x01\x00\x00\x02\x01\x02\x01\x02\x00\x02\x00\x00\x01\x02\x00\x02\x01\
        \x00\x02\x01\x02\x00\x00\x01\x02\x02\x00\x00\x01\x02\x00\x02\x01";

/// `text` with its encoded parts decoded; nothing where it has none.
pub fn decode(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let (mut rest, mut found) = (text, false);
    while let Some((before, after)) = rest.split_once(BEGIN) {
        out.push_str(before);
        let (part, behind) = after.split_once(END).unwrap_or((after, ""));
        let body = part.get(FRAME..part.len().saturating_sub(FRAME).max(FRAME).min(part.len()));
        match body.filter(|body| !body.is_empty()) {
            Some(body) => {
                found = true;
                part_of(body, &mut out);
            }
            None => out.push_str(part),
        }
        rest = behind;
    }
    out.push_str(rest);
    found.then_some(out)
}

/// One encoded part. Signs that pages need are written with `@` in front, and take no turn apart from their letter.
fn part_of(body: &str, out: &mut String) {
    let mut turn = 0_usize;
    let mut chars = body.chars().peekable();
    while let Some(mut c) = chars.next() {
        let mut is_plain = matches!(c, '<' | '>');
        if c == '@' {
            let meant = chars.peek().and_then(|next| match next {
                '&' => Some('\n'),
                '#' => Some('\r'),
                '*' => Some('>'),
                '!' => Some('<'),
                '$' => Some('@'),
                _ => None,
            });
            if let Some(meant) = meant {
                chars.next();
                c = meant;
            }
            is_plain = true;
        }
        let byte = u8::try_from(u32::from(c)).ok().filter(u8::is_ascii);
        if let Some(byte) = byte {
            let table = TURNS.get(turn % 64).and_then(|table| TABLES.get(usize::from(*table)));
            turn += 1;
            let is_coded = (byte == FIRST || byte >= 0x20) && !is_plain;
            let place = usize::from(byte.saturating_sub(FIRST));
            if let Some([decoded]) = table.filter(|_| is_coded).and_then(|table| array(*table, place)) {
                out.push(char::from(decoded));
                continue;
            }
        }
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_example_is_decoded() {
        let encoded = "#@~^DgAAAA==\\ko$K6,JC\x7fV^GJqAQAAA==^#~@";
        assert_eq!(decode(encoded).as_deref(), Some("MsgBox \"Hello\""));
        assert_eq!(decode("plain"), None);
    }

    #[test]
    fn damage_ends() {
        for text in [
            "#@~^",
            "#@~^a",
            "#@~^DgAAAA==",
            "#@~^\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
            "^#~@#@~^^#~@",
        ] {
            let _ = decode(text);
        }
    }
}
