//! syslog, sshd, sudo, PAM, audit, journal.

use super::Table;

/// The head of a line of syslog, whatever it carries.
pub(super) static HEAD: &[(&str, &str)] = &[
    ("hostname", "device.hostname"),
    ("program", "metadata.log_provider"),
    ("msgid", "metadata.event_code"),
];

pub(super) static TABLES: &[Table] = &[
    Table {
        formats: &["syslog", "syslog-5424"],
        names: &[("pid", "process.pid")],
    },
    Table {
        formats: &["sshd"],
        names: &[
            ("event", "activity_name"),
            ("outcome", "status"),
            ("user", "user.name"),
            ("src_ip", "src_endpoint.ip"),
            ("src_port", "src_endpoint.port"),
            ("src_host", "src_endpoint.hostname"),
            ("method", "auth_protocol"),
            ("reason", "status_detail"),
            ("rhost", "src_endpoint.ip"),
        ],
    },
    Table {
        formats: &["pam", "accounts", "sudo"],
        names: &[
            ("event", "activity_name"),
            ("outcome", "status"),
            ("user", "user.name"),
            ("USER", "user.name"),
            ("uid", "user.uid"),
            ("rhost", "src_endpoint.ip"),
            ("by_user", "actor.user.name"),
            ("by_uid", "actor.user.uid"),
            ("COMMAND", "process.cmd_line"),
            ("command", "process.cmd_line"),
            ("PWD", "process.working_directory"),
            ("session", "session.uid"),
            ("group", "group.name"),
            ("reason", "status_detail"),
        ],
    },
    Table {
        formats: &["auditd"],
        names: &[
            ("type", "metadata.event_code"),
            ("serial", "metadata.uid"),
            ("node", "device.hostname"),
            ("exe", "process.file.path"),
            ("comm", "process.name"),
            ("proctitle", "process.cmd_line"),
            ("cwd", "process.working_directory"),
            ("pid", "process.pid"),
            ("ppid", "process.parent_process.pid"),
            ("uid", "actor.user.uid"),
            ("acct", "user.name"),
            ("addr", "src_endpoint.ip"),
            ("hostname", "src_endpoint.hostname"),
            ("terminal", "session.terminal"),
            ("ses", "session.uid"),
            ("res", "status"),
            ("success", "status"),
            ("name", "file.path"),
            ("key", "rule.name"),
        ],
    },
    Table {
        formats: &["journald", "journald-json"],
        names: &[
            ("MESSAGE", "message"),
            ("_HOSTNAME", "device.hostname"),
            ("_PID", "process.pid"),
            ("_UID", "actor.user.uid"),
            ("_EXE", "process.file.path"),
            ("_COMM", "process.name"),
            ("_CMDLINE", "process.cmd_line"),
            ("PRIORITY", "severity_id"),
            ("SYSLOG_IDENTIFIER", "metadata.log_provider"),
            ("_MACHINE_ID", "device.uid"),
        ],
    },
];
