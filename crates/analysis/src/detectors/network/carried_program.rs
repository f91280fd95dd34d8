//! Programs on their way, where the way says something.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | a program under the name or the type of a picture, a text or a document | 0.45 | nobody does that who has nothing to hide from filters |
//! | a program that a script or a tool of the system fetches from an address without a name | 0.35 | first stages load the next like that |
//! | a program from an address without a name, outside | 0.25 | vendors have names |
//! | a program by TFTP | 0.15 | devices fetch their system like that; so do worms of such devices |
//!
//! What it is, is told by content. What it does is for the detectors of executables to say: the file is looked at as if it had
//! been handed in. Programs from hosts with names are updates, mostly, and no finding.

use super::shared::{Frames, Table, host, is_outside, say, shown};
use super::words::Words;
use crate::detectors::file_name::{promises_content, runs_by_content};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::IpAddr;
use std::sync::LazyLock;
use watchfire_model::network::{Carried, Event, Exchange};
use watchfire_model::{Confidence, MediaType, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("carried-program"),
    describes: "a program is carried under a false name, from an address without a name, or by tools of intruders",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 450,
    group: "carried-program",
    techniques: &[TechniqueId::new("T1105"), TechniqueId::new("T1036.008")],
    false_positives: "own servers of updates and of devices that are asked by address; laboratories",
};

/// Programs that are remembered.
const MOST: usize = 1_024;
/// Flows in which somebody asked for something by HTTP from an address.
const MOST_ASKED: usize = 8_192;

/// How tools that fetch files for scripts call themselves, as their makers document it: PowerShell, the program library of
/// Python, curl, Wget, BITS, certutil, the library of VBScript and JScript, Go.
const TOOLS: &[&str] = &[
    "windowspowershell/",
    "powershell/",
    "python-requests/",
    "python-urllib/",
    "curl/",
    "wget/",
    "microsoft bits/",
    "certutil url agent",
    "winhttp",
    "microsoft-cryptoapi",
    "go-http-client/",
    "libwww-perl",
    "winhttprequest",
];
static SEARCH: LazyLock<Words> = LazyLock::new(|| Words::new(TOOLS));

/// See the module.
#[derive(Debug)]
pub(crate) struct CarriedProgram {
    programs: Vec<Program>,
    /// The tool that asked for an address, if it was one, by flow.
    asked: Table<u64, Option<Untrusted>>,
}

#[derive(Debug)]
struct Program {
    carried: Carried,
    what: &'static str,
}

impl Default for CarriedProgram {
    fn default() -> Self {
        Self {
            programs: Vec::new(),
            asked: Table::new(MOST_ASKED),
        }
    }
}

impl Detector for CarriedProgram {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::Http(http) = &event.exchange else { return };
        let named = http.host.as_ref().map(|host| host.raw());
        if named.and_then(address).is_none() {
            return;
        }
        if let Some(tool) = self.asked.row(event.flow)
            && tool.is_none()
        {
            *tool = http.user_agent.as_ref().filter(|agent| is_tool(agent.raw())).cloned();
        }
    }

    fn hears_files(&self) -> bool {
        true
    }

    fn on_carried(&mut self, carried: &Carried, _: &mut Scene<'_>) {
        let kind = carried.is.map(MediaType);
        let Some((_, what)) = kind.and_then(runs_by_content) else {
            return;
        };
        if self.programs.len() < MOST {
            self.programs.push(Program {
                carried: carried.clone(),
                what,
            });
        }
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for Program { carried, what } in &self.programs {
            let asked = self.asked.get(&carried.file.id.flow);
            let Some((weight, why)) = weigh(scene, carried, asked) else {
                continue;
            };
            let name = carried
                .file
                .name
                .as_ref()
                .map_or_else(|| "without a name".to_owned(), shown);
            let title = format!(
                "{what} over {}: {name} from {} to {}, {why}",
                carried.file.service,
                host(scene, carried.from.ip()),
                host(scene, carried.to.ip()),
            );
            let mut frames = Frames::default();
            frames.met(carried.frame, || {
                format!(
                    "{} {} bytes{}",
                    carried.file.name.as_ref().map_or("", |name| name.raw()),
                    carried.file.size,
                    carried
                        .content
                        .map(|content| format!(", SHA-256 {content}"))
                        .unwrap_or_default()
                )
            });
            say(
                scene,
                &INFO,
                (title, weight),
                &frames,
                (&[carried.to.ip()], &[carried.from.ip()]),
            );
        }
    }
}

/// What the way of a program says.
fn weigh(scene: &Scene<'_>, carried: &Carried, asked: Option<&Option<Untrusted>>) -> Option<(u16, String)> {
    let file = &carried.file;
    let media_type = file.media_type.as_ref().map(|kind| kind.raw().to_ascii_lowercase());
    let is_content = |kind: &str| {
        ["image/", "audio/", "video/", "font/"]
            .iter()
            .any(|class| kind.starts_with(class))
    };
    if file.name.as_ref().is_some_and(|name| promises_content(name.raw())) {
        return Some((INFO.weight, "whose name promises something else".to_owned()));
    }
    if let Some(kind) = media_type.filter(|kind| is_content(kind)) {
        let kind = shown(&Untrusted::new(kind));
        return Some((INFO.weight, format!("which is said to be {kind}")));
    }
    let outside = is_outside(scene.organisation(), carried.from.ip());
    match (file.service, asked) {
        ("http", Some(tool)) if outside => Some(match tool {
            Some(tool) => (
                350,
                format!("fetched from an address without a name by {}", shown(tool)),
            ),
            None => (250, "fetched from an address without a name".to_owned()),
        }),
        ("tftp", _) => Some((150, "which nothing protects on its way".to_owned())),
        _ => None,
    }
}

/// The address that a host is, as the field `Host` has it.
pub(super) fn address(host: &str) -> Option<IpAddr> {
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.rsplit_once(':').map_or(host, |(host, _)| host),
    };
    bare.parse().ok()
}

/// Whether a tool that fetches files for scripts asks.
pub(super) fn is_tool(agent: &str) -> bool {
    SEARCH.find(agent).is_some()
}
