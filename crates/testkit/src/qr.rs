//! A QR code, and documents that show it in every way that programs do.

use crate::archive::zlib;
use crate::document::assemble;
use crate::picture;
use std::fmt::Write as _;
use watchfire_formats::identify::media;
use watchfire_formats::image::{Picture, read};
use watchfire_model::Budget;

/// What the code says.
pub const SAYS: &str = "https://qr.evil-site.com/x";

/// The code as a picture, three pixels to a module; `crates/formats/tests/data/image/README.md` says how it was made.
const PICTURE: &[u8] = include_bytes!("../../formats/tests/data/image/grey.png");
/// The same in colour.
const JPEG: &[u8] = include_bytes!("../../formats/tests/data/image/colour.jpg");
const PIXELS: usize = 3;

/// The code's modules row by row without the white around them, `true` for dark.
pub fn modules() -> Vec<Vec<bool>> {
    let Ok(Picture::Decoded(grey)) = read(media::PNG, PICTURE, &Budget::default()) else {
        return Vec::new();
    };
    let rows = grey.pixels.chunks(grey.width).step_by(PIXELS);
    let rows = rows.map(|row| row.iter().step_by(PIXELS).map(|pixel| *pixel < 128).collect::<Vec<_>>());
    let dark: Vec<Vec<bool>> = rows.filter(|row| row.contains(&true)).collect();
    let first = dark.iter().filter_map(|row| row.iter().position(|dark| *dark)).min();
    let (first, side) = (first.unwrap_or(0), dark.len());
    dark.iter()
        .map(|row| row.iter().skip(first).take(side).copied().collect())
        .collect()
}

/// A document of two pages: words on the first, `content` on the second, where `/P` is the first of `objects`. Further ones are
/// numbered from 9.
pub fn pdf(content: &str, objects: &[Vec<u8>]) -> Vec<u8> {
    let page = |content: u32| {
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {content} 0 R /Resources << /Font << /F1 \
             << /Type /Font /Subtype /Type1 /BaseFont /Courier >> >> /XObject << /P 8 0 R >> /ColorSpace << /Black \
             [/Separation /Black /DeviceGray 7 0 R] >> >> >>"
        )
    };
    let mut all = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R 5 0 R] /Count 2 >>".to_vec(),
        page(4).into_bytes(),
        stream(
            "",
            b"BT /F1 12 Tf 40 790 Td (Dear colleague, scan the code on the next page.) Tj ET",
        ),
        page(6).into_bytes(),
        stream("", content.as_bytes()),
        b"<< /FunctionType 2 /Domain [0 1] /N 1 >>".to_vec(),
    ];
    all.extend(objects.iter().cloned());
    assemble(&all)
}

/// A stream with these entries.
pub fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let mut object = format!("<< {entries} /Length {} >>\nstream\n", data.len()).into_bytes();
    object.extend(data);
    object.extend(b"\nendstream");
    object
}

/// Deflated.
fn flate(entries: &str, data: &[u8]) -> Vec<u8> {
    stream(&format!("{entries} /Filter /FlateDecode"), &zlib(data))
}

/// What a picture's dictionary begins with.
fn sized(side: usize, entries: &str) -> String {
    format!("/Type /XObject /Subtype /Image /Width {side} /Height {side} {entries}")
}

/// How a document shows the code, and the document.
pub fn documents() -> Vec<(&'static str, Vec<u8>)> {
    let mut all = pictures();
    all.extend(drawings());
    all
}

/// Rows of bits, each row from a whole byte, 1 for what `is_set` says.
fn bits(rows: &[Vec<bool>], is_set: bool) -> Vec<u8> {
    let row = |row: &Vec<bool>| {
        let bytes = row.chunks(8).map(|eight| {
            let bits = eight.iter().zip([128, 64, 32, 16, 8, 4, 2, 1]);
            bits.filter(|(dark, _)| **dark == is_set)
                .map(|(_, bit)| bit)
                .sum::<u8>()
        });
        bytes.collect::<Vec<u8>>()
    };
    rows.iter().flat_map(row).collect()
}

/// Rows of pixels of several bytes.
fn pixels(rows: &[Vec<bool>], dark: &[u8], light: &[u8]) -> Vec<u8> {
    let modules = rows.iter().flatten();
    modules
        .flat_map(|is_dark| if *is_dark { dark } else { light })
        .copied()
        .collect()
}

