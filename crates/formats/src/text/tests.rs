//! Decodings and where their text stands in the bytes.

use super::*;
use encoding_rs::{BIG5, EUC_JP, EUC_KR, GB18030, KOI8_R, SHIFT_JIS, WINDOWS_1251};

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// Decodes, and compares the way back of every character with decoding the source up to there.
fn check(source: &[u8], charset: Option<&str>, encoding: &str, expected: &str) {
    let decoded = decode(source, charset);
    assert_eq!(decoded.encoding, encoding);
    assert_eq!(decoded.text, expected);
    assert_eq!(decoded.source_offset(decoded.text.len()), source.len());
    let mut before = 0;
    for (at, c) in expected.char_indices() {
        let from = decoded.source_offset(at);
        assert!(
            from >= before && from < source.len(),
            "{encoding}: {c:?} at {at} comes from {from}"
        );
        before = from;
    }
}

const RUSSIAN: &str = "Вредоносный документ отправляет данные на сервер evil.example через зашифрованный канал связи. ";

#[test]
fn utf8_is_borrowed() {
    let decoded = decode(b"\xef\xbb\xbfgr\xc3\xbc\xc3\x9fe", None);
    assert!(matches!(decoded.text, Cow::Borrowed("grüße")));
    assert_eq!(decoded.source_range(2..6), 5..9);
    assert_eq!((decoded.encoding, decoded.damaged), ("utf-8", false));
    assert!(matches!(decode(b"", None).text, Cow::Borrowed("")));
}

#[test]
fn marks_decide() {
    let text = "http://evil.example/ü€😀";
    check(
        &[&[0xff, 0xfe], &utf16(text, u16::to_le_bytes)[..]].concat(),
        Some("utf-8"),
        "utf-16le",
        text,
    );
    check(
        &[&[0xfe, 0xff], &utf16(text, u16::to_be_bytes)[..]].concat(),
        None,
        "utf-16be",
        text,
    );
    let wide: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    check(&[&[0xff, 0xfe, 0, 0], &wide[..]].concat(), None, "utf-32le", text);
}

#[test]
fn wide_text_without_a_mark_is_told_by_its_zeros() {
    let text = "GET http://evil.example/päth\r\n".repeat(300);
    check(&utf16(&text, u16::to_le_bytes), None, "utf-16le", &text);
    check(&utf16(&text, u16::to_be_bytes), None, "utf-16be", &text);
    let wide: Vec<u8> = text.chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    check(&wide, None, "utf-32be", &text);
}

#[test]
fn offsets_of_wide_text_are_exact() {
    let text = "日本 http://evil.example/😀 x ".repeat(2000);
    let source = [&[0xff, 0xfe], &utf16(&text, u16::to_le_bytes)[..]].concat();
    let decoded = decode(&source, None);
    for (at, found) in text.match_indices("http://evil.example/") {
        let range = decoded.source_range(at..at + found.len());
        assert_eq!(&source[range], utf16(found, u16::to_le_bytes));
    }
}

#[test]
fn legacy_encodings_are_told_apart() {
    let samples = [
        (WINDOWS_1251, "windows-1251", RUSSIAN),
        (KOI8_R, "koi8-r", RUSSIAN),
        (
            SHIFT_JIS,
            "shift_jis",
            "このメールには不正なリンク http://evil.example/ が含まれています。開かないでください。",
        ),
        (
            EUC_JP,
            "euc-jp",
            "このメールには不正なリンク http://evil.example/ が含まれています。開かないでください。",
        ),
        (
            GB18030,
            "gb18030",
            "这封邮件包含恶意链接 http://evil.example/ 请不要打开，这是一个钓鱼网站的地址。",
        ),
        (
            BIG5,
            "big5",
            "這封郵件包含惡意連結 http://evil.example/ 請不要打開，這是一個釣魚網站的地址。",
        ),
        (
            EUC_KR,
            "euc-kr",
            "이 메일에는 악성 링크 http://evil.example/ 가 포함되어 있습니다. 열지 마십시오.",
        ),
    ];
    for (encoding, name, text) in samples {
        let long = text.repeat(100);
        let (source, _, bad) = encoding.encode(&long);
        assert!(!bad);
        check(&source, None, name, &long);
        let decoded = decode(&source, Some("utf-8"));
        let found: Vec<_> = long.match_indices("evil.example").collect();
        for (at, word) in found {
            let range = decoded.source_range(at..at + word.len());
            assert_eq!(source.get(range).unwrap(), b"evil.example", "{name}");
        }
    }
    check(b"caf\xe9 na\xefve \x80 5", None, "windows-1252", "café naïve € 5");
    check(b"\xe4\xf6\xfc", Some("ISO-8859-2"), "iso-8859-2", "äöü");
}

