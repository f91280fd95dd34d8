//! What tells an executable from others, in a few lines: what people search for, compare and quote. Everything else that
//! was read of it stays with the facts.

use super::{Digest, Mark};
use crate::{Moment, Untrusted};
use serde::Serialize;

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Essentials {
    /// Its format, `pe`, `elf`, `mach-o`, ….
    pub format: &'static str,
    /// What it is in that format, `program`, `library`, `driver`, ….
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// The processor it is for; of a file for several, all of them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub machine: String,
    /// When it was linked, as it says itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compiled: Option<Moment>,
    /// MD5 over what it imports (Mandiant, "Tracking Malware with Import Hashing").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imphash: Option<Digest>,
    /// SHA-256 of what a signature is over (Microsoft, "Windows Authenticode Portable Executable Signature Format").
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authentihash: Option<Digest>,
    /// MD5 of the header that tells which compilers made its parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rich: Option<Digest>,
    /// The identifier of this build, of ELF and Mach-O.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Digest>,
    /// TLSH, by which similar files are found (Oliver, Cheng, Chen 2013).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tlsh: Option<String>,
    /// The digest of ssdeep, for the same (Kornblum 2006).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssdeep: Option<String>,
    /// Strings that say what it may be for.
    pub strings: Vec<super::Saying>,
    /// The name under which its maker shipped it.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub original_name: Untrusted,
    /// Its maker, as it says itself.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub company: Untrusted,
    /// The product that it belongs to, as it says itself.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub product: Untrusted,
    /// What it is for, as it says itself.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub description: Untrusted,
    /// Its version, as it says itself.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub version: Untrusted,
    /// Who signed it, if anybody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed: Option<SignedBy>,
    /// What builders, installers and packers left.
    pub marks: Vec<Mark>,
}

/// Who signed a file, and what of that was verified.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SignedBy {
    /// The signer's name in the certificate; empty where that is missing, and for a catalog.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub name: Untrusted,
    /// Whether the signature is over these very bytes, and made by the signer's key.
    pub holds: bool,
    /// What was verified, in words: `valid; the chain ends at 'Example Root', which was not given as trusted`.
    pub verified: String,
    /// The witnessed time of signing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// SHA-1 of the signer's certificate: its thumbprint in Windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbprint: Option<Digest>,
    /// Whether it is listed in a catalog that is signed, and not signed itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub by_catalog: bool,
}
