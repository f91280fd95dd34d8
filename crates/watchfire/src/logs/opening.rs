//! What an input is, and the log in it without what it is packed in.

use crate::unpacked::{MOST_LAYERS, Unpacking, codec_of};
use std::io::{self, Read};
use watchfire_formats::identify::{identify, media};
use watchfire_formats::log::recognise;
use watchfire_model::{Budget, Hints, MediaType};

pub(crate) use crate::unpacked::Damage;

/// What is looked at to tell what an input is. Bytes.
const HEAD: usize = 64 << 10;

/// What an input is.
pub(crate) enum Opened<'r> {
    /// A log, from its first byte.
    Log(Box<dyn Read + 'r>),
    /// Something else.
    Other(MediaType),
}

/// The log in an input.
///
/// # Errors
/// Those of reading.
pub(crate) fn open<'r>(
    mut source: Box<dyn Read + 'r>,
    hints: &Hints,
    budget: &'r Budget,
    damage: &Damage,
) -> io::Result<Opened<'r>> {
    let mut media_type = media::GZIP;
    for _ in 0..=MOST_LAYERS {
        let mut head = Vec::new();
        (&mut source).take(HEAD as u64).read_to_end(&mut head)?;
        media_type = identify(&head, hints).media_type;
        let Some(codec) = codec_of(media_type) else {
            if is_log(&head, media_type) {
                return Ok(Opened::Log(Box::new(io::Cursor::new(head).chain(source))));
            }
            break;
        };
        let packed = Box::new(io::Cursor::new(head).chain(source));
        source = Box::new(Unpacking::new(codec, packed, budget, damage, "log-packed"));
    }
    Ok(Opened::Other(media_type))
}

/// Whatever is text may be a log; of what is not, event logs are.
fn is_log(head: &[u8], media_type: MediaType) -> bool {
    if matches!(media_type, media::LOG | media::EVTX) || recognise(head).is_some() {
        return true;
    }
    let is_wide = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let is_text = is_wide || !head.contains(&0);
    is_text && !matches!(media_type, media::HTML | media::PDF | media::RTF | media::EML)
}
