//! Tables, XML, and formats of the user's own.

use super::*;

#[test]
fn tables_have_names_in_their_first_line() {
    check(
        b"timestamp,user,note\r\n2026-11-22 10:00:00,bob,\"a, \"\"b\"\"\r\nc\"\r\n2026-11-22 10:00:01,eve\r\n",
        &[
            "csv 2026-11-22T10:00:00Z?z
             timestamp=2026-11-22 10:00:00
             user=bob
             note=a, \"b\"\\r\\nc",
            "application 2026-11-22T10:00:01Z?z",
        ],
    );
    check(
        b"time\tsrc\n1795341600\t192.0.2.1\n",
        &["csv 2026-11-22T10:00:00Z
           time=1795341600
           src=192.0.2.1"],
    );
}

#[test]
fn events_as_xml() {
    let event = "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System><Provider Name='Microsoft-Windows-Sysmon' Guid='{x}'/><EventID>1</EventID><TimeCreated SystemTime='2026-11-22T10:00:00.1234567Z'/><Channel>c</Channel><Security UserID='S-1-5-18'/></System><EventData><Data Name='Image'>C:\\a &amp; b&#x41;</Data><Data>bare</Data><Data Name='Empty'/></EventData><RenderingInfo Culture='en-US'><Message>hello</Message></RenderingInfo></Event>";
    let expected = "sysmon 2026-11-22T10:00:00.123456700Z
         Provider_Name=Microsoft-Windows-Sysmon
         Provider_Guid={x}
         EventID=1
         TimeCreated_SystemTime=2026-11-22T10:00:00.1234567Z
         Channel=c
         Security_UserID=S-1-5-18
         Image=C:\\a & bA
         Data=bare
         Empty=
         RenderingInfo_Culture=en-US
         RenderingInfo.Message=hello";
    check(event.as_bytes(), &[expected]);
    check(
        format!("<?xml version=\"1.0\"?>\r\n<Events>{event}\r\n{event}</Events>").as_bytes(),
        &[expected, expected],
    );
    let wide: Vec<u8> = [0xfeff_u16]
        .into_iter()
        .chain(event.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    check(&wide, &[expected]);
    check(
        format!("Nov 22 10:00:00 h sysmon[5]: {event}").as_bytes(),
        &[&format!(
            "syslog/{}",
            expected.replace("00.123456700Z", "00.123456700Z\nhostname=h\nprogram=sysmon\npid=5")
        )],
    );
}

#[test]
fn the_users_formats_come_first() {
    let (formats, bad) = UserFormat::read("seed %{IP:src_ip} %{USER:user} %{POSINT:port}\n");
    assert_eq!(bad, []);
    let options = Options {
        user: formats.into(),
        ..options()
    };
    let (records, _) = read_with(b"192.0.2.1 bob 22\n", 64, &options);
    assert_eq!(
        records,
        ["user -\nuser_format=seed\nsrc_ip=192.0.2.1\nuser=bob\nport=22"]
    );
}

#[test]
fn containers() {
    says(
        "2026-11-22T10:00:00.123456789Z stderr F {\"level\":\"info\",\"msg\":\"x\"}",
        &[
            "container/json 2026-11-22T10:00:00.123456789Z",
            "stream=stderr",
            "level=info",
        ],
    );
}
