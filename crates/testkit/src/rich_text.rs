//! Rich text (RTF 1.9.1) with objects as OLE 1 keeps them (MS-OLEDS 2.2).

use crate::office;

fn counted(text: &str) -> Vec<u8> {
    if text.is_empty() {
        return vec![0; 4];
    }
    let length = u32::try_from(text.len() + 1).unwrap_or(u32::MAX);
    [&length.to_le_bytes()[..], text.as_bytes(), b"\0"].concat()
}

/// An embedded object of a class.
pub fn ole1(class: &str, data: &[u8]) -> Vec<u8> {
    let size = u32::try_from(data.len()).unwrap_or(u32::MAX);
    [
        &[1, 5, 0, 0, 2, 0, 0, 0][..],
        &counted(class),
        &counted(""),
        &counted(""),
        &size.to_le_bytes(),
        data,
    ]
    .concat()
}

/// A package with a file in it.
pub fn package(name: &str, bytes: &[u8]) -> Vec<u8> {
    // OLE 1 keeps what the packager wrote without its length.
    let native = office::native(name, bytes);
    ole1("Package", native.get(4..).unwrap_or_default())
}

/// Digits of an object, a line break every 64 letters.
pub fn digits(object: &[u8]) -> String {
    let mut out = String::new();
    for (at, byte) in object.iter().enumerate() {
        if at % 32 == 31 {
            out.push('\n');
        }
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

/// A document with a text and objects, each loaded at once if `updates`.
pub fn document(text: &str, objects: &[Vec<u8>], updates: bool) -> Vec<u8> {
    let mut out = format!("{{\\rtf1\\ansi\\ansicpg1252 {text}\\par");
    for object in objects {
        let update = if updates { "\\objupdate" } else { "" };
        out.push_str(&format!(
            "{{\\object\\objemb{update}{{\\*\\objdata {}}}{{\\result x}}}}",
            digits(object)
        ));
    }
    out.push('}');
    out.into_bytes()
}
