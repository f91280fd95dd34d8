//! Pictures: the QR codes in them, and where those lead.
//!
//! What a telephone would read is text like any other, and goes through the extractor; so do the strings among the bytes.
//! What the picture shows is not looked at.

use super::binary::strings_in;
use super::{Analyzer, AnalyzerInfo};
use crate::Context;
use crate::context::Reading;
use crate::locate::Pieces;
use watchfire_formats::image::{self, MOST_PIXELS, Picture};
use watchfire_model::{Artifact, Fact, Halt, MediaType, Problem, Via};

/// See the module.
#[derive(Debug)]
pub(crate) struct Image;

static INFO: AnalyzerInfo = AnalyzerInfo {
    name: "image",
    describes: "pictures (PNG, JPEG, GIF, BMP): QR codes",
};

impl Analyzer for Image {
    fn info(&self) -> &'static AnalyzerInfo {
        &INFO
    }

    fn handles(&self, media_type: MediaType) -> bool {
        image::handles(media_type)
    }

    fn analyze(&self, artifact: &Artifact, cx: &mut Context<'_>) -> Result<(), Halt> {
        // Notes and what is hung on at the end.
        strings_in(artifact, cx)?;
        let unread = match image::read(cx.media_type(), artifact.bytes(), cx.budget())? {
            Picture::Decoded(picture) => match image::codes(&picture, cx.budget()) {
                Ok(codes) => return read_codes(codes.iter().map(|code| (code.as_str(), None)), cx),
                Err(why) => format!("{why}; whether it shows a QR code is not known"),
            },
            Picture::TooSmall => return Ok(()),
            Picture::TooLarge => format!("the picture has more than {MOST_PIXELS} pixels; it was not looked at"),
            Picture::Unread(why) => format!("{why}; whether it shows a QR code is not known"),
        };
        cx.partial();
        cx.report(Problem::note("image-unread", unread));
        Ok(())
    }
}

/// Emits codes, each with its page, where there is one, and sends what they say through the extractor.
pub(super) fn read_codes<'c>(
    codes: impl IntoIterator<Item = (&'c str, Option<u32>)>,
    cx: &mut Context<'_>,
) -> Result<(), Halt> {
    let mut texts = Pieces::default();
    for (code, page) in codes {
        texts.push(code, None, page);
        cx.fact(Fact::Qr {
            text: code.into(),
            page,
        });
    }
    let reading = Reading {
        via: Some(Via::Qr),
        ..Reading::PLAIN
    };
    cx.extract(texts.text(), &texts, reading)
}
