//! What verifying mail promises: any bytes are a mail, a policy, a key and a file of answers.

use crate::signer::{Signer, SigningKey};
use watchfire_formats::email::authentication::ask::Asker;
use watchfire_formats::email::authentication::dkim::MOST_SIGNATURES;
use watchfire_formats::email::authentication::{Circumstances, spf as sender_policy, verify, zone};
use watchfire_formats::email::field;
use watchfire_model::dns::{DnsSnapshot, Name, Record, RecordKind};
use watchfire_model::{ArcOutcome, Authentication, DkimOutcome, DmarcOutcome, Moment, SpfOutcome};

const NOW: Moment = Moment::from_unix(1_780_000_000);
const KEY: &str = "k1._domainkey.corp.example";
const MAIL: &str = "From: a@corp.example\r\nTo: b@test.example\r\nSubject:  two  words\r\n\r\nHi  there \r\n\r\n";

/// A mail with signatures: nothing passes without keys, with keys nothing depends on the time of day, and a key made of
/// the same bytes is read or refused.
pub fn dkim(data: &[u8]) {
    let unknown = outcomes(data, &DnsSnapshot::new());
    assert!(
        unknown.dkim.len() <= MOST_SIGNATURES,
        "too many signatures are verified"
    );
    assert!(
        unknown.dkim.iter().all(|result| result.outcome != DkimOutcome::Pass)
            && unknown.arc.outcome != ArcOutcome::Pass
            && unknown.dmarc.outcome != DmarcOutcome::Pass,
        "something passes without an answer of the DNS"
    );
    let mut dns = DnsSnapshot::new();
    dns.complete(Name::default());
    for key in [SigningKey::rsa(), SigningKey::ed25519()].into_iter().flatten() {
        publish(&mut dns, KEY, key.record().as_bytes());
    }
    let known = outcomes(data, &dns);
    assert_eq!(known, outcomes(data, &dns), "verifying twice differs");
    assert!(known.missing.is_empty(), "a complete zone lacks answers");
    let mut other = DnsSnapshot::new();
    other.complete(Name::default());
    publish(&mut other, KEY, data);
    for seed in seeds_of_mail().iter().take(1) {
        outcomes(seed, &other);
    }
}

fn publish(dns: &mut DnsSnapshot, name: &str, text: &[u8]) {
    if let Some(name) = Name::parse(name) {
        dns.add(name, RecordKind::Txt, Record::Text(text.to_vec()));
    }
}

fn outcomes(mail: &[u8], dns: &DnsSnapshot) -> Authentication {
    let known = Circumstances {
        client: Some([192, 0, 2, 1].into()),
        helo: "mx.corp.example",
        mail_from: Some("a@corp.example"),
        receiver: "",
        authors: &["corp.example"],
        as_of: NOW,
        registrable: |host| Some(host),
    };
    verify(&field::split(mail), &known, dns)
}

/// A policy: it comes to an end, to the same one each time, and is unverified only for want of an answer.
pub fn spf(data: &[u8]) {
    for everywhere in [Some(Name::default()), None] {
        let mut dns = DnsSnapshot::new();
        for name in ["corp.example", "why.corp.example"] {
            publish(&mut dns, name, data);
        }
        if let Some(root) = everywhere.clone() {
            dns.complete(root);
        }
        let mut asker = Asker::new(&dns);
        let request = sender_policy::Request {
            client: [192, 0, 2, 1].into(),
            helo: "mx.corp.example",
            mail_from: "a.b-c@corp.example",
            receiver: "mx.test.example",
            as_of: NOW,
        };
        let result = sender_policy::check(&request, &mut asker);
        let missing = asker.into_missing();
        assert!(
            everywhere.is_none() || missing.is_empty(),
            "a complete zone lacks answers"
        );
        assert!(
            result.outcome != SpfOutcome::Unverified || !missing.is_empty(),
            "nothing is missing, and it is unverified"
        );
        assert!(!result.why.is_empty(), "no reason is given");
    }
}

/// A file of answers.
pub fn dns_answers(data: &[u8]) {
    let zone = zone::read(data);
    assert!(zone.problems.len() <= 32, "too many problems are listed");
    outcomes(MAIL.as_bytes(), &zone.dns);
}

/// Signed mails.
pub(super) fn seeds_of_mail() -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for key in [SigningKey::ed25519(), SigningKey::rsa()].into_iter().flatten() {
        let signer = |forms| Signer {
            key: &key,
            domain: "corp.example",
            selector: "k1",
            forms,
            fields: "from:to:subject:from",
            tags: "t=1; x=1790000000; i=@mail.corp.example",
        };
        let signed = signer("relaxed/relaxed").dkim(MAIL);
        let sealed = signer("relaxed/simple").arc(&signed, 1, "mx.corp.example; dkim=pass", "none");
        let sealed = signer("simple/relaxed").arc(&sealed, 2, "mx.corp.example; arc=pass", "pass");
        all.extend([signed, sealed, signer("simple/simple").dkim(MAIL)].map(String::into_bytes));
        all.push(key.record().into_bytes());
    }
    all
}

/// Policies.
pub(super) fn seeds_of_policies() -> Vec<Vec<u8>> {
    [
        "v=spf1 a mx/24//64 ptr ip4:192.0.2.0/24 ip6:2001:db8::/32 -all",
        "v=spf1 include:corp.example ?exists:%{ir}.%{l1r+-}._spf.%{d2} redirect=why.corp.example",
        "v=spf1 -all exp=why.%{D}",
        "%{c} is queried as %{ir}.%{v}.arpa%%%_%- by %{R} at %{t} for %{S}, %{p}",
        "v=spf1 a:%{h} ~include:%{o} unknown=%{i} ?all",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}

/// Files of answers.
pub(super) fn seeds_of_answers() -> Vec<Vec<u8>> {
    [
        r#"{"complete": ["."], "answers": {"corp.example": {"A": ["192.0.2.1"], "MX": [[10, "mx.corp.example"]],
            "TXT": ["v=spf1 mx -all", ["two ", "strings"]]}, "gone.example": "no such name"}}"#,
        "$ORIGIN corp.example.\n@ 300 IN SOA ns root ( 1 2 ; x\n 3 4 5 )\n\tMX 10 mx\nmx A 192.0.2.1\n\
         www CNAME mx\nx\\046y TXT \"a\\\"b\" \"c;\\226\"\n",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec()
}
