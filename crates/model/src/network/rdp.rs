//! How sessions on remote desktops begin.

use crate::Untrusted;
use serde::{Serialize, Serializer};
use std::fmt;

/// The beginning of a session by RDP (MS-RDPBCGR 1.3.1.1), as far as it is in clear.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rdp {
    /// Who wants in, as the client says before anything is encrypted: a user's name, cut short, mostly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cookie: Option<Untrusted>,
    /// What the client would speak then.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offered: Vec<RdpSecurity>,
    /// Whether the client wants in without giving its password away, which a hash of it is enough for.
    pub restricted_admin: bool,
    /// What is spoken then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub security: Option<RdpSecurity>,
    /// Why nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<RdpFailure>,
    /// Whether the session was set up in clear, which is said where it is not in TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connected: Option<bool>,
    /// What the client says of itself, where that is in clear.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<RdpClient>,
    /// How the server encrypts, where that is not TLS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<RdpServer>,
}

impl Rdp {
    /// What came of it, as Zeek writes it.
    pub fn result(&self) -> Option<String> {
        match (self.failure, self.security, self.connected) {
            (Some(failure), ..) => Some(failure.to_string()),
            (None, Some(security), _) if security != RdpSecurity::RDP => Some("encrypted".to_owned()),
            (None, _, Some(true)) => Some("Success".to_owned()),
            _ => None,
        }
    }
}

/// What a client says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RdpClient {
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Untrusted>,
    /// Its build.
    pub build: RdpBuild,
    /// The layout of its keyboard.
    pub keyboard: KeyboardLayout,
    /// The number of its product.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<Untrusted>,
    /// How many pixels wide the desktop is to be.
    pub width: u16,
    /// How many high.
    pub height: u16,
    /// Bits of a colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depth: Option<u16>,
    /// What else it wants: files, the clipboard, sound.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub channels: Vec<Untrusted>,
}

/// How a server encrypts by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RdpServer {
    /// How: 0 not at all, 1, 8 and 2 with 40, 56 and 128 bits, 16 as FIPS wants it.
    pub method: u32,
    /// How much, from 0, nothing, over 1, what the client sends, to 4.
    pub level: u32,
    /// Its certificates.
    pub certificates: u32,
    /// Whether those are X.509; otherwise they are a key alone, which anybody may have made.
    pub x509: bool,
    /// Whether its certificate is one that stays.
    pub permanent: bool,
}

/// What is spoken (MS-RDPBCGR 2.2.1.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RdpSecurity(pub u32);

impl RdpSecurity {
    /// RDP's own encryption, which hides nothing from who stands between.
    pub const RDP: Self = Self(0);
    /// TLS.
    pub const TLS: Self = Self(1);
    /// TLS, and in it the client proves who it is before there is a desktop (CredSSP).
    pub const HYBRID: Self = Self(2);
    /// The same over Azure AD.
    pub const RDSTLS: Self = Self(4);
    /// As [`Self::HYBRID`], and the server says what it makes of that.
    pub const HYBRID_EX: Self = Self(8);
}

/// As Zeek writes it, or the number.
impl fmt::Display for RdpSecurity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::RDP => f.write_str("RDP"),
            Self::TLS => f.write_str("SSL"),
            Self::HYBRID => f.write_str("HYBRID"),
            Self::RDSTLS => f.write_str("RDSTLS"),
            Self::HYBRID_EX => f.write_str("HYBRID_EX"),
            Self(other) => write!(f, "{other:#x}"),
        }
    }
}

impl Serialize for RdpSecurity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Why nothing is spoken (MS-RDPBCGR 2.2.1.2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RdpFailure(pub u32);

/// Its name, or the number.
impl fmt::Display for RdpFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            1 => "SSL_REQUIRED_BY_SERVER",
            2 => "SSL_NOT_ALLOWED_BY_SERVER",
            3 => "SSL_CERT_NOT_ON_SERVER",
            4 => "INCONSISTENT_FLAGS",
            5 => "HYBRID_REQUIRED_BY_SERVER",
            6 => "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
            other => return write!(f, "failure {other}"),
        })
    }
}

