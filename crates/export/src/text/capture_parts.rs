//! What a capture is made of: its protocols as a tree with their shares, what was seldom spoken, and certificates, those
//! that nobody else vouches for first.

use super::capture::{end, host, percent, said};
use super::more;
use super::screen::Screen;
use crate::bytes;
use std::collections::BTreeMap;
use std::io;
use watchfire_model::network::{CaptureFacts, IssuedBy, SeenCertificate, ServiceTraffic};
use watchfire_model::{Moment, Timestamp, counted};

/// Rows of a list that is cut unless asked otherwise.
const LAYERS: usize = 12;
const RARE: usize = 6;
const CERTIFICATES: usize = 5;
/// Services of so many flows are rare, where there are so many times as many flows in all.
const SELDOM: u64 = 3;
const AMONG: u64 = 20;
/// Layers inside of layers that are drawn. Tunnels may be nested as somebody likes.
const DEEPEST: usize = 12;

/// The protocols inside of one another, those with the most bytes first, each with its share of all.
pub(super) fn layers(capture: &CaptureFacts, screen: &mut Screen<'_>) -> io::Result<()> {
    let tree = tree(&capture.layers);
    let all: u64 = capture
        .layers
        .iter()
        .fold(0, |sum, layer| sum.saturating_add(layer.bytes));
    let rows = screen.style().rows(LAYERS).min(tree.len());
    for (at, (depth, name, flows, size)) in tree.iter().take(rows).enumerate() {
        let share = percent(*size, all);
        let text = format!("{name} {share} · {} · {}", bytes(*size), counted(*flows, "flow"));
        let indent = "  ".repeat(*depth);
        said(if at == 0 { "layers" } else { "" }, &format!("{indent}{text}"), screen)?;
    }
    more(tree.len() - rows, screen)
}

/// What stands for the way to a layer: it sorts those with the most bytes first, and what is inside behind what is outside.
type Way<'l> = Vec<(u64, &'l str)>;

/// Depth, name, flows and bytes of every layer, from the outside in.
fn tree(layers: &[ServiceTraffic]) -> Vec<(usize, &str, u64, u64)> {
    let mut sums: BTreeMap<Vec<&str>, (u64, u64)> = BTreeMap::new();
    let ways = layers.iter().map(|layer| {
        let names: Vec<&str> = layer.name.split('/').take(DEEPEST).collect();
        (names, layer)
    });
    for (names, layer) in ways {
        for depth in 1..=names.len() {
            let outer = names.get(..depth).unwrap_or_default().to_vec();
            let (flows, size) = sums.entry(outer).or_default();
            *flows = flows.saturating_add(layer.flows);
            *size = size.saturating_add(layer.bytes);
        }
    }
    let mut rows: Vec<(Way<'_>, u64, u64)> = sums
        .iter()
        .map(|(names, (flows, size))| (way_to(names, &sums), *flows, *size))
        .collect();
    rows.sort();
    rows.into_iter()
        .filter_map(|(way, flows, size)| Some((way.len() - 1, way.last()?.1, flows, size)))
        .collect()
}

fn way_to<'l>(names: &[&'l str], sums: &BTreeMap<Vec<&'l str>, (u64, u64)>) -> Way<'l> {
    let at = |depth: usize| {
        let outer = names.get(..=depth)?;
        let (_, size) = sums.get(outer)?;
        Some((u64::MAX - size, *outer.last()?))
    };
    (0..names.len()).filter_map(at).collect()
}

/// What few flows spoke, where most spoke otherwise.
pub(super) fn rare(capture: &CaptureFacts, screen: &mut Screen<'_>) -> io::Result<()> {
    let is_rare =
        |service: &&ServiceTraffic| service.flows <= SELDOM && capture.flows >= service.flows.saturating_mul(AMONG);
    let mut rare: Vec<&ServiceTraffic> = capture.services.iter().filter(is_rare).collect();
    rare.sort_by(|a, b| (a.flows, &a.name).cmp(&(b.flows, &b.name)));
    let rows = screen.style().rows(RARE).min(rare.len());
    for (at, service) in rare.iter().take(rows).enumerate() {
        let spoken = capture.conversations.iter().find(|one| one.service == service.name);
        let mut text = format!(
            "{} {} · {}",
            service.name,
            counted(service.flows, "flow"),
            bytes(service.bytes)
        );
        if let Some(one) = spoken {
            let from = host(one.originator, None, screen);
            text.push_str(&format!(
                " · {from} → {} · frame {}",
                end(one.responder, screen),
                one.frame
            ));
        }
        said(if at == 0 { "rare" } else { "" }, &text, screen)?;
    }
    more(rare.len() - rows, screen)
}

