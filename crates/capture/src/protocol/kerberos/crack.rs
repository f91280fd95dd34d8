//! Lines that hashcat takes, <https://hashcat.net/wiki/doku.php?id=example_hashes>: modes 7500, 19800 and 19900 for the time
//! that a client encrypts, 18200, 32100 and 32200 for the answer to a first request, 13100, 19600 and 19700 for tickets.

use super::message::Encrypted;
use watchfire_model::network::{Hashcat, Kerberos, KerberosCipher};
use watchfire_model::{Secret, Untrusted, digest_hex};

const AES128: i32 = 17;
const AES256: i32 = 18;
const RC4: i32 = 23;
/// Octets of the sum before what RC4 encrypts, and behind what AES does.
const RC4_SUM: usize = 16;
const AES_SUM: usize = 12;
/// Octets of the time, encrypted by RC4 with its sum.
const RC4_TIME: usize = 52;
/// Octets that are taken of a ticket: those of some who are in very many groups are longer than hashcat reads.
const LONGEST: usize = 16 << 10;

fn line(mode: u32, line: String) -> Option<Hashcat> {
    Some(Hashcat {
        mode,
        line: Secret::new(line),
    })
}

/// Whose it is, and in which realm.
fn who<'k>(name: Option<&'k Untrusted>, kerberos: &'k Kerberos) -> Option<(&'k str, &'k str)> {
    Some((name?.raw(), kerberos.realm.as_ref()?.raw()))
}

/// The sum, and what it is computed over.
fn split<'m>(encrypted: &Encrypted<'m>) -> Option<(&'m [u8], &'m [u8])> {
    let bytes = encrypted.bytes;
    if bytes.len() > LONGEST {
        return None;
    }
    if encrypted.cipher == KerberosCipher(RC4) {
        return bytes.split_at_checked(RC4_SUM);
    }
    let (rest, sum) = bytes.split_at_checked(bytes.len().checked_sub(AES_SUM)?)?;
    Some((sum, rest))
}

/// The time that a client encrypted with its key.
pub(super) fn proof(kerberos: &Kerberos, time: &Encrypted<'_>) -> Option<Hashcat> {
    let (user, realm) = who(kerberos.client.as_ref(), kerberos)?;
    let bytes = time.bytes;
    match time.cipher.0 {
        RC4 if bytes.len() == RC4_TIME => {
            let (sum, rest) = bytes.split_at_checked(RC4_SUM)?;
            let (sum, rest) = (digest_hex(sum), digest_hex(rest));
            line(7_500, format!("$krb5pa$23${user}${realm}$dummy${rest}{sum}"))
        }
        cipher @ (AES128 | AES256) if bytes.len() < 256 => {
            let mode = if cipher == AES128 { 19_800 } else { 19_900 };
            line(mode, format!("$krb5pa${cipher}${user}${realm}${}", digest_hex(bytes)))
        }
        _ => None,
    }
}

/// What a client is answered, encrypted with its key.
pub(super) fn answer(kerberos: &Kerberos, own: &Encrypted<'_>) -> Option<Hashcat> {
    let (user, realm) = who(kerberos.client.as_ref(), kerberos)?;
    let (sum, rest) = split(own)?;
    let (sum, rest) = (digest_hex(sum), digest_hex(rest));
    match own.cipher.0 {
        RC4 => line(18_200, format!("$krb5asrep$23${user}@{realm}:{sum}${rest}")),
        AES128 => line(32_100, format!("$krb5asrep$17${user}${realm}${sum}${rest}")),
        AES256 => line(32_200, format!("$krb5asrep$18${user}${realm}${sum}${rest}")),
        _ => None,
    }
}

/// A ticket, encrypted with the key of its service. The name of the account that the service runs under does not stand in
/// the traffic; where the cipher is salted by it, the name of the service stands in its place.
pub(super) fn ticket(kerberos: &Kerberos, ticket: &Encrypted<'_>) -> Option<Hashcat> {
    let (service, realm) = who(kerberos.service.as_ref(), kerberos)?;
    // The keys of those who give out tickets are not guessed.
    if service.to_ascii_lowercase().starts_with("krbtgt") {
        return None;
    }
    let (sum, rest) = split(ticket)?;
    let (sum, rest) = (digest_hex(sum), digest_hex(rest));
    let user = service.rsplit('/').next().unwrap_or(service);
    match ticket.cipher.0 {
        RC4 => line(13_100, format!("$krb5tgs$23$*{user}${realm}${service}*${sum}${rest}")),
        AES128 => line(19_600, format!("$krb5tgs$17${user}${realm}$*{service}*${sum}${rest}")),
        AES256 => line(19_700, format!("$krb5tgs$18${user}${realm}$*{service}*${sum}${rest}")),
        _ => None,
    }
}
