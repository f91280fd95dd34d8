//! `winmail.dat` (MS-OXTNEF): what Outlook packs into one attachment for another Outlook, and all others see as a riddle.
//!
//! A run of attributes; most of what counts is in two of them as properties, which are read as those of `.msg` files are
//! and written out as the same mail. Bytes are borrowed until then, and nothing is allocated by a declared size.

use super::outlook::property::{Id, Properties, Value, encoding, id, kind};
use super::outlook::{Attachment, Content, DEEPEST, Item, Mail, compose};
use crate::bytes::{Cursor, le32};
use sha2::{Digest, Sha256};
use watchfire_model::{Budget, Problem};

/// The first four bytes.
const SIGNATURE: &[u8] = b"\x78\x9f\x3e\x22";
/// Attachments and recipients that are read, of each.
const MOST: usize = 5_000;

/// Writes out the mail that a packet stands for. `None` where the bytes do not begin like one.
pub fn to_mail(bytes: &[u8], budget: &Budget) -> Option<Mail> {
    let mut mail = Mail::default();
    let item = read(bytes, 0, &mut mail)?;
    let seed: [u8; 32] = Sha256::digest(bytes).into();
    if let Err(halt) = compose(&item, &seed, budget, &mut mail) {
        mail.halted = Some(halt);
    }
    Some(mail)
}

fn read(bytes: &[u8], depth: usize, mail: &mut Mail) -> Option<Item> {
    let mut cursor = Cursor::new(bytes.strip_prefix(SIGNATURE)?);
    cursor.take(2)?;
    let mut item = Item::default();
    loop {
        if cursor.rest().is_empty() {
            break;
        }
        let head = (|| Some((cursor.u8()?, cursor.le32()?, cursor.le32()?)))();
        let value = head.and_then(|(_, id, length)| Some((id, cursor.take(usize::try_from(length).ok()?)?)));
        let Some((attribute, value)) = value else {
            let why = "the packet of Outlook is cut short; what is there was read";
            mail.problems.push(Problem::warning("tnef-cut-short", why));
            break;
        };
        // The checksum tells nothing about what is meant.
        let _ = cursor.take(2);
        if item.attachments.len() > MOST {
            let why = format!("more than {MOST} attachments; the rest was not read");
            mail.problems.push(Problem::warning("tnef-too-many-parts", why));
            break;
        }
        put(&mut item, attribute, value, depth, mail);
    }
    Some(item)
}

/// Takes one attribute in.
fn put(item: &mut Item, attribute: u32, value: &[u8], depth: usize, mail: &mut Mail) {
    match attribute {
        // The code page of all 8-bit texts.
        0x0006_9007 => {
            let page = le32(value, 0).filter(|page| encoding(*page).is_some());
            if let Some(page) = page {
                item.properties
                    .set(id::MESSAGE_CODEPAGE, Value::Number(u64::from(page)));
            }
        }
        0x0006_9003 => properties(&mut Cursor::new(value), &mut item.properties),
        0x0006_9004 => {
            let mut cursor = Cursor::new(value);
            let rows = cursor
                .le32()
                .and_then(|rows| usize::try_from(rows).ok())
                .unwrap_or_default();
            for _ in 0..rows.min(MOST) {
                if cursor.rest().is_empty() {
                    break;
                }
                let mut row = Properties::default();
                properties(&mut cursor, &mut row);
                item.recipients.push(row);
            }
        }
        0x0001_8004 => item.properties.add(id::SUBJECT, kind::STRING8, value.to_vec()),
        0x0002_800c => item.properties.add(id::BODY, kind::STRING8, value.to_vec()),
        // A new attachment begins.
        0x0006_9002 => item.attachments.push(Attachment {
            properties: Properties::default(),
            content: Content::Nothing,
        }),
        0x0006_800f | 0x0001_8010 | 0x0006_9005 => {
            let Some(attachment) = item.attachments.last_mut() else {
                return;
            };
            match attribute {
                0x0006_800f => attachment.content = Content::Bytes(value.to_vec()),
                0x0001_8010 => attachment
                    .properties
                    .add(id::ATTACH_FILENAME, kind::STRING8, value.to_vec()),
                _ => {
                    properties(&mut Cursor::new(value), &mut attachment.properties);
                    settle(attachment, depth, mail);
                }
            }
        }
        _ => {}
    }
}

/// Takes the content of an attachment out of its properties, if it is there.
fn settle(attachment: &mut Attachment, depth: usize, mail: &mut Mail) {
    let Some(data) = attachment.properties.take(id::ATTACH_DATA) else {
        return;
    };
    // Objects begin with the interface that reads them.
    let object = data.get(16..).filter(|object| object.starts_with(SIGNATURE));
    attachment.content = match object {
        Some(_) if depth + 1 >= DEEPEST => {
            let why = format!("messages are nested deeper than {DEEPEST}; the innermost were not read");
            mail.problems.push(Problem::warning("outlook-too-deep", why));
            Content::Nothing
        }
        Some(object) => read(object, depth + 1, mail).map_or(Content::Nothing, |item| Content::Item(Box::new(item))),
        None => Content::Bytes(object_content(data)),
    };
}

/// A compound file behind the name of its interface; other bytes as they are.
fn object_content(data: Vec<u8>) -> Vec<u8> {
    match data.get(16..) {
        Some(inner) if inner.starts_with(crate::ole::SIGNATURE) => inner.to_vec(),
        _ => data,
    }
}

/// Reads a counted run of properties, as far as it goes.
fn properties(cursor: &mut Cursor<'_>, out: &mut Properties) {
    let count = cursor.le32().unwrap_or_default();
    for _ in 0..count {
        if property(cursor, out).is_none() {
            return;
        }
    }
}

fn property(cursor: &mut Cursor<'_>, out: &mut Properties) -> Option<()> {
    const SEVERAL: u16 = 0x1000;
    let (of, number) = (cursor.le16()?, cursor.le16()?);
    if number >= 0x8000 {
        // A name: whose, and a number or a text.
        cursor.take(16)?;
        let is_text = cursor.le32()? == 1;
        let length = cursor.le32()?;
        if is_text {
            padded(cursor, length)?;
        }
    }
    let wanted = number < 0x8000 && id::READ.contains(&Id(number));
    let base = of & !SEVERAL;
    let is_variable = matches!(base, kind::STRING8 | kind::UNICODE | kind::BINARY | kind::OBJECT);
    let values = if is_variable || of & SEVERAL != 0 {
        cursor.le32()?
    } else {
        1
    };
    for at in 0..values {
        if is_variable {
            let length = cursor.le32()?;
            let value = padded(cursor, length)?;
            if wanted && at == 0 {
                out.add(Id(number), base, value.to_vec());
            }
            continue;
        }
        let width = match base {
            0x0001 => 0,
            0x0002 | 0x0003 | 0x0004 | 0x000a | 0x000b => 4,
            0x0048 => 16,
            0x0005 | 0x0006 | 0x0007 | 0x0014 | 0x0040 => 8,
            _ => return None,
        };
        // Values of no bytes would be counted for ever.
        if width == 0 {
            break;
        }
        let value = cursor.take(width)?;
        if wanted && at == 0 {
            out.add_fixed(Id(number), base, value);
        }
    }
    Some(())
}

/// A value, filled up to four bytes.
fn padded<'a>(cursor: &mut Cursor<'a>, length: u32) -> Option<&'a [u8]> {
    let length = usize::try_from(length).ok()?;
    let value = cursor.take(length)?;
    let rest = cursor.rest().len();
    let _ = cursor.take(((4 - length % 4) % 4).min(rest));
    Some(value)
}
