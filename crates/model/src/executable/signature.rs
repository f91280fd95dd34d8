//! What a code signature shows (Microsoft, "Windows Authenticode Portable Executable Signature Format"; RFC 5652, RFC 5280,
//! RFC 3161). Each question has an answer of its own: a digest that fits says nothing of who signed.

use super::Digest;
use crate::{Moment, Untrusted};
use serde::Serialize;

/// Everything that is signed about a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Authenticode {
    /// The digests of the file that a signature is over; empty for what is no PE.
    pub digests: Vec<Hashed>,
    /// Its signatures: those of the table, each followed by those that are nested in it.
    pub signatures: Vec<Signature>,
    /// A catalog that lists the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub catalog: Option<CatalogMatch>,
    /// Bytes in the table of certificates that belong to no signature and are not zero.
    pub appended: u64,
}

/// A digest and how it was made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Hashed {
    /// How.
    pub algorithm: HashAlgorithm,
    /// The digest.
    pub digest: Digest,
}

/// An algorithm of digests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HashAlgorithm {
    /// MD5
    Md5,
    /// SHA-1
    Sha1,
    /// SHA-256
    Sha256,
    /// SHA-384
    Sha384,
    /// SHA-512
    Sha512,
}

/// A catalog that lists a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CatalogMatch {
    /// Which of the catalogs that were given.
    pub catalog: usize,
    /// The digest that stands in it.
    pub digest: Digest,
}

/// One signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Signature {
    /// How deep it is nested; 0 for one of the table.
    pub depth: u32,
    /// The digest of the file that it gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declared: Option<Hashed>,
    /// Whether that is the file's.
    pub digest: DigestOutcome,
    /// Whether the signer's key made it.
    pub signed: SignedOutcome,
    /// Its certificates, in the order of the file.
    pub certificates: Vec<Certificate>,
    /// The signer's certificate first, then issuer by issuer, by their places in `certificates`.
    pub chain: Vec<usize>,
    /// How the chain ends.
    pub trust: ChainOutcome,
    /// Whether the certificates were valid when they were used.
    pub validity: Validity,
    /// Whether the signer's certificate is for signing code.
    pub for_code: bool,
    /// When the signer says that it signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Moment>,
    /// Who witnessed the time.
    pub timestamps: Vec<Timestamp>,
    /// The name that the signer gives the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<Untrusted>,
    /// Where the signer says more about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<Untrusted>,
}

/// Whether a file has the digest that was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DigestOutcome {
    /// It has.
    Matches,
    /// It has another: the file was changed after it was signed.
    Differs,
    /// The signature gives none, or by an algorithm that is not computed.
    Unknown,
}

/// Whether a key made a signature.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "outcome", content = "why", rename_all = "kebab-case")]
pub enum SignedOutcome {
    /// It did, over what is there.
    Valid,
    /// It did not, or what is there was changed.
    Invalid(&'static str),
    /// This cannot be told: the certificate is missing, the algorithm is not verified here, or the structure is damaged.
    Unverifiable(Untrusted),
}

/// How a chain of certificates ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "outcome", content = "detail", rename_all = "kebab-case")]
pub enum ChainOutcome {
    /// At a root that was given; its name.
    Trusted(Untrusted),
    /// At a certificate that signs itself and was not given.
    UnknownRoot,
    /// The signer's certificate signs itself.
    SelfSigned,
    /// The issuer of the last one is not there.
    Incomplete,
    /// A certificate was not made by the one that it names, or that one may issue none.
    Broken(&'static str),
    /// A certificate is signed in a way that is not verified here.
    Unverifiable(Untrusted),
    /// There is no certificate of the signer.
    NoSigner,
}

/// Whether all certificates of a chain were valid at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Validity {
    /// The moment: the witnessed time where there is one, else the time that was given.
    pub at: Moment,
    /// Whether the moment was witnessed.
    pub witnessed: bool,
    /// What was found.
    pub outcome: ValidityOutcome,
}

/// Whether a moment is inside of the times of all certificates of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ValidityOutcome {
    /// It is.
    Valid,
    /// A certificate had ended.
    Expired,
    /// A certificate had not begun.
    NotYet,
    /// A certificate gives no readable time, or there is none.
    Unknown,
}

/// A witness of the time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Timestamp {
    /// Which kind.
    pub kind: TimestampKind,
    /// The time that it gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Moment>,
    /// Whether it is over this signature, and its key made it.
    pub signed: SignedOutcome,
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<Certificate>,
    /// How its chain ends.
    pub trust: ChainOutcome,
    /// Whether its certificate is for witnessing times.
    pub for_time: bool,
}

/// How a time is witnessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimestampKind {
    /// A countersignature (RFC 5652, section 11.4).
    Countersignature,
    /// A token of RFC 3161.
    Token,
}

/// A certificate (RFC 5280).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Whose it is, as one line: `CN=Example, O=Example, C=US`, the most particular first.
    pub subject: Untrusted,
    /// The name by which people know the subject: `CN`, else `O`.
    pub name: Untrusted,
    /// Who issued it.
    pub issuer: Untrusted,
    /// Its number, without leading zeros.
    pub serial: Digest,
    /// From when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Moment>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Moment>,
    /// SHA-1 of the certificate: its thumbprint in Windows.
    pub sha1: Digest,
    /// SHA-256 of the certificate.
    pub sha256: Digest,
    /// SHA-256 of its key (SubjectPublicKeyInfo).
    pub key_sha256: Digest,
    /// The kind and length of its key, `rsa-2048`, `p-256`.
    pub key: Untrusted,
    /// How it is signed, `sha256-rsa`.
    pub algorithm: Untrusted,
    /// What it is for, as far as it says.
    pub purposes: Vec<Untrusted>,
    /// Whether it may issue others.
    pub is_authority: bool,
}
