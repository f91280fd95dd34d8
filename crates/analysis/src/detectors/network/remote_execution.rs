//! Programs that are started on other machines: by services, by tasks, by WMI.
//!
//! | seen | weight | why |
//! |---|---|---|
//! | a service or task whose name or command is one of tools of intruders: a shell, a script, a share of the machine itself | 0.50 | administration has names and programs; what was made for one command has not |
//! | a service that is made or changed, a task, a method of WMI | 0.30 | software is distributed and machines are cared for like that |
//! | by a scanner of the organisation | 0 | it is its work |
//!
//! Calls of DCE/RPC that succeed or whose outcome was not seen. What is handed over may be encrypted: that it was called can
//! be seen all the same.

use super::probe::is_scanner;
use super::shared::{Frames, Table, counted, host, say, shown};
use crate::detectors::{Detector, DetectorInfo, Scene};
use std::net::IpAddr;
use watchfire_model::network::{DceRpc, Event, Exchange};
use watchfire_model::{Confidence, RuleId, Severity, TechniqueId, Untrusted};

static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("remote-execution"),
    describes: "a host starts programs on another by services, tasks or WMI",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 500,
    group: "lateral",
    techniques: &[
        TechniqueId::new("T1569.002"),
        TechniqueId::new("T1053.005"),
        TechniqueId::new("T1047"),
        TechniqueId::new("T1021.002"),
    ],
    false_positives: "servers that distribute software; administrators",
};

const MOST: usize = 4_096;

/// What is called to start something.
struct Call {
    endpoint: &'static str,
    names: &'static [&'static str],
    /// What that did, in words, and how a title begins.
    did: &'static str,
    heading: &'static str,
}

/// C706, MS-SCMR, MS-TSCH, MS-WMI. Methods of WMI start processes and do much else; which it was stands where nobody reads it.
const CALLS: &[Call] = &[
    Call {
        endpoint: "svcctl",
        names: &[
            "CreateServiceW",
            "CreateServiceA",
            "CreateServiceWOW64W",
            "CreateServiceWOW64A",
            "CreateWowService",
        ],
        did: "made a service",
        heading: STARTED,
    },
    Call {
        endpoint: "svcctl",
        names: &["ChangeServiceConfigW", "ChangeServiceConfigA"],
        did: "changed a service",
        heading: WORKED,
    },
    Call {
        endpoint: "ITaskSchedulerService",
        names: &["SchRpcRegisterTask"],
        did: "made a task",
        heading: STARTED,
    },
    Call {
        endpoint: "atsvc",
        names: &["NetrJobAdd", "JobAdd"],
        did: "made a task",
        heading: STARTED,
    },
    Call {
        endpoint: "IWbemServices",
        names: &["ExecMethod", "ExecMethodAsync"],
        did: "called a method of WMI",
        heading: WORKED,
    },
];
const STARTED: &str = "started from afar";
const WORKED: &str = "worked from afar";

/// What names and commands of tools hold, lower case: PsExec and those that imitate it, shells, interpreters, output that is
/// fetched back over a share.
const TOOLS: &[&str] = &[
    "psexesvc",
    "paexec",
    "csexecsvc",
    "remcomsvc",
    "%comspec%",
    "cmd.exe /",
    "cmd /",
    "powershell",
    "rundll32",
    "regsvr32",
    "mshta",
    "\\\\127.0.0.1\\",
    "\\\\localhost\\",
    "\\admin$\\",
    "__output",
];

/// See the module.
#[derive(Debug)]
pub(crate) struct RemoteExecution {
    called: Table<(IpAddr, IpAddr, &'static str, &'static str), Called>,
}

#[derive(Debug, Default)]
struct Called {
    count: u64,
    tool: Option<Untrusted>,
    texts: Vec<Untrusted>,
    encrypted: bool,
    frames: Frames,
}

impl Default for RemoteExecution {
    fn default() -> Self {
        Self {
            called: Table::new(MOST),
        }
    }
}

/// What a call did, and how a title begins.
fn starts(call: &DceRpc) -> Option<(&'static str, &'static str)> {
    let (endpoint, name) = (call.endpoint?, call.name?);
    let known = CALLS
        .iter()
        .find(|known| known.endpoint == endpoint && known.names.contains(&name));
    known.map(|known| (known.did, known.heading))
}

/// Whether a text is one of tools of intruders.
fn is_tool(text: &Untrusted) -> bool {
    let text = text.raw().to_ascii_lowercase();
    TOOLS.iter().any(|tool| text.contains(tool))
}

impl Detector for RemoteExecution {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_event(&mut self, event: &Event, _: &mut Scene<'_>) {
        let Exchange::DceRpc(call) = &event.exchange else {
            return;
        };
        let Some((did, heading)) = starts(call).filter(|_| call.fault.is_none_or(|fault| fault == 0)) else {
            return;
        };
        let key = (event.originator.ip(), event.responder.ip(), did, heading);
        let Some(called) = self.called.row(key) else { return };
        called.count += 1;
        called.encrypted |= call.encrypted;
        called.tool = called
            .tool
            .take()
            .or_else(|| call.texts.iter().find(|text| is_tool(text)).cloned());
        for text in call.texts.iter().filter(|text| !text.is_empty()) {
            if called.texts.len() < 4 && !called.texts.contains(text) {
                called.texts.push(text.clone());
            }
        }
        called.frames.met(event.frame, || {
            let texts: Vec<&str> = call.texts.iter().map(Untrusted::raw).collect();
            format!("{} {}", call.name.unwrap_or_default(), texts.join(" "))
        });
    }

    fn conclude(&self, scene: &mut Scene<'_>) {
        for (&(from, to, did, heading), called) in self.called.rows() {
            let weight = match &called.tool {
                _ if is_scanner(scene, from) => 0,
                Some(_) => INFO.weight,
                None => 300,
            };
            let texts: Vec<String> = match &called.tool {
                Some(tool) => vec![shown(tool)],
                None => called.texts.iter().take(2).map(shown).collect(),
            };
            let texts = match (texts.is_empty(), called.encrypted) {
                (false, _) => format!(": {}", texts.join(", ")),
                (true, true) => ", encrypted".to_owned(),
                (true, false) => String::new(),
            };
            let title = format!(
                "{heading}: {} {did} on {}, {}{texts}",
                host(scene, from),
                host(scene, to),
                counted(called.count, "call"),
            );
            say(
                scene,
                &INFO,
                (title, weight),
                &called.frames,
                (&[from, to], &[to, from]),
            );
        }
    }
}
