//! In which order captures are read: as they were captured. Programs that write one capture into several files number them
//! so that names do not say it (`x`, `x1`, `x10`, `x2`).

use super::opening::{Damage, open};
use crate::triage::{Root, hints};
use std::io::Read;
use watchfire_capture::{Block, FrameReader};
use watchfire_model::{Budget, Timestamp};

/// Bytes of a capture in which its first frame is looked for.
const MOST: u64 = 1 << 20;
/// Bytes of them that are read at once.
const PIECE: usize = 1 << 14;

/// Puts files in the order of their first frames; those that begin at the same time stay as they are. What cannot be read
/// twice, or does not say when it begins, keeps its place.
pub(super) fn by_time(roots: Vec<Root>, budget: &Budget) -> Vec<Root> {
    if roots.len() < 2 {
        return roots;
    }
    let (mut timed, mut places) = (Vec::new(), Vec::new());
    for root in roots {
        match begins(&root, budget) {
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

/// When the first frame of a capture was captured.
fn begins(root: &Root, budget: &Budget) -> Option<Timestamp> {
    let Root::Source(source) = root else { return None };
    // Pipes have no size, and can be read once.
    source.size()?;
    let file = Box::new(source.open().ok()?);
    // Whatever is wrong with it is said when it is read.
    let capture = open(file, &hints(source), budget, &Damage::default()).ok()??;
    let mut reader = FrameReader::new(capture.take(MOST)).with_block_size(PIECE);
    let mut block = Block::default();
    reader.next_block(&mut block);
    block.frames().first().map(|frame| frame.time)
}
