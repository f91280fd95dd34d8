//! What an honest tool must say about the demo, and the configuration that ships with it.

use super::story::{
    ATTACHMENT, BEACON_ADDRESS, BEACON_NAME, DISC, GATEWAY, GUESSERS, LIBRARY, LURE_DOMAIN, LURE_PATH, OWN_DOMAIN,
    PROGRAM, SCANNER, SHORTCUT, VENDOR,
};
use super::{AS_OF, DemoFile, lure};
use std::fmt::Write as _;
use watchfire_model::ArtifactId;

/// `expected.json`: the verdict on all of it; the incidents, and what joins none; findings with their file and rule, each once; what titles of findings and remarks say, by file; artifacts with their path; observables
/// with their file, type, value and, in a report, role; what must not be observed with more than low confidence; what
/// the feeds make of values; files that must stay below "suspicious".
pub(super) fn file() -> DemoFile {
    let mut out = String::from("{\n  \"schema\": \"watchfire.demo-expected/1\",\n  \"as_of\": \"");
    out.push_str(AS_OF);
    out.push_str("\",\n");
    out.push_str("  \"verdict\": \"malicious\",\n");
    list(&mut out, "incidents", &incidents());
    out.push_str(",\n");
    list(
        &mut out,
        "joins_nothing",
        &JOINS_NOTHING.map(|name| format!("\"{name}\"")),
    );
    out.push_str(",\n");
    list(&mut out, "findings", &found());
    out.push_str(",\n");
    list(&mut out, "titles", &said());
    out.push_str(",\n");
    list(&mut out, "remarks", &remarked());
    out.push_str(",\n");
    list(&mut out, "artifacts", &taken_apart());
    out.push_str(",\n");
    list(&mut out, "observables", &seen());
    out.push_str(",\n");
    list(&mut out, "absent", &not_seen());
    out.push_str(",\n");
    list(&mut out, "reputations", &known());
    out.push_str(",\n");
    list(&mut out, "quiet", &QUIET.map(|path| format!("\"{path}\"")));
    out.push_str("\n}\n");
    DemoFile::new("expected.json", out)
}

/// Ordinary life.
const QUIET: [&str; 30] = [
    "files/documents.zip",
    "files/newsletter.html",
    "logs/web-01-access.log",
    "mail/backup-report.eml",
    "mail/bank-statement.eml",
    "mail/build-report.eml",
    "mail/calendar-invite.eml",
    "mail/canteen.eml",
    "mail/colleague-forward.eml",
    "mail/delivery-window.eml",
    "mail/esignature-request.eml",
    "mail/holiday-request.eml",
    "mail/mailing-list.eml",
    "mail/maintenance.eml",
    "mail/meeting-moved.eml",
    "mail/monitoring-alert.eml",
    "mail/newsletter.eml",
    "mail/order-confirmation.eml",
    "mail/out-of-office.eml",
    "mail/parcel.eml",
    "mail/password-policy.eml",
    "mail/password-reset.eml",
    "mail/payment-reminder.eml",
    "mail/scanner-summary.eml",
    "mail/staff-survey.eml",
    "mail/supplier-invoice.eml",
    "mail/ticket-answered.eml",
    "mail/ticket-opened.eml",
    "picture.jpg",
    "scripts/deploy-endpoint-agent.ps1",
];

/// What is everybody's: that two things have to do with it makes them no story.
const JOINS_NOTHING: [&str; 5] = ["dc01", "mx1.corp.example", BEACON_ADDRESS, SCANNER, "10.0.1.1"];

/// Incident A from the mail to the server, and incident B apart from it: the verdict, all the files that tell of it, what
/// its chapters say in order, what ties them, and where it is written about.
fn incidents() -> Vec<String> {
    let quoted = |all: &[&str]| -> String {
        let all: Vec<String> = all.iter().map(|one| format!("\"{one}\"")).collect();
        all.join(", ")
    };
    let incident = |verdict: &str, files: &[&str], says: &[&str], ties: &[&str], about: &[&str]| {
        format!(
            "{{\"verdict\": \"{verdict}\", \"files\": [{}], \"says\": [{}], \"ties\": [{}], \"written_about\": [{}]}}",
            quoted(files),
            quoted(says),
            quoted(ties),
            quoted(about)
        )
    };
    vec![
        incident(
            "malicious",
            &[
                "host/DC01.evtx",
                "host/FIN-PC-07-sysmon.json",
                "host/FIN-PC-07.evtx",
                lure::PATH,
                "net/office.pcapng",
            ],
            &[
                "a mail from no-reply[@]docusign-secure[.]example to ap-clerk[@]corp[.]example",
                "on FIN-PC-07[.]corp[.]example: Program Run From A Disc Image That Was Just Opened",
                "beacon from fin-pc-07[.]corp[.]example (10[.]0[.]5[.]23) to cdn-update[.]example",
                "; then svc-backup was let in at 09:36 UTC",
                "on DC01[.]corp[.]example: Service With A Shell Or A Strange Path Installed",
                "large upload: fin-pc-07[.]corp[.]example (10[.]0[.]5[.]23) sent 400.2 MB",
                "cdn-update[.]example is known (GREY HERON loader",
            ],
            &["file", "host", "machine", "entered"],
            &["report/advisory.pdf", "report/advisory.txt"],
        ),
        incident(
            "suspicious",
            &["logs/web-01-auth.log"],
            &GUESSERS.map(|_| "by web-01 (ssh)"),
            &["tried"],
            &[],
        ),
    ]
}

