//! Mails in, findings of the detectors for mail out.

use super::artifact;
use crate::{Engine, Settings};
use watchfire_model::{DomainName, Organisation};

/// What a receiver's own server writes about a sender that proved its domain.
pub(super) const PASSED: &str = "Authentication-Results: mx1.corp.example; spf=pass smtp.mailfrom=sender.example; dkim=pass header.d=sender.example; dmarc=pass header.from=sender.example\r\n";
/// And about one that did not.
pub(super) const FAILED: &str = "Authentication-Results: mx1.corp.example; spf=softfail smtp.mailfrom=sender.example; dkim=none; dmarc=fail header.from=sender.example\r\n";

/// The rules that a mail meets, with their weights in thousandths, where these domains are one's own.
fn weighed(mail: &str, domains: &[&str]) -> Vec<(&'static str, u16)> {
    let organisation = Organisation {
        domains: domains
            .iter()
            .map(|domain| DomainName::parse(domain).unwrap())
            .collect(),
        ..Organisation::default()
    };
    let engine = Engine::new(Settings {
        organisation,
        ..Settings::default()
    });
    let analysis = engine.analyze(artifact("mail.eml", mail.as_bytes()), &engine.budget());
    let findings = analysis.findings.iter();
    findings
        .map(|finding| (finding.rule.0, finding.weight.thousandths()))
        .collect()
}

/// The rules that a mail meets where nothing is configured.
pub(super) fn rules(mail: &str) -> Vec<&'static str> {
    weighed(mail, &[]).into_iter().map(|(rule, _)| rule).collect()
}

/// The rules for mail, the learned one left out, with their weights in thousandths, of a mail with that header and that body.
pub(super) fn found(header: &str, body: &str) -> Vec<(&'static str, u16)> {
    let kind = if body.starts_with('<') { "html" } else { "plain" };
    let mail = format!(
        "{header}Received: from out.sender.example (out.sender.example [203.0.113.9]) by mx1.corp.example; Mon, 2 Nov 2026 08:00:00 +0000\r\n\
         To: ap-clerk@corp.example\r\nDate: Mon, 2 Nov 2026 08:00:00 +0000\r\nMessage-ID: <1@sender.example>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/{kind}; charset=utf-8\r\n\r\n{body}\r\n"
    );
    let mut found = weighed(&mail, &["contoso.example"]);
    // The model has read other mails than these, and its word changes with each training.
    found.retain(|(rule, _)| rule.starts_with("mail-") && *rule != "mail-phishing-model");
    found.sort_unstable();
    found
}

#[track_caller]
fn check(header: &str, body: &str, expected: &[(&str, u16)]) {
    assert_eq!(found(header, body), expected, "{header}");
}

/// A mail of that sender, with results above, and nothing else to remark.
#[track_caller]
fn sender(results: &str, from: &str, expected: &[(&str, u16)]) {
    check(
        &format!("{results}From: {from}\r\nSubject: Minutes\r\n"),
        "Hello there.",
        expected,
    );
}

#[test]
fn senders_that_programs_read_in_different_ways() {
    sender("", "Account team ,_<x@sender.example>", &[("mail-sender-list", 450)]);
    sender("", "Service, <x@sender.example>", &[("mail-sender-list", 450)]);
    sender("", "Miller, Anna <x@sender.example>", &[("mail-sender-list", 80)]);
    sender(
        "",
        "a@sender.example\r\nFrom: b@sender.example",
        &[("mail-sender-list", 350)],
    );
    sender("", "Nobody at all", &[("mail-sender-list", 350)]);
    sender("", "Bank <x@my__bank.example>", &[("mail-sender-list", 350)]);
    sender("", "Bank <x@my_host.sender.example>", &[]);
    sender("", "\"Miller, Anna\" <x@sender.example>", &[]);
    sender("", "Anna <x@sender.example>, Ben <y@sender.example>", &[]);
    sender("", "a@sender.example, b@other.example", &[("mail-sender-list", 350)]);
    sender("", "a@sender.example, b@other.example\r\nSender: a@sender.example", &[]);
}

