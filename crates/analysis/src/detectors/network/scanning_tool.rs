//! Tools that look for holes and say who they are.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | from inside, by no scanner of the organisation | 0.35 | somebody tests what he may not, or nobody told the configuration |
//! | from outside | 0.10 | whoever can be reached from everywhere is tried all day |
//! | by a scanner of the organisation | 0 | it is its work |
//!
//! By the field `User-Agent` of HTTP, as these tools send it unless they are told otherwise. One question is an accident.

use super::probe::is_scanner;
use super::shared::{Frames, Table, host, is_inside, say, shown};
use super::words::Words;
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::IpAddr;
use std::sync::LazyLock;
use watchfire_model::network::{Event, Exchange};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("scanning-tool"),
    describes: "a tool that looks for holes in web servers names itself",
    severity: Severity::Medium,
    confidence: Confidence::High,
    weight: 350,
    group: "scan",
    techniques: &[TechniqueId::new("T1595.002"), TechniqueId::new("T1046")],
    false_positives: "tests that somebody ordered",
};

const MOST: usize = 4_096;

/// What they call themselves, lower case: the defaults in their sources or documentation.
const TOOLS: &[&str] = &[
    "sqlmap/",
    "nikto",
    "nmap scripting engine",
    "masscan/",
    "zgrab/",
    "gobuster/",
    "dirbuster",
    "wpscan",
    "feroxbuster/",
    "fuzz faster u fool",
    "nuclei",
    "whatweb/",
    "w3af",
    "acunetix",
    "nessus",
    "openvas",
    "arachni/",
    "wfuzz/",
    "commix/",
    "hydra",
];
static SEARCH: LazyLock<Words> = LazyLock::new(|| Words::new(TOOLS));

/// See the module.
#[derive(Debug)]
pub(crate) struct ScanningTool {
    seen: Table<(IpAddr, IpAddr, &'static str), Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    questions: u64,
    agent: Untrusted,
    frames: Frames,
}

impl Default for ScanningTool {
    fn default() -> Self {
        Self { seen: Table::new(MOST) }
    }
}

impl Detector for ScanningTool {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::Http(http) = &event.exchange else { return };
        let Some(agent) = &http.user_agent else { return };
        let Some(tool) = SEARCH.find(agent.raw()) else { return };
        let key = (event.originator.ip(), event.responder.ip(), tool);
        let Some(seen) = self.seen.row(key) else { return };
        seen.questions += 1;
        if seen.agent.is_empty() {
            seen.agent = agent.clone();
        }
        seen.frames
            .met(event.frame, || format!("{} {}", http.method.raw(), http.target.raw()));
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(from, to, _), seen) in self.seen.rows() {
            if seen.questions < 2 {
                continue;
            }
            let weight = match (is_scanner(scene, from), is_inside(scene.organisation(), from)) {
                (true, _) => 0,
                (false, true) => INFO.weight,
                (false, false) => 100,
            };
            let who = if weight == 0 { "the organisation's scanner " } else { "" };
            let title = format!(
                "scanning tool: {who}{} asked {} {} times as {}",
                host(scene, from),
                host(scene, to),
                seen.questions,
                shown(&seen.agent),
            );
            say(scene, &INFO, (title, weight), &seen.frames, (&[from], &[from]));
        }
    }
}
