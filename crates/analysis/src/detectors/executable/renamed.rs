//! A tool under another name than the one that its maker gave it.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a shell or an interpreter of Windows in place of a help for the disabled | 0.60 | a door that opens before anybody logs on |
//! | a tool of the system that starts code for others: `cmd`, `rundll32`, `mshta`, … | 0.50 | rules look for their names |
//! | a tool for stealing passwords | 0.60 | no honest use under another name |
//! | a tool for remote control, tunnels and copying data away | 0.40 | administrators leave them their names |
//! | a general tool: archivers, PuTTY, AutoIt | 0.20–0.30 | some are shipped with other software under other names |
//!
//! The version says what the maker called it. Numbers and additions (`python3`, `rclone-v1.68`) are no other name, and names
//! that programs make up (digests, `tmp1234`) are none either.

use super::{pe, version};
use crate::detectors::file::{about, name};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Renamed;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-renamed"),
    describes: "a well-known tool was given another name",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 500,
    group: "executable-identity",
    techniques: &[TechniqueId::new("T1036.003")],
    false_positives: "software that ships a tool of others under a name of its own",
};

/// Original names without their extension, in lower case, and what another name weighs.
const TOOLS: &[(&str, u16)] = &[
    ("cmd", 500),
    ("powershell", 500),
    ("pwsh", 400),
    ("wscript", 500),
    ("cscript", 500),
    ("mshta", 500),
    ("rundll32", 500),
    ("regsvr32", 500),
    ("certutil", 500),
    ("bitsadmin", 500),
    ("msbuild", 500),
    ("installutil", 500),
    ("regasm", 500),
    ("regsvcs", 500),
    ("cmstp", 500),
    ("wmic", 500),
    ("schtasks", 500),
    ("reg", 400),
    ("vssadmin", 500),
    ("wevtutil", 500),
    ("ntdsutil", 500),
    ("mimikatz", 600),
    ("procdump", 400),
    ("psexec", 400),
    ("psexesvc", 300),
    ("adfind", 400),
    ("rclone", 400),
    ("anydesk", 350),
    ("client32", 350),
    ("plink", 300),
    ("ngrok", 400),
    ("autoit3", 250),
    ("autohotkey", 250),
    ("nircmd", 250),
    ("processhacker", 250),
    ("rar", 200),
    ("winrar", 200),
    ("7z", 200),
    ("7za", 200),
    ("pythonw", 200),
    ("python", 200),
];

/// Windows starts them before anybody logs on (MITRE ATT&CK, T1546.008).
const ACCESSIBILITY: &[&str] = &[
    "sethc",
    "utilman",
    "osk",
    "magnify",
    "narrator",
    "displayswitch",
    "atbroker",
];

impl Detector for Renamed {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some(original) =
            pe(facts).and_then(|pe| version(pe, "OriginalFilename").or_else(|| version(pe, "InternalName")))
        else {
            return;
        };
        let original_stem = stem(original);
        let Some((known, weight)) = TOOLS.iter().find(|(known, _)| *known == original_stem) else {
            return;
        };
        let named = name(facts);
        let now = stem(named);
        // Only what is called a program has a name that somebody gave it.
        if now.is_empty() || !named.to_lowercase().ends_with(".exe") || is_same(&now, known) || is_made_up(&now) {
            return;
        }
        let is_shell = matches!(*known, "cmd" | "powershell" | "pwsh" | "wscript" | "cscript");
        let is_door = is_shell && ACCESSIBILITY.contains(&now.as_str());
        let what = if is_door {
            format!("is started before anybody logs on, and is {known} by its version")
        } else {
            format!("is {known} under another name")
        };
        let said = format!("OriginalFilename: {original}");
        let finding = about(&INFO, facts, if is_door { 600 } else { *weight }, &what, &said);
        scene.found(if is_door {
            finding.showing(vec![TechniqueId::new("T1546.008"), TechniqueId::new("T1036.003")])
        } else {
            finding
        });
    }
}

/// A name without folders and endings, in lower case: `Cmd.Exe`, `PowerShell.EXE.MUI`, `psexec.c`.
fn stem(name: &str) -> String {
    let base = name.rsplit(['/', '\\']).next().unwrap_or(name).to_lowercase();
    let base = base.trim();
    let base = base.strip_suffix(".mui").unwrap_or(base);
    let endings = [".exe", ".dll", ".c", ".com"];
    let stem = endings.iter().find_map(|ending| base.strip_suffix(ending));
    stem.unwrap_or(base).to_owned()
}

/// One name with something before or behind it.
fn is_same(now: &str, known: &str) -> bool {
    now.contains(known)
        || known.starts_with(now) && now.len() >= 4
        || now.starts_with("py") && known.starts_with("python")
}

/// Digests, numbers, and what programs call a file for a while.
fn is_made_up(name: &str) -> bool {
    let is_digest = name.len() >= 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
    let is_guid = name.len() >= 36
        && name
            .bytes()
            .all(|byte| byte.is_ascii_hexdigit() || matches!(byte, b'-' | b'{' | b'}'));
    is_digest || is_number || is_guid
}