#[test]
fn names_of_others_in_the_name() {
    sender("", "\"PayPal\" <x@sender.example>", &[("mail-brand-name", 420)]);
    sender(
        "",
        "\"Ρаураl Service\" <x@sender.example>",
        &[("mail-brand-name", 500), ("mail-odd-letters", 350)],
    );
    sender("", "\"PayPal Support\" <x@gmail.com>", &[("mail-brand-name", 480)]);
    sender("", "PayPal <x@mail.paypal.de>", &[]);
    sender("", "Chase Miller <x@sender.example>", &[]);
    sender(
        "",
        "\"anna@other.example\" <x@sender.example>",
        &[("mail-address-in-name", 350)],
    );
    sender("", "\"anna@other.example via Sign\" <x@sender.example>", &[]);
}

#[test]
fn proof_of_the_wrong_domain_is_said_beside() {
    sender(
        PASSED,
        "\"DocuSign\" <x@sender.example>",
        &[("mail-authentication-own-name", 0), ("mail-brand-name", 420)],
    );
}

#[test]
fn domains_that_are_taken_for_others() {
    for from in ["x@cont0so.example", "x@contosso.example", "x@contoso-invoices.example"] {
        sender("", from, &[("mail-lookalike-sender", 600)]);
    }
    sender("", "x@paypa1.com", &[("mail-lookalike-sender", 450)]);
    // "pаypal" with a Cyrillic letter, as it travels and as it is written; "cоntoso" the same.
    sender("", "x@xn--pypal-4ve.com", &[("mail-lookalike-sender", 550)]);
    sender("", "x@pаypal.com", &[("mail-lookalike-sender", 550)]);
    sender("", "x@xn--cntoso-wqf.example", &[("mail-lookalike-sender", 600)]);
    sender("", "x@xn--mnchen-3ya.de", &[]);
    sender("", "x@contoso.example", &[("mail-own-domain-spoofed", 250)]);
    sender("", "x@continuo.example", &[]);
}

#[test]
fn failed_proofs_weigh_and_lists_weigh_less() {
    sender(FAILED, "x@sender.example", &[("mail-authentication-failed", 400)]);
    sender(PASSED, "x@sender.example", &[]);
    let list = "List-Id: <l.lists.example>\r\nList-Post: <mailto:l@lists.example>\r\n";
    let proved = FAILED.replace(
        "spf=softfail smtp.mailfrom=sender.example",
        "spf=pass smtp.mailfrom=lists.example",
    );
    sender(
        &format!("{proved}{list}"),
        "x@sender.example",
        &[("mail-authentication-failed", 100)],
    );
    // Anybody can call himself a list, and seal a chain.
    sender(
        &format!("{FAILED}{list}"),
        "x@sender.example",
        &[("mail-authentication-failed", 400)],
    );
    let sealed = FAILED.replace("dkim=none", "dkim=none; arc=pass");
    sender(&sealed, "x@sender.example", &[("mail-authentication-failed", 200)]);
}

#[test]
fn a_list_that_proves_nothing_excuses_nothing() {
    let asks = "Are you available? I am in a meeting and cannot talk. Please make a payment today by wire transfer.";
    let header = format!(
        "{FAILED}From: Managing Director <x@sender.example>\r\nSubject: Task\r\nList-Unsubscribe: <mailto:a@sender.example>\r\n"
    );
    let rules = found(&header, asks);
    assert!(rules.contains(&("mail-payment-request", 450)), "{rules:?}");
}

