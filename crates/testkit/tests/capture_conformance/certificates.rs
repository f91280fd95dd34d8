//! Certificates of handshakes, row by row beside Zeek's x509.log.

use super::protocols::{Column, Row, Verdicts, value};
use super::{bytes_of, hear, logs};
use std::collections::BTreeMap;
use watchfire_formats::certificate::read;
use watchfire_model::Untrusted;
use watchfire_model::network::{Certificate, Exchange};
use watchfire_testkit::corpus::corpus_folder;

#[test]
fn certificates_are_those_of_zeek() {
    let Some(folder) = corpus_folder("certificates_are_those_of_zeek", "pcap/zeek") else {
        return;
    };
    let mut verdicts = Verdicts::new("x509.log");
    for log in logs(&folder, "x509.log") {
        let path = folder.join("traces").join(&log.trace);
        let is_comparable = log.rows.iter().all(|row| row.contains_key("fingerprint"));
        if !path.exists() || !is_comparable {
            continue;
        }
        let mut found: BTreeMap<String, Certificate> = BTreeMap::new();
        for event in hear(&bytes_of(&path), 1).events {
            let Exchange::Tls(tls) = event.exchange else { continue };
            for certificate in tls.chain.iter().chain(&tls.client_chain).filter_map(|der| read(der)) {
                found.insert(certificate.sha256.to_string(), certificate);
            }
        }
        for (at, row) in log.rows.iter().enumerate() {
            let differences = match found.get(&value(row, "fingerprint")) {
                Some(certificate) => columns(certificate, row),
                None => vec![("certificate", "none".to_owned(), value(row, "fingerprint"))],
            };
            let differences = differences.into_iter().filter(|(_, found, expected)| found != expected);
            verdicts.row(&log.test, at + 1, &differences.collect::<Vec<_>>());
        }
    }
    verdicts.report(100.0);
}

fn columns(certificate: &Certificate, row: &Row) -> Vec<Column> {
    let joined = |names: Vec<String>| {
        if names.is_empty() {
            "-".to_owned()
        } else {
            names.join(",")
        }
    };
    let texts = |names: &[Untrusted]| joined(names.iter().map(|name| name.raw().to_owned()).collect());
    let number = |number: Option<u32>| number.map_or("-".to_owned(), |number| number.to_string());
    let moment = |moment: Option<watchfire_model::Moment>| {
        moment.map_or("-".to_owned(), |moment| format!("{}.000000", moment.unix()))
    };
    let key = match certificate.key.raw() {
        key if key.starts_with("rsa-") => "rsa",
        "p-256" | "p-384" => "ecdsa",
        other => other,
    };
    let algorithm = match certificate.algorithm.raw().split_once('-') {
        Some((hash, "rsa")) => format!("{hash}WithRSAEncryption"),
        Some((hash, "ecdsa")) => format!("ecdsa-with-{}", hash.to_uppercase()),
        _ => certificate.algorithm.raw().to_owned(),
    };
    // Zeek writes whole octets.
    let serial = certificate.serial.to_string().to_uppercase();
    let columns = [
        ("certificate.version", certificate.version.to_string()),
        ("certificate.serial", serial),
        ("certificate.subject", certificate.subject.raw().replace(", ", ",")),
        ("certificate.issuer", certificate.issuer.raw().replace(", ", ",")),
        ("certificate.not_valid_before", moment(certificate.not_before)),
        ("certificate.not_valid_after", moment(certificate.not_after)),
        ("certificate.sig_alg", algorithm),
        ("certificate.key_type", key.to_owned()),
        ("certificate.key_length", number(certificate.key_bits)),
        ("san.dns", texts(&certificate.hosts)),
        ("san.uri", texts(&certificate.uris)),
        ("san.email", texts(&certificate.mail)),
        (
            "san.ip",
            joined(certificate.addresses.iter().map(ToString::to_string).collect()),
        ),
        ("basic_constraints.path_len", number(certificate.path_length)),
    ];
    let mut columns: Vec<Column> = columns
        .into_iter()
        .map(|(name, found)| (name, found, value(row, name)))
        .collect();
    // Not every certificate says it.
    if row.contains_key("basic_constraints.ca") {
        let is_authority = if certificate.is_authority { "T" } else { "F" };
        columns.push((
            "basic_constraints.ca",
            is_authority.to_owned(),
            value(row, "basic_constraints.ca"),
        ));
    }
    columns
}
