//! Office packages as tools write them, and hostile ones.

use super::*;
use crate::document::{MediaType, odf};

/// A zip file with stored entries.
pub(in crate::document) fn zip(parts: &[(&str, &str)]) -> Vec<u8> {
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in parts {
        let size = (content.len() as u32).to_le_bytes();
        let mut fields = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        fields.extend(crc32fast::hash(content.as_bytes()).to_le_bytes());
        fields.extend([size, size].concat());
        fields.extend((name.len() as u16).to_le_bytes());
        fields.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\0");
        directory.extend(&fields);
        directory.extend([0; 10]);
        directory.extend((out.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        out.extend(b"PK\x03\x04");
        out.extend(&fields);
        out.extend(name.as_bytes());
        out.extend(content.as_bytes());
    }
    let count = (parts.len() as u16).to_le_bytes();
    let start = (out.len() as u32).to_le_bytes();
    out.extend(&directory);
    out.extend(b"PK\x05\x06\0\0\0\0");
    out.extend([count, count].concat());
    out.extend((directory.len() as u32).to_le_bytes());
    out.extend(start);
    out.extend([0, 0]);
    out
}

fn open(parts: &[(&str, &str)]) -> Document {
    read(&zip(parts), &Hints::default(), &Budget::default())
}

fn links(document: &Document) -> Vec<(&str, &str)> {
    document
        .links
        .iter()
        .map(|link| (link.target.raw(), link.text.raw()))
        .collect()
}

fn codes(document: &Document) -> Vec<&'static str> {
    document.problems.iter().map(|problem| problem.code).collect()
}

/// A document with this body and these relationships of its main part.
fn word(body: &str, relationships: &str) -> Document {
    let body = format!("<w:document><w:body>{body}</w:body></w:document>");
    let relationships = format!("<Relationships>{relationships}</Relationships>");
    open(&[
        ("word/document.xml", &body),
        ("word/_rels/document.xml.rels", &relationships),
        ("word/vbaProject.bin", "macros"),
    ])
}

#[test]
fn paragraphs_tables_and_breaks() {
    let document = word(
        "<w:p><w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>Hel</w:t></w:r><w:r><w:t xml:space='preserve'>lo </w:t><w:tab/><w:t>you</w:t><w:br/><w:t>next</w:t></w:r></w:p>\
         <w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p/></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl>\
         <mc:AlternateContent><mc:Choice><w:p><w:r><w:t>once</w:t></w:r></w:p></mc:Choice><mc:Fallback><w:p><w:r><w:t>once</w:t></w:r></w:p></mc:Fallback></mc:AlternateContent>",
        "",
    );
    assert_eq!(document.text.text, "Hello\tyou\nnext\n\na\t\tb\n\nonce\n");
    assert_eq!(
        document
            .embedded
            .iter()
            .map(|member| member.name.raw())
            .collect::<Vec<_>>(),
        ["word/vbaProject.bin"]
    );
}

#[test]
fn deleted_and_vanished_text_is_kept_apart() {
    let document = word(
        "<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>gone</w:t></w:r><w:r><w:rPr><w:vanish w:val='0'/></w:rPr><w:t>here</w:t></w:r>\
         <w:del><w:r><w:delText>deleted</w:delText></w:r></w:del></w:p>",
        "",
    );
    assert_eq!(
        (document.text.text.as_str(), document.hidden.text.as_str()),
        ("here\n", "gonedeleted\n")
    );
}

#[test]
fn hyperlinks_fields_and_outside_parts_are_links() {
    let document = word(
        "<w:p><w:hyperlink r:id='r1'><w:r><w:t>bank</w:t></w:r></w:hyperlink>\
         <w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> HYPERLINK \"http://f</w:instrText><w:instrText>ield.example/\" </w:instrText></w:r>\
         <w:r><w:fldChar w:fldCharType='separate'/></w:r><w:r><w:t>field</w:t></w:r><w:r><w:fldChar w:fldCharType='end'/></w:r>\
         <w:fldSimple w:instr='DDEAUTO c:\\\\cmd.exe \"/k calc\"'/></w:p>",
        "<Relationship Id='r1' Type='x/hyperlink' Target='https://evil.example/?a=1&amp;b' TargetMode='External'/>\
         <Relationship Id='r2' Type='x/attachedTemplate' Target='http://t.example/t.dotm' TargetMode='External'/>",
    );
    assert_eq!(
        links(&document),
        [
            ("https://evil.example/?a=1&b", "bank"),
            ("http://field.example/", "field"),
            ("http://t.example/t.dotm", "")
        ]
    );
    assert_eq!(codes(&document), ["ooxml-dde-field", "ooxml-remote-part"]);
}

#[test]
fn cells_stand_in_their_columns() {
    let document = open(&[
        (
            "_rels/.rels",
            "<Relationships><Relationship Id='a' Type='t/officeDocument' Target='/odd/book.xml'/></Relationships>",
        ),
        (
            "odd/book.xml",
            "<workbook><sheets><sheet name='S1' sheetId='1' r:id='r1'/><sheet name='S2' state='veryHidden' r:id='r2'/></sheets></workbook>",
        ),
        (
            "odd/_rels/book.xml.rels",
            "<Relationships><Relationship Id='r1' Type='t/worksheet' Target='s1.xml'/><Relationship Id='r2' Type='t/worksheet' Target='s2.xml'/>\
             <Relationship Id='r3' Type='t/sharedStrings' Target='strings.xml'/></Relationships>",
        ),
        (
            "odd/strings.xml",
            "<sst><si><t>one</t></si><si><r><t>two </t></r><r><t>parts</t></r><rPh><t>no</t></rPh></si></sst>",
        ),
        (
            "odd/s1.xml",
            "<worksheet><sheetData><row><c r='B1' t='s'><v>0</v></c><c r='D1' t='s'><v>1</v></c></row>\
             <row><c r='A2' t='inlineStr'><is><t>in</t></is></c><c><f>HYPERLINK(\"http://f.example\",\"go\")</f></c><c t='s'><v>99</v></c></row></sheetData></worksheet>",
        ),
        (
            "odd/s2.xml",
            "<worksheet><sheetData><row><c t='str'><v>secret</v></c></row></sheetData></worksheet>",
        ),
    ]);
    assert_eq!(document.text.text, "S1\n\n\tone\t\ttwo parts\nin\n");
    assert_eq!(
        document.hidden.text,
        "=HYPERLINK(\"http://f.example\",\"go\")\nS2\n\nsecret\n"
    );
    assert_eq!(document.hidden.page_at(document.hidden.text.len() - 2), Some(2));
    assert_eq!(links(&document), [("http://f.example", "go")]);
    assert_eq!((document.facts.format, document.facts.pages), ("xlsx", 2));
}

#[test]
fn unknown_packages_are_named() {
    assert_eq!(codes(&open(&[("a.xml", "<x/>")])), ["ooxml-no-main-part"]);
}

#[test]
fn repeated_strings_do_not_exhaust_memory() {
    let text = "x".repeat(1 << 20);
    let strings = format!("<sst><si><t>{text}</t></si></sst>");
    let rows = "<row><c t='s'><v>0</v></c></row>".repeat(1000);
    let sheet = format!("<worksheet>{rows}</worksheet>");
    let limits = watchfire_model::Limits {
        artifact_size: 4 << 20,
        ..Default::default()
    };
    let bytes = zip(&[
        ("xl/workbook.xml", "<workbook><sheet r:id='r1'/></workbook>"),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id='r1' Target='s.xml'/><Relationship Id='r2' Type='/sharedStrings' Target='t.xml'/></Relationships>",
        ),
        ("xl/t.xml", &strings),
        ("xl/s.xml", &sheet),
    ]);
    let document = read(&bytes, &Hints::default(), &Budget::new(limits));
    assert!(document.halted.is_some());
    assert!(document.text.text.len() < 6 << 20);
}

