//! Whole mails: everything that is verified together, in rounds of questions, and as JSON.

use crate::NOW;
use crate::signer::{Signer, SigningKey};
use watchfire_formats::email::authentication::{Circumstances, verify, zone};
use watchfire_formats::email::field::split;
use watchfire_model::dns::{Answer, DnsSnapshot, Known, Name, Record, RecordKind};
use watchfire_model::{Authentication, DkimOutcome, DmarcOutcome, SpfOutcome};

const MAIL: &str = "From: Accounts <billing@mail.corp.example>\r\nSubject: Invoice\r\n\r\nPlease pay.\r\n";

/// What the domain publishes.
fn answers(key: &SigningKey) -> DnsSnapshot {
    let zone = zone::read(
        b"corp.example. SOA ns root 1 2 3 4 5\n\
          bounce.corp.example. TXT \"v=spf1 include:_spf.corp.example -all\"\n\
          _spf.corp.example. TXT \"v=spf1 mx:corp.example ~all\"\n\
          corp.example. MX 10 mx1.corp.example.\n MX 20 mx2.corp.example.\n\
          mx1.corp.example. A 192.0.2.1\nmx2.corp.example. A 192.0.2.2\n\
          _dmarc.corp.example. TXT \"v=DMARC1; p=reject; rua=mailto:r@corp.example\"\n",
    );
    assert_eq!(zone.problems, []);
    let mut dns = zone.dns;
    dns.complete(Name::default());
    let selector = Name::parse("k1._domainkey.corp.example").unwrap();
    dns.add(selector, RecordKind::Txt, Record::Text(key.record().into_bytes()));
    dns
}

fn run(mail: &str, client: [u8; 4], dns: &DnsSnapshot) -> Authentication {
    let known = Circumstances {
        client: Some(client.into()),
        helo: "mx2.corp.example",
        mail_from: Some("x@bounce.corp.example"),
        receiver: "",
        authors: &["mail.corp.example"],
        as_of: NOW,
        registrable: watchfire_knowledge::suffix::registrable,
    };
    verify(&split(mail.as_bytes()), &known, dns)
}

fn signed(key: &SigningKey) -> String {
    let signer = Signer {
        key,
        domain: "corp.example",
        selector: "k1",
        forms: "relaxed/relaxed",
        fields: "from:subject",
        tags: "",
    };
    signer.dkim(MAIL)
}

#[test]
fn a_mail_from_whom_it_says_passes() {
    let key = SigningKey::ed25519().unwrap();
    let found = run(&signed(&key), [192, 0, 2, 2], &answers(&key));
    assert_eq!(found.spf.outcome, SpfOutcome::Pass, "{}", found.spf.why);
    assert_eq!(found.dkim[0].outcome, DkimOutcome::Pass, "{}", found.dkim[0].why);
    assert_eq!(found.dmarc.outcome, DmarcOutcome::Pass, "{}", found.dmarc.why);
    assert_eq!(found.dmarc.aligned.len(), 2);
    assert_eq!(found.missing, []);
    let json = serde_json::to_value(&found).unwrap();
    assert_eq!(json["spf"]["outcome"], "pass");
    assert_eq!(json["spf"]["identity"], "mail-from");
    assert_eq!(json["spf"]["mechanism"], "include:_spf.corp.example");
    assert_eq!(json["dkim"][0]["domain"], "corp.example");
    assert_eq!(json["dmarc"]["policy"], "reject");
    assert_eq!(json["dmarc"]["aligned"][1]["by"], "dkim");
    assert_eq!(json["arc"]["outcome"], "none");
}

#[test]
fn a_forged_mail_fails() {
    let key = SigningKey::ed25519().unwrap();
    let forged = signed(&key).replace("Please pay", "Please pay to another account");
    let found = run(&forged, [198, 51, 100, 7], &answers(&key));
    assert_eq!(found.spf.outcome, SpfOutcome::Fail, "{}", found.spf.why);
    assert_eq!(found.dkim[0].outcome, DkimOutcome::Fail);
    assert_eq!(found.dmarc.outcome, DmarcOutcome::Fail);
}

/// One round after another until nothing is missing: few, and to the same end.
#[test]
fn rounds_of_questions_end() {
    let key = SigningKey::rsa().unwrap();
    let all = answers(&key);
    let mail = signed(&key);
    let mut known = DnsSnapshot::new();
    let mut rounds = 0;
    let found = loop {
        let found = run(&mail, [192, 0, 2, 2], &known);
        if found.missing.is_empty() {
            break found;
        }
        if rounds == 0 {
            let asked: Vec<String> = found.missing.iter().map(ToString::to_string).collect();
            assert!(
                asked.contains(&"k1._domainkey.corp.example TXT".to_owned()),
                "{asked:?}"
            );
            assert_eq!(found.spf.outcome, SpfOutcome::Unverified);
            assert_eq!(found.dmarc.outcome, DmarcOutcome::Unverified);
            let json = serde_json::to_value(&found).unwrap();
            assert_eq!(json["missing"][0]["kind"], "TXT");
        }
        rounds += 1;
        for question in found.missing {
            let answer = match all.look_up(&question) {
                Known::Records(records) => Answer::Records(records.to_vec()),
                Known::NoData => Answer::Records(Vec::new()),
                _ => Answer::NoSuchName,
            };
            known.insert(question, answer);
        }
    };
    assert_eq!(found, run(&mail, [192, 0, 2, 2], &all));
    assert!(rounds <= 5, "{rounds} rounds");
}
