//! Incident A's lure as the clerk hands it in: a wrapper around the mail that came, whose attachment is an archive with its
//! password in the text. Inside, a disc with a shortcut that calls itself an invoice; it starts a signed program, which loads
//! the unsigned library beside it.
//!
//! The mail passes SPF, DKIM and DMARC, for the attacker's own domain. Everything is inert: program and library return, and
//! do nothing else.

use super::DemoFile;
use super::story::{
    ATTACHMENT, BEACON_ADDRESS, DISC, GATEWAY, LIBRARY, LURE_DOMAIN, LURE_PATH, OWN_DOMAIN, PASSWORD, PROGRAM, SHORTCUT,
};
use crate::archive::Zip;
use crate::disc::{self, File};
use crate::executable::{Pe, Signing, sign};
use crate::mail::Mail;
use crate::shortcut::Link;

/// The mail that the clerk sends to the security desk.
pub(super) const PATH: &str = "mail/reported-invoice.eml";
/// The mail that it carries.
pub(super) const ORIGINAL: &str = "Invoice 88213 - signature required today.eml";

pub(super) fn files() -> Vec<DemoFile> {
    let report = Mail::basic(
        &format!("Accounts Payable <ap-clerk@{OWN_DOMAIN}>"),
        &format!("Security Desk <security@{OWN_DOMAIN}>"),
        "Is this real?",
        "Mon, 2 Nov 2026 12:41:03 +0000",
        &format!("20261102124103.88@{OWN_DOMAIN}"),
    )
    .text("I opened the attachment this morning and nothing happened. Should I have?\n\nAccounts Payable\n")
    .message(ORIGINAL, &original());
    vec![DemoFile::new(PATH, report.build())]
}

/// The mail as it came.
fn original() -> Vec<u8> {
    Mail::new()
        .header("Return-Path", &format!("<bounce@{LURE_DOMAIN}>"))
        .header(
            "Authentication-Results",
            &format!(
                "{GATEWAY};\r\n\tspf=pass smtp.mailfrom={LURE_DOMAIN};\r\n\tdkim=pass header.d={LURE_DOMAIN};\r\n\tdmarc=pass header.from={LURE_DOMAIN}"
            ),
        )
        .header(
            "Received",
            &format!(
                "from out.{LURE_DOMAIN} (out.{LURE_DOMAIN} [{BEACON_ADDRESS}])\r\n\tby {GATEWAY} with ESMTPS id 4D5E6F\r\n\tfor <ap-clerk@{OWN_DOMAIN}>; Mon, 2 Nov 2026 08:02:17 +0000"
            ),
        )
        .header("From", &format!("DocuSign Support <no-reply@{LURE_DOMAIN}>"))
        .header("Reply-To", "grey.heron@mailbox.example")
        .header("To", &format!("Accounts Payable <ap-clerk@{OWN_DOMAIN}>"))
        .header("Subject", "Invoice 88213 - signature required today")
        .header("Date", "Mon, 2 Nov 2026 08:02:11 +0000")
        .header("Message-ID", &format!("<7f3a88213@{LURE_DOMAIN}>"))
        .header("MIME-Version", "1.0")
        .text(&format!(
            "Dear colleague,\n\ninvoice 88213 waits for your signature and is due today. Please review it:\n\
             https://{LURE_DOMAIN}{LURE_PATH}\n\n\
             For your safety the attached copy is protected. The password is {PASSWORD}\n\nDocuSign Support\n"
        ))
        .html(&format!(
            "<html><body><p>Dear colleague,</p><p>invoice 88213 waits for your signature and is due today.</p>\n\
             <p><a href=\"https://{LURE_DOMAIN}{LURE_PATH}\">https://www.docusign.com/sign/88213</a></p>\n\
             <p>For your safety the attached copy is protected. The password is <b>{PASSWORD}</b></p>\n\
             <p>DocuSign Support</p></body></html>\n"
        ))
        .attachment(ATTACHMENT, "application/zip", &attachment())
        .build()
}

/// The encrypted archive that was attached.
pub(super) fn attachment() -> Vec<u8> {
    Zip::new().encrypted(DISC, &disc(), PASSWORD).build()
}

/// The disc in it, which shows one file to whoever opens it.
pub(super) fn disc() -> Vec<u8> {
    let file = |name, bytes, hidden| File { name, bytes, hidden };
    disc::iso(&[
        file(SHORTCUT, &shortcut(), false),
        file(PROGRAM, &program(), true),
        file(LIBRARY, &library(), true),
    ])
}

/// A shortcut that calls itself an invoice and starts the program beside it.
pub(super) fn shortcut() -> Vec<u8> {
    Link::new()
        .comment("Invoice 88213")
        .relative(&format!(".\\{PROGRAM}"))
        .build()
}

/// An honest program, signed with a test key; all it does is to return.
pub(super) fn program() -> Vec<u8> {
    let program = Pe {
        imports: vec![
            ("KERNEL32.dll", vec!["ExitProcess"]),
            ("VERSION.dll", vec!["GetFileVersionInfoSizeW", "GetFileVersionInfoW"]),
        ],
        ..Pe::default()
    };
    sign(&program.build(), &Signing::default())
}

/// A library under the name of one of Windows; all it does is to return.
pub(super) fn library() -> Vec<u8> {
    let exports = vec![("GetFileVersionInfoSizeW", None), ("GetFileVersionInfoW", None)];
    Pe {
        characteristics: 0x2022,
        exports,
        ..Pe::default()
    }
    .build()
}
