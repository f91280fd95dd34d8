//! `x509.log`.

use super::log::{Log, Row, TIME};
use super::value::Value;
use super::{Family, Memory};
use std::collections::BTreeSet;
use watchfire_formats::certificate;
use watchfire_model::network::{Certificate, Event, Exchange};
use watchfire_model::{Moment, Timestamp};

pub(super) static FAMILY: Family = Family { logs: &[&X509], rows };

static X509: Log = Log {
    path: "x509",
    head: TIME,
    columns: &[
        ("fingerprint", "string"),
        ("certificate.version", "count"),
        ("certificate.serial", "string"),
        ("certificate.subject", "string"),
        ("certificate.issuer", "string"),
        ("certificate.not_valid_before", "time"),
        ("certificate.not_valid_after", "time"),
        ("certificate.key_alg", "string"),
        ("certificate.sig_alg", "string"),
        ("certificate.key_type", "string"),
        ("certificate.key_length", "count"),
        ("certificate.exponent", "string"),
        ("certificate.curve", "string"),
        ("san.dns", "vector[string]"),
        ("san.uri", "vector[string]"),
        ("san.email", "vector[string]"),
        ("san.ip", "vector[addr]"),
        ("basic_constraints.ca", "bool"),
        ("basic_constraints.path_len", "count"),
        ("host_cert", "bool"),
        ("client_cert", "bool"),
    ],
};

/// Certificates that were written: each is once in the log.
#[derive(Debug)]
pub(super) struct Written(BTreeSet<String>);

impl Written {
    pub(super) const NONE: Self = Self(BTreeSet::new());
    /// What comes behind so many is written each time.
    const MOST: usize = 20_000;

    fn is_new(&mut self, digest: &str) -> bool {
        match self.0.len() < Self::MOST {
            true => self.0.insert(digest.to_owned()),
            false => !self.0.contains(digest),
        }
    }
}

fn rows(event: &Event, memory: &mut Memory, out: &mut Vec<Row>) {
    let Exchange::Tls(tls) = &event.exchange else { return };
    for (chain, digests, is_client) in [
        (&tls.chain, &tls.certificates, false),
        (&tls.client_chain, &tls.client_certificates, true),
    ] {
        for (at, (der, digest)) in chain.iter().zip(digests).enumerate() {
            if !memory.certificates.is_new(digest) {
                continue;
            }
            if let Some(certificate) = certificate::read(der) {
                let ends = [Value::Bool(at == 0 && !is_client), Value::Bool(at == 0 && is_client)];
                let values = [Value::Time(event.time), Value::name(digest)].into_iter();
                out.push(Row {
                    log: &X509,
                    time: event.time,
                    values: values.chain(of(&certificate)).chain(ends).collect(),
                });
            }
        }
    }
}

fn of(certificate: &Certificate) -> [Value; 18] {
    let serial: String = certificate
        .serial
        .bytes()
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    let name = |name: &str| Value::Text(name_parts(name).join(","));
    let time = |moment: Option<Moment>| Value::time(moment.map(|moment| Timestamp::new(moment.unix(), 0)));
    let key = certificate.key.raw();
    let (key_algorithm, kind, curve) = match key {
        key if key.starts_with("rsa-") => ("rsaEncryption", "rsa".into(), Value::Unset),
        "p-256" => ("id-ecPublicKey", "ecdsa".into(), "prime256v1".into()),
        "p-384" => ("id-ecPublicKey", "ecdsa".into(), "secp384r1".into()),
        "ed25519" => ("ED25519", "unknown".into(), Value::Unset),
        other => (other, "unknown".into(), Value::Unset),
    };
    // As OpenSSL names them.
    let algorithm = match certificate.algorithm.raw() {
        "md5-rsa" => "md5WithRSAEncryption",
        "sha1-rsa" => "sha1WithRSAEncryption",
        "sha256-rsa" => "sha256WithRSAEncryption",
        "sha384-rsa" => "sha384WithRSAEncryption",
        "sha512-rsa" => "sha512WithRSAEncryption",
        "rsa-pss" => "rsassaPss",
        "sha1-ecdsa" => "ecdsa-with-SHA1",
        "sha256-ecdsa" => "ecdsa-with-SHA256",
        "sha384-ecdsa" => "ecdsa-with-SHA384",
        "sha512-ecdsa" => "ecdsa-with-SHA512",
        other => other,
    };
    let addresses = certificate.addresses.iter().copied().map(Value::Address);
    [
        Value::count(certificate.version),
        Value::Text(if serial.is_empty() { "00".to_owned() } else { serial }),
        name(certificate.subject.raw()),
        name(certificate.issuer.raw()),
        time(certificate.not_before),
        time(certificate.not_after),
        Value::name(key_algorithm),
        Value::name(algorithm),
        kind,
        Value::counted(certificate.key_bits),
        Value::Unset,
        curve,
        Value::texts(&certificate.hosts).unless_none(),
        Value::texts(&certificate.uris).unless_none(),
        Value::texts(&certificate.mail).unless_none(),
        Value::List(addresses.collect()).unless_none(),
        Value::Bool(certificate.is_authority),
        Value::counted(certificate.path_length),
    ]
}

/// The parts of a name; a comma that belongs to a value has a backslash before it.
pub(crate) fn name_parts(name: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut is_escaped) = (0, false);
    for (at, letter) in name.char_indices() {
        if letter == ',' && !is_escaped {
            parts.extend(name.get(start..at));
            start = at + 1;
        }
        is_escaped = letter == '\\' && !is_escaped;
    }
    parts.extend(name.get(start..));
    parts
        .into_iter()
        .map(|part| part.strip_prefix(' ').unwrap_or(part))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_of_values_do_not_part_names() {
        assert_eq!(name_parts(r"CN=a, O=B\, Inc., C=US"), ["CN=a", r"O=B\, Inc.", "C=US"]);
        assert_eq!(name_parts(r"CN=a\\, C=US"), [r"CN=a\\", "C=US"]);
        assert_eq!(name_parts(""), [""]);
    }
}
