//! Web servers, mail, names, proxies, services of Windows.

use super::{check, says};

#[test]
fn access_logs() {
    check(
        b"192.0.2.1 - frank [10/Oct/2026:13:55:36 -0700] \"GET /a?b=c HTTP/1.0\" 200 2326 \"http://x/\" \"Mozilla \\\"x\\\"\" \"-\"\n\
          www.example.com:80 192.0.2.1 - - [10/Oct/2026:13:55:36 +0000] \"\\x16\\x03\" 400 -\n",
        &[
            "web-access 2026-10-10T20:55:36Z
             client=192.0.2.1
             user=frank
             method=GET
             url=/a?b=c
             protocol=HTTP/1.0
             status=200
             bytes=2326
             referrer=http://x/
             user_agent=Mozilla \\\"x\\\"
             extra=\"-\"",
            "web-access 2026-10-10T13:55:36Z
             vhost=www.example.com:80
             client=192.0.2.1
             request=\\x16\\x03
             status=400",
        ],
    );
}

#[test]
fn error_logs() {
    says(
        "[Wed Oct 11 14:32:52.123456 2026] [core:error] [pid 35708:tid 4328636416] [client 192.0.2.1:5000] AH00126: Invalid URI",
        &[
            "apache-error 2026-10-11T14:32:52.123456Z?z",
            "module=core",
            "level=error",
            "pid=35708",
            "client=192.0.2.1",
            "client_port=5000",
            "code=AH00126",
        ],
    );
    says(
        "2026/10/11 14:32:52 [error] 12#34: *5 open() \"/x\" failed (2: No such file), client: 192.0.2.1, server: _, request: \"GET /x HTTP/1.1\", host: \"h\"",
        &[
            "nginx-error 2026-10-11T14:32:52Z?z",
            "level=error",
            "client=192.0.2.1",
            "url=/x",
            "host=h",
            "connection=5",
        ],
    );
}

