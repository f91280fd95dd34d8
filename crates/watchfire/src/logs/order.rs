//! In which order logs are read: that of their first records, so that what is rotated comes before what is not.

use super::opening::{Damage, Opened, open};
use crate::triage::{Root, hints};
use std::io::Read;
use watchfire_analysis::logs::LogReading;
use watchfire_formats::log::{Options, Reader};
use watchfire_model::{Budget, Timestamp};

/// Bytes of a log in which its first time is looked for.
const MOST: u64 = 128 << 10;

/// Puts files in the order of their first records; those that begin at the same time stay as they are. What cannot be read
/// twice, or states no time, keeps its place.
pub(super) fn by_time(roots: Vec<Root>, budget: &Budget, reading: &LogReading) -> Vec<Root> {
    if roots.len() < 2 {
        return roots;
    }
    let options = Options {
        zone: reading.zone,
        user: reading.formats.clone(),
        ..Options::new(reading.as_of)
    };
    let (mut timed, mut places) = (Vec::new(), Vec::new());
    for root in roots {
        match begins(&root, budget, &options) {
            Some(time) => {
                timed.push((time, root));
                places.push(None);
            }
            None => places.push(Some(root)),
        }
    }
    timed.sort_by_key(|(time, _)| *time);
    let mut timed = timed.into_iter().map(|(_, root)| root);
    places
        .into_iter()
        .filter_map(|place| place.or_else(|| timed.next()))
        .collect()
}

/// When the first records of a log are from.
fn begins(root: &Root, budget: &Budget, options: &Options) -> Option<Timestamp> {
    let Root::Source(source) = root else { return None };
    // Pipes have no size, and can be read once.
    source.size()?;
    let file = Box::new(source.open().ok()?);
    // Whatever is wrong with it is said when it is read.
    let Ok(Opened::Log(log)) = open(file, &hints(source), budget, &Damage::default()) else {
        return None;
    };
    let mut head = Vec::new();
    log.take(MOST).read_to_end(&mut head).ok()?;
    let mut reader = Reader::new(options);
    reader.push(&head, &mut |_| ());
    reader.finish(&mut |_| ());
    reader.totals().first
}
