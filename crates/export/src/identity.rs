//! Names of flows and of files by which lines of logs are told to belong together. They are the same in every run.

use std::net::{IpAddr, SocketAddr};

/// The name of a flow, as Zeek's look.
pub(crate) fn uid(first_frame: u64, originator: SocketAddr, responder: SocketAddr) -> String {
    name('C', &[first_frame], [originator, responder])
}

/// The name of a file of a flow.
pub(crate) fn file_uid(flow: u64, number: u32, ends: [SocketAddr; 2]) -> String {
    name('F', &[flow, number.into()], ends)
}

/// The number of a flow, as Suricata's look: none is too large for a number of JSON.
pub(crate) fn flow_number(first_frame: u64, originator: SocketAddr, responder: SocketAddr) -> u64 {
    let digest = digest('C', &[first_frame], [originator, responder]);
    u64::try_from(digest & ((1 << 51) - 1)).unwrap_or_default()
}

/// A letter and 17 others.
fn name(letter: char, numbers: &[u64], ends: [SocketAddr; 2]) -> String {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut rest = digest(letter, numbers, ends);
    let mut out = String::from(letter);
    for _ in 0..17 {
        let digit = usize::try_from(rest % 62).unwrap_or_default();
        out.push(LETTERS.get(digit).copied().map_or('0', char::from));
        rest /= 62;
    }
    out
}

/// Of everything that tells one apart.
fn digest(letter: char, numbers: &[u64], mut ends: [SocketAddr; 2]) -> u128 {
    // Who began may be known better at a flow's end than before.
    ends.sort();
    let mut bytes: Vec<u8> = vec![u8::try_from(letter).unwrap_or_default()];
    bytes.extend(numbers.iter().flat_map(|number| number.to_be_bytes()));
    for end in ends {
        match end.ip() {
            IpAddr::V4(address) => bytes.extend(address.octets()),
            IpAddr::V6(address) => bytes.extend(address.octets()),
        }
        bytes.extend(end.port().to_be_bytes());
    }
    let digest = watchfire_model::ArtifactId::of(&bytes);
    let bytes = digest.as_bytes().iter().take(16);
    bytes.fold(0_u128, |number, byte| number << 8 | u128::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flows_are_named_by_their_ends_in_any_order_and_their_first_frame() {
        let [one, two] = [1, 2].map(|host| SocketAddr::from(([192, 0, 2, host], 443)));
        let name = uid(7, one, two);
        assert!(name.len() == 18 && name.starts_with('C'), "{name}");
        assert!(name.chars().all(|letter| letter.is_ascii_alphanumeric()), "{name}");
        assert_eq!(uid(7, two, one), name);
        assert_ne!(uid(8, one, two), name);
        assert_ne!(file_uid(7, 0, [one, two]), file_uid(7, 1, [one, two]));
        assert_eq!(flow_number(7, one, two), flow_number(7, two, one));
        assert!(flow_number(7, one, two) < 1 << 51);
    }
}
