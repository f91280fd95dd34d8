//! Places that FTP names: of files, and of who listens for data.

use super::super::text::number;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Characters of a path that are kept.
const LONGEST_PATH: usize = 4 << 10;

/// Six numbers, an address and a port (RFC 959 4.1.2).
pub(super) fn six(text: &[u8]) -> Option<SocketAddr> {
    let mut bytes = [0_u8; 6];
    let mut numbers = text.split(|byte| *byte == b',');
    for byte in &mut bytes {
        *byte = u8::try_from(number(numbers.next()?.trim_ascii())?).ok()?;
    }
    if numbers.next().is_some() {
        return None;
    }
    let [a, b, c, d, high, low] = bytes;
    let port = u16::from_be_bytes([high, low]);
    Some(SocketAddr::from((Ipv4Addr::new(a, b, c, d), port)))
}

/// Six numbers somewhere in an answer, mostly in brackets (RFC 1123 4.1.2.6).
pub(super) fn six_in(text: &[u8]) -> Option<SocketAddr> {
    text.split(|byte| !byte.is_ascii_digit() && *byte != b',')
        .find_map(|part| six(part.strip_suffix(b",").unwrap_or(part)))
}

/// A protocol, an address and a port between marks (RFC 2428 2). Where `host` is given, that stands for what is left out.
pub(super) fn extended(text: &[u8], host: Option<IpAddr>) -> Option<SocketAddr> {
    let (mark, rest) = text.split_first()?;
    let mut parts = rest.split(|byte| byte == mark);
    let (_, address, port) = (parts.next()?, parts.next()?, parts.next()?);
    let port = u16::try_from(number(port)?).ok()?;
    let address = std::str::from_utf8(address).ok()?;
    let address = match (address.parse(), host) {
        (Ok(address), _) => address,
        (Err(_), host) => host.filter(|_| address.is_empty())?,
    };
    Some(SocketAddr::new(address, port))
}

/// The same in the brackets of an answer (RFC 2428 3).
pub(super) fn extended_in(text: &[u8], host: IpAddr) -> Option<SocketAddr> {
    let inside = text.split(|byte| *byte == b'(').nth(1)?;
    extended(inside.split(|byte| *byte == b')').next()?, Some(host))
}

/// A path in quotation marks, of which those inside are doubled (RFC 959, appendix II).
pub(super) fn quoted(text: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(text);
    let (_, rest) = text.split_once('"')?;
    let (path, _) = rest.rsplit_once('"')?;
    Some(path.replace("\"\"", "\""))
}

/// A path from a folder on; both without `.`, and `..` as far as what it leads out of is known.
pub(super) fn join(folder: Option<&str>, path: &str) -> String {
    let folder = folder.filter(|_| !path.starts_with('/')).unwrap_or_default();
    let is_whole = path.starts_with('/') || folder.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match (part, parts.last()) {
            ("" | ".", _) => {}
            ("..", Some(last)) if *last != ".." => {
                parts.pop();
            }
            ("..", None) if is_whole => {}
            _ => parts.push(part),
        }
    }
    let joined = format!("{}{}", if is_whole { "/" } else { "" }, parts.join("/"));
    joined.chars().take(LONGEST_PATH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_listens_is_read_in_each_form() {
        let shown = |found: Option<SocketAddr>| found.map_or("-".to_owned(), |place| place.to_string());
        let host = IpAddr::from([192, 0, 2, 1]);
        assert_eq!(shown(six(b"192,0,2,9,4,1")), "192.0.2.9:1025");
        assert_eq!(shown(six(b"192,0,2,9,4")), "-");
        assert_eq!(shown(six(b"192,0,2,9,4,256")), "-");
        assert_eq!(shown(six(b"1,2,3,4,5,6,7")), "-");
        assert_eq!(
            shown(six_in(b"Entering Passive Mode (192,0,2,9,4,1).")),
            "192.0.2.9:1025"
        );
        assert_eq!(shown(six_in(b"227 is it: 192,0,2,9,4,1, bye")), "192.0.2.9:1025");
        assert_eq!(shown(extended(b"|1|192.0.2.9|1025|", None)), "192.0.2.9:1025");
        assert_eq!(shown(extended(b"|2|2001:db8::9|1025|", None)), "[2001:db8::9]:1025");
        assert_eq!(shown(extended(b"||||", None)), "-");
        assert_eq!(shown(extended_in(b"Extended (|||1025|)", host)), "192.0.2.1:1025");
        assert_eq!(shown(extended_in(b"Extended (|||65536|)", host)), "-");
    }

    #[test]
    fn paths_are_joined() {
        for (folder, path, expected) in [
            (None, "a", "a"),
            (None, "./a/../b", "b"),
            (None, "../a", "../a"),
            (Some("/x/y"), "a", "/x/y/a"),
            (Some("/x/y"), "../a", "/x/a"),
            (Some("/x"), "../../a", "/a"),
            (Some("/x"), "/a", "/a"),
            (Some("x"), "..", ""),
            (Some("/"), "", "/"),
        ] {
            assert_eq!(join(folder, path), expected, "{folder:?} {path}");
        }
        assert_eq!(quoted(b"\"/a \"\"b\"\"\" is here").as_deref(), Some("/a \"b\""));
    }
}
