//! More ordinary mail: what banks, shops, carriers, programs and colleagues send to a clerk in a morning. None of it may alarm,
//! and nearly all of it has something that lures have, too: links with numbers, deadlines, files, forwarded texts.

use super::DemoFile;
use super::mailbox::begin;
use super::story::OWN_DOMAIN;
use crate::mail::Mail;
use crate::{Random, document};
use std::fmt::Write as _;

/// Writes one mail.
type Writer = fn(&mut Random) -> Mail;

pub(super) fn files(random: &mut Random) -> Vec<DemoFile> {
    let all: [(&str, Writer); 13] = [
        ("backup-report", backup_report),
        ("bank-statement", bank_statement),
        ("calendar-invite", calendar_invite),
        ("colleague-forward", colleague_forward),
        ("delivery-window", delivery_window),
        ("monitoring-alert", monitoring_alert),
        ("order-confirmation", order_confirmation),
        ("out-of-office", out_of_office),
        ("password-reset", password_reset),
        ("payment-reminder", payment_reminder),
        ("staff-survey", staff_survey),
        ("ticket-answered", ticket_answered),
        ("ticket-opened", ticket_opened),
    ];
    all.into_iter()
        .map(|(name, make)| DemoFile::new(&format!("mail/{name}.eml"), make(random).build()))
        .collect()
}

/// A page as services send it: a heading, paragraphs, a button, and what stands below every mail.
fn page(heading: &str, paragraphs: &[&str], button: Option<(&str, &str)>, foot: &str) -> String {
    let mut out = format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><style>td{{font-family:Arial,sans-serif}}</style></head>\n\
         <body style=\"margin:0;background:#f4f4f4\"><table role=\"presentation\" width=\"600\" align=\"center\" \
         style=\"background:#ffffff\"><tr><td style=\"padding:24px\">\n<h1 style=\"font-size:20px\">{heading}</h1>\n"
    );
    for paragraph in paragraphs {
        let _ = writeln!(out, "<p>{paragraph}</p>");
    }
    if let Some((text, link)) = button {
        let _ = writeln!(
            out,
            "<p><a href=\"{link}\" style=\"background:#0b5cab;color:#ffffff;padding:10px 18px\">{text}</a></p>"
        );
    }
    let _ = writeln!(
        out,
        "<p style=\"color:#777777;font-size:11px\">{foot}</p>\n</td></tr></table></body></html>"
    );
    out
}

fn bank_statement(random: &mut Random) -> Mail {
    let end = random.between(1_000, 9_999);
    let foot = "House Bank, 1 Market Square. We never ask for your PIN or a TAN by mail.";
    begin(
        random,
        "House Bank <statements@house-bank.example>",
        "Your account statement for October is ready",
    )
    .text(&format!(
        "Dear customer,\n\nthe statement of October for the account ending in {end} is in your mailbox of online banking.\n\
         Please open online banking as you always do; this mail has no link to it on purpose.\n\n{foot}\n"
    ))
    .html(&page(
        "Your statement is ready",
        &[
            "Dear customer,",
            &format!("the statement of October for the account ending in {end} is in your mailbox of online banking."),
            "Please open online banking as you always do; this mail has no link to it on purpose.",
        ],
        None,
        foot,
    ))
}

fn calendar_invite(random: &mut Random) -> Mail {
    let id = random.hex(24);
    let invite = format!(
        "BEGIN:VCALENDAR\r\nPRODID:-//Corp//Calendar 4.1//EN\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n\
         UID:{id}@{OWN_DOMAIN}\r\nDTSTAMP:20261102T070200Z\r\nDTSTART:20261104T130000Z\r\nDTEND:20261104T134500Z\r\n\
         SUMMARY:Year-end closing: open invoices\r\nLOCATION:Room 2.14 or https://meet.{OWN_DOMAIN}/r/closing\r\n\
         ORGANIZER;CN=Controlling:mailto:controlling@{OWN_DOMAIN}\r\n\
         ATTENDEE;CN=Accounts Payable;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:ap-clerk@{OWN_DOMAIN}\r\n\
         DESCRIPTION:Agenda: what is open\\, what is disputed\\, who calls whom.\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    begin(
        random,
        &format!("Controlling <controlling@{OWN_DOMAIN}>"),
        "Invitation: Year-end closing: open invoices",
    )
    .text(&format!(
        "Wednesday 13:00, room 2.14 or https://meet.{OWN_DOMAIN}/r/closing\n\nAgenda: what is open, what is disputed, who calls whom.\n"
    ))
    .attachment("invite.ics", "text/calendar; method=REQUEST", invite.as_bytes())
}

