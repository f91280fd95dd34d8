//! Tor onion services: version 3 (rend-spec-v3 section 6, checksum and version byte verified) and the retired version 2.
//!
//! Names under a service are kept: `www.….onion` and `….onion` may be different sites.

use crate::observable::checksum::base32;
use crate::observable::checksum::digest::sha3_256;
use crate::observable::host;
use crate::observable::{Family, Invalid, TypeSpec};

pub(super) static SPEC: TypeSpec = TypeSpec {
    name: "onion",
    describes: "Tor onion service, verified if version 3",
    family: Family::Network,
    max_length: 253,
    by_default: true,
    parse,
};

fn parse(text: &str) -> Result<String, Invalid> {
    if text.len() > SPEC.max_length {
        return Err(Invalid("longer than 253 bytes"));
    }
    let text = text.to_ascii_lowercase();
    let name = text.strip_suffix(".onion").ok_or(Invalid("does not end in .onion"))?;
    host::check_domain(text.as_bytes())?;
    let service = name.rsplit('.').next().unwrap_or(name);
    let key = base32::decode(service).ok_or(Invalid("the service is not base32"))?;
    match service.len() {
        16 => Ok(text),
        56 if is_version_3(&key) => Ok(text),
        56 => Err(Invalid("the checksum or version does not fit the key")),
        _ => Err(Invalid("the service has neither 16 nor 56 characters")),
    }
}

/// Key, two bytes of checksum, version 3.
fn is_version_3(bytes: &[u8]) -> bool {
    let Some((key, &[first, second, version])) = bytes.split_last_chunk::<3>() else {
        return false;
    };
    let digest = sha3_256(&[b".onion checksum", key, &[version]]);
    version == 3 && digest.starts_with(&[first, second])
}

#[cfg(test)]
mod tests {
    use super::super::{ObservableType, check};

    #[test]
    fn verifies_version_3_and_takes_version_2() {
        check(
            ObservableType::Onion,
            &[
                (
                    "DuckDuckGogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion",
                    "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion",
                ),
                (
                    "www.2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion",
                    "www.2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion",
                ),
                ("expyuzz4wqqyqhjn.onion", "expyuzz4wqqyqhjn.onion"),
            ],
            &[
                "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczae.onion",
                "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad",
                "foo.onion",
                "expyuzz4wqqyqhj1.onion",
                ".onion",
                "..expyuzz4wqqyqhjn.onion",
                "a b.expyuzz4wqqyqhjn.onion",
            ],
        );
    }
}
