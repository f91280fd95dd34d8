//! Lines of hosts: sshd, an endpoint agent, the Windows event log in two spellings.

use super::Scene;
use std::fmt::Write as _;

const USERS: &[&str] = &[
    "root",
    "admin",
    "test",
    "oracle",
    "web-admin",
    "backup",
    "postgres",
    "ubuntu",
];

/// sshd behind syslog.
pub(super) fn sshd(scene: &mut Scene, out: &mut String) {
    let time = scene.time();
    time.syslog(out);
    let from = scene.outside();
    let port = scene.port();
    let user = scene.random.pick(USERS);
    let _ = write!(out, " web-01 sshd[{}]: ", scene.random.between(1000, 60_000));
    let _ = match scene.random.below(5) {
        0 => write!(out, "Failed password for {user} from {from} port {port} ssh2"),
        1 => write!(
            out,
            "Failed password for invalid user {user} from {from} port {port} ssh2"
        ),
        2 => write!(out, "Invalid user {user} from {from} port {port}"),
        3 => write!(
            out,
            "Connection closed by authenticating user {user} {from} port {port} [preauth]"
        ),
        _ => write!(out, "Received disconnect from {from} port {port}:11: Bye Bye [preauth]"),
    };
}

/// An endpoint agent: one process start per line, as JSON.
pub(super) fn endpoint_json(scene: &mut Scene, out: &mut String) {
    const IMAGES: &[&str] = &[
        r"C:\\Windows\\System32\\svchost.exe",
        r"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
        r"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe",
        r"C:\\Users\\ap-clerk\\AppData\\Local\\Temp\\setup.exe",
    ];
    out.push_str("{\"timestamp\":\"");
    scene.time().iso(out);
    let image = scene.random.pick(IMAGES);
    let _ = write!(
        out,
        "\",\"event\":\"process_start\",\"host\":\"WS-{:03}\",\"pid\":{},\"image\":\"{image}\",\"sha256\":\"",
        scene.random.below(400),
        scene.random.between(400, 60_000)
    );
    // Programs repeat: a digest is drawn from 256 of them, except one in twenty.
    let digest = if scene.random.chance(1, 20) {
        scene.random.hex(64)
    } else {
        crate::Random::new(scene.random.below(256)).hex(64)
    };
    let address = scene.outside();
    let port = scene.random.pick(&[80_u16, 443, 8080]);
    let _ = write!(
        out,
        "{digest}\",\"remote\":\"{address}\",\"remote_port\":{port},\"domain\":\""
    );
    scene.name(out);
    out.push_str("\"}");
}

/// A Windows event, rendered as XML.
pub(super) fn windows_xml(scene: &mut Scene, out: &mut String) {
    let from = scene.inside();
    let user = scene.random.pick(USERS);
    let port = scene.port();
    out.push_str(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
         <Provider Name='Microsoft-Windows-Security-Auditing' Guid='{54849625-5478-4994-A5BA-3E3B0328C30D}'/>\
         <EventID>4625</EventID><Level>0</Level><TimeCreated SystemTime='",
    );
    scene.time().iso(out);
    let _ = write!(
        out,
        "'/><EventRecordID>{}</EventRecordID><Channel>Security</Channel><Computer>DC01.corp.example</Computer></System>\
         <EventData><Data Name='TargetUserName'>{user}</Data><Data Name='LogonType'>3</Data>\
         <Data Name='IpAddress'>{from}</Data><Data Name='IpPort'>{}</Data></EventData></Event>",
        scene.clock, port
    );
}

/// A Windows event, as shippers write it: one JSON object per line.
pub(super) fn windows_json(scene: &mut Scene, out: &mut String) {
    let from = scene.inside();
    let to = scene.outside();
    out.push_str("{\"@timestamp\":\"");
    scene.time().iso(out);
    let _ = write!(
        out,
        "\",\"winlog\":{{\"event_id\":3,\"channel\":\"Microsoft-Windows-Sysmon/Operational\",\
         \"computer_name\":\"WS-{:03}.corp.example\",\"event_data\":{{\"Image\":\"C:\\\\Windows\\\\System32\\\\svchost.exe\",\
         \"Protocol\":\"tcp\",\"SourceIp\":\"{from}\",\"SourcePort\":\"{}\",\"DestinationIp\":\"{to}\",\"DestinationPort\":\"443\",\
         \"DestinationHostname\":\"",
        scene.random.below(400),
        scene.port()
    );
    scene.name(out);
    out.push_str("\"}}}");
}
