//! How peers' words and options become ours. Each entry has its reason; none names a case.

use super::cases::{Case, Form};
use serde_json::Value;
use std::collections::BTreeSet;
use watchfire_extract::{Options, Policy};
use watchfire_model::{Observable, ObservableType as Type, TypeSet};

/// Our types for a peer's type name.
pub(crate) fn types(case: &Case, peer: &str) -> &'static [Type] {
    match peer {
        // iocextract knows no domain: what it calls a URL may be a bare defanged host, with or without a port. Only
        // the raw form says so; its refanged URLs all have a scheme.
        "url" if case.form == Form::Raw => &[Type::Url, Type::Domain, Type::Onion, Type::Ipv4, Type::Socket],
        // "Complete" URLs and addresses are a second, wider reading of the same thing; we have one reading.
        "url" | "url_complete" => &[Type::Url],
        "email" | "email_complete" => &[Type::Email],
        // Peers without a type for onion services call them domains.
        "domain" => &[Type::Domain, Type::Onion],
        "onion" => &[Type::Onion],
        "ip" => &[Type::Ipv4, Type::Ipv6],
        "ipv4" => &[Type::Ipv4],
        "ipv4_cidr" => &[Type::Ipv4Cidr],
        "ipv6" => &[Type::Ipv6],
        "xmpp" => &[Type::Xmpp],
        "mac" | "macaddress" => &[Type::Mac],
        "asn" => &[Type::Asn],
        "md5" => &[Type::Md5],
        "sha1" => &[Type::Sha1],
        "sha256" => &[Type::Sha256],
        "sha512" => &[Type::Sha512],
        "ssdeep" => &[Type::Ssdeep],
        "imphash" => &[Type::Imphash],
        "authentihash" => &[Type::Authentihash],
        "cve" => &[Type::Cve],
        "attack_technique" => &[Type::AttackTechnique],
        "attack_tactic" => &[Type::AttackTactic],
        "attack_mitigation" => &[Type::AttackMitigation],
        "registry" => &[Type::RegistryKey],
        "file_path" => &[Type::FilePath],
        "user_agent" => &[Type::UserAgent],
        "phone" => &[Type::Phone],
        "tlp" => &[Type::Tlp],
        "yara" => &[Type::YaraRule],
        "arn" => &[Type::Arn],
        "ga_pub" => &[Type::GoogleAdsense],
        "ga_track" | "gatrackid" => &[Type::GoogleAnalytics],
        "btc" => &[Type::Btc],
        "eth" => &[Type::Eth],
        "xmr" => &[Type::Xmr],
        "bitcoincash" => &[Type::Bch],
        "cardano" => &[Type::Ada],
        "dashcoin" => &[Type::Dash],
        "dogecoin" => &[Type::Doge],
        "litecoin" => &[Type::Ltc],
        "ripple" => &[Type::Xrp],
        "solana" => &[Type::Sol],
        "tezos" => &[Type::Xtz],
        "tron" => &[Type::Trx],
        "zcash" => &[Type::Zec],
        // iocextract's union of everything it finds.
        "any" => Type::ALL,
        other => panic!("peer type '{other}' has no mapping"),
    }
}

/// The types whose extra values an `exact` list forbids. A bare host is no extra URL.
pub(crate) fn exact_types(case: &Case, peer: &str) -> &'static [Type] {
    match peer {
        "url" => &[Type::Url],
        _ => types(case, peer),
    }
}

/// An expected value in our normal form. A peer's spelling that our type does not read stays as it is, and misses.
pub(crate) fn normal(kind: Type, value: &str) -> String {
    let respelled = match kind {
        // ioc-finder writes `ASN1234` for what RFC 5396 writes `AS1234`.
        Type::Asn => value.replacen("ASN", "AS", 1),
        _ => value.to_owned(),
    };
    Observable::parse(kind, &respelled).map_or(respelled, |observable| observable.raw().to_owned())
}

/// All spellings that count as `value` under a peer's type.
pub(crate) fn normals(case: &Case, peer: &str, value: &str) -> BTreeSet<(Type, String)> {
    types(case, peer)
        .iter()
        .map(|kind| (*kind, normal(*kind, value)))
        .collect()
}

/// The options a case was written for.
pub(crate) fn options(case: &Case) -> Options {
    let mut options = Options::default();
    let off = |name: &str| case.opts[name] == Value::Bool(false);
    if let Some(wanted) = case.opts["included_ioc_types"].as_array() {
        options.types = wanted
            .iter()
            .filter_map(Value::as_str)
            .map(included)
            .collect::<TypeSet>();
    }
    options.policy = Policy {
        // ninoseki's `extractX` functions get text that a separate step has refanged; the tests of these functions
        // alone show that they do not refang.
        refang: !off("refang") && !case.test.starts_with("aux/extractors.spec.ts"),
        // ioc-finder has a switch per container, we have one.
        parts: ![
            "parse_domain_from_url",
            "parse_domain_from_email_address",
            "parse_domain_name_from_xmpp_address",
            "parse_address_from_cidr",
        ]
        .iter()
        .any(|name| off(name)),
        ..Policy::default()
    };
    options
}

/// ioc-finder's plural names of types.
fn included(plural: &str) -> Type {
    match plural {
        "attack_mitigations" => Type::AttackMitigation,
        "attack_tactics" => Type::AttackTactic,
        "attack_techniques" => Type::AttackTechnique,
        "authentihashes" => Type::Authentihash,
        "bitcoin_addresses" => Type::Btc,
        "cves" => Type::Cve,
        "domains" => Type::Domain,
        "email_addresses" | "email_addresses_complete" => Type::Email,
        "file_paths" => Type::FilePath,
        "google_adsense_publisher_ids" => Type::GoogleAdsense,
        "google_analytics_tracker_ids" => Type::GoogleAnalytics,
        "imphashes" => Type::Imphash,
        "ipv4_cidrs" => Type::Ipv4Cidr,
        "ipv4s" => Type::Ipv4,
        "ipv6s" => Type::Ipv6,
        "mac_addresses" => Type::Mac,
        "md5s" => Type::Md5,
        "monero_addresses" => Type::Xmr,
        "registry_key_paths" => Type::RegistryKey,
        "sha1s" => Type::Sha1,
        "sha256s" => Type::Sha256,
        "sha512s" => Type::Sha512,
        "ssdeeps" => Type::Ssdeep,
        "tlp_labels" => Type::Tlp,
        "urls" | "urls_complete" => Type::Url,
        "user_agents" => Type::UserAgent,
        "xmpp_addresses" => Type::Xmpp,
        "asns" => Type::Asn,
        other => panic!("peer type '{other}' has no mapping"),
    }
}
