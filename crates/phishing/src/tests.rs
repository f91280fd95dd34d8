//! What the score promises: it names its reasons, it is the same everywhere, and no file can hurt it.

use crate::measure::{Evaluation, Rate, auc, threshold_for};
use crate::text::{Words, fold, is_disguised};
use crate::{BUCKETS, Features, Letter, Model, Page, SIGNS, urls};
use watchfire_model::{Link, MailFacts, Mailbox};

fn facts(name: &str, address: &str, subject: &str) -> MailFacts {
    MailFacts {
        from: vec![Mailbox {
            name: name.into(),
            address: Some(address.into()),
            group: None,
        }],
        subject: subject.into(),
        ..MailFacts::default()
    }
}

fn link(target: &str, text: &str) -> Link {
    Link {
        target: target.into(),
        text: text.into(),
        loaded: false,
        unseen: false,
        in_outlook: false,
        span: None,
        page: None,
    }
}

/// The signs of a mail, in words.
fn check(facts: &MailFacts, text: &str, links: &[Link], expected: &[&str], absent: &[&str]) {
    let page = Page {
        text,
        hidden: "",
        forms: 0,
        scripted: false,
    };
    let named: Vec<Link> = urls(text).map(|url| link(url, url)).collect();
    let letter = Letter {
        facts,
        text: if links.is_empty() { text } else { "" },
        page: (!links.is_empty()).then_some(page),
        links: if links.is_empty() { &named } else { links },
    };
    let features = Features::of(&letter);
    let signs: Vec<&str> = SIGNS
        .iter()
        .zip(&features.signs)
        .filter(|(_, value)| **value > 0.0)
        .map(|(sign, _)| *sign)
        .collect();
    for sign in expected {
        assert!(signs.contains(sign), "no '{sign}' in {signs:?}");
    }
    for sign in absent {
        assert!(!signs.contains(sign), "'{sign}' in {signs:?}");
    }
}

#[test]
fn a_brand_in_the_name_is_its_own_or_another_s() {
    let own = facts("PayPal", "service@paypal.com", "Receipt");
    check(
        &own,
        "PayPal",
        &[link("https://www.paypal.com/x", "View")],
        &[
            "sender's name is a brand's, and so is its address",
            "a link leads to the sender's domain",
        ],
        &["sender's name is a brand's, its address is not"],
    );
    let foreign = facts("P\u{430}yPal", "info@kq3.top", "Receipt");
    check(
        &foreign,
        "Log in",
        &[link("https://bit.ly/x", "https://paypal.com/")],
        &[
            "sender's name is a brand's, its address is not",
            "shortened link",
            "link shows another place than it leads to",
            "sender's domain has an often abused ending",
            "names a brand, and no link leads there",
        ],
        &[],
    );
}

#[test]
fn signs_of_a_plain_text_come_from_its_addresses() {
    let mail = facts("", "a@b.example", "RE: INVOICE 99887766!!");
    check(
        &mail,
        "see http://192.0.2.7/x now",
        &[],
        &[
            "link to a bare address",
            "subject says it is an answer, and it answers nothing",
            "subject in capitals",
            "long number in the subject",
            "odd spacing in the subject",
            "sender without a name",
        ],
        &["is a page", "no links"],
    );
}

#[test]
fn text_is_folded_to_what_a_reader_takes_it_for() {
    let mut folded = String::new();
    for (word, expected) in [
        ("PаyPаl", "paypal"),
        ("ｖｅｒｉｆｙ", "verify"),
        ("𝐕𝐞𝐫𝐢𝐟𝐲", "verify"),
        ("ver\u{200b}ify", "verify"),
        ("Order123456", "order0"),
        ("Москва", "москва"),
    ] {
        fold(word, &mut folded);
        assert_eq!(folded, expected);
    }
    assert!(is_disguised("Your Mіcrosoft account") && is_disguised("𝐕𝐞𝐫𝐢𝐟𝐲"));
    assert!(!is_disguised("Москва и Paris, naïve café 東京"));
    let words = Words::read("See https://a.example/x or mail me@b.example, 10 € 確認", 50);
    let words: Vec<&str> = words.iter().collect();
    assert_eq!(words, ["see", "URL", "or", "mail", "ADDRESS", "0", "€", "確", "認"]);
}

