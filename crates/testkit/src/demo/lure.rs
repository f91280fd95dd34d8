//! Incident A's lure as the mail gateway holds it back: the text of the message and its attachment, an archive whose
//! password stands in that text. Inside, a shortcut that calls itself an invoice and the library that it brings along.
//!
//! Everything is inert: the shortcut has no target, and the library is a header and a sentence.

use super::DemoFile;
use super::story::{ATTACHMENT, GATEWAY, LURE_DOMAIN, LURE_PATH, OWN_DOMAIN, PASSWORD, SHORTCUT};
use crate::archive::Zip;
use crate::encode::utf16le;

/// The file that the gateway's quarantine exports.
pub(super) const PATH: &str = "mail/held-invoice-88213.zip";

pub(super) fn files() -> Vec<DemoFile> {
    let export = Zip::new()
        .file("message.txt", message().as_bytes())
        .stored(ATTACHMENT, &attachment());
    vec![DemoFile::new(PATH, export.build())]
}

/// The encrypted archive that was attached.
pub(super) fn attachment() -> Vec<u8> {
    Zip::new()
        .encrypted(SHORTCUT, &shortcut(), PASSWORD)
        .encrypted("version.dll", &library(), PASSWORD)
        .build()
}

fn message() -> String {
    format!(
        "Held by {GATEWAY} on 2026-11-02 08:02:17 UTC: encrypted attachment. Released by: -\r\n\
         SPF pass, DKIM pass, DMARC pass for {LURE_DOMAIN}\r\n\
         \r\n\
         From: DocuSign Support <no-reply@{LURE_DOMAIN}>\r\n\
         To: Accounts Payable <ap-clerk@{OWN_DOMAIN}>\r\n\
         Subject: Invoice 88213 - signature required today\r\n\
         Date: Mon, 2 Nov 2026 08:02:11 +0000\r\n\
         \r\n\
         Dear colleague,\r\n\
         \r\n\
         invoice 88213 waits for your signature and is due today. Please review it:\r\n\
         https://{LURE_DOMAIN}{LURE_PATH}\r\n\
         \r\n\
         For your safety the attached copy is protected. The password is {PASSWORD}\r\n\
         \r\n\
         DocuSign Support\r\n"
    )
}

/// MS-SHLLINK: a header without a target, and a name.
pub(super) fn shortcut() -> Vec<u8> {
    let mut out = vec![0x4c, 0, 0, 0];
    out.extend([0x01, 0x14, 0x02, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46]);
    // HasName, IsUnicode.
    out.extend(0x84_u32.to_le_bytes());
    // Attributes, three times, size, icon, window: the shortcut leads nowhere.
    out.extend([0; 36]);
    out.extend(1_u32.to_le_bytes());
    out.extend([0; 12]);
    let name = "Invoice 88213";
    out.extend(u16::try_from(name.len()).unwrap_or_default().to_le_bytes());
    out.extend(utf16le(name));
    out
}

/// A program by its first two bytes only.
pub(super) fn library() -> Vec<u8> {
    let mut out = b"MZ\x90\0".to_vec();
    out.extend([0; 124]);
    out.extend(b"This stands for version.dll in the demo of Watchfire. It holds no code.\r\n");
    out
}
