//! Whether a file is a log, by its beginning.

use super::evtx;
use super::reader::{HEAD, Options, Reader};
use super::record::{Fault, Record};
use super::registry::Format;
use watchfire_model::Timestamp;

/// The format of most of what `head` holds, where it is a log of a known format. `head` is the beginning of a file; what of
/// it ends in the middle of a record is left out.
pub fn recognise(head: &[u8]) -> Option<&'static Format> {
    if evtx::is(head) {
        return Some(&evtx::FORMAT);
    }
    let head = head.get(..HEAD).unwrap_or(head);
    let mut counts: Vec<(&'static Format, u64)> = Vec::new();
    let mut known = 0_u64;
    // The last line may be cut.
    let end = if head.len() == HEAD {
        head.len()
    } else {
        memchr::memrchr(b'\n', head).map_or(head.len(), |at| at + 1)
    };
    let mut reader = Reader::new(&Options::new(Timestamp::default()));
    let mut count = |record: &Record<'_>| {
        let format = record.format;
        let is_known = format.is_sure() && record.fault != Some(Fault::Malformed);
        known = known.saturating_add(u64::from(is_known));
        if is_known {
            match counts.iter_mut().find(|(other, _)| *other == format) {
                Some((_, count)) => *count = count.saturating_add(1),
                None => counts.push((format, 1)),
            }
        }
    };
    reader.push(head.get(..end).unwrap_or_default(), &mut count);
    reader.finish(&mut count);
    let all = reader.totals().records;
    let best = counts.iter().max_by_key(|(_, count)| *count).map(|(format, _)| *format);
    best.filter(|_| known.saturating_mul(10) >= all.saturating_mul(7))
}