#[test]
fn links_of_texts_and_invitations_are_links() {
    let rules_of = |kind: &str, body: &str| {
        rules(&format!(
            "From: a@sender.example\r\nTo: b@corp.example\r\nSubject: x\r\nMessage-ID: <1@sender.example>\r\n\
             MIME-Version: 1.0\r\nContent-Type: {kind}; charset=utf-8\r\n\r\n{body}\r\n"
        ))
    };
    let link = "https://www.pаypal.com/signin";
    for (kind, body) in [
        ("text/plain", format!("Sign in: {link}")),
        (
            "text/calendar",
            format!(
                "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nDESCRIPTION:{link}\r\nEND:VEVENT\r\nEND:VCALENDAR"
            ),
        ),
    ] {
        let rules = rules_of(kind, &body);
        assert!(rules.contains(&"link-lookalike-host"), "{kind}: {rules:?}");
    }
}

#[test]
fn what_is_read_is_told_by_its_place_and_not_by_its_name() {
    let mail = |second: &str| {
        format!(
            "From: a@sender.example\r\nTo: b@corp.example\r\nSubject: x\r\nMessage-ID: <1@sender.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain; name=\"note.bin\"\r\n\r\n\
             You must buy gift cards and send me the codes. I am in a meeting and cannot talk.\r\n--b\r\n{second}\r\n--b--\r\n"
        )
    };
    for name in ["text body.pdf.exe", "html body.pdf.exe", "invoice.pdf.exe"] {
        let file = format!(
            "Content-Type: application/octet-stream; name=\"{name}\"\r\nContent-Disposition: attachment; filename=\"{name}\"\r\n\r\nMZ"
        );
        let found = rules(&mail(&file));
        assert!(found.contains(&"mail-dangerous-attachment"), "{name}: {found:?}");
    }
}

#[test]
fn answers_that_go_elsewhere() {
    let to = |address: &str| format!("{PASSED}Reply-To: {address}\r\n");
    sender(&to("x@gmail.com"), "x@sender.example", &[("mail-reply-elsewhere", 300)]);
    sender(&to("y@desk.sender.example"), "x@sender.example", &[]);
    sender(&to("y@other.example"), "x@sender.example", &[]);
}

#[test]
fn requests_for_money_by_mail_alone() {
    let header = format!("{FAILED}From: Managing Director <x@sender.example>\r\nSubject: Task\r\n");
    check(
        &header,
        "Are you available? I am in a meeting and cannot talk. Please make a payment today by wire transfer.",
        &[("mail-authentication-failed", 400), ("mail-payment-request", 450)],
    );
    let header = format!("{PASSED}From: Colleague <x@sender.example>\r\nSubject: Task\r\n");
    check(&header, "Please make a payment to the supplier today.", &[]);
}

#[test]
fn charges_with_a_number_to_call() {
    check(
        "From: Billing <x@gmail.com>\r\nSubject: Order confirmation\r\n",
        "Your subscription has been renewed and 399.99 will be charged. Invoice number 88213. To cancel call us at +1 (888) 555-0123.",
        &[("mail-callback-scam", 400)],
    );
}

#[test]
fn losses_demands_and_where_they_lead() {
    let page = "<p>Your account will be suspended.</p><a href=\"https://pages.example.web.app/x#ap-clerk@corp.example\">Verify your account</a>";
    check(
        &format!("{PASSED}From: Desk <x@sender.example>\r\nSubject: Notice\r\n"),
        page,
        &[
            ("mail-account-threat", 200),
            ("mail-links-elsewhere", 70),
            ("mail-open-landing", 360),
            ("mail-recipient-in-link", 300),
        ],
    );
    let own = "<p>Your account will be suspended.</p><a href=\"https://www.sender.example/x\">Verify your account</a>";
    check(
        &format!("{PASSED}From: Desk <x@sender.example>\r\nSubject: Notice\r\n"),
        own,
        &[],
    );
}

