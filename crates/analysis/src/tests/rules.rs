//! Rules for mail, each with a mail that meets it and one beside that does not.

use super::mail::{FAILED, PASSED, found, rules};

/// A mail of that sender and subject, with results above, meets the rule with that weight; `None` if it does not.
#[track_caller]
fn check(rule: &str, header: &str, body: &str, expected: Option<u16>) {
    let found = found(header, body);
    let weight = found.iter().find(|(met, _)| *met == rule).map(|(_, weight)| *weight);
    assert_eq!(weight, expected, "{header}{body}: {found:?}");
}

/// Fields of a mail with that sender and subject.
fn header(results: &str, from: &str, subject: &str) -> String {
    format!("{results}From: {from}\r\nSubject: {subject}\r\n")
}

#[test]
fn senders_that_nobody_chose_to_be_remembered() {
    let rule = "mail-throwaway-sender";
    let from = |from: &str| header("", from, "Minutes");
    check(rule, &from("x@qmqhlwxzdtr.example"), "Hello there.", Some(250));
    check(rule, &from("x@contoso123.onmicrosoft.com"), "Hello there.", Some(300));
    check(rule, &from("x@wfqzxkpl.sender.example"), "Hello there.", Some(150));
    check(rule, &from("xK9vQzR@sender.example"), "Hello there.", Some(150));
    check(rule, &from("TrackingUpdates@mail.sender.example"), "Hello there.", None);
    check(rule, &from("x@onmicrosoft.com"), "Hello there.", None);
}

#[test]
fn strangers_with_money() {
    let rule = "mail-windfall";
    let five = "I am Mr X of the United Nations and the World Bank. Get back to me about your unclaimed funds, and give your full names.";
    let from = |results: &str, from: &str| header(results, from, "Good day");
    check(rule, &from(PASSED, "x@sender.example"), five, Some(450));
    let three = "The World Bank has unclaimed funds. Get back to me.";
    check(rule, &from(FAILED, "x@sender.example"), three, Some(400));
    check(rule, &from("", "x@gmail.com"), three, Some(400));
    check(rule, &from(PASSED, "x@sender.example"), three, Some(150));
    check(
        rule,
        &from(PASSED, "x@sender.example"),
        "The World Bank published a report.",
        None,
    );
}

#[test]
fn answers_to_nothing() {
    let rule = "mail-false-thread";
    let of = |subject: &str, more: &str| format!("{}{more}", header(PASSED, "x@sender.example", subject));
    check(rule, &of("Re: Minutes", ""), "Here they are.", Some(150));
    check(rule, &of("AW: Minutes", ""), "Here they are.", Some(150));
    check(
        rule,
        &of("Re: Minutes", "In-Reply-To: <0@sender.example>\r\n"),
        "Here they are.",
        None,
    );
    check(
        rule,
        &of("Re: Minutes", ""),
        "Here they are.\r\n\r\nAnn wrote:\r\n> Where are they?",
        None,
    );
    check(rule, &of("Regarding Monday", ""), "Here they are.", None);
}

#[test]
fn documents_that_come_alone() {
    let meets = |from: &str, text: &str, name: &str| {
        rules(&format!(
            "From: {from}\r\nTo: b@corp.example\r\nSubject: Minutes\r\nMessage-ID: <1@sender.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n\
             --b\r\nContent-Type: text/html; name={name}\r\nContent-Disposition: attachment\r\n\r\n<h1>Minutes</h1>\r\n--b--\r\n"
        ))
        .contains(&"mail-file-alone")
    };
    assert!(meets("x@gmail.com", "See attached.", "wfqzxkpl.html"));
    assert!(meets("x@gmail.com", "See attached.", "minutes.html"));
    assert!(!meets("x@sender.example", "See attached.", "wfqzxkpl.html"));
    assert!(!meets(
        "x@gmail.com",
        &"These are the minutes of our meeting. ".repeat(20),
        "minutes.html"
    ));
}

#[test]
fn pictures_in_place_of_a_text() {
    let rule = "mail-picture-only";
    let page = |text: &str, link: &str| {
        format!("<a href=\"{link}\"><img src=\"https://pictures.example.net/a.png\"></a><p>{text}</p>")
    };
    let header = header(PASSED, "x@sender.example", "Notice");
    check(rule, &header, &page("", "https://club.example/x"), Some(350));
    check(rule, &header, &page("", "https://www.sender.example/x"), None);
    let text = "Here are the minutes of our meeting on Monday, as promised. Tell me what is missing.";
    check(rule, &header, &page(text, "https://club.example/x"), None);
}

