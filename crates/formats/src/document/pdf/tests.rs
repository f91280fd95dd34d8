//! PDF files as tools write them, and damaged ones.

use super::*;
use crate::document::Document;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Writes small PDF files: object 1 is the catalog, 2 the page tree, 3 the page, 4 its content, 5 its font.
#[derive(Clone, Default)]
struct Pdf {
    bytes: Vec<u8>,
    offsets: BTreeMap<u32, usize>,
}

impl Pdf {
    fn new() -> Self {
        Self {
            bytes: b"%PDF-1.7\n".to_vec(),
            offsets: BTreeMap::new(),
        }
    }

    /// A page with Helvetica and this content.
    fn page(content: &str) -> Self {
        Self::page_with(
            content,
            "/Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding",
            "",
        )
    }

    fn page_with(content: &str, font: &str, page: &str) -> Self {
        Self::new()
            .object(1, "<< /Type /Catalog /Pages 2 0 R >>")
            .object(
                2,
                "<< /Type /Pages /Kids [3 0 R] /Count 1 /Resources << /Font << /F1 5 0 R >> >> >>",
            )
            .object(3, &format!("<< /Type /Page /Parent 2 0 R /Contents 4 0 R {page} >>"))
            .stream(4, "", content.as_bytes())
            .object(5, &format!("<< {font} >>"))
    }

    fn object(mut self, number: u32, body: &str) -> Self {
        self.offsets.insert(number, self.bytes.len());
        self.bytes
            .extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
        self
    }

    fn stream(mut self, number: u32, dict: &str, data: &[u8]) -> Self {
        self.offsets.insert(number, self.bytes.len());
        let head = format!("{number} 0 obj\n<< /Length {} {dict} >>\nstream\n", data.len());
        self.bytes.extend_from_slice(head.as_bytes());
        self.bytes.extend_from_slice(data);
        self.bytes.extend_from_slice(b"\nendstream\nendobj\n");
        self
    }

    fn flate(self, number: u32, dict: &str, data: &[u8]) -> Self {
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(data, 6);
        self.stream(number, &format!("/Filter /FlateDecode {dict}"), &packed)
    }

    /// Ends with a cross-reference table.
    fn finish(mut self, trailer: &str) -> Vec<u8> {
        let start = self.bytes.len();
        let mut table = String::from("xref\n");
        for (number, offset) in &self.offsets {
            let _ = write!(table, "{number} 1\n{offset:010} 00000 n \n");
        }
        let _ = write!(
            table,
            "trailer\n<< /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n"
        );
        self.bytes.extend_from_slice(table.as_bytes());
        self.bytes
    }

    /// Puts `packed` in an object stream and ends with a cross-reference stream.
    fn finish_packed(self, packed: &[(u32, &str)]) -> Vec<u8> {
        let (mut index, mut bodies) = (String::new(), String::new());
        for (number, body) in packed {
            let _ = write!(index, "{number} {} ", bodies.len());
            bodies.push_str(body);
            bodies.push(' ');
        }
        let dict = format!("/Type /ObjStm /N {} /First {}", packed.len(), index.len());
        let file = self.flate(90, &dict, format!("{index}{bodies}").as_bytes());
        let start = file.bytes.len();
        let mut rows: BTreeMap<u32, [u8; 5]> = BTreeMap::new();
        let row = |kind: u8, value: usize| {
            let [a, b, c] = [value >> 16, value >> 8, value].map(|part| (part & 0xFF) as u8);
            [kind, a, b, c, 0]
        };
        rows.extend(file.offsets.iter().map(|(number, offset)| (*number, row(1, *offset))));
        rows.extend(packed.iter().map(|(number, _)| (*number, row(2, 90))));
        let mut file = file;
        let index: String = rows.keys().map(|number| format!("{number} 1 ")).collect();
        let data: Vec<u8> = rows.values().flatten().copied().collect();
        let predicted: Vec<u8> = data
            .chunks(5)
            .scan([0_u8; 5], |above, row| {
                let out: Vec<u8> = std::iter::once(2)
                    .chain(row.iter().zip(above.iter()).map(|(x, up)| x.wrapping_sub(*up)))
                    .collect();
                above.copy_from_slice(row);
                Some(out)
            })
            .flatten()
            .collect();
        let dict =
            format!("/Type /XRef /W [1 3 1] /Index [{index}] /Root 1 0 R /DecodeParms << /Predictor 12 /Columns 5 >>");
        file = file.flate(91, &dict, &predicted);
        file.bytes
            .extend_from_slice(format!("startxref\n{start}\n%%EOF\n").as_bytes());
        file.bytes
    }
}

