//! Which rules call for which advice.
//!
//! A rule that may call for something that hurts stands beside its milder form, too; a test insists.

use super::{Advice, When};

/// Rules about where links lead.
const LINKS: &[&str] = &[
    "link-userinfo",
    "link-lookalike-host",
    "link-numeric-host",
    "link-odd-slashes",
    "link-text-differs",
    "link-ip-executable",
    "document-credential-form",
    "mail-open-landing",
    "mail-document-lead",
    "mail-links-elsewhere",
    "mail-recipient-in-link",
    "mail-picture-only",
    "mail-qr-link",
    "mail-link-house",
    "shortcut-remote-file",
];

/// Rules about files that somebody may open.
const FILES: &[&str] = &[
    "archive-double-extension",
    "archive-deceptive-name",
    "archive-disguised-type",
    "archive-runnable-member",
    "mail-dangerous-attachment",
    "document-macro-runs",
    "document-macro-stomped",
    "shortcut-runs-interpreter",
    "shortcut-hidden-arguments",
    "script-downloads-and-runs",
    "script-encoded-command",
    "script-hides-words",
    "script-destroys-copies",
    "executable-altered",
    "executable-side-loading",
    "executable-odd-signature",
    "executable-renamed",
    "executable-claims-vendor",
    "executable-packed",
    "executable-carries",
    "executable-odd-calls",
    "executable-odd-loader",
    "executable-proxy-library",
    "executable-stands-in",
    "executable-telling-strings",
    "executable-odd-header",
    "file-several-names",
    "file-system-name-lookalike",
    "file-system-name-elsewhere",
    "file-odd-place",
    "file-starts-itself",
    "file-hidden",
    "file-odd-rights",
    "file-setuid-shell",
    "file-odd-capabilities",
    "file-runnable-stream",
    "file-downloaded",
    "yara-match",
];

/// Rules about what mails pretend.
const LURES: &[&str] = &[
    "mail-sender-list",
    "mail-address-in-name",
    "mail-brand-name",
    "mail-lookalike-sender",
    "mail-own-domain-spoofed",
    "mail-authentication-failed",
    "mail-reply-elsewhere",
    "mail-account-threat",
    "mail-windfall",
    "mail-extortion",
    "mail-html-smuggling",
    "mail-password-page",
    "mail-phishing-model",
    "mail-throwaway-sender",
    "mail-authentication-own-name",
    "mail-odd-letters",
    "mail-odd-header",
    "mail-hidden-text",
    "mail-two-types",
    "mail-false-thread",
    "mail-file-alone",
    "mail-prize",
    "mail-unproved-promotion",
    "mail-urgent-wording",
    "mail-greets-address",
];

/// Rules about hosts that somebody else works on, by what a capture shows.
const TAKEN: &[&str] = &[
    "dns-tunnel",
    "made-up-names",
    "name-poisoning",
    "icmp-tunnel",
    "password-guessing",
    "many-sessions",
    "arp-spoofing",
    "directory-theft",
    "log-password-guessing",
    "planted-program",
    "remote-execution",
    "ticket-roasting",
];

/// Rules about where hosts send something to, or get something from.
const ELSEWHERE: &[&str] = &[
    "carried-program",
    "large-upload",
    "long-connection",
    "address-post",
    "service-on-odd-port",
    "tls-nameless",
    "odd-certificate",
];

/// The rule about what others know.
const SIGHTED: &[&str] = &["indicator-sighted"];

/// Rules about who is reported to.
const REPORTS: &[&str] = &["beaconing"];