#[test]
fn tables_with_remarks_for_headers() {
    check(
        b"#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2026-11-22 00:00:00\r\n\
          #Fields: date time s-ip cs-method cs-uri-stem sc-status cs(User-Agent)\r\n\
          2026-11-22 00:00:01 10.0.0.1 GET /x 200 Mozilla/5.0+(x)\r\n\
          2026-11-22 00:00:02 10.0.0.1 GET\r\n\
          #Fields: time cs-username\r\n\
          00:00:03 bob\r\n",
        &[
            "w3c 2026-11-22T00:00:01Z
             date=2026-11-22
             time=00:00:01
             s-ip=10.0.0.1
             cs-method=GET
             cs-uri-stem=/x
             sc-status=200
             cs(User-Agent)=Mozilla/5.0+(x)",
            "application 2026-11-22T00:00:02Z?z",
            "w3c 2026-11-22T00:00:03Z
             time=00:00:03
             cs-username=bob",
        ],
    );
    check(
        b"#Version: 1.5\r\n#Software: Microsoft Windows Firewall\r\n#Time Format: Local\r\n#Fields: date time action protocol src-ip dst-ip src-port dst-port\r\n\r\n2026-11-22 10:00:00 DROP TCP 192.0.2.1 10.0.0.1 5 445\r\n",
        &["windows-firewall 2026-11-22T10:00:00Z?z
           date=2026-11-22
           time=10:00:00
           action=DROP
           protocol=TCP
           src-ip=192.0.2.1
           dst-ip=10.0.0.1
           src-port=5
           dst-port=445"],
    );
    check(
        b"#Software: Microsoft Exchange Server\r\n#Fields: date-time,client-ip,recipient-address,message-subject\r\n2026-11-22T10:00:00.123Z,192.0.2.1,a@example.com;b@example.com,\"a, b\"\r\n",
        &["exchange-tracking 2026-11-22T10:00:00.123Z
           date-time=2026-11-22T10:00:00.123Z
           client-ip=192.0.2.1
           recipient-address=a@example.com;b@example.com
           message-subject=a, b"],
    );
}

#[test]
fn zeek_in_tabs() {
    check(
        b"#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n#open\t2026-11-22-10-00-00\n#fields\tts\tuid\tid.orig_h\tid.resp_p\tanswers\tquery\n#types\ttime\tstring\taddr\tport\tvector[string]\tstring\n\
          1795341600.123456\tC1\t192.0.2.1\t53\ta,b\tx\\x2dy\n1795341601.000000\tC2\t192.0.2.1\t53\t(empty)\t-\n#close\t2026-11-22-11-00-00\n",
        &[
            "zeek 2026-11-22T10:00:00.123456Z
             ts=1795341600.123456
             uid=C1
             id.orig_h=192.0.2.1
             id.resp_p=53
             answers=a
             answers=b
             query=x-y",
            "zeek 2026-11-22T10:00:01Z
             ts=1795341601.000000
             uid=C2
             id.orig_h=192.0.2.1
             id.resp_p=53",
        ],
    );
}

#[test]
fn proxies() {
    says(
        "1795341600.123    200 192.0.2.1 TCP_MISS/200 1234 GET http://example.com/ bob HIER_DIRECT/198.51.100.1 text/html",
        &[
            "squid 2026-11-22T10:00:00.123Z",
            "elapsed=200",
            "client=192.0.2.1",
            "result=TCP_MISS",
            "status=200",
            "user=bob",
            "peer=198.51.100.1",
            "content_type=text/html",
        ],
    );
    says(
        "Nov 22 10:00:00 lb haproxy[14387]: 192.0.2.1:33317 [22/Nov/2026:10:00:00.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {example.com} \"GET /index.html HTTP/1.1\"",
        &[
            "syslog/haproxy 2026-11-22T10:00:00.655Z?z",
            "client=192.0.2.1",
            "client_port=33317",
            "backend=static",
            "server=srv1",
            "status=200",
            "bytes=2750",
            "captured=example.com",
            "url=/index.html",
        ],
    );
}

#[test]
fn postfix() {
    let line = |program: &str, text: &str| format!("Nov 22 10:00:00 mx postfix/{program}[5]: {text}");
    says(
        &line(
            "smtp",
            "3F1A2B3C4D: to=<bob@example.com>, relay=mx.example.com[192.0.2.1]:25, delay=1.2, dsn=2.0.0, status=sent (250 2.0.0 OK, queued)",
        ),
        &[
            "syslog/postfix 2026-11-22T10:00:00Z?z?y",
            "queue_id=3F1A2B3C4D",
            "to=bob@example.com",
            "relay=mx.example.com[192.0.2.1]:25",
            "status=sent",
            "response=250 2.0.0 OK, queued",
        ],
    );
    says(
        &line(
            "smtpd",
            "NOQUEUE: reject: RCPT from unknown[192.0.2.1]: 554 5.7.1 <a@example.com>: Relay access denied; from=<x@example.com> to=<a@example.com> proto=ESMTP helo=<h>",
        ),
        &[
            "event=reject",
            "stage=RCPT",
            "client_ip=192.0.2.1",
            "from=x@example.com",
            "helo=h",
        ],
    );
    says(
        &line(
            "smtpd",
            "warning: unknown[192.0.2.1]: SASL LOGIN authentication failed: x, sasl_username=bob",
        ),
        &["sasl_method=LOGIN", "outcome=failure", "sasl_username=bob"],
    );
}

#[test]
fn servers_of_names() {
    says(
        "22-Nov-2026 10:00:00.123 queries: info: client @0x7f8b 192.0.2.1#5353 (www.example.com): query: www.example.com IN A +E(0)K (198.51.100.1)",
        &[
            "bind 2026-11-22T10:00:00.123Z?z",
            "category=queries",
            "client_ip=192.0.2.1",
            "client_port=5353",
            "query=www.example.com",
            "qtype=A",
            "server_ip=198.51.100.1",
        ],
    );
    says(
        "Nov 22 10:00:00 h named[5]: client 192.0.2.1#5353 (x.example): query: x.example IN TXT + (198.51.100.1)",
        &["syslog/bind 2026-11-22T10:00:00Z?z?y", "qtype=TXT"],
    );
    says(
        "Nov 22 10:00:00 h dnsmasq[5]: query[A] www.example.com from 192.0.2.1",
        &["event=query", "qtype=A", "query=www.example.com", "client_ip=192.0.2.1"],
    );
    says(
        "Nov 22 10:00:00 h dnsmasq[5]: reply www.example.com is 198.51.100.7",
        &["event=reply", "answer=198.51.100.7"],
    );
    says(
        "Nov 22 10:00:00 h dnsmasq-dhcp[5]: DHCPACK(eth0) 192.0.2.7 52:54:00:12:34:56 laptop",
        &[
            "event=DHCPACK",
            "client_ip=192.0.2.7",
            "client_mac=52:54:00:12:34:56",
            "client_name=laptop",
        ],
    );
    says(
        "11/22/2026 1:05:09 PM 0E9C PACKET  00000000025D8C70 UDP Rcv 192.0.2.1      b47a   Q [0001   D   NOERROR] A      (3)www(7)example(3)com(0)",
        &[
            "microsoft-dns 2026-11-22T13:05:09Z?z",
            "protocol=UDP",
            "direction=Rcv",
            "remote_ip=192.0.2.1",
            "event=query",
            "rcode=NOERROR",
            "qtype=A",
            "query=www.example.com",
        ],
    );
}

#[test]
fn services_of_windows() {
    check(
        b"\t\tMicrosoft DHCP Service Activity Log\r\n\r\nEvent ID  Meaning\r\n00\tThe log was started.\r\n\r\nID,Date,Time,Description,IP Address,Host Name,MAC Address,User Name\r\n10,11/22/26,10:00:00,Assign,192.0.2.7,laptop.example.com,525400123456,\r\n",
        &[
            "text -",
            "text -",
            "text -",
            "microsoft-dhcp 2026-11-22T10:00:00Z?z
             ID=10
             Date=11/22/26
             Time=10:00:00
             Description=Assign
             IP Address=192.0.2.7
             Host Name=laptop.example.com
             MAC Address=525400123456",
        ],
    );
    says(
        "\"SRV\",\"IAS\",11/22/2026,10:00:00,1,\"EXAMPLE\\bob\",\"EXAMPLE\\bob\",,,,,,,,9,\"192.0.2.1\",\"ap\"",
        &[
            "nps-csv 2026-11-22T10:00:00Z?z",
            "ComputerName=SRV",
            "Packet-Type=1",
            "User-Name=EXAMPLE\\bob",
            "Client-IP-Address=192.0.2.1",
            "Client-Friendly-Name=ap",
        ],
    );
    says(
        "192.0.2.1,bob,11/22/2026,10:00:00,IAS,SRV,4128,ap,4136,3,4142,16",
        &[
            "nps-csv 2026-11-22T10:00:00Z?z",
            "Client-Friendly-Name=ap",
            "Packet-Type=3",
            "Reason-Code=16",
        ],
    );
    says(
        "<Event><Timestamp data_type=\"4\">11/22/2026 10:00:00.123</Timestamp><Computer-Name data_type=\"1\">SRV</Computer-Name><Packet-Type data_type=\"0\">3</Packet-Type></Event>",
        &["nps 2026-11-22T10:00:00.123Z?z", "Computer-Name=SRV", "Packet-Type=3"],
    );
}

#[test]
fn transcripts_of_powershell() {
    check(
        b"**********************\r\nWindows PowerShell transcript start\r\nStart time: 20261122100000\r\nUsername: EXAMPLE\\bob\r\n**********************\r\nTranscript started, output file is x\r\nPS C:\\Users\\bob> whoami\r\nexample\\bob\r\nPS C:\\Users\\bob> exit\r\n**********************\r\nWindows PowerShell transcript end\r\nEnd time: 20261122100100\r\n**********************\r\n",
        &[
            "powershell-transcript 2026-11-22T10:00:00Z?z
             event=start
             Start time=20261122100000
             Username=EXAMPLE\\bob",
            "powershell-transcript -
             output=Transcript started, output file is x",
            "powershell-transcript -
             folder=C:\\Users\\bob
             command=whoami
             output=example\\bob",
            "powershell-transcript -
             folder=C:\\Users\\bob
             command=exit",
            "powershell-transcript 2026-11-22T10:01:00Z?z
             event=end
             End time=20261122100100",
        ],
    );
}