fn open(bytes: &[u8]) -> Document {
    read(bytes, &Hints::default(), &Budget::default())
}

#[track_caller]
fn check(bytes: &[u8], expected: &str) -> Document {
    let document = open(bytes);
    assert_eq!(document.text.text, expected, "{:?}", document.problems);
    document
}

fn codes(document: &Document) -> Vec<&'static str> {
    document.problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn text_operators_place_words_and_lines() {
    let content = "BT /F1 12 Tf 14 TL 1 0 0 1 72 720 Tm (Hel) Tj (lo,) Tj 40 0 Td (world) Tj T* [(kerned) -20 (text) -400 (gap)] TJ \
                   (next) ' 2 0 (spaced out) \" ET BT /F1 12 Tf 72 600 Td <66 61 72> Tj 200 0 Td (cell) Tj ET";
    check(
        &Pdf::page(content).finish(""),
        "Hello, world\nkernedtext gap\nnext\nspaced out\n\nfar\tcell\n",
    );
}

#[test]
fn states_and_forms_move_text() {
    let content = "q 2 0 0 2 0 0 cm BT /F1 10 Tf 10 300 Td (big) Tj ET Q q 1 0 0 1 0 -40 cm /X Do Q BT /F1 10 Tf 20 500 Td (after) Tj ET";
    let page = "/Resources << /Font << /F1 5 0 R >> /XObject << /X 6 0 R >> >>";
    let pdf = Pdf::page_with(content, "/Type /Font /Subtype /Type1 /BaseFont /Courier", page).flate(
        6,
        "/Subtype /Form /Matrix [1 0 0 1 0 600]",
        b"BT /F1 10 Tf 20 0 Td (form) Tj ET /X Do",
    );
    check(&pdf.finish(""), "big\n\nform\n\nafter\n");
}

#[test]
fn composite_fonts_read_through_tounicode() {
    let cmap = b"1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <0001> <0003> <0061> endbfrange \
                 1 beginbfchar <0004> <FB03> endbfchar";
    let font = "/Type /Font /Subtype /Type0 /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [<< /DW 500 /W [1 [400 600] 3 4 700] >>]";
    let content = "BT /F1 10 Tf 72 700 Td <0001000200030004> Tj ET";
    check(
        &Pdf::page_with(content, font, "").flate(6, "", cmap).finish(""),
        "abcffi\n",
    );
    let document = open(&Pdf::page_with(content, &font.replace("/ToUnicode 6 0 R", ""), "").finish(""));
    assert_eq!(
        (document.text.text.trim(), codes(&document)),
        ("", vec!["pdf-font-without-text"])
    );
}

#[test]
fn differences_name_glyphs() {
    let font = "/Type /Font /Subtype /Type1 /BaseFont /X /Encoding << /BaseEncoding /MacRomanEncoding /Differences [1 /A /fi 66 /uni0416 /Euro] >>";
    let content = "BT /F1 10 Tf 72 700 Td <01 02 42 43 8E> Tj ET";
    check(&Pdf::page_with(content, font, "").finish(""), "AfiЖ€é\n");
}

