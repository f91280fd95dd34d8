//! What else stands in `auth.log` and `secure`: PAM, sudo, su, cron, logind, and the tools that change accounts.
//!
//! PAM, sudo and the tools of shadow-utils name some of their fields; those names stay. The others are called as sshd's are.

use super::draft::Draft;
use super::name::key;
use super::registry::Format;
use super::scan::{Scan, split_at, split_at_byte};

pub(crate) static PAM: Format = Format {
    name: "pam",
    describes: "PAM modules: authentication failures, sessions opened and closed",
    recognised: "`pam_unix(sshd:auth): …` or `authentication failure; logname=…` in a message",
    time: "that of the carrier",
};

pub(crate) static SUDO: Format = Format {
    name: "sudo",
    describes: "sudo: who ran what as whom, and who may not",
    recognised: "the program `sudo` in syslog or journal",
    time: "that of the carrier",
};

pub(crate) static ACCOUNTS: Format = Format {
    name: "accounts",
    describes: "su, cron, systemd-logind, and useradd, usermod, groupadd, passwd and their kin",
    recognised: "the program's name in syslog or journal",
    time: "that of the carrier",
};

pub(crate) const SUDO_PROGRAMS: &[&str] = &["sudo"];
pub(crate) const ACCOUNT_PROGRAMS: &[&str] = &[
    "su",
    "CRON",
    "cron",
    "crond",
    "systemd-logind",
    "login",
    "useradd",
    "userdel",
    "usermod",
    "groupadd",
    "groupdel",
    "groupmod",
    "gpasswd",
    "passwd",
    "chpasswd",
    "chage",
    "gdm-password]",
    "polkitd",
    "pkexec",
    "adduser",
];

/// Reads a message of PAM, whoever it speaks through.
pub(crate) fn pam(text: &[u8], draft: &mut Draft) -> bool {
    let mut scan = Scan::new(text);
    let mut rest = scan;
    if scan.rest.starts_with(b"pam_") {
        let Some(module) = rest.until(b'(') else { return false };
        let Some(inside) = rest.until(b')') else { return false };
        if !rest.eat(b": ") {
            return false;
        }
        draft.text(key!("pam_module"), module);
        let (service, kind) = split_at_byte(inside, b':').unwrap_or((inside, b""));
        draft.text(key!("pam_service"), service);
        draft.some(key!("pam_type"), kind);
        scan = rest;
    }
    let read = if scan.eat(b"authentication failure;") || scan.eat(b"auth could not identify password for ") {
        draft.fixed(key!("event"), "login");
        draft.fixed(key!("outcome"), "failure");
        pairs(scan.rest, draft);
        true
    } else if scan.eat(b"session opened for user ") {
        session(&scan, draft, "session-opened")
    } else if scan.eat(b"session closed for user ") {
        session(&scan, draft, "session-closed")
    } else if scan.eat(b"check pass; user unknown") {
        draft.fixed(key!("event"), "unknown-user");
        draft.fixed(key!("outcome"), "failure");
        true
    } else if scan.rest.ends_with(b"more authentication failures;") || (scan.eat(b"PAM ") && scan.rest.contains(&b'='))
    {
        pairs(scan.rest, draft);
        true
    } else {
        !draft.fields.is_empty() && text.starts_with(b"pam_")
    };
    if read {
        draft.is(&PAM);
    }
    read
}

/// `logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root`
fn pairs(text: &[u8], draft: &mut Draft) {
    for word in text.split(|byte| *byte == b' ') {
        if let Some((name, value)) = split_at_byte(word, b'=') {
            let is_name = !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
            if is_name && !value.is_empty() {
                draft.named(name, value);
            }
        }
    }
}

/// `root(uid=0) by alice(uid=1000)`, `root by (uid=0)`
fn session(scan: &Scan<'_>, draft: &mut Draft, what: &'static str) -> bool {
    draft.fixed(key!("event"), what);
    let (user, by) = split_at(scan.rest, b" by ").unwrap_or((scan.rest, b""));
    let (user, id) = split_at_byte(user, b'(').unwrap_or((user, b""));
    draft.text(key!("user"), user.trim_ascii());
    if let Some(id) = id.strip_prefix(b"uid=").and_then(|id| id.strip_suffix(b")")) {
        draft.number(key!("uid"), id);
    }
    if let Some((by, id)) = split_at_byte(by, b'(') {
        draft.some(key!("by_user"), by);
        if let Some((id, _)) = id.strip_prefix(b"uid=").and_then(|id| split_at_byte(id, b')')) {
            draft.number(key!("by_uid"), id);
        }
    }
    true
}

/// `alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/ls`, with what went wrong in front of `TTY`.
pub(crate) fn sudo(text: &[u8], draft: &mut Draft) -> bool {
    draft.is(&SUDO);
    let text = text.trim_ascii_start();
    let Some((user, rest)) = split_at(text, b" : ") else {
        pam(text, draft);
        return true;
    };
    draft.text(key!("user"), user);
    let mut scan = Scan::new(rest);
    let mut failed = false;
    while !scan.is_empty() {
        // The command may hold anything, and it is last.
        if scan.eat(b"COMMAND=") {
            draft.text(key!("COMMAND"), scan.rest);
            break;
        }
        let (part, tail) = split_at(scan.rest, b" ; ").unwrap_or((scan.rest, b""));
        scan.rest = tail;
        match split_at_byte(part, b'=') {
            Some((name, value)) if name.iter().all(|byte| byte.is_ascii_uppercase() || *byte == b'_') => {
                draft.named(name, value)
            }
            _ => {
                failed = true;
                draft.text(key!("reason"), part);
            }
        }
    }
    draft.fixed(key!("event"), "sudo");
    draft.fixed(key!("outcome"), if failed { "failure" } else { "success" });
    true
}

