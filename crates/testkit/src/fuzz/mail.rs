//! Targets of mail and of what travels in it.

use super::{length, limits, spent_within};
use crate::outlook::{Message as Built, packed_rtf};
use watchfire_formats::email::{self, Message, forwarded, uuencoded};
use watchfire_formats::identify::media;
use watchfire_formats::{calendar as calendars, image as images};
use watchfire_model::Budget;

/// Mail: every part is inside of it, and its files are inside of its parts.
pub fn mail(data: &[u8]) {
    let message = Message::read(data);
    assert_eq!(message.parts.len(), message.facts.parts.len(), "a part is not told");
    assert_eq!(message.parts.len(), message.contents.len(), "a part has no content");
    for (part, content) in message.parts.iter().zip(&message.contents) {
        assert!(part.body.end <= data.len(), "a part ends outside");
        let files = uuencoded::files(&content.bytes);
        let unpacked: u64 = files.iter().map(|file| length(&file.bytes)).sum();
        assert!(unpacked <= length(&content.bytes), "files are longer than their text");
        let text = String::from_utf8_lossy(&content.bytes);
        if let Some(quoted) = forwarded::find(&text) {
            assert!(
                text.get(quoted.at..quoted.body).is_some(),
                "a quoted header is not in its text"
            );
            let words = quoted.words(&text);
            assert!(words.len() <= text.len(), "a quoted text grows");
            let written = quoted.compose(&message, &[("plain", &words)], "0");
            assert!(
                Message::read(&written).facts.from_fields <= 1,
                "a quoted field brings another"
            );
        }
    }
}

/// Messages of Outlook: what is written out is a mail, and no more than a small multiple of the file.
pub fn outlook(data: &[u8]) {
    written(data, email::outlook::to_mail);
}

/// Packets of Outlook.
pub fn tnef(data: &[u8]) {
    written(data, email::tnef::to_mail);
}

/// Rich text in a message.
pub fn rtf(data: &[u8]) {
    outlook(&Built::new().bytes(0x1009, &packed_rtf(data)).build());
    outlook(&Built::new().bytes(0x1009, data).build());
}

fn written(data: &[u8], read: fn(&[u8], &Budget) -> Option<email::outlook::Mail>) {
    let budget = Budget::new(limits());
    if let Some(made) = read(data, &budget) {
        let most = length(data).saturating_mul(40).saturating_add(64 << 10);
        assert!(
            length(&made.bytes) <= most,
            "{} bytes of {}",
            made.bytes.len(),
            data.len()
        );
        mail(&made.bytes);
    }
    spent_within(&budget);
}

/// Calendars: every line is where it stands.
pub fn calendar(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut before = 0;
    for line in calendars::read(&text).lines {
        assert!(
            line.place.start >= before && line.place.end <= text.len(),
            "a line is nowhere"
        );
        before = line.place.end;
        let _ = line.text();
    }
}

/// S/MIME: the content is no longer than the message.
pub fn smime(data: &[u8]) {
    if let Some(email::smime::Cms::Signed(content)) = email::smime::read(data) {
        assert!(content.len() <= data.len(), "the content is longer than the message");
    }
}

/// Pictures: as many pixels as rows and columns, and codes that are read from any of them.
pub fn image(data: &[u8]) {
    let budget = Budget::new(limits());
    for kind in [media::PNG, media::JPEG, media::GIF, media::BMP] {
        if let Ok(images::Picture::Decoded(picture)) = images::read(kind, data, &budget) {
            assert_eq!(picture.pixels.len(), picture.width.saturating_mul(picture.height));
            if picture.pixels.len() <= 200_000 {
                let _ = images::codes(&picture, &budget);
            }
        }
    }
    spent_within(&budget);
}

/// Links behind services: bounded, and never the same link again.
pub fn unwrap(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for line in text.lines() {
        if let Some(found) = watchfire_analysis::unwrap(line) {
            assert!(
                !found.target.is_empty() && !found.through.is_empty(),
                "it leads nowhere"
            );
            assert!(found.through.len() <= 16, "too many layers");
        }
    }
}
