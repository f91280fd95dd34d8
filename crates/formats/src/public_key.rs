//! Public keys and verifying with them: the only file that names `ring`.
//!
//! What others consider too weak is for the caller to judge; here is only what can be verified at all: RSA from 1,024 to
//! 8,192 bits with SHA-1 and SHA-2 (SHA-384 and PSS from 2,048), ECDSA on P-256 and P-384 with SHA-256 and SHA-384, and
//! Ed25519. MD5, DSA, P-521 and curves of others are not verified.

use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519,
    EcdsaVerificationAlgorithm, RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_2048_8192_SHA384, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use watchfire_model::executable::HashAlgorithm;

/// A key, as its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PublicKey {
    /// Both numbers without leading zeros.
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// A point, not compressed.
    Elliptic {
        curve: Curve,
        point: Vec<u8>,
    },
    Ed25519(Vec<u8>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Curve {
    P256,
    P384,
}

/// How a signature is made from a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    /// The only one that there is, or PKCS #1 1.5 of RSA.
    Usual,
    /// PSS of RSA.
    Pss,
    /// One of RSA that is not verified.
    Unknown,
}

impl PublicKey {
    /// Bits of the key.
    pub(crate) fn bits(&self) -> u32 {
        match self {
            Self::Rsa { modulus, .. } => {
                let unused = modulus.first().map_or(0, |first| first.leading_zeros());
                let bits = u32::try_from(modulus.len()).unwrap_or(u32::MAX).saturating_mul(8);
                bits.saturating_sub(unused)
            }
            Self::Elliptic { curve: Curve::P384, .. } => 384,
            Self::Elliptic { .. } | Self::Ed25519(_) => 256,
        }
    }

    /// Whether `signature` is this key's over `data`; `None` where that cannot be verified here.
    pub(crate) fn verify(&self, hash: HashAlgorithm, padding: Padding, data: &[u8], signature: &[u8]) -> Option<bool> {
        let verified = match self {
            Self::Rsa { modulus, exponent } => {
                let parameters = rsa_parameters(hash, padding, self.bits())?;
                let key = RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                };
                key.verify(parameters, data, signature)
            }
            Self::Elliptic { curve, point } => {
                UnparsedPublicKey::new(curve_parameters(*curve, hash)?, point).verify(data, signature)
            }
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(data, signature),
        };
        Some(verified.is_ok())
    }
}

fn rsa_parameters(hash: HashAlgorithm, padding: Padding, bits: u32) -> Option<&'static RsaParameters> {
    let (parameters, fewest): (&RsaParameters, u32) = match (padding, hash) {
        (Padding::Usual, HashAlgorithm::Sha1) => (&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, 1024),
        (Padding::Usual, HashAlgorithm::Sha256) => (&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, 1024),
        (Padding::Usual, HashAlgorithm::Sha384) => (&RSA_PKCS1_2048_8192_SHA384, 2048),
        (Padding::Usual, HashAlgorithm::Sha512) => (&RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, 1024),
        (Padding::Pss, HashAlgorithm::Sha256) => (&RSA_PSS_2048_8192_SHA256, 2048),
        (Padding::Pss, HashAlgorithm::Sha384) => (&RSA_PSS_2048_8192_SHA384, 2048),
        (Padding::Pss, HashAlgorithm::Sha512) => (&RSA_PSS_2048_8192_SHA512, 2048),
        _ => return None,
    };
    (fewest..=8192).contains(&bits).then_some(parameters)
}

fn curve_parameters(curve: Curve, hash: HashAlgorithm) -> Option<&'static EcdsaVerificationAlgorithm> {
    Some(match (curve, hash) {
        (Curve::P256, HashAlgorithm::Sha256) => &ECDSA_P256_SHA256_ASN1,
        (Curve::P256, HashAlgorithm::Sha384) => &ECDSA_P256_SHA384_ASN1,
        (Curve::P384, HashAlgorithm::Sha256) => &ECDSA_P384_SHA256_ASN1,
        (Curve::P384, HashAlgorithm::Sha384) => &ECDSA_P384_SHA384_ASN1,
        _ => return None,
    })
}
