//! What is wrong with a file by its name, by where it lies and by what its file system says of it. Most of it needs
//! [`Fact::Stored`](watchfire_model::Fact::Stored), which only searches of disks give.

pub(crate) mod capabilities;
pub(crate) mod downloaded;
mod folders;
pub(crate) mod hidden;
pub(crate) mod lookalike;
pub(crate) mod place;
pub(crate) mod rights;
pub(crate) mod runnable_stream;
pub(crate) mod setuid_shell;
pub(crate) mod several_names;
pub(crate) mod starts_itself;
pub(crate) mod system_elsewhere;
mod system_names;

pub(crate) use folders::Folders;
pub(in crate::detectors) use folders::System;

use super::{DetectorInfo, evidence, file, file_name, weighed};
use watchfire_formats::identify::runnable::Runnable;
use watchfire_model::{FactSet, Finding, Place, Untrusted};

/// Where it lies, if it was found on a disk and can act.
pub(in crate::detectors) fn placed(facts: &FactSet) -> Option<(Folders<'_>, Runnable)> {
    Some((Folders::of(facts.stored()?), acts_as(facts)?))
}

/// What of it can act: its content, else what its name alone makes Windows run.
pub(in crate::detectors) fn acts_as(facts: &FactSet) -> Option<Runnable> {
    Runnable::under_name(facts.media_type, name(facts).as_bytes())
}

/// The name of a file without folders: on its disk, else as it was given.
pub(in crate::detectors) fn name(facts: &FactSet) -> &str {
    let named = facts
        .stored()
        .map_or_else(|| facts.origin.name(), |stored| &stored.path);
    match facts.stored() {
        // A backslash is a letter where names may hold it.
        Some(_) => named.raw().rsplit('/').next().unwrap_or_default(),
        None => file_name::base(named.raw()),
    }
}

/// Whether the machine runs it itself, without an interpreter.
pub(in crate::detectors) const fn is_program(what: Runnable) -> bool {
    matches!(what, Runnable::Pe | Runnable::Dos | Runnable::Elf | Runnable::MachO)
}

/// A finding about the file itself: `what` is wrong with it, and `said` shows it.
pub(in crate::detectors) fn about(
    info: &DetectorInfo,
    facts: &FactSet,
    weight: u16,
    what: &str,
    said: &str,
) -> Finding {
    let title = format!("'{}' {what}", Untrusted::new(name(facts)).shown(60));
    weighed(info, title, weight, evidence(facts, Place::Whole, said)).about(file(name(facts)))
}

/// Like [`about`], with the file's path for what shows it.
pub(in crate::detectors) fn about_place(info: &DetectorInfo, facts: &FactSet, weight: u16, what: &str) -> Finding {
    let said = facts.stored().map_or("", |stored| stored.path.raw());
    about(info, facts, weight, what, said)
}
