//! Messages of Outlook (MS-OXMSG): a compound file of properties, recipients and attachments.
//!
//! They are written out as the mail that they stand for ([`to_mail`]), and that is read like any other: there is one
//! reader of mail. Contents of attachments stay exact to the byte; the mail around them is made by us, so that no
//! signature of the original can be verified on it. A message inside of a message becomes a mail inside of the mail.

mod compose;
mod lzfu;
pub(super) mod property;
mod rtf;

pub(crate) use property::{encoding, wide};
pub(crate) use rtf::read as rich_text;

pub(super) use compose::{Attachment, Content, Item, compose};

use crate::ole::{Compound, Kind};
use property::{Properties, id, kind};
use sha2::{Digest, Sha256};
use watchfire_model::{Budget, Halt, Problem};

/// Messages in messages.
pub(super) const DEEPEST: usize = 16;
/// Recipients and attachments that are read, of each.
const MOST: usize = 5_000;
/// Streams of an object that are handed out.
const OBJECT_STREAMS: usize = 20;

/// A mail that was written out from properties.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    /// The mail.
    pub bytes: Vec<u8>,
    /// What is not as it should be.
    pub problems: Vec<Problem>,
    /// Reading stopped at a limit; what was read before is there.
    pub halted: Option<Halt>,
}

/// Writes a message of Outlook as a mail. `None` where the bytes are no compound file.
pub fn to_mail(bytes: &[u8], budget: &Budget) -> Option<Mail> {
    let file = Compound::open(bytes)?;
    let mut mail = Mail::default();
    let item = read_item(&file, 0, 0, &mut mail);
    let seed: [u8; 32] = Sha256::digest(bytes).into();
    if !item.properties.has(id::TRANSPORT_HEADERS) {
        let why = "the message keeps no header; one was made of its properties, and authentication cannot be verified";
        mail.problems.push(Problem::note("outlook-no-header", why));
    }
    if let Err(halt) = compose(&item, &seed, budget, &mut mail) {
        mail.halted = Some(halt);
    }
    if file.is_damaged() {
        let why = "the compound file is damaged; what is there was read";
        mail.problems.push(Problem::warning("ole-damaged", why));
    }
    Some(mail)
}

/// Reads a message from its storage.
fn read_item(file: &Compound<'_>, storage: usize, depth: usize, mail: &mut Mail) -> Item {
    // Before the entries, the root has 32 bytes, and a message inside of a message 24 (MS-OXMSG 2.4.1).
    let head = if depth == 0 { 32 } else { 24 };
    let mut item = Item {
        properties: read_properties(file, storage, head),
        ..Item::default()
    };
    let mut parts: Vec<(usize, &str)> = file
        .children(storage)
        .filter(|(_, entry)| entry.kind == Kind::Storage)
        .map(|(number, entry)| (number, entry.name.as_str()))
        .collect();
    parts.sort_unstable_by_key(|&(_, name)| name);
    for (number, name) in parts {
        if item.recipients.len() >= MOST || item.attachments.len() >= MOST {
            let why = format!("more than {MOST} recipients or attachments; the rest was not read");
            mail.problems.push(Problem::warning("outlook-too-many-parts", why));
            break;
        }
        if name.starts_with("__recip_version1.0_") {
            item.recipients.push(read_properties(file, number, 8));
        } else if name.starts_with("__attach_version1.0_") {
            item.attachments.push(read_attachment(file, number, depth, mail));
        }
    }
    item
}

fn read_attachment(file: &Compound<'_>, storage: usize, depth: usize, mail: &mut Mail) -> Attachment {
    let mut properties = read_properties(file, storage, 8);
    let object = file.find(storage, "__substg1.0_3701000D");
    let object = object.filter(|object| file.entry(*object).is_some_and(|entry| entry.kind == Kind::Storage));
    let content = match object {
        Some(inner) if file.find(inner, "__properties_version1.0").is_some() => {
            if depth + 1 >= DEEPEST {
                let why = format!("messages are nested deeper than {DEEPEST}; the innermost were not read");
                mail.problems.push(Problem::warning("outlook-too-deep", why));
                Content::Nothing
            } else {
                Content::Item(Box::new(read_item(file, inner, depth + 1, mail)))
            }
        }
        Some(inner) => Content::Streams(read_object(file, inner)),
        None => properties
            .take(id::ATTACH_DATA)
            .map_or(Content::Nothing, Content::Bytes),
    };
    Attachment { properties, content }
}

/// The streams of an embedded object. What a package carries comes out under the name that it had.
fn read_object(file: &Compound<'_>, storage: usize) -> Vec<(String, Vec<u8>)> {
    let streams = file.children(storage).filter(|(_, entry)| entry.kind == Kind::Stream);
    streams
        .take(OBJECT_STREAMS)
        .map(|(number, entry)| {
            let bytes = file.stream(number);
            let packed = (entry.name == "\u{1}Ole10Native").then(|| package(&bytes)).flatten();
            packed.unwrap_or_else(|| (entry.name.replace(char::is_control, ""), bytes))
        })
        .collect()
}

/// The file in an `Ole10Native` stream: a size, a kind, a label, a path, more that is passed over, a size, the file.
fn package(stream: &[u8]) -> Option<(String, Vec<u8>)> {
    use crate::bytes::Cursor;
    let mut cursor = Cursor::new(stream.get(6..)?);
    let text = |cursor: &mut Cursor<'_>| -> Option<String> {
        let end = memchr::memchr(0, cursor.rest())?;
        let text = String::from_utf8_lossy(cursor.take(end)?).into_owned();
        cursor.take(1)?;
        Some(text)
    };
    let label = text(&mut cursor)?;
    text(&mut cursor)?;
    cursor.take(4)?;
    let length = usize::try_from(cursor.le32()?).ok()?;
    cursor.take(length)?;
    let length = usize::try_from(cursor.le32()?).ok()?;
    let file = cursor.take(length)?.to_vec();
    Some((label, file))
}

/// Reads the properties of a storage: small ones from one stream, all others from a stream each.
fn read_properties(file: &Compound<'_>, storage: usize, head: usize) -> Properties {
    let mut out = Properties::default();
    if let Some(number) = file.find(storage, "__properties_version1.0") {
        let bytes = file.stream(number);
        let entries = bytes.get(head..).unwrap_or_default().as_chunks::<16>().0;
        for entry in entries {
            let [kind_low, kind_high, low, high, _, _, _, _, value @ ..] = entry;
            let id = property::Id(u16::from_le_bytes([*low, *high]));
            if id::READ.contains(&id) {
                out.add_fixed(id, u16::from_le_bytes([*kind_low, *kind_high]), value);
            }
        }
    }
    for (number, entry) in file.children(storage) {
        let Some((id, kind)) = tag(&entry.name) else { continue };
        if entry.kind == Kind::Stream && id::READ.contains(&id) && !out.has(id) && kind != kind::OBJECT {
            out.add(id, kind, file.stream(number));
        }
    }
    out
}

/// `__substg1.0_0037001F`: the number and the type.
fn tag(name: &str) -> Option<(property::Id, u16)> {
    let digits = name.strip_prefix("__substg1.0_").filter(|digits| digits.len() == 8)?;
    let tag = u32::from_str_radix(digits, 16).ok()?;
    let id = u16::try_from(tag >> 16).ok()?;
    Some((property::Id(id), u16::try_from(tag & 0xffff).ok()?))
}
