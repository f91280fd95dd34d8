//! Ordinary mail: it must not alarm, although some of it looks as if it should.

use super::DemoFile;
use super::story::{GATEWAY, OWN_DOMAIN};
use crate::mail::Mail;
use crate::{Random, document};

pub(super) fn files(random: &mut Random) -> Vec<DemoFile> {
    let mut files = Vec::new();
    let mut add = |name: &str, mail: &Mail| files.push(DemoFile::new(&format!("mail/{name}.eml"), mail.build()));
    add("newsletter", &newsletter(random));
    add("esignature-request", &esignature_request(random));
    add("mailing-list", &mailing_list(random));
    add("supplier-invoice", &supplier_invoice(random));
    for (name, from, subject, text) in NOTES {
        add(name, &note(random, from, subject, text));
    }
    files
}

/// Who in the company gets a mail, what its subject and text are.
const NOTES: &[(&str, &str, &str, &str)] = &[
    (
        "canteen",
        "canteen@corp.example",
        "Menu of the week",
        "Monday lentils, Tuesday pasta, Wednesday fish, Thursday curry, Friday soup.\nAllergens: https://intranet.corp.example/canteen\n",
    ),
    (
        "password-policy",
        "it-service@corp.example",
        "Your password expires in 14 days",
        "Please change it with Ctrl+Alt+Del on your workstation. We never send links for this and never ask for it by mail.\n\nIT service, extension 4400\n",
    ),
    (
        "build-report",
        "build@corp.example",
        "[build] web-shop v2.4.0.1: passed",
        "Build 1182 of web-shop passed in 6 min.\nCommit 4f1d2c9, artefact web-shop-2.4.0.1.tar.gz\nLog: https://build.corp.example/job/web-shop/1182/console\n",
    ),
    (
        "scanner-summary",
        "vulnerability-scanner@corp.example",
        "Weekly scan: 3 findings",
        "The scan from 10.0.9.10 of 10.0.0.0/16 is done.\n10.0.2.14: CVE-2024-6387 (patch scheduled)\n10.0.2.31: CVE-2023-44487 (mitigated)\n10.0.3.7: TLS certificate expires on 2026-12-01\n",
    ),
    (
        "holiday-request",
        "human-resources@corp.example",
        "Holiday request approved",
        "Your request for 2026-12-21 to 2026-12-31 is approved.\n",
    ),
    (
        "meeting-moved",
        "purchasing@corp.example",
        "Meeting moved to 14:00",
        "The room is the same. Dial-in: https://meet.corp.example/r/purchasing\n",
    ),
    (
        "parcel",
        "no-reply@parcel.example",
        "Your parcel arrives tomorrow",
        "Parcel 00340434161094042557 arrives tomorrow between 9 and 12.\nFollow it: https://track.parcel.example/00340434161094042557\n",
    ),
    (
        "maintenance",
        "status@hosting.example",
        "Maintenance on 2026-11-08",
        "We will move your server to new hardware on 2026-11-08 between 02:00 and 04:00 UTC. Its address, 192.0.2.80, stays.\nStatus: https://status.hosting.example/incidents/8812\n",
    ),
];

fn received(random: &mut Random, from: &str) -> String {
    format!(
        "from mail.{from} (mail.{from} [198.51.100.{}])\r\n\tby {GATEWAY} with ESMTPS id {}\r\n\tfor <ap-clerk@{OWN_DOMAIN}>; Mon, 2 Nov 2026 0{}:{:02}:11 +0000",
        random.between(30, 60),
        random.text(b"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", 12),
        random.between(6, 9),
        random.below(60),
    )
}

pub(super) fn begin(random: &mut Random, from: &str, subject: &str) -> Mail {
    let domain = from
        .rsplit_once('@')
        .map_or(from, |(_, domain)| domain.trim_end_matches('>'));
    let id = format!("{}@{domain}", random.hex(20));
    let own = domain == OWN_DOMAIN;
    let mail = Mail::new();
    let mail = if own {
        mail
    } else {
        mail.header("Received", &received(random, domain))
    };
    let mail = if own {
        mail
    } else {
        mail.header(
            "Authentication-Results",
            &format!("{GATEWAY};\r\n\tspf=pass smtp.mailfrom={domain};\r\n\tdkim=pass header.d={domain};\r\n\tdmarc=pass header.from={domain}"),
        )
    };
    mail.header("From", from)
        .header("To", &format!("Accounts Payable <ap-clerk@{OWN_DOMAIN}>"))
        .header("Subject", subject)
        .header("Date", "Mon, 2 Nov 2026 08:00:00 +0000")
        .header("Message-ID", &format!("<{id}>"))
        .header("MIME-Version", "1.0")
}