#[test]
fn who_knows_nothing_but_the_address() {
    let unproved = format!("{FAILED}From: Desk <x@sender.example>\r\nSubject: Notice\r\n");
    let failed = ("mail-authentication-failed", 400);
    check(
        &unproved,
        "Dear ap-clerk@corp.example, read this.",
        &[failed, ("mail-greets-address", 180)],
    );
    check(&unproved, "Dear Ms Miller, read this.", &[failed]);
    let to_itself = format!("{FAILED}From: Desk <ap-clerk@corp.example>\r\nSubject: Notice\r\n");
    assert!(found(&to_itself, "Read this.").contains(&("mail-greets-address", 250)));
    let proved = format!("{PASSED}From: Desk <x@sender.example>\r\nSubject: Notice\r\n");
    check(&proved, "Dear ap-clerk@corp.example, read this.", &[]);
}

#[test]
fn pages_in_the_house_of_others() {
    let proved = format!("{PASSED}From: Desk <x@sender.example>\r\nSubject: Notice\r\n");
    let elsewhere = ("mail-links-elsewhere", 70);
    let page = |link: &str| format!("<p>Read this.</p><a href=\"{link}\">here</a>");
    check(
        &proved,
        &page("https://club.example/wp-includes/x/login.php"),
        &[("mail-link-house", 300), elsewhere],
    );
    check(
        &proved,
        &page("https://qmqhlwxzdtr.example/x"),
        &[("mail-link-house", 100), elsewhere],
    );
    check(&proved, &page("https://club.example/minutes"), &[elsewhere]);
    check(&proved, &page("https://www.sender.example/wp-admin/"), &[]);
}

#[test]
fn names_in_texts_that_threaten() {
    let text = "<p>Your Netflix account will be suspended. Verify your account.</p>";
    let page = |link: &str| format!("{text}<a href=\"{link}\">here</a>");
    let proved = format!("{PASSED}From: Desk <x@sender.example>\r\nSubject: Notice\r\n");
    assert!(found(&proved, &page("https://club.example/x")).contains(&("mail-brand-name", 250)));
    check(
        &proved,
        &page("https://www.sender.example/x"),
        &[("mail-brand-name", 120)],
    );
    assert!(
        !found(&proved, &page("https://www.netflix.com/x"))
            .iter()
            .any(|(rule, _)| *rule == "mail-brand-name")
    );
}

#[test]
fn another_name_than_the_address() {
    let page = "<p>Read this.</p><a href=\"https://club.example/x\">here</a>";
    let from = |name: &str| format!("{PASSED}From: {name} <info@sender.example>\r\nSubject: Notice\r\n");
    check(&from("Golden Rewards"), page, &[("mail-links-elsewhere", 160)]);
    for name in ["Sender Rewards", "Support Team", "The Club", "Ann"] {
        check(&from(name), page, &[("mail-links-elsewhere", 70)]);
    }
}

#[test]
fn ways_to_leave_a_list_that_is_none() {
    let text = "<p>Read this, or <a href=\"https://www.sender.example/x\">unsubscribe</a>.</p>";
    let header = format!("{PASSED}From: Desk <x@sender.example>\r\nSubject: Notice\r\n");
    check(&header, text, &[("mail-odd-header", 100)]);
    let list = format!("{header}List-Unsubscribe: <https://www.sender.example/x>\r\n");
    check(&list, text, &[]);
}

#[test]
fn pages_that_ask_and_pages_that_bring_files() {
    check(
        "From: x@sender.example\r\nSubject: Notice\r\n",
        "<form action=\"https://sender.example/x\"><input type=password></form><p>Enter the password of your mailbox here.</p>",
        &[("mail-password-page", 550)],
    );
    let packed = "QUJD".repeat(400);
    check(
        "From: x@sender.example\r\nSubject: Notice\r\n",
        &format!(
            "<p>One moment</p><script>var b=new Blob([atob('{packed}')]);a.href=URL.createObjectURL(b);a.download='x.zip';a.click()</script>"
        ),
        &[("mail-html-smuggling", 600)],
    );
}

#[test]
fn wallets_and_threats() {
    check(
        "From: x@sender.example\r\nSubject: Your device\r\n",
        "I have access to your device and recorded a video of you with your webcam. Pay in bitcoin within 48 hours: \
         1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
        &[("mail-extortion", 550)],
    );
}

