//! A program for Linux that looks for its libraries, or for its loader, where anybody may put them.
//!
//! | case | weight | why |
//! |---|---|---|
//! | its loader lies among temporary files, in a home, or anywhere but among the libraries | 0.35 | the loader runs before everything else |
//! | libraries are looked for among temporary files | 0.20 | whoever is there puts one; what was built there still says so |
//! | libraries are looked for from wherever somebody stands | 0.10 | an empty or relative folder |
//!
//! `$ORIGIN`, the folder of the program itself, is as it should be.

use super::elf;
use crate::detectors::file::about;
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_model::executable::Elf;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct LoadsFrom;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("executable-odd-loader"),
    describes: "a program takes its loader or its libraries from where anybody may put them",
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    weight: 350,
    group: "executable-loader",
    techniques: &[TechniqueId::new("T1574.006")],
    false_positives: "programs that were built in a temporary folder, and systems that keep all software below one folder",
};

const TEMPORARY: &[&str] = &["/tmp", "/var/tmp", "/dev/shm"];
/// Where loaders lie.
const LOADERS: &[&str] = &[
    "/lib",
    "/usr",
    "/system",
    "/nix/store",
    "/gnu/store",
    "/libexec",
    "/opt",
    "/snap",
    "/data/data/com.termux",
    "/apex",
    "/home/linuxbrew",
    "/app",
];

impl Detector for LoadsFrom {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some((weight, what, said)) = elf(facts).and_then(|elf| loader(elf).or_else(|| libraries(elf))) else {
            return;
        };
        scene.found(about(&INFO, facts, weight, what, said));
    }
}

fn loader(elf: &Elf) -> Option<(u16, &'static str, &str)> {
    let loader = elf.interpreter.as_ref()?.raw();
    let is_known = LOADERS.iter().any(|folder| loader.starts_with(folder));
    (loader.contains('/') && !is_known).then_some((350, "is loaded by a program that lies in an odd place", loader))
}

fn libraries(elf: &Elf) -> Option<(u16, &'static str, &str)> {
    let lists = [&elf.rpath, &elf.runpath].into_iter().flatten();
    let folders: Vec<&str> = lists.flat_map(|list| list.raw().split(':')).collect();
    let below = |folder: &str| {
        let rest = TEMPORARY.iter().find_map(|temporary| folder.strip_prefix(temporary));
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if let Some(folder) = folders.iter().find(|folder| below(folder)) {
        return Some((200, "looks for its libraries among temporary files", folder));
    }
    // A list with nothing in it is how tools take one away.
    if folders.iter().all(|folder| folder.is_empty()) {
        return None;
    }
    let is_rooted = |folder: &str| folder.starts_with('/') || folder.starts_with('$');
    let relative = folders.iter().find(|folder| !is_rooted(folder))?;
    Some((100, "looks for its libraries from wherever somebody stands", relative))
}
