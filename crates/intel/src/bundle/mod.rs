//! Signed bundles: feeds, knowledge and rules in one file, for hosts that have no network.
//!
//! A bundle is a tar archive (POSIX ustar) whose first member is `manifest.json`, and beside it a detached signature as the
//! tool minisign makes and verifies it. The manifest says the format's version, when the bundle was made, its counter, and
//! name, size and SHA-256 of every member, in the order in which they follow. The same members give the same bytes.
//! Nothing is compressed: what is packed is packed already, and there is nothing to unpack before it is verified.
//!
//! - [`verify`] reads the whole file once and believes nothing but the signature. Only what it returns can be read.
//! - The manifest is kept from that pass, so whoever changes the file afterwards changes nothing: members are held to it
//!   byte for byte as they are read.
//! - Names are checked when writing and when reading: relative, of letters, digits and a few signs, without `..`. A name
//!   that is longer than a header has room for stands in the manifest alone.
//! - A counter that is not higher than the last one is refused ([`Verified::admit`]): an old bundle, signed as it is,
//!   would take back what is known.
//!
//! Absent: files, clocks and configuration, which are the caller's; passwords of secret keys; compression.

mod contents;
mod minisign;
mod tar;

pub use contents::{CONTENTS, CarriedFeed, CarriedPart, Contents};
pub(crate) use minisign::encode as base64;
pub use minisign::{PublicKey, SecretKey, Signature};

use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::io::{self, Read, Seek, SeekFrom, Write};
use watchfire_model::{Moment, Untrusted};

/// The version that is written; others are refused.
pub const VERSION: u64 = 1;
/// Longest manifest. Bytes.
const MANIFEST: u64 = 4 << 20;
/// Most members.
const MEMBERS: usize = 10_000;
/// Largest member. Bytes.
const MEMBER: u64 = (8 << 30) - 1;
const MANIFEST_NAME: &str = "manifest.json";

/// A member of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// A relative path, `feeds/urlhaus.set`.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// The digest of its bytes.
    pub sha256: [u8; 32],
}

/// What a bundle says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// When it was made.
    pub created: Moment,
    /// Goes up with every bundle of a series.
    pub counter: u64,
    /// In the order of the file.
    pub members: Vec<Member>,
}

/// Why a bundle is refused. Completes "cannot import bundle '…': …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BundleError {
    /// Reading or writing failed.
    Io(String),
    /// A key or signature is not as minisign writes it.
    Malformed(&'static str),
    /// Signed with a key that is not configured; its number.
    UnknownKey(String),
    /// The signature is not of these bytes: they were changed.
    WrongSignature,
    /// It is signed, but breaks a rule of the format.
    Broken(&'static str),
    /// A member is not what the manifest says.
    WrongMember(String),
    /// A member has a name that is not safe on every system.
    Name(String),
    /// Two members have names that are one on some systems.
    SameName(String, String),
    /// It is not newer than what is there.
    Rollback {
        /// The counter of this one.
        counter: u64,
        /// The counter of the one that is there.
        last: u64,
    },
}

impl BundleError {
    /// What to do next.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Io(_) => "copy it again",
            Self::Malformed(_) => "keys and signatures are the files that 'minisign -G -W' and 'minisign -S' write",
            Self::UnknownKey(_) => "add the public key to [bundles] keys in watchfire.toml, if you trust it",
            Self::WrongSignature => "copy it again; if that does not help, somebody has changed it",
            Self::Broken(_) | Self::WrongMember(_) => "make it anew with 'feeds export --bundle'",
            Self::Name(_) => "rename it: letters, digits, blanks and - _ . + ( ) ' , [ ] & are taken, up to 255 bytes",
            Self::SameName(..) => "rename one of the two",
            Self::Rollback { .. } => "watchfire feeds rollback --bundle takes the newer one out of use",
        }
    }
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(why) => write!(f, "not readable: {why}"),
            Self::Malformed(why) | Self::Broken(why) => f.write_str(why),
            Self::UnknownKey(id) => write!(f, "signed with the key {id}, which is not configured"),
            Self::WrongSignature => f.write_str("the signature does not fit: it was changed"),
            Self::WrongMember(name) => write!(f, "the member '{name}' is not what the manifest says"),
            Self::Name(name) => write!(
                f,
                "the name '{}' is not safe on every system",
                Untrusted::new(name.as_str()).shown(80)
            ),
            Self::SameName(one, other) => write!(
                f,
                "'{}' and '{}' have the same name on some systems",
                Untrusted::new(one.as_str()).shown(80),
                Untrusted::new(other.as_str()).shown(80)
            ),
            Self::Rollback { counter, last } => {
                write!(
                    f,
                    "its counter {counter} is not above {last}, that of the bundle that is in use"
                )
            }
        }
    }
}

impl std::error::Error for BundleError {}