#[test]
fn machines_without_a_name_and_links_that_tell_who_follows() {
    let header = format!("{PASSED}From: Sender <x@sender.example>\r\nSubject: Minutes\r\n");
    let page = |link: &str| {
        format!(
            "<p>Here are the minutes of our meeting on Monday, as promised. Tell me what is missing, if anything is, and I will add it until Friday.</p><a href=\"{link}\">Minutes</a>"
        )
    };
    let strange = [("mail-links-elsewhere", 70), ("mail-open-landing", 350)];
    check(&header, &page("http://7.113.0.203.host.example.net/a"), &strange);
    check(&header, &page("https://iplogger.com/Q8A2"), &strange);
    check(&header, &page("https://www.sender.example/a"), &[]);
}

#[test]
fn documents_that_lead_where_the_mail_does_not() {
    let header = format!("{PASSED}From: Sender <x@sender.example>\r\nSubject: Minutes\r\n");
    let mail = |text: &str, link: &str| {
        format!(
            "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n\
             --b\r\nContent-Type: text/html; name=minutes.html\r\nContent-Disposition: attachment\r\n\r\n\
             <h1>Minutes</h1><p>Present were all of us.</p><a href=\"{link}\">more</a>\r\n--b--\r\n"
        )
    };
    let check = |text: &str, link: &str, expected: bool| {
        let mail = format!("{header}To: ann@corp.example\r\n{}", mail(text, link));
        let found = rules(&mail);
        assert_eq!(found.contains(&"mail-document-lead"), expected, "{link}: {found:?}");
    };
    check("Hello there.", "https://bit.ly/x", true);
    check("Hello there.", "https://www.sender.example/x", false);
    check("See https://www.sender.example/y", "https://bit.ly/x", false);
}

#[test]
fn strangers_with_money_are_handed_on_too() {
    let body = "I am Mr X of the United Nations and the World Bank. Get back to me about your unclaimed funds, and give your full names.";
    let header = |subject: &str| {
        format!("{PASSED}From: Ann <x@sender.example>\r\nSubject: {subject}\r\nReferences: <0@sender.example>\r\n")
    };
    check(&header("Fw: Good day"), body, &[("mail-windfall", 450)]);
    check(&header("Re: Good day"), body, &[]);
}

#[test]
fn words_for_filters_and_words_that_filters_do_not_see() {
    check(
        "From: x@sender.example\r\nSubject: Yоur invоicе\r\n",
        "Hello there.",
        &[("mail-odd-letters", 350)],
    );
    check(
        "From: x@sender.example\r\nSubject: Notice\r\n",
        "in\u{200b}voice pay\u{200b}ment se\u{200b}cure ac\u{200b}count de\u{200b}livery",
        &[("mail-hidden-text", 250)],
    );
}

/// Rules that look at the mail around a harmless mail, with `organisation` configured or not.
fn around(from: &str, subject: &str, note: &str, file: &str, is_configured: bool) -> Vec<&'static str> {
    let inner = "From: Bob <bob@other.example>\r\nTo: anna@contoso.example\r\nSubject: lunch\r\nMessage-ID: <2@other.example>\r\n\r\nHello there.\r\n";
    let kind = if note.starts_with('<') { "html" } else { "plain" };
    let outer = format!(
        "From: {from}\r\nTo: phish@contoso.example\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/{kind}\r\n\r\n{note}\r\n--b\r\n\
         Content-Type: message/rfc822\r\n\r\n{inner}\r\n{file}--b--\r\n"
    );
    let domains: &[&str] = if is_configured { &["contoso.example"] } else { &[] };
    weighed(&outer, domains).into_iter().map(|(rule, _)| rule).collect()
}