#[test]
fn a_score_names_what_moved_it() {
    let facts = facts("Bank", "a@b.example", "Notice");
    let letter = Letter {
        facts: &facts,
        text: "verify your wallet",
        page: None,
        links: &[],
    };
    let features = Features::of(&letter);
    let (buckets, _, _) = features.values();
    let wanted = Features::of(&Letter {
        facts: &MailFacts::default(),
        text: "wallet",
        page: None,
        links: &[],
    })
    .values()
    .0;
    let mut weights = vec![0.0; BUCKETS];
    for bucket in &wanted {
        assert!(buckets.contains(bucket));
        weights[*bucket as usize] = 4.0;
    }
    let scored = Model::new("test", 0.5, &weights, &[]).score(&features);
    assert_eq!(
        scored.contributions.first().map(|reason| reason.what.as_str()),
        Some("“wallet”")
    );
    assert!(scored.thousandths > 700, "{scored:?}");
}

#[test]
fn the_model_that_ships_is_whole_and_small() {
    let model = Model::embedded();
    assert_ne!(model.name(), "none");
    assert!(model.write().len() <= 2 << 20);
    assert_eq!(Model::read(&model.write()).as_ref(), Ok(&*model));
}

#[test]
fn a_damaged_model_is_refused() {
    let file = Model::new("mine", 0.1, &[1.0, -2.0], &[0.5]).write();
    assert!(Model::read(&file).is_ok());
    let told = |bytes: &[u8]| Model::read(bytes).map(drop).map_err(|why| why.to_string());
    assert_eq!(told(b""), Err("it is too short".to_owned()));
    assert_eq!(
        told(b"PK\x03\x04 not a model"),
        Err("it does not begin like one of this version".to_owned())
    );
    for at in (0..file.len()).step_by(997).chain(0..120) {
        let mut bytes = file.clone();
        bytes[at] ^= 0x40;
        assert!(Model::read(&bytes).is_err(), "byte {at}");
        assert!(Model::read(&file[..at]).is_err(), "cut at {at}");
    }
    let longer = [file.as_slice(), b"x"].concat();
    assert!(Model::read(&longer).is_err());
    let mut endless = Model::new("mine", f64::NAN, &[], &[]).write();
    assert!(Model::read(&endless).is_err());
    endless.clear();
}

#[test]
fn the_logistic_function_is_the_usual_one() {
    for step in -60..60 {
        let x = f64::from(step) / 3.0;
        assert!(
            (crate::model::logistic(x) - 1.0 / (1.0 + (-x).exp())).abs() < 1e-4,
            "{x}"
        );
    }
}

#[test]
fn rates_come_with_intervals() {
    let (low, high) = Rate { hits: 0, total: 60 }.interval();
    assert!(low.abs() < 1e-9 && (0.055..0.065).contains(&high));
    assert_eq!(Rate { hits: 0, total: 0 }.interval(), (0.0, 1.0));
    assert_eq!(auc(&[0.1, 0.2], &[0.3, 0.2]), Some(0.875));
    assert_eq!(auc(&[], &[0.3]), None);
    assert_eq!(threshold_for(&[0.9, 0.8, 0.1, 0.7], 0.75), Some(0.7));
    let table = Evaluation {
        ham: vec![0.1; 50],
        phish: vec![0.99; 50],
    }
    .table();
    assert!(
        table.contains("area under the curve  1.0000") && table.contains("0.0 % (0/50, 0.0–7.1)"),
        "{table}"
    );
}