/// Forwarded to be filed, which is no report of anything.
fn colleague_forward(random: &mut Random) -> Mail {
    let number = random.between(5_000, 5_999);
    begin(
        random,
        &format!("Warehouse <warehouse@{OWN_DOMAIN}>"),
        &format!("FW: Delivery note {number}"),
    )
    .header("Thread-Index", "AdpM0Y7kqf2mS0CbTb2yU1k0lQ==")
    .text(&format!(
        "Two boxes were damp, the rest is fine. Please hold back 5 % until they answer.\n\nWarehouse, gate 3\n\n\
         -----Original Message-----\nFrom: Supplier Ltd <dispatch@supplier.example>\n\
         Sent: Friday, 30 October 2026 16:12\nTo: Warehouse <warehouse@{OWN_DOMAIN}>\n\
         Subject: Delivery note {number}\n\nGood afternoon,\n\n40 hinges and 120 brackets left us today and arrive on Monday.\n\
         Details: https://portal.supplier.example/deliveries/{number}\n\nKind regards\nDispatch, Supplier Ltd\n"
    ))
}

fn ticket_opened(random: &mut Random) -> Mail {
    let number = random.between(11_000, 11_999);
    begin(
        random,
        &format!("Service Desk <desk@{OWN_DOMAIN}>"),
        &format!("[Ticket {number}] Printer on the second floor prints blank pages"),
    )
    .header("Auto-Submitted", "auto-generated")
    .header("X-Auto-Response-Suppress", "All")
    .text(&format!(
        "##- Please type your reply above this line -##\n\nYour request was received and has the number {number}. We answer within one \
         working day.\nState: open\nhttps://desk.{OWN_DOMAIN}/tickets/{number}\n"
    ))
}

fn ticket_answered(random: &mut Random) -> Mail {
    let number = random.between(88_000, 88_999);
    let link = format!("https://support.labelprinter.example/tickets/{number}");
    begin(
        random,
        "Label Printer Support <support@labelprinter.example>",
        &format!("Re: [#{number}] Driver for Windows 11"),
    )
    .header("In-Reply-To", &format!("<{}@{OWN_DOMAIN}>", random.hex(20)))
    .header("Reply-To", &format!("support+{number}@labelprinter.example"))
    .text(&format!(
        "Hello,\n\nversion 7.3 of the driver is out; it is in the download area of your account.\n\nSee the ticket: {link}\n\n\
         > On 30 Oct 2026 you wrote:\n> Is there a driver for Windows 11?\n"
    ))
    .html(&page(
        "Your ticket was answered",
        &["Version 7.3 of the driver is out; it is in the download area of your account."],
        Some(("See the ticket", &link)),
        "You receive this because you wrote to us. Answers to this mail go to the ticket.",
    ))
}

fn delivery_window(random: &mut Random) -> Mail {
    let parcel = format!("JD0146{}", random.text(b"0123456789", 14));
    let link = format!("https://track.parcel.example/{parcel}?lang=en");
    let pixel = random.hex(16);
    begin(
        random,
        "Parcel Service <no-reply@parcel.example>",
        "Your parcel is on its way: please choose a time",
    )
    .text(&format!(
        "Parcel {parcel} of Office Supplies arrives on Tuesday.\nChoose a time or a neighbour until 20:00 today: {link}\n"
    ))
    .html(&format!(
        "{}<img src=\"https://track.parcel.example/o/{pixel}.gif\" width=\"1\" height=\"1\" alt=\"\">\n",
        page(
            "Arrives on Tuesday",
            &[
                &format!("Parcel <b>{parcel}</b> of Office Supplies."),
                "Choose a time or a neighbour until 20:00 today. Nothing has to be paid.",
            ],
            Some(("Choose a time", &link)),
            "Parcel Service. <a href=\"https://www.parcel.example/privacy\">Privacy</a>",
        )
    ))
}

fn order_confirmation(random: &mut Random) -> Mail {
    let number = random.between(700_000, 799_999);
    let receipt = document::pdf(
        &format!(
            "Office Supplies\nOrder {number}\n\n  10 reams of paper, A4        54.90\n   4 toner cartridges         211.60\n\nTotal                        266.50\n"
        ),
        &["https://www.office-supplies.example/orders"],
    );
    begin(
        random,
        "Office Supplies <orders@office-supplies.example>",
        &format!("Thank you for your order {number}"),
    )
    .html(&page(
        &format!("Order {number}"),
        &[
            "Thank you for your order. You ordered:",
            "10 reams of paper, A4: 54.90<br>4 toner cartridges: 211.60<br><b>Total: 266.50</b>",
            "It is charged to your customer account at the end of the month.",
        ],
        Some((
            "See the order",
            &format!("https://www.office-supplies.example/orders/{number}"),
        )),
        "Office Supplies, 12 Harbour Road. <a href=\"https://www.office-supplies.example/terms\">Terms</a>",
    ))
    .attachment(&format!("order-{number}.pdf"), "application/pdf", &receipt)
}

