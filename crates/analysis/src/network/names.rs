//! Values that a capture shows: what the extractor gets to read, each line from the frame that it was in.

use crate::locate::Frames;
use foldhash::fast::RandomState;
use std::collections::HashMap;
use std::net::IpAddr;
use watchfire_model::Untrusted;
use watchfire_model::network::{Event, Exchange, Flow, SeenCertificate};

/// Values that are told apart.
const MOST: usize = 1 << 18;

/// In which frame, and whose exchange it was.
pub(super) type At = (u64, IpAddr);

/// Every value once.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The line that each is.
    said: HashMap<Box<str>, usize, RandomState>,
    /// The same of the ends of flows, which would have to be written for each flow otherwise.
    ends: HashMap<IpAddr, usize, RandomState>,
    text: Frames,
}

impl Names {
    /// What was met.
    pub(super) fn into_text(self) -> Frames {
        self.text
    }

    /// A value that was met in a frame, in what a host exchanged with another.
    pub(super) fn met(&mut self, text: &str, (frame, by): At) {
        if !text.is_empty()
            && let Some(line) = self.line(text, frame)
        {
            self.text.met_again(line, frame, by, false);
        }
    }

    /// The line of a text, new or not.
    fn line(&mut self, text: &str, frame: u64) -> Option<usize> {
        if let Some(line) = self.said.get(text) {
            return Some(*line);
        }
        if self.said.len() >= MOST {
            return None;
        }
        let line = self.text.push(text, frame);
        self.said.insert(text.into(), line);
        Some(line)
    }

    fn all<const N: usize>(&mut self, texts: [&Option<Untrusted>; N], at: At) {
        let texts = texts.into_iter().flatten();
        texts.for_each(|text| self.met(text.raw(), at));
    }

    /// The ends of a flow.
    pub(super) fn flow(&mut self, flow: &Flow) {
        let [from, to] = [flow.originator.address, flow.responder.address];
        for (end, other) in [(from, to), (to, from)] {
            let known = self.ends.get(&end).copied();
            let Some(line) = known.or_else(|| self.line(&end.to_string(), flow.first_frame)) else {
                continue;
            };
            if known.is_none() {
                self.ends.insert(end, line);
            }
            self.text.met_again(line, flow.first_frame, other, true);
        }
    }

    /// Whom a certificate is for.
    pub(super) fn certificate(&mut self, seen: &SeenCertificate) {
        let certificate = &seen.certificate;
        for text in [&certificate.hosts, &certificate.mail, &certificate.uris]
            .into_iter()
            .flatten()
        {
            self.met(text.raw().trim_start_matches("*."), (seen.frame, seen.server.ip()));
        }
    }

    /// What was exchanged.
    pub(super) fn event(&mut self, event: &Event) {
        let at = (event.frame, event.originator.ip());
        match &event.exchange {
            Exchange::Dns(dns) => {
                self.met(dns.query.raw(), at);
                for answer in dns.reply.iter().flat_map(|reply| &reply.answers) {
                    let at = (dns.reply.as_ref().map_or(at.0, |reply| reply.frame), at.1);
                    self.met(answer.data.raw(), at);
                }
            }
            Exchange::Http(http) => {
                let url = http.url();
                url.iter().for_each(|url| self.met(url.raw(), at));
                http.referrer.iter().for_each(|url| self.met(url.raw(), at));
                if let Some(agent) = &http.user_agent {
                    self.met(&format!("User-Agent: {}", agent.raw()), at);
                }
                let replies = http.reply.iter();
                for (reply, location) in replies.filter_map(|reply| Some((reply, reply.location.as_ref()?))) {
                    self.met(location.raw(), (reply.frame, at.1));
                }
            }
            Exchange::Login(login) => login
                .user
                .iter()
                .filter(|user| user.raw().contains('@'))
                .for_each(|user| self.met(user.raw(), at)),
            Exchange::Dhcp(dhcp) => self.all([&dhcp.domain, &dhcp.client_fqdn, &dhcp.proxy_script], at),
            Exchange::Quic(quic) => self.all([&quic.server_name], at),
            Exchange::Sip(sip) => self.met(sip.uri.raw(), at),
            Exchange::Smtp(smtp) => {
                let head = &smtp.head;
                self.all(
                    [
                        &smtp.helo,
                        &smtp.mail_from,
                        &head.from,
                        &head.reply_to,
                        &head.originating_ip,
                    ],
                    at,
                );
                smtp.recipients.iter().for_each(|address| self.met(address.raw(), at));
            }
            Exchange::Socks(socks) => self.all([&socks.host], at),
            Exchange::Ssh(ssh) => {
                let ends = [&ssh.client, &ssh.server].into_iter().flatten();
                ends.filter_map(|end| end.hassh.as_ref())
                    .for_each(|hassh| self.met(&format!("hassh: {hassh}"), at));
            }
            Exchange::Syslog(syslog) => self.met(syslog.message.raw(), at),
            Exchange::Tls(tls) => {
                if let Some(server) = &tls.server {
                    self.met(&format!("ja3s: {}", server.ja3s), at);
                }
                if let Some(client) = &tls.client {
                    let name = client.server_name.as_ref();
                    name.into_iter().for_each(|name| self.met(name.raw(), at));
                    self.met(&format!("ja3: {}", client.ja3), at);
                    self.met(&format!("ja4: {}", client.ja4), at);
                }
                for certificate in tls.certificates.iter().chain(&tls.client_certificates) {
                    self.met(certificate, at);
                }
            }
            // What they show are no values that anybody looks up.
            _ => {}
        }
    }
}
