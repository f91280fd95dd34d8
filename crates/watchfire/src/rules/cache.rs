//! Compiled rules on disk, so that they are compiled once and not at every start.
//!
//! ```text
//! "WFRULES" version(1) length(4) digest(32: SHA-256 of the notes) notes program
//! ```
//!
//! A file is named by what it was compiled of, and holds that name. Nothing in it is believed: what is of another version,
//! of other rules or damaged is as good as none, and the next run writes it anew. The newest few are kept.

use super::load::Notes;
use super::set::hex;
use crate::Replacement;
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use watchfire_sigma::Program;

const MAGIC: &[u8; 8] = b"WFRULES\x01";
/// The folder below that of the sets.
const FOLDER: &str = "compiled";
/// Compilations that are kept.
const KEEP: usize = 4;
/// Notes are no longer. Bytes.
const NOTES: usize = 1 << 20;

/// What these rules were compiled to, if that is there and whole.
pub(super) fn read(sets: &Path, key: &str) -> Option<(Program, Notes)> {
    let bytes = fs::read(place(sets, key)).ok()?;
    let rest = bytes.strip_prefix(MAGIC)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (digest, rest) = rest.split_first_chunk::<32>()?;
    let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
    let (notes, program) = rest.split_at_checked(length).filter(|_| length <= NOTES)?;
    if Sha256::digest(notes).as_slice() != digest {
        return None;
    }
    let notes = Notes::of_kept(std::str::from_utf8(notes).ok()?)?;
    Some((Program::load(program, key).ok()?, notes))
}

/// Keeps what these rules were compiled to.
pub(super) fn write(sets: &Path, key: &str, program: &Program, notes: &Notes) -> io::Result<()> {
    let path = place(sets, key);
    let notes = notes.kept();
    if notes.len() > NOTES {
        return Ok(());
    }
    let mut out = Replacement::private(&path)?;
    out.write_all(MAGIC)?;
    out.write_all(&u32::try_from(notes.len()).unwrap_or_default().to_le_bytes())?;
    out.write_all(&Sha256::digest(notes.as_bytes()))?;
    out.write_all(notes.as_bytes())?;
    out.write_all(&program.save(key))?;
    out.finish()?;
    clear(&sets.join(FOLDER));
    Ok(())
}

fn place(sets: &Path, key: &str) -> PathBuf {
    let short: String = hex(&Sha256::digest(key)).chars().take(16).collect();
    sets.join(FOLDER).join(format!("{short}.program"))
}

/// Clears away all but the newest.
fn clear(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut files: Vec<(SystemTime, PathBuf)> = entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().ends_with(".program"))
        .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
        .collect();
    files.sort();
    let old = files.len().saturating_sub(KEEP);
    for (_, path) in files.into_iter().take(old) {
        let _ = fs::remove_file(path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_sigma::{Options, Source};

    #[test]
    fn what_is_not_what_was_written_is_as_good_as_none() {
        let sets = std::env::temp_dir().join(format!("watchfire-rule-cache-{}", std::process::id()));
        let _ = fs::remove_dir_all(&sets);
        let rule = "title: T\nlogsource:\n  product: x\ndetection:\n  s:\n    a: b\n  condition: s\n";
        let (program, _) = Program::compile(&[Source::new("a.yml", rule)], &Options::default());
        let mut notes = Notes::default();
        notes.told.push("one\ntwo\u{2028}\\three\r".to_owned());
        notes.parts.push(1);
        write(&sets, "key", &program, &notes).unwrap();
        let (again, told) = read(&sets, "key").unwrap();
        assert_eq!((again.save("key"), told), (program.save("key"), notes));
        assert!(read(&sets, "other").is_none());
        let path = place(&sets, "key");
        let bytes = fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            *changed.get_mut(at).unwrap() ^= 0x10;
            fs::write(&path, changed).unwrap();
            assert!(read(&sets, "key").is_none(), "changed at {at}");
            fs::write(&path, bytes.get(..at).unwrap()).unwrap();
            assert!(read(&sets, "key").is_none(), "cut at {at}");
        }
        fs::remove_dir_all(sets).unwrap();
    }

    #[test]
    fn the_oldest_go() {
        let sets = std::env::temp_dir().join(format!("watchfire-rule-cache-old-{}", std::process::id()));
        let _ = fs::remove_dir_all(&sets);
        for key in 0..KEEP + 3 {
            write(&sets, &key.to_string(), &Program::default(), &Notes::default()).unwrap();
        }
        assert_eq!(fs::read_dir(sets.join(FOLDER)).unwrap().count(), KEEP);
        fs::remove_dir_all(sets).unwrap();
    }
}
