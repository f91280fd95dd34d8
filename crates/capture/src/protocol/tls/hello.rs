//! The first messages of both ends, as they stand (RFC 8446 4.1, RFC 6066, RFC 7301).

use super::fingerprint::is_grease;
use crate::cursor::Cursor;

/// Ciphers, extensions and the like that are kept of one message.
const MOST: usize = 1_024;

/// An extension.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extension<'m> {
    pub(super) kind: u16,
    pub(super) data: &'m [u8],
}

pub(super) const SERVER_NAME: u16 = 0;
pub(super) const GROUPS: u16 = 10;
pub(super) const POINT_FORMATS: u16 = 11;
pub(super) const SIGNATURES: u16 = 13;
pub(super) const PROTOCOLS: u16 = 16;
pub(super) const ENCRYPT_THEN_MAC: u16 = 22;
pub(super) const SESSION_KEY: u16 = 41;
pub(super) const VERSIONS: u16 = 43;
pub(super) const ENCRYPTED_HELLO: u16 = 0xfe0d;

/// Whether a version is one of those whose handshake goes on encrypted: TLS 1.3, its drafts, and DTLS 1.3.
pub(super) const fn is_new(version: u16) -> bool {
    version >= 0x0304 && !matches!(version, 0xfeff | 0xfefd)
}

/// What a client says first.
#[derive(Debug, Default)]
pub(super) struct ClientHello<'m> {
    /// The version of its old field.
    pub(super) version: u16,
    pub(super) random: &'m [u8],
    pub(super) session: &'m [u8],
    pub(super) ciphers: Vec<u16>,
    pub(super) extensions: Vec<Extension<'m>>,
}

/// What a server says first.
#[derive(Debug, Default)]
pub(super) struct ServerHello<'m> {
    /// The version of its old field.
    pub(super) version: u16,
    pub(super) random: &'m [u8],
    pub(super) session: &'m [u8],
    pub(super) cipher: u16,
    pub(super) extensions: Vec<Extension<'m>>,
}

impl<'m> ClientHello<'m> {
    /// Reads the body of the message; `is_datagram` where it is DTLS's, which has a cookie.
    pub(super) fn read(body: &'m [u8], is_datagram: bool) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let version = cursor.be16()?;
        let random = cursor.take(32)?;
        let session = cursor.behind8()?;
        if is_datagram {
            cursor.behind8()?;
        }
        let ciphers = numbers(cursor.behind16()?);
        cursor.behind8()?;
        let extensions = cursor.behind16().map(extensions).unwrap_or_default();
        Some(Self {
            version,
            random,
            session,
            ciphers,
            extensions,
        })
    }

    pub(super) fn extension(&self, kind: u16) -> Option<&'m [u8]> {
        find(&self.extensions, kind)
    }

    /// Versions that it offers, if it names them.
    pub(super) fn versions(&self) -> Vec<u16> {
        let data = self.extension(VERSIONS).unwrap_or_default();
        Cursor::new(data).behind8().map(numbers).unwrap_or_default()
    }

    /// The newest version that it offers. Those of datagrams count downwards (RFC 9147 5.3).
    pub(super) fn newest(&self) -> u16 {
        let versions = self.versions().into_iter();
        let meant = versions.filter(|version| !is_grease(*version));
        let newest = if self.version >> 8 == 0xfe {
            meant.min()
        } else {
            meant.max()
        };
        newest.unwrap_or(self.version)
    }

    /// Whom it wants to speak to.
    pub(super) fn server_name(&self) -> Option<&'m [u8]> {
        let mut names = Cursor::new(Cursor::new(self.extension(SERVER_NAME)?).behind16()?);
        loop {
            let (kind, name) = (names.u8()?, names.behind16()?);
            if kind == 0 {
                return Some(name);
            }
        }
    }

    /// What it wants to speak then.
    pub(super) fn protocols(&self) -> Vec<&'m [u8]> {
        protocols(self.extension(PROTOCOLS).unwrap_or_default())
    }

    /// Algorithms of signatures, in its order.
    pub(super) fn signatures(&self) -> Vec<u16> {
        let data = self.extension(SIGNATURES).unwrap_or_default();
        Cursor::new(data).behind16().map(numbers).unwrap_or_default()
    }

    /// Groups, in its order.
    pub(super) fn groups(&self) -> Vec<u16> {
        let data = self.extension(GROUPS).unwrap_or_default();
        Cursor::new(data).behind16().map(numbers).unwrap_or_default()
    }

    /// Formats of points, in its order.
    pub(super) fn point_formats(&self) -> &'m [u8] {
        let data = self.extension(POINT_FORMATS).unwrap_or_default();
        Cursor::new(data).behind8().unwrap_or_default()
    }
}

impl<'m> ServerHello<'m> {
    /// Reads the body of the message.
    pub(super) fn read(body: &'m [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(body);
        let version = cursor.be16()?;
        let random = cursor.take(32)?;
        let session = cursor.behind8()?;
        let cipher = cursor.be16()?;
        cursor.u8()?;
        let extensions = cursor.behind16().map(extensions).unwrap_or_default();
        Some(Self {
            version,
            random,
            session,
            cipher,
            extensions,
        })
    }

    pub(super) fn extension(&self, kind: u16) -> Option<&'m [u8]> {
        find(&self.extensions, kind)
    }

    /// The version that it chose.
    pub(super) fn chosen(&self) -> u16 {
        let named = self.extension(VERSIONS).and_then(|data| Cursor::new(data).be16());
        named.unwrap_or(self.version)
    }

    /// Whether it wants another question rather than this (RFC 8446 4.1.4).
    pub(super) fn is_retry(&self) -> bool {
        const RETRY: [u8; 32] = [
            0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2, 0xa2,
            0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
        ];
        self.random == RETRY
    }

    /// What is spoken then, from the extensions that are encrypted.
    pub(super) fn encrypted_protocol(body: &'m [u8]) -> Option<&'m [u8]> {
        let all = extensions(Cursor::new(body).behind16()?);
        protocols(find(&all, PROTOCOLS)?).first().copied()
    }

    /// What is spoken then.
    pub(super) fn protocol(&self) -> Option<&'m [u8]> {
        protocols(self.extension(PROTOCOLS)?).first().copied()
    }
}

fn find<'m>(extensions: &[Extension<'m>], kind: u16) -> Option<&'m [u8]> {
    let found = extensions.iter().find(|extension| extension.kind == kind);
    found.map(|extension| extension.data)
}

/// Numbers of two bytes, one after another.
fn numbers(bytes: &[u8]) -> Vec<u16> {
    let (pairs, _) = bytes.as_chunks::<2>();
    pairs.iter().take(MOST).map(|pair| u16::from_be_bytes(*pair)).collect()
}

fn extensions(bytes: &[u8]) -> Vec<Extension<'_>> {
    let mut cursor = Cursor::new(bytes);
    let extensions = std::iter::from_fn(|| {
        let kind = cursor.be16()?;
        let data = cursor.behind16()?;
        Some(Extension { kind, data })
    });
    extensions.take(MOST).collect()
}

fn protocols(data: &[u8]) -> Vec<&[u8]> {
    let Some(list) = Cursor::new(data).behind16() else {
        return Vec::new();
    };
    let mut cursor = Cursor::new(list);
    std::iter::from_fn(|| cursor.behind8()).take(MOST).collect()
}
