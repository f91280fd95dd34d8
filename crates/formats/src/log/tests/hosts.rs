//! syslog, sshd, auth.log, audit, journal.

use super::{check, says};

#[test]
fn sshd_behind_syslog() {
    check(
        b"Nov 23 10:00:01 web-01 sshd[1234]: Failed password for invalid user ad min from 192.0.2.7 port 5555 ssh2\n\
          Nov 23 10:00:02 web-01 sshd[1234]: Accepted publickey for alice from 2001:db8::1 port 22 ssh2: ED25519 SHA256:abc\n",
        &[
            "syslog/sshd 2026-11-23T10:00:01Z?z?y
             hostname=web-01
             program=sshd
             pid=1234
             event=login
             outcome=failure
             method=password
             user=ad min
             invalid_user=true
             src_ip=192.0.2.7
             src_port=5555
             protocol=ssh2",
            "syslog/sshd 2026-11-23T10:00:02Z?z?y
             hostname=web-01
             program=sshd
             pid=1234
             event=login
             outcome=success
             method=publickey
             user=alice
             src_ip=2001:db8::1
             src_port=22
             protocol=ssh2
             key_type=ED25519
             key_fingerprint=SHA256:abc",
        ],
    );
}

#[test]
fn a_user_cannot_lend_another_address() {
    says(
        "Nov 23 10:00:01 h sshd[1]: Failed password for invalid user x from 198.51.100.1 port 1 ssh2 from 192.0.2.7 port 5555 ssh2",
        &[
            "src_ip=192.0.2.7",
            "src_port=5555",
            "user=x from 198.51.100.1 port 1 ssh2",
        ],
    );
}

#[test]
fn other_sentences_of_sshd() {
    let line = |text: &str| format!("Nov 23 10:00:01 h sshd[1]: {text}");
    says(
        &line("Invalid user  from 192.0.2.7 port 1"),
        &["event=invalid-user", "user=", "src_ip=192.0.2.7"],
    );
    says(
        &line("Connection closed by authenticating user root 192.0.2.7 port 9 [preauth]"),
        &["event=connection-closed", "user=root", "src_port=9"],
    );
    says(
        &line("Received disconnect from 192.0.2.7 port 22:11: Bye Bye [preauth]"),
        &["event=disconnect", "reason_code=11", "reason=Bye Bye"],
    );
    says(
        &line(
            "error: maximum authentication attempts exceeded for invalid user a from 192.0.2.7 port 1 ssh2 [preauth]",
        ),
        &["event=too-many-attempts", "user=a"],
    );
    says(
        &line(
            "pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root",
        ),
        &["pam_service=sshd", "rhost=192.0.2.7", "user=root", "outcome=failure"],
    );
    says(
        &line("Something that nobody reads"),
        &["syslog/sshd 2026-11-23T10:00:01Z?z?y", "pid=1"],
    );
}

#[test]
fn a_day_that_lies_ahead_was_a_year_ago() {
    says(
        "Dec 24 10:00:01 h sshd[1]: x",
        &["syslog/sshd 2025-12-24T10:00:01Z?z?y"],
    );
    says(
        "Nov 24 10:00:01 h sshd[1]: x",
        &["syslog/sshd 2026-11-24T10:00:01Z?z?y"],
    );
    says(
        "Feb 29 10:00:01 h sshd[1]: x",
        &["syslog/sshd 2024-02-29T10:00:01Z?z?y"],
    );
}

#[test]
fn syslog_has_many_heads() {
    says(
        "<34>1 2026-11-22T22:14:15.003+02:00 mymachine.example.com su 77 ID47 [ex@32473 iut=\"3\" eventSource=\"App \\\"x\\\"\"] \u{feff}'su root' failed",
        &[
            "syslog-5424 2026-11-22T20:14:15.003Z",
            "facility=4",
            "severity=2",
            "pid=77",
            "msgid=ID47",
            "ex@32473.iut=3",
            "ex@32473.eventSource=App \"x\"",
        ],
    );
    says(
        "<13>Nov  3 10:00:01 h prog: text",
        &["syslog 2026-11-03T10:00:01Z?z?y", "severity=5", "program=prog"],
    );
    says(
        "2026-11-23T10:00:01.123456+01:00 h CRON[5]: (root) CMD (run-parts /etc/cron.hourly)",
        &[
            "syslog/accounts 2026-11-23T09:00:01.123456Z",
            "user=root",
            "command=run-parts /etc/cron.hourly",
        ],
    );
    says(
        "Nov 23 2026 10:00:01 fw : %ASA-6-302013: Built inbound TCP connection 1 for outside:192.0.2.1/1 (192.0.2.1/1) to inside:10.0.0.1/2 (10.0.0.1/2)",
        &["message_id=302013", "src_ip=192.0.2.1", "dst_port=2"],
    );
    says(
        "<189>45: *Mar  1 00:00:01.000: %SYS-5-CONFIG_I: Configured from console by vty0",
        &["sequence=45", "message_id=CONFIG_I", "facility_name=SYS"],
    );
}

