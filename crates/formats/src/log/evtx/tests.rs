//! Values of binary XML; whole files are tested where they can be built, in the test kit.

use super::value::{Value, utf16};

fn check(kind: u8, bytes: &[u8], expected: &str) {
    let mut out = String::new();
    let value = Value {
        kind,
        at: 0,
        len: bytes.len(),
    };
    value.write(bytes, &mut out);
    assert_eq!(out, expected, "type {kind:#x}");
}

#[test]
fn values_are_written_as_windows_does() {
    check(0x01, b"a\0b\0\0\0", "ab");
    check(0x06, &[0x11, 0x12], "4625");
    check(0x03, &[0xff], "-1");
    check(0x0a, &[0xff; 8], "18446744073709551615");
    check(0x0d, &[1, 0, 0, 0], "true");
    check(0x0e, &[0x0a, 0xff], "0AFF");
    check(
        0x0f,
        &[
            0x25, 0x96, 0x84, 0x54, 0x78, 0x54, 0x94, 0x49, 0xa5, 0xba, 0x3e, 0x3b, 3, 0x28, 0xc3, 0x0d,
        ],
        "{54849625-5478-4994-a5ba-3e3b0328c30d}",
    );
    check(
        0x13,
        &[1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0],
        "S-1-5-32-544",
    );
    check(0x14, &[0x42, 0x03, 0, 0], "0x342");
    check(0x15, &[0; 8], "0x0");
    check(0x81, b"a\0\0\0b\0\0\0", "a, b");
    check(0x86, &[1, 0, 2, 0], "1, 2");
    check(0x7e, &[0xab], "AB");
}

#[test]
fn values_with_too_few_bytes_are_nothing() {
    for kind in 0..=u8::MAX {
        for len in 0..4 {
            let value = Value { kind, at: 0, len };
            let (mut out, mut scratch) = (String::new(), String::new());
            value.write(&[0xff; 3], &mut out);
            value.typed(&[0xff; 3], &mut scratch);
        }
    }
}

#[test]
fn halves_of_letters_are_replaced() {
    let mut out = String::new();
    utf16(&[0x41, 0, 0x34, 0xd8, 0x42, 0], &mut out);
    assert_eq!(out, "A\u{fffd}B");
}
