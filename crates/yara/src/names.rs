//! What rules may ask about a file besides its bytes: the external variables of the field.
//!
//! LOKI and THOR define `filename`, `filepath`, `extension`, `filetype`, `owner` and `md5`, and public rule sets such as
//! signature-base are written to them. A rule that names another one does not compile, and is said so.

use watchfire_model::MediaType;

/// The names of what is matched. All may be empty: a rule that asks then sees an empty text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The name without folders.
    pub filename: String,
    /// The folder that it lies in.
    pub filepath: String,
    /// The extension in lower case with its dot, `.exe`.
    pub extension: String,
    /// What it is, as [`filetype`] says.
    pub filetype: String,
    /// To whom it belongs.
    pub owner: String,
}

impl Names {
    /// The names of something that was found under `path`, in either notation, and is of this type.
    pub fn of(path: &str, media_type: MediaType) -> Self {
        let cut = path.rfind(['/', '\\']);
        let filename = cut.and_then(|at| path.get(at + 1..)).unwrap_or(path);
        let dot = filename.rfind('.').filter(|at| *at > 0);
        Self {
            filename: filename.to_owned(),
            filepath: cut.and_then(|at| path.get(..at)).unwrap_or_default().to_owned(),
            extension: dot.and_then(|at| filename.get(at..)).unwrap_or_default().to_lowercase(),
            filetype: filetype(media_type).to_owned(),
            owner: String::new(),
        }
    }
}

/// The names that rules use for types.
const TYPES: &[(&str, &str)] = &[
    ("application/vnd.microsoft.portable-executable", "EXE"),
    ("application/x-elf", "ELF"),
    ("application/x-executable", "ELF"),
    ("application/x-mach-binary", "MACH-O"),
    ("application/pdf", "PDF"),
    ("application/rtf", "RTF"),
    ("text/rtf", "RTF"),
    ("application/zip", "ZIP"),
    ("application/vnd.rar", "RAR"),
    ("application/x-7z-compressed", "7ZIP"),
    ("application/gzip", "GZIP"),
    ("application/x-ole-storage", "OLE"),
    ("application/vnd.ms-cab-compressed", "CAB"),
    ("application/x-ms-shortcut", "LNK"),
    ("image/gif", "GIF"),
    ("image/jpeg", "JPEG"),
    ("image/png", "PNG"),
    ("application/x-php", "PHP"),
    ("text/x-php", "PHP"),
    ("text/x-python", "Python"),
];

/// What rules call a type, `EXE`; `UNKNOWN` where they have no word for it.
pub fn filetype(media_type: MediaType) -> &'static str {
    let known = TYPES.iter().find(|(name, _)| *name == media_type.0);
    known.map_or("UNKNOWN", |(_, word)| word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cut_as_rules_expect_them() {
        for (path, expected) in [
            ("C:\\Users\\a\\Setup.EXE", ("Setup.EXE", "C:\\Users\\a", ".exe")),
            ("var/www/shell.tar.gz", ("shell.tar.gz", "var/www", ".gz")),
            (".bashrc", (".bashrc", "", "")),
            ("", ("", "", "")),
        ] {
            let names = Names::of(path, MediaType::UNKNOWN);
            assert_eq!(
                (&*names.filename, &*names.filepath, &*names.extension),
                expected,
                "{path}"
            );
        }
    }

    #[test]
    fn programs_are_called_exe() {
        assert_eq!(
            filetype(MediaType("application/vnd.microsoft.portable-executable")),
            "EXE"
        );
        assert_eq!(filetype(MediaType("text/plain")), "UNKNOWN");
    }
}