impl Serialize for RdpFailure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The build of a client: that of its Windows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RdpBuild(pub u32);

/// The version of RDP that came with it, or the number.
impl fmt::Display for RdpBuild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            419 => "RDP 4.0",
            2_195 | 2_221 => "RDP 5.0",
            2_600 => "RDP 5.1",
            3_790 => "RDP 5.2",
            6_000 => "RDP 6.0",
            6_001 => "RDP 6.1",
            6_002 => "RDP 6.2",
            7_600 => "RDP 7.0",
            7_601 => "RDP 7.1",
            9_200 => "RDP 8.0",
            9_600 => "RDP 8.1",
            25_189 | 25_282 => "RDP 8.0 (Mac)",
            other => return write!(f, "client_build-{other}"),
        })
    }
}

impl Serialize for RdpBuild {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The layout of a keyboard: a language of MS-LCID, and what is particular about it above that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyboardLayout(pub u32);

impl KeyboardLayout {
    /// The language, where it is a known one.
    pub const fn language(self) -> Option<&'static str> {
        Some(match self.0 & 0xffff {
            0x0401 => "Arabic - Saudi Arabia",
            0x0402 => "Bulgarian",
            0x0404 => "Chinese - Taiwan",
            0x0405 => "Czech",
            0x0406 => "Danish",
            0x0407 => "German - Germany",
            0x0408 => "Greek",
            0x0409 => "English - United States",
            0x040a => "Spanish - Spain (Traditional Sort)",
            0x040b => "Finnish",
            0x040c => "French - France",
            0x040d => "Hebrew",
            0x040e => "Hungarian",
            0x040f => "Icelandic",
            0x0410 => "Italian - Italy",
            0x0411 => "Japanese",
            0x0412 => "Korean",
            0x0413 => "Dutch - Netherlands",
            0x0414 => "Norwegian (Bokmål)",
            0x0415 => "Polish",
            0x0416 => "Portuguese - Brazil",
            0x0418 => "Romanian",
            0x0419 => "Russian",
            0x041a => "Croatian",
            0x041b => "Slovak",
            0x041c => "Albanian - Albania",
            0x041d => "Swedish",
            0x041e => "Thai",
            0x041f => "Turkish",
            0x0420 => "Urdu",
            0x0421 => "Indonesian",
            0x0422 => "Ukrainian",
            0x0423 => "Belarusian",
            0x0424 => "Slovenian",
            0x0425 => "Estonian",
            0x0426 => "Latvian",
            0x0427 => "Lithuanian",
            0x0429 => "Farsi",
            0x042a => "Vietnamese",
            0x042b => "Armenian",
            0x042c => "Azeri (Latin)",
            0x0437 => "Georgian",
            0x0439 => "Hindi",
            0x043f => "Kazakh",
            0x0804 => "Chinese - People's Republic of China",
            0x0807 => "German - Switzerland",
            0x0809 => "English - United Kingdom",
            0x080a => "Spanish - Mexico",
            0x080c => "French - Belgium",
            0x0810 => "Italian - Switzerland",
            0x0813 => "Dutch - Belgium",
            0x0816 => "Portuguese - Portugal",
            0x0c04 => "Chinese - Hong Kong SAR",
            0x0c07 => "German - Austria",
            0x0c09 => "English - Australia",
            0x0c0a => "Spanish - Spain (Modern Sort)",
            0x0c0c => "French - Canada",
            0x1004 => "Chinese - Singapore",
            0x1009 => "English - Canada",
            0x100c => "French - Switzerland",
            0x1409 => "English - New Zealand",
            0x1809 => "English - Ireland",
            0x1c09 => "English - South Africa",
            0x4009 => "English - India",
            _ => return None,
        })
    }
}

/// As Zeek writes it: the language, or that it is a guess, or the number.
impl fmt::Display for KeyboardLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.language() {
            Some(language) if self.0 <= 0xffff => f.write_str(language),
            Some(language) => write!(f, "{language} (Best Guess for {})", self.0),
            None => write!(f, "keyboard-{}", self.0),
        }
    }
}

impl Serialize for KeyboardLayout {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
