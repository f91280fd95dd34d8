//! What acts in old office documents and in any compound file: macros, embedded objects, commands to other programs.
//!
//! Compound files (MS-CFB) of Word (MS-DOC), Excel (MS-XLS) and PowerPoint (MS-PPT), and the macro projects of newer
//! documents, which are compound files too. Absent: the documents' own text and layout.

pub(crate) mod binary_sheet;
pub mod encrypted;
mod equation;
mod excel;
mod excel_locked;
mod formula;
mod object;
pub mod vba;

pub use equation::is_overlong as equation_is_overlong;
pub(crate) use object::member as object_member;
pub use object::{Native, native};

use crate::ole::{Compound, Kind};
use vba::Project;
use watchfire_model::{Budget, Halt, Member, Password, Problem};

/// What was found in a compound file.
#[derive(Clone, Debug, Default)]
pub struct Office {
    /// Macro projects.
    pub projects: Vec<Project>,
    /// Embedded files.
    pub embedded: Vec<Member>,
    /// What acts besides macros, in words.
    pub acts: Vec<Acting>,
    /// Formulas of macro sheets and commands to other programs, a line each.
    pub instructions: String,
    /// Names by which formulas of macro sheets run unasked.
    pub automatic: Vec<String>,
    /// Whether there are sheets of Excel 4 macros, and the names of those.
    pub macro_sheets: Vec<String>,
    /// It is encrypted, and no password opened it.
    pub encrypted: bool,
    /// It is encrypted, and a password opened it.
    pub unlocked: bool,
    /// What could not be read as it stands.
    pub problems: Vec<Problem>,
    /// The limit that was reached, if one was.
    pub halted: Option<Halt>,
}

/// Something in a document that acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Acting {
    /// A command to another program.
    Dde(String),
    /// An object of the old equation editor; whether it holds a name that is longer than the editor has room for.
    Equation {
        /// See above.
        overlong: bool,
    },
    /// An object that is fetched from elsewhere.
    Remote(String),
}

/// Reads a compound file. An encrypted workbook is tried with `passwords`.
pub fn read(bytes: &[u8], passwords: &[Password], budget: &Budget) -> Office {
    let mut out = Office::default();
    let Some(compound) = Compound::open(bytes) else {
        out.problems.push(Problem::warning(
            "office-damaged",
            "the file does not begin like a compound file",
        ));
        return out;
    };
    out.projects = vba::projects(&compound, budget, &mut out.problems);
    object::objects(&compound, budget, &mut out);
    let stream = |name: &str| compound.find(0, name).map(|number| compound.stream(number));
    if let Some(workbook) = stream("Workbook").or_else(|| stream("Book")) {
        excel::read(
            workbook_in_clear(&workbook, passwords, &mut out)
                .as_deref()
                .unwrap_or(&workbook),
            &mut out,
        );
    }
    if let Some(text) = stream("WordDocument") {
        word(&text, &mut out);
    }
    if let Some(slides) = stream("PowerPoint Document") {
        object::in_slides(&slides, budget, &mut out);
    }
    let names = compound.entries().iter().filter(|entry| entry.kind == Kind::Stream);
    out.encrypted |= names.clone().any(|entry| entry.name == "EncryptedPackage");
    if compound.is_damaged() {
        out.problems.push(Problem::warning(
            "office-damaged",
            "parts of the compound file are missing or claimed twice",
        ));
    }
    out
}

/// An encrypted workbook, opened by the customary password or one that is given.
fn workbook_in_clear(workbook: &[u8], passwords: &[Password], out: &mut Office) -> Option<Vec<u8>> {
    let locked = excel_locked::Locked::find(workbook)?;
    let given = passwords.iter().map(Password::raw);
    let plain = std::iter::once(encrypted::CUSTOMARY)
        .chain(given)
        .find_map(|password| locked.open(workbook, password))?;
    out.unlocked = true;
    Some(plain)
}

/// Commands to other programs in fields of a text document (MS-DOC 2.8.25), and whether it is encrypted.
fn word(text: &[u8], out: &mut Office) {
    // `fEncrypted` in the information block.
    out.encrypted |= crate::bytes::le16(text, 10).is_some_and(|flags| flags & 0x0100 != 0);
    const BEGIN: u8 = 0x13;
    let mut found = Vec::new();
    for at in memchr::memchr_iter(BEGIN, text) {
        let after = text.get(at + 1..).unwrap_or_default();
        // Every byte may look like the beginning of a field, so its name is asked for before the rest is read.
        let head = after.iter().take(64).filter(|byte| **byte != 0);
        let head: String = head.map(|byte| char::from(*byte)).collect();
        let name = head.split_whitespace().next().unwrap_or_default();
        let is_command = name.eq_ignore_ascii_case("DDE") || name.eq_ignore_ascii_case("DDEAUTO");
        if !is_command || found.len() >= 100 {
            continue;
        }
        let after = after.get(..after.len().min(2_048)).unwrap_or(after);
        let is_wide = after.first() == Some(&0);
        let letters: String = if is_wide {
            crate::email::outlook::wide(after.get(1..).unwrap_or_default())
        } else {
            after.iter().map(|byte| char::from(*byte)).collect()
        };
        let field = letters
            .split(['\u{13}', '\u{14}', '\u{15}', '\r'])
            .next()
            .unwrap_or_default()
            .trim();
        found.push(field.to_owned());
    }
    for field in found {
        out.instructions.push_str(&field);
        out.instructions.push('\n');
        out.acts.push(Acting::Dde(field));
    }
}

#[cfg(test)]
mod tests;