/// Advice, most urgent first.
pub(super) const TABLE: &[Advice] = &[
    Advice {
        text: "quarantine {} and the message or file that brought it, and search for others with the same SHA-256",
        when: When::Harm,
        rules: &[
            "archive-double-extension",
            "archive-deceptive-name",
            "archive-disguised-type",
            "executable-altered",
            "executable-side-loading",
            "executable-odd-signature",
            "executable-renamed",
            "executable-proxy-library",
            "file-system-name-lookalike",
            "file-system-name-elsewhere",
            "file-runnable-stream",
            "file-setuid-shell",
            "yara-match",
        ],
    },
    Advice {
        text: "if somebody opened {}, isolate that machine and look at what it started",
        when: When::Harm,
        rules: FILES,
    },
    Advice {
        text: "block {}, where the links lead, and search proxy and DNS logs for visits",
        when: When::Harm,
        rules: LINKS,
    },
    Advice {
        text: "if somebody followed a link to {} and entered a password, reset it and end that account's sessions",
        when: When::Harm,
        rules: &[
            "link-userinfo",
            "link-lookalike-host",
            "link-numeric-host",
            "link-text-differs",
            "document-credential-form",
        ],
    },
    Advice {
        text: "block {}, isolate the host that reports there, and find out which of its programs does",
        when: When::Harm,
        rules: REPORTS,
    },
    Advice {
        text: "find out which program reports to {}, and who put it on that host",
        when: When::Doubt,
        rules: REPORTS,
    },
    Advice {
        text: "find the copies of the mail by its sender, subject and links, and withdraw them from every mailbox",
        when: When::Harm,
        rules: LURES,
    },
    Advice {
        text: "neither answer the mail nor follow it before the supposed sender was asked by another way",
        when: When::Doubt,
        rules: LURES,
    },
    Advice {
        text: "ask the supposed sender, by a number that was known before and not by a reply, before money moves or accounts change",
        when: When::Always,
        rules: &[
            "mail-payment-request",
            "mail-own-domain-spoofed",
            "mail-lookalike-sender",
        ],
    },
    Advice {
        text: "call nobody at the number in the mail; the contract has the real one",
        when: When::Always,
        rules: &["mail-callback-scam"],
    },
    Advice {
        text: "look at where the links really lead, to {}, before anybody follows them",
        when: When::Doubt,
        rules: LINKS,
    },
    Advice {
        text: "find out where {} comes from before anybody opens it",
        when: When::Doubt,
        rules: FILES,
    },
    Advice {
        text: "block {}, known to be bad, and search proxy, DNS and mail logs for it",
        when: When::Harm,
        rules: SIGHTED,
    },
    Advice {
        text: "look at what is known about {} (watchfire check), and whether it has to do with this",
        when: When::Doubt,
        rules: SIGHTED,
    },
    Advice {
        text: "isolate {}, keep its memory and its disk, and look for what else behaves like it",
        when: When::Isolation,
        rules: TAKEN,
    },
    Advice {
        text: "find out which program on {} does that, whose machine that is and who started it, before it is switched off",
        when: When::Inquiry,
        rules: TAKEN,
    },
    Advice {
        text: "see as whom {} was let in: if a password was guessed, reset it, end that account's sessions, and look at what it did",
        when: When::Always,
        rules: &["log-password-guessing"],
    },
    Advice {
        text: "look at the records behind each rule, and at what the same machine and user did before and after",
        when: When::Always,
        rules: &["sigma-match"],
    },
    Advice {
        text: "ask who set {} up to give addresses, and take off the network what nobody answers for",
        when: When::Always,
        rules: &["rogue-dhcp"],
    },
    Advice {
        text: "block {}, and search proxy, DNS and flow logs for other hosts that spoke to it",
        when: When::Harm,
        rules: ELSEWHERE,
    },
    Advice {
        text: "find out what {} is and who in the organisation uses it",
        when: When::Doubt,
        rules: ELSEWHERE,
    },
    Advice {
        text: "ask who scans from {} and why; scanners of the organisation belong into its configuration",
        when: When::Always,
        rules: &["port-scan", "host-scan", "ping-sweep", "scanning-tool"],
    },
    Advice {
        text: "change the passwords that were sent to {}, and encrypt the service or shut it down",
        when: When::Always,
        rules: &["clear-login"],
    },
    Advice {
        text: "update what still speaks old versions of TLS, or keep it in a network of its own",
        when: When::Always,
        rules: &["tls-old"],
    },
    Advice {
        text: "if somebody loaded the program from {}, isolate that machine and look for the file",
        when: When::Harm,
        rules: &["link-ip-executable"],
    },
    Advice {
        text: "find out who put {} where the system starts it, and when, and what else was written at that time",
        when: When::Always,
        rules: &["file-starts-itself"],
    },
    Advice {
        text: "take the rights of others from {}, and find out who gave them",
        when: When::Always,
        rules: &["file-odd-rights", "file-setuid-shell"],
    },
    Advice {
        text: "open {} only where it can do no harm, and look at what it would start",
        when: When::Always,
        rules: &["document-active-content"],
    },
    Advice {
        text: "open {} only in a sandbox, and look at what its scripts show, load and send",
        when: When::Always,
        rules: &["document-script-page"],
    },
    Advice {
        text: "look at what the links of {} do in a sandbox, not on a workstation",
        when: When::Always,
        rules: &["link-active-scheme"],
    },
    Advice {
        text: "ask the supposed sender, by another way than a reply, whether the encrypted {} is theirs",
        when: When::Always,
        rules: &["archive-password-beside"],
    },
    Advice {
        text: "unpack {} only with a tool that refuses paths outside its folder",
        when: When::Always,
        rules: &["archive-path-traversal"],
    },
    Advice {
        text: "do not open {} with desktop tools; raise the limits only on a machine that can spare it",
        when: When::Always,
        rules: &["archive-bomb"],
    },
    Advice {
        text: "ask those whose accounts and machines they are whether they did what is unusual, before anything is changed",
        when: When::Always,
        rules: &["log-impossible-travel", "log-unusual", "log-first-administrator"],
    },
    Advice {
        text: "read the hidden text of {} before trusting what is visible",
        when: When::Always,
        rules: &["document-hidden-link"],
    },
];
