//! A signer of mail: DKIM (RFC 6376, RFC 8463) and sets of ARC (RFC 8617), with keys that everybody has.
//!
//! It is the twin of what verifies: its canonical forms are written anew, line by line and without care for speed, so that
//! a mistake would have to be made twice. **The keys are test keys.** They are in the open, and protect nothing.

use crate::encode::base64;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Digest, Sha256};

/// An RSA key of 2,048 bits, PKCS #8, for tests and nothing else.
const TEST_RSA_KEY: &str = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDljDYRy+ai+WLn4y84nD2W98USNo0Yp6DAS3QiNyoxNTd1sqrAjbHcMdpbf5\
    ScGVlplAwe/3yw6aOULHtrxDj7o/THbEXqTlje2KwjNr8+l+AFzaaL/sm38Geji8FEaSj14JwK9al+CFeeKrtfVLKM3+OWY1CAnMf/G1L4zs+M\
    ZtD/3YpMDJFSDqgEUWFC3cJRbXVWE6XUt3eEphjZZt4QXYjXE2qfIhkXYVDpmxT5NuIcazGcKXhBFvl8NHLJHHLW9bhZRmOMA3pRHfiXWk27fS\
    OwyZpzoDqyhEehVD0h8zeN1FMNqhSDv4mt39OZioILHtDelvMy5gpsGjUNkTCJAgMBAAECggEAHvthMt639ug9ErpFndjssSso9K/bNGgvmLS2\
    bIXQkoqxvReL12hoiKVL6QybtMPxHwBl8GsgW8p1EyM710xJOqGjAKWa/Cht80oAVdJmVp7uFCpxH7UYadSvUFIlGEQvTJxvw0TsBwA+PzFaT+\
    AhJ0VytNIbw/glQEfiV4WmWrcmZ8HqMEfgKvsWFpa3KCZuRjBFXF6ITjYxkH8NSEwWjFNcukQ3NJU2ePDud9kxFd8aBAYXt2i80TkNg5kcWYJh\
    SDu9RGLrY2IEwbAbMCRHeDKvz4PYRxnd5+UaaoSAqpicm4EHnE1iNUoQKyeEOuSXziiYKDwSFz1c5prl5IMATwKBgQD5yCKjM4FG6D9aharWvh\
    1UnWejKXGjjm6gcD2yvU9ILKjTq7KsKcOV5MJU7PzUP1Zh6lpK24JmwbbB4qK5iG8giXDfOhOzz8An3B9k0Ak8eaOi6jx2TIsw6qrcGWY1D5pS\
    GMI1YaXZ7UOTV/BUrcCZXUc/WTg3+HvhkCh5f/GrRwKBgQDrQx+pzpydDyw+39OYdSoNSCv6h2VQYUW03ZqpasIcqDDV03EGNa+w71mOjT9e7K\
    nZM2idi6mYGsPpuqGKo6ZHw9DVWxncg2VletvowefVb7AlTQW+2GayH9wECJN7wvQLaRIVagBsO0hNpSve4OIKSX25wRklqknbacqPiUGNrwKB\
    gEZZYbgJV42696ztHLKilOwx8PB5SbJA+VNiiV4AB4ZSXbJQF2B52sYqybjVjlfRBulI8elHbbC3OlvdEuuiS3oke4/Dca0hBAO18XmZRiCsOb\
    Q2uJSw9jruvPSEis7C+DnLE1epiuaX9oJXMC8JSMdpCBoFbNoGuA1NZrjhmhUdAoGBAJ39LsdPG/eRV+pFT4jDreDLhdUxlcUb/b7PTuzU59Rs\
    0pbV7sH3zaupoN/NVTA/CHT3RBsAznx6BPTyQ0eiTKlHA/gzvLNMfgxfLE0r4q9/2K/EAMa/9n9KS+tdgwWKz27WObGtxOjqCs0xzbtYFBRKdC\
    cJWQTlTcIOUlyAFUi7AoGAF1M75DdDQOt2tNetlQJvtPUzVXwM/jnLigKR3bQLW4Q+Jp6KXV1dw9PX4yIAZPQ1bUrkEt7KoM41z0qvh32KmGHx\
    dsv9ETBmcoT7CVf6nXIvt6ZeBlmszJrpCI2Jnz3cdsFIXzifTACnEqPQk7fnZN5kKP8r1ZxVmLzwed6TOaY=";

