//! Inputs without what they are packed in, layer by layer, as they are read.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};
use watchfire_formats::capped::{CappedReader, Codec, reader};
use watchfire_formats::identify::{identify, media};
use watchfire_model::{Budget, Hints, MediaType, Problem};

/// Inputs may be packed more than once.
const MOST_LAYERS: usize = 3;

/// What went wrong while inputs were unpacked, each once it is at its end.
pub(crate) type Damage = Arc<Mutex<Vec<Problem>>>;

/// What an input is packed by that is one stream.
fn codec_of(media_type: MediaType) -> Option<Codec> {
    match media_type {
        media::GZIP => Some(Codec::Gzip),
        media::ZSTD => Some(Codec::Zstd),
        media::LZ4 => Some(Codec::Lz4),
        media::XZ => Some(Codec::Xz),
        media::BZIP2 => Some(Codec::Bzip2),
        _ => None,
    }
}

/// How layers are unpacked.
#[derive(Clone, Copy)]
pub(crate) struct Packing<'r, 'd> {
    /// What that is spent from.
    pub(crate) budget: &'r Budget,
    /// Where it is said what was wrong with them.
    pub(crate) damage: &'d Damage,
    /// Under which code.
    pub(crate) code: &'static str,
}

/// An input without its layers.
pub(crate) struct Peeled<'r> {
    /// From its first byte.
    pub(crate) content: Box<dyn Read + 'r>,
    pub(crate) kind: MediaType,
    /// Whether it is what was looked for.
    pub(crate) is_it: bool,
    /// How many layers there were.
    pub(crate) layers: usize,
}

/// Unpacks layer by layer until `is_it` holds of the first `head` bytes and of what they are, until there is no layer more,
/// or as many were unpacked as may be.
///
/// # Errors
/// Those of reading.
pub(crate) fn peel<'r>(
    mut source: Box<dyn Read + 'r>,
    (head, hints): (usize, &Hints),
    packing: Packing<'r, '_>,
    is_it: impl Fn(&[u8], MediaType) -> bool,
) -> io::Result<Peeled<'r>> {
    let mut layers = 0;
    loop {
        let mut first = Vec::new();
        (&mut source).take(head as u64).read_to_end(&mut first)?;
        let kind = identify(&first, hints).media_type;
        let is_it = is_it(&first, kind);
        let content: Box<dyn Read + 'r> = Box::new(io::Cursor::new(first).chain(source));
        let codec = codec_of(kind).filter(|_| !is_it && layers < MOST_LAYERS);
        let Some(codec) = codec else {
            return Ok(Peeled {
                content,
                kind,
                is_it,
                layers,
            });
        };
        let Packing { budget, damage, code } = packing;
        source = Box::new(Unpacking::new(codec, content, budget, damage, code));
        layers += 1;
    }
}

/// Unpacks, and says at the end what was wrong, under this code.
struct Unpacking<'r> {
    inner: CappedReader<'r>,
    damage: Damage,
    code: &'static str,
}

impl<'r> Unpacking<'r> {
    fn new(codec: Codec, packed: Box<dyn Read + 'r>, budget: &'r Budget, damage: &Damage, code: &'static str) -> Self {
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