/// The first certificates: what is unusual about them, whose they are, and where they were seen.
pub(super) fn certificates(capture: &CaptureFacts, screen: &mut Screen<'_>) -> io::Result<()> {
    let mut all: Vec<(bool, &SeenCertificate, Vec<String>)> = capture
        .certificates
        .iter()
        .map(|seen| {
            let odd = odd(seen, capture.first, capture.last);
            (odd.is_empty(), seen, odd)
        })
        .collect();
    // Within both kinds they stay in their order.
    all.sort_by_key(|(is_usual, ..)| *is_usual);
    let rows = screen.style().rows(CERTIFICATES).min(all.len());
    for (at, (_, seen, odd)) in all.iter().take(rows).enumerate() {
        let text = certificate(seen, odd, screen);
        said(if at == 0 { "certs" } else { "" }, &text, screen)?;
    }
    more(all.len() - rows, screen)
}

/// What is unusual about a certificate of a server, at the time of the capture.
fn odd(seen: &SeenCertificate, first: Option<Timestamp>, last: Option<Timestamp>) -> Vec<String> {
    let certificate = &seen.certificate;
    let mut odd = Vec::new();
    match certificate.issued_by {
        IssuedBy::Another => {}
        IssuedBy::Itself | IssuedBy::Perhaps => odd.push("issued by itself".to_owned()),
        IssuedBy::NamesItself => odd.push("says that it issued itself, and did not".to_owned()),
    }
    let is_after = |limit: Option<Moment>, time: Option<Timestamp>| {
        limit.zip(time).is_some_and(|(limit, time)| time.moment() > limit)
    };
    if is_after(certificate.not_after, first) {
        odd.push("was over".to_owned());
    }
    if certificate
        .not_before
        .zip(last)
        .is_some_and(|(begins, last)| last.moment() < begins)
    {
        odd.push("was not valid yet".to_owned());
    }
    odd
}

