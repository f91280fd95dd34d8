//! Compound files are built by `testkit`; here are their parts.

use super::*;
use watchfire_model::Limits;

fn budget() -> Budget {
    Budget::new(Limits::default())
}

#[test]
fn the_specifications_examples_decompress() {
    // MS-OVBA 3.2.1 to 3.2.3.
    let none = b"\x01\x19\xb0\x00abcdefgh\x00ijklmnop\x00qrstuv.";
    assert_eq!(
        vba::decompress(none, &budget()),
        (b"abcdefghijklmnopqrstuv.".to_vec(), true)
    );
    let normal =
        b"\x01\x2f\xb0\x00\x23aaabcde\x82f\x00paghij\x018\x08akl\x000mnop\x06q\x02p\x04\x10rstuv\x10wxyz\x00\x3c";
    let expected = b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa".to_vec();
    assert_eq!(vba::decompress(normal, &budget()), (expected, true));
    let maximum = b"\x01\x03\xb0\x02\x61\x45\x00";
    assert_eq!(vba::decompress(maximum, &budget()), (vec![b'a'; 73], true));
}

#[test]
fn damaged_compression_keeps_what_came_before() {
    assert_eq!(vba::decompress(b"", &budget()), (vec![], true));
    assert_eq!(vba::decompress(b"\x02abc", &budget()), (vec![], false));
    // A copy of what is not there.
    assert_eq!(
        vba::decompress(b"\x01\x04\xb0\x02\x61\xff\xff", &budget()),
        (vec![b'a'], false)
    );
    // A piece that says that it is longer than the file.
    assert_eq!(
        vba::decompress(b"\x01\xff\xbf\x00abc", &budget()),
        (b"abc".to_vec(), false)
    );
}

#[test]
fn packages_have_names() {
    let mut bytes = vec![0; 4];
    bytes.extend(b"\x02\0run.vbs\0C:\\a\\run.vbs\0\0\0\x03\0");
    bytes.extend(14_u32.to_le_bytes());
    bytes.extend(b"C:\\a\\run.vbs\0\0");
    bytes.extend(5_u32.to_le_bytes());
    bytes.extend(b"hello and more");
    let native = native(&bytes).unwrap();
    assert_eq!(
        (native.label.as_str(), native.bytes.as_slice()),
        ("run.vbs", b"hello".as_slice())
    );
}

#[test]
fn formulas_are_written_out() {
    use formula::{Version, decompile};
    let text = |text: &str| [&[0x17, text.len() as u8, 0], text.as_bytes()].concat();
    let check = |tokens: &[Vec<u8>], expected: &str| {
        assert_eq!(decompile(&tokens.concat(), Version::New), expected);
    };
    check(
        &[text("cmd /c "), text("calc"), vec![8], vec![0x42, 1, 110, 0]],
        "EXEC(\"cmd /c calc\")",
    );
    check(&[vec![0x1e, 65, 0], vec![0x41, 111, 0], text("B"), vec![8]], "\"AB\"");
    check(&[vec![0x44, 2, 0, 1, 0xc0], vec![0x42, 1, 53, 0]], "GOTO(B3)");
    check(&[text("a"), vec![0x7f]], "\"a\" …");
}

#[test]
fn overlong_names_of_fonts_are_seen() {
    let head = [0; 28 + 5];
    let font = |name: usize| [&head[..], &[10, 1, 8, 0x5a, 0x5a], &vec![b'a'; name], &[0, 0]].concat();
    assert!(equation_is_overlong(&font(44)) && !equation_is_overlong(&font(11)));
}

#[test]
fn macros_of_a_workbook_are_told_however_they_are_declared() {
    let record = |kind: u16, data: &[u8]| [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat();
    let begin = |kind: u8| record(0x0809, &[0, 6, kind, 0]);
    let name = |text: &str, is_wide: bool| {
        let letters: Vec<u8> = match is_wide {
            true => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            false => text.bytes().collect(),
        };
        let mut data = vec![0, 0, 0, text.encode_utf16().count() as u8];
        data.extend([0; 10]);
        data.push(u8::from(is_wide));
        record(0x0018, &[data, letters].concat())
    };
    // The list says that it is an ordinary sheet; what begins is one of macros.
    let sheet = record(0x0085, b"\xff\xff\0\0\0\0\x01\0A");
    let formula = record(
        0x0006,
        &[&[0; 20][..], &[11, 0, 0x17, 4, 0], b"calc", &[0x42, 1, 110, 0]].concat(),
    );
    for name in [
        name("Auto_Open", false),
        name("auto_open7", true),
        name("\u{fffe}Auto\u{1}_Open", true),
    ] {
        let mut out = Office::default();
        excel::read(
            &[begin(5), sheet.clone(), name, begin(0x40), formula.clone()].concat(),
            &mut out,
        );
        assert_eq!(out.automatic, ["Auto_Open"]);
        assert_eq!(out.macro_sheets.len(), 1);
        assert!(out.instructions.contains("EXEC(\"calc\")"), "{}", out.instructions);
    }
}