/// The other programs.
pub(crate) fn accounts(text: &[u8], draft: &mut Draft) -> bool {
    if pam(text, draft) {
        return true;
    }
    let mut scan = Scan::new(text);
    let read = if scan.eat(b"(to ") {
        // `(to root) alice on pts/0`, su of Debian.
        draft.fixed(key!("event"), "su");
        scan.until(b')').is_some_and(|user| {
            draft.text(key!("user"), user);
            scan.blanks();
            draft.some(key!("by_user"), scan.part(b' '));
            scan.eat(b"on ");
            draft.some(key!("tty"), scan.part(b' '));
            true
        })
    } else if scan.peek() == b'(' && text.ends_with(b")") {
        cron(&mut scan, draft).is_some()
    } else if scan.eat(b"FAILED SU ") || scan.eat(b"FAILED su for ") {
        draft.fixed(key!("event"), "su");
        draft.fixed(key!("outcome"), "failure");
        let (user, by) = split_at(scan.rest, b" by ").unwrap_or((scan.rest, b""));
        draft.some(
            key!("user"),
            user.strip_prefix(b"(to ")
                .and_then(|user| split_at_byte(user, b')'))
                .map_or(user, |(user, _)| user),
        );
        draft.some(key!("by_user"), by);
        true
    } else if scan.eat(b"Successful su for ") {
        draft.fixed(key!("event"), "su");
        draft.fixed(key!("outcome"), "success");
        let (user, by) = split_at(scan.rest, b" by ").unwrap_or((scan.rest, b""));
        draft.some(key!("user"), user);
        draft.some(key!("by_user"), by);
        true
    } else if scan.eat(b"New session ") {
        draft.fixed(key!("event"), "session-opened");
        draft.text(key!("session"), unquoted(scan.part(b' ')));
        if let Some((_, user)) = split_at(scan.rest, b"of user ") {
            let user = split_at(user, b" with class ").map_or(user, |(user, _)| user);
            draft.text(key!("user"), unquoted(user.strip_suffix(b".").unwrap_or(user)));
        }
        true
    } else if scan.eat(b"Removed session ") {
        draft.fixed(key!("event"), "session-closed");
        draft.text(
            key!("session"),
            unquoted(scan.rest.strip_suffix(b".").unwrap_or(scan.rest)),
        );
        true
    } else {
        changed(&mut scan, draft)
    };
    if read {
        draft.is(&ACCOUNTS);
    }
    read
}

/// `'5'`, as systemd writes it since version 256, and `5`, as before.
fn unquoted(text: &[u8]) -> &[u8] {
    let inner = text.strip_prefix(b"'").and_then(|text| text.strip_suffix(b"'"));
    inner.unwrap_or(text)
}

/// `(root) CMD (run-parts /etc/cron.hourly)`
fn cron(scan: &mut Scan<'_>, draft: &mut Draft) -> Option<()> {
    let user = scan.between(b'(', b')')?;
    scan.blanks();
    let what = scan.until(b' ')?;
    let inside = scan.rest.strip_prefix(b"(")?.strip_suffix(b")")?;
    draft.text(key!("user"), user);
    draft.fixed(key!("event"), "cron");
    draft.text(key!("cron_type"), what);
    draft.text(key!("command"), inside.trim_ascii());
    Some(())
}

/// `new user: name=bob, UID=1001, GID=1001, home=/home/bob, shell=/bin/bash, from=/dev/pts/1`, `add 'bob' to group 'sudo'`,
/// `password changed for bob`
fn changed(scan: &mut Scan<'_>, draft: &mut Draft) -> bool {
    let what = if scan.eat(b"new user: ") {
        "user-added"
    } else if scan.eat(b"new group: ") {
        "group-added"
    } else if scan.eat(b"delete user ") {
        "user-removed"
    } else if scan.eat(b"add '") {
        "member-added"
    } else if scan.eat(b"change user '") {
        "user-changed"
    } else if scan.eat(b"password changed for ") || scan.eat(b"password for '") {
        "password-changed"
    } else {
        return false;
    };
    draft.fixed(key!("event"), what);
    match what {
        "user-added" | "group-added" => {
            for part in scan.rest.split(|byte| *byte == b',') {
                if let Some((name, value)) = split_at_byte(part.trim_ascii(), b'=') {
                    draft.named(name, value);
                }
            }
        }
        "member-added" => {
            draft.text(key!("user"), scan.part(b'\''));
            if let Some((_, group)) = split_at(scan.rest, b"group '") {
                draft.text(key!("group"), group.strip_suffix(b"'").unwrap_or(group));
            }
        }
        _ => {
            let user = scan.part(b' ');
            let user = user.strip_prefix(b"'").unwrap_or(user);
            draft.text(key!("user"), user.strip_suffix(b"'").unwrap_or(user));
        }
    }
    true
}
