//! What can act, told by content: the first four kilobytes of a file, a few bytes elsewhere, and all of it only where a
//! container has to say what it is.

use super::EVERY_KIND;
use crate::Problem;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use watchfire_formats::identify::runnable::{Glance, Runnable, archive, glance};
use watchfire_formats::identify::{identify, media, run_by_name};
use watchfire_model::{Hints, MediaType};
use watchfire_sources::shown;
use watchfire_sources::tree::Entry;

/// Containers are read up to this many bytes to tell what they are.
const LONGEST_CONTAINER: u64 = 32 << 20;

/// Which kinds are meant.
#[derive(Clone, Debug)]
pub(super) struct Content {
    kinds: Vec<Runnable>,
    /// Whether what may hold something that acts is meant as well.
    holders: bool,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    /// One of the kinds that are meant; none for what may hold one.
    Is(Option<Runnable>),
    /// Nobody asked for its content.
    Unasked,
    /// Something else.
    Other,
    /// Too long to say.
    Unclear,
}

impl Content {
    /// Nothing where no kind is asked for: then content is not looked at.
    pub(super) fn new(kinds: &[String]) -> Result<Option<Self>, Problem> {
        let named = |word: &String| {
            let found = Runnable::ALL.iter().find(|kind| kind.as_str() == word);
            found.copied().ok_or_else(|| {
                let mut known: Vec<&str> = Runnable::ALL.iter().map(|kind| kind.as_str()).collect();
                known.push(EVERY_KIND);
                Problem::unknown("kind", word, &known)
            })
        };
        if kinds.is_empty() {
            return Ok(None);
        }
        let kinds = if kinds.iter().any(|word| word == EVERY_KIND) {
            Runnable::ALL.to_vec()
        } else {
            kinds.iter().map(named).collect::<Result<_, _>>()?
        };
        Ok(Some(Self { kinds, holders: false }))
    }

    /// The same, and archives and documents that may hold something that acts.
    pub(super) fn with_holders(self) -> Self {
        Self { holders: true, ..self }
    }

    /// Looks at a file; `head` is room for its beginning.
    pub(super) fn look(&self, entry: &Entry<'_>, head: &mut [u8]) -> io::Result<Look> {
        let mut file = entry.open()?;
        let read = fill(&mut file, head)?;
        let head = head.get(..read).unwrap_or_default();
        let name = entry.name().as_encoded_bytes();
        let glanced = glance(head, name, &mut |at, into| {
            let there = file.seek(at).and_then(|_| fill(&mut file, into));
            there.unwrap_or(0)
        });
        let types = match glanced {
            Glance::Nothing if self.holders && archive(head, name).is_some() => return Ok(Look::Is(None)),
            Glance::Nothing => return Ok(Look::Other),
            Glance::Runs(media_type) => [Some(media_type), None],
            // What Windows runs by its name is that, whatever it holds.
            Glance::Container => match (whole(file)?, run_by_name(name)) {
                (Some(bytes), _) => {
                    let hints = Hints {
                        name: Some(shown(entry.name().as_ref())),
                        ..Hints::default()
                    };
                    let identified = identify(&bytes, &hints);
                    [Some(identified.media_type), identified.also]
                }
                (None, Some(named)) => [Some(named), None],
                (None, None) => return Ok(Look::Unclear),
            },
        };
        let mut types = types.into_iter().flatten();
        let kind = types
            .clone()
            .find_map(|media_type| Runnable::under_name(media_type, name));
        let meant = match kind {
            Some(kind) => self.kinds.contains(&kind),
            None => self.holders && types.any(may_hold),
        };
        Ok(if meant { Look::Is(kind) } else { Look::Other })
    }
}

/// What is a container, acts by nothing of its own, and may hold what does: archives, and documents whose type does not
/// say whether there are macros in them.
fn may_hold(media_type: MediaType) -> bool {
    matches!(media_type, media::ZIP | media::DOC | media::XLS | media::PPT)
}

/// All of a container, unless it is too long.
fn whole(mut file: File) -> io::Result<Option<Vec<u8>>> {
    if file.metadata()?.len() > LONGEST_CONTAINER {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(LONGEST_CONTAINER + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= LONGEST_CONTAINER).then_some(bytes))
}

/// File systems and devices cut reads short at their sectors at the least.
const SECTOR: usize = 512;

/// Reads until `into` is full or the file ends. A read that ends inside of a sector ended with the file: nobody asks again
/// whether it did, since that is a fourth call for each of most files.
fn fill(file: &mut File, into: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = into.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        let asked = rest.len();
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => {
                filled += count;
                if count < asked && count % SECTOR != 0 {
                    break;
                }
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
