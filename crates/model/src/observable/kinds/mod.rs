//! The registry of observable types, in the order in which formats and screens list them.

use super::{Invalid, TypeSpec};
use std::fmt;

/// Names every type once: its variant and its file.
macro_rules! registry {
    ($($variant:ident = $file:ident,)*) => {
        $(mod $file;)*

        /// The type of an observable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "each variant is described by its TypeSpec")]
        pub enum ObservableType {
            $($variant,)*
        }

        impl ObservableType {
            /// Every type, in registry order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// What the type is and how it is read.
            pub fn spec(self) -> &'static TypeSpec {
                match self {
                    $(Self::$variant => &$file::SPEC,)*
                }
            }
        }
    };
}

registry! {
    Ipv4 = ipv4,
    Ipv4Cidr = ipv4_cidr,
    Ipv6 = ipv6,
    Ipv6Cidr = ipv6_cidr,
    Socket = socket,
    Domain = domain,
    Onion = onion,
    Url = url,
    Email = email,
    Xmpp = xmpp,
    Mac = mac,
    Asn = asn,
    Md5 = md5,
    Sha1 = sha1,
    Sha224 = sha224,
    Sha256 = sha256,
    Sha384 = sha384,
    Sha512 = sha512,
    Ssdeep = ssdeep,
    Tlsh = tlsh,
    Imphash = imphash,
    Authentihash = authentihash,
    Ja3 = ja3,
    Ja3s = ja3s,
    Ja4 = ja4,
    Jarm = jarm,
    Hassh = hassh,
    Cve = cve,
    Cwe = cwe,
    Cpe = cpe,
    Ghsa = ghsa,
    AttackTechnique = attack_technique,
    AttackTactic = attack_tactic,
    AttackMitigation = attack_mitigation,
    RegistryKey = registry_key,
    FilePath = file_path,
    FileName = file_name,
    UserAgent = user_agent,
    Btc = btc,
    Eth = eth,
    Xmr = xmr,
    Ltc = ltc,
    Doge = doge,
    Bch = bch,
    Dash = dash,
    Zec = zec,
    Xrp = xrp,
    Trx = trx,
    Sol = sol,
    Xlm = xlm,
    Xtz = xtz,
    Ada = ada,
    Iban = iban,
    Card = card,
    Phone = phone,
    Uuid = uuid,
    Arn = arn,
    Tlp = tlp,
    GoogleAnalytics = google_analytics,
    GoogleAdsense = google_adsense,
    GoogleTagManager = google_tag_manager,
    Telegram = telegram,
    Twitter = twitter,
    Facebook = facebook,
    Instagram = instagram,
    Youtube = youtube,
    Linkedin = linkedin,
    Github = github,
    Whatsapp = whatsapp,
    Discord = discord,
    Skype = skype,
    Tox = tox,
    YaraRule = yara_rule,
    PgpKey = pgp_key,
    Pattern = pattern,
}

impl ObservableType {
    /// The name in every format, `ipv4-cidr`.
    pub fn name(self) -> &'static str {
        self.spec().name
    }

    /// The type with that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for ObservableType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Lower-case hexadecimal digits of exactly `length`.
fn hex_digits(text: &str, length: usize) -> Result<String, Invalid> {
    if text.len() != length {
        return Err(Invalid("wrong number of digits"));
    }
    if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(Invalid("not hexadecimal"));
    }
    Ok(text.to_ascii_lowercase())
}
