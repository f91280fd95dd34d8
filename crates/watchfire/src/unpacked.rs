//! Inputs without what they are packed in, layer by layer, as they are read.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use watchfire_formats::capped::{CappedReader, Codec, reader};
use watchfire_formats::identify::media;
use watchfire_model::{Budget, MediaType, Problem};

/// Inputs may be packed more than once.
pub(crate) const MOST_LAYERS: usize = 3;

/// What went wrong while inputs were unpacked, each once it is at its end.
pub(crate) type Damage = Arc<Mutex<Vec<Problem>>>;

/// What an input is packed by that is one stream.
pub(crate) fn codec_of(media_type: MediaType) -> Option<Codec> {
    match media_type {
        media::GZIP => Some(Codec::Gzip),
        media::ZSTD => Some(Codec::Zstd),
        media::LZ4 => Some(Codec::Lz4),
        media::XZ => Some(Codec::Xz),
        media::BZIP2 => Some(Codec::Bzip2),
        _ => None,
    }
}

/// Unpacks, and says at the end what was wrong, under this code.
pub(crate) struct Unpacking<'r> {
    inner: CappedReader<'r>,
    damage: Damage,
    code: &'static str,
}

impl<'r> Unpacking<'r> {
    pub(crate) fn new(
        codec: Codec,
        packed: Box<dyn Read + 'r>,
        budget: &'r Budget,
        damage: &Damage,
        code: &'static str,
    ) -> Self {
        Self {
            inner: reader(codec, packed, budget),
            damage: Arc::clone(damage),
            code,
        }
    }
}

impl Read for Unpacking<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(into)?;
        if count == 0 && !into.is_empty() {
            let halted = self
                .inner
                .halted()
                .map(|halt| Problem::warning(self.code, format!("{halt} while it was unpacked")));
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