impl From<io::Error> for BundleError {
    fn from(error: io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

/// What is looked at to tell a bundle. Bytes.
pub const HEAD: usize = 14;

/// Whether an input that begins so is a bundle, signed or not, whole or not.
pub fn recognises(head: &[u8]) -> bool {
    head.strip_prefix(MANIFEST_NAME.as_bytes())
        .is_some_and(|rest| rest.starts_with(b"\0"))
}

/// Longest part of a name between slashes. Bytes.
const LONGEST_PART: usize = 255;
/// Longest name. Bytes.
const LONGEST_NAME: usize = 2048;

/// Whether a name leads nowhere else and is a name on every system: parts of letters and digits of any script, blanks and
/// some signs that neither systems nor shells nor JSON take for something else in a quoted name.
fn is_safe(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || " ./-_+()',[]&".contains(c);
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name != MANIFEST_NAME
        && name.chars().all(plain)
        && name.split('/').all(|part| {
            !part.is_empty()
                && part.len() <= LONGEST_PART
                && !part.starts_with(['.', ' '])
                && !part.ends_with(['.', ' '])
        })
}

/// What stands in the header of a member: its name, or its number where there is no room for that.
fn entry(number: usize, member: &Member) -> Cow<'_, str> {
    if member.name.len() <= tar::LONGEST {
        Cow::Borrowed(&member.name)
    } else {
        Cow::Owned(format!("long-names/{number}"))
    }
}

/// Size and digest of what a reader gives.
///
/// # Errors
/// When reading fails.
pub fn member(name: &str, input: &mut dyn Read) -> Result<Member, BundleError> {
    if !is_safe(name) {
        return Err(BundleError::Name(name.to_owned()));
    }
    let (mut digest, mut size) = (Sha256::new(), 0);
    each_block(input, &mut |block| {
        digest.update(block);
        size += block.len() as u64;
        Ok(())
    })?;
    Ok(Member {
        name: name.to_owned(),
        size,
        sha256: digest.finalize().into(),
    })
}

fn each_block(input: &mut dyn Read, with: &mut dyn FnMut(&[u8]) -> Result<(), BundleError>) -> Result<(), BundleError> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => with(buffer.get(..read).unwrap_or_default())?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// Writes a bundle. `open` gives each member's bytes, which must be what its [`Member`] says.
///
/// # Errors
/// When a name is not safe or given twice, a member changed since it was measured, or writing fails.
pub fn write<'r>(
    manifest: &Manifest,
    open: &mut dyn FnMut(&Member) -> io::Result<Box<dyn Read + 'r>>,
    out: &mut dyn Write,
) -> Result<(), BundleError> {
    manifest.check()?;
    let text = manifest.to_json();
    tar::write_header(MANIFEST_NAME, text.len() as u64, out)?;
    out.write_all(text.as_bytes())?;
    tar::write_padding(text.len() as u64, out)?;
    for (number, member) in manifest.members.iter().enumerate() {
        tar::write_header(&entry(number, member), member.size, out)?;
        let mut source = open(member)?.take(member.size.saturating_add(1));
        copy(&mut source, member, out)?;
        tar::write_padding(member.size, out)?;
    }
    out.write_all(&[0; 2 * tar::BLOCK])?;
    Ok(())
}

/// Copies exactly what a member says.
fn copy(source: &mut dyn Read, member: &Member, out: &mut dyn Write) -> Result<(), BundleError> {
    let (mut digest, mut size) = (Sha256::new(), 0_u64);
    each_block(source, &mut |block| {
        size += block.len() as u64;
        if size > member.size {
            return Err(BundleError::WrongMember(member.name.clone()));
        }
        digest.update(block);
        Ok(out.write_all(block)?)
    })?;
    if size != member.size || digest.finalize().as_slice() != member.sha256 {
        return Err(BundleError::WrongMember(member.name.clone()));
    }
    Ok(())
}

impl Manifest {
    fn check(&self) -> Result<(), BundleError> {
        if let Some(member) = self.members.iter().find(|member| !is_safe(&member.name)) {
            return Err(BundleError::Name(member.name.clone()));
        }
        // Some systems take capitals for small letters.
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        for member in &self.members {
            if let Some(other) = names.insert(member.name.to_lowercase(), &member.name) {
                return Err(BundleError::SameName(other.to_owned(), member.name.clone()));
            }
        }
        if self.members.len() > MEMBERS || self.members.iter().any(|member| member.size > MEMBER) {
            return Err(BundleError::Broken("it has too many members, or one that is too large"));
        }
        Ok(())
    }

    /// One spelling only: names are of characters that JSON leaves alone.
    fn to_json(&self) -> String {
        let mut out = format!(
            "{{\"schema\":\"watchfire.bundle/{VERSION}\",\"version\":{VERSION},\"created\":\"{}\",\"counter\":{},\"members\":[",
            self.created, self.counter
        );
        for (number, member) in self.members.iter().enumerate() {
            let comma = if number == 0 { "\n" } else { ",\n" };
            let _ = write!(
                out,
                "{comma}{{\"name\":\"{}\",\"size\":{},\"sha256\":\"",
                member.name, member.size
            );
            for byte in member.sha256 {
                let _ = write!(out, "{byte:02x}");
            }
            out.push_str("\"}");
        }
        out.push_str("\n]}\n");
        out
    }