/// What a report must present an observable as.
#[derive(Clone, Copy)]
enum As {
    /// Nothing in particular.
    Anything,
    /// An indicator.
    Indicator,
    /// Further reading or the publisher's own, at any rate no indicator.
    Apart,
}

fn observable(file: &str, kind: &str, value: &str, role: As) -> String {
    let role = match role {
        As::Anything => "",
        As::Indicator => ", \"role\": \"indicator\"",
        As::Apart => ", \"apart\": true",
    };
    format!("{{\"file\": \"{file}\", \"type\": \"{kind}\", \"value\": \"{value}\"{role}}}")
}

/// What is wrong with the lure, what the advisory names that a feed knows, and what ordinary mail has in common with
/// lures, and who learns that it is opened; nothing else. What the phishing model says is left out: its word changes with each training.
fn found() -> Vec<String> {
    [
        ("host/DC01.evtx", "log-password-guessing"),
        ("host/DC01.evtx", "sigma-match"),
        ("host/FIN-PC-07-sysmon.json", "indicator-sighted"),
        ("host/FIN-PC-07-sysmon.json", "sigma-match"),
        ("host/FIN-PC-07.evtx", "sigma-match"),
        ("logs/web-01-auth.log", "log-password-guessing"),
        ("logs/web-01-auth.log", "log-unusual"),
        ("logs/web-01-auth.log", "sigma-match"),
        ("mail/delivery-window.eml", "mail-open-pixel"),
        ("mail/esignature-request.eml", "link-text-differs"),
        ("mail/mailing-list.eml", "mail-authentication-failed"),
        ("mail/newsletter.eml", "mail-open-pixel"),
        (lure::PATH, "archive-double-extension"),
        (lure::PATH, "archive-password-beside"),
        (lure::PATH, "archive-runnable-member"),
        (lure::PATH, "executable-side-loading"),
        (lure::PATH, "link-lookalike-host"),
        (lure::PATH, "link-text-differs"),
        (lure::PATH, "mail-authentication-own-name"),
        (lure::PATH, "mail-brand-name"),
        (lure::PATH, "mail-lookalike-sender"),
        ("net/office.pcapng", "beaconing"),
        ("net/office.pcapng", "clear-login"),
        ("net/office.pcapng", "indicator-sighted"),
        ("net/office.pcapng", "large-upload"),
        ("report/advisory.pdf", "indicator-sighted"),
        ("report/advisory.txt", "indicator-sighted"),
    ]
    .map(|(file, rule)| format!("{{\"file\": \"{file}\", \"rule\": \"{rule}\"}}"))
    .to_vec()
}

/// What findings about logs say.
fn said() -> Vec<String> {
    [
        ("host/DC01.evtx", "(FIN-PC-07) was refused"),
        ("host/DC01.evtx", "as 37 users"),
        ("host/DC01.evtx", "; then svc-backup was let in at 09:36 UTC"),
        ("host/DC01.evtx", "Kerberos Password Spray"),
        ("host/DC01.evtx", "Service With A Shell Or A Strange Path Installed"),
        (
            "host/FIN-PC-07-sysmon.json",
            "Program Run From A Disc Image That Was Just Opened",
        ),
        (
            "host/FIN-PC-07-sysmon.json",
            "Library Loaded From Beside A Trusted Program",
        ),
        ("host/FIN-PC-07-sysmon.json", "Program Run From The Public Folder"),
        ("host/FIN-PC-07.evtx", "Scheduled Task With A Shell Or A Strange Path"),
        (
            "logs/web-01-auth.log",
            "an address and an hour never seen with that user before",
        ),
    ]
    .map(|(file, says)| format!("{{\"file\": \"{file}\", \"says\": \"{says}\"}}"))
    .to_vec()
}

/// The clock that is fast.
fn remarked() -> Vec<String> {
    vec![format!(
        "{{\"file\": \"host/FIN-PC-07-sysmon.json\", \"says\": \"the clock of FIN-PC-07[.]{} is ahead\"}}",
        OWN_DOMAIN.replace('.', "[.]")
    )]
}

/// The archive opens with the password beside it.
fn taken_apart() -> Vec<String> {
    let attachment = format!("{} ▸ {} ▸ {ATTACHMENT}", lure::PATH, lure::ORIGINAL);
    [
        (attachment.clone(), ArtifactId::of(&lure::attachment())),
        (format!("{attachment} ▸ {DISC}"), ArtifactId::of(&lure::disc())),
        (
            format!("{attachment} ▸ {DISC} ▸ {SHORTCUT}"),
            ArtifactId::of(&lure::shortcut()),
        ),
        (
            format!("{attachment} ▸ {DISC} ▸ {PROGRAM}"),
            ArtifactId::of(&lure::program()),
        ),
        (
            format!("{attachment} ▸ {DISC} ▸ {LIBRARY}"),
            ArtifactId::of(&lure::library()),
        ),
    ]
    .map(|(path, id)| format!("{{\"path\": \"{path}\", \"sha256\": \"{id}\"}}"))
    .to_vec()
}

