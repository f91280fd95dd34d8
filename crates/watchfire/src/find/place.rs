//! Where a file lies on the system that it belongs to: this one, or one whose disk is mounted or copied somewhere.

use std::path::{Component, Path, PathBuf};
use watchfire_model::{Moment, Stored, Untrusted};
use watchfire_sources::tree::{Attributes, Status};

/// Folders of a system that people name when they mean a part of it.
const PARTS: &[&str] = &[
    "dev/shm",
    "usr/local",
    "var/tmp",
    "var/www",
    "var/spool",
    "var/log",
    "var/lib",
];

/// The roots of a search, and which system each belongs to.
#[derive(Debug)]
pub(super) struct Places(Vec<Root>);

#[derive(Debug)]
struct Root {
    /// As it was named.
    named: PathBuf,
    /// Its path on the system around it, if it is a system's root or one of its well-known folders.
    in_system: Option<PathBuf>,
}

impl Places {
    pub(super) fn of(roots: &[PathBuf]) -> Self {
        let roots = roots.iter().map(|named| Root {
            named: named.clone(),
            in_system: in_system(named),
        });
        Self(roots.collect())
    }

    /// How a file is stored.
    pub(super) fn stored(&self, path: &Path, status: &Status, attributes: Attributes) -> Stored {
        let (path, in_system) = self.place(path);
        Stored {
            path,
            in_system,
            mode: status.mode,
            owner: status.owner,
            modified: Some(Moment::from_unix(status.modified)),
            capabilities: attributes.capabilities,
            streams: attributes.streams,
            downloaded: attributes.downloaded,
        }
    }

    /// Where a file lies, and whether that is its path on the system that it belongs to.
    pub(super) fn place(&self, path: &Path) -> (Untrusted, bool) {
        // Of roots in one another, the innermost: that is what a person meant.
        let within = self
            .0
            .iter()
            .filter_map(|root| Some((root, path.strip_prefix(&root.named).ok()?)));
        let (root, below) = within
            .min_by_key(|(_, below)| below.components().count())
            .map_or((None, path), |(root, below)| (Some(root), below));
        let of_system = root.and_then(|root| root.in_system.as_deref());
        let path = match of_system {
            Some(part) => part.join(below),
            None => below.to_owned(),
        };
        let windows = windows_root(&path);
        let path = windows.as_deref().unwrap_or(&path);
        (written(path), of_system.is_some() || windows.is_some())
    }
}

/// The path of a folder on its system, from that system's root, if it is that root or a well-known folder of it.
fn in_system(named: &Path) -> Option<PathBuf> {
    let real = named.canonicalize().ok()?;
    let root = real.ancestors().find(|folder| is_system(folder))?;
    let below = real.strip_prefix(root).ok()?;
    let known = below.components().count() < 2 || PARTS.iter().any(|part| below == Path::new(part));
    (known && real.is_dir()).then(|| below.to_owned())
}

/// Whether a folder looks like the root of a system: of Unix, or a drive of Windows.
fn is_system(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_dir();
    (has("etc") && (has("usr") || has("bin")))
        || has("Windows/System32")
        || (has("System/Library") && has("Applications"))
}

/// Folders at the root of a drive of Windows.
const OF_WINDOWS: &[&str] = &[
    "windows",
    "program files",
    "program files (x86)",
    "programdata",
    "users",
    "$recycle.bin",
];
/// What lies in some of them: a folder `Windows` may be about houses.
const BELOW_WINDOWS: &[&str] = &[
    "system32",
    "syswow64",
    "winsxs",
    "temp",
    "fonts",
    "tasks",
    "explorer.exe",
    "appcompat",
];

/// The path from the root of a drive of Windows on, where its folders tell.
fn windows_root(path: &Path) -> Option<PathBuf> {
    let parts: Vec<&std::ffi::OsStr> = path
        .components()
        .filter_map(|part| match part {
            Component::Normal(name) => Some(name),
            _ => None,
        })
        .collect();
    let is = |at: usize, names: &[&str]| {
        let name = parts.get(at).map(|name| name.to_string_lossy().to_lowercase());
        name.is_some_and(|name| names.contains(&name.as_str()))
    };
    let start = (0..parts.len()).find(|at| {
        is(*at, OF_WINDOWS)
            && match () {
                () if is(*at, &["windows"]) => is(at + 1, BELOW_WINDOWS),
                () if is(*at, &["users"]) => is(at + 2, &["appdata", "downloads", "desktop", "documents"]),
                () if is(*at, &["programdata"]) => is(at + 1, &["microsoft"]),
                () => true,
            }
    })?;
    Some(parts.get(start..)?.iter().collect())
}

/// A path with `/` between its parts, from a root on.
fn written(path: &Path) -> Untrusted {
    let mut text = String::new();
    for part in path.components() {
        if let Component::Normal(name) = part {
            text.push('/');
            text.push_str(&name.to_string_lossy());
        }
    }
    Untrusted::new(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: Option<&str>) {
        let found = windows_root(Path::new(path)).map(|path| written(&path).raw().to_owned());
        assert_eq!(found.as_deref(), expected, "{path}");
    }

    #[test]
    fn drives_of_windows_are_known_by_their_folders() {
        check(
            "mnt/c/Windows/System32/version.dll",
            Some("/Windows/System32/version.dll"),
        );
        check(
            "image/USERS/clerk/AppData/Local/Temp/a.exe",
            Some("/USERS/clerk/AppData/Local/Temp/a.exe"),
        );
        check("$Recycle.Bin/S-1-5-21/a.exe", Some("/$Recycle.Bin/S-1-5-21/a.exe"));
        check("houses/windows/frames/a.exe", None);
        check("home/users/list.exe", None);
    }
}
