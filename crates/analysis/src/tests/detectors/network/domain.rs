//! What hosts of a Windows domain do to one another.

use super::{Said, check, check_title, event, tcp};
use watchfire_model::network::ConnectionState::Sf;
use watchfire_model::network::{DceRpc, Exchange, Kerberos, KerberosCipher, KerberosRequest, SmbAction, SmbFile};

/// A call from one host to another.
fn calls(from: &str, endpoint: &'static str, name: &'static str, texts: &[&str]) -> Said {
    let call = DceRpc {
        endpoint: Some(endpoint),
        name: Some(name),
        texts: texts.iter().map(|text| (*text).into()).collect(),
        ..DceRpc::default()
    };
    event(
        &format!("{from}:50000"),
        "10.0.0.9:445",
        Exchange::DceRpc(Box::new(call)),
    )
}

#[test]
fn programs_that_are_started_from_afar_are_found() {
    let service = |texts: &[&str]| [calls("10.0.0.5", "svcctl", "CreateServiceW", texts)];
    check(
        "PsExec",
        &service(&["PSEXESVC", "%SystemRoot%\\PSEXESVC.exe"]),
        &[("remote-execution", 500)],
    );
    let output = "%COMSPEC% /Q /c echo whoami ^> \\\\127.0.0.1\\C$\\__output 2^>^&1";
    check("a shell", &service(&["BTOBTO", output]), &[("remote-execution", 500)]);
    check(
        "software",
        &service(&["VendorAgent", "C:\\Program Files\\Vendor\\agent.exe"]),
        &[("remote-execution", 300)],
    );
    check(
        "a task",
        &[calls("10.0.0.5", "ITaskSchedulerService", "SchRpcRegisterTask", &[])],
        &[("remote-execution", 300)],
    );
    check(
        "WMI",
        &[calls("10.0.0.5", "IWbemServices", "ExecMethod", &[])],
        &[("remote-execution", 300)],
    );
    check(
        "a scanner",
        &[calls("10.0.0.200", "svcctl", "CreateServiceW", &["x"])],
        &[("remote-execution", 0)],
    );
    check(
        "a question",
        &[calls("10.0.0.5", "svcctl", "QueryServiceStatus", &[])],
        &[],
    );
    check(
        "WMI reads",
        &[calls(
            "10.0.0.5",
            "IWbemServices",
            "ExecQuery",
            &["SELECT * FROM Win32_OperatingSystem"],
        )],
        &[],
    );
    let refused = DceRpc {
        endpoint: Some("svcctl"),
        name: Some("CreateServiceW"),
        fault: Some(5),
        ..DceRpc::default()
    };
    check(
        "refused",
        &[event(
            "10.0.0.5:50000",
            "10.0.0.9:445",
            Exchange::DceRpc(Box::new(refused)),
        )],
        &[],
    );
    check_title(
        &service(&["PSEXESVC"]),
        "started from afar: 10[.]0[.]0[.]5 made a service on 10[.]0[.]0[.]9, 1 call: PSEXESVC",
    );
}

#[test]
fn programs_that_are_planted_in_shares_of_administration_are_found() {
    let writes = |share: &str, name: &str, written: u64| {
        let file = SmbFile {
            action: SmbAction::Close,
            share: Some(share.into()),
            name: name.into(),
            written,
            ..SmbFile::default()
        };
        [event(
            "10.0.0.5:50000",
            "10.0.0.9:445",
            Exchange::SmbFile(Box::new(file)),
        )]
    };
    check(
        "ADMIN$",
        &writes("\\\\FIN-07\\ADMIN$", "PSEXESVC.exe", 9_000),
        &[("planted-program", 300)],
    );
    check(
        "a drive",
        &writes("\\\\FIN-07\\c$", "Windows\\Temp\\a.dll", 9_000),
        &[("planted-program", 300)],
    );
    check(
        "a document",
        &writes("\\\\FIN-07\\C$", "Users\\a\\list.xlsx", 9_000),
        &[],
    );
    check("read", &writes("\\\\FIN-07\\C$", "Windows\\notepad.exe", 0), &[]);
    check(
        "another share",
        &writes("\\\\FILES\\software$", "setup.exe", 9_000),
        &[],
    );
}

#[test]
fn replication_by_others_than_controllers_is_found() {
    let asks = |from: &str| calls(from, "drsuapi", "DRSGetNCChanges", &[]);
    check("a workstation", &[asks("10.0.0.5")], &[("directory-theft", 450)]);
    let controller = tcp("10.0.0.77:50000", "10.0.0.8:88", Sf);
    check("a controller", &[asks("10.0.0.8"), Said::Flow(controller)], &[]);
    check("names", &[calls("10.0.0.5", "drsuapi", "DRSCrackNames", &[])], &[]);
}

#[test]
fn tickets_that_passwords_can_be_guessed_by_are_counted() {
    let ticket = |request, client: &str, service: &str, cipher: i32, proved| {
        let kerberos = Kerberos {
            request: Some(request),
            client: Some(client.into()),
            service: Some(service.into()),
            success: Some(true),
            cipher: Some(KerberosCipher(cipher)),
            proved,
            ..Kerberos::default()
        };
        event("10.0.0.5:50000", "10.0.0.8:88", Exchange::Kerberos(Box::new(kerberos)))
    };
    let services = |count: u32, cipher| -> Vec<Said> {
        let service = |number| {
            ticket(
                KerberosRequest::Tgs,
                "anna",
                &format!("MSSQLSvc/db{number}.corp.example"),
                cipher,
                false,
            )
        };
        (0..count).map(service).collect()
    };
    check("many", &services(8, 23), &[("ticket-roasting", 450)]);
    check("some", &services(3, 23), &[("ticket-roasting", 250)]);
    check("one", &services(1, 23), &[]);
    check("AES", &services(40, 18), &[]);
    let machines: Vec<Said> = (0..20)
        .map(|number| ticket(KerberosRequest::Tgs, "anna", &format!("PC{number}$"), 23, false))
        .collect();
    check("machines", &machines, &[]);
    let old = [
        "LDAP/dc.corp.example",
        "cifs/dc",
        "cifs/dc.corp.example",
        "HOST/dc",
        "RPCSS/dc",
        "krbtgt/CORP",
    ];
    let old = old.map(|service| ticket(KerberosRequest::Tgs, "anna", service, 23, false));
    check("an old controller", &old, &[]);
    let first = |user: &str, proved| ticket(KerberosRequest::As, user, "krbtgt/CORP", 23, proved);
    check(
        "without proof",
        &[first("anna", false), first("bert", false)],
        &[("ticket-roasting", 450)],
    );
    check(
        "one without proof",
        &[first("anna", false)],
        &[("ticket-roasting", 250)],
    );
    check("with proof", &[first("anna", true), first("bert", true)], &[]);
}

#[test]
fn what_was_called_is_told_as_what_it_is() {
    check_title(
        &[calls(
            "10.0.0.5",
            "svcctl",
            "ChangeServiceConfigW",
            &["C:\\Windows\\Temp\\a.exe"],
        )],
        "worked from afar: 10[.]0[.]0[.]5 changed a service on 10[.]0[.]0[.]9, 1 call: C:\\Windows\\Temp\\a[.]exe",
    );
    check_title(
        &[calls("10.0.0.5", "IWbemServices", "ExecMethod", &[])],
        "worked from afar: 10[.]0[.]0[.]5 called a method of WMI on 10[.]0[.]0[.]9, 1 call",
    );
}