/// Its public half, SubjectPublicKeyInfo.
const TEST_RSA_PUBLIC: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA5Yw2Ecvmovli5+MvOJw9lvfFEjaNGKegwEt0IjcqMTU3dbKqwI2x3DHaW3+UnBlZaZ\
    QMHv98sOmjlCx7a8Q4+6P0x2xF6k5Y3tisIza/PpfgBc2mi/7Jt/Bno4vBRGko9eCcCvWpfghXniq7X1SyjN/jlmNQgJzH/xtS+M7PjGbQ/92K\
    TAyRUg6oBFFhQt3CUW11VhOl1Ld3hKYY2WbeEF2I1xNqnyIZF2FQ6ZsU+TbiHGsxnCl4QRb5fDRyyRxy1vW4WUZjjAN6UR34l1pNu30jsMmac6\
    A6soRHoVQ9IfM3jdRTDaoUg7+Jrd/TmYqCCx7Q3pbzMuYKbBo1DZEwiQIDAQAB";

/// The seed of an Ed25519 key, for tests and nothing else.
const TEST_ED25519_SEED: &[u8; 32] = b"watchfire: a test key, no secret";

/// A key that signs.
#[derive(Debug)]
pub enum SigningKey {
    /// `rsa-sha256`
    Rsa(RsaKeyPair),
    /// `ed25519-sha256`
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// The RSA test key.
    pub fn rsa() -> Option<Self> {
        RsaKeyPair::from_pkcs8(&bytes(TEST_RSA_KEY)).ok().map(Self::Rsa)
    }

    /// The Ed25519 test key.
    pub fn ed25519() -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(TEST_ED25519_SEED)
            .ok()
            .map(Self::Ed25519)
    }

    /// The seed of the Ed25519 test key, for other programs.
    pub fn ed25519_seed() -> &'static [u8] {
        TEST_ED25519_SEED
    }

    /// The RSA test key as other programs read it: PKCS #8, base64.
    pub fn rsa_pkcs8() -> &'static str {
        TEST_RSA_KEY
    }

    /// The value of `a=`.
    pub fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa-sha256",
            Self::Ed25519(_) => "ed25519-sha256",
        }
    }

    /// The record that publishes the key.
    pub fn record(&self) -> String {
        match self {
            Self::Rsa(_) => format!("v=DKIM1; k=rsa; p={TEST_RSA_PUBLIC}"),
            Self::Ed25519(pair) => format!("v=DKIM1; k=ed25519; p={}", base64(pair.public_key().as_ref())),
        }
    }

    fn sign(&self, data: &[u8]) -> String {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let signed = pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), data, &mut signature);
                signed.map(|()| base64(&signature)).unwrap_or_default()
            }
            Self::Ed25519(pair) => base64(pair.sign(&Sha256::digest(data)).as_ref()),
        }
    }
}

/// Whoever signs.
#[derive(Clone, Copy, Debug)]
pub struct Signer<'s> {
    /// With what.
    pub key: &'s SigningKey,
    /// `d=`
    pub domain: &'s str,
    /// `s=`
    pub selector: &'s str,
    /// `c=`, `relaxed/simple`.
    pub forms: &'s str,
    /// `h=`
    pub fields: &'s str,
    /// Further tags, `t=1; l=20`.
    pub tags: &'s str,
}

