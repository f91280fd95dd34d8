//! What the clerk's workstation wrote down, by Sysmon and by Windows: a shortcut on a disc image that starts a signed program,
//! which loads the library beside it, copies both and makes a task of them; what the copy then reaches for; and among it
//! what a workstation does all morning.

use super::controller::{KERBEROS, SMB, is_asked};
use super::events::{Logon, Moment, at, let_in, logged_off, privileged, service_made, task_made};
use super::people::DOMAIN;
use super::sysmon::Event;
use super::{Attempt, End, Unlocked, guid, port};
use crate::Random;
use crate::demo::lure;
use crate::demo::net::Opened;
use crate::demo::story::{
    BEACON_ADDRESS, BEACON_NAME, CLERK, CONTROLLER, CONTROLLER_ADDRESS, DISC, DROP_ADDRESS, DROP_NAME, FAST, LIBRARY,
    OWN_DOMAIN, PLANTED, PROGRAM, SHORTCUT, TASK, VICTIM_ADDRESS,
};
use crate::encode::{base64, utf16le};
use crate::evtx::channel::Record;
use watchfire_model::ArtifactId;

/// Her session.
const SESSION: u64 = 0x6_2f1a;
const EXPLORER: &str = r"C:\Windows\explorer.exe";
const OUTLOOK: &str = r"C:\Program Files\Microsoft Office\root\Office16\OUTLOOK.EXE";
const EXCEL: &str = r"C:\Program Files\Microsoft Office\root\Office16\EXCEL.EXE";
const EDGE: &str = r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe";
const SVCHOST: &str = r"C:\Windows\System32\svchost.exe";
const SCHEDULE: &str = r"C:\Windows\system32\svchost.exe -k netsvcs -p -s Schedule";
const LSASS: &str = r"C:\Windows\System32\lsass.exe";
const SCHTASKS: &str = r"C:\Windows\System32\schtasks.exe";
const POWERSHELL: &str = r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe";
const AGENT: &str = r"C:\Program Files\Deployment Agent\agent.exe";

/// When she sits down at it.
pub(super) fn unlocked(random: &mut Random) -> Vec<Unlocked> {
    let times = [
        at(7, 52, 10),
        at(8, 41, 3),
        at(9, 55, 47),
        at(10, 32, 19),
        at(11, 20, 55),
    ];
    let times = times.into_iter().enumerate();
    let one = |(number, time)| Unlocked {
        time: time + random.below(1_000),
        guid: guid(random),
        port: port(random),
        is_first: number == 0,
    };
    times.map(one).collect()
}

/// Its own event log.
pub(super) fn events(random: &mut Random, unlocked: &[Unlocked]) -> Vec<Record> {
    let mut records = Vec::new();
    for (number, one) in (0_u64..).zip(unlocked) {
        let logon = Logon {
            user: CLERK,
            session: SESSION + number * 0x5_1a00,
            kind: if one.is_first { 2 } else { 7 },
            from: "127.0.0.1",
            port: 0,
            guid: Some(&one.guid),
            machine: crate::demo::story::VICTIM,
        };
        records.push(let_in(one.time, &logon));
        if !one.is_first {
            records.push(logged_off(one.time + 40, CLERK, logon.session, 7));
        }
    }
    let mut time = at(7, 49, 30);
    while time < at(12, 0, 0) {
        let logon = Logon {
            user: "SYSTEM",
            session: 0x3e7,
            kind: 5,
            from: "-",
            port: 0,
            guid: None,
            machine: "-",
        };
        records.push(let_in(time, &logon));
        records.push(privileged(time, "SYSTEM", 0x3e7));
        time += random.between(30_000, 900_000);
    }
    let update = r"%localappdata%\Microsoft\OneDrive\OneDriveStandaloneUpdater.exe";
    let name = "OneDrive Standalone Update Task";
    records.push(task_made(at(7, 53, 40), CLERK, SESSION, name, (update, "TimeTrigger")));
    records.push(task_made(
        at(8, 9, 9) + 260,
        CLERK,
        SESSION,
        TASK,
        (PLANTED, "LogonTrigger"),
    ));
    let driver = r"\SystemRoot\System32\drivers\UsbPrint.sys";
    records.push(service_made(at(8, 1, 12), "SYSTEM", "usbprint", driver, "demand start"));
    records.sort_by_key(|record| record.time);
    for record in &mut records {
        record.time += FAST * 1_000_000_000;
    }
    records
}