#[expect(clippy::too_many_lines, reason = "a list of documents, one by one")]
fn pictures() -> Vec<(&'static str, Vec<u8>)> {
    let rows = modules();
    let side = rows.len();
    let big: Vec<Vec<bool>> = rows
        .iter()
        .flat_map(|row| {
            let wide: Vec<bool> = row.iter().flat_map(|dark| [*dark; PIXELS]).collect();
            std::iter::repeat_n(wide, PIXELS)
        })
        .collect();
    let one = |object: Vec<u8>| pdf("q 120 0 0 120 200 400 cm /P Do Q", &[object]);
    let small = |entries: &str, data: &[u8]| one(flate(&sized(side, entries), data));
    let grey = pixels(&rows, &[0], &[255]);
    let rgb = pixels(&rows, &[20, 0, 60], &[255, 255, 255]);
    let black = vec![0; 3 * side * side];
    let predicted: Vec<u8> = rgb
        .chunks(3 * side)
        .flat_map(|row| differences(row, 3, Some(1)))
        .collect();
    let tiff: Vec<u8> = grey.chunks(side).flat_map(|row| differences(row, 1, None)).collect();
    let hex: String = bits(&rows, false).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let block = u16::try_from(side).unwrap_or_default();
    let shade = |column: u16, row: u16| {
        let dark = rows.get(usize::from(row)).and_then(|row| row.get(usize::from(column)));
        if dark == Some(&true) { 10 } else { 245 }
    };
    let dct = |data: &[u8], side: usize, entries: &str| {
        one(stream(&format!("{} /Filter /DCTDecode", sized(side, entries)), data))
    };
    let masked = |key: &str, mask: Vec<u8>| {
        let entries = format!("/ColorSpace /DeviceRGB /BitsPerComponent 8 /{key} 9 0 R");
        let picture = flate(&sized(side, &entries), &black);
        pdf("q 120 0 0 120 200 400 cm /P Do Q", &[picture, mask])
    };
    vec![
        (
            "grey",
            one(flate(
                &sized(3 * side, "/ColorSpace /DeviceGray /BitsPerComponent 8"),
                &pixels(&big, &[0], &[255]),
            )),
        ),
        (
            "grey, a pixel to a module",
            small("/ColorSpace /DeviceGray /BitsPerComponent 8", &grey),
        ),
        (
            "one bit",
            small("/ColorSpace /DeviceGray /BitsPerComponent 1", &bits(&rows, false)),
        ),
        (
            "one bit, turned",
            small(
                "/ColorSpace /DeviceGray /BitsPerComponent 1 /Decode [1 0]",
                &bits(&rows, true),
            ),
        ),
        ("colours", small("/ColorSpace /DeviceRGB /BitsPerComponent 8", &rgb)),
        ("profile", {
            let picture = flate(&sized(side, "/ColorSpace [/ICCBased 9 0 R] /BitsPerComponent 8"), &rgb);
            pdf("q 120 0 0 120 200 400 cm /P Do Q", &[picture, stream("/N 3", b"")])
        }),
        (
            "inks",
            small(
                "/ColorSpace /DeviceCMYK /BitsPerComponent 8",
                &pixels(&rows, &[0, 0, 0, 255], &[0, 0, 0, 0]),
            ),
        ),
        (
            "one ink",
            small(
                "/ColorSpace [/Separation /Black /DeviceGray 7 0 R] /BitsPerComponent 8",
                &pixels(&rows, &[255], &[0]),
            ),
        ),
        (
            "palette",
            small(
                "/ColorSpace [/Indexed /DeviceRGB 1 <ffffff000040>] /BitsPerComponent 1",
                &bits(&rows, true),
            ),
        ),
        (
            "PNG predictor",
            small(
                &format!(
                    "/ColorSpace /DeviceRGB /BitsPerComponent 8 /DecodeParms << /Predictor 15 /Colors 3 /Columns {side} >>"
                ),
                &predicted,
            ),
        ),
        (
            "TIFF predictor",
            small(
                &format!("/ColorSpace /DeviceGray /BitsPerComponent 8 /DecodeParms << /Predictor 2 /Columns {side} >>"),
                &tiff,
            ),
        ),
        ("stencil", small("/ImageMask true", &bits(&rows, false))),
        (
            "soft mask",
            masked(
                "SMask",
                flate(
                    &sized(side, "/ColorSpace /DeviceGray /BitsPerComponent 8"),
                    &pixels(&rows, &[255], &[0]),
                ),
            ),
        ),
        (
            "mask",
            masked("Mask", flate(&sized(side, "/ImageMask true"), &bits(&rows, false))),
        ),
        (
            "two filters",
            one(stream(
                &sized(
                    side,
                    "/ColorSpace /DeviceGray /BitsPerComponent 1 /Filter [/ASCIIHexDecode]",
                ),
                hex.as_bytes(),
            )),
        ),
        (
            "JPEG",
            dct(
                &picture::jpeg(block, block, shade),
                8 * side,
                "/ColorSpace /DeviceGray /BitsPerComponent 8",
            ),
        ),
        (
            "JPEG in colour",
            dct(JPEG, 3 * side, "/ColorSpace /DeviceRGB /BitsPerComponent 8"),
        ),
        ("mirrored and back", {
            let upside_down: Vec<Vec<bool>> = rows.iter().rev().cloned().collect();
            let picture = flate(
                &sized(side, "/ColorSpace /DeviceGray /BitsPerComponent 1"),
                &bits(&upside_down, false),
            );
            pdf("q 120 0 0 -120 200 520 cm /P Do Q", &[picture])
        }),
        (
            "in the midst",
            pdf(
                &format!("q 120 0 0 120 200 400 cm BI /W {side} /H {side} /CS /G /BPC 1 /F /AHx ID {hex}> EI Q"),
                &[],
            ),
        ),
        ("in a form", {
            let picture = flate(
                &sized(side, "/ColorSpace /DeviceGray /BitsPerComponent 1"),
                &bits(&rows, false),
            );
            let form = stream(
                "/Type /XObject /Subtype /Form /BBox [0 0 1 1] /Resources << /XObject << /Q 9 0 R >> >>",
                b"/Q Do",
            );
            pdf("q 120 0 0 120 200 400 cm /P Do Q", &[form, picture])
        }),
    ]
}