#[test]
fn links_have_the_text_under_them_and_their_page() {
    let page = "/Annots [<< /Subtype /Link /Rect [70 695 130 712] /A << /S /URI /URI (https://evil.example/x) >> >> \
                << /Subtype /Link /Rect [0 0 1 1] /A << /S /Launch /F (calc.exe) /Next << /S /URI /URI (http://b.example) >> >> >>]";
    let content = "BT /F1 10 Tf 72 700 Td (click here) Tj 100 0 Td (not here) Tj ET";
    let pdf = Pdf::page_with(content, "/Subtype /Type1 /BaseFont /Helvetica", page)
        .object(8, "<< /Title (Pay me) /Producer (p) >>");
    let document = check(&pdf.finish("/Info 8 0 R"), "click here\tnot here\n");
    let links: Vec<_> = document
        .links
        .iter()
        .map(|link| (link.target.raw(), link.text.raw(), link.page))
        .collect();
    assert_eq!(
        links,
        [
            ("https://evil.example/x", "click here", Some(1)),
            ("http://b.example", "", Some(1))
        ]
    );
    assert_eq!(codes(&document), ["pdf-launch-action"]);
    assert_eq!(
        document.facts.title.map(|title| title.raw().to_owned()).as_deref(),
        Some("Pay me")
    );
}

#[test]
fn packed_objects_are_found_through_their_streams() {
    let pdf = Pdf::new().flate(4, "", b"BT /F1 10 Tf 72 700 Td (packed) Tj ET");
    let bytes = pdf.finish_packed(&[
        (1, "<< /Type /Catalog /Pages 2 0 R >>"),
        (2, "<< /Type /Pages /Kids [3 0 R] >>"),
        (
            3,
            "<< /Type /Page /Contents [4 0 R 4 0 R] /Resources << /Font << /F1 5 0 R >> >> >>",
        ),
        (5, "<< /Subtype /TrueType /BaseFont /Arial >>"),
    ]);
    let document = check(&bytes, "packed\npacked\n");
    assert_eq!(codes(&document), Vec::<&str>::new());
    // The same without the way in.
    let lost = String::from_utf8_lossy(b"startxref").into_owned();
    let at = memchr::memmem::rfind(&bytes, lost.as_bytes()).unwrap();
    let document = check(bytes.get(..at).unwrap(), "packed\npacked\n");
    assert_eq!(codes(&document), ["pdf-xref-damaged"]);
}

#[test]
fn wrong_cross_references_are_not_believed() {
    let mut shifted = b"junk before the header\n".to_vec();
    shifted.extend(Pdf::page("BT /F1 10 Tf 72 700 Td (shifted) Tj ET").finish(""));
    check(&shifted, "shifted\n");
    let bytes = Pdf::page("BT /F1 10 Tf 72 700 Td (moved) Tj ET").finish("");
    let text = String::from_utf8_lossy(&bytes).replace("%PDF-1.7\n", "%PDF-1.7\n% a comment that moves everything\n");
    check(text.as_bytes(), "moved\n");
    // The later of two objects counts, and a wrong length is seen through.
    let text = String::from_utf8_lossy(&bytes).replace("/Length 38", "/Length 3");
    check(text.as_bytes(), "moved\n");
}

#[test]
fn attached_files_are_members() {
    let pdf = Pdf::page("")
        .object(
            1,
            "<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a) 7 0 R] >> >> >>",
        )
        .object(
            7,
            "<< /Type /Filespec /F (old) /UF <FEFF0061002E007300630072> /EF << /F 8 0 R >> >>",
        )
        .flate(8, "/Type /EmbeddedFile", b"MZ");
    let document = open(&pdf.finish(""));
    let members: Vec<_> = document
        .embedded
        .iter()
        .map(|member| (member.name.raw(), member.bytes.as_slice()))
        .collect();
    assert_eq!(members, [("a.scr", b"MZ".as_slice())]);
}

