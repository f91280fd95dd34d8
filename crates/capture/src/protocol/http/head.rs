//! The head of a message: its first line and its fields (RFC 9112 2.1, RFC 9110 5).

use super::super::text::base64;
use super::At;
use watchfire_model::Untrusted;
use watchfire_model::network::Http;

/// Bytes of one field that are kept.
const LONGEST_FIELD: usize = 8 << 10;

/// A number of digits alone, to a base.
fn number(digits: &[u8], base: u32) -> Option<u64> {
    let is_number = digits.iter().all(|byte| char::from(*byte).is_digit(base));
    let digits = std::str::from_utf8(digits).ok().filter(|_| is_number)?;
    u64::from_str_radix(digits, base).ok()
}

/// The length of a chunk, without what may be said of it behind a semicolon.
pub(super) fn chunk(line: &[u8]) -> Option<u64> {
    let digits = line.split(|byte| *byte == b';').next()?;
    number(digits.trim_ascii(), 16)
}

/// The first line of a message and its fields.
#[derive(Debug)]
pub(in crate::protocol) struct Head<'h> {
    pub(in crate::protocol) first: &'h [u8],
    fields: Vec<(&'h [u8], &'h [u8])>,
}

impl<'h> Head<'h> {
    /// Of fields that stand apart, as those of HTTP/2 do.
    pub(in crate::protocol) fn of(fields: impl Iterator<Item = (&'h [u8], &'h [u8])>) -> Self {
        Self {
            first: &[],
            fields: fields.collect(),
        }
    }

    pub(in crate::protocol) fn read(bytes: &'h [u8]) -> Self {
        let mut lines = bytes
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty());
        let first = lines.next().unwrap_or_default();
        let field = |line: &'h [u8]| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let (name, value) = line.split_at_checked(colon)?;
            Some((name.trim_ascii(), value.get(1..)?.trim_ascii()))
        };
        Self {
            first,
            fields: lines.filter_map(field).collect(),
        }
    }

    /// Bytes of its texts.
    pub(in crate::protocol) fn size(&self) -> usize {
        self.fields.iter().map(|(_, value)| value.len()).sum::<usize>() + self.first.len()
    }

    pub(in crate::protocol) fn field(&self, name: &[u8]) -> Option<&'h [u8]> {
        let found = self.fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.get(..LONGEST_FIELD).unwrap_or(value))
    }

    pub(in crate::protocol) fn text(&self, name: &[u8]) -> Option<Untrusted> {
        self.field(name).map(Untrusted::from_bytes)
    }

    /// User and password of basic authentication (RFC 7617), also to a proxy.
    pub(in crate::protocol) fn credentials(&self) -> Option<(Untrusted, Untrusted)> {
        let value = self
            .field(b"authorization")
            .or_else(|| self.field(b"proxy-authorization"))?;
        let (scheme, rest) = value.split_at_checked(6)?;
        if !scheme.eq_ignore_ascii_case(b"basic ") {
            return None;
        }
        let decoded = base64(rest.trim_ascii());
        let colon = decoded.iter().position(|byte| *byte == b':')?;
        let (user, password) = decoded.split_at_checked(colon)?;
        Some((Untrusted::from_bytes(user), Untrusted::from_bytes(password.get(1..)?)))
    }

    /// What an end proves itself by with NTLM or SPNEGO (RFC 4559), in whichever of two fields.
    pub(super) fn token(&self, names: [&[u8]; 2]) -> Option<Vec<u8>> {
        let is_meant = |name: &[u8]| names.iter().any(|meant| name.eq_ignore_ascii_case(meant));
        let values = self.fields.iter().filter(|(name, _)| is_meant(name));
        let mut tokens = values.filter_map(|(_, value)| {
            let blank = value.iter().position(|byte| *byte == b' ')?;
            let (scheme, rest) = value.split_at_checked(blank)?;
            let is_known = scheme.eq_ignore_ascii_case(b"ntlm") || scheme.eq_ignore_ascii_case(b"negotiate");
            is_known
                .then(|| base64(rest.trim_ascii()))
                .filter(|token| !token.is_empty())
        });
        tokens.next()
    }

    /// What the body is called: as `Content-Disposition` says (RFC 6266), or as the last part of what was asked for.
    pub(in crate::protocol) fn name(&self, request: Option<&Http>) -> Option<Untrusted> {
        let named = self.field(b"content-disposition").and_then(file_name);
        let named = named.map(Untrusted::from_bytes);
        named.or_else(|| {
            let target = request?.target.raw();
            let path = target.split(['?', '#']).next()?;
            let last = path.rsplit('/').next()?;
            (!last.is_empty()).then(|| last.into())
        })
    }

    /// Where the side is behind this head; `open` where nothing says how long its body is.
    pub(super) fn body(&self, open: At) -> At {
        let is_chunked = self.field(b"transfer-encoding").is_some_and(|value| {
            let last = value.split(|byte| *byte == b',').next_back().unwrap_or_default();
            last.trim_ascii().eq_ignore_ascii_case(b"chunked")
        });
        if is_chunked {
            return At::Chunk;
        }
        match self.field(b"content-length") {
            Some(length) => match number(length, 10) {
                Some(0) => At::Head,
                Some(length) => At::Body(length),
                None => open,
            },
            None => open,
        }
    }
}

/// The parameter `filename` of a disposition, without its quotes.
fn file_name(value: &[u8]) -> Option<&[u8]> {
    const KEY: &[u8] = b"filename=";
    let lower = value.to_ascii_lowercase();
    let at = lower.windows(KEY.len()).position(|window| window == KEY)?;
    let rest = value.get(at + KEY.len()..)?.trim_ascii();
    let name = match rest.strip_prefix(b"\"") {
        Some(quoted) => quoted.split(|byte| *byte == b'"').next()?,
        None => rest.split(|byte| *byte == b';').next()?.trim_ascii(),
    };
    (!name.is_empty()).then_some(name)
}