/// Asked for by the clerk a minute before.
fn password_reset(random: &mut Random) -> Mail {
    let link = format!("https://portal.supplier.example/account/reset?token={}", random.hex(40));
    begin(
        random,
        "Supplier Portal <no-reply@supplier.example>",
        "Reset your password for the Supplier Portal",
    )
    .text(&format!(
        "You, or somebody else, asked to reset the password of ap-clerk. The link is valid for 30 minutes:\n\n{link}\n\n\
         If it was not you, do nothing: your password stays as it is.\n"
    ))
}

fn payment_reminder(random: &mut Random) -> Mail {
    let number = random.between(30_000, 39_999);
    let copy = document::pdf(
        &format!(
            "Supplier Ltd\nInvoice {number} (copy)\n\nTotal                        318.00\nPayable until 2026-10-23\n"
        ),
        &["https://portal.supplier.example/invoices"],
    );
    begin(
        random,
        "Supplier Ltd <billing@supplier.example>",
        &format!("Reminder: invoice {number} of 2026-09-23"),
    )
    .text(&format!(
        "Dear Accounts Payable,\n\nour invoice {number} over 318.00 was payable until 23 October. Perhaps it was overlooked; a copy is \
         attached. If you have paid in the meantime, please ignore this reminder. Our bank account has not changed.\n\n\
         Kind regards\nBilling, Supplier Ltd\n"
    ))
    .attachment(&format!("invoice-{number}-copy.pdf"), "application/pdf", &copy)
}

/// By a service outside, announced inside, with a deadline.
fn staff_survey(random: &mut Random) -> Mail {
    let token = random.hex(20);
    let link = format!("https://corp.survey.example/s/{token}");
    begin(
        random,
        "Staff survey of corp.example <invitation@survey.example>",
        "Five minutes for a better canteen: staff survey until Friday",
    )
    .header("List-Unsubscribe", &format!("<https://corp.survey.example/leave/{token}>"))
    .header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    .text(&format!(
        "Human resources announced it in the newsletter of October: this is your personal link to the staff survey.\n\n{link}\n\n\
         Answers are anonymous. The survey closes on Friday.\n"
    ))
    .html(&page(
        "Staff survey",
        &[
            "Human resources announced it in the newsletter of October: this is your personal link.",
            "Answers are anonymous. The survey closes on Friday.",
        ],
        Some(("Begin", &link)),
        &format!("Survey Service. <a href=\"https://corp.survey.example/leave/{token}\">No further reminders</a>"),
    ))
}

fn backup_report(random: &mut Random) -> Mail {
    let mut rows = String::from("job;started;ended;gigabytes;state\r\n");
    for (job, host) in [
        ("files", "fs-01"),
        ("mail", "mx-01"),
        ("database", "db-01"),
        ("web", "web-01"),
    ] {
        let (hour, minute) = (random.between(1, 4), random.below(60));
        let _ = write!(
            rows,
            "{job}@{host};2026-11-02 0{hour}:{minute:02};2026-11-02 0{}:{minute:02};{};ok\r\n",
            hour + 1,
            random.between(20, 900)
        );
    }
    begin(random, &format!("backup@{OWN_DOMAIN}"), "[backup] 4 of 4 jobs ok")
        .header("Auto-Submitted", "auto-generated")
        .text("4 of 4 jobs ended well. The table is attached. Tapes of last week go to the vault today.\n")
        .attachment("backup-2026-11-02.csv", "text/csv", rows.as_bytes())
}

fn monitoring_alert(random: &mut Random) -> Mail {
    let free = random.between(6, 9);
    begin(
        random,
        &format!("monitoring@{OWN_DOMAIN}"),
        "** PROBLEM ** web-01: disk /var is WARNING",
    )
    .header("Auto-Submitted", "auto-generated")
    .header("X-Priority", "1 (Highest)")
    .text(&format!(
        "Notification type: PROBLEM\nService: disk /var\nHost: web-01.{OWN_DOMAIN}\nAddress: 10.0.2.14\nState: WARNING, {free} % free\n\
         Time: Mon Nov 2 07:31:05 UTC 2026\n\nAcknowledge: https://monitoring.{OWN_DOMAIN}/web-01/disk\n"
    ))
}

fn out_of_office(random: &mut Random) -> Mail {
    begin(
        random,
        "Billing, Supplier Ltd <billing@supplier.example>",
        "Automatic reply: Question about invoice 41210",
    )
    .header("Auto-Submitted", "auto-replied")
    .header("In-Reply-To", &format!("<{}@{OWN_DOMAIN}>", random.hex(20)))
    .text("Thank you for your mail. We are closed on 2 November and answer from tomorrow. In urgent cases please call the number on our invoices.\n")
}
