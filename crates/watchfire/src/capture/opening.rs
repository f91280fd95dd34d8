//! What an input is, and the capture in it without what it is packed in.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use watchfire_capture::file::is_capture;
use watchfire_formats::capped::{CappedReader, Codec, reader};
use watchfire_formats::identify::{identify, media};
use watchfire_model::{Budget, Hints, Problem};

/// What is looked at to tell what an input is. Bytes.
const HEAD: usize = 4 << 10;
/// Captures may be packed more than once.
const MOST_LAYERS: usize = 3;

/// What went wrong while inputs were unpacked, each once it is at its end.
pub(super) type Damage = Arc<Mutex<Vec<Problem>>>;

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
        let Some(codec) = codec_of(&head, hints) else { break };
        let packed = Box::new(io::Cursor::new(head).chain(source));
        source = Box::new(Unpacking {
            inner: reader(codec, packed, budget),
            damage: Arc::clone(damage),
        });
    }
    Ok(None)
}

fn codec_of(head: &[u8], hints: &Hints) -> Option<Codec> {
    match identify(head, hints).media_type {
        media::GZIP => Some(Codec::Gzip),
        media::ZSTD => Some(Codec::Zstd),
        media::LZ4 => Some(Codec::Lz4),
        media::XZ => Some(Codec::Xz),
        media::BZIP2 => Some(Codec::Bzip2),
        _ => None,
    }
}

/// Unpacks, and says at the end what was wrong.
struct Unpacking<'r> {
    inner: CappedReader<'r>,
    damage: Damage,
}

impl Read for Unpacking<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        if count == 0 && !into.is_empty() {
            let halted = self
                .inner
                .halted()
                .map(|halt| Problem::warning("capture-packed", format!("{halt} while it was unpacked")));
            let problem = self.inner.problem().cloned().or(halted);
            let mut damage = self.damage.lock().unwrap_or_else(PoisonError::into_inner);
            // It may be asked again.
            if let Some(problem) = problem.filter(|problem| !damage.contains(problem)) {
                damage.push(problem);
            }
        }
        Ok(count)
    }
}
