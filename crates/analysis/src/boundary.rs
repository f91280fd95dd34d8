//! Where a mail came in: the hop at which somebody outside handed it to a server that is trusted.
//!
//! What stands below that hop was written by others, and anybody can write it. With gateways in the configuration it is
//! the newest hop that one of them took from outside. Without, it is the newest hop to which no other server of whoever
//! keeps the mailbox handed it: a host with a public address counts for one of these only where the name that the taker
//! looked up says so, or whose network it is; how the host calls itself proves nothing. A mail that never left its
//! provider came in where a public address is named first.
//! A gateway that is configured by its name is known by its address where a server of one's own found that name for it.

use std::borrow::Cow;
use std::net::IpAddr;
use watchfire_formats::email::authentication::{Circumstances, verify};
use watchfire_formats::email::field::Fields;
use watchfire_knowledge::host;
use watchfire_knowledge::{brand, networks, reserved, suffix};
use watchfire_model::dns::{DnsSnapshot, Resolver};
use watchfire_model::{Authentication, Hop, Host, MailFacts, Mailbox, Moment, Organisation, Untrusted};

/// The hop at which `mail` came in, by its place among the hops.
pub(crate) fn crossing(mail: &MailFacts, organisation: &Organisation) -> Option<usize> {
    let from_outside = |hop: &Hop| hop.address.is_some_and(|address| is_outside(address, organisation));
    let is_gateway = |hop: &Hop| hop.by.as_ref().is_some_and(|by| is_own(by.raw(), organisation));
    let mut hops = mail.hops.iter();
    if !organisation.mail_gateways.is_empty() {
        // A gateway that wrote no address took it from outside too, for all one knows; what stands below is not its own.
        let from_inside = |hop: &Hop| match hop.address {
            Some(_) => !from_outside(hop),
            None => giver(hop).is_none_or(|giver| giver == "localhost"),
        };
        let next = mail.hops.iter().skip(1).map(Some).chain([None]);
        let mut pairs = mail.hops.iter().zip(next);
        return pairs
            .position(|(hop, next)| is_gateway(hop) && !from_inside(hop) && !is_handed_on(hop, next, organisation));
    }
    let top = taker(hops.as_slice().first()?).unwrap_or_default();
    let from_elsewhere = |hop: &Hop| {
        if hop.address.is_some() && !from_outside(hop) {
            return false;
        }
        // A server that hands on to itself names nobody.
        let is_local = |giver: &str| hop.address.is_none() && giver == "localhost";
        giver(hop).is_some_and(|giver| !is_local(&giver) && !is_of_house(hop, &giver, &top))
    };
    hops.clone()
        .position(from_elsewhere)
        .or_else(|| hops.rposition(from_outside))
}

/// Whether the host at `hop` that is called `giver` is of the house of `top`.
fn is_of_house(hop: &Hop, giver: &str, top: &str) -> bool {
    let house = match brand::owner(top) {
        Some(owner) => owner.name(),
        None => host::name(top),
    };
    site(giver) == site(top)
        && (hop.reverse.is_some() || hop.address.is_none_or(|address| networks::is_held_by(address, house)))
}

/// The server that took a mail at a hop.
pub(crate) fn taker(hop: &Hop) -> Option<String> {
    hop.by.as_ref().map(|by| host::normal(by.raw()))
}

/// The host that handed a mail on at a hop: by the name of its address, or else as it calls itself.
pub(crate) fn giver(hop: &Hop) -> Option<String> {
    let name = hop.reverse.as_ref().or(hop.from.as_ref())?;
    Some(host::normal(name.raw()))
}

/// Whose host it is: servers of one owner write under many names.
pub(crate) fn site(host: &str) -> &str {
    match brand::owner(host) {
        Some(owner) => owner.name(),
        None => host::registrable(host),
    }
}

/// Whether a hop, stamped by a server of one's own, came from a gateway that is configured by its name alone: the server found
/// that name for the address, and the hop before was stamped under it. What the giver calls itself says nothing, since
/// anybody may; and a hop that somebody outside wrote is never asked, since the first one from outside ends the search.
fn is_handed_on(hop: &Hop, before: Option<&Hop>, organisation: &Organisation) -> bool {
    let named = |name: &str| {
        let mut gateways = organisation.mail_gateways.iter();
        gateways.any(|gateway| matches!(gateway, Host::Name(gateway) if gateway.covers(name)))
    };
    let is_found = hop.reverse.as_ref().is_some_and(|name| named(name.raw()));
    let is_stamped = before
        .and_then(|before| before.by.as_ref())
        .is_some_and(|by| named(by.raw()));
    is_found && is_stamped
}

/// Whether an address is on the internet and neither one's own nor a gateway's.
fn is_outside(address: IpAddr, organisation: &Organisation) -> bool {
    let set_aside = match address {
        IpAddr::V4(v4) => reserved::ipv4(v4).is_some_and(|range| !is_documentation(range)),
        IpAddr::V6(v6) => reserved::ipv6(v6).is_some_and(|range| !is_documentation(range)),
    };
    let is_gateway = |host: &Host| matches!(host, Host::Range(range) if range.contains(address));
    !set_aside && !organisation.owns_address(address) && !organisation.mail_gateways.iter().any(is_gateway)
}

