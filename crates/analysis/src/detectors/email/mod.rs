//! What is wrong with mails: who sent them, what they say, where they lead, what they carry.
//!
//! Findings about one thing share a group, so that they do not add up: the sender's identity, its proof, where answers go,
//! where links lead, the wording, what is attached, how filters are evaded. Each detector looks at a [`Letter`].

pub(crate) mod attachment;
pub(crate) mod authentication;
pub(crate) mod authentication_passed;
pub(crate) mod callback;
pub(crate) mod document_lead;
pub(crate) mod elsewhere;
pub(crate) mod extortion;
pub(crate) mod file_alone;
pub(crate) mod greeting;
pub(crate) mod header_sanity;
pub(crate) mod hidden_text;
pub(crate) mod landing;
mod letter;
pub(crate) mod link_house;
pub(crate) mod name_address;
pub(crate) mod odd_letters;
pub(crate) mod open_pixel;
pub(crate) mod own_domain;
pub(crate) mod password_page;
pub(crate) mod payment;
pub(crate) mod phishing_model;
pub(crate) mod picture_only;
pub(crate) mod prize;
pub(crate) mod promotion;
mod proof;
pub(crate) mod qr_link;
pub(crate) mod recipient_in_link;
mod recorded;
pub(crate) mod reply_to;
pub(crate) mod sender_brand;
pub(crate) mod sender_list;
pub(crate) mod sender_lookalike;
pub(crate) mod sender_throwaway;
pub(crate) mod smuggling;
pub(crate) mod thread;
pub(crate) mod threat;
pub(crate) mod two_types;
pub(crate) mod urgency;
pub(crate) mod windfall;

pub use letter::Letter;
pub(crate) use letter::{Led, letters};
pub(crate) use recorded::trusted;

use crate::detectors::weighed;
use watchfire_knowledge::host;
use watchfire_model::{MailFacts, Mailbox, Organisation};

/// Whether a server that may be believed looked for a proof of a mail's sender, and found none.
pub(crate) fn is_refuted(mail: &MailFacts, organisation: &Organisation) -> bool {
    let domain = mail.author().and_then(Mailbox::domain).unwrap_or_default();
    let site = host::registrable(domain);
    let is_about = |recorded: &recorded::Recorded<'_>| !recorded.about_gateway && !recorded.behind_gateway;
    recorded::trusted(mail, organisation)
        .is_some_and(|recorded| is_about(&recorded) && recorded.is_thorough() && !recorded.vouches_for(site))
}
