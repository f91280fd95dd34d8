//! Files of the user's own that are read whole: configuration, patterns, suppressions.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Longest file that somebody wrote by hand, with much to spare. Bytes.
pub(crate) const LONGEST: u64 = 16 << 20;

/// Opens a file of any length for reading. Devices, which may never end, are refused.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if watchfire_sources::is_device(&metadata) {
        return Err(io::Error::other("it is a device"));
    }
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    Ok(file)
}

/// Reads a text of at most [`LONGEST`] bytes, without its byte order mark. Devices, which may never end, are refused;
/// pipes are read as far as any other file.
pub(crate) fn read(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    if watchfire_sources::is_device(&file.metadata()?) {
        return Err(io::Error::other("it is a device"));
    }
    let mut text = String::new();
    file.take(LONGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST {
        let why = format!("it is longer than {} MB", LONGEST >> 20);
        return Err(io::Error::other(why));
    }
    match text.strip_prefix('\u{feff}') {
        Some(bare) => Ok(bare.to_owned()),
        None => Ok(text),
    }
}
