//! JSON of many makers.

use super::{check, read, says};

#[test]
fn nested_objects_are_names_with_dots() {
    check(
        b"{\"a\":{\"b\":[1,2.5,\"x\\u0041\\n\",true,null]},\"a.b\":\"again\",\"e\":{},\"n\":-7,\"big\":18446744073709551616}\n",
        &["json -
           a.b=1
           a.b=2.5
           a.b=xA\\n
           a.b=true
           a.b=
           a.b=again
           e=
           n=-7
           big=18446744073709551616"],
    );
}

#[test]
fn dialects_are_told_by_keys() {
    let is = |line: &str, format: &str| says(line, &[format]);
    is(
        r#"{"@timestamp":"2026-11-22T10:00:00Z","ecs":{"version":"8.0"},"event":{"kind":"event"}}"#,
        "ecs 2026-11-22T10:00:00Z",
    );
    is(
        r#"{"time":1795341600123,"class_uid":3002,"category_uid":3}"#,
        "ocsf 2026-11-22T10:00:00.123Z",
    );
    is(
        r#"{"eventVersion":"1.08","eventTime":"2026-11-22T10:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":"us-east-1"}"#,
        "cloudtrail 2026-11-22T10:00:00Z",
    );
    is(
        r#"{"CreationTime":"2026-11-22T10:00:00","Workload":"Exchange","Operation":"New-InboxRule"}"#,
        "m365 2026-11-22T10:00:00Z?z",
    );
    is(
        r#"{"time":"2026-11-22T10:00:00Z","operationName":"Sign-in activity","category":"SignInLogs"}"#,
        "azure 2026-11-22T10:00:00Z",
    );
    is(
        r#"{"insertId":"x","logName":"projects/p/logs/cloudaudit","timestamp":"2026-11-22T10:00:00Z","protoPayload":{"methodName":"SetIamPolicy"}}"#,
        "gcp-audit 2026-11-22T10:00:00Z",
    );
    is(
        r#"{"eventType":"user.session.start","published":"2026-11-22T10:00:00.1Z","actor":{"id":"1"}}"#,
        "okta 2026-11-22T10:00:00.100Z",
    );
    is(
        r#"{"kind":"Event","auditID":"1","verb":"create","requestReceivedTimestamp":"2026-11-22T10:00:00.123456Z"}"#,
        "kubernetes-audit 2026-11-22T10:00:00.123456Z",
    );
    is(
        r#"{"timestamp":"2026-11-22T10:00:00.123456+0200","flow_id":1,"event_type":"alert","src_ip":"192.0.2.1","alert":{"signature":"x"}}"#,
        "suricata 2026-11-22T08:00:00.123456Z",
    );
    is(
        r#"{"ts":1795341600.5,"uid":"C1","id.orig_h":"192.0.2.1"}"#,
        "zeek-json 2026-11-22T10:00:00.500Z",
    );
    is(
        r#"{"__REALTIME_TIMESTAMP":"1795341600123456","MESSAGE":"x"}"#,
        "journald-json 2026-11-22T10:00:00.123456Z",
    );
    is(
        r#"{"log":"{\"x\":1}\n","stream":"stdout","time":"2026-11-22T10:00:00.5Z"}"#,
        "container-json/json 2026-11-22T10:00:00.500Z",
    );
    is(
        r#"{"TimeCreated":"\/Date(1795341600123)\/","EventID":1,"Channel":"Security"}"#,
        "windows-json 2026-11-22T10:00:00.123Z",
    );
}

#[test]
fn windows_events_are_called_as_in_their_files() {
    let whole = r##"{"Event":{"System":{"Provider":{"#attributes":{"Name":"P"}},"EventID":{"#attributes":{"Qualifiers":1},"#text":4688},"Channel":"Security","TimeCreated":{"#attributes":{"SystemTime":"2026-11-22T10:00:00.1Z"}}},"EventData":{"Image":"C:\\a.exe"}}}"##;
    says(
        whole,
        &[
            "windows-json 2026-11-22T10:00:00.100Z",
            "Provider_Name=P",
            "EventID=4688",
            "EventID_Qualifiers=1",
            "Image=C:\\a.exe",
        ],
    );
    let pairs = r##"{"Event":{"System":{"EventID":1,"Channel":"x"},"EventData":{"Data":[{"@Name":"Image","#text":"a.exe"},{"@Name":"User","#text":"bob"}]}}}"##;
    says(pairs, &["Image=a.exe", "User=bob"]);
}

#[test]
fn records_in_a_wrapper_are_records() {
    let one =
        "{\n \"eventTime\":\"2026-11-22T10:00:00Z\", \"eventSource\":\"s\",\"eventName\":\"n\",\"awsRegion\":\"r\"}";
    for text in [
        format!("{{\"Records\":[{one},{one}]}}"),
        format!("[{one},\n{one}]\n"),
        format!("{one}\n{one}\n"),
        format!("{{\"value\": [ {one} , {one} ], \"nextLink\": \"x\"}}\n"),
        format!("{{\"took\":1,\"hits\":{{\"total\":2,\"hits\":[{{\"_source\":{one}}},{{\"_source\":{one}}}]}}}}"),
    ] {
        let found = read(text.as_bytes());
        assert_eq!(found.len(), 2, "{found:#?}");
        assert!(
            found.iter().all(|record| record.starts_with("cloudtrail 2026")),
            "{found:#?}"
        );
    }
}

#[test]
fn exports_of_splunk_are_read_to_the_ground() {
    check(
        b"\"_time\",\"_raw\",host\n\"2026-11-22T10:00:00.000+0000\",\"Nov 22 10:00:00 h sshd[1]: Invalid user \"\"x\"\" from 192.0.2.1 port 5\nsecond\",h\n",
        &["splunk-csv/sshd 2026-11-22T10:00:00Z
           _time=2026-11-22T10:00:00.000+0000
           _raw=Nov 22 10:00:00 h sshd[1]: Invalid user \"x\" from 192.0.2.1 port 5\\nsecond
           host=h
           hostname=h
           program=sshd
           pid=1
           event=invalid-user
           outcome=failure
           user=\"x\"
           src_ip=192.0.2.1
           src_port=5"],
    );
    says(
        r#"{"preview":false,"result":{"_time":"2026-11-22T10:00:00.000+00:00","_raw":"<34>1 2026-11-22T10:00:00Z h app - - - text","source":"x"}}"#,
        &[
            "splunk-json/syslog-5424 2026-11-22T10:00:00Z",
            "program=app",
            "source=x",
        ],
    );
}

#[test]
fn keys_may_come_twice() {
    says(r#"{"a":1,"a":2}"#, &["a=1", "a=2"]);
}

#[test]
fn what_lies_too_deep_is_one_value() {
    let text = format!("{}1{}", "{\"a\":".repeat(200), "}".repeat(200));
    let found = read(text.as_bytes());
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with("json - Bounded"), "{}", found[0]);
}
