//! A path as its folders, and patterns of folders that are looked for in it.

use watchfire_model::Stored;

/// The folders that a file lies in, in lower case, from the top.
#[derive(Debug)]
pub(crate) struct Folders<'a> {
    folders: Vec<String>,
    /// The file's name as it is.
    pub name: &'a str,
    in_system: bool,
}

/// Whose folders they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::detectors) enum System {
    /// Of Windows.
    Windows,
    /// Of Linux, macOS and others.
    Unix,
    /// Nothing says.
    Unknown,
}

/// Folders at the top of a disk of Windows.
const WINDOWS: &[&str] = &[
    "windows",
    "windows.old",
    "users",
    "program files",
    "program files (x86)",
    "programdata",
    "documents and settings",
    "perflogs",
    "recovery",
    "$recycle.bin",
    "system volume information",
];
/// Folders of users on macOS, where Windows has none.
const MAC: &[&str] = &["library", "applications", ".trash"];

impl<'a> Folders<'a> {
    /// Of a file that was found.
    pub(crate) fn of(stored: &'a Stored) -> Self {
        let path = stored.path.raw();
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parts = folders.split('/').filter(|part| !part.is_empty());
        Self {
            folders: parts.map(str::to_lowercase).collect(),
            name,
            in_system: stored.in_system,
        }
    }

    /// The folders.
    pub(in crate::detectors) fn iter(&self) -> impl Iterator<Item = &str> {
        self.folders.iter().map(String::as_str)
    }

    /// The folder that it lies in; nothing at the top.
    pub(in crate::detectors) fn last(&self) -> &str {
        self.folders.last().map_or("", String::as_str)
    }

    /// Whose folders they are, as far as the first one tells.
    pub(in crate::detectors) fn system(&self) -> System {
        let Some(first) = self.folders.first().filter(|_| self.in_system) else {
            return System::Unknown;
        };
        let is_mac = first == "users" && self.folders.get(2).is_some_and(|folder| MAC.contains(&folder.as_str()));
        if WINDOWS.contains(&first.as_str()) && !is_mac {
            System::Windows
        } else {
            System::Unix
        }
    }

    /// Whether it lies in or below such folders. `/` at the beginning of `pattern` is the root of a system, else they may be
    /// anywhere; `/.` at its end asks for a file directly in the last; `*` is any one folder.
    pub(crate) fn are(&self, pattern: &str) -> bool {
        let (is_rooted, pattern) = match pattern.strip_prefix('/') {
            Some(rest) => (true, rest),
            None => (false, pattern),
        };
        let (is_direct, pattern) = match pattern.strip_suffix("/.") {
            Some(rest) => (true, rest),
            None => (pattern == ".", pattern.trim_end_matches('.')),
        };
        let count = pattern.split('/').filter(|part| !part.is_empty()).count();
        let fits = |at: usize| {
            let here = self.folders.get(at..at + count).unwrap_or_default();
            let parts = pattern.split('/').filter(|part| !part.is_empty());
            here.len() == count
                && here
                    .iter()
                    .zip(parts)
                    .all(|(folder, part)| part == "*" || folder == part)
        };
        let left = self.folders.len().checked_sub(count);
        match (is_rooted, is_direct, left) {
            (_, _, None) => false,
            (true, ..) if !self.in_system => false,
            (true, true, Some(left)) => left == 0 && fits(0),
            (true, false, Some(_)) => fits(0),
            (false, true, Some(left)) => fits(left),
            (false, false, Some(left)) => (0..=left).any(fits),
        }
    }

    /// Whether it lies in a folder where everybody may put files.
    pub(in crate::detectors) fn are_temporary(&self) -> bool {
        const TEMPORARY: &[&str] = &[
            "/tmp",
            "/var/tmp",
            "/dev/shm",
            "/private/tmp",
            "/private/var/tmp",
            "/windows/temp",
            "appdata/local/temp",
        ];
        TEMPORARY.iter().any(|pattern| self.are(pattern))
    }

    /// Whether it lies in a folder of programs or libraries of its system, where nobody but its administrator writes.
    pub(in crate::detectors) fn are_of_own_programs(&self) -> bool {
        const ROOTS: &[&str] = &[
            "/usr",
            "/bin",
            "/sbin",
            "/lib",
            "/lib32",
            "/lib64",
            "/libx32",
            "/opt",
            "/snap",
            "/nix",
            "/gnu",
            "/system",
            "/applications",
        ];
        ROOTS.iter().any(|pattern| self.are(pattern))
    }

    /// The same, or in one of a system that is stored below another folder, as anybody may store one.
    pub(in crate::detectors) fn are_of_programs(&self) -> bool {
        const ANYWHERE: &[&str] = &[
            "usr/bin",
            "usr/sbin",
            "usr/lib",
            "usr/lib64",
            "usr/libexec",
            "usr/local",
            "bin/.",
            "sbin/.",
        ];
        self.are_of_own_programs() || ANYWHERE.iter().any(|pattern| self.are(pattern))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, in_system: bool, pattern: &str, expected: bool) {
        let stored = Stored {
            path: path.into(),
            in_system,
            ..Stored::default()
        };
        assert_eq!(Folders::of(&stored).are(pattern), expected, "{path} {pattern}");
    }

    #[test]
    fn patterns_are_rooted_direct_or_anywhere() {
        check("/tmp/a/b", true, "/tmp", true);
        check("/tmp/b", false, "/tmp", false);
        check("/x/tmp/b", true, "/tmp", false);
        check("/tmp", true, "/tmp", false);
        check(
            "/Users/Ann/AppData/Local/Temp/7z/a.exe",
            true,
            "appdata/local/temp",
            true,
        );
        check("AppData/Local/Temp/a.exe", false, "appdata/local/temp", true);
        check(
            "/Users/Ann/AppData/Roaming/a.exe",
            true,
            "/users/*/appdata/roaming/.",
            true,
        );
        check(
            "/Users/Ann/AppData/Roaming/x/a.exe",
            true,
            "/users/*/appdata/roaming/.",
            false,
        );
        check("/a/bin/x", true, "bin/.", true);
        check("/a/bin/y/x", true, "bin/.", false);
        check("/x.exe", true, "/.", true);
        check("/a/x.exe", true, "/.", false);
        check("x.exe", false, "bin", false);
        check("", true, "/tmp", false);
    }

    #[test]
    fn the_first_folder_tells_whose_disk_it_is() {
        let system = |path: &str, in_system| {
            let stored = Stored {
                path: path.into(),
                in_system,
                ..Stored::default()
            };
            Folders::of(&stored).system()
        };
        assert_eq!(system("/Windows/System32/x.dll", true), System::Windows);
        assert_eq!(system("/usr/bin/x", true), System::Unix);
        assert_eq!(system("/Users/ann/Library/LaunchAgents/x", true), System::Unix);
        assert_eq!(system("Windows/x", false), System::Unknown);
        assert_eq!(system("/x", true), System::Unknown);
    }
}
