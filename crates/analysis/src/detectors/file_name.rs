//! What a file name promises, and what of its content acts whatever the name says.

use watchfire_formats::identify::media;
use watchfire_formats::identify::runnable::Runnable;
use watchfire_knowledge::extension::{self, Class};
use watchfire_model::MediaType;

/// What happens when a person opens a file with a double click on Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Runs {
    /// A program.
    Program,
    /// A script, in an interpreter that the system brings along.
    Script,
    /// Whatever the shortcut names.
    Shortcut,
}

impl Runs {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Script => "script",
            Self::Shortcut => "shortcut",
        }
    }
}

/// Extensions that the shell runs, lower case. Scripts that a person would have to hand to an interpreter (`py`, `sh`)
/// are not here.
const RUNS: &[(&str, Runs)] = &[
    ("exe", Runs::Program),
    ("com", Runs::Program),
    ("scr", Runs::Program),
    ("pif", Runs::Program),
    ("cpl", Runs::Program),
    ("msi", Runs::Program),
    ("msix", Runs::Program),
    ("appx", Runs::Program),
    ("jar", Runs::Program),
    ("gadget", Runs::Program),
    ("bat", Runs::Script),
    ("cmd", Runs::Script),
    ("js", Runs::Script),
    ("jse", Runs::Script),
    ("vbs", Runs::Script),
    ("vbe", Runs::Script),
    ("wsf", Runs::Script),
    ("wsh", Runs::Script),
    ("hta", Runs::Script),
    ("sct", Runs::Script),
    ("ps1", Runs::Script),
    ("lnk", Runs::Shortcut),
    ("url", Runs::Shortcut),
    ("scf", Runs::Shortcut),
    ("library-ms", Runs::Shortcut),
    ("search-ms", Runs::Shortcut),
    ("searchconnector-ms", Runs::Shortcut),
    ("settingcontent-ms", Runs::Shortcut),
    ("appref-ms", Runs::Shortcut),
    ("desktop", Runs::Shortcut),
];

/// The last component of a path in either notation.
pub(super) fn base(name: &str) -> &str {
    name.trim_end_matches(['/', '\\'])
        .rsplit(['/', '\\'])
        .next()
        .unwrap_or(name)
}

/// Name and extension. Windows drops spaces and dots at the end, so they do not count.
pub(super) fn split(name: &str) -> Option<(&str, &str)> {
    base(name).trim_end_matches([' ', '.']).rsplit_once('.')
}

/// What opening a file of this name runs.
pub(super) fn runs(name: &str) -> Option<Runs> {
    // Archives list folders with a slash behind their names.
    if name.ends_with(['/', '\\']) {
        return None;
    }
    let (_, extension) = split(name)?;
    let known = RUNS.iter().find(|(known, _)| known.eq_ignore_ascii_case(extension));
    known.map(|(_, runs)| *runs)
}

/// What opening a file of this content runs, whatever its name, and the words for it. Scripts that only their name gives to
/// an interpreter are text, and text may be about anything.
pub(super) fn runs_by_content(media_type: MediaType) -> Option<(Runs, &'static str)> {
    Some(match (Runnable::of(media_type)?, media_type) {
        (Runnable::Pe | Runnable::Dos, _) => (Runs::Program, "a Windows program"),
        (Runnable::Elf, _) => (Runs::Program, "a Linux program"),
        (Runnable::MachO, _) => (Runs::Program, "a macOS program"),
        (_, media::MSI) => (Runs::Program, "an installer"),
        (_, media::JAVA_CLASS) => (Runs::Program, "a Java program"),
        // Those in XML are shortcuts by their name alone.
        (_, media::LNK | media::URL_SHORTCUT) => (Runs::Shortcut, "a shortcut"),
        (_, media::VBSCRIPT_ENCODED | media::JSCRIPT_ENCODED) => (Runs::Script, "an encoded script"),
        (_, media::HTA | media::WSF) => (Runs::Script, "a script"),
        _ => return None,
    })
}

/// Whether a person who sees this name expects something to look at, not to run.
pub(super) fn promises_content(name: &str) -> bool {
    let class = split(name).and_then(|(_, extension)| extension::class(extension.trim().as_bytes()));
    matches!(class, Some(Class::Document | Class::Text | Class::Image | Class::Media))
}

/// Whether nobody writes text into a file of this name: a picture, a film, a document of an office program.
pub(super) fn is_never_text(name: &str) -> bool {
    const DOCUMENTS: &[&str] = &["pdf", "doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp"];
    // Pictures that are written as text.
    const DRAWN: &[&str] = &[
        "svg", "xpm", "xbm", "ppm", "pgm", "pbm", "pnm", "eps", "ps", "m3u", "m3u8", "pls", "ts",
    ];
    let Some((_, extension)) = split(name) else {
        return false;
    };
    let extension = extension.trim().to_lowercase();
    let class = extension::class(extension.as_bytes());
    DOCUMENTS.contains(&extension.as_str())
        || matches!(class, Some(Class::Image | Class::Media)) && !DRAWN.contains(&extension.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_extension_decides_what_runs() {
        for (name, expected) in [
            ("a/b/invoice.pdf.EXE", Some(Runs::Program)),
            ("invoice.exe. ", Some(Runs::Program)),
            ("x.pdf.lnk", Some(Runs::Shortcut)),
            ("x.exe.pdf", None),
            ("setup.py", None),
            ("exe", None),
            ("folder.js/readme", None),
            ("modules/java.desktop/", None),
        ] {
            assert_eq!(runs(name), expected, "{name}");
        }
    }

    #[test]
    fn documents_pictures_and_films_promise_content() {
        assert!(promises_content("Invoice.PDF") && promises_content("a.jpg") && promises_content("b.docx"));
        assert!(!promises_content("a.exe") && !promises_content("pdf") && !promises_content("a.zip"));
    }
}
