//! Where a mail comes from, verified: SPF, DKIM, ARC and DMARC against a snapshot of the DNS.
//!
//! [`verify`] asks nobody. It says what follows from the answers that it is given, and which answers are missing; whoever
//! may ask gets them, and verifies again. What the mail's own fields claim about its authentication is not looked at.

mod arc;
pub mod ask;
mod base64;
mod canonical;
pub mod dkim;
pub mod dmarc;
mod key;
mod signature;
pub mod spf;
mod tags;
pub mod zone;

use super::field::Fields;
use ask::Asker;
use canonical::{Body, Index};
use std::net::IpAddr;
use watchfire_model::dns::DnsSnapshot;
use watchfire_model::{Authentication, Moment, SpfResult, Untrusted};

/// What a mail's header does not say of itself, or is not believed about.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'c> {
    /// The host that handed the mail over to whoever is trusted. Without it SPF is unverified.
    pub client: Option<IpAddr>,
    /// What that host called itself; empty if that is not known.
    pub helo: &'c str,
    /// The address of `MAIL FROM`, empty for `<>`. Without it SPF is unverified.
    pub mail_from: Option<&'c str>,
    /// The host that took the mail; empty if that is not known.
    pub receiver: &'c str,
    /// The domains of the addresses in `From`.
    pub authors: &'c [&'c str],
    /// The moment for which signatures have to hold: when the mail came in.
    pub as_of: Moment,
    /// The registrable domain of a host by the list of public suffixes.
    pub registrable: for<'h> fn(&'h str) -> Option<&'h str>,
}

/// Verifies a mail.
pub fn verify(mail: &Fields<'_>, known: &Circumstances<'_>, dns: &DnsSnapshot) -> Authentication {
    let mut asker = Asker::new(dns);
    let spf = sender(known, &mut asker);
    let index = Index::new(mail);
    let mut body = Body::new(mail.body);
    let (dkim, dkim_beyond) = dkim::verify(mail, &index, &mut body, &mut asker, known.as_of);
    let arc = arc::verify(mail, &index, &mut body, &mut asker);
    let names = dmarc::Names {
        authors: known.authors,
        spf: &spf,
        dkim: &dkim,
    };
    let dmarc = dmarc::evaluate(&names, known.registrable, &mut asker);
    Authentication {
        dmarc,
        spf,
        dkim,
        dkim_beyond,
        arc,
        missing: asker.into_missing(),
    }
}

fn sender(known: &Circumstances<'_>, asker: &mut Asker<'_>) -> SpfResult {
    let why = match (known.client, known.mail_from) {
        (Some(_), Some("")) if known.helo.is_empty() => "neither the envelope's sender nor the host has a name",
        (Some(client), Some(mail_from)) => {
            let request = spf::Request {
                client,
                helo: known.helo,
                mail_from,
                receiver: known.receiver,
                as_of: known.as_of,
            };
            return spf::check(&request, asker);
        }
        (None, _) => "the host that handed the mail over is not known",
        (_, None) => "the envelope's sender is not known",
    };
    let domain = known.mail_from.unwrap_or_default();
    let domain = domain.rsplit_once('@').map_or(domain, |(_, domain)| domain);
    SpfResult {
        client: known.client,
        domain: Untrusted::new(domain),
        why: Untrusted::new(why),
        ..SpfResult::default()
    }
}
