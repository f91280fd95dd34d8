//! The registry of observable types, in the order in which formats and screens list them.

mod handle;
mod wallet;

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

/// Whether `text` is exactly `digits` decimal digits.
fn is_number(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_digit())
}

/// A letter or digit of any script, or a combining mark, which some capitals leave behind when they become small.
fn is_letter(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{300}'..='\u{36F}')
}

/// What follows a hyphen, or what writers and typesetters put in its place: a blank, an underscore, a longer dash.
fn strip_dash(text: &str) -> Option<&str> {
    text.strip_prefix([
        '-', ' ', '_', '\u{A0}', '\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}',
    ])
}

/// What follows `label`, in either case, and a hyphen.
fn strip_label<'a>(text: &'a str, label: &str) -> Option<&'a str> {
    strip_prefix_ignoring_case(text, label).and_then(strip_dash)
}

/// What follows `prefix`, in either case.
fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (head, rest) = text.split_at_checked(prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Whether `text` begins with `prefix`, in either case.
fn has_prefix(text: &str, prefix: &str) -> bool {
    strip_prefix_ignoring_case(text, prefix).is_some()
}

/// The one check of every kind: each text has its normal form, which is stable, within the stated length and, on the
/// network, harmless once defanged; and nothing else is accepted.
#[cfg(test)]
fn check(kind: ObservableType, valid: &[(&str, &str)], invalid: &[&str]) {
    let spec = kind.spec();
    let parse = spec.parse;
    for (text, normal) in valid {
        assert_eq!(parse(text).as_deref(), Ok(*normal), "{kind} of '{text}'");
        assert_eq!(
            parse(normal).as_deref(),
            Ok(*normal),
            "{kind} of its own normal form '{normal}'"
        );
        assert!(
            normal.len() <= spec.max_length,
            "{kind} '{normal}' is longer than {}",
            spec.max_length
        );
        if spec.family == super::Family::Network {
            check_defanged(kind, &super::defang(normal));
        }
        if text.len() < 256 {
            check_neighbours(kind, text);
        }
    }
    for text in invalid {
        assert!(parse(text).is_err(), "{kind} of '{text}' is {:?}", parse(text));
    }
}

/// Whatever lies one edit away, or is cut short, is answered; and if it is of the type, in a stable form.
#[cfg(test)]
fn check_neighbours(kind: ObservableType, text: &str) {
    let spec = kind.spec();
    let check = |text: &str| {
        if let Ok(normal) = (spec.parse)(text) {
            assert_eq!((spec.parse)(&normal).as_deref(), Ok(&*normal), "{kind} of '{text}'");
            assert!(
                normal.len() <= spec.max_length,
                "{kind} '{normal}' is longer than {}",
                spec.max_length
            );
        }
    };
    for (at, c) in text.char_indices() {
        let (head, tail) = text.split_at(at);
        check(head);
        check(tail);
        for edit in [
            "", "0", "a", "Z", ".", "/", ":", "-", "_", "@", "%", "\\", " ", "\n", "\"", "é", "İ", "\u{202E}",
        ] {
            check(&format!("{head}{edit}{tail}"));
            check(&format!("{head}{edit}{}", tail.trim_start_matches(c)));
        }
    }
}

/// Nothing that a program would make a link of: no live scheme, no dot in what comes before the path.
#[cfg(test)]
fn check_defanged(kind: ObservableType, shown: &str) {
    let rest = match shown.split_once("[://]") {
        Some((_, rest)) => rest,
        None => {
            let (scheme, rest) = shown.split_once("://").unwrap_or(("", shown));
            assert!(
                matches!(scheme, "" | "hxxp" | "hxxps"),
                "{kind} shown as '{shown}' has a live scheme"
            );
            rest
        }
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    assert!(
        !host.replace("[.]", "").contains('.'),
        "{kind} shown as '{shown}' has a live host"
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observable::Observable;

    /// A small generator of reproducible noise (xorshift64*).
    struct Noise(u64);

    impl Noise {
        fn below(&mut self, bound: usize) -> usize {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound
        }
    }

    #[test]
    fn every_kind_says_what_it_is() {
        for kind in ObservableType::ALL {
            let spec = kind.spec();
            assert!(!spec.describes.is_empty() && !spec.describes.ends_with('.'), "{kind}");
            assert!(spec.max_length <= 65_536, "{kind}");
            assert_eq!(ObservableType::from_name(spec.name), Some(*kind));
        }
    }

    #[test]
    fn noise_is_answered_and_what_is_accepted_stays_as_it_is() {
        const PIECES: [&str; 40] = [
            "1", "0", "9", "255", "a", "f", "Z", "x", ".", ":", "/", "\\", "@", "-", "_", " ", "%", "[", "]", "{", "}",
            "\"", "\n", "\0", "é", "\u{202E}", "中", "http://", "com", "www.", "HKLM", "CVE-", "cpe:2.3:", "rule a {",
            "bc1", "0x", "TLP:", "T1", "+", "arn:aws:",
        ];
        let mut noise = Noise(0x5EED);
        for _ in 0..4000 {
            let text: String = (0..noise.below(12))
                .map(|_| PIECES[noise.below(PIECES.len())])
                .collect();
            for kind in ObservableType::ALL {
                if let Ok(observable) = Observable::parse(*kind, &text) {
                    let again = Observable::parse(*kind, observable.raw());
                    assert_eq!(again.as_ref(), Ok(&observable), "{kind} of '{text}'");
                }
            }
        }
    }

    #[test]
    fn long_input_is_answered_at_once() {
        for byte in ["1", "a", "A", ".", "/", "\\", ":", "-", "@", "é", "{", " "] {
            let text = byte.repeat(1 << 16);
            for kind in ObservableType::ALL {
                if let Ok(observable) = Observable::parse(*kind, &text) {
                    assert!(observable.raw().len() <= kind.spec().max_length, "{kind}");
                }
            }
        }
    }
}