#[test]
fn prizes_that_nobody_drew_for() {
    let rule = "mail-prize";
    let three = "Congratulations, you have won. Claim your exclusive reward today.";
    check(rule, &header(FAILED, "x@sender.example", "Notice"), three, Some(300));
    let home = "<p>Congratulations, you have won. Claim your exclusive reward today.</p><a href=\"https://www.sender.example/x\">here</a>";
    check(rule, &header(PASSED, "x@sender.example", "Notice"), home, Some(150));
    check(
        rule,
        &header(FAILED, "x@sender.example", "Notice"),
        "We have won the match.",
        None,
    );
}

#[test]
fn offers_from_nobody() {
    let rule = "mail-unproved-promotion";
    let page = |text: &str| format!("<p>{text}</p><a href=\"https://www.sender.example/x\">here</a>");
    let three = page("Lose weight and burn fat with keto gummies.");
    check(rule, &header(FAILED, "x@sender.example", "Notice"), &three, Some(200));
    check(rule, &header(PASSED, "x@sender.example", "Notice"), &three, None);
    check(
        rule,
        &header(FAILED, "x@sender.example", "Notice"),
        &page("Keto?"),
        Some(100),
    );
    check(
        rule,
        &header(FAILED, "x@sender.example", "Notice"),
        &page("Lunch?"),
        None,
    );
}

#[test]
fn hurry() {
    let rule = "mail-urgent-wording";
    let two = "Action required within 24 hours.";
    check(rule, &header(FAILED, "x@sender.example", "Notice"), two, Some(100));
    check(rule, &header(PASSED, "x@sender.example", "Notice"), two, None);
    check(
        rule,
        &header(FAILED, "x@sender.example", "Notice"),
        "Answer when you can.",
        None,
    );
}

#[test]
fn parts_that_say_twice_what_they_are() {
    let mail = |types: &str| {
        rules(&format!(
            "From: x@sender.example\r\nTo: b@corp.example\r\nSubject: x\r\nMessage-ID: <1@sender.example>\r\nMIME-Version: 1.0\r\n{types}\r\n\
             --a\r\n\r\none\r\n--a--\r\n--b\r\n\r\ntwo\r\n--b--\r\n"
        ))
        .contains(&"mail-two-types")
    };
    assert!(mail("Content-Type: text/html\r\nContent-Type: text/plain\r\n"));
    assert!(mail(
        "Content-Type: multipart/mixed; boundary=a\r\nContent-Type: multipart/mixed; boundary=b\r\n"
    ));
    assert!(!mail(
        "Content-Type: text/html\r\nContent-Type: TEXT/HTML; charset=utf-8\r\n"
    ));
    assert!(!mail("Content-Type: text/html\r\n"));
}

#[test]
fn what_outlook_alone_shows_speaks_against_and_excuses_nothing() {
    let rule = "mail-open-landing";
    let header = header(PASSED, "x@sender.example", "Notice");
    let page = |others: &str, outlook: &str| {
        format!(
            "<p>Hello there.</p><a href=\"{others}\">here</a><!--[if mso]><v:rect href=\"{outlook}\">here</v:rect><![endif]-->"
        )
    };
    let (home, landing) = ("https://www.sender.example/x", "https://pages.example.web.app/x");
    check(rule, &header, &page(home, landing), Some(300));
    check(rule, &header, &page(home, home), None);
    check(rule, &header, &page(landing, landing), Some(360));
    check(rule, &header, &page(landing, home), Some(360));
}

#[test]
fn pictures_that_nobody_sees() {
    let rule = "mail-open-pixel";
    let header = header(PASSED, "x@sender.example", "Notice");
    let page = |picture: &str| format!("<p>Hello there.</p><img {picture}>");
    for picture in [
        "src=https://open.sender.example/o.gif width=1 height=1",
        "src=https://open.sender.example/o.gif width=0",
        "src=https://open.sender.example/o.gif style='width:1px;height:1px'",
        "src=https://open.sender.example/o.gif style='display:none'",
    ] {
        check(rule, &header, &page(picture), Some(0));
    }
    check(
        rule,
        &header,
        "<div style='visibility:hidden'><img src=https://open.sender.example/o.gif></div>",
        Some(0),
    );
    for picture in [
        "src=https://open.sender.example/o.gif width=120 height=40",
        "src=https://open.sender.example/o.gif",
        "src=https://open.contoso.example/o.gif width=1 height=1",
        "src=cid:a@sender.example width=1 height=1",
    ] {
        check(rule, &header, &page(picture), None);
    }
}