#[test]
fn what_many_places_refer_to_is_read_once() {
    let widgets = "<< /Subtype /Widget /A 7 0 R /AA << /K 8 0 R >> >> ".repeat(100);
    let parts = "(part) 9 0 R ".repeat(100);
    let catalog = format!("<< /Type /Catalog /Pages 2 0 R /AcroForm << /XFA [{parts}] >> >>");
    let page = format!("<< /Type /Page /Annots [{widgets}] >>");
    let pdf = Pdf::new()
        .object(1, &catalog)
        .object(2, "<< /Kids [3 0 R] >>")
        .object(3, &page)
        .stream(6, "", b"app.launchURL('http://a.example')")
        .object(7, "<< /S /JavaScript /JS 6 0 R >>")
        .object(8, "<< /S /JavaScript /JS (http://b.example) >>")
        .stream(9, "", b"<form/>");
    let document = open(&pdf.finish(""));
    let scripts = document.behind.scripts.text;
    assert_eq!(scripts, "http://b.example\napp.launchURL('http://a.example')\n");
    assert_eq!(document.behind.markup.text, "<form/>\n");
}

#[test]
fn loops_end() {
    let pdf = Pdf::new()
        .object(1, "<< /Type /Catalog /Pages 2 0 R >>")
        .object(2, "<< /Kids [2 0 R 3 0 R 3 0 R] /Parent 2 0 R >>")
        .object(
            3,
            "<< /Type /Page /Contents 4 0 R /Annots 6 0 R /Resources << /XObject << /X 10 0 R >> >> >>",
        )
        .stream(4, "/Length 4 0 R", b"/X Do")
        .object(6, "6 0 R");
    // Each form paints the next ten times, and the last the first.
    let pdf = (10..20).fold(pdf, |pdf, number| {
        let next = if number == 19 { 10 } else { number + 1 };
        let dict = format!("/Subtype /Form /Resources << /XObject << /X {next} 0 R >> >>");
        pdf.stream(number, &dict, &b"/X Do ".repeat(10))
    });
    let budget = Budget::new(watchfire_model::Limits {
        records: 20_000,
        ..Default::default()
    });
    let document = read(&pdf.finish("/Prev 9"), &Hints::default(), &budget);
    assert!(document.halted.is_some());
    assert_eq!(document.facts.pages, 1);
}

#[test]
fn small_files_with_any_bit_wrong_do_not_panic() {
    let page = "/Annots [<< /Subtype /Link /Rect [70 695 130 712] /A << /S /URI /URI (https://evil.example/x) >> >>]";
    let font = "/Subtype /Type0 /Encoding /Identity-H /ToUnicode 6 0 R /DescendantFonts [<< /DW 500 /W [1 [400 600] 3 4 700] >>]";
    let bytes = Pdf::page_with("BT /F1 10 Tf 72 700 Td [<0001> -9 <0002>] TJ (a)' ET", font, page)
        .stream(6, "", b"1 beginbfrange <0001> <0003> <0061> endbfrange")
        .finish("/Info << /Title (t) >>");
    let budget = Budget::default();
    for at in 0..bytes.len() {
        let _ = read(bytes.get(..at).unwrap(), &Hints::default(), &budget);
        for bit in [0, 2, 5, 7] {
            let mut damaged = bytes.clone();
            damaged[at] ^= 1 << bit;
            let _ = read(&damaged, &Hints::default(), &budget);
        }
    }
}

#[test]
fn repeated_openings_stay_linear() {
    for piece in [
        "1 0 obj%",
        "1 0 obj(",
        "1 0 obj<<",
        "1 0 obj<</Length 1 0 R>>stream ",
        "trailer<<",
        "trailer(",
        "[",
        "xref 0 9 ",
    ] {
        let bytes: Vec<u8> = piece.bytes().cycle().take(400_000).collect();
        let _ = open(&bytes);
    }
}