impl Signer<'_> {
    /// The mail with a `DKIM-Signature` on top. Lines end with CRLF.
    pub fn dkim(&self, mail: &str) -> String {
        let field = self.message("DKIM-Signature", "v=1", mail);
        field + "\r\n" + mail
    }

    /// The mail with a set of ARC on top: the instance's number, what was found, and what is said of the chain before.
    pub fn arc(&self, mail: &str, instance: u32, found: &str, before: &str) -> String {
        let results = format!("ARC-Authentication-Results: i={instance}; {found}");
        let signature = self.message("ARC-Message-Signature", &format!("i={instance}"), mail);
        let seal = format!(
            "ARC-Seal: i={instance}; a={}; cv={before}; d={}; s={}; t=1; b=",
            self.key.algorithm(),
            self.domain,
            self.selector
        );
        let (header, _) = halves(mail);
        let mut data = String::new();
        for earlier in 1..instance {
            for name in ["arc-authentication-results", "arc-message-signature", "arc-seal"] {
                let of_instance = |field: &&String| named(field, name) && number_of(field) == Some(earlier);
                let field = header.iter().find(of_instance).map(|field| relaxed(field));
                data += &(field.unwrap_or_default() + "\r\n");
            }
        }
        data += &(relaxed(&results) + "\r\n" + &relaxed(&signature) + "\r\n" + &relaxed(&seal));
        let seal = seal + &self.key.sign(data.as_bytes());
        format!("{seal}\r\n{signature}\r\n{results}\r\n{mail}")
    }

    fn message(&self, name: &str, first: &str, mail: &str) -> String {
        let (mut header, body) = halves(mail);
        let (header_form, body_form) = self.forms.split_once('/').unwrap_or((self.forms, "simple"));
        let body = body_of(&body, body_form);
        let limit = self.tags.split(';').find_map(|tag| tag.trim().strip_prefix("l="));
        let limit = limit.and_then(|limit| limit.parse().ok()).unwrap_or(body.len());
        let hash = base64(&Sha256::digest(body.as_bytes().get(..limit).unwrap_or_default()));
        let more = if self.tags.is_empty() {
            String::new()
        } else {
            format!("{}; ", self.tags)
        };
        let field = format!(
            "{name}: {first}; a={}; c={}; d={}; s={};\r\n {more}h={};\r\n\tbh={hash};\r\n b=",
            self.key.algorithm(),
            self.forms,
            self.domain,
            self.selector,
            self.fields
        );
        let shape = |field: &str| match header_form {
            "relaxed" => relaxed(field),
            _ => field.to_owned(),
        };
        let mut data = String::new();
        for wanted in self.fields.split(':') {
            if let Some(place) = header.iter().rposition(|field| named(field, wanted.trim())) {
                data += &(shape(&header.remove(place)) + "\r\n");
            }
        }
        data += &shape(&field);
        field + &self.key.sign(data.as_bytes())
    }
}

/// The header's fields, each with its folding, and the body.
fn halves(mail: &str) -> (Vec<String>, String) {
    let (header, body) = mail.split_once("\r\n\r\n").unwrap_or((mail, ""));
    let mut fields: Vec<String> = Vec::new();
    for line in header.split("\r\n") {
        match fields.last_mut().filter(|_| line.starts_with([' ', '\t'])) {
            Some(field) => *field = format!("{field}\r\n{line}"),
            None => fields.push(line.to_owned()),
        }
    }
    (fields, body.to_owned())
}

fn named(field: &str, name: &str) -> bool {
    let own = field.split(':').next().unwrap_or_default();
    own.trim().eq_ignore_ascii_case(name)
}

fn number_of(field: &str) -> Option<u32> {
    let (_, rest) = field.split_once("i=")?;
    rest.split(';').next()?.trim().parse().ok()
}

fn relaxed(field: &str) -> String {
    let (name, value) = field.split_once(':').unwrap_or((field, ""));
    let words: Vec<&str> = value
        .split([' ', '\t', '\r', '\n'])
        .filter(|word| !word.is_empty())
        .collect();
    format!("{}:{}", name.trim().to_ascii_lowercase(), words.join(" "))
}

fn body_of(body: &str, form: &str) -> String {
    let mut lines: Vec<String> = body.split("\r\n").map(str::to_owned).collect();
    if form == "relaxed" {
        for line in &mut lines {
            let begins = if line.starts_with([' ', '\t']) { " " } else { "" };
            let words: Vec<&str> = line.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
            *line = if words.is_empty() {
                String::new()
            } else {
                begins.to_owned() + &words.join(" ")
            };
        }
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    match (lines.is_empty(), form) {
        (true, "relaxed") => String::new(),
        _ => lines.join("\r\n") + "\r\n",
    }
}

/// Base64 to bytes, for the keys above.
fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for digit in text.bytes().filter_map(|byte| {
        let place = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".find(char::from(byte))?;
        u32::try_from(place).ok()
    }) {
        bits = (bits << 6 | digit) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
        }
    }
    out
}