#[test]
fn a_harmless_mail_inside_excuses_nothing() {
    const LURE: &str = "Account team ,_<x@sender.example>";
    let is_judged = |note: &str, file: &str, is_configured: bool| {
        around(LURE, "FW: Notice", note, file, is_configured).contains(&"mail-sender-list")
    };
    // Somebody from outside hands in nothing where one's own domains are known.
    assert!(is_judged("odd", "", true));
    assert!(!is_judged("odd", "", false));
    // Nor does what leads somewhere, asks for something or carries something.
    assert!(is_judged("look: https://evil.example.net/login", "", false));
    assert!(is_judged("look: https://sender.example/login", "", false));
    assert!(is_judged("<a href=\"https://evil.example.net/\">look</a>", "", false));
    assert!(is_judged(
        "<form action=\"https://sender.example/\"><input type=password></form>",
        "",
        false
    ));
    assert!(is_judged("buy gift cards and send the codes", "", false));
    let file = "--b\r\nContent-Type: application/octet-stream; name=a.iso\r\nContent-Disposition: attachment; filename=a.iso\r\n\r\nx\r\n";
    assert!(is_judged("odd", file, false));
    let inline = file.replace("attachment", "inline");
    assert!(is_judged("odd", &inline, false));
    // A picture is what is one, and not what is called so.
    let picture = |content: &str| {
        inline
            .replace("application/octet-stream", "image/gif")
            .replace("\r\n\r\nx\r\n", &format!("\r\n\r\n{content}\r\n"))
    };
    assert!(is_judged(
        "odd",
        &picture("<html><a href=\"https://evil.example.net/\">look</a></html>"),
        false
    ));
    assert!(!is_judged(
        "odd",
        &picture("GIF89a\u{1}\u{0}\u{1}\u{0}\u{0}\u{0}\u{0};"),
        false
    ));
}

#[test]
fn who_only_hands_in_is_not_judged() {
    let inner = "From: Account team ,_<x@sender.example>\r\nTo: anna@contoso.example\r\nSubject: Notice\r\nMessage-ID: <2@sender.example>\r\n\r\nHello there.\r\n";
    let outer = format!(
        "From: Miller, Anna <anna@contoso.example>\r\nTo: phish@contoso.example\r\nSubject: FW: Notice\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nodd\r\n--b\r\n\
         Content-Type: message/rfc822\r\n\r\n{inner}\r\n--b--\r\n"
    );
    assert_eq!(rules(&outer), ["mail-sender-list"]);
}

#[test]
fn what_a_mail_gives_to_read_is_read_as_it_says_whatever_has_the_same_bytes() {
    const LURE: &str = "buy gift cards and send me the codes. I am in a meeting and cannot talk.";
    let inner = "From: Bob <bob@other.example>\r\nTo: anna@contoso.example\r\nSubject: lunch\r\nMessage-ID: <2@other.example>\r\n\r\nHello there.\r\n";
    let mail = |first: &str, second: &str, inner: &str| {
        format!(
            "From: Account team ,_<x@sender.example>\r\nTo: phish@contoso.example\r\nSubject: FW: Notice\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n{first}\r\n\r\n{LURE}\r\n\
             --b\r\n{second}\r\n\r\n{LURE}\r\n{inner}--b--\r\n"
        )
    };
    let inner = format!("--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n");
    let text = "Content-Type: text/plain";
    for first in [
        "Content-Type: image/png; name=a.png\r\nContent-Disposition: inline",
        "Content-Type: text/plain; charset=utf-16",
        text,
    ] {
        // No wrapper is passed over for what it seems not to say.
        let found = rules(&mail(first, text, &inner));
        assert!(found.contains(&"mail-sender-list"), "{first}: {found:?}");
        let way = "Received: from out.sender.example (out.sender.example [203.0.113.9]) by mx1.corp.example; Mon, 2 Nov 2026 08:00:00 +0000\r\n";
        let found = rules(&format!("{FAILED}{way}{}", mail(first, text, "")));
        assert!(found.contains(&"mail-payment-request"), "{first}: {found:?}");
    }
}
