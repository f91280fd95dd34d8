//! What devices say of themselves: LLDP (IEEE 802.1AB 8) and CDP.

use crate::cursor::Cursor;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use watchfire_model::Untrusted;
use watchfire_model::network::{Discovery, Mac};

/// Bytes of a text that are kept.
const LONGEST: usize = 256;
/// Addresses that are kept.
const MOST_ADDRESSES: usize = 4;

fn text(bytes: &[u8]) -> Option<Untrusted> {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let kept = bytes.get(..end.min(LONGEST))?;
    Some(Untrusted::from_bytes(kept)).filter(|text| !text.is_empty())
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(bytes) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(bytes).into());
    }
    <[u8; 16]>::try_from(bytes)
        .ok()
        .map(|bytes| Ipv6Addr::from(bytes).into())
}

/// What tells a device or a port apart: an address of the link or of IP, or a text.
fn identity(kind: u8, value: &[u8], mac: u8, ip: u8) -> Option<Untrusted> {
    if kind == mac {
        let mac = value.first_chunk::<6>().map(|mac| Mac(*mac).to_string());
        return mac.map(Untrusted::new);
    }
    if kind == ip {
        let address = value.get(1..).and_then(address);
        return address.map(|address| Untrusted::new(address.to_string()));
    }
    text(value)
}

/// Fields of seven bits for what it is and nine for how long.
pub(super) fn lldp(bytes: &[u8]) -> Option<Discovery> {
    let mut said = Discovery {
        service: "lldp",
        ..Discovery::default()
    };
    let mut cursor = Cursor::new(bytes);
    let mut is_first = true;
    while let Some(head) = cursor.be16() {
        let Some(value) = cursor.take((head & 0x01ff).into()) else {
            break;
        };
        let kind = head >> 9;
        if std::mem::take(&mut is_first) && kind != 1 {
            return None;
        }
        match (kind, value) {
            (0, _) => break,
            (1, [kind, value @ ..]) => said.device = identity(*kind, value, 4, 5),
            (2, [kind, value @ ..]) => said.port = identity(*kind, value, 3, 4),
            (4, value) => said.port_description = text(value),
            (5, value) => said.name = text(value),
            (6, value) => said.software = text(value),
            (8, [length, _family, rest @ ..]) => {
                let address = usize::from(*length)
                    .checked_sub(1)
                    .and_then(|length| address(rest.get(..length)?));
                said.addresses
                    .extend(address.filter(|_| said.addresses.len() < MOST_ADDRESSES));
            }
            (127, [0x00, 0x80, 0xc2, 1, high, low]) => said.native_vlan = Some(u16::from_be_bytes([*high, *low])),
            _ => {}
        }
    }
    said.device.is_some().then_some(said)
}

/// Version, time to live, checksum; then fields, each with its length and that of its head.
pub(super) fn cdp(bytes: &[u8]) -> Option<Discovery> {
    let mut said = Discovery {
        service: "cdp",
        ..Discovery::default()
    };
    let mut cursor = Cursor::new(bytes);
    let [version, _, _, _] = cursor.array()?;
    if !matches!(version, 1 | 2) {
        return None;
    }
    while let (Some(kind), Some(length)) = (cursor.be16(), cursor.be16()) {
        let Some(value) = usize::from(length)
            .checked_sub(4)
            .and_then(|length| cursor.take(length))
        else {
            break;
        };
        match (kind, value) {
            (0x01, value) => said.device = text(value),
            (0x02, value) => said.addresses = addresses(value),
            (0x03, value) => said.port = text(value),
            (0x05, value) => said.software = text(value),
            (0x06, value) => said.platform = text(value),
            (0x0a, [high, low]) => said.native_vlan = Some(u16::from_be_bytes([*high, *low])),
            _ => {}
        }
    }
    said.name.clone_from(&said.device);
    said.device.is_some().then_some(said)
}

/// A number of addresses, each with its protocol.
fn addresses(bytes: &[u8]) -> Vec<IpAddr> {
    let mut cursor = Cursor::new(bytes);
    cursor.be32();
    let addresses = std::iter::from_fn(|| {
        cursor.u8()?;
        cursor.behind8()?;
        Some(address(cursor.behind16()?))
    });
    addresses.take(MOST_ADDRESSES).flatten().collect()
}
