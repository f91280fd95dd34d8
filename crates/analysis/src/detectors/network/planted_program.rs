//! Programs that are written into shares of administration.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | a program or script written to a drive or to the folder of Windows of another machine | 0.30 | what is started from afar is put there first; software is distributed like that, too |
//! | by a scanner of the organisation | 0 | it is its work |
//!
//! By the name that it gets: content is often encrypted. Files that were only read or listed are no finding.

use super::probe::is_scanner;
use super::shared::{Frames, Table, counted, host, say, shown};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::IpAddr;
use watchfire_knowledge::extension::{self, Class};
use watchfire_model::network::{Event, Exchange, SmbAction};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("planted-program"),
    describes: "a host writes a program into a share of administration of another",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 300,
    group: "lateral",
    techniques: &[TechniqueId::new("T1570"), TechniqueId::new("T1021.002")],
    false_positives: "servers that distribute software; administrators",
};

const MOST: usize = 4_096;

/// See the module.
#[derive(Debug)]
pub(crate) struct PlantedProgram {
    written: Table<(IpAddr, IpAddr), Written>,
}

#[derive(Debug, Default)]
struct Written {
    names: Vec<Untrusted>,
    count: u64,
    frames: Frames,
}

impl Default for PlantedProgram {
    fn default() -> Self {
        Self {
            written: Table::new(MOST),
        }
    }
}

impl Detector for PlantedProgram {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::SmbFile(file) = &event.exchange else {
            return;
        };
        let share = file.share.as_ref().map_or("", |share| share.raw());
        let writes = file.action == SmbAction::Close && file.written > 0 && !file.directory;
        if !writes || !is_for_administration(share) || !is_program(file.name.raw()) {
            return;
        }
        let key = (event.originator.ip(), event.responder.ip());
        let Some(written) = self.written.row(key) else { return };
        written.count += 1;
        if written.names.len() < 4 && !written.names.contains(&file.name) {
            written.names.push(file.name.clone());
        }
        written.frames.met(event.frame, || {
            format!("{share}\\{} {} bytes written", file.name.raw(), file.written)
        });
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(from, to), written) in self.written.rows() {
            let weight = if is_scanner(scene, from) { 0 } else { INFO.weight };
            let names: Vec<String> = written.names.iter().take(3).map(shown).collect();
            let title = format!(
                "program planted: {} wrote {} into a share of administration of {}, {}",
                host(scene, from),
                names.join(", "),
                host(scene, to),
                counted(written.count, "time"),
            );
            say(
                scene,
                &INFO,
                (title, weight),
                &written.frames,
                (&[from, to], &[to, from]),
            );
        }
    }
}

/// Whether a share is a drive or the folder of Windows: `\\server\C$`, `ADMIN$`.
fn is_for_administration(path: &str) -> bool {
    let name = path.rsplit('\\').next().unwrap_or(path);
    let drive = name.len() == 2 && name.ends_with('$') && name.starts_with(|letter: char| letter.is_ascii_alphabetic());
    drive || name.eq_ignore_ascii_case("ADMIN$")
}

fn is_program(path: &str) -> bool {
    let name = path.rsplit('\\').next().unwrap_or(path);
    let class = name
        .rsplit_once('.')
        .and_then(|(_, ending)| extension::class(ending.as_bytes()));
    matches!(class, Some(Class::Executable | Class::Script))
}
