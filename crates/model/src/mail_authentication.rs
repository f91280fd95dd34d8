//! What verifying a mail's origin came to: SPF, DKIM, ARC and DMARC, as data.
//!
//! The words for outcomes are those of `Authentication-Results` (RFC 8601, section 2.7), and one more: `unverified`, where
//! answers or circumstances are not known. It is neither a pass nor a failure. `why` completes "because …" in plain words.

use crate::dns::{Name, Question};
use crate::{Moment, Span, Untrusted};
use serde::Serialize;
use std::fmt;
use std::net::IpAddr;

/// Everything that was verified about one mail.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Authentication {
    /// Whether the host that handed the mail over may send for the envelope's domain.
    pub spf: SpfResult,
    /// Each signature that was looked at, in the order of the header.
    pub dkim: Vec<DkimResult>,
    /// Signatures beyond the most that are looked at.
    #[serde(skip_serializing_if = "is_zero")]
    pub dkim_beyond: u64,
    /// What intermediaries vouch for.
    pub arc: ArcResult,
    /// Whether one of the verified names is that of the author's domain.
    pub dmarc: DmarcResult,
    /// What would have to be asked to verify the rest.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<Question>,
}

fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// Gives an enumeration of outcomes its words.
macro_rules! outcome {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// Not known: answers or circumstances are missing.
            #[default]
            Unverified,
        }

        impl $name {
            /// The word for it.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Unverified => "unverified",
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

outcome! {
    /// How SPF ended (RFC 7208, section 2.6).
    SpfOutcome {
        /// There is no domain to ask, or it publishes no policy.
        None = "none",
        /// The domain says nothing about the host.
        Neutral = "neutral",
        /// The domain names the host.
        Pass = "pass",
        /// The domain says that the host may not send for it.
        Fail = "fail",
        /// The domain says that the host probably may not.
        Softfail = "softfail",
        /// Something could not be found out this time.
        Temperror = "temperror",
        /// The domain's policy cannot be interpreted.
        Permerror = "permerror",
    }
}

outcome! {
    /// How one DKIM signature did (RFC 8601, section 2.7.1).
    DkimOutcome {
        /// It holds.
        Pass = "pass",
        /// It does not: the mail is not what was signed.
        Fail = "fail",
        /// It may hold, and is not accepted: a weak key or algorithm.
        Policy = "policy",
        /// The key could not be had this time.
        Temperror = "temperror",
        /// It cannot be verified, and never will be: its own or its key's mistake.
        Permerror = "permerror",
    }
}

outcome! {
    /// How a chain of intermediaries did (RFC 8617, section 4.4).
    ArcOutcome {
        /// There is no chain.
        None = "none",
        /// Every seal holds, and the mail is as the last one signed it.
        Pass = "pass",
        /// The chain is broken.
        Fail = "fail",
        /// A key could not be had this time.
        Temperror = "temperror",
    }
}

outcome! {
    /// How DMARC ended (RFC 7489, section 11.2).
    DmarcOutcome {
        /// The author's domain publishes no policy.
        None = "none",
        /// A verified name is that of the author's domain.
        Pass = "pass",
        /// None is.
        Fail = "fail",
        /// Something could not be found out this time.
        Temperror = "temperror",
        /// There is no one author's domain to ask about.
        Permerror = "permerror",
    }
}

/// Which name of the envelope SPF is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpfIdentity {
    /// The address of `MAIL FROM`, which becomes `Return-Path`.
    #[default]
    MailFrom,
    /// The host's own name, where that address is empty.
    Helo,
}

/// SPF.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SpfResult {
    /// How it ended.
    pub outcome: SpfOutcome,
    /// Which name was checked.
    pub identity: SpfIdentity,
    /// The domain that was checked, as written.
    pub domain: Untrusted,
    /// The host that handed the mail over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<IpAddr>,
    /// The term of the policy that decided, as published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<Untrusted>,
    /// The domain whose policy holds that term.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_of: Option<Name>,
    /// What the domain has to say about a failure. Attackers publish policies too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Untrusted>,
    /// Why it ended so.
    pub why: Untrusted,
}

