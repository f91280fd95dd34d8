//! Single compressed streams: gzip, zlib, bzip2, xz, lzma, zstd and lz4 files.

use super::outlet::{Outlet, outside};
use crate::capped::{Codec, gzip_name, unpack};
use watchfire_model::{ArchiveFacts, Budget, Halt, Hints, MemberFacts, MemberSink, Problem, Untrusted};

/// Reads the one member of a stream, and whatever lies behind it.
pub(super) fn read(
    codec: Codec,
    bytes: &[u8],
    hints: &Hints,
    budget: &Budget,
    sink: &mut dyn MemberSink,
) -> (ArchiveFacts, Result<(), Halt>) {
    let mut outlet = Outlet::new(codec.as_str(), hints, sink);
    let unpacked = unpack(codec, bytes, budget);
    let ended = unpacked.problem.is_none() && unpacked.halted.is_none();
    let trailing = bytes
        .get(unpacked.consumed..)
        .filter(|rest| ended && rest.iter().any(|&byte| byte != 0));
    let name = if codec == Codec::Gzip { gzip_name(bytes) } else { None };
    let facts = MemberFacts {
        name: name
            .or_else(|| name_without_suffix(hints))
            .unwrap_or_else(|| "content".into()),
        size: unpacked.bytes.len() as u64,
        packed: unpacked.consumed as u64,
        ..MemberFacts::default()
    };
    outlet.deliver(facts, unpacked);
    if let Some(trailing) = trailing.filter(|_| outlet.is_open()) {
        let message = format!("{} bytes follow the stream", trailing.len());
        outlet.problem(Problem::note("stream-trailing", message));
        outlet.deliver(
            outside("trailing data", trailing),
            unpack(Codec::Stored, trailing, budget),
        );
    }
    outlet.finish("")
}

/// Suffixes that tools take off, and what they put there instead.
const SUFFIXES: &[(&str, &str)] = &[
    (".tgz", ".tar"),
    (".taz", ".tar"),
    (".tbz", ".tar"),
    (".tbz2", ".tar"),
    (".txz", ".tar"),
    (".tlz", ".tar"),
    (".tzst", ".tar"),
    (".gz", ""),
    (".z", ""),
    (".bz2", ""),
    (".bz", ""),
    (".xz", ""),
    (".lzma", ""),
    (".zst", ""),
    (".zstd", ""),
    (".lz4", ""),
    (".zlib", ""),
];

fn name_without_suffix(hints: &Hints) -> Option<Untrusted> {
    let name = hints.name.as_ref()?.raw().rsplit(['/', '\\']).next()?;
    SUFFIXES.iter().find_map(|(suffix, instead)| {
        let (stem, end) = name.split_at_checked(name.len().checked_sub(suffix.len())?)?;
        (!stem.is_empty() && end.eq_ignore_ascii_case(suffix)).then(|| format!("{stem}{instead}").into())
    })
}
