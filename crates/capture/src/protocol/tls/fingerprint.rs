//! Fingerprints of those who speak TLS: JA3 and JA3S (<https://github.com/salesforce/ja3>, BSD-3) and JA4 of clients
//! (<https://github.com/FoxIO-LLC/ja4/blob/main/technical_details/JA4.md>, BSD-3). The rest of JA4+ is under another licence
//! and is not here.
//!
//! Numbers that are only there to keep others from getting used to them (GREASE, RFC 8701) do not count.

use super::hello::{ClientHello, PROTOCOLS, SERVER_NAME, ServerHello};
use md5::Md5;
use sha2::{Digest, Sha256};
use watchfire_model::digest_hex;
use watchfire_model::network::TlsCarrier;

/// Whether a number means nothing.
pub(super) const fn is_grease(number: u16) -> bool {
    number & 0x0f0f == 0x0a0a && number >> 8 == number & 0xff
}

const DIGITS: [char; 16] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
];

/// The lowest so many bits of a number as hexadecimal digits.
fn digits(number: u16, bits: u32, text: &mut String) {
    for shift in (0..bits).step_by(4).rev() {
        text.extend(DIGITS.get(usize::from(number >> shift & 0x0f)));
    }
}

/// Decimal numbers with lines between them. `write!` would take half of the time of a handshake.
fn push_joined(numbers: impl IntoIterator<Item = u16>, text: &mut String) {
    let mut is_first = true;
    for number in numbers {
        if !std::mem::replace(&mut is_first, false) {
            text.push('-');
        }
        push_decimal(number, text);
    }
}

fn push_decimal(number: u16, text: &mut String) {
    let mut place = 10_u16.pow(number.checked_ilog10().unwrap_or(0));
    while place > 0 {
        text.extend(DIGITS.get(usize::from(number / place % 10)));
        place /= 10;
    }
}

pub(super) fn ja3(hello: &ClientHello<'_>) -> String {
    let meant = |number: &u16| !is_grease(*number);
    let mut text = String::with_capacity(256);
    push_decimal(hello.version, &mut text);
    text.push(',');
    push_joined(hello.ciphers.iter().copied().filter(meant), &mut text);
    text.push(',');
    let extensions = hello.extensions.iter().map(|extension| extension.kind);
    push_joined(extensions.filter(meant), &mut text);
    text.push(',');
    push_joined(hello.groups().into_iter().filter(meant), &mut text);
    text.push(',');
    push_joined(hello.point_formats().iter().map(|format| u16::from(*format)), &mut text);
    digest_hex(&Md5::digest(text))
}

pub(super) fn ja3s(hello: &ServerHello<'_>) -> String {
    let mut text = String::with_capacity(64);
    push_decimal(hello.version, &mut text);
    text.push(',');
    push_decimal(hello.cipher, &mut text);
    text.push(',');
    push_joined(hello.extensions.iter().map(|extension| extension.kind), &mut text);
    digest_hex(&Md5::digest(text))
}

pub(super) fn ja4(hello: &ClientHello<'_>, carrier: TlsCarrier) -> String {
    let meant = |number: &u16| !is_grease(*number);
    let mut ciphers: Vec<u16> = hello.ciphers.iter().copied().filter(meant).collect();
    let extensions = hello.extensions.iter().map(|extension| extension.kind);
    let extensions: Vec<u16> = extensions.filter(meant).collect();
    let mut text = String::with_capacity(36);
    text.push_str(match carrier {
        TlsCarrier::Tcp => "t",
        TlsCarrier::Quic => "q",
        TlsCarrier::Dtls => "d",
    });
    text.push_str(version(hello));
    text.push(if hello.extension(SERVER_NAME).is_some() {
        'd'
    } else {
        'i'
    });
    for count in [ciphers.len(), extensions.len()] {
        let count = u16::try_from(count).unwrap_or(u16::MAX).min(99);
        push_decimal(count / 10, &mut text);
        push_decimal(count % 10, &mut text);
    }
    push_protocol(hello.protocols().first().copied().unwrap_or_default(), &mut text);
    ciphers.sort_unstable();
    let mut others: Vec<u16> = extensions;
    others.retain(|kind| !matches!(*kind, SERVER_NAME | PROTOCOLS));
    others.sort_unstable();
    let signatures = hello.signatures();
    let longest = ciphers.len().max(others.len() + signatures.len());
    let mut listed = String::with_capacity(longest * 5);
    push_hexadecimal(&ciphers, &mut listed);
    push_short(&listed, &mut text);
    listed.clear();
    push_hexadecimal(&others, &mut listed);
    if !signatures.is_empty() && !others.is_empty() {
        listed.push('_');
        push_hexadecimal(&signatures, &mut listed);
    }
    push_short(&listed, &mut text);
    text
}

/// Hexadecimal numbers with commas between them.
fn push_hexadecimal(numbers: &[u16], text: &mut String) {
    for (at, number) in numbers.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        digits(*number, 16, text);
    }
}

/// A line and the first twelve digits of a SHA-256; zeros of nothing.
fn push_short(listed: &str, text: &mut String) {
    text.push('_');
    if listed.is_empty() {
        return text.push_str("000000000000");
    }
    let digest = Sha256::digest(listed);
    digest.iter().take(6).for_each(|byte| digits(u16::from(*byte), 8, text));
}

fn version(hello: &ClientHello<'_>) -> &'static str {
    match hello.newest() {
        0x0002 => "s2",
        0x0300 => "s3",
        0x0301 => "10",
        0x0302 => "11",
        0x0303 => "12",
        0x0304 => "13",
        0xfeff => "d1",
        0xfefd => "d2",
        0xfefc => "d3",
        _ => "00",
    }
}

/// The first and the last character of what is to be spoken; of what is no letter or digit, those of its hexadecimal form.
fn push_protocol(name: &[u8], text: &mut String) {
    let (Some(first), Some(last)) = (name.first(), name.last()) else {
        return text.push_str("00");
    };
    if first.is_ascii_alphanumeric() && last.is_ascii_alphanumeric() {
        return text.extend([char::from(*first), char::from(*last)]);
    }
    digits(u16::from(first >> 4), 4, text);
    digits(u16::from(*last), 4, text);
}
