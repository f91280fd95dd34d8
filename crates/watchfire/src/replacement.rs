//! Files that are written in one step: whoever looks sees the old content or the new, never a part of it.
//!
//! The new content grows in a file beside the old one and takes its place at the end. A run that breaks off leaves the
//! old file as it was; one that is killed may leave the file beside it.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{self, Path, PathBuf};

/// New content of a file, until [`Replacement::finish`] puts it in place.
#[derive(Debug)]
pub struct Replacement {
    file: File,
    /// What is renamed at the end. Devices and pipes cannot be replaced and are written to directly.
    beside: Option<PathBuf>,
    path: PathBuf,
}

impl Replacement {
    /// Begins to write `path`. An old file keeps its permissions, a link its place.
    ///
    /// # Errors
    /// When the file, or another one in its folder, cannot be written.
    pub fn new(path: &Path) -> io::Result<Self> {
        let mut fresh = OpenOptions::new();
        let replacement = Self::open(resolved(path), &mut fresh)?;
        if let (Some(beside), Ok(old)) = (&replacement.beside, fs::metadata(&replacement.path)) {
            fs::set_permissions(beside, old.permissions())?;
        }
        Ok(replacement)
    }

    /// Begins to write `path` so that only its owner can read it. The same for the folders that are missing. What is private
    /// is not written through a link: whoever made it may not be its owner.
    pub(crate) fn private(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            watchfire_sources::create_private_folder(folder)?;
        }
        if fs::symlink_metadata(path).is_ok_and(|old| old.is_symlink()) {
            return Err(io::Error::other(
                "it is a link, and what is private is not written through one",
            ));
        }
        // Should it become one now, the link is replaced, and not what it leads to.
        Self::open(path.to_owned(), &mut watchfire_sources::private_file())
    }

    fn open(path: PathBuf, fresh: &mut OpenOptions) -> io::Result<Self> {
        match fs::metadata(&path) {
            Ok(old) if old.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
            Err(_) if ends_as_folder(&path) => return Err(io::ErrorKind::IsADirectory.into()),
            // Refused where writing into the old file would be.
            Ok(old) if old.is_file() => drop(OpenOptions::new().write(true).open(&path)?),
            Ok(_) => {
                let file = OpenOptions::new().write(true).open(&path)?;
                let beside = None;
                return Ok(Self { file, beside, path });
            }
            Err(_) => {}
        }
        let name = path.file_name().ok_or(io::ErrorKind::IsADirectory)?;
        let beside = path.with_file_name(name_beside(name));
        let file = fresh.write(true).create_new(true).open(&beside)?;
        let beside = Some(beside);
        Ok(Self { file, beside, path })
    }

    /// Puts what was written in place.
    ///
    /// # Errors
    /// When it cannot be. The old file is as it was, then.
    pub fn finish(mut self) -> io::Result<()> {
        let Some(beside) = &self.beside else {
            return self.file.flush();
        };
        self.file.sync_all()?;
        fs::rename(beside, &self.path)?;
        self.beside = None;
        Ok(())
    }

    /// Whether a file of that name is what a run writes, or left behind, on its way to a file called `other`.
    pub(crate) fn is_beside(name: &OsStr, other: &OsStr) -> bool {
        let rest = name.as_encoded_bytes().strip_prefix(b".");
        let process = rest
            .and_then(|rest| rest.strip_prefix(other.as_encoded_bytes())?.strip_prefix(b"."))
            .and_then(|rest| rest.strip_suffix(b".part"));
        process.is_some_and(|process| !process.is_empty() && process.iter().all(u8::is_ascii_digit))
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Some(beside) = &self.beside {
            // What went wrong before tells more than a failure to clean up after it.
            let _ = fs::remove_file(beside);
        }
    }
}

/// The file that `path` means: links are followed, and where the file is still missing those of its folder.
pub(crate) fn resolved(path: &Path) -> PathBuf {
    let missing = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
        Some(folder.join(path.file_name().filter(|_| !ends_as_folder(path))?))
    };
    let found = path.canonicalize().ok();
    found.or_else(missing).unwrap_or_else(|| path.to_owned())
}

/// `name/`
fn ends_as_folder(path: &Path) -> bool {
    path.as_os_str().to_string_lossy().ends_with(path::is_separator)
}

/// `.report.json.4242.part`
fn name_beside(name: &OsStr) -> OsString {
    let mut beside = OsString::from(".");
    beside.push(name);
    beside.push(format!(".{}.part", std::process::id()));
    beside
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder that goes away with its test.
    struct Bed(PathBuf);

    impl Bed {
        fn new(name: &str) -> Self {
            let folder = std::env::temp_dir().join(format!("watchfire-replacement-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&folder);
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        fn files(&self) -> usize {
            fs::read_dir(&self.0).unwrap().count()
        }
    }

    impl Drop for Bed {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn the_old_content_stays_until_the_new_is_whole() {
        let bed = Bed::new("whole");
        let path = bed.0.join("result");
        fs::write(&path, "old").unwrap();
        let mut broken = Replacement::new(&path).unwrap();
        broken.write_all(b"half").unwrap();
        drop(broken);
        assert_eq!((fs::read(&path).unwrap(), bed.files()), (b"old".to_vec(), 1));
        let mut whole = Replacement::new(&path).unwrap();
        whole.write_all(b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"old");
        whole.finish().unwrap();
        assert_eq!((fs::read(&path).unwrap(), bed.files()), (b"new".to_vec(), 1));
    }

    #[test]
    fn folders_are_no_files() {
        let bed = Bed::new("folders");
        for path in [
            bed.0.clone(),
            bed.0.join("new/"),
            PathBuf::from("/"),
            PathBuf::from(".."),
        ] {
            let error = Replacement::new(&path).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::IsADirectory, "{path:?}");
        }
        assert_eq!(bed.files(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::PermissionsExt;
        let bed = Bed::new("links");
        let (file, link) = (bed.0.join("file"), bed.0.join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        let mut new = Replacement::new(&link).unwrap();
        new.write_all(b"new").unwrap();
        new.finish().unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_private_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let bed = Bed::new("private");
        let path = bed.0.join("a/b/secret");
        Replacement::private(&path).unwrap().finish().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(
            [mode(&bed.0.join("a")), mode(&bed.0.join("a/b")), mode(&path)],
            [0o700, 0o700, 0o600]
        );
    }

    #[test]
    fn what_is_on_its_way_is_told_by_its_name() {
        let own = name_beside(OsStr::new("out.json"));
        let is_beside = |name: &str, other: &str| Replacement::is_beside(name.as_ref(), other.as_ref());
        assert!(is_beside(&own.to_string_lossy(), "out.json"));
        assert!(is_beside(".out.json.17.part", "out.json"));
        for name in ["out.json", ".out.json..part", ".out.json.x.part", ".other.17.part"] {
            assert!(!is_beside(name, "out.json"), "{name}");
        }
    }
}
