//! What the signatures of DKIM and ARC have in common: their tags, and verifying with the keys that a domain publishes.

use super::ask::Asker;
use super::base64;
use super::canonical::Form;
use super::key::{self, Algorithm, Key, NoKey, Verified};
use super::tags::{Tags, number, trimmed};
use std::ops::Range;
use watchfire_model::Untrusted;
use watchfire_model::dns::Name;

/// A signature as its field holds it.
#[derive(Clone, Debug)]
pub(crate) struct Signature<'a> {
    pub(crate) tags: Tags<'a>,
    pub(crate) algorithm: Algorithm,
    /// `b=`
    value: Vec<u8>,
    /// Where `b=` stands in the field's value: it is not signed.
    pub(crate) left_out: Range<usize>,
    /// `d=`
    pub(crate) domain: Name,
    /// `s=`
    selector: &'a [u8],
    /// `t=`, seconds since 1970.
    pub(crate) time: Option<u64>,
}

/// What of a mail a signature is over.
#[derive(Clone, Debug)]
pub(crate) struct Coverage {
    pub(crate) header: Form,
    pub(crate) body: Form,
    /// `h=`, in lower case.
    pub(crate) names: Vec<Vec<u8>>,
    /// `bh=`
    pub(crate) body_hash: Vec<u8>,
    /// `l=`
    pub(crate) limit: Option<u64>,
}

/// How verifying ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    Holds(Key),
    Broken(Key),
    /// It may hold, and is not accepted.
    TooWeak(Key, String),
    Unusable(String),
    NoKey(NoKey),
}

impl<'a> Signature<'a> {
    /// Reads the tags that all have. An error completes "the signature …".
    pub(crate) fn read(tags: Tags<'a>) -> Result<Self, String> {
        let wanted = |name: &str| {
            let value = tags.value(name).filter(|value| !value.is_empty());
            value.ok_or_else(|| format!("has no '{name}='"))
        };
        let algorithm = wanted("a")?;
        let algorithm = Algorithm::named(algorithm)
            .ok_or_else(|| format!("is made with '{}', which is unknown", shown(algorithm)))?;
        let value = base64::decode(wanted("b")?).ok_or("has no base64 in 'b='")?;
        let domain = wanted("d")?;
        let domain = domain_name(domain).ok_or_else(|| format!("names no domain but '{}'", shown(domain)))?;
        let selector = wanted("s")?;
        let time = moment(&tags, "t")?;
        let left_out = tags.tag(b"b").map_or(0..0, |tag| tag.between.clone());
        Ok(Self {
            algorithm,
            value,
            left_out,
            domain,
            selector,
            time,
            tags,
        })
    }

    /// Whether it is one of the domain's published keys over `data`. The key has to be `acceptable`.
    pub(crate) fn verify(
        &self,
        data: &[u8],
        asker: &mut Asker<'_>,
        acceptable: impl Fn(&Key) -> Result<(), &'static str>,
    ) -> Ended {
        let keys = match key::published(self.selector, &self.domain, asker) {
            Ok(keys) => keys,
            Err(none) => return Ended::NoKey(none),
        };
        let mut best = Ended::Unusable(String::new());
        for key in keys {
            let ended = match acceptable(&key) {
                Err(why) => Ended::Unusable(why.to_owned()),
                Ok(()) => match key.verify(self.algorithm, data, &self.value) {
                    Verified::Yes => return Ended::Holds(key),
                    Verified::No => Ended::Broken(key),
                    Verified::TooWeak(why) => Ended::TooWeak(key, why),
                    Verified::Unsuitable(why) => Ended::Unusable(why.to_owned()),
                },
            };
            if matches!(best, Ended::Unusable(_)) {
                best = ended;
            }
        }
        best
    }
}

impl Coverage {
    /// Reads the tags that say what is signed, in the form `unsaid` where they name none. An error completes "the
    /// signature …".
    pub(crate) fn read(tags: &Tags<'_>, unsaid: Form) -> Result<Self, String> {
        let (header, body) = match tags.value("c") {
            None => (unsaid, unsaid),
            Some(forms) => forms_of(forms).ok_or_else(|| format!("has the unknown form '{}'", shown(forms)))?,
        };
        let names = tags.value("h").ok_or("does not say what is signed")?;
        let names = names.split(|byte| *byte == b':');
        let names = names.map(|name| trimmed(name).to_ascii_lowercase()).collect();
        let body_hash = tags.value("bh").ok_or("has no 'bh='")?;
        let body_hash = base64::decode(body_hash).ok_or("has no base64 in 'bh='")?;
        let limit = match tags.value("l") {
            None => None,
            Some(digits) => Some(number(digits).ok_or("has no number in 'l='")?),
        };
        Ok(Self {
            header,
            body,
            names,
            body_hash,
            limit,
        })
    }
}

/// `header/body`; the body's form is simple where it is not named.
fn forms_of(forms: &[u8]) -> Option<(Form, Form)> {
    match memchr::memchr(b'/', forms) {
        None => Some((Form::named(forms)?, Form::Simple)),
        Some(slash) => {
            let (header, body) = forms.split_at_checked(slash)?;
            Some((Form::named(header)?, Form::named(body.get(1..)?)?))
        }
    }
}

/// A domain that can sign: several labels.
pub(crate) fn domain_name(text: &[u8]) -> Option<Name> {
    let name = Name::parse(std::str::from_utf8(text).ok()?)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (name.labels() > 1 && name.as_str().bytes().all(plain)).then_some(name)
}

/// The seconds of a tag, if it is there.
pub(crate) fn moment(tags: &Tags<'_>, name: &str) -> Result<Option<u64>, String> {
    match tags.value(name) {
        None => Ok(None),
        Some(digits) => match number(digits) {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(format!("has no time in '{name}='")),
        },
    }
}

/// Text of the mail, short enough for a sentence.
pub(crate) fn shown(text: &[u8]) -> String {
    Untrusted::from_bytes(text).shown(60)
}
