//! Scripts, macros and command lines: what they call by their own words, and what they carry.
//!
//! Nothing is run. Common ways of hiding texts are undone where what comes out does not depend on running anything:
//! `fold` for literals, `batch` for variables of the command prompt, `encoder` for the script encoder of Windows. What
//! a script carries in base64 is handed out ([`Payload`]), and so read by whoever reads such things: layers inside of layers
//! go through the engine's queue. Linear in the length of the script. Absent: control flow, functions of the script's own.

mod acts;
mod batch;
mod decode;
pub mod encoder;
mod fold;
mod token;

pub(crate) use decode::base64_bytes as base64;

use crate::identify::media;
use std::collections::BTreeSet;
use watchfire_model::{Act, ActKind, Budget, Layer, MediaType, ScriptFacts};

/// What a script is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// PowerShell.
    PowerShell,
    /// The command prompt of Windows.
    Batch,
    /// VBScript and Visual Basic for Applications.
    VisualBasic,
    /// JavaScript and JScript.
    JavaScript,
    /// One command line, of whatever program.
    Command,
}

impl Language {
    /// The language of a file of this type.
    pub fn of(media_type: MediaType) -> Option<Self> {
        Some(match media_type {
            media::POWERSHELL => Self::PowerShell,
            media::BATCH => Self::Batch,
            media::VBSCRIPT | media::VBSCRIPT_ENCODED => Self::VisualBasic,
            media::JAVASCRIPT | media::JSCRIPT_ENCODED => Self::JavaScript,
            _ => return None,
        })
    }

    /// The word for reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PowerShell => "powershell",
            Self::Batch => "batch",
            Self::VisualBasic => "vbscript",
            Self::JavaScript => "javascript",
            Self::Command => "command",
        }
    }

    /// The ending of files of it.
    const fn extension(self) -> &'static str {
        match self {
            Self::PowerShell => "ps1",
            Self::Batch | Self::Command => "cmd",
            Self::VisualBasic => "vbs",
            Self::JavaScript => "js",
        }
    }
}

/// A script, read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Script {
    /// What it calls.
    pub facts: ScriptFacts,
    /// The script with its texts put together, where that changed anything.
    pub plain: String,
    /// What it carries encoded.
    pub payloads: Vec<Payload>,
}

/// Something that a script carries encoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payload {
    /// A name made up for it, with an ending that says what it is where the bytes do not.
    pub name: String,
    /// What it decodes to.
    pub bytes: Vec<u8>,
    /// How it was encoded.
    pub layer: Layer,
}

/// Longest script that is folded, in bytes. Of longer ones, which are filled up so that nobody looks, beginning and end are
/// folded, and of the rest the words are looked at as they stand.
const LONGEST: usize = 8 << 20;

/// Reads a script.
pub fn read(text: &str, language: Language, budget: &Budget) -> Script {
    let mut layers = BTreeSet::new();
    let mut literals = Vec::new();
    let mut plain = String::new();
    let ends = ends(text);
    if budget.check().is_ok() {
        let text = ends.as_deref().unwrap_or(text);
        let mut fold = |text: &str, language: Language| {
            let folded = fold::fold(text, language);
            layers.extend(folded.layers);
            literals.extend(folded.literals);
            folded.text
        };
        plain = match language {
            Language::Batch | Language::Command => {
                let (expanded, found) = batch::expand(text);
                let inner = is_powershell(&expanded).then(|| fold(&expanded, Language::PowerShell));
                layers.extend(found);
                match inner {
                    Some(inner) => expanded + "\n" + &inner,
                    None => expanded,
                }
            }
            other => fold(text, other),
        };
    }
    let payloads = decode::payloads(text, &plain, &literals, language, budget);
    layers.extend(payloads.iter().map(|payload| payload.layer));
    let mut acts = found(text, &plain, ends.is_some());
    if language == Language::JavaScript && !acts::reaches_out(if plain.is_empty() { text } else { &plain }) {
        // Without a way out of its page a script runs nothing: the words are prose, as in an index for searching.
        acts.retain(|act| act.kind != ActKind::Run);
    }
    let facts = ScriptFacts {
        language: language.as_str(),
        automatic: acts::automatic(text, language),
        acts,
        layers: layers.into_iter().collect(),
    };
    Script { facts, plain, payloads }
}

