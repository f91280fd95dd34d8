//! Who asks for tickets of Kerberos, and for what.

use crate::{Timestamp, Untrusted};
use serde::{Serialize, Serializer};
use std::fmt;

/// A request and what came back (RFC 4120). What is encrypted in it is in a [`Login`](super::Login).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kerberos {
    /// What is asked for; nothing where only an answer was captured that does not say it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<KerberosRequest>,
    /// Who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Untrusted>,
    /// Whose realm is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub realm: Option<Untrusted>,
    /// The service for which the ticket is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<Untrusted>,
    /// Whether there was a ticket; nothing where the answer was not captured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub success: Option<bool>,
    /// Why there was none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<KerberosError>,
    /// When the ticket is to become valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// When it is to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub till: Option<Timestamp>,
    /// By what the ticket is encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cipher: Option<KerberosCipher>,
    /// What the client would take, the best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<KerberosCipher>,
    /// Whether others may be handed the ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwardable: Option<bool>,
    /// Whether it may be made to last longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewable: Option<bool>,
    /// Whether the client proved by the time, encrypted with its password, who it is.
    pub proved: bool,
    /// Where the client says it is: names of NetBIOS, mostly.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Untrusted>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum KerberosRequest {
    /// A first ticket, by a password.
    As,
    /// A ticket for a service.
    Tgs,
    /// To be let in by a service.
    Ap,
}

impl KerberosRequest {
    /// As Zeek writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::As => "AS",
            Self::Tgs => "TGS",
            Self::Ap => "AP",
        }
    }
}

/// A number of the list of ciphers (RFC 3961, RFC 8009).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KerberosCipher(pub i32);

impl KerberosCipher {
    /// Whether it is so old that whoever asks for it wants to guess passwords, mostly: DES and RC4.
    pub const fn is_weak(self) -> bool {
        matches!(self.0, 1..=7 | 23 | 24 | -128 | -133 | -135)
    }
}

/// As IANA names it, or the number.
impl fmt::Display for KerberosCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            1 => "des-cbc-crc",
            2 => "des-cbc-md4",
            3 => "des-cbc-md5",
            5 => "des3-cbc-md5",
            7 => "des3-cbc-sha1",
            16 => "des3-cbc-sha1-kd",
            17 => "aes128-cts-hmac-sha1-96",
            18 => "aes256-cts-hmac-sha1-96",
            19 => "aes128-cts-hmac-sha256-128",
            20 => "aes256-cts-hmac-sha384-192",
            23 => "rc4-hmac",
            24 => "rc4-hmac-exp",
            25 => "camellia128-cts-cmac",
            26 => "camellia256-cts-cmac",
            other => return write!(f, "etype-{other}"),
        })
    }
}

impl Serialize for KerberosCipher {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A number of the list of errors (RFC 4120 7.5.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KerberosError(pub i32);

impl KerberosError {
    /// There is no such client.
    pub const UNKNOWN_CLIENT: Self = Self(6);
    /// The password was wrong.
    pub const PREAUTHENTICATION_FAILED: Self = Self(24);
    /// Prove first who you are.
    pub const PREAUTHENTICATION_REQUIRED: Self = Self(25);

    /// Its name, where it has one.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            0 => "KDC_ERR_NONE",
            1 => "KDC_ERR_NAME_EXP",
            2 => "KDC_ERR_SERVICE_EXP",
            3 => "KDC_ERR_BAD_PVNO",
            4 => "KDC_ERR_C_OLD_MAST_KVNO",
            5 => "KDC_ERR_S_OLD_MAST_KVNO",
            6 => "KDC_ERR_C_PRINCIPAL_UNKNOWN",
            7 => "KDC_ERR_S_PRINCIPAL_UNKNOWN",
            8 => "KDC_ERR_PRINCIPAL_NOT_UNIQUE",
            9 => "KDC_ERR_NULL_KEY",
            10 => "KDC_ERR_CANNOT_POSTDATE",
            11 => "KDC_ERR_NEVER_VALID",
            12 => "KDC_ERR_POLICY",
            13 => "KDC_ERR_BADOPTION",
            14 => "KDC_ERR_ETYPE_NOSUPP",
            15 => "KDC_ERR_SUMTYPE_NOSUPP",
            16 => "KDC_ERR_PADATA_TYPE_NOSUPP",
            17 => "KDC_ERR_TRTYPE_NOSUPP",
            18 => "KDC_ERR_CLIENT_REVOKED",
            19 => "KDC_ERR_SERVICE_REVOKED",
            20 => "KDC_ERR_TGT_REVOKED",
            21 => "KDC_ERR_CLIENT_NOTYET",
            22 => "KDC_ERR_SERVICE_NOTYET",
            23 => "KDC_ERR_KEY_EXPIRED",
            24 => "KDC_ERR_PREAUTH_FAILED",
            25 => "KDC_ERR_PREAUTH_REQUIRED",
            26 => "KDC_ERR_SERVER_NOMATCH",
            27 => "KDC_ERR_MUST_USE_USER2USER",
            28 => "KDC_ERR_PATH_NOT_ACCEPTED",
            29 => "KDC_ERR_SVC_UNAVAILABLE",
            31 => "KRB_AP_ERR_BAD_INTEGRITY",
            32 => "KRB_AP_ERR_TKT_EXPIRED",
            33 => "KRB_AP_ERR_TKT_NYV",
            34 => "KRB_AP_ERR_REPEAT",
            35 => "KRB_AP_ERR_NOT_US",
            36 => "KRB_AP_ERR_BADMATCH",
            37 => "KRB_AP_ERR_SKEW",
            38 => "KRB_AP_ERR_BADADDR",
            39 => "KRB_AP_ERR_BADVERSION",
            40 => "KRB_AP_ERR_MSG_TYPE",
            41 => "KRB_AP_ERR_MODIFIED",
            42 => "KRB_AP_ERR_BADORDER",
            44 => "KRB_AP_ERR_BADKEYVER",
            45 => "KRB_AP_ERR_NOKEY",
            46 => "KRB_AP_ERR_MUT_FAIL",
            47 => "KRB_AP_ERR_BADDIRECTION",
            48 => "KRB_AP_ERR_METHOD",
            49 => "KRB_AP_ERR_BADSEQ",
            50 => "KRB_AP_ERR_INAPP_CKSUM",
            51 => "KRB_AP_PATH_NOT_ACCEPTED",
            52 => "KRB_ERR_RESPONSE_TOO_BIG",
            60 => "KRB_ERR_GENERIC",
            61 => "KRB_ERR_FIELD_TOOLONG",
            68 => "KDC_ERR_WRONG_REALM",
            _ => return None,
        })
    }
}

/// The name, or the number.
impl fmt::Display for KerberosError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "error {}", self.0),
        }
    }
}

impl Serialize for KerberosError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
