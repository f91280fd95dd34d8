//! Signs and seals mails for other verifiers, and verifies those of other signers: `dkim sign FOLDER`, `dkim verify FOLDER`.
//!
//! `tests/peers/dkim` holds it against dkimpy. A folder has mails, `*.eml`, and the answers of the DNS, `answers.json`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program")]

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use watchfire_formats::email::authentication::{Circumstances, verify, zone};
use watchfire_formats::email::field::split;
use watchfire_model::Moment;
use watchfire_testkit::encode::base64;
use watchfire_testkit::signer::{Signer, SigningKey};

const MAILS: &[(&str, &str)] = &[
    (
        "plain",
        "From: Alice <alice@corp.example>\r\nTo: b@test.example\r\nSubject: One  two \r\nX-Twice: 1\r\nX-Twice: 2\r\n\r\n\
         Hi  there \r\n\r\n\tI am.\r\n\r\n\r\n",
    ),
    (
        "folded",
        "From: =?utf-8?q?Al=C3=AFce?=\r\n\t<alice@corp.example>\r\nto:b@test.example,\r\n  c@test.example\r\nsubject:\r\n\r\nx\r\n",
    ),
    ("empty", "From: a@corp.example\r\nSubject: none\r\n\r\n"),
    ("blank", "From: a@corp.example\r\nSubject: none\r\n\r\n \t\r\n\r\n"),
    ("unended", "From: a@corp.example\r\nSubject: s\r\n\r\nno end"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["sign", folder] => sign(Path::new(folder)),
        ["verify", folder] => verify_all(Path::new(folder)),
        _ => Err("usage: dkim sign FOLDER | dkim verify FOLDER".into()),
    }
}

/// Writes every mail in every form, the keys, and the answers that publish them.
fn sign(folder: &Path) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(folder)?;
    let keys = [("rsa", SigningKey::rsa()), ("ed25519", SigningKey::ed25519())];
    let mut answers = String::new();
    for (selector, key) in &keys {
        let key = key.as_ref().ok_or("the test keys are there")?;
        let comma = if answers.is_empty() { "" } else { ",\n" };
        write!(
            answers,
            "{comma}\"{selector}._domainkey.corp.example\": {{\"TXT\": [\"{}\"]}}",
            key.record()
        )?;
        for (name, mail) in MAILS {
            for forms in ["simple/simple", "simple/relaxed", "relaxed/simple", "relaxed/relaxed"] {
                let signer = Signer {
                    key,
                    domain: "corp.example",
                    selector,
                    forms,
                    fields: "from:to:subject:x-twice:from",
                    tags: "t=1; i=@corp.example",
                };
                let file = format!("{name}-{selector}-{}.eml", forms.replace('/', "-"));
                fs::write(folder.join(&file), signer.dkim(mail))?;
                // The peer knows chains of RSA keys alone.
                if *selector == "rsa" {
                    let tags = "t=1";
                    let one = Signer { tags, ..signer }.arc(mail, 1, "mx.corp.example; spf=pass", "none");
                    let two = Signer { tags, ..signer }.arc(&one, 2, "list.corp.example; arc=pass", "pass");
                    fs::write(folder.join(format!("sealed-{file}")), two)?;
                }
            }
        }
    }
    for (name, mail) in MAILS {
        fs::write(folder.join(format!("{name}.txt")), mail)?;
    }
    fs::write(
        folder.join("answers.json"),
        format!("{{\"complete\": [\".\"], \"answers\": {{\n{answers}\n}}}}\n"),
    )?;
    fs::write(folder.join("rsa.key"), SigningKey::rsa_pkcs8())?;
    fs::write(folder.join("ed25519.key"), base64(SigningKey::ed25519_seed()))?;
    Ok(())
}

/// Prints each mail's name and how its first signature did, or its chain where it is `sealed`.
fn verify_all(folder: &Path) -> Result<(), Box<dyn Error>> {
    let answers = zone::read(&fs::read(folder.join("answers.json"))?);
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|end| end == "eml"))
    {
        let bytes = fs::read(file)?;
        let known = Circumstances {
            client: None,
            helo: "",
            mail_from: None,
            receiver: "",
            authors: &[],
            as_of: Moment::from_unix(1_780_000_000),
            registrable: |host| Some(host),
        };
        let found = verify(&split(&bytes), &known, &answers.dns);
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let outcome = match found.dkim.first() {
            _ if name.starts_with("sealed-") => found.arc.outcome.name(),
            Some(result) => result.outcome.name(),
            None => "none",
        };
        println!("{name}\t{outcome}");
    }
    Ok(())
}