#[test]
fn iso_2022_jp_keeps_exact_offsets() {
    let (source, _, _) = encoding_rs::ISO_2022_JP.encode("請求書 http://evil.example/ です。\n");
    let source = source.repeat(500);
    let decoded = decode(&source, None);
    assert_eq!((decoded.encoding, decoded.damaged), ("iso-2022-jp", false));
    let found: Vec<_> = decoded.text.match_indices("evil.example").collect();
    assert_eq!(found.len(), 500);
    for (at, word) in found {
        assert_eq!(&source[decoded.source_range(at..at + word.len())], b"evil.example");
    }
}

#[test]
fn damaged_utf8_stays_utf8_with_exact_offsets() {
    let line = "größer als http://evil.example/ und übel, ächz\n".repeat(200);
    let mut source = line.into_bytes();
    for at in [100, 3000, 3001, 7000] {
        source[at] = 0xff;
    }
    let decoded = decode(&source, None);
    assert_eq!((decoded.encoding, decoded.damaged), ("utf-8", true));
    assert_eq!(decoded.text, String::from_utf8_lossy(&source));
    let found: Vec<_> = decoded.text.match_indices("evil.example").collect();
    assert!(found.len() > 195);
    for (at, word) in found {
        assert_eq!(&source[decoded.source_range(at..at + word.len())], b"evil.example");
    }
}

#[test]
fn zero_bytes_do_not_end_text() {
    check(
        b"a\0b http://evil.example/\0",
        None,
        "utf-8",
        "a\0b http://evil.example/\0",
    );
}

#[test]
fn text_and_binary_data_are_told_apart() {
    assert!(is_plausible(b"Jan  1 00:00:00 host sshd[1]: Failed password\n"));
    assert!(is_plausible("größer".as_bytes()));
    assert!(is_plausible(&utf16("some wide text", u16::to_le_bytes)));
    assert!(is_plausible(&WINDOWS_1251.encode(RUSSIAN).0));
    assert!(is_plausible(b"\x1b[31mred\x1b[0m"));
    assert!(!is_plausible(
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\x3e\0\x01\0\0\0"
    ));
    let noise: Vec<u8> = (0..4096u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    assert!(!is_plausible(&noise));
    assert!(is_plausible(b""));
}

#[test]
fn strings_finds_narrow_and_wide_runs() {
    let bytes = [
        b"\x01http://a.example\0\x02abcd\0".as_slice(),
        &utf16("wide.example", u16::to_le_bytes),
        b"\xff\xfe\xfflast",
    ]
    .concat();
    let runs: Vec<_> = strings(&bytes, 4)
        .map(|run| (run.start, run.end, run.text.into_owned(), run.wide))
        .collect();
    let wide = bytes.windows(4).position(|window| window == b"w\0i\0").unwrap();
    assert_eq!(
        runs,
        [
            (1, 17, "http://a.example".to_owned(), false),
            (19, 23, "abcd".to_owned(), false),
            (wide, wide + 24, "wide.example".to_owned(), true),
            (bytes.len() - 4, bytes.len(), "last".to_owned(), false),
        ]
    );
}

/// Runs found one byte at a time.
fn naive_narrow(bytes: &[u8], min: usize) -> Vec<String> {
    let printable = |c: char| matches!(c, ' '..='~' | '\t');
    let latin: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    latin
        .split(|c| !printable(c))
        .filter(|run| run.len() >= min)
        .map(str::to_owned)
        .collect()
}

#[test]
fn strings_agrees_with_a_naive_search_where_nothing_is_wide() {
    let noise: Vec<u8> = (0..50_000u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 11) as u8 | 1)
        .collect();
    let runs: Vec<_> = strings(&noise, 4).map(|run| run.text.into_owned()).collect();
    assert_eq!(runs, naive_narrow(&noise, 4));
}

#[test]
fn arbitrary_bytes_decode_without_panic_and_in_order() {
    let mut state = 1u32;
    for round in 0..90 {
        let bytes: Vec<u8> = (0..round * 31)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> (16 + round % 3 * 4)) as u8
            })
            .collect();
        for charset in [
            None,
            Some("shift_jis"),
            Some("iso-2022-jp"),
            Some("gb18030"),
            Some("utf-16le"),
            Some("euc-kr"),
        ] {
            let decoded = decode(&bytes, charset);
            let mut before = 0;
            for (at, _) in decoded.text.char_indices() {
                let from = decoded.source_offset(at);
                assert!(
                    from >= before && from <= bytes.len(),
                    "{charset:?} {round}: {at} comes from {from}"
                );
                before = from;
            }
        }
    }
}
