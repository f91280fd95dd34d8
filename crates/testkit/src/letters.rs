//! Honest mails as they arrive today: requests for signatures, parcels, banks, newsletters, tickets, invitations, invoices,
//! lost passwords, lists, builds, personnel; through large providers and behind gateways that rewrite links.
//!
//! None of them may alarm. Names of real services stand here as they stand in their mails, since that is what is tested;
//! addresses of machines are from the documentation ranges, and people are roles.

mod table;

use crate::mail::Mail;
use std::fmt::Write as _;

/// One honest mail.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Honest {
    name: &'static str,
    from: &'static str,
    /// The domain where bounces go, and which SPF proves.
    bounces: &'static str,
    /// The domain that signed.
    signs: &'static str,
    by: Receiver,
    reply_to: &'static str,
    /// Where one leaves the list.
    leave: &'static str,
    subject: &'static str,
    text: &'static [&'static str],
    links: &'static [(&'static str, &'static str)],
    /// No page, only text: somebody wrote it.
    personal: bool,
    /// Further fields.
    fields: &'static [(&'static str, &'static str)],
    /// Name and type of a file.
    file: Option<(&'static str, &'static str)>,
}

/// Who keeps the mailbox, and what stands before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Receiver {
    /// A server of one's own.
    #[default]
    Own,
    Google,
    Microsoft,
    /// Microsoft, with links rewritten.
    SafeLinks,
    /// Microsoft behind Proofpoint: what Microsoft records is about Proofpoint.
    Proofpoint,
    /// Microsoft behind Mimecast.
    Mimecast,
}

/// Where the mails go.
const TO: &str = "j.meyer@corp.example";

/// Name and bytes of each.
pub fn honest() -> Vec<(String, Vec<u8>)> {
    let all = table::TABLE.iter();
    all.map(|honest| (honest.name.to_owned(), honest.build())).collect()
}

impl Honest {
    fn build(&self) -> Vec<u8> {
        let mut mail = self.way(Mail::new());
        mail = mail
            .header("From", self.from)
            .header("To", TO)
            .header("Subject", self.subject);
        if !self.reply_to.is_empty() {
            mail = mail.header("Reply-To", self.reply_to);
        }
        mail = mail
            .header("Date", "Mon, 2 Nov 2026 07:58:41 +0000")
            .header("Message-ID", &format!("<0100018b.{}@{}>", self.name, self.bounces))
            .header("MIME-Version", "1.0")
            .header("Return-Path", &format!("<bounce+{}@{}>", self.name, self.bounces));
        if !self.leave.is_empty() {
            mail = mail
                .header("List-Unsubscribe", &format!("<{}>", self.leave))
                .header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
        }
        for (name, value) in self.fields {
            mail = mail.header(name, value);
        }
        mail = mail.text(&self.plain());
        if !self.personal {
            mail = mail.html(&self.page());
        }
        if let Some((name, kind)) = self.file {
            mail = mail.attachment(name, kind, &content(kind));
        }
        mail.build()
    }

    fn plain(&self) -> String {
        let mut out = self.text.join("\n\n");
        for (text, url) in self.links {
            let _ = write!(out, "\n\n{text}: {}", self.rewritten(url));
        }
        out
    }

    /// As marketing programs write pages: a preview that is hidden, pictures, buttons, a pixel.
    fn page(&self) -> String {
        let mut out = format!(
            "<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>{0}</title><style>.b{{color:#fff}}</style></head><body>\
             <div style=\"display:none;max-height:0\">{0}&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;</div>\
             <table><tr><td><img src=\"https://cdn.{1}/logo.png\" alt=\"\" width=\"120\"></td></tr>\n",
            self.subject, self.bounces
        );
        for paragraph in self.text {
            let _ = writeln!(out, "<tr><td><p>{paragraph}</p></td></tr>");
        }
        for (text, url) in self.links {
            let url = self.rewritten(url).replace('&', "&amp;");
            let _ = writeln!(out, "<tr><td><a class=\"b\" href=\"{url}\">{text}</a></td></tr>");
        }
        let _ = write!(
            out,
            "</table><img src=\"https://open.{}/o/9f31.gif\" width=\"1\" height=\"1\" alt=\"\"></body></html>",
            self.bounces
        );
        out
    }

    /// The link as the gateway hands it on.
    fn rewritten(&self, url: &str) -> String {
        let percent = || {
            let mut out = String::new();
            for byte in url.bytes() {
                match byte {
                    b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
                    other => {
                        let _ = write!(out, "%{other:02X}");
                    }
                }
            }
            out
        };
        let host = url.split('/').nth(2).unwrap_or_default();
        match self.by {
            Receiver::SafeLinks => format!(
                "https://eur01.safelinks.protection.outlook.com/?url={}&data=05%7C02%7C{}%7C5f31&sdata=Qm9v&reserved=0",
                percent(),
                TO.replace('@', "%40")
            ),
            Receiver::Proofpoint => format!("https://urldefense.com/v3/__{url}__;!!N11eV2iwtfs!q8bR$"),
            Receiver::Mimecast => format!("https://protect-eu.mimecast.com/s/8fYmC4xP?domain={host}"),
            _ => url.to_owned(),
        }
    }