#[test]
fn opendocument_sheets_links_and_changes() {
    let content = "<office:body><office:spreadsheet><table:table table:name='T'><table:table-row>\
        <table:table-cell><text:p>a<text:s text:c='2'/>b</text:p></table:table-cell><table:table-cell table:number-columns-repeated='2'/>\
        <table:table-cell table:formula='of:=1'><text:p><text:a xlink:href='http://l.example'>link</text:a></text:p></table:table-cell>\
        </table:table-row></table:table><table:table table:name='U'/></office:spreadsheet></office:body>";
    let bytes = zip(&[
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
        ("content.xml", content),
        ("meta.xml", "<m><dc:title>T &amp; U</dc:title></m>"),
        ("Pictures/a.png", "png"),
        ("Basic/Standard/Module1.xml", "<script/>"),
    ]);
    let document = odf::read(&bytes, &Hints::default(), &Budget::default());
    assert_eq!(document.text.text, "T\n\na b\t\t\tlink\nU\n");
    assert_eq!(document.hidden.text, "of:=1\n");
    assert_eq!(links(&document), [("http://l.example", "link")]);
    assert_eq!(
        (document.facts.format, document.facts.pages, document.embedded.len()),
        ("ods", 2, 2)
    );
}

#[test]
fn small_packages_with_any_byte_wrong_do_not_panic() {
    let bytes = zip(&[
        (
            "word/document.xml",
            "<w:document><w:p><w:hyperlink r:id='r1'><w:r><w:t>a&amp;b</w:t></w:r></w:hyperlink></w:p></w:document>",
        ),
        (
            "word/_rels/document.xml.rels",
            "<R><Relationship Id='r1' Type='x/hyperlink' Target='h' TargetMode='External'/></R>",
        ),
    ]);
    let media_type = MediaType("application/vnd.oasis.opendocument.text");
    for at in 0..bytes.len() {
        let cut = bytes.get(..at).unwrap();
        let mut flipped = bytes.clone();
        flipped[at] ^= 0x21;
        for damaged in [cut, &flipped] {
            let _ = read(damaged, &Hints::default(), &Budget::default());
            let _ = crate::document::read(media_type, damaged, &Hints::default(), &Budget::default());
        }
    }
}
