//! Firewalls and what security products write.

use super::says;

#[test]
fn linux() {
    says(
        "Nov 22 10:00:00 h kernel: [12345.678901] [UFW BLOCK] IN=eth0 OUT= MAC=aa:bb SRC=192.0.2.1 DST=198.51.100.2 LEN=40 TTL=64 ID=1 DF PROTO=TCP SPT=44444 DPT=22 WINDOW=1024 RES=0x00 SYN URGP=0",
        &[
            "syslog/netfilter 2026-11-22T10:00:00Z?z?y",
            "uptime=12345.678901",
            "prefix=[UFW BLOCK]",
            "action=block",
            "SRC=192.0.2.1",
            "DPT=22",
            "PROTO=TCP",
            "flags=DF",
            "flags=SYN",
        ],
    );
}

#[test]
fn pf() {
    says(
        "Nov 22 10:00:00 fw filterlog[5]: 5,,,1000000103,em0,match,block,in,4,0x0,,64,1,0,DF,6,tcp,60,192.0.2.1,198.51.100.2,44444,22,0,S,1,,64240,,mss",
        &[
            "syslog/pf 2026-11-22T10:00:00Z?z?y",
            "rule=5",
            "interface=em0",
            "action=block",
            "direction=in",
            "protocol=tcp",
            "src_ip=192.0.2.1",
            "dst_ip=198.51.100.2",
            "src_port=44444",
            "dst_port=22",
            "tcp_flags=S",
        ],
    );
    says(
        "Nov 22 10:00:00 fw pf: rule 5/0(match): block in on em0: 192.0.2.1.44444 > 198.51.100.2.22: Flags [S], length 0",
        &[
            "rule=5/0(match)",
            "action=block",
            "src_ip=192.0.2.1",
            "src_port=44444",
            "dst_ip=198.51.100.2",
            "dst_port=22",
        ],
    );
}

#[test]
fn cisco() {
    let line = |text: &str| format!("<166>Nov 22 2026 10:00:00 fw : {text}");
    says(
        &line(
            "%ASA-6-302014: Teardown TCP connection 7 for outside:192.0.2.1/443 to inside:10.0.0.1/5000 duration 0:00:30 bytes 1234 TCP FINs",
        ),
        &[
            "syslog/cisco-asa 2026-11-22T10:00:00Z?z",
            "action=teardown",
            "connection=7",
            "src_interface=outside",
            "src_ip=192.0.2.1",
            "dst_ip=10.0.0.1",
            "duration=0:00:30",
            "bytes=1234",
            "reason=TCP FINs",
        ],
    );
    says(
        &line(
            "%ASA-6-302013: Built outbound TCP connection 7 for outside:192.0.2.1/443 (192.0.2.1/443) to inside:10.0.0.1/5000 (10.0.0.1/5000)",
        ),
        &[
            "direction=outbound",
            "src_ip=10.0.0.1",
            "dst_ip=192.0.2.1",
            "dst_port=443",
        ],
    );
    says(
        &line(
            "%ASA-4-106023: Deny tcp src outside:192.0.2.1/4444 dst inside:10.0.0.1/22 by access-group \"outside_in\" [0x0, 0x0]",
        ),
        &[
            "action=deny",
            "protocol=tcp",
            "src_ip=192.0.2.1",
            "dst_port=22",
            "access_group=outside_in",
        ],
    );
    says(
        &line(
            "%ASA-2-106001: Inbound TCP connection denied from 192.0.2.1/4444 to 10.0.0.1/22 flags SYN  on interface outside",
        ),
        &["protocol=TCP", "src_port=4444", "interface=outside"],
    );
    says(
        &line(
            "%ASA-6-113005: AAA user authentication Rejected : reason = AAA failure : server = 10.0.0.5 : user = bob : user IP = 192.0.2.1",
        ),
        &["user=bob", "message_id=113005"],
    );
    says(
        &line("%ASA-4-722051: Group <g> User <bob> IP <192.0.2.1> IPv4 Address <10.0.0.9> assigned to session"),
        &["user=bob", "group=g", "src_ip=192.0.2.1"],
    );
}

#[test]
fn palo_alto_and_fortinet() {
    says(
        "Nov 22 10:00:00 pa 1,2026/11/22 10:00:00,001122,TRAFFIC,end,2305,2026/11/22 09:59:59,192.0.2.1,198.51.100.2,0.0.0.0,0.0.0.0,allow-web,bob,,web-browsing,vsys1,trust,untrust,e1,e2,fwd,2026/11/22 10:00:00,100,1,5000,443,0,0,0x19,tcp,allow,1000,400,600,10",
        &[
            "syslog/paloalto 2026-11-22T09:59:59Z?z",
            "type=TRAFFIC",
            "src=192.0.2.1",
            "dst=198.51.100.2",
            "rule=allow-web",
            "srcuser=bob",
            "dport=443",
            "action=allow",
            "bytes=1000",
        ],
    );
    says(
        "date=2026-11-22 time=10:00:00 devname=\"fw 1\" devid=\"FG1\" logid=\"0000000013\" type=\"traffic\" subtype=\"forward\" level=\"notice\" vd=\"root\" eventtime=1795341600123456789 tz=\"+0200\" srcip=192.0.2.1 srcport=5000 dstip=198.51.100.2 action=\"deny\"",
        &[
            "fortigate 2026-11-22T10:00:00.123456789Z",
            "devname=fw 1",
            "logid=0000000013",
            "srcip=192.0.2.1",
            "srcport=5000",
            "action=deny",
        ],
    );
    says(
        "date=2026-11-22 time=10:00:00 devname=fw devid=FG1 logid=1 type=traffic tz=\"+0200\"",
        &["fortigate 2026-11-22T08:00:00Z"],
    );
}

#[test]
fn common_and_extended_formats() {
    says(
        "Nov 22 10:00:00 host CEF:0|Security|threat\\|manager|1.0|100|worm stopped|10|src=192.0.2.1 dst=198.51.100.2 spt=1232 msg=a \\= b and more rt=1795341600123 cs1Label=x cs1=y z",
        &[
            "syslog/cef 2026-11-22T10:00:00.123Z",
            "device_product=threat|manager",
            "name=worm stopped",
            "severity=10",
            "src=192.0.2.1",
            "spt=1232",
            "msg=a = b and more",
            "cs1=y z",
        ],
    );
    says(
        "<13>Nov 22 10:00:00 host LEEF:2.0|Vendor|Product|1|login|^|src=192.0.2.1^usrName=bob^devTime=2026-11-22T10:00:00Z",
        &["device_vendor=Vendor", "event_id=login", "src=192.0.2.1", "usrName=bob"],
    );
    says("LEEF:1.0|V|P|1|e|a=1\tb=two words", &["leef -", "a=1", "b=two words"]);
}

#[test]
fn pairs() {
    says(
        "time=\"2026-11-22T10:00:00Z\" level=info msg=\"a \\\"b\\\"\" n=5 id=007",
        &[
            "key-value 2026-11-22T10:00:00Z",
            "level=info",
            "msg=a \"b\"",
            "n=5",
            "id=007",
        ],
    );
}
