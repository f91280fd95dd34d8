//! Reports as cases keep them: one member of a zip file, read back within bounds.

use serde_json::Value;
use std::io;
use watchfire_export::Pack;
use watchfire_formats::archive::zip::Zip;
use watchfire_model::{Budget, Limits};

/// The largest report that is read back. Bytes.
const MOST: u64 = 512 << 20;
const MEMBER: &str = "report.json";

/// Packs a report.
pub(super) fn pack(json: &[u8]) -> io::Result<Vec<u8>> {
    let mut packed = Vec::new();
    let mut pack = Pack::new(&mut packed);
    pack.member(MEMBER, json)?;
    pack.finish()?;
    Ok(packed)
}

/// What bounds the reading of archives: so many bytes in all, at so many to one.
pub(super) fn budget(most: u64, ratio: u64) -> Budget {
    Budget::new(Limits {
        unpacked: most,
        artifact_size: most,
        ratio,
        ..Limits::default()
    })
}

/// Unpacks a report.
///
/// # Errors
/// Why it cannot be unpacked.
pub(super) fn unpack(packed: &[u8]) -> Result<Vec<u8>, String> {
    let budget = budget(MOST, 2000);
    let (zip, listed) = Zip::open(packed, &budget);
    let entry = zip.find(MEMBER).filter(|_| listed.is_ok());
    let unpacked = entry.map(|entry| zip.unpack(entry, &budget));
    match unpacked {
        Some(unpacked) if unpacked.problem.is_none() && unpacked.halted.is_none() => Ok(unpacked.bytes),
        _ => Err("a report of a case cannot be unpacked".to_owned()),
    }
}

/// Unpacks a report and reads it.
///
/// # Errors
/// Why it cannot be read.
pub(super) fn read(packed: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(&unpack(packed)?).map_err(|error| format!("a report of a case is damaged: {error}"))
}