fn seen() -> Vec<String> {
    let mut all = Vec::new();
    for file in ["report/advisory.txt", "report/advisory.pdf"] {
        let mut report = |kind: &str, value: &str, role: As| all.push(observable(file, kind, value, role));
        report("domain", BEACON_NAME, As::Indicator);
        report("ipv4", BEACON_ADDRESS, As::Indicator);
        report("domain", LURE_DOMAIN, As::Indicator);
        report("url", &format!("https://{LURE_DOMAIN}{LURE_PATH}"), As::Indicator);
        report(
            "sha256",
            &ArtifactId::of(&lure::attachment()).to_string(),
            As::Indicator,
        );
        report("sha256", &ArtifactId::of(&lure::library()).to_string(), As::Indicator);
        report("domain", "portal-billing.example", As::Indicator);
        report("email", "no-reply@portal-billing.example", As::Indicator);
        report("url", &format!("https://www.{VENDOR}/blog/grey-heron"), As::Apart);
        report("email", &format!("intel@{VENDOR}"), As::Apart);
        report("url", "https://docs.example.org/mark-of-the-web", As::Apart);
    }
    for technique in [
        "T1566.001",
        "T1204.002",
        "T1553.005",
        "T1574.001",
        "T1053.005",
        "T1071.001",
        "T1041",
    ] {
        all.push(observable(
            "report/advisory.txt",
            "attack-technique",
            technique,
            As::Anything,
        ));
    }
    all.push(observable("report/advisory.txt", "cve", "CVE-2022-41091", As::Anything));
    all.push(observable("report/advisory.txt", "tlp", "TLP:GREEN", As::Anything));
    all.push(observable(
        lure::PATH,
        "url",
        &format!("https://{LURE_DOMAIN}{LURE_PATH}"),
        As::Anything,
    ));
    for address in GUESSERS {
        all.push(observable("logs/web-01-auth.log", "ipv4", address, As::Anything));
    }
    all
}

/// What the feeds make of the story's values: the curated one wins over a stranger's contradiction, which is shown; an
/// entry of three years ago is told and weighs nothing.
fn known() -> Vec<String> {
    let row = |kind: &str, value: &str, verdict: &str, sources: &[(&str, &str)]| {
        let sources: Vec<String> = sources
            .iter()
            .map(|(name, says)| format!("{{\"name\": \"{name}\", \"verdict\": \"{says}\"}}"))
            .collect();
        let sources = sources.join(", ");
        format!(
            "{{\"type\": \"{kind}\", \"value\": \"{value}\", \"verdict\": \"{verdict}\", \"sources\": [{sources}]}}"
        )
    };
    vec![
        row(
            "domain",
            BEACON_NAME,
            "malicious",
            &[("c2-domains", "malicious"), ("community", "benign")],
        ),
        row("ipv4", BEACON_ADDRESS, "unknown", &[("ip-blocklist", "malicious")]),
        row(
            "domain",
            "portal-billing.example",
            "unknown",
            &[("community", "malicious")],
        ),
    ]
}

/// File names that look like domains, versions that look like addresses.
fn not_seen() -> Vec<String> {
    vec![
        observable("files/documents.zip", "domain", "setup.py", As::Anything),
        observable("files/documents.zip", "domain", "changes.md", As::Anything),
        observable("files/documents.zip", "ipv4", "2.4.0.1", As::Anything),
        observable("mail/build-report.eml", "ipv4", "2.4.0.1", As::Anything),
        observable("report/advisory.txt", "domain", "invoice_88213.zip", As::Anything),
        observable("picture.jpg", "domain", "*", As::Anything),
    ]
}

fn list(out: &mut String, name: &str, rows: &[String]) {
    let _ = write!(out, "  \"{name}\": [\n    {}\n  ]", rows.join(",\n    "));
}

/// `watchfire.toml`: what the organisation says about itself.
pub(super) fn configuration() -> DemoFile {
    DemoFile::new(
        "watchfire.toml",
        format!(
            "# The story is told at this instant, and what is known at it stands beside this file.\n\
             as-of = \"{AS_OF}\"\n\
             data-dir = \"data\"\n\
             \n\
             # What Watchfire should know about this organisation. Every detector and every gate reads it.\n\
             [organisation]\n\
             domains = [\"{OWN_DOMAIN}\"]\n\
             ranges = [\"10.0.0.0/16\"]\n\
             mail-gateways = [\"{GATEWAY}\"]\n\
             authserv-ids = [\"{GATEWAY}\"]\n\
             scanners = [\"{SCANNER}\"]\n\
             deployment-tools = [\"deploy-endpoint-agent.ps1\"]\n"
        ),
    )
}
