//! What a package of Windows Installer brings along: the cabinets with its files, what its actions run, pictures; and the
//! actions themselves, as text.
//!
//! An action of its own (table `CustomAction`) runs a library, a program, a script or a command line, with the rights of the
//! installer as often as not (Microsoft, "Custom action types"). Files in cabinets have names for the installer alone: the table
//! `File` says what they are called in the end, and is told as text beside the actions. Absent: conditions, sequences, and the
//! properties that texts in brackets stand for.

use super::installer::decode;
use super::installer_tables::{Tables, Value};
use crate::ole::{Compound, Kind};
use std::fmt::Write;
use watchfire_model::{Budget, Halt, Hints, Member, MemberSink, Problem, Untrusted};

/// Of the type of an action: what it does, and that it is a script in JScript or VBScript that stands in the table itself.
const WHAT: u32 = 0x3f;
const JSCRIPT: u32 = 37;
const VBSCRIPT: u32 = 38;

/// Hands the members of a package to `sink`: streams that are no tables, by their decoded names, and tables that say what is
/// run and where files go, as text.
pub fn unpack_installer(bytes: &[u8], budget: &Budget, sink: &mut dyn MemberSink) -> Result<(), Halt> {
    let Some(file) = Compound::open(bytes) else {
        return Ok(());
    };
    let tables = Tables::read(&file);
    actions(&tables, budget, sink)?;
    files(&tables, budget, sink)?;
    let mut total = 0_u64;
    for (number, entry) in file.children(0).filter(|(_, entry)| entry.kind == Kind::Stream) {
        let name = decode(&entry.name);
        // Tables, the summary and signatures are read as what they are.
        if name.starts_with(['!', '\u{5}']) || entry.size == 0 {
            continue;
        }
        let content = file.stream(number);
        total += content.len() as u64;
        budget.unpack(content.len() as u64, total, bytes.len() as u64)?;
        // Streams may be said to stand one over another.
        if total > (bytes.len() as u64).saturating_mul(2) {
            sink.problem(Problem::warning(
                "msi-overlapping",
                "its streams overlap; the rest was left out",
            ));
            break;
        }
        hand_over(&name, content, sink)?;
    }
    if file.is_damaged() {
        sink.problem(Problem::warning(
            "msi-damaged",
            "the package is damaged; what could be read was taken out",
        ));
    }
    Ok(())
}

/// Actions as text, and scripts among them.
fn actions(tables: &Tables<'_, '_>, budget: &Budget, sink: &mut dyn MemberSink) -> Result<(), Halt> {
    let mut told = String::new();
    for row in tables.rows("CustomAction", &["Action", "Type", "Source", "Target"]) {
        let [action, kind, source, target] = &row[..] else {
            continue;
        };
        let script = match kind.number() & WHAT {
            JSCRIPT => Some("js"),
            VBSCRIPT => Some("vbs"),
            _ => None,
        };
        if let Some(extension) = script.filter(|_| !target.text().is_empty()) {
            let script = target.text().as_bytes().to_vec();
            budget.unpack(script.len() as u64, script.len() as u64, script.len() as u64)?;
            hand_over(&format!("CustomAction.{}.{extension}", action.text()), script, sink)?;
            continue;
        }
        line(&mut told, &[action, kind, source, target]);
    }
    tell("CustomAction.txt", told, budget, sink)
}

/// Which file of a cabinet is called what.
fn files(tables: &Tables<'_, '_>, budget: &Budget, sink: &mut dyn MemberSink) -> Result<(), Halt> {
    let mut told = String::new();
    for row in tables.rows("File", &["File", "Component_", "FileName"]) {
        line(&mut told, &row.iter().collect::<Vec<_>>());
    }
    tell("File.txt", told, budget, sink)
}

fn line(told: &mut String, values: &[&Value]) {
    for (at, value) in values.iter().enumerate() {
        let between = if at == 0 { "" } else { "\t" };
        // Writing to a string cannot fail.
        let _ = match value {
            Value::Text(text) => write!(told, "{between}{text}"),
            Value::Number(number) => write!(told, "{between}{number}"),
        };
    }
    told.push('\n');
}

fn tell(name: &str, text: String, budget: &Budget, sink: &mut dyn MemberSink) -> Result<(), Halt> {
    if text.is_empty() {
        return Ok(());
    }
    budget.unpack(text.len() as u64, text.len() as u64, text.len() as u64)?;
    hand_over(name, text.into_bytes(), sink)
}

fn hand_over(name: &str, bytes: Vec<u8>, sink: &mut dyn MemberSink) -> Result<(), Halt> {
    let name = Untrusted::new(name);
    sink.member(Member {
        hints: Hints {
            name: Some(name.clone()),
            ..Hints::default()
        },
        name,
        bytes,
    })
}