/// One DKIM signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DkimResult {
    /// How it did.
    pub outcome: DkimOutcome,
    /// The domain that signed, `d=`.
    pub domain: Untrusted,
    /// Which of its keys, `s=`.
    pub selector: Untrusted,
    /// On whose behalf, `i=`.
    #[serde(skip_serializing_if = "Untrusted::is_empty")]
    pub identity: Untrusted,
    /// `a=`
    pub algorithm: Untrusted,
    /// Names of the fields that are signed, `h=`, in lower case.
    pub signed: Vec<Untrusted>,
    /// Bytes of the body that are signed, where that is not all of it: what follows may be anybody's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_signed: Option<u64>,
    /// When it was made, `t=`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<Moment>,
    /// Until when it holds, `x=`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Moment>,
    /// Bits of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_bits: Option<u32>,
    /// Whether the domain says that it is only testing.
    pub testing: bool,
    /// Where the field stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// Why it did so.
    pub why: Untrusted,
}

/// A chain of intermediaries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ArcResult {
    /// How it did.
    pub outcome: ArcOutcome,
    /// Its links, the oldest first.
    pub sets: Vec<ArcSet>,
    /// Why it did so.
    pub why: Untrusted,
}

/// One intermediary of a chain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ArcSet {
    /// Its number, from 1.
    pub instance: u32,
    /// Who sealed, `d=` of the seal.
    pub domain: Untrusted,
    /// Which of its keys.
    pub selector: Untrusted,
    /// What it said of the chain before it: `none`, `pass` or `fail`.
    pub before: Untrusted,
    /// What it says it found, without the number. It binds nobody who does not trust the domain.
    pub results: Untrusted,
    /// Where its seal stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
}

/// What a domain asks to be done with mail that fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DmarcPolicy {
    /// Nothing.
    #[default]
    None,
    /// To be treated with suspicion.
    Quarantine,
    /// To be refused.
    Reject,
}

impl DmarcPolicy {
    /// Its word in a record.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        }
    }
}

impl fmt::Display for DmarcPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How near two names have to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alignment {
    /// Of one organisation.
    #[default]
    Relaxed,
    /// The same.
    Strict,
}

/// How the domain that stands for a whole organisation was found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Discovery {
    /// By walking up the tree of names (RFC 9989, section 4.10).
    #[default]
    TreeWalk,
    /// By the list of public suffixes (RFC 7489, section 3.2), because answers for the walk are missing.
    PublicSuffixes,
}

/// Which verified name is that of the author's domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Aligned {
    /// What verified it.
    pub by: AlignedBy,
    /// The name.
    pub domain: Name,
}

/// What verified a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlignedBy {
    /// SPF passed for it.
    Spf,
    /// A signature of it passed.
    Dkim,
}

/// DMARC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DmarcResult {
    /// How it ended.
    pub outcome: DmarcOutcome,
    /// The author's domain, as written in `From`.
    pub domain: Untrusted,
    /// Whose policy it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_of: Option<Name>,
    /// What the policy asks for where mail of this domain fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<DmarcPolicy>,
    /// Whether the policy is only being tested (`t=y`), or asked for a share of the mail (`pct=`, which RFC 9989 dropped).
    pub testing: bool,
    /// The share of failing mail to which the policy asks to be applied. Percent; 100 where it says nothing.
    pub percent: u8,
    /// How near a name has to be for DKIM.
    pub dkim_alignment: Alignment,
    /// How near a name has to be for SPF.
    pub spf_alignment: Alignment,
    /// How the organisation's domain was found.
    pub discovery: Discovery,
    /// Verified names that are the author's.
    pub aligned: Vec<Aligned>,
    /// Why it ended so.
    pub why: Untrusted,
}
