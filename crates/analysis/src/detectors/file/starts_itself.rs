//! Something in a folder whose content the system starts by itself, and that is of another kind than what belongs there.
//!
//! | case | weight | why |
//! |---|---|---|
//! | a program in the folder of a schedule, of settings of services or of the shell | 0.40–0.50 | text lies there |
//! | a script among units, rules and settings | 0.25–0.40 | the same, and people do put theirs beside it |
//! | a program in a folder of what starts with a user | 0.35 | installers put shortcuts there; people copy small tools |
//! | a script there | 0.40 | installers put shortcuts there |
//! | a program in a folder of scripts for git, Office or the desktop | 0.30–0.35 | the same, and a few are programs |
//! | a script for each start of PowerShell | 0.10 | people who work with it have one |

use super::{Folders, about_place, is_program, placed};
use crate::detectors::{Detector, DetectorInfo, Scene};
use watchfire_formats::identify::media;
use watchfire_formats::identify::runnable::Runnable;
use watchfire_model::{Confidence, FactSet, RuleId, Severity, TechniqueId};

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct StartsItself;

pub(crate) static INFO: DetectorInfo = DetectorInfo {
    rule: RuleId("file-starts-itself"),
    describes: "a program or script lies where the system starts things by itself, and is not what belongs there",
    severity: Severity::High,
    confidence: Confidence::Medium,
    weight: 400,
    group: "start-up",
    techniques: &[TechniqueId::new("T1547")],
    false_positives: "administrators who keep a program beside its unit, and people who copy a tool into their start menu",
};

/// Folders, the weight of a program and of a script in them (0 is as it should be), how the system starts what is there,
/// and the technique.
const PLACES: &[(&str, u16, u16, &str, &str)] = &[
    (
        "start menu/programs/startup",
        350,
        400,
        "when a user logs on",
        "T1547.001",
    ),
    ("/etc/cron.d", 450, 300, "by schedule", "T1053.003"),
    ("/etc/cron.hourly", 450, 0, "by schedule", "T1053.003"),
    ("/etc/cron.daily", 450, 0, "by schedule", "T1053.003"),
    ("/etc/cron.weekly", 450, 0, "by schedule", "T1053.003"),
    ("/etc/cron.monthly", 450, 0, "by schedule", "T1053.003"),
    ("/var/spool/cron", 550, 400, "by schedule", "T1053.003"),
    ("/var/spool/at", 550, 0, "by schedule", "T1053.002"),
    ("/etc/init.d", 400, 0, "when the system starts", "T1037.004"),
    ("/etc/rc.d", 400, 0, "when the system starts", "T1037.004"),
    ("/etc/systemd", 400, 250, "as a service", "T1543.002"),
    ("/usr/lib/systemd/system", 400, 300, "as a service", "T1543.002"),
    ("/lib/systemd/system", 400, 300, "as a service", "T1543.002"),
    ("/usr/lib/systemd/user", 400, 300, "as a service", "T1543.002"),
    (".config/systemd/user", 400, 250, "as a service", "T1543.002"),
    ("/etc/profile.d", 500, 0, "with each shell", "T1546.004"),
    ("/etc/update-motd.d", 450, 0, "when somebody logs on", "T1037"),
    (
        "/etc/apt/apt.conf.d",
        450,
        350,
        "when software is installed",
        "T1546.016",
    ),
    ("/etc/udev/rules.d", 450, 300, "when a device appears", "T1546.017"),
    ("/usr/lib/udev/rules.d", 450, 300, "when a device appears", "T1546.017"),
    ("/lib/udev/rules.d", 450, 300, "when a device appears", "T1546.017"),
    ("/etc/xdg/autostart", 400, 300, "when a user logs on", "T1547.013"),
    (".bashrc.d", 450, 0, "with each shell", "T1546.004"),
    (".config/autostart", 400, 300, "when a user logs on", "T1547.013"),
    ("/etc/modules-load.d", 450, 400, "when the system starts", "T1547.006"),
    ("/etc/network", 400, 0, "with the network", "T1037"),
    ("/etc/networkmanager", 400, 0, "with the network", "T1037"),
    ("/etc/grub.d", 400, 0, "when the system is updated", "T1037"),
    ("microsoft/word/startup", 350, 0, "with Word", "T1137.006"),
    ("microsoft/excel/xlstart", 350, 0, "with Excel", "T1137.006"),
    (".config/autostart-scripts", 350, 0, "when a user logs on", "T1547.013"),
    (".git/hooks", 300, 0, "by git", "T1546"),
    ("/etc/x11", 350, 0, "when a user logs on", "T1547"),
    ("library/launchagents", 400, 300, "when a user logs on", "T1543.001"),
    ("library/launchdaemons", 400, 300, "when the system starts", "T1543.004"),
    ("library/startupitems", 400, 200, "when the system starts", "T1037.005"),
];

impl Detector for StartsItself {
    fn info(&self) -> &'static DetectorInfo {
        &INFO
    }

    fn on_facts(&mut self, facts: &FactSet, scene: &mut Scene<'_>) {
        let Some((folders, what)) = placed(facts) else { return };
        let place = PLACES.iter().find(|(pattern, ..)| folders.are(pattern));
        let found = match place {
            Some((_, program, _, when, technique)) if is_program(what) => Some((*program, *when, *technique)),
            Some((_, _, script, when, technique)) if what == Runnable::Script => Some((*script, *when, *technique)),
            _ => is_profile(&folders, facts).then_some((100, "with each PowerShell", "T1546.013")),
        };
        if let Some((weight, when, technique)) = found.filter(|(weight, ..)| *weight > 0) {
            let finding = about_place(&INFO, facts, weight, &format!("is started {when}, by where it lies"));
            scene.found(finding.showing(vec![TechniqueId::new(technique)]));
        }
    }
}

/// Whether PowerShell runs it when it starts.
fn is_profile(folders: &Folders<'_>, facts: &FactSet) -> bool {
    let name = folders.name.to_lowercase();
    facts.media_type == media::POWERSHELL
        && (name == "profile.ps1" || name.starts_with("microsoft.") && name.ends_with("_profile.ps1"))
        && (folders.last().ends_with("powershell") || folders.are("windowspowershell/v1.0/."))
}