/// Ranges for examples stand for public ones wherever they are met.
fn is_documentation(range: reserved::Range) -> bool {
    range == reserved::Range::Documentation
}

/// Whether a server that names itself so is one of the organisation's gateways.
pub(crate) fn is_own(server: &str, organisation: &Organisation) -> bool {
    let server = server.trim_end_matches('.');
    let is_gateway = |host: &Host| match host {
        Host::Name(name) => name.covers(server),
        Host::Range(range) => server
            .trim_matches(['[', ']'])
            .parse()
            .is_ok_and(|address| range.contains(address)),
    };
    organisation
        .authserv_ids
        .iter()
        .any(|id| id.eq_ignore_ascii_case(server))
        || organisation.mail_gateways.iter().any(is_gateway)
}

/// How often a mail is verified anew with what was found out meanwhile. SPF asks for one thing after the other: ten names
/// in its policies, up to ten hosts behind each (RFC 7208, section 4.6.4).
const ROUNDS: usize = 64;

/// Verifies where a mail comes from, by answers of the DNS that are at hand and by those that `resolver` finds out.
pub(crate) fn authenticate(
    fields: &Fields<'_>,
    mail: &MailFacts,
    organisation: &Organisation,
    dns: Option<&DnsSnapshot>,
    resolver: Option<&dyn Resolver>,
) -> Authentication {
    let hop = crossing(mail, organisation).and_then(|at| mail.hops.get(at));
    let authors: Vec<&str> = mail.from.iter().filter_map(Mailbox::domain).collect();
    let text = |text: Option<&Untrusted>| text.map(|text| text.raw().to_owned()).unwrap_or_default();
    let at = hop.and_then(|hop| hop.at).or(mail.date);
    let (helo, receiver) = (
        text(hop.and_then(|hop| hop.from.as_ref())),
        text(hop.and_then(|hop| hop.by.as_ref())),
    );
    let known = Circumstances {
        client: hop.and_then(|hop| hop.address),
        helo: &helo,
        mail_from: mail.return_path.as_ref().map(Untrusted::raw),
        receiver: &receiver,
        authors: &authors,
        as_of: at.map_or(Moment::from_unix(0), |at| at.moment),
        registrable: suffix::registrable,
    };
    let mut dns = dns.map_or_else(|| Cow::Owned(DnsSnapshot::new()), Cow::Borrowed);
    let mut found = verify(fields, &known, &dns);
    let Some(resolver) = resolver else { return found };
    for _ in 0..ROUNDS {
        let answers = resolver.resolve(&found.missing);
        let answered = found.missing.iter().zip(answers);
        let answered: Vec<_> = answered
            .filter_map(|(question, answer)| Some((question.clone(), answer?)))
            .collect();
        if answered.is_empty() {
            break;
        }
        for (question, answer) in answered {
            dns.to_mut().insert(question, answer);
        }
        found = verify(fields, &known, &dns);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchfire_formats::email::Message;

    /// Where a mail with these hops, the newest first, came in, with gateways that are configured by their names.
    #[track_caller]
    fn check(hops: &[&str], expected: Option<usize>) {
        let header: String = hops
            .iter()
            .map(|hop| format!("Received: {hop}; Mon, 2 Nov 2026 08:00:00 +0000\r\n"))
            .collect();
        let mail = format!("{header}From: a@sender.example\r\n\r\nx\r\n");
        let gateways = ["gate.corp.example", "store.corp.example"];
        let organisation = Organisation {
            mail_gateways: gateways.iter().map(|name| Host::parse(name).unwrap()).collect(),
            ..Organisation::default()
        };
        let facts = Message::read(mail.as_bytes()).facts;
        assert_eq!(crossing(&facts, &organisation), expected, "{hops:?}");
    }

    const HANDED_ON: &str = "from gate.corp.example (gate.corp.example [198.51.100.1]) by store.corp.example";
    const OUTSIDE: &str = "from mail.sender.example (mail.sender.example [203.0.113.9]) by gate.corp.example";

    #[test]
    fn a_gateway_is_known_by_the_name_that_ones_own_server_found() {
        check(&[OUTSIDE], Some(0));
        check(&[HANDED_ON, OUTSIDE], Some(1));
        check(&["from x by y", HANDED_ON, HANDED_ON, OUTSIDE], Some(3));
        // Behind the way in anything may stand.
        check(&[HANDED_ON, OUTSIDE, HANDED_ON, OUTSIDE], Some(1));
    }

    #[test]
    fn who_only_calls_itself_a_gateway_is_outside() {
        for hop in [
            "from gate.corp.example (unknown [203.0.113.9]) by store.corp.example",
            "from gate.corp.example ([203.0.113.9]) by store.corp.example",
            "from gate.corp.example (mail.sender.example [203.0.113.9]) by store.corp.example",
            "from gate.corp.example (gate.corp.example [203.0.113.9] (may be forged)) by store.corp.example",
            "from x (evil-gate.corp.example.sender.example [203.0.113.9]) by store.corp.example",
        ] {
            check(&[hop, OUTSIDE], Some(0));
        }
    }

    #[test]
    fn a_name_alone_is_not_enough() {
        // Nothing below was stamped by the gateway that is said to have handed it on.
        check(&[HANDED_ON], Some(0));
        check(
            &[HANDED_ON, "from a (a [203.0.113.9]) by mx.elsewhere.example"],
            Some(0),
        );
    }
}