fn certificate(seen: &SeenCertificate, odd: &[String], screen: &Screen<'_>) -> String {
    let certificate = &seen.certificate;
    let mut parts = odd.to_vec();
    if certificate.issued_by == IssuedBy::Another {
        parts.push(format!("by {}", screen.prose(&certificate.issuer.shown(60))));
    }
    let day = |moment: Option<Moment>| {
        let text = moment.map_or_else(|| "?".to_owned(), |moment| moment.to_string());
        text.split('T').next().unwrap_or_default().to_owned()
    };
    parts.push(format!(
        "{} to {}",
        day(certificate.not_before),
        day(certificate.not_after)
    ));
    parts.push(end(seen.server, screen));
    if let Some(name) = &seen.server_name {
        parts.push(format!("asked for {}", screen.prose(&name.shown(60))));
    }
    parts.push(format!("frame {}", seen.frame));
    if seen.count > 1 {
        parts.push(counted(seen.count, "time"));
    }
    format!("{}  {}", screen.prose(&certificate.name.shown(60)), parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Style;
    use std::net::SocketAddr;
    use watchfire_model::Untrusted;
    use watchfire_model::executable::Digest;
    use watchfire_model::network::{Certificate, Conversation};

    fn spoken(name: &str, flows: u64, size: u64) -> ServiceTraffic {
        ServiceTraffic {
            name: name.to_owned(),
            flows,
            packets: 0,
            bytes: size,
        }
    }

    fn sample() -> Certificate {
        Certificate {
            version: 3,
            serial: Digest::default(),
            subject: Untrusted::default(),
            name: Untrusted::default(),
            issuer: Untrusted::default(),
            issued_by: IssuedBy::Another,
            not_before: None,
            not_after: None,
            hosts: Vec::new(),
            addresses: Vec::new(),
            mail: Vec::new(),
            uris: Vec::new(),
            key: Untrusted::default(),
            key_bits: None,
            algorithm: Untrusted::default(),
            purposes: Vec::new(),
            is_authority: false,
            path_length: None,
            sha1: Digest::default(),
            sha256: Digest::default(),
            key_sha256: Digest::default(),
        }
    }

    fn section(capture: &CaptureFacts, screen: &mut Screen<'_>) -> io::Result<()> {
        layers(capture, screen)?;
        rare(capture, screen)?;
        certificates(capture, screen)
    }

    #[track_caller]
    fn check(capture: &CaptureFacts, expected: &str) {
        let mut out = Vec::new();
        let mut screen = Screen::new(Style::default(), &mut out);
        section(capture, &mut screen).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn layers_are_a_tree_with_shares_of_bytes() {
        let capture = CaptureFacts {
            layers: vec![
                spoken("ipv4/tcp/ssl", 4, 600_000),
                spoken("ipv4/udp/dns", 40, 150_000),
                spoken("ipv4/tcp/http", 2, 200_000),
                spoken("vxlan/ipv4/tcp", 1, 50_000),
            ],
            ..CaptureFacts::default()
        };
        check(
            &capture,
            "  layers    ipv4 95 % · 950 KB · 46 flows\n              tcp 80 % · 800 KB · 6 flows\n                ssl 60 % · 600 KB · 4 flows\n                http 20 % · 200 KB · 2 flows\n              udp 15 % · 150 KB · 40 flows\n                dns 15 % · 150 KB · 40 flows\n            vxlan 5 % · 50 KB · 1 flow\n              ipv4 5 % · 50 KB · 1 flow\n                tcp 5 % · 50 KB · 1 flow\n",
        );
    }

    #[test]
    fn layers_inside_of_one_another_are_bounded() {
        let deep = vec!["ipv4"; 5_000].join("/");
        assert_eq!(tree(&[spoken(&deep, 1, 1)]).len(), DEEPEST);
    }

    #[test]
    fn what_few_flows_spoke_is_rare_where_there_are_many() {
        let one = Conversation {
            originator: "10.0.5.23".parse().unwrap(),
            responder: SocketAddr::from(([10, 0, 1, 9], 502)),
            service: "modbus".to_owned(),
            name: None,
            flows: 1,
            sent: 500,
            received: 700,
            first: Timestamp::default(),
            last: Timestamp::default(),
            frame: 812,
        };
        let mut capture = CaptureFacts {
            flows: 400,
            services: vec![spoken("ssl", 390, 1_000), spoken("modbus", 1, 1_200)],
            conversations: vec![one],
            ..CaptureFacts::default()
        };
        check(
            &capture,
            "  rare      modbus 1 flow · 1.2 KB · 10[.]0[.]5[.]23 → 10[.]0[.]1[.]9 port 502 · frame 812\n",
        );
        capture.flows = 10;
        check(&capture, "");
    }

    #[test]
    fn certificates_that_nobody_vouches_for_come_first() {
        let seen = |name: &str, issuer: &str, issued_by, frame| SeenCertificate {
            frame,
            server: SocketAddr::from(([203, 0, 113, 66], 443)),
            server_name: Some("cdn.example".into()),
            count: 2,
            certificate: Certificate {
                name: name.into(),
                issuer: issuer.into(),
                issued_by,
                not_before: Some(Moment::from_unix(1_700_000_000)),
                not_after: Some(Moment::from_unix(1_730_000_000)),
                ..sample()
            },
        };
        let capture = CaptureFacts {
            first: Some(Timestamp::new(1_740_000_000, 0)),
            last: Some(Timestamp::new(1_740_000_001, 0)),
            certificates: vec![seen("self", "self", IssuedBy::Itself, 9)],
            ..CaptureFacts::default()
        };
        check(
            &capture,
            "  certs     self  issued by itself · was over · 2023-11-14 to 2024-10-27 · 203[.]0[.]113[.]66 port\n            443 · asked for cdn[.]example · frame 9 · 2 times\n",
        );
        let early = Some(Timestamp::new(1_710_000_000, 0));
        let capture = CaptureFacts {
            first: early,
            last: early,
            certificates: vec![
                seen("usual", "CN=An authority", IssuedBy::Another, 3),
                seen("self", "self", IssuedBy::Itself, 9),
            ],
            ..CaptureFacts::default()
        };
        let mut out = Vec::new();
        section(&capture, &mut Screen::new(Style::default(), &mut out)).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(
            out.find("self  issued") < out.find("usual  by CN=An authority"),
            "{out}"
        );
    }
}
