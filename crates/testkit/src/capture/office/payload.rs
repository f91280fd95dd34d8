//! What is said in an office besides pages: leases, mail, log-ins, files, printers. Small, and right as far as others read it.

use crate::Random;
use std::net::Ipv4Addr;

/// A message of DHCP from a client or to it (RFC 2131): `kind` 1 discover, 2 offer, 3 request, 5 acknowledge.
pub(super) fn lease(kind: u8, id: u32, mac: [u8; 6], address: Ipv4Addr, name: &str) -> Vec<u8> {
    let is_answer = kind == 2 || kind == 5;
    let mut made = vec![if is_answer { 2 } else { 1 }, 1, 6, 0];
    made.extend(id.to_be_bytes());
    made.extend([0; 8]);
    made.extend(if is_answer { address.octets() } else { [0; 4] });
    made.extend([0; 8]);
    made.extend(mac);
    made.extend([0; 10 + 64 + 128]);
    made.extend([0x63, 0x82, 0x53, 0x63, 53, 1, kind]);
    let mut option = |number: u8, value: &[u8]| {
        made.push(number);
        made.push(u8::try_from(value.len()).unwrap_or_default());
        made.extend(value);
    };
    if is_answer {
        option(54, &super::CONTROLLER.octets());
        option(51, &28_800_u32.to_be_bytes());
        option(1, &[255, 255, 0, 0]);
        option(3, &[10, 0, 1, 254]);
        option(6, &super::CONTROLLER.octets());
    } else {
        option(12, name.as_bytes());
        option(61, &[&[1][..], &mac].concat());
        option(60, b"MSFT 5.0");
        if kind == 3 {
            option(50, &address.octets());
            option(54, &super::CONTROLLER.octets());
        }
    }
    made.push(255);
    made
}

/// A message of NTP (RFC 5905): mode 3 asks, 4 answers.
pub(super) fn clock(mode: u8, time: u64) -> Vec<u8> {
    let mut made = vec![0x20 | mode, if mode == 4 { 2 } else { 0 }, 10, 0xe9];
    made.extend([0; 36]);
    // Seconds since 1900, and parts of the next.
    made.extend(
        u32::try_from((time / super::wire::SECOND + 2_208_988_800) & 0xffff_ffff)
            .unwrap_or_default()
            .to_be_bytes(),
    );
    made.extend([0x80, 0, 0, 0]);
    made
}

/// A message of SNMP (RFC 3416) about how long a device runs: kind 0xa0 asks, 0xa2 answers.
pub(super) fn device(kind: u8, id: u8, ticks: u16) -> Vec<u8> {
    let [high, low] = ticks.to_be_bytes();
    let value: &[u8] = if kind == 0xa0 {
        &[5, 0]
    } else {
        &[0x43, 2, high & 0x7f, low]
    };
    let tagged = |tag: u8, body: &[u8]| [&[tag, u8::try_from(body.len()).unwrap_or_default()], body].concat();
    // 1.3.6.1.2.1.1.3.0
    let variable = tagged(0x30, &[&[6, 8, 0x2b, 6, 1, 2, 1, 1, 3, 0], value].concat());
    let body = [&[2, 1, id & 0x7f, 2, 1, 0, 2, 1, 0][..], &tagged(0x30, &variable)].concat();
    tagged(0x30, &[&[2, 1, 1, 4, 6][..], b"public", &tagged(kind, &body)].concat())
}

/// A question of mDNS for printers (RFC 6762).
pub(super) fn neighbours() -> Vec<u8> {
    let mut made = vec![0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in ["_ipp", "_tcp", "local"] {
        made.push(u8::try_from(label.len()).unwrap_or_default());
        made.extend(label.bytes());
    }
    made.extend([0, 0, 12, 0, 1]);
    made
}

/// A message of SMB 2 behind its length, noise behind its header ([MS-SMB2] 2.2.1): `command` 8 reads, 9 writes.
pub(in crate::capture) fn share(command: u8, is_answer: bool, number: u8, noise: &[u8]) -> Vec<u8> {
    let length = u32::try_from(noise.len().saturating_add(64)).unwrap_or_default();
    let mut made = (length & 0x00ff_ffff).to_be_bytes().to_vec();
    made.extend([0xfe, b'S', b'M', b'B', 64, 0, 1, 0, 0, 0, 0, 0, command, 0, 1, 0]);
    made.extend([u8::from(is_answer), 0, 0, 0, 0, 0, 0, 0, number]);
    made.resize(4 + 64, 0);
    made.extend(noise);
    made
}

/// A message of Kerberos behind its length (RFC 4120 7.2.2), noise inside: tag 0x6a asks for a ticket, 0x6b brings it.
pub(super) fn ticket(tag: u8, random: &mut Random, length: usize) -> Vec<u8> {
    let body = random.bytes(length);
    let inner = u16::try_from(length).unwrap_or_default().to_be_bytes();
    let whole = u32::try_from(length.saturating_add(4))
        .unwrap_or_default()
        .to_be_bytes();
    [&whole[..], &[tag, 0x82], &inner, &body].concat()
}
