//! Documents built by hand: a PDF of text pages with links (ISO 32000-1), a docx of paragraphs (ECMA-376).

use crate::archive::Zip;
use std::fmt::Write as _;

/// Lines that fit on a page of [`pdf`].
pub const LINES_PER_PAGE: usize = 54;

/// A PDF: `text` in Courier, line by line, page by page, streams deflated; each of `links` is an annotation on the
/// first page whose target is not visible in the text.
pub fn pdf(text: &str, links: &[&str]) -> Vec<u8> {
    let lines: Vec<&str> = text.lines().collect();
    let pages: Vec<&[&str]> = lines.chunks(LINES_PER_PAGE).collect();
    let first_page = 4;
    let first_link = first_page + 2 * pages.len();
    let mut objects: Vec<Vec<u8>> = Vec::new();
    let kids: String = (0..pages.len())
        .map(|page| format!("{} 0 R ", first_page + 2 * page))
        .collect();
    objects.push(b"<< /Type /Catalog /Pages 2 0 R >>".to_vec());
    objects.push(format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len()).into_bytes());
    objects.push(b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>".to_vec());
    for (number, page) in pages.iter().enumerate() {
        let annotations: String = if number == 0 {
            (0..links.len())
                .map(|link| format!("{} 0 R ", first_link + link))
                .collect()
        } else {
            String::new()
        };
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> \
                 /Contents {} 0 R /Annots [{annotations}] >>",
                first_page + 2 * number + 1
            )
            .into_bytes(),
        );
        objects.push(page_content(page));
    }
    for (number, link) in links.iter().enumerate() {
        let top = 780_usize.saturating_sub(14 * number);
        objects.push(
            format!(
                "<< /Type /Annot /Subtype /Link /Rect [50 {} 300 {top}] /Border [0 0 0] \
                 /A << /Type /Action /S /URI /URI ({}) >> >>",
                top.saturating_sub(12),
                escaped(link)
            )
            .into_bytes(),
        );
    }
    assemble(&objects)
}

fn page_content(lines: &[&str]) -> Vec<u8> {
    let mut text = String::from("BT /F1 7 Tf 40 790 Td 13 TL\n");
    for line in lines {
        let _ = writeln!(text, "({}) Tj T*", escaped(line));
    }
    text.push_str("ET\n");
    let data = crate::archive::zlib(text.as_bytes());
    let mut object = format!("<< /Length {} /Filter /FlateDecode >>\nstream\n", data.len()).into_bytes();
    object.extend(data);
    object.extend(b"\nendstream");
    object
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('(', "\\(").replace(')', "\\)")
}

/// Objects numbered from 1, the cross-reference table and the trailer.
pub(crate) fn assemble(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(objects) {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        out.extend(format!("{number} 0 obj\n").into_bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    out.extend(table.into_bytes());
    out.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
            objects.len() + 1
        )
        .into_bytes(),
    );
    out
}

/// A docx with one paragraph per line.
pub fn docx(text: &str) -> Vec<u8> {
    let mut body = String::new();
    for line in text.lines() {
        let line = line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let _ = write!(body, "<w:p><w:r><w:t xml:space=\"preserve\">{line}</w:t></w:r></w:p>");
    }
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    let types = format!(
        "{xml}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
         <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Override PartName=\"/word/document.xml\" ContentType=\
         \"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/></Types>"
    );
    let relations = format!(
        "{xml}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
         <Relationship Id=\"rId1\" Type=\
         \"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
         Target=\"word/document.xml\"/></Relationships>"
    );
    let document = format!(
        "{xml}<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">\
         <w:body>{body}</w:body></w:document>"
    );
    Zip::new()
        .file("[Content_Types].xml", types.as_bytes())
        .file("_rels/.rels", relations.as_bytes())
        .file("word/document.xml", document.as_bytes())
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cross_reference_table_points_at_objects() {
        let pdf = pdf(&"line (1)\n".repeat(60), &["https://www.example.org/a"]);
        let text = String::from_utf8_lossy(&pdf).into_owned();
        assert!(text.starts_with("%PDF-1.4"));
        let lossless: String = pdf.iter().map(|byte| char::from(*byte)).collect();
        let offsets = lossless.lines().filter(|line| line.ends_with(" 00000 n "));
        for (number, offset) in (1..).zip(offsets) {
            let at: usize = offset.split(' ').next().unwrap().parse().unwrap();
            assert!(pdf[at..].starts_with(format!("{number} 0 obj").as_bytes()));
        }
    }
}
