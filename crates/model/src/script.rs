//! What a script does by its own words, and through how many layers these were read. It was read, never run.

use crate::Untrusted;
use serde::Serialize;

/// A script, a macro, or a command line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ScriptFacts {
    /// `powershell`, `batch`, `vba`, `vbscript`, `javascript`, `excel-4`, `command`.
    pub language: &'static str,
    /// Procedures that run without being asked for, as `AutoOpen`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub automatic: Vec<Untrusted>,
    /// What it calls, each kind with the first word that shows it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub acts: Vec<Act>,
    /// What had to be undone to read it, each kind once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Layer>,
}

impl ScriptFacts {
    /// The word that shows an act of this kind, if there is one.
    pub fn act(&self, kind: ActKind) -> Option<&Act> {
        self.acts.iter().find(|act| act.kind == kind)
    }
}

/// One thing that a script calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Act {
    /// What kind of thing.
    pub kind: ActKind,
    /// The word, as it stands there.
    pub word: Untrusted,
    /// It stands there only once layers are undone.
    pub hidden: bool,
}

/// Kinds of acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActKind {
    /// Loads from the network.
    Download,
    /// Starts a program or another interpreter.
    Run,
    /// Runs text as code, or code out of memory.
    Evaluate,
    /// Decodes or unpacks.
    Decode,
    /// Writes files.
    Write,
    /// Keeps its window from being seen.
    Hide,
    /// Switches protection off.
    Weaken,
    /// Arranges to be started again.
    Persist,
    /// Takes away copies and backups.
    Destroy,
}

/// A way of writing that hides what is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layer {
    /// A command line that is handed over in base64.
    EncodedCommand,
    /// Base64 in a literal.
    Base64,
    /// Compressed data in a literal.
    Compressed,
    /// Characters by their numbers.
    CharacterCodes,
    /// Escapes where letters would do.
    Escapes,
    /// Literals put together.
    Joined,
    /// Parts put in order by a format.
    Formatted,
    /// Letters from the end to the beginning.
    Reversed,
    /// Letters exchanged for others.
    Replaced,
    /// Marks that the interpreter drops.
    Padding,
    /// Letters cut out of variables.
    Substrings,
    /// The script encoder of Windows.
    ScriptEncoder,
}

/// A macro project of an office document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MacroFacts {
    /// The project's own name.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub project: Untrusted,
    /// Its code page.
    pub code_page: u32,
    /// Names of its modules, in their order.
    pub modules: Vec<Untrusted>,
    /// Bytes of source, all modules together.
    pub source: u64,
    /// Modules that have compiled code and no source.
    pub stomped: Vec<Untrusted>,
    /// Formulas on sheets of Excel 4 macros, not macros of Visual Basic.
    pub excel_4: bool,
}
