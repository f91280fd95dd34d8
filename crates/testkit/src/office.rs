//! Macro projects (MS-OVBA), old workbooks (MS-XLS) and embedded files, in compound files and new documents.

use crate::archive::Zip;
use crate::compound::{Node, compound};

fn short(number: usize) -> [u8; 2] {
    u16::try_from(number).unwrap_or(u16::MAX).to_le_bytes()
}

fn long(number: usize) -> [u8; 4] {
    u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes()
}

/// Compresses as MS-OVBA 2.4.1 says, with copies of up to 18 letters where they pay.
pub fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![1];
    for piece in bytes.chunks(4096) {
        let packed = pack(piece);
        // A piece that does not shrink is stored, filled up to its full size.
        let (body, flag) = match packed.len() {
            ..4096 => (packed, 0x8000),
            _ => ([piece, &vec![0; 4096 - piece.len()]].concat(), 0),
        };
        let header = u16::try_from(body.len() - 1).unwrap_or(0x0fff) | 0x3000 | flag;
        out.extend(header.to_le_bytes());
        out.extend(body);
    }
    out
}

fn pack(piece: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < piece.len() {
        let flags_at = out.len();
        out.push(0);
        for bit in 0..8 {
            let Some(byte) = piece.get(at) else { break };
            let bits = at.max(1).next_power_of_two().trailing_zeros().clamp(4, 12);
            let longest = usize::from(0xffff_u16 >> bits) + 3;
            let (back, length) = repeated(piece, at, longest.min(18));
            if length < 3 {
                out.push(*byte);
                at += 1;
                continue;
            }
            if let Some(flags) = out.get_mut(flags_at) {
                *flags |= 1 << bit;
            }
            let token = (back - 1) << (16 - bits) | (length - 3);
            out.extend(short(token));
            at += length;
        }
    }
    out
}

/// How far back the longest repeat of what stands at `at` begins, and its length. Looks back 256 bytes.
fn repeated(piece: &[u8], at: usize, longest: usize) -> (usize, usize) {
    let mut best = (0, 0);
    for back in 1..=at.min(256) {
        let length = (0..longest)
            .take_while(|step| {
                let here = piece.get(at + step);
                here.is_some() && here == piece.get(at - back + step)
            })
            .count();
        if length > best.1 {
            best = (back, length);
        }
    }
    best
}

fn record(id: u16, data: &[u8]) -> Vec<u8> {
    [&id.to_le_bytes()[..], &long(data.len()), data].concat()
}

/// The storage `VBA` with these modules: name and source, in Windows-1252 or the letters of ASCII.
fn storage(modules: &[(&str, &str)]) -> Vec<Node> {
    let mut dir = Vec::new();
    for (id, data) in [
        (0x0001, &long(1)[..]),
        (0x0002, &long(0x409)),
        (0x0014, &long(0x409)),
        (0x0003, &short(1252)),
        (0x0004, b"VBAProject"),
        (0x0005, b""),
        (0x0040, b""),
        (0x0006, b""),
        (0x003d, b""),
        (0x0007, &long(0)),
        (0x0008, &long(0)),
    ] {
        dir.extend(record(id, data));
    }
    // The version says four and takes six.
    dir.extend([9, 0]);
    dir.extend(long(4));
    dir.extend([1, 0, 0, 0, 2, 0]);
    dir.extend(record(0x000c, b""));
    dir.extend(record(0x003c, b""));
    dir.extend(record(0x000f, &short(modules.len())));
    dir.extend(record(0x0013, &short(0xffff)));
    let mut nodes = Vec::new();
    for (name, source) in modules {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let cache = b"compiled code would stand here".repeat(3);
        for (id, data) in [
            (0x0019, name.as_bytes()),
            (0x0047, &wide),
            (0x001a, name.as_bytes()),
            (0x0032, &wide),
            (0x001c, b""),
            (0x0048, b""),
            (0x0031, &long(cache.len())),
            (0x001e, &long(0)),
            (0x002c, &short(0xffff)),
            (if name.starts_with("This") { 0x0022 } else { 0x0021 }, b""),
            (0x002b, b""),
        ] {
            dir.extend(record(id, data));
        }
        let text = format!("Attribute VB_Name = \"{name}\"\r\n{}", source.replace('\n', "\r\n"));
        nodes.push(Node::Stream(
            (*name).to_owned(),
            [&cache[..], &compress(text.as_bytes())].concat(),
        ));
    }
    dir.extend(record(0x0010, b""));
    nodes.push(Node::Stream("dir".to_owned(), compress(&dir)));
    // Version and reserved words of MS-OVBA 2.3.4.1; readers have no use for what follows them.
    nodes.push(Node::Stream(
        "_VBA_PROJECT".to_owned(),
        vec![0xcc, 0x61, 0xff, 0xff, 0, 0, 0],
    ));
    nodes
}

/// The text stream `PROJECT` (MS-OVBA 2.3.1).
fn project_text(modules: &[(&str, &str)]) -> Node {
    let mut text = String::from("ID=\"{00000000-0000-0000-0000-000000000000}\"\r\n");
    for (name, _) in modules {
        let kind = if name.starts_with("This") { "Document" } else { "Module" };
        let place = if kind == "Document" { "/&H00000000" } else { "" };
        text.push_str(&format!("{kind}={name}{place}\r\n"));
    }
    text.push_str("Name=\"VBAProject\"\r\n");
    Node::Stream("PROJECT".to_owned(), text.into_bytes())
}