    fn domain(&self) -> &'static str {
        let address = self.from.rsplit('<').next().unwrap_or(self.from);
        address.rsplit('@').next().unwrap_or(address).trim_end_matches('>')
    }

    /// The fields that servers add, the newest first.
    fn way(&self, mail: Mail) -> Mail {
        let (bounces, signs, from) = (self.bounces, self.signs, self.domain());
        let outside = format!("from out-7.{bounces} (out-7.{bounces} [198.51.100.7])");
        let at = "Mon, 2 Nov 2026 07:58:44 +0000";
        let microsoft = "VI1PR0402MB1234.eurprd04.prod.outlook.com";
        let inner = |mail: Mail| {
            mail.header("Received", &format!("from AM6PR0402.eurprd04.prod.outlook.com (2603:10a6:20b::1) by {microsoft} with HTTPS; {at}"))
                .header("Received", &format!("from DB5EUR01FT012.eop-EUR01.prod.protection.outlook.com (2603:10a6:10::2) by AM6PR0402.eurprd04.prod.outlook.com (2603:10a6:20b::1) with Microsoft SMTP Server; {at}"))
        };
        let edge = "DB5EUR01FT012.mail.protection.outlook.com (10.152.4.7) with Microsoft SMTP Server";
        let passed = format!(
            "spf=pass (sender IP is 198.51.100.7) smtp.mailfrom={bounces}; dkim=pass (signature was verified) header.d={signs};dmarc=pass action=none header.from={from};compauth=pass reason=100"
        );
        match self.by {
            Receiver::Own => mail
                .header("Received", &format!("from mx1.corp.example (mx1.corp.example [10.0.1.5]) by store.corp.example with ESMTPS; {at}"))
                .header("Authentication-Results", &format!("mx1.corp.example; spf=pass smtp.mailfrom={bounces}; dkim=pass header.d={signs} header.s=s1; dmarc=pass header.from={from}"))
                .header("Received", &format!("{outside} by mx1.corp.example with ESMTPS id 4XyZ; {at}")),
            Receiver::Google => mail
                .header("Delivered-To", TO)
                .header("Received", &format!("by 2002:a05:6a10:9a01:b0:42:1 with SMTP id k1csp1; {at}"))
                .header("Authentication-Results", &format!("mx.google.com; dkim=pass header.i=@{signs} header.s=s1 header.b=kVQ1SHcG; spf=pass (google.com: domain of bounce@{bounces} designates 198.51.100.7 as permitted sender) smtp.mailfrom=bounce@{bounces}; dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from={from}"))
                .header("Received", &format!("{outside} by mx.google.com with ESMTPS id x9; {at}")),
            Receiver::Microsoft | Receiver::SafeLinks => inner(mail)
                .header("Authentication-Results", &passed)
                .header("Received", &format!("{outside} by {edge}; {at}")),
            Receiver::Proofpoint => inner(mail)
                .header("Authentication-Results", &format!("spf=softfail (sender IP is 148.163.135.20) smtp.mailfrom={bounces}; dkim=fail (body hash did not verify) header.d={signs};dmarc=fail action=oreject header.from={from};compauth=none reason=451"))
                .header("Received-SPF", &format!("SoftFail (protection.outlook.com: domain of transitioning {bounces} discourages use of 148.163.135.20 as permitted sender)"))
                .header("Received", &format!("from mx0b-0012ab01.pphosted.com (148.163.135.20) by {edge}; {at}"))
                .header("Authentication-Results", &format!("ppops.net; spf=pass smtp.mailfrom=bounce@{bounces}; dkim=pass header.d={signs} header.s=s1; dmarc=pass header.from={from}"))
                .header("Received", &format!("{outside} by mx0b-0012ab01.pphosted.com (PPS) with ESMTPS id 3u; {at}")),
            Receiver::Mimecast => inner(mail)
                .header("Authentication-Results", &format!("spf=fail (sender IP is 207.211.30.40) smtp.mailfrom={bounces}; dkim=fail (body hash did not verify) header.d={signs};dmarc=fail action=none header.from={from};compauth=other reason=501"))
                .header("Received", &format!("from eu-smtp-inbound-1.mimecast.com (207.211.30.40) by {edge}; {at}"))
                .header("Authentication-Results", &format!("relay.mimecast.com; dkim=pass header.d={signs} header.s=s1; dmarc=pass (policy=quarantine) header.from={from}; spf=pass (relay.mimecast.com: domain of bounce@{bounces} designates 198.51.100.7 as permitted sender) smtp.mailfrom=bounce@{bounces}"))
                .header("Received", &format!("{outside} by eu-smtp-1.mimecast.com with ESMTP id eu-mta-1; {at}")),
        }
    }
}

/// Something of that type.
fn content(kind: &str) -> Vec<u8> {
    match kind {
        "application/pdf" => crate::document::pdf("Invoice\n\nAmount due: 1,190.00 EUR\nPlease transfer within 14 days.\n", &[]),
        "text/calendar" => b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1@corp.example\r\nDTSTART:20261103T090000Z\r\nSUMMARY:Weekly\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".to_vec(),
        _ => b"column;value\r\n1;2\r\n".to_vec(),
    }
}