/// A row as its differences from the pixel before; with the kind of PNG's filter in front, if there is one.
fn differences(row: &[u8], pixel: usize, kind: Option<u8>) -> Vec<u8> {
    let before = std::iter::repeat_n(&0, pixel).chain(row);
    let differences = row.iter().zip(before).map(|(byte, before)| byte.wrapping_sub(*before));
    kind.into_iter().chain(differences).collect()
}

/// Dark runs of modules: row from the top, first column, columns.
fn runs(rows: &[Vec<bool>], longest: usize) -> Vec<(usize, usize, usize)> {
    let mut all: Vec<(usize, usize, usize)> = Vec::new();
    for (y, row) in rows.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
            match all.last_mut() {
                Some((at, from, columns)) if *at == y && *from + *columns == x && *columns < longest => *columns += 1,
                _ => all.push((y, x, 1)),
            }
        }
    }
    all
}

#[expect(clippy::too_many_lines, reason = "a list of documents, one by one")]
fn drawings() -> Vec<(&'static str, Vec<u8>)> {
    let rows = modules();
    let drawn = |longest: usize, each: &dyn Fn(f64, f64, f64) -> String, around: (&str, &str)| {
        let mut content = around.0.to_owned();
        for (y, x, columns) in runs(&rows, longest) {
            let (x, y) = (x as f64, (rows.len() - y - 1) as f64);
            content.push_str(&each(x, y, columns as f64));
            content.push('\n');
        }
        content.push_str(around.1);
        pdf(&content, &[])
    };
    let square = |x: f64, y: f64, width: f64| format!("{x} {y} {width} 1 re f");
    let bare = |x: f64, y: f64, width: f64| format!("{x} {y} {width} 1 re");
    let placed = "q 2.5 0 0 2.5 200 400 cm ";
    let table: String = (0..40)
        .map(|row| format!("40 {} 500 0.5 re f\n", 100 + 7 * row))
        .collect();
    vec![
        ("a square to a module", drawn(1, &square, (placed, "Q"))),
        ("rows of squares", drawn(usize::MAX, &square, (placed, "Q"))),
        ("one path", drawn(1, &bare, (placed, "f Q"))),
        ("one path, even and odd", drawn(usize::MAX, &bare, (placed, "f* Q"))),
        (
            "lines around squares",
            drawn(
                1,
                &|x, y, width| {
                    format!(
                        "{x} {y} m {} {y} l {} {} l {x} {} l h f",
                        x + width,
                        x + width,
                        y + 1.0,
                        y + 1.0
                    )
                },
                (placed, "Q"),
            ),
        ),
        (
            "dots",
            drawn(
                1,
                &|x, y, _| {
                    let (a, b, r, t) = (x + 0.5, y + 0.5, x + 1.0, y + 1.0);
                    format!(
                        "{x} {b} m {x} {y} {x} {y} {a} {y} c {r} {y} {r} {y} {r} {b} c {r} {t} {r} {t} {a} {t} c {x} {t} {x} {t} {x} {b} c f"
                    )
                },
                (placed, "Q"),
            ),
        ),
        (
            "on a white page",
            drawn(1, &square, (&format!("1 g 0 0 595 842 re f 0 0 0 rg {placed}"), "Q")),
        ),
        (
            "in ink",
            drawn(
                1,
                &square,
                (&format!("0 0 0 0 k 0 0 595 842 re f 0 0 0 1 k {placed}"), "Q"),
            ),
        ),
        (
            "in one ink",
            drawn(1, &square, (&format!("/Black cs 1 scn {placed}"), "Q")),
        ),
        (
            "upside down",
            drawn(
                1,
                &|x, y, width| format!("{x} {} {width} -1 re f", -y),
                ("q 2.5 0 0 -2.5 200 400 cm ", "Q"),
            ),
        ),
        (
            "a quarter turned",
            drawn(1, &square, ("q 0 2.5 -2.5 0 300 400 cm ", "Q")),
        ),
        ("between rules", drawn(1, &square, (&format!("{table}{placed}"), "Q"))),
    ]
}