    fn from_json(text: &[u8]) -> Result<Self, BundleError> {
        const WRONG: BundleError = BundleError::Broken("the manifest is not readable");
        let value: serde_json::Value = serde_json::from_slice(text).map_err(|_| WRONG)?;
        if value.get("version").and_then(serde_json::Value::as_u64) != Some(VERSION) {
            return Err(BundleError::Broken(
                "it is of another version of the format; update Watchfire",
            ));
        }
        let text = |name: &str| value.get(name).and_then(serde_json::Value::as_str);
        let mut members = Vec::new();
        for entry in value
            .get("members")
            .and_then(serde_json::Value::as_array)
            .ok_or(WRONG)?
        {
            members.push(Member {
                name: entry
                    .get("name")
                    .and_then(serde_json::Value::as_str)
                    .ok_or(WRONG)?
                    .to_owned(),
                size: entry.get("size").and_then(serde_json::Value::as_u64).ok_or(WRONG)?,
                sha256: entry
                    .get("sha256")
                    .and_then(serde_json::Value::as_str)
                    .and_then(digest)
                    .ok_or(WRONG)?,
            });
        }
        let manifest = Self {
            created: text("created").and_then(|text| Moment::parse(text).ok()).ok_or(WRONG)?,
            counter: value.get("counter").and_then(serde_json::Value::as_u64).ok_or(WRONG)?,
            members,
        };
        manifest.check()?;
        Ok(manifest)
    }
}

fn digest(hex: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if hex.len() != 64 {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(hex.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(out)
}

/// A bundle whose signature was found good. There is no other way to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    manifest: Manifest,
    /// Where the first member's header is.
    first: u64,
    /// The comment that the signature covers.
    comment: String,
    key: String,
}

/// Reads a bundle to its end and checks its signature against the keys that are trusted.
///
/// # Errors
/// When the signature is of another key or of other bytes, or the bundle breaks a rule of the format.
pub fn verify(input: &mut dyn Read, signature: &str, keys: &[PublicKey]) -> Result<Verified, BundleError> {
    let signature = Signature::parse(signature)?;
    let key = signature.find_key(keys)?;
    // The manifest is kept as it passes by, and looked at when the signature is known to be good.
    let most = usize::try_from(MANIFEST).unwrap_or(usize::MAX) + 2 * tar::BLOCK;
    let mut head = Vec::new();
    let mut hasher = minisign::Prehash::default();
    each_block(input, &mut |block| {
        hasher.update(block);
        let kept = block.len().min(most - head.len().min(most));
        head.extend_from_slice(block.get(..kept).unwrap_or_default());
        Ok(())
    })?;
    signature.check(key, hasher)?;
    let (header, rest) = head
        .split_first_chunk::<{ tar::BLOCK }>()
        .ok_or(BundleError::Broken("it is no bundle"))?;
    let (name, size) = tar::read_header(header).ok_or(BundleError::Broken("it is no bundle"))?;
    if name != MANIFEST_NAME || size > MANIFEST {
        return Err(BundleError::Broken("its first member is no manifest"));
    }
    let text = usize::try_from(size).ok().and_then(|size| rest.get(..size));
    Ok(Verified {
        manifest: Manifest::from_json(text.ok_or(BundleError::Broken("it ends in the manifest"))?)?,
        first: tar::BLOCK as u64 + tar::padded(size),
        comment: signature.comment().to_owned(),
        key: key.id(),
    })
}

impl Verified {
    /// What it says of itself.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The comment that the signature covers.
    pub fn comment(&self) -> &str {
        &self.comment
    }

    /// The number of the key that signed it, as minisign prints it.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether it may replace the bundle with the counter `last`.
    ///
    /// # Errors
    /// When it is not newer.
    pub fn admit(&self, last: Option<u64>) -> Result<(), BundleError> {
        match last {
            Some(last) if self.manifest.counter <= last => Err(BundleError::Rollback {
                counter: self.manifest.counter,
                last,
            }),
            _ => Ok(()),
        }
    }

    /// Reads all members, in order. `open` gives where each is written to; what was written counts only if this ends
    /// without an error.
    ///
    /// # Errors
    /// When a member is not what the manifest says.
    pub fn read<'w, R: Read + Seek>(
        &self,
        input: &mut R,
        open: &mut dyn FnMut(&Member) -> io::Result<Box<dyn Write + 'w>>,
    ) -> Result<(), BundleError> {
        input.seek(SeekFrom::Start(self.first))?;
        for (number, member) in self.manifest.members.iter().enumerate() {
            let wrong = || BundleError::WrongMember(member.name.clone());
            let mut header = [0; tar::BLOCK];
            input.read_exact(&mut header).map_err(|_| wrong())?;
            if tar::read_header(&header) != Some((&*entry(number, member), member.size)) {
                return Err(wrong());
            }
            let mut out = open(member)?;
            copy(&mut (&mut *input).take(member.size), member, &mut out)?;
            out.flush()?;
            drop(out);
            let padding = i64::try_from(tar::padded(member.size) - member.size).unwrap_or_default();
            input.seek(SeekFrom::Current(padding))?;
        }
        Ok(())
    }
}