#[test]
fn messages_by_their_length() {
    check(
        b"29 <13>Nov  3 10:00:01 h a: one\n30 <13>Nov  3 10:00:01 h b: a\nbc9 <13>x: de",
        &[
            "syslog 2026-11-03T10:00:01Z?z?y
             facility=1
             severity=5
             hostname=h
             program=a",
            "syslog 2026-11-03T10:00:01Z?z?y
             facility=1
             severity=5
             hostname=h
             program=b",
            "syslog -
             facility=1
             severity=5
             program=x",
        ],
    );
}

#[test]
fn sudo_su_and_accounts() {
    let line = |program: &str, text: &str| format!("Nov 23 10:00:01 h {program}: {text}");
    says(
        &line(
            "sudo",
            "   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/sh -c a ; b",
        ),
        &[
            "syslog/sudo 2026-11-23T10:00:01Z?z?y",
            "user=alice",
            "TTY=pts/0",
            "USER=root",
            "COMMAND=/bin/sh -c a ; b",
            "outcome=success",
        ],
    );
    says(
        &line(
            "sudo",
            "bob : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/bin/ls",
        ),
        &["user=bob", "reason=user NOT in sudoers", "outcome=failure"],
    );
    says(
        &line(
            "su[3]",
            "pam_unix(su:session): session opened for user root(uid=0) by alice(uid=1000)",
        ),
        &["user=root", "by_user=alice", "by_uid=1000"],
    );
    says(
        &line("su", "FAILED SU (to root) bob on pts/1"),
        &["event=su", "outcome=failure", "user=root"],
    );
    says(
        &line(
            "useradd[9]",
            "new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/bash",
        ),
        &["event=user-added", "name=eve", "UID=1001"],
    );
    says(
        &line("usermod[9]", "add 'eve' to group 'sudo'"),
        &["event=member-added", "user=eve", "group=sudo"],
    );
}

#[test]
fn lines_of_one_audit_event_are_one_record() {
    check(
        b"type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e syscall=2 success=no exit=-13 a0=7fffd19c5592 comm=\"cat\" exe=\"/bin/cat\" key=\"sshd_config\"\x1dARCH=x86_64\n\
          type=CWD msg=audit(1364481363.243:24287):  cwd=\"/home/shadowman\"\n\
          type=PROCTITLE msg=audit(1364481363.243:24287): proctitle=636174002F6574632F7373682F737368645F636F6E666967\n\
          type=USER_LOGIN msg=audit(1364481364.000:24288): pid=1 uid=0 msg='op=login acct=\"root\" exe=\"/usr/sbin/sshd\" addr=192.0.2.1 terminal=ssh res=failed'\n",
        &[
            "auditd 2013-03-28T14:36:03.243Z
             type=SYSCALL
             serial=24287
             arch=c000003e
             syscall=2
             success=no
             exit=-13
             a0=7fffd19c5592
             comm=cat
             exe=/bin/cat
             key=sshd_config
             ARCH=x86_64
             type=CWD
             cwd=/home/shadowman
             type=PROCTITLE
             proctitle=cat /etc/ssh/sshd_config",
            "auditd 2013-03-28T14:36:04Z
             type=USER_LOGIN
             serial=24288
             pid=1
             uid=0
             op=login
             acct=root
             exe=/usr/sbin/sshd
             addr=192.0.2.1
             terminal=ssh
             res=failed",
        ],
    );
}

#[test]
fn the_journal_in_its_export_format() {
    let mut text = b"__CURSOR=s=1\n__REALTIME_TIMESTAMP=1364481363243000\n_PID=7\nSYSLOG_IDENTIFIER=sshd\nMESSAGE=Failed password for root from 192.0.2.7 port 5 ssh2\n\n__CURSOR=s=2\n__REALTIME_TIMESTAMP=1364481363243001\nMESSAGE\n".to_vec();
    text.extend(5_u64.to_le_bytes());
    text.extend(b"a\n\nb\xff\n\n");
    check(
        &text,
        &[
            "journald/sshd 2013-03-28T14:36:03.243Z
             __CURSOR=s=1
             __REALTIME_TIMESTAMP=1364481363243000
             _PID=7
             SYSLOG_IDENTIFIER=sshd
             MESSAGE=Failed password for root from 192.0.2.7 port 5 ssh2
             event=login
             outcome=failure
             method=password
             user=root
             src_ip=192.0.2.7
             src_port=5
             protocol=ssh2",
            "journald 2013-03-28T14:36:03.243001Z
             __CURSOR=s=2
             __REALTIME_TIMESTAMP=1364481363243001
             MESSAGE=a\\n\\nb\u{fffd}",
        ],
    );
}