/// `vbaProject.bin` with these modules.
pub fn vba_project(modules: &[(&str, &str)]) -> Vec<u8> {
    compound(&[Node::Storage("VBA".to_owned(), storage(modules)), project_text(modules)])
}

/// A document of Word 97 with these modules, and this text among its streams.
pub fn doc(text: &str, modules: &[(&str, &str)]) -> Vec<u8> {
    let mut stream = vec![0xec, 0xa5, 0xc1, 0];
    stream.resize(1536, 0);
    stream.extend(text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')));
    stream.resize(stream.len().max(4096), 0);
    let mut nodes = vec![Node::Stream("WordDocument".to_owned(), stream)];
    if !modules.is_empty() {
        let inner = vec![Node::Storage("VBA".to_owned(), storage(modules)), project_text(modules)];
        nodes.push(Node::Storage("Macros".to_owned(), inner));
    }
    compound(&nodes)
}

/// A docm: a docx with macros.
pub fn docm(text: &str, modules: &[(&str, &str)]) -> Vec<u8> {
    let types = "<?xml version=\"1.0\"?><Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
        <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
        <Default Extension=\"bin\" ContentType=\"application/vnd.ms-office.vbaProject\"/>\
        <Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.ms-word.document.macroEnabled.main+xml\"/></Types>";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let root = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"{office}/officeDocument\" Target=\"word/document.xml\"/></Relationships>"
    );
    let own = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" Type=\"http://schemas.microsoft.com/office/2006/relationships/vbaProject\" Target=\"vbaProject.bin\"/></Relationships>"
    );
    let document = format!(
        "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"
    );
    Zip::new()
        .file("[Content_Types].xml", types.as_bytes())
        .file("_rels/.rels", root.as_bytes())
        .file("word/document.xml", document.as_bytes())
        .file("word/_rels/document.xml.rels", own.as_bytes())
        .file("word/vbaProject.bin", &vba_project(modules))
        .build()
}

/// A package with a file in it, as the packager of Windows writes it.
pub fn native(name: &str, bytes: &[u8]) -> Vec<u8> {
    let path = format!("C:\\Users\\Public\\{name}");
    let mut body = vec![2, 0];
    body.extend(name.as_bytes());
    body.push(0);
    body.extend(path.as_bytes());
    body.extend(b"\0\0\0\x03\0");
    body.extend(long(path.len() + 1));
    body.extend(path.as_bytes());
    body.push(0);
    body.extend(long(bytes.len()));
    body.extend(bytes);
    [&long(body.len())[..], &body].concat()
}

/// A compound file that is an embedded package.
pub fn package(name: &str, bytes: &[u8]) -> Vec<u8> {
    compound(&[Node::Stream("\u{1}Ole10Native".to_owned(), native(name, bytes))])
}

/// A workbook of Excel 97 with one sheet of macros: texts that are joined and given to functions, by number.
pub fn xls_macros(sheet: &str, calls: &[(u16, &[&str])]) -> Vec<u8> {
    let record = |kind: u16, data: &[u8]| [&kind.to_le_bytes()[..], &short(data.len()), data].concat();
    let begin = |kind: u16| record(0x0809, &[&short(0x0600)[..], &kind.to_le_bytes(), &[0; 12]].concat());
    let letters = |text: &str| [&[u8::try_from(text.len()).unwrap_or(u8::MAX), 0], text.as_bytes()].concat();
    let mut name = vec![0x20, 0, 0, 1];
    name.extend([0; 10]);
    name.extend([0, 1]);
    let globals_rest = [record(0x0018, &name), record(0x000a, &[])].concat();
    let sheet_record = |start: usize| record(0x0085, &[&long(start)[..], &[2, 1], &letters(sheet)].concat());
    let start = begin(0x0005).len() + sheet_record(0).len() + globals_rest.len();
    let mut out = [begin(0x0005), sheet_record(start), globals_rest, begin(0x0040)].concat();
    for (row, (function, texts)) in calls.iter().enumerate() {
        let mut tokens = Vec::new();
        for (at, text) in texts.iter().enumerate() {
            tokens.push(0x17);
            tokens.extend(letters(text));
            if at > 0 {
                tokens.push(8);
            }
        }
        tokens.extend([0x42, 1]);
        tokens.extend(function.to_le_bytes());
        let mut data = [
            &short(row)[..],
            &short(0),
            &short(15),
            &[0; 8],
            &[0; 6],
            &short(tokens.len()),
        ]
        .concat();
        data.extend(tokens);
        out.extend(record(0x0006, &data));
    }
    out.extend(record(0x000a, &[]));
    out.resize(out.len().max(4096), 0);
    compound(&[Node::Stream("Workbook".to_owned(), out)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_finds_repeats() {
        let text = "Attribute VB_Name = \"Attribute VB_Name\"\r\n".repeat(300);
        assert!(compress(text.as_bytes()).len() < text.len() / 3);
    }
}