fn note(random: &mut Random, from: &str, subject: &str, text: &str) -> Mail {
    begin(random, from, subject).text(text)
}

fn newsletter(random: &mut Random) -> Mail {
    begin(
        random,
        "Packaging Monthly <news@packaging-monthly.example>",
        "Five ways to lighter boxes",
    )
    .header(
        "List-Unsubscribe",
        "<https://www.packaging-monthly.example/unsubscribe>",
    )
    .header("Precedence", "bulk")
    .text("Lighter boxes, fewer claims: https://www.packaging-monthly.example/lighter-boxes\n")
    .html(
        "<html><body><p><a href=\"https://click.news.example/t/9f31/lighter-boxes\">Lighter boxes, fewer claims</a></p>\
             <img src=\"https://cdn.news.example/open.gif?m=9f31\" width=\"1\" height=\"1\" alt=\"\"></body></html>\n",
    )
}

/// Genuine, although a link-protection service has rewritten its link to another domain.
fn esignature_request(random: &mut Random) -> Mail {
    let token = random.hex(24);
    let link = format!(
        "https://links.protect.example/v2/url?u=https%3A%2F%2Fsign.esign.example%2Frequest%2F{token}&d=corp.example&s={}",
        random.hex(16)
    );
    begin(
        random,
        "E-Sign <requests@esign.example>",
        "Please sign: supply agreement 2027",
    )
    .text(&format!(
        "The purchasing department of a supplier asks you to sign \"Supply agreement 2027\".\n\nReview: {link}\n"
    ))
    .html(&format!(
        "<html><body><p>The purchasing department of a supplier asks you to sign <b>Supply agreement 2027</b>.</p>\
             <p><a href=\"{link}\">https://sign.esign.example/request/{token}</a></p></body></html>\n"
    ))
}

/// A list that adds a footer breaks the signature, and with it DMARC.
fn mailing_list(random: &mut Random) -> Mail {
    Mail::new()
        .header("Received", &received(random, "lists.example.org"))
        .header(
            "Authentication-Results",
            &format!("{GATEWAY};\r\n\tspf=pass smtp.mailfrom=lists.example.org;\r\n\tdkim=fail header.d=member.example;\r\n\tdmarc=fail header.from=member.example"),
        )
        .header("From", "A member <packaging@member.example>")
        .header("To", "packaging-engineers@lists.example.org")
        .header("Subject", "[packaging-engineers] Re: recycled fibre content")
        .header("Date", "Mon, 2 Nov 2026 07:41:02 +0000")
        .header("Message-ID", &format!("<{}@member.example>", random.hex(20)))
        .header("List-Id", "Packaging engineers <packaging-engineers.lists.example.org>")
        .header("List-Post", "<mailto:packaging-engineers@lists.example.org>")
        .header("MIME-Version", "1.0")
        .text("We went to 70 % last year without trouble.\n\n_______________________________________________\npackaging-engineers mailing list\nhttps://lists.example.org/listinfo/packaging-engineers\n")
}

fn supplier_invoice(random: &mut Random) -> Mail {
    let number = random.between(40_000, 49_999);
    let invoice = document::pdf(
        &format!(
            "Supplier Ltd\nInvoice {number}\n\n  120 brackets, medium      1,140.00\n   40 hinges, large           512.00\n\nTotal                      1,652.00\nPayable within 30 days\nhttps://portal.supplier.example/invoices/{number}\n"
        ),
        &["https://portal.supplier.example/invoices"],
    );
    begin(
        random,
        "Supplier Ltd <billing@supplier.example>",
        &format!("Invoice {number}"),
    )
    .text(&format!(
        "Please find invoice {number} attached.\n\nKind regards\nBilling, Supplier Ltd\n"
    ))
    .attachment(&format!("invoice-{number}.pdf"), "application/pdf", &invoice)
}
