//! What is wrong with shortcuts.

pub(crate) mod elsewhere;
pub(crate) mod hidden_arguments;
pub(crate) mod runs_interpreter;

use watchfire_model::{Fact, FactSet, ScriptFacts, ShortcutFacts};

/// What an artifact says as a shortcut, with its command line.
fn shortcut(facts: &FactSet) -> Option<(&ShortcutFacts, Option<&ScriptFacts>)> {
    let shortcut = facts.facts.iter().find_map(|fact| match fact {
        Fact::Shortcut(shortcut) => Some(&**shortcut),
        _ => None,
    })?;
    let command = facts.facts.iter().find_map(|fact| match fact {
        Fact::Script(script) => Some(&**script),
        _ => None,
    });
    Some((shortcut, command))
}

/// Programs that run what they are told, by their names without folder and ending.
const INTERPRETERS: &[&str] = &[
    "cmd",
    "powershell",
    "pwsh",
    "mshta",
    "wscript",
    "cscript",
    "rundll32",
    "regsvr32",
    "msiexec",
    "conhost",
    "forfiles",
    "pcalua",
    "wmic",
    "bitsadmin",
    "certutil",
    "curl",
    "msbuild",
    "installutil",
    "cmstp",
    "odbcconf",
    "hh",
    "scriptrunner",
    "wsl",
    "bash",
    "ssh",
    "python",
    "pythonw",
    "autoit3",
    "control",
    "explorer",
    "ftp",
    "finger",
    "msxsl",
    "mavinject",
    "%comspec%",
];

/// The interpreter that the target is, if it is one.
fn interpreter(target: &str) -> Option<&'static str> {
    let name = target
        .trim()
        .trim_matches('"')
        .rsplit(['\\', '/'])
        .next()
        .unwrap_or_default();
    // Windows drops dots and blanks at the end of a name.
    let name = name.trim_end_matches(['.', ' ']).to_ascii_lowercase();
    let name = name.strip_suffix(".exe").unwrap_or(&name);
    INTERPRETERS.iter().find(|known| **known == name).copied()
}
