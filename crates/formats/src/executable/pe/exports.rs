//! Exports: names, numbers, and those that stand for a function of another library.

use super::image::Image;
use crate::bytes::{le16, le32, place};
use crate::executable::work::Work;
use std::cell::Cell;
use watchfire_model::Untrusted;
use watchfire_model::executable::pe::{Export, Exports};

/// Longest name. Bytes.
const LONGEST: usize = 512;

pub(super) fn read(image: &Image<'_>, directory: Option<(u32, u32)>, work: &mut Work<'_>) -> Option<Exports> {
    let (start, size) = directory?;
    let header = image.at(start);
    let words = [4, 12, 16, 20, 24, 28, 32, 36].map(|at| le32(header, at));
    let [
        Some(made),
        Some(name),
        Some(base),
        Some(count),
        Some(names),
        Some(functions),
        Some(name_list),
        Some(numbers),
    ] = words
    else {
        work.warn("pe-exports", "its table of exports is outside of the file");
        return None;
    };
    let addresses = image.at(functions);
    let addresses = addresses.get(..place(count).saturating_mul(4)).unwrap_or(addresses);
    let name_list = image.at(name_list);
    let numbers = image.at(numbers);
    let end = start.saturating_add(size);
    let forwarders = Cell::new(image.bytes.len());
    let export = |number: u32, name: Option<Untrusted>| {
        let address = le32(addresses, place(number).checked_mul(4)?).filter(|address| *address != 0)?;
        let forwarder = (start..end).contains(&address).then(|| {
            let text = image.text(address, LONGEST.min(forwarders.get()));
            forwarders.set(forwarders.get().saturating_sub(text.len()));
            text
        });
        Some(Export {
            ordinal: base.wrapping_add(number),
            name,
            address,
            forwarder: forwarder.map(Untrusted::from_bytes),
        })
    };
    let mut listed = Vec::new();
    let mut seen = vec![false; addresses.len() / 4];
    // Names stand one behind the other in all honest files, and so fit into this one.
    let mut left = image.bytes.len();
    for at in 0..place(names).min(work.most()) {
        let (Some(name), Some(number)) = (le32(name_list, at * 4), le16(numbers, at * 2)) else {
            work.warn(
                "pe-exports",
                "its table of exports is damaged; what could be read is listed",
            );
            break;
        };
        let name = image.text(name, LONGEST);
        let rest = left.checked_sub(name.len());
        left = rest.unwrap_or_default();
        if rest.is_none() || !name.iter().all(u8::is_ascii_graphic) {
            work.warn(
                "pe-exports",
                "its table of exports is damaged; what could be read is listed",
            );
            break;
        }
        if let Some(export) = export(u32::from(number), Some(Untrusted::from_bytes(name))) {
            if let Some(seen) = seen.get_mut(usize::from(number)) {
                *seen = true;
            }
            listed.push(export);
        }
    }
    let unnamed = seen.iter().enumerate().filter(|(_, seen)| !**seen);
    let unnamed = unnamed.filter_map(|(number, _)| export(u32::try_from(number).ok()?, None));
    let left = work.most().saturating_sub(listed.len());
    listed.extend(unnamed.take(left));
    Some(Exports {
        library: Untrusted::from_bytes(image.text(name, LONGEST)),
        made,
        functions: listed,
    })
}
