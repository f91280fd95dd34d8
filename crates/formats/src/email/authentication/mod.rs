//! Where a mail comes from, verified: SPF, DKIM, ARC and DMARC against a snapshot of the DNS.

pub mod ask;
pub mod spf;
