//! What a shortcut says: where it leads, with what, and where it was made.

use crate::{Moment, Untrusted};
use serde::Serialize;

/// A file whose only content is what to open.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ShortcutFacts {
    /// `lnk`, `url`, `library-ms`, `searchconnector-ms`, `settingcontent-ms`.
    pub format: &'static str,
    /// What it opens: a path, a URL, or the name of a shell folder. Empty where it names nothing.
    pub target: Untrusted,
    /// Other targets that it names and that differ from the first, as by its list of shell items.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<Untrusted>,
    /// What the target is started with.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub arguments: Untrusted,
    /// The folder that it is started in.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub working_folder: Untrusted,
    /// The way to the target from where the shortcut lay.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub relative_path: Untrusted,
    /// What somebody wrote about it.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub comment: Untrusted,
    /// Where its picture comes from.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub icon: Untrusted,
    /// How the window opens: `normal`, `maximized`, `minimized`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub window: &'static str,
    /// The keys that start it, `Ctrl+Alt+F1`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub hotkey: Box<str>,
    /// It asks for the rights of an administrator.
    pub elevated: bool,
    /// Bytes of the target when the shortcut was made.
    pub size: u64,
    /// When the target was made, by the shortcut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<Moment>,
    /// When it was last read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accessed: Option<Moment>,
    /// When it was last written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub written: Option<Moment>,
    /// The drive that the target lay on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drive: Option<Drive>,
    /// The machine that it was made on, by its NetBIOS name.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub machine: Untrusted,
    /// The network card of that machine, out of an identifier with a time and an address in it (RFC 9562).
    #[serde(skip_serializing_if = "str::is_empty")]
    pub mac: Box<str>,
    /// The longest run of blanks in the arguments, in characters. Dialogs show the beginning only.
    pub blanks: u64,
    /// Bytes behind its end.
    pub behind: u64,
}

/// A drive, as a shortcut remembers it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Drive {
    /// `fixed`, `removable`, `remote`, `optical`, …
    pub kind: &'static str,
    /// Its serial number.
    pub serial: u32,
    /// Its label.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub label: Untrusted,
}
