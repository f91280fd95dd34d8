//! What an input is, and the capture in it without what it is packed in.

use crate::unpacked::{MOST_LAYERS, Unpacking, codec_of};
use std::io::{self, Read};
use watchfire_capture::file::is_capture;
use watchfire_formats::identify::identify;
use watchfire_model::{Budget, Hints};

pub(super) use crate::unpacked::Damage;

/// What is looked at to tell what an input is. Bytes.
const HEAD: usize = 4 << 10;

/// The capture in an input; nothing, where there is none.
///
/// # Errors
/// Those of reading.
pub(super) fn open<'r>(
    mut source: Box<dyn Read + 'r>,
    hints: &Hints,
    budget: &'r Budget,
    damage: &Damage,
) -> io::Result<Option<Box<dyn Read + 'r>>> {
    for _ in 0..=MOST_LAYERS {
        let mut head = Vec::new();
        (&mut source).take(HEAD as u64).read_to_end(&mut head)?;
        if is_capture(&head) {
            return Ok(Some(Box::new(io::Cursor::new(head).chain(source))));
        }
        let Some(codec) = codec_of(identify(&head, hints).media_type) else {
            break;
        };
        let packed = Box::new(io::Cursor::new(head).chain(source));
        source = Box::new(Unpacking::new(codec, packed, budget, damage, "capture-packed"));
    }
    Ok(None)
}