/// What Sysmon saw.
pub(super) fn sysmon(random: &mut Random, opened: &[Opened], spray: &[Attempt]) -> Vec<Event> {
    let mut desk = Desk {
        random,
        events: Vec::new(),
        explorer: 4_812,
    };
    desk.life();
    desk.deployed();
    desk.opened_the_disc();
    desk.connected(opened);
    desk.sprayed(spray);
    desk.events
}

struct Desk<'r> {
    random: &'r mut Random,
    events: Vec<Event>,
    explorer: u64,
}

/// A program that runs.
#[derive(Clone, Copy)]
struct Process<'a> {
    image: &'a str,
    id: u64,
}

fn hashes(image: &str) -> String {
    let name = image.rsplit('\\').next().unwrap_or(image);
    let of = |bytes: &[u8]| format!("SHA256={}", ArtifactId::of(bytes).to_string().to_uppercase());
    match name {
        PROGRAM => of(&lure::program()),
        LIBRARY => of(&lure::library()),
        _ if image == PLANTED => of(&lure::program()),
        _ => of(name.as_bytes()),
    }
}

impl Desk<'_> {
    fn add(&mut self, time: Moment, id: u16, data: Vec<(&'static str, String)>) {
        self.events.push(Event { time, id, data });
    }

    fn process_guid(&self, time: Moment, id: u64) -> String {
        format!(
            "{{a2e1c7f4-{:04x}-6727-{:04x}-000000001a00}}",
            time / 1_000 % 65_536,
            id % 65_536
        )
    }

    fn user(&self) -> String {
        format!("{DOMAIN}\\{CLERK}")
    }

    /// A program is started.
    fn started<'a>(&mut self, time: Moment, image: &'a str, command: &str, parent: (&str, u64, &str)) -> Process<'a> {
        let id = self.random.between(1_200, 15_000) / 4 * 4;
        let user = match parent.0 {
            SVCHOST if image != PLANTED => r"NT AUTHORITY\SYSTEM".to_owned(),
            AGENT => r"NT AUTHORITY\SYSTEM".to_owned(),
            _ => self.user(),
        };
        let folder = image.rsplit_once('\\').map_or("", |(folder, _)| folder);
        let data = vec![
            ("ProcessGuid", self.process_guid(time, id)),
            ("ProcessId", id.to_string()),
            ("Image", image.to_owned()),
            ("FileVersion", "-".to_owned()),
            ("Description", "-".to_owned()),
            (
                "OriginalFileName",
                image.rsplit('\\').next().unwrap_or(image).to_owned(),
            ),
            ("CommandLine", command.to_owned()),
            ("CurrentDirectory", format!("{folder}\\")),
            ("User", user),
            ("LogonId", format!("{SESSION:#x}")),
            ("IntegrityLevel", "Medium".to_owned()),
            ("Hashes", hashes(image)),
            ("ParentProcessGuid", self.process_guid(at(7, 53, 0), parent.1)),
            ("ParentProcessId", parent.1.to_string()),
            ("ParentImage", parent.0.to_owned()),
            ("ParentCommandLine", parent.2.to_owned()),
        ];
        self.add(time, 1, data);
        Process { image, id }
    }

    fn of(&self, time: Moment, process: Process<'_>) -> Vec<(&'static str, String)> {
        vec![
            ("ProcessGuid", self.process_guid(time, process.id)),
            ("ProcessId", process.id.to_string()),
            ("Image", process.image.to_owned()),
        ]
    }

    fn loaded(&mut self, time: Moment, process: Process<'_>, library: &str, signer: Option<&str>) {
        let mut data = self.of(time, process);
        data.extend([
            ("ImageLoaded", library.to_owned()),
            ("Hashes", hashes(library)),
            ("Signed", signer.is_some().to_string()),
            ("Signature", signer.unwrap_or("-").to_owned()),
            (
                "SignatureStatus",
                if signer.is_some() { "Valid" } else { "Unavailable" }.to_owned(),
            ),
            ("User", self.user()),
        ]);
        self.add(time, 7, data);
    }

    fn wrote(&mut self, time: Moment, process: Process<'_>, file: &str) {
        let mut data = self.of(time, process);
        data.extend([("TargetFilename", file.to_owned()), ("User", self.user())]);
        self.add(time, 11, data);
    }

    fn asked(&mut self, time: Moment, process: Process<'_>, (name, address): (&str, &str)) {
        let mut data = self.of(time, process);
        data.extend([
            ("QueryName", name.to_owned()),
            ("QueryStatus", "0".to_owned()),
            ("QueryResults", format!("::ffff:{address};")),
            ("User", self.user()),
        ]);
        self.add(time, 22, data);
    }

    fn reached(&mut self, time: Moment, process: Process<'_>, port: u16, (address, to): (&str, u16)) {
        let user = if process.image == LSASS {
            r"NT AUTHORITY\SYSTEM".to_owned()
        } else {
            self.user()
        };
        let mut data = self.of(time, process);
        data.extend([
            ("User", user),
            ("Protocol", "tcp".to_owned()),
            ("Initiated", "true".to_owned()),
            ("SourceIsIpv6", "false".to_owned()),
            ("SourceIp", VICTIM_ADDRESS.to_owned()),
            ("SourcePort", port.to_string()),
            ("DestinationIsIpv6", "false".to_owned()),
            ("DestinationIp", address.to_owned()),
            ("DestinationPort", to.to_string()),
        ]);
        self.add(time, 3, data);
    }

    /// Mail, tables, pages, and what Windows does by itself.
    fn life(&mut self) {
        let explorer = (EXPLORER, self.explorer, r"C:\Windows\Explorer.EXE");
        let outlook = self.started(at(7, 54, 20), OUTLOOK, &format!("\"{OUTLOOK}\""), explorer);
        let edge = self.started(
            at(7, 55, 2),
            EDGE,
            &format!("\"{EDGE}\" --profile-directory=Default"),
            explorer,
        );
        let mut time = at(7, 56, 0);
        let mut number = 0_u64;
        while time < at(11, 58, 30) {
            number += 1;
            match self.random.below(10) {
                0 => {
                    let table = format!(r"C:\Users\{CLERK}\Documents\Payments\run-{number:03}.xlsx");
                    let excel = self.started(time, EXCEL, &format!("\"{EXCEL}\" \"{table}\""), explorer);
                    self.wrote(time + 2_000, excel, &table.replace("run", "~$run"));
                }
                1 | 2 => {
                    let page = format!("\"{EDGE}\" --type=renderer --lang=en --renderer-client-id={number}");
                    self.started(time, EDGE, &page, (EDGE, edge.id, "msedge.exe"));
                }
                3 => {
                    let folder =
                        format!(r"C:\Users\{CLERK}\AppData\Local\Microsoft\Outlook\~{CLERK}@{OWN_DOMAIN}.ost.tmp");
                    self.wrote(time, outlook, &folder);
                }
                4 => {
                    let host = r"C:\Windows\System32\taskhostw.exe";
                    self.started(time, host, "taskhostw.exe", (SVCHOST, 1_480, SCHEDULE));
                }
                5 => {
                    let host = r"C:\Windows\System32\backgroundTaskHost.exe";
                    let command = format!("\"{host}\" -ServerName:App.AppX{}.mca", self.random.hex(12));
                    self.started(
                        time,
                        host,
                        &command,
                        (SVCHOST, 984, r"C:\Windows\system32\svchost.exe -k DcomLaunch -p"),
                    );
                }
                6 => {
                    let library = r"C:\Program Files\Common Files\System\ado\msado15.dll";
                    let excel = Process {
                        image: EXCEL,
                        id: 9_120,
                    };
                    self.loaded(time, excel, library, Some("Microsoft Windows"));
                }
                _ => {
                    let name = self.random.pick(&[
                        "portal.supplier",
                        "www.packaging-monthly",
                        "bank.house-bank",
                        "cdn.news",
                    ]);
                    self.asked(time, edge, (&format!("{name}.example"), "198.51.100.84"));
                }
            }
            time += self.random.between(4_000, 34_000);
        }
    }

    /// The deployment tool installs the agent, with a command that is encoded because the tool cannot pass quotes.
    fn deployed(&mut self) {
        let parent = (
            AGENT,
            2_204,
            "\"C:\\Program Files\\Deployment Agent\\agent.exe\" --service",
        );
        let command = format!(
            "Start-Process msiexec.exe -ArgumentList '/i \\\\deploy.{OWN_DOMAIN}\\packages\\endpoint-agent-4.2.1.msi /qn /norestart' -Wait"
        );
        let encoded = base64(&utf16le(&command));
        let line = format!("powershell.exe -NoProfile -NonInteractive -EncodedCommand {encoded}");
        let shell = self.started(at(10, 5, 31), POWERSHELL, &line, parent);
        let installer = r"C:\Windows\System32\msiexec.exe";
        let line = format!(r"msiexec.exe /i \\deploy.{OWN_DOMAIN}\packages\endpoint-agent-4.2.1.msi /qn /norestart");
        self.started(
            at(10, 5, 33),
            installer,
            &line,
            (POWERSHELL, shell.id, "powershell.exe -NoProfile -NonInteractive"),
        );
    }

    /// 08:06 to 08:09.
    fn opened_the_disc(&mut self) {
        let explorer = Process {
            image: EXPLORER,
            id: self.explorer,
        };
        let recent = format!(r"C:\Users\{CLERK}\AppData\Roaming\Microsoft\Windows\Recent");
        self.wrote(at(8, 6, 41), explorer, &format!(r"C:\Users\{CLERK}\Downloads\{DISC}"));
        self.wrote(at(8, 8, 47), explorer, &format!(r"{recent}\{DISC}.lnk"));
        self.wrote(at(8, 9, 0), explorer, &format!(r"{recent}\{SHORTCUT}"));
        let image = format!(r"E:\{PROGRAM}");
        let parent = (EXPLORER, self.explorer, r"C:\Windows\Explorer.EXE");
        let viewer = self.started(at(8, 9, 1) + 120, &image, &format!("\"{image}\" "), parent);
        self.loaded(at(8, 9, 1) + 410, viewer, &format!(r"E:\{LIBRARY}"), None);
        let beside = PLANTED.rsplit_once('\\').map_or(PLANTED, |(folder, _)| folder);
        let library = format!(r"{beside}\{LIBRARY}");
        self.wrote(at(8, 9, 4), viewer, PLANTED);
        self.wrote(at(8, 9, 4) + 90, viewer, &library);
        let make = format!("schtasks.exe /create /tn \"{TASK}\" /tr {PLANTED} /sc onlogon /f");
        let run = format!("schtasks.exe /run /tn \"{TASK}\"");
        self.started(at(8, 9, 9), SCHTASKS, &make, (&image, viewer.id, &image));
        self.started(at(8, 9, 12), SCHTASKS, &run, (&image, viewer.id, &image));
        let copy = self.started(at(8, 9, 14), PLANTED, PLANTED, (SVCHOST, 1_480, SCHEDULE));
        self.loaded(at(8, 9, 14) + 300, copy, &library, None);
        let net = r"C:\Windows\System32\net.exe";
        self.started(at(9, 21, 40), net, "net user /domain", (PLANTED, copy.id, PLANTED));
        self.started(at(9, 22, 15), net, "net accounts /domain", (PLANTED, copy.id, PLANTED));
        self.asked(at(8, 10, 58), copy, (BEACON_NAME, BEACON_ADDRESS));
        self.asked(at(10, 39, 58), copy, (DROP_NAME, DROP_ADDRESS));
    }

    /// The copy, as often as the capture shows it.
    fn copy(&self) -> Process<'static> {
        let started = self.events.iter().find(|event| event.id == 1 && is_of(event, PLANTED));
        let id = started.and_then(|event| event.data.iter().find(|(name, _)| *name == "ProcessId"));
        Process {
            image: PLANTED,
            id: id.and_then(|(_, id)| id.parse().ok()).unwrap_or(7_404),
        }
    }

    /// What the capture shows of it, too.
    fn connected(&mut self, opened: &[Opened]) {
        let copy = self.copy();
        let lsass = Process { image: LSASS, id: 680 };
        for one in opened {
            let to = one.to.to_string();
            if [BEACON_ADDRESS, DROP_ADDRESS].contains(&to.as_str()) && one.to_port == 443 {
                self.reached(one.time + 1, copy, one.port, (&to, 443));
            } else if is_asked(one, KERBEROS) {
                self.reached(one.time + 1, lsass, one.port, (CONTROLLER_ADDRESS, KERBEROS));
            }
        }
    }

    fn sprayed(&mut self, spray: &[Attempt]) {
        let copy = self.copy();
        for attempt in spray {
            let to = if attempt.end == End::Ntlm { SMB } else { KERBEROS };
            self.reached(attempt.time - 3, copy, attempt.port, (CONTROLLER_ADDRESS, to));
            if attempt.end == End::LetIn {
                let name = format!("{}.{OWN_DOMAIN}", CONTROLLER.to_lowercase());
                self.asked(attempt.time + 900, copy, (&name, CONTROLLER_ADDRESS));
                self.reached(attempt.time + 1_410, copy, attempt.port + 4, (CONTROLLER_ADDRESS, SMB));
            }
        }
    }
}

fn is_of(event: &Event, image: &str) -> bool {
    event
        .data
        .iter()
        .any(|(name, value)| *name == "Image" && value == image)
}
