//! Bytes under analysis.

use crate::{Invalid, PartRole, Stored, Untrusted};
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

/// The SHA-256 of an artifact's bytes: its identity.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArtifactId([u8; 32]);

impl ArtifactId {
    /// Hashes `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// That of an artifact which is read as it comes, and not hashed, or not yet.
    pub const UNKNOWN: Self = Self([0; 32]);

    /// Whether nobody knows it.
    pub fn is_unknown(&self) -> bool {
        *self == Self::UNKNOWN
    }

    /// Takes a digest that was computed while streaming.
    pub const fn from_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Reads 64 hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        const WRONG: Invalid = Invalid("not a SHA-256");
        let mut digest = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(WRONG);
        }
        for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| WRONG)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| WRONG)?;
        }
        Ok(Self(digest))
    }

    /// The digest.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ArtifactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ArtifactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for ArtifactId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What an artifact is, by its content. An open set: names are IANA media types where one is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct MediaType(pub &'static str);

impl MediaType {
    /// Nothing recognised it.
    pub const UNKNOWN: Self = Self("application/octet-stream");
    /// Text of no particular format.
    pub const TEXT: Self = Self("text/plain");
}

impl fmt::Display for MediaType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// What joins the names of an evidence path.
pub const BELOW: &str = " ▸ ";

/// Where an artifact came from: the chain of names from the root down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    name: Untrusted,
    parent: Option<Arc<Origin>>,
    depth: u32,
}

impl Origin {
    /// A root: a file, standard input, an upload.
    pub fn root(name: impl Into<Untrusted>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            parent: None,
            depth: 0,
        })
    }

    /// Something found inside `self`.
    pub fn child(self: &Arc<Self>, name: impl Into<Untrusted>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            depth: self.depth + 1,
            parent: Some(Arc::clone(self)),
        })
    }

    /// Its own name, without its parents'.
    pub fn name(&self) -> &Untrusted {
        &self.name
    }

    /// What it was found in.
    pub fn parent(&self) -> Option<&Arc<Self>> {
        self.parent.as_ref()
    }

    /// 0 for roots.
    pub fn depth(&self) -> u32 {
        self.depth
    }

    /// The evidence path, `mail.eml ▸ invoice.zip ▸ invoice.pdf.exe`.
    pub fn path(&self) -> Untrusted {
        let mut names = vec![self.name.raw()];
        let mut at = self.parent.as_deref();
        while let Some(origin) = at {
            names.push(origin.name.raw());
            at = origin.parent.as_deref();
        }
        names.reverse();
        Untrusted::new(names.join(BELOW))
    }
}

/// A candidate password found beside an encrypted container. Never printed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Password(Box<[u8]>);

impl Password {
    /// Passwords are bytes: their encoding is the container's business.
    pub fn new(bytes: impl Into<Box<[u8]>>) -> Self {
        Self(bytes.into())
    }

    /// The secret, for a decryptor.
    pub fn raw(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// What someone claimed about an artifact. Content decides; hints help where content is silent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hints {
    /// The name it was declared under; the last path component decides the extension.
    pub name: Option<Untrusted>,
    /// The declared media type, as an e-mail or HTTP header gives it.
    pub media_type: Option<Untrusted>,
    /// The declared character set.
    pub charset: Option<Untrusted>,
    /// What it is to the mail that carries it.
    pub role: Option<PartRole>,
    /// Passwords to try, in order.
    pub passwords: Vec<Password>,
    /// It is a mail that was written out of a text that quotes it.
    pub quoted: bool,
    /// Where it was found, if that was on a disk that is searched.
    pub stored: Option<Box<Stored>>,
}

impl Hints {
    /// The lower-case extension of the declared name, without the dot.
    pub fn extension(&self) -> Option<String> {
        let name = self.name.as_ref()?.raw();
        let base = name.rsplit(['/', '\\']).next()?;
        let (stem, extension) = base.rsplit_once('.')?;
        (!stem.is_empty() && !extension.is_empty() && extension.len() <= 16).then(|| extension.to_ascii_lowercase())
    }
}

/// Bytes under analysis, with where they came from and what was claimed about them.
#[derive(Clone, Debug)]
pub struct Artifact {
    id: ArtifactId,
    bytes: Arc<Vec<u8>>,
    origin: Arc<Origin>,
    hints: Hints,
}

impl Artifact {
    /// Hashes `bytes` and binds them to their origin.
    pub fn new(bytes: impl Into<Vec<u8>>, origin: Arc<Origin>, hints: Hints) -> Self {
        let bytes = bytes.into();
        Self {
            id: ArtifactId::of(&bytes),
            // Not a slice: that would copy what may be half a gigabyte.
            bytes: Arc::new(bytes),
            origin,
            hints,
        }
    }

    /// A root that is read as it comes: its bytes are not here, and nobody knows its digest.
    pub fn streamed(origin: Arc<Origin>, hints: Hints) -> Self {
        Self {
            id: ArtifactId::UNKNOWN,
            bytes: Arc::default(),
            origin,
            hints,
        }
    }

    /// Its identity.
    pub fn id(&self) -> ArtifactId {
        self.id
    }

    /// Its content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where it came from.
    pub fn origin(&self) -> &Arc<Origin> {
        &self.origin
    }

    /// What was claimed about it.
    pub fn hints(&self) -> &Hints {
        &self.hints
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_paths_read_from_the_root_down() {
        let mail = Origin::root("mail.eml");
        let exe = mail.child("invoice.zip").child("invoice.pdf.exe");
        assert_eq!(exe.path().raw(), "mail.eml ▸ invoice.zip ▸ invoice.pdf.exe");
        assert_eq!(exe.depth(), 2);
    }

    #[test]
    fn passwords_do_not_print() {
        assert_eq!(format!("{:?}", Password::new(*b"infected")), "Password(…)");
    }

    #[test]
    fn extension_comes_from_the_last_path_component() {
        let hints = Hints {
            name: Some("C:\\a.b\\Report.PDF".into()),
            ..Hints::default()
        };
        assert_eq!(hints.extension().as_deref(), Some("pdf"));
    }
}