/// What formulas on sheets of Excel 4 macros call, and the names by which they run unasked.
pub fn excel_4(formulas: &str, automatic: &[String]) -> ScriptFacts {
    let mut acts: Vec<Act> = acts::find(formulas)
        .into_iter()
        .map(|(kind, word)| act(kind, word, false))
        .collect();
    for (kind, word) in acts::find_excel_4(formulas) {
        if !acts.iter().any(|known| known.kind == kind) {
            acts.push(act(kind, word, false));
        }
    }
    acts.sort_by_key(|act| act.kind);
    ScriptFacts {
        language: "excel-4",
        automatic: automatic.iter().map(|name| name.as_str().into()).collect(),
        acts,
        layers: Vec::new(),
    }
}

/// Whether PowerShell is named or plainly spoken.
fn is_powershell(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["powershell", "pwsh", "iex", "invoke-", "frombase64string"]
        .iter()
        .any(|word| memchr::memmem::find(lower.as_bytes(), word.as_bytes()).is_some())
}

/// Beginning and end of a script that is too long to be folded.
fn ends(text: &str) -> Option<String> {
    let head = text.get(..text.floor_char_boundary(LONGEST / 2))?;
    let tail = text.get(text.ceil_char_boundary(text.len().saturating_sub(LONGEST / 2))..)?;
    (text.len() > LONGEST).then(|| format!("{head}\n{tail}"))
}

/// The acts that the plain form of a script shows, which has no comments. Those whose word stands nowhere in the script
/// itself were hidden. Where the plain form is `cut`, what stands in the script counts too.
fn found(text: &str, plain: &str, cut: bool) -> Vec<Act> {
    let seen = acts::find(text);
    if plain.is_empty() {
        return seen.into_iter().map(|(kind, word)| act(kind, word, false)).collect();
    }
    let plain = acts::find(plain).into_iter();
    let mut found: Vec<Act> = plain
        .map(|(kind, word)| {
            let stands = seen.iter().any(|(known, _)| *known == kind);
            act(kind, word, !stands)
        })
        .collect();
    for (kind, word) in seen.into_iter().filter(|_| cut) {
        if !found.iter().any(|known| known.kind == kind) {
            found.push(act(kind, word, false));
        }
    }
    found.sort_by_key(|act| act.kind);
    found
}

fn act(kind: ActKind, word: &str, hidden: bool) -> Act {
    Act {
        kind,
        word: word.into(),
        hidden,
    }
}

/// Scripts in markup, with their languages: pages, HTML applications, Windows script files.
pub fn parts(markup: &str) -> Vec<(Language, &str)> {
    const MOST: usize = 1_000;
    let lower = markup.to_ascii_lowercase();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(start) = lower
        .get(at..)
        .and_then(|rest| rest.find("<script"))
        .map(|found| at + found)
    {
        let Some(open) = lower
            .get(start..)
            .and_then(|rest| rest.find('>'))
            .map(|end| start + end + 1)
        else {
            break;
        };
        let end = lower
            .get(open..)
            .and_then(|rest| rest.find("</script"))
            .map_or(lower.len(), |end| open + end);
        let tag = lower.get(start..open).unwrap_or_default();
        let language = match tag.contains("vbs") || tag.contains("visualbasic") {
            true => Language::VisualBasic,
            false => Language::JavaScript,
        };
        let body = markup.get(open..end).unwrap_or_default();
        if !body.trim().is_empty() && out.len() < MOST {
            out.push((language, body));
        }
        at = end;
    }
    out
}

/// Whether a text reads like Visual Basic rather than JScript.
pub fn looks_basic(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let count = |words: &[&str]| words.iter().filter(|word| lower.contains(**word)).count();
    let basic = count(&[
        "dim ",
        "end sub",
        "end if",
        "end function",
        "createobject(",
        "msgbox",
        "set ",
        " then",
        "on error resume",
    ]);
    let other = count(&[
        "var ",
        "activexobject",
        "function(",
        "function (",
        "};",
        "){",
        "===",
        "new ",
    ]);
    basic > other
}

#[cfg(test)]
mod tests;
