//! One code in pictures of every kind; `tests/data/image/README.md` says how they were made.

use super::*;
use crate::identify::{By, identify};
use watchfire_model::Hints;

const CODE: &str = "https://qr.evil-site.com/x";

macro_rules! pictures {
    ($($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("../../tests/data/image/", $name)).as_slice())),*]
    };
}

const PICTURES: &[(&str, &[u8])] = pictures! {
    "bilevel.png" "grey.png" "inverted.png" "transparent.png" "palette.png" "rgb.png"
    "colour.jpg" "progressive.jpg" "cmyk.jpg"
    "colour.gif" "interlaced.gif" "colour.bmp" "bilevel.bmp"
};

fn decode(bytes: &[u8]) -> Picture {
    let found = identify(bytes, &Hints::default());
    assert_eq!(found.by, By::Content);
    read(found.media_type, bytes, &Budget::default()).unwrap()
}

#[test]
fn codes_are_read_in_pictures_of_every_kind() {
    for (name, bytes) in PICTURES {
        match decode(bytes) {
            Picture::Decoded(grey) => assert_eq!(codes(&grey, &Budget::default()).unwrap(), [CODE], "{name}"),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn pictures_without_a_code_have_none() {
    let grey = Grey {
        width: 200,
        height: 200,
        pixels: (0..40_000_u32).map(|at| (at % 251).to_le_bytes()[0]).collect(),
    };
    assert_eq!(codes(&grey, &Budget::default()), Ok(Vec::new()));
    assert_eq!(codes(&Grey::default(), &Budget::default()), Ok(Vec::new()));
}

#[test]
fn sizes_are_looked_at_first() {
    let mut png = PICTURES[0].1.to_vec();
    png[16..24].copy_from_slice(&[0, 0, 0x40, 0, 0, 0, 0x40, 0]);
    assert_eq!(decode(&png), Picture::TooLarge);
    png[16..24].copy_from_slice(&[0, 0, 0, 39, 0, 0, 0x40, 0]);
    assert_eq!(decode(&png), Picture::TooSmall);
    png[16..24].copy_from_slice(&[0xff; 8]);
    assert_eq!(decode(&png), Picture::TooLarge);
}

#[test]
fn damaged_pictures_are_survived() {
    for (_, bytes) in PICTURES {
        for length in (0..bytes.len()).step_by(bytes.len() / 100 + 1) {
            let cut = &bytes[..length];
            for kind in [media::PNG, media::JPEG, media::GIF, media::BMP] {
                let _ = read(kind, cut, &Budget::default());
            }
        }
        for at in (0..bytes.len()).step_by(bytes.len() / 150 + 1) {
            let mut damaged = bytes.to_vec();
            damaged[at] ^= 1 << (at % 8);
            for kind in [media::PNG, media::JPEG, media::GIF, media::BMP] {
                if let Ok(Picture::Decoded(grey)) = read(kind, &damaged, &Budget::default())
                    && grey.pixels.len() < 100_000
                {
                    let _ = codes(&grey, &Budget::default());
                }
            }
        }
    }
}

/// Corners of codes side by side, seven pixels each, `count` in a row and as many rows.
fn corners(count: usize) -> Grey {
    let side = count * 9 + 1;
    let is_dark = |at: usize| {
        let (x, y) = ((at % side) % 9, (at / side) % 9);
        let ring = |from: usize, to: usize| (from..=to).contains(&x) && (from..=to).contains(&y);
        at % side < count * 9 && at / side < count * 9 && (ring(1, 7) && !ring(2, 6) || ring(3, 5))
    };
    Grey {
        width: side,
        height: side,
        pixels: (0..side * side).map(|at| if is_dark(at) { 0 } else { 255 }).collect(),
    }
}

#[test]
fn pictures_full_of_corners_are_not_searched() {
    assert_eq!(codes(&corners(3), &Budget::default()), Ok(Vec::new()));
    assert!(codes(&corners(60), &Budget::default()).is_err());
    // All pictures of a mail draw on one account.
    let budget = Budget::default();
    let searched = (0..2_000).take_while(|_| codes(&corners(3), &budget).is_ok()).count();
    assert!((10..2_000).contains(&searched), "{searched}");
}
